/*
 * header: what the sending node signs of an envelope.  docs/protocol.md 7.1
 *
 * statement = "malla/envelope/v1\n" || [head map, bin wrap nonce, bin wrap]
 * (24 and 48 bytes) and, where delivery is certified, "malla/envelope/v1\n" || [head map]: the
 * wrap follows in a KEY message.  At most ENVELOPE_BYTES_MAX bytes.  The header hash, to which
 * the wrap is bound, is SHA-256 of the context line and the head map's own bytes.
 */
#ifndef MALLA_WIRE_HEADER_H
#define MALLA_WIRE_HEADER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/marking.h"
#include "wire/signed.h"

/* keys of the head map; all must be there unless it says so */
enum header_key {
	HEADER_SUITE = 0,            /* uint, 1 (SUITE_1); another one is ERR_KEY */
	HEADER_SENDER = 2,           /* bin, 32 bytes */
	HEADER_SENDER_SERIAL = 4,    /* uint, 1..NUMBER_MAX */
	HEADER_RECIPIENT = 6,        /* bin, 32 bytes */
	HEADER_RECIPIENT_SERIAL = 8, /* uint, 1..NUMBER_MAX */
	HEADER_NUMBER = 10, /* uint, 1..NUMBER_MAX, from 1 per sender and recipient serial */
	HEADER_ROOT = 12,   /* bin, 32 bytes: Merkle root of the sealed batch */
	HEADER_COUNT = 14,  /* uint, 1..BATCH_COUNT_MAX: records inside */
	HEADER_MARKING = 16, /* the records' marking, as its map: highest TLP and handling terms */
	HEADER_CIPHERTEXT = 18, /* bin, 32 bytes: SHA-256 of the ciphertext */
	HEADER_COMMITMENT = 20, /* bin, 32 bytes: to the content key */
	HEADER_EPHEMERAL = 22,  /* bin, 32 bytes: the sender's fresh X25519 public key */
	HEADER_NONCE = 24,      /* bin, 24 bytes: of the ciphertext */
	HEADER_VOIDED = 26, /* [uint...], numbers withdrawn: 1..VOIDED_MAX of them, strictly
	                       ascending, each 1..number - 1; absent if none */
	HEADER_CERTIFIED = 28, /* true, or absent */
	HEADER_PSK = 30, /* bin, first 8 bytes of SHA-256 of the pre-shared key; absent if none */
	HEADER_TIME = 32, /* uint, ms, 1..TIME_MS_MAX */
};

struct header {
	uint8_t suite;
	struct org_id sender;
	uint64_t sender_serial;
	struct org_id recipient;
	uint64_t recipient_serial;
	uint64_t number;
	struct hash root;
	uint32_t count;
	struct marking marking;
	struct bytes_view marking_bytes; /* the map as it came, borrowed; see header_encode_head */
	struct hash ciphertext;
	struct hash commitment;
	uint8_t ephemeral[32];
	uint8_t nonce[24];
	uint32_t voided_count;
	uint64_t voided[VOIDED_MAX];
	bool is_certified;
	bool has_psk;
	uint8_t psk_id[8];
	uint64_t time_ms;
	uint8_t wrap_nonce[24]; /* zeros where certified */
	uint8_t wrap[48];       /* likewise */
	uint32_t unknown; /* odd keys of the head that this version does not know; those of the
	                     marking are in marking_bytes and not counted */
};

/* The head map alone, appended to out: what header_hash is taken over.  The marking is
   written as marking_bytes, the records' own bytes, or from `marking` where that is empty.
   The other fields must be in their ranges. */
MUST_CHECK enum err header_encode_head(const struct header *header, struct bytes *out);
/* The whole statement around a head that header_encode_head wrote; of *header are read
   is_certified, wrap_nonce and wrap. */
MUST_CHECK enum err header_encode(struct bytes_view head, const struct header *header,
    struct bytes *out);
/* *hash is the header hash of the head's bytes as they came (never re-encoded: TRAPS 12).  On
   failure *out and *hash are untouched.  ERR_NOT_CANONICAL: a certified one with its wrap, or
   one that is not certified without. */
MUST_CHECK enum err header_decode(struct bytes_view statement, struct header *out,
    struct hash *hash);
/* SHA-256(context line || head). */
void header_hash(struct bytes_view head, struct hash *out);

#endif
