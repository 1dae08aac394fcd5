#include "policy/section.h"

#include <stdlib.h>
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
		    N_("the rules in one section"));
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

struct section_party
section_party(struct build *build, const struct scan_token *token, int root)
{
	return (struct section_party){build_of_peer(build, root, token), *token};
}

static void
check_party(struct build *build, const struct section_party *party)
{
	const struct scan_token *token = &party->token;
	bool is_to = token->kind == TOKEN_TO;

	if (token->text.len == 0)
		return;

	if (build->compose->place == COMPOSE_OUTBOUND && !is_to)
		complain(build, ERR_VALUE, token, N_("records go `to` a peer here"), "`to`");
	if (build->compose->place == COMPOSE_INBOUND && is_to)
		complain(build, ERR_VALUE, token, N_("records come `from` a peer here"), "`from`");
	if (build->compose->place == COMPOSE_RETAIN)
		complain(build, ERR_VALUE, token,
		    N_("what is kept goes to nobody and comes from nobody"), "`where`");
}

/* ------------------------------------------------------------------ rules */

static struct policy_rules *
rules_of(struct policy *policy, enum compose_place place)
{
	if (place == COMPOSE_OUTBOUND)
		return &policy->outbound;
	return place == COMPOSE_INBOUND ? &policy->inbound : &policy->retain;
}

/* The statement belongs in a section of that direction, or it is in the wrong one. */
static void
check_place(struct build *build, enum rule_direction wanted, const struct scan_token *token)
{
	static const char *const expected[] = {
	    [RULE_OUTBOUND] = N_("share, hold, redact, deny or require"),
	    [RULE_INBOUND] = N_("accept, quarantine or refuse"),
	    [RULE_RETENTION] = N_("erase"),
	};
	enum compose_place place = build->compose->place;
	enum rule_direction direction = place == COMPOSE_OUTBOUND  ? RULE_OUTBOUND
					: place == COMPOSE_INBOUND ? RULE_INBOUND
								   : RULE_RETENTION;

	if (wanted != direction)
		complain(build, ERR_VALUE, token, NULL, expected[direction]);
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
			    N_("what is kept goes to nobody and comes from nobody"),
			    N_("what the record says"));
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
			    N_("another rule of this section has that name"), N_("another name"));
	}
	if (rules->count == RULES_MAX)
		complain_most(build, &head->token, N_("too many rules"), RULES_MAX, false);
}

/* Room behind the last of an array whose elements have that size; NULL with a complaint. */
static void *
make_room(struct build *build, void *at, uint32_t count, size_t size)
{
	/* a rule takes 36 KiB, and a policy has a few: the array grows by as many */
	void *grown = count % 4 == 0 ? realloc(at, (count + 4) * size) : at;

	if (grown == NULL)
		complain(build, ERR_MEMORY, &build->last, err_text(ERR_MEMORY), NULL);
	return grown;
}

static void
add_rule(struct build *build, struct policy_rules *rules, const struct rule *read)
{
	struct rule *at = build_is_ok(build)
			      ? make_room(build, rules->at, rules->count, sizeof(*rules->at))
			      : NULL;

	if (at == NULL)
		return;
	rules->at = at;
	rules->at[rules->count++] = *read;
}

void
section_require(struct build *build, const struct scan_token *token,
    const struct build_operand *what, int where)
{
	static const char *const names[] = {"purpose", "basis"};
	struct policy_requirements *required = &build->compose->policy->required;
	struct rule_requirement read = {.line = token->place.line}, *at;
	int i;

	check_place(build, RULE_OUTBOUND, token);
	if (required->count == RULE_REQUIREMENTS_MAX)
		complain_most(
		    build, token, N_("too many requirements"), RULE_REQUIREMENTS_MAX, false);
	for (i = 0; i < what->count && build_is_ok(build); i++) {
		const struct scan_token *word = &build->values[what->first + i];

		if (bytes_view_is_equal(word->text, bytes_view_str(names[0])))
			read.has_purpose = true;
		else if (bytes_view_is_equal(word->text, bytes_view_str(names[1])))
			read.has_basis = true;
		else
			complain_name(build, word, N_("what a record can have to state"), names, 2);
	}
	write_tree(build, where, &read.where);
	at = build_is_ok(build) ? make_room(build, required->at, required->count, sizeof(*at))
				: NULL;
	if (at == NULL)
		return;
	required->at = at;
	required->at[required->count++] = read;
}

void
section_rule(struct build *build, const struct section_head *head, int where,
    const struct section_party *party)
{
	struct policy_rules *rules = rules_of(build->compose->policy, build->compose->place);
	struct rule *rule = &build->compose->rule;

	check_place(build, rule_action_direction(head->action), &head->token);
	check_party(build, party);
	check_name(build, rules, head);
	check_stated(build, head, where, party->root);
	if (!build_is_ok(build))
		return;
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
	write_tree(build, party->root, &rule->party);
	add_rule(build, rules, rule);
}
