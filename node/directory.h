/*
 * directory: the organisations whose cards are known, in memory, and which of them are peers.
 */
#ifndef MALLA_NODE_DIRECTORY_H
#define MALLA_NODE_DIRECTORY_H

#include "node/state.h"

/* Everything again from the store; sessions begin anew. */
MUST_CHECK enum err directory_load(struct core *core);
void directory_clear(struct core *core);
/* NULL: no card of it is known. */
struct member *directory_find(const struct core *core, const struct org_id *org);
/* The peer (not removed) whose newest card has this transport key, or NULL. */
struct member *directory_by_key(const struct core *core, const struct transport_key *key);
/* The card with this serial, newest or older; false: not known.  Our own included. */
bool directory_card_at(struct core *core, const struct org_id *org, uint64_t serial,
    struct card_facts *out);
/* The card that was the newest known at that time; false: none was, or the store failed (noted). */
bool directory_card_then(
    struct core *core, const struct org_id *org, uint64_t at_ms, struct card_facts *out);
/* Verify a card package from anywhere and keep it: a stranger's too, for authors of forwarded
   records.  *member may be NULL in the call.  An older or known card changes nothing.
   The reason says why a package was not taken. */
enum reason directory_learn(struct core *core, struct bytes_view package, struct member **member);
/* Make a known organisation a peer (again), or remove it; both written to the store. */
void directory_add(struct core *core, struct member *member, struct bytes_view name);
void directory_remove(struct core *core, struct member *member);
/* Label, card's name or "?"; ours too.  Static or the member's. */
const char *directory_name(const struct core *core, const struct org_id *org);
/* Whether a claimed time lies in the card's validity and, where it is revoked, before the
   cut-off.  REASON_STORED, REASON_STALE_CARD or REASON_REVOKED. */
enum reason directory_card_counts(const struct card_facts *card, uint64_t time_ms);
/* The facts of a card that was decoded. */
void directory_facts(const struct card *card, struct card_facts *out);

#endif
