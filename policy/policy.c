#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "policy/parse.h"

/* The same policy twice: as text, and as the rows from which the rules are made.  A test
   writes the rules out and holds them against the text, byte for byte. */
static const char default_text[] =
    "policy \"default\"\n"
    "\n"
    "outbound {\n"
    "  hold(1)    personal        where type in (email, phone, clabe, iban, card) to audience\n"
    "  hold(1)    personal-open   where type in (email, phone, clabe, iban, card)"
    " and tlp <= green and audience = nobody\n"
    "  share      named           to audience\n"
    "  share      open            where tlp <= green and audience = nobody to anybody\n"
    "  deny       rest\n"
    "}\n"
    "inbound {\n"
    "  accept     every-peer\n"
    "  refuse     rest\n"
    "}\n";

#define PERSONAL "type in (email, phone, clabe, iban, card)"
#define OPEN "tlp <= green and audience = nobody"

struct row {
	enum rule_action action;
	uint32_t approvers;
	const char *name;
	const char *where; /* empty: every record */
	enum rule_party party;
};

/* A hold releases to a peer that a later rule would share with, and to nobody else: what no
   rule shares is denied, personal or not. */
static const struct row default_outbound[] = {
    {RULE_HOLD, 1, "personal", PERSONAL, RULE_AUDIENCE},
    {RULE_HOLD, 1, "personal-open", PERSONAL " and " OPEN, RULE_ANYBODY},
    {RULE_SHARE, 0, "named", "", RULE_AUDIENCE},
    {RULE_SHARE, 0, "open", OPEN, RULE_ANYBODY},
    {RULE_DENY, 0, "rest", "", RULE_ANYBODY},
};

static const struct row default_inbound[] = {
    {RULE_ACCEPT, 0, "every-peer", "", RULE_ANYBODY},
    {RULE_REFUSE, 0, "rest", "", RULE_ANYBODY},
};

static enum err
make_rules(const struct row *rows, uint32_t count, struct policy_rules *out)
{
	uint32_t i;

	out->at = calloc(count, sizeof(*out->at));
	if (out->at == NULL)
		return ERR_MEMORY;
	out->count = count;
	for (i = 0; i < count; i++) {
		struct rule *rule = &out->at[i];
		enum err err;

		rule->action = rows[i].action;
		rule->approvers = rows[i].approvers;
		rule->party = rows[i].party;
		(void)snprintf(rule->name, sizeof(rule->name), "%s", rows[i].name);
		predicate_init(&rule->where);
		if (rows[i].where[0] == '\0')
			continue;
		err = parse_predicate(bytes_view_str(rows[i].where), &rule->where, NULL);
		if (err != ERR_NONE)
			return err;
	}
	return ERR_NONE;
}

enum err
policy_open_default(struct policy **out)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	enum err err;

	if (policy == NULL)
		return ERR_MEMORY;
	(void)snprintf(policy->name, sizeof(policy->name), "default");
	digest_sha256(policy_default_text(), &policy->hash);
	err = make_rules(default_outbound, sizeof(default_outbound) / sizeof(*default_outbound),
	    &policy->outbound);
	if (err == ERR_NONE)
		err = make_rules(default_inbound,
		    sizeof(default_inbound) / sizeof(*default_inbound), &policy->inbound);
	if (err != ERR_NONE) {
		policy_free(policy);
		return err;
	}
	*out = policy;
	return ERR_NONE;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	free(policy->outbound.at);
	free(policy->inbound.at);
	free(policy);
}

struct bytes_view
policy_default_text(void)
{
	return bytes_view_str(default_text);
}

static void
append(struct bytes *out, const char *text)
{
	bytes_append(out, text, strlen(text));
}

static void
write_rules(const struct policy_rules *rules, const char *direction, struct bytes *out)
{
	uint32_t i;

	append(out, direction);
	append(out, " {\n");
	for (i = 0; i < rules->count; i++)
		rule_write(&rules->at[i], out);
	append(out, "}\n");
}

void
policy_write(const struct policy *policy, struct bytes *out)
{
	const char *at;

	append(out, "policy \"");
	for (at = policy->name; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\')
			append(out, "\\");
		bytes_append(out, at, 1);
	}
	append(out, "\"\n\n");
	write_rules(&policy->outbound, "outbound", out);
	write_rules(&policy->inbound, "inbound", out);
}
