#include "tests/sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/digest.h"
#include "node/ciphertext.h"
#include "tests/sim/check.h"
#include "tests/sim/guard.h"
#include "tests/sim/hostile.h"
#include "tests/sim/report.h"

#define ACTIONS_TAKEN 3u /* of those that are carried out before a crash amid them */
#define TOGETHER_MS 4u   /* events this close may share a turn */
#define TURN_EVENTS 8u

/* what every world begins with, and the disks that it writes on */
static struct {
	char folder[128];
	struct disk *live[WORLD_NODES_MAX];
	struct disk *founded[WORLD_NODES_MAX];
	bool is_founded[WORLD_NODES_MAX];
} prepared;

/* ---------------------------------------------------------------- randomness */

static struct choice chance; /* where the code draws for itself */

/* The only draws of a core that nobody hands it, through the linker: the secret of a store, and
   the seed that core_open begins with. */
void __wrap_digest_random(void *out, size_t len);
void
__wrap_digest_random(void *out, size_t len)
{
	choice_fill(&chance, out, len);
}

/* FNV-1a, over whatever leaves a node. */
static void
count_in(struct world *world, const void *data, size_t len)
{
	const uint8_t *at = data;
	size_t i;

	for (i = 0; i < len; i++)
		world->digest = (world->digest ^ at[i]) * UINT64_C(0x100000001b3);
}

bool
world_has(const struct world *world, enum world_fault fault)
{
	return (world->plan.faults >> fault & 1) != 0;
}

bool
world_is_open(const struct world *world, uint32_t node)
{
	return (world->open_policies >> node & 1) != 0;
}

uint64_t
world_clock(const struct world_node *node)
{
	return node->world->now_ms + (uint64_t)node->skew_ms;
}

/* ---------------------------------------------------------------- the queue */

static bool
is_before(const struct world_event *a, const struct world_event *b)
{
	return a->time_ms != b->time_ms ? a->time_ms < b->time_ms : a->order < b->order;
}

static void
swap(struct world_event *a, struct world_event *b)
{
	struct world_event kept = *a;

	*a = *b;
	*b = kept;
}

void
world_put(struct world *world, enum core_event_type type, uint32_t from, uint32_t to,
    uint64_t delay_ms, struct bytes_view bytes)
{
	struct world_event *event;
	uint32_t i = world->events_count;

	if (i == WORLD_EVENTS_MAX) {
		if (type == CORE_LINK_MESSAGE)
			return; /* a queue that is full drops, as a link's does */
		report_fail("the simulator itself", "more events than there is room for");
	}
	event = &world->events[world->events_count++];
	*event = (struct world_event){.time_ms = world->now_ms + delay_ms,
	    .order = ++world->orders,
	    .type = type,
	    .from = from,
	    .to = to};
	bytes_init(&event->bytes, 2 * FRAME_BYTES_MAX);
	bytes_append(&event->bytes, bytes.data, bytes.len);
	for (; i > 0 && is_before(&world->events[i], &world->events[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&world->events[i], &world->events[(i - 1) / 2]);
}

/* The first event; the caller releases its bytes. */
static struct world_event
take(struct world *world)
{
	struct world_event first = world->events[0];
	uint32_t i = 0, child;

	world->events[0] = world->events[--world->events_count];
	for (child = 1; child < world->events_count; child = 2 * i + 1) {
		if (child + 1 < world->events_count &&
		    is_before(&world->events[child + 1], &world->events[child]))
			child++;
		if (!is_before(&world->events[child], &world->events[i]))
			break;
		swap(&world->events[child], &world->events[i]);
		i = child;
	}
	return first;
}

/* ---------------------------------------------------------------- nodes */

/* A node's process begins; false: it cannot, since something is made to go wrong. */
static bool
start(struct world_node *node)
{
	struct core_setup setup = {.store_path = node->path,
	    .package = bytes_as_view(&node->party->package),
	    .founder = bytes_as_view(&node->party->founder_entry),
	    .keyring = &node->guard,
	    .credit = node->credit,
	    .now_ms = world_clock(node),
	    .splits_frames = node->splits_frames};
	struct core *core = NULL;
	enum err err = guard_open(node);

	if (err != ERR_NONE)
		report_fail("a keyring does not start", "node %u: %s", node->index, err_name(err));
	err = core_open(&setup, &core);
	if (disk_was_hit(node->disk) || node->keyring_is_gone) {
		/* what it has done does not count, if it has done anything */
		disk_kill(node->disk);
		core_close(core);
		guard_close(node);
		return false;
	}
	if (err != ERR_NONE)
		report_fail("a node does not start", "node %u: %s: %.300s", node->index,
		    err_name(err), core != NULL ? core_message(core) : "");
	node->core = core;
	check_start(node);
	return true;
}

/* It runs, and is told so by its link. */
static void
begin(struct world *world, struct world_node *node)
{
	struct core_event event = {.type = CORE_LINK_STARTED};

	if (!start(node)) {
		disk_lose(node->disk, DISK_KEEPS_SOME, &world->fault);
		node->start_ms = world->now_ms + 500;
		return;
	}
	report_line(
	    "%8llu  node %u starts", (unsigned long long)world->now_ms - PARTY_TIME, node->index);
	world_turn(world, node->index, &event);
}

/* Nobody can speak with it any more; the others are told. */
static void
unlink_all(struct world *world, uint32_t index)
{
	uint32_t i;

	for (i = 0; i < world->count; i++) {
		world->allowed[index][i] = false;
		if (world->linked[index][i])
			world_put(world, CORE_LINK_DOWN, index, i,
			    choice_below(&world->network, 50), bytes_view_of(NULL, 0));
		world->linked[index][i] = world->linked[i][index] = false;
	}
}

void
world_crash(struct world *world, uint32_t index, enum disk_loss loss)
{
	struct world_node *node = &world->nodes[index];

	report_line("%8llu  node %u dies (%d)", (unsigned long long)world->now_ms - PARTY_TIME,
	    index, (int)loss);
	disk_kill(node->disk);
	core_close(node->core);
	node->core = NULL;
	guard_close(node);
	disk_lose(node->disk, loss, &world->fault);
	node->start_ms = world->now_ms + choice_between(&world->fault, 1, 4000);
	node->wait_ms = 0;
	unlink_all(world, index);
}

void
world_restart_link(struct world *world, uint32_t index)
{
	struct core_event event = {.type = CORE_LINK_STARTED};

	unlink_all(world, index);
	if (world->nodes[index].core != NULL)
		world_turn(world, index, &event);
}

/* ---------------------------------------------------------------- the network */

static uint64_t
delay(struct world *world)
{
	return 1 + choice_below(&world->network, 20);
}

/* A frame on its way, with what may befall it. */
static void
carry(struct world *world, uint32_t from, uint32_t to, struct bytes_view frame)
{
	uint64_t arrives_ms = world->now_ms + delay(world);
	bool is_lost = choice_is(&world->network, 60), comes_twice = choice_is(&world->network, 60),
	     is_late = choice_is(&world->network, 150);
	uint64_t later = choice_below(&world->network, 3000);

	if (world->cut[from][to])
		return;
	if (!world->is_calm && world_has(world, FAULT_LOSS) && is_lost)
		return;
	if (!world->is_calm && world_has(world, FAULT_ORDER) && is_late)
		arrives_ms += later;
	else if (arrives_ms < world->last_ms[from][to])
		arrives_ms = world->last_ms[from][to]; /* what was sent first comes first */
	else
		world->last_ms[from][to] = arrives_ms;
	world_put(world, CORE_LINK_MESSAGE, from, to, arrives_ms - world->now_ms, frame);
	if (!world->is_calm && world_has(world, FAULT_TWICE) && comes_twice)
		world_put(
		    world, CORE_LINK_MESSAGE, from, to, arrives_ms - world->now_ms + later, frame);
}

void
world_send(struct world *world, uint32_t from, uint32_t to, struct bytes_view frame)
{
	if (world->linked[from][to])
		carry(world, from, to, frame);
}

static void
dial(struct world *world, uint32_t from, uint32_t to)
{
	struct world_node *peer = &world->nodes[to];
	uint64_t after = delay(world);
	bool is_there = peer->core != NULL && world->allowed[to][from];

	if (world->cut[from][to] || world->cut[to][from])
		return; /* and nothing is ever heard */
	if (peer->is_hostile)
		is_there = hostile_listens(world->hostile, from);
	if (!is_there) {
		world_put(world, CORE_LINK_DOWN, to, from, after, bytes_view_str("no handshake"));
		return;
	}
	world->linked[from][to] = world->linked[to][from] = true;
	world_put(world, CORE_LINK_UP, to, from, after, bytes_view_of(NULL, 0));
}

static void
send_frame(
    struct world *world, struct world_node *node, uint32_t to, const struct core_action *action)
{
	static struct bytes frame;

	if (frame.cap_max == 0)
		bytes_init(&frame, 2 * FRAME_BYTES_MAX);
	bytes_clear(&frame);
	bytes_append(&frame, action->data, action->len);
	if (action->tail != NULL) {
		struct bytes_view tail = ciphertext_view(action->tail);

		bytes_append(&frame, tail.data, tail.len);
	}
	check_frame(node, to, bytes_as_view(&frame));
	count_in(world, frame.data, frame.len);
	if (world->linked[node->index][to])
		carry(world, node->index, to, bytes_as_view(&frame));
	else
		world_put(world, CORE_LINK_UNSENT, to, node->index, 1, bytes_view_of(NULL, 0));
}

static void
perform(struct world *world, struct world_node *node, const struct core_action *action)
{
	uint32_t to = action->type == CORE_ANSWER ? 0 : party_of_key(&action->key);

	if (to >= world->count)
		return;
	switch (action->type) {
	case CORE_SEND:
		send_frame(world, node, to, action);
		return;
	case CORE_DIAL:
		dial(world, node->index, to);
		return;
	case CORE_HANG_UP:
		if (world->linked[node->index][to])
			world_put(world, CORE_LINK_DOWN, node->index, to, delay(world),
			    bytes_view_of(NULL, 0));
		world->linked[node->index][to] = world->linked[to][node->index] = false;
		return;
	case CORE_ALLOW:
	case CORE_FORBID:
		world->allowed[node->index][to] = action->type == CORE_ALLOW;
		return;
	case CORE_ANSWER:
		count_in(world, action->data, action->len);
		check_answer(node, action->client, bytes_view_of(action->data, action->len));
		return;
	}
}

/* ---------------------------------------------------------------- a turn */

/* What else is due for this node and can share its turn. */
static uint32_t
take_more(struct world *world, uint32_t index, struct world_event *more)
{
	uint32_t count = 0;

	while (count < TURN_EVENTS && world->events_count > 0 &&
	       world->events[0].time_ms <= world->now_ms + TOGETHER_MS &&
	       world->events[0].to == index && choice_is(&world->network, 700))
		more[count++] = take(world);
	return count;
}

static void
step(struct world *world, struct world_node *node, const struct world_event *from)
{
	struct core_event event = {.type = from->type, .bytes = bytes_as_view(&from->bytes)};

	if (from->type == CORE_REQUEST) {
		event.client = from->from;
		event.uid = PARTY_UID;
	} else {
		event.key = party_at(from->from)->card.transport_key;
	}
	if (from->type == CORE_LINK_MESSAGE &&
	    (!world->allowed[node->index][from->from] || !world->linked[node->index][from->from]))
		return; /* its link knows nobody of that key */
	core_step(node->core, &event);
}

/* Carry out what the turn let go, or only the first of it. */
static void
perform_all(struct world *world, struct world_node *node, bool dies_amid)
{
	const struct core_action *actions;
	uint32_t count, i, most;

	actions = core_actions(node->core, &count);
	most = dies_amid ? choice_below(&world->fault, ACTIONS_TAKEN) : count;
	for (i = 0; i < count && i < most; i++)
		perform(world, node, &actions[i]);
	core_actions_clear(node->core);
}

static void
end_turn(struct world *world, struct world_node *node, enum err err)
{
	bool was_hit = disk_was_hit(node->disk);
	enum disk_loss loss = (enum disk_loss)choice_below(&world->fault, DISK_LOSS_COUNT);
	bool dies_amid =
	    !world->is_calm && world_has(world, FAULT_CRASH) && choice_is(&world->fault, 8);

	if (disk_is_dead(node->disk)) {
		world_crash(world, node->index, loss);
		return;
	}
	if (err == ERR_NONE || (err == ERR_FULL && was_hit)) {
		perform_all(world, node, dies_amid);
		if (dies_amid)
			world_crash(world, node->index, loss);
		else
			check_turn(node);
		return;
	}
	if (!was_hit && !node->keyring_is_gone)
		report_fail("a turn failed", "node %u: %s: %.300s", node->index, err_name(err),
		    core_message(node->core));
	/* as mallad does it: what was let go goes, and the process ends */
	perform_all(world, node, false);
	world_crash(world, node->index, loss);
}

void
world_turn(struct world *world, uint32_t index, const struct core_event *event)
{
	struct world_node *node = &world->nodes[index];
	struct world_event more[TURN_EVENTS];
	uint32_t count, i;
	uint8_t seed[32];
	enum err err;

	choice_fill(&world->turn, seed, sizeof(seed));
	world->turns++;
	core_turn_begin(node->core, world_clock(node), seed);
	if (event != NULL)
		core_step(node->core, event);
	count = take_more(world, index, more);
	for (i = 0; i < count; i++) {
		step(world, node, &more[i]);
		bytes_release(&more[i].bytes);
	}
	err = core_turn_end(node->core);
	node->wait_ms = 0;
	end_turn(world, node, err);
}

/* ---------------------------------------------------------------- time */

/* When this node has something to do by itself. */
static uint64_t
due_of(struct world *world, struct world_node *node)
{
	uint64_t tick, clock = world_clock(node);

	if (node->is_hostile)
		return UINT64_MAX;
	if (node->core == NULL)
		return node->start_ms;
	if (core_has_work(node->core)) {
		if (!core_can_wait(node->core))
			return world->now_ms;
		if (node->wait_ms == 0)
			node->wait_ms = world->now_ms + choice_below(&world->network, 300);
		return node->wait_ms;
	}
	tick = core_next_tick_ms(node->core);
	return tick <= clock ? world->now_ms : world->now_ms + (tick - clock);
}

static void
act_alone(struct world *world, struct world_node *node)
{
	struct core_event tick = {.type = CORE_TICK};

	if (node->core == NULL)
		begin(world, node);
	else if (world_clock(node) >= core_next_tick_ms(node->core))
		world_turn(world, node->index, &tick);
	else
		world_turn(world, node->index, NULL);
}

static void
deliver(struct world *world, struct world_event *event)
{
	struct core_event given = {.type = event->type, .bytes = bytes_as_view(&event->bytes)};
	struct world_node *node = &world->nodes[event->to];
	bool is_frame = event->type == CORE_LINK_MESSAGE;

	if (event->type == CORE_REQUEST) {
		given.client = event->from;
		given.uid = PARTY_UID;
	} else {
		given.key = party_at(event->from)->card.transport_key;
	}
	if (node->is_hostile)
		hostile_hears(world->hostile, event->type, event->from, given.bytes);
	else if (node->core != NULL && (!is_frame || (world->allowed[event->to][event->from] &&
							 world->linked[event->to][event->from])))
		world_turn(world, event->to, &given);
	bytes_release(&event->bytes);
}

bool
world_advance(struct world *world, uint64_t until_ms)
{
	struct world_node *first = NULL;
	uint64_t due_ms = until_ms, due;
	struct world_event event;
	uint32_t i;

	for (i = 0; i < world->count; i++) {
		due = due_of(world, &world->nodes[i]);
		if (due < due_ms) {
			due_ms = due;
			first = &world->nodes[i];
		}
	}
	if (world->events_count > 0 && world->events[0].time_ms <= due_ms) {
		event = take(world);
		if (event.time_ms > world->now_ms)
			world->now_ms = event.time_ms;
		deliver(world, &event);
		return true;
	}
	if (due_ms > world->now_ms)
		world->now_ms = due_ms;
	if (first != NULL)
		act_alone(world, first);
	return first != NULL;
}

void
world_calm(struct world *world)
{
	uint32_t i;

	world->is_calm = true;
	memset(world->cut, 0, sizeof(world->cut));
	for (i = 0; i < world->count; i++) {
		struct world_node *node = &world->nodes[i];

		node->skew_ms = 0;
		node->keyring_dies = 0;
		disk_fill(node->disk, false, 0);
		disk_arm(node->disk, 0);
		disk_arm_sync(node->disk, 0);
	}
}

/* ---------------------------------------------------------------- worlds */

static void
open_node(struct world *world, uint32_t index)
{
	struct world_node *node = &world->nodes[index];

	node->world = world;
	node->index = index;
	node->party = party_at(index);
	node->disk = prepared.live[index];
	(void)snprintf(
	    node->path, sizeof(node->path), "%s/%c.db", prepared.folder, (char)('a' + index));
	node->is_hostile =
	    world_has(world, FAULT_HOSTILE) && index == world->count - 1 && world->count > 1;
	node->credit = 1 + choice_below(&world->what, 8);
	node->splits_frames = choice_is(&world->what, 500);
	node->start_ms = world->now_ms + choice_below(&world->what, 50);
	if (world_has(world, FAULT_EMPTY) || !prepared.is_founded[index])
		disk_clear(node->disk);
	else
		disk_copy(node->disk, prepared.founded[index]);
}

void
world_open(struct world *world, const struct world_plan *plan)
{
	uint32_t i;

	memset(world, 0, sizeof(*world));
	world->plan = *plan;
	world->now_ms = PARTY_TIME + 60000;
	world->digest = UINT64_C(0xcbf29ce484222325);
	choice_open(&world->what, plan->seed, 1);
	choice_open(&world->content, plan->seed, 2);
	choice_open(&world->network, plan->seed, 3);
	choice_open(&world->turn, plan->seed, 4);
	choice_open(&world->fault, plan->seed, 5);
	choice_open(&world->evil, plan->seed, 6);
	choice_open(&chance, plan->seed, 7);
	disk_set_time(PARTY_TIME);
	model_init(&world->model);
	tap_init(&world->tap);
	world->count = plan->nodes;
	for (i = 0; i < world->count; i++)
		open_node(world, i);
	world->hostile = hostile_open(world);
}

void
world_close(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->count; i++) {
		core_close(world->nodes[i].core);
		guard_close(&world->nodes[i]);
	}
	while (world->events_count > 0) {
		struct world_event event = take(world);

		bytes_release(&event.bytes);
	}
	hostile_free(world->hostile);
	model_release(&world->model);
	tap_release(&world->tap);
}

/* A store as it is when its node has started for the first time: most worlds begin with it. */
static void
prepare_founded(struct world *world, uint32_t index)
{
	struct world_node *node = &world->nodes[index];

	if (!start(node))
		report_fail("the simulator itself", "node %u cannot be founded", index);
	core_close(node->core);
	node->core = NULL;
	guard_close(node);
	disk_copy(prepared.founded[index], node->disk);
	prepared.is_founded[index] = true;
}

enum err
world_start(const char *folder)
{
	static struct world world;
	struct world_plan plan = {.seed = 0, .nodes = WORLD_NODES_MAX};
	char path[160];
	enum err err = party_start();
	uint32_t i;

	(void)snprintf(prepared.folder, sizeof(prepared.folder), "%s", folder);
	if (err == ERR_NONE)
		err = disk_start();
	for (i = 0; i < WORLD_NODES_MAX && err == ERR_NONE; i++) {
		(void)snprintf(path, sizeof(path), "%s/%c.db", folder, (char)('a' + i));
		err = disk_open(path, &prepared.live[i]);
		if (err == ERR_NONE)
			err = disk_open("founded", &prepared.founded[i]);
	}
	if (err != ERR_NONE)
		return err;
	world_open(&world, &plan);
	for (i = 0; i < WORLD_NODES_MAX; i++)
		prepare_founded(&world, i);
	world_close(&world);
	return ERR_NONE;
}

void
world_end(const char *folder)
{
	char path[200];
	uint32_t i;

	for (i = 0; i < WORLD_NODES_MAX; i++) {
		(void)snprintf(path, sizeof(path), "%s/%c.db", folder, (char)('a' + i));
		(void)unlink(path);
		(void)snprintf(path, sizeof(path), "%s/%c.db.lock", folder, (char)('a' + i));
		(void)unlink(path);
	}
}
