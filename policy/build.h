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
#define BUILD_ANYBODY (-2) /* a condition that always holds */
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

/* What a name stands for: a tree of its own, to be copied to where the name is used. */
struct build_definition {
	struct bytes_view name;
	int root; /* BUILD_ANYBODY: without nodes */
	int nodes_count;
	int values_count;
	struct build_node *nodes;
	struct scan_token *values;
};

struct compose;

struct build {
	struct bytes_view text;
	struct parse_error *error;
	struct compose *compose; /* the file that is being read; NULL: a condition by itself */
	const char *(*translate)(const char *text); /* or NULL */
	struct scan_token last; /* what the parser was given last */
	bool has_failed;
	bool has_syntax_error; /* the parser cannot go on */
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
/* Forget all nodes and values, and the failure: the next statement. */
void build_clear(struct build *build);
bool build_is_ok(const struct build *build);
/* Whether the parser is to have another token. */
bool build_goes_on(const struct build *build);

struct build_op build_op_of(enum predicate_op op, const struct scan_token *token);
struct build_op build_op_denied(enum predicate_op op, const struct scan_token *token);

/* Each gives the index of a node, or of a value. */
int build_value(struct build *build, const struct scan_token *token);
int build_comparison(struct build *build, const struct scan_token *field, const struct build_op *op,
    const struct build_operand *operand);
/* A word by itself, with what follows it: a definition, or what a peer may be. */
int build_word(struct build *build, const struct scan_token *word, const struct scan_token *next);
/* member(...), org(...), sector(...), country(...) */
int build_call(
    struct build *build, const struct scan_token *word, const struct build_operand *operand);
/* Behind `to` or `from`: complains where it asks something of the record. */
int build_of_peer(struct build *build, int a, const struct scan_token *token);
int build_or(struct build *build, int a, int b);
int build_and(struct build *build, int a, int b);
/* token: where it is said. */
int build_not(struct build *build, int a, const struct scan_token *token);
/* In parentheses. */
int build_closed(struct build *build, int a);
/* An AND will not grow any more: join what speaks of one observable. */
int build_settle(struct build *build, int a);
/* Write the tree from build->root, if any, to build->predicate. */
void build_finish(struct build *build);

/* In grammar.y: read what the scan has left, behind `first` (or NULL), as what the start token
   says; until the end, or until build_goes_on says no. */
void grammar_run(
    struct build *build, struct scan *scan, int start, const struct scan_token *first);

#endif
