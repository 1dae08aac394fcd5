/*
 * tail: the newest entries, in memory until they are written as a run.  They can be had again
 * from the records, so they need no durability of their own.
 *
 * Entries of the open transaction lie unsorted in a chunk; tail_settle sorts it and merges
 * sorted levels of like size, so that an entry is moved only a few times.
 */
#ifndef MALLA_STORE_TAIL_H
#define MALLA_STORE_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "store/filter.h"

#define TAIL_ENTRIES_MAX 65536u /* then it is written as a run */
#define TAIL_BYTES_MAX (16u * 1024u * 1024u)
#define TAIL_LEVELS_MAX 24u

struct tail_entry {
	uint64_t head; /* the key's first bytes: most comparisons end here */
	int64_t record;
	uint32_t at; /* in keys */
	uint32_t len;
};

/* The chunk is level 0, unsorted; the others are sorted, the largest last. */
struct tail_level {
	struct tail_entry *entries;
	uint32_t count;
	uint32_t cap;
};

struct tail {
	uint64_t seed;
	struct bytes keys;
	struct filter filter;
	uint32_t levels_count; /* beside the chunk */
	struct tail_level chunk;
	struct tail_level levels[TAIL_LEVELS_MAX];
	uint32_t count; /* of all entries */
};

MUST_CHECK enum err tail_open(struct tail *tail, uint64_t seed);
void tail_release(struct tail *tail);
/* Forget all, keep the memory. */
void tail_clear(struct tail *tail);
bool tail_is_full(const struct tail *tail);

MUST_CHECK enum err tail_add(struct tail *tail, struct bytes_view key, int64_t record);
/* Sort what was added. */
MUST_CHECK enum err tail_settle(struct tail *tail);
/* Bring everything into one sorted level: tail->levels[0]. */
MUST_CHECK enum err tail_flatten(struct tail *tail);
/* Take one entry out and wipe its key; true: it was there. */
bool tail_remove(struct tail *tail, struct bytes_view key, int64_t record);

struct bytes_view tail_key(const struct tail *tail, const struct tail_entry *entry);
/* The first entry of a sorted level that is not below key. */
uint32_t tail_seek(const struct tail *tail, const struct tail_level *level, struct bytes_view key);

#endif
