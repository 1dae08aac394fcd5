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

/* What became of the record here since it was stored. */
enum decide_standing {
	DECIDE_IN_FORCE,
	DECIDE_QUARANTINED, /* nobody has released it */
	DECIDE_SUPERSEDED,  /* its author has amended it */
};

/* What approvers have said of this record going to this peer under this policy; outbound. */
struct decide_approvals {
	uint32_t count;     /* different persons, of whom none is the author */
	bool is_rejected;
	bool is_privacy_released; /* one of them, with a reason, let what the privacy gate found go */
};

struct decide_input {
	const struct record *record; /* complete: a draft has been given author and created */
	struct match_context context; /* the times; everything else is filled in from here */
	const struct org_id *self;    /* this node's organisation */
	const struct org_id *peer; /* outbound: the recipient; inbound: who sent the envelope;
				      retention: NULL */
	struct match_peer facts; /* what is known of the peer */
	/* between holder and recipient, about the record's author and audience */
	struct ceiling_relations relations;
	/* likewise about the author and audience of the record that it was derived from */
	struct ceiling_relations derived;
	enum decide_standing standing;
	struct decide_approvals approvals;
	bool is_private; /* outbound: the privacy gate found something in it that it does not declare */
};

/* X(symbol, name): who or what decided, in the order in which they are asked */
/* clang-format off */
#define DECIDE_BY_TABLE(X) \
	X(DECIDE_BY_CEILING,   "ceiling")   /* the label does not allow it */ \
	X(DECIDE_BY_STANDING,  "standing")  /* outbound: it is in quarantine, or amended */ \
	X(DECIDE_BY_TERMS,     "terms")     /* outbound: its handling terms are not in force now */ \
	X(DECIDE_BY_PURPOSE,   "purpose")   /* own personal or RED record without purpose or legal basis, or the policy requires them */ \
	X(DECIDE_BY_APPROVERS, "approvers") /* the rule holds it, and they have released or rejected it */ \
	X(DECIDE_BY_RULE,      "rule") \
	X(DECIDE_BY_NOTHING,   "nothing")   /* no rule matches, which denies, refuses or keeps */ \
	X(DECIDE_BY_PRIVACY,   "privacy")   /* a rule shares it, and the privacy gate holds it */
/* clang-format on */
enum decide_by {
#define DECIDE_BY_ENUM(symbol, name) symbol,
	DECIDE_BY_TABLE(DECIDE_BY_ENUM)
#undef DECIDE_BY_ENUM
};
#define DECIDE_BY_COUNT 8u

enum decide_trace {
	DECIDE_NOT_REACHED, /* a rule before it matched */
	DECIDE_OTHER_PARTY, /* it is not about this peer */
	DECIDE_NO_MATCH,    /* its condition does not hold */
	DECIDE_MATCHED,
};

struct decision {
	/* of the rule, or deny, refuse, keep.  A record that has nothing of what RULE_REDACT takes
	   away is shared: RULE_SHARE, with `redacted` as the rule says */
	enum rule_action action;
	/* shared, accepted, quarantined, erased, kept: REASON_STORED; held: REASON_HELD; else why
	   not.  A record that is to be redacted does not go as it is: REASON_POLICY. */
	enum reason reason;
	enum reason ceiling; /* the ceiling's word, whoever decided */
	enum ceiling_ground ground; /* and its reason */
	bool is_ground_derived;     /* it speaks of what the record was derived from */
	enum decide_by by;
	uint32_t approvers; /* RULE_HOLD */
	uint64_t redacted;  /* RULE_REDACT: bits of enum rule_redact */
	uint32_t required_line; /* DECIDE_BY_PURPOSE: of the policy's `require`; 0: none asks it */
	int rule; /* index of the first that matches, even where the ceiling decided; or -1 */
	const char *rule_name; /* "" where there is none, or it has none; the policy's */
	uint32_t rule_line;    /* in the policy's text; 0 where there is none */
	uint32_t trace_count;
	uint8_t trace[RULES_MAX]; /* enum decide_trace, by rule */
	/* by rule: the node that settled it, of its party for DECIDE_OTHER_PARTY, else of its
	   condition (match_explain); for explain */
	uint8_t decider[RULES_MAX];
	struct hash policy;
};

/* "ceiling"; static. */
const char *decide_by_name(enum decide_by by);
/* What the rules were asked with: for explain. */
struct match_context decide_context(const struct policy *policy, const struct decide_input *input);
/* What a rule that matches does with this record: a redaction that finds nothing shares. */
enum rule_action decide_action(const struct rule *rule, const struct record *record);
/* The ceiling's word by itself. */
enum reason decide_ceiling(enum rule_direction direction, const struct decide_input *input);
/* Whether it is decided whatever any policy says: by ceiling, standing, terms, or a purpose that
   every policy asks for. */
bool decide_is_shut(enum rule_direction direction, const struct decide_input *input);
/* The one function: everything else is a name for it. */
struct decision decide(
    const struct policy *policy, enum rule_direction direction, const struct decide_input *input);
/* From self to peer.  Asserts that the policy's predicates are resolved. */
struct decision decide_outbound(const struct policy *policy, const struct decide_input *input);
/* What peer has sent to self. */
struct decision decide_inbound(const struct policy *policy, const struct decide_input *input);
/* What self still keeps.  The ceiling has no say in it: its word is REASON_STORED. */
struct decision decide_retention(const struct policy *policy, const struct decide_input *input);

#endif
