/*
 * What is signed of one another between several nodes: communities, clients, grants.
 */
#include "tests/unit/relate_fixture.h"

#include "node/judge.h"
#include "node/relate.h"
#include "policy/relations.h"
#include "wire/request_relations.h"

static bool
knows_charter(struct net *net, uint32_t at)
{
	const struct core *core = net->nodes[at].core;

	return communities_in_force(
	    relations_communities(core->relations), &community, UINT64_MAX, NULL);
}

/* A befriends everybody, and B does. */
static struct net *
open_net(uint32_t count)
{
	struct net *net = net_open(count);
	uint32_t i, n;

	serial = 0;
	for (i = 0; i < 2; i++) {
		for (n = i + 1; n < count; n++)
			net_befriend(net, i, n);
	}
	return net;
}

/* ---------------------------------------------------------------- communities */

START_TEST(green_goes_to_members_and_from_member_to_member)
{
	struct net *net = open_net(4);
	struct record_id id, other;

	put_charter(net, "ABC");
	ck_assert(knows_charter(net, A) && knows_charter(net, B) && knows_charter(net, C));
	/* nobody else learns who is in it */
	ck_assert(!knows_charter(net, D));
	ck_assert_uint_eq(net_records(net, D), 0);
	/* B and D are both not named by it, and decided about at once */
	ck_reason(net_share(net, A, TLP_GREEN, "to all", to_community, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id) && net_has(net, C, &id) && !net_has(net, D, &id));
	/* C hears of the author no more, but of another member */
	ck_reason(net_peer_remove(net, A, C), REASON_STORED);
	ck_reason(net_peer_remove(net, C, A), REASON_STORED);
	net_pass(net, 1000);
	ck_reason(
	    net_share(net, A, TLP_GREEN, "by way of B", to_community, NULL, &other), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &other) && net_has(net, C, &other) && !net_has(net, D, &other));
	/* AMBER is for members too, but only from its author */
	ck_reason(net_share(net, A, TLP_AMBER, "AMBER", to_community, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id) && !net_has(net, C, &id) && !net_has(net, D, &id));
	net_close(net);
}
END_TEST

START_TEST(who_was_removed_gets_nothing_from_the_next_decision_on)
{
	struct net *net = open_net(3);
	struct record_id id;

	put_charter(net, "ABC");
	ck_reason(net_share(net, A, TLP_GREEN, "before", to_community, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, C, &id));
	/* it waits for C, which is away, when C is put out */
	net_crash(net, C);
	net_run(net);
	ck_reason(net_share(net, A, TLP_GREEN, "waits", to_community, NULL, &id), REASON_STORED);
	net_run(net);
	put_charter(net, "AB");
	net_start(net, C);
	net_reconnect(net, A, C);
	net_reconnect(net, B, C);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id) && !net_has(net, C, &id));
	ck_reason(net_share(net, A, TLP_GREEN, "after", to_community, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id) && !net_has(net, C, &id));
	/* C does not know it yet, but what it sends is not taken */
	ck_reason(net_share(net, C, TLP_GREEN, "of C", to_community, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(!net_has(net, A, &id) && !net_has(net, B, &id));
	net_close(net);
}
END_TEST

START_TEST(who_leaves_is_out_and_what_it_knew_outlives_a_crash)
{
	struct net *net = open_net(3);
	struct record_id id;

	put_charter(net, "ABC");
	record_init(&draft, RECORD_RELATION, TLP_AMBER_STRICT);
	address(net, "AB");
	draft.body.relation.type = RELATION_LEFT;
	draft.body.relation.state = RELATION_ACTIVE;
	draft.body.relation.has_community = true;
	draft.body.relation.community = community;
	ck_reason(relate(net, C, &draft), REASON_STORED);
	net_crash(net, A);
	net_run(net);
	net_start(net, A);
	net_reconnect(net, A, B);
	net_reconnect(net, A, C);
	ck_assert(knows_charter(net, A));
	ck_reason(net_share(net, A, TLP_GREEN, "after", to_community, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id) && !net_has(net, C, &id));
	ck_reason(
	    net_share(net, C, TLP_GREEN, "of C", to_community, NULL, &id), REASON_NOT_ADDRESSED);
	net_close(net);
}
END_TEST

START_TEST(who_is_admitted_gets_what_was_said_before)
{
	struct net *net = open_net(4);
	struct record_id id, open, amber;

	put_charter(net, "AB");
	ck_reason(net_share(net, A, TLP_GREEN, "early", to_community, NULL, &id), REASON_STORED);
	ck_reason(net_share(net, A, TLP_AMBER, "not theirs", net_to, &net->nodes[B].org, &amber),
	    REASON_STORED);
	ck_reason(net_share(net, A, TLP_CLEAR, "anybody's", NULL, NULL, &open), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id) && !net_has(net, C, &id) && net_has(net, C, &open));
	put_charter(net, "ABC");
	net_pass(net, 2000);
	ck_assert(net_has(net, C, &id) && !net_has(net, D, &id));
	ck_assert(!net_has(net, C, &amber));
	net_close(net);
}
END_TEST

static enum net_verdict
drop_from_a_to_b(struct net *net, uint32_t from, uint32_t to, struct bytes *frame)
{
	(void)net;
	return from == A && to == B && frame->data[1] == EXCHANGE_ENVELOPE ? NET_DROP : NET_PASS;
}

/* B hears of the community from its steward later than of what was said in it. */
START_TEST(what_came_before_the_charter_is_offered_again)
{
	struct net *net = open_net(3);
	struct record_id id;
	uint32_t pass;

	net->hook = drop_from_a_to_b;
	put_charter(net, "ABC");
	ck_assert(knows_charter(net, C) && !knows_charter(net, B));
	ck_reason(net_peer_remove(net, A, C), REASON_STORED); /* so that B has it from C alone */
	ck_reason(net_peer_remove(net, C, A), REASON_STORED);
	ck_reason(net_share(net, C, TLP_GREEN, "early", to_community, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(!net_has(net, B, &id));
	ck_assert_uint_eq(net_member(net, C, B)->in_flight, 0); /* it was refused */
	net->hook = NULL;
	net_crash(net, A);
	net_run(net);
	net_start(net, A);
	net_reconnect(net, A, B);
	net_pass(net, 1000);
	ck_assert(knows_charter(net, B) && !net_has(net, B, &id));
	for (pass = 0; pass < 12 && !net_has(net, B, &id); pass++)
		net_pass(net, 10000);
	ck_assert(net_has(net, B, &id));
	net_close(net);
}
END_TEST

START_TEST(a_community_that_is_not_known_or_not_ours_is_not_addressed)
{
	struct net *net = open_net(3);

	memset(&community, 7, sizeof(community));
	ck_reason(
	    net_share(net, A, TLP_GREEN, "a", to_community, NULL, NULL), REASON_UNKNOWN_COMMUNITY);
	put_charter(net, "BC"); /* of which A is the steward and no member */
	ck_assert(knows_charter(net, B));
	ck_reason(
	    net_share(net, A, TLP_GREEN, "a", to_community, NULL, NULL), REASON_NOT_ADDRESSED);
	net_close(net);
}
END_TEST

START_TEST(a_charter_is_not_taken_by_whom_it_does_not_list)
{
	struct net *net = open_net(3);
	struct org_id others[] = {net->nodes[A].org, net->nodes[B].org};

	charter_of(net, "AB");
	draft.marking.tlp = TLP_CLEAR; /* whatever its label and audience say */
	audience_init(&draft.audience);
	ck_reason(relate(net, A, &draft), REASON_STORED);
	remember_charter();
	ck_assert(knows_charter(net, B) && !knows_charter(net, C));
	/* nor does B pass it on, or C take it from one who would */
	draft.is_draft = false;
	draft.author = net->nodes[A].org;
	draft.created_ms = net->now_ms;
	draft.body.charter.stewards = org_list_of(others, 1);
	{
		struct core *core = net->nodes[C].core;
		enum rule_action action;
		const char *rule;

		ck_reason(judge_inbound(core, &draft, net_member(net, C, A), &rule, &action),
		    REASON_NOT_ADDRESSED);
		draft.body.charter.members = list_of(net, "ABC", members);
		ck_reason(judge_inbound(core, &draft, net_member(net, C, A), &rule, &action),
		    REASON_STORED);
	}
	net_close(net);
}
END_TEST

static uint64_t
serial_at(struct net *net, uint32_t at)
{
	struct community_charter found;

	return communities_in_force(relations_communities(net->nodes[at].core->relations),
		   &community, UINT64_MAX, &found)
		   ? found.charter->serial
		   : 0;
}

/* Memory is ahead of what is stored, until the turn is rolled back. */
START_TEST(a_turn_that_is_rolled_back_leaves_what_was_in_force)
{
	static struct record whole;
	static const uint8_t seed[32] = {7};
	struct net *net = open_net(2);
	struct core *core = net->nodes[A].core;
	struct bytes bytes;

	put_charter(net, "AB");
	charter_of(net, "A");
	draft.is_draft = false;
	draft.author = net->nodes[A].org;
	draft.created_ms = net->now_ms;
	bytes_init(&bytes, RECORD_BYTES_MAX);
	ck_err(record_encode(&draft, &bytes), ERR_NONE);
	ck_err(record_decode(bytes_as_view(&bytes), false, &whole, NULL), ERR_NONE);
	core_turn_begin(core, net->now_ms, seed);
	relate_record(core, &whole);
	ck_assert_uint_eq(serial_at(net, A), 2);
	ck_assert(core_failed(core, ERR_FULL));
	ck_err(core_turn_end(core), ERR_FULL);
	core_actions_clear(core);
	ck_assert_uint_eq(serial_at(net, A), 1);
	bytes_release(&bytes);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- clients and grants */

/* B shares whatever the ceiling lets it share: the default does not pass on what names others. */
static struct net *
open_generous(uint32_t count)
{
	static const char text[] = "policy \"generous\"\n\n"
				   "outbound {\n  share  all  to anybody\n}\n\n"
				   "inbound {\n  accept  all\n}\n";
	struct net *net = open_net(count);
	struct core *core = net->nodes[B].core;

	policy_free(core->policy);
	ck_err(policy_open(bytes_view_str(text), NULL, &core->policy, NULL), ERR_NONE);
	return net;
}

/* What A writes for B under AMBER, and whether C has it by way of B. */
static bool
reaches_client(struct net *net, const char *title)
{
	struct record_id id;

	ck_reason(
	    net_share(net, A, TLP_AMBER, title, net_to, &net->nodes[B].org, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id));
	return net_has(net, C, &id);
}

START_TEST(amber_goes_on_to_a_client_that_both_have_signed)
{
	struct net *net = open_generous(3);

	ck_assert(!reaches_client(net, "strangers"));
	pair_of(net, RELATION_CLIENT_OF, RELATION_ACTIVE, C, B, B);
	ck_reason(relate(net, C, &draft), REASON_STORED);
	ck_assert(!reaches_client(net, "the client alone says so"));
	pair_of(net, RELATION_CLIENT_OF, RELATION_ACTIVE, C, B, C);
	ck_reason(relate(net, B, &draft), REASON_STORED);
	net_pass(net, 1000);
	ck_assert_uint_eq(net_records(net, C), 4); /* both statements, and both that had waited */
	ck_assert(reaches_client(net, "both say so"));
	pair_of(net, RELATION_CLIENT_OF, RELATION_ENDED, C, B, C);
	ck_reason(relate(net, B, &draft), REASON_STORED);
	ck_assert(!reaches_client(net, "one has ended it"));
	pair_of(net, RELATION_CLIENT_OF, RELATION_ACTIVE, C, B, C); /* the same draft again */
	ck_reason(relate(net, B, &draft), REASON_STORED);
	ck_assert(reaches_client(net, "and begun it anew"));
	net_close(net);
}
END_TEST

START_TEST(amber_goes_on_to_a_constituent_and_no_relation_goes_back)
{
	struct net *net = open_generous(3);

	pair_of(net, RELATION_CONSTITUENT_OF, RELATION_ACTIVE, B, C, B); /* B is C's */
	ck_reason(relate(net, C, &draft), REASON_STORED);
	pair_of(net, RELATION_CONSTITUENT_OF, RELATION_ACTIVE, B, C, C);
	ck_reason(relate(net, B, &draft), REASON_STORED);
	ck_assert(!reaches_client(net, "to the CERT"));
	pair_of(net, RELATION_CONSTITUENT_OF, RELATION_ACTIVE, C, B, B);
	ck_reason(relate(net, C, &draft), REASON_STORED);
	pair_of(net, RELATION_CONSTITUENT_OF, RELATION_ACTIVE, C, B, C);
	ck_reason(relate(net, B, &draft), REASON_STORED);
	ck_assert(reaches_client(net, "to the constituent"));
	net_close(net);
}
END_TEST

START_TEST(a_relation_of_two_others_is_not_ours_to_state)
{
	struct net *net = open_generous(3);

	pair_of(net, RELATION_CLIENT_OF, RELATION_ACTIVE, C, B, B);
	ck_reason(relate(net, A, &draft), REASON_WRONG_AUTHOR);
	net_close(net);
}
END_TEST

static void
grant_to_c(struct net *net, enum relation_state state, enum tlp tlp)
{
	record_init(&draft, RECORD_RELATION, TLP_AMBER);
	address(net, "BC");
	draft.valid_until_ms = net->now_ms + NODE_DAY;
	draft.body.relation = (struct relation){.type = RELATION_GRANT,
	    .state = state,
	    .has_subject = true,
	    .subject = net->nodes[B].org};
	if (state == RELATION_ENDED)
		return;
	draft.body.relation.has_tlp = true;
	draft.body.relation.tlp = tlp;
	draft.body.relation.to_orgs = list_of(net, "C", members);
}

static bool
reaches_granted(struct net *net, enum tlp tlp, const char *title)
{
	struct record_id id;

	ck_reason(net_share(net, A, tlp, title, net_to, &net->nodes[B].org, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id));
	ck_assert(!net_has(net, D, &id));
	return net_has(net, C, &id);
}

START_TEST(a_grant_widens_exactly_what_it_names)
{
	struct net *net = open_generous(4);
	uint32_t pass;

	ck_assert(!reaches_granted(net, TLP_GREEN, "no grant"));
	grant_to_c(net, RELATION_ACTIVE, TLP_GREEN);
	ck_reason(relate(net, A, &draft), REASON_STORED);
	for (pass = 0; pass < 4; pass++) /* one peer a tick */
		net_pass(net, 1000);
	ck_assert_uint_eq(net_records(net, C), 2); /* the grant, and what had waited for it */
	ck_assert(reaches_granted(net, TLP_GREEN, "granted"));
	ck_assert(!reaches_granted(net, TLP_AMBER, "stricter than granted"));
	grant_to_c(net, RELATION_ACTIVE, TLP_AMBER_STRICT);
	ck_reason(relate(net, A, &draft), REASON_STORED);
	ck_assert(reaches_granted(net, TLP_AMBER_STRICT, "wider"));
	grant_to_c(net, RELATION_ENDED, TLP_CLEAR);
	ck_reason(relate(net, A, &draft), REASON_STORED);
	ck_assert(!reaches_granted(net, TLP_GREEN, "ended"));
	net_close(net);
}
END_TEST

START_TEST(a_grant_ends_by_itself)
{
	struct net *net = open_generous(4);

	grant_to_c(net, RELATION_ACTIVE, TLP_GREEN);
	ck_reason(relate(net, A, &draft), REASON_STORED);
	ck_assert(reaches_granted(net, TLP_GREEN, "in time"));
	net_pass(net, NODE_DAY);
	net_reconnect(net, A, B);
	net_reconnect(net, B, C);
	ck_assert(!reaches_granted(net, TLP_GREEN, "too late"));
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- the operators' API */

static int
compare_orgs(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct org_id));
}

START_TEST(relations_are_for_admins_who_sign_and_records_are_not)
{
	struct net *net = open_net(2);
	struct net_request unsigned_one = {.command = REQUEST_RELATE, .uid = NODE_UID};

	pair_of(net, RELATION_CLIENT_OF, RELATION_ACTIVE, A, B, B);
	ck_reason(send_draft(net, A, REQUEST_SUBMIT, &draft, NULL), REASON_ROLE);
	charter_of(net, "AB");
	ck_reason(send_draft(net, A, REQUEST_SUBMIT, &draft, NULL), REASON_ROLE);
	record_init(&draft, RECORD_NOTE, TLP_CLEAR);
	draft.body.title = draft.body.text = bytes_view_str("a note");
	ck_reason(send_draft(net, A, REQUEST_RELATE, &draft, NULL), REASON_BAD_REQUEST);
	ck_reason(net_request(net, A, &unsigned_one).reason, REASON_NOT_SIGNED);
	ck_assert_uint_eq(net_records(net, A), 0);
	net_close(net);
}
END_TEST

static struct relation_list_body
list_relations(struct net *net, uint32_t at)
{
	struct relation_list_body body;

	ck_reason(net_request(net, at,
		      &(struct net_request){.command = REQUEST_RELATION_LIST, .uid = NODE_UID})
		      .reason,
	    REASON_STORED);
	ck_err(schema_decode(&request_relations_schema, net_answer(net).body, &body), ERR_NONE);
	return body;
}

START_TEST(lists_relations_and_whether_both_say_so)
{
	struct net *net = open_net(2);
	struct relation_list_body body;
	struct relation_entry entry;

	ck_assert_uint_eq(list_relations(net, A).relations.count, 0);
	pair_of(net, RELATION_CLIENT_OF, RELATION_ACTIVE, A, B, B);
	ck_reason(relate(net, A, &draft), REASON_STORED);
	body = list_relations(net, A);
	ck_assert_uint_eq(body.relations.count, 1);
	ck_err(
	    schema_list_next(&body.relations, &request_relations_entry_schema, &entry), ERR_NONE);
	ck_assert(entry.is_valid && !entry.is_mutual && entry.type == RELATION_CLIENT_OF);
	ck_assert_mem_eq(entry.subject, net->nodes[A].org.bytes, 32);
	ck_assert_mem_eq(entry.object, net->nodes[B].org.bytes, 32);
	pair_of(net, RELATION_CLIENT_OF, RELATION_ACTIVE, A, B, A);
	ck_reason(relate(net, B, &draft), REASON_STORED);
	body = list_relations(net, A);
	ck_assert_uint_eq(body.relations.count, 2);
	ck_err(
	    schema_list_next(&body.relations, &request_relations_entry_schema, &entry), ERR_NONE);
	ck_assert(entry.is_mutual);
	net_close(net);
}
END_TEST

static struct community_entry
show_community(struct net *net, uint32_t at, bool is_one)
{
	struct community_arguments arguments = {
	    .id = is_one ? bytes_view_of(community.bytes, 32) : bytes_view_of(NULL, 0)};
	struct community_list_body body;
	struct community_entry entry;
	struct bytes encoded;

	bytes_init(&encoded, 1024);
	ck_err(schema_encode(&request_relations_asked_schema, &arguments, &encoded), ERR_NONE);
	ck_reason(net_request(net, at,
		      &(struct net_request){.command = REQUEST_COMMUNITY_LIST,
			  .arguments = bytes_as_view(&encoded),
			  .uid = NODE_UID})
		      .reason,
	    REASON_STORED);
	bytes_release(&encoded);
	ck_err(schema_decode(&request_relations_communities_schema, net_answer(net).body, &body),
	    ERR_NONE);
	ck_assert_uint_eq(body.communities.count, 1);
	ck_err(schema_list_next(&body.communities, &request_relations_community_schema, &entry),
	    ERR_NONE);
	return entry;
}

/* One charter, in as many records as its audiences need. */
START_TEST(a_charter_may_list_a_thousand_members)
{
	static struct org_id many[MEMBERS_MAX];
	struct net *net = open_net(2);
	struct community_entry entry;
	uint32_t i, at;

	charter_of(net, "AB");
	for (i = 0, at = 0; i < MEMBERS_MAX; i++) {
		many[i].bytes[0] = (uint8_t)(i >> 8);
		many[i].bytes[1] = (uint8_t)i;
	}
	/* two of them are those who are here; the order has to be kept */
	for (i = 0; i < 2; i++) {
		at = net->nodes[i].org.bytes[0] >= MEMBERS_MAX >> 8 ? MEMBERS_MAX - 1 - i : i;
		many[at] = net->nodes[i].org;
	}
	qsort(many, MEMBERS_MAX, sizeof(*many), compare_orgs);
	draft.body.charter.members = org_list_of(many, MEMBERS_MAX);
	for (i = 0; i < MEMBERS_MAX; i += AUDIENCE_ORGS_MAX) {
		audience_init(&draft.audience);
		for (at = i; at < i + AUDIENCE_ORGS_MAX; at++)
			ck_err(audience_add_org(&draft.audience, &many[at]), ERR_NONE);
		ck_reason(relate(net, A, &draft), REASON_STORED);
	}
	remember_charter();
	ck_assert(knows_charter(net, A) && knows_charter(net, B));
	ck_assert_uint_eq(net_records(net, A), MEMBERS_MAX / AUDIENCE_ORGS_MAX);
	entry = show_community(net, B, true);
	ck_assert_uint_eq(entry.members_count, MEMBERS_MAX);
	net_close(net);
}
END_TEST

START_TEST(lists_communities_and_the_members_of_one)
{
	struct net *net = open_net(3);
	struct community_entry entry;
	uint64_t reads;

	put_charter(net, "AB");
	entry = show_community(net, B, false);
	ck_assert(bytes_view_is_equal(entry.name, bytes_view_str("fin-mx")));
	ck_assert(entry.is_member && !entry.is_steward && entry.members.len == 0);
	ck_assert_uint_eq(entry.members_count, 2);
	reads = net_leaves(net, A, EVENT_READ);
	entry = show_community(net, A, true);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_READ), reads + 1); /* it is AMBER+STRICT */
	ck_assert(entry.is_steward && entry.serial == 1 && entry.members.len == 64);
	ck_assert_mem_eq(entry.hash, community.bytes, 32);
	put_charter(net, "ABC");
	entry = show_community(net, C, true);
	ck_assert(entry.serial == 2 && entry.members_count == 3);
	net_close(net);
}
END_TEST

SUITE_MAIN("node/relate", green_goes_to_members_and_from_member_to_member,
    who_was_removed_gets_nothing_from_the_next_decision_on,
    who_leaves_is_out_and_what_it_knew_outlives_a_crash, who_is_admitted_gets_what_was_said_before,
    what_came_before_the_charter_is_offered_again,
    a_community_that_is_not_known_or_not_ours_is_not_addressed,
    a_charter_is_not_taken_by_whom_it_does_not_list,
    a_turn_that_is_rolled_back_leaves_what_was_in_force,
    amber_goes_on_to_a_client_that_both_have_signed,
    amber_goes_on_to_a_constituent_and_no_relation_goes_back,
    a_relation_of_two_others_is_not_ours_to_state, a_grant_widens_exactly_what_it_names,
    a_grant_ends_by_itself, relations_are_for_admins_who_sign_and_records_are_not,
    lists_relations_and_whether_both_say_so, a_charter_may_list_a_thousand_members, lists_communities_and_the_members_of_one)
