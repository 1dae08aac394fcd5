/* The queue of requests, with a thread that prepares ahead and without: what is prepared is what
   the core would have made of it itself, in the order in which it came. */
#include "node/worker.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "wire/request.h"
#include "wire/writer.h"

#define DRAFTS 40u

static const struct prepare_setup setup = {
    .org = {{1, 2, 3}}, .content_secret = {4, 5}, .keys_seed = 77};
static struct record scratch;

/* A submission of notes whose titles say which one it is. */
static void
make_request(uint32_t nth, struct bytes *out)
{
	struct request request = {.command = REQUEST_SUBMIT};
	struct submit_arguments arguments = {0};
	struct bytes items, draft, encoded;
	char title[40];
	uint32_t i;

	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	for (i = 0; i < DRAFTS; i++) {
		(void)snprintf(title, sizeof(title), "request %u, note %u", nth, i);
		record_init(&scratch, RECORD_NOTE, TLP_GREEN);
		scratch.body.title = bytes_view_str(title);
		scratch.body.text = bytes_view_str("some words of a note");
		bytes_init(&draft, RECORD_BYTES_MAX);
		ck_assert(record_encode(&scratch, &draft) == ERR_NONE);
		ck_assert(schema_list_add_bin(&arguments.drafts, &items, bytes_as_view(&draft)) ==
			  ERR_NONE);
		bytes_release(&draft);
	}
	ck_assert(schema_encode(&request_submit_schema, &arguments, &encoded) == ERR_NONE);
	bytes_put_u32(request.id.bytes, nth);
	request.arguments = bytes_as_view(&encoded);
	ck_assert(request_encode(&request, out) == ERR_NONE);
	bytes_release(&items);
	bytes_release(&encoded);
}

static void
put(struct worker *worker, uint32_t nth, bool may_prepare)
{
	struct worker_job *job = worker_place(worker);

	ck_assert_ptr_nonnull(job);
	make_request(nth, &job->request);
	job->client = nth;
	job->may_prepare = may_prepare;
	job->now_ms = 1000000 + nth;
	bytes_put_u32(job->seed, nth);
	worker_put(worker);
}

/* The job is the one that was put as the nth, and what was prepared of it is right. */
static void
check(const struct worker_job *job, uint32_t nth)
{
	static struct prepared expected;
	bool is_submission = false;
	uint32_t i;

	ck_assert_uint_eq(job->client, nth);
	if (!job->is_prepared)
		return;
	prepare_init(&expected);
	ck_assert(prepare_request(&setup, &scratch, job->now_ms, job->seed,
		      bytes_as_view(&job->request), &expected, &is_submission) == ERR_NONE);
	ck_assert(is_submission);
	ck_assert_uint_eq(job->prepared.count, DRAFTS);
	ck_assert_uint_eq(expected.count, DRAFTS);
	ck_assert(job->prepared.is_whole);
	ck_assert_mem_eq(job->prepared.roots, expected.roots, sizeof(expected.roots));
	for (i = 0; i < DRAFTS; i++) {
		struct bytes_view ours = prepare_body(&job->prepared, i);
		struct bytes_view theirs = prepare_body(&expected, i);

		ck_assert_int_eq(job->prepared.drafts[i].reason, REASON_STORED);
		ck_assert(bytes_view_is_equal(ours, theirs));
		ck_assert_mem_eq(
		    &job->prepared.drafts[i].id, &expected.drafts[i].id, sizeof(struct record_id));
	}
	prepare_release(&expected);
}

/* Puts and takes in turns, up to `most` waiting; how many had been prepared ahead. */
static uint32_t
run(bool has_thread, uint32_t rounds, uint32_t most)
{
	struct worker *worker;
	struct worker_job *job;
	uint32_t put_count = 0, taken = 0, prepared = 0, i;

	ck_assert(worker_open(&setup, has_thread, &worker) == ERR_NONE);
	for (i = 0; i < rounds; i++) {
		while (worker_count(worker) < most)
			put(worker, put_count++, true);
		while ((job = worker_head(worker, worker_count(worker) == most)) != NULL) {
			check(job, taken++);
			prepared += job->is_prepared;
			worker_pop(worker);
		}
	}
	while ((job = worker_head(worker, true)) != NULL) {
		check(job, taken++);
		worker_pop(worker);
	}
	ck_assert_uint_eq(taken, put_count);
	ck_assert_uint_eq(worker_count(worker), 0);
	worker_close(worker);
	return prepared;
}

START_TEST(keeps_the_order_and_prepares_what_the_core_would)
{
	/* how many are ahead depends on who is faster; that some are, only on there being two */
	ck_assert_uint_gt(run(true, 60, WORKER_JOBS_MAX), 0);
	(void)run(true, 60, 2);
	(void)run(true, 200, 1);
}
END_TEST

START_TEST(goes_without_a_thread)
{
	ck_assert_uint_eq(run(false, 20, WORKER_JOBS_MAX), 0);
}
END_TEST

START_TEST(takes_no_more_than_it_has_places_for)
{
	struct worker *worker;
	uint32_t i;

	ck_assert(worker_open(&setup, false, &worker) == ERR_NONE);
	ck_assert_ptr_null(worker_head(worker, true));
	for (i = 0; i < WORKER_JOBS_MAX; i++)
		put(worker, i, false);
	ck_assert_ptr_null(worker_place(worker));
	ck_assert_ptr_nonnull(worker_head(worker, false));
	worker_pop(worker);
	ck_assert_ptr_nonnull(worker_place(worker));
	worker_close(worker);
}
END_TEST

/* What nobody may prepare, and what is no submission, comes as it is. */
START_TEST(leaves_other_requests_alone)
{
	struct request request = {.command = REQUEST_STATUS};
	struct worker *worker;
	struct worker_job *job;
	uint32_t i;

	ck_assert(worker_open(&setup, true, &worker) == ERR_NONE);
	for (i = 0; i < 9; i++) {
		if (i % 3 == 0) {
			put(worker, i, false);
			continue;
		}
		job = worker_place(worker);
		job->client = i;
		job->is_gone = i % 3 == 1;
		job->may_prepare = i % 3 == 2;
		if (i % 3 == 2)
			ck_assert(request_encode(&request, &job->request) == ERR_NONE);
		worker_put(worker);
	}
	for (i = 0; i < 9; i++) {
		job = worker_head(worker, true);
		ck_assert_ptr_nonnull(job);
		ck_assert_uint_eq(job->client, i);
		ck_assert_int_eq(job->is_gone, i % 3 == 1);
		ck_assert(!job->is_prepared);
		worker_pop(worker);
	}
	worker_close(worker);
}
END_TEST

SUITE_MAIN("node/worker", keeps_the_order_and_prepares_what_the_core_would, goes_without_a_thread,
    takes_no_more_than_it_has_places_for, leaves_other_requests_alone)
