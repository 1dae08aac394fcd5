#include "node/prepare.h"

#include <string.h>

#include "crypto/digest.h"
#include "crypto/tree.h"
#include "policy/privacy_record.h"
#include "policy/redact.h"
#include "wire/event.h"
#include "wire/request.h"

/* author, created and nonce with their keys, and a longer head of the map */
#define IDENTITY_BYTES_MAX 96u
#define COMPLETED_BYTES_MAX (REQUEST_BYTES_MAX + BATCH_COUNT_MAX * IDENTITY_BYTES_MAX)

/* What is drawn for each record. */
struct drawn {
	struct nonce nonce;
	struct salt salt;
};

void
prepare_init(struct prepared *prepared)
{
	prepared->count = 0;
	bytes_init(&prepared->bodies, COMPLETED_BYTES_MAX);
	extract_keys_init(&prepared->keys);
}

void
prepare_release(struct prepared *prepared)
{
	bytes_release(&prepared->bodies);
	extract_keys_release(&prepared->keys);
	prepared->count = 0;
}

struct bytes_view
prepare_body(const struct prepared *prepared, uint32_t draft)
{
	return bytes_view_of(
	    prepared->bodies.data + prepared->drafts[draft].at, prepared->drafts[draft].len);
}

/* Why a draft cannot be read as one. */
static enum reason
reason_of_draft(const struct record *record, enum err err)
{
	if (err == ERR_VALUE)
		return REASON_BAD_OBSERVABLE;
	if (err == ERR_MISSING && record->marking_bytes.len == 0)
		return REASON_NO_LABEL;
	if (err == ERR_MISSING && record->marking.tlp == TLP_RED &&
	    record->audience.orgs_count == 0)
		return REASON_NO_AUDIENCE;
	return reason_of_err(err);
}

/* What makes a draft unfit whatever it is sent to. */
static enum reason
check(const struct record *record, uint64_t now_ms)
{
	if ((record->marking.tlp == TLP_RED || record_is_personal(record)) &&
	    (record->marking.purpose.len == 0 || record->marking.basis.len == 0))
		return REASON_NO_PURPOSE;
	if (record->valid_until_ms != 0 && record->valid_until_ms <= now_ms)
		return REASON_EXPIRED;
	if (!redact_keeps_label(record))
		return REASON_LABEL_TOO_LOW;
	return REASON_STORED;
}

/* Author, created and nonce are the node's to add; then the record has its id and its leaves. */
static enum err
complete(const struct prepare_setup *setup, struct record *record, uint64_t now_ms,
    const struct drawn *drawn, struct prepared *out, uint32_t i)
{
	struct prepared_draft *prepared = &out->drafts[i];
	enum err err;

	record->author = setup->org;
	record->created_ms = now_ms;
	record->nonce = drawn->nonce;
	prepared->salt = drawn->salt;
	prepared->at = out->bodies.len;
	err = record_complete(record, prepared->draft, &out->bodies);
	if (err == ERR_VALUE) {
		prepared->reason = REASON_WRONG_AUTHOR;
		return ERR_NONE;
	}
	if (err != ERR_NONE)
		return err;
	prepared->len = out->bodies.len - prepared->at;
	if (prepared->len > RECORD_BYTES_MAX) {
		prepared->reason = REASON_OVERSIZED;
		return ERR_NONE;
	}
	record_id_of(prepare_body(out, i), &prepared->id);
	tree_batch_leaf(&prepared->salt, &prepared->id, &out->leaves[PREPARED_SEAL][i]);
	event_record_leaf(&prepared->id, REASON_STORED, &out->leaves[PREPARED_LOG][i]);
	return extract_record(setup->keys_seed, record, &out->keys, &prepared->extract);
}

/* What the organisation calls its own is the policy's to say, and looked for by the core. */
static void
look_for_private(const struct record *record, struct prepared_draft *prepared)
{
	static const struct privacy_own nothing;
	struct privacy_report report;

	memset(report.counts, 0, sizeof(report.counts));
	report.count = 0;
	privacy_record_scan(record, prepared->draft, &nothing, &report);
	prepared->is_private = report.count > 0;
	if (prepared->is_private)
		prepared->finding = report.hits[0];
}

static enum err
prepare_one(const struct prepare_setup *setup, struct record *record, uint64_t now_ms,
    const struct drawn *drawn, struct prepared *out, uint32_t i)
{
	struct prepared_draft *prepared = &out->drafts[i];
	enum err err = record_decode(prepared->draft, true, record, NULL);

	prepared->reason = err == ERR_NONE ? check(record, now_ms) : reason_of_draft(record, err);
	if (prepared->reason != REASON_STORED)
		return ERR_NONE;
	prepared->marking = record->marking_bytes;
	prepared->audience = record->audience_bytes;
	prepared->tlp = record->marking.tlp;
	prepared->kind = record->kind;
	prepared->target = record->body.target;
	prepared->as = record->body.as;
	prepared->has_derived = record->has_derived;
	prepared->derived_author = record->derived.author;
	prepared->has_community = record->audience.has_community;
	prepared->community = record->audience.community;
	prepared->is_personal = record_is_personal(record);
	look_for_private(record, prepared);
	digest_keyed(bytes_view_of(setup->content_secret, sizeof(setup->content_secret)),
	    prepared->draft, &prepared->content);
	return complete(setup, record, now_ms, drawn, out, i);
}

static void
make_roots(struct prepared *out)
{
	uint32_t i;

	out->is_whole = out->count > 0;
	for (i = 0; i < out->count && out->is_whole; i++)
		out->is_whole = out->drafts[i].reason == REASON_STORED;
	for (i = 0; i < PREPARED_TREES && out->is_whole; i++)
		tree_root(out->leaves[i], out->count, &out->roots[i]);
}

static enum err
prepare_all(const struct prepare_setup *setup, struct record *scratch, uint64_t now_ms,
    const struct drawn *drawn, struct schema_list *drafts, struct prepared *out)
{
	enum err err = ERR_NONE;

	for (; out->count < BATCH_COUNT_MAX && err == ERR_NONE; out->count++) {
		struct prepared_draft *prepared = &out->drafts[out->count];

		*prepared = (struct prepared_draft){0};
		err = schema_list_next_bin(drafts, &prepared->draft);
		if (err == ERR_NOT_FOUND)
			return ERR_NONE;
		/* what is no draft at all has a reason too, at its place */
		if (err != ERR_NONE)
			prepared->draft = bytes_view_of(NULL, 0);
		err = prepare_one(setup, scratch, now_ms, &drawn[out->count], out, out->count);
	}
	return err;
}

enum err
prepare_drafts(const struct prepare_setup *setup, struct record *scratch, uint64_t now_ms,
    const uint8_t seed[32], struct schema_list drafts, struct prepared *out)
{
	struct drawn drawn[BATCH_COUNT_MAX];
	enum err err;

	out->count = 0;
	out->keys.count = 0;
	bytes_clear(&out->bodies);
	/* room for all at once, so that what is completed does not move about */
	if (bytes_extend(&out->bodies, drafts.items.len + drafts.count * IDENTITY_BYTES_MAX) ==
	    NULL)
		return out->bodies.err;
	bytes_clear(&out->bodies);
	digest_expand(seed, 0, drawn, sizeof(drawn));
	err = prepare_all(setup, scratch, now_ms, drawn, &drafts, out);
	digest_wipe(drawn, sizeof(drawn));
	if (err == ERR_NONE)
		make_roots(out);
	return err;
}

enum err
prepare_request(const struct prepare_setup *setup, struct record *scratch, uint64_t now_ms,
    const uint8_t seed[32], struct bytes_view bytes, struct prepared *out, bool *is_submission)
{
	struct submit_arguments arguments;
	struct request request;

	*is_submission =
	    request_decode(bytes, &request) == ERR_NONE && request.command == REQUEST_SUBMIT &&
	    schema_decode(&request_submit_schema, request.arguments, &arguments) == ERR_NONE;
	if (!*is_submission)
		return ERR_NONE;
	return prepare_drafts(setup, scratch, now_ms, seed, arguments.drafts, out);
}
