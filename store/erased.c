#define _DEFAULT_SOURCE
#include "store/erased.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "store/handle.h"
#include "store/records.h"

#define FIRST_LINE "malla/erased/v1\n"
#define FIRST_BYTES 16u
#define ENTRY_BYTES 64u
#define READ_ENTRIES 512u
#define AGAIN_RECORDS 256u /* erased in one transaction of the opening */
#define PENDING_BYTES_MAX (BATCH_COUNT_MAX * 64u * sizeof(struct record_id))

/* ------------------------------------------------------------------ entries */

static void
begin_chain(struct hash *tail)
{
	digest_sha256(bytes_view_of(FIRST_LINE, FIRST_BYTES), tail);
}

static void
chain(struct hash *tail, const uint8_t *id)
{
	uint8_t both[64];

	memcpy(both, tail->bytes, 32);
	memcpy(both + 32, id, 32);
	digest_sha256(bytes_view_of(both, sizeof(both)), tail);
}

static off_t
offset_of(uint64_t count)
{
	return (off_t)(FIRST_BYTES + count * ENTRY_BYTES);
}

/* A failure of the file is one of the store. */
static enum err
fail(struct store *store, const char *what)
{
	int reason = errno;

	(void)snprintf(store->health.message, sizeof(store->health.message),
	    "the file of erased ids beside the database: %s: %s", what, strerror(reason));
	return reason == ENOSPC || reason == EDQUOT || reason == EFBIG ? ERR_FULL : ERR_STORAGE;
}

static bool
write_at(int fd, const uint8_t *data, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t done = pwrite(fd, data, len, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			errno = done == 0 ? ENOSPC : errno;
			return false;
		}
		data += done;
		len -= (size_t)done;
		at += done;
	}
	return true;
}

/* The name of a new file is durable too. */
static bool
sync_folder(const char *path)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	bool is_done;
	int fd;

	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	fd = open(slash == path ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	is_done = fsync(fd) == 0;
	(void)close(fd);
	return is_done;
}

static enum err
make_file(struct store *store)
{
	struct erased *erased = &store->erased;

	erased->fd = open(erased->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (erased->fd < 0)
		return fail(store, "cannot be made");
	if (!write_at(erased->fd, (const uint8_t *)FIRST_LINE, FIRST_BYTES, 0) ||
	    fdatasync(erased->fd) != 0 || !sync_folder(erased->path)) {
		enum err err = fail(store, "cannot be written");

		(void)close(erased->fd);
		erased->fd = -1;
		return err;
	}
	return ERR_NONE;
}

/* ------------------------------------------------------------------ a transaction */

enum err
erased_add(struct erased *erased, const struct record_id *id)
{
	erased->wants_purge = true;
	if (erased->is_again)
		return ERR_NONE;
	bytes_append(&erased->pending, id->bytes, sizeof(id->bytes));
	return erased->pending.err;
}

/* How far the file goes, as the database knows it. */
static enum err
save_place(struct store *store)
{
	struct sql_use use = sql_start(&store->sql, SQL_NODE_ERASED_SET);

	sql_put_number(&use, store->erased.count);
	sql_put_bytes(&use, store->erased.tail.bytes, sizeof(store->erased.tail.bytes));
	return sql_run(&use);
}

static enum err
append_pending(struct store *store)
{
	struct erased *erased = &store->erased;
	struct hash tail = erased->tail;
	uint64_t count = erased->count;
	uint8_t entry[ENTRY_BYTES];
	size_t at;

	for (at = 0; at < erased->pending.len; at += 32) {
		chain(&tail, erased->pending.data + at);
		memcpy(entry, erased->pending.data + at, 32);
		memcpy(entry + 32, tail.bytes, 32);
		if (!write_at(erased->fd, entry, sizeof(entry), offset_of(count++)))
			return fail(store, "cannot be written");
	}
	if (fdatasync(erased->fd) != 0) {
		/* nobody knows what reached the disk: TRAPS 14 */
		store->health.is_poisoned = true;
		(void)fail(store, "cannot be made durable");
		return ERR_STORAGE;
	}
	erased->written = count - erased->count;
	erased->count = count;
	erased->tail = tail;
	return ERR_NONE;
}

enum err
erased_write(struct store *store)
{
	struct erased *erased = &store->erased;
	enum err err = ERR_NONE;

	if (erased->pending.len == 0)
		return ERR_NONE;
	if (erased->fd < 0)
		err = make_file(store);
	if (err == ERR_NONE)
		err = append_pending(store);
	return err == ERR_NONE ? save_place(store) : err;
}

void
erased_committed(struct erased *erased)
{
	bytes_clear(&erased->pending);
	erased->written = 0;
}

/* The hash that stands before entry `count`. */
static bool
read_tail(const struct erased *erased, uint64_t count, struct hash *tail)
{
	if (count == 0) {
		begin_chain(tail);
		return true;
	}
	return pread(erased->fd, tail->bytes, 32, offset_of(count) - 32) == 32;
}

void
erased_rollback(struct store *store)
{
	struct erased *erased = &store->erased;
	uint64_t count = erased->count - erased->written;

	bytes_clear(&erased->pending);
	/* where it is not known whether the commit reached the disk, the ids stay: at the next
	   start they are erased, which is what was asked for */
	if (erased->fd < 0 || store->health.is_poisoned)
		return;
	if (ftruncate(erased->fd, offset_of(count)) != 0 || fdatasync(erased->fd) != 0 ||
	    !read_tail(erased, count, &erased->tail)) {
		(void)fail(store, "cannot be cut back");
		store->health.is_poisoned = true;
		return;
	}
	erased->count = count;
	erased->written = 0;
}

/* ------------------------------------------------------------------ opening */

/* Called for each entry, from the first. */
typedef enum err (*entry_fn)(struct store *store, uint64_t index, const uint8_t *entry);

static enum err
each_entry(struct store *store, uint64_t from, uint64_t to, entry_fn each)
{
	static uint8_t block[READ_ENTRIES * ENTRY_BYTES];
	enum err err = ERR_NONE;
	uint64_t at, i, count;

	for (at = from; at < to && err == ERR_NONE; at += count) {
		count = to - at < READ_ENTRIES ? to - at : READ_ENTRIES;
		if (pread(store->erased.fd, block, count * ENTRY_BYTES, offset_of(at)) !=
		    (ssize_t)(count * ENTRY_BYTES))
			return fail(store, "cannot be read");
		for (i = 0; i < count && err == ERR_NONE; i++)
			err = each(store, at + i, block + i * ENTRY_BYTES);
	}
	return err;
}

/* An entry that does not follow from the one before: the last one was not finished; any other was
   changed by somebody, and its id is taken all the same. */
static enum err
check_entry(struct store *store, uint64_t index, const uint8_t *entry)
{
	struct erased *erased = &store->erased;
	struct hash expected = erased->tail;

	chain(&expected, entry);
	if (memcmp(expected.bytes, entry + 32, 32) != 0) {
		if (index + 1 == erased->count) {
			erased->count = index;
			return ERR_NONE;
		}
		log_line(LOG_ERROR,
		    "the file of erased ids beside the database was changed at "
		    "entry %llu",
		    (unsigned long long)index);
	}
	memcpy(erased->tail.bytes, entry + 32, 32);
	return ERR_NONE;
}

static enum err
read_file(struct store *store)
{
	struct erased *erased = &store->erased;
	struct stat info;
	char first[FIRST_BYTES];

	erased->fd = open(erased->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (erased->fd < 0)
		return errno == ENOENT ? ERR_NONE : fail(store, "cannot be opened");
	if (fstat(erased->fd, &info) != 0)
		return fail(store, "cannot be read");
	if (info.st_size < (off_t)FIRST_BYTES) { /* a crash while it was made */
		(void)close(erased->fd);
		return make_file(store);
	}
	if (!S_ISREG(info.st_mode) || pread(erased->fd, first, FIRST_BYTES, 0) != FIRST_BYTES ||
	    memcmp(first, FIRST_LINE, FIRST_BYTES) != 0) {
		handle_complain(store, "the file of erased ids beside the database is none");
		return ERR_FORMAT;
	}
	erased->count = (uint64_t)(info.st_size - (off_t)FIRST_BYTES) / ENTRY_BYTES;
	return each_entry(store, 0, erased->count, check_entry);
}

static enum err
cut_end(struct store *store)
{
	struct erased *erased = &store->erased;

	if (erased->fd < 0)
		return ERR_NONE;
	return ftruncate(erased->fd, offset_of(erased->count)) == 0 ? ERR_NONE
								    : fail(store, "cannot be cut");
}

/* From which entry on the database may have what the file names: all of it, unless the file goes
   on where the database knew it to end. */
static enum err
find_place(struct store *store, uint64_t *known, uint64_t *from)
{
	struct sql_use use = sql_start(&store->sql, SQL_NODE_ERASED_GET);
	struct hash tail, expected;
	enum err err = sql_step(&use);

	*known = 0;
	*from = 0;
	if (err == ERR_NONE) {
		*known = sql_number(&use, NUMBER_MAX);
		sql_fixed(&use, tail.bytes, sizeof(tail.bytes));
		err = sql_check(&use);
	}
	sql_done(&use);
	if (err == ERR_NONE && *known > 0 && *known <= store->erased.count &&
	    read_tail(&store->erased, *known, &expected) && digest_is_equal(&expected, &tail))
		*from = *known;
	return err;
}

static enum err
erase_entry(struct store *store, uint64_t index, const uint8_t *entry)
{
	struct record_id id;
	enum err err = ERR_NONE;

	memcpy(id.bytes, entry, sizeof(id.bytes));
	err = records_erase(store, &id);
	store->erased.again += err == ERR_NONE;
	if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	if (err == ERR_NONE && (index + 1) % AGAIN_RECORDS == 0) {
		err = store_commit(store);
		if (err == ERR_NONE)
			err = store_begin(store);
	}
	return err;
}

static enum err
add_tombstones(struct store *store)
{
	struct sql_use use = sql_start(&store->sql, SQL_TOMBSTONE_EACH);
	struct record_id id;
	enum err err;

	while ((err = sql_step(&use)) == ERR_NONE) {
		sql_fixed(&use, id.bytes, sizeof(id.bytes));
		err = sql_check(&use);
		if (err == ERR_NONE)
			err = erased_add(&store->erased, &id);
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* In transactions of their own: the store is not in use yet. */
static enum err
bring_up_to_date(struct store *store)
{
	struct erased *erased = &store->erased;
	uint64_t known, from;
	enum err err = find_place(store, &known, &from);

	if (err != ERR_NONE || (erased->count == known && from == known))
		return err;
	err = store_begin(store);
	if (err != ERR_NONE)
		return err;
	erased->is_again = true;
	err = each_entry(store, from, erased->count, erase_entry);
	erased->is_again = false;
	if (err == ERR_NONE && erased->count < known) {
		log_line(LOG_WARNING, "the file of erased ids beside the database is not what the "
				      "database knows: it is made again");
		err = add_tombstones(store);
	} else if (err == ERR_NONE) {
		err = save_place(store);
	}
	if (err == ERR_NONE)
		err = store_commit(store);
	else
		store_rollback(store);
	return err;
}

enum err
erased_open(struct store *store, const char *store_path)
{
	struct erased *erased = &store->erased;
	enum err err;

	bytes_init(&erased->pending, PENDING_BYTES_MAX);
	begin_chain(&erased->tail);
	(void)snprintf(erased->path, sizeof(erased->path), "%s.erased", store_path);
	err = read_file(store);
	if (err == ERR_NONE)
		err = cut_end(store);
	if (err == ERR_NONE)
		err = bring_up_to_date(store);
	/* a crash may have come between a commit and the emptying of the log ahead */
	if (err == ERR_NONE && erased->fd >= 0)
		erased->wants_purge = !sql_purge(&store->sql);
	if (err == ERR_NONE && erased->again > 0)
		log_line(LOG_WARNING, "%llu records that were erased before were erased again",
		    (unsigned long long)erased->again);
	return err;
}

void
erased_close(struct erased *erased)
{
	if (erased->fd >= 0)
		(void)close(erased->fd);
	bytes_release(&erased->pending);
}
