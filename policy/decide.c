#include "policy/decide.h"

#include <assert.h>
#include <string.h>

/* The ceiling on the record itself and, for a redaction, on what it was made from: who may
   not pass on the original may not pass on its redaction. */
static enum reason
ask_ceiling(
    const struct decide_input *input, const struct org_id *holder, const struct org_id *recipient)
{
	const struct record *record = input->record;
	struct ceiling_input ask = {record->marking.tlp, record->marking.attribution,
	    &record->audience, &record->author, holder, recipient, input->relations};
	enum reason reason = ceiling_ask(&ask);

	if (reason != REASON_STORED || !record->has_derived)
		return reason;
	ask.tlp = record->derived.marking.tlp;
	ask.attribution = record->derived.marking.attribution;
	ask.audience = &record->derived.audience;
	ask.author = &record->derived.author;
	ask.relations = input->derived;
	return ceiling_ask(&ask);
}

/* RED and personal records state why they are shared and on which legal basis. */
static bool
lacks_purpose(const struct record *record)
{
	if (record->marking.purpose.len > 0 && record->marking.basis.len > 0)
		return false;
	return record->marking.tlp == TLP_RED || record_is_personal(record);
}

static bool
is_party(const struct rule *rule, const struct decide_input *input)
{
	const struct audience *audience = &input->record->audience;

	switch (rule->party) {
	case RULE_ANYBODY:
		return true;
	case RULE_AUDIENCE:
		return audience_has_org(audience, input->peer) ||
		       (audience->has_community && input->relations.membership == CEILING_MEMBERS);
	}
	return false;
}

/* The first rule that matches, into decision->rule and its name, and the trace of all. */
static void
find_rule(
    const struct policy_rules *rules, const struct decide_input *input, struct decision *decision)
{
	uint32_t i;

	assert(rules->count <= RULES_MAX);
	decision->rule = -1;
	decision->rule_name = "";
	decision->trace_count = rules->count;
	memset(decision->trace, DECIDE_NOT_REACHED, sizeof(decision->trace));
	for (i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->at[i];

		if (!is_party(rule, input)) {
			decision->trace[i] = DECIDE_OTHER_PARTY;
		} else if (!match_predicate(&rule->where, input->record, &input->context)) {
			decision->trace[i] = DECIDE_NO_MATCH;
		} else {
			decision->trace[i] = DECIDE_MATCHED;
			decision->rule = (int)i;
			decision->rule_name = rule->name;
			return;
		}
	}
}

static enum reason
reason_of_action(enum rule_action action)
{
	switch (action) {
	case RULE_SHARE:
	case RULE_ACCEPT:
	case RULE_QUARANTINE:
		return REASON_STORED;
	case RULE_HOLD:
		return REASON_HELD;
	case RULE_DENY:
	case RULE_REFUSE:
		return REASON_POLICY;
	}
	return REASON_POLICY;
}

/* otherwise: what happens where no rule allows anything else. */
static struct decision
decide(const struct policy *policy, const struct policy_rules *rules,
    const struct decide_input *input, enum rule_action otherwise)
{
	bool is_outbound = rule_action_is_outbound(otherwise);
	bool is_own = memcmp(input->record->author.bytes, input->self->bytes,
			  sizeof(input->self->bytes)) == 0;
	struct decision decision;

	assert(!input->record->is_draft);
	decision.policy = policy->hash;
	decision.action = otherwise;
	decision.approvers = 0;
	decision.ceiling = ask_ceiling(input, is_outbound ? input->self : input->peer,
	    is_outbound ? input->peer : input->self);
	find_rule(rules, input, &decision);
	if (decision.ceiling != REASON_STORED) {
		decision.by = DECIDE_BY_CEILING;
		decision.reason = decision.ceiling;
	} else if (is_outbound && is_own && lacks_purpose(input->record)) {
		decision.by = DECIDE_BY_PURPOSE;
		decision.reason = REASON_NO_PURPOSE;
	} else if (decision.rule < 0) {
		decision.by = DECIDE_BY_NOTHING;
		decision.reason = REASON_POLICY;
	} else {
		decision.by = DECIDE_BY_RULE;
		decision.action = rules->at[decision.rule].action;
		decision.approvers = rules->at[decision.rule].approvers;
		decision.reason = reason_of_action(decision.action);
	}
	return decision;
}

struct decision
decide_outbound(const struct policy *policy, const struct decide_input *input)
{
	return decide(policy, &policy->outbound, input, RULE_DENY);
}

struct decision
decide_inbound(const struct policy *policy, const struct decide_input *input)
{
	return decide(policy, &policy->inbound, input, RULE_REFUSE);
}
