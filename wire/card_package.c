#include "wire/card.h"

#include <assert.h>
#include <string.h>

#include "wire/keys.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define PACKAGE_KEYS 2u

static void
read_roots(struct reader *reader, struct card_package *package)
{
	uint32_t i;

	package->roots_count = reader_array(reader, 1, ROOT_VERSIONS_MAX);
	for (i = 0; i < package->roots_count && reader_is_ok(reader); i++)
		signed_read(reader, ROOT_BYTES_MAX, &package->roots[i]);
}

enum err
card_package_decode(struct bytes_view in, struct card_package *out)
{
	struct reader_map map;
	struct reader reader;
	uint64_t key, keys = 0;

	if (in.len > CARD_PACKAGE_BYTES_MAX)
		return ERR_TOO_LARGE;
	out->roots_count = 0;
	reader_open(&reader, in);
	reader_map(&reader, &map, PACKAGE_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(&reader, &map, &key)) {
		keys_add(&keys, key);
		switch (key) {
		case CARD_PACKAGE_ROOTS:
			read_roots(&reader, out);
			break;
		case CARD_PACKAGE_CARD:
			signed_read(&reader, CARD_BYTES_MAX, &out->card);
			break;
		default:
			reader_unknown(&reader, key);
		}
	}
	keys_require(&reader, keys, KEYS_BIT(CARD_PACKAGE_ROOTS) | KEYS_BIT(CARD_PACKAGE_CARD));
	out->unknown = reader.unknown;
	return reader_close(&reader);
}

enum err
card_package_encode(const struct card_package *package, struct bytes *out)
{
	size_t before = out->len;
	struct writer writer;
	enum err err;
	uint32_t i;

	assert(package->roots_count >= 1 && package->roots_count <= ROOT_VERSIONS_MAX);
	writer_open(&writer, out);
	writer_map(&writer, PACKAGE_KEYS);
	writer_uint(&writer, CARD_PACKAGE_ROOTS);
	writer_array(&writer, package->roots_count);
	for (i = 0; i < package->roots_count; i++)
		signed_write(&writer, &package->roots[i]);
	writer_uint(&writer, CARD_PACKAGE_CARD);
	signed_write(&writer, &package->card);
	err = writer_close(&writer);
	if (err == ERR_NONE && out->len - before > CARD_PACKAGE_BYTES_MAX)
		err = ERR_TOO_LARGE;
	if (err != ERR_NONE)
		out->len = before;
	return err;
}

enum err
card_package_verify(const struct card_package *package, struct card *card)
{
	struct org_id org;
	struct root newest;
	struct card found;
	enum err err;

	err = root_chain_verify(package->roots, package->roots_count, &org, &newest);
	if (err != ERR_NONE)
		return err;
	err = root_verify(&newest, &package->card);
	if (err != ERR_NONE)
		return err;
	err = card_decode(package->card.statement, &found);
	if (err != ERR_NONE)
		return err;
	if (memcmp(found.org.bytes, org.bytes, sizeof(org.bytes)) != 0)
		return ERR_INVALID;
	*card = found;
	return ERR_NONE;
}

enum err
card_package_open(struct bytes_view bytes, struct card_package *package, struct card *card)
{
	enum err err = card_package_decode(bytes, package);

	return err == ERR_NONE ? card_package_verify(package, card) : err;
}
