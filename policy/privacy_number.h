/*
 * privacy_number: what is written in digits: CLABE, payment cards, telephone numbers.
 */
#ifndef MALLA_POLICY_PRIVACY_NUMBER_H
#define MALLA_POLICY_PRIVACY_NUMBER_H

#include "policy/privacy_text.h"

/* Look at the digits that begin at `start`, and at those that follow over small gaps; gives where
   reading goes on, behind `start`. */
size_t privacy_number_read(struct privacy_text *text, size_t start);

#endif
