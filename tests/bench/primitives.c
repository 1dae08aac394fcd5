/*
 * primitives FILE: what the machine and libsodium take for the smallest things: an fsync of one
 * block appended to FILE, an Ed25519 signature and its verification over BYTES bytes, an X25519.
 *
 * Command: how many of each.  Answer: medians in microseconds, fsync by the wall clock, the rest by
 * the CPU of this thread.
 */
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "tests/bench/measure.h"

#define BLOCK 4096
#define BYTES 600 /* about an envelope's or a receipt's statement */
#define COUNT_MAX 2000

struct primitives {
	int fd;
	off_t at;
	uint8_t message[BYTES], signature[64], signer[32], secret[64], point[32], scalar[32];
	double samples[COUNT_MAX];
};

static double
thread_us(void)
{
	return measure_clock(CLOCK_THREAD_CPUTIME_ID) * 1e6;
}

static double
sync_us(struct primitives *p, int count)
{
	uint8_t block[BLOCK];
	int i;

	for (i = 0; i < count; i++) {
		double begin;

		memset(block, i & 0xff, sizeof(block));
		begin = measure_now();
		measure_need(
		    pwrite(p->fd, block, sizeof(block), p->at) == BLOCK && fsync(p->fd) == 0,
		    "fsync");
		p->samples[i] = (measure_now() - begin) * 1e6;
		p->at += BLOCK;
	}
	return measure_median(p->samples, (size_t)count);
}

static double
sign_us(struct primitives *p, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		double begin = thread_us();

		p->message[0] = (uint8_t)i;
		measure_need(
		    crypto_sign_detached(p->signature, NULL, p->message, BYTES, p->secret) == 0,
		    "a signature");
		p->samples[i] = thread_us() - begin;
	}
	return measure_median(p->samples, (size_t)count);
}

static double
verify_us(struct primitives *p, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		double begin = thread_us();

		measure_need(
		    crypto_sign_verify_detached(p->signature, p->message, BYTES, p->signer) == 0,
		    "its verification");
		p->samples[i] = thread_us() - begin;
	}
	return measure_median(p->samples, (size_t)count);
}

static double
exchange_us(struct primitives *p, int count)
{
	uint8_t shared[32];
	int i;

	for (i = 0; i < count; i++) {
		double begin = thread_us();

		p->scalar[0] = (uint8_t)i;
		measure_need(crypto_scalarmult(shared, p->scalar, p->point) == 0, "X25519");
		p->samples[i] = thread_us() - begin;
	}
	return measure_median(p->samples, (size_t)count);
}

int
main(int argc, char **argv)
{
	static struct primitives p;
	char line[MEASURE_LINE_BYTES];

	if (argc != 2 || sodium_init() < 0)
		measure_die("primitives", "usage: primitives FILE");
	p.fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	measure_need(p.fd >= 0, argv[1]);
	measure_need(crypto_sign_keypair(p.signer, p.secret) == 0, "a key");
	randombytes_buf(p.scalar, sizeof(p.scalar));
	measure_need(crypto_scalarmult_base(p.point, p.scalar) == 0, "a key");
	while (measure_command(line)) {
		int count = (int)strtol(line, NULL, 10);

		count = count < 1 ? 1 : count > COUNT_MAX ? COUNT_MAX : count;
		(void)printf("{\"fsync_us\": %.2f, ", sync_us(&p, count));
		(void)printf("\"sign_us\": %.2f, ", sign_us(&p, count));
		(void)printf("\"verify_us\": %.2f, ", verify_us(&p, count));
		(void)printf("\"x25519_us\": %.2f}\n", exchange_us(&p, count));
		(void)fflush(stdout);
	}
	(void)close(p.fd);
	return 0;
}
