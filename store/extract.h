/*
 * extract: what the store wants to know of a record, taken from it while it is decoded: its columns
 * and the keys that find it.  A decoded record is too large to be kept for each of a batch, and
 * decoding it twice costs more than this.
 *
 * Pure: any thread may extract, with lists of its own.
 */
#ifndef MALLA_STORE_EXTRACT_H
#define MALLA_STORE_EXTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "store/keys.h"
#include "wire/record.h"

struct extract_key {
	enum keys_space space;
	uint64_t key;
};

/* Keys of many records, one after the other. */
struct extract_keys {
	uint32_t count;
	uint32_t cap;
	struct extract_key *at;
};

struct extract {
	enum record_kind kind;
	enum record_kind form; /* the column: of an amendment the kind that it amends */
	enum tlp tlp;
	uint64_t created_ms;
	uint64_t valid_from_ms; /* 0: not stated, here and below */
	uint64_t valid_until_ms;
	uint8_t confidence; /* or CONFIDENCE_UNSTATED */
	enum severity severity;
	bool is_addressed;           /* names any recipient */
	uint64_t types;              /* bit n: has an observable of type n */
	struct bytes_view language;  /* borrowed from the record's bytes; empty: not stated */
	uint32_t keys_at, keys_count; /* its part of the list */
};

void extract_keys_init(struct extract_keys *keys);
void extract_keys_release(struct extract_keys *keys);
/* seed: index_seed of the store.  The record's keys are added to the list.  ERR_MEMORY */
MUST_CHECK enum err extract_record(uint64_t seed, const struct record *decoded,
    struct extract_keys *keys, struct extract *out);

#endif
