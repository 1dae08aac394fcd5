/* The records of the layout bench: record n is the same bytes in every run and every layout, so a
 * lookup knows what it must find without keeping it.  Ids and content hashes are spread like
 * SHA-256; observables are 70 % domains of three labels, 20 % IPv4, 10 % SHA-256. */
#ifndef TESTS_BENCH_LAYOUT_DATA_H
#define TESTS_BENCH_LAYOUT_DATA_H

#include <stddef.h>
#include <stdint.h>

enum {
	LAYOUT_BODY = 450,   /* bytes of a record */
	LAYOUT_KEY_MAX = 64, /* of an index key, its first byte saying what it is */
	LAYOUT_LABELS = 64,
	LAYOUT_PARENTS = 3500000 /* registered domains that the hosts stand under */
};

/* Index keys compare by memcmp: a domain is 'd' and its labels reversed, each with a dot behind it;
 * an address is 'a' and four bytes; a hash is 'h' and its first sixteen bytes. */
struct layout_key {
	uint8_t bytes[LAYOUT_KEY_MAX];
	uint32_t len;
};

struct layout_record {
	uint64_t number;
	uint8_t id[32];
	uint8_t content[32];
	struct layout_key observable;
	uint32_t parent_len; /* a domain's key up to its parent's dot, an address's up to its /24 */
	struct layout_key label;
	uint8_t body[LAYOUT_BODY]; /* id, content, length of the observable, it, filler */
};

/* Spread the bits of x; a bijection. */
uint64_t layout_data_mix(uint64_t x);
/* 64 bits that stand for `len` bytes. */
uint64_t layout_data_hash(const uint8_t *bytes, size_t len);
/* Record `number`; numbers from 2^40 on are never stored by the bench. */
void layout_data_record(uint64_t number, struct layout_record *out);

#endif
