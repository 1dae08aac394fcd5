/*
 * match: a predicate on a decoded record, in memory.  Pure, and allocates nothing.
 *
 * store/ gives the same answers by SQL; a property test holds the two equal.
 */
#ifndef MALLA_POLICY_MATCH_H
#define MALLA_POLICY_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/list.h"
#include "wire/predicate.h"
#include "wire/record.h"

/* The most communities that one peer can be known to be in. */
#define MATCH_COMMUNITIES_MAX 64u

/* What is known of a peer; all zeros: nothing but who it is.  Everything is borrowed. */
struct match_peer {
	struct bytes_view sector;  /* as its card says it; empty: not stated */
	struct bytes_view country; /* likewise */
	uint32_t communities_count;
	const struct community_id *communities; /* of which it is a member */
	bool is_client;      /* a signed client of this organisation */
	bool is_provider;    /* this organisation is its signed client */
	bool is_constituent; /* in this organisation's constituency */
	bool is_cert;        /* this organisation is in its constituency */
};

/* A list by the name that the policy gives it. */
struct match_list {
	struct bytes_view name;
	const struct list *list;
};

/* What a condition may ask and the record does not say.  What is left at zero is not known, so
   that nothing is true of it. */
struct match_context {
	uint64_t now_ms;
	uint64_t received_ms; /* by this node; 0: not received yet */
	const struct org_id *org; /* of the peer; NULL: there is none */
	const struct match_peer *peer;
	bool is_named; /* the record's audience names the peer */
	uint32_t lists_count;
	const struct match_list *lists;
};

/* Whether the record satisfies the finished predicate, whose names are resolved and whose lists
   are there (asserted: a name that is nobody's under a `not` would hold for everybody).  No
   nodes: true. */
bool match_predicate(const struct predicate *predicate, const struct record *record,
    const struct match_context *context);
/* The same; *decider is the node that settled it: a comparison, SOME or NOT. */
bool match_explain(const struct predicate *predicate, const struct record *record,
    const struct match_context *context, uint16_t *decider);

#endif
