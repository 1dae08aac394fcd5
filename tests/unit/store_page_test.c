/* Entries on a page of the index: round trips, and every way of spoiling one. */
#include "tests/unit/suite.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "store/page.h"

static struct page_writer writer;
static struct page_reader reader;

/* clang-format off */
static const struct { const char *key; int64_t record; } ENTRIES[] = {
	{"", 0}, {"", 1}, {"a", 0}, {"a", 127}, {"a", 128}, {"ab", 5}, {"abc", 5}, {"abd", 1},
	{"b", 0x7fffffffffffffff}, {"ba", 16384},
};
/* clang-format on */
#define ENTRIES_COUNT (sizeof(ENTRIES) / sizeof(*ENTRIES))

static void
write_all(void)
{
	size_t i;

	page_clear(&writer);
	for (i = 0; i < ENTRIES_COUNT; i++)
		ck_assert(page_add(&writer, bytes_view_str(ENTRIES[i].key), ENTRIES[i].record));
}

START_TEST(gives_back_what_was_added)
{
	size_t i;

	write_all();
	ck_assert_uint_eq(writer.count, ENTRIES_COUNT);
	ck_assert(page_open(&reader, bytes_view_of(writer.data, writer.len)) == ERR_NONE);
	for (i = 0; i < ENTRIES_COUNT; i++) {
		ck_assert(page_next(&reader) == ERR_NONE);
		ck_assert_uint_eq(reader.key_len, strlen(ENTRIES[i].key));
		ck_assert_mem_eq(reader.key, ENTRIES[i].key, reader.key_len);
		ck_assert_int_eq(reader.record, ENTRIES[i].record);
	}
	ck_assert(page_next(&reader) == ERR_NOT_FOUND);
	ck_assert(page_next(&reader) == ERR_NOT_FOUND);
}
END_TEST

START_TEST(takes_no_more_than_fits_one_page_of_the_database)
{
	char key[64];
	uint32_t n = 0;

	page_clear(&writer);
	do {
		(void)snprintf(key, sizeof(key), "%030u", n);
	} while (page_add(&writer, bytes_view_str(key), (int64_t)n++));
	ck_assert_uint_le(writer.len, PAGE_BYTES);
	ck_assert_uint_gt(writer.len, PAGE_BYTES - 64);
	ck_assert_uint_eq(writer.count, n - 1);
}
END_TEST

START_TEST(gives_a_page_to_the_longest_key_there_is)
{
	static uint8_t key[KEYS_BYTES_MAX];

	memset(key, 'k', sizeof(key));
	page_clear(&writer);
	ck_assert(page_add(&writer, bytes_view_of(key, sizeof(key)), (int64_t)NUMBER_MAX));
	ck_assert(!page_add(&writer, bytes_view_str("z"), 1));
	ck_assert_uint_le(writer.len, PAGE_BYTES_MAX);
	ck_assert(page_open(&reader, bytes_view_of(writer.data, writer.len)) == ERR_NONE);
	ck_assert(page_next(&reader) == ERR_NONE);
	ck_assert_uint_eq(reader.key_len, sizeof(key));
	ck_assert_mem_eq(reader.key, key, sizeof(key));
}
END_TEST

START_TEST(finds_it_cut_short)
{
	size_t len, whole = 0;

	write_all();
	for (len = 0; len < writer.len; len++) {
		enum err err;
		size_t count = 0;

		ck_assert(page_open(&reader, bytes_view_of(writer.data, len)) == ERR_NONE);
		while ((err = page_next(&reader)) == ERR_NONE)
			count++;
		ck_assert(err == ERR_CORRUPT || err == ERR_NOT_FOUND);
		ck_assert_uint_lt(count, ENTRIES_COUNT);
		/* it ends well only where an entry ends */
		whole += err == ERR_NOT_FOUND;
	}
	ck_assert_uint_eq(whole, ENTRIES_COUNT);
}
END_TEST

START_TEST(refuses_what_it_does_not_write)
{
	static const struct {
		const char *why;
		size_t len;
		uint8_t bytes[16];
	} spoiled[] = {
	    {"shares more than there was", 3, {0x01, 0x00, 0x00}},
	    {"a rest beyond the end", 3, {0x00, 0x05, 'a'}},
	    {"a rest longer than any key", 5, {0x00, 0xff, 0xff, 0x03, 0x00}},
	    {"no record", 3, {0x00, 0x01, 'a'}},
	    {"a number that does not end", 14,
		{0x00, 0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
		    0x00}},
	    {"a record above the largest", 12,
		{0x00, 0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}},
	};
	static uint8_t large[PAGE_BYTES_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(spoiled) / sizeof(*spoiled); i++) {
		ck_assert(page_open(&reader, bytes_view_of(spoiled[i].bytes, spoiled[i].len)) ==
			  ERR_NONE);
		ck_assert_msg(page_next(&reader) == ERR_CORRUPT, "%s", spoiled[i].why);
	}
	ck_assert(page_open(&reader, bytes_view_of(large, sizeof(large))) == ERR_CORRUPT);
}
END_TEST

START_TEST(orders_by_key_and_then_by_record)
{
	size_t i;

	for (i = 1; i < ENTRIES_COUNT; i++) {
		struct bytes_view a = bytes_view_str(ENTRIES[i - 1].key);
		struct bytes_view b = bytes_view_str(ENTRIES[i].key);

		ck_assert_int_lt(page_compare(a, ENTRIES[i - 1].record, b, ENTRIES[i].record), 0);
		ck_assert_int_gt(page_compare(b, ENTRIES[i].record, a, ENTRIES[i - 1].record), 0);
		ck_assert_int_eq(page_compare(b, ENTRIES[i].record, b, ENTRIES[i].record), 0);
	}
}
END_TEST

SUITE_MAIN("store/page", gives_back_what_was_added,
    takes_no_more_than_fits_one_page_of_the_database, gives_a_page_to_the_longest_key_there_is,
    finds_it_cut_short, refuses_what_it_does_not_write, orders_by_key_and_then_by_record)
