#include "formats/stix_marking.h"

#include <string.h>

#define TLP2_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

static const struct {
	const char *id; /* behind "marking-definition--" */
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

static bool
tlp_of_id(const char *id, enum tlp *tlp)
{
	static const char prefix[] = "marking-definition--";
	size_t i;

	if (id == NULL || strncmp(id, prefix, sizeof(prefix) - 1) != 0)
		return false;
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(id + sizeof(prefix) - 1, known[i].id) == 0) {
			*tlp = known[i].tlp;
			return true;
		}
	}
	return false;
}

/* What a definition says: a TLP label, or something else (a statement, say). */
static enum verdict
judge_definition(const json_t *definition, enum tlp *tlp)
{
	const json_t *extension =
	    json_object_get(json_object_get(definition, "extensions"), TLP2_EXTENSION);
	const char *label = json_string_value(json_object_get(extension, "tlp_2_0"));
	const char *type = json_string_value(json_object_get(definition, "definition_type"));

	if (label == NULL && type != NULL && strcmp(type, "tlp") == 0)
		label = json_string_value(
		    json_object_get(json_object_get(definition, "definition"), "tlp"));
	if (label != NULL)
		return tlp_parse(bytes_view_str(label), tlp) ? VERDICT_TLP : VERDICT_UNKNOWN;
	return type != NULL && strcmp(type, "statement") == 0 ? VERDICT_OTHER : VERDICT_UNKNOWN;
}

static enum verdict
judge_reference(const char *id, const json_t *objects, enum tlp *tlp)
{
	const json_t *object;
	size_t i;

	if (tlp_of_id(id, tlp))
		return VERDICT_TLP;
	json_array_foreach(objects, i, object)
	{
		const char *other = json_string_value(json_object_get(object, "id"));

		if (id != NULL && other != NULL && strcmp(id, other) == 0)
			return judge_definition(object, tlp);
	}
	return VERDICT_UNKNOWN;
}

static void
take_reference(struct drafts *drafts, const char *id, const json_t *objects)
{
	struct draft_place place = {0};
	enum tlp tlp;

	switch (judge_reference(id, objects, &tlp)) {
	case VERDICT_TLP:
		drafts_label(drafts, tlp);
		return;
	case VERDICT_OTHER:
		return; /* the original carries it */
	case VERDICT_UNKNOWN:
		if (!drafts->defaults.has_tlp)
			drafts_fail(drafts, REASON_NO_LABEL,
			    "a marking that is not TLP and not in the file: give a label with --tlp");
		else if (drafts->note != NULL) {
			place.id = bytes_view_str(id != NULL ? id : "?");
			drafts->note(drafts->context, &place, REASON_STORED,
			    "a marking that is not known; the label given stands");
		}
		return;
	}
}

void
stix_marking_take(struct drafts *drafts, const json_t *object, const json_t *objects)
{
	const json_t *refs = json_object_get(object, "object_marking_refs"), *item;
	const json_t *granular = json_object_get(object, "granular_markings");
	size_t i;

	json_array_foreach(refs, i, item)
	{
		take_reference(drafts, json_string_value(item), objects);
	}
	json_array_foreach(granular, i, item)
	{
		const char *id = json_string_value(json_object_get(item, "marking_ref"));

		if (id != NULL)
			take_reference(drafts, id, objects);
	}
}

bool
stix_marking_is_tlp(const json_t *definition)
{
	enum tlp tlp;

	return tlp_of_id(json_string_value(json_object_get(definition, "id")), &tlp) ||
	       judge_definition(definition, &tlp) == VERDICT_TLP;
}
