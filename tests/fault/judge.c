#include "tests/fault/judge.h"

#include <sqlite3.h>

#include "crypto/tree.h"
#include "store/deliveries.h"
#include "store/events.h"
#include "store/records.h"
#include "store/search.h"
#include "tests/fault/requests.h"

/* ---------------------------------------------------------------- the records */

struct count {
	uint64_t total;
	uint8_t seen[WORLD_VALUES_MAX];
};

static enum err
count_record(void *context, const struct record_row *row)
{
	static struct record record;
	struct count *count = context;
	struct record_id id;
	char value[64];
	unsigned n;

	ck_err(record_decode(row->body, false, &record, NULL), ERR_NONE);
	record_id_of(row->body, &id);
	ck_assert_msg(memcmp(&id, &row->id, sizeof(id)) == 0, "a body is not its id's");
	if (record.kind == RECORD_CHARTER) {
		ck_assert_msg(count->seen[REQUESTS_CHARTER]++ == 0, "the charter is stored twice");
		count->total++;
		return ERR_NONE;
	}
	ck_assert_uint_eq(record.observables_count, 1);
	(void)snprintf(value, sizeof(value), "%.*s", (int)record.observables[0].value.len,
	    (const char *)record.observables[0].value.data);
	ck_assert_msg(sscanf(value, "n%5u.fault", &n) == 1, "a record nobody made: %s", value);
	ck_assert_msg(count->seen[n]++ == 0, "%s is stored twice", value);
	count->total++;
	return ERR_NONE;
}

/* Everything one node holds, each value at most once. */
static void
count_records(struct world *world, uint32_t at, struct count *count)
{
	struct search_query query = {.now_ms = world->net->now_ms, .most = WORLD_VALUES_MAX};
	struct store *store = world->net->nodes[at].core->store;
	uint64_t records, batches;

	memset(count, 0, sizeof(*count));
	ck_err(search_records(store, &query, count_record, count), ERR_NONE);
	ck_err(records_totals(store, &records, &batches), ERR_NONE);
	ck_assert_uint_eq(records, count->total);
}

static void
check_wanted(struct world *world, uint32_t at)
{
	static struct count count;
	uint32_t n;

	count_records(world, at, &count);
	for (n = 0; n < WORLD_VALUES_MAX; n++)
		ck_assert_msg(count.seen[n] == world->wanted[at][n], "%c %s n%05u", "AB"[at],
		    world -> wanted[at][n] ? "has lost" : "should not have", n);
}

/* ---------------------------------------------------------------- the log */

static enum err
append_hash(void *context, const struct event_row *row)
{
	tree_frontier_append(context, &row->hash);
	return ERR_NONE;
}

/* A head that left, or was signed, is one that the log once had. */
static void
check_head(struct world *world, uint32_t at, const struct head *head, const char *whose)
{
	struct store *store = world->net->nodes[at].core->store;
	struct tree_frontier frontier;
	struct hash root;
	struct head now;

	events_head(store, &now);
	ck_assert_uint_eq(now.epoch, head->epoch);
	ck_assert_msg(head->size <= now.size, "%s head of %llu leaves, and the log has %llu", whose,
	    (unsigned long long)head->size, (unsigned long long)now.size);
	tree_frontier_init(&frontier);
	if (head->size > 0)
		ck_err(
		    events_each(store, 0, (uint32_t)head->size, append_hash, &frontier), ERR_NONE);
	tree_frontier_root(&frontier, &root);
	ck_assert_msg(digest_is_equal(&root, &head->root), "%s head has another root", whose);
}

static void
check_signed_head(struct world *world, uint32_t at)
{
	struct keyring *keyring = world->net->nodes[at].keyring;
	struct head head;
	bool has_head;

	ck_err(keyring->state(keyring, &head, &has_head), ERR_NONE);
	if (has_head)
		check_head(world, at, &head, "the keyring's last");
}

/* The operators' own request recomputes leaves, signatures and records. */
static void
verify(struct world *world, uint32_t at)
{
	struct verify_arguments arguments = {0};
	struct verify_body body;
	struct bytes encoded;
	struct head head;
	uint32_t rounds = 0;

	bytes_init(&encoded, 1024);
	do {
		struct net_request request = {.command = REQUEST_VERIFY, .uid = NODE_UID};

		bytes_clear(&encoded);
		ck_err(schema_encode(&request_verify_schema, &arguments, &encoded), ERR_NONE);
		request.arguments = bytes_as_view(&encoded);
		ck_reason(net_request(world->net, at, &request).reason, REASON_STORED);
		ck_err(
		    schema_decode(&request_verify_body_schema, net_answer(world->net).body, &body),
		    ERR_NONE);
		ck_assert_msg(!body.is_lie, "leaf %llu of %c: %.*s", (unsigned long long)body.lie,
		    "AB"[at], (int)net_answer(world->net).words.len,
		    (const char *)net_answer(world->net).words.data);
		arguments.from = body.next;
		ck_assert_uint_lt(rounds++, 1000);
	} while (body.next != 0);
	bytes_release(&encoded);
	events_head(world->net->nodes[at].core->store, &head);
	ck_assert_uint_eq(body.checked, head.size);
}

/* ---------------------------------------------------------------- promises */

static void
check_receipt(struct world *world, struct bytes_view frame)
{
	static struct exchange_message message;
	struct store *store = world->net->nodes[B].core->store;
	struct receipt receipt;
	struct received_row row;
	struct bytes encoded;

	ck_err(exchange_decode(frame, &message), ERR_NONE);
	ck_err(receipt_decode(message.signed_thing.statement, &receipt), ERR_NONE);
	check_head(world, B, &receipt.head, "a receipt's");
	ck_err(deliveries_received_get(store, &receipt.sender, receipt.sender_serial,
		   receipt.recipient_serial, receipt.number, &row),
	    ERR_NONE);
	bytes_init(&encoded, RECEIPT_BYTES_MAX + 512);
	ck_err(signed_encode(&message.signed_thing, &encoded), ERR_NONE);
	ck_assert_msg(bytes_view_is_equal(row.receipt, bytes_as_view(&encoded)),
	    "receipt %llu is stored as %zu other bytes than the %zu that left",
	    (unsigned long long)receipt.number, row.receipt.len, encoded.len);
	bytes_release(&encoded);
}

/* What left B before the process died stands in its store. */
static void
check_receipts(struct world *world)
{
	static struct count count;
	uint32_t i;

	for (i = 0; i < world->promises->receipts_count; i++)
		check_receipt(world, bytes_view_of(world->promises->receipts[i].frame,
					 world->promises->receipts[i].len));
	count_records(world, B, &count);
	ck_assert_msg(count.total >= world->base + world->promises->stored,
	    "receipts say that %u are stored, and %llu are there",
	    world->base + world->promises->stored, (unsigned long long)count.total);
}

/* What A answered is there; of a request that it has not, all or nothing. */
static void
check_answers(struct world *world)
{
	static struct count count;
	uint32_t n, present = 0, absent = 0;

	count_records(world, A, &count);
	for (n = 0; n < REQUESTS_FILLER; n++) {
		if (!world->wanted[A][n] || n == REQUESTS_SECOND || n == REQUESTS_CHARTER ||
		    (n >= REQUESTS_MIXED_FIRST && n < REQUESTS_MIXED_FIRST + world->base))
			continue;
		present += count.seen[n];
		absent += count.seen[n] == 0;
	}
	ck_assert_msg(!world->promises->has_answer[0] || absent == 0,
	    "A answered, and has lost %u of %u", absent, absent + present);
	ck_assert_msg(present == 0 || absent == 0, "A has %u of %u that came in one request",
	    present, absent + present);
	ck_assert_msg(!world->promises->has_answer[1] || count.seen[REQUESTS_SECOND] == 1,
	    "A answered the second request, and has lost its record");
}

static void
check_promises(struct world *world)
{
	struct net *net = world->net;

	if (net->nodes[A].core != NULL) {
		check_answers(world);
		check_signed_head(world, A);
	}
	if (net->nodes[B].core != NULL) {
		check_receipts(world);
		check_signed_head(world, B);
	}
}

/* ---------------------------------------------------------------- the end of it */

static struct status_peer
status_of(struct net *net, uint32_t at, uint32_t peer)
{
	struct answer answer =
	    net_request(net, at, &(struct net_request){.command = REQUEST_STATUS, .uid = NODE_UID});
	struct status_body body;
	struct status_peer entry;

	ck_reason(answer.reason, REASON_STORED);
	ck_err(schema_decode(&request_status_schema, answer.body, &body), ERR_NONE);
	while (schema_list_next(&body.peers, &request_status_peer_schema, &entry) == ERR_NONE) {
		if (memcmp(entry.org, net->nodes[peer].org.bytes, sizeof(entry.org)) == 0)
			return entry;
	}
	ck_abort_msg("the peer is not in status");
	return entry;
}

static uint32_t
wanted_of(const struct world *world, uint32_t at)
{
	uint32_t n, count = 0;

	for (n = 0; n < WORLD_VALUES_MAX; n++)
		count += world->wanted[at][n];
	return count;
}

/* A's books: all receipted, nothing waiting, nothing refused. */
static bool
is_settled(struct world *world)
{
	struct status_peer entry = status_of(world->net, A, B);

	return entry.queued == 0 && entry.in_flight == 0 &&
	       entry.receipted == wanted_of(world, B) && entry.refused.count == 0;
}

static void
finish(struct world *world)
{
	struct net *net = world->net;
	uint32_t i;

	world->held_type = 0;
	while (net->held_count > 0) /* what was on its way is lost */
		bytes_release(&net->held[--net->held_count].bytes);
	if (world->operation == WORLD_CREATE)
		net_befriend(net, A, B);
	net_reconnect(net, A, B);
	for (i = 0; i < world->requests_count; i++)
		ck_assert_msg(world_ask(world, i), "request %u is not taken", i);
	net_run(net);
	for (i = 0; i < 20 && !is_settled(world); i++)
		net_pass(net, 10000);
}

static void
check_settled(struct world *world)
{
	struct status_peer entry = status_of(world->net, A, B);

	ck_assert_uint_eq(entry.queued, 0);
	ck_assert_uint_eq(entry.in_flight, 0);
	ck_assert_uint_eq(entry.refused.count, 0);
	ck_assert_uint_eq(entry.receipted, wanted_of(world, B));
	ck_assert_uint_eq(status_of(world->net, B, A).received, wanted_of(world, B));
}

/* The same feed once more, by a client that remembers nothing. */
static void
ask_afresh(struct world *world)
{
	struct bytes request;
	struct core_event event = {.type = CORE_REQUEST, .client = 2, .uid = NODE_UID};

	requests_of_input(world, world->input, 77, &request);
	event.bytes = bytes_as_view(&request);
	net_turn(world->net, A, &event);
	net_run(world->net);
	bytes_release(&request);
}

static void
check_integrity(const struct node *node)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	char path[HOME_FILE_MAX];

	home_file(&node->home, "store.db", path);
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	ck_assert_msg(strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0,
	    "integrity: %s", (const char *)sqlite3_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt);
	ck_assert_int_eq(
	    sqlite3_prepare_v2(db, "PRAGMA foreign_key_check", -1, &stmt, NULL), SQLITE_OK);
	ck_assert_msg(sqlite3_step(stmt) == SQLITE_DONE, "a row refers to none");
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
}

static void
check_whole(struct world *world, uint32_t at)
{
	check_wanted(world, at);
	check_signed_head(world, at);
	verify(world, at);
}

void
judge_whole(struct world *world)
{
	struct net *net = world->net;
	uint32_t at;

	for (at = A; at <= B; at++) {
		if (net->nodes[at].core == NULL)
			net_start(net, at);
		else
			net_event(net, at, CORE_TICK);
		/* what left is stored in the turn behind */
		while (core_has_work(net->nodes[at].core))
			net_turn(net, at, NULL);
	}
	check_promises(world);
	finish(world);
	ask_afresh(world);
	for (at = A; at <= B; at++)
		check_whole(world, at);
	check_settled(world);
	check_promises(world);
	for (at = A; at <= B; at++) {
		net_crash(net, at);
		check_integrity(&net->nodes[at]);
	}
	for (at = A; at <= B; at++)
		net_start(net, at);
	for (at = A; at <= B; at++)
		check_wanted(world, at);
	check_settled(world);
	world_halt(world);
}
