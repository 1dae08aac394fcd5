/*
 * record_out: one record as JSON, as a row of a table, as CSV, as a page.
 */
#ifndef MALLA_CLI_RECORD_OUT_H
#define MALLA_CLI_RECORD_OUT_H

#include "cli/names.h"
#include "cli/output.h"
#include "wire/record.h"

/* The members of an object that is open. */
void record_out_json(struct json_out *json, const struct record *record, const struct record_id *id,
    const struct names *names);
extern const char *const record_out_heads[];
void record_out_row(struct output_table *table, const struct record *record,
    const struct record_id *id, const struct names *names);
/* One line per observable: id, kind, tlp, type, value, title, author, created, confidence,
   severity, valid_until, labels. */
void record_out_csv_head(FILE *out);
void record_out_csv(FILE *out, const struct record *record, const struct record_id *id,
    const struct names *names);
void record_out_page(struct cli *cli, const struct record *record, const struct record_id *id,
    const struct names *names);

#endif
