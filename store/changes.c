#include "store/changes.h"

#include "base/limits.h"
#include "store/handle.h"

uint64_t
changes_waiting(const struct store *store)
{
	return store->now.changes_waiting;
}

enum err
changes_load(struct store *store)
{
	struct sql_use use = sql_start(&store->sql, SQL_CHANGE_TOTAL);
	enum err err = sql_step(&use);

	if (err == ERR_NONE) {
		store->now.changes = sql_number(&use, NUMBER_MAX);
		store->now.changes_waiting = sql_number(&use, NUMBER_MAX);
		err = sql_check(&use);
	}
	sql_done(&use);
	store->committed.changes = store->now.changes;
	store->committed.changes_waiting = store->now.changes_waiting;
	return err;
}

enum err
changes_put(struct store *store, const struct change *change)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_CHANGE_PUT);
	sql_put_signed(&use, change->record);
	sql_put_bytes(&use, change->id.bytes, sizeof(change->id.bytes));
	sql_put_bytes(&use, change->target.bytes, sizeof(change->target.bytes));
	sql_put_bytes(&use, change->author.bytes, sizeof(change->author.bytes));
	sql_put_number(&use, change->kind);
	sql_put_number(&use, change->as);
	sql_put_number(&use, change->reason);
	sql_put_number(&use, change->created_ms);
	sql_put_number(&use, change->state);
	err = sql_run(&use);
	if (err != ERR_NONE)
		return err;
	store->now.changes++;
	store->now.changes_waiting += change->state == CHANGE_WAITING;
	return ERR_NONE;
}

enum err
changes_set(struct store *store, const struct change *change, enum change_state state)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	if (change->state == state)
		return ERR_NONE;
	use = sql_start(&store->sql, SQL_CHANGE_SET);
	sql_put_number(&use, state);
	sql_put_signed(&use, change->record);
	err = sql_run(&use);
	if (err != ERR_NONE)
		return err;
	store->now.changes_waiting += state == CHANGE_WAITING;
	store->now.changes_waiting -= change->state == CHANGE_WAITING;
	return ERR_NONE;
}

static enum err
read_row(struct sql_use *use, struct change *row)
{
	*row = (struct change){0};
	row->record = (int64_t)sql_number(use, NUMBER_MAX);
	sql_fixed(use, row->id.bytes, sizeof(row->id.bytes));
	sql_fixed(use, row->target.bytes, sizeof(row->target.bytes));
	sql_fixed(use, row->author.bytes, sizeof(row->author.bytes));
	row->kind = (enum record_kind)sql_number(use, RECORD_CHARTER);
	row->as = (enum record_kind)sql_number(use, RECORD_SIGHTING);
	row->reason = (enum dispute)sql_number(use, DISPUTE_OTHER);
	row->created_ms = sql_number(use, TIME_MS_MAX);
	row->state = (enum change_state)sql_number(use, CHANGE_ANSWERED);
	row->is_erased = sql_is_null(use);
	return sql_check(use);
}

enum err
changes_of(struct store *store, const struct record_id *target, change_fn each, void *context)
{
	struct sql_use use;
	struct change row;
	enum err err;

	if (store->now.changes == 0)
		return ERR_NONE;
	use = sql_start(&store->sql, SQL_CHANGE_OF);
	sql_put_bytes(&use, target->bytes, sizeof(target->bytes));
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

enum err
changes_count(struct store *store, const struct org_id *author, const struct record_id *target,
    uint64_t *waiting, uint64_t *about)
{
	struct sql_use use;
	enum err err;

	*waiting = 0;
	*about = 0;
	if (store->now.changes == 0)
		return ERR_NONE;
	use = sql_start(&store->sql, SQL_CHANGE_COUNT);
	sql_put_bytes(&use, author->bytes, sizeof(author->bytes));
	sql_put_bytes(&use, target->bytes, sizeof(target->bytes));
	err = sql_step(&use);
	if (err == ERR_NONE) {
		*waiting = sql_number(&use, NUMBER_MAX);
		*about = sql_number(&use, NUMBER_MAX);
		err = sql_check(&use);
	}
	sql_done(&use);
	return err;
}
