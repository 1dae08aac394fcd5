#include "policy/redact.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "policy/decide.h"
#include "policy/rule.h"
#include "tests/unit/suite.h"

#define ALL_FIELDS UINT64_MAX
#define FIELD(bit) (UINT64_C(1) << (bit))
#define TYPE(type) FIELD(RULE_REDACT_TYPES + (type))
#define WORDS_MAX 128u

static const struct org_id self = {{0xa0}};
static const struct org_id author = {{0xb0}};
static const struct org_id reader_org = {{0xc0}};

static struct record record, redaction, decoded;
static struct record_id id;
static struct bytes bytes;

/* ---------------------------------------------------------------- a record of unlike words */

/* Each text of the record is a word that stands nowhere else, with what takes it away. */
static struct {
	uint64_t field; /* 0: it stays */
	char word[64];
} words[WORDS_MAX];
static uint32_t words_count;
static uint64_t state;

static uint32_t
draw(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

static struct bytes_view
word(uint64_t field, const char *before, const char *after)
{
	char *text = words[words_count].word;

	ck_assert_uint_lt(words_count, WORDS_MAX);
	words[words_count].field = field;
	(void)snprintf(text, sizeof(words[0].word), "%s%u%s", before, words_count + 100, after);
	words_count++;
	return bytes_view_str(text);
}

static void
add(enum observable_type type, uint64_t field, const char *before, const char *after)
{
	struct observable observable = {type, word(field | TYPE(type), before, after)};

	ck_assert_int_eq(record_add_observable(&record, &observable), ERR_NONE);
}

static void
add_text(struct record_texts *texts, uint64_t field, const char *before)
{
	if (draw(2) == 0)
		return;
	ck_assert_int_eq(record_add_text(texts, word(field, before, "")), ERR_NONE);
	ck_assert_int_eq(record_add_text(texts, word(field, before, "")), ERR_NONE);
}

static void
fill_header(void)
{
	struct record_id reference;

	record.author = draw(2) == 0 ? self : author;
	record.created_ms = 1795000000000u;
	record.confidence = draw(2) == 0 ? CONFIDENCE_UNSTATED : 77;
	record.severity = draw(2) == 0 ? SEVERITY_UNSTATED : SEVERITY_HIGH;
	record.marking.purpose = word(0, "purpose-", "");
	record.marking.basis = word(0, "basis-", "");
	record.valid_until_ms = 1799000000000u;
	ck_assert_int_eq(audience_add_org(&record.audience, &self), ERR_NONE);
	ck_assert_int_eq(
	    audience_add_person(&record.audience, &reader_org, bytes_view_str("ana")), ERR_NONE);
	add_text(&record.labels, FIELD(RULE_REDACT_LABEL), "label-");
	add_text(&record.links, FIELD(RULE_REDACT_LINK), "https://links.example/");
	add_text(&record.affects.sectors, FIELD(RULE_REDACT_AFFECTS), "sector-");
	add_text(&record.affects.services, FIELD(RULE_REDACT_AFFECTS), "service-");
	add_text(&record.affects.products, FIELD(RULE_REDACT_AFFECTS), "product-");
	if (draw(2) == 0) {
		memcpy(reference.bytes,
		    word(FIELD(RULE_REDACT_REFERENCE), "reference-with-32-bytes-now-", "-").data,
		    32);
		ck_assert_int_eq(record_add_reference(&record, &reference), ERR_NONE);
	}
	if (draw(2) == 0) {
		record.source.format = word(FIELD(RULE_REDACT_SOURCE), "format-", "");
		record.source.id = word(FIELD(RULE_REDACT_SOURCE), "indicator--", "");
		record.source.original = word(ALL_FIELDS, "original bytes ", "");
	}
}

static void
fill_observables(void)
{
	uint32_t i;

	for (i = draw(3); i > 0; i--)
		add(OBSERVABLE_DOMAIN, 0, "host", ".example");
	for (i = draw(3); i > 0; i--)
		add(OBSERVABLE_PHONE, FIELD(RULE_REDACT_PERSONAL), "+52555555", "");
	for (i = draw(2); i > 0; i--)
		add(OBSERVABLE_EMAIL, FIELD(RULE_REDACT_PERSONAL), "somebody", "@mail.example");
	if (record.observables_count > 1)
		record.body.combine = draw(4) == 0 ? RECORD_COMBINE_ALL : RECORD_COMBINE_ANY;
}

static void
fill_body(void)
{
	struct record_body *body = &record.body;

	body->title = word(FIELD(RULE_REDACT_TITLE), "title ", "");
	body->text = word(FIELD(RULE_REDACT_DESCRIPTION), "text ", "");
	if (record.kind == RECORD_ADVISORY)
		body->identifier = word(FIELD(RULE_REDACT_IDENTIFIER), "ADV-", "");
	if (record.kind != RECORD_INDICATOR)
		return;
	body->pattern = word(FIELD(RULE_REDACT_PATTERN), "[pattern ", "]");
	body->first_seen_ms = draw(2) == 0 ? 0 : 1794000000001u;
	fill_observables();
}

/* A note, an advisory or an indicator, with about half of what it can have. */
static void
make(uint64_t seed)
{
	static const enum record_kind kinds[] = {
	    RECORD_INDICATOR, RECORD_INDICATOR, RECORD_NOTE, RECORD_ADVISORY};

	state = seed;
	words_count = 0;
	record_init(&record, kinds[draw(4)], (enum tlp)draw(TLP_COUNT));
	record.is_draft = false;
	fill_header();
	fill_body();
	memset(&id, 0x1d, sizeof(id));
}

static bool
holds(struct bytes_view all, const char *text)
{
	size_t len = strlen(text), at;

	for (at = 0; at + len <= all.len; at++) {
		if (memcmp(all.data + at, text, len) == 0)
			return true;
	}
	return false;
}

/* The draft's bytes, which must be a draft's. */
static void
encode(void)
{
	bytes_release(&bytes);
	bytes_init(&bytes, RECORD_BYTES_MAX);
	ck_assert_int_eq(redact_address(&record, &reader_org, &redaction), ERR_NONE);
	ck_assert_int_eq(record_encode(&redaction, &bytes), ERR_NONE);
	ck_assert_int_eq(record_decode(bytes_as_view(&bytes), true, &decoded, NULL), ERR_NONE);
}

static bool
is_word_left(uint32_t i, uint64_t fields)
{
	bool is_pattern = words[i].field == FIELD(RULE_REDACT_PATTERN);
	bool is_part = record.observables_count > redaction.observables_count;

	return (words[i].field & fields) == 0 && words[i].field != ALL_FIELDS &&
	       !(is_pattern && is_part);
}

START_TEST(keeps_no_byte_of_what_it_takes_and_every_byte_of_the_rest)
{
	uint32_t made = 0, i;
	uint64_t seed, fields;

	for (seed = 1; seed <= 20000; seed++) {
		make(seed);
		fields = 0;
		for (i = draw(4); i > 0; i--)
			fields |= FIELD(draw(RULE_REDACT_PERSONAL + 1));
		if (draw(3) == 0)
			fields |= TYPE(draw(2) == 0 ? OBSERVABLE_DOMAIN : OBSERVABLE_PHONE);
		if (redact_record(&record, &id, &self, fields, &redaction) != ERR_NONE)
			continue;
		made++;
		encode();
		for (i = 0; i < words_count; i++) {
			/* a reference is 32 bytes of its word */
			words[i].word[words[i].field == FIELD(RULE_REDACT_REFERENCE) ? 32 : 63] = 0;
			ck_assert_msg(
			    holds(bytes_as_view(&bytes), words[i].word) == is_word_left(i, fields),
			    "seed %u: %s", (unsigned)seed, words[i].word);
		}
		ck_assert(decoded.has_derived);
		ck_assert_mem_eq(&decoded.derived.id, &id, sizeof(id));
		ck_assert_mem_eq(&decoded.derived.author, &record.author, sizeof(author));
		ck_assert_int_eq(decoded.derived.marking.tlp, record.marking.tlp);
		ck_assert_int_eq(decoded.marking.tlp, record.marking.tlp);
		ck_assert(audience_has_org(&decoded.derived.audience, &self));
		/* whom it goes to, and whom among them the original names */
		ck_assert_uint_eq(decoded.audience.orgs_count, 1);
		ck_assert(
		    audience_has_person(&decoded.audience, &reader_org, bytes_view_str("ana")));
		/* the same fields find nothing to take any more */
		ck_assert(!redact_changes(&decoded, fields));
	}
	ck_assert_uint_gt(made, 8000);
	bytes_release(&bytes);
}
END_TEST

START_TEST(finds_nothing_to_take_only_where_nothing_is)
{
	static const struct observable phone = {
	    OBSERVABLE_PHONE, {(const uint8_t *)"+525555550100", 13}};

	record_init(&record, RECORD_NOTE, TLP_GREEN);
	record.body.title = bytes_view_str("title");
	record.body.text = bytes_view_str("text");
	ck_assert(!redact_changes(&record, 0));
	ck_assert(redact_changes(&record, FIELD(RULE_REDACT_DESCRIPTION)));
	ck_assert(!redact_changes(&record, FIELD(RULE_REDACT_LABEL) | TYPE(OBSERVABLE_PHONE)));
	ck_assert_int_eq(record_add_observable(&record, &phone), ERR_NONE);
	ck_assert(redact_changes(&record, TYPE(OBSERVABLE_PHONE)));
	ck_assert(redact_changes(&record, FIELD(RULE_REDACT_PERSONAL)));
	ck_assert(!redact_changes(&record, TYPE(OBSERVABLE_DOMAIN)));
	/* an unknown key, an original's bytes: they go whatever the rule names */
	record.unknown = 1;
	ck_assert(redact_changes(&record, 0));
	record.unknown = 0;
	record.source.original = bytes_view_str("{}");
	ck_assert(redact_changes(&record, 0));
}
END_TEST

/* An indicator about a domain and a phone. */
static void
make_pair(enum record_combine combine)
{
	static const struct observable domain = {
	    OBSERVABLE_DOMAIN, {(const uint8_t *)"evil.example", 12}};
	static const struct observable phone = {
	    OBSERVABLE_PHONE, {(const uint8_t *)"+525555550100", 13}};

	record_init(&record, RECORD_INDICATOR, TLP_AMBER);
	record.is_draft = false;
	record.author = author;
	record.body.combine = combine;
	ck_assert_int_eq(record_add_observable(&record, &domain), ERR_NONE);
	ck_assert_int_eq(record_add_observable(&record, &phone), ERR_NONE);
}

static enum err
redact(uint64_t fields)
{
	return redact_record(&record, &id, &self, fields, &redaction);
}

START_TEST(gives_up_where_nothing_valid_would_be_left)
{
	record_init(&record, RECORD_NOTE, TLP_GREEN);
	record.body.title = bytes_view_str("title");
	record.body.text = bytes_view_str("text");
	ck_assert_int_eq(redact(FIELD(RULE_REDACT_DESCRIPTION)), ERR_NO);
	ck_assert_int_eq(redact(FIELD(RULE_REDACT_TITLE)), ERR_NO);
	ck_assert_int_eq(redact(FIELD(RULE_REDACT_LABEL)), ERR_NONE);
	make_pair(RECORD_COMBINE_ANY);
	ck_assert_int_eq(redact(TYPE(OBSERVABLE_DOMAIN) | FIELD(RULE_REDACT_PERSONAL)), ERR_NO);
	ck_assert_int_eq(redact(TYPE(OBSERVABLE_DOMAIN)), ERR_NONE);
	ck_assert_int_eq(redaction.body.combine, RECORD_COMBINE_UNSTATED);
	/* both together were bad; one alone must not be blocked for it */
	make_pair(RECORD_COMBINE_ALL);
	ck_assert_int_eq(redact(TYPE(OBSERVABLE_DOMAIN)), ERR_NO);
	record.kind = RECORD_CHARTER;
	ck_assert_int_eq(redact(0), ERR_NO);
	record.kind = RECORD_RELATION;
	ck_assert_int_eq(redact(0), ERR_NO);
}
END_TEST

START_TEST(gives_up_where_the_rest_still_says_it)
{
	static const struct observable url = {
	    OBSERVABLE_URL, {(const uint8_t *)"https://evil.example/a", 22}};

	make_pair(RECORD_COMBINE_ANY);
	record.body.text = bytes_view_str("calls come from Evil.Example every night");
	ck_assert_int_eq(redact(TYPE(OBSERVABLE_DOMAIN)), ERR_NO);
	ck_assert_int_eq(
	    redact(TYPE(OBSERVABLE_DOMAIN) | FIELD(RULE_REDACT_DESCRIPTION)), ERR_NONE);
	make_pair(RECORD_COMBINE_ANY);
	ck_assert_int_eq(record_add_observable(&record, &url), ERR_NONE);
	ck_assert_int_eq(redact(TYPE(OBSERVABLE_DOMAIN)), ERR_NO);
	/* the pattern goes with what it speaks of */
	make_pair(RECORD_COMBINE_ANY);
	record.body.pattern = bytes_view_str("[domain-name:value = 'evil.example']");
	ck_assert_int_eq(redact(TYPE(OBSERVABLE_DOMAIN)), ERR_NONE);
	ck_assert_uint_eq(redaction.body.pattern.len, 0);
}
END_TEST

START_TEST(does_not_compare_for_ever)
{
	static char text[TEXT_BYTES_MAX];
	static char values[OBSERVABLES_MAX][16];
	uint64_t before = clock_steady_ms();
	uint32_t i;

	make_pair(RECORD_COMBINE_ANY);
	memset(text, '+', sizeof(text));
	record.body.text = bytes_view_of((const uint8_t *)text, sizeof(text));
	record.bytes.len = sizeof(text);
	for (i = 0; i < OBSERVABLES_MAX - 2; i++) {
		(void)snprintf(values[i], sizeof(values[i]), "+5255555%u", 10000 + i);
		ck_assert_int_eq(
		    record_add_observable(
			&record, &(struct observable){OBSERVABLE_PHONE, bytes_view_str(values[i])}),
		    ERR_NONE);
	}
	ck_assert_int_eq(redact(FIELD(RULE_REDACT_PERSONAL)), ERR_NO);
	ck_assert_uint_lt(clock_steady_ms() - before, 200);
	record.bytes = bytes_view_of(NULL, 0);
}
END_TEST

START_TEST(redacts_no_redaction_of_another_and_binds_its_own_to_the_first)
{
	static const struct record_id first = {{0x77}};

	make_pair(RECORD_COMBINE_ANY);
	record.has_derived = true;
	record.derived.id = first;
	record.derived.author = reader_org;
	record.derived.marking.tlp = TLP_GREEN;
	audience_init(&record.derived.audience);
	/* author's terms, or reader_org's: one of them would be forgotten */
	ck_assert_int_eq(redact(TYPE(OBSERVABLE_DOMAIN)), ERR_NO);
	record.author = self;
	ck_assert_int_eq(redact(TYPE(OBSERVABLE_DOMAIN)), ERR_NONE);
	ck_assert_mem_eq(&redaction.derived.id, &first, sizeof(first));
	ck_assert_mem_eq(&redaction.derived.author, &reader_org, sizeof(reader_org));
	ck_assert_int_eq(redaction.derived.marking.tlp, TLP_AMBER);
	ck_assert_int_eq(redaction.marking.tlp, TLP_AMBER);
}
END_TEST

START_TEST(makes_of_an_amendment_what_it_is_an_amendment_of)
{
	static const struct record_id earlier = {{0x55}};

	make_pair(RECORD_COMBINE_ANY);
	record.kind = RECORD_AMENDMENT;
	record.body.as = RECORD_INDICATOR;
	record.body.target = id;
	ck_assert_int_eq(redact(TYPE(OBSERVABLE_PHONE)), ERR_NONE);
	encode();
	ck_assert_int_eq(decoded.kind, RECORD_INDICATOR);
	redact_amend(&earlier, &redaction);
	encode();
	ck_assert_int_eq(decoded.kind, RECORD_AMENDMENT);
	ck_assert_int_eq(decoded.body.as, RECORD_INDICATOR);
	ck_assert_mem_eq(&decoded.body.target, &earlier, sizeof(earlier));
	/* what a sighting is of stands in the first record alone */
	record.body.as = RECORD_SIGHTING;
	ck_assert_int_eq(redact(TYPE(OBSERVABLE_PHONE)), ERR_NO);
	bytes_release(&bytes);
}
END_TEST

START_TEST(disputes_in_nobodys_name)
{
	record_init(&record, RECORD_DISPUTE, TLP_GREEN);
	record.author = author;
	record.body.dispute = DISPUTE_OUTDATED;
	record.body.text = bytes_view_str("gone since May");
	ck_assert_int_eq(redact(FIELD(RULE_REDACT_DESCRIPTION)), ERR_NO);
	record.author = self;
	ck_assert_int_eq(redact(FIELD(RULE_REDACT_DESCRIPTION)), ERR_NONE);
	ck_assert_int_eq(redaction.body.dispute, DISPUTE_OUTDATED);
}
END_TEST

START_TEST(notices_a_label_below_the_originals)
{
	make_pair(RECORD_COMBINE_ANY);
	ck_assert(redact_keeps_label(&record));
	ck_assert_int_eq(redact(0), ERR_NONE);
	ck_assert(redact_keeps_label(&redaction));
	redaction.marking.tlp = TLP_GREEN;
	ck_assert(!redact_keeps_label(&redaction));
	redaction.marking.tlp = TLP_RED;
	ck_assert(redact_keeps_label(&redaction));
}
END_TEST

START_TEST(goes_by_the_rule_that_made_it)
{
	static struct rule rule = {
	    .action = RULE_REDACT, .redacted = FIELD(RULE_REDACT_DESCRIPTION)};
	static const struct policy single = {.outbound = {1, &rule}};
	struct decide_input input = {.record = &record, .self = &self, .peer = &reader_org};
	struct decision decision;

	predicate_init(&rule.where);
	make_pair(RECORD_COMBINE_ANY);
	record.marking.tlp = TLP_CLEAR;
	record.marking.purpose = record.marking.basis = bytes_view_str("fraud prevention");
	record.author = self;
	record.body.text = bytes_view_str("a text");
	decision = decide_outbound(&single, &input);
	ck_assert_int_eq(decision.action, RULE_REDACT);
	ck_assert_int_eq(decision.reason, REASON_POLICY);
	ck_assert_int_eq(decision.redacted, FIELD(RULE_REDACT_DESCRIPTION));
	ck_assert_int_eq(redact(decision.redacted), ERR_NONE);
	redaction.is_draft = false;
	redaction.author = self;
	input.record = &redaction;
	decision = decide_outbound(&single, &input);
	ck_assert_int_eq(decision.action, RULE_SHARE);
	ck_assert_int_eq(decision.reason, REASON_STORED);
	ck_assert_int_eq(decision.by, DECIDE_BY_RULE);
}
END_TEST

SUITE_MAIN("policy/redact", keeps_no_byte_of_what_it_takes_and_every_byte_of_the_rest,
    finds_nothing_to_take_only_where_nothing_is, gives_up_where_nothing_valid_would_be_left,
    gives_up_where_the_rest_still_says_it, does_not_compare_for_ever,
    redacts_no_redaction_of_another_and_binds_its_own_to_the_first,
    makes_of_an_amendment_what_it_is_an_amendment_of, disputes_in_nobodys_name,
    notices_a_label_below_the_originals, goes_by_the_rule_that_made_it)
