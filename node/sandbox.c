#define _DEFAULT_SOURCE
#include "node/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

/* SCMP_A0 and its like leave out a field that they do not use: clang warns of it */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define FILES_MAX 65536u
/* libzmq's threads reserve stacks and arenas: an idle link has 160 MiB of addresses (225 at its
   start) and 5 MiB of memory.  What is above that is for messages in flight. */
#define LINK_SPACE_MAX (1536ull << 20)

/* Under the address sanitizer neither a cap on address space nor a filter can stand: it
   reserves terabytes and makes calls of its own. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

void
sandbox_prepare(enum sandbox_role role)
{
	struct rlimit limit;

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	limit = (struct rlimit){0, 0};
	(void)setrlimit(RLIMIT_CORE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max < FILES_MAX ? limit.rlim_max : FILES_MAX;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (role == SANDBOX_LINK && !IS_SANITIZED) {
		limit = (struct rlimit){LINK_SPACE_MAX, LINK_SPACE_MAX};
		(void)setrlimit(RLIMIT_AS, &limit);
	}
}

/* Calls that the kernel does not have by that name on this machine are negative, and skipped. */

/* clang-format off */
/* Memory, time, waiting, ending, and the descriptors one has. */
static const int calls_all[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(close),
    SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(recv),
    SCMP_SYS(send), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(futex), SCMP_SYS(brk),
    SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    SCMP_SYS(mprotect), SCMP_SYS(mlock), SCMP_SYS(munlock), SCMP_SYS(fstat),
    SCMP_SYS(fstat64), SCMP_SYS(newfstatat), SCMP_SYS(fstatat64), SCMP_SYS(lseek),
    SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
    SCMP_SYS(sched_yield), SCMP_SYS(fcntl), SCMP_SYS(fcntl64),
};
/* The state file, which is open by then: written in place and made durable. */
static const int calls_keyring[] = {
    SCMP_SYS(pwrite64), SCMP_SYS(fdatasync),
};
/* SQLite's files, and connections that come to a socket that is there. */
static const int calls_core[] = {
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
    SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(preadv),
    SCMP_SYS(pwritev), SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64), SCMP_SYS(fallocate),
    SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(stat64), SCMP_SYS(lstat64), SCMP_SYS(statx),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(fchmod), SCMP_SYS(fchown),
    SCMP_SYS(geteuid), SCMP_SYS(getuid), SCMP_SYS(getegid), SCMP_SYS(getgid),
    SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(msync),
    SCMP_SYS(getdents64), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(accept),
    SCMP_SYS(accept4), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname),
    SCMP_SYS(getpeername), SCMP_SYS(shutdown),
};
/* TCP, libzmq's signals between its threads, and the threads of name resolution. */
static const int calls_link[] = {
    SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4),
    SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    SCMP_SYS(shutdown), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg), SCMP_SYS(epoll_create),
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
    SCMP_SYS(eventfd), SCMP_SYS(eventfd2), SCMP_SYS(clone), SCMP_SYS(clone3),
    SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler), SCMP_SYS(sched_setscheduler),
    SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(stat64), SCMP_SYS(statx), SCMP_SYS(access),
    SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(pread64), SCMP_SYS(readlink),
    SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(geteuid), SCMP_SYS(getuid),
    SCMP_SYS(getegid), SCMP_SYS(getgid), SCMP_SYS(getdents64),
};
/* What nobody here needs, and an intruder would: running, tracing, mounting, loading. */
static const int calls_deadly[] = {
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
    SCMP_SYS(chroot), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(bpf),
    SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(setuid),
    SCMP_SYS(setgid), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(kexec_load),
    SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup), SCMP_SYS(fork),
    SCMP_SYS(vfork), SCMP_SYS(kill), SCMP_SYS(pidfd_getfd), SCMP_SYS(pidfd_open),
};
/* clang-format on */

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))

static int
add_calls(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < count && failed == 0; i++) {
		if (calls[i] >= 0)
			failed = seccomp_rule_add(filter, action, calls[i], 0);
	}
	return failed;
}

/* Of link's calls, those that depend on what is asked: files for reading, sockets for the
   network (an AF_UNIX one would lead to the operators' API), no terminal. */
static int
add_link_rules(scmp_filter_ctx filter)
{
	static const int families[] = {AF_INET, AF_INET6, AF_NETLINK};
	const scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
	int failed = add_calls(filter, SCMP_ACT_ALLOW, calls_link, COUNT_OF(calls_link));
	size_t i;

	for (i = 0; i < COUNT_OF(families) && failed == 0; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, writing, O_RDONLY));
	if (failed == 0)
		failed = seccomp_rule_add(
		    filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, FIONREAD));
	if (failed == 0)
		failed = seccomp_rule_add(
		    filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	return failed;
}

static int
add_rules(scmp_filter_ctx filter, enum sandbox_role role)
{
	int failed = add_calls(filter, SCMP_ACT_ALLOW, calls_all, COUNT_OF(calls_all));

	/* abort(): libzmq's and our own asserts end the process by the signal that says so */
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()), SCMP_A2(SCMP_CMP_EQ, SIGABRT));
	/* a rule that does what the filter does anyway is refused by libseccomp */
	if (failed == 0 && role != SANDBOX_KEYRING)
		failed =
		    add_calls(filter, SCMP_ACT_KILL_PROCESS, calls_deadly, COUNT_OF(calls_deadly));
	/* every thread, libzmq's among them: they are who reads the network */
	if (failed == 0)
		failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (failed != 0)
		return failed;
	switch (role) {
	case SANDBOX_LINK:
		return add_link_rules(filter);
	case SANDBOX_CORE:
		return add_calls(filter, SCMP_ACT_ALLOW, calls_core, COUNT_OF(calls_core));
	case SANDBOX_KEYRING:
		return add_calls(filter, SCMP_ACT_ALLOW, calls_keyring, COUNT_OF(calls_keyring));
	case SANDBOX_SUPERVISOR:
		break;
	}
	return 0;
}

void
sandbox_enter(enum sandbox_role role)
{
	scmp_filter_ctx filter;
	int failed;

	if (role == SANDBOX_SUPERVISOR)
		return;
	if (IS_SANITIZED) {
		log_line(LOG_INFO, "no system call filter: built with the address sanitizer");
		return;
	}
	filter =
	    seccomp_init(role == SANDBOX_KEYRING ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(ENOSYS));
	if (filter == NULL) {
		log_line(LOG_WARNING, "no system call filter: out of memory");
		return;
	}
	failed = add_rules(filter, role);
	if (failed == 0)
		failed = seccomp_load(filter);
	if (failed != 0)
		log_line(LOG_WARNING, "no system call filter: %s", strerror(-failed));
	seccomp_release(filter);
}
