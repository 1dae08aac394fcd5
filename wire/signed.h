/*
 * signed: a signed thing: the exact bytes that were signed, which begin with their context
 * line, and the signatures.  docs/protocol.md 5.1
 *
 * signed = [bin statement, [[uint signer, uint suite, bin signature]...]]
 * statement: at least 1 byte; its limit depends on what it is.  1..SIGNATURES_MAX signatures,
 * strictly ascending by signer.  signer: 0..SIGNATURES_MAX - 1; the index of the key in the
 * list of keys that speak for the signing organisation (a root document's), 0 where there is
 * one key.  suite: 1..255.  signature: 64 bytes in suite 1, 1..KEY_BYTES_MAX in any other,
 * which this version carries but cannot verify.
 */
#ifndef MALLA_WIRE_SIGNED_H
#define MALLA_WIRE_SIGNED_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "wire/reader.h"
#include "wire/writer.h"

/* X(symbol, context line without its line feed) */
/* clang-format off */
#define CONTEXT_TABLE(X) \
	X(CONTEXT_ROOT,     "malla/root/v1") \
	X(CONTEXT_CARD,     "malla/card/v1") \
	X(CONTEXT_SEAL,     "malla/seal/v1") \
	X(CONTEXT_ENVELOPE, "malla/envelope/v1") \
	X(CONTEXT_RECEIPT,  "malla/receipt/v1") \
	X(CONTEXT_KEY,      "malla/key/v1") \
	X(CONTEXT_ACT,      "malla/act/v1")
/* clang-format on */
enum context {
#define CONTEXT_ENUM(symbol, line) symbol,
	CONTEXT_TABLE(CONTEXT_ENUM)
#undef CONTEXT_ENUM
	CONTEXT_COUNT
};

struct signed_signature {
	uint32_t signer;
	uint32_t suite;
	struct bytes_view bytes;
};

struct signed_thing {
	struct bytes_view statement; /* context line and body; borrowed */
	uint32_t count;
	struct signed_signature signatures[SIGNATURES_MAX]; /* strictly ascending by signer */
};

/* "malla/seal/v1\n", line feed included.  Static. */
struct bytes_view signed_context(enum context context);
/* One signed thing at the reader's position / as a whole.  Borrowed from the input; *out is
   untouched on failure.  Nothing is verified.  ERR_SIGNATURE: a signature of suite 1 that is
   not 64 bytes long. */
void signed_read(struct reader *reader, size_t statement_max, struct signed_thing *out);
MUST_CHECK enum err signed_decode(struct bytes_view in, size_t statement_max,
    struct signed_thing *out);
/* One signed thing at the writer's position / appended to out. */
void signed_write(struct writer *writer, const struct signed_thing *thing);
MUST_CHECK enum err signed_encode(const struct signed_thing *thing, struct bytes *out);
/* The usual case: one signature of suite 1 by signer 0. */
MUST_CHECK enum err signed_encode_one(struct bytes_view statement, const uint8_t signature[64],
    struct bytes *out);
/* The body behind the context line; ERR_FORMAT if the statement begins with another. */
MUST_CHECK enum err signed_body(const struct signed_thing *thing, enum context context,
    struct bytes_view *body);
/* The same of a statement alone, which may have statement_max bytes: ERR_TOO_LARGE. */
MUST_CHECK enum err signed_statement_body(struct bytes_view statement, size_t statement_max,
    enum context context, struct bytes_view *body);
/* Exactly one signature, by signer 0, suite 1, by this key.  ERR_SIGNATURE, ERR_KEY (suite). */
MUST_CHECK enum err signed_verify_one(const struct signed_thing *thing,
    const uint8_t public_key[32]);

#endif
