/*
 * events: the node's append-only Merkle log: leaves, details, head.
 */
#ifndef MALLA_STORE_EVENTS_H
#define MALLA_STORE_EVENTS_H

#include "base/bytes.h"
#include "base/ids.h"
#include "store/store.h"
#include "wire/event.h"
#include "wire/receipt.h"

/* Append one leaf (an epoch must have begun): sets index and commitment of *event (type, time, actor and object are the
   caller's).  details may be empty; salt is fresh randomness from the caller. */
MUST_CHECK enum err events_append(struct store *store, struct event *event,
    const struct salt *salt, struct bytes_view details);
/* The head with everything appended so far, committed or not. */
void events_head(struct store *store, struct head *out);
/* The head of the last commit. */
void events_head_committed(struct store *store, struct head *out);
/* Begin epoch 1 of an empty log, or a later one than the last: indices start at 0 again, and
   what was is closed under its last head.  ERR_NO: not later. */
MUST_CHECK enum err events_epoch(struct store *store, uint64_t epoch);

struct event_row {
	uint64_t index;
	uint8_t leaf[EVENT_LEAF_BYTES];
	struct hash hash;          /* as stored */
	bool has_details;          /* false also where they were erased */
	bool is_erased;
	struct salt salt;
	struct bytes_view details;
};
typedef enum err (*event_fn)(void *context, const struct event_row *row);
/* Leaves from index `from`, up to `most`, in order; nothing is verified. */
MUST_CHECK enum err events_each(struct store *store, uint64_t from, uint32_t most, event_fn each,
    void *context);
/* ERR_NOT_FOUND: there is no leaf with this index. */
MUST_CHECK enum err events_get(struct store *store, uint64_t index, event_fn each, void *context);
/* Forget the details and the salt of one leaf for good; the log still verifies.
   ERR_NOT_FOUND: it has none. */
MUST_CHECK enum err events_erase(struct store *store, uint64_t index);

#endif
