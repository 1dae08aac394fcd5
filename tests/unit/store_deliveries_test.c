#include "tests/unit/store_fixture.h"

#include "wire/reason.h"

static void
begin(struct fixture *fixture)
{
	ck_assert(store_begin(fixture->store) == ERR_NONE);
}

static void
commit(struct fixture *fixture)
{
	ck_assert(store_commit(fixture->store) == ERR_NONE);
}

/* A store with `count` batches. */
static void
start(struct fixture *fixture, int count)
{
	fixture_start(fixture);
	begin(fixture);
	for (; count > 0; count--) {
		struct batch_row batch = fixture_batch(1, (uint32_t)count);

		ck_assert(records_batch_put(fixture->store, &batch) == ERR_NONE);
	}
	commit(fixture);
}

/* ------------------------------------------------------------------ outbox */

START_TEST(hands_out_the_oldest_waiting_batch)
{
	struct fixture fixture;
	struct org_id peer = fixture_org(2), other = fixture_org(3);
	int64_t batch = 0;
	bool is_again = true;

	start(&fixture, 5);
	begin(&fixture);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 3, 30, OUTBOX_WAITING) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 1, 10, OUTBOX_HELD) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 5, 50, OUTBOX_WAITING) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &other, 2, 20, OUTBOX_WAITING) == ERR_NONE);
	commit(&fixture);
	fixture_reopen(&fixture);
	ck_assert(deliveries_outbox_next(fixture.store, &peer, 0, &batch, &is_again) == ERR_NONE);
	ck_assert_int_eq(batch, 3);
	ck_assert(!is_again);
	ck_assert(deliveries_outbox_next(fixture.store, &peer, 3, &batch, &is_again) == ERR_NONE);
	ck_assert_int_eq(batch, 5);
	ck_assert(deliveries_outbox_next(fixture.store, &peer, 5, &batch, &is_again) == ERR_NOT_FOUND);
	begin(&fixture);
	ck_assert(deliveries_outbox_drop(fixture.store, &peer, 3) == ERR_NONE);
	ck_assert(deliveries_outbox_next(fixture.store, &peer, 0, &batch, &is_again) == ERR_NONE);
	ck_assert_int_eq(batch, 5);
	commit(&fixture);
	fixture_done(&fixture);
}
END_TEST

static enum err
note_held(void *context, int64_t batch)
{
	*(int64_t *)context = 10 * *(int64_t *)context + batch;
	return ERR_NONE;
}

/* What is to be looked at again takes the place of whatever was there; nothing else does. */
START_TEST(hands_out_what_is_decided_again)
{
	struct fixture fixture;
	struct org_id peer = fixture_org(2), other = fixture_org(3);
	int64_t batch = 0, listed = 0;
	uint64_t waiting, held;
	bool is_again = false;

	start(&fixture, 5);
	begin(&fixture);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 1, 10, OUTBOX_HELD) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 2, 20, OUTBOX_HELD) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 4, 40, OUTBOX_HELD) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &other, 3, 30, OUTBOX_HELD) == ERR_NONE);
	ck_assert(deliveries_outbox_held(fixture.store, &peer, note_held, &listed) == ERR_NONE);
	ck_assert_int_eq(listed, 124);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 2, 7, OUTBOX_AGAIN) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 2, 99, OUTBOX_WAITING) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 2, 99, OUTBOX_HELD) == ERR_NONE);
	commit(&fixture);
	fixture_reopen(&fixture);
	ck_assert(deliveries_outbox_next(fixture.store, &peer, 0, &batch, &is_again) == ERR_NONE);
	ck_assert_int_eq(batch, 2);
	ck_assert(is_again);
	ck_assert(deliveries_outbox_count(fixture.store, &peer, &waiting, &held) == ERR_NONE);
	ck_assert_uint_eq(waiting, 7);
	ck_assert_uint_eq(held, 50);
	fixture_done(&fixture);
}
END_TEST

START_TEST(counts_what_waits_and_what_is_held)
{
	struct fixture fixture;
	struct org_id peer = fixture_org(2), nobody = fixture_org(9);
	uint64_t waiting, held;

	start(&fixture, 3);
	begin(&fixture);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 1, 10, OUTBOX_WAITING) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 2, 20, OUTBOX_HELD) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 3, 5, OUTBOX_WAITING) == ERR_NONE);
	/* a repeat changes nothing */
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 2, 99, OUTBOX_WAITING) == ERR_NONE);
	commit(&fixture);
	ck_assert(deliveries_outbox_count(fixture.store, &peer, &waiting, &held) == ERR_NONE);
	ck_assert_uint_eq(waiting, 15);
	ck_assert_uint_eq(held, 20);
	ck_assert(deliveries_outbox_count(fixture.store, &nobody, &waiting, &held) == ERR_NONE);
	ck_assert_uint_eq(waiting + held, 0);
	fixture_done(&fixture);
}
END_TEST

START_TEST(refuses_an_outbox_row_without_its_batch)
{
	struct fixture fixture;
	struct org_id peer = fixture_org(2);

	start(&fixture, 1);
	begin(&fixture);
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 7, 1, OUTBOX_WAITING) == ERR_INVALID);
	/* the transaction goes on */
	ck_assert(deliveries_outbox_put(fixture.store, &peer, 1, 1, OUTBOX_WAITING) == ERR_NONE);
	commit(&fixture);
	fixture_done(&fixture);
}
END_TEST

/* ------------------------------------------------------------------ deliveries */

static struct delivery_row
a_delivery(uint64_t serial, uint64_t number, int64_t batch)
{
	struct delivery_row row = {.peer = fixture_org(2),
	    .sender_serial = serial,
	    .recipient_serial = 4,
	    .number = number,
	    .batch = batch,
	    .state = DELIVERY_SENT,
	    .sent_ms = FIXTURE_TIME,
	    .count = 4,
	    .signed_envelope = bytes_view_str("envelope")};

	memset(row.envelope.bytes, (int)number, 32);
	memset(row.content_key, 0x11, sizeof(row.content_key));
	memset(row.content_nonce, 0x22, sizeof(row.content_nonce));
	return row;
}

static void
put(struct fixture *fixture, const struct delivery_row *row)
{
	ck_assert(deliveries_put(fixture->store, row) == ERR_NONE);
}

START_TEST(brings_back_a_delivery)
{
	static const uint8_t positions[] = {0, 1, 0, 7};
	struct delivery_row row = a_delivery(3, 1, 1), found;
	struct fixture fixture;

	start(&fixture, 1);
	row.positions = bytes_view_of(positions, sizeof(positions));
	begin(&fixture);
	put(&fixture, &row);
	ck_assert(deliveries_put(fixture.store, &row) == ERR_NO);
	commit(&fixture);
	fixture_reopen(&fixture);
	ck_assert(deliveries_get(fixture.store, &row.peer, 3, 4, 1, &found) == ERR_NONE);
	ck_assert_mem_eq(&found.peer, &row.peer, sizeof(row.peer));
	ck_assert_uint_eq(found.sender_serial, 3);
	ck_assert_uint_eq(found.recipient_serial, 4);
	ck_assert_uint_eq(found.number, 1);
	ck_assert_int_eq(found.batch, 1);
	ck_assert_uint_eq(found.state, DELIVERY_SENT);
	ck_assert_uint_eq(found.sent_ms, FIXTURE_TIME);
	ck_assert_uint_eq(found.count, 4);
	ck_assert_mem_eq(&found.envelope, &row.envelope, 32);
	ck_assert(bytes_view_is_equal(found.signed_envelope, row.signed_envelope));
	ck_assert(bytes_view_is_equal(found.positions, row.positions));
	ck_assert_mem_eq(found.content_key, row.content_key, sizeof(row.content_key));
	ck_assert_mem_eq(found.content_nonce, row.content_nonce, sizeof(row.content_nonce));
	ck_assert_uint_eq(found.outcomes.len, 0);
	ck_assert(deliveries_get(fixture.store, &row.peer, 3, 4, 2, &found) == ERR_NOT_FOUND);
	ck_assert(deliveries_get(fixture.store, &row.peer, 3, 5, 1, &found) == ERR_NOT_FOUND);
	ck_assert(
	    deliveries_get(fixture.store, &row.peer, UINT64_MAX, 4, 1, &found) == ERR_NOT_FOUND);
	fixture_done(&fixture);
}
END_TEST

struct tally {
	uint64_t stored, duplicate, ceiling, others;
};

static void
add(void *context, uint16_t reason, uint64_t records)
{
	struct tally *tally = context;

	if (reason == REASON_STORED)
		tally->stored += records;
	else if (reason == REASON_DUPLICATE)
		tally->duplicate += records;
	else if (reason == REASON_CEILING)
		tally->ceiling += records;
	else
		tally->others += records;
}

static void
check_tally(struct fixture *fixture, uint64_t stored, uint64_t duplicate, uint64_t ceiling)
{
	struct org_id peer = fixture_org(2);
	struct tally tally = {0};

	ck_assert(deliveries_tally(fixture->store, &peer, add, &tally) == ERR_NONE);
	ck_assert_uint_eq(tally.stored, stored);
	ck_assert_uint_eq(tally.duplicate, duplicate);
	ck_assert_uint_eq(tally.ceiling, ceiling);
	ck_assert_uint_eq(tally.others, 0);
}

/* stored, ceiling, stored, duplicate */
static const uint8_t OUTCOMES[] = {0, 0, 0, 64, 0, 0, 0, 1};

START_TEST(forgets_the_key_when_it_is_receipted)
{
	static const uint8_t zeros[32];
	struct delivery_row row = a_delivery(3, 1, 1), found;
	struct fixture fixture;

	start(&fixture, 1);
	begin(&fixture);
	put(&fixture, &row);
	row.settled_ms = FIXTURE_TIME + 9;
	row.receipt_leaf = 17;
	row.outcomes = bytes_view_of(OUTCOMES, sizeof(OUTCOMES));
	ck_assert(deliveries_settle(fixture.store, &row) == ERR_NONE);
	commit(&fixture);
	ck_assert(deliveries_get(fixture.store, &row.peer, 3, 4, 1, &found) == ERR_NONE);
	ck_assert_uint_eq(found.state, DELIVERY_RECEIPTED);
	ck_assert_uint_eq(found.settled_ms, FIXTURE_TIME + 9);
	ck_assert_uint_eq(found.receipt_leaf, 17);
	ck_assert(bytes_view_is_equal(found.outcomes, row.outcomes));
	ck_assert_uint_eq(found.signed_envelope.len, 0);
	ck_assert_mem_eq(found.content_key, zeros, sizeof(found.content_key));
	ck_assert_mem_eq(found.content_nonce, zeros, sizeof(found.content_nonce));
	fixture_done(&fixture);
}
END_TEST

START_TEST(counts_outcomes_once)
{
	struct delivery_row row = a_delivery(3, 1, 1), unknown = a_delivery(3, 9, 1);
	struct fixture fixture;

	start(&fixture, 1);
	begin(&fixture);
	put(&fixture, &row);
	row.outcomes = bytes_view_of(OUTCOMES, sizeof(OUTCOMES));
	check_tally(&fixture, 0, 0, 0);
	ck_assert(deliveries_settle(fixture.store, &row) == ERR_NONE);
	check_tally(&fixture, 2, 1, 1);
	ck_assert(deliveries_settle(fixture.store, &row) == ERR_NO);
	ck_assert(deliveries_void(fixture.store, &row) == ERR_NO);
	ck_assert(deliveries_settle(fixture.store, &unknown) == ERR_NOT_FOUND);
	ck_assert(deliveries_void(fixture.store, &unknown) == ERR_NOT_FOUND);
	check_tally(&fixture, 2, 1, 1);
	row = a_delivery(3, 2, 1);
	put(&fixture, &row);
	row.outcomes = bytes_view_of(OUTCOMES, 4);
	ck_assert(deliveries_settle(fixture.store, &row) == ERR_NONE);
	commit(&fixture);
	fixture_reopen(&fixture);
	check_tally(&fixture, 3, 1, 2);
	fixture_done(&fixture);
}
END_TEST

START_TEST(takes_a_receipt_that_crossed_the_withdrawal)
{
	static const uint8_t zeros[32];
	struct delivery_row row = a_delivery(3, 1, 1), found;
	struct fixture fixture;

	start(&fixture, 1);
	begin(&fixture);
	put(&fixture, &row);
	ck_assert(deliveries_void(fixture.store, &row) == ERR_NONE);
	ck_assert(deliveries_void(fixture.store, &row) == ERR_NO);
	ck_assert(deliveries_get(fixture.store, &row.peer, 3, 4, 1, &found) == ERR_NONE);
	ck_assert_uint_eq(found.state, DELIVERY_VOID);
	ck_assert_mem_eq(found.content_key, zeros, sizeof(found.content_key));
	row.outcomes = bytes_view_of(OUTCOMES, sizeof(OUTCOMES));
	ck_assert(deliveries_settle(fixture.store, &row) == ERR_NONE);
	commit(&fixture);
	check_tally(&fixture, 2, 1, 1);
	fixture_done(&fixture);
}
END_TEST

static enum err
note(void *context, const struct delivery_row *row)
{
	char *text = context;
	size_t len = strlen(text);

	(void)snprintf(
	    text + len, 200 - len, "%u.%u ", (unsigned)row->sender_serial, (unsigned)row->number);
	return ERR_NONE;
}

START_TEST(lists_what_is_under_way)
{
	static const uint64_t numbers[][2] = {{3, 10}, {3, 9}, {2, 40}, {3, 2}, {3, 11}};
	struct fixture fixture;
	struct org_id peer = fixture_org(2), other = fixture_org(3);
	struct delivery_row row;
	char text[200] = "";
	size_t i;

	start(&fixture, 1);
	begin(&fixture);
	for (i = 0; i < 5; i++) {
		row = a_delivery(numbers[i][0], numbers[i][1], 1);
		put(&fixture, &row);
	}
	row = a_delivery(3, 9, 1);
	ck_assert(deliveries_void(fixture.store, &row) == ERR_NONE);
	row = a_delivery(3, 11, 1);
	ck_assert(deliveries_settle(fixture.store, &row) == ERR_NONE);
	commit(&fixture);
	ck_assert(deliveries_unsettled(fixture.store, &peer, 10, note, text) == ERR_NONE);
	ck_assert_str_eq(text, "2.40 3.2 3.10 ");
	text[0] = '\0';
	ck_assert(deliveries_unsettled(fixture.store, &peer, 2, note, text) == ERR_NONE);
	ck_assert_str_eq(text, "2.40 3.2 ");
	text[0] = '\0';
	ck_assert(deliveries_unsettled(fixture.store, &other, 10, note, text) == ERR_NONE);
	ck_assert_str_eq(text, "");
	fixture_done(&fixture);
}
END_TEST

struct batches {
	uint32_t count;
	int64_t seqs[8];
	bool is_whole[8];
	uint32_t most;
};

static enum err
note_batch(void *context, int64_t batch, bool is_whole)
{
	struct batches *batches = context;

	batches->is_whole[batches->count] = is_whole;
	batches->seqs[batches->count++] = batch;
	return batches->count == batches->most ? ERR_NO : ERR_NONE;
}

/* Each once, in order, whatever became of it but withdrawn; and nobody else's. */
START_TEST(lists_the_batches_of_which_a_peer_was_sent_something)
{
	static const struct {
		uint64_t number;
		int64_t batch;
	} sent[] = {{1, 5}, {2, 2}, {3, 2}, {4, 4}, {5, 1}};
	struct fixture fixture;
	struct org_id peer = fixture_org(2), other = fixture_org(3);
	struct batches found = {.most = 8};
	struct delivery_row row;
	size_t i;

	start(&fixture, 6);
	begin(&fixture);
	for (i = 0; i < sizeof(sent) / sizeof(*sent); i++) {
		static const uint8_t positions[] = {0, 1};

		row = a_delivery(3, sent[i].number, sent[i].batch);
		if (sent[i].batch == 2) /* number 3 has the same again, and is withdrawn */
			row.positions = bytes_view_of(positions, sent[i].number == 2 ? 2 : 0);
		put(&fixture, &row);
	}
	row = a_delivery(9, 1, 6); /* under other serials: sent all the same */
	put(&fixture, &row);
	row = a_delivery(3, 4, 4);
	ck_assert(deliveries_void(fixture.store, &row) == ERR_NONE);
	row = a_delivery(3, 3, 2);
	ck_assert(deliveries_void(fixture.store, &row) == ERR_NONE);
	row = a_delivery(3, 5, 1);
	ck_assert(deliveries_settle(fixture.store, &row) == ERR_NONE);
	commit(&fixture);
	ck_assert(deliveries_batches(fixture.store, &peer, note_batch, &found) == ERR_NONE);
	ck_assert_uint_eq(found.count, 4);
	ck_assert_int_eq(found.seqs[0], 1);
	ck_assert_int_eq(found.seqs[1], 2);
	ck_assert_int_eq(found.seqs[2], 5);
	ck_assert_int_eq(found.seqs[3], 6);
	ck_assert(found.is_whole[0] && !found.is_whole[1]);
	ck_assert(found.is_whole[2] && found.is_whole[3]);
	found = (struct batches){.most = 8};
	ck_assert(deliveries_batches(fixture.store, &other, note_batch, &found) == ERR_NONE);
	ck_assert_uint_eq(found.count, 0);
	found.most = 2;
	ck_assert(deliveries_batches(fixture.store, &peer, note_batch, &found) == ERR_NO);
	ck_assert_uint_eq(found.count, 2);
	fixture_done(&fixture);
}
END_TEST

START_TEST(knows_the_last_number)
{
	struct fixture fixture;
	struct org_id peer = fixture_org(2);
	struct delivery_row row;
	uint64_t number = 77;

	start(&fixture, 1);
	ck_assert(deliveries_last_number(fixture.store, &peer, 3, 4, &number) == ERR_NONE);
	ck_assert_uint_eq(number, 0);
	begin(&fixture);
	row = a_delivery(3, 5, 1);
	put(&fixture, &row);
	row = a_delivery(3, 2, 1);
	put(&fixture, &row);
	row = a_delivery(2, 90, 1);
	put(&fixture, &row);
	commit(&fixture);
	ck_assert(deliveries_last_number(fixture.store, &peer, 3, 4, &number) == ERR_NONE);
	ck_assert_uint_eq(number, 5);
	ck_assert(deliveries_last_number(fixture.store, &peer, 3, 5, &number) == ERR_NONE);
	ck_assert_uint_eq(number, 0);
	fixture_done(&fixture);
}
END_TEST

START_TEST(finds_the_deliveries_of_a_record)
{
	static const uint8_t positions[] = {0, 1, 1, 0};
	struct fixture fixture;
	struct delivery_row row;
	char text[200] = "";

	start(&fixture, 2);
	begin(&fixture);
	row = a_delivery(3, 1, 1);
	put(&fixture, &row);
	row = a_delivery(3, 2, 1);
	row.positions = bytes_view_of(positions, sizeof(positions));
	put(&fixture, &row);
	row = a_delivery(3, 3, 2);
	put(&fixture, &row);
	commit(&fixture);
	ck_assert(deliveries_of_record(fixture.store, 1, 256, note, text) == ERR_NONE);
	ck_assert_str_eq(text, "3.1 3.2 ");
	text[0] = '\0';
	ck_assert(deliveries_of_record(fixture.store, 1, 0, note, text) == ERR_NONE);
	ck_assert_str_eq(text, "3.1 ");
	fixture_done(&fixture);
}
END_TEST

/* ------------------------------------------------------------------ received */

static struct received_row
a_received(uint64_t number, int64_t batch)
{
	struct received_row row = {.peer = fixture_org(2),
	    .sender_serial = 6,
	    .recipient_serial = 7,
	    .number = number,
	    .time_ms = FIXTURE_TIME,
	    .count = 4,
	    .batch = batch,
	    .outcomes = bytes_view_of(OUTCOMES, sizeof(OUTCOMES))};

	memset(row.envelope.bytes, (int)number, 32);
	return row;
}

static void
receive(struct fixture *fixture, const struct received_row *row)
{
	ck_assert(deliveries_received_put(fixture->store, row) == ERR_NONE);
}

START_TEST(brings_back_what_was_received)
{
	struct received_row row = a_received(1, 1), found;
	struct fixture fixture;
	uint64_t records;

	start(&fixture, 1);
	begin(&fixture);
	memset(row.root.bytes, 0x77, 32);
	receive(&fixture, &row);
	ck_assert(deliveries_received_put(fixture.store, &row) == ERR_NO);
	row.receipt = bytes_view_str("receipt");
	ck_assert(deliveries_received_receipt(fixture.store, &row) == ERR_NONE);
	commit(&fixture);
	fixture_reopen(&fixture);
	ck_assert(deliveries_received_get(fixture.store, &row.peer, 6, 7, 1, &found) == ERR_NONE);
	ck_assert_mem_eq(&found.envelope, &row.envelope, 32);
	ck_assert_mem_eq(&found.root, &row.root, 32);
	ck_assert_uint_eq(found.time_ms, FIXTURE_TIME);
	ck_assert_uint_eq(found.count, 4);
	ck_assert_int_eq(found.batch, 1);
	ck_assert(bytes_view_is_equal(found.outcomes, row.outcomes));
	ck_assert(bytes_view_is_equal(found.receipt, row.receipt));
	ck_assert(!found.is_voided);
	ck_assert(
	    deliveries_received_get(fixture.store, &row.peer, 6, 7, 2, &found) == ERR_NOT_FOUND);
	ck_assert(deliveries_received_count(fixture.store, &row.peer, &records) == ERR_NONE);
	ck_assert_uint_eq(records, 2);
	row.number = 2;
	begin(&fixture);
	ck_assert(deliveries_received_receipt(fixture.store, &row) == ERR_NOT_FOUND);
	commit(&fixture);
	fixture_done(&fixture);
}
END_TEST

START_TEST(knows_below_which_number_all_is_settled)
{
	static const struct {
		uint64_t number;
		uint64_t seen;
		bool is_voided;
	} steps[] = {{2, 0, false}, {1, 2, false}, {5, 2, false}, {4, 2, false}, {7, 2, true},
	    {3, 5, false}, {6, 7, true}, {8, 8, false}};
	struct fixture fixture;
	struct org_id peer = fixture_org(2);
	uint64_t number = 77;
	size_t i;

	start(&fixture, 1);
	ck_assert(deliveries_received_seen(fixture.store, &peer, 6, 7, &number) == ERR_NONE);
	ck_assert_uint_eq(number, 0);
	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct received_row row = a_received(steps[i].number, 0);

		row.is_voided = steps[i].is_voided;
		begin(&fixture);
		receive(&fixture, &row);
		commit(&fixture);
		ck_assert(
		    deliveries_received_seen(fixture.store, &peer, 6, 7, &number) == ERR_NONE);
		ck_assert_uint_eq(number, steps[i].seen);
	}
	ck_assert(deliveries_received_seen(fixture.store, &peer, 6, 8, &number) == ERR_NONE);
	ck_assert_uint_eq(number, 0);
	fixture_done(&fixture);
}
END_TEST

static enum err
note_received(void *context, const struct received_row *row)
{
	char *text = context;
	size_t len = strlen(text);

	(void)snprintf(text + len, 200 - len, "%u ", (unsigned)row->number);
	return ERR_NONE;
}

START_TEST(finds_what_was_not_receipted_yet)
{
	struct fixture fixture;
	struct received_row row;
	char text[200] = "";

	start(&fixture, 1);
	begin(&fixture);
	row = a_received(1, 1);
	receive(&fixture, &row);
	row = a_received(2, 1);
	row.is_voided = true;
	receive(&fixture, &row);
	row = a_received(3, 0);
	receive(&fixture, &row);
	row = a_received(4, 0);
	row.receipt = bytes_view_str("receipt");
	receive(&fixture, &row);
	row = a_received(1, 1);
	row.receipt = bytes_view_str("receipt");
	ck_assert(deliveries_received_receipt(fixture.store, &row) == ERR_NONE);
	commit(&fixture);
	ck_assert(deliveries_received_unsigned(fixture.store, note_received, text) == ERR_NONE);
	ck_assert_str_eq(text, "3 ");
	fixture_done(&fixture);
}
END_TEST

START_TEST(finds_by_which_envelopes_a_batch_came)
{
	struct fixture fixture;
	struct batch_row batch = fixture_batch(2, 9), other = fixture_batch(2, 8);
	struct received_row row;
	char text[200] = "";

	start(&fixture, 0);
	begin(&fixture);
	ck_assert(records_batch_put(fixture.store, &batch) == ERR_NONE);
	ck_assert(records_batch_put(fixture.store, &other) == ERR_NONE);
	row = a_received(1, batch.seq);
	receive(&fixture, &row);
	row = a_received(2, other.seq);
	receive(&fixture, &row);
	row = a_received(3, 0); /* duplicates of the first batch */
	row.root = batch.root;
	receive(&fixture, &row);
	/* another part of the first batch */
	ck_assert(records_batch_put(fixture.store, &batch) == ERR_NONE);
	row = a_received(4, batch.seq);
	receive(&fixture, &row);
	commit(&fixture);
	ck_assert(deliveries_received_of_batch(fixture.store, 1, note_received, text) == ERR_NONE);
	ck_assert_str_eq(text, "1 3 4 ");
	text[0] = '\0';
	ck_assert(deliveries_received_of_batch(fixture.store, 2, note_received, text) == ERR_NONE);
	ck_assert_str_eq(text, "2 ");
	fixture_done(&fixture);
}
END_TEST

SUITE_MAIN("store/deliveries", hands_out_the_oldest_waiting_batch, hands_out_what_is_decided_again,
    counts_what_waits_and_what_is_held, refuses_an_outbox_row_without_its_batch,
    brings_back_a_delivery, forgets_the_key_when_it_is_receipted, counts_outcomes_once,
    takes_a_receipt_that_crossed_the_withdrawal, lists_what_is_under_way,
    lists_the_batches_of_which_a_peer_was_sent_something, knows_the_last_number,
    finds_the_deliveries_of_a_record, brings_back_what_was_received,
    knows_below_which_number_all_is_settled, finds_what_was_not_receipted_yet,
    finds_by_which_envelopes_a_batch_came)
