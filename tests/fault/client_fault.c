/*
 * client_fault: the Nth call of each kind fails in `malla import`, which reads a file of some
 * format and hands it to a real, running node.  A client that ends with 0 has handed over
 * everything; one that does not says so, and the same file once more makes up for it.
 *
 *     client_fault [--short] HOME
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/commands.h"
#include "crypto/digest.h"
#include "tests/fault/shim.h"

#define ROWS 24u
#define PADDING 400u /* lines that say nothing, so that a file is read in several pieces */
#define TRIAL_SECONDS 60
#define PASSED_CLEAN 1
#define ANSWER_BYTES 4096

enum form { FORM_LIST, FORM_CSV, FORM_STIX, FORM_COUNT };
static const char *const form_names[FORM_COUNT] = {"list", "csv", "stix"};

static const enum shim_call kinds[] = {SHIM_MALLOC, SHIM_OPEN, SHIM_READ};

static struct {
	struct home home;
	bool is_short;
	uint64_t trials, failures, rows;
	char path[256];
} run;

/* Told by the trial's process. */
static struct {
	int code;
	bool has_failed;
	char answer[ANSWER_BYTES]; /* what it printed */
} * told;

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(2);
}

/* ---------------------------------------------------------------- the file */

static void
write_value(FILE *file, enum form form, uint64_t trial, unsigned i)
{
	unsigned long long n = (unsigned long long)trial;

	switch (form) {
	case FORM_LIST:
		fprintf(file, "t%llu-%u.client.example\n", n, i);
		return;
	case FORM_CSV:
		fprintf(file, "domain,t%llu-%u.client.example,a comment\n", n, i);
		return;
	case FORM_STIX:
		fprintf(file,
		    "%s{\"type\":\"indicator\",\"spec_version\":\"2.1\","
		    "\"id\":\"indicator--00000000-0000-4000-8000-%06llx%06x\","
		    "\"created\":\"2026-01-01T00:00:00.000Z\","
		    "\"modified\":\"2026-01-01T00:00:00.000Z\",\"pattern_type\":\"stix\","
		    "\"pattern\":\"[domain-name:value = 't%llu-%u.client.example']\","
		    "\"valid_from\":\"2026-01-01T00:00:00Z\"}\n",
		    i == 0 ? "" : ",", n, i, n, i);
		return;
	case FORM_COUNT:
		return;
	}
}

static void
write_file(enum form form, uint64_t trial)
{
	FILE *file = fopen(run.path, "w");
	unsigned i;

	if (file == NULL)
		die(run.path);
	if (form == FORM_CSV)
		fprintf(file, "type,value,comment\n");
	if (form == FORM_STIX)
		fprintf(file,
		    "{\"type\":\"bundle\",\"id\":\"bundle--00000000-0000-4000-8000-%012llx\","
		    "\"objects\":[\n",
		    (unsigned long long)trial);
	for (i = 0; i < ROWS; i++) {
		unsigned line;

		write_value(file, form, trial, i);
		for (line = 0; line < PADDING / ROWS; line++)
			fprintf(file, form == FORM_STIX ? "%64s\n" : "#%64s\n", "");
	}
	if (form == FORM_STIX)
		fprintf(file, "]}\n");
	if (fclose(file) != 0)
		die(run.path);
}

/* ---------------------------------------------------------------- one client */

/* In a process of its own: what it prints goes to `told`. */
static _Noreturn void
live(const struct shim_fault *fault, uint64_t nth, bool for_good)
{
	static char option[] = "--tlp", label[] = "clear";
	char *words[] = {run.path, option, label, NULL};
	struct cli cli = {
	    .home = run.home, .is_json = true, .is_quiet = true, .argc = 3, .argv = words};
	FILE *out = tmpfile();
	size_t got;

	(void)alarm(TRIAL_SECONDS);
	if (out == NULL || dup2(fileno(out), STDOUT_FILENO) < 0 ||
	    freopen("/dev/null", "w", stderr) == NULL)
		_exit(2);
	log_init("client", LOG_ERROR, 0);
	shim_arm(fault, nth, for_good);
	shim_on();
	told->code = import_run(&cli);
	shim_off();
	told->has_failed = shim_has_failed();
	(void)fflush(stdout);
	rewind(out);
	got = fread(told->answer, 1, ANSWER_BYTES - 1, out);
	told->answer[got] = '\0';
	_exit(0);
}

/* Its exit code is in told->code; false: it ended otherwise. */
static bool
import(const struct shim_fault *fault, uint64_t nth, bool for_good)
{
	int status;
	pid_t child;

	memset(told, 0, sizeof(*told));
	(void)fflush(NULL);
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0)
		live(fault, nth, for_good);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			die("waitpid");
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A number of the client's JSON. */
static unsigned
number(const char *name)
{
	char wanted[64];
	const char *at;

	(void)snprintf(wanted, sizeof(wanted), "\"%s\":", name);
	at = strstr(told->answer, wanted);
	return at == NULL ? 0 : (unsigned)strtoul(at + strlen(wanted), NULL, 10);
}

static void
complain(
    const char *what, enum form form, const struct shim_fault *fault, uint64_t nth, bool for_good)
{
	fprintf(stderr, "FAILED: %s: %s, %s call %llu%s\n", what, form_names[form], fault->name,
	    (unsigned long long)nth, for_good ? " and on" : "");
	run.failures++;
}

/* Whether the import passed clean. */
static bool
try_one(enum form form, const struct shim_fault *fault, uint64_t nth, bool for_good)
{
	bool has_failed;
	int code;

	write_file(form, ++run.trials);
	run.rows += ROWS;
	if (!import(fault, nth, for_good)) {
		complain("it crashed", form, fault, nth, for_good);
		return false;
	}
	has_failed = told->has_failed;
	code = told->code;
	if (code == 0 && number("stored") != ROWS)
		complain(
		    "it said that all is well, and handed over less", form, fault, nth, for_good);
	if (!has_failed && code != 0)
		complain("it failed by itself", form, fault, nth, for_good);
	if (!import(NULL, 0, false) || told->code != 0)
		complain("the same file again was refused", form, fault, nth, for_good);
	if (number("stored") + number("duplicates") != ROWS || (code == 0 && number("stored") != 0))
		complain("the same file again made a difference", form, fault, nth, for_good);
	return !has_failed;
}

static const struct shim_fault *
fault_of(enum shim_call call)
{
	unsigned i;

	for (i = 0; i < shim_faults_count && shim_faults[i].call != call; i++)
		continue;
	return &shim_faults[i];
}

static void
try_form(enum form form)
{
	size_t kind;
	int mode;

	for (kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		const struct shim_fault *fault = fault_of(kinds[kind]);
		uint64_t trials = run.trials;

		for (mode = run.is_short; mode < 2; mode++) {
			uint64_t nth = 1;

			while (!try_one(form, fault, nth, mode == 1) && run.failures < 20)
				nth = run.is_short ? 3 * nth + 1 : nth + 1;
		}
		printf("import     %-5s %-11s %5llu trials\n", form_names[form], fault->name,
		    (unsigned long long)(run.trials - trials));
	}
}

int
main(int argc, char **argv)
{
	const char *base = getenv("TMPDIR");
	int form;

	argv++;
	if (argc > 1 && strcmp(argv[0], "--short") == 0) {
		run.is_short = true;
		argv++;
		argc--;
	}
	if (argc != 2 || home_resolve(argv[0], &run.home) != ERR_NONE) {
		fprintf(stderr, "client_fault [--short] HOME\n");
		return 2;
	}
	if (digest_start() != ERR_NONE)
		return 2;
	(void)snprintf(run.path, sizeof(run.path), "%s/malla-client-%d", base == NULL ? "." : base,
	    (int)getpid());
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		die("mmap");
	for (form = 0; form < FORM_COUNT; form++)
		try_form((enum form)form);
	(void)unlink(run.path);
	/* the script that started the node counts them there */
	printf("%llu rows in %llu trials, %llu failures\n", (unsigned long long)run.rows,
	    (unsigned long long)run.trials, (unsigned long long)run.failures);
	return run.failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
