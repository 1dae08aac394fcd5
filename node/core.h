/*
 * core: the heart of the node: events in, actions out.
 *
 * A *turn* handles any number of events under one transaction of the store (group commit):
 *
 *     core_turn_begin(now, seed)  core_step(event)...  core_turn_end()  core_actions...
 *
 * Nothing leaves the node before what it speaks of is durable: actions are handed out only
 * after core_turn_end has committed.  The core reads no clock, no socket and no randomness of
 * its own; the same code runs in mallad, in the simulator and under the fuzzers.
 */
#ifndef MALLA_NODE_CORE_H
#define MALLA_NODE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/reason.h"

struct ciphertext;
struct core;
struct keyring;
struct prepare_setup;
struct prepared;

enum core_event_type {
	CORE_LINK_MESSAGE, /* one frame from an authenticated key */
	CORE_LINK_UP,
	CORE_LINK_DOWN,
	CORE_LINK_UNSENT,
	CORE_LINK_BOUND,    /* words: the endpoint the link listens on */
	CORE_LINK_STARTED,  /* a new link process: it knows nobody and has no connection */
	CORE_LINK_COUNTERS, /* number: handshakes refused so far */
	CORE_REQUEST,       /* bytes: one request of a client */
	CORE_CLIENT_GONE,
	CORE_TICK,          /* time has passed: retries, timeouts, refreshes, summaries */
	CORE_PIDS,          /* pids: of the processes of this node, for status */
};

struct core_event {
	enum core_event_type type;
	struct transport_key key;
	struct bytes_view bytes; /* frame, request; or words */
	uint64_t client;         /* which connection of the operators' API */
	uint32_t uid;            /* of that client */
	const struct prepared *prepared; /* of the request's drafts, done ahead; or NULL */
	uint64_t number;
	uint32_t pids[4];        /* supervisor, link, core, keyring */
};

enum core_action_type {
	CORE_SEND,    /* key, bytes: one frame */
	CORE_DIAL,    /* key, bytes: the endpoint */
	CORE_HANG_UP, /* key */
	CORE_ALLOW,   /* key: the link may talk to it */
	CORE_FORBID,  /* key: no longer */
	CORE_ANSWER,  /* client, bytes */
};

struct core_action {
	enum core_action_type type;
	struct transport_key key;
	uint64_t client;
	uint8_t *data; /* owned by the core until core_actions_clear */
	size_t len;
	/* CORE_SEND of a core that splits frames: the frame is data and then this, or NULL.
	   Several actions share one. */
	struct ciphertext *tail;
};

/* What the node is started with.  All borrowed, valid while the core is open. */
struct core_setup {
	const char *store_path;
	struct bytes_view package; /* own card package */
	struct bytes_view founder; /* who ran `malla init` (request_user_schema); may be empty */
	struct keyring *keyring;
	uint32_t credit;
	uint64_t now_ms;
	bool splits_frames; /* the caller can send what stands in two places */
};

MUST_CHECK enum err core_open(const struct core_setup *setup, struct core **out);
void core_close(struct core *core);
/* Why core_open or a turn failed, for the log.  Static until the next call. */
const char *core_message(const struct core *core);

/* What requests may be prepared with (prepare.h), while the core is open. */
const struct prepare_setup *core_prepare_setup(const struct core *core);
/* Whether any operator has this uid. */
bool core_knows(struct core *core, uint32_t uid);
/* Whether an operator was removed since this was asked last. */
bool core_has_removed(struct core *core);

void core_turn_begin(struct core *core, uint64_t now_ms, const uint8_t seed[32]);
void core_step(struct core *core, const struct core_event *event);
/* Commit, then release the actions.  ERR_FULL: the turn was rolled back, every request of it
   is answered with `storage`, and the node goes on.  ERR_STORAGE: the process must end and
   start again (TRAPS 14). */
MUST_CHECK enum err core_turn_end(struct core *core);
/* Something waits for another turn (receipts that were signed, envelopes that may leave): do
   not sleep. */
bool core_has_work(const struct core *core);
/* All the work there is, is to write down receipts that have left: nobody waits for it, and the
   next turn with something else to commit takes it along. */
bool core_can_wait(const struct core *core);
/* When CORE_TICK is due next. */
uint64_t core_next_tick_ms(const struct core *core);

const struct core_action *core_actions(const struct core *core, uint32_t *count);
void core_actions_clear(struct core *core);

#endif
