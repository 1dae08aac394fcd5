/*
 * request_preview: what is asked and answered beforehand and afterwards: who would get a record,
 * why somebody did or did not, and what another policy would change.  docs/protocol.md 13.5
 */
#ifndef MALLA_WIRE_REQUEST_PREVIEW_H
#define MALLA_WIRE_REQUEST_PREVIEW_H

#include "base/bytes.h"
#include "base/limits.h"
#include "wire/schema.h"

/* What was decided, or why nothing had to be: in PLAN, EXPLAIN and POLICY_DIFF. */
/* What the send path asks before it asks the policy. */
enum decision_way {
	DECISION_ASKED = 0,   /* the one decision function said the rest */
	DECISION_ITS_OWN = 1, /* the peer is its author */
	DECISION_SOURCE = 2,  /* the peer is whom it was had from */
	DECISION_EXPIRED = 3, /* past its validity: nobody is sent it */
	DECISION_NO_PEER = 4, /* nothing is sent to this organisation */
};
struct decision_body {
	uint64_t way;     /* enum decision_way; other than 0: in PLAN nothing below is said, in EXPLAIN
			     what the policy would say all the same */
	uint64_t action;  /* as policy/rule numbers them */
	uint64_t by;      /* as policy/decide does: ceiling, standing, terms, ... */
	uint64_t reason;
	uint64_t ceiling; /* the ceiling's word, a reason */
	uint64_t ground;  /* and why, as policy/ceiling numbers them */
	bool is_derived;  /* the ground is about what the record was derived from */
	uint64_t approvers;
	uint64_t redacted;
	uint64_t rule;    /* its number in its section, from 1; 0: none matches */
	struct bytes_view rule_name;
	uint64_t rule_line;
};

/* PLAN: of one stored record, or of drafts */
struct plan_arguments {
	struct bytes_view id;      /* 8..64 hex digits, a prefix; empty: drafts */
	struct schema_list drafts; /* of bin, as SUBMIT takes them */
	uint8_t org[32];           /* zeros: every peer */
};
struct plan_body {
	struct schema_list records; /* of struct submit_outcome, by position; peers and held 0 */
	struct schema_list groups;  /* of struct plan_group */
	uint64_t next;              /* so many drafts were looked at; 0: all */
	uint8_t policy[32];
	struct bytes_view policy_name;
};
/* Peers about which the same is decided, of the same records. */
struct plan_group {
	struct bytes_view decision; /* struct decision_body */
	struct bytes_view peers;    /* 32 bytes each */
	struct bytes_view records;  /* a bit each by position, the lowest bit of a byte first */
};

/* EXPLAIN: of one stored record and one peer */
struct explain_arguments {
	struct bytes_view id; /* as PLAN's */
	uint8_t org[32];
	bool is_inbound;          /* why it was taken from that peer */
	struct bytes_view policy; /* a candidate's text; empty: the one in force */
	struct schema_list lists; /* of struct policy_list_name: its lists, which are there already */
};
struct explain_body {
	uint8_t id[32];
	uint64_t tlp;
	uint8_t author[32];
	uint8_t via[32];
	uint64_t received_ms;
	struct bytes_view decision; /* struct decision_body */
	uint8_t policy[32];
	struct bytes_view policy_name;
	bool is_in_force;
	bool is_hidden; /* the record's values are not for who asks */
	struct schema_list rules;      /* of struct explain_rule, in order */
	struct schema_list deliveries; /* of struct show_delivery, to this peer */
	struct schema_list ways;       /* of struct show_way, from this peer */
	struct schema_list logged;     /* of struct explain_logged: decisions as they were logged */
	struct schema_list approvals;  /* of struct explain_approval, oldest first */
	uint64_t waiting; /* records of its batch that wait to leave */
	uint64_t held;    /* and that are held for approvers */
};
/* A rule that was tried, or was not. */
struct explain_rule {
	uint64_t line;
	uint64_t action;
	struct bytes_view name;
	uint64_t approvers;
	uint64_t redacted;
	uint64_t trace;              /* as policy/decide numbers them */
	struct bytes_view source;    /* the line of the policy */
	struct bytes_view condition; /* what did not hold; empty where nothing failed */
	struct bytes_view value;     /* what is there instead; empty: nothing is stated */
	bool is_of_peer;             /* the value is the peer's */
};
struct explain_logged {
	uint64_t number; /* of the envelope */
	uint64_t time_ms;
	uint8_t policy[32];
	struct bytes_view rule; /* of the last of its records; empty: it has no name */
	uint64_t leaf;
};

/* What an approver said of this record and peer. */
struct explain_approval {
	struct bytes_view operator_name;
	bool is_rejection;
	bool counts; /* now, under the policy that is asked */
	uint64_t given_ms;
	uint8_t policy[32]; /* under which it was said */
};

/* POLICY_DIFF: first each of the two policies, then part after part of the store; the node keeps
   them for the connection, until another one begins. */
enum diff_step { DIFF_WALK = 0, DIFF_BEFORE = 1, DIFF_AFTER = 2 };
struct diff_arguments {
	uint64_t step;          /* enum diff_step */
	uint8_t hash[32];       /* BEFORE, AFTER: of one that was set; zeros, and no text: in force */
	struct bytes_view text; /* or a candidate's text */
	struct schema_list lists; /* of struct policy_list_name */
	uint8_t org[32];          /* WALK: this peer alone; zeros: every peer */
	uint64_t after;           /* WALK: cursor; 0 to begin with */
};
struct diff_body {
	uint8_t policy[32]; /* BEFORE, AFTER */
	struct bytes_view policy_name;
	uint64_t examined;         /* records of this part */
	uint64_t total;            /* records of the store */
	uint64_t next;             /* cursor; 0: this was the last part */
	struct bytes_view ids;     /* of records that are decided differently for anybody */
	struct schema_list groups; /* of struct diff_group */
};
/* Peers for whom the same changes, of the same records.  Of both decisions the ceiling lets them go,
   and its ground is not said. */
struct diff_group {
	struct bytes_view before;  /* struct decision_body */
	struct bytes_view after;
	struct bytes_view peers;   /* 32 bytes each */
	struct bytes_view records; /* a bit for each of ids, the lowest bit of a byte first */
};

extern const struct schema request_preview_decision_schema, request_preview_plan_schema,
    request_preview_plan_body_schema, request_preview_group_schema, request_preview_explain_schema,
    request_preview_explain_body_schema, request_preview_rule_schema,
    request_preview_logged_schema, request_preview_approval_schema,
    request_preview_diff_schema, request_preview_diff_body_schema,
    request_preview_diff_group_schema;

#endif
