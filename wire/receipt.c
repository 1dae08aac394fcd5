#include "wire/receipt.h"

#include <assert.h>
#include <string.h>

#include "wire/keys.h"
#include "wire/marking.h"
#include "wire/reason.h"

#define KNOWN_KEYS 13u
#define OUTCOME_BYTES 2u
#define REQUIRED_KEYS                                                                              \
	(KEYS_BIT(RECEIPT_KIND) | KEYS_BIT(RECEIPT_ENVELOPE) | KEYS_BIT(RECEIPT_RECIPIENT) |       \
	    KEYS_BIT(RECEIPT_RECIPIENT_SERIAL) | KEYS_BIT(RECEIPT_SENDER) |                        \
	    KEYS_BIT(RECEIPT_SENDER_SERIAL) | KEYS_BIT(RECEIPT_NUMBER) | KEYS_BIT(RECEIPT_HEAD) |  \
	    KEYS_BIT(RECEIPT_TIME))
#define OUTCOMES_KEYS KEYS_BIT(RECEIPT_OUTCOMES)
#define TAKEN_KEYS (KEYS_BIT(RECEIPT_COUNT) | KEYS_BIT(RECEIPT_TLP))

/* SHA-256 of nothing (FIPS 180-4): the root of an empty log */
static const struct hash EMPTY_ROOT = {{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb,
    0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95,
    0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}};

void
head_read(struct reader *reader, struct head *out)
{
	struct head head = {0};

	(void)reader_array(reader, 3, 3);
	head.epoch = reader_uint(reader, 0, NUMBER_MAX);
	head.size = reader_uint(reader, 0, NUMBER_MAX);
	reader_fixed(reader, head.root.bytes, sizeof(head.root.bytes));
	if (head.size == 0 && memcmp(&head.root, &EMPTY_ROOT, sizeof(EMPTY_ROOT)) != 0)
		reader_fail(reader, ERR_VALUE);
	if (reader_is_ok(reader))
		*out = head;
}

void
head_write(struct writer *writer, const struct head *head)
{
	writer_array(writer, 3);
	writer_uint(writer, head->epoch);
	writer_uint(writer, head->size);
	writer_bin(writer, head->root.bytes, sizeof(head->root.bytes));
}

static struct bytes_view
read_outcomes(struct reader *reader)
{
	struct bytes_view outcomes;
	size_t i;

	outcomes = reader_bin(reader, OUTCOME_BYTES, OUTCOME_BYTES * BATCH_COUNT_MAX);
	if (outcomes.len % OUTCOME_BYTES != 0) {
		reader_fail(reader, ERR_RANGE);
		return outcomes;
	}
	for (i = 0; i < outcomes.len; i += OUTCOME_BYTES) {
		if (!reason_is_known(bytes_get_u16(outcomes.data + i)))
			reader_fail(reader, ERR_RANGE);
	}
	return outcomes;
}

/* What a receipt says of the envelope: keys up to RECEIPT_NUMBER. */
static void
read_envelope(struct reader *reader, uint64_t key, struct receipt *receipt)
{
	switch (key) {
	case RECEIPT_KIND:
		receipt->kind =
		    (enum receipt_kind)reader_uint(reader, RECEIPT_ORDINARY, RECEIPT_OPENED);
		break;
	case RECEIPT_ENVELOPE:
		reader_fixed(reader, receipt->envelope.bytes, sizeof(receipt->envelope.bytes));
		break;
	case RECEIPT_RECIPIENT:
		reader_fixed(reader, receipt->recipient.bytes, sizeof(receipt->recipient.bytes));
		break;
	case RECEIPT_RECIPIENT_SERIAL:
		receipt->recipient_serial = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case RECEIPT_SENDER:
		reader_fixed(reader, receipt->sender.bytes, sizeof(receipt->sender.bytes));
		break;
	case RECEIPT_SENDER_SERIAL:
		receipt->sender_serial = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case RECEIPT_NUMBER:
		receipt->number = reader_uint(reader, 1, NUMBER_MAX);
		break;
	default:
		reader_unknown(reader, key);
	}
}

/* What became of it: keys from RECEIPT_OUTCOMES on. */
static void
read_answer(struct reader *reader, uint64_t key, struct receipt *receipt)
{
	switch (key) {
	case RECEIPT_OUTCOMES:
		receipt->outcomes = read_outcomes(reader);
		break;
	case RECEIPT_HEAD:
		head_read(reader, &receipt->head);
		break;
	case RECEIPT_PEER_HEAD:
		receipt->has_peer_head = true;
		head_read(reader, &receipt->peer_head);
		break;
	case RECEIPT_TIME:
		receipt->time_ms = reader_uint(reader, 1, TIME_MS_MAX);
		break;
	case RECEIPT_COUNT:
		receipt->count = (uint32_t)reader_uint(reader, 1, BATCH_COUNT_MAX);
		break;
	case RECEIPT_TLP:
		receipt->tlp = (uint8_t)reader_uint(reader, 0, TLP_COUNT - 1);
		break;
	default:
		reader_unknown(reader, key);
	}
}

enum err
receipt_decode(struct bytes_view statement, struct receipt *out)
{
	struct receipt receipt = {0};
	struct reader_map map;
	struct bytes_view body;
	struct reader reader;
	uint64_t key, keys = 0;
	bool is_taken;
	enum err err;

	err = signed_statement_body(statement, RECEIPT_BYTES_MAX, CONTEXT_RECEIPT, &body);
	if (err != ERR_NONE)
		return err;
	reader_open(&reader, body);
	reader_map(&reader, &map, KNOWN_KEYS + UNKNOWN_KEYS_MAX);
	while (reader_key(&reader, &map, &key)) {
		keys_add(&keys, key);
		if (key < RECEIPT_OUTCOMES)
			read_envelope(&reader, key, &receipt);
		else
			read_answer(&reader, key, &receipt);
	}
	is_taken = receipt.kind == RECEIPT_TAKEN;
	keys_require(&reader, keys, REQUIRED_KEYS | (is_taken ? TAKEN_KEYS : OUTCOMES_KEYS));
	keys_forbid(&reader, keys, is_taken ? OUTCOMES_KEYS : TAKEN_KEYS);
	receipt.unknown = reader.unknown;
	err = reader_close(&reader);
	if (err == ERR_NONE)
		*out = receipt;
	return err;
}

static void
write_envelope(struct writer *writer, const struct receipt *receipt)
{
	writer_uint(writer, RECEIPT_KIND);
	writer_uint(writer, (uint64_t)receipt->kind);
	writer_uint(writer, RECEIPT_ENVELOPE);
	writer_bin(writer, receipt->envelope.bytes, sizeof(receipt->envelope.bytes));
	writer_uint(writer, RECEIPT_RECIPIENT);
	writer_bin(writer, receipt->recipient.bytes, sizeof(receipt->recipient.bytes));
	writer_uint(writer, RECEIPT_RECIPIENT_SERIAL);
	writer_uint(writer, receipt->recipient_serial);
	writer_uint(writer, RECEIPT_SENDER);
	writer_bin(writer, receipt->sender.bytes, sizeof(receipt->sender.bytes));
	writer_uint(writer, RECEIPT_SENDER_SERIAL);
	writer_uint(writer, receipt->sender_serial);
	writer_uint(writer, RECEIPT_NUMBER);
	writer_uint(writer, receipt->number);
}

enum err
receipt_encode(const struct receipt *receipt, struct bytes *out)
{
	struct bytes_view line = signed_context(CONTEXT_RECEIPT);
	bool is_taken = receipt->kind == RECEIPT_TAKEN;
	struct writer writer;

	bytes_append(out, line.data, line.len);
	writer_open(&writer, out);
	/* required; outcomes, or count and TLP; the peer's head */
	writer_map(&writer, 9u + (is_taken ? 2u : 1u) + (receipt->has_peer_head ? 1u : 0u));
	write_envelope(&writer, receipt);
	if (!is_taken) {
		writer_uint(&writer, RECEIPT_OUTCOMES);
		writer_bin(&writer, receipt->outcomes.data, receipt->outcomes.len);
	}
	writer_uint(&writer, RECEIPT_HEAD);
	head_write(&writer, &receipt->head);
	if (receipt->has_peer_head) {
		writer_uint(&writer, RECEIPT_PEER_HEAD);
		head_write(&writer, &receipt->peer_head);
	}
	writer_uint(&writer, RECEIPT_TIME);
	writer_uint(&writer, receipt->time_ms);
	if (is_taken) {
		writer_uint(&writer, RECEIPT_COUNT);
		writer_uint(&writer, receipt->count);
		writer_uint(&writer, RECEIPT_TLP);
		writer_uint(&writer, receipt->tlp);
	}
	return writer_close(&writer);
}
