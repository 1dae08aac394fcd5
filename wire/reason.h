/*
 * reason: the closed list of what one node, or the operators' API, answers about something
 * it was given.  Shown alike in receipts, refusals, the log and the CLI.  docs/protocol.md 12
 */
#ifndef MALLA_WIRE_REASON_H
#define MALLA_WIRE_REASON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* X(symbol, code on the wire, exit code of the CLI, text) */
/* clang-format off */
#define REASON_TABLE(X) \
	X(REASON_STORED,            0, 0, "stored") \
	X(REASON_DUPLICATE,         1, 0, "already there") \
	/* form */ \
	X(REASON_TRUNCATED,        16, 4, "ends too early") \
	X(REASON_OVERSIZED,        17, 4, "larger than the limit") \
	X(REASON_TOO_DEEP,         18, 4, "nested deeper than the limit") \
	X(REASON_NOT_CANONICAL,    19, 4, "not the canonical encoding") \
	X(REASON_UNKNOWN_CRITICAL, 20, 4, "has a field that restricts and that this version does not know") \
	X(REASON_BAD_FIELD,        21, 4, "a field is missing, of the wrong type or out of its range") \
	X(REASON_BAD_OBSERVABLE,   22, 4, "an observable is not a canonical value of its type") \
	X(REASON_UNKNOWN_VERSION,  23, 4, "a version that this node does not speak") \
	X(REASON_UNKNOWN_SUITE,    24, 4, "a cryptographic suite that this node does not know") \
	X(REASON_NOT_SUPPORTED,    25, 3, "not supported by this node") \
	/* origin */ \
	X(REASON_BAD_SEAL,         32, 4, "the author's seal does not verify") \
	X(REASON_UNKNOWN_AUTHOR,   33, 3, "no card of the author is known") \
	X(REASON_WRONG_AUTHOR,     34, 4, "the record's author is not the seal's") \
	X(REASON_BAD_PROOF,        35, 4, "the Merkle path does not lead to the sealed root") \
	X(REASON_BAD_SIGNATURE,    36, 4, "the signature does not verify") \
	X(REASON_UNKNOWN_CARD,     37, 3, "no card with this serial is known") \
	X(REASON_STALE_CARD,       38, 3, "the card was not valid at the claimed time") \
	X(REASON_REVOKED,          39, 3, "the keys were revoked") \
	X(REASON_WRONG_ROLE,       40, 4, "signed with a key of another role") \
	X(REASON_SUITE_TOO_LOW,    41, 3, "the suite is below the lowest that the card accepts") \
	/* time */ \
	X(REASON_FROM_FUTURE,      48, 3, "the claimed time lies in the future") \
	X(REASON_EXPIRED,          49, 3, "past its validity") \
	X(REASON_CLOCK,            50, 5, "the clocks of the two nodes disagree too much") \
	/* distribution */ \
	X(REASON_CEILING,          64, 3, "its TLP label does not allow it to go there") \
	X(REASON_NOT_ADDRESSED,    65, 3, "its audience does not name this organisation") \
	X(REASON_UNKNOWN_COMMUNITY, 66, 3, "it names a community that is not known here") \
	X(REASON_MIXED_BATCH,      67, 4, "records of one batch differ in marking or audience") \
	X(REASON_POLICY,           68, 3, "no rule of the policy in force allows it") \
	X(REASON_NO_LABEL,         69, 3, "it has no TLP label") \
	X(REASON_NO_AUDIENCE,      70, 3, "TLP:RED must name its recipients") \
	X(REASON_WRONG_TERMS,      71, 4, "the envelope's terms are not the records'") \
	X(REASON_HELD,             72, 3, "held for an approver") \
	X(REASON_NO_PURPOSE,       73, 3, "personal and TLP:RED records must state purpose and legal basis, and others where the policy requires it") \
	X(REASON_PRIVACY,          74, 3, "it holds personal data that no approver has released") \
	X(REASON_TERMS,            75, 3, "its handling terms do not allow it now") \
	X(REASON_REJECTED,         76, 3, "an approver has rejected it") \
	X(REASON_QUARANTINED,      77, 3, "it is in quarantine") \
	X(REASON_SUPERSEDED,       78, 3, "its author has amended it") \
	X(REASON_WRONG_TARGET,     79, 4, "it cannot be about that record") \
	/* envelope */ \
	X(REASON_WRONG_RECIPIENT,  80, 4, "addressed to another organisation or card") \
	X(REASON_WRONG_SENDER,     81, 4, "not signed by the organisation at the other end of the link") \
	X(REASON_NUMBER_REUSED,    82, 4, "this number came before with another content") \
	X(REASON_NUMBER_AHEAD,     83, 5, "this number is too far ahead") \
	X(REASON_BAD_CIPHERTEXT,   84, 4, "the ciphertext is not the one that was signed") \
	X(REASON_BAD_COMMITMENT,   85, 4, "the content key is not the one committed to") \
	X(REASON_CANNOT_OPEN,      86, 4, "the key or the payload cannot be decrypted") \
	X(REASON_WRONG_COUNT,      87, 4, "the number of records is not the one signed") \
	X(REASON_VOIDED,           88, 4, "this number was withdrawn by its sender") \
	/* refusals that settle nothing */ \
	X(REASON_BUSY,             96, 5, "busy; try again later") \
	X(REASON_QUOTA,            97, 5, "more in flight than was allowed") \
	X(REASON_LOCKED,           98, 5, "the node is locked") \
	X(REASON_UNKNOWN_PEER,     99, 3, "not a known peer") \
	X(REASON_NO_SESSION,      100, 5, "no greeting was exchanged yet") \
	X(REASON_UNEXPECTED,      101, 4, "a message that does not belong here") \
	X(REASON_STORAGE,         102, 6, "the storage failed; nothing was changed") \
	/* the operators' API */ \
	X(REASON_ROLE,            112, 3, "the operator has no role that permits this") \
	X(REASON_CLEARANCE,       113, 3, "the operator is not cleared for this label") \
	X(REASON_UNKNOWN_ORG,     114, 1, "no such organisation is known") \
	X(REASON_AMBIGUOUS,       115, 2, "the name or prefix fits more than one") \
	X(REASON_BAD_REQUEST,     116, 2, "the request cannot be understood") \
	X(REASON_NOT_FOUND,       117, 1, "nothing found") \
	X(REASON_EXISTS,          118, 3, "there already") \
	X(REASON_NOT_SIGNED,      119, 3, "this act must be signed with the operator's key") \
	X(REASON_LABEL_TOO_LOW,   120, 3, "the original carries a stricter label") \
	X(REASON_LIES,            121, 1, "the log does not say what was signed") \
	X(REASON_TWO_PERSONS,     122, 3, "another person has to agree: with another key and another uid") \
	X(REASON_LEGAL_HOLD,      123, 3, "a legal hold keeps it") \
	X(REASON_CHANGED,         124, 3, "somebody else has changed it meanwhile")
/* clang-format on */

enum reason {
#define REASON_ENUM(symbol, code, exit, text) symbol = code,
	REASON_TABLE(REASON_ENUM)
#undef REASON_ENUM
};

/* Whether the code is one of the list. */
bool reason_is_known(uint64_t code);
/* "not-canonical"; "?" for an unknown code.  Static. */
const char *reason_name(enum reason reason);
/* The words a person reads, in English; callers translate.  Static. */
const char *reason_text(enum reason reason);
int reason_exit_code(enum reason reason);
/* stored and duplicate */
bool reason_is_good(enum reason reason);
/* What a decoder's failure is called on the wire; ERR_NONE is REASON_STORED. */
enum reason reason_of_err(enum err err);

#endif
