/*
 * lookup: questions about records that are there, asked of a store or of a running node.
 */
#ifndef MALLA_TESTS_BENCH_LOOKUP_H
#define MALLA_TESTS_BENCH_LOOKUP_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/predicate.h"
#include "wire/record.h"

/* What `lookup` asks; the first one is what the others are held against. */
#define LOOKUP_TABLE(X) \
	X(LOOKUP_BARE, "bare")     /* a row by its number: no index of ours */ \
	X(LOOKUP_ID, "id") \
	X(LOOKUP_MISS, "miss")     /* an id that nobody has */ \
	X(LOOKUP_VALUE, "value")   /* value = X */ \
	X(LOOKUP_CIDR, "cidr")     /* value in a.b.c.0/24 */ \
	X(LOOKUP_PARENT, "parent") /* value under evil.example */ \
	X(LOOKUP_TEXT, "text")     /* a word of the text */
enum lookup_kind {
#define LOOKUP_ENUM(symbol, name) symbol,
	LOOKUP_TABLE(LOOKUP_ENUM)
#undef LOOKUP_ENUM
	    LOOKUP_COUNT
};

#define LOOKUP_ROWS_MAX 100u /* of an answer */

struct lookup_question {
	enum lookup_kind kind;
	int64_t seq; /* bare */
	struct record_id id;
	struct predicate predicate; /* the other kinds */
};

/* Who is asked.  A failure ends the program with words. */
struct lookup_back {
	/* The bytes of the first record behind a number, and its number; false: there is none. */
	bool (*row_after)(void *context, int64_t seq, struct bytes *body, int64_t *found);
	int64_t (*last_seq)(void *context);
	/* Ask, and return how many records were found. */
	uint32_t (*ask)(void *context, const struct lookup_question *question);
	/* Once between questions: what goes on beside them. */
	void (*meanwhile)(void *context);
	void *context;
};

/* The database of a node that does not run; `rate` records a second are put into it meanwhile. */
void lookup_store_open(struct lookup_back *back, const char *path, double rate);
/* The node that runs in this home. */
void lookup_node_open(struct lookup_back *back, const char *home);

#endif
