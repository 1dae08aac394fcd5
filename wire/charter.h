/*
 * charter: what a record of kind charter says of a community: who belongs to it, and who may say
 * so.  docs/protocol.md 2.4
 *
 * One charter is the body of one record or more: records of several stewards, or for several
 * parts of a long list of members, whose bodies are the same bytes, are the same charter.
 */
#ifndef MALLA_WIRE_CHARTER_H
#define MALLA_WIRE_CHARTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/org_list.h"

struct charter {
	uint64_t serial; /* from 1; 0: not stated */
	bool has_community;
	bool has_previous;
	struct community_id community; /* serial 1: none, its own hash is that */
	struct hash previous; /* charter_hash of the one that it replaces; serial 1: none */
	struct org_list stewards;
	uint32_t threshold; /* how many stewards' seals its successor needs */
	struct org_list members;
	struct nonce nonce; /* of the community: the same in each of its charters */
};

/* ERR_MISSING or ERR_VALUE: what its serial must have and does not, or has and must not. */
MUST_CHECK enum err charter_check(const struct charter *charter);
/* Of the body's canonical bytes: SHA-256("malla/charter/v1\n" || body). */
void charter_hash(struct bytes_view body, struct hash *out);
/* The community's id: stated, or the hash of the first charter, which is this. */
void charter_community(
    const struct charter *charter, struct bytes_view body, struct community_id *out);
/* Whether it lists the organisation, as member or steward. */
bool charter_has(const struct charter *charter, const struct org_id *org);

#endif
