/*
 * formats_fixture: what the tests of formats/ share: a sink that checks every draft as a node
 * would, keeps them all, and remembers what was noted.
 */
#ifndef MALLA_TESTS_FORMATS_FIXTURE_H
#define MALLA_TESTS_FORMATS_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/draft.h"
#include "tests/unit/suite.h"

#define FIXTURE_DRAFTS_MAX 4096u
#define FIXTURE_NOTES_MAX 64u

struct fixture_note {
	uint64_t line;
	char id[160];
	enum reason reason;
	char words[DRAFT_WORDS_BYTES];
};

struct fixture {
	struct drafts drafts;
	uint8_t *at[FIXTURE_DRAFTS_MAX]; /* each of exactly its length */
	size_t lens[FIXTURE_DRAFTS_MAX];
	uint64_t lines[FIXTURE_DRAFTS_MAX];
	uint32_t count;
	uint32_t notes_count;
	struct fixture_note notes[FIXTURE_NOTES_MAX]; /* the first ones */
	struct record record;                         /* of fixture_record */
	uint32_t put_fails_at; /* the number of the draft, from 1; 0: never */
};

/* Every draft is one that the node takes: it decodes, and encodes to the same bytes. */
static inline enum err
fixture_put(void *context, struct bytes_view draft, const struct draft_place *place)
{
	struct fixture *fixture = context;
	struct bytes again;
	uint32_t at = fixture->count;
	size_t err_at = 0;
	enum err err;

	ck_assert_uint_lt(at, FIXTURE_DRAFTS_MAX);
	err = record_decode(draft, true, &fixture->record, &err_at);
	ck_assert_msg(err == ERR_NONE, "draft %u: %s at %zu", at, err_name(err), err_at);
	bytes_init(&again, RECORD_BYTES_MAX);
	ck_assert_int_eq(record_encode(&fixture->record, &again), ERR_NONE);
	ck_assert(bytes_view_is_equal(bytes_as_view(&again), draft));
	bytes_release(&again);
	fixture->at[at] = malloc(draft.len);
	ck_assert_ptr_nonnull(fixture->at[at]);
	memcpy(fixture->at[at], draft.data, draft.len);
	fixture->lens[at] = draft.len;
	fixture->lines[at] = place->line;
	fixture->count++;
	return fixture->count == fixture->put_fails_at ? ERR_STORAGE : ERR_NONE;
}

static inline void
fixture_note(void *context, const struct draft_place *place, enum reason reason, const char *words)
{
	struct fixture *fixture = context;
	struct fixture_note *note = &fixture->notes[fixture->notes_count];

	ck_assert_msg(words[0] != '\0', "a note without words");
	ck_assert_uint_lt(strlen(words), DRAFT_WORDS_BYTES);
	if (fixture->notes_count == FIXTURE_NOTES_MAX)
		return;
	fixture->notes_count++;
	note->line = place->line;
	(void)snprintf(note->id, sizeof(note->id), "%.*s", (int)place->id.len,
	    place->id.len > 0 ? (const char *)place->id.data : "");
	note->reason = reason;
	(void)snprintf(note->words, sizeof(note->words), "%s", words);
}

/* With a label of GREEN for all. */
static inline struct fixture *
fixture_open(void)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	ck_assert_ptr_nonnull(fixture);
	ck_assert_int_eq(drafts_init(&fixture->drafts), ERR_NONE);
	fixture->drafts.put = fixture_put;
	fixture->drafts.note = fixture_note;
	fixture->drafts.context = fixture;
	fixture->drafts.defaults.has_tlp = true;
	fixture->drafts.defaults.tlp = TLP_GREEN;
	return fixture;
}

static inline void
fixture_free(struct fixture *fixture)
{
	while (fixture->count > 0)
		free(fixture->at[--fixture->count]);
	drafts_release(&fixture->drafts);
	free(fixture);
}

/* The record of a draft; good until the next one is asked for. */
static inline const struct record *
fixture_record(struct fixture *fixture, uint32_t i)
{
	ck_assert_uint_lt(i, fixture->count);
	ck_assert_int_eq(record_decode(bytes_view_of(fixture->at[i], fixture->lens[i]), true,
			     &fixture->record, NULL),
	    ERR_NONE);
	return &fixture->record;
}

static inline FILE *
fixture_file(struct bytes_view text)
{
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text.data, 1, text.len, file), text.len);
	rewind(file);
	return file;
}

#define ck_view(view, text)                                                                        \
	do {                                                                                       \
		struct bytes_view ck_found = (view);                                               \
		ck_assert_msg(bytes_view_is_equal(ck_found, bytes_view_str(text)),                 \
		    "line %d: \"%.*s\" instead of \"%s\"", __LINE__, (int)ck_found.len,            \
		    ck_found.len > 0 ? (const char *)ck_found.data : "", (text));                  \
	} while (0)

#define ck_observable(record, i, wanted, text)                                                     \
	do {                                                                                       \
		ck_assert_uint_lt((i), (record)->observables_count);                               \
		ck_assert_str_eq(observable_type_name((record)->observables[i].type),              \
		    observable_type_name(wanted));                                                 \
		ck_view((record)->observables[i].value, (text));                                   \
	} while (0)

#define ck_counts(fixture, u, k, r, l)                                                             \
	do {                                                                                       \
		const struct drafts *ck_drafts = &(fixture)->drafts;                               \
		ck_assert_msg(ck_drafts->understood == (u) && ck_drafts->kept == (k) &&            \
				  ck_drafts->refused == (r) && ck_drafts->left_out == (l),         \
		    "line %d: %llu understood, %llu kept, %llu refused, %llu left out: %s",        \
		    __LINE__, (unsigned long long)ck_drafts->understood,                           \
		    (unsigned long long)ck_drafts->kept, (unsigned long long)ck_drafts->refused,   \
		    (unsigned long long)ck_drafts->left_out,                                       \
		    (fixture)->notes_count > 0 ? (fixture)->notes[0].words : "nothing noted");     \
		ck_assert_uint_eq((fixture)->count, (u) + (k));                                    \
	} while (0)

#define ck_note(fixture, i, where, why, part)                                                      \
	do {                                                                                       \
		ck_assert_uint_lt((i), (fixture)->notes_count);                                    \
		ck_assert_msg((fixture)->notes[i].line == (where) &&                               \
				  (fixture)->notes[i].reason == (why) &&                           \
				  strstr((fixture)->notes[i].words, (part)) != NULL,               \
		    "line %d: \"%s\" (%s) at line %llu", __LINE__, (fixture)->notes[i].words,      \
		    reason_name((fixture)->notes[i].reason),                                       \
		    (unsigned long long)(fixture)->notes[i].line);                                 \
	} while (0)

#endif
