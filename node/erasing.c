#include "node/erasing.h"

#include <assert.h>
#include <string.h>

#include "node/hold.h"
#include "node/judge.h"
#include "node/outgoing.h"
#include "node/relate.h"

struct recipients {
	struct org_id last;
	uint32_t count;
};

/* Deliveries of a batch come in the order in which they were made: those to one peer may be apart,
   so that a peer can be counted twice; of most records there is one to each. */
static enum err
count_recipient(void *context, const struct delivery_row *row)
{
	struct recipients *recipients = context;

	if (row->state == DELIVERY_VOID ||
	    (recipients->count > 0 &&
		memcmp(&recipients->last, &row->peer, sizeof(row->peer)) == 0))
		return ERR_NONE;
	recipients->last = row->peer;
	recipients->count++;
	return ERR_NONE;
}

void
erasing_look(struct core *core, const struct record_row *row, struct erasing *out)
{
	struct recipients recipients = {.count = 0};
	uint64_t received_ms = row->received_ms;
	uint32_t position = row->position;
	int64_t batch = row->batch;

	*out = (struct erasing){.id = row->id, .reason = REASON_STORED};
	bytes_clear(&core->plaintext); /* the store's own view ends with the next call */
	bytes_append(&core->plaintext, row->body.data, row->body.len);
	if (core_failed(core, core->plaintext.err) ||
	    core_failed(
		core, record_decode(bytes_as_view(&core->plaintext), false, &core->record, NULL)))
		return;
	out->kind = core->record.kind;
	out->is_expired = judge_time(core, &core->record) == REASON_EXPIRED;
	out->hold = hold_of(core, &core->record, &out->id, received_ms);
	if (out->hold != 0)
		out->reason = REASON_LEGAL_HOLD;
	if (core_failed(core,
		deliveries_of_record(core->store, batch, position, count_recipient, &recipients)) ||
	    core_failed(core, deliveries_is_waiting(core->store, batch, &out->is_waiting)))
		return;
	out->recipients = recipients.count;
}

void
erasing_do(struct core *core, const struct erasing *erasing)
{
	assert(erasing->reason == REASON_STORED);
	if (core_failed(core, records_erase(core->store, &erasing->id)))
		return;
	outgoing_forget(core);
	/* what was signed of organisations is in memory too */
	if (erasing->kind == RECORD_RELATION || erasing->kind == RECORD_CHARTER)
		(void)core_failed(core, relate_load(core));
}
