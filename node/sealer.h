/*
 * sealer: drafts of our own operators, prepared like any foreign bytes (prepare.h), are batched,
 * sealed, stored and put into the outbox, all in one turn.
 */
#ifndef MALLA_NODE_SEALER_H
#define MALLA_NODE_SEALER_H

#include "node/state.h"

struct sealer_outcome {
	enum reason reason;
	struct record_id id;
	uint32_t peers;
	uint32_t held;
	char words[96]; /* what the privacy gate found; or "" */
};

/* A draft that would be sealed stands complete in core->record; its id will be another. */
typedef void (*sealer_preview_fn)(void *context, uint32_t draft);

struct sealer_request {
	struct schema_list drafts;
	const struct prepared *prepared; /* of these drafts; NULL: it is done here */
	struct bytes_view writer;        /* the operator's name; empty: the policy had it made, */
	const char *rule;                /* by this rule */
	bool is_dry_run;
	bool asks_approver; /* what the privacy gate finds is sealed, and waits */
	sealer_preview_fn preview; /* of a dry run, which then counts no peers; or NULL */
	void *context;
	bool is_act; /* relations and charters, which are not for publishers; and nothing else */
};

/* outcomes has room for BATCH_COUNT_MAX; *count is how many drafts there were, *seals how many
   seals were made.  A failure of the store is noted (core_failed). */
void sealer_submit(struct core *core, const struct sealer_request *request,
    struct sealer_outcome *outcomes, uint32_t *count, uint32_t *seals);

#endif
