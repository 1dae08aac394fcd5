#include "node/redaction.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "node/judge.h"
#include "node/sealer.h"
#include "policy/redact.h"
#include "store/redactions.h"

#define VERSIONS_MAX 64u /* redacted in one turn */

/* One draft, and the peers that it is for: making->peers[peers_at ..]. */
struct job {
	struct redaction_row row;
	uint32_t peers_at, peers_count;
};

/* A peer for which the version at hand is to be redacted. */
struct candidate {
	const struct org_id *org;
	bool has_earlier; /* another redaction of it, or of what it amends, was made for this peer:
			   */
	struct record_id earlier;
	const char *rule; /* that says so */
	bool is_taken;
};

struct making {
	struct core *core;
	struct record original, draft;
	struct record_row row; /* of the original; views are not kept */
	struct bytes body;     /* of the original: what both borrow from */
	struct bytes encoded;
	struct bytes items;
	struct schema_list drafts;
	const char *rule; /* of all drafts */
	uint32_t jobs_count;
	struct job jobs[BATCH_COUNT_MAX];
	struct org_id *peers;
	uint32_t peers_count, peers_cap;
	struct candidate *candidates; /* room for every member */
	uint32_t candidates_count;
	struct sealer_outcome outcomes[BATCH_COUNT_MAX];
};

/* ---------------------------------------------------------------- what is due */

static enum err
note_due(void *context, const struct redaction_row *row)
{
	bool *has_any = context;

	(void)row;
	*has_any = true;
	return ERR_NONE;
}

enum err
redaction_load(struct core *core)
{
	core->has_redactions = false;
	return redactions_due(core->store, 1, note_due, &core->has_redactions);
}

void
redaction_want(struct core *core, const struct member *member, const struct record_id *id,
    const struct decision *decision)
{
	const struct record *record = &core->record;
	struct redaction_row row = {.version = *id,
	    .first = record->kind == RECORD_AMENDMENT ? record->body.target : *id,
	    .fields = decision->redacted,
	    .peer = member->org};

	if (!core_failed(core, redactions_want(core->store, &row)))
		core->has_redactions = true;
}

struct due {
	uint32_t count;
	struct redaction_row rows[VERSIONS_MAX];
};

static enum err
list_due(void *context, const struct redaction_row *row)
{
	struct due *due = context;

	due->rows[due->count++] = *row;
	return ERR_NONE;
}

/* ---------------------------------------------------------------- what was made */

static void
settle_job(struct making *making, const struct job *job, const struct sealer_outcome *outcome)
{
	struct core *core = making->core;
	struct redaction_row row = job->row;
	uint32_t i;

	row.state = reason_is_good(outcome->reason) ? REDACTION_MADE : REDACTION_IMPOSSIBLE;
	row.derived = outcome->id;
	for (i = 0; i < job->peers_count && core->failed == ERR_NONE; i++) {
		row.peer = making->peers[job->peers_at + i];
		(void)core_failed(core, redactions_put(core->store, &row));
	}
}

/* Seal what was drafted so far. */
static void
flush(struct making *making)
{
	struct core *core = making->core;
	struct sealer_request request = {
	    .drafts = making->drafts, .rule = making->rule, .asks_approver = true};
	uint32_t count, seals, i;

	if (making->jobs_count == 0 || core->failed != ERR_NONE)
		return;
	sealer_submit(core, &request, making->outcomes, &count, &seals);
	for (i = 0; i < making->jobs_count && core->failed == ERR_NONE; i++)
		settle_job(making, &making->jobs[i], &making->outcomes[i]);
	making->jobs_count = 0;
	making->peers_count = 0;
	making->drafts = (struct schema_list){0};
	bytes_clear(&making->items);
}

/* ---------------------------------------------------------------- for whom */

/* Whether the policy, asked now, wants this redaction for this peer, and it was not made yet. */
static bool
is_wanted(struct making *making, const struct redaction_row *due, const struct member *member,
    const char **rule)
{
	struct core *core = making->core;
	struct redaction_row known = *due;
	struct decision decision;
	enum err err;

	if (!judge_is_receiver(member) ||
	    judge_has_already(member, &making->row.author, &making->row.via))
		return false;
	decision = judge_decide(core, core->policy, RULE_OUTBOUND, &making->original,
	    &making->row.via, making->row.seq, &member->org, core->now_ms);
	if (decision.action != RULE_REDACT || decision.redacted != due->fields)
		return false;
	known.peer = member->org;
	*rule = decision.rule_name;
	err = redactions_get(core->store, &known);
	return err == ERR_NOT_FOUND || (!core_failed(core, err) && known.state == REDACTION_DUE);
}

static enum err
note_earlier(void *context, const struct redaction_row *row)
{
	struct making *making = context;
	uint32_t i;

	for (i = 0; i < making->candidates_count; i++) {
		struct candidate *candidate = &making->candidates[i];

		if (candidate->has_earlier || row->state != REDACTION_MADE ||
		    memcmp(candidate->org, &row->peer, sizeof(row->peer)) != 0)
			continue;
		candidate->has_earlier = true;
		candidate->earlier = row->derived;
	}
	return ERR_NONE;
}

static void
find_candidates(struct making *making, const struct redaction_row *due)
{
	struct core *core = making->core;
	uint32_t i;

	making->candidates_count = 0;
	for (i = 0; i < core->members_count && core->failed == ERR_NONE; i++) {
		struct candidate candidate = {.org = &core->members[i]->org};

		if (is_wanted(making, due, core->members[i], &candidate.rule))
			making->candidates[making->candidates_count++] = candidate;
	}
	if (core->failed == ERR_NONE)
		(void)core_failed(
		    core, redactions_of(core->store, &due->first, note_earlier, making));
}

static bool
is_alike(const struct candidate *a, const struct candidate *b)
{
	return strcmp(a->rule, b->rule) == 0 && a->has_earlier == b->has_earlier &&
	       memcmp(&a->earlier, &b->earlier, sizeof(a->earlier)) == 0;
}

/* ---------------------------------------------------------------- one draft */

/* Whether the policy would let the redaction go to its one recipient. */
static bool
would_go(struct making *making, const struct org_id *org)
{
	struct core *core = making->core;
	struct decision decision;

	making->draft.is_draft = false;
	making->draft.author = core->org;
	making->draft.created_ms = core->now_ms;
	decision = judge_decide(
	    core, core->policy, RULE_OUTBOUND, &making->draft, &core->org, 0, org, core->now_ms);
	making->draft.is_draft = true;
	return decision.reason == REASON_STORED || decision.reason == REASON_HELD;
}

static bool
add_peer(struct making *making, const struct org_id *org)
{
	void *grown;

	if (making->peers_count == making->peers_cap) {
		uint32_t cap = making->peers_cap == 0 ? 256 : 2 * making->peers_cap;

		grown = realloc(making->peers, cap * sizeof(*making->peers));
		if (grown == NULL) {
			(void)core_failed(making->core, ERR_MEMORY);
			return false;
		}
		making->peers = grown;
		making->peers_cap = cap;
	}
	making->peers[making->peers_count++] = *org;
	return true;
}

/* The draft, without anybody whom it is for. */
static bool
make_draft(struct making *making, const struct redaction_row *due, const struct candidate *like)
{
	if (redact_record(&making->original, &due->version, &making->core->org, due->fields,
		&making->draft) != ERR_NONE)
		return false;
	if (like->has_earlier)
		redact_amend(&like->earlier, &making->draft);
	return true;
}

static void
put_impossible(struct making *making, const struct redaction_row *due, const struct org_id *org)
{
	struct redaction_row row = *due;

	row.peer = *org;
	row.state = REDACTION_IMPOSSIBLE;
	(void)core_failed(making->core, redactions_put(making->core->store, &row));
}

/* For `like` and all later candidates of its kind to whom it would go, as many as one audience
   names. */
static uint32_t
address(struct making *making, struct candidate *like)
{
	struct candidate *end = making->candidates + making->candidates_count, *at;
	struct audience *audience = &making->draft.audience;
	uint32_t count = 0;

	for (at = like; at < end && count < AUDIENCE_ORGS_MAX; at++) {
		if (at->is_taken || !is_alike(at, like))
			continue;
		at->is_taken = true;
		audience_init(audience);
		if (redact_address(&making->original, at->org, &making->draft) == ERR_NONE &&
		    would_go(making, at->org) && add_peer(making, at->org))
			count++;
	}
	return count;
}

static enum err
encode(struct making *making, uint32_t count)
{
	enum err err = ERR_NONE;
	uint32_t i;

	audience_init(&making->draft.audience);
	for (i = 0; i < count && err == ERR_NONE; i++)
		err = redact_address(&making->original,
		    &making->peers[making->peers_count - count + i], &making->draft);
	bytes_clear(&making->encoded);
	return err == ERR_NONE ? record_encode(&making->draft, &making->encoded) : err;
}

/* Whether the draft still fits what is drafted, which is all of one rule. */
static bool
has_room(const struct making *making, const char *rule)
{
	return (making->jobs_count == 0 || strcmp(making->rule, rule) == 0) &&
	       making->jobs_count < BATCH_COUNT_MAX &&
	       making->items.len + making->encoded.len + 8 <= BATCH_BYTES_MAX;
}

static void
add_job(struct making *making, const struct redaction_row *due, const char *rule, uint32_t count)
{
	struct job *job;

	if (!has_room(making, rule)) {
		struct org_id kept[AUDIENCE_ORGS_MAX];

		/* its peers are the last ones, and flushing forgets them all */
		making->peers_count -= count;
		memcpy(kept, making->peers + making->peers_count, count * sizeof(*kept));
		flush(making);
		memcpy(making->peers, kept, count * sizeof(*kept));
		making->peers_count = count;
	}
	making->rule = rule;
	job = &making->jobs[making->jobs_count];
	*job = (struct job){
	    .row = *due, .peers_at = making->peers_count - count, .peers_count = count};
	if (!core_failed(making->core, schema_list_add_bin(&making->drafts, &making->items,
					   bytes_as_view(&making->encoded))))
		making->jobs_count++;
}

/* One redaction for each kind of candidates. */
static void
make_jobs(struct making *making, const struct redaction_row *due)
{
	uint32_t i, count;

	for (i = 0; i < making->candidates_count && making->core->failed == ERR_NONE; i++) {
		struct candidate *like = &making->candidates[i];

		if (like->is_taken)
			continue;
		if (!make_draft(making, due, like)) {
			put_impossible(making, due, like->org);
			continue;
		}
		count = address(making, like);
		if (count == 0)
			continue;
		if (encode(making, count) == ERR_NONE && making->encoded.len <= RECORD_BYTES_MAX) {
			add_job(making, due, like->rule, count);
			continue;
		}
		/* with what it is derived from, it has become too large for a record */
		while (count-- > 0)
			put_impossible(making, due, &making->peers[--making->peers_count]);
	}
}

/* ---------------------------------------------------------------- one version */

/* False: it is not here any more, or the store failed. */
static bool
load(struct making *making, const struct redaction_row *due)
{
	enum err err = records_get(making->core->store, &due->version, &making->row);

	if (err == ERR_NOT_FOUND)
		return false;
	bytes_clear(&making->body);
	if (err == ERR_NONE) {
		bytes_append(&making->body, making->row.body.data, making->row.body.len);
		err = making->body.err;
	}
	if (err == ERR_NONE)
		err = record_decode(bytes_as_view(&making->body), false, &making->original, NULL);
	return !core_failed(making->core, err);
}

static void
make_version(struct making *making, const struct redaction_row *due)
{
	if (!load(making, due))
		return;
	find_candidates(making, due);
	make_jobs(making, due);
}

static struct making *
making_open(struct core *core)
{
	struct making *making = calloc(1, sizeof(*making));

	if (making == NULL)
		return NULL;
	making->core = core;
	making->rule = "";
	bytes_init(&making->body, RECORD_BYTES_MAX);
	bytes_init(&making->encoded, 2 * RECORD_BYTES_MAX);
	bytes_init(&making->items, REQUEST_BYTES_MAX);
	making->candidates = calloc(core->members_count + 1, sizeof(*making->candidates));
	return making;
}

static void
making_free(struct making *making)
{
	bytes_release(&making->body);
	bytes_release(&making->encoded);
	bytes_release(&making->items);
	free(making->candidates);
	free(making->peers);
	free(making);
}

void
redaction_make(struct core *core)
{
	struct due due = {0};
	struct making *making;
	uint32_t i;

	if (!core->makes_redactions ||
	    core_failed(core, redactions_due(core->store, VERSIONS_MAX, list_due, &due)))
		return;
	making = making_open(core);
	if (making == NULL || making->candidates == NULL)
		(void)core_failed(core, ERR_MEMORY);
	for (i = 0; i < due.count && core->failed == ERR_NONE; i++)
		make_version(making, &due.rows[i]);
	if (making != NULL) {
		flush(making);
		making_free(making);
	}
	/* what is still due is wanted no more, or would not go */
	for (i = 0; i < due.count && core->failed == ERR_NONE; i++)
		(void)core_failed(core, redactions_drop(core->store, &due.rows[i]));
	if (core->failed == ERR_NONE)
		(void)core_failed(core, redaction_load(core));
}
