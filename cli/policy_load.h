/*
 * policy_load: a policy file and the lists beside it, read in the client: values a line, or MISP's
 * warning lists.
 */
#ifndef MALLA_CLI_POLICY_LOAD_H
#define MALLA_CLI_POLICY_LOAD_H

#include "cli/cli.h"
#include "policy/list.h"
#include "policy/policy.h"

struct policy_load {
	struct cli *cli;
	const char *path;
	struct bytes text;
	struct policy *policy; /* NULL: it cannot be read */
	struct policy_errors errors;
	bool is_good; /* the policy and all its lists */
	bool keeps_lists;
	struct bytes lists[POLICY_LISTS_MAX]; /* canonical, where they are kept */
};

/* Read it, and say on stderr what is wrong with its lists; what is wrong with the text is in
   errors.  A failure is of the system or of memory: then nothing can be said of the file.
   policy_load_release it in any case. */
MUST_CHECK enum err policy_load_file(
    struct policy_load *load, struct cli *cli, const char *path, bool keeps_lists);
void policy_load_release(struct policy_load *load);
/* On stderr: every error of the text, with its place. */
void policy_load_complain(const struct policy_load *load);

#endif
