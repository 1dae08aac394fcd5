/*
 * supervisor: the parent of link, core and keyring: joins them by socketpairs, starts again
 * whoever dies, and ends them all together.  Reads no message of theirs.
 */
#ifndef MALLA_NODE_SUPERVISOR_H
#define MALLA_NODE_SUPERVISOR_H

#include "base/bytes.h"
#include "base/home.h"
#include "node/config.h"

/* Runs the node until SIGTERM or SIGINT; the program's exit code.  passphrase stays in the
   caller's locked memory. */
int supervisor_run(const struct home *home, const struct config *config,
    struct bytes_view passphrase);

#endif
