#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"

START_TEST(compares_like_a_dictionary)
{
	static const char *const sorted[] = {"", "a", "aa", "ab", "b", "\xff"};
	const size_t count = sizeof(sorted) / sizeof(*sorted);
	size_t i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++) {
			struct bytes_view a = bytes_view_str(sorted[i]),
					  b = bytes_view_str(sorted[j]);
			int order = bytes_view_compare(a, b);

			ck_assert_int_eq((order > 0) - (order < 0), (i > j) - (i < j));
			ck_assert(bytes_view_is_equal(a, b) == (i == j));
		}
	}
}
END_TEST

START_TEST(takes_nothing_at_any_address_for_the_same)
{
	struct bytes_view none = bytes_view_of(NULL, 0);

	ck_assert(bytes_view_is_equal(none, bytes_view_str("")));
	ck_assert_int_eq(bytes_view_compare(none, none), 0);
	ck_assert_int_lt(bytes_view_compare(none, bytes_view_str("a")), 0);
	ck_assert_int_gt(bytes_view_compare(bytes_view_str("a"), none), 0);
	/* a NUL is a byte like any other */
	ck_assert(!bytes_view_is_equal(bytes_view_of("\0a", 2), bytes_view_of("\0b", 2)));
	ck_assert_uint_eq(bytes_view_str("abc").len, 3);
}
END_TEST

START_TEST(allocates_nothing_before_it_is_needed)
{
	struct bytes bytes;

	bytes_init(&bytes, 10);
	bytes_append(&bytes, NULL, 0);
	ck_assert_ptr_null(bytes.data);
	ck_assert_uint_eq(bytes_as_view(&bytes).len, 0);
	ck_assert_int_eq(bytes.err, ERR_NONE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(keeps_what_it_was_given_while_it_grows)
{
	struct bytes bytes;
	size_t i;

	bytes_init(&bytes, 100000);
	for (i = 0; i < 100000; i++)
		bytes_append_u8(&bytes, (uint8_t)(i * 7 / 3));
	ck_assert_int_eq(bytes.err, ERR_NONE);
	ck_assert_uint_eq(bytes.len, 100000);
	for (i = 0; i < 100000 && bytes.data[i] == (uint8_t)(i * 7 / 3); i++)
		;
	ck_assert_uint_eq(i, 100000);
	bytes_release(&bytes);
}
END_TEST

/* Filled to its cap in steps, and once more. */
START_TEST(grows_up_to_its_cap_and_no_further)
{
	static const size_t caps[] = {0, 1, 255, 256, 257, 300, 511, 512, 513, 1000, 4096};
	static const uint8_t chunk[5000];
	struct bytes bytes;
	size_t i, step;

	for (i = 0; i < sizeof(caps) / sizeof(*caps); i++) {
		for (step = 1; step <= caps[i]; step += 1 + caps[i] / 3) {
			bytes_init(&bytes, caps[i]);
			while (bytes.len + step <= caps[i])
				bytes_append(&bytes, chunk, step);
			bytes_append(&bytes, chunk, caps[i] - bytes.len);
			ck_assert_int_eq(bytes.err, ERR_NONE);
			ck_assert_uint_eq(bytes.len, caps[i]);
			ck_assert_uint_le(bytes.cap, caps[i]);
			bytes_append_u8(&bytes, 1);
			ck_assert_int_eq(bytes.err, ERR_TOO_LARGE);
			ck_assert_uint_eq(bytes.len, caps[i]);
			bytes_release(&bytes);
		}
		bytes_init(&bytes, caps[i]);
		bytes_append(&bytes, chunk, caps[i] + 1);
		ck_assert_int_eq(bytes.err, ERR_TOO_LARGE);
		ck_assert_uint_eq(bytes.len, 0);
		bytes_release(&bytes);
	}
}
END_TEST

START_TEST(refuses_lengths_that_would_wrap)
{
	struct bytes bytes;

	bytes_init(&bytes, 100);
	bytes_append(&bytes, "0123456789", 10);
	ck_assert_ptr_null(bytes_extend(&bytes, SIZE_MAX));
	ck_assert_int_eq(bytes.err, ERR_TOO_LARGE);
	bytes_clear(&bytes);
	bytes_append_u8(&bytes, 1);
	ck_assert_ptr_null(bytes_extend(&bytes, SIZE_MAX - 5));
	ck_assert_int_eq(bytes.err, ERR_TOO_LARGE);
	ck_assert_uint_eq(bytes.len, 1);
	bytes_release(&bytes);
}
END_TEST

/* More than any machine has: the doubling must end. */
START_TEST(says_when_there_is_no_memory)
{
	struct bytes bytes;

#ifdef __SANITIZE_ADDRESS__
	/* its allocator ends the program where others say no */
	fprintf(stderr, "SKIPPED says_when_there_is_no_memory: address sanitizer\n");
	return;
#endif
	bytes_init(&bytes, SIZE_MAX);
	ck_assert_ptr_null(bytes_extend(&bytes, SIZE_MAX / 2 + 2));
	ck_assert_int_eq(bytes.err, ERR_MEMORY);
	ck_assert_uint_eq(bytes.len, 0);
	bytes_release(&bytes);
}
END_TEST

START_TEST(remembers_its_first_failure)
{
	struct bytes bytes;

	bytes_init(&bytes, 4);
	bytes_append(&bytes, "abc", 3);
	bytes_append_u16(&bytes, 1);
	ck_assert_int_eq(bytes.err, ERR_TOO_LARGE);
	/* this would fit, but behind what is missing it would be another message */
	bytes_append_u8(&bytes, 'd');
	ck_assert_ptr_null(bytes_extend(&bytes, 0));
	ck_assert(bytes_view_is_equal(bytes_as_view(&bytes), bytes_view_str("abc")));
	ck_assert_int_eq(bytes.err, ERR_TOO_LARGE);
	bytes_clear(&bytes);
	ck_assert_int_eq(bytes.err, ERR_NONE);
	bytes_append_u32(&bytes, 0x64636261);
	ck_assert(bytes_view_is_equal(bytes_as_view(&bytes), bytes_view_str("dcba")));
	bytes_release(&bytes);
}
END_TEST

START_TEST(keeps_its_memory_when_cleared_and_its_cap_when_released)
{
	struct bytes bytes;
	uint8_t *data;

	bytes_init(&bytes, 4);
	bytes_append(&bytes, "abc", 3);
	data = bytes.data;
	bytes_clear(&bytes);
	ck_assert_uint_eq(bytes.len, 0);
	ck_assert_ptr_eq(bytes.data, data);
	bytes_release(&bytes);
	ck_assert_ptr_null(bytes.data);
	ck_assert_uint_eq(bytes.cap, 0);
	/* and it may be used, or released, again */
	bytes_append(&bytes, "abcd", 4);
	ck_assert_int_eq(bytes.err, ERR_NONE);
	bytes_append_u8(&bytes, 'e');
	ck_assert_int_eq(bytes.err, ERR_TOO_LARGE);
	bytes_release(&bytes);
	ck_assert_int_eq(bytes.err, ERR_NONE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(extends_by_room_to_write_into)
{
	struct bytes bytes;
	uint8_t *at;

	bytes_init(&bytes, 1000);
	/* a place is given even for no bytes */
	ck_assert_ptr_nonnull(bytes_extend(&bytes, 0));
	ck_assert_uint_eq(bytes.len, 0);
	bytes_append(&bytes, "ab", 2);
	at = bytes_extend(&bytes, 998);
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_eq(at, bytes.data + 2);
	memset(at, 'c', 998);
	ck_assert_uint_eq(bytes.len, 1000);
	ck_assert(memcmp(bytes.data, "abcc", 4) == 0);
	bytes_release(&bytes);
}
END_TEST

START_TEST(writes_numbers_with_the_highest_byte_first)
{
	static const uint8_t wanted[] = {0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa,
	    0xfb, 0xfc, 0xfd, 0xfe, 0xff};
	struct bytes bytes;

	bytes_init(&bytes, 15);
	bytes_append_u8(&bytes, 0xf1);
	bytes_append_u16(&bytes, 0xf2f3);
	bytes_append_u32(&bytes, 0xf4f5f6f7);
	bytes_append_u64(&bytes, 0xf8f9fafbfcfdfeff);
	ck_assert(
	    bytes_view_is_equal(bytes_as_view(&bytes), bytes_view_of(wanted, sizeof(wanted))));
	bytes_release(&bytes);
}
END_TEST

START_TEST(reads_the_numbers_that_it_wrote)
{
	uint8_t raw[8];
	unsigned bit;

	for (bit = 0; bit < 64; bit++) {
		uint64_t value = 1ull << bit;

		bytes_put_u64(raw, value);
		ck_assert_uint_eq(bytes_get_u64(raw), value);
		ck_assert_uint_eq(raw[7 - bit / 8], 1u << bit % 8);
		bytes_put_u64(raw, ~value);
		ck_assert_uint_eq(bytes_get_u64(raw), ~value);
		if (bit < 32) {
			bytes_put_u32(raw, (uint32_t)value);
			ck_assert_uint_eq(bytes_get_u32(raw), value);
			ck_assert_uint_eq(raw[3 - bit / 8], 1u << bit % 8);
		}
		if (bit < 16) {
			bytes_put_u16(raw, (uint16_t)value);
			ck_assert_uint_eq(bytes_get_u16(raw), value);
			ck_assert_uint_eq(raw[1 - bit / 8], 1u << bit % 8);
		}
	}
}
END_TEST

SUITE_MAIN("base/bytes", compares_like_a_dictionary, takes_nothing_at_any_address_for_the_same,
    allocates_nothing_before_it_is_needed, keeps_what_it_was_given_while_it_grows,
    grows_up_to_its_cap_and_no_further, refuses_lengths_that_would_wrap,
    says_when_there_is_no_memory, remembers_its_first_failure,
    keeps_its_memory_when_cleared_and_its_cap_when_released, extends_by_room_to_write_into,
    writes_numbers_with_the_highest_byte_first, reads_the_numbers_that_it_wrote)
