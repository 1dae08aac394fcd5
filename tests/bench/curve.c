/*
 * curve PEERS: raw libzmq over TCP loopback with CURVE, nothing of ours in it: a ROUTER in this
 * process, PEERS DEALERs in another one.
 *
 * Commands, `size` and `back` in bytes (a frame begins with the size of its wanted answer):
 *   rtt SIZE BACK COUNT    one frame and its answer, one after another: median and quartiles in us
 *   flow SIZE COUNT        frames to one peer as fast as it goes: frames a second, CPU us a frame
 *   fan SIZE BACK ROUNDS   one frame to each peer, and an answer of BACK bytes from each unless it
 * is 0: CPU us a frame of this process, the sending side
 */
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "tests/bench/measure.h"

#define PEERS_MAX 1000
#define FRAME_MAX 262144
#define ROUTE_MAX 64
#define COUNT_MAX 20000
#define ANSWER_MIN 16u

struct introduction { /* what the other process must know */
	char endpoint[256];
	char public_key[41];
};

struct route {
	uint8_t bytes[ROUTE_MAX];
	size_t len;
};

static uint8_t frame[FRAME_MAX];
static struct route routes[PEERS_MAX];
static double samples[COUNT_MAX];

/* ---------------------------------------------------------------- the other side */

static void *
connect_one(void *context, const struct introduction *to)
{
	char public_key[41], secret_key[41];
	void *dealer = zmq_socket(context, ZMQ_DEALER);
	int unlimited = 0;

	measure_need(dealer != NULL && zmq_curve_keypair(public_key, secret_key) == 0 &&
			 zmq_setsockopt(dealer, ZMQ_SNDHWM, &unlimited, sizeof(unlimited)) == 0 &&
			 zmq_setsockopt(dealer, ZMQ_RCVHWM, &unlimited, sizeof(unlimited)) == 0 &&
			 zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, to->public_key, 40) == 0 &&
			 zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, public_key, 40) == 0 &&
			 zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, secret_key, 40) == 0 &&
			 zmq_connect(dealer, to->endpoint) == 0 &&
			 zmq_send(dealer, "here", 4, 0) == 4,
	    "a DEALER");
	return dealer;
}

/* Answer a frame that wants it, with the CPU this process has had. */
static void
answer_one(void *dealer)
{
	uint32_t back;
	double cpu;

	while (zmq_recv(dealer, frame, sizeof(frame), ZMQ_DONTWAIT) >= (int)sizeof(back)) {
		memcpy(&back, frame, sizeof(back));
		if (back == 0)
			continue;
		cpu = measure_cpu();
		memcpy(frame, &cpu, sizeof(cpu));
		measure_need(zmq_send(dealer, frame, back, 0) == (int)back, "an answer");
	}
}

static void
be_peers(int from, int peers)
{
	struct introduction to;
	static zmq_pollitem_t items[PEERS_MAX];
	void *context = zmq_ctx_new();
	int i;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	measure_need(zmq_ctx_set(context, ZMQ_MAX_SOCKETS, PEERS_MAX + 8) == 0 &&
			 read(from, &to, sizeof(to)) == sizeof(to),
	    "the other process");
	for (i = 0; i < peers; i++)
		items[i] = (zmq_pollitem_t){connect_one(context, &to), 0, ZMQ_POLLIN, 0};
	while (zmq_poll(items, peers, -1) > 0) {
		for (i = 0; i < peers; i++) {
			if (items[i].revents & ZMQ_POLLIN)
				answer_one(items[i].socket);
		}
	}
	exit(0);
}

/* ---------------------------------------------------------------- this side */

static void *
open_router(int to)
{
	struct introduction introduction = {0};
	char secret_key[41];
	void *router = zmq_socket(zmq_ctx_new(), ZMQ_ROUTER);
	size_t len = sizeof(introduction.endpoint);
	int one = 1, unlimited = 0;

	measure_need(
	    zmq_curve_keypair(introduction.public_key, secret_key) == 0 &&
		zmq_setsockopt(router, ZMQ_SNDHWM, &unlimited, sizeof(unlimited)) == 0 &&
		zmq_setsockopt(router, ZMQ_RCVHWM, &unlimited, sizeof(unlimited)) == 0 &&
		zmq_setsockopt(router, ZMQ_CURVE_SERVER, &one, sizeof(one)) == 0 &&
		zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, secret_key, 40) == 0 &&
		zmq_bind(router, "tcp://127.0.0.1:*") == 0 &&
		zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, introduction.endpoint, &len) == 0 &&
		write(to, &introduction, sizeof(introduction)) == sizeof(introduction),
	    "a ROUTER");
	return router;
}

static int
take(void *router, struct route *route)
{
	int len = zmq_recv(router, route->bytes, sizeof(route->bytes), 0), got;

	measure_need(len > 0, "a frame");
	route->len = (size_t)len;
	got = zmq_recv(router, frame, sizeof(frame), 0);
	measure_need(got >= 0, "a frame");
	return got;
}

static void
give(void *router, const struct route *route, size_t size, uint32_t back)
{
	memcpy(frame, &back, sizeof(back));
	measure_need(zmq_send(router, route->bytes, route->len, ZMQ_SNDMORE) == (int)route->len &&
			 zmq_send(router, frame, size, 0) == (int)size,
	    "sending");
}

static void
measure_rtt(void *router, size_t size, uint32_t back, int count)
{
	struct route from;
	int i;

	count = count > COUNT_MAX ? COUNT_MAX : count;
	for (i = 0; i < count; i++) {
		double begin = measure_now();

		give(router, &routes[0], size, back);
		(void)take(router, &from);
		samples[i] = (measure_now() - begin) * 1e6;
	}
	(void)measure_median(samples, (size_t)count);
	(void)printf("{\"rtt_us\": %.2f, \"low_us\": %.2f, \"high_us\": %.2f}\n",
	    samples[count / 2], samples[count / 4], samples[count * 3 / 4]);
}

/* The CPU that the other side has had, by its answer. */
static double
other_cpu(void *router, size_t size)
{
	struct route from;
	double cpu;

	give(router, &routes[0], size, ANSWER_MIN);
	(void)take(router, &from);
	memcpy(&cpu, frame, sizeof(cpu));
	return cpu;
}

static void
measure_flow(void *router, size_t size, int count)
{
	double other = other_cpu(router, size), begin = measure_now(), cpu = measure_cpu(), took;
	struct route from;
	int i;

	for (i = 1; i <= count; i++) {
		/* so much in flight and no more: the rest would only wait in memory */
		bool is_asking = i % 32 == 0 || i == count;

		give(router, &routes[0], size, is_asking ? ANSWER_MIN : 0);
		if (i % 32 == 0 && i > 32)
			(void)take(router, &from);
	}
	if (count >= 32)
		(void)take(router, &from);
	if (count % 32 != 0)
		(void)take(router, &from);
	took = measure_now() - begin;
	cpu = measure_cpu() - cpu;
	(void)printf("{\"frames_per_s\": %.0f, \"send_cpu_us\": %.3f, \"receive_cpu_us\": %.3f}\n",
	    count / took, cpu * 1e6 / count, (other_cpu(router, size) - other) * 1e6 / (count + 1));
}

/* Until the I/O thread has nothing left to send. */
static void
settle(void)
{
	const struct timespec nap = {0, 50000000};
	double before;

	do {
		before = measure_cpu();
		(void)nanosleep(&nap, NULL);
	} while (measure_cpu() - before > 0.001);
}

static void
measure_fan(void *router, size_t size, uint32_t back, int rounds, int peers)
{
	struct route from;
	double cpu = measure_cpu();
	int round, i;

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < peers; i++)
			give(router, &routes[i], size, back);
		for (i = 0; i < peers && back > 0; i++)
			(void)take(router, &from);
		settle();
	}
	(void)printf("{\"cpu_us\": %.3f}\n", (measure_cpu() - cpu) * 1e6 / rounds / peers);
}

static void
obey(void *router, const char *line, int peers)
{
	unsigned long size, back;
	int count;

	if (sscanf(line, "rtt %lu %lu %d", &size, &back, &count) == 3 && back >= ANSWER_MIN)
		measure_rtt(router, size, (uint32_t)back, count);
	else if (sscanf(line, "flow %lu %d", &size, &count) == 2)
		measure_flow(router, size, count);
	else if (sscanf(line, "fan %lu %lu %d", &size, &back, &count) == 3)
		measure_fan(router, size, (uint32_t)back, count, peers);
	else
		measure_die(line, "no such command");
	(void)fflush(stdout);
}

int
main(int argc, char **argv)
{
	int peers = argc == 2 ? (int)strtol(argv[1], NULL, 10) : 0, ends[2], i;
	char line[MEASURE_LINE_BYTES];
	void *router;
	pid_t child;

	if (peers < 1 || peers > PEERS_MAX)
		measure_die("curve", "usage: curve PEERS");
	measure_need(pipe(ends) == 0, "a pipe");
	child = fork();
	measure_need(child >= 0, "a process");
	if (child == 0)
		be_peers(ends[0], peers);
	router = open_router(ends[1]);
	for (i = 0; i < peers; i++)
		(void)take(router, &routes[i]);
	while (measure_command(line))
		obey(router, line, peers);
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	return 0;
}
