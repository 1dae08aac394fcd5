/*
 * store: the SQLite database of one node.  The only door to it is this folder; its API
 * speaks of records, peers, deliveries and events, so that another engine can stand behind
 * it one day.
 *
 * One connection writes, in transactions that the caller opens and commits (group commit);
 * a second one of the same process reads and never checkpoints (TRAPS 13).  Every put asserts
 * an open transaction.  After a failed fsync or commit (but for ERR_FULL) the store refuses
 * everything (ERR_STORAGE): the process must end and start again (TRAPS 14).
 *
 * Views in results are borrowed until the next call on the same store, unless said otherwise.
 * Those given to a callback last until it returns; it may read from the store, but not by the
 * function that calls it, and may change nothing.  A callback's failure ends the walk and is
 * passed on.
 */
#ifndef MALLA_STORE_STORE_H
#define MALLA_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"

struct store;

/* Opens or creates the file (mode 0600), migrates it (PRAGMA user_version, append-only
   migrations; a newer database is ERR_FORMAT, like one that is not ours), and checks that the
   stored head is the frontier's root and that the log ends where the head says (ERR_CORRUPT).
   ERR_LOCKED: another process has it open; PATH.lock is locked as long as it is.
   After a failure store_message(NULL) has the words. */
MUST_CHECK enum err store_open(const char *path, struct store **out);
/* Rolls back what was not committed.  NULL is fine. */
void store_close(struct store *store);

MUST_CHECK enum err store_begin(struct store *store);
/* Writes the head with everything else; durable when it returns ERR_NONE.
   ERR_FULL: the disk is full, rolled back, the store is usable again.  A put that failed for
   more than its arguments has doomed the transaction: the later ones fail alike, and the
   commit rolls back and returns that failure. */
MUST_CHECK enum err store_commit(struct store *store);
/* Back to the last commit, in memory too.  Without an open transaction it does nothing. */
void store_rollback(struct store *store);
bool store_is_open(const struct store *store); /* a transaction is open */

/* How many records that an older copy of the database had were erased again by store_open. */
uint64_t store_erased_again(const struct store *store);
/* What extract_record hashes keys with. */
uint64_t store_seed(const struct store *store);
/* A 32-byte secret of this store, made at creation: keys content hashes, never leaves. */
void store_secret(struct store *store, uint8_t secret[32]);
/* SQLite's own words about the last failure, for the log.  Static until the next call.  NULL:
   about the last store_open that failed. */
const char *store_message(const struct store *store);

#endif
