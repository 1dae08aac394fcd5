/*
 * privacy_code: codes of letters and digits: CURP, RFC, IBAN.
 *
 * Each is asked about a candidate that begins a word at `start`; 0: it is none, else where it ends.
 */
#ifndef MALLA_POLICY_PRIVACY_CODE_H
#define MALLA_POLICY_PRIVACY_CODE_H

#include "policy/privacy_text.h"

/* `end`: of the shape that the scanner saw. */
size_t privacy_code_curp(struct privacy_text *text, size_t start, size_t end);
size_t privacy_code_rfc(struct privacy_text *text, size_t start, size_t end);
size_t privacy_code_iban(struct privacy_text *text, size_t start);

#endif
