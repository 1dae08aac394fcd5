#include "formats/stix.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "formats/pattern.h"
#include "formats/stix_marking.h"
#include "formats/text.h"

#define CHUNK 65536u
#define ID_SHOWN_BYTES 120u
#define TITLE_FROM_TEXT_BYTES 120u

struct reading {
	struct drafts *drafts;
	json_t *markings;        /* stix_marking_index */
	char id[ID_SHOWN_BYTES]; /* of the object being read, for messages */
};

static struct bytes_view
text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		return bytes_view_of(NULL, 0);
	return bytes_view_of(json_string_value(value), json_string_length(value));
}

/* ---------------------------------------------------------------- what all objects share */

/* When something holds: what cannot be read must not hold for longer than was meant. */
static uint64_t
time_of(struct drafts *drafts, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	char words[DRAFT_WORDS_BYTES];
	uint64_t time_ms;

	if (value == NULL || json_is_null(value))
		return 0;
	if (json_is_string(value) &&
	    strlen(json_string_value(value)) == json_string_length(value) &&
	    clock_parse(json_string_value(value), &time_ms) == ERR_NONE)
		return time_ms;
	(void)snprintf(words, sizeof(words), "%s is no time", key);
	drafts_fail(drafts, REASON_BAD_FIELD, words);
	return 0;
}

static void
take_labels(struct drafts *drafts, const json_t *object, const char *key)
{
	const json_t *list = json_object_get(object, key), *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (json_is_string(item))
			drafts_add_label(drafts,
			    bytes_view_of(json_string_value(item), json_string_length(item)));
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
		if (id.len > 0)
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
take_language(struct drafts *drafts, const json_t *object)
{
	struct bytes_view language = text_of(object, "lang");

	if (language.len < 2 || language.len > LANGUAGE_BYTES_MAX)
		return;
	language = drafts_text(drafts, language, LANGUAGE_BYTES_MAX, false);
	if (language.len >= 2)
		drafts->record.language = language;
}

static void
take_original(struct drafts *drafts, const json_t *object)
{
	char *dump = json_dumps(object, JSON_COMPACT);

	if (dump == NULL) {
		drafts_fail(drafts, REASON_OVERSIZED, "too large to be written again");
		return;
	}
	drafts_source(
	    drafts, "stix-2.1", "malla-stix/1", text_of(object, "id"), bytes_view_str(dump));
	free(dump);
}

static void
take_common(struct reading *reading, const json_t *object)
{
	struct drafts *drafts = reading->drafts;

	stix_marking_take(drafts, object, reading->markings);
	take_labels(drafts, object, "labels");
	take_references(drafts, object);
	take_confidence(drafts, object);
	take_language(drafts, object);
	take_original(drafts, object);
}

/* ---------------------------------------------------------------- objects */

/* Its observables, or the pattern as it is.  False: the latter. */
static bool
take_pattern(struct drafts *drafts, const json_t *object)
{
	struct bytes_view pattern = text_of(object, "pattern");
	struct bytes_view language = text_of(object, "pattern_type");
	char label[LABEL_BYTES_MAX];

	if ((language.len == 0 || text_is(language, "stix")) &&
	    pattern_read(pattern, drafts) == ERR_NONE)
		return true;
	if (pattern.len > TEXT_BYTES_MAX)
		drafts_fail(drafts, REASON_OVERSIZED, "the pattern is longer than a record's text");
	drafts->record.body.pattern = drafts_text(drafts, pattern, TEXT_BYTES_MAX, true);
	if (drafts->record.body.pattern.len == 0)
		drafts_fail(drafts, REASON_BAD_FIELD, "an indicator without a pattern");
	if (language.len > 0 && language.len < sizeof(label) / 2) {
		(void)snprintf(label, sizeof(label), "pattern-type:%.*s", (int)language.len,
		    (const char *)language.data);
		drafts_add_label(drafts, bytes_view_str(label));
	}
	return false;
}

static enum err
read_indicator(struct reading *reading, const json_t *object, const struct draft_place *place)
{
	struct drafts *drafts = reading->drafts;
	struct record *record = &drafts->record;
	bool is_simple;
	uint64_t until;

	drafts_begin(drafts, RECORD_INDICATOR);
	is_simple = take_pattern(drafts, object);
	record->body.title = drafts_text(drafts, text_of(object, "name"), TITLE_BYTES_MAX, false);
	record->body.text =
	    drafts_text(drafts, text_of(object, "description"), TEXT_BYTES_MAX, true);
	take_labels(drafts, object, "indicator_types");
	record->valid_from_ms = time_of(drafts, object, "valid_from");
	until = time_of(drafts, object, "valid_until");
	if (until > 0)
		record->valid_until_ms = until;
	take_common(reading, object);
	return drafts_finish(drafts, place, is_simple);
}

static struct bytes_view
first_line(struct bytes_view text)
{
	struct bytes_view line = {0};

	text = text_trim(text);
	(void)text_next_line(&text, &line);
	return line;
}

static enum err
read_note(struct reading *reading, const json_t *object, const char *title_key,
    const char *text_key, const struct draft_place *place)
{
	struct drafts *drafts = reading->drafts;
	struct record_body *body = &drafts->record.body;

	drafts_begin(drafts, RECORD_NOTE);
	body->title = drafts_text(drafts, text_of(object, title_key), TITLE_BYTES_MAX, false);
	body->text = drafts_text(drafts, text_of(object, text_key), TEXT_BYTES_MAX, true);
	/* one of the two may be missing: the other stands for it */
	if (body->title.len == 0)
		body->title = drafts_text(
		    drafts, first_line(text_of(object, text_key)), TITLE_FROM_TEXT_BYTES, false);
	if (body->text.len == 0)
		body->text = body->title;
	if (body->title.len == 0)
		drafts_fail(drafts, REASON_BAD_FIELD, "neither a title nor a text");
	take_labels(drafts, object, "report_types");
	take_common(reading, object);
	return drafts_finish(drafts, place, true);
}

/* Whatever this version does not understand goes along as it is. */
static enum err
keep_object(struct reading *reading, const json_t *object, const char *label,
    const struct draft_place *place)
{
	struct drafts *drafts = reading->drafts;
	struct record_body *body = &drafts->record.body;
	char title[ID_SHOWN_BYTES + 80], type[64];

	text_for_message(text_of(object, "type"), type, sizeof(type));
	(void)snprintf(title, sizeof(title), "%s %s", type[0] != '\0' ? type : "STIX", reading->id);
	drafts_begin(drafts, RECORD_NOTE);
	body->title = drafts_text(drafts, bytes_view_str(title), TITLE_BYTES_MAX, false);
	body->text = drafts_text(drafts, text_of(object, "description"), TEXT_BYTES_MAX, true);
	if (body->text.len == 0)
		body->text = drafts_text(drafts, text_of(object, "name"), TITLE_BYTES_MAX, true);
	if (body->text.len == 0)
		body->text = body->title;
	if (label != NULL)
		drafts_add_label(drafts, bytes_view_str(label));
	take_common(reading, object);
	return drafts_finish(drafts, place, false);
}

static struct draft_place
place_of(struct reading *reading, const json_t *object, const char *otherwise, uint64_t index)
{
	text_for_message(text_of(object, "id"), reading->id, sizeof(reading->id));
	if (reading->id[0] == '\0')
		(void)snprintf(reading->id, sizeof(reading->id), "%s[%llu]", otherwise,
		    (unsigned long long)index);
	return (struct draft_place){.id = bytes_view_str(reading->id)};
}

static enum err
read_object(struct reading *reading, const json_t *object, uint64_t index)
{
	struct draft_place place = place_of(reading, object, "objects", index);
	struct bytes_view type = text_of(object, "type");

	if (!json_is_object(object) || type.len == 0) {
		drafts_refuse(
		    reading->drafts, &place, REASON_BAD_FIELD, "not a STIX object with a type");
		return ERR_NONE;
	}
	if (text_is(type, "marking-definition") && stix_marking_is_tlp(object)) {
		reading->drafts->left_out++; /* every record carries its own label */
		return ERR_NONE;
	}
	/* who wrote it takes it back: never to be acted upon */
	if (json_is_true(json_object_get(object, "revoked")))
		return keep_object(reading, object, "revoked", &place);
	if (text_is(type, "indicator"))
		return read_indicator(reading, object, &place);
	if (text_is(type, "note"))
		return read_note(reading, object, "abstract", "content", &place);
	if (text_is(type, "report"))
		return read_note(reading, object, "name", "description", &place);
	return keep_object(reading, object, NULL, &place);
}

/* ---------------------------------------------------------------- the document */

static enum err
read_objects(struct reading *reading, const json_t *objects)
{
	const json_t *object;
	enum err err = ERR_NONE;
	size_t i;

	reading->markings = stix_marking_index(objects);
	if (reading->markings == NULL)
		return ERR_MEMORY;
	json_array_foreach(objects, i, object)
	{
		err = read_object(reading, object, i);
		if (err != ERR_NONE)
			break;
	}
	json_decref(reading->markings);
	reading->markings = NULL;
	return err;
}

/* What a bundle holds beside its objects and what every bundle has. */
static enum err
read_remainder(struct reading *reading, json_t *bundle)
{
	static const char *const usual[] = {"type", "id", "spec_version"};
	struct draft_place place = place_of(reading, bundle, "bundle", 0);
	json_t *rest = json_copy(bundle);
	size_t count, i;
	enum err err = ERR_NONE;

	if (rest == NULL)
		return ERR_MEMORY;
	(void)json_object_del(rest, "objects");
	count = json_object_size(rest);
	for (i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		count -= json_object_get(rest, usual[i]) != NULL;
	if (count > 0)
		err = keep_object(reading, rest, NULL, &place);
	else
		reading->drafts->left_out++;
	json_decref(rest);
	return err;
}

static enum err
refuse_document(struct reading *reading, const char *words)
{
	struct draft_place place = {.line = 1};

	drafts_refuse(reading->drafts, &place, REASON_BAD_FIELD, words);
	return ERR_FORMAT;
}

/* "indicator--…" of an indicator: other JSON has a type and an id too. */
static bool
is_object(const json_t *document)
{
	struct bytes_view type = text_of(document, "type"), id = text_of(document, "id");

	return type.len > 0 && id.len > type.len + 2 && memcmp(id.data, type.data, type.len) == 0 &&
	       text_begins(text_behind(id, type.len), "--");
}

static enum err
read_document(struct reading *reading, json_t *document)
{
	const json_t *objects = json_object_get(document, "objects");
	struct bytes_view type = text_of(document, "type");
	enum err err;

	if (json_is_array(document))
		return read_objects(reading, document);
	if (text_is(type, "bundle")) {
		if (objects != NULL && !json_is_array(objects))
			return refuse_document(reading, "the bundle's objects are no list");
		err = read_remainder(reading, document);
		return err == ERR_NONE ? read_objects(reading, objects) : err;
	}
	if (type.len == 0 && json_is_array(objects)) {
		reading->drafts->left_out++; /* TAXII's envelope */
		return read_objects(reading, objects);
	}
	if (is_object(document))
		return read_object(reading, document, 0);
	return refuse_document(reading, "JSON, but no STIX bundle and no STIX object");
}

static enum err
refuse_json(struct drafts *drafts, const json_error_t *error)
{
	struct draft_place place = {.line = (uint64_t)(error->line > 0 ? error->line : 1)};
	char words[DRAFT_WORDS_BYTES], text[DRAFT_WORDS_BYTES - 24];

	text_for_message(bytes_view_str(error->text), text, sizeof(text));
	(void)snprintf(words, sizeof(words), "column %d: %s", error->column, text);
	drafts_refuse(drafts, &place, REASON_BAD_FIELD, words);
	return ERR_FORMAT;
}

enum err
stix_read_bytes(struct bytes_view document, struct drafts *drafts)
{
	struct reading reading = {.drafts = drafts};
	json_error_t error;
	json_t *root;
	enum err err;

	if (document.len > STIX_BYTES_MAX)
		return ERR_TOO_LARGE;
	document = text_without_bom(document);
	if (document.len == 0)
		return refuse_document(&reading, "the file is empty");
	root = json_loadb((const char *)document.data, document.len,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (root == NULL)
		return refuse_json(drafts, &error);
	err = read_document(&reading, root);
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
