/*
 * A core with one open session, and a peer that sends anything.  The first byte says what the
 * rest is: a frame as it stands, which must change nothing; or something that the peer has
 * signed, wrapped and encrypted as it should be, which must only not break anything: a payload,
 * the head of an envelope, or one record.
 *
 * Every input is one turn that is rolled back, so that nothing is written and the next input
 * meets the same node.
 */
/* Check is not linked here: what the fixture asserts aborts. */
#define MALLA_TESTS_SUITE_H
#define ck_assert(condition)                                                                       \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)
#define ck_assert_msg(condition, ...) ck_assert(condition)
#define ck_abort_msg(...) abort()
#define ck_assert_ptr_nonnull(pointer) ck_assert((pointer) != NULL)
#define ck_assert_int_eq(a, b) ck_assert((a) == (b))
#define ck_assert_uint_eq(a, b) ck_assert((a) == (b))
#define ck_assert_uint_lt(a, b) ck_assert((a) < (b))

#include "tests/unit/node_fixture.h"

#include "crypto/envelope.h"
#include "crypto/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { A, B }; /* the peer, whom the input plays; the node */
enum { MODE_FRAME, MODE_PAYLOAD, MODE_HEAD, MODE_RECORD, MODES };

static struct net *net;
static struct bytes hello, plaintext, ciphertext, head, statement, frame;
static struct payload payload;
static struct record decoded;

static void
finish(void)
{
	bytes_release(&hello);
	bytes_release(&plaintext);
	bytes_release(&ciphertext);
	bytes_release(&head);
	bytes_release(&statement);
	bytes_release(&frame);
	net_close(net);
}

static void
make_hello(void)
{
	struct exchange_message message = {.type = EXCHANGE_HELLO};

	message.hello = (struct hello){.versions_count = 1,
	    .suites_count = 1,
	    .serial = 1,
	    .peer_serial = 1,
	    .credit = 8,
	    .time_ms = net->now_ms,
	    .org = net->nodes[A].org};
	message.hello.versions[0] = PROTOCOL_VERSION;
	message.hello.suites[0] = SUITE_1;
	message.hello.head.epoch = 1;
	tree_root(NULL, 0, &message.hello.head.root);
	ck_err(exchange_encode(&message, &hello), ERR_NONE);
}

static void
start(void)
{
	uint32_t i;

	net = calloc(1, sizeof(*net));
	ck_assert(net != NULL);
	net->count = 2;
	net->now_ms = NODE_TIME;
	bytes_init(&net->answer, REQUEST_BYTES_MAX);
	for (i = 0; i < net->count; i++) {
		net->nodes[i].has_no_endpoint = true;
		node_found(&net->nodes[i], i);
	}
	log_init("fuzz", (enum log_level)0, 0); /* each turn that is rolled back is a line */
	net_start(net, B);
	ck_assert(net_peer_add(net, B, A) == REASON_STORED);
	net_run(net);
	bytes_init(&hello, FRAME_BYTES_MAX);
	bytes_init(&plaintext, PAYLOAD_BYTES_MAX);
	bytes_init(&ciphertext, FRAME_BYTES_MAX);
	bytes_init(&head, FRAME_BYTES_MAX);
	bytes_init(&statement, FRAME_BYTES_MAX);
	bytes_init(&frame, FRAME_BYTES_MAX);
	make_hello();
	ck_assert(atexit(finish) == 0);
}

/* ---------------------------------------------------------------- what the peer makes */

/* Sign the head as it is and make the frame; false: it would not fit one. */
static bool
make_frame(struct header *header, const uint8_t secret[32], const struct content_key *key)
{
	static const uint8_t no_psk[32];
	struct exchange_message message = {
	    .type = EXCHANGE_ENVELOPE, .ciphertext = bytes_as_view(&ciphertext)};
	uint8_t signature[64];
	struct hash hash;

	header_hash(bytes_as_view(&head), &hash);
	ck_err(envelope_wrap(secret, net->nodes[B].card.envelope_key, no_psk, &hash,
		   header->wrap_nonce, key->key, header->wrap),
	    ERR_NONE);
	bytes_clear(&statement);
	if (header_encode(bytes_as_view(&head), header, &statement) != ERR_NONE)
		return false;
	ck_err(signer_sign(net->nodes[A].sign, bytes_as_view(&statement), signature), ERR_NONE);
	message.signed_thing.statement = bytes_as_view(&statement);
	message.signed_thing.count = 1;
	message.signed_thing.signatures[0] = (struct signed_signature){
	    .suite = SUITE_1, .bytes = bytes_view_of(signature, sizeof(signature))};
	bytes_clear(&frame);
	return exchange_encode(&message, &frame) == ERR_NONE;
}

/* One record, whatever it is, under a good seal, as a payload. */
static bool
make_payload(struct bytes_view record, struct hash *root)
{
	struct seal seal = {
	    .org = net->nodes[A].org, .serial = 1, .size = 1, .time_ms = net->now_ms};
	struct bytes sealed, thing;
	struct record_id id;
	bool fits;

	if (record.len == 0 || record.len > RECORD_BYTES_MAX)
		return false;
	payload.is_whole = true;
	payload.count = 1;
	payload.entries[0] = (struct payload_entry){.record = record};
	record_id_of(record, &id);
	tree_batch_leaf(&payload.entries[0].salt, &id, root);
	seal.root = *root;
	bytes_init(&sealed, SEAL_BYTES_MAX);
	bytes_init(&thing, SEAL_BYTES_MAX);
	ck_err(seal_encode(&seal, &sealed), ERR_NONE);
	node_signed(net->nodes[A].sign, &sealed, &thing);
	ck_err(signed_decode(bytes_as_view(&thing), SEAL_BYTES_MAX, &payload.seal), ERR_NONE);
	bytes_clear(&plaintext);
	fits = payload_encode(&payload, &plaintext) == ERR_NONE;
	bytes_release(&sealed);
	bytes_release(&thing);
	return fits;
}

/* The header speaks of what is inside, as far as that can be read. */
static void
describe(uint8_t mode, struct bytes_view rest, struct header *header)
{
	struct seal seal;

	if (mode == MODE_PAYLOAD && payload_decode(rest, &payload) == ERR_NONE &&
	    seal_decode(payload.seal.statement, &seal) == ERR_NONE) {
		header->root = seal.root;
		header->count = payload.count;
		rest = payload.entries[0].record;
	}
	if (mode != MODE_HEAD && record_decode(rest, false, &decoded, NULL) == ERR_NONE)
		header->marking_bytes = decoded.marking_bytes;
}

/* The frame that the peer makes of an input; false: there is none. */
static bool
make(uint8_t mode, struct bytes_view rest)
{
	struct header header = {.suite = SUITE_1,
	    .sender = net->nodes[A].org,
	    .sender_serial = 1,
	    .recipient = net->nodes[B].org,
	    .recipient_serial = 1,
	    .number = 1,
	    .count = 1,
	    .time_ms = net->now_ms};
	struct content_key key = {{1}, {2}};
	uint8_t secret[32] = {3};

	marking_init(&header.marking, TLP_CLEAR);
	describe(mode, rest, &header);
	bytes_clear(&plaintext);
	if (mode == MODE_RECORD && !make_payload(rest, &header.root))
		return false;
	if (mode == MODE_PAYLOAD)
		bytes_append(&plaintext, rest.data, rest.len);
	bytes_clear(&ciphertext);
	if (plaintext.err != ERR_NONE || envelope_encrypt(&key, SUITE_1, &header.root,
					     bytes_as_view(&plaintext), &ciphertext) != ERR_NONE)
		return false;
	if (plaintext.len == 0)
		bytes_append_u8(&ciphertext, 0); /* a frame has at least one byte and the tag */
	digest_sha256(bytes_as_view(&ciphertext), &header.ciphertext);
	envelope_commitment(&key, &header.commitment);
	memcpy(header.nonce, key.nonce, sizeof(header.nonce));
	ck_err(envelope_ephemeral(secret, header.ephemeral), ERR_NONE);
	bytes_clear(&head);
	if (mode == MODE_HEAD)
		bytes_append(&head, rest.data, rest.len);
	else if (header_encode_head(&header, &head) != ERR_NONE)
		return false;
	return head.err == ERR_NONE && head.len > 0 && make_frame(&header, secret, &key);
}

/* ---------------------------------------------------------------- one turn */

static void
step(struct bytes_view bytes)
{
	struct core_event event = {
	    .type = CORE_LINK_MESSAGE, .key = net->nodes[A].card.transport_key, .bytes = bytes};

	core_step(net->nodes[B].core, &event);
}

static void
turn(struct bytes_view bytes, bool is_signed)
{
	struct core *core = net->nodes[B].core;
	uint8_t seed[32] = {1};
	struct head before, after;

	core_turn_begin(core, net->now_ms, seed);
	step(bytes_as_view(&hello));
	ck_assert(net_member(net, B, A)->state == SESSION_OPEN);
	events_head(core->store, &before);
	step(bytes);
	events_head(core->store, &after);
	if (!is_signed) {
		ck_assert(core->receipts_count == 0);
		/* a card that verifies is anybody's to pass on */
		ck_assert(before.size == after.size || core->message.type == EXCHANGE_CARD);
	}
	ck_assert(core->failed == ERR_NONE);
	core->failed = ERR_FULL;
	ck_err(core_turn_end(core), ERR_FULL);
	core_actions_clear(core);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_view rest;

	if (net == NULL)
		start();
	if (size == 0 || data[0] >= MODES)
		return 0;
	rest = bytes_view_of(data + 1, size - 1);
	if (data[0] == MODE_FRAME)
		turn(rest, false);
	else if (make(data[0], rest))
		turn(bytes_as_view(&frame), true);
	return 0;
}
