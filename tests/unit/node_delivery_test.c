/*
 * The path from the outbox to the receipt where many peers or many envelopes share work: what is
 * done once for all of them, and that nobody gets more, or less, for it.
 */
#include "tests/unit/node_fixture.h"

#include "node/ciphertext.h"
#include "node/delivery.h"
#include "node/judge.h"

enum { A, B, C };

static struct net *
open_star(void)
{
	struct net *net = net_open(3);

	net_befriend(net, A, B);
	net_befriend(net, A, C);
	ck_assert(net_is_open(net, A, B) && net_is_open(net, A, C));
	return net;
}

static enum net_verdict
hold_envelopes(struct net *net, uint32_t from, uint32_t to, struct bytes *frame)
{
	(void)net;
	(void)from;
	(void)to;
	return frame->data[1] == EXCHANGE_ENVELOPE ? NET_HOLD : NET_PASS;
}

static void
make_long(struct record *record, void *context)
{
	static char text[STATE_SPLIT_BYTES + 1];

	(void)context;
	memset(text, 'x', sizeof(text) - 1);
	record->body.text = bytes_view_str(text);
}

static void
share_many(struct net *net, uint32_t at, uint32_t count, net_change_fn change, void *context)
{
	struct schema_list drafts = {0};
	struct bytes draft, items;
	char title[24];
	uint32_t i;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < count; i++) {
		(void)snprintf(title, sizeof(title), "note %u", i);
		bytes_clear(&draft);
		net_draft(TLP_CLEAR, title, i == 7 ? change : NULL, context, &draft);
		ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	}
	ck_reason(net_submit(net, at, drafts, NULL), REASON_STORED);
	bytes_release(&draft);
	bytes_release(&items);
}

static void
expires_at(struct record *record, void *context)
{
	record->valid_until_ms = *(const uint64_t *)context;
}

static uint64_t
under_way(struct net *net, uint32_t at, uint32_t peer)
{
	return net_member(net, at, peer)->in_flight;
}

/* A note of its own: the same one twice would be known. */
static void
share_next(struct net *net, uint32_t at)
{
	static uint32_t made;
	char title[24];

	(void)snprintf(title, sizeof(title), "another %u", made++);
	ck_reason(net_share(net, at, TLP_CLEAR, title, NULL, NULL, NULL), REASON_STORED);
}

/* ---------------------------------------------------------------- the keyring */

/* A keyring that counts what it is asked, around a real one. */
struct counting {
	struct keyring keyring; /* first, so that one is the other */
	struct keyring *real;
	uint32_t calls, headers, most;
};

static enum err
count_sign(struct keyring *keyring, const struct keyring_item *items, uint32_t count,
    struct keyring_result *results)
{
	struct counting *counting = (struct counting *)(void *)keyring;
	uint32_t headers = 0, i;

	for (i = 0; i < count; i++)
		headers += items[i].type == KEYRING_HEADER;
	counting->calls += headers > 0;
	counting->headers += headers;
	counting->most = headers > counting->most ? headers : counting->most;
	return counting->real->sign(counting->real, items, count, results);
}

START_TEST(signs_the_envelopes_of_a_turn_in_one_call)
{
	struct net *net = open_star();
	struct counting counting = {.real = net->nodes[A].keyring};
	uint32_t i;

	counting.keyring = *counting.real;
	counting.keyring.sign = count_sign;
	net->nodes[A].core->keyring = &counting.keyring;
	ck_reason(net_share(net, A, TLP_CLEAR, "both", NULL, NULL, NULL), REASON_STORED);
	ck_assert_uint_eq(counting.calls, 1);
	ck_assert_uint_eq(counting.headers, 2);
	net_run(net);
	net_unlink(net, A, B);
	net_unlink(net, A, C);
	net_push(net, CORE_LINK_DOWN, B, A, bytes_view_of(NULL, 0));
	net_push(net, CORE_LINK_DOWN, C, A, bytes_view_of(NULL, 0));
	net_run(net);
	/* several batches that waited for two peers: still one call a turn */
	for (i = 0; i < 4; i++)
		share_next(net, A);
	ck_assert_uint_eq(counting.headers, 2);
	net_reconnect(net, A, B);
	net_reconnect(net, A, C);
	net_run(net);
	ck_assert_uint_eq(counting.headers, 10);
	ck_assert_uint_ge(counting.most, 4);
	ck_assert_uint_eq(net_records(net, B), 5);
	ck_assert_uint_eq(net_records(net, C), 5);
	net->nodes[A].core->keyring = counting.real;
	net_close(net);
}
END_TEST

/* A keyring that is asked in two steps, as its process is; every step in its place. */
struct stepwise {
	struct keyring keyring; /* first, so that one is the other */
	struct keyring *real;
	bool is_begun;
	uint32_t begun;
	struct bytes statement;
};

static enum err
step_begin(struct keyring *keyring, struct bytes_view statement)
{
	struct stepwise *stepwise = (struct stepwise *)(void *)keyring;

	ck_assert(!stepwise->is_begun);
	stepwise->is_begun = true;
	stepwise->begun++;
	bytes_clear(&stepwise->statement);
	bytes_append(&stepwise->statement, statement.data, statement.len);
	return ERR_NONE;
}

static enum err
step_end(struct keyring *keyring, uint8_t content_key[32])
{
	struct stepwise *stepwise = (struct stepwise *)(void *)keyring;

	ck_assert(stepwise->is_begun);
	stepwise->is_begun = false;
	return stepwise->real->unwrap(
	    stepwise->real, bytes_as_view(&stepwise->statement), content_key);
}

static enum err
step_sign(struct keyring *keyring, const struct keyring_item *items, uint32_t count,
    struct keyring_result *results)
{
	struct stepwise *stepwise = (struct stepwise *)(void *)keyring;

	ck_assert(!stepwise->is_begun);
	return stepwise->real->sign(stepwise->real, items, count, results);
}

static enum net_verdict
spoil_signature(struct net *net, uint32_t from, uint32_t to, struct bytes *frame)
{
	(void)net;
	(void)from;
	(void)to;
	if (frame->data[1] == EXCHANGE_ENVELOPE)
		frame->data[frame->len - 1] ^= 1; /* of the ciphertext: not what was signed */
	return NET_PASS;
}

/* Whatever becomes of the envelope, what was begun is heard to its end. */
START_TEST(hears_the_keyring_out)
{
	struct net *net = open_star();
	struct stepwise stepwise = {.real = net->nodes[B].keyring};
	uint32_t begun;

	stepwise.keyring = *stepwise.real;
	stepwise.keyring.sign = step_sign;
	stepwise.keyring.unwrap = NULL; /* nobody may ask for it so */
	stepwise.keyring.unwrap_begin = step_begin;
	stepwise.keyring.unwrap_end = step_end;
	bytes_init(&stepwise.statement, ENVELOPE_BYTES_MAX);
	net->nodes[B].core->keyring = &stepwise.keyring;
	net_unlink(net, A, C);
	share_next(net, A);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 1);
	ck_assert_uint_eq(stepwise.begun, 1);
	net->hook = spoil_signature;
	share_next(net, A);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 1);
	begun = stepwise.begun;
	ck_assert_uint_ge(begun, 2);
	ck_assert(!stepwise.is_begun);
	net->hook = NULL;
	net_pass(net, 60000);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 2);
	ck_assert(!stepwise.is_begun);
	net->nodes[B].core->keyring = stepwise.real;
	bytes_release(&stepwise.statement);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- one ciphertext */

START_TEST(holds_a_ciphertext_until_the_last_holder_lets_go)
{
	uint8_t bytes[300];
	struct ciphertext *one, *same;

	memset(bytes, 7, sizeof(bytes));
	one = ciphertext_make(bytes_view_of(bytes, sizeof(bytes)), 5);
	ck_assert_ptr_nonnull(one);
	memset(bytes, 8, sizeof(bytes)); /* it has its own */
	same = ciphertext_hold(one);
	ck_assert_ptr_eq(same, one);
	ciphertext_release(one);
	ck_assert_uint_eq(ciphertext_id(same), 5);
	ck_assert_uint_eq(ciphertext_view(same).len, 300);
	ck_assert_uint_eq(ciphertext_view(same).data[299], 7);
	ciphertext_release(same);
	ck_assert_ptr_null(ciphertext_hold(NULL));
	ciphertext_release(NULL);
}
END_TEST

/* The frames of one turn, put together again, must be what a node that does not split sends. */
static void
carry_split(struct net *net, uint32_t from, const struct ciphertext **tails, uint32_t *count)
{
	const struct core_action *actions;
	struct exchange_message message;
	struct bytes frame;
	uint32_t actions_count, i;

	bytes_init(&frame, FRAME_BYTES_MAX);
	actions = core_actions(net->nodes[from].core, &actions_count);
	for (i = 0; i < actions_count; i++) {
		struct bytes_view tail;

		if (actions[i].type != CORE_SEND || actions[i].tail == NULL)
			continue;
		tail = ciphertext_view(actions[i].tail);
		bytes_clear(&frame);
		bytes_append(&frame, actions[i].data, actions[i].len);
		bytes_append(&frame, tail.data, tail.len);
		ck_err(exchange_decode(bytes_as_view(&frame), &message), ERR_NONE);
		ck_assert_int_eq(message.type, EXCHANGE_ENVELOPE);
		ck_assert(bytes_view_is_equal(message.ciphertext, tail));
		net_push(net, CORE_LINK_MESSAGE, from, net_find(net, &actions[i].key),
		    bytes_as_view(&frame));
		tails[(*count)++] = actions[i].tail;
	}
	bytes_release(&frame);
}

/* What fixture and simulator do with whole frames, by hand: a turn of A with one request. */
static void
share_split(struct net *net, net_change_fn change, const struct ciphertext **tails, uint32_t *count)
{
	struct submit_arguments arguments = {0};
	struct request request = {.command = REQUEST_SUBMIT, .id = {{9}}};
	struct core_event event = {.type = CORE_REQUEST, .client = 1, .uid = NODE_UID};
	struct bytes draft, items, encoded, asked;
	uint8_t seed[32] = {3};

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	bytes_init(&asked, REQUEST_BYTES_MAX);
	net_draft(TLP_CLEAR, "split", change, NULL, &draft);
	ck_err(schema_list_add_bin(&arguments.drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	ck_err(schema_encode(&request_submit_schema, &arguments, &encoded), ERR_NONE);
	request.arguments = bytes_as_view(&encoded);
	ck_err(request_encode(&request, &asked), ERR_NONE);
	event.bytes = bytes_as_view(&asked);
	core_turn_begin(net->nodes[A].core, net->now_ms, seed);
	core_step(net->nodes[A].core, &event);
	ck_err(core_turn_end(net->nodes[A].core), ERR_NONE);
	carry_split(net, A, tails, count);
	core_actions_clear(net->nodes[A].core);
	bytes_release(&draft);
	bytes_release(&items);
	bytes_release(&encoded);
	bytes_release(&asked);
}

START_TEST(shares_one_ciphertext_between_frames)
{
	struct net *net = open_star();
	const struct ciphertext *tails[8];
	uint32_t count = 0;

	net->nodes[A].core->splits_frames = true;
	share_split(net, make_long, tails, &count);
	ck_assert_uint_eq(count, 2);
	ck_assert_ptr_eq(tails[0], tails[1]);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 1);
	ck_assert_uint_eq(net_records(net, C), 1);
	ck_assert_uint_eq(under_way(net, A, B), 0);
	ck_assert_uint_eq(under_way(net, A, C), 0);
	net_close(net);
}
END_TEST

START_TEST(splits_no_short_frame)
{
	struct net *net = open_star();
	const struct ciphertext *tails[8];
	uint32_t count = 0;

	net->nodes[A].core->splits_frames = true;
	share_split(net, NULL, tails, &count);
	ck_assert_uint_eq(count, 0);
	net_close(net);
}
END_TEST

struct kept {
	uint32_t count;
	struct bytes frames[4];
};

static enum net_verdict
keep_for_b(struct net *net, uint32_t from, uint32_t to, struct bytes *frame)
{
	struct kept *kept = net->context;

	if (from != A || to != B || frame->data[1] != EXCHANGE_ENVELOPE)
		return NET_PASS;
	ck_assert_uint_lt(kept->count, 4);
	bytes_init(&kept->frames[kept->count], FRAME_BYTES_MAX);
	bytes_append(&kept->frames[kept->count++], frame->data, frame->len);
	return kept->count == 2 ? NET_DROP : NET_PASS;
}

/* What one peer is sent again is what it was sent, though another got the same batch under another
   key in between. */
START_TEST(sends_again_under_the_key_of_the_first_time)
{
	struct net *net = net_open(3);
	struct kept kept = {0};

	net_befriend(net, A, B);
	net->hook = keep_for_b;
	net->context = &kept;
	share_next(net, A);
	net_run(net);
	share_next(net, A);
	net_run(net);
	ck_assert_uint_eq(kept.count, 2);
	/* both batches are loaded again for C, the second one last */
	net_befriend(net, A, C);
	net_run(net);
	ck_assert_uint_eq(net_records(net, C), 2);
	net_unlink(net, A, B);
	net_push(net, CORE_LINK_DOWN, B, A, bytes_view_of(NULL, 0));
	net_push(net, CORE_LINK_DOWN, A, B, bytes_view_of(NULL, 0));
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_eq(kept.count, 3);
	ck_assert_uint_eq(kept.frames[2].len, kept.frames[1].len);
	ck_assert_mem_eq(kept.frames[2].data, kept.frames[1].data, kept.frames[1].len);
	ck_assert_uint_eq(net_records(net, B), 2);
	while (kept.count > 0)
		bytes_release(&kept.frames[--kept.count]);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- credit */

/* The part that is left of a batch fills several envelopes; a peer that takes one at a time gets
   one at a time, and in the end each record once. */
START_TEST(keeps_to_the_credit_within_a_batch)
{
	struct net *net = net_open(2);
	uint64_t until = net->now_ms + 20000;
	uint32_t held = 0, rounds;

	share_many(net, A, BATCH_COUNT_MAX, expires_at, &until);
	net->now_ms += 30000;
	net->nodes[B].core->credit = 1;
	net->hook = hold_envelopes;
	net_befriend(net, A, B);
	net_reconnect(net, A, B);
	for (rounds = 0; rounds < 20 && net->held_count > 0; rounds++) {
		ck_assert_uint_eq(net->held_count, 1);
		ck_assert_uint_eq(under_way(net, A, B), 1);
		held++;
		net_release(net);
		net_run(net);
	}
	ck_assert_uint_ge(held, 2);
	ck_assert_uint_eq(net_records(net, B), BATCH_COUNT_MAX - 1);
	ck_assert_uint_eq(net_leaves(net, B, EVENT_ENVELOPE_RECEIVED), held);
	/* no record came twice: nothing but `stored` was receipted */
	ck_assert_uint_eq(under_way(net, A, B), 0);
	ck_assert(!net_member(net, A, B)->has_outbox);
	net_close(net);
}
END_TEST

START_TEST(refuses_more_than_the_credit_it_gave)
{
	struct net *net = open_star();
	struct core *core = net->nodes[B].core;
	struct core_event event = {.type = CORE_LINK_MESSAGE};
	uint8_t seed[32] = {4};
	uint32_t i;

	net->hook = hold_envelopes;
	net_unlink(net, A, C);
	for (i = 0; i < 4; i++)
		share_next(net, A);
	ck_assert_uint_ge(net->held_count, 4);
	net->hook = NULL;
	core->credit = 3; /* it said 8 in its greeting: A is not to blame, but B cannot know */
	event.key = net->nodes[A].card.transport_key;
	core_turn_begin(core, net->now_ms, seed);
	for (i = 0; i < net->held_count; i++) {
		if (net->held[i].to != B)
			continue;
		event.bytes = bytes_as_view(&net->held[i].bytes);
		core_step(core, &event);
	}
	ck_err(core_turn_end(core), ERR_NONE);
	core_actions_clear(core); /* receipts and refusal are lost */
	ck_assert_uint_eq(net_records(net, B), 3);
	ck_reason(net_member(net, B, A)->last_reason, REASON_QUOTA);
	for (i = 0; i < net->held_count; i++)
		bytes_release(&net->held[i].bytes);
	net->held_count = 0;
	/* a refusal settles nothing: it comes again, with the next session */
	net_pass(net, SESSION_RECEIPT_TIMEOUT_MS + 1000);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 4);
	ck_assert_uint_eq(under_way(net, A, B), 0);
	net_close(net);
}
END_TEST

/* It takes less than before when it comes back: the rest is withdrawn and comes in its turn. */
START_TEST(resends_no_more_than_the_credit)
{
	struct net *net = open_star();
	uint32_t i;

	net->hook = hold_envelopes;
	for (i = 0; i < 5; i++)
		share_next(net, A);
	ck_assert_uint_eq(under_way(net, A, B), 5);
	for (i = 0; i < net->held_count; i++)
		bytes_release(&net->held[i].bytes);
	net->held_count = 0;
	net->nodes[B].core->credit = 2;
	net_unlink(net, A, B);
	net_push(net, CORE_LINK_DOWN, B, A, bytes_view_of(NULL, 0));
	net_push(net, CORE_LINK_DOWN, A, B, bytes_view_of(NULL, 0));
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_eq(under_way(net, A, B), 2);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_NUMBER_VOIDED), 3);
	net->hook = NULL;
	net_release(net);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 5);
	ck_assert_uint_eq(net_leaves(net, B, EVENT_ENVELOPE_RECEIVED), 5);
	ck_assert_uint_eq(under_way(net, A, B), 0);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- catching up */

static uint64_t
waiting_for(struct net *net, uint32_t at, uint32_t peer)
{
	uint64_t waiting = 0, held = 0;

	ck_err(deliveries_outbox_count(
		   net->nodes[at].core->store, &net->nodes[peer].org, &waiting, &held),
	    ERR_NONE);
	return waiting;
}

START_TEST(queues_for_a_new_peer_what_the_ceiling_lets_it_have)
{
	struct net *net = net_open(3);
	struct org_id to_b = net->nodes[B].org;
	uint32_t i;

	net_befriend(net, A, C);
	ck_reason(net_share(net, A, TLP_AMBER_STRICT, "named", net_to, &to_b, NULL), REASON_STORED);
	ck_reason(net_share(net, A, TLP_AMBER, "not named", net_to, &net->nodes[C].org, NULL),
	    REASON_STORED);
	ck_reason(net_share(net, C, TLP_GREEN, "of another", NULL, NULL, NULL), REASON_STORED);
	for (i = 0; i < 300; i++) /* more than one page of batches */
		share_next(net, A);
	net_run(net);
	ck_assert_uint_eq(net_records(net, A), 303);
	ck_reason(net_peer_add(net, A, B), REASON_STORED);
	ck_assert_uint_eq(waiting_for(net, A, B), 301);
	ck_reason(net_peer_add(net, B, A), REASON_STORED);
	net_pass(net, 1000);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 301);
	ck_assert_uint_eq(waiting_for(net, A, B), 0);
	net_close(net);
}
END_TEST

START_TEST(queues_for_a_returning_peer_only_what_it_never_got)
{
	struct net *net = open_star();
	uint32_t i;

	for (i = 0; i < 5; i++)
		share_next(net, A);
	net_run(net);
	ck_reason(net_peer_remove(net, A, B), REASON_STORED);
	net_run(net);
	for (i = 0; i < 3; i++)
		share_next(net, A);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 5);
	ck_reason(net_peer_add(net, A, B), REASON_STORED);
	ck_assert_uint_eq(waiting_for(net, A, B), 3);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 8);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- deciding again */

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

/* Another policy at a node, whose outbound rules these are. */
static void
rule_by(struct net *net, uint32_t at, const char *rules)
{
	struct core *core = net->nodes[at].core;
	char text[1024];

	(void)snprintf(text, sizeof(text),
	    "policy \"test\"\noutbound {\n%s\n}\ninbound {\naccept all\n}\n", rules);
	policy_free(core->policy);
	ck_err(policy_open(bytes_view_str(text), NULL, &core->policy, NULL), ERR_NONE);
	ck_err(policy_resolve(core->policy, find_nobody, find_no_community, NULL, NULL), ERR_NONE);
	core->policy_is_default = false;
}

/* Everything is decided anew, and what may go leaves. */
static void
reconsider(struct net *net, uint32_t at)
{
	struct core *core = net->nodes[at].core;
	uint8_t seed[32] = {5};
	const struct core_action *actions;
	uint32_t count, i;

	core_turn_begin(core, net->now_ms, seed);
	delivery_reconsider_all(core);
	ck_err(core_turn_end(core), ERR_NONE);
	actions = core_actions(core, &count);
	for (i = 0; i < count; i++)
		net_act(net, at, &actions[i]);
	core_actions_clear(core);
	net_run(net);
}

static uint64_t
held_for(struct net *net, uint32_t at, uint32_t peer)
{
	uint64_t waiting = 0, held = 0;

	ck_err(deliveries_outbox_count(
		   net->nodes[at].core->store, &net->nodes[peer].org, &waiting, &held),
	    ERR_NONE);
	return held;
}

static void
note_duplicates(void *context, uint16_t reason, uint64_t records)
{
	if (reason != REASON_STORED)
		*(uint64_t *)context += records;
}

/* Records that a peer was sent and did not store: it had them. */
static uint64_t
wasted_on(struct net *net, uint32_t at, uint32_t peer)
{
	uint64_t wasted = 0;

	ck_err(deliveries_tally(net->nodes[at].core->store, &net->nodes[peer].org, note_duplicates,
		   &wasted),
	    ERR_NONE);
	return wasted;
}

START_TEST(sends_exactly_the_rest_when_it_is_decided_again)
{
	struct net *net = open_star();

	rule_by(net, A, "hold(1) one where title = \"note 7\"\n"
			"deny another where title = \"note 0\"\nshare all to anybody");
	share_many(net, A, 16, NULL, NULL);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 14);
	ck_assert_uint_eq(held_for(net, A, B), 1);
	ck_assert_uint_eq(waiting_for(net, A, B), 0);
	/* nothing has changed */
	reconsider(net, A);
	ck_assert_uint_eq(net_records(net, B), 14);
	ck_assert_uint_eq(held_for(net, A, B), 1);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_ENVELOPE_SENT), 2);
	rule_by(net, A, "hold(1) one where title = \"note 7\"\nshare all to anybody");
	reconsider(net, A);
	ck_assert_uint_eq(net_records(net, B), 15);
	ck_assert_uint_eq(held_for(net, A, B), 1);
	rule_by(net, A, "share all to anybody");
	reconsider(net, A);
	ck_assert_uint_eq(net_records(net, B), 16);
	ck_assert_uint_eq(net_records(net, C), 16);
	ck_assert_uint_eq(held_for(net, A, B), 0);
	reconsider(net, A);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_ENVELOPE_SENT), 6);
	ck_assert_uint_eq(wasted_on(net, A, B) + wasted_on(net, A, C), 0);
	net_close(net);
}
END_TEST

/* What a peer has stays with it; what has not left yet stays behind. */
START_TEST(takes_nothing_back_that_has_left)
{
	struct net *net = open_star();

	net_unlink(net, A, C);
	net_push(net, CORE_LINK_DOWN, C, A, bytes_view_of(NULL, 0));
	net_run(net);
	share_many(net, A, 16, NULL, NULL);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 16);
	ck_assert_uint_eq(waiting_for(net, A, C), 16);
	rule_by(net, A, "deny one where title = \"note 3\"\nshare all to anybody");
	reconsider(net, A);
	net_reconnect(net, A, C);
	net_run(net);
	ck_assert_uint_eq(net_records(net, C), 15);
	ck_assert_uint_eq(net_records(net, B), 16);
	ck_assert_uint_eq(waiting_for(net, A, C), 0);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_ENVELOPE_SENT), 2);
	net_close(net);
}
END_TEST

/* The node ends between the decision and the sending. */
START_TEST(remembers_what_is_to_be_sent_again)
{
	struct net *net = open_star();

	rule_by(net, A, "hold(1) one where title = \"note 7\"\nshare all to anybody");
	share_many(net, A, 16, NULL, NULL);
	net_run(net);
	net_unlink(net, A, B);
	net_push(net, CORE_LINK_DOWN, B, A, bytes_view_of(NULL, 0));
	net_push(net, CORE_LINK_DOWN, A, B, bytes_view_of(NULL, 0));
	net_run(net);
	rule_by(net, A, "share all to anybody");
	reconsider(net, A);
	ck_assert_uint_eq(waiting_for(net, A, B), 1);
	ck_assert_uint_eq(held_for(net, A, B), 0);
	ck_assert_uint_eq(net_records(net, B), 15);
	net_crash(net, A);
	net_start(net, A);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 16);
	ck_assert_uint_eq(waiting_for(net, A, B), 0);
	ck_assert_uint_eq(wasted_on(net, A, B), 0);
	net_close(net);
}
END_TEST

/* It ends when a part of a batch has left: the other part follows, and nothing twice. */
START_TEST(goes_on_with_the_rest_after_a_crash)
{
	struct net *net = net_open(2);
	uint64_t until = net->now_ms + 20000;

	share_many(net, A, BATCH_COUNT_MAX, expires_at, &until);
	net->now_ms += 30000;
	net->nodes[B].core->credit = 1;
	net->hook = hold_envelopes;
	net_befriend(net, A, B);
	net_reconnect(net, A, B);
	net->hook = NULL;
	ck_assert_uint_eq(net->held_count, 1);
	ck_assert_uint_gt(waiting_for(net, A, B), 0);
	ck_assert_uint_lt(waiting_for(net, A, B), BATCH_COUNT_MAX - 1);
	net_crash(net, A);
	bytes_release(&net->held[0].bytes);
	net->held_count = 0;
	net_start(net, A);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), BATCH_COUNT_MAX - 1);
	ck_assert_uint_eq(waiting_for(net, A, B), 0);
	ck_assert_uint_eq(wasted_on(net, A, B), 0);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- deciding for many at once */

static struct member *
stranger_member(struct net *net, uint32_t i)
{
	return i == 0 ? net_member(net, A, B) : net_member(net, A, C);
}

/* Whatever the record says, peers of one class get one decision: what the pump relies on. */
START_TEST(decides_alike_for_peers_of_one_class)
{
	static struct record record;
	struct net *net = open_star();
	struct core *core = net->nodes[A].core;
	struct org_id orgs[3] = {net->nodes[B].org, net->nodes[C].org, {{7}}};
	uint32_t tried = 0, differing = 0, tlp, audience, own, kind, derived;

	for (tlp = TLP_CLEAR; tlp <= TLP_RED; tlp++) {
		for (audience = 0; audience < 8; audience++) {
			for (kind = 0; kind < 16; kind++) {
				const char *rules[2] = {"", ""};
				enum judge_class classes[2];
				enum reason reasons[2];
				struct observable phone = {.type = OBSERVABLE_PHONE};
				uint32_t i;

				own = kind & 1;
				derived = kind >> 1 & 1;
				record_init(&record, RECORD_INDICATOR, (enum tlp)tlp);
				record.is_draft = false;
				record.created_ms = net->now_ms;
				record.author = own ? core->org : (struct org_id){{9}};
				phone.value = bytes_view_str("+525512345678");
				if (kind & 4)
					ck_err(record_add_observable(&record, &phone), ERR_NONE);
				if (kind & 8) {
					record.marking.purpose = bytes_view_str("p");
					record.marking.basis = bytes_view_str("b");
				}
				for (i = 0; i < 3; i++) {
					if (audience >> i & 1)
						ck_err(audience_add_org(&record.audience, &orgs[i]),
						    ERR_NONE);
				}
				record.has_derived = derived;
				record.derived.marking = record.marking;
				record.derived.author = core->org;
				if (derived)
					ck_err(audience_add_org(&record.derived.audience, &orgs[0]),
					    ERR_NONE);
				for (i = 0; i < 2; i++) {
					struct member *member = stranger_member(net, i);

					classes[i] = judge_class(core, &record, member);
					reasons[i] = judge_outbound(
					    core, &record, &record.author, 0, member, &rules[i]);
				}
				differing += reasons[0] != reasons[1];
				if (classes[0] == JUDGE_ALONE || classes[0] != classes[1])
					continue;
				ck_reason(reasons[0], reasons[1]);
				ck_assert_str_eq(rules[0], rules[1]);
				tried++;
			}
		}
	}
	ck_assert_uint_gt(tried, 100);
	ck_assert_uint_gt(differing, 10);
	net_close(net);
}
END_TEST

/* One peer's card names a key with which nothing can be agreed: the other gets all the same. */
START_TEST(gives_up_one_peer_and_not_the_turn)
{
	struct net *net = open_star();
	struct member *member = net_member(net, A, B);
	uint8_t kept[32];
	struct record_id id;

	memcpy(kept, member->card.envelope_key, sizeof(kept));
	memset(member->card.envelope_key, 0, sizeof(kept));
	ck_reason(net_share(net, A, TLP_CLEAR, "one of two", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	ck_assert(!net_has(net, B, &id));
	ck_assert(net_has(net, C, &id));
	ck_assert_uint_eq(waiting_for(net, A, B), 1);
	ck_assert_uint_eq(under_way(net, A, B), 0);
	ck_assert_uint_eq(member->last_number, 0);
	memcpy(member->card.envelope_key, kept, sizeof(kept));
	net_unlink(net, A, B);
	net_push(net, CORE_LINK_DOWN, B, A, bytes_view_of(NULL, 0));
	net_push(net, CORE_LINK_DOWN, A, B, bytes_view_of(NULL, 0));
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert(net_has(net, B, &id));
	net_close(net);
}
END_TEST

SUITE_MAIN("node/delivery", signs_the_envelopes_of_a_turn_in_one_call, hears_the_keyring_out,
    sends_again_under_the_key_of_the_first_time, holds_a_ciphertext_until_the_last_holder_lets_go,
    shares_one_ciphertext_between_frames, splits_no_short_frame, keeps_to_the_credit_within_a_batch,
    refuses_more_than_the_credit_it_gave, resends_no_more_than_the_credit,
    queues_for_a_new_peer_what_the_ceiling_lets_it_have,
    queues_for_a_returning_peer_only_what_it_never_got, decides_alike_for_peers_of_one_class,
    gives_up_one_peer_and_not_the_turn, sends_exactly_the_rest_when_it_is_decided_again,
    takes_nothing_back_that_has_left, remembers_what_is_to_be_sent_again,
    goes_on_with_the_rest_after_a_crash)
