#include "policy/list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "wire/glob.h"
#include "wire/predicate.h"
#include "wire/reader.h"

/* Kinds of entries, as each line begins, in the order in which they stand. */
enum entry { ENTRY_UNDER = '.', ENTRY_WITHIN = '/', ENTRY_EQUAL = '=', ENTRY_LIKE = '~' };

struct network {
	uint8_t first[16];
	uint8_t last[16];
};

/* Entries of one kind: indices into list->starts, first up to end. */
struct span {
	uint32_t first;
	uint32_t end;
};

struct list {
	struct bytes text;
	struct hash hash;
	uint32_t count;
	uint32_t *starts; /* count + 1: where each line begins, and the end of the text */
	struct span under, within, equal, like;
	uint32_t networks_count;
	struct network *networks; /* ascending, none inside another */
};

static const uint8_t context[] = LIST_CONTEXT;
#define CONTEXT_LEN (sizeof(context) - 1)

static_assert(LIST_BYTES_MAX <= UINT32_MAX, "an offset into a list is 32 bits");

/* A line without its end. */
static struct bytes_view
line_at(const struct list *list, uint32_t entry)
{
	uint32_t start = list->starts[entry];

	return bytes_view_of(list->text.data + start, list->starts[entry + 1] - start - 1);
}

/* What stands behind the letter of its kind. */
static struct bytes_view
value_at(const struct list *list, uint32_t entry)
{
	struct bytes_view line = line_at(list, entry);

	return bytes_view_of(line.data + 1, line.len - 1);
}

/* ------------------------------------------------------------------ opening */

/* Of some type, for which is not said. */
static bool
is_canonical(struct bytes_view value)
{
	int type;

	for (type = 1; type <= OBSERVABLE_TYPE_MAX; type++) {
		if (observable_check((enum observable_type)type, value) == ERR_NONE)
			return true;
	}
	return false;
}

static enum err
check_entry(struct bytes_view line)
{
	struct bytes_view value;

	if (line.len < 2 || line.len - 1 > OBSERVABLE_BYTES_MAX)
		return ERR_VALUE;
	value = bytes_view_of(line.data + 1, line.len - 1);
	switch ((enum entry)line.data[0]) {
	case ENTRY_UNDER:
		return observable_check(OBSERVABLE_DOMAIN, value);
	case ENTRY_WITHIN:
		return observable_check(OBSERVABLE_CIDR, value);
	case ENTRY_EQUAL:
		return is_canonical(value) ? ERR_NONE : ERR_VALUE;
	case ENTRY_LIKE:
		return value.len <= PREDICATE_PATTERN_BYTES_MAX &&
			       reader_is_text(value, READER_LINE)
			   ? ERR_NONE
			   : ERR_VALUE;
	}
	return ERR_VALUE;
}

static struct span *
span_of(struct list *list, uint8_t kind)
{
	switch ((enum entry)kind) {
	case ENTRY_UNDER:
		return &list->under;
	case ENTRY_WITHIN:
		return &list->within;
	case ENTRY_EQUAL:
		return &list->equal;
	case ENTRY_LIKE:
		break;
	}
	return &list->like;
}

/* Take the next line, which begins at `at`. */
static enum err
take_line(struct list *list, size_t at, size_t end)
{
	struct bytes_view line = bytes_view_of(list->text.data + at, end - at);
	struct span *span;
	enum err err;

	if (list->count == LIST_ENTRIES_MAX)
		return ERR_TOO_LARGE;
	err = check_entry(line);
	if (err != ERR_NONE)
		return err;
	list->starts[list->count] = (uint32_t)at;
	list->starts[list->count + 1] = (uint32_t)end + 1;
	if (list->count > 0 && bytes_view_compare(line_at(list, list->count - 1), line) >= 0)
		return ERR_ORDER;
	span = span_of(list, line.data[0]);
	if (span->end == 0)
		span->first = list->count;
	span->end = ++list->count;
	if (span == &list->like && span->end - span->first > LIST_GLOBS_MAX)
		return ERR_TOO_LARGE;
	return ERR_NONE;
}

static uint32_t
count_lines(struct bytes_view text)
{
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < text.len; i++)
		count += text.data[i] == '\n';
	return count;
}

static enum err
take_lines(struct list *list, uint32_t *line)
{
	size_t at = CONTEXT_LEN;
	enum err err = ERR_NONE;

	while (at < list->text.len && err == ERR_NONE) {
		const uint8_t *start = list->text.data + at;
		const uint8_t *end = memchr(start, '\n', list->text.len - at);

		if (line != NULL)
			(*line)++;
		if (end == NULL)
			return ERR_TRUNCATED;
		err = take_line(list, at, at + (size_t)(end - start));
		at += (size_t)(end - start) + 1;
	}
	return err;
}

static int
compare_networks(const void *a, const void *b)
{
	const struct network *x = a, *y = b;
	int order = memcmp(x->first, y->first, sizeof(x->first));

	/* of two that begin together the larger one comes first, and holds the other */
	return order != 0 ? order : memcmp(y->last, x->last, sizeof(x->last));
}

/* Ranges of networks lie inside one another or apart: what lies inside is left out. */
static enum err
index_networks(struct list *list)
{
	uint32_t count = list->within.end - list->within.first;
	uint32_t i;

	if (count == 0)
		return ERR_NONE;
	list->networks = calloc(count, sizeof(*list->networks));
	if (list->networks == NULL)
		return ERR_MEMORY;
	for (i = 0; i < count; i++) {
		struct observable network = {
		    OBSERVABLE_CIDR, value_at(list, list->within.first + i)};

		if (!observable_range(&network, list->networks[i].first, list->networks[i].last))
			return ERR_VALUE;
	}
	qsort(list->networks, count, sizeof(*list->networks), compare_networks);
	for (i = 0; i < count; i++) {
		uint32_t kept = list->networks_count;

		if (kept > 0 && memcmp(list->networks[i].last, list->networks[kept - 1].last,
				    sizeof(list->networks[i].last)) <= 0)
			continue;
		list->networks[list->networks_count++] = list->networks[i];
	}
	return ERR_NONE;
}

enum err
list_open(struct bytes_view canonical, struct list **out, uint32_t *line)
{
	struct list *list;
	enum err err;

	if (line != NULL)
		*line = 1;
	if (canonical.len > LIST_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (canonical.len < CONTEXT_LEN || memcmp(canonical.data, context, CONTEXT_LEN) != 0)
		return ERR_FORMAT;
	list = calloc(1, sizeof(*list));
	if (list == NULL)
		return ERR_MEMORY;
	bytes_init(&list->text, LIST_BYTES_MAX);
	bytes_append(&list->text, canonical.data, canonical.len);
	list->starts = calloc((size_t)count_lines(canonical) + 2, sizeof(*list->starts));
	err = list->text.err;
	if (err == ERR_NONE && list->starts == NULL)
		err = ERR_MEMORY;
	if (err == ERR_NONE)
		err = take_lines(list, line);
	if (err == ERR_NONE)
		err = index_networks(list);
	if (err != ERR_NONE) {
		list_free(list);
		return err;
	}
	digest_sha256(canonical, &list->hash);
	*out = list;
	return ERR_NONE;
}

void
list_free(struct list *list)
{
	if (list == NULL)
		return;
	bytes_release(&list->text);
	free(list->starts);
	free(list->networks);
	free(list);
}

/* ------------------------------------------------------------------ asking */

static bool
has_value(const struct list *list, const struct span *span, struct bytes_view value)
{
	uint32_t low = span->first, high = span->end;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = bytes_view_compare(value, value_at(list, middle));

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* The host itself, then every domain above it. */
static bool
has_domain(const struct list *list, struct bytes_view host)
{
	const uint8_t *dot;

	while (host.len > 0) {
		if (has_value(list, &list->under, host))
			return true;
		dot = memchr(host.data, '.', host.len);
		if (dot == NULL)
			return false;
		host.len -= (size_t)(dot + 1 - host.data);
		host.data = dot + 1;
	}
	return false;
}

static bool
has_range(const struct list *list, const struct observable *observable)
{
	uint32_t low = 0, high = list->networks_count;
	uint8_t first[16], last[16];

	if (high == 0 || !observable_range(observable, first, last))
		return false;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (memcmp(list->networks[middle].first, first, sizeof(first)) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && memcmp(last, list->networks[low - 1].last, sizeof(last)) <= 0;
}

bool
list_has(const struct list *list, const struct observable *observable)
{
	uint32_t i;

	if (has_value(list, &list->equal, observable->value) ||
	    has_domain(list, observable_host(observable)) || has_range(list, observable))
		return true;
	for (i = list->like.first; i < list->like.end; i++) {
		if (glob_match(value_at(list, i), observable->value))
			return true;
	}
	return false;
}

uint32_t
list_count(const struct list *list)
{
	return list->count;
}

void
list_hash(const struct list *list, struct hash *out)
{
	*out = list->hash;
}
