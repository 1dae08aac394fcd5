#include "policy/complain.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/grammar.h"
#include "policy/suggest.h"
#include "wire/reader.h"

#define WINDOW_CHARACTERS 76u /* of a long line, what is shown before the place */

/* One character at `at` as it may be shown: bytes that are none become a question mark, blanks
   a space.  Returns how many bytes it takes; shown has room for 5. */
static size_t
show_character(struct bytes_view text, size_t at, char *shown)
{
	size_t len;

	for (len = 1; len <= 4 && at + len <= text.len; len++) {
		if (reader_is_text(bytes_view_of(text.data + at, len), READER_LINE)) {
			memcpy(shown, text.data + at, len);
			shown[len] = '\0';
			return len;
		}
	}
	shown[0] = text.data[at] == '\t' || text.data[at] == '\r' ? ' ' : '?';
	shown[1] = '\0';
	return 1;
}

/* Append to a text of `size` bytes as much as fits; false where it is full. */
static bool
put(char *to, size_t size, const char *text)
{
	size_t used = strlen(to);
	size_t len = strlen(text);

	if (used + len >= size)
		return false;
	memcpy(to + used, text, len + 1);
	return true;
}

static void
put_shown(char *to, size_t size, struct bytes_view text)
{
	char shown[5];
	size_t at = 0;

	while (at < text.len) {
		at += show_character(text, at, shown);
		if (!put(to, size, shown))
			return;
	}
}

static uint32_t
count_characters(struct bytes_view text)
{
	char shown[5];
	size_t at = 0;
	uint32_t count = 0;

	for (; at < text.len; count++)
		at += show_character(text, at, shown);
	return count;
}

/* Line, column, and the part of the line around the token. */
static void
set_place(struct parse_error *error, struct bytes_view text, const struct scan_token *token)
{
	const uint8_t *start = token->place.line_start;
	const uint8_t *end = text.len == 0 ? start : text.data + text.len;
	uint32_t before = count_characters(bytes_view_of(start, token->place.column - 1));
	uint32_t skip = before > WINDOW_CHARACTERS ? before - WINDOW_CHARACTERS : 0;
	uint32_t width = count_characters(token->text);
	const uint8_t *newline = start == end ? NULL : memchr(start, '\n', (size_t)(end - start));
	struct bytes_view line = bytes_view_of(start, (size_t)((newline ? newline : end) - start));
	char shown[5];
	size_t at = 0;
	uint32_t i;

	for (i = 0; i < skip; i++)
		at += show_character(line, at, shown);
	put_shown(
	    error->source, sizeof(error->source), bytes_view_of(line.data + at, line.len - at));
	error->line = token->place.line;
	error->column = before + 1;
	error->caret = before - skip;
	error->width = width == 0 ? 1 : width;
	i = (uint32_t)strlen(error->source);
	if (error->caret + error->width > i + 1 && error->width > 1)
		error->width = i > error->caret ? i - error->caret : 1;
}

static const char *
say(const struct build *build, const char *text)
{
	return build->translate == NULL ? text : build->translate(text);
}

static void
fail(struct build *build, enum err err, const struct scan_token *token, const char *problem,
    const char *expected)
{
	struct parse_error *error = build->error;

	if (build->has_failed)
		return;
	build->has_failed = true;
	memset(error, 0, sizeof(*error));
	error->err = err;
	set_place(error, build->text, token);
	put_shown(error->found, sizeof(error->found), token->text);
	if (problem != NULL)
		(void)put(error->problem, sizeof(error->problem), say(build, problem));
	if (expected != NULL)
		(void)put(error->expected, sizeof(error->expected), say(build, expected));
}

void
complain(struct build *build, enum err err, const struct scan_token *token, const char *problem,
    const char *expected)
{
	assert(expected != NULL || err == ERR_MEMORY);
	fail(build, err, token, problem, expected);
}

void
complain_most(struct build *build, const struct scan_token *token, const char *problem,
    uint64_t most, bool is_bytes)
{
	struct parse_error *error = build->error;
	char digits[24];

	if (build->has_failed)
		return;
	fail(build, ERR_TOO_LARGE, token, problem, N_("at most"));
	(void)snprintf(digits, sizeof(digits), " %" PRIu64, most);
	(void)put(error->expected, sizeof(error->expected), digits);
	if (!is_bytes)
		return;
	(void)put(error->expected, sizeof(error->expected), " ");
	(void)put(error->expected, sizeof(error->expected), say(build, N_("bytes")));
}

/* Tokens as a person calls them; the other comparisons come and go with `=`, NOW with values.
   Those without a name are keywords, which name themselves. */
static const struct {
	const char *name;
	const char *word; /* what to suggest, if it is one */
	int token;
} groups[] = {
    {N_("a value"), NULL, TOKEN_STRING},
    {N_("a field such as tlp, kind or value"), NULL, TOKEN_WORD},
    {"`=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `!~`", NULL, TOKEN_EQUAL},
    {"`not`", "not", TOKEN_NOT},
    {"`in`", "in", TOKEN_IN},
    {"`under`", "under", TOKEN_UNDER},
    {"`and`", "and", TOKEN_AND},
    {"`or`", "or", TOKEN_OR},
    {"`,`", NULL, TOKEN_COMMA},
    {"`(`", NULL, TOKEN_OPEN},
    {"`)`", NULL, TOKEN_CLOSE},
    {"`{`", NULL, TOKEN_BLOCK},
    {"`}`", NULL, TOKEN_BLOCK_END},
    {NULL, NULL, TOKEN_POLICY},
    {NULL, NULL, TOKEN_COMMUNITY},
    {NULL, NULL, TOKEN_OWN},
    {NULL, NULL, TOKEN_DEFINE},
    {NULL, NULL, TOKEN_LIST},
    {NULL, NULL, TOKEN_OUTBOUND},
    {NULL, NULL, TOKEN_INBOUND},
    {NULL, NULL, TOKEN_RETAIN},
    {NULL, NULL, TOKEN_TEST},
    {NULL, NULL, TOKEN_SHARE},
    {NULL, NULL, TOKEN_HOLD},
    {NULL, NULL, TOKEN_REDACT},
    {NULL, NULL, TOKEN_DENY},
    {NULL, NULL, TOKEN_ACCEPT},
    {NULL, NULL, TOKEN_QUARANTINE},
    {NULL, NULL, TOKEN_REFUSE},
    {NULL, NULL, TOKEN_ERASE},
    {NULL, NULL, TOKEN_REQUIRE},
    {NULL, NULL, TOKEN_WHERE},
    {NULL, NULL, TOKEN_TO},
    {NULL, NULL, TOKEN_FROM},
    {NULL, NULL, TOKEN_RECORD},
    {NULL, NULL, TOKEN_AT},
    {NULL, NULL, TOKEN_EXPECT},
    {N_("the end"), NULL, TOKEN_END},
};
#define GROUPS_COUNT (sizeof(groups) / sizeof(*groups))

static bool
has_token(uint64_t expected, int token)
{
	/* declared where definitions are; elsewhere `list` and `own` are words */
	if (token == TOKEN_LIST || token == TOKEN_OWN)
		token = TOKEN_DEFINE;
	return (expected >> token & 1) != 0;
}

/* Whether `to` and `from` are words of a condition, and not what follows one. */
static bool
is_left_out(const struct build *build, uint64_t expected, int token)
{
	if (token == TOKEN_WORD)
		return has_token(expected, TOKEN_STRING); /* a value, then */
	if (token == TOKEN_TO || token == TOKEN_FROM)
		return build->compose == NULL || has_token(expected, TOKEN_OPEN);
	return false;
}

static const char *
name_of(const struct build *build, uint64_t expected, uint32_t group)
{
	if (groups[group].token == TOKEN_WORD && !has_token(expected, TOKEN_NOT))
		return say(build, N_("a name"));
	if (groups[group].token == TOKEN_STRING && !has_token(expected, TOKEN_WORD))
		return say(build, N_("a text in quotation marks"));
	return say(build, groups[group].name);
}

static void
add_expected(struct parse_error *error, const char *before, const char *name, const char *quote)
{
	(void)put(error->expected, sizeof(error->expected), before);
	(void)put(error->expected, sizeof(error->expected), quote);
	(void)put(error->expected, sizeof(error->expected), name);
	(void)put(error->expected, sizeof(error->expected), quote);
}

/* "`and`, `or` or the end", and the words among them to words. */
static uint32_t
put_expected(const struct build *build, uint64_t expected, const char **words)
{
	struct parse_error *error = build->error;
	uint32_t kept[GROUPS_COUNT];
	uint32_t count = 0, words_count = 0, i;

	for (i = 0; i < GROUPS_COUNT; i++) {
		int token = groups[i].token;
		const char *keyword = groups[i].name == NULL ? scan_keyword(token) : groups[i].word;

		if (!has_token(expected, token) || is_left_out(build, expected, token))
			continue;
		kept[count++] = i;
		if (keyword != NULL)
			words[words_count++] = keyword;
	}
	for (i = 0; i < count; i++) {
		const char *before = i == 0 ? "" : i + 1 == count ? say(build, N_(" or ")) : ", ";

		if (groups[kept[i]].name == NULL)
			add_expected(error, before, scan_keyword(groups[kept[i]].token), "`");
		else
			add_expected(error, before, name_of(build, expected, kept[i]), "");
	}
	return words_count;
}

static const char *
suggest_word(struct bytes_view found, const char *const *words, uint32_t count)
{
	uint32_t i;
	const char *wanted = NULL;

	if (bytes_view_is_equal(found, bytes_view_str("&&")))
		wanted = "and";
	else if (bytes_view_is_equal(found, bytes_view_str("|")))
		wanted = "or";
	else if (bytes_view_is_equal(found, bytes_view_str("!")))
		wanted = "not";
	for (i = 0; i < count && wanted != NULL; i++) {
		if (strcmp(words[i], wanted) == 0)
			return wanted;
	}
	return suggest_name(found, words, count);
}

/* A word of the policy file that was meant as a value. */
static void
suggest_quoted(struct parse_error *error, const struct scan_token *token)
{
	(void)put(error->suggestion, sizeof(error->suggestion), "\"");
	put_shown(error->suggestion, sizeof(error->suggestion), token->text);
	(void)put(error->suggestion, sizeof(error->suggestion), "\"");
}

void
complain_unexpected(struct build *build, const struct scan_token *token, uint64_t expected)
{
	const char *words[GROUPS_COUNT];
	const char *suggestion;
	uint32_t count;

	if (build->has_failed)
		return;
	if (token->kind == TOKEN_UNFINISHED) {
		complain(
		    build, ERR_FORMAT, token, N_("the quotation mark is never closed"), "`\"`");
		return;
	}
	fail(build, ERR_FORMAT, token, NULL, NULL);
	count = put_expected(build, expected, words);
	if (scan_is_keyword(token) && has_token(expected, TOKEN_STRING)) {
		suggest_quoted(build->error, token);
		return;
	}
	suggestion = suggest_word(token->text, words, count);
	if (suggestion != NULL)
		(void)put(build->error->suggestion, sizeof(build->error->suggestion), suggestion);
}

void
complain_no_op(struct build *build, const struct scan_token *token)
{
	static const int ops[] = {TOKEN_EQUAL, TOKEN_NOT, TOKEN_IN, TOKEN_UNDER};
	uint64_t expected = 0;
	uint32_t i;

	for (i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		expected |= UINT64_C(1) << ops[i];
	complain_unexpected(build, token, expected);
}

void
complain_too_deep(struct build *build)
{
	struct scan_token start = {.place = {build->text.data, 1, 1}, .text = build->text};

	start.text.len = start.text.len > 1 ? 1 : start.text.len;
	build->has_syntax_error = true;
	complain(build, ERR_TOO_DEEP, build->compose == NULL ? &start : &build->last,
	    N_("nested too deeply"), N_("fewer groups inside one another"));
}

void
complain_name(struct build *build, const struct scan_token *token, const char *what,
    const char *const *names, uint32_t count)
{
	struct parse_error *error = build->error;
	const char *suggestion;
	bool is_first = true;
	uint32_t i;

	if (build->has_failed)
		return;
	complain(build, ERR_VALUE, token, NULL, what);
	for (i = 0; i < count; i++) {
		if (names[i][0] == '\0')
			continue;
		if (strlen(error->expected) + strlen(names[i]) + 10 > sizeof(error->expected)) {
			(void)put(error->expected, sizeof(error->expected), ", \xe2\x80\xa6");
			break;
		}
		(void)put(error->expected, sizeof(error->expected), is_first ? ": " : ", ");
		(void)put(error->expected, sizeof(error->expected), names[i]);
		is_first = false;
	}
	suggestion = suggest_name(token->text, names, count);
	if (suggestion != NULL)
		(void)put(error->suggestion, sizeof(error->suggestion), suggestion);
}
