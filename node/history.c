#include "node/history.h"

#include <string.h>

#include "store/changes.h"
#include "store/standing.h"

#define SHOWN_MAX 64u

/* The newest of one kind. */
struct list {
	enum record_kind kind;
	uint32_t seen;
	struct change at[SHOWN_MAX]; /* a ring: seen % SHOWN_MAX is next */
};

static enum err
note_change(void *context, const struct change *change)
{
	struct list *list = context;

	if (change->kind == list->kind)
		list->at[list->seen++ % SHOWN_MAX] = *change;
	return ERR_NONE;
}

static bool
is_superseded(struct core *core, int64_t row, bool *is_quarantined)
{
	struct standing standing;

	*is_quarantined = false;
	if (core_failed(core, standing_get(core->store, row, &standing)))
		return false;
	*is_quarantined = standing.quarantined_ms != 0;
	return standing.is_superseded;
}

static void
add_version(
    struct core *core, struct show_body *body, struct bytes *items, const struct show_version *in)
{
	(void)core_failed(
	    core, schema_list_add(&body->versions, items, &request_version_schema, in));
}

/* The first one, as far as it is here. */
static void
add_first(
    struct core *core, const struct record_id *first, struct show_body *body, struct bytes *items)
{
	struct show_version version = {.state = SHOW_VERSION_UNKNOWN};
	struct record_row row;
	enum err err = records_get(core->store, first, &row);
	bool is_quarantined;

	memcpy(version.id, first->bytes, sizeof(version.id));
	if (err == ERR_NONE) {
		version.created_ms = row.created_ms;
		version.state = is_superseded(core, row.seq, &is_quarantined)
				    ? SHOW_VERSION_SUPERSEDED
				    : SHOW_VERSION_IN_FORCE;
		if (is_quarantined)
			version.state = SHOW_VERSION_QUARANTINED;
	} else if (err != ERR_NOT_FOUND) {
		(void)core_failed(core, err);
	}
	add_version(core, body, items, &version);
}

static uint64_t
state_of(struct core *core, const struct change *change)
{
	bool is_quarantined, is_old;

	if (change->is_erased)
		return SHOW_VERSION_ERASED;
	is_old = is_superseded(core, change->record, &is_quarantined);
	if (is_quarantined)
		return SHOW_VERSION_QUARANTINED;
	if (change->state == CHANGE_WAITING)
		return SHOW_VERSION_WAITING;
	return is_old ? SHOW_VERSION_SUPERSEDED : SHOW_VERSION_IN_FORCE;
}

static uint32_t
first_of(const struct list *list)
{
	return list->seen > SHOWN_MAX ? list->seen - SHOWN_MAX : 0;
}

static void
fill_versions(
    struct core *core, const struct record_id *first, struct show_body *body, struct bytes *items)
{
	struct list list = {.kind = RECORD_AMENDMENT};
	uint32_t i;

	if (core_failed(core, changes_of(core->store, first, note_change, &list)) || list.seen == 0)
		return;
	add_first(core, first, body, items);
	for (i = first_of(&list); i < list.seen && core->failed == ERR_NONE; i++) {
		const struct change *change = &list.at[i % SHOWN_MAX];
		struct show_version version = {
		    .created_ms = change->created_ms, .state = state_of(core, change)};

		memcpy(version.id, change->id.bytes, sizeof(version.id));
		add_version(core, body, items, &version);
	}
}

static void
fill_disputes(
    struct core *core, const struct record_id *id, struct show_body *body, struct bytes *items)
{
	struct list list = {.kind = RECORD_DISPUTE};
	uint32_t i;

	if (core_failed(core, changes_of(core->store, id, note_change, &list)))
		return;
	for (i = first_of(&list); i < list.seen && core->failed == ERR_NONE; i++) {
		const struct change *change = &list.at[i % SHOWN_MAX];
		struct show_dispute dispute = {.created_ms = change->created_ms,
		    .reason = change->reason,
		    .is_answered = change->state == CHANGE_ANSWERED};

		memcpy(dispute.id, change->id.bytes, sizeof(dispute.id));
		memcpy(dispute.org, change->author.bytes, sizeof(dispute.org));
		(void)core_failed(core,
		    schema_list_add(&body->disputes, items, &request_dispute_schema, &dispute));
	}
}

void
history_fill(struct core *core, const struct record_id *id, struct show_body *body,
    struct bytes *versions, struct bytes *disputes)
{
	struct record_id first =
	    core->record.kind == RECORD_AMENDMENT ? core->record.body.target : *id;

	fill_versions(core, &first, body, versions);
	if (core->failed == ERR_NONE)
		fill_disputes(core, id, body, disputes);
}
