#include "node/head_journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/digest.h"

#define SLOTS 2u
#define SLOT_BYTES 4096u /* a block of the file system: slots share none */
#define MAGIC_BYTES 24u
#define SUMMED_BYTES (MAGIC_BYTES + 8 + 8 + KEYRING_HEAD_BYTES)
#define USED_BYTES (SUMMED_BYTES + 32)

static_assert(USED_BYTES <= 512, "a slot is within one sector");

static const uint8_t magic[MAGIC_BYTES] = "malla/keyring-head/v1\n";

struct head_journal {
	int fd;
	bool is_broken; /* a write failed: what the disk has is not known any more (TRAPS 14) */
	bool has_head;
	struct head head;
	uint64_t sequence;
};

/* ---------------------------------------------------------------- a slot */

static void
encode_slot(const struct head_journal *journal, uint8_t slot[USED_BYTES])
{
	struct hash hash;

	memcpy(slot, magic, MAGIC_BYTES);
	bytes_put_u64(slot + MAGIC_BYTES, journal->sequence);
	bytes_put_u64(slot + MAGIC_BYTES + 8, journal->has_head);
	keyring_client_head(&journal->head, slot + MAGIC_BYTES + 16);
	digest_sha256(bytes_view_of(slot, SUMMED_BYTES), &hash);
	memcpy(slot + SUMMED_BYTES, hash.bytes, sizeof(hash.bytes));
}

/* Whether it is whole, and stands where its sequence says. */
static bool
decode_slot(const uint8_t *slot, uint32_t place, struct head_journal *out)
{
	const uint8_t *head = slot + MAGIC_BYTES + 16;
	uint64_t has_head = bytes_get_u64(slot + MAGIC_BYTES + 8);
	struct hash hash;

	digest_sha256(bytes_view_of(slot, SUMMED_BYTES), &hash);
	if (memcmp(slot, magic, MAGIC_BYTES) != 0 ||
	    memcmp(slot + SUMMED_BYTES, hash.bytes, sizeof(hash.bytes)) != 0 || has_head > 1)
		return false;
	out->sequence = bytes_get_u64(slot + MAGIC_BYTES);
	out->has_head = has_head == 1;
	keyring_head(head, &out->head);
	return out->sequence % SLOTS == place;
}

static enum err
write_slot(struct head_journal *journal)
{
	uint8_t slot[USED_BYTES];
	ssize_t put;

	if (journal->is_broken)
		return ERR_SYSTEM;
	encode_slot(journal, slot);
	do {
		put = pwrite(journal->fd, slot, sizeof(slot),
		    (off_t)(journal->sequence % SLOTS * SLOT_BYTES));
	} while (put < 0 && errno == EINTR);
	if (put == (ssize_t)sizeof(slot) && fdatasync(journal->fd) == 0)
		return ERR_NONE;
	journal->is_broken = true;
	return put < 0 && (errno == ENOSPC || errno == EDQUOT) ? ERR_FULL : ERR_SYSTEM;
}

/* ---------------------------------------------------------------- the calls */

static enum err
load(void *context, struct head *out)
{
	const struct head_journal *journal = context;

	if (!journal->has_head)
		return ERR_NOT_FOUND;
	*out = journal->head;
	return ERR_NONE;
}

static enum err
note(void *context, const struct head *head)
{
	struct head_journal *journal = context;
	struct head_journal next = *journal;
	enum err err;

	next.sequence++;
	next.has_head = true;
	next.head = *head;
	err = write_slot(&next);
	if (err == ERR_NONE)
		*journal = next;
	else
		journal->is_broken = true;
	return err;
}

static void
close_journal(void *context)
{
	struct head_journal *journal = context;

	if (journal == NULL)
		return;
	if (journal->fd >= 0)
		(void)close(journal->fd);
	free(journal);
}

/* ---------------------------------------------------------------- opening */

/* A whole new file with one slot, in place of whatever was there. */
static enum err
make_file(const char *path, const struct head_journal *journal)
{
	uint8_t slots[SLOTS * SLOT_BYTES] = {0};

	encode_slot(journal, slots + journal->sequence % SLOTS * SLOT_BYTES);
	return home_write(path, bytes_view_of(slots, sizeof(slots)), 0600);
}

static enum err
read_slots(struct bytes_view file, struct head_journal *journal)
{
	struct head_journal slots[SLOTS] = {*journal, *journal};
	bool is_whole[SLOTS];
	uint32_t i, best;

	for (i = 0; i < SLOTS; i++)
		is_whole[i] = decode_slot(file.data + (size_t)i * SLOT_BYTES, i, &slots[i]);
	if (!is_whole[0] && !is_whole[1])
		return ERR_CORRUPT;
	best = !is_whole[0] || (is_whole[1] && slots[1].sequence > slots[0].sequence);
	/* written in turns, they are neighbours */
	if (is_whole[0] && is_whole[1] &&
	    slots[best].sequence != slots[SLOTS - 1 - best].sequence + 1)
		return ERR_CORRUPT;
	*journal = slots[best];
	return ERR_NONE;
}

static enum err
read_file(const char *path, struct head_journal *journal)
{
	struct bytes bytes;
	enum err err;

	bytes_init(&bytes, SLOTS * SLOT_BYTES + 1);
	err = home_read(path, &bytes);
	if (err == ERR_NOT_FOUND) {
		err = make_file(path, journal);
	} else if (err == ERR_NONE && bytes.len == KEYRING_HEAD_BYTES) {
		journal->has_head = true;
		keyring_head(bytes.data, &journal->head);
		err = make_file(path, journal);
	} else if (err == ERR_NONE && bytes.len == SLOTS * SLOT_BYTES) {
		err = read_slots(bytes_as_view(&bytes), journal);
	} else if (err == ERR_NONE || err == ERR_TOO_LARGE) {
		err = ERR_CORRUPT;
	}
	bytes_release(&bytes);
	return err;
}

enum err
head_journal_open(const char *path, struct keyring_journal *out)
{
	struct head_journal *journal = calloc(1, sizeof(*journal));
	enum err err;

	if (journal == NULL)
		return ERR_MEMORY;
	journal->fd = -1;
	err = read_file(path, journal);
	if (err == ERR_NONE) {
		journal->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
		err = journal->fd >= 0 ? ERR_NONE : ERR_SYSTEM;
	}
	/* what was read may never have reached the disk, if a sync failed or was cut short: the
	   same bytes once more do no harm, and then it has */
	if (err == ERR_NONE)
		err = write_slot(journal);
	if (err != ERR_NONE) {
		close_journal(journal);
		return err;
	}
	*out = (struct keyring_journal){
	    .context = journal, .load = load, .note = note, .free = close_journal};
	return ERR_NONE;
}
