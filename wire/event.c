#include "wire/event.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/tree.h"
#include "wire/reader.h"
#include "wire/writer.h"

/* where each field of a leaf begins */
enum {
	LEAF_TYPE = 0,
	LEAF_INDEX = 2,
	LEAF_TIME = 10,
	LEAF_ACTOR = 18,
	LEAF_OBJECT = 50,
	LEAF_COMMITMENT = 82,
};
static_assert(LEAF_COMMITMENT + 32 == EVENT_LEAF_BYTES, "the fields fill the leaf");

#define DETAILS_KEYS_MAX 10u

static const char ACTOR_OPERATOR[] = "operator"; /* its NUL separates it from the name */

const char *
event_type_name(enum event_type type)
{
	static const struct {
		uint64_t code;
		const char *name;
	} names[] = {
#define EVENT_ROW(symbol, number, word) {number, word},
	    EVENT_TABLE(EVENT_ROW)
#undef EVENT_ROW
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].code == (uint64_t)type)
			return names[i].name;
	}
	return "?";
}

bool
event_type_is_known(uint64_t code)
{
	switch (code) {
#define EVENT_CASE(symbol, number, word) case number:
		EVENT_TABLE(EVENT_CASE)
#undef EVENT_CASE
		return true;
	}
	return false;
}

void
event_leaf_encode(const struct event *event, uint8_t leaf[EVENT_LEAF_BYTES])
{
	assert(event_type_is_known((uint64_t)event->type));
	bytes_put_u16(leaf + LEAF_TYPE, (uint16_t)event->type);
	bytes_put_u64(leaf + LEAF_INDEX, event->index);
	bytes_put_u64(leaf + LEAF_TIME, event->time_ms);
	memcpy(leaf + LEAF_ACTOR, event->actor, sizeof(event->actor));
	memcpy(leaf + LEAF_OBJECT, event->object, sizeof(event->object));
	memcpy(leaf + LEAF_COMMITMENT, event->commitment.bytes, sizeof(event->commitment.bytes));
}

enum err
event_leaf_decode(const uint8_t leaf[EVENT_LEAF_BYTES], struct event *out)
{
	struct event event = {0};

	if (!event_type_is_known(bytes_get_u16(leaf + LEAF_TYPE)))
		return ERR_VALUE;
	event.type = (enum event_type)bytes_get_u16(leaf + LEAF_TYPE);
	event.index = bytes_get_u64(leaf + LEAF_INDEX);
	event.time_ms = bytes_get_u64(leaf + LEAF_TIME);
	memcpy(event.actor, leaf + LEAF_ACTOR, sizeof(event.actor));
	memcpy(event.object, leaf + LEAF_OBJECT, sizeof(event.object));
	memcpy(event.commitment.bytes, leaf + LEAF_COMMITMENT, sizeof(event.commitment.bytes));
	*out = event;
	return ERR_NONE;
}

void
event_record_leaf(const struct record_id *id, uint16_t outcome, struct hash *out)
{
	uint8_t leaf[sizeof(id->bytes) + 2];

	memcpy(leaf, id->bytes, sizeof(id->bytes));
	bytes_put_u16(leaf + sizeof(id->bytes), outcome);
	tree_leaf(bytes_view_of(leaf, sizeof(leaf)), out);
}

void
event_commit(const struct salt *salt, struct bytes_view details, struct hash *out)
{
	digest_sha256_pair(bytes_view_of(salt->bytes, sizeof(salt->bytes)), details, out);
}

void
event_actor_operator(struct bytes_view name, uint8_t actor[32])
{
	struct hash hash;

	digest_sha256_pair(bytes_view_of(ACTOR_OPERATOR, sizeof(ACTOR_OPERATOR)), name, &hash);
	memcpy(actor, hash.bytes, sizeof(hash.bytes));
}

static void
read_detail(struct reader *reader, uint64_t key, struct event_details *details)
{
	switch (key) {
	case EVENT_DETAIL_SIGNED:
		details->signed_thing = reader_bin(reader, 1, EVENT_DETAILS_BYTES_MAX);
		break;
	case EVENT_DETAIL_RECORDS:
		details->has_records = true;
		reader_fixed(reader, details->records.bytes, sizeof(details->records.bytes));
		break;
	case EVENT_DETAIL_COUNT:
		details->count = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case EVENT_DETAIL_PEER:
		details->has_peer = true;
		reader_fixed(reader, details->peer.bytes, sizeof(details->peer.bytes));
		break;
	case EVENT_DETAIL_NUMBER:
		details->number = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case EVENT_DETAIL_POLICY:
		details->has_policy = true;
		reader_fixed(reader, details->policy.bytes, sizeof(details->policy.bytes));
		break;
	case EVENT_DETAIL_TEXT:
		details->text = reader_str(reader, 1, EVENT_DETAILS_BYTES_MAX, READER_PROSE);
		break;
	case EVENT_DETAIL_REQUEST:
		details->has_request = true;
		reader_fixed(reader, details->request.bytes, sizeof(details->request.bytes));
		break;
	case EVENT_DETAIL_COMMAND:
		details->command = reader_uint(reader, 1, NUMBER_MAX);
		break;
	case EVENT_DETAIL_REASON:
		details->has_reason = true;
		details->reason = reader_uint(reader, 0, NUMBER_MAX);
		break;
	default:
		reader_unknown(reader, key);
	}
}

enum err
event_details_decode(struct bytes_view in, struct event_details *out)
{
	struct event_details details = {0};
	struct reader_map map;
	struct reader reader;
	uint64_t key;
	enum err err;

	if (in.len > EVENT_DETAILS_BYTES_MAX)
		return ERR_TOO_LARGE;
	reader_open(&reader, in);
	reader_map(&reader, &map, DETAILS_KEYS_MAX + UNKNOWN_KEYS_MAX);
	while (reader_key(&reader, &map, &key))
		read_detail(&reader, key, &details);
	details.unknown = reader.unknown;
	err = reader_close(&reader);
	if (err == ERR_NONE)
		*out = details;
	return err;
}

static uint32_t
count_details(const struct event_details *details)
{
	return (uint32_t)(details->signed_thing.len > 0) + details->has_records +
	       (details->count > 0) + details->has_peer + (details->number > 0) +
	       details->has_policy + (details->text.len > 0) + details->has_request +
	       (details->command > 0) + details->has_reason;
}

static void
write_fixed(struct writer *writer, bool has, uint64_t key, const void *data, size_t len)
{
	if (!has)
		return;
	writer_uint(writer, key);
	writer_bin(writer, data, len);
}

static void
write_number(struct writer *writer, bool has, uint64_t key, uint64_t value)
{
	if (!has)
		return;
	writer_uint(writer, key);
	writer_uint(writer, value);
}

enum err
event_details_encode(const struct event_details *details, struct bytes *out)
{
	size_t before = out->len;
	struct writer writer;
	enum err err;

	if (!reader_is_text(details->text, READER_PROSE))
		return ERR_UTF8;
	writer_open(&writer, out);
	writer_map(&writer, count_details(details));
	write_fixed(&writer, details->signed_thing.len > 0, EVENT_DETAIL_SIGNED,
	    details->signed_thing.data, details->signed_thing.len);
	write_fixed(
	    &writer, details->has_records, EVENT_DETAIL_RECORDS, details->records.bytes, 32);
	write_number(&writer, details->count > 0, EVENT_DETAIL_COUNT, details->count);
	write_fixed(&writer, details->has_peer, EVENT_DETAIL_PEER, details->peer.bytes, 32);
	write_number(&writer, details->number > 0, EVENT_DETAIL_NUMBER, details->number);
	write_fixed(&writer, details->has_policy, EVENT_DETAIL_POLICY, details->policy.bytes, 32);
	if (details->text.len > 0) {
		writer_uint(&writer, EVENT_DETAIL_TEXT);
		writer_str(&writer, details->text);
	}
	write_fixed(
	    &writer, details->has_request, EVENT_DETAIL_REQUEST, details->request.bytes, 16);
	write_number(&writer, details->command > 0, EVENT_DETAIL_COMMAND, details->command);
	write_number(&writer, details->has_reason, EVENT_DETAIL_REASON, details->reason);
	err = writer_close(&writer);
	if (err == ERR_NONE && out->len - before > EVENT_DETAILS_BYTES_MAX) {
		out->len = before;
		return ERR_TOO_LARGE;
	}
	return err;
}
