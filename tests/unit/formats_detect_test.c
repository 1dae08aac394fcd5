#include "formats/detect.h"

#include <string.h>

#include "tests/unit/suite.h"

START_TEST(tells_a_format_by_what_it_begins_with)
{
	static const struct {
		const char *start, *name;
		enum format format;
	} cases[] = {
	    {"{\"type\":\"bundle\"", NULL, FORMAT_STIX},
	    {"\xef\xbb\xbf \r\n{", "x.csv", FORMAT_STIX},
	    {"[ {", NULL, FORMAT_STIX},
	    {"[]", NULL, FORMAT_STIX},
	    {"[2001:db8::1]:443\n", "x.txt", FORMAT_LIST},
	    {"value,type\n", NULL, FORMAT_CSV},
	    {"value,type\n", "x.txt", FORMAT_CSV},
	    {"\xef\xbb\xbfIndicator_type,Data,Note\r\n", "x.txt", FORMAT_CSV},
	    {"# feed\n#\n# \"ioc_value\",\"ioc_type\"\n", "x", FORMAT_CSV},
	    {"# feed\nioc;note\n", "x", FORMAT_CSV},
	    {"# feed\na.example\nioc,note\n", "x", FORMAT_LIST},
	    {"# T\n\nvalue,type", "x.md", FORMAT_MARKDOWN},
	    {"# T\n", "x.markdown", FORMAT_MARKDOWN},
	    {"# T\n", "x.txt", FORMAT_LIST},
	    {"a.example\n", NULL, FORMAT_LIST},
	    {"a.example\n", "md", FORMAT_LIST},
	    {"x", "x.json", FORMAT_STIX},
	    {"x,y", "x.csv", FORMAT_CSV},
	    {"x\ty", "x.tsv", FORMAT_CSV},
	    {"", NULL, FORMAT_LIST},
	    {"", "x.csv", FORMAT_CSV},
	};
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(
		    detect_format(bytes_view_str(cases[i].start), cases[i].name) == cases[i].format,
		    "case %u: \"%s\"", i, cases[i].start);
}
END_TEST

START_TEST(names_its_formats)
{
	enum format format, again;

	for (format = FORMAT_STIX; format <= FORMAT_MARKDOWN; format++) {
		ck_assert(detect_parse(detect_name(format), &again));
		ck_assert_int_eq(format, again);
	}
	ck_assert(!detect_parse("misp", &again));
	ck_assert(!detect_parse("", &again));
}
END_TEST

SUITE_MAIN("formats/detect", tells_a_format_by_what_it_begins_with, names_its_formats)
