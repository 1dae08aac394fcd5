#include "wire/exchange.h"

#include <assert.h>
#include <string.h>

#include "crypto/envelope.h"
#include "wire/card.h"
#include "wire/keys.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define TYPE_MAX 255u
#define BYTE_MAX 255u
#define HELLO_KEYS 13u
#define ENVELOPE_KEYS 2u
#define RECEIPT_KEYS 1u
#define REFUSAL_KEYS 4u
#define CARD_MESSAGE_KEYS 1u

#define HELLO_REQUIRED                                                                             \
	(KEYS_BIT(HELLO_VERSIONS) | KEYS_BIT(HELLO_SUITES) | KEYS_BIT(HELLO_ORG) |                 \
	    KEYS_BIT(HELLO_SERIAL) | KEYS_BIT(HELLO_PEER_SERIAL) | KEYS_BIT(HELLO_NONCE) |         \
	    KEYS_BIT(HELLO_SENT) | KEYS_BIT(HELLO_SEEN) | KEYS_BIT(HELLO_HEAD) |                   \
	    KEYS_BIT(HELLO_CREDIT) | KEYS_BIT(HELLO_TIME))

/* ---------------------------------------------------------------- reading */

/* Small numbers, strictly ascending; returns how many. */
static uint32_t
read_numbers(struct reader *reader, uint64_t min, uint8_t *out, uint32_t count_max)
{
	uint32_t count = reader_array(reader, 1, count_max);
	uint32_t i;

	for (i = 0; i < count && reader_is_ok(reader); i++) {
		out[i] = (uint8_t)reader_uint(reader, min, BYTE_MAX);
		if (i > 0 && out[i] <= out[i - 1])
			reader_fail(reader, ERR_ORDER);
	}
	return count;
}

static void
read_hello_field(struct reader *reader, uint64_t key, struct hello *hello)
{
	switch (key) {
	case HELLO_VERSIONS:
		hello->versions_count =
		    read_numbers(reader, 0, hello->versions, HELLO_VERSIONS_MAX);
		break;
	case HELLO_SUITES:
		hello->suites_count = read_numbers(reader, 1, hello->suites, HELLO_SUITES_MAX);
		break;
	case HELLO_ORG:
		reader_fixed(reader, hello->org.bytes, sizeof(hello->org.bytes));
		break;
	case HELLO_SERIAL:
		hello->serial = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case HELLO_PEER_SERIAL:
		hello->peer_serial = reader_uint(reader, 0, NUMBER_MAX);
		break;
	case HELLO_NONCE:
		reader_fixed(reader, hello->nonce.bytes, sizeof(hello->nonce.bytes));
		break;
	case HELLO_ECHO:
		hello->has_echo = true;
		reader_fixed(reader, hello->echo.bytes, sizeof(hello->echo.bytes));
		break;
	case HELLO_SENT:
		hello->sent = reader_uint(reader, 0, NUMBER_MAX);
		break;
	case HELLO_SEEN:
		hello->seen = reader_uint(reader, 0, NUMBER_MAX);
		break;
	case HELLO_HEAD:
		head_read(reader, &hello->head);
		break;
	case HELLO_PEER_HEAD:
		hello->has_peer_head = true;
		head_read(reader, &hello->peer_head);
		break;
	case HELLO_CREDIT:
		hello->credit = (uint32_t)reader_uint(reader, 0, CREDIT_MAX);
		break;
	case HELLO_TIME:
		hello->time_ms = reader_uint(reader, 1, TIME_MS_MAX);
		break;
	default:
		reader_unknown(reader, key);
	}
}

static void
read_hello(struct reader *reader, struct hello *hello)
{
	struct reader_map map;
	uint64_t key, keys = 0;

	reader_map(reader, &map, HELLO_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(reader, &map, &key)) {
		keys_add(&keys, key);
		read_hello_field(reader, key, hello);
	}
	keys_require(reader, keys, HELLO_REQUIRED);
}

static void
read_envelope(struct reader *reader, struct exchange_message *message)
{
	struct reader_map map;
	uint64_t key, keys = 0;

	reader_map(reader, &map, ENVELOPE_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(reader, &map, &key)) {
		keys_add(&keys, key);
		switch (key) {
		case EXCHANGE_ENVELOPE_SIGNED:
			signed_read(reader, ENVELOPE_BYTES_MAX, &message->signed_thing);
			break;
		case EXCHANGE_ENVELOPE_CIPHERTEXT:
			message->ciphertext = reader_bin(
			    reader, ENVELOPE_TAG_BYTES + 1, PAYLOAD_BYTES_MAX + ENVELOPE_TAG_BYTES);
			break;
		default:
			reader_unknown(reader, key);
		}
	}
	keys_require(reader, keys,
	    KEYS_BIT(EXCHANGE_ENVELOPE_SIGNED) | KEYS_BIT(EXCHANGE_ENVELOPE_CIPHERTEXT));
}

static void
read_receipt(struct reader *reader, struct exchange_message *message)
{
	struct reader_map map;
	uint64_t key, keys = 0;

	reader_map(reader, &map, RECEIPT_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(reader, &map, &key)) {
		keys_add(&keys, key);
		switch (key) {
		case EXCHANGE_RECEIPT_SIGNED:
			signed_read(reader, RECEIPT_BYTES_MAX, &message->signed_thing);
			break;
		default:
			reader_unknown(reader, key);
		}
	}
	keys_require(reader, keys, KEYS_BIT(EXCHANGE_RECEIPT_SIGNED));
}

/* A code that this version does not know is refused: the list is closed, and a newer peer
   finds in HELLO what version we speak. */
static enum reason
read_reason(struct reader *reader)
{
	uint64_t code = reader_uint(reader, 0, UINT16_MAX);

	if (!reason_is_known(code) || reason_is_good((enum reason)code))
		reader_fail(reader, ERR_RANGE);
	return (enum reason)code;
}

static void
read_refusal(struct reader *reader, struct exchange_message *message)
{
	struct reader_map map;
	uint64_t key, keys = 0;

	reader_map(reader, &map, REFUSAL_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(reader, &map, &key)) {
		keys_add(&keys, key);
		switch (key) {
		case EXCHANGE_REFUSAL_REASON:
			message->refusal.reason = read_reason(reader);
			break;
		case EXCHANGE_REFUSAL_TYPE:
			message->refusal.type = reader_uint(reader, 0, TYPE_MAX);
			break;
		case EXCHANGE_REFUSAL_NUMBER:
			message->refusal.number = reader_uint(reader, 1, NUMBER_MAX);
			break;
		case EXCHANGE_REFUSAL_RETRY:
			message->refusal.retry_ms = reader_uint(reader, 1, REFUSAL_RETRY_MS_MAX);
			break;
		default:
			reader_unknown(reader, key);
		}
	}
	keys_require(
	    reader, keys, KEYS_BIT(EXCHANGE_REFUSAL_REASON) | KEYS_BIT(EXCHANGE_REFUSAL_TYPE));
}

static void
read_packages(struct reader *reader, struct exchange_message *message)
{
	uint32_t i;

	message->card.count = reader_array(reader, 1, CARDS_PER_MESSAGE_MAX);
	for (i = 0; i < message->card.count && reader_is_ok(reader); i++)
		message->card.packages[i] = reader_bin(reader, 1, CARD_PACKAGE_BYTES_MAX);
}

static void
read_card(struct reader *reader, struct exchange_message *message)
{
	struct reader_map map;
	uint64_t key, keys = 0;

	reader_map(reader, &map, CARD_MESSAGE_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(reader, &map, &key)) {
		keys_add(&keys, key);
		switch (key) {
		case EXCHANGE_CARD_PACKAGES:
			read_packages(reader, message);
			break;
		default:
			reader_unknown(reader, key);
		}
	}
	keys_require(reader, keys, KEYS_BIT(EXCHANGE_CARD_PACKAGES));
}

/* The map behind the type. */
static void
read_content(struct reader *reader, struct exchange_message *message)
{
	switch (message->type) {
	case EXCHANGE_HELLO:
		read_hello(reader, &message->hello);
		return;
	case EXCHANGE_ENVELOPE:
		read_envelope(reader, message);
		return;
	case EXCHANGE_RECEIPT:
		read_receipt(reader, message);
		return;
	case EXCHANGE_REFUSAL:
		read_refusal(reader, message);
		return;
	case EXCHANGE_CARD:
		read_card(reader, message);
		return;
	case EXCHANGE_KEY:
	case EXCHANGE_WITNESS:
	case EXCHANGE_COSIGNATURE:
	case EXCHANGE_GOSSIP:
		break;
	}
	reader_fail(reader, ERR_VALUE);
}

enum err
exchange_decode(struct bytes_view frame, struct exchange_message *out)
{
	struct exchange_message message = {0};
	struct reader reader;
	enum err err;

	out->type = (enum exchange_type)0;
	if (frame.len > FRAME_BYTES_MAX)
		return ERR_TOO_LARGE;
	reader_open(&reader, frame);
	(void)reader_array(&reader, 2, 2);
	message.type = (enum exchange_type)reader_uint(&reader, 1, TYPE_MAX);
	if (reader_is_ok(&reader)) {
		out->type = message.type;
		read_content(&reader, &message);
	}
	message.unknown = reader.unknown;
	err = reader_close(&reader);
	if (err == ERR_NONE)
		*out = message;
	return err;
}

/* ---------------------------------------------------------------- writing */

static void
write_numbers(struct writer *writer, const uint8_t *numbers, uint32_t count)
{
	uint32_t i;

	writer_array(writer, count);
	for (i = 0; i < count; i++)
		writer_uint(writer, numbers[i]);
}

/* Keys up to HELLO_ECHO. */
static void
write_hello_parties(struct writer *writer, const struct hello *hello)
{
	assert(hello->versions_count <= HELLO_VERSIONS_MAX);
	assert(hello->suites_count <= HELLO_SUITES_MAX);
	writer_uint(writer, HELLO_VERSIONS);
	write_numbers(writer, hello->versions, hello->versions_count);
	writer_uint(writer, HELLO_SUITES);
	write_numbers(writer, hello->suites, hello->suites_count);
	writer_uint(writer, HELLO_ORG);
	writer_bin(writer, hello->org.bytes, sizeof(hello->org.bytes));
	writer_uint(writer, HELLO_SERIAL);
	writer_uint(writer, hello->serial);
	writer_uint(writer, HELLO_PEER_SERIAL);
	writer_uint(writer, hello->peer_serial);
	writer_uint(writer, HELLO_NONCE);
	writer_bin(writer, hello->nonce.bytes, sizeof(hello->nonce.bytes));
	if (hello->has_echo) {
		writer_uint(writer, HELLO_ECHO);
		writer_bin(writer, hello->echo.bytes, sizeof(hello->echo.bytes));
	}
}

static void
write_hello(struct writer *writer, const struct hello *hello)
{
	writer_map(writer, HELLO_KEYS - !hello->has_echo - !hello->has_peer_head);
	write_hello_parties(writer, hello);
	writer_uint(writer, HELLO_SENT);
	writer_uint(writer, hello->sent);
	writer_uint(writer, HELLO_SEEN);
	writer_uint(writer, hello->seen);
	writer_uint(writer, HELLO_HEAD);
	head_write(writer, &hello->head);
	if (hello->has_peer_head) {
		writer_uint(writer, HELLO_PEER_HEAD);
		head_write(writer, &hello->peer_head);
	}
	writer_uint(writer, HELLO_CREDIT);
	writer_uint(writer, hello->credit);
	writer_uint(writer, HELLO_TIME);
	writer_uint(writer, hello->time_ms);
}

static void
write_envelope(struct writer *writer, const struct exchange_message *message)
{
	writer_map(writer, ENVELOPE_KEYS);
	writer_uint(writer, EXCHANGE_ENVELOPE_SIGNED);
	signed_write(writer, &message->signed_thing);
	writer_uint(writer, EXCHANGE_ENVELOPE_CIPHERTEXT);
	writer_bin(writer, message->ciphertext.data, message->ciphertext.len);
}

static void
write_receipt(struct writer *writer, const struct exchange_message *message)
{
	writer_map(writer, RECEIPT_KEYS);
	writer_uint(writer, EXCHANGE_RECEIPT_SIGNED);
	signed_write(writer, &message->signed_thing);
}

static void
write_refusal(struct writer *writer, const struct exchange_message *message)
{
	bool has_number = message->refusal.number != 0;
	bool has_retry = message->refusal.retry_ms != 0;

	writer_map(writer, REFUSAL_KEYS - !has_number - !has_retry);
	writer_uint(writer, EXCHANGE_REFUSAL_REASON);
	writer_uint(writer, (uint64_t)message->refusal.reason);
	writer_uint(writer, EXCHANGE_REFUSAL_TYPE);
	writer_uint(writer, message->refusal.type);
	if (has_number) {
		writer_uint(writer, EXCHANGE_REFUSAL_NUMBER);
		writer_uint(writer, message->refusal.number);
	}
	if (has_retry) {
		writer_uint(writer, EXCHANGE_REFUSAL_RETRY);
		writer_uint(writer, message->refusal.retry_ms);
	}
}

static void
write_card(struct writer *writer, const struct exchange_message *message)
{
	uint32_t i;

	assert(message->card.count >= 1 && message->card.count <= CARDS_PER_MESSAGE_MAX);
	writer_map(writer, CARD_MESSAGE_KEYS);
	writer_uint(writer, EXCHANGE_CARD_PACKAGES);
	writer_array(writer, message->card.count);
	for (i = 0; i < message->card.count; i++)
		writer_bin(writer, message->card.packages[i].data, message->card.packages[i].len);
}

/* False for the types that have no form yet. */
static bool
write_content(struct writer *writer, const struct exchange_message *message)
{
	switch (message->type) {
	case EXCHANGE_HELLO:
		write_hello(writer, &message->hello);
		return true;
	case EXCHANGE_ENVELOPE:
		write_envelope(writer, message);
		return true;
	case EXCHANGE_RECEIPT:
		write_receipt(writer, message);
		return true;
	case EXCHANGE_REFUSAL:
		write_refusal(writer, message);
		return true;
	case EXCHANGE_CARD:
		write_card(writer, message);
		return true;
	case EXCHANGE_KEY:
	case EXCHANGE_WITNESS:
	case EXCHANGE_COSIGNATURE:
	case EXCHANGE_GOSSIP:
		break;
	}
	return false;
}

enum err
exchange_encode(const struct exchange_message *message, struct bytes *out)
{
	size_t before = out->len;
	struct writer writer;
	enum err err;

	writer_open(&writer, out);
	writer_array(&writer, 2);
	writer_uint(&writer, (uint64_t)message->type);
	if (!write_content(&writer, message)) {
		out->len = before;
		return ERR_VALUE;
	}
	err = writer_close(&writer);
	if (err == ERR_NONE && out->len - before > FRAME_BYTES_MAX)
		err = ERR_TOO_LARGE;
	if (err != ERR_NONE)
		out->len = before;
	return err;
}
