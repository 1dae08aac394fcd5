#include "policy/decide.h"

#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "policy/parse.h"
#include "tests/unit/suite.h"

static const struct org_id self = {{0xa0}};
static const struct org_id peer = {{0xb0}};
static const struct org_id other = {{0xc0}};

static struct policy *policy;
static struct record record;
static struct decide_input input;

/* An own indicator about a domain that names nobody. */
static void
start(enum tlp tlp)
{
	static const struct observable domain = {
	    OBSERVABLE_DOMAIN, {(const uint8_t *)"evil.example", 12}};

	if (policy == NULL)
		ck_assert_int_eq(policy_open_default(&policy), ERR_NONE);
	record_init(&record, RECORD_INDICATOR, tlp);
	record.is_draft = false;
	record.author = self;
	record.created_ms = 1795000000000ull;
	ck_assert_int_eq(record_add_observable(&record, &domain), ERR_NONE);
	input = (struct decide_input){
	    .record = &record, .context.now_ms = 1795000000000ull, .self = &self, .peer = &peer};
}

static void
name(const struct org_id *org)
{
	ck_assert_int_eq(audience_add_org(&record.audience, org), ERR_NONE);
}

static void
add_phone(void)
{
	static const struct observable phone = {
	    OBSERVABLE_PHONE, {(const uint8_t *)"+525555550100", 13}};

	ck_assert_int_eq(record_add_observable(&record, &phone), ERR_NONE);
}

static void
state_purpose(void)
{
	record.marking.purpose = bytes_view_str("fraud prevention");
	record.marking.basis = bytes_view_str("LFPDPPP art. 10");
}

static void
assert_decision(
    struct decision decision, enum rule_action action, enum reason reason, const char *rule)
{
	ck_assert_int_eq(decision.action, action);
	ck_assert_msg(decision.reason == reason, "%s", reason_name(decision.reason));
	ck_assert_str_eq(decision.rule_name, rule);
	ck_assert(digest_is_equal(&decision.policy, &policy->hash));
}

START_TEST(prints_the_rules_that_it_follows)
{
	struct hash hash;

	start(TLP_CLEAR);
	ck_assert(bytes_view_is_equal(bytes_as_view(&policy->text), policy_default_text()));
	digest_sha256(policy_default_text(), &hash);
	ck_assert(digest_is_equal(&hash, &policy->hash));
	ck_assert_str_eq(policy->name, "default");
}
END_TEST

START_TEST(shares_with_those_who_are_named)
{
	static const enum tlp labels[] = {
	    TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED};
	size_t i;

	for (i = 0; i < 5; i++) {
		start(labels[i]);
		state_purpose();
		name(&peer);
		assert_decision(
		    decide_outbound(policy, &input), RULE_SHARE, REASON_STORED, "named");
	}
}
END_TEST

START_TEST(denies_those_who_are_not_named)
{
	start(TLP_GREEN);
	name(&other);
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_NOT_ADDRESSED, "rest");
	start(TLP_RED);
	state_purpose();
	name(&other);
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_NOT_ADDRESSED, "rest");
	/* the label would allow this one, the policy does not */
	start(TLP_CLEAR);
	name(&other);
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_POLICY, "rest");
}
END_TEST

START_TEST(shares_green_and_clear_that_name_nobody_with_every_peer)
{
	start(TLP_CLEAR);
	assert_decision(decide_outbound(policy, &input), RULE_SHARE, REASON_STORED, "open");
	start(TLP_GREEN);
	assert_decision(decide_outbound(policy, &input), RULE_SHARE, REASON_STORED, "open");
	start(TLP_AMBER);
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_POLICY, "rest");
	start(TLP_RED);
	state_purpose();
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_NO_AUDIENCE, "rest");
}
END_TEST

START_TEST(holds_personal_observables_for_one_approver)
{
	struct decision decision;

	start(TLP_GREEN);
	state_purpose();
	add_phone();
	decision = decide_outbound(policy, &input);
	assert_decision(decision, RULE_HOLD, REASON_HELD, "personal-open");
	ck_assert_uint_eq(decision.approvers, 1);

	start(TLP_RED);
	state_purpose();
	add_phone();
	name(&peer);
	decision = decide_outbound(policy, &input);
	assert_decision(decision, RULE_HOLD, REASON_HELD, "personal");
	ck_assert_uint_eq(decision.approvers, 1);
	ck_assert_int_eq(decision.rule, 0);
}
END_TEST

START_TEST(does_not_hold_what_it_would_not_share)
{
	start(TLP_AMBER);
	state_purpose();
	add_phone();
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_POLICY, "rest");
	start(TLP_CLEAR);
	state_purpose();
	add_phone();
	name(&other);
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_POLICY, "rest");
}
END_TEST

START_TEST(asks_for_purpose_and_basis_of_own_personal_and_red_records)
{
	struct decision decision;

	start(TLP_GREEN);
	add_phone();
	decision = decide_outbound(policy, &input);
	assert_decision(decision, RULE_DENY, REASON_NO_PURPOSE, "personal-open");
	ck_assert_int_eq(decision.by, DECIDE_BY_PURPOSE);
	ck_assert_int_eq(decision.ceiling, REASON_STORED);
	record.marking.purpose = bytes_view_str("fraud prevention");
	assert_decision(
	    decide_outbound(policy, &input), RULE_DENY, REASON_NO_PURPOSE, "personal-open");
	start(TLP_RED);
	name(&peer);
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_NO_PURPOSE, "named");
	/* another's record is its author's affair */
	start(TLP_CLEAR);
	add_phone();
	record.author = other;
	assert_decision(decide_outbound(policy, &input), RULE_HOLD, REASON_HELD, "personal-open");
}
END_TEST

/* Another policy than the default; lists and names of its own it has none. */
static void
open_text(const char *text)
{
	policy = NULL;
	ck_assert_int_eq(policy_open(bytes_view_str(text), NULL, &policy, NULL), ERR_NONE);
	ck_assert_int_eq(policy_rehearse(policy), ERR_NONE);
}

START_TEST(asks_before_any_rule_for_what_the_policy_requires)
{
	struct decision decision;

	open_text("policy \"strict\"\n"
		  "outbound {\n"
		  "  share all to anybody\n"
		  "  require purpose where type = domain and tlp >= green\n"
		  "  require purpose, basis where to sector(bank)\n"
		  "}\n");
	ck_assert(policy->tells_peers_apart);
	start(TLP_CLEAR);
	assert_decision(decide_outbound(policy, &input), RULE_SHARE, REASON_STORED, "all");
	start(TLP_GREEN);
	decision = decide_outbound(policy, &input);
	assert_decision(decision, RULE_DENY, REASON_NO_PURPOSE, "all");
	ck_assert_int_eq(decision.by, DECIDE_BY_PURPOSE);
	ck_assert_uint_eq(decision.required_line, 4);
	ck_assert(!decide_is_shut(RULE_OUTBOUND, &input));
	/* only what is asked for */
	record.marking.purpose = bytes_view_str("fraud prevention");
	decision = decide_outbound(policy, &input);
	assert_decision(decision, RULE_SHARE, REASON_STORED, "all");
	ck_assert_uint_eq(decision.required_line, 0);
	/* of some peers more is asked, and of records that others wrote as well */
	input.facts.sector = bytes_view_str("bank");
	ck_assert_uint_eq(decide_outbound(policy, &input).required_line, 5);
	start(TLP_CLEAR);
	record.author = other;
	input.facts.sector = bytes_view_str("bank");
	ck_assert_uint_eq(decide_outbound(policy, &input).required_line, 5);
	state_purpose();
	assert_decision(decide_outbound(policy, &input), RULE_SHARE, REASON_STORED, "all");
}
END_TEST

START_TEST(requires_nothing_of_what_the_ceiling_stops_or_what_comes_in)
{
	struct decision decision;

	open_text("policy \"strict\"\noutbound {\n  require basis\n  share all to anybody\n}\n"
		  "inbound {\n  accept all\n}\n");
	start(TLP_AMBER_STRICT);
	decision = decide_outbound(policy, &input);
	ck_assert_int_eq(decision.by, DECIDE_BY_CEILING);
	ck_assert_uint_eq(decision.required_line, 0);
	start(TLP_CLEAR);
	record.author = peer;
	assert_decision(decide_inbound(policy, &input), RULE_ACCEPT, REASON_STORED, "all");
	start(TLP_CLEAR);
	ck_assert_uint_eq(decide_outbound(policy, &input).required_line, 3);
}
END_TEST

START_TEST(lets_the_ceiling_overrule_every_rule)
{
	struct decision decision;

	start(TLP_GREEN);
	record.author = other;
	decision = decide_outbound(policy, &input);
	assert_decision(decision, RULE_DENY, REASON_CEILING, "open");
	ck_assert_int_eq(decision.by, DECIDE_BY_CEILING);
	ck_assert_int_eq(decision.ceiling, REASON_CEILING);

	start(TLP_AMBER);
	record.author = other;
	name(&peer);
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_CEILING, "named");
	input.relations.is_client = true;
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_CEILING, "named");
	input.relations.was_had_from_author = true;
	assert_decision(decide_outbound(policy, &input), RULE_SHARE, REASON_STORED, "named");
}
END_TEST

START_TEST(counts_members_of_the_named_community_as_named)
{
	start(TLP_GREEN);
	record.audience.has_community = true;
	assert_decision(
	    decide_outbound(policy, &input), RULE_DENY, REASON_UNKNOWN_COMMUNITY, "rest");
	input.relations.membership = CEILING_MEMBERS;
	assert_decision(decide_outbound(policy, &input), RULE_SHARE, REASON_STORED, "named");
	input.relations.membership = CEILING_NOT_MEMBERS;
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_NOT_ADDRESSED, "rest");
}
END_TEST

START_TEST(does_not_launder_by_redaction)
{
	start(TLP_CLEAR);
	record.has_derived = true;
	record.derived.author = other;
	marking_init(&record.derived.marking, TLP_AMBER);
	audience_init(&record.derived.audience);
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_CEILING, "open");
	input.derived.was_had_from_author = true;
	input.derived.is_client = true;
	assert_decision(decide_outbound(policy, &input), RULE_SHARE, REASON_STORED, "open");
	record.derived.marking.attribution = OBLIGATION_MUST_NOT;
	assert_decision(decide_outbound(policy, &input), RULE_DENY, REASON_CEILING, "open");
}
END_TEST

START_TEST(accepts_from_every_peer_what_the_label_allows)
{
	start(TLP_AMBER);
	record.author = peer;
	name(&self);
	assert_decision(decide_inbound(policy, &input), RULE_ACCEPT, REASON_STORED, "every-peer");
	/* not the author: a forwarder, who may not */
	record.author = other;
	assert_decision(decide_inbound(policy, &input), RULE_REFUSE, REASON_CEILING, "every-peer");
	start(TLP_RED);
	record.author = peer;
	name(&other);
	assert_decision(
	    decide_inbound(policy, &input), RULE_REFUSE, REASON_NOT_ADDRESSED, "every-peer");
	start(TLP_GREEN);
	record.author = peer;
	add_phone(); /* without a purpose: nothing that the receiver judges */
	assert_decision(decide_inbound(policy, &input), RULE_ACCEPT, REASON_STORED, "every-peer");
}
END_TEST

START_TEST(traces_every_rule)
{
	struct decision decision;

	start(TLP_GREEN);
	decision = decide_outbound(policy, &input);
	ck_assert_uint_eq(decision.trace_count, 5);
	ck_assert_uint_eq(decision.trace[0], DECIDE_OTHER_PARTY);
	ck_assert_uint_eq(decision.trace[1], DECIDE_NO_MATCH);
	ck_assert_uint_eq(decision.trace[2], DECIDE_OTHER_PARTY);
	ck_assert_uint_eq(decision.trace[3], DECIDE_MATCHED);
	ck_assert_uint_eq(decision.trace[4], DECIDE_NOT_REACHED);
	ck_assert_int_eq(decision.rule, 3);
	ck_assert_int_eq(decision.by, DECIDE_BY_RULE);
}
END_TEST

START_TEST(denies_and_refuses_where_no_rule_matches)
{
	struct policy empty = {.name = "empty"};
	struct decision decision;

	start(TLP_CLEAR);
	decision = decide_outbound(&empty, &input);
	ck_assert_int_eq(decision.action, RULE_DENY);
	ck_assert_int_eq(decision.by, DECIDE_BY_NOTHING);
	ck_assert_int_eq(decision.reason, REASON_POLICY);
	ck_assert_int_eq(decision.rule, -1);
	decision = decide_inbound(&empty, &input);
	ck_assert_int_eq(decision.action, RULE_REFUSE);
	ck_assert_int_eq(decision.reason, REASON_POLICY);
}
END_TEST

/* One rule that has no condition and this action. */
static struct decision
decide_by(enum rule_action action)
{
	static struct rule rule;
	struct policy single = {.outbound = {1, &rule}, .inbound = {1, &rule}};

	rule.action = action;
	predicate_init(&rule.where);
	start(TLP_CLEAR);
	return rule_action_is_outbound(action) ? decide_outbound(&single, &input)
					       : decide_inbound(&single, &input);
}

START_TEST(gives_each_action_its_reason)
{
	ck_assert_int_eq(decide_by(RULE_SHARE).reason, REASON_STORED);
	ck_assert_int_eq(decide_by(RULE_HOLD).reason, REASON_HELD);
	ck_assert_int_eq(decide_by(RULE_DENY).reason, REASON_POLICY);
	ck_assert_int_eq(decide_by(RULE_ACCEPT).reason, REASON_STORED);
	ck_assert_int_eq(decide_by(RULE_QUARANTINE).reason, REASON_STORED);
	ck_assert_int_eq(decide_by(RULE_QUARANTINE).action, RULE_QUARANTINE);
	ck_assert_int_eq(decide_by(RULE_REFUSE).reason, REASON_POLICY);
}
END_TEST

/* A policy that holds everything for two people. */
static struct decision
decide_held(void)
{
	static struct rule rule = {.action = RULE_HOLD, .approvers = 2};
	static const struct policy single = {.outbound = {1, &rule}};

	predicate_init(&rule.where);
	return decide_outbound(&single, &input);
}

START_TEST(lets_go_what_enough_approvers_have_released)
{
	struct decision decision;

	start(TLP_CLEAR);
	input.approvals.count = 1;
	decision = decide_held();
	ck_assert_int_eq(decision.reason, REASON_HELD);
	ck_assert_int_eq(decision.by, DECIDE_BY_RULE);
	input.approvals.count = 2;
	decision = decide_held();
	ck_assert_int_eq(decision.action, RULE_SHARE);
	ck_assert_int_eq(decision.reason, REASON_STORED);
	ck_assert_int_eq(decision.by, DECIDE_BY_APPROVERS);
	/* one who rejects counts more than all who release */
	input.approvals.is_rejected = true;
	decision = decide_held();
	ck_assert_int_eq(decision.action, RULE_DENY);
	ck_assert_int_eq(decision.reason, REASON_REJECTED);
	/* no number of them opens what the ceiling shuts, or what a rule denies */
	start(TLP_RED);
	state_purpose();
	name(&other);
	input.approvals.count = 9;
	ck_assert_int_eq(decide_held().reason, REASON_NOT_ADDRESSED);
	start(TLP_CLEAR);
	name(&other);
	input.approvals.count = 9;
	ck_assert_int_eq(decide_outbound(policy, &input).reason, REASON_POLICY);
}
END_TEST

START_TEST(holds_what_the_privacy_gate_found_until_an_approver_lets_that_go_too)
{
	struct decision decision;

	start(TLP_CLEAR);
	input.is_private = true;
	decision = decide_outbound(policy, &input);
	ck_assert_int_eq(decision.action, RULE_HOLD);
	ck_assert_int_eq(decision.reason, REASON_HELD);
	ck_assert_int_eq(decision.by, DECIDE_BY_PRIVACY);
	input.approvals.count = 3; /* who have not said that */
	ck_assert_int_eq(decide_outbound(policy, &input).by, DECIDE_BY_PRIVACY);
	input.approvals.is_privacy_released = true;
	ck_assert_int_eq(decide_outbound(policy, &input).reason, REASON_STORED);
	input.approvals = (struct decide_approvals){.is_rejected = true};
	ck_assert_int_eq(decide_outbound(policy, &input).reason, REASON_REJECTED);
	/* it opens nothing, and is nobody's business who receives */
	start(TLP_CLEAR);
	name(&other);
	input.is_private = true;
	input.approvals.is_privacy_released = true;
	ck_assert_int_eq(decide_outbound(policy, &input).reason, REASON_POLICY);
	start(TLP_CLEAR);
	input.is_private = true;
	ck_assert_int_eq(decide_inbound(policy, &input).reason, REASON_STORED);
}
END_TEST

START_TEST(sends_nothing_outside_the_time_of_its_terms)
{
	start(TLP_CLEAR);
	record.marking.start_ms = input.context.now_ms;
	record.marking.end_ms = input.context.now_ms + 1;
	ck_assert_int_eq(decide_outbound(policy, &input).reason, REASON_STORED);
	input.context.now_ms++;
	ck_assert_int_eq(decide_outbound(policy, &input).reason, REASON_TERMS);
	ck_assert_int_eq(decide_outbound(policy, &input).by, DECIDE_BY_TERMS);
	input.context.now_ms -= 2;
	ck_assert_int_eq(decide_outbound(policy, &input).reason, REASON_TERMS);
	/* who gets it judges what he may do with it; it is no reason to refuse the record */
	ck_assert_int_eq(decide_inbound(policy, &input).reason, REASON_STORED);
}
END_TEST

START_TEST(sends_nothing_that_is_in_quarantine_or_amended)
{
	start(TLP_CLEAR);
	input.standing = DECIDE_QUARANTINED;
	ck_assert_int_eq(decide_outbound(policy, &input).reason, REASON_QUARANTINED);
	ck_assert_int_eq(decide_outbound(policy, &input).by, DECIDE_BY_STANDING);
	input.standing = DECIDE_SUPERSEDED;
	ck_assert_int_eq(decide_outbound(policy, &input).reason, REASON_SUPERSEDED);
	input.standing = DECIDE_IN_FORCE;
	ck_assert_int_eq(decide_outbound(policy, &input).reason, REASON_STORED);
}
END_TEST

START_TEST(decides_fast_enough)
{
	uint64_t before, spent;
	uint32_t i, shared = 0;

	start(TLP_GREEN);
	before = clock_steady_ms();
	for (i = 0; i < 100000; i++)
		shared += decide_outbound(policy, &input).action == RULE_SHARE;
	spent = clock_steady_ms() - before;
	ck_assert_uint_eq(shared, 100000);
	ck_assert_msg(spent < 1000, "100,000 decisions took %u ms", (unsigned)spent);
}
END_TEST

SUITE_MAIN("policy/decide", prints_the_rules_that_it_follows, shares_with_those_who_are_named,
    denies_those_who_are_not_named, shares_green_and_clear_that_name_nobody_with_every_peer,
    holds_personal_observables_for_one_approver, does_not_hold_what_it_would_not_share,
    asks_for_purpose_and_basis_of_own_personal_and_red_records,
    asks_before_any_rule_for_what_the_policy_requires,
    requires_nothing_of_what_the_ceiling_stops_or_what_comes_in,
    lets_the_ceiling_overrule_every_rule, counts_members_of_the_named_community_as_named,
    does_not_launder_by_redaction, accepts_from_every_peer_what_the_label_allows, traces_every_rule,
    denies_and_refuses_where_no_rule_matches, gives_each_action_its_reason,
    lets_go_what_enough_approvers_have_released,
    holds_what_the_privacy_gate_found_until_an_approver_lets_that_go_too,
    sends_nothing_outside_the_time_of_its_terms,
    sends_nothing_that_is_in_quarantine_or_amended, decides_fast_enough)
