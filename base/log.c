#define _DEFAULT_SOURCE
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	const char *program;
	enum log_level level;
	int journal;
} settings = {"malla", LOG_NOTICE, 0};

void
log_init(const char *program, enum log_level level, int journal)
{
	settings.program = program;
	settings.level = level;
	settings.journal = journal;
}

void
log_line(enum log_level level, const char *format, ...)
{
	char line[1024];
	int head = 0, body;
	size_t len, i;
	va_list args;

	if (level > settings.level)
		return;
	if (settings.journal)
		head = snprintf(line, sizeof(line), "<%d>", (int)level);
	head += snprintf(line + head, sizeof(line) - (size_t)head, "%s: ", settings.program);
	va_start(args, format);
	body = vsnprintf(line + head, sizeof(line) - (size_t)head, format, args);
	va_end(args);
	if (body < 0)
		return;
	len = strlen(line);
	for (i = (size_t)head; i < len; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	}
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	/* one write, so that lines of several processes do not mix; a lost line is no reason to
	 * stop */
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}
