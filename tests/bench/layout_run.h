/* A sorted run on disk: rows of one SQLite page each in one table per level, so that a run is
 * always appended at its table's end.  In memory stay each page's first key and a filter.
 *
 * Narrow pages hold 16 bytes an entry, key and record number.  Others are front-coded: how much
 * of the key before is kept, how much is new, the new bytes, and the record number as a varint,
 * less the number before it where the key is the same. */
#ifndef TESTS_BENCH_LAYOUT_RUN_H
#define TESTS_BENCH_LAYOUT_RUN_H

#include "tests/bench/layout_db.h"
#include "tests/bench/layout_sorted.h"

/* What the filters know of a key. */
enum layout_tokens {
	LAYOUT_TOKENS_WHOLE,   /* the key */
	LAYOUT_TOKENS_TAGGED,  /* the key, and a domain's parent or an address's /24 */
	LAYOUT_TOKENS_ORDERED, /* of layout_run_ordered's keys the parent or /24 alone */
	LAYOUT_TOKENS_NAMED    /* of layout_run_named's keys the key, and an address's /24 */
};

/* The table of one level of one index. */
struct layout_pages {
	struct layout_db *db;
	sqlite3_stmt *insert, *select, *remove;
	int64_t next; /* number of the next page */
};

struct layout_run {
	int64_t first; /* page */
	uint32_t pages, pages_max;
	uint64_t entries;
	struct layout_filter filter;
	uint64_t *prefixes; /* of each page's first key */
	uint32_t *tails;    /* where in the arena: a length byte, then the key; not if narrow */
	uint8_t *arena;
	size_t arena_len, arena_max;
};

struct layout_writer {
	struct layout_pages *pages;
	struct layout_run *run;
	bool is_narrow, has_tokens;
	enum layout_tokens tokens;
	uint8_t page[LAYOUT_PAGE];
	uint32_t len;
	struct layout_key last;
	uint32_t last_row;
};

/* Reads one page's entries in order. */
struct layout_page_reader {
	const uint8_t *data;
	uint32_t len, at;
	bool is_narrow;
	struct layout_key key;
	uint64_t prefix;
	uint32_t row;
};

/* The observable's key in eight bytes that keep /24s and a registered domain's hosts together: four
 * bits of kind, then the address, or 28 bits for the parent and 32 for the whole name. */
uint64_t layout_run_ordered(const struct layout_key *observable);
/* As above for an address; of a name a hash alone.  Its parents are keys of their own. */
uint64_t layout_run_named(const struct layout_key *observable);
uint64_t layout_run_parent(const struct layout_key *observable);
/* What the filters know of an address's /24 where keys are named. */
uint64_t layout_run_named_24(uint64_t address_key);
/* The first of the hashes that the filters were given for a key, for whoever asks by it. */
uint64_t layout_run_token(enum layout_tokens tokens, const uint8_t *key, uint32_t len);
/* All of them; how many. */
enum { LAYOUT_TOKENS_MAX = 2 };
unsigned layout_run_tokens(enum layout_tokens tokens, const uint8_t *key, uint32_t len,
    uint64_t hashes[LAYOUT_TOKENS_MAX]);
/* A narrow key's bytes from its number. */
void layout_run_narrow(uint64_t prefix, uint8_t bytes[8]);

/* A new run at the end of `pages`.  It gets a filter of `entries` keys if bits is not 0. */
void layout_run_start(struct layout_writer *writer, struct layout_pages *pages,
    struct layout_run *run, bool is_narrow, enum layout_tokens tokens, size_t entries,
    unsigned bits);
/* In order. */
void layout_run_add(struct layout_writer *writer, struct layout_view key, uint32_t row);
void layout_run_done(struct layout_writer *writer);
void layout_run_clear(struct layout_run *run);

/* Copy page `index` to out[LAYOUT_PAGE]; its length. */
uint32_t layout_run_page(
    const struct layout_pages *pages, const struct layout_run *run, uint32_t index, uint8_t *out);
/* False at the end. */
bool layout_run_next(struct layout_page_reader *reader);
void layout_run_find(const struct layout_pages *pages, const struct layout_run *run, bool is_narrow,
    const struct layout_range *range, struct layout_rows *rows);
/* Bytes of memory. */
size_t layout_run_size(const struct layout_run *run);

#endif
