#include "node/verdict.h"

#include <stddef.h>
#include <string.h>

#include "node/decided.h"
#include "node/judge.h"
#include "node/outgoing.h"
#include "node/redaction.h"
#include "node/relate.h"

void
verdict_begin(struct core *core, struct member *member, bool is_rest)
{
	memset(&member->verdict, 0, offsetof(struct verdict, reasons)); /* those are all written */
	member->verdict.batch = core->outgoing.loaded->batch;
	member->verdict.is_rest = is_rest;
	member->verdict.rule = "";
}

static bool
has_bit(const uint8_t *bits, uint32_t entry)
{
	return (bits[entry / 8] >> entry % 8 & 1u) != 0;
}

static void
set_bit(uint8_t *bits, uint32_t entry)
{
	bits[entry / 8] |= (uint8_t)(1u << entry % 8);
}

bool
verdict_may_go(const struct verdict *verdict, uint32_t entry)
{
	return has_bit(verdict->may_go, entry);
}

/* ---------------------------------------------------------------- what has left already */

struct sent {
	const struct core *core;
	struct member *const *members;
	uint32_t count;
};

/* Whether the nth record of a delivery came for too early: the peer may know better by now. */
static bool
was_too_early(const struct delivery_row *row, size_t n)
{
	return row->state == DELIVERY_RECEIPTED && 2 * n + 2 <= row->outcomes.len &&
	       relate_is_for_later((enum reason)bytes_get_u16(row->outcomes.data + 2 * n));
}

/* Both the positions of a delivery and those of the loaded records ascend. */
static void
mark_sent(const struct outgoing *outgoing, const struct delivery_row *row, struct verdict *verdict)
{
	const struct loaded *loaded = outgoing->loaded;
	struct bytes_view positions = row->positions;
	uint32_t entry = 0;
	size_t n;

	for (n = 0; positions.len == 0 && n < BATCH_COUNT_MAX; n++) {
		if (!was_too_early(row, n))
			set_bit(verdict->sent, (uint32_t)n);
	}
	for (n = 0; 2 * n + 1 < positions.len; n++) {
		uint16_t position = bytes_get_u16(positions.data + 2 * n);

		while (entry < loaded->count && loaded->entries[entry].position < position)
			entry++;
		if (entry < loaded->count && loaded->entries[entry].position == position &&
		    !was_too_early(row, n))
			set_bit(verdict->sent, entry);
	}
}

static enum err
note_sent(void *context, const struct delivery_row *row)
{
	const struct sent *sent = context;
	uint32_t i;

	for (i = 0; i < sent->count && row->state != DELIVERY_VOID; i++) {
		struct member *member = sent->members[i];

		if (member->verdict.is_rest &&
		    memcmp(&member->org, &row->peer, sizeof(row->peer)) == 0)
			mark_sent(&sent->core->outgoing, row, &member->verdict);
	}
	return ERR_NONE;
}

/* Nobody but those who ask for a rest pays for this. */
static bool
find_sent(struct core *core, struct member *const *members, uint32_t count)
{
	struct sent sent = {core, members, count};
	uint32_t i;

	for (i = 0; i < count && !members[i]->verdict.is_rest; i++)
		;
	return i == count ||
	       !core_failed(core, deliveries_of_batch(
				      core->store, core->outgoing.loaded->batch, note_sent, &sent));
}

/* ---------------------------------------------------------------- deciding */

/* The decision about one record for each class of peers, made when it is first asked for; that of
   JUDGE_ALONE is made for each. */
struct decisions {
	bool is_made[JUDGE_ALONE + 1];
	struct decision at[JUDGE_ALONE + 1];
};

static const struct decision *
decide_entry(
    struct core *core, struct decisions *decisions, const struct member *member, uint32_t entry)
{
	enum judge_class class = judge_class(core, &core->record, member);
	const struct loaded *loaded = core->outgoing.loaded;

	if (class == JUDGE_ALONE || !decisions->is_made[class])
		decisions->at[class] =
		    judge_decide(core, core->policy, RULE_OUTBOUND, &core->record, &loaded->row.via,
			loaded->entries[entry].row, &member->org, core->now_ms);
	decisions->is_made[class] = true;
	return &decisions->at[class];
}

/* One record, decoded into core->record, for one peer. */
static void
judge_entry(struct core *core, struct decisions *decisions, struct member *member, uint32_t entry)
{
	struct verdict *verdict = &member->verdict;
	const struct decision *decision;

	if (has_bit(verdict->sent, entry)) {
		verdict->reasons[entry] = REASON_DUPLICATE;
		return;
	}
	decision = decide_entry(core, decisions, member, entry);
	verdict->reasons[entry] = (uint16_t)decision->reason;
	verdict->held += decision->reason == REASON_HELD;
	if (decision->action == RULE_REDACT && decision->by == DECIDE_BY_RULE)
		redaction_want(core, member, &core->outgoing.loaded->entries[entry].id, decision);
	if (decision->reason != REASON_STORED) {
		verdict->noted += decided_is_noted(decision->reason);
		return;
	}
	set_bit(verdict->may_go, entry);
	verdict->count++;
	verdict->rule = decision->rule_name;
}

void
verdict_deny(struct core *core, struct member *member, enum reason reason)
{
	uint32_t entry;

	verdict_begin(core, member, false);
	for (entry = 0; entry < core->outgoing.loaded->count; entry++)
		member->verdict.reasons[entry] = (uint16_t)reason;
	member->verdict.noted = decided_is_noted(reason) ? entry : 0;
}

void
verdict_make(struct core *core, struct member *const *members, uint32_t count)
{
	const struct outgoing *outgoing = &core->outgoing;
	uint32_t entry, i;

	if (!find_sent(core, members, count))
		return;
	for (entry = 0; entry < outgoing->loaded->count; entry++) {
		struct decisions decisions;

		if (core_failed(core,
			record_decode(outgoing_body(outgoing, entry), false, &core->record, NULL)))
			return;
		/* what our clock, put back, takes for the future is the recipient's to judge */
		if (judge_time(core, &core->record) == REASON_EXPIRED) {
			for (i = 0; i < count; i++)
				members[i]->verdict.reasons[entry] = REASON_EXPIRED;
			continue;
		}
		memset(decisions.is_made, 0, sizeof(decisions.is_made));
		for (i = 0; i < count; i++)
			judge_entry(core, &decisions, members[i], entry);
	}
}
