#include "store/sql.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

/* Pages in the write-ahead log before they are moved into the database.  With what finds records
   in sorted runs few pages are written twice, so a longer log gains nothing, and moving this
   many pauses the node for less than 50 ms. */
#define WAL_FRAMES 4000
#define BUSY_MS 2000 /* somebody looks at the live file with another program */
#define VALUE_BYTES_MAX (4 * 1024 * 1024)
#define VALUES_COUNT_MAX 4096
#define STATEMENT_BYTES_MAX (64 * 1024)

/* clang-format off */
#define BATCH_COLUMNS \
	"seq, author, via, serial, sealed, received, size, stored, root, tlp, marking, audience, seal"
/* CROSS: the batch is looked up for the record, never the other way round */
#define RECORD_FROM \
	"SELECT " SQL_RECORD_COLUMNS " FROM record r CROSS JOIN batch b ON b.seq = r.batch "
#define CARD_COLUMNS "org, serial, issued, expires, is_revocation, seen, package"
#define DELIVERY_COLUMNS \
	"peer, sender_serial, recipient_serial, number, batch, state, sent, count, envelope, " \
	"signed, positions, key, nonce, settled, leaf, outcomes"
#define RECEIVED_COLUMNS \
	"peer, sender_serial, recipient_serial, number, envelope, root, time, count, batch, " \
	"outcomes, receipt, is_voided"
#define STANDING_COLUMNS \
	"record, quarantined, superseded_by, superseded, disputes, disputed"
#define POLICY_COLUMNS \
	"seq, hash, time, leaf, operator, name, note, arguments, meanings, act"
#define CHANGE_COLUMNS "record, id, target, author, kind, as_kind, reason, created, state"
#define REDACTION_COLUMNS "version, fields, peer, first, derived"
#define DECISION_COLUMNS "seq, batch, leaf, time, policy, peers, runs"
#define BY_NUMBER \
	"WHERE peer = ?1 AND sender_serial = ?2 AND recipient_serial = ?3 AND number = ?4"

static const char *const sql_text[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_NODE_CREATE] = "INSERT INTO node (id, secret, epoch, first, size, root, frontier, "
	    "record_seq, batch_seq, records) VALUES (1, ?1, 0, 1, 0, ?2, ?3, 0, 0, 0)",
	[SQL_NODE_GET] = "SELECT secret, epoch, first, size, root, frontier, record_seq, batch_seq, "
	    "records FROM node WHERE id = 1",
	[SQL_NODE_SET] = "UPDATE node SET epoch = ?1, first = ?2, size = ?3, root = ?4, "
	    "frontier = ?5, record_seq = ?6, batch_seq = ?7, records = ?8 WHERE id = 1",
	[SQL_NODE_ERASED_GET] = "SELECT erased, erased_tail FROM node WHERE id = 1",
	[SQL_NODE_ERASED_SET] = "UPDATE node SET erased = ?1, erased_tail = ?2 WHERE id = 1",

	[SQL_BATCH_PUT] = "INSERT INTO batch (" BATCH_COLUMNS ", first) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
	[SQL_BATCH_STORED] = "UPDATE batch SET stored = ?1 WHERE seq = ?2 AND ?1 <= size",
	[SQL_BATCH_GET] = "SELECT " BATCH_COLUMNS " FROM batch WHERE seq = ?1",
	[SQL_BATCH_EACH] = "SELECT " BATCH_COLUMNS " FROM batch WHERE seq > ?1 ORDER BY seq LIMIT ?2",

	[SQL_RECORD_PUT] = "INSERT INTO record (seq, batch, position, id, content, kind, tlp, created, "
	    "received, valid_from, valid_until, confidence, severity, language, is_addressed, types, "
	    "salt, path, writer, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
	    "?14, ?15, ?16, ?17, ?18, ?19, ?20)",
	[SQL_RECORD_ID] = "SELECT id, content FROM record WHERE seq = ?1",
	[SQL_RECORD_GET] = RECORD_FROM "WHERE r.seq = ?1",
	[SQL_RECORD_FOUND] = RECORD_FROM "WHERE r.seq = ?1", /* while GET may be in use */
	[SQL_RECORD_OF_BATCH] = RECORD_FROM "WHERE r.seq >= (SELECT first FROM batch WHERE seq = ?1) "
	    "AND r.seq < coalesce((SELECT first FROM batch WHERE seq > ?1 ORDER BY seq LIMIT 1), "
	    "9223372036854775807) ORDER BY r.seq",
	[SQL_RECORD_IDS] = "SELECT id, position FROM record "
	    "WHERE seq >= (SELECT first FROM batch WHERE seq = ?1) "
	    "AND seq < coalesce((SELECT first FROM batch WHERE seq > ?1 ORDER BY seq LIMIT 1), "
	    "9223372036854775807) ORDER BY seq",
	[SQL_RECORD_RELATED] = RECORD_FROM "WHERE r.kind IN (9, 10) ORDER BY r.seq",
	[SQL_RECORD_DELETE] = "DELETE FROM record WHERE seq = ?1",
	[SQL_RECORD_LAST] = "SELECT coalesce(max(seq), 0), "
	    "(SELECT coalesce(max(seq), 0) FROM batch) FROM record",
	[SQL_TOMBSTONE_PUT] = "INSERT INTO tombstone (id, batch, position, salt, path, record, content) "
	    "SELECT id, batch, position, salt, path, seq, content FROM record WHERE seq = ?1",
	[SQL_TOMBSTONE_OF_BATCH] = "SELECT id, position, salt, path FROM tombstone WHERE batch = ?1 "
	    "ORDER BY position",
	[SQL_TOMBSTONE_ID] = "SELECT id, content FROM tombstone WHERE record = ?1",

	[SQL_TOMBSTONE_EACH] = "SELECT id FROM tombstone ORDER BY record",
	/* one of the two has each position; of neither there are more than BATCH_COUNT_MAX */
	[SQL_LEAVES_OF_BATCH] = "SELECT position, id, salt FROM tombstone WHERE batch = ?1 UNION ALL "
	    "SELECT position, id, salt FROM record WHERE "
	    "seq >= (SELECT first FROM batch WHERE seq = ?1) AND seq < coalesce((SELECT first FROM "
	    "batch WHERE seq > ?1 ORDER BY seq LIMIT 1), 9223372036854775807) ORDER BY position",

	[SQL_STANDING_COUNT] = "SELECT count(*), count(*) FILTER (WHERE quarantined > 0), "
	    "count(superseded_by) FROM standing",
	[SQL_STANDING_NEXT] = "SELECT " STANDING_COLUMNS " FROM standing WHERE record >= ?1 "
	    "ORDER BY record LIMIT 1",
	[SQL_STANDING_PUT] = "INSERT OR REPLACE INTO standing (" STANDING_COLUMNS ") "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_STANDING_DROP] = "DELETE FROM standing WHERE record = ?1",
	[SQL_STANDING_QUARANTINED] = "SELECT " STANDING_COLUMNS " FROM standing "
	    "WHERE quarantined > 0 AND record > ?1 ORDER BY record LIMIT ?2",

	[SQL_CHANGE_TOTAL] = "SELECT count(*), count(*) FILTER (WHERE state = 0) FROM change",
	[SQL_CHANGE_PUT] = "INSERT INTO change (" CHANGE_COLUMNS ") "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[SQL_CHANGE_SET] = "UPDATE change SET state = ?1 WHERE record = ?2",
	[SQL_CHANGE_OF] = "SELECT " CHANGE_COLUMNS ", (SELECT r.seq FROM record r "
	    "WHERE r.seq = change.record) FROM change WHERE target = ?1 ORDER BY created, id",
	[SQL_CHANGE_COUNT] = "SELECT (SELECT count(*) FROM change WHERE author = ?1 AND state = 0), "
	    "(SELECT count(*) FROM change WHERE target = ?2 AND author = ?1)",

	[SQL_REDACTION_WANT] = "INSERT INTO redaction (" REDACTION_COLUMNS ") "
	    "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (version, fields, peer) DO NOTHING",
	[SQL_REDACTION_PUT] = "INSERT INTO redaction (" REDACTION_COLUMNS ") "
	    "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (version, fields, peer) "
	    "DO UPDATE SET derived = excluded.derived",
	[SQL_REDACTION_DROP] = "DELETE FROM redaction WHERE version = ?1 AND fields = ?2 AND "
	    "derived IS NULL",
	[SQL_REDACTION_GET] = "SELECT " REDACTION_COLUMNS " FROM redaction WHERE version = ?1 AND "
	    "fields = ?2 AND peer = ?3",
	[SQL_REDACTION_DUE] = "SELECT DISTINCT version, fields, first FROM redaction "
	    "WHERE derived IS NULL ORDER BY version, fields LIMIT ?1",
	[SQL_REDACTION_OF] = "SELECT " REDACTION_COLUMNS " FROM redaction WHERE first = ?1 ORDER BY seq",

	[SQL_HOLD_COUNT] = "SELECT count(*) FILTER (WHERE ended = 0), coalesce(max(number), 0) "
	    "FROM legal_hold",
	[SQL_HOLD_PUT] = "INSERT INTO legal_hold (number, record, predicate, reason, operator, since, "
	    "ended, ended_by, ended_reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, x'', x'')",
	[SQL_HOLD_END] = "UPDATE legal_hold SET ended = ?2, ended_by = ?3, ended_reason = ?4 "
	    "WHERE number = ?1 AND ended = 0",
	[SQL_HOLD_EACH] = "SELECT number, record, predicate, reason, operator, since, ended, ended_by, "
	    "ended_reason FROM legal_hold WHERE ended = 0 OR ?1 ORDER BY number",

	[SQL_INDEX_RECORDS] = "SELECT seq, id, content, body FROM record WHERE seq > ?1 AND seq <= ?2 "
	    "ORDER BY seq LIMIT ?3",
	[SQL_INDEX_TOMBSTONES] = "SELECT record, id, content FROM tombstone WHERE record > ?1 "
	    "AND record <= ?2 ORDER BY record LIMIT ?3",
	[SQL_RUN_PUT] = "INSERT INTO run (id, space, base, last, pages) VALUES (?1, ?2, ?3, ?4, ?5)",
	[SQL_RUN_NEXT] = "SELECT id, space, base, last, pages FROM run WHERE id > ?1 ORDER BY id LIMIT 1",
	[SQL_RUN_ERASE_ALL] = "DELETE FROM run",
	[SQL_RUN_PART_PUT] = "INSERT INTO run_part (seq, data) VALUES (?1, ?2)",
	[SQL_RUN_PART_EACH] = "SELECT seq, data FROM run_part WHERE seq >= ?1 AND seq < ?2 "
	    "ORDER BY seq",
	[SQL_RUN_PART_GET] = "SELECT data FROM run_part WHERE seq = ?1",
	[SQL_RUN_PART_SET] = "UPDATE run_part SET data = ?1 WHERE seq = ?2",
	[SQL_RUN_PART_ERASE_ALL] = "DELETE FROM run_part",
	[SQL_RUN_PAGE_PUT] = "INSERT INTO run_page (seq, data) VALUES (?1, ?2)",
	[SQL_RUN_PAGE_GET] = "SELECT data FROM run_page WHERE seq = ?1",
	[SQL_RUN_PAGE_SET] = "UPDATE run_page SET data = ?1 WHERE seq = ?2",
	[SQL_RUN_PAGE_ERASE_ALL] = "DELETE FROM run_page",

	[SQL_CARD_PUT] = "INSERT INTO card (" CARD_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[SQL_CARD_GET] = "SELECT " CARD_COLUMNS " FROM card WHERE org = ?1 AND serial = ?2",
	[SQL_CARD_NEWEST] = "SELECT " CARD_COLUMNS " FROM card WHERE org = ?1 "
	    "ORDER BY serial DESC LIMIT 1",
	[SQL_CARD_AT] = "SELECT " CARD_COLUMNS " FROM card WHERE org = ?1 AND seen <= ?2 "
	    "ORDER BY serial DESC LIMIT 1",
	[SQL_CARD_EACH] = "SELECT " CARD_COLUMNS " FROM card c "
	    "WHERE serial = (SELECT max(serial) FROM card WHERE org = c.org) ORDER BY org",
	[SQL_PEER_PUT] = "INSERT INTO peer (org, name, added, is_removed) VALUES (?1, ?2, ?3, ?4) "
	    "ON CONFLICT (org) DO UPDATE SET name = excluded.name, added = excluded.added, "
	    "is_removed = excluded.is_removed",
	[SQL_PEER_REMOVE] = "UPDATE peer SET is_removed = 1 WHERE org = ?1",
	[SQL_PEER_EACH] = "SELECT org, name, added, is_removed FROM peer ORDER BY org",
	[SQL_HEAD_PUT] = "INSERT INTO head (org, epoch, size, root) VALUES (?1, ?2, ?3, ?4) "
	    "ON CONFLICT (org) DO UPDATE SET epoch = excluded.epoch, size = excluded.size, "
	    "root = excluded.root WHERE (excluded.epoch, excluded.size) > (head.epoch, head.size)",
	[SQL_HEAD_GET] = "SELECT epoch, size, root FROM head WHERE org = ?1",

	[SQL_OPERATOR_PUT] = "INSERT INTO operator (name, uid, roles, clearance, is_red_desk, "
	    "public_key, added, is_removed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
	    "ON CONFLICT (name) DO UPDATE SET uid = excluded.uid, roles = excluded.roles, "
	    "clearance = excluded.clearance, is_red_desk = excluded.is_red_desk, "
	    "public_key = excluded.public_key, added = excluded.added, "
	    "is_removed = excluded.is_removed",
	[SQL_OPERATOR_REMOVE] = "UPDATE operator SET is_removed = 1 WHERE name = ?1 AND is_removed = 0",
	[SQL_OPERATOR_EACH] = "SELECT name, uid, roles, clearance, is_red_desk, public_key, added "
	    "FROM operator WHERE is_removed = 0 ORDER BY name",
	[SQL_ANSWER_PUT] = "INSERT INTO answer (request, time, answer) VALUES (?1, ?2, ?3) "
	    "ON CONFLICT (request) DO NOTHING",
	[SQL_ANSWER_PRUNE] = "DELETE FROM answer WHERE seq <= (SELECT max(seq) FROM answer) - ?1",
	[SQL_ANSWER_GET] = "SELECT answer FROM answer WHERE request = ?1",

	[SQL_OUTBOX_PUT] = "INSERT INTO outbox (peer, batch, records, state) VALUES (?1, ?2, ?3, ?4) "
	    "ON CONFLICT (peer, batch) DO UPDATE SET records = excluded.records, "
	    "state = excluded.state WHERE excluded.state = 2",
	[SQL_OUTBOX_NEXT] = "SELECT batch, state FROM outbox WHERE peer = ?1 AND batch > ?2 AND state <> 1 "
	    "ORDER BY batch LIMIT 1",
	[SQL_OUTBOX_DROP] = "DELETE FROM outbox WHERE peer = ?1 AND batch = ?2",
	[SQL_OUTBOX_OF] = "SELECT records, state FROM outbox WHERE peer = ?1 AND batch = ?2",
	[SQL_OUTBOX_EMPTY] = "DELETE FROM outbox WHERE peer = ?1",
	[SQL_OUTBOX_COUNT] = "SELECT coalesce(sum(records) FILTER (WHERE state <> 1), 0), "
	    "coalesce(sum(records) FILTER (WHERE state = 1), 0) FROM outbox WHERE peer = ?1",
	/* a look at each peer's row, not at every row */
	[SQL_OUTBOX_LESS] = "UPDATE outbox SET records = records - 1 WHERE batch = ?1 AND "
	    "peer IN (SELECT org FROM peer) AND records > 0",
	[SQL_OUTBOX_DROP_EMPTY] = "DELETE FROM outbox WHERE batch = ?1 AND "
	    "peer IN (SELECT org FROM peer) AND records = 0",
	[SQL_OUTBOX_IS_WAITING] = "SELECT EXISTS (SELECT 1 FROM outbox WHERE batch = ?1 AND "
	    "peer IN (SELECT org FROM peer) AND state <> 1) OR EXISTS (SELECT 1 FROM delivery WHERE "
	    "batch = ?1 AND state = 1)",

	[SQL_DELIVERY_PUT] = "INSERT INTO delivery (" DELIVERY_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, "
	    "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) "
	    "ON CONFLICT (peer, sender_serial, recipient_serial, number) DO NOTHING",
	[SQL_DELIVERY_GET] = "SELECT " DELIVERY_COLUMNS " FROM delivery " BY_NUMBER,
	[SQL_DELIVERY_SETTLE] = "UPDATE delivery SET state = 2, settled = ?5, leaf = ?6, outcomes = ?7, "
	    "key = zeroblob(32), nonce = zeroblob(24), signed = x'' " BY_NUMBER " AND state <> 2",
	[SQL_DELIVERY_VOID] = "UPDATE delivery SET state = 3, settled = ?5, "
	    "key = zeroblob(32), nonce = zeroblob(24), signed = x'' " BY_NUMBER " AND state = 1",
	[SQL_DELIVERY_VOIDED] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE peer = ?1 AND "
	    "sender_serial = ?2 AND recipient_serial = ?3 AND number > ?4 AND state = 3 "
	    "ORDER BY number LIMIT ?5",
	[SQL_DELIVERY_UNSETTLED] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE peer = ?1 AND "
	    "state = 1 ORDER BY sender_serial, recipient_serial, number LIMIT ?2",
	[SQL_DELIVERY_OF_BATCH] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE batch = ?1 "
	    "ORDER BY seq",
	[SQL_DELIVERY_LAST] = "SELECT coalesce(max(number), 0) FROM delivery WHERE peer = ?1 AND "
	    "sender_serial = ?2 AND recipient_serial = ?3",
	[SQL_TALLY_ADD] = "INSERT INTO tally (peer, direction, reason, records) "
	    "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (peer, direction, reason) "
	    "DO UPDATE SET records = records + excluded.records",
	[SQL_TALLY_EACH] = "SELECT reason, records FROM tally WHERE peer = ?1 AND direction = ?2 "
	    "ORDER BY reason",
	[SQL_TALLY_GET] = "SELECT records FROM tally WHERE peer = ?1 AND direction = ?2 "
	    "AND reason = ?3",

	[SQL_RECEIVED_PUT] = "INSERT INTO received (" RECEIVED_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, "
	    "?6, ?7, ?8, ?9, ?10, ?11, ?12) "
	    "ON CONFLICT (peer, sender_serial, recipient_serial, number) DO NOTHING",
	[SQL_RECEIVED_RECEIPT] = "UPDATE received SET receipt = ?5 " BY_NUMBER " AND is_voided = 0",
	[SQL_RECEIVED_GET] = "SELECT " RECEIVED_COLUMNS " FROM received " BY_NUMBER,
	[SQL_RECEIVED_UNSIGNED] = "SELECT " RECEIVED_COLUMNS " FROM received "
	    "WHERE receipt = x'' AND is_voided = 0 ORDER BY seq",
	[SQL_RECEIVED_OF_BATCH] = "SELECT " RECEIVED_COLUMNS " FROM received WHERE "
	    "batch IN (SELECT seq FROM batch WHERE root = (SELECT root FROM batch WHERE seq = ?1)) "
	    "OR root = (SELECT root FROM batch WHERE seq = ?1) ORDER BY seq",
	[SQL_RECEIVED_AFTER] = "SELECT number FROM received WHERE peer = ?1 AND sender_serial = ?2 AND "
	    "recipient_serial = ?3 AND number > ?4 ORDER BY number",
	[SQL_MARK_GET] = "SELECT number FROM mark WHERE peer = ?1 AND sender_serial = ?2 AND "
	    "recipient_serial = ?3",
	[SQL_MARK_SET] = "INSERT INTO mark (peer, sender_serial, recipient_serial, number) "
	    "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (peer, sender_serial, recipient_serial) "
	    "DO UPDATE SET number = excluded.number",

	[SQL_POLICY_PUT] = "INSERT INTO policy (hash, time, leaf, operator, name, note, arguments, "
	    "meanings, act) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[SQL_POLICY_NEWEST] = "SELECT " POLICY_COLUMNS " FROM policy ORDER BY seq DESC LIMIT 1",
	[SQL_POLICY_AT] = "SELECT " POLICY_COLUMNS " FROM policy WHERE hash = ?1 "
	    "ORDER BY leaf <= ?2 DESC, seq DESC LIMIT 1",
	[SQL_POLICY_LEAF] = "SELECT " POLICY_COLUMNS " FROM policy WHERE leaf = ?1 "
	    "ORDER BY seq DESC LIMIT 1",
	[SQL_POLICY_EACH] = "SELECT " POLICY_COLUMNS " FROM policy WHERE seq < ?1 "
	    "ORDER BY seq DESC LIMIT ?2",
	[SQL_LIST_PUT] = "INSERT INTO list (hash, size, entries) VALUES (?1, ?2, ?3)",
	[SQL_LIST_GET] = "SELECT size, entries FROM list WHERE hash = ?1",
	[SQL_LIST_PART_PUT] = "INSERT INTO list_part (hash, start, data) VALUES (?1, ?2, ?3)",
	[SQL_LIST_PART_END] = "SELECT coalesce(max(start + length(data)), 0) FROM list_part "
	    "WHERE hash = ?1",
	[SQL_LIST_PART_EACH] = "SELECT data FROM list_part WHERE hash = ?1 ORDER BY start",
	[SQL_LIST_PART_PRUNE] = "DELETE FROM list_part WHERE hash <> ?1 AND hash NOT IN "
	    "(SELECT hash FROM list)",
	[SQL_DECISION_PUT] = "INSERT INTO decision (batch, leaf, time, policy, peers, runs) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_DECISION_OF_BATCH] = "SELECT " DECISION_COLUMNS " FROM decision WHERE batch = ?1 "
	    "ORDER BY seq DESC",
	[SQL_DECISION_OF_LEAF] = "SELECT " DECISION_COLUMNS " FROM decision WHERE leaf = ?1 "
	    "ORDER BY seq",

	[SQL_EVENT_PUT] = "INSERT INTO event (seq, leaf, hash) VALUES (?1, ?2, ?3)",
	[SQL_EVENT_LAST] = "SELECT seq, leaf, hash FROM event ORDER BY seq DESC LIMIT 1",
	[SQL_EVENT_HASHES] = "SELECT hash FROM event WHERE seq >= ?1 AND seq < ?2 ORDER BY seq",
	[SQL_EVENT_EACH] = "SELECT e.seq, e.leaf, e.hash, d.seq, d.salt, d.details FROM event e "
	    "LEFT JOIN details d ON d.seq = e.seq WHERE e.seq >= ?1 AND e.seq < ?2 ORDER BY e.seq "
	    "LIMIT ?3",
	[SQL_DETAILS_PUT] = "INSERT INTO details (seq, salt, details) VALUES (?1, ?2, ?3)",
	[SQL_DETAILS_ERASE] = "UPDATE details SET salt = NULL, details = NULL WHERE seq = ?1",
	[SQL_APPROVAL_PUT] = "INSERT INTO approval (record, peer, operator, uid, public_key, "
	    "is_rejection, releases_privacy, policy, given, expires, withdrawn, note) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	[SQL_APPROVAL_EACH] = "SELECT seq, record, peer, operator, uid, public_key, is_rejection, "
	    "releases_privacy, policy, given, expires, withdrawn, note FROM approval "
	    "WHERE record = ?1 AND peer = ?2 ORDER BY seq",
	[SQL_APPROVAL_WITHDRAW] = "UPDATE approval SET withdrawn = ?2 WHERE operator = ?1 AND "
	    "withdrawn = 0",
	[SQL_APPROVAL_ERASE] = "DELETE FROM approval WHERE record = ?1",
	[SQL_APPROVAL_EXISTS] = "SELECT EXISTS (SELECT 1 FROM approval)",
	[SQL_PRIVATE_PUT] = "INSERT OR IGNORE INTO private (record) VALUES (?1)",
	[SQL_PRIVATE_HAS] = "SELECT EXISTS (SELECT 1 FROM private WHERE record = ?1)",
	[SQL_PRIVATE_EXISTS] = "SELECT EXISTS (SELECT 1 FROM private)",
	[SQL_EPOCH_PUT] = "INSERT INTO epoch (epoch, first, size, root) VALUES (?1, ?2, ?3, ?4)",
};
/* clang-format on */

/* A write that failed for want of space left nothing half done, unlike a failed fsync.
   reason: errno, for sqlite3_system_errno is not set where a statement is stepped. */
static bool
is_want_of_space(int code, int reason)
{
	if (code != SQLITE_IOERR_WRITE && code != SQLITE_IOERR_SHMSIZE)
		return false;
	return reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}

/* What a failure means, and what it does to the transaction and the store. */
static enum err
fail(struct sql *sql, int code)
{
	struct sql_health *health = sql->health;
	int reason = errno;
	enum err err;

	(void)snprintf(health->message, sizeof(health->message), "%s (SQLite %d)",
	    sql->db == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(sql->db), code);
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
		return ERR_INVALID; /* the statement alone was undone */
	case SQLITE_FULL:
		err = ERR_FULL;
		break;
	case SQLITE_NOMEM:
		err = ERR_MEMORY;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		err = ERR_CORRUPT;
		break;
	case SQLITE_IOERR:
		if (code == SQLITE_IOERR_NOMEM) {
			err = ERR_MEMORY;
		} else if (is_want_of_space(code, reason)) {
			err = ERR_FULL;
		} else {
			err = ERR_STORAGE;
			health->is_poisoned = true;
		}
		break;
	default: /* SQLite's codes, not ours */
		err = ERR_STORAGE;
	}
	if (health->is_transaction && health->doomed == ERR_NONE)
		health->doomed = err;
	return err;
}

/* Called by SQLite after each commit; the checkpoint is ours to do, to see how it ends. */
static int
note_frames(void *context, sqlite3 *db, const char *name, int frames)
{
	struct sql_health *health = context;

	(void)db;
	(void)name;
	health->wal_frames = frames;
	return SQLITE_OK;
}

static void
set_limits(sqlite3 *db)
{
	static const struct {
		int which;
		int value;
	} limits[] = {
	    {SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX},
	    {SQLITE_LIMIT_SQL_LENGTH, STATEMENT_BYTES_MAX},
	    {SQLITE_LIMIT_ATTACHED, 0},
	    {SQLITE_LIMIT_EXPR_DEPTH, 1000},
	    {SQLITE_LIMIT_VARIABLE_NUMBER, VALUES_COUNT_MAX},
	    {SQLITE_LIMIT_TRIGGER_DEPTH, 0},
	    {SQLITE_LIMIT_WORKER_THREADS, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		(void)sqlite3_limit(db, limits[i].which, limits[i].value);
}

static enum err
set_switches(struct sql *sql, enum sql_role role)
{
	static const struct {
		int which;
		int value;
	} switches[] = {
	    {SQLITE_DBCONFIG_DEFENSIVE, 1},
	    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	    {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
	    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
	    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
	    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
	    {SQLITE_DBCONFIG_DQS_DML, 0},
	    {SQLITE_DBCONFIG_DQS_DDL, 0},
	};
	size_t i;
	int code = SQLITE_OK;

	for (i = 0; i < sizeof(switches) / sizeof(*switches) && code == SQLITE_OK; i++)
		code =
		    sqlite3_db_config(sql->db, switches[i].which, switches[i].value, (int *)NULL);
	if (code == SQLITE_OK && role == SQL_READER)
		code = sqlite3_db_config(sql->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	return code == SQLITE_OK ? ERR_NONE : fail(sql, code);
}

/* None of them touches the file: it may turn out not to be ours. */
static enum err
set_pragmas(struct sql *sql, enum sql_role role)
{
	static const char common[] = "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
				     "PRAGMA mmap_size = 0; PRAGMA secure_delete = ON;"
				     "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0;";
	enum err err;

	err = sql_exec(sql, common);
	if (err != ERR_NONE)
		return err;
	if (role == SQL_READER)
		return sql_exec(sql, "PRAGMA cache_size = -8192; PRAGMA query_only = ON;");
	(void)sqlite3_wal_hook(sql->db, note_frames, sql->health);
	return sql_exec(sql, "PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 33554432;");
}

enum err
sql_journal(struct sql *sql)
{
	const char *mode;
	struct sql_use use;
	enum err err;

	err = sql_compile(sql, bytes_view_str("PRAGMA journal_mode = WAL"), &use);
	if (err != ERR_NONE)
		return err;
	err = sql_step(&use);
	mode = err == ERR_NONE ? (const char *)sqlite3_column_text(use.stmt, 0) : NULL;
	if (err == ERR_NONE && (mode == NULL || strcmp(mode, "wal") != 0)) {
		(void)snprintf(sql->health->message, sizeof(sql->health->message),
		    "the file system does not allow a write-ahead log");
		err = ERR_STORAGE;
	}
	/* the switch ends, and syncs, with the last step */
	if (err == ERR_NONE)
		err = sql_step(&use) == ERR_NOT_FOUND ? ERR_NONE : ERR_STORAGE;
	sql_done(&use);
	return err;
}

enum err
sql_open(struct sql *sql, const char *path, enum sql_role role, struct sql_health *health)
{
	enum err err;
	int code;

	*sql = (struct sql){.health = health};
	code = sqlite3_open_v2(path, &sql->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (code != SQLITE_OK)
		return fail(sql, code);
	(void)sqlite3_extended_result_codes(sql->db, 1);
	if (sqlite3_db_readonly(sql->db, "main") != 0)
		return fail(sql, SQLITE_CANTOPEN); /* SQLite takes less than was asked for */
	(void)sqlite3_busy_timeout(sql->db, BUSY_MS);
	set_limits(sql->db);
	err = set_switches(sql, role);
	if (err == ERR_NONE)
		err = set_pragmas(sql, role);
	return err;
}

enum err
sql_prepare_all(struct sql *sql)
{
	size_t i;
	int code;

	for (i = 0; i < SQL_COUNT; i++) {
		code = sqlite3_prepare_v3(
		    sql->db, sql_text[i], -1, SQLITE_PREPARE_PERSISTENT, &sql->statements[i], NULL);
		if (code != SQLITE_OK)
			return fail(sql, code);
	}
	return ERR_NONE;
}

void
sql_close(struct sql *sql)
{
	size_t i;

	for (i = 0; i < SQL_COUNT; i++)
		(void)sqlite3_finalize(sql->statements[i]);
	/* a checkpoint after a failed fsync would be a retry: TRAPS 14 */
	if (sql->db != NULL && sql->health->is_poisoned)
		(void)sqlite3_db_config(sql->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	(void)sqlite3_close(sql->db);
	*sql = (struct sql){.health = sql->health};
}

void
sql_rollback(struct sql *sql)
{
	sqlite3_stmt *stmt = sql->statements[SQL_ROLLBACK];
	int code;

	/* some failures have rolled back already */
	if (!sqlite3_get_autocommit(sql->db)) {
		code = sqlite3_step(stmt);
		if (code != SQLITE_DONE) {
			(void)fail(sql, code);
			sql->health->is_poisoned = true;
		}
		(void)sqlite3_reset(stmt);
	}
}

enum err
sql_exec(struct sql *sql, const char *text)
{
	int code = sqlite3_exec(sql->db, text, NULL, NULL, NULL);

	return code == SQLITE_OK ? ERR_NONE : fail(sql, code);
}

enum err
sql_pragma(struct sql *sql, const char *text, int64_t *out)
{
	struct sql_use use;
	enum err err;

	err = sql_compile(sql, bytes_view_str(text), &use);
	if (err != ERR_NONE)
		return err;
	err = sql_step(&use);
	if (err == ERR_NONE)
		*out = sqlite3_column_int64(use.stmt, 0);
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
}

void
sql_checkpoint(struct sql *sql)
{
	int code;

	if (sql->health->wal_frames < WAL_FRAMES || sql->health->is_poisoned)
		return;
	code = sqlite3_wal_checkpoint_v2(sql->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	/* what was committed is safe in the log, so only a failing disk matters here: fail()
	   tells it from a full one */
	if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED)
		(void)fail(sql, code);
}

bool
sql_purge(struct sql *sql)
{
	int code;

	if (sql->health->is_poisoned)
		return true;
	/* nobody of ours reads now; a stranger who does is not waited for */
	(void)sqlite3_busy_timeout(sql->db, 0);
	code = sqlite3_wal_checkpoint_v2(sql->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_busy_timeout(sql->db, BUSY_MS);
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return false;
	if (code != SQLITE_OK)
		(void)fail(sql, code);
	return code == SQLITE_OK;
}

struct sql_use
sql_start(struct sql *sql, enum sql_name name)
{
	sqlite3_stmt *stmt = sql->statements[name];

	assert(stmt != NULL && !sqlite3_stmt_busy(stmt));
	return (struct sql_use){.sql = sql, .stmt = stmt};
}

enum err
sql_compile(struct sql *sql, struct bytes_view text, struct sql_use *use)
{
	int code;

	*use = (struct sql_use){.sql = sql, .is_compiled = true};
	if (text.len > STATEMENT_BYTES_MAX)
		return ERR_TOO_LARGE;
	code =
	    sqlite3_prepare_v2(sql->db, (const char *)text.data, (int)text.len, &use->stmt, NULL);
	return code == SQLITE_OK ? ERR_NONE : fail(sql, code);
}

void
sql_put_number(struct sql_use *use, uint64_t value)
{
	assert(value <= NUMBER_MAX);
	sql_put_signed(use, (int64_t)value);
}

/* Binding fails only for parameters that do not exist and values above the limit: ours. */
void
sql_put_signed(struct sql_use *use, int64_t value)
{
	int code = sqlite3_bind_int64(use->stmt, ++use->at, value);

	assert(code == SQLITE_OK);
	(void)code;
}

void
sql_put_bytes(struct sql_use *use, const void *data, size_t len)
{
	int code;

	assert(len <= VALUE_BYTES_MAX);
	code =
	    sqlite3_bind_blob(use->stmt, ++use->at, len == 0 ? "" : data, (int)len, SQLITE_STATIC);
	assert(code == SQLITE_OK);
	(void)code;
}

void
sql_put_view(struct sql_use *use, struct bytes_view view)
{
	sql_put_bytes(use, view.data, view.len);
}

void
sql_put_null(struct sql_use *use)
{
	int code = sqlite3_bind_null(use->stmt, ++use->at);

	assert(code == SQLITE_OK);
	(void)code;
}

enum err
sql_step(struct sql_use *use)
{
	struct sql_health *health = use->sql->health;
	int code;

	use->at = 0;
	if (health->is_poisoned)
		return ERR_STORAGE;
	if (health->doomed != ERR_NONE)
		return health->doomed;
	errno = 0;
	code = sqlite3_step(use->stmt);
	if (code == SQLITE_ROW)
		return ERR_NONE;
	return code == SQLITE_DONE ? ERR_NOT_FOUND : fail(use->sql, code);
}

enum err
sql_run(struct sql_use *use)
{
	enum err err = sql_step(use);

	assert(err != ERR_NONE); /* the statement has no rows */
	sql_done(use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

int
sql_changes(const struct sql *sql)
{
	return sqlite3_changes(sql->db);
}

uint64_t
sql_number(struct sql_use *use, uint64_t max)
{
	sqlite3_int64 value = sqlite3_column_int64(use->stmt, use->at);

	if (sqlite3_column_type(use->stmt, use->at++) != SQLITE_INTEGER || value < 0 ||
	    (uint64_t)value > max) {
		use->is_bad = true;
		return 0;
	}
	return (uint64_t)value;
}

struct bytes_view
sql_view(struct sql_use *use)
{
	const void *data;
	int column = use->at++;

	if (sqlite3_column_type(use->stmt, column) != SQLITE_BLOB) {
		use->is_bad = true;
		return (struct bytes_view){0};
	}
	data = sqlite3_column_blob(use->stmt, column);
	return bytes_view_of(
	    data, data == NULL ? 0 : (size_t)sqlite3_column_bytes(use->stmt, column));
}

void
sql_fixed(struct sql_use *use, void *out, size_t len)
{
	struct bytes_view view = sql_view(use);

	if (view.len != len) {
		use->is_bad = true;
		memset(out, 0, len);
		return;
	}
	memcpy(out, view.data, len);
}

bool
sql_is_null(const struct sql_use *use)
{
	return sqlite3_column_type(use->stmt, use->at) == SQLITE_NULL;
}

enum err
sql_corrupt(struct sql *sql, const char *text)
{
	(void)snprintf(sql->health->message, sizeof(sql->health->message), "%s", text);
	return ERR_CORRUPT;
}

enum err
sql_check(const struct sql_use *use)
{
	if (!use->is_bad)
		return ERR_NONE;
	return sql_corrupt(use->sql, "a stored row is not what the store writes");
}

void
sql_done(struct sql_use *use)
{
	if (use->is_compiled) {
		(void)sqlite3_finalize(use->stmt);
	} else if (use->stmt != NULL) {
		/* what was bound stays until it is bound anew, before the next step */
		(void)sqlite3_reset(use->stmt);
	}
	use->stmt = NULL;
}
