/*
 * What a comparison of two policies finds is what the send path decides under each of them, peer
 * by peer and record by record: own and forwarded records, named and personal ones, grants,
 * redactions, approvals.
 */
#include "tests/unit/node_fixture.h"

#include "node/compare.h"
#include "node/judge.h"
#include "store/approvals.h"
#include "store/search.h"

enum { A, B, C, D };

static const char *const TEXTS[] = {
    "outbound {\n  share all to anybody\n}\n",
    "outbound {\n  deny all\n}\n",
    "outbound {\n  hold(2) phones where type = phone to anybody\n  share rest to anybody\n}\n",
    "outbound {\n  hold(1) phones where type = phone to anybody\n  share named to audience\n"
    "  share sure where confidence >= 60 to sector(telecom)\n  deny rest\n}\n",
    "outbound {\n  redact thin (description) where tlp <= green to anybody\n"
    "  share named to audience\n}\n",
    "outbound {\n  redact thin (title, description) where tlp <= green to anybody\n"
    "  share rest to anybody\n}\n",
    "outbound {\n  share odd where (kind = note and sector(telecom)) or confidence < 50"
    " to anybody\n  hold(1) amber where tlp = amber to audience\n}\n",
    "outbound {\n  deny mine where kind = indicator to not audience\n"
    "  share b where label = x or tlp = clear to country(MX)\n  share rest to audience\n}\n",
};
#define TEXTS_COUNT (sizeof(TEXTS) / sizeof(*TEXTS))

/* ---------------------------------------------------------------- records */

static void
make_indicator(struct record *record, void *context)
{
	static const struct observable domain = {
	    OBSERVABLE_DOMAIN, {(const uint8_t *)"evil.example", 12}};

	record->kind = RECORD_INDICATOR;
	record->confidence = *(const uint8_t *)context;
	record->body.title = bytes_view_of(NULL, 0);
	if (record->confidence > 50) /* there is nothing to redact */
		record->body.text = bytes_view_of(NULL, 0);
	ck_err(record_add_observable(record, &domain), ERR_NONE);
	ck_err(
	    record_add_text(&record->labels, bytes_view_str(record->confidence > 50 ? "x" : "y")),
	    ERR_NONE);
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
fill(struct net *net)
{
	static uint8_t low = 20, high = 80;
	struct record_id phone;

	ck_reason(net_share(net, A, TLP_CLEAR, "clear", NULL, NULL, NULL), REASON_STORED);
	ck_reason(net_share(net, A, TLP_GREEN, "green", NULL, NULL, NULL), REASON_STORED);
	ck_reason(
	    net_share(net, A, TLP_AMBER, "to b", net_to, &net->nodes[B].org, NULL), REASON_STORED);
	ck_reason(net_share(net, A, TLP_AMBER, "amber", NULL, NULL, NULL), REASON_STORED);
	ck_reason(net_share(net, A, TLP_GREEN, "low", make_indicator, &low, NULL), REASON_STORED);
	ck_reason(net_share(net, A, TLP_GREEN, "high", make_indicator, &high, NULL), REASON_STORED);
	ck_reason(net_share(net, A, TLP_GREEN, "call", make_phone, NULL, &phone), REASON_STORED);
	ck_reason(net_share(net, B, TLP_CLEAR, "b clear", NULL, NULL, NULL), REASON_STORED);
	ck_reason(net_share(net, B, TLP_GREEN, "b green", NULL, NULL, NULL), REASON_STORED);
	ck_reason(net_share(net, B, TLP_AMBER, "b amber", net_to, &net->nodes[A].org, NULL),
	    REASON_STORED);
	net_pass(net, 2000);
	ck_assert_uint_ge(net_records(net, A), 10);
	return phone;
}

/* B lets A pass its GREEN records on to C; the one record, or all of them. */
static void
grant(struct net *net, const struct record_id *one)
{
	static struct record draft;
	struct schema_list drafts = {0};
	struct submit_arguments arguments;
	struct bytes encoded, items, bytes;

	record_init(&draft, RECORD_RELATION, TLP_GREEN);
	draft.body.relation = (struct relation){.type = RELATION_GRANT,
	    .state = RELATION_ACTIVE,
	    .has_subject = true,
	    .subject = net->nodes[A].org,
	    .has_tlp = true,
	    .tlp = TLP_GREEN,
	    .to_orgs = org_list_of(&net->nodes[C].org, 1)};
	if (one != NULL) {
		draft.body.relation.has_target = true;
		draft.body.relation.target = *one;
	}
	draft.valid_until_ms = net->now_ms + NODE_DAY;
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&bytes, RECORD_BYTES_MAX);
	ck_err(record_encode(&draft, &bytes), ERR_NONE);
	ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&bytes)), ERR_NONE);
	arguments = (struct submit_arguments){.drafts = drafts};
	ck_err(schema_encode(&request_submit_schema, &arguments, &encoded), ERR_NONE);
	ck_reason(net_request(net, B,
		      &(struct net_request){.command = REQUEST_RELATE,
			  .arguments = bytes_as_view(&encoded),
			  .signer = net->nodes[B].founder,
			  .uid = NODE_UID})
		      .reason,
	    REASON_STORED);
	bytes_release(&encoded);
	bytes_release(&items);
	bytes_release(&bytes);
	net_pass(net, 2000);
}

/* ---------------------------------------------------------------- both ways */

#define FOUND_MAX 512u

/* One peer and one record, decided differently. */
struct difference {
	struct record_id id;
	struct org_id peer;
	enum rule_action before, after;
	uint64_t redacted[2];
	uint64_t approvers[2];
	bool is_seen;
};

struct differences {
	struct core *core;
	const struct policy *policies[2];
	uint32_t rows;
	uint32_t count;
	struct difference at[FOUND_MAX];
};

static bool
is_same(const struct decision *a, const struct decision *b)
{
	return a->action == b->action && (a->action != RULE_HOLD || a->approvers == b->approvers) &&
	       (a->action != RULE_REDACT || a->redacted == b->redacted);
}

static void
decide_for(struct differences *found, const struct record_row *row, const struct member *member)
{
	struct core *core = found->core;
	struct decision decisions[2];
	uint32_t i;

	if (!judge_is_receiver(member) || judge_has_already(member, &row->author, &row->via) ||
	    judge_time(core, &core->record) == REASON_EXPIRED)
		return;
	for (i = 0; i < 2; i++)
		decisions[i] = judge_decide(core, found->policies[i], RULE_OUTBOUND, &core->record,
		    &row->via, row->seq, &member->org, core->now_ms);
	if (is_same(&decisions[0], &decisions[1]))
		return;
	ck_assert_uint_lt(found->count, FOUND_MAX);
	found->at[found->count++] = (struct difference){.id = row->id,
	    .peer = member->org,
	    .before = decisions[0].action,
	    .after = decisions[1].action,
	    .redacted = {decisions[0].redacted, decisions[1].redacted},
	    .approvers = {decisions[0].approvers, decisions[1].approvers}};
}

static enum err
decide_row(void *context, const struct record_row *row)
{
	struct differences *found = context;
	uint32_t i;

	ck_err(record_decode(row->body, false, &found->core->record, NULL), ERR_NONE);
	found->rows++;
	for (i = 0; i < found->core->members_count; i++)
		decide_for(found, row, found->core->members[i]);
	return ERR_NONE;
}

static void
check_cell(struct differences *found, const struct compare_part *part,
    const struct compare_cell *cell, uint32_t record)
{
	const struct org_id *peer = &found->core->members[cell->peer]->org;
	const struct decision_body *before = &part->outcomes[cell->before];
	const struct decision_body *after = &part->outcomes[cell->after];
	uint32_t i;

	for (i = 0; i < found->count; i++) {
		struct difference *known = &found->at[i];

		if (memcmp(&known->id, &part->ids[record], sizeof(known->id)) != 0 ||
		    memcmp(&known->peer, peer, sizeof(*peer)) != 0)
			continue;
		ck_assert(!known->is_seen);
		known->is_seen = true;
		ck_assert_uint_eq(known->before, before->action);
		ck_assert_uint_eq(known->after, after->action);
		if (before->action == RULE_HOLD)
			ck_assert_uint_eq(known->approvers[0], before->approvers);
		if (after->action == RULE_HOLD)
			ck_assert_uint_eq(known->approvers[1], after->approvers);
		if (after->action == RULE_REDACT)
			ck_assert_uint_eq(known->redacted[1], after->redacted);
		return;
	}
	ck_abort_msg("a difference that the decisions do not have");
}

static struct policy *
open_policy(struct core *core, const char *text)
{
	static char whole[2048];
	struct policy *policy;

	(void)core;
	(void)snprintf(whole, sizeof(whole), "policy \"p\"\n%sinbound {\n  accept all\n}\n", text);
	ck_err(policy_open(bytes_view_str(whole), NULL, &policy, NULL), ERR_NONE);
	return policy;
}

/* Returns how many differences there are. */
static uint32_t
check_pair(struct net *net, const struct policy *before, const struct policy *after, uint32_t most)
{
	static struct differences found;
	struct search_query query = {.now_ms = net->now_ms, .most = 1000};
	struct core *core = net->nodes[A].core;
	struct compare_part part = {0};
	struct compare *compare;
	uint32_t examined = 0, i, r;

	found = (struct differences){.core = core, .policies = {before, after}};
	ck_err(search_records(core->store, &query, decide_row, &found), ERR_NONE);
	do {
		ck_err(compare_open(core, before, after, NULL, &compare), ERR_NONE);
		ck_err(compare_next(compare, most, &part), ERR_NONE);
		ck_assert_uint_le(part.examined, most);
		examined += part.examined;
		for (i = 0; i < part.cells_count; i++) {
			for (r = 0; r < part.ids_count; r++) {
				if ((part.cells[i].records[r / 8] >> r % 8 & 1) != 0)
					check_cell(&found, &part, &part.cells[i], r);
			}
		}
		compare_free(compare);
	} while (part.after != 0);
	ck_assert_uint_eq(examined, found.rows);
	for (i = 0; i < found.count; i++)
		ck_assert(found.at[i].is_seen);
	ck_err(core->failed, ERR_NONE);
	return found.count;
}

static uint32_t
check_all(struct net *net)
{
	struct core *core = net->nodes[A].core;
	struct policy *policies[TEXTS_COUNT];
	uint32_t differences = 0, a, b;

	for (a = 0; a < TEXTS_COUNT; a++)
		policies[a] = open_policy(core, TEXTS[a]);
	for (a = 0; a < TEXTS_COUNT; a++) {
		ck_assert_uint_eq(check_pair(net, policies[a], policies[a], 4096), 0);
		for (b = 0; b < TEXTS_COUNT; b++)
			differences +=
			    check_pair(net, policies[a], policies[b], b % 2 == 0 ? 3 : 4096);
	}
	for (a = 0; a < TEXTS_COUNT; a++)
		policy_free(policies[a]);
	return differences;
}

/* A knows B, C and D, of two sectors. */
static struct net *
open_star(void)
{
	struct net *net = net_open(4);

	net_befriend(net, A, B);
	net_befriend(net, A, C);
	net_befriend(net, A, D);
	(void)snprintf(net_member(net, A, C)->card.sector,
	    sizeof(net_member(net, A, C)->card.sector), "telecom");
	(void)snprintf(
	    net_member(net, A, D)->card.country, sizeof(net_member(net, A, D)->card.country), "MX");
	return net;
}

START_TEST(finds_what_the_send_path_would_decide_differently)
{
	struct net *net = open_star();

	(void)fill(net);
	ck_assert_uint_gt(check_all(net), 300);
	net_close(net);
}
END_TEST

/* Two records of B under one seal; the id of the first. */
static struct record_id
share_two(struct net *net)
{
	struct schema_list drafts = {0};
	struct submit_outcome outcome;
	struct record_id id;
	struct bytes draft, items;
	uint32_t i;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < 2; i++) {
		bytes_clear(&draft);
		net_draft(TLP_GREEN, i == 0 ? "b one" : "b two", NULL, NULL, &draft);
		ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	}
	ck_reason(net_submit(net, B, drafts, &outcome), REASON_STORED);
	memcpy(id.bytes, outcome.id, sizeof(id.bytes));
	bytes_release(&draft);
	bytes_release(&items);
	net_pass(net, 2000);
	return id;
}

/* One of two under the same seal. */
START_TEST(knows_which_record_a_grant_names)
{
	struct net *net = open_star();
	struct record_id id = share_two(net);
	uint32_t without = check_all(net);

	grant(net, &id);
	ck_assert(relations_name_records(net->nodes[A].core->relations));
	ck_assert_uint_gt(check_all(net), without);
	net_close(net);
}
END_TEST

START_TEST(knows_what_grants_let_pass)
{
	struct net *net = open_star();
	uint32_t without, with;

	(void)fill(net);
	without = check_all(net);
	grant(net, NULL);
	with = check_all(net);
	ck_assert_uint_gt(with, without);
	net_close(net);
}
END_TEST

static void
approve(struct net *net, const struct record_id *id, const struct hash *policy)
{
	struct core *core = net->nodes[A].core;
	struct approval_row approval = {.peer = net->nodes[C].org,
	    .operator= bytes_view_str("ana"),
	    .uid = 7,
	    .policy = *policy,
	    .given_ms = net->now_ms,
	    .expires_ms = net->now_ms + NODE_DAY,
	    .note = bytes_view_str("seen")};
	struct record_row row;
	uint8_t prefix[33] = {0};

	memcpy(prefix, id->bytes, sizeof(id->bytes));
	ck_err(records_get_prefix(core->store, prefix, 32, false, &row), ERR_NONE);
	approval.record = row.seq;
	ck_err(store_begin(core->store), ERR_NONE);
	ck_err(approvals_put(core->store, &approval), ERR_NONE);
	ck_err(store_commit(core->store), ERR_NONE);
	core->has_approvals = true;
}

/* It counts under the policy under which it was given, and there for one peer. */
START_TEST(counts_what_approvers_said_under_one_policy)
{
	struct net *net = open_star();
	struct record_id phone = fill(net);
	struct policy *hold = open_policy(NULL, TEXTS[3]), *all = open_policy(NULL, TEXTS[0]);
	uint32_t before = check_pair(net, hold, all, 4096);

	approve(net, &phone, &hold->hash);
	ck_assert_uint_eq(check_pair(net, hold, all, 4096), before - 1);
	ck_assert_uint_gt(check_all(net), 300);
	policy_free(hold);
	policy_free(all);
	net_close(net);
}
END_TEST

START_TEST(is_told_of_one_peer_alone)
{
	struct net *net = open_star();
	struct policy *all = open_policy(NULL, TEXTS[0]), *none = open_policy(NULL, TEXTS[1]);
	struct core *core = net->nodes[A].core;
	struct compare_part part = {0};
	struct compare *compare;
	uint32_t i;

	(void)fill(net);
	ck_err(compare_open(core, all, none, net_member(net, A, D), &compare), ERR_NONE);
	ck_err(compare_next(compare, 4096, &part), ERR_NONE);
	ck_assert_uint_gt(part.cells_count, 0);
	for (i = 0; i < part.cells_count; i++)
		ck_assert(core->members[part.cells[i].peer] == net_member(net, A, D));
	compare_free(compare);
	policy_free(all);
	policy_free(none);
	net_close(net);
}
END_TEST

SUITE_MAIN("node/compare", finds_what_the_send_path_would_decide_differently,
    knows_what_grants_let_pass, knows_which_record_a_grant_names,
    counts_what_approvers_said_under_one_policy, is_told_of_one_peer_alone)
