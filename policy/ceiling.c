#include "policy/ceiling.h"

#include <string.h>

static bool
is_same(const struct org_id *a, const struct org_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* RED and AMBER+STRICT: to organisations by name; a community is nobody's name. */
static enum reason
ask_named_only(const struct ceiling_input *input, bool is_author)
{
	if (input->audience->orgs_count == 0)
		return REASON_NO_AUDIENCE;
	if (!is_author)
		return input->relations.has_grant ? REASON_STORED : REASON_CEILING;
	return audience_has_org(input->audience, input->recipient) ? REASON_STORED
								   : REASON_NOT_ADDRESSED;
}

/* From the author of an AMBER or GREEN record: to the named, or to whom policy says. */
static enum reason
ask_addressed(const struct ceiling_input *input)
{
	if (audience_is_empty(input->audience) ||
	    audience_has_org(input->audience, input->recipient))
		return REASON_STORED;
	if (!input->audience->has_community)
		return REASON_NOT_ADDRESSED;
	switch (input->relations.membership) {
	case CEILING_UNKNOWN:
		return REASON_UNKNOWN_COMMUNITY;
	case CEILING_NOT_MEMBERS:
		return REASON_NOT_ADDRESSED;
	case CEILING_MEMBERS:
		return REASON_STORED;
	}
	return REASON_CEILING;
}

static enum reason
ask_amber(const struct ceiling_input *input, bool is_author)
{
	if (is_author)
		return ask_addressed(input);
	if (input->relations.has_grant ||
	    (input->relations.was_had_from_author && input->relations.is_client))
		return REASON_STORED;
	return REASON_CEILING;
}

static enum reason
ask_green(const struct ceiling_input *input, bool is_author)
{
	if (is_author)
		return ask_addressed(input);
	if (input->relations.has_grant)
		return REASON_STORED;
	if (!input->audience->has_community)
		return REASON_CEILING;
	switch (input->relations.membership) {
	case CEILING_UNKNOWN:
		return REASON_UNKNOWN_COMMUNITY;
	case CEILING_NOT_MEMBERS:
		return REASON_CEILING;
	case CEILING_MEMBERS:
		return REASON_STORED;
	}
	return REASON_CEILING;
}

enum reason
ceiling_ask(const struct ceiling_input *input)
{
	bool is_author = is_same(input->author, input->holder);

	if (!is_author && input->attribution == OBLIGATION_MUST_NOT)
		return REASON_CEILING;
	switch (input->tlp) {
	case TLP_RED:
	case TLP_AMBER_STRICT:
		return ask_named_only(input, is_author);
	case TLP_AMBER:
		return ask_amber(input, is_author);
	case TLP_GREEN:
		return ask_green(input, is_author);
	case TLP_CLEAR:
		return REASON_STORED;
	}
	return REASON_CEILING;
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
