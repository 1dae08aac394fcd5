#include "tests/bench/layout_forms.h"

#include <string.h>

enum { RUN_NARROW = 262144, RUN_WIDE = 65536 };

/* clang-format off */
#define NARROW(name, tokens, fan) {name, true, tokens, RUN_NARROW, fan, 1, false}
#define SLICED(name, tokens, each) {name, true, tokens, RUN_NARROW, 0, each, true}
#define WIDE(name, fan, each) {name, false, LAYOUT_TOKENS_TAGGED, RUN_WIDE, fan, each, false}

static const struct layout_form forms[] = {
	{.name = "a", .says = "append only, an audit row a record: the floor",
	 .has_audit_each = true},
	{.name = "a2", .says = "append only, an audit row a batch"},
	{.name = "b", .says = "unique id index and three ordinary ones", .is_ordinary = true,
	 .has_ranges = true},
	{.name = "c", .says = "8-byte keys of id, content, observable; runs never merged",
	 .trees = 3,
	 .tree = {NARROW("id", LAYOUT_TOKENS_WHOLE, 0), NARROW("content", LAYOUT_TOKENS_WHOLE, 0),
	          NARROW("observable", LAYOUT_TOKENS_WHOLE, 0)},
	 .tree_of = {1, 2, 3, 0}},
	{.name = "cm", .says = "c, with runs merged", .trees = 3,
	 .tree = {NARROW("id", LAYOUT_TOKENS_WHOLE, 16), NARROW("content", LAYOUT_TOKENS_WHOLE, 16),
	          NARROW("observable", LAYOUT_TOKENS_WHOLE, 16)},
	 .tree_of = {1, 2, 3, 0}},
	{.name = "d", .says = "all keys in one ordered front-coded index, merged",
	 .has_ranges = true, .trees = 1, .tree = {WIDE("keys", 16, 4)}, .tree_of = {1, 1, 1, 1}},
	{.name = "e", .says = "ids and contents as c, observables and labels as d",
	 .has_ranges = true, .trees = 3,
	 .tree = {NARROW("id", LAYOUT_TOKENS_WHOLE, 0), NARROW("content", LAYOUT_TOKENS_WHOLE, 0),
	          WIDE("keys", 16, 2)},
	 .tree_of = {1, 2, 3, 3}},
	{.name = "em", .says = "e, with all runs merged", .has_ranges = true, .trees = 3,
	 .tree = {NARROW("id", LAYOUT_TOKENS_WHOLE, 16), NARROW("content", LAYOUT_TOKENS_WHOLE, 16),
	          WIDE("keys", 16, 2)},
	 .tree_of = {1, 2, 3, 3}},
	{.name = "f", .says = "c, the observable's 8 bytes keeping /24s and parents together",
	 .has_ranges = true, .trees = 3,
	 .tree = {NARROW("id", LAYOUT_TOKENS_WHOLE, 0), NARROW("content", LAYOUT_TOKENS_WHOLE, 0),
	          NARROW("observable", LAYOUT_TOKENS_ORDERED, 0)},
	 .tree_of = {1, 2, 3, 0}},
	{.name = "fm", .says = "f, with runs merged", .has_ranges = true, .trees = 3,
	 .tree = {NARROW("id", LAYOUT_TOKENS_WHOLE, 16), NARROW("content", LAYOUT_TOKENS_WHOLE, 16),
	          NARROW("observable", LAYOUT_TOKENS_ORDERED, 16)},
	 .tree_of = {1, 2, 3, 0}},
	{.name = "g", .says = "f, with one filter for 64 runs", .has_ranges = true, .trees = 3,
	 .tree = {SLICED("id", LAYOUT_TOKENS_WHOLE, 1), SLICED("content", LAYOUT_TOKENS_WHOLE, 1),
	          SLICED("observable", LAYOUT_TOKENS_ORDERED, 1)},
	 .tree_of = {1, 2, 3, 0}},
	{.name = "h", .says = "g, with each domain's parent a key of its own",
	 .has_ranges = true, .trees = 3,
	 .tree = {SLICED("id", LAYOUT_TOKENS_WHOLE, 1), SLICED("content", LAYOUT_TOKENS_WHOLE, 1),
	          SLICED("observable", LAYOUT_TOKENS_NAMED, 2)},
	 .tree_of = {1, 2, 3, 0, 3}},
};
/* clang-format on */

const struct layout_form *
layout_forms_find(const char *name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].name, name) == 0)
			return &forms[i];
	return NULL;
}

void
layout_forms_key_of_number(uint64_t number, struct layout_key *key)
{
	key->len = sizeof(number);
	for (unsigned i = 0; i < sizeof(number); i++)
		key->bytes[i] = (uint8_t)(number >> (56 - 8 * i));
}

static void
key_of_hash(bool is_narrow, uint8_t tag, const uint8_t *hash, struct layout_key *key)
{
	uint32_t at = 0;

	if (!is_narrow)
		key->bytes[at++] = tag;
	memcpy(key->bytes + at, hash, 8);
	key->len = at + 8;
}

bool
layout_forms_key(const struct layout_tree_form *tree, enum layout_what what,
    const struct layout_record *record, struct layout_key *key)
{
	const struct layout_key *observable = &record->observable;

	switch (what) {
	case LAYOUT_ID:
		key_of_hash(tree->is_narrow, 'i', record->id, key);
		return true;
	case LAYOUT_CONTENT:
		key_of_hash(tree->is_narrow, 'c', record->content, key);
		return true;
	case LAYOUT_OBSERVABLE:
		if (!tree->is_narrow)
			*key = *observable;
		else if (tree->tokens == LAYOUT_TOKENS_ORDERED)
			layout_forms_key_of_number(layout_run_ordered(observable), key);
		else if (tree->tokens == LAYOUT_TOKENS_NAMED)
			layout_forms_key_of_number(layout_run_named(observable), key);
		else
			layout_forms_key_of_number(
			    layout_data_hash(observable->bytes, observable->len), key);
		return true;
	case LAYOUT_LABEL:
		*key = record->label;
		return true;
	case LAYOUT_PARENT:
		layout_forms_key_of_number(layout_run_parent(observable), key);
		return observable->bytes[0] == 'd';
	case LAYOUT_WHATS:
		break;
	}
	layout_db_die("a key", "of nothing");
}
