#include "policy/privacy_text.h"

#include <string.h>

bool
privacy_text_is_cued(
    const struct privacy_text *text, enum privacy_cue cue, size_t at, size_t within)
{
	size_t end = text->cue[cue];

	return end > 0 && end <= text->base + at && text->base + at - end <= within;
}

void
privacy_text_compact(
    const struct privacy_text *text, size_t at, size_t end, struct privacy_compact *out)
{
	uint8_t letter;

	out->len = 0;
	for (; at < end && out->len < PRIVACY_COMPACT_MAX; at++) {
		letter = text->text[at];
		if (!privacy_text_is_word(letter) && letter != '&')
			continue;
		if (letter >= 'a' && letter <= 'z')
			letter = (uint8_t)(letter - 'a' + 'A');
		out->at[out->len] = at;
		out->text[out->len++] = letter;
	}
}

/* ------------------------------------------------------------------ declared */

static bool
is_same_mailbox(struct bytes_view declared, struct bytes_view value)
{
	size_t i;

	if (declared.len != value.len)
		return false;
	for (i = 0; i < value.len; i++) {
		if (declared.data[i] != privacy_text_lower(value.data[i]))
			return false;
	}
	return true;
}

/* A national number is the tail of the declared one. */
static bool
is_same_number(struct bytes_view declared, struct bytes_view value)
{
	return value.len >= 7 && declared.len >= value.len &&
	       memcmp(declared.data + declared.len - value.len, value.data, value.len) == 0;
}

static bool
is_declared(const struct record *record, enum privacy_kind kind, struct bytes_view value)
{
	static const enum observable_type types[PRIVACY_KIND_COUNT] = {
	    [PRIVACY_CLABE] = OBSERVABLE_CLABE,
	    [PRIVACY_IBAN] = OBSERVABLE_IBAN,
	    [PRIVACY_CARD] = OBSERVABLE_CARD,
	    [PRIVACY_PHONE] = OBSERVABLE_PHONE,
	    [PRIVACY_EMAIL] = OBSERVABLE_EMAIL,
	};
	uint32_t i;

	if (record == NULL || types[kind] == 0)
		return false;
	for (i = 0; i < record->observables_count; i++) {
		const struct observable *observable = &record->observables[i];

		if (observable->type != types[kind])
			continue;
		if (kind == PRIVACY_EMAIL   ? is_same_mailbox(observable->value, value)
		    : kind == PRIVACY_PHONE ? is_same_number(observable->value, value)
					    : bytes_view_is_equal(observable->value, value))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ a hit */

/* What may be shown of `len` characters: the first `head`, the last `tail`, three from `middle`. */
struct shown {
	size_t head;
	size_t tail;
	size_t middle;
};

static struct shown
shown_of(enum privacy_kind kind, size_t len)
{
	switch (kind) {
	case PRIVACY_CURP:
		return (struct shown){4, 2, 10};
	case PRIVACY_RFC:
		return (struct shown){4, 1, 0};
	case PRIVACY_CLABE:
		return (struct shown){3, 2, 0};
	case PRIVACY_IBAN:
		return (struct shown){4, 2, 0};
	case PRIVACY_CARD:
		return (struct shown){4, 2, 0};
	case PRIVACY_PHONE:
		return (struct shown){len > 9 ? 3 : 2, 2, 0};
	case PRIVACY_EMAIL:
		return (struct shown){1, len > 12 ? 4 : 1, 0};
	case PRIVACY_NAME:
		return (struct shown){1, 0, 0};
	case PRIVACY_ADDRESS:
	case PRIVACY_DOMAIN:
		return (struct shown){len / 3, len / 4, 0};
	}
	return (struct shown){0, 0, 0};
}

static void
write_excerpt(struct privacy_hit *hit, struct bytes_view value)
{
	struct shown shown = shown_of(hit->kind, value.len);
	size_t room = PRIVACY_EXCERPT_BYTES - 1, i, at = 0;
	/* what is too long loses stars */
	size_t cut = value.len > room ? value.len - room : 0;
	bool is_shown;
	uint8_t letter;

	for (i = 0; i < value.len && at < room; i++) {
		is_shown = i < shown.head || i + shown.tail >= value.len ||
			   (shown.middle > 0 && i >= shown.middle && i < shown.middle + 3);
		if (!is_shown && cut > 0) {
			cut--;
			continue;
		}
		letter = value.data[i] >= ' ' && value.data[i] < 0x7f ? value.data[i] : '?';
		hit->excerpt[at++] = is_shown ? (char)letter : '*';
	}
	hit->excerpt[at] = '\0';
}

/* The offset in the place of a character of the window. */
static size_t
offset_of(const struct privacy_text *text, size_t at)
{
	if (text->from == NULL)
		return text->raw_start + at;
	return at < text->len ? text->from[at] & ~PRIVACY_FOLD_ALIKE : text->raw_end;
}

void
privacy_text_report(struct privacy_text *text, enum privacy_kind kind,
    enum privacy_sureness sureness, size_t start, size_t end, struct bytes_view value)
{
	struct privacy_report *report = text->report;
	struct privacy_hit *hit;

	if (is_declared(text->record, kind, value))
		return;
	report->counts[kind]++;
	if (report->count++ >= PRIVACY_HITS_MAX)
		return;
	hit = &report->hits[report->count - 1];
	*hit = (struct privacy_hit){
	    .kind = kind, .place = text->place, .sureness = sureness, .index = text->index};
	if (text->is_decoded) {
		hit->offset = text->decoded_from;
		hit->len = text->decoded_span;
	} else {
		hit->offset = offset_of(text, start);
		hit->len = offset_of(text, end) - hit->offset;
	}
	write_excerpt(hit, value);
}
