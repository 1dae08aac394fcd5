#include "formats/list.h"

#include "tests/unit/formats_fixture.h"

static void
read_list(struct fixture *fixture, enum observable_type type, const char *text)
{
	FILE *file = fixture_file(bytes_view_str(text));

	ck_assert_int_eq(list_read(file, type, &fixture->drafts), ERR_NONE);
	(void)fclose(file);
}

START_TEST(tells_each_value_by_its_form)
{
	static const struct {
		const char *line;
		enum observable_type type;
		const char *value;
	} cases[] = {
	    {"192.0.2.1", OBSERVABLE_IPV4, "192.0.2.1"},
	    {"2001:DB8::1", OBSERVABLE_IPV6, "2001:db8::1"},
	    {"192.0.2.0/24", OBSERVABLE_CIDR, "192.0.2.0/24"},
	    {"Evil[.]example", OBSERVABLE_DOMAIN, "evil.example"},
	    {"hxxp://evil[.]example/a", OBSERVABLE_URL, "http://evil.example/a"},
	    {"ana[at]evil.example", OBSERVABLE_EMAIL, "ana@evil.example"},
	    {"00000000000000000000000000000000", OBSERVABLE_MD5,
		"00000000000000000000000000000000"},
	    {"CVE-2026-12345", OBSERVABLE_CVE, "CVE-2026-12345"},
	};
	struct fixture *fixture = fixture_open();
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_int_eq(
		    list_read_line(bytes_view_str(cases[i].line), i + 1, 0, &fixture->drafts),
		    ERR_NONE);
		ck_assert_msg(fixture->count == i + 1, "%s", cases[i].line);
		ck_observable(fixture_record(fixture, i), 0, cases[i].type, cases[i].value);
		ck_assert_int_eq(fixture->record.kind, RECORD_INDICATOR);
		ck_view(fixture->record.source.format, "list");
		ck_view(fixture->record.source.mapping, "malla-list/1");
		ck_view(fixture->record.source.original, cases[i].line);
	}
	fixture_free(fixture);
}
END_TEST

START_TEST(passes_over_comments_and_blank_lines)
{
	struct fixture *fixture = fixture_open();

	read_list(fixture, 0,
	    "\xef\xbb\xbf# a list\r\n\r\n; more\n// more\n  \t \n a.example  # why\r\n"
	    "b.example\t// why\nc.example ; why\n");
	ck_counts(fixture, 3, 0, 0, 5);
	ck_observable(fixture_record(fixture, 0), 0, OBSERVABLE_DOMAIN, "a.example");
	ck_view(fixture->record.source.original, "a.example  # why");
	ck_observable(fixture_record(fixture, 1), 0, OBSERVABLE_DOMAIN, "b.example");
	ck_observable(fixture_record(fixture, 2), 0, OBSERVABLE_DOMAIN, "c.example");
	ck_assert_uint_eq(fixture->lines[0], 6);
	ck_assert_uint_eq(fixture->lines[2], 8);
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_each_line_that_it_does_not_understand)
{
	struct fixture *fixture = fixture_open();

	read_list(fixture, 0, "a.example\nfree\n/gate.php\n1.2.3\n.onion\nb.example\nx y z");
	ck_counts(fixture, 2, 0, 5, 0);
	ck_assert_uint_eq(fixture->notes_count, 5);
	ck_note(fixture, 0, 2, REASON_BAD_OBSERVABLE, "--type");
	ck_note(fixture, 3, 5, REASON_BAD_OBSERVABLE, "--type");
	ck_note(fixture, 4, 7, REASON_BAD_OBSERVABLE, "--type");
	fixture_free(fixture);
}
END_TEST

START_TEST(takes_a_named_type_and_no_other)
{
	struct fixture *fixture = fixture_open();

	read_list(fixture, OBSERVABLE_FILENAME, "invoice.exe\na/b\n");
	read_list(fixture, OBSERVABLE_DOMAIN, "192.0.2.1\na.example\nb.example:8080\n");
	read_list(fixture, OBSERVABLE_CLABE, "002115016003269411\n002115016003269412\n");
	ck_counts(fixture, 4, 0, 3, 0);
	ck_observable(fixture_record(fixture, 0), 0, OBSERVABLE_FILENAME, "invoice.exe");
	ck_observable(fixture_record(fixture, 2), 0, OBSERVABLE_DOMAIN, "b.example");
	ck_view(fixture->record.body.text, "port 8080");
	ck_observable(fixture_record(fixture, 3), 0, OBSERVABLE_CLABE, "002115016003269411");
	ck_note(fixture, 0, 2, REASON_BAD_OBSERVABLE, "filename");
	ck_note(fixture, 1, 1, REASON_BAD_OBSERVABLE, "domain");
	ck_note(fixture, 2, 2, REASON_BAD_OBSERVABLE, "clabe");
	fixture_free(fixture);
}
END_TEST

START_TEST(reads_the_names_of_a_hosts_file)
{
	struct fixture *fixture = fixture_open();

	read_list(fixture, 0,
	    "0.0.0.0 a.example\n127.0.0.1\tb.example c.example # two\n:: d.example\n"
	    "127.0.0.1 localhost\n192.0.2.1 e.example\n");
	ck_counts(fixture, 3, 0, 2, 0);
	ck_observable(fixture_record(fixture, 0), 0, OBSERVABLE_DOMAIN, "a.example");
	ck_assert_uint_eq(fixture_record(fixture, 1)->observables_count, 2);
	ck_observable(&fixture->record, 1, OBSERVABLE_DOMAIN, "c.example");
	ck_assert_int_eq(fixture->record.body.combine, RECORD_COMBINE_ANY);
	ck_note(fixture, 0, 4, REASON_BAD_OBSERVABLE, "");
	ck_note(fixture, 1, 5, REASON_BAD_OBSERVABLE, "");
	fixture_free(fixture);
}
END_TEST

START_TEST(leaves_the_port_to_the_text)
{
	static const struct {
		const char *line, *value, *text;
		enum observable_type type;
	} cases[] = {
	    {"192.0.2.1:8080", "192.0.2.1", "port 8080", OBSERVABLE_IPV4},
	    {"192[.]0[.]2[.]1[:]1", "192.0.2.1", "port 1", OBSERVABLE_IPV4},
	    {"[2001:db8::1]:443", "2001:db8::1", "port 443", OBSERVABLE_IPV6},
	    {"evil.example:65535", "evil.example", "port 65535", OBSERVABLE_DOMAIN},
	    {"http://192.0.2.1:81", "http://192.0.2.1:81/", "", OBSERVABLE_URL},
	};
	struct fixture *fixture = fixture_open();
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_int_eq(
		    list_read_line(bytes_view_str(cases[i].line), i + 1, 0, &fixture->drafts),
		    ERR_NONE);
		ck_assert_msg(fixture->count == i + 1, "%s", cases[i].line);
		ck_observable(fixture_record(fixture, i), 0, cases[i].type, cases[i].value);
		ck_view(fixture->record.body.text, cases[i].text);
	}
	read_list(fixture, 0, "192.0.2.1:65536\n192.0.2.1:0\n192.0.2.1:\n192.0.2.1:123456\n:80\n");
	ck_assert_uint_eq(fixture->drafts.refused, 5);
	fixture_free(fixture);
}
END_TEST

START_TEST(reads_what_checksum_programs_write)
{
	struct fixture *fixture = fixture_open();

	read_list(fixture, 0,
	    "da39a3ee5e6b4b0d3255bfef95601890afd80709  a b.exe\n"
	    "d41d8cd98f00b204e9800998ecf8427e *c.exe\n");
	ck_counts(fixture, 2, 0, 0, 0);
	ck_observable(fixture_record(fixture, 0), 0, OBSERVABLE_SHA1,
	    "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	ck_view(fixture->record.body.text, "a b.exe");
	ck_observable(
	    fixture_record(fixture, 1), 0, OBSERVABLE_MD5, "d41d8cd98f00b204e9800998ecf8427e");
	ck_view(fixture->record.body.text, "c.exe");
	fixture_free(fixture);
}
END_TEST

START_TEST(takes_several_hashes_of_one_file)
{
	struct fixture *fixture = fixture_open();

	read_list(fixture, 0,
	    "da39a3ee5e6b4b0d3255bfef95601890afd80709,d41d8cd98f00b204e9800998ecf8427e\n"
	    "da39a3ee5e6b4b0d3255bfef95601890afd80709,a.example\n");
	ck_counts(fixture, 1, 0, 1, 0);
	ck_assert_uint_eq(fixture_record(fixture, 0)->observables_count, 2);
	ck_assert_int_eq(fixture->record.body.combine, RECORD_COMBINE_ANY);
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_long_lines_also_the_last)
{
	char text[3 * LIST_LINE_BYTES_MAX];
	struct fixture *fixture = fixture_open();

	memset(text, 'a', sizeof(text));
	text[LIST_LINE_BYTES_MAX] = '\n'; /* just as long as may be, but no value */
	text[2 * LIST_LINE_BYTES_MAX + 2] = '\0';
	read_list(fixture, 0, text);
	ck_counts(fixture, 0, 0, 2, 0);
	ck_note(fixture, 0, 1, REASON_BAD_OBSERVABLE, "");
	ck_note(fixture, 1, 2, REASON_OVERSIZED, "too long");
	fixture_free(fixture);
}
END_TEST

START_TEST(counts_every_line_of_a_list_cut_anywhere)
{
	static const char text[] = "a.example\r\n# x\n192.0.2.1:80\n\n??\n0.0.0.0 b.example";
	size_t len, i;

	for (len = 0; len < sizeof(text); len++) {
		struct fixture *fixture = fixture_open();
		struct drafts *drafts = &fixture->drafts;
		FILE *file = fixture_file(bytes_view_of(text, len));
		uint64_t lines = 0;

		for (i = 0; i < len; i++)
			lines += text[i] == '\n';
		lines += len > 0 && text[len - 1] != '\n';
		ck_assert_int_eq(list_read(file, 0, drafts), ERR_NONE);
		(void)fclose(file);
		ck_assert_uint_eq(
		    drafts->understood + drafts->kept + drafts->refused + drafts->left_out, lines);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(stops_where_nobody_takes_a_draft)
{
	struct fixture *fixture = fixture_open();
	FILE *file = fixture_file(bytes_view_str("a.example\nb.example\nc.example\n"));

	fixture->put_fails_at = 2;
	ck_assert_int_eq(list_read(file, 0, &fixture->drafts), ERR_STORAGE);
	ck_assert_uint_eq(fixture->count, 2);
	(void)fclose(file);
	fixture_free(fixture);
}
END_TEST

SUITE_MAIN("formats/list", tells_each_value_by_its_form, passes_over_comments_and_blank_lines,
    refuses_each_line_that_it_does_not_understand, takes_a_named_type_and_no_other,
    reads_the_names_of_a_hosts_file, leaves_the_port_to_the_text,
    reads_what_checksum_programs_write, takes_several_hashes_of_one_file,
    refuses_long_lines_also_the_last, counts_every_line_of_a_list_cut_anywhere,
    stops_where_nobody_takes_a_draft)
