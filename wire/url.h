/*
 * url: SCHEME://AUTHORITY/PATH?QUERY#FRAGMENT, and its one spelling.
 *
 * Syntax-based normalisation of RFC 3986 section 6.2.2, and of the scheme for the ports that
 * everybody knows; nothing that could make two resources one.
 */
#ifndef MALLA_WIRE_URL_H
#define MALLA_WIRE_URL_H

#include <stdbool.h>

#include "base/bytes.h"

struct url_parts {
	struct bytes_view scheme;
	struct bytes_view host; /* without the brackets of an IPv6 address */
	bool is_address;        /* the host is an address, not a domain */
};

/* Append the canonical spelling of text.  ERR_VALUE: not UTF-8, no scheme and "://", a host
   that is neither a domain nor an address, a port that is no port; ERR_TOO_LARGE.  No defanging:
   that is observable_parse's.  What was appended before a failure stays.

   Outside userinfo, brackets "(" and ")" are kept; every other bracket, and those within
   userinfo, come out percent-encoded, so that no spelling looks defanged. */
MUST_CHECK enum err url_parse(struct bytes_view text, struct bytes *out);
/* The parts of a canonical url, borrowed from it.  False: it is not one. */
bool url_split(struct bytes_view url, struct url_parts *parts);

#endif
