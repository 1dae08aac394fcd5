#include "tests/sim/tap.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "tests/sim/model.h"
#include "tests/sim/report.h"

void
tap_init(struct tap *tap)
{
	memset(tap, 0, sizeof(*tap));
}

void
tap_release(struct tap *tap)
{
	uint32_t i;

	for (i = 0; i < tap->envelopes_count; i++) {
		free(tap->envelopes[i].ids);
		free(tap->envelopes[i].drafts);
	}
	for (i = 0; i < tap->promises_count; i++)
		free(tap->promises[i].outcomes);
	for (i = 0; i < TAP_NODES; i++)
		free(tap->heads[i].at);
	free(tap->envelopes);
	free(tap->promises);
}

/* One more element at the end of an array that grows. */
static void *
more(void **array, uint32_t *count, uint32_t *cap, size_t size)
{
	if (*count == *cap) {
		*cap = *cap == 0 ? 32 : 2 * *cap;
		*array = realloc(*array, *cap * size);
		if (*array == NULL)
			abort();
	}
	return memset((char *)*array + (*count)++ * size, 0, size);
}

bool
tap_open(const struct exchange_message *message, uint32_t to, struct bytes *plaintext,
    struct payload *payload)
{
	static const uint8_t no_psk[32];
	static struct header header;
	struct content_key content_key;
	struct hash hash;

	bytes_clear(plaintext);
	if (header_decode(message->signed_thing.statement, &header, &hash) != ERR_NONE ||
	    header.is_certified ||
	    envelope_unwrap(party_at(to)->envelope_secret, header.ephemeral, no_psk, &hash,
		header.wrap_nonce, header.wrap, content_key.key) != ERR_NONE)
		return false;
	memcpy(content_key.nonce, header.nonce, sizeof(content_key.nonce));
	return envelope_decrypt(&content_key, header.suite, &header.root, message->ciphertext,
		   plaintext) == ERR_NONE &&
	       payload_decode(bytes_as_view(plaintext), payload) == ERR_NONE;
}

static void
note_records(
    struct tap_envelope *envelope, const struct model *model, const struct payload *payload)
{
	static struct record record;
	uint32_t i;

	envelope->is_open = true;
	envelope->records = payload->count;
	envelope->ids = calloc(payload->count, sizeof(*envelope->ids));
	envelope->drafts = calloc(payload->count, sizeof(*envelope->drafts));
	if (envelope->ids == NULL || envelope->drafts == NULL)
		abort();
	for (i = 0; i < payload->count; i++) {
		record_id_of(payload->entries[i].record, &envelope->ids[i]);
		envelope->drafts[i] = MODEL_DRAFTS_MAX;
		if (record_decode(payload->entries[i].record, false, &record, NULL) == ERR_NONE)
			envelope->drafts[i] = (uint16_t)model_find(model, &record);
	}
}

struct tap_envelope *
tap_find(const struct tap *tap, const struct hash *hash)
{
	uint32_t i;

	for (i = tap->envelopes_count; i > 0; i--) {
		if (memcmp(&tap->envelopes[i - 1].hash, hash, sizeof(*hash)) == 0)
			return &tap->envelopes[i - 1];
	}
	return NULL;
}

struct tap_envelope *
tap_envelope(struct tap *tap, const struct model *model, const struct exchange_message *message,
    bool *is_new)
{
	static struct payload payload;
	static struct header header;
	static struct bytes plaintext;
	struct tap_envelope *envelope;
	struct hash hash, statement;

	*is_new = false;
	if (header_decode(message->signed_thing.statement, &header, &hash) != ERR_NONE)
		return NULL;
	/* what does not verify is nobody's */
	if (party_of_org(&header.sender) == PARTIES ||
	    signed_verify_one(&message->signed_thing,
		party_at(party_of_org(&header.sender))->card.sign_key) != ERR_NONE)
		return NULL;
	digest_sha256(message->signed_thing.statement, &statement);
	envelope = tap_find(tap, &statement);
	if (envelope != NULL)
		return envelope;
	*is_new = true;
	envelope = more((void **)&tap->envelopes, &tap->envelopes_count, &tap->envelopes_cap,
	    sizeof(*envelope));
	envelope->hash = statement;
	envelope->from = party_of_org(&header.sender);
	envelope->to = party_of_org(&header.recipient);
	envelope->number = header.number;
	envelope->count = header.count;
	envelope->voided_count = header.voided_count;
	memcpy(envelope->voided, header.voided, sizeof(envelope->voided));
	if (plaintext.cap_max == 0)
		bytes_init(&plaintext, PAYLOAD_BYTES_MAX);
	if (envelope->to < PARTIES && tap_open(message, envelope->to, &plaintext, &payload))
		note_records(envelope, model, &payload);
	return envelope;
}

struct tap_promise *
tap_promised(const struct tap *tap, uint32_t by, uint32_t to, uint64_t number)
{
	uint32_t i;

	for (i = tap->promises_count; i > 0; i--) {
		struct tap_promise *promise = &tap->promises[i - 1];

		if (promise->by == by && promise->to == to && promise->number == number)
			return promise;
	}
	return NULL;
}

struct tap_promise *
tap_promise(struct tap *tap)
{
	return more((void **)&tap->promises, &tap->promises_count, &tap->promises_cap,
	    sizeof(*tap->promises));
}

bool
tap_is_voided(const struct tap *tap, uint32_t by, uint32_t from, uint64_t number)
{
	uint32_t i;

	for (i = 0; i < tap->voided_count; i++) {
		if (tap->voided[i].by == by && tap->voided[i].from == from &&
		    tap->voided[i].number == number)
			return true;
	}
	return false;
}

void
tap_void(struct tap *tap, uint32_t by, uint32_t from, uint64_t number)
{
	if (tap->voided_count == sizeof(tap->voided) / sizeof(*tap->voided) ||
	    tap_is_voided(tap, by, from, number))
		return;
	tap->voided[tap->voided_count].by = by;
	tap->voided[tap->voided_count].from = from;
	tap->voided[tap->voided_count++].number = number;
}

bool
tap_head(struct tap *tap, uint32_t node, const struct head *head)
{
	struct tap_heads *heads = &tap->heads[node];

	if (head->epoch != 1 || head->size > 1u << 20)
		return false;
	if (head->size >= heads->count) {
		uint64_t count = 2 * (head->size + 32);

		heads->at = realloc(heads->at, count * sizeof(*heads->at));
		if (heads->at == NULL)
			abort();
		memset(heads->at + heads->count, 0, (count - heads->count) * sizeof(*heads->at));
		heads->count = count;
	}
	if (heads->at[head->size].is_set)
		return digest_is_equal(&heads->at[head->size].root, &head->root);
	heads->at[head->size].is_set = true;
	heads->at[head->size].root = head->root;
	return true;
}
