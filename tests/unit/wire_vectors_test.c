#include "tests/vectors/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/suite.h"
#include "wire/card.h"

#define FOLDER "tests/vectors/"

/* A committed file, whole; the caller frees it. */
static char *
read_file(const char *path, size_t *len)
{
	FILE *in = fopen(path, "rb");
	char *text = malloc(VECTORS_BYTES_MAX);

	ck_assert_msg(in != NULL, "%s: missing", path);
	ck_assert_ptr_nonnull(text);
	*len = fread(text, 1, VECTORS_BYTES_MAX, in);
	ck_assert(*len < VECTORS_BYTES_MAX && feof(in) && fclose(in) == 0);
	return text;
}

/* A change of format is a change of these files, and of docs/protocol.md. */
START_TEST(makes_the_bytes_that_were_committed)
{
	const struct vectors_file *file = &vectors_files[_i];
	struct bytes made;
	size_t len, i;
	char path[128], *committed;

	(void)snprintf(path, sizeof(path), FOLDER "%s.json", file->name);
	committed = read_file(path, &len);
	vectors_make(file, &made);
	for (i = 0; i < len && i < made.len && made.data[i] == (uint8_t)committed[i]; i++)
		;
	ck_assert_msg(len == made.len && i == len, "%s differs from byte %zu on", path, i);
	bytes_release(&made);
	free(committed);
}
END_TEST

START_TEST(opens_the_committed_key_file_with_its_passphrase_only)
{
	char path[] = "/tmp/malla-vectors-XXXXXX";
	struct secret *secret = NULL;
	uint8_t expected[32];
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert(write(fd, locked_keyfile, sizeof(locked_keyfile) - 1) ==
		  (ssize_t)sizeof(locked_keyfile) - 1);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(digest_start(), ERR_NONE);
	ck_assert_int_eq(
	    keyfile_read(path, KEY_ROOT, bytes_view_str("another"), &secret), ERR_DECRYPT);
	ck_assert_int_eq(
	    keyfile_read(path, KEY_ROOT, bytes_view_str(VECTORS_PASSPHRASE), &secret), ERR_NONE);
	ck_assert_int_eq(unlink(path), 0);
	seed_bytes(SEED_FILE, expected);
	ck_assert_mem_eq(secret_bytes(secret), expected, sizeof(expected));
	secret_free(secret);
}
END_TEST

START_TEST(the_card_file_gives_the_package_back)
{
	struct vectors_party party;
	struct bytes file, package;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	make_party(&party);
	bytes_init(&file, CARD_FILE_BYTES_MAX);
	bytes_init(&package, CARD_FILE_BYTES_MAX);
	ck_assert_int_eq(card_file_encode(bytes_as_view(&party.package), &file), ERR_NONE);
	ck_assert_int_eq(card_file_decode(bytes_as_view(&file), &package), ERR_NONE);
	ck_assert(bytes_view_is_equal(bytes_as_view(&package), bytes_as_view(&party.package)));
	bytes_release(&file);
	bytes_release(&package);
	party_release(&party);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wire/vectors");
	TCase *tcase = tcase_create("wire/vectors");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, makes_the_bytes_that_were_committed, 0, (int)VECTORS_FILES);
	tcase_add_test(tcase, opens_the_committed_key_file_with_its_passphrase_only);
	tcase_add_test(tcase, the_card_file_gives_the_package_back);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
