#include "base/json_out.h"

#include <string.h>

#include "tests/unit/suite.h"

struct sheet {
	FILE *file;
	char *text;
	size_t len;
	struct json_out json;
};

static void
sheet_open(struct sheet *sheet)
{
	sheet->file = open_memstream(&sheet->text, &sheet->len);
	ck_assert_ptr_nonnull(sheet->file);
	json_out_open(&sheet->json, sheet->file);
}

/* What was written, and that it is `expected`. */
static void
sheet_close(struct sheet *sheet, const char *expected)
{
	json_out_close(&sheet->json);
	ck_assert_int_eq(fclose(sheet->file), 0);
	ck_assert_str_eq(sheet->text, expected);
	free(sheet->text);
}

START_TEST(writes_objects_and_arrays)
{
	struct sheet sheet;

	sheet_open(&sheet);
	json_out_object(&sheet.json);
	json_out_name(&sheet.json, "a");
	json_out_number(&sheet.json, 18446744073709551615u);
	json_out_name(&sheet.json, "b");
	json_out_array(&sheet.json);
	json_out_bool(&sheet.json, true);
	json_out_bool(&sheet.json, false);
	json_out_null(&sheet.json);
	json_out_array(&sheet.json);
	json_out_array_end(&sheet.json);
	json_out_array_end(&sheet.json);
	json_out_name(&sheet.json, "c");
	json_out_object(&sheet.json);
	json_out_object_end(&sheet.json);
	json_out_object_end(&sheet.json);
	sheet_close(&sheet,
	    "{\n \"a\": 18446744073709551615,\n \"b\": [\n  true,\n  false,\n  null,\n  []\n ],\n"
	    " \"c\": {}\n}\n");
}
END_TEST

START_TEST(writes_a_value_by_itself)
{
	struct sheet sheet;

	sheet_open(&sheet);
	json_out_string(&sheet.json, "x");
	sheet_close(&sheet, "\"x\"\n");
}
END_TEST

START_TEST(escapes_what_must_not_stand_in_a_string)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} cases[] = {
	    {"", 0, "\"\"\n"},
	    {"a\"b\\c/", 6, "\"a\\\"b\\\\c/\"\n"},
	    {"\n\t\r\b\f", 5, "\"\\n\\t\\u000d\\u0008\\u000c\"\n"},
	    {"a\0b\x1f\x7f", 5, "\"a\\u0000b\\u001f\\u007f\"\n"},
	    {"\xc2\x80\xc2\x9f\xc2\xa0", 6, "\"\\u0080\\u009f\xc2\xa0\"\n"},
	    {"\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", 9, "\"\\u2028\\u2029\xe2\x80\xaa\"\n"},
	    {"\xc3\xb1\xe2\x82\xac\xf0\x9f\x99\x82", 9,
		"\"\xc3\xb1\xe2\x82\xac\xf0\x9f\x99\x82\"\n"},
	    /* each byte that is no UTF-8 is one U+FFFD */
	    {"a\xff"
	     "b",
		3,
		"\"a\xef\xbf\xbd"
		"b\"\n"},
	    {"\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"\n"},
	    {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"\n"},
	    {"\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"\n"},
	    {"\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"\n"},
	};
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sheet sheet;
		char *exact = malloc(cases[i].len + 1);

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, cases[i].in, cases[i].len);
		sheet_open(&sheet);
		json_out_text(&sheet.json, bytes_view_of(exact, cases[i].len));
		sheet_close(&sheet, cases[i].out);
		free(exact);
	}
}
END_TEST

START_TEST(escapes_names_too)
{
	struct sheet sheet;

	sheet_open(&sheet);
	json_out_object(&sheet.json);
	json_out_name(&sheet.json, "a\"\n");
	json_out_null(&sheet.json);
	json_out_object_end(&sheet.json);
	sheet_close(&sheet, "{\n \"a\\\"\\n\": null\n}\n");
}
END_TEST

START_TEST(writes_bytes_and_times)
{
	struct sheet sheet;

	sheet_open(&sheet);
	json_out_array(&sheet.json);
	json_out_hex(&sheet.json, "\x00\xab\xff", 3);
	json_out_hex(&sheet.json, "", 0);
	json_out_time(&sheet.json, 0);
	json_out_time(&sheet.json, 1795449600123u);
	json_out_array_end(&sheet.json);
	sheet_close(&sheet, "[\n \"00abff\",\n \"\",\n null,\n \"2026-11-23T16:00:00.123Z\"\n]\n");
}
END_TEST

START_TEST(nests_as_deep_as_it_says)
{
	struct sheet sheet;
	uint32_t i;

	sheet_open(&sheet);
	for (i = 0; i < JSON_DEPTH_MAX; i++)
		json_out_array(&sheet.json);
	for (i = 0; i < JSON_DEPTH_MAX; i++)
		json_out_array_end(&sheet.json);
	json_out_close(&sheet.json);
	ck_assert_int_eq(fclose(sheet.file), 0);
	ck_assert_int_eq(sheet.text[0], '[');
	ck_assert_int_eq(sheet.text[sheet.len - 2], ']');
	free(sheet.text);
}
END_TEST

SUITE_MAIN("base/json", writes_objects_and_arrays, writes_a_value_by_itself,
    escapes_what_must_not_stand_in_a_string, escapes_names_too, writes_bytes_and_times,
    nests_as_deep_as_it_says)
