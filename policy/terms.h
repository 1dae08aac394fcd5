/*
 * terms: what a record's handling terms (IEP 2.0) let a recipient do with it.
 *
 * What the author has not stated counts as the tightest, and so does everything outside the
 * time in which the terms hold.  How far a record may go is the ceiling's business, which asks
 * of the terms only whether attribution is stated as must-not (docs/decisions/0014).
 * Source: FIRST IEP 2.0.
 */
#ifndef MALLA_POLICY_TERMS_H
#define MALLA_POLICY_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/marking.h"

/* What counts, with nothing left unstated. */
struct terms {
	bool is_in_force;
	enum permitted permitted;
	enum obligation attribution; /* in what is made of the record: exports, reports */
	bool may_notify;             /* the affected parties */
	bool may_resell;
};

/* Whether start and end, as far as they are stated, lie around this time. */
bool terms_are_in_force(const struct marking *marking, uint64_t now_ms);
void terms_of(const struct marking *marking, uint64_t now_ms, struct terms *out);

#endif
