/*
 * report: how a run ends that found something: what it was, in memory that the processes which
 * run seeds share with the one that started them.
 */
#ifndef MALLA_TESTS_SIM_REPORT_H
#define MALLA_TESTS_SIM_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#define REPORT_FAILED 3 /* exit code of a process that found something */
#define REPORT_WHAT_BYTES 64
#define REPORT_WORDS_BYTES 640

struct report {
	uint64_t seed;   /* being run */
	uint64_t done;   /* seeds so far */
	uint64_t digest; /* of everything that the last run did */
	uint64_t steps;  /* of the plan that were begun */
	uint64_t turns;
	char what[REPORT_WHAT_BYTES];
	char words[REPORT_WORDS_BYTES];
};

/* Where this process reports to from here on. */
void report_to(struct report *report);
struct report *report_here(void);
/* Lines of what happens on stderr, as it happens. */
extern bool report_is_loud;
void report_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* An invariant does not hold: ends the process. */
void report_fail(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

#endif
