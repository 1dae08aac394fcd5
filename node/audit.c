#include "node/audit.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/tree.h"
#include "node/decided.h"
#include "store/policies.h"
#include "wire/request_policy.h"

const char *
audit_policy(struct core *core, const struct event_details *details, const struct event *event)
{
	struct policy_set_arguments arguments;
	struct signed_thing thing;
	struct policies_row row;
	struct hash text, signed_arguments;
	struct act act;
	enum err err;

	if (details->signed_thing.len == 0)
		return NULL;
	err = policies_of_leaf(core->store, event->index, &row);
	if (err == ERR_NOT_FOUND)
		return "the policy that was set is not in the store";
	if (core_failed(core, err))
		return NULL;
	digest_sha256(row.arguments, &signed_arguments);
	if (signed_decode(details->signed_thing, ENVELOPE_BYTES_MAX, &thing) != ERR_NONE ||
	    request_act_decode(thing.statement, &act) != ERR_NONE ||
	    !digest_is_equal(&act.arguments, &signed_arguments))
		return "the policy in the store is not the one that was signed";
	if (schema_decode(&request_policy_set_schema, row.arguments, &arguments) == ERR_NONE) {
		digest_sha256(arguments.text, &text);
		if (memcmp(text.bytes, event->object, sizeof(event->object)) == 0)
			return NULL;
	}
	return "it speaks of another policy than the one that was set";
}

struct decided_rows {
	struct core *core;
	struct record_id ids[BATCH_COUNT_MAX];
	bool has[BATCH_COUNT_MAX];
	int64_t batch; /* whose ids those are; 0: nobody's */
	struct hash rows[STATE_BUILDS_MAX];
	uint32_t count;
	uint64_t decisions;
	struct hash policy;
	bool is_wrong;
};

static enum err
hash_decided(void *context, const struct decisions_row *row)
{
	struct decided_rows *rows = context;
	uint64_t count = 0;
	enum err err = ERR_NONE;

	if (rows->count == STATE_BUILDS_MAX || !digest_is_equal(&row->policy, &rows->policy)) {
		rows->is_wrong = true;
		return ERR_NONE;
	}
	if (rows->batch != row->batch)
		err = records_ids(rows->core->store, row->batch, rows->ids, rows->has);
	rows->batch = row->batch;
	if (err == ERR_NONE)
		err = decided_hash(row, rows->ids, rows->has, &rows->rows[rows->count++], &count);
	rows->decisions += count;
	rows->is_wrong |= err == ERR_MISSING;
	return err == ERR_MISSING ? ERR_NONE : err;
}

/* Whether the rows beside a leaf are those whose root it has. */
const char *
audit_decided(struct core *core, const struct event_details *details, uint64_t leaf)
{
	struct decided_rows *rows = calloc(1, sizeof(*rows));
	const char *words = NULL;
	struct hash root;

	if (rows == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return NULL;
	}
	rows->core = core;
	rows->policy = details->policy;
	if (!core_failed(core, decisions_of_leaf(core->store, leaf, hash_decided, rows))) {
		tree_root(rows->rows, rows->count, &root);
		if (rows->is_wrong || !digest_is_equal(&root, &details->records) ||
		    rows->decisions != details->count)
			words = "the decisions in the store are not those it speaks of";
	}
	free(rows);
	return words;
}
