#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/record_out.h"

struct shown {
	struct cli *cli;
	struct client *client;
	struct names names;
	struct record record;
	struct show_body body;
	struct record_id id;
};

static void
json_judgement(struct json_out *json, const char *name, uint64_t reason)
{
	json_out_name(json, name);
	json_out_string(json, reason == REASON_STORED ? "good" : reason_name((enum reason)reason));
}

static void
json_ways(struct json_out *json, const struct shown *shown)
{
	struct schema_list ways = shown->body.ways;
	struct show_way way;

	json_out_name(json, "ways");
	json_out_array(json);
	while (schema_list_next(&ways, &request_way_schema, &way) == ERR_NONE) {
		json_out_object(json);
		json_out_name(json, "from");
		json_out_hex(json, way.org, sizeof(way.org));
		json_out_name(json, "name");
		json_out_string(json, names_of(&shown->names, way.org));
		json_out_name(json, "number");
		json_out_number(json, way.number);
		json_out_name(json, "time");
		json_out_time(json, way.time_ms);
		json_out_name(json, "envelope");
		json_out_hex(json, way.envelope, sizeof(way.envelope));
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static const char *
state_name(uint64_t state)
{
	static const char *const names[] = {"?", N_("sent"), N_("receipted"), N_("withdrawn")};

	return names[state <= 3 ? state : 0];
}

static void
json_deliveries(struct json_out *json, const struct shown *shown)
{
	struct schema_list deliveries = shown->body.deliveries;
	struct show_delivery delivery;

	json_out_name(json, "deliveries");
	json_out_array(json);
	while (schema_list_next(&deliveries, &request_delivery_schema, &delivery) == ERR_NONE) {
		json_out_object(json);
		json_out_name(json, "to");
		json_out_hex(json, delivery.org, sizeof(delivery.org));
		json_out_name(json, "name");
		json_out_string(json, names_of(&shown->names, delivery.org));
		json_out_name(json, "number");
		json_out_number(json, delivery.number);
		json_out_name(json, "state");
		json_out_string(json, state_name(delivery.state));
		json_out_name(json, "sent");
		json_out_time(json, delivery.sent_ms);
		json_out_name(json, "settled");
		json_out_time(json, delivery.settled_ms);
		json_out_name(json, "outcome");
		if (delivery.state == 2)
			json_out_string(json, reason_name((enum reason)delivery.outcome));
		else
			json_out_null(json);
		json_out_name(json, "envelope");
		json_out_hex(json, delivery.envelope, sizeof(delivery.envelope));
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static void
json_versions(struct json_out *json, const struct shown *shown)
{
	struct schema_list versions = shown->body.versions;
	struct show_version version;

	json_out_name(json, "versions");
	json_out_array(json);
	while (schema_list_next(&versions, &request_version_schema, &version) == ERR_NONE) {
		json_out_object(json);
		json_out_name(json, "id");
		json_out_hex(json, version.id, sizeof(version.id));
		json_out_name(json, "created");
		if (version.created_ms != 0)
			json_out_time(json, version.created_ms);
		else
			json_out_null(json);
		json_out_name(json, "state");
		json_out_string(json, request_version_state_name(version.state));
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static void
json_disputes(struct json_out *json, const struct shown *shown)
{
	struct schema_list disputes = shown->body.disputes;
	struct show_dispute dispute;

	json_out_name(json, "disputed");
	json_out_array(json);
	while (schema_list_next(&disputes, &request_dispute_schema, &dispute) == ERR_NONE) {
		json_out_object(json);
		json_out_name(json, "id");
		json_out_hex(json, dispute.id, sizeof(dispute.id));
		json_out_name(json, "by");
		json_out_hex(json, dispute.org, sizeof(dispute.org));
		json_out_name(json, "name");
		json_out_string(json, names_of(&shown->names, dispute.org));
		json_out_name(json, "reason");
		json_out_string(json, dispute_name((enum dispute)dispute.reason));
		json_out_name(json, "created");
		json_out_time(json, dispute.created_ms);
		json_out_name(json, "answered");
		json_out_bool(json, dispute.is_answered);
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static void
print_json(const struct shown *shown)
{
	const struct show_body *body = &shown->body;
	struct json_out json;

	json_out_open(&json, stdout);
	json_out_object(&json);
	record_out_json(&json, &shown->record, &shown->id, &shown->names);
	json_out_name(&json, "received");
	json_out_time(&json, body->received_ms);
	json_out_name(&json, "via");
	json_out_hex(&json, body->via, sizeof(body->via));
	if (body->writer.len > 0) {
		json_out_name(&json, "written_by");
		json_out_text(&json, body->writer);
	}
	json_out_name(&json, "quarantined");
	if (body->quarantined_ms != 0)
		json_out_time(&json, body->quarantined_ms);
	else
		json_out_null(&json);
	json_out_name(&json, "hold");
	if (body->hold != 0)
		json_out_number(&json, body->hold);
	else
		json_out_null(&json);
	json_out_name(&json, "authenticity");
	json_out_object(&json);
	json_judgement(&json, "origin", body->origin);
	json_judgement(&json, "time", body->time);
	json_judgement(&json, "form", body->form);
	json_judgement(&json, "distribution", body->distribution);
	json_out_object_end(&json);
	json_out_name(&json, "seal");
	json_out_object(&json);
	json_out_name(&json, "time");
	json_out_time(&json, body->sealed_ms);
	json_out_name(&json, "card_serial");
	json_out_number(&json, body->serial);
	json_out_name(&json, "position");
	json_out_number(&json, body->position);
	json_out_name(&json, "size");
	json_out_number(&json, body->size);
	json_out_name(&json, "signed");
	json_out_hex(&json, body->seal.data, body->seal.len);
	json_out_object_end(&json);
	json_versions(&json, shown);
	json_disputes(&json, shown);
	json_ways(&json, shown);
	json_deliveries(&json, shown);
	json_out_object_end(&json);
	json_out_close(&json);
}

static void
print_judgement(const struct cli *cli, const char *what, uint64_t reason, const char *good)
{
	bool is_good = reason == REASON_STORED;

	printf("  %-14s%s%s%s\n", what, cli->has_color ? (is_good ? "\033[32m" : "\033[31m") : "",
	    is_good ? good : _(reason_text((enum reason)reason)), cli->has_color ? "\033[0m" : "");
}

static void
print_deliveries(const struct shown *shown)
{
	static const char *const heads[] = {
	    N_("TO"), N_("STATE"), N_("SENT"), N_("SETTLED"), N_("OUTCOME"), N_("ENVELOPE"), NULL};
	struct schema_list deliveries = shown->body.deliveries;
	struct show_delivery delivery;
	struct output_table table;

	output_table_open(&table, shown->cli, heads);
	while (schema_list_next(&deliveries, &request_delivery_schema, &delivery) == ERR_NONE) {
		output_table_cell(&table, "%s", names_of(&shown->names, delivery.org));
		output_table_cell(&table, "%s", _(state_name(delivery.state)));
		output_table_cell(&table, "%s", output_time(delivery.sent_ms));
		output_table_cell(&table, "%s", output_time(delivery.settled_ms));
		output_table_cell(&table, "%s",
		    delivery.state == 2 ? reason_name((enum reason)delivery.outcome) : "-");
		output_table_cell(&table, "%llu", (unsigned long long)delivery.number);
	}
	if (table.count > (size_t)table.columns)
		printf("\n");
	output_table_close(&table);
}

static const char *
version_words(uint64_t state)
{
	switch ((enum show_version_state)state) {
	case SHOW_VERSION_IN_FORCE:
		return _("in force");
	case SHOW_VERSION_SUPERSEDED:
		return _("superseded");
	case SHOW_VERSION_WAITING:
		return _("in force; what it amends is not here");
	case SHOW_VERSION_QUARANTINED:
		return _("in quarantine");
	case SHOW_VERSION_ERASED:
		return _("erased here");
	case SHOW_VERSION_UNKNOWN:
		return _("not here");
	}
	return "?";
}

/* Who disputes it, and its versions with the newest last. */
static void
print_history(const struct shown *shown)
{
	struct schema_list versions = shown->body.versions, disputes = shown->body.disputes;
	struct show_dispute dispute;
	struct show_version version;

	while (schema_list_next(&disputes, &request_dispute_schema, &dispute) == ERR_NONE)
		printf("%s%s: %s (%s)%s\n", _("disputed by "), names_of(&shown->names, dispute.org),
		    _(dispute_name((enum dispute)dispute.reason)), output_id(dispute.id),
		    dispute.is_answered ? _(", answered") : "");
	if (versions.count > 0)
		printf("%s\n", _("versions"));
	while (schema_list_next(&versions, &request_version_schema, &version) == ERR_NONE)
		printf("  %-22s%s  %s\n",
		    version.created_ms != 0 ? output_time(version.created_ms) : "-",
		    output_id(version.id), version_words(version.state));
}

static void
print_page(const struct shown *shown)
{
	const struct show_body *body = &shown->body;
	struct schema_list ways = body->ways;
	struct show_way way;

	record_out_page(shown->cli, &shown->record, &shown->id, &shown->names);
	print_history(shown);
	printf("\n%s\n", _("authenticity"));
	print_judgement(shown->cli, _("origin"), body->origin,
	    _("good: sealed by its author, under the author's card"));
	print_judgement(shown->cli, _("time"), body->time,
	    _("good: not from the future, not past its validity"));
	print_judgement(
	    shown->cli, _("form"), body->form, _("good: canonical, and its id is its hash"));
	print_judgement(shown->cli, _("distribution"), body->distribution,
	    _("good: its label and audience allow it to be here"));
	if (body->quarantined_ms != 0)
		printf("  %-14s%s\n", _("in quarantine"), output_time(body->quarantined_ms));
	if (body->hold != 0)
		printf("  %-14s%llu\n", _("legal hold"), (unsigned long long)body->hold);
	printf("  %-14s%llu, %s, %llu/%llu\n", _("seal"), (unsigned long long)body->serial,
	    output_time(body->sealed_ms), (unsigned long long)body->position + 1,
	    (unsigned long long)body->size);
	if (body->writer.len > 0)
		printf("  %-14s%.*s, %s\n", _("written by"), (int)body->writer.len,
		    (const char *)body->writer.data, output_time(body->received_ms));
	while (schema_list_next(&ways, &request_way_schema, &way) == ERR_NONE)
		printf("  %-14s%s, %s, %s %llu\n", _("came from"), names_of(&shown->names, way.org),
		    output_time(way.time_ms), _("envelope"), (unsigned long long)way.number);
	print_deliveries(shown);
}

int
show_run(struct cli *cli)
{
	struct shown *shown = calloc(1, sizeof(*shown));
	struct show_arguments arguments;
	int code;

	if (shown == NULL)
		return cli_fail(ERR_MEMORY, "show");
	shown->cli = cli;
	if (!options_take(cli, NULL, 0) || cli->argc != 1 || strlen(cli->argv[0]) < 8 ||
	    strlen(cli->argv[0]) > 64) {
		free(shown);
		return cli_usage(cli);
	}
	if (client_open(&cli->home, &shown->client) != ERR_NONE) {
		free(shown);
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	}
	code = names_load(cli, shown->client, &shown->names);
	arguments.id = bytes_view_str(cli->argv[0]);
	if (code == 0)
		code = client_ask(cli, shown->client, REQUEST_SHOW, &request_show_schema,
		    &arguments, &request_show_body_schema, &shown->body);
	if (code == 0 && record_decode(shown->body.record, false, &shown->record, NULL) != ERR_NONE)
		code = cli_fail(ERR_INVALID, cli->argv[0]);
	if (code == 0) {
		record_id_of(shown->body.record, &shown->id);
		if (cli->is_json)
			print_json(shown);
		else
			print_page(shown);
	}
	client_close(shown->client);
	free(shown);
	return code;
}
