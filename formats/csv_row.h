/*
 * csv_row: the rows of a table (RFC 4180) one by one, in constant memory.
 *
 * Beyond the standard: the separator is comma, semicolon or tab; lines end in LF or CRLF; a
 * blank may stand before a quote.
 */
#ifndef MALLA_FORMATS_CSV_ROW_H
#define MALLA_FORMATS_CSV_ROW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"

#define CSV_COLUMNS_MAX 64u
#define CSV_ROW_BYTES_MAX 65536u
#define CSV_AHEAD_BYTES 4096u

/* About 130 KiB: not for the stack. */
struct csv_row {
	FILE *file;
	char separator;
	uint64_t line;      /* where the row begins, from 1 */
	uint64_t next_line; /* where the next one does */
	bool is_too_long;   /* more bytes than CSV_ROW_BYTES_MAX */
	bool is_too_wide;   /* more fields than CSV_COLUMNS_MAX */
	bool is_unclosed;   /* a quote was still open at the end of the file */
	bool is_last;
	uint32_t count; /* fields */
	size_t starts[CSV_COLUMNS_MAX + 1];
	size_t raw_len; /* the row as it stands in the file, without its end */
	size_t text_len;
	size_t ahead_len, ahead_at;
	int pushed; /* a byte that was read too early, or EOF */
	uint8_t raw[CSV_ROW_BYTES_MAX];
	uint8_t text[CSV_ROW_BYTES_MAX]; /* the fields without quotes, one after the other */
	uint8_t ahead[CSV_AHEAD_BYTES];
};

/* The file is borrowed.  The separator is a comma until somebody sets it. */
void csv_row_start(struct csv_row *row, FILE *file);
/* The beginning of what comes next, up to its first line feed: before the first row only. */
struct bytes_view csv_row_peek(struct csv_row *row);
/* Leave out the first bytes of what was peeked, or all of that line and its end. */
void csv_row_skip(struct csv_row *row, size_t len);
void csv_row_skip_line(struct csv_row *row);
/* The next row; false at the end of the file. */
bool csv_row_next(struct csv_row *row);
/* A field, trimmed; i is below count.  Valid until the next row. */
struct bytes_view csv_row_field(const struct csv_row *row, uint32_t i);
struct bytes_view csv_row_raw(const struct csv_row *row);
/* The separator that a line has most often outside of quotes. */
char csv_row_separator(struct bytes_view line);

#endif
