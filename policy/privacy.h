/*
 * privacy: the gate that reads what is about to leave and finds personal data in it: in free
 * text, labels, file names, urls, originals and unknown keys.  Pure, allocates nothing, linear.
 *
 * What is looked for, by which check, and what is passed over: docs/privacy.md.  A typed
 * observable is no accident and is the policy's business; so is its value where the record
 * repeats it.  The gate decides nothing: who asks it blocks, holds, or lets an approver override.
 */
#ifndef MALLA_POLICY_PRIVACY_H
#define MALLA_POLICY_PRIVACY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/record.h"

#define PRIVACY_HITS_MAX 64u     /* that a report keeps; all are counted */
#define PRIVACY_EXCERPT_BYTES 32 /* with its NUL */
#define PRIVACY_OWN_MAX 256u     /* entries of each list */

/* X(symbol, name) */
/* clang-format off */
#define PRIVACY_KIND_TABLE(X) \
	X(PRIVACY_CURP,    "curp") \
	X(PRIVACY_RFC,     "rfc") \
	X(PRIVACY_CLABE,   "clabe") \
	X(PRIVACY_IBAN,    "iban") \
	X(PRIVACY_CARD,    "card") \
	X(PRIVACY_PHONE,   "phone") \
	X(PRIVACY_EMAIL,   "email") \
	X(PRIVACY_NAME,    "name") \
	X(PRIVACY_ADDRESS, "own-address") \
	X(PRIVACY_DOMAIN,  "own-domain")

/* X(symbol, name): where in a record something stands; the index counts labels, observables … */
#define PRIVACY_PLACE_TABLE(X) \
	X(PRIVACY_IN_TITLE,      "title") \
	X(PRIVACY_IN_TEXT,       "text") \
	X(PRIVACY_IN_PATTERN,    "pattern") \
	X(PRIVACY_IN_IDENTIFIER, "identifier") \
	X(PRIVACY_IN_LABEL,      "label") \
	X(PRIVACY_IN_AFFECTS,    "affects") \
	X(PRIVACY_IN_LINK,       "link") \
	X(PRIVACY_IN_TERMS,      "terms")      /* purpose, legal basis */ \
	X(PRIVACY_IN_FILENAME,   "filename")   /* a typed observable */ \
	X(PRIVACY_IN_URL,        "url")        /* likewise */ \
	X(PRIVACY_IN_SOURCE,     "source")     /* format, mapping, the original's id */ \
	X(PRIVACY_IN_ORIGINAL,   "original") \
	X(PRIVACY_IN_UNKNOWN,    "unknown-key")
/* clang-format on */

enum privacy_kind {
#define PRIVACY_KIND_ENUM(symbol, name) symbol,
	PRIVACY_KIND_TABLE(PRIVACY_KIND_ENUM)
#undef PRIVACY_KIND_ENUM
};
#define PRIVACY_KIND_COUNT 10

enum privacy_place {
#define PRIVACY_PLACE_ENUM(symbol, name) symbol,
	PRIVACY_PLACE_TABLE(PRIVACY_PLACE_ENUM)
#undef PRIVACY_PLACE_ENUM
};

/* certain: a check digit says so, or one of the organisation's own lists */
enum privacy_sureness { PRIVACY_LIKELY, PRIVACY_CERTAIN };

struct privacy_hit {
	enum privacy_kind kind;
	enum privacy_place place;
	enum privacy_sureness sureness;
	uint32_t index; /* which label, observable, link; 0 where there is one only */
	size_t offset;  /* in the bytes of that place, as they stand there */
	size_t len;
	char excerpt[PRIVACY_EXCERPT_BYTES]; /* masked: "GOMC******HDF***09"; ASCII */
};

/* All zeros: nothing found. */
struct privacy_report {
	uint32_t count; /* of all hits; the first PRIVACY_HITS_MAX are kept */
	uint32_t counts[PRIVACY_KIND_COUNT];
	struct privacy_hit hits[PRIVACY_HITS_MAX];
};

struct privacy_range {
	uint8_t first[16]; /* IPv4 as ::ffff:0:0/96: what observable_range fills in */
	uint8_t last[16];
};

/* What is the organisation's own; all zeros: nothing.  Everything is borrowed. */
struct privacy_own {
	uint32_t ranges_count; /* at most PRIVACY_OWN_MAX, asserted */
	const struct privacy_range *ranges;
	uint32_t domains_count;           /* likewise */
	const struct bytes_view *domains; /* canonical; what is below one is its own, too */
};

const char *privacy_kind_name(enum privacy_kind kind);    /* "curp"; static */
const char *privacy_place_name(enum privacy_place place); /* "text"; static */

/* Read a text, of any bytes and any length up to 2 GiB, and add what is in it to the report. */
void privacy_scan(struct bytes_view text, enum privacy_place place, uint32_t index,
    const struct privacy_own *own, struct privacy_report *report);
/* The same with what the text may say, because the record declares it: observables, canonical. */
void privacy_scan_declared(struct bytes_view text, enum privacy_place place, uint32_t index,
    const struct privacy_own *own, const struct record *record, struct privacy_report *report);

#endif
