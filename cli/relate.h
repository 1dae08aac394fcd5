/*
 * relate: what the commands about relations and communities share: communities by name, and
 * signed drafts on their way to the node.
 */
#ifndef MALLA_CLI_RELATE_H
#define MALLA_CLI_RELATE_H

#include "cli/client.h"
#include "cli/names.h"
#include "wire/record.h"
#include "wire/request_relations.h"

#define RELATE_COMMUNITIES_MAX 256u

/* A community as the node lists it, without its members. */
struct relate_community {
	struct community_id id;
	char name[NAME_BYTES_MAX + 1];
};

struct relate_communities {
	uint32_t count;
	struct relate_community at[RELATE_COMMUNITIES_MAX];
};

/* Every community that the node knows; 0, or the exit code (said). */
int relate_load(struct cli *cli, struct client *client, struct relate_communities *out);
/* By its name, or the first eight digits or more of its id.  NULL: none; *count says how many
   fit.  Nothing is said. */
const struct relate_community *relate_match(
    const struct relate_communities *communities, const char *text, uint32_t *count);
/* The same; NULL has been said. */
const struct relate_community *relate_find(
    const struct relate_communities *communities, const char *text);
/* The name of a community, or the first digits of its id. */
const char *relate_name(const struct relate_communities *communities, const uint8_t id[32]);

/* One community with everything that this organisation may know of it.  *entry borrows from the
   client until its next call.  0, or the exit code (said). */
int relate_get(struct cli *cli, struct client *client, const struct community_id *id,
    struct community_entry *entry);

/* Have the node seal one draft of a relation or charter.  The operator's key signs the request.
   0, or the exit code (said). */
int relate_send(struct cli *cli, struct client *client, const struct record *draft);

#endif
