#include "tests/bench/layout_tree.h"

#include <stdlib.h>
#include <string.h>

/* A level's merge has as long as the level takes to get as many entries again: an eighth to spare.
 */
enum { PACE = 9, PACE_BY = 8 };
/* Pages removed for every 64 entries: they have room for more, so removing never falls behind. */
enum { REMOVE_BY = 64 };
enum { AHEAD = 8 }; /* cache lines asked for before they are read */

struct cursor {
	const struct layout_run *run;
	uint32_t page; /* the next to read */
	uint8_t data[LAYOUT_PAGE];
	struct layout_page_reader reader;
};

/* fan runs of one level on their way to be one of the next */
struct merging {
	struct cursor *cursors; /* oldest first; NULL: no merge */
	uint32_t heap[LAYOUT_FAN_MAX];
	uint32_t live;
	struct layout_run output;
	struct layout_writer writer;
};

struct level {
	struct layout_pages pages;
	struct layout_run *runs; /* oldest first */
	uint32_t count, count_max;
	struct merging merging;
	int64_t removed; /* pages below this are gone */
	int64_t doomed;  /* pages below this may go */
};

struct layout_tree {
	struct layout_db *db;
	struct layout_tree_form form;
	unsigned bits;
	struct layout_sorted newest;
	struct level levels[LAYOUT_LEVELS];
	sqlite3_stmt *put_run, *remove_run;
	uint32_t due; /* entries that make the next run */
	struct layout_slices slices;
	uint64_t added, added_sum; /* keys, and their records' numbers */
};

static void
level_open(struct layout_tree *tree, unsigned number)
{
	struct layout_pages *pages = &tree->levels[number].pages;
	const char *name = tree->form.name;

	layout_db_exec(tree->db,
	    "CREATE TABLE %s_%u (page INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT", name,
	    number);
	pages->db = tree->db;
	pages->insert =
	    layout_db_prepare(tree->db, "INSERT INTO %s_%u VALUES (?1, ?2)", name, number);
	pages->select =
	    layout_db_prepare(tree->db, "SELECT data FROM %s_%u WHERE page = ?1", name, number);
	pages->remove = layout_db_prepare(
	    tree->db, "DELETE FROM %s_%u WHERE page >= ?1 AND page < ?2", name, number);
}

void
layout_tree_open(struct layout_tree **tree, struct layout_db *db,
    const struct layout_tree_form *form, unsigned bits, uint32_t head_start)
{
	struct layout_tree *opened = layout_db_alloc(1, sizeof(*opened));

	if (form->fan > LAYOUT_FAN_MAX)
		layout_db_die(form->name, "the fan is too wide");
	opened->db = db;
	opened->form = *form;
	opened->bits = bits;
	opened->due = form->entries - head_start;
	/* a batch more than a run's measure, which is looked at after each */
	layout_sorted_init(
	    &opened->newest, form->entries + 512 * form->each, form->is_narrow, bits);
	for (unsigned i = 0; i < LAYOUT_LEVELS; i++)
		level_open(opened, i);
	layout_db_exec(db,
	    "CREATE TABLE %s_run (level INTEGER, first INTEGER, pages INTEGER, entries INTEGER,"
	    " newest INTEGER, PRIMARY KEY (level, first)) STRICT, WITHOUT ROWID",
	    form->name);
	opened->put_run =
	    layout_db_prepare(db, "INSERT INTO %s_run VALUES (?1, ?2, ?3, ?4, ?5)", form->name);
	opened->remove_run =
	    layout_db_prepare(db, "DELETE FROM %s_run WHERE level = ?1 AND first = ?2", form->name);
	*tree = opened;
}

void
layout_tree_close(struct layout_tree *tree)
{
	if (tree == NULL)
		return;
	for (unsigned i = 0; i < LAYOUT_LEVELS; i++) {
		struct level *level = &tree->levels[i];

		for (uint32_t j = 0; j < level->count; j++)
			layout_run_clear(&level->runs[j]);
		free(level->runs);
		if (level->merging.cursors != NULL)
			layout_run_clear(&level->merging.output);
		free(level->merging.cursors);
		sqlite3_finalize(level->pages.insert);
		sqlite3_finalize(level->pages.select);
		sqlite3_finalize(level->pages.remove);
	}
	sqlite3_finalize(tree->put_run);
	sqlite3_finalize(tree->remove_run);
	layout_sorted_clear(&tree->newest);
	layout_slices_clear(&tree->slices);
	free(tree);
}

uint64_t
layout_tree_hash(const struct layout_tree *tree, const struct layout_key *key)
{
	return layout_run_token(tree->form.tokens, key->bytes, key->len);
}

void
layout_tree_add(struct layout_tree *tree, const struct layout_key *key, uint32_t row)
{
	uint64_t hashes[LAYOUT_TOKENS_MAX];
	unsigned count = layout_run_tokens(tree->form.tokens, key->bytes, key->len, hashes);

	layout_sorted_add(&tree->newest, key, row);
	tree->added++;
	tree->added_sum += row;
	for (unsigned i = 0; i < count; i++)
		layout_filter_add(&tree->newest.filter, hashes[i]);
}

/* The run is whole: from here on it is found, and after a crash it is read. */
static void
publish(struct layout_tree *tree, unsigned number, const struct layout_run *run, uint32_t newest)
{
	struct level *level = &tree->levels[number];

	if (level->count == level->count_max) {
		struct layout_run *grown;

		level->count_max += level->count_max + 16;
		grown = realloc(level->runs, level->count_max * sizeof(*grown));
		if (grown == NULL)
			layout_db_die("memory", "none left");
		level->runs = grown;
	}
	level->runs[level->count++] = *run;
	sqlite3_bind_int64(tree->put_run, 1, number);
	sqlite3_bind_int64(tree->put_run, 2, run->first);
	sqlite3_bind_int64(tree->put_run, 3, run->pages);
	sqlite3_bind_int64(tree->put_run, 4, (sqlite3_int64)run->entries);
	sqlite3_bind_int64(tree->put_run, 5, newest);
	layout_db_run(tree->db, tree->put_run);
}

static void
write_out(struct layout_tree *tree)
{
	struct layout_writer writer;
	struct layout_run run;
	struct layout_sorted *newest = &tree->newest;
	uint32_t last = 0;

	layout_sorted_finish(newest);
	layout_run_start(&writer, &tree->levels[0].pages, &run, tree->form.is_narrow,
	    tree->form.tokens, newest->count, 0);
	for (uint32_t i = 0; i < newest->count; i++) {
		layout_run_add(&writer, layout_sorted_at(newest, i), newest->items[i].row);
		if (newest->items[i].row > last)
			last = newest->items[i].row;
	}
	layout_run_done(&writer);
	if (tree->form.is_sliced) {
		layout_slices_add(&tree->slices, tree->levels[0].count, &newest->filter);
		layout_filter_clear(&newest->filter);
	} else {
		run.filter = newest->filter;
	}
	layout_sorted_restart(newest, tree->bits);
	tree->due = tree->form.entries;
	publish(tree, 0, &run, last);
}

void
layout_tree_settle(struct layout_tree *tree)
{
	layout_sorted_settle(&tree->newest);
	if (tree->newest.count >= tree->due)
		write_out(tree);
}

static bool
cursor_next(struct cursor *cursor, const struct layout_pages *pages)
{
	struct layout_page_reader *reader = &cursor->reader;

	while (!layout_run_next(reader)) {
		if (cursor->page == cursor->run->pages)
			return false;
		reader->len = layout_run_page(pages, cursor->run, cursor->page++, cursor->data);
		reader->data = cursor->data;
		reader->at = 0;
		reader->key.len = 0;
	}
	return true;
}

static struct layout_view
cursor_view(const struct cursor *cursor)
{
	return (struct layout_view){
	    cursor->reader.prefix, cursor->reader.key.bytes, cursor->reader.key.len};
}

/* Older runs first where keys are equal, so that numbers rise. */
static bool
is_before(const struct merging *merging, uint32_t a, uint32_t b)
{
	int order = layout_sorted_compare(
	    cursor_view(&merging->cursors[a]), cursor_view(&merging->cursors[b]));

	return order < 0 || (order == 0 && a < b);
}

static void
sift_down(struct merging *merging, uint32_t at)
{
	for (;;) {
		uint32_t child = 2 * at + 1, swap;

		if (child >= merging->live)
			return;
		if (child + 1 < merging->live &&
		    is_before(merging, merging->heap[child + 1], merging->heap[child]))
			child++;
		if (is_before(merging, merging->heap[at], merging->heap[child]))
			return;
		swap = merging->heap[at];
		merging->heap[at] = merging->heap[child];
		merging->heap[child] = swap;
		at = child;
	}
}

static void
merge_start(struct layout_tree *tree, unsigned number)
{
	struct level *level = &tree->levels[number];
	struct merging *merging = &level->merging;
	size_t entries = 0;

	merging->cursors = layout_db_alloc(tree->form.fan, sizeof(*merging->cursors));
	merging->live = 0;
	for (uint32_t i = 0; i < tree->form.fan; i++) {
		struct cursor *cursor = &merging->cursors[i];

		cursor->run = &level->runs[i];
		cursor->reader.is_narrow = tree->form.is_narrow;
		entries += level->runs[i].entries;
		if (cursor_next(cursor, &level->pages))
			merging->heap[merging->live++] = i;
	}
	for (uint32_t i = merging->live / 2; i-- > 0;)
		sift_down(merging, i);
	layout_run_start(&merging->writer, &tree->levels[number + 1].pages, &merging->output,
	    tree->form.is_narrow, tree->form.tokens, entries, tree->bits);
}

/* The merged runs leave the level; their pages go later, a few at a time. */
static void
merge_end(struct layout_tree *tree, unsigned number)
{
	struct level *level = &tree->levels[number];
	struct layout_run *last = &level->runs[tree->form.fan - 1];

	layout_run_done(&level->merging.writer);
	free(level->merging.cursors);
	level->merging.cursors = NULL;
	publish(tree, number + 1, &level->merging.output, 0);
	level->doomed = last->first + last->pages;
	for (uint32_t i = 0; i < tree->form.fan; i++) {
		sqlite3_bind_int64(tree->remove_run, 1, number);
		sqlite3_bind_int64(tree->remove_run, 2, level->runs[i].first);
		layout_db_run(tree->db, tree->remove_run);
		layout_run_clear(&level->runs[i]);
	}
	level->count -= tree->form.fan;
	memmove(level->runs, level->runs + tree->form.fan, level->count * sizeof(*level->runs));
}

/* Publishing may move the array that the cursors point into. */
static void
point_again(struct level *level, uint32_t fan)
{
	for (uint32_t i = 0; i < fan; i++)
		level->merging.cursors[i].run = &level->runs[i];
}

static void
merge_slice(struct layout_tree *tree, unsigned number, uint32_t entries)
{
	struct level *level = &tree->levels[number];
	struct merging *merging = &level->merging;

	if (merging->cursors == NULL) {
		if (level->count < tree->form.fan)
			return;
		merge_start(tree, number);
	}
	point_again(level, tree->form.fan);
	for (; entries > 0 && merging->live > 0; entries--) {
		struct cursor *cursor = &merging->cursors[merging->heap[0]];

		layout_run_add(&merging->writer, cursor_view(cursor), cursor->reader.row);
		if (!cursor_next(cursor, &level->pages))
			merging->heap[0] = merging->heap[--merging->live];
		sift_down(merging, 0);
	}
	if (merging->live == 0)
		merge_end(tree, number);
}

static void
remove_slice(struct level *level, uint32_t pages)
{
	int64_t end = level->removed + pages;

	if (end > level->doomed)
		end = level->doomed;
	if (end <= level->removed)
		return;
	sqlite3_bind_int64(level->pages.remove, 1, level->removed);
	sqlite3_bind_int64(level->pages.remove, 2, end);
	layout_db_run(level->pages.db, level->pages.remove);
	level->removed = end;
}

void
layout_tree_merge(struct layout_tree *tree, uint32_t records)
{
	uint32_t taken = records * tree->form.each;

	if (tree->form.fan == 0)
		return;
	for (unsigned i = 0; i + 1 < LAYOUT_LEVELS; i++) {
		merge_slice(tree, i, taken * PACE / PACE_BY);
		remove_slice(&tree->levels[i], taken / REMOVE_BY + 1);
	}
}

static void
find_sliced(struct layout_tree *tree, const struct layout_range *range, struct layout_rows *rows)
{
	const struct level *level = &tree->levels[0];

	for (uint32_t group = 0; group < tree->slices.groups; group++) {
		uint64_t runs = 0;

		for (unsigned i = 0; i < range->hash_count; i++)
			layout_slices_fetch(&tree->slices, group, range->hashes[i]);
		for (unsigned i = 0; i < range->hash_count; i++)
			runs |= layout_slices_has(&tree->slices, group, range->hashes[i]);
		for (; runs != 0; runs &= runs - 1)
			layout_run_find(&level->pages,
			    &level->runs[group * LAYOUT_SLICES_RUNS +
					 (uint32_t)__builtin_ctzll(runs)],
			    tree->form.is_narrow, range, rows);
	}
}

void
layout_tree_find(
    struct layout_tree *tree, const struct layout_range *range, struct layout_rows *rows)
{
	bool is_sliced = tree->form.is_sliced && range->hash_count > 0;

	if (is_sliced)
		find_sliced(tree, range, rows);
	for (unsigned i = LAYOUT_LEVELS; i-- > 0 && !is_sliced;) {
		const struct level *level = &tree->levels[i];

		for (uint32_t j = 0; j < level->count; j++)
			layout_run_find(
			    &level->pages, &level->runs[j], tree->form.is_narrow, range, rows);
	}
	layout_sorted_find(&tree->newest, range, rows);
}

static void
sift(const struct layout_filter *filter, const uint64_t *hashes, bool *maybe, uint32_t count)
{
	if (filter->lines == NULL)
		return;
	for (uint32_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			layout_filter_fetch(filter, hashes[i + AHEAD]);
		maybe[i] |= layout_filter_has(filter, hashes[i]);
	}
}

void
layout_tree_sift(
    const struct layout_tree *tree, const uint64_t *hashes, bool *maybe, uint32_t count)
{
	sift(&tree->newest.filter, hashes, maybe, count);
	for (uint32_t group = 0; group < tree->slices.groups; group++)
		for (uint32_t i = 0; i < count; i++) {
			if (i + AHEAD < count)
				layout_slices_fetch(&tree->slices, group, hashes[i + AHEAD]);
			maybe[i] |= layout_slices_has(&tree->slices, group, hashes[i]) != 0;
		}
	for (unsigned i = 0; i < LAYOUT_LEVELS; i++)
		for (uint32_t j = 0; j < tree->levels[i].count; j++)
			sift(&tree->levels[i].runs[j].filter, hashes, maybe, count);
}

struct layout_tree_size
layout_tree_size(const struct layout_tree *tree)
{
	struct layout_tree_size size = {.newest = layout_sorted_size(&tree->newest),
	    .memory = layout_slices_size(&tree->slices)};

	for (unsigned i = 0; i < LAYOUT_LEVELS; i++) {
		const struct level *level = &tree->levels[i];

		size.runs += level->count;
		for (uint32_t j = 0; j < level->count; j++)
			size.memory += layout_run_size(&level->runs[j]);
		if (level->merging.cursors != NULL)
			size.memory += layout_run_size(&level->merging.output);
	}
	return size;
}

/* Adds to *sum; how many entries it has. */
static uint64_t
prove_run(const struct layout_tree *tree, const struct level *level, const struct layout_run *run,
    uint64_t *sum)
{
	struct cursor cursor = {.run = run, .reader.is_narrow = tree->form.is_narrow};
	struct layout_key last = {.len = 0};
	uint64_t entries = 0, last_prefix = 0;

	for (; cursor_next(&cursor, &level->pages); entries++) {
		struct layout_view key = cursor_view(&cursor);
		struct layout_view before = {last_prefix, last.bytes, last.len};

		if (entries > 0 && layout_sorted_compare(before, key) > 0)
			layout_db_die("a run", "is not in order");
		last_prefix = key.prefix;
		last = cursor.reader.key;
		*sum += cursor.reader.row;
	}
	return entries;
}

void
layout_tree_prove(const struct layout_tree *tree)
{
	uint64_t entries = tree->newest.count, sum = 0;

	for (uint32_t i = 0; i < tree->newest.count; i++)
		sum += tree->newest.items[i].row;
	for (unsigned i = 0; i < LAYOUT_LEVELS; i++)
		for (uint32_t j = 0; j < tree->levels[i].count; j++)
			entries +=
			    prove_run(tree, &tree->levels[i], &tree->levels[i].runs[j], &sum);
	if (entries != tree->added || sum != tree->added_sum)
		layout_db_die("an index", "has not the keys that were added");
}
