#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/record_out.h"
#include "wire/request_keeping.h"

struct inquiry {
	struct cli *cli;
	struct client *client;
	struct names names;
	struct record record;
	struct json_out json;
	uint64_t shown, sent;
};

static const char *
state_name(uint64_t state)
{
	static const char *const names[] = {"?", N_("sent"), N_("receipted"), N_("withdrawn")};

	return names[state <= 3 ? state : 0];
}

static bool
is_zero(const uint8_t id[32])
{
	static const uint8_t zeros[32];

	return memcmp(id, zeros, sizeof(zeros)) == 0;
}

/* ---------------------------------------------------------------- JSON */

static void
json_id(struct json_out *json, const char *name, const uint8_t id[32])
{
	json_out_name(json, name);
	if (is_zero(id))
		json_out_null(json);
	else
		json_out_hex(json, id, 32);
}

static void
json_where(struct json_out *json, uint64_t where)
{
	static const char *const names[] = {"observable", "text", "original"};
	unsigned i;

	json_out_name(json, "where");
	json_out_array(json);
	for (i = 0; i < 3; i++) {
		if ((where >> i & 1) != 0)
			json_out_string(json, names[i]);
	}
	json_out_array_end(json);
}

static void
json_parties(struct json_out *json, const struct person_row *row)
{
	struct schema_list ways = row->ways, deliveries = row->deliveries;
	struct show_delivery delivery;
	struct show_way way;

	json_out_name(json, "came_from");
	json_out_array(json);
	while (schema_list_next(&ways, &request_way_schema, &way) == ERR_NONE) {
		json_out_object(json);
		json_out_name(json, "org");
		json_out_hex(json, way.org, sizeof(way.org));
		json_out_name(json, "envelope");
		json_out_number(json, way.number);
		json_out_name(json, "time");
		json_out_time(json, way.time_ms);
		json_out_object_end(json);
	}
	json_out_array_end(json);
	json_out_name(json, "went_to");
	json_out_array(json);
	while (schema_list_next(&deliveries, &request_delivery_schema, &delivery) == ERR_NONE) {
		json_out_object(json);
		json_out_name(json, "org");
		json_out_hex(json, delivery.org, sizeof(delivery.org));
		json_out_name(json, "envelope");
		json_out_number(json, delivery.number);
		json_out_name(json, "state");
		json_out_string(json, state_name(delivery.state));
		json_out_name(json, "sent");
		json_out_time(json, delivery.sent_ms);
		json_out_name(json, "outcome");
		if (delivery.state == 2)
			json_out_string(json, reason_name((enum reason)delivery.outcome));
		else
			json_out_null(json);
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static void
json_row(struct inquiry *inquiry, const struct person_row *row)
{
	struct json_out *json = &inquiry->json;
	struct record_id id;

	json_out_object(json);
	json_out_name(json, "id");
	json_out_hex(json, row->id, sizeof(row->id));
	json_out_name(json, "kind");
	json_out_string(json, record_kind_name((enum record_kind)row->kind));
	json_out_name(json, "tlp");
	json_out_string(json, tlp_name((enum tlp)row->tlp));
	json_id(json, "author", row->author);
	json_id(json, "via", row->via);
	json_out_name(json, "received");
	json_out_time(json, row->received_ms);
	json_out_name(json, "written_by");
	json_out_text(json, row->writer);
	json_where(json, row->where);
	json_out_name(json, "is_quarantined");
	json_out_bool(json, row->is_quarantined);
	json_id(json, "amended_by", row->superseded_by);
	json_id(json, "redaction_of", row->derived_from);
	json_id(json, "target", row->target);
	json_out_name(json, "hold");
	if (row->hold != 0)
		json_out_number(json, row->hold);
	else
		json_out_null(json);
	json_parties(json, row);
	json_out_name(json, "record");
	if (row->record.len > 0 &&
	    record_decode(row->record, false, &inquiry->record, NULL) == ERR_NONE) {
		memcpy(id.bytes, row->id, sizeof(id.bytes));
		json_out_object(json);
		record_out_json(json, &inquiry->record, &id, &inquiry->names);
		json_out_object_end(json);
	} else {
		json_out_null(json);
	}
	json_out_object_end(json);
}

/* ---------------------------------------------------------------- words */

static void
print_where(const struct person_row *row)
{
	printf("  %-14s", _("stands in"));
	printf("%s%s%s%s%s\n", (row->where & PERSON_OBSERVABLE) != 0 ? _("an observable") : "",
	    (row->where & PERSON_OBSERVABLE) != 0 && (row->where & PERSON_TEXT) != 0 ? ", " : "",
	    (row->where & PERSON_TEXT) != 0 ? _("a text") : "",
	    (row->where & PERSON_ORIGINAL) != 0 && row->where != PERSON_ORIGINAL ? ", " : "",
	    (row->where & PERSON_ORIGINAL) != 0 ? _("the original") : "");
}

static void
print_parties(struct inquiry *inquiry, const struct person_row *row)
{
	struct schema_list ways = row->ways, deliveries = row->deliveries;
	struct show_delivery delivery;
	struct show_way way;

	while (schema_list_next(&ways, &request_way_schema, &way) == ERR_NONE)
		printf("  %-14s%s, %s, %s %llu\n", _("came from"),
		    names_of(&inquiry->names, way.org), output_time(way.time_ms), _("envelope"),
		    (unsigned long long)way.number);
	while (schema_list_next(&deliveries, &request_delivery_schema, &delivery) == ERR_NONE) {
		printf("  %-14s%s, %s %s", _("went to"), names_of(&inquiry->names, delivery.org),
		    _(state_name(delivery.state)), output_time(delivery.sent_ms));
		if (delivery.state == 2)
			printf(", %s", reason_name((enum reason)delivery.outcome));
		printf(", %s %llu\n", _("envelope"), (unsigned long long)delivery.number);
		inquiry->sent++;
	}
}

static void
print_row(struct inquiry *inquiry, const struct person_row *row)
{
	printf("%s%s  %s  %s  %s\n", inquiry->shown > 0 ? "\n" : "", output_full_id(row->id),
	    record_kind_name((enum record_kind)row->kind),
	    output_tlp(inquiry->cli, (enum tlp)row->tlp), names_of(&inquiry->names, row->author));
	if (row->record.len > 0 &&
	    record_decode(row->record, false, &inquiry->record, NULL) == ERR_NONE) {
		printf("  %-14s", _("headline"));
		output_text(stdout, record_headline(&inquiry->record));
		printf("\n");
	}
	print_where(row);
	if (row->writer.len > 0)
		printf("  %-14s%.*s, %s\n", _("written by"), (int)row->writer.len,
		    (const char *)row->writer.data, output_time(row->received_ms));
	if (row->is_quarantined)
		printf("  %-14s\n", _("in quarantine"));
	if (!is_zero(row->superseded_by))
		printf("  %-14s%s\n", _("amended by"), output_full_id(row->superseded_by));
	if (!is_zero(row->derived_from))
		printf("  %-14s%s\n", _("redaction of"), output_full_id(row->derived_from));
	if (!is_zero(row->target))
		printf("  %-14s%s\n", _("about"), output_full_id(row->target));
	if (row->hold != 0)
		printf("  %-14s%llu\n", _("legal hold"), (unsigned long long)row->hold);
	print_parties(inquiry, row);
}

/* ---------------------------------------------------------------- the command */

static int
run_pages(struct inquiry *inquiry, const char *value)
{
	struct person_arguments arguments = {.value = bytes_view_str(value)};
	struct person_body body;
	struct person_row row;
	int code;

	do {
		code = client_ask(inquiry->cli, inquiry->client, REQUEST_PERSON,
		    &request_keeping_person_schema, &arguments, &request_keeping_person_body_schema,
		    &body);
		if (code != 0)
			return code;
		while (schema_list_next(&body.rows, &request_keeping_person_row_schema, &row) ==
		       ERR_NONE) {
			if (inquiry->cli->is_json)
				json_row(inquiry, &row);
			else
				print_row(inquiry, &row);
			inquiry->shown++;
		}
		arguments.after = body.next;
	} while (body.next != 0);
	return 0;
}

static int
run(struct inquiry *inquiry, const char *value)
{
	struct cli *cli = inquiry->cli;
	int code;

	if (cli->is_json) {
		json_out_open(&inquiry->json, stdout);
		json_out_array(&inquiry->json);
	}
	code = run_pages(inquiry, value);
	if (cli->is_json) {
		json_out_array_end(&inquiry->json);
		json_out_close(&inquiry->json);
	}
	if (code != 0)
		return code;
	if (inquiry->shown == 0)
		return err_exit_code(ERR_NOT_FOUND);
	cli_say(cli, _("%llu records hold it: malla erase ID --reason S erases it here"),
	    (unsigned long long)inquiry->shown);
	if (inquiry->sent > 0)
		cli_say(cli, _("it was sent on %llu times: ask those organisations too"),
		    (unsigned long long)inquiry->sent);
	return 0;
}

int
person_run(struct cli *cli)
{
	struct inquiry *inquiry;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 1 || cli->argv[0][0] == '\0' ||
	    strlen(cli->argv[0]) > KEEPING_VALUE_BYTES_MAX)
		return cli_usage(cli);
	inquiry = calloc(1, sizeof(*inquiry));
	if (inquiry == NULL)
		return cli_fail(ERR_MEMORY, "person");
	inquiry->cli = cli;
	if (client_open(&cli->home, &inquiry->client) != ERR_NONE)
		code = cli_fail(ERR_UNREACHABLE, cli->home.path);
	else
		code = names_load(cli, inquiry->client, &inquiry->names);
	if (code == 0)
		code = run(inquiry, cli->argv[0]);
	client_close(inquiry->client);
	free(inquiry);
	return code;
}
