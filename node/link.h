/*
 * link: the only process with sockets to the outside: libzmq, CURVE, ZAP.  It owns no
 * database and no key but the transport key; it may die at any moment and nothing is lost.
 *
 * Who somebody is, is the key that ZAP (or, where we dialed, CURVE itself) authenticated,
 * looked at again on every message; never a routing id.  docs/protocol.md 9.1, TRAPS 1-10
 *
 * Between link and core: u8 type, 3 zero bytes, u32 length, 32 bytes key, then `length` bytes.
 */
#ifndef MALLA_NODE_LINK_H
#define MALLA_NODE_LINK_H

#include "base/bytes.h"
#include "base/home.h"
#include "base/ids.h"

enum link_type {
	/* core to link */
	LINK_LISTEN = 1,  /* bytes: an endpoint to bind, tried until it is */
	LINK_ALLOW = 2,   /* key may talk to us */
	LINK_FORBID = 3,  /* no longer; its connection we dialed is closed, its route forgotten */
	LINK_DIAL = 4,    /* key, bytes: the endpoint */
	LINK_HANG_UP = 5, /* key: close and forget, it may come back */
	LINK_SEND = 6,    /* key, bytes: one frame */
	/* what several frames end in: bytes: u64 number, then the tail, kept until the next one */
	LINK_TAIL = 7,
	LINK_SEND_TAIL = 8, /* key, bytes: u64 number of that tail, then the frame's beginning */
	/* link to core */
	LINK_READY = 16,
	LINK_BOUND = 17,    /* bytes: the endpoint as bound, a wildcard port resolved */
	LINK_MESSAGE = 18,  /* key, bytes: one frame */
	LINK_UP = 19,       /* key: a handshake that we began is complete */
	LINK_DOWN = 20,     /* key, bytes: why */
	LINK_UNSENT = 21,   /* key, bytes: why */
	LINK_COUNTERS = 22, /* bytes: u64 handshakes refused, u64 frames dropped */
	LINK_UNBOUND = 23,  /* bytes: the endpoint, ": ", why not; it is tried again */
};

struct link_message {
	enum link_type type;
	struct transport_key key;
	struct bytes_view bytes; /* borrowed */
};

#define LINK_HEADER_BYTES 40u

/* ERR_TYPE, ERR_TRUNCATED, ERR_TRAILING, ERR_TOO_LARGE */
MUST_CHECK enum err link_decode(struct bytes_view in, struct link_message *out);
MUST_CHECK enum err link_encode(const struct link_message *message, struct bytes *out);
/* All but the message's bytes, of which `len` are to follow. */
MUST_CHECK enum err link_encode_head(
    const struct link_message *message, size_t len, struct bytes *out);

/* The body of the link process; returns its exit code when core has gone.  The passphrase is
   wiped as soon as the key is read. */
int link_run(int core_fd, const struct home *home, uint8_t *passphrase, size_t len);

#endif
