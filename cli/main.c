/*
 * malla: what people type.  See docs/man/malla.1.
 */
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "crypto/digest.h"

static void
usage(FILE *to)
{
	unsigned i;

	fprintf(to, "%s\n\n",
	    _("usage: malla [--home DIR] [--json] [--quiet] [--lang en|es] COMMAND ..."));
	for (i = 0; i < cli_commands_count; i++)
		fprintf(to, "  %-16s %s\n", cli_commands[i].name, _(cli_commands[i].help));
	fprintf(to, "\n%s\n",
	    _("malla COMMAND --help says what a command takes; malla(1) says everything."));
}

/* How many words of argv the command's name has, if they match; else 0. */
static int
matches(const struct cli_command *command, int argc, char **argv)
{
	const char *name = command->name;
	int words = 0;

	while (*name != '\0') {
		size_t len = strcspn(name, " ");

		if (words == argc || strlen(argv[words]) != len ||
		    memcmp(argv[words], name, len) != 0)
			return 0;
		words++;
		name += len;
		name += *name == ' ';
	}
	return words;
}

/* The command with the longest name that the words begin with. */
static const struct cli_command *
find_command(int argc, char **argv, int *words)
{
	const struct cli_command *found = NULL;
	unsigned i;

	*words = 0;
	for (i = 0; i < cli_commands_count; i++) {
		int count = matches(&cli_commands[i], argc, argv);

		if (count > *words) {
			found = &cli_commands[i];
			*words = count;
		}
	}
	return found;
}

/* The options everywhere are taken out of argv, wherever they stand; "--" ends them. */
static bool
take_common(struct cli *cli, int *argc, char **argv, bool *help, bool *version)
{
	int from, to = 0;
	bool rest = false;

	for (from = 0; from < *argc; from++) {
		const char *word = argv[from];

		rest = rest || strcmp(word, "--") == 0;
		if (rest || word[0] != '-') {
			argv[to++] = argv[from];
		} else if (strcmp(word, "--json") == 0) {
			cli->is_json = true;
		} else if (strcmp(word, "--quiet") == 0 || strcmp(word, "-q") == 0) {
			cli->is_quiet = true;
		} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			*help = true;
		} else if (strcmp(word, "--version") == 0) {
			*version = true;
		} else if (strcmp(word, "--home") == 0 || strcmp(word, "--lang") == 0) {
			if (++from == *argc)
				return false;
			*(word[2] == 'h' ? &cli->given_home : &cli->lang) = argv[from];
		} else if (strncmp(word, "--home=", 7) == 0) {
			cli->given_home = word + 7;
		} else if (strncmp(word, "--lang=", 7) == 0) {
			cli->lang = word + 7;
		} else {
			argv[to++] = argv[from];
		}
	}
	*argc = to;
	return true;
}

static bool
set_language(const char *lang, bool is_share)
{
	if (lang != NULL && strcmp(lang, "en") != 0 && strcmp(lang, "es") != 0) {
		if (!is_share)
			return false;
		lang = NULL; /* the language of what is shared may be any */
	}
	/* gettext takes LANGUAGE only in a locale that is not "C" */
	if (setlocale(LC_ALL, "") == NULL || strcmp(setlocale(LC_MESSAGES, NULL), "C") == 0 ||
	    strcmp(setlocale(LC_MESSAGES, NULL), "POSIX") == 0)
		(void)setlocale(LC_ALL, "C.UTF-8");
	(void)setlocale(LC_NUMERIC, "C");
	if (lang != NULL && setenv("LANGUAGE", lang, 1) != 0)
		return false;
	(void)bindtextdomain("malla",
	    getenv("MALLA_LOCALE_DIR") != NULL ? getenv("MALLA_LOCALE_DIR") : MALLA_LOCALE_DIR);
	(void)bind_textdomain_codeset("malla", "UTF-8");
	(void)textdomain("malla");
	return true;
}

static void
look_at_terminal(struct cli *cli)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	cli->is_terminal = isatty(STDERR_FILENO) == 1;
	cli->has_color = isatty(STDOUT_FILENO) == 1 && (no_color == NULL || no_color[0] == '\0') &&
			 (term == NULL || strcmp(term, "dumb") != 0);
}

/* Data that could not be written is a failure, however well the rest went. */
static int
finish(int code)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		cli_complain(_("standard output cannot be written"));
		return code != 0 ? code : err_exit_code(ERR_SYSTEM);
	}
	return code;
}

int
main(int argc, char **argv)
{
	struct cli cli = {0};
	bool help = false, version = false;
	int words;

	argc--;
	argv++;
	log_init("malla", LOG_WARNING, 0);
	(void)signal(SIGPIPE, SIG_DFL);
	if (!take_common(&cli, &argc, argv, &help, &version) ||
	    !set_language(cli.lang, argc > 0 && strcmp(argv[0], "share") == 0)) {
		usage(stderr);
		return err_exit_code(ERR_USAGE);
	}
	look_at_terminal(&cli);
	if (version) {
		puts("malla " MALLA_VERSION);
		return 0;
	}
	cli.command = find_command(argc, argv, &words);
	if (cli.command == NULL) {
		usage(help ? stdout : stderr);
		if (!help && argc > 0)
			cli_complain(_("no such command: %s"), argv[0]);
		return help ? 0 : err_exit_code(ERR_USAGE);
	}
	if (help) {
		printf("%s malla %s %s\n\n%s\n", _("usage:"), cli.command->name,
		    cli.command->synopsis, _(cli.command->help));
		return finish(0);
	}
	if (digest_start() != ERR_NONE || home_resolve(cli.given_home, &cli.home) != ERR_NONE)
		return cli_fail(ERR_USAGE, "--home");
	cli.argc = argc - words;
	cli.argv = argv + words;
	return finish(cli.command->run(&cli));
}
