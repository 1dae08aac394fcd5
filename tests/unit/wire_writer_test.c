#include "wire/writer.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "wire/reader.h"

#define ROOM 300000u
#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))
#define RAW(text) text, sizeof(text) - 1

#define ck_err(found, expected)                                                                    \
	do {                                                                                       \
		enum err ck_found = (found);                                                       \
		ck_assert_msg(ck_found == (expected), "line %d: %s instead of %s", __LINE__,       \
		    err_name(ck_found), err_name(expected));                                       \
	} while (0)

static uint8_t filler[70000];

static void
start(struct writer *writer, struct bytes *out)
{
	bytes_init(out, ROOM);
	writer_open(writer, out);
	memset(filler, 'm', sizeof(filler));
}

/* The header is as expected, and `len` more bytes stand behind it. */
static void
expect_header(struct bytes *out, const char *header, size_t header_len, size_t len)
{
	struct reader reader;

	ck_assert_uint_eq(out->len, header_len + len);
	ck_assert_mem_eq(out->data, header, header_len);
	reader_open(&reader, bytes_as_view(out));
	(void)reader_raw(&reader);
	ck_err(reader_close(&reader), ERR_NONE);
	bytes_clear(out);
}

START_TEST(writes_integers_in_their_shortest_form)
{
	static const struct {
		uint64_t value;
		const char *bytes;
		size_t len;
	} numbers[] = {
	    {0, RAW("\x00")},
	    {127, RAW("\x7f")},
	    {128, RAW("\xcc\x80")},
	    {255, RAW("\xcc\xff")},
	    {256, RAW("\xcd\x01\x00")},
	    {65535, RAW("\xcd\xff\xff")},
	    {65536, RAW("\xce\x00\x01\x00\x00")},
	    {0xffffffff, RAW("\xce\xff\xff\xff\xff")},
	    {UINT64_C(0x100000000), RAW("\xcf\x00\x00\x00\x01\x00\x00\x00\x00")},
	    {UINT64_MAX, RAW("\xcf\xff\xff\xff\xff\xff\xff\xff\xff")},
	};
	struct writer writer;
	struct bytes out;
	size_t i;

	start(&writer, &out);
	for (i = 0; i < COUNT_OF(numbers); i++) {
		writer_uint(&writer, numbers[i].value);
		ck_err(writer_close(&writer), ERR_NONE);
		expect_header(&out, numbers[i].bytes, numbers[i].len, 0);
	}
	bytes_release(&out);
}
END_TEST

START_TEST(writes_booleans)
{
	struct writer writer;
	struct bytes out;

	start(&writer, &out);
	writer_bool(&writer, false);
	writer_bool(&writer, true);
	ck_assert_uint_eq(out.len, 2);
	ck_assert_mem_eq(out.data, "\xc2\xc3", 2);
	bytes_release(&out);
}
END_TEST

START_TEST(writes_strings_under_their_shortest_length)
{
	static const struct {
		size_t count;
		const char *header;
		size_t len;
	} strings[] = {
	    {0, RAW("\xa0")},
	    {31, RAW("\xbf")},
	    {32, RAW("\xd9\x20")},
	    {255, RAW("\xd9\xff")},
	    {256, RAW("\xda\x01\x00")},
	    {65535, RAW("\xda\xff\xff")},
	    {65536, RAW("\xdb\x00\x01\x00\x00")},
	};
	struct writer writer;
	struct bytes out;
	size_t i;

	start(&writer, &out);
	for (i = 0; i < COUNT_OF(strings); i++) {
		writer_str(&writer, bytes_view_of(filler, strings[i].count));
		expect_header(&out, strings[i].header, strings[i].len, strings[i].count);
	}
	bytes_release(&out);
}
END_TEST

START_TEST(writes_binaries_under_their_shortest_length)
{
	static const struct {
		size_t count;
		const char *header;
		size_t len;
	} binaries[] = {
	    {0, RAW("\xc4\x00")},
	    {255, RAW("\xc4\xff")},
	    {256, RAW("\xc5\x01\x00")},
	    {65535, RAW("\xc5\xff\xff")},
	    {65536, RAW("\xc6\x00\x01\x00\x00")},
	};
	struct writer writer;
	struct bytes out;
	size_t i;

	start(&writer, &out);
	for (i = 0; i < COUNT_OF(binaries); i++) {
		writer_bin(&writer, filler, binaries[i].count);
		expect_header(&out, binaries[i].header, binaries[i].len, binaries[i].count);
	}
	writer_bin(&writer, NULL, 0);
	expect_header(&out, RAW("\xc4\x00"), 0);
	bytes_release(&out);
}
END_TEST

static size_t
uint_size(uint64_t value)
{
	return value < 128 ? 1 : value < 256 ? 2 : value < 65536 ? 3 : 5;
}

START_TEST(writes_arrays_and_maps_under_their_shortest_count)
{
	static const struct {
		uint32_t count;
		const char *array;
		const char *map;
		size_t len;
	} counts[] = {
	    {0, "\x90", "\x80", 1},
	    {15, "\x9f", "\x8f", 1},
	    {16, "\xdc\x00\x10", "\xde\x00\x10", 3},
	    {65535, "\xdc\xff\xff", "\xde\xff\xff", 3},
	    {65536, "\xdd\x00\x01\x00\x00", "\xdf\x00\x01\x00\x00", 5},
	};
	struct writer writer;
	struct bytes out;
	size_t i;

	start(&writer, &out);
	for (i = 0; i < COUNT_OF(counts); i++) {
		size_t len = 0;
		uint32_t at;

		writer_array(&writer, counts[i].count);
		for (at = 0; at < counts[i].count; at++)
			writer_bool(&writer, at % 2 == 0);
		expect_header(&out, counts[i].array, counts[i].len, counts[i].count);
		writer_map(&writer, counts[i].count);
		for (at = 0; at < counts[i].count; at++) {
			writer_uint(&writer, at);
			writer_bool(&writer, true);
			len += uint_size(at) + 1;
		}
		expect_header(&out, counts[i].map, counts[i].len, len);
	}
	bytes_release(&out);
}
END_TEST

/* {0: "texto", 1: [true, 300], 3: bin, 5: raw} */
static void
write_assorted(struct writer *writer)
{
	writer_map(writer, 4);
	writer_uint(writer, 0);
	writer_str(writer, bytes_view_str("texto"));
	writer_uint(writer, 1);
	writer_array(writer, 2);
	writer_bool(writer, true);
	writer_uint(writer, 300);
	writer_uint(writer, 3);
	writer_bin(writer, "\xff\x00\xfe", 3);
	writer_uint(writer, 5);
	writer_raw(writer, bytes_view_of("\x92\xa1"
					 "a\x07",
			       4));
}

static const char ASSORTED[] = "\x84\x00\xa5texto\x01\x92\xc3\xcd\x01\x2c\x03\xc4\x03\xff\x00\xfe"
			       "\x05\x92\xa1"
			       "a\x07";

START_TEST(appends_to_what_is_there)
{
	struct writer writer;
	struct bytes out;

	start(&writer, &out);
	bytes_append(&out, "malla\n", 6);
	write_assorted(&writer);
	ck_err(writer_close(&writer), ERR_NONE);
	ck_assert_uint_eq(out.len, 6 + sizeof(ASSORTED) - 1);
	ck_assert_mem_eq(out.data, "malla\n", 6);
	ck_assert_mem_eq(out.data + 6, ASSORTED, sizeof(ASSORTED) - 1);
	bytes_release(&out);
}
END_TEST

START_TEST(says_that_there_was_no_room_at_every_size)
{
	const size_t whole = sizeof(ASSORTED) - 1;
	struct writer writer;
	struct bytes out;
	size_t cap;

	for (cap = 0; cap <= whole; cap++) {
		bytes_init(&out, cap);
		writer_open(&writer, &out);
		write_assorted(&writer);
		ck_err(writer_close(&writer), cap < whole ? ERR_TOO_LARGE : ERR_NONE);
		ck_assert_uint_le(out.len, cap);
		if (out.len > 0)
			ck_assert_mem_eq(out.data, ASSORTED, out.len);
		bytes_release(&out);
	}
}
END_TEST

START_TEST(writes_what_msgpack_c_reads)
{
	msgpack_unpacked unpacked;
	const msgpack_object *value;
	struct writer writer;
	struct bytes out;
	size_t at = 0;

	start(&writer, &out);
	write_assorted(&writer);
	msgpack_unpacked_init(&unpacked);
	ck_assert_int_eq(msgpack_unpack_next(&unpacked, (const char *)out.data, out.len, &at),
	    MSGPACK_UNPACK_SUCCESS);
	ck_assert_uint_eq(at, out.len);
	value = &unpacked.data;
	ck_assert_int_eq(value->type, MSGPACK_OBJECT_MAP);
	ck_assert_uint_eq(value->via.map.size, 4);
	ck_assert_uint_eq(value->via.map.ptr[3].key.via.u64, 5);
	value = &unpacked.data.via.map.ptr[0].val;
	ck_assert_int_eq(value->type, MSGPACK_OBJECT_STR);
	ck_assert_uint_eq(value->via.str.size, 5);
	ck_assert_mem_eq(value->via.str.ptr, "texto", 5);
	value = &unpacked.data.via.map.ptr[1].val;
	ck_assert_int_eq(value->type, MSGPACK_OBJECT_ARRAY);
	ck_assert_uint_eq(value->via.array.size, 2);
	ck_assert(value->via.array.ptr[0].via.boolean);
	ck_assert_uint_eq(value->via.array.ptr[1].via.u64, 300);
	value = &unpacked.data.via.map.ptr[2].val;
	ck_assert_int_eq(value->type, MSGPACK_OBJECT_BIN);
	ck_assert_uint_eq(value->via.bin.size, 3);
	ck_assert_mem_eq(value->via.bin.ptr, "\xff\x00\xfe", 3);
	msgpack_unpacked_destroy(&unpacked);
	bytes_release(&out);
}
END_TEST

SUITE_MAIN("wire/writer", writes_integers_in_their_shortest_form, writes_booleans,
    writes_strings_under_their_shortest_length, writes_binaries_under_their_shortest_length,
    writes_arrays_and_maps_under_their_shortest_count, appends_to_what_is_there,
    says_that_there_was_no_room_at_every_size, writes_what_msgpack_c_reads)
