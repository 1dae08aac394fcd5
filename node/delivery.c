#include "node/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "node/decided.h"
#include "node/directory.h"
#include "node/dispatch.h"
#include "node/greeting.h"
#include "node/journal.h"
#include "node/judge.h"
#include "node/outgoing.h"
#include "node/relate.h"
#include "node/verdict.h"

/* ---------------------------------------------------------------- the outbox */

/* One outbox row.  Where nothing waited, it is next; where it is not known what is, it stays so. */
static void
put_outbox(struct core *core, struct member *member, int64_t batch, uint32_t records,
    enum outbox_state state)
{
	if (core_failed(
		core, deliveries_outbox_put(core->store, &member->org, batch, records, state)))
		return;
	if (state == OUTBOX_HELD)
		return;
	if (!member->has_outbox || batch < member->next_batch) {
		member->next_batch = batch;
		member->next_is_rest = state == OUTBOX_AGAIN;
	} else if (batch == member->next_batch) {
		member->next_is_rest = member->next_is_rest || state == OUTBOX_AGAIN;
	}
	member->has_outbox = true;
}

static bool
is_wanted(const struct core *core, const struct batch_row *row)
{
	uint32_t i;

	for (i = 0; i < core->members_count; i++) {
		if (judge_is_receiver(core->members[i]) &&
		    !judge_has_already(core->members[i], &row->author, &row->via))
			return true;
	}
	return false;
}

/* Whether the first record speaks for all: our sealer puts together only what the default policy
   decides alike. */
static bool
is_uniform(const struct core *core, const struct batch_row *row)
{
	return core->policy_is_default &&
	       memcmp(&row->author, &core->org, sizeof(row->author)) == 0;
}

/* One outbox row if the peer may get the batch, as the decision is about its first record that
   has not expired, which stands in core->record: its marking and audience are everybody's in
   it. */
static enum reason
enqueue_for(struct core *core, const struct batch_row *row, int64_t record, struct member *member)
{
	const char *rule;
	enum reason reason = judge_outbound(core, &core->record, &row->via, record, member, &rule);

	if (reason == REASON_STORED || reason == REASON_HELD)
		put_outbox(core, member, row->seq, row->stored,
		    reason == REASON_HELD ? OUTBOX_HELD : OUTBOX_WAITING);
	return reason;
}

/* Likewise, as the decisions are about each of its records: the loaded batch's. */
static enum reason
enqueue_verdict(struct core *core, struct member *member, enum outbox_state waiting)
{
	const struct verdict *verdict = &member->verdict;

	if (verdict->count > 0) {
		put_outbox(core, member, verdict->batch, verdict->count, waiting);
		return REASON_STORED;
	}
	if (verdict->held > 0) {
		put_outbox(core, member, verdict->batch, verdict->held, OUTBOX_HELD);
		return REASON_HELD;
	}
	return REASON_POLICY;
}

static void
count_enqueued(struct core *core, enum reason reason)
{
	core->enqueued += reason == REASON_STORED;
	core->enqueued_held += reason == REASON_HELD;
}

static void
enqueue_each(struct core *core, const struct batch_row *row)
{
	struct member *group[STATE_BUILDS_MAX];
	uint32_t count = 0, kept = 0, at, i;

	if (!outgoing_load(core, row->seq))
		return;
	for (at = 0; at < core->members_count && core->failed == ERR_NONE; at++) {
		struct member *member = core->members[at];

		if (judge_is_receiver(member) &&
		    !judge_has_already(member, &core->outgoing.loaded->row.author,
			&core->outgoing.loaded->row.via)) {
			verdict_begin(core, member, false);
			group[count++] = member;
		}
		if (count < STATE_BUILDS_MAX && at + 1 < core->members_count)
			continue;
		verdict_make(core, group, count);
		for (i = 0; i < count && core->failed == ERR_NONE; i++) {
			enum reason reason = enqueue_verdict(core, group[i], OUTBOX_WAITING);

			count_enqueued(core, reason);
			/* of what waits it is decided when it leaves */
			if (reason != REASON_STORED)
				group[kept++] = group[i];
		}
		decided_note(core, group, kept, true);
		count = kept = 0;
	}
}

/* The first record speaks for all, and stands in core->record. */
static void
enqueue_uniform(struct core *core, const struct batch_row *row, int64_t record)
{
	struct member *group[STATE_BUILDS_MAX];
	uint32_t kept = 0, at;

	for (at = 0; at < core->members_count && core->failed == ERR_NONE; at++) {
		struct member *member = core->members[at];
		enum reason reason;

		if (!judge_is_receiver(member) ||
		    judge_has_already(member, &row->author, &row->via))
			continue;
		reason = enqueue_for(core, row, record, member);
		count_enqueued(core, reason);
		if (reason == REASON_STORED || !decided_is_noted(reason) ||
		    !outgoing_load(core, row->seq))
			continue;
		verdict_deny(core, member, reason);
		group[kept++] = member;
		if (kept == STATE_BUILDS_MAX) {
			decided_note(core, group, kept, true);
			kept = 0;
		}
	}
	if (kept > 0)
		decided_note(core, group, kept, true);
}

void
delivery_enqueue(struct core *core, int64_t batch)
{
	struct batch_row row;
	int64_t record;

	core->enqueued = 0;
	core->enqueued_held = 0;
	if (core_failed(core, records_batch_get(core->store, batch, &row)) ||
	    !is_wanted(core, &row))
		return;
	if (!is_uniform(core, &row)) {
		enqueue_each(core, &row);
		return;
	}
	if (outgoing_peek(core, batch, &row, &record) && record != 0)
		enqueue_uniform(core, &row, record);
}

void
delivery_last_enqueued(const struct core *core, uint32_t *peers, uint32_t *held)
{
	*peers = core->enqueued;
	*held = core->enqueued_held;
}

/* ---------------------------------------------------------------- anew */

void
delivery_reconsider(struct core *core, struct member *member, int64_t batch)
{
	if (!judge_is_receiver(member) || !outgoing_load(core, batch) ||
	    judge_has_already(
		member, &core->outgoing.loaded->row.author, &core->outgoing.loaded->row.via))
		return;
	verdict_begin(core, member, true);
	verdict_make(core, &member, 1);
	if (core->failed != ERR_NONE ||
	    core_failed(core, deliveries_outbox_drop(core->store, &member->org, batch)))
		return;
	if (member->next_batch == batch)
		member->next_batch = 0;
	if (enqueue_verdict(core, member, OUTBOX_AGAIN) != REASON_STORED)
		decided_note(core, &member, 1, false);
}

/* Batches in ascending order, and how far they have been gone through. */
struct batches {
	struct {
		int64_t batch;
		bool is_whole;
	} * at;
	size_t count, cap, next;
};

struct catch_up {
	struct core *core;
	struct member *member;
	bool is_related;     /* only what relations and charters open */
	struct batches sent; /* of which it was sent something before */
	struct batches held; /* held for it, and decided anew already */
	uint32_t count;
	struct {
		int64_t batch;
		uint32_t records;
	} rows[256];
	int64_t last;
	struct audience audience;
};

static enum err
add_batch(struct batches *batches, int64_t batch, bool is_whole)
{
	void *grown;

	if (batches->count == batches->cap) {
		size_t cap = batches->cap == 0 ? 256 : batches->cap * 2;

		grown = realloc(batches->at, cap * sizeof(*batches->at));
		if (grown == NULL)
			return ERR_MEMORY;
		batches->at = grown;
		batches->cap = cap;
	}
	batches->at[batches->count].batch = batch;
	batches->at[batches->count++].is_whole = is_whole;
	return ERR_NONE;
}

/* Batches are asked after in ascending order. */
static bool
has_batch(struct batches *batches, int64_t batch)
{
	while (batches->next < batches->count && batches->at[batches->next].batch < batch)
		batches->next++;
	return batches->next < batches->count && batches->at[batches->next].batch == batch;
}

static enum err
list_sent(void *context, int64_t batch, bool is_whole)
{
	struct catch_up *catch_up = context;

	return add_batch(&catch_up->sent, batch, is_whole);
}

static enum err
list_held(void *context, int64_t batch)
{
	struct catch_up *catch_up = context;

	return add_batch(&catch_up->held, batch, false);
}

/* What can be said of a whole batch without any of its records: whether the ceiling lets it go.
   The decision itself falls when it leaves, record by record. */
static enum err
consider_batch(void *context, const struct batch_row *row)
{
	struct catch_up *catch_up = context;
	struct core *core = catch_up->core;
	struct member *member = catch_up->member;

	catch_up->last = row->seq;
	if (judge_has_already(member, &row->author, &row->via) || row->stored == 0)
		return ERR_NONE;
	if (catch_up->is_related
		? !judge_batch_is_opened(core, row, member, &catch_up->audience)
		: judge_batch(core, row, member, &catch_up->audience) != REASON_STORED)
		return ERR_NONE;
	catch_up->rows[catch_up->count].batch = row->seq;
	catch_up->rows[catch_up->count++].records = row->stored;
	return ERR_NONE;
}

/* One outbox row for a batch, unless all of it has left, or it was decided about just now. */
static void
enqueue_rest(struct catch_up *catch_up, int64_t batch, uint32_t records)
{
	bool was_sent = has_batch(&catch_up->sent, batch);

	if ((was_sent && catch_up->sent.at[catch_up->sent.next].is_whole) ||
	    has_batch(&catch_up->held, batch))
		return;
	put_outbox(catch_up->core, catch_up->member, batch, records,
	    was_sent ? OUTBOX_AGAIN : OUTBOX_WAITING);
}

static void
enqueue_all(struct catch_up *catch_up)
{
	struct core *core = catch_up->core;
	int64_t before;
	uint32_t i;

	do {
		before = catch_up->last;
		catch_up->count = 0;
		if (core_failed(core,
			records_batch_each(core->store, before, 256, consider_batch, catch_up)))
			break;
		for (i = 0; i < catch_up->count && core->failed == ERR_NONE; i++)
			enqueue_rest(catch_up, catch_up->rows[i].batch, catch_up->rows[i].records);
	} while (catch_up->last > before && core->failed == ERR_NONE);
}

static void
catch_up_with(struct core *core, struct member *member, bool is_related)
{
	struct catch_up *catch_up = calloc(1, sizeof(*catch_up));
	size_t i;

	if (catch_up == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	catch_up->core = core;
	catch_up->member = member;
	catch_up->is_related = is_related;
	if (!core_failed(
		core, deliveries_batches(core->store, &member->org, list_sent, catch_up)) &&
	    !core_failed(
		core, deliveries_outbox_held(core->store, &member->org, list_held, catch_up))) {
		/* at once, so that approvers see what is still held */
		for (i = 0; i < catch_up->held.count && core->failed == ERR_NONE; i++)
			delivery_reconsider(core, member, catch_up->held.at[i].batch);
		enqueue_all(catch_up);
	}
	free(catch_up->sent.at);
	free(catch_up->held.at);
	free(catch_up);
}

void
delivery_catch_up(struct core *core, struct member *member)
{
	catch_up_with(core, member, false);
}

void
delivery_related(struct core *core, struct member *member)
{
	catch_up_with(core, member, true);
}

void
delivery_reconsider_all(struct core *core)
{
	uint32_t i;

	for (i = 0; i < core->members_count && core->failed == ERR_NONE; i++) {
		if (judge_is_receiver(core->members[i]))
			delivery_catch_up(core, core->members[i]);
	}
}

void
delivery_wake(struct member *member)
{
	member->has_outbox = true;
}

/* ---------------------------------------------------------------- leaving */

/* What may leave. */
static void
select_records(const struct core *core, const struct member *member, struct selection *selection)
{
	const struct outgoing *outgoing = &core->outgoing;
	uint32_t entry;

	outgoing_selection_clear(selection);
	for (entry = 0; entry < outgoing->loaded->count; entry++) {
		if (verdict_may_go(&member->verdict, entry))
			outgoing_selection_add(selection, entry);
	}
	selection->is_whole = selection->count == outgoing->loaded->row.size;
}

/* The batch has left as far as it may: it waits no more, but for what is held. */
static void
leave_outbox(struct core *core, struct member *member)
{
	int64_t batch = core->outgoing.loaded->batch;

	member->next_batch = 0;
	if (core_failed(core, deliveries_outbox_drop(core->store, &member->org, batch)))
		return;
	if (member->verdict.held > 0)
		put_outbox(core, member, batch, member->verdict.held, OUTBOX_HELD);
}

/* Envelopes that may be on their way to a peer: as many as it takes, but all peers' together are
   bounded, since what is not read yet waits in memory. */
static uint32_t
flights_of(const struct core *core, const struct member *member)
{
	uint32_t share = STATE_FLIGHTS_MAX / (core->open_count > 0 ? core->open_count : 1);

	if (share < STATE_FLIGHTS_LEAST)
		share = STATE_FLIGHTS_LEAST;
	return member->credit < share ? member->credit : share;
}

/* Once a turn: who shares. */
static void
count_open(struct core *core)
{
	uint32_t i;

	core->open_count = 0;
	for (i = 0; i < core->members_count; i++)
		core->open_count += core->members[i]->state == SESSION_OPEN;
}

/* Send what may go of the loaded batch, as far as credit and the turn allow.  Parts carry paths,
   and may need more than one envelope. */
static void
deliver(struct core *core, struct member *member, uint32_t *budget)
{
	struct selection all, part;
	uint32_t next = 0;

	select_records(core, member, &all);
	while (*budget > 0 && next < all.count && member->in_flight < flights_of(core, member)) {
		if (all.is_whole) {
			part = all;
			next = all.count;
		} else {
			outgoing_take_part(&core->outgoing, &all, &next, &part);
		}
		if (!dispatch_add(core, member, &part, member->verdict.rule))
			return;
		(*budget)--;
	}
	if (next == all.count) {
		leave_outbox(core, member);
		return;
	}
	if (next > 0)
		put_outbox(
		    core, member, core->outgoing.loaded->batch, all.count - next, OUTBOX_AGAIN);
}

/* ---------------------------------------------------------------- the pump */

static bool
may_send(const struct core *core, const struct member *member)
{
	return judge_is_receiver(member) && member->state == SESSION_OPEN && member->has_outbox &&
	       member->in_flight < flights_of(core, member) &&
	       member->peer_serial == member->card.serial && core->failed == ERR_NONE;
}

/* Whether something waits for this peer that could leave now; then next_batch says what. */
static bool
has_next(struct core *core, struct member *member)
{
	enum err err;

	if (!may_send(core, member))
		return false;
	if (member->next_batch != 0)
		return true;
	err = deliveries_outbox_next(
	    core->store, &member->org, 0, &member->next_batch, &member->next_is_rest);
	if (err == ERR_NOT_FOUND)
		member->has_outbox = false;
	return err == ERR_NONE || (err != ERR_NOT_FOUND && !core_failed(core, err));
}

/* The peer whose turn it is, and all others for whom the same batch comes next. */
static uint32_t
gather(struct core *core, struct member **group, uint32_t most)
{
	uint32_t first = core->pump_at, count = 0, i;

	for (i = 0; i < core->members_count && count < most; i++) {
		uint32_t at = (first + i) % core->members_count;
		struct member *member = core->members[at];

		if (!has_next(core, member) ||
		    (count > 0 && member->next_batch != group[0]->next_batch))
			continue;
		if (count == 0)
			core->pump_at = at + 1;
		group[count++] = member;
	}
	return core->failed == ERR_NONE ? count : 0;
}

bool
delivery_pump(struct core *core)
{
	struct member *group[STATE_BUILDS_MAX];
	uint32_t budget = STATE_BUILDS_MAX, batches = STATE_BATCHES_MAX, count = 0, i;
	int64_t batch;

	count_open(core);
	while (budget > 0 && batches > 0) {
		count = gather(core, group, budget);
		if (count == 0)
			break;
		batch = group[0]->next_batch;
		batches -= core->outgoing.loaded->batch != batch;
		if (!outgoing_load(core, batch))
			break;
		for (i = 0; i < count; i++)
			verdict_begin(core, group[i], group[i]->next_is_rest);
		verdict_make(core, group, count);
		decided_note(core, group, count, false);
		for (i = 0; i < count && budget > 0 && core->failed == ERR_NONE; i++)
			deliver(core, group[i], &budget);
	}
	dispatch_flush(core);
	return count > 0 && core->failed == ERR_NONE;
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

/* In the order in which the header has them.  Of too many the lowest go first; the others are
   found again when the session opens anew. */
static void
note_voided(struct member *member, uint64_t number)
{
	uint32_t at = 0;

	while (at < member->voided_count && member->voided[at] < number)
		at++;
	if ((at < member->voided_count && member->voided[at] == number) || at == VOIDED_MAX)
		return;
	if (member->voided_count == VOIDED_MAX)
		member->voided_count--;
	memmove(&member->voided[at + 1], &member->voided[at],
	    (member->voided_count - at) * sizeof(member->voided[0]));
	member->voided[at] = number;
	member->voided_count++;
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
	if (announce)
		note_voided(member, row->number);
	put_outbox(core, member, row->batch, row->count, OUTBOX_AGAIN);
}

/* Whether every record of the delivery may still go. */
static bool
may_still_go(struct core *core, struct member *member, const struct selection *sent)
{
	uint32_t i;

	verdict_begin(core, member, false);
	verdict_make(core, &member, 1);
	for (i = 0; i < sent->count && core->failed == ERR_NONE; i++) {
		if (!verdict_may_go(&member->verdict, sent->entries[i]))
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
	} else if (member->in_flight >= flights_of(core, member) ||
		   !outgoing_load(core, row->batch) ||
		   !outgoing_select(&core->outgoing, row->positions, &selection) ||
		   !may_still_go(core, member, &selection) ||
		   outgoing_encrypt(core, &selection, &content_key, &sealed) != ERR_NONE) {
		withdraw(core, member, row, true);
	} else {
		dispatch_again(core, member, bytes_as_view(&signed_envelope), sealed.ciphertext);
		ciphertext_release(sealed.ciphertext);
		envelope_wipe(&sealed.content_key);
	}
	envelope_wipe(&content_key);
	bytes_release(&signed_envelope);
}

static enum err
list_voided(void *context, const struct delivery_row *row)
{
	note_voided(context, row->number);
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
	relate_receipt(core, member, receipt->outcomes);
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
