/*
 * channel: messages between the processes of one mallad, over an AF_UNIX SEQPACKET socketpair.
 */
#ifndef MALLA_NODE_CHANNEL_H
#define MALLA_NODE_CHANNEL_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/limits.h"

#define CHANNEL_BYTES_MAX (FRAME_BYTES_MAX + 4096u)

/* Two connected ends that pass messages of CHANNEL_BYTES_MAX; ERR_SYSTEM if the kernel's
   buffers are too small for that. */
MUST_CHECK enum err channel_pair(int fds[2]);
/* Wait until it is gone.  ERR_UNREACHABLE: the other end is closed. */
MUST_CHECK enum err channel_send(int fd, struct bytes_view message);
/* Without waiting; ERR_NO: not now. */
MUST_CHECK enum err channel_try_send(int fd, struct bytes_view message);
/* One message into buffer (CHANNEL_BYTES_MAX), waiting for it or (ERR_NO) not. */
MUST_CHECK enum err channel_receive(
    int fd, uint8_t *buffer, bool may_wait, struct bytes_view *message);
/* A message of a few bytes with a descriptor beside it (-1: none). */
MUST_CHECK enum err channel_send_fd(int fd, struct bytes_view message, int passed);
MUST_CHECK enum err channel_receive_fd(
    int fd, uint8_t *buffer, size_t size, struct bytes_view *message, int *passed);

#endif
