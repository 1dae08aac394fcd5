/*
 * candidates: the records that can satisfy a predicate, as far as the index tells: all that do are
 * among them, and whoever asks looks at each.
 */
#ifndef MALLA_STORE_CANDIDATES_H
#define MALLA_STORE_CANDIDATES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/predicate.h"

struct store;

/* more than that: whoever asks goes through all records */
#define CANDIDATES_MAX (1u << 20)

struct candidates {
	bool is_all; /* the index does not tell, or there are too many */
	uint32_t count;
	uint32_t cap;
	int64_t *numbers; /* ascending */
};

/* NULL: all.  The predicate is finished and resolved.  To be released whatever comes back. */
MUST_CHECK enum err candidates_find(
    struct store *store, const struct predicate *predicate, struct candidates *out);
void candidates_release(struct candidates *candidates);

#endif
