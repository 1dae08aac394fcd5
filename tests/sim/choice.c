#include "tests/sim/choice.h"

#include <string.h>

static uint64_t
mix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t
rotate(uint64_t value, unsigned by)
{
	return (value << by) | (value >> (64 - by));
}

void
choice_open(struct choice *choice, uint64_t seed, uint64_t purpose)
{
	uint64_t state = seed;
	int i;

	state = mix(&state) ^ (purpose * UINT64_C(0xd6e8feb86659fd93));
	for (i = 0; i < 4; i++)
		choice->state[i] = mix(&state);
}

uint64_t
choice_next(struct choice *choice)
{
	uint64_t *s = choice->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

uint32_t
choice_below(struct choice *choice, uint32_t count)
{
	return (uint32_t)(((choice_next(choice) >> 32) * count) >> 32);
}

uint64_t
choice_between(struct choice *choice, uint64_t least, uint64_t most)
{
	return least + choice_next(choice) % (most - least + 1);
}

bool
choice_is(struct choice *choice, uint32_t per_mille)
{
	return choice_below(choice, 1000) < per_mille;
}

void
choice_fill(struct choice *choice, void *out, size_t len)
{
	uint8_t *at = out;

	while (len > 0) {
		uint64_t word = choice_next(choice);
		size_t take = len < sizeof(word) ? len : sizeof(word);

		memcpy(at, &word, take);
		at += take;
		len -= take;
	}
}
