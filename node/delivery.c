#include "node/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/tree.h"
#include "node/directory.h"
#include "node/greeting.h"
#include "node/journal.h"
#include "node/judge.h"
#include "node/outgoing.h"

/* ---------------------------------------------------------------- the outbox */

static bool
is_receiver(const struct member *member)
{
	return member->is_peer && !member->is_removed && !member->card.is_revocation;
}

/* What the decision would be for the batch's first record that has not expired: its marking and
   audience are everybody's in it. */
static enum reason
judge_batch(struct core *core, const struct outgoing *outgoing, const struct member *member)
{
	const char *rule;
	uint32_t i;

	if (memcmp(&member->org, &outgoing->row.author, sizeof(member->org)) == 0 ||
	    memcmp(&member->org, &outgoing->row.via, sizeof(member->org)) == 0)
		return REASON_EXISTS; /* it has it */
	for (i = 0; i < outgoing->count; i++) {
		if (core_failed(core,
			record_decode(outgoing_body(outgoing, i), false, &core->record, NULL)))
			return REASON_STORAGE;
		if (judge_time(core, &core->record) == REASON_STORED)
			return judge_outbound(
			    core, &core->record, &outgoing->row.via, member, &rule);
	}
	return outgoing->count == 0 ? REASON_NOT_FOUND : REASON_EXPIRED;
}

/* One outbox row if the peer may get the batch; the reason says what was decided. */
static enum reason
enqueue_for(struct core *core, const struct outgoing *outgoing, struct member *member)
{
	enum reason reason = judge_batch(core, outgoing, member);
	enum err err;

	if (reason != REASON_STORED && reason != REASON_HELD)
		return reason;
	err = deliveries_outbox_put(core->store, &member->org, outgoing->batch, outgoing->count,
	    reason == REASON_HELD ? OUTBOX_HELD : OUTBOX_WAITING);
	if (!core_failed(core, err))
		member->has_outbox = true;
	return reason;
}

void
delivery_enqueue(struct core *core, int64_t batch)
{
	uint32_t i;

	core->enqueued = 0;
	core->enqueued_held = 0;
	if (!outgoing_load(core, batch))
		return;
	for (i = 0; i < core->members_count && core->failed == ERR_NONE; i++) {
		struct member *member = core->members[i];
		enum reason reason;

		if (!is_receiver(member))
			continue;
		reason = enqueue_for(core, &core->outgoing, member);
		core->enqueued += reason == REASON_STORED;
		core->enqueued_held += reason == REASON_HELD;
	}
}

void
delivery_last_enqueued(const struct core *core, uint32_t *peers, uint32_t *held)
{
	*peers = core->enqueued;
	*held = core->enqueued_held;
}

struct batch_list {
	uint32_t count;
	int64_t seqs[256];
};

static enum err
list_batch(void *context, const struct batch_row *row)
{
	struct batch_list *list = context;

	list->seqs[list->count++] = row->seq;
	return ERR_NONE;
}

struct search {
	struct org_id peer;
	bool found;
};

static enum err
match_delivery(void *context, const struct delivery_row *row)
{
	struct search *search = context;

	search->found =
	    search->found || (row->state != DELIVERY_VOID &&
				 memcmp(&row->peer, &search->peer, sizeof(row->peer)) == 0);
	return ERR_NONE;
}

/* Whether the loaded batch was sent to this peer before. */
static bool
was_sent(struct core *core, const struct member *member)
{
	const struct outgoing *outgoing = &core->outgoing;
	struct search search = {.peer = member->org};

	return outgoing->count > 0 &&
	       !core_failed(core, deliveries_of_record(core->store, outgoing->batch,
				      outgoing->entries[0].position, match_delivery, &search)) &&
	       search.found;
}

void
delivery_catch_up(struct core *core, struct member *member)
{
	struct batch_list list;
	int64_t after = 0;
	uint32_t i;

	do {
		list.count = 0;
		if (core_failed(
			core, records_batch_each(core->store, after, 256, list_batch, &list)))
			return;
		for (i = 0; i < list.count && core->failed == ERR_NONE; i++) {
			after = list.seqs[i];
			if (outgoing_load(core, after) && !was_sent(core, member))
				(void)enqueue_for(core, &core->outgoing, member);
		}
	} while (list.count > 0 && core->failed == ERR_NONE);
}

void
delivery_wake(struct member *member)
{
	member->has_outbox = true;
}

/* ---------------------------------------------------------------- one envelope */

/* An envelope in the making. */
struct build {
	struct member *member;
	struct header header;
	struct delivery_row row;
	struct bytes head;
	struct bytes statement;
	struct bytes signed_envelope;
	struct bytes_view ciphertext;
	struct hash records_root;
	uint32_t count;
	const char *rule;
};

static void
build_init(struct build *build, struct member *member)
{
	memset(build, 0, sizeof(*build));
	build->member = member;
	build->rule = "";
	bytes_init(&build->head, ENVELOPE_BYTES_MAX);
	bytes_init(&build->statement, ENVELOPE_BYTES_MAX);
	bytes_init(&build->signed_envelope, ENVELOPE_BYTES_MAX);
}

static void
build_release(struct build *build)
{
	bytes_release(&build->head);
	bytes_release(&build->statement);
	bytes_release(&build->signed_envelope);
}

/* The header's head, and the content key wrapped for this recipient. */
static enum err
wrap_for(struct core *core, struct build *build, const struct content_key *content_key)
{
	static const uint8_t no_psk[32];
	struct header *header = &build->header;
	uint8_t secret[32];
	struct hash hash;
	enum err err;

	core_random(core, secret, sizeof(secret));
	core_random(core, header->wrap_nonce, sizeof(header->wrap_nonce));
	err = envelope_ephemeral(secret, header->ephemeral);
	if (err == ERR_NONE)
		err = header_encode_head(header, &build->head);
	if (err == ERR_NONE) {
		header_hash(bytes_as_view(&build->head), &hash);
		err = envelope_wrap(secret, build->member->card.envelope_key, no_psk, &hash,
		    header->wrap_nonce, content_key->key, header->wrap);
	}
	digest_wipe(secret, sizeof(secret));
	if (err == ERR_NONE)
		err = header_encode(bytes_as_view(&build->head), header, &build->statement);
	return err;
}

static void
fill_header(struct core *core, struct build *build, const struct outgoing *outgoing,
    const struct content_key *content_key, const struct hash *commitment,
    const struct hash *ciphertext)
{
	struct member *member = build->member;
	struct header *header = &build->header;

	header->suite = SUITE_1;
	header->sender = core->org;
	header->sender_serial = core->card.serial;
	header->recipient = member->org;
	header->recipient_serial = member->card.serial;
	header->number = member->last_number + 1;
	header->root = outgoing->row.root;
	header->count = build->count;
	header->marking_bytes = outgoing->row.marking;
	header->ciphertext = *ciphertext;
	header->commitment = *commitment;
	memcpy(header->nonce, content_key->nonce, sizeof(header->nonce));
	header->voided_count = member->voided_count;
	memcpy(header->voided, member->voided, sizeof(header->voided));
	header->time_ms = core->now_ms;
}

/* Sign the statement; one signature per envelope. */
static enum err
sign_build(struct core *core, struct build *build)
{
	struct keyring_item item = {
	    .type = KEYRING_HEADER, .statement = bytes_as_view(&build->statement)};
	struct keyring_result result;
	enum err err = core->keyring->sign(core->keyring, &item, 1, &result);

	if (err == ERR_NONE)
		err = result.err;
	if (err != ERR_NONE)
		return err;
	core->made[TALLY_ENVELOPE]++;
	return signed_encode_one(item.statement, result.signature, &build->signed_envelope);
}

static void
send_frame(struct core *core, const struct member *member, struct bytes_view signed_envelope,
    struct bytes_view ciphertext)
{
	struct exchange_message message = {.type = EXCHANGE_ENVELOPE, .ciphertext = ciphertext};

	if (!core_failed(
		core, signed_decode(signed_envelope, ENVELOPE_BYTES_MAX, &message.signed_thing)))
		greeting_send(core, member, &message);
}

/* Write down what leaves, then let it leave after the commit. */
static void
dispatch(struct core *core, struct build *build, const struct outgoing *outgoing,
    const struct content_key *content_key, struct bytes_view positions)
{
	struct member *member = build->member;
	struct event_details details = {.has_peer = true,
	    .peer = member->org,
	    .number = build->header.number,
	    .has_records = true,
	    .records = build->records_root,
	    .count = build->count,
	    .has_policy = true,
	    .policy = core->policy->hash,
	    .text = bytes_view_str(build->rule)};
	struct delivery_row row = {.peer = member->org,
	    .sender_serial = core->card.serial,
	    .recipient_serial = member->card.serial,
	    .number = build->header.number,
	    .batch = outgoing->batch,
	    .state = DELIVERY_SENT,
	    .sent_ms = core->now_ms,
	    .count = build->count,
	    .signed_envelope = bytes_as_view(&build->signed_envelope),
	    .positions = positions};

	digest_sha256(bytes_as_view(&build->statement), &row.envelope);
	memcpy(row.content_key, content_key->key, sizeof(row.content_key));
	memcpy(row.content_nonce, content_key->nonce, sizeof(row.content_nonce));
	if (core_failed(core, deliveries_put(core->store, &row)))
		return;
	digest_wipe(row.content_key, sizeof(row.content_key));
	journal_signed(
	    core, EVENT_ENVELOPE_SENT, &core->org, &row.envelope, &details, row.signed_envelope);
	send_frame(core, member, row.signed_envelope, build->ciphertext);
	if (member->in_flight++ == 0)
		member->progress_ms = core->now_ms;
	member->last_number = build->header.number;
	member->voided_count = 0;
}

/* Cards travel before records that need them. */
static void
send_author_card(struct core *core, struct member *member, const struct org_id *author)
{
	uint32_t i;

	if (memcmp(author, &core->org, sizeof(*author)) == 0)
		return;
	for (i = 0; i < member->cards_sent_count; i++) {
		if (memcmp(&member->cards_sent[i], author, sizeof(*author)) == 0)
			return;
	}
	(void)greeting_send_card(core, member, author);
	if (member->cards_sent_count == STATE_CARDS_SENT)
		member->cards_sent_count = 0;
	member->cards_sent[member->cards_sent_count++] = *author;
}

/* One envelope with `selection` (all of the batch where is_whole). */
static void
send_selection(
    struct core *core, struct member *member, struct selection *selection, const char *rule)
{
	struct outgoing *outgoing = &core->outgoing;
	struct sealed_payload sealed;
	struct build build;
	enum err err;

	build_init(&build, member);
	build.rule = rule;
	build.count = selection->count;
	err = outgoing_encrypt(core, selection, NULL, &sealed);
	if (err == ERR_NONE) {
		build.ciphertext = sealed.ciphertext;
		build.records_root = sealed.records_root;
		fill_header(core, &build, outgoing, &sealed.content_key, &sealed.commitment,
		    &sealed.ciphertext_hash);
		err = wrap_for(core, &build, &sealed.content_key);
	}
	if (err == ERR_NONE)
		err = sign_build(core, &build);
	if (err == ERR_NONE) {
		send_author_card(core, member, &outgoing->row.author);
		dispatch(core, &build, outgoing, &sealed.content_key,
		    selection->is_whole ? bytes_view_of(NULL, 0)
					: outgoing_positions(outgoing, selection));
	} else {
		(void)core_failed(core, err);
	}
	envelope_wipe(&sealed.content_key);
	build_release(&build);
}

/* ---------------------------------------------------------------- deciding as it leaves */

/* Which records of the loaded batch may go to this peer now. */
static void
select_records(struct core *core, const struct member *member, struct selection *selection,
    uint32_t *held, const char **rule)
{
	const struct outgoing *outgoing = &core->outgoing;
	const char *word = "";
	enum reason reason;
	uint32_t i;

	*held = 0;
	*rule = "";
	outgoing_selection_clear(selection);
	for (i = 0; i < outgoing->count; i++) {
		if (core_failed(core,
			record_decode(outgoing_body(outgoing, i), false, &core->record, NULL)))
			return;
		reason = judge_time(core, &core->record);
		if (reason == REASON_STORED)
			reason =
			    judge_outbound(core, &core->record, &outgoing->row.via, member, &word);
		*held += reason == REASON_HELD;
		if (reason == REASON_STORED) {
			outgoing_selection_add(selection, i);
			*rule = word;
		}
	}
	selection->is_whole = selection->count == outgoing->row.size;
}

/* Decide one waiting batch for a peer and send what may go. */
static void
deliver_batch(struct core *core, struct member *member, int64_t batch)
{
	struct selection selection, part;
	uint32_t held, next = 0;
	const char *rule;

	if (!outgoing_load(core, batch))
		return;
	select_records(core, member, &selection, &held, &rule);
	if (core->failed != ERR_NONE)
		return;
	if (core_failed(core, deliveries_outbox_drop(core->store, &member->org, batch)))
		return;
	if (held > 0 && core_failed(core, deliveries_outbox_put(
					      core->store, &member->org, batch, held, OUTBOX_HELD)))
		return;
	if (selection.is_whole) {
		send_selection(core, member, &selection, rule);
		return;
	}
	/* a part carries paths, and may need more than one envelope */
	while (next < selection.count && core->failed == ERR_NONE) {
		outgoing_take_part(&core->outgoing, &selection, &next, &part);
		send_selection(core, member, &part, rule);
	}
}

static bool
may_send(const struct core *core, const struct member *member)
{
	return is_receiver(member) && member->state == SESSION_OPEN && member->has_outbox &&
	       member->in_flight < member->credit && member->peer_serial == member->card.serial &&
	       core->failed == ERR_NONE;
}

bool
delivery_pump(struct core *core)
{
	uint32_t budget = STATE_BUILDS_MAX, i;
	bool progress = true;

	/* round robin, one envelope a peer: peers at the same place share one ciphertext */
	while (progress && budget > 0) {
		progress = false;
		for (i = 0; i < core->members_count && budget > 0; i++) {
			struct member *member = core->members[i];
			int64_t batch;
			enum err err;

			if (!may_send(core, member))
				continue;
			err = deliveries_outbox_next(core->store, &member->org, 0, &batch);
			if (err == ERR_NOT_FOUND) {
				member->has_outbox = false;
				continue;
			}
			if (core_failed(core, err))
				return false;
			deliver_batch(core, member, batch);
			progress = true;
			budget--;
		}
	}
	return progress && core->failed == ERR_NONE;
}

/* ---------------------------------------------------------------- resending */

struct resend {
	struct core *core;
	uint32_t count;
	struct {
		uint64_t sender_serial, recipient_serial, number;
	} keys[CREDIT_MAX * 2];
};

static enum err
list_unsettled(void *context, const struct delivery_row *row)
{
	struct resend *resend = context;

	resend->keys[resend->count].sender_serial = row->sender_serial;
	resend->keys[resend->count].recipient_serial = row->recipient_serial;
	resend->keys[resend->count++].number = row->number;
	return ERR_NONE;
}

/* What was sent may no longer go, or was made for other cards: withdraw it, and let the
   outbox decide anew. */
static void
withdraw(struct core *core, struct member *member, const struct delivery_row *row, bool announce)
{
	struct event_details details = {
	    .has_peer = true, .peer = member->org, .number = row->number};

	if (core_failed(core, deliveries_void(core->store, row)))
		return;
	journal_append(core, EVENT_NUMBER_VOIDED, core->org.bytes, row->envelope.bytes, &details);
	if (announce && member->voided_count < VOIDED_MAX)
		member->voided[member->voided_count++] = row->number;
	if (core_failed(core, deliveries_outbox_put(core->store, &member->org, row->batch,
				  row->count, OUTBOX_WAITING)))
		return;
	member->has_outbox = true;
}

/* Whether every record of the delivery may still go. */
static bool
may_still_go(struct core *core, const struct member *member, const struct selection *sent)
{
	struct selection now;
	const char *rule;
	uint32_t held, i, at = 0;

	select_records(core, member, &now, &held, &rule);
	for (i = 0; i < sent->count; i++) {
		while (at < now.count && now.entries[at] < sent->entries[i])
			at++;
		if (at == now.count || now.entries[at] != sent->entries[i])
			return false;
	}
	return core->failed == ERR_NONE;
}

/* The same bytes again: the payload is encrypted anew under the stored key and nonce. */
static void
resend_one(struct core *core, struct member *member, const struct delivery_row *row)
{
	struct selection selection;
	struct sealed_payload sealed;
	struct content_key content_key;
	struct bytes signed_envelope;
	bool is_same =
	    row->sender_serial == core->card.serial && row->recipient_serial == member->card.serial;

	memcpy(content_key.key, row->content_key, sizeof(content_key.key));
	memcpy(content_key.nonce, row->content_nonce, sizeof(content_key.nonce));
	bytes_init(&signed_envelope, ENVELOPE_BYTES_MAX);
	bytes_append(&signed_envelope, row->signed_envelope.data, row->signed_envelope.len);
	if (!is_same) {
		withdraw(core, member, row, false);
	} else if (!outgoing_load(core, row->batch) ||
		   !outgoing_select(&core->outgoing, row->positions, &selection) ||
		   !may_still_go(core, member, &selection) ||
		   outgoing_encrypt(core, &selection, &content_key, &sealed) != ERR_NONE) {
		withdraw(core, member, row, true);
	} else {
		send_author_card(core, member, &core->outgoing.row.author);
		send_frame(core, member, bytes_as_view(&signed_envelope), sealed.ciphertext);
		member->in_flight++;
		envelope_wipe(&sealed.content_key);
	}
	envelope_wipe(&content_key);
	bytes_release(&signed_envelope);
}

static enum err
list_voided(void *context, const struct delivery_row *row)
{
	struct member *member = context;

	if (member->voided_count < VOIDED_MAX)
		member->voided[member->voided_count++] = row->number;
	return ERR_NONE;
}

void
delivery_open(struct core *core, struct member *member)
{
	struct resend *resend = calloc(1, sizeof(*resend));
	struct delivery_row row;
	enum err err;
	uint32_t i;

	if (resend == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	member->in_flight = 0;
	member->voided_count = 0;
	member->cards_sent_count = 0;
	member->progress_ms = core->now_ms;
	member->has_outbox = true;
	err = deliveries_last_number(core->store, &member->org, core->card.serial,
	    member->card.serial, &member->last_number);
	if (err == ERR_NONE)
		err = deliveries_voided(core->store, &member->org, core->card.serial,
		    member->card.serial, member->peer_seen, VOIDED_MAX, list_voided, member);
	if (err == ERR_NONE)
		err = deliveries_unsettled(
		    core->store, &member->org, CREDIT_MAX * 2, list_unsettled, resend);
	for (i = 0; i < resend->count && err == ERR_NONE && core->failed == ERR_NONE; i++) {
		err = deliveries_get(core->store, &member->org, resend->keys[i].sender_serial,
		    resend->keys[i].recipient_serial, resend->keys[i].number, &row);
		if (err == ERR_NONE)
			resend_one(core, member, &row);
	}
	(void)core_failed(core, err);
	free(resend);
}

/* ---------------------------------------------------------------- receipts */

/* Everything a receipt claims, against what was sent.  *row is what it answers. */
static enum reason
check_receipt(struct core *core, const struct member *member, const struct signed_thing *thing,
    struct receipt *receipt, struct delivery_row *row)
{
	struct card_facts card;
	enum reason reason = reason_of_err(receipt_decode(thing->statement, receipt));
	enum err err;

	if (reason != REASON_STORED)
		return reason;
	if (receipt->kind != RECEIPT_ORDINARY)
		return REASON_NOT_SUPPORTED;
	if (memcmp(&receipt->recipient, &member->org, sizeof(receipt->recipient)) != 0 ||
	    memcmp(&receipt->sender, &core->org, sizeof(receipt->sender)) != 0)
		return REASON_WRONG_RECIPIENT;
	if (!directory_card_at(core, &receipt->recipient, receipt->recipient_serial, &card))
		return REASON_UNKNOWN_CARD;
	if (signed_verify_one(thing, card.sign_key) != ERR_NONE) {
		core->bad[TALLY_RECEIPT]++;
		return REASON_BAD_SIGNATURE;
	}
	core->checked[TALLY_RECEIPT]++;
	if (receipt->time_ms > core->now_ms + SKEW_MS)
		return REASON_CLOCK;
	reason = directory_card_counts(&card, receipt->time_ms);
	if (reason != REASON_STORED)
		return reason;
	err = deliveries_get(core->store, &member->org, receipt->sender_serial,
	    receipt->recipient_serial, receipt->number, row);
	if (err == ERR_NOT_FOUND)
		return REASON_UNEXPECTED;
	if (core_failed(core, err))
		return REASON_STORAGE;
	if (!digest_is_equal(&row->envelope, &receipt->envelope) ||
	    receipt->outcomes.len != 2 * (size_t)row->count)
		return REASON_UNEXPECTED;
	return REASON_STORED;
}

static void
settle_receipt(struct core *core, struct member *member, const struct exchange_message *message,
    const struct receipt *receipt, struct delivery_row *row)
{
	struct event_details details = {
	    .has_peer = true, .peer = member->org, .number = receipt->number, .count = row->count};
	struct head head;
	struct hash statement;

	digest_sha256(message->signed_thing.statement, &statement);
	events_head(core->store, &head);
	row->receipt_leaf = head.size;
	row->settled_ms = core->now_ms;
	row->outcomes = receipt->outcomes;
	row->signed_envelope = bytes_view_of(NULL, 0);
	row->positions = bytes_view_of(NULL, 0);
	if (core_failed(core, deliveries_settle(core->store, row)))
		return;
	bytes_clear(&core->plaintext);
	if (core_failed(core, signed_encode(&message->signed_thing, &core->plaintext)))
		return;
	journal_signed(core, EVENT_RECEIPT_RECEIVED, &member->org, &statement, &details,
	    bytes_as_view(&core->plaintext));
	greeting_note_head(core, member, &receipt->head, false);
	member->has_seen_us = member->has_seen_us || receipt->has_peer_head;
	member->progress_ms = core->now_ms;
	if (member->in_flight > 0)
		member->in_flight--;
}

void
delivery_receipt(struct core *core, struct member *member, const struct exchange_message *message)
{
	struct delivery_row row;
	struct receipt receipt;
	enum reason reason = check_receipt(core, member, &message->signed_thing, &receipt, &row);

	if (reason != REASON_STORED) {
		greeting_refuse(core, member, reason, EXCHANGE_RECEIPT, 0);
		if (reason == REASON_BAD_SIGNATURE)
			greeting_event(core, member, SESSION_REFUSED);
		return;
	}
	/* the same receipt again, or one for what was withdrawn and arrived all the same */
	if (row.state == DELIVERY_RECEIPTED)
		return;
	settle_receipt(core, member, message, &receipt, &row);
}
