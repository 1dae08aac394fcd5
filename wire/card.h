/*
 * card: the signed statement by which an organisation presents itself, and the package
 * (root documents and card) that is exchanged as one file.  docs/protocol.md 5.3, 5.4
 */
#ifndef MALLA_WIRE_CARD_H
#define MALLA_WIRE_CARD_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/root.h"
#include "wire/signed.h"

enum card_key {
	CARD_ORG = 0,
	CARD_NAME = 1,
	CARD_SERIAL = 2, /* 1, 2, ...: higher replaces lower */
	CARD_SECTOR = 3,
	CARD_ISSUED = 4,
	CARD_COUNTRY = 5,    /* ISO 3166-1 alpha-2 */
	CARD_EXPIRES = 6,    /* at most 90 days after issued */
	CARD_ENDPOINTS = 7,  /* ["tcp://host:port"...], may be absent */
	CARD_KEYS = 8,       /* map; absent in a revocation */
	CARD_CONTACT = 9,    /* security contact: map of texts */
	CARD_SUITE_MIN = 10, /* the lowest suite accepted */
	CARD_RED_DESK = 11,  /* map of texts */
	CARD_REVOCATION = 12, /* map; then there are no keys */
	CARD_RELATIONS = 13, /* [bin signed relation...], reserved: absent in this version */
};
/* keys of the map of keys: each [suite, bin] */
enum card_keys_key { CARD_KEY_SIGN = 0, CARD_KEY_ENVELOPE = 2, CARD_KEY_TRANSPORT = 4, CARD_KEY_LOG = 6, CARD_KEY_WITNESS = 8 };
enum card_contact_key {
	CARD_CONTACT_ROLE = 1,
	CARD_CONTACT_MAILBOX = 3,
	CARD_CONTACT_TELEPHONE = 5,
	CARD_CONTACT_HOURS = 7,
	CARD_CONTACT_LANGUAGES = 9,
	CARD_CONTACT_ESCALATION = 11,
};
enum card_revocation_key { CARD_REVOCATION_REASON = 0, CARD_REVOCATION_CUTOFF = 2 };

/* Role data, no persons; each empty or a line of at most CONTACT_BYTES_MAX. */
struct card_contact {
	struct bytes_view role, mailbox, telephone, hours, languages, escalation;
};

struct card {
	struct org_id org;
	struct bytes_view name;   /* 1..NAME_BYTES_MAX */
	struct bytes_view sector; /* [a-z0-9-]{1,32} */
	struct bytes_view country; /* two upper-case letters, or empty */
	uint64_t serial;
	uint64_t issued_ms;
	uint64_t expires_ms;
	uint32_t suite_min;
	uint32_t endpoints_count;
	struct bytes_view endpoints[ENDPOINTS_MAX];
	bool is_revocation;
	struct bytes_view revocation_reason;
	uint64_t revocation_cutoff_ms;
	uint8_t sign_key[32];
	uint8_t envelope_key[32];
	struct transport_key transport_key;
	uint8_t log_key[32];
	uint8_t witness_key[32];
	struct card_contact contact;
	struct card_contact red_desk;
};

/* One package: {0: [signed root...], 2: signed card}. */
enum card_package_key { CARD_PACKAGE_ROOTS = 0, CARD_PACKAGE_CARD = 2 };
struct card_package {
	uint32_t roots_count;
	struct signed_thing roots[ROOT_VERSIONS_MAX];
	struct signed_thing card;
};

MUST_CHECK enum err card_decode(struct bytes_view statement, struct card *out);
MUST_CHECK enum err card_encode(const struct card *card, struct bytes *out);
bool card_is_valid_at(const struct card *card, uint64_t time_ms);
bool card_is_endpoint(struct bytes_view endpoint); /* tcp://host:port, host a name or address */

MUST_CHECK enum err card_package_decode(struct bytes_view in, struct card_package *out);
MUST_CHECK enum err card_package_encode(const struct card_package *package, struct bytes *out);
/* The root chain, the card's signatures by the newest root's threshold, the card's org.
   *org, *card and *newest borrow from the package. */
MUST_CHECK enum err card_package_verify(const struct card_package *package, struct card *card);

/* The file: RFC 7468 armour ("-----BEGIN MALLA CARD-----", base64 in lines of 64) of the
   package's bytes.  Reading takes CRLF and text before the first line. */
MUST_CHECK enum err card_file_encode(struct bytes_view package, struct bytes *out);
MUST_CHECK enum err card_file_decode(struct bytes_view file, struct bytes *package);

#endif
