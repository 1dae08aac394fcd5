#include "policy/redact.h"

#include <string.h>

#include "policy/rule.h"

/* Texts times values that are compared before a record is given up: what would take longer is
   not shared. */
#define COMPARED_BYTES_MAX (4u * 1024u * 1024u)

static bool
takes(uint64_t fields, uint32_t bit)
{
	return (fields >> bit & 1u) != 0;
}

static bool
takes_observable(uint64_t fields, enum observable_type type)
{
	return takes(fields, RULE_REDACT_TYPES + (uint32_t)type) ||
	       (takes(fields, RULE_REDACT_PERSONAL) && observable_is_personal(type));
}

static uint32_t
count_taken(const struct record *record, uint64_t fields)
{
	uint32_t taken = 0, i;

	for (i = 0; i < record->observables_count; i++)
		taken += takes_observable(fields, record->observables[i].type);
	return taken;
}

/* What of the fields the record has. */
static uint64_t
fields_of(const struct record *record)
{
	const struct record_affects *affects = &record->affects;
	const struct record_body *body = &record->body;
	const bool has[] = {
	    [RULE_REDACT_TITLE] = body->title.len > 0,
	    [RULE_REDACT_DESCRIPTION] = body->text.len > 0,
	    [RULE_REDACT_PATTERN] = body->pattern.len > 0,
	    [RULE_REDACT_IDENTIFIER] = body->identifier.len > 0,
	    [RULE_REDACT_LABEL] = record->labels.count > 0,
	    [RULE_REDACT_REFERENCE] = record->references_count > 0,
	    [RULE_REDACT_LINK] = record->links.count > 0,
	    [RULE_REDACT_AFFECTS] = affects->sectors.count > 0 || affects->services.count > 0 ||
				    affects->products.count > 0 || affects->is_it || affects->is_ot,
	    [RULE_REDACT_SOURCE] = record->source.format.len > 0,
	    [RULE_REDACT_CONFIDENCE] = record->confidence != CONFIDENCE_UNSTATED,
	    [RULE_REDACT_SEVERITY] = record->severity != SEVERITY_UNSTATED,
	    [RULE_REDACT_SEEN] =
		body->first_seen_ms > 0 || body->last_seen_ms > 0 || body->count > 0,
	};
	uint64_t fields = 0;
	uint32_t bit;

	for (bit = 0; bit < sizeof(has) / sizeof(*has); bit++)
		fields |= (uint64_t)has[bit] << bit;
	return fields;
}

bool
redact_changes(const struct record *record, uint64_t fields)
{
	return record->source.original.len > 0 || record->unknown > 0 ||
	       (fields_of(record) & fields) != 0 || count_taken(record, fields) > 0;
}

/* ---------------------------------------------------------------- taking away */

static void
take_body(const struct record *record, uint64_t fields, struct record_body *out)
{
	const struct record_body *body = &record->body;

	*out = *body;
	out->as = 0;
	if (takes(fields, RULE_REDACT_TITLE))
		out->title = bytes_view_of(NULL, 0);
	if (takes(fields, RULE_REDACT_DESCRIPTION))
		out->text = bytes_view_of(NULL, 0);
	if (takes(fields, RULE_REDACT_PATTERN))
		out->pattern = bytes_view_of(NULL, 0);
	if (takes(fields, RULE_REDACT_IDENTIFIER))
		out->identifier = bytes_view_of(NULL, 0);
	if (!takes(fields, RULE_REDACT_SEEN))
		return;
	out->first_seen_ms = 0;
	out->last_seen_ms = 0;
	out->count = 0;
}

/* The pattern says of observables what they are: it goes with any of them. */
static void
take_observables(const struct record *record, uint64_t fields, struct record *out)
{
	uint32_t i;

	for (i = 0; i < record->observables_count; i++) {
		if (!takes_observable(fields, record->observables[i].type))
			out->observables[out->observables_count++] = record->observables[i];
	}
	if (out->observables_count < record->observables_count)
		out->body.pattern = bytes_view_of(NULL, 0);
	if (out->observables_count < 2)
		out->body.combine = RECORD_COMBINE_UNSTATED;
}

static void
take_header(const struct record *record, uint64_t fields, struct record *out)
{
	out->marking = record->marking;
	out->valid_from_ms = record->valid_from_ms;
	out->valid_until_ms = record->valid_until_ms;
	out->language = record->language;
	if (!takes(fields, RULE_REDACT_CONFIDENCE))
		out->confidence = record->confidence;
	if (!takes(fields, RULE_REDACT_SEVERITY))
		out->severity = record->severity;
	if (!takes(fields, RULE_REDACT_AFFECTS))
		out->affects = record->affects;
	if (!takes(fields, RULE_REDACT_LABEL))
		out->labels = record->labels;
	if (!takes(fields, RULE_REDACT_LINK))
		out->links = record->links;
	if (!takes(fields, RULE_REDACT_REFERENCE)) {
		out->references_count = record->references_count;
		memcpy(out->references, record->references,
		    record->references_count * sizeof(record->references[0]));
	}
	if (!takes(fields, RULE_REDACT_SOURCE))
		out->source = record->source;
	out->source.original = bytes_view_of(NULL, 0);
}

/* Of a redaction of ours the first original binds the next one too, under the stricter label. */
static void
fill_derived(const struct record *record, const struct record_id *id, struct record *out)
{
	out->has_derived = true;
	if (record->has_derived) {
		out->derived = record->derived;
		if (record->marking.tlp > record->derived.marking.tlp)
			out->derived.marking.tlp = record->marking.tlp;
		return;
	}
	out->derived.id = *id;
	out->derived.author = record->author;
	out->derived.audience = record->audience;
	out->derived.marking = record->marking;
}

/* ---------------------------------------------------------------- what may be left */

static bool
is_same(const struct org_id *a, const struct org_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* `derived` binds to one author only: a redaction of another's redaction would forget what its
   redactor asked.  And nobody disputes in another's name. */
static bool
may_redact(const struct record *record, const struct org_id *redactor)
{
	if (!is_same(&record->author, redactor) &&
	    (record->has_derived || record->kind == RECORD_DISPUTE))
		return false;
	switch (record->kind) {
	case RECORD_INDICATOR:
	case RECORD_NOTE:
	case RECORD_ADVISORY:
	case RECORD_SIGHTING:
	case RECORD_DISPUTE:
		return true;
	case RECORD_AMENDMENT:
		/* what it was a sighting of stands in the first record alone */
		return record->body.as != RECORD_SIGHTING;
	case RECORD_QUESTION:
	case RECORD_RETRACTION:
	case RECORD_RELATION:
	case RECORD_CHARTER:
		return false;
	}
	return false;
}

/* Where only all observables together mean something, some of them mean something else. */
static bool
is_whole(const struct record *record, const struct record *out)
{
	if (record->body.combine == RECORD_COMBINE_ALL &&
	    out->observables_count < record->observables_count)
		return false;
	switch (out->kind) {
	case RECORD_INDICATOR:
		return out->observables_count > 0 || out->body.pattern.len > 0;
	case RECORD_NOTE:
	case RECORD_ADVISORY:
		return out->body.title.len > 0 && out->body.text.len > 0;
	case RECORD_SIGHTING:
	case RECORD_DISPUTE:
		return true;
	case RECORD_QUESTION:
	case RECORD_AMENDMENT:
	case RECORD_RETRACTION:
	case RECORD_RELATION:
	case RECORD_CHARTER:
		return false;
	}
	return false;
}

static uint8_t
lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

static bool
is_at(const uint8_t *text, struct bytes_view value)
{
	size_t i;

	for (i = 0; i < value.len && lower(text[i]) == lower(value.data[i]); i++)
		;
	return i == value.len;
}

static bool
stands_in(struct bytes_view value, struct bytes_view text)
{
	size_t at;

	for (at = 0; at + value.len <= text.len; at++) {
		if (is_at(text.data + at, value))
			return true;
	}
	return false;
}

static bool
stands_in_texts(struct bytes_view value, const struct record_texts *texts)
{
	uint32_t i;

	for (i = 0; i < texts->count; i++) {
		if (stands_in(value, texts->at[i]))
			return true;
	}
	return false;
}

static bool
stands_in_record(struct bytes_view value, const struct record *out)
{
	const struct record_body *body = &out->body;
	uint32_t i;

	for (i = 0; i < out->observables_count; i++) {
		if (stands_in(value, out->observables[i].value))
			return true;
	}
	return stands_in(value, body->title) || stands_in(value, body->text) ||
	       stands_in(value, body->identifier) || stands_in(value, out->source.id) ||
	       stands_in(value, out->marking.purpose) || stands_in(value, out->marking.basis) ||
	       stands_in_texts(value, &out->labels) || stands_in_texts(value, &out->links) ||
	       stands_in_texts(value, &out->affects.sectors) ||
	       stands_in_texts(value, &out->affects.services) ||
	       stands_in_texts(value, &out->affects.products);
}

/* An observable that is taken away, and is said in what is left all the same. */
static bool
still_says(const struct record *record, uint64_t fields, const struct record *out)
{
	uint32_t taken = count_taken(record, fields), i;

	if (taken > 0 && taken * record->bytes.len > COMPARED_BYTES_MAX)
		return true;
	for (i = 0; i < record->observables_count && taken > 0; i++) {
		if (takes_observable(fields, record->observables[i].type) &&
		    stands_in_record(record->observables[i].value, out))
			return true;
	}
	return false;
}

enum err
redact_record(const struct record *record, const struct record_id *id,
    const struct org_id *redactor, uint64_t fields, struct record *out)
{
	if (!may_redact(record, redactor))
		return ERR_NO;
	record_init(out, record_form(record), record->marking.tlp);
	take_header(record, fields, out);
	take_body(record, fields, &out->body);
	take_observables(record, fields, out);
	fill_derived(record, id, out);
	return is_whole(record, out) && !still_says(record, fields, out) ? ERR_NONE : ERR_NO;
}

enum err
redact_address(const struct record *record, const struct org_id *org, struct record *out)
{
	const struct audience *named = &record->audience;
	enum err err = audience_add_org(&out->audience, org);
	uint32_t i;

	for (i = 0; i < named->persons_count && err == ERR_NONE; i++) {
		if (is_same(&named->persons[i].org, org))
			err = audience_add_person(&out->audience, org, named->persons[i].name);
	}
	return err;
}

void
redact_amend(const struct record_id *earlier, struct record *out)
{
	out->body.as = out->kind;
	out->body.target = *earlier;
	out->kind = RECORD_AMENDMENT;
}

bool
redact_keeps_label(const struct record *record)
{
	return !record->has_derived || record->marking.tlp >= record->derived.marking.tlp;
}
