#include "store/query.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "wire/glob.h"
#include "wire/marking.h"

#define TEXT_BYTES_CAP (60u * 1024u)
#define POOL_BYTES_CAP (1024u * 1024u)

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

enum err
query_register(struct sql *sql)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	int code = sqlite3_create_function_v2(
	    sql->db, "text_like", 2, flags, NULL, text_like, NULL, NULL, NULL);

	return code == SQLITE_OK ? ERR_NONE : ERR_MEMORY;
}

/* ------------------------------------------------------------------ text and parameters */

void
query_init(struct query *query)
{
	query->err = ERR_NONE;
	query->is_exact = true;
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
	bool is_some;       /* inside another one */
	bool is_negated;    /* inside an odd number of NOTs */
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

/* No column tells: every record may satisfy it, and where that is negated, none is sure to. */
static void
add_unknown(const struct leaf *leaf)
{
	leaf->query->is_exact = false;
	query_add(leaf->query, leaf->compiler->is_negated ? "0" : "1");
}

static void
add_leaf(const struct leaf *leaf)
{
	enum predicate_field field = leaf->node->field;
	struct query *query = leaf->query;

	if (field == PREDICATE_TYPE && !(leaf->compiler->is_some && leaf->compiler->is_negated)) {
		query->is_exact = query->is_exact && !leaf->compiler->is_some;
		add_types(leaf);
	} else if (leaf->compiler->is_some) {
		add_unknown(leaf);
	} else if (columns[field].column != NULL) {
		query_add(query, "(");
		query_add(query, columns[field].stated);
		add_column(leaf, columns[field].column);
		query_add(query, ")");
	} else if (field == PREDICATE_AUDIENCE) {
		query_add(query, "r.is_addressed = 0");
	} else if (field == PREDICATE_AUTHOR) {
		query_add(query, "r.batch IN (SELECT seq FROM batch WHERE ");
		add_column(leaf, "author");
		query_add(query, ")");
	} else {
		add_unknown(leaf);
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
	query_add(compiler->query, node->op == PREDICATE_NOT ? "NOT (" : "(");
	if (node->op == PREDICATE_NOT) {
		compiler->is_negated = !compiler->is_negated;
	} else if (node->op == PREDICATE_SOME) {
		compiler->is_types_only = is_types_only(node);
		compiler->is_some = !compiler->is_types_only;
	}
}

static void
close_group(struct compiler *compiler, const struct predicate_node *node)
{
	query_add(compiler->query, ")");
	if (node->op == PREDICATE_NOT)
		compiler->is_negated = !compiler->is_negated;
	else if (node->op == PREDICATE_SOME)
		compiler->is_some = false;
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
		close_group(compiler, node);
		break;
	case PREDICATE_STEP_LEAF:
		add_leaf(&leaf);
		break;
	}
}

enum err
query_check(const struct predicate *predicate)
{
	uint16_t i;

	if (predicate == NULL)
		return ERR_NONE;
	if (predicate->err != ERR_NONE)
		return predicate->err;
	for (i = 0; i < predicate->nodes_count; i++) {
		const struct predicate_node *node = &predicate->nodes[i];

		/* policies know of lists and peers, nobody else */
		if (node->op == PREDICATE_LISTED ||
		    (!predicate_op_is_group(node->op) && predicate_field_is_peer(node->field)))
			return ERR_INVALID;
	}
	return predicate_is_resolved(predicate) ? ERR_NONE : ERR_MISSING;
}

void
query_add_predicate(struct query *query, const struct predicate *predicate, uint64_t now_ms)
{
	struct compiler compiler = {.query = query, .now_ms = now_ms};

	if (predicate == NULL || predicate->nodes_count == 0) {
		query_add(query, "1");
		return;
	}
	query->err = query_check(predicate);
	if (query->err == ERR_NONE)
		predicate_walk(predicate, visit, &compiler);
}
