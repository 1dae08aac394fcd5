#include "policy/terms.h"

bool
terms_are_in_force(const struct marking *marking, uint64_t now_ms)
{
	return (marking->start_ms == 0 || marking->start_ms <= now_ms) &&
	       (marking->end_ms == 0 || now_ms < marking->end_ms);
}

void
terms_of(const struct marking *marking, uint64_t now_ms, struct terms *out)
{
	*out = (struct terms){.is_in_force = terms_are_in_force(marking, now_ms),
	    .permitted = PERMITTED_NONE,
	    .attribution = OBLIGATION_MUST_NOT};
	if (!out->is_in_force)
		return;
	if (marking->permitted != MARKING_UNSTATED)
		out->permitted = (enum permitted)marking->permitted;
	if (marking->attribution != MARKING_UNSTATED)
		out->attribution = (enum obligation)marking->attribution;
	out->may_notify = marking->notification == OBLIGATION_MAY;
	out->may_resell = marking->resale == OBLIGATION_MAY;
}
