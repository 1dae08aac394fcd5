/*
 * digest: SHA-256 (libcrypto, which has the processor's instructions for it:
 * docs/decisions/0010-sha256.md), and BLAKE2b as the keyed hash (libsodium).
 */
#ifndef MALLA_CRYPTO_DIGEST_H
#define MALLA_CRYPTO_DIGEST_H

#include <string.h>

#include "base/bytes.h"
#include "base/ids.h"

/* Once per process, before anything else of crypto/.  ERR_SYSTEM: no good randomness. */
MUST_CHECK enum err digest_start(void);
void digest_sha256(struct bytes_view in, struct hash *out);
/* SHA-256(prefix || in), without copying: the leaves of RFC 6962 and record ids. */
void digest_sha256_prefixed(uint8_t prefix, struct bytes_view in, struct hash *out);
/* SHA-256(a || b) */
void digest_sha256_pair(struct bytes_view a, struct bytes_view b, struct hash *out);
/* BLAKE2b-256 of `in` keyed with key (16..64 bytes). */
void digest_keyed(struct bytes_view key, struct bytes_view in, struct hash *out);
/* Keep secrets out of swap and core images, where the system lets us. */
void digest_lock(void *secret, size_t len);
/* Overwrite secrets before their memory is given back. */
void digest_wipe(void *secret, size_t len);
/* In the same time wherever they differ: all of both is read, and nothing depends on a part. */
static inline bool
digest_is_equal(const struct hash *a, const struct hash *b)
{
	uint64_t x[sizeof(a->bytes) / sizeof(uint64_t)], y[sizeof(x) / sizeof(*x)];

	memcpy(x, a->bytes, sizeof(x));
	memcpy(y, b->bytes, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3])) == 0;
}

/* From the system; programs only, the core is handed its randomness. */
void digest_random(void *out, size_t len);
/* A deterministic stream for the core: the first len bytes of ChaCha20 (RFC 8439) under the key
   `seed`, from block 0, with the nonce 4 zero bytes || counter (8 bytes, big-endian).  A pair
   of seed and counter is used once. */
void digest_expand(const uint8_t seed[32], uint64_t counter, void *out, size_t len);

#endif
