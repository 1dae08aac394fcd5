/*
 * fanout: what one envelope to one peer costs the sender, of many that get the same batch.
 *
 *     fanout cards DIR COUNT               write COUNT card files, DIR/<i>.card
 *     fanout run HOME CARD COUNT ROUNDS    the peers of those cards, against the node in HOME
 *
 * The peers are real at the other end of the wire and no further: each has its keys, its CURVE
 * connection and its session, and signs a receipt for every envelope.  CPU is that of all
 * processes of the node, from the scheduler's own account, from request to the last receipt's
 * commit; beside it, in turns, what the same work could cost at the least: one signature, one
 * verification, one X25519 agreement and one CURVE frame of the same size.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/home.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/signer.h"
#include "wire/card.h"
#include "wire/exchange.h"
#include "wire/header.h"
#include "wire/record.h"
#include "wire/request.h"
#include "wire/root.h"

#define PEERS_HERE_MAX 512
#define QUIET_MS 60.0
#define PATIENCE_MS 60000.0
#define SETTLE_MS 9000 /* until link has given back what a burst took */
#define DAY_MS 86400000ull
#define FRAMES 400 /* of the reference, a round */

static void
die(const char *what)
{
	(void)fprintf(stderr, "fanout: %s: %s\n", what, errno != 0 ? strerror(errno) : "failed");
	exit(1);
}

static void
must(enum err err, const char *what)
{
	if (err == ERR_NONE)
		return;
	(void)fprintf(stderr, "fanout: %s: %s\n", what, err_text(err));
	exit(1);
}

static double
clock_ms(clockid_t which)
{
	struct timespec now;

	(void)clock_gettime(which, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(double), compare);
	return values[count / 2];
}

/* ---------------------------------------------------------------- identities */

struct peer {
	struct org_id org;
	struct signer *sign;
	uint8_t transport[32];
	uint8_t transport_public[32];
	void *dealer;
	uint64_t log_size;
	uint64_t got;
};

/* The same keys in every run: a card that was written is that of the peer that runs. */
static void
key_of(int peer, enum key_purpose purpose, uint8_t out[32])
{
	char name[64];
	struct hash hash;

	(void)snprintf(name, sizeof(name), "fanout %d %s", peer, key_purpose_name(purpose));
	digest_sha256(bytes_view_str(name), &hash);
	memcpy(out, hash.bytes, 32);
}

static void
public_of(int peer, enum key_purpose purpose, uint8_t out[32])
{
	struct secret *secret;
	uint8_t seed[32];

	key_of(peer, purpose, seed);
	must(secret_open(seed, &secret), "a key");
	must(secret_public(secret, purpose, out), "a key");
	secret_free(secret);
}

static void
sign_thing(struct signer *signer, struct bytes_view statement, struct bytes *out)
{
	uint8_t signature[64];

	must(signer_sign(signer, statement, signature), "a signature");
	must(signed_encode_one(statement, signature, out), "a signature");
}

static void
make_root(int peer, struct signer *signer, struct bytes *signed_root, struct org_id *org)
{
	struct root root = {.version = 1, .created_ms = DAY_MS, .threshold = 1, .keys_count = 1};
	uint8_t public_key[32];
	struct bytes statement;
	struct hash id;

	public_of(peer, KEY_ROOT, public_key);
	root.keys[0].suite = SUITE_1;
	root.keys[0].bytes = bytes_view_of(public_key, sizeof(public_key));
	memset(root.next.bytes, 7, sizeof(root.next.bytes));
	bytes_init(&statement, ROOT_BYTES_MAX);
	must(root_encode(&root, &statement), "a root");
	digest_sha256(bytes_as_view(&statement), &id);
	memcpy(org->bytes, id.bytes, sizeof(id.bytes));
	if (signed_root != NULL)
		sign_thing(signer, bytes_as_view(&statement), signed_root);
	bytes_release(&statement);
}

static void
write_card(const char *folder, int peer)
{
	static struct card_package package;
	struct card card = {.sector = bytes_view_str("telecom"),
	    .serial = 1,
	    .issued_ms = clock_now_ms() - 60000,
	    .expires_ms = clock_now_ms() + 60 * DAY_MS,
	    .suite_min = SUITE_1};
	struct bytes signed_root, statement, signed_card, encoded, file;
	struct signer *root;
	uint8_t seed[32];
	char name[64], path[512];

	(void)snprintf(name, sizeof(name), "Organisation %d", peer);
	card.name = bytes_view_str(name);
	key_of(peer, KEY_ROOT, seed);
	must(signer_open(seed, &root), "a key");
	bytes_init(&signed_root, ROOT_BYTES_MAX + 256);
	bytes_init(&statement, CARD_BYTES_MAX);
	bytes_init(&signed_card, CARD_BYTES_MAX + 256);
	bytes_init(&encoded, CARD_PACKAGE_BYTES_MAX);
	bytes_init(&file, 2 * CARD_FILE_BYTES_MAX);
	make_root(peer, root, &signed_root, &card.org);
	public_of(peer, KEY_SIGN, card.sign_key);
	public_of(peer, KEY_ENVELOPE, card.envelope_key);
	public_of(peer, KEY_TRANSPORT, card.transport_key.bytes);
	public_of(peer, KEY_LOG, card.log_key);
	public_of(peer, KEY_WITNESS, card.witness_key);
	must(card_encode(&card, &statement), "a card");
	sign_thing(root, bytes_as_view(&statement), &signed_card);
	package.roots_count = 1;
	must(signed_decode(bytes_as_view(&signed_root), ROOT_BYTES_MAX, &package.roots[0]), "root");
	must(signed_decode(bytes_as_view(&signed_card), CARD_BYTES_MAX, &package.card), "card");
	must(card_package_encode(&package, &encoded), "a package");
	must(card_file_encode(bytes_as_view(&encoded), &file), "a card file");
	(void)snprintf(path, sizeof(path), "%s/%d.card", folder, peer);
	must(home_write(path, bytes_as_view(&file), 0644), path);
	signer_free(root);
	bytes_release(&signed_root);
	bytes_release(&statement);
	bytes_release(&signed_card);
	bytes_release(&encoded);
	bytes_release(&file);
}

/* ---------------------------------------------------------------- the node */

struct node {
	const char *home;
	struct card card; /* its own */
	char endpoint[ENDPOINT_BYTES_MAX + 1];
	int api;
	const volatile uint8_t *commits;
	uint64_t pids[4];
	struct bytes answer;
};

static uint32_t
commits_of(const struct node *node)
{
	return *(const volatile uint32_t *)(const volatile void *)(node->commits + 8);
}

static void
open_node(struct node *node, const char *home, const char *card)
{
	static struct card_package package;
	static struct bytes bytes;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[512];
	int fd;

	node->home = home;
	bytes_init(&bytes, CARD_FILE_BYTES_MAX);
	bytes_init(&node->answer, 2 * REQUEST_BYTES_MAX);
	must(card_file_read(card, &bytes), card);
	must(card_package_open(bytes_as_view(&bytes), &package, &node->card), card);
	(void)snprintf(node->endpoint, sizeof(node->endpoint), "%.*s",
	    (int)node->card.endpoints[0].len, (const char *)node->card.endpoints[0].data);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/api.sock", home);
	node->api = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (connect(node->api, (const struct sockaddr *)&address, sizeof(address)) != 0)
		die(address.sun_path);
	(void)snprintf(path, sizeof(path), "%s/store.db-shm", home);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	node->commits = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (fd < 0 || node->commits == MAP_FAILED)
		die(path);
	(void)close(fd);
}

static struct answer
ask(struct node *node, uint64_t command, struct bytes_view arguments)
{
	static uint8_t buffer[2 * REQUEST_BYTES_MAX];
	struct request request = {.command = command, .arguments = arguments};
	struct answer answer;
	struct bytes encoded;
	ssize_t got;

	digest_random(request.id.bytes, sizeof(request.id.bytes));
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	must(request_encode(&request, &encoded), "a request");
	if (send(node->api, encoded.data, encoded.len, 0) < 0)
		die("the API");
	got = recv(node->api, buffer, sizeof(buffer), 0);
	if (got <= 0)
		die("the API");
	must(request_answer_decode(bytes_view_of(buffer, (size_t)got), &answer), "an answer");
	if (!reason_is_good(answer.reason))
		die(reason_name(answer.reason));
	bytes_release(&encoded);
	return answer;
}

static uint64_t
receipted(struct node *node)
{
	struct answer answer = ask(node, REQUEST_STATUS, bytes_view_of("\x80", 1));
	struct status_body body;
	struct status_peer peer;
	uint64_t sum = 0;

	must(schema_decode(&request_status_schema, answer.body, &body), "status");
	node->pids[0] = body.supervisor_pid;
	node->pids[1] = body.link_pid;
	node->pids[2] = body.core_pid;
	node->pids[3] = body.keyring_pid;
	while (schema_list_next(&body.peers, &request_status_peer_schema, &peer) == ERR_NONE)
		sum += peer.receipted;
	return sum;
}

/* Milliseconds of CPU of one process, all of its threads. */
static double
cpu_of(uint64_t pid)
{
	char path[300], line[128];
	unsigned long long ran, sum = 0;
	struct dirent *entry;
	DIR *tasks;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%llu/task", (unsigned long long)pid);
	tasks = opendir(path);
	while (tasks != NULL && (entry = readdir(tasks)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%llu/task/%s/schedstat",
		    (unsigned long long)pid, entry->d_name);
		file = fopen(path, "r");
		if (file != NULL && fgets(line, sizeof(line), file) != NULL &&
		    sscanf(line, "%llu", &ran) == 1)
			sum += ran;
		if (file != NULL)
			(void)fclose(file);
	}
	if (tasks != NULL)
		(void)closedir(tasks);
	return (double)sum / 1e6;
}

static double
rss_kib(uint64_t pid)
{
	char path[64], line[256];
	double kib = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%llu/status", (unsigned long long)pid);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		(void)sscanf(line, "VmRSS: %lf", &kib);
	if (file != NULL)
		(void)fclose(file);
	return kib;
}

/* ---------------------------------------------------------------- the peers */

struct world {
	struct node node;
	struct peer peers[PEERS_HERE_MAX];
	int count;
	void *context;
	uint64_t envelopes;
	size_t frame_bytes; /* of the newest envelope */
	struct bytes out;
	zmq_pollitem_t items[PEERS_HERE_MAX];
};

static void
open_peer(struct world *world, int i)
{
	struct peer *peer = &world->peers[i];
	struct node *node = &world->node;
	uint8_t seed[32];
	int zero = 0;

	key_of(i, KEY_SIGN, seed);
	must(signer_open(seed, &peer->sign), "a key");
	key_of(i, KEY_TRANSPORT, peer->transport);
	public_of(i, KEY_TRANSPORT, peer->transport_public);
	make_root(i, NULL, NULL, &peer->org);
	peer->log_size = 1;
	peer->dealer = zmq_socket(world->context, ZMQ_DEALER);
	if (peer->dealer == NULL ||
	    zmq_setsockopt(peer->dealer, ZMQ_LINGER, &zero, sizeof(zero)) != 0 ||
	    zmq_setsockopt(peer->dealer, ZMQ_CURVE_SECRETKEY, peer->transport, 32) != 0 ||
	    zmq_setsockopt(peer->dealer, ZMQ_CURVE_PUBLICKEY, peer->transport_public, 32) != 0 ||
	    zmq_setsockopt(peer->dealer, ZMQ_CURVE_SERVERKEY, node->card.transport_key.bytes, 32) !=
		0 ||
	    zmq_connect(peer->dealer, node->endpoint) != 0)
		die("a connection");
	world->items[i] = (zmq_pollitem_t){peer->dealer, 0, ZMQ_POLLIN, 0};
}

static void
send_message(struct world *world, struct peer *peer, const struct exchange_message *message)
{
	bytes_clear(&world->out);
	must(exchange_encode(message, &world->out), "a message");
	if (zmq_send(peer->dealer, world->out.data, world->out.len, 0) < 0)
		die("a message");
}

static void
head_of(const struct peer *peer, struct head *head)
{
	*head = (struct head){.epoch = 1, .size = peer->log_size};
	digest_sha256(bytes_view_of(&peer->log_size, sizeof(peer->log_size)), &head->root);
}

static void
greet(struct world *world, struct peer *peer, const struct hello *theirs)
{
	struct exchange_message message = {.type = EXCHANGE_HELLO};
	struct hello *hello = &message.hello;

	hello->versions_count = 1;
	hello->suites_count = 1;
	hello->suites[0] = SUITE_1;
	hello->org = peer->org;
	hello->serial = 1;
	hello->peer_serial = world->node.card.serial;
	hello->has_echo = theirs != NULL;
	if (theirs != NULL)
		hello->echo = theirs->nonce;
	memcpy(hello->nonce.bytes, peer->org.bytes, sizeof(hello->nonce.bytes));
	hello->seen = peer->got;
	hello->credit = CREDIT_DEFAULT;
	hello->time_ms = clock_now_ms();
	head_of(peer, &hello->head);
	send_message(world, peer, &message);
}

static void
give_receipt(struct world *world, struct peer *peer, const struct exchange_message *envelope)
{
	static struct header header;
	struct exchange_message message = {.type = EXCHANGE_RECEIPT};
	struct receipt receipt = {.kind = RECEIPT_ORDINARY};
	uint8_t outcomes[2 * BATCH_COUNT_MAX];
	struct bytes statement, signed_receipt;
	struct hash hash;
	uint32_t i;

	must(header_decode(envelope->signed_thing.statement, &header, &hash), "an envelope");
	digest_sha256(envelope->signed_thing.statement, &receipt.envelope);
	for (i = 0; i < header.count; i++)
		bytes_put_u16(outcomes + 2 * (size_t)i, REASON_STORED);
	receipt.recipient = peer->org;
	receipt.recipient_serial = header.recipient_serial;
	receipt.sender = header.sender;
	receipt.sender_serial = header.sender_serial;
	receipt.number = header.number;
	receipt.outcomes = bytes_view_of(outcomes, 2 * (size_t)header.count);
	receipt.time_ms = clock_now_ms();
	peer->log_size += 2;
	head_of(peer, &receipt.head);
	bytes_init(&statement, RECEIPT_BYTES_MAX);
	bytes_init(&signed_receipt, RECEIPT_BYTES_MAX);
	must(receipt_encode(&receipt, &statement), "a receipt");
	sign_thing(peer->sign, bytes_as_view(&statement), &signed_receipt);
	must(
	    signed_decode(bytes_as_view(&signed_receipt), RECEIPT_BYTES_MAX, &message.signed_thing),
	    "a receipt");
	send_message(world, peer, &message);
	bytes_release(&statement);
	bytes_release(&signed_receipt);
	peer->got = header.number;
	world->envelopes++;
}

static void
read_peer(struct world *world, struct peer *peer)
{
	static struct exchange_message message;
	static uint8_t frame[FRAME_BYTES_MAX];
	int len;

	while ((len = zmq_recv(peer->dealer, frame, sizeof(frame), ZMQ_DONTWAIT)) > 0) {
		must(exchange_decode(bytes_view_of(frame, (size_t)len), &message), "a frame");
		if (message.type == EXCHANGE_HELLO && message.hello.has_echo)
			greet(world, peer, &message.hello);
		if (message.type == EXCHANGE_REFUSAL)
			die(reason_name(message.refusal.reason));
		if (message.type != EXCHANGE_ENVELOPE)
			continue;
		world->frame_bytes = (size_t)len;
		give_receipt(world, peer, &message);
	}
}

/* Until `wanted` envelopes came, and the node has then committed nothing for a while. */
static void
serve_until(struct world *world, uint64_t wanted)
{
	double begin = clock_ms(CLOCK_MONOTONIC), last = begin;
	uint32_t commits = commits_of(&world->node);
	int i;

	while (world->envelopes < wanted || clock_ms(CLOCK_MONOTONIC) < last + QUIET_MS) {
		if (zmq_poll(world->items, world->count, 5) > 0) {
			for (i = 0; i < world->count; i++) {
				if (world->items[i].revents != 0)
					read_peer(world, &world->peers[i]);
			}
			last = clock_ms(CLOCK_MONOTONIC);
		}
		if (commits_of(&world->node) != commits)
			last = clock_ms(CLOCK_MONOTONIC);
		commits = commits_of(&world->node);
		if (clock_ms(CLOCK_MONOTONIC) > begin + PATIENCE_MS)
			die("envelopes that did not come");
	}
}

/* ---------------------------------------------------------------- what is shared */

static void
make_draft(struct bytes *out)
{
	static uint64_t made;
	struct observable observable = {.type = OBSERVABLE_DOMAIN};
	char value[64], text[201];
	struct record record;

	(void)snprintf(
	    value, sizeof(value), "fan%llu-%d.example", (unsigned long long)++made, (int)getpid());
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	record_init(&record, RECORD_INDICATOR, TLP_GREEN);
	observable.value = bytes_view_str(value);
	record.body.text = bytes_view_str(text);
	must(record_add_observable(&record, &observable), "a draft");
	bytes_clear(out);
	must(record_encode(&record, out), "a draft");
}

static void
share(struct world *world, uint32_t records)
{
	struct submit_arguments arguments = {.is_brief = true};
	struct bytes draft, items, encoded;
	uint32_t i;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	for (i = 0; i < records; i++) {
		make_draft(&draft);
		must(
		    schema_list_add_bin(&arguments.drafts, &items, bytes_as_view(&draft)), "draft");
	}
	must(schema_encode(&request_submit_schema, &arguments, &encoded), "a request");
	(void)ask(&world->node, REQUEST_SUBMIT, bytes_as_view(&encoded));
	bytes_release(&draft);
	bytes_release(&items);
	bytes_release(&encoded);
}

/* ---------------------------------------------------------------- the least it could cost */

static double
curve_frame_us(size_t bytes)
{
	static uint8_t frame[FRAME_BYTES_MAX];
	char public_key[41], secret_key[41], endpoint[256];
	size_t len = sizeof(endpoint);
	void *context, *socket;
	int fds[2], one = 1, zero = 0, high = 64, i;
	double begin;
	pid_t pid;

	(void)!pipe(fds);
	if (zmq_curve_keypair(public_key, secret_key) != 0)
		die("CURVE");
	pid = fork();
	context = zmq_ctx_new();
	if (pid == 0) {
		socket = zmq_socket(context, ZMQ_ROUTER);
		(void)zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &one, sizeof(one));
		(void)zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 40);
		if (zmq_bind(socket, "tcp://127.0.0.1:*") != 0 ||
		    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &len) != 0)
			_exit(1);
		(void)!write(fds[1], endpoint, sizeof(endpoint));
		for (i = 0; i < FRAMES + 1; i++) {
			(void)zmq_recv(socket, frame, sizeof(frame), 0);
			(void)zmq_recv(socket, frame, sizeof(frame), 0);
		}
		_exit(0);
	}
	if (read(fds[0], endpoint, sizeof(endpoint)) != (ssize_t)sizeof(endpoint))
		die("CURVE");
	socket = zmq_socket(context, ZMQ_DEALER);
	(void)zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof(zero));
	(void)zmq_setsockopt(socket, ZMQ_SNDHWM, &high, sizeof(high));
	(void)zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, public_key, 40);
	(void)zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 40);
	(void)zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 40);
	(void)zmq_connect(socket, endpoint);
	(void)zmq_send(socket, frame, 1, 0);
	(void)poll(NULL, 0, 100); /* the handshake is not the frame's */
	begin = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
	for (i = 0; i < FRAMES; i++)
		(void)zmq_send(socket, frame, bytes, 0);
	(void)waitpid(pid, NULL, 0);
	begin = clock_ms(CLOCK_PROCESS_CPUTIME_ID) - begin;
	(void)zmq_close(socket);
	(void)zmq_ctx_term(context);
	(void)close(fds[0]);
	(void)close(fds[1]);
	return begin * 1e3 / FRAMES;
}

static double
least_us(const struct world *world)
{
	static const uint8_t no_psk[32];
	uint8_t statement[700] = {0}, signature[64], secret[32], wrap[48], nonce[24] = {0};
	struct signer *signer = world->peers[0].sign;
	struct hash hash = {{1}};
	double begin;
	int i;

	memset(secret, 9, sizeof(secret));
	begin = clock_ms(CLOCK_THREAD_CPUTIME_ID);
	for (i = 0; i < FRAMES; i++) {
		statement[0] = (uint8_t)i;
		must(signer_sign(signer, bytes_view_of(statement, sizeof(statement)), signature),
		    "a signature");
		must(signer_verify(signer_public(signer),
			 bytes_view_of(statement, sizeof(statement)), signature),
		    "a signature");
		must(envelope_wrap(secret, world->peers[0].transport_public, no_psk, &hash, nonce,
			 secret, wrap),
		    "a wrap");
	}
	begin = clock_ms(CLOCK_THREAD_CPUTIME_ID) - begin;
	return begin * 1e3 / FRAMES + curve_frame_us(world->frame_bytes);
}

/* ---------------------------------------------------------------- running */

static void
measure(struct world *world, uint32_t records, int rounds)
{
	static double ours[4][256], sums[256], least[256], ratios[256];
	static const char *const names[] = {"supervisor", "link", "core", "keyring"};
	double before[4];
	int round, i;

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < 4; i++)
			before[i] = cpu_of(world->node.pids[i]);
		share(world, records);
		serve_until(world, world->envelopes + (uint64_t)world->count);
		sums[round] = 0;
		for (i = 0; i < 4; i++) {
			ours[i][round] =
			    (cpu_of(world->node.pids[i]) - before[i]) * 1e3 / world->count;
			sums[round] += ours[i][round];
		}
		least[round] = least_us(world);
		ratios[round] = sums[round] / least[round];
	}
	printf("%u records, frames of %zu bytes, %d peers, %d rounds, us of CPU a peer:\n", records,
	    world->frame_bytes, world->count, rounds);
	for (i = 1; i < 4; i++)
		printf("  %-10s %8.1f\n", names[i], median(ours[i], rounds));
	printf("  all        %8.1f\n  the least  %8.1f\n", median(sums, rounds),
	    median(least, rounds));
	(void)median(ratios, rounds); /* in order now */
	printf("  ratio      %8.2f   quartiles %.2f %.2f\n", ratios[rounds / 2], ratios[rounds / 4],
	    ratios[rounds * 3 / 4]);
}

static void
run(struct world *world, int rounds)
{
	double before, after;
	int i;

	(void)receipted(&world->node);
	before = rss_kib(world->node.pids[1]);
	world->context = zmq_ctx_new();
	(void)zmq_ctx_set(world->context, ZMQ_MAX_SOCKETS, 2 * PEERS_HERE_MAX);
	bytes_init(&world->out, FRAME_BYTES_MAX);
	for (i = 0; i < world->count; i++) {
		open_peer(world, i);
		greet(world, &world->peers[i], NULL);
	}
	serve_until(world, 0);
	share(world, 1); /* nobody has seen anything: the caches are cold */
	serve_until(world, (uint64_t)world->count);
	measure(world, 1, rounds);
	(void)poll(NULL, 0, SETTLE_MS);
	after = rss_kib(world->node.pids[1]);
	printf("link, connected and after small batches: %.0f KiB more, %.1f KiB a peer\n",
	    after - before, (after - before) / world->count);
	measure(world, BATCH_COUNT_MAX, rounds < 5 ? rounds : 5);
	(void)poll(NULL, 0, SETTLE_MS);
	after = rss_kib(world->node.pids[1]);
	printf("link, after full batches: %.0f KiB more, %.1f KiB a peer\n", after - before,
	    (after - before) / world->count);
	if (receipted(&world->node) < world->envelopes)
		die("receipts that were not taken");
}

int
main(int argc, char **argv)
{
	static struct world world;
	struct rlimit files;
	int i;

	errno = 0;
	if (argc < 4 || digest_start() != ERR_NONE) {
		(void)fprintf(
		    stderr, "usage: fanout cards DIR COUNT | run HOME CARD COUNT ROUNDS\n");
		return 2;
	}
	(void)getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	if (strcmp(argv[1], "cards") == 0) {
		for (i = 0; i < atoi(argv[3]); i++)
			write_card(argv[2], i);
		return 0;
	}
	if (argc < 6 || atoi(argv[4]) < 1 || atoi(argv[4]) > PEERS_HERE_MAX || atoi(argv[5]) > 256)
		return 2;
	world.count = atoi(argv[4]);
	open_node(&world.node, argv[2], argv[3]);
	run(&world, atoi(argv[5]));
	return 0;
}
