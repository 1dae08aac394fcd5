/*
 * clients: what operators ask of their nodes, again and again until they are answered.
 */
#ifndef MALLA_TESTS_SIM_CLIENTS_H
#define MALLA_TESTS_SIM_CLIENTS_H

#include "tests/sim/world.h"

/* Up to so many new drafts to one node. */
void clients_share(struct world *world, uint32_t node, uint32_t most);
/* Drafts that were shared there before, as a new request. */
void clients_share_again(struct world *world, uint32_t node);
/* A request that was made before, answered or not. */
void clients_repeat(struct world *world);
/* Add a peer that it has not, remove one that it has. */
void clients_peer(struct world *world, uint32_t node, uint32_t peer, bool is_add);
/* A policy that shares all with everybody, and takes all from everybody. */
void clients_open(struct world *world, uint32_t node);
/* Something that changes nothing. */
void clients_read(struct world *world, uint32_t node);
/* Whoever has waited too long asks again. */
void clients_ask_again(struct world *world);

#endif
