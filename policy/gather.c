#include "policy/gather.h"

#include <stdlib.h>
#include <string.h>

#include "policy/list.h"
#include "wire/observable.h"
#include "wire/predicate.h"
#include "wire/reader.h"

void
gather_init(struct gather *gather)
{
	bytes_init(&gather->text, LIST_BYTES_MAX);
	gather->starts = NULL;
	gather->count = 0;
	gather->room = 0;
}

void
gather_release(struct gather *gather)
{
	bytes_release(&gather->text);
	free(gather->starts);
	gather_init(gather);
}

static enum err
make_room(struct gather *gather)
{
	size_t room = gather->room == 0 ? 1024 : gather->room * 2;
	size_t *starts;

	/* the same value twice is no second entry, but that is found at the end */
	if (gather->count >= 2 * (size_t)LIST_ENTRIES_MAX)
		return ERR_TOO_LARGE;
	if (gather->count + 1 < gather->room)
		return ERR_NONE;
	starts = realloc(gather->starts, room * sizeof(*starts));
	if (starts == NULL)
		return ERR_MEMORY;
	gather->starts = starts;
	gather->room = room;
	return ERR_NONE;
}

static enum err
add(struct gather *gather, char kind, struct bytes_view value)
{
	size_t start = gather->text.len;
	enum err err = make_room(gather);

	if (err != ERR_NONE)
		return err;
	bytes_append_u8(&gather->text, (uint8_t)kind);
	bytes_append(&gather->text, value.data, value.len);
	bytes_append_u8(&gather->text, '\n');
	if (gather->text.err != ERR_NONE)
		return gather->text.err;
	gather->starts[gather->count++] = start;
	gather->starts[gather->count] = gather->text.len;
	return ERR_NONE;
}

static enum err
add_as(struct gather *gather, char kind, enum observable_type type, struct bytes_view text)
{
	struct bytes canonical;
	enum err err;

	bytes_init(&canonical, OBSERVABLE_BYTES_MAX);
	err = observable_parse(type, text, &canonical);
	if (err == ERR_NONE)
		err = add(gather, kind, bytes_as_view(&canonical));
	bytes_release(&canonical);
	return err;
}

enum err
gather_under(struct gather *gather, struct bytes_view domain)
{
	return add_as(gather, '.', OBSERVABLE_DOMAIN, domain);
}

enum err
gather_within(struct gather *gather, struct bytes_view network)
{
	enum observable_type type;

	/* an address by itself is a network of one */
	if (observable_guess(network, &type) && type != OBSERVABLE_CIDR)
		return gather_equal(gather, network);
	return add_as(gather, '/', OBSERVABLE_CIDR, network);
}

enum err
gather_like(struct gather *gather, struct bytes_view pattern)
{
	if (pattern.len == 0 || pattern.len > PREDICATE_PATTERN_BYTES_MAX ||
	    !reader_is_text(pattern, READER_LINE))
		return ERR_VALUE;
	return add(gather, '~', pattern);
}

enum err
gather_equal(struct gather *gather, struct bytes_view value)
{
	enum observable_type type;
	enum err err = ERR_VALUE, failure;
	int code;

	if (observable_guess(value, &type))
		return add_as(gather, '=', type, value);
	/* a phone number, an account, a file name: whatever it can be */
	for (code = 1; code <= OBSERVABLE_TYPE_MAX; code++) {
		failure = add_as(gather, '=', (enum observable_type)code, value);
		if (failure == ERR_NONE)
			err = ERR_NONE;
		else if (failure == ERR_MEMORY || failure == ERR_TOO_LARGE)
			return failure;
	}
	return err;
}

static struct bytes_view
trimmed(struct bytes_view line)
{
	while (line.len > 0 && strchr(" \t\r\n", line.data[line.len - 1]) != NULL &&
	       line.data[line.len - 1] != '\0')
		line.len--;
	while (line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
		line = bytes_view_of(line.data + 1, line.len - 1);
	return line;
}

enum err
gather_line(struct gather *gather, struct bytes_view line)
{
	enum observable_type type;

	line = trimmed(line);
	if (line.len == 0 || line.data[0] == '#')
		return ERR_NONE;
	if (line.len > 2 && line.data[0] == '*' && line.data[1] == '.')
		return gather_under(gather, bytes_view_of(line.data + 2, line.len - 2));
	if (line.data[0] == '.')
		return gather_under(gather, bytes_view_of(line.data + 1, line.len - 1));
	if (observable_guess(line, &type) && type == OBSERVABLE_CIDR)
		return gather_within(gather, line);
	return gather_equal(gather, line);
}

/* ------------------------------------------------------------------ sorting */

static struct bytes_view
entry_at(const struct gather *gather, const size_t *start)
{
	/* up to the end of its line: starts are sorted, so the next one says nothing */
	const uint8_t *data = gather->text.data + *start;
	const uint8_t *end = memchr(data, '\n', gather->text.len - *start);

	return bytes_view_of(data, (size_t)(end - data));
}

static int
compare(const struct gather *gather, size_t a, size_t b)
{
	return bytes_view_compare(entry_at(gather, &a), entry_at(gather, &b));
}

/* Merge the runs starts[low, middle) and starts[middle, high). */
static void
merge(struct gather *gather, size_t *spare, size_t low, size_t middle, size_t high)
{
	size_t a = low, b = middle, to = low;

	while (a < middle || b < high) {
		if (b == high ||
		    (a < middle && compare(gather, gather->starts[a], gather->starts[b]) <= 0))
			spare[to++] = gather->starts[a++];
		else
			spare[to++] = gather->starts[b++];
	}
	memcpy(gather->starts + low, spare + low, (high - low) * sizeof(*spare));
}

static enum err
sort(struct gather *gather)
{
	size_t *spare = calloc(gather->count + 1, sizeof(*spare));
	size_t width, low;

	if (spare == NULL)
		return ERR_MEMORY;
	for (width = 1; width < gather->count; width *= 2) {
		for (low = 0; low + width < gather->count; low += 2 * width) {
			size_t high = low + 2 * width;

			merge(gather, spare, low, low + width,
			    high < gather->count ? high : gather->count);
		}
	}
	free(spare);
	return ERR_NONE;
}

enum err
gather_finish(struct gather *gather, struct bytes *out)
{
	enum err err = sort(gather);
	size_t i;

	if (err != ERR_NONE)
		return err;
	bytes_append(out, LIST_CONTEXT, sizeof(LIST_CONTEXT) - 1);
	for (i = 0; i < gather->count; i++) {
		struct bytes_view entry = entry_at(gather, &gather->starts[i]);

		if (i > 0 && compare(gather, gather->starts[i - 1], gather->starts[i]) == 0)
			continue;
		bytes_append(out, entry.data, entry.len + 1);
	}
	return out->err;
}
