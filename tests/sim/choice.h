/*
 * choice: streams of choices that a seed decides (xoshiro256**, seeded by splitmix64).  Streams
 * of different purposes know nothing of each other: drawing more from one changes no other.
 */
#ifndef MALLA_TESTS_SIM_CHOICE_H
#define MALLA_TESTS_SIM_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct choice {
	uint64_t state[4];
};

void choice_open(struct choice *choice, uint64_t seed, uint64_t purpose);
uint64_t choice_next(struct choice *choice);
/* 0..count - 1; count > 0. */
uint32_t choice_below(struct choice *choice, uint32_t count);
/* From least to most, both included. */
uint64_t choice_between(struct choice *choice, uint64_t least, uint64_t most);
/* So many times of a thousand. */
bool choice_is(struct choice *choice, uint32_t per_mille);
void choice_fill(struct choice *choice, void *out, size_t len);

#endif
