/*
 * suggest: the word that somebody may have meant.
 */
#ifndef MALLA_POLICY_SUGGEST_H
#define MALLA_POLICY_SUGGEST_H

#include <stdint.h>

#include "base/bytes.h"

/* The one of the names that is nearest to the word by edits of single letters (case aside, a
   swap of neighbours is one), or NULL where none is near. */
const char *suggest_name(struct bytes_view word, const char *const *names, uint32_t count);

#endif
