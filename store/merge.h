/*
 * merge: several runs into one, a few entries at a time, so that it pauses nobody.
 */
#ifndef MALLA_STORE_MERGE_H
#define MALLA_STORE_MERGE_H

#include "store/runs.h"

#define MERGE_FAN_IN 16u

struct merge;

/* Begin with the oldest runs of a level.  *out NULL: there are not enough of them yet. */
MUST_CHECK enum err merge_open(struct runs *runs, uint32_t level, struct merge **out);
/* What was written stays, and dies with the next start, unless the merge is done. */
void merge_free(struct merge *merge);
/* Move up to `entries`, or write as much of what goes beside them.  *is_done: the new run
   lives, the old ones are gone. */
MUST_CHECK enum err merge_step(struct merge *merge, uint32_t entries, bool *is_done);
/* An entry is being erased: take it out of what was written, and never write it. */
MUST_CHECK enum err merge_remove(struct merge *merge, struct bytes_view key, int64_t record);

#endif
