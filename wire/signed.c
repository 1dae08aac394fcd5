#include "wire/signed.h"

#include <assert.h>
#include <string.h>

#include "crypto/signer.h"

#define SUITE_MAX 255u

struct bytes_view
signed_context(enum context context)
{
	static const char *const lines[CONTEXT_COUNT] = {
#define CONTEXT_LINE(symbol, line) [symbol] = line "\n",
	    CONTEXT_TABLE(CONTEXT_LINE)
#undef CONTEXT_LINE
	};

	assert(context < CONTEXT_COUNT);
	return bytes_view_str(lines[context]);
}

static void
read_signature(struct reader *reader, struct signed_signature *out)
{
	(void)reader_array(reader, 3, 3);
	out->signer = (uint32_t)reader_uint(reader, 0, SIGNATURES_MAX - 1);
	out->suite = (uint32_t)reader_uint(reader, 1, SUITE_MAX);
	out->bytes = reader_bin(reader, 1, KEY_BYTES_MAX);
	if (out->suite == SUITE_1 && out->bytes.len != SIGNER_SIGNATURE_BYTES)
		reader_fail(reader, ERR_SIGNATURE);
}

void
signed_read(struct reader *reader, size_t statement_max, struct signed_thing *out)
{
	struct signed_thing thing = {0};
	uint32_t i;

	(void)reader_array(reader, 2, 2);
	thing.statement = reader_bin(reader, 1, statement_max);
	thing.count = reader_array(reader, 1, SIGNATURES_MAX);
	for (i = 0; i < thing.count && reader_is_ok(reader); i++) {
		read_signature(reader, &thing.signatures[i]);
		if (i > 0 && thing.signatures[i].signer <= thing.signatures[i - 1].signer)
			reader_fail(reader, ERR_ORDER);
	}
	if (reader_is_ok(reader))
		*out = thing;
}

enum err
signed_decode(struct bytes_view in, size_t statement_max, struct signed_thing *out)
{
	struct signed_thing thing = {0};
	struct reader reader;
	enum err err;

	reader_open(&reader, in);
	signed_read(&reader, statement_max, &thing);
	err = reader_close(&reader);
	if (err == ERR_NONE)
		*out = thing;
	return err;
}

void
signed_write(struct writer *writer, const struct signed_thing *thing)
{
	uint32_t i;

	assert(thing->count >= 1 && thing->count <= SIGNATURES_MAX);
	writer_array(writer, 2);
	writer_bin(writer, thing->statement.data, thing->statement.len);
	writer_array(writer, thing->count);
	for (i = 0; i < thing->count; i++) {
		const struct signed_signature *signature = &thing->signatures[i];

		writer_array(writer, 3);
		writer_uint(writer, signature->signer);
		writer_uint(writer, signature->suite);
		writer_bin(writer, signature->bytes.data, signature->bytes.len);
	}
}

enum err
signed_encode(const struct signed_thing *thing, struct bytes *out)
{
	struct writer writer;

	writer_open(&writer, out);
	signed_write(&writer, thing);
	return writer_close(&writer);
}

enum err
signed_encode_one(struct bytes_view statement, const uint8_t signature[64], struct bytes *out)
{
	struct signed_thing thing = {.statement = statement, .count = 1};

	thing.signatures[0].suite = SUITE_1;
	thing.signatures[0].bytes = bytes_view_of(signature, SIGNER_SIGNATURE_BYTES);
	return signed_encode(&thing, out);
}

enum err
signed_statement_body(struct bytes_view statement, size_t statement_max, enum context context,
    struct bytes_view *body)
{
	struct bytes_view line = signed_context(context);

	if (statement.len > statement_max)
		return ERR_TOO_LARGE;
	if (statement.len < line.len || memcmp(statement.data, line.data, line.len) != 0)
		return ERR_FORMAT;
	*body = bytes_view_of(statement.data + line.len, statement.len - line.len);
	return ERR_NONE;
}

enum err
signed_body(const struct signed_thing *thing, enum context context, struct bytes_view *body)
{
	return signed_statement_body(thing->statement, thing->statement.len, context, body);
}

enum err
signed_verify_one(const struct signed_thing *thing, const uint8_t public_key[32])
{
	const struct signed_signature *signature = &thing->signatures[0];

	if (thing->count != 1 || signature->signer != 0)
		return ERR_SIGNATURE;
	if (signature->suite != SUITE_1)
		return ERR_KEY;
	if (signature->bytes.len != SIGNER_SIGNATURE_BYTES)
		return ERR_SIGNATURE;
	return signer_verify(public_key, thing->statement, signature->bytes.data);
}
