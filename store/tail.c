#include "store/tail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/keys.h"

#define KEYS_CAP (64u * 1024u * 1024u)

/* qsort has no context, and the store is used by one thread */
static const uint8_t *sorted_keys;

static uint64_t
head_of(struct bytes_view key)
{
	uint8_t bytes[8] = {0};

	if (key.len > 0)
		memcpy(bytes, key.data, key.len < 8 ? key.len : 8);
	return bytes_get_u64(bytes);
}

enum err
tail_open(struct tail *tail, uint64_t seed)
{
	memset(tail, 0, sizeof(*tail));
	tail->seed = seed;
	bytes_init(&tail->keys, KEYS_CAP);
	return filter_open(&tail->filter, (uint64_t)TAIL_ENTRIES_MAX * 2);
}

void
tail_release(struct tail *tail)
{
	uint32_t i;

	for (i = 0; i < tail->levels_count; i++)
		free(tail->levels[i].entries);
	free(tail->chunk.entries);
	bytes_release(&tail->keys);
	filter_release(&tail->filter);
	memset(tail, 0, sizeof(*tail));
}

void
tail_clear(struct tail *tail)
{
	uint32_t i;

	for (i = 0; i < tail->levels_count; i++)
		free(tail->levels[i].entries);
	tail->levels_count = 0;
	tail->chunk.count = 0;
	tail->count = 0;
	bytes_clear(&tail->keys);
	filter_clear(&tail->filter);
}

bool
tail_is_full(const struct tail *tail)
{
	return tail->count >= TAIL_ENTRIES_MAX || tail->keys.len >= TAIL_BYTES_MAX;
}

struct bytes_view
tail_key(const struct tail *tail, const struct tail_entry *entry)
{
	return bytes_view_of(tail->keys.data + entry->at, entry->len);
}

static enum err
grow(struct tail_level *level)
{
	uint32_t cap = level->cap == 0 ? 1024 : level->cap * 2;
	struct tail_entry *entries = realloc(level->entries, cap * sizeof(*entries));

	if (entries == NULL)
		return ERR_MEMORY;
	level->entries = entries;
	level->cap = cap;
	return ERR_NONE;
}

enum err
tail_add(struct tail *tail, struct bytes_view key, int64_t record)
{
	size_t cuts[KEYS_CUTS_MAX], at = tail->keys.len;
	uint32_t count, i;

	if (tail->chunk.count == tail->chunk.cap && grow(&tail->chunk) != ERR_NONE)
		return ERR_MEMORY;
	bytes_append(&tail->keys, key.data, key.len);
	if (tail->keys.err != ERR_NONE)
		return tail->keys.err;
	tail->chunk.entries[tail->chunk.count++] = (struct tail_entry){
	    .head = head_of(key), .record = record, .at = (uint32_t)at, .len = (uint32_t)key.len};
	tail->count++;
	count = keys_cuts(key, cuts);
	for (i = 0; i < count; i++)
		filter_add(
		    &tail->filter, filter_hash(tail->seed, bytes_view_of(key.data, cuts[i])));
	return ERR_NONE;
}

/* ------------------------------------------------------------------ order */

static int
compare(const uint8_t *keys, const struct tail_entry *a, const struct tail_entry *b)
{
	uint32_t least = a->len < b->len ? a->len : b->len;
	int order;

	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	order = least > 8 ? memcmp(keys + a->at + 8, keys + b->at + 8, least - 8) : 0;
	if (order != 0)
		return order;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return a->record < b->record ? -1 : a->record > b->record;
}

static int
compare_sorted(const void *a, const void *b)
{
	return compare(sorted_keys, a, b);
}

/* Two sorted levels into one; b is the newer. */
static enum err
merge_levels(const struct tail *tail, struct tail_level *a, struct tail_level *b)
{
	uint32_t count = a->count + b->count, i = 0, j = 0, out = 0;
	struct tail_entry *merged = malloc((size_t)(count == 0 ? 1 : count) * sizeof(*merged));

	if (merged == NULL)
		return ERR_MEMORY;
	while (i < a->count && j < b->count) {
		if (compare(tail->keys.data, &a->entries[i], &b->entries[j]) <= 0)
			merged[out++] = a->entries[i++];
		else
			merged[out++] = b->entries[j++];
	}
	if (i < a->count)
		memcpy(merged + out, a->entries + i, (a->count - i) * sizeof(*merged));
	if (j < b->count)
		memcpy(merged + out, b->entries + j, (b->count - j) * sizeof(*merged));
	free(a->entries);
	free(b->entries);
	*a = (struct tail_level){.entries = merged, .count = count, .cap = count};
	*b = (struct tail_level){0};
	return ERR_NONE;
}

/* The last two levels into one where they are alike, or in any case. */
static enum err
merge_last(struct tail *tail, bool is_forced)
{
	struct tail_level *a, *b;
	enum err err = ERR_NONE;

	while (tail->levels_count > 1 && err == ERR_NONE) {
		a = &tail->levels[tail->levels_count - 2];
		b = &tail->levels[tail->levels_count - 1];
		if (!is_forced && a->count > 2 * b->count && tail->levels_count < TAIL_LEVELS_MAX)
			break;
		err = merge_levels(tail, a, b);
		if (err == ERR_NONE)
			tail->levels_count--;
	}
	return err;
}

enum err
tail_settle(struct tail *tail)
{
	struct tail_level *chunk = &tail->chunk;

	if (chunk->count == 0)
		return ERR_NONE;
	sorted_keys = tail->keys.data;
	qsort(chunk->entries, chunk->count, sizeof(*chunk->entries), compare_sorted);
	assert(tail->levels_count < TAIL_LEVELS_MAX);
	tail->levels[tail->levels_count++] = *chunk;
	*chunk = (struct tail_level){0};
	return merge_last(tail, false);
}

enum err
tail_flatten(struct tail *tail)
{
	enum err err = tail_settle(tail);

	return err != ERR_NONE ? err : merge_last(tail, true);
}

uint32_t
tail_seek(const struct tail *tail, const struct tail_level *level, struct bytes_view key)
{
	uint64_t head = head_of(key);
	uint32_t low = 0, high = level->count, middle;

	while (low < high) {
		const struct tail_entry *entry;

		middle = low + (high - low) / 2;
		entry = &level->entries[middle];
		if (entry->head < head ||
		    (entry->head == head && bytes_view_compare(tail_key(tail, entry), key) < 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ------------------------------------------------------------------ erasing */

static bool
remove_at(struct tail *tail, struct tail_level *level, uint32_t i)
{
	struct tail_entry *entry = &level->entries[i];

	memset(tail->keys.data + entry->at, 0, entry->len);
	memmove(entry, entry + 1, (level->count - i - 1) * sizeof(*entry));
	level->count--;
	tail->count--;
	return true;
}

static bool
is_entry(
    const struct tail *tail, const struct tail_entry *entry, struct bytes_view key, int64_t record)
{
	return entry->record == record && bytes_view_is_equal(tail_key(tail, entry), key);
}

bool
tail_remove(struct tail *tail, struct bytes_view key, int64_t record)
{
	uint32_t i, n;

	for (i = 0; i < tail->chunk.count; i++) {
		if (is_entry(tail, &tail->chunk.entries[i], key, record))
			return remove_at(tail, &tail->chunk, i);
	}
	for (n = 0; n < tail->levels_count; n++) {
		struct tail_level *level = &tail->levels[n];

		for (i = tail_seek(tail, level, key);
		     i < level->count &&
		     bytes_view_is_equal(tail_key(tail, &level->entries[i]), key);
		     i++) {
			if (level->entries[i].record == record)
				return remove_at(tail, level, i);
		}
	}
	return false;
}
