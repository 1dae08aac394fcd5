#include "formats/draft.h"

#include <stdio.h>
#include <string.h>

#include "wire/reader.h"

#define ARENA_BYTES (1u << 20)

void
drafts_defaults_init(struct draft_defaults *defaults)
{
	*defaults = (struct draft_defaults){.confidence = CONFIDENCE_UNSTATED};
	audience_init(&defaults->audience);
}

enum err
drafts_init(struct drafts *drafts)
{
	memset(drafts, 0, sizeof(*drafts));
	drafts_defaults_init(&drafts->defaults);
	bytes_init(&drafts->arena, ARENA_BYTES);
	bytes_init(&drafts->encoded, RECORD_BYTES_MAX);
	/* all at once, so that views into it stay where they are */
	if (bytes_extend(&drafts->arena, ARENA_BYTES) == NULL)
		return ERR_MEMORY;
	bytes_clear(&drafts->arena);
	return ERR_NONE;
}

void
drafts_release(struct drafts *drafts)
{
	bytes_release(&drafts->arena);
	bytes_release(&drafts->encoded);
}

void
drafts_begin(struct drafts *drafts, enum record_kind kind)
{
	const struct draft_defaults *defaults = &drafts->defaults;
	struct record *record = &drafts->record;

	bytes_clear(&drafts->arena);
	drafts->failure = REASON_STORED;
	drafts->failure_words[0] = '\0';
	record_init(record, kind, defaults->has_tlp ? defaults->tlp : TLP_CLEAR);
	if (!defaults->has_tlp)
		drafts->failure = REASON_NO_LABEL;
	record->marking.purpose = defaults->purpose;
	record->marking.basis = defaults->basis;
	record->confidence = defaults->confidence;
	record->severity = defaults->severity;
	record->valid_until_ms = defaults->valid_until_ms;
	record->language = defaults->language;
	record->labels = defaults->labels;
	record->audience = defaults->audience;
}

void
drafts_fail(struct drafts *drafts, enum reason reason, const char *words)
{
	/* a missing label may yet be found; anything else stands */
	if (drafts->failure != REASON_STORED && drafts->failure != REASON_NO_LABEL)
		return;
	drafts->failure = reason;
	(void)snprintf(drafts->failure_words, sizeof(drafts->failure_words), "%s", words);
}

struct bytes_view
drafts_bytes(struct drafts *drafts, struct bytes_view bytes)
{
	size_t at = drafts->arena.len;

	if (bytes.len == 0)
		return bytes_view_of(NULL, 0);
	bytes_append(&drafts->arena, bytes.data, bytes.len);
	if (drafts->arena.err != ERR_NONE) {
		drafts_fail(drafts, REASON_OVERSIZED, "too much for one record");
		return bytes_view_of(NULL, 0);
	}
	return bytes_view_of(drafts->arena.data + at, bytes.len);
}

struct bytes_view
drafts_text(struct drafts *drafts, struct bytes_view text, size_t len_max, bool prose)
{
	struct bytes_view copy;
	uint8_t *at;
	size_t i, to = 0;

	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\n' || text.data[0] == '\r'))
		text = bytes_view_of(text.data + 1, text.len - 1);
	while (text.len > 0 && strchr(" \n\r\t", text.data[text.len - 1]) != NULL)
		text.len--;
	if (text.len > len_max) {
		for (text.len = len_max; text.len > 0 && (text.data[text.len] & 0xc0) == 0x80;)
			text.len--;
	}
	copy = drafts_bytes(drafts, text);
	if (copy.len == 0)
		return copy;
	at = drafts->arena.data + drafts->arena.len - copy.len;
	for (i = 0; i < copy.len; i++) {
		uint8_t byte = at[i];

		if (byte == '\r' && prose)
			continue;
		if (byte == 0xc2 && i + 1 < copy.len && at[i + 1] < 0xa0) {
			i++; /* a C1 control */
			byte = ' ';
		} else if ((byte < 0x20 && !(prose && (byte == '\n' || byte == '\t'))) || byte == 0x7f) {
			byte = ' ';
		}
		at[to++] = byte;
	}
	copy.len = to;
	if (!reader_is_text(copy, prose ? READER_PROSE : READER_LINE)) {
		drafts_fail(drafts, REASON_BAD_FIELD, "not valid UTF-8");
		return bytes_view_of(NULL, 0);
	}
	return copy;
}

bool
drafts_observable(struct drafts *drafts, enum observable_type type, struct bytes_view text)
{
	struct observable observable = {.type = type};
	size_t at = drafts->arena.len;
	enum err err = observable_parse(type, text, &drafts->arena);

	if (err == ERR_NONE) {
		observable.value =
		    bytes_view_of(drafts->arena.data + at, drafts->arena.len - at);
		err = record_add_observable(&drafts->record, &observable);
	}
	if (err == ERR_TOO_LARGE)
		drafts_fail(drafts, REASON_OVERSIZED, "more observables than one record holds");
	return err == ERR_NONE;
}

void
drafts_label(struct drafts *drafts, enum tlp tlp)
{
	if (drafts->failure == REASON_NO_LABEL)
		drafts->failure = REASON_STORED;
	if (tlp > drafts->record.marking.tlp)
		drafts->record.marking.tlp = tlp;
}

void
drafts_add_text(struct drafts *drafts, struct record_texts *texts, struct bytes_view text,
    size_t len_max)
{
	struct bytes_view copy = drafts_text(drafts, text, len_max, false);

	/* more labels than fit are beyond what a record carries; the original keeps them */
	if (copy.len > 0 && record_add_text(texts, copy) != ERR_NONE)
		return;
}

void
drafts_source(struct drafts *drafts, const char *format, const char *mapping,
    struct bytes_view id, struct bytes_view original)
{
	struct record_source *source = &drafts->record.source;

	source->format = bytes_view_str(format);
	source->mapping = bytes_view_str(mapping);
	source->id = drafts_text(drafts, id, TERM_BYTES_MAX, false);
	if (original.len > ORIGINAL_BYTES_MAX)
		drafts_fail(drafts, REASON_OVERSIZED, "the original is larger than a record may carry");
	else
		source->original = drafts_bytes(drafts, original);
}

void
drafts_refuse(struct drafts *drafts, const struct draft_place *place, enum reason reason,
    const char *words)
{
	drafts->refused++;
	if (drafts->note != NULL)
		drafts->note(drafts->context, place, reason, words);
}

enum err
drafts_finish(struct drafts *drafts, const struct draft_place *place, bool is_understood)
{
	struct record *record = &drafts->record;
	enum err err;

	if (record->kind == RECORD_INDICATOR && record->observables_count > 1 &&
	    record->body.combine == RECORD_COMBINE_UNSTATED)
		record->body.combine = RECORD_COMBINE_ANY;
	if (record->observables_count <= 1)
		record->body.combine = RECORD_COMBINE_UNSTATED;
	if (record->marking.tlp == TLP_RED && record->audience.orgs_count == 0)
		drafts_fail(drafts, REASON_NO_AUDIENCE, "name its recipients with --to");
	if (drafts->failure != REASON_STORED) {
		drafts_refuse(drafts, place, drafts->failure, drafts->failure_words);
		return ERR_NONE;
	}
	bytes_clear(&drafts->encoded);
	err = record_encode(record, &drafts->encoded);
	if (err != ERR_NONE) {
		drafts_refuse(drafts, place, reason_of_err(err), "too much for one record");
		return err == ERR_MEMORY ? err : ERR_NONE;
	}
	if (is_understood)
		drafts->understood++;
	else
		drafts->kept++;
	return drafts->put(drafts->context, bytes_as_view(&drafts->encoded), place);
}
