#include "wire/reader.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "tests/unit/suite.h"

#define RAW(text) text, sizeof(text) - 1
#define ROOM 70000u
#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))

#define ck_err(found, expected)                                                                    \
	do {                                                                                       \
		enum err ck_found = (found);                                                       \
		ck_assert_msg(ck_found == (expected), "line %d: %s instead of %s", __LINE__,       \
		    err_name(ck_found), err_name(expected));                                       \
	} while (0)

/* One whole value of any type, and nothing behind it. */
static enum err
read_any(const void *data, size_t len)
{
	struct bytes_view whole;
	struct reader reader;
	enum err err;

	reader_open(&reader, bytes_view_of(data, len));
	whole = reader_raw(&reader);
	err = reader_close(&reader);
	if (err == ERR_NONE)
		ck_assert(whole.data == data && whole.len == len);
	return err;
}

/* The same in an allocation of exactly that size, so that a sanitizer sees a byte too far. */
static enum err
read_exactly(const void *data, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	enum err err;

	ck_assert_ptr_nonnull(copy);
	if (len > 0)
		memcpy(copy, data, len);
	err = read_any(copy, len);
	free(copy);
	return err;
}

/* ---------------------------------------------------------------- plain values */

static const struct {
	const char *data;
	size_t len;
	uint64_t value;
} INTEGERS[] = {
    {RAW("\x00"), 0},
    {RAW("\x7f"), 127},
    {RAW("\xcc\x80"), 128},
    {RAW("\xcc\xff"), 255},
    {RAW("\xcd\x01\x00"), 256},
    {RAW("\xcd\xff\xff"), 65535},
    {RAW("\xce\x00\x01\x00\x00"), 65536},
    {RAW("\xce\xff\xff\xff\xff"), 0xffffffff},
    {RAW("\xcf\x00\x00\x00\x01\x00\x00\x00\x00"), UINT64_C(0x100000000)},
    {RAW("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), NUMBER_MAX},
    {RAW("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), UINT64_MAX},
};

START_TEST(takes_every_integer_in_its_shortest_form)
{
	struct reader reader;
	size_t i;

	for (i = 0; i < COUNT_OF(INTEGERS); i++) {
		reader_open(&reader, bytes_view_of(INTEGERS[i].data, INTEGERS[i].len));
		ck_assert_uint_eq(reader_uint(&reader, 0, UINT64_MAX), INTEGERS[i].value);
		ck_err(reader_close(&reader), ERR_NONE);
	}
}
END_TEST

START_TEST(holds_an_integer_to_its_range)
{
	struct reader reader;
	size_t i;

	for (i = 0; i < COUNT_OF(INTEGERS); i++) {
		struct bytes_view in = bytes_view_of(INTEGERS[i].data, INTEGERS[i].len);
		uint64_t value = INTEGERS[i].value;

		reader_open(&reader, in);
		ck_assert_uint_eq(reader_uint(&reader, value, value), value);
		ck_err(reader_close(&reader), ERR_NONE);
		if (value > 0) {
			reader_open(&reader, in);
			ck_assert_uint_eq(reader_uint(&reader, 0, value - 1), 0);
			ck_err(reader_close(&reader), ERR_RANGE);
		}
		if (value < UINT64_MAX) {
			reader_open(&reader, in);
			ck_assert_uint_eq(reader_uint(&reader, value + 1, UINT64_MAX), 0);
			ck_err(reader_close(&reader), ERR_RANGE);
		}
	}
}
END_TEST

static const struct {
	const char *why;
	const char *data;
	size_t len;
	enum err err;
} SPOILED[] = {
    {"nothing", RAW(""), ERR_TRUNCATED},
    {"nil", RAW("\xc0"), ERR_TYPE},
    {"the reserved form", RAW("\xc1"), ERR_TYPE},
    {"-1", RAW("\xff"), ERR_TYPE},
    {"-32", RAW("\xe0"), ERR_TYPE},
    {"int8", RAW("\xd0\x01"), ERR_TYPE},
    {"int16", RAW("\xd1\x01\x00"), ERR_TYPE},
    {"int32", RAW("\xd2\x01\x00\x00\x00"), ERR_TYPE},
    {"int64", RAW("\xd3\x01\x00\x00\x00\x00\x00\x00\x00"), ERR_TYPE},
    {"a float", RAW("\xca\x00\x00\x00\x00"), ERR_TYPE},
    {"a double", RAW("\xcb\x00\x00\x00\x00\x00\x00\x00\x00"), ERR_TYPE},
    {"ext8", RAW("\xc7\x00\x01"), ERR_TYPE},
    {"ext16", RAW("\xc8\x00\x00\x01"), ERR_TYPE},
    {"ext32", RAW("\xc9\x00\x00\x00\x00\x01"), ERR_TYPE},
    {"fixext1", RAW("\xd4\x01\x00"), ERR_TYPE},
    {"fixext16",
	RAW("\xd8\x01"
	    "0123456789abcdef"),
	ERR_TYPE},
    {"0 in two bytes", RAW("\xcc\x00"), ERR_NOT_CANONICAL},
    {"127 in two bytes", RAW("\xcc\x7f"), ERR_NOT_CANONICAL},
    {"255 in three bytes", RAW("\xcd\x00\xff"), ERR_NOT_CANONICAL},
    {"65535 in five bytes", RAW("\xce\x00\x00\xff\xff"), ERR_NOT_CANONICAL},
    {"2^32-1 in nine bytes", RAW("\xcf\x00\x00\x00\x00\xff\xff\xff\xff"), ERR_NOT_CANONICAL},
    {"an empty str8", RAW("\xd9\x00"), ERR_NOT_CANONICAL},
    {"a short str8",
	RAW("\xd9\x01"
	    "a"),
	ERR_NOT_CANONICAL},
    {"a short str16",
	RAW("\xda\x00\x01"
	    "a"),
	ERR_NOT_CANONICAL},
    {"a short str32",
	RAW("\xdb\x00\x00\x00\x01"
	    "a"),
	ERR_NOT_CANONICAL},
    {"an empty bin16", RAW("\xc5\x00\x00"), ERR_NOT_CANONICAL},
    {"a short bin16",
	RAW("\xc5\x00\x01"
	    "a"),
	ERR_NOT_CANONICAL},
    {"a short bin32",
	RAW("\xc6\x00\x00\x00\x01"
	    "a"),
	ERR_NOT_CANONICAL},
    {"an empty array16", RAW("\xdc\x00\x00"), ERR_NOT_CANONICAL},
    {"a short array16", RAW("\xdc\x00\x01\x00"), ERR_NOT_CANONICAL},
    {"a short array32", RAW("\xdd\x00\x00\x00\x01\x00"), ERR_NOT_CANONICAL},
    {"an empty map16", RAW("\xde\x00\x00"), ERR_NOT_CANONICAL},
    {"a short map16", RAW("\xde\x00\x01\x00\x00"), ERR_NOT_CANONICAL},
    {"a short map32", RAW("\xdf\x00\x00\x00\x01\x00\x00"), ERR_NOT_CANONICAL},
    {"a key twice", RAW("\x82\x01\x00\x01\x00"), ERR_ORDER},
    {"keys out of order", RAW("\x82\x02\x00\x01\x00"), ERR_ORDER},
    {"key 0 twice", RAW("\x82\x00\x00\x00\x00"), ERR_ORDER},
    {"keys out of order, further in", RAW("\x91\x82\x02\x00\x01\x00"), ERR_ORDER},
    {"a key that is text",
	RAW("\x81\xa1"
	    "a\x00"),
	ERR_TYPE},
    {"a key that is a map", RAW("\x81\x80\x00"), ERR_TYPE},
    {"a key that is true", RAW("\x81\xc3\x00"), ERR_TYPE},
    {"a key in a longer form", RAW("\x81\xcc\x01\x00"), ERR_NOT_CANONICAL},
    {"a value in a longer form", RAW("\x81\x01\xcc\x01"), ERR_NOT_CANONICAL},
    {"text that is not UTF-8", RAW("\xa1\xff"), ERR_UTF8},
    {"text with a NUL", RAW("\xa1\x00"), ERR_UTF8},
    {"text that is not UTF-8, further in", RAW("\x91\x81\x01\xa1\x80"), ERR_UTF8},
    {"bytes left over", RAW("\x00\x00"), ERR_TRAILING},
    {"bytes left over behind a map", RAW("\x81\x00\x00\x00"), ERR_TRAILING},
};

START_TEST(refuses_each_other_form_for_its_own_reason)
{
	size_t i;

	for (i = 0; i < COUNT_OF(SPOILED); i++) {
		enum err err = read_exactly(SPOILED[i].data, SPOILED[i].len);

		ck_assert_msg(err == SPOILED[i].err, "%s: %s", SPOILED[i].why, err_name(err));
	}
}
END_TEST

START_TEST(knows_the_types_apart)
{
	static const struct {
		const char *data;
		size_t len;
	} values[] = {{RAW("\x05")}, {RAW("\xc3")},
	    {RAW("\xa1"
		 "a")},
	    {RAW("\xc4\x01"
		 "a")},
	    {RAW("\x91\x00")}, {RAW("\x81\x00\x00")}};
	struct reader_map map;
	struct reader reader;
	size_t value, asked;

	for (value = 0; value < COUNT_OF(values); value++) {
		for (asked = 0; asked < COUNT_OF(values); asked++) {
			reader_open(&reader, bytes_view_of(values[value].data, values[value].len));
			if (asked == 0)
				(void)reader_uint(&reader, 0, UINT64_MAX);
			else if (asked == 1)
				(void)reader_bool(&reader);
			else if (asked == 2)
				(void)reader_str(&reader, 0, 9, READER_LINE);
			else if (asked == 3)
				(void)reader_bin(&reader, 0, 9);
			else if (asked == 4)
				(void)reader_array(&reader, 0, 9);
			else
				reader_map(&reader, &map, 9);
			ck_assert_msg(reader_is_ok(&reader) == (asked == value), "%zu read as %zu",
			    value, asked);
			if (asked != value)
				ck_err(reader_close(&reader), ERR_TYPE);
		}
	}
}
END_TEST

START_TEST(reads_booleans)
{
	struct reader reader;

	reader_open(&reader, bytes_view_of("\xc2\xc3", 2));
	ck_assert(!reader_bool(&reader));
	ck_assert(reader_bool(&reader));
	ck_err(reader_close(&reader), ERR_NONE);
}
END_TEST

/* The header that a string, binary, array or map of `len` has; 0: no short form of it. */
static size_t
put_header(uint8_t *at, uint8_t fix, size_t fix_max, uint8_t first, bool has_short, size_t len)
{
	if (len <= fix_max && fix != 0) {
		at[0] = (uint8_t)(fix | len);
		return 1;
	}
	if (len <= 0xff && has_short) {
		at[0] = first;
		at[1] = (uint8_t)len;
		return 2;
	}
	at[0] = (uint8_t)(first + has_short);
	if (len <= 0xffff) {
		bytes_put_u16(at + 1, (uint16_t)len);
		return 3;
	}
	at[0]++;
	bytes_put_u32(at + 1, (uint32_t)len);
	return 5;
}

START_TEST(takes_every_length_in_its_shortest_form)
{
	static const size_t lengths[] = {0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536};
	static uint8_t data[2 * ROOM];
	struct bytes_view view;
	struct reader reader;
	size_t i, at;

	for (i = 0; i < COUNT_OF(lengths); i++) {
		memset(data, 'a', sizeof(data));
		at = put_header(data, 0xa0, 31, 0xd9, true, lengths[i]);
		reader_open(&reader, bytes_view_of(data, at + lengths[i]));
		view = reader_str(&reader, lengths[i], lengths[i], READER_LINE);
		ck_assert(view.len == lengths[i] && (view.len == 0 || view.data == data + at));
		ck_err(reader_close(&reader), ERR_NONE);
		ck_err(read_any(data, at + lengths[i]), ERR_NONE);

		at = put_header(data, 0, 0, 0xc4, true, lengths[i]);
		reader_open(&reader, bytes_view_of(data, at + lengths[i]));
		view = reader_bin(&reader, lengths[i], lengths[i]);
		ck_assert(view.len == lengths[i] && (view.len == 0 || view.data == data + at));
		ck_err(reader_close(&reader), ERR_NONE);
		ck_err(read_any(data, at + lengths[i]), ERR_NONE);

		at = put_header(data, 0x90, 15, 0xdc, false, lengths[i]);
		reader_open(&reader, bytes_view_of(data, at + lengths[i]));
		ck_assert_uint_eq(reader_array(&reader, 0, UINT32_MAX), lengths[i]);
		ck_assert(reader_is_ok(&reader));
		ck_err(read_any(data, at + lengths[i]), ERR_NONE);
	}
}
END_TEST

/* One less than the shortest that each longer form is for, with all its bytes there. */
START_TEST(refuses_a_longer_form_right_below_its_border)
{
	static const struct {
		const char *header;
		size_t header_len;
		size_t len;
	} rows[] = {
	    {RAW("\xd9\x1f"), 31},
	    {RAW("\xda\x00\xff"), 255},
	    {RAW("\xdb\x00\x00\xff\xff"), 65535},
	    {RAW("\xc5\x00\xff"), 255},
	    {RAW("\xc6\x00\x00\xff\xff"), 65535},
	    {RAW("\xdc\x00\x0f"), 15},
	    {RAW("\xdd\x00\x00\xff\xff"), 65535},
	    {RAW("\xde\x00\x0f"), 30},
	    {RAW("\xdf\x00\x00\xff\xff"), 131070},
	};
	static uint8_t data[2 * ROOM];
	size_t i;

	for (i = 0; i < COUNT_OF(rows); i++) {
		memset(data, 'a', sizeof(data));
		memcpy(data, rows[i].header, rows[i].header_len);
		ck_err(read_any(data, rows[i].header_len + rows[i].len), ERR_NOT_CANONICAL);
	}
}
END_TEST

START_TEST(holds_a_length_to_its_range)
{
	struct reader reader;
	uint8_t fixed[4];

	reader_open(&reader, bytes_view_of("\xa3"
					   "abc",
				 4));
	ck_assert_uint_eq(reader_str(&reader, 4, 9, READER_LINE).len, 0);
	ck_err(reader_close(&reader), ERR_RANGE);
	reader_open(&reader, bytes_view_of("\xa3"
					   "abc",
				 4));
	ck_assert_uint_eq(reader_str(&reader, 0, 2, READER_LINE).len, 0);
	ck_err(reader_close(&reader), ERR_TOO_LARGE);
	reader_open(&reader, bytes_view_of("\xc4\x03"
					   "abc",
				 5));
	ck_assert_uint_eq(reader_bin(&reader, 4, 9).len, 0);
	ck_err(reader_close(&reader), ERR_RANGE);
	reader_open(&reader, bytes_view_of("\xc4\x03"
					   "abc",
				 5));
	ck_assert_uint_eq(reader_bin(&reader, 0, 2).len, 0);
	ck_err(reader_close(&reader), ERR_TOO_LARGE);
	reader_open(&reader, bytes_view_of("\x92\x00\x00", 3));
	ck_assert_uint_eq(reader_array(&reader, 3, 9), 0);
	ck_err(reader_close(&reader), ERR_RANGE);
	reader_open(&reader, bytes_view_of("\x92\x00\x00", 3));
	ck_assert_uint_eq(reader_array(&reader, 0, 1), 0);
	ck_err(reader_close(&reader), ERR_TOO_LARGE);

	memset(fixed, 0x55, sizeof(fixed));
	reader_open(&reader, bytes_view_of("\xc4\x03"
					   "abc",
				 5));
	reader_fixed(&reader, fixed, sizeof(fixed));
	ck_assert_mem_eq(fixed, "\0\0\0\0", 4);
	ck_err(reader_close(&reader), ERR_RANGE);
	reader_open(&reader, bytes_view_of("\xc4\x05"
					   "abcde",
				 7));
	reader_fixed(&reader, fixed, sizeof(fixed));
	ck_err(reader_close(&reader), ERR_TOO_LARGE);
	reader_open(&reader, bytes_view_of("\xc4\x04"
					   "abcd",
				 6));
	reader_fixed(&reader, fixed, sizeof(fixed));
	ck_err(reader_close(&reader), ERR_NONE);
	ck_assert_mem_eq(fixed, "abcd", 4);
}
END_TEST

/* ---------------------------------------------------------------- text */

static const struct {
	const char *data;
	size_t len;
	bool is_prose, is_line;
} TEXTS[] = {
    {RAW(""), true, true},
    {RAW("plain"), true, true},
    {RAW("\x7e"), true, true},
    {RAW("a\tb"), true, false},
    {RAW("a\nb"), true, false},
    {RAW("a\rb"), false, false},
    {RAW("a\0b"), false, false},
    {RAW("\x1b[31m"), false, false},
    {RAW("\x1f"), false, false},
    {RAW("\x7f"), false, false},
    {RAW("\xc2\x80"), false, false}, /* C1 */
    {RAW("\xc2\x85"), false, false}, /* next line */
    {RAW("\xc2\x9f"), false, false},
    {RAW("\xc2\xa0"), true, true},
    {RAW("\xdf\xbf"), true, true},
    {RAW("\xe0\xa0\x80"), true, true},
    {RAW("\xed\x9f\xbf"), true, true},
    {RAW("\xee\x80\x80"), true, true},
    {RAW("\xef\xbf\xbf"), true, true},
    {RAW("\xf0\x90\x80\x80"), true, true},
    {RAW("\xf4\x8f\xbf\xbf"), true, true},
    {RAW("\x80"), false, false},
    {RAW("\xbf"), false, false},
    {RAW("\xc0\x80"), false, false}, /* overlong */
    {RAW("\xc1\xbf"), false, false},
    {RAW("\xe0\x9f\xbf"), false, false},
    {RAW("\xf0\x8f\xbf\xbf"), false, false},
    {RAW("\xed\xa0\x80"), false, false}, /* surrogates */
    {RAW("\xed\xbf\xbf"), false, false},
    {RAW("\xf4\x90\x80\x80"), false, false}, /* above U+10FFFF */
    {RAW("\xf5\x80\x80\x80"), false, false},
    {RAW("\xfe"), false, false},
    {RAW("\xff"), false, false},
    {RAW("a\xc3"), false, false}, /* cut short */
    {RAW("\xe2\x82"), false, false},
    {RAW("\xf0\x9f\x94"), false, false},
    {RAW("\xc3\xc3"), false, false}, /* no continuation */
    {RAW("\xe2\x82 "), false, false},
    {RAW("\xe2(\xac"), false, false},
    {RAW("\xf0\x9f\x94\xc0"), false, false},
    {RAW("\xf0\x9f(\x97"), false, false},
};

START_TEST(tells_text_from_what_is_none)
{
	struct reader reader;
	uint8_t value[16];
	size_t i;

	for (i = 0; i < COUNT_OF(TEXTS); i++) {
		struct bytes_view text = bytes_view_of(TEXTS[i].data, TEXTS[i].len);

		ck_assert_msg(reader_is_text(text, READER_PROSE) == TEXTS[i].is_prose,
		    "text %zu as prose", i);
		ck_assert_msg(
		    reader_is_text(text, READER_LINE) == TEXTS[i].is_line, "text %zu as line", i);
		value[0] = (uint8_t)(0xa0 | text.len);
		memcpy(value + 1, text.data, text.len);
		reader_open(&reader, bytes_view_of(value, text.len + 1));
		(void)reader_str(&reader, 0, 31, READER_LINE);
		ck_err(reader_close(&reader), TEXTS[i].is_line ? ERR_NONE : ERR_UTF8);
		ck_err(read_exactly(value, text.len + 1), TEXTS[i].is_prose ? ERR_NONE : ERR_UTF8);
	}
}
END_TEST

/* Eight bytes are looked at together: each byte at each place, and across the places. */
START_TEST(finds_a_bad_byte_wherever_it_stands)
{
	uint8_t text[27];
	size_t len, at;
	int byte;

	for (len = 1; len <= sizeof(text); len++) {
		for (at = 0; at < len; at++) {
			for (byte = 0; byte < 256; byte++) {
				bool is_line = byte >= 0x20 && byte < 0x7f;
				struct bytes_view view = bytes_view_of(text, len);

				memset(text, byte % 2 == 0 ? ' ' : '~', len);
				text[at] = (uint8_t)byte;
				ck_assert_msg(reader_is_text(view, READER_LINE) == is_line,
				    "%d at %zu of %zu", byte, at, len);
				ck_assert_msg(reader_is_text(view, READER_PROSE) ==
						  (is_line || byte == '\t' || byte == '\n'),
				    "%d at %zu of %zu, in prose", byte, at, len);
			}
			if (at + 1 < len) {
				memset(text, 'x', len);
				memcpy(text + at, "\xc3\xad", 2);
				ck_assert(reader_is_text(bytes_view_of(text, len), READER_LINE));
				ck_assert(
				    !reader_is_text(bytes_view_of(text, at + 1), READER_LINE));
			}
		}
	}
}
END_TEST

/* Every code point there is, as it is encoded by the book. */
START_TEST(takes_every_code_point_but_controls_and_surrogates)
{
	uint32_t point;

	for (point = 0; point < 0x110000; point++) {
		bool is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
		bool is_text = !is_control && (point < 0xd800 || point > 0xdfff);
		uint8_t text[4];
		size_t len;

		if (point < 0x80) {
			text[0] = (uint8_t)point;
			len = 1;
		} else if (point < 0x800) {
			text[0] = (uint8_t)(0xc0 | point >> 6);
			text[1] = (uint8_t)(0x80 | (point & 63));
			len = 2;
		} else if (point < 0x10000) {
			text[0] = (uint8_t)(0xe0 | point >> 12);
			text[1] = (uint8_t)(0x80 | (point >> 6 & 63));
			text[2] = (uint8_t)(0x80 | (point & 63));
			len = 3;
		} else {
			text[0] = (uint8_t)(0xf0 | point >> 18);
			text[1] = (uint8_t)(0x80 | (point >> 12 & 63));
			text[2] = (uint8_t)(0x80 | (point >> 6 & 63));
			text[3] = (uint8_t)(0x80 | (point & 63));
			len = 4;
		}
		if (reader_is_text(bytes_view_of(text, len), READER_LINE) != is_text)
			ck_abort_msg("U+%04X", (unsigned)point);
	}
}
END_TEST

/* ---------------------------------------------------------------- claims */

/* TRAPS 11: five bytes that make msgpack-c reserve gigabytes. */
START_TEST(believes_no_count_that_the_input_cannot_hold)
{
	static const struct {
		const char *data;
		size_t len;
	} claims[] = {
	    {RAW("\xdd\x0f\xff\xff\xff")},
	    {RAW("\xdd\xff\xff\xff\xff")},
	    {RAW("\xdf\x0f\xff\xff\xff")},
	    {RAW("\xdf\xff\xff\xff\xff")},
	    {RAW("\xdc\xff\xff")},
	    {RAW("\xde\xff\xff")},
	    {RAW("\xdb\xff\xff\xff\xff")},
	    {RAW("\xc6\xff\xff\xff\xff")},
	    {RAW("\x9f"
		 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
	    {RAW("\x82\x00\x00\x01")},
	};
	struct reader_map map;
	struct reader reader;
	size_t i;

	for (i = 0; i < COUNT_OF(claims); i++) {
		ck_err(read_exactly(claims[i].data, claims[i].len), ERR_TRUNCATED);
	}
	reader_open(&reader, bytes_view_of("\xdd\x0f\xff\xff\xff", 5));
	ck_assert_uint_eq(reader_array(&reader, 0, UINT32_MAX), 0);
	ck_err(reader_close(&reader), ERR_TRUNCATED);
	reader_open(&reader, bytes_view_of("\xdd\x0f\xff\xff\xff", 5));
	ck_assert_uint_eq(reader_array(&reader, 0, 256), 0);
	ck_err(reader_close(&reader), ERR_TOO_LARGE);
	/* one element too few, told before the first of them is read */
	reader_open(&reader, bytes_view_of("\x92\x00", 2));
	ck_assert_uint_eq(reader_array(&reader, 0, 9), 0);
	ck_err(reader_close(&reader), ERR_TRUNCATED);
	ck_assert_uint_eq(reader.err_at, 0);
	reader_open(&reader, bytes_view_of("\x82\x00\x00\x01", 4));
	reader_map(&reader, &map, 9);
	ck_assert_uint_eq(map.left, 0);
	ck_err(reader_close(&reader), ERR_TRUNCATED);
	ck_assert_uint_eq(reader.err_at, 0);
	reader_open(&reader, bytes_view_of("\xdf\x0f\xff\xff\xff", 5));
	reader_map(&reader, &map, 16);
	ck_assert_uint_eq(map.left, 0);
	ck_err(reader_close(&reader), ERR_TOO_LARGE);
}
END_TEST

/* Every form, nested: {0: [0, 300, true, "texto"], 1: bin, 3: {5: false, 70000: ""}} */
static const char ASSORTED[] = "\x83\x00\x94\x00\xcd\x01\x2c\xc3\xa5texto\x01\xc4\x03\xff\xfe\xfd"
			       "\x03\x82\x05\xc2\xce\x00\x01\x11\x70\xa0";

START_TEST(refuses_it_cut_short)
{
	size_t len;

	ck_err(read_exactly(ASSORTED, sizeof(ASSORTED) - 1), ERR_NONE);
	for (len = 0; len < sizeof(ASSORTED) - 1; len++)
		ck_err(read_exactly(ASSORTED, len), ERR_TRUNCATED);
}
END_TEST

START_TEST(refuses_every_first_byte_that_is_no_form_of_ours)
{
	uint8_t value[64];
	unsigned form;

	for (form = 0; form < 256; form++) {
		bool is_ours = form <= 0xbf || form == 0xc2 || form == 0xc3 ||
			       (form >= 0xc4 && form <= 0xc6) || (form >= 0xcc && form <= 0xcf) ||
			       (form >= 0xd9 && form <= 0xdf);

		memset(value, 0, sizeof(value));
		value[0] = (uint8_t)form;
		ck_assert_msg((read_any(value, sizeof(value)) == ERR_TYPE) == !is_ours,
		    "first byte %02x", form);
	}
}
END_TEST

/* ---------------------------------------------------------------- depth */

START_TEST(goes_as_deep_as_the_limit_and_no_deeper)
{
	uint8_t arrays[DEPTH_MAX + 2], maps[2 * DEPTH_MAX + 3];
	struct reader reader;
	uint32_t i;

	memset(arrays, 0x91, sizeof(arrays));
	arrays[DEPTH_MAX] = 0x00;
	ck_err(read_exactly(arrays, DEPTH_MAX + 1), ERR_NONE);
	arrays[DEPTH_MAX] = 0x90;
	ck_err(read_exactly(arrays, DEPTH_MAX + 1), ERR_TOO_DEEP);
	for (i = 0; i < DEPTH_MAX; i++)
		memcpy(maps + 2 * i, "\x81\x01", 2);
	maps[2 * DEPTH_MAX] = 0x00;
	ck_err(read_exactly(maps, 2 * DEPTH_MAX + 1), ERR_NONE);
	maps[2 * DEPTH_MAX] = 0x80;
	ck_err(read_exactly(maps, 2 * DEPTH_MAX + 1), ERR_TOO_DEEP);
	reader_open(&reader, bytes_view_of(maps, 2 * DEPTH_MAX + 1));
	(void)reader_raw(&reader);
	ck_assert_uint_eq(reader.err_at, 2 * DEPTH_MAX);
}
END_TEST

START_TEST(comes_up_again_between_siblings)
{
	uint8_t value[3 + 40 * DEPTH_MAX];
	uint32_t i, at = 0, depth;

	/* forty neighbours in one array, each as deep as may be: depth is no sum */
	value[at++] = 0xdc;
	value[at++] = 0;
	value[at++] = 40;
	for (i = 0; i < 40; i++) {
		for (depth = 1; depth < DEPTH_MAX - 1; depth++)
			value[at++] = 0x91;
		value[at++] = 0x90;
	}
	ck_err(read_exactly(value, at), ERR_NONE);
	/* the last of them one deeper */
	value[at - 1] = 0x91;
	value[at] = 0x90;
	ck_err(read_exactly(value, at + 1), ERR_TOO_DEEP);
}
END_TEST

START_TEST(needs_no_stack_for_a_hostile_nest)
{
	static uint8_t nest[1000000];

	memset(nest, 0x91, sizeof(nest));
	ck_err(read_any(nest, sizeof(nest)), ERR_TOO_DEEP);
	memset(nest, 0x81, sizeof(nest));
	ck_err(read_any(nest, sizeof(nest)), ERR_TYPE);
}
END_TEST

/* ---------------------------------------------------------------- maps */

START_TEST(walks_a_map_key_by_key)
{
	struct reader_map map;
	struct reader reader;
	uint64_t key = 99;

	reader_open(&reader, bytes_view_of("\x83\x00\x07\x01\x08\xcc\x80\x09", 8));
	reader_map(&reader, &map, 3);
	ck_assert(reader_key(&reader, &map, &key) && key == 0);
	ck_assert_uint_eq(reader_uint(&reader, 0, 9), 7);
	ck_assert(reader_key(&reader, &map, &key) && key == 1);
	ck_assert_uint_eq(reader_uint(&reader, 0, 9), 8);
	ck_assert(reader_key(&reader, &map, &key) && key == 128);
	ck_assert_uint_eq(reader_uint(&reader, 0, 9), 9);
	ck_assert(!reader_key(&reader, &map, &key));
	ck_err(reader_close(&reader), ERR_NONE);

	reader_open(&reader, bytes_view_of("\x83\x00\x07\x01\x08\xcc\x80\x09", 8));
	reader_map(&reader, &map, 2);
	ck_assert(!reader_key(&reader, &map, &key));
	ck_err(reader_close(&reader), ERR_TOO_LARGE);
}
END_TEST

START_TEST(skips_and_counts_unknown_odd_keys_and_refuses_even_ones)
{
	struct reader_map map;
	struct reader reader;
	uint64_t key;

	reader_open(&reader, bytes_view_of("\x83\x01\x91\x80\x03\xa1"
					   "a\x05\xc2",
				 9));
	reader_map(&reader, &map, 9);
	while (reader_key(&reader, &map, &key))
		reader_unknown(&reader, key);
	ck_err(reader_close(&reader), ERR_NONE);
	ck_assert_uint_eq(reader.unknown, 3);

	reader_open(&reader, bytes_view_of("\x82\x01\x00\x02\x00", 5));
	reader_map(&reader, &map, 9);
	while (reader_key(&reader, &map, &key))
		reader_unknown(&reader, key);
	ck_err(reader_close(&reader), ERR_UNKNOWN_CRITICAL);
	ck_assert_uint_eq(reader.unknown, 1);
	ck_assert_uint_eq(reader.err_at, 4);

	/* the skipped value is held to the same form */
	reader_open(&reader, bytes_view_of("\x81\x01\xcc\x00", 4));
	reader_map(&reader, &map, 9);
	while (reader_key(&reader, &map, &key))
		reader_unknown(&reader, key);
	ck_err(reader_close(&reader), ERR_NOT_CANONICAL);
}
END_TEST

/* ---------------------------------------------------------------- failure */

START_TEST(keeps_the_first_failure_and_gives_nothing_after_it)
{
	struct reader_map map = {7, true, 7};
	struct reader reader;
	uint64_t key = 0;
	uint8_t fixed[2] = {9, 9};

	reader_open(&reader, bytes_view_of("\x01\xc0\x05\xc3\xa1"
					   "a\xc4\x01"
					   "a\x91\x81\x01\x01",
				 13));
	ck_assert_uint_eq(reader_uint(&reader, 0, 9), 1);
	ck_assert_uint_eq(reader_uint(&reader, 0, 9), 0);
	ck_assert(!reader_is_ok(&reader));
	ck_assert_uint_eq(reader.err_at, 1);
	ck_assert_uint_eq(reader_uint(&reader, 3, 9), 0);
	ck_assert(!reader_bool(&reader));
	ck_assert_uint_eq(reader_str(&reader, 0, 9, READER_LINE).len, 0);
	ck_assert_uint_eq(reader_bin(&reader, 0, 9).len, 0);
	reader_fixed(&reader, fixed, sizeof(fixed));
	ck_assert(fixed[0] == 0 && fixed[1] == 0);
	ck_assert_uint_eq(reader_array(&reader, 0, 9), 0);
	reader_map(&reader, &map, 9);
	ck_assert_uint_eq(map.left, 0);
	ck_assert(!reader_key(&reader, &map, &key));
	ck_assert_uint_eq(reader_raw(&reader).len, 0);
	reader_fail(&reader, ERR_VALUE);
	reader_fail_at(&reader, reader.start, ERR_VALUE);
	ck_assert_uint_eq(reader.err_at, 1);
	ck_err(reader_close(&reader), ERR_TYPE);
}
END_TEST

START_TEST(says_where_it_failed)
{
	struct reader reader;

	reader_open(&reader, bytes_view_of("\x01\x02\xcd\x00\x01", 5));
	(void)reader_uint(&reader, 0, 9);
	(void)reader_uint(&reader, 0, 9);
	(void)reader_uint(&reader, 0, 9);
	ck_err(reader_close(&reader), ERR_NOT_CANONICAL);
	ck_assert_uint_eq(reader.err_at, 2);
	reader_open(&reader, bytes_view_of("\x01\x02\x03", 3));
	(void)reader_uint(&reader, 0, 9);
	reader_fail_at(&reader, reader.start, ERR_VALUE);
	ck_assert_uint_eq(reader.err_at, 0);
	reader_open(&reader, bytes_view_of("\x01\x02\x03", 3));
	(void)reader_uint(&reader, 0, 9);
	ck_err(reader_close(&reader), ERR_TRAILING);
	ck_assert_uint_eq(reader.err_at, 1);
}
END_TEST

START_TEST(reads_nothing_from_nowhere)
{
	struct reader reader;

	reader_open(&reader, bytes_view_of(NULL, 0));
	ck_err(reader_close(&reader), ERR_NONE);
	reader_open(&reader, bytes_view_of(NULL, 0));
	ck_assert_uint_eq(reader_raw(&reader).len, 0);
	ck_err(reader_close(&reader), ERR_TRUNCATED);
}
END_TEST

/* ---------------------------------------------------------------- msgpack-c as the oracle */

/* What msgpack-c read, written by msgpack-c, is what stood there: both saw the same value.
   Only what our reader accepted is handed to it (TRAPS 11). */
static void
expect_agreement(const uint8_t *data, size_t len)
{
	msgpack_unpacked unpacked;
	msgpack_sbuffer again;
	msgpack_packer packer;
	size_t at = 0;

	msgpack_unpacked_init(&unpacked);
	ck_assert_int_eq(
	    msgpack_unpack_next(&unpacked, (const char *)data, len, &at), MSGPACK_UNPACK_SUCCESS);
	ck_assert_uint_eq(at, len);
	msgpack_sbuffer_init(&again);
	msgpack_packer_init(&packer, &again, msgpack_sbuffer_write);
	ck_assert_int_eq(msgpack_pack_object(&packer, unpacked.data), 0);
	ck_assert_uint_eq(again.size, len);
	ck_assert_mem_eq(again.data, data, len);
	msgpack_sbuffer_destroy(&again);
	msgpack_unpacked_destroy(&unpacked);
}

START_TEST(agrees_with_msgpack_c_on_every_value_of_two_bytes)
{
	uint8_t value[2];
	uint32_t i, accepted = 0;

	for (i = 0; i < 256; i++) {
		value[0] = (uint8_t)i;
		if (read_any(value, 1) == ERR_NONE) {
			expect_agreement(value, 1);
			accepted++;
		}
	}
	/* 128 integers, two booleans, and an empty map, array and string */
	ck_assert_uint_eq(accepted, 128 + 2 + 3);
	accepted = 0;
	for (i = 0; i < 65536; i++) {
		bytes_put_u16(value, (uint16_t)i);
		if (read_any(value, 2) == ERR_NONE) {
			expect_agreement(value, 2);
			accepted++;
		}
	}
	/* arrays of one: of 133 values; strings of one: 95 printable, tab, line feed; 128..255; an
	   empty binary */
	ck_assert_uint_eq(accepted, 133 + 97 + 128 + 1);
}
END_TEST

static uint32_t
next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Bytes that are often forms, so that what comes of them is often a value. */
START_TEST(agrees_with_msgpack_c_on_whatever_it_accepts)
{
	static const uint8_t forms[] = {0x00, 0x01, 0x02, 0x03, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x90,
	    0x91, 0x92, 0x93, 0xa0, 0xa1, 0xa2, 0xc2, 0xc3, 0xc4, 0xc5, 0xcc, 0xcd, 0xce, 0xcf,
	    0xd9, 0xda, 0xdc, 0xde, 0x20, 0x61, 0xc3, 0xff, 0xc0, 0xca, 0xd0, 0xd4};
	uint32_t state = 2463534242u, accepted = 0, round, i;

	for (round = 0; round < 300000; round++) {
		uint32_t len = 1 + next_random(&state) % 12;
		uint8_t value[12];

		for (i = 0; i < len; i++)
			value[i] = next_random(&state) % 8 == 0
				       ? (uint8_t)next_random(&state)
				       : forms[next_random(&state) % sizeof(forms)];
		if (read_any(value, len) == ERR_NONE) {
			expect_agreement(value, len);
			accepted++;
		}
	}
	ck_assert_uint_gt(accepted, 5000);
	expect_agreement((const uint8_t *)ASSORTED, sizeof(ASSORTED) - 1);
}
END_TEST

SUITE_MAIN("wire/reader", takes_every_integer_in_its_shortest_form, holds_an_integer_to_its_range,
    refuses_each_other_form_for_its_own_reason, knows_the_types_apart, reads_booleans,
    takes_every_length_in_its_shortest_form, refuses_a_longer_form_right_below_its_border,
    holds_a_length_to_its_range, tells_text_from_what_is_none, finds_a_bad_byte_wherever_it_stands,
    takes_every_code_point_but_controls_and_surrogates,
    believes_no_count_that_the_input_cannot_hold, refuses_it_cut_short,
    refuses_every_first_byte_that_is_no_form_of_ours, goes_as_deep_as_the_limit_and_no_deeper,
    comes_up_again_between_siblings, needs_no_stack_for_a_hostile_nest, walks_a_map_key_by_key,
    skips_and_counts_unknown_odd_keys_and_refuses_even_ones,
    keeps_the_first_failure_and_gives_nothing_after_it, says_where_it_failed,
    reads_nothing_from_nowhere, agrees_with_msgpack_c_on_every_value_of_two_bytes,
    agrees_with_msgpack_c_on_whatever_it_accepts)
