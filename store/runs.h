/*
 * runs: sorted entries on disk, cut into rows of one page each, so that inserting costs the
 * same however many there are.
 *
 * Of a run, memory holds where each page begins and a filter of its keys; both are stored beside
 * it, so that a start reads no pages.  A run is never changed but by erasing; merging makes a
 * new one of several and lets them die.
 */
#ifndef MALLA_STORE_RUNS_H
#define MALLA_STORE_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "store/filter.h"
#include "store/page.h"
#include "store/sql.h"

#define RUNS_PAGES_MAX (1u << 24)
#define RUNS_LEVELS_MAX 8u
#define RUNS_PART_BYTES (128u * 1024u)

/* building: its pages are being written; dying: its pages are being deleted */
enum run_state { RUN_BUILDING, RUN_LIVE, RUN_DYING };

struct run {
	int64_t id;
	enum run_state state;
	uint32_t level; /* 0: written from the tail */
	uint64_t entries;
	uint64_t hashes; /* in its filter, so that the filter of a merge can be made large enough */
	uint32_t pages;
	struct filter filter;
	struct bytes firsts;   /* of each page, the shortest key that is above all before it */
	uint32_t *firsts_at;   /* pages + 1 places in firsts */
	uint32_t firsts_cap;
};

struct runs {
	struct sql *sql;
	uint64_t seed;
	uint32_t count;
	uint32_t cap;
	struct run **at; /* every live one, oldest first; then those being built */
	int64_t last_id;
	int64_t dying; /* whose pages are deleted next; 0: none */
};

void runs_init(struct runs *runs, struct sql *sql, uint64_t seed);
void runs_release(struct runs *runs);
/* Read what is stored.  What was being built when the program ended is dying from now on, by
   the next call of runs_bury.  ERR_CORRUPT: it cannot be read. */
MUST_CHECK enum err runs_load(struct runs *runs);

/* A new run that is being built; it stays owned by runs. */
MUST_CHECK enum err runs_start(struct runs *runs, uint32_t level, uint64_t hashes,
    struct run **out);
/* Write one page behind the others.  first: its first entry's key; last: the key before that. */
MUST_CHECK enum err runs_put_page(struct runs *runs, struct run *run, struct bytes_view data,
    struct bytes_view first, struct bytes_view last);
/* Write part *part of the run's filter and firsts; ERR_NOT_FOUND: there are no more. */
MUST_CHECK enum err runs_put_part(struct runs *runs, const struct run *run, uint32_t part);
/* From now on it is there for every lookup. */
MUST_CHECK enum err runs_finish(struct runs *runs, struct run *run);
/* From now on it is not; its pages go bit by bit.  The run is freed. */
MUST_CHECK enum err runs_kill(struct runs *runs, struct run *run);
/* Delete up to `pages` pages of dying runs. */
MUST_CHECK enum err runs_bury(struct runs *runs, uint32_t pages);
/* Nothing is left of any run, whatever is stored of them. */
MUST_CHECK enum err runs_erase_all(struct runs *runs);

/* The page in which the first entry that is not below key may lie. */
uint32_t runs_seek(const struct run *run, struct bytes_view key);
MUST_CHECK enum err runs_get_page(struct runs *runs, const struct run *run, uint32_t page,
    struct page_reader *reader);
/* Take one entry out of a run's page, wherever it is; *found false: it is not there. */
MUST_CHECK enum err runs_remove(struct runs *runs, struct run *run, struct bytes_view key,
    int64_t record, bool *found);

#endif
