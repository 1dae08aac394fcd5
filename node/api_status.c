#include <string.h>

#include "node/api.h"

static const char *const tally_names[TALLY_COUNT] = {
    [TALLY_ROOT] = "root",
    [TALLY_CARD] = "card",
    [TALLY_SEAL] = "seal",
    [TALLY_ENVELOPE] = "envelope",
    [TALLY_RECEIPT] = "receipt",
    [TALLY_ACT] = "act",
};

static void
add_tallies(
    struct core *core, const uint64_t *counts, struct schema_list *list, struct bytes *items)
{
	struct status_tally tally;
	int i;

	for (i = 0; i < TALLY_COUNT; i++) {
		if (counts[i] == 0)
			continue;
		tally = (struct status_tally){bytes_view_str(tally_names[i]), counts[i]};
		(void)core_failed(
		    core, schema_list_add(list, items, &request_tally_schema, &tally));
	}
}

struct refusal_list {
	struct core *core;
	struct schema_list list;
	struct bytes items;
	uint64_t receipted;
};

static void
add_outcome(void *context, uint16_t reason, uint64_t records)
{
	struct refusal_list *refused = context;
	struct status_tally tally = {bytes_view_str(reason_name((enum reason)reason)), records};

	refused->receipted += records;
	if (!reason_is_good((enum reason)reason))
		(void)core_failed(refused->core, schema_list_add(&refused->list, &refused->items,
						     &request_tally_schema, &tally));
}

static uint64_t
state_of(const struct member *member)
{
	if (member->is_removed)
		return PEER_REMOVED;
	switch (member->state) {
	case SESSION_DOWN:
		return PEER_DOWN;
	case SESSION_DIALING:
		return PEER_DIALING;
	case SESSION_GREETED:
		return PEER_GREETED;
	case SESSION_OPEN:
		return PEER_OPEN;
	case SESSION_REMOVED:
	case SESSION_STATE_COUNT:
		break;
	}
	return PEER_REMOVED;
}

static void
fill_peer(struct core *core, const struct member *member, struct status_peer *peer,
    struct refusal_list *refused)
{
	struct head head;
	enum err err;

	memcpy(peer->org, member->org.bytes, sizeof(peer->org));
	peer->name = bytes_view_str(member->name);
	peer->state = state_of(member);
	peer->since_ms = member->since_ms;
	peer->in_flight = member->in_flight;
	peer->last_reason = member->last_reason;
	peer->last_words = bytes_view_str(member->last_words);
	peer->last_ms = member->last_ms;
	peer->card_serial = member->card.serial;
	peer->card_expires_ms = member->card.expires_ms;
	if (core_failed(core,
		deliveries_outbox_count(core->store, &member->org, &peer->queued, &peer->held)) ||
	    core_failed(
		core, deliveries_received_count(core->store, &member->org, &peer->received)) ||
	    core_failed(core, deliveries_tally(core->store, &member->org, add_outcome, refused)))
		return;
	peer->receipted = refused->receipted;
	peer->refused = refused->list;
	err = peers_head_get(core->store, &member->org, &head);
	if (err == ERR_NOT_FOUND || core_failed(core, err))
		return;
	peer->head_epoch = head.epoch;
	peer->head_size = head.size;
	memcpy(peer->head_root, head.root.bytes, sizeof(peer->head_root));
}

static void
add_peers(struct core *core, struct status_body *status, struct bytes *items)
{
	uint32_t i;

	for (i = 0; i < core->members_count; i++) {
		const struct member *member = core->members[i];
		struct refusal_list refused = {.core = core};
		struct status_peer peer = {0};

		if (!member->is_peer)
			continue;
		bytes_init(&refused.items, 16384);
		fill_peer(core, member, &peer, &refused);
		(void)core_failed(core,
		    schema_list_add(&status->peers, items, &request_status_peer_schema, &peer));
		status->is_witnessed = status->is_witnessed || member->has_seen_us;
		bytes_release(&refused.items);
	}
}

static void
fill_status(struct api_call *call, struct status_body *status)
{
	struct core *core = call->core;
	struct head head;

	memcpy(status->org, core->org.bytes, sizeof(status->org));
	status->name = bytes_view_str(core->card.name);
	status->version = bytes_view_str(MALLA_VERSION);
	status->started_ms = core->started_ms;
	events_head_committed(core->store, &head);
	status->head_epoch = head.epoch;
	status->head_size = head.size;
	memcpy(status->head_root, head.root.bytes, sizeof(status->head_root));
	status->card_serial = core->card.serial;
	status->card_expires_ms = core->card.expires_ms;
	status->supervisor_pid = core->pids[0];
	status->link_pid = core->pids[1];
	status->core_pid = core->pids[2];
	status->keyring_pid = core->pids[3];
	status->operator_name = call->operator.name;
	status->operator_roles = call->operator.roles;
	status->operator_clearance = call->operator.clearance;
	status->refused_handshakes = core->refused_handshakes;
	status->seals = core->seals;
	status->sealed_records = core->sealed_records;
	memcpy(status->policy, core->policy->hash.bytes, sizeof(status->policy));
	status->policy_problem = bytes_view_str(core->policy_problem);
	(void)core_failed(core, records_totals(core->store, &status->records, &status->batches));
}

enum reason
api_status(struct api_call *call)
{
	struct core *core = call->core;
	struct status_body status = {0};
	struct empty_body nothing;
	struct bytes items[5];
	enum reason reason;
	uint32_t i;

	if (!api_arguments(call, &request_empty_schema, &nothing))
		return REASON_BAD_REQUEST;
	for (i = 0; i < 5; i++)
		bytes_init(&items[i], REQUEST_BYTES_MAX);
	fill_status(call, &status);
	for (i = 0; i < core->bound_count; i++)
		(void)core_failed(core, schema_list_add_bin(&status.endpoints, &items[0],
					    bytes_view_str(core->bound[i])));
	add_tallies(core, core->made, &status.made, &items[1]);
	add_tallies(core, core->checked, &status.checked, &items[2]);
	add_tallies(core, core->bad, &status.failed, &items[3]);
	add_peers(core, &status, &items[4]);
	reason = api_body(call, &request_status_schema, &status);
	for (i = 0; i < 5; i++)
		bytes_release(&items[i]);
	return reason;
}

enum reason
api_status_card(struct api_call *call)
{
	struct card_body body = {bytes_as_view(&call->core->package)};
	struct empty_body nothing;

	if (!api_arguments(call, &request_empty_schema, &nothing))
		return REASON_BAD_REQUEST;
	return api_body(call, &request_card_schema, &body);
}
