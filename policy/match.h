/*
 * match: a predicate on a decoded record, in memory.  Pure, and allocates nothing.
 *
 * store/ gives the same answers by SQL; a property test holds the two equal.
 */
#ifndef MALLA_POLICY_MATCH_H
#define MALLA_POLICY_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/predicate.h"
#include "wire/record.h"

/* What a condition may ask and the record does not say. */
struct match_context {
	uint64_t now_ms;
	uint64_t received_ms; /* by this node; 0: not received yet, so nothing is true of it */
};

/* Whether the record satisfies the finished predicate, whose authors are resolved (asserted:
   an unresolved name under a `not` would hold for everybody).  No nodes: true. */
bool match_predicate(const struct predicate *predicate, const struct record *record,
    const struct match_context *context);

#endif
