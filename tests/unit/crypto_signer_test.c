#include "crypto/signer.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "tests/unit/suite.h"

/* RFC 8032 7.1, tests 1 to 3 */
static const struct {
	const char *seed;
	const char *public_key;
	const char *message;
	const char *signature;
} VECTORS[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

static void
from_hex(const char *text, uint8_t *out, size_t len)
{
	ck_assert_int_eq(hex_decode(text, out, len), ERR_NONE);
}

static struct signer *
open_first(void)
{
	struct signer *signer;
	uint8_t seed[32];

	ck_assert_int_eq(digest_start(), ERR_NONE);
	from_hex(VECTORS[0].seed, seed, sizeof(seed));
	ck_assert_int_eq(signer_open(seed, &signer), ERR_NONE);
	return signer;
}

START_TEST(agrees_with_the_standards_vectors)
{
	uint8_t seed[32], public_key[32], message[8], wanted[64], signature[64];
	struct bytes_view view;
	struct signer *signer;
	size_t i;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	for (i = 0; i < sizeof(VECTORS) / sizeof(*VECTORS); i++) {
		from_hex(VECTORS[i].seed, seed, sizeof(seed));
		from_hex(VECTORS[i].public_key, public_key, sizeof(public_key));
		from_hex(VECTORS[i].signature, wanted, sizeof(wanted));
		view = bytes_view_of(message, strlen(VECTORS[i].message) / 2);
		from_hex(VECTORS[i].message, message, view.len);
		ck_assert_int_eq(signer_open(seed, &signer), ERR_NONE);
		ck_assert(memcmp(signer_public(signer), public_key, 32) == 0);
		ck_assert_int_eq(signer_sign(signer, view, signature), ERR_NONE);
		ck_assert(memcmp(signature, wanted, sizeof(wanted)) == 0);
		ck_assert_int_eq(signer_verify(public_key, view, signature), ERR_NONE);
		signer_free(signer);
	}
}
END_TEST

START_TEST(signs_nothing_as_well_as_much)
{
	struct signer *signer = open_first();
	static uint8_t much[300000];
	uint8_t signature[64];

	ck_assert_int_eq(signer_sign(signer, bytes_view_of(NULL, 0), signature), ERR_NONE);
	ck_assert_int_eq(
	    signer_verify(signer_public(signer), bytes_view_of(NULL, 0), signature), ERR_NONE);
	ck_assert_int_eq(
	    signer_sign(signer, bytes_view_of(much, sizeof(much)), signature), ERR_NONE);
	ck_assert_int_eq(
	    signer_verify(signer_public(signer), bytes_view_of(much, sizeof(much)), signature),
	    ERR_NONE);
	much[sizeof(much) - 1] ^= 1;
	ck_assert_int_eq(
	    signer_verify(signer_public(signer), bytes_view_of(much, sizeof(much)), signature),
	    ERR_SIGNATURE);
	signer_free(signer);
}
END_TEST

START_TEST(makes_another_key_each_time)
{
	struct signer *first, *second;
	uint8_t signature[64];
	struct bytes_view message = bytes_view_str("malla/seal/v1\n");

	ck_assert_int_eq(digest_start(), ERR_NONE);
	ck_assert_int_eq(signer_generate(&first), ERR_NONE);
	ck_assert_int_eq(signer_generate(&second), ERR_NONE);
	ck_assert(memcmp(signer_public(first), signer_public(second), 32) != 0);
	ck_assert_int_eq(signer_sign(first, message, signature), ERR_NONE);
	ck_assert_int_eq(signer_verify(signer_public(first), message, signature), ERR_NONE);
	ck_assert_int_eq(signer_verify(signer_public(second), message, signature), ERR_SIGNATURE);
	signer_free(first);
	signer_free(second);
	signer_free(NULL);
}
END_TEST

/* Verify with one bit of one part flipped, for all bits of it. */
static void
expect_every_bit_counts(uint8_t *part, size_t len, const uint8_t *public_key,
    struct bytes_view message, const uint8_t *signature)
{
	size_t bit;

	ck_assert_int_eq(signer_verify(public_key, message, signature), ERR_NONE);
	for (bit = 0; bit < 8 * len; bit++) {
		part[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_msg(
		    signer_verify(public_key, message, signature) == ERR_SIGNATURE, "bit %zu", bit);
		part[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

START_TEST(refuses_any_bit_flipped_of_key_message_or_signature)
{
	struct signer *signer = open_first();
	uint8_t public_key[32], signature[64], message[] = "malla/seal/v1\nthe bytes themselves";
	struct bytes_view view = bytes_view_of(message, sizeof(message) - 1);

	memcpy(public_key, signer_public(signer), sizeof(public_key));
	ck_assert_int_eq(signer_sign(signer, view, signature), ERR_NONE);
	expect_every_bit_counts(public_key, sizeof(public_key), public_key, view, signature);
	expect_every_bit_counts(signature, sizeof(signature), public_key, view, signature);
	expect_every_bit_counts(message, view.len, public_key, view, signature);
	signer_free(signer);
}
END_TEST

START_TEST(refuses_a_message_cut_short_or_with_more_behind)
{
	struct signer *signer = open_first();
	struct bytes_view message = bytes_view_str("malla/receipt/v1\nabc");
	uint8_t signature[64];
	size_t len;

	ck_assert_int_eq(signer_sign(signer, bytes_view_of(message.data, 18), signature), ERR_NONE);
	for (len = 0; len <= message.len; len++)
		ck_assert_int_eq(signer_verify(signer_public(signer),
				     bytes_view_of(message.data, len), signature),
		    len == 18 ? ERR_NONE : ERR_SIGNATURE);
	signer_free(signer);
}
END_TEST

/* S + L gives the same point as S: without a check on its range anybody makes a second valid
   signature out of a first one.  L = 2^252 + 27742317777372353535851937790883648493 */
START_TEST(refuses_a_malleated_signature)
{
	static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6,
	    0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
	uint8_t public_key[32], signature[64];
	unsigned carry = 0;
	size_t i;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	from_hex(VECTORS[0].public_key, public_key, sizeof(public_key));
	from_hex(VECTORS[0].signature, signature, sizeof(signature));
	for (i = 0; i < 32; i++) {
		carry += (unsigned)signature[32 + i] + order[i];
		signature[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	ck_assert_uint_eq(carry, 0);
	ck_assert_int_eq(
	    signer_verify(public_key, bytes_view_of(NULL, 0), signature), ERR_SIGNATURE);
}
END_TEST

/* Under the key "identity" a lax verifier finds R = B, S = 1 right for every message; the other
   keys are of order 2, 4 and 8, or the same points written with y >= p. */
START_TEST(refuses_the_keys_of_small_order_that_sign_everything)
{
	static const char *const keys[] = {
	    "0100000000000000000000000000000000000000000000000000000000000000",
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "0000000000000000000000000000000000000000000000000000000000000080",
	    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	    "0100000000000000000000000000000000000000000000000000000000000080",
	    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	uint8_t public_key[32], signature[64] = {0};
	size_t i;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	memset(signature, 0x66, 32);
	signature[0] = 0x58; /* the base point */
	signature[32] = 1;
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		from_hex(keys[i], public_key, sizeof(public_key));
		ck_assert_msg(signer_verify(public_key, bytes_view_str("anything"), signature) ==
				  ERR_SIGNATURE,
		    "%s", keys[i]);
	}
}
END_TEST

/* ---------------------------------------------------------------- openssl */

static void
put(const char *folder, const char *name, const void *a, size_t a_len, const void *b, size_t b_len)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "wb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(a, 1, a_len, file), a_len);
	ck_assert_uint_eq(fwrite(b, 1, b_len, file), b_len);
	ck_assert_int_eq(fclose(file), 0);
}

/* The exit code of `openssl` in the folder, its words thrown away. */
static int
openssl(const char *folder, const char *arguments)
{
	char command[512];
	FILE *pipe;
	int status;

	(void)snprintf(
	    command, sizeof(command), "cd '%s' && exec openssl %s >out 2>&1", folder, arguments);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	status = pclose(pipe);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
remove_all(const char *folder)
{
	static const char *const names[] = {"key.der", "message", "other", "signature", "out"};
	char path[256];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
}

#define VERIFY "pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der -sigfile signature -in "

START_TEST(signs_what_stock_openssl_verifies)
{
	/* SubjectPublicKeyInfo of RFC 8410: what stands before the 32 bytes of the key */
	static const uint8_t prefix[12] = {
	    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
	static const char message[] = "malla/seal/v1\n\x81\x01\x00 exact bytes";
	const char *temporary = getenv("TMPDIR");
	uint8_t signature[64];
	struct signer *signer;
	char folder[200];

	(void)snprintf(folder, sizeof(folder), "%s/malla-signer-XXXXXX",
	    temporary != NULL ? temporary : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	if (openssl(folder, "version") != 0) {
		fprintf(stderr, "SKIPPED signs_what_stock_openssl_verifies: no openssl program\n");
		remove_all(folder);
		return;
	}
	ck_assert_int_eq(digest_start(), ERR_NONE);
	ck_assert_int_eq(signer_generate(&signer), ERR_NONE);
	ck_assert_int_eq(
	    signer_sign(signer, bytes_view_of(message, sizeof(message)), signature), ERR_NONE);
	put(folder, "key.der", prefix, sizeof(prefix), signer_public(signer), 32);
	put(folder, "message", message, sizeof(message), "", 0);
	put(folder, "other", message, sizeof(message), "!", 1);
	put(folder, "signature", signature, sizeof(signature), "", 0);
	ck_assert_int_eq(openssl(folder, VERIFY "message"), 0);
	ck_assert_int_ne(openssl(folder, VERIFY "other"), 0);
	signer_free(signer);
	remove_all(folder);
}
END_TEST

SUITE_MAIN("crypto/signer", agrees_with_the_standards_vectors, signs_nothing_as_well_as_much,
    makes_another_key_each_time, refuses_any_bit_flipped_of_key_message_or_signature,
    refuses_a_message_cut_short_or_with_more_behind, refuses_a_malleated_signature,
    refuses_the_keys_of_small_order_that_sign_everything, signs_what_stock_openssl_verifies)
