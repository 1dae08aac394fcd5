/*
 * policies: every policy that was ever set, and the lists they name.  None is ever removed: the
 * log says which one decided.
 */
#ifndef MALLA_STORE_POLICIES_H
#define MALLA_STORE_POLICIES_H

#include "base/bytes.h"
#include "base/ids.h"
#include "store/store.h"

struct policies_row {
	int64_t seq; /* rises; set by nobody but the store */
	struct hash hash; /* of the policy's text */
	uint64_t time_ms;
	uint64_t leaf; /* index in the log */
	struct bytes_view operator; /* who set it */
	struct bytes_view name;     /* the policy's own */
	struct bytes_view note;
	struct bytes_view arguments; /* of the request that set it */
	struct bytes_view meanings;  /* what its names meant then; the caller's form */
	struct bytes_view act;       /* signed */
};
MUST_CHECK enum err policies_put(struct store *store, const struct policies_row *row);
/* The one that was set last.  ERR_NOT_FOUND: nobody ever set one. */
MUST_CHECK enum err policies_newest(struct store *store, struct policies_row *out);
/* The one with this hash that was in force when the log had this leaf; the same text may have been
   set more than once, with other lists.  ERR_NOT_FOUND */
MUST_CHECK enum err policies_at(
    struct store *store, const struct hash *hash, uint64_t leaf, struct policies_row *out);
/* The one of which this leaf speaks.  ERR_NOT_FOUND */
MUST_CHECK enum err policies_of_leaf(
    struct store *store, uint64_t leaf, struct policies_row *out);
/* Those before this seq (0: all), the newest first, at most `most`. */
typedef enum err (*policies_fn)(void *context, const struct policies_row *row);
MUST_CHECK enum err policies_each(
    struct store *store, int64_t before, uint32_t most, policies_fn each, void *context);

/* Lists, by the SHA-256 of their canonical bytes, which come in parts.  How many bytes of one are
   here, and whether that is all of it. */
MUST_CHECK enum err policies_list_have(
    struct store *store, const struct hash *hash, uint64_t *bytes, bool *is_whole);
/* The next part.  What is here of other lists that are not whole is forgotten.  ERR_NO: this is
   not the next part, nothing changed. */
MUST_CHECK enum err policies_list_add(struct store *store, const struct hash *hash, uint64_t start,
    struct bytes_view data);
/* All of it is here, and is what it should be. */
MUST_CHECK enum err policies_list_done(
    struct store *store, const struct hash *hash, uint64_t size, uint64_t entries);
/* What is here of those that are not whole is forgotten. */
MUST_CHECK enum err policies_list_forget(struct store *store);
/* Append what is here of it.  ERR_NOT_FOUND: nothing. */
MUST_CHECK enum err policies_list_read(
    struct store *store, const struct hash *hash, struct bytes *out);
/* ERR_NOT_FOUND: it is not whole. */
MUST_CHECK enum err policies_list_entries(
    struct store *store, const struct hash *hash, uint64_t *entries);

#endif
