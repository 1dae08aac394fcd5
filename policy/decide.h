/*
 * decide: whether a record may go to, or come from, a peer, and which rule says so.
 *
 * One pure function for plan, send, receive, explain and replay, so that none of them can
 * contradict another.  The ceiling is asked first and always; no policy opens what it shuts.
 * Nothing is allocated.
 */
#ifndef MALLA_POLICY_DECIDE_H
#define MALLA_POLICY_DECIDE_H

#include <stdint.h>

#include "base/ids.h"
#include "policy/ceiling.h"
#include "policy/match.h"
#include "policy/policy.h"
#include "wire/reason.h"
#include "wire/record.h"

struct decide_input {
	const struct record *record; /* complete: a draft has been given author and created */
	struct match_context context;
	const struct org_id *self; /* this node's organisation */
	const struct org_id *peer; /* outbound: the recipient; inbound: who sent the envelope */
	/* between holder and recipient, about the record's author and audience */
	struct ceiling_relations relations;
	/* likewise about the author and audience of the record that it was derived from */
	struct ceiling_relations derived;
};

enum decide_by {
	DECIDE_BY_CEILING, /* the label does not allow it */
	DECIDE_BY_PURPOSE, /* own personal or RED record without purpose or legal basis */
	DECIDE_BY_RULE,
	DECIDE_BY_NOTHING, /* no rule matches, which denies or refuses */
};

enum decide_trace {
	DECIDE_NOT_REACHED, /* a rule before it matched */
	DECIDE_OTHER_PARTY, /* it is not about this peer */
	DECIDE_NO_MATCH,    /* its condition does not hold */
	DECIDE_MATCHED,
};

struct decision {
	enum rule_action action; /* of the rule, or deny, or refuse */
	/* shared, accepted, quarantined: REASON_STORED; held: REASON_HELD; else why not */
	enum reason reason;
	enum reason ceiling; /* the ceiling's word, whoever decided */
	enum decide_by by;
	uint32_t approvers; /* RULE_HOLD */
	int rule; /* index of the first that matches, even where the ceiling decided; or -1 */
	const char *rule_name; /* "" where there is none; the policy's */
	uint32_t trace_count;
	uint8_t trace[RULES_MAX]; /* enum decide_trace, by rule */
	struct hash policy;
};

/* From self to peer.  Asserts that the policy's predicates are resolved. */
struct decision decide_outbound(const struct policy *policy, const struct decide_input *input);
/* What peer has sent to self. */
struct decision decide_inbound(const struct policy *policy, const struct decide_input *input);

#endif
