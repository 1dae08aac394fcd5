#include "node/core.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "node/api.h"
#include "node/delivery.h"
#include "node/directory.h"
#include "node/dispatch.h"
#include "node/greeting.h"
#include "node/hold.h"
#include "node/intake.h"
#include "node/journal.h"
#include "node/outgoing.h"
#include "node/receipts.h"
#include "node/redaction.h"
#include "node/relate.h"
#include "node/retention.h"
#include "node/ruling.h"
#include "node/state.h"
#include "store/approvals.h"

#define SUMMARY_MS 60000u
#define STALL_MS 1000u /* after a turn that was rolled back */

bool
core_failed(struct core *core, enum err err)
{
	if (err == ERR_NONE)
		return false;
	if (core->failed == ERR_NONE) {
		core->failed = err;
		(void)snprintf(core->message_text, sizeof(core->message_text), "%s: %s",
		    err_text(err), store_message(core->store));
	}
	return true;
}

void
core_random(struct core *core, void *out, size_t len)
{
	digest_expand(core->seed, core->random_counter++, out, len);
}

const char *
core_message(const struct core *core)
{
	return core->message_text;
}

/* ---------------------------------------------------------------- actions */

static struct core_action *
next_action(struct core *core)
{
	struct core_action *grown;

	if (core->actions_count == core->actions_cap) {
		uint32_t cap = core->actions_cap == 0 ? 64 : core->actions_cap * 2;

		grown = realloc(core->actions, cap * sizeof(*grown));
		if (grown == NULL) {
			(void)core_failed(core, ERR_MEMORY);
			return NULL;
		}
		core->actions = grown;
		core->actions_cap = cap;
	}
	return &core->actions[core->actions_count];
}

void
core_act(struct core *core, enum core_action_type type, const struct transport_key *key,
    uint64_t client, struct bytes_view bytes)
{
	struct core_action *action = next_action(core);

	if (action == NULL)
		return;
	*action = (struct core_action){.type = type, .client = client, .len = bytes.len};
	if (key != NULL)
		action->key = *key;
	if (bytes.len > 0) {
		action->data = malloc(bytes.len);
		if (action->data == NULL) {
			(void)core_failed(core, ERR_MEMORY);
			return;
		}
		memcpy(action->data, bytes.data, bytes.len);
	}
	core->actions_count++;
}

void
core_act_frame(struct core *core, const struct transport_key *key, struct bytes_view frame,
    struct ciphertext *ciphertext)
{
	size_t tail = ciphertext_view(ciphertext).len;
	uint32_t before = core->actions_count;

	if (!core->splits_frames || tail < STATE_SPLIT_BYTES) {
		core_act(core, CORE_SEND, key, 0, frame);
		return;
	}
	assert(frame.len > tail);
	core_act(core, CORE_SEND, key, 0, bytes_view_of(frame.data, frame.len - tail));
	if (core->actions_count > before)
		core->actions[before].tail = ciphertext_hold(ciphertext);
}

const struct core_action *
core_actions(const struct core *core, uint32_t *count)
{
	*count = core->actions_ready;
	return core->actions;
}

void
core_actions_clear(struct core *core)
{
	uint32_t i;

	for (i = 0; i < core->actions_count; i++) {
		free(core->actions[i].data);
		ciphertext_release(core->actions[i].tail);
	}
	core->actions_count = 0;
	core->actions_ready = 0;
}

/* ---------------------------------------------------------------- start */

/* Our own card package: verified like anybody's. */
static enum err
load_self(struct core *core, struct bytes_view package, struct hash *statement)
{
	struct card_package *decoded = malloc(sizeof(*decoded));
	struct card card;
	enum err err;

	if (decoded == NULL)
		return ERR_MEMORY;
	err = card_package_open(package, decoded, &card);
	if (err == ERR_NONE) {
		directory_facts(&card, &core->card);
		core->org = card.org;
		digest_sha256(decoded->card.statement, statement);
		bytes_append(&core->package, package.data, package.len);
		err = core->package.err;
	}
	free(decoded);
	return err;
}

static enum err
put_founder(struct core *core, struct bytes_view founder)
{
	struct user_entry entry;
	struct operator_row row;
	enum err err = schema_decode(&request_user_schema, founder, &entry);

	if (err != ERR_NONE)
		return err;
	row = (struct operator_row){.name = entry.name,
	    .uid = (uint32_t)entry.uid,
	    .roles = (uint32_t)entry.roles,
	    .clearance = (uint32_t)entry.clearance,
	    .is_red_desk = entry.is_red_desk,
	    .added_ms = core->now_ms};
	memcpy(row.public_key, entry.public_key, sizeof(row.public_key));
	return peers_operator_put(core->store, &row);
}

/* The first leaves of a new log: epoch, own card, policy in force. */
static enum err
begin_log(struct core *core, const struct core_setup *setup, const struct hash *statement)
{
	struct event_details details = {.text = bytes_view_str("default"), .has_policy = true};
	struct event_details none = {0};
	enum err err = events_epoch(core->store, 1);

	if (err != ERR_NONE)
		return err;
	journal_append(core, EVENT_EPOCH, core->org.bytes, core->org.bytes, &none);
	journal_signed(core, EVENT_CARD, &core->org, statement, &none, setup->package);
	details.policy = core->policy->hash;
	journal_append(core, EVENT_POLICY, core->org.bytes, details.policy.bytes, &details);
	if (core->failed == ERR_NONE && setup->founder.len > 0)
		(void)core_failed(core, put_founder(core, setup->founder));
	return core->failed;
}

/* An older copy of the database was put back, and had records that were erased since. */
static enum err
note_erased_again(struct core *core)
{
	struct event_details details = {.count = store_erased_again(core->store)};

	if (details.count == 0)
		return ERR_NONE;
	details.text = bytes_view_str("erased at the start: the file of erased ids names them");
	journal_append(core, EVENT_ERASED, core->org.bytes, core->org.bytes, &details);
	return core->failed;
}

static enum err
start(struct core *core, const struct core_setup *setup)
{
	struct hash statement;
	struct head head;
	enum err err = load_self(core, setup->package, &statement);

	if (err == ERR_NONE)
		err = store_open(setup->store_path, &core->store);
	if (err != ERR_NONE)
		return err;
	digest_random(core->seed, sizeof(core->seed));
	store_secret(core->store, core->prepare.content_secret);
	core->prepare.keys_seed = store_seed(core->store);
	core->prepare.org = core->org;
	events_head(core->store, &head);
	err = ruling_load(core);
	if (err == ERR_NONE)
		err = store_begin(core->store);
	if (err == ERR_NONE && head.size == 0)
		err = begin_log(core, setup, &statement);
	if (err == ERR_NONE)
		err = note_erased_again(core);
	if (err == ERR_NONE)
		err = store_commit(core->store);
	else if (core->store != NULL && store_is_open(core->store))
		store_rollback(core->store);
	if (err == ERR_NONE)
		err = directory_load(core);
	if (err == ERR_NONE)
		err = relate_load(core);
	if (err == ERR_NONE)
		err = approvals_exist(core->store, &core->has_approvals);
	if (err == ERR_NONE)
		err = redaction_load(core);
	if (err == ERR_NONE)
		err = approvals_private_exist(core->store, &core->has_private);
	if (err == ERR_NONE)
		err = hold_load(core);
	if (err == ERR_NONE)
		err = receipts_recover(core);
	return err;
}

enum err
core_open(const struct core_setup *setup, struct core **out)
{
	struct core *core = calloc(1, sizeof(*core));
	enum err err;

	*out = core;
	if (core == NULL)
		return ERR_MEMORY;
	core->keyring = setup->keyring;
	core->credit = setup->credit;
	core->now_ms = setup->now_ms;
	core->started_ms = setup->now_ms;
	core->summary_ms = setup->now_ms + SUMMARY_MS;
	bytes_init(&core->package, CARD_FILE_BYTES_MAX);
	bytes_init(&core->plaintext, PAYLOAD_BYTES_MAX + SEAL_BYTES_MAX);
	bytes_init(&core->scratch, EVENT_DETAILS_BYTES_MAX);
	bytes_init(&core->frame, FRAME_BYTES_MAX);
	bytes_init(&core->sealed, PAYLOAD_BYTES_MAX + ENVELOPE_TAG_BYTES);
	prepare_init(&core->prepared);
	extract_keys_init(&core->extract_keys);
	core->splits_frames = setup->splits_frames;
	err = outgoing_open(&core->outgoing);
	if (err == ERR_NONE)
		err = dispatch_open(core);
	if (err == ERR_NONE)
		err = relations_open(&core->relations);
	if (err == ERR_NONE)
		err = start(core, setup);
	if (err != ERR_NONE && core->message_text[0] == '\0')
		(void)snprintf(core->message_text, sizeof(core->message_text), "%s", err_text(err));
	return err;
}

void
core_close(struct core *core)
{
	if (core == NULL)
		return;
	if (core->store != NULL && store_is_open(core->store))
		store_rollback(core->store);
	api_forget(core);
	receipts_forget(core);
	hold_forget(core);
	directory_clear(core);
	core_actions_clear(core);
	free(core->actions);
	dispatch_free(core);
	outgoing_close(&core->outgoing);
	prepare_release(&core->prepared);
	extract_keys_release(&core->extract_keys);
	bytes_release(&core->package);
	bytes_release(&core->plaintext);
	bytes_release(&core->scratch);
	bytes_release(&core->frame);
	bytes_release(&core->sealed);
	store_close(core->store);
	ruling_free(core);
	relations_free(core->relations);
	digest_wipe(&core->prepare, sizeof(core->prepare));
	free(core);
}

const struct prepare_setup *
core_prepare_setup(const struct core *core)
{
	return &core->prepare;
}

bool
core_knows(struct core *core, uint32_t uid)
{
	return api_knows(core, uid);
}

bool
core_has_removed(struct core *core)
{
	bool has = core->has_removed;

	core->has_removed = false;
	return has;
}

/* ---------------------------------------------------------------- a turn */

void
core_turn_begin(struct core *core, uint64_t now_ms, const uint8_t seed[32])
{
	assert(!core->in_turn);
	core->in_turn = true;
	core->turns++;
	core->now_ms = now_ms;
	memcpy(core->seed, seed, sizeof(core->seed));
	core->random_counter = 0;
	core->failed = ERR_NONE;
	core->is_stalled = false;
	core->asked_count = 0;
	core->makes_redactions = core->has_redactions;
	if (core_failed(core, store_begin(core->store)))
		return;
	receipts_store(core);
}

static void
on_message(struct core *core, const struct core_event *event)
{
	struct member *member = directory_by_key(core, &event->key);
	struct exchange_message *message = &core->message;
	enum err err;

	if (member == NULL)
		return; /* removed since the link took it in: exchanges nothing, hears nothing */
	member->heard_ms = core->now_ms;
	message->type = 0;
	err = exchange_decode(event->bytes, message);
	if (err != ERR_NONE) {
		enum reason reason = reason_of_err(err);

		if (message->type >= EXCHANGE_KEY && message->type <= EXCHANGE_GOSSIP)
			reason = REASON_NOT_SUPPORTED;
		greeting_refuse(core, member, reason, message->type, 0);
		return;
	}
	switch (message->type) {
	case EXCHANGE_HELLO:
		greeting_hello(core, member, &message->hello);
		return;
	case EXCHANGE_ENVELOPE:
		intake_envelope(core, member, message);
		return;
	case EXCHANGE_RECEIPT:
		delivery_receipt(core, member, message);
		return;
	case EXCHANGE_REFUSAL:
		greeting_refused(core, member, message);
		return;
	case EXCHANGE_CARD:
		greeting_cards(core, member, message);
		return;
	case EXCHANGE_KEY:
	case EXCHANGE_WITNESS:
	case EXCHANGE_COSIGNATURE:
	case EXCHANGE_GOSSIP:
		greeting_refuse(core, member, REASON_NOT_SUPPORTED, message->type, 0);
		return;
	}
}

/* A new link process: it is told again whom it may talk to; every session begins anew. */
static void
on_link_started(struct core *core)
{
	uint32_t i;

	core->bound_count = 0;
	for (i = 0; i < core->members_count; i++) {
		struct member *member = core->members[i];

		if (!member->is_peer || member->is_removed || member->card.is_revocation)
			continue;
		core_act(core, CORE_ALLOW, &member->card.transport_key, 0, bytes_view_of(NULL, 0));
		if (member->state != SESSION_DOWN)
			greeting_event(core, member, SESSION_LOST);
		member->retry_ms = core->now_ms;
	}
}

static void
on_link(struct core *core, const struct core_event *event, enum session_event what)
{
	struct member *member = directory_by_key(core, &event->key);
	char words[STATE_WORDS_MAX];

	if (member == NULL)
		return;
	if (what == SESSION_LOST && event->bytes.len > 0) {
		(void)snprintf(words, sizeof(words), "%.*s", (int)(event->bytes.len % 128),
		    (const char *)event->bytes.data);
		greeting_note(core, member, REASON_NO_SESSION, words);
	}
	greeting_event(core, member, what);
}

static void
on_bound(struct core *core, struct bytes_view endpoint)
{
	if (core->bound_count == ENDPOINTS_MAX || endpoint.len > ENDPOINT_BYTES_MAX)
		return;
	memcpy(core->bound[core->bound_count], endpoint.data, endpoint.len);
	core->bound[core->bound_count++][endpoint.len] = '\0';
}

static void
on_tick(struct core *core)
{
	uint32_t i;

	relate_tick(core);
	for (i = 0; i < core->members_count; i++) {
		if (core->now_ms >= core->summary_ms)
			greeting_summary(core, core->members[i]);
		greeting_tick(core, core->members[i]);
	}
	if (core->now_ms >= core->summary_ms)
		core->summary_ms = core->now_ms + SUMMARY_MS;
}

void
core_step(struct core *core, const struct core_event *event)
{
	assert(core->in_turn);
	if (event->type == CORE_REQUEST) {
		api_asked(core, event);
	}
	if (core->failed != ERR_NONE)
		return; /* the turn is lost; whoever asked is told at its end */
	switch (event->type) {
	case CORE_LINK_MESSAGE:
		on_message(core, event);
		return;
	case CORE_LINK_UP:
		on_link(core, event, SESSION_UP);
		return;
	case CORE_LINK_DOWN:
	case CORE_LINK_UNSENT:
		on_link(core, event, SESSION_LOST);
		return;
	case CORE_LINK_BOUND:
		on_bound(core, event->bytes);
		return;
	case CORE_LINK_STARTED:
		on_link_started(core);
		return;
	case CORE_LINK_COUNTERS:
		core->refused_handshakes = event->number;
		return;
	case CORE_REQUEST:
		api_request(core, event);
		return;
	case CORE_CLIENT_GONE:
		api_client_gone(core, event->client);
		return;
	case CORE_TICK:
		on_tick(core);
		return;
	case CORE_PIDS:
		memcpy(core->pids, event->pids, sizeof(core->pids));
		return;
	}
}

/* Memory may be ahead of what was rolled back: everything again from the store. */
static enum err
recover(struct core *core)
{
	uint32_t i;
	enum err err;

	core_actions_clear(core);
	dispatch_forget(core);
	outgoing_forget(core);
	receipts_forget(core);
	ruling_turn_end(core, false);
	err = directory_load(core);
	if (err == ERR_NONE)
		err = relate_load(core);
	if (err == ERR_NONE)
		err = approvals_exist(core->store, &core->has_approvals);
	if (err == ERR_NONE)
		err = redaction_load(core);
	if (err == ERR_NONE)
		err = approvals_private_exist(core->store, &core->has_private);
	if (err == ERR_NONE)
		err = hold_load(core);
	retention_forget(core);
	if (err == ERR_NONE)
		err = receipts_recover(core);
	if (err != ERR_NONE)
		return err;
	for (i = 0; i < core->members_count; i++) {
		struct member *member = core->members[i];

		member->retry_ms = core->now_ms + 1000;
		if (!member->is_peer)
			continue;
		/* the turn may have been the one that told a new link whom it may talk to */
		if (!member->is_removed && !member->card.is_revocation)
			core_act(core, CORE_ALLOW, &member->card.transport_key, 0,
			    bytes_view_of(NULL, 0));
		core_act(
		    core, CORE_HANG_UP, &member->card.transport_key, 0, bytes_view_of(NULL, 0));
	}
	api_answer_failed(core);
	core->actions_ready = core->actions_count;
	core->is_stalled = true; /* a full disk is not emptied by trying at once */
	return ERR_NONE;
}

enum err
core_turn_end(struct core *core)
{
	enum err err, recovered;

	assert(core->in_turn);
	if (core->failed == ERR_NONE)
		redaction_make(core);
	if (core->failed == ERR_NONE)
		retention_step(core);
	if (core->failed == ERR_NONE)
		core->more_to_send = delivery_pump(core);
	core->in_turn = false;
	err = core->failed;
	if (err == ERR_NONE) {
		err = store_commit(core->store);
		(void)core_failed(core, err);
	} else if (store_is_open(core->store)) {
		store_rollback(core->store);
	}
	if (err != ERR_NONE) {
		log_line(LOG_ERROR, "a turn was rolled back: %s", core->message_text);
		recovered = recover(core);
		/* without what it lost from memory the node may not go on, whatever it was */
		return recovered != ERR_NONE ? ERR_STORAGE : err;
	}
	ruling_turn_end(core, true);
	core->actions_ready = core->actions_count;
	if (core->receipts_count > 0 && !core->receipts_signed) {
		err = receipts_sign(core);
		core->actions_ready = core->actions_count;
		if (err != ERR_NONE) {
			log_line(LOG_ERROR, "receipts could not be signed: %s", err_text(err));
			return err;
		}
	}
	return ERR_NONE;
}

bool
core_has_work(const struct core *core)
{
	return !core->is_stalled &&
	       (core->receipts_signed || core->receipts_count > 0 || core->more_to_send ||
		   core->has_redactions || retention_is_running(core));
}

bool
core_can_wait(const struct core *core)
{
	return core->receipts_signed && !core->more_to_send && !core->has_redactions &&
	       !retention_is_running(core);
}

uint64_t
core_next_tick_ms(const struct core *core)
{
	uint64_t next = core->summary_ms, due;
	uint32_t i;

	due = retention_next_ms(core);
	if (due < next)
		next = due;
	if (core->is_stalled && core->now_ms + STALL_MS < next)
		next = core->now_ms + STALL_MS;
	for (i = 0; i < core->members_count; i++) {
		due = greeting_next_ms(core, core->members[i]);
		if (due < next)
			next = due;
		due = relate_next_ms(core, core->members[i]);
		if (due < next)
			next = due;
	}
	return next;
}
