#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "node/api_find.h"
#include "node/hold.h"
#include "node/judge.h"
#include "store/search.h"
#include "store/standing.h"
#include "wire/request_keeping.h"

#define PAGE_BYTES_MAX (REQUEST_BYTES_MAX - 1024u)
#define ROW_OVERHEAD 512u
#define DELIVERY_BYTES 128u
/* Records that one answer looks at: every one is read, for nothing that is indexed tells of parts
   of words, labels and original bytes. */
#define EXAMINED_MOST 4096u
#define DIGITS_LEAST 8u /* fewer are no number of a person */

/* What is looked for. */
struct wanted {
	uint32_t count; /* as each type that the value can be */
	struct observable observables[OBSERVABLE_TYPE_MAX];
	struct bytes values; /* owns theirs */
	uint8_t lower[KEEPING_VALUE_BYTES_MAX];
	size_t lower_len;
	uint8_t digits[KEEPING_VALUE_BYTES_MAX]; /* where it is a number */
	size_t digits_len;
};

struct search {
	struct api_call *call;
	struct wanted wanted;
	struct person_body body;
	struct bytes items;
	struct bytes ways;       /* of one row */
	struct bytes deliveries; /* likewise */
	uint32_t position;       /* of one row */
	struct person_row row;
	uint32_t examined;
	int64_t last;
	bool is_full;
	struct journal_records *read;
	/* what was found, read again one by one: a walk over records asks no other questions */
	uint32_t hits_count;
	struct {
		int64_t seq;
		uint64_t where;
	} hits[256];
};

/* ---------------------------------------------------------------- what is looked for */

static bool
is_separator(uint8_t c)
{
	return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/' || c == '+';
}

/* A value of digits and what people put between them. */
static void
take_digits(struct wanted *wanted, struct bytes_view value)
{
	size_t i;

	for (i = 0; i < value.len; i++) {
		if (value.data[i] >= '0' && value.data[i] <= '9')
			wanted->digits[wanted->digits_len++] = value.data[i];
		else if (!is_separator(value.data[i]))
			break;
	}
	if (i < value.len || wanted->digits_len < DIGITS_LEAST)
		wanted->digits_len = 0;
}

static void
take_value(struct wanted *wanted, struct bytes_view value)
{
	size_t ends[OBSERVABLE_TYPE_MAX], starts[OBSERVABLE_TYPE_MAX], i;
	int type;

	bytes_init(&wanted->values, OBSERVABLE_TYPE_MAX * OBSERVABLE_BYTES_MAX);
	for (type = 1; type <= OBSERVABLE_TYPE_MAX; type++) {
		size_t before = wanted->values.len;

		if (!observable_type_is_known((uint64_t)type) ||
		    observable_parse((enum observable_type)type, value, &wanted->values) !=
			ERR_NONE)
			continue;
		starts[wanted->count] = before;
		ends[wanted->count] = wanted->values.len;
		wanted->observables[wanted->count++].type = (enum observable_type)type;
	}
	for (i = 0; i < wanted->count; i++)
		wanted->observables[i].value =
		    bytes_view_of(wanted->values.data + starts[i], ends[i] - starts[i]);
	for (i = 0; i < value.len; i++)
		wanted->lower[i] = (uint8_t)tolower(value.data[i]);
	wanted->lower_len = value.len;
	take_digits(wanted, value);
}

/* ---------------------------------------------------------------- where it stands */

static bool
has_text(const struct wanted *wanted, struct bytes_view text)
{
	size_t at, i;

	for (at = 0; at + wanted->lower_len <= text.len; at++) {
		for (i = 0; i < wanted->lower_len &&
			    (uint8_t)tolower(text.data[at + i]) == wanted->lower[i];
		     i++)
			;
		if (i == wanted->lower_len)
			return true;
	}
	return false;
}

/* The digits, whatever stands between them. */
static bool
has_digits(const struct wanted *wanted, struct bytes_view text)
{
	size_t at, next, i;

	if (wanted->digits_len == 0)
		return false;
	for (at = 0; at + wanted->digits_len <= text.len; at++) {
		if (text.data[at] != wanted->digits[0])
			continue;
		for (next = at + 1, i = 1; i < wanted->digits_len && next < text.len; next++) {
			if (text.data[next] == wanted->digits[i])
				i++;
			else if (!is_separator(text.data[next]))
				break;
		}
		if (i == wanted->digits_len)
			return true;
	}
	return false;
}

static bool
has_it(const struct wanted *wanted, struct bytes_view text)
{
	return has_text(wanted, text) || has_digits(wanted, text);
}

static bool
has_observable(const struct wanted *wanted, const struct record *record)
{
	uint32_t i, j;

	for (i = 0; i < record->observables_count; i++) {
		for (j = 0; j < wanted->count; j++) {
			if (observable_compare(&record->observables[i], &wanted->observables[j]) ==
			    0)
				return true;
		}
	}
	return false;
}

static bool
has_in(const struct wanted *wanted, const struct record_texts *texts)
{
	uint32_t i;

	for (i = 0; i < texts->count; i++) {
		if (has_it(wanted, texts->at[i]))
			return true;
	}
	return false;
}

/* Bits of person_row.where; 0: nowhere.  The record's bytes are all of its texts, whatever key they
   stand under; where an observable is it, they always have it, and the texts are asked by name. */
static uint64_t
where_of(const struct wanted *wanted, const struct record *record)
{
	struct bytes_view original = record->source.original, all = record->bytes;
	size_t before;

	if (has_observable(wanted, record))
		return PERSON_OBSERVABLE | (has_it(wanted, original) ? PERSON_ORIGINAL : 0) |
		       (has_it(wanted, record->body_bytes) || has_in(wanted, &record->labels) ||
				   has_in(wanted, &record->links)
			       ? PERSON_TEXT
			       : 0);
	if (original.len == 0)
		return has_it(wanted, all) ? PERSON_TEXT : 0;
	before = (size_t)(original.data - all.data);
	return (has_it(wanted, original) ? PERSON_ORIGINAL : 0) |
	       (has_it(wanted, bytes_view_of(all.data, before)) ||
			   has_it(wanted, bytes_view_of(original.data + original.len,
					      all.len - before - original.len))
		       ? PERSON_TEXT
		       : 0);
}

static enum err
examine(void *context, const struct record_row *row)
{
	struct search *search = context;
	struct core *core = search->call->core;
	uint64_t where;

	if (search->hits_count == 256)
		return ERR_NO;
	if (record_decode(row->body, false, &core->record, NULL) != ERR_NONE)
		return ERR_CORRUPT;
	search->examined++;
	search->last = row->seq;
	where = where_of(&search->wanted, &core->record);
	if (where == 0)
		return ERR_NONE;
	search->hits[search->hits_count].seq = row->seq;
	search->hits[search->hits_count++].where = where;
	return ERR_NONE;
}

/* ---------------------------------------------------------------- who has it */

static enum err
add_way(void *context, const struct received_row *row)
{
	struct search *search = context;
	struct show_way way = {.number = row->number, .time_ms = row->time_ms};

	if (search->row.ways.count == 64)
		return ERR_NONE;
	memcpy(way.org, row->peer.bytes, sizeof(way.org));
	memcpy(way.envelope, row->envelope.bytes, sizeof(way.envelope));
	return schema_list_add(&search->row.ways, &search->ways, &request_way_schema, &way);
}

static enum err
add_delivery(void *context, const struct delivery_row *row)
{
	struct search *search = context;
	struct show_delivery delivery = {.number = row->number,
	    .state = row->state,
	    .sent_ms = row->sent_ms,
	    .settled_ms = row->settled_ms};

	if (row->state == DELIVERY_RECEIPTED)
		delivery.outcome = api_find_outcome(row, search->position);
	memcpy(delivery.org, row->peer.bytes, sizeof(delivery.org));
	memcpy(delivery.envelope, row->envelope.bytes, sizeof(delivery.envelope));
	return schema_list_add(
	    &search->row.deliveries, &search->deliveries, &request_delivery_schema, &delivery);
}

/* What the store says of one row, beside its record, which is in core->record. */
static void
fill_row(struct search *search, const struct record_row *row, uint64_t where)
{
	struct core *core = search->call->core;
	const struct record *record = &core->record;
	struct person_row *out = &search->row;

	*out = (struct person_row){.seq = (uint64_t)row->seq,
	    .kind = record->kind,
	    .tlp = record->marking.tlp,
	    .received_ms = row->received_ms,
	    .writer = row->writer,
	    .where = where};
	memcpy(out->id, row->id.bytes, sizeof(out->id));
	memcpy(out->author, record->author.bytes, sizeof(out->author));
	memcpy(out->via, row->via.bytes, sizeof(out->via));
	memcpy(out->target, record->body.target.bytes, sizeof(out->target));
	if (record->has_derived)
		memcpy(out->derived_from, record->derived.id.bytes, sizeof(out->derived_from));
	out->hold = (uint64_t)hold_of(core, record, &row->id, row->received_ms);
	if ((search->call->operator.roles & ROLE_ADMIN) != 0 &&
	    judge_read(core, record, &search->call->operator, row->writer) == REASON_STORED)
		out->record = row->body;
}

/* Where it came from, where it went, and what became of it here. */
static enum err
fill_copies(struct search *search, int64_t batch)
{
	struct store *store = search->call->core->store;
	struct standing standing;
	enum err err = standing_get(store, (int64_t)search->row.seq, &standing);

	if (err != ERR_NONE)
		return err;
	search->row.is_quarantined = standing.quarantined_ms != 0;
	if (standing.is_superseded)
		memcpy(search->row.superseded_by, standing.superseded_by.bytes,
		    sizeof(search->row.superseded_by));
	bytes_clear(&search->ways);
	bytes_clear(&search->deliveries);
	err = deliveries_received_of_batch(store, batch, add_way, search);
	if (err == ERR_NONE)
		err = deliveries_of_record(store, batch, search->position, add_delivery, search);
	return err;
}

/* Read one hit again, and add it.  ERR_NO: the answer is full; it is left to the next. */
static enum err
add_hit(struct search *search, int64_t seq, uint64_t where)
{
	struct core *core = search->call->core;
	struct record_row row;
	int64_t batch;
	enum err err = records_get_row(core->store, seq, &row);

	if (err != ERR_NONE)
		return err;
	batch = row.batch;
	search->position = row.position;
	bytes_clear(&core->plaintext); /* the store's own views end with the next call */
	bytes_append(&core->plaintext, row.body.data, row.body.len);
	bytes_append(&core->plaintext, row.writer.data, row.writer.len);
	if (core->plaintext.err != ERR_NONE)
		return core->plaintext.err;
	row.body.data = core->plaintext.data;
	row.writer.data = core->plaintext.data + row.body.len;
	err = record_decode(row.body, false, &core->record, NULL);
	if (err != ERR_NONE)
		return ERR_CORRUPT;
	fill_row(search, &row, where);
	err = fill_copies(search, batch);
	if (err != ERR_NONE)
		return err;
	if (search->items.len + search->row.record.len + search->ways.len + search->deliveries.len +
		ROW_OVERHEAD >
	    PAGE_BYTES_MAX) {
		if (search->body.rows.count > 0)
			return ERR_NO;
		search->row.record = bytes_view_of(NULL, 0);
	}
	journal_record(search->read, &row.id, REASON_STORED);
	return schema_list_add(
	    &search->body.rows, &search->items, &request_keeping_person_row_schema, &search->row);
}

static enum err
add_hits(struct search *search)
{
	enum err err = ERR_NONE;
	uint32_t i;

	for (i = 0; i < search->hits_count && err == ERR_NONE; i++) {
		err = add_hit(search, search->hits[i].seq, search->hits[i].where);
		if (err == ERR_NO) {
			/* the next page begins with it */
			search->last = search->hits[i].seq - 1;
			search->is_full = true;
		}
	}
	return err == ERR_NO ? ERR_NONE : err;
}

/* Each use is a leaf: it reads personal data.  What was asked for stands nowhere. */
static void
journal_use(struct search *search, bool is_first)
{
	struct api_call *call = search->call;
	struct event_details details = {.text = call->operator.name,
	    .has_request = true,
	    .request = call->request.id,
	    .command = call->request.command};
	uint8_t actor[32];

	if (!is_first && search->read->count == 0)
		return;
	journal_records_into(search->read, &details);
	event_actor_operator(call->operator.name, actor);
	journal_append(call->core, EVENT_READ, actor, details.records.bytes, &details);
}

static enum reason
search_stretch(struct search *search, int64_t after)
{
	struct core *core = search->call->core;
	const int64_t last = records_last(core->store);
	struct search_query query = {.now_ms = core->now_ms,
	    .after = after,
	    .most = EXAMINED_MOST,
	    .until = last - after > (int64_t)EXAMINED_MOST ? after + (int64_t)EXAMINED_MOST : last};
	enum err err;

	search->last = after;
	if (query.until > after) {
		err = search_records(core->store, &query, examine, search);
		search->is_full = err == ERR_NO;
		if (err != ERR_NO && core_failed(core, err))
			return REASON_STORAGE;
	}
	if (!search->is_full)
		search->last = query.until;
	if (core_failed(core, add_hits(search)))
		return REASON_STORAGE;
	search->body.next = search->is_full || search->last < last ? (uint64_t)search->last : 0;
	journal_use(search, after == 0);
	return core->failed == ERR_NONE
		   ? api_body(search->call, &request_keeping_person_body_schema, &search->body)
		   : REASON_STORAGE;
}

enum reason
api_person(struct api_call *call)
{
	struct person_arguments arguments;
	struct search *search;
	enum reason reason = REASON_STORAGE;

	if (!api_arguments(call, &request_keeping_person_schema, &arguments))
		return REASON_BAD_REQUEST;
	search = calloc(1, sizeof(*search));
	if (search == NULL) {
		(void)core_failed(call->core, ERR_MEMORY);
		return REASON_STORAGE;
	}
	search->call = call;
	search->read = calloc(1, sizeof(*search->read));
	bytes_init(&search->items, REQUEST_BYTES_MAX);
	bytes_init(&search->ways, REQUEST_BYTES_MAX);
	bytes_init(&search->deliveries, REQUEST_BYTES_MAX);
	take_value(&search->wanted, arguments.value);
	if (search->read != NULL && !core_failed(call->core, search->wanted.values.err))
		reason = search_stretch(search, (int64_t)arguments.after);
	bytes_release(&search->items);
	bytes_release(&search->ways);
	bytes_release(&search->deliveries);
	bytes_release(&search->wanted.values);
	free(search->read);
	free(search);
	return reason;
}
