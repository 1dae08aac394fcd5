/*
 * sim --seeds N [--first K] [--steps S] [--nodes N] [--faults a,b,c] [--jobs J] [--verbose]
 *
 * Runs worlds of N seeds from K on.  The first that breaks an invariant is shrunk, and printed
 * with the command that repeats it; exit code 1.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "tests/sim/world.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define STEPS 160u
#define JOBS_MAX 64u

static const char *const fault_names[FAULT_COUNT] = {
#define FAULT_NAME(symbol, name) name,
    WORLD_FAULTS(FAULT_NAME)
#undef FAULT_NAME
};

/* What the jobs tell the first process. */
struct shared {
	uint64_t running[JOBS_MAX]; /* the seed a job is at: its last word if it dies */
	uint64_t done;
	uint64_t wanted;
	bool is_over;
};
static struct shared *shared;

static struct world world;

/* True: every invariant held. */
static bool
run_one(const struct world_options *options, bool is_verbose)
{
	bool is_good;

	world_open(&world, options);
	world.is_verbose = is_verbose;
	is_good = setjmp(world.end) == 0;
	if (is_good)
		world_run(&world);
	world_close(&world);
	return is_good;
}

/* In a process of its own, for what fails may fail by dying. */
static bool
try_one(const struct world_options *options, char violation[512])
{
	char *words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;
	int status = 0;

	assert(words != MAP_FAILED);
	(void)snprintf(words, 512, "the process died");
	pid = fork();
	if (pid == 0) {
		bool is_good;

		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(2);
		is_good = run_one(options, false);
		if (!is_good)
			memcpy(words, world.violation, 512);
		_exit(is_good ? 0 : 1);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	memcpy(violation, words, 512);
	(void)munmap(words, 4096);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
print_faults(FILE *out, uint32_t faults)
{
	const char *comma = "";
	uint32_t i;

	for (i = 0; i < FAULT_COUNT; i++) {
		if ((faults >> i & 1) == 0)
			continue;
		fprintf(out, "%s%s", comma, fault_names[i]);
		comma = ",";
	}
	if (faults == 0)
		fprintf(out, "none");
}

/* Fewer faults, fewer nodes, fewer steps, as long as something breaks. */
static struct world_options
shrink(struct world_options options)
{
	struct world_options less;
	char violation[512];
	uint32_t i, step;

	for (i = 0; i < FAULT_COUNT; i++) {
		less = options;
		less.faults &= ~(1u << i);
		if (less.faults != options.faults && !try_one(&less, violation))
			options = less;
	}
	for (i = 2; i < WORLD_NODES_MAX; i++) {
		less = options;
		less.nodes = i;
		if (options.nodes != i && !try_one(&less, violation)) {
			options = less;
			break;
		}
	}
	for (step = options.steps / 2; step > 0; step /= 2) {
		less = options;
		while (less.steps > step) {
			less.steps -= step;
			if (try_one(&less, violation))
				break;
			options = less;
		}
	}
	return options;
}

static void
report(struct world_options options)
{
	char violation[512];

	if (try_one(&options, violation)) {
		printf(
		    "seed %" PRIu64 " failed, and does not when it is run again\n", options.seed);
		return;
	}
	printf("seed %" PRIu64 ": %s\n", options.seed, violation);
	options = shrink(options);
	(void)try_one(&options, violation);
	printf("shrunk: %s\n  make sim SEEDS=1 FIRST=%" PRIu64
	       " SIM='--steps %u --nodes %u --faults ",
	    violation, options.seed, options.steps, options.nodes);
	print_faults(stdout, options.faults);
	printf(" --verbose'\n");
}

static uint32_t
parse_faults(const char *text)
{
	uint32_t faults = 0, i;

	for (i = 0; i < FAULT_COUNT; i++) {
		if (strstr(text, fault_names[i]) != NULL)
			faults |= 1u << i;
	}
	return faults;
}

/* Every jobs-th seed, until somebody finds something. */
static int
run_job(struct world_options options, uint64_t seeds, uint32_t job, uint32_t jobs, bool is_verbose)
{
	uint64_t first = options.seed, i;

	(void)mallopt(M_MMAP_THRESHOLD, 64 << 20); /* worlds come and go: keep their memory */
	(void)mallopt(M_TRIM_THRESHOLD, 512 << 20);
	world_prepare();
	log_init("sim", is_verbose ? LOG_DEBUG : LOG_ERROR, 0);
	if (!is_verbose && freopen("/dev/null", "w", stderr) == NULL)
		return 2;
	for (i = job; i < seeds && !shared->is_over; i += jobs) {
		options.seed = first + i;
		shared->running[job] = options.seed;
		if (!run_one(&options, is_verbose)) {
			shared->is_over = true;
			return 1;
		}
		__atomic_add_fetch(&shared->done, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&shared->wanted, world.wanted, __ATOMIC_RELAXED);
	}
	return 0;
}

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The seed at which a job broke off; 0: none did. */
static uint64_t
run_jobs(struct world_options options, uint64_t seeds, uint32_t jobs, bool is_verbose)
{
	pid_t pids[JOBS_MAX];
	uint64_t broken = 0;
	uint32_t job;

	for (job = 0; job < jobs; job++) {
		(void)fflush(stdout);
		pids[job] = fork();
		if (pids[job] == 0)
			_exit(run_job(options, seeds, job, jobs, is_verbose));
	}
	for (job = 0; job < jobs; job++) {
		int status = 0;

		while (waitpid(pids[job], &status, 0) < 0 && errno == EINTR)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			shared->is_over = true;
			if (broken == 0 || shared->running[job] < broken)
				broken = shared->running[job];
		}
	}
	return broken;
}

int
main(int argc, char **argv)
{
	struct world_options options = {
	    .seed = 1, .steps = STEPS, .faults = (1u << FAULT_COUNT) - 1};
	uint64_t seeds = 200, broken;
	uint32_t jobs = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	bool is_verbose = false;
	double started = seconds();
	int i;

	for (i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--verbose") == 0) {
			is_verbose = true;
			continue;
		}
		if (strcmp(argv[i], "--seeds") == 0)
			seeds = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "--first") == 0)
			options.seed = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "--steps") == 0)
			options.steps = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--nodes") == 0)
			options.nodes = (uint32_t)strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--faults") == 0)
			options.faults = parse_faults(value);
		else if (strcmp(argv[i], "--jobs") == 0)
			jobs = (uint32_t)strtoul(value, NULL, 10);
		else {
			fprintf(stderr, "sim: %s?\n", argv[i]);
			return 2;
		}
		i++;
	}
	if (jobs == 0 || jobs > JOBS_MAX || options.nodes > WORLD_NODES_MAX)
		return 2;
	shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	broken = run_jobs(options, seeds, jobs, is_verbose);
	if (broken != 0) {
		options.seed = broken;
		world_prepare();
		report(options);
	}
	printf("%" PRIu64 " seeds, %" PRIu64 " records where they belong, %.1f seeds/s, %s\n",
	    shared->done, shared->wanted, (double)shared->done / (seconds() - started),
	    broken == 0 ? "0 failures" : "1 failure");
	return broken == 0 ? 0 : 1;
}
