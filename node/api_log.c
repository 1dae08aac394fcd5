#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/tree.h"
#include "node/api.h"
#include "node/audit.h"
#include "node/directory.h"

#define PAGE_BYTES_MAX (REQUEST_BYTES_MAX - 1024u)
#define ENTRY_OVERHEAD 192u
#define SLICE_LEAVES 256u
#define SLICE_BATCHES 16u
#define ROOTS_KEPT 65536u /* roots of the newest sizes, against which signed heads are held */

/* ---------------------------------------------------------------- audit log */

struct log_page {
	struct core *core;
	struct log_body body;
	struct bytes items;
};

static enum err
add_entry(void *context, const struct event_row *row)
{
	struct log_page *page = context;
	struct log_entry entry = {.is_erased = row->is_erased};

	if (page->items.len + row->details.len + ENTRY_OVERHEAD > PAGE_BYTES_MAX)
		return ERR_NO;
	memcpy(entry.leaf, row->leaf, sizeof(entry.leaf));
	if (row->has_details) {
		memcpy(entry.salt, row->salt.bytes, sizeof(entry.salt));
		entry.details = row->details;
	}
	return schema_list_add(&page->body.events, &page->items, &request_log_entry_schema, &entry);
}

enum reason
api_log(struct api_call *call)
{
	struct core *core = call->core;
	struct log_page page = {.core = core};
	struct log_arguments arguments;
	struct head head;
	enum reason reason = REASON_STORAGE;
	enum err err;

	if (!api_arguments(call, &request_log_schema, &arguments))
		return REASON_BAD_REQUEST;
	events_head_committed(core->store, &head);
	page.body.epoch = head.epoch;
	page.body.size = head.size;
	memcpy(page.body.root, head.root.bytes, sizeof(page.body.root));
	bytes_init(&page.items, REQUEST_BYTES_MAX);
	err = events_each(core->store, arguments.from, (uint32_t)arguments.limit, add_entry, &page);
	if (err == ERR_NO)
		err = ERR_NONE;
	if (!core_failed(core, err))
		reason = api_body(call, &request_log_body_schema, &page.body);
	bytes_release(&page.items);
	return reason;
}

/* ---------------------------------------------------------------- audit verify */

/* Which leaf spoke of which sealed root: to name a leaf when a batch lies. */
struct sealed_root {
	struct hash root;
	uint64_t leaf;
};

struct verify_job {
	uint64_t client;
	uint64_t next; /* leaf; then, when the leaves are done, batches */
	int64_t batch; /* last batch looked at */
	bool leaves_done;
	uint64_t good_head; /* size of the newest signed head that agreed */
	uint64_t signatures;
	uint64_t records;
	struct head head; /* of the beginning: what is appended meanwhile is not looked at */
	struct tree_frontier frontier;
	struct hash roots[ROOTS_KEPT]; /* root of size n at n % ROOTS_KEPT */
	struct sealed_root *sealed;
	uint32_t sealed_count, sealed_cap;
	bool is_lie;
	uint64_t lie;
	char words[256];
};

void
api_log_forget(struct core *core)
{
	if (core->verify != NULL)
		free(core->verify->sealed);
	free(core->verify);
	core->verify = NULL;
}

bool
api_log_is_of(const struct core *core, uint64_t client)
{
	return core->verify != NULL && core->verify->client == client;
}

/* The first lie found stands. */
static void
lie(struct verify_job *job, uint64_t leaf, const char *words)
{
	if (job->is_lie)
		return;
	job->is_lie = true;
	job->lie = leaf;
	(void)snprintf(job->words, sizeof(job->words), "%s", words);
}

/* A signed head against the roots recomputed so far. */
static void
check_head(struct verify_job *job, const struct head *head, const char *words)
{
	if (head->epoch != job->head.epoch || head->size > job->frontier.size ||
	    head->size + ROOTS_KEPT <= job->frontier.size)
		return;
	if (digest_is_equal(&job->roots[head->size % ROOTS_KEPT], &head->root)) {
		if (head->size > job->good_head)
			job->good_head = head->size;
		return;
	}
	/* every leaf before the last head that agreed is as it was signed */
	lie(job, job->good_head, words);
}

static void
note_sealed(struct core *core, struct verify_job *job, const struct hash *root, uint64_t leaf)
{
	if (job->sealed_count == job->sealed_cap) {
		uint32_t cap = job->sealed_cap == 0 ? 256 : job->sealed_cap * 2;
		struct sealed_root *grown = realloc(job->sealed, cap * sizeof(*grown));

		if (grown == NULL) {
			(void)core_failed(core, ERR_MEMORY);
			return;
		}
		job->sealed = grown;
		job->sealed_cap = cap;
	}
	job->sealed[job->sealed_count].root = *root;
	job->sealed[job->sealed_count++].leaf = leaf;
}

/* The signature under a signed thing of this organisation's card. */
static void
check_signature(struct core *core, struct verify_job *job, const struct signed_thing *thing,
    const struct org_id *org, uint64_t serial, uint64_t leaf)
{
	struct card_facts card;

	if (!directory_card_at(core, org, serial, &card)) {
		lie(job, leaf, "the card that signed it is not in the store");
		return;
	}
	if (signed_verify_one(thing, card.sign_key) != ERR_NONE)
		lie(job, leaf, "its signature does not verify");
	job->signatures++;
}

static void
check_receipt(
    struct core *core, struct verify_job *job, const struct signed_thing *thing, uint64_t leaf)
{
	struct receipt receipt;

	if (receipt_decode(thing->statement, &receipt) != ERR_NONE) {
		lie(job, leaf, "the receipt in its details cannot be read");
		return;
	}
	check_signature(core, job, thing, &receipt.recipient, receipt.recipient_serial, leaf);
	if (memcmp(&receipt.recipient, &core->org, sizeof(core->org)) == 0)
		check_head(job, &receipt.head, "the log is not the one whose head we signed");
	else if (receipt.has_peer_head)
		check_head(job, &receipt.peer_head, "the log is not the one that a peer saw");
}

static void
check_envelope(
    struct core *core, struct verify_job *job, const struct signed_thing *thing, uint64_t leaf)
{
	struct header *header = malloc(sizeof(*header));
	struct hash hash;

	if (header == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	if (header_decode(thing->statement, header, &hash) != ERR_NONE) {
		lie(job, leaf, "the envelope in its details cannot be read");
	} else {
		check_signature(core, job, thing, &header->sender, header->sender_serial, leaf);
		if (memcmp(&header->recipient, &core->org, sizeof(core->org)) == 0)
			note_sealed(core, job, &header->root, leaf);
	}
	free(header);
}

static void
check_seal_leaf(
    struct core *core, struct verify_job *job, const struct signed_thing *thing, uint64_t leaf)
{
	struct seal seal;

	if (seal_decode(thing->statement, &seal) != ERR_NONE) {
		lie(job, leaf, "the seal in its details cannot be read");
		return;
	}
	check_signature(core, job, thing, &seal.org, seal.serial, leaf);
	note_sealed(core, job, &seal.root, leaf);
}

static void
check_card_leaf(
    struct core *core, struct verify_job *job, struct bytes_view package, const struct event *event)
{
	struct card_package *decoded = malloc(sizeof(*decoded));
	struct hash statement;
	struct card card;

	if (decoded == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	if (card_package_decode(package, decoded) != ERR_NONE ||
	    card_package_verify(decoded, &card) != ERR_NONE) {
		lie(job, event->index, "the card in its details does not verify");
	} else {
		job->signatures += 1 + decoded->roots_count;
		digest_sha256(decoded->card.statement, &statement);
		if (memcmp(statement.bytes, event->object, sizeof(event->object)) != 0)
			lie(job, event->index, "it speaks of another card");
	}
	free(decoded);
}

/* What the details hold, where they are there: object, signatures, heads. */
static void
check_details(
    struct core *core, struct verify_job *job, const struct event *event, struct bytes_view bytes)
{
	struct event_details details;
	struct signed_thing thing;
	struct hash statement;
	const char *words;

	if (event_details_decode(bytes, &details) != ERR_NONE) {
		lie(job, event->index, "its details cannot be read");
		return;
	}
	if (event->type == EVENT_CARD) {
		check_card_leaf(core, job, details.signed_thing, event);
		return;
	}
	if (event->type == EVENT_DECIDED || event->type == EVENT_POLICY) {
		words = event->type == EVENT_DECIDED ? audit_decided(core, &details, event->index)
						     : audit_policy(core, &details, event);
		if (words != NULL)
			lie(job, event->index, words);
		return;
	}
	if (event->type == EVENT_ACT || event->type == EVENT_EVIDENCE ||
	    details.signed_thing.len == 0)
		return;
	if (signed_decode(details.signed_thing, ENVELOPE_BYTES_MAX + RECEIPT_BYTES_MAX, &thing) !=
	    ERR_NONE) {
		lie(job, event->index, "the signed thing in its details cannot be read");
		return;
	}
	digest_sha256(thing.statement, &statement);
	if (memcmp(statement.bytes, event->object, sizeof(event->object)) != 0)
		lie(job, event->index, "it speaks of another object than its details");
	if (event->type == EVENT_SEALED)
		check_seal_leaf(core, job, &thing, event->index);
	else if (event->type == EVENT_ENVELOPE_SENT || event->type == EVENT_ENVELOPE_RECEIVED)
		check_envelope(core, job, &thing, event->index);
	else if (event->type == EVENT_RECEIPT_SENT || event->type == EVENT_RECEIPT_RECEIVED)
		check_receipt(core, job, &thing, event->index);
}

struct slice {
	struct core *core;
	struct verify_job *job;
};

static enum err
check_leaf(void *context, const struct event_row *row)
{
	struct slice *slice = context;
	struct verify_job *job = slice->job;
	struct hash hash, commitment;
	struct event event;

	if (row->index >= job->head.size)
		return ERR_NO;
	if (row->index != job->next) {
		lie(job, job->next, "the leaf is missing");
		return ERR_NO;
	}
	tree_leaf(bytes_view_of(row->leaf, sizeof(row->leaf)), &hash);
	if (!digest_is_equal(&hash, &row->hash))
		lie(job, row->index, "the leaf is not the one that was hashed into the tree");
	if (event_leaf_decode(row->leaf, &event) != ERR_NONE || event.index != row->index) {
		lie(job, row->index, "the leaf cannot be read, or stands in another's place");
		return ERR_NO;
	}
	tree_frontier_append(&job->frontier, &hash);
	tree_frontier_root(&job->frontier, &job->roots[job->frontier.size % ROOTS_KEPT]);
	if (row->has_details) {
		event_commit(&row->salt, row->details, &commitment);
		if (!digest_is_equal(&commitment, &event.commitment))
			lie(job, row->index, "its details are not those it commits to");
		else
			check_details(slice->core, job, &event, row->details);
	} else if (!row->is_erased) {
		lie(job, row->index, "its details are missing and were not erased");
	}
	job->next++;
	return job->is_lie ? ERR_NO : ERR_NONE;
}

/* All leaves are there: the head, and the head that the keyring signed last. */
static void
finish_leaves(struct core *core, struct verify_job *job)
{
	struct head head, signed_head;
	bool has_signed = false;

	job->leaves_done = true;
	tree_frontier_root(&job->frontier, &head.root);
	if (!digest_is_equal(&head.root, &job->head.root)) {
		lie(job, job->good_head, "the leaves do not lead to the head that was stored");
		return;
	}
	if (core->keyring->state(core->keyring, &signed_head, &has_signed) != ERR_NONE ||
	    !has_signed)
		return;
	if (signed_head.epoch == job->head.epoch && signed_head.size > job->head.size)
		lie(job, job->head.size, "the log is shorter than the head that was signed last");
	check_head(job, &signed_head, "the log is not the one whose head was signed last");
}

static void
verify_leaves(struct core *core, struct verify_job *job)
{
	struct slice slice = {core, job};
	uint64_t before = job->next;
	enum err err = events_each(core->store, job->next, SLICE_LEAVES, check_leaf, &slice);

	if (err != ERR_NO && core_failed(core, err))
		return;
	if (!job->is_lie && job->next == before && job->next < job->head.size)
		lie(job, job->next, "the leaf is missing");
	if (!job->is_lie && job->next >= job->head.size)
		finish_leaves(core, job);
}

/* ---- the records under each sealed root ---- */

struct batch_slice {
	struct core *core;
	struct verify_job *job;
	uint32_t count;
	int64_t seqs[SLICE_BATCHES];
	struct hash roots[SLICE_BATCHES];
	uint32_t stored[SLICE_BATCHES];
};

static enum err
list_batch(void *context, const struct batch_row *row)
{
	struct batch_slice *slice = context;

	slice->seqs[slice->count] = row->seq;
	slice->roots[slice->count] = row->root;
	slice->stored[slice->count++] = row->stored;
	return ERR_NONE;
}

static void
check_batch(struct batch_slice *slice, uint32_t i)
{
	struct verify_job *job = slice->job;
	enum err finding = ERR_NONE;
	uint32_t at;

	for (at = 0; at < job->sealed_count; at++) {
		if (digest_is_equal(&job->sealed[at].root, &slice->roots[i]))
			break;
	}
	if (at == job->sealed_count) {
		/* made after this verification began, or never: the next one tells */
		struct head now;

		events_head_committed(slice->core->store, &now);
		if (now.size == job->head.size)
			lie(job, job->head.size, "a stored batch is in no leaf of the log");
		return;
	}
	if (core_failed(
		slice->core, records_verify_batch(slice->core->store, slice->seqs[i], &finding)))
		return;
	job->records += slice->stored[i];
	if (finding != ERR_NONE)
		lie(job, job->sealed[at].leaf,
		    "stored records are not the ones under its sealed root");
}

/* True when there are no more. */
static bool
verify_batches(struct core *core, struct verify_job *job)
{
	struct batch_slice slice = {.core = core, .job = job};
	uint32_t i;

	if (core_failed(core,
		records_batch_each(core->store, job->batch, SLICE_BATCHES, list_batch, &slice)))
		return true;
	for (i = 0; i < slice.count && !job->is_lie; i++) {
		check_batch(&slice, i);
		job->batch = slice.seqs[i];
	}
	return slice.count == 0;
}

static bool
start_job(struct core *core, uint64_t client)
{
	api_log_forget(core);
	core->verify = calloc(1, sizeof(*core->verify));
	if (core->verify == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return false;
	}
	core->verify->client = client;
	tree_frontier_init(&core->verify->frontier);
	tree_frontier_root(&core->verify->frontier, &core->verify->roots[0]);
	events_head_committed(core->store, &core->verify->head);
	return true;
}

enum reason
api_log_verify(struct api_call *call)
{
	struct core *core = call->core;
	struct verify_arguments arguments;
	struct verify_body body = {0};
	struct verify_job *job;
	bool done = false;

	if (!api_arguments(call, &request_verify_schema, &arguments))
		return REASON_BAD_REQUEST;
	if (arguments.from == 0 && !start_job(core, call->client))
		return REASON_STORAGE;
	job = core->verify;
	if (job == NULL || job->client != call->client) {
		(void)snprintf(call->words, sizeof(call->words),
		    "another verification began meanwhile: begin again");
		return REASON_BUSY;
	}
	if (!job->leaves_done)
		verify_leaves(core, job);
	else
		done = verify_batches(core, job);
	body.size = job->head.size;
	body.checked = job->next;
	body.signatures = job->signatures;
	body.records = job->records;
	body.is_lie = job->is_lie;
	body.lie = job->lie;
	if (job->is_lie)
		(void)snprintf(call->words, sizeof(call->words), "%s", job->words);
	if (done || job->is_lie)
		memcpy(body.root, job->head.root.bytes, sizeof(body.root));
	else
		body.next = job->next > 0 ? job->next : 1;
	return api_body(call, &request_verify_body_schema, &body);
}
