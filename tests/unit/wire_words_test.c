/* What the words of a text are, and which texts have them. */
#include "wire/words.h"

#include <string.h>

#include "tests/unit/suite.h"
#include "wire/record.h"

static char found[1024];

static enum err
collect(void *context, struct bytes_view word)
{
	size_t at = strlen(found);

	(void)context;
	ck_assert_uint_gt(word.len, 0);
	ck_assert_uint_le(word.len, WORDS_BYTES_MAX);
	ck_assert_uint_lt(at + word.len + 2, sizeof(found));
	if (at > 0)
		found[at++] = '|';
	memcpy(found + at, word.data, word.len);
	found[at + word.len] = '\0';
	return ERR_NONE;
}

static const char *
words_of(const char *text)
{
	found[0] = '\0';
	ck_assert(words_each(bytes_view_str(text), collect, NULL) == ERR_NONE);
	return found;
}

START_TEST(cuts_texts_into_words)
{
	static const struct {
		const char *text;
		const char *words;
	} cases[] = {
	    {"", ""},
	    {" .,;:-()[]", ""},
	    {"one", "one"},
	    {"One TWO  three.", "one|two|three"},
	    {"hxxp://evil[.]example/a?b=1", "hxxp|evil|example|a|b|1"},
	    {"CVE-2026-0001", "cve|2026|0001"},
	    {"don't", "don|t"},
	    {"Campaña contra bancos en México: ¡ÚLTIMA!", "campana|contra|bancos|en|mexico|ultima"},
	    /* the same letters, composed and not */
	    {"a\xc3\xb1o an\xcc\x83o", "ano|ano"},
	    /* two marks on one letter; a ligature; full width; a digit of another script */
	    {"\xe1\xba\xa5 \xef\xac\x81n \xef\xbc\xa1\xef\xbc\xa2 \xd9\xa3", "a|fin|ab|\xd9\xa3"},
	    {"Привет МИР", "привет|мир"},
	    {"日本語、テスト", "日本語|テスト"},
	    /* punctuation that is not ASCII divides; a space that does not break, too */
	    {"uno\xe2\x80\x94"
	     "dos\xc2\xa0tres",
		"uno|dos|tres"},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(strcmp(words_of(cases[i].text), cases[i].words) == 0, "%s: %s",
		    cases[i].text, found);
}
END_TEST

START_TEST(tells_long_words_by_their_beginning)
{
	char text[512];

	memset(text, 'a', 200);
	strcpy(text + 200, " b");
	(void)words_of(text);
	ck_assert_uint_eq(strlen(found), WORDS_BYTES_MAX + 2);
	/* a character of two bytes that would stand across the end */
	memset(text, 'a', WORDS_BYTES_MAX - 1);
	strcpy(text + WORDS_BYTES_MAX - 1, "\xd0\xb6\xd0\xb6z");
	ck_assert(words_each(bytes_view_str(text), collect, NULL) == ERR_NONE);
	ck_assert_uint_eq(found[0], 'a');
}
END_TEST

START_TEST(says_whether_a_record_has_all_of_them)
{
	static struct record record;

	record_init(&record, RECORD_NOTE, TLP_CLEAR);
	record.body.title = bytes_view_str("Campaña de phishing");
	record.body.text = bytes_view_str("A loader, seen by two banks.");
	ck_assert(words_record_has(&record, bytes_view_str("loader")));
	ck_assert(words_record_has(&record, bytes_view_str("LOADER campana")));
	ck_assert(words_record_has(&record, bytes_view_str("banks, phishing!")));
	ck_assert(!words_record_has(&record, bytes_view_str("load")));
	ck_assert(!words_record_has(&record, bytes_view_str("loader trojan")));
	ck_assert(!words_record_has(&record, bytes_view_str("...")));
	ck_assert(!words_record_has(&record, bytes_view_str("")));
}
END_TEST

static enum err
stop(void *context, struct bytes_view word)
{
	(void)word;
	return ++*(int *)context == 2 ? ERR_MEMORY : ERR_NONE;
}

START_TEST(passes_failures_on)
{
	int count = 0;

	ck_assert(words_each(bytes_view_str("a b c"), stop, &count) == ERR_MEMORY);
	ck_assert_int_eq(count, 2);
	count = 1;
	ck_assert(words_each(bytes_view_str("last"), stop, &count) == ERR_MEMORY);
	count = 1;
	ck_assert(words_each(bytes_view_str("\xc3\xb1\xe2\x80\x94"), stop, &count) == ERR_MEMORY);
}
END_TEST

SUITE_MAIN("wire/words", cuts_texts_into_words, tells_long_words_by_their_beginning,
    says_whether_a_record_has_all_of_them, passes_failures_on)
