/*
 * index: how records are found: by id, by content, by label, by observable.
 *
 * New entries wait in the tail, in memory, and become a run when there are many; runs of like
 * size are merged bit by bit (docs/decisions/0008).  All of it happens inside the transactions
 * of the store: index_commit before each commit, index_reload after each rollback.  What the
 * runs do not hold yet is made again at the start from the records behind the last flush, so a
 * lookup is complete at any moment.
 */
#ifndef MALLA_STORE_INDEX_H
#define MALLA_STORE_INDEX_H

#include "store/merge.h"
#include "store/runs.h"
#include "store/seek.h"
#include "store/tail.h"

struct store;
struct record;

struct index {
	struct tail tail;
	struct runs runs;
	struct merge *merges[RUNS_LEVELS_MAX];
	struct seek *probe; /* for lookups of one key */
	int64_t flushed;    /* every record up to this one is in the runs */
	uint64_t added;     /* entries, since the last commit */
	bool is_changed;    /* since the last commit */
};

/* Read the runs and make the tail again.  An index that cannot be read, or none, is made again
   as a whole from the records.  The store's state must be loaded. */
MUST_CHECK enum err index_open(struct store *store);
void index_close(struct index *index);

/* Enter a record of this transaction.  content NULL: it was not imported here. */
MUST_CHECK enum err index_put(struct store *store, int64_t record, const struct record *decoded,
    const struct record_id *id, const struct hash *content);
/* The record is erased: nothing leads to it any more but its id and its content. */
MUST_CHECK enum err index_remove(struct store *store, int64_t record,
    const struct record *decoded);

/* The records whose key is this one; of ids and contents, those that may have it, until each sets
   *is_done.  It may look up other things, but no keys. */
typedef enum err (*index_fn)(void *context, int64_t record, bool *is_done);
MUST_CHECK enum err index_find(struct store *store, struct bytes_view key, index_fn each,
    void *context);
/* Likewise all keys that begin so. */
MUST_CHECK enum err index_find_prefix(struct store *store, struct bytes_view prefix, index_fn each,
    void *context);

/* Before a commit: sort, flush, merge, in proportion to what was added. */
MUST_CHECK enum err index_commit(struct store *store);
/* After it. */
void index_committed(struct index *index);
/* After a rollback: as it was at the last commit. */
MUST_CHECK enum err index_reload(struct store *store);

/* The tail becomes a run now.  Within a transaction. */
MUST_CHECK enum err index_flush(struct store *store);
/* And everything is merged and buried that can be. */
MUST_CHECK enum err index_settle_all(struct store *store);

#endif
