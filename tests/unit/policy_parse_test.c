#include "policy/parse.h"

#include <string.h>

#include "tests/unit/suite.h"
#include "wire/predicate_text.h"

#define WRITTEN_BYTES_MAX 40000u

/* What a text is read as, written out again, in buffer. */
static const char *
rewritten(const char *text, struct bytes *buffer)
{
	struct predicate predicate;
	struct parse_error error;
	enum err err = parse_predicate(bytes_view_str(text), &predicate, &error);

	ck_assert_msg(err == ERR_NONE, "%s: %s %s", text, error.problem, error.expected);
	bytes_clear(buffer);
	predicate_text_write(&predicate, buffer);
	bytes_append_u8(buffer, 0);
	ck_assert_int_eq(buffer->err, ERR_NONE);
	return (const char *)buffer->data;
}

/* clang-format off */
static const struct { const char *text, *means; } pairs[] = {
	{"kind = indicator and tlp <= green", "kind = indicator and tlp <= green"},
	{"confidence >= 60", "confidence >= 60"},
	{"observable.type in (phone, clabe, card, email)", "type in (email, phone, clabe, card)"},
	{"kind in (note, advisory)", "kind in (note, advisory)"},
	{"kind in note", "kind = note"},
	{"kind != note", "kind != note"},
	{"not kind = note", "kind != note"},
	{"not not kind = note", "kind = note"},
	{"kind not in (note, advisory)", "kind not in (note, advisory)"},
	{"not tlp < amber+strict", "not tlp < amber+strict"},
	{"tlp<=green", "tlp <= green"},
	{"tlp = TLP:AMBER", "tlp = amber"},
	{"tlp = white", "tlp = clear"},
	{"severity > low # comment", "severity > low"},
	{"audience = nobody", "audience = nobody"},
	{"value = \"evil.example\"", "value = \"evil.example\""},
	{"value = evil.example", "value = \"evil.example\""},
	{"type = domain and value = EVIL[.]example", "type = domain and value = \"evil.example\""},
	{"value = EVIL.example and type = domain", "value = \"evil.example\" and type = domain"},
	{"value = EVIL.example", "value in (\"EVIL.example\", \"evil.example\")"},
	{"type = url and value = hxxp://evil[.]example/a",
	 "type = url and value = \"http://evil.example/a\""},
	{"value in 192.0.2.0/24", "value in \"192.0.2.0/24\""},
	{"value in 2001:DB8::/32", "value in \"2001:db8::/32\""},
	{"value = 192.0.2.0/24", "value = \"192.0.2.0/24\""},
	{"value not in 192.0.2.0/24", "value not in \"192.0.2.0/24\""},
	{"value in (a.example, 192.0.2.0/24, b.example)",
	 "value in (\"a.example\", \"b.example\") or value in \"192.0.2.0/24\""},
	{"value under Evil.Example", "value under \"evil.example\""},
	{"value not under evil.example", "value not under \"evil.example\""},
	{"value under (a.example, b.example)", "value under (\"a.example\", \"b.example\")"},
	{"value ~ \"*.evil.example\"", "value ~ \"*.evil.example\""},
	{"value ~ *.evil.example", "value ~ \"*.evil.example\""},
	{"label ~ ransom*", "label ~ \"ransom*\""},
	{"label !~ (a*, b*)", "label !~ (\"a*\", \"b*\")"},
	{"label = \"with \\\"quotes\\\" and \\\\\"", "label = \"with \\\"quotes\\\" and \\\\\""},
	{"language = es-MX", "language = \"es-MX\""},
	{"author = \"Banco del Norte\"", "author = \"Banco del Norte\""},
	{"author = 01ab", "author = \"01ab\""},
	{"author = 0102030000000000000000000000000000000000000000000000000000000000",
	 "author = 0102030000000000000000000000000000000000000000000000000000000000"},
	{"created > now - 7d", "created > now - 7d"},
	{"created > now-7d", "created > now - 7d"},
	{"created > now - 2w", "created > now - 14d"},
	{"valid_until < now+12h", "valid_until < now + 12h"},
	{"received >= now - 30m", "received >= now - 30m"},
	{"received >= now - 90s", "received >= now - 90s"},
	{"received >= now - 0s", "received >= now"},
	{"received >= now + 0s", "received >= now"},
	{"created >= 2026-11-01", "created >= 2026-11-01"},
	{"created >= 2026-11-01T15:00:00Z", "created >= 2026-11-01T15:00:00Z"},
	{"created >= \"2026-11-01T15:00:00.5+01:00\"", "created >= 2026-11-01T14:00:00.500Z"},
	{"valid_from = 2026-11-01", "valid_from = 2026-11-01"},
	/* what a record has beside its header */
	{"observable in list(top-sites, mine)", "value in list(\"mine\", \"top-sites\")"},
	{"value not in list(\"top\")", "value not in list(\"top\")"},
	{"label = list", "label = \"list\""},
	{"purpose ~ fraud* and basis = x", "purpose ~ \"fraud*\" and basis = \"x\""},
	{"permitted >= external-indirect", "permitted >= external-indirect"},
	{"attribution = must-not or resale != may", "attribution = must-not or resale != may"},
	{"affects.sector in (bank, telecom) and affects.environment = ot",
	 "affects.sector in (\"bank\", \"telecom\") and affects.environment = ot"},
	{"outcome in (seen, expired) and count > 12", "outcome in (seen, expired) and count > 12"},
	{"derived.tlp <= TLP:AMBER and derived.author = cert",
	 "derived.tlp <= amber and derived.author = \"cert\""},
	{"audience.org = \"Banco Sur\" or audience.community = fin-mx",
	 "audience.org = \"Banco Sur\" or audience.community = \"fin-mx\""},
	{"reference = 0102030000000000000000000000000000000000000000000000000000000000",
	 "reference = 0102030000000000000000000000000000000000000000000000000000000000"},
	{"terms_until < now - 1d and title ~ *", "terms_until < now - 1d and title ~ \"*\""},
	/* not before and before or */
	{"kind = note or kind = advisory and tlp = red",
	 "kind = note or kind = advisory and tlp = red"},
	{"(kind = note or kind = advisory) and tlp = red",
	 "(kind = note or kind = advisory) and tlp = red"},
	{"((kind = note and tlp = red) and confidence = 1)",
	 "kind = note and tlp = red and confidence = 1"},
	{"not (kind = note and tlp = red)", "not (kind = note and tlp = red)"},
	{"not kind = note and tlp = red", "kind != note and tlp = red"},
	/* which conditions speak of one observable */
	{"type = domain and tlp <= green and created > now - 7d",
	 "type = domain and tlp <= green and created > now - 7d"},
	{"type = domain and kind = indicator and value under a.example",
	 "type = domain and value under \"a.example\" and kind = indicator"},
	{"(value = a.example) and (value = b.example)",
	 "(value = \"a.example\") and (value = \"b.example\")"},
	{"value ~ a* and (value ~ b*)", "(value ~ \"a*\") and (value ~ \"b*\")"},
	{"(type = url and value ~ a*) and (type = domain and value ~ b*)",
	 "(type = url and value ~ \"a*\") and (type = domain and value ~ \"b*\")"},
	{"type = url and (value under a.example or value under b.example)",
	 "type = url and (value under \"a.example\" or value under \"b.example\")"},
	{"type = url and (value under a.example or kind = note)",
	 "type = url and (value under \"a.example\" or kind = note)"},
	{"type = url and ((value ~ a*) or value ~ b*)",
	 "(type = url) and ((value ~ \"a*\") or (value ~ \"b*\"))"},
	{"type = domain and not value under a.example",
	 "type = domain and value not under \"a.example\""},
	{"not (type = domain and value under a.example)",
	 "not (type = domain and value under \"a.example\")"},
	{"type = cidr and value in (192.0.2.0/24, 198.51.100.0/24)",
	 "type = cidr and value in (\"192.0.2.0/24\", \"198.51.100.0/24\")"},
	{"(kind = note and value ~ a*) and value ~ b*",
	 "kind = note and (value ~ \"a*\") and (value ~ \"b*\")"},
	{"(kind = note and (value ~ a* or value ~ c*)) and value ~ b*",
	 "kind = note and ((value ~ \"a*\") or (value ~ \"c*\")) and (value ~ \"b*\")"},
};
/* clang-format on */
#define PAIRS_COUNT (sizeof(pairs) / sizeof(*pairs))

START_TEST(reads_what_is_meant)
{
	struct bytes buffer;
	size_t i;

	bytes_init(&buffer, WRITTEN_BYTES_MAX);
	for (i = 0; i < PAIRS_COUNT; i++)
		ck_assert_str_eq(rewritten(pairs[i].text, &buffer), pairs[i].means);
	bytes_release(&buffer);
}
END_TEST

START_TEST(reads_its_own_text_as_the_same_tree)
{
	struct predicate first, second;
	struct bytes text;
	size_t i;

	bytes_init(&text, WRITTEN_BYTES_MAX);
	for (i = 0; i < PAIRS_COUNT; i++) {
		uint16_t n;

		ck_assert_int_eq(
		    parse_predicate(bytes_view_str(pairs[i].text), &first, NULL), ERR_NONE);
		bytes_clear(&text);
		predicate_text_write(&first, &text);
		ck_assert_int_eq(parse_predicate(bytes_as_view(&text), &second, NULL), ERR_NONE);
		ck_assert_msg(first.nodes_count == second.nodes_count, "%s", pairs[i].text);
		for (n = 0; n < first.nodes_count; n++) {
			ck_assert_int_eq(first.nodes[n].op, second.nodes[n].op);
			ck_assert_int_eq(first.nodes[n].field, second.nodes[n].field);
			ck_assert_int_eq(first.nodes[n].end, second.nodes[n].end);
			ck_assert_int_eq(first.nodes[n].values, second.nodes[n].values);
		}
	}
	bytes_release(&text);
}
END_TEST

/* clang-format off */
static const struct {
	const char *text;
	uint32_t line, column;
	const char *found;
	const char *problem, *expected; /* their beginning */
	const char *suggestion;
} wrongs[] = {
	{"", 1, 1, "", "", "a field", ""},
	{"   \n  ", 2, 3, "", "", "a field", ""},
	{"knd = note", 1, 1, "knd", "", "a field: kind, tlp", "kind"},
	{"kind note", 1, 6, "note", "", "`=`, `!=`", "not"},
	{"kind = nte", 1, 8, "nte", "", "a kind: indicator, note", "note"},
	{"kind =", 1, 7, "", "", "a value", ""},
	{"kind = note and tlp <= ambr", 1, 24, "ambr", "", "a TLP label: clear, green, amber",
	 "amber"},
	{"kind = note\n  adn tlp = red", 2, 3, "adn", "", "`and`, `or` or the end", "and"},
	{"kind = note AND tlp = red", 1, 13, "AND", "", "`and`, `or` or the end", "and"},
	{"kind = note && tlp = red", 1, 13, "&&", "", "`and`, `or` or the end", "and"},
	{"(kind = note", 1, 13, "", "", "`and`, `or` or `)`", ""},
	{"kind = note)", 1, 12, ")", "", "`and`, `or` or the end", ""},
	{"kind in (note advisory)", 1, 15, "advisory", "", "`,` or `)`", ""},
	{"kind in ()", 1, 10, ")", "", "a value", ""},
	{"kind == note", 1, 7, "=", "", "a value", ""},
	{"kind < note", 1, 6, "<", "this field has no order", "`=`", ""},
	{"kind ~ note", 1, 6, "~", "only texts", "`=`", ""},
	{"label under a.example", 1, 7, "under", "only value", "`=`", ""},
	{"kind = (note, advisory)", 1, 6, "=", "a list of values", "`in`", ""},
	{"confidence < (1, 2)", 1, 12, "<", "a list of values", "one value", ""},
	{"confidence = 101", 1, 14, "101", "", "a number from 0 to 100", ""},
	{"confidence = 060", 1, 14, "060", "", "a number from 0 to 100", ""},
	{"severity = unstated", 1, 12, "unstated", "", "a severity: low", ""},
	{"type = fone", 1, 8, "fone", "", "a type of observable: ipv4", "phone"},
	{"audience = everybody", 1, 12, "everybody", "", "an audience: nobody", ""},
	{"created > yesterday", 1, 11, "yesterday", "", "a time", ""},
	{"created > 2026-02-30", 1, 11, "2026-02-30", "", "a time", ""},
	{"created > 7d", 1, 11, "7d", "", "a time", ""},
	{"created > now - 7y", 1, 11, "now - 7y", "not a duration", "a time", ""},
	{"created > now - 99999999999d", 1, 11, "now - 99999999999d", "not a duration", "a time",
	 ""},
	{"created > now - ", 1, 15, "-", "", "`and`, `or` or the end", ""},
	{"label = now", 1, 9, "now", "`now` is a time", "a value of this field", ""},
	{"label = \"\"", 1, 9, "\"\"", "an empty text", "a character at least", ""},
	{"label = \"never closed", 1, 9, "\"never closed", "the quotation mark", "`\"", ""},
	{"label = \"a\nb\"", 1, 9, "\"a", "the quotation mark", "`\"", ""},
	{"label = \"a\x01\"", 1, 9, "\"a?\"", "not valid UTF-8", "one line of UTF-8", ""},
	{"label = \xff\xfe", 1, 9, "??", "not valid UTF-8", "one line of UTF-8", ""},
	{"kind = note ; tlp", 1, 13, ";", "", "`and`, `or` or the end", ""},
	{"kind = note ^ tlp", 1, 13, "^", "", "`and`, `or` or the end", ""},
	{"value under 192.0.2.1/24x", 1, 13, "192.0.2.1/24x", "", "a domain", ""},
	{"value under mx", 1, 13, "mx", "", "a domain", ""},
	{"type = card and value = 4111111111111112", 1, 25, "4111111111111112", "the check digits",
	 "a value of the type", ""},
	{"type = sha256 and value = abc", 1, 27, "abc", "", "a value of the type", ""},
	{"notification = must", 1, 16, "must", "", "an obligation: may, must-not", ""},
	{"target = abc", 1, 10, "abc", "", "a record's id", ""},
	{"peer = x", 1, 1, "peer", "only a policy can ask", "what the record says", ""},
	{"member(x)", 1, 1, "member", "only a policy can ask", "what the record says", ""},
	{"kind = note and clint", 1, 17, "clint", "", "a field: kind", "link"},
	{"kind in list(top)", 1, 6, "in", "only the value of an observable", "`=`", ""},
	{"value in list()", 1, 15, ")", "", "a value", ""},
	{"type = domain and type = url", 1, 26, "url", "one observable cannot be both", "`or`, or for two", ""},
	{"value = a.example and value = b.example", 1, 31, "b.example",
	 "one observable cannot be both", "`or`, or for two", ""},
};
/* clang-format on */

START_TEST(says_where_and_what_was_expected)
{
	size_t i;

	for (i = 0; i < sizeof(wrongs) / sizeof(*wrongs); i++) {
		struct predicate predicate;
		struct parse_error error;
		enum err err = parse_predicate(bytes_view_str(wrongs[i].text), &predicate, &error);

		ck_assert_msg(err != ERR_NONE && err == error.err, "%s", wrongs[i].text);
		ck_assert_msg(error.line == wrongs[i].line && error.column == wrongs[i].column,
		    "%s: %u:%u", wrongs[i].text, error.line, error.column);
		ck_assert_str_eq(error.found, wrongs[i].found);
		ck_assert_msg(
		    strncmp(error.problem, wrongs[i].problem, strlen(wrongs[i].problem)) == 0 &&
			(wrongs[i].problem[0] != '\0' || error.problem[0] == '\0'),
		    "%s: %s", wrongs[i].text, error.problem);
		ck_assert_msg(
		    strncmp(error.expected, wrongs[i].expected, strlen(wrongs[i].expected)) == 0 &&
			(wrongs[i].expected[0] != '\0' || error.expected[0] == '\0'),
		    "%s: %s", wrongs[i].text, error.expected);
		ck_assert_msg(strcmp(error.suggestion, wrongs[i].suggestion) == 0, "%s: %s",
		    wrongs[i].text, error.suggestion);
	}
}
END_TEST

static void
assert_message(const char *text, const char *message)
{
	struct predicate predicate;
	struct parse_error error;
	struct bytes out;

	ck_assert_int_ne(parse_predicate(bytes_view_str(text), &predicate, &error), ERR_NONE);
	bytes_init(&out, 4000);
	parse_error_write(&error, "policy", &out);
	bytes_append_u8(&out, 0);
	ck_assert_str_eq((const char *)out.data, message);
	bytes_release(&out);
}

START_TEST(draws_a_caret_under_the_place)
{
	assert_message("kind = note\nand tlp <= ambr or tlp = red",
	    "policy:2:12: found `ambr`, expected a TLP label: clear, green, amber, amber+strict, "
	    "red\n"
	    "  and tlp <= ambr or tlp = red\n"
	    "             ^^^^\n"
	    "  did you mean `amber`?\n");
	assert_message("label = \"\xc3\xb1\" and knd = x",
	    "policy:1:17: found `knd`, expected a field: kind, tlp, author, created, received, "
	    "confidence, severity, label, valid_from, valid_until, language, audience, type, "
	    "value, purpose, basis, permitted, attribution, notification, resale, terms_from, "
	    "terms_until, affects.sector, affects.service, affects.product, affects.environment, "
	    "reference, link, title, text, pattern, identifier, target, outcome, first_seen, "
	    "last_seen, count, \xe2\x80\xa6\n"
	    "  label = \"\xc3\xb1\" and knd = x\n"
	    "                  ^^^\n"
	    "  did you mean `kind`?\n");
	assert_message("kind =", "policy:1:7: the text ends, expected a value or `(`\n"
				 "  kind =\n"
				 "        ^\n");
}
END_TEST

START_TEST(shows_a_window_of_a_long_line)
{
	char text[1200];
	struct predicate predicate;
	struct parse_error error;

	memset(text, ' ', sizeof(text));
	memcpy(text + 1000, "knd = x", 8);
	ck_assert_int_ne(parse_predicate(bytes_view_str(text), &predicate, &error), ERR_NONE);
	ck_assert_uint_eq(error.column, 1001);
	ck_assert_uint_lt(error.caret, strlen(error.source));
	ck_assert_int_eq(memcmp(error.source + error.caret, "knd = x", 7), 0);
}
END_TEST

START_TEST(leaves_the_result_alone_when_it_fails)
{
	struct predicate predicate;

	memset(&predicate, 0x5a, sizeof(predicate));
	ck_assert_int_ne(
	    parse_predicate(bytes_view_str("kind = nothing"), &predicate, NULL), ERR_NONE);
	ck_assert_uint_eq(((const uint8_t *)&predicate)[0], 0x5a);
	ck_assert_uint_eq(predicate.nodes_count, 0x5a5a);
}
END_TEST

/* `count` times `part`, then `end`. */
static enum err
parse_repeated(const char *part, uint32_t count, const char *end)
{
	struct predicate predicate;
	struct parse_error error;
	struct bytes text;
	enum err err;

	bytes_init(&text, 200000);
	for (; count > 0; count--)
		bytes_append(&text, part, strlen(part));
	bytes_append(&text, end, strlen(end));
	err = parse_predicate(bytes_as_view(&text), &predicate, &error);
	bytes_release(&text);
	return err;
}

START_TEST(refuses_what_is_too_long_or_too_deep)
{
	ck_assert_int_eq(parse_repeated("kind = note and ", 62, "kind = note"), ERR_NONE);
	ck_assert_int_eq(parse_repeated("kind = note and ", 63, "kind = note"), ERR_TOO_LARGE);
	ck_assert_int_eq(parse_repeated("kind = note and ", 3000, "kind = note"), ERR_TOO_LARGE);
	ck_assert_int_eq(parse_repeated("(", 40, ""), ERR_FORMAT);
	ck_assert_int_eq(parse_repeated("(", 5000, ""), ERR_TOO_DEEP);
	ck_assert_int_eq(parse_repeated("not ", 5000, "kind = note"), ERR_TOO_DEEP);
	ck_assert_int_eq(parse_repeated("not (kind = note or ", 12, "("), ERR_FORMAT);
	ck_assert_int_eq(parse_repeated(" ", PARSE_BYTES_MAX - 11, "kind = note"), ERR_NONE);
	ck_assert_int_eq(parse_repeated(" ", PARSE_BYTES_MAX - 10, "kind = note"), ERR_TOO_LARGE);
}
END_TEST

START_TEST(refuses_groups_nested_deeper_than_a_predicate_may_be)
{
	ck_assert_int_eq(
	    parse_predicate(
		bytes_view_str(
		    "not (kind=note or not (kind=note or not (kind=note or not (kind=note or "
		    "not (kind=note or not (kind=note or tlp=red))))))"),
		&(struct predicate){0}, NULL),
	    ERR_NONE);
	ck_assert_int_eq(
	    parse_predicate(
		bytes_view_str(
		    "not (kind=note or not (kind=note or not (kind=note or not (kind=note or "
		    "not (kind=note or not (kind=note or type = url))))))"),
		&(struct predicate){0}, NULL),
	    ERR_TOO_DEEP);
	ck_assert_int_eq(
	    parse_predicate(
		bytes_view_str(
		    "not (kind=note or not (kind=note or not (kind=note or not (kind=note or "
		    "not (kind=note or not (kind=note or not tlp=red))))))"),
		&(struct predicate){0}, NULL),
	    ERR_TOO_DEEP);
}
END_TEST

START_TEST(takes_a_nul_for_what_it_is)
{
	struct predicate predicate;
	struct parse_error error;

	ck_assert_int_eq(
	    parse_predicate(bytes_view_of("kind = note\0", 12), &predicate, &error), ERR_FORMAT);
	ck_assert_uint_eq(error.column, 12);
	ck_assert_int_eq(parse_predicate(bytes_view_of(NULL, 0), &predicate, &error), ERR_FORMAT);
}
END_TEST

SUITE_MAIN("policy/parse", reads_what_is_meant, reads_its_own_text_as_the_same_tree,
    says_where_and_what_was_expected, draws_a_caret_under_the_place, shows_a_window_of_a_long_line,
    leaves_the_result_alone_when_it_fails, refuses_what_is_too_long_or_too_deep,
    refuses_groups_nested_deeper_than_a_predicate_may_be, takes_a_nul_for_what_it_is)
