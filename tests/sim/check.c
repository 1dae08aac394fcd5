#include "tests/sim/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/tree.h"
#include "node/state.h"
#include "policy/match.h"
#include "store/search.h"
#include "policy/parse.h"
#include "tests/sim/report.h"

static struct record record; /* scratch */

static void
must(const struct world_node *node, enum err err, const char *doing)
{
	if (err != ERR_NONE)
		report_fail("a store cannot be read", "node %u, %s: %s: %s", node->index, doing,
		    err_name(err), store_message(node->core->store));
}

/* ---------------------------------------------------------------- receipts */

static bool
is_there(uint16_t outcome)
{
	return outcome == REASON_STORED || outcome == REASON_DUPLICATE;
}

/* What a receipt refuses of an honest peer's must have been refusable. */
static void
check_refusal(
    struct world_node *node, const struct tap_envelope *envelope, uint32_t i, enum reason reason)
{
	const struct world *world = node->world;
	uint32_t number = i < envelope->records ? envelope->drafts[i] : MODEL_DRAFTS_MAX;
	const struct model_draft *draft =
	    number < MODEL_DRAFTS_MAX ? &world->model.drafts[number] : NULL;
	bool is_late = draft != NULL && draft->valid_until_ms != 0;

	if (world->nodes[envelope->from].is_hostile || (reason == REASON_EXPIRED && is_late))
		return;
	/* what a hostile author wrote may be anything, whoever forwards it */
	if (draft == NULL && world_has(world, FAULT_HOSTILE))
		return;
	report_fail("an honest record was refused",
	    "node %u refuses record %u of envelope %" PRIu64 " of node %u (draft %u): %s",
	    node->index, i, envelope->number, envelope->from, number, reason_name(reason));
}

/* Whether one of the first `count` outcomes says that this record was stored. */
static bool
was_stored(const struct tap_envelope *envelope, const uint8_t *outcomes, size_t count,
    const struct record_id *id)
{
	size_t i;

	for (i = 0; i < envelope->records && i < count; i++) {
		if (bytes_get_u16(outcomes + 2 * i) == REASON_STORED &&
		    memcmp(&envelope->ids[i], id, sizeof(*id)) == 0)
			return true;
	}
	return false;
}

/* No receipt before said that this record was stored, nor does this one. */
static void
check_is_first(const struct world_node *node, const struct tap_envelope *envelope, uint32_t i,
    struct bytes_view outcomes)
{
	const struct tap *tap = &node->world->tap;
	const struct record_id *id = &envelope->ids[i];
	bool is_twice = was_stored(envelope, outcomes.data, i, id);
	uint32_t at;

	for (at = 0; at < tap->promises_count && !is_twice; at++) {
		const struct tap_promise *promise = &tap->promises[at];

		is_twice =
		    promise->by == node->index && was_stored(tap_find(tap, &promise->envelope),
						      promise->outcomes, promise->len / 2, id);
	}
	if (is_twice)
		report_fail("a record was stored twice",
		    "node %u: record %u of envelope %" PRIu64 " of node %u, and before",
		    node->index, i, envelope->number, envelope->from);
}

static void
check_outcomes(
    struct world_node *node, const struct tap_envelope *envelope, struct bytes_view outcomes)
{
	uint32_t i;

	if (outcomes.len != 2 * (size_t)envelope->count)
		report_fail("a receipt of another length", "node %u: %zu bytes of outcomes of %u",
		    node->index, outcomes.len, envelope->count);
	for (i = 0; i < envelope->count; i++) {
		uint16_t outcome = bytes_get_u16(outcomes.data + 2 * (size_t)i);
		bool has = false;

		if (!is_there(outcome)) {
			check_refusal(node, envelope, i, (enum reason)outcome);
			continue;
		}
		if (i >= envelope->records)
			report_fail("a receipt for what cannot be opened",
			    "node %u: envelope %" PRIu64 " of node %u", node->index,
			    envelope->number, envelope->from);
		/* while it starts, nobody can look into its store: check_start does */
		if (node->core == NULL)
			has = true;
		else
			must(node, records_has(node->core->store, &envelope->ids[i], &has),
			    "records_has");
		if (!has)
			report_fail("receipted and not stored",
			    "node %u: record %u of envelope %" PRIu64 " of node %u", node->index, i,
			    envelope->number, envelope->from);
		if (outcome == REASON_STORED)
			check_is_first(node, envelope, i, outcomes);
	}
}

static void
check_numbers(struct world_node *node, const struct tap_envelope *envelope)
{
	struct tap *tap = &node->world->tap;
	uint32_t i;

	if (tap_is_voided(tap, node->index, envelope->from, envelope->number))
		report_fail("a withdrawn number was accepted", "node %u: %" PRIu64 " of node %u",
		    node->index, envelope->number, envelope->from);
	for (i = 0; i < envelope->voided_count; i++) {
		if (tap_promised(tap, node->index, envelope->from, envelope->voided[i]) == NULL)
			tap_void(tap, node->index, envelope->from, envelope->voided[i]);
	}
}

/* It was signed before, and the process died: it must say the same. */
static void
check_again(
    const struct world_node *node, const struct tap_promise *before, const struct receipt *receipt)
{
	bool is_same = digest_is_equal(&before->envelope, &receipt->envelope) &&
		       before->len == receipt->outcomes.len &&
		       memcmp(before->outcomes, receipt->outcomes.data, before->len) == 0 &&
		       before->head.size == receipt->head.size &&
		       digest_is_equal(&before->head.root, &receipt->head.root);

	if (!is_same)
		report_fail("two receipts contradict each other",
		    "node %u, number %" PRIu64 " of node %u, heads of %" PRIu64 " and %" PRIu64,
		    node->index, receipt->number, before->to, before->head.size,
		    receipt->head.size);
}

static void
check_receipt(struct world_node *node, struct bytes_view statement)
{
	struct tap *tap = &node->world->tap;
	const struct tap_envelope *envelope;
	struct tap_promise *promise;
	struct receipt receipt;

	if (receipt_decode(statement, &receipt) != ERR_NONE)
		report_fail("a receipt that is none", "node %u", node->index);
	if (node->core != NULL && store_is_open(node->core->store))
		report_fail("a receipt was signed before the commit", "node %u, number %" PRIu64,
		    node->index, receipt.number);
	if (!tap_head(tap, node->index, &receipt.head))
		report_fail("two heads of one size", "node %u: size %" PRIu64, node->index,
		    receipt.head.size);
	envelope = tap_find(tap, &receipt.envelope);
	if (envelope == NULL || envelope->to != node->index ||
	    party_of_org(&receipt.sender) != envelope->from || receipt.number != envelope->number)
		report_fail("a receipt for what nobody sent", "node %u, number %" PRIu64,
		    node->index, receipt.number);
	promise = tap_promised(tap, node->index, envelope->from, receipt.number);
	if (promise != NULL) {
		check_again(node, promise, &receipt);
		return;
	}
	check_numbers(node, envelope);
	check_outcomes(node, envelope, receipt.outcomes);
	promise = tap_promise(tap);
	promise->by = node->index;
	promise->to = envelope->from;
	promise->number = receipt.number;
	promise->envelope = receipt.envelope;
	promise->head = receipt.head;
	promise->len = receipt.outcomes.len;
	promise->outcomes = malloc(promise->len);
	if (promise->outcomes == NULL)
		abort();
	memcpy(promise->outcomes, receipt.outcomes.data, promise->len);
}

void
check_signed(struct world_node *node, const struct keyring_item *item)
{
	struct head head;

	switch (item->type) {
	case KEYRING_RECEIPT:
		check_receipt(node, item->statement);
		return;
	case KEYRING_CHECKPOINT:
		keyring_head(item->statement.data, &head);
		if (!tap_head(&node->world->tap, node->index, &head))
			report_fail("two heads of one size", "node %u: size %" PRIu64, node->index,
			    head.size);
		return;
	case KEYRING_SEAL:
	case KEYRING_HEADER:
		return;
	}
}

/* ---------------------------------------------------------------- frames */

/* What goes to whom. */
static void
check_content(const struct world_node *node, uint32_t to, const struct tap_envelope *envelope)
{
	const struct world *world = node->world;
	const struct model_draft *draft;
	uint32_t i;

	if (!envelope->is_open)
		report_fail("an envelope that cannot be opened", "node %u to %u, number %" PRIu64,
		    node->index, to, envelope->number);
	for (i = 0; i < envelope->records; i++) {
		if (envelope->drafts[i] == MODEL_DRAFTS_MAX)
			continue; /* a hostile author's: judged where it is stored */
		draft = &world->model.drafts[envelope->drafts[i]];
		if (!model_will_go(draft, node->index, to, world_is_open(world, node->index)))
			report_fail("a record was sent that may not go",
			    "draft %u (%s) of node %u"
			    " from %u to %u",
			    envelope->drafts[i], tlp_name(draft->tlp), draft->author, node->index,
			    to);
		if (draft->valid_until_ms != 0 && draft->valid_until_ms <= world_clock(node))
			report_fail("a record was sent past its validity", "draft %u from %u to %u",
			    envelope->drafts[i], node->index, to);
	}
}

static void
check_envelope(struct world_node *node, uint32_t to, const struct exchange_message *message)
{
	struct tap *tap = &node->world->tap;
	const struct tap_envelope *envelope, *other;
	bool is_new;
	uint32_t i;

	envelope = tap_envelope(tap, &node->world->model, message, &is_new);
	if (envelope == NULL || envelope->from != node->index || envelope->to != to)
		report_fail("a header that is not its sender's", "node %u to %u", node->index, to);
	check_content(node, to, envelope);
	if (!node->world->is_peer[node->index][to] && !node->world->is_changing[node->index][to])
		report_fail("an envelope for nobody's peer", "node %u to %u", node->index, to);
	for (i = 0; i < tap->envelopes_count && is_new; i++) {
		other = &tap->envelopes[i];
		if (other != envelope && other->from == node->index && other->to == to &&
		    other->number == envelope->number)
			report_fail("two envelopes under one number", "node %u to %u: %" PRIu64,
			    node->index, to, envelope->number);
	}
}

void
check_frame(struct world_node *node, uint32_t to, struct bytes_view frame)
{
	static struct exchange_message message;
	struct tap *tap = &node->world->tap;
	struct receipt receipt;

	if (exchange_decode(frame, &message) != ERR_NONE)
		report_fail("a frame that nobody can read", "node %u to %u", node->index, to);
	switch (message.type) {
	case EXCHANGE_ENVELOPE:
		check_envelope(node, to, &message);
		return;
	case EXCHANGE_RECEIPT:
		if (receipt_decode(message.signed_thing.statement, &receipt) != ERR_NONE ||
		    tap_promised(tap, node->index, to, receipt.number) == NULL)
			report_fail("a receipt that was never signed",
			    "node %u to %u, number %" PRIu64, node->index, to, receipt.number);
		return;
	case EXCHANGE_HELLO:
		if (!tap_head(tap, node->index, &message.hello.head))
			report_fail("two heads of one size",
			    "node %u: size %" PRIu64 " in a greeting", node->index,
			    message.hello.head.size);
		return;
	case EXCHANGE_REFUSAL:
	case EXCHANGE_CARD:
	case EXCHANGE_KEY:
	case EXCHANGE_WITNESS:
	case EXCHANGE_COSIGNATURE:
	case EXCHANGE_GOSSIP:
		return;
	}
}

/* ---------------------------------------------------------------- answers */

static void
check_outcome(struct world_node *node, uint32_t number, const struct submit_outcome *outcome)
{
	struct model_draft *draft = &node->world->model.drafts[number];

	if (draft->is_unfit
		? reason_is_good((enum reason)outcome->reason)
		: !reason_is_good((enum reason)outcome->reason) &&
		      !(draft->valid_until_ms != 0 && outcome->reason == REASON_EXPIRED))
		report_fail("a draft was judged wrongly", "draft %u at node %u: %s", number,
		    node->index, reason_name((enum reason)outcome->reason));
	report_line("          draft %u at node %u: %s", number, node->index,
	    reason_name((enum reason)outcome->reason));
	if (!reason_is_good((enum reason)outcome->reason))
		return;
	if (draft->has_id && memcmp(draft->id.bytes, outcome->id, 32) != 0)
		report_fail(
		    "a draft became two records", "draft %u at node %u", number, node->index);
	draft->has_id = true;
	draft->is_acked = true;
	memcpy(draft->id.bytes, outcome->id, 32);
}

static void
check_submitted(
    struct world_node *node, const struct world_request *request, struct bytes_view body)
{
	struct submit_outcome outcome;
	struct submit_body submitted;
	uint32_t i;

	if (schema_decode(&request_submit_body_schema, body, &submitted) != ERR_NONE ||
	    submitted.outcomes.count != request->count)
		report_fail("an answer that is none", "node %u", node->index);
	for (i = 0; i < request->count; i++) {
		if (schema_list_next(&submitted.outcomes, &request_outcome_schema, &outcome) !=
		    ERR_NONE)
			report_fail("an answer that is none", "node %u", node->index);
		check_outcome(node, node->world->numbers[request->first + i], &outcome);
	}
}

static void
check_peers(struct world_node *node, const struct world_request *request, enum reason reason)
{
	struct world *world = node->world;
	bool is_add = request->command == REQUEST_PEER_ADD;

	/* a repeat whose stored answer was pruned, or that comes after it was done */
	if (reason != REASON_STORED && reason != (is_add ? REASON_EXISTS : REASON_UNKNOWN_ORG))
		report_fail("a peer was not added or removed", "node %u, %u: %s", node->index,
		    request->peer, reason_name(reason));
	world->is_peer[node->index][request->peer] = is_add;
	world->is_changing[node->index][request->peer] = false;
}

static void
check_verified(struct world_node *node, struct bytes_view body)
{
	struct verify_body verified;

	if (schema_decode(&request_verify_body_schema, body, &verified) != ERR_NONE ||
	    verified.is_lie)
		report_fail("the log is said to lie", "node %u", node->index);
}

void
check_answer(struct world_node *node, uint64_t client, struct bytes_view bytes)
{
	struct world *world = node->world;
	struct world_request *request;
	struct answer answer;
	struct hash hash;

	if (client == 0 || client > world->requests_count ||
	    request_answer_decode(bytes, &answer) != ERR_NONE)
		report_fail("an answer to nobody", "node %u", node->index);
	request = &world->requests[client - 1];
	if (answer.reason == REASON_STORAGE)
		return; /* it asks again */
	if (answer.reason == REASON_NOT_SIGNED && world_has(world, FAULT_CLOCK))
		return; /* the act had expired when the clock had jumped: it signs another */
	digest_sha256(bytes, &hash);
	if (request->is_answered) {
		if (request->command == REQUEST_SUBMIT && !digest_is_equal(&hash, &request->answer))
			report_fail("a repeat was answered otherwise",
			    "request %" PRIu64 " at node %u", client, node->index);
		return;
	}
	request->is_answered = true;
	request->answer = hash;
	if (request->command == REQUEST_PEER_ADD || request->command == REQUEST_PEER_REMOVE)
		check_peers(node, request, answer.reason);
	else if (answer.reason != REASON_STORED)
		report_fail("a request was refused", "'%s' at node %u: %s",
		    request_command_name(request->command), node->index,
		    reason_name(answer.reason));
	else if (request->command == REQUEST_SUBMIT)
		check_submitted(node, request, answer.body);
	else if (request->command == REQUEST_VERIFY)
		check_verified(node, answer.body);
}

/* ---------------------------------------------------------------- the store */

static void
check_draft(struct world_node *node, const struct record_row *row)
{
	struct world *world = node->world;
	uint32_t number = model_find(&world->model, &record);
	struct model_draft *draft;

	if (number == MODEL_DRAFTS_MAX || !model_is_faithful(&world->model.drafts[number], &record))
		report_fail("a record that its author did not write", "node %u holds it, draft %u",
		    node->index, number);
	draft = &world->model.drafts[number];
	if (draft->has_id && memcmp(&draft->id, &row->id, sizeof(row->id)) != 0)
		report_fail(
		    "a draft became two records", "draft %u, seen at node %u", number, node->index);
	if ((draft->held >> node->index & 1) != 0)
		report_fail(
		    "a record was stored twice", "draft %u at node %u", number, node->index);
	draft->has_id = true;
	draft->id = row->id;
	draft->held |= 1u << node->index;
	report_line("          draft %u is in batch %lld of node %u", number, (long long)row->batch,
	    node->index);
}

static enum err
check_record(void *context, const struct record_row *row)
{
	struct world_node *node = context;
	uint32_t via = party_of_org(&row->via), author;
	struct record_id id;

	record_id_of(row->body, &id);
	if (record_decode(row->body, false, &record, NULL) != ERR_NONE ||
	    memcmp(&id, &row->id, sizeof(id)) != 0)
		report_fail("a record that is none was stored", "node %u", node->index);
	author = party_of_org(&record.author);
	if (author >= node->world->count || via >= node->world->count ||
	    memcmp(&record.author, &row->author, sizeof(row->author)) != 0)
		report_fail("a record of nobody", "node %u", node->index);
	if (via != node->index && !model_may_go(&record, via, node->index))
		report_fail("somebody holds what the ceiling forbids",
		    "node %u: %s by node %u, from node %u", node->index,
		    tlp_name(record.marking.tlp), author, via);
	if (!node->is_looking_back && record.created_ms > world_clock(node) + SKEW_MS)
		report_fail("a record from the future was stored", "node %u: by node %u",
		    node->index, author);
	if (via == node->index && author != via)
		report_fail("a record of nobody", "node %u wrote it as %u", node->index, author);
	if (!node->world->nodes[author].is_hostile)
		check_draft(node, row);
	return ERR_NONE;
}

struct batches {
	uint32_t count;
	int64_t seqs[64];
};

static enum err
list_batch(void *context, const struct batch_row *row)
{
	struct batches *batches = context;

	batches->seqs[batches->count++] = row->seq;
	return ERR_NONE;
}

void
check_turn(struct world_node *node)
{
	struct store *store = node->core->store;
	struct batches batches;
	struct head head;
	uint32_t i;

	events_head_committed(store, &head);
	if (head.size == node->head_seen)
		return; /* nothing was stored that is not in the log */
	node->head_seen = head.size;
	do {
		batches.count = 0;
		must(node, records_batch_each(store, node->batch_seen, 64, list_batch, &batches),
		    "records_batch_each");
		for (i = 0; i < batches.count; i++) {
			node->batch_seen = batches.seqs[i];
			must(node, records_of_batch(store, batches.seqs[i], check_record, node),
			    "records_of_batch");
		}
	} while (batches.count == 64);
}

/* ---------------------------------------------------------------- after a start */

static void
check_promise(struct world_node *node, const struct tap_promise *promise)
{
	const struct tap_envelope *envelope = tap_find(&node->world->tap, &promise->envelope);
	struct store *store = node->core->store;
	struct received_row row;
	uint32_t i;
	enum err err = deliveries_received_get(
	    store, &party_at(promise->to)->org, 1, 1, promise->number, &row);

	if (err == ERR_NOT_FOUND)
		report_fail("receipted and lost", "node %u, number %" PRIu64 " of node %u",
		    node->index, promise->number, promise->to);
	must(node, err, "deliveries_received_get");
	if (!digest_is_equal(&row.envelope, &promise->envelope) || row.is_voided ||
	    row.outcomes.len != promise->len ||
	    memcmp(row.outcomes.data, promise->outcomes, promise->len) != 0)
		report_fail("receipted and changed", "node %u, number %" PRIu64 " of node %u",
		    node->index, promise->number, promise->to);
	for (i = 0; 2 * (size_t)i < promise->len; i++) {
		bool has = true;

		if (is_there(bytes_get_u16(promise->outcomes + 2 * (size_t)i)))
			must(node, records_has(store, &envelope->ids[i], &has), "records_has");
		if (!has)
			report_fail("receipted and not stored",
			    "node %u: record %u of number %" PRIu64 " of node %u", node->index, i,
			    promise->number, promise->to);
	}
}

static void
check_promises(struct world_node *node)
{
	const struct tap *tap = &node->world->tap;
	uint32_t i;

	for (i = 0; i < tap->promises_count; i++) {
		if (tap->promises[i].by == node->index)
			check_promise(node, &tap->promises[i]);
	}
}

struct log {
	struct world_node *node;
	struct tree_frontier frontier;
};

static void
check_shown(const struct log *log)
{
	const struct tap_heads *heads = &log->node->world->tap.heads[log->node->index];
	struct hash root;

	if (log->frontier.size >= heads->count || !heads->at[log->frontier.size].is_set)
		return;
	tree_frontier_root(&log->frontier, &root);
	if (!digest_is_equal(&root, &heads->at[log->frontier.size].root))
		report_fail("a head that was shown is not the log's", "node %u: size %" PRIu64,
		    log->node->index, log->frontier.size);
}

static enum err
check_leaf(void *context, const struct event_row *row)
{
	struct log *log = context;
	struct hash hash, commitment;
	struct event event;

	tree_leaf(bytes_view_of(row->leaf, EVENT_LEAF_BYTES), &hash);
	if (!digest_is_equal(&hash, &row->hash) ||
	    event_leaf_decode(row->leaf, &event) != ERR_NONE || event.index != log->frontier.size ||
	    row->index != event.index)
		report_fail("a leaf of the log lies", "node %u: leaf %" PRIu64, log->node->index,
		    log->frontier.size);
	if (row->has_details) {
		event_commit(&row->salt, row->details, &commitment);
		if (!digest_is_equal(&commitment, &event.commitment))
			report_fail("a leaf of the log lies",
			    "node %u: the details of leaf %" PRIu64, log->node->index, event.index);
	}
	tree_frontier_append(&log->frontier, &hash);
	check_shown(log);
	return ERR_NONE;
}

static void
check_log(struct world_node *node)
{
	const struct tap_heads *heads = &node->world->tap.heads[node->index];
	struct log log = {.node = node};
	struct head head;
	struct hash root;
	uint64_t size;

	tree_frontier_init(&log.frontier);
	must(node, events_each(node->core->store, 0, UINT32_MAX, check_leaf, &log), "events_each");
	events_head(node->core->store, &head);
	tree_frontier_root(&log.frontier, &root);
	if (log.frontier.size != head.size || !digest_is_equal(&root, &head.root))
		report_fail("the head is not the log's", "node %u: %" PRIu64 " of %" PRIu64,
		    node->index, head.size, log.frontier.size);
	for (size = head.size + 1; size < heads->count; size++) {
		if (heads->at[size].is_set)
			report_fail("a head was signed or shown and is lost",
			    "node %u: %" PRIu64 ", the log has %" PRIu64, node->index, size,
			    head.size);
	}
}

static void
check_acked(const struct world_node *node)
{
	const struct model *model = &node->world->model;
	uint32_t i;

	for (i = 0; i < model->count; i++) {
		if (model->drafts[i].author == node->index && model->drafts[i].is_acked &&
		    (model->drafts[i].held >> node->index & 1) == 0)
			report_fail("a record was shared and is lost", "draft %u at node %u", i,
			    node->index);
	}
}

void
check_start(struct world_node *node)
{
	struct model *model = &node->world->model;
	uint32_t i;

	for (i = 0; i < model->count; i++)
		model->drafts[i].held &= ~(1u << node->index);
	node->batch_seen = 0;
	node->head_seen = 0;
	node->is_looking_back = true;
	check_turn(node);
	node->is_looking_back = false;
	check_acked(node);
	check_promises(node);
	check_log(node);
}

/* ---------------------------------------------------------------- queries */

struct finding {
	const struct search_query *query;
	uint32_t count;
	struct record_id id;
};

static enum err
note_found(void *context, const struct record_row *row)
{
	const struct match_context match = {.received_ms = row->received_ms};
	static struct record decoded;
	struct finding *finding = context;

	if (record_decode(row->body, false, &decoded, NULL) != ERR_NONE)
		return ERR_CORRUPT;
	if (!row->is_certain && !match_predicate(finding->query->predicate, &decoded, &match))
		return ERR_NONE;
	finding->count++;
	finding->id = row->id;
	return ERR_NONE;
}

static void
check_query(struct world_node *node, uint32_t number)
{
	static struct predicate predicate;
	const struct model_draft *draft = &node->world->model.drafts[number];
	struct search_query query = {
	    .predicate = &predicate, .now_ms = world_clock(node), .most = 4};
	struct finding finding = {.query = &query};
	bool is_held = (draft->held >> node->index & 1) != 0;
	char text[64];

	(void)snprintf(text, sizeof(text),
	    draft->is_personal ? "value = d%u@sim.example" : "value = d%u.example", number);
	must(node, parse_predicate(bytes_view_str(text), &predicate, NULL), "a predicate");
	must(node, search_records(node->core->store, &query, note_found, &finding), text);
	if (finding.count != is_held ||
	    (is_held && memcmp(&finding.id, &draft->id, sizeof(draft->id)) != 0))
		report_fail("a query finds something else", "node %u, %s: %u found, %u held",
		    node->index, text, finding.count, (unsigned)is_held);
}

void
check_queries(struct world_node *node, uint32_t first, uint32_t most)
{
	uint32_t i;

	for (i = first; i < node->world->model.count && i - first < most; i++)
		check_query(node, i);
}
