#include "node/intake.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/tree.h"
#include "node/change.h"
#include "node/delivery.h"
#include "node/directory.h"
#include "node/greeting.h"
#include "node/journal.h"
#include "node/judge.h"
#include "node/receipts.h"
#include "node/relate.h"
#include "policy/redact.h"
#include "store/standing.h"

/* Places for the ids of one batch, at most half of them taken.  Ids that were made to collide
   cost what looking at each would. */
#define PLACES (2 * BATCH_COUNT_MAX)
static_assert((PLACES & (PLACES - 1)) == 0 && PLACES <= 0x10000, "two bytes of an id pick a place");

#define FETCHED_AHEAD 3u

/* One envelope on its way through the checks. */
struct intake {
	struct member *member;
	const struct exchange_message *message;
	struct header header;
	struct hash header_hash;
	struct hash statement; /* SHA-256 of the envelope's statement */
	struct card_facts sender;
	struct seal seal;
	enum reason outcomes[BATCH_COUNT_MAX];
	struct record_id ids[BATCH_COUNT_MAX];
	struct hash leaves[BATCH_COUNT_MAX];
	bool is_quarantined[BATCH_COUNT_MAX];
	uint16_t places[PLACES]; /* index of an id that was judged, plus one; 0: free */
	bool has_audience;
	struct bytes_view audience; /* of every record that is judged good */
	uint32_t stored;
	uint32_t changes; /* of them, amendments and disputes */
	int64_t batch;
	const char *rule;
	bool is_unwrapping; /* the keyring was asked for the content key */
};

/* ---------------------------------------------------------------- the signed header */

/* Whether a signature by another key of the same card verifies: the wrong role, not a forgery. */
static bool
is_wrong_role(const struct card_facts *card, const struct signed_thing *thing)
{
	return signed_verify_one(thing, card->log_key) == ERR_NONE ||
	       signed_verify_one(thing, card->witness_key) == ERR_NONE;
}

static enum reason
check_parties(struct core *core, const struct intake *intake)
{
	const struct header *header = &intake->header;

	if (header->suite != SUITE_1)
		return REASON_UNKNOWN_SUITE;
	if (header->suite < core->card.suite_min)
		return REASON_SUITE_TOO_LOW;
	if (memcmp(&header->sender, &intake->member->org, sizeof(header->sender)) != 0)
		return REASON_WRONG_SENDER;
	if (memcmp(&header->recipient, &core->org, sizeof(header->recipient)) != 0 ||
	    header->recipient_serial != core->card.serial)
		return REASON_WRONG_RECIPIENT;
	return REASON_STORED;
}

/* The keyring opens the wrap while we verify what it came in; whatever comes of that, its answer
   has to be heard. */
static void
begin_unwrap(struct core *core, struct intake *intake)
{
	struct keyring *keyring = core->keyring;

	if (keyring->unwrap_begin != NULL)
		intake->is_unwrapping = !core_failed(
		    core, keyring->unwrap_begin(keyring, intake->message->signed_thing.statement));
}

static enum err
end_unwrap(struct core *core, struct intake *intake, uint8_t content_key[32])
{
	struct keyring *keyring = core->keyring;

	if (!intake->is_unwrapping)
		return keyring->unwrap(
		    keyring, intake->message->signed_thing.statement, content_key);
	intake->is_unwrapping = false;
	return keyring->unwrap_end(keyring, content_key);
}

/* What nobody wants to know any more. */
static void
drop_unwrap(struct core *core, struct intake *intake)
{
	uint8_t content_key[32];

	if (!intake->is_unwrapping)
		return;
	if (end_unwrap(core, intake, content_key) == ERR_NONE)
		digest_wipe(content_key, sizeof(content_key));
}

static enum reason
check_header(struct core *core, struct intake *intake)
{
	enum reason reason = check_parties(core, intake);

	if (reason != REASON_STORED)
		return reason;
	if (!directory_card_at(
		core, &intake->header.sender, intake->header.sender_serial, &intake->sender))
		return REASON_UNKNOWN_CARD;
	begin_unwrap(core, intake);
	if (signed_verify_one(&intake->message->signed_thing, intake->sender.sign_key) !=
	    ERR_NONE) {
		core->bad[TALLY_ENVELOPE]++;
		return is_wrong_role(&intake->sender, &intake->message->signed_thing)
			   ? REASON_WRONG_ROLE
			   : REASON_BAD_SIGNATURE;
	}
	core->checked[TALLY_ENVELOPE]++;
	if (intake->header.time_ms > core->now_ms + SKEW_MS)
		return REASON_CLOCK;
	reason = directory_card_counts(&intake->sender, intake->header.time_ms);
	if (reason != REASON_STORED)
		return reason;
	return intake->header.is_certified || intake->header.has_psk ? REASON_NOT_SUPPORTED
								     : REASON_STORED;
}

/* The number against what came before.  True: go on; false: it was dealt with. */
static bool
check_number(struct core *core, struct intake *intake)
{
	const struct header *header = &intake->header;
	struct exchange_message answer = {.type = EXCHANGE_RECEIPT};
	struct event_details details = {
	    .has_peer = true, .peer = header->sender, .number = header->number};
	struct received_row row;
	uint64_t seen = 0;
	enum err err = deliveries_received_get(core->store, &header->sender, header->sender_serial,
	    header->recipient_serial, header->number, &row);

	if (err == ERR_NOT_FOUND) {
		err = deliveries_received_seen(core->store, &header->sender, header->sender_serial,
		    header->recipient_serial, &seen);
		if (core_failed(core, err))
			return false;
		if (header->number <= seen + CREDIT_MAX + VOIDED_MAX)
			return true;
		greeting_refuse(
		    core, intake->member, REASON_NUMBER_AHEAD, EXCHANGE_ENVELOPE, header->number);
		return false;
	}
	if (core_failed(core, err))
		return false;
	if (!row.is_voided && !digest_is_equal(&row.envelope, &intake->statement)) {
		/* two contents under one number: its own signature convicts it */
		bytes_clear(&core->plaintext);
		if (!core_failed(
			core, signed_encode(&intake->message->signed_thing, &core->plaintext)))
			journal_signed(core, EVENT_EVIDENCE, &header->sender, &intake->statement,
			    &details, bytes_as_view(&core->plaintext));
		greeting_refuse(
		    core, intake->member, REASON_NUMBER_REUSED, EXCHANGE_ENVELOPE, header->number);
		return false;
	}
	if (row.is_voided) {
		greeting_refuse(
		    core, intake->member, REASON_VOIDED, EXCHANGE_ENVELOPE, header->number);
		return false;
	}
	/* a replay gets the stored bytes of the first receipt, or waits for them to be signed */
	if (row.receipt.len > 0 &&
	    !core_failed(core, signed_decode(row.receipt, RECEIPT_BYTES_MAX, &answer.signed_thing)))
		greeting_send(core, intake->member, &answer);
	return false;
}

/* ---------------------------------------------------------------- the payload */

/* Fill every outcome with one reason: no resend can mend it. */
static void
settle_all(struct intake *intake, enum reason reason)
{
	uint32_t i;

	for (i = 0; i < intake->header.count; i++)
		intake->outcomes[i] = reason;
	intake->stored = 0;
}

/* Only what the envelope itself is to blame for may settle it: want of memory, or a keyring that
   is gone, is ours, and the turn is lost. */
static enum reason
reason_of_opening(struct core *core, enum err err)
{
	if (err != ERR_DECRYPT && err != ERR_REFUSED && err != ERR_KEY)
		(void)core_failed(core, err);
	return REASON_CANNOT_OPEN;
}

static enum reason
open_payload(struct core *core, struct intake *intake)
{
	struct content_key content_key = {0};
	struct hash commitment;
	enum err err;

	memcpy(content_key.nonce, intake->header.nonce, sizeof(content_key.nonce));
	err = end_unwrap(core, intake, content_key.key);
	if (err != ERR_NONE)
		return reason_of_opening(core, err);
	envelope_commitment(&content_key, &commitment);
	if (!digest_is_equal(&commitment, &intake->header.commitment)) {
		envelope_wipe(&content_key);
		return REASON_BAD_COMMITMENT;
	}
	bytes_clear(&core->plaintext);
	err = envelope_decrypt(&content_key, intake->header.suite, &intake->header.root,
	    intake->message->ciphertext, &core->plaintext);
	envelope_wipe(&content_key);
	if (err != ERR_NONE)
		return reason_of_opening(core, err);
	return reason_of_err(payload_decode(bytes_as_view(&core->plaintext), &core->payload));
}

/* A clock that was an hour off, here or there, is put right or waited out: a resend mends it.
   Whoever claims more is refused for good. */
static enum reason
reason_of_future(const struct core *core, uint64_t time_ms)
{
	return time_ms > core->now_ms + FUTURE_WAIT_MS ? REASON_FROM_FUTURE : REASON_CLOCK;
}

/* The author's seal: signature, card, time, and that it is what the header spoke of. */
static enum reason
check_seal(struct core *core, struct intake *intake)
{
	struct card_facts author;
	enum err err = seal_decode(core->payload.seal.statement, &intake->seal);

	if (err != ERR_NONE)
		return reason_of_err(err);
	if (!digest_is_equal(&intake->seal.root, &intake->header.root))
		return REASON_BAD_SEAL;
	if (!directory_card_at(core, &intake->seal.org, intake->seal.serial, &author))
		return REASON_UNKNOWN_AUTHOR;
	if (signed_verify_one(&core->payload.seal, author.sign_key) != ERR_NONE) {
		core->bad[TALLY_SEAL]++;
		return is_wrong_role(&author, &core->payload.seal) ? REASON_WRONG_ROLE
								   : REASON_BAD_SEAL;
	}
	core->checked[TALLY_SEAL]++;
	if (intake->seal.time_ms > core->now_ms + SKEW_MS)
		return reason_of_future(core, intake->seal.time_ms);
	return directory_card_counts(&author, intake->seal.time_ms);
}

/* Every record under the sealed root.  A whole batch stands or falls together. */
static enum reason
check_tree(struct core *core, struct intake *intake)
{
	const struct payload *payload = &core->payload;
	const struct payload_entry *entry;
	struct hash root;
	uint32_t i;

	if (payload->count != intake->header.count)
		return REASON_WRONG_COUNT;
	for (i = 0; i < payload->count; i++) {
		record_id_of(payload->entries[i].record, &intake->ids[i]);
		tree_batch_leaf(&payload->entries[i].salt, &intake->ids[i], &intake->leaves[i]);
	}
	if (payload->is_whole) {
		if (payload->count != intake->seal.size)
			return REASON_WRONG_COUNT;
		tree_root(intake->leaves, payload->count, &root);
		return digest_is_equal(&root, &intake->seal.root) ? REASON_STORED
								  : REASON_BAD_PROOF;
	}
	for (i = 0; i < payload->count; i++) {
		entry = &payload->entries[i];
		if (entry->index >= intake->seal.size ||
		    tree_path_verify(&intake->leaves[i], entry->index, intake->seal.size,
			(const struct hash *)(const void *)entry->path, entry->path_count,
			&intake->seal.root) != ERR_NONE)
			return REASON_BAD_PROOF;
	}
	return REASON_STORED;
}

/* What a record that cannot be decoded is refused for. */
static enum reason
reason_of_record(const struct record *record, enum err err)
{
	if (err == ERR_VALUE)
		return REASON_BAD_OBSERVABLE;
	if (err == ERR_MISSING && record->marking_bytes.len > 0 && record->marking.tlp == TLP_RED &&
	    record->audience.orgs_count == 0)
		return REASON_NO_AUDIENCE;
	return reason_of_err(err);
}

/* Whether the id came up in this very batch before; if not, it has now. */
static bool
is_repeated(struct intake *intake, uint32_t i)
{
	const struct record_id *id = &intake->ids[i];
	uint32_t place = bytes_get_u16(id->bytes) & (PLACES - 1);

	for (; intake->places[place] != 0; place = (place + 1) & (PLACES - 1)) {
		if (memcmp(&intake->ids[intake->places[place] - 1], id, sizeof(*id)) == 0)
			return true;
	}
	intake->places[place] = (uint16_t)(i + 1);
	return false;
}

/* Whether it is there already: stored, or about to be by this very batch. */
static enum reason
judge_known(struct core *core, struct intake *intake, uint32_t i)
{
	bool has = is_repeated(intake, i);

	if (!has && core_failed(core, records_has(core->store, &intake->ids[i], &has)))
		return REASON_STORAGE;
	return has ? REASON_DUPLICATE : REASON_STORED;
}

/* One record, decoded into core->record.  The first that is the author's, under the header's
   terms, says what the audience of the others must be. */
static enum reason
judge_record(struct core *core, struct intake *intake, uint32_t i)
{
	struct record *record = &core->record;
	enum rule_action action = RULE_ACCEPT;
	enum reason reason;
	enum err err = record_decode(core->payload.entries[i].record, false, record, NULL);

	if (err != ERR_NONE)
		return reason_of_record(record, err);
	if (memcmp(&record->author, &intake->seal.org, sizeof(record->author)) != 0)
		return REASON_WRONG_AUTHOR;
	if (!bytes_view_is_equal(record->marking_bytes, intake->header.marking_bytes))
		return REASON_WRONG_TERMS;
	if (!redact_keeps_label(record))
		return REASON_LABEL_TOO_LOW;
	if (!intake->has_audience)
		intake->audience = record->audience_bytes;
	intake->has_audience = true;
	if (!bytes_view_is_equal(record->audience_bytes, intake->audience))
		return REASON_MIXED_BATCH;
	reason = judge_time(core, record);
	if (reason == REASON_FROM_FUTURE)
		reason = reason_of_future(core, record->created_ms);
	if (reason == REASON_STORED)
		reason = judge_inbound(core, record, intake->member, &intake->rule, &action);
	intake->is_quarantined[i] = action == RULE_QUARANTINE;
	if (reason == REASON_STORED)
		reason = judge_known(core, intake, i);
	if (reason == REASON_STORED && change_is_one(record->kind)) {
		reason = change_judge(core, record, intake->changes);
		intake->changes += reason == REASON_STORED;
	}
	/* what storing it will want, while it is decoded */
	if (reason == REASON_STORED &&
	    core_failed(core, extract_record(core->prepare.keys_seed, record, &core->extract_keys,
				  &core->extracts[i])))
		return REASON_STORAGE;
	return reason;
}

/* REASON_CLOCK: it has to come again, later. */
static enum reason
judge_records(struct core *core, struct intake *intake)
{
	bool is_early = false;
	uint32_t i;

	core->extract_keys.count = 0;
	for (i = 0; i < intake->header.count; i++) {
		if (i + FETCHED_AHEAD < intake->header.count)
			records_fetch(core->store, &intake->ids[i + FETCHED_AHEAD]);
		intake->outcomes[i] = judge_record(core, intake, i);
		intake->stored += intake->outcomes[i] == REASON_STORED;
		is_early |= intake->outcomes[i] == REASON_CLOCK;
	}
	return is_early ? REASON_CLOCK : REASON_STORED;
}

/* ---------------------------------------------------------------- storing */

static void
store_record(struct core *core, const struct intake *intake, uint32_t i, bool has_all)
{
	const struct payload_entry *entry = &core->payload.entries[i];
	struct hash path[TREE_LEVELS_MAX];
	struct record_row row = {.batch = intake->batch,
	    .id = intake->ids[i],
	    .salt = entry->salt,
	    .body = entry->record,
	    .author = intake->seal.org,
	    .via = intake->member->org,
	    .received_ms = core->now_ms,
	    .tlp = intake->header.marking.tlp};
	struct standing standing = {.quarantined_ms = core->now_ms};
	bool is_new;

	row.position = core->payload.is_whole ? i : entry->index;
	if (!core->payload.is_whole) {
		row.path = bytes_view_of(entry->path, entry->path_count * sizeof(struct hash));
	} else if (!has_all) {
		/* some of the batch are not stored here: each keeps its own way to the root */
		tree_path(intake->leaves, intake->seal.size, i, path);
		row.path = bytes_view_of(
		    path, tree_path_length(i, intake->seal.size) * sizeof(struct hash));
	}
	row.created_ms = core->extracts[i].created_ms;
	if (core_failed(core,
		records_put(core->store, &row, &core->extracts[i], &core->extract_keys, &is_new)) ||
	    !is_new || !intake->is_quarantined[i])
		return;
	/* it is receipted as stored: what becomes of it here is nobody else's business */
	standing.record = row.seq;
	(void)core_failed(core, standing_put(core->store, &standing));
}

/* What the batch says of organisations, and of other records, counts from now on. */
static void
relate(struct core *core, const struct intake *intake)
{
	uint32_t i;

	for (i = 0; i < intake->header.count && core->failed == ERR_NONE; i++) {
		enum record_kind kind = core->extracts[i].kind;

		if (intake->outcomes[i] != REASON_STORED)
			continue;
		if (kind == RECORD_RELATION || kind == RECORD_CHARTER)
			relate_stored(core, &intake->ids[i]);
		change_stored(core, &intake->ids[i], kind);
	}
}

static void
store_batch(struct core *core, struct intake *intake)
{
	struct batch_row row = {.author = intake->seal.org,
	    .via = intake->member->org,
	    .serial = intake->seal.serial,
	    .sealed_ms = intake->seal.time_ms,
	    .received_ms = core->now_ms,
	    .size = intake->seal.size,
	    .stored = intake->stored,
	    .root = intake->seal.root,
	    .tlp = intake->header.marking.tlp,
	    .marking = intake->header.marking_bytes,
	    .audience = intake->audience};
	bool has_all = intake->stored == intake->seal.size;
	uint32_t i;

	bytes_clear(&core->scratch);
	if (core_failed(core, signed_encode(&core->payload.seal, &core->scratch)))
		return;
	row.seal = bytes_as_view(&core->scratch);
	if (core_failed(core, records_batch_put(core->store, &row)))
		return;
	intake->batch = row.seq;
	for (i = 0; i < intake->header.count; i++) {
		if (intake->outcomes[i] == REASON_STORED)
			store_record(core, intake, i, has_all);
	}
	relate(core, intake);
}

/* Which batch a duplicate came in before, so that `show` names every way it came. */
static int64_t
batch_of_duplicate(struct core *core, const struct intake *intake)
{
	struct record_row row;
	uint32_t i;

	for (i = 0; i < intake->header.count; i++) {
		if (intake->outcomes[i] != REASON_DUPLICATE)
			continue;
		if (records_get(core->store, &intake->ids[i], &row) == ERR_NONE)
			return row.batch;
		return 0;
	}
	return 0;
}

static void
journal_intake(struct core *core, const struct intake *intake)
{
	struct journal_records *records = malloc(sizeof(*records));
	struct event_details details = {.has_peer = true,
	    .peer = intake->header.sender,
	    .number = intake->header.number,
	    .has_policy = true};
	uint32_t i;

	if (records == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	records->count = 0;
	for (i = 0; i < intake->header.count; i++)
		journal_record(records, &intake->ids[i], intake->outcomes[i]);
	journal_records_into(records, &details);
	free(records);
	details.policy = core->policy->hash;
	details.text = bytes_view_str(intake->rule);
	bytes_clear(&core->plaintext); /* the payload is stored by now */
	if (!core_failed(core, signed_encode(&intake->message->signed_thing, &core->plaintext)))
		journal_signed(core, EVENT_ENVELOPE_RECEIVED, &intake->header.sender,
		    &intake->statement, &details, bytes_as_view(&core->plaintext));
}

static void
void_numbers(struct core *core, const struct intake *intake)
{
	const struct header *header = &intake->header;
	struct received_row row = {.peer = header->sender,
	    .sender_serial = header->sender_serial,
	    .recipient_serial = header->recipient_serial,
	    .time_ms = core->now_ms,
	    .is_voided = true};
	struct received_row known;
	uint32_t i;

	for (i = 0; i < header->voided_count; i++) {
		enum err err = deliveries_received_get(core->store, &row.peer, row.sender_serial,
		    row.recipient_serial, header->voided[i], &known);

		if (err == ERR_NONE || (err != ERR_NOT_FOUND && core_failed(core, err)))
			continue; /* what was receipted cannot be taken back */
		row.number = header->voided[i];
		(void)core_failed(core, deliveries_received_put(core->store, &row));
	}
}

static void
settle(struct core *core, struct intake *intake)
{
	const struct header *header = &intake->header;
	uint8_t outcomes[2 * BATCH_COUNT_MAX];
	struct received_row row = {.peer = header->sender,
	    .sender_serial = header->sender_serial,
	    .recipient_serial = header->recipient_serial,
	    .number = header->number,
	    .envelope = intake->statement,
	    .root = header->root,
	    .time_ms = core->now_ms,
	    .count = header->count};
	uint32_t i;

	if (intake->stored > 0)
		store_batch(core, intake);
	for (i = 0; i < header->count; i++)
		bytes_put_u16(outcomes + 2 * i, (uint16_t)intake->outcomes[i]);
	row.outcomes = bytes_view_of(outcomes, 2 * (size_t)header->count);
	row.batch = intake->stored > 0 ? intake->batch : batch_of_duplicate(core, intake);
	if (core_failed(core, deliveries_received_put(core->store, &row)))
		return;
	void_numbers(core, intake);
	journal_intake(core, intake);
	if (core->failed == ERR_NONE)
		receipts_owe(core, &row);
	if (intake->stored > 0 && core->failed == ERR_NONE)
		delivery_enqueue(core, intake->batch);
}

/* Everything inside the ciphertext.  False: a refusal was sent, nothing is settled. */
static bool
judge_payload(struct core *core, struct intake *intake)
{
	enum reason reason = open_payload(core, intake);

	if (reason == REASON_STORED)
		reason = check_seal(core, intake);
	if (reason == REASON_STORED)
		reason = check_tree(core, intake);
	if (reason == REASON_STORED)
		reason = judge_records(core, intake);
	if (reason == REASON_UNKNOWN_AUTHOR || reason == REASON_CLOCK) {
		/* cards travel before records that need them, and time passes */
		greeting_refuse(
		    core, intake->member, reason, EXCHANGE_ENVELOPE, intake->header.number);
		return false;
	}
	if (reason != REASON_STORED)
		settle_all(intake, reason);
	if (reason != REASON_STORED)
		greeting_note(core, intake->member, reason, "an envelope was refused whole");
	return true;
}

void
intake_envelope(struct core *core, struct member *member, const struct exchange_message *message)
{
	struct intake *intake;
	struct hash ciphertext;
	enum reason reason;

	reason =
	    member->state == SESSION_OPEN ? receipts_room(core, &member->org) : REASON_NO_SESSION;
	if (reason != REASON_STORED) {
		greeting_refuse(core, member, reason, EXCHANGE_ENVELOPE, 0);
		return;
	}
	intake = calloc(1, sizeof(*intake));
	if (intake == NULL) {
		greeting_refuse(core, member, REASON_BUSY, EXCHANGE_ENVELOPE, 0);
		return;
	}
	intake->member = member;
	intake->message = message;
	intake->rule = "";
	reason = reason_of_err(
	    header_decode(message->signed_thing.statement, &intake->header, &intake->header_hash));
	if (reason == REASON_STORED)
		reason = check_header(core, intake);
	digest_sha256(message->signed_thing.statement, &intake->statement);
	digest_sha256(message->ciphertext, &ciphertext);
	if (reason == REASON_STORED && !digest_is_equal(&ciphertext, &intake->header.ciphertext))
		reason = REASON_BAD_CIPHERTEXT;
	if (reason != REASON_STORED) {
		greeting_refuse(core, member, reason, EXCHANGE_ENVELOPE, intake->header.number);
		if (reason == REASON_BAD_SIGNATURE || reason == REASON_WRONG_ROLE)
			greeting_event(core, member, SESSION_REFUSED);
	} else if (check_number(core, intake) && judge_payload(core, intake) &&
		   core->failed == ERR_NONE) {
		settle(core, intake);
	}
	drop_unwrap(core, intake);
	free(intake);
}
