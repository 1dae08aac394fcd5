/*
 * kill_at: SIGKILL at every system call of every operation, before and after the call; each
 * time the nodes are started again from what is on disk, the client asks again, the peer sends
 * again, and everything that was promised must be there, once.
 *
 *     kill_at [--short] [OPERATION [INPUT [before|after INDEX]]]
 *
 * Two kills that leave the same files and the same promises are judged once.
 */
#include "tests/fault/judge.h"

#include <errno.h>
#include <sys/wait.h>

#include "tests/fault/shim.h"
#include "tests/fault/trace.h"

#define TRIAL_SECONDS 120
#define BATCH 512u
#define SAMPLES 5u /* of each operation and input, in the short form */
#define FAILURES_MAX 20u
#define IMAGES_MAX 16384u

static struct {
	bool is_short;
	const char *operation, *input, *when;
	uint64_t index;
	uint64_t kills, judged, failures;
} run;

/* What was judged already, of one operation and input. */
static struct {
	uint32_t count;
	struct hash at[IMAGES_MAX];
} images;

static bool
is_known(const struct hash *hash)
{
	uint32_t i;

	for (i = 0; i < images.count; i++) {
		if (digest_is_equal(&images.at[i], hash))
			return true;
	}
	ck_assert_uint_lt(images.count, IMAGES_MAX);
	images.at[images.count++] = *hash;
	return false;
}

/* The files, and what was promised. */
static void
hash_all(const struct world *world, struct hash *out)
{
	struct hash parts[3];

	folders_hash(world->net->nodes[A].folder, &parts[0]);
	folders_hash(world->net->nodes[B].folder, &parts[1]);
	digest_sha256(bytes_view_of(world->promises, sizeof(*world->promises)), &parts[2]);
	digest_sha256(bytes_view_of(parts, sizeof(parts)), out);
}

static _Noreturn void
live(struct world *world, const char *scratch)
{
	(void)alarm(TRIAL_SECONDS);
	trace_follow_me();
	world_enter(world, scratch);
	trace_mark();
	ck_err(world_run(world), ERR_NONE);
	trace_mark();
	_exit(EXIT_SUCCESS);
}

/* In a process of its own; its exit status. */
static int
judge(struct world *world)
{
	pid_t child;
	int status;

	(void)fflush(NULL);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		(void)alarm(TRIAL_SECONDS);
		judge_whole(world);
		_exit(EXIT_SUCCESS);
	}
	while (waitpid(child, &status, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
	return status;
}

static void
complain(const struct world *world, bool is_after, uint64_t index, uint64_t number)
{
	fprintf(stderr, "FAILED: kill_at %s %s %s %llu (system call %llu)\n",
	    world_operation_name(world->operation), world_input_name(world->input),
	    is_after ? "after" : "before", (unsigned long long)index, (unsigned long long)number);
	if (++run.failures >= FAILURES_MAX) {
		fprintf(stderr, "enough\n");
		exit(EXIT_FAILURE);
	}
}

/* One kill and its verdict.  Index 0: none, the calls are counted. */
static struct trace_end
try_one(struct world *world, bool is_after, uint64_t index)
{
	char scratch[FOLDERS_PATH_MAX];
	struct trace_end end;
	struct hash hash;
	pid_t child;

	memset(world->promises, 0, sizeof(*world->promises));
	folders_make(scratch);
	(void)fflush(NULL);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		live(world, scratch);
	end = trace_kill(child, index, is_after);
	if (!end.is_clean && end.calls < index) {
		complain(world, is_after, index, end.number); /* it ended by itself */
	} else {
		run.kills++;
		world_find(world, scratch);
		hash_all(world, &hash);
		if (!is_known(&hash)) {
			run.judged++;
			if (judge(world) != 0)
				complain(world, is_after, index, end.number);
		}
	}
	folders_remove(scratch);
	return end;
}

static void
try_every(struct world *world, bool is_after)
{
	uint64_t index = 1;

	while (!try_one(world, is_after, index).is_clean)
		index++;
}

/* A few indices, spread over all of them. */
static void
try_some(struct world *world)
{
	uint64_t calls = try_one(world, false, 0).calls, i;

	for (i = 0; i < SAMPLES; i++)
		(void)try_one(world, i % 2 == 1, 1 + (2 * i + 1) * calls / (2 * SAMPLES));
}

static void
try_input(enum world_operation operation, enum world_input input)
{
	struct world world;
	uint64_t kills = run.kills, judged = run.judged;

	images.count = 0;
	world_open(&world, operation, input, BATCH);
	if (run.index > 0)
		(void)try_one(&world, strcmp(run.when, "after") == 0, run.index);
	else if (run.is_short)
		try_some(&world);
	else {
		try_every(&world, false);
		try_every(&world, true);
	}
	printf("%-10s %-5s %6llu kills, %5llu different ends judged\n",
	    world_operation_name(operation), world_input_name(input),
	    (unsigned long long)(run.kills - kills), (unsigned long long)(run.judged - judged));
	(void)fflush(stdout);
	world_close(&world);
}

static void
try_operation(enum world_operation operation)
{
	enum world_input only = WORLD_INPUT_COUNT;
	uint32_t input;

	if (run.input != NULL && !world_input_parse(run.input, &only)) {
		fprintf(stderr, "no such input: %s\n", run.input);
		exit(2);
	}
	for (input = 0; input < WORLD_INPUT_COUNT; input++) {
		bool is_meant = run.is_short ? operation <= WORLD_RECEIPT || input == WORLD_MIXED
					     : only == WORLD_INPUT_COUNT || only == input;

		if (is_meant)
			try_input(operation, (enum world_input)input);
	}
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
	run.input = argc > 2 ? argv[1] : NULL;
	run.when = argc > 3 ? argv[2] : NULL;
	run.index = argc > 4 ? strtoull(argv[3], NULL, 10) : 0;
	if (run.operation != NULL && !world_operation_parse(run.operation, &only)) {
		fprintf(stderr, "no such operation: %s\n", run.operation);
		return 2;
	}
	shim_start();
	for (operation = 0; operation < WORLD_OPERATION_COUNT; operation++) {
		if (only == WORLD_OPERATION_COUNT || only == operation)
			try_operation((enum world_operation)operation);
	}
	printf("%llu kills, %llu failures\n", (unsigned long long)run.kills,
	    (unsigned long long)run.failures);
	return run.failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
