#define _DEFAULT_SOURCE
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_out.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/passphrase.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "crypto/signer.h"
#include "wire/card.h"
#include "wire/marking.h"
#include "wire/request.h"
#include "wire/root.h"

/* What `malla init` makes, on its way. */
struct founding {
	struct cli *cli;
	const char *org;
	const char *sector;
	const char *country;
	const char *operator_name;
	const char *contact; /* mailbox of the security contact */
	const char *listen[OPTIONS_LIST_MAX];
	uint32_t listen_count;
	const char *endpoints[OPTIONS_LIST_MAX]; /* what the card says, where it differs */
	uint32_t endpoints_count;
	bool no_passphrase;
	struct passphrase passphrase;
	struct signer *root;
	uint8_t operator_key[32];
	struct card card;
	struct bytes package;
};

static bool
take_arguments(struct founding *founding)
{
	const struct option_spec specs[] = {
	    {"--org", NULL, &founding->org, NULL, NULL},
	    {"--sector", NULL, &founding->sector, NULL, NULL},
	    {"--country", NULL, &founding->country, NULL, NULL},
	    {"--operator", NULL, &founding->operator_name, NULL, NULL},
	    {"--contact", NULL, &founding->contact, NULL, NULL},
	    {"--listen", NULL, NULL, founding->listen, &founding->listen_count},
	    {"--endpoint", NULL, NULL, founding->endpoints, &founding->endpoints_count},
	    {"--no-passphrase", &founding->no_passphrase, NULL, NULL, NULL},
	};

	return options_take(founding->cli, specs, sizeof(specs) / sizeof(*specs)) &&
	       founding->cli->argc == 0 && founding->org != NULL && founding->sector != NULL;
}

/* The operator's name: given, or this user's login name made fit. */
static void
name_operator(struct founding *founding, char name[PERSON_BYTES_MAX + 1])
{
	const struct passwd *user = getpwuid(getuid());
	const char *login = founding->operator_name != NULL ? founding->operator_name
			    : user != NULL                  ? user->pw_name
							    : "admin";
	size_t i;

	for (i = 0; i < PERSON_BYTES_MAX && login[i] != '\0'; i++)
		name[i] = login[i] >= 'A' && login[i] <= 'Z' ? (char)(login[i] | 0x20) : login[i];
	name[i] = '\0';
	if (!audience_is_person_name(bytes_view_str(name)))
		memcpy(name, "admin", sizeof("admin"));
	founding->operator_name = name;
}

static enum err
make_folders(const struct home *home)
{
	static const char *const folders[] = {"keys", "operators"};
	char path[HOME_FILE_MAX], parent[HOME_FILE_MAX];
	size_t i;

	/* the folders above it too, as `mkdir -p` makes them */
	for (i = 1; home->path[i] != '\0'; i++) {
		if (home->path[i] != '/')
			continue;
		memcpy(parent, home->path, i);
		parent[i] = '\0';
		if (mkdir(parent, 0755) != 0 && errno != EEXIST)
			return ERR_SYSTEM;
	}
	/* others may reach the API's socket and see nothing else */
	if (mkdir(home->path, 0711) != 0 && errno != EEXIST)
		return ERR_SYSTEM;
	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		home_file(home, folders[i], path);
		if (mkdir(path, i == 0 ? 0700 : 0711) != 0 && errno != EEXIST)
			return ERR_SYSTEM;
	}
	return ERR_NONE;
}

/* A fresh key in its file; its public half. */
static enum err
make_key(const struct founding *founding, const char *path, enum key_purpose purpose,
    uint8_t public_key[32], struct signer **signer)
{
	struct secret *secret;
	enum err err = secret_generate(&secret);

	if (err != ERR_NONE)
		return err;
	err = secret_public(secret, purpose, public_key);
	if (err == ERR_NONE)
		err = keyfile_write(path, purpose, secret, passphrase_view(&founding->passphrase));
	if (err == ERR_NONE && signer != NULL)
		err = signer_open(secret_bytes(secret), signer);
	secret_free(secret);
	return err;
}

static enum err
make_node_keys(struct founding *founding)
{
	struct card *card = &founding->card;
	const struct {
		enum key_purpose purpose;
		uint8_t *public_key;
	} keys[] = {
	    {KEY_SIGN, card->sign_key},
	    {KEY_ENVELOPE, card->envelope_key},
	    {KEY_TRANSPORT, card->transport_key.bytes},
	    {KEY_LOG, card->log_key},
	    {KEY_WITNESS, card->witness_key},
	};
	char path[HOME_FILE_MAX];
	enum err err = ERR_NONE;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys) && err == ERR_NONE; i++) {
		home_key(&founding->cli->home, key_purpose_name(keys[i].purpose), path);
		err = make_key(founding, path, keys[i].purpose, keys[i].public_key, NULL);
	}
	if (err != ERR_NONE)
		return err;
	home_operator_key(&founding->cli->home, founding->operator_name, path);
	return make_key(founding, path, KEY_OPERATOR, founding->operator_key, NULL);
}

/* Root document, version 1: one key, and the hash of the one that will follow it. */
static enum err
make_root(struct founding *founding, struct bytes *signed_root)
{
	struct root root = {
	    .version = 1, .created_ms = clock_now_ms(), .threshold = 1, .keys_count = 1};
	struct root next = {.threshold = 1, .keys_count = 1};
	uint8_t public_key[32], next_key[32], signature[64];
	struct bytes statement;
	char path[HOME_FILE_MAX];
	struct hash id;
	enum err err;

	home_key(&founding->cli->home, "root", path);
	err = make_key(founding, path, KEY_ROOT, public_key, &founding->root);
	if (err != ERR_NONE)
		return err;
	home_key(&founding->cli->home, "root-next", path);
	err = make_key(founding, path, KEY_ROOT, next_key, NULL);
	if (err != ERR_NONE)
		return err;
	root.keys[0].suite = SUITE_1;
	root.keys[0].bytes = bytes_view_of(public_key, sizeof(public_key));
	next.keys[0].suite = SUITE_1;
	next.keys[0].bytes = bytes_view_of(next_key, sizeof(next_key));
	bytes_init(&statement, ROOT_BYTES_MAX);
	err = root_keys_hash(&next, &root.next);
	if (err == ERR_NONE)
		err = root_encode(&root, &statement);
	if (err == ERR_NONE)
		err = signer_sign(founding->root, bytes_as_view(&statement), signature);
	if (err == ERR_NONE)
		err = signed_encode_one(bytes_as_view(&statement), signature, signed_root);
	digest_sha256(bytes_as_view(&statement), &id);
	memcpy(founding->card.org.bytes, id.bytes, sizeof(id.bytes));
	bytes_release(&statement);
	return err;
}

static void
fill_card(struct founding *founding)
{
	struct card *card = &founding->card;
	const char *const *endpoints =
	    founding->endpoints_count > 0 ? founding->endpoints : founding->listen;
	uint32_t count =
	    founding->endpoints_count > 0 ? founding->endpoints_count : founding->listen_count;
	uint32_t i;

	card->name = bytes_view_str(founding->org);
	card->sector = bytes_view_str(founding->sector);
	if (founding->country != NULL)
		card->country = bytes_view_str(founding->country);
	card->serial = 1;
	card->issued_ms = clock_now_ms();
	card->expires_ms = card->issued_ms + CARD_VALIDITY_MS;
	card->suite_min = SUITE_1;
	for (i = 0; i < count && i < ENDPOINTS_MAX; i++)
		card->endpoints[card->endpoints_count++] = bytes_view_str(endpoints[i]);
	if (founding->contact != NULL) {
		card->contact.role = bytes_view_str("security contact");
		card->contact.mailbox = bytes_view_str(founding->contact);
	}
}

/* Card and package, verified as a peer would before they are written. */
static enum err
make_package(struct founding *founding, struct bytes_view signed_root)
{
	struct card_package *package = calloc(1, sizeof(*package));
	struct bytes statement, signed_card;
	uint8_t signature[64];
	struct card checked;
	enum err err = package != NULL ? ERR_NONE : ERR_MEMORY;

	bytes_init(&statement, CARD_BYTES_MAX);
	bytes_init(&signed_card, CARD_BYTES_MAX + 256);
	if (err == ERR_NONE)
		err = card_encode(&founding->card, &statement);
	if (err == ERR_NONE)
		err = signer_sign(founding->root, bytes_as_view(&statement), signature);
	if (err == ERR_NONE)
		err = signed_encode_one(bytes_as_view(&statement), signature, &signed_card);
	if (err == ERR_NONE) {
		package->roots_count = 1;
		err = signed_decode(signed_root, ROOT_BYTES_MAX, &package->roots[0]);
	}
	if (err == ERR_NONE)
		err = signed_decode(bytes_as_view(&signed_card), CARD_BYTES_MAX, &package->card);
	if (err == ERR_NONE)
		err = card_package_encode(package, &founding->package);
	if (err == ERR_NONE)
		err = card_package_decode(bytes_as_view(&founding->package), package);
	if (err == ERR_NONE)
		err = card_package_verify(package, &checked);
	bytes_release(&statement);
	bytes_release(&signed_card);
	free(package);
	return err;
}

static enum err
write_config(const struct founding *founding)
{
	char path[HOME_FILE_MAX];
	struct bytes text;
	uint32_t i;
	enum err err;

	bytes_init(&text, 65536);
	for (i = 0; i < founding->listen_count; i++) {
		bytes_append(&text, "listen = ", 9);
		bytes_append(&text, founding->listen[i], strlen(founding->listen[i]));
		bytes_append_u8(&text, '\n');
	}
	home_file(&founding->cli->home, "config", path);
	err = text.err != ERR_NONE ? text.err : home_write(path, bytes_as_view(&text), 0600);
	bytes_release(&text);
	return err;
}

static enum err
write_founder(const struct founding *founding)
{
	struct user_entry entry = {.name = bytes_view_str(founding->operator_name),
	    .uid = (uint64_t)getuid(),
	    .roles = ROLE_ALL,
	    .clearance = CLEARANCE_RED,
	    .is_red_desk = true,
	    .added_ms = clock_now_ms()};
	char path[HOME_FILE_MAX];
	struct bytes bytes;
	enum err err;

	memcpy(entry.public_key, founding->operator_key, sizeof(entry.public_key));
	bytes_init(&bytes, 4096);
	err = schema_encode(&request_user_schema, &entry, &bytes);
	home_file(&founding->cli->home, "founder", path);
	if (err == ERR_NONE)
		err = home_write(path, bytes_as_view(&bytes), 0600);
	bytes_release(&bytes);
	return err;
}

/* Last of all: with it the home is complete. */
static enum err
write_org(const struct founding *founding)
{
	char path[HOME_FILE_MAX];
	struct bytes file;
	enum err err;

	bytes_init(&file, CARD_FILE_BYTES_MAX * 2);
	err = card_file_encode(bytes_as_view(&founding->package), &file);
	home_file(&founding->cli->home, "org", path);
	if (err == ERR_NONE)
		err = home_write(path, bytes_as_view(&file), 0644);
	bytes_release(&file);
	return err;
}

static enum err
ask_new_passphrase(struct founding *founding)
{
	struct passphrase again;
	enum err err = passphrase_ask(&founding->passphrase, _("New passphrase for the keys: "));

	if (err != ERR_NONE) {
		cli_complain(_("no passphrase, and no terminal to ask for one on; --no-passphrase "
			       "keeps the keys in clear"));
		return err;
	}
	passphrase_init(&again);
	err = passphrase_ask(&again, _("The same again: "));
	if (err == ERR_NONE &&
	    !bytes_view_is_equal(passphrase_view(&again), passphrase_view(&founding->passphrase))) {
		cli_complain(_("the two differ"));
		err = ERR_INVALID;
	}
	passphrase_wipe(&again);
	return err;
}

static enum err
found(struct founding *founding)
{
	char path[HOME_FILE_MAX];
	struct bytes signed_root;
	enum err err;

	home_file(&founding->cli->home, "org", path);
	if (access(path, F_OK) == 0) {
		cli_complain(_("%s holds an organisation already"), founding->cli->home.path);
		return ERR_REFUSED;
	}
	/* what cannot be said on a card is found before a key is made */
	bytes_init(&signed_root, ROOT_BYTES_MAX + 256);
	err = founding->no_passphrase ? ERR_NONE : ask_new_passphrase(founding);
	if (err == ERR_NONE)
		err = make_folders(&founding->cli->home);
	if (err == ERR_NONE)
		err = make_root(founding, &signed_root);
	if (err == ERR_NONE)
		err = make_node_keys(founding);
	if (err == ERR_NONE)
		err = make_package(founding, bytes_as_view(&signed_root));
	if (err == ERR_NONE)
		err = write_config(founding);
	if (err == ERR_NONE)
		err = write_founder(founding);
	if (err == ERR_NONE)
		err = write_org(founding);
	bytes_release(&signed_root);
	return err;
}

/* A card with these words must be possible: say so before anything is written. */
static bool
check_words(const struct founding *founding)
{
	uint32_t i;
	size_t j, len = strlen(founding->sector);

	if (strlen(founding->org) > NAME_BYTES_MAX || founding->org[0] == '\0') {
		cli_complain(_("--org is a name of 1 to 128 bytes"));
		return false;
	}
	for (j = 0; j < len; j++) {
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", founding->sector[j]) == NULL)
			len = 0;
	}
	if (len == 0 || len > 32) {
		cli_complain(
		    _("--sector is a word of a-z 0-9 and -, such as bank, telecom, government"));
		return false;
	}
	if (founding->country != NULL &&
	    (strlen(founding->country) != 2 || founding->country[0] < 'A' ||
		founding->country[0] > 'Z' || founding->country[1] < 'A' ||
		founding->country[1] > 'Z')) {
		cli_complain(_("--country is two capital letters, such as MX"));
		return false;
	}
	for (i = 0; i < founding->listen_count + founding->endpoints_count; i++) {
		const char *endpoint = i < founding->listen_count
					   ? founding->listen[i]
					   : founding->endpoints[i - founding->listen_count];

		if (!card_is_endpoint(bytes_view_str(endpoint))) {
			cli_complain(
			    _("'%s' is not an endpoint such as tcp://192.0.2.1:7001"), endpoint);
			return false;
		}
	}
	return true;
}

static void
show(const struct founding *founding)
{
	const char *home = founding->cli->home.path;
	char fingerprint[FINGERPRINT_BYTES];
	struct json_out json;

	root_fingerprint(&founding->card.org, fingerprint);
	if (founding->cli->is_json) {
		json_out_open(&json, stdout);
		json_out_object(&json);
		json_out_name(&json, "id");
		json_out_hex(&json, founding->card.org.bytes, sizeof(founding->card.org.bytes));
		json_out_name(&json, "fingerprint");
		json_out_string(&json, fingerprint);
		json_out_name(&json, "name");
		json_out_string(&json, founding->org);
		json_out_name(&json, "home");
		json_out_string(&json, home);
		json_out_name(&json, "operator");
		json_out_string(&json, founding->operator_name);
		json_out_object_end(&json);
		json_out_close(&json);
		return;
	}
	printf("%s\n  %s\n\n", founding->org, fingerprint);
	cli_say(founding->cli,
	    _("keep %s/keys/root.key and root-next.key offline if you can; the node does not need "
	      "them"),
	    home);
	if (founding->no_passphrase)
		cli_say(founding->cli,
		    _("the keys stand in clear: whoever reads %s/keys is this organisation"), home);
	cli_say(founding->cli,
	    _("next:\n  mallad --home %s\n  malla --home %s card card.txt\n  malla --home %s peer "
	      "add THEIR-CARD"),
	    home, home, home);
}

int
init_run(struct cli *cli)
{
	struct founding founding = {.cli = cli};
	char name[PERSON_BYTES_MAX + 1];
	enum err err;

	if (!take_arguments(&founding))
		return cli_usage(cli);
	if (!check_words(&founding))
		return err_exit_code(ERR_USAGE);
	name_operator(&founding, name);
	fill_card(&founding);
	passphrase_init(&founding.passphrase);
	bytes_init(&founding.package, CARD_FILE_BYTES_MAX);
	err = found(&founding);
	passphrase_wipe(&founding.passphrase);
	signer_free(founding.root);
	bytes_release(&founding.package);
	if (err == ERR_REFUSED || err == ERR_INVALID)
		return err_exit_code(err);
	if (err != ERR_NONE)
		return cli_fail(err, cli->home.path);
	show(&founding);
	return 0;
}
