/*
 * each_fault: the Nth call of each kind fails, once or from then on, for every N until the
 * operation passes clean; each time in a process of its own, and each time two nodes must come
 * out of it with everything that was promised, and nothing twice.
 *
 *     each_fault [--short] [OPERATION [FAULT [once|on NTH]]]
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "tests/fault/judge.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/fault/shim.h"

#define PASSED_CLEAN 10
#define TRIAL_SECONDS 60
#define BATCH 24u
#define NTH_MAX 200000u
#define FAILURES_MAX 20u

static struct {
	const char *operation, *fault, *mode;
	uint64_t nth;
	bool is_short;
	bool is_loud; /* one trial alone: all its words */
	uint64_t trials, failures;
} run;

/* What the operations said of the faults they met; shared with the trials. */
static struct outcomes {
	uint64_t absorbed; /* went on as if nothing were */
	uint64_t refused;  /* ERR_FULL: rolled back, went on */
	uint64_t ended;    /* the process ended, and was started again */
} * tally;

static void
complain(const struct world *world, const struct shim_fault *fault, bool for_good, uint64_t nth,
    int status)
{
	char words[64];

	if (WIFSIGNALED(status))
		(void)snprintf(words, sizeof(words), "signal %d", WTERMSIG(status));
	else
		(void)snprintf(words, sizeof(words), "exit code %d", WEXITSTATUS(status));
	fprintf(stderr, "FAILED: %s: each_fault %s %s %s %llu\n", words,
	    world_operation_name(world->operation), fault->name, for_good ? "on" : "once",
	    (unsigned long long)nth);
	if (++run.failures >= FAILURES_MAX) {
		fprintf(stderr, "enough\n");
		exit(EXIT_FAILURE);
	}
}

/* The trial's process, from its folder to the verdict. */
static int
live(struct world *world, const struct shim_fault *fault, bool for_good, uint64_t nth,
    const char *scratch)
{
	int64_t before = shim_live();
	bool has_failed;
	enum err err;

	(void)alarm(TRIAL_SECONDS);
	(void)signal(SIGXFSZ, SIG_IGN);
	log_init("trial", run.is_loud ? LOG_ERROR : (enum log_level)0, 0);
	world_enter(world, scratch);
	shim_arm(fault, nth, for_good);
	err = world_run(world);
	has_failed = shim_has_failed();
	shim_arm(NULL, 0, false);
	ck_assert_msg(has_failed || err == ERR_NONE, "failed by itself: %s", err_name(err));
	if (run.is_loud)
		fprintf(stderr, "the operation: %s\n", err_name(err));
	/* what was not written may not be taken for written; a close has nobody to tell */
	ck_assert_msg(!has_failed || err != ERR_NONE || fault->call != SHIM_SYNC ||
			  world->operation == WORLD_CLOSE,
	    "a sync failed, and nobody noticed");
	tally->absorbed += has_failed && err == ERR_NONE;
	tally->refused += err == ERR_FULL;
	tally->ended += err != ERR_NONE && err != ERR_FULL;
	world_survive(world, err);
	judge_whole(world);
	ck_assert_msg(shim_live() == before, "%lld pieces of memory are left over",
	    (long long)(shim_live() - before));
	return has_failed ? EXIT_SUCCESS : PASSED_CLEAN;
}

/* Whether the operation passed clean. */
static bool
try_one(struct world *world, const struct shim_fault *fault, bool for_good, uint64_t nth)
{
	char scratch[FOLDERS_PATH_MAX];
	pid_t child;
	int status;

	run.trials++;
	memset(world->promises, 0, sizeof(*world->promises));
	folders_make(scratch);
	(void)fflush(NULL);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(live(world, fault, for_good, nth, scratch));
	while (waitpid(child, &status, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
	folders_remove(scratch);
	if (WIFEXITED(status) && WEXITSTATUS(status) == PASSED_CLEAN)
		return true;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
		complain(world, fault, for_good, nth, status);
	return false;
}

/* In the short form the steps grow: the first calls, and ever fewer of the later ones. */
static uint64_t
next(uint64_t nth)
{
	return run.is_short ? nth * 3 + 1 : nth + 1;
}

static void
try_fault(struct world *world, const struct shim_fault *fault, bool for_good)
{
	uint64_t nth = run.nth > 0 ? run.nth : 1;
	uint64_t trials = run.trials;
	struct outcomes before = *tally;

	while (!try_one(world, fault, for_good, nth) && run.nth == 0 && nth < NTH_MAX)
		nth = next(nth);
	printf("%-10s %-5s %-11s %-4s %6llu trials: %llu absorbed, %llu refused, %llu ended\n",
	    world_operation_name(world->operation), world_input_name(world->input), fault->name,
	    for_good ? "on" : "once", (unsigned long long)(run.trials - trials),
	    (unsigned long long)(tally->absorbed - before.absorbed),
	    (unsigned long long)(tally->refused - before.refused),
	    (unsigned long long)(tally->ended - before.ended));
	(void)fflush(stdout);
}

static void
try_operation(enum world_operation operation)
{
	struct world world;
	unsigned i;

	world_open(&world, operation, WORLD_MIXED, BATCH);
	for (i = 0; i < shim_faults_count; i++) {
		const struct shim_fault *fault = &shim_faults[i];

		if (run.fault != NULL && strcmp(run.fault, fault->name) != 0)
			continue;
		if (run.mode == NULL || strcmp(run.mode, "once") == 0)
			try_fault(&world, fault, false);
		if (run.mode == NULL ? !run.is_short : strcmp(run.mode, "on") == 0)
			try_fault(&world, fault, true);
	}
	world_close(&world);
}

int
main(int argc, char **argv)
{
	enum world_operation only = WORLD_OPERATION_COUNT;
	uint32_t operation;

	argv++;
	if (argc > 1 && strcmp(argv[0], "--short") == 0) {
		run.is_short = true;
		argv++;
		argc--;
	}
	run.operation = argc > 1 ? argv[0] : NULL;
	run.fault = argc > 2 ? argv[1] : NULL;
	run.mode = argc > 3 ? argv[2] : NULL;
	run.nth = argc > 4 ? strtoull(argv[3], NULL, 10) : 0;
	run.is_loud = run.nth > 0;
	if (run.operation != NULL && !world_operation_parse(run.operation, &only)) {
		fprintf(stderr, "no such operation: %s\n", run.operation);
		return 2;
	}
	shim_start();
	tally =
	    mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return EXIT_FAILURE;
	for (operation = 0; operation < WORLD_OPERATION_COUNT; operation++) {
		/* starting takes thousands of calls: not in the short form */
		bool is_meant = run.is_short && only == WORLD_OPERATION_COUNT
				    ? operation < WORLD_CLOSE
				    : only == WORLD_OPERATION_COUNT || only == operation;

		if (is_meant)
			try_operation((enum world_operation)operation);
	}
	printf("%llu faults, %llu failures\n", (unsigned long long)run.trials,
	    (unsigned long long)run.failures);
	return run.failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
