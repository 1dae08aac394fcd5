/*
 * explain: why a record did or did not go to a peer, or was taken from one: what happened, the
 * decision as the send path makes it now, and every rule with what it asked and what was there.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/decision_out.h"
#include "cli/options.h"
#include "cli/policy_send.h"
#include "policy/decide.h"

#define CONDITION_BYTES 2048u

struct explained {
	struct cli *cli;
	struct client *client;
	struct names names;
	const struct names_entry *peer;
	bool is_inbound;
	struct policy_load load; /* a candidate, where one was given */
	struct schema_list lists;
	struct bytes items;
	struct explain_body body;
	struct decision_body decision;
};

/* ---------------------------------------------------------------- JSON */

static const char *const traces[] = {"not-reached", "other-party", "no-match", "matched"};
#define TRACES_COUNT 4u

static void
json_rules(struct json_out *json, const struct explained *explained)
{
	struct schema_list rules = explained->body.rules;
	struct explain_rule rule;

	json_out_name(json, "rules");
	json_out_array(json);
	while (schema_list_next(&rules, &request_preview_rule_schema, &rule) == ERR_NONE) {
		json_out_object(json);
		json_out_name(json, "line");
		json_out_number(json, rule.line);
		json_out_name(json, "action");
		json_out_string(json, rule.action <= RULE_KEEP
					  ? rule_action_name((enum rule_action)rule.action)
					  : "?");
		json_out_name(json, "name");
		json_out_text(json, rule.name);
		if (rule.approvers > 0) {
			json_out_name(json, "approvers");
			json_out_number(json, rule.approvers);
		}
		if (rule.redacted != 0) {
			json_out_name(json, "redacted");
			decision_out_json_redacted(json, rule.redacted);
		}
		json_out_name(json, "trace");
		json_out_string(json, rule.trace < TRACES_COUNT ? traces[rule.trace] : "?");
		json_out_name(json, "source");
		json_out_text(json, rule.source);
		if (rule.condition.len > 0) {
			json_out_name(json, "condition");
			json_out_text(json, rule.condition);
			json_out_name(json, "value");
			if (rule.value.len > 0)
				json_out_text(json, rule.value);
			else
				json_out_null(json);
			json_out_name(json, "value_of");
			json_out_string(json, rule.is_of_peer ? "peer" : "record");
		}
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static void
json_deliveries(struct json_out *json, const struct explained *explained)
{
	struct schema_list deliveries = explained->body.deliveries;
	struct show_delivery delivery;

	json_out_name(json, "deliveries");
	json_out_array(json);
	while (schema_list_next(&deliveries, &request_delivery_schema, &delivery) == ERR_NONE) {
		json_out_object(json);
		json_out_name(json, "number");
		json_out_number(json, delivery.number);
		json_out_name(json, "state");
		json_out_string(json, delivery.state == 1   ? "sent"
				      : delivery.state == 2 ? "receipted"
							    : "withdrawn");
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
json_logged(struct json_out *json, const struct explained *explained)
{
	struct schema_list logged = explained->body.logged;
	struct explain_logged entry;

	json_out_name(json, "logged");
	json_out_array(json);
	while (schema_list_next(&logged, &request_preview_logged_schema, &entry) == ERR_NONE) {
		json_out_object(json);
		json_out_name(json, "number");
		json_out_number(json, entry.number);
		json_out_name(json, "time");
		json_out_time(json, entry.time_ms);
		json_out_name(json, "policy");
		json_out_hex(json, entry.policy, sizeof(entry.policy));
		json_out_name(json, "rule");
		json_out_text(json, entry.rule);
		json_out_name(json, "leaf");
		json_out_number(json, entry.leaf);
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static void
json_ways(struct json_out *json, const struct explained *explained)
{
	struct schema_list ways = explained->body.ways;
	struct show_way way;

	json_out_name(json, "ways");
	json_out_array(json);
	while (schema_list_next(&ways, &request_way_schema, &way) == ERR_NONE) {
		json_out_object(json);
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

static void
json_approvals(struct json_out *json, const struct explained *explained)
{
	struct schema_list approvals = explained->body.approvals;
	struct explain_approval approval;

	json_out_name(json, "approvals");
	json_out_array(json);
	while (
	    schema_list_next(&approvals, &request_preview_approval_schema, &approval) == ERR_NONE) {
		json_out_object(json);
		json_out_name(json, "operator");
		json_out_text(json, approval.operator_name);
		json_out_name(json, "said");
		json_out_string(json, approval.is_rejection ? "rejected" : "released");
		json_out_name(json, "time");
		json_out_time(json, approval.given_ms);
		json_out_name(json, "policy");
		json_out_hex(json, approval.policy, sizeof(approval.policy));
		json_out_name(json, "counts");
		json_out_bool(json, approval.counts);
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static void
json_id(struct json_out *json, const char *name, const uint8_t id[32])
{
	json_out_name(json, name);
	json_out_hex(json, id, 32);
}

static void
print_json(const struct explained *explained)
{
	const struct explain_body *body = &explained->body;
	struct json_out json;

	json_out_open(&json, stdout);
	json_out_object(&json);
	json_id(&json, "id", body->id);
	json_out_name(&json, "tlp");
	json_out_string(&json, tlp_name((enum tlp)body->tlp));
	json_id(&json, "author", body->author);
	json_id(&json, "via", body->via);
	json_out_name(&json, "received");
	json_out_time(&json, body->received_ms);
	json_out_name(&json, "direction");
	json_out_string(&json, explained->is_inbound ? "in" : "out");
	json_id(&json, "peer", explained->peer->org.bytes);
	json_out_name(&json, "peer_name");
	json_out_string(&json, explained->peer->name);
	json_out_name(&json, "policy");
	json_out_object(&json);
	json_id(&json, "hash", body->policy);
	json_out_name(&json, "name");
	json_out_text(&json, body->policy_name);
	json_out_name(&json, "in_force");
	json_out_bool(&json, body->is_in_force);
	json_out_object_end(&json);
	json_out_name(&json, "decision");
	json_out_object(&json);
	decision_out_json(&json, &explained->decision);
	json_out_object_end(&json);
	json_out_name(&json, "values_hidden");
	json_out_bool(&json, body->is_hidden);
	json_rules(&json, explained);
	if (explained->is_inbound) {
		json_ways(&json, explained);
	} else {
		json_deliveries(&json, explained);
		json_logged(&json, explained);
		json_approvals(&json, explained);
		json_out_name(&json, "waiting");
		json_out_number(&json, body->waiting);
		json_out_name(&json, "held");
		json_out_number(&json, body->held);
	}
	json_out_object_end(&json);
	json_out_close(&json);
}

/* ---------------------------------------------------------------- a page */

static void
print_head(const struct explained *explained)
{
	const struct explain_body *body = &explained->body;
	char text[DECISION_OUT_BYTES];

	printf("%-12s%s  %s\n", _("record"), output_full_id(body->id),
	    output_tlp(explained->cli, (enum tlp)body->tlp));
	printf("%-12s%s\n", _("author"), names_of(&explained->names, body->author));
	printf("%-12s%s\n", explained->is_inbound ? _("from") : _("to"), explained->peer->name);
	decision_out_action(&explained->decision, text);
	printf("%-12s%s\n", _("decision"), text);
	decision_out_why(&explained->decision, text);
	printf("%-12s%s\n", _("because"), text);
	decision_out_ceiling(&explained->decision, text);
	printf("%-12s%s: %s\n", _("ceiling"),
	    explained->decision.ceiling == REASON_STORED ? _("may go") : _("may not go"), text);
	printf("%-12s%.*s, %s%s\n", _("policy"), (int)body->policy_name.len,
	    (const char *)body->policy_name.data, output_id(body->policy),
	    body->is_in_force ? _(" (in force)") : _(" (not in force)"));
}

static void
print_history(const struct explained *explained)
{
	const struct explain_body *body = &explained->body;
	struct schema_list list = body->deliveries;
	struct show_delivery delivery;
	struct explain_approval approval;
	struct explain_logged logged;
	struct show_way way;
	uint32_t told = list.count + body->ways.count + body->approvals.count;

	printf("\n%s\n", _("what happened"));
	while (schema_list_next(&list, &request_delivery_schema, &delivery) == ERR_NONE)
		printf(_("  %s  left in envelope %llu; %s\n"), output_time(delivery.sent_ms),
		    (unsigned long long)delivery.number,
		    delivery.state == 2   ? _(reason_text((enum reason)delivery.outcome))
		    : delivery.state == 1 ? _("no receipt yet")
					  : _("withdrawn"));
	list = body->logged;
	while (schema_list_next(&list, &request_preview_logged_schema, &logged) == ERR_NONE)
		printf(_("  %s  leaf %llu: envelope %llu left by rule '%.*s' of policy %s\n"),
		    output_time(logged.time_ms), (unsigned long long)logged.leaf,
		    (unsigned long long)logged.number, (int)logged.rule.len,
		    (const char *)logged.rule.data, output_id(logged.policy));
	list = body->approvals;
	while (schema_list_next(&list, &request_preview_approval_schema, &approval) == ERR_NONE)
		printf(_("  %s  %s by %.*s%s\n"), output_time(approval.given_ms),
		    approval.is_rejection ? _("rejected") : _("released"),
		    (int)approval.operator_name.len, (const char *)approval.operator_name.data,
		    approval.counts ? "" : _(" (does not count now)"));
	list = body->ways;
	while (schema_list_next(&list, &request_way_schema, &way) == ERR_NONE)
		printf(_("  %s  came in envelope %llu\n"), output_time(way.time_ms),
		    (unsigned long long)way.number);
	if (body->waiting > 0)
		printf(_("  %llu records of its batch wait to leave\n"),
		    (unsigned long long)body->waiting);
	if (body->held > 0)
		printf(_("  %llu records of its batch are held for approvers\n"),
		    (unsigned long long)body->held);
	if (told + body->waiting + body->held == 0)
		printf("  %s\n", explained->is_inbound ? _("it did not come from there")
						       : _("it was not sent there"));
}

static const char *
nothing_there(const struct explained *explained, const struct explain_rule *rule)
{
	if (rule->is_of_peer)
		return _("nothing of the kind is known of the peer");
	return explained->body.is_hidden ? _("what it has is not shown to auditors")
					 : _("it states nothing");
}

/* "confidence >= 60: it has 20" */
static void
write_why(const struct explained *explained, const struct explain_rule *rule, char *out)
{
	char condition[CONDITION_BYTES], value[CONDITION_BYTES];

	switch ((enum decide_trace)rule->trace) {
	case DECIDE_MATCHED:
		(void)snprintf(out, 2 * CONDITION_BYTES, "%s", _("it matches"));
		return;
	case DECIDE_NOT_REACHED:
		(void)snprintf(
		    out, 2 * CONDITION_BYTES, "%s", _("not reached: a rule before it matched"));
		return;
	case DECIDE_OTHER_PARTY:
	case DECIDE_NO_MATCH:
		break;
	}
	decision_out_names(&explained->names, rule->condition, condition, sizeof(condition));
	decision_out_names(&explained->names, rule->value, value, sizeof(value));
	if (rule->value.len == 0)
		(void)snprintf(
		    out, 2 * CONDITION_BYTES, "%s: %s", condition, nothing_there(explained, rule));
	else if (rule->is_of_peer)
		(void)snprintf(
		    out, 2 * CONDITION_BYTES, _("%s: the peer has %s"), condition, value);
	else
		(void)snprintf(out, 2 * CONDITION_BYTES, _("%s: it has %s"), condition, value);
}

static void
print_rules(const struct explained *explained)
{
	static const char *const heads[] = {N_("LINE"), N_("RULE"), N_("NAME"), N_("WHY"), NULL};
	struct schema_list rules = explained->body.rules;
	char action[DECISION_OUT_BYTES], why[2 * CONDITION_BYTES];
	struct output_table table;
	struct explain_rule rule;

	printf("\n%s\n", explained->is_inbound ? _("the rules for what comes in, in order")
					       : _("the rules for what goes out, in order"));
	output_table_open(&table, explained->cli, heads);
	while (schema_list_next(&rules, &request_preview_rule_schema, &rule) == ERR_NONE) {
		decision_out_rule_action(rule.action, rule.approvers, rule.redacted, action);
		write_why(explained, &rule, why);
		output_table_cell(&table, "%llu", (unsigned long long)rule.line);
		output_table_cell(&table, "%s", action);
		output_table_cell(&table, "%.*s", rule.name.len > 0 ? (int)rule.name.len : 1,
		    rule.name.len > 0 ? (const char *)rule.name.data : "-");
		output_table_cell(&table, "%s", why);
	}
	output_table_close(&table);
}

/* ---------------------------------------------------------------- the command */

static int
ask(struct explained *explained, const char *id, const char *peer)
{
	struct explain_arguments arguments = {.id = bytes_view_str(id),
	    .is_inbound = explained->is_inbound,
	    .policy = bytes_as_view(&explained->load.text),
	    .lists = explained->lists};
	int code = names_load(explained->cli, explained->client, &explained->names);

	if (code != 0)
		return code;
	explained->peer = names_find(&explained->names, peer);
	if (explained->peer == NULL)
		return err_exit_code(ERR_NOT_FOUND);
	memcpy(arguments.org, explained->peer->org.bytes, sizeof(arguments.org));
	code = client_ask(explained->cli, explained->client, REQUEST_EXPLAIN,
	    &request_preview_explain_schema, &arguments, &request_preview_explain_body_schema,
	    &explained->body);
	if (code == 0 && schema_decode(&request_preview_decision_schema, explained->body.decision,
			     &explained->decision) != ERR_NONE)
		code = cli_fail(ERR_INVALID, id);
	return code;
}

static int
run(struct explained *explained, const char *id, const char *peer, const char *file)
{
	int code = 0;

	if (client_open(&explained->cli->home, &explained->client) != ERR_NONE) {
		explained->client = NULL;
		return cli_fail(ERR_UNREACHABLE, explained->cli->home.path);
	}
	if (file != NULL)
		code = policy_send(explained->cli, explained->client, file, &explained->load,
		    &explained->lists, &explained->items);
	if (code == 0)
		code = ask(explained, id, peer);
	if (code != 0)
		return code;
	if (explained->cli->is_json) {
		print_json(explained);
		return 0;
	}
	print_head(explained);
	print_history(explained);
	print_rules(explained);
	return 0;
}

int
explain_run(struct cli *cli)
{
	const char *to = NULL, *from = NULL, *file = NULL;
	const struct option_spec specs[] = {
	    {"--to", NULL, &to, NULL, NULL},
	    {"--from", NULL, &from, NULL, NULL},
	    {"--policy", NULL, &file, NULL, NULL},
	};
	struct explained *explained;
	int code;

	if (!options_take(cli, specs, sizeof(specs) / sizeof(*specs)) || cli->argc != 1 ||
	    (to == NULL) == (from == NULL) || strlen(cli->argv[0]) < 8 || strlen(cli->argv[0]) > 64)
		return cli_usage(cli);
	explained = calloc(1, sizeof(*explained));
	if (explained == NULL)
		return cli_fail(ERR_MEMORY, "explain");
	explained->cli = cli;
	explained->is_inbound = from != NULL;
	bytes_init(&explained->items, REQUEST_BYTES_MAX);
	code = run(explained, cli->argv[0], to != NULL ? to : from, file);
	client_close(explained->client);
	policy_load_release(&explained->load);
	bytes_release(&explained->items);
	free(explained);
	return code;
}
