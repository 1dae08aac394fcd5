/*
 * privacy_record: the gate over every place that a record has.
 */
#ifndef MALLA_POLICY_PRIVACY_RECORD_H
#define MALLA_POLICY_PRIVACY_RECORD_H

#include "policy/privacy.h"

/* Add to the report what is personal in a record.  `bytes` are those it was decoded from, for
   the keys that this version does not know; empty where it was built here and has none. */
void privacy_record_scan(const struct record *record, struct bytes_view bytes,
    const struct privacy_own *own, struct privacy_report *report);

#endif
