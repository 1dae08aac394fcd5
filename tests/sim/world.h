/*
 * world: up to five organisations with real cores, keyrings and stores in one process, on disks
 * in memory, under clocks and a network that one seed decides.
 *
 * With the same options and seed everything happens again, byte for byte.
 */
#ifndef MALLA_TESTS_SIM_WORLD_H
#define MALLA_TESTS_SIM_WORLD_H

#include "tests/unit/node_fixture.h"

#include <setjmp.h>

#include "tests/sim/memdisk.h"

#define WORLD_NODES_MAX 4u
#define WORLD_FRAMES_MAX 512u
#define WORLD_REQUESTS_MAX 256u
#define WORLD_SEEN_MAX 4096u

/* What may go wrong: bits of options.faults. */
/* clang-format off */
#define WORLD_FAULTS(X) \
	X(FAULT_LOSS, "loss") X(FAULT_TWICE, "duplication") X(FAULT_ORDER, "reordering") \
	X(FAULT_CUT, "partition") X(FAULT_CRASH, "crash") X(FAULT_CLOCK, "clock") \
	X(FAULT_FULL, "full-disk") X(FAULT_LINK, "link") X(FAULT_HOSTILE, "hostile")
/* clang-format on */
enum world_fault {
#define WORLD_FAULT_ENUM(symbol, name) symbol,
	WORLD_FAULTS(WORLD_FAULT_ENUM)
#undef WORLD_FAULT_ENUM
	FAULT_COUNT
};

struct world_options {
	uint64_t seed;
	uint32_t nodes;  /* 0: as the seed says */
	uint32_t steps;
	uint32_t faults; /* a bit for each */
};

/* A frame under way. */
struct world_frame {
	uint32_t from, to;
	uint64_t due_ms;
	struct bytes bytes;
};

/* What a client asks for until it is answered. */
struct world_request {
	uint32_t node;
	bool is_answered;
	struct bytes bytes;
};

struct world_node {
	struct node *who; /* its keys and card: the same in every world of the process */
	struct memdisk *disk;
	char store_path[HOME_FILE_MAX];
	struct keyring *keyring;
	struct core *core; /* NULL: it is down */
	bool is_hostile;
	bool is_linked; /* its link process runs */
	int64_t skew_ms;
	bool has_head; /* what its keyring noted: survives a crash */
	struct head head;
	uint32_t turns;
};

/* A head that was signed, or a number that was used: seen once, and for ever after the same. */
struct world_seen {
	uint8_t key[96];
	struct hash value;
};

struct world {
	struct world_options options;
	uint64_t random;
	uint64_t now_ms;
	uint64_t turns;
	uint32_t step;
	uint32_t count;
	struct world_node nodes[WORLD_NODES_MAX];
	bool allowed[WORLD_NODES_MAX][WORLD_NODES_MAX];
	bool linked[WORLD_NODES_MAX][WORLD_NODES_MAX];
	bool cut[WORLD_NODES_MAX][WORLD_NODES_MAX]; /* one way */
	uint32_t frames_count;
	struct world_frame frames[WORLD_FRAMES_MAX];
	uint32_t kept_count; /* old frames that a hostile peer sends again */
	struct world_frame kept[32];
	uint32_t requests_count;
	struct world_request requests[WORLD_REQUESTS_MAX];
	uint32_t titles; /* distinct contents so far */
	uint32_t seen_count;
	struct world_seen seen[WORLD_SEEN_MAX];
	uint64_t wanted; /* records that somebody holds in the end, for the summary */
	bool is_calm;    /* no more faults: everything is healed */
	bool is_verbose;
	jmp_buf end;     /* a violation ends the world here */
	char violation[512];
};

/* Keys, cards and the founders' stores, once per process. */
void world_prepare(void);
/* A world of its own; the same memory may be used again. */
void world_open(struct world *world, const struct world_options *options);
void world_close(struct world *world);
/* Everything that the options want to happen, the invariants held all the while. */
void world_run(struct world *world);

/* Below n, 1 or more. */
uint32_t world_pick(struct world *world, uint32_t n);
bool world_has_fault(const struct world *world, enum world_fault fault);
/* Note a violation and leave world_run. */
_Noreturn void world_violate(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Whoever it was that used this key before must have meant the same. */
void world_see(struct world *world, const char *what, const void *key, size_t len,
    const struct hash *value);
uint64_t world_time_of(const struct world *world, uint32_t node);

/* judge.c: what a frame that an honest node sends must not say. */
void judge_frame(struct world *world, uint32_t from, uint32_t to, struct bytes_view frame);
/* What one node holds, by itself. */
void judge_node(struct world *world, uint32_t node);
/* What all of them hold together, everything healed and done. */
void judge_end(struct world *world);

#endif
