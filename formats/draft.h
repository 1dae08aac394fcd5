/*
 * draft: what every reader of foreign files makes: drafts, one after the other, with counts of
 * what was understood, kept as it is, and refused.
 *
 * Runs in the client's process, where there is no key and no store.  A label in the original
 * that is stricter than the one given wins; without any label a draft is refused.
 */
#ifndef MALLA_FORMATS_DRAFT_H
#define MALLA_FORMATS_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/reason.h"
#include "wire/record.h"

#define DRAFT_WORDS_BYTES 160 /* of a message, with its NUL */

/* What the user said for all drafts of an import.  Views are the user's. */
struct draft_defaults {
	bool has_tlp;
	enum tlp tlp;
	struct audience audience;
	uint8_t confidence; /* or CONFIDENCE_UNSTATED */
	enum severity severity;
	uint64_t valid_until_ms; /* 0: not stated */
	struct record_texts labels;
	struct bytes_view language;
	struct marking terms; /* but for the label, which is `tlp` */
};

/* Where in the file something stands: a line (from 1), or an object's id. */
struct draft_place {
	uint64_t line; /* 0: none */
	struct bytes_view id;
};

struct drafts {
	struct draft_defaults defaults;
	/* Take one draft's canonical bytes, borrowed; a failure ends the import. */
	enum err (*put)(void *context, struct bytes_view draft, const struct draft_place *place);
	/* Something to tell: refused (with its reason), or a warning (REASON_STORED).  The words
	   are never empty. */
	void (*note)(
	    void *context, const struct draft_place *place, enum reason reason, const char *words);
	void *context;

	/* every object, row or line that was offered is in exactly one of these four */
	uint64_t understood; /* became what they are */
	uint64_t kept;       /* stored with their original bytes, not understood */
	uint64_t refused;    /* each was told to `note` */
	uint64_t left_out;   /* comments, blank lines, containers: nothing of their own to say */

	struct record record; /* being built */
	struct bytes arena;   /* owns what the record's views need; never moves */
	struct bytes encoded;
	bool has_label;      /* of the draft being built: the user's, or the original's */
	bool is_raised_told; /* that an original's label is stricter than the one given */
	enum reason failure; /* of the draft being built */
	char failure_words[DRAFT_WORDS_BYTES];
	char warning[DRAFT_WORDS_BYTES]; /* the first one about the draft being built */
};

void drafts_defaults_init(struct draft_defaults *defaults);
MUST_CHECK enum err drafts_init(struct drafts *drafts);
void drafts_release(struct drafts *drafts);

/* Begin the next draft, with the defaults. */
void drafts_begin(struct drafts *drafts, enum record_kind kind);
/* Copy text for the record: trimmed, cut to len_max at a character's end (with a warning where
   it is prose), control characters replaced by blanks (line feeds and tabs kept where `prose`),
   bytes that are no UTF-8 read as Latin-1 (with a warning).  Empty if it does not fit. */
struct bytes_view drafts_text(
    struct drafts *drafts, struct bytes_view text, size_t len_max, bool prose);
/* Copy bytes as they are; empty if they do not fit. */
struct bytes_view drafts_bytes(struct drafts *drafts, struct bytes_view bytes);
/* Add the canonical form of text.  False: it is no such value, or (which fails the draft) the
   record is full. */
bool drafts_observable(struct drafts *drafts, enum observable_type type, struct bytes_view text);
/* A label of the original: the stricter one stands. */
void drafts_label(struct drafts *drafts, enum tlp tlp);
/* The same from text: "TLP:AMBER", "amber+strict", " TLP: White "; one that cannot be told is
   drafts_label_unclear. */
void drafts_label_text(struct drafts *drafts, struct bytes_view text);
/* The original has a marking that cannot be told: the draft fails where the user gave no
   label; where one was given it stands, with a warning. */
void drafts_label_unclear(struct drafts *drafts, const char *words);
/* Add to a list; what is longer or more than the list may hold stays in the original. */
void drafts_add_text(
    struct drafts *drafts, struct record_texts *texts, struct bytes_view text, size_t len_max);
/* Add to the record's labels; one that begins with "tlp:" is a TLP label. */
void drafts_add_label(struct drafts *drafts, struct bytes_view text);
/* Say behind the text at which port an address was seen. */
void drafts_port(struct drafts *drafts, struct bytes_view port);
/* Where the record came from; an original that is too long fails the draft (oversized). */
void drafts_source(struct drafts *drafts, const char *format, const char *mapping,
    struct bytes_view id, struct bytes_view original);
/* The draft cannot be made; the first reason stands. */
void drafts_fail(struct drafts *drafts, enum reason reason, const char *words);
/* Something that the user should know about the draft; the first one is told. */
void drafts_warn(struct drafts *drafts, const char *words);
/* Encode and hand over, or count as refused and tell why. */
MUST_CHECK enum err drafts_finish(
    struct drafts *drafts, const struct draft_place *place, bool is_understood);
/* Count something that became no draft. */
void drafts_refuse(
    struct drafts *drafts, const struct draft_place *place, enum reason reason, const char *words);

#endif
