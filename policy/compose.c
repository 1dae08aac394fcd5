#include "policy/compose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "policy/complain.h"
#include "policy/grammar.h"
#include "policy/operand.h"
#include "wire/reader.h"

/* ------------------------------------------------------------------ errors */

static bool
is_full(const struct compose *compose)
{
	return compose->errors != NULL && compose->errors->has_more;
}

/* What the statement before lacks may stand behind the word that cannot be read. */
static bool
is_cut_short(const struct compose *compose)
{
	const struct policy_errors *errors = compose->errors;

	return errors->count > 0 && errors->at[errors->count - 1].err == ERR_MISSING &&
	       errors->at[errors->count - 1].line == compose->error.line;
}

void
compose_end(struct build *build)
{
	struct compose *compose = build->compose;
	struct policy_errors *errors = compose->errors;

	if (build->has_failed && compose->error.err != ERR_NONE) {
		if (compose->err == ERR_NONE)
			compose->err = compose->error.err;
		if (errors != NULL && build->has_syntax_error && is_cut_short(compose))
			errors->count--;
		if (errors != NULL && errors->count == POLICY_ERRORS_MAX)
			errors->has_more = true;
		else if (errors != NULL)
			errors->at[errors->count++] = compose->error;
	}
	compose->error.err = ERR_NONE;
	build_clear(build);
}

static void
no_memory(struct build *build)
{
	complain(build, ERR_MEMORY, &build->last, err_text(ERR_MEMORY), NULL);
}

/* ------------------------------------------------------------------ reading on */

/* As what the parser takes up again with this token, which every statement of that may begin
   with; 0: not with this one. */
static int
start_with(struct compose *compose, const struct scan_token *token)
{
	bool is_inside = compose->place != COMPOSE_TOP;
	bool is_test = compose->place == COMPOSE_TEST;
	bool is_end = token->kind == TOKEN_BLOCK_END;
	enum scan_statement statement = is_test ? SCAN_STEP : SCAN_RULE;

	if (is_inside && (is_end || (token->is_first && scan_begins(token->kind, statement))))
		return is_test ? TOKEN_STEPS : TOKEN_RULES;
	if (!token->is_first || !scan_begins(token->kind, SCAN_ITEM))
		return 0;
	compose->place = COMPOSE_TOP;
	return TOKEN_FILE;
}

/* Skip to where the parser can take up again; 0: nowhere. */
static int
find_start(struct compose *compose, struct scan *scan, struct scan_token *token)
{
	int start = start_with(compose, token);

	while (start == 0 && token->kind != TOKEN_END) {
		scan_next(scan, token);
		start = start_with(compose, token);
	}
	return start;
}

static void
run(struct compose *compose)
{
	struct build *build = &compose->build;
	struct scan_token token;
	struct scan scan;
	int start = TOKEN_FILE;

	scan_open(&scan, build->text);
	scan.has_keywords = true;
	grammar_run(build, &scan, start, NULL);
	while (build->has_syntax_error && !is_full(compose)) {
		token = build->last;
		compose_end(build);
		start = find_start(compose, &scan, &token);
		if (start == 0)
			return;
		grammar_run(build, &scan, start, &token);
	}
	compose_end(build);
}

static void
release(struct compose *compose)
{
	int i;

	for (i = 0; i < compose->definitions_count; i++) {
		free(compose->definitions[i].nodes);
		free(compose->definitions[i].values);
	}
	free(compose);
}

static enum err
allocate(struct policy *policy)
{
	policy->trials = calloc(TRIALS_MAX, sizeof(*policy->trials));
	return policy->trials == NULL ? ERR_MEMORY : ERR_NONE;
}

enum err
compose_read(struct policy *policy, struct bytes_view text, const char *(*translate)(const char *),
    struct policy_errors *errors)
{
	struct compose *compose = calloc(1, sizeof(*compose));
	enum err err = allocate(policy);

	if (compose == NULL)
		return ERR_MEMORY;
	compose->policy = policy;
	compose->errors = errors;
	build_init(&compose->build, text, &compose->error);
	compose->build.compose = compose;
	compose->build.translate = translate;
	if (err == ERR_NONE && text.len > POLICY_BYTES_MAX) {
		struct scan_token start = {.place = {text.data, 1, 1}, .text = {text.data, 1}};

		complain_most(
		    &compose->build, &start, N_("the text is too long"), POLICY_BYTES_MAX, true);
		compose_end(&compose->build);
	} else if (err == ERR_NONE) {
		bytes_append(&policy->text, text.data, text.len);
		run(compose);
	}
	if (err == ERR_NONE)
		err = compose->err != ERR_NONE ? compose->err : policy->text.err;
	release(compose);
	return err;
}

/* ------------------------------------------------------------------ names and texts */

bool
compose_text(struct build *build, const struct scan_token *token, char *out, size_t max)
{
	uint8_t buffer[OBSERVABLE_BYTES_MAX];
	struct bytes_view text;

	out[0] = '\0';
	if (!build_is_ok(build))
		return false;
	if (!operand_unquote(token, buffer, &text) || text.len > max)
		complain_most(build, token, N_("too long"), max, true);
	else if (text.len == 0)
		complain(build, ERR_VALUE, token, N_("an empty text"), N_("a character at least"));
	else if (!reader_is_text(text, READER_LINE))
		complain(build, ERR_UTF8, token, err_text(ERR_UTF8),
		    N_("one line of UTF-8 without control characters"));
	if (!build_is_ok(build))
		return false;
	memcpy(out, text.data, text.len);
	out[text.len] = '\0';
	return true;
}

bool
compose_count(struct build *build, const struct scan_token *token, uint32_t *count)
{
	if (token->text.len != 1 || token->text.data[0] < '1' || token->text.data[0] > '9') {
		complain(build, ERR_VALUE, token, NULL, N_("how many approvers: 1 to 9"));
		return false;
	}
	*count = (uint32_t)(token->text.data[0] - '0');
	return true;
}

struct bytes_view
compose_keep_text(struct build *build, const struct scan_token *token, struct bytes_view text)
{
	struct bytes *arena = &build->compose->policy->arena;
	size_t at;

	/* it never moves, so that views into it stay */
	if (arena->cap == 0) {
		if (bytes_extend(arena, arena->cap_max) == NULL)
			no_memory(build);
		bytes_clear(arena);
	}
	at = arena->len;
	if (text.len > arena->cap - at)
		complain_most(build, token, N_("the tests are too long"), arena->cap, true);
	if (!build_is_ok(build) || text.len == 0)
		return bytes_view_of(NULL, 0);
	bytes_append(arena, text.data, text.len);
	return bytes_view_of(arena->data + at, text.len);
}

/* 64 hexadecimal digits, with or without "sha256:" before them. */
static bool
read_id(struct build *build, const struct scan_token *token, uint8_t id[32])
{
	struct bytes_view prefix = bytes_view_str("sha256:");
	struct bytes_view text = token->text;
	char digits[65];

	if (text.len > prefix.len && memcmp(text.data, prefix.data, prefix.len) == 0)
		text = bytes_view_of(text.data + prefix.len, text.len - prefix.len);
	if (text.len == 64 && memchr(text.data, '\0', text.len) == NULL) {
		memcpy(digits, text.data, text.len);
		digits[64] = '\0';
		if (hex_decode(digits, id, 32) == ERR_NONE)
			return true;
	}
	complain(build, ERR_VALUE, token, NULL, N_("64 hexadecimal digits"));
	return false;
}

static void
complain_declared(struct build *build, const struct scan_token *token, const char *problem)
{
	complain(build, ERR_ORDER, token, problem, N_("another name"));
}

const struct build_definition *
compose_definition(const struct compose *compose, struct bytes_view name)
{
	int i;

	for (i = 0; i < compose->definitions_count; i++) {
		if (bytes_view_is_equal(compose->definitions[i].name, name))
			return &compose->definitions[i];
	}
	return NULL;
}

/* A name as a C string, for a complaint. */
static const char *
name_of(char (*names)[POLICY_WORD_BYTES_MAX + 1], uint32_t i, struct bytes_view name)
{
	memcpy(names[i], name.data, name.len);
	names[i][name.len] = '\0';
	return names[i];
}

void
compose_complain_word(
    struct build *build, const struct scan_token *word, const char *const *others, uint32_t count)
{
	const struct compose *compose = build->compose;
	const char *names[COMPOSE_DEFINITIONS_MAX + 8];
	char copies[COMPOSE_DEFINITIONS_MAX][POLICY_WORD_BYTES_MAX + 1];
	uint32_t names_count = 0, i;
	int n;

	for (i = 0; i < count && i < 8; i++)
		names[names_count++] = others[i];
	for (n = 0; n < compose->definitions_count; n++) {
		struct bytes_view name = compose->definitions[n].name;

		/* what is no name was said where it was defined */
		if (name.len <= POLICY_WORD_BYTES_MAX && reader_is_text(name, READER_LINE))
			names[names_count++] = name_of(copies, (uint32_t)n, name);
	}
	complain_name(build, word, N_("a comparison, or a name such as"), names, names_count);
}

void
compose_check_community(struct build *build, const struct scan_token *token, struct bytes_view name)
{
	const struct policy *policy = build->compose->policy;
	const char *names[POLICY_COMMUNITIES_MAX];
	uint32_t i;

	for (i = 0; i < policy->communities_count; i++) {
		names[i] = policy->communities[i].name;
		if (bytes_view_is_equal(name, bytes_view_str(names[i])))
			return;
	}
	complain_name(build, token, N_("a community that the policy declares"), names,
	    policy->communities_count);
}

void
compose_check_list(struct build *build, const struct scan_token *token, struct bytes_view name)
{
	const struct policy *policy = build->compose->policy;
	const char *names[POLICY_LISTS_MAX];
	uint32_t i;

	for (i = 0; i < policy->lists_count; i++) {
		names[i] = policy->lists[i].name;
		if (bytes_view_is_equal(name, bytes_view_str(names[i])))
			return;
	}
	complain_name(
	    build, token, N_("a list that the policy declares"), names, policy->lists_count);
}

/* ------------------------------------------------------------------ declarations */

void
compose_policy(struct build *build, const struct scan_token *token, const struct scan_token *name)
{
	struct compose *compose = build->compose;

	if (compose->has_name)
		complain(build, ERR_ORDER, token, N_("the policy has its name already"),
		    N_("one name for it"));
	compose->has_name = true;
	(void)compose_text(build, name, compose->policy->name, POLICY_NAME_BYTES_MAX);
}

void
compose_community(struct build *build, const struct scan_token *name, const struct scan_token *id)
{
	struct policy *policy = build->compose->policy;
	struct policy_community *community = &policy->communities[policy->communities_count];
	struct policy_community read = {.has_id = id != NULL};
	uint32_t i;

	for (i = 0; i < policy->communities_count; i++) {
		if (bytes_view_is_equal(name->text, bytes_view_str(policy->communities[i].name)))
			complain_declared(build, name, N_("this community is declared already"));
	}
	if (policy->communities_count == POLICY_COMMUNITIES_MAX)
		complain_most(
		    build, name, N_("too many communities"), POLICY_COMMUNITIES_MAX, false);
	if (!compose_text(build, name, read.name, POLICY_WORD_BYTES_MAX) ||
	    (id != NULL && !read_id(build, id, read.id.bytes)))
		return;
	*community = read;
	policy->communities_count++;
}

/* Keep the tree that has been built; without one the name is known, but nothing behind it. */
static void
keep_definition(struct build *build, struct bytes_view name, int root)
{
	struct compose *compose = build->compose;
	struct build_definition *made = &compose->definitions[compose->definitions_count++];

	*made = (struct build_definition){name, BUILD_NONE, 0, 0, NULL, NULL};
	if (!build_is_ok(build))
		return;
	made->nodes = calloc((size_t)build->nodes_count + 1, sizeof(*made->nodes));
	made->values = calloc((size_t)build->values_count + 1, sizeof(*made->values));
	if (made->nodes == NULL || made->values == NULL) {
		no_memory(build);
		return;
	}
	made->root = root;
	made->nodes_count = build->nodes_count;
	made->values_count = build->values_count;
	memcpy(made->nodes, build->nodes, (size_t)made->nodes_count * sizeof(*made->nodes));
	memcpy(made->values, build->values, (size_t)made->values_count * sizeof(*made->values));
}

void
compose_define(struct build *build, const struct scan_token *name, int root)
{
	struct compose *compose = build->compose;
	char word[POLICY_WORD_BYTES_MAX + 1];
	enum predicate_field field;

	root = build_settle(build, root);
	if (compose->definitions_count == COMPOSE_DEFINITIONS_MAX) {
		complain_most(
		    build, name, N_("too many definitions"), COMPOSE_DEFINITIONS_MAX, false);
		return;
	}
	if (compose_definition(compose, name->text) != NULL) {
		complain_declared(build, name, N_("this name is defined already"));
		return;
	}
	if (predicate_field_parse(name->text, &field))
		complain_declared(build, name, N_("this name is a field's"));
	(void)compose_text(build, name, word, POLICY_WORD_BYTES_MAX);
	/* write it once, so that what is wrong with it is said here and not where it is used */
	build->root = root;
	if (build_is_ok(build))
		build_finish(build);
	keep_definition(build, name->text, root);
}

void
compose_list(struct build *build, const struct scan_token *name, const struct scan_token *file,
    const struct scan_token *hash)
{
	struct policy *policy = build->compose->policy;
	struct policy_list *list = &policy->lists[policy->lists_count];
	struct policy_list read = {.has_hash = hash != NULL, .line = name->place.line};
	uint32_t i;

	for (i = 0; i < policy->lists_count; i++) {
		if (bytes_view_is_equal(name->text, bytes_view_str(policy->lists[i].name)))
			complain_declared(build, name, N_("this list is declared already"));
	}
	if (policy->lists_count == POLICY_LISTS_MAX)
		complain_most(build, name, N_("too many lists"), POLICY_LISTS_MAX, false);
	if (!compose_text(build, name, read.name, POLICY_WORD_BYTES_MAX) ||
	    !compose_text(build, file, read.file, POLICY_FILE_BYTES_MAX) ||
	    (hash != NULL && !read_id(build, hash, read.hash.bytes)))
		return;
	*list = read;
	policy->lists_count++;
}
