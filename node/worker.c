#define _DEFAULT_SOURCE
#include "node/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "node/channel.h"

enum state { STATE_FREE, STATE_WAITING, STATE_RUNNING, STATE_READY };

struct place {
	enum state
	    state; /* guarded by the lock; the job belongs to the thread while it is running */
	struct worker_job job;
};

struct worker {
	const struct prepare_setup *setup;
	bool has_thread;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_up;   /* guarded: the thread runs */
	bool is_over; /* guarded */
	/* the queue: written by the core alone, under the lock, so that it may read it without */
	uint32_t head;
	uint32_t count;
	uint32_t behind; /* guarded: jobs from the head on that the thread has gone past */
	struct record scratch;
	struct place places[WORKER_JOBS_MAX];
};

static struct place *
place_at(struct worker *worker, uint32_t n)
{
	return &worker->places[(worker->head + n) % WORKER_JOBS_MAX];
}

/* ---------------------------------------------------------------- the thread */

/* The next job that waits to be prepared; NULL: none.  The lock is held. */
static struct place *
next_waiting(struct worker *worker)
{
	while (worker->behind < worker->count) {
		struct place *place = place_at(worker, worker->behind++);

		if (place->state == STATE_WAITING && place->job.may_prepare)
			return place;
	}
	return NULL;
}

static void
prepare(struct worker *worker, struct worker_job *job)
{
	/* on failure the core does it again, and notes what is wrong */
	if (prepare_request(worker->setup, &worker->scratch, job->now_ms, job->seed,
		bytes_as_view(&job->request), &job->prepared, &job->is_prepared) != ERR_NONE)
		job->is_prepared = false;
}

static void *
run(void *context)
{
	struct worker *worker = context;
	struct place *place;

	(void)pthread_mutex_lock(&worker->lock);
	worker->is_up = true;
	(void)pthread_cond_broadcast(&worker->changed);
	while (!worker->is_over) {
		place = next_waiting(worker);
		if (place == NULL) {
			(void)pthread_cond_wait(&worker->changed, &worker->lock);
			continue;
		}
		place->state = STATE_RUNNING;
		(void)pthread_mutex_unlock(&worker->lock);
		prepare(worker, &place->job);
		(void)pthread_mutex_lock(&worker->lock);
		place->state = STATE_READY;
		(void)pthread_cond_broadcast(&worker->changed);
	}
	(void)pthread_mutex_unlock(&worker->lock);
	return NULL;
}

/* Signals are for the other thread.  It is waited for: what a thread asks of the kernel as it
   begins is not allowed any more once the filter of system calls stands, and the C library ends the
   process then. */
static bool
start_thread(struct worker *worker)
{
	sigset_t all, before;
	int failed;

	(void)sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return false;
	failed = pthread_create(&worker->thread, NULL, run, worker);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed != 0)
		return false;
	(void)pthread_mutex_lock(&worker->lock);
	while (!worker->is_up)
		(void)pthread_cond_wait(&worker->changed, &worker->lock);
	(void)pthread_mutex_unlock(&worker->lock);
	return true;
}

/* ---------------------------------------------------------------- opening */

enum err
worker_open(const struct prepare_setup *setup, bool has_thread, struct worker **out)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	uint32_t i;

	*out = NULL;
	if (worker == NULL)
		return ERR_MEMORY;
	worker->setup = setup;
	for (i = 0; i < WORKER_JOBS_MAX; i++) {
		bytes_init(&worker->places[i].job.request, CHANNEL_BYTES_MAX);
		prepare_init(&worker->places[i].job.prepared);
	}
	if (pthread_mutex_init(&worker->lock, NULL) != 0 ||
	    pthread_cond_init(&worker->changed, NULL) != 0) {
		free(worker);
		return ERR_SYSTEM;
	}
	worker->has_thread = has_thread && start_thread(worker);
	*out = worker;
	return ERR_NONE;
}

void
worker_close(struct worker *worker)
{
	uint32_t i;

	if (worker == NULL)
		return;
	(void)pthread_mutex_lock(&worker->lock);
	worker->is_over = true;
	(void)pthread_cond_broadcast(&worker->changed);
	(void)pthread_mutex_unlock(&worker->lock);
	if (worker->has_thread)
		(void)pthread_join(worker->thread, NULL);
	for (i = 0; i < WORKER_JOBS_MAX; i++) {
		bytes_release(&worker->places[i].job.request);
		prepare_release(&worker->places[i].job.prepared);
	}
	(void)pthread_cond_destroy(&worker->changed);
	(void)pthread_mutex_destroy(&worker->lock);
	free(worker);
}

/* ---------------------------------------------------------------- the queue */

uint32_t
worker_count(const struct worker *worker)
{
	return worker->count; /* the core's own: only it adds and takes */
}

struct worker_job *
worker_place(struct worker *worker)
{
	struct worker_job *job;

	if (worker->count == WORKER_JOBS_MAX)
		return NULL;
	job = &place_at(worker, worker->count)->job;
	bytes_clear(&job->request);
	job->is_gone = false;
	job->may_prepare = false;
	job->is_prepared = false;
	return job;
}

void
worker_put(struct worker *worker)
{
	(void)pthread_mutex_lock(&worker->lock);
	place_at(worker, worker->count)->state = STATE_WAITING;
	worker->count++;
	/* the only one is about to be done by the core: nobody need wake up for it */
	if (worker->has_thread && worker->count > 1)
		(void)pthread_cond_broadcast(&worker->changed);
	(void)pthread_mutex_unlock(&worker->lock);
}

struct worker_job *
worker_head(struct worker *worker, bool must_wait)
{
	struct place *place = place_at(worker, 0);
	bool is_ready;

	if (worker->count == 0)
		return NULL;
	(void)pthread_mutex_lock(&worker->lock);
	while (place->state == STATE_RUNNING && must_wait)
		(void)pthread_cond_wait(&worker->changed, &worker->lock);
	is_ready = place->state != STATE_RUNNING;
	if (is_ready)
		place->state = STATE_READY; /* what was not begun is the core's now */
	(void)pthread_mutex_unlock(&worker->lock);
	return is_ready ? &place->job : NULL;
}

void
worker_pop(struct worker *worker)
{
	(void)pthread_mutex_lock(&worker->lock);
	place_at(worker, 0)->state = STATE_FREE;
	worker->head = (worker->head + 1) % WORKER_JOBS_MAX;
	worker->count--;
	if (worker->behind > 0)
		worker->behind--;
	(void)pthread_mutex_unlock(&worker->lock);
}
