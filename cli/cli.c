#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static void
write_message(const char *format, va_list args)
{
	char text[2048];
	size_t i;

	(void)vsnprintf(text, sizeof(text), format, args);
	/* what a file or a peer says cannot play with the terminal */
	for (i = 0; text[i] != '\0'; i++) {
		if (((unsigned char)text[i] < 0x20 && text[i] != '\n' && text[i] != '\t') ||
		    text[i] == 0x7f)
			text[i] = '?';
	}
	fprintf(stderr, "malla: %s\n", text);
}

const char *
cli_translate(const char *text)
{
	return gettext(text);
}

void
cli_say(const struct cli *cli, const char *format, ...)
{
	va_list args;

	if (cli->is_quiet)
		return;
	va_start(args, format);
	write_message(format, args);
	va_end(args);
}

void
cli_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_message(format, args);
	va_end(args);
}

/* What to do next, for the failures where one thing is likely. */
static const char *
advice_for(enum err err)
{
	if (err == ERR_UNREACHABLE)
		return _("start it with: mallad --home DIR");
	if (err == ERR_DECRYPT)
		return _("is the passphrase right?");
	return NULL;
}

int
cli_fail(enum err err, const char *what)
{
	const char *advice = advice_for(err);
	int number = errno;

	if (err == ERR_SYSTEM && number != 0)
		cli_complain("%s: %s: %s", what, _(err_text(err)), strerror(number));
	else
		cli_complain("%s: %s", what, _(err_text(err)));
	if (advice != NULL)
		cli_complain("%s", advice);
	return err_exit_code(err);
}

int
cli_refused(enum reason reason, struct bytes_view words, const char *what)
{
	if (words.len > 0)
		cli_complain("%s: %s (%s): %.*s", what, _(reason_text(reason)), reason_name(reason),
		    (int)words.len, (const char *)words.data);
	else
		cli_complain("%s: %s (%s)", what, _(reason_text(reason)), reason_name(reason));
	return reason_exit_code(reason);
}

int
cli_usage(const struct cli *cli)
{
	fprintf(
	    stderr, "%s malla %s %s\n", _("usage:"), cli->command->name, cli->command->synopsis);
	return err_exit_code(ERR_USAGE);
}

bool
cli_ask(const struct cli *cli, const char *question)
{
	char line[16];
	FILE *terminal;
	bool is_yes = false;

	if (cli->is_yes)
		return true;
	terminal = fopen("/dev/tty", "r+");
	if (terminal == NULL)
		return false;
	fprintf(terminal, "%s [%s] ", question, _("y/N"));
	(void)fflush(terminal);
	if (fgets(line, sizeof(line), terminal) != NULL)
		is_yes = strchr(_("yY"), line[0]) != NULL && line[0] != '\n';
	(void)fclose(terminal);
	return is_yes;
}
