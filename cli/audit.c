#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/output.h"
#include "wire/event.h"

#define LIMIT_DEFAULT 50u

struct reading {
	struct cli *cli;
	struct client *client;
	struct names names;
	struct json_out json;
	struct output_table table;
};

static void
json_details(struct json_out *json, const struct event_details *details)
{
	if (details->has_peer) {
		json_out_name(json, "peer");
		json_out_hex(json, details->peer.bytes, sizeof(details->peer.bytes));
	}
	if (details->number > 0) {
		json_out_name(json, "number");
		json_out_number(json, details->number);
	}
	if (details->count > 0) {
		json_out_name(json, "count");
		json_out_number(json, details->count);
	}
	if (details->has_records) {
		json_out_name(json, "records_root");
		json_out_hex(json, details->records.bytes, sizeof(details->records.bytes));
	}
	if (details->has_policy) {
		json_out_name(json, "policy");
		json_out_hex(json, details->policy.bytes, sizeof(details->policy.bytes));
	}
	if (details->text.len > 0) {
		json_out_name(json, "text");
		json_out_text(json, details->text);
	}
	if (details->command > 0) {
		json_out_name(json, "command");
		json_out_string(json, request_command_name(details->command));
	}
	if (details->has_reason) {
		json_out_name(json, "reason");
		json_out_string(json, reason_name((enum reason)details->reason));
	}
	if (details->signed_thing.len > 0) {
		json_out_name(json, "signed");
		json_out_hex(json, details->signed_thing.data, details->signed_thing.len);
	}
}

static void
json_event(struct json_out *json, const struct event *event, const struct log_entry *entry,
    const struct event_details *details)
{
	json_out_object(json);
	json_out_name(json, "index");
	json_out_number(json, event->index);
	json_out_name(json, "type");
	json_out_string(json, event_type_name(event->type));
	json_out_name(json, "time");
	json_out_time(json, event->time_ms);
	json_out_name(json, "actor");
	json_out_hex(json, event->actor, sizeof(event->actor));
	json_out_name(json, "object");
	json_out_hex(json, event->object, sizeof(event->object));
	json_out_name(json, "leaf");
	json_out_hex(json, entry->leaf, sizeof(entry->leaf));
	json_out_name(json, "is_erased");
	json_out_bool(json, entry->is_erased);
	json_out_name(json, "salt");
	json_out_hex(json, entry->salt, sizeof(entry->salt));
	json_details(json, details);
	json_out_object_end(json);
}

/* What an event was about, in a few words. */
static void
add_words(struct reading *reading, const struct event *event, const struct event_details *details)
{
	char words[512] = "";
	size_t len = 0;

	if (details->has_peer)
		len += (size_t)snprintf(words, sizeof(words), "%.100s ",
		    names_of(&reading->names, details->peer.bytes));
	if (details->number > 0)
		len += (size_t)snprintf(words + len, sizeof(words) - len, "#%llu ",
		    (unsigned long long)details->number);
	if (details->count > 0)
		len += (size_t)snprintf(words + len, sizeof(words) - len, _("%llu records "),
		    (unsigned long long)details->count);
	if (details->command > 0)
		len += (size_t)snprintf(words + len, sizeof(words) - len, "%s ",
		    request_command_name(details->command));
	if (details->text.len > 0)
		len += (size_t)snprintf(words + len, sizeof(words) - len, "%.*s ",
		    (int)(details->text.len < 200 ? details->text.len : 200),
		    (const char *)details->text.data);
	if (details->has_reason)
		(void)snprintf(words + len, sizeof(words) - len, "%s",
		    reason_name((enum reason)details->reason));
	if (event->type == EVENT_CARD)
		output_table_cell(&reading->table, "%s", names_of(&reading->names, event->actor));
	else
		output_table_text(&reading->table, bytes_view_str(words), 80);
}

static int
show_entry(struct reading *reading, const struct log_entry *entry)
{
	struct event_details details = {0};
	struct event event;

	if (event_leaf_decode(entry->leaf, &event) != ERR_NONE ||
	    (entry->details.len > 0 &&
		event_details_decode(entry->details, &details) != ERR_NONE)) {
		cli_complain(_("a leaf cannot be read: run malla audit verify"));
		return err_exit_code(ERR_CORRUPT);
	}
	if (reading->cli->is_json) {
		json_event(&reading->json, &event, entry, &details);
		return 0;
	}
	output_table_cell(&reading->table, "%llu", (unsigned long long)event.index);
	output_table_cell(&reading->table, "%s", output_time(event.time_ms));
	output_table_cell(&reading->table, "%s", event_type_name(event.type));
	output_table_cell(&reading->table, "%s", output_id(event.object));
	if (entry->is_erased)
		output_table_cell(&reading->table, "%s", _("(details erased)"));
	else
		add_words(reading, &event, &details);
	return 0;
}

static int
read_pages(struct reading *reading, uint64_t from, uint64_t limit)
{
	struct log_arguments arguments = {.from = from};
	struct log_entry entry;
	struct log_body body;
	uint64_t got;
	int code;

	do {
		arguments.limit = limit < 256 ? limit : 256;
		code = client_ask(reading->cli, reading->client, REQUEST_LOG, &request_log_schema,
		    &arguments, &request_log_body_schema, &body);
		got = body.events.count;
		while (code == 0 && schema_list_next(&body.events, &request_log_entry_schema,
					&entry) == ERR_NONE)
			code = show_entry(reading, &entry);
		if (code != 0)
			return code;
		arguments.from += got;
		limit -= got;
	} while (got > 0 && limit > 0);
	return 0;
}

/* The newest ones, unless --from says where to begin. */
static int
find_start(struct reading *reading, uint64_t limit, uint64_t *from)
{
	struct log_arguments arguments = {.limit = 1};
	struct log_body body;
	int code = client_ask(reading->cli, reading->client, REQUEST_LOG, &request_log_schema,
	    &arguments, &request_log_body_schema, &body);

	if (code == 0)
		*from = body.size > limit ? body.size - limit : 0;
	return code;
}

static bool
take_number(const char *text, uint64_t otherwise, uint64_t *number)
{
	char *end;

	*number = otherwise;
	if (text == NULL)
		return true;
	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0';
}

int
audit_log_run(struct cli *cli)
{
	static const char *const heads[] = {
	    N_("INDEX"), N_("TIME"), N_("EVENT"), N_("OBJECT"), N_("DETAILS"), NULL};
	const char *from_text = NULL, *limit_text = NULL;
	const struct option_spec specs[] = {
	    {"--from", NULL, &from_text, NULL, NULL},
	    {"--limit", NULL, &limit_text, NULL, NULL},
	};
	struct reading *reading = calloc(1, sizeof(*reading));
	uint64_t from, limit;
	int code = 0;

	if (reading == NULL || !options_take(cli, specs, 2) || cli->argc != 0 ||
	    !take_number(from_text, 0, &from) || !take_number(limit_text, LIMIT_DEFAULT, &limit) ||
	    limit == 0) {
		free(reading);
		return cli_usage(cli);
	}
	reading->cli = cli;
	if (client_open(&cli->home, &reading->client) != ERR_NONE)
		code = cli_fail(ERR_UNREACHABLE, cli->home.path);
	if (code == 0)
		code = names_load(cli, reading->client, &reading->names);
	if (code == 0 && from_text == NULL)
		code = find_start(reading, limit, &from);
	if (code == 0 && cli->is_json) {
		json_out_open(&reading->json, stdout);
		json_out_array(&reading->json);
		code = read_pages(reading, from, limit);
		json_out_array_end(&reading->json);
		json_out_close(&reading->json);
	} else if (code == 0) {
		output_table_open(&reading->table, cli, heads);
		code = read_pages(reading, from, limit);
		output_table_close(&reading->table);
	}
	client_close(reading->client);
	free(reading);
	return code;
}

/* ---------------------------------------------------------------- audit verify */

static void
print_verdict(struct cli *cli, const struct verify_body *body)
{
	struct json_out json;

	if (cli->is_json) {
		json_out_open(&json, stdout);
		json_out_object(&json);
		json_out_name(&json, "is_true");
		json_out_bool(&json, !body->is_lie);
		json_out_name(&json, "size");
		json_out_number(&json, body->size);
		json_out_name(&json, "leaves");
		json_out_number(&json, body->checked);
		json_out_name(&json, "signatures");
		json_out_number(&json, body->signatures);
		json_out_name(&json, "records");
		json_out_number(&json, body->records);
		json_out_name(&json, "root");
		json_out_hex(&json, body->root, sizeof(body->root));
		json_out_name(&json, "first_lie");
		if (body->is_lie)
			json_out_number(&json, body->lie);
		else
			json_out_null(&json);
		json_out_object_end(&json);
		json_out_close(&json);
		return;
	}
	if (body->is_lie)
		printf(_("leaf %llu lies (%llu leaves looked at)\n"), (unsigned long long)body->lie,
		    (unsigned long long)body->checked);
	else
		printf(_("the log is what was signed: %llu leaves, %llu signatures, %llu records, "
			 "root %s\n"),
		    (unsigned long long)body->checked, (unsigned long long)body->signatures,
		    (unsigned long long)body->records, output_full_id(body->root));
}

int
audit_verify_run(struct cli *cli)
{
	struct verify_arguments arguments = {0};
	struct verify_body body;
	struct client *client;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 0)
		return cli_usage(cli);
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	do {
		code = client_ask(cli, client, REQUEST_VERIFY, &request_verify_schema, &arguments,
		    &request_verify_body_schema, &body);
		arguments.from = body.next;
		if (code == 0)
			output_progress(cli, _("leaves verified"), body.checked, body.size);
	} while (code == 0 && body.next != 0);
	output_progress_end(cli);
	if (code == 0) {
		print_verdict(cli, &body);
		code = body.is_lie ? err_exit_code(ERR_NO) : 0;
		if (body.is_lie)
			cli_complain(_("why: %s"), client_words(client));
	}
	client_close(client);
	return code;
}
