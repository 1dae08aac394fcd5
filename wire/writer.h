/*
 * writer: canonical msgpack into a capped buffer (over msgpack-c's packer).
 *
 * The caller writes keys in ascending order and counts right: nothing is kept that could check
 * it here, so the tests hold every encoder against the reader.  Failures (cap, memory) stick
 * in the buffer.
 */
#ifndef MALLA_WIRE_WRITER_H
#define MALLA_WIRE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct writer {
	struct bytes *out; /* the caller's */
};

/* Appends to out, which the caller owns and has initialised. */
void writer_open(struct writer *writer, struct bytes *out);
/* The first failure of the buffer. */
MUST_CHECK enum err writer_close(struct writer *writer);
void writer_uint(struct writer *writer, uint64_t value);
void writer_bool(struct writer *writer, bool value);
void writer_bin(struct writer *writer, const void *data, size_t len);
void writer_str(struct writer *writer, struct bytes_view text);
void writer_array(struct writer *writer, uint32_t count);
void writer_map(struct writer *writer, uint32_t count);
/* One value that is canonical msgpack already. */
void writer_raw(struct writer *writer, struct bytes_view value);

#endif
