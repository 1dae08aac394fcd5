#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "node/api_find.h"
#include "node/change.h"
#include "node/delivery.h"
#include "node/erasing.h"
#include "node/judge.h"
#include "node/relate.h"
#include "node/retention.h"
#include "store/standing.h"
#include "wire/request_keeping.h"

#define PAGE_BYTES_MAX (REQUEST_BYTES_MAX - 1024u)
#define ROW_OVERHEAD 96u
#define TEXT_BYTES (KEEPING_NOTE_BYTES_MAX + 128u)

/* A list of ids, and what became of each. */
struct keeping {
	struct api_call *call;
	struct keep_arguments arguments;
	struct keep_body body;
	struct bytes items;
	struct journal_records *done; /* those that were changed */
	uint8_t actor[32];
};

static void
write_event(struct keeping *keeping, enum event_type type, const char *what,
    const struct record_id *id, enum reason reason)
{
	struct api_call *call = keeping->call;
	struct event_details details = {.has_request = true,
	    .request = call->request.id,
	    .command = call->request.command,
	    .has_reason = true,
	    .reason = reason};
	char text[TEXT_BYTES], hex[65];
	size_t len = keeping->arguments.note.len;

	hex[0] = '\0';
	if (id != NULL)
		hex_encode(id->bytes, sizeof(id->bytes), hex);
	(void)snprintf(text, sizeof(text), "%s%s: %.*s", what, hex, (int)len,
	    (const char *)keeping->arguments.note.data);
	details.text = bytes_view_str(text);
	journal_records_into(keeping->done, &details);
	journal_append(call->core, type, keeping->actor, details.records.bytes, &details);
}

/* The record of one id, in core->record.  Adds nothing where it is found. */
static enum reason
find_one(struct keeping *keeping, struct bytes_view id, struct found *found,
    struct keep_outcome *outcome)
{
	enum reason reason = REASON_BAD_REQUEST;

	if (id.len >= 8 && id.len <= 64)
		reason = api_find_record(keeping->call, id, found);
	if (reason == REASON_STORED)
		memcpy(outcome->id, found->row.id.bytes, sizeof(outcome->id));
	return reason;
}

typedef enum reason (*keeping_fn)(
    struct keeping *keeping, const struct found *found, struct keep_outcome *outcome);

static enum reason
each_id(struct keeping *keeping, keeping_fn each)
{
	struct core *core = keeping->call->core;
	struct bytes_view id;

	while (core->failed == ERR_NONE &&
	       schema_list_next_bin(&keeping->arguments.ids, &id) == ERR_NONE) {
		struct keep_outcome outcome = {0};
		struct found found;

		api_find_init(&found);
		outcome.reason = find_one(keeping, id, &found, &outcome);
		if (outcome.reason == REASON_STORED)
			outcome.reason = each(keeping, &found, &outcome);
		api_find_release(&found);
		if (core->failed == ERR_NONE)
			(void)core_failed(
			    core, schema_list_add(&keeping->body.outcomes, &keeping->items,
				      &request_keeping_outcome_schema, &outcome));
	}
	return core->failed == ERR_NONE ? REASON_STORED : REASON_STORAGE;
}

/* One request about many ids; `event` for all that were changed, or 0 where each has its own. */
static enum reason
keep(struct api_call *call, keeping_fn each, const char *what, bool is_one_event)
{
	struct keeping keeping = {.call = call};
	enum reason reason = REASON_STORAGE;

	if (!api_arguments(call, &request_keeping_schema, &keeping.arguments))
		return REASON_BAD_REQUEST;
	keeping.done = calloc(1, sizeof(*keeping.done));
	if (keeping.done == NULL) {
		(void)core_failed(call->core, ERR_MEMORY);
		return REASON_STORAGE;
	}
	event_actor_operator(call->operator.name, keeping.actor);
	bytes_init(&keeping.items, REQUEST_BYTES_MAX);
	reason = each_id(&keeping, each);
	if (reason == REASON_STORED && is_one_event && keeping.done->count > 0)
		write_event(&keeping, EVENT_QUARANTINE, what, NULL, REASON_STORED);
	if (reason == REASON_STORED && call->core->failed == ERR_NONE)
		reason = api_body(call, &request_keeping_body_schema, &keeping.body);
	bytes_release(&keeping.items);
	free(keeping.done);
	return reason;
}

/* ---------------------------------------------------------------- quarantine */

struct listing {
	struct api_call *call;
	struct quarantine_body body;
	struct bytes items;
	struct journal_records *restricted;
	uint64_t limit;
	int64_t last;
	bool is_full;
};

static enum err
add_quarantined(void *context, const struct standing *standing)
{
	struct listing *listing = context;
	struct core *core = listing->call->core;
	struct quarantine_row out = {.since_ms = standing->quarantined_ms};
	struct record_row row;
	enum err err = records_get_row(core->store, standing->record, &row);

	if (err != ERR_NONE)
		return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
	if (listing->body.rows.count == listing->limit ||
	    listing->items.len + row.body.len + ROW_OVERHEAD > PAGE_BYTES_MAX) {
		listing->is_full = true;
		return ERR_NO;
	}
	listing->last = row.seq;
	err = record_decode(row.body, false, &core->record, NULL);
	if (err != ERR_NONE)
		return ERR_CORRUPT;
	if (judge_read(core, &core->record, &listing->call->operator, row.writer) !=
	    REASON_STORED) {
		listing->body.hidden++;
		return ERR_NONE;
	}
	if (row.tlp >= TLP_AMBER_STRICT)
		journal_record(listing->restricted, &row.id, REASON_STORED);
	out.seq = (uint64_t)row.seq;
	out.record = row.body;
	memcpy(out.via, row.via.bytes, sizeof(out.via));
	return schema_list_add(
	    &listing->body.rows, &listing->items, &request_keeping_quarantine_row_schema, &out);
}

enum reason
api_keeping_quarantine(struct api_call *call)
{
	struct core *core = call->core;
	struct quarantine_arguments arguments;
	struct listing listing = {.call = call};
	enum reason reason = REASON_STORAGE;
	enum err err;

	if (!api_arguments(call, &request_keeping_quarantine_schema, &arguments))
		return REASON_BAD_REQUEST;
	listing.limit = arguments.limit;
	listing.restricted = calloc(1, sizeof(*listing.restricted));
	bytes_init(&listing.items, REQUEST_BYTES_MAX);
	err = listing.restricted == NULL
		  ? ERR_MEMORY
		  : standing_quarantined_each(
			core->store, (int64_t)arguments.after, 512, add_quarantined, &listing);
	if (err == ERR_NO)
		err = ERR_NONE;
	if (!core_failed(core, err)) {
		listing.body.next =
		    listing.is_full || listing.body.rows.count + listing.body.hidden == 512
			? (uint64_t)listing.last
			: 0;
		api_find_journal_read(call, listing.restricted);
		reason = api_body(call, &request_keeping_quarantine_body_schema, &listing.body);
	}
	bytes_release(&listing.items);
	free(listing.restricted);
	return reason;
}

/* REASON_NOT_FOUND: it is not in quarantine. */
static enum reason
look_at_quarantined(struct keeping *keeping, const struct found *found, struct standing *standing)
{
	struct core *core = keeping->call->core;

	if (core_failed(core, standing_get(core->store, found->row.seq, standing)))
		return REASON_STORAGE;
	if (standing->quarantined_ms == 0)
		return REASON_NOT_FOUND;
	return judge_read(core, &core->record, &keeping->call->operator, found->row.writer);
}

/* It goes where an accepted record goes: into what is signed of organisations, and on its way. */
static enum reason
release_one(struct keeping *keeping, const struct found *found, struct keep_outcome *outcome)
{
	struct core *core = keeping->call->core;
	struct standing standing;
	enum reason reason = look_at_quarantined(keeping, found, &standing);
	uint32_t i;

	(void)outcome;
	if (reason != REASON_STORED)
		return reason;
	standing.quarantined_ms = 0;
	if (core_failed(core, standing_put(core->store, &standing)))
		return REASON_STORAGE;
	relate_stored(core, &found->row.id);
	if (core->failed == ERR_NONE)
		change_released(core, &found->row.id);
	journal_record(keeping->done, &found->row.id, REASON_STORED);
	for (i = 0; i < core->members_count && core->failed == ERR_NONE; i++)
		delivery_reconsider(core, core->members[i], found->row.batch);
	return REASON_STORED;
}

static enum reason
refuse_one(struct keeping *keeping, const struct found *found, struct keep_outcome *outcome)
{
	struct core *core = keeping->call->core;
	struct standing standing;
	struct erasing erasing;
	enum reason reason = look_at_quarantined(keeping, found, &standing);

	if (reason != REASON_STORED)
		return reason;
	erasing_look(core, &found->row, &erasing);
	outcome->hold = (uint64_t)erasing.hold;
	if (core->failed != ERR_NONE || erasing.reason != REASON_STORED)
		return erasing.reason;
	erasing_do(core, &erasing);
	journal_record(keeping->done, &erasing.id, REASON_QUARANTINED);
	return REASON_STORED;
}

enum reason
api_keeping_release(struct api_call *call)
{
	return keep(call, release_one, "released", true);
}

enum reason
api_keeping_refuse(struct api_call *call)
{
	return keep(call, refuse_one, "refused", true);
}

/* ---------------------------------------------------------------- erase */

static enum reason
erase_one(struct keeping *keeping, const struct found *found, struct keep_outcome *outcome)
{
	struct core *core = keeping->call->core;
	struct erasing erasing;

	erasing_look(core, &found->row, &erasing);
	outcome->hold = (uint64_t)erasing.hold;
	outcome->recipients = erasing.recipients;
	outcome->is_waiting = erasing.is_waiting;
	if (core->failed != ERR_NONE || keeping->arguments.is_dry_run)
		return erasing.reason;
	if (erasing.reason == REASON_STORED)
		erasing_do(core, &erasing);
	if (core->failed != ERR_NONE)
		return REASON_STORAGE;
	keeping->done->count = 0;
	journal_record(keeping->done, &erasing.id, erasing.reason);
	write_event(keeping, EVENT_ERASED, "", &erasing.id, erasing.reason);
	return erasing.reason;
}

enum reason
api_keeping_erase(struct api_call *call)
{
	return keep(call, erase_one, "", false);
}

/* ---------------------------------------------------------------- retain */

static enum err
add_found(struct core *core, const struct retention_slice *slice, struct retain_body *body,
    struct bytes *items)
{
	enum err err = ERR_NONE;
	uint32_t i;

	for (i = 0; i < slice->count && err == ERR_NONE; i++) {
		const struct retention_found *found = &slice->at[i];
		const struct rule *rule = &core->policy->retain.at[found->rule];
		struct retain_row row = {.reason = found->reason,
		    .hold = (uint64_t)found->erasing.hold,
		    .rule = bytes_view_str(rule->name),
		    .line = rule->line};

		memcpy(row.id, found->erasing.id.bytes, sizeof(row.id));
		err = schema_list_add(&body->rows, items, &request_keeping_retain_row_schema, &row);
	}
	return err;
}

enum reason
api_keeping_retain(struct api_call *call)
{
	struct core *core = call->core;
	struct retain_arguments arguments;
	struct retain_body body = {0};
	struct retention_slice *slice;
	struct bytes items;
	uint8_t actor[32];
	int64_t cursor;
	enum reason reason = REASON_STORAGE;

	if (!api_arguments(call, &request_keeping_retain_schema, &arguments))
		return REASON_BAD_REQUEST;
	slice = malloc(sizeof(*slice));
	if (slice == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return REASON_STORAGE;
	}
	cursor = (int64_t)arguments.after;
	event_actor_operator(call->operator.name, actor);
	bytes_init(&items, REQUEST_BYTES_MAX);
	retention_find(core, &cursor, slice);
	if (core->failed == ERR_NONE && !arguments.is_dry_run)
		retention_erase(core, slice, actor);
	if (core->failed == ERR_NONE && !core_failed(core, add_found(core, slice, &body, &items))) {
		body.next = (uint64_t)cursor;
		reason = api_body(call, &request_keeping_retain_body_schema, &body);
	}
	bytes_release(&items);
	free(slice);
	return reason;
}
