#include "store/migrations.h"

#include <stdio.h>

/* clang-format off */
/* the first schema: times are ms, ids and hashes blobs of 32 bytes */
static const char *const step_1[] = {
	"CREATE TABLE node ("              /* one row: this node, its log's head, what was given out */
	"  id INTEGER PRIMARY KEY CHECK (id = 1),"
	"  secret BLOB NOT NULL,"
	"  epoch INTEGER NOT NULL,"
	"  first INTEGER NOT NULL,"        /* event.seq of the epoch's first leaf */
	"  size INTEGER NOT NULL,"
	"  root BLOB NOT NULL,"
	"  frontier BLOB NOT NULL,"
	"  record_seq INTEGER NOT NULL,"
	"  batch_seq INTEGER NOT NULL,"
	"  records INTEGER NOT NULL"
	") STRICT;",
	"CREATE TABLE batch ("
	"  seq INTEGER PRIMARY KEY,"
	"  author BLOB NOT NULL,"
	"  via BLOB NOT NULL,"
	"  serial INTEGER NOT NULL,"
	"  sealed INTEGER NOT NULL,"
	"  received INTEGER NOT NULL,"
	"  size INTEGER NOT NULL,"
	"  stored INTEGER NOT NULL,"
	"  root BLOB NOT NULL,"
	"  tlp INTEGER NOT NULL,"
	"  marking BLOB NOT NULL,"
	"  audience BLOB NOT NULL,"
	"  seal BLOB NOT NULL"
	") STRICT;",
	"CREATE INDEX batch_root ON batch (root);",
	"CREATE INDEX batch_author ON batch (author);",
	"CREATE TABLE record ("
	"  seq INTEGER PRIMARY KEY,"
	"  batch INTEGER NOT NULL REFERENCES batch (seq),"
	"  position INTEGER NOT NULL,"
	"  id BLOB NOT NULL,"
	"  kind INTEGER NOT NULL,"
	"  tlp INTEGER NOT NULL,"
	"  created INTEGER NOT NULL,"
	"  received INTEGER NOT NULL,"
	"  valid_from INTEGER,"            /* NULL, here and below: not stated */
	"  valid_until INTEGER,"
	"  confidence INTEGER,"
	"  severity INTEGER,"
	"  language BLOB,"
	"  is_addressed INTEGER NOT NULL," /* names any recipient */
	"  types INTEGER NOT NULL,"        /* bit n: has an observable of type n */
	"  salt BLOB NOT NULL,"
	"  path BLOB NOT NULL,"
	"  writer BLOB NOT NULL,"
	"  body BLOB NOT NULL"
	") STRICT;",
	"CREATE UNIQUE INDEX record_id ON record (id);",
	"CREATE UNIQUE INDEX record_position ON record (batch, position);",
	"CREATE TABLE observable ("        /* found by type and a key made of the value */
	"  type INTEGER NOT NULL,"
	"  key BLOB NOT NULL,"
	"  record INTEGER NOT NULL,"
	"  PRIMARY KEY (type, key, record)"
	") STRICT, WITHOUT ROWID;",
	"CREATE TABLE label ("
	"  label BLOB NOT NULL,"
	"  record INTEGER NOT NULL,"
	"  PRIMARY KEY (label, record)"
	") STRICT, WITHOUT ROWID;",
	"CREATE TABLE tombstone ("         /* what was erased and may not come back */
	"  id BLOB PRIMARY KEY,"
	"  batch INTEGER NOT NULL REFERENCES batch (seq),"
	"  position INTEGER NOT NULL,"
	"  salt BLOB NOT NULL,"
	"  path BLOB NOT NULL"
	") STRICT, WITHOUT ROWID;",
	"CREATE INDEX tombstone_batch ON tombstone (batch, position);",
	"CREATE TABLE content ("
	"  content BLOB PRIMARY KEY,"
	"  id BLOB NOT NULL"
	") STRICT, WITHOUT ROWID;",
	"CREATE TABLE card ("
	"  seq INTEGER PRIMARY KEY,"
	"  org BLOB NOT NULL,"
	"  serial INTEGER NOT NULL,"
	"  issued INTEGER NOT NULL,"
	"  expires INTEGER NOT NULL,"
	"  is_revocation INTEGER NOT NULL,"
	"  seen INTEGER NOT NULL,"
	"  package BLOB NOT NULL,"
	"  UNIQUE (org, serial)"
	") STRICT;",
	"CREATE TABLE peer ("
	"  org BLOB PRIMARY KEY,"
	"  name BLOB NOT NULL,"
	"  added INTEGER NOT NULL,"
	"  is_removed INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;",
	"CREATE TABLE head ("              /* of others' logs: the newest seen */
	"  org BLOB PRIMARY KEY,"
	"  epoch INTEGER NOT NULL,"
	"  size INTEGER NOT NULL,"
	"  root BLOB NOT NULL"
	") STRICT, WITHOUT ROWID;",
	"CREATE TABLE operator ("
	"  name BLOB PRIMARY KEY,"
	"  uid INTEGER NOT NULL,"
	"  roles INTEGER NOT NULL,"
	"  clearance INTEGER NOT NULL,"
	"  is_red_desk INTEGER NOT NULL,"
	"  public_key BLOB NOT NULL,"
	"  added INTEGER NOT NULL,"
	"  is_removed INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;",
	"CREATE TABLE answer ("
	"  seq INTEGER PRIMARY KEY,"
	"  request BLOB NOT NULL UNIQUE,"
	"  time INTEGER NOT NULL,"
	"  answer BLOB NOT NULL"
	") STRICT;",
	"CREATE TABLE outbox ("
	"  peer BLOB NOT NULL,"
	"  batch INTEGER NOT NULL REFERENCES batch (seq),"
	"  records INTEGER NOT NULL,"
	"  state INTEGER NOT NULL,"
	"  PRIMARY KEY (peer, batch)"
	") STRICT, WITHOUT ROWID;",
	"CREATE TABLE delivery ("
	"  seq INTEGER PRIMARY KEY,"
	"  peer BLOB NOT NULL,"
	"  sender_serial INTEGER NOT NULL,"
	"  recipient_serial INTEGER NOT NULL,"
	"  number INTEGER NOT NULL,"
	"  batch INTEGER NOT NULL REFERENCES batch (seq),"
	"  state INTEGER NOT NULL,"
	"  sent INTEGER NOT NULL,"
	"  count INTEGER NOT NULL,"
	"  envelope BLOB NOT NULL,"
	"  signed BLOB NOT NULL,"
	"  positions BLOB NOT NULL,"
	"  key BLOB NOT NULL,"
	"  nonce BLOB NOT NULL,"
	"  settled INTEGER NOT NULL,"
	"  leaf INTEGER NOT NULL,"
	"  outcomes BLOB NOT NULL,"
	"  UNIQUE (peer, sender_serial, recipient_serial, number)"
	") STRICT;",
	"CREATE INDEX delivery_unsettled ON delivery (peer, sender_serial, recipient_serial, number)"
	"  WHERE state = 1;",
	"CREATE INDEX delivery_batch ON delivery (batch);",
	"CREATE TABLE received ("
	"  seq INTEGER PRIMARY KEY,"
	"  peer BLOB NOT NULL,"
	"  sender_serial INTEGER NOT NULL,"
	"  recipient_serial INTEGER NOT NULL,"
	"  number INTEGER NOT NULL,"
	"  envelope BLOB NOT NULL,"
	"  root BLOB NOT NULL,"
	"  time INTEGER NOT NULL,"
	"  count INTEGER NOT NULL,"
	"  batch INTEGER REFERENCES batch (seq)," /* NULL: nothing of it was stored */
	"  outcomes BLOB NOT NULL,"
	"  receipt BLOB NOT NULL,"
	"  is_voided INTEGER NOT NULL,"
	"  UNIQUE (peer, sender_serial, recipient_serial, number)"
	") STRICT;",
	"CREATE INDEX received_unsigned ON received (seq) WHERE receipt = x'' AND is_voided = 0;",
	"CREATE INDEX received_batch ON received (batch);",
	"CREATE INDEX received_root ON received (root);",
	"CREATE TABLE mark ("              /* the number below which every envelope is settled */
	"  peer BLOB NOT NULL,"
	"  sender_serial INTEGER NOT NULL,"
	"  recipient_serial INTEGER NOT NULL,"
	"  number INTEGER NOT NULL,"
	"  PRIMARY KEY (peer, sender_serial, recipient_serial)"
	") STRICT, WITHOUT ROWID;",
	"CREATE TABLE tally ("             /* records by outcome: direction 0 sent, 1 received */
	"  peer BLOB NOT NULL,"
	"  direction INTEGER NOT NULL,"
	"  reason INTEGER NOT NULL,"
	"  records INTEGER NOT NULL,"
	"  PRIMARY KEY (peer, direction, reason)"
	") STRICT, WITHOUT ROWID;",
	"CREATE TABLE event ("
	"  seq INTEGER PRIMARY KEY,"       /* rises through all epochs: node.first + index */
	"  leaf BLOB NOT NULL,"
	"  hash BLOB NOT NULL"
	") STRICT;",
	"CREATE TABLE details ("           /* NULLs: erased */
	"  seq INTEGER PRIMARY KEY REFERENCES event (seq),"
	"  salt BLOB,"
	"  details BLOB"
	") STRICT;",
	"CREATE TABLE epoch ("             /* the logs that were closed */
	"  epoch INTEGER PRIMARY KEY,"
	"  first INTEGER NOT NULL,"
	"  size INTEGER NOT NULL,"
	"  root BLOB NOT NULL"
	") STRICT;",
	NULL,
};
/* What finds records moves out of the B-trees, where random keys cost more with each row, into
   sorted runs: docs/decisions/0008.  The runs themselves are made at the next opening. */
static const char *const step_2[] = {
	"ALTER TABLE node ADD COLUMN flushed INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE batch ADD COLUMN first INTEGER NOT NULL DEFAULT 0;" /* its first record.seq */
	"UPDATE batch SET first = coalesce((SELECT r.seq FROM record r WHERE r.batch >= batch.seq"
	"  ORDER BY r.batch, r.position LIMIT 1), (SELECT record_seq + 1 FROM node));",
	"CREATE INDEX content_id ON content (id);",
	/* numbers for what was erased: nobody else may have them */
	"ALTER TABLE tombstone ADD COLUMN record INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE tombstone ADD COLUMN content BLOB;",
	"UPDATE tombstone SET content = (SELECT c.content FROM content c WHERE c.id = tombstone.id"
	"  LIMIT 1), record = (SELECT record_seq FROM node) +"
	"  (SELECT count(*) FROM tombstone t WHERE t.id <= tombstone.id);",
	"UPDATE node SET record_seq = record_seq + (SELECT count(*) FROM tombstone);",
	"CREATE UNIQUE INDEX tombstone_record ON tombstone (record);",
	"CREATE TABLE record_2 ("
	"  seq INTEGER PRIMARY KEY,"       /* the records of a batch follow one another */
	"  batch INTEGER NOT NULL,"
	"  position INTEGER NOT NULL,"     /* rising within the batch */
	"  id BLOB NOT NULL,"
	"  content BLOB,"                  /* NULL: not imported here */
	"  kind INTEGER NOT NULL,"
	"  tlp INTEGER NOT NULL,"
	"  created INTEGER NOT NULL,"
	"  received INTEGER NOT NULL,"
	"  valid_from INTEGER,"
	"  valid_until INTEGER,"
	"  confidence INTEGER,"
	"  severity INTEGER,"
	"  language BLOB,"
	"  is_addressed INTEGER NOT NULL,"
	"  types INTEGER NOT NULL,"
	"  salt BLOB NOT NULL,"
	"  path BLOB NOT NULL,"
	"  writer BLOB NOT NULL,"
	"  body BLOB NOT NULL"
	") STRICT;",
	"INSERT INTO record_2 SELECT seq, batch, position, id,"
	"  (SELECT c.content FROM content c WHERE c.id = record.id LIMIT 1), kind, tlp, created,"
	"  received, valid_from, valid_until, confidence, severity, language, is_addressed, types,"
	"  salt, path, writer, body FROM record ORDER BY seq;",
	"DROP TABLE record;",
	"ALTER TABLE record_2 RENAME TO record;",
	"DROP TABLE observable;",
	"DROP TABLE label;",
	"DROP TABLE content;",
	"CREATE TABLE run ("
	"  id INTEGER PRIMARY KEY,"        /* rises, never reused while a page of it is left */
	"  state INTEGER NOT NULL,"        /* enum run_state */
	"  level INTEGER NOT NULL,"
	"  entries INTEGER NOT NULL,"
	"  hashes INTEGER NOT NULL,"
	"  pages INTEGER NOT NULL"
	") STRICT;",
	"CREATE TABLE run_part ("          /* filter, first keys and their places, as one stream */
	"  seq INTEGER PRIMARY KEY,"       /* run.id * 2^24 + number */
	"  data BLOB NOT NULL"
	") STRICT;",
	"CREATE TABLE run_page ("
	"  seq INTEGER PRIMARY KEY,"       /* run.id * 2^24 + number */
	"  data BLOB NOT NULL"             /* page.h */
	") STRICT;",
	NULL,
};
/* Runs of 8-byte keys, a space each, that are never merged: docs/decisions/0008. */
static const char *const step_3[] = {
	"DROP TABLE run;",
	"DROP TABLE run_part;",
	"DROP TABLE run_page;",
	"ALTER TABLE node DROP COLUMN flushed;",
	"CREATE TABLE run ("
	"  id INTEGER PRIMARY KEY,"        /* rises */
	"  space INTEGER NOT NULL,"        /* enum keys_space */
	"  base INTEGER NOT NULL,"         /* its entries are of the records base + 1 .. last */
	"  last INTEGER NOT NULL,"
	"  pages INTEGER NOT NULL"
	") STRICT;",
	"CREATE TABLE run_part ("          /* filter and first keys, as one stream */
	"  seq INTEGER PRIMARY KEY,"       /* run.id * 2^24 + number */
	"  data BLOB NOT NULL"
	") STRICT;",
	"CREATE TABLE run_page ("
	"  seq INTEGER PRIMARY KEY,"       /* run.id * 2^24 + number */
	"  data BLOB NOT NULL"             /* page.h */
	") STRICT;",
	NULL,
};
static const char *const step_4[] = {
	/* relations and charters: few among many, all read at every opening */
	"CREATE INDEX record_related ON record (kind) WHERE kind IN (9, 10);",
	"CREATE TABLE standing ("          /* what became of a record; most have no row */
	"  record INTEGER PRIMARY KEY,"    /* record.seq */
	"  quarantined INTEGER NOT NULL,"  /* since when; 0: it is not */
	"  superseded_by BLOB,"
	"  superseded INTEGER NOT NULL,"
	"  disputes INTEGER NOT NULL,"
	"  disputed INTEGER NOT NULL"
	") STRICT;",
	"CREATE INDEX standing_quarantined ON standing (record) WHERE quarantined > 0;",
	"CREATE TABLE change ("            /* amendments and disputes, by what they are about */
	"  record INTEGER PRIMARY KEY,"    /* record.seq; stays when that is erased */
	"  id BLOB NOT NULL,"
	"  target BLOB NOT NULL,"
	"  author BLOB NOT NULL,"
	"  kind INTEGER NOT NULL,"
	"  as_kind INTEGER NOT NULL,"      /* 0: it is no amendment */
	"  reason INTEGER NOT NULL,"       /* 0: it is no dispute */
	"  created INTEGER NOT NULL,"
	"  state INTEGER NOT NULL"         /* enum change_state */
	") STRICT;",
	"CREATE INDEX change_target ON change (target, created, id);",
	"CREATE INDEX change_waiting ON change (author) WHERE state = 0;",
	"CREATE TABLE redaction ("         /* what policy wants redacted for a peer, and what was made */
	"  seq INTEGER PRIMARY KEY,"
	"  version BLOB NOT NULL,"         /* id of the record that is redacted */
	"  fields INTEGER NOT NULL,"
	"  peer BLOB NOT NULL,"
	"  first BLOB NOT NULL,"           /* version, or what that amends */
	"  derived BLOB,"                  /* NULL: to be made; empty: it cannot be made */
	"  UNIQUE (version, fields, peer)"
	") STRICT;",
	"CREATE INDEX redaction_due ON redaction (version, fields, first) WHERE derived IS NULL;",
	"CREATE INDEX redaction_first ON redaction (first);",
	/* how far the file of erased ids went when this database was last written */
	"ALTER TABLE node ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE node ADD COLUMN erased_tail BLOB NOT NULL"
	"  DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';",
	"UPDATE node SET erased = (SELECT count(*) FROM tombstone);",
	"CREATE TABLE approval ("          /* what approvers have said of held records */
	"  seq INTEGER PRIMARY KEY,"
	"  record INTEGER NOT NULL,"       /* record.seq */
	"  peer BLOB NOT NULL,"
	"  operator BLOB NOT NULL,"
	"  uid INTEGER NOT NULL,"
	"  public_key BLOB NOT NULL,"
	"  is_rejection INTEGER NOT NULL,"
	"  releases_privacy INTEGER NOT NULL,"
	"  policy BLOB NOT NULL,"          /* under which alone it counts */
	"  given INTEGER NOT NULL,"
	"  expires INTEGER NOT NULL,"
	"  withdrawn INTEGER NOT NULL,"    /* 0: not */
	"  note BLOB NOT NULL"
	") STRICT;",
	"CREATE INDEX approval_record ON approval (record, peer);",
	"CREATE TABLE private ("           /* own records that the privacy gate found something in */
	"  record INTEGER PRIMARY KEY"     /* record.seq */
	") STRICT;",
	/* every policy that was set; the newest is in force */
	"CREATE TABLE policy ("
	"  seq INTEGER PRIMARY KEY,"
	"  hash BLOB NOT NULL,"            /* of its text */
	"  time INTEGER NOT NULL,"
	"  leaf INTEGER NOT NULL,"         /* of the log */
	"  operator BLOB NOT NULL,"
	"  name BLOB NOT NULL,"
	"  note BLOB NOT NULL,"
	"  arguments BLOB NOT NULL,"       /* of the request: text, lists; what the act signs */
	"  meanings BLOB NOT NULL,"        /* what its names meant when it was set */
	"  act BLOB NOT NULL"
	") STRICT;",
	"CREATE INDEX policy_hash ON policy (hash);",
	"CREATE TABLE list ("              /* the lists of policies that are whole */
	"  hash BLOB PRIMARY KEY,"
	"  size INTEGER NOT NULL,"
	"  entries INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;",
	"CREATE TABLE list_part ("
	"  seq INTEGER PRIMARY KEY,"
	"  hash BLOB NOT NULL,"
	"  start INTEGER NOT NULL,"        /* its first byte in the list */
	"  data BLOB NOT NULL,"
	"  UNIQUE (hash, start)"
	") STRICT;",
	"CREATE TABLE legal_hold ("
	"  number INTEGER PRIMARY KEY,"
	"  record BLOB,"                   /* NULL: by predicate */
	"  predicate BLOB NOT NULL,"
	"  reason BLOB NOT NULL,"
	"  operator BLOB NOT NULL,"
	"  since INTEGER NOT NULL,"
	"  ended INTEGER NOT NULL,"        /* 0: in force */
	"  ended_by BLOB NOT NULL,"
	"  ended_reason BLOB NOT NULL"
	") STRICT;",
	/* what of a batch some peers were not sent, and why: the leaf says so of all rows together */
	"CREATE TABLE decision ("
	"  seq INTEGER PRIMARY KEY,"
	"  batch INTEGER NOT NULL REFERENCES batch (seq),"
	"  leaf INTEGER NOT NULL,"
	"  time INTEGER NOT NULL,"
	"  policy BLOB NOT NULL,"          /* its hash */
	"  peers BLOB NOT NULL,"           /* ids, one after the other */
	"  runs BLOB NOT NULL"             /* first and last position, reason: two bytes each */
	") STRICT;",
	"CREATE INDEX decision_batch ON decision (batch);",
	"CREATE INDEX decision_leaf ON decision (leaf);",
	NULL,
};
/* clang-format on */

static const char *const *const steps[] = {step_1, step_2, step_3, step_4};

#define STEPS_COUNT ((int)(sizeof(steps) / sizeof(*steps)))

int
migrations_version(void)
{
	return STEPS_COUNT;
}

static enum err
run_step(struct sql *sql, int step)
{
	const char *const *text;
	char pragmas[96];
	enum err err;

	(void)snprintf(pragmas, sizeof(pragmas),
	    "PRAGMA application_id = %d; PRAGMA user_version = %d", MIGRATIONS_APPLICATION_ID,
	    step + 1);
	err = sql_exec(sql, "BEGIN IMMEDIATE");
	if (err != ERR_NONE)
		return err;
	for (text = steps[step]; err == ERR_NONE && *text != NULL; text++)
		err = sql_exec(sql, *text);
	if (err == ERR_NONE)
		err = sql_exec(sql, pragmas);
	if (err == ERR_NONE)
		err = sql_exec(sql, "COMMIT");
	if (err != ERR_NONE && !sqlite3_get_autocommit(sql->db)) {
		/* the first failure is the one to report */
		enum err ignored = sql_exec(sql, "ROLLBACK");
		(void)ignored;
	}
	return err;
}

/* A file of somebody else's is left alone: it has tables, but not our mark. */
static enum err
check_owner(struct sql *sql, int64_t version)
{
	int64_t application = 0, tables = 0;
	enum err err;

	err = sql_pragma(sql, "PRAGMA application_id", &application);
	if (err == ERR_NONE)
		err = sql_pragma(sql, "SELECT count(*) FROM sqlite_schema", &tables);
	if (err != ERR_NONE)
		return err;
	if (version == 0 && application == 0 && tables == 0)
		return ERR_NONE;
	if (application == MIGRATIONS_APPLICATION_ID && version > 0 && version <= STEPS_COUNT)
		return ERR_NONE;
	(void)snprintf(sql->health->message, sizeof(sql->health->message),
	    application == MIGRATIONS_APPLICATION_ID
		? "the database has version %lld, this program knows up to %d: use the newer "
		  "program"
		: "not a database of Malla (version %lld; this program knows up to %d)",
	    (long long)version, STEPS_COUNT);
	return ERR_FORMAT;
}

enum err
migrations_run(struct sql *sql)
{
	int64_t version = 0;
	enum err err;

	err = sql_pragma(sql, "PRAGMA user_version", &version);
	if (err == ERR_NONE)
		err = check_owner(sql, version);
	if (err == ERR_NONE)
		err = sql_journal(sql);
	for (; err == ERR_NONE && version < STEPS_COUNT; version++)
		err = run_step(sql, (int)version);
	return err;
}
