#include "store/candidates.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/handle.h"
#include "wire/words.h"

/* words of one value that are looked up: more hardly make it fewer */
#define WORDS_ASKED 6u

void
candidates_release(struct candidates *candidates)
{
	free(candidates->numbers);
	*candidates = (struct candidates){0};
}

static void
become_all(struct candidates *candidates)
{
	candidates_release(candidates);
	candidates->is_all = true;
}

/* ------------------------------------------------------------------ sets of numbers */

static enum err
append(struct candidates *candidates, int64_t number)
{
	if (candidates->count == candidates->cap) {
		uint32_t cap = candidates->cap == 0 ? 64 : 2 * candidates->cap;
		int64_t *numbers = realloc(candidates->numbers, cap * sizeof(*numbers));

		if (numbers == NULL)
			return ERR_MEMORY;
		candidates->numbers = numbers;
		candidates->cap = cap;
	}
	candidates->numbers[candidates->count++] = number;
	return ERR_NONE;
}

static int
compare(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

static void
arrange(struct candidates *candidates)
{
	uint32_t i, out = 0;

	if (candidates->count < 2)
		return;
	qsort(candidates->numbers, candidates->count, sizeof(*candidates->numbers), compare);
	for (i = 0; i < candidates->count; i++) {
		if (out == 0 || candidates->numbers[out - 1] != candidates->numbers[i])
			candidates->numbers[out++] = candidates->numbers[i];
	}
	candidates->count = out;
}

/* a becomes what is in both; b is not to be used again. */
static void
intersect(struct candidates *a, struct candidates *b)
{
	uint32_t i = 0, j = 0, out = 0;

	if (a->is_all || b->is_all) {
		if (a->is_all) {
			*a = *b;
			*b = (struct candidates){0};
		}
		candidates_release(b);
		return;
	}
	while (i < a->count && j < b->count) {
		if (a->numbers[i] < b->numbers[j])
			i++;
		else if (a->numbers[i] > b->numbers[j])
			j++;
		else {
			a->numbers[out++] = a->numbers[i++];
			j++;
		}
	}
	a->count = out;
	candidates_release(b);
}

/* a becomes what is in either; b is not to be used again. */
static enum err
unite(struct candidates *a, struct candidates *b)
{
	enum err err = ERR_NONE;
	uint32_t i;

	if (!a->is_all && a->count == 0) {
		candidates_release(a);
		*a = *b;
		return ERR_NONE;
	}
	if (a->is_all || b->is_all || a->count + b->count > CANDIDATES_MAX) {
		become_all(a);
	} else {
		for (i = 0; i < b->count && err == ERR_NONE; i++)
			err = append(a, b->numbers[i]);
		arrange(a);
	}
	candidates_release(b);
	return err;
}

/* ------------------------------------------------------------------ what the index has */

/* out is empty. */
static enum err
of_range(
    struct store *store, enum keys_space space, uint64_t low, uint64_t high, struct candidates *out)
{
	struct seek *seek = store->index.probe;
	enum err err = index_seek(store, seek, space, low, high);

	while (err == ERR_NONE && (err = seek_next(seek)) == ERR_NONE) {
		int64_t count, number = keys_records(space, seek->entry.number, &count);

		if (out->count + (uint32_t)count > CANDIDATES_MAX) {
			become_all(out);
			return ERR_NONE;
		}
		for (; count > 0 && err == ERR_NONE; count--)
			err = append(out, number++);
	}
	arrange(out);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

struct wording {
	struct store *store;
	struct candidates *out;
	uint32_t count;
};

static enum err
take_word(void *context, struct bytes_view word)
{
	struct wording *wording = context;
	uint64_t key = keys_word(index_seed(wording->store), word);
	struct candidates found = {0};
	enum err err;

	if (wording->count == WORDS_ASKED)
		return ERR_NONE;
	wording->count++;
	err = of_range(wording->store, KEYS_WORDS, key, key, &found);
	intersect(wording->out, &found);
	return err;
}

/* Records that have all words of a text, and those that have more words than are entered. */
static enum err
of_words(struct store *store, struct bytes_view text, struct candidates *out)
{
	uint64_t key = keys_many_words(index_seed(store));
	struct wording wording = {store, out, 0};
	struct candidates others = {0};
	enum err err;

	out->is_all = true;
	err = words_each(text, take_word, &wording);
	if (err == ERR_NONE)
		err = of_range(store, KEYS_WORDS, key, key, &others);
	if (err == ERR_NONE)
		err = unite(out, &others);
	else
		candidates_release(&others);
	return err;
}

static enum err
of_network(struct store *store, const struct predicate_value *value, struct candidates *out)
{
	uint64_t low, high;

	keys_network(value->first, value->last, &low, &high);
	return of_range(store, KEYS_ADDRESSES, low, high, out);
}

/* Whatever has the host or one below it, and the domain of that name. */
static enum err
of_host(struct store *store, struct bytes_view host, struct candidates *out)
{
	enum keys_space space;
	uint64_t key = keys_host(index_seed(store), host, &space);
	struct candidates itself = {0};
	enum err err = of_range(store, space, key, key, out);

	key = keys_value(index_seed(store), host);
	if (err == ERR_NONE)
		err = of_range(store, KEYS_NAMES, key, key, &itself);
	if (err == ERR_NONE)
		err = unite(out, &itself);
	else
		candidates_release(&itself);
	return err;
}

/* What one value of a comparison leads to. */
static enum err
of_value(struct store *store, const struct predicate *predicate, const struct predicate_node *node,
    const struct predicate_value *value, struct candidates *out)
{
	struct bytes_view text = predicate_text(predicate, value);
	uint64_t seed = index_seed(store), key;

	if (node->field == PREDICATE_VALUE && node->op == PREDICATE_WITHIN)
		return of_network(store, value, out);
	if (node->field == PREDICATE_VALUE && node->op == PREDICATE_EQUAL) {
		key = keys_value(seed, text);
		return of_range(store, KEYS_NAMES, key, key, out);
	}
	if (node->field == PREDICATE_VALUE && node->op == PREDICATE_UNDER)
		return of_host(store, text, out);
	if (node->field == PREDICATE_LABEL && node->op == PREDICATE_EQUAL) {
		key = keys_label(seed, text);
		return of_range(store, KEYS_WORDS, key, key, out);
	}
	if (node->field == PREDICATE_WORDS ||
	    ((node->field == PREDICATE_TITLE || node->field == PREDICATE_BODY) &&
		node->op == PREDICATE_EQUAL))
		return of_words(store, text, out);
	become_all(out);
	return ERR_NONE;
}

static enum err
of_comparison(struct store *store, const struct predicate *predicate,
    const struct predicate_node *node, struct candidates *out)
{
	enum err err = ERR_NONE;
	uint32_t n;

	for (n = 0; n < node->values && err == ERR_NONE && !out->is_all; n++) {
		struct candidates found = {0};

		err = of_value(
		    store, predicate, node, predicate_value_at(predicate, node, n), &found);
		if (err == ERR_NONE)
			err = unite(out, &found);
		else
			candidates_release(&found);
	}
	return err;
}

/* ------------------------------------------------------------------ groups */

/* The groups that are open, and the predicate itself as an `and` of one. */
struct level {
	enum predicate_op op;
	uint32_t children;
	struct candidates found;
};

struct finder {
	struct store *store;
	enum err err;
	uint32_t depth;
	struct level levels[PREDICATE_DEPTH_MAX + 2];
};

static void
join(struct finder *finder, struct candidates *found)
{
	struct level *level = &finder->levels[finder->depth];
	enum err err = ERR_NONE;

	if (level->children++ == 0) {
		level->found = *found;
		return;
	}
	if (level->op == PREDICATE_OR)
		err = unite(&level->found, found);
	else
		intersect(&level->found, found);
	if (finder->err == ERR_NONE)
		finder->err = err;
}

static void
close_group(struct finder *finder)
{
	struct level *level = &finder->levels[finder->depth--];

	/* the index tells who may satisfy something, not who surely does */
	if (level->op == PREDICATE_NOT)
		become_all(&level->found);
	join(finder, &level->found);
	level->found = (struct candidates){0};
}

static void
visit(void *context, enum predicate_step step, const struct predicate *predicate,
    const struct predicate_node *node)
{
	struct finder *finder = context;
	struct candidates found = {0};
	enum err err;

	switch (step) {
	case PREDICATE_STEP_OPEN:
		assert(finder->depth + 1 < sizeof(finder->levels) / sizeof(*finder->levels));
		finder->levels[++finder->depth] = (struct level){.op = node->op};
		break;
	case PREDICATE_STEP_NEXT:
		break;
	case PREDICATE_STEP_CLOSE:
		close_group(finder);
		break;
	case PREDICATE_STEP_LEAF:
		err = finder->err == ERR_NONE
			  ? of_comparison(finder->store, predicate, node, &found)
			  : ERR_NONE;
		if (finder->err == ERR_NONE)
			finder->err = err;
		join(finder, &found);
		break;
	}
}

enum err
candidates_find(struct store *store, const struct predicate *predicate, struct candidates *out)
{
	struct finder finder = {.store = store, .levels[0].op = PREDICATE_AND};

	*out = (struct candidates){.is_all = true};
	if (predicate == NULL || predicate->nodes_count == 0)
		return ERR_NONE;
	predicate_walk(predicate, visit, &finder);
	*out = finder.levels[0].found;
	return finder.err;
}
