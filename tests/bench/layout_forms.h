/* Which layouts there are, and what keys they make of a record. */
#ifndef TESTS_BENCH_LAYOUT_FORMS_H
#define TESTS_BENCH_LAYOUT_FORMS_H

#include "tests/bench/layout_tree.h"

enum { LAYOUT_TREES = 3 };

/* what is indexed of a record */
enum layout_what {
	LAYOUT_ID,
	LAYOUT_CONTENT,
	LAYOUT_OBSERVABLE,
	LAYOUT_LABEL,
	LAYOUT_PARENT, /* of a domain, as a key of its own */
	LAYOUT_WHATS
};

struct layout_form {
	const char *name;
	const char *says;
	bool has_audit_each; /* one audit row a record; else one a batch */
	bool is_ordinary;    /* columns and B-tree indexes */
	bool has_ranges;
	unsigned trees;
	struct layout_tree_form tree[LAYOUT_TREES];
	unsigned tree_of[LAYOUT_WHATS]; /* 1 + which one; 0: not indexed */
};

/* NULL if there is none of that name. */
const struct layout_form *layout_forms_find(const char *name);

/* The key that a tree has of this record; false if it has none. */
bool layout_forms_key(const struct layout_tree_form *tree, enum layout_what what,
    const struct layout_record *record, struct layout_key *key);
/* A narrow key. */
void layout_forms_key_of_number(uint64_t number, struct layout_key *key);

#endif
