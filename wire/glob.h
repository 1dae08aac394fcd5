/*
 * glob: texts against patterns in which `*` stands for any run of characters, also none, and
 * `?` for exactly one.  Nothing else is special; case matters.
 */
#ifndef MALLA_WIRE_GLOB_H
#define MALLA_WIRE_GLOB_H

#include <stdbool.h>

#include "base/bytes.h"

/* Both are valid UTF-8.  Takes at most pattern.len * text.len steps. */
bool glob_match(struct bytes_view pattern, struct bytes_view text);
/* The pattern as SQLite's GLOB operator reads it, in which `[` would begin a set: appended. */
void glob_to_sqlite(struct bytes_view pattern, struct bytes *out);

#endif
