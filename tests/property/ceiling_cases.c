/*
 * ceiling_cases exhaustive | random POLICIES RECORDS SEED
 *
 * Asks the one decision function, and tells question and answer, a line each, for ceiling.py to
 * judge by its own reading of docs/policy.md.  Exhaustive: every label, attribution, audience,
 * relation and part that the parties can have, under a policy that shares all with everybody and
 * takes all from everybody, and every reader.  Random: so many policies that a seed decides, each
 * over so many records.
 *
 *     move  SIDE POLICY KIND NAMES RECORD DERIVED | CEILING ACTION REASON
 *     read  LABEL PERSONS CLEARANCE DESK WRITER | REASON
 *
 * RECORD and DERIVED are LABEL ATTRIBUTION AUTHOR HOLDER RECIPIENT ORGS COMMUNITY MEMBERSHIP CLIENT
 * GRANT HAD; a party is a letter: s sends, r receives, x and y are others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/decide.h"
#include "tests/property/random_policy.h"
#include "tests/sim/choice.h"

/* What an organisation is to the question. */
enum party { SENDER, RECIPIENT, OTHER, ANOTHER, PARTIES_COUNT };
static const char letters[] = "srxy";

/* One marking, one audience, and what is known about them. */
struct side {
	enum tlp tlp;
	uint8_t attribution;
	enum party author;
	uint32_t orgs; /* a bit for each party that is named */
	bool has_community;
	struct ceiling_relations relations;
};

struct question {
	enum rule_direction direction;
	enum record_kind kind;
	bool has_derived;
	bool has_purpose;
	bool is_phone;
	uint32_t confidence;
	struct side own, derived;
};

static struct org_id orgs[PARTIES_COUNT];
static struct record record;
static struct policy *policy;
static const char *policy_kind = "hostile";

static void
stop(const char *words)
{
	fprintf(stderr, "ceiling_cases: %s\n", words);
	exit(1);
}

static void
must(enum err err)
{
	if (err != ERR_NONE)
		stop(err_text(err));
}

/* ---------------------------------------------------------------- a question */

static void
fill_audience(const struct side *side, struct audience *audience)
{
	uint32_t i;

	audience_init(audience);
	for (i = 0; i < PARTIES_COUNT; i++) {
		if ((side->orgs >> i & 1) != 0)
			must(audience_add_org(audience, &orgs[i]));
	}
	audience->has_community = side->has_community;
	memset(audience->community.bytes, 0xcc, sizeof(audience->community.bytes));
}

static void
fill_record(const struct question *question)
{
	static const struct observable phone = {
	    OBSERVABLE_PHONE, {(const uint8_t *)"+525555550100", 13}};
	static const struct observable domain = {
	    OBSERVABLE_DOMAIN, {(const uint8_t *)"evil.example", 12}};

	record_init(&record, question->kind, question->own.tlp);
	record.is_draft = false;
	record.created_ms = 1795000000000ull;
	record.author = orgs[question->own.author];
	record.marking.attribution = question->own.attribution;
	record.confidence = (uint8_t)question->confidence;
	if (question->has_purpose) {
		record.marking.purpose = bytes_view_str("fraud prevention");
		record.marking.basis = bytes_view_str("consent");
	}
	must(record_add_observable(&record, question->is_phone ? &phone : &domain));
	fill_audience(&question->own, &record.audience);
	record.has_derived = question->has_derived;
	if (!question->has_derived)
		return;
	marking_init(&record.derived.marking, question->derived.tlp);
	record.derived.marking.attribution = question->derived.attribution;
	record.derived.author = orgs[question->derived.author];
	fill_audience(&question->derived, &record.derived.audience);
}

/* ---------------------------------------------------------------- telling */

static void
tell_side(const struct side *side)
{
	static const char *const memberships[] = {"unknown", "no", "yes"};
	static const char *const obligations[] = {"may", "must", "must-not"};
	uint32_t i;

	printf(" %s %s %c s r ", tlp_name(side->tlp),
	    side->attribution == MARKING_UNSTATED ? "-" : obligations[side->attribution],
	    letters[side->author]);
	for (i = 0; i < PARTIES_COUNT; i++) {
		if ((side->orgs >> i & 1) != 0)
			putchar(letters[i]);
	}
	printf("%s %s %s %d %d %d", side->orgs == 0 ? "-" : "", side->has_community ? "c" : "-",
	    memberships[side->relations.membership], side->relations.is_client,
	    side->relations.has_grant, side->relations.was_had_from_author);
}

static void
ask(const struct question *question)
{
	bool is_out = question->direction == RULE_OUTBOUND;
	struct decide_input input = {.record = &record,
	    .context.now_ms = 1795000001000ull,
	    .self = &orgs[is_out ? SENDER : RECIPIENT],
	    .peer = &orgs[is_out ? RECIPIENT : SENDER],
	    .relations = question->own.relations,
	    .derived = question->derived.relations};
	struct decision decision;

	fill_record(question);
	decision = decide(policy, question->direction, &input);
	printf("move %s %s %s %d", is_out ? "out" : "in", policy_kind,
	    record_kind_name(question->kind), question->has_purpose);
	printf(" %d", question->is_phone);
	tell_side(&question->own);
	if (question->has_derived)
		tell_side(&question->derived);
	printf(" | %s %s %s\n", reason_name(decision.ceiling), rule_action_name(decision.action),
	    reason_name(decision.reason));
}

/* ---------------------------------------------------------------- all of them */

/* The n-th of everything that can be known of the parties. */
static void
relate(uint32_t n, struct ceiling_relations *relations)
{
	relations->membership = (enum ceiling_membership)(n % 3);
	relations->is_client = n / 3 % 2 != 0;
	relations->has_grant = n / 6 % 2 != 0;
	relations->was_had_from_author = n / 12 % 2 != 0;
}
#define RELATIONS_COUNT 24u

#define AUDIENCES_COUNT                                                                            \
	(2u << PARTIES_COUNT) /* every set of parties, with and without a community */
static void
address(uint32_t n, struct side *side)
{
	side->orgs = n % (1u << PARTIES_COUNT);
	side->has_community = n >> PARTIES_COUNT != 0;
}

static void
ask_both(struct question *question)
{
	question->direction = RULE_OUTBOUND;
	ask(question);
	question->direction = RULE_INBOUND;
	ask(question);
}

static void
ask_all_records(void)
{
	static const uint8_t attributions[] = {
	    MARKING_UNSTATED, OBLIGATION_MAY, OBLIGATION_MUST, OBLIGATION_MUST_NOT};
	struct question question = {.kind = RECORD_INDICATOR, .has_purpose = true};
	uint32_t n, counts[] = {TLP_COUNT, 4, PARTIES_COUNT, AUDIENCES_COUNT, RELATIONS_COUNT};
	uint32_t total = counts[0] * counts[1] * counts[2] * counts[3] * counts[4];

	for (n = 0; n < total; n++) {
		uint32_t left = n;

		question.own.tlp = (enum tlp)(left % counts[0]);
		left /= counts[0];
		question.own.attribution = attributions[left % counts[1]];
		left /= counts[1];
		question.own.author = (enum party)(left % counts[2]);
		left /= counts[2];
		address(left % counts[3], &question.own);
		relate(left / counts[3], &question.own.relations);
		ask_both(&question);
	}
}

/* What a redaction was made from, against the labels and audiences that it may have itself. */
static void
ask_all_redactions(void)
{
	static const uint32_t audiences[] = {
	    0, 1u << RECIPIENT, 1u << OTHER, 2u << (PARTIES_COUNT - 1)};
	struct question question = {
	    .kind = RECORD_INDICATOR, .has_purpose = true, .has_derived = true};
	uint32_t own, n;

	question.own.attribution = MARKING_UNSTATED;
	question.derived.attribution = MARKING_UNSTATED;
	for (own = 0; own < TLP_COUNT * 2; own++) {
		question.own.tlp = (enum tlp)(own / 2);
		question.own.orgs = own % 2 != 0 ? 1u << RECIPIENT : 0;
		for (n = 0; n < TLP_COUNT * PARTIES_COUNT * 4 * RELATIONS_COUNT; n++) {
			question.derived.tlp = (enum tlp)(n % TLP_COUNT);
			question.derived.author = (enum party)(n / TLP_COUNT % PARTIES_COUNT);
			address(audiences[n / (TLP_COUNT * PARTIES_COUNT) % 4], &question.derived);
			relate(n / (TLP_COUNT * PARTIES_COUNT * 4), &question.derived.relations);
			ask_both(&question);
		}
	}
}

static void
ask_reader(enum tlp tlp, uint32_t persons, const struct ceiling_reader *reader)
{
	static const char *const names[] = {"ana", "eva"};
	struct audience audience;
	uint32_t i;

	audience_init(&audience);
	for (i = 0; i < 2; i++) {
		if ((persons >> i & 1) != 0)
			must(audience_add_person(
			    &audience, &orgs[RECIPIENT], bytes_view_str(names[i])));
	}
	/* a person of that name elsewhere is another person */
	if ((persons >> 2 & 1) != 0)
		must(audience_add_person(&audience, &orgs[OTHER], bytes_view_str("ana")));
	printf("read %s %s%s%s%s %s %d %d | %s\n", tlp_name(tlp), (persons & 1) != 0 ? "ana," : "",
	    (persons & 2) != 0 ? "eva," : "", (persons & 4) != 0 ? "ana@x," : "",
	    persons == 0 ? "-" : "", request_clearance_name(reader->clearance), reader->is_red_desk,
	    reader->is_writer, reason_name(ceiling_may_read(tlp, &audience, reader)));
}

/* "ana" reads. */
static void
ask_all_readers(void)
{
	struct ceiling_reader reader = {.org = &orgs[RECIPIENT], .name = bytes_view_str("ana")};
	uint32_t n;

	for (n = 0; n < TLP_COUNT * 8 * 3 * 4; n++) {
		reader.clearance = (enum clearance)(1 + n / (TLP_COUNT * 8) % 3);
		reader.is_red_desk = n / (TLP_COUNT * 24) % 2 != 0;
		reader.is_writer = n / (TLP_COUNT * 48) != 0;
		ask_reader((enum tlp)(n % TLP_COUNT), n / TLP_COUNT % 8, &reader);
	}
}

/* ---------------------------------------------------------------- at random */

static void
open_random(struct choice *choice)
{
	struct bytes text;

	bytes_init(&text, POLICY_BYTES_MAX);
	random_policy(&text, choice,
	    "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc");
	policy_free(policy);
	policy = NULL;
	must(policy_open(bytes_as_view(&text), NULL, &policy, NULL));
	bytes_release(&text);
}

static void
draw_side(struct choice *choice, struct side *side)
{
	side->tlp = (enum tlp)choice_below(choice, TLP_COUNT);
	side->attribution = choice_below(choice, 5) == 0 ? OBLIGATION_MUST_NOT : MARKING_UNSTATED;
	side->author = (enum party)choice_below(choice, PARTIES_COUNT);
	address(choice_below(choice, AUDIENCES_COUNT), side);
	relate(choice_below(choice, RELATIONS_COUNT), &side->relations);
}

static enum err
name_org(void *context, struct bytes_view name, struct org_id *out)
{
	(void)context;
	(void)name;
	*out = orgs[RECIPIENT];
	return ERR_NONE;
}

static enum err
name_community(void *context, struct bytes_view name, struct community_id *out)
{
	(void)context;
	(void)name;
	memset(out->bytes, 0xcc, sizeof(out->bytes));
	return ERR_NONE;
}

static void
ask_random(uint32_t policies, uint32_t records, uint64_t seed)
{
	static const enum record_kind kinds[] = {
	    RECORD_INDICATOR, RECORD_NOTE, RECORD_ADVISORY, RECORD_SIGHTING};
	struct choice choice;
	uint32_t i, j;

	choice_open(&choice, seed, 1);
	policy_kind = "random";
	for (i = 0; i < policies; i++) {
		open_random(&choice);
		must(policy_resolve(policy, name_org, name_community, NULL, NULL));
		for (j = 0; j < records; j++) {
			struct question question = {.kind = kinds[choice_below(&choice, 4)],
			    .has_purpose = choice_below(&choice, 4) != 0,
			    .is_phone = choice_below(&choice, 4) == 0,
			    .has_derived = choice_below(&choice, 4) == 0,
			    .confidence = choice_below(&choice, 101)};

			draw_side(&choice, &question.own);
			draw_side(&choice, &question.derived);
			ask_both(&question);
		}
	}
}

static void
open_hostile(void)
{
	static const char text[] =
	    "policy \"all to all\"\noutbound { share all to anybody }\ninbound { accept all }\n";

	must(policy_open(bytes_view_str(text), NULL, &policy, NULL));
}

int
main(int argc, char **argv)
{
	uint32_t i;

	for (i = 0; i < PARTIES_COUNT; i++)
		memset(orgs[i].bytes, (int)(0xa0 + i), sizeof(orgs[i].bytes));
	if (argc == 2 && strcmp(argv[1], "exhaustive") == 0) {
		open_hostile();
		ask_all_records();
		ask_all_redactions();
		ask_all_readers();
	} else if (argc == 5 && strcmp(argv[1], "random") == 0) {
		ask_random((uint32_t)strtoul(argv[2], NULL, 10),
		    (uint32_t)strtoul(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
	} else {
		stop("exhaustive, or random POLICIES RECORDS SEED");
	}
	policy_free(policy);
	return 0;
}
