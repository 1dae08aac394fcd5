#include "wire/predicate_text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "wire/marking.h"
#include "wire/observable.h"
#include "wire/record.h"

static void
append(struct bytes *out, const char *text)
{
	bytes_append(out, text, strlen(text));
}

static void
append_quoted(struct bytes *out, struct bytes_view text)
{
	size_t i;

	bytes_append_u8(out, '"');
	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			bytes_append_u8(out, '\\');
		bytes_append_u8(out, text.data[i]);
	}
	bytes_append_u8(out, '"');
}

/* ------------------------------------------------------------------ values */

#define NAMES_MAX 5

/* Those that no enum of wire/ names. */
static const struct {
	enum predicate_field field;
	const char *names[NAMES_MAX];
} named[] = {
    {PREDICATE_AUDIENCE, {"nobody"}},
    {PREDICATE_PERMITTED, {"none", "contact", "internal", "external-indirect", "external-direct"}},
    {PREDICATE_ATTRIBUTION, {"may", "must", "must-not"}},
    {PREDICATE_NOTIFICATION, {"may", NULL, "must-not"}},
    {PREDICATE_RESALE, {"may", NULL, "must-not"}},
    {PREDICATE_AFFECTS_ENVIRONMENT, {NULL, "it", "ot"}},
    {PREDICATE_COMBINE, {NULL, "any", "all"}},
    {PREDICATE_STATE, {NULL, "active", "ended"}},
    {PREDICATE_PEER_ROLE, {"client", "provider", "constituent", "cert", "audience"}},
};

const char *
predicate_text_number(enum predicate_field field, uint64_t number)
{
	uint32_t i;

	if (number < predicate_field_least(field) || number > predicate_field_most(field))
		return NULL;
	if (field == PREDICATE_KIND || field == PREDICATE_AS)
		return record_kind_name((enum record_kind)number);
	if (field == PREDICATE_TLP || field == PREDICATE_DERIVED_TLP ||
	    field == PREDICATE_GRANT_TLP)
		return tlp_name((enum tlp)number);
	if (field == PREDICATE_SEVERITY)
		return severity_name((enum severity)number);
	if (field == PREDICATE_TYPE)
		return observable_type_name((enum observable_type)number);
	if (field == PREDICATE_OUTCOME)
		return sighting_name((enum sighting)number);
	if (field == PREDICATE_REASON)
		return dispute_name((enum dispute)number);
	if (field == PREDICATE_RELATION)
		return relation_name((enum relation_type)number);
	for (i = 0; i < sizeof(named) / sizeof(*named); i++) {
		if (named[i].field == field)
			return named[i].names[number];
	}
	return NULL;
}

static void
append_number(struct bytes *out, enum predicate_field field, uint64_t number)
{
	const char *name = predicate_text_number(field, number);
	char digits[24];

	if (name == NULL) {
		(void)snprintf(digits, sizeof(digits), "%" PRIu64, number);
		name = digits;
	}
	append(out, name);
}

/* The date alone where it is midnight, without the milliseconds where there are none. */
static void
append_moment(struct bytes *out, uint64_t ms)
{
	char text[CLOCK_TEXT_BYTES];

	clock_format(ms, text);
	if (ms % 86400000 == 0)
		text[10] = '\0';
	else if (ms % 1000 == 0)
		memcpy(text + 19, "Z", 2);
	append(out, text);
}

static void
append_time(struct bytes *out, const struct predicate_value *value)
{
	static const struct {
		char unit;
		uint64_t ms;
	} units[] = {{'d', 86400000}, {'h', 3600000}, {'m', 60000}, {'s', 1000}};
	char text[32];
	size_t i = 0;

	if (value->base == PREDICATE_ABSOLUTE) {
		append_moment(out, value->number);
		return;
	}
	append(out, "now");
	if (value->number == 0)
		return;
	while (value->number % units[i].ms != 0) /* ends with whole seconds: predicate_finish */
		i++;
	(void)snprintf(text, sizeof(text), " %c %" PRIu64 "%c",
	    value->base == PREDICATE_BEFORE_NOW ? '-' : '+', value->number / units[i].ms,
	    units[i].unit);
	append(out, text);
}

static void
append_value(struct bytes *out, const struct predicate *predicate, enum predicate_field field,
    const struct predicate_value *value)
{
	struct bytes_view text = predicate_text(predicate, value);
	char digits[2 * sizeof(struct org_id) + 1];

	switch (predicate_field_form(field)) {
	case PREDICATE_FORM_NUMBER:
		append_number(out, field, value->number);
		break;
	case PREDICATE_FORM_TIME:
		append_time(out, value);
		break;
	case PREDICATE_FORM_TEXT:
		append_quoted(out, text);
		break;
	case PREDICATE_FORM_ORG:
	case PREDICATE_FORM_COMMUNITY:
	case PREDICATE_FORM_RECORD:
		if (value->is_name) {
			append_quoted(out, text);
		} else {
			assert(text.len == sizeof(struct org_id));
			hex_encode(text.data, text.len, digits);
			append(out, digits);
		}
		break;
	}
}

/* ------------------------------------------------------------------ comparisons */

static const char *
op_word(const struct predicate_node *node, bool is_denied)
{
	switch (node->op) {
	case PREDICATE_EQUAL:
		if (node->values > 1)
			return is_denied ? "not in" : "in";
		return is_denied ? "!=" : "=";
	case PREDICATE_LIKE:
		return is_denied ? "!~" : "~";
	case PREDICATE_UNDER:
		return is_denied ? "not under" : "under";
	case PREDICATE_WITHIN:
		return is_denied ? "not in" : "in";
	case PREDICATE_LISTED:
		return is_denied ? "not in list" : "in list";
	case PREDICATE_LESS:
		return "<";
	case PREDICATE_AT_MOST:
		return "<=";
	case PREDICATE_GREATER:
		return ">";
	case PREDICATE_AT_LEAST:
		return ">=";
	case PREDICATE_AND:
	case PREDICATE_OR:
	case PREDICATE_NOT:
	case PREDICATE_SOME:
		break;
	}
	return "?";
}

static bool
has_op_denied(const struct predicate_node *node)
{
	return node->op == PREDICATE_EQUAL || node->op == PREDICATE_LIKE ||
	       node->op == PREDICATE_UNDER || node->op == PREDICATE_WITHIN ||
	       node->op == PREDICATE_LISTED;
}

/* Whether a list of values after `in` would be read as containment in one of them. */
static bool
has_network(const struct predicate *predicate, const struct predicate_node *node)
{
	uint32_t i;

	if (node->op != PREDICATE_EQUAL || node->field != PREDICATE_VALUE || node->values < 2)
		return false;
	for (i = 0; i < node->values; i++) {
		struct bytes_view text =
		    predicate_text(predicate, predicate_value_at(predicate, node, i));

		if (observable_check(OBSERVABLE_CIDR, text) == ERR_NONE)
			return true;
	}
	return false;
}

static void
append_comparison(struct bytes *out, const struct predicate *predicate,
    const struct predicate_node *node, bool is_denied)
{
	bool is_list = node->values > 1 || node->op == PREDICATE_LISTED;
	uint32_t i;

	append(out, predicate_field_name(node->field));
	append(out, " ");
	append(out, op_word(node, is_denied));
	append(out, node->op == PREDICATE_LISTED ? "(" : is_list ? " (" : " ");
	for (i = 0; i < node->values; i++) {
		if (i > 0)
			append(out, ", ");
		append_value(out, predicate, node->field, predicate_value_at(predicate, node, i));
	}
	append(out, is_list ? ")" : "");
}

/* One equality a value, for where `in` would say something else. */
static void
append_alternatives(struct bytes *out, const struct predicate *predicate,
    const struct predicate_node *node, bool is_denied)
{
	struct predicate_node single = *node;

	append(out, is_denied ? "not (" : "(");
	single.values = 1;
	for (; single.value < node->value + node->values; single.value++) {
		if (single.value > node->value)
			append(out, " or ");
		append_comparison(out, predicate, &single, false);
	}
	append(out, ")");
}

/* ------------------------------------------------------------------ groups */

/* What is being written: policy/parse.h says which parentheses separate. */
struct frame {
	const struct predicate_node *node;
	bool has_parenthesis;
	bool is_separate; /* its single observable comparisons stand in parentheses */
};

struct text {
	struct bytes *out;
	struct frame frames[PREDICATE_DEPTH_MAX];
	uint32_t depth;
	bool is_denied; /* the next comparison */
};

static bool
is_single(const struct predicate_node *node)
{
	return node->op == PREDICATE_SOME && node->children == 1;
}

/* Whether an AND around it would take it for a condition on the same observable. */
static bool
would_join(const struct predicate *predicate, const struct predicate_node *node)
{
	const struct predicate_node *child;

	if (node->op == PREDICATE_SOME)
		return true;
	if (node->op != PREDICATE_OR)
		return false;
	for (child = node + 1; child < predicate->nodes + node->end;
	     child = predicate->nodes + child->end) {
		if (!is_single(child))
			return false;
	}
	return true;
}

static bool
must_separate(const struct predicate *predicate, const struct predicate_node *node,
    const struct frame *parent)
{
	const struct predicate_node *child;
	uint32_t joining = 0;

	if (node->op == PREDICATE_OR)
		return parent != NULL && parent->is_separate && would_join(predicate, node);
	if (node->op != PREDICATE_AND)
		return false;
	for (child = node + 1; child < predicate->nodes + node->end;
	     child = predicate->nodes + child->end)
		joining += would_join(predicate, child);
	return joining > 1;
}

static bool
needs_parenthesis(const struct predicate_node *node, const struct frame *parent)
{
	if (parent == NULL || node->op == PREDICATE_NOT)
		return false;
	if (is_single(node))
		return parent->is_separate;
	if (parent->node->op == PREDICATE_NOT)
		return true;
	if (node->op == PREDICATE_SOME)
		return parent->is_separate;
	return node->op == PREDICATE_OR;
}

static void
open_group(struct text *text, const struct predicate *predicate, const struct predicate_node *node)
{
	const struct frame *parent = text->depth == 0 ? NULL : &text->frames[text->depth - 1];
	struct frame frame = {
	    node, needs_parenthesis(node, parent), must_separate(predicate, node, parent)};

	if (node->op == PREDICATE_NOT) {
		const struct predicate_node *inner = is_single(node + 1) ? node + 2 : node + 1;

		text->is_denied = has_op_denied(inner);
		if (!text->is_denied)
			append(text->out, "not ");
	}
	if (frame.has_parenthesis)
		append(text->out, "(");
	assert(text->depth < PREDICATE_DEPTH_MAX);
	text->frames[text->depth++] = frame;
}

static void
visit(void *context, enum predicate_step step, const struct predicate *predicate,
    const struct predicate_node *node)
{
	struct text *text = context;

	switch (step) {
	case PREDICATE_STEP_OPEN:
		open_group(text, predicate, node);
		break;
	case PREDICATE_STEP_NEXT:
		append(text->out, node->op == PREDICATE_OR ? " or " : " and ");
		break;
	case PREDICATE_STEP_CLOSE:
		if (text->frames[--text->depth].has_parenthesis)
			append(text->out, ")");
		break;
	case PREDICATE_STEP_LEAF:
		if (has_network(predicate, node))
			append_alternatives(text->out, predicate, node, text->is_denied);
		else
			append_comparison(text->out, predicate, node, text->is_denied);
		text->is_denied = false;
		break;
	}
}

void
predicate_text_write(const struct predicate *predicate, struct bytes *out)
{
	struct text text = {.out = out};

	predicate_walk(predicate, visit, &text);
}
