#include "node/outgoing.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/tree.h"
#include "node/journal.h"
#include "node/judge.h"

void
outgoing_selection_clear(struct selection *selection)
{
	selection->count = 0;
	selection->is_whole = false;
}

void
outgoing_selection_add(struct selection *selection, uint32_t entry)
{
	selection->entries[selection->count++] = (uint16_t)entry;
}

void
outgoing_init(struct outgoing *outgoing)
{
	memset(outgoing, 0, sizeof(*outgoing));
	bytes_init(&outgoing->row_bytes, 4 * ENVELOPE_BYTES_MAX + AUDIENCE_ORGS_MAX * 64u);
	bytes_init(&outgoing->bodies, BATCH_BYTES_MAX);
	bytes_init(&outgoing->paths, BATCH_COUNT_MAX * 10u * sizeof(struct hash));
}

static void
forget(struct outgoing *outgoing)
{
	outgoing->batch = 0;
	outgoing->count = 0;
	ciphertext_release(outgoing->ciphertext);
	outgoing->ciphertext = NULL;
	envelope_wipe(&outgoing->content_key);
	bytes_clear(&outgoing->row_bytes);
	bytes_clear(&outgoing->bodies);
	bytes_clear(&outgoing->paths);
}

void
outgoing_release(struct outgoing *outgoing)
{
	forget(outgoing);
	bytes_release(&outgoing->row_bytes);
	bytes_release(&outgoing->bodies);
	bytes_release(&outgoing->paths);
}

void
outgoing_forget(struct core *core)
{
	forget(&core->outgoing);
}

/* Copy a view behind what `to` holds; the offset is resolved once `to` no longer moves. */
static size_t
keep(struct bytes *to, struct bytes_view view)
{
	size_t at = to->len;

	bytes_append(to, view.data, view.len);
	return at;
}

static enum err
load_record(void *context, const struct record_row *row)
{
	struct outgoing *outgoing = context;

	if (outgoing->count == BATCH_COUNT_MAX)
		return ERR_CORRUPT;
	outgoing->entries[outgoing->count].position = row->position;
	outgoing->entries[outgoing->count].id = row->id;
	outgoing->entries[outgoing->count].salt = row->salt;
	outgoing->entries[outgoing->count].len = row->body.len;
	outgoing->entries[outgoing->count].at = keep(&outgoing->bodies, row->body);
	outgoing->entries[outgoing->count].path_len = row->path.len;
	outgoing->entries[outgoing->count].path_at = keep(&outgoing->paths, row->path);
	outgoing->count++;
	return outgoing->bodies.err != ERR_NONE ? outgoing->bodies.err : outgoing->paths.err;
}

/* A batch that is complete here carries no paths; they are computed for a part of it. */
static enum err
fill_paths(struct outgoing *outgoing)
{
	struct hash *leaves;
	uint8_t *path;
	uint32_t i, len;

	if (outgoing->count != outgoing->row.size || outgoing->paths.len > 0)
		return ERR_NONE;
	leaves = malloc(outgoing->count * sizeof(*leaves));
	if (leaves == NULL)
		return ERR_MEMORY;
	for (i = 0; i < outgoing->count; i++)
		tree_batch_leaf(&outgoing->entries[i].salt, &outgoing->entries[i].id, &leaves[i]);
	for (i = 0; i < outgoing->count; i++) {
		len = tree_path_length(i, outgoing->count);
		outgoing->entries[i].path_at = outgoing->paths.len;
		outgoing->entries[i].path_len = len * sizeof(struct hash);
		if (len == 0)
			continue;
		path = bytes_extend(&outgoing->paths, len * sizeof(struct hash));
		if (path != NULL)
			tree_path(leaves, outgoing->count, i, (struct hash *)(void *)path);
	}
	free(leaves);
	return outgoing->paths.err;
}

static enum err
load_row(struct core *core, int64_t batch, struct outgoing *outgoing)
{
	struct batch_row *row = &outgoing->row;
	size_t marking, audience, seal;
	enum err err = records_batch_get(core->store, batch, row);

	if (err != ERR_NONE)
		return err;
	marking = keep(&outgoing->row_bytes, row->marking);
	audience = keep(&outgoing->row_bytes, row->audience);
	seal = keep(&outgoing->row_bytes, row->seal);
	row->marking.data = outgoing->row_bytes.data + marking;
	row->audience.data = outgoing->row_bytes.data + audience;
	row->seal.data = outgoing->row_bytes.data + seal;
	return outgoing->row_bytes.err;
}

bool
outgoing_load(struct core *core, int64_t batch)
{
	struct outgoing *outgoing = &core->outgoing;
	enum err err;

	if (outgoing->batch == batch)
		return true;
	forget(outgoing);
	err = load_row(core, batch, outgoing);
	if (err == ERR_NONE)
		err = records_of_batch(core->store, batch, load_record, outgoing);
	if (core_failed(core, err)) {
		forget(outgoing);
		return false;
	}
	outgoing->batch = batch;
	return true;
}

struct peek {
	struct core *core;
	bool found;
};

/* Until the first that has not expired. */
static enum err
peek_record(void *context, const struct record_row *row)
{
	struct peek *peek = context;
	struct core *core = peek->core;
	enum err err;

	bytes_clear(&core->plaintext); /* the store's own view ends with the call */
	bytes_append(&core->plaintext, row->body.data, row->body.len);
	err = core->plaintext.err != ERR_NONE
		  ? core->plaintext.err
		  : record_decode(bytes_as_view(&core->plaintext), false, &core->record, NULL);
	if (err != ERR_NONE)
		return err;
	peek->found = judge_time(core, &core->record) != REASON_EXPIRED;
	return peek->found ? ERR_NO : ERR_NONE;
}

bool
outgoing_peek(struct core *core, int64_t batch, struct batch_row *row, bool *has_record)
{
	struct peek peek = {.core = core};
	enum err err = records_batch_get(core->store, batch, row);

	if (err == ERR_NONE)
		err = records_of_batch(core->store, batch, peek_record, &peek);
	*has_record = peek.found;
	return !core_failed(core, err == ERR_NO ? ERR_NONE : err);
}

struct bytes_view
outgoing_body(const struct outgoing *outgoing, uint32_t entry)
{
	return bytes_view_of(
	    outgoing->bodies.data + outgoing->entries[entry].at, outgoing->entries[entry].len);
}

struct bytes_view
outgoing_positions(const struct outgoing *outgoing, struct selection *selection)
{
	uint32_t i;

	for (i = 0; i < selection->count; i++)
		bytes_put_u16(selection->positions + 2 * i,
		    (uint16_t)outgoing->entries[selection->entries[i]].position);
	return bytes_view_of(selection->positions, 2 * (size_t)selection->count);
}

bool
outgoing_select(const struct outgoing *outgoing, struct bytes_view positions, struct selection *out)
{
	uint32_t entry = 0;
	size_t i;

	outgoing_selection_clear(out);
	if (positions.len == 0) {
		for (entry = 0; entry < outgoing->count; entry++)
			outgoing_selection_add(out, entry);
		out->is_whole = outgoing->count == outgoing->row.size;
		return out->is_whole;
	}
	for (i = 0; i + 1 < positions.len; i += 2) {
		uint16_t wanted = bytes_get_u16(positions.data + i);

		while (entry < outgoing->count && outgoing->entries[entry].position < wanted)
			entry++;
		if (entry == outgoing->count || outgoing->entries[entry].position != wanted)
			return false;
		outgoing_selection_add(out, entry);
	}
	return true;
}

void
outgoing_take_part(const struct outgoing *outgoing, const struct selection *all, uint32_t *next,
    struct selection *part)
{
	/* array and map headers, index, salt and lengths of one entry stay under 64 bytes */
	size_t left = PAYLOAD_BYTES_MAX - SEAL_BYTES_MAX - 64, need;

	outgoing_selection_clear(part);
	for (; *next < all->count; (*next)++) {
		uint32_t entry = all->entries[*next];

		need =
		    outgoing->entries[entry].len + 64 + TREE_LEVELS_MAX * sizeof(struct hash) / 4;
		if (need > left && part->count > 0)
			return;
		left -= need < left ? need : left;
		outgoing_selection_add(part, entry);
	}
}

static enum err
encode_payload(struct core *core, const struct selection *selection)
{
	struct outgoing *outgoing = &core->outgoing;
	struct payload *payload = &core->payload;
	uint32_t i;
	enum err err = signed_decode(outgoing->row.seal, SEAL_BYTES_MAX, &payload->seal);

	if (err == ERR_NONE && !selection->is_whole)
		err = fill_paths(outgoing);
	if (err != ERR_NONE)
		return err;
	payload->is_whole = selection->is_whole;
	payload->count = selection->count;
	for (i = 0; i < selection->count; i++) {
		uint32_t entry = selection->entries[i];

		payload->entries[i] = (struct payload_entry){
		    .index = outgoing->entries[entry].position,
		    .salt = outgoing->entries[entry].salt,
		    .record = outgoing_body(outgoing, entry),
		};
		if (selection->is_whole)
			continue;
		payload->entries[i].path = outgoing->paths.data + outgoing->entries[entry].path_at;
		payload->entries[i].path_count =
		    (uint32_t)(outgoing->entries[entry].path_len / sizeof(struct hash));
	}
	bytes_clear(&core->plaintext);
	return payload_encode(payload, &core->plaintext);
}

static enum err
records_root(const struct outgoing *outgoing, const struct selection *selection, struct hash *root)
{
	struct journal_records *records = malloc(sizeof(*records));
	struct event_details details = {0};
	uint32_t i;

	if (records == NULL)
		return ERR_MEMORY;
	records->count = 0;
	for (i = 0; i < selection->count; i++)
		journal_record(
		    records, &outgoing->entries[selection->entries[i]].id, REASON_STORED);
	journal_records_into(records, &details);
	*root = details.records;
	free(records);
	return ERR_NONE;
}

/* Encode the selection and encrypt it under out->content_key. */
static enum err
encrypt(struct core *core, const struct selection *selection, struct sealed_payload *out)
{
	enum err err = encode_payload(core, selection);

	bytes_clear(&core->sealed);
	if (err == ERR_NONE)
		err = envelope_encrypt(&out->content_key, SUITE_1, &core->outgoing.row.root,
		    bytes_as_view(&core->plaintext), &core->sealed);
	if (err == ERR_NONE)
		err = records_root(&core->outgoing, selection, &out->records_root);
	if (err != ERR_NONE)
		return err;
	envelope_commitment(&out->content_key, &out->commitment);
	digest_sha256(bytes_as_view(&core->sealed), &out->ciphertext_hash);
	out->ciphertext = ciphertext_make(bytes_as_view(&core->sealed), ++core->ciphertexts);
	return out->ciphertext != NULL ? ERR_NONE : ERR_MEMORY;
}

/* Under this key (its nonce names it), or under any. */
static bool
is_cached(const struct outgoing *outgoing, const struct selection *selection,
    const struct content_key *content_key)
{
	return outgoing->ciphertext != NULL && outgoing->encrypted_count == selection->count &&
	       memcmp(outgoing->encrypted, selection->entries,
		   selection->count * sizeof(*selection->entries)) == 0 &&
	       (content_key == NULL || memcmp(content_key->nonce, outgoing->content_key.nonce,
					   sizeof(content_key->nonce)) == 0);
}

static void
from_cache(const struct outgoing *outgoing, struct sealed_payload *out)
{
	out->content_key = outgoing->content_key;
	out->commitment = outgoing->commitment;
	out->ciphertext_hash = outgoing->ciphertext_hash;
	out->records_root = outgoing->records_root;
	out->ciphertext = ciphertext_hold(outgoing->ciphertext);
}

static void
into_cache(struct outgoing *outgoing, const struct selection *selection,
    const struct sealed_payload *sealed)
{
	ciphertext_release(outgoing->ciphertext);
	outgoing->ciphertext = ciphertext_hold(sealed->ciphertext);
	outgoing->encrypted_count = selection->count;
	memcpy(outgoing->encrypted, selection->entries,
	    selection->count * sizeof(*selection->entries));
	outgoing->content_key = sealed->content_key;
	outgoing->commitment = sealed->commitment;
	outgoing->ciphertext_hash = sealed->ciphertext_hash;
	outgoing->records_root = sealed->records_root;
}

enum err
outgoing_encrypt(struct core *core, const struct selection *selection,
    const struct content_key *content_key, struct sealed_payload *out)
{
	enum err err;

	memset(out, 0, sizeof(*out));
	if (is_cached(&core->outgoing, selection, content_key)) {
		from_cache(&core->outgoing, out);
		return ERR_NONE;
	}
	if (content_key != NULL)
		out->content_key = *content_key;
	else
		core_random(core, &out->content_key, sizeof(out->content_key));
	err = encrypt(core, selection, out);
	if (err == ERR_NONE)
		into_cache(&core->outgoing, selection, out);
	return err;
}
