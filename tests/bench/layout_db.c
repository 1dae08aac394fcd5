#include "tests/bench/layout_db.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

_Noreturn void
layout_db_die(const char *what, const char *why)
{
	fprintf(stderr, "layouts: %s: %s\n", what, why);
	exit(6);
}

void *
layout_db_alloc(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (memory == NULL)
		layout_db_die("memory", "none left");
	return memory;
}

double
layout_db_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double
layout_db_worked(void)
{
	struct timespec worked;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &worked);
	return (double)worked.tv_sec + (double)worked.tv_nsec / 1e9;
}

static int
on_commit(void *arg, sqlite3 *sqlite, const char *name, int pages)
{
	struct layout_db *db = arg;

	(void)sqlite;
	(void)name;
	db->wal_pages = pages;
	return SQLITE_OK;
}

static void
remove_file(const char *path)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char name[4096];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		(void)unlink(name);
	}
}

void
layout_db_open(struct layout_db *db, const char *path)
{
	remove_file(path);
	db->path = layout_db_alloc(1, strlen(path) + 1);
	memcpy(db->path, path, strlen(path));
	db->wal_pages = 0;
	if (sqlite3_open(path, &db->sqlite) != SQLITE_OK)
		layout_db_die(path, sqlite3_errmsg(db->sqlite));
	layout_db_exec(db, "PRAGMA journal_mode=WAL");
	layout_db_exec(db, "PRAGMA synchronous=FULL");
	layout_db_exec(db, "PRAGMA wal_autocheckpoint=0");
	layout_db_exec(db, "PRAGMA mmap_size=0");
	layout_db_exec(db, "PRAGMA cache_size=-32768");
	sqlite3_wal_hook(db->sqlite, on_commit, db);
}

void
layout_db_discard(struct layout_db *db)
{
	if (sqlite3_close(db->sqlite) != SQLITE_OK)
		layout_db_die(db->path, sqlite3_errmsg(db->sqlite));
	remove_file(db->path);
	free(db->path);
}

static sqlite3_stmt *
prepare(struct layout_db *db, const char *format, va_list args)
{
	char sql[512];
	sqlite3_stmt *stmt;

	vsnprintf(sql, sizeof(sql), format, args);
	if (sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
	    SQLITE_OK)
		layout_db_die(sql, sqlite3_errmsg(db->sqlite));
	return stmt;
}

sqlite3_stmt *
layout_db_prepare(struct layout_db *db, const char *format, ...)
{
	va_list args;
	sqlite3_stmt *stmt;

	va_start(args, format);
	stmt = prepare(db, format, args);
	va_end(args);
	return stmt;
}

void
layout_db_exec(struct layout_db *db, const char *format, ...)
{
	va_list args;
	sqlite3_stmt *stmt;
	int result;

	va_start(args, format);
	stmt = prepare(db, format, args);
	va_end(args);
	while ((result = sqlite3_step(stmt)) == SQLITE_ROW)
		; /* a PRAGMA answers with its new value */
	if (result != SQLITE_DONE)
		layout_db_die(db->path, sqlite3_errmsg(db->sqlite));
	sqlite3_finalize(stmt);
}

void
layout_db_run(struct layout_db *db, sqlite3_stmt *stmt)
{
	if (sqlite3_step(stmt) != SQLITE_DONE)
		layout_db_die(db->path, sqlite3_errmsg(db->sqlite));
	sqlite3_reset(stmt);
}

int64_t
layout_db_number(struct layout_db *db, const char *sql)
{
	sqlite3_stmt *stmt = layout_db_prepare(db, "%s", sql);
	int64_t number;

	if (sqlite3_step(stmt) != SQLITE_ROW)
		layout_db_die(sql, sqlite3_errmsg(db->sqlite));
	number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return number;
}

void
layout_db_checkpoint(struct layout_db *db)
{
	if (sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) !=
	    SQLITE_OK)
		layout_db_die(db->path, sqlite3_errmsg(db->sqlite));
	db->wal_pages = 0;
}
