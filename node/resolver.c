#define _GNU_SOURCE /* getaddrinfo_a */
#include "node/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME "tcp://"
#define SCHEME_BYTES (sizeof(SCHEME) - 1)

struct resolver {
	struct resolver *next; /* among the abandoned */
	struct gaicb request;
	struct addrinfo hints;
	char host[ENDPOINT_BYTES_MAX + 1];
	char port[ENDPOINT_BYTES_MAX + 1];
};

/* Lookups that nobody wants and that cannot be cancelled: their memory is still written to. */
static struct resolver *abandoned;

/* Host and port of an endpoint; the brackets of an IPv6 address stay. */
static bool
split(const char *endpoint, char host[ENDPOINT_BYTES_MAX + 1], char port[ENDPOINT_BYTES_MAX + 1])
{
	const char *colon = strrchr(endpoint, ':');
	size_t len = strlen(endpoint), host_len;

	if (len > ENDPOINT_BYTES_MAX || strncmp(endpoint, SCHEME, SCHEME_BYTES) != 0 ||
	    colon == NULL || colon < endpoint + SCHEME_BYTES)
		return false;
	host_len = (size_t)(colon - endpoint) - SCHEME_BYTES;
	if (host_len == 0 || colon[1] == '\0')
		return false;
	memcpy(host, endpoint + SCHEME_BYTES, host_len);
	host[host_len] = '\0';
	memcpy(port, colon + 1, strlen(colon + 1) + 1);
	return true;
}

bool
resolver_is_address(const char *endpoint)
{
	char host[ENDPOINT_BYTES_MAX + 1], port[ENDPOINT_BYTES_MAX + 1];
	struct in_addr address;

	return split(endpoint, host, port) &&
	       (host[0] == '[' || inet_pton(AF_INET, host, &address) == 1);
}

static void
give_back(struct resolver *resolver)
{
	if (resolver->request.ar_result != NULL)
		freeaddrinfo(resolver->request.ar_result);
	free(resolver);
}

/* Forget the abandoned ones that have ended. */
static void
reap(void)
{
	struct resolver **at = &abandoned;

	while (*at != NULL) {
		struct resolver *resolver = *at;

		if (gai_error(&resolver->request) == EAI_INPROGRESS) {
			at = &resolver->next;
			continue;
		}
		*at = resolver->next;
		give_back(resolver);
	}
}

enum err
resolver_open(const char *endpoint, struct resolver **out)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	struct gaicb *list[1];

	if (resolver == NULL)
		return ERR_MEMORY;
	reap();
	if (!split(endpoint, resolver->host, resolver->port)) {
		free(resolver);
		return ERR_VALUE;
	}
	resolver->hints.ai_socktype = SOCK_STREAM;
	resolver->hints.ai_flags = AI_ADDRCONFIG;
	resolver->request.ar_name = resolver->host;
	resolver->request.ar_request = &resolver->hints;
	list[0] = &resolver->request;
	if (getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) != 0) {
		free(resolver);
		return ERR_SYSTEM;
	}
	*out = resolver;
	return ERR_NONE;
}

enum err
resolver_take(struct resolver *resolver, uint32_t choice, char text[RESOLVER_TEXT_BYTES])
{
	int result = gai_error(&resolver->request), len;
	const struct addrinfo *at;
	char address[NI_MAXHOST];
	uint32_t count = 0;

	if (result == EAI_INPROGRESS)
		return ERR_NO;
	if (result != 0)
		return ERR_NOT_FOUND;
	for (at = resolver->request.ar_result; at != NULL; at = at->ai_next)
		count++;
	if (count == 0)
		return ERR_NOT_FOUND;
	at = resolver->request.ar_result;
	for (choice %= count; choice > 0; choice--)
		at = at->ai_next;
	if (getnameinfo(at->ai_addr, at->ai_addrlen, address, sizeof(address), NULL, 0,
		NI_NUMERICHOST) != 0)
		return ERR_NOT_FOUND;
	len = snprintf(text, RESOLVER_TEXT_BYTES,
	    at->ai_family == AF_INET6 ? SCHEME "[%s]:%s" : SCHEME "%s:%s", address, resolver->port);
	return len > 0 && len < (int)RESOLVER_TEXT_BYTES ? ERR_NONE : ERR_NOT_FOUND;
}

void
resolver_free(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	(void)gai_cancel(&resolver->request);
	if (gai_error(&resolver->request) != EAI_INPROGRESS) {
		give_back(resolver);
		return;
	}
	resolver->next = abandoned;
	abandoned = resolver;
}
