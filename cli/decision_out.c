#include "cli/decision_out.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "policy/decide.h"
#include "wire/observable.h"

#define ID_DIGITS 64u
#define ACTIONS_COUNT ((unsigned)RULE_KEEP + 1)

/* ------------------------------------------------------------------ what happens */

static const struct {
	uint32_t bit;
	const char *name;
} redactions[] = {
#define REDACT_ROW(symbol, bit, name) {bit, name},
    RULE_REDACT_TABLE(REDACT_ROW)
#undef REDACT_ROW
};

/* The n-th thing that these bits take away; NULL: there are no more. */
static const char *
redaction_at(uint64_t redacted, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < sizeof(redactions) / sizeof(*redactions); i++) {
		if ((redacted >> redactions[i].bit & 1) != 0 && n-- == 0)
			return redactions[i].name;
	}
	for (i = 1; i <= OBSERVABLE_TYPE_MAX; i++) {
		if ((redacted >> (RULE_REDACT_TYPES + i) & 1) != 0 && n-- == 0)
			return observable_type_name((enum observable_type)i);
	}
	return NULL;
}

static void
append(char *out, size_t size, const char *text)
{
	size_t len = strlen(out);

	if (len + 1 < size)
		(void)snprintf(out + len, size - len, "%s", text);
}

void
decision_out_rule_action(uint64_t action, uint64_t approvers, uint64_t redacted, char *out)
{
	const char *name;
	uint32_t n;

	if (action >= ACTIONS_COUNT) {
		(void)snprintf(out, DECISION_OUT_BYTES, "?");
		return;
	}
	(void)snprintf(out, DECISION_OUT_BYTES, "%s", rule_action_name((enum rule_action)action));
	if (action == RULE_HOLD)
		(void)snprintf(out, DECISION_OUT_BYTES, "%s(%llu)", rule_action_name(RULE_HOLD),
		    (unsigned long long)approvers);
	if (action != RULE_REDACT)
		return;
	for (n = 0; (name = redaction_at(redacted, n)) != NULL; n++) {
		append(out, DECISION_OUT_BYTES, n == 0 ? "(" : ", ");
		append(out, DECISION_OUT_BYTES, name);
	}
	append(out, DECISION_OUT_BYTES, n > 0 ? ")" : "");
}

void
decision_out_action(const struct decision_body *decision, char *out)
{
	if (decision->way != DECISION_ASKED)
		(void)snprintf(out, DECISION_OUT_BYTES, "-");
	else
		decision_out_rule_action(
		    decision->action, decision->approvers, decision->redacted, out);
}

bool
decision_out_reaches(const struct decision_body *decision)
{
	return decision->way == DECISION_ASKED &&
	       (decision->reason == REASON_STORED || decision->reason == REASON_HELD ||
		   (decision->by == DECIDE_BY_RULE && decision->action == RULE_REDACT));
}

/* ------------------------------------------------------------------ who decided, and why */

void
decision_out_rule(const struct decision_body *decision, char *out)
{
	if (decision->rule == 0)
		(void)snprintf(out, DECISION_OUT_BYTES, "-");
	else if (decision->rule_name.len == 0)
		(void)snprintf(out, DECISION_OUT_BYTES, _("line %llu"),
		    (unsigned long long)decision->rule_line);
	else
		(void)snprintf(out, DECISION_OUT_BYTES, _("%.*s, line %llu"),
		    (int)decision->rule_name.len, (const char *)decision->rule_name.data,
		    (unsigned long long)decision->rule_line);
}

void
decision_out_ceiling(const struct decision_body *decision, char *out)
{
	const char *text = decision->ground <= CEILING_GROUND_MAX
			       ? _(ceiling_text((enum ceiling_ground)decision->ground))
			       : "?";

	if (decision->is_derived)
		(void)snprintf(out, DECISION_OUT_BYTES,
		    _("%s (this is about what it was derived from)"), text);
	else
		(void)snprintf(out, DECISION_OUT_BYTES, "%s", text);
}

static const char *
way_text(uint64_t way)
{
	switch ((enum decision_way)way) {
	case DECISION_ASKED:
		break;
	case DECISION_ITS_OWN:
		return N_("it is the author");
	case DECISION_SOURCE:
		return N_("it was had from there");
	case DECISION_EXPIRED:
		return N_("past its validity: nobody is sent it any more");
	case DECISION_NO_PEER:
		return N_("it is no peer: nothing is sent there");
	}
	return "?";
}

void
decision_out_why(const struct decision_body *decision, char *out)
{
	char rule[DECISION_OUT_BYTES];

	if (decision->way != DECISION_ASKED) {
		(void)snprintf(out, DECISION_OUT_BYTES, "%s", _(way_text(decision->way)));
		return;
	}
	if (decision->by == DECIDE_BY_CEILING) {
		decision_out_ceiling(decision, out);
	} else if (decision->by == DECIDE_BY_NOTHING) {
		(void)snprintf(out, DECISION_OUT_BYTES, "%s", _("no rule matches"));
	} else if (decision->by == DECIDE_BY_RULE) {
		decision_out_rule(decision, rule);
		(void)snprintf(out, DECISION_OUT_BYTES, _("the rule: %s"), rule);
	} else if (decision->reason == REASON_STORED) {
		(void)snprintf(out, DECISION_OUT_BYTES, "%s", _("approvers released it"));
	} else {
		(void)snprintf(
		    out, DECISION_OUT_BYTES, "%s", _(reason_text((enum reason)decision->reason)));
	}
}

/* ------------------------------------------------------------------ JSON */

void
decision_out_json_redacted(struct json_out *json, uint64_t redacted)
{
	const char *name;
	uint32_t n;

	json_out_array(json);
	for (n = 0; (name = redaction_at(redacted, n)) != NULL; n++)
		json_out_string(json, name);
	json_out_array_end(json);
}

static void
json_rule(struct json_out *json, const struct decision_body *decision)
{
	json_out_name(json, "rule");
	if (decision->rule == 0) {
		json_out_null(json);
		return;
	}
	json_out_object(json);
	json_out_name(json, "number");
	json_out_number(json, decision->rule);
	json_out_name(json, "name");
	json_out_text(json, decision->rule_name);
	json_out_name(json, "line");
	json_out_number(json, decision->rule_line);
	json_out_object_end(json);
}

static void
json_ceiling(struct json_out *json, const struct decision_body *decision)
{
	json_out_name(json, "ceiling");
	json_out_object(json);
	json_out_name(json, "reason");
	json_out_string(json, reason_name((enum reason)decision->ceiling));
	json_out_name(json, "ground");
	json_out_string(json, decision->ground <= CEILING_GROUND_MAX
				  ? ceiling_text((enum ceiling_ground)decision->ground)
				  : "?");
	json_out_name(json, "of_the_derived");
	json_out_bool(json, decision->is_derived);
	json_out_object_end(json);
}

void
decision_out_json(struct json_out *json, const struct decision_body *decision)
{
	static const char *const ways[] = {"asked", "its-own", "had-from-it", "expired", "no-peer"};

	json_out_name(json, "way");
	json_out_string(json, decision->way <= DECISION_NO_PEER ? ways[decision->way] : "?");
	json_out_name(json, "reaches");
	json_out_bool(json, decision_out_reaches(decision));
	if (decision->action >= ACTIONS_COUNT || decision->by >= DECIDE_BY_COUNT)
		return;
	json_out_name(json, "action");
	json_out_string(json, rule_action_name((enum rule_action)decision->action));
	if (decision->action == RULE_HOLD) {
		json_out_name(json, "approvers");
		json_out_number(json, decision->approvers);
	}
	if (decision->action == RULE_REDACT) {
		json_out_name(json, "redacted");
		decision_out_json_redacted(json, decision->redacted);
	}
	json_out_name(json, "by");
	json_out_string(json, decide_by_name((enum decide_by)decision->by));
	json_out_name(json, "reason");
	json_out_string(json, reason_name((enum reason)decision->reason));
	json_rule(json, decision);
	json_ceiling(json, decision);
}

/* ------------------------------------------------------------------ names for ids */

/* Whether 64 hexadecimal digits begin here, and no more than that. */
static bool
is_id_at(struct bytes_view text, size_t at)
{
	size_t i;

	if (text.len - at < ID_DIGITS)
		return false;
	for (i = at; i < at + ID_DIGITS; i++) {
		if (!((text.data[i] >= '0' && text.data[i] <= '9') ||
			(text.data[i] >= 'a' && text.data[i] <= 'f')))
			return false;
	}
	return true;
}

void
decision_out_names(const struct names *names, struct bytes_view text, char *out, size_t size)
{
	size_t at = 0, len = 0;

	while (at < text.len && len + 1 < size) {
		char digits[ID_DIGITS + 1];
		uint8_t id[32];
		int wrote;

		if (!is_id_at(text, at)) {
			out[len++] = (char)text.data[at++];
			continue;
		}
		memcpy(digits, text.data + at, ID_DIGITS);
		digits[ID_DIGITS] = '\0';
		at += ID_DIGITS;
		if (hex_decode(digits, id, sizeof(id)) != ERR_NONE)
			continue;
		wrote = snprintf(out + len, size - len, "\"%s\"", names_of(names, id));
		len += wrote < 0 || (size_t)wrote >= size - len ? size - len - 1 : (size_t)wrote;
	}
	out[len] = '\0';
}
