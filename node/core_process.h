/*
 * core_process: the process around the core: waits, hands events in, performs actions.
 */
#ifndef MALLA_NODE_CORE_PROCESS_H
#define MALLA_NODE_CORE_PROCESS_H

#include "base/home.h"
#include "node/config.h"

struct core_process {
	const struct home *home;
	const struct config *config;
	int link_fd;
	int keyring_fd;
	int control_fd; /* to the supervisor */
	uint32_t pids[4]; /* supervisor, link, core, keyring */
};

/* What the supervisor tells core: u8 tag, then u32 supervisor, link, keyring pid; a new
   channel comes beside it. */
enum control_tag { CONTROL_LINK = 1, CONTROL_KEYRING = 2, CONTROL_STOP = 3 };
#define CONTROL_BYTES 13u
/* What core tells the supervisor: one byte. */
enum control_word { CONTROL_IS_READY = 1 };

/* The body of the core process; its exit code. */
int core_process_run(const struct core_process *setup);

#endif
