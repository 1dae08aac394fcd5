/*
 * handling: the handling terms (IEP 2.0) that `share` and `import` state about what they share.
 */
#ifndef MALLA_CLI_HANDLING_H
#define MALLA_CLI_HANDLING_H

#include "cli/options.h"
#include "wire/marking.h"

struct handling_options {
	const char *purpose, *basis, *permitted, *attribution, *notification, *resale, *from, *until;
};
#define HANDLING_SPECS 8u

/* Fill HANDLING_SPECS of them; returns that. */
uint32_t handling_specs(struct handling_options *options, struct option_spec *specs);
/* Into the marking; its label stays.  0, or the exit code (said).  Texts are borrowed. */
int handling_take(const struct handling_options *options, struct marking *marking);

#endif
