#include "wire/predicate.h"

#include <assert.h>
#include <string.h>

#include "wire/observable.h"
#include "wire/predicate_check.h"
#include "wire/record.h"

/* every node is an array of up to three, its values follow */
static_assert(PREDICATE_TEXT_BYTES_MAX + PREDICATE_VALUES_MAX * 12u + PREDICATE_NODES_MAX * 8u <
		  PREDICATE_BYTES_MAX,
    "a full predicate can be encoded");
static_assert(PREDICATE_TEXT_BYTES_MAX >= OBSERVABLE_BYTES_MAX, "the longest value fits");

static_assert(TERM_BYTES_MAX == 256 && TITLE_BYTES_MAX == 512 && LABEL_BYTES_MAX == 128 &&
		  PERSON_BYTES_MAX == 64 && LANGUAGE_BYTES_MAX == 35 &&
		  OBSERVABLE_BYTES_MAX == 4096,
    "the table of fields has the limits of the record");
static_assert((int)OBSERVABLE_TYPE_MAX == 17 && (int)RECORD_CHARTER == 10 && TLP_COUNT == 5,
    "the table of fields has the codes of the record");

static const struct field_row {
	enum predicate_field field;
	const char *name;
	enum predicate_form form;
	uint32_t ops;
	uint64_t least;
	uint64_t most;
} fields[] = {
#define FIELD_ROW(symbol, code, name, form, ops, least, most)                                      \
	{symbol, name, form, ops, least, most},
    PREDICATE_FIELD_TABLE(FIELD_ROW)
#undef FIELD_ROW
};
#define FIELDS_COUNT (sizeof(fields) / sizeof(*fields))

/* NULL: no such field. */
static const struct field_row *
row_of(uint64_t field)
{
	uint64_t at = field - 1;

	if (field > PREDICATE_FIELD_SENT_MAX)
		at = PREDICATE_FIELD_SENT_MAX + field - PREDICATE_PEER;
	if (field < 1 || at >= FIELDS_COUNT || (uint64_t)fields[at].field != field)
		return NULL;
	return &fields[at];
}

const char *
predicate_field_name(enum predicate_field field)
{
	const struct field_row *row = row_of(field);

	return row == NULL ? "?" : row->name;
}

bool
predicate_field_parse(struct bytes_view name, enum predicate_field *field)
{
	uint32_t i;

	if (bytes_view_is_equal(name, bytes_view_str("observable.type"))) {
		*field = PREDICATE_TYPE;
		return true;
	}
	if (bytes_view_is_equal(name, bytes_view_str("observable.value")) ||
	    bytes_view_is_equal(name, bytes_view_str("observable"))) {
		*field = PREDICATE_VALUE;
		return true;
	}
	for (i = 0; i < FIELDS_COUNT; i++) {
		if (bytes_view_is_equal(name, bytes_view_str(fields[i].name))) {
			*field = fields[i].field;
			return true;
		}
	}
	return false;
}

enum predicate_form
predicate_field_form(enum predicate_field field)
{
	const struct field_row *row = row_of(field);

	assert(row != NULL);
	return row->form;
}

bool
predicate_field_is_peer(enum predicate_field field)
{
	return field > PREDICATE_FIELD_SENT_MAX;
}

uint64_t
predicate_field_least(enum predicate_field field)
{
	const struct field_row *row = row_of(field);

	assert(row != NULL);
	return row->least;
}

uint64_t
predicate_field_most(enum predicate_field field)
{
	const struct field_row *row = row_of(field);

	assert(row != NULL);
	return row->most;
}

bool
predicate_field_is_observable(enum predicate_field field)
{
	return field == PREDICATE_TYPE || field == PREDICATE_VALUE;
}

bool
predicate_op_is_group(enum predicate_op op)
{
	return op >= PREDICATE_AND && op <= PREDICATE_SOME;
}

bool
predicate_op_fits(enum predicate_op op, enum predicate_field field)
{
	const struct field_row *row = row_of(field);

	assert(row != NULL);
	switch (op) {
	case PREDICATE_EQUAL:
		return true;
	case PREDICATE_LESS:
	case PREDICATE_AT_MOST:
	case PREDICATE_GREATER:
	case PREDICATE_AT_LEAST:
		return (row->ops & PREDICATE_ORDERED) != 0;
	case PREDICATE_LIKE:
		return (row->ops & PREDICATE_PATTERNS) != 0;
	case PREDICATE_UNDER:
	case PREDICATE_WITHIN:
	case PREDICATE_LISTED:
		return (row->ops & PREDICATE_PLACES) != 0;
	case PREDICATE_AND:
	case PREDICATE_OR:
	case PREDICATE_NOT:
	case PREDICATE_SOME:
		return false;
	}
	return false;
}

/* ------------------------------------------------------------------ building */

void
predicate_init(struct predicate *predicate)
{
	predicate->err = ERR_NONE;
	predicate->nodes_count = 0;
	predicate->values_count = 0;
	predicate->text_len = 0;
}

static struct predicate_node *
add_node(struct predicate *predicate, enum predicate_op op)
{
	struct predicate_node *node;

	if (predicate->err == ERR_NONE && predicate->nodes_count == PREDICATE_NODES_MAX)
		predicate->err = ERR_TOO_LARGE;
	if (predicate->err != ERR_NONE)
		return NULL;
	node = &predicate->nodes[predicate->nodes_count++];
	*node = (struct predicate_node){.op = op, .value = predicate->values_count};
	return node;
}

void
predicate_add_group(struct predicate *predicate, enum predicate_op op, uint32_t children)
{
	struct predicate_node *node = add_node(predicate, op);

	assert(predicate_op_is_group(op));
	if (node == NULL)
		return;
	if (children > PREDICATE_NODES_MAX)
		predicate->err = ERR_TOO_LARGE;
	else
		node->children = (uint16_t)children;
}

void
predicate_add_comparison(
    struct predicate *predicate, enum predicate_op op, enum predicate_field field)
{
	struct predicate_node *node = add_node(predicate, op);

	assert(!predicate_op_is_group(op));
	if (node != NULL)
		node->field = field;
}

static struct predicate_value *
add_value(struct predicate *predicate)
{
	struct predicate_value *value;

	if (predicate->err == ERR_NONE && predicate->values_count == PREDICATE_VALUES_MAX)
		predicate->err = ERR_TOO_LARGE;
	if (predicate->err != ERR_NONE)
		return NULL;
	assert(predicate->nodes_count > 0);
	assert(!predicate_op_is_group(predicate->nodes[predicate->nodes_count - 1].op));
	predicate->nodes[predicate->nodes_count - 1].values++;
	value = &predicate->values[predicate->values_count++];
	*value = (struct predicate_value){0};
	return value;
}

static void
set_text(struct predicate *predicate, struct predicate_value *value, const void *data, size_t len)
{
	if (len > (size_t)(PREDICATE_TEXT_BYTES_MAX - predicate->text_len)) {
		predicate->err = ERR_TOO_LARGE;
		return;
	}
	if (len > 0)
		memcpy(predicate->text + predicate->text_len, data, len);
	value->text_at = predicate->text_len;
	value->text_len = (uint16_t)len;
	predicate->text_len = (uint16_t)(predicate->text_len + len);
}

void
predicate_add_number(struct predicate *predicate, uint64_t number)
{
	struct predicate_value *value = add_value(predicate);

	if (value != NULL)
		value->number = number;
}

void
predicate_add_time(struct predicate *predicate, enum predicate_base base, uint64_t ms)
{
	struct predicate_value *value = add_value(predicate);

	if (value == NULL)
		return;
	value->base = base;
	value->number = ms;
}

/* The range of a network; left as it is where the text is none, which the check then tells. */
static void
set_range(struct bytes_view text, struct predicate_value *value)
{
	struct observable network = {OBSERVABLE_CIDR, text};

	if (observable_check(OBSERVABLE_CIDR, text) == ERR_NONE)
		(void)observable_range(&network, value->first, value->last);
}

void
predicate_add_text(struct predicate *predicate, struct bytes_view text)
{
	struct predicate_value *value = add_value(predicate);

	if (value == NULL)
		return;
	set_text(predicate, value, text.data, text.len);
	if (predicate->nodes[predicate->nodes_count - 1].op == PREDICATE_WITHIN)
		set_range(text, value);
}

void
predicate_add_id(struct predicate *predicate, const uint8_t id[32])
{
	struct predicate_value *value = add_value(predicate);

	if (value != NULL)
		set_text(predicate, value, id, sizeof(struct org_id));
}

void
predicate_add_org(struct predicate *predicate, const struct org_id *org)
{
	predicate_add_id(predicate, org->bytes);
}

void
predicate_add_name(struct predicate *predicate, struct bytes_view name)
{
	struct predicate_value *value = add_value(predicate);

	if (value == NULL)
		return;
	set_text(predicate, value, name.data, name.len);
	value->is_name = true;
}

/* ------------------------------------------------------------------ finishing */

/* By insertion, for there are few; a repeat is left out, and its place unused. */
static void
sort_values(struct predicate *predicate, struct predicate_node *node)
{
	struct predicate_value *values = &predicate->values[node->value];
	uint16_t kept = 0;
	uint16_t i;

	for (i = 0; i < node->values; i++) {
		struct predicate_value value = values[i];
		uint16_t at = kept;
		int order = -1;

		while (at > 0 &&
		       (order = predicate_check_order(predicate, &values[at - 1], &value)) > 0)
			at--;
		if (at > 0 && order == 0)
			continue;
		memmove(&values[at + 1], &values[at], (size_t)(kept - at) * sizeof(*values));
		values[at] = value;
		kept++;
	}
	node->values = kept;
}

enum err
predicate_finish(struct predicate *predicate)
{
	uint16_t i;

	if (predicate->err != ERR_NONE)
		return predicate->err;
	for (i = 0; i < predicate->nodes_count; i++) {
		if (!predicate_op_is_group(predicate->nodes[i].op))
			sort_values(predicate, &predicate->nodes[i]);
	}
	predicate->err = predicate_check_tree(predicate);
	return predicate->err;
}

/* ------------------------------------------------------------------ names */

static bool
has_form(const struct predicate_node *node, enum predicate_form form)
{
	return !predicate_op_is_group(node->op) && predicate_field_form(node->field) == form;
}

/* One of two: which kind of name is to be replaced. */
struct resolver {
	predicate_author_fn author;
	predicate_community_fn community;
	void *context;
};

static enum err
resolve_value(struct predicate *predicate, struct predicate_value *value,
    const struct resolver *resolver, struct bytes_view *name)
{
	struct bytes_view text = predicate_text(predicate, value);
	struct org_id org;
	struct community_id community;
	enum err err;

	if (resolver->author != NULL)
		err = resolver->author(resolver->context, text, &org);
	else
		err = resolver->community(resolver->context, text, &community);
	if (err != ERR_NONE) {
		if (name != NULL)
			*name = text;
		return err;
	}
	set_text(predicate, value, resolver->author != NULL ? org.bytes : community.bytes,
	    sizeof(org.bytes));
	value->is_name = false;
	return ERR_NONE;
}

static enum err
resolve_names(struct predicate *predicate, enum predicate_form form,
    const struct resolver *resolver, struct bytes_view *name)
{
	uint16_t i, n;

	for (i = 0; i < predicate->nodes_count; i++) {
		const struct predicate_node *node = &predicate->nodes[i];

		if (!has_form(node, form))
			continue;
		for (n = 0; n < node->values; n++) {
			struct predicate_value *value = &predicate->values[node->value + n];
			enum err err = ERR_NONE;

			if (value->is_name)
				err = resolve_value(predicate, value, resolver, name);
			if (err != ERR_NONE)
				return err;
		}
	}
	return predicate_finish(predicate); /* the ids have another order than the names */
}

enum err
predicate_resolve_authors(struct predicate *predicate, predicate_author_fn resolve, void *context,
    struct bytes_view *name)
{
	struct resolver resolver = {.author = resolve, .context = context};

	return resolve_names(predicate, PREDICATE_FORM_ORG, &resolver, name);
}

enum err
predicate_resolve_communities(struct predicate *predicate, predicate_community_fn resolve,
    void *context, struct bytes_view *name)
{
	struct resolver resolver = {.community = resolve, .context = context};

	return resolve_names(predicate, PREDICATE_FORM_COMMUNITY, &resolver, name);
}

bool
predicate_is_resolved(const struct predicate *predicate)
{
	uint16_t i, n;

	for (i = 0; i < predicate->nodes_count; i++) {
		const struct predicate_node *node = &predicate->nodes[i];

		if (!has_form(node, PREDICATE_FORM_ORG) &&
		    !has_form(node, PREDICATE_FORM_COMMUNITY))
			continue;
		for (n = 0; n < node->values; n++) {
			if (predicate_value_at(predicate, node, n)->is_name)
				return false;
		}
	}
	return true;
}

/* ------------------------------------------------------------------ bytes */

static void
read_value(struct reader *reader, struct predicate *predicate, enum predicate_field field)
{
	struct org_id org;
	uint64_t base;

	switch (predicate_field_form(field)) {
	case PREDICATE_FORM_NUMBER:
		predicate_add_number(predicate, reader_uint(reader, 0, NUMBER_MAX));
		break;
	case PREDICATE_FORM_TIME:
		(void)reader_array(reader, 2, 2);
		base = reader_uint(reader, PREDICATE_ABSOLUTE, PREDICATE_AFTER_NOW);
		predicate_add_time(
		    predicate, (enum predicate_base)base, reader_uint(reader, 0, NUMBER_MAX));
		break;
	case PREDICATE_FORM_TEXT:
		predicate_add_text(
		    predicate, reader_str(reader, 1, OBSERVABLE_BYTES_MAX, READER_LINE));
		break;
	case PREDICATE_FORM_ORG:
	case PREDICATE_FORM_COMMUNITY:
	case PREDICATE_FORM_RECORD:
		reader_fixed(reader, org.bytes, sizeof(org.bytes));
		predicate_add_org(predicate, &org);
		break;
	}
}

static void
read_node(struct reader *reader, struct predicate *predicate)
{
	uint32_t count = reader_array(reader, 2, 3);
	uint64_t op = reader_uint(reader, PREDICATE_AND, PREDICATE_OP_MAX);
	uint64_t field;
	uint32_t values;

	if (!reader_is_ok(reader))
		return;
	if (predicate_op_is_group((enum predicate_op)op) != (count == 2)) {
		reader_fail(reader, ERR_RANGE);
		return;
	}
	if (count == 2) {
		predicate_add_group(predicate, (enum predicate_op)op,
		    (uint32_t)reader_uint(reader, 1, PREDICATE_NODES_MAX));
		return;
	}
	field = reader_uint(reader, 1, PREDICATE_FIELD_SENT_MAX);
	values = reader_array(reader, 1, PREDICATE_VALUES_MAX);
	if (!reader_is_ok(reader))
		return;
	predicate_add_comparison(predicate, (enum predicate_op)op, (enum predicate_field)field);
	for (; values > 0 && reader_is_ok(reader); values--)
		read_value(reader, predicate, (enum predicate_field)field);
}

void
predicate_read(struct reader *reader, struct predicate *out)
{
	uint32_t count;

	predicate_init(out);
	count = reader_array(reader, 0, PREDICATE_NODES_MAX);
	for (; count > 0 && reader_is_ok(reader); count--) {
		read_node(reader, out);
		if (out->err != ERR_NONE)
			reader_fail(reader, out->err);
	}
	if (!reader_is_ok(reader))
		return;
	out->err = predicate_check_tree(out);
	if (out->err != ERR_NONE)
		reader_fail(reader, out->err);
}

enum err
predicate_decode(struct bytes_view in, struct predicate *out)
{
	struct reader reader;

	reader_open(&reader, in);
	predicate_read(&reader, out);
	return reader_close(&reader);
}

static void
write_value(struct writer *writer, const struct predicate *predicate, enum predicate_field field,
    const struct predicate_value *value)
{
	struct bytes_view text = predicate_text(predicate, value);

	switch (predicate_field_form(field)) {
	case PREDICATE_FORM_NUMBER:
		writer_uint(writer, value->number);
		break;
	case PREDICATE_FORM_TIME:
		writer_array(writer, 2);
		writer_uint(writer, value->base);
		writer_uint(writer, value->number);
		break;
	case PREDICATE_FORM_TEXT:
		writer_str(writer, text);
		break;
	case PREDICATE_FORM_ORG:
	case PREDICATE_FORM_COMMUNITY:
	case PREDICATE_FORM_RECORD:
		writer_bin(writer, text.data, text.len);
		break;
	}
}

void
predicate_write(struct writer *writer, const struct predicate *predicate)
{
	uint16_t i, n;

	assert(predicate->err == ERR_NONE && predicate_is_resolved(predicate));
	writer_array(writer, predicate->nodes_count);
	for (i = 0; i < predicate->nodes_count; i++) {
		const struct predicate_node *node = &predicate->nodes[i];

		if (predicate_op_is_group(node->op)) {
			writer_array(writer, 2);
			writer_uint(writer, node->op);
			writer_uint(writer, node->children);
			continue;
		}
		writer_array(writer, 3);
		writer_uint(writer, node->op);
		writer_uint(writer, node->field);
		writer_array(writer, node->values);
		for (n = 0; n < node->values; n++)
			write_value(
			    writer, predicate, node->field, predicate_value_at(predicate, node, n));
	}
}

static bool
asks_peer(const struct predicate *predicate)
{
	uint16_t i;

	for (i = 0; i < predicate->nodes_count; i++) {
		if (!predicate_op_is_group(predicate->nodes[i].op) &&
		    predicate_field_is_peer(predicate->nodes[i].field))
			return true;
	}
	return false;
}

enum err
predicate_encode(const struct predicate *predicate, struct bytes *out)
{
	struct writer writer;

	if (predicate->err != ERR_NONE)
		return predicate->err;
	if (asks_peer(predicate))
		return ERR_INVALID;
	if (!predicate_is_resolved(predicate))
		return ERR_MISSING;
	writer_open(&writer, out);
	predicate_write(&writer, predicate);
	return writer_close(&writer);
}

/* ------------------------------------------------------------------ reading the tree */

void
predicate_walk(const struct predicate *predicate, predicate_walk_fn visit, void *context)
{
	const struct predicate_node *groups[PREDICATE_DEPTH_MAX];
	uint32_t depth = 0;
	uint16_t i;

	assert(predicate->err == ERR_NONE);
	for (i = 0; i < predicate->nodes_count; i++) {
		const struct predicate_node *node = &predicate->nodes[i];

		if (depth > 0 && groups[depth - 1] != node - 1)
			visit(context, PREDICATE_STEP_NEXT, predicate, groups[depth - 1]);
		if (predicate_op_is_group(node->op)) {
			assert(depth < PREDICATE_DEPTH_MAX);
			groups[depth++] = node;
			visit(context, PREDICATE_STEP_OPEN, predicate, node);
			continue;
		}
		visit(context, PREDICATE_STEP_LEAF, predicate, node);
		while (depth > 0 && groups[depth - 1]->end == i + 1)
			visit(context, PREDICATE_STEP_CLOSE, predicate, groups[--depth]);
	}
}

const struct predicate_value *
predicate_value_at(const struct predicate *predicate, const struct predicate_node *node, uint32_t n)
{
	assert(n < node->values);
	return &predicate->values[node->value + n];
}

struct bytes_view
predicate_text(const struct predicate *predicate, const struct predicate_value *value)
{
	return bytes_view_of(predicate->text + value->text_at, value->text_len);
}

uint64_t
predicate_time(const struct predicate_value *value, uint64_t now_ms)
{
	switch (value->base) {
	case PREDICATE_ABSOLUTE:
		return value->number;
	case PREDICATE_BEFORE_NOW:
		return value->number > now_ms ? 0 : now_ms - value->number;
	case PREDICATE_AFTER_NOW:
		if (now_ms > TIME_MS_MAX || value->number > TIME_MS_MAX - now_ms)
			return TIME_MS_MAX;
		return now_ms + value->number;
	}
	return 0;
}
