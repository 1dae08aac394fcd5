/*
 * policy_replay: past decisions made again, under the very policy that decided or under another
 * one.  The node decides, part after part of its log.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/decision_out.h"
#include "cli/options.h"
#include "cli/policy_send.h"
#include "wire/request_policy.h"

#define LIMIT_DEFAULT 100u

struct replay {
	struct cli *cli;
	struct client *client;
	struct names names;
	struct json_out json;
	struct output_table table;
	uint64_t from, limit;
	uint64_t size;
	bool has_candidate;
	char name[NAME_BYTES_MAX + 1];
	uint64_t listed, examined, differing, unlike, gone;
};

static int
ask(struct replay *replay, const struct policy_replay_arguments *arguments,
    struct policy_replay_body *body)
{
	return client_ask(replay->cli, replay->client, REQUEST_POLICY_REPLAY,
	    &request_policy_replay_schema, arguments, &request_policy_replay_body_schema, body);
}

/* ------------------------------------------------------------------ telling */

static void
json_decision(struct json_out *json, const char *name, const struct decision_body *decision)
{
	json_out_name(json, name);
	json_out_object(json);
	decision_out_json(json, decision);
	json_out_object_end(json);
}

static void
json_entry(struct replay *replay, const struct policy_replay_entry *entry,
    const struct decision_body *then, const struct decision_body *now)
{
	struct json_out *json = &replay->json;

	json_out_object(json);
	json_out_name(json, "leaf");
	json_out_number(json, entry->leaf);
	json_out_name(json, "time");
	json_out_time(json, entry->time_ms);
	json_out_name(json, "record");
	json_out_hex(json, entry->id, sizeof(entry->id));
	json_out_name(json, "peer");
	json_out_hex(json, entry->org, sizeof(entry->org));
	json_out_name(json, "peer_name");
	json_out_string(json, names_of(&replay->names, entry->org));
	json_out_name(json, "direction");
	json_out_string(json, entry->is_inbound ? "inbound" : "outbound");
	json_out_name(json, "logged");
	json_out_string(json, reason_name((enum reason)entry->logged));
	json_out_name(json, "policy");
	json_out_hex(json, entry->policy, sizeof(entry->policy));
	json_decision(json, "then", then);
	json_decision(json, "now", now);
	json_out_object_end(json);
}

static void
print_entry(struct replay *replay, const struct policy_replay_entry *entry,
    const struct decision_body *then, const struct decision_body *now)
{
	char action[DECISION_OUT_BYTES], rule[DECISION_OUT_BYTES];

	output_table_cell(&replay->table, "%llu", (unsigned long long)entry->leaf);
	output_table_cell(&replay->table, "%s", output_time(entry->time_ms));
	output_table_cell(&replay->table, "%s", output_id(entry->id));
	output_table_cell(&replay->table, "%s %.32s", entry->is_inbound ? _("from") : _("to"),
	    names_of(&replay->names, entry->org));
	if (replay->has_candidate) {
		decision_out_action(then, action);
		decision_out_rule(then, rule);
		output_table_cell(&replay->table, "%s (%s)", action, rule);
	} else {
		output_table_cell(&replay->table, "%s", reason_name((enum reason)entry->logged));
	}
	decision_out_action(now, action);
	decision_out_rule(now, rule);
	output_table_cell(&replay->table, "%s (%s)", action, rule);
}

static int
tell(struct replay *replay, struct policy_replay_body *body)
{
	struct policy_replay_entry entry;
	struct decision_body then, now;

	while (schema_list_next(&body->entries, &request_policy_replay_entry_schema, &entry) ==
	       ERR_NONE) {
		if (replay->listed == replay->limit)
			continue;
		if (schema_decode(&request_preview_decision_schema, entry.then, &then) !=
			ERR_NONE ||
		    schema_decode(&request_preview_decision_schema, entry.now, &now) != ERR_NONE)
			return cli_fail(ERR_INVALID, "policy replay");
		replay->listed++;
		if (replay->cli->is_json)
			json_entry(replay, &entry, &then, &now);
		else
			print_entry(replay, &entry, &then, &now);
	}
	replay->examined += body->examined;
	replay->differing += body->differing;
	replay->unlike += body->unlike;
	replay->gone += body->gone;
	return 0;
}

static void
say_totals(const struct replay *replay)
{
	if (replay->has_candidate)
		cli_say(replay->cli,
		    _("%llu decisions in %llu leaves; %llu would have been others under \"%s\""),
		    (unsigned long long)replay->examined, (unsigned long long)replay->size,
		    (unsigned long long)replay->differing, replay->name);
	else
		cli_say(replay->cli,
		    _("%llu decisions in %llu leaves, made again under the policies that made "
		      "them; %llu came out differently"),
		    (unsigned long long)replay->examined, (unsigned long long)replay->size,
		    (unsigned long long)replay->unlike);
	if (replay->differing > replay->listed)
		cli_say(replay->cli, _("the first %llu are listed: --limit N lists more"),
		    (unsigned long long)replay->listed);
	if (replay->gone > 0)
		cli_say(replay->cli,
		    _("%llu cannot be made again: their record or their policy is gone"),
		    (unsigned long long)replay->gone);
	if (replay->has_candidate && replay->unlike > 0)
		cli_complain(_("%llu come out differently under the very policy that made them: "
			       "malla policy replay lists them"),
		    (unsigned long long)replay->unlike);
}

/* ------------------------------------------------------------------ asking */

static int
hash_in_force(struct replay *replay, uint8_t out[32])
{
	static const struct policy_show_arguments in_force;
	struct policy_body body;
	int code = client_ask(replay->cli, replay->client, REQUEST_POLICY_SHOW,
	    &request_policy_show_schema, &in_force, &request_policy_schema, &body);

	if (code == 0)
		memcpy(out, body.hash, sizeof(body.hash));
	return code;
}

/* The candidate: a file, `current`, or none. */
static int
begin(struct replay *replay, const struct names_entry *only)
{
	struct policy_replay_arguments arguments = {.begins = true};
	struct policy_load *load = calloc(1, sizeof(*load));
	struct policy_replay_body body;
	struct bytes items;
	int code = 0;

	if (load == NULL)
		return cli_fail(ERR_MEMORY, "policy replay");
	bytes_init(&items, REQUEST_BYTES_MAX);
	if (only != NULL)
		memcpy(arguments.org, only->org.bytes, sizeof(arguments.org));
	replay->has_candidate = replay->cli->argc == 1;
	if (replay->has_candidate && strcmp(replay->cli->argv[0], "current") == 0) {
		code = hash_in_force(replay, arguments.hash);
	} else if (replay->has_candidate) {
		code = policy_send(replay->cli, replay->client, replay->cli->argv[0], load,
		    &arguments.lists, &items);
		arguments.text = bytes_as_view(&load->text);
	}
	if (code == 0)
		code = ask(replay, &arguments, &body);
	if (code == 0) {
		replay->size = body.size;
		(void)snprintf(replay->name, sizeof(replay->name), "%.*s", (int)body.name.len,
		    (const char *)body.name.data);
	}
	policy_load_release(load);
	bytes_release(&items);
	free(load);
	return code;
}

static int
walk(struct replay *replay)
{
	struct policy_replay_arguments arguments = {.leaf = replay->from};
	struct policy_replay_body body = {0};
	int code;

	do {
		code = ask(replay, &arguments, &body);
		if (code == 0)
			code = tell(replay, &body);
		if (code == 0)
			output_progress(
			    replay->cli, _("leaves replayed:"), body.leaf, replay->size);
		arguments.leaf = body.leaf;
		arguments.inside = body.inside;
	} while (code == 0 && !body.is_done);
	output_progress_end(replay->cli);
	return code;
}

static void
open_list(struct replay *replay)
{
	static const char *const heads[] = {
	    N_("LEAF"), N_("TIME"), N_("RECORD"), N_("PEER"), N_("THEN"), N_("NOW"), NULL};

	if (!replay->cli->is_json) {
		output_table_open(&replay->table, replay->cli, heads);
		return;
	}
	json_out_open(&replay->json, stdout);
	json_out_object(&replay->json);
	json_out_name(&replay->json, "differences");
	json_out_array(&replay->json);
}

static void
close_list(struct replay *replay)
{
	struct json_out *json = &replay->json;

	if (!replay->cli->is_json) {
		output_table_close(&replay->table);
		return;
	}
	json_out_array_end(json);
	json_out_name(json, "leaves");
	json_out_number(json, replay->size);
	json_out_name(json, "examined");
	json_out_number(json, replay->examined);
	json_out_name(json, "differing");
	json_out_number(json, replay->differing);
	json_out_name(json, "unlike");
	json_out_number(json, replay->unlike);
	json_out_name(json, "gone");
	json_out_number(json, replay->gone);
	json_out_object_end(json);
	json_out_close(json);
}

static int
run(struct replay *replay, const char *peer)
{
	const struct names_entry *only = NULL;
	int code = names_load(replay->cli, replay->client, &replay->names);

	if (code == 0 && peer != NULL) {
		only = names_find(&replay->names, peer);
		if (only == NULL)
			return err_exit_code(ERR_NOT_FOUND);
	}
	if (code == 0)
		code = begin(replay, only);
	if (code != 0)
		return code;
	open_list(replay);
	code = walk(replay);
	close_list(replay);
	if (code == 0)
		say_totals(replay);
	/* a decision that cannot be made again as it was made is a finding */
	return code == 0 && replay->unlike > 0 ? err_exit_code(ERR_NOT_FOUND) : code;
}

/* The number, or otherwise where none is given. */
static bool
take_number(const char *text, uint64_t otherwise, uint64_t *out)
{
	char *end;

	*out = otherwise;
	if (text == NULL)
		return true;
	*out = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && *out <= NUMBER_MAX;
}

int
policy_replay_run(struct cli *cli)
{
	const char *from = NULL, *limit = NULL, *peer = NULL;
	const struct option_spec specs[] = {{.name = "--from", .value = &from},
	    {.name = "--limit", .value = &limit}, {.name = "--peer", .value = &peer}};
	struct replay *replay;
	int code;

	if (!options_take(cli, specs, sizeof(specs) / sizeof(*specs)) || cli->argc > 1)
		return cli_usage(cli);
	replay = calloc(1, sizeof(*replay));
	if (replay == NULL)
		return cli_fail(ERR_MEMORY, "policy replay");
	replay->cli = cli;
	if (!take_number(from, 0, &replay->from))
		code = options_wants("--from", _("the index of a leaf"));
	else if (!take_number(limit, cli->is_json ? UINT64_MAX : LIMIT_DEFAULT, &replay->limit))
		code = options_wants("--limit", _("a number"));
	else if (client_open(&cli->home, &replay->client) != ERR_NONE)
		code = cli_fail(ERR_UNREACHABLE, cli->home.path);
	else
		code = run(replay, peer);
	client_close(replay->client);
	free(replay);
	return code;
}
