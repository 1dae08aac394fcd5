/*
 * root: the document that says which keys speak for an organisation.  The SHA-256 of the
 * first one's statement is the organisation's id.  docs/protocol.md 5.2
 */
#ifndef MALLA_WIRE_ROOT_H
#define MALLA_WIRE_ROOT_H

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/signed.h"

enum root_key {
	ROOT_VERSION = 0,   /* 1, 2, ... */
	ROOT_CREATED = 2,   /* ms */
	ROOT_THRESHOLD = 4, /* k of the keys must sign */
	ROOT_KEYS = 6,      /* [[suite, bin key]...], no key twice */
	ROOT_NEXT = 8,      /* SHA-256 of the next root's key set: root_keys_hash */
	ROOT_ORG = 10,      /* from version 2 on: the organisation's id */
};

struct root {
	uint64_t version;
	uint64_t created_ms;
	uint32_t threshold;
	uint32_t keys_count;
	struct {
		uint32_t suite;
		struct bytes_view bytes;
	} keys[ROOT_KEYS_MAX];
	struct hash next;
	struct org_id org; /* zeros in version 1 */
};

/* Decode the statement (context line included). */
MUST_CHECK enum err root_decode(struct bytes_view statement, struct root *out);
MUST_CHECK enum err root_encode(const struct root *root, struct bytes *out);
/* The hash that a predecessor commits to: SHA-256 of the canonical bytes of
   [threshold, [[suite, key]...]]. */
MUST_CHECK enum err root_keys_hash(const struct root *root, struct hash *out);
/* Walk a chain of signed root documents, first to newest: each signed by its own threshold,
   each after the first also by its predecessor's (whose signer indices are offset by 16 in
   the same signed thing), versions without gaps, key sets as the predecessor committed.
   *org is the id, *newest the last one, borrowed from the chain. */
MUST_CHECK enum err root_chain_verify(const struct signed_thing *chain, uint32_t count,
    struct org_id *org, struct root *newest);
/* The fingerprint: the id as 12 groups of 5 decimal digits: each group is 5 bytes of
   SHA-256(id || 0x00) || SHA-256(id || 0x01), big-endian, modulo 100000.  72 bytes. */
#define FINGERPRINT_BYTES 72
void root_fingerprint(const struct org_id *org, char text[FINGERPRINT_BYTES]);

#endif
