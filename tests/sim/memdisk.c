#include "tests/sim/memdisk.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define DISKS_MAX 8u
#define SHM_BYTES 32768

static struct {
	char prefix[128];
	struct memdisk disk;
} disks[DISKS_MAX];
static uint32_t disks_count;

/* one open handle of SQLite */
struct handle {
	sqlite3_file base;
	struct memdisk *disk;
	struct memdisk_file *file;
	bool has_shm;
	uint8_t shared; /* locks of the shared memory that this handle holds */
	uint8_t exclusive;
};

static struct handle *
handle_of(sqlite3_file *file)
{
	return (struct handle *)(void *)file;
}

struct memdisk *
memdisk_open(const char *prefix)
{
	struct memdisk *disk;

	assert(disks_count < DISKS_MAX && strlen(prefix) < sizeof(disks[0].prefix));
	strcpy(disks[disks_count].prefix, prefix);
	disk = &disks[disks_count++].disk;
	memset(disk, 0, sizeof(*disk));
	disk->fuse = -1;
	return disk;
}

bool
memdisk_operate(struct memdisk *disk)
{
	disk->operations++;
	if (disk->fuse == 0)
		disk->is_dead = true;
	else if (disk->fuse > 0)
		disk->fuse--;
	return !disk->is_dead;
}

/* ---------------------------------------------------------------- files */

static void
reserve(struct memdisk_file *file, size_t len)
{
	size_t cap = file->cap == 0 ? 65536 : file->cap;

	while (cap < len)
		cap *= 2;
	if (cap == file->cap)
		return;
	file->now = realloc(file->now, cap);
	file->synced = realloc(file->synced, cap);
	file->dirty = realloc(file->dirty, cap / MEMDISK_SECTOR);
	assert(file->now != NULL && file->synced != NULL && file->dirty != NULL);
	memset(file->now + file->cap, 0, cap - file->cap);
	memset(file->synced + file->cap, 0, cap - file->cap);
	memset(file->dirty + file->cap / MEMDISK_SECTOR, 0, (cap - file->cap) / MEMDISK_SECTOR);
	file->cap = cap;
}

static void
release_file(struct memdisk_file *file)
{
	uint32_t i;

	free(file->now);
	free(file->synced);
	free(file->dirty);
	for (i = 0; i < 64; i++)
		free(file->shm[i]);
	memset(file, 0, sizeof(*file));
}

void
memdisk_clear(struct memdisk *disk)
{
	uint32_t i;

	for (i = 0; i < MEMDISK_FILES_MAX; i++)
		release_file(&disk->files[i]);
	memset(disk, 0, sizeof(*disk));
	disk->fuse = -1;
}

void
memdisk_copy(struct memdisk *to, const struct memdisk *from)
{
	uint32_t i;

	memdisk_clear(to);
	for (i = 0; i < MEMDISK_FILES_MAX; i++) {
		const struct memdisk_file *source = &from->files[i];
		struct memdisk_file *file = &to->files[i];

		if (!source->exists)
			continue;
		memcpy(file->name, source->name, sizeof(file->name));
		file->exists = true;
		reserve(file, source->len + 1);
		memcpy(file->now, source->now, source->len);
		memcpy(file->synced, source->now, source->len);
		file->len = file->synced_len = source->len;
	}
}

void
memdisk_crash(struct memdisk *disk, bool (*keeps)(void *context), void *context)
{
	uint32_t i;
	size_t sector;

	for (i = 0; i < MEMDISK_FILES_MAX; i++) {
		struct memdisk_file *file = &disk->files[i];

		if (!file->exists)
			continue;
		assert(file->shm_users == 0);
		for (sector = 0; sector < file->cap / MEMDISK_SECTOR; sector++) {
			size_t at = sector * MEMDISK_SECTOR;

			if (!file->dirty[sector])
				continue;
			if (keeps(context)) {
				memcpy(file->synced + at, file->now + at, MEMDISK_SECTOR);
				if (file->synced_len < at + MEMDISK_SECTOR)
					file->synced_len = at + MEMDISK_SECTOR < file->len
							       ? at + MEMDISK_SECTOR
							       : file->len;
			}
			memcpy(file->now + at, file->synced + at, MEMDISK_SECTOR);
			file->dirty[sector] = 0;
		}
		file->dirty_first = file->dirty_end = 0;
		file->len = file->synced_len;
	}
	disk->fuse = -1;
	disk->is_dead = false;
}

/* ---------------------------------------------------------------- what SQLite calls */

static int
close_file(sqlite3_file *base)
{
	(void)base;
	return SQLITE_OK;
}

static int
read_file(sqlite3_file *base, void *data, int len, sqlite3_int64 at)
{
	const struct memdisk_file *file = handle_of(base)->file;
	size_t have = (size_t)at < file->len ? file->len - (size_t)at : 0;

	if (handle_of(base)->disk->is_dead)
		return SQLITE_IOERR_READ;
	if (have >= (size_t)len) {
		memcpy(data, file->now + at, (size_t)len);
		return SQLITE_OK;
	}
	if (have > 0)
		memcpy(data, file->now + at, have);
	memset((uint8_t *)data + have, 0, (size_t)len - have);
	return SQLITE_IOERR_SHORT_READ;
}

static int
write_file(sqlite3_file *base, const void *data, int len, sqlite3_int64 at)
{
	struct handle *handle = handle_of(base);
	struct memdisk_file *file = handle->file;
	size_t end = (size_t)at + (size_t)len, sector;

	if (!memdisk_operate(handle->disk))
		return SQLITE_IOERR_WRITE;
	if (handle->disk->is_full && end > file->len)
		return SQLITE_FULL;
	reserve(file, end + 1);
	memcpy(file->now + at, data, (size_t)len);
	sector = (size_t)at / MEMDISK_SECTOR;
	if (file->dirty_first == file->dirty_end)
		file->dirty_first = file->dirty_end = sector;
	if (sector < file->dirty_first)
		file->dirty_first = sector;
	for (; sector * MEMDISK_SECTOR < end; sector++)
		file->dirty[sector] = 1;
	if (sector > file->dirty_end)
		file->dirty_end = sector;
	if (end > file->len)
		file->len = end;
	return SQLITE_OK;
}

/* Shorter at once and for good: of a truncated log only the salts count. */
static int
truncate_file(sqlite3_file *base, sqlite3_int64 size)
{
	struct memdisk_file *file = handle_of(base)->file;

	if (!memdisk_operate(handle_of(base)->disk))
		return SQLITE_IOERR_TRUNCATE;
	if ((size_t)size < file->len) {
		memset(file->now + size, 0, file->len - (size_t)size);
		file->len = (size_t)size;
	}
	if (file->synced_len > file->len) {
		memset(file->synced + size, 0, file->synced_len - (size_t)size);
		file->synced_len = file->len;
	}
	return SQLITE_OK;
}

static int
sync_file(sqlite3_file *base, int flags)
{
	struct memdisk_file *file = handle_of(base)->file;
	size_t sector;

	(void)flags;
	if (!memdisk_operate(handle_of(base)->disk))
		return SQLITE_IOERR_FSYNC;
	for (sector = file->dirty_first; sector < file->dirty_end; sector++) {
		if (file->dirty[sector])
			memcpy(file->synced + sector * MEMDISK_SECTOR,
			    file->now + sector * MEMDISK_SECTOR, MEMDISK_SECTOR);
		file->dirty[sector] = 0;
	}
	file->dirty_first = file->dirty_end = 0;
	file->synced_len = file->len;
	return SQLITE_OK;
}

static int
size_of_file(sqlite3_file *base, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)handle_of(base)->file->len;
	return SQLITE_OK;
}

/* One thread and one process: nobody ever has to wait. */
static int
lock_file(sqlite3_file *base, int level)
{
	(void)base;
	(void)level;
	return SQLITE_OK;
}

static int
is_reserved(sqlite3_file *base, int *out)
{
	(void)base;
	*out = 0;
	return SQLITE_OK;
}

static int
control(sqlite3_file *base, int op, void *argument)
{
	(void)base;
	(void)op;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int
sector_size(sqlite3_file *base)
{
	(void)base;
	return MEMDISK_SECTOR;
}

static int
characteristics(sqlite3_file *base)
{
	(void)base;
	return 0;
}

/* ---------------------------------------------------------------- shared memory */

static int
map_shm(sqlite3_file *base, int region, int size, int extend, void volatile **out)
{
	struct handle *handle = handle_of(base);
	struct memdisk_file *file = handle->file;

	assert(region < 64 && size == SHM_BYTES);
	if (!handle->has_shm) {
		handle->has_shm = true;
		file->shm_users++;
	}
	if (file->shm[region] == NULL && extend)
		file->shm[region] = calloc(1, SHM_BYTES);
	*out = file->shm[region];
	return SQLITE_OK;
}

static int
lock_shm(sqlite3_file *base, int offset, int n, int flags)
{
	struct handle *handle = handle_of(base);
	struct memdisk_file *file = handle->file;
	int i;

	for (i = offset; i < offset + n && (flags & SQLITE_SHM_LOCK) != 0; i++) {
		bool is_mine = (handle->shared >> i & 1) != 0;

		if (file->exclusive[i] && (handle->exclusive >> i & 1) == 0)
			return SQLITE_BUSY;
		if ((flags & SQLITE_SHM_EXCLUSIVE) != 0 && file->shared[i] > (is_mine ? 1u : 0u))
			return SQLITE_BUSY;
	}
	for (i = offset; i < offset + n; i++) {
		uint8_t bit = (uint8_t)(1u << i);

		if ((flags & SQLITE_SHM_SHARED) != 0) {
			bool has = (handle->shared & bit) != 0;
			bool wants = (flags & SQLITE_SHM_LOCK) != 0;

			if (has != wants)
				file->shared[i] += wants ? 1u : (uint32_t)-1;
			handle->shared =
			    (uint8_t)(wants ? handle->shared | bit : handle->shared & ~bit);
		} else {
			file->exclusive[i] = (flags & SQLITE_SHM_LOCK) != 0;
			handle->exclusive =
			    (uint8_t)(file->exclusive[i] ? handle->exclusive | bit
							 : handle->exclusive & ~bit);
		}
	}
	return SQLITE_OK;
}

static void
barrier(sqlite3_file *base)
{
	(void)base;
}

static int
unmap_shm(sqlite3_file *base, int is_delete)
{
	struct handle *handle = handle_of(base);
	struct memdisk_file *file = handle->file;
	uint32_t i;

	(void)is_delete;
	if (!handle->has_shm)
		return SQLITE_OK;
	for (i = 0; i < 8; i++) {
		if ((handle->shared >> i & 1) != 0)
			file->shared[i]--;
		if ((handle->exclusive >> i & 1) != 0)
			file->exclusive[i] = false;
	}
	handle->shared = handle->exclusive = 0;
	handle->has_shm = false;
	if (--file->shm_users > 0)
		return SQLITE_OK;
	for (i = 0; i < 64; i++) {
		free(file->shm[i]);
		file->shm[i] = NULL;
	}
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {2, close_file, read_file, write_file, truncate_file,
    sync_file, size_of_file, lock_file, lock_file, is_reserved, control, sector_size,
    characteristics, map_shm, lock_shm, barrier, unmap_shm, NULL, NULL};

/* ---------------------------------------------------------------- names */

static struct memdisk *
disk_of(const char *name)
{
	uint32_t i;

	for (i = 0; i < disks_count; i++) {
		if (strncmp(name, disks[i].prefix, strlen(disks[i].prefix)) == 0)
			return &disks[i].disk;
	}
	return NULL;
}

static struct memdisk_file *
find_file(struct memdisk *disk, const char *name, bool is_new)
{
	struct memdisk_file *free_one = NULL;
	uint32_t i;

	for (i = 0; i < MEMDISK_FILES_MAX; i++) {
		if (disk->files[i].exists && strcmp(disk->files[i].name, name) == 0)
			return &disk->files[i];
		if (!disk->files[i].exists && free_one == NULL)
			free_one = &disk->files[i];
	}
	if (!is_new)
		return NULL;
	assert(free_one != NULL && strlen(name) < sizeof(free_one->name));
	strcpy(free_one->name, name);
	free_one->exists = true;
	reserve(free_one, 1);
	return free_one;
}

static int
open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out)
{
	struct memdisk *disk = name == NULL ? NULL : disk_of(name);
	struct handle *handle = handle_of(base);

	(void)vfs;
	memset(handle, 0, sizeof(*handle));
	if (disk == NULL || disk->is_dead)
		return SQLITE_CANTOPEN;
	handle->disk = disk;
	handle->file = find_file(disk, name, true);
	handle->base.pMethods = &methods;
	if (out != NULL)
		*out = flags;
	return SQLITE_OK;
}

static int
delete_file(sqlite3_vfs *vfs, const char *name, int is_synced)
{
	struct memdisk *disk = disk_of(name);
	struct memdisk_file *file = disk == NULL ? NULL : find_file(disk, name, false);

	(void)vfs;
	(void)is_synced;
	if (disk == NULL || !memdisk_operate(disk))
		return SQLITE_IOERR_DELETE;
	if (file == NULL)
		return SQLITE_IOERR_DELETE_NOENT;
	release_file(file);
	return SQLITE_OK;
}

static int
access_file(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	struct memdisk *disk = disk_of(name);

	(void)vfs;
	(void)flags;
	*out = disk != NULL && find_file(disk, name, false) != NULL;
	return SQLITE_OK;
}

static int
full_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	if (strlen(name) >= (size_t)size)
		return SQLITE_CANTOPEN;
	strcpy(out, name);
	return SQLITE_OK;
}

static uint64_t random_counter;

void
memdisk_seed(uint64_t seed)
{
	random_counter = seed;
}

static int
randomness(sqlite3_vfs *vfs, int len, char *out)
{
	int i;

	(void)vfs;
	for (i = 0; i < len; i++)
		out[i] = (char)(++random_counter * 0x9e3779b97f4a7c15u >> 56);
	return len;
}

static int
sleep_not(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;
}

static int
current_time(sqlite3_vfs *vfs, double *out)
{
	(void)vfs;
	*out = 2461000.5;
	return SQLITE_OK;
}

void
memdisk_register(void)
{
	static sqlite3_vfs vfs = {1, sizeof(struct handle), 512, NULL, "memdisk", NULL, open_file,
	    delete_file, access_file, full_name, NULL, NULL, NULL, NULL, randomness, sleep_not,
	    current_time, NULL, NULL, NULL, NULL, NULL};

	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		abort();
}
