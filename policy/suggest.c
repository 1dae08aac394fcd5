#include "policy/suggest.h"

#include <string.h>

#define WORD_BYTES_MAX 24u

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, changes and swaps of neighbours that make b of a. */
static uint32_t
distance(struct bytes_view a, struct bytes_view b)
{
	uint32_t rows[3][WORD_BYTES_MAX + 1];
	uint32_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;
	size_t i, j;

	for (j = 0; j <= b.len; j++)
		last[j] = before[j] = (uint32_t)j;
	for (i = 1; i <= a.len; i++) {
		row[0] = (uint32_t)i;
		for (j = 1; j <= b.len; j++) {
			uint32_t change = lower(a.data[i - 1]) != lower(b.data[j - 1]);

			row[j] = least(least(row[j - 1], last[j]) + 1, last[j - 1] + change);
			if (i > 1 && j > 1 && lower(a.data[i - 1]) == lower(b.data[j - 2]) &&
			    lower(a.data[i - 2]) == lower(b.data[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b.len];
}

const char *
suggest_name(struct bytes_view word, const char *const *names, uint32_t count)
{
	const char *nearest = NULL;
	uint32_t best = UINT32_MAX;
	uint32_t i;

	if (word.len == 0 || word.len > WORD_BYTES_MAX)
		return NULL;
	for (i = 0; i < count; i++) {
		struct bytes_view name = bytes_view_str(names[i]);
		uint32_t edits;

		if (name.len == 0 || name.len > WORD_BYTES_MAX)
			continue;
		edits = distance(word, name);
		/* a third of the longer word may differ, but never all of it */
		if (edits < best && edits * 3 <= (word.len > name.len ? word.len : name.len) + 1) {
			best = edits;
			nearest = names[i];
		}
	}
	return nearest;
}
