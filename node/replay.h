/*
 * replay: past decisions, made again: by the very policy that decided, and by another one, as if
 * that had been in force.
 *
 * The time is the leaf's; relations, cards and approvals are those of that time.  How the record
 * stood (in quarantine, amended) is what the decision itself says of it.  Approvers are taken to have
 * said under the other policy what they said under the one that decided.
 */
#ifndef MALLA_NODE_REPLAY_H
#define MALLA_NODE_REPLAY_H

#include "node/state.h"
#include "policy/policy.h"

struct replay_job {
	uint64_t client;
	struct policy *candidate; /* owned; NULL: what decided decides again */
	bool is_of_one;
	struct org_id org; /* decisions about this peer alone */
	uint64_t size;     /* leaves to go through */

	struct policy *then; /* owned; the one that decided last */
	struct hash then_hash;
	int64_t then_setting;
	struct org_id card_org; /* whose card is here, as of when */
	uint64_t card_ms;
	bool has_card;
	struct card_facts card;
};
void replay_release(struct replay_job *job);

/* One decision that comes out differently.  Borrowed until the callback returns; false: there is no
   room for it. */
struct replay_finding {
	const struct record_id *id;
	const struct org_id *peer;
	uint64_t leaf;
	uint64_t time_ms;
	bool is_inbound;
	enum reason logged;
	const struct decision *then;
	const struct decision *now;
};
typedef bool (*replay_fn)(void *context, const struct replay_finding *finding);

/* A part of the log: where it begins, then where the next one does. */
struct replay_part {
	uint64_t leaf;
	uint64_t inside; /* decisions of that leaf that were looked at */
	uint64_t examined, differing, unlike, gone;
};
/* core->record and the loaded batch are used.  A failure of the store is noted. */
void replay_walk(struct core *core, struct replay_job *job, struct replay_part *part,
    replay_fn each, void *context);

#endif
