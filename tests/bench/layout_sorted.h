/* The newest keys of an index, in memory: each batch sorted by itself, neighbours of like size
 * merged as a binary counter carries, so that adding, finding and writing out are all cheap.
 * Whole runs on disk are made of one of these.
 *
 * Keys are bytes in memcmp's order with a record's number behind them; what has no more than
 * eight bytes needs no arena ("narrow"). */
#ifndef TESTS_BENCH_LAYOUT_SORTED_H
#define TESTS_BENCH_LAYOUT_SORTED_H

#include "tests/bench/layout_data.h"
#include "tests/bench/layout_filter.h"

#include <stdbool.h>

/* A key to compare: its first eight bytes as a number (zeros behind a shorter one), and all of
 * it. */
struct layout_view {
	uint64_t prefix;
	const uint8_t *bytes; /* may be NULL if len is 8 */
	uint32_t len;
};

/* Keys from `low` on, below `high`.  Whoever has one of them has one of the hashes; none:
 * anybody may. */
enum { LAYOUT_HASHES_MAX = 16 };
struct layout_range {
	struct layout_key low;
	struct layout_key high;
	uint64_t hashes[LAYOUT_HASHES_MAX];
	unsigned hash_count;
};

/* Rows found, at most that many; what is beyond is counted only. */
enum { LAYOUT_ROWS_MAX = 100 };
struct layout_rows {
	uint32_t count;
	uint32_t rows[LAYOUT_ROWS_MAX];
};

struct layout_item {
	uint64_t prefix;
	uint32_t row;
	uint32_t tail; /* where in the arena: a length byte, then the whole key; 0: narrow */
};

struct layout_sorted {
	struct layout_item *items;
	struct layout_item *spare;
	uint32_t count, count_max;
	uint32_t parts[32]; /* how many items each sorted part has, oldest first */
	uint32_t depth;
	uint32_t loose; /* at the end, not sorted yet */
	uint8_t *arena;
	size_t arena_len, arena_max;
	struct layout_filter filter; /* of what the owner adds to it */
};

struct layout_view layout_sorted_view(const uint8_t *bytes, uint32_t len);
/* Whether a filter leaves anything of the range to look for. */
bool layout_sorted_may(const struct layout_filter *filter, const struct layout_range *range);
/* < 0, 0, > 0 */
int layout_sorted_compare(struct layout_view a, struct layout_view b);

/* Room for count_max keys, filtered at `bits` each. */
void layout_sorted_init(
    struct layout_sorted *sorted, uint32_t count_max, bool is_narrow, unsigned bits);
void layout_sorted_clear(struct layout_sorted *sorted);
void layout_sorted_add(struct layout_sorted *sorted, const struct layout_key *key, uint32_t row);
/* What was added is sorted; merge where sizes are alike. */
void layout_sorted_settle(struct layout_sorted *sorted);
/* One sorted part of everything. */
void layout_sorted_finish(struct layout_sorted *sorted);
/* Empty, with a new filter; the old one belongs to the caller. */
void layout_sorted_restart(struct layout_sorted *sorted, unsigned bits);
struct layout_view layout_sorted_at(const struct layout_sorted *sorted, uint32_t index);
void layout_sorted_find(const struct layout_sorted *sorted, const struct layout_range *range,
    struct layout_rows *rows);
size_t layout_sorted_size(const struct layout_sorted *sorted);

#endif
