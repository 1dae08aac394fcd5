/*
 * changes: which records say something of another one that changes what that is worth here: they
 * amend it, or they dispute it.
 *
 * A row stays when its record is erased: what was amended does not come back into force by that.
 */
#ifndef MALLA_STORE_CHANGES_H
#define MALLA_STORE_CHANGES_H

#include "base/bytes.h"
#include "base/ids.h"
#include "store/store.h"
#include "wire/record.h"

enum change_state {
	CHANGE_WAITING,  /* what it is about is not here */
	CHANGE_APPLIED,  /* an amendment that counts, a dispute that stands */
	CHANGE_VOID,     /* not its author's to write, or about a record of another kind */
	CHANGE_ANSWERED, /* a dispute that its target's author has answered, or its own withdrawn */
};

struct change {
	int64_t record; /* record_row.seq */
	struct record_id id;
	struct record_id target;
	struct org_id author;
	enum record_kind kind; /* RECORD_AMENDMENT, RECORD_DISPUTE */
	enum record_kind as;   /* of an amendment */
	enum dispute reason;   /* of a dispute */
	uint64_t created_ms;
	enum change_state state;
	bool is_erased; /* set by changes_of */
};

/* How many wait: with none, a record that arrives is what nothing here is about. */
uint64_t changes_waiting(const struct store *store);
/* A record that was just stored; ERR_INVALID: this record has its row. */
MUST_CHECK enum err changes_put(struct store *store, const struct change *change);
/* Another state for one that changes_of has told. */
MUST_CHECK enum err changes_set(
    struct store *store, const struct change *change, enum change_state state);
/* Everything about one record, in the order of created, then of id.  each must not ask for the
   changes of anything. */
typedef enum err (*change_fn)(void *context, const struct change *change);
MUST_CHECK enum err changes_of(
    struct store *store, const struct record_id *target, change_fn each, void *context);
/* How many records of this author wait for what they are about; and how many are about this
   record. */
MUST_CHECK enum err changes_count(struct store *store, const struct org_id *author,
    const struct record_id *target, uint64_t *waiting, uint64_t *about);

#endif
