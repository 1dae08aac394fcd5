#include "wire/record_read.h"

#include <string.h>

#include "wire/record_body.h"
#include "wire/record_check.h"

#define BIT(key) RECORD_CHECK_BIT(key)

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
read_derived(struct reader *reader, struct record *record)
{
	struct record_derived *derived = &record->derived;
	struct reader_map map;
	uint64_t seen = 0, key;

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

void
record_read_field(struct reader *reader, uint64_t key, struct record *record, uint64_t *body_seen)
{
	const uint8_t *start = reader->at;

	if (key == RECORD_KEY_BODY) {
		*body_seen = record_body_read(reader, record);
		record->body_bytes = bytes_since(reader, start);
	} else if ((key & 1) == 0) {
		read_restricting(reader, key, record);
	} else {
		read_describing(reader, key, record);
	}
}
