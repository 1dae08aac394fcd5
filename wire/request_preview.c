#include "wire/request_preview.h"

#include "wire/marking.h"

#define FIELD(k, type, must, s, m, lo, hi)                                                         \
	{                                                                                          \
		k, type, must, offsetof(struct s, m), lo, hi                                       \
	}
#define ID(k, must, s, m) FIELD(k, SCHEMA_FIXED, must, s, m, 0, 32)
#define NUMBER(k, s, m, hi) FIELD(k, SCHEMA_UINT, false, s, m, 0, hi)
#define LINE(k, s, m, hi) FIELD(k, SCHEMA_LINE, false, s, m, 0, hi)
#define FLAG(k, s, m) FIELD(k, SCHEMA_BOOL, false, s, m, 0, 0)
#define BIN(k, s, m, hi) FIELD(k, SCHEMA_BIN, false, s, m, 0, hi)
#define LIST(k, s, m, hi) FIELD(k, SCHEMA_LIST, false, s, m, 0, hi)
#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))

#define DECISION_BYTES_MAX 512u
#define RULE_NAME_MAX 64u
#define POLICY_NAME_MAX 128u
#define LISTS_MAX 16u /* of a policy */
#define DIFF_IDS_MAX 4096u
#define CODE_MAX 255u /* of an enum of policy/ */

/* clang-format off */
static const struct schema_field decision_fields[] = {
    NUMBER(0, decision_body, way, CODE_MAX), NUMBER(1, decision_body, action, CODE_MAX),
    NUMBER(2, decision_body, by, CODE_MAX), NUMBER(3, decision_body, reason, UINT16_MAX),
    NUMBER(4, decision_body, ceiling, UINT16_MAX), NUMBER(5, decision_body, ground, CODE_MAX),
    FLAG(6, decision_body, is_derived), NUMBER(7, decision_body, approvers, CODE_MAX),
    NUMBER(8, decision_body, redacted, NUMBER_MAX), NUMBER(9, decision_body, rule, CODE_MAX),
    LINE(10, decision_body, rule_name, RULE_NAME_MAX),
    NUMBER(11, decision_body, rule_line, UINT32_MAX),
};
static const struct schema_field plan_fields[] = {
    LINE(0, plan_arguments, id, 64), LIST(1, plan_arguments, drafts, BATCH_COUNT_MAX),
    ID(2, false, plan_arguments, org),
};
static const struct schema_field plan_body_fields[] = {
    LIST(0, plan_body, records, BATCH_COUNT_MAX), LIST(1, plan_body, groups, 65536),
    NUMBER(2, plan_body, next, BATCH_COUNT_MAX), ID(3, true, plan_body, policy),
    LINE(4, plan_body, policy_name, POLICY_NAME_MAX),
};
static const struct schema_field group_fields[] = {
    FIELD(0, SCHEMA_BIN, true, plan_group, decision, 1, DECISION_BYTES_MAX),
    FIELD(1, SCHEMA_BIN, true, plan_group, peers, 32, 32 * PEERS_MAX),
    FIELD(2, SCHEMA_BIN, true, plan_group, records, 1, BATCH_COUNT_MAX / 8),
};
static const struct schema_field explain_fields[] = {
    FIELD(0, SCHEMA_LINE, true, explain_arguments, id, 8, 64), ID(1, true, explain_arguments, org),
    FLAG(2, explain_arguments, is_inbound),
    BIN(3, explain_arguments, policy, TEXT_BYTES_MAX),
    LIST(4, explain_arguments, lists, LISTS_MAX),
};
static const struct schema_field explain_body_fields[] = {
    ID(0, true, explain_body, id), NUMBER(1, explain_body, tlp, TLP_COUNT - 1),
    ID(2, true, explain_body, author), ID(3, true, explain_body, via),
    NUMBER(4, explain_body, received_ms, TIME_MS_MAX),
    FIELD(5, SCHEMA_BIN, true, explain_body, decision, 1, DECISION_BYTES_MAX),
    ID(6, true, explain_body, policy), LINE(7, explain_body, policy_name, POLICY_NAME_MAX),
    FLAG(8, explain_body, is_in_force), FLAG(9, explain_body, is_hidden),
    LIST(10, explain_body, rules, 64), LIST(11, explain_body, deliveries, 64),
    LIST(12, explain_body, ways, 64), LIST(13, explain_body, logged, 64),
    NUMBER(14, explain_body, waiting, BATCH_COUNT_MAX),
    NUMBER(15, explain_body, held, BATCH_COUNT_MAX), LIST(16, explain_body, approvals, 64),
};
static const struct schema_field rule_fields[] = {
    NUMBER(0, explain_rule, line, UINT32_MAX), NUMBER(1, explain_rule, action, CODE_MAX),
    LINE(2, explain_rule, name, RULE_NAME_MAX), NUMBER(3, explain_rule, approvers, CODE_MAX),
    NUMBER(4, explain_rule, redacted, NUMBER_MAX), NUMBER(5, explain_rule, trace, CODE_MAX),
    LINE(6, explain_rule, source, 256), LINE(7, explain_rule, condition, 1024),
    LINE(8, explain_rule, value, 1024), FLAG(9, explain_rule, is_of_peer),
};
static const struct schema_field logged_fields[] = {
    FIELD(0, SCHEMA_UINT, true, explain_logged, number, 1, NUMBER_MAX),
    NUMBER(1, explain_logged, time_ms, TIME_MS_MAX), ID(2, false, explain_logged, policy),
    LINE(3, explain_logged, rule, RULE_NAME_MAX), NUMBER(4, explain_logged, leaf, NUMBER_MAX),
};
static const struct schema_field approval_fields[] = {
    FIELD(0, SCHEMA_LINE, true, explain_approval, operator_name, 1, PERSON_BYTES_MAX),
    FLAG(1, explain_approval, is_rejection), FLAG(2, explain_approval, counts),
    NUMBER(3, explain_approval, given_ms, TIME_MS_MAX), ID(4, true, explain_approval, policy),
};
static const struct schema_field diff_fields[] = {
    NUMBER(0, diff_arguments, step, DIFF_AFTER), ID(1, false, diff_arguments, hash),
    BIN(2, diff_arguments, text, TEXT_BYTES_MAX),
    LIST(3, diff_arguments, lists, LISTS_MAX), ID(4, false, diff_arguments, org),
    NUMBER(5, diff_arguments, after, NUMBER_MAX),
};
static const struct schema_field diff_body_fields[] = {
    ID(0, false, diff_body, policy), LINE(1, diff_body, policy_name, POLICY_NAME_MAX),
    NUMBER(2, diff_body, examined, DIFF_IDS_MAX), NUMBER(3, diff_body, total, NUMBER_MAX),
    NUMBER(4, diff_body, next, NUMBER_MAX), BIN(5, diff_body, ids, 32 * DIFF_IDS_MAX),
    LIST(6, diff_body, groups, 65536),
};
static const struct schema_field diff_group_fields[] = {
    FIELD(0, SCHEMA_BIN, true, diff_group, before, 1, DECISION_BYTES_MAX),
    FIELD(1, SCHEMA_BIN, true, diff_group, after, 1, DECISION_BYTES_MAX),
    FIELD(2, SCHEMA_BIN, true, diff_group, peers, 32, 32 * PEERS_MAX),
    FIELD(3, SCHEMA_BIN, true, diff_group, records, 1, DIFF_IDS_MAX / 8),
};
/* clang-format on */

#define SCHEMA(name, type, table)                                                                  \
	const struct schema name = {sizeof(struct type), COUNT_OF(table), table}

SCHEMA(request_preview_decision_schema, decision_body, decision_fields);
SCHEMA(request_preview_plan_schema, plan_arguments, plan_fields);
SCHEMA(request_preview_plan_body_schema, plan_body, plan_body_fields);
SCHEMA(request_preview_group_schema, plan_group, group_fields);
SCHEMA(request_preview_explain_schema, explain_arguments, explain_fields);
SCHEMA(request_preview_explain_body_schema, explain_body, explain_body_fields);
SCHEMA(request_preview_rule_schema, explain_rule, rule_fields);
SCHEMA(request_preview_logged_schema, explain_logged, logged_fields);
SCHEMA(request_preview_approval_schema, explain_approval, approval_fields);
SCHEMA(request_preview_diff_schema, diff_arguments, diff_fields);
SCHEMA(request_preview_diff_body_schema, diff_body, diff_body_fields);
SCHEMA(request_preview_diff_group_schema, diff_group, diff_group_fields);
