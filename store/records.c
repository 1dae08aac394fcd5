#include "store/records.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/tree.h"
#include "store/handle.h"
#include "store/keys.h"
#include "store/query.h"
#include "store/standing.h"

#define RECORD_ID_BYTES sizeof(struct record_id)

/* ------------------------------------------------------------------ batches */

enum err
records_batch_put(struct store *store, struct batch_row *row)
{
	struct sql_use use;
	int64_t seq = store->now.batch_seq + 1;
	enum err err;

	handle_assert_open(store);
	assert(row->size > 0 && row->size <= BATCH_COUNT_MAX && row->stored <= row->size);
	use = sql_start(&store->sql, SQL_BATCH_PUT);
	sql_put_signed(&use, seq);
	sql_put_bytes(&use, row->author.bytes, sizeof(row->author.bytes));
	sql_put_bytes(&use, row->via.bytes, sizeof(row->via.bytes));
	sql_put_number(&use, row->serial);
	sql_put_number(&use, row->sealed_ms);
	sql_put_number(&use, row->received_ms);
	sql_put_number(&use, row->size);
	sql_put_number(&use, row->stored);
	sql_put_bytes(&use, row->root.bytes, sizeof(row->root.bytes));
	sql_put_number(&use, row->tlp);
	sql_put_view(&use, row->marking);
	sql_put_view(&use, row->audience);
	sql_put_view(&use, row->seal);
	sql_put_signed(&use, store->now.record_seq + 1);
	err = sql_run(&use);
	if (err != ERR_NONE)
		return err;
	row->seq = seq;
	store->now.batch_seq = seq;
	store->position_next = 0;
	store->is_changed = true;
	return ERR_NONE;
}

enum err
records_batch_stored(struct store *store, int64_t batch, uint32_t stored)
{
	struct sql_use use;
	enum err err;

	handle_assert_open(store);
	use = sql_start(&store->sql, SQL_BATCH_STORED);
	sql_put_number(&use, stored);
	sql_put_signed(&use, batch);
	err = sql_run(&use);
	if (err == ERR_NONE && sql_changes(&store->sql) == 0)
		return ERR_NOT_FOUND;
	return err;
}

static enum err
read_batch(struct sql_use *use, struct batch_row *row)
{
	*row = (struct batch_row){0};
	row->seq = (int64_t)sql_number(use, NUMBER_MAX);
	sql_fixed(use, row->author.bytes, sizeof(row->author.bytes));
	sql_fixed(use, row->via.bytes, sizeof(row->via.bytes));
	row->serial = sql_number(use, NUMBER_MAX);
	row->sealed_ms = sql_number(use, TIME_MS_MAX);
	row->received_ms = sql_number(use, TIME_MS_MAX);
	row->size = (uint32_t)sql_number(use, BATCH_COUNT_MAX);
	row->stored = (uint32_t)sql_number(use, BATCH_COUNT_MAX);
	sql_fixed(use, row->root.bytes, sizeof(row->root.bytes));
	row->tlp = (enum tlp)sql_number(use, TLP_COUNT - 1);
	row->marking = sql_view(use);
	row->audience = sql_view(use);
	row->seal = sql_view(use);
	return sql_check(use);
}

enum err
records_batch_get(struct store *store, int64_t batch, struct batch_row *out)
{
	struct sql_use use = sql_start(&store->sql, SQL_BATCH_GET);
	struct batch_row row;
	enum err err;

	sql_put_signed(&use, batch);
	err = sql_step(&use);
	if (err == ERR_NONE)
		err = read_batch(&use, &row);
	if (err == ERR_NONE)
		err = handle_keep_room(
		    store, KEPT_BATCH, row.marking.len + row.audience.len + row.seal.len);
	if (err == ERR_NONE) {
		row.marking = handle_keep(store, KEPT_BATCH, row.marking);
		row.audience = handle_keep(store, KEPT_BATCH, row.audience);
		row.seal = handle_keep(store, KEPT_BATCH, row.seal);
		*out = row;
	}
	sql_done(&use);
	return err;
}

enum err
records_batch_each(
    struct store *store, int64_t after, uint32_t most, records_batch_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_BATCH_EACH);
	struct batch_row row;
	enum err err;

	sql_put_signed(&use, after);
	sql_put_number(&use, most);
	while ((err = sql_step(&use)) == ERR_NONE) {
		err = read_batch(&use, &row);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* ------------------------------------------------------------------ one record */

/* Looking for one id among the records whose key may be its own. */
struct search {
	struct store *store;
	const struct record_id *id;
	const struct hash *content; /* or for this content */
	int64_t seq;                /* 0: not found */
	bool is_erased;             /* found, as a tombstone */
	struct record_id found;
};

/* What a record's row, or its tombstone, is called; ERR_NOT_FOUND. */
static enum err
read_names(struct search *search, enum sql_name name, int64_t record, struct hash *content,
    bool *has_content)
{
	struct sql_use use = sql_start(&search->store->sql, name);
	enum err err;

	sql_put_signed(&use, record);
	err = sql_step(&use);
	if (err == ERR_NONE) {
		sql_fixed(&use, search->found.bytes, sizeof(search->found.bytes));
		*has_content = !sql_is_null(&use);
		if (*has_content)
			sql_fixed(&use, content->bytes, sizeof(content->bytes));
		err = sql_check(&use);
	}
	sql_done(&use);
	return err;
}

static enum err
try_record(void *context, int64_t record, bool *is_done)
{
	struct search *search = context;
	struct hash content;
	bool has_content = false, is_erased = false, is_it;
	enum err err;

	err = read_names(search, SQL_RECORD_ID, record, &content, &has_content);
	if (err == ERR_NOT_FOUND) {
		is_erased = true;
		err = read_names(search, SQL_TOMBSTONE_ID, record, &content, &has_content);
	}
	if (err != ERR_NONE)
		return err == ERR_NOT_FOUND ? ERR_NONE : err;
	if (search->id != NULL)
		is_it = memcmp(search->id, &search->found, RECORD_ID_BYTES) == 0;
	else
		is_it = has_content && digest_is_equal(search->content, &content);
	if (!is_it)
		return ERR_NONE;
	search->seq = record;
	search->is_erased = is_erased;
	*is_done = true;
	return ERR_NONE;
}

static enum err
find_id(struct store *store, const struct record_id *id, struct search *search)
{
	uint64_t key = keys_id(id);

	*search = (struct search){.store = store, .id = id};
	return index_find(store, KEYS_IDS, key, key, try_record, search);
}

enum err
records_has(struct store *store, const struct record_id *id, bool *has)
{
	struct search search;
	enum err err = find_id(store, id, &search);

	*has = search.seq != 0;
	return err;
}

void
records_fetch(struct store *store, const struct record_id *id)
{
	index_fetch(store, KEYS_IDS, keys_id(id));
}

void
records_content_fetch(struct store *store, const struct hash *content)
{
	index_fetch(store, KEYS_CONTENTS, keys_content(content));
}

static void
put_stated(struct sql_use *use, bool is_stated, uint64_t value)
{
	if (is_stated)
		sql_put_number(use, value);
	else
		sql_put_null(use);
}

static enum err
insert_record(struct store *store, int64_t seq, const struct record_row *row,
    const struct extract *extract, const struct hash *content)
{
	struct sql_use use = sql_start(&store->sql, SQL_RECORD_PUT);

	sql_put_signed(&use, seq);
	sql_put_signed(&use, row->batch);
	sql_put_number(&use, row->position);
	sql_put_bytes(&use, row->id.bytes, sizeof(row->id.bytes));
	if (content != NULL)
		sql_put_bytes(&use, content->bytes, sizeof(content->bytes));
	else
		sql_put_null(&use);
	sql_put_number(&use, extract->form);
	sql_put_number(&use, extract->tlp);
	sql_put_number(&use, extract->created_ms);
	sql_put_number(&use, row->received_ms);
	put_stated(&use, extract->valid_from_ms != 0, extract->valid_from_ms);
	put_stated(&use, extract->valid_until_ms != 0, extract->valid_until_ms);
	put_stated(&use, extract->confidence != CONFIDENCE_UNSTATED, extract->confidence);
	put_stated(&use, extract->severity != SEVERITY_UNSTATED, extract->severity);
	if (extract->language.len > 0)
		sql_put_view(&use, extract->language);
	else
		sql_put_null(&use);
	sql_put_number(&use, extract->is_addressed);
	sql_put_number(&use, extract->types);
	sql_put_bytes(&use, row->salt.bytes, sizeof(row->salt.bytes));
	sql_put_view(&use, row->path);
	sql_put_view(&use, row->writer);
	sql_put_view(&use, row->body);
	return sql_run(&use);
}

enum err
records_put(struct store *store, struct record_row *row, const struct extract *extract,
    const struct extract_keys *keys, bool *is_new)
{
	int64_t seq = store->now.record_seq + 1;
	const struct hash *content;
	struct search search;
	enum err err;

	handle_assert_open(store);
	assert(row->position < BATCH_COUNT_MAX && row->path.len % 32 == 0);
	*is_new = false;
	if (!row->is_drawn) {
		err = find_id(store, &row->id, &search);
		if (err != ERR_NONE || search.seq != 0)
			return err;
	}
	if (row->batch != store->now.batch_seq || row->position < store->position_next)
		return ERR_INVALID;
	content = contents_take(&store->contents, &row->id);
	err = insert_record(store, seq, row, extract, content);
	if (err != ERR_NONE)
		return err;
	err = index_put(
	    store, seq, &row->id, content, keys->at + extract->keys_at, extract->keys_count);
	if (err != ERR_NONE) {
		/* the record without its index must not be committed */
		store->health.doomed = err;
		return err;
	}
	row->seq = seq;
	store->position_next = row->position + 1;
	store->now.record_seq = seq;
	store->now.records++;
	store->is_changed = true;
	*is_new = true;
	return ERR_NONE;
}

/* The row of a RECORD_FROM statement; the body is hashed again. */
enum err
records_read(struct sql_use *use, struct record_row *row)
{
	struct record_id id;
	enum err err;

	*row = (struct record_row){0};
	row->seq = (int64_t)sql_number(use, NUMBER_MAX);
	row->batch = (int64_t)sql_number(use, NUMBER_MAX);
	row->position = (uint32_t)sql_number(use, BATCH_COUNT_MAX - 1);
	sql_fixed(use, row->id.bytes, sizeof(row->id.bytes));
	sql_fixed(use, row->salt.bytes, sizeof(row->salt.bytes));
	row->path = sql_view(use);
	row->body = sql_view(use);
	sql_fixed(use, row->author.bytes, sizeof(row->author.bytes));
	sql_fixed(use, row->via.bytes, sizeof(row->via.bytes));
	row->received_ms = sql_number(use, TIME_MS_MAX);
	row->created_ms = sql_number(use, TIME_MS_MAX);
	row->tlp = (enum tlp)sql_number(use, TLP_COUNT - 1);
	row->writer = sql_view(use);
	use->is_bad |= row->path.len % sizeof(struct hash) != 0;
	err = sql_check(use);
	if (err != ERR_NONE)
		return err;
	record_id_of(row->body, &id);
	if (memcmp(id.bytes, row->id.bytes, RECORD_ID_BYTES) != 0)
		return sql_corrupt(use->sql, "a stored record is not the one that its id names");
	return ERR_NONE;
}

static enum err
keep_record(struct store *store, struct record_row *row)
{
	enum err err;

	err = handle_keep_room(store, KEPT_RECORD, row->path.len + row->body.len + row->writer.len);
	if (err != ERR_NONE)
		return err;
	row->path = handle_keep(store, KEPT_RECORD, row->path);
	row->body = handle_keep(store, KEPT_RECORD, row->body);
	row->writer = handle_keep(store, KEPT_RECORD, row->writer);
	return ERR_NONE;
}

enum err
records_get_row(struct store *store, int64_t seq, struct record_row *out)
{
	struct sql_use use = sql_start(&store->sql, SQL_RECORD_GET);
	struct record_row row;
	enum err err;

	sql_put_signed(&use, seq);
	err = sql_step(&use);
	if (err == ERR_NONE)
		err = records_read(&use, &row);
	if (err == ERR_NONE)
		err = keep_record(store, &row);
	if (err == ERR_NONE)
		*out = row;
	sql_done(&use);
	return err;
}

struct fetch {
	struct store *store;
	const struct record_id *id;
	struct record_row *out;
	bool is_found;
};

static enum err
try_fetch(void *context, int64_t record, bool *is_done)
{
	struct fetch *fetch = context;
	struct record_row row;
	enum err err = records_get_row(fetch->store, record, &row);

	if (err != ERR_NONE)
		return err == ERR_NOT_FOUND ? ERR_NONE : err; /* erased */
	if (memcmp(&row.id, fetch->id, RECORD_ID_BYTES) == 0) {
		*fetch->out = row;
		fetch->is_found = true;
		*is_done = true;
	}
	return ERR_NONE;
}

enum err
records_get(struct store *store, const struct record_id *id, struct record_row *out)
{
	struct fetch fetch = {.store = store, .id = id, .out = out};
	uint64_t key = keys_id(id);
	enum err err = index_find(store, KEYS_IDS, key, key, try_fetch, &fetch);

	return err == ERR_NONE && !fetch.is_found ? ERR_NOT_FOUND : err;
}

/* The ids that begin so; two are enough to know. */
struct prefix_search {
	struct search search;
	const uint8_t *prefix;
	size_t len;
	bool half_byte;
	int64_t seq;
};

static enum err
try_prefix(void *context, int64_t record, bool *is_done)
{
	struct prefix_search *prefix = context;
	struct search *search = &prefix->search;
	struct hash content;
	bool has_content;
	enum err err;

	(void)is_done; /* a second one ends it with a failure */
	err = read_names(search, SQL_RECORD_ID, record, &content, &has_content);
	if (err != ERR_NONE)
		return err == ERR_NOT_FOUND ? ERR_NONE : err;
	if (memcmp(search->found.bytes, prefix->prefix, prefix->len) != 0 ||
	    (prefix->half_byte &&
		(search->found.bytes[prefix->len] & 0xf0) != (prefix->prefix[prefix->len] & 0xf0)))
		return ERR_NONE;
	if (prefix->seq != 0 && prefix->seq != record)
		return ERR_RANGE;
	prefix->seq = record;
	return ERR_NONE;
}

enum err
records_get_prefix(
    struct store *store, const uint8_t *prefix, size_t len, bool half_byte, struct record_row *out)
{
	struct prefix_search search = {
	    .search = {.store = store}, .prefix = prefix, .len = len, .half_byte = half_byte};
	uint8_t low[8] = {0}, high[8];
	size_t whole = len < sizeof(low) ? len : sizeof(low);
	enum err err;

	if (len > RECORD_ID_BYTES || (half_byte && len == RECORD_ID_BYTES))
		return ERR_NOT_FOUND;
	memset(high, 0xff, sizeof(high));
	memcpy(low, prefix, whole);
	memcpy(high, prefix, whole);
	err = index_find(
	    store, KEYS_IDS, bytes_get_u64(low), bytes_get_u64(high), try_prefix, &search);
	if (err == ERR_NONE && search.seq == 0)
		err = ERR_NOT_FOUND;
	return err != ERR_NONE ? err : records_get_row(store, search.seq, out);
}

static enum err
each_record(struct sql_use *use, record_fn each, void *context)
{
	struct record_row row;
	enum err err;

	while ((err = sql_step(use)) == ERR_NONE) {
		err = records_read(use, &row);
		if (err == ERR_NONE)
			err = each(context, &row);
		if (err != ERR_NONE)
			break;
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
records_of_batch(struct store *store, int64_t batch, record_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_RECORD_OF_BATCH);
	enum err err;

	sql_put_signed(&use, batch);
	err = each_record(&use, each, context);
	sql_done(&use);
	return err;
}

static_assert(
    (int)RECORD_RELATION == 9 && (int)RECORD_CHARTER == 10, "SQL_RECORD_RELATED has them");

enum err
records_related(struct store *store, record_fn each, void *context)
{
	struct sql_use use = sql_start(&store->sql, SQL_RECORD_RELATED);
	enum err err = each_record(&use, each, context);

	sql_done(&use);
	return err;
}

/* ------------------------------------------------------------------ erasing */

static enum err
run_on(struct store *store, enum sql_name name, int64_t seq)
{
	struct sql_use use = sql_start(&store->sql, name);

	sql_put_signed(&use, seq);
	return sql_run(&use);
}

enum err
records_erase(struct store *store, const struct record_id *id)
{
	struct record_row row;
	enum err err;

	handle_assert_open(store);
	err = records_get(store, id, &row);
	if (err == ERR_NONE && record_decode(row.body, false, store->decoded, NULL) != ERR_NONE)
		err = ERR_CORRUPT;
	if (err != ERR_NONE)
		return err;
	err = run_on(store, SQL_TOMBSTONE_PUT, row.seq);
	if (err == ERR_NONE)
		err = index_remove(store, row.seq, store->decoded);
	if (err == ERR_NONE)
		err = run_on(store, SQL_RECORD_DELETE, row.seq);
	if (err == ERR_NONE)
		err = standing_put(store, &(struct standing){.record = row.seq});
	if (err == ERR_NONE)
		err = run_on(store, SQL_APPROVAL_ERASE, row.seq);
	if (err == ERR_NONE)
		err = run_on(store, SQL_OUTBOX_LESS, row.batch);
	if (err == ERR_NONE)
		err = run_on(store, SQL_OUTBOX_DROP_EMPTY, row.batch);
	if (err == ERR_NONE)
		err = erased_add(&store->erased, &row.id);
	if (err != ERR_NONE) {
		/* half erased must not be committed */
		store->health.doomed = err;
		return err;
	}
	store->now.records--;
	store->is_changed = true;
	return ERR_NONE;
}

enum err
records_leaves(
    struct store *store, int64_t batch, struct hash leaves[BATCH_COUNT_MAX], uint32_t *count)
{
	struct sql_use use = sql_start(&store->sql, SQL_LEAVES_OF_BATCH);
	struct record_id id;
	struct salt salt;
	uint32_t at = 0;
	enum err err;

	sql_put_signed(&use, batch);
	while ((err = sql_step(&use)) == ERR_NONE && at < BATCH_COUNT_MAX) {
		uint64_t position = sql_number(&use, BATCH_COUNT_MAX - 1);

		sql_fixed(&use, id.bytes, sizeof(id.bytes));
		sql_fixed(&use, salt.bytes, sizeof(salt.bytes));
		err = sql_check(&use);
		if (err != ERR_NONE)
			break;
		if (position != at) /* some of it were never here */
			break;
		tree_batch_leaf(&salt, &id, &leaves[at++]);
	}
	sql_done(&use);
	*count = at;
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err
records_ids(struct store *store, int64_t batch, struct record_id *ids, bool *has)
{
	static const enum sql_name names[] = {SQL_RECORD_IDS, SQL_TOMBSTONE_OF_BATCH};
	enum err err = ERR_NONE;
	size_t i;

	memset(has, 0, BATCH_COUNT_MAX * sizeof(*has));
	for (i = 0; i < sizeof(names) / sizeof(*names) && err == ERR_NONE; i++) {
		struct sql_use use = sql_start(&store->sql, names[i]);

		sql_put_signed(&use, batch);
		while ((err = sql_step(&use)) == ERR_NONE) {
			struct record_id id;
			uint64_t position;

			sql_fixed(&use, id.bytes, sizeof(id.bytes));
			position = sql_number(&use, BATCH_COUNT_MAX - 1);
			err = sql_check(&use);
			if (err != ERR_NONE)
				break;
			ids[position] = id;
			has[position] = true;
		}
		sql_done(&use);
		err = err == ERR_NOT_FOUND ? ERR_NONE : err;
	}
	return err;
}

/* ------------------------------------------------------------------ verifying a batch */

/* What is known of the leaves of one batch's tree. */
struct audit {
	const struct batch_row *batch;
	uint32_t present;
	uint32_t alone; /* leaves whose path leads to the root */
	bool has[BATCH_COUNT_MAX];
	struct hash leaves[BATCH_COUNT_MAX];
	enum err finding;
};

static void
note_finding(struct audit *audit, enum err finding)
{
	if (audit->finding == ERR_NONE)
		audit->finding = finding;
}

static void
audit_leaf(struct audit *audit, const struct record_id *id, const struct salt *salt,
    uint32_t position, struct bytes_view path)
{
	struct hash siblings[TREE_LEVELS_MAX];
	uint32_t count = (uint32_t)(path.len / sizeof(struct hash));
	uint32_t size = audit->batch->size;

	if (position >= size || audit->has[position] || path.len % sizeof(struct hash) != 0 ||
	    count > TREE_LEVELS_MAX) {
		note_finding(audit, ERR_CORRUPT);
		return;
	}
	audit->present++;
	audit->has[position] = true;
	tree_batch_leaf(salt, id, &audit->leaves[position]);
	if (count == 0)
		return;
	memcpy(siblings, path.data, path.len);
	if (tree_path_verify(&audit->leaves[position], position, size, siblings, count,
		&audit->batch->root) == ERR_NONE)
		audit->alone++;
	else
		note_finding(audit, ERR_PROOF);
}

static enum err
audit_tombstones(struct store *store, struct audit *audit)
{
	struct sql_use use = sql_start(&store->sql, SQL_TOMBSTONE_OF_BATCH);
	struct record_id id;
	struct salt salt;
	uint64_t position;
	enum err err;

	sql_put_signed(&use, audit->batch->seq);
	while ((err = sql_step(&use)) == ERR_NONE) {
		sql_fixed(&use, id.bytes, sizeof(id.bytes));
		position = sql_number(&use, BATCH_COUNT_MAX - 1);
		sql_fixed(&use, salt.bytes, sizeof(salt.bytes));
		audit_leaf(audit, &id, &salt, (uint32_t)position, sql_view(&use));
		if (sql_check(&use) != ERR_NONE)
			note_finding(audit, ERR_CORRUPT);
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err
audit_records(struct store *store, struct audit *audit)
{
	struct sql_use use = sql_start(&store->sql, SQL_RECORD_OF_BATCH);
	struct record_row row;
	enum err err;

	sql_put_signed(&use, audit->batch->seq);
	while ((err = sql_step(&use)) == ERR_NONE) {
		if (records_read(&use, &row) == ERR_NONE)
			audit_leaf(audit, &row.id, &row.salt, row.position, row.path);
		else
			note_finding(audit, ERR_CORRUPT);
	}
	sql_done(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* Every leaf has its own path, or all of them together make the tree. */
static void
audit_root(struct audit *audit)
{
	struct hash root;

	if (audit->present != audit->batch->stored)
		note_finding(audit, ERR_CORRUPT);
	if (audit->alone == audit->present)
		return;
	if (audit->present == audit->batch->size) {
		tree_root(audit->leaves, audit->present, &root);
		if (digest_is_equal(&root, &audit->batch->root))
			return;
	}
	note_finding(audit, ERR_PROOF);
}

enum err
records_verify_batch(struct store *store, int64_t batch, enum err *finding)
{
	struct batch_row row;
	struct audit *audit;
	enum err err;

	err = records_batch_get(store, batch, &row);
	if (err != ERR_NONE)
		return err;
	audit = calloc(1, sizeof(*audit));
	if (audit == NULL)
		return ERR_MEMORY;
	audit->batch = &row;
	err = audit_records(store, audit);
	if (err == ERR_NONE)
		err = audit_tombstones(store, audit);
	if (err == ERR_NONE) {
		audit_root(audit);
		*finding = audit->finding;
	}
	free(audit);
	return err;
}

/* ------------------------------------------------------------------ contents of imports */

enum err
records_content_put(struct store *store, const struct hash *content, const struct record_id *id)
{
	handle_assert_open(store);
	return contents_put(&store->contents, content, id);
}

enum err
records_content_get(struct store *store, const struct hash *content, struct record_id *id)
{
	const struct record_id *announced = contents_find(&store->contents, content);
	struct search search = {.store = store, .content = content};
	uint64_t key = keys_content(content);
	enum err err;

	if (announced != NULL) {
		*id = *announced;
		return ERR_NONE;
	}
	err = index_find(store, KEYS_CONTENTS, key, key, try_record, &search);
	if (err == ERR_NONE && search.seq == 0)
		err = ERR_NOT_FOUND;
	if (err == ERR_NONE)
		*id = search.found;
	return err;
}

int64_t
records_last(const struct store *store)
{
	return store->committed.record_seq;
}

enum err
records_totals(struct store *store, uint64_t *records, uint64_t *batches)
{
	*records = store->now.records;
	*batches = (uint64_t)store->now.batch_seq;
	return store->health.is_poisoned ? ERR_STORAGE : ERR_NONE;
}
