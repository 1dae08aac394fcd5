/*
 * history: what was said of a record since: its versions, and who disputes it; for people.
 */
#ifndef MALLA_NODE_HISTORY_H
#define MALLA_NODE_HISTORY_H

#include "node/state.h"

/* The lists of `show`, of a record of this id that stands in core->record: its first version and
   its amendments, the newest last, and what disputes it.  Up to 64 of each, the newest.  They
   borrow from *versions and *disputes.  A failure of the store is noted. */
void history_fill(struct core *core, const struct record_id *id, struct show_body *body,
    struct bytes *versions, struct bytes *disputes);

#endif
