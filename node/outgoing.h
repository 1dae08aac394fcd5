/*
 * outgoing: one batch as it leaves: loaded once, its payload encrypted once for all peers that
 * get it whole.
 */
#ifndef MALLA_NODE_OUTGOING_H
#define MALLA_NODE_OUTGOING_H

#include "node/state.h"

/* Entries of the loaded batch, by their place in outgoing->entries, ascending. */
struct selection {
	uint32_t count;
	bool is_whole; /* the whole sealed batch */
	uint16_t entries[BATCH_COUNT_MAX];
	uint8_t positions[2 * BATCH_COUNT_MAX]; /* scratch of selection_positions */
};
void outgoing_selection_clear(struct selection *selection);
void outgoing_selection_add(struct selection *selection, uint32_t entry);

struct sealed_payload {
	struct content_key content_key; /* the caller wipes it */
	struct hash commitment;
	struct hash ciphertext_hash;
	struct hash records_root;
	struct ciphertext *ciphertext; /* the caller releases it */
};

/* ERR_MEMORY */
MUST_CHECK enum err outgoing_open(struct outgoing *outgoing);
void outgoing_close(struct outgoing *outgoing);
/* A batch that is being stored in this turn, and its records in order: kept in memory for a while,
   so that sending it need not read it back.  NULL: it is not kept. */
struct loaded *outgoing_keep(struct core *core, const struct batch_row *row);
void outgoing_keep_record(struct loaded *kept, const struct record_row *row);
/* Only the row of a batch, and of its records the first that is in force and has not expired,
   decoded into core->record; *record is its row's number, or 0: there is none.  Nothing stays
   loaded. False: the store failed (noted). */
bool outgoing_peek(struct core *core, int64_t batch, struct batch_row *row, int64_t *record);
/* Load a batch, unless it is loaded already.  False: the store failed (noted). */
bool outgoing_load(struct core *core, int64_t batch);
/* Everything that is in memory.  After a rollback, and when a record was
   erased. */
void outgoing_forget(struct core *core);
struct bytes_view outgoing_body(const struct outgoing *outgoing, uint32_t entry);
/* The sealed positions of a selection, two bytes each; borrowed from it. */
struct bytes_view outgoing_positions(const struct outgoing *outgoing, struct selection *selection);
/* Back from positions; empty: the whole.  False: the batch does not hold them. */
bool outgoing_select(
    const struct outgoing *outgoing, struct bytes_view positions, struct selection *out);
/* From entry *next on, as many as fit one envelope with their paths; moves *next. */
void outgoing_take_part(const struct outgoing *outgoing, const struct selection *all,
    uint32_t *next, struct selection *part);
/* Encode and encrypt a selection: under `content_key` if given (a resend), else under that of the
   selection before if it was the same one, else under a fresh one. */
MUST_CHECK enum err outgoing_encrypt(struct core *core, const struct selection *selection,
    const struct content_key *content_key, struct sealed_payload *out);

#endif
