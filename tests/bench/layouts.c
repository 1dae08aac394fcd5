/* Layouts of the store, measured against an append-only floor that runs between their blocks, so
 * that ratios are of the same hour.
 *
 *     layouts [--records N] [--layouts a2,b,c,d,e] [--dir DIR] [--fan N] [--bits N]
 *             [--checkpoint PAGES] [--unchecked]
 *
 * One line a block on standard error (tab-separated), one report a layout on standard output. */
#include "tests/bench/layout_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 100000, ASKED = 10000, BURST = 50, WINDOW = 5 };

struct args {
	uint64_t records;
	const char *layouts;
	const char *dir;
	struct layout_options options;
};

/* records per second of the last blocks, ours and the floor's */
struct curve {
	double ours[WINDOW], floor[WINDOW];
	unsigned blocks;
	double ours_sum, floor_sum;
};

static struct layout_record batch[LAYOUT_BATCH];

static uint64_t
number_of(const char *option, const char *text)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = text != NULL ? strtoull(text, &end, 10) : 0;
	if (text == NULL || errno != 0 || *end != '\0' || end == text)
		layout_db_die(option, "needs a number");
	return number;
}

static void
read_args(int argc, char **argv, struct args *args)
{
	for (int i = 1; i < argc; i++) {
		const char *option = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(option, "--unchecked") == 0) {
			args->options.is_checked = false;
			continue;
		}
		if (strcmp(option, "--layouts") == 0 && value != NULL)
			args->layouts = value;
		else if (strcmp(option, "--dir") == 0 && value != NULL)
			args->dir = value;
		else if (strcmp(option, "--records") == 0)
			args->records = number_of(option, value);
		else if (strcmp(option, "--fan") == 0)
			args->options.fan = (uint32_t)number_of(option, value);
		else if (strcmp(option, "--bits") == 0)
			args->options.bits = (unsigned)number_of(option, value);
		else if (strcmp(option, "--checkpoint") == 0)
			args->options.checkpoint_pages = (int)number_of(option, value);
		else
			layout_db_die(option, "unknown, or without its value");
		i++;
	}
}

/* Store `count` records from number `first` on; seconds, without making them up. */
static double
put_block(struct layout_store *store, uint64_t first, uint64_t count)
{
	double seconds = 0;

	for (uint64_t done = 0; done < count; done += LAYOUT_BATCH) {
		uint32_t size =
		    (uint32_t)(count - done < LAYOUT_BATCH ? count - done : LAYOUT_BATCH);
		double start;

		for (uint32_t i = 0; i < size; i++)
			layout_data_record(first + done + i, &batch[i]);
		start = layout_db_now();
		layout_store_put(store, batch, size);
		seconds += layout_db_now() - start;
	}
	return seconds;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(const double *values, unsigned count)
{
	double sorted[WINDOW];

	memcpy(sorted, values, count * sizeof(*values));
	qsort(sorted, count, sizeof(*sorted), by_size);
	return sorted[count / 2];
}

/* 1, 2, 5, 10 ... blocks, and the last. */
static bool
is_reported(uint64_t blocks, uint64_t all)
{
	while (blocks % 10 == 0)
		blocks /= 10;
	return blocks == 1 || blocks == 2 || blocks == 5 || blocks == all;
}

static void
note_block(struct layout_store *store, struct curve *curve, uint64_t stored, uint64_t records)
{
	unsigned last = (curve->blocks - 1) % WINDOW;
	unsigned known = curve->blocks < WINDOW ? curve->blocks : WINDOW;
	double ours, floor;

	fprintf(stderr, "%s\t%llu\t%.0f\t%.0f\t%.3f\t%.1f\t%.1f\n", store->form->name,
	    (unsigned long long)stored, curve->floor[last], curve->ours[last],
	    curve->ours[last] / curve->floor[last], store->times.slice_max * 1e3,
	    store->times.whole_max * 1e3);
	if (!is_reported(stored / BLOCK, records / BLOCK))
		return;
	ours = median(curve->ours, known);
	floor = median(curve->floor, known);
	printf("| %s | %llu | %.0f | %.0f | %.2f | %.2f | %.0f | %.0f |\n", store->form->name,
	    (unsigned long long)stored, floor, ours, ours / floor,
	    curve->floor_sum / curve->ours_sum, store->times.slice_max * 1e3,
	    store->times.whole_max * 1e3);
	fflush(stdout);
}

static void
fill(struct layout_store *floor, struct layout_store *store, uint64_t records)
{
	struct curve curve = {.blocks = 0};

	printf("| layout | records | floor /s | /s | ratio | ratio so far | slice ms | pause ms |\n"
	       "|---|---|---|---|---|---|---|---|\n");
	for (uint64_t stored = 0; stored < records; stored += BLOCK) {
		struct layout_store *turn[2] = {floor, store};
		double seconds[2];

		/* who goes first changes, so that neither always finds the other's disk work */
		for (unsigned i = 0; i < 2; i++) {
			unsigned who = (unsigned)(i + stored / BLOCK) % 2;

			seconds[who] = put_block(turn[who], stored + 1, BLOCK);
		}
		curve.floor[curve.blocks % WINDOW] = BLOCK / seconds[0];
		curve.ours[curve.blocks % WINDOW] = BLOCK / seconds[1];
		curve.floor_sum += seconds[0];
		curve.ours_sum += seconds[1];
		curve.blocks++;
		note_block(store, &curve, stored + BLOCK, records);
	}
}

static void
report_size(struct layout_store *store, uint64_t records)
{
	struct layout_times *times = &store->times;
	double each = 1e6 / (double)records;
	int64_t pages, unused;

	layout_db_checkpoint(&store->db);
	pages = layout_db_number(&store->db, "PRAGMA page_count");
	unused = layout_db_number(&store->db, "PRAGMA freelist_count");
	printf(
	    "\n%s (%s): µs a record: check %.2f, rows %.2f, keys %.2f, merge %.2f, commit %.2f, "
	    "checkpoint %.2f, processor %.2f; bytes on disk beyond the body %.1f, and free %.1f; "
	    "%llu duplicates, %llu pages read for nothing\n",
	    store->form->name, store->form->says, times->check * each, times->rows * each,
	    times->keys * each, times->merge * each, times->commit * each, times->checkpoint * each,
	    times->worked * each, (double)(pages - unused) * 4096 / (double)records - LAYOUT_BODY,
	    (double)unused * 4096 / (double)records, (unsigned long long)store->duplicates,
	    (unsigned long long)store->false_hits);
	for (unsigned i = 0; i < store->form->trees; i++) {
		struct layout_tree_size size = layout_tree_size(store->trees[i]);
		double start = layout_db_now();

		layout_tree_prove(store->trees[i]);

		printf("%s.%s: %u runs, %.2f bytes of memory a record, and %.1f MB for the newest; "
		       "all pages read in %.1f s\n",
		    store->form->name, store->form->tree[i].name, size.runs,
		    (double)size.memory / (double)records, (double)size.newest / 1e6,
		    layout_db_now() - start);
	}
}

/* A record that the question can be asked of; for a miss one that is not there. */
static void
pick(enum layout_question question, uint64_t random, uint64_t records, struct layout_record *out)
{
	bool is_cidr = question == LAYOUT_ASK_CIDR_24 || question == LAYOUT_ASK_CIDR_20;
	bool is_parent = question == LAYOUT_ASK_PARENT;
	bool is_miss = question == LAYOUT_ASK_ID_MISS || question == LAYOUT_ASK_OBSERVABLE_MISS;
	uint64_t number = layout_data_mix(random) % records;

	for (;; number = (number + 1) % records) {
		layout_data_record(number + 1 + (is_miss ? (uint64_t)1 << 40 : 0), out);
		if ((!is_cidr || out->observable.bytes[0] == 'a') &&
		    (!is_parent || out->observable.bytes[0] == 'd'))
			return;
	}
}

static double
ask_burst(struct layout_store *store, enum layout_question question, uint64_t records,
    uint64_t seed, uint64_t *found)
{
	double start;
	bool is_miss = question == LAYOUT_ASK_ID_MISS || question == LAYOUT_ASK_OBSERVABLE_MISS;

	for (unsigned i = 0; i < BURST; i++)
		pick(question, seed * BURST + i, records, &batch[i]);
	start = layout_db_now();
	for (unsigned i = 0; i < BURST; i++) {
		uint32_t answers = layout_store_ask(store, question, &batch[i]);

		if (answers == 0 && !is_miss)
			layout_db_die("a record that was stored", "was not found");
		*found += answers;
	}
	return layout_db_now() - start;
}

static void
report_lookups(struct layout_store *store, uint64_t records)
{
	static const char *const names[LAYOUT_QUESTIONS] = {"primary key", "id", "id, miss",
	    "observable", "observable, miss", "CIDR /24", "CIDR /20", "parent domain"};
	double seconds[LAYOUT_QUESTIONS] = {0};
	uint64_t found[LAYOUT_QUESTIONS] = {0};

	for (unsigned round = 0; round < ASKED / BURST; round++)
		for (unsigned q = 0; q < LAYOUT_QUESTIONS; q++)
			if (layout_store_can(store, (enum layout_question)q))
				seconds[q] += ask_burst(store, (enum layout_question)q, records,
				    round * LAYOUT_QUESTIONS + q, &found[q]);
	printf(
	    "\n| layout | question | µs | of a primary key | answers |\n|---|---|---|---|---|\n");
	for (unsigned q = 0; q < LAYOUT_QUESTIONS; q++)
		if (layout_store_can(store, (enum layout_question)q))
			printf("| %s | %s | %.1f | %.2f | %.2f |\n", store->form->name, names[q],
			    seconds[q] / ASKED * 1e6, seconds[q] / seconds[0],
			    (double)found[q] / ASKED);
}

static void
measure(const struct args *args, const char *name)
{
	const struct layout_form *form = layout_forms_find(name);
	struct layout_store floor, store;
	char path[2][1024];

	if (form == NULL)
		layout_db_die(name, "no such layout");
	snprintf(path[0], sizeof(path[0]), "%s/layout-floor.db", args->dir);
	snprintf(path[1], sizeof(path[1]), "%s/layout-%s.db", args->dir, name);
	layout_store_open(&floor, layout_forms_find("a"), path[0], &args->options);
	layout_store_open(&store, form, path[1], &args->options);
	printf("\n## %s: %s (fan %u, %u bits a key, checkpoint at %d pages%s)\n\n", name,
	    form->says,
	    args->options.fan != 0 ? args->options.fan
				   : form->tree[form->trees > 0 ? form->trees - 1 : 0].fan,
	    args->options.bits, args->options.checkpoint_pages,
	    args->options.is_checked ? "" : ", unchecked");
	fill(&floor, &store, args->records);
	report_size(&store, args->records);
	report_lookups(&store, args->records);
	printf("\nthe floor: µs a record: rows %.2f, commit %.2f, checkpoint %.2f, processor %.2f; "
	       "longest "
	       "pause %.0f ms\n",
	    floor.times.rows * 1e6 / (double)args->records,
	    floor.times.commit * 1e6 / (double)args->records,
	    floor.times.checkpoint * 1e6 / (double)args->records,
	    floor.times.worked * 1e6 / (double)args->records, floor.times.whole_max * 1e3);
	fflush(stdout);
	layout_store_discard(&store);
	layout_store_discard(&floor);
}

int
main(int argc, char **argv)
{
	struct args args = {
	    .records = 1000000,
	    .layouts = "a2,b,c,d,e",
	    .dir = ".",
	    .options = {.bits = 16, .checkpoint_pages = 4000, .is_checked = true},
	};
	char name[16];

	read_args(argc, argv, &args);
	if (args.records < BLOCK || args.records % BLOCK != 0 || args.records > UINT32_MAX)
		layout_db_die("--records", "a multiple of 100000");
	while (*args.layouts != '\0') {
		size_t len = strcspn(args.layouts, ",");

		if (len >= sizeof(name))
			layout_db_die(args.layouts, "no such layout");
		memcpy(name, args.layouts, len);
		name[len] = '\0';
		args.layouts += len + (args.layouts[len] == ',');
		measure(&args, name);
	}
	return 0;
}
