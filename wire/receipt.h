/*
 * receipt: the recipient's signed answer to one envelope; and the head of a log.
 * docs/protocol.md 8
 */
#ifndef MALLA_WIRE_RECEIPT_H
#define MALLA_WIRE_RECEIPT_H

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/reader.h"
#include "wire/signed.h"
#include "wire/writer.h"

/* [epoch, size, bin root]: size and root of a log; the root of size 0 is SHA-256 of nothing. */
struct head {
	uint64_t epoch;
	uint64_t size;
	struct hash root;
};
void head_read(struct reader *reader, struct head *out);
void head_write(struct writer *writer, const struct head *head);

enum receipt_kind { RECEIPT_ORDINARY = 1, RECEIPT_TAKEN = 2, RECEIPT_OPENED = 3 };

enum receipt_key {
	RECEIPT_KIND = 0,
	RECEIPT_ENVELOPE = 2, /* SHA-256 of the envelope's statement */
	RECEIPT_RECIPIENT = 4, /* who signs */
	RECEIPT_RECIPIENT_SERIAL = 6,
	RECEIPT_SENDER = 8,
	RECEIPT_SENDER_SERIAL = 10,
	RECEIPT_NUMBER = 12,
	RECEIPT_OUTCOMES = 14, /* bin: two bytes a record by position, big-endian reason codes; absent in `taken` */
	RECEIPT_HEAD = 16,     /* the recipient's own log, this envelope's leaf included */
	RECEIPT_PEER_HEAD = 18, /* the newest head of the sender's log that the recipient saw; absent if none */
	RECEIPT_TIME = 20,
	RECEIPT_COUNT = 22,  /* `taken` only: as in the header */
	RECEIPT_TLP = 24,    /* `taken` only */
};

struct receipt {
	enum receipt_kind kind;
	struct hash envelope;
	struct org_id recipient;
	uint64_t recipient_serial;
	struct org_id sender;
	uint64_t sender_serial;
	uint64_t number;
	struct bytes_view outcomes; /* 2 * count bytes, every code known */
	struct head head;
	bool has_peer_head;
	struct head peer_head;
	uint64_t time_ms;
	uint32_t count; /* taken */
	uint8_t tlp;    /* taken */
};

MUST_CHECK enum err receipt_decode(struct bytes_view statement, struct receipt *out);
MUST_CHECK enum err receipt_encode(const struct receipt *receipt, struct bytes *out);

#endif
