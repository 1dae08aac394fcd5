/*
 * erased: the ids of what was erased here, in a file beside the database, so that an older copy of
 * the database that is put back does not bring it back.
 *
 *     STORE.erased = "malla/erased/v1\n", then for each id: the id, and SHA-256 of the 32 bytes
 *     before it (of the first: of the first line, hashed) and the id
 *
 * An id is on the disk before the transaction that erases its record commits.  The file is made
 * when something is erased for the first time.  It is opened, and what the database still has of
 * it is erased, before a store is used for anything.
 */
#ifndef MALLA_STORE_ERASED_H
#define MALLA_STORE_ERASED_H

#include "base/bytes.h"
#include "base/ids.h"

struct store;

struct erased {
	int fd;               /* -1: nothing was erased yet */
	uint64_t count;       /* in the file */
	struct hash tail;     /* its last 32 bytes, or the first line's hash */
	uint64_t written;     /* entries of the open transaction that are in the file */
	struct bytes pending; /* ids that the open transaction erases */
	bool is_again;        /* what is erased now is in the file already */
	uint64_t again;       /* records that the opening erased */
	bool wants_purge;     /* the write-ahead log still holds what was erased */
	char path[4096];
};

/* Open the file, cut off what was not written to its end, and erase again what the database has
   and the file names.  A file that is gone is made again from the tombstones. */
MUST_CHECK enum err erased_open(struct store *store, const char *store_path);
void erased_close(struct erased *erased);
/* The open transaction erases this. */
MUST_CHECK enum err erased_add(struct erased *erased, const struct record_id *id);
/* Before the commit: everything pending is durable in the file, and the database knows how far
   the file goes.  ERR_FULL; ERR_STORAGE, after which the store is poisoned. */
MUST_CHECK enum err erased_write(struct store *store);
/* After it. */
void erased_committed(struct erased *erased);
/* After a rollback: the file as it was. */
void erased_rollback(struct store *store);

#endif
