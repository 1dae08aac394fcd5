#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "node/api.h"
#include "node/journal.h"
#include "node/ruling.h"
#include "wire/reader.h"
#include "wire/request_policy.h"

#define PAGE_BYTES_MAX (REQUEST_BYTES_MAX - 4096u)
#define ENTRY_OVERHEAD 256u
#define STATED_BYTES_MAX 32768u

static_assert(REQUEST_POLICY_BYTES_MAX == POLICY_BYTES_MAX, "what can be read can be said");
static_assert(REQUEST_POLICY_LISTS_MAX == POLICY_LISTS_MAX, "and each of its lists");
static_assert(REQUEST_POLICY_LIST_BYTES_MAX == LIST_BYTES_MAX, "in whatever size they have");

/* ---------------------------------------------------------------- lists */

/* All its bytes are here: whether they are the list that they should be. */
static enum reason
finish_list(struct api_call *call, const struct hash *hash, uint64_t size, uint64_t *entries)
{
	struct core *core = call->core;
	struct list *list = NULL;
	struct bytes canonical;
	struct hash found;
	uint32_t line = 0;
	enum err err;

	bytes_init(&canonical, LIST_BYTES_MAX);
	err = policies_list_read(core->store, hash, &canonical);
	if (core_failed(core, err)) {
		bytes_release(&canonical);
		return REASON_STORAGE;
	}
	err = list_open(bytes_as_view(&canonical), &list, &line);
	digest_sha256(bytes_as_view(&canonical), &found);
	bytes_release(&canonical);
	if (err == ERR_NONE && !digest_is_equal(&found, hash))
		err = ERR_PROOF;
	if (err == ERR_NONE) {
		*entries = list_count(list);
		err = policies_list_done(core->store, hash, size, *entries);
		list_free(list);
		return core_failed(core, err) ? REASON_STORAGE : REASON_STORED;
	}
	list_free(list);
	if (err == ERR_MEMORY) {
		(void)core_failed(core, err);
		return REASON_STORAGE;
	}
	(void)snprintf(
	    call->words, sizeof(call->words), "line %u: %s", (unsigned)line, err_text(err));
	return core_failed(core, policies_list_forget(core->store)) ? REASON_STORAGE
								    : REASON_BAD_FIELD;
}

/* One part, where it is the next one. */
static enum reason
add_part(struct api_call *call, const struct policy_list_arguments *arguments,
    const struct hash *hash, struct policy_list_body *body)
{
	struct core *core = call->core;
	enum err err;

	if (arguments->size - arguments->start < arguments->data.len) {
		(void)snprintf(call->words, sizeof(call->words), "more than it has");
		return REASON_BAD_REQUEST;
	}
	err = policies_list_add(core->store, hash, arguments->start, arguments->data);
	if (err == ERR_NO)
		return REASON_STORED; /* the answer says which one is */
	if (core_failed(core, err))
		return REASON_STORAGE;
	body->next = arguments->start + arguments->data.len;
	return body->next < arguments->size
		   ? REASON_STORED
		   : finish_list(call, hash, arguments->size, &body->entries);
}

enum reason
api_policy_list(struct api_call *call)
{
	struct core *core = call->core;
	struct policy_list_arguments arguments;
	struct policy_list_body body = {0};
	enum reason reason = REASON_STORED;
	struct hash hash;
	bool is_whole = false;

	if (!api_arguments(call, &request_policy_list_schema, &arguments) ||
	    arguments.start >= arguments.size)
		return REASON_BAD_REQUEST;
	memcpy(hash.bytes, arguments.hash, sizeof(hash.bytes));
	if (core_failed(core, policies_list_have(core->store, &hash, &body.next, &is_whole)))
		return REASON_STORAGE;
	if (is_whole && core_failed(core, policies_list_entries(core->store, &hash, &body.entries)))
		return REASON_STORAGE;
	if (!is_whole && arguments.data.len > 0)
		reason = add_part(call, &arguments, &hash, &body);
	return reason == REASON_STORED ? api_body(call, &request_policy_list_body_schema, &body)
				       : reason;
}

/* ---------------------------------------------------------------- set */

static void
state_line(struct bytes *out, const char *what, struct bytes_view name, const uint8_t hash[32])
{
	char hex[65];

	hex_encode(hash, 32, hex);
	bytes_append(out, "\n", 1);
	bytes_append(out, what, strlen(what));
	bytes_append(out, " ", 1);
	bytes_append(out, name.data, name.len);
	bytes_append(out, " ", 1);
	bytes_append(out, hex, 64);
}

/* What the leaf says in words: the policy's name, the note, and which lists its text means. */
static bool
state_policy(
    const struct policy *policy, const struct policy_set_arguments *arguments, struct bytes *out)
{
	uint32_t i;

	bytes_append(out, policy->name, strlen(policy->name));
	if (arguments->note.len > 0) {
		bytes_append(out, "\nnote ", 6);
		bytes_append(out, arguments->note.data, arguments->note.len);
	}
	for (i = 0; i < policy->lists_count; i++) {
		struct hash hash;

		list_hash(policy->lists[i].list, &hash);
		state_line(out, "list", bytes_view_str(policy->lists[i].name), hash.bytes);
	}
	return out->err == ERR_NONE && reader_is_text(bytes_as_view(out), READER_PROSE);
}

/* The row and the leaf; *leaf is its index. */
static enum reason
write_down(struct api_call *call, const struct policy *policy,
    const struct policy_set_arguments *arguments, const struct bytes *meanings, uint64_t *leaf)
{
	struct core *core = call->core;
	struct event_details details = {.has_policy = true,
	    .policy = policy->hash,
	    .has_request = true,
	    .request = call->request.id,
	    .command = call->request.command,
	    .signed_thing = call->request.act};
	struct policies_row row = {.hash = policy->hash,
	    .time_ms = core->now_ms,
	    .operator= call->operator.name,
	    .name = bytes_view_str(policy->name),
	    .note = arguments->note,
	    .arguments = call->request.arguments,
	    .meanings = bytes_as_view(meanings),
	    .act = call->request.act};
	struct bytes stated;
	struct head head;
	uint8_t actor[32];
	bool is_stated;

	events_head(core->store, &head);
	row.leaf = *leaf = head.size;
	event_actor_operator(call->operator.name, actor);
	bytes_init(&stated, STATED_BYTES_MAX);
	is_stated = state_policy(policy, arguments, &stated);
	details.text = bytes_as_view(&stated);
	if (is_stated && !core_failed(core, policies_put(core->store, &row)))
		journal_append(core, EVENT_POLICY, actor, policy->hash.bytes, &details);
	bytes_release(&stated);
	if (is_stated)
		return core->failed == ERR_NONE ? REASON_STORED : REASON_STORAGE;
	(void)snprintf(call->words, sizeof(call->words), "its name cannot be written down");
	return REASON_BAD_FIELD;
}

/* Whether another one is in force than whoever sets this one has seen. */
static bool
is_changed(struct api_call *call, const struct policy_set_arguments *arguments)
{
	static const uint8_t any[32];
	const struct hash *in_force = &call->core->policy->hash;
	char hex[65];

	if (memcmp(arguments->if_hash, any, sizeof(any)) == 0 ||
	    memcmp(arguments->if_hash, in_force->bytes, sizeof(in_force->bytes)) == 0)
		return false;
	hex_encode(in_force->bytes, sizeof(in_force->bytes), hex);
	(void)snprintf(call->words, sizeof(call->words), "in force is %s", hex);
	return true;
}

enum reason
api_policy_set(struct api_call *call)
{
	struct core *core = call->core;
	struct policy_set_arguments arguments;
	struct policy_set_body body = {0};
	struct policy *policy = NULL;
	struct bytes meanings;
	enum reason reason;

	if (!api_arguments(call, &request_policy_set_schema, &arguments))
		return REASON_BAD_REQUEST;
	if (is_changed(call, &arguments))
		return REASON_CHANGED;
	bytes_init(&meanings, RULING_MEANINGS_BYTES_MAX);
	reason = ruling_read(core, arguments.text, arguments.lists, &policy, &meanings, call->words,
	    sizeof(call->words));
	if (reason == REASON_STORED)
		reason = write_down(call, policy, &arguments, &meanings, &body.leaf);
	bytes_release(&meanings);
	if (reason != REASON_STORED) {
		policy_free(policy);
		return reason;
	}
	memcpy(body.before, core->policy->hash.bytes, sizeof(body.before));
	memcpy(body.hash, policy->hash.bytes, sizeof(body.hash));
	ruling_replace(core, policy);
	return api_body(call, &request_policy_set_body_schema, &body);
}

/* ---------------------------------------------------------------- show */

/* The lists that the request named, and how many entries each has here. */
static enum reason
add_lists(struct core *core, struct bytes_view arguments_bytes, struct schema_list *out,
    struct bytes *items)
{
	struct policy_set_arguments arguments;
	struct policy_list_name entry;
	enum err err = schema_decode(&request_policy_set_schema, arguments_bytes, &arguments);

	while (err == ERR_NONE) {
		struct hash hash;

		err = schema_list_next(&arguments.lists, &request_policy_name_schema, &entry);
		if (err != ERR_NONE)
			break;
		memcpy(hash.bytes, entry.hash, sizeof(hash.bytes));
		err = policies_list_entries(core->store, &hash, &entry.entries);
		if (err == ERR_NONE || err == ERR_NOT_FOUND)
			err = schema_list_add(out, items, &request_policy_name_schema, &entry);
	}
	return err == ERR_NOT_FOUND || !core_failed(core, err) ? REASON_STORED : REASON_STORAGE;
}

enum reason
api_policy_show(struct api_call *call)
{
	static const struct hash in_force;
	struct core *core = call->core;
	struct policy_show_arguments arguments;
	struct policy_body body = {.problem = bytes_view_str(core->policy_problem)};
	struct policies_row row;
	struct bytes items;
	struct hash hash;
	enum reason reason = REASON_STORED;
	bool is_set = false;
	enum err err;

	if (!api_arguments(call, &request_policy_show_schema, &arguments))
		return REASON_BAD_REQUEST;
	memcpy(hash.bytes, arguments.hash, sizeof(hash.bytes));
	if (digest_is_equal(&hash, &in_force))
		hash = core->policy->hash;
	err = ruling_text(core, &hash, &body.text, &row, &is_set);
	if (err == ERR_NOT_FOUND)
		return REASON_NOT_FOUND;
	if (core_failed(core, err))
		return REASON_STORAGE;
	memcpy(body.hash, hash.bytes, sizeof(body.hash));
	body.is_in_force = digest_is_equal(&hash, &core->policy->hash);
	bytes_init(&items, PAGE_BYTES_MAX);
	if (is_set) {
		body.time_ms = row.time_ms;
		body.leaf = row.leaf;
		body.operator_name = row.operator;
		body.note = row.note;
		reason = add_lists(core, row.arguments, &body.lists, &items);
	}
	if (reason == REASON_STORED)
		reason = api_body(call, &request_policy_schema, &body);
	bytes_release(&items);
	return reason;
}

/* ---------------------------------------------------------------- history */

struct history {
	struct core *core;
	struct policy_history_body body;
	struct bytes items;
	int64_t newest; /* the seq of the one in force; 0: not looked at yet */
	int64_t last;
};

static enum err
add_policy(void *context, const struct policies_row *row)
{
	struct history *history = context;
	struct policy_entry entry = {.time_ms = row->time_ms,
	    .leaf = row->leaf,
	    .operator_name = row->operator,
	    .name = row->name,
	    .note = row->note,
	    .is_in_force = row->seq == history->newest &&
			   digest_is_equal(&row->hash, &history->core->policy->hash)};

	if (history->items.len + ENTRY_OVERHEAD + row->name.len + row->note.len > PAGE_BYTES_MAX) {
		history->body.next = (uint64_t)history->last;
		return ERR_NO;
	}
	history->last = row->seq;
	memcpy(entry.hash, row->hash.bytes, sizeof(entry.hash));
	return schema_list_add(
	    &history->body.entries, &history->items, &request_policy_entry_schema, &entry);
}

enum reason
api_policy_history(struct api_call *call)
{
	struct core *core = call->core;
	struct policy_history_arguments arguments;
	struct history history = {.core = core};
	struct policies_row newest;
	enum reason reason = REASON_STORAGE;
	enum err err;

	if (!api_arguments(call, &request_policy_history_schema, &arguments))
		return REASON_BAD_REQUEST;
	err = policies_newest(core->store, &newest);
	if (err == ERR_NONE)
		history.newest = newest.seq;
	bytes_init(&history.items, REQUEST_BYTES_MAX);
	if (err == ERR_NONE || err == ERR_NOT_FOUND)
		err = policies_each(core->store, (int64_t)arguments.before,
		    (uint32_t)arguments.limit, add_policy, &history);
	if (err == ERR_NONE && history.body.entries.count == arguments.limit && history.last > 1)
		history.body.next = (uint64_t)history.last;
	if (err == ERR_NO || !core_failed(core, err))
		reason = api_body(call, &request_policy_history_body_schema, &history.body);
	bytes_release(&history.items);
	return reason;
}
