/*
 * parse: conditions of the policy language, from text to trees, and the error messages of all
 * of it.  Policy files: policy/policy.h, docs/policy.md.
 *
 *     condition  = condition "or" condition | condition "and" condition
 *                | "not" condition | "(" condition ")" | field op operand
 *     op         = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~"
 *                | ["not"] "in" | ["not"] "under"
 *     operand    = value | "(" value { "," value } ")"
 *     value      = bare word | "quoted, with \" and \\" | "now" [("-" | "+") duration]
 *
 * `not` binds tightest, then `and`, then `or`.  `#` begins a comment.  wire/predicate.h has the
 * fields; numbers are digits, or the words of the field (tlp, kind, severity ...), and times
 *
 *     2026-11-01, RFC 3339, now, now - 7d (w d h m s)
 *
 * author = a name, an id or its first digits; label ~ "ransom*" is a glob; `type` and `value`
 * may be spelt observable.type, observable.value or observable.
 *
 * value = X           as people write X, defanged or not: every type whose syntax X fits gives
 *                     its canonical form, and any of them will do; beside `type = T` (or
 *                     `type in`) under the same `and`, only those types are tried
 *     value in NET    an address or network inside NET; in a list networks and values mix
 *     value under D   D itself, what is below it, and the urls and emails there
 *     value ~ "*.x"   a glob over canonical values
 *
 * A comparison on type or value holds if some observable of the record satisfies it.  Those
 * that stand under one `and` speak of one and the same observable: `type = domain and value
 * under evil.example`.  So do alternatives in parentheses, `type = url and (value under a.example
 * or value under b.example)`.  Any other parentheses separate: `(value = a.example) and (value =
 * b.example)` asks for a record that has both.
 *
 * A negation is always about the whole record: `not type = phone`, `type != phone` and `type
 * not in (phone)` are the same, and hold where no observable is a phone number.
 */
#ifndef MALLA_POLICY_PARSE_H
#define MALLA_POLICY_PARSE_H

#include <stdint.h>

#include "base/bytes.h"
#include "wire/predicate.h"

#define PARSE_BYTES_MAX 65536u
#define PARSE_SOURCE_BYTES_MAX 160u
#define PARSE_WORDS_BYTES_MAX 400u

/* Texts end in NUL, are valid UTF-8 without control characters, and are cut where too long. */
struct parse_error {
	enum err err;
	uint32_t line;                       /* from 1 */
	uint32_t column;                     /* in characters, from 1 */
	uint32_t caret;                      /* characters of `source` before the place */
	uint32_t width;                      /* characters of `source` that are meant, at least 1 */
	char source[PARSE_SOURCE_BYTES_MAX]; /* the line, or the part of it around the place */
	char found[PARSE_SOURCE_BYTES_MAX];  /* what stands there; empty: the end of the text */
	char problem[PARSE_WORDS_BYTES_MAX]; /* what is wrong with it, where `expected` does not say
					      */
	char expected[PARSE_WORDS_BYTES_MAX]; /* what could have stood there */
	char suggestion[64];                  /* the word that may have been meant, or empty */
};

/* A condition by itself.  Authors' names are left to predicate_resolve_authors.  On failure
 *out is untouched; *error, if not NULL, is filled. */
MUST_CHECK enum err parse_predicate(
    struct bytes_view text, struct predicate *out, struct parse_error *error);
/* The same; translate, or NULL, is asked for each message. */
MUST_CHECK enum err parse_predicate_in(struct bytes_view text,
    const char *(*translate)(const char *), struct predicate *out, struct parse_error *error);
/* Append the message, several lines with the last one ended:

       policy:3:12: found `ambr`, expected a TLP label: clear, green, amber, amber+strict, red
	 kind = note and tlp <= ambr
				^^^^
	 did you mean `amber`?

   name: what the text is called, or NULL.  The second form asks translate, or NULL, for the
   words in between; the error's own were translated when it was made. */
void parse_error_write(const struct parse_error *error, const char *name, struct bytes *out);
void parse_error_write_in(const struct parse_error *error, const char *name,
    const char *(*translate)(const char *), struct bytes *out);

#endif
