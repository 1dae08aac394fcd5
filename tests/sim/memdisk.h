/*
 * memdisk: the disk of a simulated node: files in memory under SQLite, which lose what was not
 * synced when the node crashes, may be full, and fail for good after so many operations.
 */
#ifndef MALLA_TESTS_SIM_MEMDISK_H
#define MALLA_TESTS_SIM_MEMDISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMDISK_SECTOR 512u
#define MEMDISK_FILES_MAX 4u

struct memdisk_file {
	char name[160];
	uint8_t *now;    /* as the program sees it */
	uint8_t *synced; /* as a crash leaves it at least */
	uint8_t *dirty;  /* one byte a sector */
	size_t dirty_first, dirty_end; /* no sector outside of them is */
	size_t len, synced_len, cap;
	bool exists;
	/* shared memory of the write-ahead log's index, and who holds its locks */
	uint8_t *shm[64];
	uint32_t shm_users;
	uint32_t shared[8];
	bool exclusive[8];
};

struct memdisk {
	struct memdisk_file files[MEMDISK_FILES_MAX];
	int64_t fuse;     /* operations until it dies; negative: it does not */
	bool is_dead;
	bool is_full;     /* no file may grow */
	uint64_t operations;
};

/* Under SQLite from now on: names that begin with the prefix of a disk are its files. */
void memdisk_register(void);
/* SQLite's randomness, the same for the same seed. */
void memdisk_seed(uint64_t seed);
/* A disk for the files that begin with this prefix; at most eight. */
struct memdisk *memdisk_open(const char *prefix);
/* The power is lost: of each sector written since its file was last synced, `keeps` says
   whether it is there.  Then the disk works again. */
void memdisk_crash(struct memdisk *disk, bool (*keeps)(void *context), void *context);
/* Counts as one operation; false: the disk is dead. */
bool memdisk_operate(struct memdisk *disk);
/* Everything as it is in `from`, which is kept. */
void memdisk_copy(struct memdisk *to, const struct memdisk *from);
void memdisk_clear(struct memdisk *disk);

#endif
