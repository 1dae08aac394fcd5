/*
 * keyring_client: what the core asks of the keyring: to sign statements, to unwrap content
 * keys, and which head it signed last.  The same few calls lead to the keyring process, or, in
 * tests and the simulator, to the same code in this process.
 */
#ifndef MALLA_NODE_KEYRING_CLIENT_H
#define MALLA_NODE_KEYRING_CLIENT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/home.h"
#include "base/ids.h"
#include "wire/receipt.h"

enum keyring_type {
	KEYRING_SEAL = 1,    /* malla/seal/v1 by the sign key */
	KEYRING_HEADER = 2,  /* malla/envelope/v1 by the sign key */
	KEYRING_RECEIPT = 3, /* malla/receipt/v1 by the sign key; its head is remembered */
	/* a head of our log (keyring_client_head's 48 bytes) as the note of node/checkpoint.h, by
	   the log key; it is remembered */
	KEYRING_CHECKPOINT = 4,
};
#define KEYRING_ITEMS_MAX 64u
#define KEYRING_HEAD_BYTES 48u

/* Who we are, and the public halves, as our own card names them. */
struct keyring_public {
	struct org_id org;
	uint64_t serial;
	uint8_t sign_key[32];
	uint8_t envelope_key[32];
	uint8_t log_key[32];
	uint8_t witness_key[32];
};

struct keyring_item {
	enum keyring_type type;
	struct bytes_view statement;
};
struct keyring_result {
	enum err
	    err; /* ERR_REFUSED: not what this key signs; ERR_LOCKED: a head would contradict */
	uint8_t signature[64];
};

struct keyring {
	/* All items in one go: one write of the state file covers them.  The return value is about
	   the call; each item has its own result.  1..KEYRING_ITEMS_MAX items. */
	enum err (*sign)(struct keyring *keyring, const struct keyring_item *items, uint32_t count,
	    struct keyring_result *results);
	/* The content key of an envelope addressed to us.  ERR_REFUSED: to somebody else, under
	   another serial, certified, or under a pre-shared key. */
	enum err (*unwrap)(
	    struct keyring *keyring, struct bytes_view statement, uint8_t content_key[32]);
	/* The same in two steps, so that the caller can do something else meanwhile: what was begun
	   must be ended, with no other call in between.  NULL, both of them: it cannot. */
	enum err (*unwrap_begin)(struct keyring *keyring, struct bytes_view statement);
	enum err (*unwrap_end)(struct keyring *keyring, uint8_t content_key[32]);
	/* The last head that was signed. */
	enum err (*state)(struct keyring *keyring, struct head *head, bool *has_head);
	enum err (*public_keys)(struct keyring *keyring, struct keyring_public *out);
	void (*free)(struct keyring *keyring);
};

/* The statement of a KEYRING_CHECKPOINT item: u64 epoch, u64 size, 32 bytes root. */
void keyring_client_head(const struct head *head, uint8_t statement[KEYRING_HEAD_BYTES]);

/* Over a channel to the keyring process.  `renew` is called when the process has died: it
   gives the channel of the next one, or -1 (NULL: there is no next one).  The client owns the
   channel. */
MUST_CHECK enum err keyring_client_open(
    int fd, int (*renew)(void *context), void *context, struct keyring **out);
/* The process must have died: use this channel from now on (the old one is closed). */
void keyring_client_replace(struct keyring *keyring, int fd);

#endif
