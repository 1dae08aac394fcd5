/*
 * names: organisations as people write them: a name, a prefix of the id, a fingerprint.
 */
#ifndef MALLA_CLI_NAMES_H
#define MALLA_CLI_NAMES_H

#include "cli/client.h"
#include "cli/cli.h"
#include "wire/card.h"

struct names_entry {
	struct org_id org;
	char name[NAME_BYTES_MAX + 1];
	bool is_peer;
	bool is_removed;
	bool is_self;
};

struct names {
	uint32_t count;
	struct names_entry at[PEERS_MAX + 1];
};

/* Ask the node for everybody it knows, ourselves included; 0, or the exit code (said). */
int names_load(struct cli *cli, struct client *client, struct names *out);
/* The name, or the first digits of the id.  One of four static buffers. */
const char *names_of(const struct names *names, const uint8_t org[32]);
/* How many the text fits. */
uint32_t names_count(const struct names *names, const char *text);
/* NULL: nobody, or more than one fits; it has been said. */
const struct names_entry *names_find(const struct names *names, const char *text);
/* Whether two names look alike: equal when case, accents, blanks and look-alike letters are
   put aside, or one edit apart. */
bool names_look_alike(const char *a, const char *b);

#endif
