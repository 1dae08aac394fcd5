#include "node/greeting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "node/delivery.h"
#include "node/directory.h"
#include "node/journal.h"

void
greeting_send(
    struct core *core, const struct member *member, const struct exchange_message *message)
{
	bytes_clear(&core->frame);
	if (exchange_encode(message, &core->frame) != ERR_NONE) {
		log_line(LOG_ERROR, "a message of type %u could not be encoded",
		    (unsigned)message->type);
		return;
	}
	core_act(core, CORE_SEND, &member->card.transport_key, 0, bytes_as_view(&core->frame));
}

void
greeting_note(struct core *core, struct member *member, enum reason reason, const char *words)
{
	member->last_reason = reason;
	member->last_ms = core->now_ms;
	(void)snprintf(member->last_words, sizeof(member->last_words), "%s", words);
}

/* Our greeting; with `echo` it answers the peer's. */
static void
send_hello(struct core *core, struct member *member, bool is_answer)
{
	struct exchange_message message = {.type = EXCHANGE_HELLO};
	struct hello *hello = &message.hello;
	enum err err;

	hello->versions_count = 1;
	hello->versions[0] = PROTOCOL_VERSION;
	hello->suites_count = 1;
	hello->suites[0] = SUITE_1;
	hello->org = core->org;
	hello->serial = core->card.serial;
	hello->peer_serial = member->card.serial;
	hello->nonce = member->nonce;
	hello->has_echo = is_answer;
	if (is_answer)
		hello->echo = member->peer_nonce;
	hello->sent = member->last_number;
	err = deliveries_received_seen(
	    core->store, &member->org, member->card.serial, core->card.serial, &hello->seen);
	if (core_failed(core, err))
		return;
	events_head_committed(core->store, &hello->head);
	err = peers_head_get(core->store, &member->org, &hello->peer_head);
	hello->has_peer_head = err == ERR_NONE;
	if (err != ERR_NOT_FOUND && core_failed(core, err))
		return;
	hello->credit = core->credit;
	hello->time_ms = core->now_ms;
	member->refresh_ms = core->now_ms + SESSION_REFRESH_MS;
	greeting_send(core, member, &message);
}

static void
back_off(struct core *core, struct member *member)
{
	uint32_t random;

	core_random(core, &random, sizeof(random));
	member->retry_ms = core->now_ms + session_back_off_ms(member->attempt, random);
	if (member->attempt < 16)
		member->attempt++;
}

static void
dial(struct core *core, struct member *member)
{
	const char *endpoint;

	if (member->card.endpoints_count == 0)
		return;
	endpoint = member->card.endpoints[member->endpoint % member->card.endpoints_count];
	member->endpoint++;
	core_act(core, CORE_DIAL, &member->card.transport_key, 0, bytes_view_str(endpoint));
	member->deadline_ms = core->now_ms + SESSION_GREETING_TIMEOUT_MS;
}

/* The session begins: numbers are read under the serials both sides now know. */
static void
open_session(struct core *core, struct member *member)
{
	member->since_ms = core->now_ms;
	member->heard_ms = core->now_ms;
	member->attempt = 0;
	log_line(LOG_NOTICE, "%s: connected", directory_name(core, &member->org));
	delivery_open(core, member);
}

void
greeting_event(struct core *core, struct member *member, enum session_event event)
{
	enum session_state before = member->state;
	struct session_step step = session_next(before, event);

	if (step.actions & SESSION_DO_CLOSE) {
		if (before == SESSION_OPEN && step.state != SESSION_OPEN)
			log_line(
			    LOG_NOTICE, "%s: disconnected", directory_name(core, &member->org));
		member->since_ms = 0;
		member->in_flight = 0;
	}
	/* before the state changes: a fresh nonce belongs to a session that begins now */
	if ((step.actions & (SESSION_DO_GREET | SESSION_DO_ANSWER)) &&
	    (before == SESSION_DOWN || before == SESSION_DIALING))
		core_random(core, member->nonce.bytes, sizeof(member->nonce.bytes));
	member->state = step.state;
	if (step.actions & SESSION_DO_HANG_UP)
		core_act(
		    core, CORE_HANG_UP, &member->card.transport_key, 0, bytes_view_of(NULL, 0));
	if (step.actions & SESSION_DO_BACK_OFF)
		back_off(core, member);
	if (step.actions & SESSION_DO_DIAL)
		dial(core, member);
	if (step.actions & SESSION_DO_GREET) {
		member->deadline_ms = core->now_ms + SESSION_GREETING_TIMEOUT_MS;
		send_hello(core, member, false);
	}
	if (step.actions & SESSION_DO_ANSWER)
		send_hello(core, member, true);
	if (step.actions & SESSION_DO_OPEN)
		open_session(core, member);
}

static bool
has_number(const uint8_t *list, uint32_t count, uint8_t wanted)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (list[i] == wanted)
			return true;
	}
	return false;
}

/* Why a greeting is not taken; REASON_STORED if it is. */
static enum reason
judge_hello(struct core *core, const struct member *member, const struct hello *hello)
{
	if (memcmp(&hello->org, &member->org, sizeof(hello->org)) != 0)
		return REASON_WRONG_SENDER;
	if (!has_number(hello->versions, hello->versions_count, PROTOCOL_VERSION))
		return REASON_UNKNOWN_VERSION;
	if (!has_number(hello->suites, hello->suites_count, SUITE_1))
		return REASON_UNKNOWN_SUITE;
	if (hello->time_ms > core->now_ms + SKEW_MS || hello->time_ms + SKEW_MS < core->now_ms)
		return REASON_CLOCK;
	if (core->now_ms >= member->card.expires_ms)
		return REASON_STALE_CARD;
	return REASON_STORED;
}

/* The newest head we saw of its log: asked of the store once.  ERR_NOT_FOUND: none yet. */
static enum err
last_head(struct core *core, struct member *member, struct head *out)
{
	enum err err;

	if (!member->knows_head) {
		err = peers_head_get(core->store, &member->org, &member->head);
		if (err != ERR_NONE && err != ERR_NOT_FOUND)
			return err;
		member->has_head = err == ERR_NONE;
		member->knows_head = true;
	}
	*out = member->head;
	return member->has_head ? ERR_NONE : ERR_NOT_FOUND;
}

void
greeting_note_head(
    struct core *core, struct member *member, const struct head *head, bool is_current)
{
	struct head seen;
	enum err err = last_head(core, member, &seen);

	if (err != ERR_NONE && err != ERR_NOT_FOUND) {
		(void)core_failed(core, err);
		return;
	}
	if (err == ERR_NONE && head->epoch == seen.epoch &&
	    ((is_current && head->size < seen.size) ||
		(head->size == seen.size && !digest_is_equal(&head->root, &seen.root)))) {
		greeting_note(core, member, REASON_LIES,
		    "its log is shorter than, or unlike, what it showed before");
		log_line(LOG_WARNING,
		    "%s: its log is shorter than, or unlike, what it showed before",
		    directory_name(core, &member->org));
		return;
	}
	if (err == ERR_NONE &&
	    (head->epoch < seen.epoch || (head->epoch == seen.epoch && head->size <= seen.size)))
		return;
	if (core_failed(core, peers_head_put(core->store, &member->org, head)))
		return;
	member->head = *head;
	member->has_head = true;
}

void
greeting_hello(struct core *core, struct member *member, const struct hello *hello)
{
	enum reason reason = judge_hello(core, member, hello);

	if (reason != REASON_STORED) {
		greeting_note(core, member, reason, "its greeting was refused");
		greeting_refuse(core, member, reason, EXCHANGE_HELLO, 0);
		if (reason == REASON_STALE_CARD)
			(void)greeting_send_card(core, member, NULL);
		greeting_event(core, member, SESSION_REFUSED);
		return;
	}
	member->credit = hello->credit < CREDIT_MAX ? hello->credit : CREDIT_MAX;
	member->peer_serial = hello->serial;
	member->peer_nonce = hello->nonce;
	member->peer_seen = hello->seen;
	member->has_seen_us = member->has_seen_us || hello->has_peer_head;
	greeting_note_head(core, member, &hello->head, true);
	/* cards travel before records that need them */
	if (hello->peer_serial < core->card.serial)
		(void)greeting_send_card(core, member, NULL);
	if (!hello->has_echo)
		greeting_event(core, member, SESSION_HELLO);
	else if (memcmp(&hello->echo, &member->nonce, sizeof(hello->echo)) == 0)
		greeting_event(core, member, SESSION_ECHO);
	else
		greeting_event(core, member, SESSION_STALE);
}

bool
greeting_send_card(struct core *core, struct member *member, const struct org_id *org)
{
	struct exchange_message message = {.type = EXCHANGE_CARD};
	struct card_row row;

	message.card.count = 1;
	message.card.packages[0] = bytes_as_view(&core->package);
	if (org != NULL) {
		enum err err = peers_card_newest(core->store, org, &row);

		if (err == ERR_NOT_FOUND || core_failed(core, err))
			return false;
		message.card.packages[0] = row.package;
	}
	greeting_send(core, member, &message);
	return true;
}

void
greeting_cards(struct core *core, struct member *member, const struct exchange_message *message)
{
	uint32_t i;

	for (i = 0; i < message->card.count; i++) {
		enum reason reason = directory_learn(core, message->card.packages[i], NULL);

		if (reason != REASON_STORED && reason != REASON_EXISTS)
			greeting_refuse(core, member, reason, EXCHANGE_CARD, 0);
	}
	delivery_wake(member);
}

void
greeting_card_changed(struct core *core, struct member *member, const struct card_facts *facts)
{
	bool is_live = member->is_peer && !member->is_removed;
	bool moved = memcmp(&member->card.transport_key, &facts->transport_key,
			 sizeof(facts->transport_key)) != 0;

	if (is_live && (moved || facts->is_revocation)) {
		greeting_event(core, member, SESSION_LOST);
		core_act(core, CORE_FORBID, &member->card.transport_key, 0, bytes_view_of(NULL, 0));
	}
	member->card = *facts;
	if (is_live && !facts->is_revocation) {
		if (moved)
			core_act(
			    core, CORE_ALLOW, &facts->transport_key, 0, bytes_view_of(NULL, 0));
		if (member->state == SESSION_OPEN)
			delivery_open(core, member);
	}
}

/* Count a refusal for the summary leaf of this minute. */
static void
count_refusal(struct member *member, enum reason reason)
{
	uint32_t i;

	for (i = 0; i < member->refusals_count; i++) {
		if (member->refusals[i].reason == reason) {
			member->refusals[i].count++;
			return;
		}
	}
	if (member->refusals_count == STATE_REASONS_MAX)
		return; /* a summary with this many kinds of trouble says enough */
	member->refusals[member->refusals_count].reason = reason;
	member->refusals[member->refusals_count++].count = 1;
}

void
greeting_refuse(
    struct core *core, struct member *member, enum reason reason, uint64_t type, uint64_t number)
{
	struct exchange_message message = {.type = EXCHANGE_REFUSAL};

	message.refusal.reason = reason;
	message.refusal.type = type;
	message.refusal.number = number;
	count_refusal(member, reason);
	greeting_note(core, member, reason, "we refused what it sent");
	log_line(
	    LOG_INFO, "%s: refused: %s", directory_name(core, &member->org), reason_name(reason));
	greeting_send(core, member, &message);
}

void
greeting_refused(struct core *core, struct member *member, const struct exchange_message *message)
{
	enum reason reason = message->refusal.reason;

	greeting_note(core, member, reason, "it refused what we sent");
	log_line(LOG_INFO, "%s: it refused: %s", directory_name(core, &member->org),
	    reason_name(reason));
	/* a refusal settles nothing; what it means for the session depends on what was refused */
	if (message->refusal.type == EXCHANGE_HELLO || reason == REASON_NO_SESSION) {
		greeting_event(core, member, SESSION_REFUSED);
		return;
	}
	if (message->refusal.type != EXCHANGE_ENVELOPE)
		return;
	if (reason == REASON_UNKNOWN_CARD || reason == REASON_STALE_CARD ||
	    reason == REASON_UNKNOWN_AUTHOR)
		(void)greeting_send_card(core, member, NULL);
	/* try again later: the session begins anew after a back-off, and resends */
	greeting_event(core, member, SESSION_TIMEOUT);
}

void
greeting_summary(struct core *core, struct member *member)
{
	struct event_details details = {.has_peer = true, .peer = member->org};
	char text[512];
	size_t len = 0;
	uint32_t i;

	if (member->refusals_count == 0)
		return;
	for (i = 0; i < member->refusals_count && len < sizeof(text) - 64; i++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s=%llu",
		    i == 0 ? "" : " ", reason_name(member->refusals[i].reason),
		    (unsigned long long)member->refusals[i].count);
		details.count += member->refusals[i].count;
	}
	details.text = bytes_view_str(text);
	journal_append(core, EVENT_REFUSALS, core->org.bytes, member->org.bytes, &details);
	member->refusals_count = 0;
}

void
greeting_tick(struct core *core, struct member *member)
{
	switch (member->state) {
	case SESSION_DOWN:
		if (core->now_ms >= member->retry_ms && member->card.endpoints_count > 0 &&
		    member->is_peer && !member->is_removed)
			greeting_event(core, member, SESSION_RETRY);
		return;
	case SESSION_DIALING:
	case SESSION_GREETED:
		if (core->now_ms >= member->deadline_ms) {
			greeting_note(core, member, REASON_NO_SESSION, "no answer in time");
			greeting_event(core, member, SESSION_TIMEOUT);
		}
		return;
	case SESSION_OPEN:
		if (core->now_ms >= member->heard_ms + SESSION_SILENCE_MS ||
		    (member->in_flight > 0 &&
			core->now_ms >= member->progress_ms + SESSION_RECEIPT_TIMEOUT_MS)) {
			greeting_note(
			    core, member, REASON_NO_SESSION, "nothing heard for too long");
			greeting_event(core, member, SESSION_TIMEOUT);
		} else if (core->now_ms >= member->refresh_ms) {
			send_hello(core, member, true);
		}
		return;
	case SESSION_REMOVED:
	case SESSION_STATE_COUNT:
		return;
	}
}

uint64_t
greeting_next_ms(const struct core *core, const struct member *member)
{
	uint64_t next;

	(void)core;
	switch (member->state) {
	case SESSION_DOWN:
		return member->is_peer && member->card.endpoints_count > 0 ? member->retry_ms
									   : UINT64_MAX;
	case SESSION_DIALING:
	case SESSION_GREETED:
		return member->deadline_ms;
	case SESSION_OPEN:
		next = member->refresh_ms;
		if (member->in_flight > 0 &&
		    member->progress_ms + SESSION_RECEIPT_TIMEOUT_MS < next)
			next = member->progress_ms + SESSION_RECEIPT_TIMEOUT_MS;
		return next;
	case SESSION_REMOVED:
	case SESSION_STATE_COUNT:
		return UINT64_MAX;
	}
	return UINT64_MAX;
}
