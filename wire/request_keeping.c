#include "wire/request_keeping.h"

#include "wire/marking.h"
#include "wire/record.h"

#define FIELD(k, type, must, s, m, lo, hi)                                                         \
	{                                                                                          \
		k, type, must, offsetof(struct s, m), lo, hi                                       \
	}
#define ID(k, must, s, m) FIELD(k, SCHEMA_FIXED, must, s, m, 0, sizeof(((struct s *)0)->m))
#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))
#define PREDICATE_MAX 65536u

static const struct schema_field keep_fields[] = {
    FIELD(0, SCHEMA_LIST, false, keep_arguments, ids, 0, KEEPING_IDS_MAX),
    FIELD(1, SCHEMA_LINE, true, keep_arguments, note, 1, KEEPING_NOTE_BYTES_MAX),
    FIELD(2, SCHEMA_BOOL, false, keep_arguments, is_dry_run, 0, 0),
};
static const struct schema_field body_fields[] = {
    FIELD(0, SCHEMA_LIST, false, keep_body, outcomes, 0, KEEPING_IDS_MAX),
};
static const struct schema_field outcome_fields[] = {
    FIELD(0, SCHEMA_UINT, true, keep_outcome, reason, 0, UINT16_MAX),
    ID(1, false, keep_outcome, id),
    FIELD(2, SCHEMA_UINT, false, keep_outcome, hold, 0, NUMBER_MAX),
    FIELD(3, SCHEMA_UINT, false, keep_outcome, recipients, 0, PEERS_MAX),
    FIELD(4, SCHEMA_BOOL, false, keep_outcome, is_waiting, 0, 0),
};
static const struct schema_field quarantine_fields[] = {
    FIELD(0, SCHEMA_UINT, true, quarantine_arguments, limit, 1, 256),
    FIELD(1, SCHEMA_UINT, false, quarantine_arguments, after, 0, NUMBER_MAX),
};
static const struct schema_field quarantine_body_fields[] = {
    FIELD(0, SCHEMA_LIST, false, quarantine_body, rows, 0, 256),
    FIELD(1, SCHEMA_UINT, false, quarantine_body, next, 0, NUMBER_MAX),
    FIELD(2, SCHEMA_UINT, false, quarantine_body, hidden, 0, NUMBER_MAX),
};
static const struct schema_field quarantine_row_fields[] = {
    FIELD(0, SCHEMA_UINT, true, quarantine_row, seq, 1, NUMBER_MAX),
    FIELD(1, SCHEMA_UINT, true, quarantine_row, since_ms, 0, TIME_MS_MAX),
    ID(2, true, quarantine_row, via),
    FIELD(3, SCHEMA_BIN, true, quarantine_row, record, 1, RECORD_BYTES_MAX),
};
static const struct schema_field retain_fields[] = {
    FIELD(0, SCHEMA_BOOL, false, retain_arguments, is_dry_run, 0, 0),
    FIELD(1, SCHEMA_UINT, false, retain_arguments, after, 0, NUMBER_MAX),
};
static const struct schema_field retain_body_fields[] = {
    FIELD(0, SCHEMA_UINT, false, retain_body, next, 0, NUMBER_MAX),
    FIELD(1, SCHEMA_LIST, false, retain_body, rows, 0, 256),
};
static const struct schema_field retain_row_fields[] = {
    FIELD(0, SCHEMA_UINT, true, retain_row, reason, 0, UINT16_MAX),
    ID(1, true, retain_row, id),
    FIELD(2, SCHEMA_UINT, false, retain_row, hold, 0, NUMBER_MAX),
    FIELD(3, SCHEMA_LINE, false, retain_row, rule, 0, 64),
    FIELD(4, SCHEMA_UINT, false, retain_row, line, 0, UINT32_MAX),
};
static const struct schema_field hold_add_fields[] = {
    FIELD(0, SCHEMA_LINE, false, hold_add_arguments, id, 8, 64),
    FIELD(1, SCHEMA_BIN, false, hold_add_arguments, predicate, 1, PREDICATE_MAX),
    FIELD(2, SCHEMA_LINE, true, hold_add_arguments, reason, 1, KEEPING_NOTE_BYTES_MAX),
};
static const struct schema_field hold_remove_fields[] = {
    FIELD(0, SCHEMA_UINT, true, hold_remove_arguments, number, 1, NUMBER_MAX),
    FIELD(1, SCHEMA_LINE, true, hold_remove_arguments, reason, 1, KEEPING_NOTE_BYTES_MAX),
};
static const struct schema_field hold_fields[] = {
    FIELD(0, SCHEMA_UINT, true, hold_body, number, 1, NUMBER_MAX),
};
static const struct schema_field hold_list_fields[] = {
    FIELD(0, SCHEMA_LIST, false, hold_list_body, holds, 0, 256),
};
static const struct schema_field hold_entry_fields[] = {
    FIELD(0, SCHEMA_UINT, true, hold_entry, number, 1, NUMBER_MAX),
    ID(1, false, hold_entry, id),
    FIELD(2, SCHEMA_BIN, false, hold_entry, predicate, 1, PREDICATE_MAX),
    FIELD(3, SCHEMA_LINE, true, hold_entry, reason, 1, KEEPING_NOTE_BYTES_MAX),
    FIELD(4, SCHEMA_LINE, true, hold_entry, operator, 1, PERSON_BYTES_MAX),
    FIELD(5, SCHEMA_UINT, true, hold_entry, since_ms, 0, TIME_MS_MAX),
};
static const struct schema_field person_fields[] = {
    FIELD(0, SCHEMA_LINE, true, person_arguments, value, 1, KEEPING_VALUE_BYTES_MAX),
    FIELD(1, SCHEMA_UINT, false, person_arguments, after, 0, NUMBER_MAX),
};
static const struct schema_field person_body_fields[] = {
    FIELD(0, SCHEMA_UINT, false, person_body, next, 0, NUMBER_MAX),
    FIELD(1, SCHEMA_LIST, false, person_body, rows, 0, 256),
};
static const struct schema_field person_row_fields[] = {
    FIELD(0, SCHEMA_UINT, true, person_row, seq, 1, NUMBER_MAX),
    ID(1, true, person_row, id),
    FIELD(2, SCHEMA_UINT, true, person_row, kind, 1, RECORD_CHARTER),
    FIELD(3, SCHEMA_UINT, false, person_row, tlp, 0, TLP_RED),
    ID(4, true, person_row, author),
    ID(5, true, person_row, via),
    FIELD(6, SCHEMA_UINT, true, person_row, received_ms, 0, TIME_MS_MAX),
    FIELD(7, SCHEMA_LINE, false, person_row, writer, 0, PERSON_BYTES_MAX),
    FIELD(8, SCHEMA_UINT, true, person_row, where, 1, 7),
    FIELD(9, SCHEMA_BOOL, false, person_row, is_quarantined, 0, 0),
    ID(10, false, person_row, superseded_by),
    ID(11, false, person_row, derived_from),
    ID(12, false, person_row, target),
    FIELD(13, SCHEMA_UINT, false, person_row, hold, 0, NUMBER_MAX),
    FIELD(14, SCHEMA_LIST, false, person_row, ways, 0, 64),
    FIELD(15, SCHEMA_LIST, false, person_row, deliveries, 0, PEERS_MAX),
    FIELD(16, SCHEMA_BIN, false, person_row, record, 1, RECORD_BYTES_MAX),
};

#define SCHEMA(name, type, table)                                                                  \
	const struct schema name = {sizeof(struct type), COUNT_OF(table), table}

SCHEMA(request_keeping_schema, keep_arguments, keep_fields);
SCHEMA(request_keeping_body_schema, keep_body, body_fields);
SCHEMA(request_keeping_outcome_schema, keep_outcome, outcome_fields);
SCHEMA(request_keeping_quarantine_schema, quarantine_arguments, quarantine_fields);
SCHEMA(request_keeping_quarantine_body_schema, quarantine_body, quarantine_body_fields);
SCHEMA(request_keeping_quarantine_row_schema, quarantine_row, quarantine_row_fields);
SCHEMA(request_keeping_retain_schema, retain_arguments, retain_fields);
SCHEMA(request_keeping_retain_body_schema, retain_body, retain_body_fields);
SCHEMA(request_keeping_retain_row_schema, retain_row, retain_row_fields);
SCHEMA(request_keeping_hold_add_schema, hold_add_arguments, hold_add_fields);
SCHEMA(request_keeping_hold_remove_schema, hold_remove_arguments, hold_remove_fields);
SCHEMA(request_keeping_hold_schema, hold_body, hold_fields);
SCHEMA(request_keeping_hold_list_schema, hold_list_body, hold_list_fields);
SCHEMA(request_keeping_hold_entry_schema, hold_entry, hold_entry_fields);
SCHEMA(request_keeping_person_schema, person_arguments, person_fields);
SCHEMA(request_keeping_person_body_schema, person_body, person_body_fields);
SCHEMA(request_keeping_person_row_schema, person_row, person_row_fields);
