/* What costs most and says the same whenever it is asked the same: signatures that were verified
   and wraps that were opened before, by whichever node.  The real functions answer the first
   time; the linker leads their callers here. */
#include <string.h>

#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/signer.h"

#define PLACES 8192u

struct place {
	bool is_taken;
	struct hash asked;
	enum err err;
	uint8_t key[ENVELOPE_KEY_BYTES];
};
static struct place verified[PLACES], opened[PLACES];

static struct place *
place_of(struct place *places, const struct hash *asked)
{
	return &places[bytes_get_u32(asked->bytes) % PLACES];
}

static bool
is_known(const struct place *place, const struct hash *asked)
{
	return place->is_taken && memcmp(&place->asked, asked, sizeof(*asked)) == 0;
}

enum err __real_signer_verify(
    const uint8_t public_key[32], struct bytes_view message, const uint8_t signature[64]);
enum err __wrap_signer_verify(
    const uint8_t public_key[32], struct bytes_view message, const uint8_t signature[64]);

enum err
__wrap_signer_verify(
    const uint8_t public_key[32], struct bytes_view message, const uint8_t signature[64])
{
	uint8_t head[32 + 64];
	struct place *place;
	struct hash asked;

	memcpy(head, public_key, 32);
	memcpy(head + 32, signature, 64);
	digest_sha256_pair(bytes_view_of(head, sizeof(head)), message, &asked);
	place = place_of(verified, &asked);
	if (!is_known(place, &asked)) {
		place->err = __real_signer_verify(public_key, message, signature);
		place->asked = asked;
		place->is_taken = true;
	}
	return place->err;
}

enum err __real_envelope_unwrap(const uint8_t secret[32], const uint8_t ephemeral[32],
    const uint8_t psk[32], const struct hash *header, const uint8_t nonce[ENVELOPE_NONCE_BYTES],
    const uint8_t wrap[ENVELOPE_WRAP_BYTES], uint8_t content_key[ENVELOPE_KEY_BYTES]);
enum err __wrap_envelope_unwrap(const uint8_t secret[32], const uint8_t ephemeral[32],
    const uint8_t psk[32], const struct hash *header, const uint8_t nonce[ENVELOPE_NONCE_BYTES],
    const uint8_t wrap[ENVELOPE_WRAP_BYTES], uint8_t content_key[ENVELOPE_KEY_BYTES]);

enum err
__wrap_envelope_unwrap(const uint8_t secret[32], const uint8_t ephemeral[32], const uint8_t psk[32],
    const struct hash *header, const uint8_t nonce[ENVELOPE_NONCE_BYTES],
    const uint8_t wrap[ENVELOPE_WRAP_BYTES], uint8_t content_key[ENVELOPE_KEY_BYTES])
{
	uint8_t all[4 * 32 + ENVELOPE_NONCE_BYTES + ENVELOPE_WRAP_BYTES];
	struct place *place;
	struct hash asked;

	memcpy(all, secret, 32);
	memcpy(all + 32, ephemeral, 32);
	memcpy(all + 64, psk, 32);
	memcpy(all + 96, header->bytes, 32);
	memcpy(all + 128, nonce, ENVELOPE_NONCE_BYTES);
	memcpy(all + 128 + ENVELOPE_NONCE_BYTES, wrap, ENVELOPE_WRAP_BYTES);
	digest_sha256(bytes_view_of(all, sizeof(all)), &asked);
	place = place_of(opened, &asked);
	if (!is_known(place, &asked)) {
		place->err =
		    __real_envelope_unwrap(secret, ephemeral, psk, header, nonce, wrap, place->key);
		place->asked = asked;
		place->is_taken = true;
	}
	if (place->err == ERR_NONE)
		memcpy(content_key, place->key, sizeof(place->key));
	return place->err;
}
