/*
 * exchange: the messages on a link, one frame each: [uint type, map].  docs/protocol.md 9
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

enum hello_key {
	HELLO_VERSIONS = 0, /* [uint...] ascending */
	HELLO_SUITES = 2,   /* [uint...] ascending */
	HELLO_ORG = 4,
	HELLO_SERIAL = 6,      /* own card */
	HELLO_PEER_SERIAL = 8, /* the newest card of yours that I know; 0 if none */
	HELLO_NONCE = 10,
	HELLO_ECHO = 12, /* the nonce that this answers; absent in a first greeting */
	HELLO_SENT = 14, /* highest number I sent you under these serials */
	HELLO_SEEN = 16, /* highest number of yours below which all are settled, likewise */
	HELLO_HEAD = 18,
	HELLO_PEER_HEAD = 20, /* the newest head of yours that I saw; absent if none */
	HELLO_CREDIT = 22,    /* envelopes in flight that I take */
	HELLO_TIME = 24,
};
struct hello {
	uint32_t versions_count; /* up to 8 */
	uint8_t versions[8];
	uint32_t suites_count;
	uint8_t suites[8];
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

enum exchange_envelope_key { EXCHANGE_ENVELOPE_SIGNED = 0, EXCHANGE_ENVELOPE_CIPHERTEXT = 2 };
enum exchange_receipt_key { EXCHANGE_RECEIPT_SIGNED = 0 };
enum exchange_refusal_key {
	EXCHANGE_REFUSAL_REASON = 0,
	EXCHANGE_REFUSAL_TYPE = 2,   /* of the message refused; 0 if it could not be read */
	EXCHANGE_REFUSAL_NUMBER = 4, /* of the envelope refused; absent otherwise */
	EXCHANGE_REFUSAL_RETRY = 6,  /* ms to wait; absent: as the sender likes */
};
enum exchange_card_key { EXCHANGE_CARD_PACKAGES = 0 /* [bin package...] */ };

struct exchange_message {
	enum exchange_type type;
	struct hello hello;
	struct signed_thing signed_thing; /* envelope, receipt */
	struct bytes_view ciphertext;     /* envelope */
	struct {
		enum reason reason;
		uint64_t type;
		uint64_t number; /* 0: none */
		uint64_t retry_ms;
	} refusal;
	struct {
		uint32_t count;
		struct bytes_view packages[CARDS_PER_MESSAGE_MAX];
	} card;
};

/* Borrowed from frame.  Reserved and unknown types are ERR_VALUE with out->type set. */
MUST_CHECK enum err exchange_decode(struct bytes_view frame, struct exchange_message *out);
MUST_CHECK enum err exchange_encode(const struct exchange_message *message, struct bytes *out);

#endif
