/*
 * decisions: what of a batch some peers were not sent, and why; one log leaf speaks of all rows
 * that were written together.
 */
#ifndef MALLA_STORE_DECISIONS_H
#define MALLA_STORE_DECISIONS_H

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "store/store.h"

#define DECISIONS_RUN_BYTES 6u /* u16 first position, u16 last position, u16 enum reason */
#define DECISIONS_RUNS_BYTES_MAX (BATCH_COUNT_MAX * DECISIONS_RUN_BYTES)

/* Peers of which the same was decided about each record. */
struct decisions_row {
	int64_t batch;
	uint64_t leaf; /* index in the log */
	uint64_t time_ms;
	struct hash policy;
	struct bytes_view peers; /* ids, one after the other */
	struct bytes_view runs;  /* ascending; positions in between were not decided about */
};
MUST_CHECK enum err decisions_put(struct store *store, const struct decisions_row *row);
/* Of a batch, the newest first; of a leaf, in order. */
typedef enum err (*decisions_fn)(void *context, const struct decisions_row *row);
MUST_CHECK enum err decisions_of_batch(
    struct store *store, int64_t batch, decisions_fn each, void *context);
MUST_CHECK enum err decisions_of_leaf(
    struct store *store, uint64_t leaf, decisions_fn each, void *context);
/* Whether a row speaks of this peer. */
bool decisions_has_peer(const struct decisions_row *row, const struct org_id *peer);
/* The next run; false: there is none.  *at begins at 0. */
bool decisions_next_run(const struct decisions_row *row, size_t *at, uint32_t *first,
    uint32_t *last, uint16_t *reason);

#endif
