/* The Nth write or fsync fails, for all N: a layer under SQLite makes it so. */
#include "tests/unit/store_fixture.h"

#include "store/search.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

static struct fixture_scratch scratch;

/* ------------------------------------------------------------------ the layer */

enum place { PLACE_WAL = 1, PLACE_DATABASE = 2, PLACE_ANY = 3 };

static struct {
	enum place place;
	int writes_left; /* before one fails; negative: none will */
	int syncs_left;
	int write_code;
	int writes; /* seen since it was armed */
	int syncs;
	bool has_failed;
} fault = {.writes_left = -1, .syncs_left = -1};

struct faulty_file {
	sqlite3_file base;
	enum place place;
	sqlite3_file *real;
};

static sqlite3_file *
real_of(sqlite3_file *file)
{
	return ((struct faulty_file *)(void *)file)->real;
}

static int
faulty_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int
faulty_read(sqlite3_file *file, void *data, int len, sqlite3_int64 at)
{
	return real_of(file)->pMethods->xRead(real_of(file), data, len, at);
}

static int
faulty_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	if (((struct faulty_file *)(void *)file)->place & fault.place) {
		fault.writes++;
		if (fault.writes_left >= 0 && fault.writes_left-- == 0) {
			fault.has_failed = true;
			errno = EIO;
			return fault.write_code;
		}
	}
	return real_of(file)->pMethods->xWrite(real_of(file), data, len, at);
}

static int
faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int
faulty_sync(sqlite3_file *file, int flags)
{
	if (((struct faulty_file *)(void *)file)->place & fault.place) {
		fault.syncs++;
		if (fault.syncs_left >= 0 && fault.syncs_left-- == 0) {
			fault.has_failed = true;
			errno = EIO;
			return SQLITE_IOERR_FSYNC;
		}
	}
	return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int
faulty_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int
faulty_lock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int
faulty_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int
faulty_reserved(sqlite3_file *file, int *out)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int
faulty_control(sqlite3_file *file, int op, void *argument)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}

static int
faulty_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int
faulty_traits(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int
faulty_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int
faulty_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void
faulty_shm_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int
faulty_shm_unmap(sqlite3_file *file, int remove_it)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), remove_it);
}

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 2,
    .xClose = faulty_close,
    .xRead = faulty_read,
    .xWrite = faulty_write,
    .xTruncate = faulty_truncate,
    .xSync = faulty_sync,
    .xFileSize = faulty_size,
    .xLock = faulty_lock,
    .xUnlock = faulty_unlock,
    .xCheckReservedLock = faulty_reserved,
    .xFileControl = faulty_control,
    .xSectorSize = faulty_sector,
    .xDeviceCharacteristics = faulty_traits,
    .xShmMap = faulty_shm_map,
    .xShmLock = faulty_shm_lock,
    .xShmBarrier = faulty_shm_barrier,
    .xShmUnmap = faulty_shm_unmap,
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs faulty_vfs;

static int
faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct faulty_file *faulty = (void *)file;
	int code;

	(void)vfs;
	*faulty = (struct faulty_file){.real = (void *)(faulty + 1)};
	faulty->place = flags & SQLITE_OPEN_WAL ? PLACE_WAL : PLACE_DATABASE;
	code = real_vfs->xOpen(real_vfs, name, faulty->real, flags, out_flags);
	if (faulty->real->pMethods != NULL)
		faulty->base.pMethods = &faulty_methods;
	return code;
}

static void
lay(void)
{
	if (real_vfs != NULL)
		return;
	real_vfs = sqlite3_vfs_find(NULL);
	ck_assert_ptr_nonnull(real_vfs);
	faulty_vfs = *real_vfs;
	faulty_vfs.pNext = NULL;
	faulty_vfs.zName = "faulty";
	faulty_vfs.szOsFile += (int)sizeof(struct faulty_file);
	faulty_vfs.xOpen = faulty_open;
	ck_assert_int_eq(sqlite3_vfs_register(&faulty_vfs, 1), SQLITE_OK);
}

static void
disarm(void)
{
	fault.writes_left = -1;
	fault.syncs_left = -1;
	fault.has_failed = false;
	fault.writes = 0;
	fault.syncs = 0;
}

/* ------------------------------------------------------------------ what is tried */

struct state {
	struct head head;
	uint64_t records, batches, found;
	uint64_t waiting, held;
};

static void
look(struct fixture *fixture, struct state *state)
{
	struct org_id peer = fixture_org(2);
	bool is_certain;

	events_head(fixture->store, &state->head);
	ck_assert(records_totals(fixture->store, &state->records, &state->batches) == ERR_NONE);
	ck_assert(search_count(fixture->store, NULL, 0, &state->found, &is_certain) == ERR_NONE);
	ck_assert(deliveries_outbox_count(fixture->store, &peer, &state->waiting, &state->held) ==
		  ERR_NONE);
	ck_assert_uint_eq(state->found, state->records);
}

/* One transaction with something of everything; n makes it unlike the others. */
static enum err
act(struct fixture *fixture, uint32_t n)
{
	struct org_id peer = fixture_org(2);
	struct batch_row batch = fixture_batch(2, 8);
	struct record_row row;
	struct event event;
	uint32_t i;
	bool is_new;
	enum err err;

	err = store_begin(fixture->store);
	if (err != ERR_NONE)
		return err;
	err = records_batch_put(fixture->store, &batch);
	for (i = 0; i < 8 && err == ERR_NONE; i++) {
		fixture_note(&scratch.record, 8 * n + i);
		err = fixture_put(fixture, &scratch, batch.seq, i, &row, &is_new);
	}
	if (err == ERR_NONE)
		err = deliveries_outbox_put(fixture->store, &peer, batch.seq, 8, OUTBOX_WAITING);
	if (err == ERR_NONE)
		err = fixture_event(fixture->store, &event, (uint8_t)n, "details");
	if (err != ERR_NONE) {
		store_rollback(fixture->store);
		return err;
	}
	return store_commit(fixture->store);
}

static void
start(struct fixture *fixture)
{
	lay();
	disarm();
	fault.place = PLACE_ANY;
	fixture_start(fixture);
	ck_assert(store_begin(fixture->store) == ERR_NONE);
	ck_assert(events_epoch(fixture->store, 1) == ERR_NONE);
	ck_assert(store_commit(fixture->store) == ERR_NONE);
	ck_assert(act(fixture, 1) == ERR_NONE);
}

START_TEST(is_unchanged_and_usable_after_any_write_that_found_the_disk_full)
{
	struct fixture fixture;
	struct state before, after;
	int n;

	for (n = 0;; n++) {
		start(&fixture);
		look(&fixture, &before);
		disarm();
		fault.write_code = SQLITE_FULL;
		fault.writes_left = n;
		if (act(&fixture, 2) == ERR_NONE) {
			ck_assert(!fault.has_failed);
			fixture_done(&fixture);
			break;
		}
		ck_assert(fault.has_failed);
		ck_assert(!store_is_open(fixture.store));
		look(&fixture, &after);
		ck_assert_mem_eq(&before, &after, sizeof(before));
		disarm();
		ck_assert(act(&fixture, 2) == ERR_NONE);
		fixture_reopen(&fixture);
		look(&fixture, &after);
		ck_assert_uint_eq(after.head.size, before.head.size + 1);
		ck_assert_uint_eq(after.records, before.records + 8);
		fixture_done(&fixture);
	}
	ck_assert_int_gt(n, 8);
}
END_TEST

START_TEST(says_that_the_disk_is_full)
{
	struct fixture fixture;

	start(&fixture);
	fault.write_code = SQLITE_FULL;
	fault.writes_left = 3;
	ck_assert(act(&fixture, 2) == ERR_FULL);
	ck_assert_ptr_nonnull(strstr(store_message(fixture.store), "full"));
	fixture_done(&fixture);
}
END_TEST

/* Everything is refused; after a new start there is the old state, or the new one. */
static void
check_poisoned(struct fixture *fixture, const struct state *before)
{
	struct record_id id = {{0}};
	struct record_row row;
	struct state after;
	uint64_t number;
	bool is_certain;

	ck_assert(store_begin(fixture->store) == ERR_STORAGE);
	ck_assert(records_get(fixture->store, &id, &row) == ERR_STORAGE);
	ck_assert(search_count(fixture->store, NULL, 0, &number, &is_certain) == ERR_STORAGE);
	ck_assert(records_totals(fixture->store, &number, &number) == ERR_STORAGE);
	disarm();
	ck_assert(store_begin(fixture->store) == ERR_STORAGE);
	fixture_reopen(fixture);
	look(fixture, &after);
	if (after.records == before->records)
		ck_assert_mem_eq(&after, before, sizeof(after));
	else
		ck_assert_uint_eq(after.head.size, before->head.size + 1);
	ck_assert(act(fixture, 3) == ERR_NONE);
}

START_TEST(refuses_everything_after_any_write_that_failed)
{
	struct fixture fixture;
	struct state before;
	enum err err;
	int n;

	for (n = 0;; n++) {
		start(&fixture);
		look(&fixture, &before);
		disarm();
		fault.write_code = SQLITE_IOERR_WRITE;
		fault.writes_left = n;
		err = act(&fixture, 2);
		if (err == ERR_NONE) {
			fixture_done(&fixture);
			break;
		}
		ck_assert(err == ERR_STORAGE);
		check_poisoned(&fixture, &before);
		fixture_done(&fixture);
	}
	ck_assert_int_gt(n, 8);
}
END_TEST

START_TEST(refuses_everything_after_an_fsync_that_failed)
{
	struct fixture fixture;
	struct state before;
	int n;

	for (n = 0;; n++) {
		start(&fixture);
		look(&fixture, &before);
		disarm();
		fault.syncs_left = n;
		if (act(&fixture, 2) == ERR_NONE) {
			fixture_done(&fixture);
			break;
		}
		check_poisoned(&fixture, &before);
		fixture_done(&fixture);
	}
	ck_assert_int_ge(n, 1);
}
END_TEST

/* So much in one transaction that the log ahead is moved into the database. */
static enum err
act_largely(struct fixture *fixture)
{
	static char text[TEXT_BYTES_MAX];
	struct batch_row batch = fixture_batch(2, 200);
	struct record_row row;
	uint32_t i;
	bool is_new;

	memset(text, 'x', sizeof(text));
	ck_assert(store_begin(fixture->store) == ERR_NONE);
	ck_assert(records_batch_put(fixture->store, &batch) == ERR_NONE);
	for (i = 0; i < 140; i++) {
		fixture_note(&scratch.record, 1000 + i);
		scratch.record.body.text = bytes_view_of(text, sizeof(text));
		ck_assert(fixture_put(fixture, &scratch, batch.seq, i, &row, &is_new) == ERR_NONE);
	}
	return store_commit(fixture->store);
}

START_TEST(checkpoints_by_itself)
{
	struct fixture fixture;
	struct stat info;

	start(&fixture);
	disarm();
	fault.place = PLACE_DATABASE;
	ck_assert(act(&fixture, 2) == ERR_NONE);
	ck_assert_int_eq(fault.writes, 0);
	ck_assert(act_largely(&fixture) == ERR_NONE);
	ck_assert_int_gt(fault.writes, 1000);
	ck_assert_int_ge(fault.syncs, 1);
	ck_assert_int_eq(stat(fixture.path, &info), 0);
	ck_assert_int_gt(info.st_size, 10 << 20);
	fixture_done(&fixture);
}
END_TEST

START_TEST(goes_on_when_a_checkpoint_finds_the_disk_full)
{
	struct fixture fixture;
	struct state state;

	start(&fixture);
	disarm();
	fault.place = PLACE_DATABASE;
	fault.write_code = SQLITE_FULL;
	fault.writes_left = 500;
	ck_assert(act_largely(&fixture) == ERR_NONE);
	ck_assert(fault.has_failed);
	ck_assert(act(&fixture, 2) == ERR_NONE);
	fixture_reopen(&fixture);
	look(&fixture, &state);
	ck_assert_uint_eq(state.records, 8 + 140 + 8);
	fixture_done(&fixture);
}
END_TEST

START_TEST(never_repeats_an_fsync_that_failed_in_a_checkpoint)
{
	struct fixture fixture;
	struct state state;
	int syncs;

	start(&fixture);
	disarm();
	fault.place = PLACE_DATABASE;
	fault.syncs_left = 0;
	/* what was committed is safe in the log ahead */
	ck_assert(act_largely(&fixture) == ERR_NONE);
	ck_assert(fault.has_failed);
	syncs = fault.syncs;
	ck_assert(act(&fixture, 2) == ERR_STORAGE);
	store_close(fixture.store);
	ck_assert_int_eq(fault.syncs, syncs);
	fixture_open(&fixture);
	look(&fixture, &state);
	ck_assert_uint_eq(state.records, 8 + 140);
	fixture_done(&fixture);
}
END_TEST

/* The kernel's own refusal, not the layer's. */
START_TEST(is_usable_again_once_the_file_may_grow)
{
	struct rlimit limit = {0}, before_limit;
	struct fixture fixture;
	struct state before, after;
	struct stat info;
	char path[400];

	start(&fixture);
	look(&fixture, &before);
	(void)snprintf(path, sizeof(path), "%s-wal", fixture.path);
	ck_assert_int_eq(stat(path, &info), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before_limit), 0);
	limit = before_limit;
	limit.rlim_cur = (rlim_t)info.st_size + 10000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert(act(&fixture, 2) == ERR_FULL);
	look(&fixture, &after);
	ck_assert_mem_eq(&before, &after, sizeof(before));
	ck_assert(act(&fixture, 2) == ERR_FULL);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before_limit), 0);
	ck_assert(act(&fixture, 2) == ERR_NONE);
	fixture_reopen(&fixture);
	look(&fixture, &after);
	ck_assert_uint_eq(after.records, before.records + 8);
	fixture_done(&fixture);
}
END_TEST

SUITE_MAIN("store/faults", is_unchanged_and_usable_after_any_write_that_found_the_disk_full,
    says_that_the_disk_is_full, refuses_everything_after_any_write_that_failed,
    refuses_everything_after_an_fsync_that_failed, checkpoints_by_itself,
    goes_on_when_a_checkpoint_finds_the_disk_full,
    never_repeats_an_fsync_that_failed_in_a_checkpoint, is_usable_again_once_the_file_may_grow)
