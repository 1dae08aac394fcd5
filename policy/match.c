#include "policy/match.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "wire/glob.h"
#include "wire/observable.h"
#include "wire/words.h"

/* ------------------------------------------------------------------ single comparisons */

static bool
compare_number(enum predicate_op op, uint64_t stated, uint64_t wanted)
{
	switch (op) {
	case PREDICATE_EQUAL:
		return stated == wanted;
	case PREDICATE_LESS:
		return stated < wanted;
	case PREDICATE_AT_MOST:
		return stated <= wanted;
	case PREDICATE_GREATER:
		return stated > wanted;
	case PREDICATE_AT_LEAST:
		return stated >= wanted;
	case PREDICATE_AND:
	case PREDICATE_OR:
	case PREDICATE_NOT:
	case PREDICATE_SOME:
	case PREDICATE_LIKE:
	case PREDICATE_UNDER:
	case PREDICATE_WITHIN:
	case PREDICATE_LISTED:
		return false;
	}
	return false;
}

static bool
match_number(const struct predicate *predicate, const struct predicate_node *node, uint64_t stated)
{
	uint32_t i;

	for (i = 0; i < node->values; i++) {
		if (compare_number(
			node->op, stated, predicate_value_at(predicate, node, i)->number))
			return true;
	}
	return false;
}

static bool
match_time(const struct predicate *predicate, const struct predicate_node *node, uint64_t stated,
    uint64_t now_ms)
{
	uint32_t i;

	if (stated == 0)
		return false;
	for (i = 0; i < node->values; i++) {
		const struct predicate_value *value = predicate_value_at(predicate, node, i);

		if (compare_number(node->op, stated, predicate_time(value, now_ms)))
			return true;
	}
	return false;
}

static bool
match_text(
    const struct predicate *predicate, const struct predicate_node *node, struct bytes_view stated)
{
	uint32_t i;

	if (stated.len == 0)
		return false;
	for (i = 0; i < node->values; i++) {
		struct bytes_view wanted =
		    predicate_text(predicate, predicate_value_at(predicate, node, i));

		if (node->op == PREDICATE_LIKE ? glob_match(wanted, stated)
					       : bytes_view_is_equal(wanted, stated))
			return true;
	}
	return false;
}

static bool
match_texts(const struct predicate *predicate, const struct predicate_node *node,
    const struct record_texts *texts)
{
	uint32_t i;

	for (i = 0; i < texts->count; i++) {
		if (match_text(predicate, node, texts->at[i]))
			return true;
	}
	return false;
}

static bool
match_id(const struct predicate *predicate, const struct predicate_node *node, const uint8_t id[32])
{
	uint32_t i;

	for (i = 0; i < node->values; i++) {
		const struct predicate_value *value = predicate_value_at(predicate, node, i);

		assert(!value->is_name);
		if (bytes_view_is_equal(
			predicate_text(predicate, value), bytes_view_of(id, sizeof(struct org_id))))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ observables */

static bool
is_under(struct bytes_view host, struct bytes_view domain)
{
	if (host.len == domain.len)
		return bytes_view_is_equal(host, domain);
	return host.len > domain.len && host.data[host.len - domain.len - 1] == '.' &&
	       memcmp(host.data + host.len - domain.len, domain.data, domain.len) == 0;
}

static bool
match_under(const struct predicate *predicate, const struct predicate_node *node,
    const struct observable *observable)
{
	struct bytes_view host = observable_host(observable);
	uint32_t i;

	if (host.len == 0)
		return false;
	for (i = 0; i < node->values; i++) {
		if (is_under(
			host, predicate_text(predicate, predicate_value_at(predicate, node, i))))
			return true;
	}
	return false;
}

static bool
match_within(const struct predicate *predicate, const struct predicate_node *node,
    const struct observable *observable)
{
	uint8_t first[16], last[16];
	uint32_t i;

	if (!observable_range(observable, first, last))
		return false;
	for (i = 0; i < node->values; i++) {
		const struct predicate_value *value = predicate_value_at(predicate, node, i);

		if (memcmp(first, value->first, sizeof(first)) >= 0 &&
		    memcmp(last, value->last, sizeof(last)) <= 0)
			return true;
	}
	return false;
}

static bool
match_listed(const struct predicate *predicate, const struct predicate_node *node,
    const struct observable *observable, const struct match_context *context)
{
	uint32_t i, n;

	for (i = 0; i < node->values; i++) {
		struct bytes_view name =
		    predicate_text(predicate, predicate_value_at(predicate, node, i));

		for (n = 0; n < context->lists_count; n++) {
			if (bytes_view_is_equal(context->lists[n].name, name))
				break;
		}
		assert(n < context->lists_count && context->lists[n].list != NULL);
		if (list_has(context->lists[n].list, observable))
			return true;
	}
	return false;
}

static bool
match_observable(const struct predicate *predicate, const struct predicate_node *node,
    const struct observable *observable, const struct match_context *context)
{
	if (node->field == PREDICATE_TYPE)
		return match_number(predicate, node, observable->type);
	if (node->op == PREDICATE_UNDER)
		return match_under(predicate, node, observable);
	if (node->op == PREDICATE_WITHIN)
		return match_within(predicate, node, observable);
	if (node->op == PREDICATE_LISTED)
		return match_listed(predicate, node, observable, context);
	return match_text(predicate, node, observable->value);
}

/* Whether this observable satisfies every child of the SOME. */
static bool
match_all(const struct predicate *predicate, const struct predicate_node *some,
    const struct observable *observable, const struct match_context *context)
{
	uint16_t at = (uint16_t)(some - predicate->nodes + 1);
	uint16_t below;

	for (; at < some->end; at = predicate->nodes[at].end) {
		const struct predicate_node *node = &predicate->nodes[at];
		bool holds = false;

		if (node->op == PREDICATE_OR) {
			for (below = (uint16_t)(at + 1); below < node->end && !holds; below++)
				holds = match_observable(
				    predicate, &predicate->nodes[below], observable, context);
		} else {
			holds = match_observable(predicate, node, observable, context);
		}
		if (!holds)
			return false;
	}
	return true;
}

static bool
match_some(const struct predicate *predicate, const struct predicate_node *some,
    const struct record *record, const struct match_context *context)
{
	uint32_t i;

	for (i = 0; i < record->observables_count; i++) {
		if (match_all(predicate, some, &record->observables[i], context))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ fields */

static bool
match_references(const struct predicate *predicate, const struct predicate_node *node,
    const struct record *record)
{
	uint32_t i;

	for (i = 0; i < record->references_count; i++) {
		if (match_id(predicate, node, record->references[i].bytes))
			return true;
	}
	return false;
}

static bool
match_audience(const struct predicate *predicate, const struct predicate_node *node,
    const struct audience *audience)
{
	uint32_t i;

	if (node->field == PREDICATE_AUDIENCE_COMMUNITY)
		return audience->has_community &&
		       match_id(predicate, node, audience->community.bytes);
	for (i = 0; node->field == PREDICATE_AUDIENCE_ORG && i < audience->orgs_count; i++) {
		if (match_id(predicate, node, audience->orgs[i].bytes))
			return true;
	}
	for (i = 0; node->field == PREDICATE_AUDIENCE_PERSON && i < audience->persons_count; i++) {
		if (match_text(predicate, node, audience->persons[i].name))
			return true;
	}
	return false;
}

static bool
match_member(const struct predicate *predicate, const struct predicate_node *node,
    const struct match_peer *peer)
{
	uint32_t i;

	for (i = 0; i < peer->communities_count; i++) {
		if (match_id(predicate, node, peer->communities[i].bytes))
			return true;
	}
	return false;
}

static bool
match_role(const struct predicate *predicate, const struct predicate_node *node,
    const struct match_context *context)
{
	static const struct match_peer nothing;
	const struct match_peer *peer = context->peer == NULL ? &nothing : context->peer;
	const bool is[] = {
	    [PREDICATE_CLIENT] = peer->is_client,
	    [PREDICATE_PROVIDER] = peer->is_provider,
	    [PREDICATE_CONSTITUENT] = peer->is_constituent,
	    [PREDICATE_CERT] = peer->is_cert,
	    [PREDICATE_NAMED] = context->is_named,
	};
	uint64_t role;

	for (role = 0; role < sizeof(is) / sizeof(*is); role++) {
		if (is[role] && match_number(predicate, node, role))
			return true;
	}
	return false;
}

/* Of the peer, and everything is false where there is none. */
static bool
match_peer(const struct predicate *predicate, const struct predicate_node *node,
    const struct match_context *context)
{
	if (node->field == PREDICATE_PEER)
		return context->org != NULL && match_id(predicate, node, context->org->bytes);
	if (node->field == PREDICATE_PEER_ROLE)
		return match_role(predicate, node, context);
	if (context->peer == NULL)
		return false;
	if (node->field == PREDICATE_PEER_MEMBER)
		return match_member(predicate, node, context->peer);
	return match_text(predicate, node,
	    node->field == PREDICATE_PEER_SECTOR ? context->peer->sector : context->peer->country);
}

static bool
match_environment(const struct predicate *predicate, const struct predicate_node *node,
    const struct record_affects *affects)
{
	return (affects->is_it && match_number(predicate, node, ENVIRONMENT_IT)) ||
	       (affects->is_ot && match_number(predicate, node, ENVIRONMENT_OT));
}

static bool
match_words(const struct predicate *predicate, const struct predicate_node *node,
    const struct record *record)
{
	uint32_t i;

	for (i = 0; i < node->values; i++) {
		if (words_record_has(
			record, predicate_text(predicate, predicate_value_at(predicate, node, i))))
			return true;
	}
	return false;
}

/* The record that this one is about. */
static const uint8_t *
target_of(const struct record *record)
{
	switch (record->kind) {
	case RECORD_SIGHTING:
	case RECORD_DISPUTE:
	case RECORD_AMENDMENT:
		return record->body.target.bytes;
	case RECORD_RELATION:
		return record->body.relation.has_target ? record->body.relation.target.bytes : NULL;
	case RECORD_INDICATOR:
	case RECORD_NOTE:
	case RECORD_ADVISORY:
	case RECORD_QUESTION:
	case RECORD_RETRACTION:
	case RECORD_CHARTER:
		return NULL;
	}
	return NULL;
}

static const uint8_t *
community_of(const struct record *record)
{
	if (record->body.charter.has_community)
		return record->body.charter.community.bytes;
	return record->body.relation.has_community ? record->body.relation.community.bytes : NULL;
}

/* An id that a record has one of, or none: NULL. */
static const uint8_t *
id_of(enum predicate_field field, const struct record *record)
{
	const struct relation *relation = &record->body.relation;

	if (field == PREDICATE_AUTHOR)
		return record->is_draft ? NULL : record->author.bytes;
	if (field == PREDICATE_DERIVED_AUTHOR)
		return record->has_derived ? record->derived.author.bytes : NULL;
	if (field == PREDICATE_SUBJECT)
		return relation->has_subject ? relation->subject.bytes : NULL;
	if (field == PREDICATE_OBJECT)
		return relation->has_object ? relation->object.bytes : NULL;
	if (field == PREDICATE_COMMUNITY)
		return community_of(record);
	if (field == PREDICATE_GRANT_COMMUNITY)
		return relation->has_to_community ? relation->to_community.bytes : NULL;
	return field == PREDICATE_TARGET ? target_of(record) : NULL;
}

static bool
match_org_list(const struct predicate *predicate, const struct predicate_node *node,
    const struct org_list *list)
{
	uint32_t i;

	for (i = 0; i < node->values; i++) {
		struct bytes_view id =
		    predicate_text(predicate, predicate_value_at(predicate, node, i));
		struct org_id org;

		assert(id.len == sizeof(org));
		memcpy(org.bytes, id.data, sizeof(org));
		if (org_list_has(list, &org))
			return true;
	}
	return false;
}

/* What only relations and charters have. */
static bool
match_statement(const struct predicate *predicate, const struct predicate_node *node,
    const struct record *record)
{
	const struct record_body *body = &record->body;

	if (node->field == PREDICATE_GRANT_ORG)
		return match_org_list(predicate, node, &body->relation.to_orgs);
	if (node->field == PREDICATE_STEWARD)
		return match_org_list(predicate, node, &body->charter.stewards);
	if (node->field == PREDICATE_MEMBER)
		return match_org_list(predicate, node, &body->charter.members);
	if (node->field == PREDICATE_THRESHOLD)
		return body->charter.threshold > 0 &&
		       match_number(predicate, node, body->charter.threshold);
	return node->field == PREDICATE_GRANT_TLP && body->relation.has_tlp &&
	       match_number(predicate, node, body->relation.tlp);
}

/* ------------------------------------------------------------------ the tree */

/* How a field stands in the record, and where; NONE: match_special knows. */
enum shape {
	SHAPE_NONE,
	SHAPE_CODE,  /* uint8_t; 255: not stated */
	SHAPE_ENUM,  /* 0: not stated */
	SHAPE_LABEL, /* an enum whose 0 is a label */
	SHAPE_COUNT, /* uint64_t; 0: not stated */
	SHAPE_TIME,
	SHAPE_TEXT,
	SHAPE_TEXTS,
};

static_assert(CONFIDENCE_UNSTATED == MARKING_UNSTATED, "one value says it of all");
static_assert(sizeof(enum severity) == sizeof(unsigned) && sizeof(enum tlp) == sizeof(unsigned) &&
		  sizeof(enum record_kind) == sizeof(unsigned) &&
		  sizeof(enum sighting) == sizeof(unsigned) &&
		  sizeof(enum record_combine) == sizeof(unsigned) &&
		  sizeof(enum dispute) == sizeof(unsigned) &&
		  sizeof(enum relation_type) == sizeof(unsigned) &&
		  sizeof(enum relation_state) == sizeof(unsigned),
    "an enum is read as what it is");

#define AT(shape, member)                                                                          \
	{                                                                                          \
		shape, offsetof(struct record, member)                                             \
	}
static const struct {
	enum shape shape;
	size_t offset;
} fields[] = {
    [PREDICATE_KIND] = AT(SHAPE_ENUM, kind),
    [PREDICATE_TLP] = AT(SHAPE_LABEL, marking.tlp),
    [PREDICATE_CREATED] = AT(SHAPE_TIME, created_ms),
    [PREDICATE_CONFIDENCE] = AT(SHAPE_CODE, confidence),
    [PREDICATE_SEVERITY] = AT(SHAPE_ENUM, severity),
    [PREDICATE_LABEL] = AT(SHAPE_TEXTS, labels),
    [PREDICATE_VALID_FROM] = AT(SHAPE_TIME, valid_from_ms),
    [PREDICATE_VALID_UNTIL] = AT(SHAPE_TIME, valid_until_ms),
    [PREDICATE_LANGUAGE] = AT(SHAPE_TEXT, language),
    [PREDICATE_PURPOSE] = AT(SHAPE_TEXT, marking.purpose),
    [PREDICATE_BASIS] = AT(SHAPE_TEXT, marking.basis),
    [PREDICATE_PERMITTED] = AT(SHAPE_CODE, marking.permitted),
    [PREDICATE_ATTRIBUTION] = AT(SHAPE_CODE, marking.attribution),
    [PREDICATE_NOTIFICATION] = AT(SHAPE_CODE, marking.notification),
    [PREDICATE_RESALE] = AT(SHAPE_CODE, marking.resale),
    [PREDICATE_TERMS_FROM] = AT(SHAPE_TIME, marking.start_ms),
    [PREDICATE_TERMS_UNTIL] = AT(SHAPE_TIME, marking.end_ms),
    [PREDICATE_AFFECTS_SECTOR] = AT(SHAPE_TEXTS, affects.sectors),
    [PREDICATE_AFFECTS_SERVICE] = AT(SHAPE_TEXTS, affects.services),
    [PREDICATE_AFFECTS_PRODUCT] = AT(SHAPE_TEXTS, affects.products),
    [PREDICATE_LINK] = AT(SHAPE_TEXTS, links),
    [PREDICATE_TITLE] = AT(SHAPE_TEXT, body.title),
    [PREDICATE_BODY] = AT(SHAPE_TEXT, body.text),
    [PREDICATE_PATTERN] = AT(SHAPE_TEXT, body.pattern),
    [PREDICATE_IDENTIFIER] = AT(SHAPE_TEXT, body.identifier),
    [PREDICATE_OUTCOME] = AT(SHAPE_ENUM, body.outcome),
    [PREDICATE_FIRST_SEEN] = AT(SHAPE_TIME, body.first_seen_ms),
    [PREDICATE_LAST_SEEN] = AT(SHAPE_TIME, body.last_seen_ms),
    [PREDICATE_COUNT] = AT(SHAPE_COUNT, body.count),
    [PREDICATE_COMBINE] = AT(SHAPE_ENUM, body.combine),
    [PREDICATE_REASON] = AT(SHAPE_ENUM, body.dispute),
    [PREDICATE_AS] = AT(SHAPE_ENUM, body.as),
    [PREDICATE_RELATION] = AT(SHAPE_ENUM, body.relation.type),
    [PREDICATE_STATE] = AT(SHAPE_ENUM, body.relation.state),
    [PREDICATE_GRANT_SECTOR] = AT(SHAPE_TEXT, body.relation.to_sector),
    [PREDICATE_SERIAL] = AT(SHAPE_COUNT, body.charter.serial),
    [PREDICATE_SOURCE_FORMAT] = AT(SHAPE_TEXT, source.format),
    [PREDICATE_SOURCE_MAPPING] = AT(SHAPE_TEXT, source.mapping),
    [PREDICATE_SOURCE_ID] = AT(SHAPE_TEXT, source.id),
};
#undef AT

/* Whatever stands in the record in a way of its own, or not in the record. */
static bool
match_special(const struct predicate *predicate, const struct predicate_node *node,
    const struct record *record, const struct match_context *context)
{
	const uint8_t *id;

	if (predicate_field_is_peer(node->field))
		return match_peer(predicate, node, context);
	if (node->field == PREDICATE_WORDS)
		return match_words(predicate, node, record);
	if (node->field == PREDICATE_RECEIVED)
		return match_time(predicate, node, context->received_ms, context->now_ms);
	if (node->field == PREDICATE_AFFECTS_ENVIRONMENT)
		return match_environment(predicate, node, &record->affects);
	if (node->field == PREDICATE_REFERENCE)
		return match_references(predicate, node, record);
	if (node->field == PREDICATE_DERIVED_TLP)
		return record->has_derived &&
		       match_number(predicate, node, record->derived.marking.tlp);
	if (node->field >= PREDICATE_AUDIENCE_ORG && node->field <= PREDICATE_AUDIENCE_COMMUNITY)
		return match_audience(predicate, node, &record->audience);
	if (node->field == PREDICATE_AUDIENCE)
		return audience_is_empty(&record->audience); /* `nobody` is the only value */
	id = id_of(node->field, record);
	if (id != NULL)
		return match_id(predicate, node, id);
	return match_statement(predicate, node, record);
}

static bool
match_comparison(const struct predicate *predicate, const struct predicate_node *node,
    const struct record *record, const struct match_context *context)
{
	const uint8_t *base = (const uint8_t *)record;
	struct bytes_view text;
	uint64_t number;
	unsigned code;

	if ((size_t)node->field >= sizeof(fields) / sizeof(*fields))
		return match_special(predicate, node, record, context);
	base += fields[node->field].offset;
	switch (fields[node->field].shape) {
	case SHAPE_NONE:
		return match_special(predicate, node, record, context);
	case SHAPE_CODE:
		return *base != MARKING_UNSTATED && match_number(predicate, node, *base);
	case SHAPE_ENUM:
	case SHAPE_LABEL:
		memcpy(&code, base, sizeof(code));
		return (code != 0 || fields[node->field].shape == SHAPE_LABEL) &&
		       match_number(predicate, node, code);
	case SHAPE_COUNT:
		memcpy(&number, base, sizeof(number));
		return number != 0 && match_number(predicate, node, number);
	case SHAPE_TIME:
		memcpy(&number, base, sizeof(number));
		return match_time(predicate, node, number, context->now_ms);
	case SHAPE_TEXT:
		memcpy(&text, base, sizeof(text));
		return match_text(predicate, node, text);
	case SHAPE_TEXTS:
		return match_texts(
		    predicate, node, (const struct record_texts *)(const void *)base);
	}
	return false;
}

bool
match_explain(const struct predicate *predicate, const struct record *record,
    const struct match_context *context, uint16_t *decider)
{
	const struct predicate_node *groups[PREDICATE_DEPTH_MAX];
	uint32_t depth = 0;
	uint16_t at = 0;
	bool holds = true;

	assert(predicate->err == ERR_NONE);
	while (at < predicate->nodes_count) {
		const struct predicate_node *node = &predicate->nodes[at];

		if (node->op == PREDICATE_AND || node->op == PREDICATE_OR ||
		    node->op == PREDICATE_NOT) {
			assert(depth < PREDICATE_DEPTH_MAX);
			groups[depth++] = node;
			at++;
			continue;
		}
		*decider = at;
		if (node->op == PREDICATE_SOME)
			holds = match_some(predicate, node, record, context);
		else
			holds = match_comparison(predicate, node, record, context);
		at = node->end;
		/* leave every group that this decides, or that ends here */
		for (; depth > 0; depth--) {
			const struct predicate_node *group = groups[depth - 1];

			if (group->op == PREDICATE_NOT) {
				holds = !holds;
				*decider = (uint16_t)(group - predicate->nodes);
			} else if (holds == (group->op == PREDICATE_AND) && at < group->end) {
				break;
			}
			at = group->end;
		}
	}
	return holds;
}

bool
match_predicate(const struct predicate *predicate, const struct record *record,
    const struct match_context *context)
{
	uint16_t decider = 0;

	return match_explain(predicate, record, context, &decider);
}
