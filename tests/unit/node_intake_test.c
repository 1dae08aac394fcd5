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
	struct core_event event = {.type = CORE_LINK_MESSAGE,
	    .bytes = frame,
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
	message->hello = (struct hello){.versions_count = 1,
	    .suites_count = 1,
	    .serial = 1,
	    .peer_serial = 1,
	    .credit = 8,
	    .time_ms = net->now_ms};
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

		*entry =
		    (struct payload_entry){.index = i, .record = bytes_as_view(&forge->bodies[i])};
		memset(entry->salt.bytes, (int)(i + 1), sizeof(entry->salt.bytes));
		record_id_of(entry->record, &id);
		tree_batch_leaf(&entry->salt, &id, &leaves[i]);
	}
	for (i = 0; i < forge->count; i++)
		tree_path(leaves, forge->count, i, forge->paths[i]);
	forge->seal = (struct seal){.org = forge->net->nodes[A].org,
	    .serial = 1,
	    .size = forge->count,
	    .time_ms = forge->net->now_ms};
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
	ck_err(
	    signed_encode_one(bytes_as_view(&statement), signature, &forge->signed_seal), ERR_NONE);
	ck_err(signed_decode(
		   bytes_as_view(&forge->signed_seal), SEAL_BYTES_MAX, &forge->payload->seal),
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

	*header = (struct header){.suite = SUITE_1,
	    .sender = net->nodes[A].org,
	    .sender_serial = 1,
	    .recipient = net->nodes[B].org,
	    .recipient_serial = 1,
	    .number = harness->number,
	    .root = forge->seal.root,
	    .count = forge->payload->count,
	    .marking = forge->records[0].marking,
	    .time_ms = net->now_ms};
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
	message.signed_thing.signatures[0] = (struct signed_signature){
	    .suite = SUITE_1, .bytes = bytes_view_of(forge->signature, sizeof(forge->signature))};
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
			  now.received == before->received,
	    "%s: records were stored", why);
	ck_assert_msg(now.peers == before->peers && now.cards == before->cards &&
			  now.operators == before->operators,
	    "%s: peers, cards or operators changed", why);
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
	ck_assert_msg(
	    receipted(0, why) == REASON_STORED, "%s: %s", why, reason_name(receipted(0, why)));
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

#define SPOIL(name, when, ...)                                                                     \
	static void name(struct forge *forge, enum stage stage)                                    \
	{                                                                                          \
		if (stage == (when)) {                                                             \
			__VA_ARGS__;                                                               \
		}                                                                                  \
	}

/* clang-format off */
/* the header */
SPOIL(head_even, STAGE_HEAD, add_pair(&forge->head, 60))
SPOIL(head_odd, STAGE_HEAD, add_pair(&forge->head, 61))
SPOIL(head_suite, STAGE_HEAD, forge->head.data[2] = 2)
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
SPOIL(seal_future, STAGE_SEAL, forge->seal.time_ms += FUTURE_WAIT_MS + 1)
SPOIL(seal_early, STAGE_SEAL, forge->seal.time_ms += SKEW_MS + 1)
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
    "\x81\x3d\x91\x91\x91\x91\x91\x91\x91\x91\x01", 11))
SPOIL(record_terms, STAGE_HEADER, forge->header.marking.permitted = PERMITTED_NONE)
SPOIL(record_label, STAGE_HEADER, forge->header.marking.tlp = TLP_GREEN)
SPOIL(record_future, STAGE_RECORDS, forge->records[0].created_ms += FUTURE_WAIT_MS + 1)
SPOIL(record_early, STAGE_RECORDS, forge->records[0].created_ms += SKEW_MS + 1)
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
    {"a seal of a clock that is off", seal_early, REFUSES, REASON_CLOCK},
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
    {"a record of a clock that is off", record_early, REFUSES, REASON_CLOCK},
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
		    spoilt->why, reason_name(receipted(0, spoilt->why)),
		    reason_name(spoilt->reason));
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

/* ---------------------------------------------------------------- several records */

static void
four(struct forge *forge, enum stage stage)
{
	if (stage == STAGE_RECORDS)
		forge->count = 4;
}

static void
one_bad_of_four(struct forge *forge, enum stage stage)
{
	four(forge, stage);
	if (stage == STAGE_RECORDS)
		forge->records[2].author = forge->net->nodes[C].org;
	if (stage == STAGE_BODIES)
		replace(&forge->bodies[0], "garbage", 7);
}

START_TEST(stores_the_good_records_of_a_batch_with_their_paths)
{
	struct totals before;
	enum err finding = ERR_PROOF;
	uint64_t records;

	open_harness();
	before = count_all();
	say(make(one_bad_of_four));
	ck_reason(receipted(0, "garbage"), REASON_BAD_FIELD);
	ck_reason(receipted(1, "good"), REASON_STORED);
	ck_reason(receipted(2, "author"), REASON_WRONG_AUTHOR);
	ck_reason(receipted(3, "good"), REASON_STORED);
	records = count_all().records;
	ck_assert_uint_eq(records, before.records + 2);
	ck_err(records_verify_batch(harness->net->nodes[B].core->store, 1, &finding), ERR_NONE);
	ck_err(finding, ERR_NONE);
	harness->number++;
	ck_goes_on("after a batch of good and bad");
	close_harness();
}
END_TEST

static void
mixed_audience(struct forge *forge, enum stage stage)
{
	four(forge, stage);
	if (stage == STAGE_RECORDS)
		ck_err(audience_add_org(&forge->records[3].audience, &forge->net->nodes[B].org),
		    ERR_NONE);
}

static void
mixed_marking(struct forge *forge, enum stage stage)
{
	four(forge, stage);
	if (stage == STAGE_RECORDS)
		forge->records[1].marking.tlp = TLP_GREEN;
}

/* The first record cannot be read, so it has no audience that the others could differ from. */
static void
mixed_behind_garbage(struct forge *forge, enum stage stage)
{
	four(forge, stage);
	if (stage == STAGE_RECORDS) {
		ck_err(audience_add_org(&forge->records[1].audience, &forge->net->nodes[B].org),
		    ERR_NONE);
		ck_err(audience_add_org(&forge->records[2].audience, &forge->net->nodes[B].org),
		    ERR_NONE);
	}
	if (stage == STAGE_BODIES)
		replace(&forge->bodies[0], "garbage", 7);
}

START_TEST(refuses_records_that_differ_in_marking_or_audience)
{
	uint32_t i;

	open_harness();
	say(make(mixed_audience));
	for (i = 0; i < 3; i++)
		ck_reason(receipted(i, "audience"), REASON_STORED);
	ck_reason(receipted(3, "audience"), REASON_MIXED_BATCH);
	harness->number++;
	say(make(mixed_marking));
	ck_reason(receipted(0, "marking"), REASON_STORED);
	ck_reason(receipted(1, "marking"), REASON_WRONG_TERMS);
	ck_reason(receipted(2, "marking"), REASON_STORED);
	harness->number++;
	say(make(mixed_behind_garbage));
	ck_reason(receipted(0, "garbage"), REASON_BAD_FIELD);
	ck_reason(receipted(1, "first"), REASON_STORED);
	ck_reason(receipted(2, "alike"), REASON_STORED);
	ck_reason(receipted(3, "other"), REASON_MIXED_BATCH);
	harness->number++;
	ck_goes_on("after mixed batches");
	close_harness();
}
END_TEST

static void
same_record_twice(struct forge *forge, enum stage stage)
{
	if (stage == STAGE_RECORDS)
		forge->count = 2;
	if (stage == STAGE_BODIES)
		replace(&forge->bodies[1], forge->bodies[0].data, forge->bodies[0].len);
}

START_TEST(stores_one_record_of_two_alike)
{
	enum err finding = ERR_PROOF;
	struct totals before;

	open_harness();
	before = count_all();
	say(make(same_record_twice));
	ck_reason(receipted(0, "first"), REASON_STORED);
	ck_reason(receipted(1, "second"), REASON_DUPLICATE);
	ck_assert_uint_eq(count_all().records, before.records + 1);
	/* or `audit verify` would call it a lie */
	ck_err(records_verify_batch(harness->net->nodes[B].core->store, 1, &finding), ERR_NONE);
	ck_err(finding, ERR_NONE);
	harness->number++;
	ck_goes_on("after two alike");
	close_harness();
}
END_TEST

/* ---------------------------------------------------------------- numbers */

START_TEST(answers_a_replay_with_the_bytes_of_the_first_receipt)
{
	struct bytes frame, receipt;
	struct totals before;

	open_harness();
	bytes_init(&frame, FRAME_BYTES_MAX);
	bytes_init(&receipt, FRAME_BYTES_MAX);
	say(make(NULL));
	ck_reason(receipted(0, "first"), REASON_STORED);
	bytes_append(&frame, harness->forge.frame.data, harness->forge.frame.len);
	bytes_append(&receipt, harness->heard[0].data, harness->heard[0].len);
	harness->number++;
	ck_goes_on("between");
	before = count_all();
	say(bytes_as_view(&frame));
	ck_assert_uint_eq(harness->heard_count, 1);
	ck_assert(bytes_view_is_equal(bytes_as_view(&harness->heard[0]), bytes_as_view(&receipt)));
	ck_same(&before, 0, "replay");
	/* also over a new session, a day later */
	harness->net->now_ms += NODE_DAY;
	greet();
	say(bytes_as_view(&frame));
	ck_assert(bytes_view_is_equal(bytes_as_view(&harness->heard[0]), bytes_as_view(&receipt)));
	ck_same(&before, 0, "replay a day later");
	bytes_release(&frame);
	bytes_release(&receipt);
	close_harness();
}
END_TEST

/* The same records again under the next number: already there. */
START_TEST(settles_records_that_are_there_already_as_duplicates)
{
	struct totals before;

	open_harness();
	say(make(NULL));
	ck_reason(receipted(0, "first"), REASON_STORED);
	before = count_all();
	harness->number++;
	forge_header(&harness->forge);
	forge_sign(&harness->forge, NULL);
	forge_frame(&harness->forge);
	say(bytes_as_view(&harness->forge.frame));
	ck_reason(receipted(0, "again"), REASON_DUPLICATE);
	ck_same(&before, 2, "again");
	harness->number++;
	ck_goes_on("after duplicates");
	close_harness();
}
END_TEST

START_TEST(keeps_the_evidence_of_a_number_used_twice)
{
	struct totals before;
	uint64_t evidence;

	open_harness();
	say(make(NULL));
	ck_reason(receipted(0, "first"), REASON_STORED);
	before = count_all();
	evidence = net_leaves(harness->net, B, EVENT_EVIDENCE);
	say(make(NULL)); /* another record under the same number */
	ck_refused(REASON_NUMBER_REUSED, EXCHANGE_ENVELOPE, false, "number reused");
	ck_same(&before, 1, "number reused");
	ck_assert_uint_eq(net_leaves(harness->net, B, EVENT_EVIDENCE), evidence + 1);
	harness->number++;
	ck_goes_on("after evidence");
	close_harness();
}
END_TEST

static void
voids_the_last(struct forge *forge, enum stage stage)
{
	if (stage != STAGE_HEADER)
		return;
	forge->header.voided_count = 1;
	forge->header.voided[0] = forge->header.number - 1;
}

START_TEST(refuses_a_number_that_was_withdrawn)
{
	struct totals before;

	open_harness();
	harness->number = 2;
	say(make(voids_the_last));
	ck_reason(receipted(0, "voids 1"), REASON_STORED);
	ck_assert_uint_eq(count_all().seen, 2);
	before = count_all();
	harness->number = 1;
	say(make(NULL));
	ck_refused(REASON_VOIDED, EXCHANGE_ENVELOPE, false, "withdrawn");
	ck_same(&before, 0, "withdrawn");
	harness->number = 3;
	ck_goes_on("after a withdrawal");
	close_harness();
}
END_TEST

/* What was receipted cannot be taken back by its sender. */
START_TEST(keeps_what_was_receipted_though_it_is_withdrawn)
{
	struct bytes receipt, frame;

	open_harness();
	bytes_init(&receipt, FRAME_BYTES_MAX);
	bytes_init(&frame, FRAME_BYTES_MAX);
	say(make(NULL));
	ck_reason(receipted(0, "first"), REASON_STORED);
	bytes_append(&frame, harness->forge.frame.data, harness->forge.frame.len);
	bytes_append(&receipt, harness->heard[0].data, harness->heard[0].len);
	harness->number++;
	say(make(voids_the_last));
	ck_reason(receipted(0, "second"), REASON_STORED);
	say(bytes_as_view(&frame));
	ck_assert(bytes_view_is_equal(bytes_as_view(&harness->heard[0]), bytes_as_view(&receipt)));
	bytes_release(&frame);
	bytes_release(&receipt);
	close_harness();
}
END_TEST

/* ---------------------------------------------------------------- cards and clocks */

START_TEST(refuses_an_envelope_under_a_card_that_has_expired)
{
	struct totals before;

	open_harness();
	/* the session was open when the card ran out */
	harness->net->now_ms = NODE_TIME + 60 * NODE_DAY + 1;
	before = count_all();
	say(make(NULL));
	ck_refused(REASON_STALE_CARD, EXCHANGE_ENVELOPE, false, "expired card");
	ck_same(&before, 0, "expired card");
	close_harness();
}
END_TEST

static void
from_third(struct forge *forge, enum stage stage)
{
	if (stage == STAGE_RECORDS)
		forge->records[0].author = forge->net->nodes[C].org;
	if (stage == STAGE_SEAL) {
		forge->seal.org = forge->net->nodes[C].org;
		forge->sealer = forge->net->nodes[C].sign;
	}
}

static void
green_from_third(struct forge *forge, enum stage stage)
{
	from_third(forge, stage);
	if (stage == STAGE_RECORDS)
		forge->records[0].marking.tlp = TLP_GREEN;
}

static void
attribution_from_third(struct forge *forge, enum stage stage)
{
	from_third(forge, stage);
	if (stage == STAGE_RECORDS)
		forge->records[0].marking.attribution = OBLIGATION_MUST_NOT;
}

static void
say_card(struct bytes_view package)
{
	struct exchange_message message = {.type = EXCHANGE_CARD};

	message.card.count = 1;
	message.card.packages[0] = package;
	say_message(&message);
}

/* Another organisation's records, over A: refused until its card is known, then by the
   ceiling alone. */
START_TEST(takes_forwarded_records_once_their_author_is_known)
{
	struct totals before;

	open_harness();
	before = count_all();
	say(make(from_third));
	ck_refused(REASON_UNKNOWN_AUTHOR, EXCHANGE_ENVELOPE, false, "unknown author");
	ck_same(&before, 0, "unknown author");
	say_card(bytes_as_view(&harness->net->nodes[C].package));
	ck_assert_uint_eq(harness->heard_count, 0);
	ck_assert_uint_eq(count_all().cards, before.cards + 1);
	ck_assert_uint_eq(count_all().peers, before.peers);
	say(make(from_third));
	ck_reason(receipted(0, "forwarded"), REASON_STORED);
	harness->number++;
	say(make(green_from_third));
	ck_reason(receipted(0, "GREEN"), REASON_CEILING);
	harness->number++;
	say(make(attribution_from_third));
	ck_reason(receipted(0, "attribution"), REASON_CEILING);
	harness->number++;
	ck_goes_on("after forwarded ones");
	close_harness();
}
END_TEST

START_TEST(refuses_cards_that_do_not_verify_and_keeps_those_that_contradict)
{
	struct node *third;
	struct bytes package;
	struct totals before;
	size_t cut;

	open_harness();
	third = &harness->net->nodes[C];
	bytes_init(&package, CARD_PACKAGE_BYTES_MAX);
	bytes_append(&package, third->package.data, third->package.len);
	before = count_all();
	package.data[package.len - 1] ^= 1;
	say_card(bytes_as_view(&package));
	ck_refused(REASON_BAD_SIGNATURE, EXCHANGE_CARD, false, "signature");
	package.data[package.len - 1] ^= 1;
	for (cut = 1; cut < package.len; cut += 7) {
		say_card(bytes_view_of(package.data, cut));
		ck_assert_uint_eq(harness->heard_count, 1);
		ck_assert_uint_eq(heard(0).type, EXCHANGE_REFUSAL);
	}
	ck_same(&before, 0, "bad cards");
	third->card.issued_ms = harness->net->now_ms + SKEW_MS + 1;
	node_make_card(third, &package);
	say_card(bytes_as_view(&package));
	ck_refused(REASON_FROM_FUTURE, EXCHANGE_CARD, false, "issued in the future");
	ck_same(&before, 0, "future card");
	/* two cards of one serial */
	say_card(bytes_as_view(&third->package));
	third->card.issued_ms = NODE_TIME - NODE_DAY + 1;
	node_make_card(third, &package);
	before = count_all();
	say_card(bytes_as_view(&package));
	ck_refused(REASON_NUMBER_REUSED, EXCHANGE_CARD, false, "serial used twice");
	ck_same(&before, 1, "serial used twice");
	ck_assert_uint_eq(net_leaves(harness->net, B, EVENT_EVIDENCE), 1);
	bytes_release(&package);
	ck_goes_on("after cards");
	close_harness();
}
END_TEST

/* ---------------------------------------------------------------- greetings */

static void
ck_hello_refused(const struct exchange_message *message, enum reason reason, const char *why)
{
	struct totals before = count_all();

	say_message(message);
	ck_assert_msg(harness->heard_count >= 1, "%s: no answer", why);
	ck_assert_msg(heard(0).type == EXCHANGE_REFUSAL, "%s: not refused", why);
	ck_assert_msg(
	    heard(0).refusal.reason == reason, "%s: %s", why, reason_name(heard(0).refusal.reason));
	ck_assert_uint_eq(heard(0).refusal.type, EXCHANGE_HELLO);
	ck_assert_msg(harness->hung_up && sender()->state == SESSION_DOWN, "%s: still up", why);
	ck_same(&before, 0, why);
	/* without a session an envelope is not even looked at */
	say(make(NULL));
	ck_assert_uint_eq(harness->heard_count, 1);
	ck_reason(heard(0).refusal.reason, REASON_NO_SESSION);
	ck_assert(!harness->hung_up);
	ck_goes_on(why);
}

START_TEST(refuses_greetings_it_cannot_take)
{
	struct exchange_message message;

	open_harness();
	fill_hello(&message);
	message.hello.versions[0] = 7;
	ck_hello_refused(&message, REASON_UNKNOWN_VERSION, "version");
	fill_hello(&message);
	message.hello.suites[0] = 2;
	ck_hello_refused(&message, REASON_UNKNOWN_SUITE, "suite");
	fill_hello(&message);
	message.hello.org = harness->net->nodes[C].org;
	ck_hello_refused(&message, REASON_WRONG_SENDER, "organisation");
	fill_hello(&message);
	message.hello.time_ms += SKEW_MS + 1;
	ck_hello_refused(&message, REASON_CLOCK, "ahead");
	fill_hello(&message);
	message.hello.time_ms -= SKEW_MS + 1;
	ck_hello_refused(&message, REASON_CLOCK, "behind");
	close_harness();
}
END_TEST

START_TEST(takes_a_greeting_at_the_very_edge_of_the_clock)
{
	struct exchange_message message;

	open_harness();
	fill_hello(&message);
	message.hello.time_ms += SKEW_MS;
	message.hello.versions_count = 2;
	message.hello.versions[1] = 7;
	say_message(&message);
	ck_assert_uint_eq(heard(0).type, EXCHANGE_HELLO);
	fill_hello(&message);
	message.hello.time_ms -= SKEW_MS;
	say_message(&message);
	ck_assert_uint_eq(heard(0).type, EXCHANGE_HELLO);
	close_harness();
}
END_TEST

START_TEST(ends_the_session_on_an_echo_of_something_else)
{
	struct exchange_message message;

	open_harness();
	fill_hello(&message);
	message.hello.has_echo = true;
	say_message(&message);
	ck_assert(harness->hung_up);
	ck_assert_uint_eq(sender()->state, SESSION_DOWN);
	ck_goes_on("after a stale echo");
	close_harness();
}
END_TEST

/* A log that shrank, or another root of the same size, is remembered and told. */
START_TEST(notices_a_head_that_contradicts_an_earlier_one)
{
	struct exchange_message message;

	open_harness();
	fill_hello(&message);
	message.hello.head.size = 9;
	memset(message.hello.head.root.bytes, 1, 32);
	say_message(&message);
	ck_assert_uint_ne(sender()->last_reason, REASON_LIES);
	message.hello.head.root.bytes[0] = 2;
	say_message(&message);
	ck_reason(sender()->last_reason, REASON_LIES);
	sender()->last_reason = REASON_STORED;
	message.hello.head.root.bytes[0] = 1;
	message.hello.head.size = 8;
	say_message(&message);
	ck_reason(sender()->last_reason, REASON_LIES);
	close_harness();
}
END_TEST

/* ---------------------------------------------------------------- receipts */

/* B shares one record with A; what it sent is in heard[0]. */
static struct header
receive_one(struct hash *envelope)
{
	struct core_event event = {.type = CORE_REQUEST, .client = 1, .uid = NODE_UID};
	struct submit_arguments arguments = {0};
	struct request request = {.command = REQUEST_SUBMIT};
	struct bytes draft, items, encoded, bytes;
	struct exchange_message message;
	struct header header;
	struct hash hash;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	bytes_init(&bytes, REQUEST_BYTES_MAX);
	net_draft(TLP_CLEAR, "from b", NULL, NULL, &draft);
	ck_err(schema_list_add_bin(&arguments.drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	ck_err(schema_encode(&request_submit_schema, &arguments, &encoded), ERR_NONE);
	request.arguments = bytes_as_view(&encoded);
	request.id.bytes[0] = 0x99;
	ck_err(request_encode(&request, &bytes), ERR_NONE);
	event.bytes = bytes_as_view(&bytes);
	hear_nothing();
	turn(&event);
	ck_assert_uint_eq(harness->heard_count, 1);
	message = heard(0);
	ck_assert_uint_eq(message.type, EXCHANGE_ENVELOPE);
	ck_err(header_decode(message.signed_thing.statement, &header, &hash), ERR_NONE);
	digest_sha256(message.signed_thing.statement, envelope);
	bytes_release(&draft);
	bytes_release(&items);
	bytes_release(&encoded);
	bytes_release(&bytes);
	return header;
}

struct receipt_forge {
	struct receipt receipt;
	uint8_t outcomes[8];
	const struct signer *signer;
	bool is_spoilt;
};

static void
fill_receipt(struct receipt_forge *forge, const struct header *header, const struct hash *envelope)
{
	const struct net *net = harness->net;

	memset(forge, 0, sizeof(*forge));
	forge->receipt = (struct receipt){.kind = RECEIPT_ORDINARY,
	    .envelope = *envelope,
	    .recipient = net->nodes[A].org,
	    .recipient_serial = 1,
	    .sender = net->nodes[B].org,
	    .sender_serial = 1,
	    .number = header->number,
	    .time_ms = net->now_ms};
	forge->receipt.outcomes = bytes_view_of(forge->outcomes, 2);
	forge->receipt.head.epoch = 1;
	tree_root(NULL, 0, &forge->receipt.head.root);
	forge->signer = net->nodes[A].sign;
}

static void
say_receipt(const struct receipt_forge *forge)
{
	struct exchange_message message = {.type = EXCHANGE_RECEIPT};
	struct bytes statement, thing;
	uint8_t signature[64];

	bytes_init(&statement, RECEIPT_BYTES_MAX);
	bytes_init(&thing, RECEIPT_BYTES_MAX + 256);
	ck_err(receipt_encode(&forge->receipt, &statement), ERR_NONE);
	ck_err(signer_sign(forge->signer, bytes_as_view(&statement), signature), ERR_NONE);
	signature[0] ^= forge->is_spoilt;
	ck_err(signed_encode_one(bytes_as_view(&statement), signature, &thing), ERR_NONE);
	ck_err(signed_decode(bytes_as_view(&thing), RECEIPT_BYTES_MAX, &message.signed_thing),
	    ERR_NONE);
	say_message(&message);
	bytes_release(&statement);
	bytes_release(&thing);
}

static enum delivery_state
delivery_of(uint64_t number)
{
	struct delivery_row row;

	ck_err(deliveries_get(harness->net->nodes[B].core->store, &harness->net->nodes[A].org, 1, 1,
		   number, &row),
	    ERR_NONE);
	return row.state;
}

/* The session opens again after a hang-up, and B sends the unsettled envelope anew. */
static void
ck_receipt_refused(
    const struct receipt_forge *forge, enum reason reason, bool hangs_up, const char *why)
{
	struct totals before = count_all();

	say_receipt(forge);
	ck_refused(reason, EXCHANGE_RECEIPT, hangs_up, why);
	ck_same(&before, 0, why);
	ck_assert_msg(delivery_of(1) == DELIVERY_SENT, "%s: settled", why);
	if (hangs_up)
		greet();
}

START_TEST(refuses_forged_receipts)
{
	struct receipt_forge forge;
	struct hash envelope;
	struct header header;
	struct totals before;

	open_harness();
	header = receive_one(&envelope);
	fill_receipt(&forge, &header, &envelope);
	forge.is_spoilt = true;
	ck_receipt_refused(&forge, REASON_BAD_SIGNATURE, true, "signature");
	fill_receipt(&forge, &header, &envelope);
	forge.signer = harness->net->nodes[A].log;
	ck_receipt_refused(&forge, REASON_BAD_SIGNATURE, true, "log key");
	fill_receipt(&forge, &header, &envelope);
	forge.receipt.envelope.bytes[0] ^= 1;
	ck_receipt_refused(&forge, REASON_UNEXPECTED, false, "another envelope");
	fill_receipt(&forge, &header, &envelope);
	forge.receipt.outcomes.len = 4;
	ck_receipt_refused(&forge, REASON_UNEXPECTED, false, "outcomes of two");
	fill_receipt(&forge, &header, &envelope);
	forge.receipt.number = 9;
	ck_receipt_refused(&forge, REASON_UNEXPECTED, false, "another number");
	fill_receipt(&forge, &header, &envelope);
	forge.receipt.sender = harness->net->nodes[C].org;
	ck_receipt_refused(&forge, REASON_WRONG_RECIPIENT, false, "for another sender");
	fill_receipt(&forge, &header, &envelope);
	forge.receipt.recipient = harness->net->nodes[C].org;
	forge.signer = harness->net->nodes[C].sign;
	ck_receipt_refused(&forge, REASON_WRONG_RECIPIENT, false, "by another recipient");
	fill_receipt(&forge, &header, &envelope);
	forge.receipt.recipient_serial = 5;
	ck_receipt_refused(&forge, REASON_UNKNOWN_CARD, false, "unknown serial");
	fill_receipt(&forge, &header, &envelope);
	forge.receipt.time_ms += SKEW_MS + 1;
	ck_receipt_refused(&forge, REASON_CLOCK, false, "from the future");
	fill_receipt(&forge, &header, &envelope);
	forge.receipt.kind = RECEIPT_OPENED;
	ck_receipt_refused(&forge, REASON_NOT_SUPPORTED, false, "certified");
	/* the true one settles, and once only */
	fill_receipt(&forge, &header, &envelope);
	before = count_all();
	say_receipt(&forge);
	ck_assert_uint_eq(harness->heard_count, 0);
	ck_assert_uint_eq(delivery_of(1), DELIVERY_RECEIPTED);
	ck_same(&before, 1, "receipt");
	say_receipt(&forge);
	ck_assert_uint_eq(harness->heard_count, 0);
	ck_same(&before, 1, "receipt again");
	ck_goes_on("after receipts");
	close_harness();
}
END_TEST

/* ---------------------------------------------------------------- frames */

START_TEST(refuses_a_frame_cut_short_anywhere)
{
	struct totals before;
	uint8_t *copy;
	size_t len;

	open_harness();
	(void)make(NULL);
	before = count_all();
	for (len = 0; len < harness->forge.frame.len; len++) {
		copy = malloc(len + 1); /* exactly as long, but for malloc(0) */
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, harness->forge.frame.data, len);
		say(bytes_view_of(copy, len));
		free(copy);
		ck_assert_uint_eq(harness->heard_count, 1);
		ck_assert_uint_eq(heard(0).type, EXCHANGE_REFUSAL);
		ck_reason(heard(0).refusal.reason, REASON_TRUNCATED);
		ck_assert(!harness->hung_up);
	}
	ck_same(&before, 0, "cut short");
	ck_goes_on("after cut frames");
	close_harness();
}
END_TEST

/* One bit at a time: every one is noticed, and nothing of it is stored. */
START_TEST(notices_every_single_bit)
{
	struct totals before;
	size_t at;

	open_harness();
	(void)make(NULL);
	before = count_all();
	for (at = 0; at < harness->forge.frame.len; at++) {
		harness->forge.frame.data[at] ^= (uint8_t)(1u << at % 8);
		if (sender()->state != SESSION_OPEN)
			greet();
		say(bytes_as_view(&harness->forge.frame));
		harness->forge.frame.data[at] ^= (uint8_t)(1u << at % 8);
		ck_assert_msg(harness->heard_count == 1, "byte %zu", at);
		ck_assert_msg(heard(0).type == EXCHANGE_REFUSAL, "byte %zu", at);
	}
	ck_same(&before, 0, "one bit");
	ck_goes_on("after single bits");
	close_harness();
}
END_TEST

static const struct {
	const char *why;
	const char *bytes;
	size_t len;
	enum reason reason;
	uint64_t type;
} FRAMES[] = {
    {"nothing", "", 0, REASON_TRUNCATED, 0},
    {"a nil", "\xc0", 1, REASON_BAD_FIELD, 0},
    {"an array of one", "\x91\x02", 2, REASON_BAD_FIELD, 0},
    {"an array of three", "\x93\x02\x80\x80", 4, REASON_OVERSIZED, 0},
    {"a type of nought", "\x92\x00\x80", 3, REASON_BAD_FIELD, 0},
    {"an unknown type", "\x92\x0a\x80", 3, REASON_BAD_FIELD, 10},
    {"a type in two bytes", "\x92\xcc\x02\x80", 4, REASON_NOT_CANONICAL, 0},
    {"a reserved KEY", "\x92\x06\x80", 3, REASON_NOT_SUPPORTED, 6},
    {"a reserved WITNESS", "\x92\x07\x80", 3, REASON_NOT_SUPPORTED, 7},
    {"a reserved COSIGNATURE", "\x92\x08\x80", 3, REASON_NOT_SUPPORTED, 8},
    {"a reserved GOSSIP", "\x92\x09\x80", 3, REASON_NOT_SUPPORTED, 9},
    {"an empty HELLO", "\x92\x01\x80", 3, REASON_BAD_FIELD, 1},
    {"an empty ENVELOPE", "\x92\x02\x80", 3, REASON_BAD_FIELD, 2},
    {"an empty RECEIPT", "\x92\x03\x80", 3, REASON_BAD_FIELD, 3},
    {"an empty REFUSAL", "\x92\x04\x80", 3, REASON_BAD_FIELD, 4},
    {"an empty CARD", "\x92\x05\x80", 3, REASON_BAD_FIELD, 5},
    {"an even key", "\x92\x04\x82\x00\x10\x3c\x01", 7, REASON_UNKNOWN_CRITICAL, 4},
    {"a refusal of `stored`", "\x92\x04\x82\x00\x00\x02\x02", 7, REASON_BAD_FIELD, 4},
    {"a map that claims too much", "\x92\x04\xde\xff\xff\x00\x10", 7, REASON_OVERSIZED, 4},
    {"a value nested too deep",
	"\x92\x04\x83\x00\x10\x02\x02\x3d\x91\x91\x91\x91\x91\x91\x91\x91\x01", 17, REASON_TOO_DEEP,
	4},
    {"a byte too many", "\x92\x04\x82\x00\x10\x02\x05\x01", 8, REASON_NOT_CANONICAL, 4},
};

START_TEST(names_the_reason_of_every_spoilt_frame)
{
	struct totals before;
	uint8_t *copy;
	size_t i;

	open_harness();
	before = count_all();
	for (i = 0; i < sizeof(FRAMES) / sizeof(*FRAMES); i++) {
		copy = malloc(FRAMES[i].len + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, FRAMES[i].bytes, FRAMES[i].len);
		say(bytes_view_of(copy, FRAMES[i].len));
		free(copy);
		ck_refused(FRAMES[i].reason, FRAMES[i].type, false, FRAMES[i].why);
	}
	ck_same(&before, 0, "frames");
	ck_goes_on("after spoilt frames");
	close_harness();
}
END_TEST

START_TEST(refuses_an_oversized_frame_and_a_trailing_byte)
{
	static uint8_t large[FRAME_BYTES_MAX + 1];
	struct totals before;

	open_harness();
	before = count_all();
	(void)make(NULL);
	bytes_append_u8(&harness->forge.frame, 1);
	say(bytes_as_view(&harness->forge.frame));
	ck_refused(REASON_NOT_CANONICAL, EXCHANGE_ENVELOPE, false, "trailing");
	memcpy(large, harness->forge.frame.data, harness->forge.frame.len);
	say(bytes_view_of(large, sizeof(large)));
	ck_assert_uint_eq(harness->heard_count, 1);
	ck_reason(heard(0).refusal.reason, REASON_OVERSIZED);
	ck_same(&before, 0, "oversized");
	ck_goes_on("after oversized");
	close_harness();
}
END_TEST

START_TEST(survives_garbage)
{
	uint8_t garbage[2048], seed[32] = {9};
	struct totals before;
	uint32_t i;

	open_harness();
	before = count_all();
	for (i = 0; i < 500; i++) {
		digest_expand(seed, i, garbage, sizeof(garbage));
		if (i % 2 == 0)
			memcpy(garbage, "\x92\x02\x82", 3);
		say(bytes_view_of(garbage, bytes_get_u16(garbage + 8) % sizeof(garbage)));
		ck_assert_uint_eq(harness->heard_count, 1);
		ck_assert_uint_eq(heard(0).type, EXCHANGE_REFUSAL);
	}
	ck_same(&before, 0, "garbage");
	ck_goes_on("after garbage");
	close_harness();
}
END_TEST

/* Who is no peer hears nothing, whatever it says. */
START_TEST(says_nothing_to_a_stranger)
{
	struct core_event event = {.type = CORE_LINK_MESSAGE};
	struct totals before;

	open_harness();
	before = count_all();
	event.key = harness->net->nodes[C].card.transport_key;
	event.bytes = make(NULL);
	hear_nothing();
	turn(&event);
	ck_assert_uint_eq(harness->heard_count, 0);
	ck_assert(!harness->hung_up);
	ck_same(&before, 0, "stranger");
	close_harness();
}
END_TEST

/* Refusals are counted, and summed up in one leaf a minute, not one each. */
START_TEST(sums_refusals_up_once_a_minute)
{
	struct core_event tick = {.type = CORE_TICK};
	uint32_t i;

	open_harness();
	for (i = 0; i < 50; i++)
		say(bytes_view_of("\xc0", 1));
	ck_assert_uint_eq(net_leaves(harness->net, B, EVENT_REFUSALS), 0);
	harness->net->now_ms += 61000;
	hear_nothing();
	turn(&tick);
	ck_assert_uint_eq(net_leaves(harness->net, B, EVENT_REFUSALS), 1);
	harness->net->now_ms += 61000;
	greet();
	hear_nothing();
	turn(&tick);
	ck_assert_uint_eq(net_leaves(harness->net, B, EVENT_REFUSALS), 1);
	close_harness();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {takes_a_good_envelope,
	    survives_all_of_them_one_after_the_other,
	    stores_the_good_records_of_a_batch_with_their_paths,
	    refuses_records_that_differ_in_marking_or_audience, stores_one_record_of_two_alike,
	    answers_a_replay_with_the_bytes_of_the_first_receipt,
	    settles_records_that_are_there_already_as_duplicates,
	    keeps_the_evidence_of_a_number_used_twice, refuses_a_number_that_was_withdrawn,
	    keeps_what_was_receipted_though_it_is_withdrawn,
	    refuses_an_envelope_under_a_card_that_has_expired,
	    takes_forwarded_records_once_their_author_is_known,
	    refuses_cards_that_do_not_verify_and_keeps_those_that_contradict,
	    refuses_greetings_it_cannot_take, takes_a_greeting_at_the_very_edge_of_the_clock,
	    ends_the_session_on_an_echo_of_something_else,
	    notices_a_head_that_contradicts_an_earlier_one, refuses_forged_receipts,
	    refuses_a_frame_cut_short_anywhere, notices_every_single_bit,
	    names_the_reason_of_every_spoilt_frame, refuses_an_oversized_frame_and_a_trailing_byte,
	    survives_garbage, says_nothing_to_a_stranger, sums_refusals_up_once_a_minute};
	Suite *suite = suite_create("node/intake");
	TCase *tcase = tcase_create("node/intake");
	SRunner *runner;
	size_t i;
	int failed;

	tcase_set_timeout(tcase, 120);
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_loop_test(tcase, names_the_reason_of_every_spoilt_envelope, 0,
	    (int)(sizeof(SPOILT) / sizeof(*SPOILT)));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
