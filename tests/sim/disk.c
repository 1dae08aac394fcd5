#include "tests/sim/disk.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512u
#define FILES 3u /* the database, its write-ahead log, and a rollback journal */
#define NAME_BYTES 160u
#define LOCKS SQLITE_SHM_NLOCK
#define REGIONS 64u

struct image {
	uint8_t *data;
	size_t len;
	size_t cap;
};

/* One change that no sync has made last. */
struct pending {
	bool is_cut;
	size_t at; /* or the new size */
	size_t len;
	size_t from; /* in the file's bytes */
};

struct file {
	bool exists;
	bool is_new;   /* made, and not synced since: SQLite's first sync of it syncs the folder */
	bool is_ghost; /* removed, and the folder was not synced since */
	struct image now;
	struct image synced;
	struct pending *pending;
	uint32_t count, cap;
	struct image bytes; /* of the pending writes */
	int shared;
	const void *reserved, *exclusive; /* which handle */
};

struct disk {
	struct disk *next;
	char path[NAME_BYTES];
	struct file files[FILES];
	uint32_t left;      /* changes until the last one; 0: no end */
	uint32_t sync_left; /* likewise */
	bool is_dead, is_hit, is_full;
	uint64_t room;
	void *regions[REGIONS];
	int shm_users;
	int shm_shared[LOCKS];
	const void *shm_exclusive[LOCKS];
};

/* What SQLite knows as an open file. */
struct handle {
	sqlite3_file base;
	struct disk *disk;
	struct file *file;
	int level;
	bool has_shm;
	bool shm_shared[LOCKS];
};

static struct disk *disks;
static uint64_t time_ms;

static struct handle *
handle_of(sqlite3_file *file)
{
	return (struct handle *)(void *)file;
}

/* ---------------------------------------------------------------- images */

static void
grow(struct image *image, size_t len)
{
	if (len > image->cap) {
		image->cap = len < 8192 ? 8192 : len + len / 2;
		image->data = realloc(image->data, image->cap);
		if (image->data == NULL)
			abort();
	}
	if (len > image->len) {
		memset(image->data + image->len, 0, len - image->len);
		image->len = len;
	}
}

static void
put(struct image *image, size_t at, const void *data, size_t len)
{
	grow(image, at + len);
	memcpy(image->data + at, data, len);
}

static void
cut(struct image *image, size_t len)
{
	if (len < image->len)
		image->len = len;
	else
		grow(image, len);
}

static void
copy(struct image *to, const struct image *from)
{
	to->len = 0;
	if (from->len > 0)
		put(to, 0, from->data, from->len);
}

/* ---------------------------------------------------------------- changes */

static void
note(struct file *file, struct pending change, const void *data)
{
	if (file->count == file->cap) {
		file->cap = file->cap == 0 ? 64 : 2 * file->cap;
		file->pending = realloc(file->pending, file->cap * sizeof(*file->pending));
		if (file->pending == NULL)
			abort();
	}
	change.from = file->bytes.len;
	if (change.len > 0 && !change.is_cut)
		put(&file->bytes, change.from, data, change.len);
	file->pending[file->count++] = change;
}

static void
forget(struct file *file)
{
	file->count = 0;
	file->bytes.len = 0;
}

static void
apply(struct file *file, struct image *image, const struct pending *change)
{
	if (change->is_cut)
		cut(image, change->at);
	else
		put(image, change->at, file->bytes.data + change->from, change->len);
}

static void
make_last(struct file *file)
{
	uint32_t i;

	for (i = 0; i < file->count; i++)
		apply(file, &file->synced, &file->pending[i]);
	forget(file);
}

/* Whether the disk still takes a change; the last one is made, and fails. */
static bool
is_last(struct disk *disk)
{
	if (disk->left == 0 || --disk->left > 0)
		return false;
	disk->is_dead = true;
	disk->is_hit = true;
	return true;
}

static int
do_close(sqlite3_file *base)
{
	struct handle *handle = handle_of(base);

	assert(!handle->has_shm);
	if (handle->level > SQLITE_LOCK_NONE)
		handle->file->shared--;
	if (handle->file->reserved == handle)
		handle->file->reserved = NULL;
	if (handle->file->exclusive == handle)
		handle->file->exclusive = NULL;
	return SQLITE_OK;
}

static int
do_read(sqlite3_file *base, void *data, int len, sqlite3_int64 at)
{
	const struct handle *handle = handle_of(base);
	const struct image *image = &handle->file->now;
	size_t there = (size_t)at < image->len ? image->len - (size_t)at : 0;

	if (handle->disk->is_dead)
		return SQLITE_IOERR_READ;
	if (there >= (size_t)len) {
		memcpy(data, image->data + at, (size_t)len);
		return SQLITE_OK;
	}
	memset(data, 0, (size_t)len);
	if (there > 0)
		memcpy(data, image->data + at, there);
	return SQLITE_IOERR_SHORT_READ;
}

static int
do_write(sqlite3_file *base, const void *data, int len, sqlite3_int64 at)
{
	const struct handle *handle = handle_of(base);
	struct disk *disk = handle->disk;
	struct file *file = handle->file;
	size_t end = (size_t)at + (size_t)len;

	if (disk->is_dead)
		return SQLITE_IOERR_WRITE;
	if (disk->is_full && end > file->now.len) {
		if (end - file->now.len > disk->room) {
			disk->is_hit = true;
			return SQLITE_FULL;
		}
		disk->room -= end - file->now.len;
	}
	put(&file->now, (size_t)at, data, (size_t)len);
	note(file, (struct pending){.at = (size_t)at, .len = (size_t)len}, data);
	return is_last(disk) ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int
do_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	const struct handle *handle = handle_of(base);

	if (handle->disk->is_dead)
		return SQLITE_IOERR_TRUNCATE;
	cut(&handle->file->now, (size_t)size);
	note(handle->file, (struct pending){.is_cut = true, .at = (size_t)size}, NULL);
	return is_last(handle->disk) ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int
do_sync(sqlite3_file *base, int flags)
{
	const struct handle *handle = handle_of(base);
	struct disk *disk = handle->disk;
	unsigned i;

	(void)flags;
	if (disk->is_dead || is_last(disk))
		return SQLITE_IOERR_FSYNC;
	if (disk->sync_left > 0 && --disk->sync_left == 0) {
		disk->is_hit = true;
		return SQLITE_IOERR_FSYNC;
	}
	make_last(handle->file);
	/* as SQLite does it on every system that has folders */
	for (i = 0; i < FILES && handle->file->is_new; i++)
		disk->files[i].is_ghost = false;
	handle->file->is_new = false;
	return SQLITE_OK;
}

static int
do_size(sqlite3_file *base, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)handle_of(base)->file->now.len;
	return SQLITE_OK;
}

/* ---------------------------------------------------------------- locks */

static int
do_lock(sqlite3_file *base, int level)
{
	struct handle *handle = handle_of(base);
	struct file *file = handle->file;

	if (level <= handle->level)
		return SQLITE_OK;
	if (file->exclusive != NULL && file->exclusive != handle)
		return SQLITE_BUSY;
	if (handle->level == SQLITE_LOCK_NONE)
		file->shared++;
	if (handle->level == SQLITE_LOCK_NONE)
		handle->level = SQLITE_LOCK_SHARED;
	if (level >= SQLITE_LOCK_RESERVED) {
		if (file->reserved != NULL && file->reserved != handle)
			return SQLITE_BUSY;
		file->reserved = handle;
	}
	if (level == SQLITE_LOCK_EXCLUSIVE) {
		if (file->shared > 1)
			return SQLITE_BUSY;
		file->exclusive = handle;
	}
	handle->level = level;
	return SQLITE_OK;
}

static int
do_unlock(sqlite3_file *base, int level)
{
	struct handle *handle = handle_of(base);

	if (level >= handle->level)
		return SQLITE_OK;
	if (handle->file->reserved == handle)
		handle->file->reserved = NULL;
	if (handle->file->exclusive == handle)
		handle->file->exclusive = NULL;
	if (level == SQLITE_LOCK_NONE)
		handle->file->shared--;
	handle->level = level;
	return SQLITE_OK;
}

static int
do_check_reserved(sqlite3_file *base, int *is_reserved)
{
	*is_reserved = handle_of(base)->file->reserved != NULL;
	return SQLITE_OK;
}

static int
do_control(sqlite3_file *base, int op, void *argument)
{
	(void)base;
	(void)op;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int
do_sector(sqlite3_file *base)
{
	(void)base;
	return 4096;
}

static int
do_traits(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* as SQLite has it of every disk */
}

static int
do_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out)
{
	struct handle *handle = handle_of(base);
	struct disk *disk = handle->disk;

	*out = NULL;
	if (!handle->has_shm) {
		handle->has_shm = true;
		disk->shm_users++;
	}
	if (region >= (int)REGIONS)
		return SQLITE_IOERR_SHMSIZE;
	if (disk->regions[region] == NULL && extend != 0)
		disk->regions[region] = calloc(1, (size_t)size);
	*out = disk->regions[region];
	return SQLITE_OK;
}

static int
do_shm_lock(sqlite3_file *base, int first, int count, int flags)
{
	struct handle *handle = handle_of(base);
	struct disk *disk = handle->disk;
	bool is_shared = (flags & SQLITE_SHM_SHARED) != 0;
	int i;

	for (i = first; i < first + count; i++) {
		int others = disk->shm_shared[i] - handle->shm_shared[i];

		if ((flags & SQLITE_SHM_LOCK) != 0 &&
		    ((disk->shm_exclusive[i] != NULL && disk->shm_exclusive[i] != handle) ||
			(!is_shared && others > 0)))
			return SQLITE_BUSY;
	}
	for (i = first; i < first + count; i++) {
		if (!is_shared) {
			disk->shm_exclusive[i] = flags & SQLITE_SHM_LOCK ? handle : NULL;
		} else if (handle->shm_shared[i] != ((flags & SQLITE_SHM_LOCK) != 0)) {
			handle->shm_shared[i] = !handle->shm_shared[i];
			disk->shm_shared[i] += handle->shm_shared[i] ? 1 : -1;
		}
	}
	return SQLITE_OK;
}

static void
do_shm_barrier(sqlite3_file *base)
{
	(void)base;
}

static int
do_shm_unmap(sqlite3_file *base, int is_last_one)
{
	struct handle *handle = handle_of(base);
	struct disk *disk = handle->disk;
	unsigned i;

	(void)is_last_one;
	if (!handle->has_shm)
		return SQLITE_OK;
	handle->has_shm = false;
	for (i = 0; i < LOCKS; i++) {
		disk->shm_shared[i] -= handle->shm_shared[i];
		handle->shm_shared[i] = false;
		if (disk->shm_exclusive[i] == handle)
			disk->shm_exclusive[i] = NULL;
	}
	/* who opens it first would empty it */
	if (--disk->shm_users == 0) {
		for (i = 0; i < REGIONS; i++) {
			free(disk->regions[i]);
			disk->regions[i] = NULL;
		}
	}
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {.iVersion = 2,
    .xClose = do_close,
    .xRead = do_read,
    .xWrite = do_write,
    .xTruncate = do_truncate,
    .xSync = do_sync,
    .xFileSize = do_size,
    .xLock = do_lock,
    .xUnlock = do_unlock,
    .xCheckReservedLock = do_check_reserved,
    .xFileControl = do_control,
    .xSectorSize = do_sector,
    .xDeviceCharacteristics = do_traits,
    .xShmMap = do_shm_map,
    .xShmLock = do_shm_lock,
    .xShmBarrier = do_shm_barrier,
    .xShmUnmap = do_shm_unmap};

/* ---------------------------------------------------------------- names */

static struct file *
find(const char *name, struct disk **disk)
{
	static const char *const endings[FILES] = {"", "-wal", "-journal"};
	unsigned i;

	for (*disk = disks; *disk != NULL; *disk = (*disk)->next) {
		size_t len = strlen((*disk)->path);

		if (strncmp(name, (*disk)->path, len) != 0)
			continue;
		for (i = 0; i < FILES; i++) {
			if (strcmp(name + len, endings[i]) == 0)
				return &(*disk)->files[i];
		}
	}
	return NULL;
}

static int
do_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags)
{
	struct handle *handle = handle_of(base);
	struct disk *disk;
	struct file *file = name != NULL ? find(name, &disk) : NULL;

	(void)vfs;
	handle->base.pMethods = NULL;
	if (file == NULL || disk->is_dead)
		return SQLITE_CANTOPEN;
	if (!file->exists && (flags & (SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB)) == 0)
		return SQLITE_CANTOPEN;
	if (!file->exists) {
		file->exists = true;
		file->is_new = (flags & SQLITE_OPEN_CREATE) != 0;
		file->is_ghost = false;
		file->now.len = 0;
		file->synced.len = 0;
		forget(file);
	}
	*handle = (struct handle){.base.pMethods = &methods, .disk = disk, .file = file};
	if (out_flags != NULL)
		*out_flags = flags;
	return SQLITE_OK;
}

static int
do_delete(sqlite3_vfs *vfs, const char *name, int is_synced)
{
	struct disk *disk;
	struct file *file = find(name, &disk);

	(void)vfs;
	if (file == NULL || disk->is_dead)
		return SQLITE_IOERR_DELETE;
	if (!file->exists)
		return SQLITE_IOERR_DELETE_NOENT;
	if (is_last(disk))
		return SQLITE_IOERR_DELETE;
	file->exists = false;
	file->is_ghost = !is_synced;
	file->now.len = 0;
	forget(file);
	return SQLITE_OK;
}

static int
do_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
	struct disk *disk;
	const struct file *file = find(name, &disk);

	(void)vfs;
	(void)flags;
	*result = file != NULL && file->exists && file->now.len > 0;
	return SQLITE_OK;
}

static int
do_full_name(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
	(void)vfs;
	(void)snprintf(out, (size_t)len, "%s", name);
	return SQLITE_OK;
}

static int
do_random(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	memset(out, 0x5a, (size_t)len);
	return len;
}

static int
do_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

static int
do_time(sqlite3_vfs *vfs, sqlite3_int64 *now)
{
	(void)vfs;
	*now = INT64_C(210866760000000) + (sqlite3_int64)time_ms; /* since noon of Julian day 0 */
	return SQLITE_OK;
}

static int
do_last_error(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	(void)len;
	(void)out;
	return 0;
}

enum err
disk_start(void)
{
	static sqlite3_vfs vfs = {.iVersion = 2,
	    .szOsFile = sizeof(struct handle),
	    .mxPathname = 1024,
	    .zName = "malla-sim",
	    .xOpen = do_open,
	    .xDelete = do_delete,
	    .xAccess = do_access,
	    .xFullPathname = do_full_name,
	    .xRandomness = do_random,
	    .xSleep = do_sleep,
	    .xGetLastError = do_last_error,
	    .xCurrentTimeInt64 = do_time};

	/* as the store would have it, which comes too late */
	if (sqlite3_config(SQLITE_CONFIG_MULTITHREAD) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_URI, 0) != SQLITE_OK)
		return ERR_SYSTEM;
	return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK ? ERR_NONE : ERR_SYSTEM;
}

void
disk_set_time(uint64_t now_ms)
{
	time_ms = now_ms;
}

/* ---------------------------------------------------------------- a disk */

enum err
disk_open(const char *path, struct disk **out)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	if (disk == NULL)
		return ERR_MEMORY;
	(void)snprintf(disk->path, sizeof(disk->path), "%s", path);
	disk->next = disks;
	disks = disk;
	*out = disk;
	return ERR_NONE;
}

void
disk_free(struct disk *disk)
{
	struct disk **at = &disks;
	unsigned i;

	if (disk == NULL)
		return;
	while (*at != disk)
		at = &(*at)->next;
	*at = disk->next;
	for (i = 0; i < FILES; i++) {
		free(disk->files[i].now.data);
		free(disk->files[i].synced.data);
		free(disk->files[i].bytes.data);
		free(disk->files[i].pending);
	}
	free(disk);
}

void
disk_clear(struct disk *disk)
{
	unsigned i;

	assert(disk->shm_users == 0);
	for (i = 0; i < FILES; i++) {
		disk->files[i].exists = false;
		disk->files[i].is_ghost = false;
		disk->files[i].now.len = 0;
		disk->files[i].synced.len = 0;
		forget(&disk->files[i]);
	}
	disk->left = 0;
	disk->sync_left = 0;
	disk->is_dead = false;
	disk->is_hit = false;
	disk->is_full = false;
	/* its generator begins anew, so that a run does not know of those before it */
	sqlite3_randomness(0, NULL);
}

void
disk_copy(struct disk *to, const struct disk *from)
{
	unsigned i;

	disk_clear(to);
	for (i = 0; i < FILES; i++) {
		to->files[i].exists = from->files[i].exists;
		copy(&to->files[i].now, &from->files[i].now);
		copy(&to->files[i].synced, &from->files[i].now);
	}
}

void
disk_arm(struct disk *disk, uint32_t nth)
{
	disk->left = nth;
}

void
disk_arm_sync(struct disk *disk, uint32_t nth)
{
	disk->sync_left = nth;
}

void
disk_fill(struct disk *disk, bool is_full, uint64_t left)
{
	disk->is_full = is_full;
	disk->room = left;
}

bool
disk_is_full(const struct disk *disk)
{
	return disk->is_full;
}

void
disk_kill(struct disk *disk)
{
	disk->is_dead = true;
}

bool
disk_is_dead(const struct disk *disk)
{
	return disk->is_dead;
}

bool
disk_was_hit(struct disk *disk)
{
	bool was_hit = disk->is_hit;

	disk->is_hit = false;
	return was_hit;
}

/* The sectors of one write that are there. */
static void
tear(struct file *file, const struct pending *change, struct choice *choice)
{
	size_t at = change->at, end = change->at + change->len, stop;

	for (; at < end; at = stop) {
		stop = (at / SECTOR + 1) * SECTOR;
		if (stop > end)
			stop = end;
		if (choice_is(choice, 500))
			put(&file->synced, at, file->bytes.data + change->from + (at - change->at),
			    stop - at);
	}
}

static void
lose(struct file *file, enum disk_loss loss, struct choice *choice)
{
	uint32_t i;

	for (i = 0; i < file->count; i++) {
		const struct pending *change = &file->pending[i];

		if (loss == DISK_TEARS && !change->is_cut)
			tear(file, change, choice);
		else if (loss == DISK_KEEPS_ALL ||
			 (loss != DISK_KEEPS_NONE && choice_is(choice, 500)))
			apply(file, &file->synced, change);
	}
	forget(file);
	copy(&file->now, &file->synced);
}

void
disk_lose(struct disk *disk, enum disk_loss loss, struct choice *choice)
{
	unsigned i;

	assert(disk->shm_users == 0);
	for (i = 0; i < FILES; i++) {
		struct file *file = &disk->files[i];

		if (file->is_ghost && loss != DISK_KEEPS_ALL && choice_is(choice, 500))
			file->exists = true;
		if (file->exists)
			lose(file, loss, choice);
		else
			file->now.len = 0;
		file->is_ghost = false;
		file->shared = 0;
		file->reserved = NULL;
		file->exclusive = NULL;
	}
	disk->left = 0;
	disk->sync_left = 0;
	disk->is_dead = false;
	disk->is_hit = false;
}
