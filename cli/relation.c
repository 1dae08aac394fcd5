#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/relate.h"

struct work {
	struct cli *cli;
	struct client *client;
	struct names names;
	struct relate_communities communities;
	struct record record;
	struct org_id to[AUDIENCE_ORGS_MAX];   /* of a grant: to whom, ascending */
	struct org_id orgs[AUDIENCE_ORGS_MAX]; /* who is told of it */
	uint32_t orgs_count;
};

static int
open_work(struct cli *cli, struct work **out)
{
	struct work *work = calloc(1, sizeof(*work));
	int code;

	*out = work;
	if (work == NULL)
		return cli_fail(ERR_MEMORY, "relation");
	work->cli = cli;
	record_init(&work->record, RECORD_RELATION, TLP_AMBER_STRICT);
	if (client_open(&cli->home, &work->client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	code = names_load(cli, work->client, &work->names);
	return code == 0 ? relate_load(cli, work->client, &work->communities) : code;
}

static void
close_work(struct work *work)
{
	if (work != NULL)
		client_close(work->client);
	free(work);
}

/* ---------------------------------------------------------------- of two organisations */

/* As this organisation says it of the other. */
static const struct {
	const char *name;
	enum relation_type type;
	bool is_subject; /* this organisation is the client, the constituent */
} roles[] = {
    {"client-of", RELATION_CLIENT_OF, true},
    {"provider-of", RELATION_CLIENT_OF, false},
    {"constituent-of", RELATION_CONSTITUENT_OF, true},
    {"cert-of", RELATION_CONSTITUENT_OF, false},
};
#define ROLES_COUNT (sizeof(roles) / sizeof(*roles))
static const char roles_wanted[] = "client-of, provider-of, constituent-of, cert-of";

/* False: there is no such role. */
static bool
state_pair(
    struct work *work, const char *name, const struct org_id *other, enum relation_state state)
{
	struct relation *relation = &work->record.body.relation;
	const struct org_id *self = &work->names.at[0].org;
	size_t i;

	for (i = 0; i < ROLES_COUNT && strcmp(roles[i].name, name) != 0; i++)
		continue;
	if (i == ROLES_COUNT)
		return false;
	relation->type = roles[i].type;
	relation->state = state;
	relation->has_subject = relation->has_object = true;
	relation->subject = roles[i].is_subject ? *self : *other;
	relation->object = roles[i].is_subject ? *other : *self;
	return audience_add_org(&work->record.audience, other) == ERR_NONE;
}

static int
take_until(struct work *work, const char *text)
{
	if (text != NULL && clock_parse(text, &work->record.valid_until_ms) != ERR_NONE)
		return options_wants("--valid-until", _("a time such as 2026-12-31"));
	return 0;
}

static int
send_pair(struct work *work, enum relation_state state)
{
	struct cli *cli = work->cli;
	const struct names_entry *entry = names_find(&work->names, cli->argv[1]);

	if (entry == NULL)
		return err_exit_code(ERR_NOT_FOUND);
	if (entry->is_self) {
		cli_complain(_("%s is this organisation itself"), cli->argv[1]);
		return err_exit_code(ERR_USAGE);
	}
	if (!state_pair(work, cli->argv[0], &entry->org, state))
		return options_wants(_("the relation"), roles_wanted);
	return relate_send(cli, work->client, &work->record);
}

int
relation_add_run(struct cli *cli)
{
	const char *until = NULL;
	const struct option_spec specs[] = {{"--valid-until", NULL, &until, NULL, NULL}};
	struct work *work;
	int code;

	if (!options_take(cli, specs, 1) || cli->argc != 2)
		return cli_usage(cli);
	code = open_work(cli, &work);
	if (code == 0)
		code = take_until(work, until);
	if (code == 0)
		code = send_pair(work, RELATION_ACTIVE);
	if (code == 0)
		cli_say(cli, _("stated; it holds once %s says so too: see malla relation list"),
		    cli->argv[1]);
	close_work(work);
	return code;
}

/* ---------------------------------------------------------------- grants */

/* An organisation, or else a community by name or id; one of the two, or it has been said. */
static int
find_either(struct work *work, const char *text, const struct names_entry **org,
    const struct relate_community **community)
{
	uint32_t orgs = names_count(&work->names, text), communities;

	*org = NULL;
	*community = relate_match(&work->communities, text, &communities);
	if (orgs > 0 && communities > 0) {
		cli_complain(_("'%s' fits an organisation and a community: use the id"), text);
		return err_exit_code(ERR_USAGE);
	}
	if (communities > 0) {
		*community = relate_find(&work->communities, text);
		return *community == NULL ? err_exit_code(ERR_USAGE) : 0;
	}
	*org = names_find(&work->names, text);
	return *org == NULL ? err_exit_code(ERR_NOT_FOUND) : 0;
}

static int
take_holder(struct work *work, const char *text)
{
	struct relation *relation = &work->record.body.relation;
	const struct relate_community *community;
	const struct names_entry *org;
	int code = find_either(work, text, &org, &community);

	if (code != 0)
		return code;
	relation->has_subject = org != NULL;
	relation->has_community = community != NULL;
	if (community != NULL)
		relation->community = community->id;
	else
		relation->subject = org->org;
	return 0;
}

static int
take_target(struct work *work, const char *text)
{
	struct relation *relation = &work->record.body.relation;

	if (text == NULL)
		return 0;
	relation->has_target = true;
	return hex_decode(text, relation->target.bytes, sizeof(relation->target.bytes)) == ERR_NONE
		   ? 0
		   : options_wants("--record", _("a record's id: 64 hexadecimal digits"));
}

static int
add_recipient(struct work *work, const char *text)
{
	struct relation *relation = &work->record.body.relation;
	const struct relate_community *community;
	const struct names_entry *org;
	int code = find_either(work, text, &org, &community);
	uint32_t at = work->orgs_count;

	if (code != 0)
		return code;
	if (community != NULL) {
		if (relation->has_to_community)
			return options_wants("--to", _("one community at most"));
		relation->has_to_community = true;
		relation->to_community = community->id;
		return 0;
	}
	if (at == AUDIENCE_ORGS_MAX)
		return cli_fail(ERR_TOO_LARGE, "--to");
	for (; at > 0 && memcmp(&work->orgs[at - 1], &org->org, sizeof(org->org)) > 0; at--)
		work->orgs[at] = work->orgs[at - 1];
	if (at > 0 && memcmp(&work->orgs[at - 1], &org->org, sizeof(org->org)) == 0)
		return options_wants("--to", _("each organisation once"));
	work->orgs[at] = org->org;
	work->orgs_count++;
	return 0;
}

/* Holder and recipients ask for a grant both, so that they are told of it, and of its end.  Of a
   sector's grant every peer is told: it is whoever it may be. */
static int
send_grant(struct work *work, bool is_for_sector, const struct community_id *to_community)
{
	struct record *record = &work->record;
	const struct relation *relation = &record->body.relation;
	const struct community_id *communities[2];
	uint32_t count = 0, i;
	int code;

	record->marking.tlp = is_for_sector ? TLP_GREEN : TLP_AMBER;
	if (is_for_sector)
		return relate_send(work->cli, work->client, record);
	if (relation->has_subject && work->orgs_count < AUDIENCE_ORGS_MAX)
		work->orgs[work->orgs_count++] = relation->subject;
	for (i = 0; i < work->orgs_count; i++) {
		if (audience_add_org(&record->audience, &work->orgs[i]) != ERR_NONE)
			return cli_fail(ERR_TOO_LARGE, "--to");
	}
	if (relation->has_community)
		communities[count++] = &relation->community;
	if (to_community != NULL &&
	    (count == 0 || memcmp(communities[0], to_community, sizeof(*to_community)) != 0))
		communities[count++] = to_community;
	record->audience.has_community = count > 0;
	if (count > 0)
		record->audience.community = *communities[0];
	code = relate_send(work->cli, work->client, record);
	if (code == 0 && count == 2) {
		/* an audience has one community: the same words to the other */
		record->audience.community = *communities[1];
		code = relate_send(work->cli, work->client, record);
	}
	return code;
}

struct grant_options {
	const char *tlp, *until, *sector, *target;
	const char *to[OPTIONS_LIST_MAX];
	uint32_t to_count;
};

static int
make_grant(struct work *work, const struct grant_options *options)
{
	struct relation *relation = &work->record.body.relation;
	uint32_t i;
	int code = take_holder(work, work->cli->argv[0]);

	relation->type = RELATION_GRANT;
	relation->state = RELATION_ACTIVE;
	if (code == 0)
		code = take_target(work, options->target);
	for (i = 0; i < options->to_count && code == 0; i++)
		code = add_recipient(work, options->to[i]);
	if (code != 0)
		return code;
	memcpy(work->to, work->orgs, sizeof(work->to));
	relation->to_orgs = org_list_of(work->to, work->orgs_count);
	if (options->sector != NULL && strlen(options->sector) > SECTOR_BYTES_MAX)
		return options_wants("--sector", _("a word such as bank"));
	if (options->sector != NULL)
		relation->to_sector = bytes_view_str(options->sector);
	if (options->to_count == 0 && options->sector == NULL)
		return options_wants("--to", _("an organisation or a community, or --sector"));
	relation->has_tlp =
	    options->tlp != NULL && tlp_parse(bytes_view_str(options->tlp), &relation->tlp);
	if (!relation->has_tlp)
		return options_wants("--tlp", "clear, green, amber, amber+strict, red");
	code = take_until(work, options->until);
	if (code == 0 && work->record.valid_until_ms == 0)
		return options_wants("--valid-until", _("a time such as 2026-12-31"));
	return code;
}

int
relation_grant_run(struct cli *cli)
{
	struct grant_options options = {0};
	const struct option_spec specs[] = {
	    {"--tlp", NULL, &options.tlp, NULL, NULL},
	    {"--valid-until", NULL, &options.until, NULL, NULL},
	    {"--sector", NULL, &options.sector, NULL, NULL},
	    {"--record", NULL, &options.target, NULL, NULL},
	    {"--to", NULL, NULL, options.to, &options.to_count},
	};
	struct work *work;
	int code;

	if (!options_take(cli, specs, 5) || cli->argc != 1)
		return cli_usage(cli);
	code = open_work(cli, &work);
	if (code == 0)
		code = make_grant(work, &options);
	if (code == 0)
		code = send_grant(work, options.sector != NULL,
		    work->record.body.relation.has_to_community
			? &work->record.body.relation.to_community
			: NULL);
	if (code == 0)
		cli_say(cli, _("granted; malla relation end grant %s ends it"), cli->argv[0]);
	close_work(work);
	return code;
}

/* ---------------------------------------------------------------- ending */

static bool
is_stated(const uint8_t id[32])
{
	static const uint8_t zeros[32];

	return memcmp(id, zeros, sizeof(zeros)) != 0;
}

/* The grant of ours to this holder, in force: who was told of it is told of its end. */
static int
find_grant(struct work *work, struct relation_entry *entry)
{
	static const struct empty_body nothing;
	struct relation *wanted = &work->record.body.relation;
	struct relation_list_body body;
	int code = client_ask(work->cli, work->client, REQUEST_RELATION_LIST, &request_empty_schema,
	    &nothing, &request_relations_schema, &body);

	while (code == 0 && schema_list_next(&body.relations, &request_relations_entry_schema,
				entry) == ERR_NONE) {
		if (entry->type == RELATION_GRANT && entry->state == RELATION_ACTIVE &&
		    memcmp(entry->author, work->names.at[0].org.bytes, 32) == 0 &&
		    memcmp(entry->subject, wanted->subject.bytes, 32) == 0 &&
		    memcmp(entry->community, wanted->community.bytes, 32) == 0 &&
		    memcmp(entry->target, wanted->target.bytes, 32) == 0)
			return 0;
	}
	if (code == 0)
		cli_complain(_("no such grant is in force: see malla relation list"));
	return code == 0 ? err_exit_code(ERR_NOT_FOUND) : code;
}

static int
end_grant(struct work *work, const char *target)
{
	struct relation *relation = &work->record.body.relation;
	struct community_id to_community;
	struct relation_entry entry;
	int code = take_holder(work, work->cli->argv[1]);

	if (code == 0)
		code = take_target(work, target);
	if (code == 0)
		code = find_grant(work, &entry);
	if (code != 0)
		return code;
	relation->type = RELATION_GRANT;
	relation->state = RELATION_ENDED;
	work->record.valid_until_ms = entry.valid_until_ms;
	work->orgs_count = (uint32_t)(entry.to_orgs.len / sizeof(struct org_id));
	if (work->orgs_count > 0)
		memcpy(work->orgs, entry.to_orgs.data, work->orgs_count * sizeof(struct org_id));
	memcpy(to_community.bytes, entry.to_community, sizeof(to_community.bytes));
	return send_grant(
	    work, entry.to_sector.len > 0, is_stated(entry.to_community) ? &to_community : NULL);
}

int
relation_end_run(struct cli *cli)
{
	const char *target = NULL;
	const struct option_spec specs[] = {{"--record", NULL, &target, NULL, NULL}};
	struct work *work;
	int code;

	if (!options_take(cli, specs, 1) || cli->argc != 2)
		return cli_usage(cli);
	code = open_work(cli, &work);
	if (code == 0 && strcmp(cli->argv[0], "grant") == 0)
		code = end_grant(work, target);
	else if (code == 0)
		code = send_pair(work, RELATION_ENDED);
	if (code == 0)
		cli_say(cli, _("ended"));
	close_work(work);
	return code;
}

/* ---------------------------------------------------------------- list */

static void
json_id(struct json_out *json, const char *name, const uint8_t id[32])
{
	if (!is_stated(id))
		return;
	json_out_name(json, name);
	json_out_hex(json, id, 32);
}

static void
json_entry(struct json_out *json, const struct relation_entry *entry)
{
	size_t at;

	json_out_object(json);
	json_id(json, "id", entry->id);
	json_id(json, "author", entry->author);
	json_out_name(json, "relation");
	json_out_string(json, relation_name((enum relation_type)entry->type));
	json_out_name(json, "state");
	json_out_string(json, relation_state_name((enum relation_state)entry->state));
	json_out_name(json, "is_valid");
	json_out_bool(json, entry->is_valid);
	json_out_name(json, "is_mutual");
	json_out_bool(json, entry->is_mutual);
	json_id(json, "subject", entry->subject);
	json_id(json, "object", entry->object);
	json_id(json, "community", entry->community);
	json_id(json, "target", entry->target);
	if (entry->to_orgs.len > 0) {
		json_out_name(json, "to");
		json_out_array(json);
		for (at = 0; at + 32 <= entry->to_orgs.len; at += 32)
			json_out_hex(json, entry->to_orgs.data + at, 32);
		json_out_array_end(json);
	}
	json_id(json, "to_community", entry->to_community);
	if (entry->to_sector.len > 0) {
		json_out_name(json, "to_sector");
		json_out_text(json, entry->to_sector);
	}
	if (entry->type == RELATION_GRANT && entry->state == RELATION_ACTIVE) {
		json_out_name(json, "tlp");
		json_out_string(json, tlp_name((enum tlp)entry->tlp));
	}
	json_out_name(json, "created");
	json_out_time(json, entry->created_ms);
	if (entry->valid_until_ms > 0) {
		json_out_name(json, "valid_until");
		json_out_time(json, entry->valid_until_ms);
	}
	json_out_object_end(json);
}

/* "Telco, Banco; fin-mx; bank" */
static void
put_recipients(
    struct output_table *table, const struct work *work, const struct relation_entry *entry)
{
	struct bytes text;
	size_t at;

	bytes_init(&text, AUDIENCE_ORGS_MAX * (NAME_BYTES_MAX + 2) + 512);
	for (at = 0; at + 32 <= entry->to_orgs.len; at += 32) {
		const char *name = names_of(&work->names, entry->to_orgs.data + at);

		bytes_append(&text, ", ", at > 0 ? 2 : 0);
		bytes_append(&text, name, strlen(name));
	}
	if (is_stated(entry->to_community)) {
		const char *name = relate_name(&work->communities, entry->to_community);

		bytes_append(&text, "; ", text.len > 0 ? 2 : 0);
		bytes_append(&text, name, strlen(name));
	}
	bytes_append(&text, "; ", text.len > 0 && entry->to_sector.len > 0 ? 2 : 0);
	bytes_append(&text, entry->to_sector.data, entry->to_sector.len);
	if (entry->state == RELATION_ACTIVE) {
		bytes_append(&text, ", ", 2);
		bytes_append(&text, tlp_label((enum tlp)entry->tlp),
		    strlen(tlp_label((enum tlp)entry->tlp)));
	}
	output_table_text(table, bytes_as_view(&text), 80);
	bytes_release(&text);
}

static const char *
standing_of(const struct relation_entry *entry)
{
	if (entry->state == RELATION_ENDED)
		return _("ended");
	if (!entry->is_valid)
		return _("not valid now");
	if (entry->type == RELATION_GRANT || entry->type == RELATION_LEFT || entry->is_mutual)
		return _("holds");
	return _("one side only");
}

static void
list_entry(struct output_table *table, const struct work *work, const struct relation_entry *entry)
{
	output_table_text(table, bytes_view_str(names_of(&work->names, entry->author)), 24);
	output_table_cell(table, "%s", relation_name((enum relation_type)entry->type));
	if (is_stated(entry->subject))
		output_table_text(
		    table, bytes_view_str(names_of(&work->names, entry->subject)), 24);
	else
		output_table_text(
		    table, bytes_view_str(relate_name(&work->communities, entry->community)), 24);
	if (entry->type == RELATION_GRANT)
		put_recipients(table, work, entry);
	else if (is_stated(entry->object))
		output_table_text(table, bytes_view_str(names_of(&work->names, entry->object)), 24);
	else
		output_table_cell(table, "-");
	output_table_cell(table, "%s", standing_of(entry));
	output_table_cell(table, "%s", output_time(entry->valid_until_ms));
}

int
relation_list_run(struct cli *cli)
{
	static const char *const heads[] = {
	    N_("AUTHOR"), N_("RELATION"), N_("OF"), N_("TO"), N_("STANDING"), N_("UNTIL"), NULL};
	static const struct empty_body nothing;
	struct relation_list_body body;
	struct relation_entry entry;
	struct output_table table;
	struct json_out json;
	struct work *work;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 0)
		return cli_usage(cli);
	code = open_work(cli, &work);
	if (code == 0)
		code = client_ask(cli, work->client, REQUEST_RELATION_LIST, &request_empty_schema,
		    &nothing, &request_relations_schema, &body);
	if (code == 0) {
		output_table_open(&table, cli, heads);
		if (cli->is_json) {
			json_out_open(&json, stdout);
			json_out_array(&json);
		}
		while (schema_list_next(&body.relations, &request_relations_entry_schema, &entry) ==
		       ERR_NONE) {
			if (cli->is_json)
				json_entry(&json, &entry);
			else
				list_entry(&table, work, &entry);
		}
		output_table_close(&table);
		if (cli->is_json) {
			json_out_array_end(&json);
			json_out_close(&json);
		}
		if (body.is_cut)
			cli_say(cli, _("there are more than fit in one answer"));
	}
	close_work(work);
	return code;
}
