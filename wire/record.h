/*
 * record: what is shared.  Immutable, canonical bytes; identity is their hash.
 *
 * docs/protocol.md 2 has every key.  A draft is a record without author, created and nonce,
 * which the node adds.
 */
#ifndef MALLA_WIRE_RECORD_H
#define MALLA_WIRE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/charter.h"
#include "wire/marking.h"
#include "wire/observable.h"
#include "wire/relation.h"

/* X(symbol, code, name).  Question and retraction have no body in this version and are refused. */
/* clang-format off */
#define RECORD_KIND_TABLE(X) \
	X(RECORD_INDICATOR,  1, "indicator") \
	X(RECORD_NOTE,       2, "note") \
	X(RECORD_ADVISORY,   3, "advisory") \
	X(RECORD_QUESTION,   4, "question") \
	X(RECORD_SIGHTING,   5, "sighting") \
	X(RECORD_DISPUTE,    6, "dispute") \
	X(RECORD_AMENDMENT,  7, "amendment") \
	X(RECORD_RETRACTION, 8, "retraction") \
	X(RECORD_RELATION,   9, "relation") \
	X(RECORD_CHARTER,   10, "charter")
/* clang-format on */

enum record_kind {
#define RECORD_KIND_ENUM(symbol, code, name) symbol = code,
	RECORD_KIND_TABLE(RECORD_KIND_ENUM)
#undef RECORD_KIND_ENUM
};

enum record_key {
	RECORD_KEY_KIND = 0,
	RECORD_KEY_CONFIDENCE = 1, /* 0..100 */
	RECORD_KEY_AUTHOR = 2,
	RECORD_KEY_SEVERITY = 3, /* enum severity */
	RECORD_KEY_CREATED = 4,
	RECORD_KEY_AFFECTS = 5,
	RECORD_KEY_MARKING = 6,
	RECORD_KEY_LABELS = 7, /* strictly ascending */
	RECORD_KEY_AUDIENCE = 8,
	RECORD_KEY_LANGUAGE = 9, /* BCP 47 */
	RECORD_KEY_NONCE = 10,
	RECORD_KEY_OBSERVABLES = 11, /* [[type, value]…], strictly ascending */
	RECORD_KEY_VALID_FROM = 12,
	RECORD_KEY_REFERENCES = 13, /* record ids, strictly ascending */
	RECORD_KEY_VALID_UNTIL = 14,
	RECORD_KEY_BODY = 15,
	RECORD_KEY_DERIVED = 16,
	RECORD_KEY_SOURCE = 17,
	RECORD_KEY_LINKS = 19, /* external references: URLs, ids; strictly ascending */
};

/* keys of the body map; which of them a kind has: docs/protocol.md 2.4 */
enum record_body_key {
	RECORD_BODY_COMBINE = 0, /* indicator with more than one observable: enum record_combine */
	RECORD_BODY_TITLE = 1,   /* indicator (optional), note, advisory; charter: the name */
	RECORD_BODY_TARGET = 2,  /* sighting, dispute, amendment, grant: the record it is about */
	RECORD_BODY_TEXT = 3,    /* Markdown; note and advisory must have it */
	RECORD_BODY_OUTCOME = 4, /* sighting: enum sighting */
	RECORD_BODY_PATTERN = 5, /* indicator: the pattern it came from, where observables do not say all */
	RECORD_BODY_REASON = 6,  /* dispute: enum dispute */
	RECORD_BODY_FIRST_SEEN = 7,
	RECORD_BODY_AS = 8, /* amendment: the kind of its target, whose body follows */
	RECORD_BODY_LAST_SEEN = 9,
	RECORD_BODY_COUNT = 11,      /* sighting: how often, from 1 */
	RECORD_BODY_IDENTIFIER = 13, /* advisory: the number its publisher gave it */
	RECORD_BODY_RELATION = 14,   /* relation: enum relation_type */
	RECORD_BODY_STATE = 16,      /* enum relation_state */
	RECORD_BODY_SUBJECT = 18,
	RECORD_BODY_OBJECT = 20,
	RECORD_BODY_COMMUNITY = 22, /* relation; charter from serial 2 */
	RECORD_BODY_TO_ORGS = 24,   /* grant: to whom; strictly ascending */
	RECORD_BODY_TO_COMMUNITY = 26,
	RECORD_BODY_TO_SECTOR = 28,
	RECORD_BODY_TLP = 30,    /* grant: the strictest label */
	RECORD_BODY_SERIAL = 32, /* charter */
	RECORD_BODY_PREVIOUS = 34,
	RECORD_BODY_STEWARDS = 36, /* strictly ascending */
	RECORD_BODY_THRESHOLD = 38,
	RECORD_BODY_MEMBERS = 40, /* strictly ascending */
	RECORD_BODY_NONCE = 42,
};

enum record_affects_key {
	RECORD_AFFECTS_SECTORS = 1,
	RECORD_AFFECTS_SERVICES = 3,
	RECORD_AFFECTS_ENVIRONMENTS = 5, /* 1 IT, 2 OT; strictly ascending */
	RECORD_AFFECTS_PRODUCTS = 7,
};

enum record_source_key {
	RECORD_SOURCE_FORMAT = 1,   /* "stix-2.1", "csv", "list", "markdown" */
	RECORD_SOURCE_MAPPING = 3,  /* "malla-csv/1": which mapping made the record, and its version */
	RECORD_SOURCE_ID = 5,       /* the original's own id, if it has one */
	RECORD_SOURCE_ORIGINAL = 7, /* the original's bytes */
};

enum record_derived_key {
	RECORD_DERIVED_ID = 0,
	RECORD_DERIVED_AUTHOR = 2,
	RECORD_DERIVED_AUDIENCE = 4, /* absent where the original's is empty */
	RECORD_DERIVED_MARKING = 6,
};

enum severity { SEVERITY_UNSTATED, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };
/* any: each observable is one by itself (OR); all: only together (AND), never to be blocked singly */
enum record_combine { RECORD_COMBINE_UNSTATED, RECORD_COMBINE_ANY, RECORD_COMBINE_ALL };
enum sighting { SIGHTING_UNSTATED, SIGHTING_SEEN, SIGHTING_FALSE_POSITIVE, SIGHTING_EXPIRED };
enum dispute {
	DISPUTE_UNSTATED,
	DISPUTE_FALSE_POSITIVE,
	DISPUTE_OUTDATED,
	DISPUTE_INACCURATE,
	DISPUTE_NOT_PERMITTED,
	DISPUTE_OTHER,
};
enum environment { ENVIRONMENT_IT = 1, ENVIRONMENT_OT = 2 };

#define CONFIDENCE_UNSTATED 255u
#define RECORD_IDENTITY_COUNT 3u /* author, created, nonce */

/* A list of texts, strictly ascending by bytes, each 1..LABEL_BYTES_MAX. */
struct record_texts {
	uint32_t count;
	struct bytes_view at[LABELS_MAX];
};

struct record_body {
	enum record_combine combine;
	struct bytes_view title;
	struct bytes_view text;
	struct bytes_view pattern;
	struct bytes_view identifier;
	struct record_id target;
	enum sighting outcome;
	uint64_t first_seen_ms; /* 0: not stated */
	uint64_t last_seen_ms;
	uint64_t count; /* 0: not stated */
	enum dispute dispute;
	enum record_kind as; /* amendment; 0: not stated */
	struct relation relation;
	struct charter charter;
};

struct record_source {
	struct bytes_view format; /* empty: the record came from no other format */
	struct bytes_view mapping;
	struct bytes_view id;
	struct bytes_view original;
};

struct record_affects {
	struct record_texts sectors;
	struct record_texts services;
	struct record_texts products;
	bool is_it;
	bool is_ot;
};

struct record_derived {
	struct record_id id;
	struct org_id author;
	struct audience audience;
	struct marking marking;
};

/* All views are borrowed from the bytes that were decoded, or are the builder's.
   About 60 KiB: keep one per thread of work, not one per record. */
struct record {
	enum record_kind kind;
	bool is_draft; /* without author, created, nonce */
	struct org_id author;
	uint64_t created_ms;
	struct nonce nonce;
	uint8_t confidence; /* or CONFIDENCE_UNSTATED */
	enum severity severity;
	uint64_t valid_from_ms;  /* 0: not stated */
	uint64_t valid_until_ms; /* 0: not stated; after valid_from */
	struct marking marking;
	struct bytes_view bytes;          /* the whole; filled by record_decode */
	struct bytes_view marking_bytes;  /* the encoded map; filled by record_decode */
	struct bytes_view audience_bytes; /* likewise; empty where no audience is named */
	struct bytes_view body_bytes;     /* likewise; empty where there is no body */
	struct audience audience;
	struct record_affects affects;
	struct record_texts labels;
	struct bytes_view language;
	uint32_t observables_count;
	struct observable observables[OBSERVABLES_MAX];
	uint32_t references_count;
	struct record_id references[REFERENCES_MAX];
	struct record_texts links; /* LINKS share LABELS_MAX; each up to OBSERVABLE_BYTES_MAX */
	struct record_body body;
	bool has_derived;
	struct record_derived derived;
	struct record_source source;
	uint32_t unknown; /* odd keys that this version does not know */
	size_t identity_at[RECORD_IDENTITY_COUNT]; /* record_decode's, for record_complete */
};

const char *record_kind_name(enum record_kind kind); /* "?" if unknown; static */
bool record_kind_parse(struct bytes_view name, enum record_kind *kind);
const char *severity_name(enum severity severity); /* "" for unstated; static */
bool severity_parse(struct bytes_view name, enum severity *severity);
const char *sighting_name(enum sighting sighting);
bool sighting_parse(struct bytes_view name, enum sighting *sighting);
const char *dispute_name(enum dispute dispute);
bool dispute_parse(struct bytes_view name, enum dispute *dispute);

/* An empty draft: nothing stated. */
void record_init(struct record *record, enum record_kind kind, enum tlp tlp);
/* Keep the list strictly ascending; a repeat changes nothing. */
MUST_CHECK enum err record_add_text(struct record_texts *texts, struct bytes_view text);
/* The value must be canonical and outlive the record. */
MUST_CHECK enum err record_add_observable(struct record *record,
    const struct observable *observable);
MUST_CHECK enum err record_add_reference(struct record *record, const struct record_id *id);

/* Decode and check everything that can be checked of a record alone: form, limits,
   observables, order, what its kind must have, and for a RED one that it names recipients.
   ERR_VALUE: a bad observable, a person's name that is none, a kind without a body, a body
   key of another kind, or a relation that its author is no party to.  ERR_INVALID: a draft with
   author, created or nonce.  ERR_MISSING: also RED with nobody named, at the audience (at the
   marking where there is none); marking_bytes and audience then hold what was read.  On failure
   the rest of *out is undefined (it is too large to build twice).  *err_at, if not NULL, is the
   offset of the value that failed, or of the end for what is missing. */
MUST_CHECK enum err record_decode(struct bytes_view in, bool is_draft, struct record *out,
    size_t *err_at);
/* Append the record's canonical bytes; everything but `unknown` comes out again.  What is not
   filled in yet is left out, so that record_decode says what is missing. */
MUST_CHECK enum err record_encode(const struct record *record, struct bytes *out);
/* Make the whole record of a draft: `record` was decoded from `draft`, as a draft, and its
   author, created_ms (not 0) and nonce have been filled in since.  Appends what record_encode
   would; record->is_draft is false then, its views are the draft's still.  ERR_VALUE: this author
   may not write it; nothing is appended, and it is a draft still. */
MUST_CHECK enum err record_complete(struct record *record, struct bytes_view draft,
    struct bytes *out);
/* SHA-256(0x00 || bytes) */
void record_id_of(struct bytes_view bytes, struct record_id *out);
/* The kind of a record or draft, reading no more of it.  False: it cannot be read. */
bool record_kind_of(struct bytes_view bytes, enum record_kind *kind);
/* Whose rules the body follows: the record's kind, of an amendment that of its target. */
enum record_kind record_form(const struct record *record);
/* The person-readable first line: title, the first observable, or the relation; borrowed from
   record. */
struct bytes_view record_headline(const struct record *record);
/* Whether any observable is of a personal type. */
bool record_is_personal(const struct record *record);

#endif
