/*
 * dispatch: envelopes in the making.  Each has its number and its wrapped key at once; all of
 * them are signed by one call, then written down, and leave after the commit.
 */
#ifndef MALLA_NODE_DISPATCH_H
#define MALLA_NODE_DISPATCH_H

#include "node/outgoing.h"
#include "node/state.h"

MUST_CHECK enum err dispatch_open(struct core *core);
void dispatch_free(struct core *core);
/* One envelope to this peer with a selection of the loaded batch.  False: there is none, since
   the store failed (noted), or since nothing can be wrapped for the peer's key: then it is sent
   nothing before it greets again. */
bool dispatch_add(
    struct core *core, struct member *member, struct selection *selection, const char *rule);
/* Sign, log and send what was added since; nothing may be left of it when the turn ends. */
void dispatch_flush(struct core *core);
/* The turn is lost: so is what was added. */
void dispatch_forget(struct core *core);
/* An envelope that was signed before, once more. */
void dispatch_again(struct core *core, struct member *member, struct bytes_view signed_envelope,
    struct ciphertext *ciphertext);

#endif
