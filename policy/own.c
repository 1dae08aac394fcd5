#include "policy/own.h"

#include "policy/complain.h"
#include "wire/observable.h"

static void
take_range(struct build *build, const struct scan_token *token, const struct observable *observable)
{
	struct policy_own *own = &build->compose->policy->own;
	struct privacy_range *range = &own->ranges[own->ranges_count];

	if (own->ranges_count == PRIVACY_OWN_MAX)
		complain_most(build, token, N_("too many networks"), PRIVACY_OWN_MAX, false);
	else if (observable_range(observable, range->first, range->last))
		own->ranges_count++;
}

static void
take_domain(struct build *build, const struct scan_token *token, struct bytes_view domain)
{
	struct policy_own *own = &build->compose->policy->own;

	if (own->domains_count == PRIVACY_OWN_MAX) {
		complain_most(build, token, N_("too many domains"), PRIVACY_OWN_MAX, false);
		return;
	}
	domain = compose_keep_text(build, token, domain);
	if (domain.len > 0)
		own->domains[own->domains_count++] = domain;
}

/* An address, a network or a domain, in any form that people write. */
static void
take_value(struct build *build, const struct scan_token *token)
{
	struct observable observable = {0};
	struct bytes canonical;
	enum err err = ERR_VALUE;

	bytes_init(&canonical, OBSERVABLE_BYTES_MAX);
	if (observable_guess(token->text, &observable.type))
		err = observable_parse(observable.type, token->text, &canonical);
	observable.value = bytes_as_view(&canonical);
	if (err == ERR_MEMORY)
		complain(build, err, token, err_text(err), NULL);
	else if (err == ERR_NONE && observable.type == OBSERVABLE_DOMAIN)
		take_domain(build, token, observable.value);
	else if (err == ERR_NONE &&
		 (observable.type == OBSERVABLE_IPV4 || observable.type == OBSERVABLE_IPV6 ||
		     observable.type == OBSERVABLE_CIDR))
		take_range(build, token, &observable);
	else
		complain(build, ERR_VALUE, token, NULL, N_("an address, a network or a domain"));
	bytes_release(&canonical);
}

void
own_take(struct build *build, const struct scan_token *token, const struct build_operand *values)
{
	int i;

	(void)token;
	for (i = 0; i < values->count && build_is_ok(build); i++)
		take_value(build, &build->values[values->first + i]);
}
