/* Disputes, amendments, relations and charters. */
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/wire_fixture.h"
#include "wire/record.h"

static struct record made, found;

static struct org_id
org_of(uint8_t letter)
{
	struct org_id org;

	memset(org.bytes, letter, sizeof(org.bytes));
	return org;
}

static struct record *
start(enum record_kind kind)
{
	record_init(&made, kind, TLP_AMBER);
	made.is_draft = false;
	made.author = org_of(0xa1);
	made.created_ms = FIXTURE_TIME;
	memset(made.nonce.bytes, 0x33, sizeof(made.nonce.bytes));
	return &made;
}

/* What decoding says of a record. */
static enum err
outcome(const struct record *record)
{
	struct bytes bytes;
	enum err err;

	bytes_init(&bytes, RECORD_BYTES_MAX);
	ck_err(record_encode(record, &bytes), ERR_NONE);
	err = record_decode(bytes_as_view(&bytes), record->is_draft, &found, NULL);
	bytes_release(&bytes);
	return err;
}

/* Decodes, and gives the same bytes again. */
static void
expect_survives(const struct record *record)
{
	struct bytes first, second;

	bytes_init(&first, RECORD_BYTES_MAX);
	bytes_init(&second, RECORD_BYTES_MAX);
	ck_err(record_encode(record, &first), ERR_NONE);
	memset(&found, 0x99, sizeof(found));
	ck_err(record_decode(bytes_as_view(&first), record->is_draft, &found, NULL), ERR_NONE);
	ck_err(record_encode(&found, &second), ERR_NONE);
	ck_same(bytes_as_view(&second), bytes_as_view(&first));
	bytes_release(&first);
	bytes_release(&second);
}

static struct record *
relation(enum relation_type type, enum relation_state state)
{
	struct record *record = start(RECORD_RELATION);
	struct relation *stated = &record->body.relation;

	stated->type = type;
	stated->state = state;
	if (type == RELATION_LEFT) {
		stated->has_community = true;
		memset(stated->community.bytes, 0xc0, sizeof(stated->community.bytes));
		return record;
	}
	stated->has_subject = true;
	stated->subject = org_of(0xa1);
	if (type != RELATION_GRANT) {
		stated->has_object = true;
		stated->object = org_of(0xb2);
		return record;
	}
	record->valid_until_ms = FIXTURE_TIME + 1;
	if (state == RELATION_ACTIVE) {
		stated->to_sector = bytes_view_str("bank");
		stated->has_tlp = true;
		stated->tlp = TLP_CLEAR;
	}
	return record;
}

static struct org_id orgs[MEMBERS_MAX + 1];

static void
number_orgs(void)
{
	uint32_t i;

	memset(orgs, 0, sizeof(orgs));
	for (i = 0; i <= MEMBERS_MAX; i++) {
		orgs[i].bytes[0] = (uint8_t)(i >> 8);
		orgs[i].bytes[1] = (uint8_t)i;
	}
}

static struct record *
charter(uint64_t serial)
{
	struct record *record = start(RECORD_CHARTER);
	struct charter *stated = &record->body.charter;

	number_orgs();
	record->body.title = bytes_view_str("fin-mx");
	stated->serial = serial;
	stated->has_community = stated->has_previous = serial > 1;
	stated->stewards = org_list_of(orgs, 3);
	stated->threshold = 2;
	stated->members = org_list_of(orgs, 5);
	memset(stated->nonce.bytes, 0x44, sizeof(stated->nonce.bytes));
	return record;
}

static struct record *
amendment(enum record_kind as)
{
	struct record *record = start(RECORD_AMENDMENT);
	struct observable observable = {OBSERVABLE_DOMAIN, bytes_view_str("evil.example")};

	memset(record->body.target.bytes, 0x7a, sizeof(record->body.target.bytes));
	record->body.as = as;
	if (as == RECORD_INDICATOR)
		ck_err(record_add_observable(record, &observable), ERR_NONE);
	if (as == RECORD_NOTE || as == RECORD_ADVISORY) {
		record->body.title = bytes_view_str("title");
		record->body.text = bytes_view_str("text");
	}
	if (as == RECORD_SIGHTING)
		record->body.outcome = SIGHTING_SEEN;
	return record;
}

static struct record *
dispute(void)
{
	struct record *record = start(RECORD_DISPUTE);

	memset(record->body.target.bytes, 0x7a, sizeof(record->body.target.bytes));
	record->body.dispute = DISPUTE_OTHER;
	return record;
}

START_TEST(each_survives_with_what_it_may_have)
{
	static const enum record_kind kinds[] = {
	    RECORD_INDICATOR, RECORD_NOTE, RECORD_ADVISORY, RECORD_SIGHTING};
	struct record *record;
	size_t i;

	expect_survives(dispute());
	ck_assert_int_eq(found.body.dispute, DISPUTE_OTHER);
	ck_assert_int_eq(found.body.target.bytes[31], 0x7a);
	record = dispute();
	record->body.text = bytes_view_str("why");
	expect_survives(record);
	for (i = 0; i < 4; i++) {
		expect_survives(amendment(kinds[i]));
		ck_assert_int_eq(record_form(&found), kinds[i]);
	}
	for (i = RELATION_CLIENT_OF; i <= RELATION_LEFT; i++) {
		expect_survives(relation((enum relation_type)i, RELATION_ACTIVE));
		expect_survives(relation((enum relation_type)i, RELATION_ENDED));
		ck_assert_int_eq(found.body.relation.type, i);
		ck_assert_int_eq(found.body.relation.state, RELATION_ENDED);
	}
	expect_survives(charter(1));
	ck_assert(!found.body.charter.has_community);
	expect_survives(charter(2));
	ck_assert(found.body.charter.has_community && !found.body.relation.has_community);
	record = charter(NUMBER_MAX);
	record->is_draft = true;
	expect_survives(record);
}
END_TEST

START_TEST(a_grant_comes_back_as_it_was_said)
{
	struct record *record = relation(RELATION_GRANT, RELATION_ACTIVE);
	struct relation *stated = &record->body.relation;

	number_orgs();
	stated->has_subject = false;
	stated->has_community = true;
	memset(stated->community.bytes, 1, 32);
	stated->has_to_community = true;
	memset(stated->to_community.bytes, 2, 32);
	stated->has_target = true;
	memset(stated->target.bytes, 3, 32);
	stated->to_orgs = org_list_of(orgs, AUDIENCE_ORGS_MAX);
	stated->tlp = TLP_RED;
	expect_survives(record);
	stated = &found.body.relation;
	ck_assert(stated->has_community && stated->has_to_community && stated->has_target);
	ck_assert(!stated->has_subject && !stated->has_object && stated->has_tlp);
	ck_assert_int_eq(stated->target.bytes[0], 3);
	ck_assert_int_eq(stated->tlp, TLP_RED);
	ck_assert_uint_eq(stated->to_orgs.count, AUDIENCE_ORGS_MAX);
	record->body.relation.to_orgs = org_list_of(orgs, AUDIENCE_ORGS_MAX + 1);
	ck_err(outcome(record), ERR_TOO_LARGE);
}
END_TEST

START_TEST(an_organisation_is_found_in_a_list_wherever_it_stands)
{
	struct record *record = charter(1);
	struct charter *read = &found.body.charter;
	struct bytes bytes;
	uint32_t i;

	record->body.charter.members = org_list_of(orgs + 1, MEMBERS_MAX);
	bytes_init(&bytes, RECORD_BYTES_MAX);
	ck_err(record_encode(record, &bytes), ERR_NONE);
	ck_err(record_decode(bytes_as_view(&bytes), false, &found, NULL), ERR_NONE);
	ck_assert_uint_eq(read->members.count, MEMBERS_MAX);
	for (i = 1; i <= MEMBERS_MAX; i++) {
		struct org_id at = org_list_at(&read->members, i - 1);

		ck_assert_mem_eq(at.bytes, orgs[i].bytes, 32);
		ck_assert(org_list_has(&read->members, &orgs[i]));
	}
	ck_assert(!org_list_has(&read->members, &orgs[0]));
	ck_assert(charter_has(read, &orgs[0])); /* a steward */
	bytes_release(&bytes);
	record->body.charter.members = org_list_of(orgs, MEMBERS_MAX + 1);
	ck_err(outcome(record), ERR_TOO_LARGE);
	record->body.charter.members = org_list_of(orgs, 0);
	ck_err(outcome(record), ERR_MISSING);
	orgs[3] = orgs[2];
	record->body.charter.members = org_list_of(orgs, 5);
	ck_err(outcome(record), ERR_ORDER);
}
END_TEST

static void
no_title(struct record *record)
{
	record->body.title = bytes_view_of(NULL, 0);
}

static void
no_serial(struct record *record)
{
	record->body.charter.serial = 0;
}

static void
no_stewards(struct record *record)
{
	record->body.charter.stewards.count = 0;
}

static void
no_threshold(struct record *record)
{
	record->body.charter.threshold = 0;
}

static void
more_than_stewards(struct record *record)
{
	record->body.charter.threshold = 4;
}

static void
flip_community(struct record *record)
{
	record->body.charter.has_community = !record->body.charter.has_community;
}

static void
flip_previous(struct record *record)
{
	record->body.charter.has_previous = !record->body.charter.has_previous;
}

START_TEST(refuses_a_charter_that_says_too_little_or_too_much)
{
	static const struct {
		void (*spoil)(struct record *record);
		uint64_t serial;
		enum err err;
	} cases[] = {
	    {no_title, 1, ERR_MISSING},
	    {no_serial, 1, ERR_MISSING},
	    {no_stewards, 1, ERR_RANGE}, /* a threshold of two stewards of none */
	    {no_threshold, 1, ERR_MISSING},
	    {more_than_stewards, 1, ERR_RANGE},
	    {flip_community, 1, ERR_VALUE},
	    {flip_previous, 1, ERR_VALUE},
	    {flip_community, 2, ERR_MISSING},
	    {flip_previous, 2, ERR_MISSING},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct record *record = charter(cases[i].serial);
		enum err err;

		ck_err(outcome(record), ERR_NONE);
		cases[i].spoil(record);
		err = outcome(record);
		ck_assert_msg(err == cases[i].err, "%u: %s", (unsigned)i, err_name(err));
	}
}
END_TEST

START_TEST(refuses_a_relation_that_says_too_little_or_too_much)
{
	struct record *record = relation(RELATION_CLIENT_OF, RELATION_ACTIVE);

	record->body.relation.has_object = false;
	ck_err(outcome(record), ERR_MISSING);
	record = relation(RELATION_CLIENT_OF, RELATION_STATE_UNSTATED);
	ck_err(outcome(record), ERR_MISSING);
	record = relation(RELATION_CONSTITUENT_OF, RELATION_ACTIVE);
	record->body.relation.object = record->body.relation.subject;
	ck_err(outcome(record), ERR_VALUE);
	record = relation(RELATION_CONSTITUENT_OF, RELATION_ACTIVE);
	record->body.relation.has_community = true;
	ck_err(outcome(record), ERR_VALUE);
	record = relation(RELATION_CLIENT_OF, RELATION_ACTIVE);
	record->body.relation.has_tlp = true;
	ck_err(outcome(record), ERR_VALUE);
	record = relation(RELATION_LEFT, RELATION_ACTIVE);
	record->body.relation.has_community = false;
	ck_err(outcome(record), ERR_MISSING);
	record = relation(RELATION_LEFT, RELATION_ACTIVE);
	record->body.relation.has_subject = true;
	ck_err(outcome(record), ERR_VALUE);
	record = relation(RELATION_GRANT, RELATION_ACTIVE);
	record->body.relation.has_object = true;
	ck_err(outcome(record), ERR_VALUE);
	record = relation(RELATION_GRANT, RELATION_ACTIVE);
	record->body.relation.has_community = true;
	ck_err(outcome(record), ERR_VALUE);
	record = relation(RELATION_GRANT, RELATION_ACTIVE);
	record->body.relation.has_subject = false;
	ck_err(outcome(record), ERR_MISSING);
	record = relation(RELATION_GRANT, RELATION_ACTIVE);
	record->body.relation.to_sector.len = 0;
	ck_err(outcome(record), ERR_MISSING);
	record = relation(RELATION_GRANT, RELATION_ACTIVE);
	record->body.relation.has_tlp = false;
	ck_err(outcome(record), ERR_MISSING);
	record = relation(RELATION_GRANT, RELATION_ACTIVE);
	record->valid_until_ms = 0;
	ck_err(outcome(record), ERR_MISSING);
	record = relation(RELATION_GRANT, RELATION_ENDED);
	record->body.relation.to_sector = bytes_view_str("bank");
	ck_err(outcome(record), ERR_VALUE);
}
END_TEST

START_TEST(refuses_a_relation_of_others_from_whoever_states_it)
{
	struct record *record = relation(RELATION_CLIENT_OF, RELATION_ACTIVE);
	struct bytes draft, whole;
	size_t before;

	record->author = org_of(0xb2);
	ck_err(outcome(record), ERR_NONE);
	record->author = org_of(0xc3);
	ck_err(outcome(record), ERR_VALUE);
	/* a draft does not say yet who its author is */
	record->is_draft = true;
	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&whole, RECORD_BYTES_MAX);
	ck_err(record_encode(record, &draft), ERR_NONE);
	ck_err(record_decode(bytes_as_view(&draft), true, &found, NULL), ERR_NONE);
	found.author = org_of(0xc3);
	found.created_ms = FIXTURE_TIME;
	before = whole.len;
	ck_err(record_complete(&found, bytes_as_view(&draft), &whole), ERR_VALUE);
	ck_assert(found.is_draft && whole.len == before);
	found.author = org_of(0xa1);
	ck_err(record_complete(&found, bytes_as_view(&draft), &whole), ERR_NONE);
	bytes_release(&draft);
	bytes_release(&whole);
}
END_TEST

START_TEST(refuses_an_amendment_with_the_body_of_another_kind)
{
	struct record *record = amendment(RECORD_QUESTION);

	ck_err(outcome(record), ERR_VALUE);
	record = amendment(RECORD_NOTE);
	record->body.pattern = bytes_view_str("pattern");
	ck_err(outcome(record), ERR_VALUE);
	record = amendment(RECORD_NOTE);
	record->body.text.len = 0;
	ck_err(outcome(record), ERR_MISSING);
	record = amendment(RECORD_SIGHTING);
	record->body.outcome = SIGHTING_UNSTATED;
	ck_err(outcome(record), ERR_MISSING);
	record = amendment(RECORD_INDICATOR);
	record->observables_count = 0;
	ck_err(outcome(record), ERR_MISSING);
	record = amendment(RECORD_INDICATOR);
	record->body.combine = RECORD_COMBINE_ANY;
	ck_err(outcome(record), ERR_NOT_CANONICAL);
	record = amendment(RECORD_ADVISORY);
	record->body.as = (enum record_kind)0;
	ck_err(outcome(record), ERR_MISSING);
	record = amendment(RECORD_ADVISORY);
	record->body.as = RECORD_DISPUTE;
	ck_err(outcome(record), ERR_RANGE);
}
END_TEST

START_TEST(refuses_a_dispute_without_a_reason_or_with_another)
{
	struct record *record = dispute();

	record->body.dispute = DISPUTE_UNSTATED;
	ck_err(outcome(record), ERR_MISSING);
	record->body.dispute = (enum dispute)6;
	ck_err(outcome(record), ERR_RANGE);
	record = dispute();
	record->body.title = bytes_view_str("title");
	ck_err(outcome(record), ERR_VALUE);
}
END_TEST

START_TEST(a_community_is_the_hash_of_its_first_charter)
{
	struct record *record = charter(1);
	struct community_id first, second;
	struct hash hash, again;
	struct bytes bytes;

	bytes_init(&bytes, RECORD_BYTES_MAX);
	ck_err(record_encode(record, &bytes), ERR_NONE);
	ck_err(record_decode(bytes_as_view(&bytes), false, &found, NULL), ERR_NONE);
	charter_hash(found.body_bytes, &hash);
	charter_community(&found.body.charter, found.body_bytes, &first);
	ck_assert_mem_eq(first.bytes, hash.bytes, 32);
	/* of another author, time, label and nonce of the record: the same */
	record->author = org_of(0xb2);
	record->created_ms++;
	record->marking.tlp = TLP_AMBER_STRICT;
	memset(record->nonce.bytes, 0x55, sizeof(record->nonce.bytes));
	bytes_clear(&bytes);
	ck_err(record_encode(record, &bytes), ERR_NONE);
	ck_err(record_decode(bytes_as_view(&bytes), false, &found, NULL), ERR_NONE);
	charter_hash(found.body_bytes, &again);
	ck_assert_mem_eq(again.bytes, hash.bytes, 32);
	/* of another nonce of the community: another */
	record->body.charter.nonce.bytes[0] ^= 1;
	bytes_clear(&bytes);
	ck_err(record_encode(record, &bytes), ERR_NONE);
	ck_err(record_decode(bytes_as_view(&bytes), false, &found, NULL), ERR_NONE);
	charter_hash(found.body_bytes, &again);
	ck_assert_mem_ne(again.bytes, hash.bytes, 32);
	/* from its second charter on, it is stated */
	record = charter(2);
	memset(record->body.charter.community.bytes, 0x66, 32);
	charter_community(&record->body.charter, bytes_view_of(NULL, 0), &second);
	ck_assert_int_eq(second.bytes[9], 0x66);
	bytes_release(&bytes);
}
END_TEST

START_TEST(knows_which_statements_are_about_the_same)
{
	struct relation a = relation(RELATION_CLIENT_OF, RELATION_ACTIVE)->body.relation;
	struct relation b = a;

	b.state = RELATION_ENDED;
	ck_assert(relation_is_same(&a, &b));
	b.type = RELATION_CONSTITUENT_OF;
	ck_assert(!relation_is_same(&a, &b));
	b = a;
	b.object = org_of(0xc3);
	ck_assert(!relation_is_same(&a, &b));
	b = a;
	b.has_community = true;
	ck_assert(!relation_is_same(&a, &b));
	a = relation(RELATION_GRANT, RELATION_ACTIVE)->body.relation;
	b = a;
	b.to_sector = bytes_view_str("telecom");
	b.tlp = TLP_RED;
	ck_assert(relation_is_same(&a, &b));
	b.has_target = true;
	ck_assert(!relation_is_same(&a, &b));
}
END_TEST

START_TEST(names_relations_states_and_reasons)
{
	enum relation_type type = RELATION_UNSTATED;
	enum dispute reason = DISPUTE_UNSTATED;

	ck_assert_str_eq(relation_name(RELATION_CONSTITUENT_OF), "constituent-of");
	ck_assert_str_eq(relation_name((enum relation_type)9), "");
	ck_assert(relation_parse(bytes_view_str("left"), &type) && type == RELATION_LEFT);
	ck_assert(!relation_parse(bytes_view_str(""), &type));
	ck_assert_str_eq(relation_state_name(RELATION_ENDED), "ended");
	ck_assert_str_eq(relation_state_name(RELATION_ACTIVE), "active");
	ck_assert_str_eq(dispute_name(DISPUTE_NOT_PERMITTED), "not-permitted");
	ck_assert(dispute_parse(bytes_view_str("outdated"), &reason));
	ck_assert_int_eq(reason, DISPUTE_OUTDATED);
	ck_assert(!dispute_parse(bytes_view_str("because"), &reason));
}
END_TEST

SUITE_MAIN("wire/statement", each_survives_with_what_it_may_have, a_grant_comes_back_as_it_was_said,
    an_organisation_is_found_in_a_list_wherever_it_stands,
    refuses_a_charter_that_says_too_little_or_too_much,
    refuses_a_relation_that_says_too_little_or_too_much,
    refuses_a_relation_of_others_from_whoever_states_it,
    refuses_an_amendment_with_the_body_of_another_kind,
    refuses_a_dispute_without_a_reason_or_with_another,
    a_community_is_the_hash_of_its_first_charter, knows_which_statements_are_about_the_same,
    names_relations_states_and_reasons)
