/*
 * latency HOME_A HOME_B [COUNT]: one record at rest, from the answer that A gives to `share` to
 * the commit at A that logs B's receipt, beside one CURVE round trip and one fsync, in turns.
 *
 * Two real nodes must run in the homes, as peers, with nothing else to do.  When a node commits
 * is read from the counter in its write-ahead log's index (which changes after the sync), when a
 * keyring notes a head from its file: nobody is asked and nobody is disturbed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "wire/marking.h"
#include "wire/record.h"
#include "wire/request.h"

#define SAMPLES_MAX 2000
#define QUIET_US 45000.0 /* nothing more happens: what can wait has been done, too */
#define PATIENCE_US 3e6
#define SEND_BYTES 1100 /* about an envelope with one small record, and its receipt */
#define BACK_BYTES 600
#define SYNC_BYTES 4096

enum watched { A_STORE, B_STORE, A_KEYRING, B_KEYRING, WATCHED_COUNT };
enum sample {
	RECEIPTED,   /* from the answer to the receipt's commit */
	ACCEPTED,    /* from the request to the answer */
	B_COMMITTED, /* from the answer */
	B_NOTED,     /* from the answer */
	A_COMMITS,   /* how many, the request's own included */
	B_COMMITS,
	ROUND_TRIP,
	SYNC,
	RATIO,
	SAMPLE_COUNT
};

struct bench {
	const volatile uint8_t *maps[WATCHED_COUNT];
	int api;
	int sync_fd;
	off_t sync_at;
	void *context;
	void *dealer;
	double samples[SAMPLE_COUNT][SAMPLES_MAX];
	int count;
	uint64_t drafts;
};

static double
now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
die(const char *what)
{
	(void)fprintf(stderr, "latency: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* ---------------------------------------------------------------- what is watched */

static const volatile uint8_t *
map_file(const char *home, const char *name)
{
	char path[512];
	void *map;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", home, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	map = fd >= 0 ? mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (map == MAP_FAILED)
		die(path);
	(void)close(fd);
	return map;
}

/* A number that changes with every commit or note. */
static uint64_t
counter(const struct bench *bench, enum watched which)
{
	const volatile uint8_t *map = bench->maps[which];
	uint64_t slots[2] = {0, 0};
	uint32_t changes;
	int i, n;

	if (which == A_STORE ||
	    which == B_STORE) { /* WalIndexHdr.iChange, in the machine's order */
		changes = *(const volatile uint32_t *)(const volatile void *)(map + 8);
		return changes;
	}
	for (n = 0; n < 2; n++) {
		for (i = 0; i < 8; i++)
			slots[n] = slots[n] << 8 | map[4096 * n + 24 + i];
	}
	return slots[0] > slots[1] ? slots[0] : slots[1];
}

/* ---------------------------------------------------------------- the node's API */

static void
connect_api(struct bench *bench, const char *home)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/api.sock", home);
	bench->api = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (bench->api < 0 ||
	    connect(bench->api, (const struct sockaddr *)&address, sizeof(address)) != 0)
		die(address.sun_path);
}

static void
make_draft(struct bench *bench, struct bytes *out)
{
	char value[64];
	struct observable observable = {.type = OBSERVABLE_DOMAIN};
	struct record record;

	(void)snprintf(value, sizeof(value), "rest%llu-%d.example",
	    (unsigned long long)++bench->drafts, (int)getpid());
	record_init(&record, RECORD_INDICATOR, TLP_GREEN);
	observable.value = bytes_view_str(value);
	record.body.text = bytes_view_str("one record at rest");
	if (record_add_observable(&record, &observable) != ERR_NONE ||
	    record_encode(&record, out) != ERR_NONE)
		die("a draft");
}

static void
make_request(struct bench *bench, struct bytes *out)
{
	struct submit_arguments arguments = {0};
	struct request request = {.command = REQUEST_SUBMIT};
	struct bytes draft, items, encoded;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	make_draft(bench, &draft);
	if (schema_list_add_bin(&arguments.drafts, &items, bytes_as_view(&draft)) != ERR_NONE ||
	    schema_encode(&request_submit_schema, &arguments, &encoded) != ERR_NONE)
		die("a request");
	digest_random(request.id.bytes, sizeof(request.id.bytes));
	request.arguments = bytes_as_view(&encoded);
	if (request_encode(&request, out) != ERR_NONE)
		die("a request");
	bytes_release(&draft);
	bytes_release(&items);
	bytes_release(&encoded);
}

/* ---------------------------------------------------------------- what it is held against */

static void *
echo(void *socket)
{
	static uint8_t buffer[65536];
	uint8_t route[64];
	int len;

	while ((len = zmq_recv(socket, route, sizeof(route), 0)) > 0 &&
	       zmq_recv(socket, buffer, sizeof(buffer), 0) >= 0) {
		(void)zmq_send(socket, route, (size_t)len, ZMQ_SNDMORE);
		(void)zmq_send(socket, buffer, BACK_BYTES, 0);
	}
	return NULL;
}

/* A listener and a dialler in contexts of their own, as two processes would have. */
static void
open_curve(struct bench *bench)
{
	char public_key[41], secret_key[41], endpoint[256];
	void *there = zmq_ctx_new(), *router = zmq_socket(there, ZMQ_ROUTER);
	size_t len = sizeof(endpoint);
	pthread_t thread;
	int one = 1;

	bench->context = zmq_ctx_new();
	bench->dealer = zmq_socket(bench->context, ZMQ_DEALER);
	if (zmq_curve_keypair(public_key, secret_key) != 0 ||
	    zmq_setsockopt(router, ZMQ_CURVE_SERVER, &one, sizeof(one)) != 0 ||
	    zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, secret_key, 40) != 0 ||
	    zmq_bind(router, "tcp://127.0.0.1:*") != 0 ||
	    zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &len) != 0 ||
	    zmq_setsockopt(bench->dealer, ZMQ_CURVE_SERVERKEY, public_key, 40) != 0 ||
	    zmq_setsockopt(bench->dealer, ZMQ_CURVE_PUBLICKEY, public_key, 40) != 0 ||
	    zmq_setsockopt(bench->dealer, ZMQ_CURVE_SECRETKEY, secret_key, 40) != 0 ||
	    zmq_connect(bench->dealer, endpoint) != 0 ||
	    pthread_create(&thread, NULL, echo, router) != 0)
		die("CURVE");
	(void)pthread_detach(thread);
}

static double
round_trip(struct bench *bench)
{
	uint8_t buffer[65536] = {0};
	double begin = now_us();

	if (zmq_send(bench->dealer, buffer, SEND_BYTES, 0) < 0 ||
	    zmq_recv(bench->dealer, buffer, sizeof(buffer), 0) < 0)
		die("CURVE");
	return now_us() - begin;
}

/* As a log grows: one block more, made durable. */
static double
sync_once(struct bench *bench)
{
	uint8_t block[SYNC_BYTES];
	double begin = now_us();

	memset(block, (int)bench->sync_at & 0xff, sizeof(block));
	if (pwrite(bench->sync_fd, block, sizeof(block), bench->sync_at) !=
		(ssize_t)sizeof(block) ||
	    fsync(bench->sync_fd) != 0)
		die("fsync");
	bench->sync_at += SYNC_BYTES;
	return now_us() - begin;
}

/* ---------------------------------------------------------------- one round */

struct watch {
	uint64_t last[WATCHED_COUNT];
	double times[WATCHED_COUNT]; /* of the last change */
	int changes[WATCHED_COUNT];
};

static bool
look(const struct bench *bench, struct watch *watch, double now)
{
	bool changed = false;
	int i;

	for (i = 0; i < WATCHED_COUNT; i++) {
		uint64_t value = counter(bench, (enum watched)i);

		if (value == watch->last[i])
			continue;
		watch->changes[i] += (int)(value - watch->last[i]);
		watch->last[i] = value;
		watch->times[i] = now;
		changed = true;
	}
	return changed;
}

static void
doze(void)
{
	const struct timespec nap = {0, 4000};

	(void)nanosleep(&nap, NULL);
}

static void
share_once(struct bench *bench)
{
	static uint8_t answer[REQUEST_BYTES_MAX];
	struct watch watch = {0};
	struct bytes request;
	double begin, accepted = 0, last;
	double *at = &bench->samples[0][bench->count];

	bytes_init(&request, REQUEST_BYTES_MAX);
	make_request(bench, &request);
	(void)look(bench, &watch, 0);
	memset(watch.changes, 0, sizeof(watch.changes));
	begin = last = now_us();
	if (send(bench->api, request.data, request.len, 0) < 0)
		die("send");
	while (now_us() < last + (watch.changes[B_KEYRING] > 0 ? QUIET_US : PATIENCE_US)) {
		double now = now_us();

		if (accepted == 0 && recv(bench->api, answer, sizeof(answer), MSG_DONTWAIT) > 0)
			accepted = last = now;
		if (look(bench, &watch, now))
			last = now;
		doze();
	}
	bytes_release(&request);
	at[RECEIPTED * SAMPLES_MAX] = watch.times[A_STORE] - accepted;
	at[ACCEPTED * SAMPLES_MAX] = accepted - begin;
	at[B_COMMITTED * SAMPLES_MAX] = watch.times[B_STORE] - accepted;
	at[B_NOTED * SAMPLES_MAX] = watch.times[B_KEYRING] - accepted;
	at[A_COMMITS * SAMPLES_MAX] = watch.changes[A_STORE];
	at[B_COMMITS * SAMPLES_MAX] = watch.changes[B_STORE];
	if (accepted == 0 || watch.changes[B_KEYRING] == 0)
		die("a record was not receipted");
}

static void
report(struct bench *bench)
{
	static const char *const names[SAMPLE_COUNT] = {"share accepted to receipt logged",
	    "share sent to accepted", "accepted to last commit at B", "accepted to head noted at B",
	    "commits at A", "commits at B", "one CURVE round trip", "one fsync",
	    "receipted / (round trip + fsync)"};
	int i, n = bench->count;

	for (i = 0; i < SAMPLE_COUNT; i++) {
		qsort(bench->samples[i], (size_t)n, sizeof(double), compare);
		printf("%-36s median %9.2f   quartiles %9.2f %9.2f\n", names[i],
		    bench->samples[i][n / 2], bench->samples[i][n / 4],
		    bench->samples[i][n * 3 / 4]);
	}
}

int
main(int argc, char **argv)
{
	static struct bench bench;
	int count = argc > 3 ? atoi(argv[3]) : 200, i;
	char path[512];

	if (argc < 3 || count < 1 || count > SAMPLES_MAX || digest_start() != ERR_NONE) {
		(void)fprintf(stderr, "usage: latency HOME_A HOME_B [COUNT]\n");
		return 2;
	}
	(void)prctl(PR_SET_TIMERSLACK, 1);
	bench.maps[A_STORE] = map_file(argv[1], "store.db-shm");
	bench.maps[B_STORE] = map_file(argv[2], "store.db-shm");
	bench.maps[A_KEYRING] = map_file(argv[1], "keyring.state");
	bench.maps[B_KEYRING] = map_file(argv[2], "keyring.state");
	connect_api(&bench, argv[1]);
	(void)snprintf(path, sizeof(path), "%s/latency.sync", argv[1]);
	bench.sync_fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (bench.sync_fd < 0)
		die(path);
	open_curve(&bench);
	for (i = 0; i < 10; i++)
		(void)round_trip(&bench);
	for (bench.count = 0; bench.count < count; bench.count++) {
		double *at = &bench.samples[0][bench.count];

		share_once(&bench);
		at[ROUND_TRIP * SAMPLES_MAX] = round_trip(&bench);
		at[SYNC * SAMPLES_MAX] = sync_once(&bench);
		at[RATIO * SAMPLES_MAX] = at[RECEIPTED * SAMPLES_MAX] /
					  (at[ROUND_TRIP * SAMPLES_MAX] + at[SYNC * SAMPLES_MAX]);
	}
	report(&bench);
	(void)unlink(path);
	return 0;
}
