#include "wire/payload.h"

#include <assert.h>
#include <string.h>

#include "wire/keys.h"

#define KNOWN_KEYS 3u

static_assert(1u << PAYLOAD_PATH_MAX == BATCH_COUNT_MAX, "a path reaches from leaf to root");

static void
read_record(struct reader *reader, size_t *records_len, struct payload_entry *entry)
{
	reader_fixed(reader, entry->salt.bytes, sizeof(entry->salt.bytes));
	entry->record = reader_bin(reader, 1, RECORD_BYTES_MAX);
	*records_len += entry->record.len;
	if (*records_len > BATCH_BYTES_MAX)
		reader_fail(reader, ERR_TOO_LARGE);
}

static void
read_path(struct reader *reader, struct payload_entry *entry)
{
	struct bytes_view path;

	path = reader_bin(reader, 0, PAYLOAD_PATH_MAX * sizeof(struct hash));
	if (path.len % sizeof(struct hash) != 0)
		reader_fail(reader, ERR_RANGE);
	entry->path_count = (uint32_t)(path.len / sizeof(struct hash));
	entry->path = path.len > 0 ? path.data : NULL;
}

static void
read_entries(struct reader *reader, bool is_whole, struct payload *payload)
{
	size_t records_len = 0;
	uint32_t i;

	payload->is_whole = is_whole;
	payload->count = reader_array(reader, 1, BATCH_COUNT_MAX);
	for (i = 0; i < payload->count && reader_is_ok(reader); i++) {
		struct payload_entry *entry = &payload->entries[i];

		*entry = (struct payload_entry){.index = i};
		(void)reader_array(reader, is_whole ? 2 : 4, is_whole ? 2 : 4);
		if (!is_whole)
			entry->index = (uint32_t)reader_uint(reader, 0, BATCH_COUNT_MAX - 1);
		if (i > 0 && entry->index <= entry[-1].index)
			reader_fail(reader, ERR_ORDER);
		read_record(reader, &records_len, entry);
		if (!is_whole)
			read_path(reader, entry);
	}
}

enum err
payload_decode(struct bytes_view in, struct payload *out)
{
	struct reader_map map;
	struct reader reader;
	uint64_t key, keys = 0;

	if (in.len > PAYLOAD_BYTES_MAX)
		return ERR_TOO_LARGE;
	out->count = 0;
	reader_open(&reader, in);
	reader_map(&reader, &map, KNOWN_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(&reader, &map, &key)) {
		switch (key) {
		case PAYLOAD_SEAL:
			signed_read(&reader, SEAL_BYTES_MAX, &out->seal);
			break;
		case PAYLOAD_WHOLE:
			read_entries(&reader, true, out);
			break;
		case PAYLOAD_PART:
			if (keys_has(keys, PAYLOAD_WHOLE))
				reader_fail(&reader, ERR_NOT_CANONICAL);
			read_entries(&reader, false, out);
			break;
		default:
			reader_unknown(&reader, key);
		}
		keys_add(&keys, key);
	}
	keys_require(&reader, keys, KEYS_BIT(PAYLOAD_SEAL));
	if (!keys_has(keys, PAYLOAD_WHOLE))
		keys_require(&reader, keys, KEYS_BIT(PAYLOAD_PART));
	out->unknown = reader.unknown;
	return reader_close(&reader);
}

enum err
payload_encode(const struct payload *payload, struct bytes *out)
{
	struct writer writer;
	uint32_t i;

	assert(payload->count >= 1 && payload->count <= BATCH_COUNT_MAX);
	writer_open(&writer, out);
	writer_map(&writer, 2);
	writer_uint(&writer, PAYLOAD_SEAL);
	signed_write(&writer, &payload->seal);
	writer_uint(&writer, payload->is_whole ? PAYLOAD_WHOLE : PAYLOAD_PART);
	writer_array(&writer, payload->count);
	for (i = 0; i < payload->count; i++) {
		const struct payload_entry *entry = &payload->entries[i];

		writer_array(&writer, payload->is_whole ? 2 : 4);
		if (!payload->is_whole)
			writer_uint(&writer, entry->index);
		writer_bin(&writer, entry->salt.bytes, sizeof(entry->salt.bytes));
		writer_bin(&writer, entry->record.data, entry->record.len);
		if (!payload->is_whole)
			writer_bin(&writer, entry->path, entry->path_count * sizeof(struct hash));
	}
	return writer_close(&writer);
}
