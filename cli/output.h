/*
 * output: tables that line up, labels in the colours of TLP, times and ids as people read them.
 */
#ifndef MALLA_CLI_OUTPUT_H
#define MALLA_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ids.h"
#include "base/json_out.h"
#include "cli/cli.h"
#include "wire/marking.h"

#define OUTPUT_COLUMNS_MAX 10
#define OUTPUT_SHORT_ID 12 /* hex digits of a record's or organisation's id in a table */

struct output_table {
	struct cli *cli;
	int columns;
	int widths[OUTPUT_COLUMNS_MAX];
	char **cells; /* columns per row, the first row is the head */
	size_t count, cap;
	enum err err;
};

/* `heads` ends with NULL and is shown in capitals as given. */
void output_table_open(struct output_table *table, struct cli *cli, const char *const *heads);
/* The next cell; control characters are replaced, and on a terminal long ones are cut. */
void output_table_cell(struct output_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void output_table_text(struct output_table *table, struct bytes_view text, int width_max);
/* Print what was collected and release it.  With only its head nothing is printed. */
void output_table_close(struct output_table *table);

/* "TLP:AMBER" in FIRST's colours on black, or plain. */
const char *output_tlp(const struct cli *cli, enum tlp tlp);
/* "2026-11-23 15:00:00Z"; "-" for 0.  One of four static buffers. */
const char *output_time(uint64_t time_ms);
/* The first digits of an id.  One of four static buffers. */
const char *output_id(const uint8_t id[32]);
const char *output_full_id(const uint8_t id[32]);
/* Text with control characters replaced, for stdout. */
void output_text(FILE *out, struct bytes_view text);
/* One CSV field (RFC 4180), quoted where needed; a leading = + - @ gets an apostrophe, since
   spreadsheets run such cells. */
void output_csv(FILE *out, struct bytes_view text, bool is_last);
/* How much is done, on one line of a terminal's stderr; silent elsewhere. */
void output_progress(const struct cli *cli, const char *what, uint64_t done, uint64_t total);
void output_progress_end(const struct cli *cli);

#endif
