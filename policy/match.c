#include "policy/match.h"

#include <assert.h>
#include <string.h>

#include "wire/glob.h"
#include "wire/observable.h"

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
match_labels(const struct predicate *predicate, const struct predicate_node *node,
    const struct record_texts *labels)
{
	uint32_t i;

	for (i = 0; i < labels->count; i++) {
		if (match_text(predicate, node, labels->at[i]))
			return true;
	}
	return false;
}

static bool
match_author(const struct predicate *predicate, const struct predicate_node *node,
    const struct org_id *author)
{
	uint32_t i;

	for (i = 0; i < node->values; i++) {
		const struct predicate_value *value = predicate_value_at(predicate, node, i);

		assert(!value->is_name);
		if (bytes_view_is_equal(predicate_text(predicate, value),
			bytes_view_of(author->bytes, sizeof(author->bytes))))
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
match_observable(const struct predicate *predicate, const struct predicate_node *node,
    const struct observable *observable)
{
	if (node->field == PREDICATE_TYPE)
		return match_number(predicate, node, observable->type);
	if (node->op == PREDICATE_UNDER)
		return match_under(predicate, node, observable);
	if (node->op == PREDICATE_WITHIN)
		return match_within(predicate, node, observable);
	return match_text(predicate, node, observable->value);
}

/* Whether this observable satisfies every child of the SOME. */
static bool
match_all(const struct predicate *predicate, const struct predicate_node *some,
    const struct observable *observable)
{
	uint16_t at = (uint16_t)(some - predicate->nodes + 1);
	uint16_t below;

	for (; at < some->end; at = predicate->nodes[at].end) {
		const struct predicate_node *node = &predicate->nodes[at];
		bool holds = false;

		if (node->op == PREDICATE_OR) {
			for (below = (uint16_t)(at + 1); below < node->end && !holds; below++)
				holds = match_observable(
				    predicate, &predicate->nodes[below], observable);
		} else {
			holds = match_observable(predicate, node, observable);
		}
		if (!holds)
			return false;
	}
	return true;
}

static bool
match_some(const struct predicate *predicate, const struct predicate_node *some,
    const struct record *record)
{
	uint32_t i;

	for (i = 0; i < record->observables_count; i++) {
		if (match_all(predicate, some, &record->observables[i]))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ the tree */

static bool
match_comparison(const struct predicate *predicate, const struct predicate_node *node,
    const struct record *record, const struct match_context *context)
{
	switch (node->field) {
	case PREDICATE_KIND:
		return match_number(predicate, node, record->kind);
	case PREDICATE_TLP:
		return match_number(predicate, node, record->marking.tlp);
	case PREDICATE_AUTHOR:
		return !record->is_draft && match_author(predicate, node, &record->author);
	case PREDICATE_CREATED:
		return match_time(predicate, node, record->created_ms, context->now_ms);
	case PREDICATE_RECEIVED:
		return match_time(predicate, node, context->received_ms, context->now_ms);
	case PREDICATE_CONFIDENCE:
		return record->confidence != CONFIDENCE_UNSTATED &&
		       match_number(predicate, node, record->confidence);
	case PREDICATE_SEVERITY:
		return record->severity != SEVERITY_UNSTATED &&
		       match_number(predicate, node, record->severity);
	case PREDICATE_LABEL:
		return match_labels(predicate, node, &record->labels);
	case PREDICATE_VALID_FROM:
		return match_time(predicate, node, record->valid_from_ms, context->now_ms);
	case PREDICATE_VALID_UNTIL:
		return match_time(predicate, node, record->valid_until_ms, context->now_ms);
	case PREDICATE_LANGUAGE:
		return match_text(predicate, node, record->language);
	case PREDICATE_AUDIENCE:
		return audience_is_empty(&record->audience); /* `nobody` is the only value */
	case PREDICATE_TYPE:
	case PREDICATE_VALUE:
		break; /* inside a SOME only */
	}
	return false;
}

bool
match_predicate(const struct predicate *predicate, const struct record *record,
    const struct match_context *context)
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
		if (node->op == PREDICATE_SOME)
			holds = match_some(predicate, node, record);
		else
			holds = match_comparison(predicate, node, record, context);
		at = node->end;
		/* leave every group that this decides, or that ends here */
		for (; depth > 0; depth--) {
			const struct predicate_node *group = groups[depth - 1];

			if (group->op == PREDICATE_NOT)
				holds = !holds;
			else if (holds == (group->op == PREDICATE_AND) && at < group->end)
				break;
			at = group->end;
		}
	}
	return holds;
}
