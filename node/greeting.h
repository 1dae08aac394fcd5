/*
 * greeting: what the session machine asks for, done: HELLO, CARD, REFUSAL, back-off.
 */
#ifndef MALLA_NODE_GREETING_H
#define MALLA_NODE_GREETING_H

#include "node/state.h"

/* Run one event through the peer's session and perform what it asks for. */
void greeting_event(struct core *core, struct member *member, enum session_event event);
/* HELLO, CARD and REFUSAL messages of an authenticated peer. */
void greeting_hello(struct core *core, struct member *member, const struct hello *hello);
void greeting_cards(struct core *core, struct member *member,
    const struct exchange_message *message);
void greeting_refused(struct core *core, struct member *member,
    const struct exchange_message *message);
/* Send a refusal for a message of `type` (0: unreadable), count it, and remember it for the
   summary leaf.  number 0: it was no envelope. */
void greeting_refuse(struct core *core, struct member *member, enum reason reason, uint64_t type,
    uint64_t number);
/* Send cards: own (org NULL), or that of another organisation.  False: it is not known. */
bool greeting_send_card(struct core *core, struct member *member, const struct org_id *org);
/* A newer card of a member is known now; facts are taken over, keys and links follow. */
void greeting_card_changed(struct core *core, struct member *member,
    const struct card_facts *facts);
/* Retries, timeouts, refreshes. */
void greeting_tick(struct core *core, struct member *member);
/* When greeting_tick is due for this member. */
uint64_t greeting_next_ms(const struct core *core, const struct member *member);
/* Write the summary leaf of the refusals of the last minute, if there were any. */
void greeting_summary(struct core *core, struct member *member);
/* Remember, for `malla status`, why this peer was last down or refused. */
void greeting_note(struct core *core, struct member *member, enum reason reason,
    const char *words);
/* Remember the newest head of the peer's log.  One that contradicts what we saw is reported;
   is_current: it is the head of this moment, so it may not be smaller either. */
void greeting_note_head(struct core *core, struct member *member, const struct head *head,
    bool is_current);
/* Encode a message and send it. */
void greeting_send(struct core *core, const struct member *member,
    const struct exchange_message *message);

#endif
