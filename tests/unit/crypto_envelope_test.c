#include "crypto/envelope.h"

#include <string.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "tests/unit/suite.h"

#define SUITE 1u

/* Fixed inputs; what comes of them was computed from the header's formulas by another program
   over another language's BLAKE2b and SHA-256. */
static const struct content_key content_key = {
    .key = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
	24, 25, 26, 27, 28, 29, 30, 31},
    .nonce = {64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84,
	85, 86, 87},
};
static const char *const commitment =
    "80f2a42fc7b62c13188c47b7cdc41c136d03a7fa2d5d13eccd744ce71479af04";
static const char plaintext[] = "tlp:amber";
static const char *const ciphertext = "a055754ab18d1b73fd05fd41f10824e9c862ab026fa707016b";
static const char *const ciphertext_of_nothing = "c4b77fbcf644f74501f6424a3dacd4cb";
static const char *const recipient_public =
    "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c";
static const char *const ephemeral_public =
    "7d9c24316539825c1896e57f28197746793ce60cbee3ad47da9d07b85fa55e2a";
static const char *const wrap_without_psk = "1ed0f78ea7b626043a08e5dcf534f99033f00fa449e96a59"
					    "fea48e83515212551f3a793b63d3f0c1ae6b0a8e8105724e";
static const char *const wrap_with_psk = "ba1a8c06a5ff07ef9957fff4c34f7356e97a124f554e8ebd"
					 "56c635c9348737c653e3ac50c7c2acc4502700ef599e3074";

/* Both ends of one wrap. */
struct parties {
	uint8_t recipient_secret[32];
	uint8_t recipient_key[32];
	uint8_t ephemeral_secret[32];
	uint8_t ephemeral_key[32];
	uint8_t psk[32];
	struct hash header;
	uint8_t nonce[ENVELOPE_NONCE_BYTES];
	uint8_t wrap[ENVELOPE_WRAP_BYTES];
};

static void
count_up(uint8_t *out, size_t len, uint8_t from)
{
	size_t i;

	for (i = 0; i < len; i++)
		out[i] = (uint8_t)(from + i);
}

static void
init(struct parties *parties, uint8_t psk)
{
	ck_assert_int_eq(digest_start(), ERR_NONE);
	count_up(parties->recipient_secret, 32, 1);
	count_up(parties->ephemeral_secret, 32, 100);
	count_up(parties->nonce, sizeof(parties->nonce), 200);
	memset(parties->psk, psk, sizeof(parties->psk));
	memset(parties->header.bytes, 0x5a, sizeof(parties->header.bytes));
	ck_assert_int_eq(
	    envelope_ephemeral(parties->recipient_secret, parties->recipient_key), ERR_NONE);
	ck_assert_int_eq(
	    envelope_ephemeral(parties->ephemeral_secret, parties->ephemeral_key), ERR_NONE);
	ck_assert_int_eq(
	    envelope_wrap(parties->ephemeral_secret, parties->recipient_key, parties->psk,
		&parties->header, parties->nonce, content_key.key, parties->wrap),
	    ERR_NONE);
}

static enum err
unwrap(const struct parties *parties, uint8_t out[ENVELOPE_KEY_BYTES])
{
	return envelope_unwrap(parties->recipient_secret, parties->ephemeral_key, parties->psk,
	    &parties->header, parties->nonce, parties->wrap, out);
}

static void
expect_hex(const void *bytes, size_t len, const char *wanted)
{
	char text[2 * 64 + 1];

	ck_assert_uint_le(len, 64);
	hex_encode(bytes, len, text);
	ck_assert_str_eq(text, wanted);
}

static struct hash
batch_root(void)
{
	struct hash root;

	memset(root.bytes, 0xa5, sizeof(root.bytes));
	return root;
}

/* ---------------------------------------------------------------- the payload */

START_TEST(commits_to_key_and_nonce)
{
	struct content_key other = content_key;
	struct hash hash, changed;
	size_t bit;

	envelope_commitment(&content_key, &hash);
	expect_hex(hash.bytes, sizeof(hash.bytes), commitment);
	for (bit = 0; bit < 8 * (ENVELOPE_KEY_BYTES + ENVELOPE_NONCE_BYTES); bit++) {
		uint8_t *byte = bit / 8 < ENVELOPE_KEY_BYTES
				    ? &other.key[bit / 8]
				    : &other.nonce[bit / 8 - ENVELOPE_KEY_BYTES];

		*byte ^= (uint8_t)(1u << bit % 8);
		envelope_commitment(&other, &changed);
		ck_assert(!digest_is_equal(&hash, &changed));
		*byte ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(encrypts_by_the_formula)
{
	struct hash root = batch_root();
	struct bytes out;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	bytes_init(&out, 1000);
	ck_assert_int_eq(
	    envelope_encrypt(&content_key, SUITE, &root, bytes_view_str(plaintext), &out),
	    ERR_NONE);
	expect_hex(out.data, out.len, ciphertext);
	bytes_clear(&out);
	ck_assert_int_eq(
	    envelope_encrypt(&content_key, SUITE, &root, bytes_view_of(NULL, 0), &out), ERR_NONE);
	expect_hex(out.data, out.len, ciphertext_of_nothing);
	bytes_release(&out);
}
END_TEST

START_TEST(gives_back_what_it_encrypted_at_any_size)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 63, 64, 65, 4095, 258048};
	static uint8_t plain[258048];
	struct hash root = batch_root();
	struct bytes sealed, back;
	size_t i;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	count_up(plain, sizeof(plain), 3);
	bytes_init(&sealed, 300000);
	bytes_init(&back, 300000);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct bytes_view in = bytes_view_of(plain, sizes[i]);

		bytes_clear(&sealed);
		bytes_clear(&back);
		ck_assert_int_eq(
		    envelope_encrypt(&content_key, SUITE, &root, in, &sealed), ERR_NONE);
		ck_assert_uint_eq(sealed.len, sizes[i] + ENVELOPE_TAG_BYTES);
		ck_assert_int_eq(
		    envelope_decrypt(&content_key, SUITE, &root, bytes_as_view(&sealed), &back),
		    ERR_NONE);
		ck_assert(bytes_view_is_equal(bytes_as_view(&back), in));
	}
	bytes_release(&sealed);
	bytes_release(&back);
}
END_TEST

START_TEST(appends_behind_what_is_there)
{
	struct hash root = batch_root();
	struct bytes sealed, back;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	bytes_init(&sealed, 100);
	bytes_init(&back, 100);
	bytes_append(&sealed, "front", 5);
	bytes_append(&back, "before ", 7);
	ck_assert_int_eq(
	    envelope_encrypt(&content_key, SUITE, &root, bytes_view_str(plaintext), &sealed),
	    ERR_NONE);
	ck_assert(memcmp(sealed.data, "front", 5) == 0);
	ck_assert_int_eq(envelope_decrypt(&content_key, SUITE, &root,
			     bytes_view_of(sealed.data + 5, sealed.len - 5), &back),
	    ERR_NONE);
	ck_assert(bytes_view_is_equal(bytes_as_view(&back), bytes_view_str("before tlp:amber")));
	bytes_release(&sealed);
	bytes_release(&back);
}
END_TEST

static void
expect_undecryptable(const struct content_key *key, uint8_t suite, const struct hash *root,
    struct bytes_view in, const char *why)
{
	struct bytes out;

	bytes_init(&out, 100);
	bytes_append(&out, "before", 6);
	ck_assert_msg(envelope_decrypt(key, suite, root, in, &out) == ERR_DECRYPT, "%s", why);
	ck_assert(bytes_view_is_equal(bytes_as_view(&out), bytes_view_str("before")));
	ck_assert_int_eq(out.err, ERR_NONE);
	bytes_release(&out);
}

START_TEST(refuses_a_ciphertext_with_any_bit_flipped_or_cut_short)
{
	struct content_key key = content_key;
	struct hash root = batch_root();
	uint8_t sealed[26] = {0};
	struct bytes_view whole = bytes_view_of(sealed, 25);
	size_t bit, len;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	ck_assert_int_eq(hex_decode(ciphertext, sealed, whole.len), ERR_NONE);
	for (bit = 0; bit < 8 * whole.len; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		expect_undecryptable(&key, SUITE, &root, whole, "ciphertext");
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (len = 0; len < whole.len; len++)
		expect_undecryptable(&key, SUITE, &root, bytes_view_of(sealed, len), "cut short");
	expect_undecryptable(&key, SUITE, &root, bytes_view_of(sealed, 26), "a byte more");
}
END_TEST

START_TEST(refuses_a_ciphertext_under_another_suite_root_key_or_nonce)
{
	struct content_key key = content_key;
	struct hash root = batch_root();
	uint8_t sealed[25] = {0};
	struct bytes_view whole = bytes_view_of(sealed, sizeof(sealed));
	size_t bit;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	ck_assert_int_eq(hex_decode(ciphertext, sealed, sizeof(sealed)), ERR_NONE);
	for (bit = 0; bit < 8; bit++)
		expect_undecryptable(&key, (uint8_t)(SUITE ^ 1u << bit), &root, whole, "suite");
	for (bit = 0; bit < 256; bit++) {
		root.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		expect_undecryptable(&key, SUITE, &root, whole, "root");
		root = batch_root();
		key.key[bit / 8] ^= (uint8_t)(1u << bit % 8);
		expect_undecryptable(&key, SUITE, &root, whole, "key");
		key = content_key;
	}
	for (bit = 0; bit < 8 * ENVELOPE_NONCE_BYTES; bit++) {
		key.nonce[bit / 8] ^= (uint8_t)(1u << bit % 8);
		expect_undecryptable(&key, SUITE, &root, whole, "nonce");
		key = content_key;
	}
}
END_TEST

START_TEST(says_when_there_is_no_room)
{
	struct hash root = batch_root();
	uint8_t sealed[25] = {0};
	struct bytes out;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	ck_assert_int_eq(hex_decode(ciphertext, sealed, sizeof(sealed)), ERR_NONE);
	bytes_init(&out, 24);
	ck_assert_int_eq(
	    envelope_encrypt(&content_key, SUITE, &root, bytes_view_str(plaintext), &out),
	    ERR_TOO_LARGE);
	ck_assert_uint_eq(out.len, 0);
	bytes_init(&out, 8);
	ck_assert_int_eq(
	    envelope_decrypt(&content_key, SUITE, &root, bytes_view_of(sealed, 25), &out),
	    ERR_TOO_LARGE);
	ck_assert_uint_eq(out.len, 0);
	bytes_release(&out);
}
END_TEST

START_TEST(wipes_the_whole_content_key)
{
	static const uint8_t zeros[sizeof(struct content_key)];
	struct content_key key = content_key;

	envelope_wipe(&key);
	ck_assert(memcmp(&key, zeros, sizeof(key)) == 0);
}
END_TEST

/* ---------------------------------------------------------------- the wrap */

START_TEST(wraps_by_the_formula)
{
	struct parties parties;

	init(&parties, 0);
	expect_hex(parties.recipient_key, 32, recipient_public);
	expect_hex(parties.ephemeral_key, 32, ephemeral_public);
	expect_hex(parties.wrap, sizeof(parties.wrap), wrap_without_psk);
	init(&parties, 7);
	expect_hex(parties.wrap, sizeof(parties.wrap), wrap_with_psk);
}
END_TEST

START_TEST(unwraps_what_was_wrapped)
{
	struct parties parties;
	uint8_t key[ENVELOPE_KEY_BYTES];
	uint8_t psk;

	for (psk = 0; psk < 8; psk += 7) {
		memset(key, 0, sizeof(key));
		init(&parties, psk);
		ck_assert_int_eq(unwrap(&parties, key), ERR_NONE);
		ck_assert(memcmp(key, content_key.key, sizeof(key)) == 0);
	}
}
END_TEST

/* Each bit of what both ends must agree on, and of the wrap.  X25519 ignores one bit of a public
   key, but it is hashed as it was written; the five that it ignores of a secret change nothing. */
static void
expect_every_bit_counts(struct parties *parties, uint8_t *part, size_t len, const char *why)
{
	uint8_t key[ENVELOPE_KEY_BYTES], untouched[ENVELOPE_KEY_BYTES];
	size_t bit;

	memset(untouched, 0xee, sizeof(untouched));
	for (bit = 0; bit < 8 * len; bit++) {
		if (part == parties->recipient_secret && (bit < 3 || bit >= 254))
			continue;
		memset(key, 0xee, sizeof(key));
		part[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_msg(unwrap(parties, key) == ERR_DECRYPT, "%s: bit %zu", why, bit);
		ck_assert_msg(memcmp(key, untouched, sizeof(key)) == 0, "%s: touched", why);
		part[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ck_assert_int_eq(unwrap(parties, key), ERR_NONE);
}

START_TEST(refuses_a_wrap_with_any_bit_of_anything_flipped)
{
	struct parties parties;

	init(&parties, 7);
	expect_every_bit_counts(&parties, parties.wrap, sizeof(parties.wrap), "wrap");
	expect_every_bit_counts(&parties, parties.nonce, sizeof(parties.nonce), "nonce");
	expect_every_bit_counts(&parties, parties.header.bytes, 32, "header");
	expect_every_bit_counts(&parties, parties.psk, 32, "pre-shared key");
	expect_every_bit_counts(&parties, parties.ephemeral_key, 32, "ephemeral key");
	expect_every_bit_counts(&parties, parties.recipient_secret, 32, "recipient");
}
END_TEST

/* Points of small order: the shared secret would be zeros for everybody. */
START_TEST(refuses_keys_that_leave_nothing_secret)
{
	static const char *const keys[] = {
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "0100000000000000000000000000000000000000000000000000000000000000",
	    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	uint8_t point[32], wrap[ENVELOPE_WRAP_BYTES], key[ENVELOPE_KEY_BYTES];
	struct parties parties;
	size_t i;

	init(&parties, 0);
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		ck_assert_int_eq(hex_decode(keys[i], point, sizeof(point)), ERR_NONE);
		ck_assert_msg(envelope_wrap(parties.ephemeral_secret, point, parties.psk,
				  &parties.header, parties.nonce, content_key.key, wrap) == ERR_KEY,
		    "%s", keys[i]);
		memcpy(parties.ephemeral_key, point, sizeof(point));
		ck_assert_msg(unwrap(&parties, key) == ERR_KEY, "%s", keys[i]);
	}
}
END_TEST

SUITE_MAIN("crypto/envelope", commits_to_key_and_nonce, encrypts_by_the_formula,
    gives_back_what_it_encrypted_at_any_size, appends_behind_what_is_there,
    refuses_a_ciphertext_with_any_bit_flipped_or_cut_short,
    refuses_a_ciphertext_under_another_suite_root_key_or_nonce, says_when_there_is_no_room,
    wipes_the_whole_content_key, wraps_by_the_formula, unwraps_what_was_wrapped,
    refuses_a_wrap_with_any_bit_of_anything_flipped, refuses_keys_that_leave_nothing_secret)
