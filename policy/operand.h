/*
 * operand: the values of the policy language, by field.  Only policy/ includes it.
 */
#ifndef MALLA_POLICY_OPERAND_H
#define MALLA_POLICY_OPERAND_H

#include "policy/build.h"

/* The text of a value: a bare word as it stands, a string without quotes and escapes, which
   then is in buffer (OBSERVABLE_BYTES_MAX bytes).  False: too long. */
bool operand_unquote(const struct scan_token *token, uint8_t *buffer, struct bytes_view *out);
/* Whether the value is written like a network, so that `in` means containment. */
bool operand_is_network(const struct scan_token *token);
/* Add the node's values to the comparison that build->predicate ends with. */
void operand_add_all(struct build *build, const struct build_node *node);

#endif
