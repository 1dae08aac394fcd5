/*
 * search: the records that satisfy a predicate.
 *
 * By the candidates of the index where it tells, by going through all records where it does not.
 */
#ifndef MALLA_STORE_SEARCH_H
#define MALLA_STORE_SEARCH_H

#include "store/records.h"
#include "wire/predicate.h"

/* Every record that satisfies the predicate (NULL: all), and others that may, as far as index and
   columns tell: of a row that is not certain the caller asks the record itself.  Records that
   their authors have amended are left out: their amendments are in force.  What was committed is
   seen.  Returns up to `most` rows after cursor `after` (0: from the start; with
   descending: from the end), each passed to fn, which may look up other things in the store, but
   ask no questions.
   ERR_INVALID: the predicate asks about lists or peers.  ERR_MISSING: it names an author that is not
   resolved.  ERR_TOO_LARGE: it makes too long a statement. */
struct search_query {
	const struct predicate *predicate;
	uint64_t now_ms;
	int64_t after;
	uint32_t most;
	bool is_descending;
	int64_t until; /* 0: none; else only records up to this one, each of them looked at */
};
MUST_CHECK enum err search_records(struct store *store, const struct search_query *query,
    record_fn each, void *context);
/* How many satisfy it, but for those in quarantine; *is_certain false: that cannot be told without
   asking each. */
MUST_CHECK enum err search_count(struct store *store, const struct predicate *predicate,
    uint64_t now_ms, uint64_t *count, bool *is_certain);

#endif
