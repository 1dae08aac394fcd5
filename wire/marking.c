#include "wire/marking.h"

#include <string.h>

static const struct {
	const char *name;
	const char *label;
} tlps[TLP_COUNT] = {
    [TLP_CLEAR] = {"clear", "TLP:CLEAR"},
    [TLP_GREEN] = {"green", "TLP:GREEN"},
    [TLP_AMBER] = {"amber", "TLP:AMBER"},
    [TLP_AMBER_STRICT] = {"amber+strict", "TLP:AMBER+STRICT"},
    [TLP_RED] = {"red", "TLP:RED"},
};

const char *
tlp_name(enum tlp tlp)
{
	return (unsigned)tlp < TLP_COUNT ? tlps[tlp].name : "?";
}

const char *
tlp_label(enum tlp tlp)
{
	return (unsigned)tlp < TLP_COUNT ? tlps[tlp].label : "?";
}

static bool
is_same_text(struct bytes_view text, const char *name)
{
	size_t i;

	if (text.len != strlen(name))
		return false;
	for (i = 0; i < text.len; i++) {
		uint8_t letter = text.data[i];

		if (letter >= 'A' && letter <= 'Z')
			letter |= 0x20;
		if (letter != (uint8_t)name[i])
			return false;
	}
	return true;
}

bool
tlp_parse(struct bytes_view text, enum tlp *tlp)
{
	int i;

	if (text.len > 4 && is_same_text(bytes_view_of(text.data, 4), "tlp:"))
		text = bytes_view_of(text.data + 4, text.len - 4);
	for (i = 0; i < TLP_COUNT; i++) {
		if (is_same_text(text, tlps[i].name)) {
			*tlp = (enum tlp)i;
			return true;
		}
	}
	if (!is_same_text(text, "white"))
		return false;
	*tlp = TLP_CLEAR;
	return true;
}

/* ---------------------------------------------------------------- marking */

void
marking_init(struct marking *marking, enum tlp tlp)
{
	*marking = (struct marking){.tlp = tlp,
	    .permitted = MARKING_UNSTATED,
	    .attribution = MARKING_UNSTATED,
	    .notification = MARKING_UNSTATED,
	    .resale = MARKING_UNSTATED};
}

/* may or must-not: `must` has no meaning for these statements. */
static uint8_t
read_may(struct reader *reader)
{
	const uint8_t *start = reader->at;
	uint64_t value = reader_uint(reader, OBLIGATION_MAY, OBLIGATION_MUST_NOT);

	if (value == OBLIGATION_MUST)
		reader_fail_at(reader, start, ERR_RANGE);
	return (uint8_t)value;
}

static void
read_statement(struct reader *reader, uint64_t key, struct marking *marking)
{
	switch (key) {
	case MARKING_TLP:
		marking->tlp = (enum tlp)reader_uint(reader, 0, TLP_RED);
		return;
	case MARKING_PERMITTED:
		marking->permitted = (uint8_t)reader_uint(reader, 0, PERMITTED_EXTERNAL_DIRECT);
		return;
	case MARKING_ATTRIBUTION:
		marking->attribution = (uint8_t)reader_uint(reader, 0, OBLIGATION_MUST_NOT);
		return;
	case MARKING_PURPOSE:
		marking->purpose = reader_str(reader, 1, TERM_BYTES_MAX, READER_LINE);
		return;
	case MARKING_BASIS:
		marking->basis = reader_str(reader, 1, TERM_BYTES_MAX, READER_LINE);
		return;
	case MARKING_START:
		marking->start_ms = reader_uint(reader, 1, TIME_MS_MAX);
		return;
	case MARKING_END:
		marking->end_ms = reader_uint(reader, marking->start_ms + 1, TIME_MS_MAX);
		return;
	case MARKING_NOTIFICATION:
		marking->notification = read_may(reader);
		return;
	case MARKING_RESALE:
		marking->resale = read_may(reader);
		return;
	}
	reader_unknown(reader, key);
}

void
marking_read(struct reader *reader, struct marking *out)
{
	struct marking marking;
	struct reader_map map;
	bool has_tlp = false;
	uint64_t key;

	marking_init(&marking, TLP_RED);
	reader_map(reader, &map, 9 + UNKNOWN_KEYS_MAX);
	while (reader_key(reader, &map, &key)) {
		has_tlp = has_tlp || key == MARKING_TLP;
		read_statement(reader, key, &marking);
	}
	if (!has_tlp)
		reader_fail(reader, ERR_MISSING);
	if (reader_is_ok(reader))
		*out = marking;
}

static void
write_small(struct writer *writer, enum marking_key key, uint8_t value)
{
	if (value == MARKING_UNSTATED)
		return;
	writer_uint(writer, key);
	writer_uint(writer, value);
}

static void
write_text(struct writer *writer, enum marking_key key, struct bytes_view text)
{
	if (text.len == 0)
		return;
	writer_uint(writer, key);
	writer_str(writer, text);
}

static void
write_time(struct writer *writer, enum marking_key key, uint64_t time_ms)
{
	if (time_ms == 0)
		return;
	writer_uint(writer, key);
	writer_uint(writer, time_ms);
}

void
marking_write(struct writer *writer, const struct marking *marking)
{
	uint32_t count = 1;

	count += marking->permitted != MARKING_UNSTATED;
	count += marking->attribution != MARKING_UNSTATED;
	count += marking->purpose.len > 0;
	count += marking->basis.len > 0;
	count += marking->start_ms != 0;
	count += marking->end_ms != 0;
	count += marking->notification != MARKING_UNSTATED;
	count += marking->resale != MARKING_UNSTATED;
	writer_map(writer, count);
	writer_uint(writer, MARKING_TLP);
	writer_uint(writer, marking->tlp);
	write_small(writer, MARKING_PERMITTED, marking->permitted);
	write_small(writer, MARKING_ATTRIBUTION, marking->attribution);
	write_text(writer, MARKING_PURPOSE, marking->purpose);
	write_text(writer, MARKING_BASIS, marking->basis);
	write_time(writer, MARKING_START, marking->start_ms);
	write_time(writer, MARKING_END, marking->end_ms);
	write_small(writer, MARKING_NOTIFICATION, marking->notification);
	write_small(writer, MARKING_RESALE, marking->resale);
}

/* ---------------------------------------------------------------- audience */

void
audience_init(struct audience *audience)
{
	audience->orgs_count = 0;
	audience->persons_count = 0;
	audience->has_community = false;
	memset(&audience->community, 0, sizeof(audience->community));
}

bool
audience_is_empty(const struct audience *audience)
{
	return audience->orgs_count == 0 && !audience->has_community;
}

bool
audience_is_person_name(struct bytes_view name)
{
	size_t i;

	if (name.len == 0 || name.len > PERSON_BYTES_MAX)
		return false;
	for (i = 0; i < name.len; i++) {
		uint8_t letter = name.data[i];

		if (!(letter >= 'a' && letter <= 'z') && !(letter >= '0' && letter <= '9') &&
		    letter != '.' && letter != '_' && letter != '-')
			return false;
	}
	return true;
}

/* Where an organisation is, or would be. */
static uint32_t
place_of_org(const struct audience *audience, const struct org_id *org, bool *found)
{
	uint32_t low = 0, high = audience->orgs_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = memcmp(&audience->orgs[middle], org, sizeof(*org));

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = false;
	return low;
}

bool
audience_has_org(const struct audience *audience, const struct org_id *org)
{
	bool found;

	(void)place_of_org(audience, org, &found);
	return found;
}

enum err
audience_add_org(struct audience *audience, const struct org_id *org)
{
	bool found;
	uint32_t at = place_of_org(audience, org, &found);

	if (found)
		return ERR_NONE;
	if (audience->orgs_count == AUDIENCE_ORGS_MAX)
		return ERR_TOO_LARGE;
	memmove(&audience->orgs[at + 1], &audience->orgs[at],
	    (audience->orgs_count - at) * sizeof(*org));
	audience->orgs[at] = *org;
	audience->orgs_count++;
	return ERR_NONE;
}

static int
compare_persons(const struct person *a, const struct person *b)
{
	int order = memcmp(&a->org, &b->org, sizeof(a->org));

	return order != 0 ? order : bytes_view_compare(a->name, b->name);
}

enum err
audience_add_person(struct audience *audience, const struct org_id *org, struct bytes_view name)
{
	struct person person = {*org, name};
	uint32_t at = 0;
	enum err err;

	if (!audience_is_person_name(name))
		return ERR_VALUE;
	while (at < audience->persons_count && compare_persons(&audience->persons[at], &person) < 0)
		at++;
	if (at < audience->persons_count && compare_persons(&audience->persons[at], &person) == 0)
		return ERR_NONE;
	if (audience->persons_count == AUDIENCE_PERSONS_MAX)
		return ERR_TOO_LARGE;
	err = audience_add_org(audience, org);
	if (err != ERR_NONE)
		return err;
	memmove(&audience->persons[at + 1], &audience->persons[at],
	    (audience->persons_count - at) * sizeof(person));
	audience->persons[at] = person;
	audience->persons_count++;
	return ERR_NONE;
}

bool
audience_has_persons_of(const struct audience *audience, const struct org_id *org)
{
	uint32_t i;

	for (i = 0; i < audience->persons_count; i++) {
		if (memcmp(&audience->persons[i].org, org, sizeof(*org)) == 0)
			return true;
	}
	return false;
}

bool
audience_has_person(
    const struct audience *audience, const struct org_id *org, struct bytes_view name)
{
	struct person person = {*org, name};
	uint32_t i;

	for (i = 0; i < audience->persons_count; i++) {
		if (compare_persons(&audience->persons[i], &person) == 0)
			return true;
	}
	return false;
}

static void
read_orgs(struct reader *reader, struct audience *out)
{
	uint32_t count = reader_array(reader, 1, AUDIENCE_ORGS_MAX), i;

	for (i = 0; i < count && reader_is_ok(reader); i++) {
		const uint8_t *start = reader->at;

		reader_fixed(reader, out->orgs[i].bytes, sizeof(out->orgs[i].bytes));
		if (i > 0 && memcmp(&out->orgs[i - 1], &out->orgs[i], sizeof(out->orgs[i])) >= 0)
			reader_fail_at(reader, start, ERR_ORDER);
	}
	out->orgs_count = count;
}

static void
read_persons(struct reader *reader, struct audience *out)
{
	uint32_t count = reader_array(reader, 1, AUDIENCE_PERSONS_MAX), i;

	for (i = 0; i < count && reader_is_ok(reader); i++) {
		struct person *person = &out->persons[i];
		const uint8_t *start = reader->at;

		(void)reader_array(reader, 2, 2);
		reader_fixed(reader, person->org.bytes, sizeof(person->org.bytes));
		person->name = reader_str(reader, 1, PERSON_BYTES_MAX, READER_LINE);
		if (!reader_is_ok(reader))
			return;
		if (!audience_is_person_name(person->name))
			reader_fail_at(reader, start, ERR_VALUE);
		else if (!audience_has_org(out, &person->org))
			reader_fail_at(reader, start, ERR_MISSING);
		else if (i > 0 && compare_persons(&out->persons[i - 1], person) >= 0)
			reader_fail_at(reader, start, ERR_ORDER);
	}
	out->persons_count = count;
}

void
audience_read(struct reader *reader, struct audience *out)
{
	struct reader_map map;
	uint64_t key;

	audience_init(out);
	reader_map(reader, &map, 3 + UNKNOWN_KEYS_MAX);
	if (reader_is_ok(reader) && map.left == 0)
		reader_fail(reader, ERR_NOT_CANONICAL);
	while (reader_key(reader, &map, &key)) {
		switch (key) {
		case AUDIENCE_ORGS:
			read_orgs(reader, out);
			continue;
		case AUDIENCE_PERSONS:
			read_persons(reader, out);
			continue;
		case AUDIENCE_COMMUNITY:
			out->has_community = true;
			reader_fixed(reader, out->community.bytes, sizeof(out->community.bytes));
			continue;
		}
		reader_unknown(reader, key);
	}
	if (!reader_is_ok(reader))
		audience_init(out);
}

void
audience_write(struct writer *writer, const struct audience *audience)
{
	uint32_t i;

	writer_map(writer,
	    (audience->orgs_count > 0) + (audience->persons_count > 0) + audience->has_community);
	if (audience->orgs_count > 0) {
		writer_uint(writer, AUDIENCE_ORGS);
		writer_array(writer, audience->orgs_count);
	}
	for (i = 0; i < audience->orgs_count; i++)
		writer_bin(writer, audience->orgs[i].bytes, sizeof(audience->orgs[i].bytes));
	if (audience->persons_count > 0) {
		writer_uint(writer, AUDIENCE_PERSONS);
		writer_array(writer, audience->persons_count);
	}
	for (i = 0; i < audience->persons_count; i++) {
		writer_array(writer, 2);
		writer_bin(writer, audience->persons[i].org.bytes, sizeof(struct org_id));
		writer_str(writer, audience->persons[i].name);
	}
	if (audience->has_community) {
		writer_uint(writer, AUDIENCE_COMMUNITY);
		writer_bin(writer, audience->community.bytes, sizeof(audience->community.bytes));
	}
}
