/*
 * trace: a process that is followed from system call to system call, and killed at one of them.
 *
 * The child calls trace_follow_me first thing, trace_mark where counting begins and again where
 * it ends.
 */
#ifndef MALLA_TESTS_FAULT_TRACE_H
#define MALLA_TESTS_FAULT_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* In the child.  The parent must be in trace_kill by then, or come to it. */
void trace_follow_me(void);
void trace_mark(void);

struct trace_end {
	bool is_clean;    /* it reached its second mark (and was killed there) */
	int status;       /* where it ended before that, and not by us: waitpid's */
	uint64_t calls;   /* system calls that were begun between the marks */
	uint64_t number;  /* of the last one: which call it was */
};

/* Follow `child`, and kill it as the nth system call (from 1) of its first thread behind the
   first mark begins, or, with is_after, as that call ends.  nth 0: it is only counted. */
struct trace_end trace_kill(pid_t child, uint64_t nth, bool is_after);

#endif
