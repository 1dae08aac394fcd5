#include "base/err.h"

#include <ctype.h>
#include <string.h>

#include "tests/unit/suite.h"

START_TEST(names_a_failure_like_its_symbol)
{
	ck_assert_str_eq(err_name(ERR_NONE), "none");
	ck_assert_str_eq(err_name(ERR_NOT_CANONICAL), "not-canonical");
	ck_assert_str_eq(err_name(ERR_UNKNOWN_CRITICAL), "unknown-critical");
	ck_assert_str_eq(err_name(ERR_UTF8), "utf8");
	ck_assert_str_eq(err_name(ERR_CORRUPT), "corrupt");
	/* the same text every time */
	ck_assert_ptr_eq(err_name(ERR_UTF8), err_name(ERR_UTF8));
}
END_TEST

START_TEST(gives_every_failure_a_name_of_its_own)
{
	const char *at;
	int i, j;

	for (i = 0; i < ERR_COUNT; i++) {
		const char *name = err_name((enum err)i);

		ck_assert_uint_gt(strlen(name), 0);
		ck_assert_uint_lt(strlen(name), 31); /* cut off otherwise */
		for (at = name; *at != '\0'; at++)
			ck_assert_msg(islower((unsigned char)*at) || isdigit((unsigned char)*at) ||
					  (*at == '-' && at > name && at[1] != '\0'),
			    "%s", name);
		for (j = 0; j < i; j++)
			ck_assert_str_ne(name, err_name((enum err)j));
	}
}
END_TEST

START_TEST(has_words_of_their_own_for_every_failure)
{
	int i, j;

	for (i = 0; i < ERR_COUNT; i++) {
		ck_assert_uint_gt(strlen(err_text((enum err)i)), 0);
		for (j = 0; j < i; j++)
			ck_assert_str_ne(err_text((enum err)i), err_text((enum err)j));
	}
	ck_assert_str_eq(err_text(ERR_TRUNCATED), "the input ends too early");
}
END_TEST

/* Scripts lean on these: malla(1) EXIT STATUS. */
static const struct {
	enum err first, last;
	int code;
} CODES[] = {
    {ERR_NONE, ERR_NONE, 0},
    {ERR_NOT_FOUND, ERR_NO, 1},
    {ERR_USAGE, ERR_USAGE, 2},
    {ERR_REFUSED, ERR_REFUSED, 3},
    {ERR_TRUNCATED, ERR_INVALID, 4},
    {ERR_UNREACHABLE, ERR_LOCKED, 5},
    {ERR_STORAGE, ERR_CORRUPT, 6},
};

START_TEST(leads_to_the_exit_codes_of_the_manual)
{
	int next = 0, err;
	size_t i;

	for (i = 0; i < sizeof(CODES) / sizeof(*CODES); i++) {
		ck_assert_int_eq((int)CODES[i].first, next);
		for (err = (int)CODES[i].first; err <= (int)CODES[i].last; err++)
			ck_assert_msg(err_exit_code((enum err)err) == CODES[i].code, "%s",
			    err_name((enum err)err));
		next = (int)CODES[i].last + 1;
	}
	ck_assert_int_eq(next, ERR_COUNT);
}
END_TEST

SUITE_MAIN("base/err", names_a_failure_like_its_symbol, gives_every_failure_a_name_of_its_own,
    has_words_of_their_own_for_every_failure, leads_to_the_exit_codes_of_the_manual)
