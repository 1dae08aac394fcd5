#include "policy/operand.h"

#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "policy/complain.h"
#include "policy/compose.h"
#include "policy/grammar.h"
#include "wire/marking.h"
#include "wire/predicate_text.h"
#include "wire/reader.h"
#include "wire/record.h"

#define TIME_TEXT_BYTES_MAX 40u

bool
operand_unquote(const struct scan_token *token, uint8_t *buffer, struct bytes_view *out)
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

	if (!operand_unquote(token, buffer, &text) || text.len == 0 ||
	    memchr(text.data, '/', text.len) == NULL)
		return false;
	bytes_init(&canonical, OBSERVABLE_BYTES_MAX);
	is_network = observable_parse(OBSERVABLE_CIDR, text, &canonical) == ERR_NONE;
	bytes_release(&canonical);
	return is_network;
}

/* ------------------------------------------------------------------ names and numbers */

#define NAMES_MAX 24u

/* What the numbers of a field are called, as a complaint says it. */
static const struct {
	enum predicate_field field;
	const char *what;
} numbers[] = {
    {PREDICATE_KIND, N_("a kind")},
    {PREDICATE_TLP, N_("a TLP label")},
    {PREDICATE_SEVERITY, N_("a severity")},
    {PREDICATE_AUDIENCE, N_("an audience")},
    {PREDICATE_TYPE, N_("a type of observable")},
    {PREDICATE_PERMITTED, N_("permitted actions")},
    {PREDICATE_ATTRIBUTION, N_("an obligation")},
    {PREDICATE_NOTIFICATION, N_("an obligation")},
    {PREDICATE_RESALE, N_("an obligation")},
    {PREDICATE_AFFECTS_ENVIRONMENT, N_("an environment")},
    {PREDICATE_OUTCOME, N_("an outcome")},
    {PREDICATE_COMBINE, N_("how observables combine")},
    {PREDICATE_DERIVED_TLP, N_("a TLP label")},
    {PREDICATE_REASON, N_("a reason")},
    {PREDICATE_AS, N_("a kind")},
    {PREDICATE_RELATION, N_("a relation")},
    {PREDICATE_STATE, N_("a state")},
    {PREDICATE_GRANT_TLP, N_("a TLP label")},
    {PREDICATE_PEER_ROLE, N_("what a peer is")},
};

static const char *
what_of(enum predicate_field field)
{
	uint32_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (numbers[i].field == field)
			return numbers[i].what;
	}
	return NULL;
}

static const char *
number_expected(enum predicate_field field)
{
	if (field == PREDICATE_CONFIDENCE)
		return N_("a number from 0 to 100");
	if (field == PREDICATE_THRESHOLD)
		return N_("a number from 1 to 16");
	return field == PREDICATE_SERIAL ? N_("a number from 1 to 999999999999")
					 : N_("a number from 0 to 999999999999");
}

static void
complain_number(struct build *build, enum predicate_field field, const struct scan_token *token)
{
	const char *names[NAMES_MAX];
	uint32_t count = 0;
	uint64_t i;

	if (what_of(field) == NULL) {
		complain(build, ERR_VALUE, token, NULL, number_expected(field));
		return;
	}
	for (i = predicate_field_least(field); i <= predicate_field_most(field); i++) {
		const char *name = predicate_text_number(field, i);

		if (name != NULL && count < NAMES_MAX)
			names[count++] = name;
	}
	complain_name(build, token, what_of(field), names, count);
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

/* By the words of wire/, which know more spellings than one, or by the field's own names. */
static bool
parse_name(enum predicate_field field, struct bytes_view text, uint64_t *number)
{
	enum record_kind kind;
	enum severity severity;
	enum observable_type type;
	enum tlp tlp;
	uint64_t i;

	if (field == PREDICATE_KIND && record_kind_parse(text, &kind)) {
		*number = kind;
		return true;
	}
	if ((field == PREDICATE_TLP || field == PREDICATE_DERIVED_TLP ||
		field == PREDICATE_GRANT_TLP) &&
	    tlp_parse(text, &tlp)) {
		*number = tlp;
		return true;
	}
	if (field == PREDICATE_SEVERITY && severity_parse(text, &severity) &&
	    severity != SEVERITY_UNSTATED) {
		*number = severity;
		return true;
	}
	if (field == PREDICATE_TYPE && observable_type_parse(text, &type)) {
		*number = type;
		return true;
	}
	for (i = predicate_field_least(field);
	     what_of(field) != NULL && i <= predicate_field_most(field); i++) {
		const char *name = predicate_text_number(field, i);

		if (name != NULL && bytes_view_is_equal(text, bytes_view_str(name))) {
			*number = i;
			return true;
		}
	}
	return false;
}

static bool
number_of(struct build *build, enum predicate_field field, const struct scan_token *token,
    struct bytes_view text, uint64_t *number)
{
	if (parse_name(field, text, number))
		return true;
	if (what_of(field) == NULL && parse_number(text, predicate_field_most(field), number) &&
	    *number >= predicate_field_least(field))
		return true;
	complain_number(build, field, token);
	return false;
}

/* ------------------------------------------------------------------ times */

static const char time_expected[] =
    N_("a time: 2026-11-01, 2026-11-01T15:00:00Z, now, or now - 7d (w, d, h, m, s)");

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
			complain(
			    build, ERR_VALUE, token, N_("not a duration from now"), time_expected);
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

/* 64 hexadecimal digits. */
static bool
parse_id(struct bytes_view text, uint8_t id[32])
{
	char digits[2 * sizeof(struct org_id) + 1];

	if (text.len != sizeof(digits) - 1 || memchr(text.data, '\0', text.len) != NULL)
		return false;
	memcpy(digits, text.data, text.len);
	digits[text.len] = '\0';
	return hex_decode(digits, id, sizeof(struct org_id)) == ERR_NONE;
}

static void
add_id(struct build *build, const struct build_node *node, const struct scan_token *token,
    struct bytes_view text)
{
	uint8_t id[sizeof(struct org_id)];
	enum predicate_form form = predicate_field_form(node->field);

	if (parse_id(text, id)) {
		predicate_add_id(&build->predicate, id);
	} else if (form == PREDICATE_FORM_RECORD) {
		complain(build, ERR_VALUE, token, NULL, N_("a record's id: 64 hexadecimal digits"));
	} else if (text.len > NAME_BYTES_MAX) {
		complain_most(build, token, N_("too long for a name"), NAME_BYTES_MAX, true);
	} else {
		if (form == PREDICATE_FORM_COMMUNITY && build->compose != NULL)
			compose_check_community(build, token, text);
		predicate_add_name(&build->predicate, text);
	}
}

static bool
is_made_of(struct bytes_view text, char from, char to, const char *others)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if ((text.data[i] < from || text.data[i] > to) &&
		    (text.data[i] == '\0' || strchr(others, text.data[i]) == NULL))
			return false;
	}
	return true;
}

/* A sector or country that no card can have would never be met. */
static void
check_peer_text(struct build *build, const struct build_node *node, const struct scan_token *token,
    struct bytes_view text)
{
	if (node->op == PREDICATE_LIKE)
		return;
	if (node->field == PREDICATE_PEER_COUNTRY &&
	    (text.len != 2 || !is_made_of(text, 'A', 'Z', "")))
		complain(
		    build, ERR_VALUE, token, NULL, N_("a country: two capital letters such as MX"));
	if (node->field == PREDICATE_PEER_SECTOR && !is_made_of(text, 'a', 'z', "0123456789-"))
		complain(build, ERR_VALUE, token, NULL,
		    N_("a sector: a word of a-z, 0-9 and -, such as bank"));
}

static void
add_pattern(struct build *build, const struct build_node *node, const struct scan_token *token,
    struct bytes_view text)
{
	size_t max = node->op == PREDICATE_LIKE ? PREDICATE_PATTERN_BYTES_MAX
						: (size_t)predicate_field_most(node->field);

	check_peer_text(build, node, token, text);
	if (text.len > max)
		complain_most(build, token, N_("too long"), max, true);
	else
		predicate_add_text(&build->predicate, text);
}

static void
add_list(struct build *build, const struct scan_token *token, struct bytes_view text)
{
	if (text.len > PREDICATE_LIST_NAME_BYTES_MAX) {
		complain_most(
		    build, token, N_("too long for a name"), PREDICATE_LIST_NAME_BYTES_MAX, true);
		return;
	}
	if (build->compose != NULL)
		compose_check_list(build, token, text);
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
	    types == BUILD_TYPES_ALL ? N_("the value of an observable")
				     : N_("a value of the type named beside it"));
}

static void
add_text(struct build *build, const struct build_node *node, const struct scan_token *token,
    struct bytes_view text)
{
	if (node->field != PREDICATE_VALUE || node->op == PREDICATE_LIKE)
		add_pattern(build, node, token, text);
	else if (node->op == PREDICATE_UNDER)
		add_canonical(build, token, OBSERVABLE_DOMAIN, text, N_("a domain"));
	else if (node->op == PREDICATE_WITHIN)
		add_canonical(build, token, OBSERVABLE_CIDR, text, N_("a network"));
	else if (node->op == PREDICATE_LISTED)
		add_list(build, token, text);
	else
		add_value(build, token, node->types, text);
}

static void
add_one(struct build *build, const struct build_node *node, const struct scan_token *token)
{
	uint8_t buffer[OBSERVABLE_BYTES_MAX];
	struct bytes_view text;
	uint64_t number = 0;

	if (!operand_unquote(token, buffer, &text)) {
		complain_most(build, token, N_("too long"), OBSERVABLE_BYTES_MAX, true);
		return;
	}
	if (text.len == 0 || (token->kind != TOKEN_NOW && !reader_is_text(text, READER_LINE))) {
		complain(build, text.len == 0 ? ERR_VALUE : ERR_UTF8, token,
		    text.len == 0 ? N_("an empty text") : err_text(ERR_UTF8),
		    text.len == 0 ? N_("a character at least")
				  : N_("one line of UTF-8 without control characters"));
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
	case PREDICATE_FORM_COMMUNITY:
	case PREDICATE_FORM_RECORD:
		add_id(build, node, token, text);
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
			complain(build, ERR_TYPE, token,
			    N_("`now` is a time and this field has none"),
			    N_("a value of this field"));
		else
			add_one(build, node, token);
	}
}
