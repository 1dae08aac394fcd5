#include "wire/receipt.h"

#include "tests/unit/wire_fixture.h"
#include "wire/marking.h"
#include "wire/reason.h"

#define LINE_LEN 17u /* "malla/receipt/v1\n" */

/* stored, duplicate, ceiling */
static const uint8_t OUTCOMES[] = {0, 0, 0, 1, 0, 64};

static void
fill(struct receipt *receipt, enum receipt_kind kind)
{
	*receipt = (struct receipt){.kind = kind,
	    .recipient_serial = 5,
	    .sender_serial = 6,
	    .number = 300,
	    .time_ms = FIXTURE_TIME,
	    .has_peer_head = true};
	memset(receipt->envelope.bytes, 0x31, 32);
	memset(receipt->recipient.bytes, 0x32, 32);
	memset(receipt->sender.bytes, 0x33, 32);
	receipt->head = (struct head){.epoch = 1, .size = 1000};
	memset(receipt->head.root.bytes, 0x34, 32);
	receipt->peer_head = (struct head){.epoch = 0, .size = NUMBER_MAX};
	memset(receipt->peer_head.root.bytes, 0x35, 32);
	if (kind == RECEIPT_TAKEN) {
		receipt->count = 512;
		receipt->tlp = TLP_RED;
	} else {
		receipt->outcomes = bytes_view_of(OUTCOMES, sizeof(OUTCOMES));
	}
}

static void
encode(const struct receipt *receipt, struct bytes *out)
{
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(receipt_encode(receipt, out), ERR_NONE);
}

static void
encode_kind(enum receipt_kind kind, struct bytes *out)
{
	struct receipt receipt;

	fill(&receipt, kind);
	encode(&receipt, out);
}

static enum err
decode(struct bytes_view in)
{
	struct receipt receipt, before;
	enum err err;

	memset(&receipt, 0x77, sizeof(receipt));
	before = receipt;
	err = receipt_decode(in, &receipt);
	if (err != ERR_NONE)
		ck_assert_mem_eq(&receipt, &before, sizeof(receipt));
	return err;
}

START_TEST(gives_back_what_was_written)
{
	static const enum receipt_kind kinds[] = {RECEIPT_ORDINARY, RECEIPT_TAKEN, RECEIPT_OPENED};
	struct receipt receipt, found;
	struct bytes bytes, again;
	size_t i;

	for (i = 0; i < 3; i++) {
		fill(&receipt, kinds[i]);
		encode(&receipt, &bytes);
		ck_err(receipt_decode(bytes_as_view(&bytes), &found), ERR_NONE);
		ck_assert_int_eq(found.kind, kinds[i]);
		ck_assert_mem_eq(&found.envelope, &receipt.envelope, 32);
		ck_assert_mem_eq(&found.recipient, &receipt.recipient, 32);
		ck_assert_uint_eq(found.recipient_serial, 5);
		ck_assert_mem_eq(&found.sender, &receipt.sender, 32);
		ck_assert_uint_eq(found.sender_serial, 6);
		ck_assert_uint_eq(found.number, 300);
		ck_same(found.outcomes, receipt.outcomes);
		ck_assert_uint_eq(found.head.epoch, 1);
		ck_assert_uint_eq(found.head.size, 1000);
		ck_assert_mem_eq(&found.head.root, &receipt.head.root, 32);
		ck_assert(found.has_peer_head);
		ck_assert_uint_eq(found.peer_head.size, NUMBER_MAX);
		ck_assert_uint_eq(found.time_ms, FIXTURE_TIME);
		ck_assert_uint_eq(found.count, receipt.count);
		ck_assert_uint_eq(found.tlp, receipt.tlp);
		encode(&found, &again);
		ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
		bytes_release(&bytes);
		bytes_release(&again);
	}
}
END_TEST

START_TEST(leaves_out_a_peer_head_that_nobody_saw)
{
	struct receipt receipt, found;
	struct bytes bytes;

	fill(&receipt, RECEIPT_ORDINARY);
	receipt.has_peer_head = false;
	encode(&receipt, &bytes);
	ck_assert_uint_eq(fixture_map_count(bytes_view_of(bytes.data + LINE_LEN, 10)), 10);
	ck_err(receipt_decode(bytes_as_view(&bytes), &found), ERR_NONE);
	ck_assert(!found.has_peer_head);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_it_cut_short_or_too_long)
{
	uint8_t large[RECEIPT_BYTES_MAX + 1] = "malla/receipt/v1\n";
	struct bytes bytes;

	encode_kind(RECEIPT_ORDINARY, &bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes_release(&bytes);
	encode_kind(RECEIPT_TAKEN, &bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes.data[6] = 'e';
	bytes.data[7] = 'n';
	ck_err(decode(bytes_as_view(&bytes)), ERR_FORMAT);
	bytes_release(&bytes);
	ck_err(decode(bytes_view_of(large, sizeof(large))), ERR_TOO_LARGE);
}
END_TEST

START_TEST(misses_what_must_be_there)
{
	static const uint64_t ordinary[] = {RECEIPT_KIND, RECEIPT_ENVELOPE, RECEIPT_RECIPIENT,
	    RECEIPT_RECIPIENT_SERIAL, RECEIPT_SENDER, RECEIPT_SENDER_SERIAL, RECEIPT_NUMBER,
	    RECEIPT_OUTCOMES, RECEIPT_HEAD, RECEIPT_TIME};
	static const uint64_t taken[] = {
	    RECEIPT_ENVELOPE, RECEIPT_HEAD, RECEIPT_TIME, RECEIPT_COUNT, RECEIPT_TLP};
	struct bytes bytes;

	encode_kind(RECEIPT_ORDINARY, &bytes);
	fixture_check_required(bytes_as_view(&bytes), LINE_LEN, ordinary, 10, decode);
	fixture_check_unknown(bytes_as_view(&bytes), LINE_LEN, decode);
	bytes_release(&bytes);
	encode_kind(RECEIPT_OPENED, &bytes);
	fixture_check_required(bytes_as_view(&bytes), LINE_LEN, ordinary, 10, decode);
	bytes_release(&bytes);
	encode_kind(RECEIPT_TAKEN, &bytes);
	fixture_check_required(bytes_as_view(&bytes), LINE_LEN, taken, 5, decode);
	bytes_release(&bytes);
}
END_TEST

#define ROOT "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"

/* clang-format off */
static const struct fixture_spoiled SPOILED[] = {
    {"kind 0", RECEIPT_KIND, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"kind 4", RECEIPT_KIND, FIXTURE_RAW("\x04"), ERR_RANGE},
    {"outcomes in a taken", RECEIPT_KIND, FIXTURE_RAW("\x02"), ERR_MISSING},
    {"a short envelope hash", RECEIPT_ENVELOPE, FIXTURE_RAW("\xc4\x01" "e"), ERR_RANGE},
    {"a short recipient", RECEIPT_RECIPIENT, FIXTURE_RAW("\xc4\x01r"), ERR_RANGE},
    {"recipient serial 0", RECEIPT_RECIPIENT_SERIAL, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a sender that is text", RECEIPT_SENDER, FIXTURE_RAW("\xa1s"), ERR_TYPE},
    {"sender serial 0", RECEIPT_SENDER_SERIAL, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"number 0", RECEIPT_NUMBER, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a number too large", RECEIPT_NUMBER, FIXTURE_RAW("\xcf\x80\x00\x00\x00\x00\x00\x00\x00"),
	ERR_RANGE},
    {"no outcomes", RECEIPT_OUTCOMES, FIXTURE_RAW("\xc4\x00"), ERR_RANGE},
    {"half an outcome", RECEIPT_OUTCOMES, FIXTURE_RAW("\xc4\x03\x00\x00\x00"), ERR_RANGE},
    {"an outcome that nobody knows", RECEIPT_OUTCOMES, FIXTURE_RAW("\xc4\x04\x00\x00\x00\x02"),
	ERR_RANGE},
    {"a first outcome that nobody knows", RECEIPT_OUTCOMES, FIXTURE_RAW("\xc4\x04\x01\x00\x00\x00"),
	ERR_RANGE},
    {"outcomes as a list", RECEIPT_OUTCOMES, FIXTURE_RAW("\x91\x00"), ERR_TYPE},
    {"a head that is a map", RECEIPT_HEAD, FIXTURE_RAW("\x81\x00\x00"), ERR_TYPE},
    {"an epoch too large", RECEIPT_HEAD,
	FIXTURE_RAW("\x93\xcf\x80\x00\x00\x00\x00\x00\x00\x00\x01\xc4\x20" ROOT), ERR_RANGE},
    {"a size too large", RECEIPT_HEAD,
	FIXTURE_RAW("\x93\x01\xcf\x80\x00\x00\x00\x00\x00\x00\x00\xc4\x20" ROOT), ERR_RANGE},
    {"a short root", RECEIPT_HEAD, FIXTURE_RAW("\x93\x01\x01\xc4\x01r"), ERR_RANGE},
    {"an empty log with a root", RECEIPT_HEAD, FIXTURE_RAW("\x93\x01\x00\xc4\x20" ROOT), ERR_VALUE},
    {"an empty peer's log with a root", RECEIPT_PEER_HEAD, FIXTURE_RAW("\x93\x01\x00\xc4\x20" ROOT),
	ERR_VALUE},
    {"time 0", RECEIPT_TIME, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a count beside outcomes", RECEIPT_COUNT, FIXTURE_RAW("\x03"), ERR_NOT_CANONICAL},
    {"a label beside outcomes", RECEIPT_TLP, FIXTURE_RAW("\x00"), ERR_NOT_CANONICAL},
};
static const struct fixture_spoiled SPOILED_TAKEN[] = {
    {"outcomes in a taken", RECEIPT_OUTCOMES, FIXTURE_RAW("\xc4\x02\x00\x00"), ERR_NOT_CANONICAL},
    {"count 0", RECEIPT_COUNT, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"one record too many", RECEIPT_COUNT, FIXTURE_RAW("\xcd\x02\x01"), ERR_RANGE},
    {"a label that is none", RECEIPT_TLP, FIXTURE_RAW("\x05"), ERR_RANGE},
};
/* clang-format on */

START_TEST(refuses_spoiled_fields)
{
	struct bytes bytes;

	encode_kind(RECEIPT_ORDINARY, &bytes);
	fixture_check_spoiled(
	    bytes_as_view(&bytes), LINE_LEN, SPOILED, sizeof(SPOILED) / sizeof(*SPOILED), decode);
	bytes_release(&bytes);
	encode_kind(RECEIPT_TAKEN, &bytes);
	fixture_check_spoiled(bytes_as_view(&bytes), LINE_LEN, SPOILED_TAKEN,
	    sizeof(SPOILED_TAKEN) / sizeof(*SPOILED_TAKEN), decode);
	bytes_release(&bytes);
}
END_TEST

START_TEST(takes_as_many_outcomes_as_a_batch_has_records)
{
	static uint8_t outcomes[2 * (BATCH_COUNT_MAX + 1)];
	struct receipt receipt;
	struct bytes bytes;

	fill(&receipt, RECEIPT_OPENED);
	receipt.outcomes = bytes_view_of(outcomes, 2 * BATCH_COUNT_MAX);
	encode(&receipt, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	bytes_release(&bytes);
	receipt.outcomes.len += 2;
	encode(&receipt, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(knows_the_root_of_an_empty_log)
{
	struct receipt receipt, found;
	struct bytes bytes;

	ck_err(digest_start(), ERR_NONE);
	fill(&receipt, RECEIPT_ORDINARY);
	receipt.head.size = 0;
	digest_sha256(bytes_view_of("", 0), &receipt.head.root);
	encode(&receipt, &bytes);
	ck_err(receipt_decode(bytes_as_view(&bytes), &found), ERR_NONE);
	ck_assert_uint_eq(found.head.size, 0);
	bytes_release(&bytes);
}
END_TEST

START_TEST(reads_and_writes_a_head_by_itself)
{
	struct head head = {.epoch = 2, .size = 3}, found;
	struct reader reader;
	struct writer writer;
	struct bytes bytes;

	memset(head.root.bytes, 0x36, 32);
	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	writer_open(&writer, &bytes);
	head_write(&writer, &head);
	ck_err(writer_close(&writer), ERR_NONE);
	ck_assert_uint_eq(bytes.len, 37);
	ck_assert_mem_eq(bytes.data, "\x93\x02\x03\xc4\x20\x36", 6);
	reader_open(&reader, bytes_as_view(&bytes));
	head_read(&reader, &found);
	ck_err(reader_close(&reader), ERR_NONE);
	ck_assert_mem_eq(&found, &head, sizeof(head));
	/* untouched on failure */
	memset(&found, 0x77, sizeof(found));
	reader_open(&reader, bytes_view_of(bytes.data, bytes.len - 1));
	head_read(&reader, &found);
	ck_assert(!reader_is_ok(&reader));
	ck_assert_uint_eq(found.epoch, UINT64_C(0x7777777777777777));
	bytes_release(&bytes);
}
END_TEST

SUITE_MAIN("wire/receipt", gives_back_what_was_written, leaves_out_a_peer_head_that_nobody_saw,
    refuses_it_cut_short_or_too_long, misses_what_must_be_there, refuses_spoiled_fields,
    takes_as_many_outcomes_as_a_batch_has_records, knows_the_root_of_an_empty_log,
    reads_and_writes_a_head_by_itself)
