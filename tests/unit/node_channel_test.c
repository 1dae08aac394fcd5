#include "node/channel.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static uint8_t message[CHANNEL_BYTES_MAX], buffer[CHANNEL_BYTES_MAX];

static void
fill(void)
{
	size_t i;

	for (i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 31 + i / 251);
}

static void
open_pair(int fds[2])
{
	ck_assert_int_eq(channel_pair(fds), ERR_NONE);
}

START_TEST(passes_its_largest_message_both_ways)
{
	struct bytes_view got;
	int fds[2], way;

	fill();
	open_pair(fds);
	for (way = 0; way < 2; way++) {
		memset(buffer, 0, sizeof(buffer));
		ck_assert_int_eq(
		    channel_send(fds[way], bytes_view_of(message, sizeof(message))), ERR_NONE);
		ck_assert_int_eq(channel_receive(fds[1 - way], buffer, true, &got), ERR_NONE);
		ck_assert_uint_eq(got.len, sizeof(message));
		ck_assert_mem_eq(got.data, message, sizeof(message));
	}
}
END_TEST

START_TEST(keeps_messages_apart_and_in_order)
{
	struct bytes_view got;
	int fds[2];
	size_t i;

	fill();
	open_pair(fds);
	for (i = 1; i <= 40; i++)
		ck_assert_int_eq(channel_send(fds[0], bytes_view_of(message + i, i)), ERR_NONE);
	for (i = 1; i <= 40; i++) {
		ck_assert_int_eq(channel_receive(fds[1], buffer, false, &got), ERR_NONE);
		ck_assert_uint_eq(got.len, i);
		ck_assert_mem_eq(got.data, message + i, i);
	}
}
END_TEST

START_TEST(says_not_now_instead_of_waiting)
{
	struct bytes_view got;
	enum err err = ERR_NONE;
	int fds[2], sent = 0, read = 0;

	fill();
	open_pair(fds);
	ck_assert_int_eq(channel_receive(fds[1], buffer, false, &got), ERR_NO);
	while (sent < 1000 && err == ERR_NONE) {
		err = channel_try_send(fds[0], bytes_view_of(message, sizeof(message)));
		sent += err == ERR_NONE;
	}
	ck_assert_int_eq(err, ERR_NO);
	ck_assert_int_ge(sent, 1);
	/* what was refused is not there in part, and there is room again behind it */
	while (channel_receive(fds[1], buffer, false, &got) == ERR_NONE) {
		ck_assert_uint_eq(got.len, sizeof(message));
		read++;
	}
	ck_assert_int_eq(read, sent);
	ck_assert_int_eq(
	    channel_try_send(fds[0], bytes_view_of(message, sizeof(message))), ERR_NONE);
}
END_TEST

START_TEST(says_that_the_other_end_is_closed)
{
	struct bytes_view got;
	int fds[2], passed = 5;

	open_pair(fds);
	ck_assert_int_eq(channel_send(fds[1], bytes_view_of("last", 4)), ERR_NONE);
	ck_assert_int_eq(close(fds[1]), 0);
	ck_assert_int_eq(channel_receive(fds[0], buffer, true, &got), ERR_NONE);
	ck_assert_uint_eq(got.len, 4);
	ck_assert_int_eq(channel_receive(fds[0], buffer, true, &got), ERR_UNREACHABLE);
	ck_assert_int_eq(channel_receive(fds[0], buffer, false, &got), ERR_UNREACHABLE);
	ck_assert_int_eq(channel_receive_fd(fds[0], buffer, 16, &got, &passed), ERR_UNREACHABLE);
	ck_assert_int_eq(passed, -1);
	/* and no SIGPIPE ends us */
	ck_assert_int_eq(channel_send(fds[0], bytes_view_of("x", 1)), ERR_UNREACHABLE);
	ck_assert_int_eq(channel_try_send(fds[0], bytes_view_of("x", 1)), ERR_UNREACHABLE);
	ck_assert_int_eq(channel_send_fd(fds[0], bytes_view_of("x", 1), -1), ERR_UNREACHABLE);
}
END_TEST

START_TEST(says_so_when_the_other_process_is_killed)
{
	struct bytes_view got;
	int fds[2], status;
	pid_t pid;

	open_pair(fds);
	pid = fork();
	if (pid == 0) {
		(void)close(fds[0]);
		for (;;)
			(void)pause();
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(close(fds[1]), 0);
	ck_assert_int_eq(channel_send(fds[0], bytes_view_of("unread", 6)), ERR_NONE);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(channel_receive(fds[0], buffer, true, &got), ERR_UNREACHABLE);
}
END_TEST

START_TEST(passes_a_descriptor_that_works)
{
	struct bytes_view got;
	int fds[2], inner[2], passed = -1, flags;

	open_pair(fds);
	open_pair(inner);
	ck_assert_int_eq(channel_send_fd(fds[0], bytes_view_of("\x01zz", 3), inner[1]), ERR_NONE);
	ck_assert_int_eq(close(inner[1]), 0);
	ck_assert_int_eq(channel_receive_fd(fds[1], buffer, 64, &got, &passed), ERR_NONE);
	ck_assert_uint_eq(got.len, 3);
	ck_assert_mem_eq(got.data, "\x01zz", 3);
	ck_assert_int_ge(passed, 0);
	flags = fcntl(passed, F_GETFD);
	ck_assert_int_ne(flags & FD_CLOEXEC, 0);
	ck_assert_int_eq(channel_send(inner[0], bytes_view_of("hello", 5)), ERR_NONE);
	ck_assert_int_eq(channel_receive(passed, buffer, true, &got), ERR_NONE);
	ck_assert_mem_eq(got.data, "hello", 5);
	/* a new channel carries what the old one did */
	ck_assert_int_eq(channel_send(passed, bytes_view_of(message, sizeof(message))), ERR_NONE);
	ck_assert_int_eq(channel_receive(inner[0], buffer, true, &got), ERR_NONE);
	ck_assert_uint_eq(got.len, sizeof(message));
}
END_TEST

START_TEST(passes_no_descriptor_where_there_is_none)
{
	struct bytes_view got;
	int fds[2], passed = 5;

	open_pair(fds);
	ck_assert_int_eq(channel_send_fd(fds[0], bytes_view_of("\x03", 1), -1), ERR_NONE);
	ck_assert_int_eq(channel_receive_fd(fds[1], buffer, 64, &got, &passed), ERR_NONE);
	ck_assert_int_eq(passed, -1);
	ck_assert_uint_eq(got.len, 1);
	ck_assert_int_eq(channel_send_fd(fds[0], bytes_view_of(message, 257), -1), ERR_TOO_LARGE);
}
END_TEST

START_TEST(has_room_on_both_ends)
{
	socklen_t len = sizeof(int);
	int fds[2], i, size = 0;

	open_pair(fds);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(getsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, &len), 0);
		ck_assert_int_gt(size, (int)CHANNEL_BYTES_MAX);
	}
}
END_TEST

SUITE_MAIN("node/channel", passes_its_largest_message_both_ways, keeps_messages_apart_and_in_order,
    says_not_now_instead_of_waiting, says_that_the_other_end_is_closed,
    says_so_when_the_other_process_is_killed, passes_a_descriptor_that_works,
    passes_no_descriptor_where_there_is_none, has_room_on_both_ends)
