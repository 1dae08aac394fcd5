/*
 * request_keeping: what operators ask of what the node keeps: quarantine, erasing, retention, legal
 * holds, and where a person's data is.  docs/protocol.md 13.7
 */
#ifndef MALLA_WIRE_REQUEST_KEEPING_H
#define MALLA_WIRE_REQUEST_KEEPING_H

#include "base/bytes.h"
#include "base/limits.h"
#include "wire/schema.h"

#define KEEPING_IDS_MAX 256u
#define KEEPING_NOTE_BYTES_MAX 1024u
#define KEEPING_VALUE_BYTES_MAX 512u

/* QUARANTINE_RELEASE, QUARANTINE_REFUSE, ERASE */
struct keep_arguments {
	struct schema_list ids; /* of bin: 8..64 hex digits each, a prefix of an id */
	struct bytes_view note; /* the reason */
	bool is_dry_run;        /* ERASE: nothing is changed */
};
struct keep_body {
	struct schema_list outcomes; /* of struct keep_outcome, by position */
};
struct keep_outcome {
	uint64_t reason; /* stored: done */
	uint8_t id[32];  /* zeros where no record was found */
	uint64_t hold;       /* legal-hold: its number */
	uint64_t recipients; /* organisations that were sent it */
	bool is_waiting;     /* it was on its way to somebody */
};

/* QUARANTINE_LIST */
struct quarantine_arguments {
	uint64_t limit; /* 1..256 */
	uint64_t after; /* cursor: 0 to begin with */
};
struct quarantine_body {
	struct schema_list rows; /* of struct quarantine_row */
	uint64_t next;           /* 0: this was the last */
	uint64_t hidden;         /* of this page, that the operator may not read */
};
struct quarantine_row {
	uint64_t seq;
	uint64_t since_ms;
	uint8_t via[32];
	struct bytes_view record;
};

/* RETAIN: a stretch of the store each time; the client asks again from `next` until it is 0. */
struct retain_arguments {
	bool is_dry_run;
	uint64_t after; /* 0 to begin with */
};
struct retain_body {
	uint64_t next;           /* 0: done */
	struct schema_list rows; /* of struct retain_row */
};
struct retain_row {
	uint64_t reason; /* stored: it goes; legal-hold; busy: it is still on its way to somebody */
	uint8_t id[32];
	uint64_t hold;
	struct bytes_view rule; /* its name; empty: it has none */
	uint64_t line;          /* of the policy's text */
};

/* HOLD_ADD: of a record or of all that satisfy a predicate. */
struct hold_add_arguments {
	struct bytes_view id;        /* 8..64 hex digits, a prefix; or empty */
	struct bytes_view predicate; /* canonical; or empty */
	struct bytes_view reason;
};
/* HOLD_REMOVE */
struct hold_remove_arguments {
	uint64_t number;
	struct bytes_view reason;
};
/* HOLD_ADD, HOLD_REMOVE */
struct hold_body {
	uint64_t number;
};
/* HOLD_LIST: no arguments */
struct hold_list_body {
	struct schema_list holds; /* of struct hold_entry */
};
struct hold_entry {
	uint64_t number;
	uint8_t id[32]; /* zeros: by predicate */
	struct bytes_view predicate;
	struct bytes_view reason;
	struct bytes_view operator;
	uint64_t since_ms;
};

/* PERSON: a stretch of the store each time. */
struct person_arguments {
	struct bytes_view value;
	uint64_t after;
};
struct person_body {
	uint64_t next;
	struct schema_list rows; /* of struct person_row */
};
/* person_row.where */
#define PERSON_OBSERVABLE 1u
#define PERSON_TEXT 2u
#define PERSON_ORIGINAL 4u /* the bytes of the format it came from */
struct person_row {
	uint64_t seq;
	uint8_t id[32];
	uint64_t kind;
	uint64_t tlp;
	uint8_t author[32];
	uint8_t via[32];
	uint64_t received_ms;
	struct bytes_view writer;
	uint64_t where; /* bits */
	bool is_quarantined;
	uint8_t superseded_by[32];
	uint8_t derived_from[32]; /* the record that this is a redaction of */
	uint8_t target[32];       /* the record that this speaks of */
	uint64_t hold;
	struct schema_list ways;       /* of struct show_way: envelopes by which it came */
	struct schema_list deliveries; /* of struct show_delivery: to whom it went */
	struct bytes_view record; /* for admins who may read it */
};

extern const struct schema request_keeping_schema, request_keeping_body_schema,
    request_keeping_outcome_schema, request_keeping_quarantine_schema,
    request_keeping_quarantine_body_schema, request_keeping_quarantine_row_schema,
    request_keeping_retain_schema, request_keeping_retain_body_schema,
    request_keeping_retain_row_schema, request_keeping_hold_add_schema,
    request_keeping_hold_remove_schema, request_keeping_hold_schema,
    request_keeping_hold_list_schema, request_keeping_hold_entry_schema,
    request_keeping_person_schema, request_keeping_person_body_schema,
    request_keeping_person_row_schema;

#endif
