/*
 * check: what must hold whatever goes wrong.  Whatever does not ends the process: report.h.
 */
#ifndef MALLA_TESTS_SIM_CHECK_H
#define MALLA_TESTS_SIM_CHECK_H

#include "tests/sim/world.h"

/* A signature that a keyring has just made. */
void check_signed(struct world_node *node, const struct keyring_item *item);
/* A frame that leaves an honest node. */
void check_frame(struct world_node *node, uint32_t to, struct bytes_view frame);
/* An answer that leaves it. */
void check_answer(struct world_node *node, uint64_t client, struct bytes_view bytes);
/* What a turn has added to its store. */
void check_turn(struct world_node *node);
/* After a start: everything that it has ever signed, said or shown is still so. */
void check_start(struct world_node *node);
/* Queries for up to so many drafts from `first` on, by their values: each finds what the node
   holds of it, once, and nothing else. */
void check_queries(struct world_node *node, uint32_t first, uint32_t most);

#endif
