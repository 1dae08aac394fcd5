/*
 * seal: the author's statement over the Merkle root of a batch.  docs/protocol.md 6
 *
 * statement = "malla/seal/v1\n" || map, at most SEAL_BYTES_MAX bytes together.
 */
#ifndef MALLA_WIRE_SEAL_H
#define MALLA_WIRE_SEAL_H

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/signed.h"

/* keys of the map; all must be there */
enum seal_key {
	SEAL_ORG = 0,    /* bin, 32 bytes: the author */
	SEAL_SERIAL = 2, /* uint, 1..NUMBER_MAX: of the card whose sign key signed */
	SEAL_SIZE = 4,   /* uint, 1..BATCH_COUNT_MAX: leaves of the tree */
	SEAL_ROOT = 6,   /* bin, 32 bytes: the tree's root */
	SEAL_TIME = 8,   /* uint, ms, 1..TIME_MS_MAX; orders nothing */
};

struct seal {
	struct org_id org;
	uint64_t serial;
	uint32_t size;
	struct hash root;
	uint64_t time_ms;
	uint32_t unknown; /* odd keys that this version does not know; not written again */
};

/* Statement with its context line.  On failure *out is untouched. */
MUST_CHECK enum err seal_decode(struct bytes_view statement, struct seal *out);
/* Append the statement.  The fields must be in their ranges. */
MUST_CHECK enum err seal_encode(const struct seal *seal, struct bytes *out);

#endif
