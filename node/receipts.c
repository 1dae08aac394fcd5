#include "node/receipts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "node/directory.h"
#include "node/greeting.h"
#include "node/journal.h"

static_assert(STATE_RECEIPTS_MAX <= KEYRING_ITEMS_MAX, "one call signs what one turn owes");

enum reason
receipts_room(const struct core *core, const struct org_id *peer)
{
	uint32_t owed = 0, i;

	if (core->receipts_count == STATE_RECEIPTS_MAX)
		return REASON_BUSY;
	for (i = 0; i < core->receipts_count; i++)
		owed += memcmp(&core->receipts[i]->peer, peer, sizeof(*peer)) == 0;
	return owed < core->credit ? REASON_STORED : REASON_QUOTA;
}

void
receipts_owe(struct core *core, const struct received_row *row)
{
	struct pending_receipt *receipt;

	assert(core->receipts_count < STATE_RECEIPTS_MAX);
	receipt = calloc(1, sizeof(*receipt));
	if (receipt == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	receipt->peer = row->peer;
	receipt->sender_serial = row->sender_serial;
	receipt->recipient_serial = row->recipient_serial;
	receipt->number = row->number;
	receipt->envelope = row->envelope;
	receipt->time_ms = row->time_ms;
	receipt->count = (uint16_t)row->count;
	memcpy(receipt->outcomes, row->outcomes.data, row->outcomes.len);
	bytes_init(&receipt->signed_receipt, RECEIPT_BYTES_MAX);
	core->receipts[core->receipts_count++] = receipt;
}

void
receipts_forget(struct core *core)
{
	uint32_t i;

	for (i = 0; i < core->receipts_count; i++) {
		bytes_release(&core->receipts[i]->signed_receipt);
		free(core->receipts[i]);
	}
	core->receipts_count = 0;
	core->receipts_signed = false;
}

/* ---------------------------------------------------------------- signing */

/* The statement says what the commit made true, so it is the same whenever it is asked for. */
static enum err
encode(struct core *core, const struct pending_receipt *pending, struct bytes *out)
{
	struct receipt receipt = {.kind = RECEIPT_ORDINARY,
	    .envelope = pending->envelope,
	    .recipient = core->org,
	    .recipient_serial = pending->recipient_serial,
	    .sender = pending->peer,
	    .sender_serial = pending->sender_serial,
	    .number = pending->number,
	    .time_ms = pending->time_ms};
	enum err err;

	/* our clock was set back by more than the keyring signs for: the time is the only thing
	   that such a receipt says otherwise than the one that may have left before a crash */
	if (receipt.time_ms > core->now_ms + SKEW_MS)
		receipt.time_ms = core->now_ms;
	receipt.outcomes = bytes_view_of(pending->outcomes, 2 * (size_t)pending->count);
	events_head_committed(core->store, &receipt.head);
	err = peers_head_get(core->store, &pending->peer, &receipt.peer_head);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	receipt.has_peer_head = err == ERR_NONE;
	return receipt_encode(&receipt, out);
}

static enum err
sign(struct core *core)
{
	struct keyring_item items[STATE_RECEIPTS_MAX];
	struct keyring_result results[STATE_RECEIPTS_MAX];
	struct bytes statements[STATE_RECEIPTS_MAX];
	uint32_t i, ready = 0;
	enum err err = ERR_NONE;

	assert(!store_is_open(core->store)); /* a head is stored before it is signed */
	for (; ready < core->receipts_count && err == ERR_NONE; ready++) {
		bytes_init(&statements[ready], RECEIPT_BYTES_MAX);
		err = encode(core, core->receipts[ready], &statements[ready]);
		items[ready] = (struct keyring_item){
		    .type = KEYRING_RECEIPT, .statement = bytes_as_view(&statements[ready])};
	}
	if (err == ERR_NONE && ready > 0)
		err = core->keyring->sign(core->keyring, items, ready, results);
	for (i = 0; i < ready && err == ERR_NONE; i++) {
		err = results[i].err;
		if (err == ERR_NONE)
			err = signed_encode_one(items[i].statement, results[i].signature,
			    &core->receipts[i]->signed_receipt);
		core->made[TALLY_RECEIPT] += err == ERR_NONE;
	}
	for (i = 0; i < ready; i++)
		bytes_release(&statements[i]);
	core->receipts_signed = err == ERR_NONE && ready > 0;
	return err;
}

static void
send_receipt(struct core *core, const struct pending_receipt *pending)
{
	struct exchange_message message = {.type = EXCHANGE_RECEIPT};
	const struct member *member = directory_find(core, &pending->peer);

	if (member == NULL || !member->is_peer || member->is_removed)
		return;
	if (signed_decode(bytes_as_view(&pending->signed_receipt), RECEIPT_BYTES_MAX,
		&message.signed_thing) == ERR_NONE)
		greeting_send(core, member, &message);
}

enum err
receipts_sign(struct core *core)
{
	enum err err = sign(core);
	uint32_t i;

	for (i = 0; i < core->receipts_count && err == ERR_NONE; i++)
		send_receipt(core, core->receipts[i]);
	return err;
}

/* ---------------------------------------------------------------- storing */

static void
store_receipt(struct core *core, struct pending_receipt *pending)
{
	struct received_row row = {.peer = pending->peer,
	    .sender_serial = pending->sender_serial,
	    .recipient_serial = pending->recipient_serial,
	    .number = pending->number,
	    .receipt = bytes_as_view(&pending->signed_receipt)};
	struct event_details details = {.has_peer = true,
	    .peer = pending->peer,
	    .number = pending->number,
	    .count = pending->count};
	struct signed_thing thing;
	struct hash statement;

	if (core_failed(core, deliveries_received_receipt(core->store, &row)) ||
	    core_failed(core, signed_decode(row.receipt, RECEIPT_BYTES_MAX, &thing)))
		return;
	digest_sha256(thing.statement, &statement);
	journal_signed(core, EVENT_RECEIPT_SENT, &core->org, &statement, &details, row.receipt);
}

void
receipts_store(struct core *core)
{
	uint32_t i;

	if (!core->receipts_signed)
		return;
	for (i = 0; i < core->receipts_count; i++)
		store_receipt(core, core->receipts[i]);
	receipts_forget(core);
}

/* ---------------------------------------------------------------- recovering */

static enum err
recover_row(void *context, const struct received_row *row)
{
	struct core *core = context;

	/* a turn owes no more than there is room for; further ones, if there were any, are found
	   when these are stored and the node starts again */
	if (core->receipts_count < STATE_RECEIPTS_MAX && !row->is_voided)
		receipts_owe(core, row);
	return core->failed;
}

enum err
receipts_recover(struct core *core)
{
	enum err err;

	core->failed = ERR_NONE;
	err = deliveries_received_unsigned(core->store, recover_row, core);
	return err == ERR_NONE ? sign(core) : err;
}
