#include "tests/sim/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static struct report own;
static struct report *here = &own;
bool report_is_loud;

void
report_to(struct report *report)
{
	here = report;
}

struct report *
report_here(void)
{
	return here;
}

void
report_line(const char *format, ...)
{
	va_list list;

	if (!report_is_loud)
		return;
	va_start(list, format);
	(void)vfprintf(stderr, format, list);
	va_end(list);
	(void)fputc('\n', stderr);
}

void
report_fail(const char *what, const char *format, ...)
{
	va_list list;

	(void)snprintf(here->what, sizeof(here->what), "%s", what);
	va_start(list, format);
	(void)vsnprintf(here->words, sizeof(here->words), format, list);
	va_end(list);
	report_line("!! %s: %s", here->what, here->words);
	_exit(REPORT_FAILED);
}
