/*
 * record_body: the body of a record, which differs by kind; for record_read.c and
 * record_write.c only.  docs/protocol.md 2.4
 */
#ifndef MALLA_WIRE_RECORD_BODY_H
#define MALLA_WIRE_RECORD_BODY_H

#include "wire/reader.h"
#include "wire/record.h"
#include "wire/writer.h"

/* The keys that were seen are returned as bits; failures stick in the reader. */
uint64_t record_body_read(struct reader *reader, struct record *record);
/* How many keys it has; none: the record has no body. */
uint32_t record_body_count(const struct record *record);
void record_body_write(struct writer *writer, const struct record *record);

#endif
