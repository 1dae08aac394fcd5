/*
 * contents: the content hashes of the open transaction, whose records are still to come or
 * have just come: what makes a repeat within one submission known.
 */
#ifndef MALLA_STORE_CONTENTS_H
#define MALLA_STORE_CONTENTS_H

#include <stdint.h>

#include "base/err.h"
#include "base/ids.h"

struct contents_entry {
	struct hash content;
	struct record_id id;
};

struct contents {
	uint32_t count;
	uint32_t cap;
	uint32_t next; /* where the next record's is likely: they come in the same order */
	struct contents_entry *entries;
	uint32_t *slots; /* 2 * cap: 1 + an entry's place, by the first bytes of its content; 0: free */
};

void contents_release(struct contents *contents);
void contents_clear(struct contents *contents);
/* ERR_MEMORY; then nothing was changed. */
MUST_CHECK enum err contents_put(struct contents *contents, const struct hash *content,
    const struct record_id *id);
/* The record of this content; NULL: none was put.  Of several, the first.  Until the next put. */
const struct record_id *contents_find(const struct contents *contents,
    const struct hash *content);
/* The content that was put for this record; NULL: none.  Until the next put. */
const struct hash *contents_take(struct contents *contents, const struct record_id *id);

#endif
