/*
 * record_check: what the fields of a record mean together; for record.c and record_read.c only.
 */
#ifndef MALLA_WIRE_RECORD_CHECK_H
#define MALLA_WIRE_RECORD_CHECK_H

#include <stdbool.h>

#include "wire/reader.h"
#include "wire/record.h"

/* Keys that were seen, as a set of bits. */
#define RECORD_CHECK_BIT(key) (1ull << (key))

/* Which keys a body of this kind may have, and which it must.  None: it has no body in this
   version.  docs/protocol.md 2.4 */
void record_check_body_keys(enum record_kind kind, uint64_t *may, uint64_t *must);
/* What a kind must have, and that RED names somebody; `seen` and `body_seen` are the keys of the
   record and of its body.  Fails the reader, at its end or at the audience. */
void record_check_whole(struct reader *reader, const struct record *record, uint64_t seen,
    uint64_t body_seen);

/* Whether its author, which is filled in, may write it. */
bool record_check_author(const struct record *record);

#endif
