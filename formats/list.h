/*
 * list: plain lists of indicators, one value a line.
 *
 * Blank lines and comments (#, ;, //) say nothing, nor does what follows a blank and such a
 * sign.  Of a hosts file's line ("0.0.0.0 name") the names count, of a checksum file's the
 * hash; of an address with a port the address, and the port goes into the text.  Defanged
 * values are taken.  What is not understood is refused, line by line.
 */
#ifndef MALLA_FORMATS_LIST_H
#define MALLA_FORMATS_LIST_H

#include <stdio.h>

#include "formats/draft.h"

#define LIST_LINE_BYTES_MAX 8192u

/* Every line of the file; type 0: told by each value's form.  Streams: constant memory. */
MUST_CHECK enum err list_read(FILE *file, enum observable_type type, struct drafts *drafts);
/* One line, without its end. */
MUST_CHECK enum err list_read_line(
    struct bytes_view line, uint64_t number, enum observable_type type, struct drafts *drafts);

#endif
