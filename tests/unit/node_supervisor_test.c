#define _GNU_SOURCE
#include "node/supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "node/channel.h"
#include "tests/unit/suite.h"

#define PATIENCE_MS 8000

/* The children's bodies are ours.  Each says what it is by one line into the descriptor that
   stands where the lock would: core and keyring have it, link has not and tells core. */
static int report[2];
static uint8_t passphrase[8];
static char line[256];

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void
tell(const char *format, ...)
{
	char text[256];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (write(report[1], text, (size_t)len) != len)
		_exit(90);
}

static long
number(const char *text)
{
	return strtol(text, NULL, 10);
}

/* How many descriptors above standard error this process has. */
static int
count_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	int count = 0;

	if (folder == NULL)
		return -1;
	while ((entry = readdir(folder)) != NULL)
		count += number(entry->d_name) > 2 && number(entry->d_name) != dirfd(folder);
	(void)closedir(folder);
	return count;
}

static const char *
name_of(void)
{
	static char name[17];

	(void)prctl(PR_GET_NAME, name);
	return name;
}

/* A small child: says who it is on its channel, then echoes what it hears. */
static int
echo(int core_fd, const struct home *home, uint8_t *secret, size_t len)
{
	static uint8_t buffer[CHANNEL_BYTES_MAX];
	struct bytes_view message;
	char text[128];
	int size;

	(void)home;
	size = snprintf(text, sizeof(text), "%s files=%d secret=%.*s", name_of(), count_files(),
	    (int)len, (const char *)secret);
	if (channel_send(core_fd, bytes_view_of(text, (size_t)size)) != ERR_NONE)
		return 0;
	while (channel_receive(core_fd, buffer, true, &message) == ERR_NONE) {
		if (channel_send(core_fd, message) != ERR_NONE)
			break;
	}
	return 0;
}

/* What a small child says on its channel, as a line of the report. */
static void
pass_on(const char *head, int fd)
{
	static uint8_t buffer[CHANNEL_BYTES_MAX];
	struct bytes_view message;

	if (channel_receive(fd, buffer, true, &message) == ERR_NONE)
		tell("%s %.*s\n", head, (int)message.len, (const char *)message.data);
}

static void
say_ready(const struct core_process *setup)
{
	static const uint8_t word = CONTROL_IS_READY;

	if (channel_send(setup->control_fd, bytes_view_of(&word, 1)) != ERR_NONE)
		_exit(91);
}

/* A core that reports every channel it gets, and ends when it is told to. */
static int
obedient_core(const struct core_process *setup)
{
	uint8_t buffer[64];
	struct bytes_view message;
	int passed;

	tell("core %s pids=%d secret=%02x\n", name_of(),
	    setup->pids[0] == (uint32_t)getppid() && setup->pids[1] != 0 &&
		setup->pids[2] == (uint32_t)getpid() && setup->pids[3] != 0,
	    passphrase[0]);
	pass_on("link", setup->link_fd);
	pass_on("keyring", setup->keyring_fd);
	tell("pids %u %u %u\n", setup->pids[1], (unsigned)getpid(), setup->pids[3]);
	say_ready(setup);
	while (channel_receive_fd(setup->control_fd, buffer, sizeof(buffer), &message, &passed) ==
	       ERR_NONE) {
		if (message.data[0] == CONTROL_STOP) {
			tell("stopped\n");
			return 0;
		}
		pass_on(message.data[0] == CONTROL_LINK ? "new link" : "new keyring", passed);
		tell("pids %u %u %u\n", bytes_get_u32(message.data + 5), (unsigned)getpid(),
		    bytes_get_u32(message.data + 9));
	}
	return 0;
}

static int
dying_core(const struct core_process *setup)
{
	say_ready(setup);
	tell("again\n");
	(void)raise(SIGKILL);
	return 0;
}

static int
failing_body(int core_fd, const struct home *home, uint8_t *secret, size_t len)
{
	(void)core_fd;
	(void)home;
	(void)secret;
	(void)len;
	return 4;
}

/* A core that waits, before it is ready. */
static int
waiting_core(const struct core_process *setup)
{
	uint8_t buffer[64];
	struct bytes_view message;
	int passed;

	return channel_receive_fd(setup->control_fd, buffer, sizeof(buffer), &message, &passed) ==
		       ERR_NONE
		   ? 0
		   : 1;
}

/* A core that does not hear that it is told to stop. */
static int
deaf_core(const struct core_process *setup)
{
	say_ready(setup);
	tell("deaf\n");
	while (poll(NULL, 0, 1000) >= 0)
		;
	return 0;
}

static pid_t
launch(struct supervisor_bodies bodies)
{
	static struct home home;
	static struct config config;
	struct supervisor_setup setup = {.home = &home,
	    .config = &config,
	    .passphrase = passphrase,
	    .passphrase_len = 6,
	    .bodies = bodies};
	pid_t pid;

	ck_assert_int_eq(digest_start(), ERR_NONE);
	ck_assert_int_eq(pipe(report), 0);
	memcpy(passphrase, "secret", 6);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		log_init("test", (enum log_level)0, 0);
		(void)close(report[0]);
		setup.lock_fd = report[1];
		_exit(supervisor_run(&setup));
	}
	(void)close(report[1]);
	return pid;
}

/* The next line of the report; false: there comes none, or (at_end) nobody is left to write. */
static bool
next_line(bool *at_end)
{
	uint64_t until = clock_steady_ms() + PATIENCE_MS;
	size_t len = 0;

	*at_end = false;
	while (len + 1 < sizeof(line)) {
		struct pollfd wait = {report[0], POLLIN, 0};
		uint64_t now = clock_steady_ms();
		ssize_t got;

		if (now >= until || poll(&wait, 1, (int)(until - now)) <= 0)
			return false;
		got = read(report[0], line + len, 1);
		*at_end = got == 0;
		if (got <= 0)
			return false;
		if (line[len] == '\n')
			break;
		len++;
	}
	line[len] = '\0';
	return true;
}

static void
expect(const char *text)
{
	bool at_end;

	ck_assert_msg(next_line(&at_end), "no line, where '%s' should come", text);
	ck_assert_str_eq(line, text);
}

static void
expect_start(void)
{
	expect("core mallad-core pids=1 secret=00");
	expect("link mallad-link files=1 secret=secret");
	expect("keyring mallad-keyring files=2 secret=secret");
}

static void
expect_pids(pid_t pids[3])
{
	bool at_end;

	ck_assert(next_line(&at_end));
	ck_assert_int_eq(sscanf(line, "pids %d %d %d", &pids[0], &pids[1], &pids[2]), 3);
}

static void
expect_nobody(void)
{
	bool at_end;

	while (next_line(&at_end))
		;
	ck_assert(at_end);
}

static int
end(pid_t pid)
{
	int status = -1;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "status %d", status);
	return WEXITSTATUS(status);
}

static const struct supervisor_bodies obedient = {echo, echo, obedient_core};

START_TEST(joins_its_children_and_gives_each_no_more_than_its_own)
{
	pid_t pid = launch(obedient), pids[3];

	expect_start(); /* files: link its channel; keyring that and the lock */
	expect_pids(pids);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	expect("stopped");
	expect_nobody();
	ck_assert_int_eq(end(pid), 0);
	ck_assert_int_eq(kill(pids[0], 0), -1);
	ck_assert_int_eq(kill(pids[2], 0), -1);
}
END_TEST

START_TEST(starts_a_dead_link_again_and_hands_core_its_channel)
{
	pid_t pid = launch(obedient), pids[3], before[3];
	int i;

	expect_start();
	expect_pids(pids);
	for (i = 0; i < 3; i++) {
		memcpy(before, pids, sizeof(before));
		ck_assert_int_eq(kill(pids[0], SIGKILL), 0);
		expect("new link mallad-link files=1 secret=secret");
		expect_pids(pids);
		ck_assert_int_ne(pids[0], before[0]);
		ck_assert_int_eq(pids[1], before[1]); /* core lives on */
		ck_assert_int_eq(pids[2], before[2]);
	}
	ck_assert_int_eq(kill(pid, SIGINT), 0);
	expect("stopped");
	ck_assert_int_eq(end(pid), 0);
}
END_TEST

START_TEST(starts_a_dead_keyring_again_and_hands_core_its_channel)
{
	pid_t pid = launch(obedient), pids[3], before[3];

	expect_start();
	expect_pids(before);
	ck_assert_int_eq(kill(before[2], SIGKILL), 0);
	expect("new keyring mallad-keyring files=2 secret=secret");
	expect_pids(pids);
	ck_assert_int_ne(pids[2], before[2]);
	ck_assert_int_eq(pids[1], before[1]);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	expect("stopped");
	ck_assert_int_eq(end(pid), 0);
}
END_TEST

START_TEST(starts_all_again_when_core_dies)
{
	pid_t pid = launch(obedient), pids[3], before[3];

	expect_start();
	expect_pids(before);
	ck_assert_int_eq(kill(before[1], SIGKILL), 0);
	expect_start();
	expect_pids(pids);
	ck_assert_int_ne(pids[0], before[0]);
	ck_assert_int_ne(pids[1], before[1]);
	ck_assert_int_ne(pids[2], before[2]);
	ck_assert_int_eq(kill(before[0], 0), -1);
	ck_assert_int_eq(kill(before[2], 0), -1);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	expect("stopped");
	ck_assert_int_eq(end(pid), 0);
}
END_TEST

START_TEST(takes_its_children_along_when_it_is_killed)
{
	/* a core that looks at no channel, and so does not see that it is alone */
	struct supervisor_bodies bodies = {echo, echo, deaf_core};
	pid_t pid = launch(bodies);
	int status;

	expect("deaf");
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	expect_nobody(); /* and with the last of them the lock is free */
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
}
END_TEST

START_TEST(ends_with_the_exit_code_of_a_child_that_cannot_start)
{
	struct supervisor_bodies no_keyring = {echo, failing_body, waiting_core};
	struct supervisor_bodies no_link = {failing_body, echo, waiting_core};

	ck_assert_int_eq(end(launch(no_keyring)), 4);
	(void)close(report[0]);
	ck_assert_int_eq(end(launch(no_link)), 4);
}
END_TEST

START_TEST(gives_up_on_a_core_that_dies_again_and_again)
{
	struct supervisor_bodies bodies = {echo, echo, dying_core};
	pid_t pid = launch(bodies);
	bool at_end;
	int lives = 0;

	while (next_line(&at_end)) {
		ck_assert_str_eq(line, "again");
		lives++;
	}
	ck_assert(at_end);
	ck_assert_int_ge(lives, 10);
	ck_assert_int_le(lives, 40);
	ck_assert_int_eq(end(pid), 6);
}
END_TEST

START_TEST(ends_a_core_that_does_not_stop)
{
	struct supervisor_bodies bodies = {echo, echo, deaf_core};
	pid_t pid = launch(bodies);
	uint64_t begun;

	expect("deaf");
	begun = clock_steady_ms();
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(end(pid), 0);
	ck_assert_uint_lt(clock_steady_ms() - begun, 9000);
}
END_TEST

static void
expect_notice(int fd, const char *text)
{
	struct pollfd wait = {fd, POLLIN, 0};
	char found[64] = "";

	ck_assert_int_eq(poll(&wait, 1, PATIENCE_MS), 1);
	ck_assert_int_gt(recv(fd, found, sizeof(found) - 1, 0), 0);
	ck_assert_str_eq(found, text);
}

static int
listen_for_notices(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, name, len);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
	    0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

START_TEST(tells_the_service_manager_when_it_is_ready_and_when_it_stops)
{
	const char *base = getenv("TMPDIR");
	char names[2][96];
	int i;

	(void)snprintf(names[0], sizeof(names[0]), "@malla-test-%d", (int)getpid());
	(void)snprintf(
	    names[1], sizeof(names[1]), "%s/malla-test-%d", base ? base : P_tmpdir, (int)getpid());
	for (i = 0; i < 2; i++) {
		int fd = listen_for_notices(names[i]);
		pid_t pid = launch(obedient);

		expect_notice(fd, "READY=1");
		ck_assert_int_eq(kill(pid, SIGTERM), 0);
		expect_notice(fd, "STOPPING=1");
		ck_assert_int_eq(end(pid), 0);
		(void)close(fd);
		(void)close(report[0]);
	}
	(void)unlink(names[1]);
}
END_TEST

SUITE_MAIN("node/supervisor", joins_its_children_and_gives_each_no_more_than_its_own,
    starts_a_dead_link_again_and_hands_core_its_channel,
    starts_a_dead_keyring_again_and_hands_core_its_channel, starts_all_again_when_core_dies,
    takes_its_children_along_when_it_is_killed,
    ends_with_the_exit_code_of_a_child_that_cannot_start,
    gives_up_on_a_core_that_dies_again_and_again, ends_a_core_that_does_not_stop,
    tells_the_service_manager_when_it_is_ready_and_when_it_stops)
