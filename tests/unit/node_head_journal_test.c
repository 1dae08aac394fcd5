#include "tests/unit/node_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "node/head_journal.h"

#define FILE_BYTES 8192u
#define SLOT_BYTES 4096u
#define USED_BYTES 120u

static char folder[96], path[HOME_FILE_MAX];
static struct keyring_journal journal;

static void
start(void)
{
	const char *base = getenv("TMPDIR");

	log_init("test", (enum log_level)0, 0);
	(void)snprintf(folder, sizeof(folder), "%s/malla-head-XXXXXX", base ? base : P_tmpdir);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/state", folder);
	memset(&journal, 0, sizeof(journal));
}

static void
shut(void)
{
	if (journal.context != NULL)
		journal.free(journal.context);
	memset(&journal, 0, sizeof(journal));
}

static void
done(void)
{
	shut();
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static enum err
open_again(void)
{
	shut();
	return head_journal_open(path, &journal);
}

static struct head
head_of(uint64_t size)
{
	struct head head = {.epoch = 2, .size = size};

	memset(head.root.bytes, (int)(size * 7 % 251), sizeof(head.root.bytes));
	return head;
}

static enum err
note(uint64_t size)
{
	struct head head = head_of(size);

	return journal.note(journal.context, &head);
}

/* The size of the head it has after being opened anew; 0: none. */
static uint64_t
reopened(void)
{
	struct head head, expected;
	enum err err;

	ck_err(open_again(), ERR_NONE);
	err = journal.load(journal.context, &head);
	if (err == ERR_NOT_FOUND)
		return 0;
	ck_err(err, ERR_NONE);
	expected = head_of(head.size);
	ck_assert_mem_eq(&head, &expected, sizeof(head));
	return head.size;
}

static void
read_image(uint8_t image[FILE_BYTES])
{
	struct bytes bytes;

	bytes_init(&bytes, FILE_BYTES);
	ck_err(home_read(path, &bytes), ERR_NONE);
	ck_assert_uint_eq(bytes.len, FILE_BYTES);
	memcpy(image, bytes.data, FILE_BYTES);
	bytes_release(&bytes);
}

static void
write_image(const uint8_t *image, size_t len)
{
	ck_err(home_write(path, bytes_view_of(image, len), 0600), ERR_NONE);
}

START_TEST(remembers_the_newest_head)
{
	uint64_t size;

	start();
	ck_assert_uint_eq(reopened(), 0);
	ck_assert_uint_eq(reopened(), 0);
	for (size = 1; size < 20; size++) {
		ck_err(note(size), ERR_NONE);
		if (size % 3 == 0)
			ck_assert_uint_eq(reopened(), size);
	}
	ck_assert_uint_eq(reopened(), 19);
	done();
}
END_TEST

START_TEST(stays_the_same_file_of_the_same_size)
{
	struct stat before, after;
	uint64_t size;

	start();
	ck_err(open_again(), ERR_NONE);
	ck_assert_int_eq(stat(path, &before), 0);
	ck_assert_int_eq(before.st_size, FILE_BYTES);
	ck_assert_int_eq((int)(before.st_mode & 0777), 0600);
	for (size = 1; size < 9; size++)
		ck_err(note(size), ERR_NONE);
	ck_assert_uint_eq(reopened(), 8);
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_eq(before.st_size, after.st_size);
	ck_assert_int_eq(before.st_blocks, after.st_blocks); /* nothing to allocate when noting */
	done();
}
END_TEST

/* Every note cut short after every byte, and every byte of it spoiled: the head is the one before
   or the one that was being noted, and the next note works. */
START_TEST(recovers_from_a_torn_write)
{
	uint8_t before[FILE_BYTES], after[FILE_BYTES], image[FILE_BYTES];
	uint64_t size, found;
	uint32_t at, place;

	start();
	ck_err(open_again(), ERR_NONE);
	ck_err(note(10), ERR_NONE);
	for (size = 11; size < 14; size++) {
		read_image(before);
		ck_err(note(size), ERR_NONE);
		read_image(after);
		place = memcmp(before, after, SLOT_BYTES) == 0 ? SLOT_BYTES : 0;
		ck_assert_mem_eq(
		    before + SLOT_BYTES - place, after + SLOT_BYTES - place, SLOT_BYTES);
		for (at = 0; at <= USED_BYTES; at++) {
			memcpy(image, before, FILE_BYTES);
			memcpy(image + place, after + place, at);
			write_image(image, FILE_BYTES);
			found = reopened();
			ck_assert(found == size || found == size - 1);
			ck_assert(found == size || at < USED_BYTES);
			ck_err(note(size + 1), ERR_NONE);
			ck_assert_uint_eq(reopened(), size + 1);
			if (at == USED_BYTES)
				continue;
			memcpy(image, after, FILE_BYTES);
			image[place + at] ^= 0x40;
			write_image(image, FILE_BYTES);
			ck_assert_uint_eq(reopened(), size - 1);
		}
		write_image(after, FILE_BYTES);
		ck_assert_uint_eq(reopened(), size);
	}
	done();
}
END_TEST

START_TEST(refuses_a_file_that_is_not_its_own)
{
	uint8_t image[FILE_BYTES + 1] = {0}, spoiled[FILE_BYTES];
	size_t len;

	start();
	ck_err(open_again(), ERR_NONE);
	ck_err(note(10), ERR_NONE);
	ck_err(note(11), ERR_NONE);
	read_image(image);
	for (len = 0; len <= sizeof(image); len += len < 130 ? 1 : 621) {
		if (len == KEYRING_HEAD_BYTES || len == FILE_BYTES)
			continue;
		write_image(image, len);
		ck_err(open_again(), ERR_CORRUPT);
	}
	write_image(image, sizeof(image));
	ck_err(open_again(), ERR_CORRUPT);
	/* no slot is whole */
	memcpy(spoiled, image, FILE_BYTES);
	spoiled[USED_BYTES - 1] ^= 1;
	spoiled[SLOT_BYTES + USED_BYTES - 1] ^= 1;
	write_image(spoiled, FILE_BYTES);
	ck_err(open_again(), ERR_CORRUPT);
	/* whole slots in each other's place */
	memcpy(spoiled, image + SLOT_BYTES, SLOT_BYTES);
	memcpy(spoiled + SLOT_BYTES, image, SLOT_BYTES);
	write_image(spoiled, FILE_BYTES);
	ck_err(open_again(), ERR_CORRUPT);
	done();
}
END_TEST

/* Slots that no sequence of notes leaves behind: one of them is from another time. */
START_TEST(refuses_slots_that_are_no_neighbours)
{
	uint8_t old[FILE_BYTES], image[FILE_BYTES];
	uint64_t size;

	start();
	ck_err(open_again(), ERR_NONE);
	ck_err(note(1), ERR_NONE);
	ck_err(note(2), ERR_NONE);
	read_image(old);
	for (size = 3; size < 7; size++)
		ck_err(note(size), ERR_NONE);
	read_image(image);
	memcpy(image, old, SLOT_BYTES);
	write_image(image, FILE_BYTES);
	ck_err(open_again(), ERR_CORRUPT);
	done();
}
END_TEST

START_TEST(takes_over_what_an_older_version_wrote)
{
	uint8_t bytes[KEYRING_HEAD_BYTES];
	struct head head = head_of(77);

	start();
	keyring_client_head(&head, bytes);
	write_image(bytes, sizeof(bytes));
	ck_assert_uint_eq(reopened(), 77);
	ck_err(note(78), ERR_NONE);
	ck_assert_uint_eq(reopened(), 78);
	done();
}
END_TEST

/* What is on the disk after a failed write is not known: nothing is noted any more. */
START_TEST(notes_nothing_after_a_failure)
{
	struct rlimit limit = {0, RLIM_INFINITY}, before;

	start();
	ck_err(open_again(), ERR_NONE);
	ck_err(note(10), ERR_NONE);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit.rlim_max = before.rlim_max;
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_err(note(11), ERR_SYSTEM);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_err(note(11), ERR_SYSTEM);
	ck_assert_uint_eq(reopened(), 10);
	ck_err(note(11), ERR_NONE);
	ck_assert_uint_eq(reopened(), 11);
	done();
}
END_TEST

SUITE_MAIN("node/head_journal", remembers_the_newest_head, stays_the_same_file_of_the_same_size,
    recovers_from_a_torn_write, refuses_a_file_that_is_not_its_own,
    refuses_slots_that_are_no_neighbours, takes_over_what_an_older_version_wrote,
    notes_nothing_after_a_failure)
