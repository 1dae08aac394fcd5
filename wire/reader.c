#include "wire/reader.h"

#include <string.h>

#include "base/limits.h"

/* The first byte of each form of MessagePack that is accepted. */
enum form {
	FORM_FIXINT_LAST = 0x7f,
	FORM_FIXMAP = 0x80,
	FORM_FIXARRAY = 0x90,
	FORM_FIXSTR = 0xa0,
	FORM_FIXSTR_LAST = 0xbf,
	FORM_FALSE = 0xc2,
	FORM_TRUE = 0xc3,
	FORM_BIN8 = 0xc4,
	FORM_UINT8 = 0xcc,
	FORM_UINT64 = 0xcf,
	FORM_STR8 = 0xd9,
	FORM_ARRAY16 = 0xdc,
	FORM_MAP16 = 0xde,
};

void
reader_open(struct reader *reader, struct bytes_view in)
{
	static const uint8_t nothing[1];

	*reader = (struct reader){0};
	reader->start = in.data != NULL ? in.data : nothing;
	reader->at = reader->start;
	reader->end = reader->start + in.len;
}

void
reader_fail(struct reader *reader, enum err err)
{
	if (reader->err != ERR_NONE)
		return;
	reader->err = err;
	reader->err_at = (size_t)(reader->at - reader->start);
	reader->at = reader->end;
}

enum err
reader_close(struct reader *reader)
{
	if (reader->err == ERR_NONE && reader->at != reader->end)
		reader_fail(reader, ERR_TRAILING);
	return reader->err;
}

void
reader_fail_at(struct reader *reader, const uint8_t *start, enum err err)
{
	if (reader->err != ERR_NONE)
		return;
	reader->at = start;
	reader_fail(reader, err);
}

static size_t
left(const struct reader *reader)
{
	return (size_t)(reader->end - reader->at);
}

/* The next byte, which is there; false after a failure. */
static bool
take_byte(struct reader *reader, uint8_t *byte)
{
	if (reader->err != ERR_NONE)
		return false;
	if (left(reader) == 0) {
		reader_fail(reader, ERR_TRUNCATED);
		return false;
	}
	*byte = *reader->at++;
	return true;
}

/* A big-endian number of 1, 2, 4 or 8 bytes that does not fit half as many (`below`: the
   largest that a shorter form holds). */
static bool
take_number(
    struct reader *reader, const uint8_t *start, unsigned bytes, uint64_t below, uint64_t *value)
{
	unsigned i;

	if (left(reader) < bytes) {
		reader_fail_at(reader, start, ERR_TRUNCATED);
		return false;
	}
	*value = 0;
	for (i = 0; i < bytes; i++)
		*value = *value << 8 | *reader->at++;
	if (*value <= below) {
		reader_fail_at(reader, start, ERR_NOT_CANONICAL);
		return false;
	}
	return true;
}

static const uint64_t shorter[] = {0x7f, 0xff, 0xffff, 0xffffffff};

uint64_t
reader_uint_wide(struct reader *reader, uint64_t min, uint64_t max)
{
	const uint8_t *start = reader->at;
	uint64_t value;
	uint8_t form;

	if (!take_byte(reader, &form))
		return 0;
	if (form <= FORM_FIXINT_LAST) {
		value = form;
	} else if (form >= FORM_UINT8 && form <= FORM_UINT64) {
		if (!take_number(reader, start, 1u << (form - FORM_UINT8),
			shorter[form - FORM_UINT8], &value))
			return 0;
	} else {
		reader_fail_at(reader, start, ERR_TYPE);
		return 0;
	}
	if (value < min || value > max) {
		reader_fail_at(reader, start, ERR_RANGE);
		return 0;
	}
	return value;
}

bool
reader_bool(struct reader *reader)
{
	const uint8_t *start = reader->at;
	uint8_t form;

	if (!take_byte(reader, &form))
		return false;
	if (form != FORM_FALSE && form != FORM_TRUE)
		reader_fail_at(reader, start, ERR_TYPE);
	return form == FORM_TRUE;
}

/* A length in the forms first, first + 1, first + 2: one, two, four bytes. */
static bool
take_length(
    struct reader *reader, const uint8_t *start, unsigned width, uint64_t below, uint64_t *len)
{
	return take_number(reader, start, width, below, len);
}

/* `len` bytes of a string or binary that began at start. */
static struct bytes_view
take_bytes(
    struct reader *reader, const uint8_t *start, uint64_t len, size_t len_min, size_t len_max)
{
	struct bytes_view view = {0};

	if (len > left(reader)) {
		reader_fail_at(reader, start, ERR_TRUNCATED);
	} else if (len > len_max) {
		reader_fail_at(reader, start, ERR_TOO_LARGE);
	} else if (len < len_min) {
		reader_fail_at(reader, start, ERR_RANGE);
	} else {
		view = bytes_view_of(reader->at, (size_t)len);
		reader->at += len;
	}
	return view;
}

struct bytes_view
reader_bin(struct reader *reader, size_t len_min, size_t len_max)
{
	static const uint64_t below[] = {0, 0xff, 0xffff};
	struct bytes_view none = {0};
	const uint8_t *start = reader->at;
	uint64_t len;
	uint8_t form;

	if (!take_byte(reader, &form))
		return none;
	if (form < FORM_BIN8 || form > FORM_BIN8 + 2) {
		reader_fail_at(reader, start, ERR_TYPE);
		return none;
	}
	if (form == FORM_BIN8) {
		uint8_t short_len;

		if (!take_byte(reader, &short_len))
			return none;
		len = short_len;
	} else if (!take_length(
		       reader, start, 1u << (form - FORM_BIN8), below[form - FORM_BIN8], &len)) {
		return none;
	}
	return take_bytes(reader, start, len, len_min, len_max);
}

void
reader_fixed(struct reader *reader, void *out, size_t len)
{
	const uint8_t *start = reader->at;
	struct bytes_view view = reader_bin(reader, 0, len);

	memset(out, 0, len);
	if (reader->err != ERR_NONE)
		return;
	if (view.len != len) {
		reader_fail_at(reader, start, ERR_RANGE);
		return;
	}
	memcpy(out, view.data, len);
}

/* The header of a string, its length in *len. */
static bool
take_str_header(struct reader *reader, uint64_t *len)
{
	static const uint64_t below[] = {31, 0xff, 0xffff};
	const uint8_t *start = reader->at;
	uint8_t form;

	if (!take_byte(reader, &form))
		return false;
	if (form >= FORM_FIXSTR && form <= FORM_FIXSTR_LAST) {
		*len = form & 31u;
		return true;
	}
	if (form >= FORM_STR8 && form <= FORM_STR8 + 2)
		return take_length(
		    reader, start, 1u << (form - FORM_STR8), below[form - FORM_STR8], len);
	reader_fail_at(reader, start, ERR_TYPE);
	return false;
}

struct bytes_view
reader_str(struct reader *reader, size_t len_min, size_t len_max, enum reader_text text)
{
	struct bytes_view view = {0};
	const uint8_t *start = reader->at;
	uint64_t len;

	if (!take_str_header(reader, &len))
		return view;
	view = take_bytes(reader, start, len, len_min, len_max);
	if (reader->err == ERR_NONE && !reader_is_text(view, text)) {
		reader_fail_at(reader, start, ERR_UTF8);
		view = bytes_view_of(NULL, 0);
	}
	return view;
}

/* A count in a fix form (low four bits), 16 or 32 bits. */
static bool
take_count(struct reader *reader, uint8_t fix, uint8_t wide, uint32_t *count)
{
	const uint8_t *start = reader->at;
	uint64_t value;
	uint8_t form;

	if (!take_byte(reader, &form))
		return false;
	if ((form & 0xf0) == fix) {
		*count = form & 15u;
		return true;
	}
	if (form != wide && form != wide + 1) {
		reader_fail_at(reader, start, ERR_TYPE);
		return false;
	}
	if (!take_number(reader, start, form == wide ? 2 : 4, form == wide ? 15 : 0xffff, &value))
		return false;
	*count = (uint32_t)value;
	return true;
}

uint32_t
reader_array(struct reader *reader, uint32_t count_min, uint32_t count_max)
{
	const uint8_t *start = reader->at;
	uint32_t count;

	if (!take_count(reader, FORM_FIXARRAY, FORM_ARRAY16, &count))
		return 0;
	if (count > count_max)
		reader_fail_at(reader, start, ERR_TOO_LARGE);
	else if (count < count_min)
		reader_fail_at(reader, start, ERR_RANGE);
	else if (count > left(reader))
		reader_fail_at(reader, start, ERR_TRUNCATED);
	return reader->err == ERR_NONE ? count : 0;
}

void
reader_map(struct reader *reader, struct reader_map *map, uint32_t count_max)
{
	const uint8_t *start = reader->at;
	uint32_t count;

	*map = (struct reader_map){0};
	if (!take_count(reader, FORM_FIXMAP, FORM_MAP16, &count))
		return;
	if (count > count_max)
		reader_fail_at(reader, start, ERR_TOO_LARGE);
	else if ((uint64_t)count * 2 > left(reader))
		reader_fail_at(reader, start, ERR_TRUNCATED);
	else
		map->left = count;
}

bool
reader_key(struct reader *reader, struct reader_map *map, uint64_t *key)
{
	const uint8_t *start = reader->at;

	if (reader->err != ERR_NONE || map->left == 0)
		return false;
	map->left--;
	*key = reader_uint(reader, 0, UINT64_MAX);
	if (reader->err == ERR_NONE && map->has_last && *key <= map->last)
		reader_fail_at(reader, start, ERR_ORDER);
	map->has_last = true;
	map->last = *key;
	return reader->err == ERR_NONE;
}

void
reader_unknown(struct reader *reader, uint64_t key)
{
	if ((key & 1) == 0) {
		reader_fail(reader, ERR_UNKNOWN_CRITICAL);
		return;
	}
	(void)reader_raw(reader);
	reader->unknown++;
}

/* ---------------------------------------------------------------- one whole value */

/* An array or map that is being walked through. */
struct nest {
	bool is_map;
	bool wants_value; /* of a map: a key was read */
	uint32_t left;
	struct reader_map map;
};

/* A value that holds no others. */
static void
skip_plain(struct reader *reader, uint8_t form)
{
	if (form <= FORM_FIXINT_LAST || (form >= FORM_UINT8 && form <= FORM_UINT64))
		(void)reader_uint(reader, 0, UINT64_MAX);
	else if (form == FORM_FALSE || form == FORM_TRUE)
		(void)reader_bool(reader);
	else if (form >= FORM_BIN8 && form <= FORM_BIN8 + 2)
		(void)reader_bin(reader, 0, SIZE_MAX);
	else
		(void)reader_str(reader, 0, SIZE_MAX, READER_PROSE);
}

static bool
is_nest(uint8_t form)
{
	return (form & 0xf0) == FORM_FIXARRAY || (form & 0xf0) == FORM_FIXMAP ||
	       (form >= FORM_ARRAY16 && form <= FORM_MAP16 + 1);
}

static void
enter(struct reader *reader, struct nest *nest, uint8_t form)
{
	*nest = (struct nest){0};
	nest->is_map = (form & 0xf0) == FORM_FIXMAP || form >= FORM_MAP16;
	if (nest->is_map) {
		reader_map(reader, &nest->map, UINT32_MAX);
		nest->left = nest->map.left;
	} else {
		nest->left = reader_array(reader, 0, UINT32_MAX);
	}
}

/* Whether the innermost nest has another value to come; reads the key of a map's. */
static bool
next_in(struct reader *reader, struct nest *nest)
{
	uint64_t key;

	if (nest->left == 0)
		return false;
	nest->left--;
	return nest->is_map ? reader_key(reader, &nest->map, &key) : true;
}

struct bytes_view
reader_raw(struct reader *reader)
{
	struct nest nests[DEPTH_MAX];
	const uint8_t *start = reader->at;
	uint32_t depth = 0;

	do {
		if (reader->err == ERR_NONE && left(reader) == 0)
			reader_fail(reader, ERR_TRUNCATED);
		if (reader->err != ERR_NONE)
			break;
		if (!is_nest(*reader->at))
			skip_plain(reader, *reader->at);
		else if (depth == DEPTH_MAX)
			reader_fail(reader, ERR_TOO_DEEP);
		else
			enter(reader, &nests[depth++], *reader->at);
		while (depth > 0 && reader->err == ERR_NONE && !next_in(reader, &nests[depth - 1]))
			depth--;
	} while (depth > 0);
	if (reader->err != ERR_NONE)
		return bytes_view_of(NULL, 0);
	return bytes_view_of(start, (size_t)(reader->at - start));
}

/* ---------------------------------------------------------------- text */

/* The length of the well-formed UTF-8 sequence at *at, or 0 (Unicode 15, table 3-7). */
static size_t
sequence_length(const uint8_t *at, size_t len)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t need, i;

	if (at[0] < 0x80)
		return 1;
	if (at[0] >= 0xc2 && at[0] <= 0xdf) {
		need = 2;
	} else if (at[0] >= 0xe0 && at[0] <= 0xef) {
		need = 3;
		low = at[0] == 0xe0 ? 0xa0 : low;
		high = at[0] == 0xed ? 0x9f : high;
	} else if (at[0] >= 0xf0 && at[0] <= 0xf4) {
		need = 4;
		low = at[0] == 0xf0 ? 0x90 : low;
		high = at[0] == 0xf4 ? 0x8f : high;
	} else {
		return 0;
	}
	if (len < need || at[1] < low || at[1] > high)
		return 0;
	for (i = 2; i < need; i++) {
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	}
	return need;
}

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether eight bytes are all printable ASCII, told from the top bit of each: set in the byte
   itself beyond 0x7f, in byte + 1 for 0x7f, and not set in byte + 0x60 below 0x20.  The sums are
   of the lower seven bits, so nothing is carried from one byte to the next. */
static bool
is_printable_word(const uint8_t *at)
{
	uint64_t word, low;

	memcpy(&word, at, sizeof(word));
	low = word & EACH_BYTE(0x7f);
	return ((word | (low + EACH_BYTE(0x01)) | ~(low + EACH_BYTE(0x60))) & EACH_BYTE(0x80)) == 0;
}

bool
reader_is_text(struct bytes_view text, enum reader_text kind)
{
	size_t i = 0, step;

	while (i < text.len) {
		uint8_t byte = text.data[i];

		if (text.len - i >= sizeof(uint64_t) && is_printable_word(text.data + i)) {
			i += sizeof(uint64_t);
			continue;
		}
		if (byte < 0x20 && (kind == READER_LINE || (byte != '\t' && byte != '\n')))
			return false;
		if (byte == 0x7f)
			return false;
		step = sequence_length(text.data + i, text.len - i);
		if (step == 0)
			return false;
		/* C1 controls: U+0080 to U+009F */
		if (byte == 0xc2 && text.data[i + 1] < 0xa0)
			return false;
		i += step;
	}
	return true;
}
