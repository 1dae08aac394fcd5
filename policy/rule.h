/*
 * rule: one line of a policy: what to do, with which records, towards whom.
 */
#ifndef MALLA_POLICY_RULE_H
#define MALLA_POLICY_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/predicate.h"

#define RULES_MAX 64u /* of one direction */
#define RULE_NAME_BYTES_MAX 32u
#define RULE_APPROVERS_MAX 9u

/* X(symbol, name, is for records that leave) */
/* clang-format off */
#define RULE_ACTION_TABLE(X) \
	X(RULE_SHARE,      "share",      true) \
	X(RULE_HOLD,       "hold",       true)  /* until so many approvers release it */ \
	X(RULE_DENY,       "deny",       true) \
	X(RULE_ACCEPT,     "accept",     false) \
	X(RULE_QUARANTINE, "quarantine", false) /* store, and show as such */ \
	X(RULE_REFUSE,     "refuse",     false)
/* clang-format on */

enum rule_action {
#define RULE_ACTION_ENUM(symbol, name, is_outbound) symbol,
	RULE_ACTION_TABLE(RULE_ACTION_ENUM)
#undef RULE_ACTION_ENUM
};

/* Which peers a rule is about. */
enum rule_party {
	RULE_ANYBODY,  /* every peer */
	RULE_AUDIENCE, /* those that the record's audience names */
};

struct rule {
	enum rule_action action;
	uint32_t approvers; /* RULE_HOLD: 1..RULE_APPROVERS_MAX */
	char name[RULE_NAME_BYTES_MAX + 1];
	enum rule_party party;
	struct predicate where; /* without nodes: every record */
};

/* "share".  Static. */
const char *rule_action_name(enum rule_action action);
bool rule_action_is_outbound(enum rule_action action);
/* Append the rule as a line of a policy file, indented and ended. */
void rule_write(const struct rule *rule, struct bytes *out);

#endif
