#include "node/relate.h"

#include <string.h>

#include "base/log.h"
#include "node/delivery.h"
#include "node/directory.h"
#include "node/judge.h"
#include "store/standing.h"

#define LATER_LEAST_MS 60000u
#define LATER_MOST_MS 86400000u
#define AGAIN_MS 100u /* until what is on its way is receipted */

struct relations_moment
relate_at(const struct core *core, uint64_t at_ms)
{
	return (struct relations_moment){
	    .known_ms = at_ms >= core->now_ms ? UINT64_MAX : at_ms, .now_ms = at_ms};
}

struct relations_moment
relate_now(const struct core *core)
{
	return relate_at(core, core->now_ms);
}

/* ------------------------------------------------------------------ what is stored */

static enum err
take(struct core *core, const struct record *record, uint64_t received_ms)
{
	struct record_id id;
	enum err err;

	record_id_of(record->bytes, &id);
	err = relations_add(core->relations, record, &id, received_ms);
	if (err != ERR_FULL)
		return err;
	log_line(LOG_WARNING, "a charter counts for nothing: its author has sent too many");
	return ERR_NONE;
}

static enum err
load_row(void *context, const struct record_row *row)
{
	struct core *core = context;
	struct standing standing;
	enum err err = standing_get(core->store, row->seq, &standing);

	if (err != ERR_NONE || standing.quarantined_ms != 0)
		return err;
	if (record_decode(row->body, false, &core->record, NULL) != ERR_NONE)
		return ERR_CORRUPT;
	return take(core, &core->record, row->received_ms);
}

enum err
relate_load(struct core *core)
{
	relations_clear(core->relations);
	return records_related(core->store, load_row, core);
}

/* ------------------------------------------------------------------ what it opens */

static bool
is_same(const struct org_id *a, const struct org_id *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Whether the record is about what may be open to this organisation because of us. */
static bool
is_open_to(const struct core *core, const struct record *record, const struct org_id *org)
{
	const struct relation *relation = &record->body.relation;
	struct relations_moment now = relate_now(core);
	struct community_id community;

	if (record->kind == RECORD_CHARTER || relation->type == RELATION_LEFT) {
		if (record->kind == RECORD_CHARTER)
			charter_community(&record->body.charter, record->body_bytes, &community);
		else
			community = relation->community;
		return relations_are_member(core->relations, &community, org, now) &&
		       relations_are_member(core->relations, &community, &core->org, now);
	}
	if (relation->type == RELATION_GRANT) /* to whom it is, is asked of each batch */
		return relation->state == RELATION_ACTIVE &&
		       (relation->has_community || is_same(&relation->subject, &core->org));
	return is_same(&relation->object, &core->org) && is_same(&relation->subject, org) &&
	       relations_are_client(
		   core->relations, relation->type, &relation->subject, &core->org, now);
}

void
relate_record(struct core *core, const struct record *record)
{
	bool was_granted =
	    record->kind == RECORD_RELATION && record->body.relation.type == RELATION_GRANT;
	uint32_t i;

	if (record->kind != RECORD_RELATION && record->kind != RECORD_CHARTER)
		return;
	for (i = 0; i < core->members_count; i++)
		core->members[i]->was_related =
		    !was_granted && is_open_to(core, record, &core->members[i]->org);
	if (core_failed(core, take(core, record, core->now_ms)))
		return;
	for (i = 0; i < core->members_count; i++) {
		struct member *member = core->members[i];

		if (!member->was_related && judge_is_receiver(member) &&
		    is_open_to(core, record, &member->org))
			member->is_related_anew = true;
	}
}

void
relate_stored(struct core *core, const struct record_id *id)
{
	enum decide_standing standing;
	struct record_row row;

	if (core_failed(core, records_get(core->store, id, &row)))
		return;
	standing = judge_standing(core, row.seq);
	/* what was read lasts until the store is asked again */
	if (core->failed != ERR_NONE || standing == DECIDE_QUARANTINED ||
	    core_failed(core, records_get(core->store, id, &row)) ||
	    core_failed(core, record_decode(row.body, false, &core->record, NULL)))
		return;
	relate_record(core, &core->record);
}

bool
relate_is_for_later(enum reason reason)
{
	return reason == REASON_UNKNOWN_COMMUNITY || reason == REASON_NOT_ADDRESSED ||
	       reason == REASON_CEILING;
}

void
relate_receipt(struct core *core, struct member *member, struct bytes_view outcomes)
{
	size_t at = 0;

	while (at + 2 <= outcomes.len &&
	       !relate_is_for_later((enum reason)bytes_get_u16(outcomes.data + at)))
		at += 2;
	if (at + 2 > outcomes.len || relations_is_empty(core->relations))
		return;
	if (member->related_ms > core->now_ms)
		return; /* it will be */
	member->related_wait_ms =
	    member->related_wait_ms == 0 ? LATER_LEAST_MS : 2 * member->related_wait_ms;
	if (member->related_wait_ms > LATER_MOST_MS)
		member->related_wait_ms = LATER_MOST_MS;
	member->related_ms = core->now_ms + member->related_wait_ms;
}

/* All that waited for it has left, and it has said so. */
static bool
is_up_to_date(const struct member *member)
{
	return member->state == SESSION_OPEN && !member->has_outbox && member->in_flight == 0;
}

uint64_t
relate_next_ms(const struct core *core, const struct member *member)
{
	if (member->state != SESSION_OPEN)
		return UINT64_MAX;
	if (member->is_related_anew)
		return is_up_to_date(member) ? core->now_ms : core->now_ms + AGAIN_MS;
	if (member->related_ms == 0 || member->related_ms > core->now_ms)
		return member->related_ms == 0 ? UINT64_MAX : member->related_ms;
	return is_up_to_date(member) ? core->now_ms : core->now_ms + AGAIN_MS;
}

void
relate_tick(struct core *core)
{
	uint32_t i;

	for (i = 0; i < core->members_count; i++) {
		struct member *member = core->members[i];
		bool is_due = member->related_ms != 0 && member->related_ms <= core->now_ms;

		if ((!member->is_related_anew && !is_due) || !is_up_to_date(member))
			continue;
		member->is_related_anew = false;
		if (is_due)
			member->related_ms = 0;
		if (judge_is_receiver(member))
			delivery_related(core, member);
		return;
	}
}

/* ------------------------------------------------------------------ what is asked */

/* Of one peer it is asked for record after record. */
static const struct card_facts *
card_of(struct core *core, const struct org_id *org)
{
	const struct member *member;

	if (is_same(&core->org, org))
		return &core->card;
	if (core->looked_up.turn == core->turns && is_same(&core->looked_up.org, org))
		return core->looked_up.card;
	member = directory_find(core, org);
	if (member == NULL)
		return NULL;
	core->looked_up.card = &member->card;
	core->looked_up.org = *org;
	core->looked_up.turn = core->turns;
	return core->looked_up.card;
}

static struct bytes_view
sector_of(struct core *core, const struct org_id *org)
{
	const struct card_facts *card = card_of(core, org);

	return card == NULL ? bytes_view_of(NULL, 0) : bytes_view_str(card->sector);
}

void
relate_fill_facts(struct core *core, uint64_t at_ms, struct decide_input *input)
{
	struct relations_moment when = relate_at(core, at_ms);
	const struct card_facts *card = card_of(core, input->peer);

	if (card != NULL) {
		input->facts.sector = bytes_view_str(card->sector);
		input->facts.country = bytes_view_str(card->country);
	}
	if (!relations_is_empty(core->relations))
		relations_facts(core->relations, input->self, input->peer, when, core->communities,
		    &input->facts);
}

void
relate_fill_record(struct core *core, const struct org_id *holder, const struct org_id *recipient,
    uint64_t at_ms, struct decide_input *input)
{
	struct relations_moment when = relate_at(core, at_ms);
	const struct record *record = input->record;
	struct record_id id;
	struct relations_way way = {.author = &record->author,
	    .holder = holder,
	    .recipient = recipient,
	    .audience = &record->audience,
	    .tlp = record->marking.tlp,
	    .record = &id};

	if (relations_is_empty(core->relations))
		return;
	way.sector = sector_of(core, recipient);
	/* of what goes from its author, grants and clients are not asked */
	if (is_same(holder, &record->author))
		memset(&id, 0, sizeof(id));
	else
		record_id_of(record->bytes, &id);
	relations_ask(core->relations, &way, when, &input->relations);
	if (!record->has_derived)
		return;
	way.author = &record->derived.author;
	way.audience = &record->derived.audience;
	way.tlp = record->derived.marking.tlp;
	way.record = &record->derived.id;
	relations_ask(core->relations, &way, when, &input->derived);
}

void
relate_fill_batch(struct core *core, const struct batch_row *row, enum tlp tlp,
    const struct audience *audience, const struct member *to, struct ceiling_relations *out)
{
	struct relations_way way = {.author = &row->author,
	    .holder = &core->org,
	    .recipient = &to->org,
	    .sector = bytes_view_str(to->card.sector),
	    .audience = audience,
	    .tlp = tlp};

	if (!relations_is_empty(core->relations))
		relations_ask(core->relations, &way, relate_now(core), out);
}

bool
relate_tells_apart(const struct core *core, const struct record *record)
{
	return !relations_is_empty(core->relations) &&
	       (record->audience.has_community || !is_same(&record->author, &core->org));
}

enum reason
relate_may_address(const struct core *core, const struct community_id *community)
{
	const struct communities *communities = relations_communities(core->relations);

	if (!communities_in_force(communities, community, UINT64_MAX, NULL))
		return REASON_UNKNOWN_COMMUNITY;
	return relations_are_member(core->relations, community, &core->org, relate_now(core))
		   ? REASON_STORED
		   : REASON_NOT_ADDRESSED;
}

enum err
relate_community(void *context, struct bytes_view name, struct community_id *out)
{
	const struct core *core = context;
	struct community_charter found;
	enum err err =
	    communities_find(relations_communities(core->relations), name, UINT64_MAX, &found);

	if (err == ERR_NONE)
		*out = found.id;
	return err;
}
