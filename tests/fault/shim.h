/*
 * shim: calls of the C library and of SQLite that fail when they are told to, and a hook that
 * sees those that change files.
 *
 * The calls on files are defined here under the C library's own names, so that SQLite's are seen
 * too.  malloc and its like are wrapped by the linker (and given to SQLite as its own), so that a
 * sanitizer's can stand behind them.
 */
#ifndef MALLA_TESTS_FAULT_SHIM_H
#define MALLA_TESTS_FAULT_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum shim_call {
	SHIM_MALLOC,
	SHIM_OPEN,
	SHIM_READ,   /* read, pread, and what stdio reads of a file that it opened */
	SHIM_WRITE,  /* write */
	SHIM_PWRITE, /* pwrite */
	SHIM_SYNC,   /* fsync, fdatasync of a file */
	SHIM_SYNC_FOLDER,
	SHIM_TRUNCATE,
	SHIM_RENAME,
	SHIM_STEP, /* sqlite3_step, as the store calls it */
	SHIM_CALL_COUNT
};

/* One way for a call to fail. */
struct shim_fault {
	const char *name;
	enum shim_call call;
	int code;      /* errno; of a step, SQLite's code */
	bool is_short; /* half of what was to be written is written first */
};
extern const struct shim_fault shim_faults[];
extern const unsigned shim_faults_count;

/* Before the first use of SQLite in the process. */
void shim_start(void);
/* Call number `nth` (from 1) of the fault's kind fails, and, with for_good, every later one;
   nth 0: none does, they are counted. */
void shim_arm(const struct shim_fault *fault, uint64_t nth, bool for_good);
/* Calls count and fail only between on and off. */
void shim_on(void);
void shim_off(void);
/* Of the armed kind, since it was armed. */
uint64_t shim_calls(void);
bool shim_has_failed(void);
/* Pieces of memory that are allocated now. */
int64_t shim_live(void);

/* What changes a file, told before it is done; NULL: nobody is told. */
enum shim_change { SHIM_CREATED, SHIM_WRITTEN, SHIM_CUT, SHIM_SYNCED, SHIM_RENAMED, SHIM_UNLINKED };
struct shim_note {
	enum shim_change change;
	int fd;           /* created (-1: by name), written, cut, synced */
	const char *path; /* created, renamed, unlinked */
	const char *to;   /* renamed */
	const void *data; /* written */
	size_t len;
	uint64_t at; /* written: where; cut: the new size */
};
typedef void (*shim_note_fn)(const struct shim_note *note);
void shim_listen(shim_note_fn listener);

#endif
