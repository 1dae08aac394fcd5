/*
 * words: the words of a text, as they are searched for: what stands between anything that is no
 * letter, mark or digit; case folded, accents dropped, compatibility forms made one (Unicode
 * NFKD), so that "Campaña" is found as "campana".  A word is told by its first WORDS_BYTES_MAX
 * bytes.
 */
#ifndef MALLA_WIRE_WORDS_H
#define MALLA_WIRE_WORDS_H

#include <stdbool.h>

#include "base/bytes.h"

struct record;

#define WORDS_BYTES_MAX 64u

typedef enum err (*words_fn)(void *context, struct bytes_view word);
/* Every word of a valid UTF-8 text, in order; repeats come again.  A failure of each ends it and
   is passed on.  ERR_MEMORY. */
MUST_CHECK enum err words_each(struct bytes_view text, words_fn each, void *context);
/* Those of a record's title and text. */
MUST_CHECK enum err words_of_record(const struct record *record, words_fn each, void *context);
/* Whether every word of `wanted` stands in the text; *has false where `wanted` has no word. */
MUST_CHECK enum err words_has(struct bytes_view text, struct bytes_view wanted, bool *has);

#endif
