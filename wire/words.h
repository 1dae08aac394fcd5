/*
 * words: the words of a text, as they are searched for: what stands between anything that is no
 * letter, mark or digit; small, without marks, forms for compatibility as what they stand for
 * (Unicode's decompositions), so that "Campaña" is found as "campana".  A word is told by its
 * first WORDS_BYTES_MAX bytes.  Allocates nothing.
 */
#ifndef MALLA_WIRE_WORDS_H
#define MALLA_WIRE_WORDS_H

#include <stdbool.h>

#include "base/bytes.h"

struct record;

#define WORDS_BYTES_MAX 64u

typedef enum err (*words_fn)(void *context, struct bytes_view word);
/* Every word of a text in valid UTF-8, in order; repeats come again.  A failure of each ends it
   and is passed on. */
MUST_CHECK enum err words_each(struct bytes_view text, words_fn each, void *context);
/* Those of a record's title and text. */
MUST_CHECK enum err words_of_record(const struct record *record, words_fn each, void *context);
/* Whether every word of `wanted` is among them; false if it has none. */
bool words_record_has(const struct record *record, struct bytes_view wanted);

#endif
