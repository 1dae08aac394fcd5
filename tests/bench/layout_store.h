/* The layouts that are measured, behind one face: put a batch, ask a question. */
#ifndef TESTS_BENCH_LAYOUT_STORE_H
#define TESTS_BENCH_LAYOUT_STORE_H

#include "tests/bench/layout_forms.h"

enum { LAYOUT_BATCH = 512, LAYOUT_AUDIT = 72 /* bytes of a row of facts */ };

enum layout_question {
	LAYOUT_ASK_PRIMARY, /* the body by the table's own key: what the others are measured by */
	LAYOUT_ASK_ID,
	LAYOUT_ASK_ID_MISS,
	LAYOUT_ASK_OBSERVABLE,
	LAYOUT_ASK_OBSERVABLE_MISS,
	LAYOUT_ASK_CIDR_24, /* every record with an address in the /24 of this one's */
	LAYOUT_ASK_CIDR_20,
	LAYOUT_ASK_PARENT, /* every record with a host of this one's registered domain */
	LAYOUT_QUESTIONS
};

/* Seconds, and the longest of them. */
struct layout_times {
	double check, rows, keys, merge, commit, checkpoint;
	double worked;    /* of processor, all of it */
	double slice_max; /* keys and merge of one transaction */
	double whole_max; /* one transaction and the checkpoint behind it */
};

struct layout_store {
	const struct layout_form *form;
	struct layout_db db;
	struct layout_tree *trees[LAYOUT_TREES];
	sqlite3_stmt *put, *audit, *by_row, *by_id, *by_range;
	int checkpoint_pages;
	bool is_checked; /* look for every record's id and content before it is stored */
	struct layout_times times;
	uint64_t duplicates, false_hits; /* what looking found, and what filters only guessed */
};

struct layout_options {
	unsigned bits;
	uint32_t fan; /* 0: the form's own */
	int checkpoint_pages;
	bool is_checked;
};

void layout_store_open(struct layout_store *store, const struct layout_form *form, const char *path,
    const struct layout_options *options);
void layout_store_discard(struct layout_store *store);
/* One transaction. */
void layout_store_put(
    struct layout_store *store, const struct layout_record *records, uint32_t count);
/* Whether the layout can answer it at all. */
bool layout_store_can(const struct layout_store *store, enum layout_question question);
/* How many records answer, each read and compared. */
uint32_t layout_store_ask(
    struct layout_store *store, enum layout_question question, const struct layout_record *record);

#endif
