#include "wire/root.h"

#include <assert.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/signer.h"
#include "wire/keys.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define KNOWN_KEYS 6u
#define SUITE_MAX 255u
/* where the predecessor's signers begin in a signed thing */
#define PREDECESSOR_OFFSET ROOT_KEYS_MAX

static_assert(SIGNATURES_MAX >= 2 * ROOT_KEYS_MAX, "both roots' keys fit one signed thing");

#define REQUIRED_KEYS                                                                              \
	(KEYS_BIT(ROOT_VERSION) | KEYS_BIT(ROOT_CREATED) | KEYS_BIT(ROOT_THRESHOLD) |              \
	    KEYS_BIT(ROOT_KEYS) | KEYS_BIT(ROOT_NEXT))

static bool
has_key(const struct root *root, uint32_t count, struct bytes_view key)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (bytes_view_is_equal(root->keys[i].bytes, key))
			return true;
	}
	return false;
}

static void
read_keys(struct reader *reader, struct root *root)
{
	uint32_t i;

	root->keys_count = reader_array(reader, 1, ROOT_KEYS_MAX);
	for (i = 0; i < root->keys_count && reader_is_ok(reader); i++) {
		(void)reader_array(reader, 2, 2);
		root->keys[i].suite = (uint32_t)reader_uint(reader, 1, SUITE_MAX);
		root->keys[i].bytes = reader_bin(reader, 1, KEY_BYTES_MAX);
		if (root->keys[i].suite == SUITE_1 &&
		    root->keys[i].bytes.len != SIGNER_PUBLIC_BYTES)
			reader_fail(reader, ERR_KEY);
		/* a key that counted twice would make the threshold a lie */
		if (has_key(root, i, root->keys[i].bytes))
			reader_fail(reader, ERR_ORDER);
	}
}

static void
read_field(struct reader *reader, uint64_t key, struct root *root)
{
	switch (key) {
	case ROOT_VERSION:
		root->version = reader_uint(reader, 1, ROOT_VERSIONS_MAX);
		break;
	case ROOT_CREATED:
		root->created_ms = reader_uint(reader, 1, TIME_MS_MAX);
		break;
	case ROOT_THRESHOLD:
		root->threshold = (uint32_t)reader_uint(reader, 1, ROOT_KEYS_MAX);
		break;
	case ROOT_KEYS:
		read_keys(reader, root);
		break;
	case ROOT_NEXT:
		reader_fixed(reader, root->next.bytes, sizeof(root->next.bytes));
		break;
	case ROOT_ORG:
		reader_fixed(reader, root->org.bytes, sizeof(root->org.bytes));
		break;
	default:
		reader_unknown(reader, key);
	}
}

enum err
root_decode(struct bytes_view statement, struct root *out)
{
	struct root root = {0};
	struct reader_map map;
	struct bytes_view body;
	struct reader reader;
	uint64_t key, keys = 0;
	enum err err;

	err = signed_statement_body(statement, ROOT_BYTES_MAX, CONTEXT_ROOT, &body);
	if (err != ERR_NONE)
		return err;
	reader_open(&reader, body);
	reader_map(&reader, &map, KNOWN_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(&reader, &map, &key)) {
		keys_add(&keys, key);
		read_field(&reader, key, &root);
	}
	keys_require(&reader, keys, REQUIRED_KEYS);
	/* the first one's hash is the id, which therefore cannot stand in it */
	if (root.version > 1)
		keys_require(&reader, keys, KEYS_BIT(ROOT_ORG));
	else
		keys_forbid(&reader, keys, KEYS_BIT(ROOT_ORG));
	if (root.threshold > root.keys_count)
		reader_fail(&reader, ERR_RANGE);
	root.unknown = reader.unknown;
	err = reader_close(&reader);
	if (err == ERR_NONE)
		*out = root;
	return err;
}

static void
write_keys(struct writer *writer, const struct root *root)
{
	uint32_t i;

	assert(root->keys_count <= ROOT_KEYS_MAX);
	writer_array(writer, root->keys_count);
	for (i = 0; i < root->keys_count; i++) {
		writer_array(writer, 2);
		writer_uint(writer, root->keys[i].suite);
		writer_bin(writer, root->keys[i].bytes.data, root->keys[i].bytes.len);
	}
}

enum err
root_encode(const struct root *root, struct bytes *out)
{
	struct bytes_view line = signed_context(CONTEXT_ROOT);
	size_t before = out->len;
	struct writer writer;
	struct root check;
	enum err err;

	bytes_append(out, line.data, line.len);
	writer_open(&writer, out);
	writer_map(&writer, root->version > 1 ? KNOWN_KEYS : KNOWN_KEYS - 1);
	writer_uint(&writer, ROOT_VERSION);
	writer_uint(&writer, root->version);
	writer_uint(&writer, ROOT_CREATED);
	writer_uint(&writer, root->created_ms);
	writer_uint(&writer, ROOT_THRESHOLD);
	writer_uint(&writer, root->threshold);
	writer_uint(&writer, ROOT_KEYS);
	write_keys(&writer, root);
	writer_uint(&writer, ROOT_NEXT);
	writer_bin(&writer, root->next.bytes, sizeof(root->next.bytes));
	if (root->version > 1) {
		writer_uint(&writer, ROOT_ORG);
		writer_bin(&writer, root->org.bytes, sizeof(root->org.bytes));
	}
	err = writer_close(&writer);
	/* people choose what stands in a root, so it is checked before anybody signs it */
	if (err == ERR_NONE)
		err = root_decode(bytes_view_of(out->data + before, out->len - before), &check);
	if (err != ERR_NONE)
		out->len = before;
	return err;
}

enum err
root_keys_hash(const struct root *root, struct hash *out)
{
	struct bytes bytes;
	struct writer writer;
	enum err err;

	bytes_init(&bytes, ROOT_BYTES_MAX);
	writer_open(&writer, &bytes);
	writer_array(&writer, 2);
	writer_uint(&writer, root->threshold);
	write_keys(&writer, root);
	err = writer_close(&writer);
	if (err == ERR_NONE)
		digest_sha256(bytes_as_view(&bytes), out);
	bytes_release(&bytes);
	return err;
}

/* Verify one signature of the thing against key `index` of the root. */
static enum err
verify_signature(const struct root *root, uint32_t index, const struct signed_thing *thing,
    const struct signed_signature *signature)
{
	if (index >= root->keys_count)
		return ERR_SIGNATURE;
	if (signature->suite != SUITE_1 || root->keys[index].suite != SUITE_1)
		return ERR_KEY;
	if (signature->bytes.len != SIGNER_SIGNATURE_BYTES)
		return ERR_SIGNATURE;
	return signer_verify(root->keys[index].bytes.data, thing->statement, signature->bytes.data);
}

/* Signers below PREDECESSOR_OFFSET are keys of `own`, the others of `predecessor`, which may
   be NULL: then there is none.  Signers ascend strictly and no root has a key twice, so that
   counting signatures counts keys. */
static enum err
verify_thresholds(
    const struct signed_thing *thing, const struct root *own, const struct root *predecessor)
{
	uint32_t by_own = 0, by_predecessor = 0, i;
	enum err err;

	for (i = 0; i < thing->count; i++) {
		const struct signed_signature *signature = &thing->signatures[i];

		if (i > 0 && signature->signer <= thing->signatures[i - 1].signer)
			return ERR_ORDER;
		if (signature->signer < PREDECESSOR_OFFSET) {
			err = verify_signature(own, signature->signer, thing, signature);
			by_own++;
		} else if (predecessor != NULL) {
			err = verify_signature(
			    predecessor, signature->signer - PREDECESSOR_OFFSET, thing, signature);
			by_predecessor++;
		} else {
			err = ERR_SIGNATURE;
		}
		if (err != ERR_NONE)
			return err;
	}
	if (by_own < own->threshold)
		return ERR_SIGNATURE;
	if (predecessor != NULL && by_predecessor < predecessor->threshold)
		return ERR_SIGNATURE;
	return ERR_NONE;
}

enum err
root_verify(const struct root *root, const struct signed_thing *thing)
{
	return verify_thresholds(thing, root, NULL);
}

/* What a root owes to the one before it, signatures apart. */
static enum err
check_succession(const struct root *root, const struct root *predecessor, const struct org_id *org)
{
	struct hash keys;
	enum err err;

	if (memcmp(root->org.bytes, org->bytes, sizeof(org->bytes)) != 0)
		return ERR_INVALID;
	err = root_keys_hash(root, &keys);
	if (err != ERR_NONE)
		return err;
	return digest_is_equal(&keys, &predecessor->next) ? ERR_NONE : ERR_KEY;
}

enum err
root_chain_verify(
    const struct signed_thing *chain, uint32_t count, struct org_id *org, struct root *newest)
{
	struct root predecessor = {0}, root = {0};
	struct org_id id = {{0}};
	struct hash hash;
	enum err err;
	uint32_t i;

	if (count == 0)
		return ERR_MISSING;
	for (i = 0; i < count; i++) {
		err = root_decode(chain[i].statement, &root);
		if (err != ERR_NONE)
			return err;
		if (root.version != (uint64_t)i + 1)
			return ERR_ORDER;
		if (i == 0) {
			digest_sha256(chain[0].statement, &hash);
			memcpy(id.bytes, hash.bytes, sizeof(id.bytes));
		} else {
			err = check_succession(&root, &predecessor, &id);
			if (err != ERR_NONE)
				return err;
		}
		err = verify_thresholds(&chain[i], &root, i == 0 ? NULL : &predecessor);
		if (err != ERR_NONE)
			return err;
		predecessor = root;
	}
	*org = id;
	*newest = root;
	return ERR_NONE;
}

void
root_fingerprint(const struct org_id *org, char text[FINGERPRINT_BYTES])
{
	uint8_t digits[2 * sizeof(struct hash)];
	struct hash half;
	size_t group, i;
	uint8_t suffix;

	for (suffix = 0; suffix < 2; suffix++) {
		digest_sha256_pair(bytes_view_of(org->bytes, sizeof(org->bytes)),
		    bytes_view_of(&suffix, 1), &half);
		memcpy(digits + suffix * sizeof(half.bytes), half.bytes, sizeof(half.bytes));
	}
	for (group = 0; group < 12; group++) {
		char *at = text + 6 * group;
		uint64_t value = 0;

		for (i = 0; i < 5; i++)
			value = value << 8 | digits[5 * group + i];
		value %= 100000;
		for (i = 5; i > 0; i--, value /= 10)
			at[i - 1] = (char)('0' + value % 10);
		at[5] = group == 11 ? '\0' : ' ';
	}
}
