#include "tests/unit/store_fixture.h"

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

static struct card_row
a_card(uint8_t org, uint64_t serial, const char *package)
{
	return (struct card_row){.org = fixture_org(org),
	    .serial = serial,
	    .issued_ms = FIXTURE_TIME,
	    .expires_ms = FIXTURE_TIME + 1000,
	    .is_revocation = serial == 3,
	    .seen_ms = FIXTURE_TIME + 5,
	    .package = bytes_view_str(package)};
}

START_TEST(keeps_every_card_and_knows_the_newest)
{
	struct fixture fixture;
	struct org_id org = fixture_org(7);
	struct card_row row, found;
	bool is_new;

	fixture_start(&fixture);
	ck_assert(peers_card_newest(fixture.store, &org, &found) == ERR_NOT_FOUND);
	begin(&fixture);
	row = a_card(7, 2, "second");
	ck_assert(peers_card_put(fixture.store, &row, &is_new) == ERR_NONE && is_new);
	row = a_card(7, 3, "third");
	ck_assert(peers_card_put(fixture.store, &row, &is_new) == ERR_NONE && is_new);
	row = a_card(7, 1, "first");
	ck_assert(peers_card_put(fixture.store, &row, &is_new) == ERR_NONE && is_new);
	commit(&fixture);
	fixture_reopen(&fixture);
	ck_assert(peers_card_newest(fixture.store, &org, &found) == ERR_NONE);
	ck_assert_uint_eq(found.serial, 3);
	ck_assert(found.is_revocation);
	ck_assert(bytes_view_is_equal(found.package, bytes_view_str("third")));
	ck_assert(peers_card_get(fixture.store, &org, 1, &found) == ERR_NONE);
	ck_assert(bytes_view_is_equal(found.package, bytes_view_str("first")));
	ck_assert(!found.is_revocation);
	ck_assert_uint_eq(found.issued_ms, FIXTURE_TIME);
	ck_assert_uint_eq(found.expires_ms, FIXTURE_TIME + 1000);
	ck_assert_uint_eq(found.seen_ms, FIXTURE_TIME + 5);
	ck_assert(peers_card_get(fixture.store, &org, 4, &found) == ERR_NOT_FOUND);
	ck_assert(peers_card_get(fixture.store, &org, UINT64_MAX, &found) == ERR_NOT_FOUND);
	fixture_done(&fixture);
}
END_TEST

START_TEST(tells_a_repeated_card_from_a_contradicting_one)
{
	struct fixture fixture;
	struct org_id org = fixture_org(7);
	struct card_row row, found;
	bool is_new = true;

	fixture_start(&fixture);
	begin(&fixture);
	row = a_card(7, 2, "second");
	ck_assert(peers_card_put(fixture.store, &row, &is_new) == ERR_NONE && is_new);
	ck_assert(peers_card_put(fixture.store, &row, &is_new) == ERR_NONE && !is_new);
	row = a_card(7, 2, "another");
	ck_assert(peers_card_put(fixture.store, &row, &is_new) == ERR_NO && !is_new);
	commit(&fixture);
	ck_assert(peers_card_get(fixture.store, &org, 2, &found) == ERR_NONE);
	ck_assert(bytes_view_is_equal(found.package, bytes_view_str("second")));
	fixture_done(&fixture);
}
END_TEST

static enum err
note_card(void *context, const struct card_row *row)
{
	char *text = context;
	size_t len = strlen(text);

	(void)snprintf(text + len, 200 - len, "%u:%u ", row->org.bytes[0], (unsigned)row->serial);
	return ERR_NONE;
}

START_TEST(lists_the_newest_card_of_each)
{
	static const struct {
		uint8_t org;
		uint64_t serial;
	} cards[] = {{9, 1}, {7, 4}, {7, 2}, {8, 1}, {8, 5}};
	struct fixture fixture;
	char text[200] = "";
	size_t i;
	bool is_new;

	fixture_start(&fixture);
	begin(&fixture);
	for (i = 0; i < sizeof(cards) / sizeof(*cards); i++) {
		struct card_row row = a_card(cards[i].org, cards[i].serial, "x");

		ck_assert(peers_card_put(fixture.store, &row, &is_new) == ERR_NONE);
	}
	commit(&fixture);
	ck_assert(peers_card_each(fixture.store, note_card, text) == ERR_NONE);
	ck_assert_str_eq(text, "7:4 8:5 9:1 ");
	fixture_done(&fixture);
}
END_TEST

static enum err
note_peer(void *context, const struct peer_row *row)
{
	char *text = context;
	size_t len = strlen(text);

	(void)snprintf(text + len, 200 - len, "%u %.*s%s;", row->org.bytes[0], (int)row->name.len,
	    (const char *)row->name.data, row->is_removed ? " removed" : "");
	return ERR_NONE;
}

START_TEST(remembers_removed_peers)
{
	struct fixture fixture;
	struct peer_row row = {
	    .org = fixture_org(2), .name = bytes_view_str("cert"), .added_ms = 1};
	struct batch_row batch = fixture_batch(1, 3);
	uint64_t waiting, held;
	char text[200] = "";

	fixture_start(&fixture);
	begin(&fixture);
	ck_assert(peers_remove(fixture.store, &row.org) == ERR_NOT_FOUND);
	ck_assert(peers_put(fixture.store, &row) == ERR_NONE);
	row.name = bytes_view_str("cert-mx");
	ck_assert(peers_put(fixture.store, &row) == ERR_NONE);
	row.org = fixture_org(1);
	row.name = bytes_view_str("");
	ck_assert(peers_put(fixture.store, &row) == ERR_NONE);
	row.org = fixture_org(2);
	ck_assert(records_batch_put(fixture.store, &batch) == ERR_NONE);
	ck_assert(deliveries_outbox_put(fixture.store, &row.org, batch.seq, 3, OUTBOX_WAITING) ==
		  ERR_NONE);
	ck_assert(peers_remove(fixture.store, &row.org) == ERR_NONE);
	commit(&fixture);
	ck_assert(peers_each(fixture.store, note_peer, text) == ERR_NONE);
	ck_assert_str_eq(text, "1 ;2 cert-mx removed;");
	ck_assert(deliveries_outbox_count(fixture.store, &row.org, &waiting, &held) == ERR_NONE);
	ck_assert_uint_eq(waiting + held, 0);
	fixture_done(&fixture);
}
END_TEST

START_TEST(keeps_the_newest_head_of_others)
{
	static const struct {
		uint64_t epoch, size;
		uint8_t root;
		bool is_kept;
	} heads[] = {{1, 5, 1, true}, {1, 4, 2, false}, {1, 5, 3, false}, {1, 9, 4, true},
	    {2, 1, 5, true}, {1, 100, 6, false}};
	struct fixture fixture;
	struct org_id org = fixture_org(3);
	struct head head, found, kept = {0};
	size_t i;

	fixture_start(&fixture);
	ck_assert(peers_head_get(fixture.store, &org, &found) == ERR_NOT_FOUND);
	for (i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		head = (struct head){.epoch = heads[i].epoch, .size = heads[i].size};
		memset(head.root.bytes, heads[i].root, 32);
		if (heads[i].is_kept)
			kept = head;
		begin(&fixture);
		ck_assert(peers_head_put(fixture.store, &org, &head) == ERR_NONE);
		commit(&fixture);
		ck_assert(peers_head_get(fixture.store, &org, &found) == ERR_NONE);
		ck_assert_mem_eq(&found, &kept, sizeof(kept));
	}
	fixture_done(&fixture);
}
END_TEST

static enum err
note_operator(void *context, const struct operator_row *row)
{
	char *text = context;
	size_t len = strlen(text);

	(void)snprintf(text + len, 200 - len, "%.*s %u %u %u %d %u;", (int)row->name.len,
	    (const char *)row->name.data, row->uid, row->roles, row->clearance, row->is_red_desk,
	    row->public_key[31]);
	return ERR_NONE;
}

START_TEST(lists_operators_in_force)
{
	struct fixture fixture;
	struct operator_row row = {.name = bytes_view_str("luis"),
	    .uid = 1000,
	    .roles = 0x3f,
	    .clearance = 3,
	    .is_red_desk = true,
	    .added_ms = 1};
	char text[200] = "";

	fixture_start(&fixture);
	memset(row.public_key, 0x21, sizeof(row.public_key));
	begin(&fixture);
	ck_assert(peers_operator_put(fixture.store, &row) == ERR_NONE);
	row.name = bytes_view_str("ana");
	row.is_red_desk = false;
	row.uid = UINT32_MAX;
	ck_assert(peers_operator_put(fixture.store, &row) == ERR_NONE);
	row.name = bytes_view_str("eva");
	ck_assert(peers_operator_put(fixture.store, &row) == ERR_NONE);
	ck_assert(peers_operator_remove(fixture.store, bytes_view_str("eva")) == ERR_NONE);
	ck_assert(peers_operator_remove(fixture.store, bytes_view_str("eva")) == ERR_NOT_FOUND);
	ck_assert(peers_operator_remove(fixture.store, bytes_view_str("nadie")) == ERR_NOT_FOUND);
	commit(&fixture);
	fixture_reopen(&fixture);
	ck_assert(peers_operator_each(fixture.store, note_operator, text) == ERR_NONE);
	ck_assert_str_eq(text, "ana 4294967295 63 3 0 33;luis 1000 63 3 1 33;");
	fixture_done(&fixture);
}
END_TEST

START_TEST(repeats_the_answer_that_was_given)
{
	struct fixture fixture;
	struct nonce request = {{1}}, other = {{2}};
	struct bytes_view answer;

	fixture_start(&fixture);
	begin(&fixture);
	ck_assert(peers_answer_put(fixture.store, &request, 1, bytes_view_str("done")) == ERR_NONE);
	ck_assert(
	    peers_answer_put(fixture.store, &request, 2, bytes_view_str("again")) == ERR_NONE);
	commit(&fixture);
	ck_assert(peers_answer_get(fixture.store, &request, &answer) == ERR_NONE);
	ck_assert(bytes_view_is_equal(answer, bytes_view_str("done")));
	ck_assert(peers_answer_get(fixture.store, &other, &answer) == ERR_NOT_FOUND);
	fixture_done(&fixture);
}
END_TEST

START_TEST(forgets_all_but_the_newest_ten_thousand_answers)
{
	struct fixture fixture;
	struct nonce request = {{0}};
	struct bytes_view answer;
	uint32_t i;

	fixture_start(&fixture);
	begin(&fixture);
	for (i = 0; i < 10003; i++) {
		bytes_put_u32(request.bytes, i);
		ck_assert(
		    peers_answer_put(fixture.store, &request, i, bytes_view_str("x")) == ERR_NONE);
	}
	commit(&fixture);
	for (i = 0; i < 5; i++) {
		bytes_put_u32(request.bytes, i);
		ck_assert(peers_answer_get(fixture.store, &request, &answer) ==
			  (i < 3 ? ERR_NOT_FOUND : ERR_NONE));
	}
	fixture_done(&fixture);
}
END_TEST

SUITE_MAIN("store/peers", keeps_every_card_and_knows_the_newest,
    tells_a_repeated_card_from_a_contradicting_one, lists_the_newest_card_of_each,
    remembers_removed_peers, keeps_the_newest_head_of_others, lists_operators_in_force,
    repeats_the_answer_that_was_given, forgets_all_but_the_newest_ten_thousand_answers)
