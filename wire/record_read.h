/*
 * record_read: the fields of a record, each into its place; for record.c only.
 */
#ifndef MALLA_WIRE_RECORD_READ_H
#define MALLA_WIRE_RECORD_READ_H

#include "wire/reader.h"
#include "wire/record.h"

/* Read the value of one key of a record's map; failures stick in the reader.  Of the body, the
   keys that it has are returned as bits in *body_seen, which is not touched otherwise. */
void record_read_field(struct reader *reader, uint64_t key, struct record *record,
    uint64_t *body_seen);

#endif
