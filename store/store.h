/*
 * store: the SQLite database of one node.  The only door to it is this folder; its API
 * speaks of records, peers, deliveries and events, so that another engine can stand behind
 * it one day.
 *
 * One connection writes, in transactions that the caller opens and commits (group commit);
 * a second one of the same process reads and never checkpoints (TRAPS 13).  Every put asserts
 * an open transaction.  After a failed commit or fsync the store refuses everything
 * (ERR_STORAGE): the process must end and start again (TRAPS 14).
 *
 * Views in results are borrowed until the next call on the same store, unless said otherwise.
 */
#ifndef MALLA_STORE_STORE_H
#define MALLA_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"

struct store;

/* Opens or creates the file, migrates it (PRAGMA user_version, append-only migrations; a newer
   database is ERR_FORMAT), and checks that the stored head is the frontier's root. */
MUST_CHECK enum err store_open(const char *path, struct store **out);
void store_close(struct store *store);

MUST_CHECK enum err store_begin(struct store *store);
/* Writes the head with everything else; durable when it returns ERR_NONE.
   ERR_FULL: the disk is full, rolled back, the store is usable again. */
MUST_CHECK enum err store_commit(struct store *store);
void store_rollback(struct store *store);
bool store_is_open(const struct store *store); /* a transaction is open */

/* A 32-byte secret of this store, made at creation: keys content hashes, never leaves. */
void store_secret(struct store *store, uint8_t secret[32]);
/* SQLite's own words about the last failure, for the log.  Static until the next call. */
const char *store_message(const struct store *store);

#endif
