/*
 * resolver: the address behind an endpoint's name, without making anybody wait.
 *
 * libzmq resolves names in the thread that serves every connection: one name server that does
 * not answer would silence all peers.  So names are looked up in threads of their own (the C
 * library's, getaddrinfo_a(3)), and libzmq is given addresses only.
 */
#ifndef MALLA_NODE_RESOLVER_H
#define MALLA_NODE_RESOLVER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/limits.h"

#define RESOLVER_TEXT_BYTES (ENDPOINT_BYTES_MAX + 1)

struct resolver;

/* Whether the endpoint, tcp://host:port, has an address already and no name. */
bool resolver_is_address(const char *endpoint);
/* Begin to look up the name in an endpoint.  ERR_VALUE: not tcp://host:port; ERR_MEMORY;
   ERR_SYSTEM: no thread for it. */
MUST_CHECK enum err resolver_open(const char *endpoint, struct resolver **out);
/* The same endpoint with an address in the name's place; where there are several, the one that
   `choice` falls on.  ERR_NO: not known yet; ERR_NOT_FOUND: the name has no address. */
MUST_CHECK enum err resolver_take(
    struct resolver *resolver, uint32_t choice, char text[RESOLVER_TEXT_BYTES]);
/* Done, or no longer wanted: a lookup that runs on is forgotten when it ends. */
void resolver_free(struct resolver *resolver);

#endif
