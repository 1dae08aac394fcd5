#include "tests/sim/hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "tests/sim/forge.h"
#include "tests/sim/report.h"

#define FRAMES 48u /* kept of what came and went */
#define RECORDS_MAX 4u

/* What it remembers of each of the others. */
struct victim {
	bool is_greeted;
	struct nonce theirs;
	uint64_t number; /* the last one that it used */
	uint64_t voided; /* one that it withdrew; 0: none */
	uint64_t heads;  /* to show another one each time */
};

struct kept {
	uint32_t with; /* who sent it or was sent it */
	bool was_heard;
	struct bytes bytes;
};

struct hostile {
	struct world *world;
	uint32_t self;
	struct choice *choice;
	struct victim victims[WORLD_NODES_MAX];
	struct kept frames[FRAMES];
	uint32_t records; /* that it made up */
	struct bytes frame;
	struct bytes plaintext;
	struct bytes sealed;
	struct bytes bodies[RECORDS_MAX];
	struct payload payload;
	struct exchange_message message;
};

struct hostile *
hostile_open(struct world *world)
{
	struct hostile *hostile;
	uint32_t i;

	if (!world->nodes[world->count - 1].is_hostile)
		return NULL;
	hostile = calloc(1, sizeof(*hostile));
	if (hostile == NULL)
		abort();
	hostile->world = world;
	hostile->self = world->count - 1;
	hostile->choice = &world->evil;
	bytes_init(&hostile->frame, 2 * FRAME_BYTES_MAX);
	bytes_init(&hostile->plaintext, PAYLOAD_BYTES_MAX);
	bytes_init(&hostile->sealed, SEAL_BYTES_MAX + 256);
	for (i = 0; i < RECORDS_MAX; i++)
		bytes_init(&hostile->bodies[i], RECORD_BYTES_MAX);
	for (i = 0; i < FRAMES; i++)
		bytes_init(&hostile->frames[i].bytes, 2 * FRAME_BYTES_MAX);
	return hostile;
}

void
hostile_free(struct hostile *hostile)
{
	uint32_t i;

	if (hostile == NULL)
		return;
	bytes_release(&hostile->frame);
	bytes_release(&hostile->plaintext);
	bytes_release(&hostile->sealed);
	for (i = 0; i < RECORDS_MAX; i++)
		bytes_release(&hostile->bodies[i]);
	for (i = 0; i < FRAMES; i++)
		bytes_release(&hostile->frames[i].bytes);
	free(hostile);
}

bool
hostile_listens(const struct hostile *hostile, uint32_t from)
{
	return hostile != NULL && from != hostile->self;
}

static const struct party *
self_of(const struct hostile *hostile)
{
	return party_at(hostile->self);
}

static void
keep(struct hostile *hostile, uint32_t with, bool was_heard, struct bytes_view bytes)
{
	struct kept *kept = &hostile->frames[choice_below(hostile->choice, FRAMES)];

	kept->with = with;
	kept->was_heard = was_heard;
	bytes_clear(&kept->bytes);
	bytes_append(&kept->bytes, bytes.data, bytes.len);
}

/* What is in hostile->frame, to one of the others; whoever taps the line sees it. */
static void
send_frame(struct hostile *hostile, uint32_t to)
{
	struct bytes_view frame = bytes_as_view(&hostile->frame);
	bool is_new;

	if (frame.len == 0)
		return;
	if (exchange_decode(frame, &hostile->message) == ERR_NONE &&
	    hostile->message.type == EXCHANGE_ENVELOPE)
		(void)tap_envelope(
		    &hostile->world->tap, &hostile->world->model, &hostile->message, &is_new);
	keep(hostile, to, false, frame);
	world_send(hostile->world, hostile->self, to, frame);
}

static void
must(enum err err, const char *doing)
{
	if (err != ERR_NONE)
		report_fail("the simulator itself", "%s: %s", doing, err_name(err));
}

/* ---------------------------------------------------------------- greetings */

static void
greet(struct hostile *hostile, uint32_t to, bool has_echo, bool is_odd)
{
	struct exchange_message *message = &hostile->message;
	struct hello *hello = &message->hello;
	struct victim *victim = &hostile->victims[to];

	memset(hello, 0, sizeof(*hello));
	message->type = EXCHANGE_HELLO;
	hello->versions_count = 1;
	hello->versions[0] = PROTOCOL_VERSION;
	hello->suites_count = 1;
	hello->suites[0] = SUITE_1;
	hello->org = self_of(hostile)->org;
	hello->serial = 1;
	hello->peer_serial = 1;
	choice_fill(hostile->choice, hello->nonce.bytes, sizeof(hello->nonce.bytes));
	hello->has_echo = has_echo;
	hello->echo = victim->theirs;
	hello->sent = victim->number;
	hello->head.epoch = 1;
	hello->head.size = 10 + ++victim->heads;
	choice_fill(hostile->choice, hello->head.root.bytes, sizeof(hello->head.root.bytes));
	hello->credit = 1 + choice_below(hostile->choice, 12);
	hello->time_ms = hostile->world->now_ms;
	if (is_odd) {
		hello->seen = choice_below(hostile->choice, 20);
		hello->credit = choice_below(hostile->choice, CREDIT_MAX + 1);
		hello->serial = 1 + choice_below(hostile->choice, 2);
		hello->has_peer_head = true;
		hello->peer_head = hello->head;
		hello->time_ms += choice_below(hostile->choice, 2 * SKEW_MS);
		if (choice_is(hostile->choice, 300))
			hello->org = party_at(to)->org;
		if (choice_is(hostile->choice, 300))
			choice_fill(hostile->choice, hello->echo.bytes, sizeof(hello->echo.bytes));
	}
	bytes_clear(&hostile->frame);
	must(exchange_encode(message, &hostile->frame), "a greeting");
	send_frame(hostile, to);
}

/* It comes by itself, where it is let in. */
static void
connect_to(struct hostile *hostile, uint32_t to)
{
	struct world *world = hostile->world;

	if (!world->linked[hostile->self][to] && world->allowed[to][hostile->self])
		world->linked[hostile->self][to] = world->linked[to][hostile->self] = true;
	if (world->linked[hostile->self][to] && !hostile->victims[to].is_greeted)
		greet(hostile, to, false, false);
}

/* ---------------------------------------------------------------- receipts */

/* What an honest recipient would say to this envelope, or something near it. */
static void
give_receipt(struct hostile *hostile, uint32_t to, struct bytes_view frame, bool is_forged)
{
	static struct header header;
	static uint8_t outcomes[2 * BATCH_COUNT_MAX];
	struct choice *choice = hostile->choice;
	struct receipt receipt = {.kind = RECEIPT_ORDINARY, .recipient_serial = 1};
	struct hash hash;

	if (exchange_decode(frame, &hostile->message) != ERR_NONE ||
	    hostile->message.type != EXCHANGE_ENVELOPE ||
	    header_decode(hostile->message.signed_thing.statement, &header, &hash) != ERR_NONE)
		return;
	digest_sha256(hostile->message.signed_thing.statement, &receipt.envelope);
	receipt.recipient = self_of(hostile)->org;
	receipt.sender = header.sender;
	receipt.sender_serial = header.sender_serial;
	receipt.number = header.number;
	receipt.outcomes = bytes_view_of(outcomes, 2 * (size_t)header.count);
	receipt.head.epoch = 1;
	receipt.head.size = 10 + ++hostile->victims[to].heads;
	receipt.time_ms = hostile->world->now_ms;
	if (is_forged) {
		switch (choice_below(choice, 6)) {
		case 0:
			receipt.number += 1;
			break;
		case 1:
			receipt.number = receipt.number > 1 ? receipt.number - 1 : 2;
			break;
		case 2:
			receipt.envelope.bytes[choice_below(choice, 32)] ^= 1;
			break;
		case 3:
			receipt.outcomes.len = header.count > 1 ? 2 : 4;
			break;
		case 4:
			receipt.time_ms += 2 * SKEW_MS;
			break;
		case 5:
			receipt.sender = party_at(choice_below(choice, PARTIES))->org;
			break;
		}
	}
	bytes_clear(&hostile->frame);
	must(forge_receipt(self_of(hostile), &receipt, &hostile->frame), "a receipt");
	send_frame(hostile, to);
}

/* ---------------------------------------------------------------- envelopes */

static void
make_up(struct hostile *hostile, uint32_t i, const struct forge_record *facts)
{
	struct forge_record record = *facts;
	char value[32];

	(void)snprintf(value, sizeof(value), "h%u.example", ++hostile->records);
	record.value = value;
	bytes_clear(&hostile->bodies[i]);
	must(forge_record(&record, hostile->choice, &hostile->bodies[i]), "a record");
	hostile->payload.entries[i] =
	    (struct payload_entry){.index = i, .record = bytes_as_view(&hostile->bodies[i])};
	choice_fill(hostile->choice, hostile->payload.entries[i].salt.bytes, 16);
}

static void
seal(struct hostile *hostile, uint32_t author, uint64_t time_ms)
{
	must(forge_seal(
		 self_of(hostile), party_at(author), time_ms, &hostile->payload, &hostile->sealed),
	    "a seal");
}

/* Whatever payload there is, on its way. */
static void
post(struct hostile *hostile, struct forge_envelope *facts)
{
	facts->from = self_of(hostile);
	facts->payload = &hostile->payload;
	if (facts->time_ms == 0)
		facts->time_ms = hostile->world->now_ms;
	bytes_clear(&hostile->frame);
	if (forge_envelope(facts, hostile->choice, &hostile->frame) == ERR_NONE)
		send_frame(hostile, facts->to);
}

static uint64_t
next_number(struct hostile *hostile, uint32_t to)
{
	return ++hostile->victims[to].number;
}

/* Records of its own, that the reader may have, or (is_forbidden) may not. */
static void
write_own(struct hostile *hostile, uint32_t to, bool is_forbidden, uint64_t number)
{
	struct choice *choice = hostile->choice;
	struct world *world = hostile->world;
	struct forge_envelope envelope = {.to = to, .number = number};
	struct forge_record facts = {.author = hostile->self,
	    .tlp = (enum tlp)choice_below(choice, TLP_COUNT),
	    .named = 1u << to,
	    .created_ms = world->now_ms};
	uint32_t count = 1 + choice_below(choice, RECORDS_MAX), i;

	if (is_forbidden)
		facts.named = MODEL_EVERYBODY & ~(1u << to) & ~(1u << hostile->self);
	else if (facts.tlp < TLP_AMBER_STRICT && choice_is(choice, 300))
		facts.named = 0;
	for (i = 0; i < count; i++)
		make_up(hostile, i, &facts);
	hostile->payload.count = count;
	seal(hostile, hostile->self, world->now_ms);
	post(hostile, &envelope);
}

/* Records that are wrong in a way of their own. */
static void
write_wrong(struct hostile *hostile, uint32_t to)
{
	struct choice *choice = hostile->choice;
	struct world *world = hostile->world;
	struct forge_envelope envelope = {.to = to, .number = next_number(hostile, to)};
	struct forge_record facts = {.author = hostile->self, .created_ms = world->now_ms};
	uint64_t sealed_ms = world->now_ms;
	uint32_t how = choice_below(choice, 8), author = hostile->self;

	facts.tlp = choice_is(choice, 500) ? TLP_CLEAR : TLP_GREEN;
	hostile->payload.count = 2;
	if (how == 0 || how == 7)
		facts.author = choice_below(choice, world->count); /* not the seal's, mostly */
	if (how == 7)
		author = facts.author; /* but here it is, and the seal is not its own */
	if (how == 1)
		facts.created_ms += choice_below(choice, 3 * SKEW_MS);
	make_up(hostile, 0, &facts);
	if (how == 2)
		facts.named = 1u << to; /* another audience in one batch */
	if (how == 3)
		facts.tlp = TLP_RED, facts.named = MODEL_EVERYBODY & ~(1u << to);
	make_up(hostile, 1, &facts);
	if (how == 4)
		hostile->payload.entries[1].record = hostile->payload.entries[0].record;
	if (how == 5)
		sealed_ms += 2 * SKEW_MS;
	seal(hostile, author, sealed_ms);
	if (how == 6)
		envelope.count = 1 + choice_below(choice, 4);
	if (how == 1 && choice_is(choice, 500))
		envelope.time_ms = world->now_ms + 2 * SKEW_MS;
	post(hostile, &envelope);
}

/* What somebody sent it, sent on, sealed as it came: whatever its label says. */
static void
pass_on(struct hostile *hostile, uint32_t to)
{
	const struct kept *kept = &hostile->frames[choice_below(hostile->choice, FRAMES)];
	struct forge_envelope envelope = {.to = to};

	if (!kept->was_heard || kept->bytes.len == 0 ||
	    exchange_decode(bytes_as_view(&kept->bytes), &hostile->message) != ERR_NONE ||
	    hostile->message.type != EXCHANGE_ENVELOPE ||
	    !tap_open(&hostile->message, hostile->self, &hostile->plaintext, &hostile->payload))
		return;
	envelope.number = next_number(hostile, to);
	post(hostile, &envelope);
}

/* An old frame, as it was or spoilt. */
static void
replay(struct hostile *hostile, uint32_t to, bool is_spoilt)
{
	const struct kept *kept = &hostile->frames[choice_below(hostile->choice, FRAMES)];
	uint32_t i;

	if (kept->bytes.len == 0)
		return;
	bytes_clear(&hostile->frame);
	bytes_append(&hostile->frame, kept->bytes.data, kept->bytes.len);
	for (i = is_spoilt ? 1 + choice_below(hostile->choice, 3) : 0; i > 0; i--)
		hostile->frame.data[choice_below(hostile->choice, (uint32_t)hostile->frame.len)] ^=
		    (uint8_t)(1u << choice_below(hostile->choice, 8));
	if (is_spoilt && choice_is(hostile->choice, 200))
		hostile->frame.len = choice_below(hostile->choice, (uint32_t)hostile->frame.len);
	send_frame(hostile, to);
}

/* Numbers that were used, that were withdrawn, that lie ahead. */
static void
misnumber(struct hostile *hostile, uint32_t to)
{
	struct victim *victim = &hostile->victims[to];
	struct choice *choice = hostile->choice;
	struct forge_envelope envelope = {.to = to};
	uint64_t skipped;

	switch (choice_below(choice, 4)) {
	case 0:
		if (victim->number > 0)
			write_own(hostile, to, false, choice_between(choice, 1, victim->number));
		return;
	case 1:
		write_own(hostile, to, false, victim->number + choice_below(choice, 400) + 2);
		return;
	case 2: /* skip one, and withdraw it with the next */
		skipped = next_number(hostile, to);
		envelope.number = next_number(hostile, to);
		envelope.voided_count = 1;
		envelope.voided[0] = skipped;
		victim->voided = skipped;
		hostile->payload.count = 1;
		make_up(hostile, 0,
		    &(struct forge_record){.author = hostile->self,
			.tlp = TLP_CLEAR,
			.created_ms = hostile->world->now_ms});
		seal(hostile, hostile->self, hostile->world->now_ms);
		post(hostile, &envelope);
		return;
	case 3: /* and here it is all the same */
		if (victim->voided != 0)
			write_own(hostile, to, false, victim->voided);
		return;
	}
}

static void
refuse(struct hostile *hostile, uint32_t to)
{
	static const enum reason reasons[] = {REASON_BUSY, REASON_UNKNOWN_CARD, REASON_NO_SESSION,
	    REASON_STORAGE, REASON_BAD_SEAL, REASON_NUMBER_REUSED};

	hostile->message.type = EXCHANGE_REFUSAL;
	memset(&hostile->message.refusal, 0, sizeof(hostile->message.refusal));
	hostile->message.refusal.reason = reasons[choice_below(hostile->choice, 6)];
	hostile->message.refusal.type = choice_below(hostile->choice, 6);
	hostile->message.refusal.number = choice_below(hostile->choice, 5);
	bytes_clear(&hostile->frame);
	must(exchange_encode(&hostile->message, &hostile->frame), "a refusal");
	send_frame(hostile, to);
}

static void
send_card(struct hostile *hostile, uint32_t to)
{
	const struct bytes *package = &party_at(choice_below(hostile->choice, PARTIES))->package;

	hostile->message.type = EXCHANGE_CARD;
	hostile->message.card.count = 1;
	hostile->message.card.packages[0] = bytes_as_view(package);
	bytes_clear(&hostile->frame);
	must(exchange_encode(&hostile->message, &hostile->frame), "a card");
	send_frame(hostile, to);
}

static void
forge_some_receipt(struct hostile *hostile, uint32_t to)
{
	static struct bytes copy;
	const struct kept *kept = &hostile->frames[choice_below(hostile->choice, FRAMES)];

	if (!kept->was_heard)
		return;
	if (copy.cap_max == 0)
		bytes_init(&copy, 2 * FRAME_BYTES_MAX);
	bytes_clear(&copy); /* what is sent may take its place */
	bytes_append(&copy, kept->bytes.data, kept->bytes.len);
	give_receipt(hostile, to, bytes_as_view(&copy), true);
}

void
hostile_acts(struct hostile *hostile)
{
	struct choice *choice;
	uint32_t to, what;

	if (hostile == NULL)
		return;
	choice = hostile->choice;
	to = choice_below(choice, hostile->self);
	what = choice_below(choice, 100);
	connect_to(hostile, to);
	if (what < 22)
		write_own(hostile, to, false, next_number(hostile, to));
	else if (what < 32)
		write_own(hostile, to, true, next_number(hostile, to));
	else if (what < 44)
		pass_on(hostile, to);
	else if (what < 54)
		write_wrong(hostile, to);
	else if (what < 62)
		misnumber(hostile, to);
	else if (what < 70)
		replay(hostile, to, false);
	else if (what < 80)
		replay(hostile, to, true);
	else if (what < 90)
		forge_some_receipt(hostile, to);
	else if (what < 94)
		greet(hostile, to, choice_is(choice, 500), true);
	else if (what < 97)
		refuse(hostile, to);
	else
		send_card(hostile, to);
}

void
hostile_hears(
    struct hostile *hostile, enum core_event_type type, uint32_t from, struct bytes_view bytes)
{
	struct victim *victim = &hostile->victims[from];

	if (type == CORE_LINK_DOWN)
		victim->is_greeted = false;
	if (type != CORE_LINK_MESSAGE || exchange_decode(bytes, &hostile->message) != ERR_NONE)
		return;
	keep(hostile, from, true, bytes);
	if (hostile->message.type == EXCHANGE_HELLO) {
		victim->theirs = hostile->message.hello.nonce;
		victim->is_greeted = true;
		if (!hostile->message.hello.has_echo)
			greet(hostile, from, true, false);
	} else if (hostile->message.type == EXCHANGE_ENVELOPE && choice_is(hostile->choice, 700)) {
		give_receipt(hostile, from, bytes, choice_is(hostile->choice, 150));
	}
}
