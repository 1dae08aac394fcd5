#define _DEFAULT_SOURCE
#include "crypto/keyfile.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "crypto/signer.h"
#include "tests/unit/suite.h"

/* where things stand: keyfile.h */
#define PURPOSE_AT 17u
#define SUITE_AT 18u
#define KDF_AT 19u
#define OPERATIONS_AT 20u
#define MEMORY_AT 28u
#define SALT_AT 36u
#define NONCE_AT 52u
#define LENGTH_AT 76u
#define SEALED_AT 78u
#define LOCKED_BYTES 126u
#define CLEAR_LENGTH_AT 20u
#define CLEAR_BYTES 54u

static const char passphrase[] = "correcto caballo";
/* XChaCha20-Poly1305 of the bytes 1 to 32, computed with another program: purpose sign, one
   operation on 8 KiB, salt 0 to 15, nonce 32 to 55 */
static const char *const sealed = "13ae6959adb3fac0b9ad86b736933cbefa6441a85de905a4"
				  "24ded320237afd54436d88d4450017ab56db033bc963997b";

/* A folder for one test. */
static char folder[200];
static char path[256];

static void
enter(void)
{
	const char *temporary = getenv("TMPDIR");

	ck_assert_int_eq(digest_start(), ERR_NONE);
	(void)snprintf(folder, sizeof(folder), "%s/malla-keyfile-XXXXXX",
	    temporary != NULL ? temporary : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/sign.key", folder);
}

static size_t
count_files(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	(void)closedir(dir);
	return count;
}

static void
leave(void)
{
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static void
count_up(uint8_t *out, size_t len, uint8_t from)
{
	size_t i;

	for (i = 0; i < len; i++)
		out[i] = (uint8_t)(from + i);
}

static struct secret *
known_secret(void)
{
	struct secret *secret;
	uint8_t bytes[32];

	count_up(bytes, sizeof(bytes), 1);
	ck_assert_int_eq(secret_open(bytes, &secret), ERR_NONE);
	return secret;
}

static void
make_clear(uint8_t out[CLEAR_BYTES])
{
	memcpy(out, "malla/keyfile/v1\n\x03\x01\x00\x00\x20", 22);
	count_up(out + 22, 32, 1);
}

static void
make_locked(uint8_t out[LOCKED_BYTES])
{
	memcpy(out, "malla/keyfile/v1\n\x02\x01\x01", 20);
	bytes_put_u64(out + OPERATIONS_AT, 1);
	bytes_put_u64(out + MEMORY_AT, 8192);
	count_up(out + SALT_AT, 16, 0);
	count_up(out + NONCE_AT, 24, 32);
	bytes_put_u16(out + LENGTH_AT, 48);
	ck_assert_int_eq(hex_decode(sealed, out + SEALED_AT, 48), ERR_NONE);
}

/* Put bytes at `path`, mode 0600, whatever was there. */
static void
put(const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0600), 0);
}

static size_t
get(uint8_t out[KEYFILE_BYTES_MAX])
{
	FILE *file = fopen(path, "rb");
	size_t len;

	ck_assert_ptr_nonnull(file);
	len = fread(out, 1, KEYFILE_BYTES_MAX, file);
	(void)fclose(file);
	return len;
}

/* Read and expect a failure that leaves the result alone. */
static void
expect_unread(enum key_purpose purpose, const char *words, enum err wanted, const char *why)
{
	struct secret *untouched = (struct secret *)(void *)folder, *secret = untouched;
	enum err err = keyfile_read(path, purpose, bytes_view_str(words), &secret);

	ck_assert_msg(err == wanted, "%s: %s", why, err_name(err));
	ck_assert_msg(secret == untouched, "%s: touched", why);
}

static void
expect_known(enum key_purpose purpose, const char *words)
{
	struct secret *secret = NULL;
	uint8_t wanted[32];

	count_up(wanted, sizeof(wanted), 1);
	ck_assert_int_eq(keyfile_read(path, purpose, bytes_view_str(words), &secret), ERR_NONE);
	ck_assert(memcmp(secret_bytes(secret), wanted, sizeof(wanted)) == 0);
	secret_free(secret);
}

/* ---------------------------------------------------------------- purposes and secrets */

START_TEST(names_every_purpose)
{
	ck_assert_str_eq(key_purpose_name(KEY_ROOT), "root");
	ck_assert_str_eq(key_purpose_name(KEY_SIGN), "sign");
	ck_assert_str_eq(key_purpose_name(KEY_ENVELOPE), "envelope");
	ck_assert_str_eq(key_purpose_name(KEY_TRANSPORT), "transport");
	ck_assert_str_eq(key_purpose_name(KEY_LOG), "log");
	ck_assert_str_eq(key_purpose_name(KEY_WITNESS), "witness");
	ck_assert_str_eq(key_purpose_name(KEY_OPERATOR), "operator");
}
END_TEST

START_TEST(makes_another_secret_each_time)
{
	struct secret *first, *second;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	ck_assert_int_eq(secret_generate(&first), ERR_NONE);
	ck_assert_int_eq(secret_generate(&second), ERR_NONE);
	ck_assert(memcmp(secret_bytes(first), secret_bytes(second), 32) != 0);
	secret_free(first);
	secret_free(second);
	secret_free(NULL);
}
END_TEST

/* One secret per curve, each from a public document: the key pair that zmq_curve(7) shows (CURVE
   is X25519) and RFC 8032 7.1, test 1. */
START_TEST(derives_the_public_half_by_purpose)
{
	static const enum key_purpose signing[] = {
	    KEY_ROOT, KEY_SIGN, KEY_LOG, KEY_WITNESS, KEY_OPERATOR};
	static const enum key_purpose agreeing[] = {KEY_ENVELOPE, KEY_TRANSPORT};
	static const char *const zmq_secret =
	    "8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7";
	static const char *const zmq_public =
	    "54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652";
	static const char *const rfc_secret =
	    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
	static const char *const rfc_public =
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
	uint8_t bytes[32], wanted[32], found[32];
	struct secret *secret;
	size_t i;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	ck_assert_int_eq(hex_decode(zmq_secret, bytes, 32), ERR_NONE);
	ck_assert_int_eq(hex_decode(zmq_public, wanted, 32), ERR_NONE);
	ck_assert_int_eq(secret_open(bytes, &secret), ERR_NONE);
	for (i = 0; i < sizeof(agreeing) / sizeof(*agreeing); i++) {
		ck_assert_int_eq(secret_public(secret, agreeing[i], found), ERR_NONE);
		ck_assert(memcmp(found, wanted, 32) == 0);
	}
	secret_free(secret);
	ck_assert_int_eq(hex_decode(rfc_secret, bytes, 32), ERR_NONE);
	ck_assert_int_eq(hex_decode(rfc_public, wanted, 32), ERR_NONE);
	ck_assert_int_eq(secret_open(bytes, &secret), ERR_NONE);
	for (i = 0; i < sizeof(signing) / sizeof(*signing); i++) {
		ck_assert_int_eq(secret_public(secret, signing[i], found), ERR_NONE);
		ck_assert(memcmp(found, wanted, 32) == 0);
	}
	secret_free(secret);
}
END_TEST

/* ---------------------------------------------------------------- the bytes */

static enum err
decode(const uint8_t *bytes, size_t len)
{
	struct keyfile untouched, file;
	enum err err;

	memset(&untouched, 0x77, sizeof(untouched));
	memset(&file, 0x77, sizeof(file));
	err = keyfile_decode(bytes_view_of(bytes, len), &file);
	if (err != ERR_NONE)
		ck_assert_msg(memcmp(&file, &untouched, sizeof(file)) == 0, "touched");
	return err;
}

START_TEST(reads_what_the_header_says)
{
	uint8_t clear[CLEAR_BYTES], locked[LOCKED_BYTES];
	struct keyfile file;

	make_clear(clear);
	ck_assert_int_eq(keyfile_decode(bytes_view_of(clear, sizeof(clear)), &file), ERR_NONE);
	ck_assert_uint_eq(file.purpose, KEY_ENVELOPE);
	ck_assert(!file.is_locked);
	ck_assert_uint_eq(file.operations, 0);
	ck_assert_uint_eq(file.memory, 0);
	ck_assert_ptr_null(file.salt);
	ck_assert_ptr_null(file.nonce);
	ck_assert_uint_eq(file.associated, 22);
	ck_assert_ptr_eq(file.secret.data, clear + 22);
	ck_assert_uint_eq(file.secret.len, 32);
	make_locked(locked);
	ck_assert_int_eq(keyfile_decode(bytes_view_of(locked, sizeof(locked)), &file), ERR_NONE);
	ck_assert_uint_eq(file.purpose, KEY_SIGN);
	ck_assert(file.is_locked);
	ck_assert_uint_eq(file.operations, 1);
	ck_assert_uint_eq(file.memory, 8192);
	ck_assert_ptr_eq(file.salt, locked + SALT_AT);
	ck_assert_ptr_eq(file.nonce, locked + NONCE_AT);
	ck_assert_uint_eq(file.associated, SEALED_AT);
	ck_assert_ptr_eq(file.secret.data, locked + SEALED_AT);
	ck_assert_uint_eq(file.secret.len, 48);
}
END_TEST

START_TEST(writes_again_the_bytes_it_read)
{
	uint8_t clear[CLEAR_BYTES], locked[LOCKED_BYTES];
	struct keyfile file;
	struct bytes out;

	make_clear(clear);
	make_locked(locked);
	bytes_init(&out, KEYFILE_BYTES_MAX);
	ck_assert_int_eq(keyfile_decode(bytes_view_of(clear, sizeof(clear)), &file), ERR_NONE);
	ck_assert_int_eq(keyfile_encode(&file, &out), ERR_NONE);
	ck_assert(bytes_view_is_equal(bytes_as_view(&out), bytes_view_of(clear, sizeof(clear))));
	bytes_clear(&out);
	ck_assert_int_eq(keyfile_decode(bytes_view_of(locked, sizeof(locked)), &file), ERR_NONE);
	ck_assert_int_eq(keyfile_encode(&file, &out), ERR_NONE);
	ck_assert(bytes_view_is_equal(bytes_as_view(&out), bytes_view_of(locked, sizeof(locked))));
	bytes_release(&out);
	bytes_init(&out, LOCKED_BYTES - 1);
	ck_assert_int_eq(keyfile_encode(&file, &out), ERR_TOO_LARGE);
	bytes_release(&out);
}
END_TEST

/* Every length of a file of `whole` bytes; what lies behind the cut would be costs beyond the
   limits, were it read. */
static void
expect_truncated(const uint8_t *bytes, size_t whole)
{
	uint8_t cut[LOCKED_BYTES];
	size_t len;

	for (len = 0; len < whole; len++) {
		memset(cut, 0xff, sizeof(cut));
		memcpy(cut, bytes, len);
		ck_assert_msg(decode(cut, len) == ERR_TRUNCATED, "%zu of %zu", len, whole);
	}
}

START_TEST(refuses_it_cut_short_or_with_more_behind)
{
	uint8_t bytes[LOCKED_BYTES + 1] = {0};

	make_locked(bytes);
	expect_truncated(bytes, LOCKED_BYTES);
	ck_assert_int_eq(decode(bytes, LOCKED_BYTES), ERR_NONE);
	ck_assert_int_eq(decode(bytes, LOCKED_BYTES + 1), ERR_TRAILING);
	make_clear(bytes);
	expect_truncated(bytes, CLEAR_BYTES);
	ck_assert_int_eq(decode(bytes, CLEAR_BYTES), ERR_NONE);
	ck_assert_int_eq(decode(bytes, CLEAR_BYTES + 1), ERR_TRAILING);
	ck_assert_int_eq(decode(bytes, LOCKED_BYTES), ERR_TRAILING);
	ck_assert_int_eq(decode(NULL, 0), ERR_TRUNCATED);
}
END_TEST

static const struct {
	const char *why;
	size_t at;
	uint8_t byte;
	enum err err;
} SPOILED[] = {
    {"another first line", 0, 'M', ERR_FORMAT},
    {"another version", 15, '2', ERR_FORMAT},
    {"the line not ended", 16, '\r', ERR_FORMAT},
    {"no purpose", PURPOSE_AT, 0, ERR_RANGE},
    {"an unknown purpose", PURPOSE_AT, 8, ERR_RANGE},
    {"the last purpose there could be", PURPOSE_AT, 0xff, ERR_RANGE},
    {"no suite", SUITE_AT, 0, ERR_FORMAT},
    {"an unknown suite", SUITE_AT, 2, ERR_FORMAT},
    {"an unknown kdf", KDF_AT, 2, ERR_RANGE},
    {"more operations than we allow", OPERATIONS_AT + 7, 17, ERR_TOO_LARGE},
    {"operations without end", OPERATIONS_AT, 0x80, ERR_TOO_LARGE},
    {"no operations", OPERATIONS_AT + 7, 0, ERR_RANGE},
    {"memory without end", MEMORY_AT, 0x80, ERR_TOO_LARGE},
    {"memory that a 32-bit number would hide", MEMORY_AT + 3, 1, ERR_TOO_LARGE},
    {"a GiB and 8 KiB", MEMORY_AT + 4, 0x40, ERR_TOO_LARGE},
    {"less memory than Argon2id takes", MEMORY_AT + 6, 0x1f, ERR_RANGE},
    {"a length of a clear secret", LENGTH_AT + 1, 32, ERR_RANGE},
    {"a longer secret", LENGTH_AT + 1, 49, ERR_RANGE},
    {"a length beyond the end", LENGTH_AT, 0xff, ERR_RANGE},
};

START_TEST(refuses_each_field_that_is_wrong)
{
	uint8_t bytes[LOCKED_BYTES];
	size_t i;

	for (i = 0; i < sizeof(SPOILED) / sizeof(*SPOILED); i++) {
		make_locked(bytes);
		bytes[SPOILED[i].at] = SPOILED[i].byte;
		ck_assert_msg(decode(bytes, sizeof(bytes)) == SPOILED[i].err, "%s", SPOILED[i].why);
	}
	make_clear(bytes);
	bytes[KDF_AT] = 2;
	ck_assert_int_eq(decode(bytes, CLEAR_BYTES), ERR_RANGE);
	make_clear(bytes);
	bytes[CLEAR_LENGTH_AT + 1] = 48;
	ck_assert_int_eq(decode(bytes, CLEAR_BYTES), ERR_RANGE);
	/* a shorter secret, of just the length that it claims */
	bytes[CLEAR_LENGTH_AT + 1] = 31;
	ck_assert_int_eq(decode(bytes, CLEAR_BYTES - 1), ERR_RANGE);
}
END_TEST

START_TEST(allows_costs_up_to_the_limits_and_no_further)
{
	uint8_t bytes[LOCKED_BYTES];

	make_locked(bytes);
	bytes_put_u64(bytes + OPERATIONS_AT, KEYFILE_OPERATIONS_MAX);
	bytes_put_u64(bytes + MEMORY_AT, KEYFILE_MEMORY_MAX);
	ck_assert_int_eq(decode(bytes, sizeof(bytes)), ERR_NONE);
	bytes_put_u64(bytes + MEMORY_AT, KEYFILE_MEMORY_MAX + 1);
	ck_assert_int_eq(decode(bytes, sizeof(bytes)), ERR_TOO_LARGE);
	bytes_put_u64(bytes + MEMORY_AT, 8191);
	ck_assert_int_eq(decode(bytes, sizeof(bytes)), ERR_RANGE);
}
END_TEST

START_TEST(calls_a_short_file_of_another_kind_by_that_name)
{
	ck_assert_int_eq(decode((const uint8_t *)"untrusted comment", 17), ERR_FORMAT);
	ck_assert_int_eq(decode((const uint8_t *)"x", 1), ERR_FORMAT);
}
END_TEST

/* ---------------------------------------------------------------- the file */

START_TEST(writes_in_clear_exactly_what_is_documented)
{
	uint8_t wanted[CLEAR_BYTES], found[KEYFILE_BYTES_MAX];
	struct secret *secret;
	bool is_locked = true;

	enter();
	secret = known_secret();
	make_clear(wanted);
	ck_assert_int_eq(keyfile_write(path, KEY_ENVELOPE, secret, bytes_view_str("")), ERR_NONE);
	ck_assert_uint_eq(get(found), sizeof(wanted));
	ck_assert(memcmp(found, wanted, sizeof(wanted)) == 0);
	ck_assert_int_eq(keyfile_is_locked(path, &is_locked), ERR_NONE);
	ck_assert(!is_locked);
	expect_known(KEY_ENVELOPE, "");
	/* a passphrase that is not asked for does no harm */
	expect_known(KEY_ENVELOPE, passphrase);
	secret_free(secret);
	leave();
}
END_TEST

START_TEST(opens_a_file_of_another_program)
{
	uint8_t bytes[LOCKED_BYTES];
	bool is_locked = false;

	enter();
	make_locked(bytes);
	put(bytes, sizeof(bytes));
	ck_assert_int_eq(keyfile_is_locked(path, &is_locked), ERR_NONE);
	ck_assert(is_locked);
	expect_known(KEY_SIGN, passphrase);
	leave();
}
END_TEST

START_TEST(locks_with_the_costs_that_it_promises)
{
	uint8_t found[KEYFILE_BYTES_MAX], again[KEYFILE_BYTES_MAX];
	struct bytes_view words = bytes_view_str(passphrase);
	struct secret *secret;
	struct keyfile file;

	enter();
	secret = known_secret();
	ck_assert_int_eq(keyfile_write(path, KEY_OPERATOR, secret, words), ERR_NONE);
	ck_assert_uint_eq(get(found), LOCKED_BYTES);
	ck_assert_int_eq(keyfile_decode(bytes_view_of(found, LOCKED_BYTES), &file), ERR_NONE);
	ck_assert_uint_eq(file.purpose, KEY_OPERATOR);
	ck_assert_uint_eq(file.operations, KEYFILE_OPERATIONS);
	ck_assert_uint_eq(file.memory, KEYFILE_MEMORY);
	expect_known(KEY_OPERATOR, passphrase);
	expect_unread(KEY_OPERATOR, "correcto caball", ERR_DECRYPT, "another passphrase");
	/* salt and nonce are fresh every time, and so is the ciphertext */
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(keyfile_write(path, KEY_OPERATOR, secret, words), ERR_NONE);
	ck_assert_uint_eq(get(again), LOCKED_BYTES);
	ck_assert(memcmp(found + SALT_AT, again + SALT_AT, 16) != 0);
	ck_assert(memcmp(found + NONCE_AT, again + NONCE_AT, 24) != 0);
	ck_assert(memcmp(found + SEALED_AT, again + SEALED_AT, 48) != 0);
	secret_free(secret);
	leave();
}
END_TEST

START_TEST(refuses_another_passphrase)
{
	static const char *const others[] = {
	    "", "correcto", "correcto caballo ", "Correcto caballo", "\xff"};
	uint8_t bytes[LOCKED_BYTES];
	size_t i;

	enter();
	make_locked(bytes);
	put(bytes, sizeof(bytes));
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		expect_unread(KEY_SIGN, others[i], ERR_DECRYPT, others[i]);
	leave();
}
END_TEST

START_TEST(refuses_a_key_of_another_purpose)
{
	uint8_t clear[CLEAR_BYTES], locked[LOCKED_BYTES];
	int purpose;

	enter();
	make_clear(clear);
	make_locked(locked);
	for (purpose = KEY_ROOT; purpose <= KEY_OPERATOR; purpose++) {
		put(clear, sizeof(clear));
		if (purpose != KEY_ENVELOPE)
			expect_unread((enum key_purpose)purpose, "", ERR_KEY, "clear");
		put(locked, sizeof(locked));
		/* whatever the passphrase is */
		if (purpose != KEY_SIGN)
			expect_unread((enum key_purpose)purpose, "", ERR_KEY, "locked");
	}
	leave();
}
END_TEST

/* The file's purpose is authenticated: changed to what is asked for, it no longer opens. */
START_TEST(refuses_a_file_with_any_bit_flipped)
{
	uint8_t bytes[LOCKED_BYTES];
	size_t bit;

	enter();
	make_locked(bytes);
	bytes[PURPOSE_AT] = KEY_ROOT;
	put(bytes, sizeof(bytes));
	expect_unread(KEY_ROOT, passphrase, ERR_DECRYPT, "purpose");
	make_locked(bytes);
	bytes[OPERATIONS_AT + 7] = 2;
	put(bytes, sizeof(bytes));
	expect_unread(KEY_SIGN, passphrase, ERR_DECRYPT, "operations");
	make_locked(bytes);
	bytes[MEMORY_AT + 7] = 1; /* the same number of KiB: only the tag can tell */
	put(bytes, sizeof(bytes));
	expect_unread(KEY_SIGN, passphrase, ERR_DECRYPT, "memory");
	make_locked(bytes);
	for (bit = 8 * SALT_AT; bit < 8 * LOCKED_BYTES; bit++) {
		if (bit / 8 == LENGTH_AT || bit / 8 == LENGTH_AT + 1)
			continue;
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		put(bytes, sizeof(bytes));
		expect_unread(KEY_SIGN, passphrase, ERR_DECRYPT, "salt, nonce or ciphertext");
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	put(bytes, sizeof(bytes));
	expect_known(KEY_SIGN, passphrase);
	leave();
}
END_TEST

START_TEST(refuses_costs_above_the_limits_before_paying_them)
{
	uint8_t bytes[LOCKED_BYTES];

	enter();
	make_locked(bytes);
	bytes_put_u64(bytes + OPERATIONS_AT, KEYFILE_OPERATIONS_MAX + 1);
	put(bytes, sizeof(bytes));
	expect_unread(KEY_SIGN, passphrase, ERR_TOO_LARGE, "operations");
	make_locked(bytes);
	bytes_put_u64(bytes + MEMORY_AT, 1ull << 40);
	put(bytes, sizeof(bytes));
	expect_unread(KEY_SIGN, passphrase, ERR_TOO_LARGE, "memory");
	leave();
}
END_TEST

START_TEST(refuses_a_file_larger_than_any_key)
{
	uint8_t bytes[4096] = {0};
	bool is_locked = false;

	enter();
	make_locked(bytes);
	put(bytes, sizeof(bytes));
	expect_unread(KEY_SIGN, passphrase, ERR_TRAILING, "4096 bytes");
	ck_assert_int_eq(keyfile_is_locked(path, &is_locked), ERR_TRAILING);
	put(bytes, LOCKED_BYTES + 1);
	expect_unread(KEY_SIGN, passphrase, ERR_TRAILING, "one byte");
	put("", 0);
	expect_unread(KEY_SIGN, passphrase, ERR_TRUNCATED, "empty");
	leave();
}
END_TEST

START_TEST(is_for_its_owner_alone_whatever_the_umask)
{
	static const mode_t masks[] = {0, 022, 0777};
	struct secret *secret;
	struct stat status;
	size_t i;

	enter();
	secret = known_secret();
	for (i = 0; i < sizeof(masks) / sizeof(*masks); i++) {
		mode_t before = umask(masks[i]);

		ck_assert_int_eq(
		    keyfile_write(path, KEY_SIGN, secret, bytes_view_str("")), ERR_NONE);
		(void)umask(before);
		ck_assert_int_eq(stat(path, &status), 0);
		ck_assert_uint_eq(status.st_mode & 07777, 0600);
		ck_assert_uint_eq(status.st_nlink, 1);
		ck_assert_uint_eq(count_files(), 1);
		ck_assert_int_eq(unlink(path), 0);
	}
	secret_free(secret);
	leave();
}
END_TEST

START_TEST(refuses_a_file_that_others_can_get_at)
{
	static const mode_t modes[] = {0604, 0602, 0601, 0640, 0620, 0610, 0644, 0666, 0777};
	uint8_t bytes[CLEAR_BYTES];
	bool is_locked = false;
	size_t i;

	enter();
	make_clear(bytes);
	put(bytes, sizeof(bytes));
	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		ck_assert_int_eq(chmod(path, modes[i]), 0);
		expect_unread(KEY_ENVELOPE, "", ERR_REFUSED, "mode");
		ck_assert_int_eq(keyfile_is_locked(path, &is_locked), ERR_REFUSED);
	}
	ck_assert_int_eq(chmod(path, 0400), 0);
	expect_known(KEY_ENVELOPE, "");
	leave();
}
END_TEST

START_TEST(lets_root_read_the_file_of_another_user)
{
	uint8_t bytes[CLEAR_BYTES];

	if (geteuid() != 0) {
		fprintf(stderr, "SKIPPED lets_root_read_the_file_of_another_user: needs root\n");
		return;
	}
	enter();
	make_clear(bytes);
	put(bytes, sizeof(bytes));
	ck_assert_int_eq(chown(path, 65534, 65534), 0);
	expect_known(KEY_ENVELOPE, "");
	leave();
}
END_TEST

START_TEST(refuses_what_is_no_plain_file)
{
	char target[256];
	uint8_t bytes[CLEAR_BYTES];

	enter();
	/* no one will ever write into it: opening must not wait */
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	expect_unread(KEY_ENVELOPE, "", ERR_REFUSED, "a fifo");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	expect_unread(KEY_ENVELOPE, "", ERR_REFUSED, "a folder");
	ck_assert_int_eq(rmdir(path), 0);
	make_clear(bytes);
	put(bytes, sizeof(bytes));
	(void)snprintf(target, sizeof(target), "%s/target", folder);
	ck_assert_int_eq(rename(path, target), 0);
	ck_assert_int_eq(symlink(target, path), 0);
	errno = 0;
	expect_unread(KEY_ENVELOPE, "", ERR_SYSTEM, "a symbolic link");
	ck_assert_int_eq(errno, ELOOP);
	ck_assert_int_eq(unlink(target), 0);
	leave();
}
END_TEST

START_TEST(says_why_there_is_no_file)
{
	struct secret *secret;
	bool is_locked = false;

	enter();
	secret = known_secret();
	errno = 0;
	expect_unread(KEY_SIGN, "", ERR_SYSTEM, "none");
	ck_assert_int_eq(errno, ENOENT);
	errno = 0;
	ck_assert_int_eq(keyfile_is_locked(path, &is_locked), ERR_SYSTEM);
	ck_assert_int_eq(errno, ENOENT);
	(void)snprintf(path, sizeof(path), "%s/none/sign.key", folder);
	errno = 0;
	ck_assert_int_eq(keyfile_write(path, KEY_SIGN, secret, bytes_view_str("")), ERR_SYSTEM);
	ck_assert_int_eq(errno, ENOENT);
	secret_free(secret);
	leave();
}
END_TEST

START_TEST(never_replaces_a_key)
{
	uint8_t bytes[CLEAR_BYTES], found[KEYFILE_BYTES_MAX];
	struct secret *secret;

	enter();
	make_clear(bytes);
	put(bytes, sizeof(bytes));
	ck_assert_int_eq(secret_generate(&secret), ERR_NONE);
	errno = 0;
	ck_assert_int_eq(keyfile_write(path, KEY_ENVELOPE, secret, bytes_view_str("")), ERR_SYSTEM);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_uint_eq(get(found), sizeof(bytes));
	ck_assert(memcmp(found, bytes, sizeof(bytes)) == 0);
	ck_assert_uint_eq(count_files(), 1);
	/* nor what a dangling link would name */
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("nowhere", path), 0);
	ck_assert_int_eq(keyfile_write(path, KEY_ENVELOPE, secret, bytes_view_str("")), ERR_SYSTEM);
	ck_assert_uint_eq(count_files(), 1);
	secret_free(secret);
	leave();
}
END_TEST

START_TEST(leaves_nothing_behind_when_the_write_fails_halfway)
{
	struct rlimit before, tight;
	struct secret *secret;
	enum err err;

	enter();
	secret = known_secret();
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight = before;
	tight.rlim_cur = 10;
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	/* nothing is asserted while the limit holds for Check's own files too */
	(void)setrlimit(RLIMIT_FSIZE, &tight);
	err = keyfile_write(path, KEY_SIGN, secret, bytes_view_str(""));
	(void)setrlimit(RLIMIT_FSIZE, &before);
	ck_assert_int_eq(err, ERR_SYSTEM);
	ck_assert_uint_eq(count_files(), 0);
	secret_free(secret);
	leave();
}
END_TEST

START_TEST(writes_beside_the_running_program_too)
{
	struct secret *secret;

	enter();
	secret = known_secret();
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(keyfile_write("sign.key", KEY_SIGN, secret, bytes_view_str("")), ERR_NONE);
	expect_known(KEY_SIGN, "");
	secret_free(secret);
	leave();
}
END_TEST

SUITE_MAIN("crypto/keyfile", names_every_purpose, makes_another_secret_each_time,
    derives_the_public_half_by_purpose, reads_what_the_header_says, writes_again_the_bytes_it_read,
    refuses_it_cut_short_or_with_more_behind, refuses_each_field_that_is_wrong,
    allows_costs_up_to_the_limits_and_no_further, calls_a_short_file_of_another_kind_by_that_name,
    writes_in_clear_exactly_what_is_documented, opens_a_file_of_another_program,
    locks_with_the_costs_that_it_promises, refuses_another_passphrase,
    refuses_a_key_of_another_purpose, refuses_a_file_with_any_bit_flipped,
    refuses_costs_above_the_limits_before_paying_them, refuses_a_file_larger_than_any_key,
    is_for_its_owner_alone_whatever_the_umask, refuses_a_file_that_others_can_get_at,
    lets_root_read_the_file_of_another_user, refuses_what_is_no_plain_file,
    says_why_there_is_no_file, never_replaces_a_key,
    leaves_nothing_behind_when_the_write_fails_halfway, writes_beside_the_running_program_too)
