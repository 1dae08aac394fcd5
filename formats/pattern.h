/*
 * pattern: STIX patterns that are one comparison, or a flat AND or OR of comparisons: nine in
 * ten of those that are written.  Everything else is told apart and left as it is.
 *
 * Source: STIX 2.1 section 9.  Accepts the spellings of hash names that real feeds use.
 */
#ifndef MALLA_FORMATS_PATTERN_H
#define MALLA_FORMATS_PATTERN_H

#include "formats/draft.h"

#define PATTERN_BYTES_MAX 131072u

/* Add the observables of a pattern to the draft being built and set how they combine.
   ERR_NO: well formed or not, it is not of this simple kind, or names a property that no
   observable has; then nothing was added. */
MUST_CHECK enum err pattern_read(struct bytes_view pattern, struct drafts *drafts);

#endif
