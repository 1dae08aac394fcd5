/*
 * filter: says of a key that it is not there, or may be: a Bloom filter whose bits of one key
 * all lie in one cache line (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom
 * Filters, 2007).
 */
#ifndef MALLA_STORE_FILTER_H
#define MALLA_STORE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define FILTER_LINE_BYTES 64u
#define FILTER_BITS_PER_HASH 12u /* about one false answer in 150 */

struct filter {
	uint8_t *lines;
	uint32_t lines_count;
};

/* Not cryptographic: whoever makes keys collide makes lookups read a page more. */
uint64_t filter_hash(uint64_t seed, struct bytes_view key);

/* Room for so many hashes; ERR_MEMORY. */
MUST_CHECK enum err filter_open(struct filter *filter, uint64_t hashes);
void filter_release(struct filter *filter);
void filter_clear(struct filter *filter);
void filter_add(struct filter *filter, uint64_t hash);
/* An empty filter (no lines) has everything. */
bool filter_has(const struct filter *filter, uint64_t hash);

#endif
