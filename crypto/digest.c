#include "crypto/digest.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(sizeof(struct hash) == crypto_hash_sha256_BYTES, "a hash is SHA-256");

enum err
digest_start(void)
{
	return sodium_init() < 0 ? ERR_SYSTEM : ERR_NONE;
}

/* libsodium's hash functions are void in fact: they return 0 always. */
static void
update(crypto_hash_sha256_state *state, struct bytes_view in)
{
	if (in.len > 0)
		(void)crypto_hash_sha256_update(state, in.data, in.len);
}

void
digest_sha256(struct bytes_view in, struct hash *out)
{
	digest_sha256_pair(in, bytes_view_of(NULL, 0), out);
}

void
digest_sha256_prefixed(uint8_t prefix, struct bytes_view in, struct hash *out)
{
	digest_sha256_pair(bytes_view_of(&prefix, 1), in, out);
}

void
digest_sha256_pair(struct bytes_view a, struct bytes_view b, struct hash *out)
{
	crypto_hash_sha256_state state;

	(void)crypto_hash_sha256_init(&state);
	update(&state, a);
	update(&state, b);
	(void)crypto_hash_sha256_final(&state, out->bytes);
}

void
digest_keyed(struct bytes_view key, struct bytes_view in, struct hash *out)
{
	int failed;

	assert(key.len >= crypto_generichash_KEYBYTES_MIN && key.len <= crypto_generichash_KEYBYTES_MAX);
	failed = crypto_generichash(out->bytes, sizeof(out->bytes), in.data, in.len, key.data, key.len);
	assert(failed == 0);
	(void)failed;
}

void
digest_wipe(void *secret, size_t len)
{
	sodium_memzero(secret, len);
}

bool
digest_is_equal(const struct hash *a, const struct hash *b)
{
	return sodium_memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void
digest_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

void
digest_expand(const uint8_t seed[32], uint64_t counter, void *out, size_t len)
{
	uint8_t nonce[crypto_stream_chacha20_ietf_NONCEBYTES] = {0};
	int failed;

	bytes_put_u64(nonce + 4, counter);
	failed = crypto_stream_chacha20_ietf(out, len, nonce, seed);
	assert(failed == 0);
	(void)failed;
}
