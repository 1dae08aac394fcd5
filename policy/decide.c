#include "policy/decide.h"

#include <assert.h>
#include <string.h>

#include "policy/redact.h"
#include "policy/terms.h"

static const char *const by_names[] = {
#define BY_NAME(symbol, name) [symbol] = name,
    DECIDE_BY_TABLE(BY_NAME)
#undef BY_NAME
};
static_assert(sizeof(by_names) / sizeof(*by_names) == DECIDE_BY_COUNT, "as many as are counted");

const char *
decide_by_name(enum decide_by by)
{
	return by_names[by];
}

/* The ceiling on the record itself and, for a redaction, on what it was made from: who may
   not pass on the original may not pass on its redaction. */
static void
ask_ceiling(const struct decide_input *input, const struct org_id *holder,
    const struct org_id *recipient, struct decision *decision)
{
	const struct record *record = input->record;
	struct ceiling_input ask = {record->marking.tlp, record->marking.attribution,
	    &record->audience, &record->author, holder, recipient, input->relations};

	decision->ground = ceiling_ground(&ask);
	/* nobody learns from us who belongs to a community that is not his */
	if (ceiling_reason(decision->ground) == REASON_STORED && record->kind == RECORD_CHARTER &&
	    !charter_has(&record->body.charter, recipient))
		decision->ground = CEILING_CHARTER;
	decision->ceiling = ceiling_reason(decision->ground);
	if (decision->ceiling != REASON_STORED || !record->has_derived)
		return;
	ask.tlp = record->derived.marking.tlp;
	ask.attribution = record->derived.marking.attribution;
	ask.audience = &record->derived.audience;
	ask.author = &record->derived.author;
	ask.relations = input->derived;
	decision->ground = ceiling_ground(&ask);
	decision->ceiling = ceiling_reason(decision->ground);
	decision->is_ground_derived = true;
}

/* RED and personal records state why they are shared and on which legal basis. */
static bool
lacks_purpose(const struct record *record)
{
	if (record->marking.purpose.len > 0 && record->marking.basis.len > 0)
		return false;
	return record->marking.tlp == TLP_RED || record_is_personal(record);
}

/* What a condition may ask, with the peer and the policy's lists. */
struct match_context
decide_context(const struct policy *policy, const struct decide_input *input)
{
	const struct audience *audience = &input->record->audience;
	struct match_context context = input->context;

	context.lists_count = policy->lists_count;
	context.lists = policy->lists_ready;
	if (input->peer == NULL)
		return context;
	context.org = input->peer;
	context.peer = &input->facts;
	context.is_named =
	    audience_has_org(audience, input->peer) ||
	    (audience->has_community && input->relations.membership == CEILING_MEMBERS);
	return context;
}

/* The line of the first `require` that the record does not meet; 0: it meets all. */
static uint32_t
find_required(const struct policy *policy, const struct decide_input *input)
{
	const struct marking *marking = &input->record->marking;
	struct match_context context = decide_context(policy, input);
	uint32_t i;

	for (i = 0; i < policy->required.count; i++) {
		const struct rule_requirement *required = &policy->required.at[i];
		bool is_met = (!required->has_purpose || marking->purpose.len > 0) &&
			      (!required->has_basis || marking->basis.len > 0);

		if (!is_met && match_predicate(&required->where, input->record, &context))
			return required->line;
	}
	return 0;
}

static enum decide_trace
try_rule(const struct rule *rule, const struct record *record, const struct match_context *context,
    uint8_t *decider)
{
	uint16_t node = 0;
	enum decide_trace trace = DECIDE_MATCHED;

	static_assert(PREDICATE_NODES_MAX <= UINT8_MAX, "a node's index fits");
	if (!match_explain(&rule->party, record, context, &node))
		trace = DECIDE_OTHER_PARTY;
	else if (!match_explain(&rule->where, record, context, &node))
		trace = DECIDE_NO_MATCH;
	*decider = (uint8_t)node;
	return trace;
}

/* The first rule that matches, and the trace of all. */
static void
find_rule(const struct policy *policy, const struct policy_rules *rules,
    const struct decide_input *input, struct decision *decision)
{
	struct match_context context = decide_context(policy, input);
	uint32_t i;

	assert(rules->count <= RULES_MAX);
	decision->rule = -1;
	decision->rule_name = "";
	decision->rule_line = 0;
	decision->trace_count = rules->count;
	memset(decision->trace, DECIDE_NOT_REACHED, sizeof(decision->trace));
	for (i = 0; i < rules->count; i++) {
		enum decide_trace trace =
		    try_rule(&rules->at[i], input->record, &context, &decision->decider[i]);

		decision->trace[i] = (uint8_t)trace;
		if (trace == DECIDE_MATCHED) {
			decision->rule = (int)i;
			decision->rule_name = rules->at[i].name;
			decision->rule_line = rules->at[i].line;
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
	case RULE_ERASE:
	case RULE_KEEP:
		return REASON_STORED;
	case RULE_HOLD:
		return REASON_HELD;
	case RULE_DENY:
	case RULE_REFUSE:
	case RULE_REDACT:
		return REASON_POLICY;
	}
	return REASON_POLICY;
}

/* What happens where no rule allows anything else. */
static enum rule_action
otherwise(enum rule_direction direction)
{
	switch (direction) {
	case RULE_OUTBOUND:
		return RULE_DENY;
	case RULE_INBOUND:
		return RULE_REFUSE;
	case RULE_RETENTION:
		break;
	}
	return RULE_KEEP;
}

static void
find_ceiling(
    enum rule_direction direction, const struct decide_input *input, struct decision *decision)
{
	decision->ground = CEILING_NOT_ASKED;
	decision->ceiling = REASON_STORED;
	decision->is_ground_derived = false;
	switch (direction) {
	case RULE_OUTBOUND:
		ask_ceiling(input, input->self, input->peer, decision);
		return;
	case RULE_INBOUND:
		ask_ceiling(input, input->peer, input->self, decision);
		return;
	case RULE_RETENTION:
		return;
	}
}

static bool
is_own(const struct decide_input *input)
{
	return memcmp(input->record->author.bytes, input->self->bytes,
		   sizeof(input->self->bytes)) == 0;
}

/* A hold that enough people have released shares; one that somebody has rejected denies. */
static void
ask_approvers(const struct decide_approvals *approvals, struct decision *decision)
{
	if (decision->action != RULE_HOLD)
		return;
	if (!approvals->is_rejected &&
	    (approvals->count == 0 || approvals->count < decision->approvers))
		return;
	decision->by = DECIDE_BY_APPROVERS;
	decision->action = approvals->is_rejected ? RULE_DENY : RULE_SHARE;
	decision->reason = approvals->is_rejected ? REASON_REJECTED : REASON_STORED;
}

/* What a rule would share, and what holds personal data, waits for one who lets that go too. */
static void
ask_gate(const struct decide_input *input, struct decision *decision)
{
	if (!input->is_private || decision->action != RULE_SHARE ||
	    input->approvals.is_privacy_released)
		return;
	decision->by = DECIDE_BY_PRIVACY;
	decision->action = RULE_HOLD;
	decision->approvers = 1;
	decision->reason = REASON_HELD;
	if (!input->approvals.is_rejected)
		return;
	decision->action = RULE_DENY;
	decision->reason = REASON_REJECTED;
}

/* What has nothing of it goes as it is, and so does what this very rule has redacted. */
enum rule_action
decide_action(const struct rule *rule, const struct record *record)
{
	return rule->action == RULE_REDACT && !redact_changes(record, rule->redacted)
		   ? RULE_SHARE
		   : rule->action;
}

static void
follow_rule(
    const struct decide_input *input, const struct policy_rules *rules, struct decision *decision)
{
	const struct rule *rule;

	if (decision->rule < 0) {
		decision->by = DECIDE_BY_NOTHING;
		decision->reason = reason_of_action(decision->action);
		return;
	}
	rule = &rules->at[decision->rule];
	decision->by = DECIDE_BY_RULE;
	decision->action = decide_action(rule, input->record);
	decision->approvers = rule->approvers;
	decision->redacted = rule->redacted;
	decision->reason = reason_of_action(decision->action);
	ask_approvers(&input->approvals, decision);
	ask_gate(input, decision);
}

/* What shuts the door whatever the rules say; outbound only, but for the ceiling. */
static bool
is_shut(const struct decide_input *input, enum rule_direction direction, struct decision *decision)
{
	const struct record *record = input->record;

	decision->reason = decision->ceiling;
	decision->by = DECIDE_BY_CEILING;
	if (decision->reason != REASON_STORED || direction != RULE_OUTBOUND)
		return decision->reason != REASON_STORED;
	decision->by = DECIDE_BY_STANDING;
	if (input->standing != DECIDE_IN_FORCE) {
		decision->reason =
		    input->standing == DECIDE_QUARANTINED ? REASON_QUARANTINED : REASON_SUPERSEDED;
		return true;
	}
	decision->by = DECIDE_BY_TERMS;
	if (!terms_are_in_force(&record->marking, input->context.now_ms)) {
		decision->reason = REASON_TERMS;
		return true;
	}
	decision->by = DECIDE_BY_PURPOSE;
	if (is_own(input) && lacks_purpose(record)) {
		decision->reason = REASON_NO_PURPOSE;
		return true;
	}
	return false;
}

/* What this policy wants to be stated, and is not; outbound only. */
static bool
is_required(const struct policy *policy, const struct decide_input *input,
    enum rule_direction direction, struct decision *decision)
{
	if (direction != RULE_OUTBOUND)
		return false;
	decision->required_line = find_required(policy, input);
	if (decision->required_line == 0)
		return false;
	decision->by = DECIDE_BY_PURPOSE;
	decision->reason = REASON_NO_PURPOSE;
	return true;
}

enum reason
decide_ceiling(enum rule_direction direction, const struct decide_input *input)
{
	struct decision decision;

	find_ceiling(direction, input, &decision);
	return decision.ceiling;
}

bool
decide_is_shut(enum rule_direction direction, const struct decide_input *input)
{
	struct decision decision;

	find_ceiling(direction, input, &decision);
	return is_shut(input, direction, &decision);
}

struct decision
decide(const struct policy *policy, enum rule_direction direction, const struct decide_input *input)
{
	const struct policy_rules *rules = policy_rules_of(policy, direction);
	struct decision decision;

	assert(!input->record->is_draft);
	decision.policy = policy->hash;
	decision.action = otherwise(direction);
	decision.approvers = 0;
	decision.redacted = 0;
	decision.required_line = 0;
	find_ceiling(direction, input, &decision);
	find_rule(policy, rules, input, &decision);
	if (!is_shut(input, direction, &decision) &&
	    !is_required(policy, input, direction, &decision))
		follow_rule(input, rules, &decision);
	return decision;
}

struct decision
decide_outbound(const struct policy *policy, const struct decide_input *input)
{
	return decide(policy, RULE_OUTBOUND, input);
}

struct decision
decide_inbound(const struct policy *policy, const struct decide_input *input)
{
	return decide(policy, RULE_INBOUND, input);
}

struct decision
decide_retention(const struct policy *policy, const struct decide_input *input)
{
	return decide(policy, RULE_RETENTION, input);
}
