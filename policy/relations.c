#include "policy/relations.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 256u

/* One relation record.  Its lists are its own. */
struct statement {
	struct statement *next; /* of the bucket, in the order of storing */
	struct record_id id;
	struct org_id author;
	uint64_t received_ms;
	uint64_t created_ms;
	uint64_t valid_from_ms;
	uint64_t valid_until_ms;
	enum tlp tlp; /* of the record */
	struct relation relation;
	char sector[SECTOR_BYTES_MAX];
	struct org_id orgs[]; /* to whom */
};

struct relations {
	uint32_t statements_count;
	bool name_records;
	struct statement *statements[BUCKETS]; /* by author */
	struct communities *communities;
};

/* ------------------------------------------------------------------ life */

enum err
relations_open(struct relations **out)
{
	enum err err;

	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return ERR_MEMORY;
	err = communities_open(&(*out)->communities);
	if (err != ERR_NONE) {
		free(*out);
		*out = NULL;
	}
	return err;
}

void
relations_clear(struct relations *relations)
{
	uint32_t i;

	for (i = 0; i < BUCKETS; i++) {
		while (relations->statements[i] != NULL) {
			struct statement *next = relations->statements[i]->next;

			free(relations->statements[i]);
			relations->statements[i] = next;
		}
	}
	relations->statements_count = 0;
	relations->name_records = false;
	communities_clear(relations->communities);
}

void
relations_free(struct relations *relations)
{
	if (relations == NULL)
		return;
	relations_clear(relations);
	communities_free(relations->communities);
	free(relations);
}

bool
relations_name_records(const struct relations *relations)
{
	return relations->name_records;
}

bool
relations_is_empty(const struct relations *relations)
{
	return relations->statements_count == 0 && communities_is_empty(relations->communities);
}

static bool
is_same(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct hash)) == 0;
}

/* ------------------------------------------------------------------ statements */

static struct statement *const *
bucket_of(const struct relations *relations, const struct org_id *author)
{
	return &relations->statements[author->bytes[0]];
}

/* Too many of one author: its oldest goes.  What is forgotten opens nothing but to itself. */
static void
forget_oldest(struct relations *relations, const struct org_id *author)
{
	struct statement **place = &relations->statements[author->bytes[0]], **oldest = NULL;
	uint32_t count = 0;

	for (; *place != NULL; place = &(*place)->next) {
		if (!is_same(&(*place)->author, author))
			continue;
		if (oldest == NULL)
			oldest = place;
		count++;
	}
	if (count > RELATIONS_OF_AUTHOR_MAX) {
		struct statement *gone = *oldest;

		*oldest = gone->next;
		free(gone);
		relations->statements_count--;
	}
}

static struct statement *
copy_statement(const struct record *record, const struct record_id *id, uint64_t received_ms)
{
	const struct relation *relation = &record->body.relation;
	uint32_t count = relation->to_orgs.count, i;
	struct statement *copy = calloc(1, sizeof(*copy) + count * sizeof(struct org_id));

	if (copy == NULL)
		return NULL;
	assert(relation->to_sector.len <= sizeof(copy->sector));
	copy->id = *id;
	copy->author = record->author;
	copy->received_ms = received_ms;
	copy->created_ms = record->created_ms;
	copy->valid_from_ms = record->valid_from_ms;
	copy->valid_until_ms = record->valid_until_ms;
	copy->tlp = record->marking.tlp;
	copy->relation = *relation;
	for (i = 0; i < count; i++)
		copy->orgs[i] = org_list_at(&relation->to_orgs, i);
	copy->relation.to_orgs = org_list_of(copy->orgs, count);
	if (relation->to_sector.len > 0)
		memcpy(copy->sector, relation->to_sector.data, relation->to_sector.len);
	copy->relation.to_sector = bytes_view_of(copy->sector, relation->to_sector.len);
	return copy;
}

static enum err
add_statement(struct relations *relations, const struct record *record, const struct record_id *id,
    uint64_t received_ms)
{
	struct statement **place = &relations->statements[record->author.bytes[0]];
	struct statement *statement;

	for (; *place != NULL; place = &(*place)->next) {
		if (is_same(&(*place)->id, id))
			return ERR_NONE;
	}
	statement = copy_statement(record, id, received_ms);
	if (statement == NULL)
		return ERR_MEMORY;
	*place = statement;
	relations->name_records = relations->name_records || record->body.relation.has_target;
	relations->statements_count++;
	if (relations->statements_count > RELATIONS_OF_AUTHOR_MAX)
		forget_oldest(relations, &record->author);
	return ERR_NONE;
}

/* Whether a was stated after b: by what the author claims, since it is the author's word. */
static bool
is_later(const struct statement *a, const struct statement *b)
{
	if (a->created_ms != b->created_ms)
		return a->created_ms > b->created_ms;
	return memcmp(&a->id, &b->id, sizeof(a->id)) > 0;
}

/* Whether it is its author's last word about that. */
static bool
is_last(const struct relations *relations, const struct statement *statement,
    struct relations_moment when)
{
	const struct statement *other = *bucket_of(relations, &statement->author);

	if (statement->received_ms > when.known_ms)
		return false;
	for (; other != NULL; other = other->next) {
		if (other->received_ms <= when.known_ms &&
		    is_same(&other->author, &statement->author) &&
		    relation_is_same(&other->relation, &statement->relation) &&
		    is_later(other, statement))
			return false;
	}
	return true;
}

/* By state and time alone. */
static bool
is_active(const struct statement *statement, struct relations_moment when)
{
	return statement->relation.state == RELATION_ACTIVE &&
	       statement->valid_from_ms <= when.now_ms &&
	       (statement->valid_until_ms == 0 || when.now_ms < statement->valid_until_ms);
}

/* Whether this author's last word about that is that it is so. */
static bool
has_stated(const struct relations *relations, const struct org_id *author,
    const struct relation *wanted, struct relations_moment when)
{
	const struct statement *statement = *bucket_of(relations, author);

	for (; statement != NULL; statement = statement->next) {
		if (is_same(&statement->author, author) && is_active(statement, when) &&
		    relation_is_same(&statement->relation, wanted) &&
		    is_last(relations, statement, when))
			return true;
	}
	return false;
}

bool
relations_are_client(const struct relations *relations, enum relation_type type,
    const struct org_id *client, const struct org_id *provider, struct relations_moment when)
{
	struct relation wanted = {.type = type,
	    .has_subject = true,
	    .has_object = true,
	    .subject = *client,
	    .object = *provider};

	return has_stated(relations, client, &wanted, when) &&
	       has_stated(relations, provider, &wanted, when);
}

enum err
relations_add(struct relations *relations, const struct record *record, const struct record_id *id,
    uint64_t received_ms)
{
	assert(!record->is_draft);
	if (record->kind == RECORD_RELATION)
		return add_statement(relations, record, id, received_ms);
	if (record->kind == RECORD_CHARTER)
		return communities_add(relations->communities, record, received_ms);
	return ERR_NONE;
}

/* ------------------------------------------------------------------ members */

bool
relations_are_member(const struct relations *relations, const struct community_id *id,
    const struct org_id *org, struct relations_moment when)
{
	struct relation left = {.type = RELATION_LEFT, .has_community = true, .community = *id};

	return communities_lists(relations->communities, id, org, when.known_ms) &&
	       !has_stated(relations, org, &left, when);
}

static enum ceiling_membership
membership_of(const struct relations *relations, const struct relations_way *way,
    struct relations_moment when)
{
	const struct community_id *id = &way->audience->community;

	if (!way->audience->has_community ||
	    !communities_in_force(relations->communities, id, when.known_ms, NULL))
		return CEILING_UNKNOWN;
	return relations_are_member(relations, id, way->holder, when) &&
		       relations_are_member(relations, id, way->recipient, when)
		   ? CEILING_MEMBERS
		   : CEILING_NOT_MEMBERS;
}

/* ------------------------------------------------------------------ grants */

static bool
is_holder(const struct relations *relations, const struct relation *grant,
    const struct org_id *holder, struct relations_moment when)
{
	if (grant->has_subject)
		return is_same(&grant->subject, holder);
	return relations_are_member(relations, &grant->community, holder, when);
}

static bool
is_recipient(const struct relations *relations, const struct relation *grant,
    const struct relations_way *way, struct relations_moment when)
{
	return org_list_has(&grant->to_orgs, way->recipient) ||
	       (grant->to_sector.len > 0 && bytes_view_is_equal(grant->to_sector, way->sector)) ||
	       (grant->has_to_community &&
		   relations_are_member(relations, &grant->to_community, way->recipient, when));
}

static bool
has_grant(const struct relations *relations, const struct relations_way *way,
    struct relations_moment when)
{
	const struct statement *statement = *bucket_of(relations, way->author);

	for (; statement != NULL; statement = statement->next) {
		const struct relation *grant = &statement->relation;

		if (grant->type == RELATION_GRANT && is_same(&statement->author, way->author) &&
		    is_active(statement, when) && way->tlp <= grant->tlp &&
		    (!grant->has_target || way->record == NULL ||
			is_same(&grant->target, way->record)) &&
		    is_holder(relations, grant, way->holder, when) &&
		    is_recipient(relations, grant, way, when) &&
		    is_last(relations, statement, when))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ answers */

void
relations_ask(const struct relations *relations, const struct relations_way *way,
    struct relations_moment when, struct ceiling_relations *out)
{
	out->membership = membership_of(relations, way, when);
	/* constituents are clients of their national CERT: TLP 2.0 */
	out->is_client = relations_are_client(
			     relations, RELATION_CLIENT_OF, way->recipient, way->holder, when) ||
			 relations_are_client(
			     relations, RELATION_CONSTITUENT_OF, way->recipient, way->holder, when);
	out->has_grant = has_grant(relations, way, when);
}

struct belonging {
	const struct relations *relations;
	const struct org_id *peer;
	struct relations_moment when;
	uint32_t count;
	struct community_id *communities;
};

static enum err
take_community(void *context, const struct community_charter *community)
{
	struct belonging *belonging = context;

	if (belonging->count < MATCH_COMMUNITIES_MAX &&
	    relations_are_member(
		belonging->relations, &community->id, belonging->peer, belonging->when))
		belonging->communities[belonging->count++] = community->id;
	return ERR_NONE;
}

void
relations_facts(const struct relations *relations, const struct org_id *self,
    const struct org_id *peer, struct relations_moment when, struct community_id *communities,
    struct match_peer *out)
{
	struct belonging belonging = {relations, peer, when, 0, communities};
	enum err err;

	out->is_client = relations_are_client(relations, RELATION_CLIENT_OF, peer, self, when);
	out->is_provider = relations_are_client(relations, RELATION_CLIENT_OF, self, peer, when);
	out->is_constituent =
	    relations_are_client(relations, RELATION_CONSTITUENT_OF, peer, self, when);
	out->is_cert = relations_are_client(relations, RELATION_CONSTITUENT_OF, self, peer, when);
	err = communities_each(relations->communities, when.known_ms, take_community, &belonging);
	assert(err == ERR_NONE); /* it only counts */
	(void)err;
	out->communities_count = belonging.count;
	out->communities = communities;
}

const struct communities *
relations_communities(const struct relations *relations)
{
	return relations->communities;
}

enum err
relations_each_statement(const struct relations *relations, struct relations_moment when,
    relations_statement_fn each, void *context)
{
	const struct statement *statement;
	enum err err = ERR_NONE;
	uint32_t i;

	for (i = 0; i < BUCKETS; i++) {
		for (statement = relations->statements[i]; statement != NULL && err == ERR_NONE;
		     statement = statement->next) {
			struct relations_statement out = {.id = statement->id,
			    .author = statement->author,
			    .created_ms = statement->created_ms,
			    .valid_from_ms = statement->valid_from_ms,
			    .valid_until_ms = statement->valid_until_ms,
			    .tlp = statement->tlp,
			    .relation = &statement->relation,
			    .is_active = is_active(statement, when)};

			if (is_last(relations, statement, when))
				err = each(context, &out);
		}
	}
	return err;
}
