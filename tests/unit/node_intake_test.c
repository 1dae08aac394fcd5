/*
 * Bad input at a receiving node.  Every case says which reason must come back, and how: as a
 * refusal, which settles nothing, or as the outcomes of a receipt, which settles the number.
 * In both the store holds afterwards what it held before, and a good envelope still passes.
 */
#include "tests/unit/node_fixture.h"

#include "crypto/envelope.h"
#include "crypto/tree.h"

enum { A, B, C }; /* the sender, whom the test plays; the receiver; a third organisation */

#define FORGE_RECORDS_MAX 4u

/* The stages of making an envelope, at the end of each of which it can be spoilt. */
enum stage {
	STAGE_RECORDS,   /* drafts of the records, before they are encoded */
	STAGE_BODIES,    /* their bytes, before the tree is made */
	STAGE_SEAL,      /* the seal, before it is signed */
	STAGE_ENTRIES,   /* the payload, before it is encoded */
	STAGE_PLAINTEXT, /* its bytes, before they are encrypted */
	STAGE_HEADER,    /* the header, before it is encoded; the ciphertext is there */
	STAGE_HEAD,      /* the head's bytes, before the key is wrapped to them */
	STAGE_WRAP,
	STAGE_STATEMENT, /* before it is signed */
	STAGE_SIGNED,    /* before the frame is made */
	STAGE_FRAME,
};

struct forge {
	struct net *net;
	uint32_t count;
	struct record *records; /* FORGE_RECORDS_MAX */
	struct bytes bodies[FORGE_RECORDS_MAX];
	struct seal seal;
	const struct signer *sealer; /* NULL: the seal's signature is spoilt */
	struct bytes signed_seal;
	struct payload *payload;
	struct hash paths[FORGE_RECORDS_MAX][PAYLOAD_PATH_MAX];
	struct bytes plaintext;
	struct content_key key;
	struct bytes ciphertext;
	struct header header;
	struct bytes head;
	struct bytes statement;
	const struct signer *signer;
	uint8_t signature[64];
	struct bytes frame;
	struct hash envelope;
};

typedef void (*spoil_fn)(struct forge *forge, enum stage stage);

/* Session of the test with B, and what B said last. */
struct harness {
	struct net *net;
	uint64_t number; /* the next one */
	uint8_t tag;     /* makes every record another one */
	struct forge forge;
	struct bytes heard[8]; /* frames from B since the last clear */
	uint32_t heard_count;
	bool hung_up;
};

static struct harness *harness; /* one at a time; every test runs in a process of its own */

/* ---------------------------------------------------------------- speaking to B */

static void
hear_nothing(void)
{
	uint32_t i;

	for (i = 0; i < harness->heard_count; i++)
		bytes_release(&harness->heard[i]);
	harness->heard_count = 0;
	harness->hung_up = false;
}

static void
hear(const struct core_action *action)
{
	struct bytes *frame;

	if (action->type == CORE_HANG_UP)
		harness->hung_up = true;
	if (action->type != CORE_SEND)
		return;
	ck_assert_uint_lt(harness->heard_count, 8);
	frame = &harness->heard[harness->heard_count++];
	bytes_init(frame, FRAME_BYTES_MAX);
	bytes_append(frame, action->data, action->len);
}

/* One turn of B, whose actions are heard. */
static void
turn(const struct core_event *event)
{
	struct core *core = harness->net->nodes[B].core;
	const struct core_action *actions;
	uint8_t seed[32] = {0};
	uint32_t count, i;

	bytes_put_u64(seed, ++harness->net->turns);
	core_turn_begin(core, harness->net->now_ms, seed);
	if (event != NULL)
		core_step(core, event);
	ck_err(core_turn_end(core), ERR_NONE);
	actions = core_actions(core, &count);
	for (i = 0; i < count; i++)
		hear(&actions[i]);
	core_actions_clear(core);
}

/* A frame from A; turns until B has no more to do. */
static void
say(struct bytes_view frame)
{
	struct core_event event = {.type = CORE_LINK_MESSAGE, .bytes = frame,
	    .key = harness->net->nodes[A].card.transport_key};

	hear_nothing();
	turn(&event);
	while (core_has_work(harness->net->nodes[B].core))
		turn(NULL);
}

static void
say_message(const struct exchange_message *message)
{
	struct bytes frame;

	bytes_init(&frame, FRAME_BYTES_MAX);
	ck_err(exchange_encode(message, &frame), ERR_NONE);
	say(bytes_as_view(&frame));
	bytes_release(&frame);
}

static struct exchange_message
heard(uint32_t i)
{
	static struct exchange_message message;

	ck_assert_uint_lt(i, harness->heard_count);
	ck_err(exchange_decode(bytes_as_view(&harness->heard[i]), &message), ERR_NONE);
	return message;
}

static void
fill_hello(struct exchange_message *message)
{
	const struct net *net = harness->net;

	*message = (struct exchange_message){.type = EXCHANGE_HELLO};
	message->hello = (struct hello){.versions_count = 1, .suites_count = 1, .serial = 1,
	    .peer_serial = 1, .credit = 8, .time_ms = net->now_ms};
	message->hello.versions[0] = PROTOCOL_VERSION;
	message->hello.suites[0] = SUITE_1;
	message->hello.org = net->nodes[A].org;
	message->hello.nonce.bytes[0] = 1;
	message->hello.head.epoch = 1;
	tree_root(NULL, 0, &message->hello.head.root);
}

static struct member *
sender(void)
{
	return net_member(harness->net, B, A);
}

static void
greet(void)
{
	struct exchange_message message;

	fill_hello(&message);
	say_message(&message);
	ck_assert_uint_ge(harness->heard_count, 1);
	ck_assert_uint_eq(heard(0).type, EXCHANGE_HELLO);
	ck_assert(heard(0).hello.has_echo);
	ck_assert_uint_eq(sender()->state, SESSION_OPEN);
}

static void
open_harness(void)
{
	struct net *net = calloc(1, sizeof(*net));
	struct forge *forge;
	uint32_t i;

	ck_assert_ptr_nonnull(net);
	harness = calloc(1, sizeof(*harness));
	ck_assert_ptr_nonnull(harness);
	net->count = NODES_MAX;
	net->now_ms = NODE_TIME;
	bytes_init(&net->answer, REQUEST_BYTES_MAX);
	for (i = 0; i < NODES_MAX; i++) {
		net->nodes[i].has_no_endpoint = true;
		node_found(&net->nodes[i], i);
	}
	net_start(net, B);
	ck_reason(net_peer_add(net, B, A), REASON_STORED);
	net_run(net);
	harness->net = net;
	harness->number = 1;
	forge = &harness->forge;
	forge->net = net;
	forge->records = calloc(FORGE_RECORDS_MAX, sizeof(*forge->records));
	forge->payload = calloc(1, sizeof(*forge->payload));
	ck_assert(forge->records != NULL && forge->payload != NULL);
	for (i = 0; i < FORGE_RECORDS_MAX; i++)
		bytes_init(&forge->bodies[i], RECORD_BYTES_MAX);
	bytes_init(&forge->signed_seal, 2 * SEAL_BYTES_MAX);
	bytes_init(&forge->plaintext, 2 * PAYLOAD_BYTES_MAX);
	bytes_init(&forge->ciphertext, 2 * PAYLOAD_BYTES_MAX);
	bytes_init(&forge->head, 2 * ENVELOPE_BYTES_MAX);
	bytes_init(&forge->statement, 2 * ENVELOPE_BYTES_MAX);
	bytes_init(&forge->frame, 2 * FRAME_BYTES_MAX);
	greet();
}

static void
close_harness(void)
{
	struct forge *forge = &harness->forge;
	uint32_t i;

	hear_nothing();
	for (i = 0; i < FORGE_RECORDS_MAX; i++)
		bytes_release(&forge->bodies[i]);
	bytes_release(&forge->signed_seal);
	bytes_release(&forge->plaintext);
	bytes_release(&forge->ciphertext);
	bytes_release(&forge->head);
	bytes_release(&forge->statement);
	bytes_release(&forge->frame);
	free(forge->records);
	free(forge->payload);
	net_close(harness->net);
	free(harness);
	harness = NULL;
}

/* ---------------------------------------------------------------- making an envelope */

static void
spoil_at(struct forge *forge, spoil_fn spoil, enum stage stage)
{
	if (spoil != NULL)
		spoil(forge, stage);
}

static void
forge_records(struct forge *forge, spoil_fn spoil)
{
	uint32_t i;

	forge->count = 1;
	for (i = 0; i < FORGE_RECORDS_MAX; i++) {
		struct record *record = &forge->records[i];

		record_init(record, RECORD_NOTE, TLP_CLEAR);
		record->is_draft = false;
		record->author = forge->net->nodes[A].org;
		record->created_ms = forge->net->now_ms;
		record->body.title = bytes_view_str("title");
		record->body.text = bytes_view_str("text");
		record->nonce.bytes[0] = ++harness->tag;
		record->nonce.bytes[1] = (uint8_t)i;
		bytes_put_u64(record->nonce.bytes + 2, harness->number);
		bytes_clear(&forge->bodies[i]);
	}
	spoil_at(forge, spoil, STAGE_RECORDS);
	for (i = 0; i < forge->count; i++)
		ck_err(record_encode(&forge->records[i], &forge->bodies[i]), ERR_NONE);
	spoil_at(forge, spoil, STAGE_BODIES);
}

/* The tree over the bodies; the whole batch goes out. */
static void
forge_tree(struct forge *forge)
{
	struct hash leaves[FORGE_RECORDS_MAX];
	struct record_id id;
	uint32_t i;

	forge->payload->is_whole = true;
	forge->payload->count = forge->count;
	for (i = 0; i < forge->count; i++) {
		struct payload_entry *entry = &forge->payload->entries[i];

		*entry = (struct payload_entry){.index = i, .record = bytes_as_view(&forge->bodies[i])};
		memset(entry->salt.bytes, (int)(i + 1), sizeof(entry->salt.bytes));
		record_id_of(entry->record, &id);
		tree_batch_leaf(&entry->salt, &id, &leaves[i]);
	}
	for (i = 0; i < forge->count; i++)
		tree_path(leaves, forge->count, i, forge->paths[i]);
	forge->seal = (struct seal){.org = forge->net->nodes[A].org, .serial = 1,
	    .size = forge->count, .time_ms = forge->net->now_ms};
	tree_root(leaves, forge->count, &forge->seal.root);
}

static void
forge_seal(struct forge *forge, spoil_fn spoil)
{
	struct bytes statement;
	uint8_t signature[64];

	forge->sealer = forge->net->nodes[A].sign;
	forge_tree(forge);
	spoil_at(forge, spoil, STAGE_SEAL);
	bytes_init(&statement, SEAL_BYTES_MAX);
	ck_err(seal_encode(&forge->seal, &statement), ERR_NONE);
	ck_err(signer_sign(forge->sealer != NULL ? forge->sealer : forge->net->nodes[A].sign,
		   bytes_as_view(&statement), signature),
	    ERR_NONE);
	if (forge->sealer == NULL)
		signature[7] ^= 1;
	bytes_clear(&forge->signed_seal);
	ck_err(signed_encode_one(bytes_as_view(&statement), signature, &forge->signed_seal),
	    ERR_NONE);
	ck_err(signed_decode(bytes_as_view(&forge->signed_seal), SEAL_BYTES_MAX,
		   &forge->payload->seal),
	    ERR_NONE);
	bytes_release(&statement);
}

static void
forge_payload(struct forge *forge, spoil_fn spoil)
{
	spoil_at(forge, spoil, STAGE_ENTRIES);
	bytes_clear(&forge->plaintext);
	ck_err(payload_encode(forge->payload, &forge->plaintext), ERR_NONE);
	spoil_at(forge, spoil, STAGE_PLAINTEXT);
	memset(&forge->key, 0x42, sizeof(forge->key));
	forge->key.nonce[0] = (uint8_t)harness->number;
	bytes_clear(&forge->ciphertext);
	ck_err(envelope_encrypt(&forge->key, SUITE_1, &forge->seal.root,
		   bytes_as_view(&forge->plaintext), &forge->ciphertext),
	    ERR_NONE);
}

static void
forge_header(struct forge *forge)
{
	const struct net *net = forge->net;
	struct header *header = &forge->header;

	*header = (struct header){.suite = SUITE_1, .sender = net->nodes[A].org,
	    .sender_serial = 1, .recipient = net->nodes[B].org, .recipient_serial = 1,
	    .number = harness->number, .root = forge->seal.root, .count = forge->payload->count,
	    .marking = forge->records[0].marking, .time_ms = net->now_ms};
	digest_sha256(bytes_as_view(&forge->ciphertext), &header->ciphertext);
	envelope_commitment(&forge->key, &header->commitment);
	memcpy(header->nonce, forge->key.nonce, sizeof(header->nonce));
}

/* Wrap the key to the head's bytes as they are now, and sign the statement. */
static void
forge_sign(struct forge *forge, spoil_fn spoil)
{
	static const uint8_t no_psk[32];
	struct header *header = &forge->header;
	uint8_t secret[32];
	struct hash hash;

	memset(secret, 0x77, sizeof(secret));
	ck_err(envelope_ephemeral(secret, header->ephemeral), ERR_NONE);
	spoil_at(forge, spoil, STAGE_HEADER);
	bytes_clear(&forge->head);
	ck_err(header_encode_head(header, &forge->head), ERR_NONE);
	spoil_at(forge, spoil, STAGE_HEAD);
	header_hash(bytes_as_view(&forge->head), &hash);
	ck_err(envelope_wrap(secret, forge->net->nodes[B].card.envelope_key, no_psk, &hash,
		   header->wrap_nonce, forge->key.key, header->wrap),
	    ERR_NONE);
	spoil_at(forge, spoil, STAGE_WRAP);
	bytes_clear(&forge->statement);
	ck_err(header_encode(bytes_as_view(&forge->head), header, &forge->statement), ERR_NONE);
	spoil_at(forge, spoil, STAGE_STATEMENT);
	ck_err(signer_sign(forge->signer, bytes_as_view(&forge->statement), forge->signature),
	    ERR_NONE);
	digest_sha256(bytes_as_view(&forge->statement), &forge->envelope);
	spoil_at(forge, spoil, STAGE_SIGNED);
}

static void
forge_frame(struct forge *forge)
{
	struct exchange_message message = {.type = EXCHANGE_ENVELOPE};

	message.ciphertext = bytes_as_view(&forge->ciphertext);
	message.signed_thing.statement = bytes_as_view(&forge->statement);
	message.signed_thing.count = 1;
	message.signed_thing.signatures[0] = (struct signed_signature){.suite = SUITE_1,
	    .bytes = bytes_view_of(forge->signature, sizeof(forge->signature))};
	bytes_clear(&forge->frame);
	ck_err(exchange_encode(&message, &forge->frame), ERR_NONE);
}

static struct bytes_view
make(spoil_fn spoil)
{
	struct forge *forge = &harness->forge;

	forge->signer = forge->net->nodes[A].sign;
	forge_records(forge, spoil);
	forge_seal(forge, spoil);
	forge_payload(forge, spoil);
	forge_header(forge);
	forge_sign(forge, spoil);
	forge_frame(forge);
	spoil_at(forge, spoil, STAGE_FRAME);
	return bytes_as_view(&forge->frame);
}

/* ---------------------------------------------------------------- what must hold */

struct totals {
	uint64_t records, batches, seen, received;
	struct head head;
	uint32_t peers, cards, operators;
};

static enum err
count_peer(void *context, const struct peer_row *row)
{
	struct totals *totals = context;

	totals->peers += 1 + row->is_removed;
	return ERR_NONE;
}

static enum err
count_card(void *context, const struct card_row *row)
{
	struct totals *totals = context;

	totals->cards += (uint32_t)row->serial;
	return ERR_NONE;
}

static enum err
count_operator(void *context, const struct operator_row *row)
{
	struct totals *totals = context;

	(void)row;
	totals->operators++;
	return ERR_NONE;
}

static struct totals
count_all(void)
{
	struct store *store = harness->net->nodes[B].core->store;
	const struct org_id *org = &harness->net->nodes[A].org;
	struct totals totals = {0};

	ck_err(records_totals(store, &totals.records, &totals.batches), ERR_NONE);
	ck_err(deliveries_received_seen(store, org, 1, 1, &totals.seen), ERR_NONE);
	ck_err(deliveries_received_count(store, org, &totals.received), ERR_NONE);
	events_head(store, &totals.head);
	ck_err(peers_each(store, count_peer, &totals), ERR_NONE);
	ck_err(peers_card_each(store, count_card, &totals), ERR_NONE);
	ck_err(peers_operator_each(store, count_operator, &totals), ERR_NONE);
	return totals;
}

/* Nothing changed but for so many leaves of the log. */
static void
ck_same(const struct totals *before, uint64_t leaves, const char *why)
{
	struct totals now = count_all();

	ck_assert_msg(now.records == before->records && now.batches == before->batches &&
		now.received == before->received, "%s: records were stored", why);
	ck_assert_msg(now.peers == before->peers && now.cards == before->cards &&
		now.operators == before->operators, "%s: peers, cards or operators changed", why);
	ck_assert_msg(now.head.size == before->head.size + leaves,
	    "%s: %llu leaves instead of %llu", why,
	    (unsigned long long)(now.head.size - before->head.size), (unsigned long long)leaves);
}

/* B refused the last frame with this reason, and did or did not hang up. */
static void
ck_refused(enum reason reason, uint64_t type, bool hangs_up, const char *why)
{
	struct exchange_message message;

	ck_assert_msg(harness->heard_count == 1, "%s: %u answers", why, harness->heard_count);
	message = heard(0);
	ck_assert_msg(message.type == EXCHANGE_REFUSAL, "%s: message %u instead of a refusal", why,
	    (unsigned)message.type);
	ck_assert_msg(message.refusal.reason == reason, "%s: %s instead of %s", why,
	    reason_name(message.refusal.reason), reason_name(reason));
	ck_assert_msg(message.refusal.type == type, "%s: of type %llu", why,
	    (unsigned long long)message.refusal.type);
	ck_assert_msg(harness->hung_up == hangs_up, "%s: hung up %d", why, harness->hung_up);
	ck_assert_msg((sender()->state == SESSION_OPEN) != hangs_up, "%s: state %d", why,
	    (int)sender()->state);
}

/* B receipted the last envelope; the outcome of its nth record. */
static enum reason
receipted(uint32_t nth, const char *why)
{
	struct exchange_message message;
	struct receipt receipt;

	ck_assert_msg(harness->heard_count == 1, "%s: %u answers", why, harness->heard_count);
	message = heard(0);
	if (message.type == EXCHANGE_REFUSAL)
		ck_abort_msg("%s: refused: %s", why, reason_name(message.refusal.reason));
	ck_assert_msg(message.type == EXCHANGE_RECEIPT, "%s: no receipt", why);
	ck_err(signed_verify_one(&message.signed_thing, harness->net->nodes[B].card.sign_key),
	    ERR_NONE);
	ck_err(receipt_decode(message.signed_thing.statement, &receipt), ERR_NONE);
	ck_assert(digest_is_equal(&receipt.envelope, &harness->forge.envelope));
	ck_assert_uint_eq(receipt.number, harness->forge.header.number);
	ck_assert_uint_eq(receipt.outcomes.len, 2 * (size_t)harness->forge.header.count);
	return (enum reason)bytes_get_u16(receipt.outcomes.data + 2 * (size_t)nth);
}

/* The session goes on: greet again if it was closed; one more envelope is stored. */
static void
ck_goes_on(const char *why)
{
	uint64_t records = count_all().records;

	if (sender()->state != SESSION_OPEN)
		greet();
	say(make(NULL));
	ck_assert_msg(receipted(0, why) == REASON_STORED, "%s: %s", why,
	    reason_name(receipted(0, why)));
	ck_assert_msg(count_all().records == records + 1, "%s: not stored", why);
	harness->number++;
}

START_TEST(takes_a_good_envelope)
{
	open_harness();
	ck_goes_on("good");
	ck_goes_on("another");
	close_harness();
}
END_TEST

/* ---------------------------------------------------------------- spoilt envelopes */

static void
replace(struct bytes *bytes, const void *data, size_t len)
{
	bytes_clear(bytes);
	bytes_append(bytes, data, len);
}

/* Append one pair to the canonical map that the bytes are. */
static void
add_pair(struct bytes *map, uint8_t key)
{
	struct bytes copy;

	bytes_init(&copy, 2 * FRAME_BYTES_MAX);
	if (map->data[0] == 0x8f) {
		bytes_append_u8(&copy, 0xde);
		bytes_append_u16(&copy, 16);
	} else if (map->data[0] == 0xde) {
		bytes_append_u8(&copy, 0xde);
		bytes_append_u16(&copy, (uint16_t)(bytes_get_u16(map->data + 1) + 1));
	} else {
		ck_assert_uint_eq(map->data[0] & 0xf0, 0x80);
		bytes_append_u8(&copy, (uint8_t)(map->data[0] + 1));
	}
	if (map->data[0] == 0xde)
		bytes_append(&copy, map->data + 3, map->len - 3);
	else
		bytes_append(&copy, map->data + 1, map->len - 1);
	bytes_append_u8(&copy, key);
	bytes_append_u8(&copy, 1);
	replace(map, copy.data, copy.len);
	bytes_release(&copy);
}

#define SPOIL(name, when, ...) \
	static void name(struct forge *forge, enum stage stage) \
	{ \
		if (stage == (when)) { \
			__VA_ARGS__; \
		} \
	}

/* clang-format off */
/* the header */
SPOIL(head_even, STAGE_HEAD, add_pair(&forge->head, 60))
SPOIL(head_odd, STAGE_HEAD, add_pair(&forge->head, 61))
SPOIL(head_suite, STAGE_HEAD, forge->head.data[4] = 2)
SPOIL(head_trailing, STAGE_STATEMENT, bytes_append_u8(&forge->statement, 1))
SPOIL(head_context, STAGE_STATEMENT, forge->statement.data[6] ^= 1)
SPOIL(signature_spoilt, STAGE_SIGNED, forge->signature[0] ^= 1)
SPOIL(statement_altered, STAGE_SIGNED, forge->statement.data[forge->statement.len - 1] ^= 1)
SPOIL(signed_by_log, STAGE_STATEMENT, forge->signer = forge->net->nodes[A].log)
SPOIL(signed_by_witness, STAGE_STATEMENT, forge->signer = forge->net->nodes[A].witness)
SPOIL(signed_by_root, STAGE_STATEMENT, forge->signer = forge->net->nodes[A].root)
SPOIL(signed_by_other, STAGE_STATEMENT, forge->signer = forge->net->nodes[C].sign)
SPOIL(to_other, STAGE_HEADER, forge->header.recipient = forge->net->nodes[C].org)
SPOIL(to_serial, STAGE_HEADER, forge->header.recipient_serial = 2)
SPOIL(from_other, STAGE_HEADER,
    forge->header.sender = forge->net->nodes[C].org; forge->signer = forge->net->nodes[C].sign)
SPOIL(from_receiver, STAGE_HEADER, forge->header.sender = forge->net->nodes[B].org)
SPOIL(from_serial, STAGE_HEADER, forge->header.sender_serial = 9)
SPOIL(head_future, STAGE_HEADER, forge->header.time_ms += SKEW_MS + 1)
SPOIL(head_before_card, STAGE_HEADER, forge->header.time_ms = NODE_TIME - 2 * NODE_DAY)
SPOIL(certified, STAGE_HEADER, forge->header.is_certified = true)
SPOIL(with_psk, STAGE_HEADER, forge->header.has_psk = true)
SPOIL(number_ahead, STAGE_HEADER, forge->header.number += CREDIT_MAX + VOIDED_MAX)
SPOIL(number_huge, STAGE_HEADER, forge->header.number = NUMBER_MAX)
SPOIL(ciphertext_spoilt, STAGE_SIGNED, forge->ciphertext.data[3] ^= 1)
SPOIL(ciphertext_short, STAGE_SIGNED, forge->ciphertext.len--)
/* key and payload */
SPOIL(wrong_commitment, STAGE_HEADER, forge->header.commitment.bytes[5] ^= 1)
SPOIL(wrap_spoilt, STAGE_WRAP, forge->header.wrap[5] ^= 1)
SPOIL(wrap_nonce_spoilt, STAGE_WRAP, forge->header.wrap_nonce[5] ^= 1)
SPOIL(ephemeral_zero, STAGE_HEADER, memset(forge->header.ephemeral, 0, 32))
SPOIL(ephemeral_other, STAGE_HEADER, forge->header.ephemeral[3] ^= 1)
SPOIL(tag_spoilt, STAGE_HEADER,
    forge->ciphertext.data[forge->ciphertext.len - 1] ^= 1;
    digest_sha256(bytes_as_view(&forge->ciphertext), &forge->header.ciphertext))
SPOIL(root_of_another, STAGE_HEADER, forge->header.root.bytes[0] ^= 1)
SPOIL(payload_garbage, STAGE_PLAINTEXT, replace(&forge->plaintext, "garbage", 7))
SPOIL(payload_trailing, STAGE_PLAINTEXT, bytes_append_u8(&forge->plaintext, 0))
SPOIL(payload_cut, STAGE_PLAINTEXT, forge->plaintext.len -= 5)
SPOIL(payload_even, STAGE_PLAINTEXT, add_pair(&forge->plaintext, 60))
SPOIL(payload_odd, STAGE_PLAINTEXT, add_pair(&forge->plaintext, 61))
/* the seal */
SPOIL(seal_unknown, STAGE_SEAL,
    forge->seal.org = forge->net->nodes[C].org; forge->sealer = forge->net->nodes[C].sign)
SPOIL(seal_serial, STAGE_SEAL, forge->seal.serial = 9)
SPOIL(seal_spoilt, STAGE_SEAL, forge->sealer = NULL)
SPOIL(seal_by_witness, STAGE_SEAL, forge->sealer = forge->net->nodes[A].witness)
SPOIL(seal_root, STAGE_SEAL, forge->seal.root.bytes[9] ^= 1)
SPOIL(seal_future, STAGE_SEAL, forge->seal.time_ms += SKEW_MS + 1)
SPOIL(seal_before_card, STAGE_SEAL, forge->seal.time_ms = NODE_TIME - 2 * NODE_DAY)
SPOIL(seal_size, STAGE_SEAL, forge->seal.size++)
SPOIL(seal_as_receiver, STAGE_SEAL, forge->seal.org = forge->net->nodes[B].org)
static void
seal_of_another_root(struct forge *forge, enum stage stage)
{
	static struct hash real;

	if (stage == STAGE_SEAL) {
		real = forge->seal.root;
		forge->seal.root.bytes[0] ^= 1;
	}
	if (stage == STAGE_ENTRIES)
		forge->seal.root = real; /* what header and ciphertext speak of from here on */
}
/* the tree */
SPOIL(count_more, STAGE_HEADER, forge->header.count++)
SPOIL(salt_spoilt, STAGE_ENTRIES, forge->payload->entries[0].salt.bytes[0] ^= 1)
static void
path_of(struct forge *forge, enum stage stage, uint32_t spoilt)
{
	struct payload_entry *entry = &forge->payload->entries[0];

	if (stage == STAGE_RECORDS)
		forge->count = 4;
	if (stage != STAGE_ENTRIES)
		return;
	forge->payload->is_whole = false;
	forge->payload->count = 1;
	entry->path = forge->paths[0][0].bytes;
	entry->path_count = 2;
	if (spoilt == 1)
		forge->paths[0][1].bytes[0] ^= 1;
	if (spoilt == 2)
		entry->path_count = 1;
	if (spoilt == 3)
		entry->index = 1;
	if (spoilt == 4)
		entry->index = 4;
	if (spoilt == 5)
		entry->path_count = 3;
}
static void part_good(struct forge *forge, enum stage stage) { path_of(forge, stage, 0); }
static void part_sibling(struct forge *forge, enum stage stage) { path_of(forge, stage, 1); }
static void part_short(struct forge *forge, enum stage stage) { path_of(forge, stage, 2); }
static void part_place(struct forge *forge, enum stage stage) { path_of(forge, stage, 3); }
static void part_outside(struct forge *forge, enum stage stage) { path_of(forge, stage, 4); }
static void part_long(struct forge *forge, enum stage stage) { path_of(forge, stage, 5); }
SPOIL(record_swapped, STAGE_ENTRIES,
    forge->bodies[0].data[forge->bodies[0].len - 1] ^= 1)
static void
whole_of_fewer(struct forge *forge, enum stage stage)
{
	if (stage == STAGE_RECORDS)
		forge->count = 2;
	if (stage == STAGE_ENTRIES)
		forge->payload->count = 1;
}
/* the record */
SPOIL(record_author, STAGE_RECORDS, forge->records[0].author = forge->net->nodes[C].org)
SPOIL(record_of_receiver, STAGE_RECORDS, forge->records[0].author = forge->net->nodes[B].org)
SPOIL(record_even, STAGE_BODIES, add_pair(&forge->bodies[0], 60))
SPOIL(record_odd, STAGE_BODIES, add_pair(&forge->bodies[0], 61))
SPOIL(record_garbage, STAGE_BODIES, replace(&forge->bodies[0], "garbage", 7))
SPOIL(record_empty_map, STAGE_BODIES, replace(&forge->bodies[0], "\x80", 1))
SPOIL(record_deep, STAGE_BODIES, replace(&forge->bodies[0],
    "\x81\x01\x91\x91\x91\x91\x91\x91\x91\x91\x01", 11))
SPOIL(record_terms, STAGE_HEADER, forge->header.marking.permitted = PERMITTED_NONE)
SPOIL(record_label, STAGE_HEADER, forge->header.marking.tlp = TLP_GREEN)
SPOIL(record_future, STAGE_RECORDS, forge->records[0].created_ms += SKEW_MS + 1)
SPOIL(record_expired, STAGE_RECORDS, forge->records[0].valid_until_ms = forge->net->now_ms)
static void
strict_to(struct forge *forge, uint32_t whom)
{
	forge->records[0].marking.tlp = TLP_AMBER_STRICT;
	audience_init(&forge->records[0].audience);
	ck_err(audience_add_org(&forge->records[0].audience, &forge->net->nodes[whom].org), ERR_NONE);
}
SPOIL(strict_to_other, STAGE_RECORDS, strict_to(forge, C))
SPOIL(strict_to_receiver, STAGE_RECORDS, strict_to(forge, B))
SPOIL(strict_to_nobody, STAGE_RECORDS, forge->records[0].marking.tlp = TLP_AMBER_STRICT)
SPOIL(green_community, STAGE_RECORDS,
    forge->records[0].marking.tlp = TLP_GREEN; forge->records[0].audience.has_community = true)
static void
red_to(struct forge *forge, bool is_named)
{
	struct record *record = &forge->records[0];

	record->marking.tlp = TLP_RED;
	record->marking.purpose = bytes_view_str("defence");
	record->marking.basis = bytes_view_str("interest");
	if (is_named)
		ck_err(audience_add_org(&record->audience, &forge->net->nodes[B].org), ERR_NONE);
}
SPOIL(red_to_nobody, STAGE_RECORDS, red_to(forge, false))
SPOIL(red_to_receiver, STAGE_RECORDS, red_to(forge, true))
/* clang-format on */

/* An indicator whose first octet is turned into what no canonical address has. */
static void
bad_observable(struct forge *forge, enum stage stage)
{
	struct observable address = {OBSERVABLE_IPV4, bytes_view_str("192.0.2.77")};
	struct bytes *body = &forge->bodies[0];
	size_t at;

	if (stage == STAGE_RECORDS) {
		record_init(&forge->records[0], RECORD_INDICATOR, TLP_CLEAR);
		forge->records[0].is_draft = false;
		forge->records[0].author = forge->net->nodes[A].org;
		forge->records[0].created_ms = forge->net->now_ms;
		ck_err(record_add_observable(&forge->records[0], &address), ERR_NONE);
	}
	if (stage != STAGE_BODIES)
		return;
	for (at = 0; at + 10 <= body->len; at++) {
		if (memcmp(body->data + at, "192.0.2.77", 10) == 0)
			body->data[at] = '9'; /* 992.0.2.77 */
	}
}

enum answer_kind {
	REFUSES,  /* a refusal; nothing is settled */
	HANGS_UP, /* a refusal, and the session ends */
	SETTLES,  /* a receipt that refuses the record */
	STORES,   /* a receipt: stored */
};

static const struct spoilt {
	const char *why;
	spoil_fn spoil;
	enum answer_kind how;
	enum reason reason;
} SPOILT[] = {
    {"an unknown even key in the head", head_even, REFUSES, REASON_UNKNOWN_CRITICAL},
    {"an unknown odd key in the head", head_odd, STORES, REASON_STORED},
    {"an unknown suite", head_suite, REFUSES, REASON_UNKNOWN_SUITE},
    {"a byte behind the statement", head_trailing, REFUSES, REASON_NOT_CANONICAL},
    {"another context line", head_context, REFUSES, REASON_UNKNOWN_VERSION},
    {"a spoilt signature", signature_spoilt, HANGS_UP, REASON_BAD_SIGNATURE},
    {"a statement altered after it was signed", statement_altered, HANGS_UP, REASON_BAD_SIGNATURE},
    {"signed with the log key", signed_by_log, HANGS_UP, REASON_WRONG_ROLE},
    {"signed with the witness key", signed_by_witness, HANGS_UP, REASON_WRONG_ROLE},
    {"signed with the root key", signed_by_root, HANGS_UP, REASON_BAD_SIGNATURE},
    {"signed by another organisation", signed_by_other, HANGS_UP, REASON_BAD_SIGNATURE},
    {"addressed to another", to_other, REFUSES, REASON_WRONG_RECIPIENT},
    {"addressed to another serial", to_serial, REFUSES, REASON_WRONG_RECIPIENT},
    {"sent by another over this link", from_other, REFUSES, REASON_WRONG_SENDER},
    {"sent as if by the receiver", from_receiver, REFUSES, REASON_WRONG_SENDER},
    {"under a serial that is not known", from_serial, REFUSES, REASON_UNKNOWN_CARD},
    {"from the future", head_future, REFUSES, REASON_CLOCK},
    {"from before its card", head_before_card, REFUSES, REASON_STALE_CARD},
    {"certified", certified, REFUSES, REASON_NOT_SUPPORTED},
    {"under a pre-shared key", with_psk, REFUSES, REASON_NOT_SUPPORTED},
    {"a number far ahead", number_ahead, REFUSES, REASON_NUMBER_AHEAD},
    {"the highest number", number_huge, REFUSES, REASON_NUMBER_AHEAD},
    {"an altered ciphertext", ciphertext_spoilt, REFUSES, REASON_BAD_CIPHERTEXT},
    {"a shorter ciphertext", ciphertext_short, REFUSES, REASON_BAD_CIPHERTEXT},
    {"another commitment", wrong_commitment, SETTLES, REASON_BAD_COMMITMENT},
    {"an altered wrap", wrap_spoilt, SETTLES, REASON_CANNOT_OPEN},
    {"an altered wrap nonce", wrap_nonce_spoilt, SETTLES, REASON_CANNOT_OPEN},
    {"an ephemeral key of zeros", ephemeral_zero, SETTLES, REASON_CANNOT_OPEN},
    {"another ephemeral key", ephemeral_other, SETTLES, REASON_CANNOT_OPEN},
    {"an altered tag", tag_spoilt, SETTLES, REASON_CANNOT_OPEN},
    {"encrypted for another root", root_of_another, SETTLES, REASON_CANNOT_OPEN},
    {"a payload of garbage", payload_garbage, SETTLES, REASON_BAD_FIELD},
    {"a byte behind the payload", payload_trailing, SETTLES, REASON_NOT_CANONICAL},
    {"a payload cut short", payload_cut, SETTLES, REASON_TRUNCATED},
    {"an unknown even key in the payload", payload_even, SETTLES, REASON_UNKNOWN_CRITICAL},
    {"an unknown odd key in the payload", payload_odd, STORES, REASON_STORED},
    {"a seal by an unknown author", seal_unknown, REFUSES, REASON_UNKNOWN_AUTHOR},
    {"a seal under an unknown serial", seal_serial, REFUSES, REASON_UNKNOWN_AUTHOR},
    {"a seal whose signature is bad", seal_spoilt, SETTLES, REASON_BAD_SEAL},
    {"a seal signed with the witness key", seal_by_witness, SETTLES, REASON_WRONG_ROLE},
    {"a seal in the receiver's name", seal_as_receiver, SETTLES, REASON_BAD_SEAL},
    {"a seal of another root", seal_of_another_root, SETTLES, REASON_BAD_SEAL},
    {"a root that is not the records'", seal_root, SETTLES, REASON_BAD_PROOF},
    {"a seal from the future", seal_future, SETTLES, REASON_FROM_FUTURE},
    {"a seal from before its card", seal_before_card, SETTLES, REASON_STALE_CARD},
    {"a seal of more records", seal_size, SETTLES, REASON_WRONG_COUNT},
    {"more records than there are", count_more, SETTLES, REASON_WRONG_COUNT},
    {"a whole batch that lacks one", whole_of_fewer, SETTLES, REASON_WRONG_COUNT},
    {"an altered salt", salt_spoilt, SETTLES, REASON_BAD_PROOF},
    {"an altered record", record_swapped, SETTLES, REASON_BAD_PROOF},
    {"a part with its path", part_good, STORES, REASON_STORED},
    {"a part with an altered sibling", part_sibling, SETTLES, REASON_BAD_PROOF},
    {"a part with too short a path", part_short, SETTLES, REASON_BAD_PROOF},
    {"a part with too long a path", part_long, SETTLES, REASON_BAD_PROOF},
    {"a part in another's place", part_place, SETTLES, REASON_BAD_PROOF},
    {"a part outside the tree", part_outside, SETTLES, REASON_BAD_PROOF},
    {"a record by another author", record_author, SETTLES, REASON_WRONG_AUTHOR},
    {"a record in the receiver's name", record_of_receiver, SETTLES, REASON_WRONG_AUTHOR},
    {"an unknown even key in the record", record_even, SETTLES, REASON_UNKNOWN_CRITICAL},
    {"an unknown odd key in the record", record_odd, STORES, REASON_STORED},
    {"a record of garbage", record_garbage, SETTLES, REASON_BAD_FIELD},
    {"a record without anything", record_empty_map, SETTLES, REASON_BAD_FIELD},
    {"a record nested too deep", record_deep, SETTLES, REASON_TOO_DEEP},
    {"other handling terms", record_terms, SETTLES, REASON_WRONG_TERMS},
    {"another label", record_label, SETTLES, REASON_WRONG_TERMS},
    {"a record from the future", record_future, SETTLES, REASON_FROM_FUTURE},
    {"an expired record", record_expired, SETTLES, REASON_EXPIRED},
    {"an observable that is none", bad_observable, SETTLES, REASON_BAD_OBSERVABLE},
    {"AMBER+STRICT to another", strict_to_other, SETTLES, REASON_NOT_ADDRESSED},
    {"AMBER+STRICT to us", strict_to_receiver, STORES, REASON_STORED},
    {"AMBER+STRICT to nobody", strict_to_nobody, SETTLES, REASON_NO_AUDIENCE},
    {"GREEN to a community", green_community, SETTLES, REASON_UNKNOWN_COMMUNITY},
    {"RED to nobody", red_to_nobody, SETTLES, REASON_NO_AUDIENCE},
    {"RED to us", red_to_receiver, STORES, REASON_STORED},
};

static void
try_spoilt(const struct spoilt *spoilt)
{
	struct totals before = count_all();
	struct bytes_view frame = make(spoilt->spoil);

	say(frame);
	switch (spoilt->how) {
	case REFUSES:
	case HANGS_UP:
		ck_refused(spoilt->reason, EXCHANGE_ENVELOPE, spoilt->how == HANGS_UP, spoilt->why);
		ck_same(&before, 0, spoilt->why);
		break;
	case SETTLES:
		ck_assert_msg(receipted(0, spoilt->why) == spoilt->reason, "%s: %s instead of %s",
		    spoilt->why, reason_name(receipted(0, spoilt->why)), reason_name(spoilt->reason));
		ck_same(&before, 2, spoilt->why); /* envelope-received, receipt-sent */
		ck_assert_uint_eq(count_all().seen, before.seen + 1);
		harness->number++;
		break;
	case STORES:
		ck_assert_msg(receipted(0, spoilt->why) == REASON_STORED, "%s: %s", spoilt->why,
		    reason_name(receipted(0, spoilt->why)));
		ck_assert_uint_eq(count_all().records, before.records + 1);
		harness->number++;
		break;
	}
	ck_goes_on(spoilt->why);
}

START_TEST(names_the_reason_of_every_spoilt_envelope)
{
	open_harness();
	try_spoilt(&SPOILT[_i]);
	close_harness();
}
END_TEST

/* All of them in one session: none leaves anything behind that spoils the next. */
START_TEST(survives_all_of_them_one_after_the_other)
{
	size_t i;

	open_harness();
	for (i = 0; i < sizeof(SPOILT) / sizeof(*SPOILT); i++)
		try_spoilt(&SPOILT[i]);
	for (i = sizeof(SPOILT) / sizeof(*SPOILT); i > 0; i--)
		try_spoilt(&SPOILT[i - 1]);
	close_harness();
}
END_TEST
