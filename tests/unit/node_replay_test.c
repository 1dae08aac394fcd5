/*
 * Past decisions made again: the same by the policy that made them; by another one exactly what that
 * says otherwise, each once, in however many parts.
 */
#include "tests/unit/node_fixture.h"

#include "node/journal.h"
#include "store/decisions.h"
#include "wire/request_preview.h"

enum { A, B, C };

#define RULES(rules) "policy \"test\"\noutbound {\n" rules "\n}\n"
#define ACCEPT "inbound {\naccept all\n}\n"
#define SHARE_ALL RULES("share all to anybody") ACCEPT
#define DENY_ALL RULES("deny all") ACCEPT
#define REFUSE_SEVENTH \
	RULES("share all to anybody") "inbound {\nrefuse x where title = \"note 7\"\naccept all\n}\n"

static void
share_many(struct net *net, uint32_t at, uint32_t count, const char *word)
{
	struct schema_list drafts = {0};
	struct bytes draft, items;
	char title[32];
	uint32_t i;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < count; i++) {
		(void)snprintf(title, sizeof(title), "%s %u", word, i);
		bytes_clear(&draft);
		net_draft(TLP_CLEAR, title, NULL, NULL, &draft);
		ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	}
	ck_reason(net_submit(net, at, drafts, NULL), REASON_STORED);
	bytes_release(&draft);
	bytes_release(&items);
	net_run(net);
	net_pass(net, 1000);
}

/* What a whole replay found. */
struct found {
	uint64_t examined, differing, unlike, gone;
	uint32_t parts, entries;
	struct record_id ids[4 * BATCH_COUNT_MAX];
	struct org_id peers[4 * BATCH_COUNT_MAX];
	uint64_t logged[4 * BATCH_COUNT_MAX], now[4 * BATCH_COUNT_MAX];
};

static struct answer
ask(struct net *net, uint32_t at, const struct policy_replay_arguments *arguments)
{
	struct bytes encoded;
	struct answer answer;

	bytes_init(&encoded, REQUEST_BYTES_MAX);
	ck_err(schema_encode(&request_policy_replay_schema, arguments, &encoded), ERR_NONE);
	answer = net_request(net, at,
	    &(struct net_request){.command = REQUEST_POLICY_REPLAY,
		.arguments = bytes_as_view(&encoded), .uid = NODE_UID});
	bytes_release(&encoded);
	return answer;
}

static void
take_entries(struct found *found, struct schema_list entries)
{
	struct policy_replay_entry entry;
	struct decision_body now;

	while (schema_list_next(&entries, &request_policy_replay_entry_schema, &entry) ==
	       ERR_NONE) {
		ck_assert_uint_lt(found->entries, 4 * BATCH_COUNT_MAX);
		ck_err(schema_decode(&request_preview_decision_schema, entry.now, &now), ERR_NONE);
		memcpy(found->ids[found->entries].bytes, entry.id, 32);
		memcpy(found->peers[found->entries].bytes, entry.org, 32);
		found->logged[found->entries] = entry.logged;
		found->now[found->entries++] = now.reason;
	}
}

static struct found *
replay(struct net *net, uint32_t at, const char *text, const struct org_id *only)
{
	static struct found found;
	struct policy_replay_arguments arguments = {.begins = true};
	struct policy_replay_body body = {0};

	memset(&found, 0, sizeof(found));
	if (text != NULL)
		arguments.text = bytes_view_str(text);
	if (only != NULL)
		memcpy(arguments.org, only->bytes, sizeof(arguments.org));
	ck_reason(ask(net, at, &arguments).reason, REASON_STORED);
	arguments = (struct policy_replay_arguments){0};
	while (!body.is_done) {
		ck_reason(ask(net, at, &arguments).reason, REASON_STORED);
		ck_err(schema_decode(&request_policy_replay_body_schema, net_answer(net).body, &body),
		    ERR_NONE);
		found.examined += body.examined;
		found.differing += body.differing;
		found.unlike += body.unlike;
		found.gone += body.gone;
		found.parts++;
		ck_assert_uint_lt(found.parts, 1000);
		take_entries(&found, body.entries);
		arguments.leaf = body.leaf;
		arguments.inside = body.inside;
	}
	return &found;
}

START_TEST(makes_each_decision_again_once)
{
	struct net *net = net_open(5);
	struct found *found;
	uint32_t i, other;

	for (i = B; i < 5; i++)
		net_befriend(net, A, i);
	ck_reason(net_policy(net, A, DENY_ALL), REASON_STORED);
	share_many(net, A, BATCH_COUNT_MAX, "note");
	found = replay(net, A, NULL, NULL);
	ck_assert_uint_eq(found->examined, 4 * BATCH_COUNT_MAX);
	ck_assert_uint_eq(found->differing + found->unlike + found->gone, 0);
	/* more differences than fit one answer, all of one leaf */
	found = replay(net, A, SHARE_ALL, NULL);
	ck_assert_uint_gt(found->parts, 1);
	ck_assert_uint_eq(found->examined, 4 * BATCH_COUNT_MAX);
	ck_assert_uint_eq(found->differing, 4 * BATCH_COUNT_MAX);
	ck_assert_uint_eq(found->entries, 4 * BATCH_COUNT_MAX);
	ck_assert_uint_eq(found->unlike, 0);
	for (i = 0; i < found->entries; i++) {
		ck_reason(found->logged[i], REASON_POLICY);
		ck_reason(found->now[i], REASON_STORED);
		for (other = i + 1; other < found->entries; other++)
			ck_assert(memcmp(&found->ids[i], &found->ids[other], 32) != 0 ||
				  memcmp(&found->peers[i], &found->peers[other], 32) != 0);
	}
	found = replay(net, A, SHARE_ALL, &net->nodes[C].org);
	ck_assert_uint_eq(found->differing, BATCH_COUNT_MAX);
	ck_assert_mem_eq(found->peers[7].bytes, net->nodes[C].org.bytes, 32);
	/* it allows nothing, and changes nothing */
	ck_assert_uint_eq(net_records(net, B), 0);
	net_close(net);
}
END_TEST

START_TEST(makes_again_what_was_sent_and_what_was_taken)
{
	struct net *net = net_open(2);
	struct found *found;

	net_befriend(net, A, B);
	share_many(net, A, 16, "note");
	found = replay(net, A, DENY_ALL, NULL);
	ck_assert_uint_eq(found->examined, 16);
	ck_assert_uint_eq(found->differing, 16);
	found = replay(net, B, NULL, NULL);
	ck_assert_uint_eq(found->examined, 16);
	ck_assert_uint_eq(found->unlike, 0);
	found = replay(net, B, REFUSE_SEVENTH, NULL);
	ck_assert_uint_eq(found->differing, 1);
	ck_reason(found->logged[0], REASON_STORED);
	ck_reason(found->now[0], REASON_POLICY);
	net_close(net);
}
END_TEST

/* Each decision by the policy of its time, in whatever order they were in force. */
START_TEST(asks_the_policy_that_decided)
{
	struct net *net = net_open(2);
	struct found *found;

	net_befriend(net, A, B);
	share_many(net, A, 3, "default");
	net_pass(net, 1000);
	ck_reason(net_policy(net, A, DENY_ALL), REASON_STORED);
	share_many(net, A, 3, "denied");
	net_pass(net, 1000);
	ck_reason(net_policy(net, A, SHARE_ALL), REASON_STORED);
	net_run(net);
	net_pass(net, 1000);
	share_many(net, A, 3, "shared");
	ck_assert_uint_eq(net_records(net, B), 9);
	found = replay(net, A, NULL, NULL);
	ck_assert_uint_eq(found->examined, 12); /* three of them twice */
	ck_assert_uint_eq(found->unlike, 0);
	found = replay(net, A, DENY_ALL, NULL);
	ck_assert_uint_eq(found->differing, 9);
	found = replay(net, A, SHARE_ALL, NULL);
	ck_assert_uint_eq(found->differing, 3);
	net_close(net);
}
END_TEST

/* A log that says what was never decided so is found out. */
START_TEST(finds_a_decision_that_cannot_be_made_again)
{
	struct net *net = net_open(2);
	struct core *core;
	struct decisions_row row = {.batch = 1, .leaf = 0, .time_ms = NODE_TIME};
	struct event_details details = {.has_policy = true};
	struct head head;
	struct found *found;
	uint8_t runs[] = {0, 0, 0, 0, 0, REASON_POLICY}, seed[32] = {3};

	net_befriend(net, A, B);
	share_many(net, A, 1, "note");
	core = net->nodes[A].core;
	core_turn_begin(core, net->now_ms, seed);
	events_head(core->store, &head);
	row.leaf = head.size;
	row.policy = details.policy = core->policy->hash;
	row.peers = bytes_view_of(net->nodes[B].org.bytes, 32);
	row.runs = bytes_view_of(runs, sizeof(runs));
	ck_err(decisions_put(core->store, &row), ERR_NONE);
	journal_append(core, EVENT_DECIDED, core->org.bytes, core->org.bytes, &details);
	ck_err(core_turn_end(core), ERR_NONE);
	core_actions_clear(core);
	found = replay(net, A, NULL, NULL);
	ck_assert_uint_eq(found->examined, 2);
	ck_assert_uint_eq(found->unlike, 1);
	ck_assert_uint_eq(found->entries, 1);
	ck_reason(found->logged[0], REASON_POLICY);
	ck_reason(found->now[0], REASON_STORED);
	net_close(net);
}
END_TEST

/* Whoever begins another one takes the place. */
START_TEST(keeps_one_replay_at_a_time)
{
	struct net *net = net_open(1);
	struct policy_replay_arguments arguments = {0};
	struct core_event gone = {.type = CORE_CLIENT_GONE, .client = 1};

	ck_reason(ask(net, A, &arguments).reason, REASON_BUSY);
	arguments.begins = true;
	ck_reason(ask(net, A, &arguments).reason, REASON_STORED);
	arguments.begins = false;
	ck_reason(ask(net, A, &arguments).reason, REASON_STORED);
	net_turn(net, A, &gone);
	ck_reason(ask(net, A, &arguments).reason, REASON_BUSY);
	arguments.begins = true;
	arguments.hash[3] = 1;
	ck_reason(ask(net, A, &arguments).reason, REASON_NOT_FOUND);
	arguments = (struct policy_replay_arguments){.begins = true, .text = bytes_view_str("x")};
	ck_reason(ask(net, A, &arguments).reason, REASON_BAD_FIELD);
	net_close(net);
}
END_TEST

SUITE_MAIN("node/replay", makes_each_decision_again_once,
    makes_again_what_was_sent_and_what_was_taken, asks_the_policy_that_decided,
    finds_a_decision_that_cannot_be_made_again, keeps_one_replay_at_a_time)
