#include "crypto/digest.h"

#include <assert.h>
#include <sodium.h>

static_assert(sizeof(struct hash) == crypto_hash_sha256_BYTES, "a hash is SHA-256");

enum err
digest_start(void)
{
	return sodium_init() < 0 ? ERR_SYSTEM : ERR_NONE;
}

/* libsodium documents a failure of its hashes nowhere, and a caller could do nothing about one:
   it would be our own mistake. */
static void
expect_success(int failed)
{
	assert(failed == 0);
	(void)failed;
}

static void
update(crypto_hash_sha256_state *state, struct bytes_view in)
{
	if (in.len > 0)
		expect_success(crypto_hash_sha256_update(state, in.data, in.len));
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

	expect_success(crypto_hash_sha256_init(&state));
	update(&state, a);
	update(&state, b);
	expect_success(crypto_hash_sha256_final(&state, out->bytes));
}

void
digest_keyed(struct bytes_view key, struct bytes_view in, struct hash *out)
{
	assert(key.len >= crypto_generichash_KEYBYTES_MIN &&
	       key.len <= crypto_generichash_KEYBYTES_MAX);
	expect_success(
	    crypto_generichash(out->bytes, sizeof(out->bytes), in.data, in.len, key.data, key.len));
}

void
digest_lock(void *secret, size_t len)
{
	/* RLIMIT_MEMLOCK may forbid it: then secrets are only as safe as swap is */
	if (sodium_mlock(secret, len) != 0)
		return;
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

	bytes_put_u64(nonce + sizeof(nonce) - sizeof(counter), counter);
	expect_success(crypto_stream_chacha20_ietf(out, len, nonce, seed));
}
