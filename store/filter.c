#include "store/filter.h"

#include <stdlib.h>
#include <string.h>

#define BITS_PER_KEY 6

/* The finaliser of MurmurHash3 (Appleby, public domain): every bit in moves every bit out. */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	x ^= x >> 33;
	return x;
}

/* Up to eight bytes, the first lowest, on every machine alike: filters are stored. */
static uint64_t
word_at(const uint8_t *at, size_t len)
{
	uint64_t word = 0;
	size_t i;

	if (len == 8)
		return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
		       (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 |
		       (uint64_t)at[6] << 48 | (uint64_t)at[7] << 56;
	for (i = 0; i < len; i++)
		word |= (uint64_t)at[i] << (8 * i);
	return word;
}

uint64_t
filter_hash(uint64_t seed, struct bytes_view key)
{
	uint64_t hash = mix(seed ^ key.len);
	size_t at = 0;

	for (; key.len - at >= 8; at += 8)
		hash = mix(hash ^ word_at(key.data + at, 8)) + UINT64_C(0x9e3779b97f4a7c15);
	if (at < key.len)
		hash = mix(hash ^ word_at(key.data + at, key.len - at));
	return mix(hash);
}

enum err
filter_open(struct filter *filter, uint64_t hashes)
{
	uint64_t lines = hashes * FILTER_BITS_PER_HASH / (FILTER_LINE_BYTES * 8) + 1;

	filter->lines = NULL;
	filter->lines_count = 0;
	if (lines > UINT32_MAX)
		return ERR_TOO_LARGE;
	filter->lines = calloc((size_t)lines, FILTER_LINE_BYTES);
	if (filter->lines == NULL)
		return ERR_MEMORY;
	filter->lines_count = (uint32_t)lines;
	return ERR_NONE;
}

void
filter_release(struct filter *filter)
{
	free(filter->lines);
	filter->lines = NULL;
	filter->lines_count = 0;
}

void
filter_clear(struct filter *filter)
{
	if (filter->lines != NULL)
		memset(filter->lines, 0, (size_t)filter->lines_count * FILTER_LINE_BYTES);
}

static uint8_t *
line_of(const struct filter *filter, uint64_t hash)
{
	uint64_t line = ((hash >> 32) * filter->lines_count) >> 32;

	return filter->lines + line * FILTER_LINE_BYTES;
}

void
filter_add(struct filter *filter, uint64_t hash)
{
	uint8_t *line = line_of(filter, hash);
	uint64_t bits = mix(hash);
	int i;

	for (i = 0; i < BITS_PER_KEY; i++, bits >>= 9)
		line[(bits & 511) >> 3] |= (uint8_t)(1u << (bits & 7));
}

bool
filter_has(const struct filter *filter, uint64_t hash)
{
	const uint8_t *line;
	uint64_t bits = mix(hash);
	int i;

	if (filter->lines_count == 0)
		return true;
	line = line_of(filter, hash);
	for (i = 0; i < BITS_PER_KEY; i++, bits >>= 9) {
		if ((line[(bits & 511) >> 3] & (1u << (bits & 7))) == 0)
			return false;
	}
	return true;
}
