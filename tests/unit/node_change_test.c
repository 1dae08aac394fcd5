/*
 * Amendments and disputes: what they make of the records that they are about, in whatever order
 * they come, and between nodes.
 */
#include "tests/unit/node_fixture.h"

#include "node/change.h"
#include "node/judge.h"
#include "store/search.h"
#include "store/standing.h"

enum { A, B, C };

static struct record draft;

/* ---------------------------------------------------------------- drafts */

/* A note that says `text`. */
static void
note_of(const char *text, enum tlp tlp)
{
	record_init(&draft, RECORD_NOTE, tlp);
	draft.body.title = bytes_view_str("title");
	draft.body.text = bytes_view_str(text);
}

static void
amendment_of(const struct record_id *target, const char *text, enum tlp tlp)
{
	note_of(text, tlp);
	draft.kind = RECORD_AMENDMENT;
	draft.body.as = RECORD_NOTE;
	draft.body.target = *target;
}

static void
dispute_of(const struct record_id *target, enum tlp tlp)
{
	record_init(&draft, RECORD_DISPUTE, tlp);
	draft.body.target = *target;
	draft.body.dispute = DISPUTE_OUTDATED;
}

static void
copy_draft(struct record *record, void *context)
{
	(void)context;
	*record = draft;
}

static enum reason
share_draft(struct net *net, uint32_t at, struct record_id *id)
{
	enum reason reason = net_share(net, at, draft.marking.tlp, "", copy_draft, NULL, id);

	net_pass(net, 1000);
	return reason;
}

/* ---------------------------------------------------------------- looking */

static struct standing
standing_of(struct net *net, uint32_t at, const struct record_id *id)
{
	struct store *store = net->nodes[at].core->store;
	struct standing standing;
	struct record_row row;

	ck_err(records_get(store, id, &row), ERR_NONE);
	ck_err(standing_get(store, row.seq, &standing), ERR_NONE);
	return standing;
}

static bool
is_superseded_by(
    struct net *net, uint32_t at, const struct record_id *id, const struct record_id *by)
{
	struct standing standing = standing_of(net, at, id);

	return standing.is_superseded && memcmp(&standing.superseded_by, by, sizeof(*by)) == 0;
}

static uint32_t
disputes_of(struct net *net, uint32_t at, const struct record_id *id)
{
	return standing_of(net, at, id).disputes;
}

static enum err
count_row(void *context, const struct record_row *row)
{
	uint32_t *count = context;

	(void)row;
	(*count)++;
	return ERR_NONE;
}

/* What a question about everything finds, and what it counts. */
static uint32_t
in_force(struct net *net, uint32_t at)
{
	struct search_query query = {.now_ms = net->now_ms, .most = 1000};
	struct store *store = net->nodes[at].core->store;
	uint32_t count = 0;
	uint64_t counted;
	bool is_certain;

	ck_err(search_records(store, &query, count_row, &count), ERR_NONE);
	ck_err(search_count(store, NULL, net->now_ms, &counted, &is_certain), ERR_NONE);
	ck_assert(is_certain);
	ck_assert_uint_eq(counted, count);
	return count;
}

/* ---------------------------------------------------------------- amendments between nodes */

START_TEST(the_amendment_is_in_force_and_the_first_record_is_not)
{
	struct net *net = net_open(3);
	struct record_id first, second, third;

	net_befriend(net, A, B);
	note_of("first", TLP_GREEN);
	ck_reason(share_draft(net, A, &first), REASON_STORED);
	amendment_of(&first, "second", TLP_GREEN);
	ck_reason(share_draft(net, A, &second), REASON_STORED);
	ck_assert(is_superseded_by(net, A, &first, &second));
	ck_assert(is_superseded_by(net, B, &first, &second));
	ck_assert(!standing_of(net, B, &second).is_superseded);
	ck_assert_uint_eq(in_force(net, A), 1);
	ck_assert_uint_eq(in_force(net, B), 1);
	amendment_of(&first, "third", TLP_GREEN);
	ck_reason(share_draft(net, A, &third), REASON_STORED);
	ck_assert(is_superseded_by(net, B, &first, &third));
	ck_assert(is_superseded_by(net, B, &second, &third));
	ck_assert_uint_eq(in_force(net, B), 1);
	/* who comes later gets what is in force, and nothing else */
	net_befriend(net, A, C);
	ck_assert(net_has(net, C, &third) && !net_has(net, C, &first) && !net_has(net, C, &second));
	ck_assert_uint_eq(in_force(net, C), 1);
	/* and so it stays when the node starts again */
	net_crash(net, B);
	net_start(net, B);
	ck_assert(is_superseded_by(net, B, &first, &third));
	ck_assert_uint_eq(in_force(net, B), 1);
	net_close(net);
}
END_TEST

START_TEST(an_amendment_waits_for_what_it_amends)
{
	struct net *net = net_open(3);
	struct record_id first, second;

	net_befriend(net, A, B);
	note_of("first", TLP_CLEAR);
	ck_reason(share_draft(net, A, &first), REASON_STORED);
	ck_assert(net_has(net, B, &first));
	/* B hears no more of it; C hears of the amendment first */
	ck_reason(net_peer_remove(net, B, A), REASON_STORED);
	net_pass(net, 1000);
	amendment_of(&first, "second", TLP_CLEAR);
	ck_reason(share_draft(net, A, &second), REASON_STORED);
	ck_assert(!net_has(net, B, &second));
	net_befriend(net, A, C);
	ck_assert(net_has(net, C, &second) && !net_has(net, C, &first));
	ck_assert_uint_eq(changes_waiting(net->nodes[C].core->store), 1);
	ck_assert_uint_eq(in_force(net, C), 1);
	net_crash(net, C);
	net_start(net, C);
	ck_assert_uint_eq(changes_waiting(net->nodes[C].core->store), 1);
	/* B, who knows A's card, passes on the first one */
	net_befriend(net, B, C);
	net_pass(net, 60000);
	ck_assert(net_has(net, C, &first));
	ck_assert_uint_eq(changes_waiting(net->nodes[C].core->store), 0);
	ck_assert(is_superseded_by(net, C, &first, &second));
	ck_assert_uint_eq(in_force(net, C), 1);
	net_close(net);
}
END_TEST

START_TEST(only_its_author_amends_and_only_the_first_record)
{
	struct record_id first, second, unknown = {{9}};
	struct net *net = net_open(2);

	net_befriend(net, A, B);
	note_of("first", TLP_GREEN);
	ck_reason(share_draft(net, A, &first), REASON_STORED);
	amendment_of(&first, "by another", TLP_GREEN);
	ck_reason(share_draft(net, B, NULL), REASON_WRONG_AUTHOR);
	/* what B's own node lets by another refuses */
	draft.is_draft = false;
	draft.author = net->nodes[B].org;
	draft.created_ms = net->now_ms;
	ck_reason(change_judge(net->nodes[A].core, &draft, 0), REASON_WRONG_AUTHOR);
	draft.author = net->nodes[A].org;
	ck_reason(change_judge(net->nodes[A].core, &draft, 0), REASON_STORED);
	draft.body.as = RECORD_ADVISORY;
	ck_reason(change_judge(net->nodes[A].core, &draft, 0), REASON_WRONG_TARGET);
	amendment_of(&unknown, "of nothing", TLP_GREEN);
	ck_reason(share_draft(net, A, NULL), REASON_NOT_FOUND);
	amendment_of(&first, "second", TLP_GREEN);
	ck_reason(share_draft(net, A, &second), REASON_STORED);
	amendment_of(&second, "of an amendment", TLP_GREEN);
	ck_reason(share_draft(net, A, NULL), REASON_WRONG_TARGET);
	ck_assert_uint_eq(in_force(net, A), 1);
	net_close(net);
}
END_TEST

START_TEST(an_amendment_may_lower_the_label_and_holders_pass_it_on)
{
	struct record_id first, second;
	struct net *net = net_open(3);

	net_befriend(net, A, B);
	net_befriend(net, B, C);
	note_of("first", TLP_AMBER);
	net_to(&draft, &net->nodes[B].org);
	ck_reason(share_draft(net, A, &first), REASON_STORED);
	ck_assert(net_has(net, B, &first) && !net_has(net, C, &first));
	amendment_of(&first, "first", TLP_CLEAR);
	ck_reason(share_draft(net, A, &second), REASON_STORED);
	ck_assert(net_has(net, B, &second) && net_has(net, C, &second));
	ck_assert(!net_has(net, C, &first));
	net_close(net);
}
END_TEST

START_TEST(what_was_amended_is_not_sent_to_whom_it_still_waited_for)
{
	struct record_id first, second;
	struct net *net = net_open(2);

	net_befriend(net, A, B);
	net_crash(net, B);
	net_pass(net, 1000);
	note_of("first", TLP_GREEN);
	ck_reason(share_draft(net, A, &first), REASON_STORED);
	amendment_of(&first, "second", TLP_GREEN);
	ck_reason(share_draft(net, A, &second), REASON_STORED);
	net_start(net, B);
	net_reconnect(net, A, B);
	net_pass(net, 60000);
	ck_assert(net_has(net, B, &second) && !net_has(net, B, &first));
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- quotas */

START_TEST(what_waits_has_a_quota_and_so_has_what_is_about_one_record)
{
	struct net *net = net_open(1);
	struct core *core = net->nodes[A].core;
	struct change change = {
	    .kind = RECORD_AMENDMENT, .as = RECORD_NOTE, .author = {{0xbb}}, .created_ms = 1};
	uint32_t i;

	ck_err(store_begin(core->store), ERR_NONE);
	for (i = 0; i < CHANGES_WAITING_MAX - 1; i++) {
		change.record = 1000 + i;
		bytes_put_u32(change.id.bytes, i);
		bytes_put_u32(change.target.bytes, i);
		ck_err(changes_put(core->store, &change), ERR_NONE);
	}
	ck_err(store_commit(core->store), ERR_NONE);
	ck_assert_uint_eq(changes_waiting(core->store), CHANGES_WAITING_MAX - 1);
	amendment_of(&change.id, "one more", TLP_GREEN);
	draft.author = change.author;
	memset(draft.body.target.bytes, 0xee, sizeof(draft.body.target.bytes));
	ck_reason(change_judge(core, &draft, 0), REASON_STORED);
	ck_reason(change_judge(core, &draft, 1), REASON_QUOTA);
	/* of another author there is none */
	draft.author.bytes[0] = 0xcc;
	ck_reason(change_judge(core, &draft, 1), REASON_STORED);
	ck_err(store_begin(core->store), ERR_NONE);
	for (i = 0; i < CHANGES_ABOUT_MAX; i++) {
		change.record = 100000 + i;
		change.author = draft.author;
		change.target = draft.body.target;
		change.state = CHANGE_VOID;
		ck_err(changes_put(core->store, &change), ERR_NONE);
	}
	ck_err(store_commit(core->store), ERR_NONE);
	ck_reason(change_judge(core, &draft, 0), REASON_QUOTA);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- disputes */

START_TEST(a_dispute_stands_until_its_target_is_amended)
{
	struct record_id first, second, dispute;
	struct net *net = net_open(2);

	net_befriend(net, A, B);
	note_of("first", TLP_GREEN);
	ck_reason(share_draft(net, A, &first), REASON_STORED);
	dispute_of(&first, TLP_GREEN);
	ck_reason(share_draft(net, B, &dispute), REASON_STORED);
	ck_assert(net_has(net, A, &dispute));
	ck_assert_uint_eq(disputes_of(net, A, &first), 1);
	ck_assert_uint_eq(disputes_of(net, B, &first), 1);
	ck_assert_uint_ne(standing_of(net, A, &first).disputed_ms, 0);
	/* it is in force, and goes on being sent: who exports has to ask */
	ck_assert(!standing_of(net, A, &first).is_superseded);
	amendment_of(&first, "second", TLP_GREEN);
	ck_reason(share_draft(net, A, &second), REASON_STORED);
	ck_assert_uint_eq(disputes_of(net, A, &first), 0);
	ck_assert_uint_eq(disputes_of(net, B, &first), 0);
	ck_assert_uint_eq(disputes_of(net, B, &second), 0);
	net_close(net);
}
END_TEST

START_TEST(the_author_answers_a_dispute_and_the_disputer_takes_it_back)
{
	struct record_id first, one, two;
	struct net *net = net_open(3);

	net_befriend(net, A, B);
	net_befriend(net, A, C);
	net_befriend(net, B, C);
	note_of("first", TLP_GREEN);
	ck_reason(share_draft(net, A, &first), REASON_STORED);
	dispute_of(&first, TLP_CLEAR);
	ck_reason(share_draft(net, B, &one), REASON_STORED);
	ck_reason(share_draft(net, C, &two), REASON_STORED);
	ck_assert_uint_eq(disputes_of(net, A, &first), 2);
	ck_assert_uint_eq(disputes_of(net, C, &first), 2);
	/* a third party's word on it is a dispute, and no answer */
	dispute_of(&one, TLP_CLEAR);
	ck_reason(share_draft(net, C, NULL), REASON_STORED);
	ck_assert_uint_eq(disputes_of(net, A, &first), 2);
	ck_assert_uint_eq(disputes_of(net, A, &one), 1);
	ck_reason(share_draft(net, A, NULL), REASON_STORED);
	ck_assert_uint_eq(disputes_of(net, A, &first), 1);
	ck_assert_uint_eq(disputes_of(net, B, &first), 1);
	dispute_of(&two, TLP_CLEAR);
	ck_reason(share_draft(net, C, NULL), REASON_STORED);
	ck_assert_uint_eq(disputes_of(net, A, &first), 0);
	ck_assert_uint_eq(disputes_of(net, B, &first), 0);
	net_close(net);
}
END_TEST

START_TEST(a_dispute_keeps_the_label_of_what_it_is_about)
{
	struct record_id first, unknown = {{9}};
	struct net *net = net_open(2);

	net_befriend(net, A, B);
	note_of("first", TLP_AMBER);
	net_to(&draft, &net->nodes[B].org);
	ck_reason(share_draft(net, A, &first), REASON_STORED);
	dispute_of(&first, TLP_GREEN);
	ck_reason(share_draft(net, B, NULL), REASON_LABEL_TOO_LOW);
	dispute_of(&first, TLP_AMBER);
	ck_reason(share_draft(net, B, NULL), REASON_STORED);
	dispute_of(&unknown, TLP_AMBER);
	ck_reason(share_draft(net, B, NULL), REASON_NOT_FOUND);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- any order */

#define STORY_MAX 24u

/* Records about one another, and an order in which a node gets them. */
static struct story {
	uint32_t count;
	struct record_id ids[STORY_MAX];
	struct bytes bodies[STORY_MAX];
} story;
static uint64_t state;

static uint32_t
pick(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

/* The draft, as this organisation's. */
static void
tell(const struct org_id *author)
{
	struct bytes *body = &story.bodies[story.count];

	draft.is_draft = false;
	draft.author = *author;
	draft.created_ms = NODE_TIME + pick(5);
	bytes_put_u32(draft.nonce.bytes, story.count);
	bytes_init(body, RECORD_BYTES_MAX);
	ck_err(record_encode(&draft, body), ERR_NONE);
	record_id_of(bytes_as_view(body), &story.ids[story.count++]);
}

static void
make_story(uint64_t seed)
{
	static const struct org_id authors[] = {{{0xaa}}, {{0xbb}}, {{0xcc}}};
	uint32_t i;

	state = seed;
	story.count = 0;
	for (i = 0; i < 2; i++) {
		note_of("first", TLP_CLEAR);
		tell(&authors[i]);
	}
	while (story.count < STORY_MAX) {
		uint32_t at = pick(3) == 0 ? pick(2) : pick(story.count);
		const struct record_id *target = &story.ids[at];

		if (pick(2) == 0)
			amendment_of(target, "another", TLP_CLEAR);
		else
			dispute_of(target, TLP_CLEAR);
		if (draft.kind == RECORD_AMENDMENT && pick(8) == 0)
			draft.body.as = RECORD_ADVISORY;
		tell(&authors[at < 2 && pick(2) == 0 ? at : pick(3)]);
	}
}

/* Store one of them, as if a peer had sent it alone. */
static void
store_one(struct core *core, uint32_t n)
{
	static struct record record;
	struct batch_row batch = {
	    .size = 1, .stored = 1, .serial = 1, .sealed_ms = NODE_TIME, .received_ms = NODE_TIME};
	struct record_row row = {.id = story.ids[n],
	    .body = bytes_as_view(&story.bodies[n]),
	    .received_ms = NODE_TIME,
	    .created_ms = NODE_TIME};
	struct extract_keys keys;
	struct extract extract;
	bool is_new;

	ck_err(record_decode(row.body, false, &record, NULL), ERR_NONE);
	extract_keys_init(&keys);
	ck_err(extract_record(core->prepare.keys_seed, &record, &keys, &extract), ERR_NONE);
	batch.author = batch.via = record.author;
	batch.marking = record.marking_bytes;
	ck_err(store_begin(core->store), ERR_NONE);
	ck_err(records_batch_put(core->store, &batch), ERR_NONE);
	row.batch = batch.seq;
	ck_err(records_put(core->store, &row, &extract, &keys, &is_new), ERR_NONE);
	ck_assert(is_new);
	change_stored(core, &row.id, record.kind);
	ck_err(core->failed, ERR_NONE);
	ck_err(store_commit(core->store), ERR_NONE);
	extract_keys_release(&keys);
}

static void
shuffle(uint32_t order[STORY_MAX])
{
	uint32_t i, at, kept;

	for (i = 0; i < STORY_MAX; i++)
		order[i] = i;
	for (i = STORY_MAX - 1; i > 0; i--) {
		at = pick(i + 1);
		kept = order[i];
		order[i] = order[at];
		order[at] = kept;
	}
}

static enum err
note_state(void *context, const struct change *change)
{
	uint8_t *states = context;
	uint32_t i;

	for (i = 0; i < story.count; i++) {
		if (memcmp(&story.ids[i], &change->id, sizeof(change->id)) == 0)
			states[i] = (uint8_t)(1 + change->state);
	}
	return ERR_NONE;
}

/* Everything that two nodes with the same records must agree on. */
struct agreed {
	uint8_t states[STORY_MAX];
	struct {
		bool is_superseded, is_quarantined;
		struct record_id by; /* of first records */
		uint32_t disputes;
	} standings[STORY_MAX];
};

static void
look(struct net *net, uint32_t at, struct agreed *agreed)
{
	uint32_t i;

	memset(agreed, 0, sizeof(*agreed));
	for (i = 0; i < story.count; i++) {
		struct standing standing = standing_of(net, at, &story.ids[i]);

		ck_err(changes_of(
			   net->nodes[at].core->store, &story.ids[i], note_state, agreed->states),
		    ERR_NONE);
		agreed->standings[i].is_superseded = standing.is_superseded;
		agreed->standings[i].is_quarantined = standing.quarantined_ms != 0;
		agreed->standings[i].disputes = standing.disputes;
		if (i < 2)
			agreed->standings[i].by = standing.superseded_by;
	}
}

START_TEST(whatever_comes_first_all_agree_in_the_end)
{
	static struct agreed first, other;
	uint32_t order[STORY_MAX], amended = 0, disputed = 0, seed, at, i;

	for (seed = 1; seed <= 20; seed++) {
		struct net *net = net_open(4);

		make_story(seed);
		for (at = 0; at < net->count; at++) {
			shuffle(order);
			for (i = 0; i < STORY_MAX; i++)
				store_one(net->nodes[at].core, order[i]);
			ck_assert_uint_eq(changes_waiting(net->nodes[at].core->store), 0);
			look(net, at, at == 0 ? &first : &other);
			if (at > 0)
				ck_assert_msg(memcmp(&first, &other, sizeof(first)) == 0,
				    "story %u, node %u", (unsigned)seed, (unsigned)at);
		}
		for (i = 0; i < STORY_MAX; i++) {
			amended += first.standings[i].is_superseded;
			disputed += first.standings[i].disputes;
			bytes_release(&story.bodies[i]);
		}
		net_close(net);
	}
	ck_assert_uint_gt(amended, 40);
	ck_assert_uint_gt(disputed, 20);
}
END_TEST

SUITE_MAIN("node/change", the_amendment_is_in_force_and_the_first_record_is_not,
    an_amendment_waits_for_what_it_amends, only_its_author_amends_and_only_the_first_record,
    an_amendment_may_lower_the_label_and_holders_pass_it_on,
    what_was_amended_is_not_sent_to_whom_it_still_waited_for,
    what_waits_has_a_quota_and_so_has_what_is_about_one_record,
    a_dispute_stands_until_its_target_is_amended,
    the_author_answers_a_dispute_and_the_disputer_takes_it_back,
    a_dispute_keeps_the_label_of_what_it_is_about, whatever_comes_first_all_agree_in_the_end)
