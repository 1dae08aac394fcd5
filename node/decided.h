/*
 * decided: what was kept from leaving is written down, beside what left: one leaf for a batch and
 * the peers that were decided about together.
 *
 * What the ceiling shuts, what has expired and what the peer has already is not: anybody can
 * say so again from the record alone.  Nor is what was said before under the same policy.
 */
#ifndef MALLA_NODE_DECIDED_H
#define MALLA_NODE_DECIDED_H

#include "node/state.h"
#include "store/decisions.h"

/* Whether this outcome is. */
bool decided_is_noted(enum reason reason);
/* As the verdicts about the loaded batch say, of at most STATE_BUILDS_MAX peers.  is_first: nothing
   was decided about the batch before. */
void decided_note(
    struct core *core, struct member *const *members, uint32_t count, bool is_first);
/* The hash of one row in the tree whose root the leaf has, and how many decisions it is; ids are
   by position.  ERR_MISSING: it speaks of a position that has none.  docs/protocol.md 10.2 */
MUST_CHECK enum err decided_hash(const struct decisions_row *row, const struct record_id *ids,
    const bool *has, struct hash *out, uint64_t *count);

#endif
