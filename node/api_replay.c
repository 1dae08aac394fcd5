#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/api.h"
#include "node/preview.h"
#include "node/replay.h"
#include "node/ruling.h"
#include "wire/request_policy.h"

#define PAGE_BYTES_MAX (REQUEST_BYTES_MAX - 2048u)
#define ENTRY_BYTES_MAX 1280u

void
api_replay_forget(struct core *core)
{
	if (core->replay != NULL)
		replay_release(core->replay);
	free(core->replay);
	core->replay = NULL;
}

bool
api_replay_is_of(const struct core *core, uint64_t client)
{
	return core->replay != NULL && core->replay->client == client;
}

/* The candidate, or none. */
static enum reason
read_candidate(
    struct api_call *call, const struct policy_replay_arguments *arguments, struct policy **out)
{
	static const uint8_t none[32];
	struct hash hash;
	enum err err;

	if (arguments->text.len > 0)
		return ruling_read(call->core, arguments->text, arguments->lists, out, NULL,
		    call->words, sizeof(call->words));
	if (memcmp(arguments->hash, none, sizeof(none)) == 0)
		return REASON_STORED;
	memcpy(hash.bytes, arguments->hash, sizeof(hash.bytes));
	err = ruling_open_at(call->core, &hash, NUMBER_MAX, out);
	if (err == ERR_NOT_FOUND)
		return REASON_NOT_FOUND;
	if (err == ERR_FORMAT) {
		(void)snprintf(call->words, sizeof(call->words),
		    "that policy cannot be read any more: see malla policy show");
		return REASON_NOT_SUPPORTED;
	}
	return core_failed(call->core, err) ? REASON_STORAGE : REASON_STORED;
}

static enum reason
begin(struct api_call *call, const struct policy_replay_arguments *arguments)
{
	static const struct org_id everybody;
	struct core *core = call->core;
	struct policy_replay_body body = {0};
	struct policy *candidate = NULL;
	struct head head;
	enum reason reason = read_candidate(call, arguments, &candidate);

	if (reason != REASON_STORED)
		return reason;
	api_replay_forget(core);
	core->replay = calloc(1, sizeof(*core->replay));
	if (core->replay == NULL) {
		policy_free(candidate);
		(void)core_failed(core, ERR_MEMORY);
		return REASON_STORAGE;
	}
	events_head_committed(core->store, &head);
	core->replay->client = call->client;
	core->replay->candidate = candidate;
	core->replay->size = head.size;
	memcpy(core->replay->org.bytes, arguments->org, sizeof(core->replay->org.bytes));
	core->replay->is_of_one = memcmp(&core->replay->org, &everybody, sizeof(everybody)) != 0;
	body.size = head.size;
	if (candidate != NULL) {
		memcpy(body.policy, candidate->hash.bytes, sizeof(body.policy));
		body.name = bytes_view_str(candidate->name);
	}
	return api_body(call, &request_policy_replay_body_schema, &body);
}

struct page {
	struct core *core;
	struct replay_job *job;
	struct schema_list entries;
	struct bytes items, then, now;
};

static enum err
encode_decision(const struct decision *decision, struct bytes *out)
{
	struct decision_body body;

	bytes_clear(out);
	preview_decision_body(decision, &body);
	return schema_encode(&request_preview_decision_schema, &body, out);
}

static bool
add_finding(void *context, const struct replay_finding *finding)
{
	struct page *page = context;
	struct policy_replay_entry entry = {.leaf = finding->leaf,
	    .time_ms = finding->time_ms,
	    .is_inbound = finding->is_inbound,
	    .logged = finding->logged};
	enum err err;

	if (page->items.len + ENTRY_BYTES_MAX > PAGE_BYTES_MAX)
		return false;
	memcpy(entry.id, finding->id->bytes, sizeof(entry.id));
	memcpy(entry.org, finding->peer->bytes, sizeof(entry.org));
	memcpy(entry.policy, finding->then->policy.bytes, sizeof(entry.policy));
	err = encode_decision(finding->then, &page->then);
	if (err == ERR_NONE)
		err = encode_decision(finding->now, &page->now);
	entry.then = bytes_as_view(&page->then);
	entry.now = bytes_as_view(&page->now);
	if (err == ERR_NONE)
		err = schema_list_add(
		    &page->entries, &page->items, &request_policy_replay_entry_schema, &entry);
	return !core_failed(page->core, err);
}

static enum reason
go_on(struct api_call *call, const struct policy_replay_arguments *arguments)
{
	struct core *core = call->core;
	struct replay_part part = {.leaf = arguments->leaf, .inside = arguments->inside};
	struct page page = {.core = core, .job = core->replay};
	struct policy_replay_body body = {0};
	enum reason reason = REASON_STORAGE;

	if (!api_replay_is_of(core, call->client)) {
		(void)snprintf(call->words, sizeof(call->words),
		    "another replay began meanwhile: begin again");
		return REASON_BUSY;
	}
	bytes_init(&page.items, REQUEST_BYTES_MAX);
	bytes_init(&page.then, 512);
	bytes_init(&page.now, 512);
	replay_walk(core, core->replay, &part, add_finding, &page);
	body = (struct policy_replay_body){.size = core->replay->size,
	    .leaf = part.leaf,
	    .inside = part.inside,
	    .is_done = part.leaf >= core->replay->size,
	    .examined = part.examined,
	    .differing = part.differing,
	    .unlike = part.unlike,
	    .gone = part.gone,
	    .entries = page.entries};
	if (core->failed == ERR_NONE)
		reason = api_body(call, &request_policy_replay_body_schema, &body);
	bytes_release(&page.items);
	bytes_release(&page.then);
	bytes_release(&page.now);
	return reason;
}

enum reason
api_replay(struct api_call *call)
{
	struct policy_replay_arguments arguments;

	if (!api_arguments(call, &request_policy_replay_schema, &arguments))
		return REASON_BAD_REQUEST;
	return arguments.begins ? begin(call, &arguments) : go_on(call, &arguments);
}
