/*
 * sweep: which rule decides about one record after another, for many peers: what the rules ask of
 * a record is asked once for all peers, and what they ask of a peer once for all records.
 *
 * The rule is the one that decide() finds: the same conditions, matched by policy/match with what
 * decide_context says; a test holds the two equal over random policies, records and peers.  Whether
 * anything else shuts the door, what the policy requires, and what approvers said, is decide's.
 */
#ifndef MALLA_POLICY_SWEEP_H
#define MALLA_POLICY_SWEEP_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/decide.h"

/* The rules that a peer is a party to: a bit each. */
typedef uint64_t sweep_rules;
static_assert(RULES_MAX <= 64, "a bit for every rule");

struct sweep {
	const struct policy *policy;
	const struct policy_rules *rules;
	sweep_rules open;    /* their condition holds for every record */
	sweep_rules of_peer; /* their condition asks something of the peer as well */
	/* the record at hand */
	struct match_context context; /* without a peer */
	const struct record *record;
	sweep_rules asked;
	sweep_rules matched;
};

/* The policy must outlive it, and be resolved. */
void sweep_open(
    struct sweep *sweep, const struct policy *policy, enum rule_direction direction);
/* Which rules are about this peer.  Of input: the peer, what is known of it, and whether the
   record's audience names it; nothing else of the record matters. */
sweep_rules sweep_party(const struct sweep *sweep, const struct decide_input *input);
/* The next record: of input, the record and the times.  It must last until the one after it. */
void sweep_record(struct sweep *sweep, const struct decide_input *input);
/* Whether, for a party to these rules, more than the record matters. */
bool sweep_asks_peer(const struct sweep *sweep, sweep_rules party);
/* The first rule that matches, or -1: decision.rule.  input is looked at where sweep_asks_peer. */
int sweep_rule(struct sweep *sweep, sweep_rules party, const struct decide_input *input);

#endif
