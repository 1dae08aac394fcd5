/*
 * header: what the sending node signs of an envelope.  docs/protocol.md 7.1
 *
 * statement = "malla/envelope/v1\n" || [head map, bin wrap nonce, bin wrap]
 * and, where delivery is certified, "malla/envelope/v1\n" || [head map]: the wrap follows in
 * a KEY message.  The header hash, to which the wrap is bound, is SHA-256 of the context
 * line and the head map's own bytes.
 */
#ifndef MALLA_WIRE_HEADER_H
#define MALLA_WIRE_HEADER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/marking.h"
#include "wire/signed.h"

enum header_key {
	HEADER_SUITE = 0,
	HEADER_SENDER = 2,
	HEADER_SENDER_SERIAL = 4,
	HEADER_RECIPIENT = 6,
	HEADER_RECIPIENT_SERIAL = 8,
	HEADER_NUMBER = 10, /* from 1, per sender serial and recipient serial */
	HEADER_ROOT = 12,   /* of the sealed batch */
	HEADER_COUNT = 14,  /* records inside */
	HEADER_MARKING = 16, /* the records' marking: highest TLP and handling terms */
	HEADER_CIPHERTEXT = 18, /* SHA-256 */
	HEADER_COMMITMENT = 20,
	HEADER_EPHEMERAL = 22,
	HEADER_NONCE = 24,
	HEADER_VOIDED = 26,    /* numbers withdrawn, strictly ascending; absent if none */
	HEADER_CERTIFIED = 28, /* true, or absent */
	HEADER_PSK = 30,       /* first 8 bytes of SHA-256 of the pre-shared key; absent if none */
	HEADER_TIME = 32,
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
	struct bytes_view marking_bytes; /* filled by header_decode; what header_encode writes */
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
	uint8_t wrap[48];
};

/* The head map alone, appended to out: what header_hash is taken over. */
MUST_CHECK enum err header_encode_head(const struct header *header, struct bytes *out);
/* The whole statement around a head that header_encode_head wrote. */
MUST_CHECK enum err header_encode(struct bytes_view head, const struct header *header,
    struct bytes *out);
/* *hash is the header hash of the head's bytes as they came (never re-encoded: TRAPS 12). */
MUST_CHECK enum err header_decode(struct bytes_view statement, struct header *out,
    struct hash *hash);
void header_hash(struct bytes_view head, struct hash *out);

#endif
