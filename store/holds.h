/*
 * holds: legal holds: which records nothing may erase, who said so, and why.  A hold that was ended
 * stays as a row.
 */
#ifndef MALLA_STORE_HOLDS_H
#define MALLA_STORE_HOLDS_H

#include "base/bytes.h"
#include "base/ids.h"
#include "store/store.h"

#define HOLDS_MAX 256u /* in force */

struct hold_row {
	int64_t number; /* set by holds_put; rises, never reused */
	bool has_record;
	struct record_id record;     /* of this record */
	struct bytes_view predicate; /* or of all that satisfy it: canonical bytes */
	struct bytes_view reason;
	struct bytes_view operator;
	uint64_t since_ms;
	uint64_t ended_ms; /* 0: in force */
	struct bytes_view ended_by;
	struct bytes_view ended_reason;
};

/* ERR_FULL: HOLDS_MAX are in force. */
MUST_CHECK enum err holds_put(struct store *store, struct hold_row *row);
/* By number, with ended_ms, ended_by and ended_reason.  ERR_NOT_FOUND: none of it is in force. */
MUST_CHECK enum err holds_end(struct store *store, const struct hold_row *row);
/* Those in force; with `all` the ended ones too.  By number. */
typedef enum err (*holds_fn)(void *context, const struct hold_row *row);
MUST_CHECK enum err holds_each(struct store *store, bool all, holds_fn each, void *context);

#endif
