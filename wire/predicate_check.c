#include "wire/predicate_check.h"

#include "wire/marking.h"
#include "wire/observable.h"

int
predicate_check_order(const struct predicate *predicate, const struct predicate_value *a,
    const struct predicate_value *b)
{
	if (a->is_name != b->is_name)
		return a->is_name ? 1 : -1;
	if (a->base != b->base)
		return a->base < b->base ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return bytes_view_compare(predicate_text(predicate, a), predicate_text(predicate, b));
}

/* Every range is whole but that of obligations: only attribution has a `must`. */
static bool
is_number_of(enum predicate_field field, uint64_t number)
{
	if ((field == PREDICATE_NOTIFICATION || field == PREDICATE_RESALE) &&
	    number == OBLIGATION_MUST)
		return false;
	return number >= predicate_field_least(field) && number <= predicate_field_most(field);
}

static enum err
check_time(const struct predicate_value *value)
{
	uint64_t max = value->base == PREDICATE_ABSOLUTE ? TIME_MS_MAX : PREDICATE_OFFSET_MS_MAX;

	if (value->number > max)
		return ERR_RANGE;
	/* now itself is 0 before now, and nothing else */
	if (value->base == PREDICATE_AFTER_NOW && value->number == 0)
		return ERR_NOT_CANONICAL;
	if (value->base != PREDICATE_ABSOLUTE && value->number % 1000 != 0)
		return ERR_NOT_CANONICAL;
	return ERR_NONE;
}

static size_t
text_bytes_max(enum predicate_op op, enum predicate_field field)
{
	if (op == PREDICATE_LIKE)
		return PREDICATE_PATTERN_BYTES_MAX;
	if (op == PREDICATE_LISTED)
		return PREDICATE_LIST_NAME_BYTES_MAX;
	return (size_t)predicate_field_most(field);
}

static enum err
check_text(enum predicate_op op, enum predicate_field field, struct bytes_view text)
{
	if (text.len == 0 || text.len > text_bytes_max(op, field))
		return ERR_RANGE;
	if (!reader_is_text(text, READER_LINE))
		return ERR_UTF8;
	if (op == PREDICATE_UNDER)
		return observable_check(OBSERVABLE_DOMAIN, text);
	if (op == PREDICATE_WITHIN)
		return observable_check(OBSERVABLE_CIDR, text);
	return ERR_NONE;
}

static enum err
check_org(const struct predicate_value *value, struct bytes_view text)
{
	if (!value->is_name)
		return text.len == sizeof(struct org_id) ? ERR_NONE : ERR_RANGE;
	if (text.len == 0 || text.len > NAME_BYTES_MAX)
		return ERR_RANGE;
	return reader_is_text(text, READER_LINE) ? ERR_NONE : ERR_UTF8;
}

static enum err
check_value(const struct predicate *predicate, const struct predicate_node *node,
    const struct predicate_value *value)
{
	switch (predicate_field_form(node->field)) {
	case PREDICATE_FORM_NUMBER:
		return is_number_of(node->field, value->number) ? ERR_NONE : ERR_RANGE;
	case PREDICATE_FORM_TIME:
		return check_time(value);
	case PREDICATE_FORM_TEXT:
		return check_text(node->op, node->field, predicate_text(predicate, value));
	case PREDICATE_FORM_ORG:
	case PREDICATE_FORM_COMMUNITY:
	case PREDICATE_FORM_RECORD:
		return check_org(value, predicate_text(predicate, value));
	}
	return ERR_INVALID;
}

static enum err
check_comparison(const struct predicate *predicate, const struct predicate_node *node)
{
	uint16_t i;

	if (!predicate_op_fits(node->op, node->field))
		return ERR_TYPE;
	if (node->values == 0)
		return ERR_MISSING;
	if (node->values > 1 && node->op >= PREDICATE_LESS && node->op <= PREDICATE_AT_LEAST)
		return ERR_RANGE;
	for (i = 0; i < node->values; i++) {
		const struct predicate_value *value = predicate_value_at(predicate, node, i);
		enum err err = check_value(predicate, node, value);

		if (err != ERR_NONE)
			return err;
		if (i > 0 && predicate_check_order(predicate, value - 1, value) >= 0)
			return ERR_ORDER;
	}
	return ERR_NONE;
}

/* A group whose children are being read. */
struct frame {
	struct predicate_node *node;
	uint16_t left;
	bool is_inside_some;
};

/* Whether the node may stand where it does; top is NULL at the root. */
static bool
is_place(const struct predicate_node *node, const struct frame *top)
{
	enum predicate_op parent = top == NULL ? 0 : top->node->op;
	bool inside = top != NULL && top->is_inside_some;

	switch (node->op) {
	case PREDICATE_AND:
		return node->children >= 2 && parent != PREDICATE_AND && !inside;
	case PREDICATE_OR:
		if (node->children < 2 || parent == PREDICATE_OR)
			return false;
		return !inside || (parent == PREDICATE_SOME && top->node->children >= 2);
	case PREDICATE_NOT:
		return node->children == 1 && parent != PREDICATE_NOT && !inside;
	case PREDICATE_SOME:
		return node->children >= 1 && !inside;
	case PREDICATE_EQUAL:
	case PREDICATE_LESS:
	case PREDICATE_AT_MOST:
	case PREDICATE_GREATER:
	case PREDICATE_AT_LEAST:
	case PREDICATE_LIKE:
	case PREDICATE_UNDER:
	case PREDICATE_WITHIN:
	case PREDICATE_LISTED:
		return predicate_field_is_observable(node->field) == inside;
	}
	return false;
}

enum err
predicate_check_tree(struct predicate *predicate)
{
	struct frame frames[PREDICATE_DEPTH_MAX];
	uint32_t depth = 0;
	uint16_t i;

	for (i = 0; i < predicate->nodes_count; i++) {
		struct predicate_node *node = &predicate->nodes[i];
		struct frame *top = depth == 0 ? NULL : &frames[depth - 1];
		enum err err;

		if (i > 0 && top == NULL)
			return ERR_TRAILING;
		if (!is_place(node, top))
			return ERR_INVALID;
		if (predicate_op_is_group(node->op)) {
			if (depth == PREDICATE_DEPTH_MAX)
				return ERR_TOO_DEEP;
			frames[depth++] = (struct frame){node, node->children,
			    node->op == PREDICATE_SOME || (top != NULL && top->is_inside_some)};
			continue;
		}
		err = check_comparison(predicate, node);
		if (err != ERR_NONE)
			return err;
		node->end = (uint16_t)(i + 1);
		while (depth > 0 && --frames[depth - 1].left == 0)
			frames[--depth].node->end = (uint16_t)(i + 1);
	}
	return depth == 0 ? ERR_NONE : ERR_TRUNCATED;
}
