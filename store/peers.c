#include "store/peers.h"

#include <assert.h>

#include "base/limits.h"
#include "store/handle.h"

#define ANSWERS_MAX 10000u

static void
put_org(struct sql_use *use, const struct org_id *org)
{
	sql_put_bytes(use, org->bytes, sizeof(org->bytes));
}

/* ------------------------------------------------------------------ cards */

static enum err
read_card(struct sql_use *use, struct card_row *row)
{
	*row = (struct card_row){0};
	sql_fixed(use, row->org.bytes, sizeof(row->org.bytes));
	row->serial = sql_number(use, NUMBER_MAX);
	row->issued_ms = sql_number(use, TIME_MS_MAX);
	row->expires_ms = sql_number(use, TIME_MS_MAX);
	row->is_revocation = sql_number(use, 1) != 0;
	row->seen_ms = sql_number(use, TIME_MS_MAX);
	row->package = sql_view(use);
	return sql_check(use);
}

/* One row, its views kept; ends the borrow. */
static enum err
get_card(struct store *store, struct sql_use *use, struct card_row *out)
{
	struct card_row row;
	enum err err;

	err = sql_step(use);
	if (err == ERR_NONE)
		err = read_card(use, &row);
	if (err == ERR_NONE)
		err = handle_keep_room(store, KEPT_CARD, row.package.len);
	if (err == ERR_NONE) {
		row.package = handle_keep(store, KEPT_CARD, row.package);
		*out = row;
	}
	sql_done(use);
	return err;
}

/* ERR_NO if what is stored under this serial is something else. */
static enum err
compare_card(struct store *store, const struct card_row *row)
{
	struct sql_use use = sql_start(&store->sql, SQL_CARD_GET);
	struct card_row known;
	enum err err;

	put_org(&use, &row->org);
	sql_put_number(&use, row->serial);
	err = sql_step(&use);
	if (err == ERR_NONE)
		err = read_card(&use, &known);
	if (err == ERR_NONE && !bytes_view_is_equal(known.package, row->package))
		err = ERR_NO;
	sql_done(&use);
	return err;
}

enum err
peers_card_put(struct store *store, const struct card_row *row, bool *is_new)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	*is_new = false;
	err = compare_card(store, row);
	if (err != ERR_NOT_FOUND)
		return err;
	use = sql_start(&store->sql, SQL_CARD_PUT);
	put_org(&use, &row->org);
	sql_put_number(&use, row->serial);
	sql_put_number(&use, row->issued_ms);
	sql_put_number(&use, row->expires_ms);
	sql_put_number(&use, row->is_revocation);
	sql_put_number(&use, row->seen_ms);
	sql_put_view(&use, row->package);
	err = sql_run(&use);
	*is_new = err == ERR_NONE;
	return err;
}

enum err
peers_card_get(struct store *store, const struct org_id *org, uint64_t serial, struct card_row *out)
{
	struct sql_use use;

	if (serial > NUMBER_MAX)
		return ERR_NOT_FOUND;
	use = sql_start(&store->sql, SQL_CARD_GET);
	put_org(&use, org);
	sql_put_number(&use, serial);
	return get_card(store, &use, out);
}

enum err
peers_card_newest(struct store *store, const struct org_id *org, struct card_row *out)
{
	struct sql_use use = sql_start(&store->sql, SQL_CARD_NEWEST);

	put_org(&use, org);
	return get_card(store, &use, out);
}

enum err
peers_card_at(
    struct store *store, const struct org_id *org, uint64_t time_ms, struct card_row *out)
{
	struct sql_use use = sql_start(&store->sql, SQL_CARD_AT);

	put_org(&use, org);
	sql_put_number(&use, time_ms);
	return get_card(store, &use, out);
}

enum err
peers_card_each(struct store *store, peers_card_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_CARD_EACH);
	struct card_row row;
	enum err err;

	while ((err = sql_step(&use)) == ERR_NONE) {
		err = read_card(&use, &row);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* ------------------------------------------------------------------ peers */

enum err
peers_put(struct store *store, const struct peer_row *row)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_PEER_PUT);
	put_org(&use, &row->org);
	sql_put_view(&use, row->name);
	sql_put_number(&use, row->added_ms);
	sql_put_number(&use, row->is_removed);
	return sql_run(&use);
}

enum err
peers_remove(struct store *store, const struct org_id *org)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_PEER_REMOVE);
	put_org(&use, org);
	err = sql_run(&use);
	if (err == ERR_NONE && sql_changes(&store->sql) == 0)
		return ERR_NOT_FOUND;
	if (err != ERR_NONE)
		return err;
	use = sql_start(&store->sql, SQL_OUTBOX_EMPTY);
	put_org(&use, org);
	return sql_run(&use);
}

enum err
peers_each(struct store *store, peers_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_PEER_EACH);
	struct peer_row row;
	enum err err;

	while ((err = sql_step(&use)) == ERR_NONE) {
		sql_fixed(&use, row.org.bytes, sizeof(row.org.bytes));
		row.name = sql_view(&use);
		row.added_ms = sql_number(&use, TIME_MS_MAX);
		row.is_removed = sql_number(&use, 1) != 0;
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
peers_head_put(struct store *store, const struct org_id *org, const struct head *head)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_HEAD_PUT);
	put_org(&use, org);
	sql_put_number(&use, head->epoch);
	sql_put_number(&use, head->size);
	sql_put_bytes(&use, head->root.bytes, sizeof(head->root.bytes));
	return sql_run(&use);
}

enum err
peers_head_get(struct store *store, const struct org_id *org, struct head *out)
{
	struct sql_use use = sql_start(&store->sql, SQL_HEAD_GET);
	struct head head = {0};
	enum err err;

	put_org(&use, org);
	err = sql_step(&use);
	if (err == ERR_NONE) {
		head.epoch = sql_number(&use, NUMBER_MAX);
		head.size = sql_number(&use, NUMBER_MAX);
		sql_fixed(&use, head.root.bytes, sizeof(head.root.bytes));
		err = sql_check(&use);
	}
	sql_done(&use);
	if (err == ERR_NONE)
		*out = head;
	return err;
}

/* ------------------------------------------------------------------ operators */

enum err
peers_operator_put(struct store *store, const struct operator_row *row)
{
	struct sql_use use;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_OPERATOR_PUT);
	sql_put_view(&use, row->name);
	sql_put_number(&use, row->uid);
	sql_put_number(&use, row->roles);
	sql_put_number(&use, row->clearance);
	sql_put_number(&use, row->is_red_desk);
	sql_put_bytes(&use, row->public_key, sizeof(row->public_key));
	sql_put_number(&use, row->added_ms);
	sql_put_number(&use, row->is_removed);
	return sql_run(&use);
}

enum err
peers_operator_remove(struct store *store, struct bytes_view name)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_OPERATOR_REMOVE);
	sql_put_view(&use, name);
	err = sql_run(&use);
	if (err == ERR_NONE && sql_changes(&store->sql) == 0)
		return ERR_NOT_FOUND;
	return err;
}

static enum err
read_operator(struct sql_use *use, struct operator_row *row)
{
	*row = (struct operator_row){0};
	row->name = sql_view(use);
	row->uid = (uint32_t)sql_number(use, UINT32_MAX);
	row->roles = (uint32_t)sql_number(use, UINT32_MAX);
	row->clearance = (uint32_t)sql_number(use, UINT32_MAX);
	row->is_red_desk = sql_number(use, 1) != 0;
	sql_fixed(use, row->public_key, sizeof(row->public_key));
	row->added_ms = sql_number(use, TIME_MS_MAX);
	return sql_check(use);
}

enum err
peers_operator_each(struct store *store, peers_operator_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_OPERATOR_EACH);
	struct operator_row row;
	enum err err;

	while ((err = sql_step(&use)) == ERR_NONE) {
		err = read_operator(&use, &row);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* ------------------------------------------------------------------ answers */

enum err
peers_answer_put(
    struct store *store, const struct nonce *request, uint64_t time_ms, struct bytes_view answer)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_ANSWER_PUT);
	sql_put_bytes(&use, request->bytes, sizeof(request->bytes));
	sql_put_number(&use, time_ms);
	sql_put_view(&use, answer);
	err = sql_run(&use);
	if (err != ERR_NONE || sql_changes(&store->sql) == 0)
		return err;
	use = sql_start(&store->sql, SQL_ANSWER_PRUNE);
	sql_put_number(&use, ANSWERS_MAX);
	return sql_run(&use);
}

enum err
peers_answer_get(struct store *store, const struct nonce *request, struct bytes_view *answer)
{
	struct sql_use use = sql_start(&store->sql, SQL_ANSWER_GET);
	struct bytes_view view = {0};
	enum err err;

	sql_put_bytes(&use, request->bytes, sizeof(request->bytes));
	err = sql_step(&use);
	if (err == ERR_NONE) {
		view = sql_view(&use);
		err = sql_check(&use);
	}
	if (err == ERR_NONE)
		err = handle_keep_room(store, KEPT_ANSWER, view.len);
	if (err == ERR_NONE)
		*answer = handle_keep(store, KEPT_ANSWER, view);
	sql_done(&use);
	return err;
}
