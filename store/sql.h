/*
 * sql: one hardened connection to SQLite, and every statement of the store as an enum and a
 * table, all of them prepared when the store opens.
 *
 * A statement is borrowed between sql_start and sql_done: an un-reset statement holds a read
 * lock.  Parameters are put and columns are taken strictly from left to right.
 */
#ifndef MALLA_STORE_SQL_H
#define MALLA_STORE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* of `record r` and its `batch b`, as records.c reads them */
#define SQL_RECORD_COLUMNS \
	"r.seq, r.batch, r.position, r.id, r.salt, r.path, r.body, b.author, b.via, " \
	"r.received, r.created, r.tlp, r.writer"

enum sql_name {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_NODE_CREATE,
	SQL_NODE_GET,
	SQL_NODE_SET,
	SQL_NODE_ERASED_GET,
	SQL_NODE_ERASED_SET,

	SQL_BATCH_PUT,
	SQL_BATCH_STORED,
	SQL_BATCH_GET,
	SQL_BATCH_EACH,

	SQL_RECORD_PUT,
	SQL_RECORD_ID,
	SQL_RECORD_GET,
	SQL_RECORD_FOUND,
	SQL_RECORD_OF_BATCH,
	SQL_RECORD_IDS,
	SQL_RECORD_RELATED,
	SQL_RECORD_DELETE,
	SQL_RECORD_LAST,
	SQL_TOMBSTONE_PUT,
	SQL_TOMBSTONE_OF_BATCH,
	SQL_TOMBSTONE_ID,
	SQL_TOMBSTONE_EACH,
	SQL_LEAVES_OF_BATCH,

	SQL_STANDING_COUNT,
	SQL_STANDING_NEXT,
	SQL_STANDING_PUT,
	SQL_STANDING_DROP,
	SQL_STANDING_QUARANTINED,

	SQL_CHANGE_TOTAL,
	SQL_CHANGE_PUT,
	SQL_CHANGE_SET,
	SQL_CHANGE_OF,
	SQL_CHANGE_COUNT,

	SQL_REDACTION_WANT,
	SQL_REDACTION_PUT,
	SQL_REDACTION_DROP,
	SQL_REDACTION_GET,
	SQL_REDACTION_DUE,
	SQL_REDACTION_OF,

	SQL_HOLD_COUNT,
	SQL_HOLD_PUT,
	SQL_HOLD_END,
	SQL_HOLD_EACH,

	SQL_INDEX_RECORDS,
	SQL_INDEX_TOMBSTONES,
	SQL_RUN_PUT,
	SQL_RUN_NEXT,
	SQL_RUN_ERASE_ALL,
	SQL_RUN_PART_PUT,
	SQL_RUN_PART_EACH,
	SQL_RUN_PART_GET,
	SQL_RUN_PART_SET,
	SQL_RUN_PART_ERASE_ALL,
	SQL_RUN_PAGE_PUT,
	SQL_RUN_PAGE_GET,
	SQL_RUN_PAGE_SET,
	SQL_RUN_PAGE_ERASE_ALL,

	SQL_CARD_PUT,
	SQL_CARD_GET,
	SQL_CARD_NEWEST,
	SQL_CARD_AT,
	SQL_CARD_EACH,
	SQL_PEER_PUT,
	SQL_PEER_REMOVE,
	SQL_PEER_EACH,
	SQL_HEAD_PUT,
	SQL_HEAD_GET,

	SQL_OPERATOR_PUT,
	SQL_OPERATOR_REMOVE,
	SQL_OPERATOR_EACH,
	SQL_ANSWER_PUT,
	SQL_ANSWER_PRUNE,
	SQL_ANSWER_GET,

	SQL_OUTBOX_PUT,
	SQL_OUTBOX_NEXT,
	SQL_OUTBOX_DROP,
	SQL_OUTBOX_EMPTY,
	SQL_OUTBOX_COUNT,
	SQL_OUTBOX_LESS,
	SQL_OUTBOX_DROP_EMPTY,
	SQL_OUTBOX_IS_WAITING,
	SQL_OUTBOX_OF,

	SQL_DELIVERY_PUT,
	SQL_DELIVERY_GET,
	SQL_DELIVERY_SETTLE,
	SQL_DELIVERY_VOID,
	SQL_DELIVERY_VOIDED,
	SQL_DELIVERY_UNSETTLED,
	SQL_DELIVERY_OF_BATCH,
	SQL_DELIVERY_LAST,
	SQL_TALLY_ADD,
	SQL_TALLY_EACH,
	SQL_TALLY_GET,

	SQL_RECEIVED_PUT,
	SQL_RECEIVED_RECEIPT,
	SQL_RECEIVED_GET,
	SQL_RECEIVED_UNSIGNED,
	SQL_RECEIVED_OF_BATCH,
	SQL_RECEIVED_AFTER,
	SQL_MARK_GET,
	SQL_MARK_SET,

	SQL_POLICY_PUT,
	SQL_POLICY_NEWEST,
	SQL_POLICY_AT,
	SQL_POLICY_LEAF,
	SQL_POLICY_EACH,
	SQL_LIST_PUT,
	SQL_LIST_GET,
	SQL_LIST_PART_PUT,
	SQL_LIST_PART_END,
	SQL_LIST_PART_EACH,
	SQL_LIST_PART_PRUNE,
	SQL_DECISION_PUT,
	SQL_DECISION_OF_BATCH,
	SQL_DECISION_OF_LEAF,

	SQL_EVENT_PUT,
	SQL_EVENT_LAST,
	SQL_EVENT_HASHES,
	SQL_EVENT_EACH,
	SQL_DETAILS_PUT,
	SQL_DETAILS_ERASE,
	SQL_EPOCH_PUT,

	SQL_APPROVAL_PUT,
	SQL_APPROVAL_EACH,
	SQL_APPROVAL_WITHDRAW,
	SQL_APPROVAL_EXISTS,
	SQL_APPROVAL_ERASE,
	SQL_PRIVATE_PUT,
	SQL_PRIVATE_HAS,
	SQL_PRIVATE_EXISTS,

	SQL_COUNT
};

/* What befell the connections of one store; they share it. */
struct sql_health {
	bool is_poisoned;    /* an fsync or a write failed: nothing works until the next start */
	bool is_transaction; /* the store has a transaction open */
	enum err doomed;     /* the open transaction can only be rolled back, and this is why */
	int wal_frames;      /* in the write-ahead log after the last commit */
	char message[256];
};

struct sql {
	sqlite3 *db;
	struct sql_health *health;
	sqlite3_stmt *statements[SQL_COUNT]; /* of the writing connection only */
};

/* A statement on loan. */
struct sql_use {
	struct sql *sql;
	sqlite3_stmt *stmt;
	int at;      /* last parameter put, or next column to take */
	bool is_bad; /* a column did not hold what the store writes */
	bool is_compiled;
};

enum sql_role { SQL_WRITER, SQL_READER };

/* Open a connection and switch off what is not used (TRAPS 13, 17).  The file must exist. */
MUST_CHECK enum err sql_open(struct sql *sql, const char *path, enum sql_role role,
    struct sql_health *health);
/* Switch the file to a write-ahead log.  ERR_STORAGE: it cannot have one. */
MUST_CHECK enum err sql_journal(struct sql *sql);
/* Prepare the whole table; the schema must be there. */
MUST_CHECK enum err sql_prepare_all(struct sql *sql);
void sql_close(struct sql *sql);
/* Statements of our own text, without rows and parameters: pragmas, migrations. */
MUST_CHECK enum err sql_exec(struct sql *sql, const char *text);
/* The one integer that a pragma answers. */
MUST_CHECK enum err sql_pragma(struct sql *sql, const char *text, int64_t *out);
/* Undo the open transaction, if SQLite has not done so by itself; works whatever befell it. */
void sql_rollback(struct sql *sql);
/* Move the write-ahead log into the database where it has grown long; never waits. */
void sql_checkpoint(struct sql *sql);

/* Move all of it, and empty its file: nothing of what was overwritten stays there.  False: somebody
   reads it; try again after the next commit. */
bool sql_purge(struct sql *sql);

/* Borrow a statement of the table; asserts that nobody else has it. */
struct sql_use sql_start(struct sql *sql, enum sql_name name);
/* Borrow a statement of the caller's text; sql_done ends it for good. */
MUST_CHECK enum err sql_compile(struct sql *sql, struct bytes_view text, struct sql_use *use);
/* Put the next parameter.  Bytes stay the caller's and must last until sql_done. */
void sql_put_number(struct sql_use *use, uint64_t value); /* asserts <= NUMBER_MAX: TRAPS 16 */
void sql_put_signed(struct sql_use *use, int64_t value);
void sql_put_bytes(struct sql_use *use, const void *data, size_t len);
void sql_put_view(struct sql_use *use, struct bytes_view view); /* empty: an empty blob */
void sql_put_null(struct sql_use *use);
/* ERR_NONE: a row is there, its columns from the first.  ERR_NOT_FOUND: no more rows. */
MUST_CHECK enum err sql_step(struct sql_use *use);
/* Run a statement that has no rows, and be done with it.  ERR_INVALID: a constraint of the
   schema forbids it. */
MUST_CHECK enum err sql_run(struct sql_use *use);
/* Rows that the last statement changed. */
int sql_changes(const struct sql *sql);
/* Take the next column. */
uint64_t sql_number(struct sql_use *use, uint64_t max);
void sql_fixed(struct sql_use *use, void *out, size_t len);
struct bytes_view sql_view(struct sql_use *use); /* borrowed until the next step */
bool sql_is_null(const struct sql_use *use);     /* looks at the next column, does not take it */
/* ERR_CORRUPT, with these words for the log. */
MUST_CHECK enum err sql_corrupt(struct sql *sql, const char *text);
/* Whether every column so far held what the store writes; ERR_CORRUPT otherwise. */
MUST_CHECK enum err sql_check(const struct sql_use *use);
void sql_done(struct sql_use *use);

#endif
