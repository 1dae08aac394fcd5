#include "node/api_find.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

void
api_find_init(struct found *found)
{
	memset(&found->row, 0, sizeof(found->row));
	bytes_init(&found->bytes, RECORD_BYTES_MAX + 4096u);
}

void
api_find_release(struct found *found)
{
	bytes_release(&found->bytes);
}

/* The nibble-wise prefix that the user typed. */
static enum err
find_by_prefix(struct core *core, struct bytes_view text, struct record_row *row)
{
	uint8_t prefix[33] = {0};
	char digits[65];
	size_t len = text.len / 2;
	bool odd = text.len % 2 != 0;

	memcpy(digits, text.data, text.len);
	if (odd)
		digits[text.len] = '0';
	digits[text.len + odd] = '\0';
	if (hex_decode(digits, prefix, len + odd) != ERR_NONE)
		return ERR_VALUE;
	return records_get_prefix(core->store, prefix, len, odd, row);
}

/* The row's views must outlive the store's next call. */
static void
keep_row(struct found *found)
{
	struct record_row *row = &found->row;
	size_t body = found->bytes.len, path, writer;

	bytes_append(&found->bytes, row->body.data, row->body.len);
	path = found->bytes.len;
	bytes_append(&found->bytes, row->path.data, row->path.len);
	writer = found->bytes.len;
	bytes_append(&found->bytes, row->writer.data, row->writer.len);
	row->body.data = found->bytes.data + body;
	row->path.data = found->bytes.data + path;
	row->writer.data = found->bytes.data + writer;
}

enum reason
api_find_record(struct api_call *call, struct bytes_view id, struct found *found)
{
	struct core *core = call->core;
	enum err err = find_by_prefix(core, id, &found->row);

	if (err == ERR_VALUE)
		return REASON_BAD_REQUEST;
	if (err == ERR_NOT_FOUND)
		return REASON_NOT_FOUND;
	if (err == ERR_RANGE)
		return REASON_AMBIGUOUS;
	if (core_failed(core, err))
		return REASON_STORAGE;
	keep_row(found);
	if (core_failed(core, found->bytes.err) ||
	    core_failed(core, record_decode(found->row.body, false, &core->record, NULL)))
		return REASON_STORAGE;
	return REASON_STORED;
}

uint16_t
api_find_outcome(const struct delivery_row *row, uint32_t position)
{
	size_t at = position, i;

	if (row->positions.len > 0) {
		for (i = 0; 2 * i < row->positions.len; i++) {
			if (bytes_get_u16(row->positions.data + 2 * i) == position)
				at = i;
		}
	}
	return 2 * at + 2 <= row->outcomes.len ? bytes_get_u16(row->outcomes.data + 2 * at)
					       : (uint16_t)REASON_STORED;
}

void
api_find_journal_read(struct api_call *call, const struct journal_records *restricted)
{
	struct event_details details = {.text = call->operator.name,
	    .has_request = true,
	    .request = call->request.id,
	    .command = call->request.command};
	uint8_t actor[32];

	if (restricted->count == 0)
		return;
	journal_records_into(restricted, &details);
	event_actor_operator(call->operator.name, actor);
	journal_append(call->core, EVENT_READ, actor, details.records.bytes, &details);
}

void
api_find_note_read(struct api_call *call, const struct found *found)
{
	struct journal_records *restricted;

	if (found->row.tlp < TLP_AMBER_STRICT)
		return;
	restricted = calloc(1, sizeof(*restricted));
	if (restricted == NULL) {
		(void)core_failed(call->core, ERR_MEMORY);
		return;
	}
	journal_record(restricted, &found->row.id, REASON_STORED);
	api_find_journal_read(call, restricted);
	free(restricted);
}
