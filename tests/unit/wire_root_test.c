#include "wire/root.h"

#include "base/hex.h"
#include "tests/unit/wire_fixture.h"

#define LINE_LEN 14u /* "malla/root/v1\n" */

static void
encode(const struct root *root, struct bytes *out)
{
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(root_encode(root, out), ERR_NONE);
}

static enum err
decode(struct bytes_view in)
{
	struct root root, before;
	enum err err;

	memset(&root, 0x77, sizeof(root));
	before = root;
	err = root_decode(in, &root);
	if (err != ERR_NONE)
		ck_assert_mem_eq(&root, &before, sizeof(root));
	return err;
}

/* Version 2 with three keys, so that every field is there. */
static void
encode_second(struct bytes *out)
{
	uint8_t store[3][32];
	struct root root;

	fixture_root(&root, 2, 2, 3, 10, store);
	memset(root.next.bytes, 0x33, sizeof(root.next.bytes));
	memset(root.org.bytes, 0x44, sizeof(root.org.bytes));
	encode(&root, out);
}

START_TEST(gives_back_what_was_written)
{
	struct bytes bytes, again;
	struct root found;

	encode_second(&bytes);
	ck_assert_mem_eq(bytes.data, "malla/root/v1\n", LINE_LEN);
	ck_err(root_decode(bytes_as_view(&bytes), &found), ERR_NONE);
	ck_assert_uint_eq(found.version, 2);
	ck_assert_uint_eq(found.created_ms, FIXTURE_TIME);
	ck_assert_uint_eq(found.threshold, 2);
	ck_assert_uint_eq(found.keys_count, 3);
	ck_assert_uint_eq(found.keys[2].suite, SUITE_1);
	ck_assert_uint_eq(found.keys[2].bytes.len, 32);
	ck_assert_uint_eq(found.next.bytes[31], 0x33);
	ck_assert_uint_eq(found.org.bytes[0], 0x44);
	encode(&found, &again);
	ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
	bytes_release(&bytes);
	bytes_release(&again);
}
END_TEST

START_TEST(takes_as_many_keys_as_the_limit_and_suites_to_come)
{
	uint8_t store[ROOT_KEYS_MAX][32], post_quantum[1952];
	struct bytes bytes, again;
	struct root root, found;

	memset(post_quantum, 0x99, sizeof(post_quantum));
	fixture_root(&root, 1, ROOT_KEYS_MAX, ROOT_KEYS_MAX, 10, store);
	root.keys[7].suite = 255;
	root.keys[7].bytes = bytes_view_of(post_quantum, sizeof(post_quantum));
	encode(&root, &bytes);
	ck_err(root_decode(bytes_as_view(&bytes), &found), ERR_NONE);
	ck_assert_uint_eq(found.keys[7].suite, 255);
	ck_assert_uint_eq(found.keys[7].bytes.len, sizeof(post_quantum));
	encode(&found, &again);
	ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
	bytes_release(&bytes);
	bytes_release(&again);
}
END_TEST

START_TEST(refuses_it_cut_short_or_too_long)
{
	struct bytes bytes;

	encode_second(&bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_another_context)
{
	struct bytes bytes;

	encode_second(&bytes);
	memcpy(bytes.data, "malla/card/v1\n", LINE_LEN);
	ck_err(decode(bytes_as_view(&bytes)), ERR_FORMAT);
	bytes_release(&bytes);
}
END_TEST

START_TEST(misses_what_must_be_there)
{
	static const uint64_t required[] = {
	    ROOT_VERSION, ROOT_CREATED, ROOT_THRESHOLD, ROOT_KEYS, ROOT_NEXT, ROOT_ORG};
	struct bytes bytes;

	encode_second(&bytes);
	fixture_check_required(bytes_as_view(&bytes), LINE_LEN, required, 6, decode);
	fixture_check_unknown(bytes_as_view(&bytes), LINE_LEN, decode);
	bytes_release(&bytes);
}
END_TEST

/* clang-format off */
#define KEY_A "\x92\x01\xc4\x20" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "\x92\x01\xc4\x20" "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
/* clang-format on */

/* clang-format off */
static const struct fixture_spoiled SPOILED[] = {
    {"version 0", ROOT_VERSION, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a version beyond the limit", ROOT_VERSION, FIXTURE_RAW("\x21"), ERR_RANGE},
    {"a version in a long form", ROOT_VERSION, FIXTURE_RAW("\xcc\x02"), ERR_NOT_CANONICAL},
    {"an organisation in version 1", ROOT_VERSION, FIXTURE_RAW("\x01"), ERR_NOT_CANONICAL},
    {"time 0", ROOT_CREATED, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a time after year 9999", ROOT_CREATED, FIXTURE_RAW("\xcf\x00\x00\xe6\x77\xd2\x1f\xdc\x00"),
	ERR_RANGE},
    {"threshold 0", ROOT_THRESHOLD, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"a threshold above the number of keys", ROOT_THRESHOLD, FIXTURE_RAW("\x04"), ERR_RANGE},
    {"keys that are no array", ROOT_KEYS, FIXTURE_RAW("\x05"), ERR_TYPE},
    {"no keys", ROOT_KEYS, FIXTURE_RAW("\x90"), ERR_RANGE},
    {"four billion keys", ROOT_KEYS, FIXTURE_RAW("\xdd\xff\xff\xff\xff"), ERR_TOO_LARGE},
    {"more keys than there are", ROOT_KEYS, FIXTURE_RAW("\x92" KEY_A), ERR_TYPE},
    {"a key twice", ROOT_KEYS, FIXTURE_RAW("\x93" KEY_A KEY_B KEY_A), ERR_ORDER},
    {"a key twice under two suites", ROOT_KEYS,
	FIXTURE_RAW("\x92" KEY_A "\x92\x02\xc4\x20" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), ERR_ORDER},
    {"a key of suite 0", ROOT_KEYS, FIXTURE_RAW("\x92" KEY_A "\x92\x00\xc4\x01" "b"), ERR_RANGE},
    {"a short key of suite 1", ROOT_KEYS, FIXTURE_RAW("\x92" KEY_A "\x92\x01\xc4\x01" "b"),
	ERR_KEY},
    {"a short commitment", ROOT_NEXT, FIXTURE_RAW("\xc4\x01" "n"), ERR_RANGE},
    {"a short organisation", ROOT_ORG, FIXTURE_RAW("\xc4\x01" "o"), ERR_RANGE},
};
/* clang-format on */

START_TEST(refuses_spoiled_fields)
{
	struct bytes bytes;

	encode_second(&bytes);
	fixture_check_spoiled(
	    bytes_as_view(&bytes), LINE_LEN, SPOILED, sizeof(SPOILED) / sizeof(*SPOILED), decode);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_to_write_what_it_would_not_read)
{
	uint8_t store[2][32];
	struct bytes bytes;
	struct root root;

	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	bytes_append(&bytes, "before", 6);
	fixture_root(&root, 1, 3, 2, 10, store);
	ck_err(root_encode(&root, &bytes), ERR_RANGE);
	root.threshold = 2;
	root.keys[1].bytes = root.keys[0].bytes;
	ck_err(root_encode(&root, &bytes), ERR_ORDER);
	ck_same(bytes_as_view(&bytes), bytes_view_str("before"));
	bytes_release(&bytes);
}
END_TEST

/* Computed with Python's hashlib from the documented formulas. */
START_TEST(agrees_with_vectors_made_elsewhere)
{
	uint8_t a[32], b[32], c[3];
	struct root root = {.threshold = 2, .keys_count = 3};
	struct org_id org = {{0}};
	struct hash hash;
	char text[FINGERPRINT_BYTES], hex[65];
	uint8_t i;

	ck_err(digest_start(), ERR_NONE);
	root_fingerprint(&org, text);
	ck_assert_str_eq(
	    text, "59692 39397 89965 05010 19369 28121 45220 69964 65733 95265 97065 60620");
	for (i = 0; i < 32; i++)
		org.bytes[i] = i;
	root_fingerprint(&org, text);
	ck_assert_str_eq(
	    text, "97037 08204 93568 46360 29804 10908 36889 10108 07379 02781 22840 62036");
	memset(a, 0xa1, sizeof(a));
	memset(b, 0xa2, sizeof(b));
	memset(c, 0xa3, sizeof(c));
	root.keys[0].suite = root.keys[1].suite = SUITE_1;
	root.keys[0].bytes = bytes_view_of(a, sizeof(a));
	root.keys[1].bytes = bytes_view_of(b, sizeof(b));
	root.keys[2].suite = 7;
	root.keys[2].bytes = bytes_view_of(c, sizeof(c));
	ck_err(root_keys_hash(&root, &hash), ERR_NONE);
	hex_encode(hash.bytes, sizeof(hash.bytes), hex);
	ck_assert_str_eq(hex, "b5c43cec6a7a0b9427b824d793d7a56ab73f30c97cb39729d4fd8a7cfc064ca4");
}
END_TEST

/* ---------------------------------------------------------------- chains */

/* Three generations of an organisation: 1 of 1, 2 of 3, 2 of 2, with seeds from 10, 20, 30. */
static const struct {
	uint32_t threshold, count;
	uint8_t first;
} GENERATIONS[3] = {{1, 1, 10}, {2, 3, 20}, {2, 2, 30}};

struct chain {
	struct root roots[3];
	uint8_t keys[3][3][32];
	struct bytes statements[3];
	uint8_t signatures[3][6][64];
	struct signed_thing things[3];
	struct org_id org;
};

static void
encode_generation(struct chain *chain, size_t i)
{
	struct hash hash;

	bytes_clear(&chain->statements[i]);
	if (i > 0)
		chain->roots[i].org = chain->org;
	ck_err(root_encode(&chain->roots[i], &chain->statements[i]), ERR_NONE);
	if (i == 0) {
		digest_sha256(bytes_as_view(&chain->statements[0]), &hash);
		memcpy(chain->org.bytes, hash.bytes, 32);
	}
	chain->things[i] = (struct signed_thing){.statement = bytes_as_view(&chain->statements[i])};
}

/* Sign with the keys whose bits are set: own keys, then those of the predecessor. */
static void
sign_generation(struct chain *chain, size_t i, uint32_t own, uint32_t before)
{
	uint32_t key;

	chain->things[i].count = 0;
	for (key = 0; key < 3; key++) {
		if ((own >> key & 1) != 0)
			fixture_add_signature(&chain->things[i], key,
			    (uint8_t)(GENERATIONS[i].first + key), chain->signatures[i][key]);
	}
	for (key = 0; key < 3; key++) {
		if ((before >> key & 1) != 0)
			fixture_add_signature(&chain->things[i], 16 + key,
			    (uint8_t)(GENERATIONS[i - 1].first + key),
			    chain->signatures[i][3 + key]);
	}
}

static void
chain_init(struct chain *chain)
{
	size_t i;

	*chain = (struct chain){0};
	for (i = 0; i < 3; i++) {
		bytes_init(&chain->statements[i], FIXTURE_BYTES_MAX);
		fixture_root(&chain->roots[i], i + 1, GENERATIONS[i].threshold,
		    GENERATIONS[i].count, GENERATIONS[i].first, chain->keys[i]);
	}
	for (i = 0; i < 2; i++)
		ck_err(root_keys_hash(&chain->roots[i + 1], &chain->roots[i].next), ERR_NONE);
	for (i = 0; i < 3; i++)
		encode_generation(chain, i);
	sign_generation(chain, 0, 1, 0);
	sign_generation(chain, 1, 3, 1);
	sign_generation(chain, 2, 3, 5);
}

static void
chain_release(struct chain *chain)
{
	size_t i;

	for (i = 0; i < 3; i++)
		bytes_release(&chain->statements[i]);
}

static enum err
verify(const struct chain *chain, uint32_t count)
{
	struct root newest, before;
	struct org_id org;
	enum err err;

	memset(&newest, 0x77, sizeof(newest));
	before = newest;
	memset(&org, 0x77, sizeof(org));
	err = root_chain_verify(chain->things, count, &org, &newest);
	if (err != ERR_NONE) {
		ck_assert_mem_eq(&newest, &before, sizeof(newest));
		ck_assert_uint_eq(org.bytes[0], 0x77);
		return err;
	}
	ck_assert_mem_eq(&org, &chain->org, sizeof(org));
	ck_assert_uint_eq(newest.version, count);
	return err;
}

START_TEST(walks_a_chain)
{
	struct chain chain;

	chain_init(&chain);
	ck_err(verify(&chain, 1), ERR_NONE);
	ck_err(verify(&chain, 2), ERR_NONE);
	ck_err(verify(&chain, 3), ERR_NONE);
	ck_err(verify(&chain, 0), ERR_MISSING);
	/* more signatures than needed are fine, and any that reach the threshold */
	sign_generation(&chain, 1, 7, 1);
	ck_err(verify(&chain, 3), ERR_NONE);
	sign_generation(&chain, 2, 3, 6);
	ck_err(verify(&chain, 3), ERR_NONE);
	chain_release(&chain);
}
END_TEST

START_TEST(refuses_a_chain_with_too_few_signatures)
{
	static const struct {
		const char *why;
		uint32_t own, before;
	} few[] = {
	    {"one of two own keys", 1, 3},
	    {"one of two of the predecessor's", 3, 1},
	    {"none of the predecessor's: a thief with only the new keys", 3, 0},
	    {"none of its own: a thief with only the old keys", 0, 3},
	};
	struct chain chain;
	size_t i;

	chain_init(&chain);
	for (i = 0; i < sizeof(few) / sizeof(*few); i++) {
		sign_generation(&chain, 2, few[i].own, few[i].before);
		ck_assert_msg(verify(&chain, 3) == ERR_SIGNATURE, "%s", few[i].why);
	}
	chain_release(&chain);
}
END_TEST

START_TEST(refuses_a_chain_with_any_wrong_signature)
{
	struct chain chain;
	uint32_t i;

	chain_init(&chain);
	sign_generation(&chain, 1, 7, 1); /* three where two are enough */
	for (i = 0; i < 4; i++) {
		chain.signatures[1][i][9] ^= 4;
		ck_err(verify(&chain, 3), ERR_SIGNATURE);
		chain.signatures[1][i][9] ^= 4;
	}
	ck_err(verify(&chain, 3), ERR_NONE);
	/* indices that no key has */
	chain.things[1].signatures[3].signer = 17;
	ck_err(verify(&chain, 3), ERR_SIGNATURE);
	chain.things[1].signatures[3].signer = 15;
	ck_err(verify(&chain, 3), ERR_SIGNATURE);
	chain.things[1].signatures[3].signer = 16;
	chain.things[1].signatures[2].suite = 2;
	ck_err(verify(&chain, 3), ERR_KEY);
	chain_release(&chain);
}
END_TEST

START_TEST(counts_no_key_twice)
{
	struct chain chain;

	chain_init(&chain);
	sign_generation(&chain, 2, 3, 5);
	chain.things[2].signatures[1] = chain.things[2].signatures[0];
	ck_err(verify(&chain, 3), ERR_ORDER);
	chain_release(&chain);
}
END_TEST

START_TEST(refuses_a_first_root_signed_by_a_predecessor)
{
	struct chain chain;

	chain_init(&chain);
	fixture_add_signature(&chain.things[0], 16, 10, chain.signatures[0][3]);
	ck_err(verify(&chain, 1), ERR_SIGNATURE);
	chain_release(&chain);
}
END_TEST

START_TEST(refuses_gaps_and_strangers_in_a_chain)
{
	struct chain chain;

	chain_init(&chain);
	chain.roots[1].version = 3;
	encode_generation(&chain, 1);
	sign_generation(&chain, 1, 3, 1);
	ck_err(verify(&chain, 2), ERR_ORDER);
	chain.roots[1].version = 2;
	chain.org.bytes[0] ^= 1;
	encode_generation(&chain, 1);
	sign_generation(&chain, 1, 3, 1);
	chain.org.bytes[0] ^= 1;
	ck_err(verify(&chain, 2), ERR_INVALID);
	encode_generation(&chain, 1);
	sign_generation(&chain, 1, 3, 1);
	ck_err(verify(&chain, 2), ERR_NONE);
	chain.things[0] = chain.things[1];
	ck_err(verify(&chain, 1), ERR_ORDER); /* does not begin with the first */
	chain_release(&chain);
}
END_TEST

START_TEST(refuses_keys_that_were_not_committed_to)
{
	struct chain chain;

	chain_init(&chain);
	/* the thief has the first generation's key, and signs keys of his own */
	fixture_root(&chain.roots[1], 2, 2, 3, 21, chain.keys[1]);
	encode_generation(&chain, 1);
	fixture_add_signature(&chain.things[1], 0, 21, chain.signatures[1][0]);
	fixture_add_signature(&chain.things[1], 1, 22, chain.signatures[1][1]);
	fixture_add_signature(&chain.things[1], 16, 10, chain.signatures[1][3]);
	ck_err(verify(&chain, 2), ERR_KEY);
	/* the right keys under a lower threshold are other keys */
	fixture_root(&chain.roots[1], 2, 1, 3, 20, chain.keys[1]);
	encode_generation(&chain, 1);
	sign_generation(&chain, 1, 3, 1);
	ck_err(verify(&chain, 2), ERR_KEY);
	chain_release(&chain);
}
END_TEST

START_TEST(verifies_what_the_root_keys_signed)
{
	struct signed_thing thing = {.statement = bytes_view_str("malla/card/v1\nany")};
	uint8_t keys[3][32], store[4][64];
	struct root root;

	fixture_root(&root, 1, 2, 3, 20, keys);
	fixture_add_signature(&thing, 0, 20, store[0]);
	ck_err(root_verify(&root, &thing), ERR_SIGNATURE);
	fixture_add_signature(&thing, 2, 22, store[1]);
	ck_err(root_verify(&root, &thing), ERR_NONE);
	/* a stranger's signature spoils it, though the threshold is reached */
	fixture_add_signature(&thing, 16, 10, store[2]);
	ck_err(root_verify(&root, &thing), ERR_SIGNATURE);
	thing.count = 2;
	root.keys[2].suite = 2;
	ck_err(root_verify(&root, &thing), ERR_KEY);
}
END_TEST

SUITE_MAIN("wire/root", gives_back_what_was_written,
    takes_as_many_keys_as_the_limit_and_suites_to_come, refuses_it_cut_short_or_too_long,
    refuses_another_context, misses_what_must_be_there, refuses_spoiled_fields,
    refuses_to_write_what_it_would_not_read, agrees_with_vectors_made_elsewhere, walks_a_chain,
    refuses_a_chain_with_too_few_signatures, refuses_a_chain_with_any_wrong_signature,
    counts_no_key_twice, refuses_a_first_root_signed_by_a_predecessor,
    refuses_gaps_and_strangers_in_a_chain, refuses_keys_that_were_not_committed_to,
    verifies_what_the_root_keys_signed)
