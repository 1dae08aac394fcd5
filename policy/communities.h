/*
 * communities: the charters that are known here, and which of them is in force.
 *
 * Pure: records of kind charter are added in the order in which they were stored.  Questions are
 * answered as of a time: with what had been stored until then; UINT64_MAX: with everything.
 * docs/protocol.md 2.4, 2.8
 */
#ifndef MALLA_POLICY_COMMUNITIES_H
#define MALLA_POLICY_COMMUNITIES_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/record.h"

/* Charters that one author can make known here; more are not taken. */
#define COMMUNITIES_CHARTERS_MAX 1024u

struct communities;

/* The charter of a community in force; everything is borrowed. */
struct community_charter {
	struct community_id id;
	struct bytes_view name;
	struct hash hash; /* of the charter */
	struct record_id record; /* the first that was stored of it */
	const struct charter *charter;
	bool is_forked; /* by all that is known now, another charter over the same one before has as
			   many stewards behind it */
};

MUST_CHECK enum err communities_open(struct communities **out);
void communities_free(struct communities *communities);
void communities_clear(struct communities *communities);
bool communities_is_empty(const struct communities *communities);
/* A complete record of kind charter, as record_decode gave it.  Copied.  A repeat changes nothing.
   ERR_FULL: its author has made too many charters known here; it is not taken. */
MUST_CHECK enum err communities_add(
    struct communities *communities, const struct record *record, uint64_t received_ms);

/* Whether a charter is in force; *out, if not NULL, is which. */
bool communities_in_force(const struct communities *communities, const struct community_id *id,
    uint64_t known_ms, struct community_charter *out);
/* Whether the charter in force lists the organisation as a member, who may have left since. */
bool communities_lists(const struct communities *communities, const struct community_id *id,
    const struct org_id *org, uint64_t known_ms);
/* Those that have a charter in force; each returns ERR_NONE to go on. */
typedef enum err (*communities_fn)(void *context, const struct community_charter *community);
MUST_CHECK enum err communities_each(const struct communities *communities, uint64_t known_ms,
    communities_fn each, void *context);
/* ERR_NOT_FOUND; ERR_VALUE: more than one has this name. */
MUST_CHECK enum err communities_find(const struct communities *communities, struct bytes_view name,
    uint64_t known_ms, struct community_charter *out);

#endif
