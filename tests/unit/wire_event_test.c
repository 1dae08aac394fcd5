#include "wire/event.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/tree.h"
#include "tests/unit/suite.h"

static struct event
an_event(void)
{
	struct event event = {.type = EVENT_RECEIPT_SENT,
	    .index = 0x0102030405060708ull,
	    .time_ms = 0x1112131415161718ull};

	memset(event.actor, 0xaa, sizeof(event.actor));
	memset(event.object, 0xbb, sizeof(event.object));
	memset(event.commitment.bytes, 0xcc, sizeof(event.commitment.bytes));
	return event;
}

/* the leaf of an_event by protocol.md 10, written out by hand */
static void
expected_leaf(uint8_t leaf[EVENT_LEAF_BYTES])
{
	uint8_t i;

	leaf[0] = 0;
	leaf[1] = 5;
	for (i = 0; i < 8; i++) {
		leaf[2 + i] = (uint8_t)(0x01 + i);
		leaf[10 + i] = (uint8_t)(0x11 + i);
	}
	memset(leaf + 18, 0xaa, 32);
	memset(leaf + 50, 0xbb, 32);
	memset(leaf + 82, 0xcc, 32);
}

START_TEST(lays_out_a_leaf_as_documented)
{
	uint8_t leaf[EVENT_LEAF_BYTES], expected[EVENT_LEAF_BYTES];
	struct event event = an_event();

	event_leaf_encode(&event, leaf);
	expected_leaf(expected);
	ck_assert_mem_eq(leaf, expected, sizeof(leaf));
}
END_TEST

START_TEST(reads_back_every_type_of_leaf)
{
	uint8_t leaf[EVENT_LEAF_BYTES], again[EVENT_LEAF_BYTES];
	struct event event = an_event(), read;
	uint64_t code;
	unsigned known = 0;

	for (code = 0; code < 0x10000; code++) {
		if (!event_type_is_known(code))
			continue;
		known++;
		event.type = (enum event_type)code;
		event_leaf_encode(&event, leaf);
		ck_assert(event_leaf_decode(leaf, &read) == ERR_NONE);
		ck_assert_uint_eq(read.type, code);
		ck_assert_uint_eq(read.index, event.index);
		ck_assert_uint_eq(read.time_ms, event.time_ms);
		event_leaf_encode(&read, again);
		ck_assert_mem_eq(leaf, again, sizeof(leaf));
		ck_assert_str_ne(event_type_name(event.type), "?");
	}
	#define COUNT_ONE(symbol, code, name) +1
	ck_assert_uint_eq(known, 0 EVENT_TABLE(COUNT_ONE));
#undef COUNT_ONE
	ck_assert_str_eq(event_type_name(EVENT_READ), "read");
	ck_assert_str_eq(event_type_name((enum event_type)99), "?");
}
END_TEST

START_TEST(refuses_a_leaf_of_an_unknown_type)
{
	static const uint16_t types[] = {0, 99, 0x0100, 0x0105, 0xffff};
	uint8_t leaf[EVENT_LEAF_BYTES];
	struct event event = an_event(), read = {.index = 77};
	size_t i;

	event_leaf_encode(&event, leaf);
	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		bytes_put_u16(leaf, types[i]);
		ck_assert(event_leaf_decode(leaf, &read) == ERR_VALUE);
		ck_assert_uint_eq(read.index, 77);
	}
}
END_TEST

static void
check_hash(const uint8_t *hash, const char *hex)
{
	char text[65];

	hex_encode(hash, 32, text);
	ck_assert_str_eq(text, hex);
}

START_TEST(commits_to_salt_and_details)
{
	struct salt salt;
	struct hash hash;
	uint8_t actor[32];

	memset(salt.bytes, 0x5a, sizeof(salt.bytes));
	event_commit(&salt, bytes_view_str("details"), &hash);
	/* printf 'ZZZZZZZZZZZZZZZZdetails' | sha256sum */
	check_hash(hash.bytes, "cd264eb3baedb8cc8f404e6554e8631e2e89b63c13c29451f6d121d7fbf0f695");
	event_actor_operator(bytes_view_str("ana"), actor);
	/* printf 'operator\0ana' | sha256sum */
	check_hash(actor, "3d9e5a39fb21f9442039dc9600263546981bde7f9cfa2cb71f64bd51a0c3ed59");
}
END_TEST

START_TEST(hashes_a_leaf_as_rfc_6962_does)
{
	uint8_t leaf[EVENT_LEAF_BYTES];
	struct hash hash;

	expected_leaf(leaf);
	tree_leaf(bytes_view_of(leaf, sizeof(leaf)), &hash);
	check_hash(hash.bytes, "dbc2cb9a590de790b69532203fae9f659a54525d80a480d0f970f603cb2226e1");
}
END_TEST

/* ------------------------------------------------------------------ details */

static struct event_details
all_details(void)
{
	struct event_details details = {.signed_thing = bytes_view_str("signed"),
	    .has_records = true,
	    .count = 512,
	    .has_peer = true,
	    .number = NUMBER_MAX,
	    .has_policy = true,
	    .text = bytes_view_str("regla «feed»"),
	    .has_request = true,
	    .command = 3,
	    .has_reason = true,
	    .reason = 0};

	memset(details.records.bytes, 1, 32);
	memset(details.peer.bytes, 2, 32);
	memset(details.policy.bytes, 3, 32);
	memset(details.request.bytes, 4, 16);
	return details;
}

static void
encode(const struct event_details *details, struct bytes *out)
{
	bytes_init(out, EVENT_DETAILS_BYTES_MAX + 64);
	ck_assert(event_details_encode(details, out) == ERR_NONE);
}

START_TEST(brings_back_all_details)
{
	struct event_details details = all_details(), read;
	struct bytes first, second;

	encode(&details, &first);
	ck_assert(event_details_decode(bytes_as_view(&first), &read) == ERR_NONE);
	ck_assert(bytes_view_is_equal(read.signed_thing, details.signed_thing));
	ck_assert(bytes_view_is_equal(read.text, details.text));
	ck_assert_mem_eq(read.records.bytes, details.records.bytes, 32);
	ck_assert_mem_eq(read.peer.bytes, details.peer.bytes, 32);
	ck_assert_mem_eq(read.policy.bytes, details.policy.bytes, 32);
	ck_assert_mem_eq(read.request.bytes, details.request.bytes, 16);
	ck_assert(read.has_records && read.has_peer && read.has_policy && read.has_request);
	ck_assert(read.has_reason && read.reason == 0);
	ck_assert_uint_eq(read.count, 512);
	ck_assert_uint_eq(read.number, NUMBER_MAX);
	ck_assert_uint_eq(read.command, 3);
	ck_assert_uint_eq(read.unknown, 0);
	encode(&read, &second);
	ck_assert(bytes_view_is_equal(bytes_as_view(&first), bytes_as_view(&second)));
	bytes_release(&first);
	bytes_release(&second);
}
END_TEST

START_TEST(leaves_out_what_is_absent)
{
	struct event_details none = {0}, read;
	struct bytes bytes;

	encode(&none, &bytes);
	ck_assert_uint_eq(bytes.len, 1);
	ck_assert_uint_eq(bytes.data[0], 0x80);
	ck_assert(event_details_decode(bytes_as_view(&bytes), &read) == ERR_NONE);
	ck_assert(!read.has_peer && !read.has_reason && read.text.len == 0 && read.count == 0);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_details_cut_short)
{
	struct event_details details = all_details(), read = {.count = 77};
	struct bytes bytes;
	size_t len;

	encode(&details, &bytes);
	for (len = 0; len < bytes.len; len++) {
		uint8_t *exact = malloc(len == 0 ? 1 : len);

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, bytes.data, len);
		ck_assert(event_details_decode(bytes_view_of(exact, len), &read) != ERR_NONE);
		ck_assert_uint_eq(read.count, 77);
		free(exact);
	}
	bytes_release(&bytes);
}
END_TEST

static const struct {
	const char *why;
	enum err err;
	const char *hex;
} SPOILED[] = {
    {"no map", ERR_TYPE, "90"},
    {"bytes behind the end", ERR_TRAILING, "8000"},
    {"more keys claimed than there are bytes", ERR_TRUNCATED, "de0010"},
    {"an empty signed thing", ERR_RANGE, "8100c400"},
    {"a root of 31 bytes", ERR_RANGE,
	"8102c41f01010101010101010101010101010101010101010101010101010101010101"},
    {"a count of zero", ERR_RANGE, "810400"},
    {"a count above the signed 64 bits", ERR_RANGE, "8104cf8000000000000000"},
    {"a number in a longer form", ERR_NOT_CANONICAL, "8108cc05"},
    {"an empty text", ERR_RANGE, "810ba0"},
    {"a text that is not UTF-8", ERR_UTF8, "810ba1ff"},
    {"a text with an escape", ERR_UTF8, "810ba11b"},
    {"keys out of order", ERR_ORDER, "8208010401"},
    {"a key twice", ERR_ORDER, "8204010401"},
    {"an even key that is unknown", ERR_UNKNOWN_CRITICAL, "811201"},
};

START_TEST(refuses_spoiled_details)
{
	struct event_details read = {.count = 77};
	uint8_t raw[64];
	size_t i, len;

	for (i = 0; i < sizeof(SPOILED) / sizeof(*SPOILED); i++) {
		enum err err;

		len = strlen(SPOILED[i].hex) / 2;
		ck_assert(hex_decode(SPOILED[i].hex, raw, len) == ERR_NONE);
		err = event_details_decode(bytes_view_of(raw, len), &read);
		ck_assert_msg(err != ERR_NONE, "%s was accepted", SPOILED[i].why);
		ck_assert_msg(err == SPOILED[i].err, "%s: %s", SPOILED[i].why, err_name(err));
		ck_assert_uint_eq(read.count, 77);
	}
}
END_TEST

START_TEST(skips_and_counts_odd_keys_that_are_unknown)
{
	static const uint8_t raw[] = {0x82, 0x04, 0x07, 0x13, 0xa1, 'x'};
	struct event_details read;

	ck_assert(event_details_decode(bytes_view_of(raw, sizeof(raw)), &read) == ERR_NONE);
	ck_assert_uint_eq(read.count, 7);
	ck_assert_uint_eq(read.unknown, 1);
}
END_TEST

START_TEST(refuses_to_write_what_it_would_not_read)
{
	static uint8_t large[EVENT_DETAILS_BYTES_MAX];
	struct event_details details = {.text = bytes_view_str("\x1b[2J")};
	struct bytes bytes;

	bytes_init(&bytes, 2 * EVENT_DETAILS_BYTES_MAX);
	ck_assert(event_details_encode(&details, &bytes) == ERR_UTF8);
	ck_assert_uint_eq(bytes.len, 0);
	details = (struct event_details){.signed_thing = bytes_view_of(large, sizeof(large))};
	ck_assert(event_details_encode(&details, &bytes) == ERR_TOO_LARGE);
	ck_assert_uint_eq(bytes.len, 0);
	bytes_release(&bytes);
}
END_TEST

SUITE_MAIN("wire/event", lays_out_a_leaf_as_documented, reads_back_every_type_of_leaf,
    refuses_a_leaf_of_an_unknown_type, commits_to_salt_and_details, hashes_a_leaf_as_rfc_6962_does,
    brings_back_all_details, leaves_out_what_is_absent, refuses_details_cut_short,
    refuses_spoiled_details, skips_and_counts_odd_keys_that_are_unknown,
    refuses_to_write_what_it_would_not_read)
