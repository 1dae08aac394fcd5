/*
 * run: one seed, from its plan to the last check.
 */
#ifndef MALLA_TESTS_SIM_RUN_H
#define MALLA_TESTS_SIM_RUN_H

#include "tests/sim/world.h"

/* What a seed decides by itself. */
void run_plan(uint64_t seed, struct world_plan *plan);
/* All of it; report_fail ends the process if something does not hold. */
void run_world(const struct world_plan *plan);

#endif
