/*
 * store_fixture: a store in a folder of its own, and records to put into it.
 */
#ifndef MALLA_TESTS_STORE_FIXTURE_H
#define MALLA_TESTS_STORE_FIXTURE_H

#define _DEFAULT_SOURCE /* P_tmpdir: include this header first */

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/tree.h"
#include "store/deliveries.h"
#include "store/events.h"
#include "store/peers.h"
#include "store/records.h"
#include "tests/unit/suite.h"

#define FIXTURE_TIME 1790000000000ull

struct fixture {
	char folder[256];
	char path[300];
	struct store *store;
};

static inline void
fixture_open(struct fixture *fixture)
{
	enum err err = store_open(fixture->path, &fixture->store);

	ck_assert_msg(err == ERR_NONE, "store_open: %s: %s", err_name(err), store_message(NULL));
}

static inline void
fixture_start(struct fixture *fixture)
{
	const char *base = getenv("TMPDIR");

	ck_assert(digest_start() == ERR_NONE);
	(void)snprintf(fixture->folder, sizeof(fixture->folder), "%s/malla-store-XXXXXX",
	    base == NULL ? P_tmpdir : base);
	ck_assert_ptr_nonnull(mkdtemp(fixture->folder));
	(void)snprintf(fixture->path, sizeof(fixture->path), "%s/node.db", fixture->folder);
	fixture_open(fixture);
}

static inline void
fixture_reopen(struct fixture *fixture)
{
	store_close(fixture->store);
	fixture_open(fixture);
}

static inline void
fixture_done(struct fixture *fixture)
{
	DIR *folder;
	struct dirent *entry;
	char path[600];

	store_close(fixture->store);
	folder = opendir(fixture->folder);
	ck_assert_ptr_nonnull(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", fixture->folder, entry->d_name);
		(void)unlink(path);
	}
	(void)closedir(folder);
	ck_assert_int_eq(rmdir(fixture->folder), 0);
}

/* Change the closed database behind the store's back. */
static inline void
fixture_spoil(const struct fixture *fixture, const char *sql)
{
	sqlite3 *db = NULL;
	char *message = NULL;
	int code = sqlite3_open_v2(fixture->path, &db, SQLITE_OPEN_READWRITE, NULL);

	ck_assert_int_eq(code, SQLITE_OK);
	code = sqlite3_exec(db, sql, NULL, NULL, &message);
	ck_assert_msg(code == SQLITE_OK, "%s: %s", sql, message);
	(void)sqlite3_close(db);
}

/* One number that a question to the closed or open database answers. */
static inline int64_t
fixture_ask(const struct fixture *fixture, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t answer;

	ck_assert_int_eq(sqlite3_open_v2(fixture->path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	answer = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return answer;
}

static inline struct org_id
fixture_org(uint8_t n)
{
	struct org_id org;

	memset(org.bytes, n, sizeof(org.bytes));
	return org;
}

static inline struct bytes_view
fixture_text(const char *text)
{
	return bytes_view_str(text);
}

/* A note by organisation 1 that differs by n, not yet encoded. */
static inline void
fixture_note(struct record *record, uint32_t n)
{
	record_init(record, RECORD_NOTE, TLP_GREEN);
	record->is_draft = false;
	record->author = fixture_org(1);
	record->created_ms = FIXTURE_TIME + n;
	bytes_put_u32(record->nonce.bytes, n);
	record->body.title = bytes_view_str("a title");
	record->body.text = bytes_view_str("some text");
}

/* A batch of organisation 1, sent by organisation `via`. */
static inline struct batch_row
fixture_batch(uint8_t via, uint32_t size)
{
	struct batch_row row = {.author = fixture_org(1), .via = fixture_org(via), .serial = 1,
	    .sealed_ms = FIXTURE_TIME, .received_ms = FIXTURE_TIME + 1, .size = size,
	    .tlp = TLP_GREEN, .marking = bytes_view_str("marking"),
	    .seal = bytes_view_str("a seal")};

	memset(row.root.bytes, (int)(0x40 + size), sizeof(row.root.bytes));
	return row;
}

/* Store a record that was decoded. */
static inline enum err
fixture_put_decoded(
    struct store *store, struct record_row *row, const struct record *decoded, bool *is_new)
{
	struct extract_keys keys;
	struct extract extract;
	enum err err;

	extract_keys_init(&keys);
	err = extract_record(store_seed(store), decoded, &keys, &extract);
	if (err == ERR_NONE)
		err = records_put(store, row, &extract, &keys, is_new);
	extract_keys_release(&keys);
	return err;
}

/* What fixture_put needs: too large for the stack of a small test. */
struct fixture_scratch {
	struct record record;
	struct record decoded;
	struct bytes body;
};

/* Encode, decode and put one record; *row tells what was put, its body lives in scratch. */
static inline enum err
fixture_put(struct fixture *fixture, struct fixture_scratch *scratch, int64_t batch,
    uint32_t position, struct record_row *row, bool *is_new)
{
	size_t at = 0;
	enum err err;

	bytes_release(&scratch->body);
	bytes_init(&scratch->body, RECORD_BYTES_MAX);
	ck_assert(record_encode(&scratch->record, &scratch->body) == ERR_NONE);
	err = record_decode(bytes_as_view(&scratch->body), false, &scratch->decoded, &at);
	ck_assert_msg(err == ERR_NONE, "record_decode: %s at %zu", err_name(err), at);
	*row = (struct record_row){.batch = batch, .position = position,
	    .body = bytes_as_view(&scratch->body), .received_ms = FIXTURE_TIME + 5};
	record_id_of(row->body, &row->id);
	memset(row->salt.bytes, (int)position + 1, sizeof(row->salt.bytes));
	return fixture_put_decoded(fixture->store, row, &scratch->decoded, is_new);
}

/* Append an event; its details are `text`, or none where that is empty. */
static inline enum err
fixture_event(struct store *store, struct event *event, uint8_t n, const char *text)
{
	struct salt salt;

	memset(salt.bytes, 0x80 + n, sizeof(salt.bytes));
	*event = (struct event){.type = EVENT_ACT, .time_ms = FIXTURE_TIME + n};
	memset(event->actor, n, sizeof(event->actor));
	memset(event->object, 0xff - n, sizeof(event->object));
	return events_append(store, event, &salt, bytes_view_str(text));
}

#endif
