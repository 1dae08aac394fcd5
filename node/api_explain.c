/*
 * api_explain: why a stored record did or did not go to a peer, or was taken from one: every rule
 * with what it asked and what was there, and what happened.  The decision is the send path's own,
 * made again now; what was decided when it left stands in the log.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "node/api_find.h"
#include "node/directory.h"
#include "node/preview.h"
#include "node/ruling.h"
#include "policy/explain.h"
#include "store/approvals.h"

#define DELIVERIES_MOST 64u
#define APPROVALS_MOST 64u
#define LEAVES_MOST 4096u /* of one moment, to look through for an envelope */
#define SOURCE_BYTES_MAX 256u
/* who may be told values of a record, if cleared for it; an auditor sees rules and ids */
#define READING_ROLES (ROLE_ANALYST | ROLE_PUBLISHER | ROLE_APPROVER | ROLE_POLICY_ADMIN)

/* One envelope with the record, to look up what was decided as it left. */
struct sent {
	uint64_t number;
	uint64_t sent_ms;
	struct hash envelope;
};

struct explain {
	struct api_call *call;
	struct explain_body body;
	const struct policy *policy;
	struct policy *candidate; /* `policy`, where it is not the one in force; owned */
	const struct member *peer;
	enum rule_direction direction;
	struct found found;
	uint32_t sent_count;
	struct sent sent[DELIVERIES_MOST];
	struct explanation words;
	struct bytes decision, rules, deliveries, ways, logged, approvals;
};

/* ---------------------------------------------------------------- the rules */

/* The line of the policy's text, without the blanks around it. */
static struct bytes_view
source_line(const struct policy *policy, uint32_t line)
{
	const uint8_t *at = policy->text.data, *end = at + policy->text.len, *stop;

	while (line > 1 && at < end) {
		if (*at++ == '\n')
			line--;
	}
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	for (stop = at; stop < end && *stop >= 0x20 && stop - at < (ptrdiff_t)SOURCE_BYTES_MAX;)
		stop++;
	if (stop < end && *stop >= 0x20) { /* cut: not within a character */
		while (stop > at && (*stop & 0xc0) == 0x80)
			stop--;
	}
	return bytes_view_of(at, (size_t)(stop - at));
}

static void
add_rule(struct explain *explain, const struct rule *rule, const struct decision *decision,
    uint32_t i, const struct match_context *context)
{
	struct core *core = explain->call->core;
	const struct predicate *failed = NULL;
	struct explain_rule row = {.line = rule->line,
	    .action = rule->action,
	    .name = bytes_view_str(rule->name),
	    .approvers = rule->action == RULE_HOLD ? rule->approvers : 0,
	    .redacted = rule->redacted,
	    .trace = decision->trace[i],
	    .source = source_line(explain->policy, rule->line)};

	if (decision->trace[i] == DECIDE_OTHER_PARTY)
		failed = &rule->party;
	else if (decision->trace[i] == DECIDE_NO_MATCH)
		failed = &rule->where;
	if (failed != NULL) {
		if (core_failed(core, explain_node(failed, decision->decider[i], &core->record,
					  context, &explain->words)))
			return;
		row.condition = bytes_as_view(&explain->words.condition);
		row.is_of_peer = explain->words.is_of_peer;
		if (!explain->body.is_hidden || row.is_of_peer)
			row.value = bytes_as_view(&explain->words.value);
	}
	(void)core_failed(core, schema_list_add(&explain->body.rules, &explain->rules,
				    &request_preview_rule_schema, &row));
}

/* core->record is the record; what decide_input borrows lasts until the next one is made. */
static void
add_decision(struct explain *explain)
{
	const struct policy_rules *rules = policy_rules_of(explain->policy, explain->direction);
	struct core *core = explain->call->core;
	const struct record_row *row = &explain->found.row;
	bool is_out = explain->direction == RULE_OUTBOUND;
	struct preview preview = {0};
	struct decision_body decision;
	struct match_context context;
	struct decide_input input;
	uint32_t i;

	if (is_out)
		preview_outbound(core, explain->policy, &core->record, &row->via, row->seq,
		    explain->peer, &preview);
	judge_input(core, explain->direction, &core->record, is_out ? &row->via : NULL,
	    is_out ? row->seq : 0, &explain->peer->org, core->now_ms, &input);
	context = decide_context(explain->policy, &input);
	preview.decision = judge_decide(core, explain->policy, explain->direction, &core->record,
	    is_out ? &row->via : NULL, is_out ? row->seq : 0, &explain->peer->org, core->now_ms);
	preview_decision_body(&preview.decision, &decision);
	decision.way = preview.way;
	(void)core_failed(
	    core, schema_encode(&request_preview_decision_schema, &decision, &explain->decision));
	for (i = 0; i < rules->count && core->failed == ERR_NONE; i++)
		add_rule(explain, &rules->at[i], &preview.decision, i, &context);
}

/* ---------------------------------------------------------------- what happened */

static enum err
add_delivery(void *context, const struct delivery_row *row)
{
	struct explain *explain = context;
	struct show_delivery delivery = {.number = row->number,
	    .state = row->state,
	    .sent_ms = row->sent_ms,
	    .settled_ms = row->settled_ms};

	if (memcmp(&row->peer, &explain->peer->org, sizeof(row->peer)) != 0 ||
	    explain->sent_count == DELIVERIES_MOST)
		return ERR_NONE;
	if (row->state == DELIVERY_RECEIPTED)
		delivery.outcome = api_find_outcome(row, explain->found.row.position);
	memcpy(delivery.org, row->peer.bytes, sizeof(delivery.org));
	memcpy(delivery.envelope, row->envelope.bytes, sizeof(delivery.envelope));
	explain->sent[explain->sent_count++] =
	    (struct sent){row->number, row->sent_ms, row->envelope};
	return schema_list_add(
	    &explain->body.deliveries, &explain->deliveries, &request_delivery_schema, &delivery);
}

static enum err
add_way(void *context, const struct received_row *row)
{
	struct explain *explain = context;
	struct show_way way = {.number = row->number, .time_ms = row->time_ms};

	if (memcmp(&row->peer, &explain->peer->org, sizeof(row->peer)) != 0 ||
	    explain->body.ways.count == DELIVERIES_MOST)
		return ERR_NONE;
	memcpy(way.org, row->peer.bytes, sizeof(way.org));
	memcpy(way.envelope, row->envelope.bytes, sizeof(way.envelope));
	return schema_list_add(&explain->body.ways, &explain->ways, &request_way_schema, &way);
}

/* Looks for the leaf of one envelope. */
struct leaf_search {
	struct explain *explain;
	const struct sent *sent;
	uint64_t time_ms; /* of the leaf that was looked at */
	bool is_found;
};

static enum err
look_at_time(void *context, const struct event_row *row)
{
	struct leaf_search *search = context;
	struct event event;

	if (event_leaf_decode(row->leaf, &event) != ERR_NONE)
		return ERR_CORRUPT;
	search->time_ms = event.time_ms;
	return ERR_NONE;
}

static enum err
look_at_leaf(void *context, const struct event_row *row)
{
	struct leaf_search *search = context;
	struct explain *explain = search->explain;
	struct explain_logged logged = {.number = search->sent->number};
	struct event_details details;
	struct event event;

	if (event_leaf_decode(row->leaf, &event) != ERR_NONE ||
	    event.time_ms > search->sent->sent_ms)
		return ERR_NO;
	if (event.type != EVENT_ENVELOPE_SENT ||
	    memcmp(event.object, search->sent->envelope.bytes, sizeof(event.object)) != 0)
		return ERR_NONE;
	if (!row->has_details || event_details_decode(row->details, &details) != ERR_NONE)
		return ERR_NO;
	logged.time_ms = event.time_ms;
	logged.leaf = event.index;
	logged.rule = details.text;
	memcpy(logged.policy, details.policy.bytes, sizeof(logged.policy));
	search->is_found = true;
	if (core_failed(
		explain->call->core, schema_list_add(&explain->body.logged, &explain->logged,
					 &request_preview_logged_schema, &logged)))
		return ERR_NO;
	return ERR_NO;
}

/* What was decided as it left, where this epoch of the log has it: leaves rise by their time,
   unless somebody puts the clock back, and then there is nothing to tell. */
static void
find_logged(struct explain *explain, const struct sent *sent)
{
	struct leaf_search search = {explain, sent, 0, false};
	struct core *core = explain->call->core;
	uint64_t low = 0, high, middle;
	struct head head;
	enum err err = ERR_NONE;

	events_head(core->store, &head);
	high = head.size;
	while (low < high && err == ERR_NONE) {
		middle = low + (high - low) / 2;
		err = events_get(core->store, middle, look_at_time, &search);
		if (search.time_ms < sent->sent_ms)
			low = middle + 1;
		else
			high = middle;
	}
	if (err == ERR_NONE)
		err = events_each(core->store, low, LEAVES_MOST, look_at_leaf, &search);
	if (err != ERR_NO && err != ERR_NOT_FOUND)
		(void)core_failed(core, err);
}

static enum err
add_approval(void *context, const struct approval_row *row)
{
	struct explain *explain = context;
	struct core *core = explain->call->core;
	struct explain_approval approval = {.operator_name = row->operator,
	    .is_rejection = row->is_rejection,
	    .given_ms = row->given_ms,
	    .counts = approvals_count_at(row, &explain->policy->hash, core->now_ms)};

	if (explain->body.approvals.count == APPROVALS_MOST)
		return ERR_NONE;
	memcpy(approval.policy, row->policy.bytes, sizeof(approval.policy));
	return schema_list_add(&explain->body.approvals, &explain->approvals,
	    &request_preview_approval_schema, &approval);
}

static void
add_history(struct explain *explain)
{
	const struct record_row *row = &explain->found.row;
	struct core *core = explain->call->core;
	enum outbox_state state = OUTBOX_WAITING;
	uint32_t records = 0, i;
	enum err err;

	if (explain->direction == RULE_INBOUND) {
		(void)core_failed(
		    core, deliveries_received_of_batch(core->store, row->batch, add_way, explain));
		return;
	}
	if (core_failed(core, deliveries_of_record(
				  core->store, row->batch, row->position, add_delivery, explain)) ||
	    core_failed(core,
		approvals_each(core->store, row->seq, &explain->peer->org, add_approval, explain)))
		return;
	for (i = 0; i < explain->sent_count && core->failed == ERR_NONE; i++)
		find_logged(explain, &explain->sent[i]);
	err = deliveries_outbox_of(core->store, &explain->peer->org, row->batch, &records, &state);
	if (err != ERR_NOT_FOUND && !core_failed(core, err))
		*(state == OUTBOX_HELD ? &explain->body.held : &explain->body.waiting) = records;
}

/* ---------------------------------------------------------------- one request */

/* Rules, ids and decisions are for whoever has a role that asks; values of the record only for
   those who may read it. */
static enum reason
find_reader(struct explain *explain)
{
	struct api_call *call = explain->call;
	enum reason reason = REASON_CLEARANCE;

	if ((call->operator.roles & READING_ROLES) != 0)
		reason = judge_read(
		    call->core, &call->core->record, &call->operator, explain->found.row.writer);
	if (reason == REASON_STORED)
		return reason;
	explain->body.is_hidden = true;
	return (call->operator.roles & ROLE_AUDITOR) != 0 ? REASON_STORED : reason;
}

static enum reason
explain_record(struct explain *explain)
{
	struct core *core = explain->call->core;
	struct explain_body *body = &explain->body;
	const struct record_row *row = &explain->found.row;

	memcpy(body->id, row->id.bytes, sizeof(body->id));
	memcpy(body->author, row->author.bytes, sizeof(body->author));
	memcpy(body->via, row->via.bytes, sizeof(body->via));
	memcpy(body->policy, explain->policy->hash.bytes, sizeof(body->policy));
	body->tlp = row->tlp;
	body->received_ms = row->received_ms;
	body->policy_name = bytes_view_str(explain->policy->name);
	body->is_in_force = digest_is_equal(&explain->policy->hash, &core->policy->hash);
	add_decision(explain);
	body->decision = bytes_as_view(&explain->decision);
	if (core->failed == ERR_NONE)
		add_history(explain);
	if (core->failed != ERR_NONE)
		return REASON_STORAGE;
	if (!body->is_hidden)
		api_find_note_read(explain->call, &explain->found);
	return api_body(explain->call, &request_preview_explain_body_schema, body);
}

static enum reason
run_explain(struct explain *explain, const struct explain_arguments *arguments)
{
	struct api_call *call = explain->call;
	struct org_id org;
	enum reason reason;

	memcpy(org.bytes, arguments->org, sizeof(org.bytes));
	explain->direction = arguments->is_inbound ? RULE_INBOUND : RULE_OUTBOUND;
	explain->peer = directory_find(call->core, &org);
	if (explain->peer == NULL)
		return REASON_UNKNOWN_ORG;
	reason = api_find_record(call, arguments->id, &explain->found);
	if (reason == REASON_STORED)
		reason = find_reader(explain);
	return reason == REASON_STORED ? explain_record(explain) : reason;
}

/* Another policy than the one in force, where one was given. */
static enum reason
choose_policy(struct explain *explain, const struct explain_arguments *arguments)
{
	struct api_call *call = explain->call;
	enum reason reason;

	explain->policy = call->core->policy;
	if (arguments->policy.len == 0)
		return REASON_STORED;
	reason = ruling_read(call->core, arguments->policy, arguments->lists, &explain->candidate,
	    NULL, call->words, sizeof(call->words));
	explain->policy = explain->candidate;
	return reason;
}

enum reason
api_explain(struct api_call *call)
{
	struct explain_arguments arguments;
	struct explain explain = {.call = call};
	enum reason reason;

	if (!api_arguments(call, &request_preview_explain_schema, &arguments))
		return REASON_BAD_REQUEST;
	api_find_init(&explain.found);
	explain_init(&explain.words);
	bytes_init(&explain.decision, 512);
	bytes_init(&explain.rules, REQUEST_BYTES_MAX);
	bytes_init(&explain.deliveries, 16384);
	bytes_init(&explain.ways, 16384);
	bytes_init(&explain.logged, 16384);
	bytes_init(&explain.approvals, 16384);
	reason = choose_policy(&explain, &arguments);
	if (reason == REASON_STORED)
		reason = run_explain(&explain, &arguments);
	policy_free(explain.candidate);
	api_find_release(&explain.found);
	explain_release(&explain.words);
	bytes_release(&explain.decision);
	bytes_release(&explain.rules);
	bytes_release(&explain.deliveries);
	bytes_release(&explain.ways);
	bytes_release(&explain.logged);
	bytes_release(&explain.approvals);
	return reason;
}
