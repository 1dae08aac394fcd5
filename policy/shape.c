#include "policy/shape.h"

#include <assert.h>

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
const struct shape_field shape_fields[SHAPE_FIELDS] = {
    [PREDICATE_KIND] = AT(SHAPE_KIND, kind),
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

const uint8_t *
shape_id(enum predicate_field field, const struct record *record)
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
