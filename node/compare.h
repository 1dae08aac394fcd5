/*
 * compare: what two policies would decide differently, record by record over the store.
 *
 * Each record is fetched and decoded once; what the two policies ask of it is asked once for all
 * peers, and what they ask of a peer once for all records (policy/sweep).  Where more than that
 * matters - a redaction, a charter, a grant that may name the record, approvals - the decision
 * itself is made, peer by peer (judge).  A test holds both ways equal.
 */
#ifndef MALLA_NODE_COMPARE_H
#define MALLA_NODE_COMPARE_H

#include "node/state.h"
#include "wire/request_preview.h"

#define COMPARE_ROWS_MAX 4096u /* of one part: some 20 ms; fewer with very many peers */

/* One peer of which some records are decided differently, in the same way. */
struct compare_cell {
	uint32_t peer;   /* index in core->members */
	uint32_t before; /* index in outcomes */
	uint32_t after;
	int32_t next; /* of the same peer; -1: none */
	bool is_told;
	uint8_t records[COMPARE_ROWS_MAX / 8]; /* bits, by index in ids */
};

/* What one part of the store gives. */
struct compare_part {
	int64_t after;     /* cursor in, and out; out 0: this was the last */
	uint32_t examined; /* records */
	uint32_t ids_count;
	struct record_id *ids; /* of those that are decided differently for anybody */
	uint32_t cells_count;
	struct compare_cell *cells;
	uint32_t outcomes_count;
	struct decision_body *outcomes; /* ceiling and ground are not said: they differ by record */
};

struct compare;

/* Both policies must outlive it; only NULL: every peer.  Good for one turn of the core.
   ERR_MEMORY. */
MUST_CHECK enum err compare_open(struct core *core, const struct policy *before,
    const struct policy *after, const struct member *only, struct compare **out);
void compare_free(struct compare *compare);
/* Up to `most` records behind part->after.  What part points to is the comparison's, until the next
   part.  A failure of the store is returned, not noted; core->record is used. */
MUST_CHECK enum err compare_next(
    struct compare *compare, uint32_t most, struct compare_part *part);

#endif
