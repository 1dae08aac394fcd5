#include "wire/record_write.h"

#include "wire/record_body.h"

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
	       (record->valid_until_ms > 0) + (record_body_count(record) > 0) + record->has_derived +
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

void
record_write(struct writer *writer, const struct record *record)
{
	writer_map(writer, fields_count(record));
	writer_uint(writer, RECORD_KEY_KIND);
	writer_uint(writer, record->kind);
	if (record->confidence != CONFIDENCE_UNSTATED) {
		writer_uint(writer, RECORD_KEY_CONFIDENCE);
		writer_uint(writer, record->confidence);
	}
	write_identity(writer, RECORD_KEY_AUTHOR, record->author.bytes,
	    sizeof(record->author.bytes), record->is_draft);
	write_number(writer, RECORD_KEY_SEVERITY, record->severity);
	if (!record->is_draft)
		write_number(writer, RECORD_KEY_CREATED, record->created_ms);
	write_affects(writer, &record->affects);
	writer_uint(writer, RECORD_KEY_MARKING);
	marking_write(writer, &record->marking);
	write_texts(writer, RECORD_KEY_LABELS, &record->labels);
	if (!audience_is_empty(&record->audience)) {
		writer_uint(writer, RECORD_KEY_AUDIENCE);
		audience_write(writer, &record->audience);
	}
	write_text(writer, RECORD_KEY_LANGUAGE, record->language);
	write_identity(writer, RECORD_KEY_NONCE, record->nonce.bytes, sizeof(record->nonce.bytes),
	    record->is_draft);
	write_observables(writer, record);
	write_number(writer, RECORD_KEY_VALID_FROM, record->valid_from_ms);
	write_references(writer, record);
	write_number(writer, RECORD_KEY_VALID_UNTIL, record->valid_until_ms);
	if (record_body_count(record) > 0) {
		writer_uint(writer, RECORD_KEY_BODY);
		record_body_write(writer, record);
	}
	write_derived(writer, record);
	write_source(writer, &record->source);
	write_texts(writer, RECORD_KEY_LINKS, &record->links);
}
