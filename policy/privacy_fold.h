/*
 * privacy_fold: text as the gate reads it: one byte a character, whatever the text was wrapped in.
 *
 * Undone are percent-encoding, however often, HTML entities, backslash escapes, quoted-printable
 * and UTF-8 (what is none is read as Latin-1); forms of a character, digits of other scripts and
 * letters that look like Latin ones become the plain one; marks and what has no width disappear.
 */
#ifndef MALLA_POLICY_PRIVACY_FOLD_H
#define MALLA_POLICY_PRIVACY_FOLD_H

#include <stdbool.h>

#include "base/bytes.h"

/* What a folded text has beside ASCII. */
#define PRIVACY_FOLD_OTHER 0x01u  /* a sign */
#define PRIVACY_FOLD_SOFT 0x02u   /* the end of a line that the text does not have */
#define PRIVACY_FOLD_LETTER 0x80u /* of a script that is not Latin */
#define PRIVACY_FOLD_ENE 0xf1u    /* n with a tilde, small or capital */

#define PRIVACY_FOLD_ALIKE 0x80000000u /* of a place: the letter only looks like what it became */

/* Whether folding would change nothing. */
bool privacy_fold_is_plain(struct bytes_view raw);
/* Fold raw from *at on, until room characters are written or raw ends; the offset in raw of each
   goes to `from`.  Returns how many; *at is where the next one begins. */
size_t privacy_fold(struct bytes_view raw, size_t *at, uint8_t *text, uint32_t *from, size_t room);

#endif
