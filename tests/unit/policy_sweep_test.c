/*
 * A sweep over many records and peers finds for each of them the rule that the one decision
 * function finds, and the door is shut where that says so: over random policies, whose conditions
 * ask of the record, of the peer, and of both.
 */
#include "policy/sweep.h"

#include <stdio.h>
#include <string.h>

#include "policy/trial.h"
#include "tests/unit/suite.h"

#define POLICIES 400u
#define RECORDS 30u
#define PEERS 6u
#define NOW UINT64_C(1795000000000)

static uint64_t state;

static uint32_t
draw(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

static const char *const OF_RECORD[] = {"kind = indicator", "kind in (note, advisory)",
    "tlp <= green", "tlp = amber", "confidence >= 60", "confidence < 30", "severity >= high",
    "type = phone", "not type = domain", "type = domain and value under evil.example",
    "audience = nobody", "label ~ \"a*\"", "created > now - 7d", "author = \"us\"",
    "derived.tlp <= green", "language = es", "purpose = \"fraud\""};
static const char *const OF_PEER[] = {"sector(bank)", "not sector(bank)", "country(MX)", "client",
    "audience", "member(fin)", "org(\"p1\")", "org(\"p2\", \"p3\")", "not audience", "provider"};
#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof(*(table))))

static void
append(char *text, const char *more)
{
	size_t len = strlen(text);

	ck_assert_uint_lt(len + strlen(more), 16000);
	memcpy(text + len, more, strlen(more) + 1);
}

static void
append_condition(char *text, bool may_ask_peer)
{
	uint32_t terms = 1 + draw(3), i;

	for (i = 0; i < terms; i++) {
		if (i > 0)
			append(text, draw(2) != 0 ? " and " : " or ");
		append(text, draw(5) == 0 ? "not (" : "(");
		if (may_ask_peer && draw(5) == 0)
			append(text, OF_PEER[draw(COUNT(OF_PEER))]);
		else
			append(text, OF_RECORD[draw(COUNT(OF_RECORD))]);
		append(text, ")");
	}
}

static void
append_party(char *text)
{
	append(text, " to ");
	if (draw(4) == 0) {
		append(text, "anybody");
		return;
	}
	append(text, OF_PEER[draw(COUNT(OF_PEER))]);
	if (draw(2) == 0) {
		append(text, draw(2) != 0 ? " and " : " or ");
		append(text, OF_PEER[draw(COUNT(OF_PEER))]);
	}
}

static struct policy *
make_policy(void)
{
	static const char *const actions[] = {
	    "share", "hold(1)", "hold(2)", "deny", "share", "redact"};
	struct policy_errors errors;
	struct policy *policy = NULL;
	uint32_t rules = draw(12), i;
	static char text[16384];

	text[0] = '\0';
	append(text, "policy \"random\"\ncommunity fin\noutbound {\n");
	for (i = 0; i < rules; i++) {
		const char *action = actions[draw(COUNT(actions))];
		char name[32];

		append(text, "  ");
		append(text, action);
		(void)snprintf(name, sizeof(name), " r%u%s", (unsigned)i,
		    action[0] == 'r' ? " (description)" : "");
		append(text, name);
		if (draw(4) != 0) {
			append(text, " where ");
			append_condition(text, true);
		}
		append_party(text);
		append(text, "\n");
	}
	append(text, "}\n");
	ck_assert_msg(policy_open(bytes_view_str(text), NULL, &policy, &errors) == ERR_NONE,
	    "%s: line %u: %s, expected %s", text, (unsigned)errors.at[0].line, errors.at[0].problem,
	    errors.at[0].expected);
	ck_assert_int_eq(policy_rehearse(policy), ERR_NONE);
	return policy;
}

static struct org_id self, orgs[PEERS];
static struct community_id fin;
static struct record records[2]; /* the one before must not matter */

static void
fill_audience(struct audience *audience)
{
	uint32_t i;

	audience_init(audience);
	for (i = 0; draw(2) == 0 && i < PEERS; i++) {
		if (draw(3) == 0)
			ck_assert_int_eq(audience_add_org(audience, &orgs[i]), ERR_NONE);
	}
	audience->has_community = draw(4) == 0;
	audience->community = fin;
}

static void
make_record(struct record *record)
{
	static const struct observable observables[] = {
	    {OBSERVABLE_DOMAIN, {(const uint8_t *)"a.evil.example", 14}},
	    {OBSERVABLE_DOMAIN, {(const uint8_t *)"good.example", 12}},
	    {OBSERVABLE_PHONE, {(const uint8_t *)"+525555550100", 13}}};
	static const enum record_kind kinds[] = {RECORD_INDICATOR, RECORD_NOTE, RECORD_ADVISORY};

	record_init(record, kinds[draw(3)], (enum tlp)draw(TLP_COUNT));
	record->is_draft = false;
	record->created_ms = NOW - draw(20) * UINT64_C(86400000);
	record->author = draw(3) == 0 ? orgs[draw(PEERS)] : self;
	record->confidence = draw(3) == 0 ? CONFIDENCE_UNSTATED : (uint8_t)draw(101);
	record->severity = (enum severity)draw(5);
	if (draw(3) != 0)
		ck_assert_int_eq(
		    record_add_observable(record, &observables[draw(COUNT(observables))]),
		    ERR_NONE);
	if (draw(3) == 0)
		ck_assert_int_eq(record_add_text(&record->labels, bytes_view_str("apt")), ERR_NONE);
	if (draw(2) == 0) {
		record->marking.purpose = bytes_view_str("fraud");
		record->marking.basis = bytes_view_str("law");
	}
	if (draw(6) == 0)
		record->marking.end_ms = NOW - 1;
	if (draw(6) == 0)
		record->marking.attribution = OBLIGATION_MUST_NOT;
	record->has_derived = draw(6) == 0;
	if (record->has_derived) {
		marking_init(&record->derived.marking, (enum tlp)draw(TLP_COUNT));
		record->derived.author = orgs[draw(PEERS)];
		fill_audience(&record->derived.audience);
	}
	fill_audience(&record->audience);
}

/* What is known of a peer does not change from record to record. */
static void
make_facts(struct match_peer *facts)
{
	static const char *const sectors[] = {"", "bank", "telecom"};
	static const char *const countries[] = {"", "MX", "US"};

	*facts = (struct match_peer){.sector = bytes_view_str(sectors[draw(3)]),
	    .country = bytes_view_str(countries[draw(3)]),
	    .communities_count = draw(2),
	    .communities = &fin,
	    .is_client = draw(2) == 0,
	    .is_provider = draw(4) == 0};
}

static void
make_input(const struct record *record, uint32_t peer, const struct match_peer *facts,
    enum decide_standing standing, struct decide_input *input)
{
	*input = (struct decide_input){.record = record,
	    .context.now_ms = NOW,
	    .context.received_ms = NOW,
	    .self = &self,
	    .peer = &orgs[peer],
	    .facts = *facts,
	    .standing = standing};
	input->relations.membership = (enum ceiling_membership)draw(3);
	input->relations.is_client = facts->is_client;
	input->relations.has_grant = draw(4) == 0;
	input->relations.was_had_from_author = draw(2) == 0;
	input->derived = input->relations;
}

/* Parties are asked about once, for peers that are named and for those that are not. */
struct parties {
	bool is_known[PEERS][2];
	sweep_rules rules[PEERS][2];
};

static void
check_peer(struct sweep *sweep, struct parties *parties, uint32_t peer,
    const struct decide_input *input, uint32_t *found)
{
	struct decision decision = decide(sweep->policy, RULE_OUTBOUND, input);
	bool is_named = decide_context(sweep->policy, input).is_named;
	bool is_shut = decision.by != DECIDE_BY_RULE && decision.by != DECIDE_BY_NOTHING &&
		       decision.by != DECIDE_BY_APPROVERS;
	sweep_rules party = sweep_party(sweep, input);
	int rule;

	if (!parties->is_known[peer][is_named]) {
		parties->is_known[peer][is_named] = true;
		parties->rules[peer][is_named] = party;
	}
	ck_assert_uint_eq(parties->rules[peer][is_named], party);
	rule = sweep_rule(sweep, parties->rules[peer][is_named], input);
	ck_assert_int_eq(rule, decision.rule);
	ck_assert_int_eq(decide_is_shut(RULE_OUTBOUND, input), is_shut);
	ck_assert_int_eq(decide_ceiling(RULE_OUTBOUND, input), decision.ceiling);
	found[rule < 0 ? 0 : 1]++;
	found[2] += is_shut;
}

static void
check_policy(struct policy *policy, uint32_t *found)
{
	struct parties parties = {0};
	struct match_peer facts[PEERS];
	struct decide_input input;
	struct sweep sweep;
	uint32_t r, p;

	sweep_open(&sweep, policy, RULE_OUTBOUND);
	for (p = 0; p < PEERS; p++)
		make_facts(&facts[p]);
	for (r = 0; r < RECORDS; r++) {
		struct record *record = &records[r % 2];
		enum decide_standing standing = draw(8) == 0 ? DECIDE_SUPERSEDED : DECIDE_IN_FORCE;

		make_record(record);
		for (p = 0; p < PEERS; p++) {
			make_input(record, p, &facts[p], standing, &input);
			if (p == 0)
				sweep_record(&sweep, &input);
			check_peer(&sweep, &parties, p, &input, found);
		}
	}
}

START_TEST(finds_the_rule_that_the_decision_finds)
{
	uint32_t found[3] = {0}, i;

	state = 20261124;
	trial_org(bytes_view_str("us"), &self);
	trial_community(bytes_view_str("fin"), &fin);
	for (i = 0; i < PEERS; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "p%u", (unsigned)i);
		trial_org(bytes_view_str(name), &orgs[i]);
	}
	for (i = 0; i < POLICIES; i++) {
		struct policy *policy = make_policy();

		check_policy(policy, found);
		policy_free(policy);
	}
	/* each way it can end is there, and often */
	for (i = 0; i < 3; i++)
		ck_assert_uint_gt(found[i], POLICIES * RECORDS / 4);
}
END_TEST

START_TEST(knows_whether_a_peer_matters_beside_the_record)
{
	static const char text[] = "policy \"p\"\noutbound {\n"
				   "  share a where tlp <= green to sector(bank)\n"
				   "  share b where tlp <= green and sector(bank) to anybody\n"
				   "  deny c\n}\n";
	struct policy *policy;
	struct sweep sweep;

	ck_assert_int_eq(policy_open(bytes_view_str(text), NULL, &policy, NULL), ERR_NONE);
	ck_assert_int_eq(policy_rehearse(policy), ERR_NONE);
	sweep_open(&sweep, policy, RULE_OUTBOUND);
	ck_assert(!sweep_asks_peer(&sweep, 1));
	ck_assert(sweep_asks_peer(&sweep, 2));
	ck_assert(sweep_asks_peer(&sweep, 7));
	ck_assert(!sweep_asks_peer(&sweep, 5));
	ck_assert_int_eq(sweep_rule(&sweep, 0, NULL), -1);
	policy_free(policy);
}
END_TEST

SUITE_MAIN("policy/sweep", finds_the_rule_that_the_decision_finds,
    knows_whether_a_peer_matters_beside_the_record)
