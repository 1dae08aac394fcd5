/*
 * record_write: the canonical bytes of a record's fields; for record.c only.
 */
#ifndef MALLA_WIRE_RECORD_WRITE_H
#define MALLA_WIRE_RECORD_WRITE_H

#include "wire/record.h"
#include "wire/writer.h"

/* The whole map; what is not stated is left out. */
void record_write(struct writer *writer, const struct record *record);

#endif
