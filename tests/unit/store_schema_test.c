/* Databases of every older schema are opened, brought up to date, and answer as before. */
#include "tests/unit/store_fixture.h"

#include "store/migrations.h"

#define SCHEMA_1_RECORDS 16u /* of which one is erased; store_schema_1.sql has what was put */
#define SCHEMA_1_ERASED 5u

static struct fixture_scratch scratch;

/* A fixture whose file is what an older program wrote, as SQLite dumped it. */
static void
start_from(struct fixture *fixture, const char *dump)
{
	static char sql[1 << 20];
	FILE *file = fopen(dump, "rb");
	size_t len;

	ck_assert_msg(file != NULL, "%s: not found: run the tests from the top folder", dump);
	len = fread(sql, 1, sizeof(sql) - 1, file);
	(void)fclose(file);
	sql[len] = '\0';
	fixture_start(fixture);
	store_close(fixture->store);
	fixture->store = NULL;
	ck_assert_int_eq(unlink(fixture->path), 0);
	ck_assert_ptr_nonnull(file = fopen(fixture->path, "wb"));
	(void)fclose(file);
	fixture_spoil(fixture, sql);
	fixture_open(fixture);
}

static void
encode_record(uint32_t n, struct record_id *id)
{
	struct observable observable = {OBSERVABLE_DOMAIN, {NULL, 0}};
	static char domain[64]; /* the record points to it */

	(void)snprintf(domain, sizeof(domain), "h%u.evil.example", n);
	fixture_note(&scratch.record, n);
	scratch.record.kind = RECORD_INDICATOR;
	scratch.record.body = (struct record_body){0};
	observable.value = bytes_view_str(domain);
	ck_assert(record_add_observable(&scratch.record, &observable) == ERR_NONE);
	ck_assert(record_add_text(&scratch.record.labels, bytes_view_str("phish")) == ERR_NONE);
	bytes_release(&scratch.body);
	bytes_init(&scratch.body, RECORD_BYTES_MAX);
	ck_assert(record_encode(&scratch.record, &scratch.body) == ERR_NONE);
	record_id_of(bytes_as_view(&scratch.body), id);
}

static enum err
count_row(void *context, const struct record_row *row)
{
	(void)row;
	++*(uint32_t *)context;
	return ERR_NONE;
}

static void
check_record(struct fixture *fixture, uint32_t n)
{
	struct record_id id, found;
	struct hash content = {{(uint8_t)n, 7}};
	struct record_row row;
	bool has;

	encode_record(n, &id);
	ck_assert(records_has(fixture->store, &id, &has) == ERR_NONE && has);
	ck_assert(records_get(fixture->store, &id, &row) ==
		  (n == SCHEMA_1_ERASED ? ERR_NOT_FOUND : ERR_NONE));
	if (n != SCHEMA_1_ERASED)
		ck_assert_int_eq(row.batch, n < 8 ? 1 : 3);
	ck_assert(records_content_get(fixture->store, &content, &found) ==
		  (n % 2 == 1 ? ERR_NONE : ERR_NOT_FOUND));
	if (n % 2 == 1)
		ck_assert_mem_eq(&found, &id, sizeof(id));
}

static void
check_batches(struct fixture *fixture)
{
	static const uint32_t expected[] = {7, 0, 8};
	int64_t batch;

	for (batch = 1; batch <= 3; batch++) {
		uint32_t count = 0;

		ck_assert(records_of_batch(fixture->store, batch, count_row, &count) == ERR_NONE);
		ck_assert_uint_eq(count, expected[batch - 1]);
	}
}

START_TEST(opens_a_store_of_schema_1)
{
	struct batch_row batch = fixture_batch(2, 1);
	struct fixture fixture;
	struct record_row row;
	uint64_t records, batches;
	uint32_t n;
	bool is_new;

	start_from(&fixture, "tests/unit/store_schema_1.sql");
	for (n = 0; n < SCHEMA_1_RECORDS; n++)
		check_record(&fixture, n);
	check_batches(&fixture);
	ck_assert(records_totals(fixture.store, &records, &batches) == ERR_NONE);
	ck_assert_uint_eq(records, SCHEMA_1_RECORDS - 1);
	/* and goes on: nothing is stored twice, numbers of what was erased are not given again */
	ck_assert(store_begin(fixture.store) == ERR_NONE);
	ck_assert(records_batch_put(fixture.store, &batch) == ERR_NONE);
	encode_record(3, &row.id);
	ck_assert(fixture_put(&fixture, &scratch, batch.seq, 0, &row, &is_new) == ERR_NONE);
	ck_assert(!is_new);
	encode_record(99, &row.id);
	ck_assert(fixture_put(&fixture, &scratch, batch.seq, 0, &row, &is_new) == ERR_NONE);
	ck_assert(is_new);
	ck_assert_int_gt(row.seq, SCHEMA_1_RECORDS);
	ck_assert(store_commit(fixture.store) == ERR_NONE);
	fixture_reopen(&fixture);
	for (n = 0; n < SCHEMA_1_RECORDS; n++)
		check_record(&fixture, n);
	fixture_done(&fixture);
	ck_assert_int_eq(migrations_version(), 4); /* a new schema wants its dump and test here */
}
END_TEST

SUITE_MAIN("store/schema", opens_a_store_of_schema_1)
