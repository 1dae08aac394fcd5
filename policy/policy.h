/*
 * policy: a policy file, read: its rules, its lists, its tests, and the hash that names it in
 * the log.
 */
#ifndef MALLA_POLICY_POLICY_H
#define MALLA_POLICY_POLICY_H

#include "base/bytes.h"
#include "base/ids.h"
#include "policy/match.h"
#include "policy/parse.h"
#include "policy/privacy.h"
#include "policy/rule.h"

#define POLICY_NAME_BYTES_MAX 128u
#define POLICY_BYTES_MAX 131072u
#define POLICY_COMMUNITIES_MAX 32u
#define POLICY_LISTS_MAX 16u
#define POLICY_WORD_BYTES_MAX 32u /* a name of a community, list, definition, rule */
#define POLICY_FILE_BYTES_MAX 255u
#define POLICY_ERRORS_MAX 20u

struct policy_rules {
	uint32_t count; /* up to RULES_MAX */
	struct rule *at;
};

struct policy_requirements {
	uint32_t count; /* up to RULE_REQUIREMENTS_MAX */
	struct rule_requirement *at;
};

struct policy_community {
	char name[POLICY_WORD_BYTES_MAX + 1];
	bool has_id; /* else it is what the name means at this node */
	struct community_id id;
};

struct policy_list {
	char name[POLICY_WORD_BYTES_MAX + 1];
	char file[POLICY_FILE_BYTES_MAX + 1];
	uint32_t line;
	bool has_hash; /* of the canonical list: policy/list.h */
	struct hash hash;
	struct list *list; /* owned; NULL until policy_give_list */
};

/* What is the organisation's own, for the privacy gate. */
struct policy_own {
	uint32_t ranges_count;
	struct privacy_range ranges[PRIVACY_OWN_MAX];
	uint32_t domains_count;
	struct bytes_view domains[PRIVACY_OWN_MAX]; /* canonical; in the policy's arena */
};

struct trial;

struct policy {
	char name[POLICY_NAME_BYTES_MAX + 1];
	struct hash hash; /* SHA-256 of the exact text */
	struct bytes text;
	struct bytes arena; /* what the tests' texts borrow from */
	struct policy_rules outbound;
	struct policy_requirements required; /* outbound, before any rule */
	struct policy_rules inbound;
	struct policy_rules retain;
	/* whether an outbound statement asks more of a peer than that the record's audience names it */
	bool tells_peers_apart;
	uint32_t communities_count;
	struct policy_community communities[POLICY_COMMUNITIES_MAX];
	struct policy_own own;
	uint32_t lists_count;
	struct policy_list lists[POLICY_LISTS_MAX];
	struct match_list lists_ready[POLICY_LISTS_MAX]; /* those of `lists` that were given */
	uint32_t trials_count;
	struct trial *trials;
};

/* What is wrong with a file, in its order: the first POLICY_ERRORS_MAX. */
struct policy_errors {
	uint32_t count;
	bool has_more;
	struct parse_error at[POLICY_ERRORS_MAX];
};

/* Read a policy file.  Names are not yet resolved, lists not yet there: see below.  On failure
   *out is untouched, and *errors, if not NULL, says everything that is wrong; ERR_MEMORY has no
   entry there.  translate, or NULL, is asked for each message.  policy_free releases it. */
MUST_CHECK enum err policy_open(struct bytes_view text, const char *(*translate)(const char *),
    struct policy **out, struct policy_errors *errors);
/* The policy in force until somebody sets another.  Names nobody and nothing. */
MUST_CHECK enum err policy_open_default(struct policy **out);
void policy_free(struct policy *policy);

/* The canonical bytes of list i.  ERR_PROOF: not the list whose hash the policy states. */
MUST_CHECK enum err policy_give_list(struct policy *policy, uint32_t i, struct bytes_view bytes);
/* Replace every name by what it means here; after a failure the policy is unfit for use, and
   *name, if not NULL, is what could not be resolved.  ERR_MISSING: a list is not there. */
MUST_CHECK enum err policy_resolve(struct policy *policy, predicate_author_fn org,
    predicate_community_fn community, void *context, struct bytes_view *name);
/* The same with the names of its own tests: for trial_run. */
MUST_CHECK enum err policy_rehearse(struct policy *policy);
/* Borrowed from the policy. */
struct privacy_own policy_own_of(const struct policy *policy);
const struct policy_rules *policy_rules_of(
    const struct policy *policy, enum rule_direction direction);
/* What `malla policy show` prints for the default.  Static. */
struct bytes_view policy_default_text(void);

#endif
