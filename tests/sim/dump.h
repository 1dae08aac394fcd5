/*
 * dump: what every store holds when a world ends, for stores.py to judge by its own reading of
 * docs/policy.md and docs/protocol.md.
 *
 *     world SEED POLICIES             a bit for each node under the hostile policy
 *     node INDEX ORG honest|hostile
 *     peers A B                       each has the other as a peer
 *     record INDEX VIA RECEIVED BYTES
 */
#ifndef MALLA_TESTS_SIM_DUMP_H
#define MALLA_TESTS_SIM_DUMP_H

#include "tests/sim/world.h"

/* From now on, into this file.  False: it cannot be written. */
bool dump_open(const char *path);
/* Does nothing unless it was opened. */
void dump_world(struct world *world);

#endif
