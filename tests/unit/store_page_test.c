/* Entries on a page of the index: round trips, and every way of spoiling one. */
#include "tests/unit/suite.h"

#include <string.h>

#include "base/limits.h"
#include "store/page.h"

#define BASE 5

static struct page_writer writer;
static struct page_reader reader;

static const struct page_entry ENTRIES[] = {{0, 5}, {0, 6}, {0, 6}, {1, 5}, {1, 132}, {1, 133},
    {127, 5}, {128, 16389}, {300, 5}, {UINT64_C(1) << 63, NUMBER_MAX}, {UINT64_MAX - 1, 7},
    {UINT64_MAX, 5}, {UINT64_MAX, NUMBER_MAX}};
#define ENTRIES_COUNT (sizeof(ENTRIES) / sizeof(*ENTRIES))

static void
write_all(void)
{
	size_t i;

	page_clear(&writer, BASE);
	for (i = 0; i < ENTRIES_COUNT; i++)
		ck_assert(page_add(&writer, &ENTRIES[i]));
}

START_TEST(gives_back_what_was_added)
{
	size_t i;

	write_all();
	ck_assert_uint_eq(writer.count, ENTRIES_COUNT);
	ck_assert(page_open(&reader, bytes_view_of(writer.data, writer.len), BASE) == ERR_NONE);
	for (i = 0; i < ENTRIES_COUNT; i++) {
		ck_assert(page_next(&reader) == ERR_NONE);
		ck_assert(reader.entry.key == ENTRIES[i].key);
		ck_assert_int_eq(reader.entry.number, ENTRIES[i].number);
	}
	ck_assert(page_next(&reader) == ERR_NOT_FOUND);
	ck_assert(page_next(&reader) == ERR_NOT_FOUND);
}
END_TEST

START_TEST(takes_no_more_than_fits_one_page_of_the_database)
{
	struct page_entry entry = {0, BASE};
	uint32_t n = 0;

	page_clear(&writer, BASE);
	do {
		entry.key += UINT64_C(1) << 46;
		entry.number += n++;
	} while (page_add(&writer, &entry));
	ck_assert_uint_le(writer.len, PAGE_BYTES);
	ck_assert_uint_gt(writer.len, PAGE_BYTES - 20);
	ck_assert_uint_eq(writer.count, n - 1);
}
END_TEST

START_TEST(needs_two_bytes_for_one_more_of_the_same_key)
{
	struct page_entry entry = {UINT64_C(0x123456789abcdef0), 1000000};
	uint32_t n;

	page_clear(&writer, BASE);
	ck_assert(page_add(&writer, &entry));
	for (n = 0; n < 2000; n++) {
		entry.number += 3;
		ck_assert(page_add(&writer, &entry));
	}
	ck_assert_uint_lt(writer.len, 2 * 2000 + 20);
}
END_TEST

START_TEST(finds_it_cut_short)
{
	size_t len, whole = 0;

	write_all();
	for (len = 0; len < writer.len; len++) {
		enum err err;
		size_t count = 0;

		ck_assert(page_open(&reader, bytes_view_of(writer.data, len), BASE) == ERR_NONE);
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
		uint8_t bytes[24];
	} spoiled[] = {
	    {"no number", 1, {0x01}},
	    {"a longer form than needed", 3, {0x80, 0x00, 0x00}},
	    {"a key of more than 64 bits", 11,
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00}},
	    {"a key that does not end", 12,
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00}},
	    {"a number above the largest", 11,
		{0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
	    {"one that is above it with the base", 10,
		{0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
	};
	static uint8_t large[PAGE_BYTES + 1];
	size_t i;

	for (i = 0; i < sizeof(spoiled) / sizeof(*spoiled); i++) {
		ck_assert(page_open(&reader, bytes_view_of(spoiled[i].bytes, spoiled[i].len),
			      BASE) == ERR_NONE);
		ck_assert_msg(page_next(&reader) == ERR_CORRUPT, "%s", spoiled[i].why);
	}
	ck_assert(page_open(&reader, bytes_view_of(large, sizeof(large)), BASE) == ERR_CORRUPT);
}
END_TEST

START_TEST(refuses_keys_that_go_beyond_the_last)
{
	static const uint8_t twice[] = {
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00, 0x01, 0x00};

	ck_assert(page_open(&reader, bytes_view_of(twice, sizeof(twice)), BASE) == ERR_NONE);
	ck_assert(page_next(&reader) == ERR_NONE);
	ck_assert(reader.entry.key == UINT64_MAX);
	ck_assert(page_next(&reader) == ERR_CORRUPT);
}
END_TEST

SUITE_MAIN("store/page", gives_back_what_was_added,
    takes_no_more_than_fits_one_page_of_the_database, needs_two_bytes_for_one_more_of_the_same_key,
    finds_it_cut_short, refuses_what_it_does_not_write, refuses_keys_that_go_beyond_the_last)
