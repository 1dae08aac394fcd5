/*
 * cli: what every command of `malla` shares: the options everywhere, and the words.
 *
 * Data on stdout, everything else on stderr.  Exit codes: DESIGN section 11.
 */
#ifndef MALLA_CLI_CLI_H
#define MALLA_CLI_CLI_H

#include <libintl.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/home.h"
#include "wire/reason.h"

#define _(text) gettext(text)
#define N_(text) text

struct cli {
	struct home home;
	const char *given_home;
	const char *lang; /* --lang; of the messages, and of what is shared */
	bool is_json;
	bool is_quiet;
	bool is_yes;
	bool has_color;   /* stdout is a terminal, and NO_COLOR and TERM let us */
	bool is_terminal; /* stderr is one: progress may be shown */
	int argc;         /* what follows the command's own words */
	char **argv;
	const struct cli_command *command;
};

/* One command: its words, what follows them, what it does, which role it needs. */
struct cli_command {
	const char *name;     /* "peer add" */
	const char *synopsis; /* what follows the name */
	const char *help;     /* one line */
	const char *role;     /* "" where none is asked for */
	int (*run)(struct cli *cli);
};
extern const struct cli_command cli_commands[];
extern const unsigned cli_commands_count;

/* gettext, for functions that ask what to call their own messages. */
const char *cli_translate(const char *text);
/* A message for people on stderr, "malla: " before it. */
void cli_say(const struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same as an error; shown in spite of --quiet. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "what: text of the failure", and its exit code. */
int cli_fail(enum err err, const char *what);
/* What the node answered, with its words, and its exit code. */
int cli_refused(enum reason reason, struct bytes_view words, const char *what);
/* The synopsis of the command on stderr; exit code 2. */
int cli_usage(const struct cli *cli);
/* Ask a yes-or-no question on the terminal; --yes answers it, no terminal means no. */
bool cli_ask(const struct cli *cli, const char *question);

#endif
