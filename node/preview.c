#include "node/preview.h"

#include <string.h>

void
preview_outbound(struct core *core, const struct policy *policy, const struct record *record,
    const struct org_id *via, int64_t row, const struct member *to, struct preview *out)
{
	memset(out, 0, sizeof(*out));
	out->way = DECISION_ASKED;
	if (!judge_is_receiver(to))
		out->way = DECISION_NO_PEER;
	else if (memcmp(&to->org, &record->author, sizeof(to->org)) == 0)
		out->way = DECISION_ITS_OWN;
	else if (judge_has_already(to, &record->author, via))
		out->way = DECISION_SOURCE;
	else if (judge_time(core, record) == REASON_EXPIRED)
		out->way = DECISION_EXPIRED;
	if (out->way == DECISION_ASKED)
		out->decision = judge_decide(
		    core, policy, RULE_OUTBOUND, record, via, row, &to->org, core->now_ms);
}

bool
preview_goes(const struct preview *preview)
{
	return preview->way == DECISION_ASKED && preview->decision.reason == REASON_STORED;
}

bool
preview_waits(const struct preview *preview)
{
	return preview->way == DECISION_ASKED && preview->decision.reason == REASON_HELD;
}

void
preview_decision_body(const struct decision *decision, struct decision_body *out)
{
	*out = (struct decision_body){.action = decision->action,
	    .by = decision->by,
	    .reason = decision->reason,
	    .ceiling = decision->ceiling,
	    .ground = decision->ground,
	    .is_derived = decision->is_ground_derived,
	    .approvers = decision->approvers,
	    .redacted = decision->redacted,
	    .rule = (uint64_t)(decision->rule + 1),
	    .rule_name = bytes_view_str(decision->rule_name),
	    .rule_line = decision->rule_line};
}

void
preview_body(const struct preview *preview, struct decision_body *out)
{
	if (preview->way == DECISION_ASKED)
		preview_decision_body(&preview->decision, out);
	else
		*out = (struct decision_body){.way = preview->way};
}

bool
preview_is_same(const struct decision_body *a, const struct decision_body *b)
{
	return a->way == b->way && a->action == b->action && a->by == b->by &&
	       a->reason == b->reason && a->ground == b->ground && a->is_derived == b->is_derived &&
	       a->approvers == b->approvers && a->redacted == b->redacted && a->rule == b->rule;
}
