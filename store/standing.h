/*
 * standing: what became of a record here since it was stored: put in quarantine, amended by its
 * author, disputed.
 *
 * Of most records there is nothing to say, and then there is no row: asking costs nothing
 * where the table is empty, and one lookup for a whole stretch of records that have none.
 */
#ifndef MALLA_STORE_STANDING_H
#define MALLA_STORE_STANDING_H

#include "base/bytes.h"
#include "base/ids.h"
#include "store/store.h"

struct standing {
	int64_t record;          /* record_row.seq */
	uint64_t quarantined_ms; /* since when it waits to be looked into; 0: it does not */
	bool is_superseded;      /* its author has amended it: */
	struct record_id superseded_by;
	uint64_t superseded_ms;
	uint32_t disputes;    /* that stand */
	uint64_t disputed_ms; /* the last one; 0: none */
};

/* Whether nothing is to be said of any record. */
bool standing_is_empty(const struct store *store);
/* How many are in quarantine. */
uint64_t standing_quarantined_count(const struct store *store);
/* All zeros but the record where there is nothing to say. */
MUST_CHECK enum err standing_get(struct store *store, int64_t record, struct standing *out);
/* Replace what is said of standing->record; all zeros: nothing any more.  What was made of it in
   memory (a batch that is loaded) is the caller's to forget. */
MUST_CHECK enum err standing_put(struct store *store, const struct standing *standing);
/* Those in quarantine with record > after, in order, up to `most`. */
typedef enum err (*standing_fn)(void *context, const struct standing *standing);
MUST_CHECK enum err standing_quarantined_each(
    struct store *store, int64_t after, uint32_t most, standing_fn each, void *context);

#endif
