#include "policy/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "policy/shape.h"
#include "wire/predicate_text.h"

#define TEXT_SHOWN 120u

void
explain_init(struct explanation *explanation)
{
	bytes_init(&explanation->condition, EXPLAIN_BYTES_MAX);
	bytes_init(&explanation->value, EXPLAIN_BYTES_MAX);
	explanation->is_of_peer = false;
}

void
explain_release(struct explanation *explanation)
{
	bytes_release(&explanation->condition);
	bytes_release(&explanation->value);
}

/* ------------------------------------------------------------------ values */

/* What is being told, with a separator before each but the first. */
struct telling {
	struct bytes *out;
	uint32_t told; /* of this field */
	bool is_over;  /* there is more than is shown */
};

static void
append(struct bytes *out, const char *text)
{
	bytes_append(out, text, strlen(text));
}

/* As many bytes of UTF-8 as fit, on one line, and an ellipsis where that is not all. */
static void
append_cut(struct bytes *out, struct bytes_view text, size_t most)
{
	size_t len = text.len, i;

	if (len > most) {
		for (len = most; len > 0 && (text.data[len] & 0xc0) == 0x80;)
			len--;
	}
	for (i = 0; i < len; i++)
		bytes_append_u8(
		    out, text.data[i] < 0x20 || text.data[i] == 0x7f ? ' ' : text.data[i]);
	if (len < text.len)
		append(out, "\xe2\x80\xa6");
}

/* Where the next of several values is to stand; false: enough of them stand there. */
static bool
next_value(struct telling *telling)
{
	if (telling->is_over)
		return false;
	telling->is_over = telling->told == EXPLAIN_VALUES_SHOWN ||
			   telling->out->len + 2 * TEXT_SHOWN > EXPLAIN_BYTES_MAX;
	if (telling->told++ > 0)
		append(telling->out, ", ");
	if (telling->is_over)
		append(telling->out, "\xe2\x80\xa6");
	return !telling->is_over;
}

static void
tell_text(struct telling *telling, struct bytes_view text)
{
	if (text.len > 0 && next_value(telling))
		append_cut(telling->out, text, TEXT_SHOWN);
}

static void
tell_word(struct telling *telling, const char *word)
{
	tell_text(telling, bytes_view_str(word));
}

static void
tell_texts(struct telling *telling, const struct record_texts *texts)
{
	uint32_t i;

	for (i = 0; i < texts->count; i++)
		tell_text(telling, texts->at[i]);
}

static void
tell_number(struct telling *telling, enum predicate_field field, uint64_t number)
{
	const char *name = predicate_text_number(field, number);
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRIu64, number);
	tell_word(telling, name != NULL ? name : digits);
}

static void
tell_time(struct telling *telling, uint64_t time_ms)
{
	char text[CLOCK_TEXT_BYTES];

	clock_format(time_ms, text);
	if (time_ms > 0)
		tell_word(telling, text);
}

static void
tell_id(struct telling *telling, const uint8_t id[32])
{
	char digits[65];

	hex_encode(id, 32, digits);
	tell_word(telling, digits);
}

static void
tell_orgs(struct telling *telling, const struct org_list *list)
{
	uint32_t i;

	for (i = 0; i < list->count && !telling->is_over; i++) {
		struct org_id org = org_list_at(list, i);

		tell_id(telling, org.bytes);
	}
}

static void
tell_observables(struct telling *telling, const struct record *record)
{
	uint32_t i;

	for (i = 0; i < record->observables_count && next_value(telling); i++) {
		append(telling->out, observable_type_name(record->observables[i].type));
		append(telling->out, " ");
		append_cut(telling->out, record->observables[i].value, TEXT_SHOWN);
	}
}

/* ------------------------------------------------------------------ fields */

static void
tell_roles(struct telling *telling, const struct match_context *context)
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
		if (is[role])
			tell_number(telling, PREDICATE_PEER_ROLE, role);
	}
}

static void
tell_peer(struct telling *telling, enum predicate_field field, const struct match_context *context)
{
	uint32_t i;

	if (field == PREDICATE_PEER && context->org != NULL)
		tell_id(telling, context->org->bytes);
	if (field == PREDICATE_PEER_ROLE)
		tell_roles(telling, context);
	if (context->peer == NULL)
		return;
	if (field == PREDICATE_PEER_SECTOR)
		tell_text(telling, context->peer->sector);
	if (field == PREDICATE_PEER_COUNTRY)
		tell_text(telling, context->peer->country);
	for (i = 0; field == PREDICATE_PEER_MEMBER && i < context->peer->communities_count; i++)
		tell_id(telling, context->peer->communities[i].bytes);
}

static void
tell_audience(struct telling *telling, enum predicate_field field, const struct audience *audience)
{
	bool is_any = field == PREDICATE_AUDIENCE;
	uint32_t i;

	for (i = 0; (is_any || field == PREDICATE_AUDIENCE_ORG) && i < audience->orgs_count; i++)
		tell_id(telling, audience->orgs[i].bytes);
	for (i = 0; field == PREDICATE_AUDIENCE_PERSON && i < audience->persons_count; i++)
		tell_text(telling, audience->persons[i].name);
	if ((is_any || field == PREDICATE_AUDIENCE_COMMUNITY) && audience->has_community)
		tell_id(telling, audience->community.bytes);
}

/* What stands in the record in a way of its own, or not in the record. */
static void
tell_special(struct telling *telling, enum predicate_field field, const struct record *record,
    const struct match_context *context)
{
	const uint8_t *id = shape_id(field, record);
	uint32_t i;

	if (id != NULL)
		tell_id(telling, id);
	tell_audience(telling, field, &record->audience);
	if (field == PREDICATE_WORDS) {
		tell_text(telling, record->body.title);
		tell_text(telling, record->body.text);
	}
	if (field == PREDICATE_RECEIVED)
		tell_time(telling, context->received_ms);
	if (field == PREDICATE_AFFECTS_ENVIRONMENT && record->affects.is_it)
		tell_number(telling, field, ENVIRONMENT_IT);
	if (field == PREDICATE_AFFECTS_ENVIRONMENT && record->affects.is_ot)
		tell_number(telling, field, ENVIRONMENT_OT);
	for (i = 0; field == PREDICATE_REFERENCE && i < record->references_count; i++)
		tell_id(telling, record->references[i].bytes);
	if (field == PREDICATE_DERIVED_TLP && record->has_derived)
		tell_number(telling, field, record->derived.marking.tlp);
	if (field == PREDICATE_GRANT_ORG)
		tell_orgs(telling, &record->body.relation.to_orgs);
	if (field == PREDICATE_STEWARD)
		tell_orgs(telling, &record->body.charter.stewards);
	if (field == PREDICATE_MEMBER)
		tell_orgs(telling, &record->body.charter.members);
	if (field == PREDICATE_THRESHOLD && record->body.charter.threshold > 0)
		tell_number(telling, field, record->body.charter.threshold);
	if (field == PREDICATE_GRANT_TLP && record->body.relation.has_tlp)
		tell_number(telling, field, record->body.relation.tlp);
}

static void
tell_shape(struct telling *telling, enum predicate_field field, const struct record *record)
{
	const uint8_t *base = (const uint8_t *)record + shape_fields[field].offset;
	enum shape shape = shape_fields[field].shape;
	struct bytes_view text;
	uint64_t number;
	unsigned code;

	switch (shape) {
	case SHAPE_NONE:
		break;
	case SHAPE_CODE:
		if (*base != MARKING_UNSTATED)
			tell_number(telling, field, *base);
		break;
	case SHAPE_KIND:
		tell_number(telling, field, record_form(record));
		break;
	case SHAPE_ENUM:
	case SHAPE_LABEL:
		memcpy(&code, base, sizeof(code));
		if (code != 0 || shape == SHAPE_LABEL)
			tell_number(telling, field, code);
		break;
	case SHAPE_COUNT:
	case SHAPE_TIME:
		memcpy(&number, base, sizeof(number));
		if (shape == SHAPE_TIME)
			tell_time(telling, number);
		else if (number != 0)
			tell_number(telling, field, number);
		break;
	case SHAPE_TEXT:
		memcpy(&text, base, sizeof(text));
		tell_text(telling, text);
		break;
	case SHAPE_TEXTS:
		tell_texts(telling, (const struct record_texts *)(const void *)base);
		break;
	}
}

static void
tell_field(struct telling *telling, enum predicate_field field, const struct record *record,
    const struct match_context *context)
{
	telling->told = 0;
	telling->is_over = false;
	if (predicate_field_is_peer(field))
		tell_peer(telling, field, context);
	else if (predicate_field_is_observable(field))
		tell_observables(telling, record);
	else if (field < SHAPE_FIELDS && shape_fields[field].shape != SHAPE_NONE)
		tell_shape(telling, field, record);
	else
		tell_special(telling, field, record, context);
}

/* ------------------------------------------------------------------ the part of the tree */

/* Where a group of alternatives does not hold, none of them does: it is the group that decided.
   Under a `not` the decider is that `not` already. */
static uint16_t
widen(const struct predicate *predicate, uint16_t decider)
{
	uint16_t at;

	for (at = 0; at < decider; at++) {
		const struct predicate_node *node = &predicate->nodes[at];

		if (node->op == PREDICATE_OR && decider < node->end)
			return at;
	}
	return decider;
}

/* One node with what is below it, as a predicate by itself. */
static void
cut_out(const struct predicate *predicate, uint16_t at, struct predicate *part)
{
	uint16_t i;

	*part = *predicate;
	part->nodes_count = (uint16_t)(predicate->nodes[at].end - at);
	for (i = 0; i < part->nodes_count; i++) {
		part->nodes[i] = predicate->nodes[at + i];
		part->nodes[i].end = (uint16_t)(part->nodes[i].end - at);
	}
}

/* type and value are told together. */
static bool
is_same_field(enum predicate_field a, enum predicate_field b)
{
	return a == b || (predicate_field_is_observable(a) && predicate_field_is_observable(b));
}

/* A comparison whose field no comparison before it has. */
static bool
is_first_of_field(const struct predicate *part, uint16_t at)
{
	uint16_t i;

	if (predicate_op_is_group(part->nodes[at].op))
		return false;
	for (i = 0; i < at; i++) {
		if (!predicate_op_is_group(part->nodes[i].op) &&
		    is_same_field(part->nodes[i].field, part->nodes[at].field))
			return false;
	}
	return true;
}

/* "20"; of several fields "kind note; confidence 20". */
static void
tell_values(const struct predicate *part, const struct record *record,
    const struct match_context *context, struct explanation *explanation)
{
	struct telling telling = {.out = &explanation->value};
	uint32_t fields = 0;
	uint16_t i;

	explanation->is_of_peer = true;
	for (i = 0; i < part->nodes_count; i++) {
		if (!is_first_of_field(part, i))
			continue;
		fields++;
		if (!predicate_field_is_peer(part->nodes[i].field))
			explanation->is_of_peer = false;
	}
	for (i = 0; i < part->nodes_count; i++) {
		if (!is_first_of_field(part, i) ||
		    telling.out->len + 3 * TEXT_SHOWN > EXPLAIN_BYTES_MAX)
			continue;
		if (fields > 1) {
			append(telling.out, telling.out->len > 0 ? "; " : "");
			append(telling.out, predicate_field_name(part->nodes[i].field));
			append(telling.out, " ");
		}
		tell_field(&telling, part->nodes[i].field, record, context);
		if (fields > 1 && telling.told == 0)
			append(telling.out, "-");
	}
}

static enum err
write_condition(const struct predicate *part, struct bytes *out)
{
	struct bytes text;
	enum err err;

	bytes_init(&text, 2 * PREDICATE_BYTES_MAX + PREDICATE_TEXT_BYTES_MAX);
	predicate_text_write(part, &text);
	err = text.err;
	if (err == ERR_NONE) {
		append_cut(out, bytes_as_view(&text), EXPLAIN_BYTES_MAX - 8);
		err = out->err;
	}
	bytes_release(&text);
	return err;
}

enum err
explain_node(const struct predicate *predicate, uint16_t decider, const struct record *record,
    const struct match_context *context, struct explanation *explanation)
{
	struct predicate *part = malloc(sizeof(*part));
	enum err err;

	bytes_clear(&explanation->condition);
	bytes_clear(&explanation->value);
	if (part == NULL)
		return ERR_MEMORY;
	cut_out(predicate, widen(predicate, decider), part);
	err = write_condition(part, &explanation->condition);
	tell_values(part, record, context, explanation);
	free(part);
	return err != ERR_NONE ? err : explanation->value.err;
}
