#include "wire/seal.h"

#include "wire/keys.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define KNOWN_KEYS 5u
#define REQUIRED_KEYS                                                                              \
	(KEYS_BIT(SEAL_ORG) | KEYS_BIT(SEAL_SERIAL) | KEYS_BIT(SEAL_SIZE) | KEYS_BIT(SEAL_ROOT) |  \
	    KEYS_BIT(SEAL_TIME))

static void
read_field(struct reader *reader, uint64_t key, struct seal *seal)
{
	switch (key) {
	case SEAL_ORG:
		reader_fixed(reader, seal->org.bytes, sizeof(seal->org.bytes));
		break;
	case SEAL_SERIAL:
		seal->serial = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case SEAL_SIZE:
		seal->size = (uint32_t)reader_uint(reader, 1, BATCH_COUNT_MAX);
		break;
	case SEAL_ROOT:
		reader_fixed(reader, seal->root.bytes, sizeof(seal->root.bytes));
		break;
	case SEAL_TIME:
		seal->time_ms = reader_uint(reader, 1, TIME_MS_MAX);
		break;
	default:
		reader_unknown(reader, key);
	}
}

enum err
seal_decode(struct bytes_view statement, struct seal *out)
{
	struct seal seal = {0};
	struct reader_map map;
	struct bytes_view body;
	struct reader reader;
	uint64_t key, keys = 0;
	enum err err;

	err = signed_statement_body(statement, SEAL_BYTES_MAX, CONTEXT_SEAL, &body);
	if (err != ERR_NONE)
		return err;
	reader_open(&reader, body);
	reader_map(&reader, &map, KNOWN_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(&reader, &map, &key)) {
		keys_add(&keys, key);
		read_field(&reader, key, &seal);
	}
	keys_require(&reader, keys, REQUIRED_KEYS);
	seal.unknown = reader.unknown;
	err = reader_close(&reader);
	if (err == ERR_NONE)
		*out = seal;
	return err;
}

enum err
seal_encode(const struct seal *seal, struct bytes *out)
{
	struct bytes_view line = signed_context(CONTEXT_SEAL);
	struct writer writer;

	bytes_append(out, line.data, line.len);
	writer_open(&writer, out);
	writer_map(&writer, KNOWN_KEYS);
	writer_uint(&writer, SEAL_ORG);
	writer_bin(&writer, seal->org.bytes, sizeof(seal->org.bytes));
	writer_uint(&writer, SEAL_SERIAL);
	writer_uint(&writer, seal->serial);
	writer_uint(&writer, SEAL_SIZE);
	writer_uint(&writer, seal->size);
	writer_uint(&writer, SEAL_ROOT);
	writer_bin(&writer, seal->root.bytes, sizeof(seal->root.bytes));
	writer_uint(&writer, SEAL_TIME);
	writer_uint(&writer, seal->time_ms);
	return writer_close(&writer);
}
