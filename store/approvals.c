#include "store/approvals.h"

#include <string.h>

#include "store/handle.h"

enum err
approvals_put(struct store *store, const struct approval_row *row)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_APPROVAL_PUT);
	sql_put_signed(&use, row->record);
	sql_put_bytes(&use, row->peer.bytes, sizeof(row->peer.bytes));
	sql_put_view(&use, row->operator);
	sql_put_number(&use, row->uid);
	sql_put_bytes(&use, row->public_key, sizeof(row->public_key));
	sql_put_number(&use, row->is_rejection);
	sql_put_number(&use, row->releases_privacy);
	sql_put_bytes(&use, row->policy.bytes, sizeof(row->policy.bytes));
	sql_put_number(&use, row->given_ms);
	sql_put_number(&use, row->expires_ms);
	sql_put_number(&use, row->withdrawn_ms);
	sql_put_view(&use, row->note);
	return sql_run(&use);
}

static enum err
read_row(struct sql_use *use, struct approval_row *row)
{
	*row = (struct approval_row){0};
	row->seq = (int64_t)sql_number(use, NUMBER_MAX);
	row->record = (int64_t)sql_number(use, NUMBER_MAX);
	sql_fixed(use, row->peer.bytes, sizeof(row->peer.bytes));
	row->operator= sql_view(use);
	row->uid = (uint32_t)sql_number(use, UINT32_MAX);
	sql_fixed(use, row->public_key, sizeof(row->public_key));
	row->is_rejection = sql_number(use, 1) != 0;
	row->releases_privacy = sql_number(use, 1) != 0;
	sql_fixed(use, row->policy.bytes, sizeof(row->policy.bytes));
	row->given_ms = sql_number(use, TIME_MS_MAX);
	row->expires_ms = sql_number(use, TIME_MS_MAX);
	row->withdrawn_ms = sql_number(use, TIME_MS_MAX);
	row->note = sql_view(use);
	return sql_check(use);
}

enum err
approvals_each(
    struct store *store, int64_t record, const struct org_id *peer, approval_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_APPROVAL_EACH);
	struct approval_row row;
	enum err err;

	sql_put_signed(&use, record);
	sql_put_bytes(&use, peer->bytes, sizeof(peer->bytes));
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
approvals_withdraw(struct store *store, struct bytes_view operator, uint64_t now_ms)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_APPROVAL_WITHDRAW);
	sql_put_view(&use, operator);
	sql_put_number(&use, now_ms);
	return sql_run(&use);
}

/* The one truth value that a statement answers; ends the borrow. */
static enum err
get_bool(struct sql_use *use, bool *out)
{
	enum err err = sql_step(use);

	if (err == ERR_NONE) {
		*out = sql_number(use, 1) != 0;
		err = sql_check(use);
	}
	sql_done(use);
	return err;
}

enum err
approvals_exist(struct store *store, bool *exist)
{
	struct sql_use use = sql_start(&store->sql, SQL_APPROVAL_EXISTS);

	return get_bool(&use, exist);
}

enum err
approvals_private_put(struct store *store, int64_t record)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_PRIVATE_PUT);
	sql_put_signed(&use, record);
	return sql_run(&use);
}

enum err
approvals_private_has(struct store *store, int64_t record, bool *has)
{
	struct sql_use use = sql_start(&store->sql, SQL_PRIVATE_HAS);

	sql_put_signed(&use, record);
	return get_bool(&use, has);
}

enum err
approvals_private_exist(struct store *store, bool *exist)
{
	struct sql_use use = sql_start(&store->sql, SQL_PRIVATE_EXISTS);

	return get_bool(&use, exist);
}

bool
approvals_count_at(const struct approval_row *row, const struct hash *policy, uint64_t at_ms)
{
	return memcmp(&row->policy, policy, sizeof(*policy)) == 0 && row->given_ms <= at_ms &&
	       at_ms < row->expires_ms && (row->withdrawn_ms == 0 || at_ms < row->withdrawn_ms);
}
