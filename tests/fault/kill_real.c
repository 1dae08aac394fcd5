/*
 * kill_real: run a program with all its processes, and kill one of them, by SIGKILL, at the nth
 * system call that it makes from when we are told.
 *
 *     kill_real FIFO PROGRAM ARGUMENT...
 *
 * Each line of FIFO is "PID N".  The answer, on standard output, is "PID N CALL" once it was
 * killed as it began system call number CALL, or "PID gone".  SIGTERM is passed on.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80)
#define EVENT_OF(status) ((status) >> 16)

static pid_t program;
static volatile sig_atomic_t must_stop;

static void
on_stop(int number)
{
	(void)number;
	must_stop = 1;
}

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(2);
}

/* Seized, so that it can be interrupted, and so are the processes that it makes. */
static void
start(char **words)
{
	int status;

	program = fork();
	if (program < 0)
		die("fork");
	if (program == 0) {
		(void)raise(SIGSTOP);
		(void)execv(words[0], words);
		die(words[0]);
	}
	if (waitpid(program, &status, WUNTRACED) != program || !WIFSTOPPED(status))
		die("waitpid");
	if (ptrace(PTRACE_SEIZE, program, NULL,
		(void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK |
			 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)) != 0)
		die("PTRACE_SEIZE");
	(void)kill(program, SIGCONT);
}

/* From a stop: on, to the next system call or just on, with the signal that stopped it, if any. */
static void
go_on(pid_t process, int status, bool is_counted)
{
	int number =
	    EVENT_OF(status) != 0 || WSTOPSIG(status) == SYSCALL_STOP || WSTOPSIG(status) == SIGTRAP
		? 0
		: WSTOPSIG(status);

	(void)ptrace(
	    is_counted ? PTRACE_SYSCALL : PTRACE_CONT, process, NULL, (void *)(intptr_t)number);
}

/* The program has ended: so do we, as it did. */
static void
end_like(pid_t who, int status)
{
	if (who == program && !WIFSTOPPED(status))
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static uint64_t
call_number(pid_t process)
{
	struct __ptrace_syscall_info info = {0};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, process, (void *)sizeof(info), &info) <= 0)
		return UINT64_MAX;
	return info.entry.nr;
}

/* The others run on meanwhile. */
static void
kill_at(pid_t target, uint64_t nth)
{
	bool is_inside = false;
	uint64_t calls = 0;
	int status;
	pid_t who;

	if (ptrace(PTRACE_INTERRUPT, target, NULL, NULL) != 0) {
		printf("%d gone\n", (int)target);
		return;
	}
	for (;;) {
		who = waitpid(-1, &status, __WALL);
		if (who < 0 && errno == EINTR)
			continue;
		if (who < 0)
			die("waitpid");
		end_like(who, status);
		if (!WIFSTOPPED(status) && who == target) {
			printf("%d gone\n", (int)target);
			return;
		}
		if (!WIFSTOPPED(status))
			continue;
		if (who != target) {
			go_on(who, status, false);
			continue;
		}
		is_inside = WSTOPSIG(status) == SYSCALL_STOP ? !is_inside : is_inside;
		if (WSTOPSIG(status) == SYSCALL_STOP && is_inside && ++calls == nth)
			break;
		go_on(who, status, true);
	}
	printf("%d %llu %llu\n", (int)target, (unsigned long long)nth,
	    (unsigned long long)call_number(target));
	(void)kill(target, SIGKILL);
}

static void
obey(FILE *orders)
{
	unsigned long long nth;
	char line[64];
	int target;

	if (fgets(line, sizeof(line), orders) != NULL &&
	    sscanf(line, "%d %llu", &target, &nth) == 2)
		kill_at((pid_t)target, nth);
	clearerr(orders);
	(void)fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_stop};
	struct pollfd wait_for = {.events = POLLIN};
	FILE *orders;
	int status;
	pid_t who;

	if (argc < 3) {
		fprintf(stderr, "kill_real FIFO PROGRAM ARGUMENT...\n");
		return 2;
	}
	(void)sigaction(SIGTERM, &action, NULL);
	start(argv + 2);
	wait_for.fd = open(argv[1], O_RDWR | O_CLOEXEC); /* never at its end */
	orders = wait_for.fd >= 0 ? fdopen(wait_for.fd, "r") : NULL;
	if (orders == NULL)
		die(argv[1]);
	(void)setvbuf(orders, NULL, _IONBF, 0);
	for (;;) {
		while ((who = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
			end_like(who, status);
			if (WIFSTOPPED(status))
				go_on(who, status, false);
		}
		if (must_stop) {
			must_stop = 0;
			(void)kill(program, SIGTERM);
		}
		if (poll(&wait_for, 1, 2) > 0)
			obey(orders);
	}
}
