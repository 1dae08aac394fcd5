#include "store/index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/handle.h"
#include "wire/record.h"

#define REBUILD_RECORDS 4096u /* read between two looks at the tails */
/* A start reads again what the runs do not have: no more records than that. */
#define LAG_RECORDS (1 << 19)

/* When a tail is a run.  Different ends for ids and contents, which come one for one: a transaction
   writes one run only, so that it pauses nobody. */
static const struct {
	uint32_t entries;
	uint32_t keys; /* different ones, at most; what filters are made for */
	uint32_t bits; /* of a filter for each: ids and contents are asked for with every record */
} forms[KEYS_SPACES] = {
    [KEYS_IDS] = {262144, 262144, 16},
    [KEYS_CONTENTS] = {262144 - 32768, 262144, 16},
    [KEYS_NAMES] = {524288, 262144, 12},
    [KEYS_ADDRESSES] = {262144, 262144, 12},
    [KEYS_WORDS] = {524288, 262144, 12},
};

uint64_t
index_seed(const struct store *store)
{
	return bytes_get_u64(store->secret);
}

/* ------------------------------------------------------------------ entries */

/* What keys_of_record is walked for. */
struct change {
	struct store *store;
	int64_t record;
	struct gone *gone; /* erasing: see index_remove */
};

static enum err
add(struct index *index, enum keys_space space, uint64_t key, int64_t record)
{
	struct index_part *part = &index->parts[space];
	struct page_entry entry = {key, keys_number(space, record)};

	if (part->oldest == 0)
		part->oldest = record;
	return tail_add(&part->tail, &entry);
}

static enum err
put_key(void *context, enum keys_space space, uint64_t key)
{
	const struct change *put = context;
	const struct index *index = &put->store->index;

	/* a rebuild reads what some runs have already */
	if (put->record <= runs_last(&index->parts[space].runs))
		return ERR_NONE;
	return add(&put->store->index, space, key, put->record);
}

/* What outlives the record: its id, and what it was made from. */
static enum err
put_names(const struct change *put, const struct record_id *id, const struct hash *content)
{
	struct change change = *put;
	enum err err = put_key(&change, KEYS_IDS, keys_id(id));

	if (err == ERR_NONE && content != NULL)
		err = put_key(&change, KEYS_CONTENTS, keys_content(content));
	return err;
}

enum err
index_put(struct store *store, int64_t record, const struct record_id *id,
    const struct hash *content, const struct extract_key *keys, uint32_t keys_count)
{
	struct index *index = &store->index;
	enum err err = add(index, KEYS_IDS, keys_id(id), record);
	uint32_t i;

	for (i = 0; i < keys_count; i++)
		tail_fetch(&index->parts[keys[i].space].tail, keys[i].key);
	if (err == ERR_NONE && content != NULL)
		err = add(index, KEYS_CONTENTS, keys_content(content), record);
	for (i = 0; i < keys_count && err == ERR_NONE; i++)
		err = add(index, keys[i].space, keys[i].key, record);
	return err;
}

/* ------------------------------------------------------------------ runs */

/* The tail becomes a run of the records up to `last`. */
static enum err
flush(struct store *store, enum keys_space space, int64_t last)
{
	struct index_part *part = &store->index.parts[space];
	enum err err = runs_write(
	    &part->runs, ++store->index.run_id, runs_last(&part->runs), last, &part->tail);

	if (err != ERR_NONE)
		return err;
	tail_clear(&part->tail);
	part->oldest = 0;
	return ERR_NONE;
}

static bool
is_due(const struct index *index, enum keys_space space, int64_t last)
{
	const struct index_part *part = &index->parts[space];

	return part->tail.count >= forms[space].entries || part->tail.keys >= forms[space].keys ||
	       (part->oldest != 0 && last - part->oldest >= LAG_RECORDS);
}

enum err
index_commit(struct store *store)
{
	const int64_t last = store->now.record_seq;
	uint32_t space;

	for (space = 0; space < KEYS_SPACES; space++) {
		if (is_due(&store->index, (enum keys_space)space, last))
			return flush(store, (enum keys_space)space, last);
	}
	return ERR_NONE;
}

void
index_committed(struct index *index)
{
	uint32_t space;

	for (space = 0; space < KEYS_SPACES; space++) {
		struct index_part *part = &index->parts[space];

		part->runs_committed = part->runs.count;
		tail_keep(&part->tail);
	}
	index->run_committed = index->run_id;
	index->is_erased = false;
}

enum err
index_flush(struct store *store)
{
	uint32_t space;
	enum err err = ERR_NONE;

	for (space = 0; space < KEYS_SPACES && err == ERR_NONE; space++)
		err = flush(store, (enum keys_space)space, store->now.record_seq);
	return err;
}

/* ------------------------------------------------------------------ making it again */

/* One row of SQL_INDEX_RECORDS or SQL_INDEX_TOMBSTONES. */
static enum err
take_row(struct store *store, struct sql_use *use, bool has_body, int64_t *last)
{
	struct change put = {.store = store};
	struct record_id id = {{0}};
	struct hash content = {{0}};
	const struct hash *imported;
	struct bytes_view body;
	enum err err;

	*last = (int64_t)sql_number(use, NUMBER_MAX);
	put.record = *last;
	sql_fixed(use, id.bytes, sizeof(id.bytes));
	imported = sql_is_null(use) ? NULL : &content;
	if (imported != NULL)
		sql_fixed(use, content.bytes, sizeof(content.bytes));
	else
		use->at++;
	body = has_body ? sql_view(use) : bytes_view_of(NULL, 0);
	err = sql_check(use);
	if (err != ERR_NONE)
		return err;
	err = put_names(&put, &id, imported);
	if (!has_body || err != ERR_NONE)
		return err;
	if (record_decode(body, false, store->decoded, NULL) == ERR_NONE)
		return keys_of_record(index_seed(store), store->decoded, put_key, &put);
	/* somebody changed it behind our back: verifying says so; its neighbours are sound */
	log_line(LOG_ERROR, "a stored record cannot be decoded, so that only its id finds it");
	return ERR_NONE;
}

/* Up to REBUILD_RECORDS rows behind *last and up to `end`; *count of them were there. */
static enum err
take_rows(struct store *store, enum sql_name name, int64_t *last, int64_t end, uint32_t *count)
{
	struct sql_use use = sql_start(&store->sql, name);
	enum err err;

	*count = 0;
	sql_put_signed(&use, *last);
	sql_put_signed(&use, end);
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

/* All rows of a kind in (after, end]. */
static enum err
take_all(struct store *store, enum sql_name name, int64_t after, int64_t end)
{
	uint32_t count;
	enum err err;

	do
		err = take_rows(store, name, &after, end, &count);
	while (err == ERR_NONE && count == REBUILD_RECORDS);
	return err;
}

/* A transaction of its own, for the store has none open. */
static enum err
write_due(struct store *store, int64_t last)
{
	enum err err = sql_exec(&store->sql, "BEGIN IMMEDIATE"), ended;
	uint32_t space;

	if (err != ERR_NONE)
		return err;
	for (space = 0; space < KEYS_SPACES && err == ERR_NONE; space++) {
		if (is_due(&store->index, (enum keys_space)space, last))
			err = flush(store, (enum keys_space)space, last);
	}
	ended = sql_exec(&store->sql, err == ERR_NONE ? "COMMIT" : "ROLLBACK");
	return err == ERR_NONE ? ended : err;
}

/* The first record that some tail has not. */
static int64_t
behind(const struct index *index)
{
	int64_t least = INT64_MAX;
	uint32_t space;

	for (space = 0; space < KEYS_SPACES; space++) {
		int64_t last = runs_last(&index->parts[space].runs);

		least = last < least ? last : least;
	}
	return least;
}

/* The tails from what came after the runs, REBUILD_RECORDS numbers at a time, so that a run
   that is written on the way has everything up to its last record, tombstones included. */
static enum err
fill_tails(struct store *store)
{
	const int64_t end = store->now.record_seq;
	int64_t after = behind(&store->index), next;
	enum err err = ERR_NONE;

	for (; after < end && err == ERR_NONE; after = next) {
		next = end - after > REBUILD_RECORDS ? after + REBUILD_RECORDS : end;
		err = take_all(store, SQL_INDEX_TOMBSTONES, after, next);
		if (err == ERR_NONE)
			err = take_all(store, SQL_INDEX_RECORDS, after, next);
		if (err == ERR_NONE)
			err = write_due(store, next);
	}
	return err;
}

static void
forget_all(struct index_part *part)
{
	tail_clear(&part->tail);
	part->oldest = 0;
}

/* The first run behind `after`, of whatever space; ERR_NOT_FOUND. */
static enum err
next_row(struct store *store, int64_t after, uint32_t *space, struct run *run)
{
	struct sql_use use = sql_start(&store->sql, SQL_RUN_NEXT);
	enum err err;

	sql_put_signed(&use, after);
	err = sql_step(&use);
	if (err == ERR_NONE) {
		*run = (struct run){.id = (int64_t)sql_number(&use, RUNS_ID_MAX)};
		*space = (uint32_t)sql_number(&use, KEYS_SPACES - 1);
		run->base = (int64_t)sql_number(&use, NUMBER_MAX);
		run->last = (int64_t)sql_number(&use, (uint64_t)store->now.record_seq);
		run->pages = (uint32_t)sql_number(&use, RUNS_PAGES_MAX - 1);
		err = sql_check(&use);
	}
	sql_done(&use);
	return err;
}

static enum err
load_runs(struct store *store)
{
	struct index *index = &store->index;
	struct run run = {.id = INT64_MIN};
	uint32_t space;
	enum err err;

	index->run_id = 0;
	for (space = 0; space < KEYS_SPACES; space++) {
		runs_release(&index->parts[space].runs);
		forget_all(&index->parts[space]);
	}
	while ((err = next_row(store, run.id, &space, &run)) == ERR_NONE) {
		err = runs_load(&index->parts[space].runs, &run);
		if (err != ERR_NONE)
			return err;
		index->run_id = run.id;
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* Nothing of the index is needed to make it again. */
static enum err
start_again(struct store *store)
{
	static const enum sql_name names[] = {
	    SQL_RUN_PAGE_ERASE_ALL, SQL_RUN_PART_ERASE_ALL, SQL_RUN_ERASE_ALL};
	enum err err = sql_exec(&store->sql, "BEGIN IMMEDIATE"), ended;
	size_t i;

	if (err != ERR_NONE)
		return err;
	log_line(LOG_WARNING, "the index of the records cannot be read and is made again: %s",
	    store->health.message);
	for (i = 0; i < sizeof(names) / sizeof(*names) && err == ERR_NONE; i++) {
		struct sql_use use = sql_start(&store->sql, names[i]);

		err = sql_run(&use);
	}
	ended = sql_exec(&store->sql, err == ERR_NONE ? "COMMIT" : "ROLLBACK");
	if (err == ERR_NONE)
		err = ended;
	return err == ERR_NONE ? load_runs(store) : err;
}

enum err
index_open(struct store *store)
{
	struct index *index = &store->index;
	uint32_t space;
	enum err err;

	index->probe = malloc(sizeof(*index->probe));
	if (index->probe == NULL)
		return ERR_MEMORY;
	for (space = 0; space < KEYS_SPACES; space++) {
		struct index_part *part = &index->parts[space];

		runs_init(&part->runs, &store->sql, (enum keys_space)space, index_seed(store),
		    forms[space].keys, forms[space].bits);
		err = tail_open(
		    &part->tail, (enum keys_space)space, index_seed(store), &part->runs.slices);
		if (err != ERR_NONE)
			return err;
	}
	err = load_runs(store);
	if (err == ERR_CORRUPT)
		err = start_again(store);
	if (err == ERR_NONE)
		err = fill_tails(store);
	if (err == ERR_NONE)
		index_committed(index);
	return err;
}

void
index_close(struct index *index)
{
	uint32_t space;

	for (space = 0; space < KEYS_SPACES; space++) {
		tail_release(&index->parts[space].tail);
		runs_release(&index->parts[space].runs);
	}
	free(index->probe);
	index->probe = NULL;
}

/* Whether the transaction did nothing but add entries, which lead to records above the last. */
static bool
is_only_longer(const struct index *index)
{
	uint32_t space;

	for (space = 0; space < KEYS_SPACES; space++) {
		if (index->parts[space].runs.count != index->parts[space].runs_committed)
			return false;
	}
	return true;
}

static void
forget_newest(struct index_part *part, int64_t last)
{
	tail_truncate(&part->tail, keys_number(part->tail.space, last));
	if (part->oldest > last)
		part->oldest = 0;
}

/* Erasing changed what memory holds of the runs. */
static enum err
reload_all(struct store *store)
{
	enum err err = load_runs(store);

	if (err == ERR_NONE)
		err = fill_tails(store);
	if (err == ERR_NONE)
		index_committed(&store->index);
	return err;
}

enum err
index_reload(struct store *store)
{
	struct index *index = &store->index;
	bool is_short = is_only_longer(index);
	uint32_t space;
	enum err err = ERR_NONE;

	if (index->is_erased)
		return reload_all(store);
	for (space = 0; space < KEYS_SPACES; space++) {
		struct index_part *part = &index->parts[space];

		runs_truncate(&part->runs, part->runs_committed);
		if (is_short)
			forget_newest(part, store->now.record_seq);
		else
			forget_all(part);
	}
	index->run_id = index->run_committed;
	if (!is_short)
		err = fill_tails(store);
	if (err == ERR_NONE)
		index_committed(index);
	return err;
}

/* ------------------------------------------------------------------ erasing */

/* The words that others of the block have too: their entries stay. */
struct gone {
	uint64_t *kept;
	uint32_t count;
	uint32_t cap;
};

static enum err
keep_word(void *context, enum keys_space space, uint64_t key)
{
	struct gone *gone = context;

	if (space != KEYS_WORDS)
		return ERR_NONE;
	if (gone->count == gone->cap) {
		uint32_t cap = gone->cap == 0 ? 256 : 2 * gone->cap;
		uint64_t *kept = realloc(gone->kept, cap * sizeof(*kept));

		if (kept == NULL)
			return ERR_MEMORY;
		gone->kept = kept;
		gone->cap = cap;
	}
	gone->kept[gone->count++] = key;
	return ERR_NONE;
}

static enum err
keep_of_block(struct store *store, int64_t record, struct gone *gone)
{
	struct sql_use use = sql_start(&store->sql, SQL_INDEX_RECORDS);
	struct record *decoded = malloc(sizeof(*decoded));
	int64_t count, first = keys_records(KEYS_WORDS, keys_number(KEYS_WORDS, record), &count);
	enum err err = decoded == NULL ? ERR_MEMORY : ERR_NONE;

	sql_put_signed(&use, first - 1);
	sql_put_signed(&use, first + count - 1);
	sql_put_signed(&use, count);
	while (err == ERR_NONE && (err = sql_step(&use)) == ERR_NONE) {
		bool is_other = (int64_t)sql_number(&use, NUMBER_MAX) != record;

		use.at += 2; /* id, content */
		if (is_other && record_decode(sql_view(&use), false, decoded, NULL) == ERR_NONE)
			err = keys_of_record(index_seed(store), decoded, keep_word, gone);
	}
	sql_done(&use);
	free(decoded);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static int
compare_keys(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

static bool
is_kept(const struct gone *gone, uint64_t key)
{
	return gone->count > 0 &&
	       bsearch(&key, gone->kept, gone->count, sizeof(*gone->kept), compare_keys) != NULL;
}

static enum err
remove_key(void *context, enum keys_space space, uint64_t key)
{
	const struct change *change = context;
	struct index_part *part = &change->store->index.parts[space];
	struct page_entry entry = {key, keys_number(space, change->record)};

	if (space == KEYS_WORDS && is_kept(change->gone, key))
		return ERR_NONE;
	tail_remove(&part->tail, &entry);
	return runs_remove(&part->runs, &entry);
}

enum err
index_remove(struct store *store, int64_t record, const struct record *decoded)
{
	struct gone gone = {0};
	struct change change = {store, record, &gone};
	enum err err = keep_of_block(store, record, &gone);

	store->index.is_erased = true;
	if (gone.count > 0)
		qsort(gone.kept, gone.count, sizeof(*gone.kept), compare_keys);
	if (err == ERR_NONE)
		err = keys_of_record(index_seed(store), decoded, remove_key, &change);
	free(gone.kept);
	return err;
}

/* ------------------------------------------------------------------ finding */

enum err
index_seek(
    struct store *store, struct seek *seek, enum keys_space space, uint64_t low, uint64_t high)
{
	struct index_part *part = &store->index.parts[space];

	if (store->health.is_poisoned)
		return ERR_STORAGE;
	seek_open(seek, &part->tail, &part->runs, low, high);
	return ERR_NONE;
}

void
index_fetch(struct store *store, enum keys_space space, uint64_t key)
{
	const struct index_part *part = &store->index.parts[space];
	uint64_t token = keys_token(index_seed(store), space, key);

	slices_filter_fetch(&part->tail.filter, token);
	slices_fetch(&part->runs.slices, token);
}

enum err
index_find(struct store *store, enum keys_space space, uint64_t low, uint64_t high, index_fn each,
    void *context)
{
	struct seek *seek = store->index.probe;
	bool is_done = false;
	enum err err = index_seek(store, seek, space, low, high);

	assert(space != KEYS_WORDS);
	if (err != ERR_NONE)
		return err;
	while ((err = seek_next(seek)) == ERR_NONE) {
		err = each(context, seek->entry.number, &is_done);
		if (err != ERR_NONE || is_done)
			return err;
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}
