/* The functions of sha.h are marked as deprecated in favour of EVP, which allocates for every hash
   and so can fail: docs/decisions/0010-sha256.md */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/digest.h"

#include <assert.h>
#include <openssl/sha.h>
#include <sodium.h>

static_assert(sizeof(struct hash) == SHA256_DIGEST_LENGTH, "a hash is SHA-256");

enum err
digest_start(void)
{
	return sodium_init() < 0 ? ERR_SYSTEM : ERR_NONE;
}

/* What is called here can only fail by a mistake of our own: libcrypto's SHA-256 keeps its state on
   our stack, and libsodium documents no failure of its hashes. */
static void
expect_success(bool is_done)
{
	assert(is_done);
	(void)is_done;
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
	SHA256_CTX state;

	expect_success(SHA256_Init(&state) == 1);
	if (a.len > 0)
		expect_success(SHA256_Update(&state, a.data, a.len) == 1);
	if (b.len > 0)
		expect_success(SHA256_Update(&state, b.data, b.len) == 1);
	expect_success(SHA256_Final(out->bytes, &state) == 1);
}

void
digest_keyed(struct bytes_view key, struct bytes_view in, struct hash *out)
{
	assert(key.len >= crypto_generichash_KEYBYTES_MIN &&
	       key.len <= crypto_generichash_KEYBYTES_MAX);
	expect_success(crypto_generichash(out->bytes, sizeof(out->bytes), in.data, in.len, key.data,
			   key.len) == 0);
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
	expect_success(crypto_stream_chacha20_ietf(out, len, nonce, seed) == 0);
}
