/*
 * What was said beforehand, what was sent, what the peer's store then holds, and what is said
 * afterwards: the same, for thousands of records, peers and policies that a seed decides.
 */
#include "tests/unit/relate_fixture.h"

#include "base/hex.h"
#include "node/judge.h"
#include "node/preview.h"
#include "tests/property/random_policy.h"
#include "wire/request_policy.h"
#include "wire/request_preview.h"

#define POLICIES 72u
#define RECORDS 48u
#define PEERS 3u /* B, C and D: 10,368 records, peers and policies */

static struct choice choice;

/* What is drawn for one record. */
struct drawn {
	enum tlp tlp;
	uint32_t orgs;
	bool has_community, is_phone, has_purpose, must_not;
	uint8_t confidence;
};

static void
draw(struct drawn *drawn)
{
	static const enum tlp labels[] = {
	    TLP_CLEAR, TLP_GREEN, TLP_GREEN, TLP_AMBER, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED};

	drawn->tlp = labels[choice_below(&choice, 7)];
	drawn->orgs = choice_below(&choice, 3) == 0 ? 0 : choice_below(&choice, 8);
	drawn->has_community = choice_below(&choice, 4) == 0;
	drawn->is_phone = choice_below(&choice, 5) == 0;
	drawn->has_purpose = choice_below(&choice, 5) != 0;
	drawn->must_not = choice_below(&choice, 6) == 0;
	drawn->confidence = (uint8_t)choice_below(&choice, 101);
	if (drawn->tlp >= TLP_AMBER_STRICT && drawn->orgs == 0)
		drawn->orgs = 1 + choice_below(&choice, 7);
}

static struct net *drawing; /* whose nodes are named */

static void
make(struct record *record, void *context)
{
	static const struct observable phone = {
	    OBSERVABLE_PHONE, {(const uint8_t *)"+525555550100", 13}};
	const struct drawn *drawn = context;
	uint32_t i;

	for (i = 0; i < PEERS; i++) {
		if ((drawn->orgs >> i & 1) != 0)
			ck_err(audience_add_org(&record->audience, &drawing->nodes[B + i].org),
			    ERR_NONE);
	}
	if (drawn->has_community)
		to_community(record, NULL);
	if (drawn->is_phone)
		ck_err(record_add_observable(record, &phone), ERR_NONE);
	if (drawn->has_purpose || drawn->tlp == TLP_RED || drawn->is_phone) {
		record->marking.purpose = bytes_view_str("fraud prevention");
		record->marking.basis = bytes_view_str("consent");
	}
	if (drawn->must_not)
		record->marking.attribution = OBLIGATION_MUST_NOT;
	record->confidence = drawn->confidence;
}

/* ---------------------------------------------------------------- the nodes */

static void
set_policy(struct net *net, const char *digits)
{
	struct policy_set_arguments set = {0};
	struct bytes text, encoded;

	bytes_init(&text, 65536);
	bytes_init(&encoded, 131072);
	random_policy(&text, &choice, digits);
	set.text = bytes_as_view(&text);
	ck_err(schema_encode(&request_policy_set_schema, &set, &encoded), ERR_NONE);
	ck_reason(net_request(net, A,
		      &(struct net_request){.command = REQUEST_POLICY_SET,
			  .arguments = bytes_as_view(&encoded),
			  .signer = net->nodes[A].founder,
			  .uid = NODE_UID})
		      .reason,
	    REASON_STORED);
	bytes_release(&text);
	bytes_release(&encoded);
}

/* A and B are a community's members; C is a signed client of A; D is nobody to anyone. */
static struct net *
open_agreeing(char digits[65])
{
	struct net *net = net_open(4);
	uint32_t peer;

	for (peer = B; peer <= D; peer++)
		net_befriend(net, A, peer);
	serial = 0;
	put_charter(net, "AB");
	pair_of(net, RELATION_CLIENT_OF, RELATION_ACTIVE, C, A, C);
	ck_reason(relate(net, A, &draft), REASON_STORED);
	pair_of(net, RELATION_CLIENT_OF, RELATION_ACTIVE, C, A, A);
	ck_reason(relate(net, C, &draft), REASON_STORED);
	net_pass(net, 5000);
	hex_encode(community.bytes, sizeof(community.bytes), digits);
	drawing = net;
	return net;
}

/* ---------------------------------------------------------------- what is said of it */

/* For each peer, whether PLAN says that it goes; of a draft, or of the record with this id. */
static void
plan(struct net *net, const struct bytes *of_draft, const struct record_id *id, bool goes[PEERS])
{
	struct plan_arguments arguments = {0};
	struct decision_body decision;
	struct plan_group group;
	struct plan_body body;
	struct bytes items, encoded;
	struct answer answer;
	char digits[65];
	size_t at;
	uint32_t peer;

	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	if (id != NULL) {
		hex_encode(id->bytes, sizeof(id->bytes), digits);
		arguments.id = bytes_view_str(digits);
	} else {
		ck_err(schema_list_add_bin(&arguments.drafts, &items, bytes_as_view(of_draft)),
		    ERR_NONE);
	}
	ck_err(schema_encode(&request_preview_plan_schema, &arguments, &encoded), ERR_NONE);
	answer = net_request(net, A,
	    &(struct net_request){
		.command = REQUEST_PLAN, .arguments = bytes_as_view(&encoded), .uid = NODE_UID});
	ck_reason(answer.reason, REASON_STORED);
	ck_err(schema_decode(&request_preview_plan_body_schema, answer.body, &body), ERR_NONE);
	memset(goes, 0, PEERS * sizeof(*goes));
	while (schema_list_next(&body.groups, &request_preview_group_schema, &group) == ERR_NONE) {
		ck_err(schema_decode(&request_preview_decision_schema, group.decision, &decision),
		    ERR_NONE);
		for (at = 0; at < group.peers.len; at += sizeof(struct org_id)) {
			for (peer = 0; peer < PEERS; peer++) {
				if (memcmp(group.peers.data + at, net->nodes[B + peer].org.bytes,
					sizeof(struct org_id)) == 0)
					goes[peer] = decision.way == DECISION_ASKED &&
						     decision.reason == REASON_STORED;
			}
		}
	}
	bytes_release(&items);
	bytes_release(&encoded);
}

static enum err
count_delivery(void *context, const struct delivery_row *row)
{
	struct net *net = drawing;
	bool *sent = context;
	uint32_t peer;

	for (peer = 0; peer < PEERS; peer++)
		sent[peer] |= row->state != DELIVERY_VOID &&
			      memcmp(&row->peer, &net->nodes[B + peer].org, sizeof(row->peer)) == 0;
	return ERR_NONE;
}

struct counted {
	uint32_t triples, gone, redacted;
};

/* One record from its draft to every peer's store. */
static void
share_one(struct net *net, struct counted *tally)
{
	bool before[PEERS], after[PEERS], sent[PEERS] = {false};
	struct record_row row;
	struct record_id id;
	struct drawn drawn;
	struct bytes encoded;
	enum reason reason;
	uint32_t peer;

	draw(&drawn);
	bytes_init(&encoded, RECORD_BYTES_MAX);
	net_draft(drawn.tlp, "a note", make, &drawn, &encoded);
	plan(net, &encoded, NULL, before);
	reason = net_share(net, A, drawn.tlp, "a note", make, &drawn, &id);
	bytes_release(&encoded);
	/* the same content again */
	if (reason == REASON_DUPLICATE)
		return;
	ck_reason(reason, REASON_STORED);
	net_pass(net, 2000);
	plan(net, NULL, &id, after);
	ck_err(records_get(net->nodes[A].core->store, &id, &row), ERR_NONE);
	ck_err(deliveries_of_record(
		   net->nodes[A].core->store, row.batch, row.position, count_delivery, sent),
	    ERR_NONE);
	for (peer = 0; peer < PEERS; peer++) {
		bool has = net_has(net, B + peer, &id);

		ck_assert_msg(before[peer] == after[peer] && before[peer] == sent[peer] &&
				  before[peer] == has,
		    "%s, orgs %x, community %d, to %u: planned %d, then %d; sent %d; held %d",
		    tlp_name(drawn.tlp), drawn.orgs, drawn.has_community, peer, before[peer],
		    after[peer], sent[peer], has);
		tally->triples++;
		tally->gone += has;
	}
}

/* Everything that was decided here, decided again as of its time: nothing comes out otherwise. */
static uint64_t
replay_all(struct net *net)
{
	struct policy_replay_arguments arguments = {.begins = true};
	struct policy_replay_body body = {0};
	struct bytes encoded;
	struct answer answer;
	uint64_t examined = 0;

	bytes_init(&encoded, 4096);
	do {
		bytes_clear(&encoded);
		ck_err(
		    schema_encode(&request_policy_replay_schema, &arguments, &encoded), ERR_NONE);
		answer = net_request(net, A,
		    &(struct net_request){.command = REQUEST_POLICY_REPLAY,
			.arguments = bytes_as_view(&encoded),
			.uid = NODE_UID});
		ck_reason(answer.reason, REASON_STORED);
		ck_err(schema_decode(&request_policy_replay_body_schema, answer.body, &body),
		    ERR_NONE);
		examined += body.examined;
		ck_assert_uint_eq(body.differing, 0);
		ck_assert_uint_eq(body.unlike, 0);
		ck_assert_uint_eq(body.gone, 0);
		arguments =
		    (struct policy_replay_arguments){.leaf = body.leaf, .inside = body.inside};
	} while (!body.is_done);
	bytes_release(&encoded);
	return examined;
}

START_TEST(plan_sending_store_and_replay_agree_under_random_policies)
{
	struct counted tally = {0};
	char digits[65];
	uint64_t replayed = 0;
	uint32_t i, n;

	choice_open(&choice, 20261124, 1);
	for (i = 0; i < POLICIES; i++) {
		struct net *net = open_agreeing(digits);

		set_policy(net, digits);
		net_pass(net, 1000);
		for (n = 0; n < RECORDS; n++)
			share_one(net, &tally);
		replayed += replay_all(net);
		net_close(net);
	}
	printf("%u records, peers and policies; %u of them went; %llu decisions replayed\n",
	    tally.triples, tally.gone, (unsigned long long)replayed);
	ck_assert_uint_gt(replayed, tally.triples / 2);
	ck_assert_uint_gt(tally.triples, 10000);
	ck_assert_uint_gt(tally.gone, tally.triples / 10);
	ck_assert_uint_lt(tally.gone, tally.triples * 9 / 10);
}
END_TEST

SUITE_MAIN("node/agree", plan_sending_store_and_replay_agree_under_random_policies)
