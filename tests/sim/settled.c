#include "tests/sim/settled.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"
#include "node/directory.h"
#include "node/state.h"
#include "tests/sim/report.h"

/* ---------------------------------------------------------------- one node */

/* A delivery that was receipted, and what was found where its receipt should be. */
struct search {
	const struct world_node *node;
	uint32_t peer;
	struct hash envelope;
	uint64_t number;
	uint8_t outcomes[2 * BATCH_COUNT_MAX];
	size_t len;
	bool is_right;
};

/* The leaf of the log that holds the receipt: it must be about this very envelope. */
static enum err
match_receipt(void *context, const struct event_row *row)
{
	struct search *search = context;
	struct event_details details;
	struct signed_thing thing;
	struct receipt receipt;
	struct event event;

	search->is_right =
	    event_leaf_decode(row->leaf, &event) == ERR_NONE &&
	    event.type == EVENT_RECEIPT_RECEIVED &&
	    event_details_decode(row->details, &details) == ERR_NONE &&
	    signed_decode(details.signed_thing, RECEIPT_BYTES_MAX, &thing) == ERR_NONE &&
	    signed_verify_one(&thing, party_at(search->peer)->card.sign_key) == ERR_NONE &&
	    receipt_decode(thing.statement, &receipt) == ERR_NONE &&
	    digest_is_equal(&receipt.envelope, &search->envelope) &&
	    receipt.number == search->number && receipt.outcomes.len == search->len &&
	    memcmp(receipt.outcomes.data, search->outcomes, search->len) == 0;
	return ERR_NONE;
}

static void
check_receipted(const struct world_node *node, uint32_t peer, const struct delivery_row *row)
{
	const struct tap_promise *promise =
	    tap_promised(&node->world->tap, peer, node->index, row->number);
	struct search search = {.node = node,
	    .peer = peer,
	    .envelope = row->envelope,
	    .number = row->number,
	    .len = row->outcomes.len};
	uint64_t leaf = row->receipt_leaf;

	memcpy(search.outcomes, row->outcomes.data, row->outcomes.len);
	if (!node->world->nodes[peer].is_hostile &&
	    (promise == NULL || !digest_is_equal(&promise->envelope, &row->envelope) ||
		promise->len != search.len ||
		memcmp(promise->outcomes, search.outcomes, search.len) != 0))
		report_fail("settled without a receipt", "node %u, number %" PRIu64 " to %u",
		    node->index, row->number, peer);
	if (events_get(node->core->store, leaf, match_receipt, &search) != ERR_NONE ||
	    !search.is_right)
		report_fail("settled by another receipt", "node %u, number %" PRIu64 " to %u",
		    node->index, search.number, peer);
}

/* Every envelope under one pair of serials: no number is missing. */
static void
check_deliveries(const struct world_node *node, uint32_t peer)
{
	struct store *store = node->core->store;
	const struct org_id *org = &party_at(peer)->org;
	struct delivery_row row;
	uint64_t last = 0, number;
	enum err err = deliveries_last_number(store, org, 1, 1, &last);

	for (number = 1; number <= last && err == ERR_NONE; number++) {
		err = deliveries_get(store, org, 1, 1, number, &row);
		if (err == ERR_NONE && row.state == DELIVERY_RECEIPTED)
			check_receipted(node, peer, &row);
	}
	if (err != ERR_NONE)
		report_fail("a store cannot be read", "node %u, envelope %" PRIu64 " to %u: %s",
		    node->index, number, peer, err_name(err));
}

void
settled_node(struct world_node *node)
{
	uint32_t peer;

	for (peer = 0; peer < node->world->count; peer++) {
		if (peer != node->index)
			check_deliveries(node, peer);
	}
}

/* ---------------------------------------------------------------- all of them */

static bool
is_honest_pair(const struct world *world, uint32_t a, uint32_t b)
{
	return a != b && !world->nodes[a].is_hostile && !world->nodes[b].is_hostile &&
	       world->is_peer[a][b] && world->is_peer[b][a];
}

/* Who should hold a draft: whoever it reaches, from its author on. */
static uint32_t
reach(const struct world *world, const struct model_draft *draft)
{
	uint32_t reached = 1u << draft->author, before, from, to;

	do {
		before = reached;
		for (from = 0; from < world->count; from++) {
			for (to = 0; to < world->count; to++) {
				if ((reached >> from & 1) != 0 && is_honest_pair(world, from, to) &&
				    model_will_go(draft, from, to, world_is_open(world, from)))
					reached |= 1u << to;
			}
		}
	} while (reached != before);
	return reached;
}

static enum err
count_one(void *context, const struct delivery_row *row)
{
	(void)row;
	++*(uint32_t *)context;
	return ERR_NONE;
}

/* Whether a node still has something for, or waits for a receipt of, a peer. */
static bool
is_waiting(const struct world *world, uint32_t from, uint32_t to)
{
	struct store *store = world->nodes[from].core->store;
	const struct org_id *org = &party_at(to)->org;
	uint64_t waiting = 0, held = 0;
	uint32_t unsettled = 0;

	if (deliveries_outbox_count(store, org, &waiting, &held) != ERR_NONE ||
	    deliveries_unsettled(store, org, 4, count_one, &unsettled) != ERR_NONE)
		report_fail("a store cannot be read", "node %u: its outbox", from);
	return waiting > 0 || unsettled > 0;
}

static bool
has_everybody_all(const struct world *world, char *words, size_t size)
{
	uint32_t i, missing;

	for (i = 0; i < world->model.count; i++) {
		const struct model_draft *draft = &world->model.drafts[i];

		/* what was past its validity somewhere is at nobody's fault missing there */
		if (!draft->is_acked || draft->valid_until_ms != 0)
			continue;
		missing = reach(world, draft) & ~draft->held;
		if (missing != 0) {
			(void)snprintf(words, size, "draft %u (%s) of node %u is missing at %#x", i,
			    tlp_name(draft->tlp), draft->author, missing);
			return false;
		}
	}
	return true;
}

bool
settled_all(struct world *world, char *words, size_t size)
{
	uint32_t i, j;

	for (i = 0; i < world->count; i++) {
		if (world->nodes[i].core == NULL && !world->nodes[i].is_hostile) {
			(void)snprintf(words, size, "node %u does not run", i);
			return false;
		}
	}
	for (i = 0; i < world->requests_count; i++) {
		if (!world->requests[i].is_answered) {
			(void)snprintf(words, size, "request %u of node %u is not answered", i + 1,
			    world->requests[i].node);
			return false;
		}
	}
	if (!has_everybody_all(world, words, size))
		return false;
	for (i = 0; i < world->count; i++) {
		for (j = 0; j < world->count; j++) {
			if (is_honest_pair(world, i, j) && is_waiting(world, i, j)) {
				(void)snprintf(words, size, "node %u waits for node %u", i, j);
				return false;
			}
		}
	}
	return true;
}
