#define _GNU_SOURCE
#include "node/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel keeps some of the buffer for itself; it doubles what it is asked for. */
#define BUFFER_WANTED (2 * (int)CHANNEL_BYTES_MAX)

static enum err
widen(int fd)
{
	int wanted = BUFFER_WANTED, got = 0;
	socklen_t len = sizeof(got);

	/* SO_SNDBUFFORCE needs a privilege; without it the ordinary limit (208 KiB, doubled) is
	   enough for one message */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof(wanted)) != 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof(wanted)) != 0)
		return ERR_SYSTEM;
	if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &got, &len) != 0 ||
	    got < (int)CHANNEL_BYTES_MAX + 4096)
		return ERR_SYSTEM;
	return ERR_NONE;
}

enum err
channel_pair(int fds[2])
{
	enum err err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return ERR_SYSTEM;
	err = widen(fds[0]);
	if (err == ERR_NONE)
		err = widen(fds[1]);
	if (err != ERR_NONE) {
		(void)close(fds[0]);
		(void)close(fds[1]);
	}
	return err;
}

static enum err
send_with(int fd, struct bytes_view message, int flags)
{
	ssize_t sent;

	do {
		sent = send(fd, message.data, message.len, flags | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent == (ssize_t)message.len)
		return ERR_NONE;
	if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return ERR_NO;
	return sent < 0 && (errno == EPIPE || errno == ECONNRESET) ? ERR_UNREACHABLE : ERR_SYSTEM;
}

enum err
channel_send(int fd, struct bytes_view message)
{
	return send_with(fd, message, 0);
}

enum err
channel_try_send(int fd, struct bytes_view message)
{
	return send_with(fd, message, MSG_DONTWAIT);
}

enum err
channel_receive(int fd, uint8_t *buffer, bool may_wait, struct bytes_view *message)
{
	ssize_t got;

	do {
		got = recv(fd, buffer, CHANNEL_BYTES_MAX, may_wait ? 0 : MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got > 0) {
		*message = bytes_view_of(buffer, (size_t)got);
		return ERR_NONE;
	}
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return ERR_NO;
	return got == 0 || errno == ECONNRESET ? ERR_UNREACHABLE : ERR_SYSTEM;
}

enum err
channel_send_fd(int fd, struct bytes_view message, int passed)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr alignment;
	} control;
	char copy[256];
	struct iovec part = {copy, message.len};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *attached;
	ssize_t sent;

	if (message.len > sizeof(copy))
		return ERR_TOO_LARGE;
	memcpy(copy, message.data, message.len);
	memset(&control, 0, sizeof(control));
	if (passed >= 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof(control.bytes);
		attached = CMSG_FIRSTHDR(&header);
		attached->cmsg_level = SOL_SOCKET;
		attached->cmsg_type = SCM_RIGHTS;
		attached->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(attached), &passed, sizeof(int));
	}
	do {
		sent = sendmsg(fd, &header, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return ERR_NONE;
	return errno == EPIPE || errno == ECONNRESET ? ERR_UNREACHABLE : ERR_SYSTEM;
}

enum err
channel_receive_fd(int fd, uint8_t *buffer, size_t size, struct bytes_view *message, int *passed)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr alignment;
	} control;
	struct iovec part = {buffer, size};
	struct msghdr header = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *attached;
	ssize_t got;

	*passed = -1;
	do {
		got = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got == 0 || errno == ECONNRESET ? ERR_UNREACHABLE : ERR_SYSTEM;
	attached = CMSG_FIRSTHDR(&header);
	if (attached != NULL && attached->cmsg_level == SOL_SOCKET &&
	    attached->cmsg_type == SCM_RIGHTS)
		memcpy(passed, CMSG_DATA(attached), sizeof(int));
	*message = bytes_view_of(buffer, (size_t)got);
	return ERR_NONE;
}
