#include "wire/request_relations.h"

#include "wire/marking.h"
#include "wire/relation.h"

#define FIELD(k, type, must, s, m, lo, hi)                                                         \
	{                                                                                          \
		k, type, must, offsetof(struct s, m), lo, hi                                       \
	}
#define ID(k, must, s, m) FIELD(k, SCHEMA_FIXED, must, s, m, 0, sizeof(((struct s *)0)->m))
#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))

static const struct schema_field relations_fields[] = {
    FIELD(0, SCHEMA_LIST, false, relation_list_body, relations, 0, 1024),
    FIELD(1, SCHEMA_BOOL, false, relation_list_body, is_cut, 0, 0),
};
static const struct schema_field entry_fields[] = {
    ID(0, true, relation_entry, id),
    ID(1, true, relation_entry, author),
    FIELD(2, SCHEMA_UINT, true, relation_entry, type, RELATION_CLIENT_OF, RELATION_LEFT),
    FIELD(3, SCHEMA_UINT, true, relation_entry, state, RELATION_ACTIVE, RELATION_ENDED),
    FIELD(4, SCHEMA_BOOL, false, relation_entry, is_valid, 0, 0),
    FIELD(5, SCHEMA_BOOL, false, relation_entry, is_mutual, 0, 0),
    FIELD(6, SCHEMA_UINT, false, relation_entry, created_ms, 0, TIME_MS_MAX),
    FIELD(7, SCHEMA_UINT, false, relation_entry, valid_until_ms, 0, TIME_MS_MAX),
    ID(8, false, relation_entry, subject),
    ID(9, false, relation_entry, object),
    ID(10, false, relation_entry, community),
    ID(11, false, relation_entry, target),
    FIELD(12, SCHEMA_BIN, false, relation_entry, to_orgs, 0, 32 * AUDIENCE_ORGS_MAX),
    ID(13, false, relation_entry, to_community),
    FIELD(14, SCHEMA_LINE, false, relation_entry, to_sector, 0, SECTOR_BYTES_MAX),
    FIELD(15, SCHEMA_UINT, false, relation_entry, tlp, 0, TLP_RED),
};
static const struct schema_field asked_fields[] = {
    FIELD(0, SCHEMA_BIN, false, community_arguments, id, 32, 32),
};
static const struct schema_field communities_fields[] = {
    FIELD(0, SCHEMA_LIST, false, community_list_body, communities, 0, 1024),
};
static const struct schema_field community_fields[] = {
    ID(0, true, community_entry, id),
    FIELD(1, SCHEMA_LINE, true, community_entry, name, 1, TITLE_BYTES_MAX),
    FIELD(2, SCHEMA_UINT, true, community_entry, serial, 1, NUMBER_MAX),
    ID(3, true, community_entry, hash),
    FIELD(4, SCHEMA_UINT, true, community_entry, threshold, 1, STEWARDS_MAX),
    FIELD(5, SCHEMA_BIN, true, community_entry, stewards, 32, 32 * STEWARDS_MAX),
    FIELD(6, SCHEMA_BOOL, false, community_entry, is_member, 0, 0),
    FIELD(7, SCHEMA_BOOL, false, community_entry, is_steward, 0, 0),
    FIELD(8, SCHEMA_BOOL, false, community_entry, is_forked, 0, 0),
    FIELD(9, SCHEMA_UINT, false, community_entry, members_count, 0, MEMBERS_MAX),
    FIELD(10, SCHEMA_BIN, false, community_entry, members, 0, 32 * MEMBERS_MAX),
    ID(11, false, community_entry, nonce),
};

#define SCHEMA(name, type, table)                                                                  \
	const struct schema name = {sizeof(struct type), COUNT_OF(table), table}

SCHEMA(request_relations_schema, relation_list_body, relations_fields);
SCHEMA(request_relations_entry_schema, relation_entry, entry_fields);
SCHEMA(request_relations_asked_schema, community_arguments, asked_fields);
SCHEMA(request_relations_communities_schema, community_list_body, communities_fields);
SCHEMA(request_relations_community_schema, community_entry, community_fields);
