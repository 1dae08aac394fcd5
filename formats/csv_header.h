/*
 * csv_header: what the columns of a table are, told by their names.
 *
 * A name counts in any case, with blanks, - or _ between its words, as feeds write them.
 */
#ifndef MALLA_FORMATS_CSV_HEADER_H
#define MALLA_FORMATS_CSV_HEADER_H

#include "formats/csv_row.h"
#include "formats/value.h"

enum csv_column {
	CSV_OTHER, /* stays in the original */
	CSV_VALUE,
	CSV_TYPE,
	CSV_TYPED, /* its name says what it holds: "sha256", "C2 domain" */
	CSV_NOTE,
	CSV_TITLE,
	CSV_TLP,
	CSV_CONFIDENCE,
	CSV_SEVERITY,
	CSV_LABELS,
	CSV_LINK,
	CSV_VALID_UNTIL,
	CSV_FIRST_SEEN,
	CSV_LAST_SEEN
};

struct csv_header {
	uint32_t count;
	enum csv_column columns[CSV_COLUMNS_MAX];
	struct value_kind kinds[CSV_COLUMNS_MAX]; /* of the typed ones */
};

/* From a row of names.  False: none of them names values. */
bool csv_header_read(const struct csv_row *row, struct csv_header *out);
/* From a row of data without names: a value, the name of its type, a note. */
bool csv_header_guess(const struct csv_row *row, struct csv_header *out);
/* Whether a line names a column of values and at least one other. */
bool csv_header_is_line(struct bytes_view line);

#endif
