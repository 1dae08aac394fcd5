#define _DEFAULT_SOURCE
#include "tests/fault/trace.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#define SYSCALL_STOP (SIGTRAP | 0x80)

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(2);
}

void
trace_follow_me(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		die("PTRACE_TRACEME");
	(void)raise(SIGSTOP);
}

void
trace_mark(void)
{
	(void)raise(SIGSTOP);
}

static void
go_on(pid_t thread, bool is_counted, int number)
{
	/* gone already: its end is what waitpid tells next */
	if (ptrace(is_counted ? PTRACE_SYSCALL : PTRACE_CONT, thread, NULL,
		(void *)(intptr_t)number) != 0 &&
	    errno != ESRCH)
		die("PTRACE_SYSCALL");
}

/* The next stop of the child's first thread; other threads run on. */
static int
next_stop(pid_t child)
{
	int status;
	pid_t who;

	for (;;) {
		who = waitpid(-1, &status, __WALL);
		if (who < 0 && errno == EINTR)
			continue;
		if (who < 0)
			die("waitpid");
		if (who == child)
			return status;
		if (WIFSTOPPED(status)) /* a thread's first stop is SIGSTOP: not for it */
			go_on(who, false,
			    WSTOPSIG(status) == SIGSTOP || status >> 16 != 0 ? 0
									     : WSTOPSIG(status));
	}
}

static bool
is_mark(int status)
{
	return WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP && status >> 16 == 0;
}

/* On to the next mark, whatever happens.  False: it ended on the way. */
static bool
run_to_mark(pid_t child, int *status)
{
	for (;;) {
		*status = next_stop(child);
		if (!WIFSTOPPED(*status))
			return false;
		if (is_mark(*status))
			return true;
		go_on(child, false, *status >> 16 != 0 ? 0 : WSTOPSIG(*status));
	}
}

static uint64_t
call_number(pid_t child)
{
	struct __ptrace_syscall_info info = {0};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof(info), &info) <= 0)
		return UINT64_MAX;
	return info.entry.nr;
}

static void
kill_it(pid_t child)
{
	int status;

	(void)kill(child, SIGKILL);
	do {
		status = next_stop(child);
	} while (WIFSTOPPED(status));
}

/* Behind the first mark.  The first stop of a call is where it begins, the second its end. */
static void
count_calls(pid_t child, uint64_t nth, bool is_after, struct trace_end *end)
{
	bool is_inside = false;
	int number = 0;

	for (;;) {
		int status;

		go_on(child, true, number);
		number = 0;
		status = next_stop(child);
		if (!WIFSTOPPED(status)) {
			end->status = status;
			return;
		}
		if (is_mark(status)) {
			end->is_clean = true;
			break;
		}
		if (WSTOPSIG(status) != SYSCALL_STOP) {
			number = status >> 16 != 0 ? 0 : WSTOPSIG(status);
			continue;
		}
		is_inside = !is_inside;
		if (is_inside) {
			end->calls++;
			end->number = call_number(child);
		}
		if (end->calls == nth && is_inside == !is_after)
			break;
	}
	kill_it(child);
}

struct trace_end
trace_kill(pid_t child, uint64_t nth, bool is_after)
{
	struct trace_end end = {0};

	if (!run_to_mark(child, &end.status))
		return end;
	if (ptrace(PTRACE_SETOPTIONS, child, NULL,
		(void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE)) != 0)
		die("PTRACE_SETOPTIONS");
	go_on(child, false, 0);
	if (run_to_mark(child, &end.status))
		count_calls(child, nth, is_after, &end);
	return end;
}
