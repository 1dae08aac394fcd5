#include "store/query.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "store/observables.h"
#include "wire/glob.h"
#include "wire/marking.h"

#define TEXT_BYTES_CAP (60u * 1024u)
#define POOL_BYTES_CAP (1024u * 1024u)

/* behind the last key whose address is at most a given one: longer than any rest of 0xff */
#define BOUND_BYTES (OBSERVABLES_ADDRESS_BYTES * 2u + 1u)

/* ------------------------------------------------------------------ functions for SQL */

static struct bytes_view
view_of_value(sqlite3_value *value)
{
	const void *data = sqlite3_value_blob(value);

	return bytes_view_of(data, data == NULL ? 0 : (size_t)sqlite3_value_bytes(value));
}

/* text_like(pattern, text) */
static void
text_like(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int(context, glob_match(view_of_value(values[0]), view_of_value(values[1])));
}

/* value_like(pattern, type, key) */
static void
value_like(sqlite3_context *context, int count, sqlite3_value **values)
{
	uint8_t room[OBSERVABLE_BYTES_MAX];
	struct bytes_view value;
	bool is_like;

	(void)count;
	is_like = observables_value((uint64_t)sqlite3_value_int64(values[1]),
		      view_of_value(values[2]), room, &value) &&
		  glob_match(view_of_value(values[0]), value);
	sqlite3_result_int(context, is_like);
}

enum err
query_register(struct sql *sql)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	int code;

	code = sqlite3_create_function_v2(
	    sql->db, "text_like", 2, flags, NULL, text_like, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_create_function_v2(
		    sql->db, "value_like", 3, flags, NULL, value_like, NULL, NULL, NULL);
	return code == SQLITE_OK ? ERR_NONE : ERR_MEMORY;
}

/* ------------------------------------------------------------------ text and parameters */

void
query_init(struct query *query)
{
	query->err = ERR_NONE;
	query->values_count = 0;
	bytes_init(&query->text, TEXT_BYTES_CAP);
	bytes_init(&query->pool, POOL_BYTES_CAP);
}

void
query_release(struct query *query)
{
	bytes_release(&query->text);
	bytes_release(&query->pool);
}

void
query_add(struct query *query, const char *text)
{
	bytes_append(&query->text, text, strlen(text));
}

static struct query_value *
add_value(struct query *query)
{
	if (query->values_count == QUERY_VALUES_MAX) {
		query->err = ERR_TOO_LARGE;
		return NULL;
	}
	query_add(query, "?");
	return &query->values[query->values_count++];
}

void
query_add_number(struct query *query, uint64_t number)
{
	struct query_value *value = add_value(query);

	if (value != NULL)
		*value = (struct query_value){.number = number};
}

void
query_add_bytes(struct query *query, const void *data, size_t len)
{
	struct query_value *value = add_value(query);

	if (value == NULL)
		return;
	*value = (struct query_value){.is_bytes = true, .at = query->pool.len, .len = len};
	bytes_append(&query->pool, data, len);
}

enum err
query_start(struct query *query, struct sql *sql, struct sql_use *use)
{
	enum err err = query->err;
	uint32_t i;

	if (err == ERR_NONE)
		err = query->text.err != ERR_NONE ? query->text.err : query->pool.err;
	if (err == ERR_NONE)
		err = sql_compile(sql, bytes_as_view(&query->text), use);
	if (err != ERR_NONE)
		return err;
	for (i = 0; i < query->values_count; i++) {
		const struct query_value *value = &query->values[i];

		if (value->is_bytes)
			sql_put_bytes(use, query->pool.data + value->at, value->len);
		else
			sql_put_number(use, value->number);
	}
	return ERR_NONE;
}

/* ------------------------------------------------------------------ comparisons */

struct compiler {
	struct query *query;
	uint64_t now_ms;
	bool is_types_only; /* inside a SOME that asks for types and nothing else */
};

/* One comparison and where it stands. */
struct leaf {
	struct compiler *compiler;
	struct query *query;
	const struct predicate *predicate;
	const struct predicate_node *node;
};

static const struct predicate_value *
value_at(const struct leaf *leaf, uint32_t n)
{
	return predicate_value_at(leaf->predicate, leaf->node, n);
}

static struct bytes_view
text_at(const struct leaf *leaf, uint32_t n)
{
	return predicate_text(leaf->predicate, value_at(leaf, n));
}

/* The column, and what tells that it is stated. */
static const struct {
	const char *column;
	const char *stated;
} columns[PREDICATE_FIELD_MAX + 1] = {
    [PREDICATE_KIND] = {"r.kind", ""},
    [PREDICATE_TLP] = {"r.tlp", ""},
    [PREDICATE_CREATED] = {"r.created", "r.created > 0 AND "},
    [PREDICATE_RECEIVED] = {"r.received", "r.received > 0 AND "},
    [PREDICATE_CONFIDENCE] = {"r.confidence", "r.confidence IS NOT NULL AND "},
    [PREDICATE_SEVERITY] = {"r.severity", "r.severity IS NOT NULL AND "},
    [PREDICATE_VALID_FROM] = {"r.valid_from", "r.valid_from IS NOT NULL AND "},
    [PREDICATE_VALID_UNTIL] = {"r.valid_until", "r.valid_until IS NOT NULL AND "},
    [PREDICATE_LANGUAGE] = {"r.language", "r.language IS NOT NULL AND "},
};

static const char *
order_of(enum predicate_op op)
{
	switch (op) {
	case PREDICATE_LESS:
		return " < ";
	case PREDICATE_AT_MOST:
		return " <= ";
	case PREDICATE_GREATER:
		return " > ";
	case PREDICATE_AT_LEAST:
		return " >= ";
	case PREDICATE_EQUAL:
	case PREDICATE_LIKE:
	case PREDICATE_UNDER:
	case PREDICATE_WITHIN:
	case PREDICATE_LISTED:
	case PREDICATE_AND:
	case PREDICATE_OR:
	case PREDICATE_NOT:
	case PREDICATE_SOME:
		return NULL;
	}
	return NULL;
}

static void
add_operand(const struct leaf *leaf, uint32_t n)
{
	struct bytes_view text;

	switch (predicate_field_form(leaf->node->field)) {
	case PREDICATE_FORM_NUMBER:
		query_add_number(leaf->query, value_at(leaf, n)->number);
		break;
	case PREDICATE_FORM_TIME:
		query_add_number(
		    leaf->query, predicate_time(value_at(leaf, n), leaf->compiler->now_ms));
		break;
	case PREDICATE_FORM_TEXT:
	case PREDICATE_FORM_ORG:
	case PREDICATE_FORM_COMMUNITY:
	case PREDICATE_FORM_RECORD:
		text = text_at(leaf, n);
		query_add_bytes(leaf->query, text.data, text.len);
		break;
	}
}

/* column < ?; column IN (?, ?); text_like(?, column) OR ... */
static void
add_column(const struct leaf *leaf, const char *column)
{
	const char *order = order_of(leaf->node->op);
	struct query *query = leaf->query;
	uint32_t n;

	if (order != NULL) {
		query_add(query, column);
		query_add(query, order);
		add_operand(leaf, 0);
		return;
	}
	if (leaf->node->op == PREDICATE_EQUAL) {
		query_add(query, column);
		query_add(query, " IN (");
		for (n = 0; n < leaf->node->values; n++) {
			query_add(query, n == 0 ? "" : ", ");
			add_operand(leaf, n);
		}
		query_add(query, ")");
		return;
	}
	query_add(query, "(");
	for (n = 0; n < leaf->node->values; n++) {
		query_add(query, n == 0 ? "text_like(" : " OR text_like(");
		add_operand(leaf, n);
		query_add(query, ", ");
		query_add(query, column);
		query_add(query, ")");
	}
	query_add(query, ")");
}

static void
add_types(const struct leaf *leaf)
{
	uint64_t mask = 0;
	uint32_t n;

	for (n = 0; n < leaf->node->values; n++)
		mask |= 1ull << value_at(leaf, n)->number;
	query_add(leaf->query, "(r.types & ");
	query_add_number(leaf->query, mask);
	query_add(leaf->query, ") <> 0");
}

/* ------------------------------------------------------------------ values of observables */

/* The text may be a value of several types: each has a key of its own. */
static void
add_value_equal(const struct leaf *leaf)
{
	uint8_t key[OBSERVABLES_KEY_BYTES_MAX];
	struct query *query = leaf->query;
	bool is_first = true;
	uint32_t n;
	int type;

	for (n = 0; n < leaf->node->values; n++) {
		struct observable observable = {.value = text_at(leaf, n)};

		for (type = 1; type <= OBSERVABLE_TYPE_MAX; type++) {
			observable.type = (enum observable_type)type;
			if (observable_check(observable.type, observable.value) != ERR_NONE)
				continue;
			query_add(query, is_first ? "((o.type = " : ") OR (o.type = ");
			query_add_number(query, (uint64_t)type);
			query_add(query, " AND o.key = ");
			query_add_bytes(query, key, observables_key(&observable, key));
			is_first = false;
		}
	}
	query_add(query, is_first ? "0" : "))");
}

static void
add_value_like(const struct leaf *leaf)
{
	uint32_t n;

	for (n = 0; n < leaf->node->values; n++) {
		query_add(leaf->query, n == 0 ? "(value_like(" : " OR value_like(");
		add_operand(leaf, n);
		query_add(leaf->query, ", o.type, o.key)");
	}
	query_add(leaf->query, ")");
}

static void
add_value_under(const struct leaf *leaf)
{
	uint8_t key[OBSERVABLE_BYTES_MAX + 1];
	struct query *query = leaf->query;
	size_t len;
	uint32_t n;

	static_assert(OBSERVABLE_DOMAIN == 4 && OBSERVABLE_URL == 5 && OBSERVABLE_EMAIL == 6,
	    "the types that have a host");
	for (n = 0; n < leaf->node->values; n++) {
		len = observables_host_key(text_at(leaf, n), key);
		assert(len > 0);
		query_add(query, n == 0 ? "(" : " OR ");
		query_add(query, "(o.type IN (4, 5, 6) AND o.key >= ");
		query_add_bytes(query, key, len);
		query_add(query, " AND o.key < ");
		key[len - 1] = '.' + 1; /* behind everything that begins with "example.evil." */
		query_add_bytes(query, key, len);
		query_add(query, ")");
	}
	query_add(query, ")");
}

static void
add_value_within(const struct leaf *leaf)
{
	const size_t address = OBSERVABLES_ADDRESS_BYTES;
	struct query *query = leaf->query;
	uint8_t bound[BOUND_BYTES];
	uint32_t n;

	static_assert(OBSERVABLE_IPV4 == 1 && OBSERVABLE_IPV6 == 2 && OBSERVABLE_CIDR == 3,
	    "the types that have a range");
	memset(bound, 0xff, sizeof(bound));
	for (n = 0; n < leaf->node->values; n++) {
		const struct predicate_value *value = value_at(leaf, n);

		memcpy(bound, value->last, address);
		query_add(query, n == 0 ? "((" : " OR (");
		query_add(query, "(o.type IN (1, 2) AND o.key >= ");
		query_add_bytes(query, value->first, address);
		query_add(query, " AND o.key < ");
		query_add_bytes(query, bound, sizeof(bound));
		query_add(query, ") OR (o.type = 3 AND o.key >= ");
		query_add_bytes(query, value->first, address);
		query_add(query, " AND o.key < ");
		query_add_bytes(query, bound, sizeof(bound));
		query_add(query, " AND substr(o.key, 17, 16) <= ");
		query_add_bytes(query, value->last, address);
		query_add(query, "))");
	}
	query_add(query, ")");
}

static void
add_value_comparison(const struct leaf *leaf)
{
	switch (leaf->node->op) {
	case PREDICATE_EQUAL:
		add_value_equal(leaf);
		break;
	case PREDICATE_LIKE:
		add_value_like(leaf);
		break;
	case PREDICATE_UNDER:
		add_value_under(leaf);
		break;
	case PREDICATE_WITHIN:
		add_value_within(leaf);
		break;
	case PREDICATE_LESS:
	case PREDICATE_AT_MOST:
	case PREDICATE_GREATER:
	case PREDICATE_AT_LEAST:
	case PREDICATE_AND:
	case PREDICATE_OR:
	case PREDICATE_NOT:
	case PREDICATE_SOME:
	case PREDICATE_LISTED:
		leaf->query->err = ERR_INVALID; /* predicate_op_fits does not let it come here */
		break;
	}
}

static void
add_leaf(const struct leaf *leaf)
{
	enum predicate_field field = leaf->node->field;
	struct query *query = leaf->query;

	if (columns[field].column != NULL) {
		query_add(query, "(");
		query_add(query, columns[field].stated);
		add_column(leaf, columns[field].column);
		query_add(query, ")");
	} else if (field == PREDICATE_TYPE && leaf->compiler->is_types_only) {
		add_types(leaf);
	} else if (field == PREDICATE_TYPE) {
		add_column(leaf, "o.type");
	} else if (field == PREDICATE_VALUE) {
		add_value_comparison(leaf);
	} else if (field == PREDICATE_AUDIENCE) {
		query_add(query, "r.is_addressed = 0");
	} else if (field == PREDICATE_AUTHOR) {
		query_add(query, "r.batch IN (SELECT seq FROM batch WHERE ");
		add_column(leaf, "author");
		query_add(query, ")");
	} else if (field == PREDICATE_LABEL) {
		query_add(query, "r.seq IN (SELECT record FROM label WHERE ");
		add_column(leaf, "label");
		query_add(query, ")");
	} else {
		query->err = ERR_INVALID; /* the store has no column for this field */
	}
}

/* ------------------------------------------------------------------ groups */

static bool
is_types_only(const struct predicate_node *some)
{
	const struct predicate_node *child = some + 1; /* in prefix order */

	return some->children == 1 && !predicate_op_is_group(child->op) &&
	       child->field == PREDICATE_TYPE;
}

static void
open_group(struct compiler *compiler, const struct predicate_node *node)
{
	if (node->op == PREDICATE_NOT) {
		query_add(compiler->query, "NOT (");
	} else if (node->op == PREDICATE_SOME) {
		compiler->is_types_only = is_types_only(node);
		query_add(compiler->query,
		    compiler->is_types_only ? "("
					    : "r.seq IN (SELECT o.record FROM observable o WHERE ");
	} else {
		query_add(compiler->query, "(");
	}
}

static void
visit(void *context, enum predicate_step step, const struct predicate *predicate,
    const struct predicate_node *node)
{
	struct compiler *compiler = context;
	struct leaf leaf = {compiler, compiler->query, predicate, node};

	switch (step) {
	case PREDICATE_STEP_OPEN:
		open_group(compiler, node);
		break;
	case PREDICATE_STEP_NEXT:
		query_add(compiler->query, node->op == PREDICATE_OR ? " OR " : " AND ");
		break;
	case PREDICATE_STEP_CLOSE:
		query_add(compiler->query, ")");
		break;
	case PREDICATE_STEP_LEAF:
		add_leaf(&leaf);
		break;
	}
}

void
query_add_predicate(struct query *query, const struct predicate *predicate, uint64_t now_ms)
{
	struct compiler compiler = {.query = query, .now_ms = now_ms};

	if (predicate == NULL || predicate->nodes_count == 0) {
		query_add(query, "1");
		return;
	}
	if (predicate->err != ERR_NONE)
		query->err = predicate->err;
	else if (!predicate_is_resolved(predicate))
		query->err = ERR_MISSING;
	else
		predicate_walk(predicate, visit, &compiler);
}
