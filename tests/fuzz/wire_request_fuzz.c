/* The operators' API: what decodes encodes to the same bytes.  The first byte says what the rest
   is: a request, an answer, an act, or the arguments or body of one of the schemas. */
#include "wire/request.h"
#include "wire/request_policy.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct schema *const schemas[] = {&request_empty_schema, &request_status_schema,
    &request_tally_schema, &request_status_peer_schema, &request_card_schema,
    &request_peer_add_schema, &request_org_schema, &request_peer_list_schema,
    &request_peer_entry_schema, &request_submit_schema, &request_submit_body_schema,
    &request_outcome_schema, &request_query_schema, &request_query_body_schema, &request_row_schema,
    &request_show_schema, &request_show_body_schema, &request_way_schema, &request_delivery_schema,
    &request_log_schema, &request_log_body_schema, &request_log_entry_schema,
    &request_verify_schema, &request_verify_body_schema, &request_user_schema,
    &request_user_list_schema, &request_user_remove_schema, &request_policy_schema,
    &request_policy_list_schema, &request_policy_set_schema, &request_policy_name_schema,
    &request_policy_show_schema, &request_policy_history_schema, &request_policy_entry_schema,
    &request_policy_replay_schema, &request_policy_replay_body_schema,
    &request_policy_replay_entry_schema};

#define SCHEMAS_COUNT (sizeof(schemas) / sizeof(*schemas))

enum { MODE_REQUEST, MODE_ANSWER, MODE_ACT, MODE_SCHEMAS };

/* Every value of a list, as the node takes drafts off it. */
static void
walk(struct schema_list list)
{
	struct bytes_view bin;
	uint32_t left = list.count;

	for (; left > 0; left--) {
		enum err err = schema_list_next_bin(&list, &bin);

		assert(err != ERR_NOT_FOUND && list.count == left - 1);
	}
	assert(list.items.len == 0 && schema_list_next_bin(&list, &bin) == ERR_NOT_FOUND);
}

/* Whether it decoded; then *again is what encodes. */
static bool
code_schema(const struct schema *schema, struct bytes_view in, struct bytes *again)
{
	static union {
		uint8_t bytes[1024];
		uint64_t alignment;
	} body;
	struct schema_list list;
	uint32_t i;

	assert(schema->size <= sizeof(body));
	if (schema_decode(schema, in, body.bytes) != ERR_NONE)
		return false;
	for (i = 0; i < schema->count; i++) {
		if (schema->fields[i].type != SCHEMA_LIST)
			continue;
		memcpy(&list, body.bytes + schema->fields[i].offset, sizeof(list));
		walk(list);
	}
	assert(schema_encode(schema, body.bytes, again) == ERR_NONE);
	return true;
}

static bool
code(uint8_t mode, struct bytes_view in, struct bytes *again)
{
	struct request request;
	struct answer answer;
	struct act act;

	if (mode == MODE_REQUEST) {
		if (request_decode(in, &request) != ERR_NONE)
			return false;
		assert(request_encode(&request, again) == ERR_NONE);
	} else if (mode == MODE_ANSWER) {
		if (request_answer_decode(in, &answer) != ERR_NONE)
			return false;
		assert(request_answer_encode(&answer, again) == ERR_NONE);
	} else if (mode == MODE_ACT) {
		if (request_act_decode(in, &act) != ERR_NONE)
			return false;
		assert(request_act_encode(&act, again) == ERR_NONE);
	} else {
		return code_schema(schemas[(mode - MODE_SCHEMAS) % SCHEMAS_COUNT], in, again);
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_view in;
	struct bytes again;

	if (size == 0)
		return 0;
	in = bytes_view_of(data + 1, size - 1);
	bytes_init(&again, 1u << 20);
	/* in maps, odd keys that this version does not know are dropped: shorter then */
	if (code(data[0], in, &again) && (data[0] < MODE_ACT || again.len == in.len))
		assert(bytes_view_is_equal(bytes_as_view(&again), in));
	assert(again.len <= in.len);
	bytes_release(&again);
	return 0;
}
