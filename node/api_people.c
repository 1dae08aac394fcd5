#include <stdio.h>
#include <string.h>

#include "node/api.h"
#include "node/delivery.h"
#include "node/directory.h"
#include "store/approvals.h"

/* ---------------------------------------------------------------- organisations */

enum reason
api_people_peer_add(struct api_call *call)
{
	struct core *core = call->core;
	struct peer_add_arguments arguments;
	struct member *member = NULL;
	struct org_body body;
	enum reason reason;

	if (!api_arguments(call, &request_peer_add_schema, &arguments))
		return REASON_BAD_REQUEST;
	reason = directory_learn(core, arguments.package, &member);
	if (reason != REASON_STORED) {
		(void)snprintf(call->words, sizeof(call->words), "%s",
		    reason == REASON_EXISTS ? "this is our own card" : "the card was not taken");
		return reason;
	}
	if (member->is_peer && !member->is_removed)
		return REASON_EXISTS;
	if (member->card.is_revocation)
		return REASON_REVOKED;
	if (core->now_ms >= member->card.expires_ms) {
		(void)snprintf(call->words, sizeof(call->words),
		    "the card has expired: ask its organisation for a newer one");
		return REASON_STALE_CARD;
	}
	directory_add(core, member,
	    arguments.name.len > 0 ? arguments.name : bytes_view_str(member->card.name));
	delivery_catch_up(core, member);
	memcpy(body.org, member->org.bytes, sizeof(body.org));
	return api_body(call, &request_org_schema, &body);
}

enum reason
api_people_peer_remove(struct api_call *call)
{
	struct core *core = call->core;
	struct org_body arguments;
	struct org_id org;
	struct member *member;

	if (!api_arguments(call, &request_org_schema, &arguments))
		return REASON_BAD_REQUEST;
	memcpy(org.bytes, arguments.org, sizeof(org.bytes));
	member = directory_find(core, &org);
	if (member == NULL || !member->is_peer || member->is_removed)
		return REASON_UNKNOWN_ORG;
	directory_remove(core, member);
	return api_body(call, &request_org_schema, &arguments);
}

enum reason
api_people_peer_list(struct api_call *call)
{
	struct core *core = call->core;
	struct peer_list_body body = {0};
	struct empty_body nothing;
	struct bytes items;
	enum reason reason;
	uint32_t i;

	if (!api_arguments(call, &request_empty_schema, &nothing))
		return REASON_BAD_REQUEST;
	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < core->members_count; i++) {
		const struct member *member = core->members[i];
		struct peer_entry entry = {.added_ms = member->added_ms,
		    .is_removed = member->is_removed,
		    .name = bytes_view_str(directory_name(core, &member->org))};
		struct card_row row;

		if (core_failed(core, peers_card_newest(core->store, &member->org, &row)))
			break;
		memcpy(entry.org, member->org.bytes, sizeof(entry.org));
		entry.package = row.package;
		if (core_failed(core,
			schema_list_add(&body.peers, &items, &request_peer_entry_schema, &entry)))
			break;
	}
	reason = api_body(call, &request_peer_list_schema, &body);
	bytes_release(&items);
	return reason;
}

/* ---------------------------------------------------------------- our own operators */

struct user_search {
	struct core *core;
	struct bytes_view name;
	bool found;
	uint32_t admins; /* in force */
	bool is_admin;   /* the one searched for */
	struct schema_list list;
	struct bytes items;
};

static enum err
look_at_user(void *context, const struct operator_row *row)
{
	struct user_search *search = context;
	struct user_entry entry = {.name = row->name,
	    .uid = row->uid,
	    .roles = row->roles,
	    .clearance = row->clearance,
	    .is_red_desk = row->is_red_desk,
	    .added_ms = row->added_ms};

	if (row->is_removed)
		return ERR_NONE;
	search->admins += (row->roles & ROLE_ADMIN) != 0;
	if (bytes_view_is_equal(row->name, search->name)) {
		search->found = true;
		search->is_admin = (row->roles & ROLE_ADMIN) != 0;
	}
	memcpy(entry.public_key, row->public_key, sizeof(entry.public_key));
	return schema_list_add(&search->list, &search->items, &request_user_schema, &entry);
}

static bool
search_users(struct core *core, struct bytes_view name, struct user_search *search)
{
	*search = (struct user_search){.core = core, .name = name};
	bytes_init(&search->items, REQUEST_BYTES_MAX);
	return !core_failed(core, peers_operator_each(core->store, look_at_user, search));
}

enum reason
api_people_user_add(struct api_call *call)
{
	struct core *core = call->core;
	struct user_search search;
	struct operator_row row;
	struct user_entry user;
	bool done;

	if (!api_arguments(call, &request_user_schema, &user))
		return REASON_BAD_REQUEST;
	if (!audience_is_person_name(user.name)) {
		(void)snprintf(
		    call->words, sizeof(call->words), "a name is 1 to 64 of a-z 0-9 . _ -");
		return REASON_BAD_REQUEST;
	}
	done = search_users(core, user.name, &search);
	bytes_release(&search.items);
	if (!done)
		return REASON_STORAGE;
	if (search.found)
		return REASON_EXISTS;
	row = (struct operator_row){.name = user.name,
	    .uid = (uint32_t)user.uid,
	    .roles = (uint32_t)user.roles,
	    .clearance = (uint32_t)user.clearance,
	    .is_red_desk = user.is_red_desk,
	    .added_ms = core->now_ms};
	memcpy(row.public_key, user.public_key, sizeof(row.public_key));
	if (core_failed(core, peers_operator_put(core->store, &row)))
		return REASON_STORAGE;
	user.added_ms = core->now_ms;
	return api_body(call, &request_user_schema, &user);
}

enum reason
api_people_user_list(struct api_call *call)
{
	struct user_search search;
	struct user_list_body body = {0};
	struct empty_body nothing;
	enum reason reason = REASON_STORAGE;

	if (!api_arguments(call, &request_empty_schema, &nothing))
		return REASON_BAD_REQUEST;
	if (search_users(call->core, bytes_view_of(NULL, 0), &search)) {
		body.users = search.list;
		reason = api_body(call, &request_user_list_schema, &body);
	}
	bytes_release(&search.items);
	return reason;
}

enum reason
api_people_user_remove(struct api_call *call)
{
	struct core *core = call->core;
	struct user_remove_arguments arguments;
	struct user_search search;
	bool done;

	if (!api_arguments(call, &request_user_remove_schema, &arguments))
		return REASON_BAD_REQUEST;
	done = search_users(core, arguments.name, &search);
	bytes_release(&search.items);
	if (!done)
		return REASON_STORAGE;
	if (!search.found)
		return REASON_NOT_FOUND;
	if (search.is_admin && search.admins == 1) {
		(void)snprintf(
		    call->words, sizeof(call->words), "the last admin stays: add another first");
		return REASON_ROLE;
	}
	if (core_failed(core, peers_operator_remove(core->store, arguments.name)) ||
	    core_failed(
		core, approvals_withdraw(core->store, arguments.name, core->now_ms)))
		return REASON_STORAGE;
	core->has_removed = true;
	return api_body(call, &request_user_remove_schema, &arguments);
}
