/*
 * condition: a predicate as somebody typed it, made ready for the node.
 */
#ifndef MALLA_CLI_CONDITION_H
#define MALLA_CLI_CONDITION_H

#include "cli/names.h"
#include "wire/predicate.h"

/* Parse it, resolve the names of organisations and append its canonical bytes to `encoded`.
   `what` stands before the message about what is wrong with it.  0, or the exit code (said). */
int condition_take(const struct names *names, const char *what, const char *text,
    struct predicate *predicate, struct bytes *encoded);

#endif
