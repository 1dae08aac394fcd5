#include "store/merge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/builder.h"

/* entries whose time to write is about that of one part */
#define ENTRIES_PER_PART 16384u

struct source {
	struct run *run;
	uint32_t page; /* the next one */
	struct page_reader reader;
};

struct merge {
	struct runs *runs;
	uint32_t heap_count;
	struct source *heap[MERGE_FAN_IN]; /* the one with the least entry first */
	struct source sources[MERGE_FAN_IN];
	struct builder builder;
	int64_t *erased; /* records of which nothing but lasting keys is written any more */
	uint32_t erased_count;
	uint32_t erased_cap;
};

static struct bytes_view
key_of(const struct source *source)
{
	return bytes_view_of(source->reader.key, source->reader.key_len);
}

static bool
is_less(const struct source *a, const struct source *b)
{
	return page_compare(key_of(a), a->reader.record, key_of(b), b->reader.record) < 0;
}

static void
sift_down(struct merge *merge, uint32_t at)
{
	for (;;) {
		uint32_t child = 2 * at + 1;
		struct source *swap;

		if (child >= merge->heap_count)
			return;
		if (child + 1 < merge->heap_count &&
		    is_less(merge->heap[child + 1], merge->heap[child]))
			child++;
		if (!is_less(merge->heap[child], merge->heap[at]))
			return;
		swap = merge->heap[at];
		merge->heap[at] = merge->heap[child];
		merge->heap[child] = swap;
		at = child;
	}
}

/* ERR_NOT_FOUND: the source has no more entries. */
static enum err
advance(struct merge *merge, struct source *source)
{
	enum err err;

	while ((err = page_next(&source->reader)) == ERR_NOT_FOUND) {
		if (source->page == source->run->pages)
			return ERR_NOT_FOUND;
		err = runs_get_page(merge->runs, source->run, source->page++, &source->reader);
		if (err != ERR_NONE)
			return err;
	}
	return err == ERR_CORRUPT ? sql_corrupt(merge->runs->sql, "a page of the index is spoilt")
				  : err;
}

static enum err
start_sources(struct merge *merge, struct run *const *runs)
{
	uint32_t i;
	enum err err;

	for (i = 0; i < MERGE_FAN_IN; i++) {
		struct source *source = &merge->sources[i];

		source->run = runs[i];
		source->page = 0;
		err = page_open(&source->reader, bytes_view_of(NULL, 0));
		if (err == ERR_NONE)
			err = advance(merge, source);
		if (err == ERR_NONE)
			merge->heap[merge->heap_count++] = source;
		else if (err != ERR_NOT_FOUND)
			return err;
	}
	for (i = merge->heap_count; i-- > 0;)
		sift_down(merge, i);
	return ERR_NONE;
}

enum err
merge_open(struct runs *runs, uint32_t level, struct merge **out)
{
	struct run *chosen[MERGE_FAN_IN];
	uint32_t count = 0, i;
	uint64_t hashes = 0;
	struct merge *merge;
	enum err err;

	*out = NULL;
	for (i = 0; i < runs->count && count < MERGE_FAN_IN; i++) {
		if (runs->at[i]->state == RUN_LIVE && runs->at[i]->level == level) {
			chosen[count++] = runs->at[i];
			hashes += runs->at[i]->hashes;
		}
	}
	if (count < MERGE_FAN_IN)
		return ERR_NONE;
	merge = calloc(1, sizeof(*merge));
	if (merge == NULL)
		return ERR_MEMORY;
	merge->runs = runs;
	err = start_sources(merge, chosen);
	if (err == ERR_NONE)
		err = builder_open(&merge->builder, runs, level + 1, hashes);
	if (err != ERR_NONE) {
		merge_free(merge);
		return err;
	}
	*out = merge;
	return ERR_NONE;
}

void
merge_free(struct merge *merge)
{
	if (merge == NULL)
		return;
	free(merge->erased);
	free(merge);
}

static bool
is_erased(const struct merge *merge, int64_t record)
{
	uint32_t i;

	for (i = 0; i < merge->erased_count; i++) {
		if (merge->erased[i] == record)
			return true;
	}
	return false;
}

/* The sources have given everything: they die, and the new run takes their place. */
static enum err
finish(struct merge *merge, uint32_t entries, bool *is_done)
{
	enum err err = builder_finish(&merge->builder, entries / ENTRIES_PER_PART + 1, is_done);
	uint32_t i;

	for (i = 0; i < MERGE_FAN_IN && err == ERR_NONE && *is_done; i++)
		err = runs_kill(merge->runs, merge->sources[i].run);
	return err;
}

enum err
merge_step(struct merge *merge, uint32_t entries, bool *is_done)
{
	uint32_t left = entries;
	enum err err = ERR_NONE;

	*is_done = false;
	for (; left > 0 && merge->heap_count > 0 && err == ERR_NONE; left--) {
		struct source *least = merge->heap[0];

		if (merge->erased_count == 0 || keys_is_lasting(key_of(least)) ||
		    !is_erased(merge, least->reader.record))
			err = builder_add(&merge->builder, key_of(least), least->reader.record);
		if (err == ERR_NONE)
			err = advance(merge, least);
		if (err == ERR_NOT_FOUND) {
			merge->heap[0] = merge->heap[--merge->heap_count];
			err = ERR_NONE;
		}
		sift_down(merge, 0);
	}
	if (err == ERR_NONE && merge->heap_count == 0)
		err = finish(merge, entries, is_done);
	return err;
}

static enum err
note_erased(struct merge *merge, int64_t record)
{
	uint32_t cap = merge->erased_cap == 0 ? 64 : merge->erased_cap * 2;
	int64_t *erased;

	if (is_erased(merge, record))
		return ERR_NONE;
	if (merge->erased_count == merge->erased_cap) {
		erased = realloc(merge->erased, cap * sizeof(*erased));
		if (erased == NULL)
			return ERR_MEMORY;
		merge->erased = erased;
		merge->erased_cap = cap;
	}
	merge->erased[merge->erased_count++] = record;
	return ERR_NONE;
}

enum err
merge_remove(struct merge *merge, struct bytes_view key, int64_t record)
{
	bool found;
	enum err err = builder_seal_page(&merge->builder);

	if (err == ERR_NONE)
		err = runs_remove(merge->runs, merge->builder.run, key, record, &found);
	if (err == ERR_NONE)
		err = note_erased(merge, record);
	return err;
}
