/*
 * client: one connection to the running node's API.
 */
#ifndef MALLA_CLI_CLIENT_H
#define MALLA_CLI_CLIENT_H

#include "base/bytes.h"
#include "base/home.h"
#include "cli/cli.h"
#include "wire/request.h"

struct client;

/* ERR_UNREACHABLE: no node runs in this home. */
MUST_CHECK enum err client_open(const struct home *home, struct client **out);
void client_close(struct client *client);
/* Ask once; arguments are encoded by their schema.  Commands that must be signed are signed
   with the key of the operator that this user is.  On REASON_STORED the body is decoded into
   *body, whose views are borrowed until the next call.  Everything else has been said on
   stderr already; the exit code is returned, 0 if all is well. */
int client_ask(struct cli *cli, struct client *client, uint64_t command,
    const struct schema *arguments_schema, const void *arguments,
    const struct schema *body_schema, void *body);
/* Several requests at once, of commands that are not signed: their answers come in the order in
   which they were sent, and the node never waits for us to read one before it works on the next.
   What waits is kept, and sent again by the same id where the node was started again. */
#define CLIENT_WINDOW 8u
uint32_t client_waiting(const struct client *client);
/* Fewer than CLIENT_WINDOW may be waiting.  Fails only where the request cannot be encoded. */
MUST_CHECK enum err client_send(struct client *client, uint64_t command,
    const struct schema *arguments_schema, const void *arguments);
/* The answer to the oldest one that waits, as client_ask gives it.  Where none comes, nothing
   waits any more. */
int client_receive(struct client *client, const struct schema *body_schema, void *body);
/* What the node said beside its last answer, for people; "" if nothing.  Borrowed until the
   next call. */
const char *client_words(const struct client *client);
/* The node's own organisation, from its home. */
MUST_CHECK enum err client_own_org(const struct home *home, struct org_id *org);

#endif
