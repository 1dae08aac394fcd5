#include "policy/rule.h"

#include <stdio.h>
#include <string.h>

#include "wire/predicate_text.h"

static const struct {
	const char *name;
	bool is_outbound;
} actions[] = {
#define ACTION_ROW(symbol, name, is_outbound) [symbol] = {name, is_outbound},
    RULE_ACTION_TABLE(ACTION_ROW)
#undef ACTION_ROW
};

const char *
rule_action_name(enum rule_action action)
{
	return actions[action].name;
}

bool
rule_action_is_outbound(enum rule_action action)
{
	return actions[action].is_outbound;
}

void
rule_write(const struct rule *rule, struct bytes *out)
{
	char action[24], start[64];
	bool is_bare = rule->where.nodes_count == 0 && rule->party == RULE_ANYBODY &&
		       rule->action != RULE_SHARE;

	if (rule->action == RULE_HOLD)
		(void)snprintf(action, sizeof(action), "hold(%u)", (unsigned)rule->approvers);
	else
		(void)snprintf(action, sizeof(action), "%s", rule_action_name(rule->action));
	/* columns, but no blanks at the end of the line */
	(void)snprintf(
	    start, sizeof(start), is_bare ? "  %-10s %s" : "  %-10s %-15s", action, rule->name);
	bytes_append(out, start, strlen(start));
	if (rule->where.nodes_count > 0) {
		bytes_append(out, " where ", 7);
		predicate_text_write(&rule->where, out);
	}
	if (rule->party == RULE_AUDIENCE)
		bytes_append(out, " to audience", 12);
	else if (rule->action == RULE_SHARE)
		bytes_append(out, " to anybody", 11);
	bytes_append_u8(out, '\n');
}
