#include "policy/parse.h"

#include <stdio.h>

#include "policy/build.h"
#include "policy/complain.h"
#include "policy/grammar.h"

enum err
parse_predicate(struct bytes_view text, struct predicate *out, struct parse_error *error)
{
	return parse_predicate_in(text, NULL, out, error);
}

enum err
parse_predicate_in(struct bytes_view text, const char *(*translate)(const char *),
    struct predicate *out, struct parse_error *error)
{
	struct parse_error unwanted;
	struct build build;
	struct scan scan;

	build_init(&build, text, error == NULL ? &unwanted : error);
	build.translate = translate;
	if (text.len > PARSE_BYTES_MAX) {
		struct scan_token start = {.place = {text.data, 1, 1}, .text = {text.data, 1}};

		complain_most(&build, &start, N_("the text is too long"), PARSE_BYTES_MAX, true);
		return ERR_TOO_LARGE;
	}
	scan_open(&scan, text);
	grammar_run(&build, &scan, TOKEN_PREDICATE, NULL);
	if (build_is_ok(&build))
		build_finish(&build);
	if (!build_is_ok(&build))
		return build.error->err;
	*out = build.predicate;
	return ERR_NONE;
}

static void
append_text(struct bytes *out, const char *text)
{
	struct bytes_view view = bytes_view_str(text);

	bytes_append(out, view.data, view.len);
}

static void
append_repeated(struct bytes *out, uint8_t byte, uint32_t count)
{
	for (; count > 0; count--)
		bytes_append_u8(out, byte);
}

void
parse_error_write(const struct parse_error *error, const char *name, struct bytes *out)
{
	parse_error_write_in(error, name, NULL, out);
}

static const char *
say(const char *(*translate)(const char *), const char *text)
{
	return translate == NULL ? text : translate(text);
}

void
parse_error_write_in(const struct parse_error *error, const char *name,
    const char *(*translate)(const char *), struct bytes *out)
{
	char place[32];

	if (name != NULL) {
		append_text(out, name);
		append_text(out, ":");
	}
	(void)snprintf(
	    place, sizeof(place), "%u:%u: ", (unsigned)error->line, (unsigned)error->column);
	append_text(out, place);
	if (error->problem[0] != '\0') {
		append_text(out, error->problem);
	} else if (error->found[0] == '\0') {
		append_text(out, say(translate, N_("the text ends")));
	} else {
		append_text(out, say(translate, N_("found")));
		append_text(out, " `");
		append_text(out, error->found);
		append_text(out, "`");
	}
	if (error->expected[0] != '\0') {
		append_text(out, ", ");
		append_text(out, say(translate, N_("expected")));
		append_text(out, " ");
		append_text(out, error->expected);
	}
	append_text(out, "\n  ");
	append_text(out, error->source);
	append_text(out, "\n  ");
	append_repeated(out, ' ', error->caret);
	append_repeated(out, '^', error->width);
	append_text(out, "\n");
	if (error->suggestion[0] != '\0') {
		append_text(out, "  ");
		append_text(out, say(translate, N_("did you mean")));
		append_text(out, " `");
		append_text(out, error->suggestion);
		append_text(out, "`?\n");
	}
}
