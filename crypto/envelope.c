#include "crypto/envelope.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/digest.h"

static_assert(ENVELOPE_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
static_assert(ENVELOPE_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
static_assert(ENVELOPE_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
static_assert(ENVELOPE_WRAP_BYTES == ENVELOPE_KEY_BYTES + ENVELOPE_TAG_BYTES, "wrap");

#define ASSOCIATED_BYTES (1 + sizeof(struct hash))

void
envelope_wipe(struct content_key *content_key)
{
	sodium_memzero(content_key, sizeof(*content_key));
}

void
envelope_commitment(const struct content_key *content_key, struct hash *out)
{
	static const char context[] = "malla/commitment/v1\n";
	uint8_t both[ENVELOPE_KEY_BYTES + ENVELOPE_NONCE_BYTES];

	memcpy(both, content_key->key, ENVELOPE_KEY_BYTES);
	memcpy(both + ENVELOPE_KEY_BYTES, content_key->nonce, ENVELOPE_NONCE_BYTES);
	digest_sha256_pair(bytes_view_str(context), bytes_view_of(both, sizeof(both)), out);
	sodium_memzero(both, sizeof(both));
}

static void
associate(uint8_t suite, const struct hash *root, uint8_t associated[ASSOCIATED_BYTES])
{
	associated[0] = suite;
	memcpy(associated + 1, root->bytes, sizeof(root->bytes));
}

enum err
envelope_encrypt(const struct content_key *content_key, uint8_t suite, const struct hash *root,
    struct bytes_view plaintext, struct bytes *out)
{
	uint8_t associated[ASSOCIATED_BYTES];
	size_t before = out->len;
	uint8_t *at = bytes_extend(out, plaintext.len + ENVELOPE_TAG_BYTES);

	if (at == NULL)
		return out->err;
	associate(suite, root, associated);
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(at, NULL, plaintext.data, plaintext.len,
		associated, sizeof(associated), NULL, content_key->nonce, content_key->key) != 0) {
		out->len = before;
		return ERR_KEY;
	}
	return ERR_NONE;
}

enum err
envelope_decrypt(const struct content_key *content_key, uint8_t suite, const struct hash *root,
    struct bytes_view ciphertext, struct bytes *out)
{
	uint8_t associated[ASSOCIATED_BYTES];
	size_t before = out->len;
	uint8_t *at;

	if (ciphertext.len < ENVELOPE_TAG_BYTES)
		return ERR_DECRYPT;
	at = bytes_extend(out, ciphertext.len - ENVELOPE_TAG_BYTES);
	if (at == NULL)
		return out->err;
	associate(suite, root, associated);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(at, NULL, NULL, ciphertext.data,
		ciphertext.len, associated, sizeof(associated), content_key->nonce,
		content_key->key) != 0) {
		out->len = before;
		return ERR_DECRYPT;
	}
	return ERR_NONE;
}

enum err
envelope_ephemeral(const uint8_t secret[32], uint8_t public_key[32])
{
	return crypto_scalarmult_base(public_key, secret) == 0 ? ERR_NONE : ERR_KEY;
}

/* BLAKE2b-256 keyed with the pre-shared key over context, shared secret, both public keys and
   the header hash. */
static enum err
wrapping_key(const uint8_t secret[32], const uint8_t other[32], const uint8_t ephemeral[32],
    const uint8_t recipient[32], const uint8_t psk[32], const struct hash *header,
    uint8_t key[ENVELOPE_KEY_BYTES])
{
	static const char context[] = "malla/wrap/v1\n";
	crypto_generichash_state state;
	uint8_t shared[crypto_scalarmult_BYTES];
	int failed;

	/* a small-order key gives zeros, which anybody knows */
	if (crypto_scalarmult(shared, secret, other) != 0)
		return ERR_KEY;
	failed = crypto_generichash_init(&state, psk, 32, ENVELOPE_KEY_BYTES);
	failed |= crypto_generichash_update(&state, (const uint8_t *)context, sizeof(context) - 1);
	failed |= crypto_generichash_update(&state, shared, sizeof(shared));
	failed |= crypto_generichash_update(&state, ephemeral, 32);
	failed |= crypto_generichash_update(&state, recipient, 32);
	failed |= crypto_generichash_update(&state, header->bytes, sizeof(header->bytes));
	failed |= crypto_generichash_final(&state, key, ENVELOPE_KEY_BYTES);
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(&state, sizeof(state));
	return failed == 0 ? ERR_NONE : ERR_KEY;
}

enum err
envelope_wrap(const uint8_t ephemeral_secret[32], const uint8_t recipient_key[32],
    const uint8_t psk[32], const struct hash *header,
    const uint8_t wrap_nonce[ENVELOPE_NONCE_BYTES], const uint8_t content_key[ENVELOPE_KEY_BYTES],
    uint8_t wrap[ENVELOPE_WRAP_BYTES])
{
	uint8_t ephemeral[32], key[ENVELOPE_KEY_BYTES];
	enum err err = envelope_ephemeral(ephemeral_secret, ephemeral);

	if (err == ERR_NONE)
		err = wrapping_key(
		    ephemeral_secret, recipient_key, ephemeral, recipient_key, psk, header, key);
	if (err != ERR_NONE)
		return err;
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(wrap, NULL, content_key, ENVELOPE_KEY_BYTES,
		header->bytes, sizeof(header->bytes), NULL, wrap_nonce, key) != 0)
		err = ERR_KEY;
	sodium_memzero(key, sizeof(key));
	return err;
}

enum err
envelope_unwrap(const uint8_t recipient_secret[32], const uint8_t ephemeral_key[32],
    const uint8_t psk[32], const struct hash *header,
    const uint8_t wrap_nonce[ENVELOPE_NONCE_BYTES], const uint8_t wrap[ENVELOPE_WRAP_BYTES],
    uint8_t content_key[ENVELOPE_KEY_BYTES])
{
	uint8_t recipient[32], key[ENVELOPE_KEY_BYTES], opened[ENVELOPE_KEY_BYTES];
	enum err err;

	if (crypto_scalarmult_base(recipient, recipient_secret) != 0)
		return ERR_KEY;
	err = wrapping_key(
	    recipient_secret, ephemeral_key, ephemeral_key, recipient, psk, header, key);
	if (err != ERR_NONE)
		return err;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(opened, NULL, NULL, wrap,
		ENVELOPE_WRAP_BYTES, header->bytes, sizeof(header->bytes), wrap_nonce, key) != 0)
		err = ERR_DECRYPT;
	else
		memcpy(content_key, opened, sizeof(opened));
	sodium_memzero(opened, sizeof(opened));
	sodium_memzero(key, sizeof(key));
	return err;
}
