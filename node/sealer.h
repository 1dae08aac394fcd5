/*
 * sealer: drafts of our own operators: checked like any foreign bytes, completed, batched,
 * sealed, stored and put into the outbox, all in one turn.
 */
#ifndef MALLA_NODE_SEALER_H
#define MALLA_NODE_SEALER_H

#include "node/state.h"

struct sealer_outcome {
	enum reason reason;
	struct record_id id;
	uint32_t peers;
	uint32_t held;
};

/* outcomes has room for BATCH_COUNT_MAX; *count is how many drafts there were, *seals how many
   seals were made.  A failure of the store is noted (core_failed). */
void sealer_submit(struct core *core, struct schema_list drafts, bool is_dry_run,
    struct bytes_view writer, struct sealer_outcome *outcomes, uint32_t *count,
    uint32_t *seals);

#endif
