/*
 * runs: the sorted entries of one space on disk, cut into rows of one page each, so that
 * inserting costs the same however many there are.
 *
 * A run is written whole in one transaction and never changed but by erasing.  Of each, memory
 * holds the first key of every page, and of all of them one filter, turned on its side
 * (slices.h).  Both are stored beside the pages, so that a start reads no pages.
 */
#ifndef MALLA_STORE_RUNS_H
#define MALLA_STORE_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "store/keys.h"
#include "store/page.h"
#include "store/slices.h"
#include "store/sql.h"
#include "store/tail.h"

#define RUNS_PAGES_MAX (1u << 24)
#define RUNS_PART_BYTES (128u * 1024u)
#define RUNS_ID_MAX (NUMBER_MAX >> 25) /* so that run.id * 2^24 + page is a number */

struct run {
	int64_t id;
	int64_t base; /* records up to this one are in older runs */
	int64_t last; /* and up to this one in this */
	uint32_t pages;
	uint64_t *firsts; /* of each page; below or equal to its first key */
};

struct runs {
	struct sql *sql;
	enum keys_space space;
	uint64_t seed;
	struct slices slices;
	uint32_t count;
	uint32_t cap;
	struct run *at; /* oldest first */
};

/* keys: how many different ones a run may have at most; bits: of its filter for each. */
void runs_init(struct runs *runs, struct sql *sql, enum keys_space space, uint64_t seed,
    uint32_t keys, uint32_t bits);
void runs_release(struct runs *runs);
/* A stored run, of which the row was read; it must come next.  ERR_CORRUPT: it does not, or its
   parts cannot be read. */
MUST_CHECK enum err runs_load(struct runs *runs, const struct run *row);
/* A rollback: the runs behind the first `count` are not there any more. */
void runs_truncate(struct runs *runs, uint32_t count);
/* The last record that any run has. */
int64_t runs_last(const struct runs *runs);

/* Write a tail as a run.  Its id is above every other's, and its entries are of the records
   base + 1 .. last. */
MUST_CHECK enum err runs_write(struct runs *runs, int64_t id, int64_t base, int64_t last,
    const struct tail *tail);

/* The first page in which an entry that is not below the key may lie. */
uint32_t runs_seek(const struct run *run, uint64_t key);
MUST_CHECK enum err runs_get_page(struct runs *runs, const struct run *run, uint32_t page,
    struct page_reader *reader);
/* Take an entry out of every run that has it. */
MUST_CHECK enum err runs_remove(struct runs *runs, const struct page_entry *entry);

#endif
