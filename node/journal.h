/*
 * journal: what the core writes into the log: one leaf per signed object and operator's act.
 */
#ifndef MALLA_NODE_JOURNAL_H
#define MALLA_NODE_JOURNAL_H

#include "node/state.h"

/* Append one leaf.  A failure of the store is noted (core_failed). */
void journal_append(struct core *core, enum event_type type, const uint8_t actor[32],
    const uint8_t object[32], const struct event_details *details);
/* A leaf about a signed thing: its object is the SHA-256 of the statement, which stands in
   the details as a whole. */
void journal_signed(struct core *core, enum event_type type, const struct org_id *actor,
    const struct hash *statement, struct event_details *details, struct bytes_view signed_thing);
/* The Merkle root over [record id || u16 outcome]: what details say about a batch. */
struct journal_records {
	uint32_t count;
	struct hash leaves[BATCH_COUNT_MAX];
};
void journal_record(struct journal_records *records, const struct record_id *id,
    enum reason outcome);
void journal_records_into(const struct journal_records *records, struct event_details *details);

#endif
