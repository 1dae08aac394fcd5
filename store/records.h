/*
 * records: batches, their records and the observables by which they are found.
 */
#ifndef MALLA_STORE_RECORDS_H
#define MALLA_STORE_RECORDS_H

#include "base/bytes.h"
#include "base/ids.h"
#include "store/extract.h"
#include "store/store.h"
#include "wire/record.h"

/* A sealed batch as it was made here or received: one row. */
struct batch_row {
	int64_t seq; /* set by records_batch_put; rises, never reused */
	struct org_id author;
	struct org_id via;  /* who sent it to us; our own id for our own */
	uint64_t serial;    /* of the author's card */
	uint64_t sealed_ms; /* as the seal claims */
	uint64_t received_ms;
	uint32_t size;   /* leaves of the sealed tree */
	uint32_t stored; /* how many of them we hold through this batch */
	struct hash root;
	enum tlp tlp;
	struct bytes_view marking;  /* canonical bytes of the records' marking map */
	struct bytes_view audience; /* likewise; empty: nobody is named */
	struct bytes_view seal;     /* the whole signed thing */
};

struct record_row {
	int64_t seq;       /* set by records_put; rises, never reused: the cursor of queries */
	int64_t batch;     /* batch_row.seq */
	uint32_t position; /* index in the sealed tree */
	struct record_id id;
	struct salt salt;
	struct bytes_view path; /* siblings, 32 bytes each; empty where the whole batch is here */
	struct bytes_view body; /* the record's bytes */
	struct org_id author;
	struct org_id via;
	uint64_t received_ms;
	uint64_t created_ms;
	enum tlp tlp;
	struct bytes_view writer; /* operator who wrote it here; empty for received ones */
	bool is_drawn;   /* records_put: its nonce was drawn a moment ago, so nobody has its id */
	bool is_certain; /* of search_records: it satisfies the predicate; otherwise it may */
};

MUST_CHECK enum err records_batch_put(struct store *store, struct batch_row *row);
/* Once the records are in: how many of the batch are stored. */
MUST_CHECK enum err records_batch_stored(struct store *store, int64_t batch, uint32_t stored);
/* ERR_NOT_FOUND */
MUST_CHECK enum err records_batch_get(struct store *store, int64_t batch, struct batch_row *out);
/* Every batch with seq > after, in order, up to `most`; each(context) returns ERR_NONE to go on. */
typedef enum err (*records_batch_fn)(void *context, const struct batch_row *row);
MUST_CHECK enum err records_batch_each(
    struct store *store, int64_t after, uint32_t most, records_batch_fn each, void *context);

/* Store one record and index it by what was extracted of it (created and tlp are among that;
   author and via are the batch's).  *is_new false: the id is there already, or is a
   tombstone; then nothing was changed.  ERR_INVALID: the batch is not the newest one, or was not
   made in this transaction, or the position is not above that of its record before. */
MUST_CHECK enum err records_put(struct store *store, struct record_row *row,
    const struct extract *extract, const struct extract_keys *keys, bool *is_new);
/* Whether the id is stored (or was, and is erased). */
MUST_CHECK enum err records_has(struct store *store, const struct record_id *id, bool *has);
/* Soon records_has will be asked about this id, records_content_get about this content. */
void records_fetch(struct store *store, const struct record_id *id);
void records_content_fetch(struct store *store, const struct hash *content);
/* ERR_NOT_FOUND.  The body is re-hashed on reading; ERR_CORRUPT if it is not its id's. */
MUST_CHECK enum err records_get(
    struct store *store, const struct record_id *id, struct record_row *out);
/* By record_row.seq; ERR_NOT_FOUND. */
MUST_CHECK enum err records_get_row(struct store *store, int64_t seq, struct record_row *out);
/* The last seq that was given out and committed. */
int64_t records_last(const struct store *store);
/* By the first `len` bytes of the id; ERR_NOT_FOUND, ERR_RANGE when more than one fits.
   half_byte: one more hex digit of the prefix in the high nibble of prefix[len], or not. */
MUST_CHECK enum err records_get_prefix(
    struct store *store, const uint8_t *prefix, size_t len, bool half_byte, struct record_row *out);
/* The records of one batch that are stored, by position. */
typedef enum err (*record_fn)(void *context, const struct record_row *row);
MUST_CHECK enum err records_of_batch(
    struct store *store, int64_t batch, record_fn each, void *context);
/* Every record of kind relation or charter, in the order of storing: an index has them. */
MUST_CHECK enum err records_related(struct store *store, record_fn each, void *context);
/* Forget a record but for a tombstone, which keeps what the batch's tree needs, and keeps the
   id from coming back: body, columns, keys, standing, and its place in outboxes.  With the commit
   the write-ahead log is emptied, and the id is in the file of erased.h.  What the caller has of it
   in memory is its own to forget.  ERR_NOT_FOUND: it is not stored. */
MUST_CHECK enum err records_erase(struct store *store, const struct record_id *id);
/* The leaves of a batch's tree by position, erased records' among them: as many as there are
   before the first that never was here. */
MUST_CHECK enum err records_leaves(
    struct store *store, int64_t batch, struct hash leaves[BATCH_COUNT_MAX], uint32_t *count);
/* The ids of a batch by position, of its records and of what was erased of them: BATCH_COUNT_MAX
   of each; has says which positions are known. */
MUST_CHECK enum err records_ids(
    struct store *store, int64_t batch, struct record_id *ids, bool *has);
/* Compute anew what a batch's stored records say: ids from bodies, salted leaves, and their
   paths or the whole tree up to the batch's root.  *finding: ERR_NONE; ERR_CORRUPT, a body is
   not its id's, or rows are missing; ERR_PROOF, they do not lead to the root.  The seal over
   the root is the caller's to verify.  ERR_NOT_FOUND: no such batch. */
MUST_CHECK enum err records_verify_batch(struct store *store, int64_t batch, enum err *finding);

/* Content hashes of imported drafts (keyed with the store's secret; see DESIGN 5).  The record of
   this id has to be put in the same transaction; the content is stored with it. */
MUST_CHECK enum err records_content_put(
    struct store *store, const struct hash *content, const struct record_id *id);
MUST_CHECK enum err records_content_get(
    struct store *store, const struct hash *content, struct record_id *id);

/* Totals for `malla status`, cheap. */
MUST_CHECK enum err records_totals(struct store *store, uint64_t *records, uint64_t *batches);

#endif
