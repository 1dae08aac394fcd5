#include "crypto/digest.h"

#include <sodium.h>
#include <string.h>

#include "base/hex.h"
#include "tests/unit/suite.h"

static void
expect_hash(const struct hash *hash, const char *wanted)
{
	char text[2 * sizeof(hash->bytes) + 1];

	hex_encode(hash->bytes, sizeof(hash->bytes), text);
	ck_assert_str_eq(text, wanted);
}

START_TEST(starts_as_often_as_asked)
{
	ck_assert_int_eq(digest_start(), ERR_NONE);
	ck_assert_int_eq(digest_start(), ERR_NONE);
}
END_TEST

/* FIPS 180-4's examples, and a length for each way that the padding can fall */
static const struct {
	const char *in;
	const char *hash;
} SHA256[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

START_TEST(agrees_with_the_standards_vectors)
{
	struct hash hash;
	size_t i;

	for (i = 0; i < sizeof(SHA256) / sizeof(*SHA256); i++) {
		digest_sha256(bytes_view_str(SHA256[i].in), &hash);
		expect_hash(&hash, SHA256[i].hash);
	}
	digest_sha256(bytes_view_of(NULL, 0), &hash);
	expect_hash(&hash, SHA256[0].hash);
}
END_TEST

START_TEST(hashes_two_parts_as_if_they_were_one)
{
	struct bytes_view whole = bytes_view_str(SHA256[2].in);
	struct hash hash;
	size_t cut;

	for (cut = 0; cut <= whole.len; cut++) {
		digest_sha256_pair(bytes_view_of(whole.data, cut),
		    bytes_view_of(whole.data + cut, whole.len - cut), &hash);
		expect_hash(&hash, SHA256[2].hash);
	}
	digest_sha256_prefixed('a', bytes_view_str("bc"), &hash);
	expect_hash(&hash, SHA256[1].hash);
	/* the leaf of no bytes in RFC 6962 */
	digest_sha256_prefixed(0, bytes_view_of(NULL, 0), &hash);
	expect_hash(&hash, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}
END_TEST

/* one and the other library's, at every length up to four blocks and one far beyond */
START_TEST(agrees_with_libsodium_at_every_length)
{
	static uint8_t in[70001];
	uint8_t wanted[crypto_hash_sha256_BYTES];
	struct hash hash;
	size_t len;

	for (len = 0; len < sizeof(in); len++)
		in[len] = (uint8_t)(len * 7 + len / 251);
	for (len = 0; len <= sizeof(in); len = len < 257 ? len + 1 : len + sizeof(in) - 257) {
		ck_assert_int_eq(crypto_hash_sha256(wanted, in, len), 0);
		digest_sha256(bytes_view_of(in, len), &hash);
		ck_assert_msg(memcmp(hash.bytes, wanted, sizeof(wanted)) == 0, "%zu bytes", len);
		digest_sha256_pair(
		    bytes_view_of(in, len / 3), bytes_view_of(in + len / 3, len - len / 3), &hash);
		ck_assert_msg(memcmp(hash.bytes, wanted, sizeof(wanted)) == 0, "%zu in two", len);
	}
}
END_TEST

/* computed with another implementation of RFC 7693: the key counts up from 0, as does the input
   unless it is text */
START_TEST(keys_with_the_shortest_and_the_longest_key)
{
	uint8_t counting[256];
	struct hash hash;
	size_t i;

	for (i = 0; i < sizeof(counting); i++)
		counting[i] = (uint8_t)i;
	digest_keyed(bytes_view_of(counting, 16), bytes_view_of(NULL, 0), &hash);
	expect_hash(&hash, "037c7d740ea795902b5aebe210fafffff1f627f74010f8dc79c0d5b8a9fb5847");
	digest_keyed(bytes_view_of(counting, 32), bytes_view_str("malla"), &hash);
	expect_hash(&hash, "28e050e655c981a3417681d4274a418f01e83352b3a09fdb8cc45098e8621698");
	digest_keyed(bytes_view_of(counting, 64), bytes_view_of(counting, 256), &hash);
	expect_hash(&hash, "1ee3b6312b4e0f0b9663b812b8c129e6d45c410b1c9c5a1667bfc6dd951db79f");
}
END_TEST

/* RFC 8439 A.1, vectors 1 and 5: an all-zero key, nonces 0 and 2 */
START_TEST(expands_as_the_standards_key_stream)
{
	static const char *const wanted[3] = {
	    [0] = "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
		  "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
	    [2] = "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7"
		  "8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d",
	};
	static const uint8_t seed[32];
	uint8_t out[64];
	char text[2 * sizeof(out) + 1];

	digest_expand(seed, 0, out, sizeof(out));
	hex_encode(out, sizeof(out), text);
	ck_assert_str_eq(text, wanted[0]);
	digest_expand(seed, 2, out, sizeof(out));
	hex_encode(out, sizeof(out), text);
	ck_assert_str_eq(text, wanted[2]);
}
END_TEST

START_TEST(expands_only_as_far_as_asked)
{
	static const uint8_t seed[32] = {1};
	uint8_t whole[200], part[201];
	size_t len;

	digest_expand(seed, 5, whole, sizeof(whole));
	for (len = 0; len <= sizeof(whole); len++) {
		memset(part, 0xee, sizeof(part));
		digest_expand(seed, 5, part, len);
		ck_assert(memcmp(part, whole, len) == 0);
		ck_assert_int_eq(part[len], 0xee);
	}
}
END_TEST

START_TEST(expands_each_bit_of_seed_and_counter_to_another_stream)
{
	uint8_t seed[32] = {0}, first[32], other[32];
	size_t bit;

	digest_expand(seed, 0, first, sizeof(first));
	for (bit = 0; bit < 256; bit++) {
		seed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		digest_expand(seed, 0, other, sizeof(other));
		ck_assert(memcmp(first, other, sizeof(first)) != 0);
		seed[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (bit = 0; bit < 64; bit++) {
		digest_expand(seed, 1ull << bit, other, sizeof(other));
		ck_assert(memcmp(first, other, sizeof(first)) != 0);
	}
}
END_TEST

START_TEST(tells_hashes_apart_by_every_bit)
{
	struct hash a, b;
	size_t bit;

	digest_sha256(bytes_view_str("abc"), &a);
	b = a;
	ck_assert(digest_is_equal(&a, &b));
	for (bit = 0; bit < 256; bit++) {
		b.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert(!digest_is_equal(&a, &b));
		b = a;
	}
}
END_TEST

START_TEST(draws_something_else_each_time)
{
	uint8_t first[32] = {0}, second[32] = {0};
	static const uint8_t zeros[32];

	ck_assert_int_eq(digest_start(), ERR_NONE);
	digest_random(first, sizeof(first));
	digest_random(second, sizeof(second));
	ck_assert(memcmp(first, zeros, sizeof(first)) != 0);
	ck_assert(memcmp(first, second, sizeof(first)) != 0);
}
END_TEST

START_TEST(wipes_what_it_locked_and_nothing_beside_it)
{
	static const uint8_t zeros[4];
	uint8_t secret[6] = "secret";

	digest_lock(secret, sizeof(secret));
	ck_assert(memcmp(secret, "secret", sizeof(secret)) == 0);
	digest_wipe(secret + 1, 4);
	ck_assert_int_eq(secret[0], 's');
	ck_assert(memcmp(secret + 1, zeros, 4) == 0);
	ck_assert_int_eq(secret[5], 't');
}
END_TEST

SUITE_MAIN("crypto/digest", starts_as_often_as_asked, agrees_with_the_standards_vectors,
    hashes_two_parts_as_if_they_were_one, agrees_with_libsodium_at_every_length,
    keys_with_the_shortest_and_the_longest_key, expands_as_the_standards_key_stream,
    expands_only_as_far_as_asked, expands_each_bit_of_seed_and_counter_to_another_stream,
    tells_hashes_apart_by_every_bit, draws_something_else_each_time,
    wipes_what_it_locked_and_nothing_beside_it)
