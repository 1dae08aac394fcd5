/*
 * payload: what an envelope encrypts: a seal and its records, all of the batch or a part.
 * docs/protocol.md 7.2
 *
 * {0: signed seal, 2: [[salt, record]...]}                          the whole batch, in order
 * {0: signed seal, 4: [[index, salt, record, [sibling...]]...]}     a part, indices ascending
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

enum payload_key { PAYLOAD_SEAL = 0, PAYLOAD_WHOLE = 2, PAYLOAD_PART = 4 };

struct payload_entry {
	uint32_t index; /* in the sealed tree */
	struct salt salt;
	struct bytes_view record;
	uint32_t path_count; /* 0 in a whole batch */
	const uint8_t *path; /* path_count * 32 bytes, bottom up; borrowed */
};

struct payload {
	struct signed_thing seal;
	bool is_whole;
	uint32_t count;
	struct payload_entry entries[BATCH_COUNT_MAX];
};

/* Borrowed from in.  Checks form and limits; who verifies the seal and the tree is node/. */
MUST_CHECK enum err payload_decode(struct bytes_view in, struct payload *out);
MUST_CHECK enum err payload_encode(const struct payload *payload, struct bytes *out);

#endif
