/*
 * event: one leaf of a node's log, a fixed-size row of facts, and the details it commits to.
 * docs/protocol.md 10
 *
 * leaf = u16 type, u64 index, u64 time (ms), 32 bytes actor, 32 bytes object, 32 bytes
 * commitment: 114 bytes, big-endian.  Its hash in the tree is SHA-256(0x00 || leaf).
 * commitment = SHA-256(16-byte salt || details); without details it is 32 zeros.
 */
#ifndef MALLA_WIRE_EVENT_H
#define MALLA_WIRE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"

#define EVENT_LEAF_BYTES 114u
#define EVENT_DETAILS_BYTES_MAX 65536u

/* X(symbol, code, name).  actor: an organisation's id, or for acts of operators
   SHA-256("operator" || 0x00 || name); object: what EVENT_OBJECT says in protocol.md 10. */
/* clang-format off */
#define EVENT_TABLE(X) \
	X(EVENT_EPOCH,             1, "epoch")             /* first leaf of an epoch; object: own id */ \
	X(EVENT_SEALED,            2, "sealed")            /* own seal; object: SHA-256 of its statement */ \
	X(EVENT_ENVELOPE_SENT,     3, "envelope-sent")     /* object: SHA-256 of its statement */ \
	X(EVENT_ENVELOPE_RECEIVED, 4, "envelope-received") \
	X(EVENT_RECEIPT_SENT,      5, "receipt-sent") \
	X(EVENT_RECEIPT_RECEIVED,  6, "receipt-received") \
	X(EVENT_CARD,              7, "card")              /* a card became known; object: SHA-256 of its statement */ \
	X(EVENT_POLICY,            8, "policy")            /* object: the policy's hash */ \
	X(EVENT_ACT,               9, "act")               /* an operator's act; object: SHA-256 of the request's arguments */ \
	X(EVENT_REFUSALS,         10, "refusals")          /* summary per peer and minute; object: the peer's id, or zeros */ \
	X(EVENT_NUMBER_VOIDED,    11, "number-voided")     /* object: SHA-256 of the envelope's statement */ \
	X(EVENT_EVIDENCE,         12, "evidence")          /* somebody contradicted himself; object: SHA-256 of the second statement */ \
	X(EVENT_READ,             13, "read")              /* RED or AMBER+STRICT was read; object: the record's id is in the details */ \
	X(EVENT_DECIDED,          14, "decided")           /* what the policy kept from leaving; object: the batch's sealed root */ \
	X(EVENT_APPROVAL,         15, "approval")          /* a held record was released or rejected; object: its id */ \
	X(EVENT_ERASED,           16, "erased")            /* object: root of [record id || outcome] of what went */ \
	X(EVENT_QUARANTINE,       17, "quarantine")        /* released or refused; object: likewise */ \
	X(EVENT_LEGAL_HOLD,       21, "legal-hold")        /* put or ended; object: SHA-256 of the record's id or the predicate */
/* clang-format on */

enum event_type {
#define EVENT_ENUM(symbol, code, name) symbol = code,
	EVENT_TABLE(EVENT_ENUM)
#undef EVENT_ENUM
};

struct event {
	enum event_type type;
	uint64_t index;
	uint64_t time_ms;
	uint8_t actor[32];
	uint8_t object[32];
	struct hash commitment;
};

/* Details: {0: bin signed thing, 2: records root, 4: records, 6: peer, 8: number, 10: policy
   hash, 11: text, 12: request, 14: command, 16: reason}; each may be absent. */
enum event_detail_key {
	EVENT_DETAIL_SIGNED = 0,  /* the whole signed thing (seal, envelope, receipt, card, act) */
	EVENT_DETAIL_RECORDS = 2, /* Merkle root over [record id || u16 outcome] of its records */
	EVENT_DETAIL_COUNT = 4,
	EVENT_DETAIL_PEER = 6,
	EVENT_DETAIL_NUMBER = 8,
	EVENT_DETAIL_POLICY = 10,
	EVENT_DETAIL_TEXT = 11, /* for people: the rule's name, an operator's name … */
	EVENT_DETAIL_REQUEST = 12,
	EVENT_DETAIL_COMMAND = 14,
	EVENT_DETAIL_REASON = 16,
};

struct event_details {
	struct bytes_view signed_thing; /* empty: absent; likewise below */
	bool has_records;
	struct hash records;
	uint64_t count;
	bool has_peer;
	struct org_id peer;
	uint64_t number;
	bool has_policy;
	struct hash policy;
	struct bytes_view text;
	bool has_request;
	struct nonce request;
	uint64_t command;
	bool has_reason;
	uint64_t reason;
	uint32_t unknown; /* odd keys that this version does not know; never written */
};

/* The leaf of one record in the tree whose root details carry: SHA-256(0x00 || id || u16 outcome),
   where outcome is an enum reason. */
void event_record_leaf(const struct record_id *id, uint16_t outcome, struct hash *out);
const char *event_type_name(enum event_type type); /* "?" if unknown */
bool event_type_is_known(uint64_t code);
void event_leaf_encode(const struct event *event, uint8_t leaf[EVENT_LEAF_BYTES]);
/* ERR_VALUE: an unknown type. */
MUST_CHECK enum err event_leaf_decode(const uint8_t leaf[EVENT_LEAF_BYTES], struct event *out);
void event_commit(const struct salt *salt, struct bytes_view details, struct hash *out);
/* The actor field for an operator's act. */
void event_actor_operator(struct bytes_view name, uint8_t actor[32]);
/* Borrowed from in; numbers of zero are written as absent and refused when present. */
MUST_CHECK enum err event_details_decode(struct bytes_view in, struct event_details *out);
/* ERR_UTF8: the text is not prose.  ERR_TOO_LARGE: above EVENT_DETAILS_BYTES_MAX. */
MUST_CHECK enum err event_details_encode(const struct event_details *details, struct bytes *out);

#endif
