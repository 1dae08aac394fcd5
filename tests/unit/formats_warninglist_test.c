/* MISP's warning lists: what each type means, and what is no such list. */
#include "formats/warninglist.h"

#include <string.h>

#include "tests/unit/suite.h"

static char found[512];
static char words[240];

static enum err
collect(void *context, enum warninglist_kind kind, struct bytes_view value)
{
	static const char letters[] = "=*.n";
	size_t at = strlen(found);

	if (context != NULL && value.len == 3)
		return ERR_VALUE;
	ck_assert_uint_lt(at + value.len + 3, sizeof(found));
	found[at++] = letters[kind];
	memcpy(found + at, value.data, value.len);
	memcpy(found + at + value.len, " ", 2);
	return ERR_NONE;
}

static enum err
read_text(const char *text, void *context)
{
	found[0] = words[0] = '\0';
	return warninglist_read(bytes_view_str(text), collect, context, words, sizeof(words));
}

START_TEST(reads_each_type_of_list)
{
	static const struct {
		const char *text;
		const char *found;
	} cases[] = {
	    {"{\"type\": \"string\", \"list\": [\"a\", \"b\"], \"version\": 1}", "=a =b "},
	    {"{\"list\": [\"a\"], \"type\": \"substring\"}", "*a "},
	    {"{\"type\": \"hostname\", \"list\": [\".example.com\"]}", "..example.com "},
	    {"{\"type\": \"cidr\", \"list\": [\"192.0.2.0/24\"], \"name\": \"x\"}",
		"n192.0.2.0/24 "},
	    {"\n {\"type\": \"cidr\", \"list\": []}", ""},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert(warninglist_is(bytes_view_str(cases[i].text)));
		ck_assert_msg(
		    read_text(cases[i].text, NULL) == ERR_NONE, "%s: %s", cases[i].text, words);
		ck_assert_str_eq(found, cases[i].found);
	}
	ck_assert(!warninglist_is(bytes_view_str("a.example\n{")));
	ck_assert(!warninglist_is(bytes_view_str("")));
}
END_TEST

START_TEST(says_why_it_is_no_list)
{
	static const struct {
		const char *text;
		const char *why;
	} cases[] = {
	    {"{", "line 1"},
	    {"{\n\"type\": }", "line 2"},
	    {"{}", "\"type\" and a \"list\""},
	    {"{\"type\": \"string\"}", "\"type\" and a \"list\""},
	    {"{\"type\": 5, \"list\": []}", "\"type\" and a \"list\""},
	    {"{\"type\": \"string\", \"list\": {}}", "\"type\" and a \"list\""},
	    {"{\"type\": \"regex\", \"list\": [\"x\"]}", "regex"},
	    {"{\"type\": \"string\", \"list\": [\"a\", 5]}", "list[1]"},
	    {"{\"type\": \"string\", \"list\": [null]}", "list[0]"},
	    {"{\"type\": \"string\", \"type\": \"cidr\", \"list\": []}", "line 1"},
	    {"{\"type\": \"string\", \"list\": []} more", "line 1"},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_msg(read_text(cases[i].text, NULL) == ERR_FORMAT, "%s", cases[i].text);
		ck_assert_msg(strstr(words, cases[i].why) != NULL, "%s: %s", cases[i].text, words);
	}
}
END_TEST

START_TEST(passes_failures_on_with_their_place)
{
	int three = 3;

	ck_assert(read_text("{\"type\": \"string\", \"list\": [\"a\", \"abc\", \"b\"]}", &three) ==
		  ERR_VALUE);
	ck_assert_str_eq(found, "=a ");
	ck_assert_ptr_nonnull(strstr(words, "list[1]: abc"));
}
END_TEST

SUITE_MAIN("formats/warninglist", reads_each_type_of_list, says_why_it_is_no_list,
    passes_failures_on_with_their_place)
