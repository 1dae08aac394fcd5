/*
 * index: how records are found: by id, by content, by observable, by word.
 *
 * New entries wait in tails, in memory; a tail that is long becomes a run on disk, which is never
 * changed but by erasing (docs/decisions/0008).  All of it happens inside the transactions of the
 * store: index_commit before each commit, index_reload after each rollback.  What the runs do not
 * hold yet is made again at the start from the records behind the last run, so a lookup is
 * complete at any moment.
 */
#ifndef MALLA_STORE_INDEX_H
#define MALLA_STORE_INDEX_H

#include "store/extract.h"
#include "store/keys.h"
#include "store/runs.h"
#include "store/seek.h"
#include "store/tail.h"

struct store;
struct record;

struct index_part {
	struct tail tail;
	struct runs runs;
	int64_t oldest; /* record of the tail's first entry; 0: it has none */
	uint32_t runs_committed;
};

struct index {
	struct index_part parts[KEYS_SPACES];
	struct seek *probe;   /* for lookups of one key */
	int64_t run_id;       /* the last one given out */
	int64_t run_committed;
	bool is_erased; /* entries were taken out since the last commit */
};

/* Read the runs and make the tails again.  An index that cannot be read, or none, is made again
   as a whole from the records.  The store's state must be loaded. */
MUST_CHECK enum err index_open(struct store *store);
void index_close(struct index *index);
/* What the keys are hashed with. */
uint64_t index_seed(const struct store *store);

/* Enter a record of this transaction by its names, addresses and words.  content NULL: it was not
   imported here. */
MUST_CHECK enum err index_put(struct store *store, int64_t record, const struct record_id *id,
    const struct hash *content, const struct extract_key *keys, uint32_t keys_count);
/* The record is erased, and its row is gone: nothing leads to it any more but its id and its
   content. */
MUST_CHECK enum err index_remove(struct store *store, int64_t record,
    const struct record *decoded);

/* Go through what the keys from low to high lead to: records that may have one of them, or
   blocks of records.  It may be one twice. */
MUST_CHECK enum err index_seek(struct store *store, struct seek *seek, enum keys_space space,
    uint64_t low, uint64_t high);
/* The records that may have such a key, until each sets *is_done.  It may look up other things,
   but no keys.  Not for words. */
typedef enum err (*index_fn)(void *context, int64_t record, bool *is_done);
MUST_CHECK enum err index_find(struct store *store, enum keys_space space, uint64_t low,
    uint64_t high, index_fn each, void *context);

/* Have the processor fetch what index_find of this key will look at first: asking for many, one
   after the other, it would wait for memory each time. */
void index_fetch(struct store *store, enum keys_space space, uint64_t key);

/* Before a commit: write a run where a tail has become long, one at a time. */
MUST_CHECK enum err index_commit(struct store *store);
/* After it. */
void index_committed(struct index *index);
/* After a rollback: as it was at the last commit. */
MUST_CHECK enum err index_reload(struct store *store);

/* Every tail becomes a run now, however short.  Within a transaction. */
MUST_CHECK enum err index_flush(struct store *store);

#endif
