/*
 * gather: the canonical form of a list, from entries in any order.  policy/list.h has the form.
 *
 * For the client's process, which reads what people and other tools write.
 */
#ifndef MALLA_POLICY_GATHER_H
#define MALLA_POLICY_GATHER_H

#include "base/bytes.h"

struct gather {
	struct bytes text; /* the lines, one after another, unsorted */
	size_t *starts;
	size_t count;
	size_t room;
};

void gather_init(struct gather *gather);
void gather_release(struct gather *gather);
/* One line as people write it: a value of any type, defanged or not; a network stands for
   what is inside, and a leading dot or "*." for a domain and what is below it.  Blank lines and
   those that begin with # are nothing.  ERR_VALUE: not a value; ERR_TOO_LARGE; ERR_MEMORY. */
MUST_CHECK enum err gather_line(struct gather *gather, struct bytes_view line);
/* A domain and what is below it; a network; a glob; a value.  Likewise. */
MUST_CHECK enum err gather_under(struct gather *gather, struct bytes_view domain);
MUST_CHECK enum err gather_within(struct gather *gather, struct bytes_view network);
MUST_CHECK enum err gather_like(struct gather *gather, struct bytes_view pattern);
MUST_CHECK enum err gather_equal(struct gather *gather, struct bytes_view value);
/* Append the canonical form to out, which has LIST_BYTES_MAX.  Entries given twice are one. */
MUST_CHECK enum err gather_finish(struct gather *gather, struct bytes *out);

#endif
