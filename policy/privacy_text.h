/*
 * privacy_text: a folded text that the gate is reading, and what its parts share: the scanner
 * (privacy.re) meets something that might be personal and asks codes, numbers, mailboxes or names.
 *
 * Nobody reads more than PRIVACY_AHEAD characters beyond where it began, nor PRIVACY_BEHIND
 * before it, so that a long text can be read in windows, in linear time.
 */
#ifndef MALLA_POLICY_PRIVACY_TEXT_H
#define MALLA_POLICY_PRIVACY_TEXT_H

#include "policy/privacy.h"
#include "policy/privacy_fold.h"

#define PRIVACY_AHEAD 1024u
#define PRIVACY_BEHIND 128u
#define PRIVACY_COLUMNS_MAX 16u
#define PRIVACY_DECODED_MAX 768u

/* Words that say what a number near them is. */
enum privacy_cue { PRIVACY_CUE_PHONE, PRIVACY_CUE_CARD, PRIVACY_CUE_ACCOUNT, PRIVACY_CUE_RFC };
#define PRIVACY_CUE_COUNT 4

enum privacy_column { PRIVACY_COLUMN_NAME, PRIVACY_COLUMN_SOME_NAME, PRIVACY_COLUMN_PHONE };

struct privacy_text {
	/* the window */
	const uint8_t *text;
	const uint32_t *from; /* offset of each character; NULL: they stand where they are */
	size_t len;
	size_t base;      /* characters that were before the window */
	size_t raw_start; /* offset of the window's first character, where `from` is NULL */
	size_t raw_end;   /* offset of what follows the window */

	/* what was said: position from base 0 behind the last cue, 0: none */
	size_t cue[PRIVACY_CUE_COUNT];
	/* a first line that names columns */
	uint8_t separator; /* 0: none */
	uint32_t columns_count;
	struct {
		uint32_t at; /* from 0 */
		enum privacy_column what;
	} columns[PRIVACY_COLUMNS_MAX];
	size_t host_end; /* position from base 0 up to which hosts were looked at */

	/* what a base64 token says, to be read next */
	size_t decoded_len;
	size_t decoded_from; /* the token's offset and length */
	size_t decoded_span;
	bool is_decoded; /* this text is one */
	uint8_t decoded[PRIVACY_DECODED_MAX];

	enum privacy_place place;
	uint32_t index;
	const struct privacy_own *own;
	const struct record *record; /* what it declares may be said; NULL: nothing */
	struct privacy_report *report;
};

/* A candidate without what separates it. */
#define PRIVACY_COMPACT_MAX 64u
struct privacy_compact {
	size_t len;
	uint8_t text[PRIVACY_COMPACT_MAX]; /* in upper case */
	size_t at[PRIVACY_COMPACT_MAX];    /* where each stands in the window */
};

static inline bool
privacy_text_is_digit(uint8_t letter)
{
	return letter >= '0' && letter <= '9';
}

static inline bool
privacy_text_is_letter(uint8_t letter)
{
	return ((letter | 0x20) >= 'a' && (letter | 0x20) <= 'z' && letter < 0x80) ||
	       letter == PRIVACY_FOLD_LETTER || letter == PRIVACY_FOLD_ENE;
}

static inline bool
privacy_text_is_word(uint8_t letter)
{
	return privacy_text_is_digit(letter) || privacy_text_is_letter(letter);
}

/* The character at `at` or, beyond either end of the window, 0. */
static inline uint8_t
privacy_text_at(const struct privacy_text *text, size_t at)
{
	return at < text->len ? text->text[at] : 0;
}

static inline uint8_t
privacy_text_lower(uint8_t letter)
{
	return letter >= 'A' && letter <= 'Z' ? (uint8_t)(letter | 0x20) : letter;
}

/* Whether a cue of this sort ended at most `within` characters before `at`. */
bool privacy_text_is_cued(
    const struct privacy_text *text, enum privacy_cue cue, size_t at, size_t within);
/* The word characters from `at` to `end`, without what is between them. */
void privacy_text_compact(
    const struct privacy_text *text, size_t at, size_t end, struct privacy_compact *out);
/* Report what stands from `start` to `end`; `value` is what the record may have declared. */
void privacy_text_report(struct privacy_text *text, enum privacy_kind kind,
    enum privacy_sureness sureness, size_t start, size_t end, struct bytes_view value);

#endif
