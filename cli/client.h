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
/* What the node said beside its last answer, for people; "" if nothing.  Borrowed until the
   next call. */
const char *client_words(const struct client *client);
/* The node's own organisation, from its home. */
MUST_CHECK enum err client_own_org(const struct home *home, struct org_id *org);

#endif
