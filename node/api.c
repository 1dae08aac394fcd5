#include "node/api.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/signer.h"
#include "node/journal.h"

#define ACT_LIFETIME_MS 600000u

static const struct {
	uint64_t command;
	api_fn run;
} handlers[] = {
    {REQUEST_STATUS, api_status},
    {REQUEST_CARD, api_status_card},
    {REQUEST_PEER_ADD, api_people_peer_add},
    {REQUEST_PEER_LIST, api_people_peer_list},
    {REQUEST_PEER_REMOVE, api_people_peer_remove},
    {REQUEST_SUBMIT, api_records_submit},
    {REQUEST_QUERY, api_records_query},
    {REQUEST_SHOW, api_records_show},
    {REQUEST_LOG, api_log},
    {REQUEST_VERIFY, api_log_verify},
    {REQUEST_USER_ADD, api_people_user_add},
    {REQUEST_USER_LIST, api_people_user_list},
    {REQUEST_USER_REMOVE, api_people_user_remove},
    {REQUEST_POLICY_SHOW, api_policy_show},
    {REQUEST_POLICY_LIST, api_policy_list},
    {REQUEST_POLICY_SET, api_policy_set},
    {REQUEST_POLICY_HISTORY, api_policy_history},
    {REQUEST_QUARANTINE_LIST, api_keeping_quarantine},
    {REQUEST_QUARANTINE_RELEASE, api_keeping_release},
    {REQUEST_QUARANTINE_REFUSE, api_keeping_refuse},
    {REQUEST_ERASE, api_keeping_erase},
    {REQUEST_RETAIN, api_keeping_retain},
    {REQUEST_HOLD_ADD, api_holds_add},
    {REQUEST_HOLD_LIST, api_holds_list},
    {REQUEST_HOLD_REMOVE, api_holds_remove},
    {REQUEST_PERSON, api_person},
    {REQUEST_PLAN, api_plan},
    {REQUEST_EXPLAIN, api_explain},
    {REQUEST_POLICY_DIFF, api_diff},
    {REQUEST_POLICY_REPLAY, api_replay},
    {REQUEST_APPROVE, api_approve},
    {REQUEST_REJECT, api_approve},
    {REQUEST_QUEUE, api_approve_queue},
    {REQUEST_RELATE, api_records_relate},
    {REQUEST_RELATION_LIST, api_relations},
    {REQUEST_COMMUNITY_LIST, api_relations_communities},
};

bool
api_arguments(struct api_call *call, const struct schema *schema, void *out)
{
	enum err err = schema_decode(schema, call->request.arguments, out);

	if (err == ERR_NONE)
		return true;
	(void)snprintf(call->words, sizeof(call->words), "the arguments of '%s': %s",
	    request_command_name(call->request.command), err_text(err));
	return false;
}

enum reason
api_body(struct api_call *call, const struct schema *schema, const void *body)
{
	bytes_clear(&call->body);
	if (core_failed(call->core, schema_encode(schema, body, &call->body)))
		return REASON_STORAGE;
	return REASON_STORED;
}

static void
send_answer(struct core *core, uint64_t client, struct bytes_view bytes)
{
	core_act(core, CORE_ANSWER, NULL, client, bytes);
}

static void
answer(struct core *core, uint64_t client, const struct nonce *id, enum reason reason,
    const char *words, struct bytes_view body)
{
	struct answer message = {
	    .id = *id, .reason = reason, .words = bytes_view_str(words), .body = body};
	struct bytes encoded;
	enum err err;

	bytes_init(&encoded, REQUEST_BYTES_MAX);
	err = request_answer_encode(&message, &encoded);
	if (err == ERR_MEMORY && core->in_turn)
		(void)core_failed(core, err);
	if (err != ERR_NONE) {
		bytes_clear(&encoded);
		message.reason = REASON_OVERSIZED;
		message.body = bytes_view_of(NULL, 0);
		message.words = bytes_view_str("the answer would be too long: ask for less");
		if (request_answer_encode(&message, &encoded) != ERR_NONE)
			log_line(LOG_ERROR, "an answer could not be encoded");
	}
	send_answer(core, client, bytes_as_view(&encoded));
	bytes_release(&encoded);
}

void
api_asked(struct core *core, const struct core_event *event)
{
	struct request request;

	if (request_decode(event->bytes, &request) != ERR_NONE ||
	    core->asked_count == REQUEST_CLIENTS_MAX)
		return;
	core->asked[core->asked_count].client = event->client;
	core->asked[core->asked_count++].id = request.id;
}

void
api_answer_failed(struct core *core)
{
	uint32_t i;

	for (i = 0; i < core->asked_count; i++)
		answer(core, core->asked[i].client, &core->asked[i].id, REASON_STORAGE,
		    core->message_text, bytes_view_of(NULL, 0));
	core->asked_count = 0;
}

void
api_client_gone(struct core *core, uint64_t client)
{
	if (core->verify != NULL && api_log_is_of(core, client))
		api_log_forget(core);
	if (api_diff_is_of(core, client))
		api_diff_forget(core);
	if (api_replay_is_of(core, client))
		api_replay_forget(core);
}

void
api_forget(struct core *core)
{
	api_diff_forget(core);
	api_replay_forget(core);
	api_log_forget(core);
}

/* ---------------------------------------------------------------- who asks */

struct finder {
	struct api_call *call;
	uint32_t uid;
	const struct signed_thing *thing;
	bool found;
};

static enum err
match_operator(void *context, const struct operator_row *row)
{
	struct finder *finder = context;
	struct api_call *call = finder->call;

	if (finder->found || row->is_removed || row->uid != finder->uid ||
	    row->name.len > PERSON_BYTES_MAX)
		return ERR_NONE;
	if (finder->thing != NULL && signed_verify_one(finder->thing, row->public_key) != ERR_NONE)
		return ERR_NONE;
	call->operator= * row;
	memcpy(call->operator_name, row->name.data, row->name.len);
	call->operator_name[row->name.len] = '\0';
	call->operator.name = bytes_view_of(call->operator_name, row->name.len);
	finder->found = true;
	return ERR_NONE;
}

/* The act must speak of this very request, to this node, now. */
static bool
is_act_for(const struct core *core, const struct request *request, const struct signed_thing *thing)
{
	struct hash arguments;
	struct act act;

	if (request_act_decode(thing->statement, &act) != ERR_NONE)
		return false;
	digest_sha256(request->arguments, &arguments);
	return memcmp(&act.node, &core->org, sizeof(act.node)) == 0 &&
	       memcmp(&act.request, &request->id, sizeof(act.request)) == 0 &&
	       act.command == request->command && digest_is_equal(&act.arguments, &arguments) &&
	       act.expires_ms > core->now_ms && act.expires_ms <= core->now_ms + ACT_LIFETIME_MS;
}

/* The operator in force with this uid, and, where `thing` is given, with the key that signed
   it.  False also where the store failed (noted). */
static bool
look_up(struct api_call *call, uint32_t uid, const struct signed_thing *thing)
{
	struct finder finder = {.call = call, .uid = uid, .thing = thing};

	if (core_failed(
		call->core, peers_operator_each(call->core->store, match_operator, &finder)))
		return false;
	return finder.found;
}

bool
api_knows(struct core *core, uint32_t uid)
{
	struct api_call call = {.core = core};
	struct finder finder = {.call = &call, .uid = uid};

	return peers_operator_each(core->store, match_operator, &finder) == ERR_NONE &&
	       finder.found;
}

static enum reason
find_operator(struct api_call *call, uint32_t uid, bool is_signed)
{
	struct core *core = call->core;
	struct signed_thing thing;

	if (!is_signed)
		return look_up(call, uid, NULL) ? REASON_STORED : REASON_ROLE;
	if (call->request.act.len > 0 &&
	    signed_decode(call->request.act, 1024, &thing) == ERR_NONE &&
	    is_act_for(core, &call->request, &thing) && look_up(call, uid, &thing)) {
		core->checked[TALLY_ACT]++;
		return REASON_STORED;
	}
	core->bad[TALLY_ACT] += call->request.act.len > 0;
	/* under whose name the attempt is written down */
	return look_up(call, uid, NULL) ? REASON_NOT_SIGNED : REASON_ROLE;
}

/* ---------------------------------------------------------------- what is done */

static void
journal_act(struct api_call *call, enum reason reason)
{
	struct event_details details = {.text = call->operator.name,
	    .has_request = true,
	    .request = call->request.id,
	    .command = call->request.command,
	    .has_reason = true,
	    .reason = reason,
	    .signed_thing = call->request.act};
	uint8_t actor[32];
	struct hash arguments;

	event_actor_operator(call->operator.name, actor);
	digest_sha256(call->request.arguments, &arguments);
	journal_append(call->core, EVENT_ACT, actor, arguments.bytes, &details);
}

static enum reason
run(struct api_call *call)
{
	size_t i;

	for (i = 0; i < sizeof(handlers) / sizeof(*handlers); i++) {
		if (handlers[i].command == call->request.command)
			return handlers[i].run(call);
	}
	return REASON_BAD_REQUEST;
}

/* A changing request that was answered before: the stored answer, whoever asks for it again. */
static bool
is_repeat(struct api_call *call)
{
	struct core *core = call->core;
	struct bytes_view stored;
	enum err err = peers_answer_get(core->store, &call->request.id, &stored);

	if (err == ERR_NOT_FOUND || core_failed(core, err))
		return false;
	send_answer(core, call->client, stored);
	return true;
}

static void
remember_answer(struct api_call *call, enum reason reason)
{
	struct answer message = {.id = call->request.id,
	    .reason = reason,
	    .words = bytes_view_str(call->words),
	    .body = bytes_as_view(&call->body)};
	struct core *core = call->core;
	struct bytes encoded;
	enum err err;

	bytes_init(&encoded, REQUEST_BYTES_MAX);
	/* one that is too long is not kept: the same request would make it again, and answer() says
	 * so */
	err = request_answer_encode(&message, &encoded);
	if (err == ERR_NONE)
		err = peers_answer_put(
		    core->store, &call->request.id, core->now_ms, bytes_as_view(&encoded));
	if (err != ERR_TOO_LARGE)
		(void)core_failed(core, err);
	bytes_release(&encoded);
}

static void
serve(struct api_call *call, uint32_t uid)
{
	uint32_t roles;
	bool changes, is_signed;
	enum reason reason;

	if (!request_command_needs(call->request.command, &roles, &changes, &is_signed)) {
		answer(call->core, call->client, &call->request.id, REASON_BAD_REQUEST,
		    "this node does not know that command", bytes_view_of(NULL, 0));
		return;
	}
	reason = find_operator(call, uid, is_signed);
	if (reason == REASON_STORED && (call->operator.roles & roles) == 0)
		reason = REASON_ROLE;
	if (reason == REASON_ROLE || reason == REASON_NOT_SIGNED) {
		(void)snprintf(call->words, sizeof(call->words), "'%s' by uid %u",
		    request_command_name(call->request.command), (unsigned)uid);
		/* somebody who is no operator cannot make the log grow */
		if (call->operator.name.len> 0)
			journal_act(call, reason);
		else
			log_line(LOG_WARNING, "uid %u is no operator: '%s' refused", (unsigned)uid,
			    request_command_name(call->request.command));
	} else if (reason == REASON_STORED) {
		if (changes && is_repeat(call))
			return;
		reason = run(call);
		if (changes && call->core->failed == ERR_NONE) {
			journal_act(call, reason);
			remember_answer(call, reason);
		}
	}
	if (call->core->failed != ERR_NONE)
		return; /* the turn is lost; the answer follows at its end */
	answer(call->core, call->client, &call->request.id, reason, call->words,
	    reason_is_good(reason) ? bytes_as_view(&call->body) : bytes_view_of(NULL, 0));
}

void
api_request(struct core *core, const struct core_event *event)
{
	struct api_call call = {.core = core, .client = event->client, .prepared = event->prepared};
	static const struct nonce no_id;
	enum err err = request_decode(event->bytes, &call.request);

	if (err != ERR_NONE) {
		answer(core, event->client, &no_id, REASON_BAD_REQUEST, err_text(err),
		    bytes_view_of(NULL, 0));
		return;
	}
	bytes_init(&call.body, REQUEST_BYTES_MAX);
	serve(&call, event->uid);
	bytes_release(&call.body);
}
