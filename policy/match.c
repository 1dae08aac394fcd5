#include "policy/match.h"

#include <assert.h>
#include <string.h>

#include "policy/shape.h"
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
	id = shape_id(node->field, record);
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

	if (node->field >= SHAPE_FIELDS)
		return match_special(predicate, node, record, context);
	base += shape_fields[node->field].offset;
	switch (shape_fields[node->field].shape) {
	case SHAPE_NONE:
		return match_special(predicate, node, record, context);
	case SHAPE_CODE:
		return *base != MARKING_UNSTATED && match_number(predicate, node, *base);
	case SHAPE_KIND:
		return match_number(predicate, node, record_form(record));
	case SHAPE_ENUM:
	case SHAPE_LABEL:
		memcpy(&code, base, sizeof(code));
		return (code != 0 || shape_fields[node->field].shape == SHAPE_LABEL) &&
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
