/*
 * tail: the newest entries of a space, in memory until they are written as a run.  They can be had
 * again from the records, so they need no durability of their own.
 *
 * Entries lie in buckets by their keys, as they came: adding one touches the end of a bucket, which
 * the processor's cache holds for all of them, where a table of all keys would have to be fetched
 * from memory; a question looks through one bucket, if the filter has not said no.
 */
#ifndef MALLA_STORE_TAIL_H
#define MALLA_STORE_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/keys.h"
#include "store/page.h"
#include "store/slices.h"

#define TAIL_BUCKETS 256u
#define TAIL_CHUNK_ENTRIES 31u
#define TAIL_RECENT 256u

/* All but a bucket's newest one are full. */
struct tail_chunk {
	struct page_entry entries[TAIL_CHUNK_ENTRIES]; /* number 0: erased */
	uint32_t before;                               /* 1 + the older one of the bucket; 0: none */
};

/* The end of a bucket: what adding looks at, for all buckets in a few cache lines. */
struct tail_bucket {
	uint32_t newest; /* 1 + the newest chunk; 0: empty */
	uint32_t count;  /* of its entries */
};

struct tail {
	enum keys_space space;
	uint64_t seed;
	uint32_t count; /* of entries */
	uint32_t keys;  /* different ones, about */
	uint32_t chunks_count;
	uint32_t chunks_kept; /* at the last commit */
	uint32_t chunks_cap;
	struct tail_chunk *chunks;
	struct tail_bucket buckets[TAIL_BUCKETS];
	/* Words come over and over in one block: what was added last, by some bits of the key. */
	struct page_entry recent[TAIL_RECENT];
	struct slices_filter filter;   /* of all keys; the run will have it */
};

/* Filters as `slices` wants them.  ERR_MEMORY */
MUST_CHECK enum err tail_open(
    struct tail *tail, enum keys_space space, uint64_t seed, const struct slices *slices);
void tail_release(struct tail *tail);
/* Forget all, keep the memory. */
void tail_clear(struct tail *tail);
/* What is there now is committed. */
void tail_keep(struct tail *tail);
/* A rollback: forget what came since, which has numbers above this one; or the same, of a block: that
   may stay. */
void tail_truncate(struct tail *tail, int64_t number);

/* Add an entry, whose number is below no other's; of a block that has the key it is there.
   ERR_MEMORY */
MUST_CHECK enum err tail_add(struct tail *tail, const struct page_entry *entry);
/* Have the processor fetch what adding the key will look at. */
void tail_fetch(const struct tail *tail, uint64_t key);
/* Whether the key may be there. */
bool tail_may(const struct tail *tail, uint64_t key);
/* Keys of one bucket are all below those of the next. */
uint32_t tail_bucket_of(const struct tail *tail, uint64_t key);
/* Let entries of this key and number lead nowhere. */
void tail_remove(struct tail *tail, const struct page_entry *entry);

/* How many entries a bucket has, erased ones included. */
uint32_t tail_bucket_count(const struct tail *tail, uint32_t bucket);
/* All of a bucket that lead anywhere, in order; how many.  Room for tail_bucket_count in both. */
uint32_t tail_sorted(const struct tail *tail, uint32_t bucket, struct page_entry *out,
    struct page_entry *spare);

#endif
