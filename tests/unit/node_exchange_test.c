/*
 * What two or three nodes do together: exactly once in the store whatever the link does, and
 * nothing to whom it may not go.
 */
#include "tests/unit/node_fixture.h"

#include <signal.h>
#include <sys/resource.h>

enum { A, B, C };

/* ---------------------------------------------------------------- watching the wire */

struct tape {
	uint32_t count;
	struct bytes frames[1024];
	uint32_t from[1024];
	uint8_t drop; /* frames of this type are lost */
	enum net_verdict verdict;
};

static enum net_verdict
record_tape(struct net *net, uint32_t from, uint32_t to, struct bytes *frame)
{
	struct tape *tape = net->context;
	uint8_t type = frame->data[1];

	(void)to;
	if (type == EXCHANGE_ENVELOPE || type == EXCHANGE_RECEIPT) {
		ck_assert_uint_lt(tape->count, 1024);
		tape->from[tape->count] = from;
		bytes_init(&tape->frames[tape->count], FRAME_BYTES_MAX);
		bytes_append(&tape->frames[tape->count++], frame->data, frame->len);
	}
	return type == tape->drop ? NET_DROP : tape->verdict;
}

static struct tape *
tape_open(struct net *net)
{
	struct tape *tape = calloc(1, sizeof(*tape));

	ck_assert_ptr_nonnull(tape);
	net->context = tape;
	net->hook = record_tape;
	return tape;
}

static void
tape_close(struct tape *tape)
{
	uint32_t i;

	for (i = 0; i < tape->count; i++)
		bytes_release(&tape->frames[i]);
	free(tape);
}

/* The nth frame of a type; asserts that it is there. */
static struct bytes_view
tape_find(const struct tape *tape, uint8_t type, uint32_t nth)
{
	uint32_t i;

	for (i = 0; i < tape->count; i++) {
		if (tape->frames[i].data[1] == type && nth-- == 0)
			return bytes_as_view(&tape->frames[i]);
	}
	ck_abort_msg("only so many frames of type %u", type);
	return bytes_view_of(NULL, 0);
}

static uint32_t
tape_count(const struct tape *tape, uint8_t type)
{
	uint32_t i, found = 0;

	for (i = 0; i < tape->count; i++)
		found += tape->frames[i].data[1] == type;
	return found;
}

static struct net *
open_pair(void)
{
	struct net *net = net_open(2);

	net_befriend(net, A, B);
	ck_assert(net_is_open(net, A, B));
	return net;
}

static struct status_peer
status_of(struct net *net, uint32_t at, uint32_t peer)
{
	struct answer answer =
	    net_request(net, at, &(struct net_request){.command = REQUEST_STATUS, .uid = NODE_UID});
	struct status_body body;
	struct status_peer entry;

	ck_reason(answer.reason, REASON_STORED);
	ck_err(schema_decode(&request_status_schema, answer.body, &body), ERR_NONE);
	while (schema_list_next(&body.peers, &request_status_peer_schema, &entry) == ERR_NONE) {
		if (memcmp(entry.org, net->nodes[peer].org.bytes, sizeof(entry.org)) == 0)
			return entry;
	}
	ck_abort_msg("the peer is not in status");
	return entry;
}

static void
ck_settled(struct net *net, uint32_t at, uint32_t peer, uint64_t records)
{
	struct status_peer entry = status_of(net, at, peer);

	ck_assert_uint_eq(entry.receipted, records);
	ck_assert_uint_eq(entry.queued, 0);
	ck_assert_uint_eq(entry.in_flight, 0);
	ck_assert_uint_eq(entry.refused.count, 0);
}

/* ---------------------------------------------------------------- the good day */

START_TEST(delivers_what_is_shared_exactly_once)
{
	struct net *net = open_pair();
	struct record_id id;

	ck_reason(net_share(net, A, TLP_CLEAR, "one", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, A, &id) && net_has(net, B, &id));
	ck_assert_uint_eq(net_records(net, B), 1);
	ck_settled(net, A, B, 1);
	ck_assert_uint_eq(status_of(net, B, A).received, 1);
	ck_assert_uint_eq(status_of(net, A, B).state, PEER_OPEN);
	ck_assert_uint_eq(net->sent[A][B][EXCHANGE_ENVELOPE], 1);
	ck_assert_uint_eq(net->sent[B][A][EXCHANGE_RECEIPT], 1);
	ck_assert_uint_eq(net->sent[B][A][EXCHANGE_ENVELOPE], 0); /* not back to its author */
	ck_assert_uint_eq(net_leaves(net, A, EVENT_ENVELOPE_SENT), 1);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_RECEIPT_RECEIVED), 1);
	ck_assert_uint_eq(net_leaves(net, B, EVENT_ENVELOPE_RECEIVED), 1);
	ck_assert_uint_eq(net_leaves(net, B, EVENT_RECEIPT_SENT), 1);
	net_close(net);
}
END_TEST

START_TEST(delivers_what_was_shared_before_the_peer_was_known)
{
	struct net *net = net_open(2);
	struct record_id id;

	ck_reason(net_share(net, A, TLP_CLEAR, "early", NULL, NULL, &id), REASON_STORED);
	net_befriend(net, A, B);
	ck_assert(net_has(net, B, &id));
	ck_settled(net, A, B, 1);
	net_close(net);
}
END_TEST

/* Both dial, both greet at once: one session, and both directions deliver. */
START_TEST(opens_one_session_when_both_greet_at_once)
{
	struct net *net = open_pair();
	struct record_id a, b;

	ck_reason(net_share(net, A, TLP_CLEAR, "from a", NULL, NULL, &a), REASON_STORED);
	ck_reason(net_share(net, B, TLP_CLEAR, "from b", NULL, NULL, &b), REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, A, &b) && net_has(net, B, &a));
	ck_settled(net, A, B, 1);
	ck_settled(net, B, A, 1);
	net_close(net);
}
END_TEST

START_TEST(keeps_a_quiet_session_open_by_refreshing_it)
{
	struct net *net = open_pair();
	uint32_t i;

	for (i = 0; i < 20; i++) {
		net_pass(net, 30000);
		ck_assert(net_is_open(net, A, B));
	}
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- the link misbehaves */

START_TEST(changes_nothing_when_every_frame_comes_twice)
{
	struct net *net = open_pair();
	struct tape *tape = tape_open(net);
	struct record_id id;
	struct head before, after;

	tape->verdict = NET_TWICE;
	ck_reason(net_share(net, A, TLP_CLEAR, "twice", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 1);
	ck_settled(net, A, B, 1);
	ck_assert_uint_eq(net_leaves(net, B, EVENT_ENVELOPE_RECEIVED), 1);
	ck_assert_uint_eq(net_leaves(net, B, EVENT_RECEIPT_SENT), 1);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_RECEIPT_RECEIVED), 1);
	/* and once more, long after: the stored bytes of the first receipt, no leaf on either side
	 */
	tape->verdict = NET_PASS;
	events_head(net->nodes[B].core->store, &before);
	net_push(net, CORE_LINK_MESSAGE, A, B, tape_find(tape, EXCHANGE_ENVELOPE, 0));
	net_run(net);
	events_head(net->nodes[B].core->store, &after);
	ck_assert_uint_eq(before.size, after.size);
	ck_assert_uint_ge(tape_count(tape, EXCHANGE_RECEIPT), 2);
	ck_assert(bytes_view_is_equal(tape_find(tape, EXCHANGE_RECEIPT, 0),
	    tape_find(tape, EXCHANGE_RECEIPT, tape_count(tape, EXCHANGE_RECEIPT) - 1)));
	ck_settled(net, A, B, 1);
	tape_close(tape);
	net_close(net);
}
END_TEST

START_TEST(mends_a_lost_envelope_with_the_same_bytes)
{
	struct net *net = open_pair();
	struct tape *tape = tape_open(net);
	struct record_id id;

	tape->drop = EXCHANGE_ENVELOPE;
	ck_reason(net_share(net, A, TLP_CLEAR, "lost", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	ck_assert(!net_has(net, B, &id));
	tape->drop = 0;
	net_pass(net, SESSION_RECEIPT_TIMEOUT_MS + 1000);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert(net_has(net, B, &id));
	ck_settled(net, A, B, 1);
	ck_assert_uint_eq(tape_count(tape, EXCHANGE_ENVELOPE), 2);
	ck_assert(bytes_view_is_equal(
	    tape_find(tape, EXCHANGE_ENVELOPE, 0), tape_find(tape, EXCHANGE_ENVELOPE, 1)));
	ck_assert_uint_eq(net_leaves(net, A, EVENT_ENVELOPE_SENT), 1);
	tape_close(tape);
	net_close(net);
}
END_TEST

START_TEST(mends_a_lost_receipt_with_the_same_bytes)
{
	struct net *net = open_pair();
	struct tape *tape = tape_open(net);
	struct record_id id;

	tape->drop = EXCHANGE_RECEIPT;
	ck_reason(net_share(net, A, TLP_CLEAR, "lost", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, B, &id));
	ck_assert_uint_eq(status_of(net, A, B).in_flight, 1);
	tape->drop = 0;
	net_pass(net, SESSION_RECEIPT_TIMEOUT_MS + 1000);
	net_reconnect(net, A, B);
	net_run(net);
	ck_settled(net, A, B, 1);
	ck_assert_uint_eq(net_records(net, B), 1);
	ck_assert_uint_eq(tape_count(tape, EXCHANGE_RECEIPT), 2);
	ck_assert(bytes_view_is_equal(
	    tape_find(tape, EXCHANGE_RECEIPT, 0), tape_find(tape, EXCHANGE_RECEIPT, 1)));
	ck_assert(bytes_view_is_equal(
	    tape_find(tape, EXCHANGE_ENVELOPE, 0), tape_find(tape, EXCHANGE_ENVELOPE, 1)));
	tape_close(tape);
	net_close(net);
}
END_TEST

static enum net_verdict
hold_envelopes(struct net *net, uint32_t from, uint32_t to, struct bytes *frame)
{
	(void)net;
	(void)from;
	(void)to;
	return frame->data[1] == EXCHANGE_ENVELOPE ? NET_HOLD : NET_PASS;
}

static void
swap_held(struct net *net, uint32_t i, uint32_t j)
{
	struct net_item item = net->held[i];

	net->held[i] = net->held[j];
	net->held[j] = item;
}

START_TEST(takes_envelopes_out_of_order)
{
	struct net *net = open_pair();
	struct record_id ids[3];
	static const char *const titles[] = {"1", "2", "3"};
	uint32_t i;

	net->hook = hold_envelopes;
	for (i = 0; i < 3; i++)
		ck_reason(
		    net_share(net, A, TLP_CLEAR, titles[i], NULL, NULL, &ids[i]), REASON_STORED);
	net_run(net);
	ck_assert_uint_eq(net->held_count, 3);
	swap_held(net, 0, 2);
	net->hook = NULL;
	net_release(net);
	net_run(net);
	for (i = 0; i < 3; i++)
		ck_assert(net_has(net, B, &ids[i]));
	ck_settled(net, A, B, 3);
	net_close(net);
}
END_TEST

START_TEST(loses_nothing_on_a_link_that_falls_again_and_again)
{
	struct net *net = open_pair();
	struct record_id ids[6];
	uint32_t i, at;

	/* a link that falls again and again, at another frame each time */
	for (i = 0; i < 6; i++) {
		char title[8] = {(char)('a' + i), '\0'};

		ck_reason(net_share(net, A, TLP_CLEAR, title, NULL, NULL, &ids[i]), REASON_STORED);
		for (at = 0; at < i && net->first != net->next; at++) {
			struct net_item *item = &net->items[net->first++ % NET_ITEMS_MAX];

			bytes_release(&item->bytes);
		}
		net_unlink(net, A, B);
		net_push(net, CORE_LINK_DOWN, B, A, bytes_view_of(NULL, 0));
		net_push(net, CORE_LINK_DOWN, A, B, bytes_view_of(NULL, 0));
		net_run(net);
		net_pass(net, 1000);
	}
	net_reconnect(net, A, B);
	net_run(net);
	for (i = 0; i < 6; i++)
		ck_assert(net_has(net, B, &ids[i]));
	ck_assert_uint_eq(net_records(net, B), 6);
	ck_settled(net, A, B, 6);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- processes die */

/* Receipts as they leave: each must be the first one's bytes; the first `context` are lost. */
static struct bytes first_receipt;
static uint32_t receipts_seen;

static enum net_verdict
compare_receipts(struct net *net, uint32_t from, uint32_t to, struct bytes *frame)
{
	(void)to;
	if (from != B || frame->data[1] != EXCHANGE_RECEIPT)
		return NET_PASS;
	if (receipts_seen++ == 0)
		bytes_append(&first_receipt, frame->data, frame->len);
	ck_assert_uint_eq(frame->len, first_receipt.len);
	ck_assert_mem_eq(frame->data, first_receipt.data, frame->len);
	return receipts_seen <= *(const uint32_t *)net->context ? NET_DROP : NET_PASS;
}

/* B ends the turn that stored the envelope and lets the receipt go; its turn that would write the
   receipt down never comes, though time passes and other things happen.  However often it is
   asked, before the crash and after, it says the same. */
START_TEST(gives_the_same_receipt_after_a_crash_that_lost_it)
{
	struct net *net = open_pair();
	struct record_id id, other;
	struct core_event event = {.type = CORE_LINK_MESSAGE};
	uint32_t lost = 1;

	bytes_init(&first_receipt, FRAME_BYTES_MAX);
	receipts_seen = 0;
	net->hook = hold_envelopes;
	ck_reason(net_share(net, A, TLP_CLEAR, "crash", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	net->hook = compare_receipts;
	net->context = &lost;
	ck_assert_uint_eq(net->held_count, 1);
	event.key = net->nodes[A].card.transport_key;
	event.bytes = bytes_as_view(&net->held[0].bytes);
	net_turn(net, B, &event);
	ck_assert(net_has(net, B, &id));
	ck_assert_uint_eq(net_leaves(net, B, EVENT_RECEIPT_SENT), 0);
	ck_assert_uint_eq(receipts_seen, 1); /* it left with the commit of what it speaks of */
	bytes_release(&net->held[0].bytes);
	net->held_count = 0;
	net_crash(net, B);
	net->now_ms += 10000;
	node_open(&net->nodes[B], net->now_ms);
	/* its very first turn makes the log longer */
	ck_reason(net_share(net, B, TLP_CLEAR, "other", NULL, NULL, &other), REASON_STORED);
	net_event(net, B, CORE_LINK_STARTED);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_ge(receipts_seen, 2);
	ck_settled(net, A, B, 1);
	ck_assert_uint_eq(net_records(net, B), 2);
	ck_assert_uint_eq(net_leaves(net, B, EVENT_ENVELOPE_RECEIVED), 1);
	ck_assert_uint_eq(net_leaves(net, B, EVENT_RECEIPT_SENT), 1);
	bytes_release(&first_receipt);
	net_close(net);
}
END_TEST

/* B's clock is set back, beyond what its keyring signs for, while it is down: it says so. */
START_TEST(receipts_again_under_a_clock_that_was_set_back)
{
	struct net *net = open_pair();
	struct record_id id;
	struct core_event event = {.type = CORE_LINK_MESSAGE};

	net->hook = hold_envelopes;
	ck_reason(net_share(net, A, TLP_CLEAR, "back", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	net->hook = NULL;
	event.key = net->nodes[A].card.transport_key;
	event.bytes = bytes_as_view(&net->held[0].bytes);
	net_turn(net, B, &event);
	for (; net->first != net->next; net->first++) /* the receipt is lost */
		bytes_release(&net->items[net->first % NET_ITEMS_MAX].bytes);
	bytes_release(&net->held[0].bytes);
	net->held_count = 0;
	net_crash(net, B);
	net->now_ms -= SKEW_MS + 1;
	net_start(net, B);
	net_reconnect(net, A, B);
	net_run(net);
	net_pass(net, 60000);
	ck_settled(net, A, B, 1);
	ck_assert_uint_eq(net_leaves(net, B, EVENT_RECEIPT_SENT), 1);
	net_close(net);
}
END_TEST

/* B dies within the turn: nothing of it was committed, and the envelope comes again. */
START_TEST(stores_nothing_of_a_turn_that_a_crash_cut_short)
{
	struct net *net = open_pair();
	struct record_id id;
	struct core_event event = {.type = CORE_LINK_MESSAGE};
	uint8_t seed[32] = {1};

	net->hook = hold_envelopes;
	ck_reason(net_share(net, A, TLP_CLEAR, "cut", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	net->hook = NULL;
	event.key = net->nodes[A].card.transport_key;
	event.bytes = bytes_as_view(&net->held[0].bytes);
	core_turn_begin(net->nodes[B].core, net->now_ms, seed);
	core_step(net->nodes[B].core, &event);
	net_crash(net, B);
	bytes_release(&net->held[0].bytes);
	net->held_count = 0;
	net_start(net, B);
	ck_assert(!net_has(net, B, &id));
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert(net_has(net, B, &id));
	ck_settled(net, A, B, 1);
	net_close(net);
}
END_TEST

START_TEST(resends_the_same_bytes_after_the_sender_crashed)
{
	struct net *net = open_pair();
	struct tape *tape = tape_open(net);
	struct record_id id;

	tape->drop = EXCHANGE_ENVELOPE;
	ck_reason(net_share(net, A, TLP_CLEAR, "sent", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	net_crash(net, A);
	tape->drop = 0;
	net_start(net, A);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert(net_has(net, B, &id));
	ck_assert_uint_eq(tape_count(tape, EXCHANGE_ENVELOPE), 2);
	ck_assert(bytes_view_is_equal(
	    tape_find(tape, EXCHANGE_ENVELOPE, 0), tape_find(tape, EXCHANGE_ENVELOPE, 1)));
	ck_assert_uint_eq(net_leaves(net, A, EVENT_RECEIPT_RECEIVED), 1);
	tape_close(tape);
	net_close(net);
}
END_TEST

/* Every moment of one delivery, as the place where one or the other node dies. */
START_TEST(delivers_once_wherever_a_node_dies)
{
	uint32_t who, when;

	for (who = A; who <= B; who++) {
		for (when = 0; when < 6; when++) {
			struct net *net = open_pair();
			struct record_id id;
			uint32_t steps;

			ck_reason(
			    net_share(net, A, TLP_CLEAR, "x", NULL, NULL, &id), REASON_STORED);
			for (steps = 0; steps < when; steps++) {
				struct core_event event = {.type = CORE_LINK_MESSAGE};
				struct net_item *item = &net->items[net->first % NET_ITEMS_MAX];

				if (net_work(net) || net->first == net->next)
					continue;
				net->first++;
				event.type = item->type;
				event.key = net->nodes[item->from].card.transport_key;
				event.bytes = bytes_as_view(&item->bytes);
				net_turn(net, item->to, &event);
				bytes_release(&item->bytes);
			}
			net_crash(net, who);
			net_start(net, who);
			net_reconnect(net, A, B);
			net_run(net);
			ck_assert(net_has(net, B, &id));
			ck_assert_uint_eq(net_records(net, B), 1);
			ck_assert_uint_eq(net_leaves(net, B, EVENT_ENVELOPE_RECEIVED), 1);
			ck_assert_uint_eq(net_leaves(net, B, EVENT_RECEIPT_SENT), 1);
			ck_assert_uint_eq(net_leaves(net, A, EVENT_RECEIPT_RECEIVED), 1);
			ck_assert_uint_eq(net_leaves(net, A, EVENT_ENVELOPE_SENT), 1);
			ck_settled(net, A, B, 1);
			net_close(net);
		}
	}
}
END_TEST

/* ---------------------------------------------------------------- who gets what */

static struct net *
open_three(bool b_knows_c, bool a_knows_c)
{
	struct net *net = net_open(3);

	net_befriend(net, A, B);
	if (b_knows_c)
		net_befriend(net, B, C);
	if (a_knows_c)
		net_befriend(net, A, C);
	return net;
}

START_TEST(exchanges_nothing_with_a_removed_peer)
{
	struct net *net = open_pair();
	struct tape *tape = tape_open(net);
	struct record_id before, after;
	uint64_t hellos;

	ck_reason(net_share(net, A, TLP_CLEAR, "before", NULL, NULL, &before), REASON_STORED);
	net_run(net);
	ck_reason(net_peer_remove(net, A, B), REASON_STORED);
	hellos = net->sent[A][B][EXCHANGE_HELLO];
	ck_reason(net_share(net, A, TLP_CLEAR, "after", NULL, NULL, &after), REASON_STORED);
	ck_reason(net_share(net, B, TLP_CLEAR, "from b", NULL, NULL, NULL), REASON_STORED);
	net_run(net);
	net_pass(net, 120000);
	/* even if a frame reaches it all the same, it neither hears nor answers */
	net_push(net, CORE_LINK_MESSAGE, B, A, tape_find(tape, EXCHANGE_RECEIPT, 0));
	net_push(net, CORE_LINK_UP, B, A, bytes_view_of(NULL, 0));
	net_run(net);
	ck_assert(!net_has(net, B, &after));
	ck_assert_uint_eq(net_records(net, A), 2);
	ck_assert_uint_eq(net->sent[A][B][EXCHANGE_HELLO], hellos);
	ck_assert_uint_eq(net_member(net, A, B)->state, SESSION_REMOVED);
	/* added again, it catches up */
	ck_reason(net_peer_add(net, A, B), REASON_STORED);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert(net_has(net, B, &after));
	ck_assert_uint_eq(net_records(net, A), 3);
	tape_close(tape);
	net_close(net);
}
END_TEST

START_TEST(sends_amber_strict_to_the_named_and_to_nobody_else)
{
	struct net *net = open_three(true, true);
	struct record_id id;

	ck_reason(net_share(net, A, TLP_AMBER_STRICT, "named", net_to, &net->nodes[B].org, &id),
	    REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, B, &id));
	ck_assert(!net_has(net, C, &id));
	ck_assert_uint_eq(net->sent[A][C][EXCHANGE_ENVELOPE], 0);
	ck_assert_uint_eq(net->sent[B][C][EXCHANGE_ENVELOPE], 0);
	net_close(net);
}
END_TEST

START_TEST(forwards_neither_amber_nor_green)
{
	struct net *net = open_three(true, false);
	struct record_id amber, green;

	ck_reason(net_share(net, A, TLP_AMBER, "amber", net_to, &net->nodes[B].org, &amber),
	    REASON_STORED);
	ck_reason(net_share(net, A, TLP_GREEN, "green", NULL, NULL, &green), REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, B, &amber) && net_has(net, B, &green));
	ck_assert_uint_eq(net->sent[B][C][EXCHANGE_ENVELOPE], 0);
	ck_assert_uint_eq(net_records(net, C), 0);
	net_close(net);
}
END_TEST

START_TEST(forwards_clear_behind_its_authors_card)
{
	struct net *net = open_three(true, false);
	struct record_id id;

	ck_assert_ptr_null(directory_find(net->nodes[C].core, &net->nodes[A].org));
	ck_reason(net_share(net, A, TLP_CLEAR, "clear", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, B, &id) && net_has(net, C, &id));
	ck_assert_ptr_nonnull(directory_find(net->nodes[C].core, &net->nodes[A].org));
	ck_assert(!net_member(net, C, A)->is_peer);
	ck_assert_uint_eq(net->sent[B][C][EXCHANGE_CARD], 1);
	ck_assert_uint_eq(net->sent[C][B][EXCHANGE_ENVELOPE], 0);
	ck_settled(net, B, C, 1);
	net_close(net);
}
END_TEST

static enum net_verdict
drop_cards(struct net *net, uint32_t from, uint32_t to, struct bytes *frame)
{
	(void)net;
	(void)from;
	(void)to;
	return frame->data[1] == EXCHANGE_CARD ? NET_DROP : NET_PASS;
}

START_TEST(refuses_a_forwarded_record_until_its_authors_card_arrives)
{
	struct net *net = open_three(true, false);
	struct record_id id;
	uint32_t tries;

	net->hook = drop_cards;
	ck_reason(net_share(net, A, TLP_CLEAR, "clear", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	ck_assert(!net_has(net, C, &id));
	ck_reason(net_member(net, B, C)->last_reason, REASON_UNKNOWN_AUTHOR);
	net->hook = NULL;
	for (tries = 0; tries < 20 && !net_has(net, C, &id); tries++)
		net_pass(net, 10000);
	ck_assert(net_has(net, C, &id));
	ck_settled(net, B, C, 1);
	net_close(net);
}
END_TEST

/* Two ways to the same record: the second one is a duplicate, and is receipted as such. */
START_TEST(stores_a_record_that_comes_by_two_ways_once)
{
	struct net *net = open_three(true, true);
	struct record_id id;

	ck_reason(net_share(net, A, TLP_CLEAR, "both ways", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 1);
	ck_assert_uint_eq(net_records(net, C), 1);
	ck_assert_uint_eq(status_of(net, A, B).receipted, 1);
	ck_assert_uint_eq(status_of(net, A, C).receipted, 1);
	net_close(net);
}
END_TEST

static void
to_community(struct record *record, void *context)
{
	(void)context;
	record->audience.has_community = true;
	memset(record->audience.community.bytes, 5, sizeof(record->audience.community.bytes));
}

START_TEST(refuses_drafts_that_could_go_nowhere)
{
	struct net *net = open_pair();

	ck_reason(net_share(net, A, TLP_GREEN, "community", to_community, NULL, NULL),
	    REASON_UNKNOWN_COMMUNITY);
	ck_reason(net_share(net, A, TLP_RED, "nobody", NULL, NULL, NULL), REASON_NO_AUDIENCE);
	ck_reason(net_share(net, A, TLP_RED, "no purpose", net_to, &net->nodes[B].org, NULL),
	    REASON_NO_PURPOSE);
	net_run(net);
	ck_assert_uint_eq(net_records(net, A), 0);
	ck_assert_uint_eq(net_records(net, B), 0);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- credit, numbers */

static void
expires_soon(struct record *record, void *context)
{
	record->valid_until_ms = *(const uint64_t *)context;
}

static void
share_many(struct net *net, uint32_t at, uint32_t batch, uint32_t count)
{
	struct schema_list drafts = {0};
	struct bytes draft, items;
	char title[32];
	uint32_t i;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < count; i++) {
		(void)snprintf(title, sizeof(title), "%u of batch %u", i, batch);
		bytes_clear(&draft);
		net_draft(TLP_CLEAR, title, NULL, NULL, &draft);
		ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	}
	ck_reason(net_submit(net, at, drafts, NULL), REASON_STORED);
	bytes_release(&draft);
	bytes_release(&items);
}

START_TEST(keeps_to_the_credit_it_was_given)
{
	struct net *net = open_pair();
	struct tape *tape = tape_open(net);
	uint32_t i;

	tape->drop = EXCHANGE_RECEIPT;
	for (i = 0; i < CREDIT_DEFAULT + 4; i++)
		share_many(net, A, i, i < 3 ? BATCH_COUNT_MAX : 1);
	net_run(net);
	ck_assert_uint_eq(tape_count(tape, EXCHANGE_ENVELOPE), CREDIT_DEFAULT);
	ck_assert_uint_eq(status_of(net, A, B).queued, 4);
	ck_assert_uint_eq(status_of(net, A, B).in_flight, CREDIT_DEFAULT);
	tape->drop = 0;
	net_pass(net, SESSION_RECEIPT_TIMEOUT_MS + 1000);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 3 * BATCH_COUNT_MAX + CREDIT_DEFAULT + 1);
	ck_settled(net, A, B, 3 * BATCH_COUNT_MAX + CREDIT_DEFAULT + 1);
	tape_close(tape);
	net_close(net);
}
END_TEST

START_TEST(withdraws_what_expired_before_it_was_resent)
{
	struct net *net = open_pair();
	struct tape *tape = tape_open(net);
	uint64_t until = net->now_ms + 20000, number = 0;
	struct record_id expired, good;

	tape->drop = EXCHANGE_ENVELOPE;
	ck_reason(
	    net_share(net, A, TLP_CLEAR, "short", expires_soon, &until, &expired), REASON_STORED);
	net_run(net);
	tape->drop = 0;
	net_pass(net, SESSION_RECEIPT_TIMEOUT_MS + 1000);
	net_reconnect(net, A, B);
	ck_assert(!net_has(net, B, &expired));
	ck_assert_uint_eq(net_leaves(net, A, EVENT_NUMBER_VOIDED), 1);
	ck_assert_uint_eq(tape_count(tape, EXCHANGE_ENVELOPE), 1);
	ck_reason(net_share(net, A, TLP_CLEAR, "long", NULL, NULL, &good), REASON_STORED);
	net_run(net);
	ck_assert(net_has(net, B, &good));
	/* the next one voided number 1, so that B can count on */
	ck_err(
	    deliveries_received_seen(net->nodes[B].core->store, &net->nodes[A].org, 1, 1, &number),
	    ERR_NONE);
	ck_assert_uint_eq(number, 2);
	/* should the withdrawn one turn up late, it is refused */
	net_push(net, CORE_LINK_MESSAGE, A, B, tape_find(tape, EXCHANGE_ENVELOPE, 0));
	net_run(net);
	ck_assert(!net_has(net, B, &expired));
	ck_assert_uint_eq(net_records(net, B), 1);
	tape_close(tape);
	net_close(net);
}
END_TEST

/* A batch of notes, one of which is good for 20 seconds only. */
static void
share_with_one_short(struct net *net, uint32_t at, uint32_t count, uint32_t which)
{
	uint64_t until = net->now_ms + 20000;
	struct schema_list drafts = {0};
	struct bytes draft, items;
	char title[16];
	uint32_t i;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < count; i++) {
		(void)snprintf(title, sizeof(title), "note %u", i);
		bytes_clear(&draft);
		net_draft(TLP_CLEAR, title, i == which ? expires_soon : NULL, &until, &draft);
		ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	}
	ck_reason(net_submit(net, at, drafts, NULL), REASON_STORED);
	bytes_release(&draft);
	bytes_release(&items);
}

/* A peer that comes late gets the part of a batch that is still good, each with its path. */
START_TEST(sends_the_part_of_a_batch_that_has_not_expired)
{
	uint32_t which;

	for (which = 0; which < 3; which++) {
		struct net *net = net_open(2);
		enum err finding = ERR_PROOF;

		share_with_one_short(net, A, 3, which);
		net->now_ms += 30000;
		net_befriend(net, A, B);
		ck_assert_uint_eq(net_records(net, B), 2);
		ck_settled(net, A, B, 2);
		ck_err(records_verify_batch(net->nodes[B].core->store, 1, &finding), ERR_NONE);
		ck_err(finding, ERR_NONE);
		net_close(net);
	}
}
END_TEST

/* With their paths they fill more than one envelope. */
START_TEST(sends_a_large_part_in_several_envelopes)
{
	struct net *net = net_open(2);
	enum err finding = ERR_PROOF;

	share_with_one_short(net, A, BATCH_COUNT_MAX, 7);
	net->now_ms += 30000;
	net_befriend(net, A, B);
	ck_assert_uint_ge(net->sent[A][B][EXCHANGE_ENVELOPE], 2);
	ck_assert_uint_eq(net_records(net, B), BATCH_COUNT_MAX - 1);
	ck_settled(net, A, B, BATCH_COUNT_MAX - 1);
	ck_err(records_verify_batch(net->nodes[B].core->store, 1, &finding), ERR_NONE);
	ck_err(finding, ERR_NONE);
	net_close(net);
}
END_TEST

START_TEST(resends_the_part_that_is_left_under_a_new_number)
{
	struct net *net = open_pair();
	struct tape *tape = tape_open(net);
	uint64_t number = 0;

	tape->drop = EXCHANGE_ENVELOPE;
	share_with_one_short(net, A, 3, 1);
	net_run(net);
	tape->drop = 0;
	net_pass(net, SESSION_RECEIPT_TIMEOUT_MS + 1000);
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert_uint_eq(net_records(net, B), 2);
	ck_settled(net, A, B, 2);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_NUMBER_VOIDED), 1);
	ck_err(
	    deliveries_received_seen(net->nodes[B].core->store, &net->nodes[A].org, 1, 1, &number),
	    ERR_NONE);
	ck_assert_uint_eq(number, 2);
	tape_close(tape);
	net_close(net);
}
END_TEST

/* What a part was made of is passed on as a part again, by a node that never had the whole. */
START_TEST(forwards_a_part_as_a_part)
{
	struct net *net = net_open(3);
	struct tape *tape;
	enum err finding = ERR_PROOF;

	share_with_one_short(net, A, 3, 0);
	net->now_ms += 30000;
	net_befriend(net, A, B);
	tape = tape_open(net);
	net_befriend(net, B, C);
	ck_assert_uint_eq(net_records(net, C), 2);
	ck_settled(net, B, C, 2);
	ck_err(records_verify_batch(net->nodes[C].core->store, 1, &finding), ERR_NONE);
	ck_err(finding, ERR_NONE);
	ck_assert_uint_ge(tape_count(tape, EXCHANGE_ENVELOPE), 1);
	tape_close(tape);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- the disk */

/* No file may grow: the turn is lost as a whole, and nothing but it. */
START_TEST(loses_no_more_than_the_turn_when_the_disk_fails)
{
	struct net *net = open_pair();
	struct rlimit before, limit;
	struct core_event event = {.type = CORE_LINK_MESSAGE};
	struct record_id id;
	enum err err;

	net->hook = hold_envelopes;
	ck_reason(net_share(net, A, TLP_CLEAR, "full", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	net->hook = NULL;
	event.key = net->nodes[A].card.transport_key;
	event.bytes = bytes_as_view(&net->held[0].bytes);
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 4096;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	err = net_try_turn(net, B, &event);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert(err == ERR_STORAGE || err == ERR_FULL);
	ck_assert_uint_eq(net->sent[B][A][EXCHANGE_RECEIPT], 0);
	bytes_release(&net->held[0].bytes);
	net->held_count = 0;
	net_crash(net, B); /* as mallad does: end, and start again */
	net_start(net, B);
	ck_assert(!net_has(net, B, &id));
	net_reconnect(net, A, B);
	net_run(net);
	ck_assert(net_has(net, B, &id));
	ck_settled(net, A, B, 1);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- cards change */

START_TEST(hangs_up_on_a_revoked_peer_for_good)
{
	struct net *net = open_pair();
	struct card *card = &net->nodes[B].card;
	struct card before = *card;
	struct exchange_message message = {.type = EXCHANGE_CARD};
	struct bytes package, frame;
	struct record_id id;

	bytes_init(&package, CARD_PACKAGE_BYTES_MAX);
	bytes_init(&frame, FRAME_BYTES_MAX);
	*card = (struct card){.org = before.org,
	    .name = before.name,
	    .sector = before.sector,
	    .serial = 2,
	    .issued_ms = net->now_ms,
	    .expires_ms = net->now_ms + NODE_DAY,
	    .suite_min = 1,
	    .is_revocation = true,
	    .revocation_reason = bytes_view_str("stolen"),
	    .revocation_cutoff_ms = net->now_ms};
	node_make_card(&net->nodes[B], &package);
	*card = before;
	message.card.count = 1;
	message.card.packages[0] = bytes_as_view(&package);
	ck_err(exchange_encode(&message, &frame), ERR_NONE);
	net_push(net, CORE_LINK_MESSAGE, B, A, bytes_as_view(&frame));
	net_run(net);
	ck_assert(!net->linked[A][B]);
	ck_assert(!net->allowed[A][B]);
	ck_reason(net_share(net, A, TLP_CLEAR, "after", NULL, NULL, &id), REASON_STORED);
	net_run(net);
	net_pass(net, 120000);
	ck_assert(!net_has(net, B, &id));
	bytes_release(&package);
	bytes_release(&frame);
	net_close(net);
}
END_TEST

SUITE_MAIN("node/exchange", delivers_what_is_shared_exactly_once,
    delivers_what_was_shared_before_the_peer_was_known, opens_one_session_when_both_greet_at_once,
    keeps_a_quiet_session_open_by_refreshing_it, changes_nothing_when_every_frame_comes_twice,
    mends_a_lost_envelope_with_the_same_bytes, mends_a_lost_receipt_with_the_same_bytes,
    takes_envelopes_out_of_order, loses_nothing_on_a_link_that_falls_again_and_again,
    gives_the_same_receipt_after_a_crash_that_lost_it,
    receipts_again_under_a_clock_that_was_set_back, stores_nothing_of_a_turn_that_a_crash_cut_short,
    resends_the_same_bytes_after_the_sender_crashed, delivers_once_wherever_a_node_dies,
    exchanges_nothing_with_a_removed_peer, sends_amber_strict_to_the_named_and_to_nobody_else,
    forwards_neither_amber_nor_green, forwards_clear_behind_its_authors_card,
    refuses_a_forwarded_record_until_its_authors_card_arrives,
    stores_a_record_that_comes_by_two_ways_once, refuses_drafts_that_could_go_nowhere,
    keeps_to_the_credit_it_was_given, withdraws_what_expired_before_it_was_resent,
    sends_the_part_of_a_batch_that_has_not_expired, sends_a_large_part_in_several_envelopes,
    resends_the_part_that_is_left_under_a_new_number, forwards_a_part_as_a_part,
    loses_no_more_than_the_turn_when_the_disk_fails, hangs_up_on_a_revoked_peer_for_good)
