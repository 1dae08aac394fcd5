/*
 * predicate: the tree of a condition on records, and its canonical msgpack bytes.
 *
 * policy/ writes it from text and evaluates it in memory, store/ compiles it to SQL; neither
 * knows the other.  docs/protocol.md 11
 *
 * The tree is a flat array in prefix order: a group is followed by its children, and
 * `end` is the index behind its last descendant, so that a walk needs no recursion.
 *
 *     group       has                            holds where
 *     AND, OR     2 or more children             all, any of them hold; never directly in itself
 *     NOT         1 child, which is no NOT       it does not hold
 *     SOME        1 or more children             one and the same observable satisfies them all
 *
 * Comparisons of PREDICATE_TYPE and PREDICATE_VALUE stand inside a SOME and nowhere else: directly,
 * or as the children of an OR that is a child of the SOME.  A SOME with one child has a
 * comparison there.  Nothing else stands inside a SOME, so every negation is outside:
 * NOT(SOME(x)) is `no observable is x`.
 *
 * A comparison has one value or more, and holds where it holds for one of them.  On something
 * that the record does not state (confidence, severity, validity, language, title, ...) it is
 * false, and its NOT true: never the NULL of SQL.  Of a field that a record may have several of
 * (labels, references, links, organisations of the audience ...) one that satisfies it is enough.
 *
 *     op                   on                                     the values
 *     EQUAL                every field                            1.. of the field's own
 *     LESS, AT_MOST, GREATER, AT_LEAST   fields with an order, times          exactly 1
 *     LIKE                 texts                                  1.. glob patterns: wire/glob.h
 *     UNDER                value    1.. domains; observable_host is that name or ends with "." name
 *     WITHIN               value    1.. networks (cidr); observable_range lies inside
 *     LISTED               value    1.. names of lists of the policy in force
 *
 * Fields of the peer are asked by policies only, and have no bytes: they are never sent.
 * In the same comparison values are strictly ascending, by number or by bytes.
 */
#ifndef MALLA_WIRE_PREDICATE_H
#define MALLA_WIRE_PREDICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/reader.h"
#include "wire/writer.h"

#define PREDICATE_NODES_MAX 64u
#define PREDICATE_VALUES_MAX 128u
#define PREDICATE_TEXT_BYTES_MAX 8192u /* all texts of one predicate together */
#define PREDICATE_DEPTH_MAX 12u        /* groups inside one another */
#define PREDICATE_PATTERN_BYTES_MAX 256u
#define PREDICATE_BYTES_MAX 12288u                       /* encoded */
#define PREDICATE_OFFSET_MS_MAX (36500ull * 86400000ull) /* how far from now: 100 years */

enum predicate_op {
	PREDICATE_AND = 1,
	PREDICATE_OR = 2,
	PREDICATE_NOT = 3,
	PREDICATE_SOME = 4,
	PREDICATE_EQUAL = 5,
	PREDICATE_LESS = 6,
	PREDICATE_AT_MOST = 7,
	PREDICATE_GREATER = 8,
	PREDICATE_AT_LEAST = 9,
	PREDICATE_LIKE = 10,
	PREDICATE_UNDER = 11,
	PREDICATE_WITHIN = 12,
	PREDICATE_LISTED = 13,
};
#define PREDICATE_OP_MAX 13u
#define PREDICATE_LIST_NAME_BYTES_MAX 32u

/* What the values of a field are. */
enum predicate_form {
	PREDICATE_FORM_NUMBER, /* value.number: a code of the field's enum, or 0..100 */
	PREDICATE_FORM_TIME,   /* value.number: milliseconds, counted as value.base says; from now
				  in whole seconds */
	PREDICATE_FORM_TEXT,   /* value.text: a line of UTF-8 */
	PREDICATE_FORM_ORG, /* value.text: the 32 bytes of an org_id; or a name not yet resolved */
	PREDICATE_FORM_COMMUNITY, /* likewise, of a community_id */
	PREDICATE_FORM_RECORD,    /* value.text: the 32 bytes of a record_id */
};

/* X(symbol, code, name, form, further ops, least, most): a number's range, or a text's bytes.
   `received` is by this node; `type` and `value` are an observable's; terms_from and terms_until
   the handling terms'; outcome and count a sighting's; target is of whatever is about one other
   record; relation.community also a charter's own, from its second on; `words` holds where every word of
   the value is one of the title or the text (wire/words.h).  Of what a record may have several
   of, any.
   Those from PREDICATE_PEER on are about the peer: no record has them, no bytes hold them. */
/* clang-format off */
#define PREDICATE_FIELD_TABLE(X) \
	X(PREDICATE_KIND, 1, "kind", PREDICATE_FORM_NUMBER, 0, 1, 10) \
	X(PREDICATE_TLP, 2, "tlp", PREDICATE_FORM_NUMBER, PREDICATE_ORDERED, 0, 4) \
	X(PREDICATE_AUTHOR, 3, "author", PREDICATE_FORM_ORG, 0, 32, 32) \
	X(PREDICATE_CREATED, 4, "created", PREDICATE_FORM_TIME, PREDICATE_ORDERED, 0, 0) \
	X(PREDICATE_RECEIVED, 5, "received", PREDICATE_FORM_TIME, PREDICATE_ORDERED, 0, 0) \
	X(PREDICATE_CONFIDENCE, 6, "confidence", PREDICATE_FORM_NUMBER, PREDICATE_ORDERED, 0, 100) \
	X(PREDICATE_SEVERITY, 7, "severity", PREDICATE_FORM_NUMBER, PREDICATE_ORDERED, 1, 4) \
	X(PREDICATE_LABEL, 8, "label", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 128) \
	X(PREDICATE_VALID_FROM, 9, "valid_from", PREDICATE_FORM_TIME, PREDICATE_ORDERED, 0, 0) \
	X(PREDICATE_VALID_UNTIL, 10, "valid_until", PREDICATE_FORM_TIME, PREDICATE_ORDERED, 0, 0) \
	X(PREDICATE_LANGUAGE, 11, "language", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 35) \
	X(PREDICATE_AUDIENCE, 12, "audience", PREDICATE_FORM_NUMBER, 0, 0, 0) \
	X(PREDICATE_TYPE, 13, "type", PREDICATE_FORM_NUMBER, 0, 1, 17) \
	X(PREDICATE_VALUE, 14, "value", PREDICATE_FORM_TEXT, PREDICATE_OF_VALUES, 1, 4096) \
	X(PREDICATE_PURPOSE, 15, "purpose", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 256) \
	X(PREDICATE_BASIS, 16, "basis", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 256) \
	X(PREDICATE_PERMITTED, 17, "permitted", PREDICATE_FORM_NUMBER, PREDICATE_ORDERED, 0, 4) \
	X(PREDICATE_ATTRIBUTION, 18, "attribution", PREDICATE_FORM_NUMBER, 0, 0, 2) \
	X(PREDICATE_NOTIFICATION, 19, "notification", PREDICATE_FORM_NUMBER, 0, 0, 2) \
	X(PREDICATE_RESALE, 20, "resale", PREDICATE_FORM_NUMBER, 0, 0, 2) \
	X(PREDICATE_TERMS_FROM, 21, "terms_from", PREDICATE_FORM_TIME, PREDICATE_ORDERED, 0, 0) \
	X(PREDICATE_TERMS_UNTIL, 22, "terms_until", PREDICATE_FORM_TIME, PREDICATE_ORDERED, 0, 0) \
	X(PREDICATE_AFFECTS_SECTOR, 23, "affects.sector", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 128) \
	X(PREDICATE_AFFECTS_SERVICE, 24, "affects.service", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 128) \
	X(PREDICATE_AFFECTS_PRODUCT, 25, "affects.product", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 128) \
	X(PREDICATE_AFFECTS_ENVIRONMENT, 26, "affects.environment", PREDICATE_FORM_NUMBER, 0, 1, 2) \
	X(PREDICATE_REFERENCE, 27, "reference", PREDICATE_FORM_RECORD, 0, 32, 32) \
	X(PREDICATE_LINK, 28, "link", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 4096) \
	X(PREDICATE_TITLE, 29, "title", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 512) \
	X(PREDICATE_BODY, 30, "text", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 4096) \
	X(PREDICATE_PATTERN, 31, "pattern", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 4096) \
	X(PREDICATE_IDENTIFIER, 32, "identifier", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 512) \
	X(PREDICATE_TARGET, 33, "target", PREDICATE_FORM_RECORD, 0, 32, 32) \
	X(PREDICATE_OUTCOME, 34, "outcome", PREDICATE_FORM_NUMBER, 0, 1, 3) \
	X(PREDICATE_FIRST_SEEN, 35, "first_seen", PREDICATE_FORM_TIME, PREDICATE_ORDERED, 0, 0) \
	X(PREDICATE_LAST_SEEN, 36, "last_seen", PREDICATE_FORM_TIME, PREDICATE_ORDERED, 0, 0) \
	X(PREDICATE_COUNT, 37, "count", PREDICATE_FORM_NUMBER, PREDICATE_ORDERED, 0, 999999999999) \
	X(PREDICATE_COMBINE, 38, "combine", PREDICATE_FORM_NUMBER, 0, 1, 2) \
	X(PREDICATE_SOURCE_FORMAT, 39, "source.format", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 128) \
	X(PREDICATE_SOURCE_MAPPING, 40, "source.mapping", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 128) \
	X(PREDICATE_SOURCE_ID, 41, "source.id", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 512) \
	X(PREDICATE_DERIVED_AUTHOR, 42, "derived.author", PREDICATE_FORM_ORG, 0, 32, 32) \
	X(PREDICATE_DERIVED_TLP, 43, "derived.tlp", PREDICATE_FORM_NUMBER, PREDICATE_ORDERED, 0, 4) \
	X(PREDICATE_AUDIENCE_ORG, 44, "audience.org", PREDICATE_FORM_ORG, 0, 32, 32) \
	X(PREDICATE_AUDIENCE_PERSON, 45, "audience.person", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 64) \
	X(PREDICATE_AUDIENCE_COMMUNITY, 46, "audience.community", PREDICATE_FORM_COMMUNITY, 0, 32, 32) \
	X(PREDICATE_WORDS, 47, "words", PREDICATE_FORM_TEXT, 0, 1, 256) \
	X(PREDICATE_REASON, 48, "reason", PREDICATE_FORM_NUMBER, 0, 1, 5) \
	X(PREDICATE_AS, 49, "as", PREDICATE_FORM_NUMBER, 0, 1, 5) \
	X(PREDICATE_RELATION, 50, "relation", PREDICATE_FORM_NUMBER, 0, 1, 4) \
	X(PREDICATE_STATE, 51, "relation.state", PREDICATE_FORM_NUMBER, 0, 1, 2) \
	X(PREDICATE_SUBJECT, 52, "relation.subject", PREDICATE_FORM_ORG, 0, 32, 32) \
	X(PREDICATE_OBJECT, 53, "relation.object", PREDICATE_FORM_ORG, 0, 32, 32) \
	X(PREDICATE_COMMUNITY, 54, "relation.community", PREDICATE_FORM_COMMUNITY, 0, 32, 32) \
	X(PREDICATE_GRANT_ORG, 55, "grant.org", PREDICATE_FORM_ORG, 0, 32, 32) \
	X(PREDICATE_GRANT_COMMUNITY, 56, "grant.community", PREDICATE_FORM_COMMUNITY, 0, 32, 32) \
	X(PREDICATE_GRANT_SECTOR, 57, "grant.sector", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 32) \
	X(PREDICATE_GRANT_TLP, 58, "grant.tlp", PREDICATE_FORM_NUMBER, PREDICATE_ORDERED, 0, 4) \
	X(PREDICATE_SERIAL, 59, "charter.serial", PREDICATE_FORM_NUMBER, PREDICATE_ORDERED, 1, 999999999999) \
	X(PREDICATE_THRESHOLD, 60, "charter.threshold", PREDICATE_FORM_NUMBER, PREDICATE_ORDERED, 1, 16) \
	X(PREDICATE_STEWARD, 61, "charter.steward", PREDICATE_FORM_ORG, 0, 32, 32) \
	X(PREDICATE_MEMBER, 62, "charter.member", PREDICATE_FORM_ORG, 0, 32, 32) \
	X(PREDICATE_PEER, 64, "peer", PREDICATE_FORM_ORG, 0, 32, 32) \
	X(PREDICATE_PEER_SECTOR, 65, "peer.sector", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 32) \
	X(PREDICATE_PEER_COUNTRY, 66, "peer.country", PREDICATE_FORM_TEXT, PREDICATE_PATTERNS, 1, 2) \
	X(PREDICATE_PEER_MEMBER, 67, "peer.member", PREDICATE_FORM_COMMUNITY, 0, 32, 32) \
	X(PREDICATE_PEER_ROLE, 68, "peer.role", PREDICATE_FORM_NUMBER, 0, 0, 4)
/* clang-format on */

/* Which comparisons a field has beside EQUAL. */
#define PREDICATE_ORDERED 1u  /* <, <=, >, >= */
#define PREDICATE_PATTERNS 2u /* LIKE */
#define PREDICATE_PLACES 4u   /* UNDER, WITHIN, LISTED */
#define PREDICATE_OF_VALUES (PREDICATE_PATTERNS | PREDICATE_PLACES)

enum predicate_field {
#define PREDICATE_FIELD_ENUM(symbol, code, name, form, ops, least, most) symbol = code,
	PREDICATE_FIELD_TABLE(PREDICATE_FIELD_ENUM)
#undef PREDICATE_FIELD_ENUM
};
#define PREDICATE_FIELD_SENT_MAX 62u /* those above are the peer's */
#define PREDICATE_FIELD_MAX 68u

/* What the peer is to this organisation. */
enum predicate_role {
	PREDICATE_CLIENT,      /* its signed client */
	PREDICATE_PROVIDER,    /* this organisation is the peer's signed client */
	PREDICATE_CONSTITUENT, /* in its constituency, where it is a national CERT */
	PREDICATE_CERT,        /* this organisation is in the peer's constituency */
	PREDICATE_NAMED,       /* the record's audience names the peer */
};

enum predicate_audience { PREDICATE_NOBODY = 0 }; /* the record names no recipient at all */

enum predicate_base { PREDICATE_ABSOLUTE = 0, PREDICATE_BEFORE_NOW = 1, PREDICATE_AFTER_NOW = 2 };

struct predicate_value {
	uint64_t number;
	enum predicate_base base; /* FORM_TIME */
	bool is_name;             /* FORM_ORG, FORM_COMMUNITY: text is a name, to be resolved */
	uint16_t text_at;         /* see predicate_text */
	uint16_t text_len;
	uint8_t first[16]; /* WITHIN: as observable_range gives them */
	uint8_t last[16];
};

struct predicate_node {
	enum predicate_op op;
	enum predicate_field field; /* comparisons */
	uint16_t children;          /* groups: direct ones */
	uint16_t end;               /* index behind the last descendant */
	uint16_t value;             /* comparisons: index of the first value */
	uint16_t values;            /* how many */
};

/* Owns everything it holds and may be copied.  No nodes: every record satisfies it. */
struct predicate {
	enum err err; /* the first failure of predicate_add_* */
	uint16_t nodes_count;
	uint16_t values_count;
	uint16_t text_len;
	struct predicate_node nodes[PREDICATE_NODES_MAX];
	struct predicate_value values[PREDICATE_VALUES_MAX];
	uint8_t text[PREDICATE_TEXT_BYTES_MAX];
};

/* "valid_until"; "?" if unknown.  Static. */
const char *predicate_field_name(enum predicate_field field);
/* Also observable.type, observable.value and observable. */
bool predicate_field_parse(struct bytes_view name, enum predicate_field *field);
/* Whether the field is about the peer: only policies may ask it. */
bool predicate_field_is_peer(enum predicate_field field);
/* A number's range, or how many bytes a text of the field may have. */
uint64_t predicate_field_least(enum predicate_field field);
uint64_t predicate_field_most(enum predicate_field field);
enum predicate_form predicate_field_form(enum predicate_field field);
/* Whether the field is one of an observable, so that it stands inside a SOME. */
bool predicate_field_is_observable(enum predicate_field field);
bool predicate_op_is_group(enum predicate_op op);
/* Whether comparisons of this field may have this op: the table above. */
bool predicate_op_fits(enum predicate_op op, enum predicate_field field);

/* Building, in prefix order; what is over a limit sticks in predicate->err.  Values belong to
   the comparison added last. */
void predicate_init(struct predicate *predicate);
void predicate_add_group(struct predicate *predicate, enum predicate_op op, uint32_t children);
void predicate_add_comparison(
    struct predicate *predicate, enum predicate_op op, enum predicate_field field);
void predicate_add_number(struct predicate *predicate, uint64_t number);
void predicate_add_time(struct predicate *predicate, enum predicate_base base, uint64_t ms);
void predicate_add_text(struct predicate *predicate, struct bytes_view text);
/* The 32 bytes of an organisation's id, a community's, a record's. */
void predicate_add_org(struct predicate *predicate, const struct org_id *org);
void predicate_add_id(struct predicate *predicate, const uint8_t id[32]);
void predicate_add_name(struct predicate *predicate, struct bytes_view name);
/* Sort the values, drop repeats, then check the tree as a decoder would.  Names may remain. */
MUST_CHECK enum err predicate_finish(struct predicate *predicate);

/* Replace every organisation's name by what resolve gives for it (ERR_NONE, or a failure that is
   passed on and leaves the predicate unfit for use: *name, if not NULL, is then the name). */
typedef enum err (*predicate_author_fn)(void *context, struct bytes_view name, struct org_id *out);
MUST_CHECK enum err predicate_resolve_authors(struct predicate *predicate,
    predicate_author_fn resolve, void *context, struct bytes_view *name);
/* The same with the names of communities. */
typedef enum err (*predicate_community_fn)(
    void *context, struct bytes_view name, struct community_id *out);
MUST_CHECK enum err predicate_resolve_communities(struct predicate *predicate,
    predicate_community_fn resolve, void *context, struct bytes_view *name);
bool predicate_is_resolved(const struct predicate *predicate);

/* [[op, children] | [op, field, [value, …]], …]; a time is [base, ms], an id a binary.
   On failure *out is undefined.  Reading gives resolved predicates only. */
void predicate_read(struct reader *reader, struct predicate *out);
/* The predicate must be finished and resolved: asserted. */
void predicate_write(struct writer *writer, const struct predicate *predicate);
MUST_CHECK enum err predicate_decode(struct bytes_view in, struct predicate *out);
/* ERR_MISSING: a name is not resolved.  ERR_INVALID: it asks something of the peer. */
MUST_CHECK enum err predicate_encode(const struct predicate *predicate, struct bytes *out);

/* One pass over a finished predicate.  For a group: OPEN, then its children with NEXT between
   them, then CLOSE, each with the group's node; for a comparison: LEAF. */
enum predicate_step {
	PREDICATE_STEP_OPEN,
	PREDICATE_STEP_NEXT,
	PREDICATE_STEP_CLOSE,
	PREDICATE_STEP_LEAF,
};
typedef void (*predicate_walk_fn)(void *context, enum predicate_step step,
    const struct predicate *predicate, const struct predicate_node *node);
void predicate_walk(const struct predicate *predicate, predicate_walk_fn visit, void *context);

/* The n-th value of a comparison. */
const struct predicate_value *predicate_value_at(
    const struct predicate *predicate, const struct predicate_node *node, uint32_t n);
/* The value's text; borrowed from the predicate. */
struct bytes_view predicate_text(
    const struct predicate *predicate, const struct predicate_value *value);
/* The moment that a time value means, 0..TIME_MS_MAX. */
uint64_t predicate_time(const struct predicate_value *value, uint64_t now_ms);

#endif
