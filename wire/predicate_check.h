/*
 * predicate_check: which trees are predicates.  wire/predicate.h has the rules.
 *
 * For wire/predicate.c, which asks it on decoding and on finishing; others use that.
 */
#ifndef MALLA_WIRE_PREDICATE_CHECK_H
#define MALLA_WIRE_PREDICATE_CHECK_H

#include "wire/predicate.h"

/* <0, 0, >0: the order of the values of one comparison. */
int predicate_check_order(const struct predicate *predicate, const struct predicate_value *a,
    const struct predicate_value *b);
/* Check shape and values, and set every node's end.  ERR_INVALID: a node where it may not
   stand; ERR_TRUNCATED, ERR_TRAILING: too few or too many nodes; ERR_TOO_DEEP; else what is
   wrong with a value. */
MUST_CHECK enum err predicate_check_tree(struct predicate *predicate);

#endif
