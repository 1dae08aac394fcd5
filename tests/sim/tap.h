/*
 * tap: what passed between nodes, opened with the keys of whom it was for, and what was promised.
 */
#ifndef MALLA_TESTS_SIM_TAP_H
#define MALLA_TESTS_SIM_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/exchange.h"
#include "wire/header.h"
#include "wire/payload.h"

#define TAP_NODES 5u

/* One envelope, by the hash of its statement. */
struct tap_envelope {
	struct hash hash;
	uint32_t from, to; /* as its header says */
	uint64_t number;
	uint32_t count; /* of records, as its header says */
	uint32_t voided_count;
	uint64_t voided[VOIDED_MAX];
	bool is_open; /* and then it holds `records` records */
	uint32_t records;
	struct record_id *ids;
	uint16_t *drafts; /* which of the model's; MODEL_DRAFTS_MAX: none */
};

/* One receipt that was signed. */
struct tap_promise {
	uint32_t by, to;
	uint64_t number;
	struct hash envelope;
	struct head head;
	uint64_t time_ms;
	uint8_t *outcomes;
	size_t len;
};

/* Heads that a node has signed or shown, by size; of epoch 1, which no node leaves. */
struct tap_heads {
	uint64_t count;
	struct {
		bool is_set;
		struct hash root;
	} *at;
};

struct tap {
	uint32_t envelopes_count, envelopes_cap;
	struct tap_envelope *envelopes;
	uint32_t promises_count, promises_cap;
	struct tap_promise *promises;
	struct tap_heads heads[TAP_NODES];
	struct {
		uint32_t by, from;
		uint64_t number;
	} voided[1024]; /* what a receipt has taken notice of */
	uint32_t voided_count;
};

struct model;

void tap_init(struct tap *tap);
void tap_release(struct tap *tap);
/* The envelope of a frame, noted once (then *is_new); NULL: it has none that somebody signed. */
struct tap_envelope *tap_envelope(struct tap *tap, const struct model *model,
    const struct exchange_message *message, bool *is_new);
struct tap_envelope *tap_find(const struct tap *tap, const struct hash *hash);
struct tap_promise *tap_promised(const struct tap *tap, uint32_t by, uint32_t to, uint64_t number);
struct tap_promise *tap_promise(struct tap *tap);
bool tap_is_voided(const struct tap *tap, uint32_t by, uint32_t from, uint64_t number);
void tap_void(struct tap *tap, uint32_t by, uint32_t from, uint64_t number);
/* Whether this head goes with all that were seen of this node; noted. */
bool tap_head(struct tap *tap, uint32_t node, const struct head *head);
/* Open an envelope with its recipient's key; the payload borrows from `plaintext`. */
bool tap_open(const struct exchange_message *message, uint32_t to, struct bytes *plaintext,
    struct payload *payload);

#endif
