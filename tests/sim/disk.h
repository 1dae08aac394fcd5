/*
 * disk: the files of one node's store, in memory, under SQLite: a VFS that knows what a loss of
 * power would leave.
 *
 * What was written before a file was last synced is there for good.  What was written since may
 * be there or not, each write by itself, and of a torn one each sector by itself.
 */
#ifndef MALLA_TESTS_SIM_DISK_H
#define MALLA_TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "tests/sim/choice.h"

struct disk;

enum disk_loss {
	DISK_KEEPS_ALL,  /* the process was killed, the machine runs on */
	DISK_KEEPS_NONE, /* nothing but what was synced */
	DISK_KEEPS_SOME, /* whole writes, each by itself */
	DISK_TEARS,      /* sectors, each by itself */
	DISK_LOSS_COUNT
};

/* Once per process, before anything else of SQLite: it is the only VFS from then on. */
MUST_CHECK enum err disk_start(void);
/* The time that SQLite is told. */
void disk_set_time(uint64_t now_ms);
/* An empty disk for the database of this path, whose name ends in no digit that another's does
   not end in. */
MUST_CHECK enum err disk_open(const char *path, struct disk **out);
void disk_free(struct disk *disk);
/* Away with everything on it. */
void disk_clear(struct disk *disk);
/* What `from` holds, synced. */
void disk_copy(struct disk *to, const struct disk *from);

/* The nth change from now on (from 1) is the last, and may be done in half; 0: none is. */
void disk_arm(struct disk *disk, uint32_t nth);
/* The nth sync from now on fails, once; what it should have synced may be lost. */
void disk_arm_sync(struct disk *disk, uint32_t nth);
/* Files cannot grow by more than so many bytes, together. */
void disk_fill(struct disk *disk, bool is_full, uint64_t left);
bool disk_is_full(const struct disk *disk);
/* Nothing works any more: the process that uses it is as good as dead. */
void disk_kill(struct disk *disk);
bool disk_is_dead(const struct disk *disk);
/* Whether an injected failure was met since this was last asked. */
bool disk_was_hit(struct disk *disk);
/* Nobody has it open: what is left of it when the process, or the power, is gone. */
void disk_lose(struct disk *disk, enum disk_loss loss, struct choice *choice);

#endif
