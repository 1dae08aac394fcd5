#include "store/runs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define FIRSTS_BYTES_MAX (256u * 1024u * 1024u)

void
runs_init(struct runs *runs, struct sql *sql, uint64_t seed)
{
	*runs = (struct runs){.sql = sql, .seed = seed};
}

static void
free_run(struct run *run)
{
	if (run == NULL)
		return;
	filter_release(&run->filter);
	bytes_release(&run->firsts);
	free(run->firsts_at);
	free(run);
}

void
runs_release(struct runs *runs)
{
	uint32_t i;

	for (i = 0; i < runs->count; i++)
		free_run(runs->at[i]);
	free(runs->at);
	*runs = (struct runs){.sql = runs->sql, .seed = runs->seed};
}

static enum err
append(struct runs *runs, struct run *run)
{
	if (runs->count == runs->cap) {
		uint32_t cap = runs->cap == 0 ? 32 : runs->cap * 2;
		struct run **at = realloc(runs->at, cap * sizeof(struct run *));

		if (at == NULL)
			return ERR_MEMORY;
		runs->at = at;
		runs->cap = cap;
	}
	runs->at[runs->count++] = run;
	return ERR_NONE;
}

static void
drop(struct runs *runs, struct run *run)
{
	uint32_t i;

	for (i = 0; i < runs->count && runs->at[i] != run; i++)
		;
	assert(i < runs->count);
	memmove(&runs->at[i], &runs->at[i + 1], (runs->count - i - 1) * sizeof(struct run *));
	runs->count--;
	free_run(run);
}

static int64_t
page_seq(int64_t run, uint32_t page)
{
	return run * (int64_t)RUNS_PAGES_MAX + (int64_t)page;
}

/* ------------------------------------------------------------------ parts */

/* Filter, then firsts, then their places (32 bits each): one stream, cut into parts. */
static size_t
stream_len(const struct run *run)
{
	return (size_t)run->filter.lines_count * FILTER_LINE_BYTES + run->firsts.len +
	       ((size_t)run->pages + 1) * 4;
}

/* Copy [at, at + len) of the stream. */
static void
stream_read(const struct run *run, size_t at, uint8_t *out, size_t len)
{
	size_t filter_len = (size_t)run->filter.lines_count * FILTER_LINE_BYTES, i;

	for (i = 0; i < len; i++, at++) {
		if (at < filter_len) {
			size_t n = filter_len - at < len - i ? filter_len - at : len - i;

			memcpy(out + i, run->filter.lines + at, n);
			i += n - 1;
			at += n - 1;
		} else if (at < filter_len + run->firsts.len) {
			out[i] = run->firsts.data[at - filter_len];
		} else {
			size_t place = at - filter_len - run->firsts.len;

			out[i] = (uint8_t)(run->firsts_at[place / 4] >> (24 - 8 * (place % 4)));
		}
	}
}

enum err
runs_put_part(struct runs *runs, const struct run *run, uint32_t part)
{
	size_t total = stream_len(run), at = (size_t)part * RUNS_PART_BYTES, len;
	uint8_t *data;
	struct sql_use use;
	enum err err;

	if (at >= total)
		return ERR_NOT_FOUND;
	len = total - at < RUNS_PART_BYTES ? total - at : RUNS_PART_BYTES;
	data = malloc(len);
	if (data == NULL)
		return ERR_MEMORY;
	stream_read(run, at, data, len);
	use = sql_start(runs->sql, SQL_RUN_PART_PUT);
	sql_put_signed(&use, page_seq(run->id, part));
	sql_put_bytes(&use, data, len);
	err = sql_run(&use);
	free(data);
	return err;
}

/* ------------------------------------------------------------------ loading */

static enum err
read_parts(struct runs *runs, const struct run *run, struct bytes *stream)
{
	struct sql_use use = sql_start(runs->sql, SQL_RUN_PART_EACH);
	uint64_t expected = (uint64_t)page_seq(run->id, 0);
	enum err err;

	sql_put_signed(&use, page_seq(run->id, 0));
	sql_put_signed(&use, page_seq(run->id + 1, 0));
	while ((err = sql_step(&use)) == ERR_NONE) {
		struct bytes_view data;

		use.is_bad |= sql_number(&use, NUMBER_MAX) != expected++;
		data = sql_view(&use);
		err = sql_check(&use);
		if (err != ERR_NONE)
			break;
		bytes_append(stream, data.data, data.len);
	}
	sql_done(&use);
	if (err == ERR_NOT_FOUND)
		err = stream->err;
	return err;
}

/* The places must rise and end where the firsts end. */
static bool
is_rising(const struct run *run)
{
	uint32_t i;

	for (i = 1; i <= run->pages; i++) {
		if (run->firsts_at[i] < run->firsts_at[i - 1])
			return false;
	}
	return run->firsts_at[0] == 0 && run->firsts_at[run->pages] == run->firsts.len;
}

/* ERR_CORRUPT: they do not fit together. */
static enum err
take_firsts(struct run *run, struct bytes_view stream)
{
	size_t places = ((size_t)run->pages + 1) * 4;
	uint32_t i;

	if (stream.len < places)
		return ERR_CORRUPT;
	run->firsts_at = malloc(places);
	if (run->firsts_at == NULL)
		return ERR_MEMORY;
	run->firsts_cap = run->pages + 1;
	for (i = 0; i <= run->pages; i++)
		run->firsts_at[i] =
		    bytes_get_u32(stream.data + stream.len - places + (size_t)i * 4);
	bytes_append(&run->firsts, stream.data, stream.len - places);
	if (run->firsts.err != ERR_NONE)
		return run->firsts.err;
	return is_rising(run) ? ERR_NONE : ERR_CORRUPT;
}

static enum err
load_parts(struct runs *runs, struct run *run)
{
	struct bytes stream;
	size_t filter_len;
	enum err err;

	bytes_init(&stream, (size_t)1 << 32);
	err = read_parts(runs, run, &stream);
	if (err == ERR_NONE)
		err = filter_open(&run->filter, run->hashes);
	filter_len = (size_t)run->filter.lines_count * FILTER_LINE_BYTES;
	if (err == ERR_NONE && stream.len < filter_len)
		err = sql_corrupt(runs->sql, "a run of the index is cut short");
	if (err == ERR_NONE) {
		memcpy(run->filter.lines, stream.data, filter_len);
		err = take_firsts(
		    run, bytes_view_of(stream.data + filter_len, stream.len - filter_len));
		if (err == ERR_CORRUPT)
			err = sql_corrupt(runs->sql, "a run of the index does not fit together");
	}
	bytes_release(&stream);
	return err;
}

static enum err
read_run(struct sql_use *use, struct run *run)
{
	run->id = (int64_t)sql_number(use, NUMBER_MAX >> 25);
	run->state = (enum run_state)sql_number(use, RUN_DYING);
	run->level = (uint32_t)sql_number(use, RUNS_LEVELS_MAX - 1);
	run->entries = sql_number(use, NUMBER_MAX);
	run->hashes = sql_number(use, NUMBER_MAX >> 8);
	run->pages = (uint32_t)sql_number(use, RUNS_PAGES_MAX);
	return sql_check(use);
}

/* The rows first: reading a run's parts needs the connection for itself. */
static enum err
load_rows(struct runs *runs)
{
	struct sql_use use = sql_start(runs->sql, SQL_RUN_EACH);
	enum err err;

	while ((err = sql_step(&use)) == ERR_NONE) {
		struct run *run = calloc(1, sizeof(*run));

		err = run == NULL ? ERR_MEMORY : read_run(&use, run);
		if (run != NULL)
			bytes_init(&run->firsts, FIRSTS_BYTES_MAX);
		if (err == ERR_NONE)
			err = append(runs, run);
		if (err != ERR_NONE) {
			free_run(run);
			break;
		}
		if (run->id > runs->last_id)
			runs->last_id = run->id;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
runs_load(struct runs *runs)
{
	enum err err = load_rows(runs);
	uint32_t i = 0;

	while (err == ERR_NONE && i < runs->count) {
		struct run *run = runs->at[i];

		if (run->state == RUN_LIVE) {
			err = load_parts(runs, run);
			i++;
		} else {
			runs->dying = run->id;
			drop(runs, run);
		}
	}
	return err;
}

/* ------------------------------------------------------------------ building */

static enum err
set_state(struct runs *runs, const struct run *run, enum run_state state)
{
	struct sql_use use = sql_start(runs->sql, SQL_RUN_SET);

	sql_put_number(&use, state);
	sql_put_number(&use, run->entries);
	sql_put_number(&use, run->hashes);
	sql_put_number(&use, run->pages);
	sql_put_signed(&use, run->id);
	return sql_run(&use);
}

enum err
runs_start(struct runs *runs, uint32_t level, uint64_t hashes, struct run **out)
{
	struct run *run = calloc(1, sizeof(*run));
	struct sql_use use;
	enum err err;

	if (run == NULL)
		return ERR_MEMORY;
	run->id = runs->last_id + 1;
	run->state = RUN_BUILDING;
	run->level = level;
	run->hashes = hashes;
	bytes_init(&run->firsts, FIRSTS_BYTES_MAX);
	err = filter_open(&run->filter, hashes);
	if (err == ERR_NONE) {
		use = sql_start(runs->sql, SQL_RUN_PUT);
		sql_put_signed(&use, run->id);
		sql_put_number(&use, RUN_BUILDING);
		sql_put_number(&use, level);
		err = sql_run(&use);
	}
	if (err == ERR_NONE)
		err = append(runs, run);
	if (err != ERR_NONE) {
		free_run(run);
		return err;
	}
	runs->last_id = run->id;
	*out = run;
	return ERR_NONE;
}

/* What stands for a page: the beginning of its first key that is above the key before it. */
static enum err
note_first(struct run *run, struct bytes_view first, struct bytes_view last)
{
	size_t len = 0;

	if (run->pages + 2 > run->firsts_cap) {
		uint32_t cap = run->firsts_cap == 0 ? 1024 : run->firsts_cap * 2;
		uint32_t *at = realloc(run->firsts_at, cap * sizeof(*at));

		if (at == NULL)
			return ERR_MEMORY;
		run->firsts_at = at;
		run->firsts_cap = cap;
	}
	if (run->pages > 0) {
		while (len < first.len && len < last.len && first.data[len] == last.data[len])
			len++;
		len += len < first.len; /* equal keys: the whole */
	}
	run->firsts_at[run->pages] = (uint32_t)run->firsts.len;
	bytes_append(&run->firsts, first.data, len);
	run->firsts_at[run->pages + 1] = (uint32_t)run->firsts.len;
	return run->firsts.err;
}

enum err
runs_put_page(struct runs *runs, struct run *run, struct bytes_view data, struct bytes_view first,
    struct bytes_view last)
{
	struct sql_use use;
	enum err err;

	if (run->pages == RUNS_PAGES_MAX - 1)
		return ERR_TOO_LARGE;
	err = note_first(run, first, last);
	if (err != ERR_NONE)
		return err;
	use = sql_start(runs->sql, SQL_RUN_PAGE_PUT);
	sql_put_signed(&use, page_seq(run->id, run->pages));
	sql_put_view(&use, data);
	err = sql_run(&use);
	if (err == ERR_NONE)
		run->pages++;
	return err;
}

enum err
runs_finish(struct runs *runs, struct run *run)
{
	run->state = RUN_LIVE;
	return set_state(runs, run, RUN_LIVE);
}

enum err
runs_kill(struct runs *runs, struct run *run)
{
	enum err err = set_state(runs, run, RUN_DYING);

	if (err != ERR_NONE)
		return err;
	runs->dying = run->id;
	drop(runs, run);
	return ERR_NONE;
}

enum err
runs_erase_all(struct runs *runs)
{
	static const enum sql_name names[] = {
	    SQL_RUN_PAGE_ERASE_ALL, SQL_RUN_PART_ERASE_ALL, SQL_RUN_ERASE_ALL};
	enum err err = ERR_NONE;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names) && err == ERR_NONE; i++) {
		struct sql_use use = sql_start(runs->sql, names[i]);

		err = sql_run(&use);
	}
	runs_release(runs);
	return err;
}

/* ------------------------------------------------------------------ burying */

static bool
is_known(const struct runs *runs, int64_t id)
{
	uint32_t i;

	for (i = 0; i < runs->count; i++) {
		if (runs->at[i]->id == id)
			return true;
	}
	return false;
}

/* Those in memory that do not live are being built; the others of them died. */
static enum err
next_dying(struct runs *runs)
{
	struct sql_use use = sql_start(runs->sql, SQL_RUN_NOT_LIVE);
	int64_t id = 0;
	enum err err;

	runs->dying = 0;
	while (runs->dying == 0 && (err = sql_step(&use)) == ERR_NONE) {
		id = (int64_t)sql_number(&use, NUMBER_MAX >> 25);
		err = sql_check(&use);
		if (err != ERR_NONE)
			break;
		if (!is_known(runs, id))
			runs->dying = id;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* The last page is gone: the rest of it. */
static enum err
forget(struct runs *runs)
{
	struct sql_use use = sql_start(runs->sql, SQL_RUN_PART_FORGET);
	enum err err;

	sql_put_signed(&use, page_seq(runs->dying, 0));
	sql_put_signed(&use, page_seq(runs->dying + 1, 0));
	err = sql_run(&use);
	if (err != ERR_NONE)
		return err;
	use = sql_start(runs->sql, SQL_RUN_FORGET);
	sql_put_signed(&use, runs->dying);
	return sql_run(&use);
}

enum err
runs_bury(struct runs *runs, uint32_t pages)
{
	struct sql_use use;
	int gone;
	enum err err;

	if (runs->dying == 0)
		return ERR_NONE;
	assert(!is_known(runs, runs->dying));
	use = sql_start(runs->sql, SQL_RUN_PAGE_BURY);
	sql_put_signed(&use, page_seq(runs->dying, 0));
	sql_put_signed(&use, page_seq(runs->dying + 1, 0));
	sql_put_number(&use, pages);
	err = sql_run(&use);
	gone = sql_changes(runs->sql);
	if (err != ERR_NONE || (uint32_t)gone == pages)
		return err;
	err = forget(runs);
	if (err == ERR_NONE)
		err = next_dying(runs);
	return err;
}

/* ------------------------------------------------------------------ reading */

static struct bytes_view
first_of(const struct run *run, uint32_t page)
{
	return bytes_view_of(run->firsts.data + run->firsts_at[page],
	    run->firsts_at[page + 1] - run->firsts_at[page]);
}

uint32_t
runs_seek(const struct run *run, struct bytes_view key)
{
	uint32_t low = 0, high = run->pages, middle;

	/* the last page whose first key is below: equal keys may begin in the page before */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (bytes_view_compare(first_of(run, middle), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : 0;
}

enum err
runs_get_page(struct runs *runs, const struct run *run, uint32_t page, struct page_reader *reader)
{
	struct sql_use use = sql_start(runs->sql, SQL_RUN_PAGE_GET);
	enum err err;

	sql_put_signed(&use, page_seq(run->id, page));
	err = sql_step(&use);
	if (err == ERR_NONE)
		err = page_open(reader, sql_view(&use));
	if (err == ERR_NONE)
		err = sql_check(&use);
	sql_done(&use);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
		err = sql_corrupt(runs->sql, "a page of the index is missing or spoilt");
	return err;
}

/* The page again without what is not to be kept.  A spoilt rest is an error. */
static enum err
without(struct page_reader *reader, struct page_writer *writer, struct bytes_view key,
    int64_t record, bool *found)
{
	enum err err;

	page_clear(writer);
	while ((err = page_next(reader)) == ERR_NONE) {
		struct bytes_view at = bytes_view_of(reader->key, reader->key_len);

		if (reader->record == record && bytes_view_is_equal(at, key))
			*found = true;
		else if (!page_add(writer, at, reader->record))
			return ERR_CORRUPT; /* less cannot need more room */
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err
rewrite(struct runs *runs, const struct run *run, uint32_t page, const struct page_writer *writer)
{
	struct sql_use use = sql_start(runs->sql, SQL_RUN_PAGE_SET);

	sql_put_bytes(&use, writer->data, writer->len);
	sql_put_signed(&use, page_seq(run->id, page));
	return sql_run(&use);
}

enum err
runs_remove(struct runs *runs, struct run *run, struct bytes_view key, int64_t record, bool *found)
{
	struct page_reader *reader = malloc(sizeof(*reader));
	struct page_writer *writer = malloc(sizeof(*writer));
	uint32_t page = runs_seek(run, key);
	enum err err = reader == NULL || writer == NULL ? ERR_MEMORY : ERR_NONE;

	*found = false;
	for (; err == ERR_NONE && !*found && page < run->pages; page++) {
		if (bytes_view_compare(first_of(run, page), key) > 0)
			break;
		err = runs_get_page(runs, run, page, reader);
		if (err == ERR_NONE)
			err = without(reader, writer, key, record, found);
		if (err == ERR_NONE && *found)
			err = rewrite(runs, run, page, writer);
	}
	free(reader);
	free(writer);
	return err;
}
