/* What must hold whatever goes wrong; the ceiling is written down here again, on purpose not
   taken from policy/. */
#include "tests/sim/world.h"

#include <inttypes.h>

#include "crypto/tree.h"

/* ---------------------------------------------------------------- frames */

/* One number, one envelope: for ever. */
void
judge_frame(struct world *world, uint32_t from, uint32_t to, struct bytes_view frame)
{
	static struct exchange_message message;
	static struct header header;
	struct {
		char what[8];
		uint64_t from_to[2];
		uint64_t serials[2];
		uint64_t number;
	} key = {"number", {from, to}, {0, 0}, 0};
	struct hash hash, envelope;

	if (exchange_decode(frame, &message) != ERR_NONE)
		world_violate(world, "node %u sends a frame that it would refuse", from);
	if (message.type != EXCHANGE_ENVELOPE)
		return;
	if (header_decode(message.signed_thing.statement, &header, &hash) != ERR_NONE)
		world_violate(world, "node %u sends a header that it would refuse", from);
	key.serials[0] = header.sender_serial;
	key.serials[1] = header.recipient_serial;
	key.number = header.number;
	digest_sha256(message.signed_thing.statement, &envelope);
	world_see(world, "two envelopes under one number", &key, sizeof(key), &envelope);
}

/* ---------------------------------------------------------------- what a node holds */

#define HELD_MAX 2048u

struct holding {
	struct world *world;
	uint32_t node;
	uint32_t count;
	struct {
		struct record_id id;
		struct org_id author;
		uint32_t content; /* of the title: which content by which author */
	} at[HELD_MAX];
};
static struct holding holding;
static struct record decoded;

static uint32_t
index_of(const struct world *world, const struct org_id *org)
{
	uint32_t i;

	for (i = 0; i < world->count; i++) {
		if (memcmp(&world->nodes[i].who->org, org, sizeof(*org)) == 0)
			return i;
	}
	return WORLD_NODES_MAX;
}

static bool
is_named(const struct record *record, const struct org_id *org)
{
	uint32_t i;

	for (i = 0; i < record->audience.orgs_count; i++) {
		if (memcmp(&record->audience.orgs[i], org, sizeof(*org)) == 0)
			return true;
	}
	return false;
}

/* DESIGN 8: may `node` hold this, which came to it by way of `via`? */
static bool
may_hold(
    const struct world *world, uint32_t node, const struct record *record, const struct org_id *via)
{
	const struct org_id *self = &world->nodes[node].who->org;
	bool is_from_author = memcmp(via, &record->author, sizeof(*via)) == 0;

	if (memcmp(self, &record->author, sizeof(*self)) == 0)
		return true;
	switch (record->marking.tlp) {
	case TLP_CLEAR:
		return true;
	case TLP_GREEN:
		return is_from_author;
	case TLP_AMBER:
		return is_from_author &&
		       (record->audience.orgs_count == 0 || is_named(record, self));
	case TLP_AMBER_STRICT:
	case TLP_RED:
		return is_from_author && is_named(record, self);
	}
	return false;
}

static enum err
note_record(void *context, const struct record_row *row)
{
	struct holding *held = context;
	struct world *world = held->world;
	unsigned content = 0;
	char title[64];

	if (record_decode(row->body, false, &decoded, NULL) != ERR_NONE)
		world_violate(world, "node %u holds a record that cannot be decoded", held->node);
	if (!may_hold(world, held->node, &decoded, &row->via))
		world_violate(world, "node %u holds what the ceiling forbids: %s by node %u via %u",
		    held->node, tlp_name(decoded.marking.tlp), index_of(world, &decoded.author),
		    index_of(world, &row->via));
	(void)snprintf(title, sizeof(title), "%.*s", (int)decoded.body.title.len,
	    (const char *)decoded.body.title.data);
	(void)sscanf(title, "content %u", &content);
	if (held->count < HELD_MAX) {
		held->at[held->count].id = row->id;
		held->at[held->count].author = row->author;
		held->at[held->count++].content = content;
	}
	return ERR_NONE;
}

static void
hold(struct world *world, uint32_t node)
{
	struct records_query query = {.most = HELD_MAX};
	uint32_t i, j;

	holding.world = world;
	holding.node = node;
	holding.count = 0;
	ck_err(
	    records_query(world->nodes[node].core->store, &query, note_record, &holding), ERR_NONE);
	for (i = 0; i < holding.count; i++) {
		for (j = 0; j < i; j++) {
			if (holding.at[i].content == holding.at[j].content &&
			    memcmp(&holding.at[i].author, &holding.at[j].author, 32) == 0)
				world_violate(world, "node %u holds content %u of node %u twice",
				    node, holding.at[i].content,
				    index_of(world, &holding.at[i].author));
		}
	}
}

/* ---------------------------------------------------------------- the log */

struct log {
	struct tree_frontier frontier;
	bool is_bad;
};

static enum err
add_leaf(void *context, const struct event_row *row)
{
	struct log *log = context;
	struct event event;
	struct hash leaf;

	tree_leaf(bytes_view_of(row->leaf, EVENT_LEAF_BYTES), &leaf);
	log->is_bad |= !digest_is_equal(&leaf, &row->hash) ||
		       event_leaf_decode(row->leaf, &event) != ERR_NONE ||
		       event.index != log->frontier.size;
	tree_frontier_append(&log->frontier, &leaf);
	return ERR_NONE;
}

static void
verify_log(struct world *world, uint32_t node)
{
	struct store *store = world->nodes[node].core->store;
	struct log log = {.is_bad = false};
	struct hash root;
	struct head head;

	tree_frontier_init(&log.frontier);
	ck_err(events_each(store, 0, UINT32_MAX, add_leaf, &log), ERR_NONE);
	events_head(store, &head);
	tree_frontier_root(&log.frontier, &root);
	if (log.is_bad || log.frontier.size != head.size || !digest_is_equal(&root, &head.root))
		world_violate(world, "the log of node %u does not verify", node);
	if (world->nodes[node].has_head && world->nodes[node].head.size > head.size)
		world_violate(world, "node %u signed a head that its log has lost", node);
}

/* ---------------------------------------------------------------- receipts */

struct receipted {
	struct world *world;
	uint32_t from;
	const struct record_row *row;
};

/* A receipt that settled a delivery says that the record is there, and so it is. */
static enum err
check_delivery(void *context, const struct delivery_row *row)
{
	const struct receipted *receipted = context;
	struct world *world = receipted->world;
	uint32_t to = index_of(world, &row->peer);
	uint32_t place = receipted->row->position, i;
	bool has = false;

	if (row->state != DELIVERY_RECEIPTED || to >= world->count || world->nodes[to].is_hostile ||
	    world->nodes[to].core == NULL)
		return ERR_NONE;
	for (i = 0; row->positions.len > 0 && i * 2 < row->positions.len; i++) {
		if (bytes_get_u16(row->positions.data + (size_t)i * 2) == receipted->row->position)
			place = i;
	}
	if (((size_t)place + 1) * 2 > row->outcomes.len)
		return ERR_NONE;
	i = bytes_get_u16(row->outcomes.data + (size_t)place * 2);
	if (i != REASON_STORED && i != REASON_DUPLICATE)
		return ERR_NONE;
	ck_err(records_has(world->nodes[to].core->store, &receipted->row->id, &has), ERR_NONE);
	if (!has)
		world_violate(world, "node %u has a receipt of node %u for what that has not",
		    receipted->from, to);
	return ERR_NONE;
}

static void
verify_receipts(struct world *world, uint32_t node)
{
	struct store *store = world->nodes[node].core->store;
	struct record_row row;
	struct receipted receipted = {world, node, &row};
	uint32_t i;

	hold(world, node);
	for (i = 0; i < holding.count; i++) {
		ck_err(records_get(store, &holding.at[i].id, &row), ERR_NONE);
		ck_err(deliveries_of_record(
			   store, row.batch, row.position, check_delivery, &receipted),
		    ERR_NONE);
	}
}

void
judge_node(struct world *world, uint32_t node)
{
	if (world->nodes[node].core == NULL || world->nodes[node].is_hostile)
		return;
	verify_log(world, node);
	verify_receipts(world, node);
}

/* ---------------------------------------------------------------- the end */

/* The default policy: who is named gets it; GREEN and CLEAR that name nobody, every peer. */
static bool
should_have(const struct world *world, uint32_t to, const struct record *record)
{
	if (is_named(record, &world->nodes[to].who->org))
		return true;
	return record->audience.orgs_count == 0 && record->marking.tlp <= TLP_GREEN;
}

/* What became of one record on its way to one node, in words. */
struct fate {
	struct world *world;
	const struct record_row *row;
	uint32_t to;
	char words[128];
};

static enum err
note_fate(void *context, const struct delivery_row *row)
{
	struct fate *fate = context;
	uint32_t place = fate->row->position, i;

	if (index_of(fate->world, &row->peer) != fate->to)
		return ERR_NONE;
	for (i = 0; i * 2 < row->positions.len; i++) {
		if (bytes_get_u16(row->positions.data + (size_t)i * 2) == fate->row->position)
			place = i;
	}
	(void)snprintf(fate->words, sizeof(fate->words), "envelope %" PRIu64 " is in state %d, %s",
	    row->number, (int)row->state,
	    ((size_t)place + 1) * 2 > row->outcomes.len
		? "no outcome"
		: reason_name((enum reason)bytes_get_u16(row->outcomes.data + (size_t)place * 2)));
	return ERR_NONE;
}

static void
check_arrival(struct world *world, uint32_t from, uint32_t to)
{
	uint32_t i;

	for (i = 0; i < holding.count; i++) {
		struct record_row row;
		bool has;

		ck_err(
		    records_get(world->nodes[from].core->store, &holding.at[i].id, &row), ERR_NONE);
		ck_err(record_decode(row.body, false, &decoded, NULL), ERR_NONE);
		if (memcmp(&decoded.author, &world->nodes[from].who->org, 32) != 0 ||
		    !should_have(world, to, &decoded))
			continue;
		ck_err(
		    records_has(world->nodes[to].core->store, &holding.at[i].id, &has), ERR_NONE);
		if (!has) {
			struct fate fate = {world, &row, to, "it was never sent"};

			const struct member *member =
			    directory_find(world->nodes[from].core, &world->nodes[to].who->org);

			ck_err(deliveries_of_record(world->nodes[from].core->store, row.batch,
				   row.position, note_fate, &fate),
			    ERR_NONE);
			if (world->is_verbose)
				fprintf(stderr,
				    "session %d, in flight %u of %u, outbox %d, last number "
				    "%" PRIu64 "\n",
				    member->state, member->in_flight, member->credit,
				    member->has_outbox, member->last_number);
			world_violate(world,
			    "in the end node %u lacks content %u of node %u (%s): %s", to,
			    holding.at[i].content, from, tlp_name(decoded.marking.tlp), fate.words);
		}
		world->wanted++;
	}
}

static enum err
count_delivery(void *context, const struct delivery_row *row)
{
	(void)row;
	++*(uint32_t *)context;
	return ERR_NONE;
}

void
judge_end(struct world *world)
{
	uint32_t from, to, unsettled, i;

	for (i = 0; i < world->requests_count; i++) {
		if (!world->requests[i].is_answered)
			world_violate(world, "request %u was never answered", i);
	}
	for (from = 0; from < world->count; from++) {
		if (world->nodes[from].is_hostile)
			continue;
		hold(world, from);
		for (to = 0; to < world->count; to++) {
			if (to == from || world->nodes[to].is_hostile)
				continue;
			check_arrival(world, from, to);
			unsettled = 0;
			ck_err(deliveries_unsettled(world->nodes[from].core->store,
				   &world->nodes[to].who->org, 64, count_delivery, &unsettled),
			    ERR_NONE);
			if (unsettled > 0)
				world_violate(world,
				    "in the end node %u waits for %u receipts of %u", from,
				    unsettled, to);
		}
	}
}
