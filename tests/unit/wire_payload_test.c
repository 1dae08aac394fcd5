#include "wire/payload.h"

#include "tests/unit/wire_fixture.h"

static const char STATEMENT[] = "malla/seal/v1\nnot looked into here";
static uint8_t signature[64];
static uint8_t path[PAYLOAD_PATH_MAX * 32];
static uint8_t record[RECORD_BYTES_MAX + 1];

static void
fill(struct payload *payload, bool is_whole, uint32_t count)
{
	uint32_t i;

	memset(signature, 0x21, sizeof(signature));
	memset(path, 0x22, sizeof(path));
	memset(record, 0x23, sizeof(record));
	*payload = (struct payload){.is_whole = is_whole, .count = count};
	payload->seal.statement = bytes_view_str(STATEMENT);
	payload->seal.count = 1;
	payload->seal.signatures[0].suite = SUITE_1;
	payload->seal.signatures[0].bytes = bytes_view_of(signature, sizeof(signature));
	for (i = 0; i < count; i++) {
		struct payload_entry *entry = &payload->entries[i];

		entry->index = is_whole ? i : 2 * i;
		memset(entry->salt.bytes, (int)(i + 1), sizeof(entry->salt.bytes));
		entry->record = bytes_view_of(record, i + 1);
		entry->path_count = is_whole ? 0 : i % (PAYLOAD_PATH_MAX + 1);
		entry->path = entry->path_count > 0 ? path : NULL;
	}
}

static void
encode(const struct payload *payload, struct bytes *out)
{
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(payload_encode(payload, out), ERR_NONE);
}

static enum err
decode(struct bytes_view in)
{
	static struct payload payload;

	return payload_decode(in, &payload);
}

static void
check_round_trip(bool is_whole, uint32_t count)
{
	static struct payload payload, found;
	struct bytes bytes, again;
	uint32_t i;

	fill(&payload, is_whole, count);
	memset(&found, 0x77, sizeof(found));
	encode(&payload, &bytes);
	ck_err(payload_decode(bytes_as_view(&bytes), &found), ERR_NONE);
	ck_assert_int_eq(found.is_whole, is_whole);
	ck_assert_uint_eq(found.count, count);
	ck_assert_uint_eq(found.unknown, 0);
	ck_same(found.seal.statement, payload.seal.statement);
	for (i = 0; i < count; i++) {
		const struct payload_entry *a = &payload.entries[i], *b = &found.entries[i];

		ck_assert_uint_eq(a->index, b->index);
		ck_assert_mem_eq(&a->salt, &b->salt, sizeof(a->salt));
		ck_same(a->record, b->record);
		ck_assert_uint_eq(a->path_count, b->path_count);
		ck_assert((a->path_count == 0) == (b->path == NULL));
		if (a->path_count > 0)
			ck_assert_mem_eq(a->path, b->path, a->path_count * 32);
	}
	encode(&found, &again);
	ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
	bytes_release(&bytes);
	bytes_release(&again);
}

START_TEST(gives_back_what_was_written)
{
	check_round_trip(true, 1);
	check_round_trip(true, 12);
	check_round_trip(true, BATCH_COUNT_MAX);
	check_round_trip(false, 1);
	check_round_trip(false, 12);
	check_round_trip(false, BATCH_COUNT_MAX / 2);
}
END_TEST

START_TEST(has_the_documented_bytes)
{
	static const uint8_t start[] = {0x82, 0x00, 0x92, 0xc4, sizeof(STATEMENT) - 1};
	static const uint8_t middle[] = {0x04, 0x92, 0x94, 0x00, 0xc4, 0x10};
	static struct payload payload;
	struct bytes bytes;
	size_t at = sizeof(start) + sizeof(STATEMENT) - 1 + 6 + 64;

	fill(&payload, false, 2);
	encode(&payload, &bytes);
	ck_assert_mem_eq(bytes.data, start, sizeof(start));
	ck_assert_mem_eq(bytes.data + at, middle, sizeof(middle));
	at += sizeof(middle) + 16;
	/* record of one byte, no path; index 2 */
	ck_assert_mem_eq(bytes.data + at, "\xc4\x01\x23\xc4\x00\x94\x02\xc4\x10", 9);
	at += 9 + 16;
	ck_assert_mem_eq(bytes.data + at, "\xc4\x02\x23\x23\xc4\x20\x22\x22", 8);
	ck_assert_uint_eq(bytes.len, at + 4 + 2 + 32);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_it_cut_short_or_too_long)
{
	static struct payload payload;
	struct bytes bytes;

	fill(&payload, true, 3);
	encode(&payload, &bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes_release(&bytes);
	fill(&payload, false, 3);
	encode(&payload, &bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes_release(&bytes);
}
END_TEST

START_TEST(misses_what_must_be_there)
{
	static const uint64_t required[] = {PAYLOAD_SEAL, PAYLOAD_WHOLE};
	static struct payload payload;
	struct bytes bytes;

	fill(&payload, true, 3);
	encode(&payload, &bytes);
	fixture_check_required(bytes_as_view(&bytes), 0, required, 2, decode);
	fixture_check_unknown(bytes_as_view(&bytes), 0, decode);
	bytes_release(&bytes);
}
END_TEST

#define SALT                                                                                       \
	"\xc4\x10"                                                                                 \
	"ssssssssssssssss"
#define RECORD "\xc4\x01r"
#define HASH "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"

/* clang-format off */
static const struct fixture_spoiled SPOILED_WHOLE[] = {
    {"a part beside the whole", PAYLOAD_PART, FIXTURE_RAW("\x91\x94\x00" SALT RECORD "\xc4\x00"),
	ERR_NOT_CANONICAL},
    {"entries that are a map", PAYLOAD_WHOLE, FIXTURE_RAW("\x80"), ERR_TYPE},
    {"an entry that is a number", PAYLOAD_WHOLE, FIXTURE_RAW("\x91\x05"), ERR_TYPE},
    {"no entries", PAYLOAD_WHOLE, FIXTURE_RAW("\x90"), ERR_RANGE},
    {"four billion entries", PAYLOAD_WHOLE, FIXTURE_RAW("\xdd\xff\xff\xff\xff"), ERR_TOO_LARGE},
    {"more entries than bytes", PAYLOAD_WHOLE, FIXTURE_RAW("\xdc\x02\x00"), ERR_TRUNCATED},
    {"an entry without a record", PAYLOAD_WHOLE, FIXTURE_RAW("\x91\x91" SALT), ERR_RANGE},
    {"an entry with three parts", PAYLOAD_WHOLE, FIXTURE_RAW("\x91\x93" SALT RECORD "\xc4\x00"),
	ERR_TOO_LARGE},
    {"a short salt", PAYLOAD_WHOLE, FIXTURE_RAW("\x91\x92\xc4\x01s" RECORD), ERR_RANGE},
    {"an empty record", PAYLOAD_WHOLE, FIXTURE_RAW("\x91\x92" SALT "\xc4\x00"), ERR_RANGE},
    {"a record that is text", PAYLOAD_WHOLE, FIXTURE_RAW("\x91\x92" SALT "\xa1r"), ERR_TYPE},
};
static const struct fixture_spoiled SPOILED_PART[] = {
    {"no entries", PAYLOAD_PART, FIXTURE_RAW("\x90"), ERR_RANGE},
    {"an entry without index and path", PAYLOAD_PART, FIXTURE_RAW("\x91\x92" SALT RECORD),
	ERR_RANGE},
    {"an index out of range", PAYLOAD_PART,
	FIXTURE_RAW("\x91\x94\xcd\x02\x00" SALT RECORD "\xc4\x00"), ERR_RANGE},
    {"an index twice", PAYLOAD_PART,
	FIXTURE_RAW("\x92\x94\x01" SALT RECORD "\xc4\x00\x94\x01" SALT RECORD "\xc4\x00"),
	ERR_ORDER},
    {"indices that descend", PAYLOAD_PART,
	FIXTURE_RAW("\x92\x94\x01" SALT RECORD "\xc4\x00\x94\x00" SALT RECORD "\xc4\x00"),
	ERR_ORDER},
    {"a path of half a hash", PAYLOAD_PART,
	FIXTURE_RAW("\x91\x94\x00" SALT RECORD "\xc4\x10" "0123456789abcdef"), ERR_RANGE},
    {"a path of a hash and a byte", PAYLOAD_PART,
	FIXTURE_RAW("\x91\x94\x00" SALT RECORD "\xc4\x21" HASH "x"), ERR_RANGE},
    {"a path that is a list", PAYLOAD_PART,
	FIXTURE_RAW("\x91\x94\x00" SALT RECORD "\x91\xc4\x20" HASH), ERR_TYPE},
};
/* clang-format on */

START_TEST(refuses_spoiled_fields)
{
	static struct payload payload;
	struct bytes bytes;

	fill(&payload, true, 3);
	encode(&payload, &bytes);
	fixture_check_spoiled(bytes_as_view(&bytes), 0, SPOILED_WHOLE,
	    sizeof(SPOILED_WHOLE) / sizeof(*SPOILED_WHOLE), decode);
	bytes_release(&bytes);
	fill(&payload, false, 3);
	encode(&payload, &bytes);
	fixture_check_spoiled(bytes_as_view(&bytes), 0, SPOILED_PART,
	    sizeof(SPOILED_PART) / sizeof(*SPOILED_PART), decode);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_a_path_longer_than_any_batch_needs)
{
	static struct payload payload;
	static uint8_t long_path[(PAYLOAD_PATH_MAX + 1) * 32];
	struct bytes bytes;

	fill(&payload, false, 1);
	payload.entries[0].path = long_path;
	payload.entries[0].path_count = PAYLOAD_PATH_MAX;
	encode(&payload, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	bytes_release(&bytes);
	payload.entries[0].path_count++;
	encode(&payload, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_more_records_than_a_batch_holds)
{
	static struct payload payload;
	struct bytes bytes;
	uint32_t i;

	/* one record of full size fits, and one more byte does not */
	fill(&payload, true, 2);
	payload.entries[0].record.len = BATCH_BYTES_MAX - 1;
	payload.entries[1].record.len = 1;
	encode(&payload, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	bytes_release(&bytes);
	payload.entries[1].record.len = 2;
	encode(&payload, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
	payload.entries[0].record.len = RECORD_BYTES_MAX + 1;
	payload.count = 1;
	encode(&payload, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
	/* 513 entries: the 512 that payload_encode can write, and one put behind them */
	fill(&payload, true, BATCH_COUNT_MAX);
	encode(&payload, &bytes);
	for (i = 0; bytes.data[i] != 0xdc || bytes_get_u16(bytes.data + i + 1) != BATCH_COUNT_MAX;
	     i++)
		ck_assert_uint_lt(i + 3, bytes.len);
	bytes_put_u16(bytes.data + i + 1, BATCH_COUNT_MAX + 1);
	bytes_append(&bytes, "\x92" SALT RECORD, 1 + 18 + 3);
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_more_bytes_than_a_payload_holds)
{
	struct bytes bytes;

	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	memset(bytes_extend(&bytes, PAYLOAD_BYTES_MAX + 1), 0x80, PAYLOAD_BYTES_MAX + 1);
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

SUITE_MAIN("wire/payload", gives_back_what_was_written, has_the_documented_bytes,
    refuses_it_cut_short_or_too_long, misses_what_must_be_there, refuses_spoiled_fields,
    refuses_a_path_longer_than_any_batch_needs, refuses_more_records_than_a_batch_holds,
    refuses_more_bytes_than_a_payload_holds)
