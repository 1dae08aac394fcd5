/*
 * plan: who would get a stored record, or what a file holds, as the policy stands.  The answer is
 * the send path's own; nothing is sent, stored or changed.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/decision_out.h"
#include "cli/import.h"
#include "formats/markdown.h"

#define CHUNK_BYTES_MAX (REQUEST_BYTES_MAX - 4096u)
#define TOLD_MAX 20u
#define PEERS_NAMED 3u

/* One record that was asked about. */
struct planned {
	uint64_t line; /* in the file; 0: none */
	char *id;      /* what the file calls it, or NULL */
	enum reason reason;
	struct record_id record; /* stored before, or asked about */
};

/* Peers about which the same is decided, of the same records. */
struct plan_outcome {
	struct bytes decision; /* struct decision_body */
	struct bytes peers;
	uint64_t count;
	uint64_t *records; /* positions, ascending */
	size_t cap;
};

struct plan {
	struct cli *cli;
	struct submit *submit;
	const struct names_entry *only;
	const char *kind, *format, *type, *peer;
	struct submit_options options;

	/* drafts that wait to be asked about */
	struct schema_list list;
	struct bytes items;

	struct planned *records;
	size_t count, cap, answered;
	struct plan_outcome *outcomes;
	size_t outcomes_count, outcomes_cap;
	uint8_t policy[32];
	char policy_name[129];
	uint64_t refused;
	bool is_anything_for_anybody;
	int code;
};

/* ---------------------------------------------------------------- answers */

static struct plan_outcome *
find_outcome(struct plan *plan, const struct plan_group *group)
{
	struct plan_outcome *outcome;
	size_t i;

	for (i = 0; i < plan->outcomes_count; i++) {
		outcome = &plan->outcomes[i];
		if (bytes_view_is_equal(bytes_as_view(&outcome->decision), group->decision) &&
		    bytes_view_is_equal(bytes_as_view(&outcome->peers), group->peers))
			return outcome;
	}
	if (plan->outcomes_count == plan->outcomes_cap) {
		size_t cap = plan->outcomes_cap == 0 ? 32 : plan->outcomes_cap * 2;
		struct plan_outcome *grown = realloc(plan->outcomes, cap * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		plan->outcomes = grown;
		plan->outcomes_cap = cap;
	}
	outcome = &plan->outcomes[plan->outcomes_count++];
	*outcome = (struct plan_outcome){0};
	bytes_init(&outcome->decision, 512);
	bytes_init(&outcome->peers, PEERS_MAX * sizeof(struct org_id));
	bytes_append(&outcome->decision, group->decision.data, group->decision.len);
	bytes_append(&outcome->peers, group->peers.data, group->peers.len);
	return outcome->decision.err == ERR_NONE && outcome->peers.err == ERR_NONE ? outcome : NULL;
}

static enum err
add_record(struct plan_outcome *outcome, uint64_t position)
{
	if (outcome->count == outcome->cap) {
		size_t cap = outcome->cap == 0 ? 16 : outcome->cap * 2;
		uint64_t *grown = realloc(outcome->records, cap * sizeof(*grown));

		if (grown == NULL)
			return ERR_MEMORY;
		outcome->records = grown;
		outcome->cap = cap;
	}
	outcome->records[outcome->count++] = position;
	return ERR_NONE;
}

static enum err
take_group(struct plan *plan, const struct plan_group *group)
{
	struct plan_outcome *outcome = find_outcome(plan, group);
	struct decision_body decision;
	enum err err = outcome == NULL ? ERR_MEMORY : ERR_NONE;
	size_t i;

	for (i = 0; err == ERR_NONE && i < 8 * group->records.len; i++) {
		if ((group->records.data[i / 8] >> i % 8 & 1) != 0)
			err = add_record(outcome, plan->answered + i);
	}
	if (err == ERR_NONE)
		err = schema_decode(&request_preview_decision_schema, group->decision, &decision);
	if (err == ERR_NONE && decision_out_reaches(&decision))
		plan->is_anything_for_anybody = true;
	return err;
}

static void
tell_refused(struct plan *plan, const struct planned *record)
{
	if (++plan->refused > TOLD_MAX) {
		if (plan->refused == TOLD_MAX + 1)
			cli_say(plan->cli, _("... more of that kind; the totals follow"));
		return;
	}
	if (record->line > 0)
		cli_complain("%s:%llu: %s (%s)", plan->submit->file,
		    (unsigned long long)record->line, _(reason_text(record->reason)),
		    reason_name(record->reason));
	else
		cli_complain("%s: %s: %s (%s)", plan->submit->file,
		    record->id != NULL ? record->id : "", _(reason_text(record->reason)),
		    reason_name(record->reason));
}

/* Of every record of the answer whether it would be stored at all. */
static void
take_records(struct plan *plan, struct schema_list records)
{
	struct submit_outcome outcome;
	size_t at = plan->answered;

	while (schema_list_next(&records, &request_outcome_schema, &outcome) == ERR_NONE &&
	       at < plan->count) {
		struct planned *record = &plan->records[at++];

		record->reason = (enum reason)outcome.reason;
		memcpy(record->record.bytes, outcome.id, sizeof(record->record.bytes));
		if (reason_is_good(record->reason))
			continue;
		tell_refused(plan, record);
		if (plan->code == 0)
			plan->code = reason_exit_code(record->reason);
	}
}

static int
ask(struct plan *plan, struct plan_arguments *arguments, uint64_t *next)
{
	struct plan_body body;
	struct plan_group group;
	int code;

	if (plan->only != NULL)
		memcpy(arguments->org, plan->only->org.bytes, sizeof(arguments->org));
	code = client_ask(plan->cli, plan->submit->client, REQUEST_PLAN,
	    &request_preview_plan_schema, arguments, &request_preview_plan_body_schema, &body);
	if (code != 0)
		return code;
	take_records(plan, body.records);
	memcpy(plan->policy, body.policy, sizeof(plan->policy));
	(void)snprintf(plan->policy_name, sizeof(plan->policy_name), "%.*s",
	    (int)body.policy_name.len, (const char *)body.policy_name.data);
	while (schema_list_next(&body.groups, &request_preview_group_schema, &group) == ERR_NONE) {
		if (take_group(plan, &group) != ERR_NONE)
			return cli_fail(ERR_MEMORY, "plan");
	}
	plan->answered += body.records.count;
	*next = body.next;
	return 0;
}

/* ---------------------------------------------------------------- a file */

/* What was collected; the node says where it stopped. */
static int
flush(struct plan *plan)
{
	struct plan_arguments arguments = {.drafts = plan->list};
	struct bytes_view draft;
	uint64_t next = 0, i;
	int code = 0;

	while (arguments.drafts.count > 0 && code == 0) {
		code = ask(plan, &arguments, &next);
		if (next == 0)
			break;
		for (i = 0; i < next && code == 0; i++) {
			if (schema_list_next_bin(&arguments.drafts, &draft) != ERR_NONE)
				code = cli_fail(ERR_INVALID, "plan");
		}
	}
	output_progress(plan->cli, plan->submit->file, plan->answered, 0);
	plan->list = (struct schema_list){0};
	bytes_clear(&plan->items);
	return code;
}

static enum err
add_planned(struct plan *plan, const struct draft_place *place)
{
	struct planned *record;

	if (plan->count == plan->cap) {
		size_t cap = plan->cap == 0 ? 64 : plan->cap * 2;
		struct planned *grown = realloc(plan->records, cap * sizeof(*grown));

		if (grown == NULL)
			return ERR_MEMORY;
		plan->records = grown;
		plan->cap = cap;
	}
	record = &plan->records[plan->count++];
	*record = (struct planned){.line = place->line};
	if (place->id.len > 0) {
		record->id = strndup((const char *)place->id.data, place->id.len);
		if (record->id == NULL)
			return ERR_MEMORY;
	}
	return ERR_NONE;
}

static enum err
on_draft(void *context, struct bytes_view draft, const struct draft_place *place)
{
	struct plan *plan = context;
	enum err err = add_planned(plan, place);

	if (err == ERR_NONE && (plan->list.count == BATCH_COUNT_MAX ||
				   plan->items.len + draft.len + 16 > CHUNK_BYTES_MAX)) {
		int code = flush(plan);

		if (code != 0) {
			plan->submit->code = code;
			return ERR_REFUSED;
		}
	}
	return err == ERR_NONE ? schema_list_add_bin(&plan->list, &plan->items, draft) : err;
}

static void
on_note(void *context, const struct draft_place *place, enum reason reason, const char *words)
{
	struct plan *plan = context;
	struct planned record = {.line = place->line, .reason = reason};

	if (reason == REASON_STORED) {
		cli_say(plan->cli, "%s: %s", plan->submit->file, _(words));
		return;
	}
	if (plan->code == 0)
		plan->code = reason_exit_code(reason);
	tell_refused(plan, &record);
}

static bool
has_ending(const char *path, const char *ending)
{
	size_t len = strlen(path), end = strlen(ending);

	return len > end && strcmp(path + len - end, ending) == 0;
}

static int
read_markdown(struct plan *plan, const char *path)
{
	struct bytes text;
	enum record_kind kind = RECORD_NOTE;
	enum err err;

	if (plan->kind != NULL && (!record_kind_parse(bytes_view_str(plan->kind), &kind) ||
				      (kind != RECORD_NOTE && kind != RECORD_ADVISORY)))
		return options_wants("--as", "note, advisory");
	bytes_init(&text, TEXT_BYTES_MAX + 4096);
	err = home_read(path, &text);
	if (err == ERR_NONE)
		err = markdown_read(bytes_as_view(&text), kind, &plan->submit->drafts);
	bytes_release(&text);
	if (err == ERR_NONE || plan->code != 0 || plan->submit->code != 0)
		return plan->submit->code;
	return cli_fail(err, path);
}

static int
plan_file(struct plan *plan, const char *path)
{
	enum observable_type type = 0;
	int code;

	if (plan->type != NULL && !observable_type_parse(bytes_view_str(plan->type), &type))
		return options_wants("--type", _("a type of observable"));
	plan->submit->file = path;
	plan->submit->drafts.put = on_draft;
	plan->submit->drafts.note = on_note;
	plan->submit->drafts.context = plan;
	code = has_ending(path, ".md") && plan->format == NULL
		   ? read_markdown(plan, path)
		   : import_file(plan->submit, path, plan->format, type);
	if (code == 0)
		code = flush(plan);
	output_progress_end(plan->cli);
	return code;
}

static int
plan_record(struct plan *plan, const char *id)
{
	static const struct draft_place nowhere;
	struct plan_arguments arguments = {.id = bytes_view_str(id)};
	uint64_t next;

	if (add_planned(plan, &nowhere) != ERR_NONE)
		return cli_fail(ERR_MEMORY, "plan");
	return ask(plan, &arguments, &next);
}

/* ---------------------------------------------------------------- telling */

static const struct org_id *
peer_at(const struct plan_outcome *outcome, size_t i)
{
	return (
	    const struct org_id *)(const void *)(outcome->peers.data + i * sizeof(struct org_id));
}

static size_t
peers_count(const struct plan_outcome *outcome)
{
	return outcome->peers.len / sizeof(struct org_id);
}

static void
json_place(struct json_out *json, const struct planned *record)
{
	static const struct record_id none;

	if (record->line > 0) {
		json_out_name(json, "line");
		json_out_number(json, record->line);
	}
	if (record->id != NULL) {
		json_out_name(json, "source_id");
		json_out_string(json, record->id);
	}
	if (memcmp(&record->record, &none, sizeof(none)) != 0) {
		json_out_name(json, "id");
		json_out_hex(json, record->record.bytes, sizeof(record->record.bytes));
	}
}

static void
json_outcome(struct json_out *json, const struct plan *plan, const struct plan_outcome *outcome)
{
	struct decision_body decision;
	uint64_t i;

	if (schema_decode(&request_preview_decision_schema, bytes_as_view(&outcome->decision),
		&decision) != ERR_NONE)
		return;
	json_out_object(json);
	decision_out_json(json, &decision);
	json_out_name(json, "peers");
	json_out_array(json);
	for (i = 0; i < peers_count(outcome); i++) {
		const struct org_id *org = peer_at(outcome, i);

		json_out_object(json);
		json_out_name(json, "id");
		json_out_hex(json, org->bytes, sizeof(org->bytes));
		json_out_name(json, "name");
		json_out_string(json, names_of(&plan->submit->names, org->bytes));
		json_out_object_end(json);
	}
	json_out_array_end(json);
	json_out_name(json, "count");
	json_out_number(json, outcome->count);
	json_out_name(json, "records");
	json_out_array(json);
	for (i = 0; i < outcome->count; i++)
		json_out_number(json, outcome->records[i]);
	json_out_array_end(json);
	json_out_object_end(json);
}

static void
print_json(const struct plan *plan)
{
	struct json_out json;
	size_t i;

	json_out_open(&json, stdout);
	json_out_object(&json);
	json_out_name(&json, "policy");
	json_out_object(&json);
	json_out_name(&json, "hash");
	json_out_hex(&json, plan->policy, sizeof(plan->policy));
	json_out_name(&json, "name");
	json_out_string(&json, plan->policy_name);
	json_out_object_end(&json);
	json_out_name(&json, "records");
	json_out_array(&json);
	for (i = 0; i < plan->answered; i++) {
		json_out_object(&json);
		json_place(&json, &plan->records[i]);
		json_out_name(&json, "outcome");
		json_out_string(&json, reason_name(plan->records[i].reason));
		json_out_object_end(&json);
	}
	json_out_array_end(&json);
	json_out_name(&json, "refused");
	json_out_number(&json, plan->refused);
	json_out_name(&json, "decisions");
	json_out_array(&json);
	for (i = 0; i < plan->outcomes_count; i++)
		json_outcome(&json, plan, &plan->outcomes[i]);
	json_out_array_end(&json);
	json_out_object_end(&json);
	json_out_close(&json);
}

/* The first names, and how many more. */
static void
write_peers(const struct plan *plan, const struct plan_outcome *outcome, char *out, size_t size)
{
	size_t count = peers_count(outcome), len = 0, i;
	/* with one more, its name is shorter than "and 1 more" */
	size_t named = count <= PEERS_NAMED + 1 ? count : PEERS_NAMED;

	out[0] = '\0';
	for (i = 0; i < named && len < size; i++) {
		(void)snprintf(out + len, size - len, "%s%s", i > 0 ? ", " : "",
		    names_of(&plan->submit->names, peer_at(outcome, i)->bytes));
		len = strlen(out);
	}
	if (named < count && len < size)
		(void)snprintf(out + len, size - len, _(" and %llu more"),
		    (unsigned long long)(count - named));
}

static void
print_table(const struct plan *plan)
{
	static const char *const heads[] = {
	    N_("PEER"), N_("RECORDS"), N_("DECISION"), N_("RULE"), N_("CEILING"), N_("WHY"), NULL};
	char action[DECISION_OUT_BYTES], rule[DECISION_OUT_BYTES], why[DECISION_OUT_BYTES];
	char peers[4 * (NAME_BYTES_MAX + 2) + 64];
	struct decision_body decision;
	struct output_table table;
	size_t i;

	output_table_open(&table, plan->cli, heads);
	for (i = 0; i < plan->outcomes_count; i++) {
		const struct plan_outcome *outcome = &plan->outcomes[i];

		if (schema_decode(&request_preview_decision_schema,
			bytes_as_view(&outcome->decision), &decision) != ERR_NONE)
			continue;
		write_peers(plan, outcome, peers, sizeof(peers));
		decision_out_action(&decision, action);
		decision_out_rule(&decision, rule);
		decision_out_why(&decision, why);
		output_table_text(&table, bytes_view_str(peers), 48);
		output_table_cell(&table, "%llu", (unsigned long long)outcome->count);
		output_table_cell(&table, "%s", action);
		output_table_cell(&table, "%s", rule);
		output_table_cell(&table, "%s",
		    decision.way != DECISION_ASKED      ? "-"
		    : decision.ceiling == REASON_STORED ? _("may go")
							: _("may not go"));
		output_table_cell(&table, "%s", why);
	}
	output_table_close(&table);
	if (plan->outcomes_count == 0 && plan->answered > 0)
		cli_say(plan->cli, _("no peer would get any of it"));
}

/* Records that would not be stored anew, in words. */
static void
say_records(const struct plan *plan)
{
	uint64_t known = 0;
	size_t i;

	for (i = 0; i < plan->answered; i++) {
		if (plan->records[i].reason == REASON_DUPLICATE && known++ == 0)
			cli_say(plan->cli, _("shared before: %s"),
			    output_full_id(plan->records[i].record.bytes));
	}
	if (known > 1)
		cli_say(plan->cli, _("%llu were shared before, and are there already"),
		    (unsigned long long)known);
	if (plan->refused > 0)
		cli_say(plan->cli, _("%llu would be refused"), (unsigned long long)plan->refused);
}

/* ---------------------------------------------------------------- the command */

static bool
is_file(const char *path)
{
	struct stat status;

	return strcmp(path, "-") == 0 || stat(path, &status) == 0;
}

static bool
is_id(const char *text)
{
	size_t len = strlen(text);

	return len >= 8 && len <= 64 && strspn(text, "0123456789abcdefABCDEF") == len;
}

/* Of a stored record --to is the peer that is asked about: its recipients stand fixed. */
static int
run(struct plan *plan, const char *what)
{
	bool is_record = !is_file(what) && is_id(what);
	const char *peer = plan->peer;
	int code;

	if (!is_record && !is_file(what)) {
		cli_complain(_("%s: neither a file nor the beginning of a record's id"), what);
		return err_exit_code(ERR_NOT_FOUND);
	}
	if (is_record && plan->options.to_count > 0) {
		if (plan->options.to_count > 1 || peer != NULL)
			return options_wants("--to", _("one peer, of a stored record"));
		peer = plan->options.to[0];
		plan->options.to_count = 0;
	}
	code = submit_open(plan->cli, &plan->options, &plan->submit);
	if (code == 0 && peer != NULL) {
		plan->only = names_find(&plan->submit->names, peer);
		if (plan->only == NULL)
			return err_exit_code(ERR_NOT_FOUND);
	}
	if (code == 0)
		code = is_record ? plan_record(plan, what) : plan_file(plan, what);
	if (code != 0)
		return code;
	if (plan->cli->is_json) {
		print_json(plan);
	} else {
		print_table(plan);
		say_records(plan);
	}
	if (plan->code != 0)
		return plan->code;
	return plan->is_anything_for_anybody ? 0 : err_exit_code(ERR_NOT_FOUND);
}

static void
release(struct plan *plan)
{
	size_t i;

	submit_close(plan->submit);
	bytes_release(&plan->items);
	for (i = 0; i < plan->count; i++)
		free(plan->records[i].id);
	free(plan->records);
	for (i = 0; i < plan->outcomes_count; i++) {
		bytes_release(&plan->outcomes[i].decision);
		bytes_release(&plan->outcomes[i].peers);
		free(plan->outcomes[i].records);
	}
	free(plan->outcomes);
}

int
plan_run(struct cli *cli)
{
	struct plan plan = {.cli = cli};
	struct option_spec specs[SUBMIT_SPECS_MAX];
	uint32_t count = submit_specs(&plan.options, specs);
	int code;

	specs[count++] = (struct option_spec){"--peer", NULL, &plan.peer, NULL, NULL};
	specs[count++] = (struct option_spec){"--format", NULL, &plan.format, NULL, NULL};
	specs[count++] = (struct option_spec){"--type", NULL, &plan.type, NULL, NULL};
	specs[count++] = (struct option_spec){"--as", NULL, &plan.kind, NULL, NULL};
	if (!options_take(cli, specs, count) || cli->argc != 1)
		return cli_usage(cli);
	bytes_init(&plan.items, REQUEST_BYTES_MAX);
	if (has_ending(cli->argv[0], ".md"))
		plan.options.lang = cli->lang;
	code = run(&plan, cli->argv[0]);
	release(&plan);
	return code;
}
