#include "node/retention.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "node/journal.h"
#include "node/judge.h"
#include "store/search.h"

#define EVERY_MS 3600000u
#define STRETCH 4096   /* records looked at by their columns in one go, */
#define READ_MOST 512u /* and so many of them read */

/* ------------------------------------------------------------------ finding */

/* The records of a stretch that some rule may want gone. */
struct stretch {
	int64_t after;
	int64_t until;   /* shorter where a rule may want very many */
	uint32_t marked; /* by the rule that is being asked */
	uint8_t may[STRETCH / 8];
};

static enum err
mark(void *context, const struct record_row *row)
{
	struct stretch *stretch = context;
	uint64_t at = (uint64_t)(row->seq - stretch->after - 1);

	stretch->may[at / 8] |= (uint8_t)(1u << at % 8);
	if (++stretch->marked < READ_MOST)
		return ERR_NONE;
	stretch->until = row->seq;
	return ERR_NO;
}

/* By the columns; a rule that asks what they do not tell may want any of them. */
static void
mark_by_rule(struct core *core, const struct rule *rule, struct stretch *stretch)
{
	struct search_query query = {
	    .predicate = rule->where.nodes_count == 0 ? NULL : &rule->where,
	    .now_ms = core->now_ms,
	    .after = stretch->after,
	    .most = STRETCH,
	    .until = stretch->until};
	enum err err;

	stretch->marked = 0;
	err = search_records(core->store, &query, mark, stretch);
	if (err == ERR_INVALID || err == ERR_TOO_LARGE) {
		query.predicate = NULL;
		err = search_records(core->store, &query, mark, stretch);
	}
	if (err != ERR_NO)
		(void)core_failed(core, err);
}

/* Most of what is read is wanted, and nothing else is asked of the store for it. */
static bool
is_unwanted(struct core *core, const struct record_row *row, int *rule)
{
	struct decide_input input;
	struct decision decision;

	if (core_failed(core, record_decode(row->body, false, &core->record, NULL)))
		return false;
	judge_input(core, RULE_RETENTION, &core->record, NULL, 0, NULL, core->now_ms, &input);
	input.context.received_ms = row->received_ms;
	decision = decide_retention(core->policy, &input);
	*rule = decision.rule;
	return decision.action == RULE_ERASE;
}

/* One that was erased since is passed over. */
static void
consider(struct core *core, int64_t seq, struct retention_slice *out)
{
	struct retention_found *found = &out->at[out->count];
	struct record_row row;
	enum err err = records_get_row(core->store, seq, &row);

	if (err == ERR_NOT_FOUND || core_failed(core, err) ||
	    !is_unwanted(core, &row, &found->rule))
		return;
	erasing_look(core, &row, &found->erasing);
	found->reason = found->erasing.reason;
	if (found->reason == REASON_STORED && found->erasing.is_waiting &&
	    !found->erasing.is_expired)
		found->reason = REASON_BUSY;
	out->count++;
}

void
retention_find(struct core *core, int64_t *cursor, struct retention_slice *out)
{
	const int64_t last = records_last(core->store);
	struct stretch stretch = {
	    .after = *cursor, .until = last - *cursor > STRETCH ? *cursor + STRETCH : last};
	uint32_t i, read = 0;
	int64_t seq;

	out->count = 0;
	for (i = 0; i < core->policy->retain.count && stretch.until > *cursor; i++)
		mark_by_rule(core, &core->policy->retain.at[i], &stretch);
	for (seq = *cursor + 1; seq <= stretch.until && core->failed == ERR_NONE; seq++) {
		uint64_t at = (uint64_t)(seq - stretch.after - 1);

		if (out->count == RETENTION_MOST || read == READ_MOST)
			break;
		if ((stretch.may[at / 8] >> at % 8 & 1u) != 0) {
			consider(core, seq, out);
			read++;
		}
		*cursor = seq;
	}
	if (*cursor >= last || core->policy->retain.count == 0)
		*cursor = 0;
}

/* ------------------------------------------------------------------ erasing */

/* One leaf for what one rule took of a slice. */
static void
erase_by_rule(struct core *core, const struct retention_slice *slice, int rule,
    const uint8_t actor[32], struct journal_records *records)
{
	const struct rule *decided = &core->policy->retain.at[rule];
	struct event_details details = {.has_policy = true, .policy = core->policy->hash};
	char text[RULE_NAME_BYTES_MAX + 64];
	uint32_t i;

	records->count = 0;
	for (i = 0; i < slice->count && core->failed == ERR_NONE; i++) {
		if (slice->at[i].rule != rule || slice->at[i].reason != REASON_STORED)
			continue;
		erasing_do(core, &slice->at[i].erasing);
		journal_record(records, &slice->at[i].erasing.id, REASON_STORED);
	}
	if (records->count == 0 || core->failed != ERR_NONE)
		return;
	journal_records_into(records, &details);
	(void)snprintf(text, sizeof(text), "retain%s%s (line %u)",
	    decided->name[0] == '\0' ? "" : " ", decided->name, (unsigned)decided->line);
	details.text = bytes_view_str(text);
	journal_append(core, EVENT_ERASED, actor, details.records.bytes, &details);
}

void
retention_erase(struct core *core, const struct retention_slice *slice, const uint8_t actor[32])
{
	struct journal_records *records = malloc(sizeof(*records));
	int rule;

	if (records == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	for (rule = 0; rule < (int)core->policy->retain.count; rule++)
		erase_by_rule(core, slice, rule, actor, records);
	free(records);
}

/* ------------------------------------------------------------------ the schedule */

bool
retention_is_running(const struct core *core)
{
	return core->retention.is_running;
}

void
retention_forget(struct core *core)
{
	core->retention.is_running = false;
	core->retention.due_ms = core->now_ms + EVERY_MS / 60;
}

static bool
is_new_policy(const struct core *core)
{
	return !digest_is_equal(&core->retention.policy, &core->policy->hash);
}

uint64_t
retention_next_ms(const struct core *core)
{
	if (core->policy->retain.count == 0)
		return UINT64_MAX;
	return is_new_policy(core) ? core->now_ms : core->retention.due_ms;
}

static void
begin_run(struct core *core)
{
	core->retention.is_running = true;
	core->retention.cursor = 0;
	core->retention.erased = 0;
	core->retention.policy = core->policy->hash;
	core->retention.due_ms = core->now_ms + EVERY_MS;
}

void
retention_step(struct core *core)
{
	struct retention_slice *slice;
	uint32_t i;

	if (core->policy->retain.count == 0) {
		core->retention.is_running = false;
		return;
	}
	if (is_new_policy(core) ||
	    (!core->retention.is_running && core->now_ms >= core->retention.due_ms))
		begin_run(core);
	if (!core->retention.is_running)
		return;
	slice = malloc(sizeof(*slice));
	if (slice == NULL) {
		(void)core_failed(core, ERR_MEMORY);
		return;
	}
	retention_find(core, &core->retention.cursor, slice);
	if (core->failed == ERR_NONE)
		retention_erase(core, slice, core->org.bytes);
	for (i = 0; i < slice->count; i++)
		core->retention.erased += slice->at[i].reason == REASON_STORED;
	free(slice);
	if (core->retention.cursor != 0)
		return;
	core->retention.is_running = false;
	if (core->retention.erased > 0)
		log_line(LOG_INFO, "retention: %llu records erased",
		    (unsigned long long)core->retention.erased);
}
