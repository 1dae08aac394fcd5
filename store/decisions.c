#include "store/decisions.h"

#include <string.h>

#include "store/handle.h"

enum err
decisions_put(struct store *store, const struct decisions_row *row)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_DECISION_PUT);
	sql_put_signed(&use, row->batch);
	sql_put_number(&use, row->leaf);
	sql_put_number(&use, row->time_ms);
	sql_put_bytes(&use, row->policy.bytes, sizeof(row->policy.bytes));
	sql_put_view(&use, row->peers);
	sql_put_view(&use, row->runs);
	return sql_run(&use);
}

static enum err
read_row(struct sql_use *use, struct decisions_row *row)
{
	*row = (struct decisions_row){0};
	(void)sql_number(use, NUMBER_MAX);
	row->batch = (int64_t)sql_number(use, NUMBER_MAX);
	row->leaf = sql_number(use, NUMBER_MAX);
	row->time_ms = sql_number(use, TIME_MS_MAX);
	sql_fixed(use, row->policy.bytes, sizeof(row->policy.bytes));
	row->peers = sql_view(use);
	row->runs = sql_view(use);
	use->is_bad |= row->peers.len % sizeof(struct org_id) != 0 ||
		       row->runs.len % DECISIONS_RUN_BYTES != 0 ||
		       row->runs.len > DECISIONS_RUNS_BYTES_MAX;
	return sql_check(use);
}

static enum err
each_row(struct sql_use *use, decisions_fn each, void *context)
{
	struct decisions_row row;
	enum err err;

	while ((err = sql_step(use)) == ERR_NONE) {
		err = read_row(use, &row);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	sql_done(use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
decisions_of_batch(struct store *store, int64_t batch, decisions_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_DECISION_OF_BATCH);

	sql_put_signed(&use, batch);
	return each_row(&use, each, context);
}

enum err
decisions_of_leaf(struct store *store, uint64_t leaf, decisions_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_DECISION_OF_LEAF);

	sql_put_number(&use, leaf);
	return each_row(&use, each, context);
}

bool
decisions_has_peer(const struct decisions_row *row, const struct org_id *peer)
{
	size_t at;

	for (at = 0; at < row->peers.len; at += sizeof(*peer)) {
		if (memcmp(row->peers.data + at, peer->bytes, sizeof(*peer)) == 0)
			return true;
	}
	return false;
}

bool
decisions_next_run(
    const struct decisions_row *row, size_t *at, uint32_t *first, uint32_t *last, uint16_t *reason)
{
	if (*at >= row->runs.len)
		return false;
	*first = bytes_get_u16(row->runs.data + *at);
	*last = bytes_get_u16(row->runs.data + *at + 2);
	*reason = bytes_get_u16(row->runs.data + *at + 4);
	*at += DECISIONS_RUN_BYTES;
	return true;
}
