/*
 * The operators' API of one node: who may ask what, what must be signed and how, and that a
 * request asked twice is done once.
 */
#include "tests/unit/node_fixture.h"

#include "wire/predicate.h"

enum { A, B };

static enum err
count_operator(void *context, const struct operator_row *row)
{
	uint32_t *count = context;

	*count += !row->is_removed;
	return ERR_NONE;
}

static uint32_t
operators(struct net *net)
{
	uint32_t count = 0;

	ck_err(peers_operator_each(net->nodes[A].core->store, count_operator, &count), ERR_NONE);
	return count;
}

static uint64_t
log_size(struct net *net)
{
	struct head head;

	events_head(net->nodes[A].core->store, &head);
	return head.size;
}

/* ---------------------------------------------------------------- roles */

static const struct {
	uint64_t command;
	uint32_t roles;
	bool changes, is_signed;
} COMMANDS[] = {
#define COMMAND_ROW(symbol, code, name, roles, changes, is_signed)                                 \
	{symbol, (roles), (changes), (is_signed)},
    REQUEST_TABLE(COMMAND_ROW)
#undef COMMAND_ROW
};
#define COMMANDS_COUNT (sizeof(COMMANDS) / sizeof(*COMMANDS))

START_TEST(permits_each_command_to_its_roles_only)
{
	struct net *net = net_open(1);
	uint32_t role;
	size_t i;

	for (role = 1; role <= ROLE_ADMIN; role <<= 1) {
		struct net_person person =
		    net_person(net, A, request_role_name(role), role, CLEARANCE_RED, 2000 + role);

		for (i = 0; i < COMMANDS_COUNT; i++) {
			struct net_request request = {.command = COMMANDS[i].command,
			    .signer = COMMANDS[i].is_signed ? person.signer : NULL,
			    .uid = person.uid};
			uint64_t before = log_size(net);
			enum reason reason = net_request(net, A, &request).reason;
			bool may = (COMMANDS[i].roles & role) != 0;

			ck_assert_msg((reason == REASON_ROLE) == !may, "%s as %s: %s",
			    request_command_name(COMMANDS[i].command), request_role_name(role),
			    reason_name(reason));
			ck_assert_msg(reason != REASON_NOT_SIGNED, "%s as %s",
			    request_command_name(COMMANDS[i].command), request_role_name(role));
			/* an attempt without the role is written down, and so is every act */
			ck_assert_uint_eq(log_size(net), before + (!may || COMMANDS[i].changes));
		}
		signer_free(person.signer);
	}
	net_close(net);
}
END_TEST

START_TEST(permits_nothing_to_somebody_who_is_no_operator)
{
	struct net *net = net_open(1);
	size_t i;

	for (i = 0; i < COMMANDS_COUNT; i++) {
		struct net_request request = {.command = COMMANDS[i].command,
		    .uid = 4242,
		    .signer = COMMANDS[i].is_signed ? net->nodes[A].founder : NULL};
		enum reason reason = net_request(net, A, &request).reason;

		ck_assert_msg(reason == REASON_ROLE || reason == REASON_NOT_SIGNED, "%s: %s",
		    request_command_name(COMMANDS[i].command), reason_name(reason));
		ck_assert_uint_eq(net_answer(net).body.len, 0);
	}
	ck_assert_uint_eq(operators(net), 1);
	net_close(net);
}
END_TEST

START_TEST(permits_nothing_to_a_removed_operator)
{
	struct net *net = net_open(1);
	struct net_person person = net_person(net, A, "ana", ROLE_ALL, CLEARANCE_RED, 2000);
	struct user_remove_arguments arguments = {bytes_view_str("ana")};
	struct net_request remove = {
	    .command = REQUEST_USER_REMOVE, .uid = NODE_UID, .signer = net->nodes[A].founder};
	struct net_request status = {.command = REQUEST_STATUS, .uid = 2000};
	struct bytes encoded;

	bytes_init(&encoded, 1024);
	ck_err(schema_encode(&request_user_remove_schema, &arguments, &encoded), ERR_NONE);
	remove.arguments = bytes_as_view(&encoded);
	ck_reason(net_request(net, A, &status).reason, REASON_STORED);
	ck_reason(net_request(net, A, &remove).reason, REASON_STORED);
	ck_reason(net_request(net, A, &status).reason, REASON_ROLE);
	ck_reason(net_request(net, A, &remove).reason, REASON_NOT_FOUND);
	/* who is left is the last admin, and stays */
	arguments.name = bytes_view_str(FOUNDER);
	bytes_clear(&encoded);
	ck_err(schema_encode(&request_user_remove_schema, &arguments, &encoded), ERR_NONE);
	remove.arguments = bytes_as_view(&encoded);
	ck_reason(net_request(net, A, &remove).reason, REASON_ROLE);
	ck_assert_uint_eq(operators(net), 1);
	bytes_release(&encoded);
	signer_free(person.signer);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- signed acts */

/* What is wrong with the act of one request. */
struct forgery {
	const char *why;
	void (*alter)(struct act *act, struct net *net);
	uint32_t signer; /* 0 the founder, 1 another operator of another uid, 2 a stranger, 3 the
			    node's sign key */
	uint32_t uid;
};

static void
alter_node(struct act *act, struct net *net)
{
	act->node = net->nodes[B].org;
}

static void
alter_request(struct act *act, struct net *net)
{
	(void)net;
	act->request.bytes[0] ^= 1;
}

static void
alter_command(struct act *act, struct net *net)
{
	(void)net;
	act->command = REQUEST_USER_REMOVE;
}

static void
alter_arguments(struct act *act, struct net *net)
{
	(void)net;
	act->arguments.bytes[31] ^= 1;
}

static void
alter_expired(struct act *act, struct net *net)
{
	act->expires_ms = net->now_ms;
}

static void
alter_too_long(struct act *act, struct net *net)
{
	act->expires_ms = net->now_ms + 600001;
}

static const struct forgery FORGERIES[] = {
    {"to another node", alter_node, 0, NODE_UID},
    {"for another request", alter_request, 0, NODE_UID},
    {"for another command", alter_command, 0, NODE_UID},
    {"for other arguments", alter_arguments, 0, NODE_UID},
    {"expired", alter_expired, 0, NODE_UID},
    {"good for too long", alter_too_long, 0, NODE_UID},
    {"by another operator's key", NULL, 1, NODE_UID},
    {"by a key that is nobody's", NULL, 2, NODE_UID},
    {"by the node's own key", NULL, 3, NODE_UID},
    {"by the founder's key and another's uid", NULL, 0, 2000},
};

static void
sign_forged(struct net *net, const struct request *request, const struct forgery *forgery,
    const struct signer *signer, struct bytes *out)
{
	struct act act = {.node = net->nodes[A].org,
	    .request = request->id,
	    .expires_ms = net->now_ms + 600000,
	    .command = request->command};
	struct bytes statement;

	digest_sha256(request->arguments, &act.arguments);
	if (forgery->alter != NULL)
		forgery->alter(&act, net);
	bytes_init(&statement, 1024);
	ck_err(request_act_encode(&act, &statement), ERR_NONE);
	bytes_clear(out);
	node_signed(signer, &statement, out);
	bytes_release(&statement);
}

static enum reason
ask_forged(struct net *net, struct request *request, const struct forgery *forgery,
    const struct net_person *other)
{
	const struct signer *const signers[] = {
	    net->nodes[A].founder, other->signer, net->nodes[B].founder, net->nodes[A].sign};
	struct bytes act, encoded;

	bytes_init(&act, 1024);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	bytes_put_u64(request->id.bytes, ++net->requests);
	sign_forged(net, request, forgery, signers[forgery->signer], &act);
	request->act = bytes_as_view(&act);
	ck_err(request_encode(request, &encoded), ERR_NONE);
	net_ask(net, A, forgery->uid, bytes_as_view(&encoded));
	bytes_release(&act);
	bytes_release(&encoded);
	return net_answer(net).reason;
}

START_TEST(refuses_an_act_that_is_not_signed_for_this_very_request)
{
	static const struct forgery none = {"none", NULL, 0, NODE_UID};
	struct net *net = net_open(2);
	struct net_person other = net_person(net, A, "ana", ROLE_ANALYST, CLEARANCE_GREEN, 2000);
	struct peer_add_arguments arguments = {.package = bytes_as_view(&net->nodes[B].package)};
	struct request request = {.command = REQUEST_PEER_ADD};
	struct bytes encoded;
	size_t i;

	bytes_init(&encoded, REQUEST_BYTES_MAX);
	ck_err(schema_encode(&request_peer_add_schema, &arguments, &encoded), ERR_NONE);
	request.arguments = bytes_as_view(&encoded);
	ck_reason(net_request(net, A,
		      &(struct net_request){.command = REQUEST_PEER_ADD,
			  .arguments = bytes_as_view(&encoded),
			  .uid = NODE_UID})
		      .reason,
	    REASON_NOT_SIGNED);
	for (i = 0; i < sizeof(FORGERIES) / sizeof(*FORGERIES); i++) {
		enum reason reason = ask_forged(net, &request, &FORGERIES[i], &other);

		ck_assert_msg(
		    reason == REASON_NOT_SIGNED, "%s: %s", FORGERIES[i].why, reason_name(reason));
		ck_assert_ptr_null(directory_find(net->nodes[A].core, &net->nodes[B].org));
	}
	/* and the same request, signed as it must be */
	ck_reason(ask_forged(net, &request, &none, &other), REASON_STORED);
	ck_assert(net_member(net, A, B)->is_peer);
	bytes_release(&encoded);
	signer_free(other.signer);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- once */

START_TEST(gives_a_repeated_request_the_stored_answer)
{
	struct net *net = net_open(1);
	struct submit_arguments arguments = {0};
	struct net_request request = {.command = REQUEST_SUBMIT, .uid = NODE_UID};
	struct bytes draft, items, encoded, first;
	uint64_t before;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	bytes_init(&first, REQUEST_BYTES_MAX);
	net_draft(TLP_CLEAR, "once", NULL, NULL, &draft);
	ck_err(schema_list_add_bin(&arguments.drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	ck_err(schema_encode(&request_submit_schema, &arguments, &encoded), ERR_NONE);
	request.arguments = bytes_as_view(&encoded);
	memset(request.id.bytes, 7, sizeof(request.id.bytes));
	ck_reason(net_request(net, A, &request).reason, REASON_STORED);
	bytes_append(&first, net->answer.data, net->answer.len);
	before = log_size(net);
	(void)net_request(net, A, &request);
	ck_assert(bytes_view_is_equal(bytes_as_view(&net->answer), bytes_as_view(&first)));
	net_crash(net, A);
	net_start(net, A);
	(void)net_request(net, A, &request);
	ck_assert(bytes_view_is_equal(bytes_as_view(&net->answer), bytes_as_view(&first)));
	ck_assert_uint_eq(log_size(net), before);
	ck_assert_uint_eq(net_records(net, A), 1);
	/* under another id it is done, and finds what is there already */
	request.id.bytes[0] = 8;
	ck_reason(net_request(net, A, &request).reason, REASON_STORED);
	ck_assert_uint_eq(net_records(net, A), 1);
	bytes_release(&draft);
	bytes_release(&items);
	bytes_release(&encoded);
	bytes_release(&first);
	net_close(net);
}
END_TEST

START_TEST(answers_a_reading_request_anew_each_time)
{
	struct net *net = net_open(1);
	struct net_request request = {.command = REQUEST_STATUS, .uid = NODE_UID};
	struct status_body body;

	memset(request.id.bytes, 7, sizeof(request.id.bytes));
	ck_reason(net_request(net, A, &request).reason, REASON_STORED);
	ck_reason(net_share(net, A, TLP_CLEAR, "new", NULL, NULL, NULL), REASON_STORED);
	ck_reason(net_request(net, A, &request).reason, REASON_STORED);
	ck_err(schema_decode(&request_status_schema, net_answer(net).body, &body), ERR_NONE);
	ck_assert_uint_eq(body.records, 1);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- garbage */

START_TEST(answers_what_is_no_request_with_bad_request)
{
	static const struct nonce no_id;
	struct net *net = net_open(1);
	struct request request = {.command = REQUEST_STATUS, .arguments = bytes_view_of("\x80", 1)};
	uint64_t before = log_size(net);
	struct bytes encoded;
	size_t len;

	bytes_init(&encoded, REQUEST_BYTES_MAX);
	request.id.bytes[3] = 1;
	ck_err(request_encode(&request, &encoded), ERR_NONE);
	for (len = 0; len < encoded.len; len++) {
		uint8_t *copy = malloc(len + 1);
		struct answer answer;

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, encoded.data, len);
		net_ask(net, A, NODE_UID, bytes_view_of(copy, len));
		free(copy);
		answer = net_answer(net);
		ck_reason(answer.reason, REASON_BAD_REQUEST);
		ck_assert_int_eq(memcmp(&answer.id, &no_id, sizeof(no_id)), 0);
	}
	bytes_append_u8(&encoded, 0);
	net_ask(net, A, NODE_UID, bytes_as_view(&encoded));
	ck_reason(net_answer(net).reason, REASON_BAD_REQUEST);
	ck_assert_uint_eq(log_size(net), before);
	bytes_release(&encoded);
	net_close(net);
}
END_TEST

START_TEST(does_not_know_commands_that_are_none)
{
	static const uint64_t unknown[] = {0, 15, 99, 255, 65536, NUMBER_MAX};
	struct net *net = net_open(1);
	uint64_t before = log_size(net);
	size_t i;

	for (i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		uint32_t roles;
		bool changes, is_signed;

		if (request_command_needs(unknown[i], &roles, &changes, &is_signed))
			continue;
		ck_reason(net_request(
			      net, A, &(struct net_request){.command = unknown[i], .uid = NODE_UID})
			      .reason,
		    REASON_BAD_REQUEST);
	}
	ck_assert_uint_eq(log_size(net), before);
	net_close(net);
}
END_TEST

START_TEST(refuses_arguments_that_are_not_the_commands)
{
	static const struct {
		const char *bytes;
		size_t len;
	} wrong[] = {
	    {"\xc0", 1}, {"\x81\x3c\x01", 3}, {"\x80\x80", 2}, {"\x81\x00", 2}, {"junk", 4}};
	struct net *net = net_open(1);
	size_t i, at;

	for (i = 0; i < COMMANDS_COUNT; i++) {
		for (at = 0; at < sizeof(wrong) / sizeof(*wrong); at++) {
			struct net_request request = {.command = COMMANDS[i].command,
			    .uid = NODE_UID,
			    .arguments = bytes_view_of(wrong[at].bytes, wrong[at].len),
			    .signer = COMMANDS[i].is_signed ? net->nodes[A].founder : NULL};
			enum reason reason = net_request(net, A, &request).reason;

			ck_assert_msg(reason == REASON_BAD_REQUEST, "%s, arguments %zu: %s",
			    request_command_name(COMMANDS[i].command), at, reason_name(reason));
		}
	}
	ck_assert_uint_eq(operators(net), 1);
	ck_assert_uint_eq(net_records(net, A), 0);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- peers */

START_TEST(adds_a_peer_once_and_never_itself)
{
	struct net *net = net_open(2);

	ck_reason(net_peer_remove(net, A, B), REASON_UNKNOWN_ORG);
	ck_reason(net_peer_add(net, A, A), REASON_EXISTS);
	ck_reason(net_peer_add(net, A, B), REASON_STORED);
	ck_assert(net->allowed[A][B]);
	ck_reason(net_peer_add(net, A, B), REASON_EXISTS);
	ck_reason(net_peer_remove(net, A, B), REASON_STORED);
	ck_assert(!net->allowed[A][B]);
	ck_reason(net_peer_remove(net, A, B), REASON_UNKNOWN_ORG);
	net->now_ms += 61 * NODE_DAY;
	ck_reason(net_peer_add(net, A, B), REASON_STALE_CARD);
	net_close(net);
}
END_TEST

START_TEST(refuses_a_card_that_was_altered)
{
	struct net *net = net_open(2);
	size_t at;

	for (at = 0; at < net->nodes[B].package.len; at += 5) {
		net->nodes[B].package.data[at] ^= 4;
		ck_assert(net_peer_add(net, A, B) != REASON_STORED);
		net->nodes[B].package.data[at] ^= 4;
		ck_assert_ptr_null(directory_find(net->nodes[A].core, &net->nodes[B].org));
	}
	ck_reason(net_peer_add(net, A, B), REASON_STORED);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- reading */

static struct query_body
query(struct net *net, uint32_t uid, uint64_t limit, uint64_t after, bool is_count)
{
	struct query_arguments arguments = {.limit = limit, .after = after, .is_count = is_count};
	struct net_request request = {.command = REQUEST_QUERY, .uid = uid};
	struct query_body body;
	struct bytes encoded;

	bytes_init(&encoded, 1024);
	ck_err(schema_encode(&request_query_schema, &arguments, &encoded), ERR_NONE);
	request.arguments = bytes_as_view(&encoded);
	ck_reason(net_request(net, A, &request).reason, REASON_STORED);
	bytes_release(&encoded);
	ck_err(schema_decode(&request_query_body_schema, net_answer(net).body, &body), ERR_NONE);
	return body;
}

START_TEST(pages_through_every_record_once)
{
	struct net *net = net_open(1);
	uint64_t after = 0, last = 0, seen = 0;
	char title[2] = "a";
	uint32_t i;

	for (i = 0; i < 7; i++, title[0]++)
		ck_reason(net_share(net, A, TLP_CLEAR, title, NULL, NULL, NULL), REASON_STORED);
	do {
		struct query_body body = query(net, NODE_UID, 3, after, false);
		struct query_row row;

		ck_assert_uint_le(body.rows.count, 3);
		while (schema_list_next(&body.rows, &request_row_schema, &row) == ERR_NONE) {
			ck_assert_uint_gt(row.seq, last);
			last = row.seq;
			seen++;
		}
		after = body.next;
	} while (after != 0);
	ck_assert_uint_eq(seen, 7);
	ck_assert_uint_eq(query(net, NODE_UID, 1, 0, true).count, 7);
	net_close(net);
}
END_TEST

/* Every field that a record has. */
START_TEST(answers_whatever_field_a_question_is_about)
{
	struct net *net = net_open(1);
	uint32_t answered = 0;
	int field;

	ck_reason(net_share(net, A, TLP_CLEAR, "a", NULL, NULL, NULL), REASON_STORED);
	for (field = 1; field <= (int)PREDICATE_FIELD_SENT_MAX; field++) {
		struct query_arguments arguments = {.limit = 5, .is_count = field % 2 == 0};
		struct net_request request = {.command = REQUEST_QUERY, .uid = NODE_UID};
		static struct predicate predicate;
		struct bytes encoded, inner;
		enum reason reason;

		predicate_init(&predicate);
		predicate_add_comparison(&predicate, PREDICATE_EQUAL, (enum predicate_field)field);
		switch (predicate_field_form((enum predicate_field)field)) {
		case PREDICATE_FORM_NUMBER:
			predicate_add_number(&predicate, field == PREDICATE_AUDIENCE ||
								 field == PREDICATE_NOTIFICATION ||
								 field == PREDICATE_RESALE
							     ? 0
							     : 1);
			break;
		case PREDICATE_FORM_TIME:
			predicate_add_time(&predicate, PREDICATE_ABSOLUTE, NODE_TIME);
			break;
		case PREDICATE_FORM_TEXT:
			predicate_add_text(&predicate, bytes_view_str("text"));
			break;
		case PREDICATE_FORM_ORG:
		case PREDICATE_FORM_COMMUNITY:
		case PREDICATE_FORM_RECORD:
			predicate_add_id(&predicate, net->nodes[A].org.bytes);
			break;
		}
		if (field == PREDICATE_TYPE || field == PREDICATE_VALUE)
			continue; /* of observables: tests/unit/store_query_test.c */
		ck_assert_msg(predicate_finish(&predicate) == ERR_NONE, "%s",
		    predicate_field_name((enum predicate_field)field));
		bytes_init(&inner, PREDICATE_BYTES_MAX);
		bytes_init(&encoded, REQUEST_BYTES_MAX);
		ck_err(predicate_encode(&predicate, &inner), ERR_NONE);
		arguments.predicate = bytes_as_view(&inner);
		ck_err(schema_encode(&request_query_schema, &arguments, &encoded), ERR_NONE);
		request.arguments = bytes_as_view(&encoded);
		reason = net_request(net, A, &request).reason;
		ck_assert_msg(reason == REASON_STORED, "%s: %s",
		    predicate_field_name((enum predicate_field)field), reason_name(reason));
		answered++;
		bytes_release(&inner);
		bytes_release(&encoded);
	}
	ck_assert_uint_eq(answered, PREDICATE_FIELD_SENT_MAX - 2);
	ck_assert_uint_eq(query(net, NODE_UID, 1, 0, true).count, 1);
	net_close(net);
}
END_TEST

static void
to_red(struct record *record, void *context)
{
	record->marking.purpose = bytes_view_str("defence");
	record->marking.basis = bytes_view_str("interest");
	ck_err(audience_add_org(&record->audience, context), ERR_NONE);
}

static enum reason
show(struct net *net, uint32_t uid, const struct record_id *id)
{
	struct net_request request = {.command = REQUEST_SHOW, .uid = uid};
	struct show_arguments arguments;
	struct bytes encoded;
	char digits[65];
	size_t i;

	for (i = 0; i < sizeof(id->bytes); i++)
		(void)snprintf(digits + 2 * i, 3, "%02x", id->bytes[i]);
	arguments.id = bytes_view_of(digits, 64);
	bytes_init(&encoded, 1024);
	ck_err(schema_encode(&request_show_schema, &arguments, &encoded), ERR_NONE);
	request.arguments = bytes_as_view(&encoded);
	(void)net_request(net, A, &request);
	bytes_release(&encoded);
	return net_answer(net).reason;
}

START_TEST(hides_what_an_operator_is_not_cleared_for)
{
	struct net *net = net_open(2);
	struct net_person green = net_person(net, A, "green", ROLE_ANALYST, CLEARANCE_GREEN, 2000);
	struct net_person amber = net_person(net, A, "amber", ROLE_ANALYST, CLEARANCE_AMBER, 2001);
	struct net_person red = net_person(net, A, "red", ROLE_ANALYST, CLEARANCE_RED, 2002);
	struct org_id *org = &net->nodes[B].org;
	struct record_id ids[3];
	uint64_t reads;

	ck_reason(net_peer_add(net, A, B), REASON_STORED);
	ck_reason(net_share(net, A, TLP_CLEAR, "c", NULL, NULL, &ids[0]), REASON_STORED);
	ck_reason(net_share(net, A, TLP_AMBER, "a", net_to, org, &ids[1]), REASON_STORED);
	ck_reason(net_share(net, A, TLP_RED, "r", to_red, org, &ids[2]), REASON_STORED);
	reads = net_leaves(net, A, EVENT_READ);
	ck_assert_uint_eq(query(net, 2000, 10, 0, false).rows.count, 1);
	ck_assert_uint_eq(query(net, 2000, 10, 0, false).hidden, 2);
	ck_assert_uint_eq(query(net, 2001, 10, 0, false).rows.count, 2);
	/* red clearance is not enough: it is the RED desk's, and its writer's */
	ck_assert_uint_eq(query(net, 2002, 10, 0, false).rows.count, 2);
	ck_reason(show(net, 2000, &ids[0]), REASON_STORED);
	ck_reason(show(net, 2000, &ids[1]), REASON_CLEARANCE);
	ck_assert_uint_eq(net_answer(net).body.len, 0);
	ck_reason(show(net, 2001, &ids[1]), REASON_STORED);
	ck_reason(show(net, 2001, &ids[2]), REASON_CLEARANCE);
	ck_reason(show(net, 2002, &ids[2]), REASON_CLEARANCE);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_READ), reads);
	/* whoever reads RED is written down */
	ck_reason(show(net, NODE_UID, &ids[2]), REASON_STORED);
	ck_assert_uint_eq(query(net, NODE_UID, 10, 0, false).rows.count, 3);
	ck_assert_uint_eq(net_leaves(net, A, EVENT_READ), reads + 2);
	signer_free(green.signer);
	signer_free(amber.signer);
	signer_free(red.signer);
	net_close(net);
}
END_TEST

/* ---------------------------------------------------------------- audit verify */

START_TEST(verifies_its_own_log_to_the_end)
{
	struct net *net = net_open(2);
	struct verify_arguments arguments = {0};
	struct verify_body body;
	struct bytes encoded;
	uint32_t rounds = 0;

	net_befriend(net, A, B);
	ck_reason(net_share(net, A, TLP_CLEAR, "a", NULL, NULL, NULL), REASON_STORED);
	ck_reason(net_share(net, B, TLP_CLEAR, "b", NULL, NULL, NULL), REASON_STORED);
	net_run(net);
	bytes_init(&encoded, 1024);
	do {
		struct net_request request = {.command = REQUEST_VERIFY, .uid = NODE_UID};

		bytes_clear(&encoded);
		ck_err(schema_encode(&request_verify_schema, &arguments, &encoded), ERR_NONE);
		request.arguments = bytes_as_view(&encoded);
		ck_reason(net_request(net, A, &request).reason, REASON_STORED);
		ck_err(schema_decode(&request_verify_body_schema, net_answer(net).body, &body),
		    ERR_NONE);
		ck_assert_msg(!body.is_lie, "leaf %llu: %.*s", (unsigned long long)body.lie,
		    (int)net_answer(net).words.len, (const char *)net_answer(net).words.data);
		arguments.from = body.next;
		ck_assert_uint_lt(rounds++, 100);
	} while (body.next != 0);
	ck_assert_uint_eq(body.checked, log_size(net));
	ck_assert_uint_eq(body.records, 2);
	ck_assert_uint_ge(body.signatures, 7); /* cards, seals, envelopes, receipts */
	bytes_release(&encoded);
	net_close(net);
}
END_TEST

SUITE_MAIN("node/api", permits_each_command_to_its_roles_only,
    permits_nothing_to_somebody_who_is_no_operator, permits_nothing_to_a_removed_operator,
    refuses_an_act_that_is_not_signed_for_this_very_request,
    gives_a_repeated_request_the_stored_answer, answers_a_reading_request_anew_each_time,
    answers_what_is_no_request_with_bad_request, does_not_know_commands_that_are_none,
    refuses_arguments_that_are_not_the_commands, adds_a_peer_once_and_never_itself,
    refuses_a_card_that_was_altered, pages_through_every_record_once,
    answers_whatever_field_a_question_is_about, hides_what_an_operator_is_not_cleared_for,
    verifies_its_own_log_to_the_end)
