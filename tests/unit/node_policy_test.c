/*
 * The policy in force as state of the node: what sets it, what leaves it as it was, what it means
 * after a restart, and what holds where it cannot be read any more.
 */
#include "tests/unit/node_fixture.h"

#include <sqlite3.h>

#include "node/ruling.h"

enum { A, B, C };

#define OPEN_RULES "inbound {\naccept all\n}\n"
#define SHARE_ALL "policy \"all\"\noutbound {\nshare all to anybody\n}\n" OPEN_RULES
#define DENY_ALL "policy \"none\"\noutbound {\ndeny all\n}\n" OPEN_RULES
#define WITH_LIST \
	"policy \"listed\"\nlist sites \"sites.txt\"\noutbound {\n" \
	"deny sites where value in list(sites)\nshare rest to anybody\n}\n" OPEN_RULES
#define TO_CERT \
	"policy \"cert\"\noutbound {\nshare all to org(\"CERT Centro\")\n}\n" OPEN_RULES

static struct hash
hash_of(struct bytes_view bytes)
{
	struct hash hash;

	digest_sha256(bytes, &hash);
	return hash;
}

static bool
is_in_force(struct net *net, uint32_t at, const char *text)
{
	struct hash hash = hash_of(bytes_view_str(text));

	return digest_is_equal(&net->nodes[at].core->policy->hash, &hash);
}

static uint32_t
count_set(struct net *net, uint32_t at)
{
	struct policies_row row;
	enum err err = policies_newest(net->nodes[at].core->store, &row);

	ck_assert(err == ERR_NONE || err == ERR_NOT_FOUND);
	return err == ERR_NONE ? (uint32_t)row.seq : 0;
}

/* ---------------------------------------------------------------- lists */

static struct answer
send_part(struct net *net, struct bytes_view whole, uint64_t start, size_t len)
{
	struct policy_list_arguments arguments = {
	    .size = whole.len, .start = start, .data = bytes_view_of(whole.data + start, len)};
	struct hash hash = hash_of(whole);
	struct bytes encoded;
	struct answer answer;

	memcpy(arguments.hash, hash.bytes, sizeof(arguments.hash));
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	ck_err(schema_encode(&request_policy_list_schema, &arguments, &encoded), ERR_NONE);
	answer = net_request(net, A,
	    &(struct net_request){.command = REQUEST_POLICY_LIST,
		.arguments = bytes_as_view(&encoded), .uid = NODE_UID});
	bytes_release(&encoded);
	return answer;
}

static struct policy_list_body
part_body(struct answer answer)
{
	struct policy_list_body body;

	ck_reason(answer.reason, REASON_STORED);
	ck_err(schema_decode(&request_policy_list_body_schema, answer.body, &body), ERR_NONE);
	return body;
}

static struct answer
set_with_list(struct net *net, struct bytes_view list)
{
	struct policy_list_name name = {.name = bytes_view_str("sites")};
	struct schema_list lists = {0};
	struct hash hash = hash_of(list);
	struct answer answer;
	struct bytes items;

	memcpy(name.hash, hash.bytes, sizeof(name.hash));
	bytes_init(&items, 4096);
	ck_err(schema_list_add(&lists, &items, &request_policy_name_schema, &name), ERR_NONE);
	answer = net_policy_lists(net, A, WITH_LIST, lists);
	bytes_release(&items);
	return answer;
}

START_TEST(takes_a_list_in_parts)
{
	const struct bytes_view list =
	    bytes_view_str("malla/list/v1\n.blocked.example\n=192.0.2.1\n");
	struct net *net = net_open(1);
	struct policy_list_body body;

	ck_reason(set_with_list(net, list).reason, REASON_BAD_FIELD);
	ck_assert_uint_eq(part_body(send_part(net, list, 0, 0)).next, 0);
	ck_assert_uint_eq(part_body(send_part(net, list, 0, 10)).next, 10);
	/* one that is not the next: the answer says which is, and nothing changes */
	ck_assert_uint_eq(part_body(send_part(net, list, 20, 5)).next, 10);
	ck_assert_uint_eq(part_body(send_part(net, list, 0, 10)).next, 10);
	ck_reason(set_with_list(net, list).reason, REASON_BAD_FIELD);
	net_crash(net, A);
	net_start(net, A);
	body = part_body(send_part(net, list, 10, list.len - 10));
	ck_assert_uint_eq(body.next, list.len);
	ck_assert_uint_eq(body.entries, 2);
	body = part_body(send_part(net, list, 0, 10));
	ck_assert_uint_eq(body.next, list.len);
	ck_reason(set_with_list(net, list).reason, REASON_STORED);
	net_close(net);
}
END_TEST

START_TEST(takes_no_list_that_is_not_one)
{
	const struct bytes_view wrong = bytes_view_str("malla/list/v1\n=b.example\n=a.example\n"),
				other = bytes_view_str("malla/list/v1\n=a.example\n");
	struct net *net = net_open(1);
	uint64_t bytes;
	bool is_whole;
	struct hash hash = hash_of(wrong);

	ck_reason(send_part(net, wrong, 0, wrong.len).reason, REASON_BAD_FIELD);
	ck_err(policies_list_have(net->nodes[A].core->store, &hash, &bytes, &is_whole), ERR_NONE);
	ck_assert(!is_whole);
	ck_assert_uint_eq(bytes, 0);
	ck_reason(set_with_list(net, wrong).reason, REASON_BAD_FIELD);
	/* one that was begun gives way to the next */
	ck_assert_uint_eq(part_body(send_part(net, wrong, 0, 20)).next, 20);
	ck_assert_uint_eq(part_body(send_part(net, other, 0, other.len)).next, other.len);
	ck_assert_uint_eq(part_body(send_part(net, wrong, 0, 0)).next, 0);
	ck_assert_uint_eq(part_body(send_part(net, other, 0, 0)).next, other.len);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- setting */

START_TEST(sets_the_policy_and_decides_anew)
{
	struct net *net = net_open(2);
	struct record_id id;

	net_befriend(net, A, B);
	ck_reason(net_policy(net, A, DENY_ALL), REASON_STORED);
	ck_assert(is_in_force(net, A, DENY_ALL));
	ck_reason(net_share(net, A, TLP_CLEAR, "stays here", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	ck_assert(!net_has(net, B, &id));
	ck_reason(net_policy(net, A, SHARE_ALL), REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, B, &id));
	ck_assert_uint_eq(net_leaves(net, A, EVENT_POLICY), 3); /* the default's too */
	net_close(net);
}
END_TEST

static struct answer
set_by(struct net *net, const struct net_request *how, const char *text, const struct hash *if_hash)
{
	struct policy_set_arguments arguments = {.text = bytes_view_str(text)};
	struct net_request request = *how;
	struct bytes encoded;
	struct answer answer;

	if (if_hash != NULL)
		memcpy(arguments.if_hash, if_hash->bytes, sizeof(arguments.if_hash));
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	ck_err(schema_encode(&request_policy_set_schema, &arguments, &encoded), ERR_NONE);
	request.command = REQUEST_POLICY_SET;
	request.arguments = bytes_as_view(&encoded);
	answer = net_request(net, A, &request);
	bytes_release(&encoded);
	return answer;
}

START_TEST(keeps_the_policy_that_is_in_force)
{
	struct net *net = net_open(2);
	const struct net_request plain = {.uid = NODE_UID},
				 signed_one = {.uid = NODE_UID, .signer = net->nodes[A].founder},
				 foreign = {.uid = NODE_UID, .signer = net->nodes[B].founder},
				 stranger = {.uid = NODE_UID + 1, .signer = net->nodes[A].founder};
	struct hash other = hash_of(bytes_view_str(SHARE_ALL));

	ck_reason(net_policy(net, A, DENY_ALL), REASON_STORED);
	ck_reason(set_by(net, &plain, SHARE_ALL, NULL).reason, REASON_NOT_SIGNED);
	ck_reason(set_by(net, &foreign, SHARE_ALL, NULL).reason, REASON_NOT_SIGNED);
	ck_reason(set_by(net, &stranger, SHARE_ALL, NULL).reason, REASON_ROLE);
	ck_reason(set_by(net, &signed_one, SHARE_ALL, &other).reason, REASON_CHANGED);
	ck_reason(net_policy(net, A, "policy \"x\"\noutbound {\nshre all\n}\n"), REASON_BAD_FIELD);
	ck_assert_mem_eq(net_answer(net).words.data, "policy:3:1: found `shre`", 24);
	ck_reason(net_policy(net, A, TO_CERT), REASON_BAD_FIELD); /* nobody is called so */
	ck_reason(net_policy(net, A, WITH_LIST), REASON_BAD_FIELD);
	ck_assert(is_in_force(net, A, DENY_ALL));
	ck_assert_uint_eq(count_set(net, A), 1);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_POLICY), 2);
	other = hash_of(bytes_view_str(DENY_ALL));
	ck_reason(set_by(net, &signed_one, SHARE_ALL, &other).reason, REASON_STORED);
	ck_assert(is_in_force(net, A, SHARE_ALL));
	net_close(net);
}
END_TEST

/* The same request again, after an answer was lost: the stored answer, and nothing else. */
START_TEST(sets_it_once_for_a_repeated_request)
{
	struct net *net = net_open(1);
	const struct net_request same = {
	    .uid = NODE_UID, .signer = net->nodes[A].founder, .id = {{7, 7}}};

	ck_reason(set_by(net, &same, SHARE_ALL, NULL).reason, REASON_STORED);
	ck_reason(net_policy(net, A, DENY_ALL), REASON_STORED);
	ck_reason(set_by(net, &same, SHARE_ALL, NULL).reason, REASON_STORED);
	ck_assert(is_in_force(net, A, DENY_ALL));
	ck_assert_uint_eq(count_set(net, A), 2);
	net_close(net);
}
END_TEST

/* The turn that sets it is lost: the one before is in force, in memory as in the store. */
START_TEST(loses_what_a_lost_turn_set)
{
	struct net *net = net_open(2);
	struct core *core = net->nodes[A].core;
	struct policy_set_arguments arguments = {.text = bytes_view_str(SHARE_ALL)};
	struct request request = {.command = REQUEST_POLICY_SET, .id = {{9}}};
	struct core_event event = {.type = CORE_REQUEST, .client = 1, .uid = NODE_UID};
	struct bytes encoded, act, asked;
	uint8_t seed[32] = {1};

	net_befriend(net, A, B);
	ck_reason(net_policy(net, A, DENY_ALL), REASON_STORED);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	bytes_init(&act, 1024);
	bytes_init(&asked, REQUEST_BYTES_MAX);
	ck_err(schema_encode(&request_policy_set_schema, &arguments, &encoded), ERR_NONE);
	request.arguments = bytes_as_view(&encoded);
	net_sign_act(net, A, &request, net->nodes[A].founder, &act);
	request.act = bytes_as_view(&act);
	ck_err(request_encode(&request, &asked), ERR_NONE);
	event.bytes = bytes_as_view(&asked);
	core_turn_begin(core, net->now_ms, seed);
	core_step(core, &event);
	ck_assert(is_in_force(net, A, SHARE_ALL));
	ck_assert(core_failed(core, ERR_FULL));
	ck_err(core_turn_end(core), ERR_FULL);
	core_actions_clear(core);
	ck_assert(is_in_force(net, A, DENY_ALL));
	ck_assert_uint_eq(count_set(net, A), 1);
	net_crash(net, A);
	net_start(net, A);
	ck_assert(is_in_force(net, A, DENY_ALL));
	bytes_release(&encoded);
	bytes_release(&act);
	bytes_release(&asked);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- what it means */

/* What a name meant when the policy was set it means for good, whatever a peer is called since. */
START_TEST(means_what_it_meant_when_it_was_set)
{
	struct net *net = net_open(3);
	struct core *core;
	uint8_t seed[32] = {2};
	struct record_id id;

	net_befriend(net, A, B);
	net_befriend(net, A, C);
	ck_reason(net_policy(net, A, TO_CERT), REASON_STORED);
	core = net->nodes[A].core;
	core_turn_begin(core, net->now_ms, seed);
	directory_add(core, net_member(net, A, B), bytes_view_str("somebody else"));
	directory_add(core, net_member(net, A, C), bytes_view_str("CERT Centro"));
	ck_err(core_turn_end(core), ERR_NONE);
	core_actions_clear(core);
	net_crash(net, A);
	net_start(net, A);
	net_reconnect(net, A, B);
	net_reconnect(net, A, C);
	ck_reason(net_share(net, A, TLP_CLEAR, "to the CERT", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, B, &id));
	ck_assert(!net_has(net, C, &id));
	/* set again, it means what it means now */
	ck_reason(net_policy(net, A, TO_CERT), REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, C, &id));
	net_close(net);
}
END_TEST

/* The same text with another list is another policy under the same hash: each is found again by
   the log's leaf. */
START_TEST(finds_the_lists_of_the_time)
{
	const struct bytes_view one = bytes_view_str("malla/list/v1\n=192.0.2.1\n"),
				two = bytes_view_str("malla/list/v1\n=192.0.2.1\n=192.0.2.2\n");
	struct net *net = net_open(1);
	struct core *core = net->nodes[A].core;
	struct policies_row row;
	struct policy *policy;
	struct hash hash = hash_of(bytes_view_str(WITH_LIST));
	uint64_t first;

	(void)part_body(send_part(net, one, 0, one.len));
	(void)part_body(send_part(net, two, 0, two.len));
	ck_reason(set_with_list(net, one).reason, REASON_STORED);
	ck_err(policies_newest(core->store, &row), ERR_NONE);
	first = row.leaf;
	ck_reason(set_with_list(net, two).reason, REASON_STORED);
	ck_assert_uint_eq(list_count(core->policy->lists[0].list), 2);
	ck_err(ruling_open_at(core, &hash, first + 1, &policy), ERR_NONE);
	ck_assert_uint_eq(list_count(policy->lists[0].list), 1);
	policy_free(policy);
	ck_err(ruling_open_at(core, &hash, NUMBER_MAX, &policy), ERR_NONE);
	ck_assert_uint_eq(list_count(policy->lists[0].list), 2);
	policy_free(policy);
	hash = hash_of(policy_default_text());
	ck_err(ruling_open_at(core, &hash, 0, &policy), ERR_NONE);
	ck_assert_str_eq(policy->name, "default");
	policy_free(policy);
	hash = hash_of(bytes_view_str(DENY_ALL));
	ck_err(ruling_open_at(core, &hash, NUMBER_MAX, &policy), ERR_NOT_FOUND);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- when it cannot be read */

static void
forget_lists(struct net *net, uint32_t at)
{
	char path[HOME_FILE_MAX];
	sqlite3 *db = NULL;

	home_file(&net->nodes[at].home, "store.db", path);
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "DELETE FROM list_part; DELETE FROM list;", NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
}

START_TEST(shuts_where_it_cannot_be_read_any_more)
{
	const struct bytes_view list = bytes_view_str("malla/list/v1\n=192.0.2.1\n");
	struct net *net = net_open(2);
	struct status_body status;
	struct record_id here, there;

	net_befriend(net, A, B);
	(void)part_body(send_part(net, list, 0, list.len));
	ck_reason(set_with_list(net, list).reason, REASON_STORED);
	net_crash(net, A);
	forget_lists(net, A);
	net_start(net, A);
	net_reconnect(net, A, B);
	ck_reason(net_share(net, A, TLP_CLEAR, "not now", NULL, NULL, &here), REASON_STORED);
	ck_reason(net_share(net, B, TLP_CLEAR, "nor this", NULL, NULL, &there), REASON_STORED);
	net_run(net);
	ck_assert(!net_has(net, B, &here));
	ck_assert(!net_has(net, A, &there));
	ck_reason(net_request(net, A,
		      &(struct net_request){.command = REQUEST_STATUS, .uid = NODE_UID})
		      .reason,
	    REASON_STORED);
	ck_err(schema_decode(&request_status_schema, net_answer(net).body, &status), ERR_NONE);
	ck_assert_uint_gt(status.policy_problem.len, 0);
	ck_reason(net_policy(net, A, SHARE_ALL), REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, B, &here));
	ck_reason(net_request(net, A,
		      &(struct net_request){.command = REQUEST_STATUS, .uid = NODE_UID})
		      .reason,
	    REASON_STORED);
	ck_err(schema_decode(&request_status_schema, net_answer(net).body, &status), ERR_NONE);
	ck_assert_uint_eq(status.policy_problem.len, 0);
	net_close(net);
}
END_TEST

SUITE_MAIN("node/policy", takes_a_list_in_parts, takes_no_list_that_is_not_one,
    sets_the_policy_and_decides_anew, keeps_the_policy_that_is_in_force,
    sets_it_once_for_a_repeated_request, loses_what_a_lost_turn_set,
    means_what_it_meant_when_it_was_set, finds_the_lists_of_the_time,
    shuts_where_it_cannot_be_read_any_more)
