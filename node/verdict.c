#include "node/verdict.h"

#include <string.h>

#include "node/judge.h"
#include "node/outgoing.h"

void
verdict_begin(struct core *core, struct member *member, bool is_rest)
{
	memset(&member->verdict, 0, sizeof(member->verdict));
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

/* Both the positions of a delivery and those of the loaded records ascend. */
static void
mark_sent(const struct outgoing *outgoing, struct bytes_view positions, struct verdict *verdict)
{
	const struct loaded *loaded = outgoing->loaded;
	uint32_t entry = 0;
	size_t at;

	if (positions.len == 0)
		memset(verdict->sent, 0xff, sizeof(verdict->sent));
	for (at = 0; at + 1 < positions.len; at += 2) {
		uint16_t position = bytes_get_u16(positions.data + at);

		while (entry < loaded->count && loaded->entries[entry].position < position)
			entry++;
		if (entry < loaded->count && loaded->entries[entry].position == position)
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
			mark_sent(&sent->core->outgoing, row->positions, &member->verdict);
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
	       !core_failed(core, deliveries_of_batch(core->store, core->outgoing.loaded->batch,
				      note_sent, &sent));
}

/* ---------------------------------------------------------------- deciding */

/* The decision about one record for each class of peers, made when it is first asked for. */
struct decisions {
	bool is_made[JUDGE_ALONE];
	enum reason reasons[JUDGE_ALONE];
	const char *rules[JUDGE_ALONE];
};

static enum reason
decide_entry(struct core *core, struct decisions *decisions, const struct member *member,
    uint32_t entry, const char **rule)
{
	enum judge_class class = judge_class(core, &core->record, member);
	const struct loaded *loaded = core->outgoing.loaded;
	int64_t row = loaded->entries[entry].row;

	if (class == JUDGE_ALONE)
		return judge_outbound(core, &core->record, &loaded->row.via, row, member, rule);
	if (!decisions->is_made[class]) {
		decisions->reasons[class] = judge_outbound(
		    core, &core->record, &loaded->row.via, row, member, &decisions->rules[class]);
		decisions->is_made[class] = true;
	}
	*rule = decisions->rules[class];
	return decisions->reasons[class];
}

/* One record, decoded into core->record, for one peer. */
static void
judge_entry(struct core *core, struct decisions *decisions, struct member *member, uint32_t entry)
{
	struct verdict *verdict = &member->verdict;
	const char *rule = "";
	enum reason reason;

	if (has_bit(verdict->sent, entry))
		return;
	reason = decide_entry(core, decisions, member, entry, &rule);
	verdict->held += reason == REASON_HELD;
	if (reason != REASON_STORED)
		return;
	set_bit(verdict->may_go, entry);
	verdict->count++;
	verdict->rule = rule;
}

void
verdict_make(struct core *core, struct member *const *members, uint32_t count)
{
	const struct outgoing *outgoing = &core->outgoing;
	uint32_t entry, i;

	if (!find_sent(core, members, count))
		return;
	for (entry = 0; entry < outgoing->loaded->count; entry++) {
		struct decisions decisions = {0};

		if (core_failed(core,
			record_decode(outgoing_body(outgoing, entry), false, &core->record, NULL)))
			return;
		/* what our clock, put back, takes for the future is the recipient's to judge */
		if (judge_time(core, &core->record) == REASON_EXPIRED)
			continue;
		for (i = 0; i < count; i++)
			judge_entry(core, &decisions, members[i], entry);
	}
}
