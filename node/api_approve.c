/*
 * Held records: the queue, and what approvers say of what stands in it.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/api.h"
#include "node/delivery.h"
#include "node/directory.h"
#include "node/journal.h"
#include "node/judge.h"
#include "node/outgoing.h"
#include "store/approvals.h"
#include "wire/request_approve.h"

#define ENTRY_OVERHEAD 256u

/* Who has approved, under the policy in force and now. */
struct given {
	const struct core *core;
	uint32_t count;
	char names[512]; /* with ", " between; what does not fit is left out */
};

static enum err
add_given(void *context, const struct approval_row *row)
{
	struct given *given = context;
	size_t len = strlen(given->names);

	if (row->is_rejection ||
	    !approvals_count_at(row, &given->core->policy->hash, given->core->now_ms))
		return ERR_NONE;
	given->count++;
	if (len + row->operator.len + 3<sizeof(given->names))
		(void)snprintf(given->names + len, sizeof(given->names) - len, "%s%.*s",
		    len > 0 ? ", " : "", (int)row->operator.len, (const char *)row->operator.data);
	return ERR_NONE;
}

/* ---------------------------------------------------------------- the queue */

struct queue {
	struct api_call *call;
	struct queue_body body;
	struct bytes items;
	const struct member *member; /* whose batches are listed */
	uint64_t after;
	uint32_t batches_count;
	int64_t batches[QUEUE_ENTRIES_MAX];
};

static enum err
list_batch(void *context, int64_t batch)
{
	struct queue *queue = context;

	if ((uint64_t)batch > queue->after && queue->batches_count < QUEUE_ENTRIES_MAX)
		queue->batches[queue->batches_count++] = batch;
	return ERR_NONE;
}

static bool
reads_bodies(const struct api_call *call)
{
	return (call->operator.roles &(ROLE_ANALYST | ROLE_PUBLISHER | ROLE_APPROVER)) != 0;
}

/* One record of the loaded batch, which is decoded into core->record. */
static void
add_entry(struct queue *queue, uint32_t at, const struct record_row *row)
{
	struct core *core = queue->call->core;
	const struct loaded *loaded = core->outgoing.loaded;
	struct decision decision = judge_decide(core, core->policy, RULE_OUTBOUND, &core->record,
	    &loaded->row.via, loaded->entries[at].row, &queue->member->org, core->now_ms);
	struct given given = {.core = core};
	struct queue_entry entry = {.kind = core->record.kind,
	    .tlp = core->record.marking.tlp,
	    .received_ms = row->received_ms,
	    .writer = row->writer,
	    .rule = bytes_view_str(decision.rule_name),
	    .is_private = decision.by == DECIDE_BY_PRIVACY,
	    .needed = decision.approvers};
	bool may_read =
	    judge_read(core, &core->record, &queue->call->operator, row->writer) == REASON_STORED;

	if (decision.action != RULE_HOLD ||
	    core_failed(core, approvals_each(core->store, loaded->entries[at].row,
				  &queue->member->org, add_given, &given)))
		return;
	queue->body.hidden += !may_read;
	if (may_read && reads_bodies(queue->call))
		entry.headline = record_headline(&core->record);
	if (entry.headline.len > 200)
		entry.headline.len = 0; /* a line of a table, not the record */
	entry.given = given.count;
	entry.approvers = bytes_view_str(given.names);
	memcpy(entry.id, loaded->entries[at].id.bytes, sizeof(entry.id));
	memcpy(entry.peer, queue->member->org.bytes, sizeof(entry.peer));
	(void)core_failed(core, schema_list_add(&queue->body.entries, &queue->items,
				    &request_approve_held_schema, &entry));
}

/* False: there is no room for another batch. */
static bool
add_batch(struct queue *queue, int64_t batch)
{
	struct core *core = queue->call->core;
	struct record_row row;
	uint32_t i;

	if (!outgoing_load(core, batch))
		return false;
	if (queue->body.entries.count > 0 &&
	    (queue->body.entries.count + core->outgoing.loaded->count > QUEUE_ENTRIES_MAX ||
		queue->items.len + core->outgoing.loaded->count * (size_t)ENTRY_OVERHEAD >
		    REQUEST_BYTES_MAX - 4096))
		return false;
	for (i = 0; i < core->outgoing.loaded->count && core->failed == ERR_NONE &&
		    queue->body.entries.count < QUEUE_ENTRIES_MAX;
	     i++) {
		if (core_failed(core,
			records_get(core->store, &core->outgoing.loaded->entries[i].id, &row)) ||
		    core_failed(core, record_decode(outgoing_body(&core->outgoing, i), false,
					  &core->record, NULL)))
			break;
		add_entry(queue, i, &row);
	}
	queue->body.next_batch = (uint64_t)batch;
	memcpy(queue->body.next_peer, queue->member->org.bytes, sizeof(queue->body.next_peer));
	return core->failed == ERR_NONE;
}

static bool
add_member(struct queue *queue)
{
	struct core *core = queue->call->core;
	uint32_t i;

	queue->batches_count = 0;
	if (core_failed(
		core, deliveries_outbox_held(core->store, &queue->member->org, list_batch, queue)))
		return false;
	for (i = 0; i < queue->batches_count; i++) {
		if (!add_batch(queue, queue->batches[i]))
			return false;
	}
	return queue->batches_count < QUEUE_ENTRIES_MAX;
}

static void
fill_queue(struct queue *queue, const struct queue_arguments *arguments)
{
	struct core *core = queue->call->core;
	struct org_id after;
	const struct member *first;
	uint32_t i;

	memcpy(after.bytes, arguments->after_peer, sizeof(after.bytes));
	first = directory_find(core, &after);
	for (i = 0; i < core->members_count && core->failed == ERR_NONE; i++) {
		if (first != NULL && core->members[i] != first)
			continue;
		queue->after = first != NULL ? arguments->after_batch : 0;
		first = NULL;
		queue->member = core->members[i];
		if (!judge_is_receiver(queue->member))
			continue;
		queue->body.has_more = !add_member(queue);
		if (queue->body.has_more)
			return;
	}
}

enum reason
api_approve_queue(struct api_call *call)
{
	struct queue_arguments arguments;
	struct queue *queue;
	enum reason reason = REASON_STORAGE;

	if (!api_arguments(call, &request_approve_queue_schema, &arguments))
		return REASON_BAD_REQUEST;
	queue = calloc(1, sizeof(*queue));
	if (queue == NULL)
		return REASON_STORAGE;
	queue->call = call;
	bytes_init(&queue->items, REQUEST_BYTES_MAX);
	fill_queue(queue, &arguments);
	memcpy(queue->body.policy, call->core->policy->hash.bytes, sizeof(queue->body.policy));
	if (!queue->body.has_more) {
		queue->body.next_batch = 0;
		memset(queue->body.next_peer, 0, sizeof(queue->body.next_peer));
	}
	if (call->core->failed == ERR_NONE)
		reason = api_body(call, &request_approve_queued_schema, &queue->body);
	bytes_release(&queue->items);
	free(queue);
	return reason;
}

/* ---------------------------------------------------------------- approving */

struct approving {
	struct api_call *call;
	struct approve_arguments arguments;
	bool is_rejection;
	struct record_row row; /* without its views */
	char writer[PERSON_BYTES_MAX + 1];
	struct approve_body body;
	const struct member *member; /* about whom it is asked now */
	bool is_repeat;              /* the same person, key or uid has spoken already */
	bool is_writer;
};

static enum err
look_at_writer(void *context, const struct operator_row *row)
{
	struct approving *approving = context;
	const struct operator_row *self = &approving->call->operator;

	if (row->is_removed || !bytes_view_is_equal(row->name, bytes_view_str(approving->writer)))
		return ERR_NONE;
	approving->is_writer |= row->uid == self->uid || memcmp(row->public_key, self->public_key,
							     sizeof(row->public_key)) == 0;
	return ERR_NONE;
}

/* Whoever wrote it releases it for nobody, under no other name either. */
static enum reason
check_writer(struct approving *approving)
{
	struct api_call *call = approving->call;

	approving->is_writer =
	    bytes_view_is_equal(call->operator.name, bytes_view_str(approving->writer));
	if (core_failed(
		call->core, peers_operator_each(call->core->store, look_at_writer, approving)))
		return REASON_STORAGE;
	if (!approving->is_writer || approving->is_rejection)
		return REASON_STORED;
	(void)snprintf(call->words, sizeof(call->words), "who wrote a record does not release it");
	return REASON_TWO_PERSONS;
}

static enum reason
find_record(struct approving *approving)
{
	struct core *core = approving->call->core;
	struct record_id id;
	enum err err;

	memcpy(id.bytes, approving->arguments.id, sizeof(id.bytes));
	err = records_get(core->store, &id, &approving->row);
	if (err == ERR_NOT_FOUND)
		return REASON_NOT_FOUND;
	if (core_failed(core, err) ||
	    core_failed(core, record_decode(approving->row.body, false, &core->record, NULL)))
		return REASON_STORAGE;
	(void)snprintf(approving->writer, sizeof(approving->writer), "%.*s",
	    (int)approving->row.writer.len, (const char *)approving->row.writer.data);
	/* the record's views are the row's: it has to be taken out of the store's hands */
	bytes_clear(&core->plaintext);
	bytes_append(&core->plaintext, approving->row.body.data, approving->row.body.len);
	if (core_failed(core, core->plaintext.err) ||
	    core_failed(
		core, record_decode(bytes_as_view(&core->plaintext), false, &core->record, NULL)))
		return REASON_STORAGE;
	return judge_read(
	    core, &core->record, &approving->call->operator, bytes_view_str(approving->writer));
}

/* Two approvers differ by name, by key and by uid. */
static enum err
look_for_repeat(void *context, const struct approval_row *row)
{
	struct approving *approving = context;
	const struct core *core = approving->call->core;
	const struct operator_row *self = &approving->call->operator;

	if (approvals_count_at(row, &core->policy->hash, core->now_ms) &&
	    (bytes_view_is_equal(row->operator, self->name) || row->uid == self->uid ||
		memcmp(row->public_key, self->public_key, sizeof(row->public_key)) == 0) &&
	    row->is_rejection == approving->is_rejection &&
	    (row->releases_privacy || !approving->arguments.releases_privacy))
		approving->is_repeat = true;
	return ERR_NONE;
}

static struct decision
decide_for(const struct approving *approving)
{
	struct core *core = approving->call->core;

	return judge_decide(core, core->policy, RULE_OUTBOUND, &core->record, &approving->row.via,
	    approving->row.seq, &approving->member->org, core->now_ms);
}

/* Whether it is held for this peer, and this person has not spoken yet. */
static enum reason
check_peer(struct approving *approving, const struct org_id *peer)
{
	struct api_call *call = approving->call;
	struct core *core = call->core;

	approving->member = directory_find(core, peer);
	if (approving->member == NULL || !judge_is_receiver(approving->member))
		return REASON_UNKNOWN_ORG;
	if (decide_for(approving).action != RULE_HOLD) {
		(void)snprintf(call->words, sizeof(call->words),
		    "it is not held for %s: see malla explain", directory_name(core, peer));
		return REASON_NOT_FOUND;
	}
	approving->is_repeat = false;
	if (core_failed(core,
		approvals_each(core->store, approving->row.seq, peer, look_for_repeat, approving)))
		return REASON_STORAGE;
	if (!approving->is_repeat)
		return REASON_STORED;
	(void)snprintf(call->words, sizeof(call->words),
	    "this person, key or uid has spoken of it for %s already", directory_name(core, peer));
	return REASON_TWO_PERSONS;
}

static void
put_approval(struct approving *approving, const struct org_id *peer)
{
	struct api_call *call = approving->call;
	struct core *core = call->core;
	struct approval_row row = {.record = approving->row.seq,
	    .peer = *peer,
	    .operator= call->operator.name,
	    .uid = call->operator.uid,
	    .is_rejection = approving->is_rejection,
	    .releases_privacy = approving->arguments.releases_privacy,
	    .policy = core->policy->hash,
	    .given_ms = core->now_ms,
	    .expires_ms = approving->arguments.expires_ms,
	    .note = approving->arguments.note};

	memcpy(row.public_key, call->operator.public_key, sizeof(row.public_key));
	if (core_failed(core, approvals_put(core->store, &row)))
		return;
	core->has_approvals = true;
	approving->member = directory_find(core, peer);
	if (decide_for(approving).action == RULE_HOLD)
		approving->body.waiting++;
	else if (!approving->is_rejection)
		approving->body.released++;
}

static void
journal_approval(const struct approving *approving)
{
	struct api_call *call = approving->call;
	struct event_details details = {.text = call->operator.name,
	    .has_policy = true,
	    .policy = call->core->policy->hash,
	    .count = approving->arguments.peers.len / sizeof(struct org_id),
	    .has_request = true,
	    .request = call->request.id,
	    .command = call->request.command};
	uint8_t actor[32];

	/* the signed act stands in the leaf of the request, as every act does */
	event_actor_operator(call->operator.name, actor);
	journal_append(call->core, EVENT_APPROVAL, actor, approving->arguments.id, &details);
}

static enum reason
check_approving(struct approving *approving)
{
	struct api_call *call = approving->call;
	struct core *core = call->core;
	const struct approve_arguments *arguments = &approving->arguments;
	enum reason reason;

	if (arguments->peers.len % sizeof(struct org_id) != 0 ||
	    arguments->expires_ms <= core->now_ms ||
	    arguments->expires_ms > core->now_ms + APPROVAL_LIFETIME_MS + SKEW_MS)
		return REASON_BAD_REQUEST;
	if (memcmp(arguments->policy, core->policy->hash.bytes, sizeof(arguments->policy)) != 0) {
		(void)snprintf(call->words, sizeof(call->words),
		    "another policy is in force by now: look at malla queue again");
		return REASON_EXISTS;
	}
	reason = find_record(approving);
	return reason == REASON_STORED ? check_writer(approving) : reason;
}

static struct org_id
peer_at(const struct approving *approving, size_t i)
{
	struct org_id peer;

	memcpy(&peer, approving->arguments.peers.data + i * sizeof(peer), sizeof(peer));
	return peer;
}

/* All peers or none: nothing is written before all of it is known to be right. */
enum reason
api_approve(struct api_call *call)
{
	struct approving approving = {
	    .call = call, .is_rejection = call->request.command == REQUEST_REJECT};
	struct core *core = call->core;
	struct org_id peer;
	enum reason reason;
	size_t count, i;

	if (!api_arguments(call, &request_approve_schema, &approving.arguments))
		return REASON_BAD_REQUEST;
	reason = check_approving(&approving);
	count = approving.arguments.peers.len / sizeof(peer);
	for (i = 0; i < count && reason == REASON_STORED; i++) {
		peer = peer_at(&approving, i);
		reason = check_peer(&approving, &peer);
	}
	if (reason != REASON_STORED)
		return reason;
	for (i = 0; i < count && core->failed == ERR_NONE; i++) {
		peer = peer_at(&approving, i);
		put_approval(&approving, &peer);
	}
	journal_approval(&approving);
	/* the decisions need the record, which this reads anew */
	for (i = 0; i < count && core->failed == ERR_NONE; i++) {
		peer = peer_at(&approving, i);
		delivery_reconsider(core, directory_find(core, &peer), approving.row.batch);
	}
	return api_body(call, &request_approve_body_schema, &approving.body);
}
