/*
 * relation: what a record of kind relation states of its author and others.  docs/protocol.md 2.4
 *
 *     client-of, constituent-of   of two organisations, either of which may be the author: it
 *                                 holds where both have stated it
 *     grant                       the author lets a holder pass on what it would else not
 *     left                        the author is no member of the community, whatever its charter
 *
 * Of the statements of one author that are about the same (relation_is_same), the last counts:
 * by the record's created, then by its id.
 */
#ifndef MALLA_WIRE_RELATION_H
#define MALLA_WIRE_RELATION_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/marking.h"
#include "wire/org_list.h"

enum relation_type {
	RELATION_UNSTATED,
	RELATION_CLIENT_OF,
	RELATION_CONSTITUENT_OF,
	RELATION_GRANT,
	RELATION_LEFT,
};
enum relation_state { RELATION_STATE_UNSTATED, RELATION_ACTIVE, RELATION_ENDED };

struct relation {
	enum relation_type type;
	enum relation_state state;
	bool has_subject;
	bool has_object;
	bool has_community;
	bool has_target;
	bool has_to_community;
	bool has_tlp;
	struct org_id subject; /* the client, the constituent; of a grant: who may pass on */
	struct org_id object;  /* the provider, the national CERT */
	struct community_id community; /* that was left; of a grant: its members may pass on */
	struct record_id target;       /* of a grant: the one record that it is about */
	struct org_list to_orgs;       /* of a grant: to whom; any of the three */
	struct community_id to_community;
	struct bytes_view to_sector;
	enum tlp tlp; /* of a grant: the strictest label that it covers */
};

/* "client-of", "ended"; "" for unstated.  Static. */
const char *relation_name(enum relation_type type);
bool relation_parse(struct bytes_view name, enum relation_type *type);
const char *relation_state_name(enum relation_state state);
/* Whether two statements are about the same: of one author only the later counts. */
bool relation_is_same(const struct relation *a, const struct relation *b);
/* ERR_MISSING or ERR_VALUE: what its type must have and does not, or has and must not. */
MUST_CHECK enum err relation_check(const struct relation *relation);
/* Whether this organisation may state it. */
bool relation_is_by(const struct relation *relation, const struct org_id *author);

#endif
