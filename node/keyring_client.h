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
#include "wire/receipt.h"

enum keyring_type {
	KEYRING_SEAL = 1,    /* malla/seal/v1 by the sign key */
	KEYRING_HEADER = 2,  /* malla/envelope/v1 by the sign key */
	KEYRING_RECEIPT = 3, /* malla/receipt/v1 by the sign key; its head is remembered */
};
#define KEYRING_ITEMS_MAX 64u

struct keyring_item {
	enum keyring_type type;
	struct bytes_view statement;
};
struct keyring_result {
	enum err err; /* ERR_REFUSED: not what this key signs; ERR_LOCKED: a head would contradict */
	uint8_t signature[64];
};

struct keyring {
	/* All items in one go: one write of the state file covers them.  The return value is about
	   the call; each item has its own result. */
	enum err (*sign)(struct keyring *keyring, const struct keyring_item *items, uint32_t count,
	    struct keyring_result *results);
	/* The content key of an envelope addressed to us. */
	enum err (*unwrap)(struct keyring *keyring, struct bytes_view statement,
	    uint8_t content_key[32]);
	/* The last head that was signed. */
	enum err (*state)(struct keyring *keyring, struct head *head, bool *has_head);
	void (*free)(struct keyring *keyring);
};

/* Over a channel to the keyring process.  `renew` is called when the process has died: it
   gives the channel of the next one, or -1. */
MUST_CHECK enum err keyring_client_open(int fd, int (*renew)(void *context), void *context,
    struct keyring **out);
/* The process must have died: use this channel from now on (the old one is closed). */
void keyring_client_replace(struct keyring *keyring, int fd);

#endif
