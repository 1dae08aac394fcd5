/*
 * measure: what the bench's programs share: clocks, an end with words, and how they are driven.
 *
 * Each program reads one command a line from its standard input and answers each with one line of
 * JSON, so that the driver can let ours and the references take turns.
 */
#ifndef MALLA_TESTS_BENCH_MEASURE_H
#define MALLA_TESTS_BENCH_MEASURE_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define MEASURE_LINE_BYTES 4096

static inline double
measure_clock(clockid_t which)
{
	struct timespec now;

	(void)clock_gettime(which, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds on a clock that only rises. */
static inline double
measure_now(void)
{
	return measure_clock(CLOCK_MONOTONIC);
}

/* Seconds of CPU that this process has had, all its threads. */
static inline double
measure_cpu(void)
{
	return measure_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* Say why and end. */
static inline void
measure_die(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

static inline void
measure_need(int holds, const char *what)
{
	if (!holds)
		measure_die(what, strerror(errno));
}

static inline int
measure_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the values. */
static inline double
measure_median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), measure_compare);
	return values[count / 2];
}

/* The next command; 0 at the end of the input. */
static inline int
measure_command(char line[MEASURE_LINE_BYTES])
{
	if (fgets(line, MEASURE_LINE_BYTES, stdin) == NULL)
		return 0;
	line[strcspn(line, "\n")] = '\0';
	return 1;
}

/* Spread the bits of x (the finalizer of splitmix64). */
static inline uint64_t
measure_mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

#endif
