#include "wire/request_approve.h"

#include "wire/marking.h"
#include "wire/record.h"

#define FIELD(k, type, must, s, m, lo, hi)                                                         \
	{                                                                                          \
		k, type, must, offsetof(struct s, m), lo, hi                                       \
	}
#define ID(k, must, s, m) FIELD(k, SCHEMA_FIXED, must, s, m, 0, sizeof(((struct s *)0)->m))
#define NUMBER(k, s, m, hi) FIELD(k, SCHEMA_UINT, false, s, m, 0, hi)
#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))

static const struct schema_field queue_fields[] = {
    NUMBER(0, queue_arguments, after_batch, NUMBER_MAX),
    ID(1, false, queue_arguments, after_peer),
};
static const struct schema_field queue_body_fields[] = {
    FIELD(0, SCHEMA_LIST, false, queue_body, entries, 0, QUEUE_ENTRIES_MAX),
    ID(1, true, queue_body, policy),
    FIELD(2, SCHEMA_BOOL, false, queue_body, has_more, 0, 0),
    NUMBER(3, queue_body, next_batch, NUMBER_MAX),
    ID(4, false, queue_body, next_peer),
    NUMBER(5, queue_body, hidden, NUMBER_MAX),
};
static const struct schema_field entry_fields[] = {
    ID(0, true, queue_entry, id),
    ID(1, true, queue_entry, peer),
    NUMBER(2, queue_entry, kind, RECORD_CHARTER),
    NUMBER(3, queue_entry, tlp, TLP_RED),
    NUMBER(4, queue_entry, received_ms, TIME_MS_MAX),
    FIELD(5, SCHEMA_LINE, false, queue_entry, writer, 0, PERSON_BYTES_MAX),
    FIELD(6, SCHEMA_LINE, false, queue_entry, rule, 0, 64),
    NUMBER(7, queue_entry, given, UINT16_MAX),
    NUMBER(8, queue_entry, needed, UINT16_MAX),
    FIELD(9, SCHEMA_BOOL, false, queue_entry, is_private, 0, 0),
    FIELD(10, SCHEMA_LINE, false, queue_entry, approvers, 0, 1024),
    FIELD(11, SCHEMA_LINE, false, queue_entry, headline, 0, TITLE_BYTES_MAX),
};
static const struct schema_field approve_fields[] = {
    ID(0, true, approve_arguments, id),
    FIELD(1, SCHEMA_BIN, true, approve_arguments, peers, 32, 32 * APPROVE_PEERS_MAX),
    ID(2, true, approve_arguments, policy),
    FIELD(3, SCHEMA_UINT, true, approve_arguments, expires_ms, 1, TIME_MS_MAX),
    FIELD(4, SCHEMA_LINE, true, approve_arguments, note, 1, APPROVE_NOTE_BYTES_MAX),
    FIELD(5, SCHEMA_BOOL, false, approve_arguments, releases_privacy, 0, 0),
};
static const struct schema_field approve_body_fields[] = {
    NUMBER(0, approve_body, released, APPROVE_PEERS_MAX),
    NUMBER(1, approve_body, waiting, APPROVE_PEERS_MAX),
};

#define SCHEMA(name, type, table)                                                                  \
	const struct schema name = {sizeof(struct type), COUNT_OF(table), table}
SCHEMA(request_approve_queue_schema, queue_arguments, queue_fields);
SCHEMA(request_approve_queued_schema, queue_body, queue_body_fields);
SCHEMA(request_approve_held_schema, queue_entry, entry_fields);
SCHEMA(request_approve_schema, approve_arguments, approve_fields);
SCHEMA(request_approve_body_schema, approve_body, approve_body_fields);
