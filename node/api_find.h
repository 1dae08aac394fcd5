/*
 * api_find: what several requests do about one stored record: find it by what somebody typed,
 * tell what became of it in a delivery, and write down that it was read.
 */
#ifndef MALLA_NODE_API_FIND_H
#define MALLA_NODE_API_FIND_H

#include "node/api.h"
#include "node/journal.h"

struct found {
	struct record_row row;
	struct bytes bytes; /* owns the row's views */
};

void api_find_init(struct found *found);
void api_find_release(struct found *found);
/* By the first 8 to 64 digits of its id, decoded into core->record.  Whether the operator may read
   it is for the caller to ask.  REASON_BAD_REQUEST, REASON_NOT_FOUND, REASON_AMBIGUOUS. */
enum reason api_find_record(struct api_call *call, struct bytes_view id, struct found *found);
/* The outcome of the record at this sealed position among those of a receipted delivery. */
uint16_t api_find_outcome(const struct delivery_row *row, uint32_t position);
/* Reads of RED and AMBER+STRICT are leaves, one per request. */
void api_find_journal_read(struct api_call *call, const struct journal_records *restricted);
/* The same of one record, where its label asks for it. */
void api_find_note_read(struct api_call *call, const struct found *found);

#endif
