/*
 * statement_out: what relations, charters, disputes and amendments say, for record_out.c only.
 */
#ifndef MALLA_CLI_STATEMENT_OUT_H
#define MALLA_CLI_STATEMENT_OUT_H

#include "base/json_out.h"
#include "cli/names.h"
#include "wire/record.h"

/* Fields of the record's object; nothing for other kinds. */
void statement_out_json(
    struct json_out *json, const struct record *record, const struct names *names);
/* Lines of the record's page. */
void statement_out_page(const struct record *record, const struct names *names);

#endif
