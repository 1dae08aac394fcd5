#include "node/compare.h"

#include <stdlib.h>
#include <string.h>

#include "node/gate.h"
#include "node/judge.h"
#include "node/preview.h"
#include "policy/relations.h"
#include "policy/sweep.h"
#include "store/search.h"

#define OUTCOMES_MAX 1024u
#define DECISIONS_MOST 20000u /* made peer by peer in one part, before it ends early */
#define RULE_PLACES (RULES_MAX + 1)

/* The two policies. */
enum side { BEFORE, AFTER, SIDES };

/* How a rule comes to act on a record: bits. */
enum variant {
	VARIANT_AS_IS = 1,   /* it redacts, and there is nothing of that: it shares */
	VARIANT_PRIVATE = 2, /* it shares, and the privacy gate holds it */
};
#define VARIANTS 4u

/* What a rule, or none, comes to do with one record. */
struct effect {
	int rule;
	uint32_t variant; /* bits of enum variant */
	enum rule_action action;
	uint32_t approvers;
	uint64_t redacted;
};

/* What is known of a peer whatever the record. */
struct peer {
	uint32_t member; /* index in core->members */
	struct decide_input input;
	struct community_id communities[MATCH_COMMUNITIES_MAX];
	bool is_asked[2]; /* which rules are about it: where it is not named, where it is */
	sweep_rules party[2][SIDES];
	int32_t newest; /* cell */
};

/* Peers of the batch for whom the same rules decide. */
struct crowd {
	sweep_rules party[SIDES];
	uint32_t first;
	uint32_t count;
};

struct compare {
	struct core *core;
	const struct policy *policies[SIDES];
	struct sweep sweeps[SIDES];
	uint32_t peers_count;
	struct peer *peers;

	/* the batch: whom the ceiling lets have it, by crowd */
	int64_t batch;
	bool is_alone; /* each of its records is decided by itself */
	uint32_t crowds_count;
	struct crowd *crowds;
	uint32_t *crowded; /* peers, crowd by crowd */
	uint32_t *crowd_of;

	int32_t outcome_of[SIDES][VARIANTS][RULE_PLACES]; /* by rule, 0 for none; -1: not made */
	bool differ_in_own; /* what is the organisation's own: the gate may find other things */
	/* of the record at hand, whether the privacy gate holds it: 0 not asked, 1 no, 2 it does */
	uint8_t is_private[SIDES];

	/* the part */
	struct compare_part *part;
	uint32_t most;
	uint32_t cells_cap;
	uint32_t decisions;
	bool has_id; /* the record at hand stands in ids */
	bool is_full;
	int64_t last;
};

/* ---------------------------------------------------------------- what differs */

static uint32_t
add_outcome(struct compare *compare, const struct decision_body *body)
{
	struct compare_part *part = compare->part;
	uint32_t i;

	for (i = 0; i < part->outcomes_count; i++) {
		if (preview_is_same(&part->outcomes[i], body) &&
		    part->outcomes[i].rule_name.data == body->rule_name.data)
			return i;
	}
	if (part->outcomes_count == OUTCOMES_MAX) /* no more than there are rules and reasons */
		return OUTCOMES_MAX - 1;
	part->outcomes[part->outcomes_count] = *body;
	return part->outcomes_count++;
}

static uint32_t
add_decision(struct compare *compare, const struct decision *decision)
{
	struct decision_body body;

	preview_decision_body(decision, &body);
	if (decision->ceiling == REASON_STORED) {
		body.ground = 0;
		body.is_derived = false;
	}
	return add_outcome(compare, &body);
}

static enum err
add_cell(struct compare *compare, struct peer *peer, uint32_t before, uint32_t after)
{
	struct compare_part *part = compare->part;
	struct compare_cell *cell;

	if (part->cells_count == compare->cells_cap) {
		uint32_t cap = compare->cells_cap == 0 ? 64 : compare->cells_cap * 2;
		struct compare_cell *grown = realloc(part->cells, cap * sizeof(*grown));

		if (grown == NULL)
			return ERR_MEMORY;
		part->cells = grown;
		compare->cells_cap = cap;
	}
	cell = &part->cells[part->cells_count];
	memset(cell, 0, sizeof(*cell));
	cell->peer = peer->member;
	cell->before = before;
	cell->after = after;
	cell->next = peer->newest;
	peer->newest = (int32_t)part->cells_count++;
	return ERR_NONE;
}

/* The record is decided differently about this peer. */
static enum err
note(struct compare *compare, const struct record_row *row, struct peer *peer, uint32_t before,
    uint32_t after)
{
	struct compare_part *part = compare->part;
	int32_t at = peer->newest;
	enum err err = ERR_NONE;

	if (!compare->has_id) {
		compare->has_id = true;
		part->ids[part->ids_count++] = row->id;
	}
	while (at >= 0 && (part->cells[at].before != before || part->cells[at].after != after))
		at = part->cells[at].next;
	if (at < 0) {
		err = add_cell(compare, peer, before, after);
		at = peer->newest;
	}
	if (err == ERR_NONE)
		part->cells[at].records[(part->ids_count - 1) / 8] |=
		    (uint8_t)(1u << (part->ids_count - 1) % 8);
	return err;
}

/* Whether what happens is the same, whoever decides it. */
static bool
is_same_effect(const struct effect *a, const struct effect *b)
{
	return a->action == b->action && (a->action != RULE_HOLD || a->approvers == b->approvers) &&
	       (a->action != RULE_REDACT || a->redacted == b->redacted);
}

/* The decisions themselves, of both policies, about one peer. */
static enum err
decide_one(struct compare *compare, const struct record_row *row, struct peer *peer)
{
	struct core *core = compare->core;
	struct decision decisions[SIDES];
	struct effect effects[SIDES];
	enum side side;

	compare->decisions += SIDES;
	for (side = BEFORE; side < SIDES; side++) {
		decisions[side] =
		    judge_decide(core, compare->policies[side], RULE_OUTBOUND, &core->record,
			&row->via, row->seq, &core->members[peer->member]->org, core->now_ms);
		effects[side] = (struct effect){.action = decisions[side].action,
		    .approvers = decisions[side].approvers,
		    .redacted = decisions[side].redacted};
	}
	if (core->failed != ERR_NONE)
		return core->failed;
	if (is_same_effect(&effects[BEFORE], &effects[AFTER]))
		return ERR_NONE;
	return note(compare, row, peer, add_decision(compare, &decisions[BEFORE]),
	    add_decision(compare, &decisions[AFTER]));
}

/* ---------------------------------------------------------------- by rules */

/* What the rule does with the record, but for approvers and the gate. */
static struct effect
effect_of(const struct compare *compare, enum side side, int rule)
{
	struct effect effect = {.rule = rule, .action = RULE_DENY};
	const struct rule *found;

	if (rule < 0)
		return effect;
	found = &compare->sweeps[side].rules->at[rule];
	effect.action = decide_action(found, &compare->core->record);
	effect.approvers = found->approvers;
	effect.redacted = found->redacted;
	if (effect.action != found->action)
		effect.variant = VARIANT_AS_IS;
	return effect;
}

/* What would be shared, the gate reads: once for all peers. */
static void
pass_gate(
    struct compare *compare, const struct record_row *row, enum side side, struct effect *effect)
{
	struct core *core = compare->core;
	uint8_t *known = &compare->is_private[side];

	if (effect->action != RULE_SHARE)
		return;
	if (*known == 0)
		*known =
		    gate_holds(core, compare->policies[side], &core->record, &row->via, row->seq)
			? 2
			: 1;
	if (*known == 1)
		return;
	effect->variant |= VARIANT_PRIVATE;
	effect->action = RULE_HOLD;
	effect->approvers = 1;
}

/* What is told of it: the decision about this record and peer, in which it decides. */
static uint32_t
outcome_of_effect(struct compare *compare, const struct record_row *row, enum side side,
    const struct effect *effect, uint32_t peer)
{
	struct core *core = compare->core;
	int32_t *known = &compare->outcome_of[side][effect->variant][effect->rule + 1];
	struct decision decision;

	if (*known < 0) {
		decision = judge_decide(core, compare->policies[side], RULE_OUTBOUND, &core->record,
		    &row->via, row->seq, &core->members[compare->peers[peer].member]->org,
		    core->now_ms);
		*known = (int32_t)add_decision(compare, &decision);
	}
	return (uint32_t)*known;
}

/* What approvers said counts for one peer, under one policy. */
static enum err
ask_each(struct compare *compare, const struct record_row *row, const struct crowd *crowd)
{
	enum err err = ERR_NONE;
	uint32_t i;

	for (i = 0; i < crowd->count && err == ERR_NONE; i++)
		err = decide_one(compare, row, &compare->peers[compare->crowded[crowd->first + i]]);
	return err;
}

static enum err
decide_crowd(struct compare *compare, const struct record_row *row, const struct crowd *crowd)
{
	const uint32_t *members = &compare->crowded[crowd->first];
	const struct decide_input *input = &compare->peers[members[0]].input;
	uint32_t outcomes[SIDES], i;
	struct effect effects[SIDES];
	enum side side;
	enum err err = ERR_NONE;
	bool is_held;

	for (side = BEFORE; side < SIDES; side++)
		effects[side] = effect_of(
		    compare, side, sweep_rule(&compare->sweeps[side], crowd->party[side], input));
	if (!is_same_effect(&effects[BEFORE], &effects[AFTER]) || compare->differ_in_own ||
	    compare->core->has_approvals) {
		for (side = BEFORE; side < SIDES; side++)
			pass_gate(compare, row, side, &effects[side]);
	}
	is_held = effects[BEFORE].action == RULE_HOLD || effects[AFTER].action == RULE_HOLD;
	if (is_held && compare->core->has_approvals)
		return ask_each(compare, row, crowd);
	if (is_same_effect(&effects[BEFORE], &effects[AFTER]))
		return ERR_NONE;
	for (side = BEFORE; side < SIDES; side++)
		outcomes[side] = outcome_of_effect(compare, row, side, &effects[side], members[0]);
	for (i = 0; i < crowd->count && err == ERR_NONE; i++)
		err = note(
		    compare, row, &compare->peers[members[i]], outcomes[BEFORE], outcomes[AFTER]);
	return err;
}

/* ---------------------------------------------------------------- a batch */

/* Of records of one batch the same holds of author, marking, audience, and whom it was had from. */
static bool
is_decided_alone(const struct compare *compare, const struct record *record)
{
	const struct core *core = compare->core;
	const struct marking *marking = &record->marking;

	if ((marking->purpose.len == 0 || marking->basis.len == 0) &&
	    compare->policies[BEFORE]->required.count + compare->policies[AFTER]->required.count >
		0)
		return true;
	if (record->kind == RECORD_CHARTER || record->has_derived)
		return true;
	/* a grant may name one record */
	return relations_name_records(core->relations) &&
	       memcmp(&record->author, &core->org, sizeof(core->org)) != 0;
}

static void
find_parties(struct compare *compare, struct peer *peer, bool is_named)
{
	enum side side;

	if (peer->is_asked[is_named])
		return;
	peer->is_asked[is_named] = true;
	for (side = BEFORE; side < SIDES; side++)
		peer->party[is_named][side] = sweep_party(&compare->sweeps[side], &peer->input);
}

/* The crowd with these rules, or a new one; of whom the rules ask more, by itself. */
static uint32_t
find_crowd(struct compare *compare, const sweep_rules party[SIDES])
{
	bool is_alone = sweep_asks_peer(&compare->sweeps[BEFORE], party[BEFORE]) ||
			sweep_asks_peer(&compare->sweeps[AFTER], party[AFTER]);
	uint32_t i;

	for (i = 0; i < compare->crowds_count && !is_alone; i++) {
		if (compare->crowds[i].party[BEFORE] == party[BEFORE] &&
		    compare->crowds[i].party[AFTER] == party[AFTER])
			return i;
	}
	compare->crowds[compare->crowds_count] =
	    (struct crowd){.party = {party[BEFORE], party[AFTER]}};
	return compare->crowds_count++;
}

/* The peers, crowd by crowd, in `crowded`. */
static void
line_up(struct compare *compare)
{
	uint32_t first = 0, i;

	for (i = 0; i < compare->crowds_count; i++) {
		compare->crowds[i].first = first;
		first += compare->crowds[i].count;
		compare->crowds[i].count = 0;
	}
	for (i = 0; i < compare->peers_count; i++) {
		struct crowd *crowd;

		if (compare->crowd_of[i] == UINT32_MAX)
			continue;
		crowd = &compare->crowds[compare->crowd_of[i]];
		compare->crowded[crowd->first + crowd->count++] = i;
	}
}

static void
begin_batch(struct compare *compare, const struct record_row *row)
{
	struct core *core = compare->core;
	uint32_t i;

	compare->batch = row->batch;
	compare->is_alone = is_decided_alone(compare, &core->record);
	compare->crowds_count = 0;
	for (i = 0; i < compare->peers_count; i++) {
		struct peer *peer = &compare->peers[i];
		bool is_named;

		compare->crowd_of[i] = UINT32_MAX;
		if (judge_has_already(core->members[peer->member], &row->author, &row->via))
			continue;
		judge_input_next(core, &core->record, &row->via, row->seq, &peer->input);
		if (decide_ceiling(RULE_OUTBOUND, &peer->input) != REASON_STORED)
			continue;
		is_named = decide_context(compare->policies[BEFORE], &peer->input).is_named;
		find_parties(compare, peer, is_named);
		compare->crowd_of[i] = find_crowd(compare, peer->party[is_named]);
		compare->crowds[compare->crowd_of[i]].count++;
	}
	line_up(compare);
}

/* ---------------------------------------------------------------- a record */

static enum err
decide_alone(struct compare *compare, const struct record_row *row)
{
	struct core *core = compare->core;
	enum err err = ERR_NONE;
	uint32_t i;

	for (i = 0; i < compare->peers_count && err == ERR_NONE; i++) {
		struct peer *peer = &compare->peers[i];

		if (!judge_has_already(core->members[peer->member], &row->author, &row->via))
			err = decide_one(compare, row, peer);
	}
	return err;
}

/* Beyond the ceiling, what shuts the door shuts it for everybody: one of them is asked. */
static bool
is_shut(struct compare *compare, const struct record_row *row)
{
	struct decide_input *input = &compare->peers[compare->crowded[0]].input;

	input->standing = judge_standing(compare->core, row->seq);
	return decide_is_shut(RULE_OUTBOUND, input);
}

static enum err
decide_record(struct compare *compare, const struct record_row *row)
{
	const struct decide_input *input;
	enum err err = ERR_NONE;
	uint32_t i;

	if (row->batch != compare->batch)
		begin_batch(compare, row);
	compare->has_id = false;
	compare->is_private[BEFORE] = compare->is_private[AFTER] = 0;
	if (compare->is_alone)
		return decide_alone(compare, row);
	if (compare->crowds_count == 0 || is_shut(compare, row))
		return ERR_NONE;
	input = &compare->peers[compare->crowded[0]].input;
	sweep_record(&compare->sweeps[BEFORE], input);
	sweep_record(&compare->sweeps[AFTER], input);
	for (i = 0; i < compare->crowds_count && err == ERR_NONE; i++)
		err = decide_crowd(compare, row, &compare->crowds[i]);
	return err;
}

static enum err
take_row(void *context, const struct record_row *row)
{
	struct compare *compare = context;
	struct core *core = compare->core;
	enum err err;

	if (compare->part->examined == compare->most || compare->decisions > DECISIONS_MOST) {
		compare->is_full = true;
		return ERR_NO; /* the next part goes on here */
	}
	err = record_decode(row->body, false, &core->record, NULL);
	if (err != ERR_NONE)
		return ERR_CORRUPT;
	compare->part->examined++;
	compare->last = row->seq;
	/* past its validity nobody is sent it, under whatever policy */
	if (judge_time(core, &core->record) == REASON_EXPIRED)
		return ERR_NONE;
	err = decide_record(compare, row);
	return err == ERR_NONE ? core->failed : err;
}

/* ---------------------------------------------------------------- parts */

enum err
compare_next(struct compare *compare, uint32_t most, struct compare_part *part)
{
	struct search_query query = {.now_ms = compare->core->now_ms, .after = part->after};
	uint32_t i;
	enum err err;

	compare->most = most < COMPARE_ROWS_MAX ? most : COMPARE_ROWS_MAX;
	query.most = compare->most + 1;
	part->ids = compare->part->ids;
	part->cells = compare->part->cells;
	part->outcomes = compare->part->outcomes;
	part->examined = part->ids_count = part->cells_count = part->outcomes_count = 0;
	*compare->part = *part;
	compare->batch = 0;
	compare->decisions = 0;
	compare->is_full = false;
	memset(compare->outcome_of, 0xff, sizeof(compare->outcome_of));
	for (i = 0; i < compare->peers_count; i++)
		compare->peers[i].newest = -1;
	err = search_records(compare->core->store, &query, take_row, compare);
	*part = *compare->part;
	part->after = compare->is_full ? compare->last : 0;
	return err == ERR_NO && compare->is_full ? ERR_NONE : err;
}

/* A record whose audience is empty, to ask what is known of peers before there is any record. */
static enum err
add_peers(struct compare *compare, const struct member *only)
{
	struct core *core = compare->core;
	uint32_t i;

	compare->peers = calloc(core->members_count + 1u, sizeof(*compare->peers));
	if (compare->peers == NULL)
		return ERR_MEMORY;
	record_init(&core->record, RECORD_NOTE, TLP_CLEAR);
	core->record.is_draft = false;
	for (i = 0; i < core->members_count; i++) {
		const struct member *member = core->members[i];
		struct peer *peer = &compare->peers[compare->peers_count];

		if (!judge_is_receiver(member) || (only != NULL && member != only))
			continue;
		peer->member = i;
		judge_input(core, RULE_OUTBOUND, &core->record, &core->org, 0, &member->org,
		    core->now_ms, &peer->input);
		/* they are core's only until the next peer */
		if (peer->input.facts.communities_count > 0)
			memcpy(peer->communities, peer->input.facts.communities,
			    peer->input.facts.communities_count * sizeof(*peer->communities));
		peer->input.facts.communities = peer->communities;
		compare->peers_count++;
	}
	return ERR_NONE;
}

static bool
has_own(const struct policy *policy)
{
	return policy->own.ranges_count + policy->own.domains_count > 0;
}

enum err
compare_open(struct core *core, const struct policy *before, const struct policy *after,
    const struct member *only, struct compare **out)
{
	struct compare *compare = calloc(1, sizeof(*compare));
	enum err err;

	if (compare == NULL)
		return ERR_MEMORY;
	compare->core = core;
	compare->policies[BEFORE] = before;
	compare->policies[AFTER] = after;
	compare->differ_in_own = has_own(before) || has_own(after);
	sweep_open(&compare->sweeps[BEFORE], before, RULE_OUTBOUND);
	sweep_open(&compare->sweeps[AFTER], after, RULE_OUTBOUND);
	err = add_peers(compare, only);
	compare->crowds = calloc(compare->peers_count + 1u, sizeof(*compare->crowds));
	compare->crowded = calloc(compare->peers_count + 1u, sizeof(*compare->crowded));
	compare->crowd_of = calloc(compare->peers_count + 1u, sizeof(*compare->crowd_of));
	compare->part = calloc(1, sizeof(*compare->part));
	if (compare->part != NULL) {
		compare->part->ids = calloc(COMPARE_ROWS_MAX, sizeof(*compare->part->ids));
		compare->part->outcomes = calloc(OUTCOMES_MAX, sizeof(*compare->part->outcomes));
	}
	if (err != ERR_NONE || compare->crowds == NULL || compare->crowded == NULL ||
	    compare->crowd_of == NULL || compare->part == NULL || compare->part->ids == NULL ||
	    compare->part->outcomes == NULL) {
		compare_free(compare);
		return ERR_MEMORY;
	}
	*out = compare;
	return ERR_NONE;
}

void
compare_free(struct compare *compare)
{
	if (compare == NULL)
		return;
	if (compare->part != NULL) {
		free(compare->part->ids);
		free(compare->part->cells);
		free(compare->part->outcomes);
	}
	free(compare->part);
	free(compare->peers);
	free(compare->crowds);
	free(compare->crowded);
	free(compare->crowd_of);
	free(compare);
}
