/*
 * vectors_exchange: seals and their paths, payloads, an envelope with every intermediate
 * value, receipts, and one frame of each type.
 */
#ifndef MALLA_TESTS_VECTORS_EXCHANGE_H
#define MALLA_TESTS_VECTORS_EXCHANGE_H

#include "crypto/envelope.h"
#include "tests/vectors/vectors_parties.h"
#include "tests/vectors/vectors_records.h"
#include "wire/exchange.h"
#include "wire/header.h"
#include "wire/payload.h"
#include "wire/receipt.h"
#include "wire/seal.h"

/* X25519 of the ephemeral secret and the recipient's key, which crypto/ does not give away. */
static const uint8_t vectors_shared[32] = {0x7a, 0x5a, 0x42, 0x56, 0x07, 0x24, 0x5e, 0x50, 0xd0,
    0xef, 0x10, 0x6c, 0xd5, 0x52, 0xb6, 0x60, 0x84, 0x8e, 0x31, 0x34, 0x48, 0x21, 0xc5, 0xbb, 0xec,
    0x80, 0x57, 0x5d, 0xa6, 0x98, 0xdc, 0x04};

/* A batch of notes by the organisation of letter 0xa1. */
struct vectors_batch {
	uint32_t count;
	struct salt salts[BATCH_COUNT_MAX];
	struct record_id ids[BATCH_COUNT_MAX];
	struct hash leaves[BATCH_COUNT_MAX];
	struct bytes records; /* one behind the other */
	size_t ends[BATCH_COUNT_MAX];
	struct hash root;
	struct bytes seal; /* signed */
};

static struct bytes_view
record_at(const struct vectors_batch *batch, uint32_t i)
{
	size_t start = i == 0 ? 0 : batch->ends[i - 1];

	return bytes_view_of(batch->records.data + start, batch->ends[i] - start);
}

static void
seal_batch(struct vectors_batch *batch)
{
	struct seal seal = {.serial = 7, .size = batch->count, .time_ms = VECTORS_TIME + 1000};
	struct bytes statement;

	org_of(0xa1, &seal.org);
	tree_root(batch->leaves, batch->count, &batch->root);
	seal.root = batch->root;
	bytes_init(&statement, SEAL_BYTES_MAX);
	assert(seal_encode(&seal, &statement) == ERR_NONE);
	sign_one(SEED_SIGN, bytes_as_view(&statement), &batch->seal);
	bytes_release(&statement);
}

/* The caller gives it back to batch_free. */
static struct vectors_batch *
make_batch(uint32_t count)
{
	struct vectors_batch *batch = calloc(1, sizeof(*batch));
	struct record *record;
	char title[32];
	uint32_t i;

	assert(batch != NULL && count <= BATCH_COUNT_MAX);
	batch->count = count;
	bytes_init(&batch->records, BATCH_BYTES_MAX);
	bytes_init(&batch->seal, PAYLOAD_BYTES_MAX);
	for (i = 0; i < count; i++) {
		(void)snprintf(title, sizeof(title), "Note %u of %u", (unsigned)i + 1, (unsigned)count);
		record = start_record(RECORD_NOTE, TLP_AMBER, 1000 + i);
		record->body.title = bytes_view_str(title);
		record->body.text = bytes_view_str("One of many.");
		assert(record_encode(record, &batch->records) == ERR_NONE);
		batch->ends[i] = batch->records.len;
		fill(batch->salts[i].bytes, sizeof(batch->salts[i].bytes), 2000 + i);
		record_id_of(record_at(batch, i), &batch->ids[i]);
		tree_batch_leaf(&batch->salts[i], &batch->ids[i], &batch->leaves[i]);
	}
	seal_batch(batch);
	return batch;
}

static void
batch_free(struct vectors_batch *batch)
{
	bytes_release(&batch->records);
	bytes_release(&batch->seal);
	free(batch);
}

/* ---------------------------------------------------------------- seals */

static void
show_path(struct vectors *vectors, const struct vectors_batch *batch, uint32_t index, bool is_first)
{
	uint32_t length = tree_path_length(index, batch->count);
	struct hash path[TREE_LEVELS_MAX];
	char number[32];

	tree_path(batch->leaves, batch->count, index, path);
	assert(tree_path_verify(&batch->leaves[index], index, batch->count, path, length,
		   &batch->root) == ERR_NONE);
	(void)snprintf(number, sizeof(number), "%s\n   [%u, ", is_first ? "" : ",", (unsigned)index);
	put(vectors, number);
	put_hex_digits(vectors, bytes_view_of(path, length * sizeof(struct hash)));
	put(vectors, "]");
}

static void
show_seal(struct vectors *vectors, const char *name, uint32_t count)
{
	const uint32_t places[] = {0, 1, count / 2, count - 1};
	struct vectors_batch *batch = make_batch(count);
	uint32_t i, shown = 0, last = 0;
	uint8_t key[32];

	public_of(SEED_SIGN, KEY_SIGN, key);
	vector_begin(vectors, "seal", name);
	put_hex(vectors, "sign_key", key, sizeof(key));
	put_number(vectors, "size", count);
	put_hex(vectors, "root", batch->root.bytes, sizeof(batch->root.bytes));
	put_bytes(vectors, "bytes", &batch->seal);
	put_hex(vectors, "salts", batch->salts, count * sizeof(struct salt));
	put_hex(vectors, "ids", batch->ids, count * sizeof(struct record_id));
	put_name(vectors, "paths");
	put(vectors, "[");
	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (places[i] >= count || (shown > 0 && places[i] <= last))
			continue;
		show_path(vectors, batch, places[i], shown++ == 0);
		last = places[i];
	}
	put(vectors, "\n  ]");
	vector_end(vectors);
	batch_free(batch);
}

static void
vectors_seals(struct vectors *vectors)
{
	show_seal(vectors, "one record", 1);
	show_seal(vectors, "five records", 5);
	show_seal(vectors, "512 records", 512);
}

/* ---------------------------------------------------------------- payloads */

/* The whole batch, or its records 0, 2 and 4. */
static void
make_payload(const struct vectors_batch *batch, bool is_whole, struct bytes *out)
{
	static struct payload payload;
	static struct hash paths[3][TREE_LEVELS_MAX];
	uint32_t i;

	payload.is_whole = is_whole;
	payload.count = is_whole ? batch->count : 3;
	assert(signed_decode(bytes_as_view(&batch->seal), SEAL_BYTES_MAX, &payload.seal) == ERR_NONE);
	for (i = 0; i < payload.count; i++) {
		uint32_t index = is_whole ? i : 2 * i;
		struct payload_entry *entry = &payload.entries[i];

		*entry = (struct payload_entry){.index = index, .salt = batch->salts[index],
		    .record = record_at(batch, index)};
		if (is_whole)
			continue;
		entry->path_count = tree_path_length(index, batch->count);
		tree_path(batch->leaves, batch->count, index, paths[i]);
		entry->path = paths[i][0].bytes;
	}
	assert(payload_encode(&payload, out) == ERR_NONE);
}

static void
show_payload(struct vectors *vectors, const char *name, bool is_whole)
{
	struct vectors_batch *batch = make_batch(5);
	struct bytes payload;
	uint8_t key[32];

	bytes_init(&payload, PAYLOAD_BYTES_MAX);
	make_payload(batch, is_whole, &payload);
	public_of(SEED_SIGN, KEY_SIGN, key);
	vector_begin(vectors, "payload", name);
	put_hex(vectors, "sign_key", key, sizeof(key));
	put_number(vectors, "count", is_whole ? 5 : 3);
	put_number(vectors, "whole", is_whole);
	put_bytes(vectors, "bytes", &payload);
	vector_end(vectors);
	bytes_release(&payload);
	batch_free(batch);
}

static void
vectors_payloads(struct vectors *vectors)
{
	show_payload(vectors, "a whole batch", true);
	show_payload(vectors, "three records of five", false);
}

/* ---------------------------------------------------------------- envelopes */

struct vectors_envelope {
	struct content_key content_key;
	struct header header;
	struct hash hash;
	struct bytes payload, ciphertext, head, statement, signed_thing;
	uint8_t psk[32];
	uint8_t recipient_secret[32], recipient_key[32];
};

static void
envelope_release(struct vectors_envelope *envelope)
{
	bytes_release(&envelope->payload);
	bytes_release(&envelope->ciphertext);
	bytes_release(&envelope->head);
	bytes_release(&envelope->statement);
	bytes_release(&envelope->signed_thing);
}

static void
fill_header(struct vectors_envelope *envelope, const struct vectors_batch *batch)
{
	struct header *header = &envelope->header;
	struct hash psk;

	*header = (struct header){.suite = SUITE_1, .sender_serial = 7, .recipient_serial = 3,
	    .number = 42, .root = batch->root, .count = 3, .time_ms = VECTORS_TIME + 2000};
	org_of(0xa1, &header->sender);
	org_of(0xb2, &header->recipient);
	marking_init(&header->marking, TLP_AMBER);
	header->voided_count = 2;
	header->voided[0] = 17;
	header->voided[1] = 40;
	digest_sha256(bytes_view_of(envelope->psk, 32), &psk);
	header->has_psk = envelope->psk[0] != 0;
	memcpy(header->psk_id, psk.bytes, sizeof(header->psk_id));
	memcpy(header->nonce, envelope->content_key.nonce, sizeof(header->nonce));
	fill(header->wrap_nonce, sizeof(header->wrap_nonce), 201);
}

/* Sealed records 0, 2 and 4 of a batch of five, for the holder of SEED_PEER_ENVELOPE. */
static void
make_envelope(struct vectors_envelope *envelope, uint8_t psk_letter)
{
	struct vectors_batch *batch = make_batch(5);
	struct header *header = &envelope->header;
	uint8_t ephemeral[32];

	bytes_init(&envelope->payload, PAYLOAD_BYTES_MAX);
	bytes_init(&envelope->ciphertext, PAYLOAD_BYTES_MAX + ENVELOPE_TAG_BYTES);
	bytes_init(&envelope->head, ENVELOPE_BYTES_MAX);
	bytes_init(&envelope->statement, ENVELOPE_BYTES_MAX);
	bytes_init(&envelope->signed_thing, FRAME_BYTES_MAX);
	memset(envelope->psk, psk_letter, sizeof(envelope->psk));
	seed_bytes(SEED_EPHEMERAL, ephemeral);
	seed_bytes(SEED_PEER_ENVELOPE, envelope->recipient_secret);
	public_of(SEED_PEER_ENVELOPE, KEY_ENVELOPE, envelope->recipient_key);
	fill(&envelope->content_key, sizeof(envelope->content_key), 200);
	make_payload(batch, false, &envelope->payload);
	assert(envelope_encrypt(&envelope->content_key, SUITE_1, &batch->root,
		   bytes_as_view(&envelope->payload), &envelope->ciphertext) == ERR_NONE);
	fill_header(envelope, batch);
	digest_sha256(bytes_as_view(&envelope->ciphertext), &header->ciphertext);
	envelope_commitment(&envelope->content_key, &header->commitment);
	assert(envelope_ephemeral(ephemeral, header->ephemeral) == ERR_NONE);
	assert(header_encode_head(header, &envelope->head) == ERR_NONE);
	header_hash(bytes_as_view(&envelope->head), &envelope->hash);
	assert(envelope_wrap(ephemeral, envelope->recipient_key, envelope->psk, &envelope->hash,
		   header->wrap_nonce, envelope->content_key.key, header->wrap) == ERR_NONE);
	assert(header_encode(bytes_as_view(&envelope->head), header, &envelope->statement) == ERR_NONE);
	sign_one(SEED_SIGN, bytes_as_view(&envelope->statement), &envelope->signed_thing);
	batch_free(batch);
}

static void
wrapping_key(const struct vectors_envelope *envelope, struct hash *out)
{
	struct bytes in;

	bytes_init(&in, 256);
	bytes_append(&in, "malla/wrap/v1\n", 14);
	bytes_append(&in, vectors_shared, sizeof(vectors_shared));
	bytes_append(&in, envelope->header.ephemeral, 32);
	bytes_append(&in, envelope->recipient_key, 32);
	bytes_append(&in, envelope->hash.bytes, 32);
	digest_keyed(bytes_view_of(envelope->psk, 32), bytes_as_view(&in), out);
	bytes_release(&in);
}

static void
show_envelope(struct vectors *vectors, const char *name, uint8_t psk_letter)
{
	static struct vectors_envelope envelope;
	uint8_t ephemeral[32], key[32];
	struct hash hash;

	make_envelope(&envelope, psk_letter);
	seed_bytes(SEED_EPHEMERAL, ephemeral);
	public_of(SEED_SIGN, KEY_SIGN, key);
	vector_begin(vectors, "envelope", name);
	put_hex(vectors, "sign_key", key, sizeof(key));
	put_hex(vectors, "recipient_secret", envelope.recipient_secret, 32);
	put_hex(vectors, "recipient_key", envelope.recipient_key, 32);
	put_hex(vectors, "psk", envelope.psk, sizeof(envelope.psk));
	put_hex(vectors, "ephemeral_secret", ephemeral, sizeof(ephemeral));
	put_hex(vectors, "ephemeral", envelope.header.ephemeral, 32);
	put_hex(vectors, "shared", vectors_shared, sizeof(vectors_shared));
	put_hex(vectors, "header_hash", envelope.hash.bytes, 32);
	wrapping_key(&envelope, &hash);
	put_hex(vectors, "wrapping_key", hash.bytes, 32);
	put_hex(vectors, "content_key", envelope.content_key.key, 32);
	put_hex(vectors, "commitment", envelope.header.commitment.bytes, 32);
	digest_sha256(bytes_as_view(&envelope.statement), &hash);
	put_hex(vectors, "envelope_hash", hash.bytes, 32);
	put_bytes(vectors, "payload", &envelope.payload);
	put_bytes(vectors, "ciphertext", &envelope.ciphertext);
	put_bytes(vectors, "bytes", &envelope.signed_thing);
	vector_end(vectors);
	envelope_release(&envelope);
}

/* Its wrap would follow in a KEY message. */
static void
show_certified(struct vectors *vectors)
{
	static struct vectors_envelope envelope;
	struct bytes head, statement, signed_thing;
	struct hash hash;
	uint8_t key[32];

	make_envelope(&envelope, 0);
	envelope.header.is_certified = true;
	bytes_init(&head, ENVELOPE_BYTES_MAX);
	bytes_init(&statement, ENVELOPE_BYTES_MAX);
	bytes_init(&signed_thing, FRAME_BYTES_MAX);
	assert(header_encode_head(&envelope.header, &head) == ERR_NONE);
	assert(header_encode(bytes_as_view(&head), &envelope.header, &statement) == ERR_NONE);
	sign_one(SEED_SIGN, bytes_as_view(&statement), &signed_thing);
	header_hash(bytes_as_view(&head), &hash);
	public_of(SEED_SIGN, KEY_SIGN, key);
	vector_begin(vectors, "envelope-certified", "certified, without its wrap");
	put_hex(vectors, "sign_key", key, sizeof(key));
	put_hex(vectors, "header_hash", hash.bytes, sizeof(hash.bytes));
	put_bytes(vectors, "bytes", &signed_thing);
	vector_end(vectors);
	bytes_release(&head);
	bytes_release(&statement);
	bytes_release(&signed_thing);
	envelope_release(&envelope);
}

static void
vectors_envelopes(struct vectors *vectors)
{
	show_envelope(vectors, "three records of five for one recipient", 0);
	show_envelope(vectors, "the same with a pre-shared key", 0x70);
	show_certified(vectors);
}

/* ---------------------------------------------------------------- receipts */

static void
make_receipt(enum receipt_kind kind, struct receipt *receipt)
{
	static const uint8_t outcomes[6] = {0, 0, 0, 1, 0, 64};

	*receipt = (struct receipt){.kind = kind, .recipient_serial = 3, .sender_serial = 7,
	    .number = 42, .time_ms = VECTORS_TIME + 3000, .count = 3, .tlp = TLP_AMBER,
	    .outcomes = bytes_view_of(outcomes, sizeof(outcomes)), .has_peer_head = true};
	fill(receipt->envelope.bytes, sizeof(receipt->envelope.bytes), 300);
	org_of(0xb2, &receipt->recipient);
	org_of(0xa1, &receipt->sender);
	receipt->head = (struct head){.epoch = 1, .size = 70000};
	fill(receipt->head.root.bytes, sizeof(receipt->head.root.bytes), 301);
	receipt->peer_head.epoch = 1;
	tree_root(NULL, 0, &receipt->peer_head.root);
}

static void
sign_receipt(const struct receipt *receipt, struct bytes *out)
{
	struct bytes statement;

	bytes_init(&statement, RECEIPT_BYTES_MAX);
	assert(receipt_encode(receipt, &statement) == ERR_NONE);
	sign_one(SEED_PEER_SIGN, bytes_as_view(&statement), out);
	bytes_release(&statement);
}

static void
show_receipt(struct vectors *vectors, const char *name, enum receipt_kind kind, const char *outcomes)
{
	struct receipt receipt;
	struct bytes bytes;
	uint8_t key[32];

	make_receipt(kind, &receipt);
	receipt.has_peer_head = kind != RECEIPT_OPENED;
	bytes_init(&bytes, RECEIPT_BYTES_MAX + 256);
	sign_receipt(&receipt, &bytes);
	public_of(SEED_PEER_SIGN, KEY_SIGN, key);
	vector_begin(vectors, "receipt", name);
	put_hex(vectors, "sign_key", key, sizeof(key));
	put_number(vectors, "kind", kind);
	put_string(vectors, "outcomes", outcomes);
	put_bytes(vectors, "bytes", &bytes);
	vector_end(vectors);
	bytes_release(&bytes);
}

static void
vectors_receipts(struct vectors *vectors)
{
	show_receipt(vectors, "ordinary", RECEIPT_ORDINARY, "stored duplicate ceiling");
	show_receipt(vectors, "taken", RECEIPT_TAKEN, "");
	show_receipt(vectors, "opened", RECEIPT_OPENED, "stored duplicate ceiling");
}

/* ---------------------------------------------------------------- frames */

/* A list of numbers as a field. */
static void
put_numbers(struct vectors *vectors, const char *name, const uint64_t *numbers, size_t count)
{
	char text[24];
	size_t i;

	put_name(vectors, name);
	for (i = 0; i < count; i++) {
		(void)snprintf(text, sizeof(text), "%s%llu", i == 0 ? "[" : ", ",
		    (unsigned long long)numbers[i]);
		put(vectors, text);
	}
	put(vectors, "]");
}

/* What a frame says that no hash or signature covers. */
static void
show_content(struct vectors *vectors, const struct exchange_message *message)
{
	const struct hello *hello = &message->hello;
	const uint64_t greeted[] = {hello->serial, hello->peer_serial, hello->sent, hello->seen,
	    hello->credit, hello->time_ms};
	const uint64_t refused[] = {
	    message->refusal.type, message->refusal.number, message->refusal.retry_ms};

	if (message->type == EXCHANGE_HELLO) {
		put_hex(vectors, "organisation", hello->org.bytes, sizeof(hello->org.bytes));
		put_hex(vectors, "echo", hello->echo.bytes, hello->has_echo ? sizeof(hello->echo.bytes) : 0);
		put_numbers(vectors, "numbers", greeted, sizeof(greeted) / sizeof(*greeted));
	}
	if (message->type == EXCHANGE_REFUSAL) {
		put_string(vectors, "reason", reason_name(message->refusal.reason));
		put_numbers(vectors, "numbers", refused, sizeof(refused) / sizeof(*refused));
	}
}

static void
show_frame(struct vectors *vectors, const char *name, const struct exchange_message *message)
{
	static struct exchange_message again;
	struct bytes frame, repeated;

	bytes_init(&frame, FRAME_BYTES_MAX);
	bytes_init(&repeated, FRAME_BYTES_MAX);
	assert(exchange_encode(message, &frame) == ERR_NONE);
	assert(exchange_decode(bytes_as_view(&frame), &again) == ERR_NONE);
	assert(exchange_encode(&again, &repeated) == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&frame), bytes_as_view(&repeated)));
	vector_begin(vectors, "frame", name);
	put_number(vectors, "message", (uint64_t)message->type);
	show_content(vectors, message);
	put_bytes(vectors, "bytes", &frame);
	vector_end(vectors);
	bytes_release(&frame);
	bytes_release(&repeated);
}

static void
make_hello(struct hello *hello)
{
	struct receipt receipt;

	make_receipt(RECEIPT_ORDINARY, &receipt);
	*hello = (struct hello){.versions_count = 2, .versions = {0, 1}, .suites_count = 1,
	    .suites = {SUITE_1}, .serial = 7, .peer_serial = 3, .sent = 42, .seen = 41,
	    .head = receipt.peer_head, .credit = 8, .time_ms = VECTORS_TIME};
	org_of(0xa1, &hello->org);
	fill(hello->nonce.bytes, sizeof(hello->nonce.bytes), 400);
}

static void
frames_signed(struct vectors *vectors, struct exchange_message *message)
{
	static struct vectors_envelope envelope;
	struct receipt receipt;
	struct bytes signed_receipt;

	make_envelope(&envelope, 0);
	message->type = EXCHANGE_ENVELOPE;
	assert(signed_decode(bytes_as_view(&envelope.signed_thing), ENVELOPE_BYTES_MAX,
		   &message->signed_thing) == ERR_NONE);
	message->ciphertext = bytes_as_view(&envelope.ciphertext);
	show_frame(vectors, "ENVELOPE", message);
	make_receipt(RECEIPT_ORDINARY, &receipt);
	bytes_init(&signed_receipt, RECEIPT_BYTES_MAX + 256);
	sign_receipt(&receipt, &signed_receipt);
	message->type = EXCHANGE_RECEIPT;
	assert(signed_decode(bytes_as_view(&signed_receipt), RECEIPT_BYTES_MAX,
		   &message->signed_thing) == ERR_NONE);
	show_frame(vectors, "RECEIPT", message);
	bytes_release(&signed_receipt);
	envelope_release(&envelope);
}

static void
vectors_frames(struct vectors *vectors)
{
	static struct exchange_message message;
	struct vectors_party party;
	struct receipt receipt;

	make_receipt(RECEIPT_ORDINARY, &receipt);
	message.type = EXCHANGE_HELLO;
	make_hello(&message.hello);
	show_frame(vectors, "HELLO, a first greeting", &message);
	message.hello.has_echo = true;
	fill(message.hello.echo.bytes, sizeof(message.hello.echo.bytes), 401);
	message.hello.has_peer_head = true;
	message.hello.peer_head = receipt.head;
	show_frame(vectors, "HELLO, an answer", &message);
	frames_signed(vectors, &message);
	message.type = EXCHANGE_REFUSAL;
	message.refusal.reason = REASON_BUSY;
	message.refusal.type = EXCHANGE_ENVELOPE;
	message.refusal.number = 42;
	message.refusal.retry_ms = 5000;
	show_frame(vectors, "REFUSAL of an envelope", &message);
	message.refusal.reason = REASON_NOT_CANONICAL;
	message.refusal.type = 0;
	message.refusal.number = 0;
	message.refusal.retry_ms = 0;
	show_frame(vectors, "REFUSAL of something that could not be read", &message);
	make_party(&party);
	message.type = EXCHANGE_CARD;
	message.card.count = 1;
	message.card.packages[0] = bytes_as_view(&party.package);
	show_frame(vectors, "CARD", &message);
	party_release(&party);
}

#endif
