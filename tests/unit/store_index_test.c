/* The index against a model: what was put and not erased is found, by every key, whatever was
   flushed, merged, rolled back or opened again in between. */
#include "tests/unit/store_fixture.h"

#include "store/handle.h"
#include "store/index.h"
#include "store/keys.h"
#include "store/query.h"

#define RECORDS_MAX 6000u
#define DOMAINS 90u
#define LABELS 4u

static struct fixture_scratch scratch;

/* What the store should hold. */
static struct model {
	uint32_t count;
	struct {
		struct record_id id;
		struct hash content;
		int64_t seq;
		uint32_t domain, label;
		bool is_erased;
	} at[RECORDS_MAX];
} model, committed;

static uint64_t state;

static uint32_t
pick(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 20) % below;
}

static const char *
domain_of(uint32_t n)
{
	static char text[64];

	/* three layers, so that parents have children in several runs */
	(void)snprintf(text, sizeof(text), "h%u.d%u.example", n, n % 9);
	return text;
}

static const char *
label_of(uint32_t n)
{
	static char text[16];

	(void)snprintf(text, sizeof(text), "label-%u", n);
	return text;
}

static void
put_one(struct fixture *fixture, int64_t batch, uint32_t position)
{
	struct observable observable = {OBSERVABLE_DOMAIN, {NULL, 0}};
	uint32_t n = model.count, domain = pick(DOMAINS), label = pick(LABELS);
	struct record_row row;
	uint8_t name[4];
	bool is_new;

	fixture_note(&scratch.record, n);
	scratch.record.kind = RECORD_INDICATOR;
	scratch.record.body = (struct record_body){0};
	observable.value = bytes_view_str(domain_of(domain));
	ck_assert(record_add_observable(&scratch.record, &observable) == ERR_NONE);
	ck_assert(
	    record_add_text(&scratch.record.labels, bytes_view_str(label_of(label))) == ERR_NONE);
	bytes_put_u32(name, n);
	digest_sha256(bytes_view_of(name, sizeof(name)), &model.at[n].content);
	bytes_release(&scratch.body);
	bytes_init(&scratch.body, RECORD_BYTES_MAX);
	ck_assert(record_encode(&scratch.record, &scratch.body) == ERR_NONE);
	record_id_of(bytes_as_view(&scratch.body), &model.at[n].id);
	ck_assert(
	    records_content_put(fixture->store, &model.at[n].content, &model.at[n].id) == ERR_NONE);
	ck_assert(fixture_put(fixture, &scratch, batch, position, &row, &is_new) == ERR_NONE);
	ck_assert(is_new);
	model.at[n].seq = row.seq;
	model.at[n].domain = domain;
	model.at[n].label = label;
	model.at[n].is_erased = false;
	model.count++;
	/* at once, in its own transaction: nobody is stored twice */
	ck_assert(records_put(fixture->store, &row, &scratch.decoded, &is_new) == ERR_NONE);
	ck_assert(!is_new);
}

static void
put_some(struct fixture *fixture, uint32_t count)
{
	struct batch_row batch = fixture_batch(2, count);
	uint32_t i;

	ck_assert(records_batch_put(fixture->store, &batch) == ERR_NONE);
	for (i = 0; i < count && model.count < RECORDS_MAX; i++)
		put_one(fixture, batch.seq, i);
}

static void
erase_one(struct fixture *fixture)
{
	uint32_t n;

	if (model.count == 0)
		return;
	n = pick(model.count);
	ck_assert(records_erase(fixture->store, &model.at[n].id) ==
		  (model.at[n].is_erased ? ERR_NOT_FOUND : ERR_NONE));
	model.at[n].is_erased = true;
}

/* ------------------------------------------------------------------ comparing */

struct found {
	uint32_t count;
	uint8_t has[RECORDS_MAX + 1]; /* by seq */
};
static struct found found;

static enum err
note(void *context, int64_t record, bool *is_done)
{
	(void)context;
	(void)is_done;
	ck_assert_int_gt(record, 0);
	ck_assert_int_le(record, RECORDS_MAX);
	found.count += !found.has[record];
	found.has[record] = 1;
	return ERR_NONE;
}

static void
check_key(struct fixture *fixture, struct bytes_view key, bool is_prefix)
{
	enum err err;

	memset(&found, 0, sizeof(found));
	err = is_prefix ? index_find_prefix(fixture->store, key, note, NULL)
			: index_find(fixture->store, key, note, NULL);
	ck_assert_msg(err == ERR_NONE, "%s: %s", err_name(err), store_message(fixture->store));
}

static uint32_t
expect(bool (*fits)(uint32_t n, uint32_t wanted), uint32_t wanted)
{
	uint32_t n, expected = 0;

	for (n = 0; n < model.count; n++) {
		bool is_wanted = !model.at[n].is_erased && fits(n, wanted);

		expected += is_wanted;
		ck_assert_msg(
		    found.has[model.at[n].seq] == is_wanted, "record %u: %d", n, is_wanted);
	}
	ck_assert_uint_eq(found.count, expected);
	return expected;
}

static bool
has_domain(uint32_t n, uint32_t wanted)
{
	return model.at[n].domain == wanted;
}

static bool
is_under(uint32_t n, uint32_t wanted)
{
	return model.at[n].domain % 9 == wanted;
}

static bool
has_label(uint32_t n, uint32_t wanted)
{
	return model.at[n].label == wanted;
}

static void
check_domain(struct fixture *fixture, uint32_t n)
{
	struct observable observable = {OBSERVABLE_DOMAIN, bytes_view_str(domain_of(n))};
	uint8_t key[KEYS_BYTES_MAX];
	char parent[32];
	size_t len;

	check_key(fixture, bytes_view_of(key, keys_observable(&observable, key)), false);
	(void)expect(has_domain, n);
	(void)snprintf(parent, sizeof(parent), "d%u.example", n % 9);
	key[0] = KEY_OBSERVABLE;
	key[1] = OBSERVABLE_DOMAIN;
	len = 2 + observables_host_key(bytes_view_str(parent), key + 2);
	check_key(fixture, bytes_view_of(key, len), true);
	(void)expect(is_under, n % 9);
}

static void
check_record(struct fixture *fixture, uint32_t n)
{
	struct record_row row;
	struct record_id id;
	bool has;

	ck_assert(records_has(fixture->store, &model.at[n].id, &has) == ERR_NONE && has);
	ck_assert(records_get(fixture->store, &model.at[n].id, &row) ==
		  (model.at[n].is_erased ? ERR_NOT_FOUND : ERR_NONE));
	ck_assert(records_content_get(fixture->store, &model.at[n].content, &id) == ERR_NONE);
	ck_assert_mem_eq(&id, &model.at[n].id, sizeof(id));
}

/* Everything, or a sample of it. */
static void
check_all(struct fixture *fixture, bool is_whole)
{
	uint8_t key[KEYS_BYTES_MAX];
	struct record_id never = {{0xab, 0xcd}};
	uint32_t i, label = pick(LABELS);
	bool has;

	for (i = 0; i < (is_whole ? model.count : 5) && model.count > 0; i++)
		check_record(fixture, is_whole ? i : pick(model.count));
	for (i = 0; i < (is_whole ? DOMAINS : 2); i++)
		check_domain(fixture, is_whole ? i : pick(DOMAINS));
	check_key(
	    fixture, bytes_view_of(key, keys_label(bytes_view_str(label_of(label)), key)), false);
	(void)expect(has_label, label);
	ck_assert(records_has(fixture->store, &never, &has) == ERR_NONE && !has);
}

/* ------------------------------------------------------------------ histories */

static void
begin(struct fixture *fixture)
{
	ck_assert(store_begin(fixture->store) == ERR_NONE);
}

static void
commit(struct fixture *fixture)
{
	ck_assert_msg(
	    store_commit(fixture->store) == ERR_NONE, "%s", store_message(fixture->store));
	committed = model;
}

static void
one_transaction(struct fixture *fixture)
{
	uint32_t i, erased = pick(4) == 0 ? pick(5) : 0;

	begin(fixture);
	put_some(fixture, 1 + pick(24));
	for (i = 0; i < erased; i++)
		erase_one(fixture);
	if (pick(3) == 0)
		ck_assert(index_flush(fixture->store) == ERR_NONE);
	check_all(fixture, false);
	if (pick(7) == 0) {
		store_rollback(fixture->store);
		model = committed;
	} else {
		commit(fixture);
	}
	check_all(fixture, false);
}

static void
run_history(uint64_t seed, uint32_t transactions)
{
	struct fixture fixture;
	uint32_t i;

	state = seed;
	memset(&model, 0, sizeof(model));
	committed = model;
	fixture_start(&fixture);
	for (i = 0; i < transactions; i++) {
		one_transaction(&fixture);
		if (pick(12) == 0)
			fixture_reopen(&fixture);
	}
	check_all(&fixture, true);
	begin(&fixture);
	ck_assert(index_settle_all(fixture.store) == ERR_NONE);
	commit(&fixture);
	ck_assert_uint_le(fixture.store->index.runs.count, 2 * MERGE_FAN_IN);
	check_all(&fixture, true);
	fixture_reopen(&fixture);
	check_all(&fixture, true);
	fixture_done(&fixture);
}

START_TEST(finds_what_a_model_says_through_any_history)
{
	uint64_t seed;

	for (seed = 1; seed <= 6; seed++)
		run_history(seed * UINT64_C(0x9e3779b97f4a7c15), 150);
}
END_TEST

/* Small transactions move a merge a few entries on; what is erased meanwhile stays away. */
START_TEST(erases_while_a_merge_is_under_way)
{
	struct fixture fixture;
	uint32_t i, merging = 0;

	state = 77;
	memset(&model, 0, sizeof(model));
	fixture_start(&fixture);
	for (i = 0; i < MERGE_FAN_IN; i++) {
		begin(&fixture);
		put_some(&fixture, 100);
		ck_assert(index_flush(fixture.store) == ERR_NONE);
		commit(&fixture);
	}
	for (i = 0; i < 400; i++) {
		begin(&fixture);
		put_some(&fixture, 1);
		erase_one(&fixture);
		commit(&fixture);
		merging += fixture.store->index.merges[0] != NULL;
		if (i % 20 == 0)
			check_all(&fixture, true);
	}
	ck_assert_uint_gt(merging, 50);
	check_all(&fixture, true);
	fixture_done(&fixture);
}
END_TEST

/* ------------------------------------------------------------------ erasing for good */

static bool
file_holds(const char *path, const char *text)
{
	static uint8_t bytes[8u << 20];
	FILE *file = fopen(path, "rb");
	size_t len, i;

	ck_assert_ptr_nonnull(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	for (i = 0; i + strlen(text) <= len; i++) {
		if (memcmp(bytes + i, text, strlen(text)) == 0)
			return true;
	}
	return false;
}

START_TEST(leaves_no_trace_of_an_erased_key_in_the_file)
{
	struct fixture fixture;
	struct observable observable = {OBSERVABLE_FILENAME, bytes_view_str("secret-plan.doc")};
	struct batch_row batch = fixture_batch(2, 9);
	struct record_row row;
	bool is_new;

	memset(&model, 0, sizeof(model));
	state = 5;
	fixture_start(&fixture);
	begin(&fixture);
	put_some(&fixture, 40);
	ck_assert(records_batch_put(fixture.store, &batch) == ERR_NONE);
	fixture_note(&scratch.record, 9999);
	scratch.record.kind = RECORD_INDICATOR;
	scratch.record.body = (struct record_body){0};
	ck_assert(record_add_observable(&scratch.record, &observable) == ERR_NONE);
	ck_assert(fixture_put(&fixture, &scratch, batch.seq, 0, &row, &is_new) == ERR_NONE);
	ck_assert(index_flush(fixture.store) == ERR_NONE);
	commit(&fixture);
	store_close(fixture.store);
	ck_assert(file_holds(fixture.path, "secret-plan"));
	fixture_open(&fixture);
	begin(&fixture);
	ck_assert(records_erase(fixture.store, &row.id) == ERR_NONE);
	commit(&fixture);
	store_close(fixture.store);
	ck_assert(!file_holds(fixture.path, "secret-plan"));
	fixture_open(&fixture);
	fixture_done(&fixture);
}
END_TEST

/* ------------------------------------------------------------------ spoilt files */

START_TEST(is_made_again_when_what_is_stored_of_it_cannot_be_read)
{
	static const char *const spoils[] = {
	    "DELETE FROM run_part",
	    "UPDATE run_part SET data = substr(data, 1, length(data) - 1)",
	    "UPDATE run_part SET data = CAST(data || x'00' AS BLOB)",
	    "UPDATE run SET pages = pages + 1",
	    "UPDATE run SET hashes = hashes * 1000",
	    "UPDATE node SET flushed = 1000000",
	    "UPDATE run SET level = 99",
	    "UPDATE run SET id = -5",
	    "UPDATE run SET id = 9223372036854775807",
	    "DELETE FROM run_part; DELETE FROM run_page",
	};
	struct fixture fixture;
	uint32_t n;
	size_t i;

	for (i = 0; i < sizeof(spoils) / sizeof(*spoils); i++) {
		state = 3;
		memset(&model, 0, sizeof(model));
		fixture_start(&fixture);
		begin(&fixture);
		put_some(&fixture, 300);
		ck_assert(index_flush(fixture.store) == ERR_NONE);
		commit(&fixture);
		store_close(fixture.store);
		fixture_spoil(&fixture, spoils[i]);
		fixture_open(&fixture);
		check_all(&fixture, true);
		/* and goes on: runs can be made and merged again */
		for (n = 0; n < MERGE_FAN_IN + 2; n++) {
			begin(&fixture);
			put_some(&fixture, 3);
			ck_assert(index_flush(fixture.store) == ERR_NONE);
			commit(&fixture);
		}
		fixture_reopen(&fixture);
		check_all(&fixture, true);
		fixture_done(&fixture);
	}
}
END_TEST

START_TEST(says_that_a_page_is_spoilt)
{
	struct fixture fixture;
	struct record_row row;

	state = 3;
	memset(&model, 0, sizeof(model));
	fixture_start(&fixture);
	begin(&fixture);
	put_some(&fixture, 300);
	ck_assert(index_flush(fixture.store) == ERR_NONE);
	commit(&fixture);
	store_close(fixture.store);
	fixture_spoil(&fixture, "UPDATE run_page SET data = x'ffffffff'");
	fixture_open(&fixture);
	ck_assert(records_get(fixture.store, &model.at[0].id, &row) == ERR_CORRUPT);
	fixture_done(&fixture);
}
END_TEST

SUITE_MAIN("store/index", finds_what_a_model_says_through_any_history,
    erases_while_a_merge_is_under_way, leaves_no_trace_of_an_erased_key_in_the_file,
    is_made_again_when_what_is_stored_of_it_cannot_be_read, says_that_a_page_is_spoilt)
