#define _DEFAULT_SOURCE
#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "base/limits.h"

static uint64_t
read_clock(clockid_t id)
{
	struct timespec now = {0};

	(void)clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

uint64_t
clock_now_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint64_t
clock_steady_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void
clock_format(uint64_t time_ms, char *text)
{
	uint64_t shown = time_ms > TIME_MS_MAX ? TIME_MS_MAX : time_ms;
	time_t seconds = (time_t)(shown / 1000);
	struct tm tm = {0};

	(void)gmtime_r(&seconds, &tm);
	(void)snprintf(text, CLOCK_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    (unsigned)(tm.tm_year + 1900) % 10000u, (unsigned)(tm.tm_mon + 1) % 100u,
	    (unsigned)tm.tm_mday % 100u, (unsigned)tm.tm_hour % 100u, (unsigned)tm.tm_min % 100u,
	    (unsigned)tm.tm_sec % 100u, (unsigned)(shown % 1000));
}

/* Exactly `count` digits at *at, which moves behind them; false if there are fewer. */
static bool
take_digits(const char **at, int count, int *value)
{
	*value = 0;
	for (; count > 0; count--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool
take_char(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

static bool
is_date(int year, int month, int day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* ".123456": milliseconds, the rest cut off. */
static bool
take_fraction(const char **at, int *ms)
{
	int place;

	*ms = 0;
	if (!take_char(at, '.'))
		return true;
	for (place = 0; **at >= '0' && **at <= '9'; place++, (*at)++) {
		if (place < 3)
			*ms = *ms * 10 + (**at - '0');
		if (place == 9)
			return false;
	}
	if (place == 0)
		return false;
	for (; place < 3; place++)
		*ms *= 10;
	return true;
}

static bool
take_offset(const char **at, int *minutes)
{
	bool minus = **at == '-';
	int hour, minute;

	*minutes = 0;
	if (take_char(at, 'Z') || take_char(at, 'z'))
		return true;
	if (!take_char(at, '+') && !take_char(at, '-'))
		return false;
	if (!take_digits(at, 2, &hour) || !take_char(at, ':') || !take_digits(at, 2, &minute))
		return false;
	if (hour > 23 || minute > 59)
		return false;
	*minutes = (hour * 60 + minute) * (minus ? -1 : 1);
	return true;
}

enum err
clock_parse(const char *text, uint64_t *time_ms)
{
	const char *at = text;
	int year, month, day, hour = 0, minute = 0, second = 0, ms = 0, offset = 0;
	struct tm tm = {0};
	int64_t result;

	if (!take_digits(&at, 4, &year) || !take_char(&at, '-') || !take_digits(&at, 2, &month) ||
	    !take_char(&at, '-') || !take_digits(&at, 2, &day) || !is_date(year, month, day))
		return ERR_VALUE;
	if (*at != '\0') {
		if (!take_char(&at, 'T') && !take_char(&at, 't') && !take_char(&at, ' '))
			return ERR_VALUE;
		if (!take_digits(&at, 2, &hour) || !take_char(&at, ':') ||
		    !take_digits(&at, 2, &minute) || !take_char(&at, ':') ||
		    !take_digits(&at, 2, &second) || !take_fraction(&at, &ms) ||
		    !take_offset(&at, &offset) || *at != '\0')
			return ERR_VALUE;
		if (hour > 23 || minute > 59 || second > 59)
			return ERR_VALUE;
	}
	tm = (struct tm){.tm_year = year - 1900,
	    .tm_mon = month - 1,
	    .tm_mday = day,
	    .tm_hour = hour,
	    .tm_min = minute,
	    .tm_sec = second};
	result = (int64_t)timegm(&tm) * 1000 + ms - (int64_t)offset * 60000;
	if (result < 0 || (uint64_t)result > TIME_MS_MAX)
		return ERR_VALUE;
	*time_ms = (uint64_t)result;
	return ERR_NONE;
}
