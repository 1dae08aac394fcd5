/*
 * disk: what was written to the files of one folder since a moment, in order, and the states in
 * which a loss of power could leave them.
 *
 * What was written before a file was last synced is there.  What was written since may be there
 * or not, each write by itself, sector by sector.  Names that were made, changed or removed
 * since the folder was last synced hold up to some moment, and are lost from there on.
 */
#ifndef MALLA_TESTS_FAULT_DISK_H
#define MALLA_TESTS_FAULT_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "tests/fault/shim.h"

#define DISK_ENTRIES_MAX 65536u
#define DISK_FILES_MAX 64u
#define DISK_SECTOR 512u
#define DISK_WHOLE UINT32_MAX
#define DISK_NEVER UINT32_MAX

/* One change of a file. */
struct disk_entry {
	enum shim_change change;
	uint32_t file; /* which contents */
	char name[32]; /* created, renamed, unlinked */
	char to[32];   /* renamed */
	struct bytes data;
	uint64_t at;
	uint32_t synced; /* the entry that made it last; DISK_NEVER */
};

/* What becomes of one entry that no sync had made last: bit n says that its nth sector of
   DISK_SECTOR bytes is there (the 32nd like the first, and so on). */
typedef uint32_t disk_fate;

/* Begin: what is in the folder now will always have been there.  `before` is called before each
   entry is made, with its number. */
typedef void (*disk_before_fn)(uint32_t entry);
void disk_start(const char *folder, disk_before_fn before);
/* The last entry was the last. */
void disk_stop(void);
void disk_release(void);
uint32_t disk_count(void);
const struct disk_entry *disk_at(uint32_t entry);
/* Whether the power, lost when `cut` entries were made, may take this one with it. */
bool disk_is_loose(uint32_t entry, uint32_t cut);

/* The files as the first `cut` entries leave them, but for the loose ones, whose fates are
   given; names are kept up to entry `names`.  Written into a folder (where they are not). */
void disk_build(uint32_t cut, const disk_fate *fates, uint32_t names);
void disk_hash(struct hash *out);
void disk_write(const char *folder);

#endif
