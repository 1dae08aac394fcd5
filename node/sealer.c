#include "node/sealer.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/tree.h"
#include "node/delivery.h"
#include "node/journal.h"
#include "node/judge.h"

/* author, created and nonce with their keys, and a longer head of the map */
#define IDENTITY_BYTES_MAX 96u
#define COMPLETED_BYTES_MAX (REQUEST_BYTES_MAX + BATCH_COUNT_MAX * IDENTITY_BYTES_MAX)

/* What is drawn for each record. */
struct drawn {
	struct nonce nonce;
	struct salt salt;
};

/* One draft on its way. */
struct sealing {
	size_t at, len; /* of the completed record, in `bodies` */
	uint32_t group;
	bool is_good;
	struct hash content; /* keyed hash of the draft: what makes an import repeatable */
	struct hash leaf;    /* of the sealed tree */
};

/* Drafts of one marking, one audience, and either personal or not: they seal together, since
   policy decides alike about them. */
struct group {
	struct bytes_view marking;
	struct bytes_view audience;
	enum tlp tlp;
	bool is_personal;
};

struct submission {
	struct core *core;
	struct bytes_view writer;
	bool is_dry_run;
	struct sealer_outcome *outcomes;
	uint32_t count;
	uint32_t seals;
	uint32_t groups_count;
	struct bytes bodies;
	struct drawn drawn[BATCH_COUNT_MAX];
	struct sealing sealings[BATCH_COUNT_MAX];
	struct group groups[BATCH_COUNT_MAX];
	struct hash leaves[BATCH_COUNT_MAX];
	uint16_t members[BATCH_COUNT_MAX]; /* of the batch being made */
};

/* What makes a draft unfit whatever it is sent to. */
static enum reason
check_draft(struct core *core, const struct record *record)
{
	if ((record->marking.tlp == TLP_RED || record_is_personal(record)) &&
	    (record->marking.purpose.len == 0 || record->marking.basis.len == 0))
		return REASON_NO_PURPOSE;
	if (record->audience.has_community)
		return REASON_UNKNOWN_COMMUNITY;
	return judge_time(core, record);
}

/* Whether the same content was imported before; its record's id then. */
static bool
is_known(struct submission *submission, struct bytes_view draft, uint32_t i)
{
	struct core *core = submission->core;
	enum err err;

	digest_keyed(bytes_view_of(core->content_secret, sizeof(core->content_secret)), draft,
	    &submission->sealings[i].content);
	err = records_content_get(
	    core->store, &submission->sealings[i].content, &submission->outcomes[i].id);
	if (err == ERR_NOT_FOUND || core_failed(core, err))
		return false;
	submission->outcomes[i].reason = REASON_DUPLICATE;
	return true;
}

static uint32_t
find_group(struct submission *submission, const struct record *record)
{
	bool is_personal = record_is_personal(record);
	uint32_t i;

	for (i = 0; i < submission->groups_count; i++) {
		if (submission->groups[i].is_personal == is_personal &&
		    bytes_view_is_equal(submission->groups[i].marking, record->marking_bytes) &&
		    bytes_view_is_equal(submission->groups[i].audience, record->audience_bytes))
			return i;
	}
	submission->groups[i] = (struct group){
	    record->marking_bytes, record->audience_bytes, record->marking.tlp, is_personal};
	return submission->groups_count++;
}

/* Author, created and nonce are the node's to add; then the record has its id and its leaf. */
static void
complete(struct submission *submission, struct bytes_view draft, uint32_t i)
{
	struct core *core = submission->core;
	struct record *record = &core->record;
	struct sealing *sealing = &submission->sealings[i];

	record->author = core->org;
	record->created_ms = core->now_ms;
	record->nonce = submission->drawn[i].nonce;
	sealing->at = submission->bodies.len;
	if (core_failed(core, record_complete(record, draft, &submission->bodies)))
		return;
	sealing->len = submission->bodies.len - sealing->at;
	if (sealing->len > RECORD_BYTES_MAX) {
		submission->outcomes[i].reason = REASON_OVERSIZED;
		return;
	}
	record_id_of(bytes_view_of(submission->bodies.data + sealing->at, sealing->len),
	    &submission->outcomes[i].id);
	tree_batch_leaf(&submission->drawn[i].salt, &submission->outcomes[i].id, &sealing->leaf);
	sealing->is_good = true;
}

static void
preview(struct submission *submission, uint32_t i)
{
	struct core *core = submission->core;
	const char *rule;
	uint32_t at;

	for (at = 0; at < core->members_count; at++) {
		const struct member *member = core->members[at];
		enum reason reason;

		if (!member->is_peer || member->is_removed || member->card.is_revocation)
			continue;
		reason = judge_outbound(core, &core->record, &core->org, member, &rule);
		submission->outcomes[i].peers += reason == REASON_STORED;
		submission->outcomes[i].held += reason == REASON_HELD;
	}
}

/* Decode, check and complete one draft. */
static void
take_draft(struct submission *submission, struct bytes_view draft)
{
	struct core *core = submission->core;
	uint32_t i = submission->count++;
	struct sealer_outcome *outcome = &submission->outcomes[i];
	enum err err = record_decode(draft, true, &core->record, NULL);

	memset(outcome, 0, sizeof(*outcome));
	outcome->reason = err == ERR_VALUE ? REASON_BAD_OBSERVABLE : reason_of_err(err);
	if (err == ERR_MISSING && core->record.marking_bytes.len == 0)
		outcome->reason = REASON_NO_LABEL;
	else if (err == ERR_MISSING && core->record.marking.tlp == TLP_RED &&
		 core->record.audience.orgs_count == 0)
		outcome->reason = REASON_NO_AUDIENCE;
	if (outcome->reason == REASON_STORED)
		outcome->reason = check_draft(core, &core->record);
	if (outcome->reason != REASON_STORED || is_known(submission, draft, i))
		return;
	submission->sealings[i].group = find_group(submission, &core->record);
	complete(submission, draft, i);
	if (submission->is_dry_run && submission->sealings[i].is_good) {
		preview(submission, i);
		memset(&outcome->id, 0, sizeof(outcome->id)); /* the real one gets another nonce */
		submission->sealings[i].is_good = false;
	} else if (submission->sealings[i].is_good) {
		/* at once, so that a repeat within this submission is found too */
		(void)core_failed(core, records_content_put(core->store,
					    &submission->sealings[i].content, &outcome->id));
	}
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
	struct core *core = submission->core;
	struct record_row row = {.batch = batch->seq,
	    .author = core->org,
	    .via = core->org,
	    .received_ms = core->now_ms,
	    .created_ms = core->now_ms,
	    .tlp = batch->tlp,
	    .writer = submission->writer};
	bool is_new;
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint32_t member = submission->members[i];
		const struct sealing *sealing = &submission->sealings[member];

		row.position = i;
		row.id = submission->outcomes[member].id;
		row.salt = submission->drawn[member].salt;
		row.body = bytes_view_of(submission->bodies.data + sealing->at, sealing->len);
		if (core_failed(core, record_decode(row.body, false, &core->record, NULL)) ||
		    core_failed(core, records_put(core->store, &row, &core->record, &is_new)))
			return;
	}
}

static void
journal_seal(struct submission *submission, const struct batch_row *batch,
    const struct hash *statement, uint32_t count)
{
	struct journal_records *records = malloc(sizeof(*records));
	struct event_details details = {.text = submission->writer};
	uint32_t i;

	if (records == NULL) {
		(void)core_failed(submission->core, ERR_MEMORY);
		return;
	}
	records->count = 0;
	for (i = 0; i < count; i++)
		journal_record(
		    records, &submission->outcomes[submission->members[i]].id, REASON_STORED);
	journal_records_into(records, &details);
	free(records);
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

	for (i = 0; i < count; i++)
		submission->leaves[i] = submission->sealings[submission->members[i]].leaf;
	tree_root(submission->leaves, count, &seal.root);
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
	struct core *core = submission->core;
	const struct sealing *sealing;
	uint32_t count = 0, i;
	size_t size = 0;

	for (i = 0; i <= submission->count && core->failed == ERR_NONE; i++) {
		sealing = i < submission->count ? &submission->sealings[i] : NULL;
		if (sealing != NULL && (!sealing->is_good || sealing->group != group))
			continue;
		if (count > 0 && (sealing == NULL || size + sealing->len > BATCH_BYTES_MAX)) {
			seal_batch(submission, &submission->groups[group], count);
			count = 0;
			size = 0;
		}
		if (sealing != NULL) {
			submission->members[count++] = (uint16_t)i;
			size += sealing->len;
		}
	}
}

/* Room for every completed record and randomness for each, at once. */
static bool
prepare(struct submission *submission, const struct schema_list *drafts)
{
	uint32_t count = drafts->count < BATCH_COUNT_MAX ? drafts->count : BATCH_COUNT_MAX;

	bytes_init(&submission->bodies, COMPLETED_BYTES_MAX);
	if (bytes_extend(&submission->bodies, drafts->items.len + count * IDENTITY_BYTES_MAX) ==
	    NULL)
		return !core_failed(submission->core, submission->bodies.err);
	bytes_clear(&submission->bodies);
	core_random(submission->core, submission->drawn, count * sizeof(*submission->drawn));
	return true;
}

void
sealer_submit(struct core *core, struct schema_list drafts, bool is_dry_run,
    struct bytes_view writer, struct sealer_outcome *outcomes, uint32_t *count, uint32_t *seals)
{
	struct submission *submission = calloc(1, sizeof(*submission));
	struct bytes_view draft;
	uint32_t group;
	enum err err;

	*count = 0;
	*seals = 0;
	if (submission == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	submission->core = core;
	submission->writer = writer;
	submission->is_dry_run = is_dry_run;
	submission->outcomes = outcomes;
	if (prepare(submission, &drafts)) {
		while (submission->count < BATCH_COUNT_MAX && core->failed == ERR_NONE) {
			err = schema_list_next_bin(&drafts, &draft);
			if (err == ERR_NOT_FOUND)
				break;
			/* what is no draft at all gets an outcome too, at its place */
			take_draft(submission, err == ERR_NONE ? draft : bytes_view_of(NULL, 0));
		}
		for (group = 0; group < submission->groups_count && !is_dry_run; group++)
			seal_group(submission, group);
	}
	*count = submission->count;
	*seals = submission->seals;
	bytes_release(&submission->bodies);
	free(submission);
}
