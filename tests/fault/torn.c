/*
 * torn: every operation, and the power fails: images of the disk with what was not synced
 * dropped, torn and kept in many ways are opened by the real store; what was promised before is
 * there, the log verifies, nothing is there twice, and the exchange comes to its end.
 *
 *     torn [--short] [OPERATION [INPUT [IMAGE]]]
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "tests/fault/judge.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tests/fault/disk.h"
#include "tests/fault/shim.h"

#define TRIAL_SECONDS 120
#define BATCH 512u
#define RANDOM_IMAGES 48u /* at each moment before a sync */
#define FAILURES_MAX 20u
#define IMAGES_MAX 65536u
#define STEP_SHORT 67u /* in the short form, one image out of so many */

static struct {
	bool is_short;
	const char *operation, *input;
	uint64_t image; /* only this one, from 1 */
	uint64_t considered, judged, failures;
	uint64_t random;
} run;

static struct {
	uint32_t count;
	struct hash at[IMAGES_MAX];
} images;

/* What had been promised when an entry was made, or, behind the last, in the end. */
static struct {
	bool has_answer[WORLD_REQUESTS_MAX];
	uint32_t stored, receipts_count;
} promised[DISK_ENTRIES_MAX + 1];
static disk_fate fates[DISK_ENTRIES_MAX];
static uint32_t begin; /* the operation's first entry */
static struct world *recorded;

static void
note_promises(uint32_t entry)
{
	const struct world_promises *promises = recorded->promises;

	memcpy(promised[entry].has_answer, promises->has_answer, sizeof(promises->has_answer));
	promised[entry].stored = promises->stored;
	promised[entry].receipts_count = promises->receipts_count;
}

static uint64_t
next_random(void)
{
	run.random ^= run.random << 13;
	run.random ^= run.random >> 7;
	run.random ^= run.random << 17;
	return run.random;
}

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

/* ---------------------------------------------------------------- one image */

/* In a process of its own: the victim on the image, the peer as it was in the end. */
static _Noreturn void
judge(struct world *world, const char *scratch, uint32_t cut)
{
	static struct world_promises promises;
	uint32_t victim = world_victim(world->operation), at;
	char ended[2][FOLDERS_PATH_MAX];

	(void)alarm(TRIAL_SECONDS);
	promises = *world->promises;
	memcpy(promises.has_answer, promised[cut].has_answer, sizeof(promises.has_answer));
	promises.stored = promised[cut].stored;
	promises.receipts_count = promised[cut].receipts_count;
	world->promises = &promises;
	for (at = A; at <= B; at++)
		(void)snprintf(ended[at], sizeof(ended[at]), "%s", world->net->nodes[at].folder);
	world_find(world, scratch);
	folders_copy(ended[1 - victim], world->net->nodes[1 - victim].folder);
	folders_copy_keys(ended[victim], world->net->nodes[victim].folder);
	disk_write(world->net->nodes[victim].folder);
	judge_whole(world);
	_exit(EXIT_SUCCESS);
}

static void
complain(const struct world *world, uint32_t cut)
{
	fprintf(stderr,
	    "FAILED: torn %s %s %llu (after change %u of %u, the operation's from %u)\n",
	    world_operation_name(world->operation), world_input_name(world->input),
	    (unsigned long long)run.considered, cut, disk_count(), begin);
	if (++run.failures >= FAILURES_MAX) {
		fprintf(stderr, "enough\n");
		exit(EXIT_FAILURE);
	}
}

/* The image of these fates, unless it was judged before. */
static void
look(struct world *world, uint32_t cut, uint32_t names)
{
	char scratch[FOLDERS_PATH_MAX];
	struct hash parts[2], hash;
	pid_t child;
	int status;

	run.considered++;
	if (run.image > 0 ? run.considered != run.image
			  : run.is_short && run.considered % STEP_SHORT != 0)
		return;
	disk_build(cut, fates, names);
	disk_hash(&parts[0]);
	digest_sha256(bytes_view_of(&promised[cut], sizeof(promised[cut])), &parts[1]);
	digest_sha256(bytes_view_of(parts, sizeof(parts)), &hash);
	if (is_known(&hash))
		return;
	run.judged++;
	folders_make(scratch);
	(void)fflush(NULL);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		judge(world, scratch, cut);
	while (waitpid(child, &status, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
	folders_remove(scratch);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
		complain(world, cut);
}

/* ---------------------------------------------------------------- which images */

static void
set_fates(uint32_t cut, disk_fate fate)
{
	uint32_t i;

	for (i = 0; i < cut; i++)
		fates[i] = fate;
}

/* The last write came by some of its sectors only. */
static void
look_at_tears(struct world *world, uint32_t cut)
{
	const struct disk_entry *last = disk_at(cut - 1);
	uint64_t sectors =
	    (last->at + last->data.len - 1) / DISK_SECTOR - last->at / DISK_SECTOR + 1;
	disk_fate all = sectors >= 32 ? DISK_WHOLE : ((disk_fate)1 << sectors) - 1;

	if (last->change != SHIM_WRITTEN || last->data.len == 0 || sectors < 2)
		return;
	set_fates(cut, DISK_WHOLE);
	fates[cut - 1] = 1; /* its beginning */
	look(world, cut, cut);
	fates[cut - 1] = all >> 1; /* all but its end */
	look(world, cut, cut);
	fates[cut - 1] = all & ~(disk_fate)1; /* all but its beginning */
	look(world, cut, cut);
}

/* Each loose change alone is missing; each alone, of all the loose ones, is there. */
static void
look_at_singles(struct world *world, uint32_t cut)
{
	uint32_t i;

	for (i = 0; i < cut; i++) {
		if (!disk_is_loose(i, cut))
			continue;
		set_fates(cut, DISK_WHOLE);
		fates[i] = 0;
		look(world, cut, cut);
		set_fates(cut, 0);
		fates[i] = DISK_WHOLE;
		look(world, cut, cut);
	}
}

/* One file's loose changes are missing, the others' are there. */
static void
look_at_files(struct world *world, uint32_t cut)
{
	uint32_t file, i;

	for (file = 0; file < DISK_FILES_MAX; file++) {
		bool is_any = false;

		for (i = 0; i < cut; i++) {
			bool is_of = disk_at(i)->file == file;

			fates[i] = is_of ? 0 : DISK_WHOLE;
			is_any = is_any || (is_of && disk_is_loose(i, cut));
		}
		if (is_any)
			look(world, cut, cut);
	}
}

static void
look_at_random(struct world *world, uint32_t cut)
{
	uint32_t round, i;

	for (round = 0; round < RANDOM_IMAGES; round++) {
		for (i = 0; i < cut; i++) {
			uint64_t random = next_random();

			fates[i] = random % 4 == 0   ? (disk_fate)(random >> 32)
				   : random % 4 == 1 ? 0
						     : DISK_WHOLE;
		}
		look(world, cut, (uint32_t)(next_random() % (cut + 1)));
	}
}

/* Nothing that is loose is there, names included; and names alone are missing. */
static void
look_at_nothing(struct world *world, uint32_t cut)
{
	set_fates(cut, 0);
	look(world, cut, 0);
	set_fates(cut, DISK_WHOLE);
	look(world, cut, 0);
}

static void
look_at_all(struct world *world)
{
	uint32_t cut;

	for (cut = begin; cut <= disk_count(); cut++) {
		set_fates(cut, DISK_WHOLE);
		look(world, cut, cut);
		if (cut > begin)
			look_at_tears(world, cut);
		if (cut < disk_count() && disk_at(cut)->change != SHIM_SYNCED)
			continue;
		/* the moment before a sync: never is more of it loose */
		look_at_nothing(world, cut);
		look_at_files(world, cut);
		look_at_singles(world, cut);
		look_at_random(world, cut);
	}
}

/* ---------------------------------------------------------------- one operation */

/* Live the operation, and keep what it does to the victim's files. */
static void
record(struct world *world, const char *scratch)
{
	recorded = world;
	memset(world->promises, 0, sizeof(*world->promises));
	world_copy_in(world, scratch);
	disk_start(world->net->nodes[world_victim(world->operation)].folder, note_promises);
	world_lead_up(world);
	begin = disk_count();
	ck_err(world_run(world), ERR_NONE);
	disk_stop();
	note_promises(disk_count());
	world_halt(world); /* nobody hears in the past what was said later */
}

static void
try_input(enum world_operation operation, enum world_input input)
{
	struct world world;
	char scratch[FOLDERS_PATH_MAX];
	uint64_t judged = run.judged, before = run.considered;

	images.count = 0;
	run.random = 88172645463325252u;
	if (run.image > 0)
		run.considered = before = 0;
	world_open(&world, operation, input, BATCH);
	folders_make(scratch);
	record(&world, scratch);
	look_at_all(&world);
	printf("%-10s %-5s %5u changes of files, %6llu images, %6llu different ones judged\n",
	    world_operation_name(operation), world_input_name(input), disk_count() - begin,
	    (unsigned long long)(run.considered - before),
	    (unsigned long long)(run.judged - judged));
	(void)fflush(stdout);
	disk_release();
	folders_remove(scratch);
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
	run.image = argc > 3 ? strtoull(argv[2], NULL, 10) : 0;
	if (run.operation != NULL && !world_operation_parse(run.operation, &only)) {
		fprintf(stderr, "no such operation: %s\n", run.operation);
		return 2;
	}
	shim_start();
	for (operation = 0; operation < WORLD_OPERATION_COUNT; operation++) {
		if (only == WORLD_OPERATION_COUNT || only == operation)
			try_operation((enum world_operation)operation);
	}
	printf("%llu images, %llu judged, %llu failures\n", (unsigned long long)run.considered,
	    (unsigned long long)run.judged, (unsigned long long)run.failures);
	return run.failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
