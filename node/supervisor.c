#define _GNU_SOURCE
#include "node/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "node/channel.h"
#include "node/sandbox.h"

#define SHORT_LIFE_MS 1000u /* who dies sooner has not got to work */
#define SHORT_LIVES_MAX 30u /* one after the other: starting again helps nobody */
#define STOP_MS 5000u
#define LINK_DELAY_FIRST_MS 100u
#define LINK_DELAY_MAX_MS 16000u
#define LINK_LIFE_MS 5000u /* a link that lived so long starts again without much delay */

enum child { CHILD_LINK, CHILD_CORE, CHILD_KEYRING, CHILD_COUNT };

/* at most 15 characters: prctl(2) */
static const char *const child_names[CHILD_COUNT] = {
    [CHILD_LINK] = "mallad-link",
    [CHILD_CORE] = "mallad-core",
    [CHILD_KEYRING] = "mallad-keyring",
};
static const enum sandbox_role child_roles[CHILD_COUNT] = {
    [CHILD_LINK] = SANDBOX_LINK,
    [CHILD_CORE] = SANDBOX_CORE,
    [CHILD_KEYRING] = SANDBOX_KEYRING,
};

struct supervisor {
	const struct supervisor_setup *setup;
	pid_t pids[CHILD_COUNT]; /* 0: not running */
	int control_fd;          /* to core; -1 */
	int signal_fd;
	sigset_t old_signals;
	bool is_stopping;
	bool was_ready;
	int exit_code;
	uint64_t stop_ms;
	uint64_t born_ms[CHILD_COUNT];
	uint32_t short_lives;
	uint64_t link_due_ms; /* when link is to be started again; 0: it runs */
	uint32_t link_delay_ms;
};

/* ---------------------------------------------------------------- sd_notify(3) */

static void
notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t len;
	int fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path));
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(
	    fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, len);
	(void)close(fd);
}

/* ---------------------------------------------------------------- children */

/* Close every descriptor above standard error but these: above all, link must not hold core's
   end of the keyring's channel. */
static void
keep_only(const int *kept, size_t count)
{
	unsigned from = 3, next;
	size_t i;

	for (;;) {
		next = ~0u;
		for (i = 0; i < count; i++) {
			if (kept[i] >= 0 && (unsigned)kept[i] >= from && (unsigned)kept[i] < next)
				next = (unsigned)kept[i];
		}
		if (next > from)
			(void)close_range(from, next == ~0u ? next : next - 1, 0);
		if (next == ~0u)
			return;
		from = next + 1;
	}
}

/* The first lines of a child: it dies with us, and has its signals back. */
static void
become(const struct supervisor *supervisor, enum child child, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	(void)prctl(PR_SET_NAME, child_names[child]);
	(void)sigprocmask(SIG_SETMASK, &supervisor->old_signals, NULL);
	/* a terminal's interrupt goes to all of us: the supervisor decides */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	if (supervisor->setup->passphrase_len == 0)
		return;
	if (child == CHILD_CORE)
		digest_wipe(supervisor->setup->passphrase, supervisor->setup->passphrase_len);
	else /* a lock in memory is not inherited */
		digest_lock(supervisor->setup->passphrase, supervisor->setup->passphrase_len);
}

static void
run_small(const struct supervisor *supervisor, enum child child, int fd)
{
	const struct supervisor_setup *setup = supervisor->setup;
	const int kept[] = {fd, child == CHILD_KEYRING ? setup->lock_fd : -1};

	keep_only(kept, 2);
	sandbox_prepare(child_roles[child]);
	if (child == CHILD_LINK)
		_exit(
		    setup->bodies.link(fd, setup->home, setup->passphrase, setup->passphrase_len));
	_exit(setup->bodies.keyring(fd, setup->home, setup->passphrase, setup->passphrase_len));
}

/* A child of the two small kinds; the other end of its channel, or -1. */
static int
start_small(struct supervisor *supervisor, enum child child)
{
	pid_t parent = getpid(), pid;
	int fds[2];

	if (channel_pair(fds) != ERR_NONE) {
		log_line(LOG_ERROR, "no channel: %s", strerror(errno));
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		become(supervisor, child, parent);
		run_small(supervisor, child, fds[1]);
	}
	(void)close(fds[1]);
	if (pid < 0) {
		log_line(LOG_ERROR, "cannot start %s: %s", child_names[child], strerror(errno));
		(void)close(fds[0]);
		return -1;
	}
	supervisor->pids[child] = pid;
	supervisor->born_ms[child] = clock_steady_ms();
	if (child == CHILD_LINK)
		supervisor->link_due_ms = 0;
	return fds[0];
}

static void
run_core(const struct supervisor *supervisor, int link_fd, int keyring_fd, int control_fd)
{
	const struct supervisor_setup *setup = supervisor->setup;
	struct core_process process = {.home = setup->home,
	    .config = setup->config,
	    .link_fd = link_fd,
	    .keyring_fd = keyring_fd,
	    .control_fd = control_fd};
	const int kept[] = {link_fd, keyring_fd, control_fd, setup->lock_fd};

	process.pids[0] = (uint32_t)getppid();
	process.pids[1] = (uint32_t)supervisor->pids[CHILD_LINK];
	process.pids[2] = (uint32_t)getpid();
	process.pids[3] = (uint32_t)supervisor->pids[CHILD_KEYRING];
	keep_only(kept, 4);
	sandbox_prepare(SANDBOX_CORE);
	_exit(setup->bodies.core(&process));
}

/* All three, joined anew. */
static bool
start_all(struct supervisor *supervisor)
{
	int control[2], link_fd, keyring_fd;
	pid_t parent = getpid(), pid = -1;

	keyring_fd = start_small(supervisor, CHILD_KEYRING);
	link_fd = start_small(supervisor, CHILD_LINK);
	if (link_fd >= 0 && keyring_fd >= 0 && channel_pair(control) == ERR_NONE) {
		pid = fork();
		if (pid == 0) {
			become(supervisor, CHILD_CORE, parent);
			run_core(supervisor, link_fd, keyring_fd, control[1]);
		}
		(void)close(control[1]);
		supervisor->control_fd = control[0];
	}
	if (link_fd >= 0)
		(void)close(link_fd);
	if (keyring_fd >= 0)
		(void)close(keyring_fd);
	supervisor->pids[CHILD_CORE] = pid > 0 ? pid : 0;
	supervisor->born_ms[CHILD_CORE] = clock_steady_ms();
	return pid > 0;
}

static void
tell_core(struct supervisor *supervisor, enum control_tag tag, int passed)
{
	uint8_t message[CONTROL_BYTES];

	message[0] = (uint8_t)tag;
	bytes_put_u32(message + 1, (uint32_t)getpid());
	bytes_put_u32(message + 5, (uint32_t)supervisor->pids[CHILD_LINK]);
	bytes_put_u32(message + 9, (uint32_t)supervisor->pids[CHILD_KEYRING]);
	if (supervisor->control_fd >= 0 &&
	    channel_send_fd(supervisor->control_fd, bytes_view_of(message, sizeof(message)),
		passed) != ERR_NONE)
		log_line(LOG_INFO, "core does not listen");
}

static void
end_child(struct supervisor *supervisor, enum child child, int signal_number)
{
	if (supervisor->pids[child] > 0)
		(void)kill(supervisor->pids[child], signal_number);
}

/* ---------------------------------------------------------------- deaths */

/* Whether children die so soon and so often that starting them again helps nobody. */
static bool
is_hopeless(struct supervisor *supervisor, int child)
{
	if (clock_steady_ms() >= supervisor->born_ms[child] + SHORT_LIFE_MS)
		supervisor->short_lives = 0;
	return ++supervisor->short_lives > SHORT_LIVES_MAX;
}

/* A child that cannot start says so by its exit code: nothing changes by trying again. */
static bool
is_final(const struct supervisor *supervisor, int status)
{
	return !supervisor->was_ready && WIFEXITED(status) && WEXITSTATUS(status) != 0;
}

static void
stop(struct supervisor *supervisor, int exit_code)
{
	if (supervisor->is_stopping)
		return;
	supervisor->is_stopping = true;
	supervisor->exit_code = exit_code;
	supervisor->stop_ms = clock_steady_ms() + STOP_MS;
	notify("STOPPING=1");
	tell_core(supervisor, CONTROL_STOP, -1);
	if (supervisor->pids[CHILD_CORE] == 0) {
		end_child(supervisor, CHILD_LINK, SIGKILL);
		end_child(supervisor, CHILD_KEYRING, SIGKILL);
	}
}

/* Wait for two children that were just killed. */
static void
bury_small(struct supervisor *supervisor)
{
	while (supervisor->pids[CHILD_LINK] > 0 || supervisor->pids[CHILD_KEYRING] > 0) {
		pid_t pid = waitpid(-1, NULL, 0);

		if (pid < 0 && errno != EINTR)
			return;
		if (pid == supervisor->pids[CHILD_LINK])
			supervisor->pids[CHILD_LINK] = 0;
		else if (pid == supervisor->pids[CHILD_KEYRING])
			supervisor->pids[CHILD_KEYRING] = 0;
	}
}

/* Core has gone: the channels of the other two end nowhere, and all three start anew. */
static void
restart_all(struct supervisor *supervisor)
{
	if (supervisor->control_fd >= 0)
		(void)close(supervisor->control_fd);
	supervisor->control_fd = -1;
	end_child(supervisor, CHILD_LINK, SIGKILL);
	end_child(supervisor, CHILD_KEYRING, SIGKILL);
	bury_small(supervisor);
	if (!start_all(supervisor))
		stop(supervisor, err_exit_code(ERR_SYSTEM));
}

static void
restart_keyring(struct supervisor *supervisor)
{
	int fd = start_small(supervisor, CHILD_KEYRING);

	if (fd < 0) { /* core waits for it: begin again with all of them */
		end_child(supervisor, CHILD_CORE, SIGKILL);
		return;
	}
	tell_core(supervisor, CONTROL_KEYRING, fd);
	(void)close(fd);
}

/* Peers can make link run out of memory (TRAPS 4), as often as they like: a link that was killed
   must not take the node down, nor keep the machine busy. */
static void
delay_link(struct supervisor *supervisor)
{
	uint64_t now = clock_steady_ms();

	if (supervisor->link_delay_ms == 0 || now - supervisor->born_ms[CHILD_LINK] >= LINK_LIFE_MS)
		supervisor->link_delay_ms = LINK_DELAY_FIRST_MS;
	supervisor->link_due_ms = now + supervisor->link_delay_ms;
	supervisor->link_delay_ms *= 2;
	if (supervisor->link_delay_ms > LINK_DELAY_MAX_MS)
		supervisor->link_delay_ms = LINK_DELAY_MAX_MS;
}

static void
restart_link(struct supervisor *supervisor)
{
	int fd;

	if (supervisor->link_due_ms == 0 || supervisor->is_stopping ||
	    clock_steady_ms() < supervisor->link_due_ms)
		return;
	fd = start_small(supervisor, CHILD_LINK);
	if (fd < 0) {
		delay_link(supervisor);
		return;
	}
	tell_core(supervisor, CONTROL_LINK, fd);
	(void)close(fd);
}

static void
mourn(struct supervisor *supervisor, pid_t pid, int status)
{
	int child;

	for (child = 0; child < CHILD_COUNT && supervisor->pids[child] != pid; child++)
		;
	if (child == CHILD_COUNT)
		return;
	supervisor->pids[child] = 0;
	if (supervisor->is_stopping) {
		if (child == CHILD_CORE) {
			end_child(supervisor, CHILD_LINK, SIGKILL);
			end_child(supervisor, CHILD_KEYRING, SIGKILL);
		}
		return;
	}
	log_line(LOG_WARNING, "%s has ended (%s %d)", child_names[child],
	    WIFSIGNALED(status) ? "signal" : "exit code",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (is_final(supervisor, status)) {
		log_line(LOG_ERROR, "the node cannot start");
		stop(supervisor, WEXITSTATUS(status));
	} else if (child == CHILD_LINK && WIFSIGNALED(status)) {
		delay_link(supervisor);
	} else if (is_hopeless(supervisor, child)) {
		log_line(
		    LOG_ERROR, "%u short lives one after the other: giving up", SHORT_LIVES_MAX);
		stop(supervisor, err_exit_code(ERR_SYSTEM));
	} else if (child == CHILD_LINK) {
		supervisor->link_due_ms = clock_steady_ms() + LINK_DELAY_FIRST_MS;
	} else if (child == CHILD_CORE) {
		restart_all(supervisor);
	} else {
		restart_keyring(supervisor);
	}
}

static void
reap(struct supervisor *supervisor)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		mourn(supervisor, pid, status);
}

/* ---------------------------------------------------------------- the loop */

static void
on_signal(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;

	if (read(supervisor->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
		stop(supervisor, 0);
	reap(supervisor);
}

static void
on_control(struct supervisor *supervisor)
{
	uint8_t buffer[16];
	struct bytes_view message;
	int passed;

	if (channel_receive_fd(supervisor->control_fd, buffer, sizeof(buffer), &message, &passed) !=
	    ERR_NONE) {
		(void)close(supervisor->control_fd);
		supervisor->control_fd = -1;
		return;
	}
	if (passed >= 0)
		(void)close(passed);
	if (message.data[0] == CONTROL_IS_READY && !supervisor->was_ready) {
		supervisor->was_ready = true;
		notify("READY=1");
		log_line(LOG_NOTICE, "ready");
	}
}

static bool
is_anybody_left(const struct supervisor *supervisor)
{
	int child;

	for (child = 0; child < CHILD_COUNT; child++) {
		if (supervisor->pids[child] > 0)
			return true;
	}
	return false;
}

static bool
open_signals(struct supervisor *supervisor)
{
	sigset_t signals;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &signals, &supervisor->old_signals) != 0)
		return false;
	supervisor->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return supervisor->signal_fd >= 0;
}

static int
timeout_of(const struct supervisor *supervisor)
{
	uint64_t now = clock_steady_ms();

	if (supervisor->link_due_ms == 0 || supervisor->link_due_ms > now + 1000)
		return 1000;
	return supervisor->link_due_ms > now ? (int)(supervisor->link_due_ms - now) : 0;
}

static void
turn(struct supervisor *supervisor)
{
	struct pollfd fds[2] = {{supervisor->signal_fd, POLLIN, 0},
	    {supervisor->control_fd, POLLIN, 0}}; /* -1 is passed over */
	int child;

	if (poll(fds, 2, timeout_of(supervisor)) > 0) {
		if (fds[1].revents != 0)
			on_control(supervisor);
		if (fds[0].revents != 0)
			on_signal(supervisor);
	}
	reap(supervisor);
	restart_link(supervisor);
	if (supervisor->is_stopping && clock_steady_ms() > supervisor->stop_ms) {
		for (child = 0; child < CHILD_COUNT; child++)
			end_child(supervisor, (enum child)child, SIGKILL);
	}
}

int
supervisor_run(const struct supervisor_setup *setup)
{
	struct supervisor supervisor = {.setup = setup, .control_fd = -1, .signal_fd = -1};

	if (!open_signals(&supervisor) || !start_all(&supervisor)) {
		log_line(LOG_ERROR, "cannot start: %s", strerror(errno));
		return err_exit_code(ERR_SYSTEM);
	}
	while (is_anybody_left(&supervisor))
		turn(&supervisor);
	return supervisor.exit_code;
}
