/*
 * relate: what organisations have signed of one another, in memory: policy/relations, fed from
 * the store at every opening and by whatever is stored since.
 */
#ifndef MALLA_NODE_RELATE_H
#define MALLA_NODE_RELATE_H

#include "node/state.h"
#include "policy/relations.h"

/* Everything again from the store, but what is in quarantine. */
MUST_CHECK enum err relate_load(struct core *core);
/* A record of ours that was just stored, decoded; of other kinds nothing is taken. */
void relate_record(struct core *core, const struct record *record);
/* The same of one that was received, or was let out of quarantine; one that is in there counts
   for nothing.  core->record is used. */
void relate_stored(struct core *core, const struct record_id *id);
/* What has become open to a peer since is on its way to it, behind all that it was sent before,
   so that it knows what opened it: one peer each time, since that goes through everything. */
void relate_tick(struct core *core);
/* When relate_tick has something to do for this peer. */
uint64_t relate_next_ms(const struct core *core, const struct member *member);
/* Whether a peer refused a record for want of what others may still have to tell it: a charter, a
   relation, a grant. */
bool relate_is_for_later(enum reason reason);
/* What it refused so is offered again: after a minute, then each time after twice as long, up to a
   day. */
void relate_receipt(struct core *core, struct member *member, struct bytes_view outcomes);
/* As of that time: of now, and what is to come, with everything that is known. */
struct relations_moment relate_at(const struct core *core, uint64_t at_ms);
struct relations_moment relate_now(const struct core *core);
/* What is known of the peer as of that time.  input has self and peer; the communities are core's,
   until the next call. */
void relate_fill_facts(struct core *core, uint64_t at_ms, struct decide_input *input);
/* What is signed between holder and recipient of the record and of what it was derived from, as of
   that time.  input has the record. */
void relate_fill_record(struct core *core, const struct org_id *holder,
    const struct org_id *recipient, uint64_t at_ms, struct decide_input *input);
/* The same for a batch of which only marking and audience are known: any of its records might be
   the one that a grant names. */
void relate_fill_batch(struct core *core, const struct batch_row *row, enum tlp tlp,
    const struct audience *audience, const struct member *to, struct ceiling_relations *out);
/* Whether what is signed may tell peers apart that the record's audience does not. */
bool relate_tells_apart(const struct core *core, const struct record *record);
/* Whether drafts of ours may name this community: REASON_STORED, REASON_UNKNOWN_COMMUNITY, or
   REASON_NOT_ADDRESSED where we are no member. */
enum reason relate_may_address(const struct core *core, const struct community_id *community);
/* What a policy's name of a community means here; for policy_resolve, with the core as context.
   ERR_NOT_FOUND; ERR_VALUE: more than one has it. */
MUST_CHECK enum err relate_community(
    void *context, struct bytes_view name, struct community_id *out);

#endif
