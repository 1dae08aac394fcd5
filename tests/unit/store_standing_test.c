/* What became of records since they were stored. */
#include "tests/unit/store_fixture.h"

#include "store/standing.h"

static struct fixture_scratch scratch;

/* `count` notes, each of a number of its own. */
static void
put_notes(struct fixture *fixture, uint32_t count)
{
	struct batch_row batch = fixture_batch(2, count);
	struct record_row row;
	bool is_new;
	uint32_t n;

	ck_assert(store_begin(fixture->store) == ERR_NONE);
	ck_assert(records_batch_put(fixture->store, &batch) == ERR_NONE);
	for (n = 0; n < count; n++) {
		fixture_note(&scratch.record, n);
		ck_assert(fixture_put(fixture, &scratch, batch.seq, n, &row, &is_new) == ERR_NONE);
		ck_assert_int_eq(row.seq, n + 1);
	}
	ck_assert(store_commit(fixture->store) == ERR_NONE);
}

static void
put_one(struct fixture *fixture, const struct standing *standing)
{
	ck_assert(store_begin(fixture->store) == ERR_NONE);
	ck_assert(standing_put(fixture->store, standing) == ERR_NONE);
	ck_assert(store_commit(fixture->store) == ERR_NONE);
}

static struct standing
get_one(struct fixture *fixture, int64_t record)
{
	struct standing standing;

	ck_assert(standing_get(fixture->store, record, &standing) == ERR_NONE);
	ck_assert_int_eq(standing.record, record);
	return standing;
}

/* Whether of all of 1..count only `set`, ascending, are in quarantine. */
static void
check_quarantined(struct fixture *fixture, int64_t count, const int64_t *set, size_t set_count)
{
	int64_t record;
	size_t at = 0;

	for (record = 1; record <= count; record++) {
		bool expected = at < set_count && set[at] == record;

		ck_assert_msg((get_one(fixture, record).quarantined_ms != 0) == expected,
		    "record %d", (int)record);
		at += expected;
	}
	/* and the other way, so that no gap was remembered wrongly */
	for (record = count; record >= 1; record--) {
		at -= at > 0 && set[at - 1] > record;
		ck_assert_int_eq(
		    get_one(fixture, record).quarantined_ms != 0, at > 0 && set[at - 1] == record);
	}
	ck_assert_uint_eq(standing_quarantined_count(fixture->store), set_count);
}

START_TEST(says_nothing_of_most_records)
{
	struct fixture fixture;

	fixture_start(&fixture);
	put_notes(&fixture, 3);
	ck_assert(standing_is_empty(fixture.store));
	check_quarantined(&fixture, 3, NULL, 0);
	fixture_done(&fixture);
}
END_TEST

START_TEST(keeps_everything_that_is_said)
{
	struct standing put = {.record = 2,
	    .quarantined_ms = 5,
	    .is_superseded = true,
	    .superseded_by = {{7, 8}},
	    .superseded_ms = 9,
	    .disputes = 3,
	    .disputed_ms = 11};
	struct standing got;
	struct fixture fixture;

	fixture_start(&fixture);
	put_notes(&fixture, 3);
	put_one(&fixture, &put);
	fixture_reopen(&fixture);
	ck_assert(!standing_is_empty(fixture.store));
	got = get_one(&fixture, 2);
	ck_assert_uint_eq(got.quarantined_ms, 5);
	ck_assert(got.is_superseded && got.superseded_by.bytes[1] == 8);
	ck_assert_uint_eq(got.superseded_ms, 9);
	ck_assert_uint_eq(got.disputes, 3);
	ck_assert_uint_eq(got.disputed_ms, 11);
	fixture_done(&fixture);
}
END_TEST

START_TEST(remembers_gaps_rightly_while_rows_come_and_go)
{
	static const int64_t first[] = {3}, both[] = {3, 6}, second[] = {6};
	struct standing standing = {.record = 3, .quarantined_ms = 1};
	struct fixture fixture;

	fixture_start(&fixture);
	put_notes(&fixture, 9);
	check_quarantined(&fixture, 9, NULL, 0);
	put_one(&fixture, &standing);
	check_quarantined(&fixture, 9, first, 1);
	standing.record = 6;
	put_one(&fixture, &standing);
	check_quarantined(&fixture, 9, both, 2);
	put_one(&fixture, &(struct standing){.record = 3});
	check_quarantined(&fixture, 9, second, 1);
	fixture_reopen(&fixture);
	check_quarantined(&fixture, 9, second, 1);
	put_one(&fixture, &(struct standing){.record = 6});
	ck_assert(standing_is_empty(fixture.store));
	ck_assert_int_eq(fixture_ask(&fixture, "SELECT count(*) FROM standing"), 0);
	fixture_done(&fixture);
}
END_TEST

START_TEST(forgets_what_was_rolled_back)
{
	static const int64_t set[] = {4};
	struct fixture fixture;

	fixture_start(&fixture);
	put_notes(&fixture, 5);
	put_one(&fixture, &(struct standing){.record = 4, .quarantined_ms = 1});
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(standing_put(fixture.store, &(struct standing){.record = 4}) == ERR_NONE);
	ck_assert(standing_put(fixture.store,
		      &(struct standing){.record = 2, .quarantined_ms = 8}) == ERR_NONE);
	ck_assert_uint_eq(get_one(&fixture, 4).quarantined_ms, 0);
	ck_assert_uint_eq(get_one(&fixture, 2).quarantined_ms, 8);
	store_rollback(fixture.store);
	check_quarantined(&fixture, 5, set, 1);
	fixture_done(&fixture);
}
END_TEST

static enum err
add_number(void *context, const struct standing *standing)
{
	int64_t *sum = context;

	*sum = *sum * 10 + standing->record;
	return ERR_NONE;
}

START_TEST(lists_the_quarantine_a_page_at_a_time)
{
	struct fixture fixture;
	int64_t listed = 0;

	fixture_start(&fixture);
	put_notes(&fixture, 9);
	put_one(&fixture, &(struct standing){.record = 7, .quarantined_ms = 1});
	put_one(&fixture, &(struct standing){.record = 2, .quarantined_ms = 1});
	put_one(&fixture, &(struct standing){.record = 5, .disputes = 1, .disputed_ms = 2});
	put_one(&fixture, &(struct standing){.record = 8, .quarantined_ms = 1});
	ck_assert(standing_quarantined_each(fixture.store, 0, 2, add_number, &listed) == ERR_NONE);
	ck_assert_int_eq(listed, 27);
	ck_assert(standing_quarantined_each(fixture.store, 7, 2, add_number, &listed) == ERR_NONE);
	ck_assert_int_eq(listed, 278);
	fixture_done(&fixture);
}
END_TEST

START_TEST(forgets_it_with_the_record)
{
	struct fixture fixture;
	struct record_id id;

	fixture_start(&fixture);
	put_notes(&fixture, 1);
	record_id_of(bytes_as_view(&scratch.body), &id);
	put_one(&fixture, &(struct standing){.record = 1, .quarantined_ms = 1});
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(records_erase(fixture.store, &id) == ERR_NONE);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	ck_assert(standing_is_empty(fixture.store));
	ck_assert_uint_eq(standing_quarantined_count(fixture.store), 0);
	fixture_done(&fixture);
}
END_TEST

SUITE_MAIN("store/standing", says_nothing_of_most_records, keeps_everything_that_is_said,
    remembers_gaps_rightly_while_rows_come_and_go, forgets_what_was_rolled_back,
    lists_the_quarantine_a_page_at_a_time, forgets_it_with_the_record)
