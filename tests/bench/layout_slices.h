/* The filters of many runs at once, turned on their side: a word has one bit for each of 64
 * runs, so that eight words say which of the 64 may have a key, where 64 filters would be asked
 * one by one.  For runs of one size that are never merged. */
#ifndef TESTS_BENCH_LAYOUT_SLICES_H
#define TESTS_BENCH_LAYOUT_SLICES_H

#include "tests/bench/layout_filter.h"

enum { LAYOUT_SLICES_RUNS = 64, LAYOUT_SLICES_GROUPS = 16 };

struct layout_slices {
	uint32_t lines; /* of each run's filter */
	uint32_t groups;
	uint64_t *words[LAYOUT_SLICES_GROUPS]; /* one for each bit of a filter */
};

void layout_slices_clear(struct layout_slices *slices);
/* The filter of run `run`; runs come in order, from 0, with filters of one size. */
void layout_slices_add(
    struct layout_slices *slices, uint32_t run, const struct layout_filter *filter);
/* Bit n: run 64 * group + n may have it. */
uint64_t layout_slices_has(const struct layout_slices *slices, uint32_t group, uint64_t hash);
/* Have the processor fetch what layout_slices_has will read. */
void layout_slices_fetch(const struct layout_slices *slices, uint32_t group, uint64_t hash);
size_t layout_slices_size(const struct layout_slices *slices);

#endif
