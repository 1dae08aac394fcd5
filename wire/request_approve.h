/*
 * request_approve: what is held, and what approvers say of it.  docs/protocol.md 13.6
 */
#ifndef MALLA_WIRE_REQUEST_APPROVE_H
#define MALLA_WIRE_REQUEST_APPROVE_H

#include "base/bytes.h"
#include "base/limits.h"
#include "wire/schema.h"

#define QUEUE_ENTRIES_MAX 256u
#define APPROVE_PEERS_MAX 256u
#define APPROVE_NOTE_BYTES_MAX 512u

/* QUEUE: records that are held for peers.  Cursor: both zero to begin with. */
struct queue_arguments {
	uint64_t after_batch;
	uint8_t after_peer[32];
};
struct queue_body {
	struct schema_list entries; /* of struct queue_entry */
	uint8_t policy[32];         /* in force: approvals count under it alone */
	bool has_more;              /* ask again, after the last entry's batch and peer */
	uint64_t next_batch;
	uint8_t next_peer[32];
	uint64_t hidden; /* held records that the operator may not read */
};
struct queue_entry {
	uint8_t id[32];
	uint8_t peer[32];
	uint64_t kind;
	uint64_t tlp;
	uint64_t received_ms;
	struct bytes_view writer;
	struct bytes_view rule; /* that holds it */
	uint64_t given;         /* approvals that count */
	uint64_t needed;
	bool is_private;           /* the privacy gate holds it */
	struct bytes_view approvers; /* their names, with ", " between */
	struct bytes_view headline; /* for those who may read it; empty: no */
};

/* APPROVE, REJECT: bound to the record, the recipients and the policy; signed. */
struct approve_arguments {
	uint8_t id[32];
	struct bytes_view peers; /* 32 bytes each, ascending, at least one */
	uint8_t policy[32];
	uint64_t expires_ms;
	struct bytes_view note;
	bool releases_privacy;
};
struct approve_body {
	uint64_t released; /* peers to whom it goes now */
	uint64_t waiting;  /* for whom it still takes another approver */
};

extern const struct schema request_approve_queue_schema, request_approve_queued_schema,
    request_approve_held_schema, request_approve_schema, request_approve_body_schema;

#endif
