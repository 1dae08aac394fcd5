#include "wire/request.h"

#include <string.h>

#include "wire/event.h"
#include "wire/reader.h"
#include "wire/signed.h"
#include "wire/writer.h"

#define WORDS_BYTES_MAX 4096u
#define PEERS_LISTED_MAX PEERS_MAX

enum act_key { ACT_NODE = 0, ACT_REQUEST = 2, ACT_EXPIRES = 4, ACT_COMMAND = 6, ACT_ARGUMENTS = 8 };

enum err
request_decode(struct bytes_view in, struct request *out)
{
	struct request request = {0};
	struct reader reader;
	enum err err;

	if (in.len > REQUEST_BYTES_MAX)
		return ERR_TOO_LARGE;
	reader_open(&reader, in);
	(void)reader_array(&reader, 4, 4);
	reader_fixed(&reader, request.id.bytes, sizeof(request.id.bytes));
	request.command = reader_uint(&reader, 0, UINT16_MAX);
	request.arguments = reader_bin(&reader, 1, REQUEST_BYTES_MAX);
	request.act = reader_bin(&reader, 0, REQUEST_BYTES_MAX);
	err = reader_close(&reader);
	if (err == ERR_NONE)
		*out = request;
	return err;
}

enum err
request_encode(const struct request *request, struct bytes *out)
{
	struct writer writer;

	writer_open(&writer, out);
	writer_array(&writer, 4);
	writer_bin(&writer, request->id.bytes, sizeof(request->id.bytes));
	writer_uint(&writer, request->command);
	writer_bin(&writer, request->arguments.data, request->arguments.len);
	writer_bin(&writer, request->act.data, request->act.len);
	return writer_close(&writer);
}

enum err
request_answer_decode(struct bytes_view in, struct answer *out)
{
	struct answer answer = {0};
	struct reader reader;
	uint64_t reason;
	enum err err;

	if (in.len > REQUEST_BYTES_MAX)
		return ERR_TOO_LARGE;
	reader_open(&reader, in);
	(void)reader_array(&reader, 4, 4);
	reader_fixed(&reader, answer.id.bytes, sizeof(answer.id.bytes));
	reason = reader_uint(&reader, 0, UINT16_MAX);
	if (!reason_is_known(reason))
		reader_fail(&reader, ERR_RANGE);
	answer.reason = (enum reason)reason;
	answer.words = reader_str(&reader, 0, WORDS_BYTES_MAX, READER_PROSE);
	answer.body = reader_bin(&reader, 0, REQUEST_BYTES_MAX);
	err = reader_close(&reader);
	if (err == ERR_NONE)
		*out = answer;
	return err;
}

enum err
request_answer_encode(const struct answer *answer, struct bytes *out)
{
	struct writer writer;

	writer_open(&writer, out);
	writer_array(&writer, 4);
	writer_bin(&writer, answer->id.bytes, sizeof(answer->id.bytes));
	writer_uint(&writer, answer->reason);
	writer_str(&writer, answer->words);
	writer_bin(&writer, answer->body.data, answer->body.len);
	return writer_close(&writer);
}

static const struct {
	uint64_t command;
	const char *name;
	uint32_t roles;
	bool changes;
	bool is_signed;
} commands[] = {
#define REQUEST_ROW(symbol, code, name, roles, changes, is_signed)                                 \
	{code, name, roles, changes, is_signed},
    REQUEST_TABLE(REQUEST_ROW)
#undef REQUEST_ROW
};

const char *
request_command_name(uint64_t command)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (commands[i].command == command)
			return commands[i].name;
	}
	return "?";
}

bool
request_command_needs(uint64_t command, uint32_t *roles, bool *changes, bool *is_signed)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (commands[i].command != command)
			continue;
		*roles = commands[i].roles;
		*changes = commands[i].changes;
		*is_signed = commands[i].is_signed;
		return true;
	}
	return false;
}

struct named_code {
	uint64_t code;
	const char *name;
};

static const struct named_code roles[] = {
#define NAMED_ROW(symbol, code, name) {code, name},
    ROLE_TABLE(NAMED_ROW)};
static const struct named_code clearances[] = {CLEARANCE_TABLE(NAMED_ROW)};
static const struct named_code peer_states[] = {PEER_STATE_TABLE(NAMED_ROW)
#undef NAMED_ROW
};

static const char *
name_of(const struct named_code *table, size_t count, uint64_t code)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (table[i].code == code)
			return table[i].name;
	}
	return "?";
}

static bool
code_of(const struct named_code *table, size_t count, struct bytes_view name, uint64_t *code)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (bytes_view_is_equal(bytes_view_str(table[i].name), name)) {
			*code = table[i].code;
			return true;
		}
	}
	return false;
}

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))

const char *
request_role_name(uint32_t role)
{
	return name_of(roles, COUNT_OF(roles), role);
}

bool
request_role_parse(struct bytes_view name, uint32_t *role)
{
	uint64_t code;

	if (!code_of(roles, COUNT_OF(roles), name, &code))
		return false;
	*role = (uint32_t)code;
	return true;
}

const char *
request_clearance_name(uint64_t clearance)
{
	return name_of(clearances, COUNT_OF(clearances), clearance);
}

bool
request_clearance_parse(struct bytes_view name, uint64_t *clearance)
{
	return code_of(clearances, COUNT_OF(clearances), name, clearance);
}

const char *
request_peer_state_name(uint64_t state)
{
	return name_of(peer_states, COUNT_OF(peer_states), state);
}

const char *
request_version_state_name(uint64_t state)
{
	static const struct named_code states[] = {
#define VERSION_ROW(symbol, code, name) {code, name},
	    SHOW_VERSION_TABLE(VERSION_ROW)
#undef VERSION_ROW
	};

	return name_of(states, COUNT_OF(states), state);
}

/* ---------------------------------------------------------------- schemas */
/* U unsigned, B bool, L line, P prose, D bin, F fixed, A list; R required, O optional */
#define U(k, s, m, lo, hi)                                                                         \
	{                                                                                          \
		k, SCHEMA_UINT, false, offsetof(struct s, m), lo, hi                               \
	}
#define UR(k, s, m, lo, hi)                                                                        \
	{                                                                                          \
		k, SCHEMA_UINT, true, offsetof(struct s, m), lo, hi                                \
	}
#define B(k, s, m)                                                                                 \
	{                                                                                          \
		k, SCHEMA_BOOL, false, offsetof(struct s, m), 0, 0                                 \
	}
#define L(k, s, m, hi)                                                                             \
	{                                                                                          \
		k, SCHEMA_LINE, false, offsetof(struct s, m), 0, hi                                \
	}
#define LR(k, s, m, lo, hi)                                                                        \
	{                                                                                          \
		k, SCHEMA_LINE, true, offsetof(struct s, m), lo, hi                                \
	}
#define P(k, s, m, hi)                                                                             \
	{                                                                                          \
		k, SCHEMA_PROSE, false, offsetof(struct s, m), 0, hi                               \
	}
#define D(k, s, m, hi)                                                                             \
	{                                                                                          \
		k, SCHEMA_BIN, false, offsetof(struct s, m), 0, hi                                 \
	}
#define DR(k, s, m, hi)                                                                            \
	{                                                                                          \
		k, SCHEMA_BIN, true, offsetof(struct s, m), 1, hi                                  \
	}
#define F(k, s, m)                                                                                 \
	{                                                                                          \
		k, SCHEMA_FIXED, false, offsetof(struct s, m), 0, sizeof(((struct s *)0)->m)       \
	}
#define FR(k, s, m)                                                                                \
	{                                                                                          \
		k, SCHEMA_FIXED, true, offsetof(struct s, m), 0, sizeof(((struct s *)0)->m)        \
	}
#define A(k, s, m, hi)                                                                             \
	{                                                                                          \
		k, SCHEMA_LIST, false, offsetof(struct s, m), 0, hi                                \
	}
#define SCHEMA(name, type, table)                                                                  \
	const struct schema name = {sizeof(struct type), COUNT_OF(table), table}

/* clang-format off */
static const struct schema_field status_fields[] = {
    FR(0, status_body, org), LR(1, status_body, name, 1, NAME_BYTES_MAX),
    L(2, status_body, version, 64), U(3, status_body, started_ms, 0, TIME_MS_MAX),
    U(4, status_body, head_epoch, 0, NUMBER_MAX), U(5, status_body, head_size, 0, NUMBER_MAX),
    F(6, status_body, head_root), U(7, status_body, records, 0, NUMBER_MAX),
    U(8, status_body, batches, 0, NUMBER_MAX), U(9, status_body, card_serial, 0, NUMBER_MAX),
    U(10, status_body, card_expires_ms, 0, TIME_MS_MAX),
    U(11, status_body, supervisor_pid, 0, UINT32_MAX), U(12, status_body, link_pid, 0, UINT32_MAX),
    U(13, status_body, core_pid, 0, UINT32_MAX), U(14, status_body, keyring_pid, 0, UINT32_MAX),
    L(15, status_body, operator_name, PERSON_BYTES_MAX),
    U(16, status_body, operator_roles, 0, ROLE_ALL),
    U(17, status_body, operator_clearance, 0, CLEARANCE_RED),
    U(18, status_body, refused_handshakes, 0, NUMBER_MAX), A(19, status_body, endpoints, 64),
    A(20, status_body, made, 32), A(21, status_body, checked, 32), A(22, status_body, failed, 32),
    A(23, status_body, peers, PEERS_LISTED_MAX), U(24, status_body, seals, 0, NUMBER_MAX),
    U(25, status_body, sealed_records, 0, NUMBER_MAX), B(26, status_body, is_witnessed),
    F(27, status_body, policy), L(28, status_body, policy_problem, 256),
};
static const struct schema_field tally_fields[] = {
    LR(0, status_tally, name, 1, 64), UR(1, status_tally, count, 0, NUMBER_MAX),
};
static const struct schema_field status_peer_fields[] = {
    FR(0, status_peer, org), LR(1, status_peer, name, 1, NAME_BYTES_MAX),
    UR(2, status_peer, state, 1, PEER_REMOVED), U(3, status_peer, since_ms, 0, TIME_MS_MAX),
    U(4, status_peer, queued, 0, NUMBER_MAX), U(5, status_peer, held, 0, NUMBER_MAX),
    U(6, status_peer, in_flight, 0, NUMBER_MAX), U(7, status_peer, receipted, 0, NUMBER_MAX),
    U(8, status_peer, received, 0, NUMBER_MAX), A(9, status_peer, refused, 128),
    U(10, status_peer, head_epoch, 0, NUMBER_MAX), U(11, status_peer, head_size, 0, NUMBER_MAX),
    F(12, status_peer, head_root), U(13, status_peer, last_reason, 0, UINT16_MAX),
    L(14, status_peer, last_words, 256), U(15, status_peer, last_ms, 0, TIME_MS_MAX),
    U(16, status_peer, card_serial, 0, NUMBER_MAX),
    U(17, status_peer, card_expires_ms, 0, TIME_MS_MAX),
};
static const struct schema_field card_fields[] = {DR(0, card_body, package, CARD_FILE_BYTES_MAX)};
static const struct schema_field peer_add_fields[] = {
    DR(0, peer_add_arguments, package, CARD_FILE_BYTES_MAX),
    L(1, peer_add_arguments, name, NAME_BYTES_MAX),
};
static const struct schema_field org_fields[] = {FR(0, org_body, org)};
static const struct schema_field peer_list_fields[] = {
    A(0, peer_list_body, peers, PEERS_LISTED_MAX),
};
static const struct schema_field peer_entry_fields[] = {
    FR(0, peer_entry, org), LR(1, peer_entry, name, 1, NAME_BYTES_MAX),
    DR(2, peer_entry, package, CARD_FILE_BYTES_MAX), U(3, peer_entry, added_ms, 0, TIME_MS_MAX),
    B(4, peer_entry, is_removed),
};
static const struct schema_field submit_fields[] = {
    A(0, submit_arguments, drafts, BATCH_COUNT_MAX), B(1, submit_arguments, is_dry_run),
    B(3, submit_arguments, is_brief), B(4, submit_arguments, asks_approver),
};
static const struct schema_field submit_body_fields[] = {
    A(0, submit_body, outcomes, BATCH_COUNT_MAX), U(1, submit_body, seals, 0, BATCH_COUNT_MAX),
};
static const struct schema_field outcome_fields[] = {
    UR(0, submit_outcome, reason, 0, UINT16_MAX), F(1, submit_outcome, id),
    U(2, submit_outcome, peers, 0, PEERS_MAX), U(3, submit_outcome, held, 0, PEERS_MAX),
    L(4, submit_outcome, words, 128),
};
static const struct schema_field query_fields[] = {
    D(0, query_arguments, predicate, 65536), UR(1, query_arguments, limit, 1, 256),
    U(2, query_arguments, after, 0, NUMBER_MAX), B(3, query_arguments, is_descending),
    B(4, query_arguments, is_count), B(6, query_arguments, is_quarantined),
};
static const struct schema_field query_body_fields[] = {
    A(0, query_body, rows, 256), U(1, query_body, next, 0, NUMBER_MAX),
    U(2, query_body, hidden, 0, NUMBER_MAX), U(3, query_body, count, 0, NUMBER_MAX),
};
static const struct schema_field row_fields[] = {
    UR(0, query_row, seq, 1, NUMBER_MAX), UR(1, query_row, received_ms, 0, TIME_MS_MAX),
    FR(2, query_row, via), DR(3, query_row, record, RECORD_BYTES_MAX),
    U(4, query_row, disputes, 0, UINT32_MAX),
};
static const struct schema_field show_fields[] = {LR(0, show_arguments, id, 8, 64)};
static const struct schema_field show_body_fields[] = {
    DR(0, show_body, record, RECORD_BYTES_MAX), UR(1, show_body, seq, 1, NUMBER_MAX),
    UR(2, show_body, received_ms, 0, TIME_MS_MAX), FR(3, show_body, via),
    L(4, show_body, writer, PERSON_BYTES_MAX), U(5, show_body, origin, 0, UINT16_MAX),
    U(6, show_body, time, 0, UINT16_MAX), U(7, show_body, form, 0, UINT16_MAX),
    U(8, show_body, distribution, 0, UINT16_MAX), U(9, show_body, position, 0, BATCH_COUNT_MAX),
    UR(10, show_body, size, 1, BATCH_COUNT_MAX), U(11, show_body, sealed_ms, 0, TIME_MS_MAX),
    U(12, show_body, serial, 0, NUMBER_MAX), L(13, show_body, author_name, NAME_BYTES_MAX),
    DR(14, show_body, seal, SEAL_BYTES_MAX), A(15, show_body, ways, 64),
    A(16, show_body, deliveries, PEERS_LISTED_MAX),
    U(20, show_body, quarantined_ms, 0, TIME_MS_MAX), U(21, show_body, hold, 0, NUMBER_MAX),
    A(22, show_body, versions, 65), A(23, show_body, disputes, 64),
};
static const struct schema_field version_fields[] = {
    FR(0, show_version, id), U(1, show_version, created_ms, 0, TIME_MS_MAX),
    UR(2, show_version, state, SHOW_VERSION_IN_FORCE, SHOW_VERSION_UNKNOWN),
};
static const struct schema_field dispute_fields[] = {
    FR(0, show_dispute, id), FR(1, show_dispute, org), UR(2, show_dispute, reason, 1, 5),
    UR(3, show_dispute, created_ms, 0, TIME_MS_MAX), B(4, show_dispute, is_answered),
};
static const struct schema_field way_fields[] = {
    FR(0, show_way, org), UR(1, show_way, number, 1, NUMBER_MAX),
    UR(2, show_way, time_ms, 0, TIME_MS_MAX), FR(3, show_way, envelope),
    U(4, show_way, outcome, 0, UINT16_MAX),
};
static const struct schema_field delivery_fields[] = {
    FR(0, show_delivery, org), UR(1, show_delivery, number, 1, NUMBER_MAX),
    UR(2, show_delivery, state, 1, 3), UR(3, show_delivery, sent_ms, 0, TIME_MS_MAX),
    U(4, show_delivery, settled_ms, 0, TIME_MS_MAX), U(5, show_delivery, outcome, 0, UINT16_MAX),
    FR(6, show_delivery, envelope),
};
static const struct schema_field log_fields[] = {
    U(0, log_arguments, from, 0, NUMBER_MAX), UR(1, log_arguments, limit, 1, 256),
};
static const struct schema_field log_body_fields[] = {
    A(0, log_body, events, 256), UR(1, log_body, epoch, 0, NUMBER_MAX),
    UR(2, log_body, size, 0, NUMBER_MAX), FR(3, log_body, root),
};
static const struct schema_field log_entry_fields[] = {
    FR(0, log_entry, leaf), B(1, log_entry, is_erased), F(2, log_entry, salt),
    D(3, log_entry, details, EVENT_DETAILS_BYTES_MAX),
};
static const struct schema_field verify_fields[] = {U(0, verify_arguments, from, 0, NUMBER_MAX)};
static const struct schema_field verify_body_fields[] = {
    U(0, verify_body, next, 0, NUMBER_MAX), UR(1, verify_body, size, 0, NUMBER_MAX),
    UR(2, verify_body, checked, 0, NUMBER_MAX), UR(3, verify_body, signatures, 0, NUMBER_MAX),
    UR(4, verify_body, records, 0, NUMBER_MAX), B(5, verify_body, is_lie),
    U(6, verify_body, lie, 0, NUMBER_MAX), F(7, verify_body, root),
};
static const struct schema_field user_fields[] = {
    LR(0, user_entry, name, 1, PERSON_BYTES_MAX), U(1, user_entry, uid, 0, UINT32_MAX),
    UR(2, user_entry, roles, 1, ROLE_ALL), UR(3, user_entry, clearance, 1, CLEARANCE_RED),
    B(4, user_entry, is_red_desk), F(5, user_entry, public_key),
    U(6, user_entry, added_ms, 0, TIME_MS_MAX),
};
static const struct schema_field user_list_fields[] = {A(0, user_list_body, users, 1024)};
static const struct schema_field user_remove_fields[] = {
    LR(0, user_remove_arguments, name, 1, PERSON_BYTES_MAX),
};
static const struct schema_field policy_fields[] = {
    DR(0, policy_body, text, TEXT_BYTES_MAX), FR(1, policy_body, hash),
    B(2, policy_body, is_in_force), L(3, policy_body, problem, 256),
    U(4, policy_body, time_ms, 0, TIME_MS_MAX), U(5, policy_body, leaf, 0, NUMBER_MAX),
    L(6, policy_body, operator_name, PERSON_BYTES_MAX), L(7, policy_body, note, 256),
    A(8, policy_body, lists, 16),
};
static const struct schema_field act_fields[] = {
    FR(ACT_NODE, act, node), FR(ACT_REQUEST, act, request),
    UR(ACT_EXPIRES, act, expires_ms, 1, TIME_MS_MAX), UR(ACT_COMMAND, act, command, 0, UINT16_MAX),
    FR(ACT_ARGUMENTS, act, arguments),
};
/* clang-format on */

const struct schema request_empty_schema = {sizeof(struct empty_body), 0, NULL};
SCHEMA(request_status_schema, status_body, status_fields);
SCHEMA(request_tally_schema, status_tally, tally_fields);
SCHEMA(request_status_peer_schema, status_peer, status_peer_fields);
SCHEMA(request_card_schema, card_body, card_fields);
SCHEMA(request_peer_add_schema, peer_add_arguments, peer_add_fields);
SCHEMA(request_org_schema, org_body, org_fields);
SCHEMA(request_peer_list_schema, peer_list_body, peer_list_fields);
SCHEMA(request_peer_entry_schema, peer_entry, peer_entry_fields);
SCHEMA(request_submit_schema, submit_arguments, submit_fields);
SCHEMA(request_submit_body_schema, submit_body, submit_body_fields);
SCHEMA(request_outcome_schema, submit_outcome, outcome_fields);
SCHEMA(request_query_schema, query_arguments, query_fields);
SCHEMA(request_query_body_schema, query_body, query_body_fields);
SCHEMA(request_row_schema, query_row, row_fields);
SCHEMA(request_show_schema, show_arguments, show_fields);
SCHEMA(request_show_body_schema, show_body, show_body_fields);
SCHEMA(request_version_schema, show_version, version_fields);
SCHEMA(request_dispute_schema, show_dispute, dispute_fields);
SCHEMA(request_way_schema, show_way, way_fields);
SCHEMA(request_delivery_schema, show_delivery, delivery_fields);
SCHEMA(request_log_schema, log_arguments, log_fields);
SCHEMA(request_log_body_schema, log_body, log_body_fields);
SCHEMA(request_log_entry_schema, log_entry, log_entry_fields);
SCHEMA(request_verify_schema, verify_arguments, verify_fields);
SCHEMA(request_verify_body_schema, verify_body, verify_body_fields);
SCHEMA(request_user_schema, user_entry, user_fields);
SCHEMA(request_user_list_schema, user_list_body, user_list_fields);
SCHEMA(request_user_remove_schema, user_remove_arguments, user_remove_fields);
SCHEMA(request_policy_schema, policy_body, policy_fields);

static const struct schema act_schema = {sizeof(struct act), COUNT_OF(act_fields), act_fields};

enum err
request_act_encode(const struct act *act, struct bytes *out)
{
	struct bytes_view context = signed_context(CONTEXT_ACT);

	bytes_append(out, context.data, context.len);
	return schema_encode(&act_schema, act, out);
}

enum err
request_act_decode(struct bytes_view statement, struct act *out)
{
	struct bytes_view context = signed_context(CONTEXT_ACT);

	if (statement.len < context.len || memcmp(statement.data, context.data, context.len) != 0)
		return ERR_FORMAT;
	return schema_decode(&act_schema,
	    bytes_view_of(statement.data + context.len, statement.len - context.len), out);
}
