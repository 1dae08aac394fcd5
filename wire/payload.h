/*
 * payload: what an envelope encrypts: a seal and its records, all of the batch or a part.
 * docs/protocol.md 7.2
 *
 * {0: signed seal, 2: [[bin salt, bin record]...]}                        the whole batch, in order
 * {0: signed seal, 4: [[uint index, bin salt, bin record, bin path]...]}  a part of it
 *
 * At most PAYLOAD_BYTES_MAX bytes.  Key 2 or key 4, never both: ERR_NOT_CANONICAL.
 * signed seal: statement at most SEAL_BYTES_MAX bytes; 1..BATCH_COUNT_MAX entries.
 * salt: 16 bytes.  record: 1..RECORD_BYTES_MAX bytes, all together at most BATCH_BYTES_MAX.
 * index: 0..BATCH_COUNT_MAX - 1, strictly ascending.  path: the siblings of the leaf, bottom
 * up, 32 bytes each and nothing between them: 0..PAYLOAD_PATH_MAX of them.
 */
#ifndef MALLA_WIRE_PAYLOAD_H
#define MALLA_WIRE_PAYLOAD_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/reader.h"
#include "wire/signed.h"
#include "wire/writer.h"

#define PAYLOAD_PATH_MAX 9u /* levels above the leaves of a batch of BATCH_COUNT_MAX */

enum payload_key { PAYLOAD_SEAL = 0, PAYLOAD_WHOLE = 2, PAYLOAD_PART = 4 };

struct payload_entry {
	uint32_t index; /* in the sealed tree; in a whole batch the entry's place */
	struct salt salt;
	struct bytes_view record;
	uint32_t path_count; /* 0 in a whole batch */
	const uint8_t *path; /* path_count * 32 bytes, bottom up; borrowed; NULL if none */
};

/* About 30 KiB: keep one per thread of work. */
struct payload {
	struct signed_thing seal;
	bool is_whole;
	uint32_t count;
	struct payload_entry entries[BATCH_COUNT_MAX];
	uint32_t unknown; /* odd keys that this version does not know; not written again */
};

/* Borrowed from in.  Checks form and limits; who verifies the seal and the tree is node/.
   On failure *out is undefined (it is too large to build twice). */
MUST_CHECK enum err payload_decode(struct bytes_view in, struct payload *out);
/* Append the payload.  The fields must be in their ranges. */
MUST_CHECK enum err payload_encode(const struct payload *payload, struct bytes *out);

#endif
