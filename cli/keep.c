/* What this node keeps: quarantine, erase, retain. */
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/record_out.h"
#include "wire/request_keeping.h"

/* ---------------------------------------------------------------- by id */

/* One command about some ids. */
struct keep {
	struct cli *cli;
	uint64_t command;
	const char *note;
	bool is_dry_run;
	struct json_out json;
	int code; /* the first failure's exit code */
};

static void
say_outcome(const struct keep *keep, const char *asked, const struct keep_outcome *outcome)
{
	const char *id = outcome->reason == REASON_NOT_FOUND ? asked : output_id(outcome->id);

	if (outcome->reason == REASON_LEGAL_HOLD)
		cli_complain(_("%s: legal hold %llu keeps it; malla hold list says why"), id,
		    (unsigned long long)outcome->hold);
	else if (outcome->reason != REASON_STORED)
		cli_complain("%s: %s", asked, _(reason_text((enum reason)outcome->reason)));
	else if (keep->is_dry_run)
		printf(_("%s: would be erased; sent to %llu organisations\n"), id,
		    (unsigned long long)outcome->recipients);
	else if (keep->command == REQUEST_ERASE && outcome->recipients > 0)
		printf(_("%s: erased here; sent to %llu organisations, who have it still: "
			 "ask them too\n"),
		    id, (unsigned long long)outcome->recipients);
	else if (keep->command == REQUEST_ERASE)
		printf(_("%s: erased\n"), id);
	else if (keep->command == REQUEST_QUARANTINE_REFUSE)
		printf(_("%s: refused and erased; it will not be taken again\n"), id);
	else
		printf(_("%s: released from quarantine\n"), id);
}

static void
json_outcome(struct json_out *json, const char *asked, const struct keep_outcome *outcome)
{
	json_out_object(json);
	json_out_name(json, "asked");
	json_out_string(json, asked);
	json_out_name(json, "id");
	if (outcome->reason == REASON_STORED || outcome->reason == REASON_LEGAL_HOLD)
		json_out_hex(json, outcome->id, sizeof(outcome->id));
	else
		json_out_null(json);
	json_out_name(json, "outcome");
	json_out_string(json, reason_name((enum reason)outcome->reason));
	json_out_name(json, "hold");
	if (outcome->hold != 0)
		json_out_number(json, outcome->hold);
	else
		json_out_null(json);
	json_out_name(json, "recipients");
	json_out_number(json, outcome->recipients);
	json_out_name(json, "is_waiting");
	json_out_bool(json, outcome->is_waiting);
	json_out_object_end(json);
}

static void
show_outcomes(struct keep *keep, struct keep_body *body, char **asked)
{
	struct keep_outcome outcome;
	uint32_t i;

	for (i = 0; schema_list_next(&body->outcomes, &request_keeping_outcome_schema, &outcome) ==
		    ERR_NONE;
	     i++) {
		if (keep->cli->is_json)
			json_outcome(&keep->json, asked[i], &outcome);
		else
			say_outcome(keep, asked[i], &outcome);
		if (keep->code == 0)
			keep->code = reason_exit_code((enum reason)outcome.reason);
	}
}

static int
ask_all(struct keep *keep, struct client *client)
{
	struct cli *cli = keep->cli;
	struct keep_arguments arguments = {
	    .note = bytes_view_str(keep->note), .is_dry_run = keep->is_dry_run};
	struct keep_body body;
	struct bytes items;
	int at, i, code = 0;

	for (at = 0; at < cli->argc && code == 0; at = i) {
		bytes_init(&items, REQUEST_BYTES_MAX);
		arguments.ids = (struct schema_list){.count = 0};
		for (i = at; i < cli->argc && i < at + (int)KEEPING_IDS_MAX; i++) {
			if (schema_list_add_bin(
				&arguments.ids, &items, bytes_view_str(cli->argv[i])) != ERR_NONE)
				code = cli_fail(ERR_MEMORY, cli->argv[i]);
		}
		if (code == 0)
			code = client_ask(cli, client, keep->command, &request_keeping_schema,
			    &arguments, &request_keeping_body_schema, &body);
		if (code == 0)
			show_outcomes(keep, &body, cli->argv + at);
		bytes_release(&items);
	}
	return code != 0 ? code : keep->code;
}

static bool
are_ids(const struct cli *cli)
{
	int i;

	for (i = 0; i < cli->argc; i++) {
		size_t len = strlen(cli->argv[i]);

		if (len < 8 || len > 64 || strspn(cli->argv[i], "0123456789abcdefABCDEF") != len) {
			cli_complain(
			    _("%s is no record's id: 8 to 64 hexadecimal digits"), cli->argv[i]);
			return false;
		}
	}
	return cli->argc > 0;
}

static int
run_keep(struct cli *cli, uint64_t command, const char *option)
{
	struct keep keep = {.cli = cli, .command = command};
	const struct option_spec specs[] = {
	    {option, NULL, &keep.note, NULL, NULL},
	    {"--dry-run", &keep.is_dry_run, NULL, NULL, NULL},
	};
	struct client *client;
	int code;

	if (!options_take(cli, specs, command == REQUEST_ERASE ? 2 : 1) || !are_ids(cli))
		return cli_usage(cli);
	if (keep.note == NULL || keep.note[0] == '\0')
		return options_wants(option, _("words that say why"));
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	if (cli->is_json) {
		json_out_open(&keep.json, stdout);
		json_out_array(&keep.json);
	}
	code = ask_all(&keep, client);
	if (cli->is_json) {
		json_out_array_end(&keep.json);
		json_out_close(&keep.json);
	}
	client_close(client);
	return code;
}

int
keep_quarantine_release(struct cli *cli)
{
	return run_keep(cli, REQUEST_QUARANTINE_RELEASE, "--note");
}

int
keep_quarantine_refuse(struct cli *cli)
{
	return run_keep(cli, REQUEST_QUARANTINE_REFUSE, "--note");
}

int
keep_erase(struct cli *cli)
{
	return run_keep(cli, REQUEST_ERASE, "--reason");
}

/* ---------------------------------------------------------------- quarantine list */

struct listing {
	struct cli *cli;
	struct client *client;
	struct names names;
	struct record record;
	struct json_out json;
	struct output_table table;
	uint64_t shown, hidden;
};

static void
show_row(struct listing *listing, const struct quarantine_row *row)
{
	struct record_id id;

	if (record_decode(row->record, false, &listing->record, NULL) != ERR_NONE) {
		cli_complain(_("the node sent a record that cannot be read"));
		return;
	}
	record_id_of(row->record, &id);
	if (listing->cli->is_json) {
		json_out_object(&listing->json);
		record_out_json(&listing->json, &listing->record, &id, &listing->names);
		json_out_name(&listing->json, "quarantined");
		json_out_time(&listing->json, row->since_ms);
		json_out_name(&listing->json, "via");
		json_out_hex(&listing->json, row->via, sizeof(row->via));
		json_out_object_end(&listing->json);
	} else {
		record_out_row(&listing->table, &listing->record, &id, &listing->names);
	}
	listing->shown++;
}

static int
list_pages(struct listing *listing)
{
	struct quarantine_arguments arguments = {.limit = 256};
	struct quarantine_body body;
	struct quarantine_row row;
	int code;

	do {
		code = client_ask(listing->cli, listing->client, REQUEST_QUARANTINE_LIST,
		    &request_keeping_quarantine_schema, &arguments,
		    &request_keeping_quarantine_body_schema, &body);
		if (code != 0)
			return code;
		listing->hidden += body.hidden;
		while (schema_list_next(&body.rows, &request_keeping_quarantine_row_schema, &row) ==
		       ERR_NONE)
			show_row(listing, &row);
		arguments.after = body.next;
	} while (body.next != 0);
	return 0;
}

static int
list_quarantine(struct listing *listing)
{
	int code;

	if (listing->cli->is_json) {
		json_out_open(&listing->json, stdout);
		json_out_array(&listing->json);
	} else {
		output_table_open(&listing->table, listing->cli, record_out_heads);
	}
	code = list_pages(listing);
	if (listing->cli->is_json) {
		json_out_array_end(&listing->json);
		json_out_close(&listing->json);
	} else {
		output_table_close(&listing->table);
	}
	if (listing->hidden > 0)
		cli_say(listing->cli, _("%llu records you may not read"),
		    (unsigned long long)listing->hidden);
	if (code != 0)
		return code;
	if (listing->shown > 0)
		cli_say(listing->cli, _("look into them with malla show ID; then malla quarantine "
					"release or refuse ID --note S"));
	return listing->shown + listing->hidden > 0 ? 0 : err_exit_code(ERR_NOT_FOUND);
}

int
keep_quarantine_list(struct cli *cli)
{
	struct listing *listing;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 0)
		return cli_usage(cli);
	listing = calloc(1, sizeof(*listing));
	if (listing == NULL)
		return cli_fail(ERR_MEMORY, "quarantine");
	listing->cli = cli;
	if (client_open(&cli->home, &listing->client) != ERR_NONE)
		code = cli_fail(ERR_UNREACHABLE, cli->home.path);
	else
		code = names_load(cli, listing->client, &listing->names);
	if (code == 0)
		code = list_quarantine(listing);
	client_close(listing->client);
	free(listing);
	return code;
}

/* ---------------------------------------------------------------- retain */

struct retain {
	struct cli *cli;
	bool is_dry_run;
	struct json_out json;
	struct output_table table;
	uint64_t gone, held, waiting;
};

static void
show_found(struct retain *retain, const struct retain_row *row)
{
	retain->gone += row->reason == REASON_STORED;
	retain->held += row->reason == REASON_LEGAL_HOLD;
	retain->waiting += row->reason == REASON_BUSY;
	if (retain->cli->is_json) {
		json_out_object(&retain->json);
		json_out_name(&retain->json, "id");
		json_out_hex(&retain->json, row->id, sizeof(row->id));
		json_out_name(&retain->json, "rule");
		json_out_text(&retain->json, row->rule);
		json_out_name(&retain->json, "line");
		json_out_number(&retain->json, row->line);
		json_out_name(&retain->json, "outcome");
		json_out_string(&retain->json, row->reason == REASON_STORED
						   ? (retain->is_dry_run ? "would-go" : "erased")
						   : reason_name((enum reason)row->reason));
		json_out_name(&retain->json, "hold");
		if (row->hold != 0)
			json_out_number(&retain->json, row->hold);
		else
			json_out_null(&retain->json);
		json_out_object_end(&retain->json);
		return;
	}
	output_table_cell(&retain->table, "%s", output_id(row->id));
	output_table_text(&retain->table, row->rule, 32);
	output_table_cell(&retain->table, "%llu", (unsigned long long)row->line);
	if (row->reason == REASON_LEGAL_HOLD)
		output_table_cell(
		    &retain->table, _("legal hold %llu"), (unsigned long long)row->hold);
	else
		output_table_cell(&retain->table, "%s",
		    row->reason == REASON_BUSY ? _("still on its way")
		    : retain->is_dry_run       ? _("would go")
					       : _("erased"));
}

static int
retain_pages(struct retain *retain, struct client *client)
{
	struct retain_arguments arguments = {.is_dry_run = retain->is_dry_run};
	struct retain_body body;
	struct retain_row row;
	int code;

	do {
		code =
		    client_ask(retain->cli, client, REQUEST_RETAIN, &request_keeping_retain_schema,
			&arguments, &request_keeping_retain_body_schema, &body);
		if (code != 0)
			return code;
		while (schema_list_next(&body.rows, &request_keeping_retain_row_schema, &row) ==
		       ERR_NONE)
			show_found(retain, &row);
		arguments.after = body.next;
	} while (body.next != 0);
	return 0;
}

int
keep_retain(struct cli *cli)
{
	static const char *const heads[] = {N_("ID"), N_("RULE"), N_("LINE"), N_("OUTCOME"), NULL};
	struct retain retain = {.cli = cli};
	const struct option_spec specs[] = {
	    {"--dry-run", &retain.is_dry_run, NULL, NULL, NULL},
	};
	struct client *client;
	int code;

	if (!options_take(cli, specs, 1) || cli->argc != 0)
		return cli_usage(cli);
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	output_table_open(&retain.table, cli, heads);
	if (cli->is_json) {
		json_out_open(&retain.json, stdout);
		json_out_array(&retain.json);
	}
	code = retain_pages(&retain, client);
	output_table_close(&retain.table);
	if (cli->is_json) {
		json_out_array_end(&retain.json);
		json_out_close(&retain.json);
	}
	if (code == 0)
		cli_say(cli,
		    retain.is_dry_run
			? _("%llu would go; %llu under a legal hold, %llu still on their way")
			: _("%llu erased; %llu under a legal hold, %llu still on their way"),
		    (unsigned long long)retain.gone, (unsigned long long)retain.held,
		    (unsigned long long)retain.waiting);
	client_close(client);
	if (code != 0)
		return code;
	return retain.gone + retain.held + retain.waiting > 0 ? 0 : err_exit_code(ERR_NOT_FOUND);
}
