#include "policy/policy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "policy/compose.h"
#include "policy/trial.h"

/* A hold releases to a peer that a later rule would share with, and to nobody else: what no
   rule shares is denied, personal or not.  docs/decisions/0007-default-policy-holds.md */
static const char default_text[] =
    "policy \"default\"\n"
    "\n"
    "outbound {\n"
    "  hold(1)  personal       where type in (email, phone, clabe, iban, card) to audience\n"
    "  hold(1)  personal-open  where type in (email, phone, clabe, iban, card)"
    " and tlp <= green and audience = nobody\n"
    "  share    named          to audience\n"
    "  share    open           where tlp <= green and audience = nobody to anybody\n"
    "  deny     rest\n"
    "}\n"
    "\n"
    "inbound {\n"
    "  accept  every-peer\n"
    "  refuse  rest\n"
    "}\n";

/* Of a peer it asks more than whether the record's audience names it. */
static bool
tells_peers_apart(const struct predicate *predicate)
{
	uint16_t i, n;

	for (i = 0; i < predicate->nodes_count; i++) {
		const struct predicate_node *node = &predicate->nodes[i];

		if (predicate_op_is_group(node->op) || !predicate_field_is_peer(node->field))
			continue;
		if (node->field != PREDICATE_PEER_ROLE)
			return true;
		for (n = 0; n < node->values; n++) {
			if (predicate_value_at(predicate, node, n)->number != PREDICATE_NAMED)
				return true;
		}
	}
	return false;
}

static bool
does_outbound_tell_peers_apart(const struct policy *policy)
{
	const struct policy_rules *rules = &policy->outbound;
	uint32_t i;

	for (i = 0; i < rules->count; i++) {
		if (tells_peers_apart(&rules->at[i].where) ||
		    tells_peers_apart(&rules->at[i].party))
			return true;
	}
	for (i = 0; i < policy->required.count; i++) {
		if (tells_peers_apart(&policy->required.at[i].where))
			return true;
	}
	return false;
}

enum err
policy_open(struct bytes_view text, const char *(*translate)(const char *), struct policy **out,
    struct policy_errors *errors)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	enum err err;

	if (errors != NULL) {
		errors->count = 0;
		errors->has_more = false;
	}
	if (policy == NULL)
		return ERR_MEMORY;
	bytes_init(&policy->text, POLICY_BYTES_MAX);
	/* canonical values may be longer than what was written */
	bytes_init(&policy->arena, 4 * (size_t)POLICY_BYTES_MAX);
	err = compose_read(policy, text, translate, errors);
	if (err != ERR_NONE) {
		policy_free(policy);
		return err;
	}
	digest_sha256(text, &policy->hash);
	policy->tells_peers_apart = does_outbound_tell_peers_apart(policy);
	*out = policy;
	return ERR_NONE;
}

enum err
policy_open_default(struct policy **out)
{
	return policy_open(policy_default_text(), NULL, out, NULL);
}

void
policy_free(struct policy *policy)
{
	uint32_t i;

	if (policy == NULL)
		return;
	for (i = 0; i < policy->lists_count; i++)
		list_free(policy->lists[i].list);
	for (i = 0; i < policy->trials_count; i++)
		free(policy->trials[i].steps);
	free(policy->trials);
	free(policy->outbound.at);
	free(policy->required.at);
	free(policy->inbound.at);
	free(policy->retain.at);
	bytes_release(&policy->text);
	bytes_release(&policy->arena);
	free(policy);
}

struct bytes_view
policy_default_text(void)
{
	return bytes_view_str(default_text);
}

struct privacy_own
policy_own_of(const struct policy *policy)
{
	return (struct privacy_own){policy->own.ranges_count, policy->own.ranges,
	    policy->own.domains_count, policy->own.domains};
}

const struct policy_rules *
policy_rules_of(const struct policy *policy, enum rule_direction direction)
{
	switch (direction) {
	case RULE_OUTBOUND:
		return &policy->outbound;
	case RULE_INBOUND:
		return &policy->inbound;
	case RULE_RETENTION:
		break;
	}
	return &policy->retain;
}

enum err
policy_give_list(struct policy *policy, uint32_t i, struct bytes_view bytes)
{
	struct list *list = NULL;
	struct hash hash;
	enum err err;

	assert(i < policy->lists_count && policy->lists[i].list == NULL);
	err = list_open(bytes, &list, NULL);
	if (err != ERR_NONE)
		return err;
	list_hash(list, &hash);
	if (policy->lists[i].has_hash && !digest_is_equal(&hash, &policy->lists[i].hash)) {
		list_free(list);
		return ERR_PROOF;
	}
	policy->lists[i].list = list;
	policy->lists_ready[i].name = bytes_view_str(policy->lists[i].name);
	policy->lists_ready[i].list = list;
	return ERR_NONE;
}

/* ------------------------------------------------------------------ names */

struct names {
	const struct policy *policy;
	predicate_community_fn community;
	void *context;
};

static char rehearsal;

/* A community whose id the policy states needs nobody to say what it is. */
static enum err
resolve_community(void *context, struct bytes_view name, struct community_id *out)
{
	const struct names *names = context;
	const struct policy *policy = names->policy;
	uint32_t i;

	/* in a rehearsal a community is what the tests call so */
	for (i = 0; i < policy->communities_count && names->context != &rehearsal; i++) {
		if (policy->communities[i].has_id &&
		    bytes_view_is_equal(name, bytes_view_str(policy->communities[i].name))) {
			*out = policy->communities[i].id;
			return ERR_NONE;
		}
	}
	return names->community(names->context, name, out);
}

static enum err
resolve_tree(
    struct predicate *tree, predicate_author_fn org, struct names *names, struct bytes_view *name)
{
	enum err err = predicate_resolve_authors(tree, org, names->context, name);

	if (err == ERR_NONE)
		err = predicate_resolve_communities(tree, resolve_community, names, name);
	return err;
}

static enum err
resolve_rules(struct policy_rules *rules, predicate_author_fn org, struct names *names,
    struct bytes_view *name)
{
	enum err err = ERR_NONE;
	uint32_t i;

	for (i = 0; i < rules->count && err == ERR_NONE; i++) {
		err = resolve_tree(&rules->at[i].where, org, names, name);
		if (err == ERR_NONE)
			err = resolve_tree(&rules->at[i].party, org, names, name);
	}
	return err;
}

enum err
policy_resolve(struct policy *policy, predicate_author_fn org, predicate_community_fn community,
    void *context, struct bytes_view *name)
{
	struct names names = {policy, community, context};
	enum err err;
	uint32_t i;

	for (i = 0; i < policy->lists_count; i++) {
		if (policy->lists[i].list == NULL) {
			if (name != NULL)
				*name = bytes_view_str(policy->lists[i].name);
			return ERR_MISSING;
		}
	}
	err = resolve_rules(&policy->outbound, org, &names, name);
	for (i = 0; i < policy->required.count && err == ERR_NONE; i++)
		err = resolve_tree(&policy->required.at[i].where, org, &names, name);
	if (err == ERR_NONE)
		err = resolve_rules(&policy->inbound, org, &names, name);
	if (err == ERR_NONE)
		err = resolve_rules(&policy->retain, org, &names, name);
	return err;
}

static enum err
rehearse_org(void *context, struct bytes_view name, struct org_id *out)
{
	(void)context;
	trial_org(name, out);
	return ERR_NONE;
}

static enum err
rehearse_community(void *context, struct bytes_view name, struct community_id *out)
{
	(void)context;
	trial_community(name, out);
	return ERR_NONE;
}

enum err
policy_rehearse(struct policy *policy)
{
	return policy_resolve(policy, rehearse_org, rehearse_community, &rehearsal, NULL);
}
