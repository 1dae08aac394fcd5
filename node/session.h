/*
 * session: the greeting and liveness of one peer, as a pure state machine.
 *
 *              retry                 up                  answered
 *      DOWN ----------> DIALING ----------> GREETED ----------------> OPEN
 *       ^  \               |                  |   \                    |
 *       |   \--------------+--- greeted ------+----\------> OPEN <-----/ greeted again
 *       |                  |                  |                        |
 *       +------ lost, timeout, refused -------+------------------------+
 *
 * A first greeting (HELLO without echo) always opens: it is answered with an echo.  In any
 * state a removed peer's session is REMOVED, and nothing leads out of it but `added`.
 * No I/O and no clock: the caller performs the actions.  docs/protocol.md 9.2
 */
#ifndef MALLA_NODE_SESSION_H
#define MALLA_NODE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

enum session_state {
	SESSION_DOWN,
	SESSION_DIALING, /* the link was asked to connect */
	SESSION_GREETED, /* we sent a first greeting and wait for its answer */
	SESSION_OPEN,    /* both know the other's numbers and serials */
	SESSION_REMOVED,
	SESSION_STATE_COUNT
};

enum session_event {
	SESSION_RETRY,    /* the back-off has passed and there is an endpoint to dial */
	SESSION_UP,       /* the link completed a handshake that we began */
	SESSION_HELLO,    /* a first greeting came */
	SESSION_ECHO,     /* a greeting came that echoes our nonce */
	SESSION_STALE,    /* a greeting came that echoes something else */
	SESSION_LOST,     /* the link says it is gone, or could not send */
	SESSION_TIMEOUT,  /* no answer in time */
	SESSION_REFUSED,  /* the peer refused the greeting or says that there is no session */
	SESSION_REMOVE,
	SESSION_ADD,
	SESSION_EVENT_COUNT
};

/* What the caller must do, in this order. */
enum session_action {
	SESSION_DO_CLOSE = 1,    /* forget what is in flight */
	SESSION_DO_HANG_UP = 2,  /* tell the link */
	SESSION_DO_BACK_OFF = 4, /* set the time of the next retry */
	SESSION_DO_DIAL = 8,
	SESSION_DO_GREET = 16,  /* send a first greeting */
	SESSION_DO_ANSWER = 32, /* send a greeting that echoes the peer's nonce */
	SESSION_DO_OPEN = 64,   /* begin to deliver; resend what is unreceipted */
};

/* The next state and the actions for one event.  A pair that cannot occur is a breach: it is
   answered by hanging up. */
struct session_step {
	enum session_state state;
	unsigned actions;
};
struct session_step session_next(enum session_state state, enum session_event event);

/* How long to wait before retry number `attempt` (from 0), ms: 250 ms doubled up to 60 s,
   times 0.5 to 1.5 by `random`. */
uint64_t session_back_off_ms(uint32_t attempt, uint32_t random);

#define SESSION_GREETING_TIMEOUT_MS 10000u
#define SESSION_RECEIPT_TIMEOUT_MS 30000u
#define SESSION_REFRESH_MS 30000u /* HELLO again, with the newest head */
#define SESSION_SILENCE_MS 95000u /* nothing heard, though both refresh: lost */

#endif
