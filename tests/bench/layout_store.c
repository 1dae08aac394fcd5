#include "tests/bench/layout_store.h"

#include <string.h>

static void
open_tables(struct layout_store *store)
{
	struct layout_db *db = &store->db;

	layout_db_exec(
	    db, "CREATE TABLE audit (seq INTEGER PRIMARY KEY, facts BLOB NOT NULL) STRICT");
	store->audit = layout_db_prepare(db, "INSERT INTO audit (facts) VALUES (?1)");
	if (!store->form->is_ordinary) {
		layout_db_exec(
		    db, "CREATE TABLE record (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT");
		store->put = layout_db_prepare(db, "INSERT INTO record VALUES (?1, ?2)");
	} else {
		layout_db_exec(db,
		    "CREATE TABLE record (seq INTEGER PRIMARY KEY, id BLOB, content BLOB,"
		    " observable BLOB, label BLOB, body BLOB) STRICT");
		layout_db_exec(db, "CREATE UNIQUE INDEX record_id ON record (id)");
		layout_db_exec(db, "CREATE INDEX record_content ON record (content)");
		layout_db_exec(db, "CREATE INDEX record_observable ON record (observable)");
		layout_db_exec(db, "CREATE INDEX record_label ON record (label)");
		store->put = layout_db_prepare(
		    db, "INSERT OR IGNORE INTO record VALUES (?1, ?3, ?4, ?5, ?6, ?2)");
		store->by_id = layout_db_prepare(db, "SELECT body FROM record WHERE id = ?1");
		store->by_range = layout_db_prepare(
		    db, "SELECT body FROM record WHERE observable >= ?1 AND observable < ?2");
	}
	store->by_row = layout_db_prepare(db, "SELECT body FROM record WHERE seq = ?1");
}

void
layout_store_open(struct layout_store *store, const struct layout_form *form, const char *path,
    const struct layout_options *options)
{
	memset(store, 0, sizeof(*store));
	store->form = form;
	store->checkpoint_pages = options->checkpoint_pages;
	store->is_checked = options->is_checked;
	layout_db_open(&store->db, path);
	open_tables(store);
	for (unsigned i = 0; i < form->trees; i++) {
		struct layout_tree_form tree = form->tree[i];

		if (tree.fan != 0 && options->fan != 0)
			tree.fan = options->fan;
		layout_tree_open(&store->trees[i], &store->db, &tree, options->bits,
		    tree.entries / form->trees * i);
	}
}

void
layout_store_discard(struct layout_store *store)
{
	for (unsigned i = 0; i < LAYOUT_TREES; i++)
		layout_tree_close(store->trees[i]);
	sqlite3_finalize(store->put);
	sqlite3_finalize(store->audit);
	sqlite3_finalize(store->by_row);
	sqlite3_finalize(store->by_id);
	sqlite3_finalize(store->by_range);
	layout_db_discard(&store->db);
}

/* From the key itself to what follows it at once. */
static void
range_of_key(
    const struct layout_tree *tree, const struct layout_key *key, struct layout_range *range)
{
	range->low = *key;
	range->high = *key;
	range->high.bytes[range->high.len++] = 0;
	range->hashes[0] = layout_tree_hash(tree, key);
	range->hash_count = 1;
}

static const uint8_t *
body_start(struct layout_store *store, uint32_t row)
{
	sqlite3_bind_int64(store->by_row, 1, row);
	if (sqlite3_step(store->by_row) != SQLITE_ROW)
		layout_db_die("a row of the index", "has no record");
	return sqlite3_column_blob(store->by_row, 0);
}

/* How many of rows have the same 32 bytes at `at` of their bodies. */
static uint32_t
same_at(struct layout_store *store, const struct layout_rows *rows, size_t at, const uint8_t *bytes)
{
	uint32_t same = 0;

	for (uint32_t i = 0; i < rows->count && i < LAYOUT_ROWS_MAX; i++) {
		same += memcmp(body_start(store, rows->rows[i]) + at, bytes, 32) == 0;
		sqlite3_reset(store->by_row);
	}
	return same;
}

static uint32_t
find_hash(struct layout_store *store, enum layout_what what, const struct layout_record *record)
{
	unsigned number = store->form->tree_of[what] - 1;
	struct layout_rows rows = {0};
	struct layout_range range;
	struct layout_key key;

	(void)layout_forms_key(&store->form->tree[number], what, record, &key);
	range_of_key(store->trees[number], &key, &range);
	layout_tree_find(store->trees[number], &range, &rows);
	return same_at(store, &rows, what == LAYOUT_ID ? 0 : 32,
	    what == LAYOUT_ID ? record->id : record->content);
}

/* Which of the batch is here already, by id and by content: filters for all, pages for the few. */
static void
check(struct layout_store *store, enum layout_what what, const struct layout_record *records,
    uint32_t count)
{
	unsigned number = store->form->tree_of[what] - 1;
	uint64_t hashes[LAYOUT_BATCH] = {0};
	bool maybe[LAYOUT_BATCH] = {false};

	for (uint32_t i = 0; i < count; i++) {
		struct layout_key key;

		(void)layout_forms_key(&store->form->tree[number], what, &records[i], &key);
		hashes[i] = layout_tree_hash(store->trees[number], &key);
	}
	layout_tree_sift(store->trees[number], hashes, maybe, count);
	for (uint32_t i = 0; i < count; i++) {
		if (!maybe[i])
			continue;
		if (find_hash(store, what, &records[i]) > 0)
			store->duplicates++;
		else
			store->false_hits++;
	}
}

static void
put_rows(struct layout_store *store, const struct layout_record *records, uint32_t count)
{
	uint32_t audits = store->form->has_audit_each ? count : 1;

	for (uint32_t i = 0; i < count; i++) {
		const struct layout_record *record = &records[i];

		sqlite3_bind_int64(store->put, 1, (sqlite3_int64)record->number);
		sqlite3_bind_blob(store->put, 2, record->body, sizeof(record->body), SQLITE_STATIC);
		if (store->form->is_ordinary) {
			sqlite3_bind_blob(
			    store->put, 3, record->id, sizeof(record->id), SQLITE_STATIC);
			sqlite3_bind_blob(
			    store->put, 4, record->content, sizeof(record->content), SQLITE_STATIC);
			sqlite3_bind_blob(store->put, 5, record->observable.bytes,
			    (int)record->observable.len, SQLITE_STATIC);
			sqlite3_bind_blob(store->put, 6, record->label.bytes,
			    (int)record->label.len, SQLITE_STATIC);
		}
		layout_db_run(&store->db, store->put);
	}
	for (uint32_t i = 0; i < audits; i++) {
		sqlite3_bind_blob(store->audit, 1, records[i].body, LAYOUT_AUDIT, SQLITE_STATIC);
		layout_db_run(&store->db, store->audit);
	}
}

static void
put_keys(struct layout_store *store, const struct layout_record *records, uint32_t count)
{
	for (unsigned what = 0; what < LAYOUT_WHATS; what++) {
		unsigned number = store->form->tree_of[what];

		for (uint32_t i = 0; number != 0 && i < count; i++) {
			struct layout_key key;

			if (layout_forms_key(&store->form->tree[number - 1], (enum layout_what)what,
				&records[i], &key))
				layout_tree_add(
				    store->trees[number - 1], &key, (uint32_t)records[i].number);
		}
	}
	for (unsigned i = 0; i < store->form->trees; i++)
		layout_tree_settle(store->trees[i]);
}

/* Seconds since *then, which becomes now. */
static double
lap(double *then)
{
	double now = layout_db_now(), seconds = now - *then;

	*then = now;
	return seconds;
}

void
layout_store_put(struct layout_store *store, const struct layout_record *records, uint32_t count)
{
	struct layout_times *times = &store->times;
	double start = layout_db_now(), then = start, worked = layout_db_worked(), keys, merge;

	layout_db_exec(&store->db, "BEGIN IMMEDIATE");
	if (store->is_checked && store->form->trees > 0) {
		check(store, LAYOUT_ID, records, count);
		check(store, LAYOUT_CONTENT, records, count);
	}
	times->check += lap(&then);
	put_rows(store, records, count);
	times->rows += lap(&then);
	put_keys(store, records, count);
	times->keys += keys = lap(&then);
	for (unsigned i = 0; i < store->form->trees; i++)
		layout_tree_merge(store->trees[i], count);
	times->merge += merge = lap(&then);
	layout_db_exec(&store->db, "COMMIT");
	times->commit += lap(&then);
	if (store->db.wal_pages >= store->checkpoint_pages)
		layout_db_checkpoint(&store->db);
	times->checkpoint += lap(&then);
	times->worked += layout_db_worked() - worked;
	if (keys + merge > times->slice_max)
		times->slice_max = keys + merge;
	if (then - start > times->whole_max)
		times->whole_max = then - start;
}

bool
layout_store_can(const struct layout_store *store, enum layout_question question)
{
	const struct layout_form *form = store->form;

	switch (question) {
	case LAYOUT_ASK_PRIMARY:
		return true;
	case LAYOUT_ASK_ID:
	case LAYOUT_ASK_ID_MISS:
	case LAYOUT_ASK_OBSERVABLE:
	case LAYOUT_ASK_OBSERVABLE_MISS:
		return form->is_ordinary || form->trees > 0;
	case LAYOUT_ASK_CIDR_24:
	case LAYOUT_ASK_CIDR_20:
	case LAYOUT_ASK_PARENT:
		return form->has_ranges;
	case LAYOUT_QUESTIONS:
		break;
	}
	return false;
}

/* The observables' keys, low <= key < high, that answer; hashes of what filters know of them. */
static void
range_of_question(
    enum layout_question question, const struct layout_record *record, struct layout_range *range)
{
	uint32_t last = record->parent_len - 1;
	uint8_t step = 1;

	memset(range, 0, sizeof(*range));
	range->low = record->observable;
	if (question == LAYOUT_ASK_OBSERVABLE || question == LAYOUT_ASK_OBSERVABLE_MISS) {
		range->high = range->low;
		range->high.bytes[range->high.len++] = 0;
		range->hashes[range->hash_count++] =
		    layout_data_hash(range->low.bytes, range->low.len);
		return;
	}
	range->low.len = record->parent_len;
	if (question == LAYOUT_ASK_CIDR_20) {
		range->low.bytes[last] &= 0xf0;
		step = 0x10;
	}
	range->high = range->low;
	for (; range->hash_count < step; range->hash_count++) {
		range->hashes[range->hash_count] =
		    layout_data_hash(range->high.bytes, range->high.len);
		range->high.bytes[last]++;
	}
	while (range->high.bytes[last] == 0 && last > 0)
		range->high.bytes[--last]++;
}

/* The same question of narrow keys. */
static void
range_of_narrow(const struct layout_tree_form *tree, enum layout_question question,
    const struct layout_record *record, struct layout_range *range)
{
	bool is_cidr = question == LAYOUT_ASK_CIDR_24 || question == LAYOUT_ASK_CIDR_20;
	uint64_t low, span = 1, subnet = (uint64_t)1 << 36;
	struct layout_key key;

	memset(range, 0, sizeof(*range));
	(void)layout_forms_key(tree, LAYOUT_OBSERVABLE, record, &key);
	low = layout_sorted_view(key.bytes, key.len).prefix;
	if (is_cidr)
		span = question == LAYOUT_ASK_CIDR_20 ? 16 * subnet : subnet;
	else if (question == LAYOUT_ASK_PARENT && tree->tokens == LAYOUT_TOKENS_ORDERED)
		span = (uint64_t)1 << 32;
	else if (question == LAYOUT_ASK_PARENT)
		low = layout_run_parent(&record->observable);
	low = low / span * span;
	layout_forms_key_of_number(low, &range->low);
	layout_forms_key_of_number(low + span, &range->high);
	do {
		struct layout_key at;

		layout_forms_key_of_number(low, &at);
		range->hashes[range->hash_count++] =
		    is_cidr && tree->tokens == LAYOUT_TOKENS_NAMED
			? layout_run_named_24(low)
			: layout_run_token(tree->tokens, at.bytes, at.len);
		low += subnet;
	} while (
	    is_cidr && question == LAYOUT_ASK_CIDR_20 && range->hash_count < LAYOUT_HASHES_MAX);
}

/* Whether a body's observable lies in the range that was asked for. */
static bool
is_within(const uint8_t *body, const struct layout_range *range)
{
	struct layout_view key = layout_sorted_view(body + 65, body[64]);

	return layout_sorted_compare(key, layout_sorted_view(range->low.bytes, range->low.len)) >=
		   0 &&
	       layout_sorted_compare(key, layout_sorted_view(range->high.bytes, range->high.len)) <
		   0;
}

static uint32_t
ask_trees(
    struct layout_store *store, enum layout_question question, const struct layout_record *record)
{
	unsigned number = store->form->tree_of[LAYOUT_OBSERVABLE] - 1;
	const struct layout_tree_form *tree = &store->form->tree[number];
	struct layout_range asked, range;
	struct layout_rows rows = {0};
	uint32_t found = 0;

	range_of_question(question, record, &asked);
	range = asked;
	if (tree->is_narrow)
		range_of_narrow(tree, question, record, &range);
	layout_tree_find(store->trees[number], &range, &rows);
	for (uint32_t i = 0; i < rows.count && i < LAYOUT_ROWS_MAX; i++) {
		found += is_within(body_start(store, rows.rows[i]), &asked);
		sqlite3_reset(store->by_row);
	}
	return found;
}

static uint32_t
ask_ordinary(
    struct layout_store *store, enum layout_question question, const struct layout_record *record)
{
	bool is_id = question == LAYOUT_ASK_ID || question == LAYOUT_ASK_ID_MISS;
	sqlite3_stmt *stmt = is_id ? store->by_id : store->by_range;
	struct layout_range range = {0};
	uint32_t found = 0;

	if (is_id) {
		sqlite3_bind_blob(stmt, 1, record->id, sizeof(record->id), SQLITE_STATIC);
	} else {
		range_of_question(question, record, &range);
		sqlite3_bind_blob(stmt, 1, range.low.bytes, (int)range.low.len, SQLITE_STATIC);
		sqlite3_bind_blob(stmt, 2, range.high.bytes, (int)range.high.len, SQLITE_STATIC);
	}
	while (found < LAYOUT_ROWS_MAX && sqlite3_step(stmt) == SQLITE_ROW) {
		const uint8_t *body = sqlite3_column_blob(stmt, 0);

		found += is_id ? memcmp(body, record->id, sizeof(record->id)) == 0
			       : is_within(body, &range);
	}
	sqlite3_reset(stmt);
	return found;
}

uint32_t
layout_store_ask(
    struct layout_store *store, enum layout_question question, const struct layout_record *record)
{
	uint32_t same;

	if (question == LAYOUT_ASK_PRIMARY) {
		same = memcmp(body_start(store, (uint32_t)record->number), record->body,
			   LAYOUT_BODY) == 0;
		sqlite3_reset(store->by_row);
		return same;
	}
	if (store->form->is_ordinary)
		return ask_ordinary(store, question, record);
	if (question == LAYOUT_ASK_ID || question == LAYOUT_ASK_ID_MISS)
		return find_hash(store, LAYOUT_ID, record);
	return ask_trees(store, question, record);
}
