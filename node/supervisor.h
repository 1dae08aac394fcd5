/*
 * supervisor: the parent of link, core and keyring: joins them by socketpairs, starts again
 * whoever dies, and ends them all together.  Reads no message of theirs.
 */
#ifndef MALLA_NODE_SUPERVISOR_H
#define MALLA_NODE_SUPERVISOR_H

#include "base/home.h"
#include "node/config.h"
#include "node/core_process.h"

/* What the children do; their results are exit codes.  link_run, keyring_run and
   core_process_run, but for tests. */
struct supervisor_bodies {
	int (*link)(int core_fd, const struct home *home, uint8_t *passphrase, size_t len);
	int (*keyring)(int core_fd, const struct home *home, uint8_t *passphrase, size_t len);
	int (*core)(const struct core_process *setup);
};

struct supervisor_setup {
	const struct home *home;
	const struct config *config;
	uint8_t *passphrase; /* in the caller's locked memory; each child wipes its own copy */
	size_t passphrase_len;
	int lock_fd; /* stays open in core and keyring, so that the lock outlives none of them */
	struct supervisor_bodies bodies;
};

/* Runs the node until SIGTERM or SIGINT; the program's exit code.
     0  it was asked to stop
     6  children died within a second of their start, again and again
     n  a child ended with code n before the node was ever ready
   A link that was killed is started again for ever, after a delay that grows to 16 s. */
int supervisor_run(const struct supervisor_setup *setup);

#endif
