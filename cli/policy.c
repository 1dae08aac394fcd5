#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/policy_send.h"
#include "wire/request_policy.h"

#define HISTORY_PAGE 100u

static void
json_hash(struct json_out *json, const char *name, const uint8_t hash[32])
{
	json_out_name(json, name);
	json_out_hex(json, hash, 32);
}

/* A hash as `policy history --json` prints it. */
static bool
take_hash(const char *option, const char *text, uint8_t out[32])
{
	if (text == NULL)
		return true;
	if (strlen(text) == 64 && hex_decode(text, out, 32) == ERR_NONE)
		return true;
	(void)options_wants(option, _("the 64 digits of a policy's hash"));
	return false;
}

/* ------------------------------------------------------------------ show */

static void
json_policy(const struct policy_body *body)
{
	struct schema_list lists = body->lists;
	struct policy_list_name list;
	struct json_out json;

	json_out_open(&json, stdout);
	json_out_object(&json);
	json_hash(&json, "hash", body->hash);
	json_out_name(&json, "in_force");
	json_out_bool(&json, body->is_in_force);
	json_out_name(&json, "problem");
	json_out_text(&json, body->problem);
	json_out_name(&json, "text");
	json_out_text(&json, body->text);
	if (body->time_ms != 0) {
		json_out_name(&json, "time");
		json_out_time(&json, body->time_ms);
		json_out_name(&json, "leaf");
		json_out_number(&json, body->leaf);
		json_out_name(&json, "operator");
		json_out_text(&json, body->operator_name);
		json_out_name(&json, "note");
		json_out_text(&json, body->note);
	}
	json_out_name(&json, "lists");
	json_out_array(&json);
	while (schema_list_next(&lists, &request_policy_name_schema, &list) == ERR_NONE) {
		json_out_object(&json);
		json_out_name(&json, "name");
		json_out_text(&json, list.name);
		json_hash(&json, "hash", list.hash);
		json_out_name(&json, "entries");
		json_out_number(&json, list.entries);
		json_out_object_end(&json);
	}
	json_out_array_end(&json);
	json_out_object_end(&json);
	json_out_close(&json);
}

int
policy_show_run(struct cli *cli)
{
	struct policy_show_arguments arguments = {{0}};
	const char *hash = NULL;
	const struct option_spec specs[] = {{.name = "--hash", .value = &hash}};
	struct policy_body body;
	struct client *client;
	int code;

	if (!options_take(cli, specs, 1) || cli->argc != 0)
		return cli_usage(cli);
	if (!take_hash("--hash", hash, arguments.hash))
		return err_exit_code(ERR_USAGE);
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	code = client_ask(cli, client, REQUEST_POLICY_SHOW, &request_policy_show_schema, &arguments,
	    &request_policy_schema, &body);
	if (code == 0 && cli->is_json)
		json_policy(&body);
	else if (code == 0)
		output_text(stdout, body.text);
	if (code == 0 && body.problem.len > 0)
		cli_complain(
		    _("the policy that was set last cannot be read any more (%.*s): nothing "
		      "is shared or accepted; set one with malla policy set FILE"),
		    (int)body.problem.len, (const char *)body.problem.data);
	client_close(client);
	return code;
}

/* ------------------------------------------------------------------ set */

static void
say_set(struct cli *cli, const char *name, const struct policy_set_body *body)
{
	struct json_out json;

	if (!cli->is_json) {
		cli_say(cli, _("\"%s\" is in force: %s (before: %s)"), name, output_id(body->hash),
		    output_id(body->before));
		return;
	}
	json_out_open(&json, stdout);
	json_out_object(&json);
	json_hash(&json, "hash", body->hash);
	json_hash(&json, "before", body->before);
	json_out_name(&json, "leaf");
	json_out_number(&json, body->leaf);
	json_out_object_end(&json);
	json_out_close(&json);
}

static int
set_policy(struct cli *cli, struct client *client, const char *path,
    struct policy_set_arguments *arguments)
{
	struct policy_load *load = calloc(1, sizeof(*load));
	struct policy_set_body body;
	struct bytes items;
	int code;

	if (load == NULL)
		return cli_fail(ERR_MEMORY, path);
	bytes_init(&items, REQUEST_BYTES_MAX);
	code = policy_send(cli, client, path, load, &arguments->lists, &items);
	arguments->text = bytes_as_view(&load->text);
	if (code == 0)
		code = client_ask(cli, client, REQUEST_POLICY_SET, &request_policy_set_schema,
		    arguments, &request_policy_set_body_schema, &body);
	if (code == 0)
		say_set(cli, load->policy->name, &body);
	policy_load_release(load);
	bytes_release(&items);
	free(load);
	return code;
}

int
policy_set_run(struct cli *cli)
{
	struct policy_set_arguments arguments = {0};
	const char *note = NULL, *hash = NULL;
	const struct option_spec specs[] = {
	    {.name = "--note", .value = &note}, {.name = "--if-hash", .value = &hash}};
	struct client *client;
	int code;

	if (!options_take(cli, specs, 2) || cli->argc != 1)
		return cli_usage(cli);
	if (!take_hash("--if-hash", hash, arguments.if_hash))
		return err_exit_code(ERR_USAGE);
	if (note != NULL)
		arguments.note = bytes_view_str(note);
	if (arguments.note.len > REQUEST_POLICY_NOTE_BYTES_MAX)
		return options_wants("--note", _("one line of at most 256 bytes"));
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	code = set_policy(cli, client, cli->argv[0], &arguments);
	client_close(client);
	return code;
}

/* ------------------------------------------------------------------ history */

struct history {
	struct cli *cli;
	struct json_out json;
	struct output_table table;
};

static void
show_entry(struct history *history, const struct policy_entry *entry)
{
	struct json_out *json = &history->json;

	if (!history->cli->is_json) {
		output_table_cell(&history->table, "%s", output_time(entry->time_ms));
		output_table_cell(&history->table, "%s%s", output_id(entry->hash),
		    entry->is_in_force ? " *" : "");
		output_table_text(&history->table, entry->name, 40);
		output_table_text(&history->table, entry->operator_name, 24);
		output_table_text(&history->table, entry->note, 60);
		return;
	}
	json_out_object(json);
	json_out_name(json, "time");
	json_out_time(json, entry->time_ms);
	json_hash(json, "hash", entry->hash);
	json_out_name(json, "leaf");
	json_out_number(json, entry->leaf);
	json_out_name(json, "name");
	json_out_text(json, entry->name);
	json_out_name(json, "operator");
	json_out_text(json, entry->operator_name);
	json_out_name(json, "note");
	json_out_text(json, entry->note);
	json_out_name(json, "in_force");
	json_out_bool(json, entry->is_in_force);
	json_out_object_end(json);
}

static int
list_history(struct history *history, struct client *client, uint64_t *shown)
{
	struct policy_history_arguments arguments = {.limit = HISTORY_PAGE};
	struct policy_history_body body = {0};
	struct policy_entry entry;
	int code;

	do {
		code = client_ask(history->cli, client, REQUEST_POLICY_HISTORY,
		    &request_policy_history_schema, &arguments, &request_policy_history_body_schema,
		    &body);
		while (code == 0 && schema_list_next(&body.entries, &request_policy_entry_schema,
					&entry) == ERR_NONE) {
			show_entry(history, &entry);
			(*shown)++;
		}
		arguments.before = body.next;
	} while (code == 0 && body.next != 0);
	return code;
}

int
policy_history_run(struct cli *cli)
{
	static const char *const heads[] = {
	    N_("TIME"), N_("HASH"), N_("NAME"), N_("OPERATOR"), N_("NOTE"), NULL};
	struct history history = {.cli = cli};
	struct client *client;
	uint64_t shown = 0;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 0)
		return cli_usage(cli);
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	if (cli->is_json) {
		json_out_open(&history.json, stdout);
		json_out_array(&history.json);
	} else {
		output_table_open(&history.table, cli, heads);
	}
	code = list_history(&history, client, &shown);
	if (cli->is_json) {
		json_out_array_end(&history.json);
		json_out_close(&history.json);
	} else {
		output_table_close(&history.table);
	}
	if (code == 0 && shown == 0)
		cli_say(cli, _("nobody has set a policy yet: the default is in force (malla policy "
			       "show)"));
	client_close(client);
	return code == 0 && shown == 0 ? err_exit_code(ERR_NOT_FOUND) : code;
}
