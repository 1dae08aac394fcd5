#include "wire/reason.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))

static const struct {
	enum reason reason;
	int exit_code;
} ALL[] = {
#define REASON_ROW(symbol, code, exit, text) {symbol, exit},
    REASON_TABLE(REASON_ROW)
#undef REASON_ROW
};

START_TEST(knows_the_codes_of_the_list_and_no_other)
{
	uint64_t code;
	size_t i, known = 0;

	for (code = 0; code < 70000; code++) {
		bool is_listed = false;

		for (i = 0; i < COUNT_OF(ALL); i++)
			is_listed = is_listed || (uint64_t)ALL[i].reason == code;
		ck_assert_msg(
		    reason_is_known(code) == is_listed, "code %llu", (unsigned long long)code);
		known += is_listed;
	}
	/* as many codes as rows: none is used twice */
	ck_assert_uint_eq(known, COUNT_OF(ALL));
	ck_assert(!reason_is_known(UINT64_MAX));
	ck_assert(!reason_is_known(UINT64_C(0x100000000))); /* stored, cut to 32 bits */
}
END_TEST

START_TEST(has_one_name_for_each)
{
	size_t i, other;

	for (i = 0; i < COUNT_OF(ALL); i++) {
		const char *name = reason_name(ALL[i].reason);

		ck_assert_uint_gt(strlen(name), 2);
		ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		/* the second time it comes from the table of names */
		ck_assert_str_eq(reason_name(ALL[i].reason), name);
		for (other = 0; other < i; other++)
			ck_assert_str_ne(reason_name(ALL[other].reason), name);
	}
	ck_assert_str_eq(reason_name(REASON_NOT_CANONICAL), "not-canonical");
	ck_assert_str_eq(reason_name(REASON_UNKNOWN_COMMUNITY), "unknown-community");
	ck_assert_str_eq(reason_name(REASON_STORED), "stored");
}
END_TEST

START_TEST(has_words_for_each_and_none_twice)
{
	size_t i, other;

	for (i = 0; i < COUNT_OF(ALL); i++) {
		ck_assert_uint_gt(strlen(reason_text(ALL[i].reason)), 2);
		for (other = 0; other < i; other++)
			ck_assert_str_ne(
			    reason_text(ALL[other].reason), reason_text(ALL[i].reason));
	}
}
END_TEST

START_TEST(has_the_exit_code_of_the_manual_for_each)
{
	size_t i;

	for (i = 0; i < COUNT_OF(ALL); i++) {
		int code = reason_exit_code(ALL[i].reason);

		ck_assert_int_eq(code, ALL[i].exit_code);
		ck_assert(code >= 0 && code <= 6);
		ck_assert_int_eq(code == 0, reason_is_good(ALL[i].reason));
	}
}
END_TEST

START_TEST(takes_an_unknown_code_for_nothing_good)
{
	const enum reason unknown = (enum reason)15;

	ck_assert_str_eq(reason_name(unknown), "?");
	ck_assert_str_eq(reason_text(unknown), "?");
	ck_assert_int_ne(reason_exit_code(unknown), 0);
	ck_assert(!reason_is_good(unknown));
}
END_TEST

START_TEST(calls_stored_and_duplicate_good_and_nothing_else)
{
	size_t i;

	for (i = 0; i < COUNT_OF(ALL); i++)
		ck_assert_int_eq(reason_is_good(ALL[i].reason),
		    ALL[i].reason == REASON_STORED || ALL[i].reason == REASON_DUPLICATE);
}
END_TEST

START_TEST(names_every_failure_and_only_success_is_good)
{
	int i;

	for (i = 0; i < ERR_COUNT; i++) {
		enum reason reason = reason_of_err((enum err)i);

		ck_assert(reason_is_known(reason));
		ck_assert_msg(
		    reason_is_good(reason) == (i == ERR_NONE), "%s", err_name((enum err)i));
	}
	ck_assert_int_eq(reason_of_err(ERR_NONE), REASON_STORED);
}
END_TEST

/* docs/protocol.md 12.1 */
START_TEST(calls_a_decoders_failure_what_the_protocol_calls_it)
{
	static const struct {
		enum err err;
		enum reason reason;
	} rows[] = {
	    {ERR_TRUNCATED, REASON_TRUNCATED},
	    {ERR_TRAILING, REASON_NOT_CANONICAL},
	    {ERR_NOT_CANONICAL, REASON_NOT_CANONICAL},
	    {ERR_ORDER, REASON_NOT_CANONICAL},
	    {ERR_TOO_LARGE, REASON_OVERSIZED},
	    {ERR_TOO_DEEP, REASON_TOO_DEEP},
	    {ERR_UNKNOWN_CRITICAL, REASON_UNKNOWN_CRITICAL},
	    {ERR_TYPE, REASON_BAD_FIELD},
	    {ERR_RANGE, REASON_BAD_FIELD},
	    {ERR_MISSING, REASON_BAD_FIELD},
	    {ERR_UTF8, REASON_BAD_FIELD},
	    {ERR_VALUE, REASON_BAD_FIELD},
	    {ERR_INVALID, REASON_BAD_FIELD},
	    {ERR_CHECK_DIGIT, REASON_BAD_OBSERVABLE},
	    {ERR_FORMAT, REASON_UNKNOWN_VERSION},
	    {ERR_KEY, REASON_UNKNOWN_SUITE},
	    {ERR_SIGNATURE, REASON_BAD_SIGNATURE},
	    {ERR_PROOF, REASON_BAD_PROOF},
	    {ERR_DECRYPT, REASON_CANNOT_OPEN},
	    {ERR_LOCKED, REASON_LOCKED},
	    {ERR_STORAGE, REASON_STORAGE},
	    {ERR_CORRUPT, REASON_STORAGE},
	};
	size_t i;

	for (i = 0; i < COUNT_OF(rows); i++)
		ck_assert_msg(reason_of_err(rows[i].err) == rows[i].reason, "%s is called %s",
		    err_name(rows[i].err), reason_name(reason_of_err(rows[i].err)));
}
END_TEST

/* The table of docs/protocol.md 12, row by row: code, name and words. */
START_TEST(is_the_list_of_the_protocol)
{
	static char text[400000];
	FILE *in = fopen("docs/protocol.md", "rb");
	char row[256], *table, *end;
	size_t len, i, rows = 0;

	ck_assert_msg(in != NULL, "docs/protocol.md: missing");
	len = fread(text, 1, sizeof(text) - 1, in);
	ck_assert(feof(in) && fclose(in) == 0);
	text[len] = '\0';
	table = strstr(text, "\n## 12.");
	ck_assert_ptr_nonnull(table);
	end = strstr(table, "\n### 12.1");
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	for (i = 0; i < COUNT_OF(ALL); i++) {
		(void)snprintf(row, sizeof(row), "\n| %d | `%s` | %s |", (int)ALL[i].reason,
		    reason_name(ALL[i].reason), reason_text(ALL[i].reason));
		ck_assert_msg(strstr(table, row) != NULL, "missing:%s", row);
	}
	while ((table = strstr(table, " | `")) != NULL) {
		table++;
		rows++;
	}
	ck_assert_uint_eq(rows, COUNT_OF(ALL));
}
END_TEST

SUITE_MAIN("wire/reason", knows_the_codes_of_the_list_and_no_other, has_one_name_for_each,
    has_words_for_each_and_none_twice, has_the_exit_code_of_the_manual_for_each,
    takes_an_unknown_code_for_nothing_good, calls_stored_and_duplicate_good_and_nothing_else,
    names_every_failure_and_only_success_is_good,
    calls_a_decoders_failure_what_the_protocol_calls_it, is_the_list_of_the_protocol)
