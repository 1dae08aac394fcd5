#include "wire/relation.h"

#include <string.h>

static const char *const names[] = {
    [RELATION_UNSTATED] = "",
    [RELATION_CLIENT_OF] = "client-of",
    [RELATION_CONSTITUENT_OF] = "constituent-of",
    [RELATION_GRANT] = "grant",
    [RELATION_LEFT] = "left",
};
#define NAMES_COUNT (sizeof(names) / sizeof(*names))

const char *
relation_name(enum relation_type type)
{
	return (size_t)type < NAMES_COUNT ? names[type] : "";
}

bool
relation_parse(struct bytes_view name, enum relation_type *type)
{
	size_t i;

	for (i = 1; i < NAMES_COUNT; i++) {
		if (bytes_view_is_equal(bytes_view_str(names[i]), name)) {
			*type = (enum relation_type)i;
			return true;
		}
	}
	return false;
}

const char *
relation_state_name(enum relation_state state)
{
	switch (state) {
	case RELATION_STATE_UNSTATED:
		break;
	case RELATION_ACTIVE:
		return "active";
	case RELATION_ENDED:
		return "ended";
	}
	return "";
}

static bool
is_same_id(bool has_a, const void *a, bool has_b, const void *b)
{
	return has_a == has_b && (!has_a || memcmp(a, b, sizeof(struct hash)) == 0);
}

/* Not to whom: a later grant to the same holder replaces the former. */
bool
relation_is_same(const struct relation *a, const struct relation *b)
{
	return a->type == b->type &&
	       is_same_id(a->has_subject, &a->subject, b->has_subject, &b->subject) &&
	       is_same_id(a->has_object, &a->object, b->has_object, &b->object) &&
	       is_same_id(a->has_community, &a->community, b->has_community, &b->community) &&
	       is_same_id(a->has_target, &a->target, b->has_target, &b->target);
}

static bool
has_recipients(const struct relation *relation)
{
	return relation->to_orgs.count > 0 || relation->has_to_community ||
	       relation->to_sector.len > 0;
}

static enum err
check_grant(const struct relation *relation)
{
	if (relation->has_object || (relation->has_subject && relation->has_community))
		return ERR_VALUE;
	if (!relation->has_subject && !relation->has_community)
		return ERR_MISSING;
	if (relation->state == RELATION_ENDED)
		return has_recipients(relation) || relation->has_tlp ? ERR_VALUE : ERR_NONE;
	return has_recipients(relation) && relation->has_tlp ? ERR_NONE : ERR_MISSING;
}

enum err
relation_check(const struct relation *relation)
{
	bool is_grants = has_recipients(relation) || relation->has_tlp || relation->has_target;

	switch (relation->type) {
	case RELATION_UNSTATED:
		return ERR_MISSING;
	case RELATION_CLIENT_OF:
	case RELATION_CONSTITUENT_OF:
		if (is_grants || relation->has_community)
			return ERR_VALUE;
		if (!relation->has_subject || !relation->has_object)
			return ERR_MISSING;
		return is_same_id(true, &relation->subject, true, &relation->object) ? ERR_VALUE
										     : ERR_NONE;
	case RELATION_GRANT:
		return check_grant(relation);
	case RELATION_LEFT:
		if (is_grants || relation->has_subject || relation->has_object)
			return ERR_VALUE;
		return relation->has_community ? ERR_NONE : ERR_MISSING;
	}
	return ERR_VALUE;
}

bool
relation_is_by(const struct relation *relation, const struct org_id *author)
{
	if (relation->type != RELATION_CLIENT_OF && relation->type != RELATION_CONSTITUENT_OF)
		return true;
	return memcmp(&relation->subject, author, sizeof(*author)) == 0 ||
	       memcmp(&relation->object, author, sizeof(*author)) == 0;
}
