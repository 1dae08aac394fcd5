#include "node/replay.h"

#include <stdlib.h>
#include <string.h>

#include "node/directory.h"
#include "node/judge.h"
#include "node/outgoing.h"
#include "node/ruling.h"
#include "store/decisions.h"

#define LEAVES_MOST 256u
#define DECISIONS_MOST 4096u

void
replay_release(struct replay_job *job)
{
	policy_free(job->candidate);
	policy_free(job->then);
	job->candidate = NULL;
	job->then = NULL;
}

/* The leaf being looked at, and how far. */
struct walk {
	struct core *core;
	struct replay_job *job;
	struct replay_part *part;
	replay_fn each;
	void *context;
	uint64_t leaf, time_ms;
	enum rule_direction direction;
	struct hash policy;
	uint64_t at;   /* decisions of this leaf so far */
	bool is_full;  /* the rest is for another part */
	bool is_known; /* job->then is the policy that decided */
};

/* ---------------------------------------------------------------- as of then */

/* The policy that decided, unless it is there already. */
static void
take_policy(struct walk *walk)
{
	struct replay_job *job = walk->job;
	int64_t setting = ruling_setting(walk->core, &walk->policy, walk->leaf);
	enum err err;

	walk->is_known = job->then != NULL && job->then_setting == setting &&
			 memcmp(&job->then_hash, &walk->policy, sizeof(walk->policy)) == 0;
	if (walk->is_known || walk->core->failed != ERR_NONE)
		return;
	policy_free(job->then);
	job->then = NULL;
	err = ruling_open_at(walk->core, &walk->policy, walk->leaf, &job->then);
	job->then_hash = walk->policy;
	job->then_setting = setting;
	walk->is_known = err == ERR_NONE;
	if (err != ERR_NOT_FOUND && err != ERR_FORMAT)
		(void)core_failed(walk->core, err);
}

static const struct card_facts *
card_then(struct walk *walk, const struct org_id *peer)
{
	struct replay_job *job = walk->job;

	if (job->card_ms != walk->time_ms || memcmp(&job->card_org, peer, sizeof(*peer)) != 0) {
		job->has_card = directory_card_then(walk->core, peer, walk->time_ms, &job->card);
		job->card_ms = walk->time_ms;
		job->card_org = *peer;
	}
	return job->has_card ? &job->card : NULL;
}

static enum decide_standing
standing_then(enum reason logged)
{
	if (logged == REASON_QUARANTINED)
		return DECIDE_QUARANTINED;
	return logged == REASON_SUPERSEDED ? DECIDE_SUPERSEDED : DECIDE_IN_FORCE;
}

/* ---------------------------------------------------------------- one decision */

static bool
is_other(const struct decision *a, const struct decision *b)
{
	return a->reason != b->reason || a->action != b->action || a->approvers != b->approvers ||
	       a->redacted != b->redacted;
}

/* One that was looked at in a part before is passed over; false: no more in this one. */
static bool
comes_next(struct walk *walk, bool *is_new)
{
	*is_new = false;
	if (walk->at < walk->part->inside) {
		walk->at++;
		return true;
	}
	if (walk->part->examined >= DECISIONS_MOST || walk->core->failed != ERR_NONE) {
		walk->is_full = true;
		return false;
	}
	*is_new = true;
	return true;
}

static void
was_looked_at(struct walk *walk)
{
	walk->at++;
	walk->part->inside = walk->at;
	walk->part->examined++;
}

/* The record of this entry, decoded into core->record, and this peer; entry BATCH_COUNT_MAX: it is
   not here any more.  False: no more in this part. */
static bool
again(struct walk *walk, uint32_t entry, const struct org_id *peer, enum reason logged)
{
	struct core *core = walk->core;
	const struct loaded *loaded = core->outgoing.loaded;
	bool is_inbound = walk->direction == RULE_INBOUND, is_new, differs, is_unlike;
	const struct org_id *via = is_inbound ? NULL : &loaded->row.via;
	struct judge_past past = {.at_ms = walk->time_ms,
	    .standing = standing_then(logged),
	    .approved_under = walk->policy};
	struct decision then, now;
	int64_t row;

	if (walk->job->is_of_one && memcmp(peer, &walk->job->org, sizeof(*peer)) != 0)
		return true;
	if (!comes_next(walk, &is_new) || !is_new)
		return !walk->is_full;
	if (entry == BATCH_COUNT_MAX || !walk->is_known) {
		was_looked_at(walk);
		walk->part->gone++;
		return true;
	}
	row = is_inbound ? 0 : loaded->entries[entry].row;
	past.card = card_then(walk, peer);
	then = judge_past(
	    core, walk->job->then, walk->direction, &core->record, via, row, peer, &past);
	now = walk->job->candidate == NULL ? then
					   : judge_past(core, walk->job->candidate, walk->direction,
						 &core->record, via, row, peer, &past);
	is_unlike = then.reason != logged;
	differs = walk->job->candidate == NULL ? is_unlike : is_other(&then, &now);
	if (differs && !walk->each(walk->context,
			   &(struct replay_finding){&loaded->entries[entry].id, peer, walk->leaf,
			       walk->time_ms, is_inbound, logged, &then, &now})) {
		walk->is_full = true;
		return false;
	}
	was_looked_at(walk);
	walk->part->unlike += is_unlike;
	walk->part->differing += differs;
	return true;
}

/* The loaded record at this sealed position, decoded; BATCH_COUNT_MAX: it was erased. */
static uint32_t
find_entry(struct core *core, uint32_t position)
{
	const struct loaded *loaded = core->outgoing.loaded;
	uint32_t entry;

	for (entry = 0; entry < loaded->count; entry++) {
		if (loaded->entries[entry].position == position)
			break;
	}
	if (entry == loaded->count ||
	    core_failed(core,
		record_decode(outgoing_body(&core->outgoing, entry), false, &core->record, NULL)))
		return BATCH_COUNT_MAX;
	return entry;
}

/* ---------------------------------------------------------------- leaves */

static enum err
read_header(const struct event_details *details, struct header *header)
{
	struct signed_thing thing;
	struct hash hash;
	enum err err = signed_decode(details->signed_thing, ENVELOPE_BYTES_MAX, &thing);

	return err == ERR_NONE ? header_decode(thing.statement, header, &hash) : err;
}

/* Everything in it was let go. */
static void
again_sent(struct walk *walk, const struct event_details *details, struct header *header)
{
	struct core *core = walk->core;
	struct delivery_row row;
	struct bytes positions;
	uint32_t i, count;
	enum err err = read_header(details, header);

	if (err == ERR_NONE)
		err = deliveries_get(core->store, &header->recipient, header->sender_serial,
		    header->recipient_serial, header->number, &row);
	if (err == ERR_NOT_FOUND || (err != ERR_NONE && !core_failed(core, err)) || err != ERR_NONE)
		return;
	bytes_init(&positions, 2 * BATCH_COUNT_MAX);
	bytes_append(&positions, row.positions.data, row.positions.len);
	if (positions.err == ERR_NONE && outgoing_load(core, row.batch)) {
		count = positions.len == 0 ? core->outgoing.loaded->row.size
					   : (uint32_t)(positions.len / 2);
		for (i = 0; i < count; i++) {
			uint32_t position =
			    positions.len == 0 ? i : bytes_get_u16(positions.data + 2 * (size_t)i);

			if (!again(walk, find_entry(core, position), &header->recipient,
				REASON_STORED))
				break;
		}
	}
	bytes_release(&positions);
}

/* What was stored of it: each was accepted.  What was refused is not here. */
static void
again_received(struct walk *walk, const struct event_details *details, struct header *header)
{
	struct core *core = walk->core;
	struct received_row row;
	uint32_t i, stored = 0, position = 0;
	enum err err = read_header(details, header);

	if (err == ERR_NONE)
		err = deliveries_received_get(core->store, &header->sender, header->sender_serial,
		    header->recipient_serial, header->number, &row);
	if (err == ERR_NOT_FOUND || core_failed(core, err))
		return;
	for (i = 0; i + 1 < row.outcomes.len; i += 2)
		stored += bytes_get_u16(row.outcomes.data + i) == REASON_STORED;
	if (stored == 0 || row.batch == 0 || !outgoing_load(core, row.batch))
		return;
	for (i = 0; i < stored; i++) {
		bool is_here = i < core->outgoing.loaded->count;

		if (is_here)
			position = core->outgoing.loaded->entries[i].position;
		if (!again(walk, is_here ? find_entry(core, position) : BATCH_COUNT_MAX,
			&header->sender, REASON_STORED))
			return;
	}
}

static enum err
again_row(void *context, const struct decisions_row *row)
{
	struct walk *walk = context;
	uint32_t first, last;
	uint16_t reason;
	size_t at = 0, peer;

	if (!outgoing_load(walk->core, row->batch))
		return ERR_NO;
	while (decisions_next_run(row, &at, &first, &last, &reason)) {
		for (; first <= last; first++) {
			uint32_t entry = find_entry(walk->core, first);

			for (peer = 0; peer < row->peers.len; peer += sizeof(struct org_id)) {
				struct org_id org;

				memcpy(org.bytes, row->peers.data + peer, sizeof(org.bytes));
				if (!again(walk, entry, &org, (enum reason)reason))
					return ERR_NO;
			}
		}
	}
	return ERR_NONE;
}

static void
again_decided(struct walk *walk)
{
	enum err err = decisions_of_leaf(walk->core->store, walk->leaf, again_row, walk);

	if (err != ERR_NO)
		(void)core_failed(walk->core, err);
}

static enum err
each_leaf(void *context, const struct event_row *row)
{
	struct walk *walk = context;
	struct header *header = NULL;
	struct event_details details;
	struct event event;

	if (row->index >= walk->job->size || walk->part->examined >= DECISIONS_MOST)
		return ERR_NO;
	walk->leaf = row->index;
	walk->at = 0;
	if (row->has_details && event_leaf_decode(row->leaf, &event) == ERR_NONE &&
	    event_details_decode(row->details, &details) == ERR_NONE && details.has_policy &&
	    (event.type == EVENT_ENVELOPE_SENT || event.type == EVENT_ENVELOPE_RECEIVED ||
		event.type == EVENT_DECIDED)) {
		header = malloc(sizeof(*header));
		if (header == NULL)
			return ERR_MEMORY;
		walk->time_ms = event.time_ms;
		walk->policy = details.policy;
		walk->direction =
		    event.type == EVENT_ENVELOPE_RECEIVED ? RULE_INBOUND : RULE_OUTBOUND;
		take_policy(walk);
		if (event.type == EVENT_ENVELOPE_SENT)
			again_sent(walk, &details, header);
		else if (event.type == EVENT_ENVELOPE_RECEIVED)
			again_received(walk, &details, header);
		else
			again_decided(walk);
		free(header);
	}
	if (walk->is_full || walk->core->failed != ERR_NONE)
		return ERR_NO;
	walk->part->leaf = row->index + 1;
	walk->part->inside = 0;
	return ERR_NONE;
}

void
replay_walk(struct core *core, struct replay_job *job, struct replay_part *part, replay_fn each,
    void *context)
{
	struct walk walk = {
	    .core = core, .job = job, .part = part, .each = each, .context = context};
	enum err err = events_each(core->store, part->leaf, LEAVES_MOST, each_leaf, &walk);

	if (err != ERR_NO)
		(void)core_failed(core, err);
}
