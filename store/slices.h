/*
 * slices: which runs of a space may have a key.
 *
 * Every run has a Bloom filter of the same size whose bits of one key all lie in one line (Putze,
 * Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007).  In memory the
 * filters of many runs stand on their side: a word has one bit for each run, so that eight words
 * tell of 64 runs at once.  A group's words widen as runs come: 8, 16, 32, 64 bits.
 */
#ifndef MALLA_STORE_SLICES_H
#define MALLA_STORE_SLICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SLICES_LINE_BYTES 64u
#define SLICES_RUNS 64u /* in a group */

/* One run's filter while it is filled, and as it is stored. */
struct slices_filter {
	uint64_t *bits; /* little-endian, as they are stored */
	size_t len;     /* bytes: lines * SLICES_LINE_BYTES */
};

struct slices_group {
	void *words;
	uint32_t width; /* bits of a word; 0: no words yet */
};

struct slices {
	uint32_t lines; /* of each filter */
	uint32_t runs;
	uint32_t groups_cap;
	struct slices_group *groups;
};

/* Filters for so many different keys, at bits each. */
void slices_init(struct slices *slices, uint32_t keys, uint32_t bits);
void slices_release(struct slices *slices);
/* The newest runs are forgotten down to `runs`. */
void slices_truncate(struct slices *slices, uint32_t runs);

MUST_CHECK enum err slices_filter_open(const struct slices *slices, struct slices_filter *filter);
void slices_filter_release(struct slices_filter *filter);
/* True: nothing like it was there. */
bool slices_filter_add(struct slices_filter *filter, uint64_t token);
bool slices_filter_has(const struct slices_filter *filter, uint64_t token);

/* The next run's filter; on failure nothing was added. */
MUST_CHECK enum err slices_add(struct slices *slices, const struct slices_filter *filter);
/* Have the processor fetch what filter_has and may will look at. */
void slices_filter_fetch(const struct slices_filter *filter, uint64_t token);
void slices_fetch(const struct slices *slices, uint64_t token);
/* Bit n: run SLICES_RUNS * group + n may have one of the tokens.  No tokens: all may. */
uint64_t slices_may(const struct slices *slices, uint32_t group, const uint64_t *tokens,
    uint32_t tokens_count);

#endif
