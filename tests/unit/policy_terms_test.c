#include "policy/terms.h"

#include "tests/unit/suite.h"

#define NOW 1795000000000ull

static struct marking marking;
static struct terms terms;

static void
ask(void)
{
	terms_of(&marking, NOW, &terms);
}

START_TEST(counts_what_is_not_stated_as_the_tightest)
{
	marking_init(&marking, TLP_CLEAR);
	ask();
	ck_assert(terms.is_in_force);
	ck_assert_int_eq(terms.permitted, PERMITTED_NONE);
	ck_assert_int_eq(terms.attribution, OBLIGATION_MUST_NOT);
	ck_assert(!terms.may_notify);
	ck_assert(!terms.may_resell);
}
END_TEST

START_TEST(gives_what_is_stated)
{
	marking_init(&marking, TLP_GREEN);
	marking.permitted = PERMITTED_EXTERNAL_INDIRECT;
	marking.attribution = OBLIGATION_MUST;
	marking.notification = OBLIGATION_MAY;
	marking.resale = OBLIGATION_MAY;
	ask();
	ck_assert_int_eq(terms.permitted, PERMITTED_EXTERNAL_INDIRECT);
	ck_assert_int_eq(terms.attribution, OBLIGATION_MUST);
	ck_assert(terms.may_notify);
	ck_assert(terms.may_resell);
	marking.notification = OBLIGATION_MUST_NOT;
	marking.resale = OBLIGATION_MUST_NOT;
	ask();
	ck_assert(!terms.may_notify);
	ck_assert(!terms.may_resell);
}
END_TEST

START_TEST(gives_nothing_before_they_begin_and_after_they_end)
{
	static const struct {
		uint64_t start_ms, end_ms;
		bool is_in_force;
	} times[] = {{0, 0, true}, {NOW, 0, true}, {NOW + 1, 0, false}, {0, NOW + 1, true},
	    {0, NOW, false}, {NOW, NOW + 1, true}, {NOW - 2, NOW - 1, false}};
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(*times); i++) {
		marking_init(&marking, TLP_CLEAR);
		marking.permitted = PERMITTED_EXTERNAL_DIRECT;
		marking.notification = OBLIGATION_MAY;
		marking.attribution = OBLIGATION_MAY;
		marking.start_ms = times[i].start_ms;
		marking.end_ms = times[i].end_ms;
		ask();
		ck_assert_int_eq(terms.is_in_force, times[i].is_in_force);
		ck_assert_int_eq(terms.permitted,
		    times[i].is_in_force ? PERMITTED_EXTERNAL_DIRECT : PERMITTED_NONE);
		ck_assert_int_eq(terms.may_notify, times[i].is_in_force);
		ck_assert_int_eq(terms.attribution,
		    times[i].is_in_force ? OBLIGATION_MAY : OBLIGATION_MUST_NOT);
	}
}
END_TEST

SUITE_MAIN("policy/terms", counts_what_is_not_stated_as_the_tightest, gives_what_is_stated,
    gives_nothing_before_they_begin_and_after_they_end)
