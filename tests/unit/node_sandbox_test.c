#define _GNU_SOURCE
#include "node/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/home.h"
#include "base/log.h"
#include "tests/unit/suite.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_FILTER 0
#else
#define HAS_FILTER 1
#endif

/* What a process did, as its exit code: done, or not for that reason; killed by SIGSYS. */
#define DONE 0
#define KILLED 1000

static char folder[96];

static int
try_kill(void)
{
	return syscall(SYS_kill, getpid(), 0) == 0 ? DONE : errno;
}

static int
try_socket_unix(void)
{
	return syscall(SYS_socket, AF_UNIX, SOCK_SEQPACKET, 0) >= 0 ? DONE : errno;
}

static int
try_socket_inet(void)
{
	return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0) >= 0 ? DONE : errno;
}

static int
try_file_write(void)
{
	char path[HOME_FILE_MAX];

	(void)snprintf(path, sizeof(path), "%s/state", folder);
	return home_write(path, bytes_view_str("written"), 0600) == ERR_NONE ? DONE : errno;
}

/* The head's journal: a file that was open before. */
static int journal_fd = -1;

static int
try_write_in_place(void)
{
	return pwrite(journal_fd, "head", 4, 4096) == 4 && fdatasync(journal_fd) == 0 ? DONE
										      : errno;
}

static int
try_file_read(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0 ? DONE : errno;
}

static int
try_memory(void)
{
	char *block = malloc(8u << 20);

	if (block == NULL)
		return ENOMEM;
	memset(block, 1, 8u << 20);
	free(block);
	log_line(LOG_DEBUG, "memory");
	return DONE;
}

#if HAS_FILTER
static int
try_exec(void)
{
	char *argv[] = {NULL};

	(void)syscall(SYS_execve, "/bin/true", argv, argv);
	return errno;
}

static int
try_ptrace(void)
{
	return syscall(SYS_ptrace, 0, 0, 0, 0) == 0 ? DONE : errno;
}

static int
try_terminal(void)
{
	char byte = 'x';

	return syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, &byte) == 0 ? DONE : errno;
}

static int
try_dumpable(void)
{
	return syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 ? DONE : errno;
}

static int
try_abort(void)
{
	abort();
}
#endif

/* What comes of it in a process of that role. */
static int
outcome(enum sandbox_role role, int (*attempt)(void))
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		log_init("test", (enum log_level)0, 0);
		sandbox_prepare(role);
		sandbox_enter(role);
		_exit(attempt());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return KILLED + WTERMSIG(status);
	return WEXITSTATUS(status);
}

static void
make_folder(void)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(folder, sizeof(folder), "%s/malla-sandbox-XXXXXX", base ? base : P_tmpdir);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
	char path[HOME_FILE_MAX];

	(void)snprintf(path, sizeof(path), "%s/state", folder);
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static void
open_journal(void)
{
	char path[HOME_FILE_MAX];

	(void)snprintf(path, sizeof(path), "%s/state", folder);
	journal_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(journal_fd, 0);
}

START_TEST(leaves_each_role_what_it_lives_on)
{
	make_folder();
	open_journal();
	ck_assert_int_eq(outcome(SANDBOX_KEYRING, try_write_in_place), DONE);
	(void)close(journal_fd);
	ck_assert_int_eq(outcome(SANDBOX_KEYRING, try_memory), DONE);
	ck_assert_int_eq(outcome(SANDBOX_CORE, try_file_write), DONE);
	ck_assert_int_eq(outcome(SANDBOX_CORE, try_memory), DONE);
	ck_assert_int_eq(outcome(SANDBOX_LINK, try_socket_inet), DONE);
	ck_assert_int_eq(outcome(SANDBOX_LINK, try_file_read), DONE);
	ck_assert_int_eq(outcome(SANDBOX_LINK, try_memory), DONE);
	ck_assert_int_eq(outcome(SANDBOX_SUPERVISOR, try_socket_unix), DONE);
	ck_assert_int_eq(outcome(SANDBOX_SUPERVISOR, try_kill), DONE);
	remove_folder();
}
END_TEST

/* Before the filter: what no role has any more once it is prepared. */
static int
look_at_limits(void)
{
	struct rlimit core, files;

	if (getrlimit(RLIMIT_CORE, &core) != 0 || getrlimit(RLIMIT_NOFILE, &files) != 0)
		return errno;
	if (core.rlim_cur != 0 || core.rlim_max != 0)
		return 101;
	if (prctl(PR_GET_DUMPABLE) != 0)
		return 102;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 103;
	if (files.rlim_cur != (files.rlim_max < 65536 ? files.rlim_max : 65536))
		return 104;
	return DONE;
}

START_TEST(gives_up_core_images_and_new_privileges)
{
	static const enum sandbox_role roles[] = {
	    SANDBOX_LINK, SANDBOX_CORE, SANDBOX_KEYRING, SANDBOX_SUPERVISOR};
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			sandbox_prepare(roles[i]);
			_exit(look_at_limits());
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
}
END_TEST

#if HAS_FILTER
START_TEST(ends_a_keyring_that_does_anything_else)
{
	static int (*const attempts[])(void) = {try_exec, try_ptrace, try_kill, try_socket_unix,
	    try_socket_inet, try_terminal, try_dumpable, try_file_write, try_file_read};
	size_t i;

	for (i = 0; i < sizeof(attempts) / sizeof(*attempts); i++)
		ck_assert_msg(outcome(SANDBOX_KEYRING, attempts[i]) == KILLED + SIGSYS,
		    "attempt %zu: %d", i, outcome(SANDBOX_KEYRING, attempts[i]));
}
END_TEST

START_TEST(ends_whoever_runs_a_program_or_traces)
{
	static const enum sandbox_role roles[] = {SANDBOX_LINK, SANDBOX_CORE};
	static int (*const attempts[])(void) = {try_exec, try_ptrace, try_kill};
	size_t i, n;

	for (i = 0; i < 2; i++) {
		for (n = 0; n < 3; n++)
			ck_assert_msg(outcome(roles[i], attempts[n]) == KILLED + SIGSYS,
			    "role %d, attempt %zu", (int)roles[i], n);
	}
}
END_TEST

START_TEST(makes_no_socket_in_core_and_no_unix_one_in_link)
{
	ck_assert_int_eq(outcome(SANDBOX_CORE, try_socket_inet), ENOSYS);
	ck_assert_int_eq(outcome(SANDBOX_CORE, try_socket_unix), ENOSYS);
	ck_assert_int_eq(outcome(SANDBOX_LINK, try_socket_unix), ENOSYS);
	ck_assert_int_eq(outcome(SANDBOX_LINK, try_terminal), ENOSYS);
	ck_assert_int_eq(outcome(SANDBOX_LINK, try_dumpable), ENOSYS);
}
END_TEST

START_TEST(writes_no_file_in_link)
{
	make_folder();
	ck_assert_int_eq(outcome(SANDBOX_LINK, try_file_write), ENOSYS);
	remove_folder();
}
END_TEST

START_TEST(says_by_its_signal_that_it_aborted)
{
	ck_assert_int_eq(outcome(SANDBOX_LINK, try_abort), KILLED + SIGABRT);
	ck_assert_int_eq(outcome(SANDBOX_CORE, try_abort), KILLED + SIGABRT);
	ck_assert_int_eq(outcome(SANDBOX_KEYRING, try_abort), KILLED + SIGABRT);
}
END_TEST

static int to_thread[2];

static void *
wait_and_exec(void *unused)
{
	char byte;

	(void)unused;
	if (read(to_thread[0], &byte, 1) == 1)
		(void)try_exec();
	_exit(50);
}

/* A thread that was there before, as libzmq's are, which read the network. */
static int
exec_in_a_thread(void)
{
	if (write(to_thread[1], "x", 1) != 1)
		return 51;
	for (;;)
		(void)poll(NULL, 0, 1000);
}

START_TEST(holds_for_threads_that_were_there_before)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		pthread_t thread;

		log_init("test", (enum log_level)0, 0);
		sandbox_prepare(SANDBOX_LINK);
		if (pipe(to_thread) != 0 || pthread_create(&thread, NULL, wait_and_exec, NULL) != 0)
			_exit(52);
		sandbox_enter(SANDBOX_LINK);
		_exit(exec_in_a_thread());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "status %d", status);
}
END_TEST

static int
look_at_space(void)
{
	struct rlimit space;

	if (getrlimit(RLIMIT_AS, &space) != 0)
		return errno;
	return space.rlim_max <= (2ull << 30) ? DONE : 105;
}

START_TEST(caps_the_memory_of_link)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		sandbox_prepare(SANDBOX_LINK);
		_exit(look_at_space());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

#define WITH_A_FILTER                                                                              \
	, ends_a_keyring_that_does_anything_else, ends_whoever_runs_a_program_or_traces,           \
	    makes_no_socket_in_core_and_no_unix_one_in_link, writes_no_file_in_link,               \
	    says_by_its_signal_that_it_aborted, holds_for_threads_that_were_there_before,          \
	    caps_the_memory_of_link
#else
#define WITH_A_FILTER
#endif

SUITE_MAIN("node/sandbox", leaves_each_role_what_it_lives_on,
    gives_up_core_images_and_new_privileges WITH_A_FILTER)
