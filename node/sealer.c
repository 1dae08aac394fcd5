#include "node/sealer.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/tree.h"
#include "node/change.h"
#include "node/delivery.h"
#include "node/gate.h"
#include "node/journal.h"
#include "node/outgoing.h"
#include "node/preview.h"
#include "node/relate.h"
#include "store/approvals.h"

#define FETCHED_AHEAD 6u

/* Drafts of one marking, one audience, and either personal or not: they seal together, since
   policy decides alike about them.  Charters go where others do not. */
struct group {
	struct bytes_view marking;
	struct bytes_view audience;
	enum tlp tlp;
	bool is_personal;
	bool is_private;
	bool is_charter;
};

struct submission {
	struct core *core;
	const struct sealer_request *request;
	struct bytes_view writer;
	const char *rule; /* NULL: an operator wrote them */
	bool is_act;
	const struct prepared *prepared;
	struct sealer_outcome *outcomes;
	uint32_t seals;
	uint32_t groups_count;
	bool is_good[BATCH_COUNT_MAX];   /* it will be sealed */
	bool is_private[BATCH_COUNT_MAX]; /* the privacy gate holds it */
	uint16_t group[BATCH_COUNT_MAX]; /* with which others */
	struct group groups[BATCH_COUNT_MAX];
	struct hash leaves[BATCH_COUNT_MAX];
	uint16_t members[BATCH_COUNT_MAX]; /* of the batch being made */
};

static bool
is_related(const struct prepared_draft *draft)
{
	return draft->kind == RECORD_RELATION || draft->kind == RECORD_CHARTER;
}

/* Whether the same content was imported before; its record's id then.  What is signed of one
   another may be said again after it was ended. */
static bool
is_known(struct submission *submission, uint32_t i)
{
	struct core *core = submission->core;
	enum err err;

	if (submission->is_act)
		return false;
	err = records_content_get(
	    core->store, &submission->prepared->drafts[i].content, &submission->outcomes[i].id);
	if (err == ERR_NOT_FOUND || core_failed(core, err))
		return false;
	submission->outcomes[i].reason = REASON_DUPLICATE;
	return true;
}

static uint32_t
find_group(struct submission *submission, const struct prepared_draft *draft, bool is_private)
{
	uint32_t i;

	for (i = 0; i < submission->groups_count; i++) {
		if (submission->groups[i].is_personal == draft->is_personal &&
		    submission->groups[i].is_private == is_private &&
		    submission->groups[i].is_charter == (draft->kind == RECORD_CHARTER) &&
		    bytes_view_is_equal(submission->groups[i].marking, draft->marking) &&
		    bytes_view_is_equal(submission->groups[i].audience, draft->audience))
			return i;
	}
	submission->groups[i] = (struct group){draft->marking, draft->audience, draft->tlp,
	    draft->is_personal, is_private, draft->kind == RECORD_CHARTER};
	return submission->groups_count++;
}

/* Where it would go.  Its id stays unsaid: the real one gets another nonce. */
static void
preview(struct submission *submission, uint32_t i)
{
	struct core *core = submission->core;
	struct preview preview;
	uint32_t at;

	if (core_failed(core,
		record_decode(prepare_body(submission->prepared, i), false, &core->record, NULL)))
		return;
	if (submission->request->preview != NULL) {
		submission->request->preview(submission->request->context, i);
		return;
	}
	for (at = 0; at < core->members_count; at++) {
		preview_outbound(
		    core, core->policy, &core->record, &core->org, 0, core->members[at], &preview);
		submission->outcomes[i].peers += preview_goes(&preview);
		submission->outcomes[i].held += preview_waits(&preview);
	}
}

/* What prepare.c cannot know: who asks, and what is signed. */
static enum reason
judge_draft(const struct submission *submission, const struct prepared_draft *draft)
{
	enum reason reason = REASON_STORED;

	if (is_related(draft) != submission->is_act)
		return submission->is_act ? REASON_BAD_REQUEST : REASON_ROLE;
	if (change_is_one(draft->kind))
		reason = change_judge_draft(submission->core, draft);
	if (reason != REASON_STORED)
		return reason;
	return draft->has_community ? relate_may_address(submission->core, &draft->community)
				    : REASON_STORED;
}

/* What the privacy gate says of it: blocked, unless an approver is to be asked. */
static void
pass_gate(struct submission *submission, uint32_t i)
{
	struct sealer_outcome *outcome = &submission->outcomes[i];
	struct privacy_hit finding;

	submission->is_private[i] =
	    gate_holds_draft(submission->core, &submission->prepared->drafts[i],
		prepare_body(submission->prepared, i), &finding);
	if (!submission->is_private[i])
		return;
	gate_words(&finding, outcome->words, sizeof(outcome->words));
	if (!submission->request->asks_approver)
		outcome->reason = REASON_PRIVACY;
}

/* What became of one draft, and what is still to be done about it. */
static void
take_draft(struct submission *submission, uint32_t i, bool is_dry_run)
{
	const struct prepared_draft *draft = &submission->prepared->drafts[i];
	struct core *core = submission->core;
	struct sealer_outcome *outcome = &submission->outcomes[i];

	*outcome = (struct sealer_outcome){.reason = draft->reason};
	if (outcome->reason == REASON_STORED)
		outcome->reason = judge_draft(submission, draft);
	if (outcome->reason == REASON_STORED && !submission->is_act)
		pass_gate(submission, i);
	if (outcome->reason != REASON_STORED || is_known(submission, i))
		return;
	if (is_dry_run) {
		preview(submission, i);
		return;
	}
	outcome->id = draft->id;
	submission->is_good[i] = true;
	submission->group[i] = (uint16_t)find_group(
	    submission, draft, submission->is_private[i]);
	/* at once, so that a repeat within this submission is found too */
	if (!submission->is_act)
		(void)core_failed(
		    core, records_content_put(core->store, &draft->content, &draft->id));
}

/* ---------------------------------------------------------------- one batch */

static enum err
sign_seal(struct core *core, const struct seal *seal, struct bytes *out, struct hash *statement)
{
	struct bytes encoded;
	struct keyring_item item = {.type = KEYRING_SEAL};
	struct keyring_result result;
	enum err err;

	bytes_init(&encoded, SEAL_BYTES_MAX);
	err = seal_encode(seal, &encoded);
	item.statement = bytes_as_view(&encoded);
	if (err == ERR_NONE)
		err = core->keyring->sign(core->keyring, &item, 1, &result);
	if (err == ERR_NONE)
		err = result.err;
	if (err == ERR_NONE) {
		core->made[TALLY_SEAL]++;
		digest_sha256(item.statement, statement);
		err = signed_encode_one(item.statement, result.signature, out);
	}
	bytes_release(&encoded);
	return err;
}

static void
store_records(struct submission *submission, const struct batch_row *batch, uint32_t count)
{
	const struct prepared *prepared = submission->prepared;
	struct core *core = submission->core;
	struct record_row row = {.batch = batch->seq,
	    .author = core->org,
	    .via = core->org,
	    .received_ms = core->now_ms,
	    .tlp = batch->tlp,
	    .is_drawn = true,
	    .writer = submission->writer};
	struct loaded *kept = core->members_count > 0 ? outgoing_keep(core, batch) : NULL;
	bool is_new;
	uint32_t i;

	for (i = 0; i < count; i++) {
		const struct prepared_draft *draft = &prepared->drafts[submission->members[i]];

		row.position = i;
		row.id = draft->id;
		row.salt = draft->salt;
		row.created_ms = draft->extract.created_ms;
		row.body = prepare_body(prepared, submission->members[i]);
		if (core_failed(core,
			records_put(core->store, &row, &draft->extract, &prepared->keys, &is_new)))
			return;
		outgoing_keep_record(kept, &row);
		if (submission->is_private[submission->members[i]] &&
		    core_failed(core, approvals_private_put(core->store, row.seq)))
			return;
		core->has_private |= submission->is_private[submission->members[i]];
		if (is_related(draft)) {
			if (core_failed(core, record_decode(row.body, false, &core->record, NULL)))
				return;
			relate_record(core, &core->record);
		}
		change_stored(core, &draft->id, draft->kind);
	}
}

/* Over members[0..count).  Where all drafts seal together the root is there already. */
static void
make_root(struct submission *submission, enum prepared_tree tree, uint32_t count, struct hash *root)
{
	const struct prepared *prepared = submission->prepared;
	uint32_t i;

	if (prepared->is_whole && count == prepared->count) {
		*root = prepared->roots[tree];
		return;
	}
	for (i = 0; i < count; i++)
		submission->leaves[i] = prepared->leaves[tree][submission->members[i]];
	tree_root(submission->leaves, count, root);
}

static void
journal_seal(struct submission *submission, const struct batch_row *batch,
    const struct hash *statement, uint32_t count)
{
	struct event_details details = {
	    .text = submission->writer, .has_records = true, .count = count};

	if (submission->rule != NULL) {
		details.text = bytes_view_str(submission->rule);
		details.has_policy = true;
		details.policy = submission->core->policy->hash;
	}
	make_root(submission, PREPARED_LOG, count, &details.records);
	journal_signed(submission->core, EVENT_SEALED, &submission->core->org, statement, &details,
	    batch->seal);
}

/* Seal members[0..count) of one group, store them, and put them on their way. */
static void
seal_batch(struct submission *submission, const struct group *group, uint32_t count)
{
	struct core *core = submission->core;
	struct seal seal = {
	    .org = core->org, .serial = core->card.serial, .size = count, .time_ms = core->now_ms};
	struct batch_row row = {.author = core->org,
	    .via = core->org,
	    .serial = core->card.serial,
	    .sealed_ms = core->now_ms,
	    .received_ms = core->now_ms,
	    .size = count,
	    .stored = count,
	    .tlp = group->tlp,
	    .marking = group->marking,
	    .audience = group->audience};
	struct hash statement;
	struct bytes signed_seal;
	uint32_t i, peers, held;

	make_root(submission, PREPARED_SEAL, count, &seal.root);
	row.root = seal.root;
	bytes_init(&signed_seal, SEAL_BYTES_MAX);
	if (!core_failed(core, sign_seal(core, &seal, &signed_seal, &statement))) {
		row.seal = bytes_as_view(&signed_seal);
		if (!core_failed(core, records_batch_put(core->store, &row)))
			store_records(submission, &row, count);
		journal_seal(submission, &row, &statement, count);
	}
	bytes_release(&signed_seal);
	if (core->failed != ERR_NONE)
		return;
	delivery_enqueue(core, row.seq);
	delivery_last_enqueued(core, &peers, &held);
	for (i = 0; i < count; i++) {
		submission->outcomes[submission->members[i]].peers = peers;
		submission->outcomes[submission->members[i]].held = held;
	}
	submission->seals++;
	core->seals++;
	core->sealed_records += count;
}

/* All drafts of one group, in as few batches as fit. */
static void
seal_group(struct submission *submission, uint32_t group)
{
	const struct prepared *prepared = submission->prepared;
	struct core *core = submission->core;
	uint32_t count = 0, i;
	size_t size = 0;

	for (i = 0; i <= prepared->count && core->failed == ERR_NONE; i++) {
		bool is_end = i == prepared->count;

		if (!is_end && (!submission->is_good[i] || submission->group[i] != group))
			continue;
		if (count > 0 && (is_end || size + prepared->drafts[i].len > BATCH_BYTES_MAX)) {
			seal_batch(submission, &submission->groups[group], count);
			count = 0;
			size = 0;
		}
		if (!is_end) {
			submission->members[count++] = (uint16_t)i;
			size += prepared->drafts[i].len;
		}
	}
}

/* Ahead by another thread, or now. */
static const struct prepared *
prepared_for(struct core *core, const struct sealer_request *request)
{
	uint8_t seed[32];

	if (request->prepared != NULL)
		return request->prepared;
	core_random(core, seed, sizeof(seed));
	return core_failed(core, prepare_drafts(&core->prepare, &core->record, core->now_ms, seed,
				     request->drafts, &core->prepared))
		   ? NULL
		   : &core->prepared;
}

void
sealer_submit(struct core *core, const struct sealer_request *request,
    struct sealer_outcome *outcomes, uint32_t *count, uint32_t *seals)
{
	struct submission *submission = calloc(1, sizeof(*submission));
	uint32_t i;

	*count = 0;
	*seals = 0;
	if (submission == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	submission->core = core;
	submission->request = request;
	submission->writer = request->writer;
	submission->rule = request->rule;
	submission->is_act = request->is_act;
	submission->outcomes = outcomes;
	submission->prepared = prepared_for(core, request);
	if (submission->prepared != NULL) {
		*count = submission->prepared->count;
		for (i = 0; i < *count && core->failed == ERR_NONE; i++) {
			if (i + FETCHED_AHEAD < *count)
				records_content_fetch(core->store,
				    &submission->prepared->drafts[i + FETCHED_AHEAD].content);
			take_draft(submission, i, request->is_dry_run);
		}
		for (i = 0; i < submission->groups_count; i++)
			seal_group(submission, i);
		*seals = submission->seals;
	}
	free(submission);
}
