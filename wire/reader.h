/*
 * reader: a strict, allocation-free cursor over canonical msgpack.
 *
 * The first failure sticks: every later call returns zero or an empty view and moves
 * nothing, so a decoder lists its fields and asks once, in reader_close.  Accepted are
 * unsigned integers in their shortest form, booleans, UTF-8 strings, binaries, arrays, and
 * maps whose keys are unsigned integers in strictly ascending order.  docs/protocol.md 1
 */
#ifndef MALLA_WIRE_READER_H
#define MALLA_WIRE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct reader {
	const uint8_t *start;
	const uint8_t *at;
	const uint8_t *end;
	enum err err;
	size_t err_at;    /* offset of the value that failed */
	uint32_t unknown; /* odd keys that were skipped */
};

/* A map being read: reader_map fills it, reader_key walks it. */
struct reader_map {
	uint32_t left;
	bool has_last;
	uint64_t last;
};

/* What a string may contain beside printable UTF-8 (C0, C1 and DEL are always refused):
   a line nothing more, prose also tab and line feed. */
enum reader_text { READER_LINE, READER_PROSE };

void reader_open(struct reader *reader, struct bytes_view in);
/* The first failure; ERR_TRAILING if bytes are left over. */
MUST_CHECK enum err reader_close(struct reader *reader);
/* Fail with `err` at the current position, unless something failed before. */
void reader_fail(struct reader *reader, enum err err);
/* Fail at `start`, where a value that was read already began (the reader's `at` back then). */
void reader_fail_at(struct reader *reader, const uint8_t *start, enum err err);

static inline bool
reader_is_ok(const struct reader *reader)
{
	return reader->err == ERR_NONE;
}

/* reader_uint in any form, and where it fails. */
uint64_t reader_uint_wide(struct reader *reader, uint64_t min, uint64_t max);

/* An unsigned integer; most are one byte, a key nearly always. */
static inline uint64_t
reader_uint(struct reader *reader, uint64_t min, uint64_t max)
{
	/* after a failure nothing is left to read */
	if (reader->at < reader->end && *reader->at <= 0x7f && *reader->at >= min &&
	    *reader->at <= max)
		return *reader->at++;
	return reader_uint_wide(reader, min, max);
}

bool reader_bool(struct reader *reader);
/* Borrowed from the input. */
struct bytes_view reader_bin(struct reader *reader, size_t len_min, size_t len_max);
/* A binary of exactly len bytes, copied; zeros on failure. */
void reader_fixed(struct reader *reader, void *out, size_t len);
struct bytes_view reader_str(struct reader *reader, size_t len_min, size_t len_max,
    enum reader_text text);
/* The number of elements, which the caller then reads one by one.  The count is checked
   against the bytes that are left, one byte an element, so a claim cannot exceed the input. */
uint32_t reader_array(struct reader *reader, uint32_t count_min, uint32_t count_max);
void reader_map(struct reader *reader, struct reader_map *map, uint32_t count_max);
/* The next key, or false at the end of the map or after a failure. */
bool reader_key(struct reader *reader, struct reader_map *map, uint64_t *key);
/* A key the caller does not know: an odd one is skipped with its value and counted, an even
   one is ERR_UNKNOWN_CRITICAL. */
void reader_unknown(struct reader *reader, uint64_t key);
/* One whole value, checked for form and depth, as its bytes. */
struct bytes_view reader_raw(struct reader *reader);

/* Whether the bytes are UTF-8 without forbidden characters; overlong forms, surrogates and
   code points above U+10FFFF are refused. */
bool reader_is_text(struct bytes_view text, enum reader_text kind);

#endif
