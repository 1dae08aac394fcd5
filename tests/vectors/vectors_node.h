/*
 * vectors_node: the log, and what operators ask and are answered; predicates.
 */
#ifndef MALLA_TESTS_VECTORS_NODE_H
#define MALLA_TESTS_VECTORS_NODE_H

#include "tests/vectors/vectors_records.h"
#include "wire/event.h"
#include "wire/predicate.h"
#include "wire/predicate_text.h"
#include "wire/receipt.h"
#include "wire/request.h"

/* ---------------------------------------------------------------- log */

#define LOG_LEAVES 7u

/* What happened as event number i, and its details; none at the last one. */
static void
make_event(uint32_t i, struct event *event, struct salt *salt, struct bytes *details)
{
	static const enum event_type types[LOG_LEAVES] = {EVENT_EPOCH, EVENT_CARD, EVENT_POLICY,
	    EVENT_SEALED, EVENT_ENVELOPE_SENT, EVENT_ACT, EVENT_REFUSALS};
	struct event_details facts = {0};

	*event = (struct event){.type = types[i], .index = i, .time_ms = VECTORS_TIME + i};
	memset(event->actor, 0xa1, sizeof(event->actor));
	fill(event->object, sizeof(event->object), 500 + i);
	fill(salt->bytes, sizeof(salt->bytes), 520 + i);
	if (i == LOG_LEAVES - 1)
		return;
	if (types[i] == EVENT_ACT) {
		event_actor_operator(bytes_view_str("ana.lopez"), event->actor);
		facts.signed_thing = bytes_view_str("the whole signed thing");
		facts.has_records = facts.has_peer = facts.has_policy = facts.has_request = true;
		memset(facts.records.bytes, 0x01, sizeof(facts.records.bytes));
		memset(facts.peer.bytes, 0xb2, sizeof(facts.peer.bytes));
		memset(facts.policy.bytes, 0x02, sizeof(facts.policy.bytes));
		memset(facts.request.bytes, 0x03, sizeof(facts.request.bytes));
		facts.count = 3;
		facts.number = 42;
		facts.text = bytes_view_str("ana.lopez\npeer add");
		facts.command = REQUEST_PEER_ADD;
		facts.has_reason = true;
	}
	assert(event_details_encode(&facts, details) == ERR_NONE);
	event_commit(salt, bytes_as_view(details), &event->commitment);
}

static void
show_leaf(struct vectors *vectors, uint32_t i, struct hash *hash)
{
	uint8_t leaf[EVENT_LEAF_BYTES];
	struct bytes details;
	struct event event;
	struct salt salt;

	bytes_init(&details, EVENT_DETAILS_BYTES_MAX);
	make_event(i, &event, &salt, &details);
	event_leaf_encode(&event, leaf);
	tree_leaf(bytes_view_of(leaf, sizeof(leaf)), hash);
	put(vectors, i == 0 ? "\n   [" : ",\n   [");
	put_hex_digits(vectors, bytes_view_of(leaf, sizeof(leaf)));
	put(vectors, ", ");
	put_hex_digits(vectors, bytes_view_of(salt.bytes, sizeof(salt.bytes)));
	put(vectors, ", ");
	put_hex_digits(vectors, bytes_as_view(&details));
	put(vectors, ", ");
	put_hex_digits(vectors, bytes_view_of(hash->bytes, sizeof(hash->bytes)));
	put(vectors, "]");
	bytes_release(&details);
}

static void
vectors_log(struct vectors *vectors)
{
	struct hash hashes[LOG_LEAVES];
	struct head head = {.epoch = 1, .size = LOG_LEAVES};
	struct writer writer;
	struct bytes bytes;
	uint32_t i;

	vector_begin(vectors, "log", "seven leaves and their head");
	put_string(vectors, "operator", "ana.lopez");
	put_name(vectors, "leaves");
	put(vectors, "[");
	for (i = 0; i < LOG_LEAVES; i++)
		show_leaf(vectors, i, &hashes[i]);
	put(vectors, "\n  ]");
	tree_root(hashes, LOG_LEAVES, &head.root);
	bytes_init(&bytes, 64);
	writer_open(&writer, &bytes);
	head_write(&writer, &head);
	put_bytes(vectors, "head", &bytes);
	vector_end(vectors);
	bytes_release(&bytes);
}

/* ---------------------------------------------------------------- requests */

/* A request to remove a peer, and the act that goes with it. */
static void
make_request(struct request *request, struct bytes *arguments, struct bytes *act)
{
	struct org_body body;
	struct act facts = {.expires_ms = VECTORS_TIME + 60000, .command = REQUEST_PEER_REMOVE};
	struct bytes statement;

	memset(body.org, 0xc3, sizeof(body.org));
	assert(schema_encode(&request_org_schema, &body, arguments) == ERR_NONE);
	*request = (struct request){.command = REQUEST_PEER_REMOVE};
	fill(request->id.bytes, sizeof(request->id.bytes), 600);
	org_of(0xa1, &facts.node);
	facts.request = request->id;
	digest_sha256(bytes_as_view(arguments), &facts.arguments);
	bytes_init(&statement, 1024);
	assert(request_act_encode(&facts, &statement) == ERR_NONE);
	sign_one(SEED_OPERATOR, bytes_as_view(&statement), act);
	bytes_release(&statement);
	request->arguments = bytes_as_view(arguments);
	request->act = bytes_as_view(act);
}

static void
show_request(struct vectors *vectors)
{
	struct bytes arguments, act, bytes;
	struct request request;
	uint8_t key[32];

	bytes_init(&arguments, 1024);
	bytes_init(&act, 1024);
	bytes_init(&bytes, REQUEST_BYTES_MAX);
	make_request(&request, &arguments, &act);
	assert(request_encode(&request, &bytes) == ERR_NONE);
	public_of(SEED_OPERATOR, KEY_OPERATOR, key);
	vector_begin(vectors, "request", "peer remove, with its act");
	put_hex(vectors, "operator_key", key, sizeof(key));
	put_bytes(vectors, "act", &act);
	put_bytes(vectors, "bytes", &bytes);
	vector_end(vectors);
	bytes_release(&arguments);
	bytes_release(&act);
	bytes_release(&bytes);
}

static void
show_answer(struct vectors *vectors, const char *name, enum reason reason, const char *words,
    struct bytes_view body, const char *outcomes)
{
	struct answer answer = {.reason = reason, .words = bytes_view_str(words), .body = body};
	struct bytes bytes;

	fill(answer.id.bytes, sizeof(answer.id.bytes), 600);
	bytes_init(&bytes, REQUEST_BYTES_MAX);
	assert(request_answer_encode(&answer, &bytes) == ERR_NONE);
	vector_begin(vectors, "answer", name);
	put_string(vectors, "reason", reason_name(reason));
	put_string(vectors, "words", words);
	put_string(vectors, "outcomes", outcomes);
	put_bytes(vectors, "bytes", &bytes);
	vector_end(vectors);
	bytes_release(&bytes);
}

static void
vectors_requests(struct vectors *vectors)
{
	struct submit_outcome outcome = {.reason = REASON_HELD, .held = 2};
	struct submit_body submit = {.seals = 1};
	struct bytes items, body;

	show_request(vectors);
	bytes_init(&items, 1024);
	bytes_init(&body, 1024);
	memset(outcome.id, 0x44, sizeof(outcome.id));
	assert(schema_list_add(&submit.outcomes, &items, &request_outcome_schema, &outcome) ==
	       ERR_NONE);
	outcome = (struct submit_outcome){.reason = REASON_BAD_OBSERVABLE};
	assert(schema_list_add(&submit.outcomes, &items, &request_outcome_schema, &outcome) ==
	       ERR_NONE);
	assert(schema_encode(&request_submit_body_schema, &submit, &body) == ERR_NONE);
	show_answer(vectors, "to share: one is held, one refused", REASON_STORED, "",
	    bytes_as_view(&body), "held bad-observable");
	show_answer(vectors, "a refusal", REASON_ROLE, "'peer remove' by uid 1000",
	    bytes_view_of(NULL, 0), "");
	bytes_release(&items);
	bytes_release(&body);
}

/* ---------------------------------------------------------------- predicates */

static void
show_predicate(struct vectors *vectors, const char *name, struct predicate *predicate)
{
	struct bytes bytes, text;

	bytes_init(&bytes, PREDICATE_BYTES_MAX);
	bytes_init(&text, VECTORS_BYTES_MAX);
	assert(predicate_finish(predicate) == ERR_NONE);
	assert(predicate_encode(predicate, &bytes) == ERR_NONE);
	predicate_text_write(predicate, &text);
	vector_begin(vectors, "predicate", name);
	put_text(vectors, "text", bytes_as_view(&text));
	put_number(vectors, "nodes", predicate->nodes_count);
	put_bytes(vectors, "bytes", &bytes);
	vector_end(vectors);
	bytes_release(&bytes);
	bytes_release(&text);
}

static void
vectors_predicates(struct vectors *vectors)
{
	static struct predicate predicate;
	struct org_id org;

	predicate_init(&predicate);
	show_predicate(vectors, "everything", &predicate);
	predicate_init(&predicate);
	predicate_add_group(&predicate, PREDICATE_AND, 5);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_KIND);
	predicate_add_number(&predicate, RECORD_INDICATOR);
	predicate_add_number(&predicate, RECORD_NOTE);
	predicate_add_comparison(&predicate, PREDICATE_AT_MOST, PREDICATE_TLP);
	predicate_add_number(&predicate, TLP_GREEN);
	predicate_add_comparison(&predicate, PREDICATE_GREATER, PREDICATE_CREATED);
	predicate_add_time(&predicate, PREDICATE_BEFORE_NOW, 7 * VECTORS_DAY);
	predicate_add_group(&predicate, PREDICATE_NOT, 1);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_AUTHOR);
	org_of(0xb2, &org);
	predicate_add_org(&predicate, &org);
	predicate_add_group(&predicate, PREDICATE_SOME, 2);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_TYPE);
	predicate_add_number(&predicate, OBSERVABLE_DOMAIN);
	predicate_add_group(&predicate, PREDICATE_OR, 3);
	predicate_add_comparison(&predicate, PREDICATE_LIKE, PREDICATE_VALUE);
	predicate_add_text(&predicate, bytes_view_str("*bank*"));
	predicate_add_comparison(&predicate, PREDICATE_UNDER, PREDICATE_VALUE);
	predicate_add_text(&predicate, bytes_view_str("evil.example"));
	predicate_add_comparison(&predicate, PREDICATE_WITHIN, PREDICATE_VALUE);
	predicate_add_text(&predicate, bytes_view_str("192.0.2.0/24"));
	show_predicate(vectors, "groups, and comparisons of most kinds", &predicate);
}

#endif
