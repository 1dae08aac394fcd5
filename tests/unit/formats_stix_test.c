#include "formats/stix.h"

#include "base/clock.h"
#include "tests/unit/formats_fixture.h"

#define UUID "00000000-0000-4000-8000-000000000001"
#define INDICATOR_ID "indicator--" UUID
#define PATTERN "\"pattern\":\"[domain-name:value = 'evil.example']\""
#define MARKING "marking-definition--"
#define TLP1_GREEN MARKING "34098fce-860f-48ae-8e50-ebd3cc5e41da"
#define TLP2_AMBER MARKING "55d920b0-5e8b-4f79-9ee9-91f868d9b421"
#define TLP2_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

static enum err
read_document(struct fixture *fixture, const char *text)
{
	return stix_read_bytes(bytes_view_str(text), &fixture->drafts);
}

/* An indicator with these members more, in a bundle with these objects more. */
static enum err
read_indicator(struct fixture *fixture, const char *members, const char *objects)
{
	char text[8192];

	ck_assert_int_lt(snprintf(text, sizeof(text),
			     "{\"type\":\"bundle\",\"id\":\"bundle--" UUID "\",\"objects\":["
			     "{\"type\":\"indicator\",\"id\":\"" INDICATOR_ID "\",%s%s}%s%s]}",
			     strstr(members, "\"pattern\"") != NULL ? "" : PATTERN ",", members,
			     objects[0] != '\0' ? "," : "", objects),
	    (int)sizeof(text));
	return read_document(fixture, text);
}

START_TEST(reads_an_indicator)
{
	static const char object[] =
	    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"" INDICATOR_ID "\","
	    "\"created\":\"2026-01-01T00:00:00.000Z\",\"name\":\"P\xc3\xa1gina\","
	    "\"description\":\"d\\nd\"," PATTERN ",\"pattern_type\":\"stix\","
	    "\"indicator_types\":[\"malicious-activity\"],\"labels\":[\"phishing\",7],"
	    "\"valid_from\":\"2026-01-01T00:00:00Z\",\"valid_until\":\"2027-01-01T00:00:00.5Z\","
	    "\"confidence\":85,\"lang\":\"es\",\"external_references\":["
	    "{\"source_name\":\"x\",\"url\":\"https://r.example/\"},"
	    "{\"source_name\":\"mitre-attack\",\"external_id\":\"T1566.001\"}],"
	    "\"object_marking_refs\":[\"" TLP2_AMBER "\"]}";
	struct fixture *fixture = fixture_open();
	const struct record *record;
	char text[2048], time[CLOCK_TEXT_BYTES];

	(void)snprintf(text, sizeof(text),
	    "{\"type\":\"bundle\",\"id\":\"bundle--" UUID "\",\"spec_version\":\"2.0\","
	    "\"objects\":[%s]}",
	    object);
	fixture->drafts.defaults.has_tlp = false;
	ck_assert_int_eq(read_document(fixture, text), ERR_NONE);
	ck_counts(fixture, 1, 0, 0, 1);
	record = fixture_record(fixture, 0);
	ck_assert_int_eq(record->kind, RECORD_INDICATOR);
	ck_observable(record, 0, OBSERVABLE_DOMAIN, "evil.example");
	ck_assert_uint_eq(record->body.pattern.len, 0);
	ck_view(record->body.title, "P\xc3\xa1gina");
	ck_view(record->body.text, "d\nd");
	ck_assert_uint_eq(record->labels.count, 2);
	ck_view(record->labels.at[0], "malicious-activity");
	ck_view(record->labels.at[1], "phishing");
	ck_assert_uint_eq(record->confidence, 85);
	ck_view(record->language, "es");
	ck_assert_uint_eq(record->links.count, 2);
	ck_view(record->links.at[0], "T1566.001");
	ck_view(record->links.at[1], "https://r.example/");
	ck_assert_int_eq(record->marking.tlp, TLP_AMBER);
	clock_format(record->valid_from_ms, time);
	ck_assert_str_eq(time, "2026-01-01T00:00:00.000Z");
	clock_format(record->valid_until_ms, time);
	ck_assert_str_eq(time, "2027-01-01T00:00:00.500Z");
	ck_view(record->source.format, "stix-2.1");
	ck_view(record->source.mapping, "malla-stix/1");
	ck_view(record->source.id, INDICATOR_ID);
	ck_view(record->source.original, object); /* its keys in their order */
	fixture_free(fixture);
}
END_TEST

START_TEST(keeps_an_indicator_whose_pattern_says_more)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(
	    read_indicator(fixture, "\"pattern\":\"[process:name = 'a.exe']\"", ""), ERR_NONE);
	ck_assert_int_eq(
	    read_indicator(fixture,
		"\"pattern\":\"rule x { condition: true }\",\"pattern_type\":\"yara\"", ""),
	    ERR_NONE);
	ck_counts(fixture, 0, 2, 0, 2);
	ck_view(fixture_record(fixture, 0)->body.pattern, "[process:name = 'a.exe']");
	ck_assert_uint_eq(fixture->record.observables_count, 0);
	ck_view(fixture_record(fixture, 1)->body.pattern, "rule x { condition: true }");
	ck_view(fixture->record.labels.at[0], "pattern-type:yara");
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_an_indicator_that_says_nothing_or_the_impossible)
{
	static const struct {
		const char *members;
		enum reason reason;
		const char *words;
	} cases[] = {
	    {"\"pattern\":\"\"", REASON_BAD_FIELD, "pattern"},
	    {"\"pattern\":\"\\u007f\\u0001\"", REASON_BAD_FIELD, "pattern"},
	    {"\"pattern\":7", REASON_BAD_FIELD, "pattern"},
	    {"\"valid_until\":\"2026-02-30T00:00:00Z\"", REASON_BAD_FIELD, "valid_until"},
	    {"\"valid_until\":7", REASON_BAD_FIELD, "valid_until"},
	    {"\"valid_from\":\"soon\"", REASON_BAD_FIELD, "valid_from"},
	    {"\"valid_until\":\"2026-01-01T00:00:00Z\\u0000\"", REASON_BAD_FIELD, "valid_until"},
	    {"\"valid_from\":\"2026-01-02T00:00:00Z\",\"valid_until\":\"2026-01-02T00:00:00Z\"",
		REASON_BAD_FIELD, "valid until"},
	};
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *fixture = fixture_open();

		ck_assert_int_eq(read_indicator(fixture, cases[i].members, ""), ERR_NONE);
		ck_counts(fixture, 0, 0, 1, 1);
		ck_note(fixture, 0, 0, cases[i].reason, cases[i].words);
		ck_assert_str_eq(fixture->notes[0].id, INDICATOR_ID);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(reads_notes_and_reports)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(
	    read_document(fixture,
		"[{\"type\":\"note\",\"id\":\"note--1\",\"abstract\":\"A\",\"content\":\"C\"},"
		"{\"type\":\"note\",\"id\":\"note--2\",\"content\":\"first\\nsecond\"},"
		"{\"type\":\"report\",\"id\":\"report--1\",\"name\":\"N\",\"description\":\"D\","
		"\"report_types\":[\"threat-report\"]},"
		"{\"type\":\"report\",\"id\":\"report--2\",\"name\":\"N\"},"
		"{\"type\":\"note\",\"id\":\"note--3\"}]"),
	    ERR_NONE);
	ck_counts(fixture, 4, 0, 1, 0);
	ck_view(fixture_record(fixture, 0)->body.title, "A");
	ck_view(fixture->record.body.text, "C");
	ck_assert_int_eq(fixture->record.kind, RECORD_NOTE);
	ck_view(fixture_record(fixture, 1)->body.title, "first");
	ck_view(fixture->record.body.text, "first\nsecond");
	ck_view(fixture_record(fixture, 2)->labels.at[0], "threat-report");
	ck_view(fixture->record.body.text, "D");
	ck_view(fixture_record(fixture, 3)->body.text, "N");
	ck_assert_str_eq(fixture->notes[0].id, "note--3");
	fixture_free(fixture);
}
END_TEST

START_TEST(keeps_everything_else_as_it_is)
{
	static const char *const objects[] = {
	    "{\"type\":\"malware\",\"id\":\"malware--1\",\"name\":\"M\",\"x\":[1,2.5,null,true]}",
	    "{\"type\":\"sighting\",\"id\":\"sighting--1\",\"sighting_of_ref\":\"" INDICATOR_ID
	    "\"}",
	    "{\"type\":\"x-own\",\"id\":\"x-own--1\",\"description\":\"\"}",
	    "{\"type\":\"identity\",\"id\":\"identity--1\",\"name\":\"a\\u0000b\"}",
	    "{\"type\":\"marking-definition\",\"id\":\"" MARKING UUID "\","
	    "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"(c)\"}}",
	    "{\"type\":\"noid\"}",
	};
	struct fixture *fixture = fixture_open();
	char text[4096] =
	    "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"x_feed\":\"f\",\"objects\":[";
	uint32_t i, count = sizeof(objects) / sizeof(*objects);

	for (i = 0; i < count; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
		    i > 0 ? "," : "", objects[i]);
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "]}");
	ck_assert_int_eq(read_document(fixture, text), ERR_NONE);
	ck_counts(fixture, 0, count + 1, 0, 0);
	ck_view(fixture_record(fixture, 0)->source.original,
	    "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"x_feed\":\"f\"}");
	for (i = 0; i < count; i++) {
		ck_view(fixture_record(fixture, i + 1)->source.original, objects[i]);
		ck_assert_int_eq(fixture->record.kind, RECORD_NOTE);
	}
	ck_view(fixture_record(fixture, 1)->body.title, "malware malware--1");
	ck_view(fixture->record.body.text, "M");
	ck_view(fixture_record(fixture, 6)->body.title, "noid objects[5]");
	fixture_free(fixture);
}
END_TEST

START_TEST(never_revives_what_was_revoked)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(read_indicator(fixture, "\"revoked\":true", ""), ERR_NONE);
	ck_assert_int_eq(read_indicator(fixture, "\"revoked\":false", ""), ERR_NONE);
	ck_counts(fixture, 1, 1, 0, 2);
	ck_assert_int_eq(fixture_record(fixture, 0)->kind, RECORD_NOTE);
	ck_assert_uint_eq(fixture->record.observables_count, 0);
	ck_view(fixture->record.labels.at[0], "revoked");
	fixture_free(fixture);
}
END_TEST

/* ---------------------------------------------------------------- markings */

START_TEST(knows_all_labels_by_their_ids)
{
	static const struct {
		const char *id;
		enum tlp tlp;
	} cases[] = {
	    {"613f2e26-407d-48c7-9eca-b8e91df99dc9", TLP_CLEAR},
	    {"34098fce-860f-48ae-8e50-ebd3cc5e41da", TLP_GREEN},
	    {"f88d31f6-486f-44da-b317-01333bde0b82", TLP_AMBER},
	    {"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", TLP_RED},
	    {"94868c89-83c2-464b-929b-a1a8aa3c8487", TLP_CLEAR},
	    {"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", TLP_GREEN},
	    {"55d920b0-5e8b-4f79-9ee9-91f868d9b421", TLP_AMBER},
	    {"939a9414-2ddd-4d32-a0cd-375ea402b003", TLP_AMBER_STRICT},
	    {"e828b379-4e03-4974-9ac4-e53a884c97c1", TLP_RED},
	};
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *fixture = fixture_open();
		struct org_id org = {{1}};
		char members[256];

		fixture->drafts.defaults.has_tlp = false;
		ck_assert_int_eq(
		    audience_add_org(&fixture->drafts.defaults.audience, &org), ERR_NONE);
		(void)snprintf(members, sizeof(members),
		    "\"object_marking_refs\":[\"" MARKING "%s\"]", cases[i].id);
		ck_assert_int_eq(read_indicator(fixture, members, ""), ERR_NONE);
		ck_assert_msg(fixture->count == 1, "%s", cases[i].id);
		ck_assert_int_eq(fixture_record(fixture, 0)->marking.tlp, cases[i].tlp);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(lets_the_strictest_of_several_labels_stand)
{
	static const char *const members[] = {
	    "\"object_marking_refs\":[\"" TLP1_GREEN "\",\"" TLP2_AMBER "\"]",
	    "\"object_marking_refs\":[\"" TLP2_AMBER "\",\"" TLP1_GREEN "\"]",
	    "\"object_marking_refs\":[\"" TLP1_GREEN "\"],\"granular_markings\":["
	    "{\"marking_ref\":\"" TLP2_AMBER "\",\"selectors\":[\"name\"]},{\"lang\":\"es\"}]",
	    "\"object_marking_refs\":[\"" TLP1_GREEN "\"],\"labels\":[\" TLP:AMBER\"]",
	};
	uint32_t i;

	for (i = 0; i < sizeof(members) / sizeof(*members); i++) {
		struct fixture *fixture = fixture_open();

		fixture->drafts.defaults.tlp = TLP_CLEAR;
		ck_assert_int_eq(read_indicator(fixture, members[i], ""), ERR_NONE);
		ck_counts(fixture, 1, 0, 0, 1);
		ck_assert_int_eq(fixture_record(fixture, 0)->marking.tlp, TLP_AMBER);
		ck_assert_uint_eq(fixture->record.labels.count, 0);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(reads_labels_from_definitions_that_come_along)
{
	static const char *const definitions[] = {
	    "\"definition_type\":\"tlp\",\"definition\":{\"tlp\":\"amber\"}",
	    "\"definition_type\":\"TLP\",\"definition\":{\"TLP\":\"TLP:AMBER\"}",
	    "\"name\":\"TLP:AMBER\"",
	    "\"name\":\"x\",\"extensions\":{\"" TLP2_EXTENSION
	    "\":{\"extension_type\":\"property-extension\",\"tlp_2_0\":\"amber\"}}",
	};
	uint32_t i;

	for (i = 0; i < sizeof(definitions) / sizeof(*definitions); i++) {
		struct fixture *fixture = fixture_open();
		char definition[512];

		fixture->drafts.defaults.has_tlp = false;
		(void)snprintf(definition, sizeof(definition),
		    "{\"type\":\"marking-definition\",\"id\":\"" MARKING UUID "\",%s}",
		    definitions[i]);
		ck_assert_int_eq(read_indicator(fixture,
				     "\"object_marking_refs\":[\"" MARKING UUID "\"]", definition),
		    ERR_NONE);
		ck_counts(fixture, 1, 0, 0, 2);
		ck_assert_int_eq(fixture_record(fixture, 0)->marking.tlp, TLP_AMBER);
		fixture_free(fixture);
	}
}
END_TEST

/* Members of the indicator, and objects beside it, whose label cannot be told. */
static const struct {
	const char *members, *objects;
} unclear[] = {
    {"\"object_marking_refs\":[\"" MARKING UUID "\"]", ""},
    {"\"object_marking_refs\":[\"" MARKING UUID "\",\"" TLP1_GREEN "\"]", ""},
    {"\"object_marking_refs\":[\"" TLP1_GREEN "\",\"" MARKING UUID "\"]", ""},
    {"\"object_marking_refs\":[\"" TLP1_GREEN "\\u0000\"]", ""},
    {"\"object_marking_refs\":[\"" TLP1_GREEN "\",7]", ""},
    {"\"object_marking_refs\":\"" TLP1_GREEN "\"", ""},
    {"\"object_marking_refs\":[\"" TLP1_GREEN "\"],\"granular_markings\":[{\"selectors\":[]}]", ""},
    {"\"object_marking_refs\":[\"" TLP1_GREEN "\"],\"granular_markings\":{}", ""},
    {"\"object_marking_refs\":[\"" TLP1_GREEN "\"],\"labels\":[\"tlp:purple\"]", ""},
    {"\"object_marking_refs\":[\"" TLP1_GREEN "\",\"" MARKING UUID "\"]",
	"{\"type\":\"marking-definition\",\"id\":\"" MARKING UUID
	"\",\"definition_type\":\"iep\"}"},
    {"\"object_marking_refs\":[\"" TLP1_GREEN "\",\"" MARKING UUID "\"]",
	"{\"type\":\"marking-definition\",\"id\":\"" MARKING UUID "\",\"definition_type\":\"tlp\","
	"\"definition\":{\"tlp\":\"purple\"}}"},
    {"\"object_marking_refs\":[\"" MARKING UUID "\"]",
	"{\"type\":\"marking-definition\",\"id\":\"" MARKING UUID "\",\"name\":\"TLP:CLEAR\"},"
	"{\"type\":\"marking-definition\",\"id\":\"" MARKING UUID "\",\"name\":\"TLP:AMBER\"}"},
    {"\"object_marking_refs\":[\"" TLP1_GREEN "\",\"" MARKING UUID "\\u0000\"]",
	"{\"type\":\"marking-definition\",\"id\":\"" MARKING UUID "\",\"name\":\"TLP:CLEAR\"}"},
};

static bool
is_indicator(const struct fixture_note *note)
{
	return strcmp(note->id, INDICATOR_ID) == 0;
}

START_TEST(fails_closed_where_a_marking_cannot_be_told)
{
	uint32_t i;

	for (i = 0; i < sizeof(unclear) / sizeof(*unclear); i++) {
		struct fixture *fixture = fixture_open();

		fixture->drafts.defaults.has_tlp = false;
		ck_assert_int_eq(
		    read_indicator(fixture, unclear[i].members, unclear[i].objects), ERR_NONE);
		ck_assert_msg(fixture->drafts.understood == 0, "case %u", i);
		ck_assert(is_indicator(&fixture->notes[0]));
		ck_note(fixture, 0, 0, REASON_NO_LABEL, "");
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(lets_the_users_label_stand_there_and_warns)
{
	uint32_t i;

	for (i = 0; i < sizeof(unclear) / sizeof(*unclear); i++) {
		struct fixture *fixture = fixture_open();

		ck_assert_int_eq(
		    read_indicator(fixture, unclear[i].members, unclear[i].objects), ERR_NONE);
		ck_assert_msg(fixture->drafts.understood == 1, "case %u", i);
		ck_assert_int_eq(fixture_record(fixture, 0)->marking.tlp, TLP_GREEN);
		ck_assert(is_indicator(&fixture->notes[0]));
		ck_note(fixture, 0, 0, REASON_STORED, "");
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(takes_no_statement_for_a_label)
{
	static const char definition[] =
	    "{\"type\":\"marking-definition\",\"id\":\"" MARKING UUID "\","
	    "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"(c)\"}}";
	struct fixture *fixture = fixture_open();

	fixture->drafts.defaults.has_tlp = false;
	ck_assert_int_eq(
	    read_indicator(fixture, "\"object_marking_refs\":[\"" MARKING UUID "\"]", definition),
	    ERR_NONE);
	ck_counts(fixture, 0, 0, 2, 1);
	ck_note(fixture, 0, 0, REASON_NO_LABEL, "--tlp");
	fixture_free(fixture);
	fixture = fixture_open(); /* and none for something unclear */
	ck_assert_int_eq(
	    read_indicator(fixture, "\"object_marking_refs\":[\"" MARKING UUID "\"]", definition),
	    ERR_NONE);
	ck_counts(fixture, 1, 1, 0, 1);
	ck_assert_uint_eq(fixture->notes_count, 0);
	fixture_free(fixture);
}
END_TEST

/* ---------------------------------------------------------------- documents */

START_TEST(reads_what_is_like_a_bundle)
{
	static const char object[] = "{\"type\":\"malware\",\"id\":\"malware--1\"}";
	struct fixture *fixture = fixture_open();
	char text[256];

	ck_assert_int_eq(read_document(fixture, object), ERR_NONE);
	ck_counts(fixture, 0, 1, 0, 0);
	(void)snprintf(text, sizeof(text), "\xef\xbb\xbf[%s]", object);
	ck_assert_int_eq(read_document(fixture, text), ERR_NONE);
	ck_counts(fixture, 0, 2, 0, 0);
	(void)snprintf(text, sizeof(text), "{\"more\":false,\"objects\":[%s,7]}", object);
	ck_assert_int_eq(read_document(fixture, text), ERR_NONE);
	ck_counts(fixture, 0, 3, 1, 1);
	ck_assert_int_eq(read_document(fixture, "{\"type\":\"bundle\",\"id\":\"b\"}"), ERR_NONE);
	ck_counts(fixture, 0, 3, 1, 2);
	fixture_free(fixture);
}
END_TEST

START_TEST(says_at_which_line_a_document_is_wrong)
{
	static const struct {
		const char *text;
		uint64_t line;
		const char *words;
	} cases[] = {
	    {"", 1, "empty"},
	    {"{\n\"a\":1,\n}", 3, "column"},
	    {"{\"a\":1,\n\"a\":2}", 2, "duplicate"},
	    {"{\"a\":\"\xff\"}", 1, "decode"},
	    {"{\"a\":1} x", 1, "end of file"},
	    {"7", 1, "column"},
	    {"{}", 1, "no STIX"},
	    {"{\"Event\":{}}", 1, "no STIX"},
	    {"{\"type\":\"object\",\"id\":\"x\"}", 1, "no STIX"},
	    {"{\"type\":\"bundle\",\"objects\":{}}", 1, "no list"},
	};
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *fixture = fixture_open();

		ck_assert_int_eq(read_document(fixture, cases[i].text), ERR_FORMAT);
		ck_counts(fixture, 0, 0, 1, 0);
		ck_note(fixture, 0, cases[i].line, REASON_BAD_FIELD, cases[i].words);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(refuses_depth_that_would_exhaust_the_stack)
{
	struct fixture *fixture = fixture_open();
	const size_t depth = 1000000;
	char *text = malloc(depth);

	ck_assert_ptr_nonnull(text);
	memset(text, '[', depth);
	ck_assert_int_eq(stix_read_bytes(bytes_view_of(text, depth), &fixture->drafts), ERR_FORMAT);
	ck_counts(fixture, 0, 0, 1, 0);
	free(text);
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_objects_that_are_too_large_and_goes_on)
{
	static const char before[] = "[{\"type\":\"tool\",\"id\":\"tool--1\",\"x\":\"";
	static const char behind[] = "\"},{\"type\":\"tool\",\"id\":\"tool--2\"}]";
	struct fixture *fixture = fixture_open();
	struct bytes text;
	size_t i;

	bytes_init(&text, 1u << 20);
	bytes_append(&text, before, sizeof(before) - 1);
	for (i = 0; i < ORIGINAL_BYTES_MAX; i++)
		bytes_append_u8(&text, 'x');
	bytes_append(&text, behind, sizeof(behind) - 1);
	ck_assert_int_eq(stix_read_bytes(bytes_as_view(&text), &fixture->drafts), ERR_NONE);
	ck_counts(fixture, 0, 1, 1, 0);
	ck_note(fixture, 0, 0, REASON_OVERSIZED, "original");
	ck_assert_str_eq(fixture->notes[0].id, "tool--1");
	bytes_release(&text);
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_a_document_that_is_too_large)
{
	struct fixture *fixture = fixture_open();
	FILE *file = tmpfile();
	char blanks[65536];
	size_t i;

	ck_assert_ptr_nonnull(file);
	memset(blanks, ' ', sizeof(blanks));
	for (i = 0; i <= STIX_BYTES_MAX / sizeof(blanks); i++)
		ck_assert_uint_eq(fwrite(blanks, 1, sizeof(blanks), file), sizeof(blanks));
	rewind(file);
	ck_assert_int_eq(stix_read(file, &fixture->drafts), ERR_TOO_LARGE);
	ck_assert_uint_eq(fixture->count, 0);
	(void)fclose(file);
	fixture_free(fixture);
}
END_TEST

START_TEST(shows_ids_without_what_plays_with_terminals)
{
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(
	    read_document(fixture, "[{\"type\":\"note\",\"id\":\"\\u001b[2J\\u009b\\nx\"}]"),
	    ERR_NONE);
	ck_assert_str_eq(fixture->notes[0].id, "?[2J??x");
	ck_assert_int_eq(read_document(fixture, "{\"a\":\x1b]0;x\x07}"), ERR_FORMAT);
	ck_assert_ptr_null(strchr(fixture->notes[1].words, 0x1b));
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_a_bundle_cut_anywhere)
{
	static const char text[] =
	    "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":["
	    "{\"type\":\"indicator\",\"id\":\"" INDICATOR_ID "\"," PATTERN "}]}";
	size_t len;

	for (len = 0; len < sizeof(text) - 1; len++) {
		struct fixture *fixture = fixture_open();
		uint8_t *copy = malloc(len == 0 ? 1 : len);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, text, len);
		ck_assert_int_eq(
		    stix_read_bytes(bytes_view_of(copy, len), &fixture->drafts), ERR_FORMAT);
		ck_counts(fixture, 0, 0, 1, 0);
		free(copy);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(reads_many_objects_with_unknown_markings_in_linear_time)
{
	struct fixture *fixture = fixture_open();
	struct bytes text;
	char object[256];
	uint32_t i;

	bytes_init(&text, STIX_BYTES_MAX);
	bytes_append_u8(&text, '[');
	for (i = 0; i < 60000; i++) {
		(void)snprintf(object, sizeof(object),
		    "%s{\"type\":\"marking-definition\",\"id\":\"" MARKING
		    "%u\",\"object_marking_refs\":[\"" MARKING "x%u\"]}",
		    i > 0 ? "," : "", i, i);
		bytes_append(&text, object, strlen(object));
	}
	bytes_append_u8(&text, ']');
	fixture->drafts.defaults.has_tlp = false;
	ck_assert_int_eq(stix_read_bytes(bytes_as_view(&text), &fixture->drafts), ERR_NONE);
	ck_counts(fixture, 0, 0, 60000, 0);
	bytes_release(&text);
	fixture_free(fixture);
}
END_TEST

START_TEST(stops_where_nobody_takes_a_draft)
{
	struct fixture *fixture = fixture_open();

	fixture->put_fails_at = 1;
	ck_assert_int_eq(
	    read_document(fixture, "[{\"type\":\"a\",\"id\":\"a--1\"},{\"type\":\"b\"}]"),
	    ERR_STORAGE);
	ck_assert_uint_eq(fixture->count, 1);
	fixture_free(fixture);
}
END_TEST

SUITE_MAIN("formats/stix", reads_an_indicator, keeps_an_indicator_whose_pattern_says_more,
    refuses_an_indicator_that_says_nothing_or_the_impossible, reads_notes_and_reports,
    keeps_everything_else_as_it_is, never_revives_what_was_revoked, knows_all_labels_by_their_ids,
    lets_the_strictest_of_several_labels_stand, reads_labels_from_definitions_that_come_along,
    fails_closed_where_a_marking_cannot_be_told, lets_the_users_label_stand_there_and_warns,
    takes_no_statement_for_a_label, reads_what_is_like_a_bundle,
    says_at_which_line_a_document_is_wrong, refuses_depth_that_would_exhaust_the_stack,
    refuses_objects_that_are_too_large_and_goes_on, refuses_a_document_that_is_too_large,
    shows_ids_without_what_plays_with_terminals, refuses_a_bundle_cut_anywhere,
    reads_many_objects_with_unknown_markings_in_linear_time, stops_where_nobody_takes_a_draft)
