/*
 * judge: asks the one decision function (policy/decide), with what the core knows.
 *
 * The send path, the receive path and every preview go through here and nowhere else.
 */
#ifndef MALLA_NODE_JUDGE_H
#define MALLA_NODE_JUDGE_H

#include "node/state.h"
#include "policy/decide.h"

/* What this policy (not necessarily the one in force) says of this record at this time: from this
   node to the peer, from the peer to this node, or of keeping it (peer NULL).  via is whom this
   node has it from, and NULL for what is only being offered; row is record_row.seq, and 0 for what
   is not stored.  Everything else the node knows is filled in as of that time.  Whoever asks
   anything of the policy asks here. */
struct decision judge_decide(struct core *core, const struct policy *policy,
    enum rule_direction direction, const struct record *record, const struct org_id *via,
    int64_t row, const struct org_id *peer, uint64_t at_ms);
/* The same as it would have been then.  What became of the record since is not kept: the decision
   that was made then says how it stood. */
struct judge_past {
	uint64_t at_ms;
	enum decide_standing standing;
	struct hash approved_under;    /* approvals under this policy count */
	const struct card_facts *card; /* the peer's, as it was known then; NULL: not at all */
};
struct decision judge_past(struct core *core, const struct policy *policy,
    enum rule_direction direction, const struct record *record, const struct org_id *via,
    int64_t row, const struct org_id *peer, const struct judge_past *past);
/* What judge_decide asks with: for whoever needs more than the answer. */
void judge_input(struct core *core, enum rule_direction direction, const struct record *record,
    const struct org_id *via, int64_t row, const struct org_id *peer, uint64_t at_ms,
    struct decide_input *input);
/* The same outbound input about another record: what is known of the peer stays as it is. */
void judge_input_next(struct core *core, const struct record *record, const struct org_id *via,
    int64_t row, struct decide_input *input);
/* What became of a stored record: with what it says nobody gets it, but DECIDE_IN_FORCE. */
enum decide_standing judge_standing(struct core *core, int64_t row);
/* Whether anything is sent to it at all. */
bool judge_is_receiver(const struct member *member);
/* Whether it wrote the record, or is whom we have it from: then it is not sent back. */
bool judge_has_already(
    const struct member *member, const struct org_id *author, const struct org_id *via);
/* May this record, which we hold in this batch, go to this peer?  REASON_STORED: yes;
   REASON_HELD: once an approver lets it; anything else: no.  *rule (static) is the name of
   the rule that decided, "" where the ceiling did. */
enum reason judge_outbound(struct core *core, const struct record *record, const struct org_id *via,
    int64_t row, const struct member *to, const char **rule);
/* What of a peer the outbound decision about this record depends on: for peers of one class it is
   the same; for JUDGE_ALONE nothing is known of that. */
enum judge_class { JUDGE_UNNAMED, JUDGE_NAMED, JUDGE_ALONE };
enum judge_class judge_class(
    const struct core *core, const struct record *record, const struct member *to);
/* Whether the ceiling lets anything of this batch go to this peer, as its row says: marking and
   audience are those of every record.  audience is scratch. */
enum reason judge_batch(struct core *core, const struct batch_row *row, const struct member *to,
    struct audience *audience);
/* Whether only what is signed lets it go: relations, a charter. */
bool judge_batch_is_opened(struct core *core, const struct batch_row *row, const struct member *to,
    struct audience *audience);
/* May this record, which this peer sent, be stored here?  REASON_STORED, and *action: RULE_ACCEPT
   or RULE_QUARANTINE. */
enum reason judge_inbound(struct core *core, const struct record *record, const struct member *from,
    const char **rule, enum rule_action *action);
/* What can be said of a record's claimed times: REASON_STORED, REASON_FROM_FUTURE,
   REASON_EXPIRED. */
enum reason judge_time(const struct core *core, const struct record *record);
/* Whether this operator may read the record: REASON_STORED or REASON_CLEARANCE. */
enum reason judge_read(struct core *core, const struct record *record,
    const struct operator_row *operator, struct bytes_view writer);

#endif
