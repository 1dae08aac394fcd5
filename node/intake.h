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
/* After the commit: have the keyring sign the receipts of this turn.  ERR_LOCKED: the keyring
   refused, since a head would contradict one it signed. */
MUST_CHECK enum err intake_sign_receipts(struct core *core);
/* In the next turn: store and send them. */
void intake_store_receipts(struct core *core);
/* At the start: rows that were stored but not receipted before a crash. */
MUST_CHECK enum err intake_recover(struct core *core);
void intake_forget(struct core *core);

#endif
