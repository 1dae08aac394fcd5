#include "formats/stix_marking.h"

#include <string.h>

#include "formats/text.h"

#define TLP2_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
#define ID_PREFIX "marking-definition--"

static const struct {
	const char *id; /* behind ID_PREFIX */
	enum tlp tlp;
} known[] = {
    {"613f2e26-407d-48c7-9eca-b8e91df99dc9", TLP_CLEAR}, /* TLP 1: WHITE */
    {"34098fce-860f-48ae-8e50-ebd3cc5e41da", TLP_GREEN},
    {"f88d31f6-486f-44da-b317-01333bde0b82", TLP_AMBER},
    {"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", TLP_RED},
    {"94868c89-83c2-464b-929b-a1a8aa3c8487", TLP_CLEAR}, /* TLP 2 */
    {"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", TLP_GREEN},
    {"55d920b0-5e8b-4f79-9ee9-91f868d9b421", TLP_AMBER},
    {"939a9414-2ddd-4d32-a0cd-375ea402b003", TLP_AMBER_STRICT},
    {"e828b379-4e03-4974-9ac4-e53a884c97c1", TLP_RED},
};

enum verdict { VERDICT_TLP, VERDICT_OTHER, VERDICT_UNKNOWN };

/* Empty for what is no string.  A string of JSON may hold NULs: never compared as C's. */
static struct bytes_view
text_of(const json_t *value)
{
	if (!json_is_string(value))
		return bytes_view_of(NULL, 0);
	return bytes_view_of(json_string_value(value), json_string_length(value));
}

static bool
tlp_of_id(struct bytes_view id, enum tlp *tlp)
{
	size_t i;

	if (!text_begins(id, ID_PREFIX))
		return false;
	id = text_behind(id, strlen(ID_PREFIX));
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (text_is(id, known[i].id)) {
			*tlp = known[i].tlp;
			return true;
		}
	}
	return false;
}

/* The label of TLP 2's extension, of TLP 1's definition, or of a name such as TLP:AMBER. */
static struct bytes_view
label_of(const json_t *definition)
{
	const json_t *extensions = json_object_get(definition, "extensions");
	const json_t *inner = json_object_get(definition, "definition");
	struct bytes_view label, name;

	label = text_of(json_object_get(json_object_get(extensions, TLP2_EXTENSION), "tlp_2_0"));
	if (label.len == 0 &&
	    text_is_word(text_of(json_object_get(definition, "definition_type")), "tlp")) {
		label = text_of(json_object_get(inner, "tlp"));
		if (label.len == 0)
			label = text_of(json_object_get(inner, "TLP"));
	}
	name = text_of(json_object_get(definition, "name"));
	return label.len == 0 && text_begins_word(name, "tlp:") ? name : label;
}

/* What a definition says: a TLP label, or something else (a statement, say). */
static enum verdict
judge_definition(const json_t *definition, enum tlp *tlp)
{
	struct bytes_view label = label_of(definition);

	if (tlp_of_id(text_of(json_object_get(definition, "id")), tlp))
		return VERDICT_TLP;
	if (label.len > 0)
		return tlp_parse(label, tlp) ? VERDICT_TLP : VERDICT_UNKNOWN;
	return text_is(text_of(json_object_get(definition, "definition_type")), "statement")
		   ? VERDICT_OTHER
		   : VERDICT_UNKNOWN;
}

static enum verdict
judge_reference(const json_t *reference, const json_t *index, enum tlp *tlp)
{
	struct bytes_view id = text_of(reference);
	const json_t *definition;

	if (tlp_of_id(id, tlp))
		return VERDICT_TLP;
	if (id.len == 0 || memchr(id.data, '\0', id.len) != NULL)
		return VERDICT_UNKNOWN;
	definition = json_object_get(index, (const char *)id.data);
	return definition != NULL ? judge_definition(definition, tlp) : VERDICT_UNKNOWN;
}

static void
take_reference(struct drafts *drafts, const json_t *reference, const json_t *index)
{
	char words[DRAFT_WORDS_BYTES], id[80];
	enum tlp tlp;

	switch (judge_reference(reference, index, &tlp)) {
	case VERDICT_TLP:
		drafts_label(drafts, tlp);
		return;
	case VERDICT_OTHER:
		return; /* the original carries it */
	case VERDICT_UNKNOWN:
		text_for_message(text_of(reference), id, sizeof(id));
		(void)snprintf(words, sizeof(words), "a marking that cannot be told: %s",
		    id[0] != '\0' ? id : "(no id)");
		drafts_label_unclear(drafts, words);
		return;
	}
}

/* A list, or nothing. */
static const json_t *
list_of(struct drafts *drafts, const json_t *object, const char *key)
{
	const json_t *list = json_object_get(object, key);

	if (list != NULL && !json_is_array(list))
		drafts_label_unclear(drafts, "its markings are no list");
	return list;
}

void
stix_marking_take(struct drafts *drafts, const json_t *object, const json_t *index)
{
	const json_t *references = list_of(drafts, object, "object_marking_refs");
	const json_t *granular = list_of(drafts, object, "granular_markings");
	const json_t *item, *reference;
	size_t i;

	json_array_foreach(references, i, item)
	{
		take_reference(drafts, item, index);
	}
	json_array_foreach(granular, i, item)
	{
		reference = json_object_get(item, "marking_ref");
		/* one with a language alone marks nothing */
		if (reference != NULL || json_object_get(item, "lang") == NULL)
			take_reference(drafts, reference, index);
	}
}

bool
stix_marking_is_tlp(const json_t *definition)
{
	enum tlp tlp;

	return judge_definition(definition, &tlp) == VERDICT_TLP;
}

/* Two definitions of one id that differ tell nothing: neither can lower the other's label. */
static int
add_definition(json_t *index, const char *id, json_t *definition)
{
	json_t *other = json_object_get(index, id);

	if (other == NULL)
		return json_object_set_nocheck(index, id, definition);
	return json_equal(other, definition)
		   ? 0
		   : json_object_set_new_nocheck(index, id, json_pack("n"));
}

json_t *
stix_marking_index(const json_t *objects)
{
	json_t *index = json_pack("{}"), *object;
	size_t i;

	if (index == NULL)
		return NULL;
	json_array_foreach(objects, i, object)
	{
		struct bytes_view id = text_of(json_object_get(object, "id"));

		if (!text_begins(id, ID_PREFIX) || memchr(id.data, '\0', id.len) != NULL)
			continue;
		if (add_definition(index, (const char *)id.data, object) != 0) {
			json_decref(index);
			return NULL;
		}
	}
	return index;
}
