#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/output.h"
#include "wire/root.h"

/* ---------------------------------------------------------------- cards */

static void
json_view(struct json_out *json, const char *name, struct bytes_view text)
{
	if (text.len == 0)
		return;
	json_out_name(json, name);
	json_out_text(json, text);
}

static void
json_contact(struct json_out *json, const char *name, const struct card_contact *contact)
{
	if (contact->mailbox.len == 0 && contact->role.len == 0 && contact->telephone.len == 0)
		return;
	json_out_name(json, name);
	json_out_object(json);
	json_view(json, "role", contact->role);
	json_view(json, "mailbox", contact->mailbox);
	json_view(json, "telephone", contact->telephone);
	json_view(json, "hours", contact->hours);
	json_view(json, "languages", contact->languages);
	json_view(json, "escalation", contact->escalation);
	json_out_object_end(json);
}

static void
json_card(struct json_out *json, const struct card *card)
{
	char fingerprint[FINGERPRINT_BYTES];
	uint32_t i;

	root_fingerprint(&card->org, fingerprint);
	json_out_name(json, "id");
	json_out_hex(json, card->org.bytes, sizeof(card->org.bytes));
	json_out_name(json, "fingerprint");
	json_out_string(json, fingerprint);
	json_out_name(json, "card_name");
	json_out_text(json, card->name);
	json_view(json, "sector", card->sector);
	json_view(json, "country", card->country);
	json_out_name(json, "serial");
	json_out_number(json, card->serial);
	json_out_name(json, "issued");
	json_out_time(json, card->issued_ms);
	json_out_name(json, "expires");
	json_out_time(json, card->expires_ms);
	json_out_name(json, "endpoints");
	json_out_array(json);
	for (i = 0; i < card->endpoints_count; i++)
		json_out_text(json, card->endpoints[i]);
	json_out_array_end(json);
	json_contact(json, "contact", &card->contact);
	json_contact(json, "red_desk", &card->red_desk);
	json_out_name(json, "sign_key");
	json_out_hex(json, card->sign_key, sizeof(card->sign_key));
	json_out_name(json, "transport_key");
	json_out_hex(json, card->transport_key.bytes, sizeof(card->transport_key.bytes));
}

static void
print_contact(const char *head, const struct card_contact *contact)
{
	if (contact->mailbox.len == 0 && contact->role.len == 0)
		return;
	printf("%-14s", head);
	output_text(stdout, contact->role);
	printf(" <");
	output_text(stdout, contact->mailbox);
	printf(">\n");
}

static void
print_card(const struct card *card)
{
	char fingerprint[FINGERPRINT_BYTES];
	uint32_t i;

	root_fingerprint(&card->org, fingerprint);
	printf("%-14s", _("name"));
	output_text(stdout, card->name);
	printf("\n%-14s%s\n%-14s%s\n%-14s%.*s %.*s\n", _("fingerprint"), fingerprint, _("id"),
	    output_full_id(card->org.bytes), _("sector"), (int)card->sector.len,
	    (const char *)card->sector.data, (int)card->country.len,
	    card->country.len > 0 ? (const char *)card->country.data : "");
	printf("%-14s%llu, %s - %s\n", _("card"), (unsigned long long)card->serial,
	    output_time(card->issued_ms), output_time(card->expires_ms));
	for (i = 0; i < card->endpoints_count; i++)
		printf("%-14s%.*s\n", _("endpoint"), (int)card->endpoints[i].len,
		    (const char *)card->endpoints[i].data);
	print_contact(_("contact"), &card->contact);
	print_contact(_("RED desk"), &card->red_desk);
}

int
card_run(struct cli *cli)
{
	struct card_package *package;
	struct bytes file, bytes;
	struct card card;
	struct json_out json;
	char path[HOME_FILE_MAX];
	enum err err;

	if (!options_take(cli, NULL, 0) || cli->argc > 1)
		return cli_usage(cli);
	package = malloc(sizeof(*package));
	bytes_init(&file, CARD_FILE_BYTES_MAX * 2);
	bytes_init(&bytes, CARD_FILE_BYTES_MAX);
	home_file(&cli->home, "org", path);
	err = package != NULL ? home_read(path, &file) : ERR_MEMORY;
	if (err == ERR_NONE)
		err = card_file_decode(bytes_as_view(&file), &bytes);
	if (err == ERR_NONE)
		err = card_package_open(bytes_as_view(&bytes), package, &card);
	if (err == ERR_NONE && cli->argc == 1 && strcmp(cli->argv[0], "-") != 0) {
		err = home_write(cli->argv[0], bytes_as_view(&file), 0644);
		if (err == ERR_NONE)
			cli_say(cli,
			    _("wrote %s; give it to your peers, and compare fingerprints by "
			      "another way"),
			    cli->argv[0]);
	} else if (err == ERR_NONE && cli->is_json) {
		json_out_open(&json, stdout);
		json_out_object(&json);
		json_card(&json, &card);
		json_out_object_end(&json);
		json_out_close(&json);
	} else if (err == ERR_NONE) {
		print_card(&card);
		printf("\n");
		output_text(stdout, bytes_as_view(&file));
	}
	free(package);
	bytes_release(&file);
	bytes_release(&bytes);
	return err == ERR_NONE ? 0 : cli_fail(err, cli->argc == 1 ? cli->argv[0] : path);
}

/* ---------------------------------------------------------------- peer add */

static void
warn_of_look_alikes(const struct names *names, const struct card *card)
{
	char name[NAME_BYTES_MAX + 1];
	uint32_t i;

	memcpy(name, card->name.data, card->name.len);
	name[card->name.len] = '\0';
	for (i = 0; i < names->count; i++) {
		if (memcmp(&names->at[i].org, &card->org, sizeof(card->org)) == 0)
			continue;
		if (names_look_alike(names->at[i].name, name))
			cli_complain(
			    _("beware: '%s' looks like '%s', which is another organisation (%s)"),
			    name, names->at[i].name, output_id(names->at[i].org.bytes));
	}
}

static bool
is_same_fingerprint(const char *given, const char *shown)
{
	for (;; given++, shown++) {
		while (*given == ' ' || *given == '-')
			given++;
		while (*shown == ' ')
			shown++;
		if (*given != *shown)
			return false;
		if (*given == '\0')
			return true;
	}
}

/* Show whom the card speaks for, and have it confirmed. */
static bool
confirm(struct cli *cli, const struct card *card, const char *fingerprint_given)
{
	char fingerprint[FINGERPRINT_BYTES];

	root_fingerprint(&card->org, fingerprint);
	if (fingerprint_given != NULL) {
		if (is_same_fingerprint(fingerprint_given, fingerprint))
			return true;
		cli_complain(_("the card's fingerprint is another one: %s"), fingerprint);
		return false;
	}
	fprintf(stderr, "%.*s (%.*s)\n\n  %.36s\n  %s\n\n%s\n", (int)card->name.len,
	    (const char *)card->name.data, (int)card->sector.len, (const char *)card->sector.data,
	    fingerprint, fingerprint + 36,
	    _("Compare these twelve groups with what the organisation itself reads to you, by "
	      "telephone\nor face to face; not by the way the card came."));
	if (cli_ask(cli, _("Are they the same?")))
		return true;
	cli_complain(_("not added; with --fingerprint F or --yes no question is asked"));
	return false;
}

static int
add_peer(struct cli *cli, struct client *client, struct bytes_view package, const char *name,
    const struct card *card)
{
	struct peer_add_arguments arguments = {.package = package};
	struct org_body body;
	struct json_out json;
	int code;

	if (name != NULL)
		arguments.name = bytes_view_str(name);
	code = client_ask(cli, client, REQUEST_PEER_ADD, &request_peer_add_schema, &arguments,
	    &request_org_schema, &body);
	if (code != 0)
		return code;
	if (cli->is_json) {
		json_out_open(&json, stdout);
		json_out_object(&json);
		json_card(&json, card);
		json_out_object_end(&json);
		json_out_close(&json);
	}
	cli_say(cli, _("added %.*s; see malla status"), (int)card->name.len,
	    (const char *)card->name.data);
	return 0;
}

int
peer_add_run(struct cli *cli)
{
	const char *fingerprint = NULL, *name = NULL;
	const struct option_spec specs[] = {
	    {"--yes", &cli->is_yes, NULL, NULL, NULL},
	    {"--fingerprint", NULL, &fingerprint, NULL, NULL},
	    {"--name", NULL, &name, NULL, NULL},
	};
	struct card_package *package = malloc(sizeof(*package));
	struct names *names = malloc(sizeof(*names));
	struct client *client = NULL;
	struct bytes bytes;
	struct card card;
	int code = 0;
	enum err err;

	if (!options_take(cli, specs, 3) || cli->argc != 1) {
		free(package);
		free(names);
		return cli_usage(cli);
	}
	bytes_init(&bytes, CARD_FILE_BYTES_MAX);
	err = package != NULL && names != NULL
		  ? card_file_read(
			strcmp(cli->argv[0], "-") == 0 ? "/dev/stdin" : cli->argv[0], &bytes)
		  : ERR_MEMORY;
	if (err == ERR_NONE)
		err = card_package_open(bytes_as_view(&bytes), package, &card);
	if (err != ERR_NONE)
		code = cli_fail(err, cli->argv[0]);
	if (code == 0 && client_open(&cli->home, &client) != ERR_NONE)
		code = cli_fail(ERR_UNREACHABLE, cli->home.path);
	if (code == 0)
		code = names_load(cli, client, names);
	if (code == 0) {
		warn_of_look_alikes(names, &card);
		code = confirm(cli, &card, fingerprint)
			   ? add_peer(cli, client, bytes_as_view(&bytes), name, &card)
			   : err_exit_code(ERR_REFUSED);
	}
	client_close(client);
	bytes_release(&bytes);
	free(package);
	free(names);
	return code;
}

/* ---------------------------------------------------------------- list, show, remove */

struct listing {
	struct cli *cli;
	struct client *client;
	struct peer_list_body body;
};

static int
open_listing(struct cli *cli, struct listing *listing)
{
	static const struct empty_body nothing;

	listing->cli = cli;
	if (client_open(&cli->home, &listing->client) != ERR_NONE) {
		listing->client = NULL;
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	}
	return client_ask(cli, listing->client, REQUEST_PEER_LIST, &request_empty_schema, &nothing,
	    &request_peer_list_schema, &listing->body);
}

static void
json_peer(struct json_out *json, const struct peer_entry *entry, const struct card *card)
{
	json_out_object(json);
	json_out_name(json, "name");
	json_out_text(json, entry->name);
	json_out_name(json, "is_peer");
	json_out_bool(json, entry->added_ms != 0 && !entry->is_removed);
	json_out_name(json, "is_removed");
	json_out_bool(json, entry->is_removed);
	json_out_name(json, "added");
	json_out_time(json, entry->added_ms);
	json_card(json, card);
	json_out_object_end(json);
}

static const char *
words_of_peer(const struct peer_entry *entry)
{
	if (entry->is_removed)
		return _("removed");
	return entry->added_ms != 0 ? _("peer") : _("known by its card");
}

static void
list_peer(struct output_table *table, struct json_out *json, const struct peer_entry *entry,
    const struct card *card)
{
	if (table->cli->is_json) {
		json_peer(json, entry, card);
		return;
	}
	output_table_text(table, entry->name, 40);
	output_table_cell(table, "%s", output_id(entry->org));
	output_table_text(table, card->sector, 16);
	output_table_text(table, card->country, 2);
	output_table_cell(table, "%llu", (unsigned long long)card->serial);
	output_table_cell(table, "%s", output_time(card->expires_ms));
	output_table_cell(table, "%s", words_of_peer(entry));
}

int
peer_list_run(struct cli *cli)
{
	static const char *const heads[] = {N_("NAME"), N_("ID"), N_("SECTOR"), N_("COUNTRY"),
	    N_("SERIAL"), N_("CARD UNTIL"), N_("STATE"), NULL};
	struct card_package *package = malloc(sizeof(*package));
	struct output_table table;
	struct listing listing = {0};
	struct peer_entry entry;
	struct card card;
	struct json_out json;
	uint32_t count = 0;
	int code;

	if (package == NULL || !options_take(cli, NULL, 0) || cli->argc != 0) {
		free(package);
		return cli_usage(cli);
	}
	code = open_listing(cli, &listing);
	output_table_open(&table, cli, heads);
	if (code == 0 && cli->is_json) {
		json_out_open(&json, stdout);
		json_out_array(&json);
	}
	while (code == 0 && schema_list_next(&listing.body.peers, &request_peer_entry_schema,
				&entry) == ERR_NONE) {
		if (card_package_open(entry.package, package, &card) == ERR_NONE)
			list_peer(&table, &json, &entry, &card);
		count++;
	}
	output_table_close(&table);
	if (code == 0 && cli->is_json) {
		json_out_array_end(&json);
		json_out_close(&json);
	} else if (code == 0 && count == 0) {
		cli_say(cli, _("no peers yet: malla peer add THEIR-CARD"));
	}
	client_close(listing.client);
	free(package);
	return code;
}

/* The organisation named by the only operand; NULL has been said. */
static const struct names_entry *
find_operand(struct cli *cli, struct client *client, struct names *names, int *code)
{
	const struct names_entry *found = NULL;

	*code = names_load(cli, client, names);
	if (*code == 0)
		found = names_find(names, cli->argv[0]);
	if (*code == 0 && found == NULL)
		*code = err_exit_code(ERR_NOT_FOUND);
	return found;
}

static int
show_entry(struct cli *cli, const struct peer_entry *entry)
{
	struct card_package *package = malloc(sizeof(*package));
	struct card card;
	struct json_out json;
	enum err err =
	    package != NULL ? card_package_open(entry->package, package, &card) : ERR_MEMORY;

	if (err == ERR_NONE && cli->is_json) {
		json_out_open(&json, stdout);
		json_peer(&json, entry, &card);
		json_out_close(&json);
	} else if (err == ERR_NONE) {
		printf("%-14s", _("known as"));
		output_text(stdout, entry->name);
		printf("\n");
		print_card(&card);
		printf("%-14s%s\n", _("state"), words_of_peer(entry));
	}
	free(package);
	return err == ERR_NONE ? 0 : cli_fail(err, "card");
}

int
peer_show_run(struct cli *cli)
{
	struct names *names = malloc(sizeof(*names));
	const struct names_entry *found = NULL;
	struct listing listing = {0};
	struct peer_entry entry;
	int code;

	if (names == NULL || !options_take(cli, NULL, 0) || cli->argc != 1) {
		free(names);
		return cli_usage(cli);
	}
	code = open_listing(cli, &listing);
	if (code == 0)
		found = find_operand(cli, listing.client, names, &code);
	client_close(listing.client);
	listing.client = NULL;
	if (found != NULL)
		code = open_listing(cli, &listing);
	if (found != NULL && code == 0) {
		code = err_exit_code(ERR_NOT_FOUND);
		while (schema_list_next(&listing.body.peers, &request_peer_entry_schema, &entry) ==
		       ERR_NONE) {
			if (memcmp(entry.org, found->org.bytes, sizeof(entry.org)) == 0)
				code = show_entry(cli, &entry);
		}
	}
	client_close(listing.client);
	free(names);
	return code;
}

int
peer_remove_run(struct cli *cli)
{
	const struct option_spec specs[] = {{"--yes", &cli->is_yes, NULL, NULL, NULL}};
	struct names *names = malloc(sizeof(*names));
	const struct names_entry *found = NULL;
	struct client *client = NULL;
	struct org_body body;
	char question[256];
	int code = 0;

	if (names == NULL || !options_take(cli, specs, 1) || cli->argc != 1) {
		free(names);
		return cli_usage(cli);
	}
	if (client_open(&cli->home, &client) != ERR_NONE)
		code = cli_fail(ERR_UNREACHABLE, cli->home.path);
	if (code == 0)
		found = find_operand(cli, client, names, &code);
	if (found != NULL) {
		(void)snprintf(question, sizeof(question), _("Exchange nothing more with %.100s?"),
		    found->name);
		if (!cli_ask(cli, question)) {
			cli_complain(_("not removed; --yes asks no question"));
			code = err_exit_code(ERR_REFUSED);
		} else {
			memcpy(body.org, found->org.bytes, sizeof(body.org));
			code = client_ask(cli, client, REQUEST_PEER_REMOVE, &request_org_schema,
			    &body, &request_org_schema, &body);
		}
	}
	if (found != NULL && code == 0)
		cli_say(cli, _("removed %s"), found->name);
	client_close(client);
	free(names);
	return code;
}
