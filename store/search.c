#include "store/search.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "store/candidates.h"
#include "store/handle.h"
#include "store/query.h"
#include "store/standing.h"

/* ------------------------------------------------------------------ candidates */

/* The first of those behind the cursor, in the order asked for. */
static uint32_t
first_of(const struct candidates *candidates, const struct search_query *query)
{
	uint32_t low = 0, high = candidates->count, middle;
	int64_t after = query->after;

	if (query->is_descending && after == 0)
		return candidates->count;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (candidates->numbers[middle] < after + !query->is_descending)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ERR_NOT_FOUND: it is not there any more, or never was. */
static enum err
show_one(struct store *store, int64_t number, record_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_RECORD_FOUND);
	struct record_row row;
	enum err err;

	sql_put_signed(&use, number);
	err = sql_step(&use);
	if (err == ERR_NONE)
		err = records_read(&use, &row);
	if (err == ERR_NONE)
		err = each(context, &row);
	sql_done(&use);
	return err;
}

static enum err
is_in_force(struct store *store, int64_t number, bool *is_it)
{
	struct standing standing;
	enum err err = standing_get(store, number, &standing);

	*is_it = err == ERR_NONE && !standing.is_superseded;
	return err;
}

/* What the open transaction has written is not there yet. */
static enum err
show_candidates(struct store *store, const struct candidates *candidates,
    const struct search_query *query, record_fn each, void *context)
{
	uint32_t at = first_of(candidates, query), shown = 0;
	enum err err = ERR_NONE;

	while (shown < query->most && err == ERR_NONE) {
		int64_t number;
		bool is_it;

		if (query->is_descending ? at == 0 : at == candidates->count)
			break;
		number = candidates->numbers[query->is_descending ? --at : at++];
		if (number > store->committed.record_seq)
			continue;
		err = is_in_force(store, number, &is_it);
		if (err != ERR_NONE || !is_it)
			continue;
		err = show_one(store, number, each, context);
		if (err == ERR_NOT_FOUND)
			err = ERR_NONE;
		else
			shown++;
	}
	return err;
}

/* ------------------------------------------------------------------ going through all */

/* The reading connection sees what was committed. */
static void
add_in_force(struct query *query, const struct store *store)
{
	if (store->committed.superseded > 0)
		query_add(query, " AND r.seq NOT IN (SELECT record FROM standing "
				 "WHERE superseded_by IS NOT NULL)");
}

static void
add_page(struct query *query, const struct store *store, const struct search_query *wanted)
{
	uint64_t after = (uint64_t)wanted->after;

	if (wanted->is_descending && after == 0)
		after = NUMBER_MAX;
	/* CROSS JOIN: the batch is looked up for each record that was found, never the reverse */
	query_add(query, "SELECT " SQL_RECORD_COLUMNS " "
			 "FROM record r CROSS JOIN batch b ON b.seq = r.batch WHERE r.seq ");
	query_add(query, wanted->is_descending ? "< " : "> ");
	query_add_number(query, after);
	if (wanted->until != 0) {
		query_add(query, " AND r.seq <= ");
		query_add_number(query, (uint64_t)wanted->until);
	}
	query_add(query, " AND ");
	query_add_predicate(query, wanted->predicate, wanted->now_ms);
	add_in_force(query, store);
	query_add(query, " ORDER BY r.seq ");
	query_add(query, wanted->is_descending ? "DESC LIMIT " : "LIMIT ");
	query_add_number(query, wanted->most);
}

/* A statement of the reading connection, made for this question. */
static enum err
show_rows(struct store *store, struct query *compiled, const struct search_query *query,
    record_fn each, void *context)
{
	struct sql_use use = {0};
	struct record_row row;
	enum err err;

	add_page(compiled, store, query);
	err = query_start(compiled, &store->reader, &use);
	while (err == ERR_NONE && (err = sql_step(&use)) == ERR_NONE) {
		err = records_read(&use, &row);
		row.is_certain = compiled->is_exact;
		if (err == ERR_NONE)
			err = each(context, &row);
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
search_records(struct store *store, const struct search_query *query, record_fn each, void *context)
{
	struct query *compiled = malloc(sizeof(*compiled));
	struct candidates candidates = {0};
	enum err err = compiled == NULL ? ERR_MEMORY : query_check(query->predicate);

	assert(query->after >= 0);
	candidates.is_all = true;
	if (err == ERR_NONE && query->until == 0)
		err = candidates_find(store, query->predicate, &candidates);
	if (err == ERR_NONE && !candidates.is_all) {
		err = show_candidates(store, &candidates, query, each, context);
	} else if (err == ERR_NONE) {
		query_init(compiled);
		err = show_rows(store, compiled, query, each, context);
		query_release(compiled);
	}
	candidates_release(&candidates);
	free(compiled);
	return err;
}

enum err
search_count(struct store *store, const struct predicate *predicate, uint64_t now_ms,
    uint64_t *count, bool *is_certain)
{
	struct query *compiled = malloc(sizeof(*compiled));
	struct sql_use use = {0};
	enum err err;

	if (compiled == NULL)
		return ERR_MEMORY;
	query_init(compiled);
	query_add(compiled, "SELECT count(*) FROM record r WHERE ");
	if (!standing_is_empty(store))
		query_add(compiled, "r.seq NOT IN (SELECT record FROM standing "
				    "WHERE quarantined > 0) AND ");
	query_add_predicate(compiled, predicate, now_ms);
	add_in_force(compiled, store);
	err = compiled->err;
	*is_certain = compiled->is_exact;
	*count = 0;
	if (err == ERR_NONE && *is_certain) {
		err = query_start(compiled, &store->reader, &use);
		if (err == ERR_NONE)
			err = sql_step(&use);
		if (err == ERR_NONE) {
			*count = sql_number(&use, NUMBER_MAX);
			err = sql_check(&use);
		}
		sql_done(&use);
	}
	query_release(compiled);
	free(compiled);
	return err;
}
