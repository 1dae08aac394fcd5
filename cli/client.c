#define _DEFAULT_SOURCE
#include "cli/client.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/passphrase.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "crypto/signer.h"
#include "wire/card.h"

#define ACT_MS 120000u /* how long a signed act stays good */
#define RESUME_TRIES 20

/* A request that waits for its answer. */
struct sent {
	struct nonce id;
	uint64_t command;
	struct bytes bytes;
};

struct client {
	int fd;
	struct org_id org;
	struct home home;
	struct bytes request;
	struct bytes arguments;
	/* a ring: `waiting` of them from `oldest` on */
	struct sent sent[CLIENT_WINDOW];
	uint32_t oldest, waiting;
	char words[512];
	uint8_t answer[REQUEST_BYTES_MAX + 4096];
};

enum err
client_own_org(const struct home *home, struct org_id *org)
{
	struct card_package *package = malloc(sizeof(*package));
	struct bytes bytes;
	char path[HOME_FILE_MAX];
	struct card card;
	enum err err = package != NULL ? ERR_NONE : ERR_MEMORY;

	bytes_init(&bytes, CARD_FILE_BYTES_MAX);
	home_file(home, "org", path);
	if (err == ERR_NONE)
		err = card_file_read(path, &bytes);
	if (err == ERR_NONE)
		err = card_package_open(bytes_as_view(&bytes), package, &card);
	if (err == ERR_NONE)
		*org = card.org;
	bytes_release(&bytes);
	free(package);
	return err;
}

/* Whether a mallad runs this home: it may be starting its core again. */
static bool
is_node_running(const struct home *home)
{
	char path[HOME_FILE_MAX];
	bool is_running;
	int fd;

	home_file(home, "lock", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	is_running = flock(fd, LOCK_SH | LOCK_NB) != 0;
	(void)close(fd);
	return is_running;
}

static int
connect_to(const struct home *home)
{
	const int room = (int)(CLIENT_WINDOW * REQUEST_BYTES_MAX);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[HOME_FILE_MAX];
	int fd;

	home_file(home, "api.sock", path);
	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	/* room for all that may wait; as much of it as the system allows will do */
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

enum err
client_open(const struct home *home, struct client **out)
{
	const struct timespec pause = {0, 100 * 1000000};
	struct client *client = calloc(1, sizeof(*client));
	uint32_t i;
	int tries;

	if (client == NULL)
		return ERR_MEMORY;
	client->home = *home;
	bytes_init(&client->request, REQUEST_BYTES_MAX);
	bytes_init(&client->arguments, REQUEST_BYTES_MAX);
	for (i = 0; i < CLIENT_WINDOW; i++)
		bytes_init(&client->sent[i].bytes, REQUEST_BYTES_MAX);
	client->fd = connect_to(home);
	for (tries = 0; client->fd < 0 && tries < 50 && is_node_running(home); tries++) {
		(void)nanosleep(&pause, NULL);
		client->fd = connect_to(home);
	}
	if (client->fd < 0) {
		client_close(client);
		return ERR_UNREACHABLE;
	}
	*out = client;
	return ERR_NONE;
}

void
client_close(struct client *client)
{
	uint32_t i;

	if (client == NULL)
		return;
	if (client->fd >= 0)
		(void)close(client->fd);
	bytes_release(&client->request);
	bytes_release(&client->arguments);
	for (i = 0; i < CLIENT_WINDOW; i++)
		bytes_release(&client->sent[i].bytes);
	free(client);
}

static enum err
send_bytes(const struct client *client, const struct bytes *bytes)
{
	ssize_t sent;

	do {
		sent = send(client->fd, bytes->data, bytes->len, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)bytes->len ? ERR_NONE : ERR_UNREACHABLE;
}

/* The next answer, which must be the one to the request with this id. */
static enum err
receive(struct client *client, const struct nonce *id, struct answer *answer)
{
	ssize_t got;
	enum err err;

	do {
		got = recv(client->fd, client->answer, sizeof(client->answer), 0);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return ERR_UNREACHABLE;
	err = request_answer_decode(bytes_view_of(client->answer, (size_t)got), answer);
	if (err == ERR_NONE && memcmp(&answer->id, id, sizeof(answer->id)) != 0)
		err = ERR_INVALID;
	return err;
}

static enum err
exchange(struct client *client, const struct request *request, struct answer *answer)
{
	enum err err;

	bytes_clear(&client->request);
	err = request_encode(request, &client->request);
	if (err == ERR_NONE)
		err = send_bytes(client, &client->request);
	return err == ERR_NONE ? receive(client, &request->id, answer) : err;
}

/* ---------------------------------------------------------------- signed acts */

/* Who we are to the node: it tells by our uid, which the kernel tells it. */
static enum err
find_operator_key(struct client *client, char path[HOME_FILE_MAX])
{
	static const struct empty_body nothing;
	struct request request = {.command = REQUEST_STATUS};
	struct status_body status;
	struct answer answer;
	struct bytes encoded;
	char name[PERSON_BYTES_MAX + 1];
	enum err err;

	bytes_init(&encoded, 64);
	digest_random(request.id.bytes, sizeof(request.id.bytes));
	err = schema_encode(&request_empty_schema, &nothing, &encoded);
	request.arguments = bytes_as_view(&encoded);
	if (err == ERR_NONE)
		err = exchange(client, &request, &answer);
	if (err == ERR_NONE && !reason_is_good(answer.reason))
		err = ERR_REFUSED;
	if (err == ERR_NONE)
		err = schema_decode(&request_status_schema, answer.body, &status);
	bytes_release(&encoded);
	if (err != ERR_NONE)
		return err;
	memcpy(name, status.operator_name.data, status.operator_name.len);
	name[status.operator_name.len] = '\0';
	home_operator_key(&client->home, name, path);
	return access(path, R_OK) == 0 ? ERR_NONE : ERR_NOT_FOUND;
}

static enum err
open_operator_key(struct client *client, struct signer **out)
{
	struct passphrase passphrase;
	struct secret *secret = NULL;
	char path[HOME_FILE_MAX];
	bool is_locked;
	enum err err = find_operator_key(client, path);

	if (err == ERR_NOT_FOUND || err == ERR_REFUSED) {
		cli_complain(
		    _("no operator's key in %s/operators for this user"), client->home.path);
		return ERR_REFUSED;
	}
	if (err != ERR_NONE)
		return err;
	err = keyfile_is_locked(path, &is_locked);
	passphrase_init(&passphrase);
	if (err == ERR_NONE && is_locked)
		err = passphrase_ask(&passphrase, _("Passphrase of your operator's key: "));
	if (err == ERR_NONE)
		err = keyfile_read(path, KEY_OPERATOR, passphrase_view(&passphrase), &secret);
	passphrase_wipe(&passphrase);
	if (err == ERR_NONE)
		err = signer_open(secret_bytes(secret), out);
	secret_free(secret);
	return err;
}

static enum err
sign_act(struct client *client, const struct request *request, struct bytes *out)
{
	struct act act = {.request = request->id,
	    .expires_ms = clock_now_ms() + ACT_MS,
	    .command = request->command};
	struct signer *signer = NULL;
	struct bytes statement;
	uint8_t signature[64];
	enum err err = client_own_org(&client->home, &act.node);

	digest_sha256(request->arguments, &act.arguments);
	bytes_init(&statement, 1024);
	if (err == ERR_NONE)
		err = open_operator_key(client, &signer);
	if (err == ERR_NONE)
		err = request_act_encode(&act, &statement);
	if (err == ERR_NONE)
		err = signer_sign(signer, bytes_as_view(&statement), signature);
	if (err == ERR_NONE)
		err = signed_encode_one(bytes_as_view(&statement), signature, out);
	signer_free(signer);
	bytes_release(&statement);
	return err;
}

/* ---------------------------------------------------------------- asking */

/* The node was started again while we asked: after a while, a new connection, and the requests
   that wait for an answer once more.  By their ids that does no harm. */
static enum err
resume(struct client *client)
{
	struct timespec pause = {0, 300 * 1000000};
	struct client *fresh;
	enum err err = ERR_NONE;
	uint32_t i;

	(void)nanosleep(&pause, NULL);
	if (client_open(&client->home, &fresh) != ERR_NONE)
		return ERR_UNREACHABLE;
	(void)close(client->fd);
	client->fd = fresh->fd;
	fresh->fd = -1;
	client_close(fresh);
	for (i = 0; i < client->waiting && err == ERR_NONE; i++)
		err = send_bytes(client, &client->sent[(client->oldest + i) % CLIENT_WINDOW].bytes);
	return err;
}

static enum err
exchange_again(struct client *client, const struct request *request, struct answer *answer)
{
	enum err err = ERR_UNREACHABLE;
	int tries;

	for (tries = 0; tries < RESUME_TRIES && err == ERR_UNREACHABLE; tries++) {
		err = resume(client);
		if (err == ERR_NONE)
			err = exchange(client, request, answer);
	}
	return err;
}

const char *
client_words(const struct client *client)
{
	return client->words;
}

/* Keep the words, decode the body, say what went wrong; the exit code. */
static int
take_answer(struct client *client, uint64_t command, enum err err, const struct answer *answer,
    const struct schema *body_schema, void *body)
{
	if (err == ERR_NONE)
		(void)snprintf(client->words, sizeof(client->words), "%.*s", (int)answer->words.len,
		    (const char *)answer->words.data);
	if (err == ERR_NONE && !reason_is_good(answer->reason))
		return cli_refused(answer->reason, answer->words, request_command_name(command));
	if (err == ERR_NONE)
		err = schema_decode(body_schema, answer->body, body);
	return err == ERR_NONE ? 0 : cli_fail(err, request_command_name(command));
}

int
client_ask(struct cli *cli, struct client *client, uint64_t command,
    const struct schema *arguments_schema, const void *arguments, const struct schema *body_schema,
    void *body)
{
	struct request request = {.command = command};
	struct answer answer = {0};
	struct bytes act;
	uint32_t roles;
	bool changes, is_signed = false;
	enum err err;

	(void)cli;
	assert(client->waiting == 0);
	(void)request_command_needs(command, &roles, &changes, &is_signed);
	digest_random(request.id.bytes, sizeof(request.id.bytes));
	bytes_init(&act, 1024);
	bytes_clear(&client->arguments);
	err = schema_encode(arguments_schema, arguments, &client->arguments);
	request.arguments = bytes_as_view(&client->arguments);
	if (err == ERR_NONE && is_signed)
		err = sign_act(client, &request, &act);
	request.act = bytes_as_view(&act);
	if (err == ERR_NONE)
		err = exchange(client, &request, &answer);
	if (err == ERR_UNREACHABLE)
		err = exchange_again(client, &request, &answer);
	bytes_release(&act);
	return take_answer(client, command, err, &answer, body_schema, body);
}

/* ---------------------------------------------------------------- several at once */

uint32_t
client_waiting(const struct client *client)
{
	return client->waiting;
}

enum err
client_send(struct client *client, uint64_t command, const struct schema *arguments_schema,
    const void *arguments)
{
	struct sent *sent = &client->sent[(client->oldest + client->waiting) % CLIENT_WINDOW];
	struct request request = {.command = command};
	enum err err;

	assert(client->waiting < CLIENT_WINDOW);
	digest_random(request.id.bytes, sizeof(request.id.bytes));
	bytes_clear(&client->arguments);
	bytes_clear(&sent->bytes);
	err = schema_encode(arguments_schema, arguments, &client->arguments);
	request.arguments = bytes_as_view(&client->arguments);
	if (err == ERR_NONE)
		err = request_encode(&request, &sent->bytes);
	if (err != ERR_NONE)
		return err;
	sent->id = request.id;
	sent->command = command;
	client->waiting++;
	/* where the node is gone, client_receive finds out, and asks again */
	(void)send_bytes(client, &sent->bytes);
	return ERR_NONE;
}

int
client_receive(struct client *client, const struct schema *body_schema, void *body)
{
	struct sent *sent = &client->sent[client->oldest];
	struct answer answer = {0};
	enum err err;
	int tries, code;

	assert(client->waiting > 0);
	err = receive(client, &sent->id, &answer);
	for (tries = 0; tries < RESUME_TRIES && err == ERR_UNREACHABLE; tries++) {
		err = resume(client);
		if (err == ERR_NONE)
			err = receive(client, &sent->id, &answer);
	}
	code = take_answer(client, sent->command, err, &answer, body_schema, body);
	client->oldest = (client->oldest + 1) % CLIENT_WINDOW;
	/* without an answer to this one there will be none to those behind it */
	client->waiting = err == ERR_NONE ? client->waiting - 1 : 0;
	return code;
}
