/*
 * query: a predicate as SQL, as far as columns tell: what else it asks is left to whoever looks at
 * the records.  Values are bound parameters, never text; what is not stated is false, never NULL,
 * so that every negation has its answer.
 */
#ifndef MALLA_STORE_QUERY_H
#define MALLA_STORE_QUERY_H

#include "base/bytes.h"
#include "store/sql.h"
#include "wire/predicate.h"

#define QUERY_VALUES_MAX 4096u

struct query_value {
	bool is_bytes;
	uint64_t number;
	size_t at; /* bytes: where in the pool */
	size_t len;
};

/* A statement under construction; failures stick.  About 130 KiB. */
struct query {
	enum err err;
	bool is_exact; /* false: not every row that is found satisfies the predicate */
	struct bytes text;
	struct bytes pool;
	uint32_t values_count;
	struct query_value values[QUERY_VALUES_MAX];
};

/* What may be asked of a store.  ERR_INVALID: lists or peers; ERR_MISSING: a name that is not
   resolved.  NULL may. */
MUST_CHECK enum err query_check(const struct predicate *predicate);

/* The functions that the compiled text calls; once per connection. */
MUST_CHECK enum err query_register(struct sql *sql);

void query_init(struct query *query);
void query_release(struct query *query);
void query_add(struct query *query, const char *text);
/* A parameter and its value. */
void query_add_number(struct query *query, uint64_t number);
void query_add_bytes(struct query *query, const void *data, size_t len);
/* A condition on rows of `record r` that holds for every record that satisfies the predicate;
   query->is_exact: for no others.  NULL and an empty predicate hold for all. */
void query_add_predicate(struct query *query, const struct predicate *predicate, uint64_t now_ms);
/* Compile and bind.  The query must last until sql_done.  ERR_MISSING: an author's name is not
   resolved; ERR_TOO_LARGE. */
MUST_CHECK enum err query_start(struct query *query, struct sql *sql, struct sql_use *use);

#endif
