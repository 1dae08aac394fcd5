/*
 * approvals: what approvers have said of held records, each for one peer and under one policy.
 * Rows stay: what was decided can be decided again as of its time.
 */
#ifndef MALLA_STORE_APPROVALS_H
#define MALLA_STORE_APPROVALS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "store/store.h"

struct approval_row {
	int64_t seq;    /* set by the store; rises */
	int64_t record; /* record_row.seq */
	struct org_id peer;
	struct bytes_view operator;
	uint32_t uid;
	uint8_t public_key[32];
	bool is_rejection;
	bool releases_privacy; /* what the privacy gate found may go, too */
	struct hash policy;    /* under which it was said, and counts */
	uint64_t given_ms;
	uint64_t expires_ms;
	uint64_t withdrawn_ms; /* its operator was removed then; 0: not */
	struct bytes_view note;
};
MUST_CHECK enum err approvals_put(struct store *store, const struct approval_row *row);
/* Everything that was ever said about a record and a peer, oldest first. */
typedef enum err (*approval_fn)(void *context, const struct approval_row *row);
MUST_CHECK enum err approvals_each(struct store *store, int64_t record, const struct org_id *peer,
    approval_fn each, void *context);
/* What an operator has said counts no longer from now on. */
MUST_CHECK enum err approvals_withdraw(
    struct store *store, struct bytes_view operator, uint64_t now_ms);
/* Whether there is any row at all. */
MUST_CHECK enum err approvals_exist(struct store *store, bool *exist);
/* Whether it counts at that time under that policy. */
bool approvals_count_at(
    const struct approval_row *row, const struct hash *policy, uint64_t at_ms);

/* Own records in which the privacy gate found something when they were written. */
MUST_CHECK enum err approvals_private_put(struct store *store, int64_t record);
MUST_CHECK enum err approvals_private_has(struct store *store, int64_t record, bool *has);
/* Whether there is any at all. */
MUST_CHECK enum err approvals_private_exist(struct store *store, bool *exist);

#endif
