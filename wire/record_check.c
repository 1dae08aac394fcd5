#include "wire/record_check.h"

#define BIT(key) RECORD_CHECK_BIT(key)
#define RELATION_MAY                                                                               \
	(BIT(RECORD_BODY_TARGET) | BIT(RECORD_BODY_SUBJECT) | BIT(RECORD_BODY_OBJECT) |            \
	    BIT(RECORD_BODY_COMMUNITY) | BIT(RECORD_BODY_TO_ORGS) |                                \
	    BIT(RECORD_BODY_TO_COMMUNITY) | BIT(RECORD_BODY_TO_SECTOR) | BIT(RECORD_BODY_TLP))
#define CHARTER_MUST                                                                               \
	(BIT(RECORD_BODY_TITLE) | BIT(RECORD_BODY_SERIAL) | BIT(RECORD_BODY_STEWARDS) |            \
	    BIT(RECORD_BODY_THRESHOLD) | BIT(RECORD_BODY_MEMBERS) | BIT(RECORD_BODY_NONCE))

/* The kinds whose bodies an amendment may have. */
static void
keys_of_amendable(enum record_kind kind, uint64_t *may, uint64_t *must)
{
	const uint64_t seen = BIT(RECORD_BODY_FIRST_SEEN) | BIT(RECORD_BODY_LAST_SEEN);

	*must = 0;
	*may = 0;
	if (kind == RECORD_INDICATOR)
		*may = BIT(RECORD_BODY_COMBINE) | BIT(RECORD_BODY_TITLE) | BIT(RECORD_BODY_TEXT) |
		       BIT(RECORD_BODY_PATTERN) | seen;
	if (kind == RECORD_NOTE || kind == RECORD_ADVISORY)
		*must = BIT(RECORD_BODY_TITLE) | BIT(RECORD_BODY_TEXT);
	if (kind == RECORD_ADVISORY)
		*may = BIT(RECORD_BODY_IDENTIFIER);
	if (kind == RECORD_SIGHTING) {
		*must = BIT(RECORD_BODY_TARGET) | BIT(RECORD_BODY_OUTCOME);
		*may = BIT(RECORD_BODY_TEXT) | BIT(RECORD_BODY_COUNT) | seen;
	}
	*may |= *must;
}

/* What any amendment may have: `as` follows the first of them. */
static void
keys_of_amendment(uint64_t *may, uint64_t *must)
{
	enum record_kind kind;
	uint64_t kind_may, kind_must;

	*must = BIT(RECORD_BODY_TARGET) | BIT(RECORD_BODY_AS);
	*may = *must;
	for (kind = RECORD_INDICATOR; kind <= RECORD_SIGHTING; kind++) {
		keys_of_amendable(kind, &kind_may, &kind_must);
		*may |= kind_may;
	}
}

void
record_check_body_keys(enum record_kind kind, uint64_t *may, uint64_t *must)
{
	*may = 0;
	*must = 0;
	switch (kind) {
	case RECORD_INDICATOR:
	case RECORD_NOTE:
	case RECORD_ADVISORY:
	case RECORD_SIGHTING:
		keys_of_amendable(kind, may, must);
		return;
	case RECORD_DISPUTE:
		*must = BIT(RECORD_BODY_TARGET) | BIT(RECORD_BODY_REASON);
		*may = *must | BIT(RECORD_BODY_TEXT);
		return;
	case RECORD_AMENDMENT:
		keys_of_amendment(may, must);
		return;
	case RECORD_RELATION:
		*must = BIT(RECORD_BODY_RELATION) | BIT(RECORD_BODY_STATE);
		*may = *must | RELATION_MAY;
		return;
	case RECORD_CHARTER:
		*must = CHARTER_MUST;
		*may = *must | BIT(RECORD_BODY_COMMUNITY) | BIT(RECORD_BODY_PREVIOUS);
		return;
	case RECORD_QUESTION:
	case RECORD_RETRACTION:
		return;
	}
}

/* RED and nobody named: the failure lies at the audience, or at the label where there is none. */
static void
fail_unnamed(struct reader *reader, const struct record *record)
{
	bool has_audience = record->audience_bytes.len > 0;

	reader_fail_at(reader,
	    has_audience ? record->audience_bytes.data : record->marking_bytes.data, ERR_MISSING);
}

/* An amendment has the body of the kind that it is for, and its target; of a sighting, what
   it is a sighting of stays as it was. */
static enum err
check_amendment(const struct record *record, uint64_t body_seen)
{
	uint64_t may, must;

	keys_of_amendable(record->body.as, &may, &must);
	if (may == 0)
		return ERR_VALUE;
	body_seen &= ~BIT(RECORD_BODY_AS);
	may |= BIT(RECORD_BODY_TARGET);
	if ((body_seen & ~may) != 0)
		return ERR_VALUE;
	return (body_seen & must) == must ? ERR_NONE : ERR_MISSING;
}

static enum err
check_relation(const struct record *record)
{
	enum err err = relation_check(&record->body.relation);

	if (err == ERR_NONE && record->body.relation.type == RELATION_GRANT &&
	    record->valid_until_ms == 0)
		err = ERR_MISSING;
	return err;
}

/* What the keys of the body mean together. */
static enum err
check_body(const struct record *record, uint64_t body_seen)
{
	enum err err = ERR_NONE;

	if (record->kind == RECORD_AMENDMENT)
		err = check_amendment(record, body_seen);
	else if (record->kind == RECORD_RELATION)
		err = check_relation(record);
	else if (record->kind == RECORD_CHARTER)
		err = charter_check(&record->body.charter);
	if (err != ERR_NONE || record_form(record) != RECORD_INDICATOR)
		return err;
	if (record->observables_count == 0 && record->body.pattern.len == 0)
		return ERR_MISSING;
	return (record->observables_count > 1) == (record->body.combine != RECORD_COMBINE_UNSTATED)
		   ? ERR_NONE
		   : ERR_NOT_CANONICAL;
}

bool
record_check_author(const struct record *record)
{
	return record->kind != RECORD_RELATION ||
	       relation_is_by(&record->body.relation, &record->author);
}

void
record_check_whole(
    struct reader *reader, const struct record *record, uint64_t seen, uint64_t body_seen)
{
	const uint64_t identity =
	    BIT(RECORD_KEY_AUTHOR) | BIT(RECORD_KEY_CREATED) | BIT(RECORD_KEY_NONCE);
	uint64_t may, must;
	enum err err;

	record_check_body_keys(record->kind, &may, &must);
	if ((seen & BIT(RECORD_KEY_KIND)) == 0 || (seen & BIT(RECORD_KEY_MARKING)) == 0 ||
	    (body_seen & must) != must || (!record->is_draft && (seen & identity) != identity))
		reader_fail(reader, ERR_MISSING);
	else if (record->is_draft && (seen & identity) != 0)
		reader_fail(reader, ERR_INVALID); /* a whole record in the place of a draft */
	else if (may == 0)
		reader_fail(reader, ERR_VALUE); /* a kind without a body in this version */
	else if (record->marking.tlp == TLP_RED && record->audience.orgs_count == 0)
		fail_unnamed(reader, record);
	else if ((err = check_body(record, body_seen)) != ERR_NONE)
		reader_fail(reader, err);
	else if (!record->is_draft && !record_check_author(record))
		reader_fail(reader, ERR_VALUE);
}
