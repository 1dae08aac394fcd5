#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "tests/fault/world.h"

#include <sqlite3.h>
#include <sys/mman.h>

#include "tests/fault/folders.h"
#include "tests/fault/requests.h"
#include "tests/fault/shim.h"

#define FILLERS_MAX 2000u
#define FILLERS_KEPT 24u

static const struct {
	const char *name;
	uint32_t victim;
} operations[WORLD_OPERATION_COUNT] = {
#define WORLD_ROW(symbol, name, who) [symbol] = {name, who},
    WORLD_OPERATIONS(WORLD_ROW)
#undef WORLD_ROW
};
static const char *const inputs[WORLD_INPUT_COUNT] = {
    [WORLD_ONE] = "one", [WORLD_BATCH] = "batch", [WORLD_MIXED] = "mixed"};

const char *
world_operation_name(enum world_operation operation)
{
	return operations[operation].name;
}

const char *
world_input_name(enum world_input input)
{
	return inputs[input];
}

bool
world_operation_parse(const char *name, enum world_operation *operation)
{
	uint32_t i;

	for (i = 0; i < WORLD_OPERATION_COUNT; i++) {
		if (strcmp(operations[i].name, name) == 0) {
			*operation = (enum world_operation)i;
			return true;
		}
	}
	return false;
}

bool
world_input_parse(const char *name, enum world_input *input)
{
	uint32_t i;

	for (i = 0; i < WORLD_INPUT_COUNT; i++) {
		if (strcmp(inputs[i], name) == 0) {
			*input = (enum world_input)i;
			return true;
		}
	}
	return false;
}

uint32_t
world_victim(enum world_operation operation)
{
	return operations[operation].victim;
}

/* ---------------------------------------------------------------- turns */

static bool
is_good_answer(const struct net *net)
{
	struct answer answer = net_answer(net);
	struct submit_outcome outcome;
	struct submit_body body;

	if (answer.reason != REASON_STORED)
		return false;
	ck_err(schema_decode(&request_submit_body_schema, answer.body, &body), ERR_NONE);
	while (body.outcomes.count > 0) {
		ck_err(
		    schema_list_next(&body.outcomes, &request_outcome_schema, &outcome), ERR_NONE);
		ck_assert_msg(outcome.reason == REASON_STORED || outcome.reason == REASON_DUPLICATE,
		    "a draft was answered with %s", reason_name((enum reason)outcome.reason));
	}
	return true;
}

static void
note_receipt(struct world_promises *promises, const struct bytes *frame)
{
	static struct exchange_message message;
	struct receipt receipt;
	uint32_t i;

	for (i = 0; i < promises->receipts_count; i++) {
		if (promises->receipts[i].len == frame->len &&
		    memcmp(promises->receipts[i].frame, frame->data, frame->len) == 0)
			return; /* sent again */
	}
	ck_assert_uint_lt(promises->receipts_count, WORLD_RECEIPTS_MAX);
	ck_assert_uint_le(frame->len, sizeof(promises->receipts[0].frame));
	ck_err(exchange_decode(bytes_as_view(frame), &message), ERR_NONE);
	ck_err(receipt_decode(message.signed_thing.statement, &receipt), ERR_NONE);
	memcpy(promises->receipts[promises->receipts_count].frame, frame->data, frame->len);
	promises->receipts[promises->receipts_count++].len = frame->len;
	for (i = 0; i < receipt.outcomes.len; i += 2)
		promises->stored += bytes_get_u16(receipt.outcomes.data + i) == REASON_STORED;
}

/* A receipt leaves B: that is a promise. */
static enum net_verdict
watch(struct net *net, uint32_t from, uint32_t to, struct bytes *frame)
{
	struct world *world = net->context;

	(void)to;
	if (from == B && frame->data[1] == EXCHANGE_RECEIPT && world->promises != NULL)
		note_receipt(world->promises, frame);
	return frame->data[1] == world->held_type ? NET_HOLD : NET_PASS;
}

/* One turn with any number of events, as core_process makes them. */
static enum err
turn(struct world *world, uint32_t at, const struct core_event *events, uint32_t count)
{
	struct net *net = world->net;
	struct core *core = net->nodes[at].core;
	const struct core_action *actions;
	uint32_t actions_count, i;
	uint8_t seed[32] = {0};
	enum err err;

	bytes_put_u64(seed, ++net->turns);
	seed[8] = (uint8_t)at;
	if (world->is_running && at == world_victim(world->operation))
		shim_on();
	core_turn_begin(core, net->now_ms, seed);
	for (i = 0; i < count; i++)
		core_step(core, &events[i]);
	err = core_turn_end(core);
	shim_off();
	actions = core_actions(core, &actions_count);
	for (i = 0; i < actions_count; i++)
		net_act(net, at, &actions[i]);
	core_actions_clear(core);
	return err;
}

static enum err
turn_request(struct world *world, uint32_t request)
{
	struct net *net = world->net;
	struct core_event event = {.type = CORE_REQUEST,
	    .client = 1,
	    .uid = NODE_UID,
	    .bytes = bytes_as_view(&world->requests[request])};
	uint32_t before = net->answers;
	enum err err = turn(world, A, &event, 1);

	if (net->answers == before + 1 && is_good_answer(net) && world->promises != NULL) {
		struct world_promises *promises = world->promises;
		struct hash hash;

		digest_sha256(bytes_as_view(&net->answer), &hash);
		ck_assert_msg(!promises->has_answer[request] ||
				  digest_is_equal(&hash, &promises->answers[request]),
		    "a request that was repeated got another answer");
		promises->answers[request] = hash;
		promises->has_answer[request] = true;
	}
	return err;
}

bool
world_ask(struct world *world, uint32_t request)
{
	enum err err = turn_request(world, request);

	ck_assert_msg(err == ERR_NONE, "a request: %s: %s", err_name(err),
	    core_message(world->net->nodes[A].core));
	return is_good_answer(world->net);
}

/* Turns without events, until there is nothing to do. */
static enum err
work(struct world *world, uint32_t at)
{
	enum err err = ERR_NONE;
	uint32_t rounds = 0;

	while (err == ERR_NONE && core_has_work(world->net->nodes[at].core)) {
		ck_assert_uint_lt(rounds++, 1000);
		err = turn(world, at, NULL, 0);
	}
	return err;
}

/* ---------------------------------------------------------------- the operations */

static enum err
submit(struct world *world)
{
	enum err err = turn_request(world, 0);

	return err == ERR_NONE ? work(world, A) : err;
}

/* All frames that waited, in one turn. */
static enum err
deliver(struct world *world, uint32_t to)
{
	struct net *net = world->net;
	struct net_item items[64]; /* what is sent meanwhile may be held, too */
	struct core_event events[64];
	uint32_t count = net->held_count, i;
	enum err err;

	ck_assert_uint_gt(count, 0);
	memcpy(items, net->held, count * sizeof(*items));
	net->held_count = 0;
	for (i = 0; i < count; i++)
		events[i] = (struct core_event){.type = CORE_LINK_MESSAGE,
		    .key = net->nodes[items[i].from].card.transport_key,
		    .bytes = bytes_as_view(&items[i].bytes)};
	err = turn(world, to, events, count);
	if (err == ERR_NONE)
		err = work(world, to);
	for (i = 0; i < count; i++)
		bytes_release(&items[i].bytes);
	return err;
}

/* As node_open does, but with the shims on, and allowed to fail. */
static enum err
start(struct world *world, uint32_t at)
{
	struct node *node = &world->net->nodes[at];
	struct core_setup setup = {.package = bytes_as_view(&node->package),
	    .founder = bytes_as_view(&node->founder_entry),
	    .credit = CREDIT_DEFAULT,
	    .now_ms = world->net->now_ms};
	char path[HOME_FILE_MAX];
	enum err err;

	home_file(&node->home, "store.db", path);
	shim_on();
	err = keyring_open(&node->home, bytes_view_of(NULL, 0), &node->keyring);
	if (err != ERR_NONE)
		node->keyring = NULL;
	setup.store_path = path;
	setup.keyring = node->keyring;
	if (err == ERR_NONE)
		err = core_open(&setup, &node->core);
	shim_off();
	return err;
}

enum err
world_run(struct world *world)
{
	enum err err = ERR_NONE;

	world->is_running = true;
	switch (world->operation) {
	case WORLD_IMPORT:
	case WORLD_SHARE:
		err = submit(world);
		break;
	case WORLD_CHECKPOINT:
		err = submit(world);
		if (err == ERR_NONE) /* the log ahead begins anew */
			err = turn_request(world, 1);
		break;
	case WORLD_RECEIVE:
		err = deliver(world, B);
		break;
	case WORLD_RECEIPT:
		err = deliver(world, A);
		break;
	case WORLD_CLOSE:
		shim_on();
		node_close(&world->net->nodes[A]);
		shim_off();
		break;
	case WORLD_OPEN:
		err = start(world, B);
		break;
	case WORLD_CREATE:
		err = start(world, A);
		break;
	case WORLD_OPERATION_COUNT:
		break;
	}
	world->is_running = false;
	return err;
}

void
world_survive(struct world *world, enum err err)
{
	uint32_t victim = world_victim(world->operation);
	bool is_start = world->operation == WORLD_OPEN || world->operation == WORLD_CREATE;
	const struct keyring *keyring = world->net->nodes[victim].keyring;
	/* the keyring's process ends then; here it is in the node's */
	bool is_broken = keyring != NULL && keyring_is_broken(keyring);

	if (is_start ? err != ERR_NONE : err != ERR_NONE && (err != ERR_FULL || is_broken))
		net_crash(world->net, victim);
	else if (is_start)
		net_event(world->net, victim, CORE_LINK_STARTED);
}

/* ---------------------------------------------------------------- up to the operation */

static void
live_in(struct world *world, uint32_t at, const char *folder)
{
	struct node *node = &world->net->nodes[at];

	ck_assert_uint_lt(strlen(folder), sizeof(node->folder));
	(void)snprintf(node->folder, sizeof(node->folder), "%s", folder);
	ck_err(home_resolve(folder, &node->home), ERR_NONE);
}

void
world_find(struct world *world, const char *scratch)
{
	char folder[FOLDERS_PATH_MAX + 8];
	uint32_t at;

	for (at = A; at <= B; at++) {
		(void)snprintf(folder, sizeof(folder), "%s/%c", scratch, at == A ? 'a' : 'b');
		live_in(world, at, folder);
	}
	world->held_type = 0;
}

/* Both run, and their session is open. */
static void
start_both(struct world *world)
{
	net_start(world->net, A);
	net_start(world->net, B);
	net_reconnect(world->net, A, B);
}

/* What comes before the operation; an exchange halts where it is to begin. */
void
world_lead_up(struct world *world)
{
	struct net *net = world->net;
	struct core_event event = {.type = CORE_LINK_MESSAGE};

	switch (world->operation) {
	case WORLD_IMPORT:
	case WORLD_CHECKPOINT:
		net_start(net, A);
		net_run(net);
		return;
	case WORLD_SHARE:
		start_both(world);
		world->held_type = EXCHANGE_ENVELOPE;
		return;
	case WORLD_RECEIVE:
	case WORLD_RECEIPT:
	case WORLD_CLOSE:
	case WORLD_OPEN:
		start_both(world);
		world->held_type = world->operation == WORLD_CLOSE     ? 0
				   : world->operation == WORLD_RECEIPT ? EXCHANGE_RECEIPT
								       : EXCHANGE_ENVELOPE;
		ck_assert(world_ask(world, 0));
		net_run(net);
		break;
	case WORLD_CREATE:
	case WORLD_OPERATION_COUNT:
		return;
	}
	if (world->operation != WORLD_OPEN)
		return;
	/* B stores what came and dies before its receipts are stored */
	event.key = net->nodes[A].card.transport_key;
	event.bytes = bytes_as_view(&net->held[0].bytes);
	ck_err(turn(world, B, &event, 1), ERR_NONE);
	net_crash(net, B);
	while (net->held_count > 0)
		bytes_release(&net->held[--net->held_count].bytes);
}

void
world_copy_in(struct world *world, const char *scratch)
{
	uint32_t at;

	world_find(world, scratch);
	/* the same salts in every log ahead, so that the same images come again */
	(void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 7, NULL);
	for (at = A; at <= B; at++)
		folders_copy(world->prepared[at], world->net->nodes[at].folder);
}

void
world_enter(struct world *world, const char *scratch)
{
	world_copy_in(world, scratch);
	world_lead_up(world);
}

/* ---------------------------------------------------------------- once */

static bool has_checkpointed;

static void
see_checkpoint(const struct shim_note *note)
{
	char name[64], path[512];
	ssize_t len;

	if (note->change != SHIM_WRITTEN)
		return;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", note->fd);
	len = readlink(name, path, sizeof(path) - 1);
	if (len < 0)
		return;
	path[len] = '\0';
	has_checkpointed |= len > 9 && strcmp(path + len - 9, "/store.db") == 0;
}

/* Records that stay at home, one a turn, until the log ahead is moved; before each turn from number
   `kept_from` on, the folder is copied to `kept`, over the copy before. */
static uint32_t
fill(struct world *world, const char *folder, uint32_t kept_from, const char *kept)
{
	struct bytes request;
	uint32_t made = 0, value;
	struct core_event event = {.type = CORE_REQUEST, .client = 1, .uid = NODE_UID};

	has_checkpointed = false;
	net_start(world->net, A);
	net_run(world->net);
	shim_listen(see_checkpoint);
	while (made < FILLERS_MAX && !has_checkpointed) {
		if (made >= kept_from) {
			folders_remove(kept);
			folders_copy(folder, kept);
		}
		value = REQUESTS_FILLER + made++;
		requests_encode(world, &value, 1, 1000 + made, &request);
		event.bytes = bytes_as_view(&request);
		ck_err(turn(world, A, &event, 1), ERR_NONE);
		ck_assert(is_good_answer(world->net));
		bytes_release(&request);
	}
	shim_listen(NULL);
	ck_assert_msg(has_checkpointed, "no checkpoint after %u turns", made);
	return made;
}

/* From a copy of what was prepared. */
static uint32_t
fill_copy(struct world *world, uint32_t kept_from, const char *kept)
{
	char folder[FOLDERS_PATH_MAX];
	uint32_t made;

	folders_make(folder);
	folders_copy(world->prepared[A], folder);
	live_in(world, A, folder);
	made = fill(world, folder, kept_from, kept);
	node_close(&world->net->nodes[A]);
	folders_remove(folder);
	return made;
}

/* A's folder with a log ahead that the next turn makes too long: as a crash leaves it.  How many
   turns that takes is not the same each time, since pages fill differently: the second time all
   from a little before on are kept, until it happens. */
static void
prepare_checkpoint(struct world *world)
{
	char kept[FOLDERS_PATH_MAX];
	uint32_t made = fill_copy(world, FILLERS_MAX, NULL);

	folders_make(kept);
	memset(&world->wanted[A][REQUESTS_FILLER], 0, WORLD_VALUES_MAX - REQUESTS_FILLER);
	made = fill_copy(world, made > FILLERS_KEPT ? made - FILLERS_KEPT : 0, kept);
	world->wanted[A][REQUESTS_FILLER + made - 1] = 0; /* it came after what was kept */
	folders_remove(world->prepared[A]);
	folders_copy(kept, world->prepared[A]);
	folders_remove(kept);
}

/* What B had from A before: a charter, and the first two values of the mixed batch. */
static void
prepare_base(struct world *world)
{
	const uint32_t values[] = {REQUESTS_MIXED_FIRST, REQUESTS_MIXED_FIRST + 1};
	struct core_event event = {.type = CORE_REQUEST, .client = 1, .uid = NODE_UID};
	struct bytes request;

	requests_found(world);
	net_run(world->net);
	requests_encode(world, values, 2, 9, &request);
	event.bytes = bytes_as_view(&request);
	ck_err(turn(world, A, &event, 1), ERR_NONE);
	ck_assert(is_good_answer(world->net));
	net_run(world->net);
	world->base = 2;
	bytes_release(&request);
}

static void
prepare_requests(struct world *world)
{
	requests_of_input(world, world->input, 1, &world->requests[world->requests_count++]);
	if (world->operation == WORLD_CHECKPOINT) {
		const uint32_t value = REQUESTS_SECOND;

		requests_encode(world, &value, 1, 2, &world->requests[world->requests_count++]);
	}
}

void
world_halt(struct world *world)
{
	struct net *net = world->net;
	uint32_t at;

	for (at = A; at <= B; at++)
		net_crash(net, at);
	for (; net->first != net->next; net->first++)
		bytes_release(&net->items[net->first % NET_ITEMS_MAX].bytes);
	while (net->held_count > 0)
		bytes_release(&net->held[--net->held_count].bytes);
}

void
world_open(
    struct world *world, enum world_operation operation, enum world_input input, uint32_t batch)
{
	uint32_t at;

	*world = (struct world){.operation = operation, .input = input, .batch = batch};
	world->net = net_open(2);
	world->net->context = world;
	world->net->hook = watch;
	bytes_append(&world->net->answer, "", 1); /* its memory is not the trials' */
	if (operation != WORLD_CREATE) {
		net_befriend(world->net, A, B);
		prepare_base(world);
	}
	world_halt(world);
	for (at = A; at <= B; at++) {
		(void)snprintf(
		    world->prepared[at], FOLDERS_PATH_MAX, "%s", world->net->nodes[at].folder);
		if (operation == WORLD_CREATE)
			folders_forget_store(world->prepared[at]);
	}
	if (operation == WORLD_CHECKPOINT)
		prepare_checkpoint(world);
	prepare_requests(world);
	world->promises = mmap(NULL, sizeof(*world->promises), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(world->promises != MAP_FAILED);
}

void
world_close(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->requests_count; i++)
		bytes_release(&world->requests[i]);
	for (i = A; i <= B; i++)
		live_in(world, i, world->prepared[i]);
	(void)munmap(world->promises, sizeof(*world->promises));
	net_close(world->net);
}
