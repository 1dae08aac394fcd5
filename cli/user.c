#define _DEFAULT_SOURCE
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "crypto/keyfile.h"

static bool
take_roles(const char *text, uint64_t *roles)
{
	size_t len;
	uint32_t role;

	*roles = ROLE_ANALYST;
	if (text == NULL)
		return true;
	for (*roles = 0; *text != '\0'; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		if (!request_role_parse(bytes_view_of(text, len), &role)) {
			cli_complain(_("no such role: %.*s (analyst, publisher, approver, "
				       "policy-admin, auditor, admin)"),
			    (int)len, text);
			return false;
		}
		*roles |= role;
	}
	return *roles != 0;
}

static bool
take_uid(const char *text, const char *name, uint64_t *uid)
{
	const struct passwd *user = getpwnam(text != NULL ? text : name);
	char *end;

	if (user != NULL) {
		*uid = user->pw_uid;
		return true;
	}
	if (text != NULL && *text >= '0' && *text <= '9') {
		*uid = strtoull(text, &end, 10);
		if (*end == '\0' && *uid <= UINT32_MAX)
			return true;
	}
	cli_complain(_("no such user of this machine: %s (--uid N)"), text != NULL ? text : name);
	return false;
}

/* A key for the new operator, in this home; its owner is that user. */
static enum err
make_key(
    struct cli *cli, const char *name, uint64_t uid, bool no_passphrase, uint8_t public_key[32])
{
	struct passphrase passphrase;
	struct secret *secret = NULL;
	char path[HOME_FILE_MAX];
	enum err err = ERR_NONE;

	home_operator_key(&cli->home, name, path);
	passphrase_init(&passphrase);
	if (!no_passphrase)
		err = passphrase_ask(&passphrase, _("New passphrase for this operator's key: "));
	if (err == ERR_NONE)
		err = secret_generate(&secret);
	if (err == ERR_NONE)
		err = secret_public(secret, KEY_OPERATOR, public_key);
	if (err == ERR_NONE)
		err = keyfile_write(path, KEY_OPERATOR, secret, passphrase_view(&passphrase));
	if (err == ERR_NONE && uid != (uint64_t)getuid() && chown(path, (uid_t)uid, (gid_t)-1) != 0)
		cli_say(cli, _("hand %s over to that user yourself"), path);
	secret_free(secret);
	passphrase_wipe(&passphrase);
	return err;
}

static int
add_user(struct cli *cli, struct user_entry *user, bool no_passphrase)
{
	struct client *client;
	struct user_entry added;
	char name[PERSON_BYTES_MAX + 1], path[HOME_FILE_MAX];
	enum err err;
	int code;

	memcpy(name, user->name.data, user->name.len);
	name[user->name.len] = '\0';
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	err = make_key(cli, name, user->uid, no_passphrase, user->public_key);
	code = err == ERR_NONE ? client_ask(cli, client, REQUEST_USER_ADD, &request_user_schema,
				     user, &request_user_schema, &added)
			       : cli_fail(err, name);
	if (code != 0 && err == ERR_NONE) {
		home_operator_key(&cli->home, name, path);
		(void)unlink(path);
	}
	if (code == 0)
		cli_say(cli, _("added %s (uid %llu)"), name, (unsigned long long)user->uid);
	client_close(client);
	return code;
}

int
user_add_run(struct cli *cli)
{
	const char *uid = NULL, *roles = NULL, *clearance = NULL;
	bool is_red_desk = false, no_passphrase = false;
	const struct option_spec specs[] = {
	    {"--uid", NULL, &uid, NULL, NULL},
	    {"--roles", NULL, &roles, NULL, NULL},
	    {"--clearance", NULL, &clearance, NULL, NULL},
	    {"--red-desk", &is_red_desk, NULL, NULL, NULL},
	    {"--no-passphrase", &no_passphrase, NULL, NULL, NULL},
	};
	struct user_entry user = {.clearance = CLEARANCE_GREEN};

	if (!options_take(cli, specs, 5) || cli->argc != 1 ||
	    strlen(cli->argv[0]) > PERSON_BYTES_MAX)
		return cli_usage(cli);
	user.name = bytes_view_str(cli->argv[0]);
	user.is_red_desk = is_red_desk;
	if (!audience_is_person_name(user.name)) {
		cli_complain(_("a name is 1 to 64 of a-z 0-9 . _ -"));
		return err_exit_code(ERR_USAGE);
	}
	if (clearance != NULL &&
	    !request_clearance_parse(bytes_view_str(clearance), &user.clearance)) {
		cli_complain(_("--clearance wants green, amber or red"));
		return err_exit_code(ERR_USAGE);
	}
	if (!take_roles(roles, &user.roles) || !take_uid(uid, cli->argv[0], &user.uid))
		return err_exit_code(ERR_USAGE);
	return add_user(cli, &user, no_passphrase);
}

static void
roles_words(uint64_t roles, char *words, size_t size)
{
	uint32_t role;
	size_t len = 0;

	words[0] = '\0';
	for (role = 1; role <= ROLE_ADMIN; role <<= 1) {
		if ((roles & role) != 0)
			len += (size_t)snprintf(words + len, size - len, "%s%s", len > 0 ? "," : "",
			    request_role_name(role));
	}
}

static void
list_user(struct output_table *table, struct json_out *json, const struct user_entry *user)
{
	char words[128];

	roles_words(user->roles, words, sizeof(words));
	if (table->cli->is_json) {
		json_out_object(json);
		json_out_name(json, "name");
		json_out_text(json, user->name);
		json_out_name(json, "uid");
		json_out_number(json, user->uid);
		json_out_name(json, "roles");
		json_out_string(json, words);
		json_out_name(json, "clearance");
		json_out_string(json, request_clearance_name(user->clearance));
		json_out_name(json, "is_red_desk");
		json_out_bool(json, user->is_red_desk);
		json_out_name(json, "public_key");
		json_out_hex(json, user->public_key, sizeof(user->public_key));
		json_out_name(json, "added");
		json_out_time(json, user->added_ms);
		json_out_object_end(json);
		return;
	}
	output_table_text(table, user->name, 32);
	output_table_cell(table, "%llu", (unsigned long long)user->uid);
	output_table_cell(table, "%s", words);
	output_table_cell(table, "%s%s", request_clearance_name(user->clearance),
	    user->is_red_desk ? _(", RED desk") : "");
	output_table_cell(table, "%s", output_time(user->added_ms));
}

int
user_list_run(struct cli *cli)
{
	static const char *const heads[] = {
	    N_("NAME"), N_("UID"), N_("ROLES"), N_("CLEARANCE"), N_("SINCE"), NULL};
	static const struct empty_body nothing;
	struct user_list_body body;
	struct output_table table;
	struct user_entry user;
	struct client *client;
	struct json_out json;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 0)
		return cli_usage(cli);
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	code = client_ask(cli, client, REQUEST_USER_LIST, &request_empty_schema, &nothing,
	    &request_user_list_schema, &body);
	if (code == 0) {
		output_table_open(&table, cli, heads);
		if (cli->is_json) {
			json_out_open(&json, stdout);
			json_out_array(&json);
		}
		while (schema_list_next(&body.users, &request_user_schema, &user) == ERR_NONE)
			list_user(&table, &json, &user);
		output_table_close(&table);
		if (cli->is_json) {
			json_out_array_end(&json);
			json_out_close(&json);
		}
	}
	client_close(client);
	return code;
}

int
user_remove_run(struct cli *cli)
{
	struct user_remove_arguments arguments;
	struct client *client;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 1)
		return cli_usage(cli);
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	arguments.name = bytes_view_str(cli->argv[0]);
	code = client_ask(cli, client, REQUEST_USER_REMOVE, &request_user_remove_schema, &arguments,
	    &request_user_remove_schema, &arguments);
	if (code == 0)
		cli_say(cli, _("removed %s"), cli->argv[0]);
	client_close(client);
	return code;
}
