/*
 * signer: key pairs and Ed25519 signatures over exact bytes (libsodium).
 *
 * Every signed thing is the exact bytes of a file that begins with its own context line, so
 * that `openssl pkeyutl -verify -rawin` verifies it too (TRAPS 22).  docs/protocol.md 5.1
 */
#ifndef MALLA_CRYPTO_SIGNER_H
#define MALLA_CRYPTO_SIGNER_H

#include "base/bytes.h"
#include "base/ids.h"

/* Suite 1: Ed25519 (RFC 8032), X25519 (RFC 7748), XChaCha20-Poly1305, SHA-256, BLAKE2b. */
#define SUITE_1 1u
#define SIGNER_PUBLIC_BYTES 32u
#define SIGNER_SECRET_BYTES 64u
#define SIGNER_SIGNATURE_BYTES 64u

/* Secret halves live in sodium_malloc'ed memory: opaque, wiped by signer_free. */
struct signer;

/* From a 32-byte seed, copied into locked memory; the caller wipes its own copy. */
MUST_CHECK enum err signer_open(const uint8_t seed[32], struct signer **out);
MUST_CHECK enum err signer_generate(struct signer **out);
void signer_free(struct signer *signer);
const uint8_t *signer_public(const struct signer *signer); /* 32 bytes */
MUST_CHECK enum err signer_sign(const struct signer *signer, struct bytes_view message,
    uint8_t signature[64]);
/* ERR_SIGNATURE; small-order keys and malleated signatures are refused. */
MUST_CHECK enum err signer_verify(const uint8_t public_key[32], struct bytes_view message,
    const uint8_t signature[64]);

#endif
