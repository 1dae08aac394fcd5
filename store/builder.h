/*
 * builder: one run from entries that come in order.
 */
#ifndef MALLA_STORE_BUILDER_H
#define MALLA_STORE_BUILDER_H

#include "store/runs.h"

struct builder {
	struct runs *runs;
	struct run *run;
	uint32_t part;       /* the next one to be written */
	bool has_last;
	size_t last_len;     /* of the last key that was added */
	size_t first_len;    /* of the first key of the open page */
	size_t before_len;   /* of the last key of the page before */
	struct page_writer page;
	uint8_t last[KEYS_BYTES_MAX];
	uint8_t first[KEYS_BYTES_MAX];
	uint8_t before[KEYS_BYTES_MAX];
};

/* hashes: at most so many will be put into its filter (builder_hashes). */
MUST_CHECK enum err builder_open(struct builder *builder, struct runs *runs, uint32_t level,
    uint64_t hashes);
/* How many hashes a key may add. */
uint32_t builder_hashes(struct bytes_view key);
/* Not below the entry before. */
MUST_CHECK enum err builder_add(struct builder *builder, struct bytes_view key, int64_t record);
/* Write the open page, if it holds anything: then the run's pages hold everything added. */
MUST_CHECK enum err builder_seal_page(struct builder *builder);
/* All entries are in: write up to `parts` parts of what goes beside the pages, and when there
   are no more, let the run live.  *is_done then. */
MUST_CHECK enum err builder_finish(struct builder *builder, uint32_t parts, bool *is_done);

#endif
