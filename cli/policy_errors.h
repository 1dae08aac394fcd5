/*
 * policy_errors: what is wrong with a policy file, told to a person and to a program.
 */
#ifndef MALLA_CLI_POLICY_ERRORS_H
#define MALLA_CLI_POLICY_ERRORS_H

#include "base/json_out.h"
#include "cli/cli.h"
#include "policy/policy.h"

/* On stderr, each with its place, its line and a caret. */
void policy_errors_print(
    const struct cli *cli, const char *path, const struct policy_errors *errors);
/* The member "errors" of the object that is open. */
void policy_errors_json(struct json_out *json, const struct policy_errors *errors);

#endif
