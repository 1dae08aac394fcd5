/* One index: the newest keys in memory, runs on disk in levels, and at most one merge per level
 * that goes forward a little with every batch.  A run is found from the moment it is whole until
 * its own merge is; its pages are removed a few at a time after that. */
#ifndef TESTS_BENCH_LAYOUT_TREE_H
#define TESTS_BENCH_LAYOUT_TREE_H

#include "tests/bench/layout_run.h"
#include "tests/bench/layout_slices.h"

enum { LAYOUT_LEVELS = 5, LAYOUT_FAN_MAX = 64 };

struct layout_tree_form {
	const char *name; /* of its tables */
	bool is_narrow;
	enum layout_tokens tokens;
	uint32_t entries; /* that a run of the first level has */
	uint32_t fan;     /* how many runs become one; 0: never merged */
	uint32_t each;    /* keys a record at most: what a merge's pace is measured by */
	bool is_sliced;   /* one filter for 64 runs at once; narrow and never merged only */
};

struct layout_tree;

/* The first run is written `head_start` entries early, so that several trees do not all write at
 * once. */
void layout_tree_open(struct layout_tree **tree, struct layout_db *db,
    const struct layout_tree_form *form, unsigned bits, uint32_t head_start);
void layout_tree_close(struct layout_tree *tree);
/* Inside the caller's transaction, as are the two below. */
void layout_tree_add(struct layout_tree *tree, const struct layout_key *key, uint32_t row);
/* After a batch: what was added can be found; a full memory is written out. */
void layout_tree_settle(struct layout_tree *tree);
/* One slice of merging and of removing, in the measure of a batch of `records`. */
void layout_tree_merge(struct layout_tree *tree, uint32_t records);
/* Adds to rows, newest level last.  For many keys at once, see layout_tree_sift. */
void layout_tree_find(
    struct layout_tree *tree, const struct layout_range *range, struct layout_rows *rows);
/* Which of `count` hashes may be there: maybe[i] becomes true.  Filter by filter, so that the
 * processor waits for many cache lines at a time. */
void layout_tree_sift(
    const struct layout_tree *tree, const uint64_t *hashes, bool *maybe, uint32_t count);
/* The hash of a key as this tree's filters know it. */
uint64_t layout_tree_hash(const struct layout_tree *tree, const struct layout_key *key);

struct layout_tree_size {
	uint32_t runs;
	size_t newest; /* bytes of memory for the newest keys: does not grow */
	size_t memory; /* for filters and first keys: grows with the runs */
};
struct layout_tree_size layout_tree_size(const struct layout_tree *tree);
/* Read every page of every run, as a start without stored filters would; the bench ends if keys
 * are out of order or are not, by number and sum, those that were added. */
void layout_tree_prove(const struct layout_tree *tree);

#endif
