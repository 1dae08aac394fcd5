/*
 * What policy redacts for some peers: made once, sealed, sent, and bound by the original's label.
 */
#include "tests/unit/node_fixture.h"

#include "base/hex.h"
#include "node/delivery.h"
#include "store/redactions.h"

enum { A, B, C, D };

#define SECRET_TEXT "seen at the border gateway"

/* ---------------------------------------------------------------- policies */

static enum err
find_nobody(void *context, struct bytes_view name, struct org_id *out)
{
	(void)context;
	(void)name;
	(void)out;
	return ERR_NOT_FOUND;
}

static enum err
find_no_community(void *context, struct bytes_view name, struct community_id *out)
{
	(void)context;
	(void)name;
	(void)out;
	return ERR_NOT_FOUND;
}

/* "share all to org(ID)" with the id of node `to`. */
static void
add_rule(struct net *net, char *text, size_t size, const char *rule, uint32_t to)
{
	size_t len = strlen(text);
	char digits[65];

	hex_encode(net->nodes[to].org.bytes, sizeof(struct org_id), digits);
	(void)snprintf(text + len, size - len, "%s to org(\"%s\")\n", rule, digits);
}

static void
set_policy(struct net *net, uint32_t at, const char *rules)
{
	struct core *core = net->nodes[at].core;
	char text[2048];

	(void)snprintf(text, sizeof(text),
	    "policy \"test\"\noutbound {\n%s\n}\ninbound {\naccept all\n}\n", rules);
	policy_free(core->policy);
	ck_err(policy_open(bytes_view_str(text), NULL, &core->policy, NULL), ERR_NONE);
	ck_err(policy_resolve(core->policy, find_nobody, find_no_community, NULL, NULL), ERR_NONE);
	core->policy_is_default = false;
}

/* At a node: everything as it is to B, without its text to C and D. */
static void
redact_for_c_and_d(struct net *net, uint32_t at)
{
	char rules[1024] = "";

	add_rule(net, rules, sizeof(rules), "share all", B);
	add_rule(net, rules, sizeof(rules), "redact (description)", C);
	if (net->count > D)
		add_rule(net, rules, sizeof(rules), "redact (description)", D);
	set_policy(net, at, rules);
}

static struct net *
open_net(uint32_t count)
{
	struct net *net = net_open(count);
	uint32_t i;

	for (i = 1; i < count; i++)
		net_befriend(net, A, i);
	return net;
}

/* ---------------------------------------------------------------- looking */

/* An indicator with a text. */
static void
as_indicator(struct record *record, void *context)
{
	static const struct observable domain = {
	    OBSERVABLE_DOMAIN, {(const uint8_t *)"evil.example", 12}};

	(void)context;
	record->kind = RECORD_INDICATOR;
	record->confidence = 80;
	ck_err(record_add_observable(record, &domain), ERR_NONE);
}

static struct record found;
static struct record_id found_id;
static uint32_t found_count;
static struct bytes found_bytes;

static enum err
note_redaction(void *context, const struct record_row *row)
{
	static struct record record;

	(void)context;
	ck_err(record_decode(row->body, false, &record, NULL), ERR_NONE);
	if (!record.has_derived)
		return ERR_NONE;
	found_count++;
	found_id = row->id;
	bytes_release(&found_bytes);
	bytes_init(&found_bytes, RECORD_BYTES_MAX);
	bytes_append(&found_bytes, row->body.data, row->body.len);
	return ERR_NONE;
}

static enum err
look_into_batch(void *context, const struct batch_row *row)
{
	return records_of_batch(context, row->seq, note_redaction, NULL);
}

/* How many redactions a node holds; the last one in `found`. */
static uint32_t
count_redactions(struct net *net, uint32_t at)
{
	struct store *store = net->nodes[at].core->store;

	found_count = 0;
	ck_err(records_batch_each(store, 0, 1000, look_into_batch, store), ERR_NONE);
	if (found_count > 0)
		ck_err(record_decode(bytes_as_view(&found_bytes), false, &found, NULL), ERR_NONE);
	return found_count;
}

static bool
holds(struct bytes_view all, const char *text)
{
	size_t len = strlen(text), at;

	for (at = 0; at + len <= all.len; at++) {
		if (memcmp(all.data + at, text, len) == 0)
			return true;
	}
	return false;
}

/* ---------------------------------------------------------------- sending */

START_TEST(one_gets_the_record_and_others_what_is_left_of_it)
{
	struct net *net = open_net(4);
	struct record_id id;

	redact_for_c_and_d(net, A);
	ck_reason(net_share(net, A, TLP_GREEN, "phish", as_indicator, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id) && !net_has(net, C, &id) && !net_has(net, D, &id));
	/* one redaction for both of them */
	ck_assert_uint_eq(count_redactions(net, A), 1);
	ck_assert_uint_eq(count_redactions(net, B), 0);
	ck_assert_uint_eq(count_redactions(net, D), 1);
	ck_assert_uint_eq(count_redactions(net, C), 1);
	ck_assert(!holds(bytes_as_view(&found_bytes), SECRET_TEXT));
	ck_assert(holds(bytes_as_view(&found_bytes), "evil.example"));
	ck_assert_mem_eq(&found.derived.id, &id, sizeof(id));
	ck_assert_mem_eq(&found.derived.author, &net->nodes[A].org, sizeof(struct org_id));
	ck_assert_mem_eq(&found.author, &net->nodes[A].org, sizeof(struct org_id));
	ck_assert_int_eq(found.marking.tlp, TLP_GREEN);
	ck_assert_uint_eq(found.audience.orgs_count, 2);
	ck_assert(audience_has_org(&found.audience, &net->nodes[C].org));
	/* two seals, and nothing left to do */
	ck_assert_uint_eq(net_leaves(net, A, EVENT_SEALED), 2);
	ck_assert(!net->nodes[A].core->has_redactions);
	net_close(net);
}
END_TEST

START_TEST(a_redaction_is_made_once)
{
	struct net *net = open_net(3);
	struct record_id id;
	uint8_t seed[32] = {5};
	uint32_t again;

	redact_for_c_and_d(net, A);
	ck_reason(net_share(net, A, TLP_GREEN, "phish", as_indicator, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert_uint_eq(count_redactions(net, A), 1);
	for (again = 0; again < 3; again++) {
		struct core *core = net->nodes[A].core;

		core_turn_begin(core, net->now_ms, seed);
		delivery_reconsider_all(core);
		ck_err(core_turn_end(core), ERR_NONE);
		net_pass(net, 1000);
		/* a crash forgets the policy of this test, and nothing else */
		net_crash(net, A);
		net_start(net, A);
		redact_for_c_and_d(net, A);
		net_reconnect(net, A, B);
		net_reconnect(net, A, C);
	}
	ck_assert_uint_eq(count_redactions(net, A), 1);
	ck_assert_uint_eq(count_redactions(net, C), 1);
	net_close(net);
}
END_TEST

START_TEST(what_is_due_survives_a_crash)
{
	struct net *net = open_net(3);
	struct record_id id;

	redact_for_c_and_d(net, A);
	ck_reason(net_share(net, A, TLP_GREEN, "phish", as_indicator, NULL, &id), REASON_STORED);
	/* decided in this turn, made in the next one */
	ck_assert(net->nodes[A].core->has_redactions);
	ck_assert_uint_eq(count_redactions(net, A), 0);
	net_crash(net, A);
	/* the policy of this test is forgotten: it is there again before the first turn */
	node_open(&net->nodes[A], net->now_ms);
	ck_assert(net->nodes[A].core->has_redactions);
	redact_for_c_and_d(net, A);
	net_event(net, A, CORE_LINK_STARTED);
	net_reconnect(net, A, C);
	net_pass(net, 1000);
	ck_assert_uint_eq(count_redactions(net, C), 1);
	ck_assert_uint_eq(count_redactions(net, A), 1);
	net_close(net);
}
END_TEST

START_TEST(what_cannot_be_redacted_goes_to_nobody)
{
	struct net *net = open_net(3);
	struct record_id id;
	struct redaction_row row = {.peer = net->nodes[C].org, .fields = 1u << 1};

	redact_for_c_and_d(net, A);
	/* a note is its text */
	ck_reason(net_share(net, A, TLP_GREEN, "practice", NULL, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id) && !net_has(net, C, &id));
	ck_assert_uint_eq(net_records(net, C), 0);
	ck_assert_uint_eq(count_redactions(net, A), 0);
	ck_assert(!net->nodes[A].core->has_redactions);
	row.version = id;
	ck_err(redactions_get(net->nodes[A].core->store, &row), ERR_NONE);
	ck_assert_int_eq(row.state, REDACTION_IMPOSSIBLE);
	net_close(net);
}
END_TEST

START_TEST(nothing_is_made_that_the_policy_would_not_let_go)
{
	struct net *net = open_net(3);
	char rules[1024] = "";
	struct record_id id;

	/* without its confidence it is not what the rule is about any more */
	add_rule(net, rules, sizeof(rules), "redact (confidence) where confidence >= 60", C);
	set_policy(net, A, rules);
	ck_reason(net_share(net, A, TLP_GREEN, "phish", as_indicator, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert_uint_eq(count_redactions(net, A), 0);
	ck_assert(!net->nodes[A].core->has_redactions);
	net_close(net);
}
END_TEST

START_TEST(many_are_sealed_together)
{
	struct schema_list drafts = {0};
	struct net *net = open_net(3);
	struct bytes draft, items;
	char title[32];
	uint32_t i;

	redact_for_c_and_d(net, A);
	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < 200; i++) {
		(void)snprintf(title, sizeof(title), "phish %u", (unsigned)i);
		bytes_init(&draft, RECORD_BYTES_MAX);
		net_draft(TLP_GREEN, title, as_indicator, NULL, &draft);
		ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&draft)), ERR_NONE);
		bytes_release(&draft);
	}
	ck_reason(net_submit(net, A, drafts, NULL), REASON_STORED);
	net_pass(net, 1000);
	ck_assert_uint_eq(count_redactions(net, C), 200);
	/* that of the originals, and one for each turn of 64 */
	ck_assert_uint_eq(net_leaves(net, A, EVENT_SEALED), 5);
	bytes_release(&items);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- the ceiling */

START_TEST(who_may_not_forward_the_original_may_not_forward_its_redaction)
{
	struct net *net = net_open(3);
	char rules[1024] = "";
	struct record_id id;

	/* A knows B alone; B knows C, and would redact everything for it */
	net_befriend(net, A, B);
	net_befriend(net, B, C);
	add_rule(net, rules, sizeof(rules), "redact (description)", C);
	set_policy(net, B, rules);
	rules[0] = '\0';
	add_rule(net, rules, sizeof(rules), "share all", B);
	set_policy(net, A, rules);
	ck_reason(net_share(net, A, TLP_AMBER, "phish", as_indicator, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert(net_has(net, B, &id));
	ck_assert_uint_eq(net_records(net, C), 0);
	ck_assert_uint_eq(count_redactions(net, B), 0);
	/* what anybody may have goes on without its text, and says whose it was */
	ck_reason(net_share(net, A, TLP_CLEAR, "open", as_indicator, NULL, &id), REASON_STORED);
	net_pass(net, 1000);
	ck_assert_uint_eq(count_redactions(net, C), 1);
	ck_assert(!net_has(net, C, &id));
	ck_assert_mem_eq(&found.derived.author, &net->nodes[A].org, sizeof(struct org_id));
	ck_assert_mem_eq(&found.author, &net->nodes[B].org, sizeof(struct org_id));
	net_close(net);
}
END_TEST

/* Says that it comes from a RED record of its own author. */
static void
derive_from_red(struct record *record, void *context)
{
	static const struct record_id original = {{0x11}};

	record->has_derived = true;
	record->derived.id = original;
	record->derived.author = *(const struct org_id *)context;
	audience_init(&record->derived.audience);
	marking_init(&record->derived.marking, TLP_AMBER);
}

START_TEST(a_label_below_the_originals_is_refused)
{
	struct net *net = open_net(2);

	ck_reason(
	    net_share(net, A, TLP_GREEN, "lowered", derive_from_red, &net->nodes[A].org, NULL),
	    REASON_LABEL_TOO_LOW);
	ck_reason(net_share(net, A, TLP_AMBER, "kept", derive_from_red, &net->nodes[A].org, NULL),
	    REASON_STORED);
	net_close(net);
}
END_TEST

SUITE_MAIN("node/redaction", one_gets_the_record_and_others_what_is_left_of_it,
    a_redaction_is_made_once, what_is_due_survives_a_crash, what_cannot_be_redacted_goes_to_nobody,
    nothing_is_made_that_the_policy_would_not_let_go, many_are_sealed_together,
    who_may_not_forward_the_original_may_not_forward_its_redaction,
    a_label_below_the_originals_is_refused)
