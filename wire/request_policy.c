#include "wire/request_policy.h"

#define FIELD(k, type, must, s, m, lo, hi)                                                         \
	{                                                                                          \
		k, type, must, offsetof(struct s, m), lo, hi                                       \
	}
#define HASH(k, must, s, m) FIELD(k, SCHEMA_FIXED, must, s, m, 0, sizeof(((struct s *)0)->m))
#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))
#define SCHEMA(name, type, table)                                                                  \
	const struct schema name = {sizeof(struct type), COUNT_OF(table), table}

static const struct schema_field list_fields[] = {
    HASH(0, true, policy_list_arguments, hash),
    FIELD(1, SCHEMA_UINT, true, policy_list_arguments, size, 1, REQUEST_POLICY_LIST_BYTES_MAX),
    FIELD(2, SCHEMA_UINT, false, policy_list_arguments, start, 0, REQUEST_POLICY_LIST_BYTES_MAX),
    FIELD(3, SCHEMA_BIN, false, policy_list_arguments, data, 0, REQUEST_POLICY_PART_BYTES_MAX),
};
static const struct schema_field list_body_fields[] = {
    FIELD(0, SCHEMA_UINT, false, policy_list_body, next, 0, REQUEST_POLICY_LIST_BYTES_MAX),
    FIELD(1, SCHEMA_UINT, false, policy_list_body, entries, 0, NUMBER_MAX),
};
static const struct schema_field set_fields[] = {
    FIELD(0, SCHEMA_BIN, true, policy_set_arguments, text, 1, REQUEST_POLICY_BYTES_MAX),
    FIELD(1, SCHEMA_LIST, false, policy_set_arguments, lists, 0, REQUEST_POLICY_LISTS_MAX),
    HASH(2, false, policy_set_arguments, if_hash),
    FIELD(3, SCHEMA_LINE, false, policy_set_arguments, note, 0, REQUEST_POLICY_NOTE_BYTES_MAX),
};
static const struct schema_field name_fields[] = {
    FIELD(0, SCHEMA_LINE, true, policy_list_name, name, 1, 64),
    HASH(1, true, policy_list_name, hash),
    FIELD(2, SCHEMA_UINT, false, policy_list_name, entries, 0, NUMBER_MAX),
};
static const struct schema_field set_body_fields[] = {
    HASH(0, true, policy_set_body, hash),
    HASH(1, true, policy_set_body, before),
    FIELD(2, SCHEMA_UINT, true, policy_set_body, leaf, 0, NUMBER_MAX),
};
static const struct schema_field show_fields[] = {HASH(0, false, policy_show_arguments, hash)};
static const struct schema_field history_fields[] = {
    FIELD(0, SCHEMA_UINT, false, policy_history_arguments, before, 0, NUMBER_MAX),
    FIELD(1, SCHEMA_UINT, true, policy_history_arguments, limit, 1, 256),
};
static const struct schema_field history_body_fields[] = {
    FIELD(0, SCHEMA_LIST, false, policy_history_body, entries, 0, 256),
    FIELD(1, SCHEMA_UINT, false, policy_history_body, next, 0, NUMBER_MAX),
};
static const struct schema_field entry_fields[] = {
    HASH(0, true, policy_entry, hash),
    FIELD(1, SCHEMA_UINT, false, policy_entry, time_ms, 0, TIME_MS_MAX),
    FIELD(2, SCHEMA_UINT, false, policy_entry, leaf, 0, NUMBER_MAX),
    FIELD(3, SCHEMA_LINE, false, policy_entry, operator_name, 0, PERSON_BYTES_MAX),
    FIELD(4, SCHEMA_LINE, false, policy_entry, name, 0, NAME_BYTES_MAX),
    FIELD(5, SCHEMA_LINE, false, policy_entry, note, 0, REQUEST_POLICY_NOTE_BYTES_MAX),
    FIELD(6, SCHEMA_BOOL, false, policy_entry, is_in_force, 0, 0),
};

static const struct schema_field replay_fields[] = {
    FIELD(0, SCHEMA_BOOL, false, policy_replay_arguments, begins, 0, 0),
    FIELD(1, SCHEMA_BIN, false, policy_replay_arguments, text, 0, REQUEST_POLICY_BYTES_MAX),
    FIELD(2, SCHEMA_LIST, false, policy_replay_arguments, lists, 0, REQUEST_POLICY_LISTS_MAX),
    HASH(3, false, policy_replay_arguments, hash),
    HASH(4, false, policy_replay_arguments, org),
    FIELD(5, SCHEMA_UINT, false, policy_replay_arguments, leaf, 0, NUMBER_MAX),
    FIELD(6, SCHEMA_UINT, false, policy_replay_arguments, inside, 0, NUMBER_MAX),
};
static const struct schema_field replay_body_fields[] = {
    HASH(0, false, policy_replay_body, policy),
    FIELD(1, SCHEMA_LINE, false, policy_replay_body, name, 0, NAME_BYTES_MAX),
    FIELD(2, SCHEMA_UINT, false, policy_replay_body, size, 0, NUMBER_MAX),
    FIELD(3, SCHEMA_UINT, false, policy_replay_body, leaf, 0, NUMBER_MAX),
    FIELD(4, SCHEMA_UINT, false, policy_replay_body, inside, 0, NUMBER_MAX),
    FIELD(5, SCHEMA_BOOL, false, policy_replay_body, is_done, 0, 0),
    FIELD(6, SCHEMA_UINT, false, policy_replay_body, examined, 0, NUMBER_MAX),
    FIELD(7, SCHEMA_UINT, false, policy_replay_body, differing, 0, NUMBER_MAX),
    FIELD(8, SCHEMA_UINT, false, policy_replay_body, unlike, 0, NUMBER_MAX),
    FIELD(9, SCHEMA_UINT, false, policy_replay_body, gone, 0, NUMBER_MAX),
    FIELD(10, SCHEMA_LIST, false, policy_replay_body, entries, 0, 4096),
};
static const struct schema_field replay_entry_fields[] = {
    HASH(0, true, policy_replay_entry, id),
    HASH(1, true, policy_replay_entry, org),
    FIELD(2, SCHEMA_UINT, false, policy_replay_entry, leaf, 0, NUMBER_MAX),
    FIELD(3, SCHEMA_UINT, false, policy_replay_entry, time_ms, 0, TIME_MS_MAX),
    FIELD(4, SCHEMA_BOOL, false, policy_replay_entry, is_inbound, 0, 0),
    FIELD(5, SCHEMA_UINT, false, policy_replay_entry, logged, 0, UINT16_MAX),
    HASH(6, true, policy_replay_entry, policy),
    FIELD(7, SCHEMA_BIN, true, policy_replay_entry, then, 1, 512),
    FIELD(8, SCHEMA_BIN, true, policy_replay_entry, now, 1, 512),
};

SCHEMA(request_policy_replay_schema, policy_replay_arguments, replay_fields);
SCHEMA(request_policy_replay_body_schema, policy_replay_body, replay_body_fields);
SCHEMA(request_policy_replay_entry_schema, policy_replay_entry, replay_entry_fields);
SCHEMA(request_policy_list_schema, policy_list_arguments, list_fields);
SCHEMA(request_policy_list_body_schema, policy_list_body, list_body_fields);
SCHEMA(request_policy_set_schema, policy_set_arguments, set_fields);
SCHEMA(request_policy_set_body_schema, policy_set_body, set_body_fields);
SCHEMA(request_policy_name_schema, policy_list_name, name_fields);
SCHEMA(request_policy_show_schema, policy_show_arguments, show_fields);
SCHEMA(request_policy_history_schema, policy_history_arguments, history_fields);
SCHEMA(request_policy_history_body_schema, policy_history_body, history_body_fields);
SCHEMA(request_policy_entry_schema, policy_entry, entry_fields);
