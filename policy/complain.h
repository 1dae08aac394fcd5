/*
 * complain: how the parser fills its error: where, what stands there, what was expected.
 * Only the first complaint of a build counts.  Only policy/ includes it.
 */
#ifndef MALLA_POLICY_COMPLAIN_H
#define MALLA_POLICY_COMPLAIN_H

#include "policy/build.h"

#define N_(text) text /* to be translated by whoever reads it */

/* Texts are English, and go through build->translate; problem may be NULL where what stands there
   is it.  A complaint without an expectation is of ERR_MEMORY alone: asserted. */
void complain(struct build *build, enum err err, const struct scan_token *token,
    const char *problem, const char *expected);
/* ERR_TOO_LARGE: "too many rules, expected at most 64", or so many bytes. */
void complain_most(struct build *build, const struct scan_token *token, const char *problem,
    uint64_t most, bool is_bytes);
/* expected: a bit for each kind of token that could have come. */
void complain_unexpected(struct build *build, const struct scan_token *token, uint64_t expected);
/* A field stands there, and then this. */
void complain_no_op(struct build *build, const struct scan_token *token);
void complain_too_deep(struct build *build);
/* The token is none of the names of `what` ("a TLP label"); some of the count may be "". */
void complain_name(struct build *build, const struct scan_token *token, const char *what,
    const char *const *names, uint32_t count);

#endif
