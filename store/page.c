#include "store/page.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"

#define VARINT_BYTES_MAX 10u

static size_t
put_varint(uint8_t *out, uint64_t value)
{
	size_t len = 0;

	for (; value >= 0x80; value >>= 7)
		out[len++] = (uint8_t)(value | 0x80);
	out[len++] = (uint8_t)value;
	return len;
}

void
page_clear(struct page_writer *writer, int64_t base)
{
	writer->base = base;
	writer->len = 0;
	writer->count = 0;
	writer->last = (struct page_entry){0};
}

bool
page_add(struct page_writer *writer, const struct page_entry *entry)
{
	const struct page_entry *last = &writer->last;
	bool is_again = writer->count > 0 && entry->key == last->key;
	int64_t from = is_again ? last->number : writer->base;
	uint8_t room[2 * VARINT_BYTES_MAX];
	size_t len;

	assert(writer->count == 0 || entry->key > last->key ||
	       (entry->key == last->key && entry->number >= last->number));
	assert(entry->number >= from);
	len = put_varint(room, entry->key - last->key);
	len += put_varint(room + len, (uint64_t)(entry->number - from));
	if (len > PAGE_BYTES - writer->len)
		return false;
	memcpy(writer->data + writer->len, room, len);
	writer->len += len;
	writer->last = *entry;
	writer->count++;
	return true;
}

enum err
page_open(struct page_reader *reader, struct bytes_view data, int64_t base)
{
	reader->base = base;
	reader->at = 0;
	reader->len = 0;
	reader->is_started = false;
	reader->entry = (struct page_entry){0};
	if (data.len > sizeof(reader->data))
		return ERR_CORRUPT;
	if (data.len > 0)
		memcpy(reader->data, data.data, data.len);
	reader->len = data.len;
	return ERR_NONE;
}

static bool
take_varint(struct page_reader *reader, uint64_t *out)
{
	uint64_t value = 0;
	uint32_t shift;

	for (shift = 0; shift < 64 && reader->at < reader->len; shift += 7) {
		uint8_t byte = reader->data[reader->at++];

		if (shift == 63 && byte > 1)
			return false;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*out = value;
			return shift == 0 || byte != 0; /* the shortest form only */
		}
	}
	return false;
}

enum err
page_next(struct page_reader *reader)
{
	struct page_entry *entry = &reader->entry;
	uint64_t key, number, from;
	bool is_again;

	if (reader->at == reader->len)
		return ERR_NOT_FOUND;
	if (!take_varint(reader, &key) || !take_varint(reader, &number))
		return ERR_CORRUPT;
	is_again = reader->is_started && key == 0;
	from = (uint64_t)(is_again ? entry->number : reader->base);
	if (key > UINT64_MAX - entry->key || number > NUMBER_MAX || from > NUMBER_MAX - number)
		return ERR_CORRUPT;
	entry->key += key;
	entry->number = (int64_t)(from + number);
	reader->is_started = true;
	return ERR_NONE;
}
