/*
 * request_policy: how operators set the policy in force, and read those that were.
 * docs/protocol.md 13.4
 */
#ifndef MALLA_WIRE_REQUEST_POLICY_H
#define MALLA_WIRE_REQUEST_POLICY_H

#include "base/bytes.h"
#include "base/limits.h"
#include "wire/schema.h"

#define REQUEST_POLICY_BYTES_MAX 131072u
#define REQUEST_POLICY_LISTS_MAX 16u
#define REQUEST_POLICY_LIST_BYTES_MAX (64u * 1024u * 1024u)
#define REQUEST_POLICY_PART_BYTES_MAX 196608u
#define REQUEST_POLICY_NOTE_BYTES_MAX 256u

/* POLICY_LIST: one part of a list's canonical bytes; without data it only asks where to begin. */
struct policy_list_arguments {
	uint8_t hash[32]; /* of all of them */
	uint64_t size;    /* of all of them */
	uint64_t start;
	struct bytes_view data;
};
struct policy_list_body {
	uint64_t next; /* where the next part begins; size: it is all here */
	uint64_t entries; /* once it is all here */
};

/* POLICY_SET.  A list is named as the text names it. */
struct policy_set_arguments {
	struct bytes_view text;
	struct schema_list lists; /* of struct policy_list_name */
	uint8_t if_hash[32];      /* only while this one is in force; zeros: whichever is */
	struct bytes_view note;
};
struct policy_list_name {
	struct bytes_view name;
	uint8_t hash[32];
	uint64_t entries; /* in answers; 0: it is not here */
};
struct policy_set_body {
	uint8_t hash[32];
	uint8_t before[32]; /* what was in force until now */
	uint64_t leaf;      /* of the log */
};

/* POLICY_SHOW; zeros: the one in force.  The answer is struct policy_body, in request.h. */
struct policy_show_arguments { uint8_t hash[32]; };

/* POLICY_HISTORY: what was set, the newest first. */
struct policy_history_arguments {
	uint64_t before; /* cursor: 0 to begin with */
	uint64_t limit;  /* 1..256 */
};
struct policy_history_body {
	struct schema_list entries; /* of struct policy_entry */
	uint64_t next;              /* cursor; 0: these were the last */
};
struct policy_entry {
	uint8_t hash[32];
	uint64_t time_ms;
	uint64_t leaf;
	struct bytes_view operator_name;
	struct bytes_view name;
	struct bytes_view note;
	bool is_in_force;
};

/* POLICY_REPLAY: first the policy, then part after part of the log; the node keeps it for the
   connection, until another replay begins. */
struct policy_replay_arguments {
	bool begins;            /* then only what is here */
	struct bytes_view text; /* a candidate's text; empty, and no hash: what decided decides again */
	struct schema_list lists; /* of struct policy_list_name */
	uint8_t hash[32];         /* or of one that was set */
	uint8_t org[32];          /* decisions about this peer alone; zeros: about everybody */
	/* else where to go on, as the answer before said */
	uint64_t leaf;
	uint64_t inside; /* decisions of that leaf that were looked at */
};
struct policy_replay_body {
	uint8_t policy[32]; /* the candidate; zeros: there is none */
	struct bytes_view name;
	uint64_t size; /* leaves that the replay goes through */
	uint64_t leaf;
	uint64_t inside;
	bool is_done;
	/* of this part: decisions */
	uint64_t examined;
	uint64_t differing; /* from what the candidate says */
	uint64_t unlike;    /* from what the very policy that decided says now: there should be none */
	uint64_t gone;      /* their record, or the policy that decided, is not here any more */
	struct schema_list entries; /* of struct policy_replay_entry */
};
/* One decision that comes out differently. */
struct policy_replay_entry {
	uint8_t id[32];
	uint8_t org[32]; /* the peer */
	uint64_t leaf;
	uint64_t time_ms;
	bool is_inbound;
	uint64_t logged; /* the outcome as the log has it, a reason */
	uint8_t policy[32]; /* that decided */
	struct bytes_view then; /* struct decision_body of request_preview.h */
	struct bytes_view now;
};

extern const struct schema request_policy_replay_schema, request_policy_replay_body_schema,
    request_policy_replay_entry_schema, request_policy_list_schema, request_policy_list_body_schema,
    request_policy_set_schema, request_policy_set_body_schema, request_policy_name_schema,
    request_policy_show_schema, request_policy_history_schema, request_policy_history_body_schema,
    request_policy_entry_schema;

#endif
