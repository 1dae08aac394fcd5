#include "tests/unit/store_fixture.h"

#include <signal.h>
#include <sys/wait.h>

static void
start(struct fixture *fixture)
{
	fixture_start(fixture);
	ck_assert(store_begin(fixture->store) == ERR_NONE);
	ck_assert(events_epoch(fixture->store, 1) == ERR_NONE);
	ck_assert(store_commit(fixture->store) == ERR_NONE);
}

static void
append(struct fixture *fixture, uint8_t first, uint8_t count)
{
	struct event event;
	uint8_t i;

	for (i = first; i < first + count; i++)
		ck_assert(
		    fixture_event(fixture->store, &event, i, i % 2 ? "details" : "") == ERR_NONE);
}

/* Every row, with what should be told of it. */
struct seen {
	uint64_t next;
	struct hash hashes[64];
	uint32_t with_details;
	uint32_t erased;
};

static enum err
see(void *context, const struct event_row *row)
{
	struct seen *seen = context;
	struct event event;
	struct hash hash;

	ck_assert_uint_eq(row->index, seen->next);
	ck_assert(event_leaf_decode(row->leaf, &event) == ERR_NONE);
	ck_assert_uint_eq(event.index, row->index);
	tree_leaf(bytes_view_of(row->leaf, sizeof(row->leaf)), &hash);
	ck_assert_mem_eq(hash.bytes, row->hash.bytes, 32);
	if (row->has_details) {
		event_commit(&row->salt, row->details, &hash);
		ck_assert_mem_eq(hash.bytes, event.commitment.bytes, 32);
		seen->with_details++;
	}
	seen->erased += row->is_erased;
	seen->hashes[seen->next++] = row->hash;
	return ERR_NONE;
}

static void
check_root(struct fixture *fixture, uint64_t size)
{
	struct seen seen = {0};
	struct head head;
	struct hash root;

	ck_assert(events_each(fixture->store, 0, 64, see, &seen) == ERR_NONE);
	ck_assert_uint_eq(seen.next, size);
	tree_root(seen.hashes, size, &root);
	events_head(fixture->store, &head);
	ck_assert_uint_eq(head.size, size);
	ck_assert_mem_eq(head.root.bytes, root.bytes, 32);
}

START_TEST(has_the_root_of_its_leaves)
{
	struct fixture fixture;
	uint8_t i;

	start(&fixture);
	check_root(&fixture, 0);
	for (i = 0; i < 20; i++) {
		ck_assert(store_begin(fixture.store) == ERR_NONE);
		append(&fixture, i, 1);
		check_root(&fixture, i + 1u);
		ck_assert(store_commit(fixture.store) == ERR_NONE);
		fixture_reopen(&fixture);
		check_root(&fixture, i + 1u);
	}
	fixture_done(&fixture);
}
END_TEST

START_TEST(tells_the_committed_head_from_the_one_under_way)
{
	struct head now, committed;
	struct fixture fixture;

	start(&fixture);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	append(&fixture, 0, 3);
	events_head(fixture.store, &now);
	events_head_committed(fixture.store, &committed);
	ck_assert_uint_eq(now.size, 3);
	ck_assert_uint_eq(committed.size, 0);
	ck_assert_uint_eq(now.epoch, 1);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	events_head_committed(fixture.store, &committed);
	ck_assert_uint_eq(committed.size, 3);
	ck_assert_mem_eq(committed.root.bytes, now.root.bytes, 32);
	fixture_done(&fixture);
}
END_TEST

START_TEST(goes_back_with_a_rollback)
{
	struct head before, after;
	struct fixture fixture;

	start(&fixture);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	append(&fixture, 0, 5);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	events_head(fixture.store, &before);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	append(&fixture, 5, 4);
	store_rollback(fixture.store);
	events_head(fixture.store, &after);
	ck_assert_uint_eq(after.size, before.size);
	ck_assert_mem_eq(after.root.bytes, before.root.bytes, 32);
	check_root(&fixture, 5);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	append(&fixture, 9, 2);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	check_root(&fixture, 7);
	fixture_reopen(&fixture);
	check_root(&fixture, 7);
	fixture_done(&fixture);
}
END_TEST

START_TEST(fills_in_index_and_commitment)
{
	static const uint8_t zeros[32];
	struct fixture fixture;
	struct event event;
	struct hash expected;
	struct salt salt;

	start(&fixture);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(fixture_event(fixture.store, &event, 0, "") == ERR_NONE);
	ck_assert_uint_eq(event.index, 0);
	ck_assert_mem_eq(event.commitment.bytes, zeros, 32);
	ck_assert(fixture_event(fixture.store, &event, 1, "abc") == ERR_NONE);
	ck_assert_uint_eq(event.index, 1);
	memset(salt.bytes, 0x81, sizeof(salt.bytes));
	event_commit(&salt, bytes_view_str("abc"), &expected);
	ck_assert_mem_eq(event.commitment.bytes, expected.bytes, 32);
	store_rollback(fixture.store);
	fixture_done(&fixture);
}
END_TEST

START_TEST(gives_pages_and_single_leaves)
{
	struct fixture fixture;
	struct seen seen = {.next = 4};

	start(&fixture);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	append(&fixture, 0, 10);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	ck_assert(events_each(fixture.store, 4, 3, see, &seen) == ERR_NONE);
	ck_assert_uint_eq(seen.next, 7);
	ck_assert(events_get(fixture.store, 7, see, &seen) == ERR_NONE);
	ck_assert_uint_eq(seen.next, 8);
	ck_assert_uint_eq(seen.with_details, 2);
	ck_assert(events_get(fixture.store, 10, see, &seen) == ERR_NOT_FOUND);
	ck_assert(events_get(fixture.store, UINT64_MAX, see, &seen) == ERR_NOT_FOUND);
	ck_assert(events_each(fixture.store, 10, 3, see, &seen) == ERR_NONE);
	ck_assert_uint_eq(seen.next, 8);
	fixture_done(&fixture);
}
END_TEST

static enum err
stop(void *context, const struct event_row *row)
{
	(void)row;
	++*(int *)context;
	return ERR_NO;
}

START_TEST(stops_when_told)
{
	struct fixture fixture;
	int calls = 0;

	start(&fixture);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	append(&fixture, 0, 4);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	ck_assert(events_each(fixture.store, 0, 10, stop, &calls) == ERR_NO);
	ck_assert_int_eq(calls, 1);
	fixture_done(&fixture);
}
END_TEST

START_TEST(erases_details_and_still_verifies)
{
	struct fixture fixture;
	struct seen seen = {0};

	start(&fixture);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	append(&fixture, 0, 6);
	ck_assert(events_erase(fixture.store, 3) == ERR_NONE);
	ck_assert(events_erase(fixture.store, 2) == ERR_NOT_FOUND); /* has no details */
	ck_assert(events_erase(fixture.store, 6) == ERR_NOT_FOUND);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	fixture_reopen(&fixture);
	ck_assert(events_each(fixture.store, 0, 64, see, &seen) == ERR_NONE);
	ck_assert_uint_eq(seen.with_details, 2);
	ck_assert_uint_eq(seen.erased, 1);
	check_root(&fixture, 6);
	fixture_done(&fixture);
}
END_TEST

START_TEST(begins_a_new_epoch_with_an_empty_tree)
{
	struct fixture fixture;
	struct head head;

	start(&fixture);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	append(&fixture, 0, 5);
	ck_assert(events_epoch(fixture.store, 1) == ERR_NO);
	ck_assert(events_epoch(fixture.store, 2) == ERR_NONE);
	append(&fixture, 5, 2);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	check_root(&fixture, 2);
	fixture_reopen(&fixture);
	check_root(&fixture, 2);
	events_head(fixture.store, &head);
	ck_assert_uint_eq(head.epoch, 2);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(events_epoch(fixture.store, 3) == ERR_NONE);
	store_rollback(fixture.store);
	events_head(fixture.store, &head);
	ck_assert_uint_eq(head.epoch, 2);
	check_root(&fixture, 2);
	fixture_done(&fixture);
}
END_TEST

/* In a child: put, then die, before the commit or after it. */
static void
die(struct fixture *fixture, bool is_committed)
{
	int status;
	pid_t child;

	store_close(fixture->store);
	fixture->store = NULL;
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct event event;

		if (store_open(fixture->path, &fixture->store) != ERR_NONE ||
		    store_begin(fixture->store) != ERR_NONE ||
		    fixture_event(fixture->store, &event, 9, "lost?") != ERR_NONE)
			_exit(1);
		if (is_committed && store_commit(fixture->store) != ERR_NONE)
			_exit(1);
		(void)kill(getpid(), SIGKILL);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	fixture_open(fixture);
}

START_TEST(survives_a_kill_before_and_after_the_commit)
{
	struct fixture fixture;
	struct head before, after;

	start(&fixture);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	append(&fixture, 0, 3);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	events_head(fixture.store, &before);
	die(&fixture, false);
	events_head(fixture.store, &after);
	ck_assert_mem_eq(&before, &after, sizeof(before));
	check_root(&fixture, 3);
	die(&fixture, true);
	check_root(&fixture, 4);
	fixture_done(&fixture);
}
END_TEST

SUITE_MAIN("store/events", has_the_root_of_its_leaves,
    tells_the_committed_head_from_the_one_under_way, goes_back_with_a_rollback,
    fills_in_index_and_commitment, gives_pages_and_single_leaves, stops_when_told,
    erases_details_and_still_verifies, begins_a_new_epoch_with_an_empty_tree,
    survives_a_kill_before_and_after_the_commit)
