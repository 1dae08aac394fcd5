#include "policy/section.h"

#include <stdio.h>
#include <string.h>

#include "policy/complain.h"
#include "policy/grammar.h"
#include "policy/operand.h"

void
section_begin(struct build *build, enum compose_place place, const struct scan_token *token)
{
	struct compose *compose = build->compose;

	if (compose->has_place[place])
		complain(build, ERR_ORDER, token,
		    N_("this section is there already, and the first rule that matches decides"),
		    NULL);
	compose->has_place[place] = true;
	compose->place = place;
	compose_end(build);
}

void
section_end(struct build *build)
{
	build->compose->place = COMPOSE_TOP;
}

struct section_head
section_head(enum rule_action action, const struct scan_token *token, const struct scan_token *name)
{
	return (struct section_head){.action = action, .token = *token, .name = *name};
}

struct section_head
section_hold(
    const struct scan_token *token, const struct scan_token *count, const struct scan_token *name)
{
	return (struct section_head){
	    .action = RULE_HOLD, .token = *token, .name = *name, .count = *count};
}

struct section_head
section_redact(const struct scan_token *token, const struct build_operand *fields,
    const struct scan_token *name)
{
	return (struct section_head){
	    .action = RULE_REDACT, .token = *token, .name = *name, .fields = *fields};
}

int
section_party(struct build *build, const struct scan_token *token, int root)
{
	bool is_to = token->kind == TOKEN_TO;

	if (build->compose->place == COMPOSE_OUTBOUND && !is_to)
		complain(build, ERR_VALUE, token, N_("records go `to` a peer here"), "`to`");
	if (build->compose->place == COMPOSE_INBOUND && is_to)
		complain(build, ERR_VALUE, token, N_("records come `from` a peer here"), "`from`");
	if (build->compose->place == COMPOSE_RETAIN)
		complain(build, ERR_VALUE, token,
		    N_("what is kept goes to nobody and comes from nobody"), "`where`");
	return build_of_peer(build, root, token);
}

/* ------------------------------------------------------------------ rules */

static struct policy_rules *
rules_of(struct policy *policy, enum compose_place place)
{
	if (place == COMPOSE_OUTBOUND)
		return &policy->outbound;
	return place == COMPOSE_INBOUND ? &policy->inbound : &policy->retain;
}

static void
check_action(struct build *build, const struct section_head *head)
{
	static const char *const expected[] = {
	    [RULE_OUTBOUND] = N_("share, hold, redact or deny"),
	    [RULE_INBOUND] = N_("accept, quarantine or refuse"),
	    [RULE_RETENTION] = N_("erase"),
	};
	enum compose_place place = build->compose->place;
	enum rule_direction direction = place == COMPOSE_OUTBOUND  ? RULE_OUTBOUND
					: place == COMPOSE_INBOUND ? RULE_INBOUND
								   : RULE_RETENTION;

	if (rule_action_direction(head->action) != direction)
		complain(build, ERR_VALUE, &head->token, NULL, expected[direction]);
}

/* The bits of redact NAME (field, ...). */
static uint64_t
read_redacted(struct build *build, const struct build_operand *fields)
{
	static const char *const names[] = {
#define REDACT_NAME(symbol, bit, name) name,
	    RULE_REDACT_TABLE(REDACT_NAME)
#undef REDACT_NAME
#define TYPE_NAME(symbol, code, name, personal) name,
		OBSERVABLE_TABLE(TYPE_NAME)
#undef TYPE_NAME
	};
	uint64_t redacted = 0, bit;
	int i;

	for (i = 0; i < fields->count && build_is_ok(build); i++) {
		const struct scan_token *token = &build->values[fields->first + i];

		if (rule_redact_parse(token->text, &bit))
			redacted |= bit;
		else
			complain_name(build, token, N_("what can be redacted"), names,
			    sizeof(names) / sizeof(*names));
	}
	return redacted;
}

static void
write_tree(struct build *build, int root, struct predicate *out)
{
	if (!build_is_ok(build))
		return;
	build->root = root;
	build_finish(build);
	if (build_is_ok(build))
		*out = build->predicate;
}

/* The peer is nobody in `retain`, where a condition on one would never hold. */
static void
check_retained(struct build *build, const struct predicate *where)
{
	uint16_t i;

	for (i = 0; i < where->nodes_count && build_is_ok(build); i++) {
		if (!predicate_op_is_group(where->nodes[i].op) &&
		    predicate_field_is_peer(where->nodes[i].field))
			complain(build, ERR_VALUE, &build->where[i],
			    N_("what is kept goes to nobody and comes from nobody"), NULL);
	}
}

/* What a rule must say, so that nobody shares with all, or erases all, by leaving a word out. */
static void
check_stated(struct build *build, const struct section_head *head, int where, int party)
{
	if ((head->action == RULE_SHARE || head->action == RULE_REDACT) && party == BUILD_NONE)
		complain(build, ERR_MISSING, &head->token, N_("it does not say to whom"),
		    N_("`to audience`, `to anybody` or a condition behind `to`"));
	if (head->action == RULE_ERASE && where == BUILD_NONE)
		complain(build, ERR_MISSING, &head->token, N_("it does not say what"),
		    N_("`where` and a condition"));
}

static void
check_name(struct build *build, const struct policy_rules *rules, const struct section_head *head)
{
	uint32_t i;

	for (i = 0; i < rules->count && head->name.text.len > 0; i++) {
		if (bytes_view_is_equal(head->name.text, bytes_view_str(rules->at[i].name)))
			complain(build, ERR_ORDER, &head->name,
			    N_("another rule of this section has that name"), NULL);
	}
	if (rules->count == RULES_MAX)
		complain(build, ERR_TOO_LARGE, &head->token, N_("too many rules"), NULL);
}

void
section_rule(struct build *build, const struct section_head *head, int where, int party)
{
	struct policy_rules *rules = rules_of(build->compose->policy, build->compose->place);
	struct rule *rule;

	check_action(build, head);
	check_name(build, rules, head);
	check_stated(build, head, where, party);
	if (!build_is_ok(build))
		return;
	rule = &rules->at[rules->count];
	memset(rule, 0, sizeof(*rule));
	rule->action = head->action;
	rule->line = head->token.place.line;
	if (head->name.text.len > 0)
		(void)compose_text(build, &head->name, rule->name, RULE_NAME_BYTES_MAX);
	if (head->action == RULE_HOLD)
		(void)compose_count(build, &head->count, &rule->approvers);
	if (head->action == RULE_REDACT)
		rule->redacted = read_redacted(build, &head->fields);
	write_tree(build, where, &rule->where);
	if (rule->action == RULE_ERASE)
		check_retained(build, &rule->where);
	write_tree(build, party, &rule->party);
	if (build_is_ok(build))
		rules->count++;
}
