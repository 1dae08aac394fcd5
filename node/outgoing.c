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

/* ---------------------------------------------------------------- batches in memory */

static struct loaded *
loaded_new(void)
{
	struct loaded *loaded = malloc(sizeof(*loaded));

	if (loaded == NULL)
		return NULL;
	loaded->batch = 0;
	loaded->count = 0;
	bytes_init(&loaded->row_bytes, 4 * ENVELOPE_BYTES_MAX + AUDIENCE_ORGS_MAX * 64u);
	bytes_init(&loaded->bodies, BATCH_BYTES_MAX);
	bytes_init(&loaded->paths, BATCH_COUNT_MAX * 10u * sizeof(struct hash));
	return loaded;
}

static void
loaded_free(struct loaded *loaded)
{
	if (loaded == NULL)
		return;
	bytes_release(&loaded->row_bytes);
	bytes_release(&loaded->bodies);
	bytes_release(&loaded->paths);
	free(loaded);
}

static void
loaded_clear(struct loaded *loaded)
{
	loaded->batch = 0;
	loaded->count = 0;
	bytes_clear(&loaded->row_bytes);
	bytes_clear(&loaded->bodies);
	bytes_clear(&loaded->paths);
}

enum err
outgoing_open(struct outgoing *outgoing)
{
	memset(outgoing, 0, sizeof(*outgoing));
	outgoing->loaded = loaded_new();
	return outgoing->loaded == NULL ? ERR_MEMORY : ERR_NONE;
}

static void
forget(struct outgoing *outgoing)
{
	if (outgoing->loaded != NULL)
		loaded_clear(outgoing->loaded);
	ciphertext_release(outgoing->ciphertext);
	outgoing->ciphertext = NULL;
	envelope_wipe(&outgoing->content_key);
}

static void
forget_kept(struct outgoing *outgoing)
{
	uint32_t i;

	for (i = 0; i < STATE_KEPT_MAX; i++) {
		loaded_free(outgoing->kept[i]);
		outgoing->kept[i] = NULL;
	}
}

void
outgoing_close(struct outgoing *outgoing)
{
	forget(outgoing);
	forget_kept(outgoing);
	loaded_free(outgoing->loaded);
	outgoing->loaded = NULL;
}

void
outgoing_forget(struct core *core)
{
	forget(&core->outgoing);
	forget_kept(&core->outgoing);
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
	struct loaded *loaded = context;
	uint32_t at = loaded->count;

	if (at == BATCH_COUNT_MAX)
		return ERR_CORRUPT;
	loaded->entries[at].row = row->seq;
	loaded->entries[at].position = row->position;
	loaded->entries[at].id = row->id;
	loaded->entries[at].salt = row->salt;
	loaded->entries[at].len = row->body.len;
	loaded->entries[at].at = keep(&loaded->bodies, row->body);
	loaded->entries[at].path_len = row->path.len;
	loaded->entries[at].path_at = keep(&loaded->paths, row->path);
	loaded->count++;
	return loaded->bodies.err != ERR_NONE ? loaded->bodies.err : loaded->paths.err;
}

/* A batch that came whole carries no paths; they are computed for a part of it, and for what is
   left where some of it was erased since. */
static enum err
fill_paths(struct core *core, struct loaded *loaded)
{
	struct hash *leaves;
	uint8_t *path;
	uint32_t i, len, count = 0, size = loaded->row.size;
	enum err err;

	if (loaded->paths.len > 0 || size == 1)
		return ERR_NONE;
	leaves = malloc(BATCH_COUNT_MAX * sizeof(*leaves));
	if (leaves == NULL)
		return ERR_MEMORY;
	err = records_leaves(core->store, loaded->batch, leaves, &count);
	if (err == ERR_NONE && count != size)
		err = ERR_CORRUPT;
	for (i = 0; i < loaded->count && err == ERR_NONE; i++) {
		len = tree_path_length(loaded->entries[i].position, size);
		loaded->entries[i].path_at = loaded->paths.len;
		loaded->entries[i].path_len = len * sizeof(struct hash);
		path = len == 0 ? NULL : bytes_extend(&loaded->paths, len * sizeof(struct hash));
		if (path != NULL)
			tree_path(
			    leaves, size, loaded->entries[i].position, (struct hash *)(void *)path);
	}
	free(leaves);
	return err == ERR_NONE ? loaded->paths.err : err;
}

/* The row with views of its own. */
static enum err
keep_row(struct loaded *loaded, const struct batch_row *row)
{
	size_t marking = keep(&loaded->row_bytes, row->marking);
	size_t audience = keep(&loaded->row_bytes, row->audience);
	size_t seal = keep(&loaded->row_bytes, row->seal);

	loaded->row = *row;
	loaded->row.marking.data = loaded->row_bytes.data + marking;
	loaded->row.audience.data = loaded->row_bytes.data + audience;
	loaded->row.seal.data = loaded->row_bytes.data + seal;
	return loaded->row_bytes.err;
}

struct loaded *
outgoing_keep(struct core *core, const struct batch_row *row)
{
	struct outgoing *outgoing = &core->outgoing;
	struct loaded **place = &outgoing->kept[outgoing->kept_next];

	outgoing->kept_next = (outgoing->kept_next + 1) % STATE_KEPT_MAX;
	if (*place == NULL)
		*place = loaded_new();
	if (*place == NULL)
		return NULL;
	loaded_clear(*place);
	if (keep_row(*place, row) == ERR_NONE)
		(*place)->batch = row->seq;
	return *place;
}

void
outgoing_keep_record(struct loaded *kept, const struct record_row *row)
{
	/* what did not fit will be read back as a whole */
	if (kept != NULL && kept->batch != 0 && load_record(kept, row) != ERR_NONE)
		loaded_clear(kept);
}

/* It changes places with what was loaded before. */
static bool
take_kept(struct outgoing *outgoing, int64_t batch)
{
	uint32_t i;

	for (i = 0; i < STATE_KEPT_MAX; i++) {
		struct loaded *kept = outgoing->kept[i];

		if (kept == NULL || kept->batch != batch)
			continue;
		outgoing->kept[i] = outgoing->loaded;
		outgoing->loaded = kept;
		return true;
	}
	return false;
}

static enum err
load(struct core *core, int64_t batch, struct loaded *loaded)
{
	struct batch_row row;
	enum err err = records_batch_get(core->store, batch, &row);

	if (err == ERR_NONE)
		err = keep_row(loaded, &row);
	if (err == ERR_NONE)
		err = records_of_batch(core->store, batch, load_record, loaded);
	return err;
}

bool
outgoing_load(struct core *core, int64_t batch)
{
	struct outgoing *outgoing = &core->outgoing;

	if (outgoing->loaded->batch == batch)
		return true;
	forget(outgoing);
	if (take_kept(outgoing, batch))
		return true;
	if (core_failed(core, load(core, batch, outgoing->loaded))) {
		forget(outgoing);
		return false;
	}
	outgoing->loaded->batch = batch;
	return true;
}

struct peek {
	struct core *core;
	int64_t found;
};

/* Until the first that is in force and has not expired. */
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
	if (judge_time(core, &core->record) == REASON_EXPIRED ||
	    judge_standing(core, row->seq) != DECIDE_IN_FORCE)
		return ERR_NONE;
	peek->found = row->seq;
	return ERR_NO;
}

bool
outgoing_peek(struct core *core, int64_t batch, struct batch_row *row, int64_t *record)
{
	struct peek peek = {.core = core};
	enum err err = records_batch_get(core->store, batch, row);

	if (err == ERR_NONE)
		err = records_of_batch(core->store, batch, peek_record, &peek);
	*record = peek.found;
	return !core_failed(core, err == ERR_NO ? ERR_NONE : err);
}

struct bytes_view
outgoing_body(const struct outgoing *outgoing, uint32_t entry)
{
	return bytes_view_of(outgoing->loaded->bodies.data + outgoing->loaded->entries[entry].at,
	    outgoing->loaded->entries[entry].len);
}

struct bytes_view
outgoing_positions(const struct outgoing *outgoing, struct selection *selection)
{
	uint32_t i;

	for (i = 0; i < selection->count; i++)
		bytes_put_u16(selection->positions + 2 * i,
		    (uint16_t)outgoing->loaded->entries[selection->entries[i]].position);
	return bytes_view_of(selection->positions, 2 * (size_t)selection->count);
}

bool
outgoing_select(const struct outgoing *outgoing, struct bytes_view positions, struct selection *out)
{
	uint32_t entry = 0;
	size_t i;

	outgoing_selection_clear(out);
	if (positions.len == 0) {
		for (entry = 0; entry < outgoing->loaded->count; entry++)
			outgoing_selection_add(out, entry);
		out->is_whole = outgoing->loaded->count == outgoing->loaded->row.size;
		return out->is_whole;
	}
	for (i = 0; i + 1 < positions.len; i += 2) {
		uint16_t wanted = bytes_get_u16(positions.data + i);

		while (entry < outgoing->loaded->count &&
		       outgoing->loaded->entries[entry].position < wanted)
			entry++;
		if (entry == outgoing->loaded->count ||
		    outgoing->loaded->entries[entry].position != wanted)
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

		need = outgoing->loaded->entries[entry].len + 64 +
		       TREE_LEVELS_MAX * sizeof(struct hash) / 4;
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
	enum err err = signed_decode(outgoing->loaded->row.seal, SEAL_BYTES_MAX, &payload->seal);

	if (err == ERR_NONE && !selection->is_whole)
		err = fill_paths(core, outgoing->loaded);
	if (err != ERR_NONE)
		return err;
	payload->is_whole = selection->is_whole;
	payload->count = selection->count;
	for (i = 0; i < selection->count; i++) {
		uint32_t entry = selection->entries[i];

		payload->entries[i] = (struct payload_entry){
		    .index = outgoing->loaded->entries[entry].position,
		    .salt = outgoing->loaded->entries[entry].salt,
		    .record = outgoing_body(outgoing, entry),
		};
		if (selection->is_whole)
			continue;
		payload->entries[i].path =
		    outgoing->loaded->paths.data + outgoing->loaded->entries[entry].path_at;
		payload->entries[i].path_count =
		    (uint32_t)(outgoing->loaded->entries[entry].path_len / sizeof(struct hash));
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
		    records, &outgoing->loaded->entries[selection->entries[i]].id, REASON_STORED);
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
		err = envelope_encrypt(&out->content_key, SUITE_1, &core->outgoing.loaded->row.root,
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
