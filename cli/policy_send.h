/*
 * policy_send: the lists of a policy file on their way to the node, in parts; what is there
 * already is not sent again.
 */
#ifndef MALLA_CLI_POLICY_SEND_H
#define MALLA_CLI_POLICY_SEND_H

#include "cli/client.h"
#include "cli/policy_load.h"

/* Read a policy file with its lists, say what is wrong with it, and send its lists.  *lists (of
   struct policy_list_name) borrows from items.  0, or the exit code (it has been said). */
int policy_send(struct cli *cli, struct client *client, const char *path,
    struct policy_load *load, struct schema_list *lists, struct bytes *items);

#endif
