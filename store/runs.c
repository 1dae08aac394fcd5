#include "store/runs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
runs_init(struct runs *runs, struct sql *sql, enum keys_space space, uint64_t seed, uint32_t keys,
    uint32_t bits)
{
	*runs = (struct runs){.sql = sql, .space = space, .seed = seed};
	slices_init(&runs->slices, keys, bits);
}

void
runs_release(struct runs *runs)
{
	uint32_t i;

	for (i = 0; i < runs->count; i++)
		free(runs->at[i].firsts);
	free(runs->at);
	runs->at = NULL;
	runs->count = 0;
	runs->cap = 0;
	slices_release(&runs->slices);
}

void
runs_truncate(struct runs *runs, uint32_t count)
{
	slices_truncate(&runs->slices, count);
	while (runs->count > count)
		free(runs->at[--runs->count].firsts);
}

int64_t
runs_last(const struct runs *runs)
{
	return runs->count == 0 ? 0 : runs->at[runs->count - 1].last;
}

static int64_t
page_seq(int64_t run, uint32_t page)
{
	return run * (int64_t)RUNS_PAGES_MAX + (int64_t)page;
}

/* The least number that the run can lead to. */
static int64_t
page_base(const struct runs *runs, const struct run *run)
{
	return keys_number(runs->space, run->base + 1);
}

/* The next run: its filter goes into the slices, the run itself belongs to runs from now on. */
static enum err
append(struct runs *runs, const struct run *run, const struct slices_filter *filter)
{
	enum err err;

	if (runs->count == runs->cap) {
		uint32_t cap = runs->cap == 0 ? 16 : 2 * runs->cap;
		struct run *at = realloc(runs->at, cap * sizeof(*at));

		if (at == NULL)
			return ERR_MEMORY;
		runs->at = at;
		runs->cap = cap;
	}
	err = slices_add(&runs->slices, filter);
	if (err == ERR_NONE)
		runs->at[runs->count++] = *run;
	return err;
}

/* ------------------------------------------------------------------ loading */

/* A run's parts: its filter, then the first key of each page, as one stream. */
static enum err
read_parts(struct runs *runs, int64_t id, struct bytes *stream)
{
	struct sql_use use = sql_start(runs->sql, SQL_RUN_PART_EACH);
	uint64_t expected = (uint64_t)page_seq(id, 0);
	enum err err;

	sql_put_signed(&use, page_seq(id, 0));
	sql_put_signed(&use, page_seq(id + 1, 0));
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
	return err == ERR_NOT_FOUND ? stream->err : err;
}

/* ERR_CORRUPT: they do not rise. */
static enum err
take_firsts(struct run *run, const uint8_t *data)
{
	uint32_t i;

	run->firsts = malloc((run->pages + 1u) * sizeof(*run->firsts));
	if (run->firsts == NULL)
		return ERR_MEMORY;
	for (i = 0; i < run->pages; i++) {
		run->firsts[i] = bytes_get_u64(data + (size_t)i * 8);
		if (i > 0 && run->firsts[i] < run->firsts[i - 1])
			return ERR_CORRUPT;
	}
	return ERR_NONE;
}

enum err
runs_load(struct runs *runs, const struct run *row)
{
	size_t filter_len = (size_t)runs->slices.lines * SLICES_LINE_BYTES;
	struct slices_filter filter = {0};
	struct run run = *row;
	struct bytes stream;
	enum err err;

	if (run.base != runs_last(runs) || run.last < run.base)
		return sql_corrupt(runs->sql, "a run of the index is missing");
	bytes_init(&stream, filter_len + (size_t)RUNS_PAGES_MAX * 8);
	err = read_parts(runs, run.id, &stream);
	if (err == ERR_NONE && stream.len != filter_len + (size_t)run.pages * 8)
		err = ERR_CORRUPT;
	if (err == ERR_NONE)
		err = take_firsts(&run, stream.data + filter_len);
	if (err == ERR_CORRUPT)
		err = sql_corrupt(runs->sql, "a run of the index does not fit together");
	if (err == ERR_NONE)
		err = slices_filter_open(&runs->slices, &filter);
	if (err == ERR_NONE) {
		memcpy(filter.bits, stream.data, filter_len);
		err = append(runs, &run, &filter);
	}
	if (err != ERR_NONE)
		free(run.firsts);
	slices_filter_release(&filter);
	bytes_release(&stream);
	return err;
}

/* ------------------------------------------------------------------ writing */

/* What writing a run needs, off the stack. */
struct writing {
	struct runs *runs;
	struct run run;
	uint32_t firsts_cap;
	struct page_writer page;
	uint64_t first; /* of the open page */
};

static enum err
put_blob(struct runs *runs, enum sql_name name, int64_t seq, const void *data, size_t len)
{
	struct sql_use use = sql_start(runs->sql, name);

	sql_put_signed(&use, seq);
	sql_put_bytes(&use, data, len);
	return sql_run(&use);
}

static enum err
end_page(struct writing *writing)
{
	struct run *run = &writing->run;
	enum err err;

	if (writing->page.count == 0)
		return ERR_NONE;
	if (run->pages == writing->firsts_cap) {
		uint32_t cap = writing->firsts_cap == 0 ? 1024 : 2 * writing->firsts_cap;
		uint64_t *firsts = realloc(run->firsts, cap * sizeof(*firsts));

		if (firsts == NULL)
			return ERR_MEMORY;
		run->firsts = firsts;
		writing->firsts_cap = cap;
	}
	assert(run->pages < RUNS_PAGES_MAX - 1);
	err = put_blob(writing->runs, SQL_RUN_PAGE_PUT, page_seq(run->id, run->pages),
	    writing->page.data, writing->page.len);
	run->firsts[run->pages++] = writing->first;
	page_clear(&writing->page, page_base(writing->runs, run));
	return err;
}

static enum err
add(struct writing *writing, const struct page_entry *entry)
{
	enum err err = ERR_NONE;

	if (!page_add(&writing->page, entry)) {
		err = end_page(writing);
		if (err == ERR_NONE && !page_add(&writing->page, entry))
			err = ERR_TOO_LARGE; /* no entry is larger than a page */
	}
	if (writing->page.count == 1)
		writing->first = entry->key;
	return err;
}

/* Part by part: filter, then firsts. */
static enum err
put_parts(struct writing *writing, const struct slices_filter *filter)
{
	struct runs *runs = writing->runs;
	size_t filter_len = filter->len, at;
	struct bytes stream;
	uint32_t part = 0, i;
	enum err err = ERR_NONE;

	bytes_init(&stream, filter_len + (size_t)RUNS_PAGES_MAX * 8);
	bytes_append(&stream, filter->bits, filter_len);
	for (i = 0; i < writing->run.pages; i++) {
		uint8_t first[8];

		bytes_put_u64(first, writing->run.firsts[i]);
		bytes_append(&stream, first, sizeof(first));
	}
	err = stream.err;
	for (at = 0; at < stream.len && err == ERR_NONE; at += RUNS_PART_BYTES) {
		size_t left = stream.len - at;

		err = put_blob(runs, SQL_RUN_PART_PUT, page_seq(writing->run.id, part++),
		    stream.data + at, left < RUNS_PART_BYTES ? left : RUNS_PART_BYTES);
	}
	bytes_release(&stream);
	return err;
}

static enum err
put_row(struct runs *runs, const struct run *run)
{
	struct sql_use use = sql_start(runs->sql, SQL_RUN_PUT);

	sql_put_signed(&use, run->id);
	sql_put_number(&use, runs->space);
	sql_put_signed(&use, run->base);
	sql_put_signed(&use, run->last);
	sql_put_number(&use, run->pages);
	return sql_run(&use);
}

static uint32_t
largest_bucket(const struct tail *tail)
{
	uint32_t most = 0, bucket;

	for (bucket = 0; bucket < TAIL_BUCKETS; bucket++) {
		uint32_t count = tail_bucket_count(tail, bucket);

		most = count > most ? count : most;
	}
	return most;
}

/* Bucket by bucket: each is sorted while the cache holds it. */
static enum err
write_tail(struct writing *writing, const struct tail *tail)
{
	size_t most = largest_bucket(tail);
	struct page_entry *sorted = malloc((2 * most + 1) * sizeof(*sorted));
	uint32_t bucket, count, i;
	enum err err = sorted == NULL ? ERR_MEMORY : ERR_NONE;

	for (bucket = 0; bucket < TAIL_BUCKETS && err == ERR_NONE; bucket++) {
		count = tail_sorted(tail, bucket, sorted, sorted + most);
		for (i = 0; i < count && err == ERR_NONE; i++)
			err = add(writing, &sorted[i]);
	}
	free(sorted);
	return err == ERR_NONE ? end_page(writing) : err;
}

enum err
runs_write(struct runs *runs, int64_t id, int64_t base, int64_t last, const struct tail *tail)
{
	struct writing *writing = calloc(1, sizeof(*writing));
	enum err err;

	if (writing == NULL)
		return ERR_MEMORY;
	writing->runs = runs;
	writing->run = (struct run){.id = id, .base = base, .last = last};
	page_clear(&writing->page, page_base(runs, &writing->run));
	err = write_tail(writing, tail);
	if (err == ERR_NONE)
		err = put_parts(writing, &tail->filter);
	if (err == ERR_NONE)
		err = put_row(runs, &writing->run);
	if (err == ERR_NONE)
		err = append(runs, &writing->run, &tail->filter);
	if (err != ERR_NONE)
		free(writing->run.firsts);
	free(writing);
	return err;
}

/* ------------------------------------------------------------------ reading */

uint32_t
runs_seek(const struct run *run, uint64_t key)
{
	uint32_t low = 0, high = run->pages, middle;

	/* the last page whose first key is below: equal keys may begin at its end */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (run->firsts[middle] < key)
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
		err = page_open(reader, sql_view(&use), page_base(runs, run));
	if (err == ERR_NONE)
		err = sql_check(&use);
	sql_done(&use);
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
		err = sql_corrupt(runs->sql, "a page of the index is missing or spoilt");
	return err;
}

/* ------------------------------------------------------------------ erasing */

struct erasing {
	struct page_reader reader;
	struct page_writer writer;
	bool is_found;
	uint64_t first; /* of the page without it; UINT64_MAX: it has none left */
};

/* The page again without the entry.  What is taken out makes the rest no longer. */
static enum err
without(struct erasing *erasing, const struct page_entry *gone)
{
	struct page_reader *reader = &erasing->reader;
	enum err err;

	page_clear(&erasing->writer, reader->base);
	erasing->is_found = false;
	erasing->first = UINT64_MAX;
	while ((err = page_next(reader)) == ERR_NONE) {
		if (reader->entry.key == gone->key && reader->entry.number == gone->number)
			erasing->is_found = true;
		else if (!page_add(&erasing->writer, &reader->entry))
			return ERR_CORRUPT;
		else if (erasing->writer.count == 1)
			erasing->first = reader->entry.key;
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* An address is plain in its key, so it may not stay as the first key of its page either, in memory
   and in the parts, whose rows are cut at multiples of 8 bytes. */
static enum err
change_first(struct runs *runs, const struct run *run, uint32_t page, uint64_t first)
{
	uint64_t at = (uint64_t)runs->slices.lines * SLICES_LINE_BYTES + (uint64_t)page * 8;
	struct sql_use use = sql_start(runs->sql, SQL_RUN_PART_GET);
	int64_t seq = page_seq(run->id, (uint32_t)(at / RUNS_PART_BYTES));
	struct bytes part;
	enum err err;

	if (first == UINT64_MAX && page + 1 < run->pages)
		first = run->firsts[page + 1];
	run->firsts[page] = first;
	bytes_init(&part, RUNS_PART_BYTES);
	sql_put_signed(&use, seq);
	err = sql_step(&use);
	if (err == ERR_NONE) {
		struct bytes_view data = sql_view(&use);

		bytes_append(&part, data.data, data.len);
		err = sql_check(&use) != ERR_NONE ? ERR_CORRUPT : part.err;
	}
	sql_done(&use);
	at %= RUNS_PART_BYTES;
	if (err == ERR_NOT_FOUND || (err == ERR_NONE && part.len < at + 8))
		err = sql_corrupt(runs->sql, "a run of the index does not fit together");
	if (err == ERR_NONE) {
		bytes_put_u64(part.data + at, first);
		use = sql_start(runs->sql, SQL_RUN_PART_SET);
		sql_put_view(&use, bytes_as_view(&part));
		sql_put_signed(&use, seq);
		err = sql_run(&use);
	}
	bytes_release(&part);
	return err;
}

static enum err
remove_from_page(struct runs *runs, const struct run *run, uint32_t page, struct erasing *erasing,
    const struct page_entry *gone)
{
	struct sql_use use;
	enum err err = runs_get_page(runs, run, page, &erasing->reader);

	if (err == ERR_NONE)
		err = without(erasing, gone);
	if (err == ERR_CORRUPT)
		return sql_corrupt(runs->sql, "a page of the index is spoilt");
	if (err != ERR_NONE || !erasing->is_found)
		return err;
	use = sql_start(runs->sql, SQL_RUN_PAGE_SET);
	sql_put_bytes(&use, erasing->writer.data, erasing->writer.len);
	sql_put_signed(&use, page_seq(run->id, page));
	err = sql_run(&use);
	if (err == ERR_NONE && run->firsts[page] == gone->key && erasing->first != gone->key)
		err = change_first(runs, run, page, erasing->first);
	return err;
}

/* Whether a page begins at or below an entry.  ERR_NOT_FOUND: nothing is left on it. */
static enum err
begins_below(struct runs *runs, const struct run *run, uint32_t page, struct erasing *erasing,
    const struct page_entry *gone, bool *is_below)
{
	const struct page_entry *entry = &erasing->reader.entry;
	enum err err = runs_get_page(runs, run, page, &erasing->reader);

	if (err == ERR_NONE)
		err = page_next(&erasing->reader);
	*is_below =
	    entry->key < gone->key || (entry->key == gone->key && entry->number <= gone->number);
	return err;
}

/* Of the pages from *first to *last, which may have the key, those that may have the entry: of a
   key that very many records have, one or two.  A page on which nothing is left tells nothing. */
static enum err
narrow(struct runs *runs, const struct run *run, struct erasing *erasing,
    const struct page_entry *gone, uint32_t *first, uint32_t *last)
{
	uint32_t low = *first, high = *last;
	bool is_below = false;

	while (low < high) {
		uint32_t middle = low + (high - low + 1) / 2;
		enum err err = begins_below(runs, run, middle, erasing, gone, &is_below);

		if (err == ERR_NOT_FOUND)
			return ERR_NONE;
		if (err != ERR_NONE)
			return err;
		if (is_below)
			low = middle;
		else
			high = middle - 1;
	}
	/* an entry that came twice may begin on the page before */
	*first = low > *first ? low - 1 : low;
	*last = low;
	return ERR_NONE;
}

static enum err
remove_from_run(struct runs *runs, const struct run *run, struct erasing *erasing,
    const struct page_entry *gone)
{
	uint32_t page = runs_seek(run, gone->key), last = page;
	enum err err;

	while (last + 1 < run->pages && run->firsts[last + 1] <= gone->key)
		last++;
	err = narrow(runs, run, erasing, gone, &page, &last);
	for (; page <= last && page < run->pages && err == ERR_NONE; page++)
		err = remove_from_page(runs, run, page, erasing, gone);
	return err;
}

enum err
runs_remove(struct runs *runs, const struct page_entry *entry)
{
	struct erasing *erasing = malloc(sizeof(*erasing));
	uint64_t token = keys_token(runs->seed, runs->space, entry->key), may;
	uint32_t group;
	enum err err = erasing == NULL ? ERR_MEMORY : ERR_NONE;

	for (group = 0; group * SLICES_RUNS < runs->count && err == ERR_NONE; group++) {
		for (may = slices_may(&runs->slices, group, &token, 1); may != 0 && err == ERR_NONE;
		     may &= may - 1) {
			uint32_t at = group * SLICES_RUNS + (uint32_t)__builtin_ctzll(may);

			err = remove_from_run(runs, &runs->at[at], erasing, entry);
		}
	}
	free(erasing);
	return err;
}
