/*
 * ruling: the policy in force, and how those that were before are read again.
 *
 * A policy that was set means for good what its names meant on that day: a peer that gets another
 * label changes no rule.  One that cannot be read again is not replaced by an older one: then a
 * policy is in force that denies and refuses everything, until somebody sets another.
 */
#ifndef MALLA_NODE_RULING_H
#define MALLA_NODE_RULING_H

#include "node/state.h"
#include "policy/policy.h"
#include "store/policies.h"

#define RULING_MEANINGS_BYTES_MAX 262144u

/* What was set last, at every opening.  A failure is of the store or of memory. */
MUST_CHECK enum err ruling_load(struct core *core);
void ruling_free(struct core *core);

/* Read a policy as a client gives it: its text, and its lists (struct policy_list_name), which are
   stored already.  Its names mean what they mean now; *meanings, which may be NULL, gets them.
   On anything but REASON_STORED, which leaves *out untouched, words say for people what is wrong.
   policy_free releases it. */
enum reason ruling_read(struct core *core, struct bytes_view text, struct schema_list lists,
    struct policy **out, struct bytes *meanings, char *words, size_t words_size);
/* The policy with this hash, as it was in force when the log had this leaf; also `default` and the
   one that shuts everything, which nobody set.  ERR_NOT_FOUND; ERR_FORMAT: it cannot be read any
   more.  policy_free releases it. */
MUST_CHECK enum err ruling_open_at(
    struct core *core, const struct hash *hash, uint64_t leaf, struct policy **out);
/* Which setting of it that is: a number of its own; 0: nobody set it, or the store failed (noted). */
int64_t ruling_setting(struct core *core, const struct hash *hash, uint64_t leaf);
/* The text that this hash has, as above; *row is filled where somebody set it (*is_set).  Borrowed
   until the next call on the store. */
MUST_CHECK enum err ruling_text(struct core *core, const struct hash *hash,
    struct bytes_view *text, struct policies_row *row, bool *is_set);

/* Put another policy in force, of which the caller's row in the store speaks; it is core's from
   now on.  Everything is decided anew.  The one before is kept until the turn ends. */
void ruling_replace(struct core *core, struct policy *policy);
/* The turn was committed, or is lost: then the one before is in force again. */
void ruling_turn_end(struct core *core, bool is_committed);

#endif
