/*
 * approve: `malla queue`, `malla approve` and `malla reject`: what is held, and letting it go.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/output.h"
#include "wire/record.h"
#include "wire/request_approve.h"

/* Held records, one entry for each peer that does not get them. */
struct held {
	uint8_t id[32];
	uint8_t peer[32];
};

struct approve {
	struct cli *cli;
	struct client *client;
	struct names names;
	const char *id; /* the prefix that is asked for; NULL: every one */
	uint8_t policy[32];
	uint64_t hidden;
	uint32_t count, cap;
	struct held *held;
	struct json_out json;
	struct output_table table;
	bool is_listing;
};

/* ---------------------------------------------------------------- the queue */

static void
json_entry(struct approve *approve, const struct queue_entry *entry)
{
	struct json_out *json = &approve->json;

	json_out_object(json);
	json_out_name(json, "id");
	json_out_hex(json, entry->id, sizeof(entry->id));
	json_out_name(json, "to");
	json_out_hex(json, entry->peer, sizeof(entry->peer));
	json_out_name(json, "name");
	json_out_string(json, names_of(&approve->names, entry->peer));
	json_out_name(json, "kind");
	json_out_string(json, record_kind_name((enum record_kind)entry->kind));
	json_out_name(json, "tlp");
	json_out_string(json, tlp_name((enum tlp)entry->tlp));
	json_out_name(json, "received");
	json_out_time(json, entry->received_ms);
	json_out_name(json, "writer");
	json_out_text(json, entry->writer);
	json_out_name(json, "rule");
	json_out_text(json, entry->rule);
	json_out_name(json, "approvals");
	json_out_number(json, entry->given);
	json_out_name(json, "needed");
	json_out_number(json, entry->needed);
	json_out_name(json, "approvers");
	json_out_text(json, entry->approvers);
	json_out_name(json, "privacy");
	json_out_bool(json, entry->is_private);
	json_out_name(json, "headline");
	json_out_text(json, entry->headline);
	json_out_object_end(json);
}

static void
table_entry(struct approve *approve, const struct queue_entry *entry)
{
	struct output_table *table = &approve->table;

	output_table_cell(table, "%s", output_id(entry->id));
	output_table_cell(table, "%s", output_tlp(approve->cli, (enum tlp)entry->tlp));
	output_table_cell(table, "%s", _(record_kind_name((enum record_kind)entry->kind)));
	output_table_cell(table, "%s", names_of(&approve->names, entry->peer));
	output_table_text(table, entry->rule, 24);
	output_table_cell(table, "%llu/%llu", (unsigned long long)entry->given,
	    (unsigned long long)entry->needed);
	output_table_text(table, entry->writer, 16);
	output_table_text(table, entry->headline, 40);
}

static bool
is_asked_for(const struct approve *approve, const struct queue_entry *entry)
{
	char id[65];

	hex_encode(entry->id, sizeof(entry->id), id);
	return approve->id == NULL || strncmp(id, approve->id, strlen(approve->id)) == 0;
}

static enum err
keep(struct approve *approve, const struct queue_entry *entry)
{
	struct held *grown;

	if (approve->count == approve->cap) {
		uint32_t cap = approve->cap == 0 ? 64 : approve->cap * 2;

		grown = realloc(approve->held, cap * sizeof(*grown));
		if (grown == NULL)
			return ERR_MEMORY;
		approve->held = grown;
		approve->cap = cap;
	}
	memcpy(approve->held[approve->count].id, entry->id, sizeof(entry->id));
	memcpy(approve->held[approve->count++].peer, entry->peer, sizeof(entry->peer));
	return ERR_NONE;
}

static enum err
take_entry(struct approve *approve, const struct queue_entry *entry)
{
	if (!is_asked_for(approve, entry))
		return ERR_NONE;
	if (approve->is_listing && approve->cli->is_json)
		json_entry(approve, entry);
	else if (approve->is_listing)
		table_entry(approve, entry);
	return keep(approve, entry);
}

/* Everything that is held, or one record of it, for whoever.  0, or the exit code (said). */
static int
read_queue(struct approve *approve)
{
	struct queue_arguments arguments = {0};
	struct queue_body body;
	struct queue_entry entry;
	int code;

	do {
		code = client_ask(approve->cli, approve->client, REQUEST_QUEUE,
		    &request_approve_queue_schema, &arguments, &request_approve_queued_schema,
		    &body);
		if (code != 0)
			return code;
		while (schema_list_next(&body.entries, &request_approve_held_schema, &entry) ==
		       ERR_NONE) {
			if (take_entry(approve, &entry) != ERR_NONE)
				return cli_fail(ERR_MEMORY, "queue");
		}
		approve->hidden += body.hidden;
		memcpy(approve->policy, body.policy, sizeof(approve->policy));
		arguments.after_batch = body.next_batch;
		memcpy(arguments.after_peer, body.next_peer, sizeof(arguments.after_peer));
	} while (body.has_more);
	return 0;
}

static int
open_approve(struct approve *approve, struct cli *cli)
{
	memset(approve, 0, sizeof(*approve));
	approve->cli = cli;
	if (client_open(&cli->home, &approve->client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	return names_load(cli, approve->client, &approve->names);
}

static void
close_approve(struct approve *approve)
{
	client_close(approve->client);
	free(approve->held);
}

static void
begin_list(struct approve *approve)
{
	static const char *const heads[] = {N_("ID"), N_("TLP"), N_("KIND"), N_("TO"), N_("RULE"),
	    N_("APPROVED"), N_("WRITER"), N_("WHAT"), NULL};

	approve->is_listing = true;
	if (approve->cli->is_json) {
		json_out_open(&approve->json, stdout);
		json_out_array(&approve->json);
	} else {
		output_table_open(&approve->table, approve->cli, heads);
	}
}

static void
end_list(struct approve *approve)
{
	if (approve->cli->is_json) {
		json_out_array_end(&approve->json);
		json_out_close(&approve->json);
		return;
	}
	output_table_close(&approve->table);
	if (approve->count > 0)
		cli_say(approve->cli, _("%lu held; let one go with: malla approve ID --note TEXT"),
		    (unsigned long)approve->count);
}

int
approve_queue_run(struct cli *cli)
{
	struct approve approve;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 0)
		return cli_usage(cli);
	code = open_approve(&approve, cli);
	if (code == 0) {
		begin_list(&approve);
		code = read_queue(&approve);
		end_list(&approve);
	}
	if (code == 0 && approve.count == 0)
		code = err_exit_code(ERR_NOT_FOUND);
	close_approve(&approve);
	return code;
}

/* ---------------------------------------------------------------- speaking */

struct said_options {
	const char *to[256];
	uint32_t to_count;
	const char *note;
	bool overrides_privacy;
};

static bool
is_recipient(const struct approve *approve, const struct said_options *options, const uint8_t *peer)
{
	const struct names_entry *entry;
	uint32_t i;

	for (i = 0; i < options->to_count; i++) {
		entry = names_find(&approve->names, options->to[i]);
		if (entry != NULL && memcmp(entry->org.bytes, peer, 32) == 0)
			return true;
	}
	return options->to_count == 0;
}

static int
compare_peers(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

/* The peers for whom held[first] waits, ascending. */
static uint32_t
gather_peers(const struct approve *approve, const struct said_options *options, uint8_t *peers)
{
	uint32_t count = 0, i;

	for (i = 0; i < approve->count && count < APPROVE_PEERS_MAX; i++) {
		if (memcmp(approve->held[i].id, approve->held[0].id, 32) != 0 ||
		    !is_recipient(approve, options, approve->held[i].peer))
			continue;
		memcpy(peers + 32 * (size_t)count++, approve->held[i].peer, 32);
	}
	qsort(peers, count, 32, compare_peers);
	return count;
}

static bool
is_ambiguous(const struct approve *approve)
{
	uint32_t i;

	for (i = 1; i < approve->count; i++) {
		if (memcmp(approve->held[i].id, approve->held[0].id, 32) != 0)
			return true;
	}
	return false;
}

static void
tell(const struct approve *approve, const struct approve_body *body, bool is_rejection)
{
	if (is_rejection)
		cli_say(
		    approve->cli, _("rejected: it stays here as long as this policy is in force"));
	else if (body->waiting > 0)
		cli_say(approve->cli, _("noted; for %llu it still takes another approver"),
		    (unsigned long long)body->waiting);
	else
		cli_say(approve->cli, _("released for %llu"), (unsigned long long)body->released);
}

static int
say_one(
    struct approve *approve, const struct said_options *options, const char *id, uint64_t command)
{
	uint8_t peers[32 * APPROVE_PEERS_MAX];
	struct approve_arguments arguments = {.note = bytes_view_str(options->note),
	    .releases_privacy = options->overrides_privacy,
	    .expires_ms = clock_now_ms() + APPROVAL_LIFETIME_MS};
	struct approve_body body;
	int code;

	approve->id = id;
	approve->count = 0;
	code = read_queue(approve);
	if (code != 0)
		return code;
	if (approve->count == 0) {
		cli_complain(_("nothing that begins with %s is held: see malla queue"), id);
		return err_exit_code(ERR_NOT_FOUND);
	}
	if (strlen(id) < 8 || is_ambiguous(approve)) {
		cli_complain(_("%s fits more than one record, or is shorter than 8 digits"), id);
		return err_exit_code(ERR_USAGE);
	}
	arguments.peers = bytes_view_of(peers, 32 * (size_t)gather_peers(approve, options, peers));
	if (arguments.peers.len == 0) {
		cli_complain(_("%s is not held for any of these: see malla queue"), id);
		return err_exit_code(ERR_NOT_FOUND);
	}
	memcpy(arguments.id, approve->held[0].id, sizeof(arguments.id));
	memcpy(arguments.policy, approve->policy, sizeof(arguments.policy));
	code = client_ask(approve->cli, approve->client, command, &request_approve_schema,
	    &arguments, &request_approve_body_schema, &body);
	if (code == 0)
		tell(approve, &body, command == REQUEST_REJECT);
	return code;
}

static int
say(struct cli *cli, uint64_t command)
{
	struct said_options options = {0};
	const struct option_spec specs[] = {
	    {"--to", NULL, NULL, options.to, &options.to_count},
	    {"--note", NULL, &options.note, NULL, NULL},
	    {"--override-privacy", &options.overrides_privacy, NULL, NULL, NULL},
	};
	struct approve approve;
	int code, i;

	if (!options_take(cli, specs, command == REQUEST_APPROVE ? 3 : 2) || cli->argc == 0)
		return cli_usage(cli);
	if (options.note == NULL || options.note[0] == '\0' ||
	    strlen(options.note) > APPROVE_NOTE_BYTES_MAX)
		return options_wants("--note", _("why, in 1 to 512 bytes"));
	code = open_approve(&approve, cli);
	for (i = 0; i < cli->argc && code == 0; i++)
		code = say_one(&approve, &options, cli->argv[i], command);
	close_approve(&approve);
	return code;
}

int
approve_run(struct cli *cli)
{
	return say(cli, REQUEST_APPROVE);
}

int
approve_reject_run(struct cli *cli)
{
	return say(cli, REQUEST_REJECT);
}
