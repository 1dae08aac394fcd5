/*
 * Every cell of the session's table against the drawing in node/session.h, written down again
 * here by hand, and the bounds of the back-off.
 */
#include "node/session.h"

#include "tests/unit/suite.h"

#define GIVES_UP (SESSION_DO_CLOSE | SESSION_DO_HANG_UP | SESSION_DO_BACK_OFF)
#define MEETS (SESSION_DO_CLOSE | SESSION_DO_ANSWER | SESSION_DO_OPEN)
#define LEAVES (SESSION_DO_CLOSE | SESSION_DO_HANG_UP)

/* clang-format off */
static const struct {
	enum session_state from;
	enum session_event event;
	enum session_state to;
	unsigned actions;
} CELLS[] = {
	{SESSION_DOWN, SESSION_RETRY,   SESSION_DIALING, SESSION_DO_DIAL},
	{SESSION_DOWN, SESSION_UP,      SESSION_GREETED, SESSION_DO_GREET},
	{SESSION_DOWN, SESSION_HELLO,   SESSION_OPEN,    MEETS},
	{SESSION_DOWN, SESSION_ECHO,    SESSION_DOWN,    GIVES_UP}, /* a breach: nobody greeted */
	{SESSION_DOWN, SESSION_STALE,   SESSION_DOWN,    0},
	{SESSION_DOWN, SESSION_LOST,    SESSION_DOWN,    0},
	{SESSION_DOWN, SESSION_TIMEOUT, SESSION_DOWN,    0},
	{SESSION_DOWN, SESSION_REFUSED, SESSION_DOWN,    SESSION_DO_BACK_OFF},
	{SESSION_DOWN, SESSION_REMOVE,  SESSION_REMOVED, LEAVES},
	{SESSION_DOWN, SESSION_ADD,     SESSION_DOWN,    0},

	{SESSION_DIALING, SESSION_RETRY,   SESSION_DOWN,    GIVES_UP}, /* a breach */
	{SESSION_DIALING, SESSION_UP,      SESSION_GREETED, SESSION_DO_GREET},
	{SESSION_DIALING, SESSION_HELLO,   SESSION_OPEN,    MEETS},
	{SESSION_DIALING, SESSION_ECHO,    SESSION_DOWN,    GIVES_UP}, /* a breach */
	{SESSION_DIALING, SESSION_STALE,   SESSION_DIALING, 0},
	{SESSION_DIALING, SESSION_LOST,    SESSION_DOWN,    GIVES_UP},
	{SESSION_DIALING, SESSION_TIMEOUT, SESSION_DOWN,    GIVES_UP},
	{SESSION_DIALING, SESSION_REFUSED, SESSION_DOWN,    GIVES_UP},
	{SESSION_DIALING, SESSION_REMOVE,  SESSION_REMOVED, LEAVES},
	{SESSION_DIALING, SESSION_ADD,     SESSION_DIALING, 0},

	{SESSION_GREETED, SESSION_RETRY,   SESSION_DOWN,    GIVES_UP}, /* a breach */
	{SESSION_GREETED, SESSION_UP,      SESSION_GREETED, SESSION_DO_GREET},
	{SESSION_GREETED, SESSION_HELLO,   SESSION_OPEN,    MEETS},
	{SESSION_GREETED, SESSION_ECHO,    SESSION_OPEN,    SESSION_DO_OPEN},
	{SESSION_GREETED, SESSION_STALE,   SESSION_GREETED, 0},
	{SESSION_GREETED, SESSION_LOST,    SESSION_DOWN,    GIVES_UP},
	{SESSION_GREETED, SESSION_TIMEOUT, SESSION_DOWN,    GIVES_UP},
	{SESSION_GREETED, SESSION_REFUSED, SESSION_DOWN,    GIVES_UP},
	{SESSION_GREETED, SESSION_REMOVE,  SESSION_REMOVED, LEAVES},
	{SESSION_GREETED, SESSION_ADD,     SESSION_GREETED, 0},

	{SESSION_OPEN, SESSION_RETRY,   SESSION_DOWN,    GIVES_UP}, /* a breach */
	{SESSION_OPEN, SESSION_UP,      SESSION_OPEN,    0},
	{SESSION_OPEN, SESSION_HELLO,   SESSION_OPEN,    MEETS},
	{SESSION_OPEN, SESSION_ECHO,    SESSION_OPEN,    0},
	{SESSION_OPEN, SESSION_STALE,   SESSION_DOWN,    GIVES_UP},
	{SESSION_OPEN, SESSION_LOST,    SESSION_DOWN,    GIVES_UP},
	{SESSION_OPEN, SESSION_TIMEOUT, SESSION_DOWN,    GIVES_UP},
	{SESSION_OPEN, SESSION_REFUSED, SESSION_DOWN,    GIVES_UP},
	{SESSION_OPEN, SESSION_REMOVE,  SESSION_REMOVED, LEAVES},
	{SESSION_OPEN, SESSION_ADD,     SESSION_OPEN,    0},

	{SESSION_REMOVED, SESSION_RETRY,   SESSION_REMOVED, SESSION_DO_HANG_UP},
	{SESSION_REMOVED, SESSION_UP,      SESSION_REMOVED, SESSION_DO_HANG_UP},
	{SESSION_REMOVED, SESSION_HELLO,   SESSION_REMOVED, SESSION_DO_HANG_UP},
	{SESSION_REMOVED, SESSION_ECHO,    SESSION_REMOVED, SESSION_DO_HANG_UP},
	{SESSION_REMOVED, SESSION_STALE,   SESSION_REMOVED, SESSION_DO_HANG_UP},
	{SESSION_REMOVED, SESSION_LOST,    SESSION_REMOVED, 0},
	{SESSION_REMOVED, SESSION_TIMEOUT, SESSION_REMOVED, 0},
	{SESSION_REMOVED, SESSION_REFUSED, SESSION_REMOVED, SESSION_DO_HANG_UP},
	{SESSION_REMOVED, SESSION_REMOVE,  SESSION_REMOVED, 0},
	{SESSION_REMOVED, SESSION_ADD,     SESSION_DOWN,    0},
};
/* clang-format on */
#define CELLS_COUNT (sizeof(CELLS) / sizeof(*CELLS))

START_TEST(goes_where_the_drawing_says)
{
	size_t i;

	ck_assert_uint_eq(CELLS_COUNT, SESSION_STATE_COUNT * SESSION_EVENT_COUNT);
	for (i = 0; i < CELLS_COUNT; i++) {
		struct session_step step = session_next(CELLS[i].from, CELLS[i].event);

		ck_assert_uint_eq(CELLS[i].from, i / SESSION_EVENT_COUNT);
		ck_assert_uint_eq(CELLS[i].event, i % SESSION_EVENT_COUNT);
		ck_assert_msg(step.state == CELLS[i].to, "state %d, event %d: to %d instead of %d",
		    (int)CELLS[i].from, (int)CELLS[i].event, (int)step.state, (int)CELLS[i].to);
		ck_assert_msg(step.actions == CELLS[i].actions,
		    "state %d, event %d: actions %#x instead of %#x", (int)CELLS[i].from,
		    (int)CELLS[i].event, step.actions, CELLS[i].actions);
	}
}
END_TEST

/* Whatever happens, a session is opened by a greeting only, and left with its work dropped. */
START_TEST(opens_by_a_greeting_only_and_drops_what_it_leaves)
{
	int from, event;

	for (from = 0; from < SESSION_STATE_COUNT; from++) {
		for (event = 0; event < SESSION_EVENT_COUNT; event++) {
			struct session_step step =
			    session_next((enum session_state)from, (enum session_event)event);

			if (step.actions & SESSION_DO_OPEN) {
				ck_assert(step.state == SESSION_OPEN);
				ck_assert(event == SESSION_HELLO || event == SESSION_ECHO);
			}
			if (from != SESSION_OPEN && step.state == SESSION_OPEN)
				ck_assert(step.actions & SESSION_DO_OPEN);
			if (from == SESSION_OPEN && step.state != SESSION_OPEN)
				ck_assert(step.actions & SESSION_DO_CLOSE);
			if (from == SESSION_REMOVED)
				ck_assert(step.state == SESSION_REMOVED || event == SESSION_ADD);
		}
	}
}
END_TEST

START_TEST(backs_off_from_a_quarter_second_to_a_minute)
{
	static const uint32_t randoms[] = {0, 1, 511, 512, 1023, 1024, 0x7fffffff, 0xffffffff};
	uint64_t base = 250;
	uint32_t attempt, i;

	for (attempt = 0; attempt < 70; attempt++) {
		for (i = 0; i < sizeof(randoms) / sizeof(*randoms); i++) {
			uint64_t delay = session_back_off_ms(attempt, randoms[i]);

			ck_assert_uint_ge(delay, base / 2);
			ck_assert_uint_le(delay, base + base / 2);
		}
		base = base * 2 > 60000 ? 60000 : base * 2;
	}
	ck_assert_uint_ge(session_back_off_ms(UINT32_MAX, 0), 30000);
	ck_assert_uint_le(session_back_off_ms(UINT32_MAX, UINT32_MAX), 90000);
}
END_TEST

/* Peers that lost the same node must not all come back in one moment. */
START_TEST(spreads_the_retries)
{
	uint32_t random;
	uint64_t least = UINT64_MAX, most = 0;

	for (random = 0; random < 1024; random++) {
		uint64_t delay = session_back_off_ms(8, random);

		least = delay < least ? delay : least;
		most = delay > most ? delay : most;
	}
	ck_assert_uint_le(least, 30100);
	ck_assert_uint_ge(most, 89900);
}
END_TEST

SUITE_MAIN("node/session", goes_where_the_drawing_says,
    opens_by_a_greeting_only_and_drops_what_it_leaves, backs_off_from_a_quarter_second_to_a_minute,
    spreads_the_retries)
