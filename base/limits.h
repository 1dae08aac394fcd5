/*
 * limits: every bound of Malla, in one place, related to one another.
 *
 * A limit is checked before anything is allocated.  docs/protocol.md 1.4
 */
#ifndef MALLA_BASE_LIMITS_H
#define MALLA_BASE_LIMITS_H

#include <assert.h>

/* what is said: bytes of canonical msgpack */
#define RECORD_BYTES_MAX 196608u /* 192 KiB: one record */
#define BATCH_BYTES_MAX 196608u  /* 192 KiB: the records of one batch together */
#define BATCH_COUNT_MAX 512u     /* records under one seal */
#define FRAME_BYTES_MAX 262144u  /* 256 KiB: one message on a link */
#define PAYLOAD_BYTES_MAX 258048u /* what one envelope encrypts: records, salts, paths, seal */
#define ENVELOPE_BYTES_MAX 4000u /* the signed envelope without its ciphertext */
#define RECEIPT_BYTES_MAX 4096u
#define SEAL_BYTES_MAX 512u
#define ROOT_BYTES_MAX 4096u
#define CARD_BYTES_MAX 16384u
#define CARD_FILE_BYTES_MAX 65536u /* armoured, root documents included */
#define DEPTH_MAX 6u               /* maps and arrays inside one another */

/* operators' API: fits one SEQPACKET message at the kernel's default buffer size */
#define REQUEST_BYTES_MAX 200000u
#define REQUEST_CLIENTS_MAX 64u

/* the record */
#define AUDIENCE_ORGS_MAX 256u
#define AUDIENCE_PERSONS_MAX 64u
#define OBSERVABLES_MAX 256u
#define OBSERVABLE_BYTES_MAX 4096u
#define LABELS_MAX 64u
#define LABEL_BYTES_MAX 128u
#define REFERENCES_MAX 64u
#define AFFECTS_MAX 32u /* entries of each list in `affects` */
#define TITLE_BYTES_MAX 512u
#define TEXT_BYTES_MAX 131072u
#define ORIGINAL_BYTES_MAX 163840u
#define NAME_BYTES_MAX 128u   /* organisation, operator, person */
#define PERSON_BYTES_MAX 64u
#define TERM_BYTES_MAX 256u   /* purpose, legal basis */
#define LANGUAGE_BYTES_MAX 35u /* BCP 47 */
#define ENDPOINTS_MAX 8u
#define ENDPOINT_BYTES_MAX 256u
#define CONTACT_BYTES_MAX 256u
#define SECTOR_BYTES_MAX 32u  /* of an organisation, as its card says it */
#define STEWARDS_MAX 16u      /* of a community */
#define MEMBERS_MAX 1024u     /* of a community: one charter, in as many records as audiences need */
#define CHANGES_WAITING_MAX 16384u /* amendments and disputes of one author whose target is not here */
#define CHANGES_ABOUT_MAX 256u /* and of one author about one record */
#define UNKNOWN_KEYS_MAX 16u  /* odd keys that this version does not know, per map */

/* identity */
#define ROOT_KEYS_MAX 16u
#define ROOT_VERSIONS_MAX 32u
#define KEY_BYTES_MAX 65535u /* the format's; suite 1 has 32 */
#define SIGNATURES_MAX 32u
#define CARD_VALIDITY_MS (90ull * 86400000ull)
#define SKEW_MS (300ull * 1000ull) /* how far in the future a claimed time may lie */
#define FUTURE_WAIT_MS (3900ull * 1000ull) /* how far to be asked to come again, later */

/* the exchange */
#define PEERS_MAX 1024u
#define CREDIT_DEFAULT 64u /* envelopes in flight that a node takes */
#define CREDIT_MAX 64u
#define VOIDED_MAX 64u
#define CARDS_PER_MESSAGE_MAX 16u

#define APPROVAL_LIFETIME_MS (7ull * 86400000ull) /* how long what an approver said counts, at most */

/* numbers are stored as signed 64-bit integers: TRAPS 16 */
#define NUMBER_MAX 0x7fffffffffffffffull
#define TIME_MS_MAX 253402300799999ull /* 9999-12-31T23:59:59.999Z */

static_assert(BATCH_BYTES_MAX >= RECORD_BYTES_MAX, "a batch holds at least one record");
static_assert(PAYLOAD_BYTES_MAX >= BATCH_BYTES_MAX + BATCH_COUNT_MAX * 32u + SEAL_BYTES_MAX,
    "a whole batch of full size fits one envelope");
static_assert(FRAME_BYTES_MAX >= PAYLOAD_BYTES_MAX + 64u + ENVELOPE_BYTES_MAX,
    "an envelope and its ciphertext fit one frame");
static_assert(REQUEST_BYTES_MAX >= RECORD_BYTES_MAX + 2048u, "a record fits one request");
static_assert(RECORD_BYTES_MAX >= (MEMBERS_MAX + STEWARDS_MAX + AUDIENCE_ORGS_MAX) * 34u + 8192u,
    "a charter fits its record");
static_assert(RECORD_BYTES_MAX >= ORIGINAL_BYTES_MAX + 16384u, "an original fits its record");

#endif
