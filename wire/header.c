#include "wire/header.h"

#include <assert.h>

#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/signer.h"
#include "wire/keys.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define KNOWN_KEYS 17u
#define SUITE_MAX 255u
#define OPTIONAL_KEYS (KEYS_BIT(HEADER_VOIDED) | KEYS_BIT(HEADER_CERTIFIED) | KEYS_BIT(HEADER_PSK))
#define REQUIRED_KEYS                                                                              \
	(KEYS_BIT(HEADER_SUITE) | KEYS_BIT(HEADER_SENDER) | KEYS_BIT(HEADER_SENDER_SERIAL) |       \
	    KEYS_BIT(HEADER_RECIPIENT) | KEYS_BIT(HEADER_RECIPIENT_SERIAL) |                       \
	    KEYS_BIT(HEADER_NUMBER) | KEYS_BIT(HEADER_ROOT) | KEYS_BIT(HEADER_COUNT) |             \
	    KEYS_BIT(HEADER_MARKING) | KEYS_BIT(HEADER_CIPHERTEXT) | KEYS_BIT(HEADER_COMMITMENT) | \
	    KEYS_BIT(HEADER_EPHEMERAL) | KEYS_BIT(HEADER_NONCE) | KEYS_BIT(HEADER_TIME))
static_assert((REQUIRED_KEYS & OPTIONAL_KEYS) == 0, "a key is required or optional");

static_assert(sizeof(((struct header *)0)->wrap) == ENVELOPE_WRAP_BYTES, "one size of wrap");
static_assert(sizeof(((struct header *)0)->nonce) == ENVELOPE_NONCE_BYTES, "one size of nonce");

/* Suites differ in the sizes of what follows, so one that is not ours ends the reading. */
static uint8_t
read_suite(struct reader *reader)
{
	uint64_t suite = reader_uint(reader, 1, SUITE_MAX);

	if (suite != SUITE_1)
		reader_fail(reader, ERR_KEY);
	return (uint8_t)suite;
}

/* The marking, and its bytes as they came: who compares terms compares those. */
static void
read_marking(struct reader *reader, struct header *header)
{
	struct reader inner;
	enum err err;

	header->marking_bytes = reader_raw(reader);
	if (!reader_is_ok(reader))
		return;
	reader_open(&inner, header->marking_bytes);
	marking_read(&inner, &header->marking);
	err = reader_close(&inner);
	if (err != ERR_NONE)
		reader_fail(reader, err);
}

static void
read_voided(struct reader *reader, struct header *header)
{
	uint64_t least = 1;
	uint32_t i;

	header->voided_count = reader_array(reader, 0, VOIDED_MAX);
	if (header->voided_count == 0)
		reader_fail(reader, ERR_NOT_CANONICAL);
	for (i = 0; i < header->voided_count && reader_is_ok(reader); i++) {
		header->voided[i] = reader_uint(reader, 1, NUMBER_MAX);
		if (header->voided[i] < least)
			reader_fail(reader, ERR_ORDER);
		/* the number's key came before this one, or is missing and zero */
		if (header->voided[i] >= header->number)
			reader_fail(reader, ERR_RANGE);
		least = header->voided[i] + 1;
	}
}

/* A flag is true or absent: one way to say no. */
static void
read_certified(struct reader *reader, struct header *header)
{
	header->is_certified = reader_bool(reader);
	if (!header->is_certified)
		reader_fail(reader, ERR_NOT_CANONICAL);
}

/* Who, to whom, how many: keys up to HEADER_COUNT. */
static void
read_parties(struct reader *reader, uint64_t key, struct header *header)
{
	switch (key) {
	case HEADER_SUITE:
		header->suite = read_suite(reader);
		break;
	case HEADER_SENDER:
		reader_fixed(reader, header->sender.bytes, sizeof(header->sender.bytes));
		break;
	case HEADER_SENDER_SERIAL:
		header->sender_serial = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case HEADER_RECIPIENT:
		reader_fixed(reader, header->recipient.bytes, sizeof(header->recipient.bytes));
		break;
	case HEADER_RECIPIENT_SERIAL:
		header->recipient_serial = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case HEADER_NUMBER:
		header->number = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case HEADER_ROOT:
		reader_fixed(reader, header->root.bytes, sizeof(header->root.bytes));
		break;
	case HEADER_COUNT:
		header->count = (uint32_t)reader_uint(reader, 1, BATCH_COUNT_MAX);
		break;
	default:
		reader_unknown(reader, key);
	}
}

/* Under which terms and keys: keys from HEADER_MARKING on. */
static void
read_terms(struct reader *reader, uint64_t key, struct header *header)
{
	switch (key) {
	case HEADER_MARKING:
		read_marking(reader, header);
		break;
	case HEADER_CIPHERTEXT:
		reader_fixed(reader, header->ciphertext.bytes, sizeof(header->ciphertext.bytes));
		break;
	case HEADER_COMMITMENT:
		reader_fixed(reader, header->commitment.bytes, sizeof(header->commitment.bytes));
		break;
	case HEADER_EPHEMERAL:
		reader_fixed(reader, header->ephemeral, sizeof(header->ephemeral));
		break;
	case HEADER_NONCE:
		reader_fixed(reader, header->nonce, sizeof(header->nonce));
		break;
	case HEADER_VOIDED:
		read_voided(reader, header);
		break;
	case HEADER_CERTIFIED:
		read_certified(reader, header);
		break;
	case HEADER_PSK:
		header->has_psk = true;
		reader_fixed(reader, header->psk_id, sizeof(header->psk_id));
		break;
	case HEADER_TIME:
		header->time_ms = reader_uint(reader, 1, TIME_MS_MAX);
		break;
	default:
		reader_unknown(reader, key);
	}
}

static enum err
decode_head(struct bytes_view head, struct header *header)
{
	struct reader_map map;
	struct reader reader;
	uint64_t key, keys = 0;

	reader_open(&reader, head);
	reader_map(&reader, &map, KNOWN_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(&reader, &map, &key)) {
		keys_add(&keys, key);
		if (key < HEADER_MARKING)
			read_parties(&reader, key, header);
		else
			read_terms(&reader, key, header);
	}
	keys_require(&reader, keys, REQUIRED_KEYS);
	header->unknown = reader.unknown;
	return reader_close(&reader);
}

enum err
header_decode(struct bytes_view statement, struct header *out, struct hash *hash)
{
	struct header header = {0};
	struct bytes_view body, head;
	struct reader reader;
	uint32_t parts;
	enum err err;

	err = signed_statement_body(statement, ENVELOPE_BYTES_MAX, CONTEXT_ENVELOPE, &body);
	if (err != ERR_NONE)
		return err;
	reader_open(&reader, body);
	parts = reader_array(&reader, 1, 3);
	head = reader_raw(&reader);
	if (reader_is_ok(&reader)) {
		err = decode_head(head, &header);
		if (err != ERR_NONE)
			reader_fail(&reader, err);
		if (parts != (header.is_certified ? 1u : 3u))
			reader_fail(&reader, ERR_NOT_CANONICAL);
	}
	if (parts == 3) {
		reader_fixed(&reader, header.wrap_nonce, sizeof(header.wrap_nonce));
		reader_fixed(&reader, header.wrap, sizeof(header.wrap));
	}
	err = reader_close(&reader);
	if (err == ERR_NONE) {
		header_hash(head, hash);
		*out = header;
	}
	return err;
}

static void
write_parties(struct writer *writer, const struct header *header)
{
	writer_uint(writer, HEADER_SUITE);
	writer_uint(writer, header->suite);
	writer_uint(writer, HEADER_SENDER);
	writer_bin(writer, header->sender.bytes, sizeof(header->sender.bytes));
	writer_uint(writer, HEADER_SENDER_SERIAL);
	writer_uint(writer, header->sender_serial);
	writer_uint(writer, HEADER_RECIPIENT);
	writer_bin(writer, header->recipient.bytes, sizeof(header->recipient.bytes));
	writer_uint(writer, HEADER_RECIPIENT_SERIAL);
	writer_uint(writer, header->recipient_serial);
	writer_uint(writer, HEADER_NUMBER);
	writer_uint(writer, header->number);
	writer_uint(writer, HEADER_ROOT);
	writer_bin(writer, header->root.bytes, sizeof(header->root.bytes));
	writer_uint(writer, HEADER_COUNT);
	writer_uint(writer, header->count);
}

static void
write_terms(struct writer *writer, const struct header *header)
{
	writer_uint(writer, HEADER_MARKING);
	if (header->marking_bytes.len > 0)
		writer_raw(writer, header->marking_bytes);
	else
		marking_write(writer, &header->marking);
	writer_uint(writer, HEADER_CIPHERTEXT);
	writer_bin(writer, header->ciphertext.bytes, sizeof(header->ciphertext.bytes));
	writer_uint(writer, HEADER_COMMITMENT);
	writer_bin(writer, header->commitment.bytes, sizeof(header->commitment.bytes));
	writer_uint(writer, HEADER_EPHEMERAL);
	writer_bin(writer, header->ephemeral, sizeof(header->ephemeral));
	writer_uint(writer, HEADER_NONCE);
	writer_bin(writer, header->nonce, sizeof(header->nonce));
}

static void
write_options(struct writer *writer, const struct header *header)
{
	uint32_t i;

	if (header->voided_count > 0) {
		writer_uint(writer, HEADER_VOIDED);
		writer_array(writer, header->voided_count);
		for (i = 0; i < header->voided_count; i++)
			writer_uint(writer, header->voided[i]);
	}
	if (header->is_certified) {
		writer_uint(writer, HEADER_CERTIFIED);
		writer_bool(writer, true);
	}
	if (header->has_psk) {
		writer_uint(writer, HEADER_PSK);
		writer_bin(writer, header->psk_id, sizeof(header->psk_id));
	}
}

enum err
header_encode_head(const struct header *header, struct bytes *out)
{
	struct writer writer;
	uint32_t count = KNOWN_KEYS - 3;

	assert(header->suite == SUITE_1 && header->voided_count <= VOIDED_MAX);
	count += header->voided_count > 0;
	count += header->is_certified;
	count += header->has_psk;
	writer_open(&writer, out);
	writer_map(&writer, count);
	write_parties(&writer, header);
	write_terms(&writer, header);
	write_options(&writer, header);
	writer_uint(&writer, HEADER_TIME);
	writer_uint(&writer, header->time_ms);
	return writer_close(&writer);
}

enum err
header_encode(struct bytes_view head, const struct header *header, struct bytes *out)
{
	struct bytes_view line = signed_context(CONTEXT_ENVELOPE);
	struct writer writer;

	bytes_append(out, line.data, line.len);
	writer_open(&writer, out);
	writer_array(&writer, header->is_certified ? 1 : 3);
	writer_raw(&writer, head);
	if (!header->is_certified) {
		writer_bin(&writer, header->wrap_nonce, sizeof(header->wrap_nonce));
		writer_bin(&writer, header->wrap, sizeof(header->wrap));
	}
	return writer_close(&writer);
}

void
header_hash(struct bytes_view head, struct hash *out)
{
	digest_sha256_pair(signed_context(CONTEXT_ENVELOPE), head, out);
}
