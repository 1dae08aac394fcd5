#include "base/clock.h"

#include <string.h>

#include "base/limits.h"
#include "tests/unit/suite.h"

#define DAY_MS 86400000ull

/* Times whose milliseconds were computed with date(1). */
static const struct {
	uint64_t time_ms;
	const char *text;
} KNOWN[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {1, "1970-01-01T00:00:00.001Z"},
    {951782399999, "2000-02-28T23:59:59.999Z"},
    {951782400000, "2000-02-29T00:00:00.000Z"},
    {951868800000, "2000-03-01T00:00:00.000Z"},
    {2147483648000, "2038-01-19T03:14:08.000Z"},
    {4107542400000, "2100-03-01T00:00:00.000Z"},
    {TIME_MS_MAX, "9999-12-31T23:59:59.999Z"},
};

START_TEST(writes_and_reads_known_times)
{
	char text[CLOCK_TEXT_BYTES];
	uint64_t time_ms;
	size_t i;

	for (i = 0; i < sizeof(KNOWN) / sizeof(*KNOWN); i++) {
		clock_format(KNOWN[i].time_ms, text);
		ck_assert_str_eq(text, KNOWN[i].text);
		ck_assert_int_eq(clock_parse(KNOWN[i].text, &time_ms), ERR_NONE);
		ck_assert_uint_eq(time_ms, KNOWN[i].time_ms);
	}
}
END_TEST

START_TEST(shows_the_last_moment_for_all_later_ones)
{
	static const uint64_t later[] = {TIME_MS_MAX + 1, TIME_MS_MAX + 124, INT64_MAX, UINT64_MAX};
	char text[CLOCK_TEXT_BYTES];
	size_t i;

	for (i = 0; i < sizeof(later) / sizeof(*later); i++) {
		clock_format(later[i], text);
		ck_assert_str_eq(text, "9999-12-31T23:59:59.999Z");
	}
}
END_TEST

/* One moment of every day of 8,030 years. */
START_TEST(gives_back_every_day)
{
	char text[CLOCK_TEXT_BYTES];
	uint64_t time_ms, back, moment = 0;

	for (time_ms = 0; time_ms <= TIME_MS_MAX; time_ms += DAY_MS) {
		moment = (moment + 1234577) % DAY_MS;
		if (time_ms + moment > TIME_MS_MAX)
			break;
		clock_format(time_ms + moment, text);
		/* Check notes every assertion it meets, and these are three million */
		if (strlen(text) != CLOCK_TEXT_BYTES - 1 || clock_parse(text, &back) != ERR_NONE ||
		    back != time_ms + moment)
			ck_abort_msg("%s", text);
	}
}
END_TEST

/* 1795446000000 is 2026-11-23T15:00:00Z, 1795392000000 the midnight before. */
static const struct {
	const char *text;
	uint64_t time_ms;
} ACCEPTED[] = {
    {"2026-11-23", 1795392000000},
    {"2026-11-23T15:00:00Z", 1795446000000},
    {"2026-11-23t15:00:00z", 1795446000000},
    {"2026-11-23 15:00:00Z", 1795446000000},
    {"2026-11-23T15:00:00.1Z", 1795446000100},
    {"2026-11-23T15:00:00.12Z", 1795446000120},
    {"2026-11-23T15:00:00.123Z", 1795446000123},
    {"2026-11-23T15:00:00.1239Z", 1795446000123},
    {"2026-11-23T15:00:00.123456789Z", 1795446000123},
    {"2026-11-23T15:00:00.000999999Z", 1795446000000},
    {"2026-11-23T15:00:00+00:00", 1795446000000},
    {"2026-11-23T15:00:00-00:00", 1795446000000},
    {"2026-11-23T16:00:00+01:00", 1795446000000},
    {"2026-11-23T09:00:00-06:00", 1795446000000},
    {"2026-11-23T20:45:00.5+05:45", 1795446000500},
    {"2026-11-24T14:59:00+23:59", 1795446000000},
    {"2026-11-22T15:01:00-23:59", 1795446000000},
    {"2024-02-29", 1709164800000},
    {"2400-02-29", 13574563200000},
    {"1970-01-01T01:00:00+01:00", 0},
    {"1969-12-31T23:00:00-01:00", 0},
    {"9999-12-31T23:59:59.999Z", TIME_MS_MAX},
};

START_TEST(accepts_every_form_of_one_time)
{
	uint64_t time_ms;
	size_t i;

	for (i = 0; i < sizeof(ACCEPTED) / sizeof(*ACCEPTED); i++) {
		time_ms = UINT64_MAX;
		ck_assert_msg(
		    clock_parse(ACCEPTED[i].text, &time_ms) == ERR_NONE, "%s", ACCEPTED[i].text);
		ck_assert_msg(time_ms == ACCEPTED[i].time_ms, "%s", ACCEPTED[i].text);
	}
}
END_TEST

static const char *const REFUSED[] = {
    "",
    "2026",
    "2026-11",
    "2026-11-2",
    "2026-11-",
    "26-11-23",
    "02026-11-23",
    "+2026-11-23",
    "-2026-11-23",
    " 2026-11-23",
    "2026-11-23 ",
    "2026-11-23\n",
    "2026/11/23",
    "20261123",
    "2026-1-23",
    "2026-00-23",
    "2026-13-23",
    "2026-11-00",
    "2026-11-31",
    "2026-01-32",
    "2026-02-29",
    "2024-02-30",
    "2100-02-29",
    "1900-02-29",
    "2026-11-23T",
    "2026-11-23T15",
    "2026-11-23T15:00",
    "2026-11-23T15:00Z",
    "2026-11-23T15:00:00",
    "2026-11-23T5:00:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T15:60:00Z",
    "2026-11-23T23:59:60Z",
    "2026-11-23T15:00:00.Z",
    "2026-11-23T15:00:00,5Z",
    "2026-11-23T15:00:00.1234567890Z",
    "2026-11-23T15:00:00.-1Z",
    "2026-11-23T15:00:00ZZ",
    "2026-11-23T15:00:00Z ",
    "2026-11-23T15:00:00 Z",
    "2026-11-23T15:00:00+0100",
    "2026-11-23T15:00:00+01",
    "2026-11-23T15:00:00+1:00",
    "2026-11-23T15:00:00+24:00",
    "2026-11-23T15:00:00+01:60",
    "2026-11-23T15:00:00+-1:00",
    "2026-11-23T15:00:00Z+01:00",
    "2026-11-23_15:00:00Z",
    "2026-11-23T-1:00:00Z",
    "\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa6-11-23",
    /* before the first moment and after the last */
    "1969-12-31",
    "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00+00:01",
    "1969-12-31T23:00:00-00:59",
    "0000-01-01",
    "9999-12-31T23:59:59-00:01",
};

START_TEST(refuses_every_other_text)
{
	uint64_t time_ms = 42;
	size_t i;

	for (i = 0; i < sizeof(REFUSED) / sizeof(*REFUSED); i++) {
		ck_assert_msg(clock_parse(REFUSED[i], &time_ms) == ERR_VALUE, "%s", REFUSED[i]);
		ck_assert_msg(time_ms == 42, "%s: touched", REFUSED[i]);
	}
}
END_TEST

START_TEST(refuses_it_cut_short)
{
	static const char whole[] = "2026-11-23T15:00:00.123456789+01:00";
	char text[sizeof(whole)];
	uint64_t time_ms;
	size_t len;

	for (len = 0; len < sizeof(whole) - 1; len++) {
		memcpy(text, whole, len);
		text[len] = '\0';
		/* a date alone is whole */
		ck_assert_msg(
		    clock_parse(text, &time_ms) == (len == 10 ? ERR_NONE : ERR_VALUE), "%s", text);
	}
	ck_assert_int_eq(clock_parse(whole, &time_ms), ERR_NONE);
}
END_TEST

START_TEST(reads_no_local_time)
{
	char text[CLOCK_TEXT_BYTES];
	uint64_t time_ms;

	ck_assert_int_eq(setenv("TZ", "America/Mexico_City", 1), 0);
	clock_format(1795446000000, text);
	ck_assert_str_eq(text, "2026-11-23T15:00:00.000Z");
	ck_assert_int_eq(clock_parse("2026-11-23", &time_ms), ERR_NONE);
	ck_assert_uint_eq(time_ms, 1795392000000);
}
END_TEST

START_TEST(tells_the_time)
{
	uint64_t first = clock_steady_ms(), second = clock_steady_ms();

	ck_assert_uint_ge(second, first);
	/* after this was written, and before the year 9999 */
	ck_assert_uint_gt(clock_now_ms(), 1700000000000);
	ck_assert_uint_lt(clock_now_ms(), TIME_MS_MAX);
}
END_TEST

SUITE_MAIN("base/clock", writes_and_reads_known_times, shows_the_last_moment_for_all_later_ones,
    gives_back_every_day, accepts_every_form_of_one_time, refuses_every_other_text,
    refuses_it_cut_short, reads_no_local_time, tells_the_time)
