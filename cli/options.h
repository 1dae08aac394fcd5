/*
 * options: the options and operands of one command, from one table.
 */
#ifndef MALLA_CLI_OPTIONS_H
#define MALLA_CLI_OPTIONS_H

#include "cli/cli.h"

/* One option: a flag (value NULL), a value (once), or a list of values. */
struct option_spec {
	const char *name; /* with its dashes */
	bool *flag;
	const char **value;
	const char **list; /* LIST_MAX entries */
	uint32_t *count;
};
#define OPTIONS_LIST_MAX 256u

/* Take the options out of cli->argv, wherever they stand; what is left are the operands.
   False: an unknown option, a missing or a second value; it has been said. */
bool options_take(struct cli *cli, const struct option_spec *specs, uint32_t count);
/* Say what an option wants; returns the exit code for that. */
int options_wants(const char *option, const char *wants);

#endif
