#include "wire/schema.h"

#include <string.h>

#include "tests/unit/wire_fixture.h"

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))
#define BYTES_4 "\xa1\xa2\xa3\xa4"
#define LINE_MAX 40u

/* One field of each type, required and not. */
struct sample {
	uint64_t number, number_may;
	bool flag, flag_may;
	struct bytes_view line, line_may, prose_may, bin, bin_may;
	uint8_t fixed[4], fixed_may[4];
	struct schema_list list, list_may;
};

#define FIELD(key, type, is_required, member, min, max)                                            \
	{                                                                                          \
		key, type, is_required, offsetof(struct sample, member), min, max                  \
	}

static const struct schema_field fields[] = {
    FIELD(0, SCHEMA_UINT, true, number, 2, 300),
    FIELD(1, SCHEMA_UINT, false, number_may, 0, 300),
    FIELD(2, SCHEMA_BOOL, true, flag, 0, 0),
    FIELD(3, SCHEMA_BOOL, false, flag_may, 0, 0),
    FIELD(4, SCHEMA_LINE, true, line, 1, LINE_MAX),
    FIELD(5, SCHEMA_LINE, false, line_may, 0, LINE_MAX),
    FIELD(6, SCHEMA_PROSE, false, prose_may, 0, LINE_MAX),
    FIELD(7, SCHEMA_BIN, true, bin, 1, 5),
    FIELD(8, SCHEMA_BIN, false, bin_may, 0, 5),
    FIELD(9, SCHEMA_FIXED, true, fixed, 0, 4),
    FIELD(10, SCHEMA_FIXED, false, fixed_may, 0, 4),
    FIELD(11, SCHEMA_LIST, true, list, 0, 3),
    FIELD(140, SCHEMA_LIST, false, list_may, 0, 3),
};
static const struct schema schema = {sizeof(struct sample), COUNT_OF(fields), fields};

/* An element of the first list. */
struct item {
	uint64_t number;
};
static const struct schema_field item_fields[] = {
    {0, SCHEMA_UINT, true, offsetof(struct item, number), 0, 9}};
static const struct schema item_schema = {sizeof(struct item), COUNT_OF(item_fields), item_fields};

static struct sample found;

static enum err
decode(struct bytes_view in)
{
	return schema_decode(&schema, in, &found);
}

/* Everything filled in; `items` and `bins` keep the lists. */
static void
fill(struct sample *sample, struct bytes *items, struct bytes *bins)
{
	struct item item = {7};

	*sample = (struct sample){.number = 300,
	    .number_may = 1,
	    .flag = true,
	    .flag_may = true,
	    .line = bytes_view_str("a line of thirty-two characters."),
	    .line_may = bytes_view_str("l\xc3\xad"),
	    .prose_may = bytes_view_str("two\n\tlines"),
	    .bin = bytes_view_str("b"),
	    .bin_may = bytes_view_str("bytes"),
	    .fixed = {1, 2, 3, 4},
	    .fixed_may = {0, 0, 0, 1}};
	bytes_init(items, 256);
	bytes_init(bins, 256);
	ck_err(schema_list_add(&sample->list, items, &item_schema, &item), ERR_NONE);
	item.number = 0;
	ck_err(schema_list_add(&sample->list, items, &item_schema, &item), ERR_NONE);
	ck_err(schema_list_add_bin(&sample->list_may, bins, bytes_view_str("one")), ERR_NONE);
	ck_err(schema_list_add_bin(&sample->list_may, bins, bytes_view_of(NULL, 0)), ERR_NONE);
	ck_err(schema_list_add_bin(&sample->list_may, bins, bytes_view_str("three")), ERR_NONE);
}

static void
encode_full(struct bytes *out)
{
	struct bytes items, bins;
	struct sample sample;

	fill(&sample, &items, &bins);
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(schema_encode(&schema, &sample, out), ERR_NONE);
	bytes_release(&items);
	bytes_release(&bins);
}

/* ---------------------------------------------------------------- what survives */

START_TEST(every_type_of_field_survives)
{
	struct bytes items, bins, first, second;
	struct sample sample;

	fill(&sample, &items, &bins);
	bytes_init(&first, FIXTURE_BYTES_MAX);
	bytes_init(&second, FIXTURE_BYTES_MAX);
	ck_err(schema_encode(&schema, &sample, &first), ERR_NONE);
	memset(&found, 0x99, sizeof(found));
	ck_err(decode(bytes_as_view(&first)), ERR_NONE);
	ck_assert_uint_eq(found.number, 300);
	ck_assert_uint_eq(found.number_may, 1);
	ck_assert(found.flag && found.flag_may);
	ck_same(found.line, sample.line);
	ck_same(found.line_may, sample.line_may);
	ck_same(found.prose_may, sample.prose_may);
	ck_same(found.bin, sample.bin);
	ck_same(found.bin_may, sample.bin_may);
	ck_assert_mem_eq(found.fixed, sample.fixed, sizeof(found.fixed));
	ck_assert_mem_eq(found.fixed_may, sample.fixed_may, sizeof(found.fixed_may));
	ck_assert_uint_eq(found.list.count, 2);
	ck_same(found.list.items, sample.list.items);
	ck_assert_uint_eq(found.list_may.count, 3);
	ck_same(found.list_may.items, sample.list_may.items);
	ck_err(schema_encode(&schema, &found, &second), ERR_NONE);
	ck_same(bytes_as_view(&second), bytes_as_view(&first));
	bytes_release(&first);
	bytes_release(&second);
	bytes_release(&items);
	bytes_release(&bins);
}
END_TEST

/* What is not required is left out; what is required is there though it is zero or empty. */
START_TEST(what_says_nothing_is_left_out_unless_it_is_required)
{
	static const char bytes[] = "\x86\x00\x02\x02\xc2\x04\xa1l\x07\xc4\x01"
				    "b"
				    "\x09\xc4\x04\0\0\0\0\x0b\x90";
	struct sample sample = {
	    .number = 2, .line = bytes_view_str("l"), .bin = bytes_view_str("b")};
	struct sample again;
	struct bytes out;

	bytes_init(&out, FIXTURE_BYTES_MAX);
	ck_err(schema_encode(&schema, &sample, &out), ERR_NONE);
	ck_same(bytes_as_view(&out), bytes_view_of(bytes, sizeof(bytes) - 1));
	memset(&again, 0x99, sizeof(again));
	ck_err(schema_decode(&schema, bytes_as_view(&out), &again), ERR_NONE);
	ck_assert_uint_eq(again.number_may, 0);
	ck_assert(!again.flag_may);
	ck_assert_uint_eq(again.line_may.len + again.prose_may.len + again.bin_may.len, 0);
	ck_assert_uint_eq(again.fixed_may[3], 0);
	ck_assert_uint_eq(again.list.count + again.list_may.count, 0);
	bytes_release(&out);
}
END_TEST

START_TEST(a_schema_without_fields_is_an_empty_map)
{
	static const struct schema nothing = {1, 0, NULL};
	uint8_t byte = 5;
	struct bytes out;

	bytes_init(&out, 16);
	ck_err(schema_encode(&nothing, &byte, &out), ERR_NONE);
	ck_same(bytes_as_view(&out), bytes_view_of("\x80", 1));
	ck_err(schema_decode(&nothing, bytes_as_view(&out), &byte), ERR_NONE);
	ck_assert_uint_eq(byte, 0);
	ck_err(schema_decode(&nothing, bytes_view_of("\x81\x01\x02", 3), &byte), ERR_NONE);
	ck_err(
	    schema_decode(&nothing, bytes_view_of("\x81\x00\x02", 3), &byte), ERR_UNKNOWN_CRITICAL);
	bytes_release(&out);
}
END_TEST

/* ---------------------------------------------------------------- what is refused */

START_TEST(refuses_it_cut_short_or_with_more_behind_it)
{
	struct bytes full;

	encode_full(&full);
	fixture_check_length(bytes_as_view(&full), decode);
	bytes_release(&full);
}
END_TEST

START_TEST(misses_each_field_that_is_required_and_no_other)
{
	static const uint64_t required[] = {0, 2, 4, 7, 9, 11};
	static const uint64_t optional[] = {1, 3, 5, 6, 8, 10, 140};
	struct bytes full;
	size_t i;

	encode_full(&full);
	fixture_check_required(bytes_as_view(&full), 0, required, COUNT_OF(required), decode);
	for (i = 0; i < COUNT_OF(optional); i++)
		ck_err(fixture_decode_edited(
			   bytes_as_view(&full), 0, optional[i], bytes_view_of(NULL, 0), decode),
		    ERR_NONE);
	bytes_release(&full);
}
END_TEST

static const struct fixture_spoiled SPOILED[] = {
    {"a number below its range", 0, FIXTURE_RAW("\x01"), ERR_RANGE},
    {"a number above its range", 0, FIXTURE_RAW("\xcd\x01\x2d"), ERR_RANGE},
    {"a number that is too long", 0, FIXTURE_RAW("\xcc\x7f"), ERR_NOT_CANONICAL},
    {"text for a number", 0,
	FIXTURE_RAW("\xa1"
		    "3"),
	ERR_TYPE},
    {"zero where it is left out", 1, FIXTURE_RAW("\x00"), ERR_NOT_CANONICAL},
    {"a number for a flag", 2, FIXTURE_RAW("\x01"), ERR_TYPE},
    {"false where it is left out", 3, FIXTURE_RAW("\xc2"), ERR_NOT_CANONICAL},
    {"an empty line that is required", 4, FIXTURE_RAW("\xa0"), ERR_RANGE},
    {"a line of two lines", 4,
	FIXTURE_RAW("\xa3"
		    "a\nb"),
	ERR_UTF8},
    {"a line that is a byte too long", 4,
	FIXTURE_RAW("\xd9\x29"
		    "12345678901234567890123456789012345678901"),
	ERR_TOO_LARGE},
    {"an empty line where it is left out", 5, FIXTURE_RAW("\xa0"), ERR_NOT_CANONICAL},
    {"prose with a bell", 6, FIXTURE_RAW("\xa1\x07"), ERR_UTF8},
    {"bytes for prose", 6,
	FIXTURE_RAW("\xc4\x01"
		    "a"),
	ERR_TYPE},
    {"no bytes where some are required", 7, FIXTURE_RAW("\xc4\x00"), ERR_RANGE},
    {"a byte too many", 7,
	FIXTURE_RAW("\xc4\x06"
		    "123456"),
	ERR_TOO_LARGE},
    {"no bytes where they are left out", 8, FIXTURE_RAW("\xc4\x00"), ERR_NOT_CANONICAL},
    {"a byte too few of a fixed number", 9, FIXTURE_RAW("\xc4\x03\xa1\xa2\xa3"), ERR_RANGE},
    {"a byte too many of a fixed number", 9, FIXTURE_RAW("\xc4\x05" BYTES_4 "5"), ERR_TOO_LARGE},
    {"zeros where they are left out", 10, FIXTURE_RAW("\xc4\x04\0\0\0\0"), ERR_NOT_CANONICAL},
    {"a map for a list", 11, FIXTURE_RAW("\x80"), ERR_TYPE},
    {"a list of one too many", 11, FIXTURE_RAW("\x94\x01\x02\x03\x04"), ERR_TOO_LARGE},
    {"a list with a value of no form", 11, FIXTURE_RAW("\x91\xc0"), ERR_TYPE},
    {"a list nested too deep", 11, FIXTURE_RAW("\x91\x91\x91\x91\x91\x91\x91\x91\x00"),
	ERR_TOO_DEEP},
    {"an empty list where it is left out", 140, FIXTURE_RAW("\x90"), ERR_NOT_CANONICAL},
};

START_TEST(refuses_each_spoiled_field_for_its_own_reason)
{
	struct bytes full;

	encode_full(&full);
	fixture_check_spoiled(bytes_as_view(&full), 0, SPOILED, COUNT_OF(SPOILED), decode);
	bytes_release(&full);
}
END_TEST

START_TEST(skips_unknown_odd_keys_and_refuses_even_ones)
{
	struct bytes full;

	encode_full(&full);
	fixture_check_unknown(bytes_as_view(&full), 0, decode);
	bytes_release(&full);
}
END_TEST

START_TEST(refuses_keys_out_of_order_and_twice)
{
	struct item item;

	ck_err(
	    schema_decode(&item_schema, bytes_view_of("\x82\x00\x01\x01\x02", 5), &item), ERR_NONE);
	ck_err(schema_decode(&item_schema, bytes_view_of("\x82\x01\x02\x00\x01", 5), &item),
	    ERR_ORDER);
	ck_err(schema_decode(&item_schema, bytes_view_of("\x82\x00\x01\x00\x01", 5), &item),
	    ERR_ORDER);
}
END_TEST

START_TEST(leaves_what_it_fills_untouched_on_failure)
{
	struct sample before;
	struct bytes full;
	size_t len;

	encode_full(&full);
	memset(&before, 0x99, sizeof(before));
	memset(&found, 0x99, sizeof(found));
	for (len = 0; len < full.len; len++)
		ck_assert_int_ne(decode(bytes_view_of(full.data, len)), ERR_NONE);
	ck_assert_mem_eq(&found, &before, sizeof(found));
	bytes_release(&full);
}
END_TEST

START_TEST(says_that_there_was_no_room_at_every_size)
{
	struct bytes items, bins, out;
	struct sample sample;
	size_t room, len;

	encode_full(&out);
	len = out.len;
	bytes_release(&out);
	fill(&sample, &items, &bins);
	for (room = 0; room <= len; room++) {
		bytes_init(&out, room);
		ck_err(
		    schema_encode(&schema, &sample, &out), room < len ? ERR_TOO_LARGE : ERR_NONE);
		bytes_release(&out);
	}
	bytes_release(&items);
	bytes_release(&bins);
}
END_TEST

/* ---------------------------------------------------------------- lists */

START_TEST(a_list_is_walked_once_from_its_front_to_its_end)
{
	struct bytes items, bins;
	struct sample sample;
	struct bytes_view bin;
	struct item item;

	fill(&sample, &items, &bins);
	ck_err(schema_list_next(&sample.list, &item_schema, &item), ERR_NONE);
	ck_assert_uint_eq(item.number, 7);
	ck_err(schema_list_next(&sample.list, &item_schema, &item), ERR_NONE);
	ck_assert_uint_eq(item.number, 0);
	ck_err(schema_list_next(&sample.list, &item_schema, &item), ERR_NOT_FOUND);
	ck_err(schema_list_next_bin(&sample.list_may, &bin), ERR_NONE);
	ck_same(bin, bytes_view_str("one"));
	ck_err(schema_list_next_bin(&sample.list_may, &bin), ERR_NONE);
	ck_assert_uint_eq(bin.len, 0);
	ck_err(schema_list_next_bin(&sample.list_may, &bin), ERR_NONE);
	ck_same(bin, bytes_view_str("three"));
	ck_err(schema_list_next_bin(&sample.list_may, &bin), ERR_NOT_FOUND);
	bytes_release(&items);
	bytes_release(&bins);
}
END_TEST

/* A list is only known to hold values; each is checked when it is taken, and the next one is
   the next one still. */
START_TEST(an_element_of_another_kind_is_refused_when_it_is_taken)
{
	static const char values[] = "\x05\x81\x00\x0a\xc4\x01"
				     "b"
				     "\x81\x00\x09";
	struct schema_list list = {4, bytes_view_of(values, sizeof(values) - 1)};
	struct bytes_view bin;
	struct item item = {1};

	ck_err(schema_list_next_bin(&list, &bin), ERR_TYPE);
	ck_err(schema_list_next(&list, &item_schema, &item), ERR_RANGE);
	ck_err(schema_list_next(&list, &item_schema, &item), ERR_TYPE);
	ck_assert_uint_eq(item.number, 1);
	ck_err(schema_list_next(&list, &item_schema, &item), ERR_NONE);
	ck_assert_uint_eq(item.number, 9);
	ck_err(schema_list_next(&list, &item_schema, &item), ERR_NOT_FOUND);
}
END_TEST

START_TEST(a_list_that_does_not_fit_is_not_added_to)
{
	struct schema_list list = {0};
	struct item item = {3};
	struct bytes items;

	bytes_init(&items, 4);
	ck_err(schema_list_add(&list, &items, &item_schema, &item), ERR_NONE);
	ck_err(schema_list_add(&list, &items, &item_schema, &item), ERR_TOO_LARGE);
	ck_err(schema_list_add_bin(&list, &items, bytes_view_str("b")), ERR_TOO_LARGE);
	ck_assert_uint_eq(list.count, 1);
	ck_assert_uint_eq(list.items.len, 3);
	bytes_release(&items);
}
END_TEST

SUITE_MAIN("wire/schema", every_type_of_field_survives,
    what_says_nothing_is_left_out_unless_it_is_required, a_schema_without_fields_is_an_empty_map,
    refuses_it_cut_short_or_with_more_behind_it, misses_each_field_that_is_required_and_no_other,
    refuses_each_spoiled_field_for_its_own_reason, skips_unknown_odd_keys_and_refuses_even_ones,
    refuses_keys_out_of_order_and_twice, leaves_what_it_fills_untouched_on_failure,
    says_that_there_was_no_room_at_every_size, a_list_is_walked_once_from_its_front_to_its_end,
    an_element_of_another_kind_is_refused_when_it_is_taken,
    a_list_that_does_not_fit_is_not_added_to)
