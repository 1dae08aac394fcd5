#include "tests/bench/layout_slices.h"

#include "tests/bench/layout_db.h"

#include <stdlib.h>

void
layout_slices_clear(struct layout_slices *slices)
{
	for (uint32_t i = 0; i < slices->groups; i++)
		free(slices->words[i]);
	slices->groups = 0;
}

size_t
layout_slices_size(const struct layout_slices *slices)
{
	return (size_t)slices->groups * slices->lines * LAYOUT_FILTER_LINE * LAYOUT_SLICES_RUNS;
}

void
layout_slices_add(struct layout_slices *slices, uint32_t run, const struct layout_filter *filter)
{
	uint32_t group = run / LAYOUT_SLICES_RUNS;
	uint64_t column = (uint64_t)1 << run % LAYOUT_SLICES_RUNS;

	if (group >= LAYOUT_SLICES_GROUPS || (run > 0 && filter->count != slices->lines))
		layout_db_die("filters", "too many runs, or of several sizes");
	slices->lines = filter->count;
	for (; slices->groups <= group; slices->groups++)
		slices->words[slices->groups] = layout_db_alloc(
		    (size_t)slices->lines * LAYOUT_FILTER_LINE * 8, sizeof(uint64_t));
	for (size_t i = 0; i < (size_t)slices->lines * LAYOUT_FILTER_WORDS; i++)
		for (uint64_t left = filter->lines[i]; left != 0; left &= left - 1)
			slices->words[group][i * 64 + (size_t)__builtin_ctzll(left)] |= column;
}

/* Where the words for a line begin, and the places of its bits, six bits of number each. */
static const uint64_t *
block_of(const struct layout_slices *slices, uint32_t group, uint64_t hash, uint64_t *places)
{
	*places = layout_filter_places(hash);
	return slices->words[group] +
	       (size_t)layout_filter_line(slices->lines, hash) * LAYOUT_FILTER_WORDS * 64;
}

void
layout_slices_fetch(const struct layout_slices *slices, uint32_t group, uint64_t hash)
{
	uint64_t places;
	const uint64_t *block = block_of(slices, group, hash, &places);

	for (unsigned i = 0; i < LAYOUT_FILTER_WORDS; i++, block += 64, places >>= 6)
		__builtin_prefetch(block + (places & 63));
}

uint64_t
layout_slices_has(const struct layout_slices *slices, uint32_t group, uint64_t hash)
{
	uint64_t places, runs = ~(uint64_t)0;
	const uint64_t *block = block_of(slices, group, hash, &places);

	for (unsigned i = 0; i < LAYOUT_FILTER_WORDS; i++, block += 64, places >>= 6)
		runs &= block[places & 63];
	return runs;
}
