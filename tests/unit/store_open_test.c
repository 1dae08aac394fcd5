#include "tests/unit/store_fixture.h"

#include "store/migrations.h"

#include <sys/wait.h>

START_TEST(creates_files_that_only_their_owner_reads)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
	struct fixture fixture;
	struct stat info;
	char path[400];
	size_t i;

	(void)umask(0);
	fixture_start(&fixture);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(events_epoch(fixture.store, 1) == ERR_NONE);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	for (i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", fixture.path, suffixes[i]);
		ck_assert_msg(stat(path, &info) == 0, "no %s", path);
		ck_assert_uint_eq(info.st_mode & 0777, 0600);
	}
	fixture_done(&fixture);
}
END_TEST

START_TEST(narrows_the_mode_of_a_file_that_others_read)
{
	struct fixture fixture;
	struct stat info;

	fixture_start(&fixture);
	store_close(fixture.store);
	ck_assert_int_eq(chmod(fixture.path, 0644), 0);
	fixture_open(&fixture);
	ck_assert_int_eq(stat(fixture.path, &info), 0);
	ck_assert_uint_eq(info.st_mode & 0777, 0600);
	fixture_done(&fixture);
}
END_TEST

START_TEST(takes_names_for_names_of_files)
{
	static const char *const names[] = {":memory:", "file:node.db?mode=memory", "plain"};
	struct fixture fixture;
	struct store *store;
	struct stat info;
	size_t i;

	fixture_start(&fixture);
	ck_assert_int_eq(chdir(fixture.folder), 0);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ck_assert(store_open(names[i], &store) == ERR_NONE);
		ck_assert_int_eq(stat(names[i], &info), 0);
		ck_assert_int_gt(info.st_size, 0);
		store_close(store);
	}
	fixture_done(&fixture);
}
END_TEST

START_TEST(keeps_its_secret)
{
	struct fixture fixture, other;
	uint8_t first[32], again[32], others[32], zeros[32] = {0};

	fixture_start(&fixture);
	fixture_start(&other);
	store_secret(fixture.store, first);
	store_secret(other.store, others);
	fixture_reopen(&fixture);
	store_secret(fixture.store, again);
	ck_assert_mem_eq(first, again, 32);
	ck_assert_mem_ne(first, others, 32);
	ck_assert_mem_ne(first, zeros, 32);
	fixture_done(&fixture);
	fixture_done(&other);
}
END_TEST

START_TEST(writes_a_log_ahead_and_a_version)
{
	struct fixture fixture;
	uint8_t head[20];
	FILE *file;

	fixture_start(&fixture);
	store_close(fixture.store);
	file = fopen(fixture.path, "rb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fread(head, 1, sizeof(head), file), sizeof(head));
	(void)fclose(file);
	ck_assert_uint_eq(head[18], 2);
	ck_assert_uint_eq(head[19], 2);
	ck_assert_int_eq(fixture_ask(&fixture, "PRAGMA user_version"), migrations_version());
	ck_assert_int_eq(fixture_ask(&fixture, "PRAGMA application_id"), 0x4d414c4c);
	/* every table is strict */
	ck_assert_int_eq(fixture_ask(&fixture,
			     "SELECT count(*) FROM pragma_table_list "
			     "WHERE schema = 'main' AND name NOT LIKE 'sqlite%' AND strict = 0"),
	    0);
	fixture_open(&fixture);
	fixture_done(&fixture);
}
END_TEST

/* The store is not opened, and the file stays what it was. */
static void
check_refused(struct fixture *fixture, enum err expected, const char *why)
{
	static uint8_t before[1 << 20], after[1 << 20];
	size_t before_len, after_len;
	struct store *store = NULL;
	FILE *file;
	enum err err;

	file = fopen(fixture->path, "rb");
	ck_assert_ptr_nonnull(file);
	before_len = fread(before, 1, sizeof(before), file);
	(void)fclose(file);
	err = store_open(fixture->path, &store);
	ck_assert_msg(err == expected, "%s: %s: %s", why, err_name(err), store_message(NULL));
	ck_assert_ptr_null(store);
	ck_assert_str_ne(store_message(NULL), "");
	file = fopen(fixture->path, "rb");
	ck_assert_ptr_nonnull(file);
	after_len = fread(after, 1, sizeof(after), file);
	(void)fclose(file);
	ck_assert_uint_eq(before_len, after_len);
	ck_assert_mem_eq(before, after, before_len);
}

START_TEST(refuses_a_newer_database)
{
	struct fixture fixture;

	fixture_start(&fixture);
	store_close(fixture.store);
	fixture_spoil(&fixture, "PRAGMA user_version = 5");
	check_refused(&fixture, ERR_FORMAT, "version 5");
	ck_assert_ptr_nonnull(strstr(store_message(NULL), "newer program"));
	fixture_spoil(&fixture, "PRAGMA user_version = 4");
	fixture_open(&fixture);
	fixture_done(&fixture);
}
END_TEST

START_TEST(refuses_a_database_of_somebody_else)
{
	struct fixture fixture;

	fixture_start(&fixture);
	store_close(fixture.store);
	(void)unlink(fixture.path);
	{
		FILE *file = fopen(fixture.path, "wb");
		ck_assert_ptr_nonnull(file);
		(void)fclose(file);
	}
	fixture_spoil(&fixture, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
	check_refused(&fixture, ERR_FORMAT, "tables without our mark");
	fixture_spoil(&fixture, "PRAGMA application_id = 7; PRAGMA user_version = 1");
	check_refused(&fixture, ERR_FORMAT, "another mark");
	fixture.store = NULL;
	fixture_done(&fixture);
}
END_TEST

START_TEST(refuses_what_is_no_database)
{
	struct fixture fixture;
	FILE *file;

	fixture_start(&fixture);
	store_close(fixture.store);
	file = fopen(fixture.path, "wb");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "%04096d", 7);
	(void)fclose(file);
	check_refused(&fixture, ERR_CORRUPT, "digits");
	fixture.store = NULL;
	fixture_done(&fixture);
}
END_TEST

/* A log of five leaves with details, closed. */
static void
make_log(struct fixture *fixture)
{
	struct event event;
	uint8_t i;

	fixture_start(fixture);
	ck_assert(store_begin(fixture->store) == ERR_NONE);
	ck_assert(events_epoch(fixture->store, 1) == ERR_NONE);
	for (i = 0; i < 6; i++)
		ck_assert(fixture_event(fixture->store, &event, i, "x") == ERR_NONE);
	ck_assert(store_commit(fixture->store) == ERR_NONE);
	store_close(fixture->store);
	fixture->store = NULL;
}

START_TEST(refuses_a_head_that_is_not_its_logs)
{
	static const struct {
		const char *why;
		const char *sql;
	} spoiled[] = {
	    {"another root", "UPDATE node SET root = zeroblob(32)"},
	    {"a short root", "UPDATE node SET root = zeroblob(31)"},
	    {"a smaller size", "UPDATE node SET size = 4"},
	    {"a negative size", "UPDATE node SET size = -6"},
	    {"a frontier cut short", "UPDATE node SET frontier = substr(frontier, 1, 40)"},
	    {"another frontier",
		"UPDATE node SET frontier = CAST(substr(frontier, 1, 8) || zeroblob(64) AS BLOB)"},
	    {"the last leaf gone",
		"DELETE FROM details WHERE seq = 6; DELETE FROM event WHERE seq = 6"},
	    {"one leaf more", "INSERT INTO event SELECT 7, leaf, hash FROM event WHERE seq = 6"},
	    {"another last leaf", "UPDATE event SET leaf = (SELECT leaf FROM event WHERE seq = 5) "
				  "WHERE seq = 6"},
	    {"another last hash", "UPDATE event SET hash = (SELECT hash FROM event WHERE seq = 5) "
				  "WHERE seq = 6"},
	    {"another leaf under the last subtree",
		"UPDATE event SET hash = zeroblob(32) WHERE seq = 5"},
	    {"another beginning", "UPDATE node SET first = 2"},
	    {"no node", "DELETE FROM node"},
	    {"a batch that was not counted",
		"INSERT INTO batch VALUES (9, x'', x'', 1, 1, 1, 1, 1, x'', 0, x'', x'', x'', 1)"},
	};
	struct fixture fixture;
	size_t i;

	for (i = 0; i < sizeof(spoiled) / sizeof(*spoiled); i++) {
		make_log(&fixture);
		fixture_spoil(&fixture, spoiled[i].sql);
		check_refused(&fixture, ERR_CORRUPT, spoiled[i].why);
		fixture_done(&fixture);
	}
	make_log(&fixture);
	fixture_open(&fixture);
	fixture_done(&fixture);
}
END_TEST

START_TEST(refuses_a_schema_that_lacks_a_table)
{
	struct fixture fixture;
	struct store *store;

	fixture_start(&fixture);
	store_close(fixture.store);
	fixture_spoil(&fixture, "DROP TABLE tally");
	ck_assert(store_open(fixture.path, &store) != ERR_NONE);
	fixture.store = NULL;
	fixture_done(&fixture);
}
END_TEST

START_TEST(lets_one_process_at_a_time)
{
	struct fixture fixture;
	struct store *store;
	int status;
	pid_t child;

	fixture_start(&fixture);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(store_open(fixture.path, &store) == ERR_LOCKED ? 0 : 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert(store_open(fixture.path, &store) == ERR_LOCKED);
	ck_assert_ptr_nonnull(strstr(store_message(NULL), "another process"));
	/* the attempt did not take the lock from the holder */
	fixture_reopen(&fixture);
	fixture_done(&fixture);
}
END_TEST

START_TEST(names_what_it_cannot_open)
{
	struct store *store;

	ck_assert(store_open("no-such-folder/node.db", &store) == ERR_SYSTEM);
	ck_assert_ptr_null(store);
	ck_assert_ptr_nonnull(strstr(store_message(NULL), "No such file"));
}
END_TEST

START_TEST(knows_whether_a_transaction_is_open)
{
	struct fixture fixture;

	fixture_start(&fixture);
	ck_assert(!store_is_open(fixture.store));
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(store_is_open(fixture.store));
	store_rollback(fixture.store);
	ck_assert(!store_is_open(fixture.store));
	store_rollback(fixture.store);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	ck_assert(!store_is_open(fixture.store));
	fixture_done(&fixture);
}
END_TEST

SUITE_MAIN("store/open", creates_files_that_only_their_owner_reads,
    narrows_the_mode_of_a_file_that_others_read, takes_names_for_names_of_files, keeps_its_secret,
    writes_a_log_ahead_and_a_version, refuses_a_newer_database, refuses_a_database_of_somebody_else,
    refuses_what_is_no_database, refuses_a_head_that_is_not_its_logs,
    refuses_a_schema_that_lacks_a_table, lets_one_process_at_a_time, names_what_it_cannot_open,
    knows_whether_a_transaction_is_open)
