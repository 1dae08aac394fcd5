#include "formats/stix.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "formats/pattern.h"
#include "formats/stix_marking.h"

#define CHUNK 65536u

struct reading {
	struct drafts *drafts;
	json_t *objects;
};

static struct bytes_view
text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		return bytes_view_of(NULL, 0);
	return bytes_view_of(json_string_value(value), json_string_length(value));
}

static bool
is_text(struct bytes_view text, const char *wanted)
{
	return bytes_view_is_equal(text, bytes_view_str(wanted));
}

/* A time that cannot be is left to the original. */
static uint64_t
time_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	uint64_t time_ms;

	if (text == NULL || clock_parse(text, &time_ms) != ERR_NONE)
		return 0;
	return time_ms;
}

/* ---------------------------------------------------------------- what all objects share */

static void
take_texts(struct drafts *drafts, const json_t *object, const char *key,
    struct record_texts *texts)
{
	const json_t *list = json_object_get(object, key), *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (json_is_string(item))
			drafts_add_text(drafts, texts,
			    bytes_view_of(json_string_value(item), json_string_length(item)),
			    LABEL_BYTES_MAX);
	}
}

static void
take_references(struct drafts *drafts, const json_t *object)
{
	const json_t *list = json_object_get(object, "external_references"), *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		struct bytes_view url = text_of(item, "url");
		struct bytes_view id = text_of(item, "external_id");

		if (url.len > 0 && url.len <= OBSERVABLE_BYTES_MAX)
			drafts_add_text(drafts, &drafts->record.links, url, OBSERVABLE_BYTES_MAX);
		else if (id.len > 0)
			drafts_add_text(drafts, &drafts->record.links, id, LABEL_BYTES_MAX);
	}
}

static void
take_confidence(struct drafts *drafts, const json_t *object)
{
	const json_t *value = json_object_get(object, "confidence");

	if (json_is_integer(value) && json_integer_value(value) >= 0 &&
	    json_integer_value(value) <= 100)
		drafts->record.confidence = (uint8_t)json_integer_value(value);
}

static void
take_original(struct drafts *drafts, const json_t *object)
{
	char *dump = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (dump == NULL) {
		drafts_fail(drafts, REASON_OVERSIZED, "out of memory");
		return;
	}
	drafts_source(drafts, "stix-2.1", "malla-stix/1", text_of(object, "id"),
	    bytes_view_str(dump));
	free(dump);
}

static void
take_common(struct reading *reading, const json_t *object)
{
	struct drafts *drafts = reading->drafts;
	struct bytes_view lang = text_of(object, "lang");

	stix_marking_take(drafts, object, reading->objects);
	take_texts(drafts, object, "labels", &drafts->record.labels);
	take_references(drafts, object);
	take_confidence(drafts, object);
	if (lang.len >= 2 && lang.len <= LANGUAGE_BYTES_MAX)
		drafts->record.language = drafts_text(drafts, lang, LANGUAGE_BYTES_MAX, false);
	take_original(drafts, object);
}

/* ---------------------------------------------------------------- objects */

static enum err
read_indicator(struct reading *reading, const json_t *object, const struct draft_place *place)
{
	struct drafts *drafts = reading->drafts;
	struct record *record = &drafts->record;
	struct bytes_view pattern = text_of(object, "pattern");
	struct bytes_view language = text_of(object, "pattern_type");
	bool is_simple;
	uint64_t until;

	drafts_begin(drafts, RECORD_INDICATOR);
	is_simple = (language.len == 0 || is_text(language, "stix")) &&
		    pattern_read(pattern, drafts) == ERR_NONE;
	if (!is_simple)
		record->body.pattern = drafts_text(drafts, pattern, TEXT_BYTES_MAX, true);
	if (!is_simple && record->body.pattern.len == 0)
		drafts_fail(drafts, REASON_BAD_FIELD, "an indicator without a pattern");
	record->body.title = drafts_text(drafts, text_of(object, "name"), TITLE_BYTES_MAX, false);
	record->body.text =
	    drafts_text(drafts, text_of(object, "description"), TEXT_BYTES_MAX, true);
	take_texts(drafts, object, "indicator_types", &record->labels);
	record->valid_from_ms = time_of(object, "valid_from");
	until = time_of(object, "valid_until");
	if (until > record->valid_from_ms)
		record->valid_until_ms = until;
	else if (record->valid_until_ms <= record->valid_from_ms)
		record->valid_until_ms = 0;
	take_common(reading, object);
	return drafts_finish(drafts, place, is_simple);
}

static enum err
read_note(struct reading *reading, const json_t *object, const char *title_key,
    const char *text_key, const struct draft_place *place)
{
	struct drafts *drafts = reading->drafts;
	struct record *record = &drafts->record;

	drafts_begin(drafts, RECORD_NOTE);
	record->body.title = drafts_text(drafts, text_of(object, title_key), TITLE_BYTES_MAX, false);
	record->body.text = drafts_text(drafts, text_of(object, text_key), TEXT_BYTES_MAX, true);
	/* one of the two may be missing: the other stands for it */
	if (record->body.title.len == 0)
		record->body.title =
		    drafts_text(drafts, text_of(object, text_key), 120, false);
	if (record->body.text.len == 0)
		record->body.text = record->body.title;
	if (record->body.text.len == 0)
		drafts_fail(drafts, REASON_BAD_FIELD, "neither a title nor a text");
	take_texts(drafts, object, "report_types", &record->labels);
	take_common(reading, object);
	return drafts_finish(drafts, place, true);
}

/* Whatever this version does not understand goes along as it is. */
static enum err
keep_object(struct reading *reading, const json_t *object, const struct draft_place *place)
{
	struct drafts *drafts = reading->drafts;
	struct record *record = &drafts->record;
	struct bytes_view type = text_of(object, "type"), name = text_of(object, "name");
	char title[256];

	(void)snprintf(title, sizeof(title), "STIX %.*s %.*s", (int)(type.len < 60 ? type.len : 60),
	    type.data != NULL ? (const char *)type.data : "?",
	    (int)(place->id.len < 120 ? place->id.len : 120),
	    place->id.data != NULL ? (const char *)place->id.data : "");
	drafts_begin(drafts, RECORD_NOTE);
	record->body.title = drafts_text(drafts, bytes_view_str(title), TITLE_BYTES_MAX, false);
	record->body.text =
	    drafts_text(drafts, text_of(object, "description"), TEXT_BYTES_MAX, true);
	if (record->body.text.len == 0)
		record->body.text = drafts_text(drafts, name, TITLE_BYTES_MAX, true);
	if (record->body.text.len == 0)
		record->body.text = record->body.title;
	take_common(reading, object);
	return drafts_finish(drafts, place, false);
}

static enum err
read_object(struct reading *reading, const json_t *object, uint64_t index)
{
	struct draft_place place = {.line = 0, .id = text_of(object, "id")};
	struct bytes_view type = text_of(object, "type");
	char number[32];

	if (place.id.len == 0) {
		(void)snprintf(number, sizeof(number), "objects[%llu]", (unsigned long long)index);
		place.id = bytes_view_str(number);
	}
	if (!json_is_object(object) || type.len == 0) {
		drafts_refuse(reading->drafts, &place, REASON_BAD_FIELD, "not a STIX object with a type");
		return ERR_NONE;
	}
	if (is_text(type, "indicator"))
		return read_indicator(reading, object, &place);
	if (is_text(type, "note"))
		return read_note(reading, object, "abstract", "content", &place);
	if (is_text(type, "report"))
		return read_note(reading, object, "name", "description", &place);
	if (is_text(type, "marking-definition") && stix_marking_is_tlp(object)) {
		reading->drafts->left_out++; /* every record carries its own label */
		return ERR_NONE;
	}
	return keep_object(reading, object, &place);
}

/* ---------------------------------------------------------------- the document */

/* What a bundle holds beside its objects and what every bundle has. */
static enum err
read_remainder(struct reading *reading, const json_t *bundle)
{
	json_t *rest = json_copy((json_t *)(uintptr_t)bundle);
	struct draft_place place = {.id = text_of(bundle, "id")};
	enum err err = ERR_NONE;

	if (rest == NULL)
		return ERR_MEMORY;
	(void)json_object_del(rest, "objects");
	if (json_object_size(rest) > (size_t)(json_object_get(rest, "type") != NULL) +
					 (size_t)(json_object_get(rest, "id") != NULL) +
					 (size_t)(json_object_get(rest, "spec_version") != NULL))
		err = keep_object(reading, rest, &place);
	else
		reading->drafts->left_out++;
	json_decref(rest);
	return err;
}

static enum err
read_document(json_t *document, struct drafts *drafts)
{
	struct reading reading = {.drafts = drafts};
	struct draft_place place = {.line = 1};
	const json_t *object;
	enum err err = ERR_NONE;
	size_t i;

	if (is_text(text_of(document, "type"), "bundle")) {
		reading.objects = json_object_get(document, "objects");
		err = read_remainder(&reading, document);
		json_array_foreach(reading.objects, i, object)
		{
			if (err == ERR_NONE)
				err = read_object(&reading, object, i);
		}
		return err;
	}
	if (json_is_array(document)) {
		reading.objects = document;
		json_array_foreach(document, i, object)
		{
			if (err == ERR_NONE)
				err = read_object(&reading, object, i);
		}
		return err;
	}
	if (json_is_object(document) && text_of(document, "type").len > 0 &&
	    text_of(document, "id").len > 0)
		return read_object(&reading, document, 0);
	drafts_refuse(drafts, &place, REASON_BAD_FIELD, "JSON, but no STIX bundle and no STIX object");
	return ERR_FORMAT;
}

enum err
stix_read_bytes(struct bytes_view document, struct drafts *drafts)
{
	json_error_t error;
	json_t *root;
	struct draft_place place = {0};
	char words[160];
	enum err err;

	if (document.len > STIX_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (document.len >= 3 && memcmp(document.data, "\xef\xbb\xbf", 3) == 0)
		document = bytes_view_of(document.data + 3, document.len - 3);
	root = json_loadb((const char *)document.data, document.len,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (root == NULL) {
		place.line = (uint64_t)(error.line > 0 ? error.line : 1);
		(void)snprintf(words, sizeof(words), "column %d: %.120s", error.column, error.text);
		drafts_refuse(drafts, &place, REASON_BAD_FIELD, words);
		return ERR_FORMAT;
	}
	err = read_document(root, drafts);
	json_decref(root);
	return err;
}

enum err
stix_read(FILE *file, struct drafts *drafts)
{
	struct bytes bytes;
	uint8_t chunk[CHUNK];
	enum err err = ERR_NONE;
	size_t got;

	bytes_init(&bytes, STIX_BYTES_MAX + 1);
	while (err == ERR_NONE && (got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
		bytes_append(&bytes, chunk, got);
		err = bytes.err;
	}
	if (err == ERR_NONE && ferror(file))
		err = ERR_SYSTEM;
	if (err == ERR_NONE)
		err = stix_read_bytes(bytes_as_view(&bytes), drafts);
	bytes_release(&bytes);
	return err;
}
