/*
 * sim [--seeds N] [--first K] [--jobs J] [--nodes N] [--steps S] [--faults a,b,c|none]
 *     [--stores FOLDER] [--twice] [--loud] [--brief]
 *
 * Runs N seeds from K on.  The first that breaks an invariant is run again, shrunk, and printed
 * with the command that repeats it (brief: neither run again nor shrunk); exit code 1.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, mkdtemp */
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/sim/dump.h"
#include "tests/sim/report.h"
#include "tests/sim/run.h"

#define JOBS_MAX 64u

static const char *const fault_names[FAULT_COUNT] = {
#define FAULT_NAME(symbol, name) name,
    WORLD_FAULTS(FAULT_NAME)
#undef FAULT_NAME
};

/* What was asked for on the command line. */
static struct {
	uint64_t seeds, first;
	uint32_t jobs;
	uint32_t nodes, steps; /* 0: as the seed says */
	bool has_faults;
	uint32_t faults;
	bool is_twice, is_loud, is_brief;
	const char *stores; /* folder for what they hold in the end; NULL: nobody asks */
} asked = {.seeds = 200, .first = 1};

static struct report *reports;          /* one per job, and one for what is run again */
static char folders[JOBS_MAX + 1][128]; /* theirs, for the real files beside a store */

/* ---------------------------------------------------------------- one process */

static void
plan_of(uint64_t seed, struct world_plan *plan)
{
	run_plan(seed, plan);
	if (asked.nodes != 0)
		plan->nodes = asked.nodes;
	if (asked.steps != 0)
		plan->steps = asked.steps;
	if (asked.has_faults)
		plan->faults = asked.faults;
}

/* In a process of its own: what it needs once. */
static void
prepare(struct report *report)
{
	report_to(report);
	report_is_loud = asked.is_loud;
	log_init("sim", asked.is_loud ? LOG_INFO : (enum log_level)0, 0);
	(void)mallopt(M_MMAP_THRESHOLD, 64 << 20); /* worlds come and go: keep their memory */
	(void)mallopt(M_TRIM_THRESHOLD, 512 << 20);
	if (world_start(folders[report - reports]) != ERR_NONE)
		_exit(2);
}

static void
run_seed(const struct world_plan *plan, struct report *report)
{
	uint64_t digest;

	report->seed = plan->seed;
	run_world(plan);
	if (!asked.is_twice)
		return;
	digest = report->digest;
	run_world(plan);
	if (report->digest != digest)
		report_fail("a seed that repeats nothing", "%" PRIx64 ", and then %" PRIx64, digest,
		    report->digest);
}

/* Every jobs-th seed. */
static void
run_job(uint32_t job)
{
	struct report *report = &reports[job];
	struct world_plan plan;
	char path[256];
	uint64_t i;

	prepare(report);
	(void)snprintf(path, sizeof(path), "%.200s/%u.txt", asked.stores != NULL ? asked.stores : "", job);
	if (asked.stores != NULL && !dump_open(path))
		_exit(2);
	for (i = job; i < asked.seeds; i += asked.jobs) {
		plan_of(asked.first + i, &plan);
		run_seed(&plan, report);
		report->done++;
	}
	_exit(0);
}

/* ---------------------------------------------------------------- what failed */

/* What a run found, if it did: by itself, or by dying. */
static bool
is_failure(struct report *report, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	if (WIFSIGNALED(status)) {
		(void)snprintf(
		    report->what, sizeof(report->what), "died of signal %d", WTERMSIG(status));
		report->words[0] = '\0';
	} else if (WEXITSTATUS(status) != REPORT_FAILED) {
		(void)snprintf(
		    report->what, sizeof(report->what), "ended with code %d", WEXITSTATUS(status));
		report->words[0] = '\0';
	}
	return true;
}

static int
wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Run a plan again, quietly; true: it fails, and `report` says how. */
static bool
fails(const struct world_plan *plan, struct report *report, bool is_loud)
{
	struct report *shared = &reports[asked.jobs];
	bool has_failed;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		asked.is_loud = is_loud;
		if (!is_loud && freopen("/dev/null", "w", stderr) == NULL)
			_exit(2);
		prepare(shared);
		run_seed(plan, shared);
		_exit(0);
	}
	has_failed = is_failure(shared, wait_for(pid));
	*report = *shared;
	return has_failed;
}

/* Whether less of it fails in the same way; then it is taken. */
static bool
take_less(struct world_plan *plan, const struct world_plan *less, const struct report *report)
{
	struct report found;

	if (!fails(less, &found, false) || strcmp(found.what, report->what) != 0)
		return false;
	*plan = *less;
	return true;
}

/* Fewer steps, fewer faults, fewer nodes, as long as the same breaks. */
static void
shrink(struct world_plan *plan, const struct report *report)
{
	struct world_plan less;
	uint32_t i, by;
	bool is_less = true;

	while (is_less) {
		is_less = false;
		for (by = plan->steps / 2 + 1; by > 0; by /= 2) {
			less = *plan;
			less.steps -= by < less.steps ? by : less.steps - 1;
			is_less |= less.steps < plan->steps && take_less(plan, &less, report);
		}
		for (i = 0; i < FAULT_COUNT; i++) {
			less = *plan;
			less.faults &= ~(1u << i);
			is_less |= less.faults != plan->faults && take_less(plan, &less, report);
		}
		for (i = WORLD_NODES_MIN; i < plan->nodes; i++) {
			less = *plan;
			less.nodes = i;
			if (take_less(plan, &less, report)) {
				is_less = true;
				break;
			}
		}
	}
}

static void
print_plan(const struct world_plan *plan)
{
	const char *comma = "";
	uint32_t i;

	printf("make sim SEEDS=1 FIRST=%" PRIu64 " SIM='--nodes %u --steps %u --faults ",
	    plan->seed, plan->nodes, plan->steps);
	for (i = 0; i < FAULT_COUNT; i++) {
		if ((plan->faults >> i & 1) == 0)
			continue;
		printf("%s%s", comma, fault_names[i]);
		comma = ",";
	}
	printf("%s'\n", plan->faults == 0 ? "none" : "");
}

static void
explain(const struct report *first)
{
	struct world_plan plan;
	struct report again;

	plan_of(first->seed, &plan);
	printf("seed %" PRIu64 ": %s: %s\n", first->seed, first->what, first->words);
	printf("  again:  make sim SEEDS=1 FIRST=%" PRIu64 "\n", first->seed);
	if (asked.is_brief)
		return;
	if (!fails(&plan, &again, false)) {
		printf("  by itself it does not fail: something outlives a world\n");
		return;
	}
	if (strcmp(again.what, first->what) != 0 || strcmp(again.words, first->words) != 0)
		printf("  by itself it fails otherwise: %s: %s\n", again.what, again.words);
	shrink(&plan, &again);
	(void)fails(&plan, &again, false);
	printf("  shrunk: %s: %s\n  ", again.what, again.words);
	print_plan(&plan);
}

/* ---------------------------------------------------------------- all of them */

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The job that failed at the lowest seed; -1: none did.  When one fails the others end. */
static int
run_jobs(void)
{
	pid_t pids[JOBS_MAX];
	int broken = -1, status;
	uint32_t i, left = asked.jobs, j;
	pid_t pid;

	(void)fflush(stdout);
	for (i = 0; i < asked.jobs; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			run_job(i);
	}
	while (left > 0 && (pid = wait(&status)) > 0) {
		for (i = 0; i < asked.jobs && pids[i] != pid; i++)
			;
		left--;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM)
			continue; /* ended by us */
		if (!is_failure(&reports[i], status))
			continue;
		if (broken < 0 || reports[i].seed < reports[broken].seed)
			broken = (int)i;
		for (j = 0; j < asked.jobs; j++) {
			if (j != i)
				(void)kill(pids[j], SIGTERM);
		}
	}
	return broken;
}

/* A process that is killed removes nothing: the first one does. */
static bool
make_folders(void)
{
	const char *base = getenv("TMPDIR");
	uint32_t i;

	for (i = 0; i <= asked.jobs; i++) {
		(void)snprintf(folders[i], sizeof(folders[i]), "%.80s/malla-sim-XXXXXX",
		    base == NULL ? P_tmpdir : base);
		if (mkdtemp(folders[i]) == NULL)
			return false;
	}
	return true;
}

static void
remove_folders(void)
{
	uint32_t i;

	for (i = 0; i <= asked.jobs; i++) {
		world_end(folders[i]);
		(void)rmdir(folders[i]);
	}
}

static bool
parse_faults(const char *text)
{
	char word[32];
	size_t len;
	uint32_t i;

	asked.has_faults = true;
	asked.faults = 0;
	for (; *text != '\0'; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		(void)snprintf(word, sizeof(word), "%.*s", (int)len, text);
		for (i = 0; i < FAULT_COUNT && strcmp(word, fault_names[i]) != 0; i++)
			;
		if (i < FAULT_COUNT)
			asked.faults |= 1u << i;
		else if (strcmp(word, "none") != 0)
			return false;
	}
	return true;
}

static bool
parse_option(const char *name, const char *value)
{
	uint64_t number = strtoull(value, NULL, 10);

	if (strcmp(name, "--seeds") == 0)
		asked.seeds = number;
	else if (strcmp(name, "--first") == 0)
		asked.first = number;
	else if (strcmp(name, "--jobs") == 0)
		asked.jobs = (uint32_t)number;
	else if (strcmp(name, "--nodes") == 0)
		asked.nodes = (uint32_t)number;
	else if (strcmp(name, "--steps") == 0)
		asked.steps = (uint32_t)number;
	else if (strcmp(name, "--faults") == 0)
		return parse_faults(value);
	else if (strcmp(name, "--stores") == 0)
		asked.stores = value;
	else
		return false;
	return true;
}

static bool
parse(int argc, char **argv)
{
	int i;

	asked.jobs = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--twice") == 0)
			asked.is_twice = true;
		else if (strcmp(argv[i], "--loud") == 0)
			asked.is_loud = true;
		else if (strcmp(argv[i], "--brief") == 0)
			asked.is_brief = true;
		else if (i + 1 == argc || !parse_option(argv[i], argv[i + 1]))
			return false;
		else
			i++;
	}
	if (asked.jobs > JOBS_MAX)
		asked.jobs = JOBS_MAX;
	if (asked.jobs > asked.seeds)
		asked.jobs = (uint32_t)asked.seeds;
	return asked.jobs > 0 && asked.nodes <= WORLD_NODES_MAX && asked.nodes != 1;
}

int
main(int argc, char **argv)
{
	double started = seconds();
	uint64_t done = 0;
	uint32_t i;
	int broken;

	if (!parse(argc, argv)) {
		(void)fprintf(stderr,
		    "sim [--seeds N] [--first K] [--jobs J] [--nodes 2..%u] "
		    "[--steps S] [--faults a,b,c|none] [--stores FOLDER] [--twice] [--loud] [--brief]\n",
		    WORLD_NODES_MAX);
		return 2;
	}
	reports = mmap(NULL, (JOBS_MAX + 1) * sizeof(*reports), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (reports == MAP_FAILED || !make_folders())
		return 2;
	broken = run_jobs();
	for (i = 0; i < asked.jobs; i++)
		done += reports[i].done;
	if (broken >= 0)
		explain(&reports[broken]);
	remove_folders();
	printf("%" PRIu64 " seeds, %.1f a second, %s\n", done, (double)done / (seconds() - started),
	    broken < 0 ? "0 failures" : "1 failure");
	return broken < 0 ? 0 : 1;
}
