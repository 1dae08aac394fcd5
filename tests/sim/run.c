#include "tests/sim/run.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tests/sim/check.h"
#include "tests/sim/clients.h"
#include "tests/sim/dump.h"
#include "tests/sim/hostile.h"
#include "tests/sim/report.h"
#include "tests/sim/settled.h"

#define EVENTS_MAX 200000u          /* in one world */
#define CALM_MS (20u * 60u * 1000u) /* after which, with no faults, everything must be settled */
#define CALM_STEP_MS 1000u
#define QUERIES 3u
#define SKEW_NEAR_MS 140000u /* two of them are less than what is tolerated */
#define SKEW_FAR_MS 1200000u

static struct world world;

void
run_plan(uint64_t seed, struct world_plan *plan)
{
	struct choice choice;
	uint32_t i, dice;

	choice_open(&choice, seed, 0);
	*plan = (struct world_plan){.seed = seed};
	dice = choice_below(&choice, 100);
	plan->nodes = dice < 45 ? 2 : dice < 80 ? 3 : dice < 95 ? 4 : 5;
	/* many short worlds see more than few long ones, but for what needs time */
	dice = choice_below(&choice, 100);
	plan->steps = 3 + choice_below(&choice, dice < 60 ? 10 : dice < 90 ? 22 : 58);
	for (i = 0; i < FAULT_COUNT; i++) {
		if (choice_is(&choice, i == FAULT_EMPTY ? 60 : i == FAULT_CRASH ? 600 : 350))
			plan->faults |= 1u << i;
	}
	/* somebody must be left to be wronged */
	if ((plan->faults >> FAULT_HOSTILE & 1) != 0 && plan->nodes < 3)
		plan->nodes = 3;
}

/* Until then, whatever happens. */
static void
pass_until(uint64_t until_ms)
{
	uint32_t events = 0;

	while (world_advance(&world, until_ms)) {
		if (++events > EVENTS_MAX)
			report_fail("somebody works for ever", "at %" PRIu64 " ms",
			    world.now_ms - PARTY_TIME);
	}
}

static uint32_t
honest_count(void)
{
	return world.hostile != NULL ? world.count - 1 : world.count;
}

/* Most know each other; all of them in the end, where nobody is left out on purpose. */
static void
befriend(void)
{
	uint32_t a, b;

	for (a = 0; a < world.count; a++) {
		for (b = 0; b < world.count; b++) {
			bool is_wanted = choice_is(&world.what, 900);

			if (a != b && (is_wanted || world.count == 2))
				clients_peer(&world, a, b, true);
		}
	}
}

/* Most nodes, now or later, have a policy that lets nothing but the ceiling stand in the way. */
static void
open_up(void)
{
	uint32_t i;

	for (i = 0; i < honest_count(); i++) {
		bool is_wanted = choice_is(&world.what, 800);

		if (world_has(&world, FAULT_POLICY) && is_wanted)
			clients_open(&world, i);
	}
}

/* ---------------------------------------------------------------- what goes wrong */

static void
jump(struct world_node *node, uint32_t far, uint64_t by)
{
	uint64_t most = far < 150 ? SKEW_FAR_MS : SKEW_NEAR_MS;

	node->skew_ms = (int64_t)(by % (2 * most)) - (int64_t)most;
	if (llabs(node->skew_ms) > world.skew_most_ms)
		world.skew_most_ms = llabs(node->skew_ms);
	report_line("%8" PRIu64 "  the clock of node %u is off by %" PRId64 " ms",
	    world.now_ms - PARTY_TIME, node->index, node->skew_ms);
}

/* One thing goes wrong, if it is of those that may; what was drawn for it is drawn anyhow. */
static void
go_wrong(void)
{
	uint32_t at = choice_below(&world.what, world.count),
		 other = choice_below(&world.what, world.count),
		 much = choice_below(&world.what, 1000);
	uint64_t by = choice_next(&world.what);
	enum world_fault fault = (enum world_fault)choice_below(&world.what, FAULT_COUNT);
	struct world_node *node = &world.nodes[at];

	if (!world_has(&world, fault) || node->is_hostile)
		return;
	switch (fault) {
	case FAULT_CUT:
		world.cut[at][other] = !world.cut[at][other];
		if (much < 400)
			world.cut[other][at] = world.cut[at][other];
		return;
	case FAULT_LINK:
		world_restart_link(&world, at);
		return;
	case FAULT_CRASH:
		if (node->core != NULL && much < 300)
			world_crash(&world, at, (enum disk_loss)(by % DISK_LOSS_COUNT));
		else
			disk_arm(node->disk, 1 + much % 40);
		return;
	case FAULT_KEYRING:
		node->keyring_dies = 1 + much % 6;
		return;
	case FAULT_CLOCK:
		jump(node, much, by);
		return;
	case FAULT_FULL:
		disk_fill(node->disk, !disk_is_full(node->disk), much < 500 ? 0 : by % 100000);
		return;
	case FAULT_SYNC:
		disk_arm_sync(node->disk, 1 + much % 6);
		return;
	case FAULT_PEERS:
		clients_peer(&world, at, other, !world.is_peer[at][other]);
		return;
	case FAULT_LOSS:
	case FAULT_TWICE:
	case FAULT_ORDER:
	case FAULT_HOSTILE:
	case FAULT_REPEAT:
	case FAULT_EMPTY:
	case FAULT_POLICY:
	case FAULT_COUNT:
		return; /* these happen elsewhere */
	}
}

/* ---------------------------------------------------------------- one seed */

static void
one_step(void)
{
	uint32_t node = choice_below(&world.what, honest_count()),
		 dice = choice_below(&world.what, 100), gap = choice_below(&world.what, 1000);
	uint64_t pause = choice_next(&world.what);

	pass_until(world.now_ms + (gap < 860      ? pause % 500
				      : gap < 970 ? pause % 15000
						  : pause % 100000));
	clients_ask_again(&world);
	hostile_acts(world.hostile);
	hostile_acts(world.hostile);
	if (dice < 40)
		clients_share(&world, node, dice < 36 ? 4 : 24);
	else if (dice < 48 && world_has(&world, FAULT_REPEAT))
		clients_share_again(&world, node);
	else if (dice < 56 && world_has(&world, FAULT_REPEAT))
		clients_repeat(&world);
	else if (dice >= 56 && dice < 62)
		clients_read(&world, node);
	else
		go_wrong();
}

/* Until everybody holds what it should; it must not take for ever. */
static void
settle(void)
{
	uint64_t end = world.now_ms + CALM_MS + 4 * (uint64_t)world.skew_most_ms;
	char words[160];

	while (!settled_all(&world, words, sizeof(words))) {
		if (world.now_ms >= end)
			report_fail("something is missing in the end", "%s", words);
		pass_until(world.now_ms + CALM_STEP_MS);
		clients_ask_again(&world);
	}
}

/* One node, if it is up, from its first leaf to its last. */
static void
look_at(struct world_node *node)
{
	if (node->core == NULL)
		return;
	check_start(node);
	settled_node(node);
	if (world.model.count > 0)
		check_queries(node, choice_below(&world.content, world.model.count), QUERIES);
}

static void
look_at_all(void)
{
	uint32_t i;

	for (i = 0; i < honest_count(); i++)
		look_at(&world.nodes[i]);
}

void
run_world(const struct world_plan *plan)
{
	uint32_t step, i;
	bool loses_power;

	world_open(&world, plan);
	befriend();
	open_up();
	loses_power = choice_is(&world.what, 250);
	pass_until(world.now_ms + choice_below(&world.what, 2000));
	for (step = 0; step < plan->steps; step++) {
		report_here()->steps = step + 1;
		one_step();
		if (choice_is(&world.what, 100))
			look_at(&world.nodes[choice_below(&world.what, honest_count())]);
	}
	world_calm(&world);
	settle();
	look_at_all();
	for (i = 0; i < honest_count() && loses_power; i++)
		world_crash(&world, i, DISK_KEEPS_NONE);
	if (loses_power) {
		settle();
		look_at_all();
	}
	dump_world(&world);
	report_here()->digest = world.digest;
	report_here()->turns = world.turns;
	world_close(&world);
}
