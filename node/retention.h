/*
 * retention: what the policy's `retain` section says is to go, found a stretch at a time, so that a
 * large store keeps nobody waiting: every hour, when another policy is in force, and by request.
 *
 * What falls under a legal hold stays, and what is still on its way to somebody, unless it has
 * expired: nothing that has expired is sent.
 */
#ifndef MALLA_NODE_RETENTION_H
#define MALLA_NODE_RETENTION_H

#include "node/erasing.h"
#include "node/state.h"

#define RETENTION_MOST 64u /* found in one go */

struct retention_found {
	struct erasing erasing;
	enum reason reason; /* stored: it goes; legal-hold; busy */
	int rule;           /* index in the policy */
};
struct retention_slice {
	uint32_t count;
	struct retention_found at[RETENTION_MOST];
};

/* Everything that the rules in force want gone among the next records behind *cursor, which moves
   on; 0 at the end of the store.  A failure of the store is noted. */
void retention_find(struct core *core, int64_t *cursor, struct retention_slice *out);
/* Erase what may go of a slice; the log names rule and root. */
void retention_erase(
    struct core *core, const struct retention_slice *slice, const uint8_t actor[32]);
/* When the next run is due; UINT64_MAX: the policy keeps everything. */
uint64_t retention_next_ms(const struct core *core);
/* Once a turn: go on with the run under way, or begin the one that is due. */
void retention_step(struct core *core);
bool retention_is_running(const struct core *core);
/* After a rollback. */
void retention_forget(struct core *core);

#endif
