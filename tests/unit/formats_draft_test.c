#include "tests/unit/formats_fixture.h"

static struct bytes_view
str(const char *text)
{
	return bytes_view_str(text);
}

/* A note of one word, ready to be finished. */
static void
begin_note(struct drafts *drafts)
{
	drafts_begin(drafts, RECORD_NOTE);
	drafts->record.body.title = drafts_text(drafts, str("t"), TITLE_BYTES_MAX, false);
	drafts->record.body.text = drafts_text(drafts, str("x"), TEXT_BYTES_MAX, true);
}

static void
finish(struct drafts *drafts)
{
	struct draft_place place = {.line = 7};

	ck_assert_int_eq(drafts_finish(drafts, &place, true), ERR_NONE);
}

START_TEST(gives_every_draft_the_defaults)
{
	struct fixture *fixture = fixture_open();
	struct draft_defaults *defaults = &fixture->drafts.defaults;
	struct org_id org = {{9}};
	const struct record *record;

	defaults->tlp = TLP_RED;
	ck_assert_int_eq(audience_add_person(&defaults->audience, &org, str("ana")), ERR_NONE);
	defaults->confidence = 70;
	defaults->severity = SEVERITY_HIGH;
	defaults->valid_until_ms = 5;
	ck_assert_int_eq(record_add_text(&defaults->labels, str("fraud")), ERR_NONE);
	defaults->language = str("es");
	defaults->terms.purpose = str("defence");
	defaults->terms.basis = str("law");
	begin_note(&fixture->drafts);
	finish(&fixture->drafts);
	ck_counts(fixture, 1, 0, 0, 0);
	record = fixture_record(fixture, 0);
	ck_assert_int_eq(record->marking.tlp, TLP_RED);
	ck_assert(audience_has_person(&record->audience, &org, str("ana")));
	ck_assert_uint_eq(record->confidence, 70);
	ck_assert_int_eq(record->severity, SEVERITY_HIGH);
	ck_assert_uint_eq(record->valid_until_ms, 5);
	ck_view(record->labels.at[0], "fraud");
	ck_view(record->language, "es");
	ck_view(record->marking.purpose, "defence");
	ck_view(record->marking.basis, "law");
	fixture_free(fixture);
}
END_TEST

START_TEST(keeps_nothing_of_the_draft_before)
{
	struct fixture *fixture = fixture_open();
	struct drafts *drafts = &fixture->drafts;

	begin_note(drafts);
	drafts_add_label(drafts, str("one"));
	drafts_label(drafts, TLP_AMBER);
	drafts_warn(drafts, "w");
	drafts_fail(drafts, REASON_BAD_FIELD, "broken");
	finish(drafts);
	begin_note(drafts);
	finish(drafts);
	ck_counts(fixture, 1, 0, 1, 0);
	ck_assert_uint_eq(fixture->notes_count, 1);
	ck_note(fixture, 0, 7, REASON_BAD_FIELD, "broken");
	ck_assert_uint_eq(fixture_record(fixture, 0)->labels.count, 0);
	ck_assert_int_eq(fixture_record(fixture, 0)->marking.tlp, TLP_GREEN);
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_what_has_no_label)
{
	struct fixture *fixture = fixture_open();

	fixture->drafts.defaults.has_tlp = false;
	begin_note(&fixture->drafts);
	finish(&fixture->drafts);
	ck_counts(fixture, 0, 0, 1, 0);
	ck_note(fixture, 0, 7, REASON_NO_LABEL, "--tlp");
	begin_note(&fixture->drafts);
	drafts_label(&fixture->drafts, TLP_CLEAR);
	finish(&fixture->drafts);
	ck_counts(fixture, 1, 0, 1, 0);
	fixture_free(fixture);
}
END_TEST

START_TEST(lets_the_stricter_label_stand_and_says_so_once)
{
	static const enum tlp found[] = {TLP_CLEAR, TLP_AMBER, TLP_AMBER_STRICT};
	struct fixture *fixture = fixture_open();
	uint32_t i;

	for (i = 0; i < 3; i++) {
		begin_note(&fixture->drafts);
		drafts_label(&fixture->drafts, found[i]);
		finish(&fixture->drafts);
	}
	ck_counts(fixture, 3, 0, 0, 0);
	ck_assert_int_eq(fixture_record(fixture, 0)->marking.tlp, TLP_GREEN);
	ck_assert_int_eq(fixture_record(fixture, 1)->marking.tlp, TLP_AMBER);
	ck_assert_int_eq(fixture_record(fixture, 2)->marking.tlp, TLP_AMBER_STRICT);
	ck_assert_uint_eq(fixture->notes_count, 1);
	ck_note(fixture, 0, 7, REASON_STORED, "TLP:AMBER");
	fixture_free(fixture);
}
END_TEST

START_TEST(reads_labels_as_people_write_them)
{
	static const struct {
		const char *text;
		enum tlp tlp;
	} cases[] = {
	    {"white", TLP_CLEAR},
	    {" TLP:WHITE", TLP_CLEAR},
	    {"TLP: white", TLP_CLEAR},
	    {"tlp:clear", TLP_CLEAR},
	    {"Green", TLP_GREEN},
	    {"TLP:AMBER", TLP_AMBER},
	    {"tlp:amber+strict", TLP_AMBER_STRICT},
	    {"TLP:AMBER STRICT", TLP_AMBER_STRICT},
	    {"amber-strict", TLP_AMBER_STRICT},
	    {"amber_strict", TLP_AMBER_STRICT},
	};
	struct fixture *fixture = fixture_open();
	uint32_t i;

	fixture->drafts.defaults.has_tlp = false;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin_note(&fixture->drafts);
		drafts_label_text(&fixture->drafts, str(cases[i].text));
		finish(&fixture->drafts);
		ck_assert_msg(fixture->count == i + 1, "%s", cases[i].text);
		ck_assert_int_eq(fixture_record(fixture, i)->marking.tlp, cases[i].tlp);
	}
	fixture_free(fixture);
}
END_TEST

START_TEST(fails_closed_on_an_unclear_label_in_whatever_order)
{
	uint32_t order;

	for (order = 0; order < 2; order++) {
		struct fixture *fixture = fixture_open();

		fixture->drafts.defaults.has_tlp = false;
		begin_note(&fixture->drafts);
		if (order == 0)
			drafts_label(&fixture->drafts, TLP_GREEN);
		drafts_label_text(&fixture->drafts, str("TLP:PURPLE"));
		if (order == 1)
			drafts_label(&fixture->drafts, TLP_GREEN);
		finish(&fixture->drafts);
		ck_counts(fixture, 0, 0, 1, 0);
		ck_note(fixture, 0, 7, REASON_NO_LABEL, "none of TLP");
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(takes_the_users_label_where_one_is_unclear_and_warns)
{
	struct fixture *fixture = fixture_open();

	begin_note(&fixture->drafts);
	drafts_add_label(&fixture->drafts, str("tlp:ex:chr"));
	finish(&fixture->drafts);
	ck_counts(fixture, 1, 0, 0, 0);
	ck_note(fixture, 0, 7, REASON_STORED, "none of TLP");
	ck_assert_int_eq(fixture_record(fixture, 0)->marking.tlp, TLP_GREEN);
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_red_that_names_nobody)
{
	struct fixture *fixture = fixture_open();

	begin_note(&fixture->drafts);
	drafts_label(&fixture->drafts, TLP_RED);
	finish(&fixture->drafts);
	ck_counts(fixture, 0, 0, 1, 0);
	ck_note(fixture, 0, 7, REASON_NO_AUDIENCE, "--to");
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_what_ends_before_it_begins)
{
	struct fixture *fixture = fixture_open();

	begin_note(&fixture->drafts);
	fixture->drafts.record.valid_from_ms = 10;
	fixture->drafts.record.valid_until_ms = 10;
	finish(&fixture->drafts);
	ck_counts(fixture, 0, 0, 1, 0);
	ck_note(fixture, 0, 7, REASON_BAD_FIELD, "valid until");
	fixture_free(fixture);
}
END_TEST

START_TEST(cleans_text)
{
	static const struct {
		const char *in, *out;
		bool prose;
		size_t max;
	} cases[] = {
	    {" \t\r\n a b \n", "a b", false, 100},
	    {"a\nb\tc", "a b c", false, 100},
	    {"a\r\nb\tc", "a\nb\tc", true, 100},
	    {"a\x01\x7f"
	     "b\x1b[2J",
		"a  b [2J", true, 100},
	    {"a\xc2\x85"
	     "b\xc2\xa0"
	     "c",
		"a b\xc2\xa0"
		"c",
		true, 100},
	    {"p\xe1gina", "p\xc3\xa1gina", false, 100}, /* Latin-1 */
	    {"\x93"
	     "a\xff",
		"?a\xc3\xbf", false, 100},
	    {"\xed\xa0\x80", "\xc3\xad\xc2\xa0?", false, 100}, /* a surrogate */
	    {"\xe2\x82\xac", "\xe2\x82\xac", false, 3},
	    {"a\xe2\x82\xac", "a", false, 3},
	    {"aaaa", "aaa", false, 3},
	    {"\x01\x02", "", false, 100},
	    {"", "", true, 100},
	};
	struct fixture *fixture = fixture_open();
	uint32_t i;

	drafts_begin(&fixture->drafts, RECORD_NOTE);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes_view out =
		    drafts_text(&fixture->drafts, str(cases[i].in), cases[i].max, cases[i].prose);

		ck_assert_msg(bytes_view_is_equal(out, str(cases[i].out)), "case %u: %.*s", i,
		    (int)out.len, (const char *)out.data);
	}
	ck_assert_int_eq(fixture->drafts.failure, REASON_STORED);
	fixture_free(fixture);
}
END_TEST

START_TEST(warns_of_text_that_was_cut_or_guessed)
{
	struct fixture *fixture = fixture_open();

	begin_note(&fixture->drafts);
	fixture->drafts.record.body.text = drafts_text(&fixture->drafts, str("abcdef"), 3, true);
	finish(&fixture->drafts);
	begin_note(&fixture->drafts);
	fixture->drafts.record.body.title = drafts_text(&fixture->drafts, str("\xf1"), 9, false);
	finish(&fixture->drafts);
	ck_counts(fixture, 2, 0, 0, 0);
	ck_note(fixture, 0, 7, REASON_STORED, "cut");
	ck_note(fixture, 1, 7, REASON_STORED, "Latin-1");
	fixture_free(fixture);
}
END_TEST

START_TEST(holds_no_more_labels_than_a_record_may)
{
	struct fixture *fixture = fixture_open();
	char label[16];
	uint32_t i;

	begin_note(&fixture->drafts);
	for (i = 0; i < 100000; i++) {
		(void)snprintf(label, sizeof(label), "label-%u", i % 100);
		drafts_add_label(&fixture->drafts, str(label));
	}
	ck_assert_uint_lt(fixture->drafts.arena.len, 4096);
	finish(&fixture->drafts);
	ck_counts(fixture, 1, 0, 0, 0);
	ck_assert_uint_eq(fixture_record(fixture, 0)->labels.count, LABELS_MAX);
	ck_note(fixture, 0, 7, REASON_STORED, "more labels");
	fixture_free(fixture);
}
END_TEST

START_TEST(spends_nothing_on_labels_that_are_there_already)
{
	struct fixture *fixture = fixture_open();
	uint32_t i;

	begin_note(&fixture->drafts);
	for (i = 0; i < 100000; i++)
		drafts_add_label(&fixture->drafts, str("the same label"));
	ck_assert_uint_lt(fixture->drafts.arena.len, 64);
	finish(&fixture->drafts);
	ck_counts(fixture, 1, 0, 0, 0);
	ck_assert_uint_eq(fixture_record(fixture, 0)->labels.count, 1);
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_an_original_that_is_too_long)
{
	struct fixture *fixture = fixture_open();
	uint8_t *bytes = calloc(1, ORIGINAL_BYTES_MAX + 1);
	struct bytes_view none = {NULL, 0};

	ck_assert_ptr_nonnull(bytes);
	begin_note(&fixture->drafts);
	drafts_source(&fixture->drafts, "f", "m/1", none, bytes_view_of(bytes, ORIGINAL_BYTES_MAX));
	finish(&fixture->drafts);
	ck_counts(fixture, 1, 0, 0, 0);
	begin_note(&fixture->drafts);
	drafts_source(
	    &fixture->drafts, "f", "m/1", none, bytes_view_of(bytes, ORIGINAL_BYTES_MAX + 1));
	finish(&fixture->drafts);
	ck_counts(fixture, 1, 0, 1, 0);
	ck_note(fixture, 0, 7, REASON_OVERSIZED, "original");
	free(bytes);
	fixture_free(fixture);
}
END_TEST

START_TEST(refuses_more_than_one_record_holds)
{
	struct fixture *fixture = fixture_open();
	struct bytes_view none = {NULL, 0};
	uint8_t *bytes = malloc(ORIGINAL_BYTES_MAX);
	char name[32];
	uint32_t i;

	ck_assert_ptr_nonnull(bytes);
	memset(bytes, 'a', ORIGINAL_BYTES_MAX);
	begin_note(&fixture->drafts); /* the sum of what each may be */
	fixture->drafts.record.body.text = drafts_text(
	    &fixture->drafts, bytes_view_of(bytes, TEXT_BYTES_MAX), TEXT_BYTES_MAX, true);
	drafts_source(&fixture->drafts, "f", "m/1", none, bytes_view_of(bytes, ORIGINAL_BYTES_MAX));
	finish(&fixture->drafts);
	begin_note(&fixture->drafts); /* more than the arena */
	for (i = 0; i < 10; i++)
		(void)drafts_bytes(&fixture->drafts, bytes_view_of(bytes, ORIGINAL_BYTES_MAX));
	finish(&fixture->drafts);
	drafts_begin(&fixture->drafts, RECORD_INDICATOR);
	for (i = 0; i <= OBSERVABLES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "a%u.example", i);
		ck_assert(drafts_observable(&fixture->drafts, OBSERVABLE_DOMAIN, str(name)) ==
			  (i < OBSERVABLES_MAX));
	}
	finish(&fixture->drafts);
	ck_counts(fixture, 0, 0, 3, 0);
	for (i = 0; i < 3; i++)
		ck_note(fixture, i, 7, REASON_OVERSIZED, i < 2 ? "too much" : "observables");
	free(bytes);
	fixture_free(fixture);
}
END_TEST

START_TEST(says_how_observables_combine)
{
	struct fixture *fixture = fixture_open();
	struct drafts *drafts = &fixture->drafts;

	drafts_begin(drafts, RECORD_INDICATOR);
	ck_assert(drafts_observable(drafts, OBSERVABLE_DOMAIN, str("B[.]example")));
	ck_assert(drafts_observable(drafts, OBSERVABLE_IPV4, str("192.0.2.1")));
	ck_assert(!drafts_observable(drafts, OBSERVABLE_IPV4, str("192.0.2.256")));
	finish(drafts);
	drafts_begin(drafts, RECORD_INDICATOR);
	drafts->record.body.combine = RECORD_COMBINE_ALL;
	ck_assert(drafts_observable(drafts, OBSERVABLE_DOMAIN, str("b.example")));
	ck_assert(drafts_observable(drafts, OBSERVABLE_DOMAIN, str("B.example")));
	finish(drafts);
	ck_counts(fixture, 2, 0, 0, 0);
	ck_assert_int_eq(fixture_record(fixture, 0)->body.combine, RECORD_COMBINE_ANY);
	ck_observable(&fixture->record, 0, OBSERVABLE_IPV4, "192.0.2.1");
	ck_observable(&fixture->record, 1, OBSERVABLE_DOMAIN, "b.example");
	ck_assert_int_eq(fixture_record(fixture, 1)->body.combine, RECORD_COMBINE_UNSTATED);
	fixture_free(fixture);
}
END_TEST

START_TEST(ends_where_nobody_takes_a_draft)
{
	struct fixture *fixture = fixture_open();
	struct draft_place place = {.line = 1};

	fixture->put_fails_at = 1;
	begin_note(&fixture->drafts);
	ck_assert_int_eq(drafts_finish(&fixture->drafts, &place, true), ERR_STORAGE);
	fixture_free(fixture);
}
END_TEST

SUITE_MAIN("formats/draft", gives_every_draft_the_defaults, keeps_nothing_of_the_draft_before,
    refuses_what_has_no_label, lets_the_stricter_label_stand_and_says_so_once,
    reads_labels_as_people_write_them, fails_closed_on_an_unclear_label_in_whatever_order,
    takes_the_users_label_where_one_is_unclear_and_warns, refuses_red_that_names_nobody,
    refuses_what_ends_before_it_begins, cleans_text, warns_of_text_that_was_cut_or_guessed,
    holds_no_more_labels_than_a_record_may, spends_nothing_on_labels_that_are_there_already,
    refuses_an_original_that_is_too_long, refuses_more_than_one_record_holds,
    says_how_observables_combine, ends_where_nobody_takes_a_draft)
