/*
 * preview: what the send path would do with a record and a peer: what it looks at before it asks
 * the policy, then the one decision (judge).  For --dry-run, plan, explain and policy diff.
 */
#ifndef MALLA_NODE_PREVIEW_H
#define MALLA_NODE_PREVIEW_H

#include "node/judge.h"
#include "wire/request_preview.h"

struct preview {
	enum decision_way way;
	struct decision decision; /* DECISION_ASKED: the whole of it; else nothing */
};

/* May the record, had from `via` and stored in this row (0: not yet), go to this peer under this
   policy, now? */
void preview_outbound(struct core *core, const struct policy *policy, const struct record *record,
    const struct org_id *via, int64_t row, const struct member *to, struct preview *out);
/* Whether it would leave, and whether it would wait for approvers. */
bool preview_goes(const struct preview *preview);
bool preview_waits(const struct preview *preview);
/* What is answered of it, or of a decision.  rule_name is borrowed from the policy. */
void preview_decision_body(const struct decision *decision, struct decision_body *out);
void preview_body(const struct preview *preview, struct decision_body *out);
/* Whether both say the same about what happens, and by which rule of the same policy. */
bool preview_is_same(const struct decision_body *a, const struct decision_body *b);

#endif
