/*
 * floor DB append|ordinary: raw SQLite, as fast as it goes with nothing of ours in it.
 *
 * append:   a record of 450 bytes and an audit row of 64 each, both in the order they come.
 * ordinary: the record with what people usually declare: a unique 32-byte key, and an index each on
 *           a content hash, an observable and a label.
 * Both in WAL with synchronous=FULL, 512 records a transaction, 4,000 pages between checkpoints.
 *
 * Command: a number of records to append.  Answer: seconds, and the longest transaction in ms.
 */
#include <sqlite3.h>

#include "tests/bench/measure.h"

#define BODY_BYTES 450
#define AUDIT_BYTES 64
#define BATCH 512u

struct floor {
	sqlite3 *db;
	sqlite3_stmt *put, *audit;
	uint64_t next;
	double longest;
};

static void
check(struct floor *floor, int code)
{
	if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
		measure_die("SQLite", sqlite3_errmsg(floor->db));
}

static void
run(struct floor *floor, const char *sql)
{
	check(floor, sqlite3_exec(floor->db, sql, NULL, NULL, NULL));
}

static void
open_floor(struct floor *floor, const char *path, int is_append)
{
	check(floor, sqlite3_open(path, &floor->db));
	run(floor, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		   "PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16384;");
	if (is_append) {
		run(floor,
		    "CREATE TABLE record (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"
		    "CREATE TABLE audit (seq INTEGER PRIMARY KEY, facts BLOB NOT NULL) STRICT");
		check(floor, sqlite3_prepare_v2(floor->db, "INSERT INTO record VALUES (?1, ?2)", -1,
				 &floor->put, NULL));
		check(floor, sqlite3_prepare_v2(floor->db, "INSERT INTO audit VALUES (?1, ?2)", -1,
				 &floor->audit, NULL));
		return;
	}
	run(floor,
	    "CREATE TABLE record (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, id BLOB NOT NULL,"
	    "content BLOB NOT NULL, observable TEXT NOT NULL, label TEXT NOT NULL) STRICT;"
	    "CREATE UNIQUE INDEX record_id ON record (id);"
	    "CREATE INDEX record_content ON record (content);"
	    "CREATE INDEX record_observable ON record (observable);"
	    "CREATE INDEX record_label ON record (label)");
	check(floor, sqlite3_prepare_v2(floor->db,
			 "INSERT OR IGNORE INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6)", -1,
			 &floor->put, NULL));
}

static void
step(struct floor *floor, sqlite3_stmt *stmt)
{
	check(floor, sqlite3_step(stmt));
	check(floor, sqlite3_reset(stmt));
}

static void
put_one(struct floor *floor)
{
	uint64_t bits[BODY_BYTES / 8 + 1], n = floor->next++;
	char observable[64], label[16];
	size_t i;

	for (i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		bits[i] = measure_mix(n * 64 + i);
	check(floor, sqlite3_bind_int64(floor->put, 1, (sqlite3_int64)n + 1));
	check(floor, sqlite3_bind_blob(floor->put, 2, bits, BODY_BYTES, SQLITE_STATIC));
	if (floor->audit == NULL) {
		(void)snprintf(observable, sizeof(observable), "h%llx.evil%llu.example",
		    (unsigned long long)bits[8] >> 28, (unsigned long long)bits[9] % 1000000);
		(void)snprintf(label, sizeof(label), "label%u", (unsigned)(bits[10] % 64));
		check(floor, sqlite3_bind_blob(floor->put, 3, bits, 32, SQLITE_STATIC));
		check(floor, sqlite3_bind_blob(floor->put, 4, bits + 4, 32, SQLITE_STATIC));
		check(floor, sqlite3_bind_text(floor->put, 5, observable, -1, SQLITE_STATIC));
		check(floor, sqlite3_bind_text(floor->put, 6, label, -1, SQLITE_STATIC));
	}
	step(floor, floor->put);
	if (floor->audit != NULL) {
		check(floor, sqlite3_bind_int64(floor->audit, 1, (sqlite3_int64)n + 1));
		check(floor, sqlite3_bind_blob(floor->audit, 2, bits, AUDIT_BYTES, SQLITE_STATIC));
		step(floor, floor->audit);
	}
}

static void
append(struct floor *floor, uint64_t count)
{
	while (count > 0) {
		uint64_t batch = count < BATCH ? count : BATCH;
		double begin = measure_now(), took;

		count -= batch;
		run(floor, "BEGIN IMMEDIATE");
		while (batch-- > 0)
			put_one(floor);
		run(floor, "COMMIT");
		took = measure_now() - begin;
		floor->longest = took > floor->longest ? took : floor->longest;
	}
}

int
main(int argc, char **argv)
{
	char line[MEASURE_LINE_BYTES];
	struct floor floor = {0};

	if (argc != 3 || (strcmp(argv[2], "append") != 0 && strcmp(argv[2], "ordinary") != 0))
		measure_die("floor", "usage: floor DB append|ordinary");
	open_floor(&floor, argv[1], strcmp(argv[2], "append") == 0);
	while (measure_command(line)) {
		uint64_t count = strtoull(line, NULL, 10);
		double begin = measure_now(), cpu = measure_cpu();

		floor.longest = 0;
		append(&floor, count);
		(void)printf(
		    "{\"seconds\": %.6f, \"cpu\": %.6f, \"rows\": %llu, \"longest_ms\": %.1f}\n",
		    measure_now() - begin, measure_cpu() - cpu, (unsigned long long)floor.next,
		    floor.longest * 1e3);
		(void)fflush(stdout);
	}
	(void)sqlite3_finalize(floor.put);
	(void)sqlite3_finalize(floor.audit);
	(void)sqlite3_close(floor.db);
	return 0;
}
