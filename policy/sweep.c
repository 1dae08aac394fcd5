#include "policy/sweep.h"

#include <string.h>

static bool
asks_peer(const struct predicate *predicate)
{
	uint16_t i;

	for (i = 0; i < predicate->nodes_count; i++) {
		const struct predicate_node *node = &predicate->nodes[i];

		if (!predicate_op_is_group(node->op) && predicate_field_is_peer(node->field))
			return true;
	}
	return false;
}

void
sweep_open(struct sweep *sweep, const struct policy *policy, enum rule_direction direction)
{
	uint32_t i;

	memset(sweep, 0, sizeof(*sweep));
	sweep->policy = policy;
	sweep->rules = policy_rules_of(policy, direction);
	for (i = 0; i < sweep->rules->count; i++) {
		const struct predicate *where = &sweep->rules->at[i].where;

		if (where->nodes_count == 0)
			sweep->open |= UINT64_C(1) << i;
		if (asks_peer(where))
			sweep->of_peer |= UINT64_C(1) << i;
	}
}

sweep_rules
sweep_party(const struct sweep *sweep, const struct decide_input *input)
{
	struct match_context context = decide_context(sweep->policy, input);
	sweep_rules party = 0;
	uint32_t i;

	for (i = 0; i < sweep->rules->count; i++) {
		if (match_predicate(&sweep->rules->at[i].party, input->record, &context))
			party |= UINT64_C(1) << i;
	}
	return party;
}

void
sweep_record(struct sweep *sweep, const struct decide_input *input)
{
	sweep->record = input->record;
	sweep->context = input->context;
	sweep->context.lists_count = sweep->policy->lists_count;
	sweep->context.lists = sweep->policy->lists_ready;
	sweep->asked = sweep->open;
	sweep->matched = sweep->open;
}

bool
sweep_asks_peer(const struct sweep *sweep, sweep_rules party)
{
	return (party & sweep->of_peer) != 0;
}

static bool
is_match(struct sweep *sweep, uint32_t rule, const struct decide_input *input)
{
	const struct predicate *where = &sweep->rules->at[rule].where;
	sweep_rules bit = UINT64_C(1) << rule;
	struct match_context context;

	if ((sweep->of_peer & bit) != 0) {
		context = decide_context(sweep->policy, input);
		return match_predicate(where, input->record, &context);
	}
	if ((sweep->asked & bit) == 0) {
		sweep->asked |= bit;
		if (match_predicate(where, sweep->record, &sweep->context))
			sweep->matched |= bit;
	}
	return (sweep->matched & bit) != 0;
}

int
sweep_rule(struct sweep *sweep, sweep_rules party, const struct decide_input *input)
{
	while (party != 0) {
		uint32_t rule = (uint32_t)__builtin_ctzll(party);

		if (is_match(sweep, rule, input))
			return (int)rule;
		party &= party - 1;
	}
	return -1;
}
