#include "wire/exchange.h"

#include "tests/unit/wire_fixture.h"

#define HEAD_LEN 2u /* array of two, type */

static uint8_t signature[64];
static uint8_t ciphertext[PAYLOAD_BYTES_MAX + 17];

static void
fill_signed(struct signed_thing *thing, const char *statement)
{
	memset(signature, 0x21, sizeof(signature));
	*thing = (struct signed_thing){.statement = bytes_view_str(statement), .count = 1};
	thing->signatures[0].suite = SUITE_1;
	thing->signatures[0].bytes = bytes_view_of(signature, sizeof(signature));
}

static void
fill_hello(struct hello *hello)
{
	*hello = (struct hello){.versions_count = 2,
	    .versions = {PROTOCOL_VERSION, 3},
	    .suites_count = 1,
	    .suites = {SUITE_1},
	    .serial = 5,
	    .peer_serial = 0,
	    .has_echo = true,
	    .sent = 7,
	    .seen = 0,
	    .has_peer_head = true,
	    .credit = CREDIT_DEFAULT,
	    .time_ms = FIXTURE_TIME};
	memset(hello->org.bytes, 0x41, 32);
	memset(hello->nonce.bytes, 0x42, 16);
	memset(hello->echo.bytes, 0x43, 16);
	hello->head = (struct head){.epoch = 1, .size = 9};
	memset(hello->head.root.bytes, 0x44, 32);
	hello->peer_head = (struct head){.epoch = 2, .size = 10};
	memset(hello->peer_head.root.bytes, 0x45, 32);
}

static void
fill(struct exchange_message *message, enum exchange_type type)
{
	*message = (struct exchange_message){.type = type};
	switch (type) {
	case EXCHANGE_HELLO:
		fill_hello(&message->hello);
		return;
	case EXCHANGE_ENVELOPE:
		fill_signed(&message->signed_thing, "malla/envelope/v1\nhead");
		memset(ciphertext, 0x22, sizeof(ciphertext));
		message->ciphertext = bytes_view_of(ciphertext, 40);
		return;
	case EXCHANGE_RECEIPT:
		fill_signed(&message->signed_thing, "malla/receipt/v1\nmap");
		return;
	case EXCHANGE_REFUSAL:
		message->refusal.reason = REASON_BUSY;
		message->refusal.type = EXCHANGE_ENVELOPE;
		message->refusal.number = 12;
		message->refusal.retry_ms = 500;
		return;
	case EXCHANGE_CARD:
		message->card.count = 2;
		message->card.packages[0] = bytes_view_str("package");
		message->card.packages[1] = bytes_view_str("another");
		return;
	case EXCHANGE_KEY:
	case EXCHANGE_WITNESS:
	case EXCHANGE_COSIGNATURE:
	case EXCHANGE_GOSSIP:
		return;
	}
}

static void
encode_type(enum exchange_type type, struct bytes *out)
{
	struct exchange_message message;

	fill(&message, type);
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(exchange_encode(&message, out), ERR_NONE);
}

static enum err
decode(struct bytes_view in)
{
	struct exchange_message message, before;
	enum err err;

	memset(&message, 0x77, sizeof(message));
	before = message;
	err = exchange_decode(in, &message);
	if (err != ERR_NONE) {
		before.type = message.type; /* said even so */
		ck_assert_mem_eq(&message, &before, sizeof(message));
	}
	return err;
}

/* Decode, encode, and have the same bytes again. */
static void
check_again(const struct bytes *bytes, struct exchange_message *found)
{
	struct bytes again;

	ck_err(exchange_decode(bytes_as_view(bytes), found), ERR_NONE);
	bytes_init(&again, FIXTURE_BYTES_MAX);
	ck_err(exchange_encode(found, &again), ERR_NONE);
	ck_same(bytes_as_view(&again), bytes_as_view(bytes));
	bytes_release(&again);
}

START_TEST(gives_back_a_hello)
{
	struct exchange_message message, found;
	struct bytes bytes;

	fill(&message, EXCHANGE_HELLO);
	encode_type(EXCHANGE_HELLO, &bytes);
	check_again(&bytes, &found);
	ck_assert_int_eq(found.type, EXCHANGE_HELLO);
	ck_assert_uint_eq(found.hello.versions_count, 2);
	ck_assert_uint_eq(found.hello.versions[1], 3);
	ck_assert_uint_eq(found.hello.suites_count, 1);
	ck_assert_uint_eq(found.hello.suites[0], SUITE_1);
	ck_assert_mem_eq(&found.hello.org, &message.hello.org, 32);
	ck_assert_uint_eq(found.hello.serial, 5);
	ck_assert_uint_eq(found.hello.peer_serial, 0);
	ck_assert_mem_eq(&found.hello.nonce, &message.hello.nonce, 16);
	ck_assert(found.hello.has_echo);
	ck_assert_mem_eq(&found.hello.echo, &message.hello.echo, 16);
	ck_assert_uint_eq(found.hello.sent, 7);
	ck_assert_uint_eq(found.hello.seen, 0);
	ck_assert_uint_eq(found.hello.head.size, 9);
	ck_assert(found.hello.has_peer_head);
	ck_assert_uint_eq(found.hello.peer_head.size, 10);
	ck_assert_uint_eq(found.hello.credit, CREDIT_DEFAULT);
	ck_assert_uint_eq(found.hello.time_ms, FIXTURE_TIME);
	ck_assert_uint_eq(found.unknown, 0);
	bytes_release(&bytes);
}
END_TEST

START_TEST(gives_back_a_first_hello)
{
	struct exchange_message message, found;
	struct bytes bytes;

	fill(&message, EXCHANGE_HELLO);
	message.hello.has_echo = message.hello.has_peer_head = false;
	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	ck_err(exchange_encode(&message, &bytes), ERR_NONE);
	ck_assert_uint_eq(fixture_map_count(bytes_view_of(bytes.data + HEAD_LEN, 10)), 11);
	check_again(&bytes, &found);
	ck_assert(!found.hello.has_echo && !found.hello.has_peer_head);
	bytes_release(&bytes);
}
END_TEST

START_TEST(gives_back_the_other_messages)
{
	struct exchange_message found;
	struct bytes bytes;

	encode_type(EXCHANGE_ENVELOPE, &bytes);
	check_again(&bytes, &found);
	ck_same(found.signed_thing.statement, bytes_view_str("malla/envelope/v1\nhead"));
	ck_same(found.ciphertext, bytes_view_of(ciphertext, 40));
	bytes_release(&bytes);
	encode_type(EXCHANGE_RECEIPT, &bytes);
	check_again(&bytes, &found);
	ck_same(found.signed_thing.statement, bytes_view_str("malla/receipt/v1\nmap"));
	bytes_release(&bytes);
	encode_type(EXCHANGE_REFUSAL, &bytes);
	check_again(&bytes, &found);
	ck_assert_int_eq(found.refusal.reason, REASON_BUSY);
	ck_assert_uint_eq(found.refusal.type, EXCHANGE_ENVELOPE);
	ck_assert_uint_eq(found.refusal.number, 12);
	ck_assert_uint_eq(found.refusal.retry_ms, 500);
	bytes_release(&bytes);
	encode_type(EXCHANGE_CARD, &bytes);
	check_again(&bytes, &found);
	ck_assert_uint_eq(found.card.count, 2);
	ck_same(found.card.packages[1], bytes_view_str("another"));
	bytes_release(&bytes);
}
END_TEST

START_TEST(has_the_documented_bytes)
{
	struct exchange_message message = {.type = EXCHANGE_REFUSAL}, found;
	struct bytes bytes;

	message.refusal.reason = REASON_NOT_CANONICAL;
	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	ck_err(exchange_encode(&message, &bytes), ERR_NONE);
	ck_same(bytes_as_view(&bytes), bytes_view_of("\x92\x04\x82\x00\x13\x02\x00", 7));
	check_again(&bytes, &found);
	bytes_release(&bytes);
	encode_type(EXCHANGE_CARD, &bytes);
	ck_same(bytes_as_view(&bytes), bytes_view_of("\x92\x05\x81\x00\x92\xc4\x07package\xc4\x07"
						     "another",
					   23));
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_it_cut_short_or_too_long)
{
	static uint8_t large[FRAME_BYTES_MAX + 1];
	struct bytes bytes;
	int type;

	for (type = EXCHANGE_HELLO; type <= EXCHANGE_CARD; type++) {
		encode_type((enum exchange_type)type, &bytes);
		fixture_check_length(bytes_as_view(&bytes), decode);
		bytes_release(&bytes);
	}
	ck_err(decode(bytes_view_of(large, sizeof(large))), ERR_TOO_LARGE);
}
END_TEST

START_TEST(says_the_type_of_what_it_refuses)
{
	static const uint8_t unknown[] = {6, 7, 8, 9, 10, 127};
	struct exchange_message message;
	uint8_t frame[] = {0x92, 0, 0x80};
	size_t i;

	for (i = 0; i < sizeof(unknown); i++) {
		frame[1] = unknown[i];
		message.type = EXCHANGE_HELLO;
		ck_err(exchange_decode(bytes_view_of(frame, sizeof(frame)), &message), ERR_VALUE);
		ck_assert_uint_eq((unsigned)message.type, unknown[i]);
	}
	/* one that it knows, with a bad map */
	frame[1] = EXCHANGE_CARD;
	ck_err(exchange_decode(bytes_view_of(frame, sizeof(frame)), &message), ERR_MISSING);
	ck_assert_int_eq(message.type, EXCHANGE_CARD);
	/* and those that it cannot read */
	frame[1] = 0;
	ck_err(exchange_decode(bytes_view_of(frame, sizeof(frame)), &message), ERR_RANGE);
	ck_assert_uint_eq((unsigned)message.type, 0);
	message.type = EXCHANGE_HELLO;
	ck_err(exchange_decode(bytes_view_of("\x92\xcd\x01\x00\x80", 5), &message), ERR_RANGE);
	ck_assert_uint_eq((unsigned)message.type, 0);
	message.type = EXCHANGE_HELLO;
	ck_assert(exchange_decode(bytes_view_of("\x91\x01\x80", 3), &message) != ERR_NONE);
	ck_assert_uint_eq((unsigned)message.type, 0);
}
END_TEST

START_TEST(writes_no_reserved_type)
{
	struct exchange_message message;
	struct bytes bytes;
	int type;

	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	bytes_append(&bytes, "before", 6);
	for (type = EXCHANGE_KEY; type <= EXCHANGE_GOSSIP + 1; type++) {
		message = (struct exchange_message){.type = (enum exchange_type)type};
		ck_err(exchange_encode(&message, &bytes), ERR_VALUE);
		ck_same(bytes_as_view(&bytes), bytes_view_str("before"));
	}
	bytes_release(&bytes);
}
END_TEST

START_TEST(misses_what_must_be_there)
{
	static const uint64_t hello[] = {HELLO_VERSIONS, HELLO_SUITES, HELLO_ORG, HELLO_SERIAL,
	    HELLO_PEER_SERIAL, HELLO_NONCE, HELLO_SENT, HELLO_SEEN, HELLO_HEAD, HELLO_CREDIT,
	    HELLO_TIME};
	static const uint64_t zero[] = {0}, two[] = {2};
	struct bytes bytes;
	int type;

	encode_type(EXCHANGE_HELLO, &bytes);
	fixture_check_required(bytes_as_view(&bytes), HEAD_LEN, hello, 11, decode);
	bytes_release(&bytes);
	for (type = EXCHANGE_ENVELOPE; type <= EXCHANGE_REFUSAL; type += 2) {
		encode_type((enum exchange_type)type, &bytes);
		fixture_check_required(bytes_as_view(&bytes), HEAD_LEN, zero, 1, decode);
		fixture_check_required(bytes_as_view(&bytes), HEAD_LEN, two, 1, decode);
		bytes_release(&bytes);
	}
	for (type = EXCHANGE_HELLO; type <= EXCHANGE_CARD; type++) {
		encode_type((enum exchange_type)type, &bytes);
		fixture_check_unknown(bytes_as_view(&bytes), HEAD_LEN, decode);
		bytes_release(&bytes);
	}
	ck_err(decode(bytes_view_of("\x92\x03\x80", 3)), ERR_MISSING);
	ck_err(decode(bytes_view_of("\x92\x05\x80", 3)), ERR_MISSING);
}
END_TEST

#define ROOT "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
#define NUMBER_TOO_LARGE FIXTURE_RAW("\xcf\x80\x00\x00\x00\x00\x00\x00\x00")

/* clang-format off */
static const struct fixture_spoiled SPOILED_HELLO[] = {
    {"versions that are a number", HELLO_VERSIONS, FIXTURE_RAW("\x00"), ERR_TYPE},
    {"no versions", HELLO_VERSIONS, FIXTURE_RAW("\x90"), ERR_RANGE},
    {"nine versions", HELLO_VERSIONS, FIXTURE_RAW("\x99\x00\x01\x02\x03\x04\x05\x06\x07\x08"),
	ERR_TOO_LARGE},
    {"versions that descend", HELLO_VERSIONS, FIXTURE_RAW("\x92\x03\x00"), ERR_ORDER},
    {"a version twice", HELLO_VERSIONS, FIXTURE_RAW("\x92\x00\x00"), ERR_ORDER},
    {"version 256", HELLO_VERSIONS, FIXTURE_RAW("\x92\x00\xcd\x01\x00"), ERR_RANGE},
    {"four billion suites", HELLO_SUITES, FIXTURE_RAW("\xdd\xff\xff\xff\xff"), ERR_TOO_LARGE},
    {"suite 0", HELLO_SUITES, FIXTURE_RAW("\x91\x00"), ERR_RANGE},
    {"a suite twice", HELLO_SUITES, FIXTURE_RAW("\x92\x01\x01"), ERR_ORDER},
    {"a short organisation", HELLO_ORG, FIXTURE_RAW("\xc4\x01" "o"), ERR_RANGE},
    {"serial 0", HELLO_SERIAL, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a serial too large", HELLO_SERIAL, NUMBER_TOO_LARGE, ERR_RANGE},
    {"a peer's serial too large", HELLO_PEER_SERIAL, NUMBER_TOO_LARGE, ERR_RANGE},
    {"a short nonce", HELLO_NONCE, FIXTURE_RAW("\xc4\x01n"), ERR_RANGE},
    {"a short echo", HELLO_ECHO, FIXTURE_RAW("\xc4\x01" "e"), ERR_RANGE},
    {"an empty echo", HELLO_ECHO, FIXTURE_RAW("\xc4\x00"), ERR_RANGE},
    {"sent too large", HELLO_SENT, NUMBER_TOO_LARGE, ERR_RANGE},
    {"seen too large", HELLO_SEEN, NUMBER_TOO_LARGE, ERR_RANGE},
    {"an empty log with a root", HELLO_HEAD, FIXTURE_RAW("\x93\x01\x00\xc4\x20" ROOT), ERR_VALUE},
    {"a peer's head that is nothing", HELLO_PEER_HEAD, FIXTURE_RAW("\x00"), ERR_TYPE},
    {"too much credit", HELLO_CREDIT, FIXTURE_RAW("\x41"), ERR_RANGE},
    {"time 0", HELLO_TIME, FIXTURE_RAW("\x00"), ERR_RANGE},
};
static const struct fixture_spoiled SPOILED_REFUSAL[] = {
    {"a code that nobody knows", EXCHANGE_REFUSAL_REASON, FIXTURE_RAW("\x02"), ERR_RANGE},
    {"a code of more than 16 bits", EXCHANGE_REFUSAL_REASON, FIXTURE_RAW("\xce\x00\x01\x00\x60"),
	ERR_RANGE},
    {"a refusal that says stored", EXCHANGE_REFUSAL_REASON, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a refusal that says duplicate", EXCHANGE_REFUSAL_REASON, FIXTURE_RAW("\x01"), ERR_RANGE},
    {"type 256", EXCHANGE_REFUSAL_TYPE, FIXTURE_RAW("\xcd\x01\x00"), ERR_RANGE},
    {"number 0", EXCHANGE_REFUSAL_NUMBER, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a number too large", EXCHANGE_REFUSAL_NUMBER, NUMBER_TOO_LARGE, ERR_RANGE},
    {"a wait of 0", EXCHANGE_REFUSAL_RETRY, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a wait of a day and a bit", EXCHANGE_REFUSAL_RETRY, FIXTURE_RAW("\xce\x05\x26\x5c\x01"),
	ERR_RANGE},
};
static const struct fixture_spoiled SPOILED_ENVELOPE[] = {
    {"a signed thing that is bytes", EXCHANGE_ENVELOPE_SIGNED, FIXTURE_RAW("\xc4\x01s"), ERR_TYPE},
    {"nothing but a tag", EXCHANGE_ENVELOPE_CIPHERTEXT, FIXTURE_RAW("\xc4\x10" "tttttttttttttttt"),
	ERR_RANGE},
    {"a ciphertext that is text", EXCHANGE_ENVELOPE_CIPHERTEXT, FIXTURE_RAW("\xa1" "c"), ERR_TYPE},
};
static const struct fixture_spoiled SPOILED_CARD[] = {
    {"no packages", EXCHANGE_CARD_PACKAGES, FIXTURE_RAW("\x90"), ERR_RANGE},
    {"four billion packages", EXCHANGE_CARD_PACKAGES, FIXTURE_RAW("\xdd\xff\xff\xff\xff"),
	ERR_TOO_LARGE},
    {"an empty package", EXCHANGE_CARD_PACKAGES, FIXTURE_RAW("\x91\xc4\x00"), ERR_RANGE},
    {"a package that is a map", EXCHANGE_CARD_PACKAGES, FIXTURE_RAW("\x91\x80"), ERR_TYPE},
};
/* clang-format on */

static void
check_spoiled(enum exchange_type type, const struct fixture_spoiled *spoiled, size_t count)
{
	struct bytes bytes;

	encode_type(type, &bytes);
	fixture_check_spoiled(bytes_as_view(&bytes), HEAD_LEN, spoiled, count, decode);
	bytes_release(&bytes);
}

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

START_TEST(refuses_spoiled_fields)
{
	check_spoiled(EXCHANGE_HELLO, SPOILED_HELLO, COUNT(SPOILED_HELLO));
	check_spoiled(EXCHANGE_REFUSAL, SPOILED_REFUSAL, COUNT(SPOILED_REFUSAL));
	check_spoiled(EXCHANGE_ENVELOPE, SPOILED_ENVELOPE, COUNT(SPOILED_ENVELOPE));
	check_spoiled(EXCHANGE_CARD, SPOILED_CARD, COUNT(SPOILED_CARD));
}
END_TEST

START_TEST(takes_as_many_cards_as_the_limit)
{
	struct exchange_message message = {.type = EXCHANGE_CARD}, found;
	struct bytes bytes;
	uint32_t i;

	message.card.count = CARDS_PER_MESSAGE_MAX;
	for (i = 0; i < CARDS_PER_MESSAGE_MAX; i++)
		message.card.packages[i] = bytes_view_str("p");
	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	ck_err(exchange_encode(&message, &bytes), ERR_NONE);
	check_again(&bytes, &found);
	ck_assert_uint_eq(found.card.count, CARDS_PER_MESSAGE_MAX);
	bytes_put_u16(bytes.data + 5, CARDS_PER_MESSAGE_MAX + 1);
	bytes_append(&bytes, "\xc4\x01p", 3);
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(carries_an_envelope_of_full_size)
{
	static char statement[ENVELOPE_BYTES_MAX];
	struct exchange_message message, found;
	struct bytes bytes;

	fill(&message, EXCHANGE_ENVELOPE);
	memset(statement, 's', sizeof(statement));
	message.signed_thing.statement = bytes_view_of(statement, sizeof(statement) - 100);
	message.ciphertext.len = PAYLOAD_BYTES_MAX + 16;
	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	ck_err(exchange_encode(&message, &bytes), ERR_NONE);
	check_again(&bytes, &found);
	ck_assert_uint_eq(found.ciphertext.len, PAYLOAD_BYTES_MAX + 16);
	/* what no frame holds is not written */
	bytes_clear(&bytes);
	message.signed_thing.statement.len += 100;
	ck_err(exchange_encode(&message, &bytes), ERR_TOO_LARGE);
	ck_assert_uint_eq(bytes.len, 0);
	/* one byte of ciphertext too many, within the frame */
	message.signed_thing.statement.len = 100;
	message.ciphertext.len++;
	ck_err(exchange_encode(&message, &bytes), ERR_NONE);
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

SUITE_MAIN("wire/exchange", gives_back_a_hello, gives_back_a_first_hello,
    gives_back_the_other_messages, has_the_documented_bytes, refuses_it_cut_short_or_too_long,
    says_the_type_of_what_it_refuses, writes_no_reserved_type, misses_what_must_be_there,
    refuses_spoiled_fields, takes_as_many_cards_as_the_limit, carries_an_envelope_of_full_size)
