/*
 * redactions: which redactions of a record are to be made here for whom, and which were made.
 *
 * One is made once for a record, the fields that it takes away, and a peer; what is to be made
 * waits here from the turn that decided so until a later one makes it.
 */
#ifndef MALLA_STORE_REDACTIONS_H
#define MALLA_STORE_REDACTIONS_H

#include "base/bytes.h"
#include "base/ids.h"
#include "store/store.h"

enum redaction_state {
	REDACTION_DUE,
	REDACTION_MADE,       /* the redaction's id is known */
	REDACTION_IMPOSSIBLE, /* nothing that may be shared would be left */
};

struct redaction_row {
	struct record_id version; /* what is redacted */
	struct record_id first;   /* version, or what that amends */
	uint64_t fields;          /* bits of enum rule_redact */
	struct org_id peer;
	enum redaction_state state;
	struct record_id derived; /* REDACTION_MADE */
};

/* To be made, unless something is said of it already. */
MUST_CHECK enum err redactions_want(struct store *store, const struct redaction_row *row);
/* What became of it, whatever was said before. */
MUST_CHECK enum err redactions_put(struct store *store, const struct redaction_row *row);
/* Of this version and these fields nothing is to be made any more.  What was made stays. */
MUST_CHECK enum err redactions_drop(struct store *store, const struct redaction_row *row);
/* version, fields and peer say which; ERR_NOT_FOUND. */
MUST_CHECK enum err redactions_get(struct store *store, struct redaction_row *row);
/* Up to `most` versions of which something is due, with the fields to be taken away; no peer. */
typedef enum err (*redaction_fn)(void *context, const struct redaction_row *row);
MUST_CHECK enum err redactions_due(
    struct store *store, uint32_t most, redaction_fn each, void *context);
/* Everything that is said of redactions of a record and of its amendments, in the order in which
   it was decided. */
MUST_CHECK enum err redactions_of(
    struct store *store, const struct record_id *first, redaction_fn each, void *context);

#endif
