#include "store/page.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"

#define VARINT_BYTES_MAX 10u

int
page_compare(struct bytes_view a, int64_t a_record, struct bytes_view b, int64_t b_record)
{
	int order = bytes_view_compare(a, b);

	if (order != 0)
		return order;
	return a_record < b_record ? -1 : a_record > b_record;
}

static size_t
put_varint(uint8_t *at, uint64_t value)
{
	size_t len = 0;

	for (; value > 0x7f; value >>= 7)
		at[len++] = (uint8_t)(value | 0x80);
	at[len++] = (uint8_t)value;
	return len;
}

void
page_clear(struct page_writer *writer)
{
	writer->len = 0;
	writer->key_len = 0;
	writer->count = 0;
}

bool
page_add(struct page_writer *writer, struct bytes_view key, int64_t record)
{
	uint8_t head[2 * VARINT_BYTES_MAX], tail[VARINT_BYTES_MAX];
	size_t least = key.len < writer->key_len ? key.len : writer->key_len;
	size_t shared = 0, rest, head_len, tail_len;

	assert(key.len <= KEYS_BYTES_MAX && record >= 0);
	while (shared < least && key.data[shared] == writer->key[shared])
		shared++;
	rest = key.len - shared;
	head_len = put_varint(head, shared);
	head_len += put_varint(head + head_len, rest);
	tail_len = put_varint(tail, (uint64_t)record);
	if (writer->count > 0 && writer->len + head_len + rest + tail_len > PAGE_BYTES)
		return false;
	memcpy(writer->data + writer->len, head, head_len);
	memcpy(writer->data + writer->len + head_len, key.data + shared, rest);
	memcpy(writer->data + writer->len + head_len + rest, tail, tail_len);
	writer->len += head_len + rest + tail_len;
	memcpy(writer->key + shared, key.data + shared, rest);
	writer->key_len = key.len;
	writer->count++;
	return true;
}

enum err
page_open(struct page_reader *reader, struct bytes_view data)
{
	reader->at = 0;
	reader->len = 0;
	reader->key_len = 0;
	reader->shared = 0;
	reader->record = 0;
	if (data.len > sizeof(reader->data))
		return ERR_CORRUPT;
	if (data.len > 0)
		memcpy(reader->data, data.data, data.len);
	reader->len = data.len;
	return ERR_NONE;
}

/* False: cut short, or above max. */
static bool
get_varint(struct page_reader *reader, uint64_t max, uint64_t *value)
{
	uint64_t found = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		if (reader->at == reader->len || shift > 63)
			return false;
		byte = reader->data[reader->at++];
		found |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while ((byte & 0x80) != 0);
	*value = found;
	return found <= max;
}

enum err
page_next(struct page_reader *reader)
{
	uint64_t shared, rest, record;

	if (reader->at == reader->len)
		return ERR_NOT_FOUND;
	if (!get_varint(reader, reader->key_len, &shared) ||
	    !get_varint(reader, KEYS_BYTES_MAX - shared, &rest) || rest > reader->len - reader->at)
		return ERR_CORRUPT;
	memcpy(reader->key + shared, reader->data + reader->at, rest);
	reader->at += rest;
	reader->key_len = shared + rest;
	reader->shared = shared;
	if (!get_varint(reader, NUMBER_MAX, &record))
		return ERR_CORRUPT;
	reader->record = (int64_t)record;
	return ERR_NONE;
}
