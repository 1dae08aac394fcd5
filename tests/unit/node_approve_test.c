/*
 * Held records: who may let them go, for whom, under which policy and for how long.
 */
#include "tests/unit/node_fixture.h"

#include "store/approvals.h"
#include "wire/request_approve.h"

enum { A, B, C };
#define DAY_MS 86400000ull

static const char two_text[] = "policy \"two\"\n"
			       "outbound {\n"
			       "  hold(2) phones where type = phone to anybody\n"
			       "  share rest to anybody\n"
			       "}\n"
			       "inbound {\n  accept all\n}\n";

static struct net *
open_star(void)
{
	struct net *net = net_open(3);

	net_befriend(net, A, B);
	net_befriend(net, A, C);
	return net;
}

static void
make_phone(struct record *record, void *context)
{
	static const struct observable phone = {
	    OBSERVABLE_PHONE, {(const uint8_t *)"+525512345678", 13}};

	(void)context;
	ck_err(record_add_observable(record, &phone), ERR_NONE);
	record->marking.purpose = bytes_view_str("fraud");
	record->marking.basis = bytes_view_str("consent");
}

static struct record_id
share_phone(struct net *net, enum tlp tlp)
{
	struct record_id id;

	ck_reason(net_share(net, A, tlp, "a call", make_phone, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(!net_has(net, B, &id) && !net_has(net, C, &id));
	return id;
}

static void
use_policy(struct net *net, const char *text)
{
	struct core *core = net->nodes[A].core;

	policy_free(core->policy);
	core->policy = NULL;
	ck_err(policy_open(bytes_view_str(text), NULL, &core->policy, NULL), ERR_NONE);
	core->policy_is_default = false;
}

/* What one person says of a record for B alone. */
static enum reason
say_with(struct net *net, const struct net_person *person, uint64_t command,
    const struct record_id *id, struct approve_arguments arguments, struct approve_body *body)
{
	struct bytes encoded;
	struct answer answer;

	memcpy(arguments.id, id->bytes, sizeof(arguments.id));
	arguments.peers = bytes_view_of(net->nodes[B].org.bytes, sizeof(net->nodes[B].org.bytes));
	arguments.note = bytes_view_str("checked with the owner");
	if (arguments.expires_ms == 0)
		arguments.expires_ms = net->now_ms + DAY_MS;
	bytes_init(&encoded, 4096);
	ck_err(schema_encode(&request_approve_schema, &arguments, &encoded), ERR_NONE);
	answer = net_request(net, A,
	    &(struct net_request){.command = command,
		.arguments = bytes_as_view(&encoded),
		.signer = person->signer,
		.uid = person->uid});
	bytes_release(&encoded);
	if (answer.reason == REASON_STORED && body != NULL)
		ck_err(schema_decode(&request_approve_body_schema, answer.body, body), ERR_NONE);
	net_pass(net, 1000);
	return answer.reason;
}

static enum reason
say(struct net *net, const struct net_person *person, uint64_t command, const struct record_id *id,
    struct approve_body *body)
{
	struct approve_arguments arguments = {0};

	memcpy(arguments.policy, net->nodes[A].core->policy->hash.bytes, sizeof(arguments.policy));
	return say_with(net, person, command, id, arguments, body);
}

/* How many entries the queue has; *first is the first. */
static uint32_t
ask_queue(struct net *net, uint32_t uid, struct queue_entry *first)
{
	struct answer answer =
	    net_request(net, A, &(struct net_request){.command = REQUEST_QUEUE, .uid = uid});
	struct queue_body body;

	ck_reason(answer.reason, REASON_STORED);
	ck_err(schema_decode(&request_approve_queued_schema, answer.body, &body), ERR_NONE);
	ck_assert(!body.has_more);
	if (body.entries.count > 0) {
		struct schema_list entries = body.entries;

		ck_err(schema_list_next(&entries, &request_approve_held_schema, first), ERR_NONE);
	}
	return body.entries.count;
}

START_TEST(lets_one_approver_release_it_for_whom_he_names)
{
	struct net *net = open_star();
	struct net_person ana = net_person(net, A, "ana", ROLE_APPROVER, CLEARANCE_RED, 2000);
	struct record_id id = share_phone(net, TLP_GREEN);
	struct approve_body body;
	struct queue_entry entry;
	uint64_t before;

	ck_assert_uint_eq(ask_queue(net, ana.uid, &entry), 2); /* for B and for C */
	ck_assert_uint_eq(entry.needed, 1);
	ck_assert_uint_eq(entry.given, 0);
	ck_assert(bytes_view_is_equal(entry.rule, bytes_view_str("personal-open")));
	ck_assert(bytes_view_is_equal(entry.headline, bytes_view_str("a call")));
	before = net_leaves(net, A, EVENT_APPROVAL);
	ck_reason(say(net, &ana, REQUEST_APPROVE, &id, &body), REASON_STORED);
	ck_assert_uint_eq(body.released, 1);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_APPROVAL), before + 1);
	ck_assert(net_has(net, B, &id));
	ck_assert(!net_has(net, C, &id));
	ck_assert_uint_eq(ask_queue(net, ana.uid, &entry), 1);
	ck_assert_mem_eq(entry.peer, net->nodes[C].org.bytes, sizeof(entry.peer));
	/* what is not held for somebody needs nobody's word */
	ck_reason(say(net, &ana, REQUEST_APPROVE, &id, NULL), REASON_NOT_FOUND);
	signer_free(ana.signer);
	net_close(net);
}
END_TEST

START_TEST(asks_somebody_else_than_who_wrote_it)
{
	struct net *net = open_star();
	struct net_person founder = {net->nodes[A].founder, NODE_UID};
	/* another name and key, but the same uid */
	struct net_person twin = net_person(net, A, "twin", ROLE_APPROVER, CLEARANCE_RED, 2001);
	struct record_id id = share_phone(net, TLP_GREEN);

	ck_reason(say(net, &founder, REQUEST_APPROVE, &id, NULL), REASON_TWO_PERSONS);
	twin.uid = NODE_UID;
	ck_assert_int_ne(say(net, &twin, REQUEST_APPROVE, &id, NULL), REASON_STORED);
	ck_assert(!net_has(net, B, &id));
	ck_assert_uint_eq(net_leaves(net, A, EVENT_APPROVAL), 0);
	signer_free(twin.signer);
	net_close(net);
}
END_TEST

START_TEST(takes_two_who_differ_in_name_key_and_uid)
{
	struct net *net = open_star();
	struct net_person ana = net_person(net, A, "ana", ROLE_APPROVER, CLEARANCE_RED, 2000);
	struct net_person eva = net_person(net, A, "eva", ROLE_APPROVER, CLEARANCE_RED, 2001);
	struct approve_body body;
	struct queue_entry entry;
	struct record_id id;

	use_policy(net, two_text);
	id = share_phone(net, TLP_GREEN);
	ck_reason(say(net, &ana, REQUEST_APPROVE, &id, &body), REASON_STORED);
	ck_assert_uint_eq(body.released, 0);
	ck_assert_uint_eq(body.waiting, 1);
	ck_assert(!net_has(net, B, &id));
	(void)ask_queue(net, ana.uid, &entry);
	ck_assert_uint_eq(entry.given, 1);
	ck_assert_uint_eq(entry.needed, 2);
	ck_assert(bytes_view_is_equal(entry.approvers, bytes_view_str("ana")));
	ck_reason(say(net, &ana, REQUEST_APPROVE, &id, NULL), REASON_TWO_PERSONS);
	ck_assert(!net_has(net, B, &id));
	ck_reason(say(net, &eva, REQUEST_APPROVE, &id, &body), REASON_STORED);
	ck_assert_uint_eq(body.released, 1);
	ck_assert(net_has(net, B, &id));
	ck_assert(!net_has(net, C, &id));
	signer_free(ana.signer);
	signer_free(eva.signer);
	net_close(net);
}
END_TEST

START_TEST(counts_no_more_what_expired_or_whose_operator_was_removed)
{
	struct net *net = open_star();
	struct net_person ana = net_person(net, A, "ana", ROLE_APPROVER, CLEARANCE_RED, 2000);
	struct net_person eva = net_person(net, A, "eva", ROLE_APPROVER, CLEARANCE_RED, 2001);
	struct net_person luz = net_person(net, A, "luz", ROLE_APPROVER, CLEARANCE_RED, 2002);
	struct user_remove_arguments remove = {bytes_view_str("ana")};
	struct approve_body body;
	struct bytes encoded;
	struct record_id id;

	use_policy(net, two_text);
	id = share_phone(net, TLP_GREEN);
	ck_reason(say(net, &eva, REQUEST_APPROVE, &id, &body), REASON_STORED);
	net_pass(net, 2 * DAY_MS);
	ck_reason(say(net, &ana, REQUEST_APPROVE, &id, &body), REASON_STORED);
	ck_assert_uint_eq(body.waiting, 1); /* eva's has run out */
	bytes_init(&encoded, 1024);
	ck_err(schema_encode(&request_user_remove_schema, &remove, &encoded), ERR_NONE);
	ck_reason(net_request(net, A,
		      &(struct net_request){.command = REQUEST_USER_REMOVE,
			  .arguments = bytes_as_view(&encoded),
			  .signer = net->nodes[A].founder,
			  .uid = NODE_UID})
		      .reason,
	    REASON_STORED);
	bytes_release(&encoded);
	ck_reason(say(net, &luz, REQUEST_APPROVE, &id, &body), REASON_STORED);
	ck_assert_uint_eq(body.waiting, 1); /* ana's counts no more */
	ck_assert(!net_has(net, B, &id));
	ck_reason(say(net, &eva, REQUEST_APPROVE, &id, &body), REASON_STORED);
	ck_assert(net_has(net, B, &id));
	signer_free(ana.signer);
	signer_free(eva.signer);
	signer_free(luz.signer);
	net_close(net);
}
END_TEST

START_TEST(keeps_what_somebody_rejected)
{
	struct net *net = open_star();
	struct net_person ana = net_person(net, A, "ana", ROLE_APPROVER, CLEARANCE_RED, 2000);
	struct net_person eva = net_person(net, A, "eva", ROLE_APPROVER, CLEARANCE_RED, 2001);
	struct record_id id = share_phone(net, TLP_GREEN);
	struct queue_entry entry;

	ck_reason(say(net, &ana, REQUEST_REJECT, &id, NULL), REASON_STORED);
	ck_reason(say(net, &eva, REQUEST_APPROVE, &id, NULL), REASON_NOT_FOUND);
	ck_assert(!net_has(net, B, &id));
	ck_assert_uint_eq(ask_queue(net, ana.uid, &entry), 1); /* for C */
	signer_free(ana.signer);
	signer_free(eva.signer);
	net_close(net);
}
END_TEST

START_TEST(is_bound_to_the_policy_in_force_and_to_a_time)
{
	struct net *net = open_star();
	struct net_person ana = net_person(net, A, "ana", ROLE_APPROVER, CLEARANCE_RED, 2000);
	struct approve_arguments arguments = {.policy = {1}};
	struct record_id id;

	use_policy(net, two_text);
	id = share_phone(net, TLP_GREEN);
	ck_reason(say_with(net, &ana, REQUEST_APPROVE, &id, arguments, NULL), REASON_EXISTS);
	memcpy(arguments.policy, net->nodes[A].core->policy->hash.bytes, sizeof(arguments.policy));
	arguments.expires_ms = net->now_ms;
	ck_reason(say_with(net, &ana, REQUEST_APPROVE, &id, arguments, NULL), REASON_BAD_REQUEST);
	arguments.expires_ms = net->now_ms + 8 * DAY_MS;
	ck_reason(say_with(net, &ana, REQUEST_APPROVE, &id, arguments, NULL), REASON_BAD_REQUEST);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_APPROVAL), 0);
	signer_free(ana.signer);
	net_close(net);
}
END_TEST

START_TEST(shows_and_gives_nothing_to_who_is_not_cleared)
{
	struct net *net = open_star();
	struct net_person green = net_person(net, A, "green", ROLE_APPROVER, CLEARANCE_GREEN, 2000);
	struct net_person auditor =
	    net_person(net, A, "auditor", ROLE_AUDITOR, CLEARANCE_RED, 2001);
	struct queue_entry entry;
	struct record_id id;

	use_policy(net, two_text);
	id = share_phone(net, TLP_AMBER);
	ck_reason(say(net, &green, REQUEST_APPROVE, &id, NULL), REASON_CLEARANCE);
	ck_assert_uint_eq(ask_queue(net, green.uid, &entry), 2);
	ck_assert_uint_eq(entry.headline.len, 0);
	ck_assert_uint_eq(ask_queue(net, auditor.uid, &entry), 2);
	ck_assert_uint_eq(entry.headline.len, 0);
	ck_assert_uint_eq(entry.needed, 2);
	signer_free(green.signer);
	signer_free(auditor.signer);
	net_close(net);
}
END_TEST

START_TEST(remembers_it_when_it_starts_again)
{
	struct net *net = open_star();
	struct net_person ana = net_person(net, A, "ana", ROLE_APPROVER, CLEARANCE_RED, 2000);
	struct record_id id = share_phone(net, TLP_GREEN);

	net_crash(net, B);
	ck_reason(say(net, &ana, REQUEST_APPROVE, &id, NULL), REASON_STORED);
	net_crash(net, A);
	net_start(net, A);
	net_start(net, B);
	net_reconnect(net, A, B);
	net_pass(net, 2000);
	ck_assert(net_has(net, B, &id));
	signer_free(ana.signer);
	net_close(net);
}
END_TEST

SUITE_MAIN("node/approve", lets_one_approver_release_it_for_whom_he_names,
    asks_somebody_else_than_who_wrote_it, takes_two_who_differ_in_name_key_and_uid,
    counts_no_more_what_expired_or_whose_operator_was_removed, keeps_what_somebody_rejected,
    is_bound_to_the_policy_in_force_and_to_a_time, shows_and_gives_nothing_to_who_is_not_cleared,
    remembers_it_when_it_starts_again)
