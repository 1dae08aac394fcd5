#include "wire/header.h"

#include "tests/unit/wire_fixture.h"

#define LINE_LEN 18u /* "malla/envelope/v1\n" */

static void
fill(struct header *header)
{
	*header = (struct header){.suite = 1,
	    .sender_serial = 3,
	    .recipient_serial = 4,
	    .number = 20,
	    .count = 512,
	    .voided_count = 3,
	    .voided = {2, 3, 19},
	    .has_psk = true,
	    .time_ms = FIXTURE_TIME};
	memset(header->sender.bytes, 0x11, 32);
	memset(header->recipient.bytes, 0x12, 32);
	memset(header->root.bytes, 0x13, 32);
	memset(header->ciphertext.bytes, 0x14, 32);
	memset(header->commitment.bytes, 0x15, 32);
	memset(header->ephemeral, 0x16, 32);
	memset(header->nonce, 0x17, 24);
	memset(header->psk_id, 0x18, 8);
	memset(header->wrap_nonce, 0x19, 24);
	memset(header->wrap, 0x1a, 48);
	marking_init(&header->marking, TLP_AMBER);
	header->marking.permitted = PERMITTED_INTERNAL;
	header->marking.purpose = bytes_view_str("fraud prevention");
}

static void
encode(const struct header *header, struct bytes *head, struct bytes *out)
{
	bytes_init(head, FIXTURE_BYTES_MAX);
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(header_encode_head(header, head), ERR_NONE);
	ck_err(header_encode(bytes_as_view(head), header, out), ERR_NONE);
}

static enum err
decode(struct bytes_view in)
{
	struct header header, before;
	struct hash hash;
	enum err err;

	memset(&header, 0x77, sizeof(header));
	memset(&hash, 0x77, sizeof(hash));
	before = header;
	err = header_decode(in, &header, &hash);
	if (err != ERR_NONE) {
		ck_assert_mem_eq(&header, &before, sizeof(header));
		ck_assert_uint_eq(hash.bytes[0], 0x77);
	}
	return err;
}

/* The decoder's word on a head alone, wrapped as a certified one is: the head is then the
   end of the statement, so that what is cut off it is cut off the whole. */
static enum err
decode_head(struct bytes_view head)
{
	struct header certified = {.is_certified = true};
	struct bytes bytes;
	enum err err;

	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	ck_err(header_encode(head, &certified, &bytes), ERR_NONE);
	err = decode(bytes_as_view(&bytes));
	bytes_release(&bytes);
	return err;
}

static void
encode_certified(struct bytes *head, struct bytes *out)
{
	struct header header;

	fill(&header);
	header.is_certified = true;
	encode(&header, head, out);
}

START_TEST(gives_back_what_was_written)
{
	struct header header, found;
	struct bytes head, bytes, head_again, again;
	struct hash hash, expected;

	ck_err(digest_start(), ERR_NONE);
	fill(&header);
	encode(&header, &head, &bytes);
	ck_err(header_decode(bytes_as_view(&bytes), &found, &hash), ERR_NONE);
	ck_assert_uint_eq(found.suite, 1);
	ck_assert_mem_eq(&found.sender, &header.sender, 32);
	ck_assert_uint_eq(found.sender_serial, 3);
	ck_assert_mem_eq(&found.recipient, &header.recipient, 32);
	ck_assert_uint_eq(found.recipient_serial, 4);
	ck_assert_uint_eq(found.number, 20);
	ck_assert_mem_eq(&found.root, &header.root, 32);
	ck_assert_uint_eq(found.count, 512);
	ck_assert_uint_eq(found.marking.tlp, TLP_AMBER);
	ck_assert_uint_eq(found.marking.permitted, PERMITTED_INTERNAL);
	ck_same(found.marking.purpose, header.marking.purpose);
	ck_assert_mem_eq(&found.ciphertext, &header.ciphertext, 32);
	ck_assert_mem_eq(&found.commitment, &header.commitment, 32);
	ck_assert_mem_eq(found.ephemeral, header.ephemeral, 32);
	ck_assert_mem_eq(found.nonce, header.nonce, 24);
	ck_assert_uint_eq(found.voided_count, 3);
	ck_assert_uint_eq(found.voided[2], 19);
	ck_assert(!found.is_certified && found.has_psk);
	ck_assert_mem_eq(found.psk_id, header.psk_id, 8);
	ck_assert_uint_eq(found.time_ms, FIXTURE_TIME);
	ck_assert_mem_eq(found.wrap_nonce, header.wrap_nonce, 24);
	ck_assert_mem_eq(found.wrap, header.wrap, 48);
	header_hash(bytes_as_view(&head), &expected);
	ck_assert_mem_eq(&hash, &expected, 32);
	encode(&found, &head_again, &again);
	ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
	bytes_release(&head);
	bytes_release(&bytes);
	bytes_release(&head_again);
	bytes_release(&again);
}
END_TEST

START_TEST(leaves_out_what_is_not_stated)
{
	struct header header, found;
	struct bytes head, bytes;
	struct hash hash;

	fill(&header);
	header.voided_count = 0;
	header.has_psk = false;
	encode(&header, &head, &bytes);
	ck_assert_uint_eq(fixture_map_count(bytes_as_view(&head)), 14);
	ck_err(header_decode(bytes_as_view(&bytes), &found, &hash), ERR_NONE);
	ck_assert_uint_eq(found.voided_count, 0);
	ck_assert(!found.has_psk && !found.is_certified);
	bytes_release(&head);
	bytes_release(&bytes);
}
END_TEST

START_TEST(has_no_wrap_where_certified)
{
	struct bytes head, bytes;
	struct header found;
	struct hash hash;

	encode_certified(&head, &bytes);
	ck_assert_uint_eq(bytes.len, LINE_LEN + 1 + head.len);
	ck_err(header_decode(bytes_as_view(&bytes), &found, &hash), ERR_NONE);
	ck_assert(found.is_certified);
	ck_assert_uint_eq(found.wrap[0], 0);
	bytes_release(&head);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_a_wrap_in_the_wrong_place)
{
	struct header header;
	struct bytes head, bytes;

	fill(&header);
	encode(&header, &head, &bytes);
	bytes_clear(&bytes);
	header.is_certified = true; /* around a head that does not say so */
	ck_err(header_encode(bytes_as_view(&head), &header, &bytes), ERR_NONE);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NOT_CANONICAL);
	bytes_release(&head);
	bytes_release(&bytes);
	encode_certified(&head, &bytes);
	bytes_clear(&bytes);
	header.is_certified = false;
	ck_err(header_encode(bytes_as_view(&head), &header, &bytes), ERR_NONE);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NOT_CANONICAL);
	bytes_release(&head);
	bytes_release(&bytes);
}
END_TEST

START_TEST(says_no_to_certified_in_one_way_only)
{
	struct header header;
	struct bytes head, bytes, edited;

	/* false, with the wrap in its place: what it means is clear, and it is not how it is said
	 */
	fill(&header);
	encode(&header, &head, &bytes);
	bytes_init(&edited, FIXTURE_BYTES_MAX);
	fixture_edit(bytes_as_view(&head), 0, HEADER_CERTIFIED, bytes_view_of("\xc2", 1), &edited);
	bytes_clear(&bytes);
	ck_err(header_encode(bytes_as_view(&edited), &header, &bytes), ERR_NONE);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NOT_CANONICAL);
	bytes_release(&head);
	bytes_release(&bytes);
	bytes_release(&edited);
}
END_TEST

START_TEST(takes_the_marking_bytes_as_they_are)
{
	struct header header, found;
	struct bytes head, bytes, edited, again;
	struct bytes_view marking;
	struct hash hash;

	/* a marking with an odd key to come: compared and passed on as bytes */
	fill(&header);
	header.marking_bytes = bytes_view_of("\x82\x00\x01\x3d\xc3", 5);
	encode(&header, &head, &bytes);
	ck_err(header_decode(bytes_as_view(&bytes), &found, &hash), ERR_NONE);
	ck_assert_uint_eq(found.marking.tlp, TLP_GREEN);
	ck_same(found.marking_bytes, header.marking_bytes);
	ck_assert_uint_eq(found.unknown, 0);
	bytes_init(&again, FIXTURE_BYTES_MAX);
	ck_err(header_encode_head(&found, &again), ERR_NONE);
	ck_same(bytes_as_view(&again), bytes_as_view(&head));
	/* an odd key of the head is counted, and changes the hash */
	bytes_init(&edited, FIXTURE_BYTES_MAX);
	marking = bytes_view_of("\xc3", 1);
	fixture_edit(bytes_as_view(&head), 0, 29, marking, &edited);
	ck_err(decode_head(bytes_as_view(&head)), ERR_NOT_CANONICAL); /* not certified */
	bytes_clear(&bytes);
	ck_err(header_encode(bytes_as_view(&edited), &header, &bytes), ERR_NONE);
	ck_err(header_decode(bytes_as_view(&bytes), &found, &hash), ERR_NONE);
	ck_assert_uint_eq(found.unknown, 1);
	bytes_release(&head);
	bytes_release(&bytes);
	bytes_release(&edited);
	bytes_release(&again);
}
END_TEST

START_TEST(hashes_the_context_line_and_the_head_as_it_came)
{
	static const char text[] = "malla/envelope/v1\nhead";
	struct hash hash, expected;

	ck_err(digest_start(), ERR_NONE);
	header_hash(bytes_view_str("head"), &hash);
	digest_sha256(bytes_view_str(text), &expected);
	ck_assert_mem_eq(&hash, &expected, 32);
}
END_TEST

START_TEST(refuses_it_cut_short_or_too_long)
{
	uint8_t large[ENVELOPE_BYTES_MAX + 1] = "malla/envelope/v1\n";
	struct header header;
	struct bytes head, bytes;

	fill(&header);
	encode(&header, &head, &bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes_release(&head);
	bytes_release(&bytes);
	encode_certified(&head, &bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes_release(&head);
	bytes_release(&bytes);
	ck_err(decode(bytes_view_of(large, sizeof(large))), ERR_TOO_LARGE);
}
END_TEST

START_TEST(refuses_another_number_of_parts)
{
	static const struct {
		uint8_t byte;
		enum err err;
	} wrong[] = {{0x90, ERR_RANGE}, {0x92, ERR_NOT_CANONICAL}, {0x94, ERR_TOO_LARGE},
	    {0x81, ERR_TYPE}, {0xc4, ERR_TYPE}};
	struct header header;
	struct bytes head, bytes;
	size_t i;

	fill(&header);
	encode(&header, &head, &bytes);
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		bytes.data[LINE_LEN] = wrong[i].byte;
		ck_err(decode(bytes_as_view(&bytes)), wrong[i].err);
	}
	bytes.data[LINE_LEN] = 0x93;
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	bytes.data[0] = 'M';
	ck_err(decode(bytes_as_view(&bytes)), ERR_FORMAT);
	bytes_release(&head);
	bytes_release(&bytes);
}
END_TEST

START_TEST(misses_what_must_be_there)
{
	static const uint64_t required[] = {HEADER_SUITE, HEADER_SENDER, HEADER_SENDER_SERIAL,
	    HEADER_RECIPIENT, HEADER_RECIPIENT_SERIAL, HEADER_ROOT, HEADER_COUNT, HEADER_MARKING,
	    HEADER_CIPHERTEXT, HEADER_COMMITMENT, HEADER_EPHEMERAL, HEADER_NONCE, HEADER_TIME};
	static const uint64_t number[] = {HEADER_NUMBER};
	struct bytes head, bytes, edited;

	encode_certified(&head, &bytes);
	fixture_check_required(bytes_as_view(&head), 0, required, 13, decode_head);
	fixture_check_unknown(bytes_as_view(&head), 0, decode_head);
	/* voided numbers are below this one's, so that one is missed only without them */
	bytes_init(&edited, FIXTURE_BYTES_MAX);
	fixture_edit(bytes_as_view(&head), 0, HEADER_VOIDED, (struct bytes_view){NULL, 0}, &edited);
	fixture_check_required(bytes_as_view(&edited), 0, number, 1, decode_head);
	bytes_release(&head);
	bytes_release(&bytes);
	bytes_release(&edited);
}
END_TEST

#define NUMBER_TOO_LARGE FIXTURE_RAW("\xcf\x80\x00\x00\x00\x00\x00\x00\x00")

/* clang-format off */
static const struct fixture_spoiled SPOILED[] = {
    {"suite 0", HEADER_SUITE, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a suite to come", HEADER_SUITE, FIXTURE_RAW("\x02"), ERR_KEY},
    {"a short sender", HEADER_SENDER, FIXTURE_RAW("\xc4\x01" "s"), ERR_RANGE},
    {"sender serial 0", HEADER_SENDER_SERIAL, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a sender serial too large", HEADER_SENDER_SERIAL, NUMBER_TOO_LARGE, ERR_RANGE},
    {"a recipient that is text", HEADER_RECIPIENT, FIXTURE_RAW("\xa1r"), ERR_TYPE},
    {"recipient serial 0", HEADER_RECIPIENT_SERIAL, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a recipient serial too large", HEADER_RECIPIENT_SERIAL, NUMBER_TOO_LARGE, ERR_RANGE},
    {"number 0", HEADER_NUMBER, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a number too large", HEADER_NUMBER, NUMBER_TOO_LARGE, ERR_RANGE},
    {"a number that it voids itself", HEADER_NUMBER, FIXTURE_RAW("\x13"), ERR_RANGE},
    {"a short root", HEADER_ROOT, FIXTURE_RAW("\xc4\x01r"), ERR_RANGE},
    {"count 0", HEADER_COUNT, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"one record too many", HEADER_COUNT, FIXTURE_RAW("\xcd\x02\x01"), ERR_RANGE},
    {"a marking that is no map", HEADER_MARKING, FIXTURE_RAW("\x01"), ERR_TYPE},
    {"a marking with an even key to come", HEADER_MARKING, FIXTURE_RAW("\x82\x00\x01\x3e\xc3"),
	ERR_UNKNOWN_CRITICAL},
    {"a short ciphertext hash", HEADER_CIPHERTEXT, FIXTURE_RAW("\xc4\x01" "c"), ERR_RANGE},
    {"a short commitment", HEADER_COMMITMENT, FIXTURE_RAW("\xc4\x01" "c"), ERR_RANGE},
    {"a short ephemeral key", HEADER_EPHEMERAL, FIXTURE_RAW("\xc4\x01" "e"), ERR_RANGE},
    {"a short nonce", HEADER_NONCE, FIXTURE_RAW("\xc4\x01n"), ERR_RANGE},
    {"an empty list of voided numbers", HEADER_VOIDED, FIXTURE_RAW("\x90"), ERR_NOT_CANONICAL},
    {"four billion voided numbers", HEADER_VOIDED, FIXTURE_RAW("\xdd\xff\xff\xff\xff"),
	ERR_TRUNCATED},
    {"voided number 0", HEADER_VOIDED, FIXTURE_RAW("\x91\x00"), ERR_RANGE},
    {"voided numbers that descend", HEADER_VOIDED, FIXTURE_RAW("\x92\x05\x04"), ERR_ORDER},
    {"a voided number twice", HEADER_VOIDED, FIXTURE_RAW("\x92\x05\x05"), ERR_ORDER},
    {"its own number voided", HEADER_VOIDED, FIXTURE_RAW("\x91\x14"), ERR_RANGE},
    {"certified: false", HEADER_CERTIFIED, FIXTURE_RAW("\xc2"), ERR_NOT_CANONICAL},
    {"certified: 1", HEADER_CERTIFIED, FIXTURE_RAW("\x01"), ERR_TYPE},
    {"a short pre-shared key's id", HEADER_PSK, FIXTURE_RAW("\xc4\x01p"), ERR_RANGE},
    {"time 0", HEADER_TIME, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a time after year 9999", HEADER_TIME, FIXTURE_RAW("\xcf\x00\x00\xe6\x77\xd2\x1f\xdc\x00"),
	ERR_RANGE},
};
/* clang-format on */

START_TEST(refuses_spoiled_fields)
{
	struct bytes head, bytes, many;
	uint32_t i;

	encode_certified(&head, &bytes);
	fixture_check_spoiled(
	    bytes_as_view(&head), 0, SPOILED, sizeof(SPOILED) / sizeof(*SPOILED), decode_head);
	bytes_init(&many, FIXTURE_BYTES_MAX);
	bytes_append(&many, "\xdc\x00\x41", 3); /* one more than VOIDED_MAX */
	for (i = 0; i < VOIDED_MAX + 1; i++)
		bytes_append_u8(&many, (uint8_t)(i + 1));
	ck_err(fixture_decode_edited(
		   bytes_as_view(&head), 0, HEADER_VOIDED, bytes_as_view(&many), decode_head),
	    ERR_TOO_LARGE);
	bytes_release(&many);
	bytes_release(&head);
	bytes_release(&bytes);
}
END_TEST

SUITE_MAIN("wire/header", gives_back_what_was_written, leaves_out_what_is_not_stated,
    has_no_wrap_where_certified, refuses_a_wrap_in_the_wrong_place,
    says_no_to_certified_in_one_way_only, takes_the_marking_bytes_as_they_are,
    hashes_the_context_line_and_the_head_as_it_came, refuses_it_cut_short_or_too_long,
    refuses_another_number_of_parts, misses_what_must_be_there, refuses_spoiled_fields)
