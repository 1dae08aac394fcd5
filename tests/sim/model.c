#include "tests/sim/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/report.h"

void
model_init(struct model *model)
{
	model->count = 0;
}

void
model_release(struct model *model)
{
	uint32_t i;

	for (i = 0; i < model->count; i++)
		bytes_release(&model->drafts[i].bytes);
	model->count = 0;
}

static void
must(enum err err)
{
	if (err != ERR_NONE)
		report_fail("the simulator itself", "a draft: %s", err_name(err));
}

void
model_write(struct model *model, uint32_t number)
{
	static struct record record;
	struct model_draft *draft = &model->drafts[number];
	struct observable observable = {
	    .type = draft->is_personal ? OBSERVABLE_EMAIL : OBSERVABLE_DOMAIN};
	char value[48];
	uint32_t i;

	record_init(&record, RECORD_INDICATOR, draft->tlp);
	(void)snprintf(
	    value, sizeof(value), draft->is_personal ? "d%u@sim.example" : "d%u.example", number);
	observable.value = bytes_view_str(value);
	must(record_add_observable(&record, &observable));
	if (draft->must_not)
		record.marking.attribution = OBLIGATION_MUST_NOT;
	if (!draft->is_unfit && (draft->tlp == TLP_RED || draft->is_personal)) {
		record.marking.purpose = bytes_view_str("incident response");
		record.marking.basis = bytes_view_str("contract");
	}
	record.valid_until_ms = draft->valid_until_ms;
	for (i = 0; i < PARTIES; i++) {
		if ((draft->named >> i & 1) != 0)
			must(audience_add_org(&record.audience, &party_at(i)->org));
	}
	/* a person of the first that is named reads RED */
	if (draft->tlp == TLP_RED && number % 2 == 0) {
		for (i = 0; (draft->named >> i & 1) == 0; i++)
			;
		must(audience_add_person(
		    &record.audience, &party_at(i)->org, bytes_view_str("founder")));
	}
	bytes_init(&draft->bytes, RECORD_BYTES_MAX);
	must(record_encode(&record, &draft->bytes));
}

uint32_t
model_find(const struct model *model, const struct record *record)
{
	const struct bytes_view *value = &record->observables[0].value;
	uint32_t number = 0;
	size_t i;

	if (record->observables_count != 1 || value->len < 2 || value->data[0] != 'd')
		return MODEL_DRAFTS_MAX;
	for (i = 1; i < value->len && value->data[i] >= '0' && value->data[i] <= '9'; i++) {
		number = number * 10 + (uint32_t)(value->data[i] - '0');
		if (number >= MODEL_DRAFTS_MAX)
			return MODEL_DRAFTS_MAX;
	}
	return number < model->count ? number : MODEL_DRAFTS_MAX;
}

bool
model_is_faithful(const struct model_draft *draft, const struct record *record)
{
	return party_of_org(&record->author) == draft->author &&
	       record->marking.tlp == draft->tlp &&
	       model_named(&record->audience) == draft->named &&
	       (record->marking.attribution == OBLIGATION_MUST_NOT) == draft->must_not &&
	       record->valid_until_ms == draft->valid_until_ms &&
	       (record->observables[0].type == OBSERVABLE_EMAIL) == draft->is_personal;
}

uint32_t
model_named(const struct audience *audience)
{
	uint32_t named = 0, i, who;

	for (i = 0; i < audience->orgs_count; i++) {
		who = party_of_org(&audience->orgs[i]);
		if (who < PARTIES)
			named |= 1u << who;
	}
	return named;
}

static bool
may_go(enum tlp tlp, bool must_not, bool is_from_author, bool is_named, bool names_somebody)
{
	if (must_not && !is_from_author)
		return false;
	switch (tlp) {
	case TLP_CLEAR:
		return true;
	case TLP_GREEN:
	case TLP_AMBER:
		return is_from_author && (is_named || !names_somebody);
	case TLP_AMBER_STRICT:
	case TLP_RED:
		return is_from_author && is_named;
	}
	return false;
}

bool
model_may_go(const struct record *record, uint32_t from, uint32_t to)
{
	bool names_somebody = record->audience.orgs_count > 0 || record->audience.has_community;

	return may_go(record->marking.tlp, record->marking.attribution == OBLIGATION_MUST_NOT,
	    party_of_org(&record->author) == from, (model_named(&record->audience) >> to & 1) != 0,
	    names_somebody);
}

bool
model_will_go(const struct model_draft *draft, uint32_t from, uint32_t to, bool is_open)
{
	bool is_named = (draft->named >> to & 1) != 0;

	if (draft->is_unfit || !may_go(draft->tlp, draft->must_not, from == draft->author, is_named,
				   draft->named != 0))
		return false;
	return is_open || (!draft->is_personal &&
			      (is_named || (draft->named == 0 && draft->tlp <= TLP_GREEN)));
}
