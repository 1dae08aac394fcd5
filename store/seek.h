/*
 * seek: the entries of a range of keys, from the tail and from every run, in no order between
 * them.  Nothing may be added or erased while one is open.
 */
#ifndef MALLA_STORE_SEEK_H
#define MALLA_STORE_SEEK_H

#include "store/runs.h"
#include "store/tail.h"

struct seek {
	const struct tail *tail;
	struct runs *runs;
	bool is_exact; /* keys equal to low; otherwise [low, high), high empty: to the end */
	bool has_hash;
	uint64_t hash; /* of what they all begin with: a filter without it has none of them */
	size_t low_len;
	size_t high_len;
	uint32_t level; /* 0: chunk, 1..: levels of the tail, then runs */
	uint32_t at;    /* entry of the level; page of the run, the next one */
	bool is_started;
	struct bytes_view key; /* of the entry found: until the next call */
	int64_t record;
	struct page_reader reader;
	uint8_t low[KEYS_BYTES_MAX];
	uint8_t high[KEYS_BYTES_MAX];
};

void seek_exact(struct seek *seek, const struct tail *tail, struct runs *runs,
    struct bytes_view key);
/* cut: so many bytes of low are a cut of every key in the range (keys_range_cut); 0: none. */
void seek_range(struct seek *seek, const struct tail *tail, struct runs *runs,
    struct bytes_view low, struct bytes_view high, size_t cut);
/* ERR_NONE: seek->key and seek->record are the next.  ERR_NOT_FOUND: no more. */
MUST_CHECK enum err seek_next(struct seek *seek);

#endif
