#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/condition.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/record_out.h"

#define LIMIT_DEFAULT 100u

struct query {
	struct cli *cli;
	struct client *client;
	struct names names;
	struct predicate predicate;
	struct record record;
	struct bytes encoded;
	struct query_arguments arguments;
	uint64_t limit;
	uint64_t shown, hidden, disputed;
	bool is_csv, is_count, has_more;
	struct json_out json;
	struct output_table table;
};

static int
parse(struct query *query, const char *text)
{
	int code;

	if (text == NULL)
		return 0;
	code = condition_take(&query->names, "query", text, &query->predicate, &query->encoded);
	query->arguments.predicate = bytes_as_view(&query->encoded);
	return code;
}

static void
show_row(struct query *query, const struct query_row *row)
{
	struct record_id id;

	if (record_decode(row->record, false, &query->record, NULL) != ERR_NONE) {
		cli_complain(_("the node sent a record that cannot be read"));
		return;
	}
	record_id_of(row->record, &id);
	if (query->cli->is_json) {
		json_out_object(&query->json);
		record_out_json(&query->json, &query->record, &id, &query->names);
		json_out_name(&query->json, "received");
		json_out_time(&query->json, row->received_ms);
		json_out_name(&query->json, "via");
		json_out_hex(&query->json, row->via, sizeof(row->via));
		json_out_name(&query->json, "disputed");
		json_out_number(&query->json, row->disputes);
		json_out_object_end(&query->json);
	} else if (query->is_csv) {
		record_out_csv(stdout, &query->record, &id, &query->names);
	} else {
		record_out_row(&query->table, &query->record, &id, &query->names);
		query->disputed += row->disputes > 0;
	}
	query->shown++;
}

static int
ask_page(struct query *query, struct query_body *body)
{
	uint64_t left = query->limit - query->shown;

	query->arguments.limit = left < 256 ? left : 256;
	return client_ask(query->cli, query->client, REQUEST_QUERY, &request_query_schema,
	    &query->arguments, &request_query_body_schema, body);
}

static int
run_pages(struct query *query)
{
	struct query_body body;
	struct query_row row;
	int code;

	do {
		code = ask_page(query, &body);
		if (code != 0)
			return code;
		query->hidden += body.hidden;
		while (schema_list_next(&body.rows, &request_row_schema, &row) == ERR_NONE)
			show_row(query, &row);
		query->arguments.after = body.next;
		query->has_more = body.next != 0;
	} while (body.next != 0 && query->shown < query->limit);
	return 0;
}

static int
run_count(struct query *query)
{
	struct query_body body;
	uint64_t count = 0;
	int code;

	query->limit = 1;
	query->arguments.is_count = true;
	/* the node counts a part at a time where it has to look at every record */
	do {
		code = ask_page(query, &body);
		if (code != 0)
			return code;
		count += body.count;
		query->arguments.after = body.next;
	} while (body.next != 0);
	if (query->cli->is_json) {
		json_out_open(&query->json, stdout);
		json_out_object(&query->json);
		json_out_name(&query->json, "count");
		json_out_number(&query->json, count);
		json_out_object_end(&query->json);
		json_out_close(&query->json);
	} else {
		printf("%llu\n", (unsigned long long)count);
	}
	return count > 0 ? 0 : err_exit_code(ERR_NOT_FOUND);
}

static int
run_query(struct query *query)
{
	int code;

	if (query->is_count)
		return run_count(query);
	if (query->cli->is_json) {
		json_out_open(&query->json, stdout);
		json_out_array(&query->json);
	} else if (query->is_csv) {
		record_out_csv_head(stdout);
	} else {
		output_table_open(&query->table, query->cli, record_out_heads);
	}
	code = run_pages(query);
	if (query->cli->is_json) {
		json_out_array_end(&query->json);
		json_out_close(&query->json);
	} else if (!query->is_csv) {
		output_table_close(&query->table);
	}
	if (query->hidden == 1)
		cli_say(query->cli, _("1 record you may not read"));
	else if (query->hidden > 1)
		cli_say(query->cli, _("%llu records you may not read"),
		    (unsigned long long)query->hidden);
	if (query->disputed > 0)
		cli_say(query->cli, _("disputed: %llu of them; malla show ID says by whom"),
		    (unsigned long long)query->disputed);
	if (code == 0 && query->has_more)
		cli_say(query->cli, _("there are more: --limit N, or --count"));
	if (code != 0)
		return code;
	return query->shown > 0 ? 0 : err_exit_code(ERR_NOT_FOUND);
}

static bool
take_limit(struct query *query, const char *limit)
{
	char *end;

	query->limit = LIMIT_DEFAULT;
	if (limit == NULL)
		return true;
	query->limit = strtoull(limit, &end, 10);
	if (*limit < '0' || *limit > '9' || *end != '\0' || query->limit == 0) {
		cli_complain(_("--limit wants a number from 1"));
		return false;
	}
	return true;
}

/* Newest first unless told otherwise: by the order in which this node stored them. */
static bool
take_sort(struct query *query, const char *sort)
{
	if (sort == NULL || strcmp(sort, "-received") == 0)
		query->arguments.is_descending = true;
	else if (strcmp(sort, "received") != 0) {
		cli_complain(_("--sort wants received or -received"));
		return false;
	}
	return true;
}

int
query_run(struct cli *cli)
{
	struct query *query = calloc(1, sizeof(*query));
	const char *limit = NULL, *sort = NULL;
	int code;

	if (query == NULL)
		return cli_fail(ERR_MEMORY, "query");
	const struct option_spec specs[] = {
	    {"--limit", NULL, &limit, NULL, NULL},
	    {"--sort", NULL, &sort, NULL, NULL},
	    {"--count", &query->is_count, NULL, NULL, NULL},
	    {"--csv", &query->is_csv, NULL, NULL, NULL},
	    {"--quarantined", &query->arguments.is_quarantined, NULL, NULL, NULL},
	};
	query->cli = cli;
	bytes_init(&query->encoded, PREDICATE_BYTES_MAX);
	if (!options_take(cli, specs, 5) || cli->argc > 1 || !take_limit(query, limit) ||
	    !take_sort(query, sort))
		code = cli_usage(cli);
	else if (client_open(&cli->home, &query->client) != ERR_NONE)
		code = cli_fail(ERR_UNREACHABLE, cli->home.path);
	else
		code = names_load(cli, query->client, &query->names);
	if (code == 0)
		code = parse(query, cli->argc == 1 ? cli->argv[0] : NULL);
	if (code == 0)
		code = run_query(query);
	client_close(query->client);
	bytes_release(&query->encoded);
	free(query);
	return code;
}
