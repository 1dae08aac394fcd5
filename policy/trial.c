#include "policy/trial.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "wire/record.h"

/* ------------------------------------------------------------------ names */

/* SHA-256 of what it is, a NUL, its name. */
static void
id_of_name(const char *what, struct bytes_view name, uint8_t id[32])
{
	uint8_t text[16 + OBSERVABLE_BYTES_MAX];
	size_t len = strlen(what) + 1;
	struct hash hash;

	assert(len <= 16 && name.len <= OBSERVABLE_BYTES_MAX);
	memcpy(text, what, len);
	if (name.len > 0)
		memcpy(text + len, name.data, name.len);
	digest_sha256(bytes_view_of(text, len + name.len), &hash);
	memcpy(id, hash.bytes, sizeof(hash.bytes));
}

void
trial_org(struct bytes_view name, struct org_id *out)
{
	id_of_name("organisation", name, out->bytes);
}

void
trial_community(struct bytes_view name, struct community_id *out)
{
	id_of_name("community", name, out->bytes);
}

static void
org_of(const struct trial_step *step, struct org_id *out)
{
	if (step->is_name) {
		trial_org(step->text, out);
	} else {
		assert(step->text.len == sizeof(out->bytes));
		memcpy(out->bytes, step->text.data, sizeof(out->bytes));
	}
}

static void
community_of(const struct trial_step *step, struct community_id *out)
{
	if (step->is_name) {
		trial_community(step->text, out);
	} else {
		assert(step->text.len == sizeof(out->bytes));
		memcpy(out->bytes, step->text.data, sizeof(out->bytes));
	}
}

/* ------------------------------------------------------------------ settings of the record */

static uint64_t
time_of(const struct trial_step *step, uint64_t now_ms)
{
	struct predicate_value value = {.number = step->number, .base = step->base};

	return predicate_time(&value, now_ms);
}

/* What only disputes, amendments, relations and charters have.  ERR_NOT_FOUND: not one. */
static enum err
set_statement(const struct trial_step *step, struct record_body *body)
{
	uint64_t number = step->number;

	if (step->field == PREDICATE_REASON)
		body->dispute = (enum dispute)number;
	else if (step->field == PREDICATE_AS)
		body->as = (enum record_kind)number;
	else if (step->field == PREDICATE_RELATION)
		body->relation.type = (enum relation_type)number;
	else if (step->field == PREDICATE_STATE)
		body->relation.state = (enum relation_state)number;
	else if (step->field == PREDICATE_SERIAL)
		body->charter.serial = number;
	else if (step->field == PREDICATE_THRESHOLD)
		body->charter.threshold = (uint32_t)number;
	else if (step->field == PREDICATE_GRANT_TLP)
		body->relation.tlp = (enum tlp)number;
	else
		return ERR_NOT_FOUND;
	body->relation.has_tlp = body->relation.has_tlp || step->field == PREDICATE_GRANT_TLP;
	return ERR_NONE;
}

/* ERR_NOT_FOUND: not one of these. */
static enum err
set_number(const struct trial_step *step, struct record *record)
{
	uint64_t number = step->number;

	if (step->field == PREDICATE_KIND)
		record->kind = (enum record_kind)number;
	else if (step->field == PREDICATE_TLP)
		record->marking.tlp = (enum tlp)number;
	else if (step->field == PREDICATE_CONFIDENCE)
		record->confidence = (uint8_t)number;
	else if (step->field == PREDICATE_SEVERITY)
		record->severity = (enum severity)number;
	else if (step->field == PREDICATE_PERMITTED)
		record->marking.permitted = (uint8_t)number;
	else if (step->field == PREDICATE_ATTRIBUTION)
		record->marking.attribution = (uint8_t)number;
	else if (step->field == PREDICATE_NOTIFICATION)
		record->marking.notification = (uint8_t)number;
	else if (step->field == PREDICATE_RESALE)
		record->marking.resale = (uint8_t)number;
	else if (step->field == PREDICATE_OUTCOME)
		record->body.outcome = (enum sighting)number;
	else if (step->field == PREDICATE_COUNT)
		record->body.count = number;
	else if (step->field == PREDICATE_COMBINE)
		record->body.combine = (enum record_combine)number;
	else if (step->field == PREDICATE_AFFECTS_ENVIRONMENT)
		*(number == ENVIRONMENT_IT ? &record->affects.is_it : &record->affects.is_ot) =
		    true;
	else
		return set_statement(step, &record->body);
	return ERR_NONE;
}

static enum err
set_time(const struct trial_step *step, uint64_t time_ms, struct record *record)
{
	if (step->field == PREDICATE_CREATED)
		record->created_ms = time_ms;
	else if (step->field == PREDICATE_VALID_FROM)
		record->valid_from_ms = time_ms;
	else if (step->field == PREDICATE_VALID_UNTIL)
		record->valid_until_ms = time_ms;
	else if (step->field == PREDICATE_TERMS_FROM)
		record->marking.start_ms = time_ms;
	else if (step->field == PREDICATE_TERMS_UNTIL)
		record->marking.end_ms = time_ms;
	else if (step->field == PREDICATE_FIRST_SEEN)
		record->body.first_seen_ms = time_ms;
	else if (step->field == PREDICATE_LAST_SEEN)
		record->body.last_seen_ms = time_ms;
	else if (step->field != PREDICATE_RECEIVED) /* which is not the record's */
		return ERR_NOT_FOUND;
	return ERR_NONE;
}

static struct record_texts *
texts_of(enum predicate_field field, struct record *record)
{
	if (field == PREDICATE_LABEL)
		return &record->labels;
	if (field == PREDICATE_LINK)
		return &record->links;
	if (field == PREDICATE_AFFECTS_SECTOR)
		return &record->affects.sectors;
	if (field == PREDICATE_AFFECTS_SERVICE)
		return &record->affects.services;
	return field == PREDICATE_AFFECTS_PRODUCT ? &record->affects.products : NULL;
}

static struct bytes_view *
text_of(enum predicate_field field, struct record *record)
{
	if (field == PREDICATE_LANGUAGE)
		return &record->language;
	if (field == PREDICATE_PURPOSE)
		return &record->marking.purpose;
	if (field == PREDICATE_BASIS)
		return &record->marking.basis;
	if (field == PREDICATE_TITLE)
		return &record->body.title;
	if (field == PREDICATE_BODY)
		return &record->body.text;
	if (field == PREDICATE_PATTERN)
		return &record->body.pattern;
	if (field == PREDICATE_IDENTIFIER)
		return &record->body.identifier;
	if (field == PREDICATE_SOURCE_FORMAT)
		return &record->source.format;
	if (field == PREDICATE_SOURCE_MAPPING)
		return &record->source.mapping;
	if (field == PREDICATE_GRANT_SECTOR)
		return &record->body.relation.to_sector;
	return field == PREDICATE_SOURCE_ID ? &record->source.id : NULL;
}

static enum err
set_text(const struct trial_step *step, struct record *record)
{
	struct observable observable = {(enum observable_type)step->number, step->text};
	struct record_texts *texts = texts_of(step->field, record);
	struct bytes_view *text = text_of(step->field, record);

	if (step->field == PREDICATE_VALUE)
		return record_add_observable(record, &observable);
	if (texts != NULL)
		return record_add_text(texts, step->text);
	if (text == NULL)
		return ERR_TYPE;
	*text = step->text;
	return ERR_NONE;
}

static void
begin_derived(struct record *record)
{
	if (record->has_derived)
		return;
	record->has_derived = true;
	marking_init(&record->derived.marking, TLP_CLEAR);
	audience_init(&record->derived.audience);
	record->derived.author = record->author;
}

static void
set_community(const struct trial_step *step, struct record *record)
{
	struct relation *relation = &record->body.relation;

	if (step->field == PREDICATE_AUDIENCE_COMMUNITY) {
		record->audience.has_community = true;
		community_of(step, &record->audience.community);
	} else if (step->field == PREDICATE_GRANT_COMMUNITY) {
		relation->has_to_community = true;
		community_of(step, &relation->to_community);
	} else {
		relation->has_community = true;
		community_of(step, &relation->community);
	}
}

static enum err
set_target(const struct trial_step *step, struct record *record)
{
	struct record_id id;

	memcpy(id.bytes, step->text.data, sizeof(id.bytes));
	if (step->field == PREDICATE_REFERENCE)
		return record_add_reference(record, &id);
	record->body.target = id;
	record->body.relation.has_target = true;
	record->body.relation.target = id;
	return ERR_NONE;
}

/* ERR_TYPE: a list, which would have to last. */
static enum err
set_org(const struct trial_step *step, struct record *record)
{
	struct relation *relation = &record->body.relation;
	struct org_id org;

	org_of(step, &org);
	if (step->field == PREDICATE_AUDIENCE_ORG)
		return audience_add_org(&record->audience, &org);
	if (step->field == PREDICATE_DERIVED_AUTHOR) {
		begin_derived(record);
		record->derived.author = org;
	} else if (step->field == PREDICATE_SUBJECT) {
		relation->has_subject = true;
		relation->subject = org;
	} else if (step->field == PREDICATE_OBJECT) {
		relation->has_object = true;
		relation->object = org;
	} else if (step->field == PREDICATE_AUTHOR) {
		record->author = org;
	} else {
		return ERR_TYPE;
	}
	return ERR_NONE;
}

enum err
trial_set(const struct trial_step *step, uint64_t now_ms, struct record *record)
{
	enum err err = ERR_TYPE;

	if (step->field == PREDICATE_AUDIENCE)
		return ERR_NONE; /* nobody, as it began */
	if (step->field == PREDICATE_DERIVED_TLP) {
		begin_derived(record);
		record->derived.marking.tlp = (enum tlp)step->number;
		return ERR_NONE;
	}
	switch (predicate_field_form(step->field)) {
	case PREDICATE_FORM_NUMBER:
		err = set_number(step, record);
		break;
	case PREDICATE_FORM_TIME:
		err = set_time(step, time_of(step, now_ms), record);
		break;
	case PREDICATE_FORM_TEXT:
		err = set_text(step, record);
		break;
	case PREDICATE_FORM_ORG:
		err = set_org(step, record);
		break;
	case PREDICATE_FORM_COMMUNITY:
		set_community(step, record);
		err = ERR_NONE;
		break;
	case PREDICATE_FORM_RECORD:
		err = set_target(step, record);
		break;
	}
	return err == ERR_NOT_FOUND ? ERR_TYPE : err;
}

/* ------------------------------------------------------------------ running */

struct run {
	const struct policy *policy;
	const struct trial *trial;
	trial_fn tell;
	void *context;
	uint64_t now_ms;
	uint64_t received_ms;
	enum rule_direction direction;
	bool has_author, has_created, has_via, has_grant;
	struct org_id self, peer, via;
	struct bytes_view peer_name;
	struct match_peer facts;
	struct community_id communities[MATCH_COMMUNITIES_MAX];
	struct record record;
};

static void
start_record(struct run *run)
{
	record_init(&run->record, RECORD_INDICATOR, TLP_CLEAR);
	run->record.is_draft = false;
	run->has_author = run->has_created = run->has_via = false;
	run->received_ms = run->now_ms;
}

static enum err
do_set(struct run *run, const struct trial_step *step)
{
	if (step->field == PREDICATE_AUTHOR)
		run->has_author = true;
	if (step->field == PREDICATE_CREATED)
		run->has_created = true;
	if (step->field == PREDICATE_RECEIVED)
		run->received_ms = time_of(step, run->now_ms);
	return trial_set(step, run->now_ms, &run->record);
}

static void
do_peer(struct run *run, const struct trial_step *step)
{
	run->direction = step->kind == TRIAL_TO ? RULE_OUTBOUND : RULE_INBOUND;
	run->peer_name = step->text;
	org_of(step, &run->peer);
	memset(&run->facts, 0, sizeof(run->facts));
	run->facts.communities = run->communities;
	run->has_grant = false;
}

static enum err
do_fact(struct run *run, const struct trial_step *step)
{
	if (step->field == PREDICATE_PEER_SECTOR)
		run->facts.sector = step->text;
	else if (step->field == PREDICATE_PEER_COUNTRY)
		run->facts.country = step->text;
	else if (step->field == PREDICATE_PEER_MEMBER) {
		if (run->facts.communities_count == MATCH_COMMUNITIES_MAX)
			return ERR_TOO_LARGE;
		community_of(step, &run->communities[run->facts.communities_count++]);
	} else if (step->number == PREDICATE_CLIENT)
		run->facts.is_client = true;
	else if (step->number == PREDICATE_PROVIDER)
		run->facts.is_provider = true;
	else if (step->number == PREDICATE_CONSTITUENT)
		run->facts.is_constituent = true;
	else
		run->facts.is_cert = true;
	return ERR_NONE;
}

/* This node is a member of every community that a test speaks of. */
static enum ceiling_membership
membership_in(const struct run *run, const struct audience *audience)
{
	uint32_t i;

	for (i = 0; audience->has_community && i < run->facts.communities_count; i++) {
		if (memcmp(run->communities[i].bytes, audience->community.bytes,
			sizeof(audience->community.bytes)) == 0)
			return CEILING_MEMBERS;
	}
	return CEILING_NOT_MEMBERS;
}

static struct ceiling_relations
relations_about(const struct run *run, const struct audience *audience, const struct org_id *author)
{
	const struct org_id *via = run->has_via ? &run->via : author;

	return (struct ceiling_relations){
	    .membership = membership_in(run, audience),
	    /* constituents are clients of their national CERT: policy/relations */
	    .is_client = run->direction == RULE_OUTBOUND
			     ? run->facts.is_client || run->facts.is_constituent
			     : run->facts.is_provider || run->facts.is_cert,
	    .has_grant = run->has_grant,
	    .was_had_from_author = memcmp(via->bytes, author->bytes, sizeof(via->bytes)) == 0,
	};
}

static bool
is_met(const struct trial_step *expect, const struct decision *decision)
{
	if (expect->action != decision->action || (expect->has_by && expect->by != decision->by))
		return false;
	if (expect->action == RULE_HOLD && expect->approvers != decision->approvers)
		return false;
	return expect->text.len == 0 ||
	       bytes_view_is_equal(expect->text, bytes_view_str(decision->rule_name));
}

static void
do_expect(struct run *run, const struct trial_step *step)
{
	struct record *record = &run->record;
	struct decide_input input = {.record = record, .self = &run->self, .facts = run->facts};
	struct trial_outcome outcome = {
	    .trial = run->trial, .expect = step, .direction = run->direction, .input = &input};

	if (!run->has_author)
		record->author = run->direction == RULE_INBOUND ? run->peer : run->self;
	if (!run->has_created)
		record->created_ms = run->now_ms;
	input.context.now_ms = run->now_ms;
	input.context.received_ms = run->received_ms;
	if (run->direction != RULE_RETENTION) {
		outcome.peer = run->peer_name;
		input.peer = &run->peer;
		input.relations = relations_about(run, &record->audience, &record->author);
		if (record->has_derived)
			input.derived = relations_about(
			    run, &record->derived.audience, &record->derived.author);
	}
	outcome.decision = decide(run->policy, run->direction, &input);
	outcome.is_met = is_met(step, &outcome.decision);
	run->tell(run->context, &outcome);
}

static enum err
do_step(struct run *run, const struct trial_step *step)
{
	switch (step->kind) {
	case TRIAL_AT:
		run->now_ms = step->number;
		run->received_ms = run->now_ms;
		return ERR_NONE;
	case TRIAL_RECORD:
		start_record(run);
		return ERR_NONE;
	case TRIAL_SET:
		return do_set(run, step);
	case TRIAL_VIA:
		run->has_via = true;
		org_of(step, &run->via);
		return ERR_NONE;
	case TRIAL_TO:
	case TRIAL_FROM:
		do_peer(run, step);
		return ERR_NONE;
	case TRIAL_RETAIN:
		run->direction = RULE_RETENTION;
		return ERR_NONE;
	case TRIAL_FACT:
		return do_fact(run, step);
	case TRIAL_GRANT:
		run->has_grant = true;
		return ERR_NONE;
	case TRIAL_EXPECT:
		do_expect(run, step);
		return ERR_NONE;
	}
	return ERR_NONE;
}

enum err
trial_run(const struct policy *policy, const struct trial *trial, trial_fn tell, void *context)
{
	struct run *run = calloc(1, sizeof(*run));
	enum err err = ERR_NONE;
	uint32_t i;

	if (run == NULL)
		return ERR_MEMORY;
	run->policy = policy;
	run->trial = trial;
	run->tell = tell;
	run->context = context;
	run->now_ms = TRIAL_NOW_MS;
	trial_org(bytes_view_str("us"), &run->self);
	start_record(run);
	for (i = 0; i < trial->steps_count && err == ERR_NONE; i++)
		err = do_step(run, &trial->steps[i]);
	free(run);
	return err;
}
