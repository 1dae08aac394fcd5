/*
 * script: the grammar's actions for the tests in a policy file.  Only policy/ includes it.
 */
#ifndef MALLA_POLICY_SCRIPT_H
#define MALLA_POLICY_SCRIPT_H

#include "policy/compose.h"
#include "policy/section.h"

void script_begin(
    struct build *build, const struct scan_token *token, const struct scan_token *name);
void script_end(struct build *build);
void script_at(struct build *build, const struct scan_token *token, int value);
void script_record(struct build *build, const struct scan_token *token);
void script_set(struct build *build, const struct scan_token *field, int value);
void script_peer(struct build *build, const struct scan_token *token, int value, bool is_to);
/* value may be BUILD_NONE */
void script_fact(struct build *build, const struct scan_token *word, int value);
void script_retain(struct build *build, const struct scan_token *token);
struct section_head script_keep(struct build *build, const struct scan_token *word);
/* by may be NULL */
void script_expect(struct build *build, const struct scan_token *token,
    const struct section_head *head, const struct scan_token *by);

#endif
