#include "tests/bench/layout_filter.h"

#include "tests/bench/layout_data.h"
#include "tests/bench/layout_db.h"

#include <stdlib.h>

enum { WORDS = LAYOUT_FILTER_WORDS, LINE = LAYOUT_FILTER_LINE, LINE_BITS = 8 * LINE };

void
layout_filter_init(struct layout_filter *filter, size_t keys, unsigned bits)
{
	uint8_t *memory;
	size_t over;

	filter->count = (uint32_t)((keys * bits + LINE_BITS - 1) / LINE_BITS);
	if (filter->count == 0)
		filter->count = 1;
	/* zeros that the kernel gives when they are touched: a large filter costs no pause */
	memory = layout_db_alloc((size_t)filter->count + 1, LINE);
	over = (uintptr_t)memory % LINE;
	filter->memory = memory;
	filter->lines = (void *)(memory + (over != 0 ? LINE - over : 0));
}

void
layout_filter_clear(struct layout_filter *filter)
{
	free(filter->memory);
	filter->memory = NULL;
	filter->lines = NULL;
	filter->count = 0;
}

/* The line comes from the hash's high half, the bits in it from a product of the whole. */
uint32_t
layout_filter_line(uint32_t count, uint64_t hash)
{
	return (uint32_t)((hash >> 32) * count >> 32);
}

uint64_t
layout_filter_places(uint64_t hash)
{
	return hash * 0x9e3779b97f4a7c15U;
}

static uint64_t *
line_of(const struct layout_filter *filter, uint64_t hash)
{
	return filter->lines + (size_t)layout_filter_line(filter->count, hash) * WORDS;
}

void
layout_filter_add(struct layout_filter *filter, uint64_t hash)
{
	uint64_t *line = line_of(filter, hash);
	uint64_t bits = layout_filter_places(hash);

	for (unsigned i = 0; i < WORDS; i++, bits >>= 6)
		line[i] |= (uint64_t)1 << (bits & 63);
}

void
layout_filter_fetch(const struct layout_filter *filter, uint64_t hash)
{
	__builtin_prefetch(line_of(filter, hash));
}

bool
layout_filter_has(const struct layout_filter *filter, uint64_t hash)
{
	const uint64_t *line;
	uint64_t bits = layout_filter_places(hash);
	uint64_t all = 1;

	if (filter->lines == NULL)
		return true;
	line = line_of(filter, hash);
	for (unsigned i = 0; i < WORDS; i++, bits >>= 6)
		all &= line[i] >> (bits & 63);
	return (all & 1) != 0;
}

size_t
layout_filter_size(const struct layout_filter *filter)
{
	return (size_t)filter->count * 64;
}
