#include "node/decided.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/tree.h"
#include "node/journal.h"
#include "wire/event.h"

/* What is being written down about one batch. */
struct note {
	struct core *core;
	struct member *const *members;
	uint32_t count;
	struct bytes runs[STATE_BUILDS_MAX]; /* of each; empty: there is nothing to say */
	bool is_known[STATE_BUILDS_MAX];     /* the newest row about it was looked at */
	struct hash rows[STATE_BUILDS_MAX];  /* one for those of whom the same is said */
	uint32_t rows_count;
	uint64_t decisions;
	uint64_t leaf;
	struct record_id ids[BATCH_COUNT_MAX]; /* by position */
	bool has[BATCH_COUNT_MAX];
};

bool
decided_is_noted(enum reason reason)
{
	return reason != REASON_STORED && reason != REASON_DUPLICATE && reason != REASON_EXPIRED &&
	       reason != REASON_CEILING && reason != REASON_NOT_ADDRESSED &&
	       reason != REASON_NO_AUDIENCE && reason != REASON_UNKNOWN_COMMUNITY;
}

/* Neighbours of which the same is said are one run. */
static void
write_runs(const struct loaded *loaded, const struct verdict *verdict, struct bytes *out)
{
	uint32_t from, to;

	for (from = 0; from < loaded->count; from = to) {
		uint16_t reason = verdict->reasons[from];

		for (to = from + 1;
		     to < loaded->count && verdict->reasons[to] == reason &&
		     loaded->entries[to].position == loaded->entries[to - 1].position + 1;
		     to++)
			;
		if (!decided_is_noted((enum reason)reason))
			continue;
		bytes_append_u16(out, (uint16_t)loaded->entries[from].position);
		bytes_append_u16(out, (uint16_t)loaded->entries[to - 1].position);
		bytes_append_u16(out, reason);
	}
}

/* The newest row about a peer: if it says the same, nothing is said again. */
static enum err
look_at(void *context, const struct decisions_row *row)
{
	struct note *note = context;
	uint32_t i;

	for (i = 0; i < note->count; i++) {
		if (note->is_known[i] || note->runs[i].len == 0 ||
		    !decisions_has_peer(row, &note->members[i]->org))
			continue;
		note->is_known[i] = true;
		if (memcmp(&row->policy, &note->core->policy->hash, sizeof(row->policy)) == 0 &&
		    bytes_view_is_equal(row->runs, bytes_as_view(&note->runs[i])))
			bytes_clear(&note->runs[i]);
	}
	return ERR_NONE;
}

enum err
decided_hash(const struct decisions_row *row, const struct record_id *ids, const bool *has,
    struct hash *out, uint64_t *count)
{
	struct hash *leaves =
	    malloc((BATCH_COUNT_MAX + row->peers.len / sizeof(struct org_id)) * sizeof(*leaves));
	struct hash roots[2];
	uint32_t records = 0, peers = 0, first, last;
	size_t at = 0;
	uint16_t reason;

	if (leaves == NULL)
		return ERR_MEMORY;
	while (decisions_next_run(row, &at, &first, &last, &reason)) {
		for (; first <= last; first++) {
			if (first >= BATCH_COUNT_MAX || !has[first] || records == BATCH_COUNT_MAX) {
				free(leaves);
				return ERR_MISSING;
			}
			event_record_leaf(&ids[first], reason, &leaves[records++]);
		}
	}
	tree_root(leaves, records, &roots[0]);
	for (at = 0; at < row->peers.len; at += sizeof(struct org_id))
		tree_leaf(
		    bytes_view_of(row->peers.data + at, sizeof(struct org_id)), &leaves[peers++]);
	tree_root(leaves, peers, &roots[1]);
	free(leaves);
	tree_leaf(bytes_view_of(roots, sizeof(roots)), out);
	*count = (uint64_t)records * peers;
	return ERR_NONE;
}

/* One row for a peer and all behind it of whom the same is said. */
static enum err
write_row(struct note *note, uint32_t from)
{
	struct decisions_row row = {.batch = note->core->outgoing.loaded->batch,
	    .leaf = note->leaf,
	    .time_ms = note->core->now_ms,
	    .policy = note->core->policy->hash,
	    .runs = bytes_as_view(&note->runs[from])};
	struct bytes peers;
	uint64_t decisions = 0;
	uint32_t i;
	enum err err;

	bytes_init(&peers, STATE_BUILDS_MAX * sizeof(struct org_id));
	for (i = from; i < note->count; i++) {
		if (!bytes_view_is_equal(row.runs, bytes_as_view(&note->runs[i])))
			continue;
		bytes_append(&peers, note->members[i]->org.bytes, sizeof(struct org_id));
		if (i > from)
			bytes_clear(&note->runs[i]);
	}
	row.peers = bytes_as_view(&peers);
	err = peers.err;
	if (err == ERR_NONE)
		err = decided_hash(
		    &row, note->ids, note->has, &note->rows[note->rows_count], &decisions);
	if (err == ERR_NONE)
		err = decisions_put(note->core->store, &row);
	note->rows_count++;
	note->decisions += decisions;
	bytes_release(&peers);
	return err;
}

static void
write_down(struct note *note)
{
	struct core *core = note->core;
	struct event_details details = {
	    .has_records = true, .has_policy = true, .policy = core->policy->hash};
	const struct loaded *loaded = core->outgoing.loaded;
	struct head head;
	uint32_t i;

	events_head(core->store, &head);
	note->leaf = head.size;
	for (i = 0; i < loaded->count; i++) {
		note->ids[loaded->entries[i].position] = loaded->entries[i].id;
		note->has[loaded->entries[i].position] = true;
	}
	for (i = 0; i < note->count; i++) {
		if (note->runs[i].len > 0 && core_failed(core, write_row(note, i)))
			return;
	}
	tree_root(note->rows, note->rows_count, &details.records);
	details.count = note->decisions;
	journal_append(core, EVENT_DECIDED, core->org.bytes, loaded->row.root.bytes, &details);
}

void
decided_note(struct core *core, struct member *const *members, uint32_t count, bool is_first)
{
	struct note *note;
	uint32_t i;

	/* most often everything may leave */
	for (i = 0; i < count && members[i]->verdict.noted == 0; i++)
		;
	if (i == count || core->failed != ERR_NONE)
		return;
	note = calloc(1, sizeof(*note));
	if (note == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	note->core = core;
	note->members = members;
	note->count = count;
	for (i = 0; i < count; i++) {
		bytes_init(&note->runs[i], DECISIONS_RUNS_BYTES_MAX);
		write_runs(core->outgoing.loaded, &members[i]->verdict, &note->runs[i]);
		(void)core_failed(core, note->runs[i].err);
	}
	if (!is_first)
		(void)core_failed(core,
		    decisions_of_batch(core->store, core->outgoing.loaded->batch, look_at, note));
	for (i = 0; i < count && note->runs[i].len == 0; i++)
		;
	if (i < count && core->failed == ERR_NONE)
		write_down(note);
	for (i = 0; i < count; i++)
		bytes_release(&note->runs[i]);
	free(note);
}
