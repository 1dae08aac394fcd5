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
#include "node/channel.h"
#include "node/core_process.h"
#include "node/keyring.h"
#include "node/link.h"
#include "node/sandbox.h"

#define SHORT_LIFE_MS 1000u /* who dies sooner has not got to work */
#define SHORT_LIVES_MAX 30u /* one after the other: starting again helps nobody */
#define STOP_MS 5000u

enum child { CHILD_LINK, CHILD_CORE, CHILD_KEYRING, CHILD_COUNT };

static const char *const child_names[CHILD_COUNT] = {"mallad-link", "mallad-core", "mallad-keyring"};

struct supervisor {
	const struct home *home;
	const struct config *config;
	struct bytes_view passphrase;
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
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, len);
	(void)close(fd);
}

/* ---------------------------------------------------------------- children */

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
	(void)close(supervisor->signal_fd);
}

static int
body_of_link(const struct supervisor *supervisor, int fd)
{
	sandbox_prepare(SANDBOX_LINK);
	return link_run(fd, supervisor->home, supervisor->passphrase);
}

static int
body_of_keyring(const struct supervisor *supervisor, int fd)
{
	sandbox_prepare(SANDBOX_KEYRING);
	return keyring_run(fd, supervisor->home, supervisor->passphrase);
}

/* A child of the two small kinds; the other end of its channel, or -1. */
static int
start_small(struct supervisor *supervisor, enum child child)
{
	int fds[2], code;
	pid_t parent = getpid(), pid;

	if (channel_pair(fds) != ERR_NONE) {
		log_line(LOG_ERROR, "no channel: %s", strerror(errno));
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		become(supervisor, child, parent);
		(void)close(fds[0]);
		if (supervisor->control_fd >= 0)
			(void)close(supervisor->control_fd);
		code = child == CHILD_LINK ? body_of_link(supervisor, fds[1])
					   : body_of_keyring(supervisor, fds[1]);
		_exit(code);
	}
	(void)close(fds[1]);
	if (pid < 0) {
		(void)close(fds[0]);
		return -1;
	}
	supervisor->pids[child] = pid;
	supervisor->born_ms[child] = clock_steady_ms();
	return fds[0];
}

static void
run_core(const struct supervisor *supervisor, int link_fd, int keyring_fd, int control_fd)
{
	struct core_process setup = {.home = supervisor->home, .config = supervisor->config,
	    .link_fd = link_fd, .keyring_fd = keyring_fd, .control_fd = control_fd};

	setup.pids[0] = (uint32_t)getppid();
	setup.pids[1] = (uint32_t)supervisor->pids[CHILD_LINK];
	setup.pids[3] = (uint32_t)supervisor->pids[CHILD_KEYRING];
	sandbox_prepare(SANDBOX_CORE);
	_exit(core_process_run(&setup));
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
			(void)close(control[0]);
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

/* What one start does, when one child was lost. */
static void
restart(struct supervisor *supervisor, enum child child)
{
	int fd;

	if (child != CHILD_CORE) {
		fd = start_small(supervisor, child);
		tell_core(supervisor, child == CHILD_LINK ? CONTROL_LINK : CONTROL_KEYRING, fd);
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	if (supervisor->control_fd >= 0)
		(void)close(supervisor->control_fd);
	supervisor->control_fd = -1;
	/* their channels to the old core are dead: they end by themselves, or are ended */
	end_child(supervisor, CHILD_LINK, SIGKILL);
	end_child(supervisor, CHILD_KEYRING, SIGKILL);
	while (supervisor->pids[CHILD_LINK] > 0 || supervisor->pids[CHILD_KEYRING] > 0) {
		pid_t pid = waitpid(-1, NULL, 0);

		if (pid < 0 && errno != EINTR)
			break;
		if (pid == supervisor->pids[CHILD_LINK])
			supervisor->pids[CHILD_LINK] = 0;
		else if (pid == supervisor->pids[CHILD_KEYRING])
			supervisor->pids[CHILD_KEYRING] = 0;
	}
	if (!start_all(supervisor))
		stop(supervisor, 6);
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
	if (is_final(supervisor, status) || is_hopeless(supervisor, child)) {
		log_line(LOG_ERROR, "giving up");
		stop(supervisor, is_final(supervisor, status) ? WEXITSTATUS(status) : 6);
		return;
	}
	restart(supervisor, (enum child)child);
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

int
supervisor_run(const struct home *home, const struct config *config,
    struct bytes_view passphrase)
{
	struct supervisor supervisor = {.home = home, .config = config,
	    .passphrase = passphrase, .control_fd = -1, .signal_fd = -1};
	struct pollfd fds[2];
	int child;

	if (!open_signals(&supervisor) || !start_all(&supervisor)) {
		log_line(LOG_ERROR, "cannot start: %s", strerror(errno));
		return err_exit_code(ERR_SYSTEM);
	}
	while (is_anybody_left(&supervisor)) {
		fds[0] = (struct pollfd){supervisor.signal_fd, POLLIN, 0};
		fds[1] = (struct pollfd){supervisor.control_fd, POLLIN, 0};
		if (poll(fds, 2, 1000) < 0 && errno != EINTR)
			break;
		if (fds[1].revents != 0)
			on_control(&supervisor);
		if (fds[0].revents != 0)
			on_signal(&supervisor);
		reap(&supervisor);
		if (supervisor.is_stopping && clock_steady_ms() > supervisor.stop_ms) {
			for (child = 0; child < CHILD_COUNT; child++)
				end_child(&supervisor, (enum child)child, SIGKILL);
		}
	}
	return supervisor.exit_code;
}
