#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "node/api_find.h"
#include "node/hold.h"
#include "store/holds.h"
#include "wire/request_keeping.h"

#define PAGE_BYTES_MAX (REQUEST_BYTES_MAX - 1024u)
#define ENTRY_OVERHEAD 256u
#define TEXT_BYTES (KEEPING_NOTE_BYTES_MAX + 64u)

static void
write_event(struct api_call *call, const char *what, int64_t number, const struct hash *about,
    struct bytes_view reason)
{
	struct event_details details = {
	    .has_request = true, .request = call->request.id, .command = call->request.command};
	char text[TEXT_BYTES];
	uint8_t actor[32];

	(void)snprintf(text, sizeof(text), "%s hold %lld: %.*s", what, (long long)number,
	    (int)reason.len, (const char *)reason.data);
	details.text = bytes_view_str(text);
	event_actor_operator(call->operator.name, actor);
	journal_append(call->core, EVENT_LEGAL_HOLD, actor, about->bytes, &details);
}

/* Lists are the policy's: there are none where it is not asked. */
static bool
asks_lists(const struct predicate *predicate)
{
	uint16_t i;

	for (i = 0; i < predicate->nodes_count; i++) {
		if (predicate->nodes[i].op == PREDICATE_LISTED)
			return true;
	}
	return false;
}

/* What the hold is of: a record that is stored, or a predicate that can be asked. */
static enum reason
take_subject(
    struct api_call *call, const struct hold_add_arguments *arguments, struct hold_row *row)
{
	struct predicate *predicate;
	struct found found;
	enum reason reason;
	enum err err;

	if (arguments->id.len > 0 && arguments->predicate.len == 0) {
		api_find_init(&found);
		reason = api_find_record(call, arguments->id, &found);
		row->has_record = true;
		row->record = found.row.id;
		api_find_release(&found);
		return reason;
	}
	if (arguments->id.len > 0 || arguments->predicate.len == 0)
		return REASON_BAD_REQUEST;
	row->predicate = arguments->predicate;
	predicate = malloc(sizeof(*predicate));
	if (predicate == NULL) {
		(void)core_failed(call->core, ERR_MEMORY);
		return REASON_STORAGE;
	}
	err = predicate_decode(arguments->predicate, predicate);
	if (err == ERR_NONE && asks_lists(predicate))
		err = ERR_INVALID;
	free(predicate);
	if (err == ERR_NONE)
		return REASON_STORED;
	(void)snprintf(call->words, sizeof(call->words), "the predicate: %s", err_text(err));
	return REASON_BAD_REQUEST;
}

/* What the leaf of the log names: so that the end of a hold names what its beginning did. */
static void
subject_of(const struct hold_row *row, struct hash *out)
{
	digest_sha256(row->has_record ? bytes_view_of(row->record.bytes, sizeof(row->record.bytes))
				      : row->predicate,
	    out);
}

enum reason
api_holds_add(struct api_call *call)
{
	struct core *core = call->core;
	struct hold_add_arguments arguments;
	struct hold_row row = {0};
	struct hold_body body;
	struct hash about;
	enum reason reason;
	enum err err;

	if (!api_arguments(call, &request_keeping_hold_add_schema, &arguments))
		return REASON_BAD_REQUEST;
	reason = take_subject(call, &arguments, &row);
	if (reason != REASON_STORED)
		return reason;
	row.reason = arguments.reason;
	row.operator= call->operator.name;
	row.since_ms = core->now_ms;
	err = holds_put(core->store, &row);
	if (err == ERR_FULL) {
		(void)snprintf(call->words, sizeof(call->words),
		    "there are %u holds already: end one", (unsigned)HOLDS_MAX);
		return REASON_QUOTA;
	}
	if (core_failed(core, err) || core_failed(core, hold_load(core)))
		return REASON_STORAGE;
	subject_of(&row, &about);
	write_event(call, "put", row.number, &about, arguments.reason);
	body.number = (uint64_t)row.number;
	return api_body(call, &request_keeping_hold_schema, &body);
}

struct listing {
	struct hold_list_body body;
	struct bytes items;
};

static enum err
add_hold(void *context, const struct hold_row *row)
{
	struct listing *listing = context;
	struct hold_entry entry = {.number = (uint64_t)row->number,
	    .predicate = row->predicate,
	    .reason = row->reason,
	    .operator= row->operator,
	    .since_ms = row->since_ms };

	if (listing->items.len + row->predicate.len + row->reason.len + ENTRY_OVERHEAD >
	    PAGE_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (row->has_record)
		memcpy(entry.id, row->record.bytes, sizeof(entry.id));
	return schema_list_add(
	    &listing->body.holds, &listing->items, &request_keeping_hold_entry_schema, &entry);
}

enum reason
api_holds_list(struct api_call *call)
{
	struct listing listing = {.body = {.holds = {.count = 0}}};
	struct empty_body nothing;
	enum reason reason = REASON_OVERSIZED;
	enum err err;

	if (!api_arguments(call, &request_empty_schema, &nothing))
		return REASON_BAD_REQUEST;
	bytes_init(&listing.items, REQUEST_BYTES_MAX);
	err = holds_each(call->core->store, false, add_hold, &listing);
	if (err != ERR_TOO_LARGE)
		reason = core_failed(call->core, err)
			     ? REASON_STORAGE
			     : api_body(call, &request_keeping_hold_list_schema, &listing.body);
	bytes_release(&listing.items);
	return reason;
}

struct ending {
	int64_t number;
	struct hash about;
	bool is_found;
};

static enum err
find_hold(void *context, const struct hold_row *row)
{
	struct ending *ending = context;

	if (row->number == ending->number) {
		ending->is_found = true;
		subject_of(row, &ending->about);
	}
	return ERR_NONE;
}

enum reason
api_holds_remove(struct api_call *call)
{
	struct core *core = call->core;
	struct hold_remove_arguments arguments;
	struct hold_row row = {0};
	struct hold_body body;
	struct ending ending;
	enum err err;

	if (!api_arguments(call, &request_keeping_hold_remove_schema, &arguments))
		return REASON_BAD_REQUEST;
	ending = (struct ending){.number = (int64_t)arguments.number};
	if (core_failed(core, holds_each(core->store, false, find_hold, &ending)))
		return REASON_STORAGE;
	if (!ending.is_found)
		return REASON_NOT_FOUND;
	row.number = (int64_t)arguments.number;
	row.ended_ms = core->now_ms;
	row.ended_by = call->operator.name;
	row.ended_reason = arguments.reason;
	err = holds_end(core->store, &row);
	if (core_failed(core, err) || core_failed(core, hold_load(core)))
		return REASON_STORAGE;
	write_event(call, "ended", row.number, &ending.about, arguments.reason);
	body.number = arguments.number;
	return api_body(call, &request_keeping_hold_schema, &body);
}
