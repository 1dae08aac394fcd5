/*
 * The privacy gate, over labelled texts that were written before it (tests/privacy): the half that
 * it was made with, and the half of which only the figures were looked at.
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
		privacy_scan(
		    bytes_view_of(text.text, text.len), PRIVACY_IN_TEXT, 0, &nothing, &report);
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

static uint32_t
hits_in(const char *text, enum privacy_kind kind)
{
	static struct privacy_report report;

	memset(&report, 0, sizeof(report));
	privacy_scan(bytes_view_str(text), PRIVACY_IN_TEXT, 0, &nothing, &report);
	return report.counts[kind];
}

START_TEST(counts_no_account_whose_check_digit_is_wrong)
{
	ck_assert_uint_eq(hits_in("CLABE 032180000118359719", PRIVACY_CLABE), 1);
	ck_assert_uint_eq(hits_in("CLABE 032180000118359718", PRIVACY_CLABE), 0);
	ck_assert_uint_eq(hits_in("card 4111 1111 1111 1111", PRIVACY_CARD), 1);
	ck_assert_uint_eq(hits_in("card 4111 1111 1111 1112", PRIVACY_CARD), 0);
	ck_assert_uint_eq(hits_in("to DE89370400440532013000", PRIVACY_IBAN), 1);
	ck_assert_uint_eq(hits_in("to DE88370400440532013000", PRIVACY_IBAN), 0);
}
END_TEST

static struct record record;

/* How many hits are in this place of the record; what one is, masked, in *excerpt. */
static uint32_t
hits_at(enum privacy_place place, const struct privacy_own *own)
{
	static struct privacy_report report;
	uint32_t i, count = 0;

	memset(&report, 0, sizeof(report));
	privacy_record_scan(&record, bytes_view_str("\x81\x15\xad jose@b.example"), own, &report);
	for (i = 0; i < report.count; i++)
		count += report.hits[i].place == place;
	return count;
}

START_TEST(reads_every_place_of_a_record)
{
	static const struct bytes_view *views[] = {&record.body.title, &record.body.text,
	    &record.body.pattern, &record.body.identifier, &record.marking.purpose,
	    &record.source.id, &record.source.original};
	static const enum privacy_place places[] = {PRIVACY_IN_TITLE, PRIVACY_IN_TEXT,
	    PRIVACY_IN_PATTERN, PRIVACY_IN_IDENTIFIER, PRIVACY_IN_TERMS, PRIVACY_IN_SOURCE,
	    PRIVACY_IN_ORIGINAL};
	static const struct observable name = {
	    OBSERVABLE_FILENAME, {(const uint8_t *)"jose@b.example.txt", 18}};
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		record_init(&record, RECORD_NOTE, TLP_CLEAR);
		ck_assert_uint_eq(hits_at(places[i], &nothing), 0);
		*(struct bytes_view *)(uintptr_t)views[i] = bytes_view_str("ask jose@b.example");
		ck_assert_uint_eq(hits_at(places[i], &nothing), 1);
	}
	record_init(&record, RECORD_INDICATOR, TLP_CLEAR);
	ck_assert_int_eq(
	    record_add_text(&record.labels, bytes_view_str("jose@b.example")), ERR_NONE);
	ck_assert_int_eq(
	    record_add_text(&record.links, bytes_view_str("http://x/?m=jose@b.example")), ERR_NONE);
	ck_assert_int_eq(record_add_observable(&record, &name), ERR_NONE);
	ck_assert_uint_eq(hits_at(PRIVACY_IN_LABEL, &nothing), 1);
	ck_assert_uint_eq(hits_at(PRIVACY_IN_LINK, &nothing), 1);
	ck_assert_uint_eq(hits_at(PRIVACY_IN_FILENAME, &nothing), 1);
	ck_assert_uint_eq(hits_at(PRIVACY_IN_UNKNOWN, &nothing), 0);
	record.unknown = 1;
	ck_assert_uint_eq(hits_at(PRIVACY_IN_UNKNOWN, &nothing), 1);
}
END_TEST

START_TEST(takes_no_offence_at_what_the_record_declares)
{
	static const struct observable mailbox = {
	    OBSERVABLE_EMAIL, {(const uint8_t *)"jose@b.example", 14}};

	record_init(&record, RECORD_INDICATOR, TLP_CLEAR);
	record.body.text = bytes_view_str("lures come from Jose@B.example");
	record.source.original = bytes_view_str("{\"value\": \"jose@b.example\"}");
	ck_assert_uint_eq(hits_at(PRIVACY_IN_TEXT, &nothing), 1);
	ck_assert_int_eq(record_add_observable(&record, &mailbox), ERR_NONE);
	ck_assert_uint_eq(hits_at(PRIVACY_IN_TEXT, &nothing), 0);
	ck_assert_uint_eq(hits_at(PRIVACY_IN_ORIGINAL, &nothing), 0);
	record.body.text = bytes_view_str("lures come from maria@b.example");
	ck_assert_uint_eq(hits_at(PRIVACY_IN_TEXT, &nothing), 1);
}
END_TEST

START_TEST(knows_what_is_the_organisations_own)
{
	static const struct privacy_range range = {
	    {[10] = 0xff, 0xff, 203, 0, 113, 0}, {[10] = 0xff, 0xff, 203, 0, 113, 255}};
	static const struct bytes_view domain = {(const uint8_t *)"bank.example", 12};
	static const struct privacy_own own = {1, &range, 1, &domain};
	static const struct {
		const char *text;
		uint32_t hits;
	} texts[] = {{"from 203.0.113.7 to 192.0.2.1", 1}, {"at 203[.]0[.]113[.]7:8080", 1},
	    {"192.0.2.1 only", 0}, {"srv1.bank.example fell", 1}, {"https://BANK.example/x", 1},
	    {"notbank.example is another", 0}, {"bank.example.evil.example is another", 0}};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		record_init(&record, RECORD_NOTE, TLP_CLEAR);
		record.body.text = bytes_view_str(texts[i].text);
		ck_assert_msg(hits_at(PRIVACY_IN_TEXT, &own) == texts[i].hits, "%s", texts[i].text);
		ck_assert_uint_eq(hits_at(PRIVACY_IN_TEXT, &nothing), 0);
	}
}
END_TEST

static double
seconds_for(const char *unit, size_t bytes)
{
	static struct privacy_report report;
	size_t len = strlen(unit), i;
	struct timespec from, to;
	char *text = malloc(bytes);

	ck_assert(text != NULL);
	for (i = 0; i < bytes; i++)
		text[i] = unit[i % len];
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	privacy_scan(bytes_view_of(text, bytes), PRIVACY_IN_TEXT, 0, &nothing, &report);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	free(text);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Eight times as much takes eight times as long, not sixty-four: by a wide margin, since time is
   not ours alone. */
START_TEST(reads_hostile_texts_in_linear_time)
{
	static const char *const units[] = {"a", "1", "1 ", "1-", "@", "a@", "a.", "%25", "&amp;",
	    "nombre: ", "AAAA000000HDF", "AA00 ", "(at) ", "\\u0041", "QUFBQUFBQUFBQUFB", "tel 1",
	    "[.]", "\xc3\xa1", "a=\n", "4111 "};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		double small = seconds_for(units[i], 32768) + seconds_for(units[i], 32768);
		double large = seconds_for(units[i], 8 * 32768);

		ck_assert_msg(
		    large < 40 * (small + 1e-4), "\"%s\": %.4f s, %.4f s", units[i], small, large);
	}
}
END_TEST

SUITE_MAIN("policy/privacy", finds_what_it_was_made_with, finds_what_it_has_not_seen,
    counts_no_account_whose_check_digit_is_wrong, reads_every_place_of_a_record,
    takes_no_offence_at_what_the_record_declares, knows_what_is_the_organisations_own,
    reads_hostile_texts_in_linear_time)
