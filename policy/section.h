/*
 * section: the grammar's actions for `outbound`, `inbound` and `retain` and the rules in them.
 * Only policy/ includes it.
 */
#ifndef MALLA_POLICY_SECTION_H
#define MALLA_POLICY_SECTION_H

#include "policy/compose.h"

/* How a rule begins, or what a test expects.  Tokens without text are not there. */
struct section_head {
	enum rule_action action;
	struct scan_token token;
	struct scan_token name;
	struct scan_token count;     /* hold(count) */
	struct build_operand fields; /* redact NAME (fields) */
};

void section_begin(
    struct build *build, enum compose_place place, const struct scan_token *token);
void section_end(struct build *build);
struct section_head section_head(
    enum rule_action action, const struct scan_token *token, const struct scan_token *name);
struct section_head section_hold(const struct scan_token *token, const struct scan_token *count,
    const struct scan_token *name);
struct section_head section_redact(const struct scan_token *token,
    const struct build_operand *fields, const struct scan_token *name);
/* What stands behind a rule's `to` or `from`; root BUILD_NONE: neither stands there. */
struct section_party {
	int root;
	struct scan_token token;
};
struct section_party section_party(
    struct build *build, const struct scan_token *token, int root);
/* require purpose, basis where ... */
void section_require(struct build *build, const struct scan_token *token,
    const struct build_operand *what, int where);
void section_rule(struct build *build, const struct section_head *head, int where,
    const struct section_party *party);

#endif
