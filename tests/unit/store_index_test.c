/* The index against a model: what was put and not erased is found, by every key, whatever was
   flushed, rolled back or opened again in between. */
#include "tests/unit/store_fixture.h"

#include "store/handle.h"
#include "store/index.h"
#include "store/keys.h"
#include "store/query.h"

#define RECORDS_MAX 6000u
#define DOMAINS 90u
#define LABELS 4u

static struct fixture_scratch scratch;
static uint32_t rollbacks; /* each may leave a block that leads nowhere */

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
	ck_assert(fixture_put_decoded(fixture->store, &row, &scratch.decoded, &is_new) == ERR_NONE);
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
check_key(struct fixture *fixture, enum keys_space space, uint64_t key)
{
	enum err err;

	memset(&found, 0, sizeof(found));
	err = index_find(fixture->store, space, key, key, note, NULL);
	ck_assert_msg(err == ERR_NONE, "%s: %s", err_name(err), store_message(fixture->store));
}

/* Words lead to blocks: of those, every record that has the key must be in one. */
static void
check_label(struct fixture *fixture, uint32_t label)
{
	static uint8_t blocks[RECORDS_MAX / KEYS_BLOCK + 3], wanted[sizeof(blocks)];
	uint64_t key = keys_label(index_seed(fixture->store), bytes_view_str(label_of(label)));
	static struct seek seek;
	uint32_t n, more = 0;
	enum err err;

	memset(blocks, 0, sizeof(blocks));
	memset(wanted, 0, sizeof(wanted));
	ck_assert(index_seek(fixture->store, &seek, KEYS_WORDS, key, key) == ERR_NONE);
	while ((err = seek_next(&seek)) == ERR_NONE) {
		ck_assert_int_gt(seek.entry.number, 0);
		ck_assert_int_lt(seek.entry.number, (int64_t)sizeof(blocks));
		blocks[seek.entry.number] = 1;
	}
	ck_assert(err == ERR_NOT_FOUND);
	for (n = 0; n < model.count; n++) {
		if (!model.at[n].is_erased && model.at[n].label == label)
			wanted[keys_number(KEYS_WORDS, model.at[n].seq)] = 1;
	}
	for (n = 0; n < sizeof(blocks); n++) {
		ck_assert_msg(blocks[n] >= wanted[n], "block %u", n);
		more += blocks[n] > wanted[n];
	}
	ck_assert_uint_le(more, rollbacks);
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

static void
check_domain(struct fixture *fixture, uint32_t n)
{
	uint64_t seed = index_seed(fixture->store), key;
	enum keys_space space;
	char parent[32];

	check_key(fixture, KEYS_NAMES, keys_value(seed, bytes_view_str(domain_of(n))));
	(void)expect(has_domain, n);
	(void)snprintf(parent, sizeof(parent), "d%u.example", n % 9);
	key = keys_host(seed, bytes_view_str(parent), &space);
	ck_assert_int_eq(space, KEYS_NAMES);
	check_key(fixture, space, key);
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
	struct record_id never = {{0xab, 0xcd}};
	uint32_t i;
	bool has;

	for (i = 0; i < (is_whole ? model.count : 5) && model.count > 0; i++)
		check_record(fixture, is_whole ? i : pick(model.count));
	for (i = 0; i < (is_whole ? DOMAINS : 2); i++)
		check_domain(fixture, is_whole ? i : pick(DOMAINS));
	check_label(fixture, pick(LABELS));
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
	if (pick(8) == 0)
		ck_assert(index_flush(fixture->store) == ERR_NONE);
	check_all(fixture, false);
	if (pick(7) == 0) {
		store_rollback(fixture->store);
		model = committed;
		rollbacks++;
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
	rollbacks = 0;
	fixture_start(&fixture);
	for (i = 0; i < transactions; i++) {
		one_transaction(&fixture);
		if (pick(12) == 0)
			fixture_reopen(&fixture);
	}
	check_all(&fixture, true);
	begin(&fixture);
	ck_assert(index_flush(fixture.store) == ERR_NONE);
	commit(&fixture);
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
	    "UPDATE run SET last = 1000000",
	    "UPDATE run SET base = base + 1",
	    "UPDATE run SET last = base - 1",
	    "UPDATE run SET space = 99",
	    "DELETE FROM run_part WHERE seq % 2 = 0",
	    "UPDATE run SET id = -5 WHERE id = 1",
	    "UPDATE run SET id = 9223372036854775807 WHERE id = 1",
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
		/* and goes on: runs can be made again */
		for (n = 0; n < 3; n++) {
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
    leaves_no_trace_of_an_erased_key_in_the_file,
    is_made_again_when_what_is_stored_of_it_cannot_be_read, says_that_a_page_is_spoilt)
