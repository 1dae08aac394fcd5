#include "policy/build.h"

#include <assert.h>
#include <string.h>

#include "policy/complain.h"
#include "policy/compose.h"
#include "policy/grammar.h"
#include "policy/operand.h"

static const char *const field_names[] = {
#define FIELD_NAME(symbol, code, name, form, ops, least, most) name,
    PREDICATE_FIELD_TABLE(FIELD_NAME)
#undef FIELD_NAME
	"observable",
    "observable.type",
    "observable.value",
};

void
build_init(struct build *build, struct bytes_view text, struct parse_error *error)
{
	build->text = text;
	build->error = error;
	build->compose = NULL;
	build->translate = NULL;
	build->last = (struct scan_token){.place = {text.data, 1, 1}};
	build_clear(build);
}

void
build_clear(struct build *build)
{
	build->has_failed = false;
	build->has_syntax_error = false;
	build->root = BUILD_NONE;
	build->nodes_count = 0;
	build->values_count = 0;
	predicate_init(&build->predicate);
}

bool
build_is_ok(const struct build *build)
{
	return !build->has_failed;
}

bool
build_goes_on(const struct build *build)
{
	return !build->has_syntax_error && (build->compose != NULL || !build->has_failed);
}

struct build_op
build_op_of(enum predicate_op op, const struct scan_token *token)
{
	return (struct build_op){op, false, *token};
}

struct build_op
build_op_denied(enum predicate_op op, const struct scan_token *token)
{
	return (struct build_op){op, true, *token};
}

static const char too_long[] = N_("the condition is too long");
static const char short_enough[] = N_("at most 64 comparisons and groups, and 128 values");
static_assert(PREDICATE_NODES_MAX == 64 && PREDICATE_VALUES_MAX == 128, "as it is said");
static const char of_record[] = N_("what the record says");

int
build_value(struct build *build, const struct scan_token *token)
{
	if (build->values_count == BUILD_VALUES_MAX) {
		complain(build, ERR_TOO_LARGE, token, too_long, short_enough);
		return 0;
	}
	build->values[build->values_count] = *token;
	return build->values_count++;
}

static int
new_node(struct build *build, enum predicate_op op, const struct scan_token *token)
{
	struct build_node *node;

	if (build->nodes_count == BUILD_NODES_MAX) {
		complain(build, ERR_TOO_LARGE, token, too_long, short_enough);
		return BUILD_NONE;
	}
	node = &build->nodes[build->nodes_count];
	*node = (struct build_node){.op = op,
	    .token = *token,
	    .child = BUILD_NONE,
	    .last = BUILD_NONE,
	    .next = BUILD_NONE,
	    .types = BUILD_TYPES_ALL};
	return build->nodes_count++;
}

static void
append_child(struct build *build, int group, int child)
{
	struct build_node *node = &build->nodes[group];

	build->nodes[child].next = BUILD_NONE;
	if (node->child == BUILD_NONE)
		node->child = child;
	else
		build->nodes[node->last].next = child;
	node->last = child;
}

/* As append_child, but the children of a group of the same op in place of it. */
static void
append_spliced(struct build *build, int group, int child)
{
	int at, next;

	if (build->nodes[child].op != build->nodes[group].op) {
		append_child(build, group, child);
		return;
	}
	for (at = build->nodes[child].child; at != BUILD_NONE; at = next) {
		next = build->nodes[at].next;
		append_child(build, group, at);
	}
}

static bool
is_open_comparison(const struct build_node *node)
{
	return !predicate_op_is_group(node->op) && !node->is_closed &&
	       predicate_field_is_observable(node->field);
}

/* Whether it joins the other conditions on an observable under the same AND. */
static bool
is_open(const struct build *build, int a)
{
	const struct build_node *node = &build->nodes[a];
	int at;

	if (node->op != PREDICATE_OR)
		return is_open_comparison(node);
	if (node->is_closed)
		return false;
	for (at = node->child; at != BUILD_NONE; at = build->nodes[at].next) {
		if (!is_open_comparison(&build->nodes[at]))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------ comparisons */

/* The values first .. first + count that are networks, or those that are none, in front. */
static int
part_networks(struct build *build, const struct build_operand *operand)
{
	struct scan_token *values = &build->values[operand->first];
	int networks = 0;
	int i;

	for (i = 0; i < operand->count; i++) {
		if (operand_is_network(&values[i])) {
			struct scan_token network = values[i];

			memmove(&values[networks + 1], &values[networks],
			    (size_t)(i - networks) * sizeof(*values));
			values[networks++] = network;
		}
	}
	return networks;
}

static int
new_comparison(struct build *build, enum predicate_op op, enum predicate_field field,
    const struct scan_token *token, int first, int count)
{
	int a = new_node(build, op, token);

	if (a != BUILD_NONE) {
		build->nodes[a].field = field;
		build->nodes[a].value = first;
		build->nodes[a].values = count;
	}
	return a;
}

/* `in`: containment for networks, equality for everything else. */
static int
build_in(struct build *build, enum predicate_field field, const struct scan_token *token,
    const struct build_operand *operand)
{
	int networks = field == PREDICATE_VALUE ? part_networks(build, operand) : 0;
	int within = BUILD_NONE, equal = BUILD_NONE;

	if (networks > 0)
		within =
		    new_comparison(build, PREDICATE_WITHIN, field, token, operand->first, networks);
	if (networks < operand->count)
		equal = new_comparison(build, PREDICATE_EQUAL, field, token,
		    operand->first + networks, operand->count - networks);
	if (within == BUILD_NONE)
		return equal;
	return equal == BUILD_NONE ? within : build_or(build, equal, within);
}

static bool
is_order(enum predicate_op op)
{
	return op >= PREDICATE_LESS && op <= PREDICATE_AT_LEAST;
}

/* Complain of an op that does not fit the field, or of a list where none may stand. */
static bool
check_op(struct build *build, enum predicate_field field, const struct build_op *op,
    const struct build_operand *operand)
{
	bool is_in = op->op == PREDICATE_WITHIN;

	if (!is_in && !predicate_op_fits(op->op, field)) {
		complain(build, ERR_TYPE, &op->token,
		    is_order(op->op)           ? N_("this field has no order")
		    : op->op == PREDICATE_LIKE ? N_("only texts have patterns")
		    : op->op == PREDICATE_LISTED
			? N_("only the value of an observable can be in a list")
			: N_("only value can be under a domain"),
		    N_("`=`, `!=` or `in`"));
		return false;
	}
	if (operand->is_list && (is_order(op->op) || op->op == PREDICATE_EQUAL)) {
		complain(build, ERR_TYPE, &op->token, N_("a list of values stands here"),
		    is_order(op->op) ? N_("one value") : "`in`");
		return false;
	}
	return true;
}

static void
complain_field(struct build *build, const struct scan_token *field)
{
	uint32_t count = sizeof(field_names) / sizeof(*field_names);
	const char *names[sizeof(field_names) / sizeof(*field_names)];
	uint32_t kept = 0, i;

	for (i = 0; i < count; i++) {
		enum predicate_field known = 0;

		if (predicate_field_parse(bytes_view_str(field_names[i]), &known) &&
		    (build->compose != NULL || !predicate_field_is_peer(known)))
			names[kept++] = field_names[i];
	}
	complain_name(build, field, N_("a field"), names, kept);
}

/* Only a policy knows of a peer. */
static bool
check_peer(struct build *build, const struct scan_token *token)
{
	if (build->compose == NULL)
		complain(
		    build, ERR_VALUE, token, N_("only a policy can ask about the peer"), of_record);
	return build_is_ok(build);
}

int
build_comparison(struct build *build, const struct scan_token *field, const struct build_op *op,
    const struct build_operand *operand)
{
	enum predicate_field known;
	int a;

	if (!predicate_field_parse(field->text, &known)) {
		complain_field(build, field);
		return BUILD_NONE;
	}
	if (predicate_field_is_peer(known) && !check_peer(build, field))
		return BUILD_NONE;
	if (!build_is_ok(build) || !check_op(build, known, op, operand))
		return BUILD_NONE;
	if (op->op == PREDICATE_WITHIN)
		a = build_in(build, known, field, operand);
	else
		a = new_comparison(build, op->op, known, field, operand->first, operand->count);
	return op->is_denied ? build_not(build, a, &op->token) : a;
}

/* ------------------------------------------------------------------ words and calls */

static int
copied(int index, int by)
{
	return index < 0 ? index : index + by;
}

/* A copy of the tree that the name stands for, as if it stood there in parentheses. */
static int
build_copy(
    struct build *build, const struct build_definition *definition, const struct scan_token *token)
{
	int nodes = build->nodes_count, values = build->values_count, i;

	if (definition->root == BUILD_ANYBODY)
		return BUILD_ANYBODY;
	if (definition->root == BUILD_NONE) {
		build->has_failed = true; /* what is wrong was said where it was defined */
		return BUILD_NONE;
	}
	if (definition->nodes_count > BUILD_NODES_MAX - nodes ||
	    definition->values_count > BUILD_VALUES_MAX - values) {
		complain(build, ERR_TOO_LARGE, token, too_long, short_enough);
		return BUILD_NONE;
	}
	for (i = 0; i < definition->nodes_count; i++) {
		struct build_node node = definition->nodes[i];

		node.child = copied(node.child, nodes);
		node.last = copied(node.last, nodes);
		node.next = copied(node.next, nodes);
		node.value += values;
		build->nodes[nodes + i] = node;
	}
	if (definition->values_count > 0)
		memcpy(&build->values[values], definition->values,
		    (size_t)definition->values_count * sizeof(*build->values));
	build->nodes_count += definition->nodes_count;
	build->values_count += definition->values_count;
	return build_closed(build, copied(definition->root, nodes));
}

/* What only a policy can ask stands in a condition by itself. */
static bool
is_of_peer(struct bytes_view word)
{
	static const char *const words[] = {"to", "from", "anybody", "client", "provider",
	    "constituent", "cert", "org", "sector", "country", "member"};
	uint32_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (bytes_view_is_equal(word, bytes_view_str(words[i])))
			return true;
	}
	return false;
}

static int
build_role(struct build *build, const struct scan_token *word)
{
	int value = build_value(build, word);

	if (!check_peer(build, word))
		return BUILD_NONE;
	return new_comparison(build, PREDICATE_EQUAL, PREDICATE_PEER_ROLE, word, value, 1);
}

int
build_word(struct build *build, const struct scan_token *word, const struct scan_token *next)
{
	static const char *const roles[] = {
	    "anybody", "audience", "client", "provider", "constituent", "cert"};
	const struct build_definition *definition;
	enum predicate_field field;
	uint32_t i;

	if (!build_is_ok(build))
		return BUILD_NONE;
	definition = build->compose == NULL ? NULL : compose_definition(build->compose, word->text);
	if (definition != NULL)
		return build_copy(build, definition, word);
	if (build->compose != NULL && bytes_view_is_equal(word->text, bytes_view_str(roles[0])))
		return BUILD_ANYBODY;
	for (i = 1; i < sizeof(roles) / sizeof(*roles) && build->compose != NULL; i++) {
		if (bytes_view_is_equal(word->text, bytes_view_str(roles[i])))
			return build_role(build, word);
	}
	if (build->compose == NULL && is_of_peer(word->text))
		(void)check_peer(build, word);
	else if (predicate_field_parse(word->text, &field))
		complain_no_op(build, next);
	else if (build->compose == NULL)
		complain_field(build, word);
	else
		compose_complain_word(build, word, roles, sizeof(roles) / sizeof(*roles));
	return BUILD_NONE;
}

int
build_call(struct build *build, const struct scan_token *word, const struct build_operand *operand)
{
	static const char *const names[] = {"org", "sector", "country", "member"};
	static const enum predicate_field fields[] = {
	    PREDICATE_PEER, PREDICATE_PEER_SECTOR, PREDICATE_PEER_COUNTRY, PREDICATE_PEER_MEMBER};
	uint32_t i;

	if (!build_is_ok(build))
		return BUILD_NONE;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!bytes_view_is_equal(word->text, bytes_view_str(names[i])))
			continue;
		if (!check_peer(build, word))
			return BUILD_NONE;
		return new_comparison(
		    build, PREDICATE_EQUAL, fields[i], word, operand->first, operand->count);
	}
	complain_name(
	    build, word, N_("a question about the peer"), names, sizeof(names) / sizeof(*names));
	return BUILD_NONE;
}

int
build_of_peer(struct build *build, int a, const struct scan_token *token)
{
	int left[BUILD_NODES_MAX];
	int count = 0, at;

	if (!build_is_ok(build) || a < 0)
		return a;
	a = build_settle(build, a);
	for (left[count++] = a; count > 0 && build_is_ok(build);) {
		const struct build_node *node = &build->nodes[left[--count]];

		if (predicate_op_is_group(node->op)) {
			for (at = node->child; at != BUILD_NONE; at = build->nodes[at].next)
				left[count++] = at;
		} else if (!predicate_field_is_peer(node->field)) {
			complain(build, ERR_VALUE, &node->token,
			    scan_is_keyword(token) && token->kind == TOKEN_FROM
				? N_("behind `from` stands what the peer is; what the record says "
				     "belongs behind `where`")
				: N_("behind `to` stands what the peer is; what the record says "
				     "belongs behind `where`"),
			    N_("org, sector, country, member, client, provider, constituent, cert, "
			       "audience or anybody"));
		}
	}
	return build_is_ok(build) ? a : BUILD_NONE;
}

/* ------------------------------------------------------------------ groups */

int
build_or(struct build *build, int a, int b)
{
	int group;

	a = build_settle(build, a);
	b = build_settle(build, b);
	if (!build_is_ok(build) || a == BUILD_NONE || b == BUILD_NONE)
		return BUILD_NONE;
	if (a == BUILD_ANYBODY || b == BUILD_ANYBODY)
		return BUILD_ANYBODY;
	group = new_node(build, PREDICATE_OR, &build->nodes[a].token);
	if (group == BUILD_NONE)
		return BUILD_NONE;
	append_spliced(build, group, a);
	append_spliced(build, group, b);
	return group;
}

int
build_and(struct build *build, int a, int b)
{
	int group = a;

	if (!build_is_ok(build) || a == BUILD_NONE || b == BUILD_NONE)
		return BUILD_NONE;
	if (a == BUILD_ANYBODY || b == BUILD_ANYBODY)
		return a == BUILD_ANYBODY ? b : a;
	if (!build->nodes[a].is_pending) {
		group = new_node(build, PREDICATE_AND, &build->nodes[a].token);
		if (group == BUILD_NONE)
			return BUILD_NONE;
		build->nodes[group].is_pending = true;
		append_spliced(build, group, a);
	}
	append_spliced(build, group, b);
	return group;
}

int
build_not(struct build *build, int a, const struct scan_token *token)
{
	int group;

	a = build_settle(build, a);
	if (!build_is_ok(build) || a == BUILD_NONE)
		return BUILD_NONE;
	if (a == BUILD_ANYBODY) {
		complain(build, ERR_VALUE, token, N_("`not anybody` is nobody"),
		    N_("a condition on the peer"));
		return BUILD_NONE;
	}
	if (build->nodes[a].op == PREDICATE_NOT) {
		a = build->nodes[a].child;
		return build_closed(build, a);
	}
	group = new_node(build, PREDICATE_NOT, &build->nodes[a].token);
	if (group != BUILD_NONE)
		append_child(build, group, a);
	return group;
}

/* An OR stays open, a comparison does not; of an AND nothing joins another around it. */
int
build_closed(struct build *build, int a)
{
	int at;

	a = build_settle(build, a);
	if (a < 0)
		return a;
	if (build->nodes[a].op == PREDICATE_AND) {
		for (at = build->nodes[a].child; at != BUILD_NONE; at = build->nodes[at].next)
			build->nodes[at].is_closed = true;
	} else if (build->nodes[a].op != PREDICATE_OR) {
		build->nodes[a].is_closed = true;
	}
	return a;
}

/* The types that the observable of a SOME may have: those named beside it. */
static uint32_t
types_of(const struct build *build, int some)
{
	uint32_t types = BUILD_TYPES_ALL;
	int at, i;

	for (at = build->nodes[some].child; at != BUILD_NONE; at = build->nodes[at].next) {
		const struct build_node *node = &build->nodes[at];
		uint32_t named = 0;

		if (node->op != PREDICATE_EQUAL || node->field != PREDICATE_TYPE)
			continue;
		for (i = 0; i < node->values; i++) {
			enum observable_type type;

			/* a name that is none gets its complaint when it is written */
			if (observable_type_parse(build->values[node->value + i].text, &type))
				named |= UINT32_C(1) << type;
		}
		types &= named;
	}
	return types == 0 ? BUILD_TYPES_ALL : types;
}

static void
set_types(struct build *build, int some)
{
	uint32_t types = types_of(build, some);
	int at, below;

	for (at = build->nodes[some].child; at != BUILD_NONE; at = build->nodes[at].next) {
		build->nodes[at].types = types;
		for (below = build->nodes[at].child; below != BUILD_NONE;
		     below = build->nodes[below].next)
			build->nodes[below].types = types;
	}
}

/* Move the open children of an AND into a SOME where the first of them stands. */
static int
join_observables(struct build *build, int group)
{
	int some = new_node(build, PREDICATE_SOME, &build->nodes[group].token);
	int at = build->nodes[group].child;
	int next;

	if (some == BUILD_NONE)
		return BUILD_NONE;
	build->nodes[group].child = build->nodes[group].last = BUILD_NONE;
	for (; at != BUILD_NONE; at = next) {
		next = build->nodes[at].next;
		if (!is_open(build, at)) {
			append_child(build, group, at);
			continue;
		}
		if (build->nodes[some].child == BUILD_NONE)
			append_child(build, group, some);
		append_child(build, some, at);
	}
	set_types(build, some);
	return build->nodes[group].child == some && build->nodes[group].last == some ? some : group;
}

int
build_settle(struct build *build, int a)
{
	int open = 0;
	int at;

	if (!build_is_ok(build) || a < 0 || !build->nodes[a].is_pending)
		return a;
	build->nodes[a].is_pending = false;
	for (at = build->nodes[a].child; at != BUILD_NONE; at = build->nodes[at].next)
		open += is_open(build, at);
	return open < 2 ? a : join_observables(build, a);
}

/* ------------------------------------------------------------------ writing out */

struct open_group {
	int next; /* child to write */
	bool is_some;
};

static uint32_t
count_children(const struct build *build, int a)
{
	uint32_t count = 0;
	int at;

	for (at = build->nodes[a].child; at != BUILD_NONE; at = build->nodes[at].next)
		count++;
	return count;
}

/* A comparison, in a SOME of its own where it speaks of an observable and is in none. */
static void
write_comparison(struct build *build, const struct build_node *node, bool is_inside_some)
{
	struct predicate *predicate = &build->predicate;

	if (predicate_field_is_observable(node->field) && !is_inside_some)
		predicate_add_group(predicate, PREDICATE_SOME, 1);
	predicate_add_comparison(predicate, node->op, node->field);
	if (predicate->err == ERR_NONE) {
		build->where[predicate->nodes_count - 1] = build->values[node->value];
		operand_add_all(build, node);
	}
}

static void
write_tree(struct build *build)
{
	struct open_group groups[PREDICATE_DEPTH_MAX + 1];
	uint32_t depth = 0;
	int at = build->root;

	while (at != BUILD_NONE && build_is_ok(build) && build->predicate.err == ERR_NONE) {
		bool is_inside_some = depth > 0 && groups[depth - 1].is_some;
		const struct build_node *node = &build->nodes[at];

		if (!predicate_op_is_group(node->op)) {
			write_comparison(build, node, is_inside_some);
		} else if (depth == PREDICATE_DEPTH_MAX) {
			complain_too_deep(build);
			return;
		} else {
			predicate_add_group(&build->predicate, node->op, count_children(build, at));
			groups[depth++] = (struct open_group){
			    node->child, node->op == PREDICATE_SOME || is_inside_some};
		}
		while (depth > 0 && groups[depth - 1].next == BUILD_NONE)
			depth--;
		if (depth == 0)
			return;
		at = groups[depth - 1].next;
		groups[depth - 1].next = build->nodes[at].next;
	}
}

static bool
has_common_value(const struct predicate *predicate, const struct predicate_node *a,
    const struct predicate_node *b)
{
	uint32_t i, j;

	for (i = 0; i < a->values; i++) {
		const struct predicate_value *x = predicate_value_at(predicate, a, i);

		for (j = 0; j < b->values; j++) {
			const struct predicate_value *y = predicate_value_at(predicate, b, j);

			if (x->number == y->number &&
			    bytes_view_is_equal(
				predicate_text(predicate, x), predicate_text(predicate, y)))
				return true;
		}
	}
	return false;
}

/* `value = a and value = b` of one observable can never hold: surely two were meant. */
static void
refuse_contradictions(struct build *build)
{
	const struct predicate *predicate = &build->predicate;
	uint16_t some, a, b;

	for (some = 0; some < predicate->nodes_count; some++) {
		if (predicate->nodes[some].op != PREDICATE_SOME)
			continue;
		for (a = (uint16_t)(some + 1); a < predicate->nodes[some].end;
		     a = predicate->nodes[a].end) {
			for (b = predicate->nodes[a].end; b < predicate->nodes[some].end;
			     b = predicate->nodes[b].end) {
				if (predicate->nodes[a].op != PREDICATE_EQUAL ||
				    predicate->nodes[b].op != PREDICATE_EQUAL ||
				    predicate->nodes[a].field != predicate->nodes[b].field ||
				    has_common_value(
					predicate, &predicate->nodes[a], &predicate->nodes[b]))
					continue;
				complain(build, ERR_VALUE, &build->where[b],
				    N_("one observable cannot be both"),
				    N_("`or`, or for two observables (A) and (B)"));
			}
		}
	}
}

void
build_finish(struct build *build)
{
	struct scan_token start;
	enum err err;

	predicate_init(&build->predicate);
	if (build->root < 0)
		return;
	start = build->nodes[build->root].token;
	write_tree(build);
	if (!build_is_ok(build))
		return;
	err = predicate_finish(&build->predicate);
	if (err == ERR_TOO_DEEP)
		complain_too_deep(build);
	else if (err != ERR_NONE)
		complain(build, err, &start, too_long, short_enough);
	else
		refuse_contradictions(build);
}
