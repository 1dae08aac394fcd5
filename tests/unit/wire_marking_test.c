#include "wire/marking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/wire_fixture.h"

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))
#define BYTES_31(letter)                                                                           \
	letter letter letter letter letter letter letter letter letter letter letter letter letter \
	    letter letter letter letter letter letter letter letter letter letter letter letter    \
		letter letter letter letter letter letter
#define BYTES_32(letter) BYTES_31(letter) letter
#define ORG(letter) "\xc4\x20" BYTES_32(letter)

static struct audience audience;

static struct org_id
org_of(uint8_t letter)
{
	struct org_id org;

	memset(org.bytes, letter, sizeof(org.bytes));
	return org;
}

/* ---------------------------------------------------------------- labels */

START_TEST(names_the_labels_as_first_writes_them)
{
	static const struct {
		enum tlp tlp;
		const char *name, *label;
	} rows[] = {
	    {TLP_CLEAR, "clear", "TLP:CLEAR"},
	    {TLP_GREEN, "green", "TLP:GREEN"},
	    {TLP_AMBER, "amber", "TLP:AMBER"},
	    {TLP_AMBER_STRICT, "amber+strict", "TLP:AMBER+STRICT"},
	    {TLP_RED, "red", "TLP:RED"},
	};
	enum tlp tlp;
	size_t i;

	ck_assert_uint_eq(COUNT_OF(rows), TLP_COUNT);
	for (i = 0; i < COUNT_OF(rows); i++) {
		/* stricter labels have higher codes */
		ck_assert_uint_eq(rows[i].tlp, i);
		ck_assert_str_eq(tlp_name(rows[i].tlp), rows[i].name);
		ck_assert_str_eq(tlp_label(rows[i].tlp), rows[i].label);
		tlp = (enum tlp)99;
		ck_assert(tlp_parse(bytes_view_str(rows[i].name), &tlp) && tlp == rows[i].tlp);
		tlp = (enum tlp)99;
		ck_assert(tlp_parse(bytes_view_str(rows[i].label), &tlp) && tlp == rows[i].tlp);
	}
	ck_assert_str_eq(tlp_name((enum tlp)5), "?");
	ck_assert_str_eq(tlp_label((enum tlp)5), "?");
}
END_TEST

START_TEST(takes_a_label_in_any_case_and_white_as_clear)
{
	enum tlp tlp = TLP_RED;

	ck_assert(tlp_parse(bytes_view_str("tlp:Amber+Strict"), &tlp) && tlp == TLP_AMBER_STRICT);
	ck_assert(tlp_parse(bytes_view_str("RED"), &tlp) && tlp == TLP_RED);
	ck_assert(tlp_parse(bytes_view_str("TLP:WHITE"), &tlp) && tlp == TLP_CLEAR);
	tlp = TLP_RED;
	ck_assert(tlp_parse(bytes_view_str("white"), &tlp) && tlp == TLP_CLEAR);
}
END_TEST

START_TEST(takes_nothing_else_for_a_label)
{
	static const char *const none[] = {"", "tlp:", "TLP:TLP:RED", "redd", "re", "amber strict",
	    "amber+", " red", "red ", "tlp red", "TLP-RED", "blue", "0"};
	enum tlp tlp = TLP_AMBER;
	size_t i;

	for (i = 0; i < COUNT_OF(none); i++)
		ck_assert_msg(!tlp_parse(bytes_view_str(none[i]), &tlp), "%s", none[i]);
	ck_assert(!tlp_parse(bytes_view_of("red\0", 4), &tlp));
	ck_assert(!tlp_parse(bytes_view_of(NULL, 0), &tlp));
	ck_assert_int_eq(tlp, TLP_AMBER);
}
END_TEST

/* ---------------------------------------------------------------- marking */

static enum err
decode_marking(struct bytes_view in)
{
	struct marking marking;
	struct reader reader;

	reader_open(&reader, in);
	marking_read(&reader, &marking);
	return reader_close(&reader);
}

static void
encode_marking(const struct marking *marking, struct bytes *out)
{
	struct writer writer;

	bytes_init(out, 4096);
	writer_open(&writer, out);
	marking_write(&writer, marking);
	ck_err(writer_close(&writer), ERR_NONE);
}

static void
full_marking(struct marking *marking)
{
	marking_init(marking, TLP_AMBER_STRICT);
	marking->permitted = PERMITTED_INTERNAL;
	marking->attribution = OBLIGATION_MUST_NOT;
	marking->purpose = bytes_view_str("prevenci\xc3\xb3n de fraude");
	marking->basis = bytes_view_str("legitimate interest");
	marking->start_ms = FIXTURE_TIME;
	marking->end_ms = FIXTURE_TIME + FIXTURE_DAY;
	marking->notification = OBLIGATION_MAY;
	marking->resale = OBLIGATION_MUST_NOT;
}

static void
expect_same_marking(const struct marking *a, const struct marking *b)
{
	ck_assert_int_eq(a->tlp, b->tlp);
	ck_assert_uint_eq(a->permitted, b->permitted);
	ck_assert_uint_eq(a->attribution, b->attribution);
	ck_assert_uint_eq(a->notification, b->notification);
	ck_assert_uint_eq(a->resale, b->resale);
	ck_assert_uint_eq(a->start_ms, b->start_ms);
	ck_assert_uint_eq(a->end_ms, b->end_ms);
	ck_same(a->purpose, b->purpose);
	ck_same(a->basis, b->basis);
}

/* Out, in and out again. */
static void
expect_marking_survives(const struct marking *marking)
{
	struct bytes first, second;
	struct marking found;
	struct reader reader;

	encode_marking(marking, &first);
	reader_open(&reader, bytes_as_view(&first));
	marking_read(&reader, &found);
	ck_err(reader_close(&reader), ERR_NONE);
	ck_assert_uint_eq(reader.unknown, 0);
	expect_same_marking(&found, marking);
	encode_marking(&found, &second);
	ck_same(bytes_as_view(&second), bytes_as_view(&first));
	bytes_release(&first);
	bytes_release(&second);
}

START_TEST(a_label_alone_is_a_map_of_one)
{
	struct marking marking;
	struct bytes bytes;

	marking_init(&marking, TLP_GREEN);
	encode_marking(&marking, &bytes);
	ck_assert_uint_eq(bytes.len, 3);
	ck_assert_mem_eq(bytes.data, "\x81\x00\x01", 3);
	bytes_release(&bytes);
}
END_TEST

START_TEST(every_statement_survives_with_and_without_the_others)
{
	struct marking full, some, none;
	unsigned set;

	full_marking(&full);
	for (set = 0; set < 256; set++) {
		marking_init(&none, (enum tlp)(set % TLP_COUNT));
		some = full;
		some.tlp = none.tlp;
		some.permitted = set & 1 ? full.permitted : none.permitted;
		some.attribution = set & 2 ? full.attribution : none.attribution;
		some.purpose = set & 4 ? full.purpose : none.purpose;
		some.basis = set & 8 ? full.basis : none.basis;
		some.start_ms = set & 16 ? full.start_ms : none.start_ms;
		some.end_ms = set & 32 ? full.end_ms : none.end_ms;
		some.notification = set & 64 ? full.notification : none.notification;
		some.resale = set & 128 ? full.resale : none.resale;
		expect_marking_survives(&some);
	}
}
END_TEST

START_TEST(every_value_of_a_statement_survives)
{
	struct marking marking;
	uint8_t value;

	marking_init(&marking, TLP_RED);
	for (value = PERMITTED_NONE; value <= PERMITTED_EXTERNAL_DIRECT; value++) {
		marking.permitted = value;
		expect_marking_survives(&marking);
	}
	for (value = OBLIGATION_MAY; value <= OBLIGATION_MUST_NOT; value++) {
		marking.attribution = value;
		expect_marking_survives(&marking);
	}
	marking.end_ms = 1; /* without a start */
	expect_marking_survives(&marking);
	marking.start_ms = TIME_MS_MAX - 1;
	marking.end_ms = TIME_MS_MAX;
	expect_marking_survives(&marking);
}
END_TEST

START_TEST(refuses_each_spoiled_statement_for_its_own_reason)
{
	static const struct fixture_spoiled spoiled[] = {
	    {"no such label", 0, FIXTURE_RAW("\x05"), ERR_RANGE},
	    {"a label as text", 0,
		FIXTURE_RAW("\xa3"
			    "red"),
		ERR_TYPE},
	    {"no such action", 2, FIXTURE_RAW("\x05"), ERR_RANGE},
	    {"unstated, said aloud", 2, FIXTURE_RAW("\xcc\xff"), ERR_RANGE},
	    {"no such obligation", 4, FIXTURE_RAW("\x03"), ERR_RANGE},
	    {"an empty purpose", 6, FIXTURE_RAW("\xa0"), ERR_RANGE},
	    {"a purpose of two lines", 6,
		FIXTURE_RAW("\xa3"
			    "a\nb"),
		ERR_UTF8},
	    {"a purpose of bytes", 6,
		FIXTURE_RAW("\xc4\x01"
			    "a"),
		ERR_TYPE},
	    {"an empty basis", 8, FIXTURE_RAW("\xa0"), ERR_RANGE},
	    {"a start of nothing", 10, FIXTURE_RAW("\x00"), ERR_RANGE},
	    {"a start after the year 9999", 10, FIXTURE_RAW("\xcf\x00\x00\xe6\x77\xd2\x1f\xdc\x00"),
		ERR_RANGE},
	    {"an end before the start", 12, FIXTURE_RAW("\x01"), ERR_RANGE},
	    {"notification: must", 14, FIXTURE_RAW("\x01"), ERR_RANGE},
	    {"no such notification", 14, FIXTURE_RAW("\x03"), ERR_RANGE},
	    {"resale: must", 16, FIXTURE_RAW("\x01"), ERR_RANGE},
	    {"a statement in a longer form", 16, FIXTURE_RAW("\xcc\x02"), ERR_NOT_CANONICAL},
	};
	static const uint64_t required[] = {MARKING_TLP};
	struct marking marking;
	struct bytes bytes;

	full_marking(&marking);
	encode_marking(&marking, &bytes);
	fixture_check_spoiled(bytes_as_view(&bytes), 0, spoiled, COUNT_OF(spoiled), decode_marking);
	fixture_check_required(bytes_as_view(&bytes), 0, required, 1, decode_marking);
	fixture_check_unknown(bytes_as_view(&bytes), 0, decode_marking);
	fixture_check_length(bytes_as_view(&bytes), decode_marking);
	bytes_release(&bytes);
}
END_TEST

START_TEST(an_end_is_after_its_start)
{
	struct marking marking;
	struct bytes bytes;

	marking_init(&marking, TLP_CLEAR);
	marking.start_ms = FIXTURE_TIME;
	marking.end_ms = FIXTURE_TIME;
	encode_marking(&marking, &bytes);
	ck_err(decode_marking(bytes_as_view(&bytes)), ERR_RANGE);
	bytes_release(&bytes);
	marking.end_ms++;
	encode_marking(&marking, &bytes);
	ck_err(decode_marking(bytes_as_view(&bytes)), ERR_NONE);
	bytes_release(&bytes);
	/* nothing is after the last moment there is */
	marking.start_ms = TIME_MS_MAX;
	marking.end_ms = TIME_MS_MAX;
	encode_marking(&marking, &bytes);
	ck_err(decode_marking(bytes_as_view(&bytes)), ERR_RANGE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(purpose_and_basis_have_a_longest)
{
	char text[TERM_BYTES_MAX + 1];
	struct marking marking;
	struct bytes bytes;

	memset(text, 'a', sizeof(text));
	marking_init(&marking, TLP_CLEAR);
	marking.purpose = bytes_view_of(text, TERM_BYTES_MAX);
	marking.basis = bytes_view_of(text, TERM_BYTES_MAX);
	expect_marking_survives(&marking);
	marking.basis.len++;
	encode_marking(&marking, &bytes);
	ck_err(decode_marking(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(a_marking_that_fails_is_left_as_it_was)
{
	struct marking marking, before;
	struct reader reader;

	full_marking(&marking);
	before = marking;
	reader_open(&reader, bytes_view_of("\x82\x00\x01\x02\x09", 5));
	marking_read(&reader, &marking);
	ck_assert(!reader_is_ok(&reader));
	ck_assert_uint_eq(reader.err_at, 4);
	expect_same_marking(&marking, &before);
	reader_open(&reader, bytes_view_of("\x82\x00\x01\x0e\x01", 5));
	marking_read(&reader, &marking);
	ck_assert_uint_eq(reader.err_at, 4); /* the statement, not what follows it */
}
END_TEST

/* ---------------------------------------------------------------- audience */

static enum err
decode_audience(struct bytes_view in)
{
	struct reader reader;

	memset(&audience, 0x77, sizeof(audience));
	reader_open(&reader, in);
	audience_read(&reader, &audience);
	if (!reader_is_ok(&reader))
		ck_assert(audience_is_empty(&audience) && audience.persons_count == 0);
	return reader_close(&reader);
}

static void
encode_audience(const struct audience *from, struct bytes *out)
{
	struct writer writer;

	bytes_init(out, FIXTURE_BYTES_MAX);
	writer_open(&writer, out);
	audience_write(&writer, from);
	ck_err(writer_close(&writer), ERR_NONE);
}

static void
expect_audience_survives(const struct audience *from)
{
	struct bytes first, second;

	encode_audience(from, &first);
	ck_err(decode_audience(bytes_as_view(&first)), ERR_NONE);
	encode_audience(&audience, &second);
	ck_same(bytes_as_view(&second), bytes_as_view(&first));
	bytes_release(&first);
	bytes_release(&second);
}

static void
add_org(struct audience *to, uint8_t letter)
{
	struct org_id org = org_of(letter);

	ck_err(audience_add_org(to, &org), ERR_NONE);
}

static void
add_person(struct audience *to, uint8_t letter, const char *name)
{
	struct org_id org = org_of(letter);

	ck_err(audience_add_person(to, &org, bytes_view_str(name)), ERR_NONE);
}

/* Two organisations, three persons, a community. */
static void
full_audience(struct audience *out)
{
	audience_init(out);
	add_person(out, 0xb2, "red-desk");
	add_person(out, 0xb2, "ana.lopez");
	add_person(out, 0xa1, "z_9");
	add_org(out, 0xa1);
	out->has_community = true;
	memset(out->community.bytes, 0xcc, sizeof(out->community.bytes));
}

START_TEST(keeps_organisations_in_order_and_once)
{
	static const uint8_t letters[] = {0x50, 0x10, 0x90, 0x50, 0x10, 0x30, 0xff, 0x00, 0x90};
	static const uint8_t expected[] = {0x00, 0x10, 0x30, 0x50, 0x90, 0xff};
	struct org_id org;
	size_t i;

	audience_init(&audience);
	ck_assert(audience_is_empty(&audience));
	for (i = 0; i < COUNT_OF(letters); i++)
		add_org(&audience, letters[i]);
	ck_assert_uint_eq(audience.orgs_count, COUNT_OF(expected));
	for (i = 0; i < COUNT_OF(expected); i++) {
		ck_assert_uint_eq(audience.orgs[i].bytes[0], expected[i]);
		ck_assert(audience_has_org(&audience, &audience.orgs[i]));
	}
	org = org_of(0x51);
	ck_assert(!audience_has_org(&audience, &org));
	ck_assert(!audience_is_empty(&audience));
}
END_TEST

START_TEST(keeps_persons_in_order_and_once_with_their_organisations)
{
	struct org_id ours = org_of(0xb2), other = org_of(0xa1), stranger = org_of(0x99);

	full_audience(&audience);
	add_person(&audience, 0xb2, "ana.lopez");
	ck_assert_uint_eq(audience.orgs_count, 2);
	ck_assert_uint_eq(audience.persons_count, 3);
	ck_same(audience.persons[0].name, bytes_view_str("z_9"));
	ck_same(audience.persons[1].name, bytes_view_str("ana.lopez"));
	ck_same(audience.persons[2].name, bytes_view_str("red-desk"));
	ck_assert(audience_has_org(&audience, &ours) && audience_has_org(&audience, &other));
	ck_assert(audience_has_person(&audience, &ours, bytes_view_str("ana.lopez")));
	ck_assert(!audience_has_person(&audience, &other, bytes_view_str("ana.lopez")));
	ck_assert(!audience_has_person(&audience, &ours, bytes_view_str("ana")));
	ck_assert(audience_has_persons_of(&audience, &ours));
	ck_assert(!audience_has_persons_of(&audience, &stranger));
	add_org(&audience, 0x99);
	ck_assert(!audience_has_persons_of(&audience, &stranger));
}
END_TEST

START_TEST(a_community_alone_is_an_audience)
{
	audience_init(&audience);
	audience.has_community = true;
	ck_assert(!audience_is_empty(&audience));
	expect_audience_survives(&audience);
}
END_TEST

START_TEST(tells_names_of_persons_from_others)
{
	char longest[PERSON_BYTES_MAX + 2];
	struct org_id org = org_of(1);

	ck_assert(audience_is_person_name(bytes_view_str("a")));
	ck_assert(audience_is_person_name(bytes_view_str("ana.lopez_2-b")));
	ck_assert(!audience_is_person_name(bytes_view_str("")));
	ck_assert(!audience_is_person_name(bytes_view_str("Ana")));
	ck_assert(!audience_is_person_name(bytes_view_str("ana lopez")));
	ck_assert(!audience_is_person_name(bytes_view_str("ana@norte")));
	ck_assert(!audience_is_person_name(bytes_view_str("an\xc3\xa1")));
	ck_assert(!audience_is_person_name(bytes_view_of("a\0", 2)));
	memset(longest, 'a', sizeof(longest));
	ck_assert(audience_is_person_name(bytes_view_of(longest, PERSON_BYTES_MAX)));
	ck_assert(!audience_is_person_name(bytes_view_of(longest, PERSON_BYTES_MAX + 1)));
	audience_init(&audience);
	ck_err(audience_add_person(&audience, &org, bytes_view_str("Ana")), ERR_VALUE);
	ck_assert(audience_is_empty(&audience));
}
END_TEST

START_TEST(says_when_it_is_full)
{
	char names[AUDIENCE_PERSONS_MAX][16];
	struct org_id org = {{0}};
	uint32_t i;

	audience_init(&audience);
	for (i = 0; i < AUDIENCE_ORGS_MAX; i++) {
		bytes_put_u16(org.bytes, (uint16_t)(1000 - i));
		ck_err(audience_add_org(&audience, &org), ERR_NONE);
	}
	ck_err(audience_add_org(&audience, &org), ERR_NONE); /* there already */
	for (i = 0; i < AUDIENCE_PERSONS_MAX; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "p%02u", (unsigned)(99 - i));
		ck_err(audience_add_person(&audience, &org, bytes_view_str(names[i])), ERR_NONE);
	}
	ck_err(audience_add_person(&audience, &org, bytes_view_str("p99")), ERR_NONE);
	ck_err(audience_add_person(&audience, &org, bytes_view_str("another")), ERR_TOO_LARGE);
	expect_audience_survives(&audience);
	/* a person of one organisation more, which has no room */
	audience.persons_count = 1;
	bytes_put_u16(org.bytes, 5);
	ck_err(audience_add_org(&audience, &org), ERR_TOO_LARGE);
	ck_err(audience_add_person(&audience, &org, bytes_view_str("ana")), ERR_TOO_LARGE);
	ck_assert_uint_eq(audience.orgs_count, AUDIENCE_ORGS_MAX);
	ck_assert_uint_eq(audience.persons_count, 1);
}
END_TEST

START_TEST(refuses_more_than_it_can_hold)
{
	struct org_id org = {{0}};
	struct writer writer;
	struct bytes bytes;
	uint32_t i;

	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	writer_open(&writer, &bytes);
	writer_map(&writer, 1);
	writer_uint(&writer, AUDIENCE_ORGS);
	writer_array(&writer, AUDIENCE_ORGS_MAX + 1);
	for (i = 0; i <= AUDIENCE_ORGS_MAX; i++) {
		bytes_put_u16(org.bytes, (uint16_t)i);
		writer_bin(&writer, org.bytes, sizeof(org.bytes));
	}
	ck_err(decode_audience(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_clear(&bytes);
	writer_map(&writer, 2);
	writer_uint(&writer, AUDIENCE_ORGS);
	writer_array(&writer, 1);
	writer_bin(&writer, org.bytes, sizeof(org.bytes));
	writer_uint(&writer, AUDIENCE_PERSONS);
	writer_array(&writer, AUDIENCE_PERSONS_MAX + 1);
	for (i = 0; i <= AUDIENCE_PERSONS_MAX; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "p%03u", (unsigned)i);
		writer_array(&writer, 2);
		writer_bin(&writer, org.bytes, sizeof(org.bytes));
		writer_str(&writer, bytes_view_str(name));
	}
	ck_err(decode_audience(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(an_audience_survives)
{
	static struct audience full;

	full_audience(&full);
	expect_audience_survives(&full);
	full.has_community = false;
	expect_audience_survives(&full);
	full.persons_count = 0;
	expect_audience_survives(&full);
}
END_TEST

START_TEST(refuses_each_spoiled_audience_for_its_own_reason)
{
	static const struct fixture_spoiled spoiled[] = {
	    {"no organisations, said aloud", 0, FIXTURE_RAW("\x90"), ERR_RANGE},
	    {"an organisation of 31 bytes", 0, FIXTURE_RAW("\x91\xc4\x1f" BYTES_31("\xb2")),
		ERR_RANGE},
	    {"an organisation of 33 bytes", 0, FIXTURE_RAW("\x91\xc4\x21" BYTES_32("\xb2") "\xb2"),
		ERR_TOO_LARGE},
	    {"an organisation as text", 0, FIXTURE_RAW("\x91\xd9\x20" BYTES_32("a")), ERR_TYPE},
	    {"an organisation twice", 0, FIXTURE_RAW("\x92" ORG("\xb2") ORG("\xb2")), ERR_ORDER},
	    {"organisations out of order", 0, FIXTURE_RAW("\x92" ORG("\xb2") ORG("\xa1")),
		ERR_ORDER},
	    {"persons of one who is not named", 0, FIXTURE_RAW("\x91" ORG("\xa1")), ERR_MISSING},
	    {"no persons, said aloud", 2, FIXTURE_RAW("\x90"), ERR_RANGE},
	    {"a person of three parts", 2,
		FIXTURE_RAW("\x91\x93" ORG("\xb2") "\xa1"
						   "a\x00"),
		ERR_TOO_LARGE},
	    {"a person without a name", 2, FIXTURE_RAW("\x91\x92" ORG("\xb2") "\xa0"), ERR_RANGE},
	    {"a person with a capital", 2,
		FIXTURE_RAW("\x91\x92" ORG("\xb2") "\xa1"
						   "A"),
		ERR_VALUE},
	    {"a person twice", 2,
		FIXTURE_RAW("\x92\x92" ORG("\xb2") "\xa1"
						   "a\x92" ORG("\xb2") "\xa1"
								       "a"),
		ERR_ORDER},
	    {"persons out of order", 2,
		FIXTURE_RAW("\x92\x92" ORG("\xb2") "\xa1"
						   "b\x92" ORG("\xb2") "\xa1"
								       "a"),
		ERR_ORDER},
	    {"persons in order by name alone", 2,
		FIXTURE_RAW("\x92\x92" ORG("\xb2") "\xa1"
						   "a\x92" ORG("\xa1") "\xa1"
								       "b"),
		ERR_ORDER},
	    {"a person of a stranger", 2,
		FIXTURE_RAW("\x91\x92" ORG("\xb3") "\xa1"
						   "a"),
		ERR_MISSING},
	    {"a community of 31 bytes", 4, FIXTURE_RAW("\xc4\x1f" BYTES_31("\xcc")), ERR_RANGE},
	    {"a community of truth", 4, FIXTURE_RAW("\xc3"), ERR_TYPE},
	};
	static const uint64_t required[] = {AUDIENCE_ORGS}; /* where persons are */
	static struct audience full;
	struct bytes bytes;

	full_audience(&full);
	encode_audience(&full, &bytes);
	fixture_check_spoiled(
	    bytes_as_view(&bytes), 0, spoiled, COUNT_OF(spoiled), decode_audience);
	fixture_check_required(bytes_as_view(&bytes), 0, required, 1, decode_audience);
	fixture_check_unknown(bytes_as_view(&bytes), 0, decode_audience);
	fixture_check_length(bytes_as_view(&bytes), decode_audience);
	bytes_release(&bytes);
	ck_err(decode_audience(bytes_view_of("\x80", 1)), ERR_NOT_CANONICAL);
}
END_TEST

SUITE_MAIN("wire/marking", names_the_labels_as_first_writes_them,
    takes_a_label_in_any_case_and_white_as_clear, takes_nothing_else_for_a_label,
    a_label_alone_is_a_map_of_one, every_statement_survives_with_and_without_the_others,
    every_value_of_a_statement_survives, refuses_each_spoiled_statement_for_its_own_reason,
    an_end_is_after_its_start, purpose_and_basis_have_a_longest,
    a_marking_that_fails_is_left_as_it_was, keeps_organisations_in_order_and_once,
    keeps_persons_in_order_and_once_with_their_organisations, a_community_alone_is_an_audience,
    tells_names_of_persons_from_others, says_when_it_is_full, refuses_more_than_it_can_hold,
    an_audience_survives, refuses_each_spoiled_audience_for_its_own_reason)
