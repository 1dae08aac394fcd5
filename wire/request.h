/*
 * request: the operators' API: what a client asks of the node over AF_UNIX SEQPACKET, one
 * message each way.  docs/protocol.md 13
 *
 * request  = [bin id (16 bytes), uint command, bin arguments, bin act]
 * answer   = [bin id (16 bytes), uint reason, str words, bin body]
 *
 * `arguments` and `body` are canonical maps (wire/schema).  `act` is empty, or, for commands
 * that must be signed, a signed thing under malla/act/v1 by the operator's key over
 * {0: node's organisation, 2: request id, 4: expiry ms, 6: command, 8: SHA-256 of arguments}.
 * A changing request with an id that was answered before gets the stored answer.
 */
#ifndef MALLA_WIRE_REQUEST_H
#define MALLA_WIRE_REQUEST_H

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/reason.h"
#include "wire/schema.h"

/* Roles of operators, bits. */
/* clang-format off */
#define ROLE_TABLE(X) \
	X(ROLE_ANALYST,       1, "analyst") \
	X(ROLE_PUBLISHER,     2, "publisher") \
	X(ROLE_APPROVER,      4, "approver") \
	X(ROLE_POLICY_ADMIN,  8, "policy-admin") \
	X(ROLE_AUDITOR,      16, "auditor") \
	X(ROLE_ADMIN,        32, "admin")
#define CLEARANCE_TABLE(X) \
	X(CLEARANCE_GREEN, 1, "green") \
	X(CLEARANCE_AMBER, 2, "amber") \
	X(CLEARANCE_RED,   3, "red")

/* X(symbol, code, name, roles any of which permit it, changes something, must be signed) */
#define REQUEST_TABLE(X) \
	X(REQUEST_STATUS,       1, "status",       63, false, false) \
	X(REQUEST_CARD,         2, "card",         63, false, false) \
	X(REQUEST_PEER_ADD,     3, "peer add",     ROLE_ADMIN, true, true) \
	X(REQUEST_PEER_LIST,    4, "peer list",    63, false, false) \
	X(REQUEST_PEER_REMOVE,  5, "peer remove",  ROLE_ADMIN, true, true) \
	X(REQUEST_SUBMIT,       6, "share",        ROLE_PUBLISHER, true, false) \
	X(REQUEST_QUERY,        7, "query",        ROLE_ANALYST | ROLE_PUBLISHER | ROLE_APPROVER, false, false) \
	X(REQUEST_SHOW,         8, "show",         ROLE_ANALYST | ROLE_PUBLISHER | ROLE_APPROVER, false, false) \
	X(REQUEST_LOG,          9, "audit log",    ROLE_AUDITOR | ROLE_ADMIN, false, false) \
	X(REQUEST_VERIFY,      10, "audit verify", ROLE_AUDITOR | ROLE_ADMIN, false, false) \
	X(REQUEST_USER_ADD,    11, "user add",     ROLE_ADMIN, true, true) \
	X(REQUEST_USER_LIST,   12, "user list",    63, false, false) \
	X(REQUEST_USER_REMOVE, 13, "user remove",  ROLE_ADMIN, true, true) \
	X(REQUEST_POLICY_SHOW, 14, "policy show",  63, false, false) \
	X(REQUEST_POLICY_LIST, 15, "policy list",  ROLE_POLICY_ADMIN | ROLE_AUDITOR, false, false) \
	X(REQUEST_POLICY_SET,  16, "policy set",   ROLE_POLICY_ADMIN, true, true) \
	X(REQUEST_POLICY_HISTORY, 17, "policy history", 63, false, false) \
	X(REQUEST_PLAN,        18, "plan", \
	    ROLE_PUBLISHER | ROLE_ANALYST | ROLE_APPROVER | ROLE_POLICY_ADMIN, false, false) \
	X(REQUEST_EXPLAIN,     19, "explain", \
	    ROLE_ANALYST | ROLE_PUBLISHER | ROLE_APPROVER | ROLE_POLICY_ADMIN | ROLE_AUDITOR, false, false) \
	X(REQUEST_POLICY_DIFF, 20, "policy diff",  ROLE_POLICY_ADMIN | ROLE_AUDITOR, false, false) \
	X(REQUEST_POLICY_REPLAY, 21, "policy replay", ROLE_POLICY_ADMIN | ROLE_AUDITOR, false, false) \
	X(REQUEST_APPROVE,     22, "approve",      ROLE_APPROVER, true, true) \
	X(REQUEST_REJECT,      23, "reject",       ROLE_APPROVER, true, true) \
	X(REQUEST_QUEUE,       24, "queue",        ROLE_APPROVER | ROLE_PUBLISHER | ROLE_AUDITOR, false, false) \
	X(REQUEST_QUARANTINE_LIST,    25, "quarantine list",    ROLE_ANALYST | ROLE_APPROVER, false, false) \
	X(REQUEST_QUARANTINE_RELEASE, 26, "quarantine release", ROLE_APPROVER, true, true) \
	X(REQUEST_QUARANTINE_REFUSE,  27, "quarantine refuse",  ROLE_APPROVER, true, true) \
	X(REQUEST_ERASE,        28, "erase",        ROLE_ADMIN, true, true) \
	X(REQUEST_RETAIN,       29, "retain",       ROLE_POLICY_ADMIN | ROLE_ADMIN, true, false) \
	X(REQUEST_RELATE,      30, "relate",       ROLE_ADMIN, true, true) \
	X(REQUEST_RELATION_LIST, 31, "relation list", 63, false, false) \
	X(REQUEST_COMMUNITY_LIST, 32, "community list", 63, false, false) \
	X(REQUEST_HOLD_ADD,    39, "hold add",    ROLE_ADMIN, true, true) \
	X(REQUEST_HOLD_LIST,   40, "hold list",   ROLE_ADMIN | ROLE_AUDITOR, false, false) \
	X(REQUEST_HOLD_REMOVE, 41, "hold remove", ROLE_ADMIN, true, true) \
	X(REQUEST_PERSON,      42, "person",      ROLE_ADMIN | ROLE_AUDITOR, false, false)
/* clang-format on */

enum role {
#define ROLE_ENUM(symbol, code, name) symbol = code,
	ROLE_TABLE(ROLE_ENUM)
#undef ROLE_ENUM
};
#define ROLE_ALL 63u
enum clearance {
#define CLEARANCE_ENUM(symbol, code, name) symbol = code,
	CLEARANCE_TABLE(CLEARANCE_ENUM)
#undef CLEARANCE_ENUM
};
enum request_command {
#define REQUEST_ENUM(symbol, code, name, roles, changes, is_signed) symbol = code,
	REQUEST_TABLE(REQUEST_ENUM)
#undef REQUEST_ENUM
};

struct request {
	struct nonce id;
	uint64_t command; /* may be unknown: the node answers bad-request */
	struct bytes_view arguments;
	struct bytes_view act;
};
struct answer {
	struct nonce id;
	enum reason reason;
	struct bytes_view words; /* details for a person, in English; may be empty */
	struct bytes_view body;  /* empty when the request was refused */
};

MUST_CHECK enum err request_decode(struct bytes_view in, struct request *out);
MUST_CHECK enum err request_encode(const struct request *request, struct bytes *out);
MUST_CHECK enum err request_answer_decode(struct bytes_view in, struct answer *out);
MUST_CHECK enum err request_answer_encode(const struct answer *answer, struct bytes *out);

const char *request_command_name(uint64_t command); /* "?" if unknown */
/* False: unknown. */
bool request_command_needs(uint64_t command, uint32_t *roles, bool *changes, bool *is_signed);
const char *request_role_name(uint32_t role);
bool request_role_parse(struct bytes_view name, uint32_t *role);
const char *request_clearance_name(uint64_t clearance);
bool request_clearance_parse(struct bytes_view name, uint64_t *clearance);

/* ---- what is signed for a dangerous act ---- */
struct act {
	struct org_id node;
	struct nonce request;
	uint64_t expires_ms; /* at most 10 minutes ahead */
	uint64_t command;
	struct hash arguments;
};
/* Statement with its context line. */
MUST_CHECK enum err request_act_encode(const struct act *act, struct bytes *out);
MUST_CHECK enum err request_act_decode(struct bytes_view statement, struct act *out);

/* ---- arguments and bodies, each with its schema ---- */

/* STATUS: no arguments (an empty map) */
struct status_body {
	uint8_t org[32];
	struct bytes_view name;
	struct bytes_view version;
	uint64_t started_ms;
	uint64_t head_epoch;
	uint64_t head_size;
	uint8_t head_root[32];
	uint64_t records;
	uint64_t batches;
	uint64_t card_serial;
	uint64_t card_expires_ms;
	uint64_t supervisor_pid;
	uint64_t link_pid;
	uint64_t core_pid;
	uint64_t keyring_pid;
	struct bytes_view operator_name; /* who is asking */
	uint64_t operator_roles;
	uint64_t operator_clearance;
	uint64_t refused_handshakes;
	struct schema_list endpoints; /* of bin: where it listens */
	struct schema_list made;      /* of struct status_tally: signatures made, by type */
	struct schema_list checked;   /* likewise: checked and good */
	struct schema_list failed;    /* likewise: checked and bad */
	struct schema_list peers;     /* of struct status_peer */
	uint64_t seals;               /* own seals made since the node started */
	uint64_t sealed_records;
	bool is_witnessed; /* some peer has seen our head */
	uint8_t policy[32];               /* in force */
	struct bytes_view policy_problem; /* why it denies and refuses everything; empty: it does not */
};
struct status_tally {
	struct bytes_view name;
	uint64_t count;
};
/* X(symbol, code, name) */
/* clang-format off */
#define PEER_STATE_TABLE(X) \
	X(PEER_DOWN,    1, "down") \
	X(PEER_DIALING, 2, "dialing") \
	X(PEER_GREETED, 3, "greeted") \
	X(PEER_OPEN,    4, "open") \
	X(PEER_REMOVED, 5, "removed")
/* clang-format on */
enum peer_state {
#define PEER_STATE_ENUM(symbol, code, name) symbol = code,
	PEER_STATE_TABLE(PEER_STATE_ENUM)
#undef PEER_STATE_ENUM
};
const char *request_peer_state_name(uint64_t state);
struct status_peer {
	uint8_t org[32];
	struct bytes_view name;
	uint64_t state;
	uint64_t since_ms;   /* connected since; 0 if it is not */
	uint64_t queued;     /* records waiting to leave */
	uint64_t held;       /* records held for an approver */
	uint64_t in_flight;  /* envelopes sent and unreceipted */
	uint64_t receipted;  /* records */
	uint64_t received;   /* records stored from it */
	struct schema_list refused; /* of struct status_tally: records, by reason name, in receipts */
	uint64_t head_epoch; /* the last head of its log that we saw; 0: none */
	uint64_t head_size;
	uint8_t head_root[32];
	uint64_t last_reason;       /* why it was last down or refused us; 0: never */
	struct bytes_view last_words;
	uint64_t last_ms;
	uint64_t card_serial;
	uint64_t card_expires_ms;
};

/* CARD: no arguments */
struct card_body { struct bytes_view package; };

/* PEER_ADD */
struct peer_add_arguments {
	struct bytes_view package;
	struct bytes_view name; /* the local label; empty: the card's */
};
/* PEER_ADD, PEER_REMOVE answer, PEER_REMOVE arguments */
struct org_body { uint8_t org[32]; };

/* PEER_LIST: no arguments.  Removed peers are listed too, and strangers whose card is known. */
struct peer_list_body { struct schema_list peers; /* of struct peer_entry */ };
struct peer_entry {
	uint8_t org[32];
	struct bytes_view name;    /* local label, or the card's name */
	struct bytes_view package; /* newest card package */
	uint64_t added_ms;         /* 0: not a peer, only known by its card */
	bool is_removed;
};

/* SUBMIT; RELATE: relations and charters, which SUBMIT does not take */
struct submit_arguments {
	struct schema_list drafts; /* of bin: canonical drafts, up to BATCH_COUNT_MAX */
	bool is_dry_run;
	bool asks_approver; /* what the privacy gate finds is sealed and waits; else it is refused */
	bool is_brief; /* the outcomes' ids are not wanted: the answer, which is stored, is a seventh */
};
struct submit_body {
	struct schema_list outcomes; /* of struct submit_outcome, by position */
	uint64_t seals;              /* made for it */
};
struct submit_outcome {
	uint64_t reason; /* stored, duplicate (imported before), or why it was refused */
	uint8_t id[32];  /* of the record; zeros where refused */
	uint64_t peers;  /* how many peers it is on its way to, as policy stands */
	uint64_t held;   /* for how many it is held */
	struct bytes_view words; /* what the privacy gate found: "text: curp GOMC******HDF***09" */
};

/* QUERY */
struct query_arguments {
	struct bytes_view predicate; /* canonical; empty: everything */
	uint64_t limit;              /* rows in this answer, 1..256 */
	uint64_t after;              /* cursor: 0 to begin with */
	bool is_descending;
	bool is_count;
	bool is_quarantined; /* those that wait in quarantine, and no others */
};
struct query_body {
	struct schema_list rows; /* of struct query_row */
	uint64_t next;           /* cursor for the next page; 0: this was the last */
	uint64_t hidden;         /* matching records of this page that the operator may not read */
	uint64_t count;          /* is_count only: how many match, hidden ones included */
};
struct query_row {
	uint64_t seq;
	uint64_t received_ms;
	uint8_t via[32];
	struct bytes_view record; /* its bytes; the id is their hash */
	uint64_t disputes; /* that stand */
};

/* SHOW */
struct show_arguments { struct bytes_view id; /* 8..64 hex digits, a prefix */ };
struct show_body {
	struct bytes_view record;
	uint64_t seq;
	uint64_t received_ms;
	uint8_t via[32];
	struct bytes_view writer; /* operator who wrote it here */
	/* authenticity, each a reason: stored means good */
	uint64_t origin;
	uint64_t time;
	uint64_t form;
	uint64_t distribution;
	uint64_t position; /* in the sealed tree */
	uint64_t size;
	uint64_t sealed_ms;
	uint64_t serial;
	struct bytes_view author_name;
	struct bytes_view seal; /* the whole signed thing */
	struct schema_list ways;       /* of struct show_way: envelopes by which it came */
	struct schema_list deliveries; /* of struct show_delivery */
	uint64_t quarantined_ms; /* since when it waits to be looked into; 0: it does not */
	uint64_t hold;           /* the legal hold that keeps it; 0: none */
	struct schema_list versions; /* of struct show_version; none where it was not amended */
	struct schema_list disputes; /* of struct show_dispute */
};
/* X(symbol, code, name) */
/* clang-format off */
#define SHOW_VERSION_TABLE(X) \
	X(SHOW_VERSION_IN_FORCE,    1, "in-force") \
	X(SHOW_VERSION_SUPERSEDED,  2, "superseded") \
	X(SHOW_VERSION_WAITING,     3, "waiting")     /* for the first one, which is not here */ \
	X(SHOW_VERSION_QUARANTINED, 4, "quarantined") \
	X(SHOW_VERSION_ERASED,      5, "erased") \
	X(SHOW_VERSION_UNKNOWN,     6, "unknown")     /* the first one is not here */
/* clang-format on */
enum show_version_state {
#define SHOW_VERSION_ENUM(symbol, code, name) symbol = code,
	SHOW_VERSION_TABLE(SHOW_VERSION_ENUM)
#undef SHOW_VERSION_ENUM
};
const char *request_version_state_name(uint64_t state); /* "?" if unknown */
struct show_version {
	uint8_t id[32];
	uint64_t created_ms; /* 0: not known */
	uint64_t state;      /* enum show_version_state */
};
struct show_dispute {
	uint8_t id[32];
	uint8_t org[32]; /* who disputes it */
	uint64_t reason; /* enum dispute */
	uint64_t created_ms;
	bool is_answered;
};
struct show_way {
	uint8_t org[32];
	uint64_t number;
	uint64_t time_ms;
	uint8_t envelope[32];
	uint64_t outcome;
};
struct show_delivery {
	uint8_t org[32];
	uint64_t number;
	uint64_t state; /* enum delivery_state: 1 sent, 2 receipted, 3 void */
	uint64_t sent_ms;
	uint64_t settled_ms;
	uint64_t outcome; /* where receipted */
	uint8_t envelope[32];
};

/* LOG */
struct log_arguments {
	uint64_t from;
	uint64_t limit; /* 1..256 */
};
struct log_body {
	struct schema_list events; /* of struct log_entry */
	uint64_t epoch;
	uint64_t size;
	uint8_t root[32];
};
struct log_entry {
	uint8_t leaf[114];
	bool is_erased;
	uint8_t salt[16];
	struct bytes_view details;
};

/* VERIFY: recomputes a slice of the log, leaf by leaf; the client asks again from `next` until
   it is 0.  Begin with from = 0; the node keeps the position per connection. */
struct verify_arguments { uint64_t from; };
struct verify_body {
	uint64_t next; /* 0: done */
	uint64_t size;
	uint64_t checked;    /* leaves so far */
	uint64_t signatures; /* verified so far */
	uint64_t records;    /* recomputed so far */
	bool is_lie;         /* then `lie` is the first leaf that lies, and words say how */
	uint64_t lie;
	uint8_t root[32];    /* when done */
};

/* USER_ADD, and the entries of USER_LIST */
struct user_entry {
	struct bytes_view name;
	uint64_t uid;
	uint64_t roles;
	uint64_t clearance;
	bool is_red_desk;
	uint8_t public_key[32];
	uint64_t added_ms;
};
struct user_list_body { struct schema_list users; };
/* USER_REMOVE */
struct user_remove_arguments { struct bytes_view name; };

/* POLICY_SHOW; its arguments, and all else about policies, are in request_policy.h */
struct policy_body {
	struct bytes_view text;
	uint8_t hash[32];
	bool is_in_force;
	struct bytes_view problem; /* why the node denies and refuses everything; empty: it does not */
	/* where somebody set it */
	uint64_t time_ms;
	uint64_t leaf;
	struct bytes_view operator_name;
	struct bytes_view note;
	struct schema_list lists; /* of struct policy_list_name */
};

/* An empty map: for commands without arguments or body. */
struct empty_body { uint8_t nothing; };

extern const struct schema request_empty_schema, request_status_schema, request_tally_schema,
    request_status_peer_schema, request_card_schema, request_peer_add_schema, request_org_schema,
    request_peer_list_schema, request_peer_entry_schema, request_submit_schema,
    request_submit_body_schema, request_outcome_schema, request_query_schema,
    request_query_body_schema, request_row_schema, request_show_schema, request_show_body_schema,
    request_way_schema, request_delivery_schema, request_version_schema, request_dispute_schema,
    request_log_schema, request_log_body_schema,
    request_log_entry_schema, request_verify_schema, request_verify_body_schema,
    request_user_schema, request_user_list_schema, request_user_remove_schema,
    request_policy_schema;

#endif
