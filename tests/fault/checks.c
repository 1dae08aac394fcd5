/* Check's macros, used outside of its runner: a failure ends this process, and says where. */
#include "tests/fault/world.h"

#include <stdarg.h>

#include "tests/fault/shim.h"

void
_ck_assert_failed(const char *file, int line, const char *expression, const char *words, ...)
{
	va_list arguments;

	shim_off();
	fprintf(stderr, "    %s:%d: ", file, line);
	if (words != NULL) {
		va_start(arguments, words);
		(void)vfprintf(stderr, words, arguments);
		va_end(arguments);
		fprintf(stderr, "\n");
	} else {
		fprintf(stderr, "%s\n", expression);
	}
	_exit(WORLD_FAILED);
}

void
_mark_point(const char *file, int line)
{
	(void)file;
	(void)line;
}
