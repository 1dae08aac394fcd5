#include "tests/unit/node_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/hex.h"
#include "crypto/envelope.h"
#include "node/channel.h"
#include "node/checkpoint.h"
#include "wire/header.h"
#include "wire/reason.h"
#include "wire/seal.h"

/* One organisation and its keyring, in this process. */
struct fixture {
	struct node node;
	struct keyring *keyring;
};

static enum err
open_again(struct fixture *fixture)
{
	if (fixture->keyring != NULL)
		fixture->keyring->free(fixture->keyring);
	fixture->keyring = NULL;
	return keyring_open(&fixture->node.home, bytes_view_of(NULL, 0), &fixture->keyring);
}

static void
start(struct fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	node_found(&fixture->node, 0);
	ck_err(open_again(fixture), ERR_NONE);
}

static void
done(struct fixture *fixture)
{
	if (fixture->keyring != NULL)
		fixture->keyring->free(fixture->keyring);
	node_done(&fixture->node);
}

/* ---------------------------------------------------------------- statements */

static void
fill_seal(const struct node *node, struct seal *seal)
{
	*seal = (struct seal){.org = node->org, .serial = 1, .size = 3, .time_ms = NODE_TIME};
	memset(seal->root.bytes, 0x21, 32);
}

static void
fill_header(const struct node *node, struct header *header)
{
	*header = (struct header){.suite = SUITE_1,
	    .sender = node->org,
	    .sender_serial = 1,
	    .recipient_serial = 4,
	    .number = 20,
	    .count = 5,
	    .time_ms = NODE_TIME};
	memset(header->recipient.bytes, 0x12, 32);
	memset(header->root.bytes, 0x13, 32);
	memset(header->ephemeral, 0x16, 32);
	memset(header->nonce, 0x17, 24);
	marking_init(&header->marking, TLP_AMBER);
}

static void
fill_head(struct head *head, uint64_t epoch, uint64_t size, uint8_t root)
{
	*head = (struct head){.epoch = epoch, .size = size};
	memset(head->root.bytes, root, 32);
}

static void
fill_receipt(const struct node *node, struct receipt *receipt, uint64_t size, uint8_t root)
{
	static const uint8_t outcomes[2] = {REASON_STORED >> 8, REASON_STORED & 0xff};

	*receipt = (struct receipt){.kind = RECEIPT_ORDINARY,
	    .recipient = node->org,
	    .recipient_serial = 1,
	    .sender_serial = 2,
	    .number = 7,
	    .time_ms = NODE_TIME,
	    .outcomes = bytes_view_of(outcomes, 2)};
	memset(receipt->envelope.bytes, 0x31, 32);
	memset(receipt->sender.bytes, 0x32, 32);
	fill_head(&receipt->head, 0, size, root);
}

static struct keyring_result
sign_one(struct keyring *keyring, enum keyring_type type, struct bytes_view statement)
{
	struct keyring_item item = {.type = type, .statement = statement};
	struct keyring_result result;

	memset(&result, 0x55, sizeof(result));
	ck_err(keyring->sign(keyring, &item, 1, &result), ERR_NONE);
	return result;
}

static struct keyring_result
sign_seal(struct keyring *keyring, const struct seal *seal)
{
	struct keyring_result result;
	struct bytes statement;

	bytes_init(&statement, SEAL_BYTES_MAX);
	ck_err(seal_encode(seal, &statement), ERR_NONE);
	result = sign_one(keyring, KEYRING_SEAL, bytes_as_view(&statement));
	bytes_release(&statement);
	return result;
}

static void
encode_header(const struct header *header, struct bytes *statement)
{
	struct bytes head;

	bytes_init(&head, ENVELOPE_BYTES_MAX);
	bytes_init(statement, ENVELOPE_BYTES_MAX);
	ck_err(header_encode_head(header, &head), ERR_NONE);
	ck_err(header_encode(bytes_as_view(&head), header, statement), ERR_NONE);
	bytes_release(&head);
}

static struct keyring_result
sign_header(struct keyring *keyring, const struct header *header)
{
	struct keyring_result result;
	struct bytes statement;

	encode_header(header, &statement);
	result = sign_one(keyring, KEYRING_HEADER, bytes_as_view(&statement));
	bytes_release(&statement);
	return result;
}

static void
encode_receipt(const struct receipt *receipt, struct bytes *statement)
{
	bytes_init(statement, RECEIPT_BYTES_MAX);
	ck_err(receipt_encode(receipt, statement), ERR_NONE);
}

static struct keyring_result
sign_receipt(struct keyring *keyring, const struct receipt *receipt)
{
	struct keyring_result result;
	struct bytes statement;

	encode_receipt(receipt, &statement);
	result = sign_one(keyring, KEYRING_RECEIPT, bytes_as_view(&statement));
	bytes_release(&statement);
	return result;
}

static enum err
sign_head(struct fixture *fixture, uint64_t epoch, uint64_t size, uint8_t root)
{
	struct receipt receipt;

	fill_receipt(&fixture->node, &receipt, size, root);
	receipt.head.epoch = epoch;
	return sign_receipt(fixture->keyring, &receipt).err;
}

static struct keyring_result
sign_checkpoint(struct keyring *keyring, const struct head *head)
{
	uint8_t statement[KEYRING_HEAD_BYTES];

	keyring_client_head(head, statement);
	return sign_one(keyring, KEYRING_CHECKPOINT, bytes_view_of(statement, sizeof(statement)));
}

/* A refusal gives no signature, not even part of one. */
static void
check_refused(struct keyring_result result, enum err expected, const char *why)
{
	static const uint8_t none[64];

	ck_assert_msg(result.err == expected, "%s: %s", why, err_name(result.err));
	ck_assert_mem_eq(result.signature, none, sizeof(none));
}

/* ---------------------------------------------------------------- signing */

START_TEST(signs_what_verifies_under_its_card)
{
	struct fixture f;
	struct keyring_result result;
	struct bytes statement;
	struct header header;
	struct receipt receipt;
	struct seal seal;

	start(&f);
	fill_seal(&f.node, &seal);
	bytes_init(&statement, SEAL_BYTES_MAX);
	ck_err(seal_encode(&seal, &statement), ERR_NONE);
	result = sign_one(f.keyring, KEYRING_SEAL, bytes_as_view(&statement));
	ck_err(result.err, ERR_NONE);
	ck_err(signer_verify(f.node.card.sign_key, bytes_as_view(&statement), result.signature),
	    ERR_NONE);
	bytes_release(&statement);
	fill_header(&f.node, &header);
	encode_header(&header, &statement);
	result = sign_one(f.keyring, KEYRING_HEADER, bytes_as_view(&statement));
	ck_err(result.err, ERR_NONE);
	ck_err(signer_verify(f.node.card.sign_key, bytes_as_view(&statement), result.signature),
	    ERR_NONE);
	bytes_release(&statement);
	fill_receipt(&f.node, &receipt, 9, 0x44);
	encode_receipt(&receipt, &statement);
	result = sign_one(f.keyring, KEYRING_RECEIPT, bytes_as_view(&statement));
	ck_err(result.err, ERR_NONE);
	ck_err(signer_verify(f.node.card.sign_key, bytes_as_view(&statement), result.signature),
	    ERR_NONE);
	bytes_release(&statement);
	done(&f);
}
END_TEST

START_TEST(refuses_a_seal_that_is_not_its_own)
{
	struct fixture f;
	struct seal seal;

	start(&f);
	fill_seal(&f.node, &seal);
	ck_err(sign_seal(f.keyring, &seal).err, ERR_NONE);
	seal.org.bytes[31] ^= 1;
	check_refused(sign_seal(f.keyring, &seal), ERR_REFUSED, "another organisation");
	fill_seal(&f.node, &seal);
	seal.serial = 2;
	check_refused(sign_seal(f.keyring, &seal), ERR_REFUSED, "another serial");
	fill_seal(&f.node, &seal);
	seal.time_ms = clock_now_ms() + SKEW_MS - 60000;
	ck_err(sign_seal(f.keyring, &seal).err, ERR_NONE);
	seal.time_ms = clock_now_ms() + SKEW_MS + 60000;
	check_refused(sign_seal(f.keyring, &seal), ERR_REFUSED, "the future");
	done(&f);
}
END_TEST

START_TEST(refuses_a_header_that_is_not_its_own)
{
	struct fixture f;
	struct header header;

	start(&f);
	fill_header(&f.node, &header);
	ck_err(sign_header(f.keyring, &header).err, ERR_NONE);
	header.sender.bytes[0] ^= 1;
	check_refused(sign_header(f.keyring, &header), ERR_REFUSED, "another sender");
	fill_header(&f.node, &header);
	header.sender_serial = 9;
	check_refused(sign_header(f.keyring, &header), ERR_REFUSED, "another serial");
	fill_header(&f.node, &header);
	header.time_ms = clock_now_ms() + SKEW_MS + 60000;
	check_refused(sign_header(f.keyring, &header), ERR_REFUSED, "the future");
	done(&f);
}
END_TEST

START_TEST(refuses_a_receipt_that_is_not_its_own)
{
	struct fixture f;
	struct receipt receipt;
	struct head head;
	bool has_head = true;

	start(&f);
	fill_receipt(&f.node, &receipt, 9, 0x44);
	receipt.recipient.bytes[7] ^= 1;
	check_refused(sign_receipt(f.keyring, &receipt), ERR_REFUSED, "another recipient");
	fill_receipt(&f.node, &receipt, 9, 0x44);
	receipt.recipient_serial = 2;
	check_refused(sign_receipt(f.keyring, &receipt), ERR_REFUSED, "another serial");
	fill_receipt(&f.node, &receipt, 9, 0x44);
	receipt.time_ms = clock_now_ms() + SKEW_MS + 60000;
	check_refused(sign_receipt(f.keyring, &receipt), ERR_REFUSED, "the future");
	/* and what was refused is not remembered as signed */
	ck_err(f.keyring->state(f.keyring, &head, &has_head), ERR_NONE);
	ck_assert(!has_head);
	done(&f);
}
END_TEST

START_TEST(refuses_a_statement_of_another_kind)
{
	static const enum keyring_type others[] = {KEYRING_HEADER, KEYRING_RECEIPT,
	    KEYRING_CHECKPOINT, (enum keyring_type)0, (enum keyring_type)5, (enum keyring_type)255};
	struct keyring_result result;
	struct fixture f;
	struct bytes statement;
	struct seal seal;
	size_t i;

	start(&f);
	fill_seal(&f.node, &seal);
	bytes_init(&statement, SEAL_BYTES_MAX);
	ck_err(seal_encode(&seal, &statement), ERR_NONE);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		result = sign_one(f.keyring, others[i], bytes_as_view(&statement));
		ck_assert_msg(result.err != ERR_NONE, "signed as type %d", (int)others[i]);
		check_refused(result, result.err, "a seal as something else");
	}
	bytes_release(&statement);
	done(&f);
}
END_TEST

START_TEST(refuses_a_statement_cut_short_or_too_long)
{
	struct keyring_result result;
	struct fixture f;
	struct bytes statement;
	struct receipt receipt;
	struct head head;
	bool has_head = true;
	size_t len;

	start(&f);
	fill_receipt(&f.node, &receipt, 9, 0x44);
	encode_receipt(&receipt, &statement);
	for (len = 0; len < statement.len; len++) {
		result = sign_one(f.keyring, KEYRING_RECEIPT, bytes_view_of(statement.data, len));
		ck_assert_msg(result.err != ERR_NONE, "signed %zu bytes", len);
	}
	bytes_append_u8(&statement, 0);
	check_refused(sign_one(f.keyring, KEYRING_RECEIPT, bytes_as_view(&statement)), ERR_TRAILING,
	    "a byte too many");
	ck_err(f.keyring->state(f.keyring, &head, &has_head), ERR_NONE);
	ck_assert(!has_head);
	bytes_release(&statement);
	done(&f);
}
END_TEST

/* ---------------------------------------------------------------- the last head */

START_TEST(signs_no_head_smaller_than_or_unlike_the_last)
{
	struct fixture f;
	struct head head;
	bool has_head = false;

	start(&f);
	ck_err(sign_head(&f, 0, 9, 0x44), ERR_NONE);
	ck_err(sign_head(&f, 0, 9, 0x44), ERR_NONE); /* the same again */
	ck_err(sign_head(&f, 0, 9, 0x45), ERR_LOCKED);
	ck_err(sign_head(&f, 0, 8, 0x44), ERR_LOCKED);
	ck_err(sign_head(&f, 0, 10, 0x46), ERR_NONE);
	ck_err(sign_head(&f, 0, 9, 0x44), ERR_LOCKED);
	ck_err(f.keyring->state(f.keyring, &head, &has_head), ERR_NONE);
	ck_assert(has_head);
	ck_assert_uint_eq(head.epoch, 0);
	ck_assert_uint_eq(head.size, 10);
	ck_assert_uint_eq(head.root.bytes[31], 0x46);
	ck_err(sign_head(&f, 1, 2, 0x47), ERR_NONE); /* a new epoch begins small */
	ck_err(sign_head(&f, 0, 11, 0x48), ERR_LOCKED);
	done(&f);
}
END_TEST

START_TEST(remembers_the_last_head_over_a_restart)
{
	struct fixture f;
	struct head head;
	bool has_head = false;

	start(&f);
	ck_err(sign_head(&f, 3, 9, 0x44), ERR_NONE);
	ck_err(open_again(&f), ERR_NONE);
	ck_err(f.keyring->state(f.keyring, &head, &has_head), ERR_NONE);
	ck_assert(has_head);
	ck_assert_uint_eq(head.epoch, 3);
	ck_assert_uint_eq(head.size, 9);
	ck_err(sign_head(&f, 3, 8, 0x43), ERR_LOCKED);
	ck_err(sign_head(&f, 3, 9, 0x45), ERR_LOCKED);
	ck_err(sign_head(&f, 3, 9, 0x44), ERR_NONE);
	done(&f);
}
END_TEST

/* A journal in memory that may refuse, and a clock that is set. */
struct parts_world {
	bool has_head;
	struct head head;
	uint32_t notes;
	uint32_t freed;
	enum err failure; /* of every note and load until it is cleared */
	uint64_t now_ms;
};

static enum err
world_load(void *context, struct head *out)
{
	struct parts_world *world = context;

	if (world->failure != ERR_NONE)
		return world->failure;
	if (!world->has_head)
		return ERR_NOT_FOUND;
	*out = world->head;
	return ERR_NONE;
}

static enum err
world_note(void *context, const struct head *head)
{
	struct parts_world *world = context;

	if (world->failure != ERR_NONE)
		return world->failure;
	world->notes++;
	world->has_head = true;
	world->head = *head;
	return ERR_NONE;
}

static void
world_free(void *context)
{
	struct parts_world *world = context;

	world->freed++;
}

static uint64_t
world_now(void *context)
{
	const struct parts_world *world = context;

	return world->now_ms;
}

/* The fixture's keyring anew, around the world; `spoiled` is a purpose whose secret is another. */
static enum err
assemble(struct fixture *fixture, struct parts_world *world, enum key_purpose spoiled)
{
	static const enum key_purpose purposes[] = {KEY_SIGN, KEY_LOG, KEY_ENVELOPE};
	uint8_t secrets[3][32];
	struct keyring_parts parts = {.sign = secrets[0],
	    .log = secrets[1],
	    .envelope = secrets[2],
	    .journal = {world, world_load, world_note, world_free},
	    .now_ms = world_now,
	    .now_context = world};
	uint32_t i;

	for (i = 0; i < 3; i++) {
		node_key(&fixture->node, purposes[i], secrets[i]);
		secrets[i][5] ^= purposes[i] == spoiled;
	}
	if (fixture->keyring != NULL) {
		ck_err(fixture->keyring->public_keys(fixture->keyring, &parts.public), ERR_NONE);
		fixture->keyring->free(fixture->keyring);
	}
	fixture->keyring = NULL;
	return keyring_assemble(&parts, &fixture->keyring);
}

START_TEST(is_assembled_from_parts_with_the_same_rules)
{
	struct parts_world world = {.now_ms = NODE_TIME};
	struct keyring_result result;
	struct fixture f;
	struct seal seal;

	start(&f);
	ck_err(assemble(&f, &world, KEY_ROOT), ERR_NONE);
	ck_err(sign_head(&f, 1, 9, 0x44), ERR_NONE);
	ck_assert_uint_eq(world.notes, 1);
	ck_assert_uint_eq(world.head.size, 9);
	ck_err(sign_head(&f, 1, 8, 0x44), ERR_LOCKED);
	ck_assert_uint_eq(world.notes, 1);
	/* what was noted binds the next one too */
	ck_err(assemble(&f, &world, KEY_ROOT), ERR_NONE);
	ck_assert_uint_eq(world.freed, 1);
	ck_err(sign_head(&f, 1, 9, 0x45), ERR_LOCKED);
	/* its clock is the one it was given */
	fill_seal(&f.node, &seal);
	seal.time_ms = NODE_TIME + SKEW_MS;
	result = sign_seal(f.keyring, &seal);
	ck_err(result.err, ERR_NONE);
	world.now_ms--;
	check_refused(sign_seal(f.keyring, &seal), ERR_REFUSED, "from the future");
	done(&f);
	ck_assert_uint_eq(world.freed, 2);
}
END_TEST

START_TEST(is_not_assembled_from_parts_that_do_not_fit)
{
	static const enum key_purpose purposes[] = {KEY_SIGN, KEY_LOG, KEY_ENVELOPE};
	struct parts_world world = {.now_ms = NODE_TIME};
	struct fixture f;
	uint32_t i;

	for (i = 0; i < 3; i++) {
		start(&f);
		ck_err(assemble(&f, &world, purposes[i]), ERR_KEY);
		ck_assert_uint_eq(world.freed, i + 1);
		done(&f);
	}
	start(&f);
	world.failure = ERR_CORRUPT;
	ck_err(assemble(&f, &world, KEY_ROOT), ERR_CORRUPT);
	ck_assert_uint_eq(world.freed, 4);
	done(&f);
}
END_TEST

START_TEST(releases_nothing_before_the_head_is_noted)
{
	struct keyring_item item = {.type = KEYRING_RECEIPT};
	struct parts_world world = {.now_ms = NODE_TIME};
	struct keyring_result result;
	struct fixture f;
	struct receipt receipt;
	struct bytes statement;
	struct head head;
	static const uint8_t none[64];
	bool has_head = false;

	start(&f);
	ck_err(assemble(&f, &world, KEY_ROOT), ERR_NONE);
	ck_err(sign_head(&f, 0, 9, 0x44), ERR_NONE);
	world.failure = ERR_SYSTEM;
	fill_receipt(&f.node, &receipt, 10, 0x46);
	encode_receipt(&receipt, &statement);
	item.statement = bytes_as_view(&statement);
	ck_err(f.keyring->sign(f.keyring, &item, 1, &result), ERR_SYSTEM);
	ck_assert_mem_eq(result.signature, none, sizeof(none));
	ck_err(f.keyring->state(f.keyring, &head, &has_head), ERR_NONE);
	ck_assert_uint_eq(head.size, 9);
	/* the last head is signed without a write */
	ck_err(sign_head(&f, 0, 9, 0x44), ERR_NONE);
	world.failure = ERR_NONE;
	ck_err(sign_head(&f, 0, 10, 0x46), ERR_NONE);
	bytes_release(&statement);
	done(&f);
}
END_TEST

/* How often the state file was put in its place since the watch began. */
static int
count_writes(int watch)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} buffer;
	int writes = 0;
	ssize_t got, at;

	while ((got = read(watch, buffer.bytes, sizeof(buffer.bytes))) > 0) {
		for (at = 0; at < got;) {
			const struct inotify_event *event = (const void *)(buffer.bytes + at);

			writes += event->len > 0 && strcmp(event->name, "keyring.state") == 0;
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	return writes;
}

START_TEST(writes_the_state_once_for_a_whole_call)
{
	struct keyring_item items[KEYRING_ITEMS_MAX];
	struct keyring_result results[KEYRING_ITEMS_MAX];
	struct bytes statements[KEYRING_ITEMS_MAX];
	struct fixture f;
	struct receipt receipt;
	struct head head;
	bool has_head;
	int watch;
	uint32_t i;

	start(&f);
	for (i = 0; i < KEYRING_ITEMS_MAX; i++) {
		fill_receipt(&f.node, &receipt, 100 + i, (uint8_t)i);
		encode_receipt(&receipt, &statements[i]);
		items[i] = (struct keyring_item){KEYRING_RECEIPT, bytes_as_view(&statements[i])};
	}
	watch = inotify_init1(IN_NONBLOCK);
	ck_assert_int_ge(inotify_add_watch(watch, f.node.home.path, IN_MODIFY | IN_MOVED_TO), 0);
	ck_err(f.keyring->sign(f.keyring, items, KEYRING_ITEMS_MAX, results), ERR_NONE);
	for (i = 0; i < KEYRING_ITEMS_MAX; i++) {
		ck_err(results[i].err, ERR_NONE);
		ck_err(
		    signer_verify(f.node.card.sign_key, items[i].statement, results[i].signature),
		    ERR_NONE);
		bytes_release(&statements[i]);
	}
	ck_assert_int_eq(count_writes(watch), 1);
	ck_err(f.keyring->state(f.keyring, &head, &has_head), ERR_NONE);
	ck_assert_uint_eq(head.size, 100 + KEYRING_ITEMS_MAX - 1);
	ck_err(sign_head(&f, 0, head.size, KEYRING_ITEMS_MAX - 1), ERR_NONE);
	ck_assert_int_eq(count_writes(watch), 0); /* nothing new, nothing written */
	(void)close(watch);
	done(&f);
}
END_TEST

START_TEST(holds_the_items_of_one_call_against_each_other)
{
	struct keyring_item items[3];
	struct keyring_result results[3];
	struct bytes statements[3];
	static const uint64_t sizes[3] = {12, 11, 13};
	struct fixture f;
	struct receipt receipt;
	uint32_t i;

	start(&f);
	for (i = 0; i < 3; i++) {
		fill_receipt(&f.node, &receipt, sizes[i], (uint8_t)(0x50 + i));
		encode_receipt(&receipt, &statements[i]);
		items[i] = (struct keyring_item){KEYRING_RECEIPT, bytes_as_view(&statements[i])};
	}
	ck_err(f.keyring->sign(f.keyring, items, 3, results), ERR_NONE);
	ck_err(results[0].err, ERR_NONE);
	check_refused(results[1], ERR_LOCKED, "smaller than the one before it");
	ck_err(results[2].err, ERR_NONE);
	ck_err(f.keyring->sign(f.keyring, items, 0, results), ERR_INVALID);
	ck_err(f.keyring->sign(f.keyring, items, KEYRING_ITEMS_MAX + 1, results), ERR_INVALID);
	for (i = 0; i < 3; i++)
		bytes_release(&statements[i]);
	done(&f);
}
END_TEST

/* ---------------------------------------------------------------- checkpoints */

START_TEST(signs_a_checkpoint_as_a_note)
{
	struct keyring_result result;
	struct fixture f;
	struct head head;
	char expected[CHECKPOINT_BYTES_MAX], id[65];
	struct bytes note, tagged;
	const uint8_t *line, *last;
	uint8_t key[128];
	struct hash key_hash;
	size_t text_len;
	int len;

	start(&f);
	fill_head(&head, 2, 1234567, 0x00);
	result = sign_checkpoint(f.keyring, &head);
	ck_err(result.err, ERR_NONE);
	bytes_init(&note, CHECKPOINT_BYTES_MAX);
	ck_err(checkpoint_note(&f.node.org, &head, f.node.card.log_key, result.signature, &note),
	    ERR_NONE);
	hex_encode(f.node.org.bytes, 32, id);
	text_len = (size_t)snprintf(expected, sizeof(expected),
	    "malla.log/%s/2\n1234567\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", id);
	ck_assert_mem_eq(note.data, expected, text_len);
	len = snprintf(expected, sizeof(expected), "\n\xe2\x80\x94 malla.log/%s/2 ", id);
	line = note.data + text_len;
	ck_assert_mem_eq(line, expected, (size_t)len);
	last = note.data + note.len - 1;
	ck_assert_uint_eq(*last, '\n');
	line += len;
	/* what stands there: 4 bytes of SHA-256(name, line feed, 1, key), and the signature */
	bytes_init(&tagged, 128);
	ck_err(base64_decode(bytes_view_of(line, (size_t)(last - line)), &tagged), ERR_NONE);
	ck_assert_uint_eq(tagged.len, 68);
	len = snprintf((char *)key, sizeof(key), "malla.log/%s/2\n\x01", id);
	memcpy(key + len, f.node.card.log_key, 32);
	digest_sha256(bytes_view_of(key, (size_t)len + 32), &key_hash);
	ck_assert_mem_eq(tagged.data, key_hash.bytes, 4);
	ck_err(
	    signer_verify(f.node.card.log_key, bytes_view_of(note.data, text_len), tagged.data + 4),
	    ERR_NONE);
	ck_err(signer_verify(
		   f.node.card.sign_key, bytes_view_of(note.data, text_len), tagged.data + 4),
	    ERR_SIGNATURE);
	bytes_release(&tagged);
	bytes_release(&note);
	done(&f);
}
END_TEST

START_TEST(holds_checkpoints_and_receipts_to_one_history)
{
	struct fixture f;
	struct head head;

	start(&f);
	fill_head(&head, 0, 9, 0x44);
	ck_err(sign_checkpoint(f.keyring, &head).err, ERR_NONE);
	ck_err(sign_head(&f, 0, 9, 0x45), ERR_LOCKED);
	ck_err(sign_head(&f, 0, 12, 0x46), ERR_NONE);
	check_refused(sign_checkpoint(f.keyring, &head), ERR_LOCKED, "smaller than a receipt's");
	fill_head(&head, 0, 12, 0x47);
	check_refused(sign_checkpoint(f.keyring, &head), ERR_LOCKED, "unlike a receipt's");
	ck_err(open_again(&f), ERR_NONE);
	check_refused(sign_checkpoint(f.keyring, &head), ERR_LOCKED, "after a restart");
	done(&f);
}
END_TEST

START_TEST(refuses_a_checkpoint_of_no_head)
{
	uint8_t statement[KEYRING_HEAD_BYTES + 1] = {0};
	struct fixture f;
	struct head head;
	struct hash empty;
	size_t len;

	start(&f);
	fill_head(&head, 0, 9, 0x44);
	keyring_client_head(&head, statement);
	for (len = 0; len <= sizeof(statement); len++) {
		if (len != KEYRING_HEAD_BYTES)
			check_refused(
			    sign_one(f.keyring, KEYRING_CHECKPOINT, bytes_view_of(statement, len)),
			    ERR_INVALID, "another length");
	}
	fill_head(&head, NUMBER_MAX + 1, 9, 0x44);
	check_refused(sign_checkpoint(f.keyring, &head), ERR_RANGE, "the epoch");
	fill_head(&head, 0, NUMBER_MAX + 1, 0x44);
	check_refused(sign_checkpoint(f.keyring, &head), ERR_RANGE, "the size");
	fill_head(&head, 0, 0, 0x44);
	check_refused(sign_checkpoint(f.keyring, &head), ERR_VALUE, "a root of nothing");
	digest_sha256(bytes_view_of(NULL, 0), &empty);
	head.root = empty;
	ck_err(sign_checkpoint(f.keyring, &head).err, ERR_NONE);
	done(&f);
}
END_TEST

/* ---------------------------------------------------------------- unwrapping */

/* An envelope to the node; *key is what was wrapped. */
static void
make_envelope(
    const struct node *node, struct header *header, const uint8_t key[32], struct bytes *statement)
{
	static const uint8_t no_psk[32];
	uint8_t secret[32];
	struct bytes head;
	struct hash hash;

	memset(secret, 0x61, sizeof(secret));
	ck_err(envelope_ephemeral(secret, header->ephemeral), ERR_NONE);
	memset(header->wrap_nonce, 0x62, sizeof(header->wrap_nonce));
	bytes_init(&head, ENVELOPE_BYTES_MAX);
	ck_err(header_encode_head(header, &head), ERR_NONE);
	header_hash(bytes_as_view(&head), &hash);
	ck_err(envelope_wrap(secret, node->card.envelope_key, no_psk, &hash, header->wrap_nonce,
		   key, header->wrap),
	    ERR_NONE);
	bytes_release(&head);
	encode_header(header, statement);
}

static void
fill_incoming(const struct node *node, struct header *header)
{
	fill_header(node, header);
	memset(header->sender.bytes, 0x12, 32);
	header->recipient = node->org;
	header->recipient_serial = 1;
}

static enum err
unwrap(struct fixture *fixture, struct header *header, uint8_t found[32])
{
	uint8_t key[32];
	struct bytes statement;
	enum err err;

	memset(key, 0x63, sizeof(key));
	make_envelope(&fixture->node, header, key, &statement);
	err = fixture->keyring->unwrap(fixture->keyring, bytes_as_view(&statement), found);
	bytes_release(&statement);
	return err;
}

START_TEST(unwraps_what_is_addressed_to_it)
{
	uint8_t found[32] = {0};
	struct fixture f;
	struct header header;

	start(&f);
	fill_incoming(&f.node, &header);
	ck_err(unwrap(&f, &header, found), ERR_NONE);
	ck_assert_uint_eq(found[0], 0x63);
	ck_assert_uint_eq(found[31], 0x63);
	done(&f);
}
END_TEST

START_TEST(unwraps_nothing_else)
{
	uint8_t found[32] = {0};
	static const uint8_t none[32];
	struct fixture f;
	struct header header;
	struct bytes statement;
	size_t len;

	start(&f);
	fill_incoming(&f.node, &header);
	header.recipient.bytes[0] ^= 1;
	ck_err(unwrap(&f, &header, found), ERR_REFUSED);
	fill_incoming(&f.node, &header);
	header.recipient_serial = 2;
	ck_err(unwrap(&f, &header, found), ERR_REFUSED);
	fill_incoming(&f.node, &header);
	header.is_certified = true;
	ck_err(unwrap(&f, &header, found), ERR_REFUSED);
	fill_incoming(&f.node, &header);
	header.has_psk = true;
	ck_err(unwrap(&f, &header, found), ERR_REFUSED);
	fill_incoming(&f.node, &header);
	make_envelope(&f.node, &header, none, &statement);
	for (len = 0; len < statement.len; len++)
		ck_assert_int_ne(
		    f.keyring->unwrap(f.keyring, bytes_view_of(statement.data, len), found),
		    ERR_NONE);
	statement.data[statement.len - 1] ^= 1; /* the wrap's last byte */
	ck_err(f.keyring->unwrap(f.keyring, bytes_as_view(&statement), found), ERR_DECRYPT);
	bytes_release(&statement);
	ck_assert_mem_eq(found, none, sizeof(none));
	done(&f);
}
END_TEST

/* ---------------------------------------------------------------- opening */

START_TEST(gives_the_public_keys_of_its_card)
{
	struct keyring_public public;
	struct fixture f;

	start(&f);
	ck_err(f.keyring->public_keys(f.keyring, &public), ERR_NONE);
	ck_assert_mem_eq(&public.org, &f.node.org, 32);
	ck_assert_uint_eq(public.serial, 1);
	ck_assert_mem_eq(public.sign_key, f.node.card.sign_key, 32);
	ck_assert_mem_eq(public.envelope_key, f.node.card.envelope_key, 32);
	ck_assert_mem_eq(public.log_key, f.node.card.log_key, 32);
	ck_assert_mem_eq(public.witness_key, f.node.card.witness_key, 32);
	done(&f);
}
END_TEST

START_TEST(does_not_open_with_a_key_that_the_card_does_not_name)
{
	static const enum key_purpose purposes[] = {KEY_SIGN, KEY_ENVELOPE, KEY_LOG, KEY_WITNESS};
	struct secret *secret;
	struct fixture f;
	char path[HOME_FILE_MAX], kept[HOME_FILE_MAX];
	size_t i;

	start(&f);
	log_init("test", (enum log_level)0, 0);
	for (i = 0; i < sizeof(purposes) / sizeof(*purposes); i++) {
		home_key(&f.node.home, key_purpose_name(purposes[i]), path);
		home_key(&f.node.home, "kept", kept);
		ck_assert_int_eq(rename(path, kept), 0);
		ck_assert_int_ne(open_again(&f), ERR_NONE); /* none at all */
		ck_err(secret_generate(&secret), ERR_NONE);
		ck_err(keyfile_write(path, purposes[i], secret, bytes_view_of(NULL, 0)), ERR_NONE);
		secret_free(secret);
		ck_err(open_again(&f), ERR_KEY);
		ck_assert_int_eq(rename(kept, path), 0);
		ck_err(open_again(&f), ERR_NONE);
	}
	done(&f);
}
END_TEST

START_TEST(does_not_open_with_a_state_file_that_is_not_its_own)
{
	uint8_t bytes[KEYRING_HEAD_BYTES + 1] = {0};
	struct fixture f;
	size_t len;

	start(&f);
	log_init("test", (enum log_level)0, 0);
	for (len = 0; len <= sizeof(bytes); len++) {
		node_write(&f.node, "keyring.state", bytes_view_of(bytes, len));
		ck_err(open_again(&f), len == KEYRING_HEAD_BYTES ? ERR_NONE : ERR_CORRUPT);
	}
	done(&f);
}
END_TEST

START_TEST(opens_locked_keys_with_the_passphrase_only)
{
	static const enum key_purpose purposes[] = {KEY_SIGN, KEY_ENVELOPE, KEY_LOG, KEY_WITNESS};
	struct bytes_view passphrase = bytes_view_str("correct horse");
	struct keyring *keyring = NULL;
	struct secret *secret;
	struct fixture f;
	char path[HOME_FILE_MAX];
	size_t i;

	start(&f);
	log_init("test", (enum log_level)0, 0);
	for (i = 0; i < sizeof(purposes) / sizeof(*purposes); i++) {
		home_key(&f.node.home, key_purpose_name(purposes[i]), path);
		ck_err(keyfile_read(path, purposes[i], bytes_view_of(NULL, 0), &secret), ERR_NONE);
		ck_assert_int_eq(unlink(path), 0);
		ck_err(keyfile_write(path, purposes[i], secret, passphrase), ERR_NONE);
		secret_free(secret);
	}
	ck_err(keyring_open(&f.node.home, bytes_view_str("correct house"), &keyring), ERR_DECRYPT);
	ck_err(keyring_open(&f.node.home, passphrase, &keyring), ERR_NONE);
	keyring->free(keyring);
	done(&f);
}
END_TEST

/* ---------------------------------------------------------------- the process */

struct process {
	struct fixture fixture;
	pid_t pid;
	int fd;
	int renewals;
};

static void
launch(struct process *process)
{
	uint8_t passphrase[8] = "unused\n";
	int fds[2];

	ck_err(channel_pair(fds), ERR_NONE);
	process->pid = fork();
	ck_assert_int_ge(process->pid, 0);
	if (process->pid == 0) {
		(void)close(fds[0]);
		_exit(keyring_run(fds[1], &process->fixture.node.home, passphrase, 0));
	}
	(void)close(fds[1]);
	process->fd = fds[0];
}

static int
end(struct process *process)
{
	int status = -1;

	ck_assert_int_eq(waitpid(process->pid, &status, 0), process->pid);
	return status;
}

/* The process that is asked was killed: another one takes its place. */
static int
renew(void *context)
{
	struct process *process = context;

	(void)end(process);
	process->renewals++;
	launch(process);
	return process->fd;
}

START_TEST(answers_alike_over_a_channel)
{
	struct keyring_public public, expected;
	struct keyring_result near, far;
	struct keyring *client;
	struct process p = {0};
	struct header header;
	struct head head;
	uint8_t found[32] = {0};
	bool has_head = true;
	struct seal seal;

	start(&p.fixture);
	launch(&p);
	ck_err(keyring_client_open(p.fd, NULL, NULL, &client), ERR_NONE);
	ck_err(client->state(client, &head, &has_head), ERR_NONE);
	ck_assert(!has_head);
	fill_seal(&p.fixture.node, &seal);
	near = sign_seal(p.fixture.keyring, &seal);
	far = sign_seal(client, &seal);
	ck_err(far.err, ERR_NONE);
	ck_assert_mem_eq(near.signature, far.signature, 64);
	seal.serial = 2;
	check_refused(sign_seal(client, &seal), ERR_REFUSED, "over the channel");
	fill_head(&head, 1, 6, 0x70);
	ck_err(sign_checkpoint(client, &head).err, ERR_NONE);
	memset(&head, 0, sizeof(head));
	ck_err(client->state(client, &head, &has_head), ERR_NONE);
	ck_assert(has_head);
	ck_assert_uint_eq(head.epoch, 1);
	ck_assert_uint_eq(head.size, 6);
	ck_assert_uint_eq(head.root.bytes[0], 0x70);
	ck_err(client->public_keys(client, &public), ERR_NONE);
	ck_err(p.fixture.keyring->public_keys(p.fixture.keyring, &expected), ERR_NONE);
	ck_assert_mem_eq(&public, &expected, sizeof(public));
	p.fixture.keyring->free(p.fixture.keyring);
	p.fixture.keyring = client;
	fill_incoming(&p.fixture.node, &header);
	ck_err(unwrap(&p.fixture, &header, found), ERR_NONE);
	ck_assert_uint_eq(found[9], 0x63);
	header.recipient_serial = 2;
	ck_err(unwrap(&p.fixture, &header, found), ERR_REFUSED);
	done(&p.fixture); /* closes the channel */
	ck_assert_int_eq(end(&p), 0);
}
END_TEST

START_TEST(outlives_requests_that_are_no_requests)
{
	uint8_t request[1 + 1 + 2 * 5 + 8] = {KEYRING_SIGN, 2, KEYRING_SEAL, 0, 0, 0, 4, 's', 'e',
	    'a', 'l', KEYRING_SEAL, 0, 0, 0, 4, 's', 'e', 'a', 'l'};
	static uint8_t buffer[CHANNEL_BYTES_MAX];
	struct bytes_view answer;
	struct process p = {0};
	size_t len;
	int spoiled;

	start(&p.fixture);
	launch(&p);
	ck_err(channel_send(p.fd, bytes_view_of(request, sizeof(request))), ERR_NONE);
	ck_err(channel_receive(p.fd, buffer, true, &answer), ERR_NONE);
	ck_assert_uint_eq(answer.len, 1 + 2 * 65); /* well formed: each item has its refusal */
	ck_assert_uint_eq(answer.data[0], ERR_NONE);
	ck_assert_uint_ne(answer.data[1], ERR_NONE);
	for (len = 1; len < sizeof(request); len++) {
		ck_err(channel_send(p.fd, bytes_view_of(request, len)), ERR_NONE);
		ck_err(channel_receive(p.fd, buffer, true, &answer), ERR_NONE);
		ck_assert_uint_eq(answer.len, 1);
		ck_assert_uint_eq(answer.data[0], ERR_INVALID);
	}
	for (spoiled = 0; spoiled < 5; spoiled++) {
		static const struct {
			size_t at;
			uint8_t byte;
		} bytes[] = {{0, 0}, {0, 99}, {1, 0}, {1, 65}, {3, 0xff}};
		uint8_t copy[sizeof(request)];

		memcpy(copy, request, sizeof(copy));
		copy[bytes[spoiled].at] = bytes[spoiled].byte;
		ck_err(channel_send(p.fd, bytes_view_of(copy, sizeof(copy))), ERR_NONE);
		ck_err(channel_receive(p.fd, buffer, true, &answer), ERR_NONE);
		ck_assert_uint_eq(answer.len, 1);
		ck_assert_uint_eq(answer.data[0], ERR_INVALID);
	}
	(void)close(p.fd);
	ck_assert_int_eq(end(&p), 0);
	done(&p.fixture);
}
END_TEST

START_TEST(is_asked_again_when_it_dies)
{
	struct keyring *client;
	struct process p = {0};
	struct receipt receipt;
	struct head head;
	bool has_head = false;

	start(&p.fixture);
	log_init("test", (enum log_level)0, 0);
	launch(&p);
	ck_err(keyring_client_open(p.fd, renew, &p, &client), ERR_NONE);
	fill_receipt(&p.fixture.node, &receipt, 9, 0x44);
	ck_err(sign_receipt(client, &receipt).err, ERR_NONE);
	ck_assert_int_eq(kill(p.pid, SIGKILL), 0);
	ck_err(sign_receipt(client, &receipt).err, ERR_NONE);
	ck_assert_int_eq(p.renewals, 1);
	/* and the one that takes its place knows what was signed */
	ck_err(client->state(client, &head, &has_head), ERR_NONE);
	ck_assert(has_head);
	ck_assert_uint_eq(head.size, 9);
	fill_receipt(&p.fixture.node, &receipt, 9, 0x45);
	check_refused(sign_receipt(client, &receipt), ERR_LOCKED, "unlike what it signed before");
	client->free(client);
	ck_assert_int_eq(end(&p), 0);
	done(&p.fixture);
}
END_TEST

/* What was begun is answered, by the next keyring if need be; and the one after it is not taken for
   its answer. */
START_TEST(answers_later_what_was_begun)
{
	static const int deaths[] = {0, 1, 2}; /* none; before it is asked; before it is heard */
	struct keyring *client;
	struct process p = {0};
	struct header header;
	struct bytes statement;
	uint8_t key[32], found[32];
	struct receipt receipt;
	size_t i;

	start(&p.fixture);
	log_init("test", (enum log_level)0, 0);
	launch(&p);
	ck_err(keyring_client_open(p.fd, renew, &p, &client), ERR_NONE);
	memset(key, 0x71, sizeof(key));
	fill_incoming(&p.fixture.node, &header);
	make_envelope(&p.fixture.node, &header, key, &statement);
	for (i = 0; i < sizeof(deaths) / sizeof(*deaths); i++) {
		if (deaths[i] == 1) {
			ck_assert_int_eq(kill(p.pid, SIGKILL), 0);
			while (waitid(P_PID, (id_t)p.pid, NULL, WEXITED | WNOWAIT) != 0)
				;
		}
		ck_err(client->unwrap_begin(client, bytes_as_view(&statement)), ERR_NONE);
		if (deaths[i] == 2)
			ck_assert_int_eq(kill(p.pid, SIGKILL), 0);
		memset(found, 0, sizeof(found));
		ck_err(client->unwrap_end(client, found), ERR_NONE);
		ck_assert_mem_eq(found, key, sizeof(key));
		fill_receipt(&p.fixture.node, &receipt, 20 + i, (uint8_t)i);
		ck_err(sign_receipt(client, &receipt).err, ERR_NONE);
	}
	ck_assert_int_ge(p.renewals, 1);
	/* a refusal comes as such, and no key with it */
	header.recipient_serial = 2;
	bytes_release(&statement);
	make_envelope(&p.fixture.node, &header, key, &statement);
	memset(found, 0, sizeof(found));
	ck_err(client->unwrap_begin(client, bytes_as_view(&statement)), ERR_NONE);
	ck_err(client->unwrap_end(client, found), ERR_REFUSED);
	ck_assert_uint_eq(found[3], 0);
	bytes_release(&statement);
	client->free(client);
	ck_assert_int_eq(end(&p), 0);
	done(&p.fixture);
}
END_TEST

START_TEST(tells_by_its_exit_code_that_it_cannot_open)
{
	struct process p = {0};
	char path[HOME_FILE_MAX];
	int status;

	start(&p.fixture);
	log_init("test", (enum log_level)0, 0);
	home_key(&p.fixture.node.home, "log", path);
	ck_assert_int_eq(unlink(path), 0);
	launch(&p);
	status = end(&p);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), err_exit_code(ERR_SYSTEM));
	(void)close(p.fd);
	done(&p.fixture);
}
END_TEST

SUITE_MAIN("node/keyring", signs_what_verifies_under_its_card, refuses_a_seal_that_is_not_its_own,
    refuses_a_header_that_is_not_its_own, refuses_a_receipt_that_is_not_its_own,
    refuses_a_statement_of_another_kind, refuses_a_statement_cut_short_or_too_long,
    signs_no_head_smaller_than_or_unlike_the_last, remembers_the_last_head_over_a_restart,
    is_assembled_from_parts_with_the_same_rules, is_not_assembled_from_parts_that_do_not_fit,
    releases_nothing_before_the_head_is_noted, writes_the_state_once_for_a_whole_call,
    holds_the_items_of_one_call_against_each_other, signs_a_checkpoint_as_a_note,
    holds_checkpoints_and_receipts_to_one_history, refuses_a_checkpoint_of_no_head,
    unwraps_what_is_addressed_to_it, unwraps_nothing_else, gives_the_public_keys_of_its_card,
    does_not_open_with_a_key_that_the_card_does_not_name,
    does_not_open_with_a_state_file_that_is_not_its_own, opens_locked_keys_with_the_passphrase_only,
    answers_alike_over_a_channel, outlives_requests_that_are_no_requests,
    is_asked_again_when_it_dies, answers_later_what_was_begun,
    tells_by_its_exit_code_that_it_cannot_open)
