/*
 * complain: how the parser fills its error: where, what stands there, what was expected.
 * Only the first complaint of a build counts.  Only policy/ includes it.
 */
#ifndef MALLA_POLICY_COMPLAIN_H
#define MALLA_POLICY_COMPLAIN_H

#include "policy/build.h"

#define N_(text) text /* to be translated by whoever reads it */

/* Texts are English, and go through build->translate; problem and expected may be NULL. */
void complain(struct build *build, enum err err, const struct scan_token *token,
    const char *problem, const char *expected);
/* expected: a bit for each kind of token that could have come. */
void complain_unexpected(struct build *build, const struct scan_token *token, uint64_t expected);
/* A field stands there, and then this. */
void complain_no_op(struct build *build, const struct scan_token *token);
void complain_too_deep(struct build *build);
/* The token is none of the names of `what` ("a TLP label"); some of the count may be "". */
void complain_name(struct build *build, const struct scan_token *token, const char *what,
    const char *const *names, uint32_t count);

#endif
