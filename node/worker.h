/*
 * worker: a thread that prepares requests while the core stores those before them.
 *
 * Requests stand in one queue, first come, first served.  The core takes them from its head: one
 * that the thread has prepared, or one that it has not begun yet, which the core then prepares by
 * itself; it waits only for what is being prepared that very moment.  So a lone request never
 * waits for a thread, and under load both are busy.
 */
#ifndef MALLA_NODE_WORKER_H
#define MALLA_NODE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "node/prepare.h"

#define WORKER_JOBS_MAX 16u

/* What a client of the operators' API sent, or that it is gone. */
struct worker_job {
	uint64_t client;
	uint32_t uid;
	bool is_gone;         /* no request: the client went */
	bool may_prepare;     /* by the thread */
	uint64_t now_ms;      /* when it came */
	uint8_t seed[32];
	struct bytes request; /* its bytes: what is prepared points into them */
	bool is_prepared;
	struct prepared prepared;
};

struct worker;

/* has_thread false: nothing is prepared ahead.  setup: borrowed, and constant from now on. */
MUST_CHECK enum err worker_open(
    const struct prepare_setup *setup, bool has_thread, struct worker **out);
void worker_close(struct worker *worker);

uint32_t worker_count(const struct worker *worker);
/* A place at the end of the queue, to be filled in; NULL: it is full.  It is nobody's business until
   worker_put. */
struct worker_job *worker_place(struct worker *worker);
void worker_put(struct worker *worker);
/* The job at the head, ready to be done; NULL: there is none, or, unless must_wait, it is being
   prepared.  It stays at the head until worker_pop. */
struct worker_job *worker_head(struct worker *worker, bool must_wait);
void worker_pop(struct worker *worker);

#endif
