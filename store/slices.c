#define _DEFAULT_SOURCE /* htole64 */
#include "store/slices.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_OF_LINE 8u /* one bit of a key in each */
#define LINE_BITS (8u * SLICES_LINE_BYTES)
#define WIDTH_FIRST 8u

void
slices_init(struct slices *slices, uint32_t keys, uint32_t bits)
{
	*slices = (struct slices){
	    .lines = (uint32_t)(((uint64_t)keys * bits + LINE_BITS - 1) / LINE_BITS)};
}

void
slices_release(struct slices *slices)
{
	uint32_t i;

	for (i = 0; i < slices->groups_cap; i++)
		free(slices->groups[i].words);
	free(slices->groups);
	*slices = (struct slices){.lines = slices->lines};
}

/* The line comes from the token's high half, the places in it from a product of the whole. */
static size_t
line_of(uint32_t lines, uint64_t token)
{
	return (size_t)((token >> 32) * lines >> 32);
}

static uint64_t
places_of(uint64_t token)
{
	return token * UINT64_C(0x9e3779b97f4a7c15);
}

/* ------------------------------------------------------------------ one filter */

enum err
slices_filter_open(const struct slices *slices, struct slices_filter *filter)
{
	filter->len = (size_t)slices->lines * SLICES_LINE_BYTES;
	filter->bits = calloc(filter->len, 1);
	return filter->bits == NULL ? ERR_MEMORY : ERR_NONE;
}

void
slices_filter_release(struct slices_filter *filter)
{
	free(filter->bits);
	*filter = (struct slices_filter){0};
}

/* The eight words of 64 bits as they are in memory: a filter is stored as it is, so the bytes must
   be in one order on every machine. */
static uint64_t
mask_of(uint64_t places)
{
	return htole64(UINT64_C(1) << (places & 63));
}

bool
slices_filter_add(struct slices_filter *filter, uint64_t token)
{
	uint32_t lines = (uint32_t)(filter->len / SLICES_LINE_BYTES), i;
	uint64_t *line = filter->bits + line_of(lines, token) * WORDS_OF_LINE;
	uint64_t places = places_of(token), missing = 0;

	for (i = 0; i < WORDS_OF_LINE; i++, places >>= 6) {
		uint64_t mask = mask_of(places);

		missing |= ~line[i] & mask;
		line[i] |= mask;
	}
	return missing != 0;
}

bool
slices_filter_has(const struct slices_filter *filter, uint64_t token)
{
	uint32_t lines = (uint32_t)(filter->len / SLICES_LINE_BYTES), i;
	const uint64_t *line = filter->bits + line_of(lines, token) * WORDS_OF_LINE;
	uint64_t places = places_of(token), missing = 0;

	for (i = 0; i < WORDS_OF_LINE; i++, places >>= 6)
		missing |= ~line[i] & mask_of(places);
	return missing == 0;
}

/* ------------------------------------------------------------------ words of many filters */

static size_t
words_count(const struct slices *slices)
{
	return (size_t)slices->lines * LINE_BITS;
}

static uint64_t
word_at(const struct slices_group *group, size_t at)
{
	switch (group->width) {
	case 8:
		return ((const uint8_t *)group->words)[at];
	case 16:
		return ((const uint16_t *)group->words)[at];
	case 32:
		return ((const uint32_t *)group->words)[at];
	default: /* 64 */
		return ((const uint64_t *)group->words)[at];
	}
}

static void
word_set(const struct slices_group *group, size_t at, uint64_t word)
{
	switch (group->width) {
	case 8:
		((uint8_t *)group->words)[at] = (uint8_t)word;
		break;
	case 16:
		((uint16_t *)group->words)[at] = (uint16_t)word;
		break;
	case 32:
		((uint32_t *)group->words)[at] = (uint32_t)word;
		break;
	default: /* 64 */
		((uint64_t *)group->words)[at] = word;
		break;
	}
}

/* Twice as wide: from the last word on down, none is written over before it was read. */
static enum err
widen(const struct slices *slices, struct slices_group *group)
{
	uint32_t width = group->width == 0 ? WIDTH_FIRST : 2 * group->width;
	size_t count = words_count(slices), i;
	struct slices_group wide = {NULL, width};

	if (group->width == 0) {
		group->words = calloc(count, width / 8);
		group->width = group->words == NULL ? 0 : width;
		return group->words == NULL ? ERR_MEMORY : ERR_NONE;
	}
	wide.words = realloc(group->words, count * (width / 8));
	if (wide.words == NULL)
		return ERR_MEMORY;
	group->words = wide.words;
	for (i = count; i-- > 0;)
		word_set(&wide, i, word_at(group, i));
	group->width = width;
	return ERR_NONE;
}

static enum err
group_for(struct slices *slices, uint32_t run, struct slices_group **out)
{
	uint32_t at = run / SLICES_RUNS;
	enum err err = ERR_NONE;

	if (at == slices->groups_cap) {
		struct slices_group *groups = realloc(slices->groups, (at + 1) * sizeof(*groups));

		if (groups == NULL)
			return ERR_MEMORY;
		groups[at] = (struct slices_group){0};
		slices->groups = groups;
		slices->groups_cap = at + 1;
	}
	while (err == ERR_NONE && slices->groups[at].width <= run % SLICES_RUNS)
		err = widen(slices, &slices->groups[at]);
	*out = &slices->groups[at];
	return err;
}

enum err
slices_add(struct slices *slices, const struct slices_filter *filter)
{
	struct slices_group *group;
	uint64_t column = UINT64_C(1) << (slices->runs % SLICES_RUNS);
	size_t i;
	enum err err = group_for(slices, slices->runs, &group);

	if (err != ERR_NONE)
		return err;
	assert(filter->len == (size_t)slices->lines * SLICES_LINE_BYTES);
	for (i = 0; i < filter->len / 8; i++) {
		uint64_t left = le64toh(filter->bits[i]);

		for (; left != 0; left &= left - 1) {
			size_t at = i * 64 + (size_t)__builtin_ctzll(left);

			word_set(group, at, word_at(group, at) | column);
		}
	}
	slices->runs++;
	return ERR_NONE;
}

void
slices_truncate(struct slices *slices, uint32_t runs)
{
	size_t count = words_count(slices), i;

	while (slices->runs > runs) {
		struct slices_group *group = &slices->groups[--slices->runs / SLICES_RUNS];
		uint64_t column = UINT64_C(1) << (slices->runs % SLICES_RUNS);

		for (i = 0; i < count; i++)
			word_set(group, i, word_at(group, i) & ~column);
	}
}

static uint64_t
may_one(const struct slices *slices, const struct slices_group *group, uint64_t token)
{
	size_t at = line_of(slices->lines, token) * LINE_BITS;
	uint64_t places = places_of(token), runs = ~UINT64_C(0);
	uint32_t i;

	for (i = 0; i < WORDS_OF_LINE; i++, at += 64, places >>= 6)
		runs &= word_at(group, at + (places & 63));
	return runs;
}

void
slices_filter_fetch(const struct slices_filter *filter, uint64_t token)
{
	uint32_t lines = (uint32_t)(filter->len / SLICES_LINE_BYTES);

	__builtin_prefetch(filter->bits + line_of(lines, token) * WORDS_OF_LINE);
}

void
slices_fetch(const struct slices *slices, uint64_t token)
{
	uint32_t i, group;

	for (group = 0; group * SLICES_RUNS < slices->runs; group++) {
		size_t at = line_of(slices->lines, token) * LINE_BITS;
		const struct slices_group *words = &slices->groups[group];
		uint64_t places = places_of(token);

		for (i = 0; i < WORDS_OF_LINE; i++, at += 64, places >>= 6)
			__builtin_prefetch((const uint8_t *)words->words +
					   (at + (places & 63)) * (words->width / 8));
	}
}

uint64_t
slices_may(
    const struct slices *slices, uint32_t group, const uint64_t *tokens, uint32_t tokens_count)
{
	uint32_t there = slices->runs - group * SLICES_RUNS, i;
	uint64_t all = there >= SLICES_RUNS ? ~UINT64_C(0) : (UINT64_C(1) << there) - 1;
	uint64_t runs = 0;

	for (i = 0; i < tokens_count; i++)
		runs |= may_one(slices, &slices->groups[group], tokens[i]);
	return tokens_count == 0 ? all : runs & all;
}
