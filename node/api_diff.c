/*
 * api_diff: which stored records another policy would let reach, or keep from, whom: in parts, so
 * that nobody else waits, over the store as it stands (compare.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/api.h"
#include "node/compare.h"
#include "node/directory.h"
#include "node/ruling.h"

#define PEERS_FEW 64u /* with more of them a part is shorter */
#define ROWS_WITH_MANY_PEERS 512u
#define ROWS_LEAST 64u

/* The two policies of one client's comparison. */
struct diff_job {
	uint64_t client;
	struct policy *policies[2];
};

struct answer_lists {
	struct bytes ids, groups, before, after, peers;
};

/* ---------------------------------------------------------------- the job */

void
api_diff_forget(struct core *core)
{
	if (core->diff != NULL) {
		policy_free(core->diff->policies[0]);
		policy_free(core->diff->policies[1]);
	}
	free(core->diff);
	core->diff = NULL;
}

bool
api_diff_is_of(const struct core *core, uint64_t client)
{
	return core->diff != NULL && core->diff->client == client;
}

static enum reason
read_policy(struct api_call *call, const struct diff_arguments *arguments, struct policy **out)
{
	static const struct hash in_force;
	struct core *core = call->core;
	struct hash hash;
	struct head head;
	enum err err;

	if (arguments->text.len > 0)
		return ruling_read(core, arguments->text, arguments->lists, out, NULL, call->words,
		    sizeof(call->words));
	memcpy(hash.bytes, arguments->hash, sizeof(hash.bytes));
	if (memcmp(&hash, &in_force, sizeof(hash)) == 0)
		hash = core->policy->hash;
	events_head(core->store, &head);
	err = ruling_open_at(core, &hash, head.size, out);
	if (err == ERR_NOT_FOUND)
		return REASON_NOT_FOUND;
	if (err == ERR_FORMAT) {
		(void)snprintf(call->words, sizeof(call->words),
		    "that policy cannot be read any more: see malla policy show");
		return REASON_NOT_SUPPORTED;
	}
	return core_failed(core, err) ? REASON_STORAGE : REASON_STORED;
}

/* One of the two policies; the first one begins anew. */
static enum reason
take_policy(struct api_call *call, const struct diff_arguments *arguments)
{
	struct core *core = call->core;
	struct policy *policy = NULL;
	struct diff_body body = {0};
	enum reason reason = read_policy(call, arguments, &policy);
	uint32_t at = arguments->step == DIFF_AFTER;

	if (reason != REASON_STORED)
		return reason;
	if (arguments->step == DIFF_BEFORE) {
		api_diff_forget(core);
		core->diff = calloc(1, sizeof(*core->diff));
		if (core->diff != NULL)
			core->diff->client = call->client;
	}
	if (!api_diff_is_of(core, call->client)) {
		policy_free(policy);
		if (core->diff == NULL && core_failed(core, ERR_MEMORY))
			return REASON_STORAGE;
		return REASON_BUSY;
	}
	policy_free(core->diff->policies[at]);
	core->diff->policies[at] = policy;
	memcpy(body.policy, policy->hash.bytes, sizeof(body.policy));
	body.policy_name = bytes_view_str(policy->name);
	return api_body(call, &request_preview_diff_body_schema, &body);
}

/* ---------------------------------------------------------------- a part of the answer */

/* The peers of this cell, and of those that say the same of the same records. */
static void
gather_peers(struct core *core, const struct compare_part *part, uint32_t cell, struct bytes *out)
{
	const struct compare_cell *first = &part->cells[cell];
	uint32_t i;

	bytes_clear(out);
	for (i = cell; i < part->cells_count; i++) {
		struct compare_cell *other = &part->cells[i];

		if (other->is_told || other->before != first->before ||
		    other->after != first->after ||
		    memcmp(other->records, first->records, (part->ids_count + 7) / 8) != 0)
			continue;
		other->is_told = true;
		bytes_append(out, core->members[other->peer]->org.bytes, sizeof(struct org_id));
	}
}

static enum err
add_group(struct answer_lists *lists, const struct compare_part *part,
    const struct compare_cell *cell, struct diff_body *body)
{
	struct diff_group group;
	enum err err;

	bytes_clear(&lists->before);
	bytes_clear(&lists->after);
	err = schema_encode(
	    &request_preview_decision_schema, &part->outcomes[cell->before], &lists->before);
	if (err == ERR_NONE)
		err = schema_encode(
		    &request_preview_decision_schema, &part->outcomes[cell->after], &lists->after);
	if (err == ERR_NONE)
		err = lists->peers.err;
	if (err != ERR_NONE)
		return err;
	group = (struct diff_group){bytes_as_view(&lists->before), bytes_as_view(&lists->after),
	    bytes_as_view(&lists->peers), bytes_view_of(cell->records, (part->ids_count + 7) / 8)};
	return schema_list_add(
	    &body->groups, &lists->groups, &request_preview_diff_group_schema, &group);
}

/* ERR_TOO_LARGE: it does not fit one answer. */
static enum err
fill_body(struct core *core, struct compare_part *part, struct answer_lists *lists,
    struct diff_body *body)
{
	uint64_t batches;
	uint32_t i;
	enum err err = records_totals(core->store, &body->total, &batches);

	body->examined = part->examined;
	body->next = (uint64_t)part->after;
	body->groups = (struct schema_list){0};
	bytes_clear(&lists->ids);
	bytes_clear(&lists->groups);
	if (part->ids_count > 0)
		bytes_append(&lists->ids, part->ids, part->ids_count * sizeof(*part->ids));
	for (i = 0; i < part->cells_count && err == ERR_NONE; i++) {
		if (part->cells[i].is_told)
			continue;
		gather_peers(core, part, i, &lists->peers);
		err = add_group(lists, part, &part->cells[i], body);
	}
	body->ids = bytes_as_view(&lists->ids);
	if (err == ERR_NONE && lists->ids.len + lists->groups.len > REQUEST_BYTES_MAX - 1024u)
		err = ERR_TOO_LARGE;
	return err == ERR_NONE ? lists->ids.err : err;
}

/* The next part, as long as it fits one answer. */
static enum reason
walk(struct api_call *call, struct compare *compare, const struct diff_arguments *arguments,
    struct answer_lists *lists)
{
	struct core *core = call->core;
	uint32_t rows = core->members_count > PEERS_FEW ? ROWS_WITH_MANY_PEERS : COMPARE_ROWS_MAX;
	struct diff_body body = {0};
	struct compare_part part;
	enum err err;

	for (;; rows /= 4) {
		part = (struct compare_part){.after = (int64_t)arguments->after};
		err = compare_next(compare, rows, &part);
		if (err == ERR_NONE)
			err = fill_body(core, &part, lists, &body);
		if (err != ERR_TOO_LARGE || rows <= ROWS_LEAST)
			break;
	}
	if (err == ERR_TOO_LARGE) {
		(void)snprintf(call->words, sizeof(call->words),
		    "too much differs from peer to peer: ask about one of them");
		return REASON_OVERSIZED;
	}
	if (core_failed(core, err))
		return REASON_STORAGE;
	return api_body(call, &request_preview_diff_body_schema, &body);
}

static enum reason
take_part(struct api_call *call, const struct diff_arguments *arguments)
{
	static const struct org_id everybody;
	struct core *core = call->core;
	struct answer_lists lists;
	struct compare *compare;
	const struct member *only = NULL;
	struct org_id org;
	enum reason reason;

	if (!api_diff_is_of(core, call->client) || core->diff->policies[0] == NULL ||
	    core->diff->policies[1] == NULL) {
		(void)snprintf(call->words, sizeof(call->words),
		    "another comparison began meanwhile: begin again");
		return REASON_BUSY;
	}
	memcpy(org.bytes, arguments->org, sizeof(org.bytes));
	if (memcmp(&org, &everybody, sizeof(org)) != 0) {
		only = directory_find(core, &org);
		if (only == NULL)
			return REASON_UNKNOWN_ORG;
	}
	if (core_failed(core, compare_open(core, core->diff->policies[0], core->diff->policies[1],
				  only, &compare)))
		return REASON_STORAGE;
	bytes_init(&lists.ids, COMPARE_ROWS_MAX * sizeof(struct record_id));
	bytes_init(&lists.groups, REQUEST_BYTES_MAX);
	bytes_init(&lists.before, 512);
	bytes_init(&lists.after, 512);
	bytes_init(&lists.peers, PEERS_MAX * sizeof(struct org_id));
	reason = walk(call, compare, arguments, &lists);
	bytes_release(&lists.ids);
	bytes_release(&lists.groups);
	bytes_release(&lists.before);
	bytes_release(&lists.after);
	bytes_release(&lists.peers);
	compare_free(compare);
	return reason;
}

enum reason
api_diff(struct api_call *call)
{
	struct diff_arguments arguments;

	if (!api_arguments(call, &request_preview_diff_schema, &arguments))
		return REASON_BAD_REQUEST;
	switch ((enum diff_step)arguments.step) {
	case DIFF_WALK:
		return take_part(call, &arguments);
	case DIFF_BEFORE:
	case DIFF_AFTER:
		return take_policy(call, &arguments);
	}
	return REASON_BAD_REQUEST;
}
