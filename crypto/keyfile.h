/*
 * keyfile: one secret key in one file, mode 0600, under a passphrase or, by an explicit
 * flag, in clear.  docs/protocol.md 11
 */
#ifndef MALLA_CRYPTO_KEYFILE_H
#define MALLA_CRYPTO_KEYFILE_H

#include <stdbool.h>

#include "base/bytes.h"

/* X(symbol, code in the file, name: also the file's stem) */
/* clang-format off */
#define KEY_PURPOSE_TABLE(X) \
	X(KEY_ROOT,      1, "root") \
	X(KEY_SIGN,      2, "sign") \
	X(KEY_ENVELOPE,  3, "envelope") \
	X(KEY_TRANSPORT, 4, "transport") \
	X(KEY_LOG,       5, "log") \
	X(KEY_WITNESS,   6, "witness") \
	X(KEY_OPERATOR,  7, "operator")
/* clang-format on */
enum key_purpose {
#define KEY_PURPOSE_ENUM(symbol, code, name) symbol = code,
	KEY_PURPOSE_TABLE(KEY_PURPOSE_ENUM)
#undef KEY_PURPOSE_ENUM
};
const char *key_purpose_name(enum key_purpose purpose);

/* 32 secret bytes in locked memory (Ed25519 seed, X25519 or CURVE secret key). */
struct secret;
MUST_CHECK enum err secret_generate(struct secret **out);
MUST_CHECK enum err secret_open(const uint8_t bytes[32], struct secret **out);
void secret_free(struct secret *secret);
const uint8_t *secret_bytes(const struct secret *secret);
/* The public half that belongs to it: Ed25519 for root, sign, log, witness and operator,
   X25519 for envelope and transport (CURVE's is the same curve). */
MUST_CHECK enum err secret_public(const struct secret *secret, enum key_purpose purpose,
    uint8_t out[32]);

/* The file: "malla/keyfile/v1\n", u8 purpose, u8 suite (1), u8 kdf, then
     kdf 0, in clear:  the 32 secret bytes
     kdf 1, Argon2id:  u64 operations, u64 memory in bytes, 16 bytes salt, 24 bytes nonce, and
                       48 bytes XChaCha20-Poly1305(Argon2id(passphrase), associated data = all
                       that stands before), integers big-endian.
   Nothing follows. */
#define KEYFILE_BYTES_MAX 256u
#define KEYFILE_OPERATIONS 3u
#define KEYFILE_MEMORY (64u << 20)
#define KEYFILE_OPERATIONS_MAX 16u
#define KEYFILE_MEMORY_MAX (1ull << 30)

/* What a file says before anything is derived from it; for the fuzzer too. */
struct keyfile {
	uint8_t purpose;
	bool is_locked;
	uint64_t operations;
	uint64_t memory;
	const uint8_t *salt;      /* borrowed */
	const uint8_t *nonce;
	size_t associated;        /* bytes before the ciphertext */
	struct bytes_view secret; /* clear or ciphertext */
};
MUST_CHECK enum err keyfile_decode(struct bytes_view in, struct keyfile *out);

/* Create the file, which must not exist, fsync it and its folder.  An empty passphrase
   means in clear. */
MUST_CHECK enum err keyfile_write(const char *path, enum key_purpose purpose,
    const struct secret *secret, struct bytes_view passphrase);
/* Whether the file asks for a passphrase; ERR_FORMAT, ERR_SYSTEM (errno is kept). */
MUST_CHECK enum err keyfile_is_locked(const char *path, bool *is_locked);
/* ERR_REFUSED: the file's mode lets others read it.  ERR_DECRYPT: the passphrase is wrong.
   ERR_KEY: it holds a key of another purpose.  ERR_TOO_LARGE: its Argon2id parameters ask
   for more than we allow. */
MUST_CHECK enum err keyfile_read(const char *path, enum key_purpose purpose,
    struct bytes_view passphrase, struct secret **out);

#endif
