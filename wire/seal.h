/*
 * seal: the author's statement over the Merkle root of a batch.  docs/protocol.md 6
 */
#ifndef MALLA_WIRE_SEAL_H
#define MALLA_WIRE_SEAL_H

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/signed.h"

enum seal_key { SEAL_ORG = 0, SEAL_SERIAL = 2, SEAL_SIZE = 4, SEAL_ROOT = 6, SEAL_TIME = 8 };

struct seal {
	struct org_id org;
	uint64_t serial;  /* of the card whose sign key signed */
	uint32_t size;    /* leaves of the tree, 1..BATCH_COUNT_MAX */
	struct hash root;
	uint64_t time_ms; /* orders nothing */
};

/* Statement with its context line. */
MUST_CHECK enum err seal_decode(struct bytes_view statement, struct seal *out);
MUST_CHECK enum err seal_encode(const struct seal *seal, struct bytes *out);

#endif
