#include "store/events.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/tree.h"
#include "store/handle.h"

/* leaves of the log's last complete subtree that are hashed again when the store opens */
#define CHECK_LEAVES_MAX 1024u

static enum err
put_leaf(
    struct store *store, int64_t seq, const uint8_t leaf[EVENT_LEAF_BYTES], const struct hash *hash)
{
	struct sql_use use = sql_start(&store->sql, SQL_EVENT_PUT);

	sql_put_signed(&use, seq);
	sql_put_bytes(&use, leaf, EVENT_LEAF_BYTES);
	sql_put_bytes(&use, hash->bytes, sizeof(hash->bytes));
	return sql_run(&use);
}

static enum err
put_details(struct store *store, int64_t seq, const struct salt *salt, struct bytes_view details)
{
	struct sql_use use = sql_start(&store->sql, SQL_DETAILS_PUT);

	sql_put_signed(&use, seq);
	sql_put_bytes(&use, salt->bytes, sizeof(salt->bytes));
	sql_put_view(&use, details);
	return sql_run(&use);
}

enum err
events_append(
    struct store *store, struct event *event, const struct salt *salt, struct bytes_view details)
{
	struct handle_state *now = &store->now;
	int64_t seq = now->first + (int64_t)now->frontier.size;
	uint8_t leaf[EVENT_LEAF_BYTES];
	struct hash hash;
	enum err err;

	handle_assert_open(store);
	assert(now->epoch > 0 && details.len <= EVENT_DETAILS_BYTES_MAX);
	assert(event->time_ms <= TIME_MS_MAX);
	event->index = now->frontier.size;
	event->commitment = (struct hash){0};
	if (details.len > 0)
		event_commit(salt, details, &event->commitment);
	event_leaf_encode(event, leaf);
	tree_leaf(bytes_view_of(leaf, sizeof(leaf)), &hash);

	err = put_leaf(store, seq, leaf, &hash);
	if (err == ERR_NONE && details.len > 0)
		err = put_details(store, seq, salt, details);
	if (err != ERR_NONE) {
		/* half of it may be there: this transaction must not be committed */
		store->health.doomed = err;
		return err;
	}
	tree_frontier_append(&now->frontier, &hash);
	store->is_changed = true;
	return ERR_NONE;
}

static void
head_of(const struct handle_state *state, struct head *out)
{
	*out = (struct head){.epoch = state->epoch, .size = state->frontier.size};
	tree_frontier_root(&state->frontier, &out->root);
}

void
events_head(struct store *store, struct head *out)
{
	head_of(&store->now, out);
}

void
events_head_committed(struct store *store, struct head *out)
{
	head_of(&store->committed, out);
}

enum err
events_epoch(struct store *store, uint64_t epoch)
{
	struct handle_state *now = &store->now;
	struct sql_use use;
	struct head old;
	enum err err;

	handle_assert_open(store);
	assert(epoch <= NUMBER_MAX);
	if (epoch <= now->epoch)
		return ERR_NO;
	if (now->epoch > 0) {
		head_of(now, &old);
		use = sql_start(&store->sql, SQL_EPOCH_PUT);
		sql_put_number(&use, old.epoch);
		sql_put_signed(&use, now->first);
		sql_put_number(&use, old.size);
		sql_put_bytes(&use, old.root.bytes, sizeof(old.root.bytes));
		err = sql_run(&use);
		if (err != ERR_NONE)
			return err;
	}
	now->first += (int64_t)now->frontier.size;
	now->epoch = epoch;
	tree_frontier_init(&now->frontier);
	store->is_changed = true;
	return ERR_NONE;
}

enum err
events_erase(struct store *store, uint64_t index)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	if (index >= store->now.frontier.size)
		return ERR_NOT_FOUND;
	use = sql_start(&store->sql, SQL_DETAILS_ERASE);
	sql_put_signed(&use, store->now.first + (int64_t)index);
	err = sql_run(&use);
	if (err == ERR_NONE && sql_changes(&store->sql) == 0)
		return ERR_NOT_FOUND;
	return err;
}

/* ------------------------------------------------------------------ reading */

static enum err
read_row(struct sql_use *use, const struct handle_state *state, struct event_row *row)
{
	*row = (struct event_row){0};
	row->index = sql_number(use, NUMBER_MAX) - (uint64_t)state->first;
	sql_fixed(use, row->leaf, sizeof(row->leaf));
	sql_fixed(use, row->hash.bytes, sizeof(row->hash.bytes));
	if (sql_is_null(use))
		return sql_check(use);
	(void)sql_number(use, NUMBER_MAX);
	row->is_erased = sql_is_null(use);
	if (!row->is_erased) {
		sql_fixed(use, row->salt.bytes, sizeof(row->salt.bytes));
		row->details = sql_view(use);
		row->has_details = true;
	}
	return sql_check(use);
}

enum err
events_each(struct store *store, uint64_t from, uint32_t most, event_fn each, void *context)
{
	const struct handle_state *now = &store->now;
	struct event_row row;
	struct sql_use use;
	enum err err;

	if (from >= now->frontier.size)
		return ERR_NONE;
	use = sql_start(&store->sql, SQL_EVENT_EACH);
	sql_put_signed(&use, now->first + (int64_t)from);
	sql_put_signed(&use, now->first + (int64_t)now->frontier.size);
	sql_put_number(&use, most);
	while ((err = sql_step(&use)) == ERR_NONE) {
		err = read_row(&use, now, &row);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
events_get(struct store *store, uint64_t index, event_fn each, void *context)
{
	if (index >= store->now.frontier.size)
		return ERR_NOT_FOUND;
	return events_each(store, index, 1, each, context);
}

/* ------------------------------------------------------------------ the check at the start */

/* The last leaf stands where the head says, and its stored hash is its own. */
static enum err
check_last(struct store *store)
{
	const struct handle_state *now = &store->now;
	struct sql_use use = sql_start(&store->sql, SQL_EVENT_LAST);
	uint8_t leaf[EVENT_LEAF_BYTES] = {0};
	struct hash stored = {0}, computed;
	struct event event = {0};
	uint64_t seq = 0;
	enum err err;

	err = sql_step(&use);
	if (err == ERR_NONE) {
		seq = sql_number(&use, NUMBER_MAX);
		sql_fixed(&use, leaf, sizeof(leaf));
		sql_fixed(&use, stored.bytes, sizeof(stored.bytes));
		err = sql_check(&use);
	}
	sql_done(&use);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (seq != (uint64_t)now->first + now->frontier.size - 1)
		return sql_corrupt(&store->sql, "the log does not end where its stored head says");
	if (now->frontier.size == 0)
		return ERR_NONE;
	tree_leaf(bytes_view_of(leaf, sizeof(leaf)), &computed);
	if (!digest_is_equal(&stored, &computed))
		return sql_corrupt(&store->sql, "the last leaf of the log is not what was hashed");
	if (event_leaf_decode(leaf, &event) != ERR_NONE || event.index != now->frontier.size - 1)
		return sql_corrupt(
		    &store->sql, "the last leaf of the log has a wrong type or index");
	return ERR_NONE;
}

/* The stored hashes under the frontier's last subtree lead to it, where it is small. */
static enum err
check_subtree(struct store *store)
{
	const struct handle_state *now = &store->now;
	uint64_t leaves = now->frontier.size & (~now->frontier.size + 1);
	int64_t end = now->first + (int64_t)now->frontier.size;
	struct hash hashes[CHECK_LEAVES_MAX];
	struct sql_use use;
	struct hash root;
	size_t count = 0;
	enum err err;

	if (leaves == 0 || leaves > CHECK_LEAVES_MAX)
		return ERR_NONE;
	use = sql_start(&store->sql, SQL_EVENT_HASHES);
	sql_put_signed(&use, end - (int64_t)leaves);
	sql_put_signed(&use, end);
	while ((err = sql_step(&use)) == ERR_NONE && count < leaves) {
		sql_fixed(&use, hashes[count].bytes, sizeof(hashes[count].bytes));
		count++;
	}
	if (err == ERR_NOT_FOUND)
		err = sql_check(&use);
	sql_done(&use);
	if (err != ERR_NONE)
		return err;
	if (count == leaves)
		tree_root(hashes, count, &root);
	if (count != leaves ||
	    !digest_is_equal(&root, &now->frontier.roots[now->frontier.count - 1]))
		return sql_corrupt(
		    &store->sql, "the last leaves of the log do not lead to its stored head");
	return ERR_NONE;
}

enum err
events_check(struct store *store)
{
	enum err err = check_last(store);

	return err == ERR_NONE ? check_subtree(store) : err;
}
