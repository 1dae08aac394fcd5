/*
 * rule: one rule of a policy: what to do, with which records, towards whom.
 */
#ifndef MALLA_POLICY_RULE_H
#define MALLA_POLICY_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/predicate.h"

#define RULES_MAX 64u /* of one direction */
#define RULE_NAME_BYTES_MAX 32u
#define RULE_APPROVERS_MAX 9u
#define RULE_REQUIREMENTS_MAX 16u

enum rule_direction { RULE_OUTBOUND, RULE_INBOUND, RULE_RETENTION };

/* X(symbol, name, direction) */
/* clang-format off */
#define RULE_ACTION_TABLE(X) \
	X(RULE_SHARE,      "share",      RULE_OUTBOUND) \
	X(RULE_HOLD,       "hold",       RULE_OUTBOUND)  /* until so many approvers release it */ \
	X(RULE_DENY,       "deny",       RULE_OUTBOUND) \
	X(RULE_ACCEPT,     "accept",     RULE_INBOUND) \
	X(RULE_QUARANTINE, "quarantine", RULE_INBOUND)   /* store, and show as such */ \
	X(RULE_REFUSE,     "refuse",     RULE_INBOUND) \
	X(RULE_REDACT,     "redact",     RULE_OUTBOUND)  /* share a redaction of it, not the record */ \
	X(RULE_ERASE,      "erase",      RULE_RETENTION) \
	X(RULE_KEEP,       "keep",       RULE_RETENTION) /* where no rule erases; never written */
/* clang-format on */

enum rule_action {
#define RULE_ACTION_ENUM(symbol, name, direction) symbol,
	RULE_ACTION_TABLE(RULE_ACTION_ENUM)
#undef RULE_ACTION_ENUM
};

/* What redact(...) can take away, beside all observables of a type: a bit each.  The original
   bytes of a foreign format always go. */
/* X(symbol, bit, name) */
/* clang-format off */
#define RULE_REDACT_TABLE(X) \
	X(RULE_REDACT_TITLE,       0, "title") \
	X(RULE_REDACT_DESCRIPTION, 1, "description") /* the text of the body */ \
	X(RULE_REDACT_PATTERN,     2, "pattern") \
	X(RULE_REDACT_IDENTIFIER,  3, "identifier") \
	X(RULE_REDACT_LABEL,       4, "label") \
	X(RULE_REDACT_REFERENCE,   5, "reference") /* to other records */ \
	X(RULE_REDACT_LINK,        6, "link") \
	X(RULE_REDACT_AFFECTS,     7, "affects") \
	X(RULE_REDACT_SOURCE,      8, "source") \
	X(RULE_REDACT_CONFIDENCE,  9, "confidence") \
	X(RULE_REDACT_SEVERITY,   10, "severity") \
	X(RULE_REDACT_SEEN,       11, "seen") /* first, last, how often */ \
	X(RULE_REDACT_PERSONAL,   12, "personal") /* observables of every personal type */
/* clang-format on */
enum rule_redact {
#define RULE_REDACT_ENUM(symbol, bit, name) symbol = bit,
	RULE_REDACT_TABLE(RULE_REDACT_ENUM)
#undef RULE_REDACT_ENUM
};
#define RULE_REDACT_TYPES 16 /* bit of the observables of type t: RULE_REDACT_TYPES + t */

struct rule {
	enum rule_action action;
	uint32_t approvers; /* RULE_HOLD: 1..RULE_APPROVERS_MAX */
	uint64_t redacted;  /* RULE_REDACT: bits of enum rule_redact */
	uint32_t line;      /* in the policy's text, from 1 */
	char name[RULE_NAME_BYTES_MAX + 1]; /* empty: it has none */
	struct predicate where; /* of the record, and of the peer; without nodes: every record */
	struct predicate party; /* of the peer alone; without nodes: every peer */
};

/* require purpose, basis where ...: what a record has to state before it leaves. */
struct rule_requirement {
	bool has_purpose; /* that is what it asks for */
	bool has_basis;
	uint32_t line;
	struct predicate where; /* of which records, and towards whom */
};

/* "share".  Static. */
const char *rule_action_name(enum rule_action action);
enum rule_direction rule_action_direction(enum rule_action action);
bool rule_action_is_outbound(enum rule_action action);
bool rule_redact_parse(struct bytes_view name, uint64_t *bit);

#endif
