/*
 * The privacy gate, over labelled texts that were written before it (tests/privacy): the half that it was made
 * with, and the half of which only the figures were looked at.
 */
#include "policy/privacy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy/privacy_record.h"
#include "tests/unit/suite.h"

#define LINE_MAX 8192u
#define LABELS_MOST 16u

struct label {
	enum privacy_kind kind;
	size_t at, len; /* in the text */
};

struct labelled {
	char text[LINE_MAX];
	size_t len;
	uint32_t count;
	struct label labels[LABELS_MOST];
};

static const struct privacy_own nothing;

/* ---------------------------------------------------------------- the set */

static enum privacy_kind
kind_of(const char *name, size_t len)
{
	int kind;

	for (kind = 0; kind < PRIVACY_KIND_COUNT; kind++) {
		const char *one = privacy_kind_name((enum privacy_kind)kind);

		if (strlen(one) == len && memcmp(one, name, len) == 0)
			return (enum privacy_kind)kind;
	}
	ck_abort_msg("no such kind: %.*s", (int)len, name);
	return PRIVACY_NAME;
}

static void
put(struct labelled *out, char letter)
{
	ck_assert_uint_lt(out->len, LINE_MAX - 1);
	out->text[out->len++] = letter;
}

/* "... {{kind|value}} ...", with \n, \t and \\ as in C. */
static void
read_line(const char *line, struct labelled *out)
{
	out->len = 0;
	out->count = 0;
	while (*line != '\0' && *line != '\n') {
		if (memcmp(line, "{{", 2) == 0 && strchr(line, '|') != NULL) {
			const char *bar = strchr(line, '|');

			ck_assert_uint_lt(out->count, LABELS_MOST);
			out->labels[out->count].kind = kind_of(line + 2, (size_t)(bar - line) - 2);
			out->labels[out->count++].at = out->len;
			line = bar + 1;
		} else if (memcmp(line, "}}", 2) == 0 && out->count > 0 &&
			   out->labels[out->count - 1].len == 0) {
			out->labels[out->count - 1].len = out->len - out->labels[out->count - 1].at;
			line += 2;
		} else if (line[0] == '\\') {
			put(out, line[1] == 'n' ? '\n' : line[1] == 't' ? '\t' : line[1]);
			line += 2;
		} else {
			put(out, *line++);
		}
	}
}

struct figures {
	uint32_t texts, clean, clean_hit;
	uint32_t wanted[PRIVACY_KIND_COUNT], found[PRIVACY_KIND_COUNT];
	uint32_t hits, wrong;
};

static bool
overlaps(const struct privacy_hit *hit, const struct label *label)
{
	return hit->offset < label->at + label->len && label->at < hit->offset + hit->len;
}

static void
judge(const struct labelled *text, const struct privacy_report *report, struct figures *figures)
{
	uint32_t i, j;

	for (i = 0; i < text->count; i++) {
		bool is_found = false;

		for (j = 0; j < report->count; j++)
			is_found |= report->hits[j].kind == text->labels[i].kind &&
				    overlaps(&report->hits[j], &text->labels[i]);
		figures->wanted[text->labels[i].kind]++;
		figures->found[text->labels[i].kind] += is_found;
		if (!is_found && getenv("PRIVACY_SHOW") != NULL)
			printf("  missed %s: %.*s\n", privacy_kind_name(text->labels[i].kind),
			    (int)text->len, text->text);
	}
	for (j = 0; j < report->count; j++) {
		bool is_right = false;

		for (i = 0; i < text->count; i++)
			is_right |= overlaps(&report->hits[j], &text->labels[i]);
		figures->hits++;
		figures->wrong += !is_right;
		if (!is_right && getenv("PRIVACY_SHOW") != NULL)
			printf("  wrong %s %s: %.*s\n", privacy_kind_name(report->hits[j].kind),
			    report->hits[j].excerpt, (int)text->len, text->text);
	}
	figures->texts++;
	figures->clean += text->count == 0;
	figures->clean_hit += text->count == 0 && report->count > 0;
}

static void
read_set(const char *path, struct figures *figures)
{
	static struct privacy_report report;
	static struct labelled text;
	static char line[LINE_MAX];
	FILE *file = fopen(path, "r");

	ck_assert_msg(file != NULL, "%s: run from the top of the project", path);
	*figures = (struct figures){0};
	while (fgets(line, sizeof(line), file) != NULL) {
		memset(&text, 0, sizeof(text));
		read_line(line, &text);
		memset(&report, 0, sizeof(report));
		privacy_scan(bytes_view_of(text.text, text.len), PRIVACY_IN_TEXT, 0, &nothing, &report);
		judge(&text, &report, figures);
	}
	(void)fclose(file);
}

static bool
has_check_digits(enum privacy_kind kind)
{
	return kind == PRIVACY_CURP || kind == PRIVACY_RFC || kind == PRIVACY_CLABE ||
	       kind == PRIVACY_IBAN || kind == PRIVACY_CARD;
}

static void
hold_to(const char *path)
{
	struct figures figures;
	int kind;

	read_set(path, &figures);
	printf("%s: %u texts, %u of them clean\n", path, figures.texts, figures.clean);
	for (kind = 0; kind < PRIVACY_KIND_COUNT; kind++) {
		if (figures.wanted[kind] > 0)
			printf("  %-6s %u of %u\n", privacy_kind_name((enum privacy_kind)kind),
			    figures.found[kind], figures.wanted[kind]);
	}
	printf("  %u of %u hits are where nothing was labelled; %u of %u clean texts have one\n",
	    figures.wrong, figures.hits, figures.clean_hit, figures.clean);
	ck_assert_uint_ge(figures.texts, 250);
	for (kind = 0; kind < PRIVACY_KIND_COUNT; kind++) {
		uint32_t wanted = figures.wanted[kind], found = figures.found[kind];

		if (has_check_digits((enum privacy_kind)kind))
			ck_assert_uint_eq(found, wanted);
		else
			ck_assert_uint_ge(100 * found, 95 * wanted);
	}
	/* of texts that hold nothing, few may be stopped */
	ck_assert_uint_le(20 * figures.clean_hit, figures.clean);
}

START_TEST(finds_what_it_was_made_with)
{
	hold_to("tests/privacy/seen.txt");
}
END_TEST

START_TEST(finds_what_it_has_not_seen)
{
	hold_to("tests/privacy/held.txt");
}
END_TEST

SUITE_MAIN("policy/privacy", finds_what_it_was_made_with, finds_what_it_has_not_seen)
