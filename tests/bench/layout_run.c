#include "tests/bench/layout_run.h"

#include <stdlib.h>
#include <string.h>

enum { NARROW = 8, NARROW_ENTRY = 16, ENTRY_MAX = 2 + LAYOUT_KEY_MAX + 5 };
enum { ORDERED_DOMAIN = 1, ORDERED_IPV4, ORDERED_HASH, NAMED_DOMAIN, NAMED_PARENT };

/* A domain's key up to its second dot: the registered name. */
static uint32_t
parent_len(const uint8_t *key, uint32_t len)
{
	unsigned dots = 0;

	for (uint32_t i = 0; i < len; i++)
		if (key[i] == '.' && ++dots == 2)
			return i + 1;
	return len;
}

uint64_t
layout_run_ordered(const struct layout_key *observable)
{
	const uint8_t *key = observable->bytes;
	uint64_t whole = layout_data_hash(key, observable->len);

	if (key[0] == 'd')
		return (uint64_t)ORDERED_DOMAIN << 60 |
		       layout_data_hash(key, parent_len(key, observable->len)) >> 36 << 32 |
		       whole >> 32;
	if (key[0] == 'a')
		return (uint64_t)ORDERED_IPV4 << 60 | (uint64_t)key[1] << 52 |
		       (uint64_t)key[2] << 44 | (uint64_t)key[3] << 36 | (uint64_t)key[4] << 28;
	return (uint64_t)ORDERED_HASH << 60 | whole >> 4;
}

uint64_t
layout_run_named(const struct layout_key *observable)
{
	if (observable->bytes[0] != 'd')
		return layout_run_ordered(observable);
	return (uint64_t)NAMED_DOMAIN << 60 |
	       layout_data_hash(observable->bytes, observable->len) >> 4;
}

uint64_t
layout_run_parent(const struct layout_key *observable)
{
	uint32_t len = parent_len(observable->bytes, observable->len);

	return (uint64_t)NAMED_PARENT << 60 | layout_data_hash(observable->bytes, len) >> 4;
}

/* The narrow key's /24, if it is an address; else all of it. */
static uint64_t
address_of(uint64_t prefix)
{
	return prefix >> 60 == ORDERED_IPV4 ? prefix >> 36 << 36 : prefix;
}

/* No address ends in a bit: what a /24 is known by is nobody's whole key. */
uint64_t
layout_run_named_24(uint64_t address_key)
{
	return layout_data_mix(address_of(address_key) | 1);
}

uint64_t
layout_run_token(enum layout_tokens tokens, const uint8_t *key, uint32_t len)
{
	uint64_t prefix;

	if (tokens == LAYOUT_TOKENS_WHOLE || tokens == LAYOUT_TOKENS_TAGGED)
		return layout_data_hash(key, len);
	prefix = layout_sorted_view(key, len).prefix;
	if (tokens == LAYOUT_TOKENS_NAMED)
		return layout_data_mix(prefix);
	if (prefix >> 60 == ORDERED_DOMAIN)
		return layout_data_mix(prefix >> 32 << 32);
	return layout_data_mix(address_of(prefix));
}

unsigned
layout_run_tokens(
    enum layout_tokens tokens, const uint8_t *key, uint32_t len, uint64_t hashes[LAYOUT_TOKENS_MAX])
{
	if (tokens == LAYOUT_TOKENS_TAGGED && key[0] == 'l')
		return 0; /* every run has every label */
	hashes[0] = layout_run_token(tokens, key, len);
	if (tokens == LAYOUT_TOKENS_NAMED) {
		hashes[1] = layout_run_named_24(layout_sorted_view(key, len).prefix);
		return key[0] >> 4 == ORDERED_IPV4 ? 2 : 1;
	}
	if (tokens != LAYOUT_TOKENS_TAGGED || (key[0] != 'd' && key[0] != 'a'))
		return 1;
	hashes[1] = layout_data_hash(key, key[0] == 'd' ? parent_len(key, len) : 4);
	return 2;
}

void
layout_run_narrow(uint64_t prefix, uint8_t bytes[NARROW])
{
	for (unsigned i = 0; i < NARROW; i++)
		bytes[i] = (uint8_t)(prefix >> (56 - 8 * i));
}

void
layout_run_start(struct layout_writer *writer, struct layout_pages *pages, struct layout_run *run,
    bool is_narrow, enum layout_tokens tokens, size_t entries, unsigned bits)
{
	memset(run, 0, sizeof(*run));
	memset(writer, 0, sizeof(*writer));
	run->first = pages->next;
	run->arena_len = 1;
	writer->pages = pages;
	writer->run = run;
	writer->is_narrow = is_narrow;
	writer->tokens = tokens;
	writer->has_tokens = bits != 0;
	if (bits != 0)
		layout_filter_init(&run->filter, entries, bits);
}

static void *
grow(void *memory, size_t size)
{
	void *grown = realloc(memory, size);

	if (grown == NULL)
		layout_db_die("memory", "none left");
	return grown;
}

static void
put_fence(struct layout_writer *writer, struct layout_view key)
{
	struct layout_run *run = writer->run;

	if (run->pages == run->pages_max) {
		run->pages_max += run->pages_max / 2 + 16;
		run->prefixes = grow(run->prefixes, run->pages_max * sizeof(*run->prefixes));
		if (!writer->is_narrow)
			run->tails = grow(run->tails, run->pages_max * sizeof(*run->tails));
	}
	run->prefixes[run->pages] = key.prefix;
	if (!writer->is_narrow) {
		if (run->arena_len + 1 + key.len > run->arena_max) {
			run->arena_max += run->arena_max / 2 + 1024;
			run->arena = grow(run->arena, run->arena_max);
		}
		run->tails[run->pages] = (uint32_t)run->arena_len;
		run->arena[run->arena_len++] = (uint8_t)key.len;
		memcpy(run->arena + run->arena_len, key.bytes, key.len);
		run->arena_len += key.len;
	}
	run->pages++;
}

static void
flush(struct layout_writer *writer)
{
	sqlite3_stmt *insert = writer->pages->insert;

	if (writer->len == 0)
		return;
	sqlite3_bind_int64(insert, 1, writer->pages->next++);
	sqlite3_bind_blob(insert, 2, writer->page, (int)writer->len, SQLITE_STATIC);
	layout_db_run(writer->pages->db, insert);
	writer->len = 0;
	writer->last.len = 0;
}

static void
put_coded(struct layout_writer *writer, struct layout_view key, uint32_t row)
{
	struct layout_key *last = &writer->last;
	uint8_t *at = writer->page + writer->len;
	uint32_t shared = 0, rest, number = row;

	while (shared < last->len && shared < key.len && last->bytes[shared] == key.bytes[shared])
		shared++;
	rest = key.len - shared;
	if (rest == 0 && last->len == key.len)
		number = row - writer->last_row;
	*at++ = (uint8_t)shared;
	*at++ = (uint8_t)rest;
	memcpy(at, key.bytes + shared, rest);
	at += rest;
	for (; number >= 128; number >>= 7)
		*at++ = (uint8_t)(number | 128);
	*at++ = (uint8_t)number;
	writer->len = (uint32_t)(at - writer->page);
	memcpy(last->bytes + shared, key.bytes + shared, rest);
	last->len = key.len;
	writer->last_row = row;
}

static void
put_tokens(struct layout_writer *writer, struct layout_view key)
{
	uint8_t narrow[NARROW];
	uint64_t hashes[LAYOUT_TOKENS_MAX];
	unsigned count;

	if (writer->is_narrow) {
		layout_run_narrow(key.prefix, narrow);
		count = layout_run_tokens(writer->tokens, narrow, NARROW, hashes);
	} else {
		count = layout_run_tokens(writer->tokens, key.bytes, key.len, hashes);
	}
	for (unsigned i = 0; i < count; i++)
		layout_filter_add(&writer->run->filter, hashes[i]);
}

void
layout_run_add(struct layout_writer *writer, struct layout_view key, uint32_t row)
{
	uint32_t most = writer->is_narrow ? NARROW_ENTRY : ENTRY_MAX;
	uint64_t number = row;

	if (writer->len + most > LAYOUT_PAGE)
		flush(writer);
	if (writer->len == 0)
		put_fence(writer, key);
	if (writer->is_narrow) {
		memcpy(writer->page + writer->len, &key.prefix, NARROW);
		memcpy(writer->page + writer->len + NARROW, &number, sizeof(number));
		writer->len += NARROW_ENTRY;
	} else {
		put_coded(writer, key, row);
	}
	if (writer->has_tokens)
		put_tokens(writer, key);
	writer->run->entries++;
}

void
layout_run_done(struct layout_writer *writer)
{
	flush(writer);
}

void
layout_run_clear(struct layout_run *run)
{
	layout_filter_clear(&run->filter);
	free(run->prefixes);
	free(run->tails);
	free(run->arena);
}

size_t
layout_run_size(const struct layout_run *run)
{
	return layout_filter_size(&run->filter) + run->arena_max +
	       run->pages_max *
		   (sizeof(*run->prefixes) + (run->tails != NULL ? sizeof(*run->tails) : 0));
}

static uint32_t
page_start(const struct layout_pages *pages, const struct layout_run *run, uint32_t index,
    const uint8_t **data)
{
	sqlite3_bind_int64(pages->select, 1, run->first + index);
	if (sqlite3_step(pages->select) != SQLITE_ROW)
		layout_db_die("a page", sqlite3_errmsg(pages->db->sqlite));
	*data = sqlite3_column_blob(pages->select, 0);
	return (uint32_t)sqlite3_column_bytes(pages->select, 0);
}

uint32_t
layout_run_page(
    const struct layout_pages *pages, const struct layout_run *run, uint32_t index, uint8_t *out)
{
	const uint8_t *data;
	uint32_t len = page_start(pages, run, index, &data);

	memcpy(out, data, len);
	sqlite3_reset(pages->select);
	return len;
}

bool
layout_run_next(struct layout_page_reader *reader)
{
	const uint8_t *data = reader->data + reader->at;
	uint32_t rest, before = reader->key.len, row = 0;
	uint64_t wide;

	if (reader->at == reader->len)
		return false;
	if (reader->is_narrow) {
		memcpy(&reader->prefix, data, NARROW);
		memcpy(&wide, data + NARROW, sizeof(wide));
		reader->row = (uint32_t)wide;
		reader->key.len = NARROW;
		reader->at += NARROW_ENTRY;
		return true;
	}
	rest = data[1];
	reader->key.len = data[0] + rest;
	memcpy(reader->key.bytes + data[0], data + 2, rest);
	if (data[0] < NARROW)
		reader->prefix = layout_sorted_view(reader->key.bytes, reader->key.len).prefix;
	data += 2 + rest;
	for (unsigned shift = 0;; shift += 7) {
		row |= (uint32_t)(*data & 127) << shift;
		if (*data++ < 128)
			break;
	}
	reader->row = rest == 0 && before == reader->key.len ? reader->row + row : row;
	reader->at = (uint32_t)(data - reader->data);
	return true;
}

/* How many pages begin below `key`. */
static uint32_t
pages_below(const struct layout_run *run, struct layout_view key)
{
	uint32_t low = 0, high = run->pages;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct layout_view fence = {.prefix = run->prefixes[middle], .len = NARROW};

		if (run->tails != NULL) {
			fence.len = run->arena[run->tails[middle]];
			fence.bytes = run->arena + run->tails[middle] + 1;
		}
		if (layout_sorted_compare(fence, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first narrow entry that is not below `prefix`. */
static uint32_t
seek_narrow(const uint8_t *data, uint32_t len, uint64_t prefix)
{
	uint32_t low = 0, high = len / NARROW_ENTRY;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint64_t key;

		memcpy(&key, data + middle * NARROW_ENTRY, sizeof(key));
		if (key < prefix)
			low = middle + 1;
		else
			high = middle;
	}
	return low * NARROW_ENTRY;
}

void
layout_run_find(const struct layout_pages *pages, const struct layout_run *run, bool is_narrow,
    const struct layout_range *range, struct layout_rows *rows)
{
	struct layout_view low = layout_sorted_view(range->low.bytes, range->low.len);
	struct layout_view high = layout_sorted_view(range->high.bytes, range->high.len);
	uint32_t at, end;

	if (!layout_sorted_may(&run->filter, range))
		return;
	at = pages_below(run, low);
	end = pages_below(run, high);
	for (at = at > 0 ? at - 1 : 0; at < end; at++) {
		struct layout_page_reader reader = {.is_narrow = is_narrow};

		reader.len = page_start(pages, run, at, &reader.data);
		if (is_narrow)
			reader.at = seek_narrow(reader.data, reader.len, low.prefix);
		while (layout_run_next(&reader)) {
			struct layout_view key = {reader.prefix, reader.key.bytes, reader.key.len};

			if (layout_sorted_compare(key, low) < 0)
				continue;
			if (layout_sorted_compare(key, high) >= 0)
				break;
			if (rows->count < LAYOUT_ROWS_MAX)
				rows->rows[rows->count] = reader.row;
			rows->count++;
		}
		sqlite3_reset(pages->select);
	}
}
