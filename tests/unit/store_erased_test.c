/* What was erased is nowhere in the files any more, and stays erased when an older copy of the
   database is put back. */
#include "tests/unit/store_fixture.h"

#include "store/erased.h"
#include "store/handle.h"
#include "store/standing.h"

#define SECRET "clabe-de-una-persona-7731.example"
#define ADDRESS 0xc6336407u /* 198.51.100.7 */

static struct fixture_scratch scratch;

static void
copy_file(const char *from, const char *to)
{
	static char block[1 << 20];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t len;

	ck_assert(in != NULL && out != NULL);
	while ((len = fread(block, 1, sizeof(block), in)) > 0)
		ck_assert_uint_eq(fwrite(block, 1, len, out), len);
	ck_assert(fclose(in) == 0 && fclose(out) == 0);
}

/* How often the bytes stand in any file of the folder. */
static uint32_t
count_bytes(const struct fixture *fixture, const void *wanted, size_t len)
{
	static uint8_t data[32u << 20];
	DIR *folder = opendir(fixture->folder);
	struct dirent *entry;
	uint32_t count = 0;
	char path[600];

	ck_assert_ptr_nonnull(folder);
	while ((entry = readdir(folder)) != NULL) {
		FILE *file;
		size_t size, at;

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", fixture->folder, entry->d_name);
		file = fopen(path, "rb");
		if (file == NULL)
			continue;
		size = fread(data, 1, sizeof(data), file);
		(void)fclose(file);
		for (at = 0; at + len <= size; at++)
			count += memcmp(data + at, wanted, len) == 0;
	}
	(void)closedir(folder);
	return count;
}

/* Record n of a batch: number 3 speaks of a person. */
static void
fill(uint32_t n)
{
	struct observable domain = {OBSERVABLE_DOMAIN, bytes_view_str(SECRET)};
	struct observable address = {OBSERVABLE_IPV4, bytes_view_str("198.51.100.7")};

	fixture_note(&scratch.record, n);
	if (n != 3)
		return;
	scratch.record.body.text = bytes_view_str("llame a " SECRET " por favor");
	ck_assert(record_add_text(&scratch.record.labels, bytes_view_str(SECRET)) == ERR_NONE);
	ck_assert(record_add_observable(&scratch.record, &domain) == ERR_NONE);
	ck_assert(record_add_observable(&scratch.record, &address) == ERR_NONE);
}

/* `count` records in one batch; *id is number 3's. */
static int64_t
put_batch(struct fixture *fixture, uint32_t count, struct record_id *id)
{
	struct batch_row batch = fixture_batch(2, count);
	struct record_row row;
	bool is_new;
	uint32_t n;

	batch.stored = count;
	ck_assert(store_begin(fixture->store) == ERR_NONE);
	ck_assert(records_batch_put(fixture->store, &batch) == ERR_NONE);
	for (n = 0; n < count; n++) {
		fill(n);
		ck_assert(fixture_put(fixture, &scratch, batch.seq, n, &row, &is_new) == ERR_NONE);
		if (n == 3)
			*id = row.id;
	}
	ck_assert(store_commit(fixture->store) == ERR_NONE);
	return batch.seq;
}

static void
erase(struct fixture *fixture, const struct record_id *id)
{
	ck_assert(store_begin(fixture->store) == ERR_NONE);
	ck_assert(records_erase(fixture->store, id) == ERR_NONE);
	ck_assert(store_commit(fixture->store) == ERR_NONE);
}

static bool
is_there(struct fixture *fixture, const struct record_id *id)
{
	struct record_row row;
	enum err err = records_get(fixture->store, id, &row);

	ck_assert(err == ERR_NONE || err == ERR_NOT_FOUND);
	return err == ERR_NONE;
}

START_TEST(leaves_no_byte_in_any_file)
{
	uint8_t key[8] = {4};
	struct record_id id;
	struct fixture fixture;

	bytes_put_u32(key + 1, ADDRESS);
	fixture_start(&fixture);
	(void)put_batch(&fixture, 8, &id);
	/* into runs, as a large store has it: there the address is the first key of its page */
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(index_flush(fixture.store) == ERR_NONE);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	ck_assert_uint_gt(count_bytes(&fixture, SECRET, strlen(SECRET)), 0);
	ck_assert_uint_gt(count_bytes(&fixture, key, 5), 0);
	erase(&fixture, &id);
	ck_assert_uint_eq(count_bytes(&fixture, SECRET, strlen(SECRET)), 0);
	ck_assert_uint_eq(count_bytes(&fixture, key, 5), 0);
	fixture_reopen(&fixture);
	ck_assert(!is_there(&fixture, &id));
	ck_assert_uint_eq(count_bytes(&fixture, SECRET, strlen(SECRET)), 0);
	fixture_done(&fixture);
}
END_TEST

START_TEST(is_erased_again_where_an_older_copy_is_put_back)
{
	char copy[400], wal[400];
	struct fixture fixture;
	struct record_id id;
	bool has;

	fixture_start(&fixture);
	(void)put_batch(&fixture, 8, &id);
	store_close(fixture.store);
	(void)snprintf(copy, sizeof(copy), "%s.copy", fixture.path);
	(void)snprintf(wal, sizeof(wal), "%s-wal", fixture.path);
	copy_file(fixture.path, copy);
	fixture_open(&fixture);
	erase(&fixture, &id);
	store_close(fixture.store);
	(void)unlink(wal);
	copy_file(copy, fixture.path);
	(void)unlink(copy);
	ck_assert_uint_gt(count_bytes(&fixture, SECRET, strlen(SECRET)), 0);
	fixture_open(&fixture);
	ck_assert_uint_eq(store_erased_again(fixture.store), 1);
	ck_assert(!is_there(&fixture, &id));
	ck_assert(records_has(fixture.store, &id, &has) == ERR_NONE && has);
	ck_assert_uint_eq(count_bytes(&fixture, SECRET, strlen(SECRET)), 0);
	fixture_reopen(&fixture);
	ck_assert_uint_eq(store_erased_again(fixture.store), 0);
	fixture_done(&fixture);
}
END_TEST

START_TEST(cuts_off_an_id_that_was_not_written_to_its_end)
{
	static const size_t lengths[] = {1, 15, 31, 32, 33, 63, 64};
	struct fixture fixture;
	struct record_id id;
	char path[400];
	FILE *file;
	size_t i, len;

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		fixture_start(&fixture);
		(void)put_batch(&fixture, 8, &id);
		erase(&fixture, &id);
		store_close(fixture.store);
		(void)snprintf(path, sizeof(path), "%s.erased", fixture.path);
		file = fopen(path, "ab");
		ck_assert_ptr_nonnull(file);
		for (len = 0; len < lengths[i]; len++)
			ck_assert_int_eq(fputc('x', file), 'x');
		ck_assert_int_eq(fclose(file), 0);
		fixture_open(&fixture);
		ck_assert_uint_eq(fixture.store->erased.count, 1);
		fixture_reopen(&fixture);
		ck_assert_uint_eq(fixture.store->erased.count, 1);
		fixture_done(&fixture);
	}
}
END_TEST

START_TEST(makes_the_file_again_from_the_tombstones)
{
	struct fixture fixture;
	struct record_id id;
	char path[400];

	fixture_start(&fixture);
	(void)put_batch(&fixture, 8, &id);
	erase(&fixture, &id);
	store_close(fixture.store);
	(void)snprintf(path, sizeof(path), "%s.erased", fixture.path);
	ck_assert_int_eq(unlink(path), 0);
	fixture_open(&fixture);
	ck_assert_uint_eq(fixture.store->erased.count, 1);
	ck_assert_uint_eq(count_bytes(&fixture, id.bytes, sizeof(id.bytes)) >= 2, 1);
	fixture_done(&fixture);
}
END_TEST

START_TEST(takes_a_rollback_back)
{
	struct fixture fixture;
	struct record_id id;

	fixture_start(&fixture);
	(void)put_batch(&fixture, 8, &id);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(index_flush(fixture.store) == ERR_NONE);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(records_erase(fixture.store, &id) == ERR_NONE);
	store_rollback(fixture.store);
	ck_assert(is_there(&fixture, &id));
	ck_assert_uint_eq(fixture.store->erased.count, 0);
	fixture_reopen(&fixture);
	ck_assert(is_there(&fixture, &id));
	fixture_done(&fixture);
}
END_TEST

START_TEST(keeps_the_way_to_the_root_for_its_neighbours)
{
	struct hash leaves[BATCH_COUNT_MAX], before[BATCH_COUNT_MAX];
	struct fixture fixture;
	struct record_id id;
	uint32_t count;
	int64_t batch;

	fixture_start(&fixture);
	batch = put_batch(&fixture, 8, &id);
	ck_assert(records_leaves(fixture.store, batch, before, &count) == ERR_NONE);
	ck_assert_uint_eq(count, 8);
	erase(&fixture, &id);
	ck_assert(records_leaves(fixture.store, batch, leaves, &count) == ERR_NONE);
	ck_assert_uint_eq(count, 8);
	ck_assert_mem_eq(leaves, before, 8 * sizeof(leaves[0]));
	fixture_done(&fixture);
}
END_TEST

START_TEST(is_taken_out_of_outboxes)
{
	struct peer_row peer = {
	    .org = fixture_org(9), .name = bytes_view_str("nine"), .added_ms = 1};
	uint64_t waiting, held;
	struct fixture fixture;
	struct record_id id;
	int64_t batch;

	fixture_start(&fixture);
	batch = put_batch(&fixture, 8, &id);
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(peers_put(fixture.store, &peer) == ERR_NONE);
	ck_assert(
	    deliveries_outbox_put(fixture.store, &peer.org, batch, 8, OUTBOX_WAITING) == ERR_NONE);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	erase(&fixture, &id);
	ck_assert(deliveries_outbox_count(fixture.store, &peer.org, &waiting, &held) == ERR_NONE);
	ck_assert_uint_eq(waiting, 7);
	fixture_done(&fixture);
}
END_TEST

SUITE_MAIN("store/erased", leaves_no_byte_in_any_file,
    is_erased_again_where_an_older_copy_is_put_back, cuts_off_an_id_that_was_not_written_to_its_end,
    makes_the_file_again_from_the_tombstones, takes_a_rollback_back,
    keeps_the_way_to_the_root_for_its_neighbours, is_taken_out_of_outboxes)
