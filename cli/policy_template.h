/*
 * policy_template: the files of examples/policies, as they stand there (written by
 * cli/templates.sh while the program is built).
 */
#ifndef MALLA_CLI_POLICY_TEMPLATE_H
#define MALLA_CLI_POLICY_TEMPLATE_H

#include <stddef.h>

struct policy_template {
	const char *name; /* "bank.policy" */
	const unsigned char *bytes;
	size_t len;
};

extern const struct policy_template policy_template_files[];
extern const size_t policy_template_count;

#endif
