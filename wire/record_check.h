/*
 * record_check: what the fields of a record mean together; for record.c and record_read.c only.
 */
#ifndef MALLA_WIRE_RECORD_CHECK_H
#define MALLA_WIRE_RECORD_CHECK_H

#include "wire/reader.h"
#include "wire/record.h"

/* Keys that were seen, as a set of bits. */
#define RECORD_CHECK_BIT(key) (1u << (key))

/* Which keys a body of this kind may have, and which it must.  None: it has no body in this
   version.  docs/protocol.md 2.4 */
void record_check_body_keys(enum record_kind kind, uint32_t *may, uint32_t *must);
/* What a kind must have, and that RED names somebody; `seen` and `body_seen` are the keys of the
   record and of its body.  Fails the reader, at its end or at the audience. */
void record_check_whole(struct reader *reader, const struct record *record, uint32_t seen,
    uint32_t body_seen);

#endif
