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

/* The file, integers big-endian, nothing left out and nothing after it (docs/protocol.md 11):

     17 bytes  "malla/keyfile/v1\n"
      1        purpose, a code of KEY_PURPOSE_TABLE
      1        suite: 1
      1        kdf: 0 in clear, 1 Argon2id (version 1.3, one lane)
      8        operations         \
      8        memory in bytes     | only if kdf is 1
     16        salt                |
     24        nonce              /
      2        length of what follows: 32 if kdf is 0, 48 if it is 1
     32        kdf 0: the secret
     48        kdf 1: XChaCha20-Poly1305(key = Argon2id(passphrase, salt, operations, memory),
               nonce, associated data = all that stands before, the secret)

   54 bytes in clear, 126 under a passphrase.  Argon2id's costs are held against the limits
   below before anything is derived. */
#define KEYFILE_BYTES_MAX 256u
#define KEYFILE_OPERATIONS 3u
#define KEYFILE_MEMORY (64u << 20)
#define KEYFILE_OPERATIONS_MAX 16u
#define KEYFILE_MEMORY_MAX (1ull << 30)

/* What a file says before anything is derived from it. */
struct keyfile {
	uint8_t purpose;
	bool is_locked;
	uint64_t operations;      /* 0 in clear, as are the next three */
	uint64_t memory;          /* bytes */
	const uint8_t *salt;      /* 16 bytes, borrowed as all below */
	const uint8_t *nonce;     /* 24 bytes */
	size_t associated;        /* bytes before the secret */
	struct bytes_view secret; /* clear or ciphertext */
};
/* Pure: opens no file, derives nothing.  *out borrows from `in` and is untouched on failure.
   ERR_FORMAT: not a key file, or of another suite.  ERR_RANGE: a purpose, kdf, length or too
   small a cost that no writer writes.  ERR_TOO_LARGE: costs above our limits.  ERR_TRUNCATED,
   ERR_TRAILING. */
MUST_CHECK enum err keyfile_decode(struct bytes_view in, struct keyfile *out);
/* Append the bytes that decode to it; `associated` is not looked at. */
MUST_CHECK enum err keyfile_encode(const struct keyfile *file, struct bytes *out);

/* Create the file with mode 0600, durably: a temporary file beside it (the path and six more
   letters), which a crash may leave behind, fsync, link, fsync of the folder.  An empty
   passphrase means in clear.  On failure there is no new file; one that was there stays as
   it was, and is ERR_SYSTEM with errno EEXIST.  ERR_FULL: no space.  ERR_MEMORY: Argon2id's,
   mostly.  errno is kept. */
MUST_CHECK enum err keyfile_write(const char *path, enum key_purpose purpose,
    const struct secret *secret, struct bytes_view passphrase);
/* Whether the file asks for a passphrase.  Failures as keyfile_decode and keyfile_read. */
MUST_CHECK enum err keyfile_is_locked(const char *path, bool *is_locked);
/* ERR_REFUSED: not a plain file, or its mode lets others at it, or it is another user's (root
   reads those).  ERR_DECRYPT: the passphrase is wrong, or the file was altered.  ERR_KEY: it
   holds a key of another purpose.  ERR_TOO_LARGE: its Argon2id costs are above what we allow.
   ERR_SYSTEM (errno is kept; ELOOP for a symbolic link), ERR_MEMORY, and keyfile_decode's.
   *out is untouched on failure. */
MUST_CHECK enum err keyfile_read(const char *path, enum key_purpose purpose,
    struct bytes_view passphrase, struct secret **out);

#endif
