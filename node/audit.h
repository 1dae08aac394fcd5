/*
 * audit: whether what the store keeps beside a leaf of the log is what the leaf speaks of.
 *
 * Each answers in words what is wrong (static), or NULL.  A failure of the store is noted.
 */
#ifndef MALLA_NODE_AUDIT_H
#define MALLA_NODE_AUDIT_H

#include "node/state.h"

/* The policy that somebody set: the row is the one of which the leaf speaks and which the act signs.
   The default, at the beginning of a log, has neither. */
const char *audit_policy(
    struct core *core, const struct event_details *details, const struct event *event);
/* What the policy kept from leaving: the rows are those whose root the leaf has. */
const char *audit_decided(
    struct core *core, const struct event_details *details, uint64_t leaf);

#endif
