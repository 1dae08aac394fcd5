#include "store/deliveries.h"

#include <assert.h>
#include <string.h>

#include "store/handle.h"
#include "wire/reason.h"

/* tally.direction */
enum direction { DIRECTION_SENT = 0, DIRECTION_RECEIVED = 1 };

static void
put_org(struct sql_use *use, const struct org_id *org)
{
	sql_put_bytes(use, org->bytes, sizeof(org->bytes));
}

static void
put_serials(struct sql_use *use, const struct org_id *peer, uint64_t sender_serial,
    uint64_t recipient_serial)
{
	put_org(use, peer);
	sql_put_number(use, sender_serial);
	sql_put_number(use, recipient_serial);
}

/* A single count, from a statement that always has one row; ends the borrow. */
static enum err
get_number(struct sql_use *use, uint64_t *out)
{
	enum err err = sql_step(use);

	if (err == ERR_NONE) {
		*out = sql_number(use, NUMBER_MAX);
		err = sql_check(use);
	}
	sql_done(use);
	return err;
}

/* ------------------------------------------------------------------ outbox */

enum err
deliveries_outbox_put(struct store *store, const struct org_id *peer, int64_t batch,
    uint32_t records, enum outbox_state state)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_OUTBOX_PUT);
	put_org(&use, peer);
	sql_put_signed(&use, batch);
	sql_put_number(&use, records);
	sql_put_number(&use, state);
	return sql_run(&use);
}

enum err
deliveries_outbox_next(
    struct store *store, const struct org_id *peer, int64_t after, int64_t *batch, bool *is_again)
{
	struct sql_use use = sql_start(&store->sql, SQL_OUTBOX_NEXT);
	uint64_t number, state;
	enum err err;

	put_org(&use, peer);
	sql_put_signed(&use, after);
	err = sql_step(&use);
	if (err == ERR_NONE) {
		number = sql_number(&use, NUMBER_MAX);
		state = sql_number(&use, OUTBOX_AGAIN);
		err = sql_check(&use);
		if (err == ERR_NONE) {
			*batch = (int64_t)number;
			*is_again = state == OUTBOX_AGAIN;
		}
	}
	sql_done(&use);
	return err;
}

/* Asked when everything is decided anew: compiled when it is. */
enum err
deliveries_outbox_held(
    struct store *store, const struct org_id *peer, deliveries_batch_fn each, void *context)
{
	struct sql_use use;
	uint64_t batch;
	enum err err = sql_compile(&store->sql,
	    bytes_view_str("SELECT batch FROM outbox WHERE peer = ?1 AND state = 1 ORDER BY batch"),
	    &use);

	if (err != ERR_NONE)
		return err;
	put_org(&use, peer);
	while ((err = sql_step(&use)) == ERR_NONE) {
		batch = sql_number(&use, NUMBER_MAX);
		err = sql_check(&use);
		if (err == ERR_NONE)
			err = each(context, (int64_t)batch);
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
deliveries_outbox_drop(struct store *store, const struct org_id *peer, int64_t batch)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_OUTBOX_DROP);
	put_org(&use, peer);
	sql_put_signed(&use, batch);
	return sql_run(&use);
}

enum err
deliveries_is_waiting(struct store *store, int64_t batch, bool *is_waiting)
{
	struct sql_use use = sql_start(&store->sql, SQL_OUTBOX_IS_WAITING);
	uint64_t answer = 0;
	enum err err;

	sql_put_signed(&use, batch);
	err = get_number(&use, &answer);
	*is_waiting = answer != 0;
	return err;
}

enum err
deliveries_outbox_count(struct store *store, const struct org_id *peer, uint64_t *waiting_records,
    uint64_t *held_records)
{
	struct sql_use use = sql_start(&store->sql, SQL_OUTBOX_COUNT);
	enum err err;

	put_org(&use, peer);
	err = sql_step(&use);
	if (err == ERR_NONE) {
		*waiting_records = sql_number(&use, NUMBER_MAX);
		*held_records = sql_number(&use, NUMBER_MAX);
		err = sql_check(&use);
	}
	sql_done(&use);
	return err;
}

enum err
deliveries_outbox_of(struct store *store, const struct org_id *peer, int64_t batch,
    uint32_t *records, enum outbox_state *state)
{
	struct sql_use use = sql_start(&store->sql, SQL_OUTBOX_OF);
	enum err err;

	put_org(&use, peer);
	sql_put_signed(&use, batch);
	err = sql_step(&use);
	if (err == ERR_NONE) {
		*records = (uint32_t)sql_number(&use, BATCH_COUNT_MAX);
		*state = (enum outbox_state)sql_number(&use, OUTBOX_AGAIN);
		err = sql_check(&use);
	}
	sql_done(&use);
	return err;
}

/* ------------------------------------------------------------------ tallies */

/* Add the outcomes of one envelope: its reasons are few, so count each by a pass. */
static enum err
add_outcomes(struct store *store, const struct org_id *peer, enum direction direction,
    struct bytes_view outcomes)
{
	uint16_t counted[BATCH_COUNT_MAX];
	uint32_t count = 0, i;
	size_t at, other;

	assert(outcomes.len % 2 == 0 && outcomes.len / 2 <= BATCH_COUNT_MAX);
	for (at = 0; at < outcomes.len; at += 2) {
		uint16_t reason = bytes_get_u16(outcomes.data + at);
		uint64_t records = 0;
		struct sql_use use;
		enum err err;

		for (i = 0; i < count && counted[i] != reason; i++)
			;
		if (i < count)
			continue;
		counted[count++] = reason;
		for (other = at; other < outcomes.len; other += 2)
			records += bytes_get_u16(outcomes.data + other) == reason;
		use = sql_start(&store->sql, SQL_TALLY_ADD);
		put_org(&use, peer);
		sql_put_number(&use, direction);
		sql_put_number(&use, reason);
		sql_put_number(&use, records);
		err = sql_run(&use);
		if (err != ERR_NONE)
			return err;
	}
	return ERR_NONE;
}

enum err
deliveries_tally(
    struct store *store, const struct org_id *peer, deliveries_tally_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_TALLY_EACH);
	uint64_t reason, records;
	enum err err;

	put_org(&use, peer);
	sql_put_number(&use, DIRECTION_SENT);
	while ((err = sql_step(&use)) == ERR_NONE) {
		reason = sql_number(&use, UINT16_MAX);
		records = sql_number(&use, NUMBER_MAX);
		err = sql_check(&use);
		if (err != ERR_NONE)
			break;
		each(context, (uint16_t)reason, records);
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
deliveries_received_count(struct store *store, const struct org_id *peer, uint64_t *records)
{
	struct sql_use use = sql_start(&store->sql, SQL_TALLY_GET);
	enum err err;

	put_org(&use, peer);
	sql_put_number(&use, DIRECTION_RECEIVED);
	sql_put_number(&use, REASON_STORED);
	*records = 0;
	err = get_number(&use, records);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* ------------------------------------------------------------------ deliveries */

enum err
deliveries_put(struct store *store, const struct delivery_row *row)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	assert(row->positions.len % 2 == 0);
	use = sql_start(&store->sql, SQL_DELIVERY_PUT);
	put_serials(&use, &row->peer, row->sender_serial, row->recipient_serial);
	sql_put_number(&use, row->number);
	sql_put_signed(&use, row->batch);
	sql_put_number(&use, row->state);
	sql_put_number(&use, row->sent_ms);
	sql_put_number(&use, row->count);
	sql_put_bytes(&use, row->envelope.bytes, sizeof(row->envelope.bytes));
	sql_put_view(&use, row->signed_envelope);
	sql_put_view(&use, row->positions);
	sql_put_bytes(&use, row->content_key, sizeof(row->content_key));
	sql_put_bytes(&use, row->content_nonce, sizeof(row->content_nonce));
	sql_put_number(&use, row->settled_ms);
	sql_put_number(&use, row->receipt_leaf);
	sql_put_view(&use, row->outcomes);
	err = sql_run(&use);
	if (err == ERR_NONE && sql_changes(&store->sql) == 0)
		return ERR_NO;
	return err;
}

static enum err
read_delivery(struct sql_use *use, struct delivery_row *row)
{
	*row = (struct delivery_row){0};
	sql_fixed(use, row->peer.bytes, sizeof(row->peer.bytes));
	row->sender_serial = sql_number(use, NUMBER_MAX);
	row->recipient_serial = sql_number(use, NUMBER_MAX);
	row->number = sql_number(use, NUMBER_MAX);
	row->batch = (int64_t)sql_number(use, NUMBER_MAX);
	row->state = (enum delivery_state)sql_number(use, DELIVERY_VOID);
	row->sent_ms = sql_number(use, TIME_MS_MAX);
	row->count = (uint32_t)sql_number(use, BATCH_COUNT_MAX);
	sql_fixed(use, row->envelope.bytes, sizeof(row->envelope.bytes));
	row->signed_envelope = sql_view(use);
	row->positions = sql_view(use);
	sql_fixed(use, row->content_key, sizeof(row->content_key));
	sql_fixed(use, row->content_nonce, sizeof(row->content_nonce));
	row->settled_ms = sql_number(use, TIME_MS_MAX);
	row->receipt_leaf = sql_number(use, NUMBER_MAX);
	row->outcomes = sql_view(use);
	use->is_bad |= (uint64_t)row->state < DELIVERY_SENT || row->positions.len % 2 != 0;
	return sql_check(use);
}

enum err
deliveries_get(struct store *store, const struct org_id *peer, uint64_t sender_serial,
    uint64_t recipient_serial, uint64_t number, struct delivery_row *out)
{
	struct sql_use use;
	struct delivery_row row;
	enum err err;

	if (sender_serial > NUMBER_MAX || recipient_serial > NUMBER_MAX || number > NUMBER_MAX)
		return ERR_NOT_FOUND;
	use = sql_start(&store->sql, SQL_DELIVERY_GET);
	put_serials(&use, peer, sender_serial, recipient_serial);
	sql_put_number(&use, number);
	err = sql_step(&use);
	if (err == ERR_NONE)
		err = read_delivery(&use, &row);
	if (err == ERR_NONE)
		err = handle_keep_room(store, KEPT_DELIVERY,
		    row.signed_envelope.len + row.positions.len + row.outcomes.len);
	if (err == ERR_NONE) {
		row.signed_envelope = handle_keep(store, KEPT_DELIVERY, row.signed_envelope);
		row.positions = handle_keep(store, KEPT_DELIVERY, row.positions);
		row.outcomes = handle_keep(store, KEPT_DELIVERY, row.outcomes);
		*out = row;
	}
	sql_done(&use);
	return err;
}

/* After an update that changed nothing: whether there is such a delivery at all. */
static enum err
why_unchanged(struct store *store, const struct delivery_row *row)
{
	struct sql_use use = sql_start(&store->sql, SQL_DELIVERY_GET);
	enum err err;

	put_serials(&use, &row->peer, row->sender_serial, row->recipient_serial);
	sql_put_number(&use, row->number);
	err = sql_step(&use);
	sql_done(&use);
	return err == ERR_NONE ? ERR_NO : err;
}

enum err
deliveries_settle(struct store *store, const struct delivery_row *row)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_DELIVERY_SETTLE);
	put_serials(&use, &row->peer, row->sender_serial, row->recipient_serial);
	sql_put_number(&use, row->number);
	sql_put_number(&use, row->settled_ms);
	sql_put_number(&use, row->receipt_leaf);
	sql_put_view(&use, row->outcomes);
	err = sql_run(&use);
	if (err != ERR_NONE)
		return err;
	if (sql_changes(&store->sql) == 0)
		return why_unchanged(store, row);
	return add_outcomes(store, &row->peer, DIRECTION_SENT, row->outcomes);
}

enum err
deliveries_void(struct store *store, const struct delivery_row *row)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_DELIVERY_VOID);
	put_serials(&use, &row->peer, row->sender_serial, row->recipient_serial);
	sql_put_number(&use, row->number);
	sql_put_number(&use, row->settled_ms);
	err = sql_run(&use);
	if (err == ERR_NONE && sql_changes(&store->sql) == 0)
		return why_unchanged(store, row);
	return err;
}

/* Hand every row of a prepared statement on; it is reset at the end. */
static enum err
each_delivery(struct sql_use *use, delivery_fn each, void *context)
{
	struct delivery_row row;
	enum err err;

	while ((err = sql_step(use)) == ERR_NONE) {
		err = read_delivery(use, &row);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	sql_done(use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
deliveries_unsettled(
    struct store *store, const struct org_id *peer, uint32_t most, delivery_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_DELIVERY_UNSETTLED);

	put_org(&use, peer);
	sql_put_number(&use, most);
	return each_delivery(&use, each, context);
}

enum err
deliveries_voided(struct store *store, const struct org_id *peer, uint64_t sender_serial,
    uint64_t recipient_serial, uint64_t after, uint32_t most, delivery_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_DELIVERY_VOIDED);

	put_org(&use, peer);
	sql_put_number(&use, sender_serial);
	sql_put_number(&use, recipient_serial);
	sql_put_number(&use, after);
	sql_put_number(&use, most);
	return each_delivery(&use, each, context);
}

static bool
has_position(struct bytes_view positions, uint32_t position)
{
	size_t at;

	if (positions.len == 0)
		return true;
	for (at = 0; at < positions.len; at += 2) {
		if (bytes_get_u16(positions.data + at) == position)
			return true;
	}
	return false;
}

enum err
deliveries_of_batch(struct store *store, int64_t batch, delivery_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_DELIVERY_OF_BATCH);

	sql_put_signed(&use, batch);
	return each_delivery(&use, each, context);
}

struct of_record {
	uint32_t position;
	delivery_fn each;
	void *context;
};

static enum err
each_of_record(void *context, const struct delivery_row *row)
{
	const struct of_record *of = context;

	return has_position(row->positions, of->position) ? of->each(of->context, row) : ERR_NONE;
}

enum err
deliveries_of_record(
    struct store *store, int64_t batch, uint32_t position, delivery_fn each, void *context)
{
	struct of_record of = {position, each, context};

	return deliveries_of_batch(store, batch, each_of_record, &of);
}

/* Asked once in the life of a peer: compiled when it is. */
enum err
deliveries_batches(
    struct store *store, const struct org_id *peer, deliveries_sent_fn each, void *context)
{
	struct sql_use use;
	uint64_t batch, is_whole;
	enum err err = sql_compile(&store->sql,
	    bytes_view_str("SELECT batch, max(positions = x'' AND outcomes = "
			   "zeroblob(length(outcomes))) FROM delivery WHERE peer = ?1 "
			   "AND state <> 3 GROUP BY batch ORDER BY batch"),
	    &use);

	if (err != ERR_NONE)
		return err;
	put_org(&use, peer);
	while ((err = sql_step(&use)) == ERR_NONE) {
		batch = sql_number(&use, NUMBER_MAX);
		is_whole = sql_number(&use, 1);
		err = sql_check(&use);
		if (err == ERR_NONE)
			err = each(context, (int64_t)batch, is_whole == 1);
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
deliveries_last_number(struct store *store, const struct org_id *peer, uint64_t sender_serial,
    uint64_t recipient_serial, uint64_t *number)
{
	struct sql_use use = sql_start(&store->sql, SQL_DELIVERY_LAST);

	put_serials(&use, peer, sender_serial, recipient_serial);
	return get_number(&use, number);
}

/* ------------------------------------------------------------------ received */

enum err
deliveries_received_seen(struct store *store, const struct org_id *peer, uint64_t sender_serial,
    uint64_t recipient_serial, uint64_t *number)
{
	struct sql_use use = sql_start(&store->sql, SQL_MARK_GET);
	enum err err;

	put_serials(&use, peer, sender_serial, recipient_serial);
	*number = 0;
	err = get_number(&use, number);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* Move the mark over the new row and whatever had come before its turn. */
static enum err
move_mark(struct store *store, const struct received_row *row)
{
	uint64_t mark, next;
	struct sql_use use;
	enum err err;

	err = deliveries_received_seen(
	    store, &row->peer, row->sender_serial, row->recipient_serial, &mark);
	if (err != ERR_NONE || row->number != mark + 1)
		return err;
	mark++;
	use = sql_start(&store->sql, SQL_RECEIVED_AFTER);
	put_serials(&use, &row->peer, row->sender_serial, row->recipient_serial);
	sql_put_number(&use, mark);
	while ((err = sql_step(&use)) == ERR_NONE) {
		next = sql_number(&use, NUMBER_MAX);
		if (next != mark + 1)
			break;
		mark = next;
	}
	if (err == ERR_NONE || err == ERR_NOT_FOUND)
		err = sql_check(&use);
	sql_done(&use);
	if (err != ERR_NONE)
		return err;
	use = sql_start(&store->sql, SQL_MARK_SET);
	put_serials(&use, &row->peer, row->sender_serial, row->recipient_serial);
	sql_put_number(&use, mark);
	return sql_run(&use);
}

enum err
deliveries_received_put(struct store *store, const struct received_row *row)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_RECEIVED_PUT);
	put_serials(&use, &row->peer, row->sender_serial, row->recipient_serial);
	sql_put_number(&use, row->number);
	sql_put_bytes(&use, row->envelope.bytes, sizeof(row->envelope.bytes));
	sql_put_bytes(&use, row->root.bytes, sizeof(row->root.bytes));
	sql_put_number(&use, row->time_ms);
	sql_put_number(&use, row->count);
	if (row->batch == 0)
		sql_put_null(&use);
	else
		sql_put_signed(&use, row->batch);
	sql_put_view(&use, row->outcomes);
	sql_put_view(&use, row->receipt);
	sql_put_number(&use, row->is_voided);
	err = sql_run(&use);
	if (err != ERR_NONE)
		return err;
	if (sql_changes(&store->sql) == 0)
		return ERR_NO;
	err = move_mark(store, row);
	if (err == ERR_NONE)
		err = add_outcomes(store, &row->peer, DIRECTION_RECEIVED, row->outcomes);
	return err;
}

enum err
deliveries_received_receipt(struct store *store, const struct received_row *row)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_RECEIVED_RECEIPT);
	put_serials(&use, &row->peer, row->sender_serial, row->recipient_serial);
	sql_put_number(&use, row->number);
	sql_put_view(&use, row->receipt);
	err = sql_run(&use);
	if (err == ERR_NONE && sql_changes(&store->sql) == 0)
		return ERR_NOT_FOUND;
	return err;
}

static enum err
read_received(struct sql_use *use, struct received_row *row)
{
	*row = (struct received_row){0};
	sql_fixed(use, row->peer.bytes, sizeof(row->peer.bytes));
	row->sender_serial = sql_number(use, NUMBER_MAX);
	row->recipient_serial = sql_number(use, NUMBER_MAX);
	row->number = sql_number(use, NUMBER_MAX);
	sql_fixed(use, row->envelope.bytes, sizeof(row->envelope.bytes));
	sql_fixed(use, row->root.bytes, sizeof(row->root.bytes));
	row->time_ms = sql_number(use, TIME_MS_MAX);
	row->count = (uint32_t)sql_number(use, BATCH_COUNT_MAX);
	if (sql_is_null(use))
		use->at++;
	else
		row->batch = (int64_t)sql_number(use, NUMBER_MAX);
	row->outcomes = sql_view(use);
	row->receipt = sql_view(use);
	row->is_voided = sql_number(use, 1) != 0;
	return sql_check(use);
}

enum err
deliveries_received_get(struct store *store, const struct org_id *peer, uint64_t sender_serial,
    uint64_t recipient_serial, uint64_t number, struct received_row *out)
{
	struct sql_use use;
	struct received_row row;
	enum err err;

	if (sender_serial > NUMBER_MAX || recipient_serial > NUMBER_MAX || number > NUMBER_MAX)
		return ERR_NOT_FOUND;
	use = sql_start(&store->sql, SQL_RECEIVED_GET);
	put_serials(&use, peer, sender_serial, recipient_serial);
	sql_put_number(&use, number);
	err = sql_step(&use);
	if (err == ERR_NONE)
		err = read_received(&use, &row);
	if (err == ERR_NONE)
		err = handle_keep_room(store, KEPT_RECEIVED, row.outcomes.len + row.receipt.len);
	if (err == ERR_NONE) {
		row.outcomes = handle_keep(store, KEPT_RECEIVED, row.outcomes);
		row.receipt = handle_keep(store, KEPT_RECEIVED, row.receipt);
		*out = row;
	}
	sql_done(&use);
	return err;
}

static enum err
each_received(struct sql_use *use, received_fn each, void *context)
{
	struct received_row row;
	enum err err;

	while ((err = sql_step(use)) == ERR_NONE) {
		err = read_received(use, &row);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	sql_done(use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
deliveries_received_unsigned(struct store *store, received_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_RECEIVED_UNSIGNED);

	return each_received(&use, each, context);
}

enum err
deliveries_received_of_batch(struct store *store, int64_t batch, received_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_RECEIVED_OF_BATCH);

	sql_put_signed(&use, batch);
	return each_received(&use, each, context);
}
