#include "policy/privacy_record.h"

struct reading {
	const struct record *record;
	const struct privacy_own *own;
	struct privacy_report *report;
};

static void
look(
    const struct reading *reading, enum privacy_place place, uint32_t index, struct bytes_view text)
{
	if (text.len > 0)
		privacy_scan_declared(
		    text, place, index, reading->own, reading->record, reading->report);
}

static void
look_at_texts(
    const struct reading *reading, enum privacy_place place, const struct record_texts *texts)
{
	uint32_t i;

	for (i = 0; i < texts->count; i++)
		look(reading, place, i, texts->at[i]);
}

/* A file's name and what stands in a URL are people's choice; other types say what they are. */
static void
look_at_observables(const struct reading *reading)
{
	uint32_t i;

	for (i = 0; i < reading->record->observables_count; i++) {
		const struct observable *observable = &reading->record->observables[i];

		if (observable->type == OBSERVABLE_FILENAME)
			look(reading, PRIVACY_IN_FILENAME, i, observable->value);
		else if (observable->type == OBSERVABLE_URL)
			look(reading, PRIVACY_IN_URL, i, observable->value);
	}
}

void
privacy_record_scan(const struct record *record, struct bytes_view bytes,
    const struct privacy_own *own, struct privacy_report *report)
{
	const struct reading reading = {record, own, report};

	look(&reading, PRIVACY_IN_TITLE, 0, record->body.title);
	look(&reading, PRIVACY_IN_TEXT, 0, record->body.text);
	look(&reading, PRIVACY_IN_PATTERN, 0, record->body.pattern);
	look(&reading, PRIVACY_IN_IDENTIFIER, 0, record->body.identifier);
	look_at_texts(&reading, PRIVACY_IN_LABEL, &record->labels);
	look_at_texts(&reading, PRIVACY_IN_AFFECTS, &record->affects.sectors);
	look_at_texts(&reading, PRIVACY_IN_AFFECTS, &record->affects.services);
	look_at_texts(&reading, PRIVACY_IN_AFFECTS, &record->affects.products);
	look_at_texts(&reading, PRIVACY_IN_LINK, &record->links);
	look(&reading, PRIVACY_IN_TERMS, 0, record->marking.purpose);
	look(&reading, PRIVACY_IN_TERMS, 1, record->marking.basis);
	look_at_observables(&reading);
	look(&reading, PRIVACY_IN_SOURCE, 0, record->source.format);
	look(&reading, PRIVACY_IN_SOURCE, 1, record->source.mapping);
	look(&reading, PRIVACY_IN_SOURCE, 2, record->source.id);
	look(&reading, PRIVACY_IN_ORIGINAL, 0, record->source.original);
	/* keys that this version does not know stand anywhere in it: all of it is read */
	if (record->unknown > 0)
		look(&reading, PRIVACY_IN_UNKNOWN, 0, bytes);
}
