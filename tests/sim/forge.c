#include "tests/sim/forge.h"

#include <string.h>

#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/tree.h"
#include "wire/seal.h"

enum err
forge_record(const struct forge_record *facts, struct choice *choice, struct bytes *out)
{
	static struct record record;
	struct observable observable = {
	    .type = OBSERVABLE_DOMAIN, .value = bytes_view_str(facts->value)};
	enum err err;
	uint32_t i;

	record_init(&record, RECORD_INDICATOR, facts->tlp);
	record.is_draft = false;
	record.author = party_at(facts->author)->org;
	record.created_ms = facts->created_ms;
	choice_fill(choice, record.nonce.bytes, sizeof(record.nonce.bytes));
	if (facts->tlp == TLP_RED) {
		record.marking.purpose = bytes_view_str("incident response");
		record.marking.basis = bytes_view_str("contract");
	}
	err = record_add_observable(&record, &observable);
	for (i = 0; i < PARTIES && err == ERR_NONE; i++) {
		if ((facts->named >> i & 1) != 0)
			err = audience_add_org(&record.audience, &party_at(i)->org);
	}
	return err == ERR_NONE ? record_encode(&record, out) : err;
}

/* One signature over the statement; the whole signed thing, appended. */
static enum err
sign_one(const struct signer *signer, const struct bytes *statement, struct bytes *out)
{
	uint8_t signature[64];
	enum err err = signer_sign(signer, bytes_as_view(statement), signature);

	return err == ERR_NONE ? signed_encode_one(bytes_as_view(statement), signature, out) : err;
}

enum err
forge_seal(const struct party *by, const struct party *author, uint64_t time_ms,
    struct payload *payload, struct bytes *sealed)
{
	static struct hash leaves[BATCH_COUNT_MAX];
	struct seal seal = {.org = author->org,
	    .serial = author->card.serial,
	    .size = payload->count,
	    .time_ms = time_ms};
	struct bytes statement;
	struct record_id id;
	uint32_t i;
	enum err err;

	for (i = 0; i < payload->count; i++) {
		record_id_of(payload->entries[i].record, &id);
		tree_batch_leaf(&payload->entries[i].salt, &id, &leaves[i]);
	}
	tree_root(leaves, payload->count, &seal.root);
	bytes_init(&statement, SEAL_BYTES_MAX);
	err = seal_encode(&seal, &statement);
	bytes_clear(sealed);
	if (err == ERR_NONE)
		err = sign_one(by->sign, &statement, sealed);
	bytes_release(&statement);
	payload->is_whole = true;
	return err == ERR_NONE
		   ? signed_decode(bytes_as_view(sealed), SEAL_BYTES_MAX, &payload->seal)
		   : err;
}

/* What the header says of the payload. */
static enum err
describe(const struct forge_envelope *facts, struct header *header)
{
	static struct record record;
	struct seal seal;
	enum err err = seal_decode(facts->payload->seal.statement, &seal);

	if (err == ERR_NONE)
		err = record_decode(facts->payload->entries[0].record, false, &record, NULL);
	if (err != ERR_NONE)
		return err;
	*header = (struct header){.suite = SUITE_1,
	    .sender = facts->from->org,
	    .sender_serial = facts->from->card.serial,
	    .recipient = party_at(facts->to)->org,
	    .recipient_serial = party_at(facts->to)->card.serial,
	    .number = facts->number,
	    .root = seal.root,
	    .count = facts->count != 0 ? facts->count : facts->payload->count,
	    .marking_bytes = record.marking_bytes,
	    .voided_count = facts->voided_count,
	    .time_ms = facts->time_ms};
	memcpy(header->voided, facts->voided, sizeof(header->voided));
	return ERR_NONE;
}

/* Encrypt, and say in the header to what. */
static enum err
encrypt(const struct forge_envelope *facts, struct choice *choice, struct header *header,
    struct content_key *content_key, struct bytes *ciphertext)
{
	struct bytes plaintext;
	enum err err;

	bytes_init(&plaintext, PAYLOAD_BYTES_MAX);
	choice_fill(choice, content_key, sizeof(*content_key));
	err = payload_encode(facts->payload, &plaintext);
	if (err == ERR_NONE)
		err = envelope_encrypt(
		    content_key, SUITE_1, &header->root, bytes_as_view(&plaintext), ciphertext);
	bytes_release(&plaintext);
	digest_sha256(bytes_as_view(ciphertext), &header->ciphertext);
	envelope_commitment(content_key, &header->commitment);
	memcpy(header->nonce, content_key->nonce, sizeof(header->nonce));
	return err;
}

static enum err
wrap(const struct forge_envelope *facts, struct choice *choice, struct header *header,
    const struct content_key *content_key, struct bytes *statement)
{
	static const uint8_t no_psk[32];
	struct bytes head;
	uint8_t secret[32];
	struct hash hash;
	enum err err;

	bytes_init(&head, ENVELOPE_BYTES_MAX);
	choice_fill(choice, secret, sizeof(secret));
	choice_fill(choice, header->wrap_nonce, sizeof(header->wrap_nonce));
	err = envelope_ephemeral(secret, header->ephemeral);
	if (err == ERR_NONE)
		err = header_encode_head(header, &head);
	if (err == ERR_NONE) {
		header_hash(bytes_as_view(&head), &hash);
		err = envelope_wrap(secret, party_at(facts->to)->card.envelope_key, no_psk, &hash,
		    header->wrap_nonce, content_key->key, header->wrap);
	}
	if (err == ERR_NONE)
		err = header_encode(bytes_as_view(&head), header, statement);
	bytes_release(&head);
	return err;
}

enum err
forge_envelope(const struct forge_envelope *facts, struct choice *choice, struct bytes *frame)
{
	static struct exchange_message message;
	static struct header header;
	struct content_key content_key;
	struct bytes ciphertext, statement, signed_header;
	enum err err = describe(facts, &header);

	bytes_init(&ciphertext, PAYLOAD_BYTES_MAX + ENVELOPE_TAG_BYTES);
	bytes_init(&statement, ENVELOPE_BYTES_MAX);
	bytes_init(&signed_header, ENVELOPE_BYTES_MAX);
	if (err == ERR_NONE)
		err = encrypt(facts, choice, &header, &content_key, &ciphertext);
	if (err == ERR_NONE)
		err = wrap(facts, choice, &header, &content_key, &statement);
	if (err == ERR_NONE)
		err = sign_one(facts->from->sign, &statement, &signed_header);
	message.type = EXCHANGE_ENVELOPE;
	message.ciphertext = bytes_as_view(&ciphertext);
	if (err == ERR_NONE)
		err = signed_decode(
		    bytes_as_view(&signed_header), ENVELOPE_BYTES_MAX, &message.signed_thing);
	if (err == ERR_NONE)
		err = exchange_encode(&message, frame);
	bytes_release(&ciphertext);
	bytes_release(&statement);
	bytes_release(&signed_header);
	return err;
}

enum err
forge_receipt(const struct party *by, const struct receipt *receipt, struct bytes *frame)
{
	static struct exchange_message message;
	struct bytes statement, signed_receipt;
	enum err err;

	bytes_init(&statement, RECEIPT_BYTES_MAX);
	bytes_init(&signed_receipt, RECEIPT_BYTES_MAX + 256);
	err = receipt_encode(receipt, &statement);
	if (err == ERR_NONE)
		err = sign_one(by->sign, &statement, &signed_receipt);
	message.type = EXCHANGE_RECEIPT;
	if (err == ERR_NONE)
		err = signed_decode(
		    bytes_as_view(&signed_receipt), RECEIPT_BYTES_MAX, &message.signed_thing);
	if (err == ERR_NONE)
		err = exchange_encode(&message, frame);
	bytes_release(&statement);
	bytes_release(&signed_receipt);
	return err;
}
