#include "tests/unit/store_fixture.h"

#include "store/search.h"

#include "store/index.h"
#include "store/keys.h"

static struct fixture_scratch scratch;

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

static int64_t
put_batch(struct fixture *fixture, uint32_t size)
{
	struct batch_row batch = fixture_batch(2, size);

	ck_assert(records_batch_put(fixture->store, &batch) == ERR_NONE);
	return batch.seq;
}

/* Put note n at a position, which must be new. */
static struct record_row
put_note(struct fixture *fixture, int64_t batch, uint32_t position, uint32_t n)
{
	struct record_row row;
	bool is_new;

	fixture_note(&scratch.record, n);
	ck_assert(fixture_put(fixture, &scratch, batch, position, &row, &is_new) == ERR_NONE);
	ck_assert(is_new);
	return row;
}

/* ------------------------------------------------------------------ batches */

START_TEST(brings_back_a_batch)
{
	struct batch_row row = fixture_batch(2, 5), found;
	struct fixture fixture;

	fixture_start(&fixture);
	row.audience = bytes_view_str("audience");
	begin(&fixture);
	ck_assert(records_batch_put(fixture.store, &row) == ERR_NONE);
	ck_assert_int_eq(row.seq, 1);
	ck_assert(records_batch_stored(fixture.store, 1, 4) == ERR_NONE);
	ck_assert(records_batch_stored(fixture.store, 1, 6) == ERR_NOT_FOUND); /* of five */
	ck_assert(records_batch_stored(fixture.store, 2, 1) == ERR_NOT_FOUND);
	commit(&fixture);
	fixture_reopen(&fixture);
	ck_assert(records_batch_get(fixture.store, 1, &found) == ERR_NONE);
	ck_assert_int_eq(found.seq, 1);
	ck_assert_mem_eq(&found.author, &row.author, 32);
	ck_assert_mem_eq(&found.via, &row.via, 32);
	ck_assert_uint_eq(found.serial, row.serial);
	ck_assert_uint_eq(found.sealed_ms, row.sealed_ms);
	ck_assert_uint_eq(found.received_ms, row.received_ms);
	ck_assert_uint_eq(found.size, 5);
	ck_assert_uint_eq(found.stored, 4);
	ck_assert_mem_eq(&found.root, &row.root, 32);
	ck_assert_uint_eq(found.tlp, TLP_GREEN);
	ck_assert(bytes_view_is_equal(found.marking, row.marking));
	ck_assert(bytes_view_is_equal(found.audience, row.audience));
	ck_assert(bytes_view_is_equal(found.seal, row.seal));
	ck_assert(records_batch_get(fixture.store, 2, &found) == ERR_NOT_FOUND);
	fixture_done(&fixture);
}
END_TEST

static enum err
count_batch(void *context, const struct batch_row *row)
{
	int64_t *last = context;

	ck_assert_int_gt(row->seq, *last);
	*last = row->seq;
	return ERR_NONE;
}

START_TEST(pages_through_batches)
{
	struct fixture fixture;
	int64_t last = 2;
	int i;

	fixture_start(&fixture);
	begin(&fixture);
	for (i = 0; i < 7; i++)
		(void)put_batch(&fixture, 3);
	commit(&fixture);
	ck_assert(records_batch_each(fixture.store, 2, 3, count_batch, &last) == ERR_NONE);
	ck_assert_int_eq(last, 5);
	ck_assert(records_batch_each(fixture.store, 5, 9, count_batch, &last) == ERR_NONE);
	ck_assert_int_eq(last, 7);
	fixture_done(&fixture);
}
END_TEST

/* ------------------------------------------------------------------ records */

START_TEST(brings_back_a_record)
{
	static const uint8_t path[64] = {1, 2, 3};
	struct fixture fixture;
	struct record_row row, found;
	bool is_new, has;

	fixture_start(&fixture);
	begin(&fixture);
	(void)put_batch(&fixture, 3);
	row = put_note(&fixture, 1, 0, 1);
	ck_assert_int_eq(row.seq, 1);
	fixture_note(&scratch.record, 2);
	bytes_clear(&scratch.body);
	ck_assert(record_encode(&scratch.record, &scratch.body) == ERR_NONE);
	ck_assert(
	    record_decode(bytes_as_view(&scratch.body), false, &scratch.decoded, NULL) == ERR_NONE);
	row = (struct record_row){.batch = 1,
	    .position = 2,
	    .received_ms = 99,
	    .path = bytes_view_of(path, sizeof(path)),
	    .body = bytes_as_view(&scratch.body),
	    .writer = bytes_view_str("ana"),
	    .salt = {{7}}};
	record_id_of(row.body, &row.id);
	ck_assert(fixture_put_decoded(fixture.store, &row, &scratch.decoded, &is_new) == ERR_NONE &&
		  is_new);
	commit(&fixture);
	fixture_reopen(&fixture);

	ck_assert(records_get(fixture.store, &row.id, &found) == ERR_NONE);
	ck_assert_int_eq(found.seq, 2);
	ck_assert_int_eq(found.batch, 1);
	ck_assert_uint_eq(found.position, 2);
	ck_assert_mem_eq(&found.id, &row.id, 32);
	ck_assert_mem_eq(&found.salt, &row.salt, 16);
	ck_assert(bytes_view_is_equal(found.path, row.path));
	ck_assert(bytes_view_is_equal(found.body, row.body));
	ck_assert(bytes_view_is_equal(found.writer, row.writer));
	ck_assert_uint_eq(found.author.bytes[0], 1);
	ck_assert_uint_eq(found.via.bytes[0], 2);
	ck_assert_uint_eq(found.received_ms, 99);
	ck_assert_uint_eq(found.created_ms, FIXTURE_TIME + 2);
	ck_assert_uint_eq(found.tlp, TLP_GREEN);
	ck_assert(records_has(fixture.store, &row.id, &has) == ERR_NONE && has);
	row.id.bytes[0] ^= 1;
	ck_assert(records_has(fixture.store, &row.id, &has) == ERR_NONE && !has);
	ck_assert(records_get(fixture.store, &row.id, &found) == ERR_NOT_FOUND);
	fixture_done(&fixture);
}
END_TEST

START_TEST(stores_a_record_once)
{
	struct fixture fixture;
	struct record_row row;
	uint64_t records, batches;
	bool is_new = true;

	fixture_start(&fixture);
	begin(&fixture);
	(void)put_batch(&fixture, 3);
	(void)put_note(&fixture, 1, 0, 1);
	(void)put_batch(&fixture, 3);
	fixture_note(&scratch.record, 1);
	ck_assert(fixture_put(&fixture, &scratch, 2, 0, &row, &is_new) == ERR_NONE && !is_new);
	row = put_note(&fixture, 2, 1, 2);
	ck_assert_int_eq(row.seq, 2);
	commit(&fixture);
	ck_assert(records_totals(fixture.store, &records, &batches) == ERR_NONE);
	ck_assert_uint_eq(records, 2);
	ck_assert_uint_eq(batches, 2);
	fixture_done(&fixture);
}
END_TEST

START_TEST(refuses_a_taken_position_and_a_missing_batch)
{
	struct fixture fixture;
	struct record_row row;
	bool is_new;

	fixture_start(&fixture);
	begin(&fixture);
	(void)put_batch(&fixture, 3);
	(void)put_note(&fixture, 1, 0, 1);
	fixture_note(&scratch.record, 2);
	ck_assert(fixture_put(&fixture, &scratch, 1, 0, &row, &is_new) == ERR_INVALID);
	ck_assert(fixture_put(&fixture, &scratch, 8, 0, &row, &is_new) == ERR_INVALID);
	/* the transaction goes on, and no number was lost */
	row = put_note(&fixture, 1, 1, 2);
	ck_assert_int_eq(row.seq, 2);
	(void)put_batch(&fixture, 3);
	fixture_note(&scratch.record, 3);
	ck_assert(fixture_put(&fixture, &scratch, 1, 2, &row, &is_new) == ERR_INVALID);
	commit(&fixture);
	fixture_done(&fixture);
}
END_TEST

START_TEST(gives_numbers_again_only_after_a_rollback)
{
	struct fixture fixture;
	struct record_row row;
	uint64_t records, batches;

	fixture_start(&fixture);
	begin(&fixture);
	(void)put_batch(&fixture, 3);
	(void)put_note(&fixture, 1, 0, 1);
	commit(&fixture);
	begin(&fixture);
	ck_assert_int_eq(put_batch(&fixture, 3), 2);
	row = put_note(&fixture, 2, 0, 2);
	ck_assert_int_eq(row.seq, 2);
	store_rollback(fixture.store);
	ck_assert(records_totals(fixture.store, &records, &batches) == ERR_NONE);
	ck_assert_uint_eq(records, 1);
	ck_assert_uint_eq(batches, 1);
	begin(&fixture);
	ck_assert_int_eq(put_batch(&fixture, 3), 2);
	row = put_note(&fixture, 2, 0, 3);
	ck_assert_int_eq(row.seq, 2);
	/* the last one is erased; its number is not given again */
	ck_assert(records_erase(fixture.store, &row.id) == ERR_NONE);
	commit(&fixture);
	fixture_reopen(&fixture);
	begin(&fixture);
	ck_assert_int_eq(put_batch(&fixture, 3), 3);
	row = put_note(&fixture, 3, 0, 4);
	ck_assert_int_eq(row.seq, 3);
	commit(&fixture);
	fixture_done(&fixture);
}
END_TEST

START_TEST(finds_by_a_prefix_of_whole_and_half_bytes)
{
	struct fixture fixture;
	struct record_row rows[40], found;
	uint8_t prefix[32];
	size_t i, k, len;

	fixture_start(&fixture);
	begin(&fixture);
	(void)put_batch(&fixture, 64);
	for (i = 0; i < 40; i++)
		rows[i] = put_note(&fixture, 1, (uint32_t)i, (uint32_t)i);
	commit(&fixture);
	for (i = 0; i < 40; i++) {
		for (len = 0; len <= 4; len++) {
			bool half = len % 2 != 0;
			size_t fits = 0;
			enum err err;

			memcpy(prefix, rows[i].id.bytes, sizeof(prefix));
			for (k = 0; k < 40; k++)
				fits += memcmp(rows[k].id.bytes, prefix, len / 2) == 0 &&
					(!half ||
					    rows[k].id.bytes[len / 2] >> 4 == prefix[len / 2] >> 4);
			err = records_get_prefix(fixture.store, prefix, len / 2, half, &found);
			ck_assert(err == (fits == 1 ? ERR_NONE : ERR_RANGE));
			if (err == ERR_NONE)
				ck_assert_mem_eq(&found.id, &rows[i].id, 32);
		}
		ck_assert(records_get_prefix(fixture.store, prefix, 32, false, &found) == ERR_NONE);
		ck_assert(
		    records_get_prefix(fixture.store, prefix, 33, false, &found) == ERR_NOT_FOUND);
		prefix[31] ^= 1;
		ck_assert(
		    records_get_prefix(fixture.store, prefix, 32, false, &found) == ERR_NOT_FOUND);
	}
	fixture_done(&fixture);
}
END_TEST

static enum err
next_position(void *context, const struct record_row *row)
{
	uint32_t *position = context;

	ck_assert_uint_eq(row->position, *position);
	*position += 2;
	return ERR_NONE;
}

START_TEST(lists_the_records_of_a_batch_by_position)
{
	struct fixture fixture;
	uint32_t i, position = 0;

	fixture_start(&fixture);
	begin(&fixture);
	(void)put_batch(&fixture, 64);
	(void)put_note(&fixture, 1, 0, 98);
	(void)put_batch(&fixture, 64);
	for (i = 0; i < 10; i++)
		(void)put_note(&fixture, 2, 2 * i, i);
	(void)put_batch(&fixture, 64);
	(void)put_note(&fixture, 3, 0, 99);
	commit(&fixture);
	ck_assert(records_of_batch(fixture.store, 2, next_position, &position) == ERR_NONE);
	ck_assert_uint_eq(position, 20);
	fixture_done(&fixture);
}
END_TEST

static enum err
ignore(void *context, const struct record_row *row)
{
	(void)context;
	(void)row;
	return ERR_NONE;
}

START_TEST(refuses_to_give_a_body_that_was_changed)
{
	struct search_query all = {.most = 10};
	struct fixture fixture;
	struct record_row row, found;

	fixture_start(&fixture);
	begin(&fixture);
	(void)put_batch(&fixture, 3);
	row = put_note(&fixture, 1, 0, 1);
	commit(&fixture);
	store_close(fixture.store);
	fixture_spoil(&fixture, "UPDATE record SET body = zeroblob(length(body))");
	fixture_open(&fixture);
	ck_assert(records_get(fixture.store, &row.id, &found) == ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(store_message(fixture.store), "not the one"));
	ck_assert(records_get_prefix(fixture.store, row.id.bytes, 4, false, &found) == ERR_CORRUPT);
	ck_assert(records_of_batch(fixture.store, 1, ignore, NULL) == ERR_CORRUPT);
	ck_assert(search_records(fixture.store, &all, ignore, NULL) == ERR_CORRUPT);
	fixture_done(&fixture);
}
END_TEST

START_TEST(refuses_rows_that_it_does_not_write)
{
	static const char *const spoiled[] = {"UPDATE record SET salt = x'00'",
	    "UPDATE record SET tlp = 5", "UPDATE record SET created = -1",
	    "UPDATE record SET path = x'00'", "UPDATE batch SET author = x''"};
	struct fixture fixture;
	struct record_row row, found;
	size_t i;

	for (i = 0; i < sizeof(spoiled) / sizeof(*spoiled); i++) {
		fixture_start(&fixture);
		begin(&fixture);
		(void)put_batch(&fixture, 3);
		row = put_note(&fixture, 1, 0, 1);
		commit(&fixture);
		store_close(fixture.store);
		fixture_spoil(&fixture, spoiled[i]);
		fixture_open(&fixture);
		ck_assert_msg(
		    records_get(fixture.store, &row.id, &found) == ERR_CORRUPT, "%s", spoiled[i]);
		fixture_done(&fixture);
	}
}
END_TEST

/* ------------------------------------------------------------------ erasing */

static enum err
count_key(void *context, int64_t record, bool *is_done)
{
	(void)record;
	(void)is_done;
	++*(uint32_t *)context;
	return ERR_NONE;
}

/* What leads to a record by its observable, by the label and by the host's topmost label. */
static uint32_t
keys_found(struct fixture *fixture)
{
	static struct seek seek;
	uint32_t count = 0;
	enum err err;

	ck_assert(
	    index_find(fixture->store, KEYS_NAMES, 0, UINT64_MAX, count_key, &count) == ERR_NONE);
	ck_assert(index_seek(fixture->store, &seek, KEYS_WORDS, 0, UINT64_MAX) == ERR_NONE);
	while ((err = seek_next(&seek)) == ERR_NONE)
		count++;
	ck_assert(err == ERR_NOT_FOUND);
	return count;
}

START_TEST(leaves_a_tombstone_that_keeps_an_erased_record_out)
{
	struct fixture fixture;
	struct record_row row, found;
	uint64_t records, batches;
	bool has, is_new = true;

	fixture_start(&fixture);
	begin(&fixture);
	(void)put_batch(&fixture, 3);
	fixture_note(&scratch.record, 1);
	scratch.record.kind = RECORD_INDICATOR;
	scratch.record.body = (struct record_body){0};
	{
		struct observable observable = {OBSERVABLE_DOMAIN, bytes_view_str("evil.example")};

		ck_assert(record_add_observable(&scratch.record, &observable) == ERR_NONE);
		ck_assert(
		    record_add_text(&scratch.record.labels, bytes_view_str("phish")) == ERR_NONE);
	}
	ck_assert(fixture_put(&fixture, &scratch, 1, 0, &row, &is_new) == ERR_NONE && is_new);
	commit(&fixture);
	ck_assert_uint_eq(keys_found(&fixture), 3);

	begin(&fixture);
	ck_assert(records_erase(fixture.store, &row.id) == ERR_NONE);
	ck_assert(records_erase(fixture.store, &row.id) == ERR_NOT_FOUND);
	commit(&fixture);
	ck_assert(records_get(fixture.store, &row.id, &found) == ERR_NOT_FOUND);
	ck_assert(records_has(fixture.store, &row.id, &has) == ERR_NONE && has);
	ck_assert_uint_eq(keys_found(&fixture), 0);
	ck_assert(records_totals(fixture.store, &records, &batches) == ERR_NONE);
	ck_assert_uint_eq(records, 0);
	begin(&fixture);
	row.position = 2;
	ck_assert(fixture_put_decoded(fixture.store, &row, &scratch.decoded, &is_new) == ERR_NONE);
	ck_assert(!is_new);
	commit(&fixture);
	ck_assert(records_totals(fixture.store, &records, &batches) == ERR_NONE);
	ck_assert_uint_eq(records, 0);
	fixture_done(&fixture);
}
END_TEST

/* ------------------------------------------------------------------ verifying */

/* A batch of `size` notes under its true root.  Of a part, every other one, with its path. */
static int64_t
put_true_batch(struct fixture *fixture, uint32_t size, bool is_part, struct record_row *rows)
{
	struct batch_row batch = fixture_batch(2, size);
	struct hash leaves[BATCH_COUNT_MAX], path[TREE_LEVELS_MAX];
	uint32_t i, stored = 0;
	bool is_new;

	for (i = 0; i < size; i++) {
		struct bytes body;

		fixture_note(&scratch.record, 1000 * size + i);
		bytes_init(&body, RECORD_BYTES_MAX);
		ck_assert(record_encode(&scratch.record, &body) == ERR_NONE);
		record_id_of(bytes_as_view(&body), &rows[i].id);
		bytes_release(&body);
		memset(rows[i].salt.bytes, (int)i + 1, 16);
		tree_batch_leaf(&rows[i].salt, &rows[i].id, &leaves[i]);
	}
	tree_root(leaves, size, &batch.root);
	ck_assert(records_batch_put(fixture->store, &batch) == ERR_NONE);
	for (i = 0; i < size; i += is_part ? 2 : 1) {
		struct record_row row = {.batch = batch.seq, .position = i, .salt = rows[i].salt};

		fixture_note(&scratch.record, 1000 * size + i);
		bytes_clear(&scratch.body);
		bytes_init(&scratch.body, RECORD_BYTES_MAX);
		ck_assert(record_encode(&scratch.record, &scratch.body) == ERR_NONE);
		ck_assert(record_decode(bytes_as_view(&scratch.body), false, &scratch.decoded,
			      NULL) == ERR_NONE);
		row.body = bytes_as_view(&scratch.body);
		row.id = rows[i].id;
		if (is_part) {
			tree_path(leaves, size, i, path);
			row.path =
			    bytes_view_of(path, tree_path_length(i, size) * sizeof(struct hash));
		}
		ck_assert(fixture_put_decoded(fixture->store, &row, &scratch.decoded, &is_new) ==
			  ERR_NONE);
		ck_assert(is_new);
		stored++;
		bytes_release(&scratch.body);
	}
	ck_assert(records_batch_stored(fixture->store, batch.seq, stored) == ERR_NONE);
	return batch.seq;
}

static enum err
finding_of(struct fixture *fixture, int64_t batch)
{
	enum err finding = ERR_USAGE;
	enum err err = records_verify_batch(fixture->store, batch, &finding);

	ck_assert_msg(err == ERR_NONE, "%s: %s", err_name(err), store_message(fixture->store));
	return finding;
}

START_TEST(verifies_whole_and_partial_batches)
{
	static struct record_row rows[BATCH_COUNT_MAX];
	static const uint32_t sizes[] = {1, 2, 3, 7, 8, 9};
	struct fixture fixture;
	int64_t batch;
	size_t i;
	enum err finding;

	fixture_start(&fixture);
	begin(&fixture);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		batch = put_true_batch(&fixture, sizes[i], false, rows);
		ck_assert(finding_of(&fixture, batch) == ERR_NONE);
		batch = put_true_batch(&fixture, 20 + sizes[i], true, rows);
		ck_assert(finding_of(&fixture, batch) == ERR_NONE);
		/* an erased record's tombstone still carries its leaf */
		ck_assert(records_erase(fixture.store, &rows[2].id) == ERR_NONE);
		ck_assert(finding_of(&fixture, batch) == ERR_NONE);
	}
	batch = put_true_batch(&fixture, 12, false, rows);
	ck_assert(records_erase(fixture.store, &rows[3].id) == ERR_NONE);
	ck_assert(finding_of(&fixture, batch) == ERR_NONE);
	ck_assert(records_verify_batch(fixture.store, 999, &finding) == ERR_NOT_FOUND);
	commit(&fixture);
	fixture_done(&fixture);
}
END_TEST

START_TEST(finds_what_is_wrong_with_a_batch)
{
	static const struct {
		const char *sql;
		bool is_part;
		enum err finding;
	} spoiled[] = {
	    {"UPDATE record SET body = zeroblob(length(body)) WHERE position = 2", false,
		ERR_CORRUPT},
	    {"DELETE FROM record WHERE position = 2", false, ERR_CORRUPT},
	    {"UPDATE batch SET root = zeroblob(32)", false, ERR_PROOF},
	    {"UPDATE batch SET root = zeroblob(32)", true, ERR_PROOF},
	    {"UPDATE record SET salt = zeroblob(16) WHERE position = 2", false, ERR_PROOF},
	    {"UPDATE record SET salt = zeroblob(16) WHERE position = 2", true, ERR_PROOF},
	    {"UPDATE record SET position = position + 1", true, ERR_PROOF},
	    {"UPDATE record SET path = substr(path, 1, 32) WHERE position = 2", true, ERR_PROOF},
	    {"UPDATE record SET path = x'' WHERE position = 2", true, ERR_PROOF},
	    {"UPDATE batch SET size = 4", false, ERR_CORRUPT},
	    {"UPDATE batch SET stored = stored - 1", true, ERR_CORRUPT},
	};
	static struct record_row rows[BATCH_COUNT_MAX];
	struct fixture fixture;
	enum err finding;
	size_t i;

	for (i = 0; i < sizeof(spoiled) / sizeof(*spoiled); i++) {
		fixture_start(&fixture);
		begin(&fixture);
		(void)put_true_batch(&fixture, 6, spoiled[i].is_part, rows);
		commit(&fixture);
		store_close(fixture.store);
		fixture_spoil(&fixture, spoiled[i].sql);
		fixture_open(&fixture);
		finding = finding_of(&fixture, 1);
		ck_assert_msg(
		    finding == spoiled[i].finding, "%s: %s", spoiled[i].sql, err_name(finding));
		fixture_done(&fixture);
	}
}
END_TEST

START_TEST(remembers_contents)
{
	struct fixture fixture;
	struct hash content = {{1}}, alike = content, never = {{3}};
	struct record_id found;
	struct record_row row;
	bool is_new;

	alike.bytes[31] = 1; /* the same key in the index */
	fixture_start(&fixture);
	begin(&fixture);
	(void)put_batch(&fixture, 3);
	fixture_note(&scratch.record, 1);
	bytes_init(&scratch.body, RECORD_BYTES_MAX);
	ck_assert(record_encode(&scratch.record, &scratch.body) == ERR_NONE);
	record_id_of(bytes_as_view(&scratch.body), &row.id);
	ck_assert(records_content_put(fixture.store, &content, &row.id) == ERR_NONE);
	/* within the transaction, before and after its record */
	ck_assert(records_content_get(fixture.store, &content, &found) == ERR_NONE);
	ck_assert(fixture_put(&fixture, &scratch, 1, 0, &row, &is_new) == ERR_NONE && is_new);
	ck_assert(records_content_get(fixture.store, &content, &found) == ERR_NONE);
	ck_assert(records_content_put(fixture.store, &never, &(struct record_id){{9}}) == ERR_NONE);
	commit(&fixture);
	ck_assert(records_content_get(fixture.store, &content, &found) == ERR_NONE);
	ck_assert_mem_eq(&found, &row.id, 32);
	ck_assert(records_content_get(fixture.store, &alike, &found) == ERR_NOT_FOUND);
	/* what never came is forgotten */
	ck_assert(records_content_get(fixture.store, &never, &found) == ERR_NOT_FOUND);
	fixture_reopen(&fixture);
	ck_assert(records_content_get(fixture.store, &content, &found) == ERR_NONE);
	/* erasing the record does not make it new again */
	begin(&fixture);
	ck_assert(records_erase(fixture.store, &row.id) == ERR_NONE);
	commit(&fixture);
	ck_assert(records_content_get(fixture.store, &content, &found) == ERR_NONE);
	fixture_reopen(&fixture);
	ck_assert(records_content_get(fixture.store, &content, &found) == ERR_NONE);
	ck_assert_mem_eq(&found, &row.id, 32);
	fixture_done(&fixture);
}
END_TEST

SUITE_MAIN("store/records", brings_back_a_batch, pages_through_batches, brings_back_a_record,
    stores_a_record_once, refuses_a_taken_position_and_a_missing_batch,
    gives_numbers_again_only_after_a_rollback, finds_by_a_prefix_of_whole_and_half_bytes,
    lists_the_records_of_a_batch_by_position, refuses_to_give_a_body_that_was_changed,
    refuses_rows_that_it_does_not_write, leaves_a_tombstone_that_keeps_an_erased_record_out,
    verifies_whole_and_partial_batches, finds_what_is_wrong_with_a_batch, remembers_contents)
