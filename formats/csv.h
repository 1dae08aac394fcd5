/*
 * csv: tables of indicators with a header line (RFC 4180; comma, semicolon or tab).
 *
 * A column is known by its name, in any case, by the names that feeds use: value, indicator,
 * data, ioc; type, indicator_type, entity_type; note, description; tlp; confidence; severity;
 * labels, tags; valid_until; first_seen; last_seen; …; or by the type of what it holds: sha256,
 * domain, url.  What other columns hold stays in the original, which is the row itself.  A
 * header may stand behind #, as in the feeds of abuse.ch; before it, lines that are blank or
 * begin with # say nothing.  Without a header, a first row of a value and its type will do.
 *
 * A row is refused where its value is not understood, and where a field that restricts (tlp,
 * valid_until) or the confidence cannot be read.
 */
#ifndef MALLA_FORMATS_CSV_H
#define MALLA_FORMATS_CSV_H

#include <stdio.h>

#include "formats/csv_row.h"
#include "formats/draft.h"

/* Streams: constant memory.  ERR_FORMAT: the first line is no header with a column of values
   (`place` of the note says so), or a quoted field is never closed.  type 0: told by the type
   column, or by each value's form. */
MUST_CHECK enum err csv_read(FILE *file, enum observable_type type, struct drafts *drafts);
/* Whether a first line is such a header. */
bool csv_is_header(struct bytes_view line);

#endif
