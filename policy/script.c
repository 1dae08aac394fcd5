#include "policy/script.h"

#include <stdlib.h>
#include <string.h>

#include "policy/complain.h"
#include "policy/grammar.h"
#include "policy/operand.h"

void
script_begin(struct build *build, const struct scan_token *token, const struct scan_token *name)
{
	struct compose *compose = build->compose;
	struct policy *policy = compose->policy;

	compose->place = COMPOSE_TEST;
	compose->trial_token = *token;
	compose->has_record = compose->has_peer = compose->has_expect = false;
	compose->trial = NULL;
	if (policy->trials_count == TRIALS_MAX) {
		complain_most(build, token, N_("too many tests"), TRIALS_MAX, false);
	} else {
		compose->trial = &policy->trials[policy->trials_count++];
		compose->trial->line = token->place.line;
		(void)compose_text(build, name, compose->trial->name, TRIAL_NAME_BYTES_MAX);
		compose->trial->steps = calloc(TRIAL_STEPS_MAX, sizeof(struct trial_step));
		if (compose->trial->steps == NULL)
			complain(build, ERR_MEMORY, token, err_text(ERR_MEMORY), NULL);
	}
	compose_end(build);
}

void
script_end(struct build *build)
{
	struct compose *compose = build->compose;
	struct trial *trial = compose->trial;
	struct trial_step *steps;

	if (!compose->has_expect)
		complain(build, ERR_MISSING, &compose->trial_token, N_("this test expects nothing"),
		    "`expect`");
	compose->place = COMPOSE_TOP;
	if (trial == NULL || trial->steps == NULL)
		return;
	steps = realloc(trial->steps, (trial->steps_count + 1) * sizeof(*steps));
	if (steps != NULL)
		trial->steps = steps;
}

/* The next step, or NULL where there is none to be had, or the statement has failed. */
static struct trial_step *
new_step(struct build *build, enum trial_step_kind kind, const struct scan_token *token)
{
	struct trial *trial = build->compose->trial;
	struct trial_step *step;

	if (!build_is_ok(build) || trial == NULL || trial->steps == NULL)
		return NULL;
	if (trial->steps_count == TRIAL_STEPS_MAX) {
		complain_most(build, token, N_("the test is too long"), TRIAL_STEPS_MAX, false);
		return NULL;
	}
	step = &trial->steps[trial->steps_count++];
	memset(step, 0, sizeof(*step));
	step->kind = kind;
	step->line = token->place.line;
	return step;
}

/* ------------------------------------------------------------------ values */

/* The value as the field takes it, in canonical form; a complaint where it is none.  type: of
   the observable, where the field is PREDICATE_VALUE. */
static bool
read_value(struct build *build, enum predicate_field field, uint32_t type, int value,
    struct trial_step *step)
{
	struct build_node node = {.op = PREDICATE_EQUAL,
	    .field = field,
	    .value = value,
	    .values = 1,
	    .types = UINT32_C(1) << type};
	struct predicate *predicate = &build->predicate;

	if (!build_is_ok(build))
		return false;
	predicate_init(predicate);
	predicate_add_comparison(predicate, PREDICATE_EQUAL, field);
	operand_add_all(build, &node);
	if (!build_is_ok(build))
		return false;
	step->field = field;
	step->number = field == PREDICATE_VALUE ? type : predicate->values[0].number;
	step->base = predicate->values[0].base;
	step->is_name = predicate->values[0].is_name;
	step->text = compose_keep_text(
	    build, &build->values[value], predicate_text(predicate, &predicate->values[0]));
	return build_is_ok(build);
}

void
script_at(struct build *build, const struct scan_token *token, int value)
{
	struct trial_step *step = new_step(build, TRIAL_AT, token);

	if (step != NULL && read_value(build, PREDICATE_CREATED, 0, value, step) &&
	    step->base != PREDICATE_ABSOLUTE)
		complain(build, ERR_VALUE, &build->values[value], N_("this says when `now` is"),
		    N_("a time such as 2026-11-01"));
}

/* ------------------------------------------------------------------ the record */

void
script_record(struct build *build, const struct scan_token *token)
{
	build->compose->has_record = true;
	if (new_step(build, TRIAL_RECORD, token) == NULL)
		return;
	record_init(&build->compose->record, RECORD_INDICATOR, TLP_CLEAR);
}

static void
complain_setting(struct build *build, const struct scan_token *word)
{
	static const char *const names[] = {"via",
#define FIELD_NAME(symbol, code, name, form, ops, least, most) name,
	    PREDICATE_FIELD_TABLE(FIELD_NAME)
#undef FIELD_NAME
#define TYPE_NAME(symbol, code, name, personal) name,
		OBSERVABLE_TABLE(TYPE_NAME)
#undef TYPE_NAME
	};

	complain_name(build, word, N_("a field of the record, or a type of observable"), names,
	    sizeof(names) / sizeof(*names));
}

/* Which field, and for an observable of which type; false with a complaint. */
static bool
read_field(struct build *build, const struct scan_token *word, int value,
    enum predicate_field *field, enum observable_type *type)
{
	bool is_nobody = bytes_view_is_equal(build->values[value].text, bytes_view_str("nobody"));

	*type = OBSERVABLE_DOMAIN;
	if (!predicate_field_parse(word->text, field)) {
		if (!observable_type_parse(word->text, type)) {
			complain_setting(build, word);
			return false;
		}
		*field = PREDICATE_VALUE;
		return true;
	}
	if (predicate_field_is_observable(*field))
		complain(build, ERR_VALUE, word, N_("say what it is"),
		    N_("its type, such as domain = evil.example"));
	if (predicate_field_is_peer(*field))
		complain(build, ERR_VALUE, word, N_("this is said of the peer"),
		    N_("it behind `to` or `from`"));
	if (*field == PREDICATE_AUDIENCE && !is_nobody)
		*field = PREDICATE_AUDIENCE_ORG;
	return build_is_ok(build);
}

void
script_set(struct build *build, const struct scan_token *word, int value)
{
	bool is_via = bytes_view_is_equal(word->text, bytes_view_str("via"));
	struct trial_step *step = new_step(build, is_via ? TRIAL_VIA : TRIAL_SET, word);
	enum predicate_field field = PREDICATE_AUTHOR;
	enum observable_type type;
	enum err err;

	if (step == NULL || (!is_via && !read_field(build, word, value, &field, &type)))
		return;
	if (is_via)
		type = OBSERVABLE_DOMAIN;
	if (!read_value(build, field, type, value, step) || is_via)
		return;
	err = trial_set(step, TRIAL_NOW_MS, &build->compose->record);
	if (err == ERR_TYPE)
		complain(build, err, word, N_("a test cannot say this"),
		    N_("another field of the record"));
	else if (err != ERR_NONE)
		complain(build, err, &build->values[value], err_text(err),
		    N_("no more of this field than a record has"));
}

/* ------------------------------------------------------------------ the peer */

void
script_peer(struct build *build, const struct scan_token *token, int value, bool is_to)
{
	struct trial_step *step = new_step(build, is_to ? TRIAL_TO : TRIAL_FROM, token);

	build->compose->has_peer = true;
	build->compose->direction = is_to ? RULE_OUTBOUND : RULE_INBOUND;
	if (step != NULL)
		(void)read_value(build, PREDICATE_PEER, 0, value, step);
}

void
script_retain(struct build *build, const struct scan_token *token)
{
	build->compose->has_peer = true;
	build->compose->direction = RULE_RETENTION;
	(void)new_step(build, TRIAL_RETAIN, token);
}

void
script_fact(struct build *build, const struct scan_token *word, int value)
{
	static const char *const names[] = {
	    "sector", "country", "member", "client", "provider", "constituent", "cert", "grant"};
	static const enum predicate_field fields[] = {
	    PREDICATE_PEER_SECTOR, PREDICATE_PEER_COUNTRY, PREDICATE_PEER_MEMBER};
	struct trial_step *step;
	uint32_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (bytes_view_is_equal(word->text, bytes_view_str(names[i])))
			break;
	}
	if (i == sizeof(names) / sizeof(*names)) {
		complain_name(build, word, N_("what is known of the peer"), names, i);
		return;
	}
	if ((i < 3) != (value != BUILD_NONE)) {
		complain(build, ERR_VALUE, word, NULL,
		    i < 3 ? N_("it with `=` and a value behind it") : N_("it without a value"));
		return;
	}
	step = new_step(build, i == 7 ? TRIAL_GRANT : TRIAL_FACT, word);
	if (step == NULL)
		return;
	step->field = PREDICATE_PEER_ROLE;
	step->number = i - 3; /* in the order of enum predicate_role */
	if (i < 3)
		(void)read_value(build, fields[i], 0, value, step);
}

/* ------------------------------------------------------------------ what is expected */

struct section_head
script_keep(struct build *build, const struct scan_token *word)
{
	static const char *const names[] = {
	    "share", "hold", "redact", "deny", "accept", "quarantine", "refuse", "erase", "keep"};

	if (!bytes_view_is_equal(word->text, bytes_view_str("keep")))
		complain_name(
		    build, word, N_("what is to happen"), names, sizeof(names) / sizeof(*names));
	return (struct section_head){.action = RULE_KEEP, .token = *word};
}

static void
check_rule_name(struct build *build, const struct scan_token *name)
{
	static const enum compose_place places[] = {
	    [RULE_OUTBOUND] = COMPOSE_OUTBOUND,
	    [RULE_INBOUND] = COMPOSE_INBOUND,
	    [RULE_RETENTION] = COMPOSE_RETAIN,
	};
	struct compose *compose = build->compose;
	const struct policy_rules *rules = policy_rules_of(compose->policy, compose->direction);
	const char *names[RULES_MAX];
	uint32_t i;

	/* rules may stand below their tests; then the test says it */
	if (name->text.len == 0 || !compose->has_place[places[compose->direction]])
		return;
	for (i = 0; i < rules->count; i++) {
		names[i] = rules->at[i].name;
		if (bytes_view_is_equal(name->text, bytes_view_str(names[i])))
			return;
	}
	complain_name(build, name, N_("a rule of this section"), names, rules->count);
}

static void
read_by(struct build *build, const struct scan_token *by, struct trial_step *step)
{
	const char *names[DECIDE_BY_COUNT];
	uint32_t i;

	for (i = 0; i < DECIDE_BY_COUNT; i++) {
		names[i] = decide_by_name((enum decide_by)i);
		if (!bytes_view_is_equal(by->text, bytes_view_str(names[i])))
			continue;
		step->has_by = true;
		step->by = (enum decide_by)i;
		return;
	}
	complain_name(build, by, N_("who decides"), names, DECIDE_BY_COUNT);
}

static void
check_order(struct build *build, const struct scan_token *token, const struct section_head *head)
{
	struct compose *compose = build->compose;

	compose->has_expect = true;
	if (!compose->has_record)
		complain(build, ERR_ORDER, token, N_("no record was given yet"), "`record`");
	if (!compose->has_peer)
		complain(build, ERR_ORDER, token, N_("it was not said where the record goes"),
		    N_("`to`, `from` or `retain`"));
	if (compose->has_peer && rule_action_direction(head->action) != compose->direction)
		complain(build, ERR_VALUE, &head->token, NULL,
		    compose->direction == RULE_OUTBOUND  ? N_("share, hold, redact or deny")
		    : compose->direction == RULE_INBOUND ? N_("accept, quarantine or refuse")
							 : N_("erase or keep"));
}

void
script_expect(struct build *build, const struct scan_token *token, const struct section_head *head,
    const struct scan_token *by)
{
	struct trial_step *step;
	char name[RULE_NAME_BYTES_MAX + 1];

	check_order(build, token, head);
	check_rule_name(build, &head->name);
	step = new_step(build, TRIAL_EXPECT, token);
	if (step == NULL)
		return;
	step->action = head->action;
	if (head->action == RULE_HOLD)
		(void)compose_count(build, &head->count, &step->approvers);
	if (by != NULL)
		read_by(build, by, step);
	if (head->name.text.len == 0 || !compose_text(build, &head->name, name, sizeof(name) - 1))
		return;
	step->text = compose_keep_text(build, &head->name, head->name.text);
	if (by == NULL) {
		step->has_by = true;
		step->by = DECIDE_BY_RULE;
	}
}
