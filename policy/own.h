/*
 * own: the grammar's action for `own (203.0.113.0/24, bank.example)`: what the privacy gate takes for
 * the organisation's own.  Only policy/ includes it.
 */
#ifndef MALLA_POLICY_OWN_H
#define MALLA_POLICY_OWN_H

#include "policy/compose.h"

void own_take(struct build *build, const struct scan_token *token,
    const struct build_operand *values);

#endif
