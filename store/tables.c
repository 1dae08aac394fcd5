#include "store/tables.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/handle.h"
#include "store/keys.h"

/* What xBestIndex found usable, in the order of xFilter's arguments. */
enum plan {
	PLAN_TYPE = 1,  /* observables only */
	PLAN_EQUAL = 2, /* key or label */
	PLAN_LOW = 4,   /* key >= or > */
	PLAN_HIGH = 8,  /* key < */
};

enum which { WHICH_OBSERVABLE, WHICH_LABEL };

struct table {
	sqlite3_vtab base;
	struct store *store;
	enum which which;
};

struct cursor {
	sqlite3_vtab_cursor base;
	struct seek seek;
	bool is_end;
};

/* what a connection's module is given; one of each kind per store */
struct module {
	struct store *store;
	enum which which;
};

static int
code_of(enum err err)
{
	switch ((int)err) {
	case ERR_NONE:
		return SQLITE_OK;
	case ERR_MEMORY:
		return SQLITE_NOMEM;
	case ERR_CORRUPT:
		return SQLITE_CORRUPT_VTAB;
	default:
		return SQLITE_ERROR;
	}
}

/* ------------------------------------------------------------------ the table */

static int
connect(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out,
    char **message)
{
	const struct module *module = context;
	struct table *table;
	int code;

	(void)argc;
	(void)argv;
	(void)message;
	code =
	    sqlite3_declare_vtab(db, module->which == WHICH_OBSERVABLE
					 ? "CREATE TABLE x (type INTEGER, key BLOB, record INTEGER)"
					 : "CREATE TABLE x (label BLOB, record INTEGER)");
	if (code != SQLITE_OK)
		return code;
	table = calloc(1, sizeof(*table));
	if (table == NULL)
		return SQLITE_NOMEM;
	table->store = module->store;
	table->which = module->which;
	*out = &table->base;
	return SQLITE_OK;
}

static int
disconnect(sqlite3_vtab *vtab)
{
	free(vtab);
	return SQLITE_OK;
}

static enum plan
plan_of(enum which which, int column, unsigned char op)
{
	int key = which == WHICH_OBSERVABLE ? 1 : 0;

	if (which == WHICH_OBSERVABLE && column == 0)
		return op == SQLITE_INDEX_CONSTRAINT_EQ ? PLAN_TYPE : 0;
	if (column != key)
		return 0;
	switch (op) {
	case SQLITE_INDEX_CONSTRAINT_EQ:
		return PLAN_EQUAL;
	case SQLITE_INDEX_CONSTRAINT_GE:
	case SQLITE_INDEX_CONSTRAINT_GT:
		return PLAN_LOW;
	case SQLITE_INDEX_CONSTRAINT_LT:
		return PLAN_HIGH;
	default: /* SQLite's codes */
		return 0;
	}
}

static void
estimate(sqlite3_index_info *info, int plan)
{
	double rows = 1e7;

	if ((plan & PLAN_TYPE) != 0)
		rows = 1e6;
	if ((plan & (PLAN_LOW | PLAN_HIGH)) != 0)
		rows = 1e3;
	if ((plan & PLAN_EQUAL) != 0)
		rows = 10;
	info->estimatedRows = (sqlite3_int64)rows;
	info->estimatedCost = rows * 2 + 50;
	info->idxNum = plan;
}

/* A bound of an observable's key helps only beneath its type. */
static int
best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
	const struct table *table = (const struct table *)(const void *)vtab;
	int at[PLAN_HIGH + 1] = {0}, plan = 0, argument = 0, i, step;

	for (i = 0; i < info->nConstraint; i++) {
		enum plan found = info->aConstraint[i].usable
				      ? plan_of(table->which, info->aConstraint[i].iColumn,
					    info->aConstraint[i].op)
				      : 0;

		if (found == 0 || (plan & (int)found) != 0)
			continue;
		plan |= (int)found;
		at[found] = i;
	}
	if (table->which == WHICH_OBSERVABLE && (plan & PLAN_TYPE) == 0)
		plan = 0;
	if ((plan & PLAN_EQUAL) != 0)
		plan &= ~(PLAN_LOW | PLAN_HIGH);
	for (step = PLAN_TYPE; step <= PLAN_HIGH; step <<= 1) {
		if ((plan & step) != 0)
			info->aConstraintUsage[at[step]].argvIndex = ++argument;
	}
	estimate(info, plan);
	return SQLITE_OK;
}

/* ------------------------------------------------------------------ the cursor */

static int
open_cursor(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
	struct cursor *cursor = calloc(1, sizeof(*cursor));

	(void)vtab;
	if (cursor == NULL)
		return SQLITE_NOMEM;
	cursor->is_end = true;
	*out = &cursor->base;
	return SQLITE_OK;
}

static int
close_cursor(sqlite3_vtab_cursor *base)
{
	free(base);
	return SQLITE_OK;
}

static int
next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)(void *)base;
	enum err err = seek_next(&cursor->seek);

	cursor->is_end = err == ERR_NOT_FOUND;
	return cursor->is_end ? SQLITE_OK : code_of(err);
}

/* A key that a value of a statement makes: space, type, value.  False: no key is so long. */
static bool
make_key(uint8_t key[KEYS_BYTES_MAX], size_t *len, size_t head, sqlite3_value *value)
{
	const void *data = sqlite3_value_blob(value);
	size_t size = data == NULL ? 0 : (size_t)sqlite3_value_bytes(value);

	if (size > KEYS_BYTES_MAX - head)
		return false;
	if (size > 0)
		memcpy(key + head, data, size);
	*len = head + size;
	return true;
}

struct bounds {
	size_t head; /* bytes that say where in the key space */
	size_t low_len;
	size_t high_len;
	bool is_exact;
	bool is_empty; /* nothing can lie between them */
	uint8_t low[KEYS_BYTES_MAX];
	uint8_t high[KEYS_BYTES_MAX];
};

/* Without bounds of its own the range is all that begins with the head. */
static void
set_head(struct bounds *bounds, const struct table *table, int plan, sqlite3_value **values)
{
	sqlite3_int64 type = 0;

	bounds->low[0] = table->which == WHICH_OBSERVABLE ? KEY_OBSERVABLE : KEY_LABEL;
	bounds->head = 1;
	if ((plan & PLAN_TYPE) != 0) {
		type = sqlite3_value_int64(values[0]);
		bounds->is_empty = type < 0 || type > OBSERVABLE_TYPE_MAX ||
				   sqlite3_value_type(values[0]) != SQLITE_INTEGER;
		bounds->low[bounds->head++] = (uint8_t)type;
	}
	memcpy(bounds->high, bounds->low, bounds->head);
	bounds->low_len = bounds->head;
	bounds->high_len = bounds->head;
	bounds->high[bounds->head - 1]++; /* never 0xff: a letter, or a small number */
}

/* SQLite compares again: bounds may be wider than asked, so > is taken for >=. */
static void
set_bounds(struct bounds *bounds, const struct table *table, int plan, sqlite3_value **values)
{
	int at = (plan & PLAN_TYPE) != 0 ? 1 : 0;

	set_head(bounds, table, plan, values);
	if ((plan & (PLAN_EQUAL | PLAN_LOW)) != 0) {
		bounds->is_exact = (plan & PLAN_EQUAL) != 0;
		bounds->is_empty |=
		    !make_key(bounds->low, &bounds->low_len, bounds->head, values[at++]);
	}
	if ((plan & PLAN_HIGH) != 0) {
		memcpy(bounds->high, bounds->low, bounds->head);
		bounds->is_empty |=
		    !make_key(bounds->high, &bounds->high_len, bounds->head, values[at]);
	}
}

static int
filter(sqlite3_vtab_cursor *base, int plan, const char *text, int count, sqlite3_value **values)
{
	struct cursor *cursor = (struct cursor *)(void *)base;
	const struct table *table = (const struct table *)(const void *)base->pVtab;
	struct index *index = &table->store->index;
	struct bounds *bounds = calloc(1, sizeof(*bounds));
	struct bytes_view low, high;

	(void)text;
	(void)count;
	if (bounds == NULL)
		return SQLITE_NOMEM;
	set_bounds(bounds, table, plan, values);
	cursor->is_end = bounds->is_empty;
	low = bytes_view_of(bounds->low, bounds->low_len);
	high = bytes_view_of(bounds->high, bounds->high_len);
	if (bounds->is_exact)
		seek_exact(&cursor->seek, &index->tail, &index->runs, low);
	else
		seek_range(&cursor->seek, &index->tail, &index->runs, low, high,
		    keys_range_cut(low, high));
	free(bounds);
	return cursor->is_end ? SQLITE_OK : next(base);
}

static int
is_end(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)(void *)base)->is_end;
}

static int
column(sqlite3_vtab_cursor *base, sqlite3_context *context, int which)
{
	const struct cursor *cursor = (const struct cursor *)(const void *)base;
	const struct table *table = (const struct table *)(const void *)base->pVtab;
	size_t head = table->which == WHICH_OBSERVABLE ? 2 : 1;
	struct bytes_view key = cursor->seek.key;

	if (key.len < head)
		return SQLITE_CORRUPT_VTAB;
	if (table->which == WHICH_LABEL)
		which++;
	if (which == 0)
		sqlite3_result_int(context, key.data[1]);
	else if (which == 1)
		sqlite3_result_blob(
		    context, key.data + head, (int)(key.len - head), SQLITE_TRANSIENT);
	else
		sqlite3_result_int64(context, cursor->seek.record);
	return SQLITE_OK;
}

/* Of an OR, SQLite opens a cursor for each side and takes rows of one number for the same: the
   number must be the row's own, whichever cursor finds it.  Its seed is secret, so nobody makes
   two rows one. */
static int
rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	const struct cursor *cursor = (const struct cursor *)(const void *)base;
	uint64_t hash =
	    filter_hash(cursor->seek.runs->seed ^ (uint64_t)cursor->seek.record, cursor->seek.key);

	memcpy(out, &hash, sizeof(*out));
	return SQLITE_OK;
}

/* xCreate NULL: the tables are there without being made, and no file can name them */
static const sqlite3_module table_module = {
    .iVersion = 1,
    .xConnect = connect,
    .xBestIndex = best_index,
    .xDisconnect = disconnect,
    .xDestroy = disconnect,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = filter,
    .xNext = next,
    .xEof = is_end,
    .xColumn = column,
    .xRowid = rowid,
};

static int
register_one(struct sql *sql, struct store *store, enum which which, const char *name)
{
	struct module *module = malloc(sizeof(*module));

	if (module == NULL)
		return SQLITE_NOMEM;
	module->store = store;
	module->which = which;
	return sqlite3_create_module_v2(sql->db, name, &table_module, module, free);
}

enum err
tables_register(struct sql *sql, struct store *store)
{
	int code = register_one(sql, store, WHICH_OBSERVABLE, "observable");

	if (code == SQLITE_OK)
		code = register_one(sql, store, WHICH_LABEL, "label");
	return code == SQLITE_OK ? ERR_NONE : ERR_MEMORY;
}
