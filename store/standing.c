#include "store/standing.h"

#include <string.h>

#include "base/limits.h"
#include "store/handle.h"

bool
standing_is_empty(const struct store *store)
{
	return store->now.standings == 0;
}

uint64_t
standing_quarantined_count(const struct store *store)
{
	return store->now.quarantined;
}

enum err
standing_load(struct store *store)
{
	struct sql_use use = sql_start(&store->sql, SQL_STANDING_COUNT);
	enum err err = sql_step(&use);

	if (err == ERR_NONE) {
		store->now.standings = sql_number(&use, NUMBER_MAX);
		store->now.quarantined = sql_number(&use, NUMBER_MAX);
		store->now.superseded = sql_number(&use, NUMBER_MAX);
		err = sql_check(&use);
	}
	sql_done(&use);
	store->committed.standings = store->now.standings;
	store->committed.quarantined = store->now.quarantined;
	store->committed.superseded = store->now.superseded;
	return err;
}

void
standing_forget(struct store *store)
{
	store->gap_first = 0;
	store->gap_end = 0;
}

static enum err
read_row(struct sql_use *use, struct standing *row)
{
	*row = (struct standing){0};
	row->record = (int64_t)sql_number(use, NUMBER_MAX);
	row->quarantined_ms = sql_number(use, TIME_MS_MAX);
	row->is_superseded = !sql_is_null(use);
	if (row->is_superseded)
		sql_fixed(use, row->superseded_by.bytes, sizeof(row->superseded_by.bytes));
	else
		use->at++;
	row->superseded_ms = sql_number(use, TIME_MS_MAX);
	row->disputes = (uint32_t)sql_number(use, UINT32_MAX);
	row->disputed_ms = sql_number(use, TIME_MS_MAX);
	return sql_check(use);
}

/* The first row of this record or a later one tells of all before it that they have none. */
static enum err
look_up(struct store *store, int64_t record, struct standing *out)
{
	struct sql_use use = sql_start(&store->sql, SQL_STANDING_NEXT);
	struct standing row = {.record = INT64_MAX};
	enum err err;

	sql_put_signed(&use, record);
	err = sql_step(&use);
	if (err == ERR_NONE)
		err = read_row(&use, &row);
	sql_done(&use);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (row.record == record) {
		*out = row;
		return ERR_NONE;
	}
	store->gap_first = record;
	store->gap_end = row.record;
	return ERR_NONE;
}

enum err
standing_get(struct store *store, int64_t record, struct standing *out)
{
	*out = (struct standing){.record = record};
	if (store->health.is_poisoned)
		return ERR_STORAGE;
	if (store->now.standings == 0 || (record >= store->gap_first && record < store->gap_end))
		return ERR_NONE;
	return look_up(store, record, out);
}

static bool
says_nothing(const struct standing *standing)
{
	return standing->quarantined_ms == 0 && !standing->is_superseded && standing->disputes == 0;
}

static enum err
put_row(struct store *store, const struct standing *standing)
{
	struct sql_use use = sql_start(&store->sql, SQL_STANDING_PUT);

	sql_put_signed(&use, standing->record);
	sql_put_number(&use, standing->quarantined_ms);
	if (standing->is_superseded)
		sql_put_bytes(
		    &use, standing->superseded_by.bytes, sizeof(standing->superseded_by.bytes));
	else
		sql_put_null(&use);
	sql_put_number(&use, standing->superseded_ms);
	sql_put_number(&use, standing->disputes);
	sql_put_number(&use, standing->disputed_ms);
	return sql_run(&use);
}

static enum err
drop_row(struct store *store, int64_t record)
{
	struct sql_use use = sql_start(&store->sql, SQL_STANDING_DROP);

	sql_put_signed(&use, record);
	return sql_run(&use);
}

enum err
standing_put(struct store *store, const struct standing *standing)
{
	struct standing before;
	enum err err;

	handle_assert_open(store);
	err = standing_get(store, standing->record, &before);
	if (err != ERR_NONE)
		return err;
	if (!says_nothing(standing))
		err = put_row(store, standing);
	else if (!says_nothing(&before))
		err = drop_row(store, standing->record);
	if (err != ERR_NONE)
		return err;
	standing_forget(store);
	store->now.standings += !says_nothing(standing);
	store->now.standings -= !says_nothing(&before);
	store->now.quarantined += standing->quarantined_ms != 0;
	store->now.quarantined -= before.quarantined_ms != 0;
	store->now.superseded += standing->is_superseded;
	store->now.superseded -= before.is_superseded;
	return ERR_NONE;
}

enum err
standing_quarantined_each(
    struct store *store, int64_t after, uint32_t most, standing_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_STANDING_QUARANTINED);
	struct standing row;
	enum err err;

	sql_put_signed(&use, after);
	sql_put_number(&use, most);
	while ((err = sql_step(&use)) == ERR_NONE) {
		err = read_row(&use, &row);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}
