/*
 * intake: one envelope that came from a peer: verified, decided, stored, receipted.
 *
 * What a resend could mend is refused (and settles nothing); what the sender's signature
 * covers and no resend can mend is settled by a receipt that refuses every record.
 * docs/protocol.md 9.4
 */
#ifndef MALLA_NODE_INTAKE_H
#define MALLA_NODE_INTAKE_H

#include "node/state.h"

/* ciphertext and signed thing are borrowed for the call. */
void intake_envelope(struct core *core, struct member *member,
    const struct exchange_message *message);

#endif
