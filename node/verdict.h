/*
 * verdict: which records of the loaded batch may go to each of some peers now.
 *
 * Every record is decoded once, however many peers are asked about, and decided once for all
 * peers of a class (judge.h).
 */
#ifndef MALLA_NODE_VERDICT_H
#define MALLA_NODE_VERDICT_H

#include "node/state.h"

/* Begin the peer's verdict about the loaded batch.  is_rest: what it was sent of it already is not
   asked about again, and may not go. */
void verdict_begin(struct core *core, struct member *member, bool is_rest);
/* Fill the verdicts that were begun.  core->record is used.  A failure of the store is noted. */
void verdict_make(struct core *core, struct member *const *members, uint32_t count);
/* The peer's verdict about the loaded batch, where the same is said of every record. */
void verdict_deny(struct core *core, struct member *member, enum reason reason);
/* Whether this entry of the loaded batch may go. */
bool verdict_may_go(const struct verdict *verdict, uint32_t entry);

#endif
