/*
 * compose: reads a policy file: the order of statements, what they declare, and how to go on
 * behind an error, so that one run tells all of them.  Rules are policy/section's, tests
 * policy/script's, conditions policy/build's.  Only policy/ includes it.
 */
#ifndef MALLA_POLICY_COMPOSE_H
#define MALLA_POLICY_COMPOSE_H

#include "policy/build.h"
#include "policy/policy.h"
#include "policy/trial.h"
#include "wire/record.h"

#define COMPOSE_DEFINITIONS_MAX 64

enum compose_place { COMPOSE_TOP, COMPOSE_OUTBOUND, COMPOSE_INBOUND, COMPOSE_RETAIN, COMPOSE_TEST };

struct compose {
	struct build build;
	struct policy *policy;
	struct policy_errors *errors;
	struct parse_error error; /* of the statement being read */
	enum err err;             /* the first of all */
	bool has_name;
	bool has_place[COMPOSE_TEST]; /* a section that was there */
	enum compose_place place;
	int definitions_count;
	struct build_definition definitions[COMPOSE_DEFINITIONS_MAX];

	struct rule rule; /* being read */

	/* the test being read */
	struct trial *trial;
	struct scan_token trial_token;
	bool has_record, has_peer, has_expect;
	enum rule_direction direction;
	struct record record; /* to see whether what is said of one can be */
};

/* Read the text into the policy, which is empty but for its initialised buffers.  errors and
   translate may be NULL. */
MUST_CHECK enum err compose_read(struct policy *policy, struct bytes_view text,
    const char *(*translate)(const char *), struct policy_errors *errors);

/* A statement ends: note what was wrong with it, and forget it. */
void compose_end(struct build *build);
/* What the name was defined as; NULL: nothing. */
const struct build_definition *compose_definition(
    const struct compose *compose, struct bytes_view name);
/* The word is neither a definition nor one of these. */
void compose_complain_word(struct build *build, const struct scan_token *word,
    const char *const *others, uint32_t count);
/* Complain unless the file declares this community, this list. */
void compose_check_community(
    struct build *build, const struct scan_token *token, struct bytes_view name);
void compose_check_list(
    struct build *build, const struct scan_token *token, struct bytes_view name);

/* Statements.  Optional tokens are NULL. */
void compose_policy(
    struct build *build, const struct scan_token *token, const struct scan_token *name);
void compose_community(
    struct build *build, const struct scan_token *name, const struct scan_token *id);
void compose_define(struct build *build, const struct scan_token *name, int root);
void compose_list(struct build *build, const struct scan_token *name,
    const struct scan_token *file, const struct scan_token *hash);

/* The text of a word or a quoted string, of at most max bytes, with a NUL behind it; false with a
   complaint where it is longer, empty, or no line of text. */
bool compose_text(
    struct build *build, const struct scan_token *token, char *out, size_t max);
/* A digit from 1. */
bool compose_count(struct build *build, const struct scan_token *token, uint32_t *count);
/* A copy of the text that lives as long as the policy. */
struct bytes_view compose_keep_text(
    struct build *build, const struct scan_token *token, struct bytes_view text);

#endif
