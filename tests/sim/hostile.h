/*
 * hostile: an organisation with good keys, known to all, that sends whatever these allow.
 */
#ifndef MALLA_TESTS_SIM_HOSTILE_H
#define MALLA_TESTS_SIM_HOSTILE_H

#include "tests/sim/world.h"

struct hostile;

/* Of the world's hostile node; NULL: it has none, which every function takes. */
struct hostile *hostile_open(struct world *world);
void hostile_free(struct hostile *hostile);
bool hostile_listens(const struct hostile *hostile, uint32_t from);
/* What comes to it: it answers like a node, or not. */
void hostile_hears(struct hostile *hostile, enum core_event_type type, uint32_t from,
    struct bytes_view bytes);
/* It does something, to one of the others. */
void hostile_acts(struct hostile *hostile);

#endif
