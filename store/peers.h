/*
 * peers: organisations, their cards, and which of them are peers; operators of our own.
 */
#ifndef MALLA_STORE_PEERS_H
#define MALLA_STORE_PEERS_H

#include "base/bytes.h"
#include "base/ids.h"
#include "store/store.h"
#include "wire/card.h"
#include "wire/receipt.h"

/* A card that was verified: kept for good, newer ones beside older ones. */
struct card_row {
	struct org_id org;
	uint64_t serial;
	uint64_t issued_ms;
	uint64_t expires_ms;
	bool is_revocation;
	uint64_t seen_ms;          /* when it became known here */
	struct bytes_view package; /* the whole card package's bytes */
};
/* *is_new false: this serial is known with the same bytes.  ERR_NO: this serial is known with
   other bytes (evidence; nothing changed). */
MUST_CHECK enum err peers_card_put(struct store *store, const struct card_row *row, bool *is_new);
MUST_CHECK enum err peers_card_get(struct store *store, const struct org_id *org, uint64_t serial,
    struct card_row *out);
/* The highest serial known. */
MUST_CHECK enum err peers_card_newest(struct store *store, const struct org_id *org,
    struct card_row *out);
/* The highest serial that was known at that time. */
MUST_CHECK enum err peers_card_at(struct store *store, const struct org_id *org, uint64_t time_ms,
    struct card_row *out);
/* Every organisation of which a card is known, its newest card. */
typedef enum err (*peers_card_fn)(void *context, const struct card_row *row);
MUST_CHECK enum err peers_card_each(struct store *store, peers_card_fn each, void *context);

struct peer_row {
	struct org_id org;
	struct bytes_view name; /* the local label; a peer's own is on its card */
	uint64_t added_ms;
	bool is_removed; /* kept, so that history can be read; exchanges nothing */
};
/* A known organisation is replaced. */
MUST_CHECK enum err peers_put(struct store *store, const struct peer_row *row);
/* ERR_NOT_FOUND.  Marks it removed and empties its outbox; unreceipted deliveries stay as they are. */
MUST_CHECK enum err peers_remove(struct store *store, const struct org_id *org);
typedef enum err (*peers_fn)(void *context, const struct peer_row *row);
/* Also the removed ones; the callback must copy what it keeps. */
MUST_CHECK enum err peers_each(struct store *store, peers_fn each, void *context);

/* The newest head of somebody else's log that we saw: an older one, and one of the same size,
   leaves what is there. */
MUST_CHECK enum err peers_head_put(struct store *store, const struct org_id *org,
    const struct head *head);
MUST_CHECK enum err peers_head_get(struct store *store, const struct org_id *org,
    struct head *out); /* ERR_NOT_FOUND */

/* Our own operators. */
struct operator_row {
	struct bytes_view name; /* [a-z0-9._-]{1,64} */
	uint32_t uid;
	uint32_t roles;       /* bits: enum role in wire/request.h */
	uint32_t clearance;   /* enum clearance in wire/request.h */
	bool is_red_desk;
	uint8_t public_key[32];
	uint64_t added_ms;
	bool is_removed;
};
/* A known name is replaced. */
MUST_CHECK enum err peers_operator_put(struct store *store, const struct operator_row *row);
/* ERR_NOT_FOUND: nobody in force has this name. */
MUST_CHECK enum err peers_operator_remove(struct store *store, struct bytes_view name);
/* The operators in force, by name; several may have one uid. */
typedef enum err (*peers_operator_fn)(void *context, const struct operator_row *row);
MUST_CHECK enum err peers_operator_each(struct store *store, peers_operator_fn each, void *context);

/* Answers to changing requests, so that a repeat gets the stored one (pruned to the newest
   10,000).  Where there is one already, it stays. */
MUST_CHECK enum err peers_answer_put(struct store *store, const struct nonce *request,
    uint64_t time_ms, struct bytes_view answer);
MUST_CHECK enum err peers_answer_get(struct store *store, const struct nonce *request,
    struct bytes_view *answer); /* ERR_NOT_FOUND */

#endif
