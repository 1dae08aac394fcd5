/*
 * format: the canonical layout of a policy file: what stands in which column.
 *
 *     declarations   one blank between words, none inside parentheses
 *     rules          two blanks in; action, name, condition and peer in columns, over rules with
 *                    no empty line between them
 *     tests          two blanks in; what a step says begins in the same column
 *     comments       where they were: on a line of their own, or two blanks behind what they follow
 *     line breaks    inside a statement they stay, and the next line is four further in
 *     empty lines    one where there were several, none beside a brace
 *
 * Nothing but blanks, line feeds and what is in front of a comment's end changes, so the rules are
 * the same; the text's hash is not.
 */
#ifndef MALLA_POLICY_FORMAT_H
#define MALLA_POLICY_FORMAT_H

#include "base/bytes.h"

/* Append the text, which policy_open has taken, in canonical layout.  A text in canonical layout
   gives itself.  ERR_TOO_LARGE: it does not fit out; ERR_MEMORY. */
MUST_CHECK enum err format_policy(struct bytes_view text, struct bytes *out);

#endif
