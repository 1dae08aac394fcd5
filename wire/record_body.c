#include "wire/record_body.h"

#include "wire/record_check.h"

#define BIT(key) RECORD_CHECK_BIT(key)
#define BODY_KEYS_MAX 27u
#define BODY_KEY_LAST RECORD_BODY_NONCE

static bool
is_known(uint64_t key)
{
	return key <= BODY_KEY_LAST && ((key & 1) == 0 ? key != 10 && key != 12 : key <= 13);
}

/* ---------------------------------------------------------------- reading */

static void
read_restricting(struct reader *reader, uint64_t key, struct record_body *body)
{
	switch (key) {
	case RECORD_BODY_COMBINE:
		body->combine = (enum record_combine)reader_uint(
		    reader, RECORD_COMBINE_ANY, RECORD_COMBINE_ALL);
		return;
	case RECORD_BODY_TARGET:
		reader_fixed(reader, body->target.bytes, sizeof(body->target.bytes));
		return;
	case RECORD_BODY_OUTCOME:
		body->outcome = (enum sighting)reader_uint(reader, SIGHTING_SEEN, SIGHTING_EXPIRED);
		return;
	case RECORD_BODY_REASON:
		body->dispute =
		    (enum dispute)reader_uint(reader, DISPUTE_FALSE_POSITIVE, DISPUTE_OTHER);
		return;
	case RECORD_BODY_AS:
		body->as = (enum record_kind)reader_uint(reader, RECORD_INDICATOR, RECORD_SIGHTING);
		return;
	}
	reader_unknown(reader, key);
}

static void
read_describing(struct reader *reader, uint64_t key, struct record_body *body)
{
	switch (key) {
	case RECORD_BODY_TITLE:
		body->title = reader_str(reader, 1, TITLE_BYTES_MAX, READER_LINE);
		return;
	case RECORD_BODY_TEXT:
		body->text = reader_str(reader, 1, TEXT_BYTES_MAX, READER_PROSE);
		return;
	case RECORD_BODY_PATTERN:
		body->pattern = reader_str(reader, 1, TEXT_BYTES_MAX, READER_PROSE);
		return;
	case RECORD_BODY_FIRST_SEEN:
		body->first_seen_ms = reader_uint(reader, 1, TIME_MS_MAX);
		return;
	case RECORD_BODY_LAST_SEEN:
		body->last_seen_ms = reader_uint(
		    reader, body->first_seen_ms > 0 ? body->first_seen_ms : 1, TIME_MS_MAX);
		return;
	case RECORD_BODY_COUNT:
		body->count = reader_uint(reader, 1, NUMBER_MAX);
		return;
	case RECORD_BODY_IDENTIFIER:
		body->identifier = reader_str(reader, 1, LABEL_BYTES_MAX, READER_LINE);
		return;
	}
	reader_unknown(reader, key);
}

static void
read_relation(struct reader *reader, uint64_t key, struct relation *relation)
{
	switch (key) {
	case RECORD_BODY_RELATION:
		relation->type =
		    (enum relation_type)reader_uint(reader, RELATION_CLIENT_OF, RELATION_LEFT);
		return;
	case RECORD_BODY_STATE:
		relation->state =
		    (enum relation_state)reader_uint(reader, RELATION_ACTIVE, RELATION_ENDED);
		return;
	case RECORD_BODY_SUBJECT:
		relation->has_subject = true;
		reader_fixed(reader, relation->subject.bytes, sizeof(relation->subject.bytes));
		return;
	case RECORD_BODY_OBJECT:
		relation->has_object = true;
		reader_fixed(reader, relation->object.bytes, sizeof(relation->object.bytes));
		return;
	case RECORD_BODY_TO_ORGS:
		org_list_read(reader, AUDIENCE_ORGS_MAX, &relation->to_orgs);
		return;
	case RECORD_BODY_TO_COMMUNITY:
		relation->has_to_community = true;
		reader_fixed(
		    reader, relation->to_community.bytes, sizeof(relation->to_community.bytes));
		return;
	case RECORD_BODY_TO_SECTOR:
		relation->to_sector = reader_str(reader, 1, SECTOR_BYTES_MAX, READER_LINE);
		return;
	case RECORD_BODY_TLP:
		relation->has_tlp = true;
		relation->tlp = (enum tlp)reader_uint(reader, TLP_CLEAR, TLP_RED);
		return;
	}
	reader_unknown(reader, key);
}

static void
read_charter(struct reader *reader, uint64_t key, struct charter *charter)
{
	switch (key) {
	case RECORD_BODY_SERIAL:
		charter->serial = reader_uint(reader, 1, NUMBER_MAX);
		return;
	case RECORD_BODY_PREVIOUS:
		charter->has_previous = true;
		reader_fixed(reader, charter->previous.bytes, sizeof(charter->previous.bytes));
		return;
	case RECORD_BODY_STEWARDS:
		org_list_read(reader, STEWARDS_MAX, &charter->stewards);
		return;
	case RECORD_BODY_THRESHOLD:
		charter->threshold = (uint32_t)reader_uint(
		    reader, 1, charter->stewards.count > 0 ? charter->stewards.count : 1);
		return;
	case RECORD_BODY_MEMBERS:
		org_list_read(reader, MEMBERS_MAX, &charter->members);
		return;
	case RECORD_BODY_NONCE:
		reader_fixed(reader, charter->nonce.bytes, sizeof(charter->nonce.bytes));
		return;
	}
	reader_unknown(reader, key);
}

static void
read_community(struct reader *reader, struct record *record)
{
	struct community_id community;

	reader_fixed(reader, community.bytes, sizeof(community.bytes));
	if (record->kind == RECORD_CHARTER) {
		record->body.charter.has_community = true;
		record->body.charter.community = community;
	} else {
		record->body.relation.has_community = true;
		record->body.relation.community = community;
	}
}

static void
read_field(struct reader *reader, uint64_t key, struct record *record)
{
	if ((key & 1) == 1)
		read_describing(reader, key, &record->body);
	else if (key < RECORD_BODY_RELATION)
		read_restricting(reader, key, &record->body);
	else if (key == RECORD_BODY_COMMUNITY)
		read_community(reader, record);
	else if (key < RECORD_BODY_SERIAL)
		read_relation(reader, key, &record->body.relation);
	else
		read_charter(reader, key, &record->body.charter);
}

uint64_t
record_body_read(struct reader *reader, struct record *record)
{
	uint64_t seen = 0, may, must, key;
	struct reader_map map;

	record_check_body_keys(record->kind, &may, &must);
	reader_map(reader, &map, BODY_KEYS_MAX + UNKNOWN_KEYS_MAX);
	if (reader_is_ok(reader) && map.left == 0)
		reader_fail(reader, ERR_NOT_CANONICAL); /* might have been left out */
	while (reader_key(reader, &map, &key)) {
		if (is_known(key)) {
			seen |= BIT(key);
			if ((BIT(key) & may) == 0)
				reader_fail(reader, ERR_VALUE);
		}
		read_field(reader, key, record);
	}
	if (record->kind == RECORD_RELATION && (seen & BIT(RECORD_BODY_TARGET)) != 0) {
		record->body.relation.has_target = true;
		record->body.relation.target = record->body.target;
	}
	return seen;
}

/* ---------------------------------------------------------------- writing */

static void
write_text(struct writer *writer, uint64_t key, struct bytes_view text)
{
	if (text.len == 0)
		return;
	writer_uint(writer, key);
	writer_str(writer, text);
}

static void
write_number(struct writer *writer, uint64_t key, uint64_t number)
{
	if (number == 0)
		return;
	writer_uint(writer, key);
	writer_uint(writer, number);
}

static void
write_id(struct writer *writer, uint64_t key, bool has_id, const void *id)
{
	if (!has_id)
		return;
	writer_uint(writer, key);
	writer_bin(writer, id, sizeof(struct hash));
}

static void
write_orgs(struct writer *writer, uint64_t key, const struct org_list *list)
{
	if (list->count == 0)
		return;
	writer_uint(writer, key);
	org_list_write(writer, list);
}

static bool
has_target(const struct record *record)
{
	switch (record->kind) {
	case RECORD_SIGHTING:
	case RECORD_DISPUTE:
	case RECORD_AMENDMENT:
		return true;
	case RECORD_RELATION:
		return record->body.relation.has_target;
	case RECORD_INDICATOR:
	case RECORD_NOTE:
	case RECORD_ADVISORY:
	case RECORD_QUESTION:
	case RECORD_RETRACTION:
	case RECORD_CHARTER:
		return false;
	}
	return false;
}

static uint32_t
count_relation(const struct relation *relation)
{
	return (relation->type != RELATION_UNSTATED) +
	       (relation->state != RELATION_STATE_UNSTATED) + relation->has_subject +
	       relation->has_object + relation->has_community + (relation->to_orgs.count > 0) +
	       relation->has_to_community + (relation->to_sector.len > 0) + relation->has_tlp;
}

static uint32_t
count_charter(const struct charter *charter)
{
	return charter->has_community + (charter->serial > 0) + charter->has_previous +
	       (charter->stewards.count > 0) + (charter->threshold > 0) +
	       (charter->members.count > 0) + 1;
}

uint32_t
record_body_count(const struct record *record)
{
	const struct record_body *body = &record->body;
	uint32_t count = (body->combine != RECORD_COMBINE_UNSTATED) + (body->title.len > 0) +
			 has_target(record) + (body->outcome != SIGHTING_UNSTATED) +
			 (body->text.len > 0) + (body->pattern.len > 0) +
			 (body->first_seen_ms > 0) + (body->last_seen_ms > 0) + (body->count > 0) +
			 (body->identifier.len > 0) + (body->dispute != DISPUTE_UNSTATED) +
			 (body->as != 0);

	if (record->kind == RECORD_RELATION)
		count += count_relation(&body->relation);
	if (record->kind == RECORD_CHARTER)
		count += count_charter(&body->charter);
	return count;
}

static void
write_relation(struct writer *writer, const struct relation *relation)
{
	write_number(writer, RECORD_BODY_RELATION, relation->type);
	write_number(writer, RECORD_BODY_STATE, relation->state);
	write_id(writer, RECORD_BODY_SUBJECT, relation->has_subject, &relation->subject);
	write_id(writer, RECORD_BODY_OBJECT, relation->has_object, &relation->object);
	write_id(writer, RECORD_BODY_COMMUNITY, relation->has_community, &relation->community);
	write_orgs(writer, RECORD_BODY_TO_ORGS, &relation->to_orgs);
	write_id(
	    writer, RECORD_BODY_TO_COMMUNITY, relation->has_to_community, &relation->to_community);
	write_text(writer, RECORD_BODY_TO_SECTOR, relation->to_sector);
	if (relation->has_tlp) {
		writer_uint(writer, RECORD_BODY_TLP);
		writer_uint(writer, relation->tlp);
	}
}

static void
write_charter(struct writer *writer, const struct charter *charter)
{
	write_id(writer, RECORD_BODY_COMMUNITY, charter->has_community, &charter->community);
	write_number(writer, RECORD_BODY_SERIAL, charter->serial);
	write_id(writer, RECORD_BODY_PREVIOUS, charter->has_previous, &charter->previous);
	write_orgs(writer, RECORD_BODY_STEWARDS, &charter->stewards);
	write_number(writer, RECORD_BODY_THRESHOLD, charter->threshold);
	write_orgs(writer, RECORD_BODY_MEMBERS, &charter->members);
	writer_uint(writer, RECORD_BODY_NONCE);
	writer_bin(writer, charter->nonce.bytes, sizeof(charter->nonce.bytes));
}

void
record_body_write(struct writer *writer, const struct record *record)
{
	const struct record_body *body = &record->body;
	const struct record_id *target =
	    record->kind == RECORD_RELATION ? &body->relation.target : &body->target;

	writer_map(writer, record_body_count(record));
	write_number(writer, RECORD_BODY_COMBINE, body->combine);
	write_text(writer, RECORD_BODY_TITLE, body->title);
	write_id(writer, RECORD_BODY_TARGET, has_target(record), target);
	write_text(writer, RECORD_BODY_TEXT, body->text);
	write_number(writer, RECORD_BODY_OUTCOME, body->outcome);
	write_text(writer, RECORD_BODY_PATTERN, body->pattern);
	write_number(writer, RECORD_BODY_REASON, body->dispute);
	write_number(writer, RECORD_BODY_FIRST_SEEN, body->first_seen_ms);
	write_number(writer, RECORD_BODY_AS, body->as);
	write_number(writer, RECORD_BODY_LAST_SEEN, body->last_seen_ms);
	write_number(writer, RECORD_BODY_COUNT, body->count);
	write_text(writer, RECORD_BODY_IDENTIFIER, body->identifier);
	if (record->kind == RECORD_RELATION)
		write_relation(writer, &body->relation);
	if (record->kind == RECORD_CHARTER)
		write_charter(writer, &body->charter);
}
