/*
 * gate: the privacy gate (policy/privacy) where the node asks it: about drafts, before anything is
 * sealed; about records, before they leave.
 */
#ifndef MALLA_NODE_GATE_H
#define MALLA_NODE_GATE_H

#include "node/state.h"

/* Whether a draft holds what no approver has let go: what prepare.c found, or the organisation's own
   addresses and domains; *finding is the first of it.  core->record is used. */
bool gate_holds_draft(struct core *core, const struct prepared_draft *draft,
    struct bytes_view record, struct privacy_hit *finding);
/* Whether this record, stored in this row (0: it is not), holds something.  Own ones were read when
   they were written; what others wrote is read here, once for all peers. */
bool gate_holds(struct core *core, const struct policy *policy, const struct record *record,
    const struct org_id *via, int64_t row);
/* "text: curp GOMC******HDF***09", for a person. */
void gate_words(const struct privacy_hit *finding, char *out, size_t size);

#endif
