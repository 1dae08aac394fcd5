#include "store/index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/builder.h"
#include "store/handle.h"
#include "wire/record.h"

#define REBUILD_RECORDS 4096u /* under one transaction */
/* Work done for each entry that was added.  An entry is merged once a level, and a merge has to
   end before the next one of its level is due: two is twice as fast as needed. */
#define MERGED_PER_ENTRY 2u
#define ENTRIES_PER_PAGE 150u /* about */

/* ------------------------------------------------------------------ opening and closing */

static uint64_t
seed_of(const struct store *store)
{
	return bytes_get_u64(store->secret);
}

static void
free_merges(struct index *index)
{
	uint32_t i;

	for (i = 0; i < RUNS_LEVELS_MAX; i++) {
		merge_free(index->merges[i]);
		index->merges[i] = NULL;
	}
}

void
index_close(struct index *index)
{
	free_merges(index);
	tail_release(&index->tail);
	runs_release(&index->runs);
	free(index->probe);
	index->probe = NULL;
}

/* What keys_of_record is walked for. */
struct change {
	struct index *index;
	int64_t record;
};

static enum err
put_key(void *context, struct bytes_view key)
{
	const struct change *put = context;

	put->index->added++;
	return tail_add(&put->index->tail, key, put->record);
}

static enum err
add_short(struct index *index, int64_t record, const uint8_t key[KEYS_SHORT_BYTES])
{
	index->added++;
	return tail_add(&index->tail, bytes_view_of(key, KEYS_SHORT_BYTES), record);
}

/* What outlives the record: its id, and what it was made from. */
static enum err
add_names(
    struct index *index, int64_t record, const struct record_id *id, const struct hash *content)
{
	uint8_t key[KEYS_SHORT_BYTES];
	enum err err;

	(void)keys_id(id, key);
	err = add_short(index, record, key);
	if (err == ERR_NONE && content != NULL) {
		(void)keys_content(content, key);
		err = add_short(index, record, key);
	}
	return err;
}

static enum err
add_record(struct index *index, int64_t record, const struct record *decoded,
    const struct record_id *id, const struct hash *content)
{
	struct change put = {index, record};
	enum err err = add_names(index, record, id, content);

	return err != ERR_NONE ? err : keys_of_record(decoded, put_key, &put);
}

/* ------------------------------------------------------------------ flushing and merging */

static enum err
save_flushed(struct store *store, int64_t record)
{
	struct sql_use use = sql_start(&store->sql, SQL_INDEX_SET);

	sql_put_signed(&use, record);
	store->index.flushed = record;
	return sql_run(&use);
}

static enum err
write_run(struct index *index, struct builder *builder)
{
	const struct tail_level *level = &index->tail.levels[0];
	uint64_t hashes = 0;
	bool is_done = false;
	uint32_t i;
	enum err err;

	for (i = 0; i < level->count; i++)
		hashes += builder_hashes(tail_key(&index->tail, &level->entries[i]));
	err = builder_open(builder, &index->runs, 0, hashes);
	for (i = 0; i < level->count && err == ERR_NONE; i++)
		err = builder_add(
		    builder, tail_key(&index->tail, &level->entries[i]), level->entries[i].record);
	while (err == ERR_NONE && !is_done)
		err = builder_finish(builder, UINT32_MAX, &is_done);
	return err;
}

/* The whole tail becomes a run.  `last` is the last record in it. */
static enum err
flush(struct store *store, int64_t last)
{
	struct index *index = &store->index;
	struct builder *builder;
	enum err err = tail_flatten(&index->tail);

	if (err != ERR_NONE || index->tail.count == 0)
		return err;
	builder = malloc(sizeof(*builder));
	if (builder == NULL)
		return ERR_MEMORY;
	err = write_run(index, builder);
	free(builder);
	if (err != ERR_NONE)
		return err;
	tail_clear(&index->tail);
	return save_flushed(store, last);
}

/* One step of every merge that is due or under way. */
static enum err
merge_some(struct index *index, uint32_t entries, bool *is_busy)
{
	uint32_t level;
	enum err err = ERR_NONE;

	*is_busy = index->runs.dying != 0;
	for (level = 0; level + 1 < RUNS_LEVELS_MAX && err == ERR_NONE; level++) {
		struct merge **merge = &index->merges[level];
		bool is_done = false;

		if (*merge == NULL)
			err = merge_open(&index->runs, level, merge);
		if (err != ERR_NONE || *merge == NULL)
			continue;
		*is_busy = true;
		err = merge_step(*merge, entries, &is_done);
		if (is_done) {
			merge_free(*merge);
			*merge = NULL;
		}
	}
	return err;
}

enum err
index_commit(struct store *store)
{
	struct index *index = &store->index;
	uint64_t work = index->added * MERGED_PER_ENTRY;
	uint32_t entries = work > UINT32_MAX ? UINT32_MAX : (uint32_t)work;
	bool is_busy;
	enum err err;

	if (index->added == 0)
		return ERR_NONE;
	index->is_changed = true;
	err = tail_settle(&index->tail);
	if (err == ERR_NONE && tail_is_full(&index->tail))
		err = flush(store, store->now.record_seq);
	if (err == ERR_NONE)
		err = merge_some(index, entries, &is_busy);
	if (err == ERR_NONE)
		err = runs_bury(&index->runs, entries / ENTRIES_PER_PAGE + 1);
	return err;
}

void
index_committed(struct index *index)
{
	index->added = 0;
	index->is_changed = false;
}

enum err
index_flush(struct store *store)
{
	store->index.is_changed = true;
	return flush(store, store->now.record_seq);
}

enum err
index_settle_all(struct store *store)
{
	struct index *index = &store->index;
	bool is_busy = true;
	enum err err;

	err = index_flush(store);
	while (err == ERR_NONE && is_busy) {
		err = merge_some(index, TAIL_ENTRIES_MAX, &is_busy);
		if (err == ERR_NONE)
			err = runs_bury(&index->runs, TAIL_ENTRIES_MAX / ENTRIES_PER_PAGE);
	}
	return err;
}

/* ------------------------------------------------------------------ making it again */

/* One row of SQL_INDEX_RECORDS or SQL_INDEX_TOMBSTONES. */
static enum err
take_row(struct store *store, struct sql_use *use, bool has_body, int64_t *last)
{
	struct record_id id = {{0}};
	struct hash content = {{0}};
	bool has_content;
	struct bytes_view body;
	enum err err;

	*last = (int64_t)sql_number(use, NUMBER_MAX);
	sql_fixed(use, id.bytes, sizeof(id.bytes));
	has_content = !sql_is_null(use);
	if (has_content)
		sql_fixed(use, content.bytes, sizeof(content.bytes));
	else
		use->at++;
	body = has_body ? sql_view(use) : bytes_view_of(NULL, 0);
	err = sql_check(use);
	if (err != ERR_NONE)
		return err;
	if (!has_body)
		return add_names(&store->index, *last, &id, has_content ? &content : NULL);
	if (record_decode(body, false, store->decoded, NULL) != ERR_NONE) {
		/* somebody changed it behind our back: verifying says so; its neighbours are sound
		 */
		log_line(
		    LOG_ERROR, "a stored record cannot be decoded, so that only its id finds it");
		return add_names(&store->index, *last, &id, has_content ? &content : NULL);
	}
	return add_record(&store->index, *last, store->decoded, &id, has_content ? &content : NULL);
}

/* Up to REBUILD_RECORDS rows behind *last; *count of them were there. */
static enum err
take_rows(struct store *store, enum sql_name name, int64_t *last, uint32_t *count)
{
	struct sql_use use = sql_start(&store->sql, name);
	enum err err;

	*count = 0;
	sql_put_signed(&use, *last);
	sql_put_number(&use, REBUILD_RECORDS);
	while ((err = sql_step(&use)) == ERR_NONE) {
		err = take_row(store, &use, name == SQL_INDEX_RECORDS, last);
		if (err != ERR_NONE)
			break;
		++*count;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* Enough was read for a run: a transaction of its own, for the store has none open. */
static enum err
flush_alone(struct store *store, int64_t last)
{
	enum err err = sql_exec(&store->sql, "BEGIN IMMEDIATE"), ended;

	if (err != ERR_NONE)
		return err;
	err = flush(store, last);
	ended = sql_exec(&store->sql, err == ERR_NONE ? "COMMIT" : "ROLLBACK");
	return err == ERR_NONE ? ended : err;
}

/* The tail from what came after the last flush.  Tombstones first: their numbers are few, and a
   flush on the way through the records may not claim those that were not read. */
static enum err
fill_tail(struct store *store)
{
	int64_t last = store->index.flushed;
	uint32_t count;
	enum err err = ERR_NONE;

	do {
		if (err == ERR_NONE)
			err = take_rows(store, SQL_INDEX_TOMBSTONES, &last, &count);
	} while (err == ERR_NONE && count == REBUILD_RECORDS);
	last = store->index.flushed;
	do {
		if (err == ERR_NONE)
			err = take_rows(store, SQL_INDEX_RECORDS, &last, &count);
		if (err == ERR_NONE)
			err = tail_settle(&store->index.tail);
		if (err == ERR_NONE && tail_is_full(&store->index.tail) && count == REBUILD_RECORDS)
			err = flush_alone(store, last);
	} while (err == ERR_NONE && count == REBUILD_RECORDS);
	store->index.added = 0;
	return err;
}

static enum err
load_flushed(struct store *store)
{
	struct sql_use use = sql_start(&store->sql, SQL_INDEX_GET);
	enum err err = sql_step(&use);

	if (err == ERR_NONE) {
		store->index.flushed = (int64_t)sql_number(&use, NUMBER_MAX);
		err = sql_check(&use);
	}
	sql_done(&use);
	if (err == ERR_NONE && store->index.flushed > store->now.record_seq)
		err = sql_corrupt(&store->sql, "the index is ahead of the records");
	return err;
}

static enum err
load(struct store *store)
{
	struct index *index = &store->index;
	enum err err;

	free_merges(index);
	runs_release(&index->runs);
	runs_init(&index->runs, &store->sql, seed_of(store));
	tail_clear(&index->tail);
	err = load_flushed(store);
	return err != ERR_NONE ? err : runs_load(&index->runs);
}

/* Nothing in the index is needed to make it again. */
static enum err
start_again(struct store *store)
{
	enum err err = sql_exec(&store->sql, "BEGIN IMMEDIATE"), ended;

	if (err != ERR_NONE)
		return err;
	log_line(LOG_WARNING, "the index of the records cannot be read and is made again: %s",
	    store->health.message);
	free_merges(&store->index);
	tail_clear(&store->index.tail);
	err = runs_erase_all(&store->index.runs);
	if (err == ERR_NONE)
		err = save_flushed(store, 0);
	ended = sql_exec(&store->sql, err == ERR_NONE ? "COMMIT" : "ROLLBACK");
	return err == ERR_NONE ? ended : err;
}

enum err
index_reload(struct store *store)
{
	enum err err = load(store);

	if (err == ERR_CORRUPT)
		err = start_again(store);
	return err != ERR_NONE ? err : fill_tail(store);
}

enum err
index_open(struct store *store)
{
	struct index *index = &store->index;
	enum err err;

	runs_init(&index->runs, &store->sql, seed_of(store));
	index->probe = malloc(sizeof(*index->probe));
	if (index->probe == NULL)
		return ERR_MEMORY;
	err = tail_open(&index->tail, seed_of(store));
	return err != ERR_NONE ? err : index_reload(store);
}

/* ------------------------------------------------------------------ entries */

enum err
index_put(struct store *store, int64_t record, const struct record *decoded,
    const struct record_id *id, const struct hash *content)
{
	store->index.is_changed = true;
	return add_record(&store->index, record, decoded, id, content);
}

static enum err
remove_key(void *context, struct bytes_view key)
{
	const struct change *gone = context;
	struct index *index = gone->index;
	uint64_t hash = filter_hash(index->runs.seed, key);
	bool found = false;
	uint32_t i;
	enum err err = ERR_NONE;

	(void)tail_remove(&index->tail, key, gone->record);
	for (i = 0; i < index->runs.count && err == ERR_NONE; i++) {
		struct run *run = index->runs.at[i];

		if (run->state == RUN_LIVE && filter_has(&run->filter, hash))
			err = runs_remove(&index->runs, run, key, gone->record, &found);
	}
	for (i = 0; i < RUNS_LEVELS_MAX && err == ERR_NONE; i++) {
		if (index->merges[i] != NULL)
			err = merge_remove(index->merges[i], key, gone->record);
	}
	return err;
}

enum err
index_remove(struct store *store, int64_t record, const struct record *decoded)
{
	struct change gone = {&store->index, record};

	store->index.is_changed = true;
	return keys_of_record(decoded, remove_key, &gone);
}

/* ------------------------------------------------------------------ finding */

static enum err
each_found(struct seek *seek, index_fn each, void *context)
{
	bool is_done = false;
	enum err err;

	while ((err = seek_next(seek)) == ERR_NONE) {
		err = each(context, seek->record, &is_done);
		if (err != ERR_NONE || is_done)
			return err;
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
index_find(struct store *store, struct bytes_view key, index_fn each, void *context)
{
	struct index *index = &store->index;

	if (store->health.is_poisoned)
		return ERR_STORAGE;
	seek_exact(index->probe, &index->tail, &index->runs, key);
	return each_found(index->probe, each, context);
}

enum err
index_find_prefix(struct store *store, struct bytes_view prefix, index_fn each, void *context)
{
	struct index *index = &store->index;
	uint8_t high[KEYS_BYTES_MAX];
	size_t len = prefix.len;

	assert(len > 0 && len <= sizeof(high));
	if (store->health.is_poisoned)
		return ERR_STORAGE;
	memcpy(high, prefix.data, len);
	while (len > 0 && high[len - 1] == 0xff)
		len--;
	assert(len > 0); /* every key begins with the letter of its space */
	high[len - 1]++;
	seek_range(index->probe, &index->tail, &index->runs, prefix, bytes_view_of(high, len), 0);
	return each_found(index->probe, each, context);
}
