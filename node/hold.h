/*
 * hold: the legal holds in force, in memory: which one keeps a record from being erased.
 */
#ifndef MALLA_NODE_HOLD_H
#define MALLA_NODE_HOLD_H

#include "node/state.h"

/* Everything again from the store. */
MUST_CHECK enum err hold_load(struct core *core);
void hold_forget(struct core *core);
/* The number of the first hold that the record, decoded, falls under; 0: of none. */
int64_t hold_of(const struct core *core, const struct record *record, const struct record_id *id,
    uint64_t received_ms);

#endif
