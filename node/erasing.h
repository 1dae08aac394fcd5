/*
 * erasing: the one way by which a stored record goes, whoever wants it gone: an operator, the
 * policy, whoever refuses it out of quarantine.  A legal hold stops all of them.
 */
#ifndef MALLA_NODE_ERASING_H
#define MALLA_NODE_ERASING_H

#include "node/state.h"

struct erasing {
	struct record_id id;
	enum record_kind kind;
	enum reason reason; /* REASON_STORED: it may go; or REASON_LEGAL_HOLD */
	int64_t hold;
	uint32_t recipients; /* that it was sent to */
	bool is_waiting;     /* it is on its way to somebody */
	bool is_expired;
};

/* What stands against erasing this record, and who has it.  It is in core->record afterwards, its
   bytes in core->plaintext.  A failure of the store is noted. */
void erasing_look(struct core *core, const struct record_row *row, struct erasing *out);
/* Erase what was looked at and may go. */
void erasing_do(struct core *core, const struct erasing *erasing);

#endif
