/*
 * observables: the keys by which records are found through their observables, in an order in
 * which questions about networks and parent domains are ranges:
 *
 *     ipv4, ipv6   first address (16 bytes), value
 *     cidr         first address, last address, value
 *     domain       the labels backwards, each with its dot: "example.evil." for evil.example
 *     url, email   the host likewise (nothing if it has none), a zero byte, value
 *     others       value
 *
 * The value can be had back from every key.
 */
#ifndef MALLA_STORE_OBSERVABLES_H
#define MALLA_STORE_OBSERVABLES_H

#include "base/bytes.h"
#include "base/limits.h"
#include "wire/observable.h"

#define OBSERVABLES_KEY_BYTES_MAX (2u * OBSERVABLE_BYTES_MAX + 32u)
#define OBSERVABLES_ADDRESS_BYTES 16u

/* Write the key, return its length.  The value must be canonical. */
size_t observables_key(const struct observable *observable,
    uint8_t key[OBSERVABLES_KEY_BYTES_MAX]);
/* "evil.example" as "example.evil.": what the keys under that domain begin with.  Returns the
   length, one more than the host's; an empty host has none. */
size_t observables_host_key(struct bytes_view host, uint8_t *key);
/* The value of a key, borrowed from key or from room; false: not a key of this type. */
bool observables_value(uint64_t type, struct bytes_view key,
    uint8_t room[OBSERVABLE_BYTES_MAX], struct bytes_view *value);

#endif
