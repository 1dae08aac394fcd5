#include "wire/record_check.h"

#define BIT(key) RECORD_CHECK_BIT(key)

void
record_check_body_keys(enum record_kind kind, uint32_t *may, uint32_t *must)
{
	*may = 0;
	*must = 0;
	switch (kind) {
	case RECORD_INDICATOR:
		*may = BIT(RECORD_BODY_COMBINE) | BIT(RECORD_BODY_TITLE) | BIT(RECORD_BODY_TEXT) |
		       BIT(RECORD_BODY_PATTERN) | BIT(RECORD_BODY_FIRST_SEEN) |
		       BIT(RECORD_BODY_LAST_SEEN);
		return;
	case RECORD_NOTE:
		*must = BIT(RECORD_BODY_TITLE) | BIT(RECORD_BODY_TEXT);
		*may = *must;
		return;
	case RECORD_ADVISORY:
		*must = BIT(RECORD_BODY_TITLE) | BIT(RECORD_BODY_TEXT);
		*may = *must | BIT(RECORD_BODY_IDENTIFIER);
		return;
	case RECORD_SIGHTING:
		*must = BIT(RECORD_BODY_TARGET) | BIT(RECORD_BODY_OUTCOME);
		*may = *must | BIT(RECORD_BODY_TEXT) | BIT(RECORD_BODY_FIRST_SEEN) |
		       BIT(RECORD_BODY_LAST_SEEN) | BIT(RECORD_BODY_COUNT);
		return;
	case RECORD_QUESTION:
	case RECORD_DISPUTE:
	case RECORD_AMENDMENT:
	case RECORD_RETRACTION:
	case RECORD_RELATION:
	case RECORD_CHARTER:
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

void
record_check_whole(
    struct reader *reader, const struct record *record, uint32_t seen, uint32_t body_seen)
{
	const uint32_t identity =
	    BIT(RECORD_KEY_AUTHOR) | BIT(RECORD_KEY_CREATED) | BIT(RECORD_KEY_NONCE);
	uint32_t may, must;

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
	else if (record->kind == RECORD_INDICATOR && record->observables_count == 0 &&
		 record->body.pattern.len == 0)
		reader_fail(reader, ERR_MISSING);
	else if (record->kind == RECORD_INDICATOR &&
		 (record->observables_count > 1) !=
		     (record->body.combine != RECORD_COMBINE_UNSTATED))
		reader_fail(reader, ERR_NOT_CANONICAL);
}
