/*
 * redact: what is left of a record once some of its fields are taken away.  Pure.
 *
 * A redaction is a record of its own, by whoever redacts: it names the first original, with that
 * one's author, audience and terms, which bind it ever after (policy/ceiling).  Fields are bits
 * of enum rule_redact.  Beside them the original's bytes of a foreign format and keys that nobody
 * here knows always go.  docs/decisions/0016
 */
#ifndef MALLA_POLICY_REDACT_H
#define MALLA_POLICY_REDACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/record.h"

/* Whether redaction takes anything away; a record of which it takes nothing is shared as it is,
   and so is the redaction that the same fields have made. */
bool redact_changes(const struct record *record, uint64_t fields);
/* Fill *out with a draft that is addressed to nobody yet; it borrows from record, which is
   complete and has this id.  ERR_NO: what is left is no valid record, would say something else,
   or still says what was to go; or it is a redaction of somebody else's.  *out is undefined then.
 */
MUST_CHECK enum err redact_record(const struct record *record, const struct record_id *id,
    const struct org_id *redactor, uint64_t fields, struct record *out);
/* Address it to this organisation, and to the persons in it whom the original names.
   ERR_TOO_LARGE */
MUST_CHECK enum err redact_address(
    const struct record *record, const struct org_id *org, struct record *out);
/* Make it the amendment of an earlier redaction by the same redactor: what was redacted is an
   amendment itself. */
void redact_amend(const struct record_id *earlier, struct record *out);
/* Whether a record that says what it was derived from is marked no lower than that was. */
bool redact_keeps_label(const struct record *record);

#endif
