#include <string.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"

#define WARN_MS (30ull * 86400000ull)

static void
json_tallies(struct json_out *json, const char *name, struct schema_list list)
{
	struct status_tally tally;
	char key[65];

	json_out_name(json, name);
	json_out_object(json);
	while (schema_list_next(&list, &request_tally_schema, &tally) == ERR_NONE) {
		memcpy(key, tally.name.data, tally.name.len);
		key[tally.name.len] = '\0';
		json_out_name(json, key);
		json_out_number(json, tally.count);
	}
	json_out_object_end(json);
}

static void
json_head(
    struct json_out *json, const char *name, uint64_t epoch, uint64_t size, const uint8_t root[32])
{
	json_out_name(json, name);
	if (epoch == 0) {
		json_out_null(json);
		return;
	}
	json_out_object(json);
	json_out_name(json, "epoch");
	json_out_number(json, epoch);
	json_out_name(json, "size");
	json_out_number(json, size);
	json_out_name(json, "root");
	json_out_hex(json, root, 32);
	json_out_object_end(json);
}

static void
json_peer(struct json_out *json, const struct status_peer *peer)
{
	json_out_object(json);
	json_out_name(json, "id");
	json_out_hex(json, peer->org, sizeof(peer->org));
	json_out_name(json, "name");
	json_out_text(json, peer->name);
	json_out_name(json, "state");
	json_out_string(json, request_peer_state_name(peer->state));
	json_out_name(json, "connected_since");
	json_out_time(json, peer->since_ms);
	json_out_name(json, "queued");
	json_out_number(json, peer->queued);
	json_out_name(json, "held");
	json_out_number(json, peer->held);
	json_out_name(json, "in_flight");
	json_out_number(json, peer->in_flight);
	json_out_name(json, "receipted");
	json_out_number(json, peer->receipted);
	json_out_name(json, "received");
	json_out_number(json, peer->received);
	json_tallies(json, "refused", peer->refused);
	json_head(json, "last_head", peer->head_epoch, peer->head_size, peer->head_root);
	json_out_name(json, "last_reason");
	if (peer->last_ms == 0)
		json_out_null(json);
	else
		json_out_string(json, reason_name((enum reason)peer->last_reason));
	json_out_name(json, "last_words");
	json_out_text(json, peer->last_words);
	json_out_name(json, "last_time");
	json_out_time(json, peer->last_ms);
	json_out_name(json, "card_serial");
	json_out_number(json, peer->card_serial);
	json_out_name(json, "card_expires");
	json_out_time(json, peer->card_expires_ms);
	json_out_object_end(json);
}

static void
json_node(struct json_out *json, const struct status_body *status)
{
	struct schema_list endpoints = status->endpoints;
	struct bytes_view endpoint;

	json_out_name(json, "id");
	json_out_hex(json, status->org, sizeof(status->org));
	json_out_name(json, "name");
	json_out_text(json, status->name);
	json_out_name(json, "version");
	json_out_text(json, status->version);
	json_out_name(json, "started");
	json_out_time(json, status->started_ms);
	json_head(json, "head", status->head_epoch, status->head_size, status->head_root);
	json_out_name(json, "is_witnessed");
	json_out_bool(json, status->is_witnessed);
	json_out_name(json, "records");
	json_out_number(json, status->records);
	json_out_name(json, "batches");
	json_out_number(json, status->batches);
	json_out_name(json, "seals");
	json_out_number(json, status->seals);
	json_out_name(json, "policy");
	json_out_hex(json, status->policy, sizeof(status->policy));
	json_out_name(json, "policy_problem");
	json_out_text(json, status->policy_problem);
	json_out_name(json, "sealed_records");
	json_out_number(json, status->sealed_records);
	json_out_name(json, "records_per_seal");
	json_out_number(json, status->seals > 0 ? status->sealed_records / status->seals : 0);
	json_out_name(json, "card_serial");
	json_out_number(json, status->card_serial);
	json_out_name(json, "card_expires");
	json_out_time(json, status->card_expires_ms);
	json_out_name(json, "endpoints");
	json_out_array(json);
	while (schema_list_next_bin(&endpoints, &endpoint) == ERR_NONE)
		json_out_text(json, endpoint);
	json_out_array_end(json);
	json_out_name(json, "refused_handshakes");
	json_out_number(json, status->refused_handshakes);
}

static void
print_json(const struct status_body *status)
{
	struct schema_list peers = status->peers;
	struct status_peer peer;
	struct json_out json;

	json_out_open(&json, stdout);
	json_out_object(&json);
	json_node(&json, status);
	json_out_name(&json, "processes");
	json_out_object(&json);
	json_out_name(&json, "supervisor");
	json_out_number(&json, status->supervisor_pid);
	json_out_name(&json, "link");
	json_out_number(&json, status->link_pid);
	json_out_name(&json, "core");
	json_out_number(&json, status->core_pid);
	json_out_name(&json, "keyring");
	json_out_number(&json, status->keyring_pid);
	json_out_object_end(&json);
	json_out_name(&json, "signatures");
	json_out_object(&json);
	json_tallies(&json, "made", status->made);
	json_tallies(&json, "checked", status->checked);
	json_tallies(&json, "bad", status->failed);
	json_out_object_end(&json);
	json_out_name(&json, "operator");
	json_out_text(&json, status->operator_name);
	json_out_name(&json, "peers");
	json_out_array(&json);
	while (schema_list_next(&peers, &request_status_peer_schema, &peer) == ERR_NONE)
		json_peer(&json, &peer);
	json_out_array_end(&json);
	json_out_object_end(&json);
	json_out_close(&json);
}

static void
print_tallies(const char *head, struct schema_list list)
{
	struct status_tally tally;
	bool any = false;

	printf("%-14s", head);
	while (schema_list_next(&list, &request_tally_schema, &tally) == ERR_NONE) {
		printf("%s%.*s %llu", any ? ", " : "", (int)tally.name.len,
		    (const char *)tally.name.data, (unsigned long long)tally.count);
		any = true;
	}
	printf("%s\n", any ? "" : "-");
}

static void
print_node(const struct status_body *status)
{
	struct schema_list endpoints = status->endpoints;
	struct bytes_view endpoint;

	output_text(stdout, status->name);
	printf("  %s\n", output_id(status->org));
	printf("%-14s%s\n", _("running since"), output_time(status->started_ms));
	printf("%-14s%llu %s, %s %s%s\n", _("log"), (unsigned long long)status->head_size,
	    _("leaves"), _("root"), output_id(status->head_root),
	    status->is_witnessed ? "" : _(", unwitnessed"));
	printf("%-14s%llu %s %llu %s; %llu %s %llu %s\n", _("records"),
	    (unsigned long long)status->records, _("in"), (unsigned long long)status->batches,
	    _("batches"), (unsigned long long)status->sealed_records, _("sealed here under"),
	    (unsigned long long)status->seals, _("seals"));
	printf("%-14s%llu, %s %s\n", _("card"), (unsigned long long)status->card_serial, _("until"),
	    output_time(status->card_expires_ms));
	while (schema_list_next_bin(&endpoints, &endpoint) == ERR_NONE)
		printf(
		    "%-14s%.*s\n", _("listening"), (int)endpoint.len, (const char *)endpoint.data);
	printf("%-14s%s\n", _("policy"), output_id(status->policy));
	print_tallies(_("signed"), status->made);
	print_tallies(_("verified"), status->checked);
	print_tallies(_("bad"), status->failed);
}

static void
print_peers(struct cli *cli, const struct status_body *status)
{
	static const char *const heads[] = {N_("PEER"), N_("STATE"), N_("SINCE"), N_("QUEUED"),
	    N_("HELD"), N_("IN FLIGHT"), N_("RECEIPTED"), N_("RECEIVED"), N_("LAST HEAD"), NULL};
	struct schema_list peers = status->peers;
	struct output_table table;
	struct status_peer peer;

	output_table_open(&table, cli, heads);
	while (schema_list_next(&peers, &request_status_peer_schema, &peer) == ERR_NONE) {
		output_table_text(&table, peer.name, 32);
		output_table_cell(&table, "%s", _(request_peer_state_name(peer.state)));
		output_table_cell(&table, "%s", output_time(peer.since_ms));
		output_table_cell(&table, "%llu", (unsigned long long)peer.queued);
		output_table_cell(&table, "%llu", (unsigned long long)peer.held);
		output_table_cell(&table, "%llu", (unsigned long long)peer.in_flight);
		output_table_cell(&table, "%llu", (unsigned long long)peer.receipted);
		output_table_cell(&table, "%llu", (unsigned long long)peer.received);
		output_table_cell(&table, "%llu", (unsigned long long)peer.head_size);
	}
	if (table.count > (size_t)table.columns)
		printf("\n");
	output_table_close(&table);
}

/* Refusals, with their reasons, and why a peer is not connected. */
static void
print_troubles(const struct status_body *status)
{
	struct schema_list peers = status->peers, refused;
	struct status_peer peer;
	struct status_tally tally;

	while (schema_list_next(&peers, &request_status_peer_schema, &peer) == ERR_NONE) {
		refused = peer.refused;
		while (schema_list_next(&refused, &request_tally_schema, &tally) == ERR_NONE)
			printf("%.*s: %llu %s: %.*s\n", (int)peer.name.len,
			    (const char *)peer.name.data, (unsigned long long)tally.count,
			    _("refused"), (int)tally.name.len, (const char *)tally.name.data);
		if (peer.state != PEER_REMOVED && peer.card_expires_ms < clock_now_ms() + WARN_MS)
			printf("%.*s: %s %s\n", (int)peer.name.len, (const char *)peer.name.data,
			    _("its card expires on"), output_time(peer.card_expires_ms));
		if (peer.last_ms != 0 && peer.state != PEER_OPEN && peer.state != PEER_REMOVED)
			printf("%.*s: %s: %s (%.*s)\n", (int)peer.name.len,
			    (const char *)peer.name.data, output_time(peer.last_ms),
			    reason_name((enum reason)peer.last_reason), (int)peer.last_words.len,
			    (const char *)peer.last_words.data);
	}
}

int
status_run(struct cli *cli)
{
	static const struct empty_body nothing;
	struct client *client;
	struct status_body status;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 0)
		return cli_usage(cli);
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	code = client_ask(cli, client, REQUEST_STATUS, &request_empty_schema, &nothing,
	    &request_status_schema, &status);
	if (code == 0 && cli->is_json) {
		print_json(&status);
	} else if (code == 0) {
		print_node(&status);
		print_peers(cli, &status);
		print_troubles(&status);
	}
	if (code == 0 && status.policy_problem.len > 0)
		cli_complain(_("the policy that was set last cannot be read any more (%.*s): nothing "
			       "is shared or accepted; set one with malla policy set FILE"),
		    (int)status.policy_problem.len, (const char *)status.policy_problem.data);
	if (code == 0 && status.card_expires_ms < clock_now_ms() + WARN_MS)
		cli_complain(_("our own card expires on %s"), output_time(status.card_expires_ms));
	client_close(client);
	return code;
}
