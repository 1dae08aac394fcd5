#include "store/policies.h"

#include <string.h>

#include "base/limits.h"
#include "store/handle.h"

/* ------------------------------------------------------------------ policies */

enum err
policies_put(struct store *store, const struct policies_row *row)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_POLICY_PUT);
	sql_put_bytes(&use, row->hash.bytes, sizeof(row->hash.bytes));
	sql_put_number(&use, row->time_ms);
	sql_put_number(&use, row->leaf);
	sql_put_view(&use, row->operator);
	sql_put_view(&use, row->name);
	sql_put_view(&use, row->note);
	sql_put_view(&use, row->arguments);
	sql_put_view(&use, row->meanings);
	sql_put_view(&use, row->act);
	return sql_run(&use);
}

static enum err
read_policy(struct sql_use *use, struct policies_row *row)
{
	*row = (struct policies_row){0};
	row->seq = (int64_t)sql_number(use, NUMBER_MAX);
	sql_fixed(use, row->hash.bytes, sizeof(row->hash.bytes));
	row->time_ms = sql_number(use, TIME_MS_MAX);
	row->leaf = sql_number(use, NUMBER_MAX);
	row->operator= sql_view(use);
	row->name = sql_view(use);
	row->note = sql_view(use);
	row->arguments = sql_view(use);
	row->meanings = sql_view(use);
	row->act = sql_view(use);
	return sql_check(use);
}

/* The one row of a statement; ends the borrow. */
static enum err
get_policy(struct store *store, struct sql_use *use, struct policies_row *out)
{
	struct policies_row row;
	enum err err = sql_step(use);

	if (err == ERR_NONE)
		err = read_policy(use, &row);
	if (err == ERR_NONE)
		err = handle_keep_room(store, KEPT_POLICY,
		    row.operator.len + row.name.len + row.note.len + row.arguments.len +
		    row.meanings.len + row.act.len);
	if (err == ERR_NONE) {
		row.operator= handle_keep(store, KEPT_POLICY, row.operator);
		row.name = handle_keep(store, KEPT_POLICY, row.name);
		row.note = handle_keep(store, KEPT_POLICY, row.note);
		row.arguments = handle_keep(store, KEPT_POLICY, row.arguments);
		row.meanings = handle_keep(store, KEPT_POLICY, row.meanings);
		row.act = handle_keep(store, KEPT_POLICY, row.act);
		*out = row;
	}
	sql_done(use);
	return err;
}

enum err
policies_newest(struct store *store, struct policies_row *out)
{
	struct sql_use use = sql_start(&store->sql, SQL_POLICY_NEWEST);

	return get_policy(store, &use, out);
}

enum err
policies_at(struct store *store, const struct hash *hash, uint64_t leaf, struct policies_row *out)
{
	struct sql_use use = sql_start(&store->sql, SQL_POLICY_AT);

	sql_put_bytes(&use, hash->bytes, sizeof(hash->bytes));
	sql_put_number(&use, leaf);
	return get_policy(store, &use, out);
}

enum err
policies_of_leaf(struct store *store, uint64_t leaf, struct policies_row *out)
{
	struct sql_use use = sql_start(&store->sql, SQL_POLICY_LEAF);

	sql_put_number(&use, leaf);
	return get_policy(store, &use, out);
}

enum err
policies_each(struct store *store, int64_t before, uint32_t most, policies_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_POLICY_EACH);
	struct policies_row row;
	enum err err;

	sql_put_signed(&use, before == 0 ? INT64_MAX : before);
	sql_put_number(&use, most);
	while ((err = sql_step(&use)) == ERR_NONE) {
		err = read_policy(&use, &row);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* ------------------------------------------------------------------ lists */

static enum err
get_list(struct store *store, const struct hash *hash, uint64_t *size, uint64_t *entries)
{
	struct sql_use use = sql_start(&store->sql, SQL_LIST_GET);
	enum err err;

	sql_put_bytes(&use, hash->bytes, sizeof(hash->bytes));
	err = sql_step(&use);
	if (err == ERR_NONE) {
		*size = sql_number(&use, NUMBER_MAX);
		*entries = sql_number(&use, NUMBER_MAX);
		err = sql_check(&use);
	}
	sql_done(&use);
	return err;
}

enum err
policies_list_entries(struct store *store, const struct hash *hash, uint64_t *entries)
{
	uint64_t size;

	return get_list(store, hash, &size, entries);
}

enum err
policies_list_have(struct store *store, const struct hash *hash, uint64_t *bytes, bool *is_whole)
{
	uint64_t entries;
	struct sql_use use;
	enum err err = get_list(store, hash, bytes, &entries);

	*is_whole = err == ERR_NONE;
	if (err != ERR_NOT_FOUND)
		return err;
	use = sql_start(&store->sql, SQL_LIST_PART_END);
	sql_put_bytes(&use, hash->bytes, sizeof(hash->bytes));
	err = sql_step(&use);
	if (err == ERR_NONE) {
		*bytes = sql_number(&use, NUMBER_MAX);
		err = sql_check(&use);
	}
	sql_done(&use);
	return err;
}

/* Of all lists that are not whole but this one. */
static enum err
prune(struct store *store, const struct hash *but)
{
	struct sql_use use = sql_start(&store->sql, SQL_LIST_PART_PRUNE);

	sql_put_bytes(&use, but->bytes, sizeof(but->bytes));
	return sql_run(&use);
}

enum err
policies_list_forget(struct store *store)
{
	static const struct hash none;

	handle_assert_open(store);
	return prune(store, &none);
}

enum err
policies_list_add(
    struct store *store, const struct hash *hash, uint64_t start, struct bytes_view data)
{
	struct sql_use use;
	uint64_t have = 0;
	bool is_whole;
	enum err err;

	handle_assert_open(store);
	err = policies_list_have(store, hash, &have, &is_whole);
	if (err != ERR_NONE)
		return err;
	if (is_whole || have != start)
		return ERR_NO;
	err = prune(store, hash);
	if (err != ERR_NONE)
		return err;
	use = sql_start(&store->sql, SQL_LIST_PART_PUT);
	sql_put_bytes(&use, hash->bytes, sizeof(hash->bytes));
	sql_put_number(&use, start);
	sql_put_view(&use, data);
	return sql_run(&use);
}

enum err
policies_list_done(struct store *store, const struct hash *hash, uint64_t size, uint64_t entries)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_LIST_PUT);
	sql_put_bytes(&use, hash->bytes, sizeof(hash->bytes));
	sql_put_number(&use, size);
	sql_put_number(&use, entries);
	return sql_run(&use);
}

enum err
policies_list_read(struct store *store, const struct hash *hash, struct bytes *out)
{
	struct sql_use use = sql_start(&store->sql, SQL_LIST_PART_EACH);
	size_t before = out->len;
	enum err err;

	sql_put_bytes(&use, hash->bytes, sizeof(hash->bytes));
	while ((err = sql_step(&use)) == ERR_NONE) {
		struct bytes_view data = sql_view(&use);

		err = sql_check(&use);
		if (err == ERR_NONE) {
			bytes_append(out, data.data, data.len);
			err = out->err;
		}
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	if (err != ERR_NOT_FOUND)
		return err;
	return out->len > before ? ERR_NONE : ERR_NOT_FOUND;
}
