/*
 * deliveries: the outbox, what is under way to each peer, and what came from each.
 *
 * The outbox holds (peer, batch): decided, numbered and built only when it leaves.
 */
#ifndef MALLA_STORE_DELIVERIES_H
#define MALLA_STORE_DELIVERIES_H

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "store/store.h"

/* Waiting to leave, of which nothing has left; held for an approver; or waiting, without what of
   it was sent already. */
enum outbox_state { OUTBOX_WAITING = 0, OUTBOX_HELD = 1, OUTBOX_AGAIN = 2 };

/* One outbox row for a batch of `records` records.  A repeat changes nothing, but that
   OUTBOX_AGAIN takes the place of any other. */
MUST_CHECK enum err deliveries_outbox_put(struct store *store, const struct org_id *peer,
    int64_t batch, uint32_t records, enum outbox_state state);
/* The oldest waiting batch for a peer with batch > after, and whether it is OUTBOX_AGAIN;
   ERR_NOT_FOUND. */
MUST_CHECK enum err deliveries_outbox_next(struct store *store, const struct org_id *peer,
    int64_t after, int64_t *batch, bool *is_again);
/* The batches that are held for a peer, ascending. */
typedef enum err (*deliveries_batch_fn)(void *context, int64_t batch);
MUST_CHECK enum err deliveries_outbox_held(struct store *store, const struct org_id *peer,
    deliveries_batch_fn each, void *context);
MUST_CHECK enum err deliveries_outbox_drop(struct store *store, const struct org_id *peer,
    int64_t batch);
/* Whether any of the batch is on its way to a peer: it waits, or was sent and not receipted. */
MUST_CHECK enum err deliveries_is_waiting(struct store *store, int64_t batch, bool *is_waiting);
MUST_CHECK enum err deliveries_outbox_count(struct store *store, const struct org_id *peer,
    uint64_t *waiting_records, uint64_t *held_records);
/* How many records of a batch wait for this peer, and whether they are held.  ERR_NOT_FOUND. */
MUST_CHECK enum err deliveries_outbox_of(struct store *store, const struct org_id *peer,
    int64_t batch, uint32_t *records, enum outbox_state *state);

enum delivery_state { DELIVERY_SENT = 1, DELIVERY_RECEIPTED = 2, DELIVERY_VOID = 3 };

/* One envelope to one peer. */
struct delivery_row {
	struct org_id peer;
	uint64_t sender_serial;
	uint64_t recipient_serial;
	uint64_t number;
	int64_t batch;
	enum delivery_state state;
	uint64_t sent_ms;  /* first time */
	uint32_t count;    /* records inside */
	struct hash envelope;        /* SHA-256 of its statement */
	struct bytes_view signed_envelope; /* whole signed thing; kept until receipted */
	struct bytes_view positions; /* u16 big-endian each; empty: the whole batch */
	uint8_t content_key[32];     /* zeroed once receipted */
	uint8_t content_nonce[24];
	uint64_t settled_ms;
	uint64_t receipt_leaf;       /* log index of the receipt; only where receipted */
	struct bytes_view outcomes;  /* two bytes a record; only where receipted */
};
/* ERR_NO: this number is used already. */
MUST_CHECK enum err deliveries_put(struct store *store, const struct delivery_row *row);
/* ERR_NOT_FOUND */
MUST_CHECK enum err deliveries_get(struct store *store, const struct org_id *peer,
    uint64_t sender_serial, uint64_t recipient_serial, uint64_t number, struct delivery_row *out);
/* Marks it receipted, forgets key, nonce and signed envelope, and counts the outcomes; a
   voided one too, where the receipt crossed the withdrawal.  ERR_NOT_FOUND; ERR_NO: it was
   receipted before, nothing changed. */
MUST_CHECK enum err deliveries_settle(struct store *store, const struct delivery_row *row);
/* Likewise forgets key, nonce and signed envelope.  ERR_NO: not under way any more. */
MUST_CHECK enum err deliveries_void(struct store *store, const struct delivery_row *row);
typedef enum err (*delivery_fn)(void *context, const struct delivery_row *row);
/* What is sent and unreceipted to a peer, up to `most`: by serials, then by number. */
MUST_CHECK enum err deliveries_unsettled(struct store *store, const struct org_id *peer,
    uint32_t most, delivery_fn each, void *context);
/* The withdrawn ones under these serials with number > after, by number: what the peer must be
   told of before it can count on. */
MUST_CHECK enum err deliveries_voided(struct store *store, const struct org_id *peer,
    uint64_t sender_serial, uint64_t recipient_serial, uint64_t after, uint32_t most,
    delivery_fn each, void *context);
/* Every delivery of a batch that contains this position. */
MUST_CHECK enum err deliveries_of_record(struct store *store, int64_t batch, uint32_t position,
    delivery_fn each, void *context);
/* Every delivery of a batch. */
MUST_CHECK enum err deliveries_of_batch(struct store *store, int64_t batch, delivery_fn each,
    void *context);
/* The batches of which something was sent to a peer and not withdrawn, ascending, each once; and
   whether one envelope had the whole of it, and nothing is known to have been refused. */
typedef enum err (*deliveries_sent_fn)(void *context, int64_t batch, bool is_whole);
MUST_CHECK enum err deliveries_batches(struct store *store, const struct org_id *peer,
    deliveries_sent_fn each, void *context);
/* The highest number used under these serials; 0 if none. */
MUST_CHECK enum err deliveries_last_number(struct store *store, const struct org_id *peer,
    uint64_t sender_serial, uint64_t recipient_serial, uint64_t *number);
/* Receipted records, and refused ones by reason, to this peer: fn(context, reason, records). */
typedef void (*deliveries_tally_fn)(void *context, uint16_t reason, uint64_t records);
MUST_CHECK enum err deliveries_tally(struct store *store, const struct org_id *peer,
    deliveries_tally_fn each, void *context);

/* One envelope that came from a peer. */
struct received_row {
	struct org_id peer;
	uint64_t sender_serial;
	uint64_t recipient_serial;
	uint64_t number;
	struct hash envelope; /* SHA-256 of its statement */
	struct hash root;     /* of the sealed batch, as its header says; zeros: not known */
	uint64_t time_ms;
	uint32_t count;
	int64_t batch;              /* 0: nothing of it was stored */
	struct bytes_view outcomes; /* two bytes a record */
	struct bytes_view receipt;  /* the whole signed receipt; empty: not signed yet */
	bool is_voided;             /* withdrawn by its sender; no receipt */
};
/* Counts the outcomes too.  ERR_NO: this number is there already. */
MUST_CHECK enum err deliveries_received_put(struct store *store, const struct received_row *row);
MUST_CHECK enum err deliveries_received_receipt(struct store *store,
    const struct received_row *row); /* sets receipt of the row with that key; ERR_NOT_FOUND */
/* ERR_NOT_FOUND */
MUST_CHECK enum err deliveries_received_get(struct store *store, const struct org_id *peer,
    uint64_t sender_serial, uint64_t recipient_serial, uint64_t number, struct received_row *out);
/* The highest number below which every one is settled (received or voided); 0 if none. */
MUST_CHECK enum err deliveries_received_seen(struct store *store, const struct org_id *peer,
    uint64_t sender_serial, uint64_t recipient_serial, uint64_t *number);
/* Rows without a receipt, after a crash between storing and signing. */
typedef enum err (*received_fn)(void *context, const struct received_row *row);
MUST_CHECK enum err deliveries_received_unsigned(struct store *store, received_fn each,
    void *context);
/* By which envelopes a record came: those whose batch row holds it, or that carried (a part of)
   the same sealed batch, also where it was a duplicate. */
MUST_CHECK enum err deliveries_received_of_batch(struct store *store, int64_t batch,
    received_fn each, void *context);
/* Records received from this peer and stored. */
MUST_CHECK enum err deliveries_received_count(struct store *store, const struct org_id *peer,
    uint64_t *records);

#endif
