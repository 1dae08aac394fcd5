/*
 * privacy_mail: mailboxes, and the hosts and addresses that are the organisation's own.
 */
#ifndef MALLA_POLICY_PRIVACY_MAIL_H
#define MALLA_POLICY_PRIVACY_MAIL_H

#include "policy/privacy_text.h"

/* An @ or what is written for it stands from `start` to `end`; where even the dots are words,
   `are_dots_words`.  0: no mailbox, else where it ends. */
size_t privacy_mail_read(struct privacy_text *text, size_t start, size_t end, bool are_dots_words);
/* What begins with the word at `start` may be a host or an address of the organisation. */
void privacy_mail_own(struct privacy_text *text, size_t start);

#endif
