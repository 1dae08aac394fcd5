#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/condition.h"
#include "cli/options.h"
#include "cli/output.h"
#include "wire/predicate_text.h"
#include "wire/request_keeping.h"

struct hold {
	struct cli *cli;
	struct client *client;
	struct names names;
	struct predicate predicate;
	struct bytes encoded;
};

static int
open_hold(struct cli *cli, struct hold **out)
{
	struct hold *hold = calloc(1, sizeof(*hold));

	*out = hold;
	if (hold == NULL)
		return cli_fail(ERR_MEMORY, "hold");
	hold->cli = cli;
	bytes_init(&hold->encoded, PREDICATE_BYTES_MAX);
	if (client_open(&cli->home, &hold->client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	return names_load(cli, hold->client, &hold->names);
}

static void
close_hold(struct hold *hold)
{
	if (hold == NULL)
		return;
	client_close(hold->client);
	bytes_release(&hold->encoded);
	free(hold);
}

/* What no predicate is written like. */
static bool
is_id(const char *text)
{
	size_t len = strlen(text);

	return len >= 8 && len <= 64 && strspn(text, "0123456789abcdefABCDEF") == len;
}

static int
add_hold(struct hold *hold, const char *subject, const char *reason)
{
	struct hold_add_arguments arguments = {.reason = bytes_view_str(reason)};
	struct hold_body body;
	int code = 0;

	if (is_id(subject)) {
		arguments.id = bytes_view_str(subject);
	} else {
		code =
		    condition_take(&hold->names, "hold", subject, &hold->predicate, &hold->encoded);
		arguments.predicate = bytes_as_view(&hold->encoded);
	}
	if (code == 0)
		code = client_ask(hold->cli, hold->client, REQUEST_HOLD_ADD,
		    &request_keeping_hold_add_schema, &arguments, &request_keeping_hold_schema,
		    &body);
	if (code == 0 && hold->cli->is_json) {
		struct json_out json;

		json_out_open(&json, stdout);
		json_out_object(&json);
		json_out_name(&json, "hold");
		json_out_number(&json, body.number);
		json_out_object_end(&json);
		json_out_close(&json);
	} else if (code == 0) {
		printf(_("legal hold %llu: nothing of it is erased until malla hold remove %llu\n"),
		    (unsigned long long)body.number, (unsigned long long)body.number);
	}
	return code;
}

int
hold_add_run(struct cli *cli)
{
	const char *reason = NULL;
	const struct option_spec specs[] = {{"--reason", NULL, &reason, NULL, NULL}};
	struct hold *hold;
	int code;

	if (!options_take(cli, specs, 1) || cli->argc != 1)
		return cli_usage(cli);
	if (reason == NULL || reason[0] == '\0')
		return options_wants("--reason", _("words that say why"));
	code = open_hold(cli, &hold);
	if (code == 0)
		code = add_hold(hold, cli->argv[0], reason);
	close_hold(hold);
	return code;
}

static bool
is_of_record(const struct hold_entry *entry)
{
	return entry->predicate.len == 0;
}

/* What it is of, as text. */
static void
write_subject(struct hold *hold, const struct hold_entry *entry, struct bytes *out)
{
	const char *id;

	if (is_of_record(entry)) {
		id = output_full_id(entry->id);
		bytes_append(out, id, strlen(id));
	} else if (predicate_decode(entry->predicate, &hold->predicate) == ERR_NONE) {
		predicate_text_write(&hold->predicate, out);
	}
}

static void
json_hold(struct hold *hold, struct json_out *json, const struct hold_entry *entry)
{
	struct bytes subject;

	bytes_init(&subject, 65536);
	write_subject(hold, entry, &subject);
	json_out_object(json);
	json_out_name(json, "hold");
	json_out_number(json, entry->number);
	json_out_name(json, is_of_record(entry) ? "id" : "predicate");
	json_out_text(json, bytes_as_view(&subject));
	json_out_name(json, "reason");
	json_out_text(json, entry->reason);
	json_out_name(json, "operator");
	json_out_text(json, entry->operator);
	json_out_name(json, "since");
	json_out_time(json, entry->since_ms);
	json_out_object_end(json);
	bytes_release(&subject);
}

static void
row_of_hold(struct hold *hold, struct output_table *table, const struct hold_entry *entry)
{
	struct bytes subject;

	bytes_init(&subject, 65536);
	write_subject(hold, entry, &subject);
	output_table_cell(table, "%llu", (unsigned long long)entry->number);
	output_table_text(table, bytes_as_view(&subject), 64);
	output_table_text(table, entry->reason, 48);
	output_table_text(table, entry->operator, 32);
	output_table_cell(table, "%s", output_time(entry->since_ms));
	bytes_release(&subject);
}

static int
list_holds(struct hold *hold)
{
	static const char *const heads[] = {
	    N_("HOLD"), N_("OF"), N_("REASON"), N_("BY"), N_("SINCE"), NULL};
	static const struct empty_body nothing;
	struct hold_list_body body;
	struct hold_entry entry;
	struct output_table table;
	struct json_out json;
	uint32_t count;
	int code = client_ask(hold->cli, hold->client, REQUEST_HOLD_LIST, &request_empty_schema,
	    &nothing, &request_keeping_hold_list_schema, &body);

	if (code != 0)
		return code;
	count = body.holds.count;
	output_table_open(&table, hold->cli, heads);
	if (hold->cli->is_json) {
		json_out_open(&json, stdout);
		json_out_array(&json);
	}
	while (
	    schema_list_next(&body.holds, &request_keeping_hold_entry_schema, &entry) == ERR_NONE) {
		if (hold->cli->is_json)
			json_hold(hold, &json, &entry);
		else
			row_of_hold(hold, &table, &entry);
	}
	output_table_close(&table);
	if (hold->cli->is_json) {
		json_out_array_end(&json);
		json_out_close(&json);
	}
	return count > 0 ? 0 : err_exit_code(ERR_NOT_FOUND);
}

int
hold_list_run(struct cli *cli)
{
	struct hold *hold;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 0)
		return cli_usage(cli);
	code = open_hold(cli, &hold);
	if (code == 0)
		code = list_holds(hold);
	close_hold(hold);
	return code;
}

int
hold_remove_run(struct cli *cli)
{
	const char *reason = NULL;
	const struct option_spec specs[] = {{"--reason", NULL, &reason, NULL, NULL}};
	struct hold_remove_arguments arguments;
	struct hold_body body;
	struct client *client;
	char *end;
	int code;

	if (!options_take(cli, specs, 1) || cli->argc != 1)
		return cli_usage(cli);
	if (reason == NULL || reason[0] == '\0')
		return options_wants("--reason", _("words that say why"));
	arguments.number = strtoull(cli->argv[0], &end, 10);
	arguments.reason = bytes_view_str(reason);
	if (*end != '\0' || arguments.number == 0) {
		cli_complain(_("%s is no hold: malla hold list has their numbers"), cli->argv[0]);
		return err_exit_code(ERR_USAGE);
	}
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	code = client_ask(cli, client, REQUEST_HOLD_REMOVE, &request_keeping_hold_remove_schema,
	    &arguments, &request_keeping_hold_schema, &body);
	if (code == 0)
		cli_say(cli, _("legal hold %s is ended"), cli->argv[0]);
	client_close(client);
	return code;
}
