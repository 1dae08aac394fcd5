#include "policy/operand.h"

#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "policy/complain.h"
#include "policy/grammar.h"
#include "wire/marking.h"
#include "wire/reader.h"
#include "wire/record.h"

#define TIME_TEXT_BYTES_MAX 40u

/* The text of a value: a bare word as it stands, a string without quotes and escapes, which
   then is in buffer (OBSERVABLE_BYTES_MAX bytes).  False: too long. */
static bool
unquote(const struct scan_token *token, uint8_t *buffer, struct bytes_view *out)
{
	size_t len = 0;
	size_t i;

	if (token->kind != TOKEN_STRING) {
		*out = token->text;
		return token->text.len <= OBSERVABLE_BYTES_MAX;
	}
	for (i = 1; i + 1 < token->text.len; i++) {
		if (token->text.data[i] == '\\')
			i++;
		if (len == OBSERVABLE_BYTES_MAX)
			return false;
		buffer[len++] = token->text.data[i];
	}
	*out = bytes_view_of(buffer, len);
	return true;
}

bool
operand_is_network(const struct scan_token *token)
{
	uint8_t buffer[OBSERVABLE_BYTES_MAX];
	struct bytes_view text;
	struct bytes canonical;
	bool is_network = false;

	if (!unquote(token, buffer, &text) || text.len == 0 ||
	    memchr(text.data, '/', text.len) == NULL)
		return false;
	bytes_init(&canonical, OBSERVABLE_BYTES_MAX);
	is_network = observable_parse(OBSERVABLE_CIDR, text, &canonical) == ERR_NONE;
	bytes_release(&canonical);
	return is_network;
}

/* ------------------------------------------------------------------ names and numbers */

static const char *const kind_names[] = {
#define KIND_NAME(symbol, code, name) name,
    RECORD_KIND_TABLE(KIND_NAME)
#undef KIND_NAME
};
static const char *const type_names[] = {
#define TYPE_NAME(symbol, code, name, personal) name,
    OBSERVABLE_TABLE(TYPE_NAME)
#undef TYPE_NAME
};

static void
complain_tlp(struct build *build, const struct scan_token *token)
{
	const char *names[TLP_COUNT];
	int i;

	for (i = 0; i < TLP_COUNT; i++)
		names[i] = tlp_name((enum tlp)i);
	complain_name(build, token, "a TLP label", names, TLP_COUNT);
}

static void
complain_severity(struct build *build, const struct scan_token *token)
{
	const char *names[SEVERITY_CRITICAL];
	uint32_t i;

	for (i = 0; i < SEVERITY_CRITICAL; i++)
		names[i] = severity_name((enum severity)(i + 1));
	complain_name(build, token, "a severity", names, SEVERITY_CRITICAL);
}

/* Decimal digits without leading zeros, up to max. */
static bool
parse_number(struct bytes_view text, uint64_t max, uint64_t *out)
{
	uint64_t number = 0;
	size_t i;

	if (text.len == 0 || text.len > 18 || (text.len > 1 && text.data[0] == '0'))
		return false;
	for (i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(text.data[i] - '0');
	}
	*out = number;
	return number <= max;
}

static bool
number_of(struct build *build, enum predicate_field field, const struct scan_token *token,
    struct bytes_view text, uint64_t *number)
{
	static const char *const audience_names[] = {"nobody"};
	enum record_kind kind;
	enum severity severity;
	enum observable_type type;
	enum tlp tlp;

	if (field == PREDICATE_KIND && record_kind_parse(text, &kind))
		*number = kind;
	else if (field == PREDICATE_TLP && tlp_parse(text, &tlp))
		*number = tlp;
	else if (field == PREDICATE_SEVERITY && severity_parse(text, &severity) &&
		 severity != SEVERITY_UNSTATED)
		*number = severity;
	else if (field == PREDICATE_TYPE && observable_type_parse(text, &type))
		*number = type;
	else if (field == PREDICATE_AUDIENCE && bytes_view_is_equal(text, bytes_view_str("nobody")))
		*number = PREDICATE_NOBODY;
	else if (field == PREDICATE_CONFIDENCE && parse_number(text, 100, number))
		return true;
	else if (field == PREDICATE_KIND)
		complain_name(
		    build, token, "a kind", kind_names, sizeof(kind_names) / sizeof(*kind_names));
	else if (field == PREDICATE_TLP)
		complain_tlp(build, token);
	else if (field == PREDICATE_SEVERITY)
		complain_severity(build, token);
	else if (field == PREDICATE_TYPE)
		complain_name(
		    build, token, "a type of observable", type_names, OBSERVABLE_TYPE_MAX);
	else if (field == PREDICATE_AUDIENCE)
		complain_name(build, token, "an audience", audience_names, 1);
	else
		complain(build, ERR_VALUE, token, NULL, "a number from 0 to 100");
	return build_is_ok(build);
}

/* ------------------------------------------------------------------ times */

static const char time_expected[] =
    "a time: 2026-11-01, 2026-11-01T15:00:00Z, now, or now - 7d (w, d, h, m, s)";

/* "7d": weeks, days, hours, minutes, seconds. */
static bool
parse_duration(struct bytes_view text, uint64_t *ms)
{
	static const struct {
		char unit;
		uint64_t ms;
	} units[] = {{'w', 604800000}, {'d', 86400000}, {'h', 3600000}, {'m', 60000}, {'s', 1000}};
	uint64_t count;
	size_t i;

	if (text.len < 2 ||
	    !parse_number(bytes_view_of(text.data, text.len - 1), PREDICATE_OFFSET_MS_MAX, &count))
		return false;
	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (text.data[text.len - 1] == units[i].unit) {
			*ms = count * units[i].ms;
			return count <= PREDICATE_OFFSET_MS_MAX / units[i].ms;
		}
	}
	return false;
}

/* "now", "now - 7d", "now+1h" */
static bool
add_now(struct predicate *predicate, struct bytes_view text)
{
	enum predicate_base base = PREDICATE_BEFORE_NOW;
	uint64_t ms = 0;
	size_t at = strlen("now");

	if (at < text.len) {
		while (text.data[at] != '-' && text.data[at] != '+')
			at++;
		base = text.data[at] == '-' ? PREDICATE_BEFORE_NOW : PREDICATE_AFTER_NOW;
		for (at++; text.data[at] == ' ' || text.data[at] == '\t' || text.data[at] == '\r';)
			at++;
		if (!parse_duration(bytes_view_of(text.data + at, text.len - at), &ms))
			return false;
	}
	predicate_add_time(predicate, ms == 0 ? PREDICATE_BEFORE_NOW : base, ms);
	return true;
}

static void
add_time(struct build *build, const struct scan_token *token, struct bytes_view text)
{
	char copy[TIME_TEXT_BYTES_MAX];
	uint64_t ms;

	if (token->kind == TOKEN_NOW) {
		if (!add_now(&build->predicate, text))
			complain(build, ERR_VALUE, token, "not a duration from now", time_expected);
		return;
	}
	if (text.len < sizeof(copy) && memchr(text.data, '\0', text.len) == NULL) {
		memcpy(copy, text.data, text.len);
		copy[text.len] = '\0';
		if (clock_parse(copy, &ms) == ERR_NONE) {
			predicate_add_time(&build->predicate, PREDICATE_ABSOLUTE, ms);
			return;
		}
	}
	complain(build, ERR_VALUE, token, NULL, time_expected);
}

/* ------------------------------------------------------------------ texts */

static void
add_org(struct build *build, const struct scan_token *token, struct bytes_view text)
{
	struct org_id org;
	char digits[2 * sizeof(org.bytes) + 1];

	if (text.len == sizeof(digits) - 1 && memchr(text.data, '\0', text.len) == NULL) {
		memcpy(digits, text.data, text.len);
		digits[text.len] = '\0';
		if (hex_decode(digits, org.bytes, sizeof(org.bytes)) == ERR_NONE) {
			predicate_add_org(&build->predicate, &org);
			return;
		}
	}
	if (text.len > NAME_BYTES_MAX)
		complain(build, ERR_TOO_LARGE, token, "too long for a name", NULL);
	else
		predicate_add_name(&build->predicate, text);
}

static void
add_pattern(struct build *build, const struct build_node *node, const struct scan_token *token,
    struct bytes_view text)
{
	size_t max = node->op == PREDICATE_LIKE       ? PREDICATE_PATTERN_BYTES_MAX
		     : node->field == PREDICATE_LABEL ? LABEL_BYTES_MAX
						      : LANGUAGE_BYTES_MAX;

	if (text.len > max)
		complain(build, ERR_TOO_LARGE, token, "too long", NULL);
	else
		predicate_add_text(&build->predicate, text);
}

/* The canonical form as one type, or a complaint that says what is wrong with it. */
static void
add_canonical(struct build *build, const struct scan_token *token, enum observable_type type,
    struct bytes_view text, const char *expected)
{
	struct bytes canonical;
	enum err err;

	bytes_init(&canonical, OBSERVABLE_BYTES_MAX);
	err = observable_parse(type, text, &canonical);
	if (err == ERR_NONE)
		predicate_add_text(&build->predicate, bytes_as_view(&canonical));
	else
		complain(build, err, token, err == ERR_VALUE ? NULL : err_text(err), expected);
	bytes_release(&canonical);
}

/* Add the text unless the comparison has it already: types often agree on a form. */
static void
add_once(struct predicate *predicate, struct bytes_view text)
{
	const struct predicate_node *node = &predicate->nodes[predicate->nodes_count - 1];
	uint32_t i;

	for (i = 0; i < node->values; i++) {
		if (bytes_view_is_equal(
			text, predicate_text(predicate, predicate_value_at(predicate, node, i))))
			return;
	}
	predicate_add_text(predicate, text);
}

/* Every canonical form that the text has as one of these types. */
static void
add_value(
    struct build *build, const struct scan_token *token, uint32_t types, struct bytes_view text)
{
	struct bytes canonical;
	enum err err = ERR_VALUE;
	bool is_any = false;
	uint32_t type;

	bytes_init(&canonical, OBSERVABLE_BYTES_MAX);
	for (type = 1; type <= OBSERVABLE_TYPE_MAX; type++) {
		enum err failure;

		if ((types >> type & 1) == 0)
			continue;
		bytes_clear(&canonical);
		failure = observable_parse((enum observable_type)type, text, &canonical);
		if (failure == ERR_NONE) {
			add_once(&build->predicate, bytes_as_view(&canonical));
			is_any = true;
		} else if (failure != ERR_VALUE) {
			err = failure;
		}
	}
	bytes_release(&canonical);
	if (is_any)
		return;
	complain(build, err, token, err == ERR_VALUE ? NULL : err_text(err),
	    types == BUILD_TYPES_ALL ? "the value of an observable"
				     : "a value of the type named beside it");
}

static void
add_text(struct build *build, const struct build_node *node, const struct scan_token *token,
    struct bytes_view text)
{
	if (node->field != PREDICATE_VALUE || node->op == PREDICATE_LIKE)
		add_pattern(build, node, token, text);
	else if (node->op == PREDICATE_UNDER)
		add_canonical(build, token, OBSERVABLE_DOMAIN, text, "a domain");
	else if (node->op == PREDICATE_WITHIN)
		add_canonical(build, token, OBSERVABLE_CIDR, text, "a network");
	else
		add_value(build, token, node->types, text);
}

static void
add_one(struct build *build, const struct build_node *node, const struct scan_token *token)
{
	uint8_t buffer[OBSERVABLE_BYTES_MAX];
	struct bytes_view text;
	uint64_t number = 0;

	if (!unquote(token, buffer, &text)) {
		complain(build, ERR_TOO_LARGE, token, "too long", NULL);
		return;
	}
	if (text.len == 0 || (token->kind != TOKEN_NOW && !reader_is_text(text, READER_LINE))) {
		complain(build, text.len == 0 ? ERR_VALUE : ERR_UTF8, token,
		    text.len == 0 ? "an empty text" : err_text(ERR_UTF8), NULL);
		return;
	}
	switch (predicate_field_form(node->field)) {
	case PREDICATE_FORM_NUMBER:
		if (number_of(build, node->field, token, text, &number))
			predicate_add_number(&build->predicate, number);
		break;
	case PREDICATE_FORM_TIME:
		add_time(build, token, text);
		break;
	case PREDICATE_FORM_TEXT:
		add_text(build, node, token, text);
		break;
	case PREDICATE_FORM_ORG:
		add_org(build, token, text);
		break;
	}
}

void
operand_add_all(struct build *build, const struct build_node *node)
{
	int i;

	for (i = 0; i < node->values && build_is_ok(build); i++) {
		const struct scan_token *token = &build->values[node->value + i];

		if (token->kind == TOKEN_NOW &&
		    predicate_field_form(node->field) != PREDICATE_FORM_TIME)
			complain(build, ERR_TYPE, token, "`now` is a time and this field has none",
			    NULL);
		else
			add_one(build, node, token);
	}
}
