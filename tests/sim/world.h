/*
 * world: nodes with real cores, keyrings and stores, their disks, their clocks, and the network
 * between them, as one queue of events in time.  One seed decides everything.
 *
 * A hostile node has no core: what comes to it goes to hostile.h.
 */
#ifndef MALLA_TESTS_SIM_WORLD_H
#define MALLA_TESTS_SIM_WORLD_H

#include "node/core.h"
#include "node/keyring_client.h"
#include "tests/sim/choice.h"
#include "tests/sim/disk.h"
#include "tests/sim/model.h"
#include "tests/sim/party.h"
#include "tests/sim/tap.h"

#define WORLD_NODES_MAX PARTIES
#define WORLD_NODES_MIN 2u

/* X(symbol, name): what may go wrong, and what operators do that could be left out */
/* clang-format off */
#define WORLD_FAULTS(X) \
	X(FAULT_LOSS,      "loss")      /* frames */ \
	X(FAULT_TWICE,     "twice") \
	X(FAULT_ORDER,     "order") \
	X(FAULT_CUT,       "cut")       /* partitions, one way or both */ \
	X(FAULT_LINK,      "link")      /* the link process dies */ \
	X(FAULT_CRASH,     "crash")     /* at any change of the disk, between turns, amid actions */ \
	X(FAULT_KEYRING,   "keyring")   /* it dies, before or behind a signature */ \
	X(FAULT_CLOCK,     "clock") \
	X(FAULT_FULL,      "full") \
	X(FAULT_SYNC,      "sync")      /* one that fails */ \
	X(FAULT_HOSTILE,   "hostile")   /* the last node is */ \
	X(FAULT_PEERS,     "peers")     /* peers are removed and added again */ \
	X(FAULT_REPEAT,    "repeat")    /* requests and drafts come again */ \
	X(FAULT_EMPTY,     "empty")     /* nodes begin without a store */ \
	X(FAULT_POLICY,    "policy")    /* operators set a policy that shares all with everybody */
/* clang-format on */
enum world_fault {
#define WORLD_FAULT_ENUM(symbol, name) symbol,
	WORLD_FAULTS(WORLD_FAULT_ENUM)
#undef WORLD_FAULT_ENUM
	FAULT_COUNT
};

/* What a seed is run with; a seed alone decides all of it. */
struct world_plan {
	uint64_t seed;
	uint32_t nodes;
	uint32_t steps;
	uint32_t faults; /* a bit each */
};

struct world;
struct hostile;

struct world_node {
	struct world *world;
	uint32_t index;
	const struct party *party;
	bool is_hostile;
	struct disk *disk;
	char path[160];
	struct core *core; /* NULL: it is down */
	struct keyring guard; /* what the core is given: guard.c */
	struct keyring *keyring; /* the real one behind it */
	bool has_head;     /* as the keyring's journal has it */
	struct head head;
	int64_t skew_ms;
	uint64_t start_ms; /* when a node that is down starts again */
	uint64_t wait_ms;  /* until when work that can wait waits; 0: nothing waits */
	uint32_t keyring_dies; /* at which call from now on; 0: at none */
	bool keyring_is_gone;  /* so that the core must end */
	uint32_t credit;
	bool splits_frames;
	/* of the store, as far as it was looked at: check.c */
	int64_t batch_seen;
	uint64_t head_seen;
	bool is_looking_back; /* at what was stored under whatever the clock was then */
};

struct world_event {
	uint64_t time_ms;
	uint64_t order;
	enum core_event_type type;
	uint32_t from, to;
	struct bytes bytes;
};

/* What a client asks for until it is answered. */
struct world_request {
	uint32_t node;
	uint64_t command;
	struct nonce id;
	uint32_t peer;         /* of peer add and remove */
	uint32_t first, count; /* drafts[first .. first + count) of numbers */
	bool is_answered;
	bool is_new;           /* drafts that were never asked for before */
	uint64_t asked_ms;
	struct hash answer;    /* of its bytes: a repeat gets the same */
};

#define WORLD_REQUESTS_MAX 512u
#define WORLD_NUMBERS_MAX 2048u
#define WORLD_EVENTS_MAX 4096u

struct world {
	struct world_plan plan;
	uint64_t now_ms;
	bool is_calm; /* every fault has ended */
	uint64_t turns;
	uint64_t digest; /* of everything that left a node */
	struct choice what;    /* is done, and when */
	struct choice content; /* of drafts */
	struct choice network;
	struct choice turn;  /* seeds of turns */
	struct choice fault; /* where they strike */
	struct choice evil;
	uint32_t count;
	struct world_node nodes[WORLD_NODES_MAX];
	bool allowed[WORLD_NODES_MAX][WORLD_NODES_MAX];
	bool linked[WORLD_NODES_MAX][WORLD_NODES_MAX];
	bool cut[WORLD_NODES_MAX][WORLD_NODES_MAX]; /* one way */
	uint64_t last_ms[WORLD_NODES_MAX][WORLD_NODES_MAX]; /* when the last frame arrives */
	uint32_t open_policies; /* nodes whose policy shares all with everybody, a bit each */
	/* peer add and remove, as their clients were answered */
	bool is_peer[WORLD_NODES_MAX][WORLD_NODES_MAX];
	bool is_changing[WORLD_NODES_MAX][WORLD_NODES_MAX];
	uint64_t orders;
	uint32_t events_count;
	struct world_event events[WORLD_EVENTS_MAX]; /* a heap */
	uint32_t requests_count;
	struct world_request requests[WORLD_REQUESTS_MAX];
	uint32_t numbers_count;
	uint32_t numbers[WORLD_NUMBERS_MAX];
	int64_t skew_most_ms; /* of all clocks, ever */
	struct model model;
	struct tap tap;
	struct hostile *hostile;
};

/* Once per process; `folder` is where the real files stand that the store wants beside its own. */
MUST_CHECK enum err world_start(const char *folder);
/* Away with those files, when whoever used them has ended. */
void world_end(const char *folder);

void world_open(struct world *world, const struct world_plan *plan);
void world_close(struct world *world);
bool world_has(const struct world *world, enum world_fault fault);
/* Whether its operators have set, or are about to set, a policy that shares all with everybody. */
bool world_is_open(const struct world *world, uint32_t node);
uint64_t world_clock(const struct world_node *node);

/* The next event, if it is due by then; false: nothing is, and it is then. */
bool world_advance(struct world *world, uint64_t until_ms);
/* A turn of a node that is up, with one event (NULL: none) and what else is due. */
void world_turn(struct world *world, uint32_t node, const struct core_event *event);
/* A frame from a hostile node. */
void world_send(struct world *world, uint32_t from, uint32_t to, struct bytes_view frame);
void world_put(struct world *world, enum core_event_type type, uint32_t from, uint32_t to,
    uint64_t delay_ms, struct bytes_view bytes);
/* The process ends where it stands, or with it the power. */
void world_crash(struct world *world, uint32_t node, enum disk_loss loss);
void world_restart_link(struct world *world, uint32_t node);
/* Every fault ends, and who is down starts. */
void world_calm(struct world *world);

#endif
