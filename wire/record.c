#include "wire/record.h"

#include <string.h>

#include "crypto/digest.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define KEYS_MAX (19u + UNKNOWN_KEYS_MAX)

struct named {
	int code;
	const char *name;
};

static const struct named kinds[] = {
#define KIND_ROW(symbol, code, name) {code, name},
    RECORD_KIND_TABLE(KIND_ROW)
#undef KIND_ROW
};
static const struct named severities[] = {
    {SEVERITY_LOW, "low"},
    {SEVERITY_MEDIUM, "medium"},
    {SEVERITY_HIGH, "high"},
    {SEVERITY_CRITICAL, "critical"},
};
static const struct named sightings[] = {
    {SIGHTING_SEEN, "seen"},
    {SIGHTING_FALSE_POSITIVE, "false-positive"},
    {SIGHTING_EXPIRED, "expired"},
};

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))

static const char *
name_of(const struct named *table, size_t count, int code, const char *otherwise)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (table[i].code == code)
			return table[i].name;
	}
	return otherwise;
}

static bool
code_of(const struct named *table, size_t count, struct bytes_view name, int *code)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (bytes_view_is_equal(bytes_view_str(table[i].name), name)) {
			*code = table[i].code;
			return true;
		}
	}
	return false;
}

const char *
record_kind_name(enum record_kind kind)
{
	return name_of(kinds, COUNT_OF(kinds), (int)kind, "?");
}

bool
record_kind_parse(struct bytes_view name, enum record_kind *kind)
{
	int code;

	if (!code_of(kinds, COUNT_OF(kinds), name, &code))
		return false;
	*kind = (enum record_kind)code;
	return true;
}

const char *
severity_name(enum severity severity)
{
	return name_of(severities, COUNT_OF(severities), (int)severity, "");
}

bool
severity_parse(struct bytes_view name, enum severity *severity)
{
	int code;

	if (!code_of(severities, COUNT_OF(severities), name, &code))
		return false;
	*severity = (enum severity)code;
	return true;
}

const char *
sighting_name(enum sighting sighting)
{
	return name_of(sightings, COUNT_OF(sightings), (int)sighting, "");
}

bool
sighting_parse(struct bytes_view name, enum sighting *sighting)
{
	int code;

	if (!code_of(sightings, COUNT_OF(sightings), name, &code))
		return false;
	*sighting = (enum sighting)code;
	return true;
}

/* ---------------------------------------------------------------- building */

/* Everything unstated.  The large lists are emptied by their counts, not overwritten. */
void
record_init(struct record *record, enum record_kind kind, enum tlp tlp)
{
	static const struct record_body no_body;
	static const struct record_source no_source;

	record->kind = kind;
	record->is_draft = true;
	memset(&record->author, 0, sizeof(record->author));
	memset(&record->nonce, 0, sizeof(record->nonce));
	record->created_ms = 0;
	record->confidence = CONFIDENCE_UNSTATED;
	record->severity = SEVERITY_UNSTATED;
	record->valid_from_ms = 0;
	record->valid_until_ms = 0;
	marking_init(&record->marking, tlp);
	record->marking_bytes = bytes_view_of(NULL, 0);
	record->audience_bytes = bytes_view_of(NULL, 0);
	audience_init(&record->audience);
	record->affects.sectors.count = 0;
	record->affects.services.count = 0;
	record->affects.products.count = 0;
	record->affects.is_it = false;
	record->affects.is_ot = false;
	record->labels.count = 0;
	record->language = bytes_view_of(NULL, 0);
	record->observables_count = 0;
	record->references_count = 0;
	record->links.count = 0;
	record->body = no_body;
	record->has_derived = false;
	record->source = no_source;
	record->unknown = 0;
}

enum err
record_add_text(struct record_texts *texts, struct bytes_view text)
{
	uint32_t at = texts->count;
	int order = 1;

	while (at > 0 && (order = bytes_view_compare(texts->at[at - 1], text)) > 0)
		at--;
	if (at > 0 && order == 0)
		return ERR_NONE;
	if (texts->count == LABELS_MAX)
		return ERR_TOO_LARGE;
	memmove(&texts->at[at + 1], &texts->at[at], (texts->count - at) * sizeof(text));
	texts->at[at] = text;
	texts->count++;
	return ERR_NONE;
}

enum err
record_add_observable(struct record *record, const struct observable *observable)
{
	uint32_t at = record->observables_count;
	int order = 1;

	while (at > 0 && (order = observable_compare(&record->observables[at - 1], observable)) > 0)
		at--;
	if (at > 0 && order == 0)
		return ERR_NONE;
	if (record->observables_count == OBSERVABLES_MAX)
		return ERR_TOO_LARGE;
	memmove(&record->observables[at + 1], &record->observables[at],
	    (record->observables_count - at) * sizeof(*observable));
	record->observables[at] = *observable;
	record->observables_count++;
	return ERR_NONE;
}

enum err
record_add_reference(struct record *record, const struct record_id *id)
{
	uint32_t at = record->references_count;
	int order = 1;

	while (at > 0 && (order = memcmp(&record->references[at - 1], id, sizeof(*id))) > 0)
		at--;
	if (at > 0 && order == 0)
		return ERR_NONE;
	if (record->references_count == REFERENCES_MAX)
		return ERR_TOO_LARGE;
	memmove(&record->references[at + 1], &record->references[at],
	    (record->references_count - at) * sizeof(*id));
	record->references[at] = *id;
	record->references_count++;
	return ERR_NONE;
}

/* ---------------------------------------------------------------- reading */

static void
read_texts(struct reader *reader, uint32_t count_max, size_t len_max, struct record_texts *out)
{
	uint32_t i;

	out->count = reader_array(reader, 1, count_max);
	for (i = 0; i < out->count && reader_is_ok(reader); i++) {
		const uint8_t *start = reader->at;

		out->at[i] = reader_str(reader, 1, len_max, READER_LINE);
		if (i > 0 && bytes_view_compare(out->at[i - 1], out->at[i]) >= 0)
			reader_fail_at(reader, start, ERR_ORDER);
	}
}

static void
read_observables(struct reader *reader, struct record *record)
{
	uint32_t count = reader_array(reader, 1, OBSERVABLES_MAX), i;

	for (i = 0; i < count && reader_is_ok(reader); i++) {
		struct observable *observable = &record->observables[i];
		const uint8_t *start = reader->at;
		uint64_t type;

		(void)reader_array(reader, 2, 2);
		type = reader_uint(reader, 1, OBSERVABLE_TYPE_MAX);
		observable->type = (enum observable_type)type;
		observable->value = reader_str(reader, 1, OBSERVABLE_BYTES_MAX, READER_LINE);
		if (!reader_is_ok(reader))
			return;
		if (observable_check(observable->type, observable->value) != ERR_NONE)
			reader_fail_at(reader, start, ERR_VALUE);
		else if (i > 0 && observable_compare(&record->observables[i - 1], observable) >= 0)
			reader_fail_at(reader, start, ERR_ORDER);
	}
	record->observables_count = count;
}

static void
read_references(struct reader *reader, struct record *record)
{
	uint32_t count = reader_array(reader, 1, REFERENCES_MAX), i;

	for (i = 0; i < count && reader_is_ok(reader); i++) {
		const uint8_t *start = reader->at;

		reader_fixed(reader, record->references[i].bytes, sizeof(struct record_id));
		if (i > 0 && memcmp(&record->references[i - 1], &record->references[i],
				 sizeof(struct record_id)) >= 0)
			reader_fail_at(reader, start, ERR_ORDER);
	}
	record->references_count = count;
}

static void
read_environments(struct reader *reader, struct record_affects *affects)
{
	uint32_t count = reader_array(reader, 1, 2), i;
	uint64_t last = 0;

	for (i = 0; i < count && reader_is_ok(reader); i++) {
		const uint8_t *start = reader->at;
		uint64_t value = reader_uint(reader, ENVIRONMENT_IT, ENVIRONMENT_OT);

		if (value <= last)
			reader_fail_at(reader, start, ERR_ORDER);
		last = value;
		affects->is_it = affects->is_it || value == ENVIRONMENT_IT;
		affects->is_ot = affects->is_ot || value == ENVIRONMENT_OT;
	}
}

/* An empty map where the whole field might have been left out. */
static void
refuse_empty(struct reader *reader, const struct reader_map *map)
{
	if (reader_is_ok(reader) && map->left == 0)
		reader_fail(reader, ERR_NOT_CANONICAL);
}

static void
read_affects(struct reader *reader, struct record_affects *affects)
{
	struct reader_map map;
	uint64_t key;

	reader_map(reader, &map, 4 + UNKNOWN_KEYS_MAX);
	refuse_empty(reader, &map);
	while (reader_key(reader, &map, &key)) {
		switch (key) {
		case RECORD_AFFECTS_SECTORS:
			read_texts(reader, AFFECTS_MAX, LABEL_BYTES_MAX, &affects->sectors);
			continue;
		case RECORD_AFFECTS_SERVICES:
			read_texts(reader, AFFECTS_MAX, LABEL_BYTES_MAX, &affects->services);
			continue;
		case RECORD_AFFECTS_ENVIRONMENTS:
			read_environments(reader, affects);
			continue;
		case RECORD_AFFECTS_PRODUCTS:
			read_texts(reader, AFFECTS_MAX, LABEL_BYTES_MAX, &affects->products);
			continue;
		}
		reader_unknown(reader, key);
	}
}

static void
read_body_field(struct reader *reader, uint64_t key, struct record_body *body)
{
	switch (key) {
	case RECORD_BODY_COMBINE:
		body->combine = (enum record_combine)reader_uint(
		    reader, RECORD_COMBINE_ANY, RECORD_COMBINE_ALL);
		return;
	case RECORD_BODY_TITLE:
		body->title = reader_str(reader, 1, TITLE_BYTES_MAX, READER_LINE);
		return;
	case RECORD_BODY_TARGET:
		reader_fixed(reader, body->target.bytes, sizeof(body->target.bytes));
		return;
	case RECORD_BODY_TEXT:
		body->text = reader_str(reader, 1, TEXT_BYTES_MAX, READER_PROSE);
		return;
	case RECORD_BODY_OUTCOME:
		body->outcome = (enum sighting)reader_uint(reader, SIGHTING_SEEN, SIGHTING_EXPIRED);
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

#define BIT(key) (1u << (key))
#define BODY_KNOWN                                                                                 \
	(BIT(RECORD_BODY_COMBINE) | BIT(RECORD_BODY_TITLE) | BIT(RECORD_BODY_TARGET) |             \
	    BIT(RECORD_BODY_TEXT) | BIT(RECORD_BODY_OUTCOME) | BIT(RECORD_BODY_PATTERN) |          \
	    BIT(RECORD_BODY_FIRST_SEEN) | BIT(RECORD_BODY_LAST_SEEN) | BIT(RECORD_BODY_COUNT) |    \
	    BIT(RECORD_BODY_IDENTIFIER))

/* Which keys a body of this kind may have, and which it must. */
static void
body_keys(enum record_kind kind, uint32_t *may, uint32_t *must)
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

/* The keys that were seen are returned as bits. */
static uint32_t
read_body(struct reader *reader, struct record *record)
{
	uint32_t seen = 0, may, must;
	struct reader_map map;
	uint64_t key;

	body_keys(record->kind, &may, &must);
	reader_map(reader, &map, 10 + UNKNOWN_KEYS_MAX);
	refuse_empty(reader, &map);
	while (reader_key(reader, &map, &key)) {
		if (key < 16 && (BIT(key) & BODY_KNOWN) != 0) {
			seen |= BIT(key);
			if ((BIT(key) & may) == 0)
				reader_fail(reader, ERR_VALUE);
		}
		read_body_field(reader, key, &record->body);
	}
	return seen;
}

static void
read_derived(struct reader *reader, struct record *record)
{
	struct record_derived *derived = &record->derived;
	struct reader_map map;
	uint32_t seen = 0;
	uint64_t key;

	record->has_derived = true;
	audience_init(&derived->audience);
	reader_map(reader, &map, 4 + UNKNOWN_KEYS_MAX);
	while (reader_key(reader, &map, &key)) {
		seen |= key < 8 ? BIT(key) : 0;
		switch (key) {
		case RECORD_DERIVED_ID:
			reader_fixed(reader, derived->id.bytes, sizeof(derived->id.bytes));
			continue;
		case RECORD_DERIVED_AUTHOR:
			reader_fixed(reader, derived->author.bytes, sizeof(derived->author.bytes));
			continue;
		case RECORD_DERIVED_AUDIENCE:
			audience_read(reader, &derived->audience);
			continue;
		case RECORD_DERIVED_MARKING:
			marking_read(reader, &derived->marking);
			continue;
		}
		reader_unknown(reader, key);
	}
	if ((seen & (BIT(0) | BIT(2) | BIT(6))) != (BIT(0) | BIT(2) | BIT(6)))
		reader_fail(reader, ERR_MISSING);
}

static void
read_source(struct reader *reader, struct record_source *source)
{
	struct reader_map map;
	uint64_t key;

	reader_map(reader, &map, 4 + UNKNOWN_KEYS_MAX);
	refuse_empty(reader, &map);
	while (reader_key(reader, &map, &key)) {
		switch (key) {
		case RECORD_SOURCE_FORMAT:
			source->format = reader_str(reader, 1, 64, READER_LINE);
			continue;
		case RECORD_SOURCE_MAPPING:
			source->mapping = reader_str(reader, 1, 64, READER_LINE);
			continue;
		case RECORD_SOURCE_ID:
			source->id = reader_str(reader, 1, TERM_BYTES_MAX, READER_LINE);
			continue;
		case RECORD_SOURCE_ORIGINAL:
			source->original = reader_bin(reader, 1, ORIGINAL_BYTES_MAX);
			continue;
		}
		reader_unknown(reader, key);
	}
	if (source->format.len == 0)
		reader_fail(reader, ERR_MISSING);
}

/* A map that is read through and whose own bytes are remembered. */
static struct bytes_view
bytes_since(const struct reader *reader, const uint8_t *start)
{
	if (!reader_is_ok(reader))
		return bytes_view_of(NULL, 0);
	return bytes_view_of(start, (size_t)(reader->at - start));
}

static void
read_restricting(struct reader *reader, uint64_t key, struct record *record)
{
	const uint8_t *start = reader->at;

	switch (key) {
	case RECORD_KEY_KIND:
		record->kind =
		    (enum record_kind)reader_uint(reader, RECORD_INDICATOR, RECORD_CHARTER);
		return;
	case RECORD_KEY_AUTHOR:
		reader_fixed(reader, record->author.bytes, sizeof(record->author.bytes));
		return;
	case RECORD_KEY_CREATED:
		record->created_ms = reader_uint(reader, 1, TIME_MS_MAX);
		return;
	case RECORD_KEY_MARKING:
		marking_read(reader, &record->marking);
		record->marking_bytes = bytes_since(reader, start);
		return;
	case RECORD_KEY_AUDIENCE:
		audience_read(reader, &record->audience);
		record->audience_bytes = bytes_since(reader, start);
		return;
	case RECORD_KEY_NONCE:
		reader_fixed(reader, record->nonce.bytes, sizeof(record->nonce.bytes));
		return;
	case RECORD_KEY_VALID_FROM:
		record->valid_from_ms = reader_uint(reader, 1, TIME_MS_MAX);
		return;
	case RECORD_KEY_VALID_UNTIL:
		record->valid_until_ms =
		    reader_uint(reader, record->valid_from_ms + 1, TIME_MS_MAX);
		return;
	case RECORD_KEY_DERIVED:
		read_derived(reader, record);
		return;
	}
	reader_unknown(reader, key);
}

static void
read_describing(struct reader *reader, uint64_t key, struct record *record)
{
	switch (key) {
	case RECORD_KEY_CONFIDENCE:
		record->confidence = (uint8_t)reader_uint(reader, 0, 100);
		return;
	case RECORD_KEY_SEVERITY:
		record->severity =
		    (enum severity)reader_uint(reader, SEVERITY_LOW, SEVERITY_CRITICAL);
		return;
	case RECORD_KEY_AFFECTS:
		read_affects(reader, &record->affects);
		return;
	case RECORD_KEY_LABELS:
		read_texts(reader, LABELS_MAX, LABEL_BYTES_MAX, &record->labels);
		return;
	case RECORD_KEY_LANGUAGE:
		record->language = reader_str(reader, 2, LANGUAGE_BYTES_MAX, READER_LINE);
		return;
	case RECORD_KEY_OBSERVABLES:
		read_observables(reader, record);
		return;
	case RECORD_KEY_REFERENCES:
		read_references(reader, record);
		return;
	case RECORD_KEY_SOURCE:
		read_source(reader, &record->source);
		return;
	case RECORD_KEY_LINKS:
		read_texts(reader, LABELS_MAX, OBSERVABLE_BYTES_MAX, &record->links);
		return;
	}
	reader_unknown(reader, key);
}

/* RED and nobody named: the failure lies at the audience, or at the label where there is none. */
static void
fail_unnamed(struct reader *reader, const struct record *record)
{
	bool has_audience = record->audience_bytes.len > 0;

	reader_fail_at(reader,
	    has_audience ? record->audience_bytes.data : record->marking_bytes.data, ERR_MISSING);
}

/* What the fields mean together: what a kind must have, and that RED names somebody. */
static void
check_whole(struct reader *reader, const struct record *record, uint32_t seen, uint32_t body_seen)
{
	const uint32_t identity =
	    BIT(RECORD_KEY_AUTHOR) | BIT(RECORD_KEY_CREATED) | BIT(RECORD_KEY_NONCE);
	uint32_t may, must;

	body_keys(record->kind, &may, &must);
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

enum err
record_decode(struct bytes_view in, bool is_draft, struct record *out, size_t *err_at)
{
	uint32_t seen = 0, body_seen = 0;
	struct reader_map map;
	struct reader reader;
	uint64_t key;
	enum err err;

	record_init(out, RECORD_INDICATOR, TLP_RED);
	out->is_draft = is_draft;
	reader_open(&reader, in);
	if (in.len > RECORD_BYTES_MAX)
		reader_fail(&reader, ERR_TOO_LARGE);
	reader_map(&reader, &map, KEYS_MAX);
	while (reader_key(&reader, &map, &key)) {
		seen |= key < 32 ? BIT(key) : 0;
		if (key == RECORD_KEY_BODY)
			body_seen = read_body(&reader, out);
		else if ((key & 1) == 0)
			read_restricting(&reader, key, out);
		else
			read_describing(&reader, key, out);
	}
	if (reader_is_ok(&reader))
		check_whole(&reader, out, seen, body_seen);
	err = reader_close(&reader);
	out->unknown = reader.unknown;
	if (err_at != NULL)
		*err_at = reader.err_at;
	return err;
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
write_texts(struct writer *writer, uint64_t key, const struct record_texts *texts)
{
	uint32_t i;

	if (texts->count == 0)
		return;
	writer_uint(writer, key);
	writer_array(writer, texts->count);
	for (i = 0; i < texts->count; i++)
		writer_str(writer, texts->at[i]);
}

static uint32_t
affects_count(const struct record_affects *affects)
{
	return (affects->sectors.count > 0) + (affects->services.count > 0) +
	       (affects->is_it || affects->is_ot) + (affects->products.count > 0);
}

static void
write_affects(struct writer *writer, const struct record_affects *affects)
{
	uint32_t count = affects_count(affects);

	if (count == 0)
		return;
	writer_uint(writer, RECORD_KEY_AFFECTS);
	writer_map(writer, count);
	write_texts(writer, RECORD_AFFECTS_SECTORS, &affects->sectors);
	write_texts(writer, RECORD_AFFECTS_SERVICES, &affects->services);
	if (affects->is_it || affects->is_ot) {
		writer_uint(writer, RECORD_AFFECTS_ENVIRONMENTS);
		writer_array(writer, affects->is_it + affects->is_ot);
		if (affects->is_it)
			writer_uint(writer, ENVIRONMENT_IT);
		if (affects->is_ot)
			writer_uint(writer, ENVIRONMENT_OT);
	}
	write_texts(writer, RECORD_AFFECTS_PRODUCTS, &affects->products);
}

static void
write_observables(struct writer *writer, const struct record *record)
{
	uint32_t i;

	if (record->observables_count == 0)
		return;
	writer_uint(writer, RECORD_KEY_OBSERVABLES);
	writer_array(writer, record->observables_count);
	for (i = 0; i < record->observables_count; i++) {
		writer_array(writer, 2);
		writer_uint(writer, record->observables[i].type);
		writer_str(writer, record->observables[i].value);
	}
}

static void
write_references(struct writer *writer, const struct record *record)
{
	uint32_t i;

	if (record->references_count == 0)
		return;
	writer_uint(writer, RECORD_KEY_REFERENCES);
	writer_array(writer, record->references_count);
	for (i = 0; i < record->references_count; i++)
		writer_bin(writer, record->references[i].bytes, sizeof(struct record_id));
}

static uint32_t
body_count(const struct record *record)
{
	const struct record_body *body = &record->body;

	return (body->combine != RECORD_COMBINE_UNSTATED) + (body->title.len > 0) +
	       (record->kind == RECORD_SIGHTING) +
	       (record->kind == RECORD_SIGHTING && body->outcome != SIGHTING_UNSTATED) +
	       (body->text.len > 0) + (body->pattern.len > 0) + (body->first_seen_ms > 0) +
	       (body->last_seen_ms > 0) + (body->count > 0) + (body->identifier.len > 0);
}

static void
write_body(struct writer *writer, const struct record *record)
{
	const struct record_body *body = &record->body;
	uint32_t count = body_count(record);

	if (count == 0)
		return;
	writer_uint(writer, RECORD_KEY_BODY);
	writer_map(writer, count);
	write_number(writer, RECORD_BODY_COMBINE, body->combine);
	write_text(writer, RECORD_BODY_TITLE, body->title);
	if (record->kind == RECORD_SIGHTING) {
		writer_uint(writer, RECORD_BODY_TARGET);
		writer_bin(writer, body->target.bytes, sizeof(body->target.bytes));
	}
	write_text(writer, RECORD_BODY_TEXT, body->text);
	if (record->kind == RECORD_SIGHTING)
		write_number(writer, RECORD_BODY_OUTCOME, body->outcome);
	write_text(writer, RECORD_BODY_PATTERN, body->pattern);
	write_number(writer, RECORD_BODY_FIRST_SEEN, body->first_seen_ms);
	write_number(writer, RECORD_BODY_LAST_SEEN, body->last_seen_ms);
	write_number(writer, RECORD_BODY_COUNT, body->count);
	write_text(writer, RECORD_BODY_IDENTIFIER, body->identifier);
}

static void
write_derived(struct writer *writer, const struct record *record)
{
	const struct record_derived *derived = &record->derived;
	bool has_audience = !audience_is_empty(&derived->audience);

	if (!record->has_derived)
		return;
	writer_uint(writer, RECORD_KEY_DERIVED);
	writer_map(writer, 3 + has_audience);
	writer_uint(writer, RECORD_DERIVED_ID);
	writer_bin(writer, derived->id.bytes, sizeof(derived->id.bytes));
	writer_uint(writer, RECORD_DERIVED_AUTHOR);
	writer_bin(writer, derived->author.bytes, sizeof(derived->author.bytes));
	if (has_audience) {
		writer_uint(writer, RECORD_DERIVED_AUDIENCE);
		audience_write(writer, &derived->audience);
	}
	writer_uint(writer, RECORD_DERIVED_MARKING);
	marking_write(writer, &derived->marking);
}

static void
write_source(struct writer *writer, const struct record_source *source)
{
	if (source->format.len == 0)
		return;
	writer_uint(writer, RECORD_KEY_SOURCE);
	writer_map(writer,
	    1 + (source->mapping.len > 0) + (source->id.len > 0) + (source->original.len > 0));
	write_text(writer, RECORD_SOURCE_FORMAT, source->format);
	write_text(writer, RECORD_SOURCE_MAPPING, source->mapping);
	write_text(writer, RECORD_SOURCE_ID, source->id);
	if (source->original.len > 0) {
		writer_uint(writer, RECORD_SOURCE_ORIGINAL);
		writer_bin(writer, source->original.data, source->original.len);
	}
}

static uint32_t
fields_count(const struct record *record)
{
	return 2 + 2 * !record->is_draft + (!record->is_draft && record->created_ms > 0) +
	       (record->confidence != CONFIDENCE_UNSTATED) +
	       (record->severity != SEVERITY_UNSTATED) + (affects_count(&record->affects) > 0) +
	       (record->labels.count > 0) + !audience_is_empty(&record->audience) +
	       (record->language.len > 0) + (record->observables_count > 0) +
	       (record->valid_from_ms > 0) + (record->references_count > 0) +
	       (record->valid_until_ms > 0) + (body_count(record) > 0) + record->has_derived +
	       (record->source.format.len > 0) + (record->links.count > 0);
}

static void
write_identity(struct writer *writer, uint64_t key, const void *bytes, size_t len, bool is_draft)
{
	if (is_draft)
		return;
	writer_uint(writer, key);
	writer_bin(writer, bytes, len);
}

enum err
record_encode(const struct record *record, struct bytes *out)
{
	struct writer writer;

	writer_open(&writer, out);
	writer_map(&writer, fields_count(record));
	writer_uint(&writer, RECORD_KEY_KIND);
	writer_uint(&writer, record->kind);
	if (record->confidence != CONFIDENCE_UNSTATED) {
		writer_uint(&writer, RECORD_KEY_CONFIDENCE);
		writer_uint(&writer, record->confidence);
	}
	write_identity(&writer, RECORD_KEY_AUTHOR, record->author.bytes,
	    sizeof(record->author.bytes), record->is_draft);
	write_number(&writer, RECORD_KEY_SEVERITY, record->severity);
	if (!record->is_draft)
		write_number(&writer, RECORD_KEY_CREATED, record->created_ms);
	write_affects(&writer, &record->affects);
	writer_uint(&writer, RECORD_KEY_MARKING);
	marking_write(&writer, &record->marking);
	write_texts(&writer, RECORD_KEY_LABELS, &record->labels);
	if (!audience_is_empty(&record->audience)) {
		writer_uint(&writer, RECORD_KEY_AUDIENCE);
		audience_write(&writer, &record->audience);
	}
	write_text(&writer, RECORD_KEY_LANGUAGE, record->language);
	write_identity(&writer, RECORD_KEY_NONCE, record->nonce.bytes, sizeof(record->nonce.bytes),
	    record->is_draft);
	write_observables(&writer, record);
	write_number(&writer, RECORD_KEY_VALID_FROM, record->valid_from_ms);
	write_references(&writer, record);
	write_number(&writer, RECORD_KEY_VALID_UNTIL, record->valid_until_ms);
	write_body(&writer, record);
	write_derived(&writer, record);
	write_source(&writer, &record->source);
	write_texts(&writer, RECORD_KEY_LINKS, &record->links);
	return writer_close(&writer);
}

/* ---------------------------------------------------------------- looking */

void
record_id_of(struct bytes_view bytes, struct record_id *out)
{
	struct hash hash;

	digest_sha256_prefixed(0x00, bytes, &hash);
	memcpy(out->bytes, hash.bytes, sizeof(out->bytes));
}

struct bytes_view
record_headline(const struct record *record)
{
	if (record->body.title.len > 0)
		return record->body.title;
	if (record->observables_count > 0)
		return record->observables[0].value;
	if (record->body.pattern.len > 0)
		return record->body.pattern;
	return record->body.text;
}

bool
record_is_personal(const struct record *record)
{
	uint32_t i;

	for (i = 0; i < record->observables_count; i++) {
		if (observable_is_personal(record->observables[i].type))
			return true;
	}
	return false;
}
