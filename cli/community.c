#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/relate.h"
#include "crypto/digest.h"

/* What all of these commands need, and the charter that one of them makes. */
struct work {
	struct cli *cli;
	struct client *client;
	struct names names;
	struct relate_communities communities;
	struct record record;
	struct community_id id;
	uint32_t members_count;
	uint32_t stewards_count;
	struct org_id members[MEMBERS_MAX];
	struct org_id stewards[STEWARDS_MAX];
	char name[TITLE_BYTES_MAX + 1];
};

static int
open_work(struct cli *cli, struct work **out)
{
	struct work *work = calloc(1, sizeof(*work));
	int code;

	*out = work;
	if (work == NULL)
		return cli_fail(ERR_MEMORY, "community");
	work->cli = cli;
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

static const struct org_id *
self_of(const struct work *work)
{
	return &work->names.at[0].org;
}

/* ---------------------------------------------------------------- lists of organisations */

/* In order; a repeat changes nothing.  False: it is full. */
static bool
add_org(struct org_id *orgs, uint32_t *count, uint32_t max, const struct org_id *org)
{
	uint32_t at = *count;
	int order = 1;

	while (at > 0 && (order = memcmp(&orgs[at - 1], org, sizeof(*org))) > 0)
		at--;
	if (at > 0 && order == 0)
		return true;
	if (*count == max)
		return false;
	memmove(&orgs[at + 1], &orgs[at], (*count - at) * sizeof(*org));
	orgs[at] = *org;
	++*count;
	return true;
}

static bool
drop_org(struct org_id *orgs, uint32_t *count, const struct org_id *org)
{
	uint32_t i;

	for (i = 0; i < *count; i++) {
		if (memcmp(&orgs[i], org, sizeof(*org)) == 0) {
			memmove(&orgs[i], &orgs[i + 1], (*count - i - 1) * sizeof(*org));
			--*count;
			return true;
		}
	}
	return false;
}

static bool
add_member(struct work *work, const struct org_id *org)
{
	return add_org(work->members, &work->members_count, MEMBERS_MAX, org);
}

static bool
add_steward(struct work *work, const struct org_id *org)
{
	return add_org(work->stewards, &work->stewards_count, STEWARDS_MAX, org);
}

static int
too_many(void)
{
	cli_complain(
	    _("a community has at most %u members and %u stewards"), MEMBERS_MAX, STEWARDS_MAX);
	return err_exit_code(ERR_TOO_LARGE);
}

static int
add_named(struct work *work, const char *const *names, uint32_t count, bool is_steward)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		const struct names_entry *entry = names_find(&work->names, names[i]);

		if (entry == NULL)
			return err_exit_code(ERR_NOT_FOUND);
		if (!(is_steward ? add_steward(work, &entry->org) : add_member(work, &entry->org)))
			return too_many();
	}
	return 0;
}

/* ---------------------------------------------------------------- charters */

/* One record for as many of those that it lists as one audience holds. */
static int
send_charter(struct work *work)
{
	struct charter *charter = &work->record.body.charter;
	uint32_t lists[2] = {work->members_count, work->stewards_count}, n, i;
	const struct org_id *orgs[2] = {work->members, work->stewards};
	int code = 0;

	charter->members = org_list_of(work->members, work->members_count);
	charter->stewards = org_list_of(work->stewards, work->stewards_count);
	audience_init(&work->record.audience);
	for (n = 0; n < 2 && code == 0; n++) {
		for (i = 0; i < lists[n] && code == 0; i++) {
			if (work->record.audience.orgs_count == AUDIENCE_ORGS_MAX) {
				code = relate_send(work->cli, work->client, &work->record);
				audience_init(&work->record.audience);
			}
			if (audience_add_org(&work->record.audience, &orgs[n][i]) != ERR_NONE)
				code = too_many();
		}
	}
	return code == 0 ? relate_send(work->cli, work->client, &work->record) : code;
}

/* The hash of the charter that was just sent. */
static enum err
hash_charter(const struct work *work, struct hash *out)
{
	struct record *decoded = malloc(sizeof(*decoded));
	struct bytes bytes;
	enum err err = decoded == NULL ? ERR_MEMORY : ERR_NONE;

	bytes_init(&bytes, RECORD_BYTES_MAX);
	if (err == ERR_NONE)
		err = record_encode(&work->record, &bytes);
	if (err == ERR_NONE)
		err = record_decode(bytes_as_view(&bytes), true, decoded, NULL);
	if (err == ERR_NONE)
		charter_hash(decoded->body_bytes, out);
	bytes_release(&bytes);
	free(decoded);
	return err;
}

static void
begin_charter(struct work *work, const char *name, uint64_t serial)
{
	record_init(&work->record, RECORD_CHARTER, TLP_AMBER_STRICT);
	work->record.body.title = bytes_view_str(name);
	work->record.body.charter.serial = serial;
}

/* What is in force now, and what was asked for, to say which. */
static int
report(struct work *work, uint64_t wanted)
{
	struct community_entry entry;
	struct json_out json;
	int code = relate_get(work->cli, work->client, &work->id, &entry);

	if (code != 0)
		return code;
	if (work->cli->is_json) {
		json_out_open(&json, stdout);
		json_out_object(&json);
		json_out_name(&json, "id");
		json_out_hex(&json, work->id.bytes, sizeof(work->id.bytes));
		json_out_name(&json, "serial");
		json_out_number(&json, entry.serial);
		json_out_name(&json, "is_in_force");
		json_out_bool(&json, entry.serial >= wanted);
		json_out_object_end(&json);
		json_out_close(&json);
	} else {
		printf("%s\n", output_full_id(work->id.bytes));
	}
	if (entry.serial < wanted)
		cli_say(work->cli,
		    _("charter %llu waits for more stewards: %llu in all must run the same "
		      "command"),
		    (unsigned long long)wanted, (unsigned long long)entry.threshold);
	return 0;
}

/* The founder alone signs the first charter; where more stewards are wanted, it names them, and how
   many it takes from then on, in the second. */
static int
found(struct work *work, const char *name, uint32_t threshold)
{
	struct charter *charter = &work->record.body.charter;
	struct hash hash;
	enum err err;
	int code;

	begin_charter(work, name, 1);
	charter->threshold = 1;
	digest_random(charter->nonce.bytes, sizeof(charter->nonce.bytes));
	code = send_charter(work);
	if (code != 0)
		return code;
	err = hash_charter(work, &hash);
	if (err != ERR_NONE)
		return cli_fail(err, name);
	memcpy(work->id.bytes, hash.bytes, sizeof(work->id.bytes));
	if (threshold == 1)
		return report(work, 1);
	charter->serial = 2;
	charter->has_community = charter->has_previous = true;
	charter->community = work->id;
	charter->previous = hash;
	charter->threshold = threshold;
	code = send_charter(work);
	return code == 0 ? report(work, 2) : code;
}

static bool
take_threshold(const char *text, uint32_t max, uint32_t *out)
{
	char *end;
	unsigned long number;

	if (text == NULL)
		return true;
	number = strtoul(text, &end, 10);
	*out = (uint32_t)number;
	return text[0] >= '1' && text[0] <= '9' && *end == '\0' && number <= max;
}

int
community_create_run(struct cli *cli)
{
	const char *members[OPTIONS_LIST_MAX], *stewards[OPTIONS_LIST_MAX], *threshold = NULL;
	uint32_t members_count = 0, stewards_count = 0, wanted = 1;
	const struct option_spec specs[] = {
	    {"--member", NULL, NULL, members, &members_count},
	    {"--steward", NULL, NULL, stewards, &stewards_count},
	    {"--threshold", NULL, &threshold, NULL, NULL},
	};
	struct work *work;
	int code;

	if (!options_take(cli, specs, 3) || cli->argc != 1 || cli->argv[0][0] == '\0' ||
	    strlen(cli->argv[0]) > NAME_BYTES_MAX)
		return cli_usage(cli);
	code = open_work(cli, &work);
	if (code == 0 && (!add_member(work, self_of(work)) || !add_steward(work, self_of(work))))
		code = too_many();
	if (code == 0)
		code = add_named(work, members, members_count, false);
	if (code == 0)
		code = add_named(work, stewards, stewards_count, true);
	if (code == 0 && !take_threshold(threshold, work->stewards_count, &wanted))
		code = options_wants("--threshold", _("a number from 1 to that of the stewards"));
	if (code == 0)
		code = found(work, cli->argv[0], wanted);
	close_work(work);
	return code;
}

/* ---------------------------------------------------------------- changes */

static void
take_ids(struct bytes_view ids, struct org_id *out, uint32_t max, uint32_t *count)
{
	for (*count = 0; *count < max && (*count + 1) * sizeof(*out) <= ids.len; ++*count)
		memcpy(&out[*count], ids.data + *count * sizeof(*out), sizeof(*out));
}

/* The successor of the charter in force, with the same lists so far. */
static int
begin_successor(struct work *work, const char *text, uint64_t *serial)
{
	const struct relate_community *community = relate_find(&work->communities, text);
	struct charter *charter = &work->record.body.charter;
	struct community_entry entry;
	int code;

	if (community == NULL)
		return err_exit_code(ERR_NOT_FOUND);
	work->id = community->id;
	code = relate_get(work->cli, work->client, &work->id, &entry);
	if (code != 0)
		return code;
	if (!entry.is_steward) {
		cli_complain(_("only a steward of %s can change who belongs to it"), text);
		return reason_exit_code(REASON_ROLE);
	}
	memcpy(work->name, entry.name.data, entry.name.len);
	*serial = entry.serial + 1;
	begin_charter(work, work->name, *serial);
	charter->has_community = charter->has_previous = true;
	charter->community = work->id;
	memcpy(charter->previous.bytes, entry.hash, sizeof(charter->previous.bytes));
	memcpy(charter->nonce.bytes, entry.nonce, sizeof(charter->nonce.bytes));
	charter->threshold = (uint32_t)entry.threshold;
	take_ids(entry.members, work->members, MEMBERS_MAX, &work->members_count);
	take_ids(entry.stewards, work->stewards, STEWARDS_MAX, &work->stewards_count);
	return 0;
}

/* 0: the lists differ now. */
static int
change_lists(struct work *work, const struct names_entry *entry, bool is_admission)
{
	struct charter *charter = &work->record.body.charter;
	uint32_t before = work->members_count;
	bool was_steward;

	if (is_admission) {
		if (!add_member(work, &entry->org))
			return too_many();
		if (work->members_count > before)
			return 0;
		cli_complain(_("%s is a member already"), entry->name);
		return reason_exit_code(REASON_EXISTS);
	}
	was_steward = drop_org(work->stewards, &work->stewards_count, &entry->org);
	if (!drop_org(work->members, &work->members_count, &entry->org) && !was_steward) {
		cli_complain(_("%s is no member"), entry->name);
		return err_exit_code(ERR_NOT_FOUND);
	}
	if (work->stewards_count == 0 || work->members_count == 0) {
		cli_complain(_("a community has a member and a steward at least"));
		return err_exit_code(ERR_INVALID);
	}
	if (charter->threshold > work->stewards_count)
		charter->threshold = work->stewards_count;
	return 0;
}

static int
change(struct cli *cli, bool is_admission)
{
	const struct names_entry *entry = NULL;
	uint64_t serial = 0;
	struct work *work;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 2)
		return cli_usage(cli);
	code = open_work(cli, &work);
	if (code == 0) {
		entry = names_find(&work->names, cli->argv[1]);
		code = entry == NULL ? err_exit_code(ERR_NOT_FOUND) : 0;
	}
	if (code == 0)
		code = begin_successor(work, cli->argv[0], &serial);
	if (code == 0)
		code = change_lists(work, entry, is_admission);
	if (code == 0)
		code = send_charter(work);
	if (code == 0)
		code = report(work, serial);
	close_work(work);
	return code;
}

int
community_admit_run(struct cli *cli)
{
	return change(cli, true);
}

int
community_remove_run(struct cli *cli)
{
	return change(cli, false);
}

/* Told to everybody in it, in as many records as that takes. */
static int
send_left(struct work *work, const struct community_entry *entry)
{
	struct audience *audience = &work->record.audience;
	int code = 0;
	uint32_t i;

	take_ids(entry->members, work->members, MEMBERS_MAX, &work->members_count);
	take_ids(entry->stewards, work->stewards, STEWARDS_MAX, &work->stewards_count);
	for (i = 0; i < work->stewards_count; i++)
		(void)add_member(work, &work->stewards[i]);
	for (i = 0; code == 0 && i < work->members_count; i++) {
		if (audience_add_org(audience, &work->members[i]) != ERR_NONE)
			return too_many();
		if (audience->orgs_count == AUDIENCE_ORGS_MAX || i + 1 == work->members_count) {
			code = relate_send(work->cli, work->client, &work->record);
			audience_init(audience);
		}
	}
	return code;
}

static int
leave(struct work *work, const char *text, enum relation_state state)
{
	const struct relate_community *community = relate_find(&work->communities, text);
	struct relation *relation = &work->record.body.relation;
	struct community_entry entry;
	int code;

	if (community == NULL)
		return err_exit_code(ERR_NOT_FOUND);
	code = relate_get(work->cli, work->client, &community->id, &entry);
	if (code != 0)
		return code;
	if (entry.is_member != (state == RELATION_ACTIVE)) {
		cli_complain(entry.is_member ? _("this organisation is a member of %s")
					     : _("this organisation is no member of %s"),
		    text);
		return err_exit_code(ERR_NOT_FOUND);
	}
	record_init(&work->record, RECORD_RELATION, TLP_AMBER_STRICT);
	relation->type = RELATION_LEFT;
	relation->state = state;
	relation->has_community = true;
	relation->community = community->id;
	return send_left(work, &entry);
}

int
community_leave_run(struct cli *cli)
{
	bool is_undone = false;
	const struct option_spec specs[] = {{"--undo", &is_undone, NULL, NULL, NULL}};
	struct work *work;
	int code;

	if (!options_take(cli, specs, 1) || cli->argc != 1)
		return cli_usage(cli);
	code = open_work(cli, &work);
	if (code == 0)
		code = leave(work, cli->argv[0], is_undone ? RELATION_ENDED : RELATION_ACTIVE);
	if (code == 0)
		cli_say(cli, is_undone ? _("back in %s") : _("left %s"), cli->argv[0]);
	close_work(work);
	return code;
}

/* ---------------------------------------------------------------- list */

static void
json_orgs(struct json_out *json, const char *name, const struct names *names, struct bytes_view ids)
{
	size_t at;

	json_out_name(json, name);
	json_out_array(json);
	for (at = 0; at + 32 <= ids.len; at += 32) {
		json_out_object(json);
		json_out_name(json, "id");
		json_out_hex(json, ids.data + at, 32);
		json_out_name(json, "name");
		json_out_string(json, names_of(names, ids.data + at));
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static void
json_entry(struct json_out *json, const struct names *names, const struct community_entry *entry)
{
	json_out_object(json);
	json_out_name(json, "id");
	json_out_hex(json, entry->id, sizeof(entry->id));
	json_out_name(json, "name");
	json_out_text(json, entry->name);
	json_out_name(json, "serial");
	json_out_number(json, entry->serial);
	json_out_name(json, "is_member");
	json_out_bool(json, entry->is_member);
	json_out_name(json, "is_steward");
	json_out_bool(json, entry->is_steward);
	json_out_name(json, "is_forked");
	json_out_bool(json, entry->is_forked);
	json_out_name(json, "threshold");
	json_out_number(json, entry->threshold);
	json_orgs(json, "stewards", names, entry->stewards);
	json_out_name(json, "members_count");
	json_out_number(json, entry->members_count);
	if (entry->members.len > 0)
		json_orgs(json, "members", names, entry->members);
	json_out_object_end(json);
}

/* The names, one after the other. */
static void
put_names(struct output_table *table, const struct names *names, struct bytes_view ids)
{
	struct bytes text;
	size_t at;

	bytes_init(&text, MEMBERS_MAX * (NAME_BYTES_MAX + 2));
	for (at = 0; at + 32 <= ids.len; at += 32) {
		const char *name = names_of(names, ids.data + at);

		if (at > 0)
			bytes_append(&text, ", ", 2);
		bytes_append(&text, name, strlen(name));
	}
	if (text.len > 0)
		output_table_text(table, bytes_as_view(&text), 160);
	else
		output_table_cell(table, "-");
	bytes_release(&text);
}

static void
list_entry(
    struct output_table *table, const struct names *names, const struct community_entry *entry)
{
	output_table_cell(table, "%s", output_id(entry->id));
	output_table_text(table, entry->name, 32);
	output_table_cell(table, "%s%s",
	    entry->is_steward  ? _("steward")
	    : entry->is_member ? _("member")
			       : "-",
	    entry->is_forked ? _(", forked") : "");
	output_table_cell(table, "%llu", (unsigned long long)entry->serial);
	output_table_cell(table, "%llu/%zu", (unsigned long long)entry->threshold,
	    entry->stewards.len / sizeof(struct org_id));
	output_table_cell(table, "%llu", (unsigned long long)entry->members_count);
	put_names(table, names, entry->members);
}

int
community_list_run(struct cli *cli)
{
	static const char *const heads[] = {N_("ID"), N_("NAME"), N_("HERE"), N_("CHARTER"),
	    N_("STEWARDS"), N_("COUNT"), N_("MEMBERS"), NULL};
	struct community_entry entry;
	struct output_table table;
	struct json_out json;
	struct work *work;
	uint32_t i;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 0)
		return cli_usage(cli);
	code = open_work(cli, &work);
	if (code == 0) {
		output_table_open(&table, cli, heads);
		if (cli->is_json) {
			json_out_open(&json, stdout);
			json_out_array(&json);
		}
		for (i = 0; i < work->communities.count && code == 0; i++) {
			code = relate_get(cli, work->client, &work->communities.at[i].id, &entry);
			if (code == 0 && cli->is_json)
				json_entry(&json, &work->names, &entry);
			else if (code == 0)
				list_entry(&table, &work->names, &entry);
		}
		output_table_close(&table);
		if (cli->is_json) {
			json_out_array_end(&json);
			json_out_close(&json);
		}
	}
	close_work(work);
	return code;
}
