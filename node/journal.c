#include "node/journal.h"

#include <string.h>

#include "crypto/tree.h"

void
journal_append(struct core *core, enum event_type type, const uint8_t actor[32],
    const uint8_t object[32], const struct event_details *details)
{
	struct event event = {.type = type, .time_ms = core->now_ms};
	struct salt salt;

	memcpy(event.actor, actor, sizeof(event.actor));
	memcpy(event.object, object, sizeof(event.object));
	core_random(core, salt.bytes, sizeof(salt.bytes));
	bytes_clear(&core->scratch);
	if (core_failed(core, event_details_encode(details, &core->scratch)))
		return;
	(void)core_failed(
	    core, events_append(core->store, &event, &salt, bytes_as_view(&core->scratch)));
}

void
journal_signed(struct core *core, enum event_type type, const struct org_id *actor,
    const struct hash *statement, struct event_details *details, struct bytes_view signed_thing)
{
	details->signed_thing = signed_thing;
	journal_append(core, type, actor->bytes, statement->bytes, details);
}

void
journal_record(struct journal_records *records, const struct record_id *id, enum reason outcome)
{
	event_record_leaf(id, (uint16_t)outcome, &records->leaves[records->count++]);
}

void
journal_records_into(const struct journal_records *records, struct event_details *details)
{
	details->has_records = true;
	details->count = records->count;
	tree_root(records->leaves, records->count, &details->records);
}
