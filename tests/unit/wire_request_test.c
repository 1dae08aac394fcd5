#include "wire/request.h"
#include "wire/request_policy.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/wire_fixture.h"

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))
#define BODY_BYTES_MAX 1024u /* of the largest struct that a schema fills */

static struct request asked;
static struct answer answered;

static enum err
decode_request(struct bytes_view in)
{
	return request_decode(in, &asked);
}

static enum err
decode_answer(struct bytes_view in)
{
	return request_answer_decode(in, &answered);
}

static void
encode_request(struct bytes *out)
{
	struct request request = {.command = REQUEST_SUBMIT,
	    .arguments = bytes_view_str("arguments"),
	    .act = bytes_view_str("act")};

	memset(request.id.bytes, 0x1d, sizeof(request.id.bytes));
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(request_encode(&request, out), ERR_NONE);
}

static void
encode_answer(struct bytes *out)
{
	struct answer answer = {.reason = REASON_NO_LABEL,
	    .words = bytes_view_str("line 1\n\tand 2"),
	    .body = bytes_view_str("body")};

	memset(answer.id.bytes, 0x1d, sizeof(answer.id.bytes));
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(request_answer_encode(&answer, out), ERR_NONE);
}

/* ---------------------------------------------------------------- the two messages */

START_TEST(a_request_survives)
{
	static const char id[] =
	    "\x94\xc4\x10\x1d\x1d\x1d\x1d\x1d\x1d\x1d\x1d\x1d\x1d\x1d\x1d\x1d\x1d"
	    "\x1d\x1d\x06\xc4\x09"
	    "arguments"
	    "\xc4\x03"
	    "act";
	struct bytes out, again;

	encode_request(&out);
	ck_same(bytes_as_view(&out), bytes_view_of(id, sizeof(id) - 1));
	ck_err(decode_request(bytes_as_view(&out)), ERR_NONE);
	ck_assert_uint_eq(asked.id.bytes[15], 0x1d);
	ck_assert_uint_eq(asked.command, REQUEST_SUBMIT);
	ck_same(asked.arguments, bytes_view_str("arguments"));
	ck_same(asked.act, bytes_view_str("act"));
	bytes_init(&again, FIXTURE_BYTES_MAX);
	ck_err(request_encode(&asked, &again), ERR_NONE);
	ck_same(bytes_as_view(&again), bytes_as_view(&out));
	bytes_release(&again);
	bytes_release(&out);
}
END_TEST

START_TEST(an_answer_survives)
{
	struct bytes out, again;

	encode_answer(&out);
	ck_err(decode_answer(bytes_as_view(&out)), ERR_NONE);
	ck_assert_uint_eq(answered.id.bytes[0], 0x1d);
	ck_assert_int_eq(answered.reason, REASON_NO_LABEL);
	ck_same(answered.words, bytes_view_str("line 1\n\tand 2"));
	ck_same(answered.body, bytes_view_str("body"));
	bytes_init(&again, FIXTURE_BYTES_MAX);
	ck_err(request_answer_encode(&answered, &again), ERR_NONE);
	ck_same(bytes_as_view(&again), bytes_as_view(&out));
	bytes_release(&again);
	bytes_release(&out);
}
END_TEST

START_TEST(refuses_either_cut_short_or_with_more_behind_it)
{
	struct bytes out;

	encode_request(&out);
	fixture_check_length(bytes_as_view(&out), decode_request);
	bytes_release(&out);
	encode_answer(&out);
	fixture_check_length(bytes_as_view(&out), decode_answer);
	bytes_release(&out);
}
END_TEST

/* The bytes from `at` on replaced by others, of which `cut` fall away. */
struct spoiled {
	const char *why;
	size_t at, cut;
	const char *bytes;
	size_t len;
	enum err err;
};

static void
check_spoiled(
    const struct bytes *in, const struct spoiled *spoiled, size_t count, fixture_decode_fn decode)
{
	struct bytes edited;
	size_t i, behind;
	enum err err;

	for (i = 0; i < count; i++) {
		behind = spoiled[i].at + spoiled[i].cut;
		bytes_init(&edited, FIXTURE_BYTES_MAX);
		bytes_append(&edited, in->data, spoiled[i].at);
		bytes_append(&edited, spoiled[i].bytes, spoiled[i].len);
		bytes_append(&edited, in->data + behind, in->len - behind);
		err = decode(bytes_as_view(&edited));
		ck_assert_msg(err == spoiled[i].err, "%s: %s instead of %s", spoiled[i].why,
		    err_name(err), err_name(spoiled[i].err));
		bytes_release(&edited);
	}
}

/* [fixarray 0][id 1..18][command 19][arguments 20..30][act 31..35] */
static const struct spoiled REQUESTS[] = {
    {"three fields for four", 0, 1, FIXTURE_RAW("\x93"), ERR_RANGE},
    {"five fields for four", 0, 1, FIXTURE_RAW("\x95"), ERR_TOO_LARGE},
    {"a map", 0, 1, FIXTURE_RAW("\x84"), ERR_TYPE},
    {"an id of fifteen bytes", 1, 3, FIXTURE_RAW("\xc4\x0f"), ERR_RANGE},
    {"an id of seventeen bytes", 1, 2, FIXTURE_RAW("\xc4\x11\x1d"), ERR_TOO_LARGE},
    {"an id that is text", 1, 2, FIXTURE_RAW("\xb0"), ERR_TYPE},
    {"a command beyond two bytes", 19, 1, FIXTURE_RAW("\xce\x00\x01\x00\x00"), ERR_RANGE},
    {"a command in a longer form", 19, 1, FIXTURE_RAW("\xcc\x06"), ERR_NOT_CANONICAL},
    {"the largest command", 19, 1, FIXTURE_RAW("\xcd\xff\xff"), ERR_NONE},
    {"no arguments at all", 20, 11, FIXTURE_RAW("\xc4\x00"), ERR_RANGE},
    {"arguments that are text", 20, 2, FIXTURE_RAW("\xa9"), ERR_TYPE},
    {"no act", 31, 5, FIXTURE_RAW("\xc4\x00"), ERR_NONE},
    {"an act that is missing", 31, 5, FIXTURE_RAW(""), ERR_TRUNCATED},
};
/* [fixarray 0][id 1..18][reason 19][words 20..][body] */
static const struct spoiled ANSWERS[] = {
    {"three fields for four", 0, 1, FIXTURE_RAW("\x93"), ERR_RANGE},
    {"an id of fifteen bytes", 1, 3, FIXTURE_RAW("\xc4\x0f"), ERR_RANGE},
    {"words with a bell", 21, 1, FIXTURE_RAW("\x07"), ERR_UTF8},
    {"words that are no UTF-8", 21, 1, FIXTURE_RAW("\xff"), ERR_UTF8},
};

START_TEST(refuses_each_spoiled_message_for_its_own_reason)
{
	struct spoiled reason = {"a reason that nobody knows", 19, 1, "\xcd\x7f\xff", 3, ERR_RANGE};
	struct bytes out;

	ck_assert(!reason_is_known(0x7fff));
	encode_request(&out);
	check_spoiled(&out, REQUESTS, COUNT_OF(REQUESTS), decode_request);
	bytes_release(&out);
	encode_answer(&out);
	/* the reason's own form decides where the words begin */
	ck_assert_uint_lt(REASON_NO_LABEL, 0x100);
	reason.cut = out.data[19] == 0xcc ? 2 : 1;
	check_spoiled(&out, &reason, 1, decode_answer);
	if (reason.cut == 1)
		check_spoiled(&out, ANSWERS, COUNT_OF(ANSWERS), decode_answer);
	else
		check_spoiled(&out, ANSWERS, 2, decode_answer);
	bytes_release(&out);
}
END_TEST

/* One SEQPACKET message: 200000 bytes and not one more. */
START_TEST(a_message_has_a_largest_size)
{
	uint8_t *large = calloc(1, REQUEST_BYTES_MAX);
	struct request request = {.command = 1};
	struct answer answer = {.reason = REASON_STORED};
	struct bytes out;
	size_t extra;

	ck_assert_ptr_nonnull(large);
	for (extra = 0; extra < 2; extra++) {
		enum err wanted = extra == 0 ? ERR_NONE : ERR_TOO_LARGE;

		/* one byte array, 18 id, 1 command, 5 head of the arguments, 2 act */
		request.arguments = bytes_view_of(large, REQUEST_BYTES_MAX - 27 + extra);
		bytes_init(&out, REQUEST_BYTES_MAX + 1);
		ck_err(request_encode(&request, &out), ERR_NONE);
		ck_assert_uint_eq(out.len, REQUEST_BYTES_MAX + extra);
		ck_err(decode_request(bytes_as_view(&out)), wanted);
		bytes_clear(&out);
		/* one byte array, 18 id, 1 reason, 1 words, 5 head of the body */
		answer.body = bytes_view_of(large, REQUEST_BYTES_MAX - 26 + extra);
		ck_err(request_answer_encode(&answer, &out), ERR_NONE);
		ck_assert_uint_eq(out.len, REQUEST_BYTES_MAX + extra);
		ck_err(decode_answer(bytes_as_view(&out)), wanted);
		bytes_release(&out);
	}
	free(large);
}
END_TEST

START_TEST(leaves_what_it_fills_untouched_on_failure)
{
	struct request before;
	struct answer before_answer;
	struct bytes out;
	size_t len;

	memset(&before, 0x99, sizeof(before));
	memset(&asked, 0x99, sizeof(asked));
	memset(&before_answer, 0x99, sizeof(before_answer));
	memset(&answered, 0x99, sizeof(answered));
	encode_request(&out);
	for (len = 0; len < out.len; len++)
		ck_assert_int_ne(decode_request(bytes_view_of(out.data, len)), ERR_NONE);
	ck_assert_mem_eq(&asked, &before, sizeof(asked));
	bytes_release(&out);
	encode_answer(&out);
	for (len = 0; len < out.len; len++)
		ck_assert_int_ne(decode_answer(bytes_view_of(out.data, len)), ERR_NONE);
	ck_assert_mem_eq(&answered, &before_answer, sizeof(answered));
	bytes_release(&out);
}
END_TEST

/* ---------------------------------------------------------------- commands, roles, states */

START_TEST(knows_each_command_once_and_what_it_needs)
{
	static const struct {
		uint64_t code;
		const char *name;
		uint32_t roles;
		bool changes, is_signed;
	} rows[] = {
#define ROW(symbol, code, name, roles, changes, is_signed) {code, name, roles, changes, is_signed},
	    REQUEST_TABLE(ROW)
#undef ROW
	};
	bool changes, is_signed;
	uint32_t roles;
	size_t i;

	for (i = 0; i < COUNT_OF(rows); i++) {
		ck_assert_uint_gt(rows[i].code, i == 0 ? 0 : rows[i - 1].code);
		ck_assert_str_eq(request_command_name(rows[i].code), rows[i].name);
		ck_assert(request_command_needs(rows[i].code, &roles, &changes, &is_signed));
		ck_assert_uint_eq(roles, rows[i].roles);
		ck_assert(changes == rows[i].changes && is_signed == rows[i].is_signed);
		/* somebody may, and only what changes something is signed */
		ck_assert(roles != 0 && roles <= ROLE_ALL && (changes || !is_signed));
	}
	ck_assert(!request_command_needs(0, &roles, &changes, &is_signed));
	ck_assert(!request_command_needs(rows[i - 1].code + 1, &roles, &changes, &is_signed));
	ck_assert_str_eq(request_command_name(rows[i - 1].code + 1), "?");
}
END_TEST

START_TEST(knows_the_names_of_roles_clearances_and_states)
{
	uint32_t role, i, all = 0;
	uint64_t clearance;

	for (i = 0; i < 6; i++) {
		const char *name = request_role_name(1u << i);

		ck_assert(request_role_parse(bytes_view_str(name), &role));
		ck_assert_uint_eq(role, 1u << i);
		all |= role;
	}
	ck_assert_uint_eq(all, ROLE_ALL);
	ck_assert_str_eq(request_role_name(3), "?");
	ck_assert(!request_role_parse(bytes_view_str("publishe"), &role));
	ck_assert(!request_role_parse(bytes_view_str("Publisher"), &role));
	for (i = CLEARANCE_GREEN; i <= CLEARANCE_RED; i++) {
		ck_assert(
		    request_clearance_parse(bytes_view_str(request_clearance_name(i)), &clearance));
		ck_assert_uint_eq(clearance, i);
	}
	ck_assert(!request_clearance_parse(bytes_view_str(""), &clearance));
	ck_assert_str_eq(request_clearance_name(0), "?");
	ck_assert_str_eq(request_peer_state_name(PEER_OPEN), "open");
	ck_assert_str_eq(request_peer_state_name(PEER_REMOVED + 1), "?");
}
END_TEST

/* ---------------------------------------------------------------- acts */

START_TEST(an_act_survives_and_begins_with_its_own_line)
{
	static const char line[] = "malla/act/v1\n";
	struct act act = {.expires_ms = FIXTURE_TIME, .command = REQUEST_USER_ADD}, again = {0};
	struct bytes out;
	size_t len;

	memset(act.node.bytes, 1, sizeof(act.node.bytes));
	memset(act.request.bytes, 2, sizeof(act.request.bytes));
	memset(act.arguments.bytes, 3, sizeof(act.arguments.bytes));
	bytes_init(&out, 1024);
	ck_err(request_act_encode(&act, &out), ERR_NONE);
	ck_assert_mem_eq(out.data, line, sizeof(line) - 1);
	for (len = 0; len < out.len; len++)
		ck_assert_int_ne(
		    request_act_decode(bytes_view_of(out.data, len), &again), ERR_NONE);
	ck_assert_uint_eq(again.command, 0);
	ck_err(request_act_decode(bytes_as_view(&out), &again), ERR_NONE);
	ck_assert_mem_eq(&again, &act, sizeof(act));
	out.data[11] = '2';
	ck_err(request_act_decode(bytes_as_view(&out), &again), ERR_FORMAT);
	bytes_release(&out);
}
END_TEST

/* ---------------------------------------------------------------- arguments and bodies */

static const struct {
	const char *name;
	const struct schema *schema;
} SCHEMAS[] = {
    {"empty", &request_empty_schema},
    {"status", &request_status_schema},
    {"tally", &request_tally_schema},
    {"status peer", &request_status_peer_schema},
    {"card", &request_card_schema},
    {"peer add", &request_peer_add_schema},
    {"org", &request_org_schema},
    {"peer list", &request_peer_list_schema},
    {"peer entry", &request_peer_entry_schema},
    {"submit", &request_submit_schema},
    {"submit body", &request_submit_body_schema},
    {"outcome", &request_outcome_schema},
    {"query", &request_query_schema},
    {"query body", &request_query_body_schema},
    {"row", &request_row_schema},
    {"show", &request_show_schema},
    {"show body", &request_show_body_schema},
    {"way", &request_way_schema},
    {"delivery", &request_delivery_schema},
    {"log", &request_log_schema},
    {"log body", &request_log_body_schema},
    {"log entry", &request_log_entry_schema},
    {"verify", &request_verify_schema},
    {"verify body", &request_verify_body_schema},
    {"user", &request_user_schema},
    {"user list", &request_user_list_schema},
    {"user remove", &request_user_remove_schema},
    {"policy", &request_policy_schema},
    {"policy list", &request_policy_list_schema},
    {"policy list body", &request_policy_list_body_schema},
    {"policy set", &request_policy_set_schema},
    {"policy set body", &request_policy_set_body_schema},
    {"policy name", &request_policy_name_schema},
    {"policy show", &request_policy_show_schema},
    {"policy history", &request_policy_history_schema},
    {"policy history body", &request_policy_history_body_schema},
    {"policy entry", &request_policy_entry_schema},
    {"policy replay", &request_policy_replay_schema},
    {"policy replay body", &request_policy_replay_body_schema},
    {"policy replay entry", &request_policy_replay_entry_schema},
};

static union {
	uint8_t bytes[BODY_BYTES_MAX];
	uint64_t alignment;
} body, again_body;

/* The n-th value that a field may have, in its place: another one for every field, so that two
   that share a place show. */
static void
fill_field(const struct schema_field *field, size_t n)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789";
	static const uint8_t values[] = {1, 2, 3};
	uint8_t *at = body.bytes + field->offset;
	uint64_t number = field->max;
	struct bytes_view view;
	struct schema_list list = {1 + n % 3, {values, 1 + n % 3}};
	bool flag = true;

	switch (field->type) {
	case SCHEMA_UINT:
		number = field->max > 1000 ? field->max - n : field->max;
		memcpy(at, &number, sizeof(number));
		return;
	case SCHEMA_BOOL:
		memcpy(at, &flag, sizeof(flag));
		return;
	case SCHEMA_LINE:
	case SCHEMA_PROSE:
	case SCHEMA_BIN:
		ck_assert_uint_lt(n, 50);
		view = bytes_view_of(text + n, field->min > 2 ? field->min : 2);
		memcpy(at, &view, sizeof(view));
		return;
	case SCHEMA_FIXED:
		memset(at, (int)(n + 1), field->max);
		return;
	case SCHEMA_LIST:
		memcpy(at, &list, sizeof(list));
		return;
	}
}

/* Every field, or those alone that must be there. */
static void
fill(const struct schema *schema, bool is_whole)
{
	size_t i;

	ck_assert_uint_le(schema->size, sizeof(body));
	memset(&body, 0, sizeof(body));
	for (i = 0; i < schema->count; i++) {
		if (is_whole || schema->fields[i].is_required)
			fill_field(&schema->fields[i], i);
	}
}

static size_t
size_of_field(const struct schema_field *field)
{
	switch (field->type) {
	case SCHEMA_UINT:
		return sizeof(uint64_t);
	case SCHEMA_BOOL:
		return sizeof(bool);
	case SCHEMA_LINE:
	case SCHEMA_PROSE:
	case SCHEMA_BIN:
		return sizeof(struct bytes_view);
	case SCHEMA_FIXED:
		return (size_t)field->max;
	case SCHEMA_LIST:
		return sizeof(struct schema_list);
	}
	return 0;
}

/* No two fields of a struct share a byte or a key, and all lie inside it. */
START_TEST(every_table_fits_its_struct)
{
	uint8_t taken[BODY_BYTES_MAX];
	size_t i, f, at;

	for (i = 0; i < COUNT_OF(SCHEMAS); i++) {
		const struct schema *schema = SCHEMAS[i].schema;

		memset(taken, 0, sizeof(taken));
		for (f = 0; f < schema->count; f++) {
			const struct schema_field *field = &schema->fields[f];

			ck_assert_msg(f == 0 || field[-1].key < field->key, "%s: key %zu",
			    SCHEMAS[i].name, f);
			ck_assert_uint_le(field->offset + size_of_field(field), schema->size);
			for (at = 0; at < size_of_field(field); at++)
				ck_assert_msg(taken[field->offset + at]++ == 0, "%s: field %zu",
				    SCHEMAS[i].name, f);
		}
	}
}
END_TEST

static void
check_survives(const char *name, const struct schema *schema, bool is_whole)
{
	struct bytes first, second;
	size_t len;
	enum err err;

	fill(schema, is_whole);
	bytes_init(&first, FIXTURE_BYTES_MAX);
	bytes_init(&second, FIXTURE_BYTES_MAX);
	ck_err(schema_encode(schema, body.bytes, &first), ERR_NONE);
	memset(&again_body, 0x99, sizeof(again_body));
	err = schema_decode(schema, bytes_as_view(&first), again_body.bytes);
	ck_assert_msg(err == ERR_NONE, "%s: %s", name, err_name(err));
	ck_err(schema_encode(schema, again_body.bytes, &second), ERR_NONE);
	ck_assert_msg(
	    bytes_view_is_equal(bytes_as_view(&first), bytes_as_view(&second)), "%s", name);
	for (len = 0; len < first.len; len++) {
		err = schema_decode(schema, bytes_view_of(first.data, len), again_body.bytes);
		ck_assert_msg(err != ERR_NONE, "%s cut at %zu", name, len);
	}
	bytes_append_u8(&first, 0);
	ck_err(schema_decode(schema, bytes_as_view(&first), again_body.bytes), ERR_TRAILING);
	bytes_release(&first);
	bytes_release(&second);
}

START_TEST(all_arguments_and_bodies_survive_and_none_cut_short)
{
	size_t i;

	for (i = 0; i < COUNT_OF(SCHEMAS); i++) {
		check_survives(SCHEMAS[i].name, SCHEMAS[i].schema, true);
		check_survives(SCHEMAS[i].name, SCHEMAS[i].schema, false);
	}
}
END_TEST

/* What must be there is missed, one after the other. */
START_TEST(every_required_field_is_missed)
{
	struct bytes_view none = {NULL, 0};
	struct bytes full, edited;
	size_t i, f;

	for (i = 0; i < COUNT_OF(SCHEMAS); i++) {
		const struct schema *schema = SCHEMAS[i].schema;

		fill(schema, true);
		bytes_init(&full, FIXTURE_BYTES_MAX);
		ck_err(schema_encode(schema, body.bytes, &full), ERR_NONE);
		for (f = 0; f < schema->count; f++) {
			enum err wanted = schema->fields[f].is_required ? ERR_MISSING : ERR_NONE;

			bytes_init(&edited, FIXTURE_BYTES_MAX);
			fixture_edit(bytes_as_view(&full), 0, schema->fields[f].key, none, &edited);
			ck_err(schema_decode(schema, bytes_as_view(&edited), again_body.bytes),
			    wanted);
			bytes_release(&edited);
		}
		bytes_release(&full);
	}
}
END_TEST

SUITE_MAIN("wire/request", a_request_survives, an_answer_survives,
    refuses_either_cut_short_or_with_more_behind_it,
    refuses_each_spoiled_message_for_its_own_reason, a_message_has_a_largest_size,
    leaves_what_it_fills_untouched_on_failure, knows_each_command_once_and_what_it_needs,
    knows_the_names_of_roles_clearances_and_states, an_act_survives_and_begins_with_its_own_line,
    every_table_fits_its_struct, all_arguments_and_bodies_survive_and_none_cut_short,
    every_required_field_is_missed)
