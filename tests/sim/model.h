/*
 * model: what was written, by whom, for whom, and who may hold it: the ceiling and the default
 * policy said a second time, in few words, and on purpose not with the node's own.
 */
#ifndef MALLA_TESTS_SIM_MODEL_H
#define MALLA_TESTS_SIM_MODEL_H

#include "tests/sim/party.h"
#include "wire/record.h"

#define MODEL_DRAFTS_MAX 512u
#define MODEL_EVERYBODY ((1u << PARTIES) - 1)

/* What an operator wrote.  Its number stands in its observable; repeats are the same bytes. */
struct model_draft {
	uint32_t author;
	enum tlp tlp;
	uint32_t named;    /* organisations, a bit each */
	bool must_not;     /* be attributed */
	bool is_personal;  /* held by the default policy for an approver, who never comes */
	bool is_unfit;     /* without the purpose that it must state: to be refused */
	uint64_t valid_until_ms; /* 0: for ever */
	struct bytes bytes;
	bool is_acked; /* its operator was told that it is stored */
	bool has_id;
	struct record_id id;
	uint32_t held;            /* who holds it, a bit each */
};

struct model {
	uint32_t count;
	struct model_draft drafts[MODEL_DRAFTS_MAX];
};

void model_init(struct model *model);
void model_release(struct model *model);
/* The draft's bytes from its facts. */
void model_write(struct model *model, uint32_t number);
/* Which draft a record was, by its observable; MODEL_DRAFTS_MAX: none. */
uint32_t model_find(const struct model *model, const struct record *record);
/* Whether the record says what the draft said. */
bool model_is_faithful(const struct model_draft *draft, const struct record *record);

/* Which of the parties an audience names. */
uint32_t model_named(const struct audience *audience);
/* FIRST TLP 2.0 as DESIGN 8 has it, without relations, grants and communities. */
bool model_may_go(const struct record *record, uint32_t from, uint32_t to);
/* May, and will: under the default policy, or under one that shares all with everybody. */
bool model_will_go(const struct model_draft *draft, uint32_t from, uint32_t to, bool is_open);

#endif
