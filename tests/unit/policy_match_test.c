#include "policy/match.h"

#include <string.h>

#include "policy/parse.h"
#include "tests/unit/suite.h"

#define NOW_MS 1795000000000ull
#define DAY_MS 86400000ull

static struct record record;
static struct match_context context;

static void
add_observable(enum observable_type type, const char *value)
{
	struct observable observable = {type, bytes_view_str(value)};

	ck_assert_int_eq(record_add_observable(&record, &observable), ERR_NONE);
}

/* An indicator that states everything. */
static void
make_record(void)
{
	record_init(&record, RECORD_INDICATOR, TLP_AMBER);
	record.is_draft = false;
	memset(record.author.bytes, 0xab, sizeof(record.author.bytes));
	record.created_ms = NOW_MS - 3 * DAY_MS;
	record.confidence = 60;
	record.severity = SEVERITY_HIGH;
	record.valid_from_ms = NOW_MS - DAY_MS;
	record.valid_until_ms = NOW_MS + DAY_MS;
	record.language = bytes_view_str("es-MX");
	ck_assert_int_eq(record_add_text(&record.labels, bytes_view_str("phishing")), ERR_NONE);
	ck_assert_int_eq(record_add_text(&record.labels, bytes_view_str("ransomware")), ERR_NONE);
	add_observable(OBSERVABLE_DOMAIN, "www.evil.example");
	add_observable(OBSERVABLE_URL, "http://bad.example/path");
	add_observable(OBSERVABLE_IPV4, "192.0.2.7");
	context = (struct match_context){.now_ms = NOW_MS, .received_ms = NOW_MS - DAY_MS};
}

static bool
holds(const char *text)
{
	struct predicate predicate;
	struct parse_error error;
	enum err err = parse_predicate(bytes_view_str(text), &predicate, &error);

	ck_assert_msg(err == ERR_NONE, "%s: %s %s", text, error.problem, error.expected);
	ck_assert(predicate_is_resolved(&predicate));
	return match_predicate(&predicate, &record, &context);
}

static void
assert_all(const char *const *texts, bool wanted)
{
	for (; *texts != NULL; texts++)
		ck_assert_msg(holds(*texts) == wanted, "%s", *texts);
}

START_TEST(compares_the_header)
{
	static const char *const yes[] = {"kind = indicator", "kind in (note, indicator)",
	    "kind != note", "tlp = amber", "tlp <= amber", "tlp < amber+strict", "tlp >= green",
	    "tlp > clear", "confidence >= 60", "confidence < 61", "severity > medium",
	    "severity in (high, critical)", "label = phishing", "label ~ ransom*",
	    "label not in (botnet, spam)", "language = es-MX", "language ~ es*",
	    "created > now - 4d", "created < now - 2d", "received >= now - 1d", "received <= now",
	    "valid_from <= now", "valid_until > now", "valid_until <= now + 1d",
	    "author = abababababababababababababababababababababababababababababababab",
	    "audience = nobody", NULL};
	static const char *const no[] = {"kind = note", "kind not in (indicator)", "tlp < amber",
	    "tlp = red", "confidence > 60", "severity <= medium", "label = phish",
	    "label !~ ransom*", "label ~ *ing?", "language = es", "created > now - 3d",
	    "created = now", "received < now - 1d", "valid_until < now", "valid_from > now",
	    "author = cdababababababababababababababababababababababababababababababab",
	    "audience != nobody", NULL};

	make_record();
	assert_all(yes, true);
	assert_all(no, false);
}
END_TEST

START_TEST(takes_what_is_unstated_as_false_and_its_negation_as_true)
{
	static const char *const no[] = {"confidence >= 0", "confidence <= 100", "severity >= low",
	    "valid_until > 1970-01-02", "valid_until < now", "valid_from < now", "language ~ *",
	    "label ~ *", "received < now", "value ~ *", "type = domain", "value in 0.0.0.0/0",
	    "value under evil.example", NULL};
	static const char *const yes[] = {"not confidence >= 0", "confidence != 5",
	    "not valid_until > now", "label != x", "type != phone", "value not under a.example",
	    "not received < now", NULL};

	record_init(&record, RECORD_NOTE, TLP_CLEAR);
	record.is_draft = false;
	record.created_ms = NOW_MS;
	context = (struct match_context){.now_ms = NOW_MS};
	assert_all(no, false);
	assert_all(yes, true);
}
END_TEST

START_TEST(compares_some_observable)
{
	static const char *const yes[] = {"type = domain", "type in (phone, ipv4)", "type != phone",
	    "value = www.evil.example", "value = WWW[.]evil[.]example", "value = 192.0.2.7",
	    "value = hxxp://bad.example/path", "value in (x.example, 192.0.2.7)",
	    "value in 192.0.2.0/24", "value in (198.51.100.0/24, 192.0.2.0/28)",
	    "value in 192.0.2.7/32", "value under evil.example", "value under www.evil.example",
	    "value under bad.example", "value ~ *.example", "value ~ *.evil.example",
	    "value not in 198.51.100.0/24", NULL};
	static const char *const no[] = {"type = phone", "type != domain", "value = evil.example",
	    "value in 192.0.2.0/29 and type = domain", "value in 192.0.2.8/29",
	    "value under vil.example", "value under a.www.evil.example", "value ~ *.evil",
	    "value not under evil.example", "value in 2001:db8::/32", NULL};

	make_record();
	assert_all(yes, true);
	assert_all(no, false);
}
END_TEST

START_TEST(asks_one_observable_for_all_of_one_and)
{
	static const char *const yes[] = {"type = domain and value under evil.example",
	    "type = url and value under bad.example",
	    "type = url and kind = indicator and value under bad.example",
	    "type = url and (value under evil.example or value under bad.example)",
	    "(type = url) and (value under evil.example)",
	    "(value under evil.example) and (value in 192.0.2.0/24)",
	    "type = domain and value not under other.example",
	    "not (type = url and value under evil.example)", NULL};
	static const char *const no[] = {"type = url and value under evil.example",
	    "type = domain and value in 192.0.2.0/24",
	    "type = ipv4 and (value under evil.example or value under bad.example)",
	    "value under evil.example and value in 192.0.2.0/24",
	    "type = domain and value not under bad.example",
	    "not (type = domain and value under evil.example)", NULL};

	make_record();
	assert_all(yes, true);
	assert_all(no, false);
}
END_TEST

START_TEST(holds_networks_inside_networks)
{
	static const char *const yes[] = {"value in 192.0.2.0/24", "value in 192.0.2.0/25",
	    "value in 192.0.0.0/16", "value in 2001:db8::/32", "value in 2001:db8:1::/64", NULL};
	static const char *const no[] = {"value in 192.0.2.0/26", "value in 192.0.2.128/25",
	    "value in 2001:db8:1::/65", "value = 192.0.2.0/24", NULL};

	record_init(&record, RECORD_INDICATOR, TLP_CLEAR);
	record.is_draft = false;
	add_observable(OBSERVABLE_CIDR, "192.0.2.0/25");
	add_observable(OBSERVABLE_CIDR, "2001:db8:1::/64");
	assert_all(yes, true);
	assert_all(no, false);
}
END_TEST

/* T and F in a formula stand for a true and a false comparison. */
static bool
holds_formula(const char *formula)
{
	struct bytes text;
	bool result;

	bytes_init(&text, 4000);
	for (; *formula != '\0'; formula++) {
		if (*formula == 'T')
			bytes_append(&text, "kind = indicator", 16);
		else if (*formula == 'F')
			bytes_append(&text, "kind = note", 11);
		else
			bytes_append(&text, formula, 1);
	}
	bytes_append_u8(&text, 0);
	result = holds((const char *)text.data);
	bytes_release(&text);
	return result;
}

START_TEST(reckons_with_and_or_and_not)
{
	static const char *const yes[] = {"T", "not F", "T and T", "T or F", "F or T",
	    "T and (F or T)", "F and F or T", "T or F and F", "(F or T) and (T or F)",
	    "not (F or F) and T", "not (T and F) and not F",
	    "(F or F or T) and not (T and T and F)",
	    "not (T and not (T and T and F or F and T or T and T))  or T and not (F)",
	    "F or (F or T and (F or T and (F or T)))", NULL};
	static const char *const no[] = {"F", "not T", "T and F", "F and T", "F or F",
	    "(T or T) and F", "T and F or F", "not (F or T)", "not (T or F) or F",
	    "(T or F) and (F or F)", "T and T and (T and F or F or F)",
	    "F or (F or T and (F or T and (F or F)))", NULL};
	size_t i;

	make_record();
	for (i = 0; yes[i] != NULL; i++)
		ck_assert_msg(holds_formula(yes[i]), "%s", yes[i]);
	for (i = 0; no[i] != NULL; i++)
		ck_assert_msg(!holds_formula(no[i]), "%s", no[i]);
}
END_TEST

START_TEST(lets_every_record_pass_where_nothing_is_asked)
{
	struct predicate predicate;

	make_record();
	predicate_init(&predicate);
	ck_assert_int_eq(predicate_finish(&predicate), ERR_NONE);
	ck_assert(match_predicate(&predicate, &record, &context));
}
END_TEST

#define ID_1 "0101010101010101010101010101010101010101010101010101010101010101"
#define ID_2 "0202020202020202020202020202020202020202020202020202020202020202"
#define ID_3 "0303030303030303030303030303030303030303030303030303030303030303"

START_TEST(compares_what_disputes_and_amendments_have)
{
	static const char *const disputed[] = {"reason = not-permitted",
	    "reason in (outdated, not-permitted)", "reason != other", "target = " ID_1,
	    "not as = note", "not relation = grant", NULL};
	static const char *const not_disputed[] = {
	    "reason = false-positive", "target = " ID_2, "as = note", NULL};
	static const char *const amended[] = {
	    "as = note", "as != indicator", "target = " ID_1, NULL};
	static const char *const nothing[] = {"reason = other", "relation.state = active",
	    "relation.subject = " ID_1, "relation.object = " ID_1, "relation.community = " ID_1,
	    "grant.org = " ID_1, "grant.community = " ID_1, "grant.sector ~ *",
	    "grant.tlp >= clear", "charter.serial >= 1", "charter.threshold >= 1",
	    "charter.steward = " ID_1, "charter.member = " ID_1, NULL};

	record_init(&record, RECORD_DISPUTE, TLP_GREEN);
	memset(record.body.target.bytes, 1, 32);
	record.body.dispute = DISPUTE_NOT_PERMITTED;
	assert_all(disputed, true);
	assert_all(not_disputed, false);
	record.kind = RECORD_AMENDMENT;
	record.body.dispute = DISPUTE_UNSTATED;
	record.body.as = RECORD_NOTE;
	assert_all(amended, true);
	assert_all(nothing, false);
}
END_TEST

START_TEST(compares_what_relations_and_charters_have)
{
	static const char *const grant[] = {"relation = grant", "relation.state = active",
	    "relation.subject = " ID_1, "relation.object in (" ID_2 ", " ID_3 ")",
	    "relation.community = " ID_3, "grant.org = " ID_2, "grant.org in (" ID_1 ", " ID_3 ")",
	    "grant.community = " ID_1, "grant.sector = bank", "grant.sector ~ b*",
	    "grant.tlp = clear", "grant.tlp < green", "target = " ID_2, NULL};
	static const char *const not_grant[] = {"relation = left", "relation.state = ended",
	    "relation.subject = " ID_2, "relation.object = " ID_1, "relation.community = " ID_1,
	    "grant.org = " ID_3, "grant.community = " ID_3, "grant.sector = telecom",
	    "grant.tlp > clear", "target = " ID_1, "charter.member = " ID_1, NULL};
	static const char *const charter[] = {"charter.serial = 7", "charter.serial > 6",
	    "charter.threshold = 1", "charter.steward = " ID_1, "charter.member = " ID_2,
	    "relation.community = " ID_3, NULL};
	static const char *const not_charter[] = {"charter.serial < 7", "charter.threshold > 1",
	    "charter.steward = " ID_2, "charter.member = " ID_3, "relation.community = " ID_1,
	    "grant.tlp = clear", NULL};
	struct org_id orgs[2];
	struct relation *relation = &record.body.relation;

	memset(orgs[0].bytes, 1, 32);
	memset(orgs[1].bytes, 2, 32);
	record_init(&record, RECORD_RELATION, TLP_GREEN);
	relation->type = RELATION_GRANT;
	relation->state = RELATION_ACTIVE;
	relation->has_subject = relation->has_object = relation->has_community = true;
	relation->has_to_community = relation->has_tlp = relation->has_target = true;
	relation->subject = orgs[0];
	relation->object = orgs[1];
	memset(relation->community.bytes, 3, 32);
	memset(relation->to_community.bytes, 1, 32);
	memset(relation->target.bytes, 2, 32);
	relation->to_orgs = org_list_of(orgs, 2);
	relation->to_sector = bytes_view_str("bank");
	assert_all(grant, true);
	assert_all(not_grant, false);
	record_init(&record, RECORD_CHARTER, TLP_GREEN);
	record.body.charter.serial = 7;
	record.body.charter.threshold = 1;
	record.body.charter.has_community = true;
	memset(record.body.charter.community.bytes, 3, 32);
	record.body.charter.stewards = org_list_of(orgs, 1);
	record.body.charter.members = org_list_of(orgs, 2);
	assert_all(charter, true);
	assert_all(not_charter, false);
}
END_TEST

SUITE_MAIN("policy/match", compares_the_header,
    takes_what_is_unstated_as_false_and_its_negation_as_true, compares_some_observable,
    asks_one_observable_for_all_of_one_and, holds_networks_inside_networks,
    reckons_with_and_or_and_not, lets_every_record_pass_where_nothing_is_asked,
    compares_what_disputes_and_amendments_have, compares_what_relations_and_charters_have)
