#include "formats/markdown.h"

#include "tests/unit/formats_fixture.h"

static enum err
read_text(struct fixture *fixture, enum record_kind kind, const char *text)
{
	return markdown_read(bytes_view_str(text), kind, &fixture->drafts);
}

START_TEST(reads_a_title_and_a_text)
{
	static const struct {
		const char *in, *title, *text;
	} cases[] = {
	    {"# Title\n\nText.\n", "Title", "Text."},
	    {"\xef\xbb\xbf\r\n## Title ##\r\nText.\r\nMore.\r\n", "Title", "Text.\nMore."},
	    {"Title\n=====\nText", "Title", "Text"},
	    {"---\ntitle: \"Other\"\n---\n# Title\nText", "Other", "# Title\nText"},
	    {"# C# and F#\n#hashtag\n", "C# and F", "#hashtag"},
	};
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *fixture = fixture_open();

		ck_assert_int_eq(read_text(fixture, RECORD_NOTE, cases[i].in), ERR_NONE);
		ck_counts(fixture, 1, 0, 0, 0);
		ck_view(fixture_record(fixture, 0)->body.title, cases[i].title);
		ck_view(fixture->record.body.text, cases[i].text);
		ck_view(fixture->record.source.format, "markdown");
		ck_assert_int_eq(fixture->record.kind, RECORD_NOTE);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(reads_the_block_before_the_text)
{
	struct fixture *fixture = fixture_open();
	const struct record *record;

	fixture->drafts.defaults.has_tlp = false;
	ck_assert_int_eq(read_text(fixture, RECORD_ADVISORY,
			     "---\n# about it\nlang: es-MX\nlabels: [phishing, fraude]\n"
			     "tlp: TLP:AMBER\nseverity: high\nidentifier: 'AV-2026-001'\n"
			     "sectors: bank, telecom\n---\n# T\nx\n"),
	    ERR_NONE);
	ck_counts(fixture, 1, 0, 0, 0);
	record = fixture_record(fixture, 0);
	ck_assert_int_eq(record->kind, RECORD_ADVISORY);
	ck_view(record->language, "es-MX");
	ck_assert_uint_eq(record->labels.count, 2);
	ck_view(record->labels.at[0], "fraude");
	ck_assert_int_eq(record->marking.tlp, TLP_AMBER);
	ck_assert_int_eq(record->severity, SEVERITY_HIGH);
	ck_view(record->body.identifier, "AV-2026-001");
	ck_assert_uint_eq(record->affects.sectors.count, 2);
	ck_view(record->affects.sectors.at[1], "telecom");
	fixture_free(fixture);
}
END_TEST

START_TEST(says_at_which_line_it_is_wrong)
{
	static const struct {
		const char *text;
		uint64_t line;
		const char *words;
	} cases[] = {
	    {"", 1, "no title"},
	    {"text\n", 1, "no title"},
	    {"#title\ntext", 1, "no title"},
	    {"# Title\n \n", 1, "no text"},
	    {"---\ntlp: green\n", 2, "no end"},
	    {"---\ntlp green\n---\n# T\nx", 2, "key: value"},
	    {"---\ntlp: purple\n---\n# T\nx", 2, "amber+strict"},
	    {"---\n\nauthor: me\n---\n# T\nx", 3, "known keys"},
	    {"---\ntlp: green\ntlp: clear\n---\n# T\nx", 3, "before"},
	    {"---\nlang: e\n---\n# T\nx", 2, "lang"},
	    {"---\nlang: es MX\n---\n# T\nx", 2, "lang"},
	    {"---\nseverity: awful\n---\n# T\nx", 2, "severity"},
	    {"---\nidentifier: x\n---\n# T\nx", 2, "advisory"},
	    {"---\nlabels: a,,b\n---\n# T\nx", 2, "empty element"},
	    {"---\nlabels:\n---\n# T\nx", 2, "without a value"},
	    {"# T\nx\n\xff\n", 3, "UTF-8"},
	    {"# T\nx\x1b\n", 2, "control"},
	};
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *fixture = fixture_open();

		ck_assert_int_eq(read_text(fixture, RECORD_NOTE, cases[i].text), ERR_FORMAT);
		ck_counts(fixture, 0, 0, 1, 0);
		ck_assert_msg(fixture->notes[0].line == cases[i].line || cases[i].line == 1,
		    "case %u: line %llu", i, (unsigned long long)fixture->notes[0].line);
		ck_assert_msg(strstr(fixture->notes[0].words, cases[i].words) != NULL,
		    "case %u: %s", i, fixture->notes[0].words);
		ck_assert_int_eq(fixture->notes[0].reason, REASON_BAD_FIELD);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(refuses_what_is_larger_than_a_record_may_be)
{
	static const struct {
		size_t title, text;
		bool is_good;
	} cases[] = {
	    {TITLE_BYTES_MAX, TEXT_BYTES_MAX, true},
	    {TITLE_BYTES_MAX + 1, 1, false},
	    {1, TEXT_BYTES_MAX + 1, false},
	    {1, TEXT_BYTES_MAX + 5000, false},
	};
	uint32_t i;
	size_t j;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *fixture = fixture_open();
		struct bytes text;

		bytes_init(&text, 1u << 20);
		bytes_append(&text, "# ", 2);
		for (j = 0; j < cases[i].title; j++)
			bytes_append_u8(&text, 't');
		bytes_append_u8(&text, '\n');
		for (j = 0; j < cases[i].text; j++)
			bytes_append_u8(&text, 'x');
		ck_assert_int_eq(markdown_read(bytes_as_view(&text), RECORD_NOTE, &fixture->drafts),
		    cases[i].is_good ? ERR_NONE : ERR_FORMAT);
		ck_assert_uint_eq(fixture->count, cases[i].is_good);
		bytes_release(&text);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(refuses_lists_that_a_record_does_not_hold)
{
	struct fixture *fixture = fixture_open();
	struct bytes text;
	char word[32];
	uint32_t i;

	bytes_init(&text, 1u << 16);
	bytes_append(&text, "---\nsectors: ", 13);
	for (i = 0; i <= AFFECTS_MAX; i++) {
		(void)snprintf(word, sizeof(word), "%ss%u", i > 0 ? "," : "", i);
		bytes_append(&text, word, strlen(word));
	}
	bytes_append(&text, "\n---\n# T\nx", 10);
	ck_assert_int_eq(
	    markdown_read(bytes_as_view(&text), RECORD_NOTE, &fixture->drafts), ERR_FORMAT);
	ck_note(fixture, 0, 2, REASON_BAD_FIELD, "too many");
	bytes_release(&text);
	fixture_free(fixture);
}
END_TEST

START_TEST(fails_where_it_has_no_label)
{
	struct fixture *fixture = fixture_open();

	fixture->drafts.defaults.has_tlp = false;
	ck_assert_int_eq(read_text(fixture, RECORD_NOTE, "# T\nx"), ERR_FORMAT);
	ck_note(fixture, 0, 1, REASON_NO_LABEL, "--tlp");
	fixture_free(fixture);
}
END_TEST

START_TEST(reads_a_file_cut_anywhere)
{
	static const char text[] = "---\ntlp: green\nlabels: [a, b]\n---\n# T\xc3\xa1\nText.\n";
	size_t len, good = 0;

	for (len = 0; len < sizeof(text); len++) {
		struct fixture *fixture = fixture_open();
		enum err err;

		err = markdown_read(bytes_view_of(text, len), RECORD_NOTE, &fixture->drafts);
		ck_assert_uint_eq(fixture->drafts.understood + fixture->drafts.refused, 1);
		ck_assert((err == ERR_NONE) == (fixture->count == 1));
		good += err == ERR_NONE;
		fixture_free(fixture);
	}
	ck_assert_uint_gt(good, 0);
	ck_assert_uint_lt(good, 8);
}
END_TEST

SUITE_MAIN("formats/markdown", reads_a_title_and_a_text, reads_the_block_before_the_text,
    says_at_which_line_it_is_wrong, refuses_what_is_larger_than_a_record_may_be,
    refuses_lists_that_a_record_does_not_hold, fails_where_it_has_no_label,
    reads_a_file_cut_anywhere)
