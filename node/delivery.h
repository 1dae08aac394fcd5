/*
 * delivery: from the outbox to the receipt: decided and built when it leaves, resent byte for
 * byte until it is receipted.
 */
#ifndef MALLA_NODE_DELIVERY_H
#define MALLA_NODE_DELIVERY_H

#include "node/state.h"

/* A batch was stored: one outbox row for every peer that may get it, as things stand.
   The definite decision falls when it leaves. */
void delivery_enqueue(struct core *core, int64_t batch);
/* Every batch that this peer may get and of which something has not left: a new peer, one that came
   back, or one of whom something else is decided now. */
void delivery_catch_up(struct core *core, struct member *member);
/* The same of what only relations and charters let go to it, which have changed. */
void delivery_related(struct core *core, struct member *member);
/* What of one batch this peer was not sent is decided anew: approvals, the record's standing or
   relations have changed.  What has left stays with the peer, and does not go twice; what was
   withdrawn has not left.  core->record and the loaded batch are used. */
void delivery_reconsider(struct core *core, struct member *member, int64_t batch);
/* The same of every batch and every peer: another policy is in force.  What is held is decided at
   once, all else when it leaves. */
void delivery_reconsider_all(struct core *core);
/* For how many peers a batch waits, and for how many it is held (of the last enqueue). */
void delivery_last_enqueued(const struct core *core, uint32_t *peers, uint32_t *held);
/* The session opened, or its serials changed: resend what is unreceipted. */
void delivery_open(struct core *core, struct member *member);
/* There may be something to send again. */
void delivery_wake(struct member *member);
/* Build and queue envelopes for every open peer with credit, at most STATE_BUILDS_MAX.
   Returns whether there is more to do at once. */
bool delivery_pump(struct core *core);
/* A RECEIPT message. */
void delivery_receipt(struct core *core, struct member *member,
    const struct exchange_message *message);

#endif
