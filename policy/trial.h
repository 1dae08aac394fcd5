/*
 * trial: the test cases that stand in a policy file.
 *
 *     test "a phone number waits for one approver" {
 *       at      2026-11-23T12:00:00Z
 *       record  kind = indicator, tlp = green, phone = "+525555550100", purpose = "fraud"
 *       to      "Banco Sur", sector = bank, country = MX, member = fin-mx, client
 *       expect  hold(1) personal
 *       from    "Telco"
 *       expect  accept
 *       retain
 *       expect  keep
 *     }
 *
 * Each `expect` asks the one decision function about the last record and the last peer.  A name
 * is an organisation or a community of the test's own: its id is the hash of its name.
 */
#ifndef MALLA_POLICY_TRIAL_H
#define MALLA_POLICY_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "policy/decide.h"
#include "wire/predicate.h"

#define TRIAL_STEPS_MAX 256u /* of one test, settings of records and peers included */
#define TRIALS_MAX 128u
#define TRIAL_NAME_BYTES_MAX 128u
#define TRIAL_NOW_MS 1767225600000ull /* where a test does not say `at`: 2026-01-01 */

enum trial_step_kind {
	TRIAL_AT,     /* value: the time, absolute */
	TRIAL_RECORD, /* a new one: nothing is said of it yet */
	TRIAL_SET,    /* a field of it, or an observable */
	TRIAL_VIA,    /* text: from whom it was had; without one, from its author */
	TRIAL_TO,     /* text: the peer; nothing is said of it yet */
	TRIAL_FROM,
	TRIAL_RETAIN,
	TRIAL_FACT,  /* of the peer */
	TRIAL_GRANT, /* the author's standing grant covers this */
	TRIAL_EXPECT,
};

struct trial_step {
	enum trial_step_kind kind;
	uint32_t line;
	enum predicate_field field; /* SET, FACT */
	uint64_t number;            /* SET, FACT: the value; the observable's type */
	enum predicate_base base;   /* SET of a time, AT */
	bool is_name;               /* the text is a name, not an id */
	struct bytes_view text;     /* the value; expect: the rule's name, or empty */
	enum rule_action action;    /* EXPECT */
	uint32_t approvers;         /* EXPECT hold */
	bool has_by;                /* EXPECT: it says who or what decides */
	enum decide_by by;
};

struct trial {
	char name[TRIAL_NAME_BYTES_MAX + 1];
	uint32_t line;
	uint32_t steps_count;
	struct trial_step *steps;
};

/* One `expect`, and what became of it. */
struct trial_outcome {
	const struct trial *trial;
	const struct trial_step *expect;
	bool is_met;
	enum rule_direction direction;
	struct bytes_view peer; /* its name; empty: retain */
	struct decision decision;
	const struct decide_input *input;
};
typedef void (*trial_fn)(void *context, const struct trial_outcome *outcome);

/* The ids of the test's organisations and communities; `us` is this node's. */
void trial_org(struct bytes_view name, struct org_id *out);
void trial_community(struct bytes_view name, struct community_id *out);
/* Set one field of a record as TRIAL_SET says, at that time.  ERR_TOO_LARGE: one too many;
   ERR_TYPE: a test cannot set this field.  The text is borrowed. */
MUST_CHECK enum err trial_set(
    const struct trial_step *step, uint64_t now_ms, struct record *record);
/* Run one test of a policy that policy_rehearse has prepared, telling every `expect`. */
MUST_CHECK enum err trial_run(
    const struct policy *policy, const struct trial *trial, trial_fn tell, void *context);

#endif
