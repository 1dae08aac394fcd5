/*
 * relate_fixture: what organisations sign of one another, for tests with several nodes.
 */
#ifndef MALLA_TESTS_RELATE_FIXTURE_H
#define MALLA_TESTS_RELATE_FIXTURE_H

#include "tests/unit/node_fixture.h"

enum { A, B, C, D };

/* ---------------------------------------------------------------- making */

/* One draft of any kind, by this request. */
static inline enum reason
send_draft(struct net *net, uint32_t at, enum request_command command, const struct record *record,
    struct record_id *id)
{
	struct schema_list drafts = {0};
	struct submit_arguments arguments;
	struct submit_outcome outcome;
	struct submit_body body;
	struct bytes draft, items, encoded;
	struct answer answer;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	ck_err(record_encode(record, &draft), ERR_NONE);
	ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	arguments = (struct submit_arguments){.drafts = drafts};
	ck_err(schema_encode(&request_submit_schema, &arguments, &encoded), ERR_NONE);
	answer = net_request(net, at,
	    &(struct net_request){.command = command,
		.arguments = bytes_as_view(&encoded),
		.signer = command == REQUEST_RELATE ? net->nodes[at].founder : NULL,
		.uid = NODE_UID});
	bytes_release(&draft);
	bytes_release(&items);
	bytes_release(&encoded);
	if (answer.reason != REASON_STORED)
		return answer.reason;
	ck_err(schema_decode(&request_submit_body_schema, answer.body, &body), ERR_NONE);
	ck_err(schema_list_next(&body.outcomes, &request_outcome_schema, &outcome), ERR_NONE);
	if (id != NULL)
		memcpy(id->bytes, outcome.id, sizeof(id->bytes));
	return (enum reason)outcome.reason;
}

static inline enum reason
relate(struct net *net, uint32_t at, const struct record *record)
{
	enum reason reason = send_draft(net, at, REQUEST_RELATE, record, NULL);

	net_pass(net, 1000);
	return reason;
}

static struct record draft;
static struct org_id members[NODES_MAX], stewards[NODES_MAX];

/* Those nodes' ids, ascending. */
static inline struct org_list
list_of(struct net *net, const char *nodes, struct org_id *orgs)
{
	uint32_t count = 0, i;

	for (; *nodes != '\0'; nodes++) {
		const struct org_id *org = &net->nodes[*nodes - 'A'].org;

		for (i = count++; i > 0 && memcmp(&orgs[i - 1], org, sizeof(*org)) > 0; i--)
			orgs[i] = orgs[i - 1];
		orgs[i] = *org;
	}
	return org_list_of(orgs, count);
}

static inline void
address(struct net *net, const char *nodes)
{
	for (; *nodes != '\0'; nodes++)
		ck_err(audience_add_org(&draft.audience, &net->nodes[*nodes - 'A'].org), ERR_NONE);
}

/* The charter that A, its only steward, has in force; its successors name it. */
static struct community_id community;
static struct hash charter_in_force;
static uint64_t serial;

static inline void
charter_of(struct net *net, const char *of)
{
	struct charter *charter = &draft.body.charter;

	record_init(&draft, RECORD_CHARTER, TLP_AMBER_STRICT);
	address(net, of);
	draft.body.title = bytes_view_str("fin-mx");
	charter->serial = ++serial;
	charter->has_community = charter->has_previous = serial > 1;
	charter->community = community;
	charter->previous = charter_in_force;
	charter->stewards = list_of(net, "A", stewards);
	charter->threshold = 1;
	charter->members = list_of(net, of, members);
}

static inline void
remember_charter(void)
{
	static struct record decoded;
	struct bytes bytes;

	bytes_init(&bytes, RECORD_BYTES_MAX);
	ck_err(record_encode(&draft, &bytes), ERR_NONE);
	ck_err(record_decode(bytes_as_view(&bytes), true, &decoded, NULL), ERR_NONE);
	charter_hash(decoded.body_bytes, &charter_in_force);
	charter_community(&decoded.body.charter, decoded.body_bytes, &community);
	bytes_release(&bytes);
}

static inline void
put_charter(struct net *net, const char *of)
{
	charter_of(net, of);
	ck_reason(relate(net, A, &draft), REASON_STORED);
	remember_charter();
}

static inline void
to_community(struct record *record, void *context)
{
	(void)context;
	record->audience.has_community = true;
	record->audience.community = community;
}

static inline void
pair_of(struct net *net, enum relation_type type, enum relation_state state, uint32_t client,
    uint32_t provider, uint32_t to)
{
	record_init(&draft, RECORD_RELATION, TLP_AMBER_STRICT);
	ck_err(audience_add_org(&draft.audience, &net->nodes[to].org), ERR_NONE);
	draft.body.relation = (struct relation){.type = type,
	    .state = state,
	    .has_subject = true,
	    .has_object = true,
	    .subject = net->nodes[client].org,
	    .object = net->nodes[provider].org};
}

#endif
