#define _GNU_SOURCE /* struct ucred */
#include "node/core_process.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "node/channel.h"
#include "node/ciphertext.h"
#include "node/core.h"
#include "node/keyring_client.h"
#include "node/link.h"
#include "node/sandbox.h"
#include "node/worker.h"
#include "wire/card.h"

/* Link messages taken into one transaction, and requests likewise, of about so many bytes: four full
   envelopes or batches make a commit cheap, and who sent them wants to hear of it while the next are
   on their way. */
#define TURN_MESSAGES 48
#define TURN_BYTES (600u * 1024u)
#define PREPARED_BYTES 4096u /* a shorter request is not worth another thread's while */
#define BACKLOG 16
#define LEISURE_MS 20 /* what can wait, waits for something to share its commit with */

/* One connection of the operators' API. */
struct client {
	uint64_t id;
	int fd; /* -1: free */
	uint32_t uid;
	bool is_operator; /* when it connected: another thread may work for it */
};

struct process {
	const struct core_process *setup;
	struct core *core;
	struct keyring *keyring;
	int link_fd;
	int listen_fd;
	uint32_t pids[4];
	bool link_is_new;   /* it must be told everything again */
	uint64_t tail_told; /* which frames' common end the link has; 0: none */
	bool is_over;
	enum err failure;
	uint64_t clients_made;
	struct worker *worker;
	struct client clients[REQUEST_CLIENTS_MAX];
	struct bytes frame;
	uint8_t buffer[CHANNEL_BYTES_MAX];
};

/* What can be read without waiting. */
struct ready {
	bool control, link, api;
	bool clients[REQUEST_CLIENTS_MAX];
};

/* ---------------------------------------------------------------- the supervisor */

/* A channel that the supervisor sent, taken over by what its tag says. */
static void
take_channel(struct process *process, struct bytes_view message, int passed)
{
	process->pids[0] = bytes_get_u32(message.data + 1);
	process->pids[1] = bytes_get_u32(message.data + 5);
	process->pids[3] = bytes_get_u32(message.data + 9);
	if (message.data[0] == CONTROL_STOP) {
		process->is_over = true;
	} else if (message.data[0] == CONTROL_LINK && passed >= 0) {
		if (process->link_fd >= 0)
			(void)close(process->link_fd);
		process->link_fd = passed;
		process->link_is_new = true;
		process->tail_told = 0;
		return;
	} else if (message.data[0] == CONTROL_KEYRING && passed >= 0) {
		keyring_client_replace(process->keyring, passed);
		return;
	}
	if (passed >= 0)
		(void)close(passed);
}

static void
obey_supervisor(struct process *process)
{
	uint8_t buffer[64];
	struct bytes_view message;
	int passed;

	if (channel_receive_fd(process->setup->control_fd, buffer, sizeof(buffer), &message,
		&passed) != ERR_NONE ||
	    message.len != CONTROL_BYTES) {
		process->is_over = true;
		return;
	}
	take_channel(process, message, passed);
}

/* The keyring died while we waited for it: the supervisor sends the channel of the next. */
static int
next_keyring(void *context)
{
	struct process *process = context;
	uint8_t buffer[64];
	struct bytes_view message;
	int passed;

	while (!process->is_over) {
		if (channel_receive_fd(process->setup->control_fd, buffer, sizeof(buffer), &message,
			&passed) != ERR_NONE ||
		    message.len != CONTROL_BYTES)
			break;
		if (message.data[0] == CONTROL_KEYRING)
			return passed;
		take_channel(process, message, passed);
	}
	process->is_over = true;
	return -1;
}

/* ---------------------------------------------------------------- events in */

static void
step(struct process *process, const struct core_event *event)
{
	core_step(process->core, event);
}

static void
step_pids(struct process *process)
{
	struct core_event event = {.type = CORE_PIDS};

	process->pids[2] = (uint32_t)getpid();
	memcpy(event.pids, process->pids, sizeof(event.pids));
	step(process, &event);
}

/* A message whose bytes stand in two places. */
static void
send_link_parts(struct process *process, enum link_type type, const struct transport_key *key,
    struct bytes_view first, struct bytes_view second)
{
	struct link_message message = {.type = type};

	if (key != NULL)
		message.key = *key;
	bytes_clear(&process->frame);
	if (process->link_fd < 0 ||
	    link_encode_head(&message, first.len + second.len, &process->frame) != ERR_NONE)
		return;
	bytes_append(&process->frame, first.data, first.len);
	bytes_append(&process->frame, second.data, second.len);
	if (process->frame.err != ERR_NONE)
		return;
	if (channel_send(process->link_fd, bytes_as_view(&process->frame)) != ERR_NONE) {
		/* the supervisor will send the next one */
		(void)close(process->link_fd);
		process->link_fd = -1;
	}
}

static void
send_link(struct process *process, enum link_type type, const struct transport_key *key,
    struct bytes_view bytes)
{
	send_link_parts(process, type, key, bytes, bytes_view_of(NULL, 0));
}

/* A frame; the end that it has in common with others goes to the link once. */
static void
send_frame(struct process *process, const struct core_action *action)
{
	struct bytes_view bytes = bytes_view_of(action->data, action->len);
	uint8_t number[8];

	if (action->tail == NULL) {
		send_link(process, LINK_SEND, &action->key, bytes);
		return;
	}
	bytes_put_u64(number, ciphertext_id(action->tail));
	if (process->tail_told != ciphertext_id(action->tail)) {
		send_link_parts(process, LINK_TAIL, NULL, bytes_view_of(number, sizeof(number)),
		    ciphertext_view(action->tail));
		process->tail_told = ciphertext_id(action->tail);
	}
	send_link_parts(
	    process, LINK_SEND_TAIL, &action->key, bytes_view_of(number, sizeof(number)), bytes);
}

static void
greet_link(struct process *process)
{
	struct core_event event = {.type = CORE_LINK_STARTED};
	uint32_t i;

	process->link_is_new = false;
	for (i = 0; i < process->setup->config->listen_count; i++)
		send_link(
		    process, LINK_LISTEN, NULL, bytes_view_str(process->setup->config->listen[i]));
	step(process, &event);
	step_pids(process);
}

static void
step_link(struct process *process, const struct link_message *message)
{
	struct core_event event = {.key = message->key, .bytes = message->bytes};

	switch (message->type) {
	case LINK_MESSAGE:
		event.type = CORE_LINK_MESSAGE;
		break;
	case LINK_UP:
		event.type = CORE_LINK_UP;
		break;
	case LINK_DOWN:
		event.type = CORE_LINK_DOWN;
		break;
	case LINK_UNSENT:
		event.type = CORE_LINK_UNSENT;
		break;
	case LINK_BOUND:
		event.type = CORE_LINK_BOUND;
		log_line(LOG_NOTICE, "listening on %.*s", (int)message->bytes.len,
		    (const char *)message->bytes.data);
		break;
	case LINK_UNBOUND:
		log_line(LOG_ERROR, "cannot listen on %.*s; trying again", (int)message->bytes.len,
		    (const char *)message->bytes.data);
		return;
	case LINK_COUNTERS:
		if (message->bytes.len != 16)
			return;
		event.type = CORE_LINK_COUNTERS;
		event.number = bytes_get_u64(message->bytes.data);
		break;
	case LINK_READY:
	case LINK_LISTEN:
	case LINK_ALLOW:
	case LINK_FORBID:
	case LINK_DIAL:
	case LINK_HANG_UP:
	case LINK_SEND:
	case LINK_TAIL:
	case LINK_SEND_TAIL:
		return;
	}
	step(process, &event);
}

static void
read_link(struct process *process)
{
	struct link_message message;
	struct bytes_view bytes;
	size_t taken = 0;
	int i;

	for (i = 0; i < TURN_MESSAGES && taken < TURN_BYTES && process->link_fd >= 0; i++) {
		enum err err = channel_receive(process->link_fd, process->buffer, false, &bytes);

		if (err == ERR_NO)
			return;
		if (err != ERR_NONE) {
			(void)close(process->link_fd);
			process->link_fd = -1;
			return;
		}
		taken += bytes.len;
		if (link_decode(bytes, &message) == ERR_NONE)
			step_link(process, &message);
	}
}

/* ---------------------------------------------------------------- the operators' API */

static enum err
open_api(struct process *process)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[HOME_FILE_MAX];
	uint32_t i;

	for (i = 0; i < REQUEST_CLIENTS_MAX; i++)
		process->clients[i].fd = -1;
	home_file(process->setup->home, "api.sock", path);
	if (strlen(path) >= sizeof(address.sun_path))
		return ERR_TOO_LARGE;
	memcpy(address.sun_path, path, strlen(path) + 1);
	(void)unlink(path); /* the lock says that no other mallad uses it */
	process->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (process->listen_fd < 0)
		return ERR_SYSTEM;
	/* anybody may connect; who he is, the kernel says, and what he may, the node */
	if (bind(process->listen_fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    chmod(path, 0666) != 0 || listen(process->listen_fd, BACKLOG) != 0)
		return ERR_SYSTEM;
	return ERR_NONE;
}

static void
accept_client(struct process *process)
{
	struct ucred who;
	socklen_t len = sizeof(who);
	struct client *client = NULL;
	uint32_t i;
	int fd = accept4(process->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (i = 0; i < REQUEST_CLIENTS_MAX && client == NULL; i++) {
		if (process->clients[i].fd < 0)
			client = &process->clients[i];
	}
	if (client == NULL || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0) {
		(void)close(fd);
		return;
	}
	client->fd = fd;
	client->uid = (uint32_t)who.uid;
	client->is_operator = core_knows(process->core, client->uid);
	client->id = ++process->clients_made;
}

static void
drop_client(struct process *process, struct client *client, struct worker_job *job)
{
	(void)close(client->fd);
	client->fd = -1;
	job->is_gone = true;
	job->client = client->id;
	worker_put(process->worker);
}

/* One message into the queue; false: there is none, or no place for it. */
static bool
read_client(struct process *process, struct client *client)
{
	struct worker_job *job = worker_place(process->worker);
	struct bytes_view bytes;
	enum err err;

	if (job == NULL)
		return false;
	err = channel_receive(client->fd, process->buffer, false, &bytes);
	if (err == ERR_NO)
		return false;
	if (err == ERR_NONE) {
		bytes_append(&job->request, bytes.data, bytes.len);
		err = job->request.err;
	}
	if (err != ERR_NONE) {
		drop_client(process, client, job);
		return false;
	}
	job->client = client->id;
	job->uid = client->uid;
	job->may_prepare = client->is_operator && bytes.len >= PREPARED_BYTES;
	if (job->may_prepare) {
		job->now_ms = clock_now_ms();
		digest_random(job->seed, sizeof(job->seed));
	}
	worker_put(process->worker);
	return true;
}

static void
read_clients(struct process *process, const struct ready *ready)
{
	uint32_t i;

	for (i = 0; i < REQUEST_CLIENTS_MAX; i++) {
		while (ready->clients[i] && process->clients[i].fd >= 0 &&
		       read_client(process, &process->clients[i]))
			;
	}
}

/* The first waits for the thread, if it must; the others stay for the next turn, while they are
   being prepared. */
static void
step_clients(struct process *process)
{
	struct worker_job *job;
	size_t taken = 0;

	while (taken < TURN_BYTES) {
		struct core_event event = {.type = CORE_REQUEST};

		job = worker_head(process->worker, taken == 0);
		if (job == NULL)
			return;
		taken += job->request.len + 1;
		if (job->is_gone)
			event.type = CORE_CLIENT_GONE;
		event.client = job->client;
		event.uid = job->uid;
		event.bytes = bytes_as_view(&job->request);
		event.prepared = job->is_prepared ? &job->prepared : NULL;
		step(process, &event);
		worker_pop(process->worker);
	}
}

static void
answer_client(struct process *process, uint64_t id, struct bytes_view bytes)
{
	uint32_t i;

	for (i = 0; i < REQUEST_CLIENTS_MAX; i++) {
		if (process->clients[i].fd < 0 || process->clients[i].id != id)
			continue;
		/* a client that does not read its answer loses it, and its connection */
		if (channel_try_send(process->clients[i].fd, bytes) != ERR_NONE)
			(void)shutdown(process->clients[i].fd, SHUT_RDWR);
		return;
	}
}

/* Whoever is no operator any more has no connection any more, once he has his answer. */
static void
part_from_removed(struct process *process)
{
	uint32_t i;

	if (!core_has_removed(process->core))
		return;
	for (i = 0; i < REQUEST_CLIENTS_MAX; i++) {
		struct client *client = &process->clients[i];

		if (client->fd >= 0 && !core_knows(process->core, client->uid))
			(void)shutdown(client->fd, SHUT_RDWR);
	}
}

/* ---------------------------------------------------------------- actions out */

static void
perform(struct process *process, const struct core_action *action)
{
	struct bytes_view bytes = bytes_view_of(action->data, action->len);

	switch (action->type) {
	case CORE_SEND:
		send_frame(process, action);
		return;
	case CORE_DIAL:
		send_link(process, LINK_DIAL, &action->key, bytes);
		return;
	case CORE_HANG_UP:
		send_link(process, LINK_HANG_UP, &action->key, bytes);
		return;
	case CORE_ALLOW:
		send_link(process, LINK_ALLOW, &action->key, bytes);
		return;
	case CORE_FORBID:
		send_link(process, LINK_FORBID, &action->key, bytes);
		return;
	case CORE_ANSWER:
		answer_client(process, action->client, bytes);
		return;
	}
}

/* ---------------------------------------------------------------- the loop */

static int
timeout_of(const struct process *process)
{
	uint64_t now = clock_now_ms(), due = core_next_tick_ms(process->core);
	int most = 1000;

	if (process->link_is_new || worker_count(process->worker) > 0 || due <= now)
		return 0;
	if (core_has_work(process->core))
		most = core_can_wait(process->core) ? LEISURE_MS : 0;
	return due - now > (uint64_t)most ? most : (int)(due - now);
}

static bool
wait_for_events(struct process *process, struct ready *ready)
{
	struct pollfd fds[3 + REQUEST_CLIENTS_MAX];
	uint32_t i;

	fds[0] = (struct pollfd){process->setup->control_fd, POLLIN, 0};
	fds[1] = (struct pollfd){process->link_fd, POLLIN, 0}; /* -1 is passed over */
	fds[2] = (struct pollfd){process->listen_fd, POLLIN, 0};
	for (i = 0; i < REQUEST_CLIENTS_MAX; i++)
		fds[3 + i] = (struct pollfd){process->clients[i].fd, POLLIN, 0};
	if (poll(fds, 3 + REQUEST_CLIENTS_MAX, timeout_of(process)) < 0) {
		memset(ready, 0, sizeof(*ready));
		return errno == EINTR;
	}
	ready->control = fds[0].revents != 0;
	ready->link = fds[1].revents != 0;
	ready->api = fds[2].revents != 0;
	for (i = 0; i < REQUEST_CLIENTS_MAX; i++)
		ready->clients[i] = fds[3 + i].revents != 0;
	return true;
}

static void
take_events(struct process *process, const struct ready *ready)
{
	struct core_event tick = {.type = CORE_TICK};

	if (process->link_is_new)
		greet_link(process);
	if (ready->link)
		read_link(process);
	read_clients(process, ready);
	step_clients(process);
	if (clock_now_ms() >= core_next_tick_ms(process->core))
		step(process, &tick);
}

/* Whether there is anything for the core to do, so that idling writes nothing. */
static bool
has_events(const struct process *process, const struct ready *ready)
{
	uint32_t i;

	if (process->link_is_new || ready->link || worker_count(process->worker) > 0 ||
	    core_has_work(process->core) || clock_now_ms() >= core_next_tick_ms(process->core))
		return true;
	for (i = 0; i < REQUEST_CLIENTS_MAX; i++) {
		if (ready->clients[i])
			return true;
	}
	return false;
}

static void
turn(struct process *process, const struct ready *ready)
{
	const struct core_action *actions;
	uint32_t count, i;
	uint8_t seed[32];
	enum err err;

	digest_random(seed, sizeof(seed));
	core_turn_begin(process->core, clock_now_ms(), seed);
	take_events(process, ready);
	err = core_turn_end(process->core);
	actions = core_actions(process->core, &count);
	for (i = 0; i < count; i++)
		perform(process, &actions[i]);
	core_actions_clear(process->core);
	part_from_removed(process);
	if (err != ERR_NONE && err != ERR_FULL) {
		process->failure = err;
		process->is_over = true;
	}
}

static void
run(struct process *process)
{
	static const uint8_t word = CONTROL_IS_READY;
	struct ready ready;

	process->link_is_new = true;
	if (channel_send(process->setup->control_fd, bytes_view_of(&word, 1)) != ERR_NONE)
		return;
	while (!process->is_over && wait_for_events(process, &ready)) {
		if (ready.control)
			obey_supervisor(process);
		if (ready.api)
			accept_client(process);
		if (!process->is_over && has_events(process, &ready))
			turn(process, &ready);
	}
}

static enum err
open_core(struct process *process, struct bytes *package, struct bytes *founder)
{
	const struct home *home = process->setup->home;
	struct core_setup setup = {.credit = process->setup->config->credit,
	    .now_ms = clock_now_ms(),
	    .splits_frames = true,
	    .keyring = process->keyring};
	char path[HOME_FILE_MAX];
	enum err err;

	home_file(home, "org", path);
	err = card_file_read(path, package);
	if (err != ERR_NONE)
		return err;
	home_file(home, "founder", path);
	err = home_read(path, founder);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	home_file(home, "store.db", path);
	setup.store_path = path;
	setup.package = bytes_as_view(package);
	setup.founder = bytes_as_view(founder);
	return core_open(&setup, &process->core);
}

int
core_process_run(const struct core_process *setup)
{
	struct process *process = calloc(1, sizeof(*process));
	struct bytes package, founder;
	enum err err;

	if (process == NULL)
		return err_exit_code(ERR_MEMORY);
	process->setup = setup;
	process->link_fd = setup->link_fd;
	process->listen_fd = -1;
	memcpy(process->pids, setup->pids, sizeof(process->pids));
	bytes_init(&process->frame, CHANNEL_BYTES_MAX);
	bytes_init(&package, CARD_FILE_BYTES_MAX);
	bytes_init(&founder, 4096);
	err = keyring_client_open(setup->keyring_fd, next_keyring, process, &process->keyring);
	if (err == ERR_NONE)
		err = open_core(process, &package, &founder);
	if (err == ERR_NONE)
		err = open_api(process);
	if (err == ERR_NONE)
		err = worker_open(core_prepare_setup(process->core),
		    sysconf(_SC_NPROCESSORS_ONLN) > 1, &process->worker);
	if (err == ERR_NONE) {
		sandbox_enter(SANDBOX_CORE);
		run(process);
		err = process->failure;
	} else {
		log_line(LOG_ERROR, "cannot start: %s",
		    process->core != NULL ? core_message(process->core) : err_text(err));
	}
	worker_close(process->worker);
	core_close(process->core);
	if (process->keyring != NULL)
		process->keyring->free(process->keyring);
	bytes_release(&process->frame);
	bytes_release(&package);
	bytes_release(&founder);
	free(process);
	return err == ERR_NONE ? 0 : err_exit_code(err);
}
