#include "node/hold.h"

#include <stdlib.h>
#include <string.h>

#include "policy/match.h"
#include "store/holds.h"

struct hold {
	int64_t number;
	bool has_record;
	struct record_id record;
	struct predicate *predicate; /* NULL where it is of one record */
};

void
hold_forget(struct core *core)
{
	uint32_t i;

	for (i = 0; i < core->holds_count; i++)
		free(core->holds[i].predicate);
	free(core->holds);
	core->holds = NULL;
	core->holds_count = 0;
}

static enum err
add_row(void *context, const struct hold_row *row)
{
	struct core *core = context;
	struct hold hold = {
	    .number = row->number, .has_record = row->has_record, .record = row->record};
	struct hold *grown;

	grown = realloc(core->holds, (core->holds_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return ERR_MEMORY;
	core->holds = grown;
	if (!hold.has_record) {
		enum err err;

		hold.predicate = malloc(sizeof(*hold.predicate));
		err = hold.predicate == NULL ? ERR_MEMORY
					     : predicate_decode(row->predicate, hold.predicate);
		if (err != ERR_NONE) {
			free(hold.predicate);
			return err == ERR_MEMORY ? err : ERR_CORRUPT;
		}
	}
	core->holds[core->holds_count++] = hold;
	return ERR_NONE;
}

enum err
hold_load(struct core *core)
{
	hold_forget(core);
	return holds_each(core->store, false, add_row, core);
}

int64_t
hold_of(const struct core *core, const struct record *record, const struct record_id *id,
    uint64_t received_ms)
{
	const struct match_context context = {.now_ms = core->now_ms, .received_ms = received_ms};
	uint32_t i;

	for (i = 0; i < core->holds_count; i++) {
		const struct hold *hold = &core->holds[i];

		if (hold->has_record ? memcmp(&hold->record, id, sizeof(*id)) == 0
				     : match_predicate(hold->predicate, record, &context))
			return hold->number;
	}
	return 0;
}
