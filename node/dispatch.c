#include "node/dispatch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "node/directory.h"
#include "node/greeting.h"
#include "node/journal.h"

static_assert(STATE_BUILDS_MAX <= KEYRING_ITEMS_MAX, "one call signs what one turn builds");

/* One envelope, until it leaves. */
struct build {
	struct member *member;
	uint64_t number;
	int64_t batch;
	uint32_t count;
	struct org_id author;
	const char *rule;
	struct content_key content_key;
	struct ciphertext *ciphertext;
	struct hash records_root;
	struct bytes statement;
	uint32_t positions_len; /* 0: the whole batch */
	uint8_t positions[2 * BATCH_COUNT_MAX];
};

struct dispatch {
	uint32_t count;
	struct build builds[STATE_BUILDS_MAX];
	struct header header; /* of the one that is being added */
	struct bytes head;
	struct bytes signed_envelope;
};

enum err
dispatch_open(struct core *core)
{
	struct dispatch *dispatch = calloc(1, sizeof(*dispatch));
	uint32_t i;

	if (dispatch == NULL)
		return ERR_MEMORY;
	for (i = 0; i < STATE_BUILDS_MAX; i++)
		bytes_init(&dispatch->builds[i].statement, ENVELOPE_BYTES_MAX);
	bytes_init(&dispatch->head, ENVELOPE_BYTES_MAX);
	bytes_init(&dispatch->signed_envelope, ENVELOPE_BYTES_MAX);
	core->dispatch = dispatch;
	return ERR_NONE;
}

static void
forget_last(struct dispatch *dispatch)
{
	struct build *build = &dispatch->builds[--dispatch->count];

	ciphertext_release(build->ciphertext);
	build->ciphertext = NULL;
	envelope_wipe(&build->content_key);
}

void
dispatch_forget(struct core *core)
{
	while (core->dispatch->count > 0)
		forget_last(core->dispatch);
}

void
dispatch_free(struct core *core)
{
	struct dispatch *dispatch = core->dispatch;
	uint32_t i;

	if (dispatch == NULL)
		return;
	dispatch_forget(core);
	for (i = 0; i < STATE_BUILDS_MAX; i++)
		bytes_release(&dispatch->builds[i].statement);
	bytes_release(&dispatch->head);
	bytes_release(&dispatch->signed_envelope);
	free(dispatch);
	core->dispatch = NULL;
}

/* ---------------------------------------------------------------- adding */

static void
fill_header(struct core *core, const struct build *build, const struct sealed_payload *sealed,
    struct header *header)
{
	const struct member *member = build->member;

	memset(header, 0, sizeof(*header));
	header->suite = SUITE_1;
	header->sender = core->org;
	header->sender_serial = core->card.serial;
	header->recipient = member->org;
	header->recipient_serial = member->card.serial;
	header->number = build->number;
	header->root = core->outgoing.loaded->row.root;
	header->count = build->count;
	header->marking_bytes = core->outgoing.loaded->row.marking;
	header->ciphertext = sealed->ciphertext_hash;
	header->commitment = sealed->commitment;
	memcpy(header->nonce, sealed->content_key.nonce, sizeof(header->nonce));
	header->voided_count = member->voided_count;
	memcpy(header->voided, member->voided, sizeof(header->voided));
	header->time_ms = core->now_ms;
}

/* The header's head, the content key wrapped for this recipient, and the statement of both. */
static enum err
wrap_for(struct core *core, struct dispatch *dispatch, struct build *build)
{
	static const uint8_t no_psk[32];
	struct header *header = &dispatch->header;
	uint8_t secret[32];
	struct hash hash;
	enum err err;

	core_random(core, secret, sizeof(secret));
	core_random(core, header->wrap_nonce, sizeof(header->wrap_nonce));
	bytes_clear(&dispatch->head);
	bytes_clear(&build->statement);
	err = envelope_ephemeral(secret, header->ephemeral);
	if (err == ERR_NONE)
		err = header_encode_head(header, &dispatch->head);
	if (err == ERR_NONE) {
		header_hash(bytes_as_view(&dispatch->head), &hash);
		err = envelope_wrap(secret, build->member->card.envelope_key, no_psk, &hash,
		    header->wrap_nonce, build->content_key.key, header->wrap);
	}
	digest_wipe(secret, sizeof(secret));
	if (err == ERR_NONE)
		err = header_encode(bytes_as_view(&dispatch->head), header, &build->statement);
	return err;
}

static void
keep_positions(struct core *core, struct build *build, struct selection *selection)
{
	struct bytes_view positions = bytes_view_of(NULL, 0);

	if (!selection->is_whole)
		positions = outgoing_positions(&core->outgoing, selection);
	build->positions_len = (uint32_t)positions.len;
	if (positions.len > 0)
		memcpy(build->positions, positions.data, positions.len);
}

/* Its card names a key that nothing can be agreed with: no fault of ours, nor of the others. */
static void
give_up(struct core *core, struct member *member)
{
	forget_last(core->dispatch);
	member->credit = 0;
	greeting_note(
	    core, member, REASON_BAD_FIELD, "nothing can be wrapped for its envelope key");
	log_line(LOG_WARNING, "%s: nothing can be wrapped for its envelope key",
	    directory_name(core, &member->org));
}

bool
dispatch_add(
    struct core *core, struct member *member, struct selection *selection, const char *rule)
{
	struct dispatch *dispatch = core->dispatch;
	struct build *build = &dispatch->builds[dispatch->count];
	struct sealed_payload sealed;
	enum err err;

	assert(dispatch->count < STATE_BUILDS_MAX);
	err = outgoing_encrypt(core, selection, NULL, &sealed);
	if (core_failed(core, err))
		return false;
	build->member = member;
	build->number = member->last_number + 1;
	build->batch = core->outgoing.loaded->batch;
	build->author = core->outgoing.loaded->row.author;
	build->count = selection->count;
	build->rule = rule;
	build->content_key = sealed.content_key;
	build->ciphertext = sealed.ciphertext;
	build->records_root = sealed.records_root;
	keep_positions(core, build, selection);
	fill_header(core, build, &sealed, &dispatch->header);
	envelope_wipe(&sealed.content_key);
	dispatch->count++;
	err = wrap_for(core, dispatch, build);
	if (err == ERR_KEY) {
		give_up(core, member);
		return false;
	}
	if (core_failed(core, err))
		return false;
	member->last_number = build->number;
	member->voided_count = 0;
	if (member->in_flight++ == 0)
		member->progress_ms = core->now_ms;
	return true;
}

/* ---------------------------------------------------------------- leaving */

/* Cards travel before records that need them. */
static void
send_author_card(struct core *core, struct member *member, const struct org_id *author)
{
	uint32_t i;

	if (memcmp(author, &core->org, sizeof(*author)) == 0)
		return;
	for (i = 0; i < member->cards_sent_count; i++) {
		if (memcmp(&member->cards_sent[i], author, sizeof(*author)) == 0)
			return;
	}
	(void)greeting_send_card(core, member, author);
	if (member->cards_sent_count == STATE_CARDS_SENT)
		member->cards_sent_count = 0;
	member->cards_sent[member->cards_sent_count++] = *author;
}

static void
send_frame(struct core *core, const struct member *member, struct bytes_view signed_envelope,
    struct ciphertext *ciphertext)
{
	struct exchange_message message = {
	    .type = EXCHANGE_ENVELOPE, .ciphertext = ciphertext_view(ciphertext)};

	bytes_clear(&core->frame);
	if (core_failed(
		core, signed_decode(signed_envelope, ENVELOPE_BYTES_MAX, &message.signed_thing)) ||
	    core_failed(core, exchange_encode(&message, &core->frame)))
		return;
	/* the ciphertext is the message's last field: the frame ends in it */
	core_act_frame(core, &member->card.transport_key, bytes_as_view(&core->frame), ciphertext);
}

void
dispatch_again(struct core *core, struct member *member, struct bytes_view signed_envelope,
    struct ciphertext *ciphertext)
{
	send_author_card(core, member, &core->outgoing.loaded->row.author);
	send_frame(core, member, signed_envelope, ciphertext);
	member->in_flight++;
}

/* Write down what leaves, then let it leave after the commit. */
static void
leave(struct core *core, struct build *build, struct bytes_view signed_envelope)
{
	struct member *member = build->member;
	struct event_details details = {.has_peer = true,
	    .peer = member->org,
	    .number = build->number,
	    .has_records = true,
	    .records = build->records_root,
	    .count = build->count,
	    .has_policy = true,
	    .policy = core->policy->hash,
	    .text = bytes_view_str(build->rule)};
	struct delivery_row row = {.peer = member->org,
	    .sender_serial = core->card.serial,
	    .recipient_serial = member->card.serial,
	    .number = build->number,
	    .batch = build->batch,
	    .state = DELIVERY_SENT,
	    .sent_ms = core->now_ms,
	    .count = build->count,
	    .signed_envelope = signed_envelope,
	    .positions = bytes_view_of(build->positions, build->positions_len)};
	enum err err;

	digest_sha256(bytes_as_view(&build->statement), &row.envelope);
	memcpy(row.content_key, build->content_key.key, sizeof(row.content_key));
	memcpy(row.content_nonce, build->content_key.nonce, sizeof(row.content_nonce));
	err = deliveries_put(core->store, &row);
	digest_wipe(row.content_key, sizeof(row.content_key));
	if (core_failed(core, err))
		return;
	journal_signed(
	    core, EVENT_ENVELOPE_SENT, &core->org, &row.envelope, &details, signed_envelope);
	send_author_card(core, member, &build->author);
	send_frame(core, member, signed_envelope, build->ciphertext);
}

/* One call of the keyring for all of them. */
static enum err
sign_all(struct core *core, struct keyring_result *results)
{
	struct dispatch *dispatch = core->dispatch;
	struct keyring_item items[STATE_BUILDS_MAX];
	uint32_t i;

	for (i = 0; i < dispatch->count; i++)
		items[i] = (struct keyring_item){.type = KEYRING_HEADER,
		    .statement = bytes_as_view(&dispatch->builds[i].statement)};
	return core->keyring->sign(core->keyring, items, dispatch->count, results);
}

void
dispatch_flush(struct core *core)
{
	struct dispatch *dispatch = core->dispatch;
	struct keyring_result results[STATE_BUILDS_MAX];
	uint32_t i;

	if (dispatch->count > 0 && core->failed == ERR_NONE)
		(void)core_failed(core, sign_all(core, results));
	for (i = 0; i < dispatch->count && core->failed == ERR_NONE; i++) {
		struct build *build = &dispatch->builds[i];

		bytes_clear(&dispatch->signed_envelope);
		if (core_failed(core, results[i].err) ||
		    core_failed(core, signed_encode_one(bytes_as_view(&build->statement),
					  results[i].signature, &dispatch->signed_envelope)))
			break;
		core->made[TALLY_ENVELOPE]++;
		leave(core, build, bytes_as_view(&dispatch->signed_envelope));
	}
	dispatch_forget(core);
}
