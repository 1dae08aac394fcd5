/*
 * change: what amendments and disputes do to the records that they are about.
 *
 * Whatever comes first, and however often it is asked: the outcome depends on what is here alone.
 * Of the amendments by a record's author the last by (created, id) is in force, and supersedes
 * the record and all others.  A dispute stands until what it is about is superseded, or its author,
 * or the disputer, says something of the dispute itself.  docs/decisions/0016
 */
#ifndef MALLA_NODE_CHANGE_H
#define MALLA_NODE_CHANGE_H

#include "node/prepare.h"
#include "node/state.h"
#include "store/changes.h"

bool change_is_one(enum record_kind kind);
/* Whether a change that a peer sent may be stored: REASON_STORED, or REASON_WRONG_AUTHOR,
   REASON_WRONG_TARGET, REASON_QUOTA.  `more`: of the same author, about to be stored as well. */
enum reason change_judge(struct core *core, const struct record *record, uint32_t more);
/* Whether a draft of ours may: its target must be here, too.  core->record is used. */
enum reason change_judge_draft(struct core *core, const struct prepared_draft *draft);
/* A record of any kind was just stored, in a batch of this transaction.  core->record is used. */
void change_stored(struct core *core, const struct record_id *id, enum record_kind kind);
/* One was let out of quarantine, where it counted for nothing.  core->record is used. */
void change_released(struct core *core, const struct record_id *id);

#endif
