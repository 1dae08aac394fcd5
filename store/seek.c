#include "store/seek.h"

#include <assert.h>
#include <string.h>

static void
start(struct seek *seek, const struct tail *tail, struct runs *runs, struct bytes_view low)
{
	assert(low.len <= sizeof(seek->low));
	seek->tail = tail;
	seek->runs = runs;
	seek->level = 0;
	seek->at = 0;
	seek->is_started = false;
	seek->low_len = low.len;
	memcpy(seek->low, low.data, low.len);
	seek->high_len = 0;
}

void
seek_exact(struct seek *seek, const struct tail *tail, struct runs *runs, struct bytes_view key)
{
	start(seek, tail, runs, key);
	seek->is_exact = true;
	seek->has_hash = true;
	seek->hash = filter_hash(runs->seed, key);
}

void
seek_range(struct seek *seek, const struct tail *tail, struct runs *runs, struct bytes_view low,
    struct bytes_view high, size_t cut)
{
	start(seek, tail, runs, low);
	assert(high.len <= sizeof(seek->high) && cut <= low.len);
	seek->is_exact = false;
	seek->high_len = high.len;
	if (high.len > 0)
		memcpy(seek->high, high.data, high.len);
	seek->has_hash = cut > 0;
	if (cut > 0)
		seek->hash = filter_hash(runs->seed, bytes_view_of(low.data, cut));
}

static struct bytes_view
low_of(const struct seek *seek)
{
	return bytes_view_of(seek->low, seek->low_len);
}

/* <0: below the range; 0: in it; >0: above. */
static int
place(const struct seek *seek, struct bytes_view key)
{
	int order = bytes_view_compare(key, low_of(seek));

	if (order < 0 || seek->is_exact)
		return order;
	if (seek->high_len == 0)
		return 0;
	return bytes_view_compare(key, bytes_view_of(seek->high, seek->high_len)) < 0 ? 0 : 1;
}

static void
next_level(struct seek *seek)
{
	seek->level++;
	seek->at = 0;
	seek->is_started = false;
}

static bool
found_entry(struct seek *seek, const struct tail_entry *entry)
{
	struct bytes_view key = tail_key(seek->tail, entry);

	if (place(seek, key) != 0)
		return false;
	seek->key = key;
	seek->record = entry->record;
	return true;
}

/* The chunk is not sorted. */
static bool
next_of_chunk(struct seek *seek)
{
	const struct tail_level *chunk = &seek->tail->chunk;

	while (seek->at < chunk->count) {
		if (found_entry(seek, &chunk->entries[seek->at++]))
			return true;
	}
	return false;
}

static bool
next_of_level(struct seek *seek, const struct tail_level *level)
{
	if (!seek->is_started) {
		seek->at = tail_seek(seek->tail, level, low_of(seek));
		seek->is_started = true;
	}
	return seek->at < level->count && found_entry(seek, &level->entries[seek->at++]);
}

/* The run may hold nothing of the range. */
static bool
is_passed(const struct seek *seek, const struct run *run)
{
	return run->state != RUN_LIVE || run->pages == 0 ||
	       (seek->has_hash && !filter_has(&run->filter, seek->hash));
}

static enum err
next_of_run(struct seek *seek, const struct run *run)
{
	enum err err;
	int order;

	if (!seek->is_started) {
		if (is_passed(seek, run))
			return ERR_NOT_FOUND;
		seek->at = runs_seek(run, low_of(seek));
		seek->is_started = true;
		err = runs_get_page(seek->runs, run, seek->at++, &seek->reader);
		if (err != ERR_NONE)
			return err;
	}
	for (;;) {
		err = page_next(&seek->reader);
		if (err == ERR_NOT_FOUND && seek->at < run->pages) {
			err = runs_get_page(seek->runs, run, seek->at++, &seek->reader);
			if (err == ERR_NONE)
				continue;
		}
		if (err != ERR_NONE)
			return err;
		seek->key = bytes_view_of(seek->reader.key, seek->reader.key_len);
		order = place(seek, seek->key);
		if (order > 0)
			return ERR_NOT_FOUND;
		if (order == 0) {
			seek->record = seek->reader.record;
			return ERR_NONE;
		}
	}
}

static enum err
next_of_current(struct seek *seek)
{
	const struct tail *tail = seek->tail;
	bool found;

	if (seek->level > tail->levels_count)
		return next_of_run(seek, seek->runs->at[seek->level - tail->levels_count - 1]);
	if (seek->level == 0)
		found = next_of_chunk(seek);
	else
		found = next_of_level(seek, &tail->levels[seek->level - 1]);
	return found ? ERR_NONE : ERR_NOT_FOUND;
}

enum err
seek_next(struct seek *seek)
{
	uint32_t levels = 1 + seek->tail->levels_count + seek->runs->count;
	enum err err = ERR_NOT_FOUND;

	/* the tail's filter answers for all of its levels */
	if (seek->level == 0 && seek->at == 0 && seek->has_hash &&
	    !filter_has(&seek->tail->filter, seek->hash)) {
		seek->level = 1 + seek->tail->levels_count;
	}
	while (seek->level < levels) {
		err = next_of_current(seek);
		if (err != ERR_NOT_FOUND)
			break;
		next_level(seek);
	}
	if (err == ERR_CORRUPT)
		return sql_corrupt(seek->runs->sql, "a page of the index is spoilt");
	return seek->level < levels ? err : ERR_NOT_FOUND;
}
