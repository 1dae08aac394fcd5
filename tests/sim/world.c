#include "tests/sim/world.h"

#include <stdarg.h>

#include "node/judge.h"
#include "policy/decide.h"

#define CALM_ROUNDS 36u
#define CALM_MS 45000u
#define SKEW_LIMIT_MS 240000

/* the founders: the same in every world */
static struct {
	struct node nodes[WORLD_NODES_MAX];
	struct memdisk *live[WORLD_NODES_MAX];
	struct memdisk *founded[WORLD_NODES_MAX]; /* every peer added, nothing else */
	struct world_node after[WORLD_NODES_MAX]; /* the head its keyring noted then */
} prepared;

static struct world *running; /* for what is wrapped and has no context */
static uint64_t process_random;

/* ---------------------------------------------------------------- chance */

static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 (Steele, 2014) */

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t
world_pick(struct world *world, uint32_t n)
{
	return (uint32_t)((next_random(&world->random) >> 32) * n >> 32);
}

bool
world_has_fault(const struct world *world, enum world_fault fault)
{
	return !world->is_calm && (world->options.faults >> fault & 1) != 0;
}

/* All randomness of the process, through the linker: a seed repeats all of it. */
void __wrap_digest_random(void *out, size_t len);
void
__wrap_digest_random(void *out, size_t len)
{
	uint8_t *bytes = out;
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] =
		    (uint8_t)(next_random(running == NULL ? &process_random : &running->random));
}

/* A hostile node is the real one without its conscience: it sends what its keys allow. */
enum reason __real_judge_outbound(struct core *core, const struct record *record,
    const struct org_id *via, const struct member *to, const char **rule);
enum reason __wrap_judge_outbound(struct core *core, const struct record *record,
    const struct org_id *via, const struct member *to, const char **rule);
enum reason
__wrap_judge_outbound(struct core *core, const struct record *record, const struct org_id *via,
    const struct member *to, const char **rule)
{
	uint32_t i;

	for (i = 0; running != NULL && i < running->count; i++) {
		if (running->nodes[i].core == core && running->nodes[i].is_hostile &&
		    world_has_fault(running, FAULT_HOSTILE)) {
			*rule = "whatever";
			return REASON_STORED;
		}
	}
	return __real_judge_outbound(core, record, via, to, rule);
}

void
world_violate(struct world *world, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(world->violation, sizeof(world->violation), format, arguments);
	va_end(arguments);
	longjmp(world->end, 1);
}

/* Check's macros outside of its runner. */
void
_ck_assert_failed(const char *file, int line, const char *expression, const char *words, ...)
{
	char text[256] = "";
	va_list arguments;

	if (words != NULL) {
		va_start(arguments, words);
		(void)vsnprintf(text, sizeof(text), words, arguments);
		va_end(arguments);
	}
	if (running != NULL)
		world_violate(running, "%s:%d: %s %s", file, line, expression, text);
	fprintf(stderr, "%s:%d: %s %s\n", file, line, expression, text);
	abort();
}

void
_mark_point(const char *file, int line)
{
	(void)file;
	(void)line;
}

void
world_see(
    struct world *world, const char *what, const void *key, size_t len, const struct hash *value)
{
	struct world_seen *seen;
	uint32_t i;

	assert(len <= sizeof(seen->key));
	for (i = 0; i < world->seen_count; i++) {
		seen = &world->seen[i];
		if (memcmp(seen->key, key, len) != 0)
			continue;
		if (memcmp(&seen->value, value, sizeof(*value)) != 0)
			world_violate(world, "%s", what);
		return;
	}
	if (world->seen_count == WORLD_SEEN_MAX)
		return;
	seen = &world->seen[world->seen_count++];
	memset(seen, 0, sizeof(*seen));
	memcpy(seen->key, key, len);
	seen->value = *value;
}

/* ---------------------------------------------------------------- keyrings */

uint64_t
world_time_of(const struct world *world, uint32_t node)
{
	return world->now_ms + (uint64_t)world->nodes[node].skew_ms;
}

static uint64_t
node_time(void *context)
{
	const struct world_node *node = context;

	return running == NULL ? NODE_TIME
			       : world_time_of(running, (uint32_t)(node - running->nodes));
}

static enum err
load_head(void *context, struct head *out)
{
	const struct world_node *node = context;

	if (!node->has_head)
		return ERR_NOT_FOUND;
	*out = node->head;
	return ERR_NONE;
}

/* One operation of the disk: it may die before, and then nothing was noted. */
static enum err
note_head(void *context, const struct head *head)
{
	struct world_node *node = context;
	struct {
		char what[8];
		struct org_id org;
		uint64_t epoch, size;
	} key = {"head", node->who->org, head->epoch, head->size};

	if (!memdisk_operate(node->disk))
		return ERR_SYSTEM;
	if (running != NULL)
		world_see(
		    running, "two heads of one size were signed", &key, sizeof(key), &head->root);
	node->head = *head;
	node->has_head = true;
	return ERR_NONE;
}

static enum err
open_keyring(struct world_node *node)
{
	struct keyring_parts parts = {.journal = {node, load_head, note_head, NULL},
	    .now_ms = node_time,
	    .now_context = node};
	const struct card *card = &node->who->card;
	uint8_t sign[32], log[32];

	node_key(node->who, KEY_SIGN, sign);
	node_key(node->who, KEY_LOG, log);
	parts.sign = sign;
	parts.log = log;
	parts.envelope = node->who->envelope_secret;
	parts.public.org = card->org;
	parts.public.serial = card->serial;
	memcpy(parts.public.sign_key, card->sign_key, 32);
	memcpy(parts.public.envelope_key, card->envelope_key, 32);
	memcpy(parts.public.log_key, card->log_key, 32);
	memcpy(parts.public.witness_key, card->witness_key, 32);
	return keyring_assemble(&parts, &node->keyring);
}

/* ---------------------------------------------------------------- nodes */

static void
stop_node(struct world_node *node)
{
	core_close(node->core);
	node->core = NULL;
	if (node->keyring != NULL)
		node->keyring->free(node->keyring);
	node->keyring = NULL;
}

static enum err
start_node(struct world *world, uint32_t at)
{
	struct world_node *node = &world->nodes[at];
	struct core_setup setup = {.store_path = node->store_path,
	    .package = bytes_as_view(&node->who->package),
	    .founder = bytes_as_view(&node->who->founder_entry),
	    .credit = 4,
	    .now_ms = world_time_of(world, at)};
	enum err err = open_keyring(node);

	if (err != ERR_NONE)
		world_violate(world, "node %u: its keyring does not open: %s", at, err_name(err));
	setup.keyring = node->keyring;
	err = core_open(&setup, &node->core);
	if (err != ERR_NONE) {
		/* words before the core that has them is closed */
		(void)snprintf(world->violation, sizeof(world->violation), "%s",
		    node->core == NULL ? "" : core_message(node->core));
		stop_node(node);
	}
	return err;
}

static bool
keeps_sector(void *context)
{
	return world_pick(context, 2) == 0;
}

static void
lose_links(struct world *world, uint32_t at)
{
	struct core_event down = {.type = CORE_LINK_DOWN};
	uint32_t i, kept = 0;

	(void)down;
	for (i = 0; i < world->count; i++)
		world->linked[at][i] = world->linked[i][at] = world->allowed[at][i] = false;
	for (i = 0; i < world->frames_count; i++) {
		if (world->frames[i].to == at || world->frames[i].from == at)
			bytes_release(&world->frames[i].bytes);
		else
			world->frames[kept++] = world->frames[i];
	}
	world->frames_count = kept;
}

static void
crash_node(struct world *world, uint32_t at)
{
	struct world_node *node = &world->nodes[at];

	if (world->is_verbose)
		fprintf(stderr, "%u: node %u crashes\n", world->step, at);
	node->disk->is_dead = true; /* nothing more is written on the way out */
	stop_node(node);
	memdisk_crash(node->disk, keeps_sector, world);
	lose_links(world, at);
}

/* ---------------------------------------------------------------- the network */

static uint32_t
find_node(const struct world *world, const struct transport_key *key)
{
	uint32_t i;

	for (i = 0; i < world->count; i++) {
		if (memcmp(&world->nodes[i].who->card.transport_key, key, sizeof(*key)) == 0)
			return i;
	}
	return WORLD_NODES_MAX;
}

static void turn(struct world *world, uint32_t at, const struct core_event *event);

/* Events of the link, as a turn of their own. */
static void
tell(struct world *world, uint32_t at, enum core_event_type type, uint32_t about)
{
	struct core_event event = {.type = type};

	if (about < WORLD_NODES_MAX)
		event.key = world->nodes[about].who->card.transport_key;
	if (world->nodes[at].core != NULL)
		turn(world, at, &event);
}

static void
put_frame(struct world *world, uint32_t from, uint32_t to, struct bytes_view bytes)
{
	struct world_frame *frame;

	if (world->frames_count == WORLD_FRAMES_MAX)
		return; /* a queue that is full drops, as a link's does */
	frame = &world->frames[world->frames_count++];
	frame->from = from;
	frame->to = to;
	frame->due_ms = world->now_ms + world_pick(world, 200);
	bytes_init(&frame->bytes, 2 * FRAME_BYTES_MAX);
	bytes_append(&frame->bytes, bytes.data, bytes.len);
}

static void
keep_frame(struct world *world, uint32_t from, uint32_t to, struct bytes_view bytes)
{
	struct world_frame *kept = &world->kept[world_pick(world, 32)];

	bytes_release(&kept->bytes);
	bytes_init(&kept->bytes, 2 * FRAME_BYTES_MAX);
	bytes_append(&kept->bytes, bytes.data, bytes.len);
	kept->from = from;
	kept->to = to;
	if (world->kept_count < 32)
		world->kept_count = 32;
}

static void
send_frame(struct world *world, uint32_t from, const struct core_action *action)
{
	uint32_t to = find_node(world, &action->key);
	struct bytes_view bytes = bytes_view_of(action->data, action->len);

	if (to >= world->count)
		return;
	if (!world->nodes[from].is_hostile)
		judge_frame(world, from, to, bytes);
	if (!world->linked[from][to] ||
	    (world_has_fault(world, FAULT_LOSS) && world_pick(world, 12) == 0) ||
	    (world->cut[from][to] && !world->is_calm))
		return;
	if (world->nodes[from].is_hostile || world_pick(world, 4) == 0)
		keep_frame(world, from, to, bytes);
	put_frame(world, from, to, bytes);
	if (world_has_fault(world, FAULT_TWICE) && world_pick(world, 8) == 0)
		put_frame(world, from, to, bytes);
}

static void
dial(struct world *world, uint32_t from, uint32_t to)
{
	if (to >= world->count)
		return;
	if (world->nodes[to].core != NULL && world->nodes[to].is_linked &&
	    world->nodes[from].is_linked && world->allowed[from][to] && world->allowed[to][from] &&
	    (world->is_calm || (!world->cut[from][to] && !world->cut[to][from]))) {
		world->linked[from][to] = world->linked[to][from] = true;
		tell(world, to, CORE_LINK_UP, from);
		tell(world, from, CORE_LINK_UP, to);
	} else {
		tell(world, from, CORE_LINK_DOWN, to);
	}
}

static void
note_answer(struct world *world, uint32_t at, const struct core_action *action)
{
	uint64_t number = action->client;
	struct answer answer;

	if (number == 0 || number > world->requests_count)
		return;
	if (request_answer_decode(bytes_view_of(action->data, action->len), &answer) != ERR_NONE)
		world_violate(world, "node %u gives an answer that is none", at);
	/* only what cannot be asked again ends it */
	if (answer.reason != REASON_STORAGE)
		world->requests[number - 1].is_answered = true;
}

static void
act(struct world *world, uint32_t from, const struct core_action *action)
{
	uint32_t to = action->type == CORE_ANSWER ? 0 : find_node(world, &action->key);

	switch (action->type) {
	case CORE_SEND:
		send_frame(world, from, action);
		return;
	case CORE_DIAL:
		dial(world, from, to);
		return;
	case CORE_HANG_UP:
		if (to < world->count && world->linked[from][to]) {
			world->linked[from][to] = world->linked[to][from] = false;
			tell(world, to, CORE_LINK_DOWN, from);
		}
		return;
	case CORE_ALLOW:
	case CORE_FORBID:
		if (to < world->count)
			world->allowed[from][to] = action->type == CORE_ALLOW;
		return;
	case CORE_ANSWER:
		note_answer(world, from, action);
		return;
	}
}

/* Copies of a turn's actions: carrying one out may make a turn of the same node. */
struct actions {
	uint32_t count;
	struct core_action *at;
};

static struct actions
take_actions(struct core *core)
{
	struct actions actions;
	const struct core_action *from = core_actions(core, &actions.count);
	uint32_t i;

	actions.at = calloc(actions.count + 1, sizeof(*actions.at));
	for (i = 0; i < actions.count; i++) {
		actions.at[i] = from[i];
		actions.at[i].data = malloc(from[i].len + 1);
		if (from[i].len > 0)
			memcpy(actions.at[i].data, from[i].data, from[i].len);
	}
	core_actions_clear(core);
	return actions;
}

static void
carry_out(struct world *world, uint32_t at, struct actions *actions, uint32_t most)
{
	uint32_t i;

	for (i = 0; i < actions->count; i++) {
		if (i < most && world->nodes[at].core != NULL)
			act(world, at, &actions->at[i]);
		free(actions->at[i].data);
	}
	free(actions->at);
}

/* One turn; the process may die in it, or behind it with some of its actions done. */
static void
turn(struct world *world, uint32_t at, const struct core_event *event)
{
	struct world_node *node = &world->nodes[at];
	struct actions actions;
	uint8_t seed[32] = {0};
	bool dies_behind = false;
	enum err err;

	if (world_has_fault(world, FAULT_CRASH) && world_pick(world, 60) == 0)
		node->disk->fuse = world_pick(world, 30);
	bytes_put_u64(seed, world->options.seed);
	bytes_put_u64(seed + 8, ++world->turns);
	core_turn_begin(node->core, world_time_of(world, at), seed);
	if (event != NULL)
		core_step(node->core, event);
	err = core_turn_end(node->core);
	if (node->disk->is_dead) {
		crash_node(world, at);
		return;
	}
	if (err == ERR_FULL && node->disk->is_full)
		err = ERR_NONE; /* rolled back; it goes on */
	if (err != ERR_NONE)
		world_violate(world, "a turn of node %u: %s: %s", at, err_name(err),
		    core_message(node->core));
	if (world_has_fault(world, FAULT_CRASH) && world_pick(world, 150) == 0)
		dies_behind = true;
	actions = take_actions(node->core);
	carry_out(world, at, &actions, dies_behind ? world_pick(world, 3) : UINT32_MAX);
	if (dies_behind && node->core != NULL)
		crash_node(world, at);
}

static void
work_off(struct world *world)
{
	uint32_t i, rounds = 0;
	bool worked = true;

	while (worked && rounds++ < 2000) {
		worked = false;
		for (i = 0; i < world->count; i++) {
			if (world->nodes[i].core != NULL && core_has_work(world->nodes[i].core)) {
				turn(world, i, NULL);
				worked = true;
			}
		}
	}
	if (rounds > 2000)
		world_violate(world, "somebody has work for ever");
}

/* One frame that is due: the first, or any where order is a fault. */
static bool
deliver_one(struct world *world)
{
	struct world_frame frame;
	struct core_event event = {.type = CORE_LINK_MESSAGE};
	uint32_t i = 0;

	if (world->frames_count == 0)
		return false;
	if (world_has_fault(world, FAULT_ORDER) && world_pick(world, 4) == 0)
		i = world_pick(world, world->frames_count);
	frame = world->frames[i];
	memmove(&world->frames[i], &world->frames[i + 1],
	    (world->frames_count - i - 1) * sizeof(frame));
	world->frames_count--;
	event.key = world->nodes[frame.from].who->card.transport_key;
	event.bytes = bytes_as_view(&frame.bytes);
	if (world->nodes[frame.to].core != NULL && world->linked[frame.from][frame.to])
		turn(world, frame.to, &event);
	bytes_release(&frame.bytes);
	return true;
}

/* ---------------------------------------------------------------- what operators want */

static void
ask(struct world *world, uint32_t number)
{
	struct world_request *request = &world->requests[number];
	struct core_event event = {.type = CORE_REQUEST,
	    .client = number + 1,
	    .uid = NODE_UID,
	    .bytes = bytes_as_view(&request->bytes)};

	if (world->nodes[request->node].core != NULL)
		turn(world, request->node, &event);
}

static enum tlp
pick_label(struct world *world)
{
	static const enum tlp labels[] = {
	    TLP_CLEAR, TLP_GREEN, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED};

	return labels[world_pick(world, 6)];
}

/* A note of this content, under a label and for readers that follow from its number, so that a
   repeat is a repeat. */
static void
make_draft(struct world *world, uint32_t node, uint32_t content, struct bytes *out)
{
	static struct record record;
	uint64_t chance = world->options.seed * 1000 + content, kept = world->random;
	char title[32];
	uint32_t i;
	enum tlp tlp;

	world->random = chance;
	tlp = pick_label(world);
	(void)snprintf(title, sizeof(title), "content %u of %u", content, node);
	record_init(&record, RECORD_NOTE, tlp);
	record.body.title = bytes_view_str(title);
	record.body.text = bytes_view_str("seen at the border gateway");
	if (tlp == TLP_RED) {
		record.marking.purpose = bytes_view_str("incident response");
		record.marking.basis = bytes_view_str("contract");
	}
	for (i = 0; i < world->count; i++) {
		bool is_named = tlp >= TLP_AMBER_STRICT ? i == (node + 1 + content) % world->count
							: world_pick(world, 4) == 0;

		if (i != node && (is_named || (tlp >= TLP_AMBER && world_pick(world, 2) == 0)))
			ck_err(audience_add_org(&record.audience, &world->nodes[i].who->org),
			    ERR_NONE);
	}
	if (tlp >= TLP_AMBER_STRICT && record.audience.orgs_count == 0)
		ck_err(audience_add_org(
			   &record.audience, &world->nodes[(node + 1) % world->count].who->org),
		    ERR_NONE);
	world->random = kept;
	ck_err(record_encode(&record, out), ERR_NONE);
}

/* Up to six drafts; some were shared before. */
static void
new_request(struct world *world)
{
	struct world_request *request;
	struct submit_arguments arguments = {0};
	struct request encoded = {.command = REQUEST_SUBMIT};
	struct bytes draft, items, inner;
	uint32_t node = world_pick(world, world->count), count = 1 + world_pick(world, 6), i;

	if (world->requests_count == WORLD_REQUESTS_MAX)
		return;
	request = &world->requests[world->requests_count++];
	*request = (struct world_request){.node = node};
	bytes_init(&request->bytes, REQUEST_BYTES_MAX);
	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&inner, REQUEST_BYTES_MAX);
	for (i = 0; i < count; i++) {
		bool is_repeat = world->titles > 0 && world_pick(world, 5) == 0;

		bytes_clear(&draft);
		make_draft(world, node,
		    is_repeat ? world_pick(world, world->titles) : world->titles++, &draft);
		ck_err(schema_list_add_bin(&arguments.drafts, &items, bytes_as_view(&draft)),
		    ERR_NONE);
	}
	ck_err(schema_encode(&request_submit_schema, &arguments, &inner), ERR_NONE);
	bytes_put_u64(encoded.id.bytes, world->requests_count);
	encoded.arguments = bytes_as_view(&inner);
	ck_err(request_encode(&encoded, &request->bytes), ERR_NONE);
	bytes_release(&draft);
	bytes_release(&items);
	bytes_release(&inner);
	ask(world, world->requests_count - 1);
}

/* Clients ask again until they are answered. */
static void
ask_again(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->requests_count; i++) {
		if (!world->requests[i].is_answered &&
		    (world->is_calm || world_pick(world, 2) == 0))
			ask(world, i);
	}
}

/* ---------------------------------------------------------------- what goes wrong */

static void
pass_time(struct world *world, uint32_t ms)
{
	uint32_t i;

	world->now_ms += ms;
	for (i = 0; i < world->count; i++)
		tell(world, i, CORE_TICK, WORLD_NODES_MAX);
}

static void
restart_some(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->count; i++) {
		struct world_node *node = &world->nodes[i];
		enum err err;

		if (node->core != NULL || (!world->is_calm && world_pick(world, 3) != 0))
			continue;
		err = start_node(world, i);
		if (err == ERR_FULL && node->disk->is_full)
			continue; /* it cannot start: somebody makes room */
		if (err != ERR_NONE)
			world_violate(world, "node %u does not start after a crash: %s: %.200s", i,
			    err_name(err), world->violation);
		node->is_linked = true;
		tell(world, i, CORE_LINK_STARTED, WORLD_NODES_MAX);
	}
}

static void
restart_link(struct world *world, uint32_t at)
{
	uint32_t i;

	for (i = 0; i < world->count; i++) {
		bool was_linked = world->linked[at][i];

		world->linked[at][i] = world->linked[i][at] = world->allowed[at][i] = false;
		if (was_linked)
			tell(world, i, CORE_LINK_DOWN, at);
	}
	tell(world, at, CORE_LINK_STARTED, WORLD_NODES_MAX);
}

/* Old frames again, to whomever, whole or spoilt: under the key of a hostile peer. */
static void
be_hostile(struct world *world)
{
	uint32_t at = world->count - 1, to = world_pick(world, world->count), i;
	const struct world_frame *old = &world->kept[world_pick(world, 32)];
	struct bytes frame;

	if (!world->nodes[at].is_hostile || to == at || old->bytes.len == 0 ||
	    !world->linked[at][to])
		return;
	bytes_init(&frame, 2 * FRAME_BYTES_MAX);
	bytes_append(&frame, old->bytes.data, old->bytes.len);
	for (i = world_pick(world, 3); i > 0; i--)
		frame.data[world_pick(world, (uint32_t)frame.len)] ^=
		    (uint8_t)(1u << world_pick(world, 8));
	if (world_pick(world, 6) == 0)
		frame.len = world_pick(world, (uint32_t)frame.len);
	put_frame(world, at, to, bytes_as_view(&frame));
	bytes_release(&frame);
}

static void
one_fault(struct world *world)
{
	uint32_t at = world_pick(world, world->count), other = world_pick(world, world->count);
	enum world_fault fault = (enum world_fault)world_pick(world, FAULT_COUNT);

	if (!world_has_fault(world, fault))
		return;
	switch (fault) {
	case FAULT_CUT:
		world->cut[at][other] = !world->cut[at][other];
		return;
	case FAULT_CRASH:
		if (world->nodes[at].core != NULL && world_pick(world, 3) == 0)
			crash_node(world, at);
		return;
	case FAULT_CLOCK:
		world->nodes[at].skew_ms =
		    (int64_t)world_pick(world, 2 * SKEW_LIMIT_MS) - SKEW_LIMIT_MS;
		return;
	case FAULT_FULL:
		world->nodes[at].disk->is_full = !world->nodes[at].disk->is_full;
		return;
	case FAULT_LINK:
		if (world->nodes[at].core != NULL)
			restart_link(world, at);
		return;
	case FAULT_HOSTILE:
		be_hostile(world);
		return;
	case FAULT_LOSS:
	case FAULT_TWICE:
	case FAULT_ORDER:
	case FAULT_COUNT:
		return; /* they befall frames */
	}
}

/* ---------------------------------------------------------------- a world */

static void
one_step(struct world *world)
{
	uint32_t what = world_pick(world, 100);

	if (what < 60)
		(void)deliver_one(world);
	else if (what < 72)
		pass_time(world, world_pick(world, 2000));
	else if (what < 75)
		pass_time(world, world_pick(world, 90000));
	else if (what < 84)
		new_request(world);
	else if (what < 87)
		ask_again(world);
	else if (what < 91)
		restart_some(world);
	else
		one_fault(world);
	work_off(world);
}

/* Every fault ends; whoever is down starts; everybody gets what it may have. */
static void
calm_down(struct world *world)
{
	uint32_t i, round, frames;

	world->is_calm = true;
	memset(world->cut, 0, sizeof(world->cut));
	for (i = 0; i < world->count; i++) {
		world->nodes[i].disk->is_full = false;
		world->nodes[i].disk->fuse = -1;
		world->nodes[i].skew_ms = 0;
	}
	for (round = 0; round < CALM_ROUNDS; round++) {
		restart_some(world);
		ask_again(world);
		pass_time(world, CALM_MS);
		for (frames = 0; frames < 20000 && (deliver_one(world) || frames == 0); frames++)
			work_off(world);
	}
}

void
world_run(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->count; i++)
		tell(world, i, CORE_LINK_STARTED, WORLD_NODES_MAX);
	for (world->step = 0; world->step < world->options.steps; world->step++) {
		one_step(world);
		if (world->step % 25 == 24)
			judge_node(world, world_pick(world, world->count));
	}
	calm_down(world);
	for (i = 0; i < world->count; i++)
		judge_node(world, i);
	judge_end(world);
}

void
world_open(struct world *world, const struct world_options *options)
{
	uint32_t i;
	enum err err;

	memset(world, 0, sizeof(*world));
	world->options = *options;
	world->random = options->seed * UINT64_C(0xd1342543de82ef95) + 1;
	world->now_ms = NODE_TIME + 60000;
	world->count = options->nodes != 0 ? options->nodes : 2 + world_pick(world, 3);
	memdisk_seed(options->seed);
	running = world;
	for (i = 0; i < world->count; i++) {
		struct world_node *node = &world->nodes[i];

		node->who = &prepared.nodes[i];
		node->disk = prepared.live[i];
		home_file(&node->who->home, "store.db", node->store_path);
		memdisk_copy(node->disk, prepared.founded[i]);
		node->has_head = prepared.after[i].has_head;
		node->head = prepared.after[i].head;
		node->is_linked = true;
		node->is_hostile = (options->faults >> FAULT_HOSTILE & 1) != 0 &&
				   world->count > 2 && i == world->count - 1;
		err = start_node(world, i);
		assert(err == ERR_NONE);
	}
}

void
world_close(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->count; i++)
		stop_node(&world->nodes[i]);
	for (i = 0; i < world->frames_count; i++)
		bytes_release(&world->frames[i].bytes);
	for (i = 0; i < 32; i++)
		bytes_release(&world->kept[i].bytes);
	for (i = 0; i < world->requests_count; i++)
		bytes_release(&world->requests[i].bytes);
	running = NULL;
}

/* Every founder adds every other one: after that, worlds begin. */
static void
befriend_all(struct world *world)
{
	uint32_t a, b;

	for (a = 0; a < world->count; a++) {
		for (b = 0; b < world->count; b++) {
			struct peer_add_arguments arguments = {
			    .package = bytes_as_view(&world->nodes[b].who->package)};
			struct request request = {.command = REQUEST_PEER_ADD};
			struct net net = {.now_ms = world->now_ms};
			struct world_request *asked;
			struct bytes encoded, signed_act;

			if (a == b)
				continue;
			net.nodes[0].org = world->nodes[a].who->org;
			bytes_init(&encoded, REQUEST_BYTES_MAX);
			bytes_init(&signed_act, 1024);
			ck_err(schema_encode(&request_peer_add_schema, &arguments, &encoded),
			    ERR_NONE);
			asked = &world->requests[world->requests_count++];
			bytes_put_u64(request.id.bytes, UINT64_C(1) << 40 | world->requests_count);
			request.arguments = bytes_as_view(&encoded);
			net_sign_act(&net, 0, &request, world->nodes[a].who->founder, &signed_act);
			request.act = bytes_as_view(&signed_act);
			asked->node = a;
			bytes_init(&asked->bytes, REQUEST_BYTES_MAX);
			ck_err(request_encode(&request, &asked->bytes), ERR_NONE);
			ask(world, world->requests_count - 1);
			assert(asked->is_answered);
			bytes_release(&encoded);
			bytes_release(&signed_act);
		}
	}
}

void
world_prepare(void)
{
	static struct world world;
	uint32_t i;

	world.options.steps = 0;
	world.now_ms = NODE_TIME;
	world.count = WORLD_NODES_MAX;
	world.is_calm = true;
	for (i = 0; i < WORLD_NODES_MAX; i++) {
		struct world_node *node = &world.nodes[i];
		char prefix[32];

		node_found(&prepared.nodes[i], i);
		node->who = &prepared.nodes[i];
		home_file(&node->who->home, "store.db", node->store_path);
		prepared.live[i] = node->disk = memdisk_open(node->store_path);
		(void)snprintf(prefix, sizeof(prefix), "founded-%u", i);
		prepared.founded[i] = memdisk_open(prefix);
	}
	memdisk_register();
	running = &world;
	if (setjmp(world.end) != 0) {
		fprintf(stderr, "the world cannot be prepared: %s\n", world.violation);
		abort();
	}
	for (i = 0; i < WORLD_NODES_MAX; i++)
		ck_err(start_node(&world, i), ERR_NONE);
	befriend_all(&world);
	for (i = 0; i < WORLD_NODES_MAX; i++) {
		stop_node(&world.nodes[i]);
		memdisk_copy(prepared.founded[i], prepared.live[i]);
		prepared.after[i] = world.nodes[i];
	}
	for (i = 0; i < world.requests_count; i++)
		bytes_release(&world.requests[i].bytes);
	running = NULL;
}
