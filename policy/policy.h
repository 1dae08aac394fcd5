/*
 * policy: the rules in force, their text, and the hash that names them in the log.
 */
#ifndef MALLA_POLICY_POLICY_H
#define MALLA_POLICY_POLICY_H

#include "base/bytes.h"
#include "base/ids.h"
#include "policy/rule.h"

#define POLICY_NAME_BYTES_MAX 128u
#define POLICY_BYTES_MAX 262144u

struct policy_rules {
	uint32_t count; /* up to RULES_MAX */
	struct rule *at;
};

struct policy {
	char name[POLICY_NAME_BYTES_MAX + 1];
	struct hash hash; /* SHA-256 of the text */
	struct policy_rules outbound;
	struct policy_rules inbound;
};

/* The policy in force until somebody sets another.  policy_free releases it. */
MUST_CHECK enum err policy_open_default(struct policy **out);
void policy_free(struct policy *policy);
/* What `malla policy show` prints for it.  Static. */
struct bytes_view policy_default_text(void);
/* Append the rules as the text of a policy file. */
void policy_write(const struct policy *policy, struct bytes *out);

#endif
