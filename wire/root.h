/*
 * root: the document that says which keys speak for an organisation.  The SHA-256 of the
 * first one's statement is the organisation's id.  docs/protocol.md 5.2
 *
 * statement = "malla/root/v1\n" || map, at most ROOT_BYTES_MAX bytes together.
 */
#ifndef MALLA_WIRE_ROOT_H
#define MALLA_WIRE_ROOT_H

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/signed.h"

/* keys of the map; all must be there, but for ROOT_ORG */
enum root_key {
	ROOT_VERSION = 0,   /* uint, 1..ROOT_VERSIONS_MAX */
	ROOT_CREATED = 2,   /* uint, ms, 1..TIME_MS_MAX */
	ROOT_THRESHOLD = 4, /* uint, 1..number of keys: so many of them must sign */
	ROOT_KEYS = 6, /* [[uint suite, bin key]...], 1..ROOT_KEYS_MAX, no key bytes twice; suite
	                  1..255; a key of suite 1 has 32 bytes, any other 1..KEY_BYTES_MAX */
	ROOT_NEXT = 8, /* bin, 32 bytes: SHA-256 of the next root's key set, root_keys_hash */
	ROOT_ORG = 10, /* bin, 32 bytes: the organisation's id; from version 2 on, absent in 1 */
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
	uint32_t unknown;  /* odd keys that this version does not know; not written again */
};

/* Decode the statement (context line included), borrowing the keys from it.  On failure *out
   is untouched.  ERR_KEY: a key of suite 1 that is not 32 bytes long.  ERR_ORDER: a key twice. */
MUST_CHECK enum err root_decode(struct bytes_view statement, struct root *out);
/* Append the statement.  A root that root_decode would refuse is refused with the same
   failure, and out keeps its length. */
MUST_CHECK enum err root_encode(const struct root *root, struct bytes *out);
/* The hash that a predecessor commits to: SHA-256 of the canonical bytes of
   [threshold, [[suite, key]...]]. */
MUST_CHECK enum err root_keys_hash(const struct root *root, struct hash *out);
/* Whether enough of the root's keys signed: every signature of the thing is by the key with
   its index in root->keys and verifies, and there are at least root->threshold of them.
   ERR_SIGNATURE; ERR_KEY where a signature is by a key of another suite than SUITE_1. */
MUST_CHECK enum err root_verify(const struct root *root, const struct signed_thing *thing);
/* Walk a chain of signed root documents, first to newest: each signed by its own threshold
   (signer i is its own key i, i < 16), each after the first also by its predecessor's (signer
   16 + i is the predecessor's key i); no other signer, and every signature verifies.  Versions
   1, 2, ... without gaps (ERR_ORDER), from the second on the id of the first one
   (ERR_INVALID), key sets as the predecessor committed (ERR_KEY).  An empty chain is
   ERR_MISSING.  *org is the id, *newest the last one, borrowed from the chain; both are
   untouched on failure. */
MUST_CHECK enum err root_chain_verify(const struct signed_thing *chain, uint32_t count,
    struct org_id *org, struct root *newest);
/* The fingerprint: the id as 12 groups of 5 decimal digits: each group is 5 bytes of
   SHA-256(id || 0x00) || SHA-256(id || 0x01), big-endian, modulo 100000.  72 bytes. */
#define FINGERPRINT_BYTES 72
void root_fingerprint(const struct org_id *org, char text[FINGERPRINT_BYTES]);

#endif
