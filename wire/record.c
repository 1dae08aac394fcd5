#include "wire/record.h"

#include <assert.h>
#include <string.h>

#include "crypto/digest.h"
#include "wire/reader.h"
#include "wire/record_check.h"
#include "wire/record_read.h"
#include "wire/record_write.h"
#include "wire/writer.h"

#define KEYS_MAX (19u + UNKNOWN_KEYS_MAX)

struct named {
	int code;
	const char *name;
};

static const struct named kinds[] = {
#define KIND_ROW(symbol, code, name) {code, name},
    RECORD_KIND_TABLE(KIND_ROW)
#undef KIND_ROW
};
static const struct named severities[] = {
    {SEVERITY_LOW, "low"},
    {SEVERITY_MEDIUM, "medium"},
    {SEVERITY_HIGH, "high"},
    {SEVERITY_CRITICAL, "critical"},
};
static const struct named sightings[] = {
    {SIGHTING_SEEN, "seen"},
    {SIGHTING_FALSE_POSITIVE, "false-positive"},
    {SIGHTING_EXPIRED, "expired"},
};
static const struct named disputes[] = {
    {DISPUTE_FALSE_POSITIVE, "false-positive"},
    {DISPUTE_OUTDATED, "outdated"},
    {DISPUTE_INACCURATE, "inaccurate"},
    {DISPUTE_NOT_PERMITTED, "not-permitted"},
    {DISPUTE_OTHER, "other"},
};

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))

static const char *
name_of(const struct named *table, size_t count, int code, const char *otherwise)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (table[i].code == code)
			return table[i].name;
	}
	return otherwise;
}

static bool
code_of(const struct named *table, size_t count, struct bytes_view name, int *code)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (bytes_view_is_equal(bytes_view_str(table[i].name), name)) {
			*code = table[i].code;
			return true;
		}
	}
	return false;
}

const char *
record_kind_name(enum record_kind kind)
{
	return name_of(kinds, COUNT_OF(kinds), (int)kind, "?");
}

bool
record_kind_parse(struct bytes_view name, enum record_kind *kind)
{
	int code;

	if (!code_of(kinds, COUNT_OF(kinds), name, &code))
		return false;
	*kind = (enum record_kind)code;
	return true;
}

const char *
severity_name(enum severity severity)
{
	return name_of(severities, COUNT_OF(severities), (int)severity, "");
}

bool
severity_parse(struct bytes_view name, enum severity *severity)
{
	int code;

	if (!code_of(severities, COUNT_OF(severities), name, &code))
		return false;
	*severity = (enum severity)code;
	return true;
}

const char *
sighting_name(enum sighting sighting)
{
	return name_of(sightings, COUNT_OF(sightings), (int)sighting, "");
}

bool
sighting_parse(struct bytes_view name, enum sighting *sighting)
{
	int code;

	if (!code_of(sightings, COUNT_OF(sightings), name, &code))
		return false;
	*sighting = (enum sighting)code;
	return true;
}

const char *
dispute_name(enum dispute dispute)
{
	return name_of(disputes, COUNT_OF(disputes), (int)dispute, "");
}

bool
dispute_parse(struct bytes_view name, enum dispute *dispute)
{
	int code;

	if (!code_of(disputes, COUNT_OF(disputes), name, &code))
		return false;
	*dispute = (enum dispute)code;
	return true;
}

/* ---------------------------------------------------------------- building */

/* Everything unstated.  The large lists are emptied by their counts, not overwritten. */
void
record_init(struct record *record, enum record_kind kind, enum tlp tlp)
{
	static const struct record_body no_body;
	static const struct record_source no_source;

	record->kind = kind;
	record->is_draft = true;
	memset(&record->author, 0, sizeof(record->author));
	memset(&record->nonce, 0, sizeof(record->nonce));
	record->created_ms = 0;
	record->confidence = CONFIDENCE_UNSTATED;
	record->severity = SEVERITY_UNSTATED;
	record->valid_from_ms = 0;
	record->valid_until_ms = 0;
	marking_init(&record->marking, tlp);
	record->bytes = bytes_view_of(NULL, 0);
	record->marking_bytes = bytes_view_of(NULL, 0);
	record->audience_bytes = bytes_view_of(NULL, 0);
	record->body_bytes = bytes_view_of(NULL, 0);
	audience_init(&record->audience);
	record->affects.sectors.count = 0;
	record->affects.services.count = 0;
	record->affects.products.count = 0;
	record->affects.is_it = false;
	record->affects.is_ot = false;
	record->labels.count = 0;
	record->language = bytes_view_of(NULL, 0);
	record->observables_count = 0;
	record->references_count = 0;
	record->links.count = 0;
	record->body = no_body;
	record->has_derived = false;
	record->source = no_source;
	record->unknown = 0;
}

enum err
record_add_text(struct record_texts *texts, struct bytes_view text)
{
	uint32_t at = texts->count;
	int order = 1;

	while (at > 0 && (order = bytes_view_compare(texts->at[at - 1], text)) > 0)
		at--;
	if (at > 0 && order == 0)
		return ERR_NONE;
	if (texts->count == LABELS_MAX)
		return ERR_TOO_LARGE;
	memmove(&texts->at[at + 1], &texts->at[at], (texts->count - at) * sizeof(text));
	texts->at[at] = text;
	texts->count++;
	return ERR_NONE;
}

enum err
record_add_observable(struct record *record, const struct observable *observable)
{
	uint32_t at = record->observables_count;
	int order = 1;

	while (at > 0 && (order = observable_compare(&record->observables[at - 1], observable)) > 0)
		at--;
	if (at > 0 && order == 0)
		return ERR_NONE;
	if (record->observables_count == OBSERVABLES_MAX)
		return ERR_TOO_LARGE;
	memmove(&record->observables[at + 1], &record->observables[at],
	    (record->observables_count - at) * sizeof(*observable));
	record->observables[at] = *observable;
	record->observables_count++;
	return ERR_NONE;
}

enum err
record_add_reference(struct record *record, const struct record_id *id)
{
	uint32_t at = record->references_count;
	int order = 1;

	while (at > 0 && (order = memcmp(&record->references[at - 1], id, sizeof(*id))) > 0)
		at--;
	if (at > 0 && order == 0)
		return ERR_NONE;
	if (record->references_count == REFERENCES_MAX)
		return ERR_TOO_LARGE;
	memmove(&record->references[at + 1], &record->references[at],
	    (record->references_count - at) * sizeof(*id));
	record->references[at] = *id;
	record->references_count++;
	return ERR_NONE;
}

/* ---------------------------------------------------------------- bytes */

/* What the node adds to a draft. */
static const enum record_key identity_keys[RECORD_IDENTITY_COUNT] = {
    RECORD_KEY_AUTHOR, RECORD_KEY_CREATED, RECORD_KEY_NONCE};

enum err
record_decode(struct bytes_view in, bool is_draft, struct record *out, size_t *err_at)
{
	uint64_t seen = 0, body_seen = 0;
	uint32_t identity = 0;
	struct reader_map map;
	struct reader reader;
	uint64_t key;
	size_t at;
	enum err err;

	record_init(out, RECORD_INDICATOR, TLP_RED);
	out->is_draft = is_draft;
	out->bytes = in;
	reader_open(&reader, in);
	if (in.len > RECORD_BYTES_MAX)
		reader_fail(&reader, ERR_TOO_LARGE);
	reader_map(&reader, &map, KEYS_MAX);
	at = (size_t)(reader.at - reader.start);
	while (reader_key(&reader, &map, &key)) {
		while (identity < RECORD_IDENTITY_COUNT && key > identity_keys[identity])
			out->identity_at[identity++] = at;
		seen |= key < 32 ? RECORD_CHECK_BIT(key) : 0;
		record_read_field(&reader, key, out, &body_seen);
		at = (size_t)(reader.at - reader.start);
	}
	while (identity < RECORD_IDENTITY_COUNT)
		out->identity_at[identity++] = at;
	if (reader_is_ok(&reader))
		record_check_whole(&reader, out, seen, body_seen);
	err = reader_close(&reader);
	out->unknown = reader.unknown;
	if (err_at != NULL)
		*err_at = reader.err_at;
	return err;
}

/* The bytes of the draft up to `end`, and where to go on. */
static size_t
copy_until(struct bytes *out, struct bytes_view draft, size_t at, size_t end)
{
	assert(at <= end && end <= draft.len);
	bytes_append(out, draft.data + at, end - at);
	return end;
}

enum err
record_complete(struct record *record, struct bytes_view draft, struct bytes *out)
{
	struct reader_map map;
	struct reader reader;
	struct writer writer;
	size_t at;

	assert(record->is_draft);
	if (!record_check_author(record))
		return ERR_VALUE;
	record->is_draft = false;
	if (record->unknown > 0)
		return record_encode(record, out);
	reader_open(&reader, draft);
	reader_map(&reader, &map, KEYS_MAX);
	at = (size_t)(reader.at - reader.start);
	writer_open(&writer, out);
	writer_map(&writer, map.left + RECORD_IDENTITY_COUNT);
	at = copy_until(out, draft, at, record->identity_at[0]);
	writer_uint(&writer, RECORD_KEY_AUTHOR);
	writer_bin(&writer, record->author.bytes, sizeof(record->author.bytes));
	at = copy_until(out, draft, at, record->identity_at[1]);
	writer_uint(&writer, RECORD_KEY_CREATED);
	writer_uint(&writer, record->created_ms);
	at = copy_until(out, draft, at, record->identity_at[2]);
	writer_uint(&writer, RECORD_KEY_NONCE);
	writer_bin(&writer, record->nonce.bytes, sizeof(record->nonce.bytes));
	(void)copy_until(out, draft, at, draft.len);
	return writer_close(&writer);
}

enum err
record_encode(const struct record *record, struct bytes *out)
{
	struct writer writer;

	writer_open(&writer, out);
	record_write(&writer, record);
	return writer_close(&writer);
}

/* ---------------------------------------------------------------- looking */

void
record_id_of(struct bytes_view bytes, struct record_id *out)
{
	struct hash hash;

	digest_sha256_prefixed(0x00, bytes, &hash);
	memcpy(out->bytes, hash.bytes, sizeof(out->bytes));
}

/* It stands first. */
bool
record_kind_of(struct bytes_view bytes, enum record_kind *kind)
{
	struct reader_map map;
	struct reader reader;
	uint64_t key = 0;

	reader_open(&reader, bytes);
	reader_map(&reader, &map, KEYS_MAX);
	if (!reader_key(&reader, &map, &key) || key != RECORD_KEY_KIND)
		return false;
	*kind = (enum record_kind)reader_uint(&reader, RECORD_INDICATOR, RECORD_CHARTER);
	return reader_is_ok(&reader);
}

enum record_kind
record_form(const struct record *record)
{
	return record->kind == RECORD_AMENDMENT ? record->body.as : record->kind;
}

struct bytes_view
record_headline(const struct record *record)
{
	if (record->body.title.len > 0)
		return record->body.title;
	if (record->observables_count > 0)
		return record->observables[0].value;
	if (record->kind == RECORD_RELATION)
		return bytes_view_str(relation_name(record->body.relation.type));
	if (record->body.pattern.len > 0)
		return record->body.pattern;
	return record->body.text;
}

bool
record_is_personal(const struct record *record)
{
	uint32_t i;

	for (i = 0; i < record->observables_count; i++) {
		if (observable_is_personal(record->observables[i].type))
			return true;
	}
	return false;
}
