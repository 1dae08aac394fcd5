/*
 * csv: tables of indicators with a header line (RFC 4180; comma, semicolon or tab).
 *
 * A column is known by its name, in any case, by the names that feeds use: value, indicator,
 * data, ioc; type, indicator_type, entity_type; note, description; tlp; confidence; severity;
 * labels, tags; valid_until; first_seen; last_seen; … What other columns hold stays in the
 * original, which is the row itself.
 */
#ifndef MALLA_FORMATS_CSV_H
#define MALLA_FORMATS_CSV_H

#include <stdio.h>

#include "formats/draft.h"

#define CSV_COLUMNS_MAX 64u
#define CSV_ROW_BYTES_MAX 65536u

/* Streams: constant memory.  ERR_FORMAT: the first line is no header with a column of values
   (`place` of the note says so).  type 0: told by the type column, or by each value's form. */
MUST_CHECK enum err csv_read(FILE *file, enum observable_type type, struct drafts *drafts);
/* Whether a first line is such a header. */
bool csv_is_header(struct bytes_view line);

#endif
