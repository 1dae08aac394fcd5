#include "tests/bench/layout_sorted.h"

#include "tests/bench/layout_db.h"

#include <stdlib.h>
#include <string.h>

enum { NARROW = 8, ARENA_EACH = 40 };

struct layout_view
layout_sorted_view(const uint8_t *bytes, uint32_t len)
{
	struct layout_view view = {.bytes = bytes, .len = len};
	uint8_t head[NARROW] = {0};

	memcpy(head, bytes, len < NARROW ? len : NARROW);
	for (uint32_t i = 0; i < NARROW; i++)
		view.prefix = view.prefix << 8 | head[i];
	return view;
}

int
layout_sorted_compare(struct layout_view a, struct layout_view b)
{
	if (a.prefix != b.prefix)
		return a.prefix < b.prefix ? -1 : 1;
	if (a.len > NARROW && b.len > NARROW) {
		uint32_t len = a.len < b.len ? a.len : b.len;
		int order = memcmp(a.bytes + NARROW, b.bytes + NARROW, len - NARROW);

		if (order != 0)
			return order;
	}
	return a.len < b.len ? -1 : a.len > b.len;
}

void
layout_sorted_init(struct layout_sorted *sorted, uint32_t count_max, bool is_narrow, unsigned bits)
{
	memset(sorted, 0, sizeof(*sorted));
	sorted->count_max = count_max;
	sorted->items = layout_db_alloc(count_max, sizeof(*sorted->items));
	sorted->spare = layout_db_alloc(count_max, sizeof(*sorted->spare));
	if (!is_narrow) {
		sorted->arena_max = (size_t)count_max * ARENA_EACH;
		sorted->arena = layout_db_alloc(sorted->arena_max, 1);
	}
	layout_sorted_restart(sorted, bits);
}

void
layout_sorted_restart(struct layout_sorted *sorted, unsigned bits)
{
	sorted->count = 0;
	sorted->depth = 0;
	sorted->loose = 0;
	sorted->arena_len = 1; /* 0 says narrow */
	layout_filter_init(&sorted->filter, sorted->count_max, bits);
}

void
layout_sorted_clear(struct layout_sorted *sorted)
{
	free(sorted->items);
	free(sorted->spare);
	free(sorted->arena);
	layout_filter_clear(&sorted->filter);
}

size_t
layout_sorted_size(const struct layout_sorted *sorted)
{
	return (size_t)sorted->count_max * 2 * sizeof(struct layout_item) + sorted->arena_max +
	       layout_filter_size(&sorted->filter);
}

static struct layout_view
item_view(const struct layout_sorted *sorted, const struct layout_item *item)
{
	struct layout_view view = {.prefix = item->prefix, .len = NARROW};

	if (item->tail != 0) {
		view.len = sorted->arena[item->tail];
		view.bytes = sorted->arena + item->tail + 1;
	}
	return view;
}

struct layout_view
layout_sorted_at(const struct layout_sorted *sorted, uint32_t index)
{
	return item_view(sorted, &sorted->items[index]);
}

void
layout_sorted_add(struct layout_sorted *sorted, const struct layout_key *key, uint32_t row)
{
	struct layout_item *item = &sorted->items[sorted->count];

	if (sorted->count == sorted->count_max)
		layout_db_die("a sorted part", "full");
	item->prefix = layout_sorted_view(key->bytes, key->len).prefix;
	item->row = row;
	item->tail = 0;
	if (sorted->arena != NULL) {
		if (sorted->arena_len + 1 + key->len > sorted->arena_max)
			layout_db_die("a sorted part's arena", "full");
		item->tail = (uint32_t)sorted->arena_len;
		sorted->arena[sorted->arena_len++] = (uint8_t)key->len;
		memcpy(sorted->arena + sorted->arena_len, key->bytes, key->len);
		sorted->arena_len += key->len;
	}
	sorted->count++;
	sorted->loose++;
}

/* Rows rise with time, and merging is stable: equal keys need no look at them. */
static void
merge(struct layout_sorted *sorted, const struct layout_item *a, uint32_t a_count,
    const struct layout_item *b, uint32_t b_count, struct layout_item *out)
{
	while (a_count > 0 && b_count > 0) {
		bool is_a = a->prefix < b->prefix ||
			    (a->prefix == b->prefix && layout_sorted_compare(item_view(sorted, a),
							   item_view(sorted, b)) <= 0);

		*out++ = is_a ? *a++ : *b++;
		if (is_a)
			a_count--;
		else
			b_count--;
	}
	memcpy(out, a, a_count * sizeof(*a));
	memmove(out + a_count, b, b_count * sizeof(*b));
}

/* Bottom up, between items and spare. */
static void
sort(struct layout_sorted *sorted, uint32_t start, uint32_t count)
{
	struct layout_item *from = sorted->items + start, *to = sorted->spare + start;

	for (uint32_t width = 1; width < count; width *= 2) {
		struct layout_item *swap = from;

		for (uint32_t at = 0; at < count; at += 2 * width) {
			uint32_t left = count - at < width ? count - at : width;
			uint32_t right = count - at - left < width ? count - at - left : width;

			merge(sorted, from + at, left, from + at + left, right, to + at);
		}
		from = to;
		to = swap;
	}
	if (from != sorted->items + start)
		memcpy(sorted->items + start, from, count * sizeof(*from));
}

/* The last two parts become one. */
static void
merge_last(struct layout_sorted *sorted)
{
	uint32_t right = sorted->parts[sorted->depth - 1];
	uint32_t left = sorted->parts[sorted->depth - 2];
	struct layout_item *at = sorted->items + sorted->count - right - left;

	memcpy(sorted->spare, at, left * sizeof(*at));
	merge(sorted, sorted->spare, left, at + left, right, at);
	sorted->depth--;
	sorted->parts[sorted->depth - 1] = left + right;
}

void
layout_sorted_settle(struct layout_sorted *sorted)
{
	if (sorted->loose == 0)
		return;
	sort(sorted, sorted->count - sorted->loose, sorted->loose);
	sorted->parts[sorted->depth++] = sorted->loose;
	sorted->loose = 0;
	while (sorted->depth > 1 &&
	       sorted->parts[sorted->depth - 2] <= sorted->parts[sorted->depth - 1])
		merge_last(sorted);
}

void
layout_sorted_finish(struct layout_sorted *sorted)
{
	layout_sorted_settle(sorted);
	while (sorted->depth > 1)
		merge_last(sorted);
}

bool
layout_sorted_may(const struct layout_filter *filter, const struct layout_range *range)
{
	for (unsigned i = 0; i < range->hash_count; i++)
		if (layout_filter_has(filter, range->hashes[i]))
			return true;
	return range->hash_count == 0;
}

static void
find_in_part(const struct layout_sorted *sorted, uint32_t start, uint32_t end,
    const struct layout_range *range, struct layout_rows *rows)
{
	struct layout_view low = layout_sorted_view(range->low.bytes, range->low.len);
	struct layout_view high = layout_sorted_view(range->high.bytes, range->high.len);
	uint32_t at = start, stop = end;

	while (at < stop) {
		uint32_t middle = at + (stop - at) / 2;

		if (layout_sorted_compare(layout_sorted_at(sorted, middle), low) < 0)
			at = middle + 1;
		else
			stop = middle;
	}
	for (; at < end && layout_sorted_compare(layout_sorted_at(sorted, at), high) < 0; at++) {
		if (rows->count < LAYOUT_ROWS_MAX)
			rows->rows[rows->count] = sorted->items[at].row;
		rows->count++;
	}
}

void
layout_sorted_find(
    const struct layout_sorted *sorted, const struct layout_range *range, struct layout_rows *rows)
{
	uint32_t start = 0;

	if (!layout_sorted_may(&sorted->filter, range))
		return;
	for (uint32_t i = 0; i < sorted->depth; i++) {
		find_in_part(sorted, start, start + sorted->parts[i], range, rows);
		start += sorted->parts[i];
	}
}
