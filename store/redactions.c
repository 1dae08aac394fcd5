#include "store/redactions.h"

#include <string.h>

#include "base/limits.h"
#include "store/handle.h"

static void
put_key(struct sql_use *use, const struct redaction_row *row)
{
	sql_put_bytes(use, row->version.bytes, sizeof(row->version.bytes));
	sql_put_number(use, row->fields);
	sql_put_bytes(use, row->peer.bytes, sizeof(row->peer.bytes));
}

/* NULL: due; no bytes: it cannot be made. */
static enum err
put_row(struct store *store, enum sql_name name, const struct redaction_row *row)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, name);
	put_key(&use, row);
	sql_put_bytes(&use, row->first.bytes, sizeof(row->first.bytes));
	switch (row->state) {
	case REDACTION_DUE:
		sql_put_null(&use);
		break;
	case REDACTION_MADE:
		sql_put_bytes(&use, row->derived.bytes, sizeof(row->derived.bytes));
		break;
	case REDACTION_IMPOSSIBLE:
		sql_put_view(&use, bytes_view_of(NULL, 0));
		break;
	}
	return sql_run(&use);
}

enum err
redactions_want(struct store *store, const struct redaction_row *row)
{
	struct redaction_row due = *row;

	due.state = REDACTION_DUE;
	return put_row(store, SQL_REDACTION_WANT, &due);
}

enum err
redactions_put(struct store *store, const struct redaction_row *row)
{
	return put_row(store, SQL_REDACTION_PUT, row);
}

enum err
redactions_drop(struct store *store, const struct redaction_row *row)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_REDACTION_DROP);
	sql_put_bytes(&use, row->version.bytes, sizeof(row->version.bytes));
	sql_put_number(&use, row->fields);
	return sql_run(&use);
}

static enum err
read_row(struct sql_use *use, struct redaction_row *row)
{
	struct bytes_view derived;

	*row = (struct redaction_row){0};
	sql_fixed(use, row->version.bytes, sizeof(row->version.bytes));
	row->fields = sql_number(use, NUMBER_MAX);
	sql_fixed(use, row->peer.bytes, sizeof(row->peer.bytes));
	sql_fixed(use, row->first.bytes, sizeof(row->first.bytes));
	if (sql_is_null(use))
		return sql_check(use);
	derived = sql_view(use);
	row->state = derived.len == 0 ? REDACTION_IMPOSSIBLE : REDACTION_MADE;
	if (derived.len == sizeof(row->derived.bytes))
		memcpy(row->derived.bytes, derived.data, derived.len);
	else
		use->is_bad |= derived.len != 0;
	return sql_check(use);
}

enum err
redactions_get(struct store *store, struct redaction_row *row)
{
	struct sql_use use = sql_start(&store->sql, SQL_REDACTION_GET);
	enum err err;

	put_key(&use, row);
	err = sql_step(&use);
	if (err == ERR_NONE)
		err = read_row(&use, row);
	sql_done(&use);
	return err;
}

enum err
redactions_due(struct store *store, uint32_t most, redaction_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_REDACTION_DUE);
	enum err err;

	sql_put_number(&use, most);
	while ((err = sql_step(&use)) == ERR_NONE) {
		struct redaction_row row = {0};

		sql_fixed(&use, row.version.bytes, sizeof(row.version.bytes));
		row.fields = sql_number(&use, NUMBER_MAX);
		sql_fixed(&use, row.first.bytes, sizeof(row.first.bytes));
		err = sql_check(&use);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
redactions_of(struct store *store, const struct record_id *first, redaction_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_REDACTION_OF);
	struct redaction_row row;
	enum err err;

	sql_put_bytes(&use, first->bytes, sizeof(first->bytes));
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
