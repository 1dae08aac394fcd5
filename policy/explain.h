/*
 * explain: why a rule did not match, in the words of the policy language: what was asked, and
 * what the record states of it, or what is known of the peer.
 *
 * What is said is that of the node which settled the condition (policy/match); the values are
 * those that policy/match compared.  Pure.
 */
#ifndef MALLA_POLICY_EXPLAIN_H
#define MALLA_POLICY_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "policy/match.h"
#include "wire/predicate.h"
#include "wire/record.h"

#define EXPLAIN_BYTES_MAX 1024u /* of a condition, and of a value: cut there, with an ellipsis */
#define EXPLAIN_VALUES_SHOWN 5u /* of what a record has several of */

struct explanation {
	struct bytes condition; /* "confidence >= 60" */
	struct bytes value;     /* "20"; empty: nothing is stated, or nothing is known */
	bool is_of_peer;        /* the value is the peer's, not the record's */
};

void explain_init(struct explanation *explanation);
void explain_release(struct explanation *explanation);
/* The part of the predicate that `decider` (match_explain) settled, where it does not hold: of
   alternatives, all of them.  ERR_MEMORY. */
MUST_CHECK enum err explain_node(const struct predicate *predicate, uint16_t decider,
    const struct record *record, const struct match_context *context,
    struct explanation *explanation);

#endif
