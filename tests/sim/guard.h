/*
 * guard: stands between a core and its real keyring: looks at every signature that is made, and
 * lets the keyring die where the world wants it to.
 */
#ifndef MALLA_TESTS_SIM_GUARD_H
#define MALLA_TESTS_SIM_GUARD_H

#include "tests/sim/world.h"

/* A keyring process for the node: node->guard is what its core is given. */
MUST_CHECK enum err guard_open(struct world_node *node);
void guard_close(struct world_node *node);

#endif
