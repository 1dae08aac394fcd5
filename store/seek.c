#include "store/seek.h"

void
seek_open(
    struct seek *seek, const struct tail *tail, struct runs *runs, uint64_t low, uint64_t high)
{
	seek->tail = tail;
	seek->runs = runs;
	seek->low = low;
	seek->high = high;
	seek->tokens_count = keys_tokens(runs->seed, runs->space, low, high, seek->tokens);
	seek->is_in_tail = low != high || tail_may(tail, low);
	seek->at = seek->is_in_tail ? tail_bucket_of(tail, low) : 0;
	seek->chunk = 0;
	seek->left = 0;
	seek->may = 0;
	seek->run = NULL;
	seek->page = 0;
}

/* ------------------------------------------------------------------ the tail */

/* The chunk before, or the newest of the next bucket; false: there is none. */
static bool
next_chunk(struct seek *seek)
{
	const struct tail *tail = seek->tail;
	uint32_t last = tail_bucket_of(tail, seek->high);

	seek->left = TAIL_CHUNK_ENTRIES;
	if (seek->chunk != 0)
		seek->chunk = tail->chunks[seek->chunk - 1].before;
	while (seek->chunk == 0 && seek->at <= last) {
		seek->chunk = tail->buckets[seek->at].newest;
		seek->left = tail->buckets[seek->at++].count;
	}
	return seek->chunk != 0;
}

static bool
next_in_tail(struct seek *seek)
{
	for (;;) {
		while (seek->left > 0) {
			const struct page_entry *entry =
			    &seek->tail->chunks[seek->chunk - 1].entries[--seek->left];

			if (entry->number != 0 && entry->key >= seek->low &&
			    entry->key <= seek->high) {
				seek->entry = *entry;
				return true;
			}
		}
		if (!next_chunk(seek)) {
			seek->left = 0;
			return false;
		}
	}
}

/* ------------------------------------------------------------------ runs */

/* The next run that may have something; false: there is none. */
static bool
next_run(struct seek *seek)
{
	while (seek->may == 0) {
		if (seek->at * SLICES_RUNS >= seek->runs->count)
			return false;
		seek->may =
		    slices_may(&seek->runs->slices, seek->at++, seek->tokens, seek->tokens_count);
	}
	seek->run =
	    &seek->runs->at[(seek->at - 1) * SLICES_RUNS + (uint32_t)__builtin_ctzll(seek->may)];
	seek->may &= seek->may - 1;
	seek->page = runs_seek(seek->run, seek->low);
	seek->reader.at = 0;
	seek->reader.len = 0;
	return true;
}

/* The next page of the open run that may have something; false: there is none. */
static enum err
next_page(struct seek *seek, bool *is_there)
{
	*is_there = seek->page < seek->run->pages && seek->run->firsts[seek->page] <= seek->high;
	if (!*is_there)
		return ERR_NONE;
	return runs_get_page(seek->runs, seek->run, seek->page++, &seek->reader);
}

/* The next entry of the open run; false: there is none. */
static enum err
next_in_run(struct seek *seek, bool *is_there)
{
	enum err err;

	for (;;) {
		while ((err = page_next(&seek->reader)) == ERR_NONE) {
			if (seek->reader.entry.key > seek->high) {
				*is_there = false;
				return ERR_NONE;
			}
			if (seek->reader.entry.key >= seek->low) {
				seek->entry = seek->reader.entry;
				*is_there = true;
				return ERR_NONE;
			}
		}
		if (err == ERR_NOT_FOUND)
			err = next_page(seek, is_there);
		if (err == ERR_CORRUPT)
			err = sql_corrupt(seek->runs->sql, "a page of the index is spoilt");
		if (err != ERR_NONE || !*is_there)
			return err;
	}
}

enum err
seek_next(struct seek *seek)
{
	bool is_there = false;
	enum err err = ERR_NONE;

	if (seek->is_in_tail) {
		if (next_in_tail(seek))
			return ERR_NONE;
		seek->is_in_tail = false;
		seek->at = 0;
	}
	while (err == ERR_NONE && !is_there) {
		if (seek->run == NULL && !next_run(seek))
			return ERR_NOT_FOUND;
		err = next_in_run(seek, &is_there);
		if (!is_there)
			seek->run = NULL;
	}
	return err;
}
