/*
 * vectors_base: what the test vectors are made of: fixed keys, a JSON text in memory, and
 * canonical maps with one field edited.
 *
 * Everything is a function of constants, so that the same code always makes the same bytes.
 * A failure is our own mistake: asserted.
 */
#ifndef MALLA_TESTS_VECTORS_BASE_H
#define MALLA_TESTS_VECTORS_BASE_H

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "crypto/signer.h"
#include "crypto/tree.h"
#include "wire/reader.h"
#include "wire/signed.h"
#include "wire/writer.h"

#define VECTORS_BYTES_MAX (4u << 20)
#define VECTORS_TIME UINT64_C(1795449600000)
#define VECTORS_DAY UINT64_C(86400000)

/* The seeds of the keys: 32 times this byte. */
enum vectors_seed {
	SEED_ROOT_1 = 0x11, /* the first root of Banco del Norte has two keys */
	SEED_ROOT_2 = 0x12,
	SEED_ROOT_NEXT_1 = 0x13,
	SEED_ROOT_NEXT_2 = 0x14,
	SEED_SIGN = 0x21,
	SEED_ENVELOPE = 0x22,
	SEED_TRANSPORT = 0x23,
	SEED_LOG = 0x24,
	SEED_WITNESS = 0x25,
	SEED_OPERATOR = 0x26,
	SEED_PEER_SIGN = 0x31, /* CERT del Sur, the recipient */
	SEED_FILE = 0x41,
	SEED_EPHEMERAL = 0x61,
	SEED_PEER_ENVELOPE = 0x62,
};

/* ---------------------------------------------------------------- the JSON text */

struct vectors {
	struct bytes text;
	bool has_vector;
	bool has_field;
};

static void
put(struct vectors *vectors, const char *text)
{
	bytes_append(&vectors->text, text, strlen(text));
}

static void
put_name(struct vectors *vectors, const char *name)
{
	put(vectors, vectors->has_field ? ",\n  \"" : "\n  \"");
	put(vectors, name);
	put(vectors, "\": ");
	vectors->has_field = true;
}

/* The texts are ours: printable, without quotes and backslashes, but for line feeds. */
static void
put_text(struct vectors *vectors, const char *name, struct bytes_view text)
{
	size_t i;

	put_name(vectors, name);
	put(vectors, "\"");
	for (i = 0; i < text.len; i++) {
		if (text.data[i] == '\n') {
			put(vectors, "\\n");
			continue;
		}
		if (text.data[i] == '"' || text.data[i] == '\\')
			put(vectors, "\\");
		bytes_append_u8(&vectors->text, text.data[i]);
	}
	put(vectors, "\"");
}

static void
put_string(struct vectors *vectors, const char *name, const char *text)
{
	put_text(vectors, name, bytes_view_str(text));
}

static void
put_hex_digits(struct vectors *vectors, struct bytes_view bytes)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	put(vectors, "\"");
	for (i = 0; i < bytes.len; i++) {
		bytes_append_u8(&vectors->text, (uint8_t)digits[bytes.data[i] >> 4]);
		bytes_append_u8(&vectors->text, (uint8_t)digits[bytes.data[i] & 15]);
	}
	put(vectors, "\"");
}

static void
put_hex(struct vectors *vectors, const char *name, const void *data, size_t len)
{
	put_name(vectors, name);
	put_hex_digits(vectors, bytes_view_of(data, len));
}

static void
put_bytes(struct vectors *vectors, const char *name, const struct bytes *bytes)
{
	assert(bytes->err == ERR_NONE);
	put_hex(vectors, name, bytes->data, bytes->len);
}

static void
put_number(struct vectors *vectors, const char *name, uint64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	put_name(vectors, name);
	put(vectors, text);
}

static void
vector_begin(struct vectors *vectors, const char *type, const char *name)
{
	put(vectors, vectors->has_vector ? ",\n {" : "\n {");
	vectors->has_vector = true;
	vectors->has_field = false;
	put_string(vectors, "type", type);
	put_string(vectors, "name", name);
}

static void
vector_end(struct vectors *vectors)
{
	put(vectors, "\n }");
}

/* ---------------------------------------------------------------- keys */

static void
seed_bytes(enum vectors_seed seed, uint8_t out[32])
{
	memset(out, (int)seed, 32);
}

static void
public_of(enum vectors_seed seed, enum key_purpose purpose, uint8_t out[32])
{
	struct secret *secret;
	uint8_t bytes[32];

	seed_bytes(seed, bytes);
	assert(secret_open(bytes, &secret) == ERR_NONE);
	assert(secret_public(secret, purpose, out) == ERR_NONE);
	secret_free(secret);
}

static void
sign_with(enum vectors_seed seed, struct bytes_view statement, uint8_t out[64])
{
	struct signer *signer;
	uint8_t bytes[32];

	seed_bytes(seed, bytes);
	assert(signer_open(bytes, &signer) == ERR_NONE);
	assert(signer_sign(signer, statement, out) == ERR_NONE);
	signer_free(signer);
}

/* Append the signed thing of one signer around a statement. */
static void
sign_one(enum vectors_seed seed, struct bytes_view statement, struct bytes *out)
{
	uint8_t signature[64];

	sign_with(seed, statement, signature);
	assert(signed_encode_one(statement, signature, out) == ERR_NONE);
}

/* Bytes that look like nothing, but are the same every time. */
static void
fill(void *out, size_t len, uint64_t stream)
{
	static const uint8_t seed[32] = "malla test vectors, version zero";

	digest_expand(seed, stream, out, len);
}

/* ---------------------------------------------------------------- edited maps */

static void
append_key(struct bytes *out, uint64_t key)
{
	struct writer writer;

	writer_open(&writer, out);
	writer_uint(&writer, key);
	assert(writer_close(&writer) == ERR_NONE);
}

/* Append `prefix` bytes of `in` and the map behind them with the value of `key` replaced or
   inserted; an empty value leaves the key out. */
static void
edit_map(struct bytes_view in, size_t prefix, uint64_t key, struct bytes_view value,
    struct bytes *out)
{
	struct reader_map map;
	struct reader reader;
	struct writer writer;
	struct bytes pairs;
	uint32_t count = 0, left;
	bool is_done = value.len == 0;
	uint64_t at;

	bytes_init(&pairs, VECTORS_BYTES_MAX);
	reader_open(&reader, bytes_view_of(in.data + prefix, in.len - prefix));
	reader_map(&reader, &map, 64);
	for (left = map.left; left > 0; left--) {
		struct bytes_view old;

		assert(reader_key(&reader, &map, &at));
		old = reader_raw(&reader);
		if (!is_done && at >= key) {
			append_key(&pairs, key);
			bytes_append(&pairs, value.data, value.len);
			is_done = true;
			count++;
		}
		if (at == key)
			continue;
		append_key(&pairs, at);
		bytes_append(&pairs, old.data, old.len);
		count++;
	}
	if (!is_done) {
		append_key(&pairs, key);
		bytes_append(&pairs, value.data, value.len);
		count++;
	}
	assert(reader_close(&reader) == ERR_NONE);
	bytes_append(out, in.data, prefix);
	writer_open(&writer, out);
	writer_map(&writer, count);
	bytes_append(out, pairs.data, pairs.len);
	assert(out->err == ERR_NONE);
	bytes_release(&pairs);
}

#endif
