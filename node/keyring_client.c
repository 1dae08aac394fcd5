#include "node/keyring_client.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "node/channel.h"
#include "node/keyring.h"

#define TRIES 8 /* lives of the keyring process that one request may outlast */

struct client {
	struct keyring keyring; /* first, so that one is the other */
	int fd;
	int (*renew)(void *context);
	void *context;
	struct bytes request;
	enum err begun; /* how the sending of what was begun went */
	uint8_t answer[CHANNEL_BYTES_MAX];
};

static struct client *
client_of(struct keyring *keyring)
{
	return (struct client *)(void *)keyring;
}

/* Hear the answer to the request that was sent (`err` says how that went), and ask again whoever
   takes the place of a process that died: every request may be repeated, for what was signed and
   not heard is signed again alike. */
static enum err
hear(struct client *client, enum err err, struct bytes_view *answer)
{
	int tries;

	for (tries = 0; tries < TRIES; tries++) {
		if (err == ERR_NONE)
			err = channel_receive(client->fd, client->answer, true, answer);
		if (err != ERR_UNREACHABLE)
			return err;
		log_line(LOG_WARNING, "the keyring process has gone; waiting for the next one");
		(void)close(client->fd);
		client->fd = client->renew != NULL ? client->renew(client->context) : -1;
		if (client->fd < 0)
			return ERR_UNREACHABLE;
		err = channel_send(client->fd, bytes_as_view(&client->request));
	}
	return ERR_UNREACHABLE;
}

static enum err
call(struct client *client, struct bytes_view *answer)
{
	if (client->request.err != ERR_NONE)
		return client->request.err;
	return hear(client, channel_send(client->fd, bytes_as_view(&client->request)), answer);
}

static enum err
sign(struct keyring *keyring, const struct keyring_item *items, uint32_t count,
    struct keyring_result *results)
{
	struct client *client = client_of(keyring);
	struct bytes_view answer;
	const uint8_t *at;
	enum err err;
	uint32_t i;

	bytes_clear(&client->request);
	bytes_append_u8(&client->request, KEYRING_SIGN);
	bytes_append_u8(&client->request, (uint8_t)count);
	for (i = 0; i < count; i++) {
		bytes_append_u8(&client->request, (uint8_t)items[i].type);
		bytes_append_u32(&client->request, (uint32_t)items[i].statement.len);
		bytes_append(&client->request, items[i].statement.data, items[i].statement.len);
	}
	err = call(client, &answer);
	if (err == ERR_NONE && answer.data[0] != ERR_NONE)
		return answer.data[0] < ERR_COUNT ? (enum err)answer.data[0] : ERR_SYSTEM;
	if (err == ERR_NONE && answer.len != 1 + (size_t)count * 65)
		return ERR_SYSTEM;
	for (i = 0; i < count && err == ERR_NONE; i++) {
		at = answer.data + 1 + (size_t)i * 65;
		results[i].err = at[0] < ERR_COUNT ? (enum err)at[0] : ERR_SYSTEM;
		memcpy(results[i].signature, at + 1, sizeof(results[i].signature));
	}
	return err;
}

static enum err
unwrap_begin(struct keyring *keyring, struct bytes_view statement)
{
	struct client *client = client_of(keyring);

	bytes_clear(&client->request);
	bytes_append_u8(&client->request, KEYRING_UNWRAP);
	bytes_append(&client->request, statement.data, statement.len);
	client->begun = client->request.err;
	if (client->begun == ERR_NONE)
		client->begun = channel_send(client->fd, bytes_as_view(&client->request));
	/* if it has died, it is asked again when the answer is wanted */
	return client->begun == ERR_UNREACHABLE ? ERR_NONE : client->begun;
}

static enum err
unwrap_end(struct keyring *keyring, uint8_t content_key[32])
{
	struct client *client = client_of(keyring);
	struct bytes_view answer;
	enum err err = hear(client, client->begun, &answer);

	if (err != ERR_NONE)
		return err;
	if (answer.len != 33 || answer.data[0] >= ERR_COUNT)
		return ERR_SYSTEM;
	err = (enum err)answer.data[0];
	memcpy(content_key, answer.data + 1, 32);
	digest_wipe(client->answer, answer.len);
	return err;
}

static enum err
unwrap(struct keyring *keyring, struct bytes_view statement, uint8_t content_key[32])
{
	enum err err = unwrap_begin(keyring, statement);

	return err == ERR_NONE ? unwrap_end(keyring, content_key) : err;
}

static enum err
state(struct keyring *keyring, struct head *head, bool *has_head)
{
	struct client *client = client_of(keyring);
	struct bytes_view answer;
	enum err err;

	bytes_clear(&client->request);
	bytes_append_u8(&client->request, KEYRING_STATE);
	err = call(client, &answer);
	if (err == ERR_NONE && (answer.len != 2 + KEYRING_HEAD_BYTES || answer.data[0] != ERR_NONE))
		err = ERR_SYSTEM;
	if (err != ERR_NONE)
		return err;
	*has_head = answer.data[1] != 0;
	keyring_head(answer.data + 2, head);
	return ERR_NONE;
}

static enum err
public_keys(struct keyring *keyring, struct keyring_public *out)
{
	struct client *client = client_of(keyring);
	struct bytes_view answer;
	const uint8_t *at;
	enum err err;

	bytes_clear(&client->request);
	bytes_append_u8(&client->request, KEYRING_PUBLIC);
	err = call(client, &answer);
	if (err == ERR_NONE && (answer.len != 1 + 32 + 8 + 4 * 32 || answer.data[0] != ERR_NONE))
		err = ERR_SYSTEM;
	if (err != ERR_NONE)
		return err;
	at = answer.data + 1;
	memcpy(out->org.bytes, at, 32);
	out->serial = bytes_get_u64(at + 32);
	memcpy(out->sign_key, at + 40, 32);
	memcpy(out->envelope_key, at + 72, 32);
	memcpy(out->log_key, at + 104, 32);
	memcpy(out->witness_key, at + 136, 32);
	return ERR_NONE;
}

void
keyring_client_head(const struct head *head, uint8_t statement[KEYRING_HEAD_BYTES])
{
	bytes_put_u64(statement, head->epoch);
	bytes_put_u64(statement + 8, head->size);
	memcpy(statement + 16, head->root.bytes, sizeof(head->root.bytes));
}

static void
free_client(struct keyring *keyring)
{
	struct client *client = client_of(keyring);

	if (client == NULL)
		return;
	if (client->fd >= 0)
		(void)close(client->fd);
	bytes_release(&client->request);
	free(client);
}

enum err
keyring_client_open(int fd, int (*renew)(void *context), void *context, struct keyring **out)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		return ERR_MEMORY;
	client->keyring = (struct keyring){.sign = sign,
	    .unwrap = unwrap,
	    .unwrap_begin = unwrap_begin,
	    .unwrap_end = unwrap_end,
	    .state = state,
	    .public_keys = public_keys,
	    .free = free_client};
	client->fd = fd;
	client->renew = renew;
	client->context = context;
	bytes_init(&client->request, CHANNEL_BYTES_MAX);
	*out = &client->keyring;
	return ERR_NONE;
}

void
keyring_client_replace(struct keyring *keyring, int fd)
{
	struct client *client = client_of(keyring);

	if (client->fd >= 0)
		(void)close(client->fd);
	client->fd = fd;
}
