#include "node/session.h"

#include <assert.h>

#define BACK_OFF_FIRST_MS 250u
#define BACK_OFF_MAX_MS 60000u

#define GIVE_UP (SESSION_DO_CLOSE | SESSION_DO_HANG_UP | SESSION_DO_BACK_OFF)
#define MEET (SESSION_DO_CLOSE | SESSION_DO_ANSWER | SESSION_DO_OPEN)

/* A cell that is not named is a breach: `is_edge` is false there. */
/* clang-format off */
static const struct {
	bool is_edge;
	struct session_step step;
} edges[SESSION_STATE_COUNT][SESSION_EVENT_COUNT] = {
	[SESSION_DOWN] = {
		[SESSION_RETRY]   = {true, {SESSION_DIALING, SESSION_DO_DIAL}},
		[SESSION_UP]      = {true, {SESSION_GREETED, SESSION_DO_GREET}},
		[SESSION_HELLO]   = {true, {SESSION_OPEN, MEET}},
		[SESSION_STALE]   = {true, {SESSION_DOWN, 0}},
		[SESSION_LOST]    = {true, {SESSION_DOWN, 0}},
		[SESSION_TIMEOUT] = {true, {SESSION_DOWN, 0}},
		[SESSION_REFUSED] = {true, {SESSION_DOWN, SESSION_DO_BACK_OFF}},
		[SESSION_REMOVE]  = {true, {SESSION_REMOVED, SESSION_DO_CLOSE | SESSION_DO_HANG_UP}},
		[SESSION_ADD]     = {true, {SESSION_DOWN, 0}},
	},
	[SESSION_DIALING] = {
		[SESSION_UP]      = {true, {SESSION_GREETED, SESSION_DO_GREET}},
		[SESSION_HELLO]   = {true, {SESSION_OPEN, MEET}},
		[SESSION_STALE]   = {true, {SESSION_DIALING, 0}},
		[SESSION_LOST]    = {true, {SESSION_DOWN, GIVE_UP}},
		[SESSION_TIMEOUT] = {true, {SESSION_DOWN, GIVE_UP}},
		[SESSION_REFUSED] = {true, {SESSION_DOWN, GIVE_UP}},
		[SESSION_REMOVE]  = {true, {SESSION_REMOVED, SESSION_DO_CLOSE | SESSION_DO_HANG_UP}},
		[SESSION_ADD]     = {true, {SESSION_DIALING, 0}},
	},
	[SESSION_GREETED] = {
		[SESSION_UP]      = {true, {SESSION_GREETED, SESSION_DO_GREET}},
		[SESSION_HELLO]   = {true, {SESSION_OPEN, MEET}},
		[SESSION_ECHO]    = {true, {SESSION_OPEN, SESSION_DO_OPEN}},
		[SESSION_STALE]   = {true, {SESSION_GREETED, 0}},
		[SESSION_LOST]    = {true, {SESSION_DOWN, GIVE_UP}},
		[SESSION_TIMEOUT] = {true, {SESSION_DOWN, GIVE_UP}},
		[SESSION_REFUSED] = {true, {SESSION_DOWN, GIVE_UP}},
		[SESSION_REMOVE]  = {true, {SESSION_REMOVED, SESSION_DO_CLOSE | SESSION_DO_HANG_UP}},
		[SESSION_ADD]     = {true, {SESSION_GREETED, 0}},
	},
	[SESSION_OPEN] = {
		[SESSION_UP]      = {true, {SESSION_OPEN, 0}},
		[SESSION_HELLO]   = {true, {SESSION_OPEN, MEET}}, /* it started anew */
		[SESSION_ECHO]    = {true, {SESSION_OPEN, 0}},    /* a refresh */
		[SESSION_STALE]   = {true, {SESSION_DOWN, GIVE_UP}},
		[SESSION_LOST]    = {true, {SESSION_DOWN, GIVE_UP}},
		[SESSION_TIMEOUT] = {true, {SESSION_DOWN, GIVE_UP}},
		[SESSION_REFUSED] = {true, {SESSION_DOWN, GIVE_UP}},
		[SESSION_REMOVE]  = {true, {SESSION_REMOVED, SESSION_DO_CLOSE | SESSION_DO_HANG_UP}},
		[SESSION_ADD]     = {true, {SESSION_OPEN, 0}},
	},
	[SESSION_REMOVED] = {
		[SESSION_LOST]    = {true, {SESSION_REMOVED, 0}},
		[SESSION_TIMEOUT] = {true, {SESSION_REMOVED, 0}},
		[SESSION_REMOVE]  = {true, {SESSION_REMOVED, 0}},
		[SESSION_ADD]     = {true, {SESSION_DOWN, 0}},
	},
};
/* clang-format on */

struct session_step
session_next(enum session_state state, enum session_event event)
{
	assert(state < SESSION_STATE_COUNT && event < SESSION_EVENT_COUNT);
	if (edges[state][event].is_edge)
		return edges[state][event].step;
	if (state == SESSION_REMOVED)
		return (struct session_step){SESSION_REMOVED, SESSION_DO_HANG_UP};
	return (struct session_step){SESSION_DOWN, GIVE_UP};
}

uint64_t
session_back_off_ms(uint32_t attempt, uint32_t random)
{
	uint64_t delay = attempt < 8 ? (uint64_t)BACK_OFF_FIRST_MS << attempt : BACK_OFF_MAX_MS;

	if (delay > BACK_OFF_MAX_MS)
		delay = BACK_OFF_MAX_MS;
	return delay / 2 + delay * (random % 1024) / 1024;
}
