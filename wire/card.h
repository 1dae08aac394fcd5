/*
 * card: the signed statement by which an organisation presents itself, and the package
 * (root documents and card) that is exchanged as one file.  docs/protocol.md 5.3, 5.4
 *
 * statement = "malla/card/v1\n" || map, at most CARD_BYTES_MAX bytes together.  Texts are
 * UTF-8 on one line (READER_LINE); what may be absent is absent when it is empty.
 */
#ifndef MALLA_WIRE_CARD_H
#define MALLA_WIRE_CARD_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/root.h"
#include "wire/signed.h"

#define CARD_SECTOR_BYTES_MAX SECTOR_BYTES_MAX
#define CARD_PACKAGE_BYTES_MAX 46080u /* with armour, CRLF and 2 KiB of text: a card file */

/* keys of the map; all must be there unless it says so */
enum card_key {
	CARD_ORG = 0,        /* bin, 32 bytes */
	CARD_NAME = 1,       /* text, 1..NAME_BYTES_MAX bytes */
	CARD_SERIAL = 2,     /* uint, 1..NUMBER_MAX; a higher one replaces a lower */
	CARD_SECTOR = 3,     /* text, 1..CARD_SECTOR_BYTES_MAX of [a-z0-9-] */
	CARD_ISSUED = 4,     /* uint, ms, 1..TIME_MS_MAX */
	CARD_COUNTRY = 5,    /* text, [A-Z]{2}: ISO 3166-1 alpha-2; may be absent */
	CARD_EXPIRES = 6,    /* uint, ms, after issued, by at most CARD_VALIDITY_MS */
	CARD_ENDPOINTS = 7,  /* [text...], 1..ENDPOINTS_MAX of card_is_endpoint, the preferred one
	                        first, none twice; may be absent */
	CARD_KEYS = 8,       /* map, enum card_keys_key; absent in a revocation, else there */
	CARD_CONTACT = 9,    /* map, enum card_contact_key: security contact; may be absent */
	CARD_SUITE_MIN = 10, /* uint, 1..255: the lowest suite accepted */
	CARD_RED_DESK = 11,  /* map, enum card_contact_key: who handles RED; may be absent */
	CARD_REVOCATION = 12, /* map, enum card_revocation_key; excludes CARD_KEYS; may be absent */
	CARD_RELATIONS = 13, /* reserved for signed relations; not written, skipped as unknown */
};
/* keys of the map of keys, all five there and pairwise different (ERR_KEY):
   each [uint suite, bin], suite 1 (else ERR_KEY) and 32 bytes */
enum card_keys_key {
	CARD_KEY_SIGN = 0,
	CARD_KEY_ENVELOPE = 2,
	CARD_KEY_TRANSPORT = 4,
	CARD_KEY_LOG = 6,
	CARD_KEY_WITNESS = 8,
};
/* keys of a contact: each a text of 1..CONTACT_BYTES_MAX bytes, or absent; not all absent */
enum card_contact_key {
	CARD_CONTACT_ROLE = 1,
	CARD_CONTACT_MAILBOX = 3,
	CARD_CONTACT_TELEPHONE = 5,
	CARD_CONTACT_HOURS = 7,
	CARD_CONTACT_LANGUAGES = 9,
	CARD_CONTACT_ESCALATION = 11,
};
/* keys of a revocation; both must be there */
enum card_revocation_key {
	CARD_REVOCATION_REASON = 0, /* text, 1..TERM_BYTES_MAX bytes */
	CARD_REVOCATION_CUTOFF = 2, /* uint, ms, 1..TIME_MS_MAX: no key counts from then on */
};

/* Role data, no persons; empty: not stated. */
struct card_contact {
	struct bytes_view role, mailbox, telephone, hours, languages, escalation;
};

struct card {
	struct org_id org;
	struct bytes_view name;
	struct bytes_view sector;
	struct bytes_view country; /* empty: not stated */
	uint64_t serial;
	uint64_t issued_ms;
	uint64_t expires_ms;
	uint32_t suite_min;
	uint32_t endpoints_count;
	struct bytes_view endpoints[ENDPOINTS_MAX];
	bool is_revocation; /* then the keys are zeros, else reason and cut-off empty and zero */
	struct bytes_view revocation_reason;
	uint64_t revocation_cutoff_ms;
	uint8_t sign_key[32];
	uint8_t envelope_key[32];
	struct transport_key transport_key;
	uint8_t log_key[32];
	uint8_t witness_key[32];
	struct card_contact contact;
	struct card_contact red_desk;
	uint32_t unknown; /* odd keys that this version does not know; not written again */
};

/* One package: {0: [signed root...], 2: signed card}, at most CARD_PACKAGE_BYTES_MAX bytes;
   1..ROOT_VERSIONS_MAX roots, the first one first. */
enum card_package_key { CARD_PACKAGE_ROOTS = 0, CARD_PACKAGE_CARD = 2 };
struct card_package {
	uint32_t roots_count;
	struct signed_thing roots[ROOT_VERSIONS_MAX];
	struct signed_thing card;
	uint32_t unknown; /* odd keys that this version does not know; not written again */
};

/* Decode the statement (context line included), borrowing the texts from it.  On failure *out
   is untouched.  ERR_KEY: a key of a suite that is not ours, or two keys alike.  ERR_VALUE:
   not a sector, country or endpoint.  ERR_RANGE: a validity too long, or none. */
MUST_CHECK enum err card_decode(struct bytes_view statement, struct card *out);
/* Append the statement.  A card that card_decode would refuse is refused with the same
   failure, and out keeps its length. */
MUST_CHECK enum err card_encode(const struct card *card, struct bytes *out);
/* Whether the card's keys count at that time: issued <= time < expires.  A revocation has no
   keys and is never valid. */
bool card_is_valid_at(const struct card *card, uint64_t time_ms);
/* tcp://host:port, at most ENDPOINT_BYTES_MAX bytes; host a DNS name of letters, digits and
   hyphens, an IPv4 address, or an IPv6 address in brackets; port 1..65535 without zeros in
   front. */
bool card_is_endpoint(struct bytes_view endpoint);

/* Borrowed from in.  On failure *out is undefined (it is too large to build twice). */
MUST_CHECK enum err card_package_decode(struct bytes_view in, struct card_package *out);
MUST_CHECK enum err card_package_encode(const struct card_package *package, struct bytes *out);
/* The root chain holds (root_chain_verify), at least the threshold of the newest root's keys
   and nobody else signed the card (root_verify), and the card's organisation is the chain's:
   ERR_INVALID.  *card borrows from the package and is untouched on failure.  Times are the
   caller's to check: card_is_valid_at. */
MUST_CHECK enum err card_package_verify(const struct card_package *package, struct card *card);

/* The file: RFC 7468 armour of the package's bytes: "-----BEGIN MALLA CARD-----", base64 in
   lines of 64 letters, the last one shorter or equal, "-----END MALLA CARD-----". */
MUST_CHECK enum err card_file_encode(struct bytes_view package, struct bytes *out);
/* Append the package of a file of at most CARD_FILE_BYTES_MAX bytes.  Lines may end in LF or
   CRLF; any text may stand before the BEGIN line and after the END line, nothing else within.
   ERR_FORMAT: not such a file; ERR_TRUNCATED: no END line; ERR_TOO_LARGE.  On failure
   `package` keeps its length. */
MUST_CHECK enum err card_file_decode(struct bytes_view file, struct bytes *package);

/* A card file's package, read from disk and appended to *package. */
MUST_CHECK enum err card_file_read(const char *path, struct bytes *package);
/* A package's card, decoded and verified: both borrow from bytes. */
MUST_CHECK enum err card_package_open(struct bytes_view bytes, struct card_package *package,
    struct card *card);

#endif
