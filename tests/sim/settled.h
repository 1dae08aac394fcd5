/*
 * settled: what one node says was settled with another, held against what that one promised; and
 * whether, everything healed, everybody holds what it should.
 */
#ifndef MALLA_TESTS_SIM_SETTLED_H
#define MALLA_TESTS_SIM_SETTLED_H

#include "tests/sim/world.h"

/* Every envelope that a node that is up has sent.  Ends the process if something does not hold. */
void settled_node(struct world_node *node);
/* Everybody holds what it should and nobody waits for anything; false: not yet, and `words` says
   what is missing. */
bool settled_all(struct world *world, char *words, size_t size);

#endif
