#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/tree.h"
#include "node/api_find.h"
#include "node/directory.h"
#include "node/history.h"
#include "node/hold.h"
#include "node/journal.h"
#include "node/judge.h"
#include "node/sealer.h"
#include "policy/match.h"
#include "store/search.h"
#include "store/standing.h"

/* an answer's own headers, and room for one row's other fields */
#define PAGE_BYTES_MAX (REQUEST_BYTES_MAX - 1024u)
#define ROW_OVERHEAD 96u
#define HISTORY_BYTES_MAX 12288u

/* ---------------------------------------------------------------- share, import */

static enum reason
submit_answer(struct api_call *call, const struct sealer_outcome *outcomes, uint32_t count,
    uint32_t seals, bool is_brief)
{
	struct submit_body body = {.seals = seals};
	struct bytes items;
	enum reason reason = REASON_STORED;
	uint32_t i;

	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < count && reason == REASON_STORED; i++) {
		struct submit_outcome outcome = {.reason = outcomes[i].reason,
		    .peers = outcomes[i].peers,
		    .held = outcomes[i].held,
		    .words = bytes_view_str(outcomes[i].words)};

		if (!is_brief)
			memcpy(outcome.id, outcomes[i].id.bytes, sizeof(outcome.id));
		if (core_failed(call->core,
			schema_list_add(&body.outcomes, &items, &request_outcome_schema, &outcome)))
			reason = REASON_STORAGE;
	}
	if (reason == REASON_STORED)
		reason = api_body(call, &request_submit_body_schema, &body);
	bytes_release(&items);
	return reason;
}

static enum reason
submit(struct api_call *call, bool is_act)
{
	struct submit_arguments arguments;
	struct sealer_outcome *outcomes;
	struct sealer_request request;
	uint32_t count = 0, seals = 0;
	enum reason reason;

	if (!api_arguments(call, &request_submit_schema, &arguments))
		return REASON_BAD_REQUEST;
	outcomes = calloc(BATCH_COUNT_MAX, sizeof(*outcomes));
	if (outcomes == NULL) {
		(void)core_failed(call->core, ERR_MEMORY);
		return REASON_STORAGE;
	}
	request = (struct sealer_request){.drafts = arguments.drafts,
	    .prepared = call->prepared,
	    .writer = call->operator.name,
	    .asks_approver = arguments.asks_approver,
	    .is_dry_run = arguments.is_dry_run,
	    .is_act = is_act};
	sealer_submit(call->core, &request, outcomes, &count, &seals);
	reason = call->core->failed == ERR_NONE
		     ? submit_answer(call, outcomes, count, seals, arguments.is_brief)
		     : REASON_STORAGE;
	free(outcomes);
	return reason;
}

enum reason
api_records_submit(struct api_call *call)
{
	return submit(call, false);
}

enum reason
api_records_relate(struct api_call *call)
{
	return submit(call, true);
}

/* ---------------------------------------------------------------- query */

/* Rows that one answer looks at: it may come back with fewer than were asked for, and a cursor,
   so that nobody waits for a question about everything. */
#define EXAMINED_MOST 8192u

struct page {
	struct api_call *call;
	const struct predicate *predicate;
	struct query_body body;
	struct bytes items;
	uint64_t limit; /* 0: they are counted only */
	uint32_t examined;
	int64_t last; /* seq of the last row that was looked at */
	bool is_full;
	bool is_quarantined;                /* those alone are asked for; else they are left out */
	struct journal_records *restricted; /* RED and AMBER+STRICT ones that are shown */
};

/* The row is in core->record. */
static bool
is_match(const struct page *page, const struct record_row *row)
{
	const struct core *core = page->call->core;
	const struct match_context context = {
	    .now_ms = core->now_ms, .received_ms = row->received_ms};

	return row->is_certain || page->predicate == NULL ||
	       match_predicate(page->predicate, &core->record, &context);
}

static enum err
add_row(void *context, const struct record_row *row)
{
	struct page *page = context;
	struct core *core = page->call->core;
	struct query_row out = {
	    .seq = (uint64_t)row->seq, .received_ms = row->received_ms, .record = row->body};
	struct standing standing;
	enum err err;

	if (page->limit > 0 &&
	    (page->body.rows.count == page->limit ||
		page->items.len + row->body.len + ROW_OVERHEAD > PAGE_BYTES_MAX)) {
		page->is_full = true;
		return ERR_NO; /* stop: the next page goes on here */
	}
	err = record_decode(row->body, false, &core->record, NULL);
	if (err != ERR_NONE)
		return ERR_CORRUPT;
	page->last = row->seq;
	page->is_full = ++page->examined == EXAMINED_MOST;
	if (!is_match(page, row))
		return ERR_NONE;
	err = standing_get(core->store, row->seq, &standing);
	if (err != ERR_NONE || (standing.quarantined_ms != 0) != page->is_quarantined)
		return err;
	if (page->limit == 0) {
		page->body.count++;
		return ERR_NONE;
	}
	if (judge_read(core, &core->record, &page->call->operator, row->writer) != REASON_STORED) {
		page->body.hidden++;
		return ERR_NONE;
	}
	if (row->tlp >= TLP_AMBER_STRICT)
		journal_record(page->restricted, &row->id, REASON_STORED);
	out.disputes = standing.disputes;
	memcpy(out.via, row->via.bytes, sizeof(out.via));
	return schema_list_add(&page->body.rows, &page->items, &request_row_schema, &out);
}

/* What the question is to blame for costs the node nothing but an answer. */
static enum reason
query_failed(struct api_call *call, enum err err)
{
	if (err != ERR_INVALID && err != ERR_MISSING && err != ERR_TOO_LARGE) {
		(void)core_failed(call->core, err);
		return REASON_STORAGE;
	}
	if (err == ERR_INVALID) {
		(void)snprintf(call->words, sizeof(call->words),
		    "the predicate: only a policy "
		    "can ask about lists and peers: leave that out");
		return REASON_NOT_SUPPORTED;
	}
	(void)snprintf(call->words, sizeof(call->words), "the predicate: %s", err_text(err));
	return REASON_BAD_REQUEST;
}

/* ERR_NONE: what the columns tell needs nobody to look at records, and is the answer. */
static enum reason
count_matches(struct page *page, const struct query_arguments *arguments, bool *is_certain)
{
	struct core *core = page->call->core;
	enum err err = ERR_NONE;

	*is_certain = false;
	if (arguments->after == 0 && !arguments->is_quarantined)
		err = search_count(
		    core->store, page->predicate, core->now_ms, &page->body.count, is_certain);
	return err == ERR_NONE ? REASON_STORED : query_failed(page->call, err);
}

static enum reason
fill_page(struct page *page, const struct query_arguments *arguments)
{
	struct core *core = page->call->core;
	struct search_query query = {.predicate = page->predicate,
	    .now_ms = core->now_ms,
	    .after = (int64_t)arguments->after,
	    .most = EXAMINED_MOST,
	    .is_descending = arguments->is_descending};
	enum err err = search_records(core->store, &query, add_row, page);

	if (err == ERR_NO)
		err = ERR_NONE;
	if (err != ERR_NONE)
		return query_failed(page->call, err);
	page->body.next = page->is_full ? (uint64_t)page->last : 0;
	return REASON_STORED;
}

static enum reason
answer_query(struct page *page, const struct query_arguments *arguments)
{
	enum reason reason = REASON_STORED;
	bool is_certain = false;

	page->limit = arguments->is_count ? 0 : arguments->limit;
	if (arguments->is_count)
		reason = count_matches(page, arguments, &is_certain);
	if (reason == REASON_STORED && !is_certain)
		reason = fill_page(page, arguments);
	if (reason != REASON_STORED)
		return reason;
	api_find_journal_read(page->call, page->restricted);
	return api_body(page->call, &request_query_body_schema, &page->body);
}

enum reason
api_records_query(struct api_call *call)
{
	struct query_arguments arguments;
	struct predicate *predicate = NULL;
	struct page page = {.call = call};
	enum reason reason = REASON_STORAGE;

	if (!api_arguments(call, &request_query_schema, &arguments))
		return REASON_BAD_REQUEST;
	if (arguments.predicate.len > 0) {
		enum err err;

		predicate = malloc(sizeof(*predicate));
		err = predicate == NULL ? ERR_MEMORY
					: predicate_decode(arguments.predicate, predicate);
		if (err != ERR_NONE) {
			(void)snprintf(
			    call->words, sizeof(call->words), "the predicate: %s", err_text(err));
			free(predicate);
			return REASON_BAD_REQUEST;
		}
	}
	page.predicate = predicate;
	page.is_quarantined = arguments.is_quarantined;
	page.restricted = calloc(1, sizeof(*page.restricted));
	bytes_init(&page.items, REQUEST_BYTES_MAX);
	if (page.restricted != NULL)
		reason = answer_query(&page, &arguments);
	bytes_release(&page.items);
	free(page.restricted);
	free(predicate);
	return reason;
}

/* ---------------------------------------------------------------- show */

struct shown {
	struct api_call *call;
	struct show_body body;
	struct found found;
	struct bytes ways;
	struct bytes deliveries;
	struct bytes seal;
	struct bytes versions;
	struct bytes disputes;
};

/* Whether the record stands under the sealed root: by its path, or with its whole batch. */
static enum reason
judge_place(struct core *core, const struct record_row *row, const struct seal *seal)
{
	struct hash *leaves, leaf, root;
	uint32_t count = 0;
	enum err err = ERR_PROOF;

	if (row->path.len > 0 || seal->size == 1) {
		tree_batch_leaf(&row->salt, &row->id, &leaf);
		return reason_of_err(tree_path_verify(&leaf, row->position, seal->size,
		    (const struct hash *)(const void *)row->path.data,
		    (uint32_t)(row->path.len / sizeof(struct hash)), &seal->root));
	}
	leaves = calloc(BATCH_COUNT_MAX, sizeof(*leaves));
	if (leaves == NULL)
		return REASON_STORAGE;
	if (records_leaves(core->store, row->batch, leaves, &count) == ERR_NONE &&
	    count == seal->size) {
		tree_root(leaves, count, &root);
		if (digest_is_equal(&root, &seal->root))
			err = ERR_NONE;
	}
	free(leaves);
	return err == ERR_NONE ? REASON_STORED : REASON_BAD_PROOF;
}

/* Origin: the author's seal, verified again now. */
static enum reason
judge_origin(struct shown *shown)
{
	struct core *core = shown->call->core;
	struct signed_thing thing;
	struct card_facts author;
	struct seal seal;
	enum reason reason;

	if (signed_decode(bytes_as_view(&shown->seal), SEAL_BYTES_MAX, &thing) != ERR_NONE ||
	    seal_decode(thing.statement, &seal) != ERR_NONE)
		return REASON_BAD_SEAL;
	shown->body.size = seal.size;
	shown->body.sealed_ms = seal.time_ms;
	shown->body.serial = seal.serial;
	if (memcmp(&seal.org, &core->record.author, sizeof(seal.org)) != 0)
		return REASON_WRONG_AUTHOR;
	if (!directory_card_at(core, &seal.org, seal.serial, &author))
		return REASON_UNKNOWN_AUTHOR;
	if (signed_verify_one(&thing, author.sign_key) != ERR_NONE)
		return REASON_BAD_SEAL;
	core->checked[TALLY_SEAL]++;
	reason = judge_place(core, &shown->found.row, &seal);
	return reason == REASON_STORED ? directory_card_counts(&author, seal.time_ms) : reason;
}

static enum reason
judge_distribution(struct shown *shown)
{
	struct core *core = shown->call->core;
	const struct member *via;
	enum rule_action action;
	const char *rule;

	if (memcmp(&shown->found.row.via, &core->org, sizeof(core->org)) == 0)
		return REASON_STORED; /* our own */
	via = directory_find(core, &shown->found.row.via);
	if (via == NULL)
		return REASON_UNKNOWN_PEER;
	return judge_inbound(core, &core->record, via, &rule, &action);
}

static enum err
add_way(void *context, const struct received_row *row)
{
	struct shown *shown = context;
	struct show_way way = {.number = row->number, .time_ms = row->time_ms};

	memcpy(way.org, row->peer.bytes, sizeof(way.org));
	memcpy(way.envelope, row->envelope.bytes, sizeof(way.envelope));
	if (shown->body.ways.count == 64)
		return ERR_NONE;
	return schema_list_add(&shown->body.ways, &shown->ways, &request_way_schema, &way);
}

static enum err
add_delivery(void *context, const struct delivery_row *row)
{
	struct shown *shown = context;
	struct show_delivery delivery = {.number = row->number,
	    .state = row->state,
	    .sent_ms = row->sent_ms,
	    .settled_ms = row->settled_ms};

	if (row->state == DELIVERY_RECEIPTED)
		delivery.outcome = api_find_outcome(row, shown->found.row.position);
	memcpy(delivery.org, row->peer.bytes, sizeof(delivery.org));
	memcpy(delivery.envelope, row->envelope.bytes, sizeof(delivery.envelope));
	return schema_list_add(
	    &shown->body.deliveries, &shown->deliveries, &request_delivery_schema, &delivery);
}

/* What became of it here. */
static bool
fill_standing(struct shown *shown)
{
	struct core *core = shown->call->core;
	const struct record_row *row = &shown->found.row;
	struct standing standing;

	if (core_failed(core, standing_get(core->store, row->seq, &standing)))
		return false;
	shown->body.quarantined_ms = standing.quarantined_ms;
	shown->body.hold = (uint64_t)hold_of(core, &core->record, &row->id, row->received_ms);
	return true;
}

/* Everything but the record itself: batch, seal, ways, deliveries, the four judgements. */
static enum reason
fill_shown(struct shown *shown)
{
	struct core *core = shown->call->core;
	struct show_body *body = &shown->body;
	struct batch_row batch;

	if (core_failed(core, records_batch_get(core->store, shown->found.row.batch, &batch)))
		return REASON_STORAGE;
	bytes_append(&shown->seal, batch.seal.data, batch.seal.len);
	body->record = shown->found.row.body;
	body->seq = (uint64_t)shown->found.row.seq;
	body->received_ms = shown->found.row.received_ms;
	memcpy(body->via, shown->found.row.via.bytes, sizeof(body->via));
	body->writer = shown->found.row.writer;
	body->position = shown->found.row.position;
	body->seal = bytes_as_view(&shown->seal);
	body->author_name = bytes_view_str(directory_name(core, &core->record.author));
	body->size = batch.size;
	body->origin = judge_origin(shown);
	body->time = judge_time(core, &core->record);
	body->form = REASON_STORED; /* it was decoded and re-hashed on the way here */
	body->distribution = judge_distribution(shown);
	if (!fill_standing(shown) ||
	    core_failed(core, deliveries_received_of_batch(
				  core->store, shown->found.row.batch, add_way, shown)) ||
	    core_failed(core, deliveries_of_record(core->store, shown->found.row.batch,
				  shown->found.row.position, add_delivery, shown)))
		return REASON_STORAGE;
	/* beside a record that fills the answer there is no room for what was said of it */
	if (shown->found.row.body.len + HISTORY_BYTES_MAX <= RECORD_BYTES_MAX)
		history_fill(
		    core, &shown->found.row.id, body, &shown->versions, &shown->disputes);
	if (core->failed != ERR_NONE)
		return REASON_STORAGE;
	return api_body(shown->call, &request_show_body_schema, body);
}

enum reason
api_records_show(struct api_call *call)
{
	struct show_arguments arguments;
	struct shown shown = {.call = call};
	enum reason reason;

	if (!api_arguments(call, &request_show_schema, &arguments))
		return REASON_BAD_REQUEST;
	api_find_init(&shown.found);
	bytes_init(&shown.ways, 16384);
	bytes_init(&shown.deliveries, REQUEST_BYTES_MAX);
	bytes_init(&shown.seal, SEAL_BYTES_MAX);
	bytes_init(&shown.versions, HISTORY_BYTES_MAX);
	bytes_init(&shown.disputes, HISTORY_BYTES_MAX);
	reason = api_find_record(call, arguments.id, &shown.found);
	if (reason == REASON_STORED)
		reason = judge_read(
		    call->core, &call->core->record, &call->operator, shown.found.row.writer);
	if (reason == REASON_STORED)
		reason = fill_shown(&shown);
	if (reason == REASON_STORED)
		api_find_note_read(call, &shown.found);
	api_find_release(&shown.found);
	bytes_release(&shown.ways);
	bytes_release(&shown.deliveries);
	bytes_release(&shown.seal);
	bytes_release(&shown.versions);
	bytes_release(&shown.disputes);
	return reason;
}
