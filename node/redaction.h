/*
 * redaction: what a rule redacts for some peers is made, sealed and put on its way like a record
 * that an operator shares, in a turn after the one that decided so.
 *
 * One redaction is for all peers for which the policy takes the same away, and is made once
 * (store/redactions.h).  Whether it goes is decided again, as of any record.
 */
#ifndef MALLA_NODE_REDACTION_H
#define MALLA_NODE_REDACTION_H

#include "node/state.h"

/* Whether any is due. */
MUST_CHECK enum err redaction_load(struct core *core);
/* By this decision the peer gets no more than a redaction of core->record, which has this id. */
void redaction_want(struct core *core, const struct member *member, const struct record_id *id,
    const struct decision *decision);
/* Make some of those that are due.  A failure of the store is noted. */
void redaction_make(struct core *core);

#endif
