#include "wire/seal.h"

#include "tests/unit/wire_fixture.h"

#define LINE_LEN 14u /* "malla/seal/v1\n" */

static const uint64_t REQUIRED[] = {SEAL_ORG, SEAL_SERIAL, SEAL_SIZE, SEAL_ROOT, SEAL_TIME};

static void
encode(struct bytes *out)
{
	struct seal seal = {.serial = 7, .size = 300, .time_ms = FIXTURE_TIME};

	memset(seal.org.bytes, 0x11, 32);
	memset(seal.root.bytes, 0x22, 32);
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(seal_encode(&seal, out), ERR_NONE);
}

static enum err
decode(struct bytes_view in)
{
	struct seal seal, before;
	enum err err;

	memset(&seal, 0x77, sizeof(seal));
	before = seal;
	err = seal_decode(in, &seal);
	if (err != ERR_NONE)
		ck_assert_mem_eq(&seal, &before, sizeof(seal));
	return err;
}

START_TEST(gives_back_what_was_written)
{
	struct bytes bytes, again;
	struct seal found;

	encode(&bytes);
	ck_err(seal_decode(bytes_as_view(&bytes), &found), ERR_NONE);
	ck_assert_uint_eq(found.org.bytes[31], 0x11);
	ck_assert_uint_eq(found.serial, 7);
	ck_assert_uint_eq(found.size, 300);
	ck_assert_uint_eq(found.root.bytes[31], 0x22);
	ck_assert_uint_eq(found.time_ms, FIXTURE_TIME);
	ck_assert_uint_eq(found.unknown, 0);
	bytes_init(&again, FIXTURE_BYTES_MAX);
	ck_err(seal_encode(&found, &again), ERR_NONE);
	ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
	bytes_release(&bytes);
	bytes_release(&again);
}
END_TEST

START_TEST(has_the_documented_bytes)
{
	static const uint8_t start[] = "malla/seal/v1\n\x85\x00\xc4\x20";
	static const uint8_t middle[] = {0x02, 0x07, 0x04, 0xcd, 0x01, 0x2c, 0x06, 0xc4, 0x20};
	struct bytes bytes;

	encode(&bytes);
	ck_assert_mem_eq(bytes.data, start, sizeof(start) - 1);
	ck_assert_mem_eq(bytes.data + sizeof(start) - 1 + 32, middle, sizeof(middle));
	ck_assert_uint_eq(bytes.len, sizeof(start) - 1 + 32 + sizeof(middle) + 32 + 1 + 9);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_it_cut_short_or_too_long)
{
	uint8_t large[SEAL_BYTES_MAX + 1] = "malla/seal/v1\n";
	struct bytes bytes;

	encode(&bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes_release(&bytes);
	ck_err(decode(bytes_view_of(large, sizeof(large))), ERR_TOO_LARGE);
}
END_TEST

START_TEST(refuses_another_context)
{
	struct bytes bytes;

	encode(&bytes);
	bytes.data[12] = '2';
	ck_err(decode(bytes_as_view(&bytes)), ERR_FORMAT);
	bytes_release(&bytes);
}
END_TEST

START_TEST(misses_what_must_be_there)
{
	struct bytes bytes;

	encode(&bytes);
	fixture_check_required(bytes_as_view(&bytes), LINE_LEN, REQUIRED, 5, decode);
	fixture_check_unknown(bytes_as_view(&bytes), LINE_LEN, decode);
	bytes_release(&bytes);
}
END_TEST

START_TEST(counts_odd_keys_that_it_does_not_know)
{
	struct bytes bytes, edited;
	struct seal found;

	encode(&bytes);
	bytes_init(&edited, FIXTURE_BYTES_MAX);
	fixture_edit(bytes_as_view(&bytes), LINE_LEN, 3, bytes_view_of("\x81\x00\xc3", 3), &edited);
	ck_err(seal_decode(bytes_as_view(&edited), &found), ERR_NONE);
	ck_assert_uint_eq(found.unknown, 1);
	ck_assert_uint_eq(found.size, 300);
	bytes_release(&bytes);
	bytes_release(&edited);
}
END_TEST

/* clang-format off */
static const struct fixture_spoiled SPOILED[] = {
    {"a short organisation", SEAL_ORG, FIXTURE_RAW("\xc4\x01" "o"), ERR_RANGE},
    {"an organisation that is text", SEAL_ORG, FIXTURE_RAW("\xa1" "o"), ERR_TYPE},
    {"serial 0", SEAL_SERIAL, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a serial that the store cannot hold", SEAL_SERIAL,
	FIXTURE_RAW("\xcf\x80\x00\x00\x00\x00\x00\x00\x00"), ERR_RANGE},
    {"a negative serial", SEAL_SERIAL, FIXTURE_RAW("\xff"), ERR_TYPE},
    {"a serial in a long form", SEAL_SERIAL, FIXTURE_RAW("\xcd\x00\x07"), ERR_NOT_CANONICAL},
    {"no leaves", SEAL_SIZE, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a leaf too many", SEAL_SIZE, FIXTURE_RAW("\xcd\x02\x01"), ERR_RANGE},
    {"a short root", SEAL_ROOT, FIXTURE_RAW("\xc4\x01" "r"), ERR_RANGE},
    {"time 0", SEAL_TIME, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a time after year 9999", SEAL_TIME, FIXTURE_RAW("\xcf\x00\x00\xe6\x77\xd2\x1f\xdc\x00"),
	ERR_RANGE},
};
/* clang-format on */

START_TEST(refuses_spoiled_fields)
{
	struct bytes bytes;

	encode(&bytes);
	fixture_check_spoiled(
	    bytes_as_view(&bytes), LINE_LEN, SPOILED, sizeof(SPOILED) / sizeof(*SPOILED), decode);
	bytes_release(&bytes);
}
END_TEST

SUITE_MAIN("wire/seal", gives_back_what_was_written, has_the_documented_bytes,
    refuses_it_cut_short_or_too_long, refuses_another_context, misses_what_must_be_there,
    counts_odd_keys_that_it_does_not_know, refuses_spoiled_fields)
