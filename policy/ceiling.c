#include "policy/ceiling.h"

#include <assert.h>
#include <string.h>

static const struct {
	enum reason reason;
	const char *text;
} grounds[] = {
#define GROUND_ROW(symbol, code, reason, sentence) [symbol] = {reason, sentence},
    CEILING_GROUND_TABLE(GROUND_ROW)
#undef GROUND_ROW
};
static_assert(
    sizeof(grounds) / sizeof(*grounds) == CEILING_GROUND_MAX + 1, "as many as are counted");

static bool
is_same(const struct org_id *a, const struct org_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* RED and AMBER+STRICT: to organisations by name; a community is nobody's name. */
static enum ceiling_ground
ask_named_only(const struct ceiling_input *input, bool is_author)
{
	if (input->audience->orgs_count == 0)
		return CEILING_MUST_NAME;
	if (!is_author)
		return input->relations.has_grant ? CEILING_GRANTED : CEILING_NEVER_FORWARDED;
	return audience_has_org(input->audience, input->recipient) ? CEILING_NAMED
								   : CEILING_NOT_NAMED;
}

/* From the author of an AMBER or GREEN record: to the named, or to whom policy says. */
static enum ceiling_ground
ask_addressed(const struct ceiling_input *input)
{
	if (audience_is_empty(input->audience))
		return CEILING_NOBODY_NAMED;
	if (audience_has_org(input->audience, input->recipient))
		return CEILING_NAMED;
	if (!input->audience->has_community)
		return CEILING_NOT_NAMED;
	switch (input->relations.membership) {
	case CEILING_UNKNOWN:
		return CEILING_WHOSE_MEMBERS;
	case CEILING_NOT_MEMBERS:
		return CEILING_NOT_MEMBERS_OF;
	case CEILING_MEMBERS:
		return CEILING_FELLOWS;
	}
	return CEILING_NOT_NAMED;
}

static enum ceiling_ground
ask_amber(const struct ceiling_input *input, bool is_author)
{
	if (is_author)
		return ask_addressed(input);
	if (input->relations.has_grant)
		return CEILING_GRANTED;
	if (input->relations.was_had_from_author && input->relations.is_client)
		return CEILING_OWN_CLIENT;
	return CEILING_ONE_HOP;
}

static enum ceiling_ground
ask_green(const struct ceiling_input *input, bool is_author)
{
	if (is_author)
		return ask_addressed(input);
	if (input->relations.has_grant)
		return CEILING_GRANTED;
	if (!input->audience->has_community)
		return CEILING_NO_COMMUNITY;
	switch (input->relations.membership) {
	case CEILING_UNKNOWN:
		return CEILING_WHOSE_MEMBERS;
	case CEILING_NOT_MEMBERS:
		return CEILING_NOT_FELLOWS;
	case CEILING_MEMBERS:
		return CEILING_FELLOWS;
	}
	return CEILING_NOT_FELLOWS;
}

enum ceiling_ground
ceiling_ground(const struct ceiling_input *input)
{
	bool is_author = is_same(input->author, input->holder);

	if (!is_author && input->attribution == OBLIGATION_MUST_NOT)
		return CEILING_NO_NAMING;
	switch (input->tlp) {
	case TLP_RED:
	case TLP_AMBER_STRICT:
		return ask_named_only(input, is_author);
	case TLP_AMBER:
		return ask_amber(input, is_author);
	case TLP_GREEN:
		return ask_green(input, is_author);
	case TLP_CLEAR:
		return CEILING_ANYBODY;
	}
	return CEILING_NEVER_FORWARDED;
}

enum reason
ceiling_reason(enum ceiling_ground ground)
{
	return grounds[ground].reason;
}

const char *
ceiling_text(enum ceiling_ground ground)
{
	return grounds[ground].text;
}

enum reason
ceiling_ask(const struct ceiling_input *input)
{
	return ceiling_reason(ceiling_ground(input));
}

enum reason
ceiling_may_read(enum tlp tlp, const struct audience *audience, const struct ceiling_reader *reader)
{
	bool is_named;

	switch (tlp) {
	case TLP_CLEAR:
	case TLP_GREEN:
		return reader->clearance >= CLEARANCE_GREEN ? REASON_STORED : REASON_CLEARANCE;
	case TLP_AMBER:
	case TLP_AMBER_STRICT:
		return reader->clearance >= CLEARANCE_AMBER ? REASON_STORED : REASON_CLEARANCE;
	case TLP_RED:
		break;
	}
	if (reader->clearance < CLEARANCE_RED)
		return REASON_CLEARANCE;
	if (audience_has_persons_of(audience, reader->org))
		is_named = audience_has_person(audience, reader->org, reader->name);
	else
		is_named = reader->is_red_desk;
	return is_named || reader->is_writer ? REASON_STORED : REASON_CLEARANCE;
}
