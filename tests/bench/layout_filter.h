/* A Bloom filter that answers from one cache line: eight words of 64 bits, one bit of each. */
#ifndef TESTS_BENCH_LAYOUT_FILTER_H
#define TESTS_BENCH_LAYOUT_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LAYOUT_FILTER_WORDS = 8, LAYOUT_FILTER_LINE = 8 * LAYOUT_FILTER_WORDS };

struct layout_filter {
	uint64_t *lines; /* NULL: everything may be there */
	void *memory;    /* that the lines stand in, aligned */
	uint32_t count;  /* of lines */
};

/* Room for `keys` at `bits` each. */
void layout_filter_init(struct layout_filter *filter, size_t keys, unsigned bits);
void layout_filter_clear(struct layout_filter *filter);
void layout_filter_add(struct layout_filter *filter, uint64_t hash);
/* Have the processor fetch what layout_filter_has will read. */
void layout_filter_fetch(const struct layout_filter *filter, uint64_t hash);
bool layout_filter_has(const struct layout_filter *filter, uint64_t hash);
/* Which of `count` lines a hash has, and the places of its bits, six bits of number for each
 * word. */
uint32_t layout_filter_line(uint32_t count, uint64_t hash);
uint64_t layout_filter_places(uint64_t hash);
size_t layout_filter_size(const struct layout_filter *filter);

#endif
