/*
 * predicate_text: a predicate in the words of the policy language.  What policy/parse made of a
 * text, it makes again of the text that is written here.
 */
#ifndef MALLA_WIRE_PREDICATE_TEXT_H
#define MALLA_WIRE_PREDICATE_TEXT_H

#include "base/bytes.h"
#include "wire/predicate.h"

/* The word for a number of this field: "note", "green"; NULL where digits say it, or where the
   number is none of the field's.  Static. */
const char *predicate_text_number(enum predicate_field field, uint64_t number);
/* Append the text, in one line, to out, whose err tells a failure.  A predicate without nodes
   gives nothing.  The predicate must be finished: asserted. */
void predicate_text_write(const struct predicate *predicate, struct bytes *out);

#endif
