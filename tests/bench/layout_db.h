/* One SQLite file of the layout bench: opened as the store opens its own, and checkpointed by
 * hand so that its time is known.  A bench that cannot go on says why and ends the program. */
#ifndef TESTS_BENCH_LAYOUT_DB_H
#define TESTS_BENCH_LAYOUT_DB_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

enum { LAYOUT_PAGE = 4048 }; /* bytes of blob that, with its cell, fill one page of 4096 */

struct layout_db {
	sqlite3 *sqlite;
	char *path;
	int wal_pages; /* in the write-ahead log since the last checkpoint */
};

/* A new, empty file at `path`. */
void layout_db_open(struct layout_db *db, const char *path);
/* Close, and remove the file. */
void layout_db_discard(struct layout_db *db);
/* printf-like: one statement without a result. */
void layout_db_exec(struct layout_db *db, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* printf-like: the caller finalizes. */
sqlite3_stmt *layout_db_prepare(struct layout_db *db, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Step a statement that returns no row, and reset it. */
void layout_db_run(struct layout_db *db, sqlite3_stmt *stmt);
/* The integer that a PRAGMA or SELECT returns. */
int64_t layout_db_number(struct layout_db *db, const char *sql);
/* Copy what the log has into the file, waiting for the disk. */
void layout_db_checkpoint(struct layout_db *db);

/* Seconds on a clock that only rises. */
double layout_db_now(void);
/* Seconds of processor that this program has had: what others do meanwhile hardly shows in it. */
double layout_db_worked(void);
/* Never NULL. */
void *layout_db_alloc(size_t count, size_t size);
/* Say why and end. */
_Noreturn void layout_db_die(const char *what, const char *why);

#endif
