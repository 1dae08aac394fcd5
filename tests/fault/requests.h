/*
 * requests: what A's client asks for: drafts that differ by a number, from which their label and
 * their audience follow, and by which they are counted afterwards.
 */
#ifndef MALLA_TESTS_FAULT_REQUESTS_H
#define MALLA_TESTS_FAULT_REQUESTS_H

#include "tests/fault/world.h"

#define REQUESTS_MIXED_FIRST 1000u /* from here on, labels and audiences are mixed */
#define REQUESTS_CHARTER 900u      /* no value: the charter of the community that both are in */
#define REQUESTS_SECOND 601u       /* the one value of a second request */
#define REQUESTS_FILLER 2000u      /* from here on, they stay at home */

/* Encode a request for these values, under this id, and want them from now on. */
void requests_encode(struct world *world, const uint32_t *values, uint32_t count, uint32_t id,
    struct bytes *out);
/* Found the community of both: A's client asks for its charter, and it is wanted. */
void requests_found(struct world *world);
/* For the values of an input. */
void requests_of_input(struct world *world, enum world_input input, uint32_t id,
    struct bytes *out);

#endif
