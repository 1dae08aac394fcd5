/*
 * world: two organisations with real cores, keyrings and stores on real files, in one process,
 * and the operations in whose midst something is made to fail.
 *
 * A world is prepared once; every trial is a process of its own, forked from the one that
 * prepared it, which works on copies of the prepared folders.  What the nodes promise to the
 * outside (answers, receipts) is written down in memory that outlives the trial's process.
 * A failed check ends the process with exit code WORLD_FAILED and says where.
 */
#ifndef MALLA_TESTS_FAULT_WORLD_H
#define MALLA_TESTS_FAULT_WORLD_H

#include "tests/unit/node_fixture.h"

#include "tests/fault/folders.h"

enum { A, B };
#define WORLD_FAILED 3
#define WORLD_VALUES_MAX 4096u
#define WORLD_RECEIPTS_MAX 64u
#define WORLD_REQUESTS_MAX 2u

/* X(symbol, name, whom it befalls) */
/* clang-format off */
#define WORLD_OPERATIONS(X) \
	X(WORLD_IMPORT,     "import",     A) /* a request, while the peer is away */ \
	X(WORLD_SHARE,      "share",      A) /* a request, and its envelopes leave */ \
	X(WORLD_RECEIVE,    "receive",    B) /* envelopes, until their receipts leave */ \
	X(WORLD_RECEIPT,    "receipt",    A) /* those receipts come */ \
	X(WORLD_CHECKPOINT, "checkpoint", A) /* a request that makes the log ahead too long */ \
	X(WORLD_CLOSE,      "close",      A) /* the node ends, and its log ahead with it */ \
	X(WORLD_OPEN,       "open",       B) /* a node that owes receipts is started */ \
	X(WORLD_CREATE,     "create",     A) /* a node is started for the first time */
/* clang-format on */
enum world_operation {
#define WORLD_ENUM(symbol, name, who) symbol,
	WORLD_OPERATIONS(WORLD_ENUM)
#undef WORLD_ENUM
	WORLD_OPERATION_COUNT
};

/* One record; a whole batch; a batch with repeats, under different markings. */
enum world_input { WORLD_ONE, WORLD_BATCH, WORLD_MIXED, WORLD_INPUT_COUNT };

/* What was promised to somebody outside before the process died. */
struct world_promises {
	bool has_answer[WORLD_REQUESTS_MAX]; /* a good one */
	struct hash answers[WORLD_REQUESTS_MAX];
	uint32_t stored; /* records that the receipts that left call stored */
	uint32_t receipts_count;
	struct {
		size_t len;
		uint8_t frame[RECEIPT_BYTES_MAX + 512];
	} receipts[WORLD_RECEIPTS_MAX];
};

struct world {
	struct net *net;
	enum world_operation operation;
	enum world_input input;
	uint32_t batch; /* records in a whole batch */
	char prepared[2][FOLDERS_PATH_MAX];
	uint8_t held_type; /* frames of this type wait until the operation */
	bool is_running;   /* the operation is: promises count, shims are on */
	uint32_t requests_count;
	struct bytes requests[WORLD_REQUESTS_MAX]; /* what the client sends, and sends again */
	struct world_promises *promises;
	bool wanted[2][WORLD_VALUES_MAX]; /* who holds which value in the end */
	uint32_t base; /* records that B had from A before */
	bool has_community; /* to which GREEN records of the mixed batch go */
	struct community_id community;
};

const char *world_operation_name(enum world_operation operation);
const char *world_input_name(enum world_input input);
bool world_operation_parse(const char *name, enum world_operation *operation);
bool world_input_parse(const char *name, enum world_input *input);
uint32_t world_victim(enum world_operation operation);

/* Prepare the folders and the requests. */
void world_open(struct world *world, enum world_operation operation, enum world_input input,
    uint32_t batch);
void world_close(struct world *world);

/* In a trial's process: copies of the folders in `scratch`, and nodes up to the operation. */
void world_enter(struct world *world, const char *scratch);
/* The same in two steps. */
void world_copy_in(struct world *world, const char *scratch);
void world_lead_up(struct world *world);
/* Only name the folders in `scratch`, of a trial that another process lived. */
void world_find(struct world *world, const char *scratch);
/* The operation itself: the shims are on while the victim's code runs.  How it ended. */
MUST_CHECK enum err world_run(struct world *world);
/* One request again, in a turn of its own; whether the answer was a good one. */
bool world_ask(struct world *world, uint32_t request);
/* Both nodes are closed; what was on its way between them is lost. */
void world_halt(struct world *world);
/* The victim goes on after ERR_FULL, as mallad does, and ends after any other failure. */
void world_survive(struct world *world, enum err err);

#endif
