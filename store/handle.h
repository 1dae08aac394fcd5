/*
 * handle: what the files of this folder know of an open store, and nobody else.
 */
#ifndef MALLA_STORE_HANDLE_H
#define MALLA_STORE_HANDLE_H

#include "base/bytes.h"
#include "base/ids.h"
#include "crypto/tree.h"
#include "store/contents.h"
#include "store/erased.h"
#include "store/index.h"
#include "store/sql.h"
#include "store/store.h"

struct record;
struct record_row;

/* What is in memory beside the database, written with every commit that changed it. */
struct handle_state {
	uint64_t epoch;
	int64_t first; /* event.seq of the epoch's first leaf */
	struct tree_frontier frontier;
	int64_t record_seq; /* the last one given out; never reused */
	int64_t batch_seq;
	uint64_t records; /* stored now */
	uint64_t standings; /* rows of standing; counted at the opening */
	uint64_t quarantined;
	uint64_t superseded; /* those that were amended */
	uint64_t changes;    /* rows of change; counted at the opening */
	uint64_t changes_waiting;
};

/* Where the views of a row that a get hands out are kept: one place per kind of row. */
enum handle_kept {
	KEPT_RECORD,
	KEPT_BATCH,
	KEPT_CARD,
	KEPT_ANSWER,
	KEPT_DELIVERY,
	KEPT_RECEIVED,
	KEPT_POLICY,
	KEPT_COUNT
};

struct store {
	struct sql sql;    /* writes, and reads what is not committed yet */
	struct sql reader; /* queries */
	struct sql_health health;
	int lock_fd; /* held as long as the store is open: one process only */
	bool is_changed;
	struct handle_state now;
	struct handle_state committed;
	uint8_t secret[32];
	struct bytes kept[KEPT_COUNT];
	struct record *decoded; /* scratch */
	struct index index;
	uint32_t position_next; /* of the newest batch; below it, all are taken */
	struct contents contents; /* of this transaction */
	struct erased erased;
	int64_t gap_first, gap_end; /* records in [first, end) have no standing; equal: not known */
};

/* Every put begins here: asserts that a transaction is open. */
void handle_assert_open(const struct store *store);
/* Make room for len bytes; the views handed out of this place before end here. */
MUST_CHECK enum err handle_keep_room(struct store *store, enum handle_kept which, size_t len);
/* Copy a view into the room made before. */
struct bytes_view handle_keep(struct store *store, enum handle_kept which, struct bytes_view view);
/* Words for the log about what is wrong with the database. */
void handle_complain(struct store *store, const char *text);
/* records.c: the row of a statement of SQL_RECORD_COLUMNS; the body is hashed again.  Its views are
   borrowed from the statement. */
MUST_CHECK enum err records_read(struct sql_use *use, struct record_row *row);
/* standing.c: count the rows; forget what is known of gaps between them. */
MUST_CHECK enum err standing_load(struct store *store);
void standing_forget(struct store *store);
/* changes.c: count the rows. */
MUST_CHECK enum err changes_load(struct store *store);
/* events.c: whether the end of the log in the database is that of the frontier in memory. */
MUST_CHECK enum err events_check(struct store *store);

#endif
