/*
 * api_plan: who would get a stored record, or the records that drafts would become: asked of the
 * send path itself, and grouped by peers and records about which the same is decided.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/api_find.h"
#include "node/directory.h"
#include "node/preview.h"
#include "node/sealer.h"

#define PLAN_DECISIONS_MOST 16384u /* of one request: some 20 ms; the client asks again */
#define PLAN_OUTCOMES_MOST 1024u   /* different ones, as many as there can be rules and reasons */

/* What is decided about one peer, of which records. */
struct cell {
	uint32_t member;
	uint32_t outcome;
	int32_t next; /* of the same peer; -1: none */
	bool is_told;
	uint8_t records[BATCH_COUNT_MAX / 8];
};

struct plan {
	struct api_call *call;
	struct plan_body body;
	const struct member *only; /* NULL: every peer */
	int32_t *newest;           /* cell by member; -1: none */
	struct cell *cells;
	uint32_t cells_count, cells_cap;
	struct decision_body *outcomes;
	uint32_t outcomes_count;
	uint32_t count;     /* records that were looked at; while drafts are, which one */
	uint32_t decisions; /* made */
	uint32_t stop;      /* the first draft that is left for the next request */
	struct bytes records;
	struct bytes groups;
	struct bytes decision;
	struct bytes peers;
};

/* ---------------------------------------------------------------- collecting */

static uint32_t
outcome_of(struct plan *plan, const struct decision_body *decision)
{
	uint32_t i;

	for (i = 0; i < plan->outcomes_count; i++) {
		if (preview_is_same(&plan->outcomes[i], decision))
			return i;
	}
	if (plan->outcomes_count == PLAN_OUTCOMES_MOST) {
		(void)core_failed(plan->call->core, ERR_TOO_LARGE);
		return 0;
	}
	plan->outcomes[plan->outcomes_count] = *decision;
	return plan->outcomes_count++;
}

static struct cell *
add_cell(struct plan *plan, uint32_t member, uint32_t outcome)
{
	struct cell *cell;

	if (plan->cells_count == plan->cells_cap) {
		uint32_t cap = plan->cells_cap == 0 ? 256 : plan->cells_cap * 2;
		struct cell *grown = realloc(plan->cells, cap * sizeof(*grown));

		if (grown == NULL) {
			(void)core_failed(plan->call->core, ERR_MEMORY);
			return NULL;
		}
		plan->cells = grown;
		plan->cells_cap = cap;
	}
	cell = &plan->cells[plan->cells_count];
	memset(cell, 0, sizeof(*cell));
	cell->member = member;
	cell->outcome = outcome;
	cell->next = plan->newest[member];
	plan->newest[member] = (int32_t)plan->cells_count++;
	return cell;
}

static void
note(struct plan *plan, uint32_t member, const struct decision_body *decision)
{
	uint32_t outcome = outcome_of(plan, decision);
	struct cell *cell = NULL;
	int32_t at;

	for (at = plan->newest[member]; at >= 0; at = plan->cells[at].next) {
		if (plan->cells[at].outcome == outcome) {
			cell = &plan->cells[at];
			break;
		}
	}
	if (cell == NULL)
		cell = add_cell(plan, member, outcome);
	if (cell != NULL)
		cell->records[plan->count / 8] |= (uint8_t)(1u << plan->count % 8);
}

/* The record stands in core->record. */
static void
ask_all(struct plan *plan, const struct org_id *via, int64_t row)
{
	struct core *core = plan->call->core;
	struct decision_body decision;
	struct preview preview;
	uint32_t i;

	for (i = 0; i < core->members_count && core->failed == ERR_NONE; i++) {
		const struct member *member = core->members[i];

		if (plan->only != NULL ? member != plan->only : !judge_is_receiver(member))
			continue;
		preview_outbound(core, core->policy, &core->record, via, row, member, &preview);
		preview_body(&preview, &decision);
		note(plan, i, &decision);
	}
}

static void
add_record(struct plan *plan, enum reason reason, const struct record_id *id)
{
	struct submit_outcome outcome = {.reason = reason};

	if (id != NULL)
		memcpy(outcome.id, id->bytes, sizeof(outcome.id));
	(void)core_failed(plan->call->core, schema_list_add(&plan->body.records, &plan->records,
						&request_outcome_schema, &outcome));
	plan->count++;
}

/* ---------------------------------------------------------------- what is asked about */

static enum reason
plan_stored(struct plan *plan, struct bytes_view id)
{
	struct api_call *call = plan->call;
	struct found found;
	enum reason reason;

	api_find_init(&found);
	reason = id.len < 8 ? REASON_BAD_REQUEST : api_find_record(call, id, &found);
	if (reason == REASON_STORED)
		reason =
		    judge_read(call->core, &call->core->record, &call->operator, found.row.writer);
	if (reason == REASON_STORED) {
		ask_all(plan, &found.row.via, found.row.seq);
		add_record(plan, REASON_STORED, &found.row.id);
		api_find_note_read(call, &found);
	}
	api_find_release(&found);
	return reason;
}

/* One that would be sealed, in core->record. */
static void
plan_draft(void *context, uint32_t draft)
{
	struct plan *plan = context;
	const struct core *core = plan->call->core;

	if (plan->decisions >= PLAN_DECISIONS_MOST) {
		plan->stop = draft < plan->stop ? draft : plan->stop;
		return;
	}
	plan->decisions += plan->only != NULL ? 1 : core->members_count;
	plan->count = draft;
	ask_all(plan, &core->org, 0);
}

/* A dry run of the sealer, which shows each draft that it would seal. */
static enum reason
plan_drafts(struct plan *plan, struct schema_list drafts)
{
	struct core *core = plan->call->core;
	struct sealer_outcome *outcomes = calloc(BATCH_COUNT_MAX, sizeof(*outcomes));
	const struct sealer_request request = {.drafts = drafts,
	    .writer = plan->call->operator.name,
	    .is_dry_run = true,
	    .preview = plan_draft,
	    .context = plan};
	uint32_t count, seals, i;

	if (outcomes == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return REASON_STORAGE;
	}
	plan->stop = BATCH_COUNT_MAX;
	sealer_submit(core, &request, outcomes, &count, &seals);
	plan->count = 0;
	for (i = 0; i < count && i < plan->stop && core->failed == ERR_NONE; i++)
		add_record(plan, outcomes[i].reason,
		    outcomes[i].reason == REASON_DUPLICATE ? &outcomes[i].id : NULL);
	plan->body.next = plan->stop < count ? plan->stop : 0;
	free(outcomes);
	return core->failed == ERR_NONE ? REASON_STORED : REASON_STORAGE;
}

/* ---------------------------------------------------------------- telling */

/* This cell's peer, and those about which the same is decided of the same records. */
static void
gather_peers(struct plan *plan, const struct cell *cell)
{
	struct core *core = plan->call->core;
	struct cell *other;

	bytes_clear(&plan->peers);
	for (other = plan->cells + (cell - plan->cells); other < plan->cells + plan->cells_count;
	     other++) {
		if (other->is_told || other->outcome != cell->outcome ||
		    memcmp(other->records, cell->records, sizeof(cell->records)) != 0)
			continue;
		other->is_told = true;
		bytes_append(
		    &plan->peers, core->members[other->member]->org.bytes, sizeof(struct org_id));
	}
}

static enum reason
plan_answer(struct plan *plan)
{
	struct core *core = plan->call->core;
	struct plan_group group;
	enum err err;
	uint32_t i;

	for (i = 0; i < plan->cells_count; i++) {
		const struct cell *cell = &plan->cells[i];

		if (cell->is_told)
			continue;
		gather_peers(plan, cell);
		bytes_clear(&plan->decision);
		if (core_failed(core, schema_encode(&request_preview_decision_schema,
					  &plan->outcomes[cell->outcome], &plan->decision)))
			return REASON_STORAGE;
		group =
		    (struct plan_group){bytes_as_view(&plan->decision), bytes_as_view(&plan->peers),
			bytes_view_of(cell->records, (plan->count + 7) / 8)};
		err = plan->peers.err != ERR_NONE
			  ? plan->peers.err
			  : schema_list_add(&plan->body.groups, &plan->groups,
				&request_preview_group_schema, &group);
		if (err == ERR_TOO_LARGE) {
			(void)snprintf(plan->call->words, sizeof(plan->call->words),
			    "too much differs from peer to peer: ask about one of them");
			return REASON_OVERSIZED;
		}
		if (core_failed(core, err))
			return REASON_STORAGE;
	}
	memcpy(plan->body.policy, core->policy->hash.bytes, sizeof(plan->body.policy));
	plan->body.policy_name = bytes_view_str(core->policy->name);
	return api_body(plan->call, &request_preview_plan_body_schema, &plan->body);
}

static enum reason
run_plan(struct plan *plan, const struct plan_arguments *arguments)
{
	static const uint8_t everybody[32];
	struct core *core = plan->call->core;
	struct org_id org;
	enum reason reason;
	uint32_t i;

	memcpy(org.bytes, arguments->org, sizeof(org.bytes));
	if (memcmp(org.bytes, everybody, sizeof(everybody)) != 0) {
		plan->only = directory_find(core, &org);
		if (plan->only == NULL)
			return REASON_UNKNOWN_ORG;
	}
	for (i = 0; i < core->members_count; i++)
		plan->newest[i] = -1;
	if (arguments->id.len > 0)
		reason = plan_stored(plan, arguments->id);
	else
		reason = plan_drafts(plan, arguments->drafts);
	return reason == REASON_STORED ? plan_answer(plan) : reason;
}

enum reason
api_plan(struct api_call *call)
{
	struct plan_arguments arguments;
	struct plan plan = {.call = call};
	enum reason reason = REASON_STORAGE;

	if (!api_arguments(call, &request_preview_plan_schema, &arguments))
		return REASON_BAD_REQUEST;
	plan.newest = calloc(call->core->members_count + 1u, sizeof(*plan.newest));
	plan.outcomes = calloc(PLAN_OUTCOMES_MOST, sizeof(*plan.outcomes));
	bytes_init(&plan.records, REQUEST_BYTES_MAX);
	bytes_init(&plan.groups, REQUEST_BYTES_MAX);
	bytes_init(&plan.decision, 512);
	bytes_init(&plan.peers, PEERS_MAX * sizeof(struct org_id));
	if (plan.newest == NULL || plan.outcomes == NULL)
		(void)core_failed(call->core, ERR_MEMORY);
	else
		reason = run_plan(&plan, &arguments);
	free(plan.newest);
	free(plan.outcomes);
	free(plan.cells);
	bytes_release(&plan.records);
	bytes_release(&plan.groups);
	bytes_release(&plan.decision);
	bytes_release(&plan.peers);
	return reason;
}
