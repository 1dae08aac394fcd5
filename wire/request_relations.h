/*
 * request_relations: what the node tells operators of relations and communities.
 * docs/protocol.md 13.4
 */
#ifndef MALLA_WIRE_REQUEST_RELATIONS_H
#define MALLA_WIRE_REQUEST_RELATIONS_H

#include "base/bytes.h"
#include "base/limits.h"
#include "wire/schema.h"

/* RELATION_LIST: no arguments.  The last word of each author about each thing. */
struct relation_list_body {
	struct schema_list relations; /* of struct relation_entry */
	bool is_cut;                  /* there are more than fit */
};
/* Of an id, zeros: not stated. */
struct relation_entry {
	uint8_t id[32]; /* of the record */
	uint8_t author[32];
	uint64_t type;   /* enum relation_type */
	uint64_t state;  /* enum relation_state */
	bool is_valid;   /* now */
	bool is_mutual;  /* client-of, constituent-of: the other party says so too, and it holds */
	uint64_t created_ms;
	uint64_t valid_until_ms;
	uint8_t subject[32];
	uint8_t object[32];
	uint8_t community[32];
	uint8_t target[32];
	struct bytes_view to_orgs; /* ids, one after the other */
	uint8_t to_community[32];
	struct bytes_view to_sector;
	uint64_t tlp; /* of an active grant: enum tlp */
};

/* COMMUNITY_LIST */
struct community_arguments {
	struct bytes_view id; /* 32 bytes: of this one, with its members; empty: all, without */
};
struct community_list_body {
	struct schema_list communities; /* of struct community_entry */
};
struct community_entry {
	uint8_t id[32];
	struct bytes_view name;
	uint64_t serial;
	uint8_t hash[32]; /* of the charter in force */
	uint64_t threshold;
	struct bytes_view stewards; /* ids, one after the other */
	bool is_member;             /* this organisation */
	bool is_steward;
	bool is_forked;
	uint64_t members_count;
	struct bytes_view members; /* those who have not left; only for members and stewards */
	uint8_t nonce[16];
};

extern const struct schema request_relations_schema, request_relations_entry_schema,
    request_relations_asked_schema, request_relations_communities_schema,
    request_relations_community_schema;

#endif
