/*
 * relations: what organisations have signed of one another, and which charters are in force.
 *
 * Pure: records of kind relation and charter are added in the order in which they were stored,
 * and questions are answered as of a moment, so that what was decided then can be decided again.
 * docs/protocol.md 2.4, 2.8
 */
#ifndef MALLA_POLICY_RELATIONS_H
#define MALLA_POLICY_RELATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/ceiling.h"
#include "policy/communities.h"
#include "policy/match.h"
#include "wire/record.h"

/* Statements of one author beyond which its oldest are forgotten, once there are so many of all. */
#define RELATIONS_OF_AUTHOR_MAX 1024u

struct relations;

/* What was stored here until known_ms, of which now_ms is the time. */
struct relations_moment {
	uint64_t known_ms; /* UINT64_MAX: everything */
	uint64_t now_ms;
};

MUST_CHECK enum err relations_open(struct relations **out);
void relations_free(struct relations *relations);
/* Nothing is known. */
void relations_clear(struct relations *relations);
/* Whether there is nothing to ask about. */
bool relations_is_empty(const struct relations *relations);
/* Whether any grant that was ever added names one record: else what is asked of two records of one
   author, label and audience is the same. */
bool relations_name_records(const struct relations *relations);
/* A complete record, decoded; of other kinds than relation and charter nothing is taken.  Copied.
   A repeat changes nothing.  ERR_FULL: its author has made too many charters known here. */
MUST_CHECK enum err relations_add(struct relations *relations, const struct record *record,
    const struct record_id *id, uint64_t received_ms);

/* Whether both have signed that `client` is a client (or a constituent) of `provider`. */
bool relations_are_client(const struct relations *relations, enum relation_type type,
    const struct org_id *client, const struct org_id *provider, struct relations_moment when);
/* Listed by the charter in force, and has not left. */
bool relations_are_member(const struct relations *relations, const struct community_id *community,
    const struct org_id *org, struct relations_moment when);

/* What the ceiling asks of a record on its way; record_id NULL: any one record of the author's
   may be the one. */
struct relations_way {
	const struct org_id *author;
	const struct org_id *holder;
	const struct org_id *recipient;
	struct bytes_view sector; /* the recipient's, as its card says it */
	const struct audience *audience;
	enum tlp tlp;
	const struct record_id *record;
};
/* Fills membership, is_client and has_grant; the rest is left alone. */
void relations_ask(const struct relations *relations, const struct relations_way *way,
    struct relations_moment when, struct ceiling_relations *out);
/* What is signed between self and peer: roles and communities, of which there is room for
   MATCH_COMMUNITIES_MAX.  Sector and country are left alone. */
void relations_facts(const struct relations *relations, const struct org_id *self,
    const struct org_id *peer, struct relations_moment when, struct community_id *communities,
    struct match_peer *out);

const struct communities *relations_communities(const struct relations *relations);

/* The last word of an author about one thing. */
struct relations_statement {
	struct record_id id;
	struct org_id author;
	uint64_t created_ms;
	uint64_t valid_from_ms;
	uint64_t valid_until_ms;
	enum tlp tlp; /* the record's own label */
	const struct relation *relation;
	bool is_active; /* by its state, and valid now */
};
typedef enum err (*relations_statement_fn)(
    void *context, const struct relations_statement *statement);
MUST_CHECK enum err relations_each_statement(const struct relations *relations,
    struct relations_moment when, relations_statement_fn each, void *context);

#endif
