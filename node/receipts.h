/*
 * receipts: what we owe for the envelopes that a turn has stored.
 *
 *     turn n      the envelopes are stored; commit
 *     then        the keyring signs a receipt for each, over the head of that commit, and
 *                 notes the head; they leave at once
 *     turn n + 1  the receipts are stored and logged, before anything else happens
 *
 * After a crash in between, whoever was owed a receipt gets the same bytes again: nothing is
 * committed between an envelope and its receipt, so that head, time and outcomes are still
 * those of the first, and Ed25519 signs alike.  docs/decisions/0009-latency.md
 */
#ifndef MALLA_NODE_RECEIPTS_H
#define MALLA_NODE_RECEIPTS_H

#include "node/state.h"

/* Whether this turn may owe this peer one more: REASON_STORED; REASON_QUOTA, it has more in
   flight than we said we take; REASON_BUSY, all of them together have. */
enum reason receipts_room(const struct core *core, const struct org_id *peer);
/* A row was put into the store in this turn: it is owed a receipt.  A failure is noted. */
void receipts_owe(struct core *core, const struct received_row *row);
/* After the commit: sign what is owed, and send it.  ERR_LOCKED: the keyring refused, since a
   head would contradict one it signed. */
MUST_CHECK enum err receipts_sign(struct core *core);
/* In the next turn, first of all: store and log them. */
void receipts_store(struct core *core);
/* From the store, outside of a turn: rows that were stored and whose receipts were not.  They
   are signed, and wait for receipts_store; who is owed them asks by sending again. */
MUST_CHECK enum err receipts_recover(struct core *core);
void receipts_forget(struct core *core);

#endif
