#include "formats/draft.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "formats/text.h"

#define ARENA_BYTES (1u << 20)

void
drafts_defaults_init(struct draft_defaults *defaults)
{
	*defaults = (struct draft_defaults){.confidence = CONFIDENCE_UNSTATED};
	marking_init(&defaults->terms, TLP_CLEAR);
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

/* The lists have room for hundreds; only what is there is copied. */
static void
copy_audience(const struct audience *from, struct audience *to)
{
	to->has_community = from->has_community;
	to->community = from->community;
	to->orgs_count = from->orgs_count;
	memcpy(to->orgs, from->orgs, from->orgs_count * sizeof(*from->orgs));
	to->persons_count = from->persons_count;
	memcpy(to->persons, from->persons, from->persons_count * sizeof(*from->persons));
}

void
drafts_begin(struct drafts *drafts, enum record_kind kind)
{
	const struct draft_defaults *defaults = &drafts->defaults;
	struct record *record = &drafts->record;

	bytes_clear(&drafts->arena);
	drafts->failure = REASON_STORED;
	drafts->failure_words[0] = '\0';
	drafts->warning[0] = '\0';
	drafts->has_label = defaults->has_tlp;
	record_init(record, kind, defaults->has_tlp ? defaults->tlp : TLP_CLEAR);
	record->marking = defaults->terms;
	record->marking.tlp = defaults->has_tlp ? defaults->tlp : TLP_CLEAR;
	record->confidence = defaults->confidence;
	record->severity = defaults->severity;
	record->valid_until_ms = defaults->valid_until_ms;
	record->language = defaults->language;
	record->labels.count = defaults->labels.count;
	memcpy(record->labels.at, defaults->labels.at,
	    defaults->labels.count * sizeof(*defaults->labels.at));
	copy_audience(&defaults->audience, &record->audience);
}

void
drafts_fail(struct drafts *drafts, enum reason reason, const char *words)
{
	if (drafts->failure != REASON_STORED)
		return;
	drafts->failure = reason;
	(void)snprintf(drafts->failure_words, sizeof(drafts->failure_words), "%s", words);
}

void
drafts_warn(struct drafts *drafts, const char *words)
{
	if (drafts->warning[0] == '\0')
		(void)snprintf(drafts->warning, sizeof(drafts->warning), "%s", words);
}

/* ---------------------------------------------------------------- text */

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

/* How many characters of ASCII that can be printed it begins with, at most. */
static size_t
plain_len(struct bytes_view text, size_t most)
{
	size_t len = 0;

	if (most > text.len)
		most = text.len;
	while (len < most && text.data[len] >= 0x20 && text.data[len] < 0x7f)
		len++;
	return len;
}

/* What stands for the character of `n` bytes (0: no UTF-8) at the front of text; at most two
   bytes for one and never more than there were for several.  Returns their number. */
static size_t
clean_character(struct bytes_view text, size_t n, bool prose, uint8_t out[4])
{
	uint8_t byte = text.data[0];

	if (n == 0 && byte >= 0xa0) { /* as Latin-1 has it */
		out[0] = (uint8_t)(0xc0 | byte >> 6);
		out[1] = (uint8_t)(0x80 | (byte & 0x3f));
		return 2;
	}
	if (n > 1 && !(n == 2 && byte == 0xc2 && text.data[1] < 0xa0)) {
		memcpy(out, text.data, n);
		return n;
	}
	if (prose && byte == '\r')
		return 0;
	out[0] = byte;
	if (n == 0)
		out[0] = '?';
	else if (n > 1 || byte == 0x7f ||
		 (byte < 0x20 && !(prose && (byte == '\n' || byte == '\t'))))
		out[0] = ' ';
	return 1;
}

struct bytes_view
drafts_text(struct drafts *drafts, struct bytes_view text, size_t len_max, bool prose)
{
	size_t start = drafts->arena.len, to = 0, n, made, room;
	uint8_t character[4];
	uint8_t *at;

	text = text_trim(text);
	if (text.len == 0)
		return bytes_view_of(NULL, 0);
	room = text.len < len_max / 2 ? text.len * 2 : len_max;
	at = bytes_extend(&drafts->arena, room);
	if (at == NULL) {
		drafts_fail(drafts, REASON_OVERSIZED, "too much for one record");
		return bytes_view_of(NULL, 0);
	}
	while (text.len > 0) {
		/* most of most texts stays as it is */
		n = plain_len(text, room - to);
		memcpy(at + to, text.data, n);
		to += n;
		text = text_behind(text, n);
		if (text.len == 0)
			break;
		n = text_sequence(text);
		made = clean_character(text, n, prose, character);
		if (to + made > room) {
			if (prose)
				drafts_warn(drafts, "the text was cut; the original has all of it");
			break;
		}
		if (n == 0)
			drafts_warn(drafts, "not valid UTF-8, read as Latin-1");
		memcpy(at + to, character, made);
		to += made;
		text = text_behind(text, n > 0 ? n : 1);
	}
	while (to > 0 && text_is_blank(at[to - 1]))
		to--;
	drafts->arena.len = start + to;
	return bytes_view_of(at, to);
}

void
drafts_add_text(
    struct drafts *drafts, struct record_texts *texts, struct bytes_view text, size_t len_max)
{
	size_t start = drafts->arena.len;
	uint32_t count = texts->count;
	struct bytes_view copy;

	if (text_trim(text).len == 0)
		return;
	if (count == LABELS_MAX) {
		drafts_warn(drafts, "more labels or links than a record holds");
		return;
	}
	copy = drafts_text(drafts, text, len_max, false);
	if (copy.len == 0)
		return;
	if (record_add_text(texts, copy) != ERR_NONE || texts->count == count)
		drafts->arena.len = start; /* there already */
}

void
drafts_port(struct drafts *drafts, struct bytes_view port)
{
	struct bytes_view *text = &drafts->record.body.text;
	size_t start = drafts->arena.len;

	if (port.len == 0 || text->len + port.len + sizeof("\nport ") > TEXT_BYTES_MAX)
		return;
	bytes_append(&drafts->arena, text->data, text->len);
	bytes_append(&drafts->arena, "\nport ", text->len > 0 ? 6 : 0);
	bytes_append(&drafts->arena, "port ", text->len > 0 ? 0 : 5);
	bytes_append(&drafts->arena, port.data, port.len);
	if (drafts->arena.err != ERR_NONE)
		drafts_fail(drafts, REASON_OVERSIZED, "too much for one record");
	else
		*text = bytes_view_of(drafts->arena.data + start, drafts->arena.len - start);
}

/* ---------------------------------------------------------------- fields */

bool
drafts_observable(struct drafts *drafts, enum observable_type type, struct bytes_view text)
{
	struct observable observable = {.type = type};
	size_t at = drafts->arena.len;

	if (observable_parse(type, text, &drafts->arena) != ERR_NONE)
		return false;
	observable.value = bytes_view_of(drafts->arena.data + at, drafts->arena.len - at);
	if (record_add_observable(&drafts->record, &observable) == ERR_NONE)
		return true;
	drafts_fail(drafts, REASON_OVERSIZED, "more observables than one record holds");
	return false;
}

void
drafts_label(struct drafts *drafts, enum tlp tlp)
{
	drafts->has_label = true;
	if (tlp > drafts->record.marking.tlp)
		drafts->record.marking.tlp = tlp;
}

void
drafts_label_unclear(struct drafts *drafts, const char *words)
{
	if (drafts->defaults.has_tlp)
		drafts_warn(drafts, words);
	else
		drafts_fail(drafts, REASON_NO_LABEL, words);
}

void
drafts_label_text(struct drafts *drafts, struct bytes_view text)
{
	enum tlp tlp;

	text = text_trim(text);
	if (text_begins_word(text, "tlp:"))
		text = text_trim(text_behind(text, 4));
	if (tlp_parse(text, &tlp))
		drafts_label(drafts, tlp);
	else if (text_is_word(text, "amber strict") || text_is_word(text, "amber-strict") ||
		 text_is_word(text, "amber_strict"))
		drafts_label(drafts, TLP_AMBER_STRICT);
	else
		drafts_label_unclear(drafts, "a label that is none of TLP");
}

void
drafts_add_label(struct drafts *drafts, struct bytes_view text)
{
	if (text_begins_word(text_trim(text), "tlp:"))
		drafts_label_text(drafts, text);
	else
		drafts_add_text(drafts, &drafts->record.labels, text, LABEL_BYTES_MAX);
}

void
drafts_source(struct drafts *drafts, const char *format, const char *mapping, struct bytes_view id,
    struct bytes_view original)
{
	struct record_source *source = &drafts->record.source;

	source->format = bytes_view_str(format);
	source->mapping = bytes_view_str(mapping);
	source->id = drafts_text(drafts, id, TERM_BYTES_MAX, false);
	if (original.len > ORIGINAL_BYTES_MAX)
		drafts_fail(
		    drafts, REASON_OVERSIZED, "the original is larger than a record may carry");
	else
		source->original = drafts_bytes(drafts, original);
}

/* ---------------------------------------------------------------- done */

static void
tell(const struct drafts *drafts, const struct draft_place *place, enum reason reason,
    const char *words)
{
	assert(words[0] != '\0');
	if (drafts->note != NULL)
		drafts->note(drafts->context, place, reason, words);
}

void
drafts_refuse(
    struct drafts *drafts, const struct draft_place *place, enum reason reason, const char *words)
{
	drafts->refused++;
	tell(drafts, place, reason, words);
}

/* What all fields together must be. */
static void
settle(struct drafts *drafts)
{
	struct record *record = &drafts->record;

	if (record->observables_count <= 1)
		record->body.combine = RECORD_COMBINE_UNSTATED;
	else if (record->kind == RECORD_INDICATOR &&
		 record->body.combine == RECORD_COMBINE_UNSTATED)
		record->body.combine = RECORD_COMBINE_ANY;
	if (!drafts->has_label)
		drafts_fail(drafts, REASON_NO_LABEL, "give it one with --tlp");
	if (record->marking.tlp == TLP_RED && record->audience.orgs_count == 0)
		drafts_fail(drafts, REASON_NO_AUDIENCE, "name its recipients with --to");
	if (record->valid_until_ms != 0 && record->valid_until_ms <= record->valid_from_ms)
		drafts_fail(drafts, REASON_BAD_FIELD, "valid until a time before it becomes valid");
}

/* Once an import: on every record it would drown everything else. */
static void
tell_raised(struct drafts *drafts, const struct draft_place *place)
{
	char words[DRAFT_WORDS_BYTES];

	if (!drafts->defaults.has_tlp || drafts->is_raised_told ||
	    drafts->record.marking.tlp == drafts->defaults.tlp)
		return;
	drafts->is_raised_told = true;
	(void)snprintf(words, sizeof(words), "the original's label stands, as it is stricter: %s",
	    tlp_label(drafts->record.marking.tlp));
	tell(drafts, place, REASON_STORED, words);
}

enum err
drafts_finish(struct drafts *drafts, const struct draft_place *place, bool is_understood)
{
	enum err err;

	settle(drafts);
	if (drafts->failure != REASON_STORED) {
		drafts_refuse(drafts, place, drafts->failure, drafts->failure_words);
		return ERR_NONE;
	}
	bytes_clear(&drafts->encoded);
	err = record_encode(&drafts->record, &drafts->encoded);
	if (err == ERR_MEMORY)
		return err;
	if (err != ERR_NONE) {
		drafts_refuse(drafts, place, reason_of_err(err), "too much for one record");
		return ERR_NONE;
	}
	tell_raised(drafts, place);
	if (drafts->warning[0] != '\0')
		tell(drafts, place, REASON_STORED, drafts->warning);
	if (is_understood)
		drafts->understood++;
	else
		drafts->kept++;
	return drafts->put(drafts->context, bytes_as_view(&drafts->encoded), place);
}
