/*
 * receipt: the recipient's signed answer to one envelope; and the head of a log.
 * docs/protocol.md 8
 *
 * statement = "malla/receipt/v1\n" || map, at most RECEIPT_BYTES_MAX bytes together.
 */
#ifndef MALLA_WIRE_RECEIPT_H
#define MALLA_WIRE_RECEIPT_H

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/reader.h"
#include "wire/signed.h"
#include "wire/writer.h"

/* [uint epoch, uint size, bin root]: size and root of a log; epoch and size 0..NUMBER_MAX, root
   32 bytes.  The root of size 0 is SHA-256 of nothing, any other is ERR_VALUE. */
struct head {
	uint64_t epoch;
	uint64_t size;
	struct hash root;
};
/* One head at the reader's position; *out is untouched on failure. */
void head_read(struct reader *reader, struct head *out);
void head_write(struct writer *writer, const struct head *head);

enum receipt_kind { RECEIPT_ORDINARY = 1, RECEIPT_TAKEN = 2, RECEIPT_OPENED = 3 };

/* keys of the map; all must be there unless it says so */
enum receipt_key {
	RECEIPT_KIND = 0,             /* uint, enum receipt_kind */
	RECEIPT_ENVELOPE = 2,         /* bin, 32 bytes: SHA-256 of the envelope's statement */
	RECEIPT_RECIPIENT = 4,        /* bin, 32 bytes: who signs */
	RECEIPT_RECIPIENT_SERIAL = 6, /* uint, 1..NUMBER_MAX */
	RECEIPT_SENDER = 8,           /* bin, 32 bytes */
	RECEIPT_SENDER_SERIAL = 10,   /* uint, 1..NUMBER_MAX */
	RECEIPT_NUMBER = 12,          /* uint, 1..NUMBER_MAX: the envelope's */
	RECEIPT_OUTCOMES = 14, /* bin, two bytes a record by position, big-endian codes of
	                          wire/reason.h, every one known (ERR_RANGE); of 1..BATCH_COUNT_MAX
	                          records; absent in `taken` */
	RECEIPT_HEAD = 16, /* head: the recipient's own log, this envelope's leaf included */
	RECEIPT_PEER_HEAD = 18, /* head: the newest of the sender's log that the recipient saw;
	                           absent if none */
	RECEIPT_TIME = 20,  /* uint, ms, 1..TIME_MS_MAX */
	RECEIPT_COUNT = 22, /* uint, 1..BATCH_COUNT_MAX, as in the header; in `taken` only */
	RECEIPT_TLP = 24,   /* uint, enum tlp, as in the header's marking; in `taken` only */
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
	uint32_t unknown; /* odd keys that this version does not know; not written again */
};

/* Statement with its context line; outcomes are borrowed from it.  On failure *out is
   untouched.  ERR_NOT_CANONICAL: a field that this kind does not have. */
MUST_CHECK enum err receipt_decode(struct bytes_view statement, struct receipt *out);
/* Append the statement.  The fields must be in their ranges; those that the kind does not
   have are not written. */
MUST_CHECK enum err receipt_encode(const struct receipt *receipt, struct bytes *out);

#endif
