/*
 * account: numbers that name a person's account or line, and their one spelling.
 *
 * The check digits are verified: a number that fails them is a typing error, or not of
 * its kind.
 */
#ifndef MALLA_WIRE_ACCOUNT_H
#define MALLA_WIRE_ACCOUNT_H

#include "base/bytes.h"

/* Each appends the canonical spelling of text; blanks and dashes within it are skipped.
   ERR_VALUE: it is not one; ERR_CHECK_DIGIT.  What was appended before a failure stays. */
/* E.164: '+' or 00, then 8 to 15 digits; "tel:", dots and brackets are skipped as well, but
   "(0)" is refused: whether that digit is dialled depends on where one stands. */
MUST_CHECK enum err account_parse_phone(struct bytes_view text, struct bytes *out);
/* Banco de Mexico's 18 digits: bank, place, account, check digit. */
MUST_CHECK enum err account_parse_clabe(struct bytes_view text, struct bytes *out);
/* ISO 13616, of a country whose length is known. */
MUST_CHECK enum err account_parse_iban(struct bytes_view text, struct bytes *out);
/* ISO/IEC 7812: 12 to 19 digits with Luhn's. */
MUST_CHECK enum err account_parse_card(struct bytes_view text, struct bytes *out);

#endif
