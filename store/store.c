#define _DEFAULT_SOURCE
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "crypto/digest.h"
#include "store/handle.h"
#include "store/migrations.h"
#include "store/query.h"
#include "wire/record.h"

#define STORE_PATH_BYTES 4096
#define KEPT_BYTES_MAX (4u * 1024u * 1024u)
#define FRONTIER_BYTES_MAX (8u + TREE_LEVELS_MAX * 32u)

/* why the last store_open failed, for there is no store then to keep it */
static char failed_message[256];

/* Before SQLite's first use in the process; later it is refused, and the defaults do. */
static void
configure_library(void)
{
	static bool is_done;

	if (is_done)
		return;
	is_done = true;
	(void)sqlite3_config(SQLITE_CONFIG_MULTITHREAD); /* a store is used by one thread */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)sqlite3_config(SQLITE_CONFIG_URI, 0);
}

/* One process at a time: two that write and checkpoint can corrupt it (TRAPS 13). */
static enum err
take_lock(struct store *store, const char *path)
{
	char lock_path[STORE_PATH_BYTES + 8];

	(void)snprintf(lock_path, sizeof(lock_path), "%s.lock", path);
	store->lock_fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock_fd < 0) {
		(void)snprintf(store->health.message, sizeof(store->health.message),
		    "cannot open the lock file beside the database: %s", strerror(errno));
		return ERR_SYSTEM;
	}
	if (flock(store->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		handle_complain(store, "another process has the database open");
		return ERR_LOCKED;
	}
	return ERR_NONE;
}

/* SQLite would create the file with a wider mode; its other files copy this one's. */
static enum err
create_file(struct store *store, const char *path)
{
	struct stat info;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool is_good = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);

	if (is_good && (info.st_mode & 077) != 0)
		is_good = fchmod(fd, 0600) == 0;
	if (!is_good)
		(void)snprintf(store->health.message, sizeof(store->health.message),
		    "cannot open the database file: %s",
		    fd >= 0 && !S_ISREG(info.st_mode) ? "not a regular file" : strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return is_good ? ERR_NONE : ERR_SYSTEM;
}

/* ------------------------------------------------------------------ state in memory */

static enum err
create_node(struct store *store)
{
	struct tree_frontier frontier;
	struct bytes encoded;
	uint8_t secret[32];
	struct sql_use use;
	struct hash root;
	enum err err;

	digest_random(secret, sizeof(secret));
	tree_frontier_init(&frontier);
	tree_frontier_root(&frontier, &root);
	bytes_init(&encoded, FRONTIER_BYTES_MAX);
	err = tree_frontier_encode(&frontier, &encoded);
	if (err == ERR_NONE) {
		use = sql_start(&store->sql, SQL_NODE_CREATE);
		sql_put_bytes(&use, secret, sizeof(secret));
		sql_put_bytes(&use, root.bytes, sizeof(root.bytes));
		sql_put_view(&use, bytes_as_view(&encoded));
		err = sql_run(&use);
	}
	explicit_bzero(secret, sizeof(secret));
	bytes_release(&encoded);
	return err;
}

/* The head must be the frontier's, and nothing may have been given out that is not counted. */
static enum err
check_state(struct store *store, uint64_t size, const struct hash *root)
{
	struct handle_state *state = &store->now;
	uint64_t last_record, last_batch;
	struct sql_use use;
	struct hash computed;
	enum err err;

	tree_frontier_root(&state->frontier, &computed);
	if (state->frontier.size != size || !digest_is_equal(&computed, root))
		return sql_corrupt(
		    &store->sql, "the stored head of the log is not the root of its tree");
	use = sql_start(&store->sql, SQL_RECORD_LAST);
	err = sql_step(&use);
	last_record = err == ERR_NONE ? sql_number(&use, NUMBER_MAX) : 0;
	last_batch = err == ERR_NONE ? sql_number(&use, NUMBER_MAX) : 0;
	sql_done(&use);
	if (err != ERR_NONE)
		return err;
	if (last_record > (uint64_t)state->record_seq || last_batch > (uint64_t)state->batch_seq)
		return sql_corrupt(
		    &store->sql, "there are records beyond the last one that was counted");
	return events_check(store);
}

static enum err
load_node(struct store *store)
{
	struct handle_state *state = &store->now;
	struct sql_use use = sql_start(&store->sql, SQL_NODE_GET);
	uint64_t size = 0;
	struct hash root = {0};
	enum err err;

	err = sql_step(&use);
	if (err == ERR_NONE) {
		sql_fixed(&use, store->secret, sizeof(store->secret));
		state->epoch = sql_number(&use, NUMBER_MAX);
		state->first = (int64_t)sql_number(&use, NUMBER_MAX);
		size = sql_number(&use, NUMBER_MAX);
		sql_fixed(&use, root.bytes, sizeof(root.bytes));
		err = tree_frontier_decode(sql_view(&use), &state->frontier);
		state->record_seq = (int64_t)sql_number(&use, NUMBER_MAX);
		state->batch_seq = (int64_t)sql_number(&use, NUMBER_MAX);
		state->records = sql_number(&use, NUMBER_MAX);
		if (err != ERR_NONE || sql_check(&use) != ERR_NONE)
			err =
			    sql_corrupt(&store->sql, "the stored state of the node cannot be read");
	} else if (err == ERR_NOT_FOUND) {
		err = sql_corrupt(&store->sql, "the state of the node is missing");
	}
	sql_done(&use);
	if (err == ERR_NONE)
		err = check_state(store, size, &root);
	store->committed = store->now;
	return err;
}

static enum err
save_state(struct store *store)
{
	const struct handle_state *state = &store->now;
	struct bytes encoded;
	struct sql_use use;
	struct hash root;
	enum err err;

	tree_frontier_root(&state->frontier, &root);
	bytes_init(&encoded, FRONTIER_BYTES_MAX);
	err = tree_frontier_encode(&state->frontier, &encoded);
	if (err == ERR_NONE) {
		use = sql_start(&store->sql, SQL_NODE_SET);
		sql_put_number(&use, state->epoch);
		sql_put_signed(&use, state->first);
		sql_put_number(&use, state->frontier.size);
		sql_put_bytes(&use, root.bytes, sizeof(root.bytes));
		sql_put_view(&use, bytes_as_view(&encoded));
		sql_put_signed(&use, state->record_seq);
		sql_put_signed(&use, state->batch_seq);
		sql_put_number(&use, state->records);
		err = sql_run(&use);
	}
	bytes_release(&encoded);
	return err;
}

/* ------------------------------------------------------------------ opening */

/* Version 0 of a file is empty; the node's row comes with the schema's first commit after. */
static enum err
open_database(struct store *store, const char *path)
{
	int64_t nodes = 0;
	enum err err;

	err = sql_open(&store->sql, path, SQL_WRITER, &store->health);
	if (err == ERR_NONE)
		err = migrations_run(&store->sql);
	if (err == ERR_NONE)
		err = sql_prepare_all(&store->sql);
	/* also where a crash came between the schema and the row: then there is nothing else yet */
	if (err == ERR_NONE)
		err = sql_pragma(&store->sql,
		    "SELECT (SELECT count(*) FROM node) + "
		    "EXISTS (SELECT 1 FROM event) + EXISTS (SELECT 1 FROM batch)",
		    &nodes);
	if (err == ERR_NONE && nodes == 0)
		err = create_node(store);
	if (err == ERR_NONE)
		err = load_node(store);
	if (err == ERR_NONE)
		err = standing_load(store);
	if (err == ERR_NONE)
		err = changes_load(store);
	if (err == ERR_NONE)
		err = index_open(store);
	if (err == ERR_NONE)
		err = sql_open(&store->reader, path, SQL_READER, &store->health);
	if (err == ERR_NONE)
		err = query_register(&store->reader);
	if (err == ERR_NONE)
		err = erased_open(store, path);
	return err;
}

enum err
store_open(const char *path, struct store **out)
{
	char full[STORE_PATH_BYTES];
	struct store *store = calloc(1, sizeof(*store));
	size_t i;
	enum err err;

	*out = NULL;
	if (store == NULL)
		return ERR_MEMORY;
	store->lock_fd = -1;
	store->erased.fd = -1;
	store->position_next = BATCH_COUNT_MAX;
	store->decoded = malloc(sizeof(*store->decoded));
	if (store->decoded == NULL) {
		free(store);
		return ERR_MEMORY;
	}
	for (i = 0; i < KEPT_COUNT; i++)
		bytes_init(&store->kept[i], KEPT_BYTES_MAX);
	configure_library();
	/* "./" takes their meaning from names that SQLite has for other things */
	if (snprintf(full, sizeof(full), "%s%s", path[0] == '/' ? "" : "./", path) >=
	    (int)sizeof(full)) {
		handle_complain(store, "the path of the database is too long");
		err = ERR_USAGE;
		goto out;
	}
	err = take_lock(store, full);
	if (err == ERR_NONE)
		err = create_file(store, full);
	if (err == ERR_NONE)
		err = open_database(store, full);
out:
	if (err != ERR_NONE) {
		memcpy(failed_message, store->health.message, sizeof(failed_message));
		store_close(store);
		return err;
	}
	*out = store;
	return ERR_NONE;
}

void
store_close(struct store *store)
{
	size_t i;

	if (store == NULL)
		return;
	if (store->health.is_transaction)
		sql_rollback(&store->sql);
	if (store->reader.db != NULL)
		sql_close(&store->reader);
	index_close(&store->index);
	if (store->sql.db != NULL)
		sql_close(&store->sql);
	if (store->lock_fd >= 0)
		(void)close(store->lock_fd);
	for (i = 0; i < KEPT_COUNT; i++)
		bytes_release(&store->kept[i]);
	free(store->decoded);
	contents_release(&store->contents);
	erased_close(&store->erased);
	explicit_bzero(store->secret, sizeof(store->secret));
	free(store);
}

/* ------------------------------------------------------------------ transactions */

enum err
store_begin(struct store *store)
{
	struct sql_use use;
	enum err err;

	assert(!store->health.is_transaction);
	store->health.doomed = ERR_NONE;
	use = sql_start(&store->sql, SQL_BEGIN);
	err = sql_run(&use);
	store->health.is_transaction = err == ERR_NONE;
	return err;
}

static enum err
prepare_commit(struct store *store)
{
	enum err err = index_commit(store);

	if (err == ERR_NONE && store->is_changed)
		err = save_state(store);
	return err == ERR_NONE ? erased_write(store) : err;
}

enum err
store_commit(struct store *store)
{
	struct sql_health *health = &store->health;
	struct sql_use use;
	enum err err = ERR_NONE;

	assert(health->is_transaction);
	if (health->is_poisoned)
		err = ERR_STORAGE;
	else if (health->doomed != ERR_NONE)
		err = health->doomed;
	else
		err = prepare_commit(store);
	if (err == ERR_NONE) {
		use = sql_start(&store->sql, SQL_COMMIT);
		err = sql_run(&use);
		/* nobody knows what reached the disk: TRAPS 14 */
		if (err != ERR_NONE && err != ERR_FULL)
			health->is_poisoned = true;
	}
	if (err != ERR_NONE) {
		store_rollback(store);
		return health->is_poisoned ? ERR_STORAGE : err;
	}
	store->committed = store->now;
	store->is_changed = false;
	index_committed(&store->index);
	contents_clear(&store->contents);
	erased_committed(&store->erased);
	health->is_transaction = false;
	if (store->erased.wants_purge)
		store->erased.wants_purge = !sql_purge(&store->sql);
	else
		sql_checkpoint(&store->sql);
	return ERR_NONE;
}

void
store_rollback(struct store *store)
{
	if (!store->health.is_transaction)
		return;
	sql_rollback(&store->sql);
	store->now = store->committed;
	store->is_changed = false;
	store->health.is_transaction = false;
	store->health.doomed = ERR_NONE;
	/* an append to the newest batch is over: the next one makes a batch of its own */
	store->position_next = BATCH_COUNT_MAX;
	contents_clear(&store->contents);
	standing_forget(store);
	erased_rollback(store);
	if (index_reload(store) != ERR_NONE)
		store->health.is_poisoned = true;
}

bool
store_is_open(const struct store *store)
{
	return store->health.is_transaction;
}

uint64_t
store_erased_again(const struct store *store)
{
	return store->erased.again;
}

uint64_t
store_seed(const struct store *store)
{
	return index_seed(store);
}

void
store_secret(struct store *store, uint8_t secret[32])
{
	memcpy(secret, store->secret, sizeof(store->secret));
}

const char *
store_message(const struct store *store)
{
	return store == NULL ? failed_message : store->health.message;
}
