/*
 * address: IPv4 and IPv6 addresses and blocks of them, and their one spelling.
 *
 * Everything works on 16 bytes; IPv4 is ::ffff:0:0/96.  RFC 4291, 4632, 5952
 */
#ifndef MALLA_WIRE_ADDRESS_H
#define MALLA_WIRE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* "2001:db8:1111:2222:3333:4444:5555:6666/128" is the longest; the mixed form is shorter. */
#define ADDRESS_TEXT_MAX 49u

/* Each appends the canonical spelling of text; ERR_VALUE: it is not one.  No blanks, no
   defanging: that is observable_parse's.  What was appended before a failure stays. */
/* A strict dotted quad: four decimal numbers without leading zeros. */
MUST_CHECK enum err address_parse_ipv4(struct bytes_view text, struct bytes *out);
/* Any RFC 4291 spelling, in brackets or not; no zone. */
MUST_CHECK enum err address_parse_ipv6(struct bytes_view text, struct bytes *out);
/* ADDRESS/BITS of either family; the bits of the host are cleared. */
MUST_CHECK enum err address_parse_cidr(struct bytes_view text, struct bytes *out);

/* Whether value is what address_parse_ipv4 would write. */
bool address_check_ipv4(struct bytes_view value);

/* The first and last address of an address or a block, host bits set or not.
   False: it is neither. */
bool address_range(struct bytes_view value, uint8_t first[16], uint8_t last[16]);

#endif
