/*
 * build: what the grammar's actions do: a tree of nodes in a pool, normalised, and written
 * out as a predicate.  Only policy/ includes it.
 */
#ifndef MALLA_POLICY_BUILD_H
#define MALLA_POLICY_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/parse.h"
#include "policy/scan.h"
#include "wire/observable.h"

#define BUILD_NODES_MAX 256
#define BUILD_VALUES_MAX 256
#define BUILD_NONE (-1)
#define BUILD_TYPES_ALL (((UINT32_C(1) << OBSERVABLE_TYPE_MAX) - 1) << 1) /* bit = type code */

struct build_op {
	enum predicate_op op; /* WITHIN stands for `in` until the values are seen */
	bool is_denied;
	struct scan_token token;
};

/* Values that the parser read one after another. */
struct build_operand {
	int first;
	int count;
	bool is_list;
};

struct build_node {
	enum predicate_op op;
	enum predicate_field field;
	struct scan_token token; /* where to point at */
	int child;               /* groups: the first, the last, and the next beside this one */
	int last;
	int next;
	bool is_closed;  /* does not join an `and` around it */
	bool is_pending; /* an AND that may still grow */
	int value;       /* comparisons */
	int values;
	uint32_t types; /* comparisons of `value`: the types it may be of */
};

struct build {
	struct bytes_view text;
	struct parse_error *error;
	bool has_failed;
	int root;
	int nodes_count;
	int values_count;
	struct build_node nodes[BUILD_NODES_MAX];
	struct scan_token values[BUILD_VALUES_MAX];
	struct scan_token where[PREDICATE_NODES_MAX]; /* by node of `predicate` */
	struct predicate predicate;
};

/* error must outlive the build. */
void build_init(struct build *build, struct bytes_view text, struct parse_error *error);
bool build_is_ok(const struct build *build);

struct build_op build_op_of(enum predicate_op op, const struct scan_token *token);
struct build_op build_op_denied(enum predicate_op op, const struct scan_token *token);

/* Each gives the index of a node, or of a value. */
int build_value(struct build *build, const struct scan_token *token);
int build_comparison(struct build *build, const struct scan_token *field, const struct build_op *op,
    const struct build_operand *operand);
int build_or(struct build *build, int a, int b);
int build_and(struct build *build, int a, int b);
int build_not(struct build *build, int a);
/* In parentheses. */
int build_closed(struct build *build, int a);
/* An AND will not grow any more: join what speaks of one observable. */
int build_settle(struct build *build, int a);
/* Write the tree from build->root to build->predicate. */
void build_finish(struct build *build);

/* In grammar.y: read the text as what the start token says. */
void grammar_run(struct build *build, int start, struct bytes_view text);

#endif
