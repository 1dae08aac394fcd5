/*
 * What the policy kept from leaving, in the log: one leaf for what was decided together, nothing
 * for what anybody can say again, and nothing twice.
 */
#include "tests/unit/node_fixture.h"

#include <sqlite3.h>

#include "node/audit.h"
#include "node/decided.h"

enum { A, B, C };

#define RULES(rules) "policy \"test\"\noutbound {\n" rules "\n}\ninbound {\naccept all\n}\n"
#define SOME RULES("hold(1) seventh where title = \"note 7\"\ndeny first where title = \"note 0\"\n" \
		   "share all to anybody")

static struct net *
open_star(void)
{
	struct net *net = net_open(3);

	net_befriend(net, A, B);
	net_befriend(net, A, C);
	return net;
}

/* So many notes in one batch. */
static void
share_many(struct net *net, uint32_t count)
{
	struct schema_list drafts = {0};
	struct bytes draft, items;
	char title[24];
	uint32_t i;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < count; i++) {
		(void)snprintf(title, sizeof(title), "note %u", i);
		bytes_clear(&draft);
		net_draft(TLP_CLEAR, title, NULL, NULL, &draft);
		ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	}
	ck_reason(net_submit(net, A, drafts, NULL), REASON_STORED);
	bytes_release(&draft);
	bytes_release(&items);
	net_run(net);
}

/* Every row of batch 1, newest first: "PEERS:first-last=reason,..." */
static enum err
write_row(void *context, const struct decisions_row *row)
{
	struct bytes *text = context;
	uint32_t first, last;
	uint16_t reason;
	char words[64];
	size_t at = 0;

	(void)snprintf(words, sizeof(words), "%zu:", row->peers.len / sizeof(struct org_id));
	bytes_append(text, words, strlen(words));
	while (decisions_next_run(row, &at, &first, &last, &reason)) {
		(void)snprintf(words, sizeof(words), "%u-%u=%s,", first, last,
		    reason_name((enum reason)reason));
		bytes_append(text, words, strlen(words));
	}
	bytes_append_u8(text, ' ');
	return ERR_NONE;
}

static const char *
rows_of(struct net *net, int64_t batch)
{
	static char text[1024];
	struct bytes rows;

	bytes_init(&rows, sizeof(text) - 1);
	ck_err(decisions_of_batch(net->nodes[A].core->store, batch, write_row, &rows), ERR_NONE);
	(void)snprintf(text, sizeof(text), "%.*s", (int)rows.len, (const char *)rows.data);
	bytes_release(&rows);
	return text;
}

START_TEST(says_what_was_kept_in_one_leaf)
{
	struct net *net = open_star();

	ck_reason(net_policy(net, A, SOME), REASON_STORED);
	share_many(net, 16);
	ck_assert_uint_eq(net_records(net, B), 14);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_DECIDED), 1);
	ck_assert_str_eq(rows_of(net, 1), "2:0-0=policy,7-7=held, ");
	net_close(net);
}
END_TEST

START_TEST(says_nothing_where_everything_leaves)
{
	struct net *net = open_star();

	ck_reason(net_policy(net, A, RULES("share all to anybody")), REASON_STORED);
	share_many(net, 16);
	ck_assert_uint_eq(net_records(net, B), 16);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_DECIDED), 0);
	net_close(net);
}
END_TEST

/* What the ceiling shuts, the record says by itself; what the policy denies, it does not. */
START_TEST(says_nothing_of_what_the_ceiling_shuts)
{
	struct net *net = open_star();
	struct org_id to_b = net->nodes[B].org;

	ck_reason(net_share(net, A, TLP_GREEN, "named", net_to, &to_b, NULL), REASON_STORED);
	net_run(net);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_DECIDED), 0);
	ck_reason(net_share(net, A, TLP_CLEAR, "named too", net_to, &to_b, NULL), REASON_STORED);
	net_run(net);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_DECIDED), 1);
	ck_assert_str_eq(rows_of(net, 2), "1:0-0=policy, ");
	net_close(net);
}
END_TEST

START_TEST(says_the_same_once)
{
	struct net *net = open_star();

	ck_reason(net_policy(net, A, SOME), REASON_STORED);
	share_many(net, 16);
	ck_reason(net_policy(net, A, SOME), REASON_STORED);
	net_run(net);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_DECIDED), 1);
	/* another policy says it anew, and only of whom it still says it */
	ck_reason(net_policy(net, A, RULES("hold(1) seventh where title = \"note 7\"\n"
					   "share all to anybody")),
	    REASON_STORED);
	net_run(net);
	ck_assert_str_eq(rows_of(net, 1), "2:7-7=held, 2:0-0=policy,7-7=held, ");
	ck_reason(net_policy(net, A, RULES("share all to anybody")), REASON_STORED);
	net_run(net);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_DECIDED), 2);
	ck_assert_uint_eq(net_records(net, C), 16);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- held against the log */

struct checked {
	struct core *core;
	uint32_t count;
	const char *words;
};

static enum err
check_leaf(void *context, const struct event_row *row)
{
	struct checked *checked = context;
	struct event_details details;
	struct event event;

	ck_err(event_leaf_decode(row->leaf, &event), ERR_NONE);
	if (event.type != EVENT_DECIDED)
		return ERR_NONE;
	ck_err(event_details_decode(row->details, &details), ERR_NONE);
	checked->words = audit_decided(checked->core, &details, event.index);
	checked->count++;
	return ERR_NONE;
}

static const char *
check(struct net *net)
{
	struct checked checked = {.core = net->nodes[A].core};

	ck_err(events_each(checked.core->store, 0, 1000, check_leaf, &checked), ERR_NONE);
	ck_assert_uint_eq(checked.count, 1);
	return checked.words;
}

static void
spoil(struct net *net, const char *text)
{
	char path[HOME_FILE_MAX];
	sqlite3 *db = NULL;

	net_crash(net, A);
	home_file(&net->nodes[A].home, "store.db", path);
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
	net_start(net, A);
}

START_TEST(can_be_held_against_the_leaf)
{
	static const char *const spoiled[] = {
	    "UPDATE decision SET runs = x'000000000044'",             /* one less */
	    "UPDATE decision SET runs = x'000000000048000700070044'", /* the reasons changed places */
	    "UPDATE decision SET runs = x'000000000044000800080048'", /* another record */
	    "UPDATE decision SET peers = substr(peers, 1, 32)",
	    "UPDATE decision SET policy = zeroblob(32)",
	    "UPDATE decision SET runs = x'0000ffff0044'",
	    "DELETE FROM decision",
	};
	struct net *net = open_star();
	size_t i;

	ck_reason(net_policy(net, A, SOME), REASON_STORED);
	share_many(net, 16);
	ck_assert_ptr_null(check(net));
	spoil(net, "CREATE TABLE kept AS SELECT * FROM decision");
	for (i = 0; i < sizeof(spoiled) / sizeof(*spoiled); i++) {
		spoil(net, spoiled[i]);
		ck_assert_msg(check(net) != NULL, "%s", spoiled[i]);
		spoil(net, "DELETE FROM decision; INSERT INTO decision SELECT * FROM kept");
		ck_assert_ptr_null(check(net));
	}
	net_close(net);
}
END_TEST

SUITE_MAIN("node/decided", says_what_was_kept_in_one_leaf, says_nothing_where_everything_leaves,
    says_nothing_of_what_the_ceiling_shuts, says_the_same_once, can_be_held_against_the_leaf)
