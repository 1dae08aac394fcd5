#include "formats/csv.h"

#include <time.h>

#include "base/clock.h"
#include "tests/unit/formats_fixture.h"

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"
#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static enum err
read_table_as(struct fixture *fixture, enum observable_type type, struct bytes_view text)
{
	FILE *file = fixture_file(text);
	enum err err = csv_read(file, type, &fixture->drafts);

	(void)fclose(file);
	return err;
}

static enum err
read_table(struct fixture *fixture, const char *text)
{
	return read_table_as(fixture, 0, bytes_view_str(text));
}

START_TEST(reads_the_columns_that_it_knows)
{
	struct fixture *fixture = fixture_open();
	const struct record *record;
	char time[CLOCK_TEXT_BYTES];

	ck_assert_int_eq(
	    read_table(fixture,
		"Value,TYPE,Description,tlp,Confidence,severity,tags,valid "
		"until,first-seen,Last_Seen,"
		"title,reference,else\n"
		"evil[.]example,domain,\"says \"\"hi\"\",\nand more\",TLP:AMBER,80,High,\"b;a|c\","
		"2030-01-01,2026-01-02 03:04:05,2026-01-02T03:04:06Z,T,https://r.example/,x\n"),
	    ERR_NONE);
	ck_counts(fixture, 1, 0, 0, 0);
	record = fixture_record(fixture, 0);
	ck_observable(record, 0, OBSERVABLE_DOMAIN, "evil.example");
	ck_view(record->body.text, "says \"hi\",\nand more");
	ck_assert_int_eq(record->marking.tlp, TLP_AMBER);
	ck_assert_uint_eq(record->confidence, 80);
	ck_assert_int_eq(record->severity, SEVERITY_HIGH);
	ck_assert_uint_eq(record->labels.count, 3);
	ck_view(record->labels.at[0], "a");
	ck_view(record->body.title, "T");
	ck_view(record->links.at[0], "https://r.example/");
	clock_format(record->valid_until_ms, time);
	ck_assert_str_eq(time, "2030-01-01T00:00:00.000Z");
	clock_format(record->body.first_seen_ms, time);
	ck_assert_str_eq(time, "2026-01-02T03:04:05.000Z");
	clock_format(record->body.last_seen_ms, time);
	ck_assert_str_eq(time, "2026-01-02T03:04:06.000Z");
	ck_view(record->source.format, "csv");
	ck_view(record->source.original,
	    "evil[.]example,domain,\"says \"\"hi\"\",\nand more\",TLP:AMBER,80,High,\"b;a|c\","
	    "2030-01-01,2026-01-02 03:04:05,2026-01-02T03:04:06Z,T,https://r.example/,x");
	fixture_free(fixture);
}
END_TEST

START_TEST(reads_the_dialects_of_known_feeds)
{
	static const char *const tables[] = {
	    "\xef\xbb\xbfvalue,entity_type,description\r\na.example ,hostname, x \r\n",
	    "\xef\xbb\xbfIndicator_type,Data,Note\r\ndomain,a.example,x\r\n",
	    "type;indicator;comment\ndomain;a.example;x\n",
	    "ioc\ttype\tnotes\na.example\tfqdn\tx\n",
	    "First Seen,Domain Observed,Notes\n2018-04-29 08:27:15,a[.]example,x\n",
	    "\n# produced today\n#\n# \"first_seen_utc\",\"ioc_value\",\"ioc_type\",\"comment\"\n"
	    "\"2026-01-01 00:00:00\", \"a.example\", \"domain\", \"x\"\n# end",
	    "tipo;valor;descripci\xc3\xb3n\ndominio;;\ndomain;a.example;x\n",
	    "ioc;note;\"a, b, c\"\na.example;x;y\n",
	    "a.example,hostname,x\n",
	};
	uint32_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct fixture *fixture = fixture_open();

		ck_assert_int_eq(read_table(fixture, tables[i]), ERR_NONE);
		ck_assert_msg(fixture->count == 1, "table %u: %s", i, fixture->notes[0].words);
		ck_observable(fixture_record(fixture, 0), 0, OBSERVABLE_DOMAIN, "a.example");
		ck_view(fixture->record.body.text, "x");
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(understands_values_that_are_not_what_they_are_called)
{
	static const struct {
		const char *row, *value, *text;
		enum observable_type type;
	} cases[] = {
	    {"192.0.2.1:8080,url,c2", "192.0.2.1", "c2\nport 8080", OBSERVABLE_IPV4},
	    {"192.0.2.1:8080,ip:port,", "192.0.2.1", "port 8080", OBSERVABLE_IPV4},
	    {"www.a.example,url,", "www.a.example", "", OBSERVABLE_DOMAIN},
	    {"wss://a.example/ws ,url,", "wss://a.example/ws", "", OBSERVABLE_URL},
	    {"2001:db8::1,ipaddress,", "2001:db8::1", "", OBSERVABLE_IPV6},
	    {MD5 ",sha256,", MD5, "", OBSERVABLE_MD5},
	    {MD5 ",hash,", MD5, "", OBSERVABLE_MD5},
	    {MD5 ",file,", MD5, "", OBSERVABLE_MD5},
	    {"a.exe,file,", "a.exe", "", OBSERVABLE_FILENAME},
	    {"ana@a.example,email-sender,", "ana@a.example", "", OBSERVABLE_EMAIL},
	    {"a.example,,", "a.example", "", OBSERVABLE_DOMAIN},
	};
	struct fixture *fixture = fixture_open();
	char table[256];
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		(void)snprintf(table, sizeof(table), "value,type,note\n%s\n", cases[i].row);
		ck_assert_int_eq(read_table(fixture, table), ERR_NONE);
		ck_assert_msg(fixture->count == i + 1, "%s", cases[i].row);
		ck_observable(fixture_record(fixture, i), 0, cases[i].type, cases[i].value);
		ck_view(fixture->record.body.text, cases[i].text);
	}
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_values_that_it_does_not_understand)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(
	    read_table(fixture,
		"value,type\na.example,mutex\npastebin.example/raw/x,url\na.example,md5\n"
		",domain\na.example\nb.example,domain,and,more\n"),
	    ERR_NONE);
	ck_counts(fixture, 2, 0, 4, 0);
	ck_note(fixture, 0, 2, REASON_BAD_OBSERVABLE, "mutex");
	ck_note(fixture, 1, 3, REASON_BAD_OBSERVABLE, "url");
	ck_note(fixture, 2, 4, REASON_BAD_OBSERVABLE, "md5");
	ck_note(fixture, 3, 5, REASON_BAD_OBSERVABLE, "no value");
	fixture_free(fixture);
}
END_TEST

START_TEST(reads_columns_named_after_types)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(read_table(fixture,
			     "SHA256,SHA1,MD5,Filename,Size\n" SHA256 "," SHA1 "," MD5 ",a.exe,7\n"
			     ",,,b.exe,7\n,,,,7\nxyz,,,,\n"),
	    ERR_NONE);
	ck_counts(fixture, 2, 0, 2, 0);
	ck_assert_uint_eq(fixture_record(fixture, 0)->observables_count, 3);
	ck_assert_int_eq(fixture->record.body.combine, RECORD_COMBINE_ANY);
	ck_view(fixture->record.body.title, "a.exe");
	ck_observable(fixture_record(fixture, 1), 0, OBSERVABLE_FILENAME, "b.exe");
	fixture_free(fixture);
}
END_TEST

START_TEST(takes_several_hashes_in_one_cell)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(
	    read_table(fixture, "value,type\n\"" SHA256 "," SHA1 "," MD5 "\",file\n"), ERR_NONE);
	ck_counts(fixture, 1, 0, 0, 0);
	ck_assert_uint_eq(fixture_record(fixture, 0)->observables_count, 3);
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_fields_that_restrict_and_cannot_be_read)
{
	static const struct {
		const char *column, *value;
		enum reason reason;
	} cases[] = {
	    {"tlp", "purple", REASON_NO_LABEL},
	    {"tags", "x;TLP:PURPLE", REASON_NO_LABEL},
	    {"tlp", "red", REASON_NO_AUDIENCE},
	    {"valid_until", "tomorrow", REASON_BAD_FIELD},
	    {"valid_until", "2026-02-30", REASON_BAD_FIELD},
	    {"confidence", "101", REASON_BAD_FIELD},
	    {"confidence", "1000", REASON_BAD_FIELD},
	    {"confidence", "-1", REASON_BAD_FIELD},
	    {"confidence", "sure", REASON_BAD_FIELD},
	};
	struct fixture *fixture = fixture_open();
	char table[256];
	uint32_t i;

	fixture->drafts.defaults.has_tlp = false;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		/* a good label beside it saves nothing */
		(void)snprintf(table, sizeof(table), "value,label,%s\na.example,tlp:green,%s\n",
		    cases[i].column, cases[i].value);
		ck_assert_int_eq(read_table(fixture, table), ERR_NONE);
		ck_assert_msg(fixture->notes_count == i + 1 && fixture->count == 0, "%s %s",
		    cases[i].column, cases[i].value);
		ck_note(fixture, i, 2, cases[i].reason, "");
	}
	fixture_free(fixture);
}
END_TEST

START_TEST(reads_confidence_as_number_percentage_and_word)
{
	static const struct {
		const char *text;
		unsigned confidence;
	} cases[] = {
	    {"0", 0}, {"100", 100}, {"75%", 75}, {"Low", 15}, {"medium", 50}, {"HIGH", 85}};
	struct fixture *fixture = fixture_open();
	char table[64];
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		(void)snprintf(
		    table, sizeof(table), "ioc,confidence\na.example,%s\n", cases[i].text);
		ck_assert_int_eq(read_table(fixture, table), ERR_NONE);
		ck_assert_uint_eq(fixture_record(fixture, i)->confidence, cases[i].confidence);
	}
	fixture_free(fixture);
}
END_TEST

START_TEST(leaves_unreadable_sightings_to_the_original_and_warns)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(
	    read_table(fixture, "ioc,first_seen,last_seen\na.example,spring,2026-01-01\n"
				"b.example,2026-01-02,2026-01-01\n"),
	    ERR_NONE);
	ck_counts(fixture, 1, 0, 1, 0);
	ck_assert_uint_eq(fixture_record(fixture, 0)->body.first_seen_ms, 0);
	ck_note(fixture, 0, 2, REASON_STORED, "left to the original");
	ck_note(fixture, 1, 3, REASON_BAD_FIELD, "before first seen");
	fixture_free(fixture);
}
END_TEST

START_TEST(reads_text_that_spreadsheets_wrote_as_latin_1)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(
	    read_table(fixture, "ioc;nota\na.example;p\xe1gina de phishing\n"), ERR_NONE);
	ck_counts(fixture, 1, 0, 0, 0);
	ck_view(fixture_record(fixture, 0)->body.text, "p\xc3\xa1gina de phishing");
	ck_note(fixture, 0, 2, REASON_STORED, "Latin-1");
	fixture_free(fixture);
}
END_TEST

START_TEST(counts_lines_inside_quotes_and_passes_over_empty_rows)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(
	    read_table(fixture,
		"ioc,note\n\na.example,\"1\n2\r\n3\"\n,,\n# x,y\nbad,\"\"\nb.example,\"q\""),
	    ERR_NONE);
	ck_counts(fixture, 2, 0, 1, 3);
	ck_view(fixture_record(fixture, 0)->body.text, "1\n2\n3");
	ck_assert_uint_eq(fixture->lines[0], 3);
	ck_note(fixture, 0, 8, REASON_BAD_OBSERVABLE, "");
	ck_assert_uint_eq(fixture->lines[1], 9);
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_a_table_without_values)
{
	static const char *const tables[] = {"", "\n\n", "# x\n", "a,b,c\n1,2,3\n", "free text\n",
	    "\"value,type\na.example,domain\n"};
	uint32_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct fixture *fixture = fixture_open();

		ck_assert_int_eq(read_table(fixture, tables[i]), ERR_FORMAT);
		ck_assert_uint_eq(fixture->count, 0);
		ck_assert_uint_eq(fixture->drafts.refused, 1);
		ck_assert_uint_gt(fixture->notes[0].line, 0);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(says_where_a_quote_is_never_closed)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(
	    read_table(fixture, "ioc,note\na.example,x\nb.example,\"y\nc.example,z\n"), ERR_FORMAT);
	ck_counts(fixture, 1, 0, 1, 0);
	ck_note(fixture, 0, 3, REASON_BAD_FIELD, "never closed");
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_rows_beyond_its_limits_and_goes_on)
{
	struct fixture *fixture = fixture_open();
	struct bytes text;
	uint32_t i;

	bytes_init(&text, 1u << 20);
	bytes_append(&text, "ioc,note\na.example,", 19);
	for (i = 0; i < CSV_ROW_BYTES_MAX; i++)
		bytes_append_u8(&text, 'x');
	bytes_append(&text, "\nb.example", 10);
	for (i = 0; i < CSV_COLUMNS_MAX; i++)
		bytes_append_u8(&text, ',');
	bytes_append(&text, "\nc.example,ok\n", 14);
	ck_assert_int_eq(read_table_as(fixture, 0, bytes_as_view(&text)), ERR_NONE);
	ck_counts(fixture, 1, 0, 2, 0);
	ck_note(fixture, 0, 2, REASON_OVERSIZED, "too long");
	ck_note(fixture, 1, 3, REASON_OVERSIZED, "too many");
	ck_observable(fixture_record(fixture, 0), 0, OBSERVABLE_DOMAIN, "c.example");
	bytes_release(&text);
	fixture_free(fixture);
}
END_TEST

START_TEST(takes_a_type_named_for_all)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(read_table_as(fixture, OBSERVABLE_FILENAME,
			     bytes_view_str("value,type\na.example,domain\n")),
	    ERR_NONE);
	ck_observable(fixture_record(fixture, 0), 0, OBSERVABLE_FILENAME, "a.example");
	fixture_free(fixture);
}
END_TEST

START_TEST(knows_a_header)
{
	static const char *const headers[] = {"value,type", "Indicator_type,Data,Note\r",
	    "\"ioc\";\"x\"", "sha256,filename", "x\tindicator", "\xef\xbb\xbfvalue,x",
	    "c2 server,a"};
	static const char *const others[] = {
	    "value", "a.example,domain", "", "# value,type", "free, text", "link,file"};
	uint32_t i;

	for (i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		ck_assert_msg(csv_is_header(bytes_view_str(headers[i])), "%s", headers[i]);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		ck_assert_msg(!csv_is_header(bytes_view_str(others[i])), "%s", others[i]);
}
END_TEST

START_TEST(reads_a_table_cut_anywhere)
{
	static const char text[] =
	    "\xef\xbb\xbfvalue,type,note\r\na.example,domain,\"x \"\"y\"\"\"\r\n"
	    "192.0.2.1:80,url,\n";
	size_t len;

	for (len = 0; len < sizeof(text); len++) {
		struct fixture *fixture = fixture_open();
		enum err err = read_table_as(fixture, 0, bytes_view_of(text, len));

		ck_assert_msg(
		    err == ERR_NONE || (err == ERR_FORMAT && fixture->drafts.refused == 1),
		    "cut at %zu: %s", len, err_name(err));
		fixture_free(fixture);
	}
}
END_TEST

static enum err
count_only(void *context, struct bytes_view draft, const struct draft_place *place)
{
	(void)draft;
	(void)place;
	++*(uint64_t *)context;
	return ERR_NONE;
}

START_TEST(reads_a_hundred_thousand_rows_in_seconds)
{
	struct fixture *fixture = fixture_open();
	FILE *file = tmpfile();
	uint64_t count = 0;
	clock_t start;
	double seconds;
	uint32_t i;

	ck_assert_ptr_nonnull(file);
	(void)fputs("value,type,description,tlp,confidence,labels\n", file);
	for (i = 0; i < 100000; i++)
		(void)fprintf(file,
		    "host%u[.]evil%u.example,domain,C2 of campaign %u,green,%u,a;b\n", i, i % 977,
		    i % 13, i % 101);
	rewind(file);
	fixture->drafts.put = count_only;
	fixture->drafts.context = &count;
	start = clock();
	ck_assert_int_eq(csv_read(file, 0, &fixture->drafts), ERR_NONE);
	seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	printf("100000 rows: %.2f s of CPU\n", seconds);
	ck_assert_uint_eq(count, 100000);
	/* ten times what it takes, for sanitizers and busy machines; quadratic work takes minutes
	 */
	ck_assert(seconds < 20);
	(void)fclose(file);
	fixture_free(fixture);
}
END_TEST

SUITE_MAIN("formats/csv", reads_the_columns_that_it_knows, reads_the_dialects_of_known_feeds,
    understands_values_that_are_not_what_they_are_called,
    refuses_values_that_it_does_not_understand, reads_columns_named_after_types,
    takes_several_hashes_in_one_cell, refuses_fields_that_restrict_and_cannot_be_read,
    reads_confidence_as_number_percentage_and_word,
    leaves_unreadable_sightings_to_the_original_and_warns,
    reads_text_that_spreadsheets_wrote_as_latin_1,
    counts_lines_inside_quotes_and_passes_over_empty_rows, refuses_a_table_without_values,
    says_where_a_quote_is_never_closed, refuses_rows_beyond_its_limits_and_goes_on,
    takes_a_type_named_for_all, knows_a_header, reads_a_table_cut_anywhere,
    reads_a_hundred_thousand_rows_in_seconds)
