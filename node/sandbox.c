#define _DEFAULT_SOURCE
#include "node/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/log.h"

#define FILES_MAX 65536u
#define LINK_SPACE_MAX (4ull << 30) /* libzmq's threads reserve stacks; resident it is far less */

/* Under the address sanitizer neither a cap on address space nor a filter can stand: it
   reserves terabytes and opens files of its own. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#else
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

/* What nobody here needs, and an intruder would: running, tracing, mounting, loading. */
static const int denied_all[] = {
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
    SCMP_SYS(chroot), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(bpf),
    SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(setuid),
    SCMP_SYS(setgid), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(kexec_load),
    SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup),
};
static const int denied_core[] = {
    SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(fork), SCMP_SYS(vfork),
};
static const int denied_keyring[] = {
    SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(accept),
    SCMP_SYS(accept4), SCMP_SYS(listen), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(clone3),
    SCMP_SYS(kill), SCMP_SYS(tgkill),
};
static const int denied_link[] = {
    SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(link), SCMP_SYS(linkat),
    SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(truncate), SCMP_SYS(chmod),
    SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(fchownat), SCMP_SYS(fork), SCMP_SYS(vfork),
    SCMP_SYS(creat), SCMP_SYS(open),
};

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))

static int
deny(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < count && failed == 0; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, calls[i], 0);
	return failed;
}

static int
deny_for(scmp_filter_ctx filter, enum sandbox_role role)
{
	int failed = deny(filter, denied_all, COUNT_OF(denied_all));

	if (failed != 0)
		return failed;
	switch (role) {
	case SANDBOX_LINK:
		return deny(filter, denied_link, COUNT_OF(denied_link));
	case SANDBOX_CORE:
		return deny(filter, denied_core, COUNT_OF(denied_core));
	case SANDBOX_KEYRING:
		return deny(filter, denied_keyring, COUNT_OF(denied_keyring));
	}
	return 0;
}

void
sandbox_enter(enum sandbox_role role)
{
	scmp_filter_ctx filter;
	int failed;

	if (IS_SANITIZED)
		return;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (filter == NULL) {
		log_line(LOG_WARNING, "no system call filter: out of memory");
		return;
	}
	failed = deny_for(filter, role);
	if (failed == 0)
		failed = seccomp_load(filter);
	if (failed != 0)
		log_line(LOG_WARNING, "no system call filter: %s", strerror(-failed));
	seccomp_release(filter);
}
