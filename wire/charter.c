#include "wire/charter.h"

#include <string.h>

#include "crypto/digest.h"

enum err
charter_check(const struct charter *charter)
{
	if (charter->serial == 0)
		return ERR_MISSING;
	if (charter->serial == 1)
		return charter->has_community || charter->has_previous ? ERR_VALUE : ERR_NONE;
	return charter->has_community && charter->has_previous ? ERR_NONE : ERR_MISSING;
}

void
charter_hash(struct bytes_view body, struct hash *out)
{
	digest_sha256_pair(bytes_view_str("malla/charter/v1\n"), body, out);
}

void
charter_community(const struct charter *charter, struct bytes_view body, struct community_id *out)
{
	struct hash hash;

	if (charter->has_community) {
		*out = charter->community;
		return;
	}
	charter_hash(body, &hash);
	memcpy(out->bytes, hash.bytes, sizeof(out->bytes));
}

bool
charter_has(const struct charter *charter, const struct org_id *org)
{
	return org_list_has(&charter->members, org) || org_list_has(&charter->stewards, org);
}
