/*
 * exchange: the messages on a link, one frame each: [uint type, map].  docs/protocol.md 9
 *
 * A frame has at most FRAME_BYTES_MAX bytes; type is 1..255.
 */
#ifndef MALLA_WIRE_EXCHANGE_H
#define MALLA_WIRE_EXCHANGE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/reason.h"
#include "wire/receipt.h"
#include "wire/signed.h"

/* 6 KEY, 7 WITNESS, 8 COSIGNATURE and 9 GOSSIP are reserved: refused as `not-supported`. */
enum exchange_type {
	EXCHANGE_HELLO = 1,
	EXCHANGE_ENVELOPE = 2,
	EXCHANGE_RECEIPT = 3,
	EXCHANGE_REFUSAL = 4,
	EXCHANGE_CARD = 5,
	EXCHANGE_KEY = 6,
	EXCHANGE_WITNESS = 7,
	EXCHANGE_COSIGNATURE = 8,
	EXCHANGE_GOSSIP = 9,
};

#define PROTOCOL_VERSION 0u

#define HELLO_VERSIONS_MAX 8u
#define HELLO_SUITES_MAX 8u
#define REFUSAL_RETRY_MS_MAX 86400000u /* a day */

/* keys of HELLO; all must be there unless it says so */
enum hello_key {
	HELLO_VERSIONS = 0, /* [uint...], 1..HELLO_VERSIONS_MAX of 0..255, strictly ascending */
	HELLO_SUITES = 2,   /* [uint...], 1..HELLO_SUITES_MAX of 1..255, strictly ascending */
	HELLO_ORG = 4,      /* bin, 32 bytes */
	HELLO_SERIAL = 6,   /* uint, 1..NUMBER_MAX: own card */
	HELLO_PEER_SERIAL = 8, /* uint, 0..NUMBER_MAX: newest card of yours that I know; 0: none */
	HELLO_NONCE = 10,   /* bin, 16 bytes */
	HELLO_ECHO = 12, /* bin, 16 bytes: the nonce that this answers; absent in the first */
	HELLO_SENT = 14, /* uint, 0..NUMBER_MAX: highest number I sent you under these serials */
	HELLO_SEEN = 16, /* uint, 0..NUMBER_MAX: the number up to which all of yours are settled,
	                    likewise */
	HELLO_HEAD = 18, /* head: of my own log */
	HELLO_PEER_HEAD = 20, /* head: the newest of yours that I saw; absent if none */
	HELLO_CREDIT = 22,    /* uint, 0..CREDIT_MAX: envelopes in flight that I take */
	HELLO_TIME = 24,      /* uint, ms, 1..TIME_MS_MAX */
};
struct hello {
	uint32_t versions_count;
	uint8_t versions[HELLO_VERSIONS_MAX];
	uint32_t suites_count;
	uint8_t suites[HELLO_SUITES_MAX];
	struct org_id org;
	uint64_t serial;
	uint64_t peer_serial;
	struct nonce nonce;
	bool has_echo;
	struct nonce echo;
	uint64_t sent;
	uint64_t seen;
	struct head head;
	bool has_peer_head;
	struct head peer_head;
	uint32_t credit;
	uint64_t time_ms;
};

/* keys of the other messages; all must be there unless it says so */
enum exchange_envelope_key {
	EXCHANGE_ENVELOPE_SIGNED = 0, /* signed; statement at most ENVELOPE_BYTES_MAX bytes */
	EXCHANGE_ENVELOPE_CIPHERTEXT = 2, /* bin, 17..PAYLOAD_BYTES_MAX + 16 bytes */
};
enum exchange_receipt_key {
	EXCHANGE_RECEIPT_SIGNED = 0, /* signed; statement at most RECEIPT_BYTES_MAX bytes */
};
enum exchange_refusal_key {
	EXCHANGE_REFUSAL_REASON = 0, /* uint, a known code of wire/reason.h but none of the good
	                                (stored, duplicate); any other is ERR_RANGE */
	EXCHANGE_REFUSAL_TYPE = 2,   /* uint, 0..255: of the message refused; 0: not readable */
	EXCHANGE_REFUSAL_NUMBER = 4, /* uint, 1..NUMBER_MAX: of the envelope refused; or absent */
	EXCHANGE_REFUSAL_RETRY = 6,  /* uint, 1..REFUSAL_RETRY_MS_MAX: ms to wait; absent: as the
	                                sender likes */
};
enum exchange_card_key {
	EXCHANGE_CARD_PACKAGES = 0, /* [bin package...], 1..CARDS_PER_MESSAGE_MAX of
	                               1..CARD_PACKAGE_BYTES_MAX bytes; not decoded here */
};

struct exchange_message {
	enum exchange_type type;
	struct hello hello;
	struct signed_thing signed_thing; /* envelope, receipt */
	struct bytes_view ciphertext;     /* envelope */
	struct {
		enum reason reason;
		uint64_t type;
		uint64_t number; /* 0: none */
		uint64_t retry_ms; /* 0: not stated */
	} refusal;
	struct {
		uint32_t count;
		struct bytes_view packages[CARDS_PER_MESSAGE_MAX];
	} card;
	uint32_t unknown; /* odd keys that this version does not know; not written again */
};

/* Borrowed from frame.  Reserved and unknown types are ERR_VALUE.  On any failure *out is
   untouched but for `type`, which is the frame's type, or 0 if that could not be read. */
MUST_CHECK enum err exchange_decode(struct bytes_view frame, struct exchange_message *out);
/* Append the frame of the one part that message->type names, whose fields must be in their
   ranges.  ERR_VALUE: a reserved or unknown type.  ERR_TOO_LARGE: more than a frame holds.
   On failure out keeps its length. */
MUST_CHECK enum err exchange_encode(const struct exchange_message *message, struct bytes *out);

#endif
