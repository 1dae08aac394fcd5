/*
 * judge: what must hold of two nodes after whatever befell one of them.
 *
 * Every check that fails ends the process, with words.
 */
#ifndef MALLA_TESTS_FAULT_JUDGE_H
#define MALLA_TESTS_FAULT_JUDGE_H

#include "tests/fault/world.h"

/* Start whoever does not run, hold him against what was promised, let the client ask again and
   the peer send again, and check the whole; then again after a new start.  Both nodes are closed
   in the end. */
void judge_whole(struct world *world);

#endif
