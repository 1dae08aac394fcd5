#include "store/holds.h"

#include "base/limits.h"
#include "store/handle.h"

/* How many are in force, and the last number given out. */
static enum err
count_rows(struct store *store, uint64_t *count, int64_t *last)
{
	struct sql_use use = sql_start(&store->sql, SQL_HOLD_COUNT);
	enum err err = sql_step(&use);

	if (err == ERR_NONE) {
		*count = sql_number(&use, NUMBER_MAX);
		*last = (int64_t)sql_number(&use, NUMBER_MAX);
		err = sql_check(&use);
	}
	sql_done(&use);
	return err;
}

enum err
holds_put(struct store *store, struct hold_row *row)
{
	struct sql_use use;
	uint64_t count = 0;
	int64_t last = 0;
	enum err err;

	handle_assert_open(store);
	err = count_rows(store, &count, &last);
	if (err == ERR_NONE && count >= HOLDS_MAX)
		err = ERR_FULL;
	if (err != ERR_NONE)
		return err;
	use = sql_start(&store->sql, SQL_HOLD_PUT);
	sql_put_signed(&use, last + 1);
	if (row->has_record)
		sql_put_bytes(&use, row->record.bytes, sizeof(row->record.bytes));
	else
		sql_put_null(&use);
	sql_put_view(&use, row->predicate);
	sql_put_view(&use, row->reason);
	sql_put_view(&use, row->operator);
	sql_put_number(&use, row->since_ms);
	err = sql_run(&use);
	if (err == ERR_NONE)
		row->number = last + 1;
	return err;
}

enum err
holds_end(struct store *store, const struct hold_row *row)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_HOLD_END);
	sql_put_signed(&use, row->number);
	sql_put_number(&use, row->ended_ms);
	sql_put_view(&use, row->ended_by);
	sql_put_view(&use, row->ended_reason);
	err = sql_run(&use);
	if (err == ERR_NONE && sql_changes(&store->sql) == 0)
		return ERR_NOT_FOUND;
	return err;
}

static enum err
read_row(struct sql_use *use, struct hold_row *row)
{
	*row = (struct hold_row){0};
	row->number = (int64_t)sql_number(use, NUMBER_MAX);
	row->has_record = !sql_is_null(use);
	if (row->has_record)
		sql_fixed(use, row->record.bytes, sizeof(row->record.bytes));
	else
		use->at++;
	row->predicate = sql_view(use);
	row->reason = sql_view(use);
	row->operator= sql_view(use);
	row->since_ms = sql_number(use, TIME_MS_MAX);
	row->ended_ms = sql_number(use, TIME_MS_MAX);
	row->ended_by = sql_view(use);
	row->ended_reason = sql_view(use);
	return sql_check(use);
}

enum err
holds_each(struct store *store, bool all, holds_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_HOLD_EACH);
	struct hold_row row;
	enum err err;

	sql_put_number(&use, all);
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
