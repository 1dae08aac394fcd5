/*
 * seek: the entries of a key, or of a range of keys, from the tail and from every run that may
 * have any: those of the tail first, in no order between them.  Nothing may be added or erased
 * while one is open.
 */
#ifndef MALLA_STORE_SEEK_H
#define MALLA_STORE_SEEK_H

#include "store/runs.h"
#include "store/tail.h"

struct seek {
	const struct tail *tail;
	struct runs *runs;
	uint64_t low;
	uint64_t high; /* included */
	uint32_t tokens_count;
	uint64_t tokens[KEYS_TOKENS_MAX];
	bool is_in_tail;
	uint32_t at;    /* the next bucket of the tail, or group of runs */
	uint32_t chunk; /* of the tail: 1 + the one that is looked at; 0: none */
	uint32_t left;  /* entries of it */
	uint64_t may;   /* runs of the group that are still to be looked at */
	const struct run *run; /* NULL: none is open */
	uint32_t page;  /* the next one of it */
	struct page_entry entry;
	struct page_reader reader;
};

void seek_open(struct seek *seek, const struct tail *tail, struct runs *runs, uint64_t low,
    uint64_t high);
/* ERR_NONE: seek->entry is the next.  ERR_NOT_FOUND: no more. */
MUST_CHECK enum err seek_next(struct seek *seek);

#endif
