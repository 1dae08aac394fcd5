#include <sqlite3.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "policy/match.h"
#include "store/records.h"
#include "store/search.h"
#include "tests/bench/lookup.h"
#include "tests/bench/measure.h"

#define BATCH 512u

struct context {
	struct store *store;
	sqlite3 *db; /* bare: a connection of its own that only reads */
	sqlite3_stmt *get, *last, *after;
	double rate, begin;
	uint64_t put;
	struct record record, decoded;
	struct bytes body;
	struct extract_keys keys;
};

static void
must(enum err err, const char *what)
{
	if (err != ERR_NONE)
		measure_die(what, err_text(err));
}

static sqlite3_stmt *
prepare(struct context *context, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(context->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		measure_die(sql, sqlite3_errmsg(context->db));
	return stmt;
}

static void
open_bare(struct context *context, const char *path)
{
	if (sqlite3_open_v2(path, &context->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	    sqlite3_db_config(context->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL) !=
		SQLITE_OK ||
	    sqlite3_exec(context->db,
		"PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON; PRAGMA cache_size = -8192;",
		NULL, NULL, NULL) != SQLITE_OK)
		measure_die(path, sqlite3_errmsg(context->db));
	context->get = prepare(context, "SELECT body FROM record WHERE seq = ?1");
	context->after =
	    prepare(context, "SELECT seq, body FROM record WHERE seq > ?1 ORDER BY seq LIMIT 1");
	context->last = prepare(context, "SELECT max(seq) FROM record");
}

/* ---------------------------------------------------------------- what is put meanwhile */

static void
make_record(struct context *context)
{
	char value[64], text[201];
	size_t i;
	struct observable observable = {.type = OBSERVABLE_DOMAIN};
	struct record *record = &context->record;

	for (i = 0; i < sizeof(text) - 20; i++)
		text[i] = "mail "[i % 5];
	(void)snprintf(text + i, sizeof(text) - i, "case%llu",
	    (unsigned long long)measure_mix(context->put) % 99991);
	(void)snprintf(value, sizeof(value), "h%llx.meanwhile%llu.example",
	    (unsigned long long)measure_mix(context->put) >> 20,
	    (unsigned long long)measure_mix(context->put) % 1000000);
	record_init(record, RECORD_INDICATOR, TLP_GREEN);
	record->is_draft = false;
	memset(record->author.bytes, 1, sizeof(record->author.bytes));
	record->created_ms = clock_now_ms();
	digest_random(record->nonce.bytes, sizeof(record->nonce.bytes));
	observable.value = bytes_view_str(value);
	record->body.text = bytes_view_str(text);
	must(record_add_observable(record, &observable), "a record");
	bytes_clear(&context->body);
	must(record_encode(record, &context->body), "a record");
	must(record_decode(bytes_as_view(&context->body), false, &context->decoded, NULL),
	    "a record");
}

static void
put_batch(struct context *context)
{
	struct batch_row batch = {.serial = 1,
	    .sealed_ms = clock_now_ms(),
	    .received_ms = clock_now_ms(),
	    .size = BATCH,
	    .tlp = TLP_GREEN,
	    .marking = bytes_view_str("marking"),
	    .seal = bytes_view_str("a seal")};
	struct extract extract;
	uint32_t i;
	bool is_new;

	memset(batch.author.bytes, 1, sizeof(batch.author.bytes));
	batch.via = batch.author;
	digest_random(batch.root.bytes, sizeof(batch.root.bytes));
	must(store_begin(context->store), "a transaction");
	must(records_batch_put(context->store, &batch), "a batch");
	for (i = 0; i < BATCH; i++) {
		struct record_row row = {
		    .batch = batch.seq, .position = i, .received_ms = batch.received_ms};

		make_record(context);
		row.body = bytes_as_view(&context->body);
		record_id_of(row.body, &row.id);
		digest_random(row.salt.bytes, sizeof(row.salt.bytes));
		context->keys.count = 0;
		must(extract_record(
			 store_seed(context->store), &context->decoded, &context->keys, &extract),
		    "a record");
		must(records_put(context->store, &row, &extract, &context->keys, &is_new),
		    "a record");
		context->put++;
	}
	must(records_batch_stored(context->store, batch.seq, BATCH), "a batch");
	must(store_commit(context->store), "a commit");
}

static void
meanwhile(void *opaque)
{
	struct context *context = opaque;

	if ((double)context->put < context->rate * (measure_now() - context->begin))
		put_batch(context);
}

/* ---------------------------------------------------------------- questions */

static bool
row_after(void *opaque, int64_t seq, struct bytes *body, int64_t *found)
{
	struct context *context = opaque;
	bool has;

	(void)sqlite3_bind_int64(context->after, 1, seq);
	has = sqlite3_step(context->after) == SQLITE_ROW;
	if (has) {
		*found = sqlite3_column_int64(context->after, 0);
		bytes_append(body, sqlite3_column_blob(context->after, 1),
		    (size_t)sqlite3_column_bytes(context->after, 1));
	}
	(void)sqlite3_reset(context->after);
	return has;
}

static int64_t
last_seq(void *opaque)
{
	struct context *context = opaque;
	int64_t last;

	if (sqlite3_step(context->last) != SQLITE_ROW)
		measure_die("the last record", sqlite3_errmsg(context->db));
	last = sqlite3_column_int64(context->last, 0);
	(void)sqlite3_reset(context->last);
	return last;
}

/* A number may have no record, since an erased one's is not given out again: that is no failure. */
static uint32_t
ask_bare(struct context *context, int64_t seq)
{
	static volatile size_t read; /* so that the row is really looked at */

	(void)sqlite3_bind_int64(context->get, 1, seq);
	if (sqlite3_step(context->get) == SQLITE_ROW) {
		const uint8_t *body = sqlite3_column_blob(context->get, 0);

		read += (size_t)sqlite3_column_bytes(context->get, 0) + body[0];
	}
	(void)sqlite3_reset(context->get);
	return 1;
}

struct counting {
	const struct search_query *query;
	uint32_t found;
};

/* As the node does it: what the index cannot tell for certain is asked of the record. */
static enum err
count_row(void *opaque, const struct record_row *row)
{
	static struct record decoded;
	struct counting *counting = opaque;
	const struct match_context match = {
	    .now_ms = counting->query->now_ms, .received_ms = row->received_ms};

	must(record_decode(row->body, false, &decoded, NULL), "a record");
	if (row->is_certain || match_predicate(counting->query->predicate, &decoded, &match))
		counting->found++;
	return ERR_NONE;
}

static uint32_t
ask(void *opaque, const struct lookup_question *question)
{
	struct context *context = opaque;
	struct search_query query = {.predicate = &question->predicate,
	    .now_ms = clock_now_ms(),
	    .most = LOOKUP_ROWS_MAX * KEYS_BLOCK};
	struct counting counting = {&query, 0};
	struct record_row row;
	enum err err;

	if (question->kind == LOOKUP_BARE)
		return ask_bare(context, question->seq);
	if (question->kind == LOOKUP_ID || question->kind == LOOKUP_MISS) {
		err = records_get(context->store, &question->id, &row);
		if (err != ERR_NOT_FOUND)
			must(err, "a lookup");
		return err == ERR_NONE;
	}
	must(search_records(context->store, &query, count_row, &counting), "a lookup");
	return counting.found;
}

void
lookup_store_open(struct lookup_back *back, const char *path, double rate)
{
	static struct context context;

	if (store_open(path, &context.store) != ERR_NONE)
		measure_die(path, store_message(NULL));
	open_bare(&context, path);
	bytes_init(&context.body, RECORD_BYTES_MAX);
	context.rate = rate;
	context.begin = measure_now();
	*back = (struct lookup_back){.row_after = row_after,
	    .last_seq = last_seq,
	    .ask = ask,
	    .meanwhile = meanwhile,
	    .context = &context};
}
