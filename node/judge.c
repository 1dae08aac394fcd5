#include "node/judge.h"

#include <string.h>

#include "node/gate.h"
#include "node/relate.h"
#include "policy/ceiling.h"
#include "store/approvals.h"
#include "store/standing.h"

enum decide_standing
judge_standing(struct core *core, int64_t row)
{
	struct standing standing;

	if (row == 0)
		return DECIDE_IN_FORCE;
	if (core_failed(core, standing_get(core->store, row, &standing)) ||
	    standing.quarantined_ms != 0)
		return DECIDE_QUARANTINED;
	return standing.is_superseded ? DECIDE_SUPERSEDED : DECIDE_IN_FORCE;
}

void
judge_input_next(struct core *core, const struct record *record, const struct org_id *via,
    int64_t row, struct decide_input *input)
{
	memset(&input->relations, 0, sizeof(input->relations));
	memset(&input->derived, 0, sizeof(input->derived));
	input->record = record;
	input->relations.was_had_from_author =
	    via != NULL && memcmp(via, &record->author, sizeof(*via)) == 0;
	relate_fill_record(core, &core->org, input->peer, input->context.now_ms, input);
	input->standing = judge_standing(core, row);
}

void
judge_input(struct core *core, enum rule_direction direction, const struct record *record,
    const struct org_id *via, int64_t row, const struct org_id *peer, uint64_t at_ms,
    struct decide_input *input)
{
	memset(input, 0, sizeof(*input));
	input->record = record;
	input->context.now_ms = at_ms;
	input->context.received_ms = at_ms;
	input->self = &core->org;
	input->peer = peer;
	if (direction != RULE_RETENTION)
		relate_fill_facts(core, at_ms, input);
	if (direction == RULE_OUTBOUND) {
		judge_input_next(core, record, via, row, input);
		return;
	}
	input->relations.was_had_from_author =
	    via != NULL && memcmp(via, &record->author, sizeof(*via)) == 0;
	/* from whom a sender had it is the sender's to know: nothing here tells */
	if (direction == RULE_INBOUND) {
		input->relations.was_had_from_author = input->derived.was_had_from_author = true;
		relate_fill_record(core, peer, &core->org, at_ms, input);
	}
	input->standing = judge_standing(core, row);
}

/* What approvers have said, for a decision that they have a say in. */
struct said {
	const struct hash *policy;
	uint64_t at_ms;
	struct decide_approvals *approvals;
};

static enum err
count_approval(void *context, const struct approval_row *row)
{
	struct said *said = context;

	if (!approvals_count_at(row, said->policy, said->at_ms))
		return ERR_NONE;
	said->approvals->count += !row->is_rejection;
	said->approvals->is_rejected |= row->is_rejection;
	said->approvals->is_privacy_released |= !row->is_rejection && row->releases_privacy;
	return ERR_NONE;
}

/* Of most records nobody has said anything, and of what is not held nobody is asked. */
static bool
fill_approvals(struct core *core, const struct hash *approved_under, int64_t row,
    struct decide_input *input)
{
	struct said said = {approved_under, input->context.now_ms, &input->approvals};

	if (row == 0 || !core->has_approvals)
		return false;
	return !core_failed(
	    core, approvals_each(core->store, row, input->peer, count_approval, &said));
}

/* What the policy says of a filled input: approvers and the privacy gate are asked where they have
   a say. */
static struct decision
ask(struct core *core, const struct policy *policy, enum rule_direction direction,
    const struct org_id *via, int64_t row, const struct hash *approved_under,
    struct decide_input *input)
{
	struct decision decision = decide(policy, direction, input);

	if (direction != RULE_OUTBOUND)
		return decision;
	if (decision.action == RULE_HOLD && fill_approvals(core, approved_under, row, input))
		decision = decide(policy, direction, input);
	/* the gate reads what is about to leave, and nothing else */
	if (decision.reason != REASON_STORED ||
	    !gate_holds(core, policy, input->record, via, row))
		return decision;
	input->is_private = true;
	memset(&input->approvals, 0, sizeof(input->approvals));
	(void)fill_approvals(core, approved_under, row, input);
	return decide(policy, direction, input);
}

struct decision
judge_decide(struct core *core, const struct policy *policy, enum rule_direction direction,
    const struct record *record, const struct org_id *via, int64_t row, const struct org_id *peer,
    uint64_t at_ms)
{
	struct decide_input input;

	judge_input(core, direction, record, via, row, peer, at_ms, &input);
	return ask(core, policy, direction, via, row, &policy->hash, &input);
}

struct decision
judge_past(struct core *core, const struct policy *policy, enum rule_direction direction,
    const struct record *record, const struct org_id *via, int64_t row, const struct org_id *peer,
    const struct judge_past *past)
{
	struct decide_input input;
	struct decision decision;

	core->looked_up.card = past->card;
	core->looked_up.org = *peer;
	core->looked_up.turn = core->turns;
	judge_input(core, direction, record, via, 0, peer, past->at_ms, &input);
	input.standing = past->standing;
	decision = ask(core, policy, direction, via, row, &past->approved_under, &input);
	core->looked_up.turn = 0; /* what is looked up next is what is known now */
	return decision;
}

enum reason
judge_outbound(struct core *core, const struct record *record, const struct org_id *via,
    int64_t row, const struct member *to, const char **rule)
{
	struct decision decision = judge_decide(
	    core, core->policy, RULE_OUTBOUND, record, via, row, &to->org, core->now_ms);

	*rule = decision.rule_name;
	return decision.reason;
}

bool
judge_is_receiver(const struct member *member)
{
	return member->is_peer && !member->is_removed && !member->card.is_revocation;
}

bool
judge_has_already(
    const struct member *member, const struct org_id *author, const struct org_id *via)
{
	return memcmp(&member->org, author, sizeof(member->org)) == 0 ||
	       memcmp(&member->org, via, sizeof(member->org)) == 0;
}

/* What of a peer can matter beside that the audience names it: a redaction's second audience, the
   list of a charter, what is signed of it, and what the rules ask. */
enum judge_class
judge_class(const struct core *core, const struct record *record, const struct member *to)
{
	if (record->has_derived || record->kind == RECORD_CHARTER || core->has_approvals ||
	    core->policy->tells_peers_apart || relate_tells_apart(core, record))
		return JUDGE_ALONE;
	return audience_has_org(&record->audience, &to->org) ? JUDGE_NAMED : JUDGE_UNNAMED;
}

/* A map that stands alone. */
static bool
read_terms(const struct batch_row *row, struct marking *marking, struct audience *audience)
{
	struct reader reader;

	reader_open(&reader, row->marking);
	marking_read(&reader, marking);
	if (reader_close(&reader) != ERR_NONE)
		return false;
	audience_init(audience);
	if (row->audience.len == 0)
		return true;
	reader_open(&reader, row->audience);
	audience_read(&reader, audience);
	return reader_close(&reader) == ERR_NONE;
}

/* With what is signed, or as if nothing were. */
static enum reason
ask_batch(struct core *core, const struct batch_row *row, const struct member *to,
    struct audience *audience, bool is_related)
{
	struct ceiling_input input = {.audience = audience,
	    .author = &row->author,
	    .holder = &core->org,
	    .recipient = &to->org,
	    .relations = {
		.was_had_from_author = memcmp(&row->via, &row->author, sizeof(row->via)) == 0}};
	struct marking marking;

	if (!read_terms(row, &marking, audience)) {
		(void)core_failed(core, ERR_CORRUPT);
		return REASON_STORAGE;
	}
	input.tlp = marking.tlp;
	input.attribution = marking.attribution;
	if (is_related)
		relate_fill_batch(core, row, marking.tlp, audience, to, &input.relations);
	return ceiling_ask(&input);
}

enum reason
judge_batch(struct core *core, const struct batch_row *row, const struct member *to,
    struct audience *audience)
{
	return ask_batch(core, row, to, audience, true);
}

bool
judge_batch_is_opened(struct core *core, const struct batch_row *row, const struct member *to,
    struct audience *audience)
{
	return ask_batch(core, row, to, audience, true) == REASON_STORED &&
	       ask_batch(core, row, to, audience, false) != REASON_STORED;
}

enum reason
judge_inbound(struct core *core, const struct record *record, const struct member *from,
    const char **rule, enum rule_action *action)
{
	struct decision decision = judge_decide(
	    core, core->policy, RULE_INBOUND, record, NULL, 0, &from->org, core->now_ms);

	*action = decision.action;
	*rule = decision.rule_name;
	return decision.reason;
}

enum reason
judge_time(const struct core *core, const struct record *record)
{
	if (!record->is_draft && record->created_ms > core->now_ms + SKEW_MS)
		return REASON_FROM_FUTURE;
	if (record->valid_until_ms != 0 && record->valid_until_ms <= core->now_ms)
		return REASON_EXPIRED;
	return REASON_STORED;
}

enum reason
judge_read(struct core *core, const struct record *record, const struct operator_row *operator,
    struct bytes_view writer)
{
	struct ceiling_reader reader = {.org = &core->org,
	    .name = operator->name,
	    .clearance = (enum clearance) operator->clearance,
	    .is_red_desk = operator->is_red_desk,
	    .is_writer = writer.len > 0 && bytes_view_is_equal(writer, operator->name)};

	return ceiling_may_read(record->marking.tlp, &record->audience, &reader);
}
