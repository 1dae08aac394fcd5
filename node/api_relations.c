#include <stdlib.h>
#include <string.h>

#include "node/api.h"
#include "node/api_find.h"
#include "node/journal.h"
#include "node/relate.h"
#include "wire/request_relations.h"

#define PAGE_BYTES_MAX (REQUEST_BYTES_MAX - 1024u)
#define ENTRY_OVERHEAD 512u

struct listing {
	struct core *core;
	struct bytes items;
	struct schema_list list;
	bool is_cut;
	struct journal_records *restricted; /* AMBER+STRICT records that are shown */
	struct bytes ids;                   /* of one entry */
	struct bytes stewards;              /* likewise */
};

/* False: out of memory (noted). */
static bool
open_listing(struct listing *listing, struct api_call *call)
{
	*listing = (struct listing){
	    .core = call->core, .restricted = calloc(1, sizeof(*listing->restricted))};
	bytes_init(&listing->items, REQUEST_BYTES_MAX);
	bytes_init(&listing->ids, MEMBERS_MAX * sizeof(struct org_id));
	bytes_init(&listing->stewards, STEWARDS_MAX * sizeof(struct org_id));
	return listing->restricted != NULL || !core_failed(call->core, ERR_MEMORY);
}

static void
close_listing(struct listing *listing)
{
	bytes_release(&listing->items);
	bytes_release(&listing->ids);
	bytes_release(&listing->stewards);
	free(listing->restricted);
}

static void
append_orgs(struct bytes *out, const struct org_list *orgs)
{
	uint32_t i;

	for (i = 0; i < orgs->count; i++) {
		struct org_id org = org_list_at(orgs, i);

		bytes_append(out, org.bytes, sizeof(org.bytes));
	}
}

/* ---------------------------------------------------------------- relations */

static bool
is_mutual(const struct core *core, const struct relation *relation)
{
	return (relation->type == RELATION_CLIENT_OF ||
		   relation->type == RELATION_CONSTITUENT_OF) &&
	       relations_are_client(core->relations, relation->type, &relation->subject,
		   &relation->object, relate_now(core));
}

static enum err
add_relation(void *context, const struct relations_statement *statement)
{
	struct listing *listing = context;
	const struct relation *relation = statement->relation;
	struct relation_entry entry = {.type = relation->type,
	    .state = relation->state,
	    .is_valid = statement->is_active,
	    .is_mutual = is_mutual(listing->core, relation),
	    .created_ms = statement->created_ms,
	    .valid_until_ms = statement->valid_until_ms,
	    .to_sector = relation->to_sector,
	    .tlp = relation->tlp};

	if (listing->items.len + ENTRY_OVERHEAD + relation->to_orgs.count * sizeof(struct org_id) >
		PAGE_BYTES_MAX ||
	    listing->restricted->count == BATCH_COUNT_MAX) {
		listing->is_cut = true;
		return ERR_NO;
	}
	if (statement->tlp >= TLP_AMBER_STRICT)
		journal_record(listing->restricted, &statement->id, REASON_STORED);
	memcpy(entry.id, statement->id.bytes, sizeof(entry.id));
	memcpy(entry.author, statement->author.bytes, sizeof(entry.author));
	memcpy(entry.subject, relation->subject.bytes, sizeof(entry.subject));
	memcpy(entry.object, relation->object.bytes, sizeof(entry.object));
	memcpy(entry.community, relation->community.bytes, sizeof(entry.community));
	memcpy(entry.target, relation->target.bytes, sizeof(entry.target));
	memcpy(entry.to_community, relation->to_community.bytes, sizeof(entry.to_community));
	bytes_clear(&listing->ids);
	append_orgs(&listing->ids, &relation->to_orgs);
	entry.to_orgs = bytes_as_view(&listing->ids);
	return schema_list_add(
	    &listing->list, &listing->items, &request_relations_entry_schema, &entry);
}

/* Who is whose client is for those who may read AMBER. */
enum reason
api_relations(struct api_call *call)
{
	struct relation_list_body body;
	struct empty_body nothing;
	struct listing listing;
	enum reason reason;
	enum err err;

	if (!api_arguments(call, &request_empty_schema, &nothing))
		return REASON_BAD_REQUEST;
	if (call->operator.clearance<CLEARANCE_AMBER)
		return REASON_CLEARANCE;
	err = open_listing(&listing, call) ? relations_each_statement(call->core->relations,
						 relate_now(call->core), add_relation, &listing)
					   : ERR_MEMORY;
	if (err == ERR_NONE || err == ERR_NO)
		api_find_journal_read(call, listing.restricted);
	body = (struct relation_list_body){listing.list, listing.is_cut};
	reason = err != ERR_NO && core_failed(call->core, err)
		     ? REASON_STORAGE
		     : api_body(call, &request_relations_schema, &body);
	close_listing(&listing);
	return reason;
}

/* ---------------------------------------------------------------- communities */

/* Those who have not left. */
static void
append_members(struct listing *listing, const struct community_charter *community)
{
	const struct org_list *members = &community->charter->members;
	uint32_t i;

	for (i = 0; i < members->count; i++) {
		struct org_id org = org_list_at(members, i);

		if (relations_are_member(
			listing->core->relations, &community->id, &org, relate_now(listing->core)))
			bytes_append(&listing->ids, org.bytes, sizeof(org.bytes));
	}
}

static enum err
add_entry(struct listing *listing, const struct community_charter *community, bool has_members)
{
	const struct charter *charter = community->charter;
	const struct org_id *self = &listing->core->org;
	struct community_entry entry = {.name = community->name,
	    .serial = charter->serial,
	    .threshold = charter->threshold,
	    .is_member = relations_are_member(
		listing->core->relations, &community->id, self, relate_now(listing->core)),
	    .is_steward = org_list_has(&charter->stewards, self),
	    .is_forked = community->is_forked};

	if (listing->items.len + 2 * ENTRY_OVERHEAD > PAGE_BYTES_MAX)
		return ERR_NONE;
	memcpy(entry.id, community->id.bytes, sizeof(entry.id));
	memcpy(entry.hash, community->hash.bytes, sizeof(entry.hash));
	memcpy(entry.nonce, charter->nonce.bytes, sizeof(entry.nonce));
	bytes_clear(&listing->stewards);
	append_orgs(&listing->stewards, &charter->stewards);
	entry.stewards = bytes_as_view(&listing->stewards);
	bytes_clear(&listing->ids);
	append_members(listing, community);
	entry.members_count = listing->ids.len / sizeof(struct org_id);
	if (has_members && charter_has(charter, self)) {
		entry.members = bytes_as_view(&listing->ids);
		journal_record(listing->restricted, &community->record, REASON_STORED);
	}
	return schema_list_add(
	    &listing->list, &listing->items, &request_relations_community_schema, &entry);
}

static enum err
add_community(void *context, const struct community_charter *community)
{
	return add_entry(context, community, false);
}

static enum err
add_one(struct listing *listing, struct bytes_view id)
{
	struct community_charter community;
	struct community_id wanted;

	memcpy(wanted.bytes, id.data, sizeof(wanted.bytes));
	if (!communities_in_force(
		relations_communities(listing->core->relations), &wanted, UINT64_MAX, &community))
		return ERR_NOT_FOUND;
	return add_entry(listing, &community, true);
}

enum reason
api_relations_communities(struct api_call *call)
{
	struct community_arguments arguments;
	struct community_list_body body;
	struct listing listing;
	enum reason reason;
	enum err err;

	if (!api_arguments(call, &request_relations_asked_schema, &arguments))
		return REASON_BAD_REQUEST;
	/* charters are AMBER+STRICT */
	if (arguments.id.len > 0 && call->operator.clearance<CLEARANCE_AMBER)
		return REASON_CLEARANCE;
	if (!open_listing(&listing, call))
		err = ERR_MEMORY;
	else if (arguments.id.len > 0)
		err = add_one(&listing, arguments.id);
	else
		err = communities_each(relations_communities(call->core->relations), UINT64_MAX,
		    add_community, &listing);
	if (err == ERR_NONE)
		api_find_journal_read(call, listing.restricted);
	body = (struct community_list_body){listing.list};
	if (err == ERR_NOT_FOUND)
		reason = REASON_NOT_FOUND;
	else
		reason = core_failed(call->core, err)
			     ? REASON_STORAGE
			     : api_body(call, &request_relations_communities_schema, &body);
	close_listing(&listing);
	return reason;
}
